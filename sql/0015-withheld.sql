-- What is hidden or purged is withheld at once, and leaves nothing behind.

alter table sheaf.history add column records bigint[];
comment on column sheaf.history.records is 'Records that had a part in this version, also in its lists; null: not known. When one of them is purged, the version goes.';

-- A source may delete what is hidden, or have deleted it before: that does not
-- tell it again.
alter table sheaf.record add column withheld boolean not null default false;
comment on column sheaf.record.withheld is 'An operator hides it, whatever its status is.';
update sheaf.record r
set withheld = true
from sheaf.decision d
join sheaf.source s on s.name = d.source_a
where d.kind = 'hide'
and d.undone_at is null
and r.source_id = s.source_id
and r.identifier = d.identifier_a;

-- What was purged before: nothing of it stays in words about it.
update sheaf.decision d
set value = '',
	undone_at = coalesce(d.undone_at, p.at),
	undone_by = coalesce(d.undone_by, p.author),
	undone_reason = coalesce(d.undone_reason, 'the record was purged')
from sheaf.decision p
where d.kind = 'set'
and p.kind = 'purge'
and p.undone_at is null
and p.source_a = d.source_a
and p.identifier_a = d.identifier_a;
-- Also of entries that it was in before.
with recursive way (entry_id) as (
	select m.entry_id
	from sheaf.record r
	join sheaf.member m on m.record_id = r.record_id
	where r.status = 'purged'
	union
	select f.from_entry
	from way w
	join sheaf.forward f on f.to_entry = w.entry_id
)
delete from sheaf.history h
using way w
where h.entry_id = w.entry_id;
delete from sheaf.proposed_change c
using sheaf.record r
where r.record_id in (c.a, c.b)
and r.status = 'purged';

-- Few are refused, and only of these there are words.
create index proposed_match_reason_key on sheaf.proposed_match (b) where reason is not null;
comment on index sheaf.proposed_match_reason_key is 'What is said of a record, with the primary key.';

-- Names as the composer compares those of agencies.
create function sheaf.agency_key(p_name text)
returns text
language sql immutable parallel safe
as $$
	select regexp_replace(translate(p_name, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz'),
		'[\x01-\x2f\x3a-\x60\x7b-\x7f]', '', 'g')
$$;
comment on function sheaf.agency_key(text) is 'The letters and digits of a name, as the composer compares those of agencies.';
create index entry_agent_agency_key on sheaf.entry_agent (left(sheaf.agency_key(name), 100), entry_no)
	where role in ('publisher', 'provider');
comment on index sheaf.entry_agent_agency_key is 'Entries of which a name may be that of an agency.';

-- An entry may name an agency by its code, too.
create or replace function sheaf.agency_recomposes()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
	insert into sheaf.recomposing (agency)
	select distinct u.name
	from unnest(array[new.code, new.name, case when tg_op = 'UPDATE' then old.name end]) as u (name)
	where u.name is not null;
	return null;
end
$$;

-- No temporary table stands before those that are meant.
alter function sheaf.source_recomposes() set search_path = pg_catalog, pg_temp;
alter function sheaf.source_ties() set search_path = pg_catalog, pg_temp;
alter function sheaf.cover_codes(text, text) set search_path = pg_catalog, pg_temp;

-- How many wait is known without reading which.
alter table sheaf.unresolved add column record_count integer not null generated always as (cardinality(record_ids)) stored;
comment on column sheaf.unresolved.record_count is 'How many records they are.';
