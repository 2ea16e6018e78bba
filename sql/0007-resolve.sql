-- What sheaf-resolve keeps: profiles and keys of records, judged pairs, the
-- versions of its model, and entries with everything that became of them.

-- A row is a commit of store: cheap for the harvest, which writes one a
-- transaction.  resolve deletes a row in the transaction that stores what came
-- of it, so nothing is lost and nothing has to be in order.
create table sheaf.unresolved (
	unresolved_id bigint generated always as identity primary key,
	record_ids bigint[] not null,
	at timestamptz not null default clock_timestamp()
);
comment on table sheaf.unresolved is 'Records that are new, changed, gone or back, and that resolve has not looked at yet.';
comment on column sheaf.unresolved.unresolved_id is 'Its number.';
comment on column sheaf.unresolved.record_ids is 'The records; what each of them is now stands in sheaf.record.';
comment on column sheaf.unresolved.at is 'When it was written: how far resolve is behind.';

-- In rows of a thousand, so that one of them is a step for resolve.
create function sheaf.unresolve(p_records bigint[])
returns void
language sql
as $$
	insert into sheaf.unresolved (record_ids)
	select array_agg(u.id order by u.n)
	from unnest(p_records) with ordinality as u (id, n)
	group by (u.n - 1) / 1000
	order by (u.n - 1) / 1000
$$;
comment on function sheaf.unresolve is 'Lets resolve look at records again; null or empty: none.';

create table sheaf.profile (
	record_id bigint primary key,
	source_id integer not null,
	data bytea not null
);
comment on table sheaf.profile is 'What matching needs of a record that is active or missing: so nothing is parsed again.';
comment on column sheaf.profile.record_id is 'The record.';
comment on column sheaf.profile.source_id is 'Its source.';
comment on column sheaf.profile.data is 'The profile, in the program''s own encoding, whose first byte is its version.';

-- Made of the profiles, so it need not survive a crash of the server: then it
-- is empty, and made again.
create unlogged table sheaf.match_key (
	key bigint not null,
	record_ids bytea not null
);
create index match_key_key on sheaf.match_key (key);
comment on table sheaf.match_key is 'Which records have a blocking key. Of a key there may be several rows; a record that no longer has the key may still be named.';
comment on index sheaf.match_key_key is 'The records of a key.';
comment on column sheaf.match_key.key is 'Hash of the key and its class.';
comment on column sheaf.match_key.record_ids is 'The records, eight bytes each, the highest first.';

create unlogged table sheaf.match_key_mark (
	one boolean primary key default true check (one),
	made bigint not null
);
comment on table sheaf.match_key_mark is 'One row: sheaf.match_key is whole. A crash of the server takes both.';
comment on column sheaf.match_key_mark.one is 'True: there is no other row.';
comment on column sheaf.match_key_mark.made is 'sheaf.resolving.keys_made as it was then.';

create table sheaf.model (
	version integer primary key,
	state text not null check (state in ('learning', 'proposed', 'applying', 'current', 'past')),
	made_at timestamptz not null default clock_timestamp(),
	applied_at timestamptz,
	records bigint not null,
	parameters text not null,
	note text not null default ''
);
create unique index model_current_key on sheaf.model (state) where state in ('current', 'applying', 'learning');
comment on table sheaf.model is 'A version of the tables that scores and candidates are made from: a function of the records that were there.';
comment on index sheaf.model_current_key is 'One version is current; one at a time is made or applied.';
comment on column sheaf.model.version is 'Its number.';
comment on column sheaf.model.state is 'learning (not whole yet), proposed (an operator may apply it), applying, current or past.';
comment on column sheaf.model.made_at is 'When it was learned.';
comment on column sheaf.model.applied_at is 'When it became current.';
comment on column sheaf.model.records is 'Of how many records.';
comment on column sheaf.model.parameters is 'Digest of the parameters and the code that it goes with.';
comment on column sheaf.model.note is 'Why it was made.';

create table sheaf.model_part (
	version integer not null references sheaf.model on delete cascade,
	part integer not null,
	data bytea not null,
	primary key (version, part)
);
alter table sheaf.model_part alter column data set storage external;
comment on table sheaf.model_part is 'The counts of a version, in parts.';
comment on column sheaf.model_part.version is 'The version.';
comment on column sheaf.model_part.part is 'Number of the part, from 0.';
comment on column sheaf.model_part.data is 'Its bytes, in the program''s own encoding.';

