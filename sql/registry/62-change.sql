-- The change feed and history.  What reads schema sheaf for portals runs as the
-- owner; what writes it runs as the owner, too, and only resolve may call it.

create or replace function sheaf.change_begin()
returns timestamptz
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
	last timestamptz;
begin
	-- A change that somebody saw must not be undone by a crash, or its number
	-- would be given again: this commit waits for the disk, whatever the
	-- caller's usual way.
	if current_setting('synchronous_commit') = 'off' then
		perform set_config('synchronous_commit', 'local', true);
	end if;
	select n.at into strict last from sheaf.change_number n for update;
	return greatest(clock_timestamp(), last + interval '1 microsecond');
end
$$;
comment on function sheaf.change_begin is 'Takes the turn to number changes until the end of the transaction, and gives the time that they have: later than any before, even when the clock went back.';

create or replace function sheaf.said(c sheaf.composed)
returns jsonb
language sql stable
as $$
	select jsonb_strip_nulls(to_jsonb(c) - array['entry_no', 'entry_id', 'digest', 'record_count', 'first_seen',
		'updated_at', 'origins', 'due'])
$$;
comment on function sheaf.said is 'What history keeps of an entry: {field: value}.';

create or replace function sheaf.origin_ids(p_origins jsonb)
returns bigint[]
language sql immutable
as $$
	select array_agg(distinct o.value::bigint) from jsonb_each_text(p_origins) o where o.value ~ '^[0-9]{1,18}$'
$$;
comment on function sheaf.origin_ids is 'The records that fields came from.';

-- Versions of an entry that are kept, the newest: what changes every quarter of
-- an hour must not grow without end.
create or replace function sheaf.history_most()
returns integer
language sql immutable
as $$
	select 100
$$;
comment on function sheaf.history_most is 'So many versions of an entry are kept at most.';

create or replace function sheaf.history_keep(p_entry_nos bigint[], p_at timestamptz)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
	purged boolean := exists (select from sheaf.decision d where d.kind = 'purge' and d.undone_at is null);
begin
	-- Whole for now: what is still there after the change is taken out by
	-- change_write.  Nothing is kept of what a purged record had a part in.
	insert into sheaf.history (entry_id, until, is_whole, said, origins, records)
	select c.entry_id, p_at, true, sheaf.said(c), c.origins, p.records
	from sheaf.composed c
	cross join lateral (
		select coalesce(array_agg(x.record_id), '{}') as records
		from (
			select unnest(sheaf.origin_ids(c.origins)) as record_id
			union
			select t.record_id from sheaf.entry_code t where t.entry_no = c.entry_no
		) x
	) p
	where c.entry_no = any (p_entry_nos)
	and not (purged and exists (
		select from sheaf.record r
		where r.record_id = any (p.records)
		and r.status = 'purged'))
	on conflict do nothing;
	delete from sheaf.history h
	using (
		select c.entry_id, o.until
		from sheaf.composed c
		cross join lateral (
			select x.until
			from sheaf.history x
			where x.entry_id = c.entry_id
			order by x.until desc
			offset sheaf.history_most()
		) o
		where c.entry_no = any (p_entry_nos)
	) old
	where h.entry_id = old.entry_id
	and h.until = old.until;
end
$$;
comment on function sheaf.history_keep is 'Keeps what entries say now, before it is overwritten or deleted in the transaction of change_begin, which gave p_at.';

create or replace function sheaf.change_write(p_entries uuid[], p_ops text[], p_related text[], p_at timestamptz)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
	n bigint := cardinality(p_entries);
	last sheaf.change_number;
