-- A login role, made when it is missing.  @role@ is a literal, @name@ the same name quoted.
do $$
begin
	if not exists (select from pg_catalog.pg_roles where rolname = @role@) then
		create role @name@ login;
	end if;
end
$$;
