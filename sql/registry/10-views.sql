-- The registry's views of what is harvested.  Columns are only ever appended.

-- Views and functions run as their owner; who asks is the session's user, or
-- whom it has become by SET ROLE.
create or replace function sheaf.sees_all()
returns boolean
language sql stable
security definer
set search_path = pg_catalog, pg_temp
as $$
	select has_table_privilege(
		coalesce(nullif(current_setting('role', true), 'none'), session_user::text), 'sheaf.block', 'select')
$$;
comment on function sheaf.sees_all() is 'Whether who asks may read schema sheaf: nothing is withheld from operators.';

-- A condition that a portal adds may be looked at before those of the view, so
-- what is withheld is no value of the row, rather than that of a row left out.
-- What = means is settled here, not in the session of who asks.
create or replace function sheaf.is_told(p_status text, p_withheld boolean)
returns boolean
language sql stable
return (p_status in ('active', 'missing', 'deleted') and not p_withheld) or sheaf.sees_all();
comment on function sheaf.is_told(text, boolean) is 'Whether values of a record of this status, which an operator hides or not, are told to who asks.';

create or replace view registry.agency as
select a.code,
	a.name,
	a.homepage,
	a.organisation_id
from sheaf.agency a
where a.configured
or exists (select from sheaf.source s where s.agency = a.code and s.state <> 'retired');
comment on view registry.agency is 'An organisation that runs one or more sources.';
comment on column registry.agency.code is 'Its short name.';
comment on column registry.agency.name is 'Its name for people.';
comment on column registry.agency.homepage is 'Its web site.';
comment on column registry.agency.organisation_id is 'Its identifier in a register of organisations.';

create or replace view registry.source as
select s.name as code,
	s.agency,
	s.protocol,
	s.url,
	nullif(s.homepage, '') as homepage,
	nullif(s.licence, '') as licence,
	nullif(s.credit, '') as credit,
	nullif(s.covers, '') as covers,
	s.configured
from sheaf.source s
where s.state <> 'retired';
comment on view registry.source is 'An endpoint that is harvested, or declared.';
comment on column registry.source.code is 'Its name in the configuration.';
comment on column registry.source.agency is 'Who runs it.';
comment on column registry.source.protocol is 'oai-pmh, feed, oai-static, or none: declared, not harvested.';
comment on column registry.source.url is 'The endpoint.';
comment on column registry.source.homepage is 'The platform''s page for people.';
comment on column registry.source.licence is 'Licence of its metadata.';
comment on column registry.source.credit is 'The credit line that users of its records show.';
comment on column registry.source.covers is 'What it could fill.';
comment on column registry.source.configured is 'False: it has left the configuration and is frozen.';

create or replace view registry.record as
select r.record_id,
	s.name as source,
	s.agency,
	r.format,
	r.identifier::text as identifier,
	r.datestamp,
	r.datestamp_given,
	case when sheaf.is_told(r.status, r.withheld) then r.sets else '{}' end as sets,
	case when r.status in ('filtered', 'purged') then 'deleted' else r.status end as status,
	m.entry_id,
	case when sheaf.is_told(r.status, r.withheld) then r.kind end as kind,
	case when sheaf.is_told(r.status, r.withheld) then r.title end as title,
	case when sheaf.is_told(r.status, r.withheld) then r.url end as url,
	case when sheaf.is_told(r.status, r.withheld) then r.issued end as issued,
	coalesce(case when sheaf.is_told(r.status, r.withheld) then r.licence end, nullif(s.licence, '')) as licence,
	nullif(s.credit, '') as credit,
	r.first_seen,
	case when r.status = 'active' then greatest(r.harvested_at, s.complete_at)
		else r.harvested_at end as last_seen,
	r.harvested_at,
	r.changed_at,
	r.deleted_at,
	case when sheaf.is_told(r.status, r.withheld) then r.issued_precision end as issued_precision,
	r.missing_since,
	case when s.expire_ms > 0
		and coalesce(greatest(case when sheaf.is_told(r.status, r.withheld) then r.issued end::timestamp at time zone 'UTC',
			r.datestamp), r.first_seen)
			< now() - s.expire_ms * interval '1 ms'
		then 'ended' end as content_status
