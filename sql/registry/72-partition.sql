-- Tables that grow with records, parted by source.

create or replace function sheaf.partition_by_source(p_table text, p_parts integer)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
	old regclass;
	made regclass;
	keyed text;
	part_options text;
	views text[];
	statements text[] := '{}';
	s text;
begin
	if p_table is null or p_table <> all (array['record', 'block']) then
		raise exception 'record and block are parted by source, not %', coalesce(p_table, 'null');
	end if;
	if p_parts is null or p_parts not between 2 and 256 then
		raise exception 'a table is parted in 2 to 256 tables, not %', coalesce(p_parts::text, 'null');
	end if;
	old := format('sheaf.%I', p_table)::regclass;
	if (select c.relkind from pg_class c where c.oid = old) = 'p' then
		raise exception '% is parted already', old;
	end if;
	execute format('lock table %s in access exclusive mode', old);

	-- What hangs on the table, as statements that name it.
	select array_agg(distinct w.ev_class::regclass::text) into views
	from pg_depend d
	join pg_rewrite w on w.oid = d.objid
	where d.refobjid = old
	and d.classid = 'pg_rewrite'::regclass
	and w.ev_class <> old;
	foreach s in array coalesce(views, '{}') loop
		statements := statements || format('create or replace view %s as %s', s, pg_get_viewdef(s::regclass));
	end loop;
	select statements || coalesce(array_agg(pg_get_triggerdef(t.oid)), '{}') into statements
	from pg_trigger t
	where t.tgrelid = old
	and not t.tgisinternal;
	select coalesce(array_agg(pg_get_indexdef(i.indexrelid)), '{}') || statements into statements
	from pg_index i
	where i.indrelid = old
	and not i.indisprimary;
	select string_agg(quote_ident(a.attname), ', ') into keyed
	from pg_index i
	join pg_attribute a on a.attrelid = old and a.attnum = any (i.indkey)
	where i.indrelid = old
	and i.indisprimary;
	select coalesce(' with (' || array_to_string(c.reloptions, ', ') || ')', '') into part_options
	from pg_class c
	where c.oid = old;

	execute format('alter table %s rename to %I', old, p_table || '_whole');
	for s in
		select i.indexrelid::regclass::text from pg_index i where i.indrelid = old
	loop
		execute format('alter index %s rename to %I', s, split_part(s, '.', 2) || '_whole');
	end loop;
	execute format('create table sheaf.%I (like %s including defaults including constraints including storage '
		'including comments, primary key (%s, source_id)) partition by hash (source_id)', p_table, old, keyed);
	made := format('sheaf.%I', p_table)::regclass;
	for i in 0 .. p_parts - 1 loop
		execute format('create table sheaf.%I partition of %s for values with (modulus %s, remainder %s)%s',
			p_table || '_' || i, made, p_parts, i, part_options);
	end loop;
	execute format('insert into %s select * from %s', made, old);
	execute format('comment on table %s is %L', made, obj_description(old, 'pg_class'));
	foreach s in array statements loop
		execute s;
	end loop;
	execute format('drop table %s', old);
	execute format('analyze %s', made);
end
$$;
comment on function sheaf.partition_by_source(text, integer) is 'For the operator, with the daemons stopped: parts record or block by a hash of source_id into p_parts tables, in one transaction that needs room for a second copy. No view and no program changes; the key becomes (number, source_id), and what looks a number up without its source asks each part. Then run sheafctl init, for the rights.';
revoke execute on function sheaf.partition_by_source(text, integer) from public;
