-- What happens to a run and to its source, each as one function, so that
-- every step is one statement and one transaction.  All names are qualified:
-- the functions run with whatever search_path the caller has.

create function sheaf.over_limit(active_start bigint, lost bigint, altered bigint,
	max_delete double precision, max_change double precision)
returns text
language plpgsql immutable
as $$
begin
	if active_start = 0 then
		return null;
	end if;
	if max_delete < 1 and lost >= 5 and lost >= max_delete * active_start then
		return format('%s of %s records would be deleted, which reaches max_delete = %s %%',
			lost, active_start, round((max_delete * 100)::numeric, 1));
	end if;
	if max_change < 1 and lost + altered >= 5 and lost + altered >= max_change * active_start then
		return format('%s of %s records would be changed or deleted, which reaches max_change = %s %%',
			lost + altered, active_start, round((max_change * 100)::numeric, 1));
	end if;
	return null;
end
$$;
comment on function sheaf.over_limit is 'Why a run reaches its limits, as a sentence; null when it does not. Fewer than 5 records never do, and a share of 1 is never reached.';

-- The planner cannot know how much waits: it shall go by the keys always.
create function sheaf.apply_pending(p_run bigint)
returns bigint
language plpgsql
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
	n bigint;
begin
	update sheaf.block b
	set live = b.live - d.n
	from (
		select r.block_id, count(*) as n
		from sheaf.pending p
		join sheaf.record r on r.record_id = p.record_id
		where p.run_id = p_run
		and p.op in ('changed', 'deleted')
		and r.block_id is not null
		group by r.block_id
	) d
	where b.block_id = d.block_id;

	update sheaf.record r
	set datestamp = p.datestamp,
		datestamp_given = p.datestamp_given,
		sets = p.sets,
		status = case
			when p.op = 'deleted' then 'deleted'
			when p.op = 'touched' and r.status = 'deleted' then 'deleted'
			when r.status = 'hidden' then 'hidden'
			else 'active' end,
		harvested_at = p.at,
		changed_at = case when p.op = 'touched' then r.changed_at else p.at end,
		deleted_at = case
			when p.op = 'deleted' then p.at
			when p.op = 'touched' then r.deleted_at end,
		missing_since = null,
		added_run = case when r.status = 'rejected' then p_run else r.added_run end,
		digest = case when p.op = 'touched' then r.digest else p.digest end,
		format = case when p.op = 'changed' then p.format else r.format end,
		kind = case when p.op = 'changed' then p.kind else r.kind end,
		title = case when p.op = 'changed' then p.title else r.title end,
		url = case when p.op = 'changed' then p.url else r.url end,
		issued = case when p.op = 'changed' then p.issued else r.issued end,
		issued_precision = case when p.op = 'changed' then p.issued_precision else r.issued_precision end,
		licence = case when p.op = 'changed' then p.licence else r.licence end,
		block_id = case when p.op = 'touched' then r.block_id else p.block_id end,
		raw_offset = case when p.op = 'touched' then r.raw_offset else p.raw_offset end,
		raw_length = case when p.op = 'touched' then r.raw_length else p.raw_length end,
		doc_length = case when p.op = 'touched' then r.doc_length else p.doc_length end
	from sheaf.pending p
	where p.run_id = p_run
	and r.record_id = p.record_id;
	get diagnostics n = row_count;

	delete from sheaf.pending where run_id = p_run;
	return n;
end
$$;
comment on function sheaf.apply_pending is 'Makes what a run would change or delete true, and says how many records that were.';

-- "coalesce(closed_at, held_at) is null" says the same as two tests, and keeps
-- the planner from walking the index of open runs instead of using the key.
create function sheaf.run_move(p_run bigint, p_from bigint, p_epoch bigint, p_to bigint, p_state text,
	p_advertised bigint, p_received bigint, p_added bigint, p_changed bigint, p_touched bigint,
	p_unchanged bigint, p_deleted bigint, p_rejected bigint, p_gained bigint, p_lost bigint, p_altered bigint,
	p_bytes bigint, p_wire_bytes bigint, p_requests bigint, p_retries bigint)
returns text
language plpgsql
as $$
declare
	r sheaf.run;
