-- What a portal's mistakes may cost.  @timeout@ and @idle@ are milliseconds.
-- What is so already is left alone, so that a role which an administrator made
-- needs no right to change it.
do $$
declare
	name text := @role@;
	setting text;
	has text[] := (
		select s.setconfig
		from pg_catalog.pg_db_role_setting s
		join pg_catalog.pg_roles r on r.oid = s.setrole
		join pg_catalog.pg_database d on d.oid = s.setdatabase
		where r.rolname = name
		and d.datname = pg_catalog.current_database());
begin
	foreach setting in array array['statement_timeout=@timeout@',
		'idle_in_transaction_session_timeout=@idle@', 'default_transaction_read_only=on',
		-- Views of the matrix are done before their plans are compiled.
		'jit=off'] loop
		if setting = any (has) then
			continue;
		end if;
		execute pg_catalog.format('alter role %I in database %I set %s = %L', name, pg_catalog.current_database(),
			pg_catalog.split_part(setting, '=', 1), pg_catalog.split_part(setting, '=', 2));
	end loop;
end
$$;
