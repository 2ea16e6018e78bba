"""What store commits waits for resolve: sheaf-store alone, so that nobody takes
it away."""

import pytest

from test_store import database, make, record, records, source, store  # noqa: F401


class Waiting:
    """What was queued since one last looked, by identifier."""

    def __init__(self, database):
        self.database = database

    def take(self):
        rows = self.database.query(
            "with gone as (delete from sheaf.unresolved returning record_ids), i as (select distinct unnest(record_ids) as id from gone)"
            " select coalesce(r.identifier, 'gone ' || i.id) from i left join sheaf.record r on r.record_id = i.id order by 1")
        return [r[0] for r in rows]

    def rows(self):
        return [r[0] for r in self.database.query("select cardinality(record_ids) from sheaf.unresolved order by 1")]


@pytest.fixture
def waiting(database):  # noqa: F811
    return Waiting(database)


def ids(*numbers):
    return ["id:%d" % n for n in numbers]


def test_new_changed_deleted_and_back(store, source, waiting):  # noqa: F811
    store.harvest(source, records(3) + [record("id:9", flags="d")])
    assert waiting.rows() == [3], "one row a commit"
    assert waiting.take() == ids(0, 1, 2), "what never was there is nobody's business"
    store.harvest(source, records(3))
    assert waiting.take() == [], "equal records cost nothing"
    store.harvest(source, [record("id:0", "t 0", "2024-05-02"), record("id:1", "other")], max_change=1)
    assert waiting.take() == ids(1), "a touch is no change"
    store.harvest(source, [record("id:2", flags="d")], max_delete=1)
    assert waiting.take() == ids(2)
    store.harvest(source, [record("id:2", "t 2")], max_change=1)
    assert waiting.take() == ids(2)


def test_missing_stays_and_then_goes(store, source, waiting):  # noqa: F811
    store.harvest(source, records(4), complete_list=True)
    waiting.take()
    store.harvest(source, records(3), mode="full", complete_list=True, max_delete=1, max_change=1, grace_ms=60000)
    assert waiting.take() == [], "missing is there"
    store.harvest(source, records(3), mode="full", complete_list=True, max_delete=1, max_change=1)
    assert waiting.take() == ids(3)


def test_what_is_held_waits_for_the_word(store, source, waiting):  # noqa: F811
    store.harvest(source, records(20))
    waiting.take()
    store.harvest(source, records(20, "other"), max_change=0.5)
    assert waiting.take() == []
    assert store.act("s", "approve")["ok"]
    assert waiting.take() == sorted(ids(*range(20)))


def test_what_is_rejected_is_taken_back(store, source, waiting):  # noqa: F811
    store.harvest(source, records(20))
    waiting.take()
    store.harvest(source, records(20, "other") + records(1, first=20), max_change=0.5)
    assert waiting.take() == ids(20), "what is new goes in at once"
    assert store.act("s", "reject")["ok"]
    assert waiting.take() == ids(20)


def test_retired(store, source, waiting):  # noqa: F811
    store.harvest(source, records(2500))
    waiting.take()
    store.configure("t")
    assert store.act("s", "retire")["ok"]
    assert waiting.rows() == [500, 1000, 1000]
    assert len(waiting.take()) == 2500


def test_nothing_of_nothing(database):  # noqa: F811
    database.query("select sheaf.unresolve(null), sheaf.unresolve('{}')")
    assert database.query("select count(*) from sheaf.unresolved") == [(0,)]
