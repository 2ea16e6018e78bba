-- Entries as portals see them: composed of their records by sheaf-resolve, in a
-- row each, with their values in tables of their own.

-- A row is a transaction of resolve, as in sheaf.unresolved.
create table sheaf.uncomposed (
	uncomposed_id bigint generated always as identity primary key,
	entry_ids uuid[] not null,
	entry_count integer not null generated always as (cardinality(entry_ids)) stored,
	at timestamptz not null default clock_timestamp()
);
comment on table sheaf.uncomposed is 'Entries whose records, or what is in them, changed since they were composed.';
comment on column sheaf.uncomposed.uncomposed_id is 'Its number.';
comment on column sheaf.uncomposed.entry_ids is 'The entries.';
comment on column sheaf.uncomposed.entry_count is 'How many they are.';
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
	origins jsonb not null,
	due timestamptz
);
create unique index composed_entry_key on sheaf.composed (entry_id);
create index composed_updated_key on sheaf.composed (updated_at);
create index composed_deadline_key on sheaf.composed (deadline) where status = 'open';
create index composed_due_key on sheaf.composed (due) where due is not null;
comment on table sheaf.composed is 'A live entry, composed of its records.';
comment on index sheaf.composed_entry_key is 'By the id that portals know.';
comment on index sheaf.composed_updated_key is 'What changed lately.';
comment on index sheaf.composed_deadline_key is 'What is open until a day.';
comment on index sheaf.composed_due_key is 'What time will change next.';
comment on column sheaf.composed.due is 'When its status changes though no record does: a deadline passes, or its records expire; null: never.';
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
-- those of the entry; with entry_no it is the row's key, so that it can be
-- replicated (sheaf.publish).
create table sheaf.entry_title (
	entry_no bigint not null,
	record_id bigint not null,
	n smallint not null,
	text text not null,
	lang text,
	basis text,
	role text,
	primary key (entry_no, n)
);
comment on table sheaf.entry_title is 'Titles of entries.';
comment on column sheaf.entry_title.entry_no is 'The entry.';
comment on column sheaf.entry_title.record_id is 'The record that it came from.';
comment on column sheaf.entry_title.n is 'Its place among the titles of the entry, from 1.';
comment on column sheaf.entry_title.text is 'The title.';
comment on column sheaf.entry_title.lang is 'Its language.';
comment on column sheaf.entry_title.basis is 'How the language is known: declared, mapped, default, rule or detected.';
comment on column sheaf.entry_title.role is 'main, alternative or translated.';

create table sheaf.entry_abstract (
	entry_no bigint not null,
	record_id bigint not null,
	n smallint not null,
	text text not null,
	lang text,
	basis text,
	primary key (entry_no, n)
);
comment on table sheaf.entry_abstract is 'Abstracts of entries.';
comment on column sheaf.entry_abstract.entry_no is 'The entry.';
comment on column sheaf.entry_abstract.record_id is 'The record that it came from.';
comment on column sheaf.entry_abstract.n is 'Its place among the abstracts of the entry, from 1.';
comment on column sheaf.entry_abstract.text is 'The abstract.';
comment on column sheaf.entry_abstract.lang is 'Its language.';
comment on column sheaf.entry_abstract.basis is 'How the language is known.';

create table sheaf.entry_agent (
	entry_no bigint not null,
	record_id bigint not null,
	n smallint not null,
	name text not null,
	role text not null,
	role_term text,
	kind text,
	affiliation text,
	ids jsonb,
	primary key (entry_no, n)
);
create index entry_agent_name_key on sheaf.entry_agent (left(lower(name), 100));
comment on table sheaf.entry_agent is 'Persons and organisations of entries.';
comment on index sheaf.entry_agent_name_key is 'The entries of an agent.';
comment on column sheaf.entry_agent.entry_no is 'The entry.';
comment on column sheaf.entry_agent.record_id is 'The record that it came from.';
comment on column sheaf.entry_agent.n is 'Its place among the agents of the entry, from 1.';
comment on column sheaf.entry_agent.name is 'The name, as given.';
comment on column sheaf.entry_agent.role is 'author, contributor, editor, publisher, provider, seeker, funder, implementer or contact.';
comment on column sheaf.entry_agent.role_term is 'The role as the source says it.';
comment on column sheaf.entry_agent.kind is 'person or organisation, where it is known.';
comment on column sheaf.entry_agent.affiliation is 'Where a person works.';
comment on column sheaf.entry_agent.ids is 'Identifiers: [{scheme, value}, …].';

