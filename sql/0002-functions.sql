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
create function sheaf.runs_move(p_runs bigint[], p_from bigint[], p_epoch bigint[], p_to bigint[], p_state text[],
	p_advertised bigint[], p_received bigint[], p_added bigint[], p_changed bigint[], p_touched bigint[],
	p_unchanged bigint[], p_deleted bigint[], p_rejected bigint[], p_gained bigint[], p_lost bigint[],
	p_altered bigint[], p_bytes bigint[], p_wire_bytes bigint[], p_requests bigint[], p_retries bigint[])
returns table (run_id bigint, why text)
language plpgsql
as $$
#variable_conflict use_column
declare
	moved bigint;
begin
	return query
	with r as (
		update sheaf.run u
		set page_no = m.to_page,
			state = m.state,
			moved_at = clock_timestamp(),
			advertised = coalesce(nullif(m.advertised, -1), u.advertised),
			received = u.received + m.received,
			added = u.added + m.added,
			changed = u.changed + m.changed,
			touched = u.touched + m.touched,
			unchanged = u.unchanged + m.unchanged,
			deleted = u.deleted + m.deleted,
			rejected = u.rejected + m.rejected,
			gained = u.gained + m.gained,
			lost = u.lost + m.lost,
			altered = u.altered + m.altered,
			bytes = u.bytes + m.bytes,
			wire_bytes = u.wire_bytes + m.wire_bytes,
			requests = u.requests + m.requests,
			retries = u.retries + m.retries
		from unnest(p_runs, p_from, p_epoch, p_to, p_state, p_advertised, p_received, p_added, p_changed,
			p_touched, p_unchanged, p_deleted, p_rejected, p_gained, p_lost, p_altered, p_bytes,
			p_wire_bytes, p_requests, p_retries) as m (run_id, from_page, epoch, to_page, state, advertised,
			received, added, changed, touched, unchanged, deleted, rejected, gained, lost, altered, bytes,
			wire_bytes, requests, retries)
		where u.run_id = m.run_id
		and u.page_no = m.from_page
		and u.epoch = m.epoch
		and coalesce(u.closed_at, u.held_at) is null
		returning u.run_id, u.breaker_off, u.active_start, u.lost, u.altered, u.max_delete, u.max_change
	)
	select r.run_id,
		case when not r.breaker_off and r.lost + r.altered > 0
			then sheaf.over_limit(r.active_start, r.lost, r.altered, r.max_delete, r.max_change) end
	from r;
	get diagnostics moved = row_count;
	if moved < cardinality(p_runs) then
		raise exception '% of the runs % do not stand at the pages % under the lease epochs % any more',
			cardinality(p_runs) - moved, p_runs, p_from, p_epoch
			using errcode = 'SH001';
	end if;
end
$$;
comment on function sheaf.runs_move is 'Moves runs on by their pages p_from + 1 to p_to, only where all of them stand there still; why is set for those that have reached their limits.';

create type sheaf.opening as (
	n integer,
	source_id integer,
	mode text,
	reason text,
	max_change double precision,
	max_delete double precision,
	host text,
	why text,
	detail text,
	retry_ms bigint,
	epoch bigint
);
comment on type sheaf.opening is 'A run that is to be opened: what was asked, and either why it is refused or the epoch of its lease.';

-- In the order of their hosts, so that daemons that take the leases of the same
-- hosts wait for each other and not in a circle; a lease that another one
-- holds is not waited for.
create function sheaf.leases_take(p_hosts text[], p_node text, p_incarnation text, p_lease_ms bigint)
returns void
language plpgsql
as $$
begin
	with l as (
		select h.host
		from sheaf.host_lease h
		where h.host = any (p_hosts)
		and (h.expires < clock_timestamp()
			or (h.node = p_node
				and (h.incarnation <> p_incarnation
					or h.expires < clock_timestamp() + p_lease_ms * interval '0.5 ms')))
		order by h.host
		for update
	)
	update sheaf.host_lease h
	set node = p_node,
		incarnation = p_incarnation,
		epoch = h.epoch + ((h.node, h.incarnation) <> (p_node, p_incarnation))::integer,
		expires = clock_timestamp() + p_lease_ms * interval '1 ms'
	from l
	where h.host = l.host;

	insert into sheaf.host_lease (host, node, incarnation, epoch, expires)
	select x.host, p_node, p_incarnation, 1, clock_timestamp() + p_lease_ms * interval '1 ms'
	from unnest(p_hosts) as x (host)
	where not exists (select from sheaf.host_lease h where h.host = x.host)
	order by x.host
	on conflict do nothing;
