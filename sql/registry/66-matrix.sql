-- What is there for whom, what is wanted and not there, and who does the same.
-- Columns of views in registry are only ever appended.

-- A function of language sql would be planned anew for each source of the
-- configuration, three times.
create or replace function sheaf.cover_codes(p_covers text, p_axis text)
returns text[]
language plpgsql immutable strict
set search_path = pg_catalog
as $$
begin
	return (
		select array_agg(distinct case t.m[1] when 'family' then t.m[1] || ':' || t.m[3] else t.m[3] end)
		from regexp_split_to_table(p_covers, '[\s,]+') w
		cross join lateral regexp_match(w, '^(kind|family|sector|country):(?:(about|origin|deployed|target|available):)?(.+)$') t (m)
		where case t.m[1] when 'family' then 'kind' else t.m[1] end = p_axis
		and t.m[2] is distinct from 'origin');
end
$$;

-- --- counting ---------------------------------------------------------------
-- What entries are counted as.  An offer is for the countries where it is
-- available, deployed or aimed at; other things also for those that they are
-- about; a need that names none for the one that it comes from.  Offers and
-- needs count while they are open.
-- (Without search_path, so that it becomes a part of the query that asks.)
create or replace function sheaf.count_as(p_entry_nos bigint[])
returns setof sheaf.counted
language sql stable
as $$
	select c.entry_no,
		c.kind,
		c.family,
		case when c.sectors = '{}' then '{unassigned}' else c.sectors end,
		x.places,
		case when g.groups = '{}' then '{}' else array(
			select v.code from sheaf.vocabulary v
			where v.scheme = 'country' and v.code = any (x.places) and v.ancestors && g.groups
			order by v.code) end,
		g.groups,
		case when c.family = 'offer' then coalesce(k.origins, '{}') else '{}' end,
		case when c.agencies = '{}' then '{unassigned}' else c.agencies end
	from sheaf.composed c
	left join (
		select e.entry_no,
			array_agg(distinct e.code) filter (where e.role in ('available', 'target', 'deployed')) as reach,
			array_agg(distinct e.code) filter (where e.role is distinct from 'origin') as about,
			array_agg(distinct e.code) filter (where e.role = 'origin') as origins
		from sheaf.entry_code e
		where e.entry_no = any (p_entry_nos)
		and e.axis = 'country'
		group by e.entry_no
	) k on k.entry_no = c.entry_no
	cross join lateral (
		select coalesce(case c.family when 'offer' then k.reach when 'need' then coalesce(k.about, k.origins)
			else k.about end, '{unassigned}') as places
	) x
	cross join lateral (
		select case when array_to_string(x.places, ' ') ~ '[0-9]'
			then array(
				-- What another one includes adds nobody.
				select p from unnest(x.places) p
				left join sheaf.vocabulary v on v.scheme = 'country' and v.code = p
				where p ~ '^[0-9]{3}$'
				and not coalesce(v.ancestors && x.places, false)
				order by p)
			else '{}' end as groups
	) g
	where c.entry_no = any (p_entry_nos)
	and (c.family not in ('offer', 'need') or coalesce(c.status, '') not in ('closed', 'fulfilled', 'ended'))
$$;
comment on function sheaf.count_as(bigint[]) is 'What the matrix counts entries as; those that it does not count are left out.';

