-- What each role may do.  @store@ and its like stand for the configured names.
-- Who only reads the registry has nothing in schema sheaf, which once was
-- otherwise.
revoke all on schema sheaf from @reader@, @serve@;
revoke all on all tables in schema sheaf from @reader@, @serve@;
revoke all on all sequences in schema sheaf from @reader@, @serve@;
revoke all on all functions in schema sheaf from @reader@, @serve@;
-- Nor may anybody leave something behind.  Large objects, which even a read-only
-- transaction may make before PostgreSQL 16, are a superuser's to forbid.
do $$
declare
	f text;
begin
	execute pg_catalog.format('revoke temporary on database %I from public', pg_catalog.current_database());
	if not (select r.rolsuper from pg_catalog.pg_roles r where r.rolname = current_user) then
		return;
	end if;
	foreach f in array array['lo_creat(integer)', 'lo_create(oid)', 'lo_from_bytea(oid, bytea)'] loop
		execute 'revoke execute on function pg_catalog.' || f || ' from public';
	end loop;
end
$$;

grant usage on schema registry to @store@, @resolve@, @reader@, @serve@, @operator@;
grant select on all tables in schema registry to @store@, @resolve@, @reader@, @serve@, @operator@;
grant execute on all functions in schema registry to @store@, @resolve@, @reader@, @serve@, @operator@;

-- A view reads tables with its owner's rights, but calls functions with those
-- of whoever asks.  Without the schema they cannot be called by name.
do $sheaf$
declare
	f text;
begin
	for f in
		select distinct d.refobjid::pg_catalog.regprocedure::text
		from pg_catalog.pg_class c
		join pg_catalog.pg_rewrite w on w.ev_class = c.oid
		join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
			and d.objid = w.oid
			and d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass
		join pg_catalog.pg_proc p on p.oid = d.refobjid
		where c.relnamespace = 'registry'::pg_catalog.regnamespace
		and p.pronamespace = 'sheaf'::pg_catalog.regnamespace
	loop
		execute 'grant execute on function ' || f || $name$ to @reader@, @serve@, @operator@$name$;
	end loop;
end
$sheaf$;

grant usage on schema sheaf to @store@, @resolve@, @operator@;
grant select, insert, update, delete on all tables in schema sheaf to @store@;
revoke insert, update, delete on sheaf.schema_version from @store@;
grant usage, select on all sequences in schema sheaf to @store@;
grant execute on all functions in schema sheaf to @store@;

grant select on all tables in schema sheaf to @resolve@, @operator@;
grant execute on function sheaf.is_question, sheaf.entry_now, sheaf.stored_page to @operator@;
grant insert, update, delete on sheaf.unresolved, sheaf.profile, sheaf.match_key, sheaf.match_key_mark, sheaf.model,
	sheaf.model_part, sheaf.model_alias, sheaf.model_source, sheaf.match, sheaf.entry, sheaf.member, sheaf.forward,
	sheaf.relation, sheaf.resolving, sheaf.uncomposed, sheaf.composed, sheaf.entry_title, sheaf.entry_abstract,
	sheaf.entry_agent, sheaf.entry_identifier, sheaf.entry_link, sheaf.entry_subject, sheaf.entry_code, sheaf.entry_date,
	sheaf.entry_rights, sheaf.unindexed, sheaf.uncounted, sheaf.recomposing to @resolve@;
grant truncate on sheaf.match_key to @resolve@;
grant usage, select on all sequences in schema sheaf to @resolve@;
grant execute on all functions in schema sheaf to @resolve@;
