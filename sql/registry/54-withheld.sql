-- What is hidden or purged holds at once for portals, whatever sheaf-resolve is
-- doing: in the operator's own transaction.

create or replace function sheaf.is_of(p_origins jsonb, p_field text, p_records bigint[], p_set text[])
returns boolean
language sql immutable
as $$
	select coalesce(p_origins ->> p_field = any (p_records::text[])
		or p_origins ->> p_field = 'operator' and p_field = any (p_set), false)
$$;
comment on function sheaf.is_of(jsonb, text, bigint[], text[]) is 'A field came from one of some records, or an operator set it of them.';

create or replace function sheaf.fields_set(p_records bigint[])
returns text[]
language sql stable
as $$
	select coalesce(array_agg(distinct d.field), '{}')
	from sheaf.record r
	join sheaf.source s on s.source_id = r.source_id
	join sheaf.decision d on d.source_a = s.name and d.identifier_a = r.identifier
	where r.record_id = any (p_records)
	and d.kind = 'set'
$$;
comment on function sheaf.fields_set(bigint[]) is 'The fields that operators set, or had set, of some records.';

-- The entries that records are in, or were, as far as they may still say so.
create or replace function sheaf.entries_of(p_records bigint[])
returns setof uuid
language sql stable
as $$
	with recursive way (entry_id) as (
		select m.entry_id from sheaf.member m where m.record_id = any (p_records)
		union
		select f.from_entry
		from way w
		join sheaf.forward f on f.to_entry = w.entry_id
	)
	select w.entry_id from way w
$$;
comment on function sheaf.entries_of(bigint[]) is 'Entries that have or had some records.';

-- --- what an operator said of a purged record ---
create or replace function sheaf.purge_silences()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
	-- They are words of the record, or in its place.
	update sheaf.decision d
	set value = '',
		undone_at = coalesce(d.undone_at, greatest(new.at, d.at)),
		undone_by = coalesce(d.undone_by, new.author),
		undone_reason = coalesce(d.undone_reason, 'the record was purged')
	where d.kind = 'set'
	and d.source_a = new.source_a
	and d.identifier_a = new.identifier_a;
	return null;
end
$$;
comment on function sheaf.purge_silences is 'Forgets what fields of a record were set to when it is purged, before it is there, too.';
create or replace trigger decision_purges after insert on sheaf.decision
	for each row when (new.kind = 'purge' and new.undone_at is null)
	execute function sheaf.purge_silences();
comment on trigger decision_purges on sheaf.decision is 'Nothing stays of what operators set by a record that is purged.';

create or replace function sheaf.purged_is_not_set()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
	if exists (
		select from sheaf.decision d
		where d.kind = 'purge'
		and d.source_a = new.source_a
		and d.identifier_a = new.identifier_a
		and d.undone_at is null)
	then
		new.value := '';
		new.undone_at := coalesce(new.undone_at, new.at);
		new.undone_by := coalesce(new.undone_by, new.author);
		new.undone_reason := coalesce(new.undone_reason, 'the record was purged');
	end if;
	return new;
end
$$;
comment on function sheaf.purged_is_not_set is 'Keeps words out that an imported table has of a purged record.';
create or replace trigger decision_sets before insert on sheaf.decision
	for each row when (new.kind = 'set')
	execute function sheaf.purged_is_not_set();
comment on trigger decision_sets on sheaf.decision is 'Nothing is set by a record that is purged.';

