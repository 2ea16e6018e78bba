"""Random harvests against a plain model of what they must leave behind.

What is new shows at once, what changes or goes when its run closes; a held run
is approved or rejected; connections die between pages; retention rewrites
blocks. After each run the registry, the counters and the raw bytes must be the
model's."""

import os
import random

import pytest

from test_store import database, make, record  # noqa: F401

RUNS = 60
FOREVER_MS = 10**12


class Harvest:
    """One run: what it sends, and what must be true after it."""

    def __init__(self, rng, known, hidden, left, clock):
        self.rng, self.clock = rng, clock
        self.known = known  # identifier → (status, title, datestamp), before
        self.now = dict(known)  # as far as it has come
        self.alive = {i for i, v in known.items() if v[0] != "deleted"}
        self.added, self.seen, self.unread = set(), set(), set()
        self.hidden, self.left = hidden, left  # rejected; left out and never shown
        self.first = not (known or hidden or left)  # then nothing waits
        self.shown = set(known)

    def stamp(self):
        self.clock[0] += 1
        return "2024-01-01T%02d:%02d:%02dZ" % (self.clock[0] // 3600 % 24, self.clock[0] // 60 % 60, self.clock[0] % 60)

    def item(self):
        i, r = "id:%d" % self.rng.randint(0, 25), self.rng.random()
        old, stamp = self.now.get(i), self.stamp()
        if r < 0.03:
            self.unread.add(i)
            return "x\t%s\tcannot be read" % i
        self.seen.add(i)
        if not (i in self.known or i in self.hidden or i in self.left):
            self.added.add(i)
        if r < 0.18:
            self.now[i] = ("deleted", None, stamp)
            return record(i, "", stamp, flags="d")
        if r < 0.26:  # left out by keep: lost to those who saw it
            if i in self.shown:
                self.now[i] = ("deleted", None, stamp)
            else:
                self.now.pop(i, None)
            return record(i, "left out", stamp, flags="f")
        if r < 0.45 and old and old[0] != "deleted":
            stamp = self.rng.choice((stamp, old[2]))
            self.now[i] = ("active", old[1], stamp)
        else:
            self.now[i] = ("active", "t%d" % self.rng.randint(0, 3), stamp)
        return record(i, self.now[i][1], stamp)

    def page(self):
        lines = [self.item() for _ in range(self.rng.randint(0, 12))]
        self.shown |= {i for i in self.now if self.first or i in self.added}
        return lines


def lose_connections(store, database):
    database.query("select pg_terminate_backend(pid) from pg_stat_activity "
                   "where usename = 'sheaf_store' and datname = current_database()")
    while store.messages.get(timeout=20)["msg"] != "STORE_READY":
        pass
    store.configure("s")


def send(rng, store, database, source, h):
    run = store.open(source, "full")
    for page in range(1, rng.randint(2, 5)):
        lines = h.page()
        lost = rng.random() < 0.1
        if lost:
            lose_connections(store, database)
        if lost or rng.random() < 0.1:
            run = store.open(source, "full")
            assert run["page_no"] == page - 1
        if rng.random() < 0.1:
            store.tell(run, page, lines, cut=True)
            store.expect("PAGE_FAILED")
        assert store.store(run, page, lines)["msg"] == "PAGE_DONE"
    return run


def check_limits(database, h):
    waits = dict(database.query("select r.identifier, p.op from sheaf.pending p join sheaf.record r using (record_id)"))
    got = database.query("select active_start, lost, altered from sheaf.run where closed_at is null")
    assert got == [(len(h.alive), sum(waits.get(i) in ("deleted", "filtered") for i in h.alive),
                    sum(waits.get(i) == "changed" for i in h.alive))]


def check_all(database, known):
    rows = database.query("select identifier, status, title, datestamp_given from registry.record")
    assert {i: (s, None if s == "deleted" else t, d) for i, s, t, d in rows} == known
    assert database.value("select active from sheaf.source") == sum(v[0] != "deleted" for v in known.values())
    assert database.value("select count(*) from sheaf.pending") == 0
    assert database.query("select terms, unmapped from sheaf.source") == database.query(
        "select coalesce(sum(terms), 0), coalesce(sum(unmapped), 0) from sheaf.record")
    assert database.query("select identifier from sheaf.record "
                          "where (terms is null) <> (block_id is null) and status <> 'rejected'") == []
    assert database.query("select block_id from sheaf.block b where not whole and live <> "
                          "(select count(*) from sheaf.record r where r.block_id = b.block_id)") == []
    for i, raw in database.query("select identifier, registry.raw(record_id) from registry.record where status <> 'deleted'"):
        assert "<dc:title>%s</dc:title>" % known[i][1] in raw


@pytest.mark.parametrize("seed", [int(os.environ["SEED"])] if "SEED" in os.environ else [1, 2])
def test_random_harvests(make, database, seed):  # noqa: F811
    rng, store, clock = random.Random(seed), make(), [0]
    source = store.configure("s")["s"]["source_id"]
    known, hidden, left, outcomes = {}, set(), set(), set()
    for _ in range(RUNS):
        h = Harvest(rng, known, hidden, left, clock)
        run = send(rng, store, database, source, h)
        how = {"complete_list": rng.random() < 0.4, "grace_ms": rng.choice((0, FOREVER_MS))}
        outcome = store.close(run, **how)["outcome"]
        outcomes.add(outcome)
        if outcome == "held":
            check_limits(database, h)
            if rng.random() < 0.5:
                assert store.act("s", "reject")["ok"] and store.act("s", "resume")["ok"]
                hidden |= h.added
                check_all(database, known)
                continue
            assert store.act("s", "approve")["ok"]
            outcome = store.close(store.open(source, "full"), **how)["outcome"]
        known = h.now
        hidden -= h.seen
        left = (left | h.seen) - set(known)
        if how["complete_list"] and outcome in ("ok", "partial"):
            for i in h.alive - h.seen - h.unread:
                known[i] = ("missing", *known[i][1:]) if how["grace_ms"] else ("deleted", None, known[i][2])
        check_all(database, known)
        if rng.random() < 0.3:
            database.query("select sheaf.sweep(1000, 1000, 100)")
            check_all(database, known)
    assert {"ok", "partial", "held"} <= outcomes