create table sheaf.entry_identifier (
	entry_no bigint not null,
	record_id bigint not null,
	n smallint not null,
	scheme text not null,
	value text not null,
	primary key (entry_no, n)
);
create index entry_identifier_value_key on sheaf.entry_identifier (left(value, 200));
comment on table sheaf.entry_identifier is 'Identifiers of entries.';
comment on index sheaf.entry_identifier_value_key is 'The entries of an identifier.';
comment on column sheaf.entry_identifier.entry_no is 'The entry.';
comment on column sheaf.entry_identifier.record_id is 'The record that it came from.';
comment on column sheaf.entry_identifier.n is 'Its place among the identifiers of the entry, from 1.';
comment on column sheaf.entry_identifier.scheme is 'doi, handle, isbn, un-symbol, iati, patent, arxiv, pmid, urn, oai, url or local.';
comment on column sheaf.entry_identifier.value is 'The identifier, in normal form.';

create table sheaf.entry_link (
	entry_no bigint not null,
	record_id bigint not null,
	n smallint not null,
	role text not null,
	url text not null,
	lang text,
	media_type text,
	primary key (entry_no, n)
);
create index entry_link_url_key on sheaf.entry_link using hash (url);
comment on table sheaf.entry_link is 'Links of entries.';
comment on index sheaf.entry_link_url_key is 'The entries of a link.';
comment on column sheaf.entry_link.entry_no is 'The entry.';
comment on column sheaf.entry_link.record_id is 'The record that it came from.';
comment on column sheaf.entry_link.n is 'Its place among the links of the entry, from 1.';
comment on column sheaf.entry_link.role is 'landing, full-text, image, feed or related.';
comment on column sheaf.entry_link.url is 'The address.';
comment on column sheaf.entry_link.lang is 'Language of what is there.';
comment on column sheaf.entry_link.media_type is 'Media type of what is there.';

create table sheaf.entry_subject (
	entry_no bigint not null,
	record_id bigint not null,
	n smallint not null,
	text text,
	scheme text,
	code text,
	lang text,
	primary key (entry_no, n)
);
create index entry_subject_text_key on sheaf.entry_subject (left(lower(text), 100));
comment on table sheaf.entry_subject is 'Subjects of entries, as given.';
comment on index sheaf.entry_subject_text_key is 'The entries of a subject.';
comment on column sheaf.entry_subject.entry_no is 'The entry.';
comment on column sheaf.entry_subject.record_id is 'The record that it came from.';
comment on column sheaf.entry_subject.n is 'Its place among the subjects of the entry, from 1.';
comment on column sheaf.entry_subject.text is 'The subject in words.';
comment on column sheaf.entry_subject.scheme is 'The thesaurus or classification that it is of.';
comment on column sheaf.entry_subject.code is 'Its code there.';
comment on column sheaf.entry_subject.lang is 'Language of the words.';