end
$$;
comment on function sheaf.leases_take is 'Takes or renews what can be had of the leases of some hosts, none of them named twice.';

-- Each statement is for all of them.  What locks: the sources in their order,
-- then the leases, then the runs.  "(select …) is null" says what "not exists"
-- says, and keeps the planner from reading a whole table to hash it.
create function sheaf.runs_open(p_sources integer[], p_modes text[], p_reasons text[],
	p_max_change double precision[], p_max_delete double precision[],
	p_node text, p_incarnation text, p_lease_ms bigint)
returns table (n integer, why text, detail text, retry_ms bigint, run_id bigint, epoch bigint,
	mode text, resumed boolean, page_no bigint, state text, checkpoints text,
	quirks text, active bigint, received bigint, wanted bigint, host text)
language plpgsql
as $$
#variable_conflict use_column
declare
	asked sheaf.opening[];
	taken integer[];
	hosts text[];
	open integer[];
	gone_on bigint[];
	relisted boolean;
begin
	perform from sheaf.source s where s.source_id = any (p_sources) order by s.source_id for update;
	-- What one daemon has harvested is not due for the others, whose
	-- schedules are older.
	select array_agg(row (u.n, u.source_id, u.mode, u.reason, u.max_change, u.max_delete, s.host,
		case
			when s.source_id is null then 'unknown'
			when s.state <> 'idle' then s.state
			when d.due > clock_timestamp() + interval '1 s' then 'early' end,
		case
			when s.source_id is null then format('the database has no source %s', u.source_id)
			when s.state <> 'idle' then s.state_reason
			when d.due > clock_timestamp() + interval '1 s'
				then format('is not due before %s: another daemon has harvested it', d.due) end,
		case when s.state = 'idle' and d.due > clock_timestamp() + interval '1 s'
			then least(ceil(extract(epoch from d.due - clock_timestamp()) * 1000), 86400000) end,
		null)::sheaf.opening)
	into asked
	from unnest(p_sources, p_modes, p_reasons, p_max_change, p_max_delete)
		with ordinality as u (source_id, mode, reason, max_change, max_delete, n)
	left join sheaf.source s on s.source_id = u.source_id
	left join lateral (
		select least(s.next_due, r.closed_at + s.interval_ms * interval '1 ms') as due
		from sheaf.run r
		where r.run_id = s.last_run
		and u.reason in ('due', 'goes on')
		and s.next_due > clock_timestamp() + interval '1 s'
		and (select o.run_id from sheaf.run o where o.source_id = s.source_id and o.closed_at is null limit 1) is null
	) d on true;

	select array_agg(distinct a.host) into hosts from unnest(asked) a where a.why is null;
	perform sheaf.leases_take(hosts, p_node, p_incarnation, p_lease_ms);
	select array_agg(row (a.n, a.source_id, a.mode, a.reason, a.max_change, a.max_delete, a.host,
			case when a.why is null and not l.ours then 'leased' else a.why end,
			case when a.why is null and not l.ours then l.detail else a.detail end,
			case when a.why is null and not l.ours then l.retry_ms else a.retry_ms end,
			case when a.why is null and l.ours then l.epoch end)::sheaf.opening),
		array_agg(a.source_id) filter (where a.why is null and l.ours)
	into asked, taken
	from unnest(asked) a
	left join lateral (
		select h.epoch, (h.node, h.incarnation) = (p_node, p_incarnation) as ours,
			format('%s is leased by %s until %s', h.host, h.node, h.expires) as detail,
			greatest(ceil(extract(epoch from h.expires - clock_timestamp()) * 1000), 0) + 100 as retry_ms
		from sheaf.host_lease h
		where h.host = a.host
	) l on true;

	select bool_or(r.relisted), array_agg(r.source_id) into relisted, open
	from (
		select u.relisted, u.source_id
		from sheaf.run u
		where u.source_id = any (taken)
		and u.closed_at is null
		order by u.source_id
		for update
	) r;
	if relisted then
		delete from sheaf.wanted w
		using sheaf.run u
		where u.source_id = any (taken)
		and u.closed_at is null
		and u.relisted
		and w.run_id = u.run_id;
	end if;
	if open is not null then
		with u as (
			update sheaf.run u
			set epoch = a.epoch,
				state = case when u.relisted then '' else u.state end,
				breaker_off = u.breaker_off and not u.relisted,
				relisted = false,
				max_change = a.max_change,
				max_delete = a.max_delete
			from unnest(asked) a
			where a.epoch is not null
			and u.source_id = a.source_id
			and u.closed_at is null
			returning u.run_id
		)
		select array_agg(u.run_id) into gone_on from u;
	end if;
	insert into sheaf.run (source_id, mode, reason, first, epoch, active_start, max_change, max_delete)
	select a.source_id, a.mode, a.reason,
		s.active = 0 and (select c.record_id from sheaf.record c where c.source_id = a.source_id limit 1) is null,
		a.epoch, s.active, a.max_change, a.max_delete
	from unnest(asked) a
	join sheaf.source s on s.source_id = a.source_id
	where a.epoch is not null
	and (open is null or not a.source_id = any (open));

	return query
	select a.n, a.why, a.detail, a.retry_ms, r.run_id, r.epoch, r.mode,
		coalesce(r.run_id = any (gone_on), false), r.page_no, r.state,
		(select coalesce(string_agg(c.set_spec || E'\t' || c.resume_from, E'\n' order by c.set_spec), '')
			from sheaf.checkpoint c
			where c.source_id = a.source_id),
		s.quirks, r.active_start, r.received,
		case when r.run_id = any (gone_on)
			then (select count(*) from sheaf.wanted w where w.run_id = r.run_id)
			else 0 end,
		a.host
	from unnest(asked) a
	left join sheaf.source s on s.source_id = a.source_id and a.epoch is not null
	left join sheaf.run r on r.source_id = s.source_id and r.closed_at is null;