from sheaf.record r
join sheaf.source s on s.source_id = r.source_id
left join sheaf.member m on m.record_id = r.record_id
where r.status <> 'rejected'
and (r.status <> 'filtered' or r.deleted_at is not null);
comment on view registry.record is 'What one source says about one thing. Of what is hidden there is only that it is: no values, and nothing in registry.raw(), also when it is deleted.';
comment on column registry.record.record_id is 'Its permanent number.';
comment on column registry.record.source is 'The source''s name.';
comment on column registry.record.agency is 'Who runs the source.';
comment on column registry.record.format is 'Format of its metadata.';
comment on column registry.record.identifier is 'The identifier, unique in its source.';
comment on column registry.record.datestamp is 'The datestamp as an instant, where it is one.';
comment on column registry.record.datestamp_given is 'The datestamp as the server wrote it.';
comment on column registry.record.sets is 'setSpecs of its header.';
comment on column registry.record.status is 'active, missing (not in the last complete list), deleted (also what was purged, or is left out by the source''s keep now) or hidden.';
comment on column registry.record.entry_id is 'The entry that it belongs to, or belonged to when it went; null until resolve has looked at it.';
comment on column registry.record.kind is 'Code of its kind.';
comment on column registry.record.title is 'Its preferred title.';
comment on column registry.record.url is 'Its landing page.';
comment on column registry.record.issued is 'First day of the period in which it was issued.';
comment on column registry.record.licence is 'Its licence, by its SPDX code where it is a known one, else as an address or text; else that of the source''s metadata.';
comment on column registry.record.credit is 'The credit line to show.';
comment on column registry.record.first_seen is 'When it was stored first.';
comment on column registry.record.last_seen is 'When it was last known to be there: written, or in a complete list.';
comment on column registry.record.harvested_at is 'When it was written last.';
comment on column registry.record.changed_at is 'When its content changed last.';
comment on column registry.record.deleted_at is 'When it became deleted.';
comment on column registry.record.issued_precision is 'year, month or day.';
comment on column registry.record.content_status is 'ended: older than its source''s expire, by the newer of issued and datestamp, else by first_seen; null: not known here.';
comment on column registry.record.missing_since is 'Since when complete lists no longer have it.';

-- Whoever reads the view calls it, and may not look into schema sheaf.
alter function sheaf.advice(text, text) security definer;
alter function sheaf.advice(text, text) set search_path = pg_catalog, pg_temp;

create or replace view registry.source_status as
select s.name as source,
	s.agency,
	case
		when s.state <> 'idle' then s.state
		when not s.configured then 'frozen'
		when o.run_id is not null then 'running'
		else 'idle' end as state,
	s.last_outcome as outcome,
	s.last_success,
	s.last_error,
	case when s.state = 'idle' and s.configured and s.enabled then s.next_due end as next_due,
	jsonb_build_object('active', s.active, 'advertised', l.advertised, 'received', l.received, 'added', l.added,
		'changed', l.changed, 'touched', l.touched, 'unchanged', l.unchanged, 'deleted', l.deleted,
		'rejected', l.rejected, 'filtered', l.filtered, 'missing', l.missing) as counts,
	now() - s.last_success as lag,
	case when l.advertised > 0
		then round(least(l.received::numeric / l.advertised, 1), 4) end as completeness,
	case when s.terms > 0
		then round(least(greatest(s.unmapped, 0)::numeric / s.terms, 1), 4) end as unmapped,
	c.curated,
	nullif(s.state_reason, '') as state_reason,
	s.state_at,
	s.failures,
	s.active,
	s.last_run,
	s.last_error_at,
	o.run_id as open_run,
	o.started_at as open_since,
	o.page_no as open_page,
	o.received as open_received,
	s.protocol,
	s.url,
	s.enabled,
	sheaf.advice(s.quirks, s.facts) as advice,
	o.mode as open_mode,
	c.given as curated_given,
	case when c.seen > 0 then round(c.mean::numeric, 2) end as curated_mean,
	c.seen as curated_seen,
	coalesce(own.records, 0) as own_duplicates,
	coalesce(own.entries, 0) as own_duplicate_entries
