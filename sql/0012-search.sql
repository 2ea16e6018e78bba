-- What entries are found by.  Made by sheaf.index_some() of what the composer
-- wrote, and made again from it at any time.

-- Codes that entries are found and counted by, as small numbers.
create table sheaf.facet (
	facet_id integer generated always as identity primary key,
	facet text not null,
	code text not null
);
create unique index facet_code_key on sheaf.facet (facet, code);
comment on table sheaf.facet is 'What entries are filtered and counted by; the numbers stand in sheaf.found.';
comment on column sheaf.facet.facet_id is 'Its number.';
comment on column sheaf.facet.facet is 'kind, family, agency, sector, country, sdg, language or status; for the search alone: reach, year, month, due, sample, all.';
comment on column sheaf.facet.code is 'The code.';

-- Languages whose rules were used: a query is read by these and no others.
create table sheaf.search_config (
	name text primary key
);
comment on table sheaf.search_config is 'Text search configurations of schema sheaf by which texts were read.';
comment on column sheaf.search_config.name is 'Its name.';

-- Apart from sheaf.composed: rows are small, so many stand in a page, and a
-- row is written when its entry is, later, away from the harvest.
create table sheaf.found (
	entry_no bigint primary key,
	updated_at timestamptz not null,
	deadline timestamptz,
	issued date not null,
	facets integer[] not null,
	plain text,
	vector tsvector not null
);
-- One index answers words and codes together.  Its third column is the titles
-- alone: what has a common word there is found without reading the rest.
-- What index_some() adds waits in the pending list until it puts some thousands
-- in their places together, which costs less; the limit is above that, so that
-- nobody else has to.
create index found_words_key on sheaf.found
	using gin (vector, facets, ts_filter(vector, '{a}'))
	with (fastupdate = on, gin_pending_list_limit = 65536);
create index found_issued_key on sheaf.found (issued, entry_no);
create index found_updated_key on sheaf.found (updated_at, entry_no);
create index found_deadline_key on sheaf.found (deadline, entry_no) where deadline is not null;
comment on table sheaf.found is 'What an entry is found by.';
comment on column sheaf.found.entry_no is 'The entry.';
comment on column sheaf.found.updated_at is 'As in sheaf.composed.';
comment on column sheaf.found.deadline is 'As in sheaf.composed.';
comment on column sheaf.found.issued is 'As in sheaf.composed; -infinity: unknown.';
comment on column sheaf.found.facets is 'Its codes, with the groups and goals that they belong to.';
comment on column sheaf.found.plain is 'Titles and subjects in languages that PostgreSQL has no rules for, in lower case without accents: parts of their words are found.';
comment on column sheaf.found.vector is 'Its words: titles A, subjects B, abstracts C, agents D; identifiers behind "=".';
comment on index sheaf.found_words_key is 'By words, codes, and words of titles.';
comment on index sheaf.found_issued_key is 'The latest.';
comment on index sheaf.found_updated_key is 'What changed lately.';
comment on index sheaf.found_deadline_key is 'By what ends next.';

-- One of 64 of them, in little room: what there is of a query is estimated by
-- it, at the cost of a small table whatever the registry has grown to.
create table sheaf.found_sample (
	like sheaf.found including comments,
	primary key (entry_no)
);
create index found_sample_words_key on sheaf.found_sample
	using gin (vector, facets, ts_filter(vector, '{a}'))
	with (fastupdate = off);
comment on table sheaf.found_sample is 'One of 64 rows of sheaf.found, by a hash of their numbers.';
comment on index sheaf.found_sample_words_key is 'By words, codes, and words of titles.';

create table sheaf.search_state (
	one boolean primary key default true check (one),
	pending integer not null
);
insert into sheaf.search_state (pending) values (0);
comment on table sheaf.search_state is 'One row: how indexing goes on.';
comment on column sheaf.search_state.one is 'True: there is no other row.';
comment on column sheaf.search_state.pending is 'Entries that wait in the index''s pending list.';
