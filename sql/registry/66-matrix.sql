-- What is there for whom, what is wanted and not there, and who does the same.
-- Columns are only ever appended.

create or replace view registry.coverage as
select null::text as sector, null::text as kind, null::text as country, null::text as agency,
	null::bigint as direct, null::bigint as inherited, null::bigint as entries,
	null::text as state, null::jsonb as reasons, null::timestamptz as refreshed_at, null::text as family
where false;
comment on view registry.coverage is 'How many entries there are of a kind in a sector, for a country, listed by an agency: cells that have any. Ask with a sector, a country or an agency.';
comment on column registry.coverage.sector is 'Code of the sector; unassigned where an entry has none.';
comment on column registry.coverage.kind is 'Code of the kind, or unassigned.';
comment on column registry.coverage.country is 'A country or a group of countries (001: the World); unassigned where an entry says of none that it is for it.';
comment on column registry.coverage.agency is 'Agency that lists the entries.';
comment on column registry.coverage.direct is 'Entries that name the country itself.';
comment on column registry.coverage.inherited is 'Entries that do not name it, but a group that it belongs to.';
comment on column registry.coverage.entries is 'Both together; an entry counts once.';
comment on column registry.coverage.state is 'known, partial or unknown, over all sources that are declared to cover the sector, kind and country.';
comment on column registry.coverage.reasons is 'Why it is not known: [{source, agency, why, since}, …]; why is failed, never harvested, not harvested, stale, partial, paused or undeclared.';
comment on column registry.coverage.refreshed_at is 'When the counts were last brought up to date.';
comment on column registry.coverage.family is 'Family of the kind: offer, need, knowledge, activity, actor or unassigned.';

create or replace view registry.coverage_entry as
select null::text as sector, null::text as kind, null::text as country, null::text as agency,
	null::uuid as entry_id, null::boolean as is_direct, null::text as family
where false;
comment on view registry.coverage_entry is 'The entries behind a cell of registry.coverage. Ask with a sector and a country, or with an entry.';
comment on column registry.coverage_entry.sector is 'As in registry.coverage.';
comment on column registry.coverage_entry.kind is 'As in registry.coverage.';
comment on column registry.coverage_entry.country is 'As in registry.coverage.';
comment on column registry.coverage_entry.agency is 'As in registry.coverage.';
comment on column registry.coverage_entry.entry_id is 'The entry.';
comment on column registry.coverage_entry.is_direct is 'It names the country itself, not a group that it belongs to.';
comment on column registry.coverage_entry.family is 'As in registry.coverage.';

create or replace view registry.gap as
select null::uuid as entry_id, null::text as sector, null::text as country, null::text as level,
	null::bigint as offers, null::text as state, null::jsonb as reasons, null::timestamptz as refreshed_at,
	null::text as kind
where false;
comment on view registry.gap is 'An open need in a sector and country for which no offer of the sector reaches the country.';
comment on column registry.gap.entry_id is 'The need.';
comment on column registry.gap.sector is 'A sector of it, or unassigned.';
comment on column registry.gap.country is 'A country of it, or unassigned.';
comment on column registry.gap.level is 'nowhere: no offer of the sector at all; elsewhere: none that reaches the country; origin: only such as come from it and do not say whom they are for; undecided: the need names no sector or no country, and may have an offer.';
comment on column registry.gap.offers is 'The nearest offers: those that come from the country, or else all of the sector.';
comment on column registry.gap.state is 'known, partial or unknown, over all sources that are declared to cover offers of the sector for the country.';
comment on column registry.gap.reasons is 'As in registry.coverage.';
comment on column registry.gap.refreshed_at is 'As in registry.coverage.';
comment on column registry.gap.kind is 'Kind of the need.';

create or replace view registry.synergy as
select null::text as agency_a, null::text as agency_b, null::text as sector, null::text as kind, null::text as country,
	null::bigint as entries_a, null::bigint as entries_b, null::bigint as shared, null::text as state,
	null::timestamptz as refreshed_at, null::jsonb as reasons, null::text as family
where false;
comment on view registry.synergy is 'Two agencies with entries of one kind in one sector for one country. Ask with a sector, a country or an agency.';
comment on column registry.synergy.agency_a is 'One agency, the first by its code.';
comment on column registry.synergy.agency_b is 'The other.';
comment on column registry.synergy.sector is 'As in registry.coverage.';
comment on column registry.synergy.kind is 'As in registry.coverage.';
comment on column registry.synergy.country is 'As in registry.coverage.';
comment on column registry.synergy.entries_a is 'Entries of agency_a, direct and inherited.';
comment on column registry.synergy.entries_b is 'Entries of agency_b, direct and inherited.';
comment on column registry.synergy.shared is 'Entries that both list.';
comment on column registry.synergy.state is 'As in registry.coverage.';
comment on column registry.synergy.refreshed_at is 'As in registry.coverage.';
comment on column registry.synergy.reasons is 'As in registry.coverage.';
comment on column registry.synergy.family is 'As in registry.coverage.';

create or replace function registry.coverage_map(p_country text default null, p_family text default 'offer')
returns table (sector text, kind text, direct bigint, inherited bigint, entries bigint, agencies bigint,
	state text, reasons jsonb, refreshed_at timestamptz, family text)
language sql stable
security definer
set search_path = pg_catalog
as $$
	select null::text, null::text, 0::bigint, 0::bigint, 0::bigint, 0::bigint, null::text, null::jsonb, null::timestamptz, null::text
	where false
$$;
comment on function registry.coverage_map(text, text) is 'All sectors by all kinds of a family (null: of all), empty cells too, each entry once however many agencies list it: for a country, or for any (null). A row with sector null is for all sectors, each entry once.';

create or replace function registry.synergy_map(p_country text default null, p_family text default 'offer')
returns table (agency_a text, agency_b text, sector text, kind text, entries_a bigint, entries_b bigint, shared bigint,
	refreshed_at timestamptz)
language sql stable
security definer
set search_path = pg_catalog
as $$
	select null::text, null::text, null::text, null::text, 0::bigint, 0::bigint, 0::bigint, null::timestamptz
	where false
$$;
comment on function registry.synergy_map(text, text) is 'Pairs of agencies with entries of one kind in one sector, for a country or for any (null), each entry once; those that share most first. A row with sector null is for all sectors.';

create or replace function registry.need_offers(p_need uuid, p_max integer default 20)
returns table (entry_id uuid, rank real, reasons jsonb)
language sql stable
security definer
set search_path = pg_catalog
as $$
	select null::uuid, 0::real, null::jsonb
	where false
$$;
comment on function registry.need_offers(uuid, integer) is 'The offers nearest to a need, best first, at most p_max (100 at most), with the reasons: {sectors: […], country: {code, reach}, subjects: […], text: similarity}.';

create or replace function sheaf.count_some(p_most integer)
returns integer
language sql
as $$
	select 0
$$;
comment on function sheaf.count_some(integer) is 'Counts at most so many entries of sheaf.uncounted into the matrix: how many it took; 0: none waits.';