begin
	update sheaf.run u
	set page_no = p_to,
		state = p_state,
		moved_at = clock_timestamp(),
		advertised = coalesce(nullif(p_advertised, -1), u.advertised),
		received = u.received + p_received,
		added = u.added + p_added,
		changed = u.changed + p_changed,
		touched = u.touched + p_touched,
		unchanged = u.unchanged + p_unchanged,
		deleted = u.deleted + p_deleted,
		rejected = u.rejected + p_rejected,
		gained = u.gained + p_gained,
		lost = u.lost + p_lost,
		altered = u.altered + p_altered,
		bytes = u.bytes + p_bytes,
		wire_bytes = u.wire_bytes + p_wire_bytes,
		requests = u.requests + p_requests,
		retries = u.retries + p_retries
	where u.run_id = p_run
	and u.page_no = p_from
	and u.epoch = p_epoch
	and coalesce(u.closed_at, u.held_at) is null
	returning * into r;
	if not found then
		raise exception 'run % does not stand at page % under lease epoch % any more', p_run, p_from, p_epoch
			using errcode = 'SH001';
	end if;
	if r.breaker_off then
		return null;
	end if;
	return sheaf.over_limit(r.active_start, r.lost, r.altered, r.max_delete, r.max_change);
end
$$;
comment on function sheaf.run_move is 'Moves a run on by its pages p_from + 1 to p_to, only where it stands there still; says why it has reached its limits, when it has.';

create function sheaf.run_open(p_source integer, p_mode text, p_reason text, p_node text,
	p_incarnation text, p_lease_ms bigint, p_max_change double precision, p_max_delete double precision,
	out why text, out detail text, out retry_ms bigint, out run_id bigint, out epoch bigint,
	out mode text, out resumed boolean, out page_no bigint, out state text, out checkpoints text,
	out quirks text, out active bigint, out received bigint, out wanted bigint, out host text)
language plpgsql
as $$
declare
	s sheaf.source;
	r sheaf.run;
	l sheaf.host_lease;
	due timestamptz;
begin
	select * into s from sheaf.source where source_id = p_source for update;
	if not found then
		why := 'unknown';
		detail := format('the database has no source %s', p_source);
		return;
	end if;
	host := s.host;
	if s.state <> 'idle' then
		why := s.state;
		detail := s.state_reason;
		return;
	end if;
	-- What one daemon has harvested is not due for the others, whose
	-- schedules are older.
	if p_reason in ('due', 'goes on') and s.next_due > clock_timestamp() + interval '1 s' then
		select least(s.next_due, u.closed_at + s.interval_ms * interval '1 ms') into due
		from sheaf.run u
		where u.run_id = s.last_run
		and not exists (select from sheaf.run o where o.source_id = p_source and o.closed_at is null);
		if due > clock_timestamp() + interval '1 s' then
			why := 'early';
			detail := format('is not due before %s: another daemon has harvested it', due);
			retry_ms := least(ceil(extract(epoch from due - clock_timestamp()) * 1000), 86400000);
			return;
		end if;
	end if;

	select * into l from sheaf.host_lease h where h.host = s.host for update;
	if not found then
		insert into sheaf.host_lease (host, node, incarnation, epoch, expires)
		values (s.host, p_node, p_incarnation, 1, clock_timestamp() + p_lease_ms * interval '1 ms')
		on conflict on constraint host_lease_pkey do nothing
		returning host_lease.epoch into epoch;
		if epoch is null then
			why := 'leased';
			detail := format('%s was leased by another daemon just now', s.host);
			retry_ms := 1000;
			return;
		end if;
	elsif l.node = p_node and l.incarnation = p_incarnation then
		epoch := l.epoch;
		if l.expires < clock_timestamp() + p_lease_ms * interval '0.5 ms' then
			update sheaf.host_lease h
			set expires = clock_timestamp() + p_lease_ms * interval '1 ms'
			where h.host = s.host;
		end if;
	elsif l.node = p_node or l.expires < clock_timestamp() then
		epoch := l.epoch + 1;
		update sheaf.host_lease h
		set node = p_node,
			incarnation = p_incarnation,
			epoch = l.epoch + 1,
			expires = clock_timestamp() + p_lease_ms * interval '1 ms'
		where h.host = s.host;
	else
		why := 'leased';
		detail := format('%s is leased by %s until %s', s.host, l.node, l.expires);
		retry_ms := ceil(extract(epoch from l.expires - clock_timestamp()) * 1000) + 100;
		return;
	end if;

	select * into r from sheaf.run u where u.source_id = p_source and u.closed_at is null for update;
	resumed := found;
	if resumed then
		if r.relisted then
			r.state := '';
			r.breaker_off := false;
			delete from sheaf.wanted w where w.run_id = r.run_id;
		end if;
		update sheaf.run u
		set epoch = run_open.epoch,
			state = r.state,
			breaker_off = r.breaker_off,
			relisted = false,
			max_change = p_max_change,
			max_delete = p_max_delete
		where u.run_id = r.run_id;
		select count(*) into wanted from sheaf.wanted w where w.run_id = r.run_id;
	else
		insert into sheaf.run (source_id, mode, reason, first, epoch, active_start, max_change, max_delete)
		values (p_source, p_mode, p_reason,
			s.active = 0 and not exists (select from sheaf.record c where c.source_id = p_source),
			run_open.epoch, s.active, p_max_change, p_max_delete)
		returning * into r;
		wanted := 0;
	end if;
	run_id := r.run_id;
	mode := r.mode;
	page_no := r.page_no;
	state := r.state;
	active := r.active_start;
	received := r.received;
	quirks := s.quirks;
	select coalesce(string_agg(c.set_spec || E'\t' || c.resume_from, E'\n' order by c.set_spec), '')
	into checkpoints
	from sheaf.checkpoint c
	where c.source_id = p_source;
