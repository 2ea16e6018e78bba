-- Search.  What makes rows of sheaf.found and what reads them stand together:
-- both have to take words apart in the same way.

-- --- limits ---
create or replace function sheaf.search_limit(p_name text) returns integer
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
	select case p_name
		when 'batch' then 5000            -- entries that one index_some() takes
		when 'title' then 1000            -- characters read of a title, an agent or a subject
		when 'abstract' then 3000         -- of an abstract
		when 'values' then 32             -- titles, agents, subjects, identifiers of an entry
		when 'abstracts' then 8
		when 'query' then 1000            -- characters of a query
		when 'terms' then 32              -- words and alternatives of a query
		when 'lexemes' then 64            -- words that they are parted into
		when 'forms' then 1024            -- of those, in all languages
		when 'parts' then 10000           -- entries that are looked through for a part of a word
		when 'trigrams' then 16           -- of its threes of letters, that are tried
		when 'filter' then 20000          -- bytes of a filter
		when 'codes' then 100             -- codes in one of its lists
		when 'after' then 200             -- characters of a place in a list
		when 'rows' then 100              -- rows that search gives at once
		when 'ranked' then 1000           -- hits that are compared by rank
		when 'readings' then 4            -- ways to read a query that they are compared by
		when 'examined' then 5000         -- rows that are looked at for a page
		when 'counted' then 2000          -- hits that facets are counted over, else estimated
		when 'years' then 40              -- steps back in time
		when 'headline' then 1500         -- characters that a headline is made of
		when 'facet' then 500             -- codes that a facet is shown with
	end
$$;
comment on function sheaf.search_limit(text) is 'A limit of the search by its name.';

-- --- words ---
-- Each language that PostgreSQL knows, without accents.  A configuration that
-- is there stays as it is: texts were read by it.
do $$
declare
	v_name name;
	v_unaccent text := (select format('%I.%I', n.nspname, d.dictname) from pg_catalog.pg_ts_dict d
		join pg_catalog.pg_namespace n on n.oid = d.dictnamespace
		where d.dictname = 'unaccent' order by n.nspname = 'pg_catalog' desc limit 1);
	v_map record;
begin
	for v_name in select c.cfgname from pg_catalog.pg_ts_config c
		where c.cfgnamespace = 'pg_catalog'::regnamespace
		and not exists (select from pg_catalog.pg_ts_config o where o.cfgnamespace = 'sheaf'::regnamespace and o.cfgname = c.cfgname)
	loop
		execute format('create text search configuration sheaf.%I (copy = pg_catalog.%I)', v_name, v_name);
		for v_map in select t.alias, m.mapdict::regdictionary as dict
			from pg_catalog.pg_ts_config_map m
			join pg_catalog.ts_token_type('default') t on t.tokid = m.maptokentype
			where m.mapcfg = format('pg_catalog.%I', v_name)::regconfig and m.mapseqno = 1
			and t.alias in ('word', 'hword', 'hword_part', 'numword', 'numhword', 'hword_numpart') and v_unaccent is not null
		loop
			execute format('alter text search configuration sheaf.%I alter mapping for %s with %s, %s', v_name, v_map.alias, v_unaccent, v_map.dict);
		end loop;
		execute format('comment on text search configuration sheaf.%I is %L', v_name, 'Texts in ' || v_name || ', without accents.');
	end loop;
end
$$;

-- unaccent() is wherever its extension was created.
do $$
declare
	v_name text := (select format('%I.unaccent', n.nspname) from pg_catalog.pg_extension e
		join pg_catalog.pg_namespace n on n.oid = e.extnamespace where e.extname = 'unaccent');