end
$$;
comment on function sheaf.runs_open is 'Takes the leases of the hosts of some sources, none of them named twice, and begins a run of each, or goes on with the open one; n counts the sources from 1, why is set where it refuses.';

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

create function sheaf.run_outcome(r sheaf.run, p_advertised bigint, p_err_class text, p_err_text text,
	p_completed boolean, p_complete_list boolean, p_suspicion text, p_wanted bigint,
	out outcome text, out detail text)
language plpgsql immutable
as $$
begin
	if r.received = 0 and (p_err_class <> 'NONE' or not p_completed) then
		outcome := 'failed';
		detail := coalesce(nullif(p_err_text, ''), 'nothing was received');
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
	elsif p_completed and r.received < 0.9 * p_advertised and p_advertised - r.received >= 5 then
		outcome := 'suspicious';
		detail := format('the server announced %s records and sent %s', p_advertised, r.received);
	elsif not p_completed or p_err_class <> 'NONE' then
		outcome := 'partial';
		detail := coalesce(nullif(p_err_text, ''), 'not every list was read to its end');
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

create type sheaf.ending as (
	n integer,
	run_id bigint,
	is_easy boolean,
	outcome text,
	detail text,
	compare boolean,
	gone bigint,
	missing bigint,
	wanted bigint,
	max_change double precision,
	max_delete double precision,
	advertised bigint,
	err_class text,
	err_code integer,
	err_text text,
	checkpoints text,
	quirks text,
	next_due timestamptz,
	failures integer,
	facts text
);
comment on type sheaf.ending is 'How a run ends: what the writes that end it need beside its row.';