-- Long rows of the queue are parted first, so that none is written again for
-- each piece.
create or replace function sheaf.count_take(p_most integer)
returns bigint[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
	q record;
	nos bigint[] := '{}';
begin
	for q in select u.uncounted_id, u.entry_nos from sheaf.uncounted u order by u.uncounted_id loop
		exit when cardinality(nos) > 0 and cardinality(nos) + cardinality(q.entry_nos) > p_most;
		delete from sheaf.uncounted u where u.uncounted_id = q.uncounted_id;
		if cardinality(q.entry_nos) > p_most then
			insert into sheaf.uncounted (entry_nos)
			select array_agg(x.entry_no)
			from unnest(q.entry_nos[p_most + 1:]) with ordinality as x (entry_no, n)
			group by (x.n - 1) / p_most
			order by (x.n - 1) / p_most;
			return q.entry_nos[1:p_most];
		end if;
		nos := nos || q.entry_nos;
	end loop;
	return nos;
end
$$;
comment on function sheaf.count_take(integer) is 'Takes at most so many entries from sheaf.uncounted.';

-- All rows of entries that count as something else than before: what they were
-- and what they are now.  Whoever adds up the cells of all agencies counts an
-- entry of two agencies twice; a row with the agency * takes that away again,
-- and so do sectors.  Most entries have one of each, and so no such row.
create or replace function sheaf.count_entries(p_entry_nos bigint[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
-- The session of resolve joins by indexes alone; here sets are joined that have none.
set enable_hashjoin = on
set enable_mergejoin = on
set plan_cache_mode = force_custom_plan
set jit = off
as $$
declare
	empty tid[];
begin
	with pair as materialized (
		select w.c as w, i.c as i, coalesce(w.entry_no, i.entry_no) as entry_no
		from (select c, c.entry_no from sheaf.counted c where c.entry_no = any (p_entry_nos)) w
		full join (select c, c.entry_no from sheaf.count_as(p_entry_nos) c) i on i.entry_no = w.entry_no
		where w.c is distinct from i.c
	), e as materialized (
		select 1 as sign, (p.i).* from pair p where (p.i).entry_no is not null
		union all
		select -1, (p.w).* from pair p where (p.w).entry_no is not null
	), gone as (
		delete from sheaf.counted c
		using pair p
		where p.i is null
		and c.entry_no = p.entry_no
	), put as (
		insert into sheaf.counted as c
		select (p.i).* from pair p where (p.i).entry_no is not null
		on conflict (entry_no) do update set kind = excluded.kind, family = excluded.family,
			sectors = excluded.sectors, places = excluded.places, also = excluded.also, groups = excluded.groups,
			origins = excluded.origins, agencies = excluded.agencies
	), reach as (
		insert into sheaf.reach (place, groups)
		select distinct '#' || array_to_string(e.groups, ' '), e.groups
		from e
		where e.sign = 1
		and e.groups <> '{}'
		on conflict do nothing
	), away as (
		-- One by one along the key: how many there are is not foreseen.
		delete from sheaf.cell_entry x
		where x.ctid = any (array(
			select y.ctid
			from pair p
			cross join lateral unnest((p.w).places) u
			cross join lateral unnest((p.w).sectors) s
			cross join lateral (
				select z.ctid
				from sheaf.cell_entry z
				where z.place = u
				and z.sector = s
				and z.kind = (p.w).kind
				and z.entry_no = p.entry_no
				offset 0
			) y
			where (p.i).kind is distinct from (p.w).kind
			or not u = any ((p.i).places)
			or not s = any ((p.i).sectors)))
	), come as (
		insert into sheaf.cell_entry (place, sector, kind, entry_no, family)
		select u, s, (p.i).kind, p.entry_no, (p.i).family
		from pair p
		cross join lateral unnest((p.i).places) u
		cross join lateral unnest((p.i).sectors) s
		where ((p.i).kind, (p.i).family) is distinct from ((p.w).kind, (p.w).family)
		or not u = any ((p.w).places)
		or not s = any ((p.w).sectors)
		order by 1, 2, 3, 4
		on conflict (place, sector, kind, entry_no) do update set family = excluded.family
	), d as (
		select x.place, x.sector, x.kind, x.agency, x.other, max(x.family) as family, sum(x.n) as n, sum(x.also) as also
		from (
			select p.place, s.sector, e.kind, a.agency, a.other, e.family,
				e.sign * s.n * a.n as n, e.sign * s.n * a.n * p.also as also
			from e
			cross join lateral (
				select u, 1 from unnest(e.sectors) u
				union all select '*', 1 - cardinality(e.sectors) where cardinality(e.sectors) > 1
			) s (sector, n)
			cross join lateral (
				select u, (u = any (e.also))::integer from unnest(e.places) u
				union all select '*', 0
				union all select '#' || array_to_string(e.groups, ' '), 0 where e.groups <> '{}'
			) p (place, also)
			cross join lateral (
				select u, '', 1 from unnest(e.agencies) u
				union all select '*', '', 1 - cardinality(e.agencies) where cardinality(e.agencies) > 1
				union all select u, v, 1 from unnest(e.agencies) u, unnest(e.agencies) v
					where cardinality(e.agencies) > 1 and u collate "C" < v collate "C"
			) a (agency, other, n)
			union all
			select '!' || o, s, e.kind, '', '', e.family, e.sign, 0
			from e
			cross join lateral unnest(e.origins) o
			cross join lateral unnest(e.sectors) s
			where e.origins <> '{}'
			and e.places = '{unassigned}'
		) x
		group by x.place, x.sector, x.kind, x.agency, x.other
		having sum(x.n) <> 0 or sum(x.also) <> 0
		order by 1, 2, 3, 4, 5
	), u as (
		insert into sheaf.cell as c (place, sector, kind, agency, other, family, n, also)
		select d.place, d.sector, d.kind, d.agency, d.other, d.family, d.n, d.also from d
		on conflict (place, sector, kind, agency, other)
			do update set n = c.n + excluded.n, also = c.also + excluded.also
		returning c.ctid, c.n, c.also
	)
	select array_agg(u.ctid) into empty from u where u.n = 0 and u.also = 0;
	delete from sheaf.cell c where c.ctid = any (empty);
end
$$;
comment on function sheaf.count_entries(bigint[]) is 'Brings the matrix up to date with these entries.';

create or replace function sheaf.recount()
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
	perform from sheaf.matrix x for update;
	truncate sheaf.counted, sheaf.cell, sheaf.cell_entry, sheaf.reach;
	update sheaf.matrix x set vocabulary = '' where true;
	-- First: what is composed meanwhile is queued anew.
	delete from sheaf.uncounted u where true;
	insert into sheaf.uncounted (entry_nos)
	select array_agg(x.entry_no order by x.entry_no)
	from (select c.entry_no, row_number() over (order by c.entry_no) - 1 as n from sheaf.composed c) x
	group by x.n / 1000
	order by x.n / 1000;
end
$$;
comment on function sheaf.recount() is 'Empties the matrix and has all entries counted anew; it is not whole until sheaf.uncounted is empty.';

create or replace function sheaf.count_some(p_most integer)
returns integer
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
	most integer := least(p_most, 10000);
	at timestamptz := clock_timestamp();
	m sheaf.matrix;
	is_idle boolean := not exists (select from sheaf.uncounted);
	digest text;
	nos bigint[];
begin
	if coalesce(most, 0) <= 0 then
		return 0;
	end if;
	select * into m from sheaf.matrix x;
	-- Of many sources one is always another one: they may take a twentieth of the time.
	if m.covered_at < at - (case when is_idle then 20 * m.cover_cost else interval '1 minute' end) then
		digest := sheaf.source_digest();
	end if;
	-- An idle registry writes nothing, and takes no transaction's number.
	if is_idle
		and coalesce(digest = m.sources, true)
		and not exists (select from sheaf.vocabulary_state v where v.digest <> m.vocabulary) then
		return 0;
	end if;
	-- One at a time: what is taken away has to be what was added.
	select * into m from sheaf.matrix x for update;
	nos := sheaf.count_take(most);
	if digest <> m.sources then
		perform sheaf.cover_all();
		update sheaf.matrix x
		set sources = digest, covered_at = at, cover_cost = clock_timestamp() - at
		where true;
	elsif digest is not null then
		update sheaf.matrix x set covered_at = at where true;
	end if;
	if m.vocabulary = '' and not exists (select from sheaf.counted) then
		update sheaf.matrix x set vocabulary = v.digest from sheaf.vocabulary_state v;
	elsif nos = '{}' then
		update sheaf.matrix x set vocabulary = v.digest from sheaf.vocabulary_state v where x.vocabulary <> v.digest;
		if found then
			insert into sheaf.uncounted (entry_nos)
			select array_agg(x.entry_no)
			from (select c.entry_no, row_number() over () as n from sheaf.counted c where c.groups <> '{}') x
			group by x.n / most;
			nos := sheaf.count_take(most);
		end if;
	end if;
	if nos = '{}' then
		return 0;
	end if;
	perform sheaf.count_entries(array(select distinct n from unnest(nos) n order by n));
	update sheaf.matrix x set refreshed_at = at where true;
	return cardinality(nos);
end
$$;
comment on function sheaf.count_some(integer) is 'Counts at most so many entries of sheaf.uncounted into the matrix: how many it took; 0: none waits, and nothing was written where nothing is new. What sources are good for is looked at, too.';

-- --- what sources cover, and how they are -------------------------------------
create or replace view sheaf.source_state as
select s.source_id,
	s.name as source,
	s.agency,
	case when s.covers = '' and s.kind <> '' then array[s.kind] else s.cover_kinds end as kinds,
	s.cover_sectors as sectors,
	s.cover_countries as countries,
	h.why,
	case
		when h.why in ('not harvested', 'never harvested') then null
		when h.why in ('failed', 'partial') then s.last_error_at
		when h.why = 'stale' then s.last_success
		when h.why is not null then s.state_at end as since,
	case when h.why is null then t.stale_at else '-infinity' end as known_until,
	case
		when h.why is null or h.why in ('partial', 'stale') then 'infinity'
		when h.why in ('not harvested', 'never harvested') then '-infinity'
		else coalesce(t.stale_at, '-infinity') end as some_until
from sheaf.source s
cross join lateral (
	select s.last_success + greatest(3 * s.interval_ms * interval '1 ms', interval '1 day') as stale_at
	offset 0
) t
cross join lateral (
	select case
		when s.protocol = 'none' then 'not harvested'
		when s.last_success is null and s.active = 0 and s.last_outcome in ('failed', 'suspicious') then 'failed'
		when s.last_success is null and s.active = 0 then 'never harvested'
		when not s.configured then 'frozen'
		when s.state in ('paused', 'held') then s.state
		when s.last_outcome in ('failed', 'suspicious') then 'failed'
		when s.last_outcome = 'partial' or s.last_success is null then 'partial'
		when t.stale_at < now() then 'stale' end as why
	offset 0
) h
where s.state <> 'retired'
and (s.configured or s.protocol <> 'none');
comment on view sheaf.source_state is 'What a source could fill, and why what it filled is not to be relied on.';
comment on column sheaf.source_state.source_id is 'Its number.';
comment on column sheaf.source_state.source is 'Its name.';
comment on column sheaf.source_state.agency is 'Its agency.';
comment on column sheaf.source_state.kinds is 'Kinds and families; null: all.';
comment on column sheaf.source_state.sectors is 'Sectors; null: all.';
comment on column sheaf.source_state.countries is 'Countries and groups; null: all.';
comment on column sheaf.source_state.why is 'not harvested, never harvested, failed, partial, stale, paused, held or frozen; null: all is well.';
comment on column sheaf.source_state.since is 'Since when.';
comment on column sheaf.source_state.known_until is 'All that it has is known until then, if it is not harvested again.';
comment on column sheaf.source_state.some_until is 'Its entries are here until then, though old or not all of them.';

create or replace function sheaf.source_digest()
returns text
language sql stable
set search_path = pg_catalog, pg_temp
set jit = off
as $$
	select coalesce(sum(hash_record_extended((s.source, s.agency, s.kinds, s.sectors, s.countries, s.why, s.since,
		s.known_until, s.some_until), 0)), 0)::text
	from sheaf.source_state s
$$;
comment on function sheaf.source_digest() is 'Another one when sources are not what they were.';

create or replace function sheaf.cover_all()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
-- What was made last time may be another size than was ever analysed.
set enable_hashjoin = on
set enable_nestloop = off
set jit = off
as $$
begin
	with s as materialized (
		-- Many sources declare the same, or nothing.
		select x.kinds, x.sectors, x.countries, min(x.known_until) as known_until, max(x.some_until) as some_until,
			coalesce((array_agg(x.bad order by x.bad) filter (where x.bad is not null))[1:20], '{}') as bad
		from (
			select t.*, case when t.why is not null then
				((t.some_until > now())::integer || t.source || E'\t' || jsonb_strip_nulls(jsonb_build_object(
					'source', t.source, 'agency', t.agency, 'why', t.why, 'since', t.since))) collate "C" end as bad
			from sheaf.source_state t
		) x
		group by x.kinds, x.sectors, x.countries
	), n as materialized (
		select c as country, e as sector, k as kind, min(s.known_until) as known_until, max(s.some_until) as some_until,
			coalesce((array_agg(b collate "C" order by b collate "C") filter (where b is not null))[1:20], '{}') as bad
		from s
		cross join lateral unnest(coalesce(s.countries, '{*}') || '?'::text) c
		cross join lateral unnest(coalesce(s.sectors, '{*}') || '?'::text) e
		cross join lateral unnest(coalesce(s.kinds, '{*}') || '?'::text) k
		left join lateral unnest(s.bad) b on true
		group by c, e, k
	), gone as (
		delete from sheaf.cover o
		where not exists (select from n where n.country = o.country and n.sector = o.sector and n.kind = o.kind)
	)
	insert into sheaf.cover as o (country, sector, kind, known_until, some_until, bad)
	select n.country, n.sector, n.kind, n.known_until, n.some_until, n.bad from n
	on conflict (country, sector, kind) do update
		set known_until = excluded.known_until, some_until = excluded.some_until, bad = excluded.bad
		where (o.known_until, o.some_until, o.bad) is distinct from (excluded.known_until, excluded.some_until, excluded.bad);
end
$$;
comment on function sheaf.cover_all() is 'Makes sheaf.cover anew.';

create or replace function sheaf.cell_said(p_sector text, p_kinds text[], p_country text)
returns jsonb
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
	sectors text[] := case when p_sector in ('unassigned', '*') then '{?}' else array[p_sector, '*'] end;
	countries text[] := case when p_country in ('unassigned', '*') then '{?}' else array[p_country, '*'] || coalesce((
		select v.ancestors from sheaf.vocabulary v where v.scheme = 'country' and v.code = p_country), '{}') end;
	known_until timestamptz;
	some_until timestamptz;
	reasons jsonb;
begin
	select min(c.known_until), max(c.some_until)
	into known_until, some_until
	from sheaf.cover c
	where c.country = any (countries) and c.sector = any (sectors) and c.kind = any (p_kinds);
	if known_until is null then
		return '{"state": "unknown", "reasons": [{"why": "undeclared"}]}';
	elsif known_until > now() then
		return '{"state": "known", "reasons": []}';
	end if;
	select ('[' || string_agg(substr(x.b, strpos(x.b, E'\t') + 1), ',' order by x.b) || ']')::jsonb
	into reasons
	from (
		select distinct b collate "C" as b
		from sheaf.cover c
		cross join lateral unnest(c.bad) b
		where c.country = any (countries) and c.sector = any (sectors) and c.kind = any (p_kinds)
		order by 1
		limit 20
	) x;
	return jsonb_build_object('state', case when some_until > now() then 'partial' else 'unknown' end,
		-- Nobody has looked since.
		'reasons', coalesce(reasons, jsonb_build_array(jsonb_build_object('why', 'stale', 'since', known_until))));
end
$$;
comment on function sheaf.cell_said(text, text[], text) is 'Whether what the matrix says of a sector, kind and country is known, over all sources that are declared to cover it: {state: known, partial or unknown; reasons: the first twenty sources that are not well}. The kinds are what such sources name, * for none, or ? alone: whatever they name; sector and country may be unassigned, or *: whichever.';

-- Codes of the axes, and what a source may name to cover them; null: any does.
create or replace view sheaf.axis as
select v.scheme as axis, v.code,
	case v.scheme when 'kind' then array[v.code::text] || array(select 'family:' || p from unnest(v.parents) p)
		when 'country' then v.code::text || v.ancestors
		else array[v.code::text] end as names,
	case v.scheme when 'kind' then v.parents[1] end as family
from sheaf.vocabulary v
union all
select x.axis, x.code, null, case x.axis when 'kind' then 'unassigned' end
from (values ('kind', 'unassigned'), ('sector', 'unassigned'), ('country', 'unassigned'), ('sector', '*'), ('country', '*'))
	as x (axis, code);
comment on view sheaf.axis is 'The axes of the matrix.';
comment on column sheaf.axis.axis is 'kind, sector or country; other schemes are of no use here.';
comment on column sheaf.axis.code is 'A code; unassigned; or *: whichever.';
comment on column sheaf.axis.names is 'What of the axis a source that covers it names: itself, or what it belongs to; null: anything.';
comment on column sheaf.axis.family is 'Family of a kind.';

-- --- coverage -----------------------------------------------------------------
create or replace view sheaf.cell_country as
select x.sector, x.kind, x.country, x.agency, x.other, max(x.family) as family,
	sum(x.direct) as direct, sum(x.inherited) as inherited
from (
	select c.sector, c.kind, c.place as country, c.agency, c.other, c.family, c.n as direct, -c.also as inherited
	from sheaf.cell c
	where c.place >= '0'
	union all
	select c.sector, c.kind, v.code, c.agency, c.other, c.family, 0, c.n
	from sheaf.vocabulary v
	join sheaf.reach r on r.groups && v.ancestors
	join sheaf.cell c on c.place = r.place
	where v.scheme = 'country'
	union all
	select c.sector, c.kind, c.place, c.agency, c.other, c.family, c.n, 0
	from sheaf.cell c
	where c.place = '*'
) x
group by x.sector, x.kind, x.country, x.agency, x.other;
comment on view sheaf.cell_country is 'Cells by country: who names it, and who names a group that it belongs to.';
comment on column sheaf.cell_country.sector is 'As in sheaf.cell.';
comment on column sheaf.cell_country.kind is 'As in sheaf.cell.';
comment on column sheaf.cell_country.country is 'A country or group, or unassigned; *: whatever country.';
comment on column sheaf.cell_country.agency is 'As in sheaf.cell.';
comment on column sheaf.cell_country.other is 'As in sheaf.cell.';
comment on column sheaf.cell_country.family is 'As in sheaf.cell.';
comment on column sheaf.cell_country.direct is 'Entries that name the country.';
comment on column sheaf.cell_country.inherited is 'Entries that name only a group that includes it.';

-- A row for each cell of all agencies, so that its state is asked once.  Cells
-- are not written again when a kind becomes one of another family.
create or replace view sheaf.cell_counts as
select c.sector, c.kind, c.country, coalesce(max(v.parents[1]), max(c.family)) as family,
	array_agg(c.agency) filter (where c.other = '') as agencies,
	array_agg(c.direct) filter (where c.other = '') as direct,
	array_agg(c.inherited) filter (where c.other = '') as inherited,
	jsonb_object_agg(c.agency || ' ' || c.other, c.direct + c.inherited) filter (where c.other <> '') as shared,
	case c.kind when 'unassigned' then '{?}' else array[c.kind, 'family:' || coalesce(max(v.parents[1]), max(c.family)), '*'] end as kinds
from sheaf.cell_country c
left join sheaf.vocabulary v on v.scheme = 'kind' and v.code = c.kind
where c.sector <> '*'
and c.agency > '*'
and c.country <> '*'
and c.direct + c.inherited > 0
group by c.sector, c.kind, c.country;
comment on view sheaf.cell_counts is 'Cells with what each agency has in them.';
comment on column sheaf.cell_counts.sector is 'As in sheaf.cell.';
comment on column sheaf.cell_counts.kind is 'As in sheaf.cell.';
comment on column sheaf.cell_counts.country is 'As in sheaf.cell_country.';
comment on column sheaf.cell_counts.family is 'Family of the kind.';
comment on column sheaf.cell_counts.agencies is 'The agencies.';
comment on column sheaf.cell_counts.direct is 'How many entries of each name the country.';
comment on column sheaf.cell_counts.inherited is 'How many of each name only a group that includes it.';
comment on column sheaf.cell_counts.shared is '{"AGENCY OTHER": entries that both list}.';
comment on column sheaf.cell_counts.kinds is 'What sheaf.cell_said() is asked with.';

create or replace view registry.coverage as
select g.sector::text, g.kind::text, g.country::text, a.agency::text, a.direct::bigint, a.inherited::bigint,
	(a.direct + a.inherited)::bigint as entries, t.said ->> 'state' as state, t.said -> 'reasons' as reasons,
	m.refreshed_at, g.family
from sheaf.cell_counts g
cross join sheaf.matrix m
cross join lateral (select sheaf.cell_said(g.sector, g.kinds, g.country) as said offset 0) t
cross join lateral unnest(g.agencies, g.direct, g.inherited) a (agency, direct, inherited);
comment on view registry.coverage is 'How many entries there are of a kind in a sector, for a country, listed by an agency: cells that have any. Ask with a sector or a country; of an agency, ask registry.coverage_of().';
comment on column registry.coverage.sector is 'Code of the sector; unassigned where an entry has none.';
comment on column registry.coverage.kind is 'Code of the kind, or unassigned.';
comment on column registry.coverage.country is 'A country or a group of countries (001: the World); unassigned where an entry says of none that it is for it.';
comment on column registry.coverage.agency is 'Agency that lists the entries.';
comment on column registry.coverage.direct is 'Entries that name the country itself.';
comment on column registry.coverage.inherited is 'Entries that do not name it, but a group that it belongs to.';
comment on column registry.coverage.entries is 'Both together; an entry counts once.';
comment on column registry.coverage.state is 'known, partial or unknown, over all sources that are declared to cover the sector, kind and country.';
comment on column registry.coverage.reasons is 'Why it is not known: [{source, agency, why, since}, …]; why is failed, never harvested, not harvested, stale, partial, paused, held, frozen or undeclared; without a source, nobody has looked since.';
comment on column registry.coverage.refreshed_at is 'When the counts were last brought up to date.';
comment on column registry.coverage.family is 'Family of the kind: offer, need, knowledge, activity, actor or unassigned.';

create or replace function registry.coverage_of(p_agency text)
returns table (sector text, kind text, country text, direct bigint, inherited bigint, entries bigint, state text,
	reasons jsonb, refreshed_at timestamptz, family text)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
as $$
	select c.sector::text, c.kind::text, c.country::text, c.direct::bigint, c.inherited::bigint, (c.direct + c.inherited)::bigint,
		t.said ->> 'state', t.said -> 'reasons', m.refreshed_at, f.family
	from sheaf.cell_country c
	cross join sheaf.matrix m
	left join sheaf.vocabulary v on v.scheme = 'kind' and v.code = c.kind
	cross join lateral (select coalesce(v.parents[1], c.family) as family) f
	cross join lateral (
		select sheaf.cell_said(c.sector,
			case c.kind when 'unassigned' then '{?}' else array[c.kind, 'family:' || f.family, '*'] end, c.country) as said
		offset 0
	) t
	where c.agency = p_agency
	and c.agency > '*'
	and c.other = ''
	and c.sector <> '*'
	and c.country <> '*'
	and c.direct + c.inherited > 0
	order by 6 desc, 1, 2, 3
$$;
comment on function registry.coverage_of(text) is 'The rows of registry.coverage of an agency, the most entries first, without reading those of all others.';

create or replace view registry.coverage_entry as
select e.sector::text, e.kind::text, e.place::text as country, a.agency, c.entry_id, true as is_direct, e.family
from sheaf.cell_entry e
-- What the others are by their entry, too, so that it can be found by its own key.
join sheaf.counted t on t.entry_no = e.entry_no and e.place = any (t.places) and e.sector = any (t.sectors) and e.kind = t.kind
join sheaf.composed c on c.entry_no = e.entry_no
cross join lateral unnest(t.agencies) a (agency)
union all
select e.sector::text, e.kind::text, v.code::text, a.agency, c.entry_id, false, e.family
from sheaf.vocabulary v
join sheaf.cell_entry e on e.place = any (v.ancestors)
join sheaf.counted t on t.entry_no = e.entry_no and e.place = any (t.places) and e.sector = any (t.sectors) and e.kind = t.kind
join sheaf.composed c on c.entry_no = e.entry_no
cross join lateral unnest(t.agencies) a (agency)
where v.scheme = 'country'
and not v.code = any (t.places)
-- Of several groups, the first one stands for all.
and e.place = (select min(g collate "C") from unnest(t.groups) g where g = any (v.ancestors));
comment on view registry.coverage_entry is 'The entries behind a cell of registry.coverage. Ask with a sector and a country, or with an entry.';
comment on column registry.coverage_entry.sector is 'As in registry.coverage.';
comment on column registry.coverage_entry.kind is 'As in registry.coverage.';
comment on column registry.coverage_entry.country is 'As in registry.coverage.';
comment on column registry.coverage_entry.agency is 'As in registry.coverage.';
comment on column registry.coverage_entry.entry_id is 'The entry.';
comment on column registry.coverage_entry.is_direct is 'It names the country itself, not a group that it belongs to.';
comment on column registry.coverage_entry.family is 'As in registry.coverage.';

create or replace function registry.coverage_map(p_country text default null, p_family text default 'offer')
returns table (sector text, kind text, direct bigint, inherited bigint, entries bigint, agencies bigint,
	state text, reasons jsonb, refreshed_at timestamptz, family text)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
as $$
	select nullif(s.code::text, '*'), k.code::text, coalesce(n.direct, 0), coalesce(n.inherited, 0),
		coalesce(n.direct + n.inherited, 0), coalesce(n.agencies, 0), t.said ->> 'state', t.said -> 'reasons', m.refreshed_at, k.family
	from sheaf.axis s
	cross join sheaf.axis k
	cross join sheaf.matrix m
	join sheaf.axis p on p.axis = 'country' and p.code = coalesce(p_country, '*')
	left join (
		select coalesce(c.sector, '*') as sector, c.kind,
			sum(c.direct)::bigint as direct,
			sum(c.inherited)::bigint as inherited,
			count(distinct c.agency) filter (where c.agency <> '*') as agencies
		from sheaf.cell_country c
		where c.country = coalesce(p_country, '*')
		and c.other = ''
		and (p_family is null or c.kind = any (array(
			select a.code from sheaf.axis a where a.axis = 'kind' and a.family = p_family)))
		group by grouping sets ((c.sector, c.kind), (c.kind))
		having grouping(c.sector) = 1 or c.sector <> '*'
	) n on n.sector = s.code and n.kind = k.code
	cross join lateral (
		select sheaf.cell_said(s.code, case when k.names is null then '{?}' else k.names || '*'::text end, p.code) as said
		offset 0
	) t
	where s.axis = 'sector'
	and k.axis = 'kind'
	and (p_family is null or k.family = p_family)
	and (p_country is distinct from '*')
	order by k.family, k.code, s.code
$$;
comment on function registry.coverage_map(text, text) is 'All sectors by all kinds of a family (null: of all), empty cells too, each entry once however many agencies list it: for a country, or for any (null). A row with sector null is for all sectors, each entry once.';

-- --- gaps ---------------------------------------------------------------------
-- Whether offers of a sector reach a place is the same for all its needs.  A
-- platform is where offers are found and answers no need: there is one for the
-- World in every sector.
create or replace view registry.gap as
select c.entry_id, e.sector::text, e.place::text as country,
	case when w.anywhere = 0 then 'nowhere'
		when e.sector = 'unassigned' or e.place = 'unassigned' then 'undecided'
		when o.from_there > 0 then 'origin'
		else 'elsewhere' end as level,
	case when o.from_there > 0 then o.from_there else w.anywhere end as offers,
	case when e.sector = 'unassigned' or e.place = 'unassigned' then 'unknown' else t.said ->> 'state' end as state,
	case when e.sector = 'unassigned' then '[{"why": "the need names no sector"}]'::jsonb else '[]' end
		|| case when e.place = 'unassigned' then '[{"why": "the need names no country"}]'::jsonb else '[]' end
		|| (t.said -> 'reasons') as reasons,
	m.refreshed_at, e.kind::text
from sheaf.cell_entry e
join sheaf.composed c on c.entry_no = e.entry_no
cross join sheaf.matrix m
cross join (
	select array(select v.code from sheaf.vocabulary v
		where v.scheme = 'kind' and v.parents[1] = 'offer' and v.code <> 'platform') as kinds
	offset 0
) k
cross join lateral (
	select coalesce(case e.sector
		when 'unassigned' then (
			select sum(a.n) from sheaf.cell a
			where a.place = '*'
			and a.other = ''
			and a.kind = any (k.kinds))
		else (
			select sum(a.n) from sheaf.cell a
			where a.place = '*'
			and a.sector = e.sector
			and a.other = ''
			and a.kind = any (k.kinds))
		end, 0)::bigint as anywhere
	offset 0
) w
cross join lateral (
	select coalesce((
			select sum(a.n) from sheaf.cell a
			where a.place = '!' || e.place
			and a.sector = nullif(e.sector, 'unassigned')
			and a.kind = any (k.kinds)), 0)::bigint as from_there,
		e.sector <> 'unassigned' and (
			exists (
				select from sheaf.cell a
				where a.place = case e.place when 'unassigned' then '001' else e.place end
				and a.sector = e.sector
				and a.agency > '*'
				and a.kind = any (k.kinds))
			or exists (
				select from sheaf.vocabulary v
				join sheaf.reach r on r.groups && v.ancestors
				join sheaf.cell a on a.place = r.place
				where v.scheme = 'country'
				and v.code = e.place
				and a.sector = e.sector
				and a.agency > '*'
				and a.kind = any (k.kinds))) as is_answered
	offset 0
) o
cross join lateral (
	select sheaf.cell_said(e.sector, array['family:offer', 'platform', '*'] || k.kinds, e.place) as said
	offset 0
) t
where e.family = 'need'
and not o.is_answered;
comment on view registry.gap is 'An open need in a sector and country for which no offer of the sector reaches the country. Platforms, where offers are found, are none.';
comment on column registry.gap.entry_id is 'The need.';
comment on column registry.gap.sector is 'A sector of it, or unassigned.';
comment on column registry.gap.country is 'A country of it, or unassigned.';
comment on column registry.gap.level is 'nowhere: no offer of the sector at all; elsewhere: none that reaches the country; origin: only such as come from it and do not say whom they are for; undecided: the need names no sector or no country, and may have an offer.';
comment on column registry.gap.offers is 'The nearest offers: those that come from the country, or else all of the sector.';
comment on column registry.gap.state is 'known, partial or unknown, over all sources that are declared to cover offers of the sector for the country, platforms too, where one may be found.';
comment on column registry.gap.reasons is 'As in registry.coverage.';
comment on column registry.gap.refreshed_at is 'As in registry.coverage.';
comment on column registry.gap.kind is 'Kind of the need.';

-- --- synergy ------------------------------------------------------------------
create or replace view registry.synergy as
select a.agency::text as agency_a, b.agency::text as agency_b, g.sector::text, g.kind::text, g.country::text,
	a.n as entries_a, b.n as entries_b, coalesce((g.shared ->> (a.agency || ' ' || b.agency))::bigint, 0) as shared,
	t.said ->> 'state' as state, m.refreshed_at, t.said -> 'reasons' as reasons, g.family
from sheaf.cell_counts g
cross join sheaf.matrix m
cross join lateral (select sheaf.cell_said(g.sector, g.kinds, g.country) as said offset 0) t
cross join lateral (
	select x.agency, (x.direct + x.inherited)::bigint as n from unnest(g.agencies, g.direct, g.inherited) x (agency, direct, inherited)
) a
join lateral (
	select x.agency, (x.direct + x.inherited)::bigint as n from unnest(g.agencies, g.direct, g.inherited) x (agency, direct, inherited)
) b on b.agency > a.agency
where cardinality(g.agencies) > 1;
comment on view registry.synergy is 'Two agencies with entries of one kind in one sector for one country. Ask with a sector or a country.';
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

create or replace function registry.synergy_map(p_country text default null, p_family text default 'offer')
returns table (agency_a text, agency_b text, sector text, kind text, entries_a bigint, entries_b bigint, shared bigint,
	refreshed_at timestamptz)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
as $$
	select a.agency, b.agency, nullif(g.sector, '*'), g.kind, a.n, b.n,
		coalesce((g.shared ->> (a.agency || ' ' || b.agency))::bigint, 0), m.refreshed_at
	from (
		select c.sector, c.kind,
			array_agg(c.agency) filter (where c.other = '' and c.n > 0) as agencies,
			array_agg(c.n) filter (where c.other = '' and c.n > 0) as counts,
			jsonb_object_agg(c.agency || ' ' || c.other, c.n) filter (where c.other <> '') as shared
		from (
			select coalesce(x.sector, '*') as sector, x.kind, x.agency, x.other, sum(x.direct + x.inherited)::bigint as n
			from sheaf.cell_country x
			where x.country = coalesce(p_country, '*')
			and (p_family is null or x.kind = any (array(
				select a.code from sheaf.axis a where a.axis = 'kind' and a.family = p_family)))
			and x.agency > '*'
			and p_country is distinct from '*'
			group by grouping sets ((x.sector, x.kind, x.agency, x.other), (x.kind, x.agency, x.other))
			having grouping(x.sector) = 1 or x.sector <> '*'
		) c
		group by c.sector, c.kind
	) g
	cross join sheaf.matrix m
	cross join lateral unnest(g.agencies, g.counts) a (agency, n)
	join lateral unnest(g.agencies, g.counts) b (agency, n) on b.agency > a.agency
	order by 7 desc, least(a.n, b.n) desc, 1, 2, 4, 3
$$;
comment on function registry.synergy_map(text, text) is 'Pairs of agencies with entries of one kind in one sector, for a country or for any (null), each entry once; those that share most first. A row with sector null is for all sectors.';

-- --- the offers nearest to a need ---------------------------------------------
create or replace function sheaf.words_of(p_texts text[])
returns text[]
language sql stable
set search_path = pg_catalog, pg_temp
as $$
	select array_agg(distinct w order by w)
	from unnest(p_texts) x,
	unnest(tsvector_to_array(to_tsvector('simple', left(x, 2000)))) w
	where length(w) > 3
	or w !~ '^[[:ascii:]]*$'
$$;
comment on function sheaf.words_of(text[]) is 'The words of texts that may say what they are about.';

-- Candidates are found by what they share with the need, each way bounded, so
-- that it takes no longer in a large registry; all of them are ranked.
create or replace function registry.need_offers(p_need uuid, p_max integer default 20)
returns table (entry_id uuid, rank real, reasons jsonb)
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
	need record;
	near text[];
	subjects text[];
	about text[];
	kinds text[];
	candidates bigint[];
	answers bigint[];
	alike bigint[];
begin
	select c.entry_no, c.entry_id, c.title, c.abstract, t.sectors, t.places[1:10] as places
	into need
	from sheaf.composed c
	join sheaf.counted t on t.entry_no = c.entry_no and t.family = 'need'
	where c.entry_id = p_need;
	if not found or coalesce(p_max, 0) <= 0 then
		return;
	end if;
	near := array(
		select p from unnest(need.places) p
		union select a from unnest(need.places) p
		join sheaf.vocabulary v on v.scheme = 'country' and v.code = p
		cross join lateral unnest(v.ancestors) a);
	subjects := array(
		select distinct left(lower(s.text), 100) from sheaf.entry_subject s
		where s.entry_no = need.entry_no and s.text is not null
		limit 20);
	about := sheaf.words_of(array[need.title, left(need.abstract, 1000)] || subjects);
	kinds := array(
		select v.code from sheaf.vocabulary v where v.scheme = 'kind' and v.parents[1] = 'offer');

	answers := array(
		select distinct c.entry_no
		from sheaf.member m
		join sheaf.relation r on r.to_record = m.record_id and r.type in ('responds-to', 'responds_to')
		join sheaf.member f on f.record_id = r.from_record and f.active
		join sheaf.composed c on c.entry_id = f.entry_id
		where m.entry_id = need.entry_id
		limit 200);
	alike := array(
		select e.entry_no
		from unnest(subjects) s
		cross join lateral (
			select x.entry_no from sheaf.entry_subject x
			where left(lower(x.text), 100) = s
			limit 100
		) e
		union
		select c.entry_no
		-- What is written without spaces is one long word here, and many there.
		from registry.search(array_to_string((
				select array_agg(case when w ~ '^[\u0000-\u0dff\u1e00-\u1fff]*$' then left(w, 40) else left(w, 4) end
					order by length(w) desc, w)
				from unnest(about) w where w ~ '^[[:alnum:]]+$')[1:6], ' or '),
			'{"families": ["offer"]}', 'relevance', 50) h
		join sheaf.composed c on c.entry_id = h.entry_id);
	candidates := array(
		select unnest(answers || alike)
		union
		select e.entry_no
		from unnest(need.sectors) s
		cross join unnest(near) p
		cross join unnest(kinds) k
		cross join lateral (
			select x.entry_no from sheaf.cell_entry x
			where x.place = p and x.sector = s and x.kind = k
			order by x.entry_no desc
			limit 20
		) e
		where s <> 'unassigned'
		union
		select e.entry_no
		from unnest(need.sectors) s
		cross join lateral (
			select x.entry_no from sheaf.entry_code x
			where x.axis = 'sector' and x.code = s
			order by x.entry_no desc
			limit 200
		) e
		union
		select e.entry_no
		from unnest(need.places) p
		cross join lateral (
			select x.entry_no from sheaf.entry_code x
			where x.axis = 'country' and x.code = p
			order by x.entry_no desc
			limit 200
		) e);

	return query
	with known as (
		select t.entry_no,
			array(select s from unnest(t.sectors) s where s = any (need.sectors) and s <> 'unassigned') as sectors,
			(select p from unnest(t.places) p where p = any (need.places) and p <> 'unassigned' limit 1) as direct,
			(select p from unnest(t.places) p where p = any (near) and p <> 'unassigned' order by p desc limit 1) as inherited,
			(select p from unnest(t.origins) p where p = any (need.places) limit 1) as origin,
			t.entry_no = any (answers) as is_answer,
			t.entry_no = any (alike) as is_alike
		from sheaf.counted t
		where t.entry_no = any (candidates)
		and t.family = 'offer'
	), offer as (
		-- Texts are compared for those alone that may come out first.
		select k.*, c.entry_id,
			sheaf.words_of(array[c.title, left(c.abstract, 1000)]
				|| array(select left(lower(x.text), 100) from sheaf.entry_subject x where x.entry_no = k.entry_no limit 20)) as words,
			array(select distinct left(lower(x.text), 100) from sheaf.entry_subject x
				where x.entry_no = k.entry_no and left(lower(x.text), 100) = any (subjects)) as shared
		from (
			select * from known k
			order by k.is_answer desc,
				(k.sectors <> '{}')::integer * 3 + k.is_alike::integer * 3 + case when k.direct is not null then 3
					when k.inherited is not null then 2 else (k.origin is not null)::integer end desc,
				k.entry_no desc
			limit 250
		) k
		join sheaf.composed c on c.entry_no = k.entry_no
	), told as (
		select o.*,
			-- Of the words of the shorter one, those that the other has.
			coalesce((select count(*) from unnest(o.words) w where w = any (about))
				/ nullif(least(cardinality(o.words), cardinality(about)), 0)::real, 0) as text
		from offer o
	)
	select t.entry_id,
		((case when t.is_answer then 10 else 0 end)
			+ (case when t.sectors <> '{}' then 3 else 0 end)
			+ (case when t.direct is not null then 3 when t.inherited is not null then 2
				when t.origin is not null then 0.5 else 0 end)
			+ 1.5 * least(cardinality(t.shared), 3)
			+ 4 * t.text)::real as rank,
		jsonb_strip_nulls(jsonb_build_object(
			'responds_to', case when t.is_answer then true end,
			'sectors', case when t.sectors <> '{}' then to_jsonb(t.sectors) end,
			'country', case
				when t.direct is not null then jsonb_build_object('code', t.direct, 'reach', 'direct')
				when t.inherited is not null then jsonb_build_object('code', t.inherited, 'reach', 'inherited')
				when t.origin is not null then jsonb_build_object('code', t.origin, 'reach', 'origin') end,
			'subjects', case when t.shared <> '{}' then to_jsonb(t.shared) end,
			'text', case when t.text > 0 then to_jsonb(round(t.text::numeric, 2)) end))
	from told t
	where t.is_answer or t.sectors <> '{}' or t.shared <> '{}' or t.text >= 0.25
	order by 2 desc, t.entry_no desc
	limit least(p_max, 100);
end
$$;
comment on function registry.need_offers(uuid, integer) is 'The offers nearest to an open need, best first, at most p_max (at most 100), with what they share: {responds_to: true, sectors: […], country: {code, reach: direct, inherited or origin}, subjects: […], text: share of their words}.';

-- What the above replaced.
drop view if exists sheaf.cell_agencies, sheaf.cell_state, sheaf.source_cover;