begin
	execute format($f$
		create or replace function sheaf.plain(p_text text) returns text
		language sql immutable strict parallel safe
		set search_path = pg_catalog, pg_temp
		as 'select %s'
	$f$, case when v_name is null then 'lower(p_text)' else 'lower(' || v_name || '(p_text))' end);
	if not exists (select from pg_catalog.pg_class where relnamespace = 'sheaf'::regnamespace and relname = 'found_plain_key') then
		v_name := (select quote_ident(n.nspname) from pg_catalog.pg_extension e
			join pg_catalog.pg_namespace n on n.oid = e.extnamespace where e.extname = 'pg_trgm');
		if v_name is not null then
			execute format('create index found_plain_key on sheaf.found using gin (plain %s.gin_trgm_ops)
				with (fastupdate = on, gin_pending_list_limit = 65536) where plain is not null', v_name);
			comment on index sheaf.found_plain_key is 'By parts of words.';
		end if;
	end if;
	if not exists (select from pg_catalog.pg_class where relnamespace = 'sheaf'::regnamespace and relname = 'found_sample_plain_key') then
		v_name := (select quote_ident(n.nspname) from pg_catalog.pg_extension e
			join pg_catalog.pg_namespace n on n.oid = e.extnamespace where e.extname = 'pg_trgm');
		if v_name is not null then
			execute format('create index found_sample_plain_key on sheaf.found_sample using gin (plain %s.gin_trgm_ops)
				with (fastupdate = off) where plain is not null', v_name);
			comment on index sheaf.found_sample_plain_key is 'By parts of words.';
		end if;
	end if;
end
$$;
comment on function sheaf.plain(text) is 'Lower case, without accents.';

-- Not strict, so that it becomes a part of the statement.
create or replace function sheaf.is_unspaced(p_text text) returns boolean
language sql immutable parallel safe
as $$
	select pg_catalog.octet_length(p_text) operator(pg_catalog.<>) pg_catalog.length(p_text) and p_text operator(pg_catalog.~) '[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f\U00020000-\U0002fa1f]'
$$;
comment on function sheaf.is_unspaced(text) is 'Whether a text has characters of scripts that put no spaces between words: Chinese, Japanese, Korean, Thai, Lao, Khmer, Burmese.';

-- The same of a character, for which this takes a tenth of the time.
create or replace function sheaf.is_unspaced(p_code integer) returns boolean
language sql immutable parallel safe
as $$
	select p_code operator(pg_catalog.>) 3583 and (p_code between 19968 and 40959 or p_code between 12352 and 12543 and p_code operator(pg_catalog.<>) 12539
		or p_code between 3584 and 3839 or p_code between 44032 and 55215 or p_code between 13312 and 19903 or p_code between 4096 and 4255
		or p_code between 6016 and 6143 or p_code between 12784 and 12799 or p_code between 63744 and 64255 or p_code between 65382 and 65439
		or p_code between 131072 and 195103)
$$;
comment on function sheaf.is_unspaced(integer) is 'Whether a character is of a script that puts no spaces between words.';

-- Of 气候变化 are made 气候, 候变, 变化 and 化: any two characters that stand
-- together are found as a word, one alone as the beginning of one.  A query
-- has no need of the last, which is in the pair before.
create or replace function sheaf.pairs(p_text text, p_query boolean) returns text
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
	with pairs as materialized (
		select string_agg(case when sheaf.is_unspaced(ascii(c.c)) then c.c || case when sheaf.is_unspaced(ascii(c.next)) then c.next else '' end || ' '
			when sheaf.is_unspaced(ascii(c.next)) then c.c || ' '
			else c.c end, '') as text
		from (select t.c, lead(t.c) over () as next from unnest(string_to_array(p_text, null)) t(c)) c
	)
	select case when p_query then regexp_replace(text, '([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f\U00020000-\U0002fa1f][\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f\U00020000-\U0002fa1f] +)[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f\U00020000-\U0002fa1f] *$', '\1') else text end from pairs
$$;
comment on function sheaf.pairs(text, boolean) is 'A text in which runs of characters without spaces are pairs of them; for a text, or for a query.';

create or replace function sheaf.worded(p_text text) returns text
language sql immutable parallel safe
as $$
	select case when sheaf.is_unspaced(p_text) then sheaf.pairs(p_text, false) else p_text end
$$;
comment on function sheaf.worded(text) is 'A text as it is taken apart into words.';

create or replace aggregate sheaf.vectors(tsvector) (sfunc = pg_catalog.tsvector_concat, stype = tsvector);
comment on aggregate sheaf.vectors(tsvector) is 'One behind the other.';

create or replace view sheaf.search_language as
select l.lang, format('sheaf.%I', c.cfgname)::regconfig as config, c.cfgname::text as name
from (values ('ar', 'arabic'), ('hy', 'armenian'), ('eu', 'basque'), ('ca', 'catalan'), ('da', 'danish'), ('nl', 'dutch'), ('en', 'english'),
	('fi', 'finnish'), ('fr', 'french'), ('de', 'german'), ('el', 'greek'), ('hi', 'hindi'), ('hu', 'hungarian'), ('id', 'indonesian'),
	('ga', 'irish'), ('it', 'italian'), ('lt', 'lithuanian'), ('ne', 'nepali'), ('no', 'norwegian'), ('nb', 'norwegian'), ('nn', 'norwegian'),
	('pt', 'portuguese'), ('ro', 'romanian'), ('ru', 'russian'), ('sr', 'serbian'), ('es', 'spanish'), ('sv', 'swedish'), ('ta', 'tamil'),
	('tr', 'turkish'), ('yi', 'yiddish'), ('', 'simple')) l(lang, name)
join pg_catalog.pg_ts_config c on c.cfgnamespace = 'sheaf'::regnamespace and c.cfgname = l.name;
comment on view sheaf.search_language is 'The rules by which a language''s texts are read.';
comment on column sheaf.search_language.lang is 'ISO 639-1; empty: all others.';
comment on column sheaf.search_language.config is 'Its text search configuration.';
comment on column sheaf.search_language.name is 'That one''s name.';

-- Its own word, which no text has: no word begins with "=".
-- Without settings of its own, so that it becomes a part of the statement.
create or replace function sheaf.identifier_word(p_value text) returns text
language sql immutable parallel safe
as $$
	select '=' operator(pg_catalog.||) pg_catalog.left(pg_catalog.lower(
		case when p_value operator(pg_catalog.~) '^[0-9][0-9 -]{8,20}[0-9xX]$' then pg_catalog.translate(p_value, ' -', '') else p_value end), 200)
$$;
comment on function sheaf.identifier_word(text) is 'An identifier as a word of a vector.';

-- --- making vectors ---
-- Rows are read one behind the other, since each that is measured is read
-- whole; one that is too long becomes many at once, so it is read once.
drop function if exists sheaf.index_take(integer);
create or replace function sheaf.index_take(p_most integer, p_lane integer, out p_nos bigint[], out p_taken integer)
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_sort = off
as $$
declare
	v_row record;
	v_nos bigint[];
	v_count integer;
	v_ids bigint[] := '{}';
begin
	p_nos := '{}';
	p_taken := 0;
	for v_row in select u.unindexed_id, u.entry_nos from sheaf.unindexed u where u.lane = p_lane and u.at <= now() order by u.unindexed_id limit p_most loop
		v_nos := v_row.entry_nos;
		v_count := cardinality(v_nos);
		exit when p_taken > 0 and p_taken + v_count > p_most;
		v_ids := v_ids || v_row.unindexed_id;
		if v_count > p_most then
			insert into sheaf.unindexed (lane, entry_nos)
			select p_lane, array_agg(x.no order by x.i)
			from unnest(v_nos[p_most + 1:]) with ordinality x(no, i)
			group by (x.i - 1) / p_most
			order by (x.i - 1) / p_most;
			v_nos := v_nos[1:p_most];
			v_count := p_most;
		end if;
		p_nos := p_nos || v_nos;
		-- One with no entries is a step, too.
		p_taken := p_taken + greatest(v_count, 1);
		exit when p_taken >= p_most;
	end loop;
	delete from sheaf.unindexed u where u.unindexed_id = any (v_ids);
	p_nos := array(select distinct x.no from unnest(p_nos) x(no));
end
$$;
comment on function sheaf.index_take(integer, integer) is 'Takes at most so many entries of a lane from sheaf.unindexed, the oldest.';

-- Beside unnest() it says how many there are, so that joins are planned well.
-- What is known of entries is looked up below for each (lateral, offset 0): a
-- join of sets would read all of a table where its statistics are old or the
-- registry is large.
create or replace function sheaf.index_nos(p_nos bigint[]) returns setof bigint
language plpgsql immutable
rows 5000
set search_path = pg_catalog, pg_temp
as $$
begin
	return query select unnest(p_nos);
end
$$;
comment on function sheaf.index_nos(bigint[]) is 'Numbers of entries, in rows.';

-- What is longer than a limit is cut, so that a vector always holds it: 1 MB,
-- and 32 + 8 values with twice their characters stay below.
drop function if exists sheaf.index_texts(bigint[]);
create or replace function sheaf.index_texts(p_nos bigint[])
returns table (entry_no bigint, weight "char", config regconfig, name text, body text, plain text)
language sql stable
rows 20000
set search_path = pg_catalog, pg_temp
as $$
	with language as materialized (
		select l.lang, l.config, l.name from sheaf.search_language l
	), e as materialized (
		select n.no, case when cardinality(c.languages) = 1 then c.languages[1] end as lang
		from sheaf.index_nos(p_nos) n(no)
		cross join lateral (select c.languages from sheaf.composed c where c.entry_no = n.no offset 0) c
	), text as materialized (
		select e.no as entry_no, 'A' as weight, t.n, t.lang, e.lang as own, left(t.text, sheaf.search_limit('title')) as body
		from e cross join lateral (select t.n, t.text, t.lang from sheaf.entry_title t where t.entry_no = e.no and t.n <= sheaf.search_limit('values') offset 0) t
		union all
		select e.no, 'B', t.n, t.lang, e.lang, left(t.text, sheaf.search_limit('title'))
		from e cross join lateral (select t.n, t.text, t.lang from sheaf.entry_subject t where t.entry_no = e.no and t.n <= sheaf.search_limit('values') and t.text <> '' offset 0) t
		union all
		select e.no, 'C', t.n, t.lang, e.lang, left(t.text, sheaf.search_limit('abstract'))
		from e cross join lateral (select t.n, t.text, t.lang from sheaf.entry_abstract t where t.entry_no = e.no and t.n <= sheaf.search_limit('abstracts') offset 0) t
		union all
		select e.no, 'D', t.n, 'x', 'x', left(t.name, sheaf.search_limit('title'))
		from e cross join lateral (select t.n, t.name from sheaf.entry_agent t where t.entry_no = e.no and t.n <= sheaf.search_limit('values') offset 0) t
	), known as materialized (
		select t.*, octet_length(t.body) = length(t.body) as is_ascii,
			coalesce(t.lang, case when octet_length(t.body) = length(t.body)
				or t.body !~ '[\u0370-\u052f\u0600-\u06ff\u0900-\u097f]' then t.own end) as known
		from text t
	), ruled as materialized (
		select t.*, case
			when k.lang is not null then k.lang
			when t.known is not null or t.is_ascii or t.body !~ '[\u0370-\u052f\u0600-\u06ff\u0900-\u097f]' then ''
			when t.body ~ '[\u0600-\u06ff]' then 'ar'
			when t.body ~ '[\u0400-\u052f]' then 'ru'
			when t.body ~ '[\u0900-\u097f]' then 'hi'
			else 'el'
		end as rules
		from known t
		left join language k on k.lang = lower(split_part(t.known, '-', 1)) and k.lang <> ''
	)
	select t.entry_no, t.weight::"char", l.config, l.name, string_agg(sheaf.worded(t.body), E'\n' order by t.n),
		-- Latin letters alone are no language that has no rules.
		string_agg(t.body, ' ' order by t.n) filter (where t.rules = '' and t.weight in ('A', 'B') and not sheaf.is_unspaced(t.body)
			and (t.known is not null or not t.is_ascii and t.body ~ '[^\u0001-\u02ff\u1e00-\u20ff]'))
	from ruled t
	join language l on l.lang = t.rules
	group by t.entry_no, t.weight, l.config, l.name
$$;
comment on function sheaf.index_texts(bigint[]) is 'The texts of entries with what they weigh and the rules to read them by; a text that does not say its language is read by its script, one in Latin letters by the rules of the entry''s language, if it has one.';

-- A country's entry is found by its groups, a target's by its goal, one in
-- zh-Hant by zh.
create or replace function sheaf.index_codes(p_nos bigint[])
returns table (entry_no bigint, facet text, code text)
language sql stable
rows 150000
set search_path = pg_catalog, pg_temp
as $$
	with e as materialized (
		select c.entry_no, c.kind, c.family, coalesce(c.status, 'unassigned') as status, c.issued, c.deadline at time zone 'UTC' as ends, hashint8(c.entry_no) as hash,
			case when c.agencies = '{}' then '{unassigned}' else c.agencies end as agencies,
			case when c.sectors = '{}' then '{unassigned}' else c.sectors end as sectors,
			case when c.countries = '{}' then '{unassigned}' else c.countries end as countries,
			case when c.sdgs = '{}' then '{unassigned}' else c.sdgs end as sdgs,
			case when c.languages = '{}' then '{unassigned}' else c.languages end as languages
		from sheaf.index_nos(p_nos) n(no) cross join lateral (select * from sheaf.composed c where c.entry_no = n.no offset 0) c
	)
	select e.entry_no, x.facet, x.code from e cross join lateral (values
		('kind', e.kind), ('family', e.family), ('status', e.status), ('all', ''),
		('year', coalesce(to_char(e.issued, 'YYYY'), 'unassigned')), ('month', to_char(e.issued, 'YYYY-MM')),
		('due', to_char(e.ends, 'YYYY')), ('due', to_char(e.ends, 'YYYY-MM')),
		('sample', case when e.hash & 7 = 0 then '8' end),
		('sample', case when e.hash & 511 = 0 then '512' end)) x(facet, code)
	where x.code is not null
	union all
	select e.entry_no, 'agency', unnest(e.agencies) from e
	union all
	select e.entry_no, 'sector', unnest(e.sectors) from e
	union all
	select e.entry_no, 'country', unnest(array_prepend(c.code, v.ancestors))
	from e cross join lateral unnest(e.countries) c(code)
	left join sheaf.vocabulary v on v.scheme = 'country' and v.code = c.code
	union all
	select n.no, 'reach', c.code from sheaf.index_nos(p_nos) n(no) cross join lateral (
		-- An expression of the axis: its own index shall not be tried.
		select c.code from sheaf.entry_code c
		where c.entry_no = n.no and c.axis || '' = 'country' and c.role in ('available', 'target', 'deployed') offset 0) c
	union all
	select e.entry_no, 'sdg', s.code from e cross join lateral unnest(e.sdgs) s(code)
	union all
	select e.entry_no, 'sdg', split_part(s.code, '.', 1) from e cross join lateral unnest(e.sdgs) s(code) where s.code like '%.%'
	union all
	select e.entry_no, 'language', l.code from e cross join lateral unnest(e.languages) l(code)
	union all
	select e.entry_no, 'language', split_part(l.code, '-', 1) from e cross join lateral unnest(e.languages) l(code) where l.code like '%-%'
$$;
comment on function sheaf.index_codes(bigint[]) is 'The codes of entries and of what those belong to.';

create or replace function sheaf.index_write(p_nos bigint[]) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
	with texts as materialized (
		select t.* from sheaf.index_texts(p_nos) t
	), configs as (
		insert into sheaf.search_config (name)
		select distinct t.name from texts t where not exists (select from sheaf.search_config c where c.name = t.name)
		order by t.name
		on conflict do nothing
	), words as (
		select t.entry_no, sheaf.vectors(setweight(to_tsvector(t.config, t.body), t.weight) order by t.weight) as vector,
			string_agg(t.plain, ' ' order by t.weight) as plain
		from texts t group by t.entry_no
	), identifiers as (
		select i.entry_no, array_agg(distinct i.word) as words
		from (select n.no as entry_no, sheaf.identifier_word(i.value) as word from sheaf.index_nos(p_nos) n(no)
			cross join lateral (select i.value from sheaf.entry_identifier i
				where i.entry_no = n.no and i.scheme <> 'url' and i.value <> '' offset 0) i
			union all
			select n.no, sheaf.identifier_word(x.value ->> 'value') from sheaf.index_nos(p_nos) n(no)
			cross join lateral (select a.ids from sheaf.entry_agent a
				where a.entry_no = n.no and a.ids is not null and a.n <= sheaf.search_limit('values') offset 0) a
			cross join lateral jsonb_array_elements(case when jsonb_typeof(a.ids) = 'array' then a.ids else '[]' end) x(value)
			where x.value ->> 'value' <> '') i
		group by i.entry_no
	), codes as materialized (
		select c.* from sheaf.index_codes(p_nos) c
	), known as materialized (
		select c.facet, c.code, f.facet_id
		from (select distinct facet, code from codes) c
		left join sheaf.facet f on f.facet = c.facet and f.code = c.code
	), added as (
		-- In their order, and waiting for the other lane, which may add the same.
		insert into sheaf.facet (facet, code)
		select k.facet, k.code from known k where k.facet_id is null
		order by k.facet, k.code
		on conflict (facet, code) do update set code = excluded.code
		returning facet_id, facet, code
	), facets as (
		select c.entry_no, array_agg(distinct f.facet_id) as facets
		from codes c
		join (select k.facet_id, k.facet, k.code from known k where k.facet_id is not null
			union all select a.facet_id, a.facet, a.code from added a) f on f.facet = c.facet and f.code = c.code
		group by c.entry_no
	)
	insert into sheaf.found (entry_no, updated_at, deadline, issued, facets, plain, vector)
	select c.entry_no, c.updated_at, c.deadline, coalesce(c.issued, '-infinity'), f.facets,
		left(sheaf.plain(w.plain), sheaf.search_limit('title')),
		coalesce(w.vector, '') || coalesce(array_to_tsvector(i.words[1:sheaf.search_limit('values')]), '')
	from sheaf.index_nos(p_nos) n(no)
	cross join lateral (select c.entry_no, c.updated_at, c.deadline, c.issued from sheaf.composed c where c.entry_no = n.no offset 0) c
	join facets f on f.entry_no = c.entry_no
	left join words w on w.entry_no = c.entry_no
	left join identifiers i on i.entry_no = c.entry_no
	on conflict (entry_no) do update set updated_at = excluded.updated_at, deadline = excluded.deadline, issued = excluded.issued,
		facets = excluded.facets, plain = excluded.plain, vector = excluded.vector
	where (found.updated_at, found.deadline, found.issued, found.facets, found.plain, found.vector)
		is distinct from (excluded.updated_at, excluded.deadline, excluded.issued, excluded.facets, excluded.plain, excluded.vector);
end
$$;
comment on function sheaf.index_write(bigint[]) is 'Writes what entries are found by.';

create or replace function sheaf.index_sample(p_nos bigint[]) returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
	delete from sheaf.found_sample s where s.entry_no = any (p_nos);
	insert into sheaf.found_sample
	select f.* from sheaf.index_nos(p_nos) n(no) join sheaf.found f on f.entry_no = n.no where hashint8(n.no) & 63 = 0;
$$;
comment on function sheaf.index_sample(bigint[]) is 'Takes entries into the sample, or out of it.';

drop function if exists sheaf.index_settle(integer);
drop function if exists sheaf.index_some(integer);
-- The session of resolve joins by indexes alone; here sets are joined that have none.
create or replace function sheaf.index_some(p_most integer, p_lane integer) returns integer
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set work_mem = '64MB'
set maintenance_work_mem = '64MB'
set enable_hashjoin = on
set enable_mergejoin = on
set plan_cache_mode = auto
set random_page_cost = 1.1
set jit = off
set max_parallel_workers_per_gather = 0
set client_min_messages = error
as $$
declare
	v_nos bigint[];
	v_taken integer;
begin
	if p_most < 1 then
		return 0;
	end if;
	if not exists (select from sheaf.unindexed u where u.lane = p_lane and u.at <= now()) then
		return 0;
	end if;
	-- Whoever withdraws by what he read before this begins again.
	update sheaf.search_lane l set lane = l.lane where l.lane = p_lane;
	select t.p_nos, t.p_taken into v_nos, v_taken from sheaf.index_take(least(p_most, sheaf.search_limit('batch')), p_lane) t;
	if v_taken = 0 then
		return 0;
	end if;
	delete from sheaf.found f where f.entry_no = any (array(select n.no from sheaf.index_nos(v_nos) n(no)
		left join lateral (select c.entry_no from sheaf.composed c where c.entry_no = n.no offset 0) c on true
		where c.entry_no is null));
	perform sheaf.index_write(v_nos);
	perform sheaf.index_sample(v_nos);
	insert into sheaf.unsettled (entry_count) values (v_taken);
	return v_taken;
end
$$;
comment on function sheaf.index_some(integer, integer) is 'Makes at most so many entries of a lane findable that changed since they were, and takes them from sheaf.unindexed; gives how many; 0: none waits. Called beside all else by sheaf-resolve, for both lanes at once; a call that is undone is repeated.';

-- An entry that cannot be made findable must not block its lane.
create or replace function sheaf.index_aside(p_lane integer, p_seconds integer) returns text
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
	v_nos bigint[];
begin
	perform from sheaf.search_lane l where l.lane = p_lane for update;
	select t.p_nos into v_nos from sheaf.index_take(1, p_lane) t;
	-- However often it has changed, it waits in one row.
	delete from sheaf.unindexed u where u.lane = p_lane and u.entry_nos = v_nos;
	insert into sheaf.unindexed (lane, entry_nos, at)
	select p_lane, v_nos, now() + make_interval(secs => p_seconds) where v_nos <> '{}';
	return (select coalesce(c.entry_id::text, 'number ' || n.no) from unnest(v_nos) n(no) left join sheaf.composed c on c.entry_no = n.no);
end
$$;
comment on function sheaf.index_aside(integer, integer) is 'Puts the first entry of a lane aside for so many seconds; gives its id.';

-- What waits in the indexes' lists is read by every search, so it is little;
-- put in place together it costs half as much, so it is not too little.
create or replace function sheaf.settle_some(p_least integer) returns integer
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set maintenance_work_mem = '64MB'
as $$
declare
	v_ids bigint[];
	v_pending bigint;
begin
	select array_agg(u.unsettled_id), coalesce(sum(u.entry_count), 0) into v_ids, v_pending from sheaf.unsettled u;
	if v_pending < greatest(p_least, 1) then
		return 0;
	end if;
	perform gin_clean_pending_list(i.indexrelid::regclass) from pg_index i join pg_class c on c.oid = i.indexrelid
	where i.indrelid = 'sheaf.found'::regclass and c.relname in ('found_words_key', 'found_plain_key');
	-- Others came meanwhile.
	delete from sheaf.unsettled u where u.unsettled_id = any (v_ids);
	return v_pending;
end
$$;
comment on function sheaf.settle_some(integer) is 'Puts into their places what waits in the lists of the indexes of search, when it is of so many entries at least; gives of how many; 0: of fewer. Called beside sheaf.index_some() by sheaf-resolve.';

-- --- queries ---
create or replace function sheaf.search_fail(p_text text) returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
	raise exception using message = p_text, errcode = 'invalid_parameter_value';
end
$$;
comment on function sheaf.search_fail(text) is 'Refuses an argument.';

create or replace function sheaf.search_lexeme(p_lexeme text, p_prefix boolean default false) returns text
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
	select '''' || replace(replace(p_lexeme, '\', '\\'), '''', '''''') || case when p_prefix then ''':*' else '''' end
$$;
comment on function sheaf.search_lexeme(text, boolean) is 'A lexeme as a tsquery has it.';

drop function if exists sheaf.search_term(text, boolean, boolean);
-- A word in one language is a stop word in another ("the", "die"): it is asked
-- for only where nothing else is, since texts of that language do not have it.
create or replace function sheaf.search_term(p_text text, p_phrase boolean, p_keep boolean,
	out p_words tsquery, out p_exact tsquery, out p_lexemes integer, out p_forms integer)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
	-- What some write with hyphens, others do not: low-carbon is "low carbon".
	-- Where there are no spaces, pairs do that; a locale may know no letters but those of ASCII.
	v_parted boolean := p_text ~ '^[[:alpha:]\u0080-\U0010ffff]+(-[[:alpha:]\u0080-\U0010ffff]+)+$' and not sheaf.is_unspaced(p_text);
	v_text text := case when v_parted then translate(p_text, '-', ' ') when sheaf.is_unspaced(p_text) then sheaf.pairs(p_text, true) else p_text end;
	v_own text := regexp_replace(btrim(lower(p_text)), '^(https?://(dx\.)?doi\.org/|doi:|(urn:)?isbn:?)', '');
	v_configs text[] := (select array_agg('sheaf.' || quote_ident(c.name)) from (select name from sheaf.search_config union select 'simple') c);
	v_stopped boolean;
	v_words text;
	v_exact text;
	v_single boolean;
begin
	with form as materialized (
		select distinct tsvector_to_array(to_tsvector(c.config::regconfig, v_text)) as lexemes
		from unnest(v_configs) c(config)
	)
	select bool_or(f.lexemes = '{}'), string_agg((
			select '(' || string_agg(sheaf.search_lexeme(l.lexeme, length(l.lexeme) = 1 and sheaf.is_unspaced(l.lexeme)), ' & ') || ')'
			from unnest(f.lexemes) l(lexeme)), ' | ') filter (where f.lexemes <> '{}'),
		bool_and(cardinality(f.lexemes) < 2), max(cardinality(f.lexemes)), sum(cardinality(f.lexemes))
	into v_stopped, v_words, v_single, p_lexemes, p_forms
	from form f;
	if v_words is null or v_stopped and not p_keep or p_lexemes > sheaf.search_limit('lexemes') or p_forms > sheaf.search_limit('forms') then
		return;
	end if;
	v_own := case when v_own !~ '[0-9]' then '' else ' | ' || sheaf.search_lexeme(sheaf.identifier_word(v_own)) end;
	p_words := (v_words || v_own)::tsquery;
	p_exact := p_words;
	if (p_phrase or v_parted) and not v_single then
		select string_agg(distinct '(' || q.query::text || ')', ' | ') into v_exact
		from (select phraseto_tsquery(c.config::regconfig, v_text) as query from unnest(v_configs) c(config)) q
		where numnode(q.query) > 0;
		p_exact := (v_exact || v_own)::tsquery;
	end if;
end
$$;
comment on function sheaf.search_term(text, boolean, boolean) is 'A word or phrase as each language has it: by its words alone, and with their order; how many it has in the language that parts it most, and in all. Null where those are too many.';

-- "-" or "+", then "=" and a phrase, or ":" and a word; or "or".
create or replace function sheaf.search_terms(p_query text) returns text[]
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
	v_text text := translate(coalesce(p_query, ''), E'“”„«»「」『』\u3000', '""""""""" ');
	v_terms text[];
	v_count bigint;
begin
	if length(v_text) > sheaf.search_limit('query') then
		perform sheaf.search_fail(format('the query has %s characters; at most %s are read', length(v_text), sheaf.search_limit('query')));
	end if;
	select coalesce(array_agg(t.term), '{}') into v_terms
	from (select case when m.part[2] is not null then case when m.part[1] = '-' then '-' else '+' end || '=' || m.part[2]
			when lower(m.part[3]) = 'or' then 'or'
			when m.part[3] ~ '^-.' then '-:' || substr(m.part[3], 2)
			else '+:' || m.part[3] end as term
		from regexp_matches(v_text, '(-?)"([^"]*)"?|([^[:space:]"]+)', 'g') m(part)) t
	where t.term !~ '^[-+][=:][[:space:]-]*$';
	-- Words of phrases count, too, and two characters without spaces.
	v_count := greatest(cardinality(v_terms), cardinality(regexp_split_to_array(btrim(v_text), '[[:space:]]+'))) + (select count(*) / 2 from regexp_matches(v_text, '[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f\U00020000-\U0002fa1f]', 'g'));
	if v_count > sheaf.search_limit('terms') then
		perform sheaf.search_fail(format('the query has %s words; at most %s are read', v_count, sheaf.search_limit('terms')));
	end if;
	return v_terms;
end
$$;
comment on function sheaf.search_terms(text) is 'The words and phrases of a query: quotes, minus and "or", as search engines have them.';

-- p_words finds all that p_exact does, by the index alone; p_exact, which is
-- null where it is the same, has the order of words in phrases, too.  An
-- alternative that is "not this phrase" alone may be anything: then p_words is
-- null.
create or replace function sheaf.search_join(p_terms text[], p_keep boolean, out p_words tsquery, out p_exact tsquery, out p_found boolean)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
	v_term text;
	v_one record;
	v_or boolean := false;
	v_all boolean := false;
	v_words tsquery;
	v_exact tsquery;
	v_lexemes integer := 0;
	v_forms integer := 0;
begin
	p_found := false;
	foreach v_term in array p_terms loop
		if v_term = 'or' then
			v_or := v_exact is not null;
			continue;
		end if;
		select * into v_one from sheaf.search_term(substr(v_term, 3), substr(v_term, 2, 1) = '=', p_keep);
		-- What reads no white space, as a,b,c, is parted here.
		v_lexemes := v_lexemes + coalesce(v_one.p_lexemes, 0);
		v_forms := v_forms + coalesce(v_one.p_forms, 0);
		if v_lexemes > sheaf.search_limit('lexemes') or v_forms > sheaf.search_limit('forms') then
			perform sheaf.search_fail(format('the query is parted into %s words, and into %s by the rules of all languages; at most %s and %s are looked for',
				v_lexemes, v_forms, sheaf.search_limit('lexemes'), sheaf.search_limit('forms')));
		end if;
		continue when v_one.p_words is null;
		if v_or then
			v_all := v_all or v_words is null;
			p_words := coalesce(p_words || v_words, v_words, p_words);
			p_exact := coalesce(p_exact || v_exact, v_exact);
			v_words := null;
			v_exact := null;
			v_or := false;
		end if;
		if left(v_term, 1) = '-' then
			v_exact := coalesce(v_exact && !!v_one.p_exact, !!v_one.p_exact);
			-- What has all words of a phrase may not have the phrase.
			continue when v_one.p_exact <> v_one.p_words;
			v_words := coalesce(v_words && !!v_one.p_words, !!v_one.p_words);
		else
			p_found := true;
			v_words := coalesce(v_words && v_one.p_words, v_one.p_words);
			v_exact := coalesce(v_exact && v_one.p_exact, v_one.p_exact);
		end if;
	end loop;
	p_words := case when not v_all and (v_words is not null or v_exact is null) then coalesce(p_words || v_words, v_words, p_words) end;
	p_exact := coalesce(p_exact || v_exact, v_exact, p_exact);
	if p_exact = p_words then
		p_exact := null;
	end if;
end
$$;
comment on function sheaf.search_join(text[], boolean) is 'The words and phrases of a query as one.';

-- p_words has each word in all languages: a hit that is half in one and half in
-- another would count twice.  So hits are compared by the language that each
-- answers best in.
create or replace function sheaf.search_readings(p_terms text[], p_words tsquery) returns tsquery[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
	v_text text := (select string_agg(substr(t.term, 3), ' ' order by t.i) from unnest(p_terms) with ordinality t(term, i) where t.term like '+%');
	v_all tsquery[];
begin
	if v_text is null or 'or' = any (p_terms) or sheaf.is_unspaced(v_text) then
		return array[p_words];
	end if;
	select array_agg(q.query) into v_all
	from (select plainto_tsquery(('sheaf.' || quote_ident(c.name))::regconfig, v_text) as query
		from (select name from sheaf.search_config union select 'simple') c
		group by 1 order by count(*) desc, 1 limit sheaf.search_limit('readings')) q
	where numnode(q.query) > 0;
	return case when v_text ~ '[0-9]' or v_all is null then array[p_words] || v_all else v_all end;
end
$$;
comment on function sheaf.search_readings(text[], tsquery) is 'A query as the languages read it, the most of them first, for comparing hits.';

-- --- filters ---
create or replace function sheaf.search_codes(p_key text, p_value jsonb) returns text[]
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
	if jsonb_typeof(p_value) <> 'array' then
		perform sheaf.search_fail(format('the filter''s %s is no list of codes; expected such as {"%s": ["…", "…"]}', p_key, p_key));
	end if;
	if exists (select from jsonb_array_elements(p_value) x(v) where jsonb_typeof(x.v) <> 'string') then
		perform sheaf.search_fail(format('the filter''s %s has what is no text; expected a list of codes, such as {"%s": ["…", "…"]}', p_key, p_key));
	end if;
	if jsonb_array_length(p_value) not between 1 and sheaf.search_limit('codes') then
		perform sheaf.search_fail(format('the filter''s %s has %s codes; expected 1 to %s', p_key, jsonb_array_length(p_value), sheaf.search_limit('codes')));
	end if;
	return array(select jsonb_array_elements_text(p_value));
end
$$;
comment on function sheaf.search_codes(text, jsonb) is 'The codes of a filter''s key.';

-- A year or a month stands for its first day in "from" and for its last in "to".
create or replace function sheaf.search_day(p_key text, p_side text, p_value jsonb) returns date
language plpgsql immutable
set search_path = pg_catalog, pg_temp
set datestyle = 'ISO, YMD'
as $$
declare
	v_text text := p_value #>> '{}';
	v_day date;
begin
	if jsonb_typeof(p_value) = 'string' and v_text ~ '^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$' then
		begin
			v_day := (v_text || substr('-01-01', length(v_text) - 3))::date;
			return case when p_side = 'from' or length(v_text) = 10 then v_day
				when length(v_text) = 7 then v_day + interval '1 month' - interval '1 day'
				else v_day + interval '1 year' - interval '1 day' end;
		exception when datetime_field_overflow or invalid_datetime_format then
			null;
		end;
	end if;
	perform sheaf.search_fail(format('the filter''s %s.%s is no day; expected such as "2024-05-01", "2024-05" or "2024"', p_key, p_side));
	return null;
end
$$;
comment on function sheaf.search_day(text, text, jsonb) is 'A day of a filter.';

-- Years or months, which the index knows, do the work; the day is looked at in
-- what they find.
create or replace function sheaf.search_span(p_key text, p_value jsonb) returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
set datestyle = 'ISO, YMD'
as $$
declare
	v_from date := '0001-01-01';
	v_to date := '9999-12-31';
	v_key text;
	v_form text;
	v_facet text;
begin
	if jsonb_typeof(p_value) <> 'object' or p_value = '{}' then
		perform sheaf.search_fail(format('the filter''s %s is no span of days; expected such as {"%s": {"from": "2020", "to": "2024-06-30"}}', p_key, p_key));
	end if;
	for v_key in select jsonb_object_keys(p_value) loop
		if v_key = 'from' then
			v_from := sheaf.search_day(p_key, v_key, p_value -> v_key);
		elsif v_key = 'to' then
			v_to := sheaf.search_day(p_key, v_key, p_value -> v_key);
		else
			perform sheaf.search_fail(format('the filter''s %s has no key %s; expected from and to', p_key, quote_literal(left(v_key, 50))));
		end if;
	end loop;
	v_form := case when v_to - v_from < 1000 then 'YYYY-MM' else 'YYYY' end;
	v_facet := case when p_key = 'deadline' then 'due' when v_form = 'YYYY' then 'year' else 'month' end;
	-- An expression of the column: the days' own index shall not be tried.
	return format(case when p_key = 'deadline'
			then ' and f.facets && %L and f.deadline + interval ''0'' >= %L and f.deadline + interval ''0'' < %L'
			else ' and f.facets && %L and f.issued + 0 >= %L and f.issued + 0 < %L' end,
		array(select f.facet_id from sheaf.facet f where f.facet = v_facet and length(f.code) = length(v_form)
			and f.code between to_char(v_from, v_form) and to_char(v_to, v_form)),
		v_from || case when p_key = 'deadline' then ' 00:00 UTC' else '' end,
		(v_to + 1) || case when p_key = 'deadline' then ' 00:00 UTC' else '' end);
end
$$;
comment on function sheaf.search_span(text, jsonb) is 'A span of days as a condition on sheaf.found f.';

create or replace function sheaf.search_filter(p_filter jsonb) returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
	v_key text;
	v_codes text[];
	v_facet text;
	v_out text := '';
begin
	if p_filter is null then
		return v_out;
	end if;
	if pg_column_size(p_filter) > sheaf.search_limit('filter') then
		perform sheaf.search_fail(format('the filter is larger than %s bytes', sheaf.search_limit('filter')));
	end if;
	if jsonb_typeof(p_filter) <> 'object' then
		perform sheaf.search_fail('the filter is no object; expected such as {"kinds": ["publication"], "countries": ["KEN"]}');
	end if;
	for v_key in select jsonb_object_keys(p_filter) loop
		if v_key in ('issued', 'deadline') then
			v_out := v_out || sheaf.search_span(v_key, p_filter -> v_key);
			continue;
		end if;
		v_facet := case v_key when 'kinds' then 'kind' when 'families' then 'family' when 'agencies' then 'agency'
			when 'sectors' then 'sector' when 'countries' then 'country' when 'reach' then 'reach' when 'sdgs' then 'sdg'
			when 'languages' then 'language' when 'status' then 'status' end;
		if v_facet is null then
			perform sheaf.search_fail(format('the filter has no key %s; expected kinds, families, agencies, sectors, countries, reach, sdgs, languages, status, issued or deadline',
				quote_literal(left(v_key, 50))));
		end if;
		v_codes := sheaf.search_codes(v_key, p_filter -> v_key);
		if v_facet = 'reach' then
			v_codes := v_codes || array(select unnest(v.ancestors)::text from sheaf.vocabulary v where v.scheme = 'country' and v.code = any (v_codes));
		end if;
		v_out := v_out || format(' and f.facets && %L',
			array(select f.facet_id from sheaf.facet f where f.facet = v_facet and f.code = any (v_codes)));
	end loop;
	return v_out;
end
$$;
comment on function sheaf.search_filter(jsonb) is 'A filter as conditions on sheaf.found f.';

-- --- hits ---
-- A query and a filter as conditions on sheaf.found f, with p_words as $1 and
-- p_exact as $2.  p_sampled is how many hits are in the sample, up to a bit more
-- than an eighth of what facets are counted over: a count of all would read all.
drop function if exists sheaf.search_plan(text, jsonb);
create or replace function sheaf.search_plan(p_query text, p_filter jsonb, out p_words tsquery, out p_exact tsquery,
	out p_text text, out p_filters text, out p_marks text, out p_sampled bigint, out p_readings tsquery[])
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
	v_terms text[] := sheaf.search_terms(p_query);
	v_found boolean;
	v_any boolean;
begin
	p_filters := sheaf.search_filter(p_filter);
	select j.* into p_words, p_exact, v_found from sheaf.search_join(v_terms, false) j;
	if not v_found and cardinality(v_terms) > 0 then
		select j.* into p_words, p_exact, v_found from sheaf.search_join(v_terms, true) j;
	end if;
	p_text := case when p_words is not null then 'f.vector @@ $1'
		when cardinality(v_terms) > 0 and p_exact is null then 'false' else 'true' end;
	-- What is asked by "not" alone is looked for among all: else the index is
	-- read from one end to the other.
	if p_filters = '' and (p_words is null or not v_found or p_words::text like '%!%') then
		p_filters := format(' and f.facets && %L', array(select f.facet_id from sheaf.facet f where f.facet = 'all'));
	end if;
	if p_text = 'false' then
		p_sampled := 0;
		return;
	end if;
	p_readings := sheaf.search_readings(v_terms, p_words);
	select string_agg(m.part[1], '|') into p_marks
	from unnest(v_terms) t(term)
	cross join lateral regexp_matches(substr(t.term, 3), '[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f\U00020000-\U0002fa1f]+', 'g') m(part) where t.term like '+%';
	p_sampled := sheaf.search_count(p_words, p_text || p_filters, sheaf.search_limit('counted') / 8 + 1);
	if p_sampled = 0 and v_found and not 'or' = any (v_terms) then
		execute format('select exists (select from sheaf.found f where %s)', p_text || p_filters) into v_any using p_words;
		if not v_any then
			p_text := coalesce(sheaf.search_parts(v_terms), p_text);
		end if;
	end if;
end
$$;
comment on function sheaf.search_plan(text, jsonb) is 'How a query and a filter are answered.';

-- Where no word is found, parts of words are, in the languages whose words are
-- not known.  The index of threes of letters names at most the entries that
-- have the rarest; where the sample says that these are more than can be looked
-- through, a sample is.
create or replace function sheaf.search_parts(p_terms text[]) returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
	v_parts text[] := array(select distinct sheaf.plain(substr(x.term, 3)) from unnest(p_terms) x(term) where x.term like '+%');
	v_three text;
	v_n bigint;
	v_least bigint;
	v_share integer;
begin
	if to_regclass('sheaf.found_plain_key') is null or exists (select from unnest(v_parts) p where length(p) < 3) then
		return null;
	end if;
	for v_three in
		select distinct substr(r.run[1], n, 3)
		from unnest(v_parts) p
		cross join lateral regexp_matches(p, '[[:alnum:]]{3,}', 'g') r(run)
		cross join lateral generate_series(1, length(r.run[1]) - 2) n
		limit sheaf.search_limit('trigrams')
	loop
		select count(*) into v_n from (select from sheaf.found_sample f where f.plain like '%' || v_three || '%'
			limit coalesce(v_least, 8 * sheaf.search_limit('parts'))) x;
		v_least := least(v_n, v_least);
		exit when v_least * 64 <= sheaf.search_limit('parts');
	end loop;
	v_share := case when v_least * 64 <= sheaf.search_limit('parts') then 1 when v_least * 8 <= sheaf.search_limit('parts') then 8 else 512 end;
	return (select string_agg(format('f.plain like %L', '%' || replace(replace(replace(p, '\', '\\'), '%', '\%'), '_', '\_') || '%'), ' and ')
			|| case when v_share = 1 then '' else format(' and f.facets && %L',
				array(select f.facet_id from sheaf.facet f where f.facet = 'sample' and f.code = v_share::text)) end
		from unnest(v_parts) p
		where v_least is not null);
end
$$;
comment on function sheaf.search_parts(text[]) is 'A query as a condition on parts of words; null: it has no part of three letters.';

create or replace function sheaf.search_count(p_words tsquery, p_where text, p_most integer) returns bigint
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
	v_count bigint;
begin
	execute format('select count(*) from (select from sheaf.found_sample f where %s limit %s) x', p_where, p_most)
	into v_count using p_words;
	return v_count;
end
$$;
comment on function sheaf.search_count(tsquery, text, integer) is 'How many hits there are in the sample of 1/64, if they are not more than so many.';

-- Where the words are, however long the text; then how much of the title they
-- are, so that a title of nothing else comes first.
drop function if exists sheaf.search_ranked(tsquery, tsquery, text, integer);
create or replace function sheaf.search_ranked(p_words tsquery, p_exact tsquery, p_readings tsquery[], p_where text, p_most integer,
	out p_nos bigint[], out p_ranks real[], out p_seen bigint)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
	execute format($f$
		select coalesce(array_agg(h.entry_no) filter (where h.rank is not null), '{}'), coalesce(array_agg(h.rank) filter (where h.rank is not null), '{}'), count(*)
		from (select f.entry_no, case when $2 is null or f.vector @@ $2 then coalesce(greatest(%s), 0) end as rank
			from (select f.entry_no, f.vector, ts_filter(f.vector, '{a}') as title from sheaf.found f where %s limit %s) f) h
	$f$, (select string_agg(format('ts_rank(''{0.1,0.2,0.4,1}'', f.vector, $3[%s]) + ts_rank(f.title, $3[%s], 1)', i, i), ', ')
			from generate_subscripts(p_readings, 1) i), p_where, p_most) into p_nos, p_ranks, p_seen using p_words, p_exact, p_readings;
end
$$;
comment on function sheaf.search_ranked(tsquery, tsquery, tsquery[], text, integer) is 'Hits with their ranks, of so many that are looked at.';

-- Where there are more hits than can be compared, those with the words in
-- their titles come first, and of these the latest.
drop function if exists sheaf.search_relevant(tsquery, tsquery, text, text, bigint);
create or replace function sheaf.search_relevant(p_words tsquery, p_exact tsquery, p_readings tsquery[], p_text text, p_filters text, p_sampled bigint,
	out p_nos bigint[], out p_ranks real[])
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
	v_most integer := sheaf.search_limit('ranked');
	v_left integer := sheaf.search_limit('examined');
	v_text text;
	v_where text;
	v_more record;
begin
	p_nos := '{}';
	p_ranks := '{}';
	if p_sampled * 64 <= v_most then
		select * into v_more from sheaf.search_ranked(p_words, p_exact, p_readings, p_text || p_filters, 2 * v_most);
		if v_more.p_seen < 2 * v_most then
			p_nos := v_more.p_nos;
			p_ranks := v_more.p_ranks;
			return;
		end if;
	end if;
	foreach v_text in array case when p_text like '%@@%' then array['ts_filter(f.vector, ''{a}'') @@ $1', p_text] else array[p_text] end loop
		for v_where in
			-- Years are asked for one by one only where they hold more than enough.
			select '' where sheaf.search_count(p_words, v_text || p_filters, v_left / 64 + 1) * 64 <= v_left
			union all
			(select format(' and f.facets && ''{%s}''', y.facet_id) from sheaf.facet y
			where y.facet = 'year' and y.code <> 'unassigned' order by y.code desc limit sheaf.search_limit('years'))
		loop
			select * into v_more from sheaf.search_ranked(p_words, p_exact, p_readings, v_text || p_filters || v_where, least(v_most, v_left));
			p_nos := p_nos || v_more.p_nos;
			p_ranks := p_ranks || v_more.p_ranks;
			v_left := v_left - v_more.p_seen;
			exit when v_where = '' or cardinality(p_nos) >= v_most or v_left <= 0;
		end loop;
		exit when cardinality(p_nos) >= v_most or v_left <= 0;
	end loop;
