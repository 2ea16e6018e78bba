-- A source whose items get new identifiers at every poll is known by the urls
-- of its items from then on.

create type sheaf.naming as (
	record_id bigint,
	into_id bigint,
	key text collate "C",
	has_url boolean,
	is_new boolean,
	is_live boolean,
	is_newest boolean
);
comment on type sheaf.naming is 'What becomes of a record when its source is known by urls: into_id stays for its key; is_newest is what the run added last under the key.';

-- The key of a record is its url, as far as that can be an identifier; without
-- one, what it is called already.  Of a key stays: what lives before what does
-- not, what was there before what the run added, the newer before the older.
create function sheaf.namings(p_source integer, p_run bigint)
returns sheaf.naming[]
language sql stable
set enable_hashjoin = on
as $$
	select array_agg(row (n.record_id, n.into_id, n.key, n.has_url, n.is_new, n.is_live, n.is_newest)::sheaf.naming)
	from (
		select k.record_id, k.key, k.has_url, k.is_new, k.is_live,
			first_value(k.record_id) over (
				partition by k.key
				order by k.is_live desc, k.is_new, k.at desc, k.record_id desc) as into_id,
			k.is_new and k.is_live and row_number() over (
				partition by k.key
				order by k.is_new and k.is_live desc, k.at desc, k.record_id desc) = 1 as is_newest
		from (
			select c.record_id, c.added_run = p_run as is_new,
				c.status in ('active', 'missing', 'hidden') as is_live,
				coalesce(c.datestamp, c.first_seen) as at,
				u.has_url, case when u.has_url then u.url else c.identifier end as key
			from sheaf.record c
			left join sheaf.pending p on p.run_id = p_run and p.record_id = c.record_id
			cross join lateral (
				select v.url collate "C" as url, coalesce(octet_length(v.url) between 1 and 2048, false) as has_url
				from (values (case when p.op = 'changed' then p.url else c.url end)) as v (url)
			) u
			where c.source_id = p_source
		) k
	) n
$$;
comment on function sheaf.namings is 'For all records of a source what they would be called by their urls, and which of them would become one.';

-- What the run added under another name is a change of what was there, and
-- waits with the run's other changes.
create function sheaf.rekey_contents(p_run bigint, p_all sheaf.naming[], out changed bigint, out touched bigint)
language plpgsql
set enable_hashjoin = on
as $$
begin
	with w as (
		insert into sheaf.pending (run_id, record_id, op, at, datestamp, datestamp_given, sets, digest, format, kind,
			title, url, issued, issued_precision, licence, block_id, raw_offset, raw_length, doc_length)
		select p_run, o.record_id, 'changed', n.harvested_at, n.datestamp, n.datestamp_given, n.sets, n.digest,
			n.format, n.kind, n.title, n.url, n.issued, n.issued_precision, n.licence, n.block_id, n.raw_offset,
			n.raw_length, n.doc_length
		from unnest(p_all) a
		join sheaf.record n on n.record_id = a.record_id
		join sheaf.record o on o.record_id = a.into_id
		where a.is_newest
		and o.added_run <> p_run
		and o.digest is distinct from n.digest
		on conflict do nothing
		returning record_id
	)
	select count(*) into changed from w;
	with w as (
		insert into sheaf.pending (run_id, record_id, op, at, datestamp, datestamp_given, sets)
		select p_run, o.record_id, 'touched', n.harvested_at, n.datestamp, n.datestamp_given, n.sets
		from unnest(p_all) a
		join sheaf.record n on n.record_id = a.record_id
		join sheaf.record o on o.record_id = a.into_id
		where a.is_newest
		and o.added_run <> p_run
		and (o.status = 'missing' or (o.datestamp_given, o.sets) is distinct from (n.datestamp_given, n.sets))
		on conflict do nothing
		returning record_id
	)
	select count(*) into touched from w;
end
$$;
comment on function sheaf.rekey_contents is 'Puts what a run added under other names beside the records that stay: how many of these it changes or touches.';

-- Doubles of what the run added go, with their rows; doubles that were there
-- are deleted records from now on.
create function sheaf.rekey_doubles(p_run bigint, p_all sheaf.naming[])
returns void
language plpgsql
set enable_hashjoin = on
as $$
declare
	doubles bigint[];
	added bigint[];
	was_there bigint[];
