-- What is hidden or purged is withheld at once, and leaves nothing behind.

alter table sheaf.history add column records bigint[];
comment on column sheaf.history.records is 'Records that had a part in this version, also in its lists; null: not known. When one of them is purged, the version goes.';

-- What was purged before: nothing of it stays in words about it.
update sheaf.decision d
set value = '',
	undone_at = coalesce(d.undone_at, p.at),
	undone_by = coalesce(d.undone_by, p.author),
	undone_reason = coalesce(d.undone_reason, 'the record was purged')
from sheaf.decision p
where d.kind = 'set'
and p.kind = 'purge'
and p.undone_at is null
and p.source_a = d.source_a
and p.identifier_a = d.identifier_a;
delete from sheaf.history h
using sheaf.member m
join sheaf.record r on r.record_id = m.record_id and r.status = 'purged'
where h.entry_id = m.entry_id;
delete from sheaf.proposed_change c
using sheaf.record r
where r.record_id in (c.a, c.b)
and r.status = 'purged';