end
$$;
comment on function sheaf.search_relevant(tsquery, tsquery, tsquery[], text, text, bigint) is 'The hits that are compared by rank.';

-- Along a day's own index, so many rows at the most; sorting what is ahead
-- would have to read all of it.
create or replace function sheaf.search_walk(p_words tsquery, p_exact tsquery, p_where text, p_key text, p_from text, p_way text, p_rows integer)
returns table (entry_no bigint, key text)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_bitmapscan = off
set enable_sort = off
as $$
declare
	-- A span of the day that is sorted by is where the way begins and ends.
	v_span text := (select string_agg(format(' and f.%s %s %L', m.part[1], m.part[2], m.part[3]), '')
		from regexp_matches(p_where, $r$f[.](issued|deadline) [+] (?:0|interval '0') (<|>=) '([0-9]{4,5}-[0-9]{2}-[0-9]{2}(?: 00:00 UTC)?)'$r$, 'g') m(part)
		where m.part[1] = p_key);
begin
	return query execute format($f$
		select f.entry_no, f.%1$s::text
		from (select f.* from sheaf.found f where %2$s %3$s order by f.%1$s %4$s, f.entry_no %4$s limit %5$s) f
		where %6$s and ($2 is null or f.vector @@ $2)
		order by f.%1$s %4$s, f.entry_no %4$s limit %7$s
	$f$, p_key, p_from, coalesce(v_span, ''), p_way, sheaf.search_limit('examined'), p_where, p_rows) using p_words, p_exact;
