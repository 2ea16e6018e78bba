-- What operators said.

-- A decision, entered.  Either decision_id is set, or refusal says why not;
-- note is what the operator should know besides.
create or replace function sheaf.decide(p_kind text, p_source_a text, p_identifier_a text, p_source_b text, p_identifier_b text,
	p_field text, p_value text, p_author text, p_reason text, p_at timestamptz default clock_timestamp(),
	out decision_id bigint, out refusal text, out note text)
language plpgsql
as $$
#variable_conflict use_column
declare
	concerned bigint[];
	way text;
begin
	case
	when p_kind is null or p_kind <> all (array['same', 'different', 'hide', 'set', 'purge']) then
		refusal := format('there is no decision "%s"; expected same, different, hide, set or purge', p_kind);
	when coalesce(p_author, '') !~ '\S' then
		refusal := 'nobody is named as its author';
	when coalesce(p_reason, '') !~ '\S' then
		refusal := 'it has no reason';
	when coalesce(p_source_a, '') = '' or coalesce(p_identifier_a, '') = '' then
		refusal := 'it names no record';
	when p_kind in ('same', 'different') and (coalesce(p_source_b, '') = '' or coalesce(p_identifier_b, '') = '') then
		refusal := 'it names only one record';
	when p_kind in ('same', 'different') and p_source_a = p_source_b
			and p_identifier_a = p_identifier_b collate "C" then
		refusal := 'it names the same record twice';
	when p_kind not in ('same', 'different') and (p_source_b is not null or p_identifier_b is not null) then
		refusal := format('%s is about one record', p_kind);
	when p_kind <> 'set' and (p_field is not null or p_value is not null) then
		refusal := format('%s has no field or value', p_kind);
	when p_kind = 'set' then
		refusal := sheaf.field_refusal(p_field, p_value);
		if refusal is null and exists (
			select from sheaf.decision d
			where d.kind = 'purge'
			and d.source_a = p_source_a and d.identifier_a = p_identifier_a collate "C"
			and d.undone_at is null)
		then
			refusal := 'the record is purged: nothing is kept of it, nor said in its place';
		end if;
	else
	end case;
	if refusal is not null then
		return;
	end if;
	if p_source_b is not null and (p_source_b collate "C", p_identifier_b collate "C")
			< (p_source_a collate "C", p_identifier_a collate "C") then
		select p_source_b, p_identifier_b, p_source_a, p_identifier_a
		into p_source_a, p_identifier_a, p_source_b, p_identifier_b;
	end if;
	-- The source first, as runs do; decisions are entered one by one.
	perform from sheaf.source s where s.name in (p_source_a, p_source_b) order by s.source_id for update;
	lock table sheaf.decision in share row exclusive mode;
	select d.decision_id, format('was said already, by %s on %s', d.author, (d.at at time zone 'UTC')::date)
	into decision_id, note
	from sheaf.decision d
	where d.source_a = p_source_a and d.identifier_a = p_identifier_a collate "C"
	and (d.kind, d.source_b, d.identifier_b, d.field, d.value)
		is not distinct from (p_kind, p_source_b, p_identifier_b collate "C", p_field, p_value)
	and d.undone_at is null
	order by d.decision_id
	limit 1;
	if found then
		return;
	end if;
	if p_kind in ('same', 'different') then
		way := sheaf.contradiction(p_kind, p_source_a, p_identifier_a, p_source_b, p_identifier_b);
		if way is not null then
			refusal := 'it contradicts what was said: ' || way;
			return;
		end if;
	end if;
	if p_kind = 'set' then
		update sheaf.decision d
		set undone_at = p_at, undone_by = p_author, undone_reason = 'set to another value: ' || p_reason
		where d.kind = 'set'
		and d.source_a = p_source_a and d.identifier_a = p_identifier_a collate "C"
		and d.field = p_field
		and d.undone_at is null;
	end if;
	insert into sheaf.decision as d (kind, source_a, identifier_a, source_b, identifier_b, field, value, author, reason, at)
	values (p_kind, p_source_a, p_identifier_a, p_source_b, p_identifier_b, p_field, p_value, p_author, p_reason, p_at)
	returning d.decision_id into decision_id;
	concerned := array_remove(array[sheaf.record_named(p_source_a, p_identifier_a),
		sheaf.record_named(p_source_b, p_identifier_b)], null);
	if cardinality(concerned) < 1 + (p_source_b is not null)::integer then
		note := 'the registry does not have all that it names; it holds once they are there';
	elsif p_kind in ('hide', 'purge') then
		select case
			when r.status = 'purged' then 'nothing was kept of it before'
			when r.status = 'rejected' then 'it came with a run that was rejected: portals do not see it, nor when it comes again'
			when r.status = 'filtered' and r.deleted_at is null then
				'its source''s keep leaves it out: portals do not see it, nor when it comes in'
			when r.status in ('deleted', 'filtered') then 'it is deleted already; portals no longer see what it said'
			else 'portals no longer see it; what its entry says without it, and the counts of the matrix, follow when '
				'sheaf-resolve comes to them' end
		into note
		from sheaf.record r
		where r.record_id = any (concerned);
	end if;
	perform sheaf.unresolve(concerned);
