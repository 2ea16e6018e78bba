-- How far the recognition of duplicates is, and the versions of its model.

create or replace function sheaf.ask_resolve(p_what text, p_version integer, p_author text,
	out ask_id bigint, out refusal text)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
	waits sheaf.ask;
begin
	if coalesce(btrim(p_author), '') = '' then
		refusal := 'nobody asks: an author is needed';
		return;
	end if;
	lock table sheaf.ask in share row exclusive mode;
	select * into waits from sheaf.ask a order by a.ask_id limit 1;
	if found and waits.what = p_what and waits.version is not distinct from p_version then
		ask_id := waits.ask_id; -- once is enough
		return;
	elsif found then
		refusal := format('%s asked to %s at %s UTC, and that is not done yet', waits.author,
			case waits.what when 'apply' then format('apply model %s', waits.version) else 'propose a model' end,
			to_char(waits.at at time zone 'UTC', 'YYYY-MM-DD HH24:MI'));
		return;
	end if;
	if p_what = 'apply' and not exists (
		select from sheaf.model m
		where m.version = p_version and m.state = 'proposed' and m.weighed_at is not null) then
		refusal := 'no model is proposed';
		return;
	end if;
	insert into sheaf.ask (what, version, author)
	values (p_what, p_version, p_author)
	returning sheaf.ask.ask_id into ask_id;
end
$$;
comment on function sheaf.ask_resolve is 'Asks resolve to propose a model, or to apply the proposed one; a refusal says why not.';

create or replace view registry.resolve_status as
select w.waiting,
	w.oldest,
	r.phase,
	m.version as model,
	m.records as model_records,
	m.made_at as model_made_at,
	m.applied_at as model_applied_at,
	m.note as model_note,
	m.applied_by as model_applied_by,
	n.records,
	nullif(r.unfit, '') as unfit,
	r.checked_at,
	p.version as proposed,
	p.records as proposed_records,
	p.made_at as proposed_made_at,
	p.note as proposed_note,
	p.weighed_at as proposed_weighed_at,
	p.merges as proposed_merges,
	p.splits as proposed_splits,
	p.moved as proposed_moved,
	q.what as asked,
	q.author as asked_by,
	q.at as asked_at,
	nullif(r.said, '') as trouble
from sheaf.resolving r
cross join (
	select coalesce(sum(u.record_count), 0)::bigint as waiting, min(u.at) as oldest
	from sheaf.unresolved u
) w
cross join (select count(*) as records from sheaf.profile) n
left join sheaf.model m on m.state = 'current'
left join lateral (
	-- One that is being weighed takes the place of the one before when it is.
	select *
	from sheaf.model x
	where x.state = 'proposed'
	order by x.weighed_at is null, x.version desc
	limit 1
) p on true
left join lateral (
	select * from sheaf.ask a order by a.ask_id limit 1
) q on true;
comment on view registry.resolve_status is 'One row: how far the recognition of duplicates is, and by which version of its model.';
comment on column registry.resolve_status.waiting is 'Records that are new, changed or gone and were not looked at yet.';
comment on column registry.resolve_status.oldest is 'Since when the first of them waits.';
comment on column registry.resolve_status.phase is 'idle: changes are looked at as they come; learn: a model is due; pairs, clusters: a model is being applied to all records.';
comment on column registry.resolve_status.model is 'The current model''s version; null: none yet.';
comment on column registry.resolve_status.model_records is 'From how many records it was learned.';
comment on column registry.resolve_status.model_made_at is 'When it was learned.';
comment on column registry.resolve_status.model_applied_at is 'Since when it is current.';
comment on column registry.resolve_status.model_note is 'Why it was learned.';
comment on column registry.resolve_status.model_applied_by is 'The operator who applied it; null: nobody had to.';
comment on column registry.resolve_status.records is 'How many records take part now.';
comment on column registry.resolve_status.unfit is 'Why the model no longer fits what is there; null: it does.';
comment on column registry.resolve_status.checked_at is 'When that was looked at.';
comment on column registry.resolve_status.proposed is 'A version that waits for an operator; null: none.';
comment on column registry.resolve_status.proposed_records is 'From how many records it was learned.';
comment on column registry.resolve_status.proposed_made_at is 'When.';
comment on column registry.resolve_status.proposed_note is 'Why.';
comment on column registry.resolve_status.proposed_weighed_at is 'When it was known what it would change; null: not yet.';
comment on column registry.resolve_status.proposed_merges is 'How many entries would go into another one.';
comment on column registry.resolve_status.proposed_splits is 'How many entries would lose records to others.';
comment on column registry.resolve_status.proposed_moved is 'How many records would change their entry.';
comment on column registry.resolve_status.asked is 'What an operator asked for and is not done yet: propose or apply.';
comment on column registry.resolve_status.asked_by is 'Who asked.';
comment on column registry.resolve_status.asked_at is 'When.';
comment on column registry.resolve_status.trouble is 'What does not go well, as a sentence; null: nothing.';

