-- What a source's keep leaves out is known by its header and digest, without
-- its content; and how much of what records say the vocabularies do not know.

-- The registry's column gets a type; sql/registry makes the view again.
drop view if exists registry.source_status;

alter table sheaf.source
	add column keep text not null default '',
	add column rejudge boolean not null default false,
	add column terms bigint not null default 0,
	add column unmapped bigint not null default 0;
comment on column sheaf.source.keep is 'Which records the configuration selects; empty: all.';
comment on column sheaf.source.rejudge is 'keep is another one since its records were judged: what is known of them is read again.';
comment on column sheaf.source.terms is 'Types, languages and places of its records after the last closed run.';
comment on column sheaf.source.unmapped is 'Of these, the ones that no vocabulary knew.';

alter table sheaf.run
	add column filtered bigint not null default 0,
	add column terms bigint not null default 0,
	add column unmapped bigint not null default 0;
comment on column sheaf.run.filtered is 'Records that the source''s keep leaves out; those that were stored are lost with it.';
comment on column sheaf.run.terms is 'By how much it changes sheaf.source.terms.';
comment on column sheaf.run.unmapped is 'By how much it changes sheaf.source.unmapped.';

alter table sheaf.page add column filtered integer not null default 0;
comment on column sheaf.page.filtered is 'Of these, left out by keep.';

alter table sheaf.record
	add column terms smallint,
	add column unmapped smallint,
	drop constraint record_status_check;
alter table sheaf.record add constraint record_status_check
	check (status in ('active', 'missing', 'deleted', 'hidden', 'rejected', 'filtered'));
comment on column sheaf.record.status is 'active, missing, deleted, hidden, filtered (left out by the source''s keep; in registry.record deleted where it was stored before, else not there), or rejected (with a run that an operator rejected; not in registry.record).';
comment on column sheaf.record.terms is 'Types, languages and places that it names; null without content, and of what was stored before this was counted.';
comment on column sheaf.record.unmapped is 'Of these, the ones that no vocabulary knew.';

alter table sheaf.pending
	add column terms smallint,
	add column unmapped smallint,
	drop constraint pending_op_check;
alter table sheaf.pending add constraint pending_op_check
	check (op in ('changed', 'touched', 'deleted', 'filtered'));
comment on column sheaf.pending.op is 'changed, touched (no new content), deleted, or filtered (left out by keep).';
comment on column sheaf.pending.terms is 'As in sheaf.record.';
comment on column sheaf.pending.unmapped is 'As in sheaf.record.';

create or replace function sheaf.apply_pending(p_run bigint)
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
		and p.op in ('changed', 'deleted', 'filtered')
		and r.block_id is not null
		group by r.block_id
	) d
	where b.block_id = d.block_id;

	update sheaf.run u
	set terms = u.terms + d.terms, unmapped = u.unmapped + d.unmapped
	from (
		select coalesce(sum(coalesce(p.terms, 0) - coalesce(r.terms, 0)), 0) as terms,
			coalesce(sum(coalesce(p.unmapped, 0) - coalesce(r.unmapped, 0)), 0) as unmapped
		from sheaf.pending p
		join sheaf.record r on r.record_id = p.record_id
		where p.run_id = p_run
		and p.op <> 'touched'
	) d
	where u.run_id = p_run
	and (d.terms, d.unmapped) <> (0, 0);

	-- One that is left out and never was stored stays unknown to portals;
	-- when it comes in, it is seen first.
	update sheaf.record r
	set datestamp = p.datestamp,
		datestamp_given = p.datestamp_given,
		sets = p.sets,
		status = case
			when p.op in ('deleted', 'filtered') then p.op
			when p.op = 'touched' and r.status = 'deleted' then 'deleted'
			when r.status = 'hidden' then 'hidden'
			else 'active' end,
		harvested_at = p.at,
		first_seen = case
			when p.op = 'changed' and r.status = 'filtered' and r.deleted_at is null then p.at
			else r.first_seen end,
		changed_at = case
			when p.op = 'touched' or (p.op = 'filtered' and r.status in ('filtered', 'deleted')) then r.changed_at
			else p.at end,
		deleted_at = case
			when p.op = 'deleted' or (p.op = 'filtered' and r.status in ('active', 'missing', 'hidden')) then p.at
			when p.op = 'filtered' then r.deleted_at
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
		doc_length = case when p.op = 'touched' then r.doc_length else p.doc_length end,
		terms = case when p.op = 'touched' then r.terms else p.terms end,
		unmapped = case when p.op = 'touched' then r.unmapped else p.unmapped end
	from sheaf.pending p
	where p.run_id = p_run
	and r.record_id = p.record_id;
	get diagnostics n = row_count;

	delete from sheaf.pending where run_id = p_run;
	return n;