create table sheaf.model_alias (
	version integer not null references sheaf.model on delete cascade,
	a text not null,
	b text not null,
	kind text not null,
	weight real not null,
	primary key (version, kind, a, b)
);
comment on table sheaf.model_alias is 'Names that a version takes for the same.';
comment on column sheaf.model_alias.version is 'The version.';
comment on column sheaf.model_alias.a is 'A name, folded.';
comment on column sheaf.model_alias.b is 'The other one.';
comment on column sheaf.model_alias.kind is 'venue or organisation.';
comment on column sheaf.model_alias.weight is 'How sure that is, from -1 to 1.';

create table sheaf.model_source (
	version integer not null references sheaf.model on delete cascade,
	source_id integer not null,
	mean real,
	seen integer not null,
	curated boolean not null,
	given boolean not null,
	primary key (version, source_id)
);
comment on table sheaf.model_source is 'What a version takes a source for.';
comment on column sheaf.model_source.version is 'The version.';
comment on column sheaf.model_source.source_id is 'The source.';
comment on column sheaf.model_source.mean is 'How many of its records match one elsewhere about as well as the best does, on average.';
comment on column sheaf.model_source.seen is 'From how many records that is known.';
comment on column sheaf.model_source.curated is 'It holds each thing once, so two of its records are two things.';
comment on column sheaf.model_source.given is 'The configuration says so, whatever the data says.';

create table sheaf.match (
	a bigint not null,
	b bigint not null check (a < b),
	score real not null,
	verdict text not null check (verdict in ('same', 'different', 'doubtful', 'related', 'refused')),
	model integer not null,
	evidence jsonb not null,
	decided_by text not null default 'resolve',
	decided_at timestamptz not null default clock_timestamp(),
	reason text,
	primary key (a, b)
);
create index match_b_key on sheaf.match (b);
comment on table sheaf.match is 'Pairs of records that are, or may be, the same thing, or belong together.';
comment on index sheaf.match_b_key is 'The pairs of a record, with the primary key.';
comment on column sheaf.match.a is 'A record.';
comment on column sheaf.match.b is 'The other one, with the larger number.';
comment on column sheaf.match.score is 'Sum of the evidence''s points.';
comment on column sheaf.match.verdict is 'same (in one entry), refused (as good, but not joined: see reason), doubtful, related (other families), or different (an operator''s word).';
comment on column sheaf.match.model is 'The version of the model.';
comment on column sheaf.match.evidence is 'The parts of the score.';
comment on column sheaf.match.decided_by is 'resolve, or the operator.';
comment on column sheaf.match.decided_at is 'When.';
comment on column sheaf.match.reason is 'Why it was refused, or what the operator said.';

create table sheaf.entry (
	entry_id uuid primary key,
	state text not null check (state in ('live', 'merged', 'split', 'gone')),
	records integer not null,
	made_at timestamptz not null,
	changed_at timestamptz not null,
	reason text
);
comment on table sheaf.entry is 'Every entry that ever was: its id is never used for another.';
comment on column sheaf.entry.entry_id is 'Its id.';
comment on column sheaf.entry.state is 'live; merged into another or split among others (sheaf.forward), with no record of its own; gone, until one of its records comes back.';
comment on column sheaf.entry.records is 'How many records it has.';
comment on column sheaf.entry.made_at is 'When the id was given.';
comment on column sheaf.entry.changed_at is 'When its state or its records changed.';
comment on column sheaf.entry.reason is 'Why it is in that state, where that is to be told.';

create table sheaf.member (
	record_id bigint primary key,
	entry_id uuid not null,
	active boolean not null
);
create index member_entry_key on sheaf.member (entry_id);
comment on table sheaf.member is 'Which entry a record belongs to, or belonged to when it went.';
comment on index sheaf.member_entry_key is 'The records of an entry.';
comment on column sheaf.member.record_id is 'The record.';
comment on column sheaf.member.entry_id is 'The entry.';
comment on column sheaf.member.active is 'False: the record is gone, and brings the entry back when it returns.';

create table sheaf.forward (
	from_entry uuid not null,
	to_entry uuid not null,
	why text not null check (why in ('merged', 'split')),
	at timestamptz not null default clock_timestamp(),
	primary key (from_entry, to_entry)
);
create index forward_to_key on sheaf.forward (to_entry);
comment on table sheaf.forward is 'Where the records of an entry went.';
comment on index sheaf.forward_to_key is 'What an entry came from.';
comment on column sheaf.forward.from_entry is 'The entry that lost records.';
comment on column sheaf.forward.to_entry is 'The entry that has them.';
comment on column sheaf.forward.why is 'merged (all of them went) or split (some).';
comment on column sheaf.forward.at is 'When.';