end
$$;
comment on function sheaf.search_walk(tsquery, tsquery, text, text, text, text, integer) is 'The next hits by a day, as far as they are met soon.';

-- Few hits are sorted; of many, the next are soon met on the way.
create or replace function sheaf.search_sorted(p_words tsquery, p_exact tsquery, p_where text, p_sampled bigint, p_sort text, p_after text, p_rows integer)
returns table (entry_no bigint, key text)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
	v_key text := case p_sort when 'issued' then 'issued' when 'updated' then 'updated_at' else 'deadline' end;
	v_way text := case when p_sort = 'deadline' then 'asc' else 'desc' end;
	v_from text := case when p_after is null then 'true'
			else format('(f.%s, f.entry_no) %s (%s)', v_key, case when p_sort = 'deadline' then '>' else '<' end, p_after) end
		|| case when p_sort = 'deadline' then ' and f.deadline is not null' else '' end;
	v_rows bigint := 0;
begin
	if p_sampled * 64 > sheaf.search_limit('examined') then
		return query select w.* from sheaf.search_walk(p_words, p_exact, p_where, v_key, v_from, v_way, p_rows) w;
		get diagnostics v_rows = row_count;
		if v_rows = p_rows then
			return;
		end if;
	end if;
	-- What the way has met already are the first of these.
	return query execute format($f$
		select f.entry_no, f.%1$s::text
		from (select f.* from sheaf.found f where %2$s offset 0) f
		where %3$s and ($2 is null or f.vector @@ $2)
		order by f.%1$s %4$s, f.entry_no %4$s offset %5$s limit %6$s
	$f$, v_key, p_where, v_from, v_way, v_rows, p_rows - v_rows) using p_words, p_exact;