begin
	if coalesce(n, 0) = 0 then
		return;
	end if;
	update sheaf.change_number c
	set seq = c.seq + n, at = greatest(c.at, p_at)
	returning * into strict last;
	if p_at is distinct from last.at then
		raise exception 'changes are numbered at a time that sheaf.change_begin() gave in the same transaction, not %', p_at;
	end if;
	insert into sheaf.change (seq, at, entry_id, op, related)
	select last.seq - n + u.i, p_at, u.entry_id, u.op, u.related::uuid[]
	from unnest(p_entries, p_ops, p_related) with ordinality as u (entry_id, op, related, i)
	order by u.i;

	update sheaf.history h
	set is_whole = false, said = d.said, origins = d.origins
	from (
		select k.entry_id,
			coalesce(jsonb_object_agg(f.field, k.said -> f.field)
				filter (where f.field is not null), '{}') as said,
			coalesce(jsonb_object_agg(f.field, k.origins -> f.field)
				filter (where k.origins -> f.field is not null), '{}') as origins
		from sheaf.history k
		join sheaf.composed c on c.entry_id = k.entry_id
		cross join lateral sheaf.said(c) now
		left join lateral jsonb_object_keys(k.said || now) f (field)
			on (k.said -> f.field) is distinct from (now -> f.field)
		where k.entry_id = any (p_entries)
		and k.until = p_at
		and k.is_whole
		group by k.entry_id
	) d
	where h.entry_id = d.entry_id
	and h.until = p_at;

	-- A hint to whoever listens; one who listens and never reads does not stop
	-- us when the queue is full.
	if pg_notification_queue_usage() < 0.5 then
		perform pg_notify('sheaf_change', last.seq::text);
	end if;
end
$$;
comment on function sheaf.change_write is 'Numbers changes of entries, in order, in the transaction of change_begin, which gave p_at, and behind what it writes of them. p_related: the other entries of a merge or split, as arrays are written, or null.';

-- Of a purged record nothing stays: no version of the entries that had it.
create or replace function sheaf.history_forget(p_record bigint)
returns void
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
	delete from sheaf.history h
	using sheaf.entries_of(array[p_record]) e (entry_id), sheaf.fields_set(array[p_record]) s (fields)
	where h.entry_id = e.entry_id
	and (h.records is null
		or p_record = any (h.records)
		or exists (
			select from jsonb_each_text(h.origins) o
			where sheaf.is_of(h.origins, o.key, array[p_record], s.fields)))
$$;
comment on function sheaf.history_forget is 'Forgets the versions of entries that a record had a part in, or that an operator set a field of by it.';

create or replace function sheaf.history_purge()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
	-- A composer that began before writes what was true then: it is waited for,
	-- or has to begin again.
	update sheaf.change_number set seq = seq;
	perform sheaf.history_forget(new.record_id);
	return null;
end
$$;
comment on function sheaf.history_purge is 'Forgets what entries said by a record that is purged.';
create or replace trigger record_history_purged after update of status on sheaf.record
	for each row when (new.status = 'purged' and old.status <> 'purged')
	execute function sheaf.history_purge();

create or replace function sheaf.sweep_changes(p_change_days integer, p_history_days integer, p_bound integer)
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
	k sheaf.change_kept;
	upto bigint;
	total bigint;
	-- A volatile function would be no condition of the index.
	oldest timestamptz := clock_timestamp() - p_history_days * interval '1 day';