end
$$;
comment on function sheaf.apply_pending is 'Makes what a run would change or delete true, and says how many records that were.';

drop function sheaf.runs_move(bigint[], bigint[], bigint[], bigint[], text[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[]);
create function sheaf.runs_move(p_runs bigint[], p_from bigint[], p_epoch bigint[], p_to bigint[], p_state text[],
	p_advertised bigint[], p_received bigint[], p_added bigint[], p_changed bigint[], p_touched bigint[],
	p_unchanged bigint[], p_deleted bigint[], p_rejected bigint[], p_gained bigint[], p_lost bigint[],
	p_altered bigint[], p_bytes bigint[], p_wire_bytes bigint[], p_requests bigint[], p_retries bigint[],
	p_filtered bigint[], p_terms bigint[], p_unmapped bigint[])
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
			retries = u.retries + m.retries,
			filtered = u.filtered + m.filtered,
			terms = u.terms + m.terms,
			unmapped = u.unmapped + m.unmapped
		from unnest(p_runs, p_from, p_epoch, p_to, p_state, p_advertised, p_received, p_added, p_changed,
			p_touched, p_unchanged, p_deleted, p_rejected, p_gained, p_lost, p_altered, p_bytes,
			p_wire_bytes, p_requests, p_retries, p_filtered, p_terms, p_unmapped) as m (run_id, from_page, epoch, to_page, state, advertised,
			received, added, changed, touched, unchanged, deleted, rejected, gained, lost, altered, bytes,
			wire_bytes, requests, retries, filtered, terms, unmapped)
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

drop function sheaf.runs_open(integer[], text[], text[], double precision[], double precision[], text, text, bigint);
create function sheaf.runs_open(p_sources integer[], p_modes text[], p_reasons text[],
	p_max_change double precision[], p_max_delete double precision[],
	p_node text, p_incarnation text, p_lease_ms bigint)
returns table (n integer, why text, detail text, retry_ms bigint, run_id bigint, epoch bigint,
	mode text, resumed boolean, page_no bigint, state text, checkpoints text,
	quirks text, active bigint, received bigint, wanted bigint, host text, rejudges boolean)
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
		a.host, coalesce(s.rejudge, false)
	from unnest(asked) a
	left join sheaf.source s on s.source_id = a.source_id and a.epoch is not null
	left join sheaf.run r on r.source_id = s.source_id and r.closed_at is null;
end
$$;
comment on function sheaf.runs_open is 'Takes the leases of the hosts of some sources, none of them named twice, and begins a run of each, or goes on with the open one; n counts the sources from 1, why is set where it refuses.';

drop function sheaf.runs_close(bigint[], bigint[], boolean[], boolean[], text[], integer[], text[], text[], text[], bigint[], text[], double precision[], double precision[], bigint[], timestamptz[], integer[], text[]);
create function sheaf.runs_close(p_runs bigint[], p_epochs bigint[], p_completed boolean[], p_complete_list boolean[],
	p_err_class text[], p_err_code integer[], p_err_text text[], p_checkpoints text[], p_quirks text[],
	p_advertised bigint[], p_suspicion text[], p_max_change double precision[], p_max_delete double precision[],
	p_grace_ms bigint[], p_next_due timestamptz[], p_failures integer[], p_facts text[])
returns table (n integer, outcome text, detail text, received bigint, added bigint,
	changed bigint, touched bigint, unchanged bigint, deleted bigint, rejected bigint,
	missing bigint, pages bigint, active bigint, filtered bigint)
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
		r.rejected, r.missing, r.page_no, r.active_start + r.gained - r.lost, r.filtered
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

drop function sheaf.run_close(sheaf.ending, interval);
create function sheaf.run_close(e sheaf.ending, p_grace interval,
	out outcome text, out detail text, out received bigint, out added bigint,
	out changed bigint, out touched bigint, out unchanged bigint, out deleted bigint, out rejected bigint,
	out missing bigint, out pages bigint, out active bigint, out filtered bigint)
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
	if held is not null and r.filtered > 0 then
		held := format('%s; keep leaves out %s of the %s that came', held, r.filtered, r.received);
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
	filtered := r.filtered;
	missing := r.missing + e.missing;
	pages := r.page_no;
end
$$;
comment on function sheaf.run_close is 'Ends a run with which something waits or is to be compared, or that may have reached its limits; its row is locked.';

create or replace function sheaf.compare(r sheaf.run, p_gone bigint[])
returns bigint
language plpgsql
as $$
declare
	marked bigint;
begin
	if cardinality(p_gone) > 0 then
		update sheaf.run u
		set terms = u.terms - d.terms, unmapped = u.unmapped - d.unmapped
		from (
			select coalesce(sum(c.terms), 0) as terms, coalesce(sum(c.unmapped), 0) as unmapped
			from sheaf.record c
			where c.record_id = any (p_gone)
		) d
		where u.run_id = r.run_id;
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

create or replace function sheaf.runs_finish(p_runs sheaf.ending[])
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
			e.failures, e.next_due, u.terms, u.unmapped
	)
	update sheaf.source s
	set active = r.active,
		terms = s.terms + r.terms,
		unmapped = s.unmapped + r.unmapped,
		-- Every list was read to its end since keep is what it is.
		rejudge = s.rejudge and (r.relisted or r.mode = 'compare'
			or not (r.outcome = 'ok' or (r.outcome = 'partial' and r.err_class = 'NONE'))),
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