create function sheaf.run_hold(r sheaf.run, e sheaf.ending, p_detail text)
returns void
language plpgsql
as $$
begin
	update sheaf.run u
	set held_at = clock_timestamp(), outcome = 'held', outcome_text = p_detail,
		max_change = e.max_change, max_delete = e.max_delete, advertised = e.advertised,
		err_class = e.err_class, err_code = e.err_code, err_text = e.err_text
	where u.run_id = r.run_id;
	update sheaf.source s
	set state = 'held', state_reason = p_detail, state_by = 'sheafd', state_at = clock_timestamp(),
		last_run = r.run_id, last_outcome = 'held', last_error = p_detail, last_error_at = clock_timestamp()
	where s.source_id = r.source_id;
end
$$;
comment on function sheaf.run_hold is 'Stops a run until an operator approves or rejects it.';

create function sheaf.has_nameless(p_source integer, p_run bigint)
returns boolean
language sql stable
as $$
	select exists (
		select from sheaf.quarantine q
		where q.source_id = p_source and q.last_run = p_run and q.identifier is null)
$$;
comment on function sheaf.has_nameless is 'Whether a run met a record that nobody could read, not even who it is: it may be any of those that the list does not have.';

-- Their sources are locked before them, in order, as in runs_open.
create function sheaf.runs_close(p_runs bigint[], p_epochs bigint[], p_completed boolean[], p_complete_list boolean[],
	p_err_class text[], p_err_code integer[], p_err_text text[], p_checkpoints text[], p_quirks text[],
	p_advertised bigint[], p_suspicion text[], p_max_change double precision[], p_max_delete double precision[],
	p_grace_ms bigint[], p_next_due timestamptz[], p_failures integer[], p_facts text[])
returns table (n integer, outcome text, detail text, received bigint, added bigint,
	changed bigint, touched bigint, unchanged bigint, deleted bigint, rejected bigint,
	missing bigint, pages bigint, active bigint)
language plpgsql
as $$
#variable_conflict use_column
declare
	endings sheaf.ending[];
	easy sheaf.ending[];
	e sheaf.ending;
begin
	perform from sheaf.source s
	where s.source_id in (select u.source_id from sheaf.run u where u.run_id = any (p_runs))
	order by s.source_id
	for update;
	perform from sheaf.run u where u.run_id = any (p_runs) order by u.run_id for update;
	-- Easy: nothing waits, and it loses nothing that was there, so that no
	-- limit can be reached.
	select array_agg(row (u.n, r.run_id,
			(r.active_start = 0
				or (r.lost = 0 and r.altered = 0 and not (u.completed and u.complete_list)))
			and (select p.run_id from sheaf.pending p where p.run_id = r.run_id limit 1) is null,
			o.outcome, o.detail,
			u.completed and u.complete_list and o.outcome in ('ok', 'partial') and not r.relisted
			and (r.rejected = 0 or not sheaf.has_nameless(r.source_id, r.run_id)),
			0, 0, w.wanted, u.max_change, u.max_delete, nullif(u.advertised, -1), x.err_class, x.err_code,
			x.err_text, u.checkpoints, u.quirks, u.next_due, u.failures, u.facts)::sheaf.ending)
	into endings
	from unnest(p_runs, p_epochs, p_completed, p_complete_list, p_err_class, p_err_code, p_err_text,
		p_checkpoints, p_quirks, p_advertised, p_suspicion, p_max_change, p_max_delete, p_next_due,
		p_failures, p_facts) with ordinality as u (run_id, epoch, completed, complete_list, err_class, err_code,
		err_text, checkpoints, quirks, advertised, suspicion, max_change, max_delete, next_due,
		failures, facts, n)
	join sheaf.run r on r.run_id = u.run_id
	-- A note of an error that the run got over does not spoil it.
	cross join lateral (
		select case when y.given then u.err_class else r.err_class end as err_class,
			case when y.given then u.err_code else r.err_code end as err_code,
			case when y.given then u.err_text else r.err_text end as err_text
		from (values (u.err_class <> 'NONE' or u.completed)) as y (given)
	) x
	cross join lateral (select count(*) as wanted from sheaf.wanted w where w.run_id = r.run_id) w
	cross join lateral sheaf.run_outcome(r, nullif(u.advertised, -1), x.err_class, x.err_text,
		u.completed, u.complete_list, u.suspicion, w.wanted) o
	where r.epoch = u.epoch
	and coalesce(r.closed_at, r.held_at) is null;

	select array_agg(a) into easy from unnest(endings) a where a.is_easy;
	if easy is not null then
		perform sheaf.runs_finish(easy);
	end if;
	return query
	select a.n, a.outcome, a.detail, r.received, r.added, r.changed, r.touched, r.unchanged, r.deleted,
		r.rejected, r.missing, r.page_no, r.active_start + r.gained - r.lost
	from unnest(easy) a
	join sheaf.run r on r.run_id = a.run_id;

	for e in select a.* from unnest(endings) a where not a.is_easy loop
		return query
		select e.n, c.*
		from sheaf.run_close(e, p_grace_ms[e.n] * interval '1 ms') c;
	end loop;