create table sheaf.relation (
	from_record bigint not null,
	to_record bigint,
	type text not null,
	scheme text not null default '',
	value text not null default '',
	basis text not null,
	score real
);
create index relation_from_key on sheaf.relation (from_record);
create index relation_to_key on sheaf.relation (to_record);
comment on table sheaf.relation is 'Records that belong together without being the same thing.';
comment on index sheaf.relation_from_key is 'The relations of a record.';
comment on index sheaf.relation_to_key is 'The relations to a record.';
comment on column sheaf.relation.from_record is 'The record.';
comment on column sheaf.relation.to_record is 'The other record; null: what scheme and value name is not here.';
comment on column sheaf.relation.type is 'about, responds_to, version, translation, part_of and so on.';
comment on column sheaf.relation.scheme is 'Scheme of the identifier by which the data names it.';
comment on column sheaf.relation.value is 'That identifier.';
comment on column sheaf.relation.basis is 'stated (the data says so) or matched.';
comment on column sheaf.relation.score is 'Of what was matched.';

-- What operators said of two records.  There are no decisions yet: the view is
-- made again where they are kept.
create view sheaf.link as
select null::bigint as a,
	null::bigint as b,
	null::boolean as is_same,
	null::bigint as rank
where false;
comment on view sheaf.link is 'Pairs of records that an operator said to be the same, or not, and that are there; a < b.';
comment on column sheaf.link.a is 'A record.';
comment on column sheaf.link.b is 'The other one.';
comment on column sheaf.link.is_same is 'True: they are one thing; false: they are two.';
comment on column sheaf.link.rank is 'When it was said, in microseconds since 1970: the older goes first.';

create table sheaf.resolving (
	one boolean primary key default true check (one),
	phase text not null default 'learn' check (phase in ('idle', 'learn', 'pairs', 'clusters')),
	version integer,
	position bigint not null default 0,
	keys_made bigint not null default 0,
	keys_rows bigint not null default 0,
	profiles_of integer not null default 0,
	said text not null default '',
	said_at timestamptz not null default clock_timestamp()
);
insert into sheaf.resolving default values;
comment on table sheaf.resolving is 'One row: how far resolve is with what takes more than one transaction.';
comment on column sheaf.resolving.one is 'True: there is no other row.';
comment on column sheaf.resolving.phase is 'idle; learn (a version is due; records only get their profiles until it is there); or of a version that is applied: pairs (scored again), clusters (formed again).';
comment on column sheaf.resolving.version is 'That version.';
comment on column sheaf.resolving.position is 'The last record that this is done for.';
comment on column sheaf.resolving.keys_made is 'Counts how often sheaf.match_key was made.';
comment on column sheaf.resolving.keys_rows is 'How many rows were added to it since.';
comment on column sheaf.resolving.profiles_of is 'Version of the encoding of sheaf.profile; another program''s are made again.';
comment on column sheaf.resolving.said is 'What it does, or why it does not, as a sentence.';
comment on column sheaf.resolving.said_at is 'Since when.';

-- As before, and what it changes waits for resolve.
create or replace function sheaf.apply_pending(p_run bigint)
returns bigint
language plpgsql
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
	n bigint;