end
$$;
comment on function sheaf.run_open is 'Takes the lease of the source''s host and begins a run, or goes on with the open one; why is set when it refuses.';

-- Nor how many records the pages name: here it shall hash always.
create function sheaf.unseen(p_source integer, p_run bigint)
returns table (record_id bigint, status text, missing_since timestamptz, block_id bigint)
language sql stable
set enable_nestloop = off
set enable_hashjoin = on
set work_mem = '32MB'
as $$
	select r.record_id, r.status, r.missing_since, r.block_id
	from sheaf.record r
	where r.source_id = p_source
	and r.status in ('active', 'missing')
	and not exists (
		select from (
			select unnest(p.record_ids) as id
			from sheaf.page p
			where p.run_id = p_run
		) seen
		where seen.id = r.record_id
	)
	and not exists (
		select from sheaf.quarantine q
		where q.source_id = p_source
		and q.last_run = p_run
		and q.identifier = r.identifier
	)
	and not exists (
		select from sheaf.pending e
		where e.run_id = p_run
		and e.record_id = r.record_id
	)
$$;
comment on function sheaf.unseen is 'Records of a source, active or missing, that no page of the run names, rejected ones left out.';

create function sheaf.write_checkpoints(p_source integer, p_lines text)
returns void
language plpgsql
as $$
begin
	if p_lines = '' then
		return;
	end if;
	insert into sheaf.checkpoint as c (source_id, set_spec, resume_from)
	select distinct on (split_part(line, E'\t', 1))
		p_source, split_part(line, E'\t', 1), split_part(line, E'\t', 2)
	from unnest(string_to_array(p_lines, E'\n')) with ordinality as t (line, n)
	where strpos(line, E'\t') > 0
	order by split_part(line, E'\t', 1), n desc
	on conflict (source_id, set_spec) do update
	set resume_from = excluded.resume_from,
		changed_at = now()
	where c.resume_from <> excluded.resume_from;
end
$$;
comment on function sheaf.write_checkpoints is 'Stores lines of "setSpec TAB from"; of a set named twice the last.';

create function sheaf.line_value(p_lines text, p_key text)
returns text
language sql immutable
as $$
	-- Of what kv_line() encodes only the percent sign is of use here.
	select replace((regexp_match(p_lines, '(?:^|\n)' || p_key || '=([^\n]*)'))[1], '%25', '%')
$$;
comment on function sheaf.line_value is 'The value of a key in lines of "key=value", null when it is not there.';

create function sheaf.advice(p_quirks text, p_facts text)
returns text
language sql immutable
as $$
	select nullif(concat_ws('; ',
		sheaf.line_value(p_facts, 'note'),
		case when moved is not null
			then format('has moved for good, said on %s days: set url = %s', days, moved) end), '')
	from (values (sheaf.line_value(p_quirks, 'moved_url'), sheaf.line_value(p_quirks, 'moved_days'))) as q (moved, days)
$$;
comment on function sheaf.advice is 'What an operator should know of a server, from what was learned about it.';