end
$$;
comment on function sheaf.runs_close is 'Ends runs, none of them named twice: computes their outcomes, applies what waits or holds them. n counts the runs from 1; no row: it is not ours any more.';

create function sheaf.run_close(e sheaf.ending, p_grace interval,
	out outcome text, out detail text, out received bigint, out added bigint,
	out changed bigint, out touched bigint, out unchanged bigint, out deleted bigint, out rejected bigint,
	out missing bigint, out pages bigint, out active bigint)
language plpgsql
as $$
declare
	r sheaf.run;
	gone bigint[] := '{}';
	empties boolean;
	held text;
begin
	select * into r from sheaf.run u where u.run_id = e.run_id;
	-- Where nothing was before, nothing can be unseen.
	if e.compare and r.active_start > 0 then
		select coalesce(array_agg(u.record_id), '{}') into gone
		from sheaf.unseen(r.source_id, r.run_id) u
		where p_grace <= interval '0'
		or (u.status = 'missing' and u.missing_since <= clock_timestamp() - p_grace);
		e.gone := cardinality(gone);
	end if;
	held := sheaf.over_limit(r.active_start, r.lost + e.gone, r.altered, e.max_delete, e.max_change);
	empties := r.active_start > 0 and r.lost + e.gone > 0
		and r.active_start + r.gained - r.lost - e.gone <= 0;
	if held is null and empties then
		held := format('it would delete all %s records of the source', r.active_start);
	end if;
	if held is not null and not r.breaker_off then
		perform sheaf.run_hold(r, e, held);
		e.outcome := 'held';
		e.detail := held;
		e.gone := 0;
		active := r.active_start;
	else
		if exists (select from sheaf.pending p where p.run_id = r.run_id) then
			perform sheaf.apply_pending(r.run_id);
		end if;
		if e.compare and r.active_start > 0 then
			e.missing := sheaf.compare(r, gone);
		end if;
		perform sheaf.runs_finish(array[e]);
		active := r.active_start + r.gained - r.lost - e.gone;
	end if;
	outcome := e.outcome;
	detail := e.detail;
	received := r.received;
	added := r.added;
	changed := r.changed;
	touched := r.touched;
	unchanged := r.unchanged;
	deleted := r.deleted + e.gone;
	rejected := r.rejected;
	missing := r.missing + e.missing;
	pages := r.page_no;
end
$$;
comment on function sheaf.run_close is 'Ends a run with which something waits or is to be compared, or that may have reached its limits; its row is locked.';

create function sheaf.compare(r sheaf.run, p_gone bigint[])
returns bigint
language plpgsql
as $$
declare
	marked bigint;
begin
	if cardinality(p_gone) > 0 then
		perform sheaf.forget(p_gone);
	end if;
	update sheaf.record c
	set status = 'missing', missing_since = clock_timestamp()
	from sheaf.unseen(r.source_id, r.run_id) u
	where c.record_id = u.record_id
	and u.status = 'active';
	get diagnostics marked = row_count;
	return marked;
end
$$;
comment on function sheaf.compare is 'Makes records deleted that are gone for too long, and marks missing what else a complete list does not have: how many.';

