-- The registry's vocabularies.  Columns are only ever appended.

create or replace view registry.kind as
select v.code,
	v.parents[1] as family,
	v.labels ->> 'en' as label,
	v.labels
from sheaf.vocabulary v
where v.scheme = 'kind';
comment on view registry.kind is 'What a record may be: registry.record.kind.';
comment on column registry.kind.code is 'Its code.';
comment on column registry.kind.family is 'offer, need, knowledge, actor or activity.';
comment on column registry.kind.label is 'Its label in English.';
comment on column registry.kind.labels is 'Its labels by language.';

create or replace view registry.sector as
select v.code,
	v.labels ->> 'en' as label,
	v.labels
from sheaf.vocabulary v
where v.scheme = 'sector';
comment on view registry.sector is 'What a record may be about: the sectors of the coverage matrix.';
comment on column registry.sector.code is 'Its code.';
comment on column registry.sector.label is 'Its label in English.';
comment on column registry.sector.labels is 'Its labels by language.';

create or replace view registry.country as
select v.code,
	v.labels ->> 'en' as label,
	v.labels,
	v.code ~ '^[0-9]' as is_group,
	v.alpha2,
	v.m49,
	v.parents,
	v.ancestors,
	'199' = any (v.parents) as ldc,
	'432' = any (v.parents) as lldc,
	'722' = any (v.parents) as sids
from sheaf.vocabulary v
where v.scheme = 'country';
comment on view registry.country is 'Countries, areas and their groups.';
comment on column registry.country.code is 'ISO 3166-1 alpha-3 (and XKX), or the M49 number of a group.';
comment on column registry.country.label is 'Its name in English.';
comment on column registry.country.labels is 'Its names by language.';
comment on column registry.country.is_group is 'A group of M49, not a country.';
comment on column registry.country.alpha2 is 'ISO 3166-1 alpha-2.';
comment on column registry.country.m49 is 'UN M49.';
comment on column registry.country.parents is 'Its region and groups, the narrowest.';
comment on column registry.country.ancestors is 'All groups that it belongs to, up to the World (001).';
comment on column registry.country.ldc is 'A least developed country.';
comment on column registry.country.lldc is 'A landlocked developing country.';
comment on column registry.country.sids is 'A small island developing State.';

create or replace view registry.sdg as
select v.code,
	coalesce(v.parents[1], v.code) as goal,
	v.labels ->> 'en' as label,
	v.labels
from sheaf.vocabulary v
where v.scheme = 'sdg';
comment on view registry.sdg is 'Sustainable Development Goals and their targets.';
comment on column registry.sdg.code is 'A goal (7) or a target (7.2, 13.a).';
comment on column registry.sdg.goal is 'The goal that it is, or belongs to.';
comment on column registry.sdg.label is 'The goal''s short name in English; null for a target.';
comment on column registry.sdg.labels is 'Short names by language.';

create or replace view registry.language as
select v.code,
	v.labels ->> 'en' as label,
	v.labels
from sheaf.vocabulary v
where v.scheme = 'language';
comment on view registry.language is 'Languages that have a name in several; an entry may be in another one.';
comment on column registry.language.code is 'BCP 47.';
comment on column registry.language.label is 'Its name in English.';
comment on column registry.language.labels is 'Its names by language.';
comment on table sheaf.vocabulary is 'Kinds, sectors, countries, SDGs and languages, as the tables of the configuration have them.';
comment on column sheaf.vocabulary.scheme is 'kind, sector, country, sdg or language.';