create or replace function sheaf.forget(p_records bigint[])
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
		digest = null, block_id = null, raw_offset = null, raw_length = null, doc_length = null,
		terms = null, unmapped = null
	where record_id = any (p_records);
end
$$;
comment on function sheaf.forget is 'Makes records deleted that complete lists have not named for longer than the grace period.';

create function sheaf.terms_count(p_source integer, out terms bigint, out unmapped bigint)
language sql stable
as $$
	select coalesce(sum(r.terms), 0), coalesce(sum(r.unmapped), 0)
	from sheaf.record r
	where r.source_id = p_source
	and r.terms is not null
$$;
comment on function sheaf.terms_count is 'sheaf.source.terms and unmapped, counted anew.';

create or replace function sheaf.run_drop(p_source integer, p_detail text)
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
	set status = 'rejected', terms = null, unmapped = null
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
		(terms, unmapped) = (select t.terms, t.unmapped from sheaf.terms_count(p_source) t),
		last_run = r.run_id,
		last_outcome = coalesce(r.outcome, 'failed'),
		last_error = p_detail,
		last_error_at = clock_timestamp()
	where s.source_id = p_source;
	return true;
end
$$;
comment on function sheaf.run_drop is 'Forgets an open run: what waits is dropped, what it added is rejected; checkpoints stay as they were. False when there is none.';

create or replace function sheaf.source_act(p_name text, p_act text, p_author text, p_reason text,
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
		set status = 'deleted', deleted_at = clock_timestamp(), changed_at = clock_timestamp(), terms = null,
			unmapped = null
		where r.source_id = s.source_id and r.status in ('active', 'missing');
		update sheaf.source u set active = 0, terms = 0, unmapped = 0 where u.source_id = s.source_id;
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

drop function sheaf.source_set(text, text, text, text, text, text, text, text, text, text, text, text, text, boolean, bigint, bigint);
create function sheaf.source_set(p_name text, p_was text, p_agency text, p_protocol text, p_url text, p_host text,
	p_format text, p_sets text, p_kind text, p_licence text, p_credit text, p_homepage text, p_covers text,
	p_enabled boolean, p_interval_ms bigint, p_expire_ms bigint, p_keep text)
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
			homepage, covers, enabled, interval_ms, expire_ms, keep)
		values (p_name, p_agency, p_protocol, p_url, p_host, p_format, p_sets, p_kind, p_licence, p_credit,
			p_homepage, p_covers, p_enabled, p_interval_ms, p_expire_ms, p_keep);
		return null;
	end if;
	was_retired := s.state = 'retired';
	if s.configured and not was_retired and (s.agency, s.protocol, s.url, s.host, s.format, s.sets, s.kind, s.licence, s.credit,
			s.homepage, s.covers, s.enabled, s.interval_ms, s.expire_ms, s.keep)
		= (p_agency, p_protocol, p_url, p_host, p_format, p_sets, p_kind, p_licence, p_credit,
			p_homepage, p_covers, p_enabled, p_interval_ms,
			p_expire_ms, p_keep) then
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
	-- Another keep: all is read in full and judged again; a feed is not asked
	-- whether it has changed.
	if s.keep <> p_keep then
		delete from sheaf.checkpoint c where c.source_id = s.source_id;
		update sheaf.source u
		set rejudge = true, next_due = null, failures = 0,
			quirks = regexp_replace(u.quirks, '^(etag|last_modified|body|read_at)=[^\n]*\n?', '', 'ng')
		where u.source_id = s.source_id;
		update sheaf.run o set relisted = true where o.source_id = s.source_id and o.closed_at is null;
	end if;
	update sheaf.source u
	set agency = p_agency, protocol = p_protocol, url = p_url, host = p_host, format = p_format, sets = p_sets,
		kind = p_kind, licence = p_licence, credit = p_credit, homepage = p_homepage, covers = p_covers,
		enabled = p_enabled, interval_ms = p_interval_ms, expire_ms = p_expire_ms, keep = p_keep, configured = true
	where u.source_id = s.source_id;
	if was_retired then
		return 'was retired and is back: it is read anew, and its records return with what it lists';
	end if;
	return null;
