-- What operators said.

create or replace view registry.decision as
select d.decision_id,
	d.kind,
	case when d.kind in ('same', 'different') then d.kind end as verdict,
	array_remove(array[a.record_id, b.record_id], null) as record_ids,
	d.source_a,
	d.identifier_a::text as identifier_a,
	d.source_b,
	d.identifier_b::text as identifier_b,
	d.field,
	d.value,
	d.author as decided_by,
	d.at as decided_at,
	d.reason,
	d.undone_at,
	d.undone_by,
	d.undone_reason
from sheaf.decision d
left join sheaf.source sa on sa.name = d.source_a
left join sheaf.record a on a.source_id = sa.source_id and a.identifier = d.identifier_a
left join sheaf.source sb on sb.name = d.source_b
left join sheaf.record b on b.source_id = sb.source_id and b.identifier = d.identifier_b;
comment on view registry.decision is 'An operator''s word about one record or two; it holds while undone_at is null.';
comment on column registry.decision.decision_id is 'Its number.';
comment on column registry.decision.kind is 'same or different (of two records), hide, set (a field of the entry) or purge.';
comment on column registry.decision.verdict is 'same or different, where it is about two records.';
comment on column registry.decision.record_ids is 'The records that it is about, as far as they are there.';
comment on column registry.decision.source_a is 'Name of the record''s source.';
comment on column registry.decision.identifier_a is 'The record''s identifier in it.';
comment on column registry.decision.source_b is 'Name of the other record''s source.';
comment on column registry.decision.identifier_b is 'Its identifier.';
comment on column registry.decision.field is 'The field that is set.';
comment on column registry.decision.value is 'What it is set to; empty: it has no value.';
comment on column registry.decision.decided_by is 'Who decided.';
comment on column registry.decision.decided_at is 'When.';
comment on column registry.decision.reason is 'Why.';
comment on column registry.decision.undone_at is 'Since when it no longer holds.';
comment on column registry.decision.undone_by is 'Who undid it.';
comment on column registry.decision.undone_reason is 'Why.';
