-- The manual of the registry, for who has nothing but a connection to it.  It
-- is made of the catalogs' comments, as sheaf-registry(7) is.

create or replace view registry.guide as
select 'registry.' || c.relname as object,
	a.attname::text as column_name,
	case when a.attnum is null then 'view' else pg_catalog.format_type(a.atttypid, a.atttypmod) end as type,
	coalesce(pg_catalog.col_description(c.oid, a.attnum), pg_catalog.obj_description(c.oid, 'pg_class')) as comment,
	coalesce(a.attnum, 0)::integer as place
from pg_catalog.pg_class c
cross join lateral (
	select null::name as attname, null::oid as atttypid, null::integer as atttypmod, null::smallint as attnum
	union all
	select x.attname, x.atttypid, x.atttypmod, x.attnum
	from pg_catalog.pg_attribute x
	where x.attrelid = c.oid
	and x.attnum > 0
	and not x.attisdropped
) a
where c.relnamespace = (select n.oid from pg_catalog.pg_namespace n where n.nspname = 'registry')
and c.relkind = 'v'
union all
select 'registry.' || p.proname,
	null,
	pg_catalog.format('function (%s) returns %s', pg_catalog.pg_get_function_arguments(p.oid),
		pg_catalog.pg_get_function_result(p.oid)),
	pg_catalog.obj_description(p.oid, 'pg_proc'),
	0
from pg_catalog.pg_proc p
where p.pronamespace = (select n.oid from pg_catalog.pg_namespace n where n.nspname = 'registry');
comment on view registry.guide is 'What there is in the registry: order by object, place.';
comment on column registry.guide.object is 'A view or function.';
comment on column registry.guide.column_name is 'A column of it; null: the view or function itself.';
comment on column registry.guide.type is 'Type of the column; view; or the arguments and the result of a function.';
comment on column registry.guide.comment is 'What it is.';
comment on column registry.guide.place is 'Place of the column; 0: the view or function itself.';