begin
	update sheaf.block b
	set live = b.live - d.n
	from (
		select r.block_id, count(*) as n
		from sheaf.pending p
		join sheaf.record r on r.record_id = p.record_id
		where p.run_id = p_run
		and p.op in ('changed', 'deleted', 'filtered')
		and r.block_id is not null
		group by r.block_id
	) d
	where b.block_id = d.block_id;

	update sheaf.run u
	set terms = u.terms + d.terms, unmapped = u.unmapped + d.unmapped
	from (
		select coalesce(sum(coalesce(p.terms, 0) - coalesce(r.terms, 0)), 0) as terms,
			coalesce(sum(coalesce(p.unmapped, 0) - coalesce(r.unmapped, 0)), 0) as unmapped
		from sheaf.pending p
		join sheaf.record r on r.record_id = p.record_id
		where p.run_id = p_run
		and p.op <> 'touched'
	) d
	where u.run_id = p_run
	and (d.terms, d.unmapped) <> (0, 0);

	-- A touch says nothing of the content, but may bring back what was rejected.
	perform sheaf.unresolve((
		select array_agg(p.record_id)
		from sheaf.pending p
		join sheaf.record r on r.record_id = p.record_id
		where p.run_id = p_run
		and (p.op <> 'touched' or r.status = 'rejected')
	));

	-- One that is left out and never was stored stays unknown to portals;
	-- when it comes in, it is seen first.
	update sheaf.record r
	set datestamp = p.datestamp,
		datestamp_given = p.datestamp_given,
		sets = p.sets,
		status = case
			when p.op in ('deleted', 'filtered') then p.op
			when p.op = 'touched' and r.status = 'deleted' then 'deleted'
			when r.status = 'hidden' then 'hidden'
			else 'active' end,
		harvested_at = p.at,
		first_seen = case
			when p.op = 'changed' and r.status = 'filtered' and r.deleted_at is null then p.at
			else r.first_seen end,
		changed_at = case
			when p.op = 'touched' or (p.op = 'filtered' and r.status in ('filtered', 'deleted')) then r.changed_at
			else p.at end,
		deleted_at = case
			when p.op = 'deleted' or (p.op = 'filtered' and r.status in ('active', 'missing', 'hidden')) then p.at
			when p.op = 'filtered' then r.deleted_at
			when p.op = 'touched' then r.deleted_at end,
		missing_since = null,
		added_run = case when r.status = 'rejected' then p_run else r.added_run end,
		digest = case when p.op = 'touched' then r.digest else p.digest end,
		format = case when p.op = 'changed' then p.format else r.format end,
		kind = case when p.op = 'changed' then p.kind else r.kind end,
		title = case when p.op = 'changed' then p.title else r.title end,
		url = case when p.op = 'changed' then p.url else r.url end,
		issued = case when p.op = 'changed' then p.issued else r.issued end,
		issued_precision = case when p.op = 'changed' then p.issued_precision else r.issued_precision end,
		licence = case when p.op = 'changed' then p.licence else r.licence end,
		block_id = case when p.op = 'touched' then r.block_id else p.block_id end,
		raw_offset = case when p.op = 'touched' then r.raw_offset else p.raw_offset end,
		raw_length = case when p.op = 'touched' then r.raw_length else p.raw_length end,
		doc_length = case when p.op = 'touched' then r.doc_length else p.doc_length end,
		terms = case when p.op = 'touched' then r.terms else p.terms end,
		unmapped = case when p.op = 'touched' then r.unmapped else p.unmapped end
	from sheaf.pending p
	where p.run_id = p_run
	and r.record_id = p.record_id;
	get diagnostics n = row_count;

	delete from sheaf.pending where run_id = p_run;
	return n;
end
$$;

create or replace function sheaf.forget(p_records bigint[])
returns void
language plpgsql
as $$
begin
	update sheaf.block b
	set live = b.live - d.n
	from (
		select r.block_id, count(*) as n
		from sheaf.record r
		where r.record_id = any (p_records)
		and r.block_id is not null
		group by r.block_id
	) d
	where b.block_id = d.block_id;
	update sheaf.record
	set status = 'deleted', deleted_at = clock_timestamp(), changed_at = clock_timestamp(), missing_since = null,
		digest = null, block_id = null, raw_offset = null, raw_length = null, doc_length = null,
		terms = null, unmapped = null
	where record_id = any (p_records);
	perform sheaf.unresolve(p_records);
end
$$;

create or replace function sheaf.run_drop(p_source integer, p_detail text)
returns boolean
language plpgsql
as $$
declare
	r sheaf.run;
	dropped bigint[];
begin
	select * into r from sheaf.run u where u.source_id = p_source and u.closed_at is null for update;
	if not found then
		return false;
	end if;
	update sheaf.block b
	set live = b.live - d.n
	from (
		select p.block_id, count(*) as n
		from sheaf.pending p
		where p.run_id = r.run_id and p.block_id is not null
		group by p.block_id
	) d
	where b.block_id = d.block_id;
	delete from sheaf.pending p where p.run_id = r.run_id;
	delete from sheaf.wanted w where w.run_id = r.run_id;
	with d as (
		update sheaf.record c
		set status = 'rejected', terms = null, unmapped = null
		from (
			select distinct unnest(g.record_ids) as record_id
			from sheaf.page g
			where g.run_id = r.run_id
		) seen
		where c.record_id = seen.record_id
		and c.added_run = r.run_id
		and c.status <> 'rejected'
		returning c.record_id
	)
	select array_agg(d.record_id) into dropped from d;
	perform sheaf.unresolve(dropped);
	update sheaf.run u
	set closed_at = clock_timestamp(),
		held_at = null,
		outcome = coalesce(u.outcome, 'failed'),
		outcome_text = p_detail
	where u.run_id = r.run_id;
	update sheaf.source s
	set active = (
			select count(*) from sheaf.record c
			where c.source_id = p_source and c.status in ('active', 'missing')),
		(terms, unmapped) = (select t.terms, t.unmapped from sheaf.terms_count(p_source) t),
		last_run = r.run_id,
		last_outcome = coalesce(r.outcome, 'failed'),
		last_error = p_detail,
		last_error_at = clock_timestamp()
	where s.source_id = p_source;
	return true;
