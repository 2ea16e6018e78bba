-- Entries and their values, a row each.  Columns are only ever appended.

-- So that each entry is written by one at a time (0017-lanes.sql).
create or replace function sheaf.index_later(p_nos bigint[])
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
	insert into sheaf.unindexed (lane, entry_nos)
	select n.no & 1, array_agg(n.no order by n.i)
	from unnest(p_nos) with ordinality n(no, i)
	group by n.no & 1
	order by n.no & 1
$$;
comment on function sheaf.index_later(bigint[]) is 'Puts entries in the queue of what is to be made findable.';

-- What is gone is not found either, not even until its lane comes to it.
create or replace function sheaf.composed_changed(p_entry_nos bigint[])
returns void
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
	delete from sheaf.found f
	where f.entry_no = any (p_entry_nos)
	and not exists (select from sheaf.composed c where c.entry_no = f.entry_no);
	select sheaf.index_later(p_entry_nos);
	insert into sheaf.uncounted (entry_nos) select p_entry_nos where cardinality(p_entry_nos) > 0
$$;
comment on function sheaf.composed_changed(bigint[]) is 'Tells what is made of entries that these are new, changed or gone.';

-- How far sources are trusted and what of them may be published: written where
-- it differs.
create or replace function sheaf.source_says(p_name text, p_trust text, p_contacts boolean)
returns void
language plpgsql
as $$
begin
	update sheaf.source s
	set trust = coalesce(p_trust, ''), contacts = coalesce(p_contacts, false)
	where s.name = p_name
	and (s.trust, s.contacts) is distinct from (coalesce(p_trust, ''), coalesce(p_contacts, false));
end
$$;
comment on function sheaf.source_says(text, text, boolean) is 'Stores trust and contacts of a source of the configuration.';

-- One piece: what time changes, else what the configuration changed.
create or replace function sheaf.recompose_some(p_most integer)
returns integer
language plpgsql
as $$
declare
	c sheaf.recomposing;
	-- A volatile function would be no condition of the index.
	now_is timestamptz := clock_timestamp();
	ids uuid[];
	last text;
	n integer;
begin
	select array_agg(d.entry_id order by d.entry_no)
	into ids
	from (
		select x.entry_id, x.entry_no
		from sheaf.composed x
		where x.due <= now_is
		order by x.due
		limit p_most
	) d;
	if ids is not null then
		perform sheaf.recompose(ids);
		return cardinality(ids);
	end if;
	select * into c from sheaf.recomposing r order by r.recomposing_id limit 1;
	if not found then
		return 0;
	end if;
	if c.source_id is not null then
		select array_agg(m.entry_id order by p.record_id), max(p.identifier), count(*)
		into ids, last, n
		from (
			select r.record_id, r.identifier
			from sheaf.record r
			where r.source_id = c.source_id
			and r.identifier > c.after
			order by r.identifier
			limit p_most
		) p
		left join sheaf.member m on m.record_id = p.record_id and m.active;
	else
		select array_agg(distinct x.entry_id), max(x.entry_no)::text, count(*)
		into ids, last, n
		from (
			select a.entry_no, d.entry_id
			from sheaf.entry_agent a
			join sheaf.composed d on d.entry_no = a.entry_no
			where left(sheaf.agency_key(a.name), 100) = left(sheaf.agency_key(c.agency), 100)
			and a.role in ('publisher', 'provider')
			and a.entry_no > coalesce(nullif(c.after, '')::bigint, 0)
			order by a.entry_no
			limit p_most
		) x;
	end if;
	perform sheaf.recompose(array_remove(ids, null));
	if n < p_most then
		delete from sheaf.recomposing r where r.recomposing_id = c.recomposing_id;
	else
		update sheaf.recomposing r set after = last where r.recomposing_id = c.recomposing_id;
	end if;
	return greatest(n, 1);
end
$$;
comment on function sheaf.recompose_some(integer) is 'Queues at most so many entries whose status time has changed, or that a change of the configuration concerns; how many it looked at; 0: none waits.';

