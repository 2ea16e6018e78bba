-- Two at a time make entries findable, each those of its lane: whether an
-- entry's number is odd.  So nobody writes of an entry what he read before
-- another did.
-- In the order in which a resolver of before takes them.
lock table sheaf.search_state, sheaf.unindexed in access exclusive mode;
alter table sheaf.unindexed add column lane smallint check (lane in (0, 1));
comment on column sheaf.unindexed.lane is 'Who takes them: 0, whose numbers are even; 1, whose are odd.';
with w as (
	delete from sheaf.unindexed returning unindexed_id, entry_nos
)
insert into sheaf.unindexed (lane, entry_nos)
select n.no & 1, array_agg(n.no order by n.i)
from w
cross join lateral unnest(w.entry_nos) with ordinality n(no, i)
group by w.unindexed_id, n.no & 1
order by w.unindexed_id, n.no & 1;
alter table sheaf.unindexed
	alter column lane set not null,
	add column at timestamptz not null default '-infinity';
comment on column sheaf.unindexed.at is 'Not before: those that could not be made findable are put aside.';
create index unindexed_lane_key on sheaf.unindexed (lane, unindexed_id);
comment on index sheaf.unindexed_lane_key is 'The oldest of a lane.';

create table sheaf.search_lane (
	lane smallint primary key
);
insert into sheaf.search_lane (lane) values (0), (1);
comment on table sheaf.search_lane is 'Rows to lock: who has one is alone to write of that lane''s entries what they are found by.';
comment on column sheaf.search_lane.lane is 'As in sheaf.unindexed.';

-- Instead of a counter, which one would wait for and the other, too.
create table sheaf.unsettled (
	unsettled_id bigint generated always as identity primary key,
	entry_count integer not null
);
insert into sheaf.unsettled (entry_count) select s.pending from sheaf.search_state s where s.pending > 0;
drop table sheaf.search_state;
comment on table sheaf.unsettled is 'What waits in the pending lists of the indexes of search: a row is a transaction that added to them.';
comment on column sheaf.unsettled.unsettled_id is 'Its number.';
comment on column sheaf.unsettled.entry_count is 'Of how many entries.';

-- Kept, so that not all entries are read at each start.
alter table sheaf.resolving add column vocabulary text not null default '';
comment on column sheaf.resolving.vocabulary is 'As in sheaf.vocabulary_state: the one whose kinds the entries go by.';

-- The table of keys grows with each change, since what a record no longer has
-- stays in it; so it is made again where it has grown too much.
alter table sheaf.match_key_mark add column bytes bigint not null default 0;
comment on column sheaf.match_key_mark.bytes is 'How large sheaf.match_key was when it was made.';
alter table sheaf.resolving drop column keys_rows;