end
$$;

create or replace function sheaf.source_act(p_name text, p_act text, p_author text, p_reason text,
	out ok boolean, out state text, out detail text)
language plpgsql
as $$
declare
	s sheaf.source;
	refusal text;
	next text;
	retired bigint[];
begin
	ok := false;
	select * into s from sheaf.source where name = p_name for update;
	if not found then
		state := '';
		detail := format('there is no source %s', p_name);
		return;
	end if;
	state := s.state;
	detail := p_reason;
	case p_act
	when 'pause' then
		if s.state in ('held', 'retired') then
			refusal := format('it is %s', s.state);
		end if;
		next := 'paused';
	when 'resume' then
		if s.state = 'retired' then
			refusal := 'it is retired: put it back into the configuration and reload, then it is read anew';
		elsif s.state <> 'paused' then
			refusal := format('it is %s, not paused', s.state);
		end if;
		next := 'idle';
	when 'approve' then
		refusal := case when s.state <> 'held' then 'no run of it is held' else sheaf.run_approve(s.source_id) end;
		next := 'idle';
	when 'reject' then
		if s.state <> 'held' then
			refusal := 'no run of it is held';
		else
			detail := coalesce(nullif(p_reason, ''), format('a run was rejected: %s', s.state_reason));
			perform sheaf.run_drop(s.source_id, detail);
		end if;
		next := 'paused';
	when 'retire' then
		if s.configured then
			detail := 'it is still in the configuration: take it out and reload first, or pause it';
			return;
		end if;
		perform sheaf.run_drop(s.source_id, 'the source was retired');
		with d as (
			update sheaf.record r
			set status = 'deleted', deleted_at = clock_timestamp(), changed_at = clock_timestamp(), terms = null,
				unmapped = null
			where r.source_id = s.source_id and r.status in ('active', 'missing')
			returning r.record_id
		)
		select array_agg(d.record_id) into retired from d;
		perform sheaf.unresolve(retired);
		update sheaf.source u set active = 0, terms = 0, unmapped = 0 where u.source_id = s.source_id;
		next := 'retired';
	else
		refusal := format('there is no act %s', p_act);
	end case;
	if refusal is not null then
		detail := refusal;
		return;
	end if;
	update sheaf.source u
	set state = next, state_reason = detail, state_by = p_author, state_at = clock_timestamp(),
		next_due = case when next = 'idle' then clock_timestamp() else u.next_due end,
		failures = case when next = 'idle' then 0 else u.failures end
	where u.source_id = s.source_id;
	ok := true;
	state := next;
end
$$;

create or replace function sheaf.renormalised(p_records bigint[], p_blocks bigint[], p_offsets integer[], p_kind text[],
	p_title text[], p_url text[], p_issued date[], p_issued_precision text[], p_licence text[],
	p_into bigint[], p_into_offset integer[], p_raw_length integer[], p_doc_length integer[], p_terms integer[],
	p_unmapped integer[])
returns void
language plpgsql
as $$
declare
	done bigint;