create or replace view registry.entry as
select c.entry_id,
	c.kind,
	c.family,
	c.status,
	c.title,
	c.title_lang,
	c.abstract,
	c.issued,
	c.issued_precision,
	c.starts,
	c.ends,
	c.deadline,
	c.publisher,
	c.url,
	c.image_url,
	c.rights_url,
	c.access,
	c.trl_min,
	c.trl_max,
	c.languages,
	c.countries,
	c.sectors,
	c.sdgs,
	c.agencies,
	c.sources,
	c.record_count,
	c.first_seen,
	c.updated_at,
	c.origins
from sheaf.composed c;
comment on view registry.entry is 'A thing, whoever lists it: composed of its records, each field of the one that is trusted most.';
comment on column registry.entry.entry_id is 'Its id, which never stands for another thing; registry.resolve says what became of it.';
comment on column registry.entry.kind is 'Code of its kind (registry.kind); unassigned where no record says one.';
comment on column registry.entry.family is 'offer, need, knowledge, activity, actor, or unassigned.';
comment on column registry.entry.status is 'open, closed, fulfilled, planned, active or ended; null: unknown. A deadline that has passed closes an offer or a need, and what is older than its sources expire has ended.';
comment on column registry.entry.title is 'Its title.';
comment on column registry.entry.title_lang is 'Language of the title.';
comment on column registry.entry.abstract is 'Its abstract.';
comment on column registry.entry.issued is 'First day of the period in which it was issued.';
comment on column registry.entry.issued_precision is 'year, month or day: how much of issued is known.';
comment on column registry.entry.starts is 'When it starts; the first moment of a day, month or year.';
comment on column registry.entry.ends is 'When it ends; where only a day, month or year is known, the first moment of its last day.';
comment on column registry.entry.deadline is 'Until when it may be answered; a day is written as its first moment, and is open until it is over.';
comment on column registry.entry.publisher is 'Its publisher, or provider.';
comment on column registry.entry.url is 'Its landing page.';
comment on column registry.entry.image_url is 'An image of it.';
comment on column registry.entry.rights_url is 'Licence of its content.';
comment on column registry.entry.access is 'open, embargoed, restricted or closed.';
comment on column registry.entry.trl_min is 'Technology readiness level, from.';
comment on column registry.entry.trl_max is 'Technology readiness level, to.';
comment on column registry.entry.languages is 'Languages of its content, sorted.';
comment on column registry.entry.countries is 'Countries and groups of them, whatever their role, sorted.';
comment on column registry.entry.sectors is 'Sectors, sorted.';
comment on column registry.entry.sdgs is 'Goals (7) and targets (7.2), sorted.';
comment on column registry.entry.agencies is 'Agencies whose records it is made of, sorted: of a record, its publisher or provider where that is the name of an agency, else who runs its source.';
comment on column registry.entry.sources is 'Sources that list it, sorted.';
comment on column registry.entry.record_count is 'Records that it is made of.';
comment on column registry.entry.first_seen is 'When the first of them was seen.';
comment on column registry.entry.updated_at is 'When it said something else last; never goes backwards, and moves with registry.change.';
comment on column registry.entry.origins is 'Where each field came from: {field: record_id}; "operator" where one said it.';

create or replace view registry.entry_title as
select c.entry_id, t.record_id, t.text, t.lang, t.basis, t.role, t.n
from sheaf.entry_title t
join sheaf.composed c on c.entry_no = t.entry_no;
comment on view registry.entry_title is 'The titles of an entry, the best first by n.';
comment on column registry.entry_title.entry_id is 'The entry.';
comment on column registry.entry_title.record_id is 'The record that it came from.';
comment on column registry.entry_title.text is 'The title.';
comment on column registry.entry_title.lang is 'Its language.';
comment on column registry.entry_title.basis is 'How the language is known: declared, mapped, default, rule or detected.';
comment on column registry.entry_title.role is 'main, alternative or translated.';
comment on column registry.entry_title.n is 'Its place, from 1.';

create or replace view registry.entry_abstract as
select c.entry_id, t.record_id, t.text, t.lang, t.basis, t.n
from sheaf.entry_abstract t
join sheaf.composed c on c.entry_no = t.entry_no;
comment on view registry.entry_abstract is 'The abstracts of an entry, the best first by n.';
comment on column registry.entry_abstract.entry_id is 'The entry.';
comment on column registry.entry_abstract.record_id is 'The record that it came from.';
comment on column registry.entry_abstract.text is 'The abstract.';
comment on column registry.entry_abstract.lang is 'Its language.';
comment on column registry.entry_abstract.basis is 'How the language is known: declared, mapped, default, rule or detected.';
comment on column registry.entry_abstract.n is 'Its place, from 1.';

