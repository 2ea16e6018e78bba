-- Logical replicas: what is published, and how a subscriber is got ready.

-- All that the registry is made of, but queues, what only the harvest or
-- resolve needs, and what is made anew.
create or replace function sheaf.published()
returns setof regclass
language sql stable
set search_path = pg_catalog, pg_temp
as $$
	select c.oid::regclass
	from pg_class c
	where c.relnamespace = 'sheaf'::regnamespace
	and c.relkind in ('r', 'p')
	and not c.relispartition
	and c.relpersistence = 'p'
	and c.relname <> all (array['schema_version', 'uncomposed', 'unindexed', 'unsettled', 'search_lane', 'uncounted', 'recomposing',
		'model_part', 'page', 'pending', 'wanted', 'host_lease', 'checkpoint', 'quarantine'])
	order by c.relname
$$;
comment on function sheaf.published() is 'The tables that a logical replica needs, so that all of schema registry works there.';

create or replace function sheaf.publish(p_name text default 'sheaf')
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
	tables text := (select string_agg(p::text, ', ') from sheaf.published() p);
	lacking text := (
		select string_agg(p::text, ', ')
		from sheaf.published() p
		where not exists (select from pg_index i where i.indrelid = p and i.indisprimary));
begin
	-- Such a table could no longer be updated.
	if lacking is not null then
		raise exception 'tables without a primary key cannot be published: %', lacking;
	end if;
	if exists (select from pg_publication where pubname = p_name) then
		execute format('alter publication %I set table %s', p_name, tables);
	else
		execute format('create publication %I for table %s with (publish_via_partition_root = true)', p_name, tables);
	end if;
	execute format('comment on publication %I is %L', p_name, 'The registry, for logical replicas: see sheaf.publish().');
	return cardinality(string_to_array(tables, ', '));
end
$$;
comment on function sheaf.publish(text) is 'For the operator who made the schema (owner of the tables, with CREATE on the database; no superuser): publishes the registry for logical replicas, or brings the publication up to date; how many tables.';

create or replace function sheaf.replica_prepare()
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
	tables text := (select string_agg(p::text, ', ') from sheaf.published() p);
begin
	if exists (select from sheaf.source where configured) and not exists (
		select from pg_subscription_rel r where r.srrelid = 'sheaf.source'::regclass)
	then
		raise exception 'this database has sources of its own: it is no place for a replica';
	end if;
	execute 'truncate ' || tables || ' cascade';
	return cardinality(string_to_array(tables, ', '));
end
$$;
comment on function sheaf.replica_prepare() is 'For a database that sheafctl init has just made and that is to be a logical replica: empties the tables that it subscribes to, which have rows to begin with; how many. It refuses where a daemon was.';

create or replace function sheaf.replica_lacks()
returns table (what text)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
	return query
	select format('%s is not subscribed to', p)
	from sheaf.published() p
	where not exists (select from pg_subscription_rel r where r.srrelid = p)
	union all
	select format('%s is being copied', r.srrelid::regclass)
	from pg_subscription_rel r
	where r.srsubstate <> 'r';
end
$$;
comment on function sheaf.replica_lacks() is 'On a logical replica: why it is not yet one state of the registry; no row: it is, and portals may read it.';

-- A new version may have new tables; its schema is made again after this.
do $$
begin
	if exists (select from pg_catalog.pg_publication where pubname = 'sheaf') then
		perform sheaf.publish();
	end if;
end
$$;

revoke execute on function sheaf.publish(text), sheaf.replica_prepare() from public;