create function sheaf.runs_finish(p_runs sheaf.ending[])
returns void
language plpgsql
as $$
begin
	insert into sheaf.checkpoint as c (source_id, set_spec, resume_from)
	select distinct on (r.source_id, split_part(t.line, E'\t', 1))
		r.source_id, split_part(t.line, E'\t', 1), split_part(t.line, E'\t', 2)
	from unnest(p_runs) e
	join sheaf.run r on r.run_id = e.run_id
	cross join lateral unnest(string_to_array(e.checkpoints, E'\n')) with ordinality as t (line, n)
	where e.checkpoints <> ''
	and not (e.outcome = 'failed' or (e.outcome = 'suspicious' and r.received = 0) or r.relisted)
	and strpos(t.line, E'\t') > 0
	order by r.source_id, split_part(t.line, E'\t', 1), t.n desc
	on conflict (source_id, set_spec) do update
	set resume_from = excluded.resume_from,
		changed_at = now()
	where c.resume_from <> excluded.resume_from;

	delete from sheaf.wanted w
	where w.run_id in (select e.run_id from unnest(p_runs) e where e.wanted > 0);

	with r as (
		update sheaf.run u
		set closed_at = clock_timestamp(),
			outcome = e.outcome,
			outcome_text = e.detail,
			max_change = e.max_change,
			max_delete = e.max_delete,
			advertised = e.advertised,
			err_class = e.err_class,
			err_code = e.err_code,
			err_text = e.err_text,
			missing = u.missing + e.missing,
			deleted = u.deleted + e.gone,
			lost = u.lost + e.gone
		from unnest(p_runs) e
		where u.run_id = e.run_id
		returning u.run_id, u.source_id, u.active_start + u.gained - u.lost as active, u.mode, u.relisted,
			u.received, u.started_at, e.outcome, e.detail, e.err_class, e.compare, e.quirks, e.facts,
			e.failures, e.next_due
	)
	update sheaf.source s
	set active = r.active,
		-- What stays as it was is not written again, where it is long.
		quirks = case when r.relisted or r.quirks = s.quirks then s.quirks else r.quirks end,
		facts = case when r.facts in ('', s.facts) then s.facts else r.facts end,
		failures = r.failures,
		next_due = case when r.relisted then null else r.next_due end,
		last_run = r.run_id,
		last_outcome = r.outcome,
		-- All lists were read to their ends, though not every record could be.
		last_success = case
			when r.outcome = 'ok' or (r.outcome = 'partial' and r.err_class = 'NONE') then clock_timestamp()
			else s.last_success end,
		last_error = case when r.outcome = 'ok' then null else r.detail end,
		last_error_at = case when r.outcome = 'ok' then null else clock_timestamp() end,
		complete_run = case when r.compare then r.run_id else s.complete_run end,
		complete_at = case when r.compare then r.started_at else s.complete_at end,
		-- One that fails is not tried again at once: increments go on.
		compared_at = case
			when r.err_class = 'CANCEL' or (r.err_class = 'NET' and r.received = 0) then s.compared_at
			when r.compare or r.mode <> 'incremental' or s.compared_at is null then clock_timestamp()
			else s.compared_at end
	from r
	where s.source_id = r.source_id;
end
$$;
comment on function sheaf.runs_finish is 'The writes that end runs which are not held; of a set whose checkpoint is named twice the last counts.';

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
	p_enabled boolean, p_interval_ms bigint, p_expire_ms bigint)
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
			homepage, covers, enabled, interval_ms, expire_ms)
		values (p_name, p_agency, p_protocol, p_url, p_host, p_format, p_sets, p_kind, p_licence, p_credit,
			p_homepage, p_covers, p_enabled, p_interval_ms, p_expire_ms);
		return null;
	end if;
	was_retired := s.state = 'retired';
	if s.configured and not was_retired and (s.agency, s.protocol, s.url, s.host, s.format, s.sets, s.kind, s.licence, s.credit,
			s.homepage, s.covers, s.enabled, s.interval_ms, s.expire_ms)
		= (p_agency, p_protocol, p_url, p_host, p_format, p_sets, p_kind, p_licence, p_credit,
			p_homepage, p_covers, p_enabled, p_interval_ms,
			p_expire_ms) then
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
		enabled = p_enabled, interval_ms = p_interval_ms, expire_ms = p_expire_ms, configured = true
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