create or replace view registry.entry_agent as
select c.entry_id, t.record_id, t.name, t.role, t.role_term as term, t.kind, t.affiliation, t.ids, t.n
from sheaf.entry_agent t
join sheaf.composed c on c.entry_no = t.entry_no;
comment on view registry.entry_agent is 'Persons and organisations of an entry.';
comment on column registry.entry_agent.entry_id is 'The entry.';
comment on column registry.entry_agent.record_id is 'The record that it came from.';
comment on column registry.entry_agent.name is 'The name, as given.';
comment on column registry.entry_agent.role is 'author, contributor, editor, publisher, provider, seeker, funder, implementer or contact.';
comment on column registry.entry_agent.term is 'The role as the source says it.';
comment on column registry.entry_agent.kind is 'person or organisation, where it is known.';
comment on column registry.entry_agent.affiliation is 'Where a person works.';
comment on column registry.entry_agent.ids is 'Identifiers: [{scheme, value}, …]; schemes orcid, ror, isni.';
comment on column registry.entry_agent.n is 'Its place, from 1.';

create or replace view registry.entry_identifier as
select c.entry_id, t.record_id, t.scheme, t.value
from sheaf.entry_identifier t
join sheaf.composed c on c.entry_no = t.entry_no;
comment on view registry.entry_identifier is 'Identifiers of an entry.';
comment on column registry.entry_identifier.entry_id is 'The entry.';
comment on column registry.entry_identifier.record_id is 'The record that it came from.';
comment on column registry.entry_identifier.scheme is 'doi, handle, isbn, un-symbol, iati, patent, arxiv, pmid, urn, oai, url or local.';
comment on column registry.entry_identifier.value is 'The identifier, in normal form. Ask with left(value, 200) = left(…, 200), too, and an index finds it.';

create or replace view registry.entry_link as
select c.entry_id, t.record_id, t.role, t.url, t.lang, t.media_type, t.n
from sheaf.entry_link t
join sheaf.composed c on c.entry_no = t.entry_no;
comment on view registry.entry_link is 'Links of an entry.';
comment on column registry.entry_link.entry_id is 'The entry.';
comment on column registry.entry_link.record_id is 'The record that it came from.';
comment on column registry.entry_link.role is 'landing, full-text, image, feed or related.';
comment on column registry.entry_link.url is 'The address.';
comment on column registry.entry_link.lang is 'Language of what is there.';
comment on column registry.entry_link.media_type is 'Media type of what is there.';
comment on column registry.entry_link.n is 'Its place, from 1.';

create or replace view registry.entry_subject as
select c.entry_id, t.record_id, t.text, t.scheme, t.code, t.lang, t.n
from sheaf.entry_subject t
join sheaf.composed c on c.entry_no = t.entry_no;
comment on view registry.entry_subject is 'Subjects of an entry, as their sources give them.';
comment on column registry.entry_subject.entry_id is 'The entry.';
comment on column registry.entry_subject.record_id is 'The record that it came from.';
comment on column registry.entry_subject.text is 'The subject in words.';
comment on column registry.entry_subject.scheme is 'The thesaurus or classification that it is of.';
comment on column registry.entry_subject.code is 'Its code there.';
comment on column registry.entry_subject.lang is 'Language of the words.';
comment on column registry.entry_subject.n is 'Its place, from 1.';

create or replace view registry.entry_sector as
select c.entry_id, t.record_id, t.code, t.basis, t.term, t.scheme
from sheaf.entry_code t
join sheaf.composed c on c.entry_no = t.entry_no
where t.axis = 'sector';
comment on view registry.entry_sector is 'Sectors of an entry.';
comment on column registry.entry_sector.entry_id is 'The entry.';
comment on column registry.entry_sector.record_id is 'The record that it came from.';
comment on column registry.entry_sector.code is 'Code of the sector (registry.sector).';
comment on column registry.entry_sector.basis is 'declared, mapped, default, rule, detected, or operator: said by one about the record.';
comment on column registry.entry_sector.term is 'What the source said, where that was mapped.';
comment on column registry.entry_sector.scheme is 'The scheme of that term.';