-- --- what entries say ---
-- One entry without some records, as far as that can be said without reading the
-- others again: what only they can tell is missing until it is composed.
create or replace function sheaf.withdraw_from(c sheaf.composed, p_records bigint[], p_set text[], p_at timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
	taken text[] := array(
		select f.key from jsonb_each_text(c.origins) f where sheaf.is_of(c.origins, f.key, p_records, p_set));
	origin bigint;
	other sheaf.record;
begin
	c.origins := c.origins - taken;
	-- A value that several say stands as that of one of them, so the columns of
	-- another one are asked, too.
	select r.* into other
	from sheaf.member m
	join sheaf.record r on r.record_id = m.record_id and r.status in ('active', 'missing')
	where m.entry_id = c.entry_id
	and m.active
	order by r.title is null, r.datestamp desc nulls last, r.record_id
	limit 1;
	if 'title' = any (taken) then
		select t.text, t.lang, t.record_id into c.title, c.title_lang, origin
		from sheaf.entry_title t where t.entry_no = c.entry_no
		order by t.role is distinct from 'main', t.n limit 1;
		if not found then
			c.title := other.title;
			origin := case when other.title is not null then other.record_id end;
		end if;
		c.origins := c.origins || jsonb_strip_nulls(jsonb_build_object('title', origin));
	elsif 'title_lang' = any (taken) then
		c.title_lang := null;
	end if;
	if 'abstract' = any (taken) then
		select t.text, t.record_id into c.abstract, origin
		from sheaf.entry_abstract t where t.entry_no = c.entry_no order by t.n limit 1;
		c.origins := c.origins || jsonb_strip_nulls(jsonb_build_object('abstract', origin));
	end if;
	if 'publisher' = any (taken) then
		select t.name, t.record_id into c.publisher, origin
		from sheaf.entry_agent t where t.entry_no = c.entry_no and t.role in ('publisher', 'provider')
		order by t.role desc, t.n limit 1;
		c.origins := c.origins || jsonb_strip_nulls(jsonb_build_object('publisher', origin));
	end if;
	if 'url' = any (taken) then
		select t.url, t.record_id into c.url, origin
		from sheaf.entry_link t where t.entry_no = c.entry_no and t.role = 'landing' order by t.n limit 1;
		if not found then
			c.url := other.url;
			origin := case when other.url is not null then other.record_id end;
		end if;
		c.origins := c.origins || jsonb_strip_nulls(jsonb_build_object('url', origin));
	end if;
	if 'issued' = any (taken) then
		c.issued := other.issued;
		c.issued_precision := other.issued_precision;
		c.origins := c.origins || jsonb_strip_nulls(jsonb_build_object('issued',
			case when other.issued is not null then other.record_id end));
	end if;
	if 'kind' = any (taken) then
		c.kind := coalesce(other.kind, 'unassigned');
		c.family := coalesce((select k.family from registry.kind k where k.code = other.kind), 'unassigned');
		c.origins := c.origins || jsonb_strip_nulls(jsonb_build_object('kind',
			case when other.kind is not null then other.record_id end));
	end if;
	update sheaf.composed x
	set digest = '',
		updated_at = p_at,
		origins = c.origins,
		title = c.title,
		title_lang = c.title_lang,
		abstract = c.abstract,
		publisher = c.publisher,
		url = c.url,
		kind = c.kind,
		family = c.family,
		status = case when not 'status' = any (taken) then c.status end,
		issued = c.issued,
		issued_precision = c.issued_precision,
		starts = case when not 'starts' = any (taken) then c.starts end,
		ends = case when not 'ends' = any (taken) then c.ends end,
		deadline = case when not 'deadline' = any (taken) then c.deadline end,
		image_url = case when not 'image_url' = any (taken) then c.image_url end,
		rights_url = case when not 'rights_url' = any (taken) then c.rights_url end,
		access = case when not 'access' = any (taken) then c.access end,
		trl_min = case when not 'trl_min' = any (taken) then c.trl_min end,
		trl_max = case when not 'trl_max' = any (taken) then c.trl_max end,
		languages = l.languages,
		countries = l.countries,
		sectors = l.sectors,
		sdgs = l.sdgs,
		record_count = m.records,
		first_seen = m.first_seen,
		sources = m.sources,
		agencies = array(
			select a.code
			from unnest(c.agencies) a (code)
			where a.code = any (m.agencies)
			or exists (
				select from sheaf.entry_agent g
				join sheaf.agency n on n.code = a.code
				where g.entry_no = c.entry_no
				and g.role in ('publisher', 'provider')
				and sheaf.agency_key(g.name) in (sheaf.agency_key(n.name), sheaf.agency_key(n.code)))
			order by a.code collate "C")
	from (
		select coalesce(array_agg(distinct t.code collate "C") filter (where t.axis = 'language'), '{}') as languages,
			coalesce(array_agg(distinct t.code collate "C") filter (where t.axis = 'country'), '{}') as countries,
			coalesce(array_agg(distinct t.code collate "C") filter (where t.axis = 'sector'), '{}') as sectors,
			coalesce(array_agg(distinct t.code collate "C") filter (where t.axis = 'sdg'), '{}') as sdgs
		from sheaf.entry_code t
		where t.entry_no = c.entry_no
	) l
	cross join (
		select count(*)::integer as records,
			coalesce(min(r.first_seen), c.first_seen) as first_seen,
			coalesce(array_agg(distinct s.name collate "C") filter (where s.name is not null), '{}') as sources,
			coalesce(array_agg(distinct s.agency) filter (where s.agency is not null), '{}') as agencies
		from sheaf.member b
		join sheaf.record r on r.record_id = b.record_id and r.status in ('active', 'missing')
		join sheaf.source s on s.source_id = r.source_id
		where b.entry_id = c.entry_id
		and b.active
	) m
	where x.entry_no = c.entry_no;
end
$$;
comment on function sheaf.withdraw_from(sheaf.composed, bigint[], text[], timestamptz) is 'Takes the values of some records out of an entry.';

create or replace function sheaf.has_of(c sheaf.composed, p_records bigint[], p_set text[])
returns boolean
language sql stable
as $$
	select exists (select from sheaf.member m where m.entry_id = c.entry_id and m.record_id = any (p_records))
		or exists (select from jsonb_object_keys(c.origins) f where sheaf.is_of(c.origins, f, p_records, p_set))
		or exists (
			select from (
				select entry_no, record_id from sheaf.entry_title
				union all select entry_no, record_id from sheaf.entry_abstract
				union all select entry_no, record_id from sheaf.entry_agent
				union all select entry_no, record_id from sheaf.entry_identifier
				union all select entry_no, record_id from sheaf.entry_link
				union all select entry_no, record_id from sheaf.entry_subject
				union all select entry_no, record_id from sheaf.entry_code
				union all select entry_no, record_id from sheaf.entry_date
				union all select entry_no, record_id from sheaf.entry_rights
				union all select entry_no, record_id from sheaf.entry_relation
			) t
			where t.entry_no = c.entry_no
			and t.record_id = any (p_records))
$$;
comment on function sheaf.has_of(sheaf.composed, bigint[], text[]) is 'Whether an entry has, or may still say something of, one of some records.';

create or replace function sheaf.withdraw(p_records bigint[])
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
	concerned uuid[];
	fields text[];
	nos bigint[];
	unsure bigint[];
	ids uuid[];
	gone bigint[];
	gone_ids uuid[];
	at timestamptz;
	c sheaf.composed;
	t text;
	tables text[] := '{entry_title,entry_abstract,entry_agent,entry_identifier,entry_link,entry_subject,entry_code,'
		'entry_date,entry_rights,entry_relation}';
begin
	-- Who composes or indexes now is waited for; who read before this, and writes
	-- later, finds these rows changed and begins again.  Only then is it known
	-- what they say.
	at := sheaf.change_begin();
	update sheaf.change_number set seq = seq;
	update sheaf.search_lane set lane = lane;
	concerned := array(select sheaf.entries_of(p_records));
	-- One that does not say any longer what a record said is still found by it
	-- while it waits to be made findable.
	nos := array(select x.entry_no from sheaf.composed x where x.entry_id = any (concerned));
	delete from sheaf.found f where f.entry_no = any (nos);
	delete from sheaf.found_sample f where f.entry_no = any (nos);
	perform sheaf.index_later(nos);
	fields := sheaf.fields_set(p_records);
	select array_agg(x.entry_no order by x.entry_no), array_agg(x.entry_id order by x.entry_no)
	into nos, ids
	from sheaf.composed x
	where x.entry_id = any (concerned)
	and sheaf.has_of(x, p_records, fields);
	if nos is null then
		return;
	end if;
	perform sheaf.history_keep(nos, at);
	-- What was merged or split meanwhile is the composer's to say.
	select coalesce(array_agg(x.entry_no), '{}'), coalesce(array_agg(x.entry_id), '{}')
	into gone, gone_ids
	from sheaf.composed x
	join sheaf.entry e on e.entry_id = x.entry_id and e.state in ('live', 'gone')
	where x.entry_no = any (nos)
	and not exists (
		select from sheaf.member m
		join sheaf.record r on r.record_id = m.record_id and r.status in ('active', 'missing')
		where m.entry_id = x.entry_id
		and m.active);
	-- What was over because one of these says so is counted as it was until it is
	-- composed: without a status it would be open.
	select coalesce(array_agg(x.entry_no), '{}') into unsure
	from sheaf.composed x
	where x.entry_no = any (nos)
	and x.entry_no <> all (gone)
	and x.status in ('closed', 'fulfilled', 'ended')
	and sheaf.is_of(x.origins, 'status', p_records, fields);
	foreach t in array tables loop
		execute format('delete from sheaf.%I x where x.entry_no = any ($1) and (x.record_id = any ($2) or x.entry_no = any ($3))', t)
		using nos, p_records, gone;
	end loop;
	delete from sheaf.composed x where x.entry_no = any (gone);
	for c in select x.* from sheaf.composed x where x.entry_no = any (nos) order by x.entry_no loop
		perform sheaf.withdraw_from(c, p_records, fields, at);
	end loop;
	perform sheaf.change_write(ids,
		array(select case when u.id = any (gone_ids) then 'delete' else 'upsert' end
			from unnest(ids) with ordinality as u (id, n) order by u.n),
		array_fill(null::text, array[cardinality(ids)]), at);
	perform sheaf.composed_changed(array(select unnest(nos) except select unnest(unsure)));
	perform sheaf.recompose(ids);
end
$$;
comment on function sheaf.withdraw(bigint[]) is 'Takes the values of records that are hidden or purged out of all that portals see, and lets the entries be composed again.';

-- What is shown again is there when its entry is composed.
create or replace function sheaf.record_is_shown()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
	perform sheaf.recompose(array_agg(m.entry_id)) from sheaf.member m where m.record_id = new.record_id;
	return null;
end
$$;
comment on function sheaf.record_is_shown is 'Has the entry composed again of a record that was hidden.';
create or replace trigger record_shown after update of status on sheaf.record
	for each row when (old.status = 'hidden' and new.status <> 'hidden')
	execute function sheaf.record_is_shown();
comment on trigger record_shown on sheaf.record is 'What is hidden no more is composed again.';

-- An import may purge records of many sources in one commit, which holds the
-- turn to number changes from the first of them on: a page that holds its run
-- may be waiting for that, so the runs come first.
create or replace function sheaf.lock_runs()
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
	if current_setting('sheaf.locks_runs', true) is not distinct from pg_current_xact_id()::text then
		return;
	end if;
	perform set_config('sheaf.locks_runs', pg_current_xact_id()::text, true);
	perform from sheaf.run o
	where o.closed_at is null
	and o.source_id in (
		select r.source_id
		from sheaf.decision d
		join sheaf.source s on s.name = d.source_a
		join sheaf.record r on r.source_id = s.source_id and r.identifier = d.identifier_a
		where d.kind = 'purge'
		and d.undone_at is null
		and r.status <> 'purged')
	order by o.run_id
	for update;
end
$$;
comment on function sheaf.lock_runs is 'Locks the open runs of sources that have records to be purged, once in a transaction.';

create or replace function sheaf.obey(p_records bigint[])
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
	erased bigint[];
	purged bigint[];
	hidden bigint[];
	gone bigint;
begin
	if not exists (select from sheaf.decision d where d.kind in ('hide', 'purge') and d.undone_at is null) then
		return;
	end if;
	-- One that is purged already may have been given again meanwhile.
	select coalesce(array_agg(r.record_id order by r.record_id), '{}'),
		coalesce(array_agg(r.record_id) filter (where r.status <> 'purged'), '{}')
	into erased, purged
	from sheaf.record r
	join sheaf.source s on s.source_id = r.source_id
	where r.record_id = any (p_records)
	and exists (
		select from sheaf.decision d
		where d.source_a = s.name and d.identifier_a = r.identifier
		and d.kind = 'purge'
		and d.undone_at is null);
	select coalesce(array_agg(r.record_id), '{}') into hidden
	from sheaf.record r
	join sheaf.source s on s.source_id = r.source_id
	where r.record_id = any (p_records)
	and r.record_id <> all (erased)
	and (not r.withheld or r.status in ('active', 'missing'))
	and exists (
		select from sheaf.decision d
		where d.source_a = s.name and d.identifier_a = r.identifier
		and d.kind = 'hide'
		and d.undone_at is null);
	if purged || hidden <> '{}' then
		perform sheaf.lock_runs();
	end if;
	foreach gone in array erased loop
		perform sheaf.erase(gone);
	end loop;
	if purged <> '{}' then
		-- Examples of what a model would change have titles and names in them.
		delete from sheaf.proposed_change p where p.a = any (purged) or p.b = any (purged);
		delete from sheaf.proposed_match p where p.a = any (purged);
		delete from sheaf.proposed_match p where p.b = any (purged) and p.reason is not null;
	end if;
	if hidden <> '{}' then
		update sheaf.record r
		set withheld = true,
			status = case when r.status in ('active', 'missing') then 'hidden' else r.status end
		where r.record_id = any (hidden);
	end if;
	if purged || hidden <> '{}' then
		perform sheaf.withdraw(purged || hidden);
	end if;
end
$$;
comment on function sheaf.obey is 'Hides and purges those of some records of which operators said so.';

-- Of the migrations; what is named without a schema is never looked for among
-- temporary objects first.
alter function sheaf.decisions_follow_source() set search_path = pg_catalog, pg_temp;
alter function sheaf.decisions_follow_record() set search_path = pg_catalog, pg_temp;

revoke execute on function sheaf.withdraw(bigint[]), sheaf.withdraw_from(sheaf.composed, bigint[], text[], timestamptz),
	sheaf.lock_runs() from public;