begin
	update sheaf.run o
	set terms = o.terms + d.terms, unmapped = o.unmapped + d.unmapped
	from (
		select r.source_id, sum(coalesce(u.terms, 0) - coalesce(r.terms, 0)) as terms,
			sum(coalesce(u.unmapped, 0) - coalesce(r.unmapped, 0)) as unmapped
		from unnest(p_records, p_terms, p_unmapped) as u (record_id, terms, unmapped)
		join sheaf.record r on r.record_id = u.record_id
		group by r.source_id
	) d
	where o.source_id = d.source_id
	and o.closed_at is null
	and (d.terms, d.unmapped) <> (0, 0);
	update sheaf.record r
	set kind = u.kind,
		title = u.title,
		url = u.url,
		issued = u.issued,
		issued_precision = u.issued_precision,
		licence = u.licence,
		block_id = u.into_block,
		raw_offset = u.into_offset,
		raw_length = u.raw_length,
		doc_length = u.doc_length,
		terms = u.terms,
		unmapped = u.unmapped,
		changed_at = now()
	from unnest(p_records, p_blocks, p_offsets, p_kind, p_title, p_url, p_issued, p_issued_precision, p_licence,
		p_into, p_into_offset, p_raw_length, p_doc_length, p_terms, p_unmapped) as u (record_id, block_id, raw_offset,
		kind, title, url, issued, issued_precision, licence, into_block, into_offset, raw_length, doc_length, terms,
		unmapped)
	where r.record_id = u.record_id
	and r.block_id = u.block_id
	and r.raw_offset = u.raw_offset
	and r.status in ('active', 'missing', 'hidden');
	get diagnostics done = row_count;
	if done < cardinality(p_records) then
		raise exception '% of % records are not where they were read', cardinality(p_records) - done,
			cardinality(p_records)
			using errcode = 'SH001';
	end if;
	perform sheaf.unresolve(p_records);
end
$$;

create or replace function sheaf.rekey_doubles(p_run bigint, p_all sheaf.naming[])
returns void
language plpgsql
set enable_hashjoin = on
as $$
declare
	doubles bigint[];
	added bigint[];
	was_there bigint[];
begin
	select array_agg(a.record_id), array_agg(a.record_id) filter (where a.is_new),
		array_agg(a.record_id) filter (where not a.is_new)
	into doubles, added, was_there
	from unnest(p_all) a
	where a.is_live
	and a.record_id <> a.into_id;
	if doubles is null then
		return;
	end if;
	-- What waits for them, and what is theirs and no record takes over.
	update sheaf.block b
	set live = b.live - d.n
	from (
		select x.block_id, count(*) as n
		from (
			select p.block_id
			from sheaf.pending p
			where p.run_id = p_run
			and p.record_id = any (doubles)
			union all
			select c.block_id
			from sheaf.record c
			where c.record_id = any (added)
			and not exists (
				select from sheaf.pending p
				where p.run_id = p_run
				and p.block_id = c.block_id
				and p.raw_offset = c.raw_offset)
		) x
		where x.block_id is not null
		group by x.block_id
	) d
	where b.block_id = d.block_id;
	delete from sheaf.pending p where p.run_id = p_run and p.record_id = any (doubles);
	delete from sheaf.record c where c.record_id = any (added);
	perform sheaf.unresolve(added);
	perform sheaf.forget(coalesce(was_there, '{}'));
end
$$;

-- What becomes of any id ever given out.  An entry that was split among
-- several has a row for each of them.
create function sheaf.is_question(p_a bigint, p_b bigint, p_verdict text, p_reason text)
returns boolean
language sql stable
security definer
set search_path = pg_catalog
as $$
	select case p_verdict
	when 'refused' then ra.source_id <> rb.source_id or coalesce(p_reason, '') not like '%holds each thing once%'
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
comment on function sheaf.is_question is 'Whether a doubtful or refused pair is worth an operator''s time: a source that holds each thing once has said no where it has both, or, of a doubtful one, where the entries of both have a record of it; and what one source may have twice is its own to look after.';

create function sheaf.entry_now(p_entry uuid)
returns table (entry_id uuid, state text)
language sql stable
as $$
	with recursive way (entry_id) as (
		select e.entry_id from sheaf.entry e where e.entry_id = p_entry
		union
		select f.to_entry
		from way w
		join sheaf.entry e on e.entry_id = w.entry_id and e.state in ('merged', 'split')
		join sheaf.forward f on f.from_entry = e.entry_id
	), ends as (
		select e.entry_id, e.state, f.state as was
		from way w
		join sheaf.entry e on e.entry_id = w.entry_id and e.state in ('live', 'gone')
		cross join (select x.state from sheaf.entry x where x.entry_id = p_entry) f
	)
	select n.entry_id, case when n.state = 'gone' then 'deleted' else n.was end
	from ends n
	where n.state = 'live'
	or not exists (select from ends l where l.state = 'live')
	union all
	select p_entry, 'unknown'
	where not exists (select from sheaf.entry e where e.entry_id = p_entry)
$$;
comment on function sheaf.entry_now is 'Follows the forwarding rows of an entry to those that have its records now.';

-- What was harvested before there was resolve.
select sheaf.unresolve(array_agg(r.record_id order by r.record_id))
from sheaf.record r
where r.status in ('active', 'missing');
