-- The order in which entries changed, and what they said before.

-- Whoever numbers changes holds the row of this table until the commit, so
-- numbers become visible in their order, none is left out, and what is rolled
-- back never had one.  It says as much on a replica and after a crash.
create table sheaf.change_number (
	one boolean primary key default true check (one),
	seq bigint not null default 0,
	at timestamptz not null default 'epoch'
) with (fillfactor = 10);
insert into sheaf.change_number default values;
comment on table sheaf.change_number is 'One row: the last change.';
comment on column sheaf.change_number.one is 'True: there is no other row.';
comment on column sheaf.change_number.seq is 'Its number.';
comment on column sheaf.change_number.at is 'When it was; never goes backwards, even when the clock does.';

create table sheaf.change (
	seq bigint primary key,
	at timestamptz not null,
	entry_id uuid not null,
	op text not null check (op in ('upsert', 'delete', 'merge', 'split')),
	related uuid[]
);
create index change_entry_key on sheaf.change (entry_id, seq) where op <> 'upsert';
comment on table sheaf.change is 'What became of entries, in order.';
comment on index sheaf.change_entry_key is 'What became of an entry.';
comment on column sheaf.change.seq is 'Its number.';
comment on column sheaf.change.at is 'When.';
comment on column sheaf.change.entry_id is 'The entry.';
comment on column sheaf.change.op is 'upsert, delete, merge or split.';
comment on column sheaf.change.related is 'The entries that have its records now, of a merge or split.';

create table sheaf.change_kept (
	one boolean primary key default true check (one),
	floor bigint not null default 0,
	compacted bigint not null default 0
);
insert into sheaf.change_kept default values;
comment on table sheaf.change_kept is 'One row: which changes are no longer there.';
comment on column sheaf.change_kept.one is 'True: there is no other row.';
comment on column sheaf.change_kept.floor is 'Whoever saw this one and all before it can go on; changes up to it may be missing.';
comment on column sheaf.change_kept.compacted is 'Up to this one, changes that later ones supersede are taken out.';

create table sheaf.history (
	entry_id uuid not null,
	until timestamptz not null,
	is_whole boolean not null,
	said jsonb not null,
	origins jsonb not null,
	primary key (entry_id, until)
);
create index history_until_key on sheaf.history (until);
comment on table sheaf.history is 'What an entry said before it said something else.';
comment on index sheaf.history_until_key is 'The oldest, for retention.';
comment on column sheaf.history.entry_id is 'The entry.';
comment on column sheaf.history.until is 'Until when: sheaf.change.at of the change that ended it.';
comment on column sheaf.history.is_whole is 'All that it said, since it went; otherwise only the fields that changed.';
comment on column sheaf.history.said is 'The fields: {field: value}; a field that had no value is null or not there.';
comment on column sheaf.history.origins is 'The records that they came from: {field: record_id}; what is hidden later is not told.';

-- A logical replica finds a row by its key.
alter table sheaf.relation add column relation_id bigint generated always as identity primary key;
comment on column sheaf.relation.relation_id is 'Its number.';