create function sheaf.run_outcome(r sheaf.run, p_completed boolean, p_complete_list boolean,
	p_suspicion text, p_wanted bigint, out outcome text, out detail text)
language plpgsql immutable
as $$
declare
	expected bigint := r.advertised;
begin
	if r.received = 0 and (r.err_class <> 'NONE' or not p_completed) then
		outcome := 'failed';
		detail := coalesce(nullif(r.err_text, ''), 'nothing was received');
	elsif p_suspicion <> '' then
		outcome := 'suspicious';
		detail := p_suspicion;
	elsif p_completed and p_complete_list and r.received = 0 and r.active_start > 0 then
		outcome := 'suspicious';
		detail := format('the complete list is empty, but %s records were there before', r.active_start);
	elsif p_completed and r.received > 0 and r.received = r.rejected then
		outcome := 'failed';
		detail := format('none of %s records could be read', r.received);
	-- Too many prove nothing: a list that was begun again is received twice.
	elsif p_completed and r.received < 0.9 * expected and expected - r.received >= 5 then
		outcome := 'suspicious';
		detail := format('the server announced %s records and sent %s', expected, r.received);
	elsif not p_completed or r.err_class <> 'NONE' then
		outcome := 'partial';
		detail := coalesce(nullif(r.err_text, ''), 'not every list was read to its end');
	elsif r.rejected > 0 then
		outcome := 'partial';
		detail := format('%s of %s records could not be read and are in quarantine', r.rejected, r.received);
	elsif p_wanted > 0 then
		outcome := 'partial';
		detail := format('%s records that a list names could not be fetched', p_wanted);
	else
		outcome := 'ok';
		detail := '';
	end if;
end
$$;
comment on function sheaf.run_outcome is 'A run''s outcome and the sentence for it, from its counters.';

create function sheaf.run_hold(r sheaf.run, p_detail text)
returns void
language plpgsql
as $$
begin
	update sheaf.run u
	set held_at = clock_timestamp(), outcome = 'held', outcome_text = p_detail,
		max_change = r.max_change, max_delete = r.max_delete, advertised = r.advertised,
		err_class = r.err_class, err_code = r.err_code, err_text = r.err_text
	where u.run_id = r.run_id;
	update sheaf.source s
	set state = 'held', state_reason = p_detail, state_by = 'sheafd', state_at = clock_timestamp(),
		last_run = r.run_id, last_outcome = 'held', last_error = p_detail, last_error_at = clock_timestamp()
	where s.source_id = r.source_id;
end
$$;
comment on function sheaf.run_hold is 'Stops a run until an operator approves or rejects it.';

create function sheaf.run_close(p_run bigint, p_epoch bigint, p_completed boolean, p_complete_list boolean,
	p_err_class text, p_err_code integer, p_err_text text, p_checkpoints text, p_quirks text,
	p_advertised bigint, p_suspicion text, p_max_change double precision, p_max_delete double precision,
	p_grace_ms bigint, p_next_due timestamptz, p_failures integer, p_facts text,
	out source_id integer, out outcome text, out detail text, out received bigint, out added bigint,
	out changed bigint, out touched bigint, out unchanged bigint, out deleted bigint, out rejected bigint,
	out missing bigint, out pages bigint, out active bigint)
language plpgsql
as $$
declare
	r sheaf.run;
	grace interval := p_grace_ms * interval '1 ms';
	compare boolean;
	gone bigint[] := '{}';
	gone_count bigint := 0;
	left_wanted bigint;
	empties boolean;
	held text;