end
$$;
comment on function sheaf.decide is 'Enters an operator''s decision, and lets resolve look at the records concerned.';

create or replace function sheaf.undecide(p_decision bigint, p_author text, p_reason text, out ok boolean, out refusal text,
	out note text)
language plpgsql
as $$
declare
	d sheaf.decision;
	concerned bigint[];
begin
	ok := false;
	lock table sheaf.decision in share row exclusive mode;
	select * into d from sheaf.decision x where x.decision_id = p_decision;
	case
	when d.decision_id is null then
		refusal := format('there is no decision %s', p_decision);
	when d.undone_at is not null then
		refusal := format('decision %s was undone by %s on %s', p_decision, d.undone_by,
			(d.undone_at at time zone 'UTC')::date);
	when coalesce(p_author, '') !~ '\S' then
		refusal := 'nobody is named as its author';
	when coalesce(p_reason, '') !~ '\S' then
		refusal := 'it has no reason';
	else
	end case;
	if refusal is not null then
		return;
	end if;
	update sheaf.decision x
	set undone_at = clock_timestamp(), undone_by = p_author, undone_reason = p_reason
	where x.decision_id = p_decision;
	concerned := array_remove(array[sheaf.record_named(d.source_a, d.identifier_a),
		sheaf.record_named(d.source_b, d.identifier_b)], null);
	if d.kind = 'hide' then
		update sheaf.record r
		set withheld = false,
			status = case
				when r.status <> 'hidden' then r.status
				when r.missing_since is null then 'active'
				else 'missing' end
		where r.record_id = any (concerned)
		and (r.withheld or r.status = 'hidden');
	elsif d.kind = 'purge' then
		perform set_config('sheaf.undo_purge', 'yes', true);
		update sheaf.record r
		-- What is hidden, too, is so again at the end of this transaction.
		set status = 'deleted', withheld = false
		where r.record_id = any (concerned)
		and r.status = 'purged';
		perform set_config('sheaf.undo_purge', '', true);
		note := format('the record comes back when its source gives it again: sheafctl harvest %s --full', d.source_a);
	end if;
	perform sheaf.unresolve(concerned);
	ok := true;
end
$$;
comment on function sheaf.undecide is 'Undoes a decision; it stays in the table.';

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
	case when sheaf.is_told(a.status, a.withheld) or d.value is null or a.status is null then d.value end as value,
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
comment on column registry.decision.value is 'What it is set to; empty: it has no value. Null of what is hidden or purged.';
comment on column registry.decision.decided_by is 'Who decided.';
comment on column registry.decision.decided_at is 'When.';
comment on column registry.decision.reason is 'Why.';
comment on column registry.decision.undone_at is 'Since when it no longer holds.';
comment on column registry.decision.undone_by is 'Who undid it.';
comment on column registry.decision.undone_reason is 'Why.';