begin
	select array_agg(a.record_id), array_agg(a.record_id) filter (where a.is_new),
		array_agg(a.record_id) filter (where not a.is_new)
	into doubles, added, was_there
	from unnest(p_all) a
	where a.is_live
	and a.record_id <> a.into_id;
	if doubles is null then
		return;
	end if;
	-- What waits for them, and what is theirs and no record takes over.
	update sheaf.block b
	set live = b.live - d.n
	from (
		select x.block_id, count(*) as n
		from (
			select p.block_id
			from sheaf.pending p
			where p.run_id = p_run
			and p.record_id = any (doubles)
			union all
			select c.block_id
			from sheaf.record c
			where c.record_id = any (added)
			and not exists (
				select from sheaf.pending p
				where p.run_id = p_run
				and p.block_id = c.block_id
				and p.raw_offset = c.raw_offset)
		) x
		where x.block_id is not null
		group by x.block_id
	) d
	where b.block_id = d.block_id;
	delete from sheaf.pending p where p.run_id = p_run and p.record_id = any (doubles);
	delete from sheaf.record c where c.record_id = any (added);
	perform sheaf.forget(coalesce(was_there, '{}'));
end
$$;
comment on function sheaf.rekey_doubles is 'Of records that have one key only one is left.';

-- Where the run's pages and blocks name a record that went into another.
create function sheaf.rekey_pages(p_run bigint, p_all sheaf.naming[])
returns void
language plpgsql
set enable_hashjoin = on
as $$
begin
	update sheaf.page g
	set record_ids = x.ids,
		added = g.added - x.gone,
		changed = g.changed + x.changed,
		touched = g.touched + x.touched,
		unchanged = g.unchanged + x.gone - x.changed - x.touched
	from (
		select h.page_no, array_agg(coalesce(a.into_id, i.id) order by i.n) as ids, count(a.record_id) as gone,
			count(*) filter (where p.op = 'changed') as changed,
			count(*) filter (where p.op = 'touched') as touched
		from sheaf.page h
		cross join lateral unnest(h.record_ids) with ordinality as i (id, n)
		left join unnest(p_all) a
			on a.record_id = i.id and a.is_new and a.is_live and a.record_id <> a.into_id
		left join sheaf.pending p
			on p.run_id = p_run and p.record_id = a.into_id and a.is_newest
		where h.run_id = p_run
		group by h.page_no
	) x
	where g.run_id = p_run
	and g.page_no = x.page_no
	and x.gone > 0;
	update sheaf.block b
	set record_ids = x.ids
	from (
		select k.block_id, array_agg(coalesce(a.into_id, i.id) order by i.n) as ids, count(a.record_id) as gone
		from sheaf.block k
		cross join lateral unnest(k.record_ids) with ordinality as i (id, n)
		left join unnest(p_all) a
			on a.record_id = i.id and a.is_new and a.is_live and a.record_id <> a.into_id
		where k.block_id in (
			select c.block_id from sheaf.record c
			where c.record_id in (select a.record_id from unnest(p_all) a where a.is_new and a.record_id <> a.into_id))
		group by k.block_id
	) x
	where b.block_id = x.block_id
	and x.gone > 0;
end
$$;
comment on function sheaf.rekey_pages is 'Lets the pages and blocks of a run name the records that stay.';

-- In two steps, since names may change places.
create function sheaf.rekey_names(p_source integer, p_all sheaf.naming[])
returns bigint
language plpgsql
set enable_hashjoin = on
as $$
declare
	n bigint;
begin
	update sheaf.record c
	set identifier = case
		when a.record_id = a.into_id then E'\x01' || c.record_id
		-- One that does not stay stands in the way.
		else c.identifier || ' (' || c.record_id || ')' end
	from unnest(p_all) a
	where c.record_id = a.record_id
	and case
		when a.record_id = a.into_id then c.identifier <> a.key
		else c.identifier in (select k.key from unnest(p_all) k where k.record_id = k.into_id) end;
	update sheaf.record c
	set identifier = a.key
	from unnest(p_all) a
	where c.record_id = a.record_id
	and a.record_id = a.into_id
	and c.identifier <> a.key;
	get diagnostics n = row_count;
	return n;
end
$$;
comment on function sheaf.rekey_names is 'Gives the records that stay their keys as identifiers: how many have another one now.';

create function sheaf.run_rekey(p_run bigint, p_epoch bigint, p_basis text, out matched bigint, out rekeyed bigint)
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
		active_start = u.active_start - gone
	where u.run_id = p_run;
end
$$;
comment on function sheaf.run_rekey is 'Compares what a run added with what was there by url; where half of it was, the source''s records are called by their urls from now on: matched counts these items, rekeyed the records with another name, 0 when nothing was done.';