begin
	delete from sheaf.history
	where (entry_id, until) in (
		select h.entry_id, h.until
		from sheaf.history h
		where p_history_days > 0
		and h.until < oldest
		order by h.until
		limit p_bound
		-- Who overwrites or purges an entry waits for nothing here, nor this for it.
		for update skip locked
	);
	get diagnostics total = row_count;

	-- A model that was being weighed while a record was purged.
	delete from sheaf.proposed_change c
	using sheaf.record r
	where r.record_id in (c.a, c.b)
	and r.status = 'purged';

	-- One at a time, whoever else sweeps.
	select * into k from sheaf.change_kept for update skip locked;
	if not found then
		return total;
	end if;

	-- What is too old goes in its order, and the floor with it: a reader who
	-- asks from below is told so in the same snapshot.
	if p_change_days > 0 then
		select max(o.seq) into upto
		from (
			select c.seq
			from (
				select x.seq, x.at
				from sheaf.change x
				where x.seq > k.floor
				order by x.seq
				limit p_bound
			) c
			where c.at < clock_timestamp() - p_change_days * interval '1 day'
		) o;
		if upto is not null then
			delete from sheaf.change c where c.seq > k.floor and c.seq <= upto and c.op = 'upsert';
			update sheaf.change_kept set floor = upto, compacted = greatest(compacted, upto);
			return total + upto - k.floor;
		end if;
	end if;

	-- What a later change of the entry supersedes goes sooner, for whoever
	-- reads from before it finds the later one.  An entry that is there changed
	-- last at its updated_at; what became of one that is not stands behind it.
	select max(c.seq) into upto
	from (
		select x.seq, x.at
		from sheaf.change x
		where x.seq > k.compacted
		order by x.seq
		limit p_bound
	) c
	where c.at < clock_timestamp() - sheaf.change_whole();
	if upto is null then
		return total;
	end if;
	delete from sheaf.change c
	where c.seq > k.compacted
	and c.seq <= upto
	and (c.op = 'upsert' and not exists (
			select from sheaf.composed e
			where e.entry_id = c.entry_id
			and e.updated_at <= c.at)
		or c.op = 'delete' and (
			exists (select from sheaf.composed e where e.entry_id = c.entry_id)
			or exists (
				select from sheaf.change l
				where l.entry_id = c.entry_id
				and l.op <> 'upsert'
				and l.seq > c.seq)));
	update sheaf.change_kept set compacted = upto;
	return total + upto - k.compacted;
end
$$;
comment on function sheaf.sweep_changes is 'Retention of changes and history, a bounded step: 0 days keep them for ever. Says how many rows it has gone through: p_bound or more, there may be more to do.';

create or replace function sheaf.change_whole()
returns interval
language sql immutable
as $$
	select interval '7 days'
$$;
comment on function sheaf.change_whole is 'So long every change is kept; after that, only those that no later one of the entry supersedes.';

create or replace function sheaf.change_restart(p_skip bigint default 1000000000)
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
	head bigint;
begin
	update sheaf.change_number n
	set seq = n.seq + p_skip
	where p_skip > 0
	returning n.seq into head;
	update sheaf.change_kept k set floor = head where head is not null;
	-- Who listens and has all there was would else wait for the next change.
	if head is not null and pg_notification_queue_usage() < 0.5 then
		perform pg_notify('sheaf_change', head::text);
	end if;
	return head;
end
$$;
comment on function sheaf.change_restart is 'For the operator, after the database was restored from a backup or a replica that was behind took over: numbers go on behind all that can have been given out, and every reader is told to copy anew. Gives the new floor.';

-- What portals see.
create or replace view registry.change as
select c.seq,
	c.entry_id,
	c.op,
	c.related,
	c.at
from sheaf.change c;
comment on view registry.change is 'What became of entries, in an order that concurrent commits and crashes cannot break: a reader who asks for seq greater than the last one that it saw misses none. Ask registry.changes(), which says so when they are no longer all there, or see that registry.change_floor() is not greater than your position in the same statement.';
comment on column registry.change.seq is 'Its number: in the order of commits, without a gap but for what retention took.';
comment on column registry.change.entry_id is 'The entry. Whatever op says: if it is in registry.entry, copy it as it is now; if not, remove it.';
comment on column registry.change.op is 'upsert: it is new, is back, or says something else; delete: it is gone (see registry.tombstone; of what was hidden or purged, which is gone at once, registry.tombstone and registry.resolve() know when sheaf-resolve has looked at it, and no further change tells of that); merge: its records are in related now, and its id leads there; split: some of its records are in related now, and it may be there still.';
comment on column registry.change.related is 'The other entries of a merge or split.';
comment on column registry.change.at is 'When; never goes backwards. Several changes that were written together have the same.';

create or replace function registry.change_head()
returns bigint
language sql stable
security definer
set search_path = pg_catalog, pg_temp
as $$
	select n.seq from sheaf.change_number n
