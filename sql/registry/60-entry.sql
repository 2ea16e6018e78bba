-- Entries and their values, a row each.

create or replace function sheaf.composed_changed(p_entry_nos bigint[])
returns void
language sql
as $$
	with a as (
		insert into sheaf.unindexed (entry_nos) select p_entry_nos where cardinality(p_entry_nos) > 0
	)
	insert into sheaf.uncounted (entry_nos) select p_entry_nos where cardinality(p_entry_nos) > 0
$$;
comment on function sheaf.composed_changed(bigint[]) is 'Tells what is made of entries that these are new, changed or gone.';