create or replace view registry.entry_country as
select c.entry_id, t.record_id, t.code, t.role, t.basis, t.term, t.scheme
from sheaf.entry_code t
join sheaf.composed c on c.entry_no = t.entry_no
where t.axis = 'country';
comment on view registry.entry_country is 'Countries and groups of countries of an entry.';
comment on column registry.entry_country.entry_id is 'The entry.';
comment on column registry.entry_country.record_id is 'The record that it came from.';
comment on column registry.entry_country.code is 'Code of the country or group (registry.country).';
comment on column registry.entry_country.basis is 'declared, mapped, default, rule, detected, or operator: said by one about the record.';
comment on column registry.entry_country.term is 'What the source said, where that was mapped.';
comment on column registry.entry_country.scheme is 'The scheme of that term.';
comment on column registry.entry_country.role is 'about, origin, deployed, target or available.';

create or replace view registry.entry_sdg as
select c.entry_id, t.record_id, split_part(t.code, '.', 1)::integer as goal,
	case when t.code like '%.%' then t.code end as target, t.basis, t.term, t.scheme
from sheaf.entry_code t
join sheaf.composed c on c.entry_no = t.entry_no
where t.axis = 'sdg'
and t.code ~ '^[0-9]{1,4}(\.|$)';
comment on view registry.entry_sdg is 'Goals and targets of an entry.';
comment on column registry.entry_sdg.entry_id is 'The entry.';
comment on column registry.entry_sdg.record_id is 'The record that it came from.';
comment on column registry.entry_sdg.goal is 'The goal, 1 to 17.';
comment on column registry.entry_sdg.target is 'The target, such as 7.2 or 13.a; null: the goal alone.';
comment on column registry.entry_sdg.basis is 'declared, mapped, default, rule, detected, or operator: said by one about the record.';
comment on column registry.entry_sdg.term is 'What the source said, where that was mapped.';
comment on column registry.entry_sdg.scheme is 'The scheme of that term.';

create or replace view registry.entry_language as
select c.entry_id, t.record_id, t.code, t.basis, t.term, t.scheme
from sheaf.entry_code t
join sheaf.composed c on c.entry_no = t.entry_no
where t.axis = 'language';
comment on view registry.entry_language is 'Languages of the content of an entry.';
comment on column registry.entry_language.entry_id is 'The entry.';
comment on column registry.entry_language.record_id is 'The record that it came from.';
comment on column registry.entry_language.code is 'The language (BCP 47).';
comment on column registry.entry_language.basis is 'declared, mapped, default, rule, detected, or operator: said by one about the record.';
comment on column registry.entry_language.term is 'What the source said, where that was mapped.';
comment on column registry.entry_language.scheme is 'The scheme of that term.';

create or replace view registry.entry_date as
select c.entry_id, t.record_id, t.role, t.value, t.until, t.precision, t.approximate, t.text as term, t.n
from sheaf.entry_date t
join sheaf.composed c on c.entry_no = t.entry_no;
comment on view registry.entry_date is 'Dates of an entry.';
comment on column registry.entry_date.entry_id is 'The entry.';
comment on column registry.entry_date.record_id is 'The record that it came from.';
comment on column registry.entry_date.role is 'issued, modified, created, accepted, available, deposited, embargo, start, end, deadline, valid-from or valid-until.';
comment on column registry.entry_date.value is '2014, 2014-05, 2014-05-01, or an instant in UTC; null: it was not understood.';
comment on column registry.entry_date.until is 'The end of a span.';
comment on column registry.entry_date.precision is 'year, month, day, minute or second.';
comment on column registry.entry_date.approximate is 'The source says that it is not exact.';
comment on column registry.entry_date.term is 'What the source wrote, where that is more.';
comment on column registry.entry_date.n is 'Its place, from 1.';

create or replace view registry.entry_rights as
select c.entry_id, t.record_id, t.text, t.url, t.code, t.n
from sheaf.entry_rights t
join sheaf.composed c on c.entry_no = t.entry_no;
comment on view registry.entry_rights is 'Licences and rights of an entry.';
comment on column registry.entry_rights.entry_id is 'The entry.';
comment on column registry.entry_rights.record_id is 'The record that it came from.';
comment on column registry.entry_rights.text is 'The rights in words.';
comment on column registry.entry_rights.url is 'Address of the licence.';
comment on column registry.entry_rights.code is 'SPDX code of a licence that is known.';
comment on column registry.entry_rights.n is 'Their place, from 1.';

