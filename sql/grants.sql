-- What each role may do.  @store@ and its like stand for the configured names.
-- Who only reads the registry has nothing in schema sheaf, which once was
-- otherwise.
revoke all on schema sheaf from @reader@, @serve@;
revoke all on all tables in schema sheaf from @reader@, @serve@;
revoke all on all sequences in schema sheaf from @reader@, @serve@;
revoke all on all functions in schema sheaf from @reader@, @serve@;
-- Nor may anybody leave something behind.  Large objects, which even a read-only
-- transaction may make before PostgreSQL 16, are a superuser's to forbid; so are
-- locks by number, of which one says that a resolver works, and what fills the
-- write-ahead log.
do $$
declare
	f text;
begin
	execute pg_catalog.format('revoke temporary on database %I from public', pg_catalog.current_database());
	-- It keeps there what it compares everything with (src/resolve/spool.h).
	execute pg_catalog.format('grant temporary on database %I to @resolve@', pg_catalog.current_database());
	if not (select r.rolsuper from pg_catalog.pg_roles r where r.rolname = current_user) then
		return;
	end if;
	foreach f in array array['lo_creat(integer)', 'lo_create(oid)', 'lo_from_bytea(oid, bytea)'] loop
		execute 'revoke execute on function pg_catalog.' || f || ' from public';
	end loop;
	for f in
		select p.oid::regprocedure
		from pg_catalog.pg_proc p
		where p.pronamespace = 'pg_catalog'::regnamespace
		and p.proname ~ '^pg_(try_)?advisory_(xact_)?lock(_shared)?$|^pg_logical_emit_message$'
	loop
		execute 'revoke execute on function ' || f || ' from public';
		execute pg_catalog.format('grant execute on function ' || f || $to$ to @store@, @resolve@, @operator@, %I$to$, (
			select pg_catalog.pg_get_userbyid(d.datdba)
			from pg_catalog.pg_database d
			where d.datname = pg_catalog.current_database()));
	end loop;
end
$$;

-- What runs as the owner is read as it was written, whatever a session says of
-- backslashes: a pattern would be another one.
do $$
declare
	f regprocedure;
begin
	for f in
		select p.oid
		from pg_catalog.pg_proc p
		where p.pronamespace in ('sheaf'::regnamespace, 'registry'::regnamespace)
		and p.prosecdef
		and not coalesce('standard_conforming_strings=on' = any (p.proconfig), false)
	loop
		execute 'alter function ' || f || ' set standard_conforming_strings = on';
	end loop;
end
$$;

grant usage on schema registry to @store@, @resolve@, @reader@, @serve@, @operator@;
grant select on all tables in schema registry to @store@, @resolve@, @reader@, @serve@, @operator@;
grant execute on all functions in schema registry to @store@, @resolve@, @reader@, @serve@, @operator@;

-- Nothing of ours is for everybody.  But a view reads tables with its owner's
-- rights and calls functions with those of whoever asks, and so does a function
-- without rights of its own.  Without the schema they cannot be called by name.
revoke execute on all functions in schema sheaf from public;
do $sheaf$
declare
	f regprocedure;
begin
	for f in
		with recursive called (id) as (
			select p.oid
			from pg_catalog.pg_proc p
			where p.pronamespace = 'registry'::regnamespace
			union
			select d.refobjid
			from pg_catalog.pg_depend d
			join pg_catalog.pg_rewrite w on w.oid = d.objid and d.classid = 'pg_catalog.pg_rewrite'::regclass
			join pg_catalog.pg_class v on v.oid = w.ev_class and v.relnamespace = 'registry'::regnamespace
			where d.refclassid = 'pg_catalog.pg_proc'::regclass
			union
			select x.oid
			from called c
			join pg_catalog.pg_proc p on p.oid = c.id and not p.prosecdef
			join pg_catalog.pg_proc x on x.pronamespace = 'sheaf'::regnamespace
				and (p.prosrc ~ ('\msheaf\.' || x.proname || '\M') or exists (
					select from pg_catalog.pg_depend d
					where d.classid = 'pg_catalog.pg_proc'::regclass
					and d.objid = p.oid
					and d.refclassid = d.classid
					and d.refobjid = x.oid))
		)
		select p.oid
		from called c
		join pg_catalog.pg_proc p on p.oid = c.id
		where p.pronamespace = 'sheaf'::regnamespace
	loop
		execute 'grant execute on function ' || f || $to$ to @reader@, @serve@, @operator@$to$;
	end loop;
end
$sheaf$;

grant usage on schema sheaf to @store@, @resolve@, @operator@;
grant select, insert, update, delete on all tables in schema sheaf to @store@;
revoke insert, update, delete on sheaf.schema_version from @store@;
grant usage, select on all sequences in schema sheaf to @store@;
grant execute on all functions in schema sheaf to @store@;

grant select on all tables in schema sheaf to @resolve@, @operator@;
grant execute on function sheaf.is_asked, sheaf.entry_now, sheaf.stored_page to @operator@;
grant insert, update, delete on sheaf.unresolved, sheaf.profile, sheaf.match_key, sheaf.match_key_mark, sheaf.model,
	sheaf.model_part, sheaf.model_alias, sheaf.model_source, sheaf.match, sheaf.entry, sheaf.member, sheaf.forward,
	sheaf.relation, sheaf.resolving, sheaf.uncomposed, sheaf.composed, sheaf.entry_title, sheaf.entry_abstract,
	sheaf.entry_agent, sheaf.entry_identifier, sheaf.entry_link, sheaf.entry_subject, sheaf.entry_code, sheaf.entry_date,
	sheaf.entry_rights, sheaf.entry_relation, sheaf.unindexed, sheaf.uncounted, sheaf.recomposing, sheaf.ask, sheaf.proposed_match,
	sheaf.proposed_change, sheaf.own_duplicate to @resolve@;
grant truncate on sheaf.match_key, sheaf.match_key_mark, sheaf.proposed_match to @resolve@;
grant usage, select on all sequences in schema sheaf to @resolve@;
grant execute on all functions in schema sheaf to @resolve@;