end
$$;
comment on function sheaf.source_set is 'Stores a source of the configuration; an unchanged one is not written. What the operator should be told of it, or null.';

create or replace function sheaf.run_rekey(p_run bigint, p_epoch bigint, p_basis text, out matched bigint, out rekeyed bigint)
language plpgsql
as $$
declare
	r sheaf.run;
	every sheaf.naming[];
	with_url bigint;
	doubles bigint;
	gone bigint;
	n_changed bigint;
	n_touched bigint;
begin
	matched := 0;
	rekeyed := 0;
	if p_basis <> 'link' then
		raise exception 'records cannot be known by their %', p_basis;
	end if;
	perform from sheaf.source s
	where s.source_id = (select u.source_id from sheaf.run u where u.run_id = p_run)
	for update;
	select * into r
	from sheaf.run u
	where u.run_id = p_run and u.epoch = p_epoch and coalesce(u.closed_at, u.held_at) is null
	for update;
	if not found then
		return;
	end if;
	every := sheaf.namings(r.source_id, p_run);
	-- A url counts once: a feed whose items all lead to one page is not known
	-- by that.
	select count(*) filter (where k.added > 0 and k.was_there > 0), coalesce(sum(k.added), 0)
	into matched, with_url
	from (
		select count(*) filter (where a.is_new) as added, count(*) filter (where not a.is_new) as was_there
		from unnest(every) a
		where a.is_live
		and a.has_url
		group by a.key
	) k;
	if matched = 0 or 2 * matched < with_url then
		return;
	end if;
	select count(*) filter (where a.is_new), count(*) filter (where not a.is_new)
	into doubles, gone
	from unnest(every) a
	where a.is_live
	and a.record_id <> a.into_id;
	select * into n_changed, n_touched from sheaf.rekey_contents(p_run, every);
	perform sheaf.rekey_pages(p_run, every);
	perform sheaf.rekey_doubles(p_run, every);
	rekeyed := greatest(sheaf.rekey_names(r.source_id, every), matched);
	-- What was there twice is no loss, so no limit is to count it.
	update sheaf.run u
	set added = u.added - doubles,
		gained = u.gained - doubles,
		changed = u.changed + n_changed,
		altered = u.altered + n_changed,
		touched = u.touched + n_touched,
		unchanged = u.unchanged + doubles - n_changed - n_touched,
		active_start = u.active_start - gone,
		terms = t.terms - s.terms,
		unmapped = t.unmapped - s.unmapped
	from sheaf.source s, sheaf.terms_count(r.source_id) t
	where u.run_id = p_run
	and s.source_id = r.source_id;
end
$$;

create or replace function sheaf.advice(p_quirks text, p_facts text)
returns text
language sql immutable
as $$
	select nullif(concat_ws('; ',
		sheaf.line_value(p_facts, 'note'),
		case when moved is not null
			then format('has moved for good, said on %s days: set url = %s', days, moved) end,
		case when better is not null
			then format('offers %s, which says more than %s: set format = %s, and all is read anew', better, kept, better)
			end), '')
	from (values (sheaf.line_value(p_quirks, 'moved_url'), sheaf.line_value(p_quirks, 'moved_days'),
		sheaf.line_value(p_quirks, 'format_better'), sheaf.line_value(p_quirks, 'format')))
		as q (moved, days, better, kept)
$$;
