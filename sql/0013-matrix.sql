-- Sectors, kinds, countries and agencies: what is there, what is wanted, who
-- does the same.  All of it can be made again from sheaf.composed and its
-- values; sheaf.count_some() keeps it up to date.

-- What a source declares that it covers, by axis; null: anything.
create function sheaf.cover_codes(p_covers text, p_axis text)
returns text[]
language sql immutable strict
set search_path = pg_catalog
as $$
	select array_agg(distinct case t.m[1] when 'family' then t.m[1] || ':' || t.m[3] else t.m[3] end)
	from regexp_split_to_table(p_covers, '[\s,]+') w
	cross join lateral regexp_match(w, '^(kind|family|sector|country):(?:(about|origin|deployed|target|available):)?(.+)$') t (m)
	where case t.m[1] when 'family' then 'kind' else t.m[1] end = p_axis
	and t.m[2] is distinct from 'origin'
$$;
comment on function sheaf.cover_codes(text, text) is 'The codes that a source''s covers names of an axis (kind, with families as family:CODE; sector; country, but for where its entries come from); null: it names none, so it covers all.';

alter table sheaf.source
	add column cover_kinds text[] generated always as (sheaf.cover_codes(covers, 'kind')) stored,
	add column cover_sectors text[] generated always as (sheaf.cover_codes(covers, 'sector')) stored,
	add column cover_countries text[] generated always as (sheaf.cover_codes(covers, 'country')) stored;
comment on column sheaf.source.cover_kinds is 'Kinds and families that covers names; null: all.';
comment on column sheaf.source.cover_sectors is 'Sectors that covers names; null: all.';
comment on column sheaf.source.cover_countries is 'Countries and groups that covers names; null: all.';

-- What an entry adds to the matrix; what it added is taken away by this row
-- when the entry says something else.
create table sheaf.counted (
	entry_no bigint primary key,
	until timestamptz,
	kind text not null,
	family text not null,
	sectors text[] not null,
	places text[] not null,
	also text[] not null,
	groups text[] not null,
	origins text[] not null,
	agencies text[] not null
);
create index counted_until_key on sheaf.counted (until) where until is not null;
comment on table sheaf.counted is 'An entry that the matrix counts, and as what.';
comment on index sheaf.counted_until_key is 'What ends to count by itself.';
comment on column sheaf.counted.entry_no is 'The entry.';
comment on column sheaf.counted.until is 'An offer''s or a need''s deadline: it does not count beyond.';
comment on column sheaf.counted.kind is 'Its kind, or unassigned.';
comment on column sheaf.counted.family is 'Family of the kind.';
comment on column sheaf.counted.sectors is 'Its sectors, or unassigned alone; sorted.';
comment on column sheaf.counted.places is 'Countries and groups that it is for, or unassigned alone; sorted.';
comment on column sheaf.counted.also is 'Those of places that a group in places includes.';
comment on column sheaf.counted.groups is 'Those of places that are groups.';
comment on column sheaf.counted.origins is 'Countries that an offer comes from.';
comment on column sheaf.counted.agencies is 'Agencies that list it; sorted.';

create table sheaf.cell_entry (
	place text collate "C" not null,
	sector text collate "C" not null,
	kind text collate "C" not null,
	entry_no bigint not null,
	family text not null,
	primary key (place, sector, kind, entry_no)
);
create index cell_entry_entry_key on sheaf.cell_entry (entry_no);
create index cell_entry_need_key on sheaf.cell_entry (sector, place) where family = 'need';
comment on table sheaf.cell_entry is 'An entry in a cell of the matrix: sheaf.counted, a row for each of its places and sectors.';
comment on index sheaf.cell_entry_entry_key is 'By entry.';
comment on index sheaf.cell_entry_need_key is 'The needs.';
comment on column sheaf.cell_entry.place is 'A country or group that it names, or unassigned.';
comment on column sheaf.cell_entry.sector is 'A sector of it, or unassigned.';
comment on column sheaf.cell_entry.kind is 'Its kind, or unassigned.';
comment on column sheaf.cell_entry.entry_no is 'The entry.';
comment on column sheaf.cell_entry.family is 'Family of the kind.';

-- Counts of entries.  Whom a group includes is not written out: an entry for
-- the World would be in 281 cells instead of two.
create table sheaf.cell (
	place text collate "C" not null,
	sector text collate "C" not null,
	kind text collate "C" not null,
	agency text collate "C" not null,
	other text collate "C" not null,
	family text not null,
	n integer not null,
	also integer not null,
	primary key (place, sector, kind, agency, other)
) with (fillfactor = 70);
create index cell_agency_key on sheaf.cell (agency, place);
comment on table sheaf.cell is 'How many entries there are of a kind in a sector, for a place, listed by an agency, or by two.';
comment on index sheaf.cell_agency_key is 'By agency.';
comment on column sheaf.cell.place is 'A country or group that entries name, or unassigned; *: whatever place; # and groups: entries for exactly these groups (sheaf.reach); ! and a country: offers that come from it.';
comment on column sheaf.cell.sector is 'A sector, or unassigned; *: what makes the sum over all sectors count each entry once.';
comment on column sheaf.cell.kind is 'A kind, or unassigned.';
comment on column sheaf.cell.agency is 'An agency; *: what makes the sum over all agencies count each entry once; empty where place is where offers come from.';
comment on column sheaf.cell.other is 'Empty, or another agency that lists them, too, the later one by its code.';
comment on column sheaf.cell.family is 'Family of the kind.';
comment on column sheaf.cell.n is 'How many; negative in rows of *.';
comment on column sheaf.cell.also is 'How many of them name a group, too, that includes the place.';

create table sheaf.reach (
	place text collate "C" primary key,
	groups text[] not null
);
create index reach_groups_key on sheaf.reach using gin (groups) with (fastupdate = off);
comment on table sheaf.reach is 'Groups of countries that entries name together.';
comment on index sheaf.reach_groups_key is 'By a group.';
comment on column sheaf.reach.place is 'As in sheaf.cell: # and the groups, with a blank between them.';
comment on column sheaf.reach.groups is 'The groups, sorted.';

create table sheaf.matrix (
	one boolean primary key default true check (one),
	refreshed_at timestamptz not null default now(),
	vocabulary text not null default ''
);
insert into sheaf.matrix default values;
comment on table sheaf.matrix is 'One row: as of when the matrix is.';
comment on column sheaf.matrix.one is 'True: there is no other row.';
comment on column sheaf.matrix.refreshed_at is 'When entries were counted last.';
comment on column sheaf.matrix.vocabulary is 'Digest of the vocabulary that says whom groups include.';