$$;
comment on function registry.change_head() is 'The last change. To begin: in one transaction at isolation level repeatable read ask for this and copy registry.entry; then read registry.changes() from here.';

create or replace function registry.change_floor()
returns bigint
language sql stable
security definer
set search_path = pg_catalog, pg_temp
as $$
	select k.floor from sheaf.change_kept k
$$;
comment on function registry.change_floor() is 'The least position from which registry.change is all there: a reader whose last change is less than this came too late and has to copy anew.';

create or replace function registry.changes(p_after bigint, p_max_rows integer default 1000)
returns table (seq bigint, entry_id uuid, op text, related uuid[], at timestamptz)
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
	lowest bigint := (select k.floor from sheaf.change_kept k);
	head bigint := (select n.seq from sheaf.change_number n);
begin
	if p_after is null or p_after < 0 then
		raise exception 'a position is a seq of registry.change, or 0, not %', coalesce(p_after::text, 'null')
			using errcode = 'invalid_parameter_value';
	end if;
	if p_after < lowest then
		raise exception 'the changes after % are no longer all there: the least position to go on from is %', p_after, lowest
			using errcode = 'SF001',
			hint = 'Copy registry.entry anew and go on from registry.change_head(), both in one transaction at isolation level repeatable read.';
	end if;
	if p_after > head then
		raise exception 'position % is ahead of the registry, whose last change is %', p_after, head
			using errcode = 'SF002',
			hint = 'A replica may be behind: try again. A registry that was restored from a backup stays behind: copy registry.entry anew.';
	end if;
	return query
	select c.seq, c.entry_id, c.op, c.related, c.at
	from sheaf.change c
	where c.seq > p_after
	order by c.seq
	limit least(greatest(coalesce(p_max_rows, 1000), 1), 10000);
end
$$;
comment on function registry.changes(bigint, integer) is 'The next changes after a position, in order, at most p_max_rows (10000 at most). Raises SF001 when changes after it are no longer all there, and SF002 when it is ahead of the registry.';

create or replace function registry.history(p_entry uuid)
returns table (at timestamptz, event text, field text, before jsonb, after jsonb, related uuid[], decided_by text, reason text)
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
	e sheaf.entry;
	h sheaf.history;
	now_said jsonb;
	now_from jsonb;
	now_by bigint[];
	unsaid bigint[];
	unset text[];
	k text;