from sheaf.source s
left join sheaf.run l on l.run_id = s.last_run
left join sheaf.run o on o.source_id = s.source_id and o.closed_at is null and o.held_at is null
left join sheaf.model v on v.state = 'current'
left join sheaf.model_source c on c.version = v.version and c.source_id = s.source_id
left join (
	select d.source_id, sum(d.records) as records, count(*) as entries
	from sheaf.own_duplicate d
	group by d.source_id
) own on own.source_id = s.source_id;
comment on view registry.source_status is 'How a source is doing.';
comment on column registry.source_status.source is 'The source''s name.';
comment on column registry.source_status.agency is 'Who runs it.';
comment on column registry.source_status.state is 'idle, running, paused, held, frozen (left the configuration) or retired.';
comment on column registry.source_status.outcome is 'Outcome of the last run: ok, partial, suspicious, failed or held.';
comment on column registry.source_status.last_success is 'End of the last run that read all its lists to their ends: ok, or partial because single records could not be read.';
comment on column registry.source_status.last_error is 'Why the last run was not ok.';
comment on column registry.source_status.next_due is 'When the next run is due; null where none is: paused, held, frozen, retired, enabled = no.';
comment on column registry.source_status.counts is 'Records of the source, and the counters of the last run.';
comment on column registry.source_status.lag is 'Time since last_success.';
comment on column registry.source_status.completeness is 'Received of advertised in the last run, where the server advertises.';
comment on column registry.source_status.unmapped is 'Share of the types, languages and places in its records that no vocabulary knew: sheafctl unmapped names them.';
comment on column registry.source_status.curated is 'Whether it holds each thing once, as the configuration says or else the current model estimates; null until there is one.';
comment on column registry.source_status.state_reason is 'Why it is in that state.';
comment on column registry.source_status.state_at is 'Since when.';
comment on column registry.source_status.failures is 'Failed runs in a row.';
comment on column registry.source_status.active is 'Records active or missing after the last closed run.';
comment on column registry.source_status.last_run is 'The last run.';
comment on column registry.source_status.last_error_at is 'When last_error was.';
comment on column registry.source_status.open_run is 'The run that is under way.';
comment on column registry.source_status.open_since is 'Since when.';
comment on column registry.source_status.open_page is 'Its last committed page.';
comment on column registry.source_status.open_received is 'Records that it has received.';
comment on column registry.source_status.protocol is 'oai-pmh, feed, oai-static or none.';
comment on column registry.source_status.url is 'The endpoint.';
comment on column registry.source_status.enabled is 'Whether the schedule may start it.';
comment on column registry.source_status.advice is 'What the operator should know or change, such as a new address.';
comment on column registry.source_status.open_mode is 'Mode of the run that is under way: incremental, full, compare or renormalise.';
comment on column registry.source_status.curated_given is 'Whether the configuration says what curated says; false: it is estimated.';
comment on column registry.source_status.curated_mean is 'How many of its records, on average, match a record elsewhere about as well as the best one does: from that curated is estimated.';
comment on column registry.source_status.curated_seen is 'From how many records that is known.';
comment on column registry.source_status.own_duplicates is 'How many of its records are duplicates of each other: they are in an entry with another one of it.';
comment on column registry.source_status.own_duplicate_entries is 'How many entries these are.';