begin
	select * into r
	from sheaf.run u
	where u.run_id = p_run and u.epoch = p_epoch and coalesce(u.closed_at, u.held_at) is null
	for update;
	if not found then
		return;
	end if;
	r.max_change := p_max_change;
	r.max_delete := p_max_delete;
	r.advertised := nullif(p_advertised, -1);
	if p_err_class <> 'NONE' or p_completed then
		-- A note of an error that the run got over does not spoil it.
		r.err_class := p_err_class;
		r.err_code := p_err_code;
		r.err_text := p_err_text;
	end if;
	source_id := r.source_id;
	select count(*) into left_wanted from sheaf.wanted w where w.run_id = p_run;
	select o.outcome, o.detail into outcome, detail
	from sheaf.run_outcome(r, p_completed, p_complete_list, p_suspicion, left_wanted) o;

	-- A record that nobody could read, not even who it is, may be any of
	-- those that the list does not have.
	compare := p_completed and p_complete_list and outcome in ('ok', 'partial')
		and not r.relisted
		and (r.rejected = 0 or not exists (
			select from sheaf.quarantine q
			where q.source_id = r.source_id and q.last_run = p_run and q.identifier is null));
	if compare and r.active_start > 0 then
		select coalesce(array_agg(u.record_id), '{}') into gone
		from sheaf.unseen(r.source_id, p_run) u
		where grace <= interval '0'
		or (u.status = 'missing' and u.missing_since <= clock_timestamp() - grace);
		gone_count := cardinality(gone);
	end if;
	held := sheaf.over_limit(r.active_start, r.lost + gone_count, r.altered, p_max_delete, p_max_change);
	empties := r.active_start > 0 and r.lost + gone_count > 0
		and r.active_start + r.gained - r.lost - gone_count <= 0;
	if held is null and empties then
		held := format('it would delete all %s records of the source', r.active_start);
	end if;
	if held is not null and not r.breaker_off then
		perform sheaf.run_hold(r, held);
		outcome := 'held';
		detail := held;
		gone_count := 0;
		active := r.active_start;
	else
		r.missing := r.missing + sheaf.run_finish(r, outcome, detail, compare, gone, p_checkpoints, p_quirks,
			p_next_due, p_failures, p_facts);
		active := r.active_start + r.gained - r.lost - gone_count;
	end if;
	received := r.received;
	added := r.added;
	changed := r.changed;
	touched := r.touched;
	unchanged := r.unchanged;
	deleted := r.deleted + gone_count;
	rejected := r.rejected;
	missing := r.missing;
	pages := r.page_no;
end
$$;
comment on function sheaf.run_close is 'Ends a run: computes its outcome, applies what waits or holds it. No source_id: the run is not ours any more.';

create function sheaf.run_finish(r sheaf.run, p_outcome text, p_detail text, p_compare boolean, p_gone bigint[],
	p_checkpoints text, p_quirks text, p_next_due timestamptz, p_failures integer, p_facts text)
returns bigint
language plpgsql
as $$
declare
	marked bigint := 0;
	is_bad boolean := p_outcome = 'failed';
begin
	if exists (select from sheaf.pending p where p.run_id = r.run_id) then
		perform sheaf.apply_pending(r.run_id);
	end if;
	-- Where nothing was before, nothing can be unseen.
	if p_compare and r.active_start > 0 then
		if cardinality(p_gone) > 0 then
			perform sheaf.forget(p_gone);
		end if;
		update sheaf.record c
		set status = 'missing', missing_since = clock_timestamp()
		from sheaf.unseen(r.source_id, r.run_id) u
		where c.record_id = u.record_id
		and u.status = 'active';
		get diagnostics marked = row_count;
	end if;
	if not is_bad and not (p_outcome = 'suspicious' and r.received = 0) and not r.relisted then
		perform sheaf.write_checkpoints(r.source_id, p_checkpoints);
	end if;
	delete from sheaf.wanted w where w.run_id = r.run_id;
	update sheaf.run u
	set closed_at = clock_timestamp(),
		outcome = p_outcome,
		outcome_text = p_detail,
		max_change = r.max_change,
		max_delete = r.max_delete,
		advertised = r.advertised,
		err_class = r.err_class,
		err_code = r.err_code,
		err_text = r.err_text,
		missing = u.missing + marked,
		deleted = u.deleted + cardinality(p_gone),
		lost = u.lost + cardinality(p_gone)
	where u.run_id = r.run_id;
	update sheaf.source s
	set active = r.active_start + r.gained - r.lost - cardinality(p_gone),
		quirks = case when r.relisted then s.quirks else p_quirks end,
		facts = case when p_facts <> '' then p_facts else s.facts end,
		failures = p_failures,
		next_due = case when r.relisted then null else p_next_due end,
		last_run = r.run_id,
		last_outcome = p_outcome,
		-- All lists were read to their ends, though not every record could be.
		last_success = case
			when p_outcome = 'ok' or (p_outcome = 'partial' and r.err_class = 'NONE') then clock_timestamp()
			else s.last_success end,
		last_error = case when p_outcome = 'ok' then null else p_detail end,
		last_error_at = case when p_outcome = 'ok' then null else clock_timestamp() end,
		complete_run = case when p_compare then r.run_id else s.complete_run end,
		complete_at = case when p_compare then r.started_at else s.complete_at end,
		-- One that fails is not tried again at once: increments go on.
		compared_at = case
			when r.err_class = 'CANCEL' or (r.err_class = 'NET' and r.received = 0) then s.compared_at
			when p_compare or r.mode <> 'incremental' or s.compared_at is null then clock_timestamp()
			else s.compared_at end
	where s.source_id = r.source_id;
	return marked;
