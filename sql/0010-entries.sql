-- Entries as portals see them: composed of their records by sheaf-resolve, in a
-- row each, with their values in tables of their own.

-- A row is a transaction of resolve, as in sheaf.unresolved.
create table sheaf.uncomposed (
	uncomposed_id bigint generated always as identity primary key,
	entry_ids uuid[] not null,
	at timestamptz not null default clock_timestamp()
);
comment on table sheaf.uncomposed is 'Entries whose records, or what is in them, changed since they were composed.';
comment on column sheaf.uncomposed.uncomposed_id is 'Its number.';
comment on column sheaf.uncomposed.entry_ids is 'The entries.';
comment on column sheaf.uncomposed.at is 'Since when.';

create table sheaf.composed (
	entry_no bigint generated always as identity primary key,
	entry_id uuid not null,
	digest bytea not null,
	record_count integer not null,
	issued date,
	first_seen timestamptz not null,
	updated_at timestamptz not null,
	starts timestamptz,
	ends timestamptz,
	deadline timestamptz,
	trl_min smallint,
	trl_max smallint,
	kind text not null,
	family text not null,
	status text,
	title text,
	title_lang text,
	abstract text,
	issued_precision text,
	publisher text,
	url text,
	image_url text,
	rights_url text,
	access text,
	languages text[] not null,
	countries text[] not null,
	sectors text[] not null,
	sdgs text[] not null,
	agencies text[] not null,
	sources text[] not null,
	origins jsonb not null
);
create unique index composed_entry_key on sheaf.composed (entry_id);
create index composed_updated_key on sheaf.composed (updated_at);
create index composed_deadline_key on sheaf.composed (deadline) where status = 'open';
comment on table sheaf.composed is 'A live entry, composed of its records.';
comment on index sheaf.composed_entry_key is 'By the id that portals know.';
comment on index sheaf.composed_updated_key is 'What changed lately.';
comment on index sheaf.composed_deadline_key is 'What is open until a day.';
comment on column sheaf.composed.entry_no is 'Its number in the tables of its values; a new one when it comes back.';
comment on column sheaf.composed.entry_id is 'Its id.';
comment on column sheaf.composed.digest is 'Of all that it says, values included: what is equal is not written.';
comment on column sheaf.composed.record_count is 'Records that it is made of.';
comment on column sheaf.composed.issued is 'First day of the period in which it was issued.';
comment on column sheaf.composed.first_seen is 'When the first of its records was seen.';
comment on column sheaf.composed.updated_at is 'When it said something else last; never goes backwards.';
comment on column sheaf.composed.starts is 'When it starts.';
comment on column sheaf.composed.ends is 'When it ends.';
comment on column sheaf.composed.deadline is 'Until when it may be answered.';
comment on column sheaf.composed.trl_min is 'Technology readiness level, from.';
comment on column sheaf.composed.trl_max is 'Technology readiness level, to.';
comment on column sheaf.composed.kind is 'Code of its kind; unassigned where no record says one.';
comment on column sheaf.composed.family is 'offer, need, knowledge, activity, actor, or unassigned.';
comment on column sheaf.composed.status is 'open, closed, fulfilled, planned, active, ended; null: unknown.';
comment on column sheaf.composed.title is 'Its title.';
comment on column sheaf.composed.title_lang is 'Language of the title.';
comment on column sheaf.composed.abstract is 'Its abstract.';
comment on column sheaf.composed.issued_precision is 'year, month or day.';
comment on column sheaf.composed.publisher is 'Its publisher.';
comment on column sheaf.composed.url is 'Its landing page.';
comment on column sheaf.composed.image_url is 'An image of it.';
comment on column sheaf.composed.rights_url is 'Licence of its content.';
comment on column sheaf.composed.access is 'open, restricted and so on.';
comment on column sheaf.composed.languages is 'Languages of its content.';
comment on column sheaf.composed.countries is 'Countries and regions, whatever their role.';
comment on column sheaf.composed.sectors is 'Sectors.';
comment on column sheaf.composed.sdgs is 'Goals and targets.';
comment on column sheaf.composed.agencies is 'Agencies that list it.';
comment on column sheaf.composed.sources is 'Sources that list it.';
comment on column sheaf.composed.origins is 'The record that each of its fields came from: {field: record_id}; "operator" where one said it.';

-- Values: a row each, with the record that it came from.  n is its place among
-- those of the entry.
create table sheaf.entry_title (entry_no bigint not null, record_id bigint not null, n smallint not null,
	text text not null, lang text, basis text, role text);
create table sheaf.entry_abstract (entry_no bigint not null, record_id bigint not null, n smallint not null,
	text text not null, lang text, basis text);
create table sheaf.entry_agent (entry_no bigint not null, record_id bigint not null, n smallint not null,
	name text not null, role text not null, role_term text, kind text, affiliation text, ids jsonb);
create table sheaf.entry_identifier (entry_no bigint not null, record_id bigint not null,
	scheme text not null, value text not null);
create table sheaf.entry_link (entry_no bigint not null, record_id bigint not null, n smallint not null,
	role text not null, url text not null, lang text, media_type text);
create table sheaf.entry_subject (entry_no bigint not null, record_id bigint not null, n smallint not null,
	text text, scheme text, code text, lang text);
create table sheaf.entry_code (entry_no bigint not null, record_id bigint not null, axis text not null,
	code text not null, role text, basis text, term text, scheme text);
create table sheaf.entry_date (entry_no bigint not null, record_id bigint not null, n smallint not null,
	role text not null, value text, until text, precision text, approximate boolean not null, text text);
create table sheaf.entry_rights (entry_no bigint not null, record_id bigint not null, n smallint not null,
	text text, url text, code text);

-- What is made of entries later, off the way of composing: a row is a
-- transaction of the composer.  An entry_no that is not in sheaf.composed is gone.
create table sheaf.unindexed (
	unindexed_id bigint generated always as identity primary key,
	entry_nos bigint[] not null
);
create table sheaf.uncounted (
	uncounted_id bigint generated always as identity primary key,
	entry_nos bigint[] not null
);
