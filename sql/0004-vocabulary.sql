-- The vocabularies of the configuration (vocab_dir), for portals to label and
-- to roll up; what they look up in them is in registry.

create table sheaf.vocabulary (
	scheme text not null,
	code text collate "C" not null,
	parents text[] not null,
	ancestors text[] not null,
	alpha2 text,
	m49 text,
	labels jsonb not null,
	primary key (scheme, code)
);
comment on table sheaf.vocabulary is 'Kinds, sectors, countries and SDGs, as the tables of the configuration have them.';
comment on column sheaf.vocabulary.scheme is 'kind, sector, country or sdg.';
comment on column sheaf.vocabulary.code is 'As records have it.';
comment on column sheaf.vocabulary.parents is 'The next broader codes; of a kind its family.';
comment on column sheaf.vocabulary.ancestors is 'All broader codes, sorted.';
comment on column sheaf.vocabulary.alpha2 is 'ISO 3166-1 alpha-2 of a country.';
comment on column sheaf.vocabulary.m49 is 'UN M49 number of a country or group.';
comment on column sheaf.vocabulary.labels is 'Labels by language.';

create table sheaf.vocabulary_state (
	one boolean primary key default true check (one),
	digest text not null,
	changed_at timestamptz not null default now()
);
comment on table sheaf.vocabulary_state is 'One row: what sheaf.vocabulary was filled from.';
comment on column sheaf.vocabulary_state.one is 'True: there is no other row.';
comment on column sheaf.vocabulary_state.digest is 'Of the document.';
comment on column sheaf.vocabulary_state.changed_at is 'When it was another one last.';

-- Fills sheaf.vocabulary from [{scheme, code, parents, alpha2, m49, labels}, …].
-- Nothing is written where the document is the same, and no row that is.
create function sheaf.vocabulary_set(p_doc text) returns void
language plpgsql
as $$
begin
	if exists (select from sheaf.vocabulary_state where digest = md5(p_doc)) then
		return;
	end if;
	with recursive d as (
		select x.scheme, x.code, coalesce(x.parents, '{}') as parents, x.alpha2, x.m49,
			coalesce(x.labels, '{}') as labels
		from jsonb_to_recordset(p_doc::jsonb)
			as x (scheme text, code text, parents text[], alpha2 text, m49 text, labels jsonb)
	), up (scheme, code, ancestor) as (
		select d.scheme, d.code, p from d, unnest(d.parents) p
		union
		select up.scheme, up.code, p from up
		join d on d.scheme = up.scheme and d.code = up.ancestor, unnest(d.parents) p
	), gone as (
		delete from sheaf.vocabulary v
		where (v.scheme, v.code) not in (select d.scheme, d.code from d)
	)
	insert into sheaf.vocabulary as v (scheme, code, parents, ancestors, alpha2, m49, labels)
	select d.scheme, d.code, d.parents,
		coalesce((select array_agg(up.ancestor order by up.ancestor collate "C") from up
			where up.scheme = d.scheme and up.code = d.code), '{}'),
		d.alpha2, d.m49, d.labels
	from d
	on conflict (scheme, code) do update set
		parents = excluded.parents, ancestors = excluded.ancestors,
		alpha2 = excluded.alpha2, m49 = excluded.m49, labels = excluded.labels
	where (v.parents, v.ancestors, v.alpha2, v.m49, v.labels)
		is distinct from (excluded.parents, excluded.ancestors, excluded.alpha2, excluded.m49, excluded.labels);
	insert into sheaf.vocabulary_state (digest) values (md5(p_doc))
	on conflict (one) do update set digest = excluded.digest, changed_at = now();
end
$$;
comment on function sheaf.vocabulary_set(text) is 'Makes sheaf.vocabulary what the document says, a JSON array.';