end
$$;
comment on function sheaf.run_finish is 'The writes that end a run which is not held; how many records it marked missing.';

create function sheaf.forget(p_records bigint[])
returns void
language plpgsql
as $$
begin
	update sheaf.block b
	set live = b.live - d.n
	from (
		select r.block_id, count(*) as n
		from sheaf.record r
		where r.record_id = any (p_records)
		and r.block_id is not null
		group by r.block_id
	) d
	where b.block_id = d.block_id;
	update sheaf.record
	set status = 'deleted', deleted_at = clock_timestamp(), changed_at = clock_timestamp(), missing_since = null,
		digest = null, block_id = null, raw_offset = null, raw_length = null, doc_length = null
	where record_id = any (p_records);
end
$$;
comment on function sheaf.forget is 'Makes records deleted that complete lists have not named for longer than the grace period.';

create function sheaf.run_approve(p_source integer)
returns text
language plpgsql
as $$
declare
	r sheaf.run;
begin
	select * into r from sheaf.run u where u.source_id = p_source and u.held_at is not null and u.closed_at is null for update;
	if not found then
		return 'no run of it is held';
	end if;
	perform sheaf.apply_pending(r.run_id);
	update sheaf.run u
	set held_at = null, outcome = null, outcome_text = '', breaker_off = true
	where u.run_id = r.run_id;
	update sheaf.source s
	set active = r.active_start + r.gained - r.lost
	where s.source_id = p_source;
	return null;
end
$$;
comment on function sheaf.run_approve is 'Applies what a held run waits with, so that it can go on with its limits off; null, or why not.';

create function sheaf.run_drop(p_source integer, p_detail text)
returns boolean
language plpgsql
as $$
declare
	r sheaf.run;
begin
	select * into r from sheaf.run u where u.source_id = p_source and u.closed_at is null for update;
	if not found then
		return false;
	end if;
	update sheaf.block b
	set live = b.live - d.n
	from (
		select p.block_id, count(*) as n
		from sheaf.pending p
		where p.run_id = r.run_id and p.block_id is not null
		group by p.block_id
	) d
	where b.block_id = d.block_id;
	delete from sheaf.pending p where p.run_id = r.run_id;
	delete from sheaf.wanted w where w.run_id = r.run_id;
	update sheaf.record c
	set status = 'rejected'
	from (
		select distinct unnest(g.record_ids) as record_id
		from sheaf.page g
		where g.run_id = r.run_id
	) seen
	where c.record_id = seen.record_id
	and c.added_run = r.run_id
	and c.status <> 'rejected';
	update sheaf.run u
	set closed_at = clock_timestamp(),
		held_at = null,
		outcome = coalesce(u.outcome, 'failed'),
		outcome_text = p_detail
	where u.run_id = r.run_id;
	update sheaf.source s
	set active = (
			select count(*) from sheaf.record c
			where c.source_id = p_source and c.status in ('active', 'missing')),
		last_run = r.run_id,
		last_outcome = coalesce(r.outcome, 'failed'),
		last_error = p_detail,
		last_error_at = clock_timestamp()
	where s.source_id = p_source;
	return true;
end
$$;
comment on function sheaf.run_drop is 'Forgets an open run: what waits is dropped, what it added is rejected; checkpoints stay as they were. False when there is none.';

create function sheaf.source_act(p_name text, p_act text, p_author text, p_reason text,
	out ok boolean, out state text, out detail text)
language plpgsql
as $$
declare
	s sheaf.source;
	refusal text;
	next text;