create table sheaf.entry_code (
	entry_no bigint not null,
	record_id bigint not null,
	n smallint not null,
	axis text not null,
	code text not null,
	role text,
	basis text,
	term text,
	scheme text,
	primary key (entry_no, n)
);
create index entry_code_code_key on sheaf.entry_code (axis, code, entry_no);
comment on table sheaf.entry_code is 'Codes of entries: what they are for, where, and in which language.  An axis without a value has no row.';
comment on index sheaf.entry_code_code_key is 'The entries of a code.';
comment on column sheaf.entry_code.entry_no is 'The entry.';
comment on column sheaf.entry_code.record_id is 'The record that it came from, or of which an operator said it.';
comment on column sheaf.entry_code.n is 'Its place among the codes of the entry, from 1.';
comment on column sheaf.entry_code.axis is 'sector, country, sdg or language.';
comment on column sheaf.entry_code.code is 'The code.';
comment on column sheaf.entry_code.role is 'Of a country: about, origin, deployed, target or available.';
comment on column sheaf.entry_code.basis is 'declared, mapped, default, rule, detected, or operator.';
comment on column sheaf.entry_code.term is 'What the source said, where it was mapped.';
comment on column sheaf.entry_code.scheme is 'The scheme of that term.';

create table sheaf.entry_date (
	entry_no bigint not null,
	record_id bigint not null,
	n smallint not null,
	role text not null,
	value text,
	until text,
	precision text,
	approximate boolean not null,
	text text,
	primary key (entry_no, n)
);
comment on table sheaf.entry_date is 'Dates of entries.';
comment on column sheaf.entry_date.entry_no is 'The entry.';
comment on column sheaf.entry_date.record_id is 'The record that it came from.';
comment on column sheaf.entry_date.n is 'Its place among the dates of the entry, from 1.';
comment on column sheaf.entry_date.role is 'issued, modified, created, accepted, available, deposited, embargo, start, end, deadline, valid-from or valid-until.';
comment on column sheaf.entry_date.value is '2014, 2014-05, 2014-05-01, or an instant in UTC; null: it was not understood.';
comment on column sheaf.entry_date.until is 'The end of a span.';
comment on column sheaf.entry_date.precision is 'year, month, day, minute or second.';
comment on column sheaf.entry_date.approximate is 'The source says that it is not exact.';
comment on column sheaf.entry_date.text is 'What the source wrote, where that is more.';

create table sheaf.entry_rights (
	entry_no bigint not null,
	record_id bigint not null,
	n smallint not null,
	text text,
	url text,
	code text,
	primary key (entry_no, n)
);
comment on table sheaf.entry_rights is 'Licences and rights of entries.';
comment on column sheaf.entry_rights.entry_no is 'The entry.';
comment on column sheaf.entry_rights.record_id is 'The record that they came from.';
comment on column sheaf.entry_rights.n is 'Their place among the rights of the entry, from 1.';
comment on column sheaf.entry_rights.text is 'The rights in words.';
comment on column sheaf.entry_rights.url is 'Address of the licence.';
comment on column sheaf.entry_rights.code is 'SPDX code of a licence that is known.';

create table sheaf.entry_relation (
	entry_no bigint not null,
	record_id bigint not null,
	n smallint not null,
	type text not null,
	scheme text,
	value text,
	text text,
	primary key (entry_no, n)
);
comment on table sheaf.entry_relation is 'What entries state of other things.';
comment on column sheaf.entry_relation.entry_no is 'The entry.';
comment on column sheaf.entry_relation.record_id is 'The record that states it.';
comment on column sheaf.entry_relation.n is 'Its place among the relations of the entry, from 1.';
comment on column sheaf.entry_relation.type is 'part-of, has-part, version-of, translation-of, references, replaces, about, responds-to or related.';
comment on column sheaf.entry_relation.scheme is 'Scheme of the identifier of the other thing.';
comment on column sheaf.entry_relation.value is 'That identifier.';
comment on column sheaf.entry_relation.text is 'The other thing in words.';