end
$$;
comment on function sheaf.search_sorted(tsquery, tsquery, text, bigint, text, text, integer) is 'The next hits by a day.';

-- --- what is shown ---
create or replace function sheaf.search_headline(p_lang text, p_text text, p_words tsquery, p_marks text) returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
	v_text text := translate(left(p_text, sheaf.search_limit('headline')), E'\uE000\uE001', '');
	v_at integer;
begin
	if p_marks is not null and v_text ~ p_marks then
		v_at := greatest(length((regexp_match(v_text, '^(.*?)(?:' || p_marks || ')'))[1]) - 30, 0);
		v_text := regexp_replace(substr(v_text, v_at + 1, 120), '(' || p_marks || ')', E'\uE000\\1\uE001', 'g');
	elsif p_words is null then
		v_text := left(v_text, 200);
	else
		v_text := ts_headline(coalesce((select l.config from sheaf.search_language l where l.lang = split_part(p_lang, '-', 1)), 'sheaf.simple'),
			v_text, p_words, E'MaxWords=35, MinWords=15, ShortWord=2, StartSel="\uE000", StopSel="\uE001"');
	end if;
	v_text := replace(replace(replace(replace(replace(v_text, '&', '&amp;'), '<', '&lt;'), '>', '&gt;'), '"', '&quot;'), '''', '&#39;');
	return left(replace(replace(v_text, E'\uE000', '<mark>'), E'\uE001', '</mark>'), 4000);
end
$$;
comment on function sheaf.search_headline(text, text, tsquery, text) is 'The piece of a text that answers best, as HTML.';

-- A place in a list is bound to its question, so that it is not taken for one
-- in another.
create or replace function sheaf.search_place(p_sort text, p_of text, p_key text, p_no bigint) returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
	select translate(encode(convert_to(concat_ws('|', p_sort, left(md5(p_of), 12), p_key, p_no), 'UTF8'), 'base64'), E'+/=\n', '-_')
$$;
comment on function sheaf.search_place(text, text, text, bigint) is 'A place in a list of hits, for p_after.';

create or replace function sheaf.search_placed(p_after text, p_sort text, p_of text, out p_key text, out p_no bigint)
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
	v_parts text[];
begin
	if p_after is null then
		return;
	end if;
	begin
		if length(p_after) <= sheaf.search_limit('after') and p_after ~ '^[A-Za-z0-9_-]+$' then
			v_parts := string_to_array(convert_from(decode(rpad(translate(p_after, '-_', '+/'), (length(p_after) + 3) / 4 * 4, '='), 'base64'), 'UTF8'), '|');
			if cardinality(v_parts) = 4 and v_parts[1] = p_sort and v_parts[2] = left(md5(p_of), 12) then
				p_no := v_parts[4]::bigint;
				p_key := case p_sort when 'relevance' then v_parts[3]::real::text when 'issued' then v_parts[3]::date::text
					else v_parts[3]::timestamptz::text end;
			end if;
		end if;
	exception when others then
		p_key := null;
	end;
	if p_key is null then
		perform sheaf.search_fail('after is no place in this list; expected null, or the column after of a row that the same query, filter and sort gave');
	end if;
end
$$;
comment on function sheaf.search_placed(text, text, text) is 'What p_after says.';

create or replace function registry.search(p_query text, p_filter jsonb default '{}', p_sort text default 'relevance', p_max_rows integer default 20, p_after text default null)
returns table (entry_id uuid, rank real, headline text, after text)
language plpgsql stable
security definer
rows 20
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set work_mem = '32MB'
set jit = off
set max_parallel_workers_per_gather = 0
set datestyle = 'ISO, YMD'
set timezone = 'UTC'
set extra_float_digits = 1
set client_min_messages = error
as $$
#variable_conflict use_column
declare
	v_sort text := coalesce(p_sort, 'relevance');
	v_rows integer := coalesce(p_max_rows, 20);
	v_of text := coalesce(p_query, '') || chr(1) || coalesce(p_filter, '{}')::text;
	v_plan record;
	v_place record;
	v_nos bigint[];
	v_ranks real[];
	v_keys text[];
	v_ask integer;
	v_next_nos bigint[];
	v_next_keys text[];
begin
	if v_sort not in ('relevance', 'issued', 'updated', 'deadline') then
		perform sheaf.search_fail(format('there is no order %s; expected relevance, issued, updated or deadline', quote_literal(left(v_sort, 50))));
	end if;
	if v_rows not between 1 and sheaf.search_limit('rows') then
		perform sheaf.search_fail(format('max_rows is %s; expected 1 to %s', v_rows, sheaf.search_limit('rows')));
	end if;
	select * into v_plan from sheaf.search_plan(p_query, p_filter);
	if v_sort = 'relevance' and v_plan.p_words is null then
		v_sort := 'updated';
	end if;
	select * into v_place from sheaf.search_placed(p_after, v_sort, v_of);
	if v_plan.p_text = 'false' then
		return;
	end if;
	if v_sort = 'relevance' then
		select r.p_nos, r.p_ranks into v_nos, v_ranks
		from sheaf.search_relevant(v_plan.p_words, v_plan.p_exact, v_plan.p_readings, v_plan.p_text, v_plan.p_filters, v_plan.p_sampled) r;
		select array_agg(h.no), array_agg(h.rank), array_agg(h.rank::text) into v_nos, v_ranks, v_keys
		from (select n.no, n.rank
			from (select n.no, max(n.rank) as rank from unnest(v_nos, v_ranks) n(no, rank)
				where v_place.p_no is null or (n.rank, n.no) < (v_place.p_key::real, v_place.p_no)
				group by n.no order by 2 desc, 1 desc) n
			-- What is an entry no more, and is not taken out yet, takes no place in the page.
			cross join lateral (select from sheaf.composed c where c.entry_no = n.no offset 0) c
			limit v_rows) h;
	else
		if v_sort = 'deadline' then
			v_plan.p_filters := v_plan.p_filters || format(' and f.facets && %L',
				array(select f.facet_id from sheaf.facet f where f.facet = 'due' and length(f.code) = 4));
			v_plan.p_sampled := sheaf.search_count(v_plan.p_words, v_plan.p_text || v_plan.p_filters, sheaf.search_limit('counted') / 8 + 1);
		end if;
		-- Where rows of a page are entries no more, ever more of what follows is read.
		v_ask := v_rows;
		loop
			select array_agg(s.entry_no), array_agg(s.key) into v_next_nos, v_next_keys
			from sheaf.search_sorted(v_plan.p_words, v_plan.p_exact, v_plan.p_text || v_plan.p_filters, v_plan.p_sampled, v_sort,
				case when v_place.p_no is not null then format('%L, %s', v_place.p_key, v_place.p_no) end, v_ask) s;
			select v_nos || array_agg(n.no order by n.i), v_keys || array_agg(n.key order by n.i) into v_nos, v_keys
			from unnest(v_next_nos, v_next_keys) with ordinality n(no, key, i)
			cross join lateral (select from sheaf.composed c where c.entry_no = n.no offset 0) c;
			exit when cardinality(v_nos) >= v_rows or v_next_nos is null or cardinality(v_next_nos) < v_ask;
			v_place.p_no := v_next_nos[v_ask];
			v_place.p_key := v_next_keys[v_ask];
			v_ask := v_ask * 10;
		end loop;
	end if;
	return query
	select c.entry_id, coalesce(h.rank, 0),
		sheaf.search_headline(coalesce(case when c.abstract <> '' then a.lang else c.title_lang end, case when cardinality(c.languages) = 1 then c.languages[1] end),
			coalesce(nullif(c.abstract, ''), c.title), v_plan.p_words, v_plan.p_marks),
		sheaf.search_place(v_sort, v_of, h.key, h.no)
	from unnest(v_nos, v_ranks, v_keys) with ordinality h(no, rank, key, i)
	join sheaf.composed c on c.entry_no = h.no
	left join lateral (select a.lang from sheaf.entry_abstract a where a.entry_no = h.no and a.text = c.abstract order by a.n limit 1) a on true
	where h.i <= v_rows
	order by h.i;
end
$$;
comment on function registry.search(text, jsonb, text, integer, text) is $$Entries that a query and a filter find, best first.
p_query: words as a person types them. All have to be there; "in quotes" their order has to be, -word must not be there, or stands between alternatives. Words are compared without accents and endings, by the rules of every language that the registry has; a word with hyphens (low-carbon) is its parts in their order, with hyphens or spaces between them; identifiers (DOI, ISBN, symbols) are found by themselves; Chinese, Japanese, Korean, Thai and their like by any part. Null or empty: all that the filter lets pass.
p_filter: an object of lists of codes: kinds, families, agencies, sectors, countries, reach, sdgs, languages, status, and of spans of days: issued, deadline ({"from": "2020", "to": "2024-06"}, both included). Codes of a list are alternatives, keys come together. A group of countries finds its countries, a goal its targets, zh finds zh-Hant; "unassigned" what has none. countries finds what has to do with a country (KEN) itself; reach what is available to it, meant for it or in use there, be it by its name, or by a group that it belongs to or the World.
p_sort: relevance (titles before subjects before abstracts; of more than 1,000 hits, those with the words in the title and the latest are compared; without a query: updated), issued (latest first), updated (latest first), or deadline (next first; what has none is left out).
p_max_rows: 1 to 100. p_after: null for the first page, then the column after of the last row; an empty page is the end.
rank is comparable within one query. headline is a piece of the abstract, or of the title where there is none, as HTML in which all is escaped but <mark> around what was found.$$;

-- Facets say what a filter by their codes would find, so groups and goals
-- count what belongs to them.
create or replace function registry.facets(p_query text, p_filter jsonb default '{}')
returns table (facet text, code text, entries bigint, is_exact boolean)
language plpgsql stable
security definer
rows 300
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set work_mem = '32MB'
set jit = off
set max_parallel_workers_per_gather = 0
set datestyle = 'ISO, YMD'
set timezone = 'UTC'
set client_min_messages = error
as $$
#variable_conflict use_column
declare
	v_plan record;
	v_most integer := sheaf.search_limit('counted');
	v_share integer;
	v_seen bigint;
	v_ids integer[];
	v_counts bigint[];
begin
	select * into v_plan from sheaf.search_plan(p_query, p_filter);
	if v_plan.p_text = 'false' then
		return;
	end if;
	foreach v_share in array array[1, 8, 64, 512] loop
		continue when v_share < 512 and v_plan.p_sampled * 64 / v_share > v_most;
		execute format($f$
			with hit as materialized (
				select f.facets, f.vector from sheaf.%s f where %s limit %s
			)
			select array_agg(g.id), array_agg(g.n), (select count(*) from hit)
			from (select unnest(f.facets) as id, count(*) as n from hit f where $2 is null or f.vector @@ $2 group by 1) g
		$f$, case when v_share < 64 then 'found' else 'found_sample' end,
			v_plan.p_text || v_plan.p_filters || case when v_share in (1, 64) then '' else format(' and f.facets && %L',
				array(select f.facet_id from sheaf.facet f where f.facet = 'sample' and f.code = v_share::text)) end,
			v_most + 1) into v_ids, v_counts, v_seen using v_plan.p_words, v_plan.p_exact;
		exit when v_seen <= v_most;
	end loop;
	return query
	select r.facet, r.code, r.n * v_share, v_share = 1
	from (select f.facet, f.code, g.n, row_number() over (partition by f.facet order by g.n desc, f.code) as place
		from unnest(v_ids, v_counts) g(id, n)
		join sheaf.facet f on f.facet_id = g.id
		where f.facet in ('kind', 'family', 'agency', 'sector', 'country', 'language', 'status')
		or f.facet = 'sdg' and f.code !~ '[.]') r
	where r.place <= sheaf.search_limit('facet')
	order by r.facet, r.place;
end
$$;
comment on function registry.facets(text, jsonb) is $$How many entries of each kind, family, agency, sector, country (and group of them), goal (sdg), language and status a query and a filter find, the most frequent codes first (at most 500 of each); both are as in registry.search().
entries is what registry.search() would find with the code in the filter, too; "unassigned" is what has none. Up to 2,000 hits all are counted (is_exact); of more, a sample that does not depend on what they are is counted and multiplied.$$;
