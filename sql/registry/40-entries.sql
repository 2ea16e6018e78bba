-- Entries: what is one thing, why, and what became of their ids.

-- An entry that was merged leads to what it went into, not to where records of
-- it went while it was there itself.
create or replace function sheaf.entry_now(p_entry uuid)
returns table (entry_id uuid, state text)
language sql stable
as $$
	with recursive way (entry_id) as (
		select e.entry_id from sheaf.entry e where e.entry_id = p_entry
		union
		select f.to_entry
		from way w
		join sheaf.entry e on e.entry_id = w.entry_id and e.state in ('merged', 'split')
		join sheaf.forward f on f.from_entry = e.entry_id and (e.state = 'split' or f.why = 'merged')
	), ends as (
		select e.entry_id, e.state, count(*) over (partition by e.state) as together
		from way w
		join sheaf.entry e on e.entry_id = w.entry_id and e.state in ('live', 'gone')
	)
	-- What it was merged into may have been split since, and parts may have
	-- come together again: the word goes by where it leads now.
	select n.entry_id, case when n.state = 'gone' then 'deleted' when n.entry_id = p_entry then 'live'
		when n.together > 1 then 'split' else 'merged' end
	from ends n
	where n.state = 'live'
	or not exists (select from ends l where l.state = 'live')
	union all
	select p_entry, 'unknown'
	where not exists (select from sheaf.entry e where e.entry_id = p_entry)
$$;
comment on function sheaf.entry_now is 'Follows the forwarding rows of an entry to those that have its records now.';

create or replace function registry.resolve(p_entry uuid)
returns table (entry_id uuid, state text)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
as $$
	select n.entry_id, n.state from sheaf.entry_now(p_entry) n
$$;
comment on function registry.resolve(uuid) is 'What became of any id ever given out: live; merged, with the entry that it went into; split, with a row for each entry that has its records; deleted; or unknown.';

-- Each step goes by a key, whatever the planner knows of the tables: right after
-- a first harvest it knows nothing.
create or replace function sheaf.sources_of_entry(p_record bigint)
returns setof integer
language sql stable
as $$
	select (select r.source_id from sheaf.record r where r.record_id = x.record_id)
	from sheaf.member x
	where x.entry_id = (select m.entry_id from sheaf.member m where m.record_id = p_record)
	and x.active
$$;
comment on function sheaf.sources_of_entry is 'The sources of the records that are in one entry with a record.';

create or replace function sheaf.is_question(p_a bigint, p_b bigint, p_verdict text, p_reason text)
returns boolean
language sql stable
security definer
set search_path = pg_catalog, pg_temp
as $$
	select case p_verdict
	when 'refused' then ra.source_id <> rb.source_id or coalesce(p_reason, '') not like '%holds each thing once%'
	when 'doubtful' then ra.source_id <> rb.source_id and not exists (
		select from (
			select a.source_id from sheaf.sources_of_entry(p_a) a (source_id)
			intersect
			select b.source_id from sheaf.sources_of_entry(p_b) b (source_id)
		) both_have
		join sheaf.model v on v.state = 'current'
		join sheaf.model_source s on s.version = v.version and s.source_id = both_have.source_id and s.curated)
	end
	from sheaf.record ra, sheaf.record rb
	where ra.record_id = p_a
	and rb.record_id = p_b
$$;

create or replace view registry.tombstone as
select e.entry_id,
	e.changed_at as at,
	coalesce(e.reason, 'none of its records is there any more') as reason
from sheaf.entry e
where e.state = 'gone';
comment on view registry.tombstone is 'An entry that is gone; it comes back with its records.';
comment on column registry.tombstone.entry_id is 'Its id.';
comment on column registry.tombstone.at is 'Since when.';
comment on column registry.tombstone.reason is 'Why.';

create or replace function sheaf.is_asked(p_a bigint, p_b bigint, p_verdict text, p_why text)
returns boolean
language sql stable
security definer
set search_path = pg_catalog, pg_temp
as $$
	select case p_verdict
	when 'refused' then ra.source_id <> rb.source_id or p_why is distinct from 'curated'
	when 'doubtful' then ra.source_id <> rb.source_id and not exists (
		select from sheaf.member ma
		join sheaf.member xa on xa.entry_id = ma.entry_id and xa.active
		join sheaf.record qa on qa.record_id = xa.record_id
		join sheaf.model_source s on s.source_id = qa.source_id and s.curated
		join sheaf.model v on v.version = s.version and v.state = 'current'
		join sheaf.member mb on mb.record_id = p_b
		join sheaf.member xb on xb.entry_id = mb.entry_id and xb.active
		join sheaf.record qb on qb.record_id = xb.record_id and qb.source_id = qa.source_id
		where ma.record_id = p_a)
	end
	from sheaf.record ra, sheaf.record rb
	where ra.record_id = p_a
	and rb.record_id = p_b
$$;
comment on function sheaf.is_asked is 'Whether a doubtful or refused pair is worth an operator''s time: a source that holds each thing once has said no where it has both, or, of a doubtful one, where the entries of both have a record of it; and what one source may have twice is its own to look after.';

create or replace function sheaf.is_told(p_a bigint, p_b bigint)
returns boolean
language sql stable
security definer
set search_path = pg_catalog, pg_temp
as $$
	select not exists (
		select from sheaf.record r
		where r.record_id in (p_a, p_b)
		and not sheaf.is_told(r.status, r.withheld))
$$;
comment on function sheaf.is_told(bigint, bigint) is 'Whether what two records agree in is told to who asks.';

create or replace view registry.match as
select array[m.a, m.b] as record_ids,
	case when m.verdict in ('doubtful', 'refused') and not sheaf.is_asked(m.a, m.b, m.verdict, m.why) then 'different' else m.verdict end as verdict,
	m.score,
	case when sheaf.is_told(m.a, m.b) then m.evidence end as evidence,
	m.model,
	m.decided_by,
	m.decided_at,
	case when sheaf.is_told(m.a, m.b) then m.reason end as reason,
	m.why
from sheaf.match m;
drop function if exists sheaf.is_question(bigint, bigint, text, text);
comment on view registry.match is 'A pair of records that was judged, with the parts of its score.';
comment on column registry.match.record_ids is 'The two records.';
comment on column registry.match.verdict is 'same (in one entry), refused (as good, but not joined: see reason), doubtful, related (other families), or different (an operator''s word, or as good or doubtful by its score and ruled out by a source that holds each thing once; doubtful ones of one source, too).';
comment on column registry.match.score is 'Sum of the evidence''s points.';
comment on column registry.match.evidence is 'The parts of the score: [{part, points, detail}, …]; null where one of the two is hidden.';
comment on column registry.match.model is 'The version of the model by which it was judged.';
comment on column registry.match.decided_by is 'resolve, or the operator.';
comment on column registry.match.decided_at is 'When.';
comment on column registry.match.reason is 'Why it was refused, or what the operator said.';
comment on column registry.match.why is 'Of what was refused, the same for programs: family, curated, average, cannot or size; null elsewhere.';