create or replace view registry.own_duplicate as
select s.name as source,
	d.entry_id,
	d.records
from sheaf.own_duplicate d
join sheaf.source s on s.source_id = d.source_id;
comment on view registry.own_duplicate is 'An entry that several records of one source are in: its own duplicates.';
comment on column registry.own_duplicate.source is 'The source.';
comment on column registry.own_duplicate.entry_id is 'The entry.';
comment on column registry.own_duplicate.records is 'How many of the source''s records are in it.';

create or replace view registry.resolve_change as
select c.version as model,
	c.kind,
	c.from_entry,
	c.to_entry,
	c.records,
	array[c.a, c.b] as record_ids,
	sa.name as source_a,
	case when sheaf.is_told(ra.status, ra.withheld) then ra.title end as title_a,
	sb.name as source_b,
	case when sheaf.is_told(rb.status, rb.withheld) then rb.title end as title_b,
	m.score as score_now,
	c.score,
	coalesce(case when sheaf.is_told(c.a, c.b) then c.reason end, case c.kind
		when 'merge' then case
			when m.a is null then 'the two were not compared, or shared too little'
			when m.verdict = 'refused' and sheaf.is_told(c.a, c.b) then m.reason end
		else 'the two score too little' end) as reason,
	case when sheaf.is_told(c.a, c.b) then c.evidence end as evidence,
	c.n
from sheaf.proposed_change c
join sheaf.model v on v.version = c.version and v.state = 'proposed' and v.weighed_at is not null
left join sheaf.match m on m.a = least(c.a, c.b) and m.b = greatest(c.a, c.b)
left join sheaf.record ra on ra.record_id = c.a
left join sheaf.source sa on sa.source_id = ra.source_id
left join sheaf.record rb on rb.record_id = c.b
left join sheaf.source sb on sb.source_id = rb.source_id;
comment on view registry.resolve_change is 'What a proposed model would change: examples, at most 500 merges and 500 splits; registry.resolve_status has the counts.';
comment on column registry.resolve_change.model is 'The proposed version.';
comment on column registry.resolve_change.kind is 'merge (the entry would go into another one) or split (it would lose records).';
comment on column registry.resolve_change.from_entry is 'The entry.';
comment on column registry.resolve_change.to_entry is 'Where its records would go; null: to a new one.';
comment on column registry.resolve_change.records is 'How many records.';
comment on column registry.resolve_change.record_ids is 'One of them, and one that it would join or be parted from: of all those the two that score best.';
comment on column registry.resolve_change.source_a is 'Source of the first.';
comment on column registry.resolve_change.title_a is 'Its title.';
comment on column registry.resolve_change.source_b is 'Source of the second.';
comment on column registry.resolve_change.title_b is 'Its title.';
comment on column registry.resolve_change.score_now is 'What the two score by the current model; null: nothing that is kept.';
comment on column registry.resolve_change.score is 'What they score by the proposed one.';
comment on column registry.resolve_change.reason is 'Why they are two now, or would be; null: the score says it.';
comment on column registry.resolve_change.evidence is 'The parts of the new score, as in registry.match.';
comment on column registry.resolve_change.n is 'Its place among the examples.';
