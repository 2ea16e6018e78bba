-- What a source's keep leaves out is known by rows of its own.  They go when a
-- complete list does not name them any more, as if they had never been.

comment on column sheaf.block.context is 'What stood around its records: the namespaces in scope; of a feed, in further lines, the form of what follows with the page''s address, what else was in scope, and the feed''s head.';

create function sheaf.forget_filtered(p_source integer, p_run bigint)
returns bigint
language plpgsql
set enable_nestloop = off
set enable_hashjoin = on
as $$
declare
	n bigint;
begin
	delete from sheaf.record r
	where r.source_id = p_source
	and r.status = 'filtered'
	-- One that was there once is a deletion to those that had it.
	and r.deleted_at is null
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
	);
	get diagnostics n = row_count;
	return n;
end
$$;
comment on function sheaf.forget_filtered is 'Drops what is known of records that keep left out, were never stored, and that no page of a complete list names: how many.';

-- As before, but what keep left out and a complete list has no more is forgotten.
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

	perform sheaf.forget_filtered(r.source_id, r.run_id)
	from unnest(p_runs) e
	join sheaf.run r on r.run_id = e.run_id
	join sheaf.source s on s.source_id = r.source_id
	where e.compare
	and (s.keep <> '' or r.filtered > 0 or r.mode <> 'incremental');

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
	), again as (
		update sheaf.source s
		set terms = s.terms + r.terms, unmapped = s.unmapped + r.unmapped
		from r
		where s.source_id = r.source_id
		and r.mode = 'renormalise'
		and (r.terms, r.unmapped) <> (0, 0)
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
	where s.source_id = r.source_id
	and r.mode <> 'renormalise';
end
$$;