-- What a record names by an identifier or address is the entry that has it; by
-- a name of its source's own, that source's record.
create or replace view registry.relation as
select distinct f.entry_id as from_entry,
	case when w.is_told then t.entry_id end as to_entry,
	case when w.is_told then r.type end as type,
	case when w.is_told then nullif(r.scheme, '') end as scheme,
	case when w.is_told then nullif(r.value, '') end as value,
	r.basis,
	null::bigint as record_id,
	null::text as term
from sheaf.relation r
join sheaf.member f on f.record_id = r.from_record and f.active
join lateral (
	select c.status in ('active', 'missing', 'deleted') and not c.withheld as is_told
	from sheaf.record c
	where c.record_id = r.from_record
) w on true
left join sheaf.member t on t.record_id = r.to_record and t.active
where f.entry_id is distinct from t.entry_id
-- Conditions of who asks may be looked at before this.
and w.is_told
and (r.to_record is null or t.entry_id is not null or r.value <> '')
union all
select c.entry_id,
	coalesce(i.entry_id, l.entry_id, o.entry_id),
	r.type,
	r.scheme,
	r.value,
	'stated',
	r.record_id,
	r.text
from sheaf.entry_relation r
join sheaf.composed c on c.entry_no = r.entry_no
left join lateral (
	select x.entry_id
	from sheaf.entry_identifier n
	join sheaf.composed x on x.entry_no = n.entry_no
	where left(n.value, 200) = left(r.value, 200)
	and n.value = r.value
	and n.scheme = r.scheme
	and n.entry_no <> r.entry_no
	order by n.entry_no
	limit 1
) i on r.scheme is not null
left join lateral (
	select x.entry_id
	from sheaf.entry_link n
	join sheaf.composed x on x.entry_no = n.entry_no
	where n.url = r.value
	and n.role = 'landing'
	and n.entry_no <> r.entry_no
	order by n.entry_no
	limit 1
) l on r.scheme = 'url' and i.entry_id is null
left join lateral (
	select m.entry_id
	from sheaf.record s
	join sheaf.record n on n.source_id = s.source_id and n.identifier = r.value collate "C"
	join sheaf.member m on m.record_id = n.record_id and m.active
	where s.record_id = r.record_id
	and m.entry_id <> c.entry_id
) o on r.scheme in ('local', 'oai', 'url') and i.entry_id is null and l.entry_id is null
-- What leads from one of its records to another leads nowhere.
where coalesce(i.entry_id, l.entry_id, o.entry_id) is not null
or not (
	exists (
		select
		from sheaf.entry_identifier n
		where n.entry_no = r.entry_no
		and n.scheme = r.scheme
		and n.value = r.value
	)
	or r.scheme = 'url' and exists (
		select
		from sheaf.entry_link n
		where n.entry_no = r.entry_no
		and n.role = 'landing'
		and n.url = r.value
	)
	or r.scheme in ('local', 'oai', 'url') and exists (
		select
		from sheaf.record s
		join sheaf.record n on n.source_id = s.source_id and n.identifier = r.value collate "C"
		join sheaf.member m on m.record_id = n.record_id and m.active
		where s.record_id = r.record_id
		and m.entry_id = c.entry_id
	)
) is true;
comment on view registry.relation is 'A relation between entries, or from an entry outwards. Ask with from_entry.';
comment on column registry.relation.from_entry is 'The entry.';
comment on column registry.relation.to_entry is 'The other one; null: it is not here.';
comment on column registry.relation.type is 'part-of, has-part, version-of, translation-of, references, replaces, about, responds-to or related.';
comment on column registry.relation.scheme is 'Scheme of the identifier by which the data names it.';
comment on column registry.relation.value is 'That identifier.';
comment on column registry.relation.basis is 'stated (the data says so) or matched.';
comment on column registry.relation.record_id is 'The record that states it.';
comment on column registry.relation.term is 'What the source said, in words.';