begin
	ok := false;
	select * into s from sheaf.source where name = p_name for update;
	if not found then
		state := '';
		detail := format('there is no source %s', p_name);
		return;
	end if;
	state := s.state;
	detail := p_reason;
	case p_act
	when 'pause' then
		if s.state in ('held', 'retired') then
			refusal := format('it is %s', s.state);
		end if;
		next := 'paused';
	when 'resume' then
		if s.state = 'retired' then
			refusal := 'it is retired: put it back into the configuration and reload, then it is read anew';
		elsif s.state <> 'paused' then
			refusal := format('it is %s, not paused', s.state);
		end if;
		next := 'idle';
	when 'approve' then
		refusal := case when s.state <> 'held' then 'no run of it is held' else sheaf.run_approve(s.source_id) end;
		next := 'idle';
	when 'reject' then
		if s.state <> 'held' then
			refusal := 'no run of it is held';
		else
			detail := coalesce(nullif(p_reason, ''), format('a run was rejected: %s', s.state_reason));
			perform sheaf.run_drop(s.source_id, detail);
		end if;
		next := 'paused';
	when 'retire' then
		if s.configured then
			detail := 'it is still in the configuration: take it out and reload first, or pause it';
			return;
		end if;
		perform sheaf.run_drop(s.source_id, 'the source was retired');
		update sheaf.record r
		set status = 'deleted', deleted_at = clock_timestamp(), changed_at = clock_timestamp()
		where r.source_id = s.source_id and r.status in ('active', 'missing');
		update sheaf.source u set active = 0 where u.source_id = s.source_id;
		next := 'retired';
	else
		refusal := format('there is no act %s', p_act);
	end case;
	if refusal is not null then
		detail := refusal;
		return;
	end if;
	update sheaf.source u
	set state = next, state_reason = detail, state_by = p_author, state_at = clock_timestamp(),
		next_due = case when next = 'idle' then clock_timestamp() else u.next_due end,
		failures = case when next = 'idle' then 0 else u.failures end
	where u.source_id = s.source_id;
	ok := true;
	state := next;
end
$$;
comment on function sheaf.source_act is 'An operator''s word about a source: pause, resume, approve, reject, retire.';

create function sheaf.source_set(p_name text, p_was text, p_agency text, p_protocol text, p_url text, p_host text,
	p_format text, p_sets text, p_kind text, p_licence text, p_credit text, p_homepage text, p_covers text,
	p_enabled boolean, p_interval_ms bigint)
returns text
language plpgsql
as $$
declare
	s sheaf.source;
	was_retired boolean;
begin
	if p_was <> '' and not exists (select from sheaf.source where name = p_name) then
		update sheaf.source set name = p_name where name = p_was;
	end if;
	select * into s from sheaf.source where name = p_name;
	if not found then
		insert into sheaf.source (name, agency, protocol, url, host, format, sets, kind, licence, credit,
			homepage, covers, enabled, interval_ms)
		values (p_name, p_agency, p_protocol, p_url, p_host, p_format, p_sets, p_kind, p_licence, p_credit,
			p_homepage, p_covers, p_enabled, p_interval_ms);
		return null;
	end if;
	was_retired := s.state = 'retired';
	if s.configured and not was_retired and (s.agency, s.protocol, s.url, s.host, s.format, s.sets, s.kind, s.licence, s.credit,
			s.homepage, s.covers, s.enabled, s.interval_ms)
		= (p_agency, p_protocol, p_url, p_host, p_format, p_sets, p_kind, p_licence, p_credit,
			p_homepage, p_covers, p_enabled, p_interval_ms) then
		return null;
	end if;
	-- Its records were deleted: only the whole list brings them back.
	if was_retired then
		delete from sheaf.checkpoint c where c.source_id = s.source_id;
		update sheaf.source u
		set state = 'idle', state_reason = '', state_by = 'configuration', state_at = clock_timestamp(),
			complete_run = null, complete_at = null, compared_at = null, next_due = null, failures = 0
		where u.source_id = s.source_id;
	end if;
	-- Another url, format or other sets: the list is another one, so it is
	-- harvested in full, and what was learned of the server is forgotten.
	if (s.url, s.format, s.sets) <> (p_url, p_format, p_sets) then
		delete from sheaf.checkpoint c
		where c.source_id = s.source_id
		and (s.url <> p_url or s.format <> p_format
			or not c.set_spec = any (string_to_array(p_sets, E'\n')));
		update sheaf.source u
		set quirks = case when s.url <> p_url then '' else u.quirks end,
			complete_run = null, complete_at = null, compared_at = null, next_due = null, failures = 0
		where u.source_id = s.source_id;
		update sheaf.run o set relisted = true where o.source_id = s.source_id and o.closed_at is null;
	end if;
	update sheaf.source u
	set agency = p_agency, protocol = p_protocol, url = p_url, host = p_host, format = p_format, sets = p_sets,
		kind = p_kind, licence = p_licence, credit = p_credit, homepage = p_homepage, covers = p_covers,
		enabled = p_enabled, interval_ms = p_interval_ms, configured = true
	where u.source_id = s.source_id;
	if was_retired then
		return 'was retired and is back: it is read anew, and its records return with what it lists';
	end if;
	return null;
