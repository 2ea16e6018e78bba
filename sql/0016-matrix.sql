-- The matrix goes by what an entry says of itself, and is asked what is known
-- at a cost that does not depend on how many sources there are.

-- What a deadline closes is closed by the composer, who knows what of a day it means.
drop function if exists sheaf.count_as(bigint[], timestamptz);
drop function if exists sheaf.count_cells(sheaf.counted[]);
alter table sheaf.counted drop column until;
insert into sheaf.uncounted (entry_nos)
select array_agg(x.entry_no)
from (
	select c.entry_no, row_number() over (order by c.entry_no) as n
	from sheaf.composed c
	where c.family in ('offer', 'need')
	and c.deadline is not null
	and coalesce(c.status, '') not in ('closed', 'fulfilled', 'ended')
	and not exists (select from sheaf.counted t where t.entry_no = c.entry_no)
) x
group by x.n / 1000
order by x.n / 1000;

-- What its rows say stands in sheaf.counted, too.
drop index sheaf.cell_entry_entry_key;

-- Where offers come from, of those that do not say whom they are for.
delete from sheaf.cell c where c.place >= '!' and c.place < '"';
insert into sheaf.cell (place, sector, kind, agency, other, family, n, also)
select '!' || o, s, t.kind, '', '', t.family, count(*), 0
from sheaf.counted t
cross join lateral unnest(t.origins) o
cross join lateral unnest(t.sectors) s
where t.places = '{unassigned}'
group by 1, 2, 3, t.family;

-- Pairs of agencies stand in the order of their codes, whatever the database's is.
with w as (
	delete from sheaf.cell c where c.other <> '' and c.agency > c.other returning c.*
)
insert into sheaf.cell as c (place, sector, kind, agency, other, family, n, also)
select w.place, w.sector, w.kind, w.other, w.agency, w.family, w.n, w.also from w
on conflict (place, sector, kind, agency, other) do update set n = c.n + excluded.n, also = c.also + excluded.also;
comment on column sheaf.cell.family is 'Family of the kind when it was first counted; sheaf.vocabulary says which it is.';
comment on column sheaf.counted.groups is 'Those of places that are groups, but for such as others of them include.';
comment on column sheaf.cell.place is 'A country or group that entries name, or unassigned; *: whatever place; # and groups: entries for exactly these groups (sheaf.reach); ! and a country: offers that come from it and do not say whom they are for.';

-- What is known of a cell, from all sources that may have it: the rows of its
-- codes, of what they belong to, and of *, on each axis.
create table sheaf.cover (
	country text collate "C" not null,
	sector text collate "C" not null,
	kind text collate "C" not null,
	known_until timestamptz not null,
	some_until timestamptz not null,
	bad text[] not null,
	primary key (country, sector, kind)
);
comment on table sheaf.cover is 'What sources that name these codes in their covers are good for, made from sheaf.source by sheaf.count_some().';
comment on column sheaf.cover.country is 'A country or group; *: they name none, so they cover all; ?: whatever they name.';
comment on column sheaf.cover.sector is 'A sector; * and ? likewise.';
comment on column sheaf.cover.kind is 'A kind, or family:FAMILY; * and ? likewise.';
comment on column sheaf.cover.known_until is 'All that they have is known until then, if none is harvested again.';
comment on column sheaf.cover.some_until is 'Something of what they have is known until then.';
comment on column sheaf.cover.bad is 'The first twenty that are not well: 0 (nothing is known) or 1, the name, a tab, what registry.coverage tells of it.';

alter table sheaf.matrix add column sources text not null default '';
comment on column sheaf.matrix.sources is 'Digest of the states of sources that sheaf.cover was made from.';
alter table sheaf.matrix add column covered_at timestamptz not null default '-infinity';
comment on column sheaf.matrix.covered_at is 'When that was looked at.';
alter table sheaf.matrix add column cover_cost interval not null default '0';
comment on column sheaf.matrix.cover_cost is 'How long it took to make sheaf.cover.';
