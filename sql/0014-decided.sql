-- What the operators of duplicates need beside: why a pair was refused, as
-- data; a version of the model that waits for their word, and what it would
-- change; names of sources that change.

alter table sheaf.match
	add column why text check (why in ('family', 'curated', 'average', 'cannot', 'size'));
comment on column sheaf.match.why is 'Of what is refused: family (their entries are of different families), curated (a source that holds each thing once has both), average (the rest of their entries does not agree), cannot (an operator said so) or size (too many records are connected).';
update sheaf.match m
set why = case
	when m.reason like '%are of different families%' then 'family'
	when m.reason like '%holds each thing once%' then 'curated'
	when m.reason like 'the two groups as a whole score%' then 'average'
	when m.reason like '%are different: an operator said so%' then 'cannot'
	when m.reason like 'more than % records are connected%' then 'size' end
where m.verdict = 'refused';

alter table sheaf.model
	add column applied_by text,
	add column weighed_at timestamptz,
	add column merges bigint,
	add column splits bigint,
	add column moved bigint;
comment on column sheaf.model.applied_by is 'The operator who applied it; null: resolve did.';
comment on column sheaf.model.weighed_at is 'When all records were scored by it as it was proposed; null: not yet, or it was applied at once.';
comment on column sheaf.model.merges is 'How many entries would have gone into another one.';
comment on column sheaf.model.splits is 'How many would have lost records to others.';
comment on column sheaf.model.moved is 'How many records would have changed their entry.';

alter table sheaf.resolving
	add column unfit text not null default '',
	add column checked_at timestamptz;
comment on column sheaf.resolving.unfit is 'Why the current version no longer fits what is there; empty: it does.';
comment on column sheaf.resolving.checked_at is 'When that was looked at.';

create table sheaf.ask (
	ask_id bigint generated always as identity primary key,
	what text not null check (what in ('propose', 'apply')),
	version integer,
	author text not null,
	at timestamptz not null default clock_timestamp()
);
comment on table sheaf.ask is 'What operators want of resolve; a row goes when it is done.';
comment on column sheaf.ask.ask_id is 'Its number.';
comment on column sheaf.ask.what is 'propose (learn a version, and weigh what it would change) or apply (the proposed one).';
comment on column sheaf.ask.version is 'The version that is to be applied.';
comment on column sheaf.ask.author is 'Who asks.';
comment on column sheaf.ask.at is 'When.';

-- Made again when a crash has emptied it.
create unlogged table sheaf.proposed_match (
	a bigint not null,
	b bigint not null check (a < b),
	score real not null,
	verdict text not null,
	decided_by text not null default 'resolve',
	decided_at timestamptz,
	reason text,
	why text,
	primary key (a, b)
);
comment on table sheaf.proposed_match is 'Pairs at or above the score that joins, by the version that is being weighed; as in sheaf.match.';
comment on column sheaf.proposed_match.a is 'A record.';
comment on column sheaf.proposed_match.b is 'The other one.';
comment on column sheaf.proposed_match.score is 'Sum of the evidence''s points.';
comment on column sheaf.proposed_match.verdict is 'same or refused.';
comment on column sheaf.proposed_match.decided_by is 'resolve.';
comment on column sheaf.proposed_match.decided_at is 'When it was refused.';
comment on column sheaf.proposed_match.reason is 'Why it was refused.';
comment on column sheaf.proposed_match.why is 'The same, as data.';

create table sheaf.proposed_change (
	version integer not null references sheaf.model on delete cascade,
	n bigint generated always as identity,
	kind text not null check (kind in ('merge', 'split')),
	from_entry uuid not null,
	to_entry uuid,
	records integer not null,
	a bigint not null,
	b bigint not null,
	score real,
	evidence jsonb,
	reason text,
	primary key (version, n)
);
comment on table sheaf.proposed_change is 'What a proposed version would change: examples, as many as are kept.';
comment on column sheaf.proposed_change.version is 'The version.';
comment on column sheaf.proposed_change.n is 'Its number.';
comment on column sheaf.proposed_change.kind is 'merge (the entry would go into another one) or split (it would lose records).';
comment on column sheaf.proposed_change.from_entry is 'The entry.';
comment on column sheaf.proposed_change.to_entry is 'Where its records would go; null: to a new one.';
comment on column sheaf.proposed_change.records is 'How many.';
comment on column sheaf.proposed_change.a is 'One of them.';
comment on column sheaf.proposed_change.b is 'A record that it would join, or be parted from: of all those the two that score best.';
comment on column sheaf.proposed_change.score is 'Of the two, by the proposed version; null: they can never be one.';
comment on column sheaf.proposed_change.evidence is 'The parts of that score.';
comment on column sheaf.proposed_change.reason is 'Why they would be parted though they score enough.';

-- A source's own duplicates, kept up to date with the entries.
create table sheaf.own_duplicate (
	entry_id uuid not null,
	source_id integer not null,
	records integer not null,
	primary key (entry_id, source_id)
);
create index own_duplicate_source_key on sheaf.own_duplicate (source_id);
comment on table sheaf.own_duplicate is 'Entries that several records of one source are in.';
comment on index sheaf.own_duplicate_source_key is 'Those of a source.';
comment on column sheaf.own_duplicate.entry_id is 'The entry.';
comment on column sheaf.own_duplicate.source_id is 'The source.';
comment on column sheaf.own_duplicate.records is 'How many of its records are in it.';
insert into sheaf.own_duplicate (entry_id, source_id, records)
select m.entry_id, r.source_id, count(*)
from sheaf.member m
join sheaf.record r on r.record_id = m.record_id
where m.active
group by m.entry_id, r.source_id
having count(*) > 1;

-- Ties between pairs go by a hash of the source's name.
create table sheaf.renaming (
	one boolean primary key default true check (one),
	n bigint not null default 0
);
insert into sheaf.renaming default values;
comment on table sheaf.renaming is 'One row: how often a source was given another name.';
comment on column sheaf.renaming.one is 'True: there is no other row.';
comment on column sheaf.renaming.n is 'That number; resolve reads the names again when it is another one.';

-- Those of its records that a tie may be about are looked at again.
create function sheaf.source_ties()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog
as $$
begin
	update sheaf.renaming set n = n + 1;
	perform sheaf.unresolve(array_agg(x.record_id order by x.record_id))
	from (
		select r.record_id
		from sheaf.record r
		where r.source_id = new.source_id
		and r.status in ('active', 'missing')
		and (exists (select from sheaf.match m where m.a = r.record_id and m.verdict in ('same', 'refused'))
			or exists (select from sheaf.match m where m.b = r.record_id and m.verdict in ('same', 'refused')))
	) x;
	return null;
end
$$;
comment on function sheaf.source_ties is 'Lets resolve break the ties of a source by its new name.';
create trigger source_ties
after update of name on sheaf.source
for each row
when (old.name is distinct from new.name)
execute function sheaf.source_ties();
comment on trigger source_ties on sheaf.source is 'The partition does not depend on what a source was called.';
