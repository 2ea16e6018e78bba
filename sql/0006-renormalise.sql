-- Renormalising: the stored records of a source are read again by the rules
-- of today.  Blocks remember by which rules they were made.

alter table sheaf.block add column rules bytea;
comment on column sheaf.block.rules is 'Digest of what its records'' content was made by: the program''s version, the tables, and what the configuration says of the source; null: not known.';
create index block_source_key on sheaf.block (source_id, block_id);
comment on index sheaf.block_source_key is 'The blocks of a source, in the order in which they are read again.';

alter table sheaf.run drop constraint run_mode_check;
alter table sheaf.run add constraint run_mode_check
	check (mode in ('incremental', 'full', 'compare', 'renormalise'));
comment on table sheaf.run is 'One harvest of one source, or one renormalising of what is stored of it, from its beginning to its outcome.';
comment on column sheaf.run.mode is 'incremental, full or compare; renormalise: nothing was asked for, what is stored was read again.';
comment on column sheaf.page.verb is 'The OAI-PMH verb; stored: records that were read again.';

-- As much as makes a page: blocks of the smallest numbers behind p_after, of
-- p_bytes or little more, and p_blocks at most.  A block without a record that
-- is there has one row, with nulls; the bytes of a block come with its first
-- row.
create function sheaf.stored_page(p_source integer, p_after bigint, p_rules bytea, p_bytes bigint, p_blocks integer)
returns table (block_id bigint, context text, record_id bigint, identifier text, format text, raw_offset integer,
	raw_length integer, doc_length integer, data bytea)
language sql stable
as $$
	select n.block_id, n.context, r.record_id, r.identifier, r.format, r.raw_offset, r.raw_length, r.doc_length,
		case when row_number() over (partition by n.block_id order by r.raw_offset, r.record_id) = 1 then n.data end
	from (
		select b.block_id, b.context, b.record_ids, b.data,
			sum(octet_length(b.data)) over (order by b.block_id) - octet_length(b.data) as before
		from (
			select k.block_id, k.context, k.record_ids, k.data
			from sheaf.block k
			where k.source_id = p_source
			and k.block_id > p_after
			and not k.whole
			and k.rules is distinct from p_rules
			order by k.block_id
			limit p_blocks
		) b
	) n
	left join lateral (
		select c.record_id, c.identifier::text, c.format, c.raw_offset, c.raw_length, c.doc_length
		from unnest(n.record_ids) as i (id)
		join sheaf.record c on c.record_id = i.id
		where c.block_id = n.block_id
		and c.status in ('active', 'missing', 'hidden')
		and c.raw_length > 0
	) r on true
	where n.before < p_bytes
	order by n.block_id, r.raw_offset, r.record_id
$$;
comment on function sheaf.stored_page is 'The next stored records of a source whose content was made by other rules.';

create function sheaf.renormalised(p_records bigint[], p_blocks bigint[], p_offsets integer[], p_kind text[],
	p_title text[], p_url text[], p_issued date[], p_issued_precision text[], p_licence text[],
	p_into bigint[], p_into_offset integer[], p_raw_length integer[], p_doc_length integer[], p_terms integer[],
	p_unmapped integer[])
returns void
language plpgsql
as $$
declare
	done bigint;
begin
	update sheaf.run o
	set terms = o.terms + d.terms, unmapped = o.unmapped + d.unmapped
	from (
		select r.source_id, sum(coalesce(u.terms, 0) - coalesce(r.terms, 0)) as terms,
			sum(coalesce(u.unmapped, 0) - coalesce(r.unmapped, 0)) as unmapped
		from unnest(p_records, p_terms, p_unmapped) as u (record_id, terms, unmapped)
		join sheaf.record r on r.record_id = u.record_id
		group by r.source_id
	) d
	where o.source_id = d.source_id
	and o.closed_at is null
	and (d.terms, d.unmapped) <> (0, 0);
	update sheaf.record r
	set kind = u.kind,
		title = u.title,
		url = u.url,
		issued = u.issued,
		issued_precision = u.issued_precision,
		licence = u.licence,
		block_id = u.into_block,
		raw_offset = u.into_offset,
		raw_length = u.raw_length,
		doc_length = u.doc_length,
		terms = u.terms,
		unmapped = u.unmapped,
		changed_at = now()
	from unnest(p_records, p_blocks, p_offsets, p_kind, p_title, p_url, p_issued, p_issued_precision, p_licence,
		p_into, p_into_offset, p_raw_length, p_doc_length, p_terms, p_unmapped) as u (record_id, block_id, raw_offset,
		kind, title, url, issued, issued_precision, licence, into_block, into_offset, raw_length, doc_length, terms,
		unmapped)
	where r.record_id = u.record_id
	and r.block_id = u.block_id
	and r.raw_offset = u.raw_offset
	and r.status in ('active', 'missing', 'hidden');
	get diagnostics done = row_count;
	if done < cardinality(p_records) then
		raise exception '% of % records are not where they were read', cardinality(p_records) - done,
			cardinality(p_records)
			using errcode = 'SH001';
	end if;
end
$$;
comment on function sheaf.renormalised is 'Gives records new content, whose bytes are in other blocks now, where they still are what was read.';

-- As before, but renormalising needs no source that may be asked.
create or replace function sheaf.runs_open(p_sources integer[], p_modes text[], p_reasons text[],
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
			when s.state <> 'idle' and not (u.mode = 'renormalise' and s.state = 'paused') then s.state
			when d.due > clock_timestamp() + interval '1 s' then 'early' end,
		case
			when s.source_id is null then format('the database has no source %s', u.source_id)
			when s.state <> 'idle' and not (u.mode = 'renormalise' and s.state = 'paused') then s.state_reason
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

-- As before, but of a renormalising the source remembers what its records say
-- and nothing else: it tells nothing of the server.
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