end
$$;
comment on function sheaf.source_set is 'Stores a source of the configuration; an unchanged one is not written. What the operator should be told of it, or null.';

create function sheaf.sweep(p_run_days integer, p_page_days integer, p_bound integer)
returns bigint
language plpgsql
set enable_hashjoin = on
as $$
declare
	n bigint;
	total bigint := 0;
	b record;
begin
	delete from sheaf.run
	where run_id in (
		select r.run_id
		from sheaf.run r
		join sheaf.source s on s.source_id = r.source_id
		where r.closed_at < clock_timestamp() - p_run_days * interval '1 day'
		and r.run_id is distinct from s.last_run
		and r.run_id is distinct from s.complete_run
		order by r.run_id
		limit p_bound
	);
	get diagnostics n = row_count;
	total := total + n;

	delete from sheaf.page p
	where (p.run_id, p.page_no) in (
		select g.run_id, g.page_no
		from sheaf.run r
		join sheaf.source s on s.source_id = r.source_id
		join sheaf.page g on g.run_id = r.run_id
		where r.closed_at < clock_timestamp() - p_page_days * interval '1 day'
		and r.run_id is distinct from s.complete_run
		limit p_bound * 10
	);
	get diagnostics n = row_count;
	total := total + n;

	delete from sheaf.quarantine
	where quarantine_id in (
		select quarantine_id
		from sheaf.quarantine
		where last_seen < clock_timestamp() - p_run_days * interval '1 day'
		limit p_bound
	);
	get diagnostics n = row_count;
	total := total + n;

	for b in
		select k.block_id
		from sheaf.block k
		where not k.whole
		and k.live * 4 < k.total
		and not exists (
			select from sheaf.run r
			where r.source_id = k.source_id and r.closed_at is null)
		order by k.block_id
		limit p_bound
		for update skip locked
	loop
		perform sheaf.rewrite_block(b.block_id);
		total := total + 1;
	end loop;

	delete from sheaf.block
	where block_id in (
		select w.block_id
		from sheaf.block w
		where w.whole
		and not exists (
			select from sheaf.run r
			where r.source_id = w.source_id and r.closed_at is null)
		and not exists (
			select from sheaf.block k
			where k.run_id = w.run_id and k.page_no = w.page_no and not k.whole)
		limit p_bound
	);
	get diagnostics n = row_count;
	return total + n;
end
$$;
comment on function sheaf.sweep is 'Retention, a bounded step: old runs, pages and rejects are deleted, blocks with less than a quarter in use are rewritten. Says how much it did.';

create function sheaf.rewrite_block(p_block bigint)
returns void
language plpgsql
as $$
declare
	b sheaf.block;
begin
	select * into b from sheaf.block where block_id = p_block;
	if not exists (select from sheaf.record r where r.record_id = any (b.record_ids) and r.block_id = p_block) then
		delete from sheaf.block where block_id = p_block;
		return;
	end if;
	with live as (
		select r.record_id, r.raw_offset, r.raw_length + r.doc_length as length,
			sum(r.raw_length + r.doc_length) over w - r.raw_length - r.doc_length as new_offset
		from sheaf.record r
		where r.record_id = any (b.record_ids)
		and r.block_id = p_block
		window w as (order by r.raw_offset, r.record_id)
	), moved as (
		update sheaf.record r
		set raw_offset = l.new_offset
		from live l
		where r.record_id = l.record_id
	)
	update sheaf.block k
	set data = x.data, record_ids = x.ids, live = x.n, total = x.n
	from (
		select string_agg(substring(b.data from l.raw_offset + 1 for l.length), ''::bytea
				order by l.new_offset, l.record_id) as data,
			array_agg(l.record_id order by l.new_offset, l.record_id) as ids,
			count(*) as n
		from live l
	) x
	where k.block_id = p_block;
end
$$;
comment on function sheaf.rewrite_block is 'Leaves only what records still point to in a block, or deletes it.';