-- What is made of entries later, off the way of composing: a row is a
-- transaction of the composer.  An entry_no that is not in sheaf.composed is gone.
create table sheaf.unindexed (
	unindexed_id bigint generated always as identity primary key,
	entry_nos bigint[] not null
);
comment on table sheaf.unindexed is 'Entries that changed since they were made findable.';
comment on column sheaf.unindexed.unindexed_id is 'Its number.';
comment on column sheaf.unindexed.entry_nos is 'The entries, gone ones too.';
create table sheaf.uncounted (
	uncounted_id bigint generated always as identity primary key,
	entry_nos bigint[] not null
);
comment on table sheaf.uncounted is 'Entries that changed since they were counted in the matrix.';
comment on column sheaf.uncounted.uncounted_id is 'Its number.';
comment on column sheaf.uncounted.entry_nos is 'The entries, gone ones too.';

-- In rows of a thousand, so that one of them is a step for the composer.
create function sheaf.recompose(p_entries uuid[])
returns void
language sql
as $$
	insert into sheaf.uncomposed (entry_ids)
	select array_agg(u.id order by u.n)
	from (select d.id, row_number() over (order by d.n) as n
		from (select x.id, min(x.n) as n from unnest(p_entries) with ordinality as x (id, n) group by x.id) d) u
	group by (u.n - 1) / 1000
	order by (u.n - 1) / 1000
$$;
comment on function sheaf.recompose is 'Lets the composer look at entries again; null or empty: none.';

-- What was resolved before there were composed entries, as their records stand
-- in blocks.
insert into sheaf.uncomposed (entry_ids)
select array_agg(u.entry_id order by u.n)
from (
	select m.entry_id, row_number() over (order by min(m.record_id)) as n
	from sheaf.member m
	where m.active
	group by m.entry_id
) u
group by (u.n - 1) / 1000
order by (u.n - 1) / 1000;

-- What entries are composed by beside records: how far sources are trusted,
-- what of them may be published, whose they are.  A change of it is a row here,
-- and what it concerns is composed again, a piece at a time.
alter table sheaf.source add column trust text not null default '';
alter table sheaf.source add column contacts boolean not null default false;
comment on column sheaf.source.trust is 'How far it is trusted, by fields: the configuration''s trust, its agency''s before its own.';
comment on column sheaf.source.contacts is 'Whether addresses and telephone numbers of persons may be published.';

create table sheaf.recomposing (
	recomposing_id bigint generated always as identity primary key,
	source_id integer,
	agency text,
	after text collate "C" not null default '',
	fresh boolean not null default true,
	check ((source_id is null) <> (agency is null))
);
comment on table sheaf.recomposing is 'Changes of the configuration whose entries are to be composed again.';
comment on column sheaf.recomposing.recomposing_id is 'Its number.';
comment on column sheaf.recomposing.source_id is 'The source that changed, or';
comment on column sheaf.recomposing.agency is 'a name that an agency has now, or had.';
comment on column sheaf.recomposing.after is 'The last identifier, or entry, that this is done for.';
comment on column sheaf.recomposing.fresh is 'The composer has not read the change yet.';

create function sheaf.source_recomposes()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog
as $$
begin
	insert into sheaf.recomposing (source_id) values (new.source_id);
	return null;
end
$$;
comment on function sheaf.source_recomposes is 'Has the entries of a source composed again.';
create trigger source_recomposes after update of trust, contacts, agency, name, expire_ms on sheaf.source
	for each row when ((old.trust, old.contacts, old.agency, old.name, old.expire_ms)
		is distinct from (new.trust, new.contacts, new.agency, new.name, new.expire_ms))
	execute function sheaf.source_recomposes();

create function sheaf.agency_recomposes()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog
as $$
begin
	insert into sheaf.recomposing (agency)
	select distinct u.name
	from unnest(array[new.name, case when tg_op = 'UPDATE' then old.name end]) as u (name)
	where u.name is not null;
	return null;
end
$$;
comment on function sheaf.agency_recomposes is 'Has the entries composed again that name an agency as publisher or provider.';
create trigger agency_added after insert on sheaf.agency
	for each row execute function sheaf.agency_recomposes();
create trigger agency_recomposes after update of name, configured on sheaf.agency
	for each row when ((old.name, old.configured) is distinct from (new.name, new.configured))
	execute function sheaf.agency_recomposes();