begin
	select x.* into e from sheaf.entry x where x.entry_id = p_entry;
	if not found then
		return;
	end if;
	at := e.made_at;
	event := 'made';
	return next;

	-- Backwards from what it says now, nothing where it is not there.
	select sheaf.said(c), c.origins, array(select t.record_id from sheaf.entry_code t where t.entry_no = c.entry_no)
	into now_said, now_from, now_by
	from sheaf.composed c
	where c.entry_id = p_entry;
	now_said := coalesce(now_said, '{}');
	now_from := coalesce(now_from, '{}');
	now_by := coalesce(now_by, '{}');
	select coalesce(array_agg(r.record_id), '{}') into unsaid
	from sheaf.record r
	where r.record_id in (
		select unnest(x.records || sheaf.origin_ids(x.origins)) from sheaf.history x where x.entry_id = p_entry
		union
		select unnest(now_by || sheaf.origin_ids(now_from))
		union
		select m.record_id
		from sheaf.member m
		where m.entry_id = any (array(
			select p_entry union select n.entry_id from sheaf.entry_now(p_entry) n)))
	and (r.withheld or r.status in ('hidden', 'purged'));
	unset := sheaf.fields_set(unsaid);
	for h in
		select x.* from sheaf.history x where x.entry_id = p_entry order by x.until desc limit 1000
	loop
		at := h.until;
		event := case when h.is_whole then 'gone' else 'changed' end;
		if h.is_whole then
			now_said := '{}';
			now_from := '{}';
			now_by := '{}';
		end if;
		if h.said = '{}' then
			field := null;
			before := null;
			after := null;
			return next;
		end if;
		for k in select jsonb_object_keys(h.said) loop
			field := k;
			before := case when not sheaf.is_unsaid(h.origins, k, h.records, unsaid, unset) then nullif(h.said -> k, 'null') end;
			after := case when not sheaf.is_unsaid(now_from, k, now_by, unsaid, unset) then nullif(now_said -> k, 'null') end;
			return next;
		end loop;
		now_said := now_said || h.said;
		now_from := now_from - array(select jsonb_object_keys(h.said)) || h.origins;
		now_by := h.records;
	end loop;
	field := null;
	before := null;
	after := null;

	return query
	select f.at, case f.why when 'merged' then 'merged' else 'split' end, null::text, null::jsonb, null::jsonb,
		array_agg(f.to_entry order by f.to_entry), 'resolve', null::text
	from (select x.* from sheaf.forward x where x.from_entry = p_entry limit 1000) f
	group by f.at, f.why
	union all
	select f.at, case f.why when 'merged' then 'took in' else 'split off' end, null, null, null,
		array_agg(f.from_entry order by f.from_entry), 'resolve', null
	from (select x.* from sheaf.forward x where x.to_entry = p_entry limit 1000) f
	group by f.at, f.why
	union all
	select c.at, 'deleted', null, null, null, null, null, null
	from sheaf.change c
	where c.entry_id = p_entry
	and c.op = 'delete';

	return query
	with here as (
		select distinct s.name, r.identifier, r.withheld or r.status in ('hidden', 'purged') as is_withheld
		from (
			select m.record_id
			from sheaf.member m
			where m.entry_id = any (array(
				select p_entry union select n.entry_id from sheaf.entry_now(p_entry) n))
			limit 1000
		) m
		join sheaf.record r on r.record_id = m.record_id
		join sheaf.source s on s.source_id = r.source_id
	), said as (
		select d.*, here.is_withheld from sheaf.decision d join here on d.source_a = here.name and d.identifier_a = here.identifier
		union
		select d.*, false from sheaf.decision d join here on d.source_b = here.name and d.identifier_b = here.identifier
	)
	select d.at, d.kind, d.field, null::jsonb, case when not d.is_withheld then to_jsonb(d.value) end, null::uuid[], d.author, d.reason
	from said d
	union all
	select d.undone_at, d.kind || ' undone', d.field, case when not d.is_withheld then to_jsonb(d.value) end, null, null, d.undone_by, d.undone_reason
	from said d
	where d.undone_at is not null;
end
$$;
comment on function registry.history(uuid) is 'What an entry said and when, what became of it, and what operators said of its records; for any id ever given out. A row is an event: made, changed (a field, before and after; without a field: of its other values), gone (with what it said last), deleted, merged (into related), took in (related), split (related have some of its records), split off (of related), or a decision (same, different, hide, set, purge, and each of them undone) with its author and reason. Versions are kept for history_retention, a hundred of an entry at most; what is hidden or purged meanwhile is not told. Order by at.';

drop function if exists sheaf.is_unsaid(jsonb, text, bigint[]);
create or replace function sheaf.is_unsaid(p_origins jsonb, p_field text, p_by bigint[], p_records bigint[], p_set text[])
returns boolean
language sql immutable
as $$
	select sheaf.is_of(p_origins, p_field, p_records, p_set)
		or p_field = any ('{languages,countries,sectors,sdgs,agencies,sources}')
		and coalesce(p_by && p_records, p_records <> '{}')
$$;
comment on function sheaf.is_unsaid is 'A field came from one of some records, which are withheld, or is a list that one of them may have a part in.';

revoke execute on function sheaf.change_begin(), sheaf.change_write(uuid[], text[], text[], timestamptz),
	sheaf.history_keep(bigint[], timestamptz), sheaf.sweep_changes(integer, integer, integer),
	sheaf.change_restart(bigint) from public;
