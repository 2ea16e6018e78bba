-- What each role may do.  @store@ and its like stand for the configured names.
grant usage on schema registry to @store@, @resolve@, @reader@, @serve@;
grant select on all tables in schema registry to @store@, @resolve@, @reader@, @serve@;
grant execute on all functions in schema registry to @store@, @resolve@, @reader@, @serve@;

grant usage on schema sheaf to @store@, @resolve@, @reader@;
grant select, insert, update, delete on all tables in schema sheaf to @store@;
revoke insert, update, delete on sheaf.schema_version from @store@;
grant usage, select on all sequences in schema sheaf to @store@;
grant execute on all functions in schema sheaf to @store@;

grant select on all tables in schema sheaf to @resolve@, @reader@;
grant insert, update, delete on sheaf.unresolved, sheaf.profile, sheaf.match_key, sheaf.match_key_mark, sheaf.model,
	sheaf.model_part, sheaf.model_alias, sheaf.model_source, sheaf.match, sheaf.entry, sheaf.member, sheaf.forward,
	sheaf.relation, sheaf.resolving, sheaf.uncomposed, sheaf.composed, sheaf.entry_title, sheaf.entry_abstract,
	sheaf.entry_agent, sheaf.entry_identifier, sheaf.entry_link, sheaf.entry_subject, sheaf.entry_code, sheaf.entry_date,
	sheaf.entry_rights, sheaf.unindexed, sheaf.uncounted to @resolve@;
grant truncate on sheaf.match_key to @resolve@;
grant usage, select on all sequences in schema sheaf to @resolve@;
grant execute on all functions in schema sheaf to @resolve@;
