"""The partition into entries is a function of the records and of the model's
version: not of the order in which they come, in how many runs, nor of what is
killed meanwhile.  What leaves and comes back is where it was; what an operator
takes apart leaves everything else as it was.

    SHEAF_TEST_ENTITIES=3000 pytest tests/integration/test_partition.py

takes larger registries (default 700 things, about 1,250 records)."""

import collections
import contextlib
import os
import random
import signal
import time

import psycopg2
import pytest

import registrycsv
from nouns import Daemon, Record, Registry, Repository, iso, source, wait_for
from test_matching import ROWS, entries, er, folder, generate, partition, resolver  # noqa: F401

ENTITIES = int(os.environ.get("SHEAF_TEST_ENTITIES", "700"))
SEED = int(os.environ.get("SHEAF_TEST_SEED", "1"))
# Judged pairs, the numbers of their records apart.
PAIRS = """select least(x.name, y.name), greatest(x.name, y.name), m.score, m.verdict, m.evidence
  from sheaf.match m, lateral (select s.name || ' ' || r.identifier as name from sheaf.record r join sheaf.source s
    using (source_id) where r.record_id = m.a) x, lateral (select s.name || ' ' || r.identifier as name
    from sheaf.record r join sheaf.source s using (source_id) where r.record_id = m.b) y
  order by 1, 2"""


@pytest.fixture
def rows(er, folder, resolver):  # noqa: F811
    return registrycsv.read(os.path.join(generate(er, folder, 30 + SEED, ENTITIES, 1.0), "records.csv"))


@pytest.fixture
def anew(cluster, room):
    """Makes (registry, daemon) pairs; they are closed at the end."""
    made = []

    def make(*sections):
        r = Registry(cluster)
        made.append((r, Daemon(room, "connection = %s" % r.connection, *sections).init()))
        return made[-1]

    yield make
    for r, d in made:
        d.end()
        r.close()


def learned_anew(registry, d):
    """By a version that knows all records."""
    registry.query("update sheaf.resolving set phase = 'learn'")
    d.once(timeout=600)
    return partition(registry)


def is_as_in_bulk(registry, d):
    """What came bit by bit is what the same version makes of everything at once."""
    pairs, parts, version = registry.query(PAIRS), partition(registry), model(registry)
    registry.query("update sheaf.resolving set phase = 'pairs', version = %s, position = 0", version)
    d.once(timeout=600)
    assert model(registry) == version
    assert registry.value("select phase from sheaf.resolving") == "idle"
    differ = set(map(str, pairs)) ^ set(map(str, registry.query(PAIRS)))
    assert not differ, sorted(differ)[:6]
    assert parts == partition(registry)
    return version


def model(registry):
    return registry.value("select version from sheaf.model where state = 'current'")


@pytest.fixture
def wanted(rows, folder, anew):
    """The partition of everything in one batch."""
    registry, d = anew(*registrycsv.put(rows, folder))
    d.once(timeout=600)
    assert len(entries(registry)) == len(rows)
    parts = partition(registry)
    assert len(parts) < 0.9 * len(rows)
    return parts


def test_shuffled(rows, folder, anew, wanted):
    rng = random.Random(SEED)
    for _ in range(2):
        rng.shuffle(rows)
        sections = registrycsv.put(rows, folder)
        rng.shuffle(sections)
        registry, d = anew(*sections)
        d.once(timeout=600)
        assert partition(registry) == wanted


def test_one_source_after_the_other(rows, folder, anew, wanted):
    sections = registrycsv.put(rows, folder)
    random.Random(SEED).shuffle(sections)
    registry, d = anew()
    for n in range(1, len(sections) + 1):
        d.configure(*sections[:n])
        d.once(timeout=600)
    assert len(entries(registry)) == len(rows)
    is_as_in_bulk(registry, d)
    assert learned_anew(registry, d) == wanted


def test_a_few_records_at_a_time(rows, folder, anew, wanted):
    rng = random.Random(SEED)
    rng.shuffle(rows)
    # At first what a version is learned from, then less than makes it learn again.
    at = len(rows) * 82 // 100
    registry, d = anew(*registrycsv.put(rows[:at], folder))
    d.once(timeout=600)
    first = model(registry)
    while at < len(rows):
        at += rng.choice((1, 2, 7, len(rows) // 50))
        registrycsv.put(rows[:at], folder)
        d.once(timeout=600)
    assert len(entries(registry)) == len(rows)
    print("versions", first, is_as_in_bulk(registry, d))
    assert learned_anew(registry, d) == wanted


# --- one record by one record ---
class Agencies:
    """The sources of a table as OAI repositories; rows appear when they are shown."""

    def __init__(self, server, rows, page_size=3):
        self.ways = {n: p for n, (_, p) in registrycsv.repositories(rows).items()}
        way_of = {registrycsv.prefix_of(w): w for w in registrycsv.WAYS}
        self.elements = {n: way_of[p] for n, p in self.ways.items()}
        self.repos = {n: server.mount(Repository(n, [], page_size=page_size, formats=(p,))) for n, p in self.ways.items()}

    def conf(self):
        return [source(n, r, format=self.ways[n], max_delete="100 %", max_change="100 %") for n, r in self.repos.items()]

    def show(self, row):
        self.repos[row["source"]].put(
            Record(row["id"], iso(time.time()), registrycsv.element(row, self.elements[row["source"]])))

    def hide(self, row):
        self.repos[row["source"]].delete(row["id"])


def settled(registry):
    """Everything that was harvested is resolved"""
    with contextlib.suppress(psycopg2.Error):
        return registry.query(
            "select 1 where not exists (select from sheaf.unresolved) and not exists (select from sheaf.run where "
            "closed_at is null) and (select phase from sheaf.resolving) = 'idle'")


def test_one_record_by_one_record(rows, server, anew, wanted):
    """Each is resolved before the next one comes."""
    rng = random.Random(SEED)
    rng.shuffle(rows)
    at = len(rows) - 40
    agencies = Agencies(server, rows)
    registry, d = anew(*agencies.conf())
    for row in rows[:at]:
        agencies.show(row)
    d.once(timeout=600)
    version = model(registry)
    d.start()
    for row in rows[at:]:
        agencies.show(row)
        d.ctl("harvest", row["source"], "--wait")
        wait_for(lambda: settled(registry))
    d.stop()
    assert len(entries(registry)) == len(rows) and model(registry) == version
    is_as_in_bulk(registry, d)
    assert learned_anew(registry, d) == wanted


# --- kills ---
KILLS = int(os.environ.get("SHEAF_TEST_KILLS", "24"))
KINDS = ("sheaf-resolve", "sheafd", "terminate", "backend")


class Storm:
    """Kills at random moments, while there is something to resolve."""

    def __init__(self, rng, registry, d):
        self.rng, self.registry, self.d = rng, registry, d
        self.killed = collections.Counter()

    def backend(self):
        with self.registry.cluster.connect(self.registry.name) as c, c.cursor() as cur:
            cur.execute("select pid from pg_stat_activity where datname = current_database() "
                        "and pid <> pg_backend_pid() and backend_type = 'client backend'")
            return self.rng.choice([pid for (pid,) in cur.fetchall()])

    def strike(self):
        kind = self.rng.choice(KINDS)
        with contextlib.suppress(psycopg2.Error, KeyError, OSError, IndexError):
            if kind == "terminate":
                self.registry.query("select pg_terminate_backend(%s)", self.backend())
            elif kind == "backend":
                # The server starts over, without sheaf.match_key.
                os.kill(self.backend(), signal.SIGKILL)
            else:
                self.d.kill(None if kind == "sheafd" else kind)
            self.killed[kind] += 1

    def until_settled(self, kills):
        """Goes on until nothing waits, and kills so often on the way."""
        end = time.monotonic() + 300
        while kills > 0 or not settled(self.registry):
            assert time.monotonic() < end, "not done: %s" % self.killed
            time.sleep(self.rng.random() * 0.3)
            if kills > 0 and not settled(self.registry):
                self.strike()
                kills -= 1
            elif kills > 0:
                kills = 0
            if self.d.process is None or self.d.process.poll() is not None:
                assert self.d.process is None or self.d.process.returncode < 0, "sheafd ended by itself"
                self.d.start()


def test_kills(rows, server, anew, wanted):
    rng = random.Random(SEED)
    rng.shuffle(rows)
    agencies = Agencies(server, rows, page_size=40)
    registry, d = anew(*agencies.conf())
    storm, at = Storm(rng, registry, d), 0
    d.start()
    while at < len(rows) or sum(storm.killed.values()) < KILLS:
        if at < len(rows):
            to = at + rng.choice((30, len(rows) // 8, len(rows) // 4))
            for row in rows[at:to]:
                agencies.show(row)
            at = to
        else:  # everything again
            with contextlib.suppress(psycopg2.Error):
                registry.query("update sheaf.resolving set phase = %s, version = (select version from sheaf.model "
                               "where state = 'current'), position = 0", rng.choice(("learn", "pairs")))
        d.ctl("harvest", *agencies.repos, check=None)
        storm.until_settled(4)
    wait_for(lambda: settled(registry), 60)
    d.stop()
    d.once(timeout=600)
    assert "killed by signal" not in d.text().replace("killed by signal 9", "")
    print(dict(storm.killed))
    assert len(entries(registry)) == len(rows)
    is_as_in_bulk(registry, d)
    assert learned_anew(registry, d) == wanted
    ids = "select entry_id from sheaf.entry"
    assert registry.query("select e.entry_id, n.state from (%s) e, registry.resolve(e.entry_id) n "
                          "where n.state not in ('live', 'merged', 'split')" % ids) == []


# --- what leaves and comes back, and what is taken apart ---
def test_deleted_and_harvested_again(rows, folder, anew):
    rng = random.Random(SEED)
    registry, d = anew(*registrycsv.put(rows, folder))
    d.once(timeout=600)
    before = entries(registry)
    for share in (0.01, 0.1):
        out = {r["id"] for r in rng.sample(rows, int(share * len(rows)))}
        registrycsv.put([r for r in rows if r["id"] not in out], folder)
        d.once(timeout=600)
        assert set(entries(registry)) == {k for k in before if k[1] not in out}
        registrycsv.put(rows, folder)
        d.once(timeout=600)
        assert model(registry) == 1
        now = entries(registry)
        assert collections.Counter(map(frozenset, groups(registry).values())) == collections.Counter(
            frozenset(k for k in before if before[k] == e) for e in set(before.values())), "the same clusters"
        # Without a record two entries may have been one: that one's id is final, and its records have a new one.
        other = {before[k] for k in before if now[k] != before[k]}
        assert other <= {e for (e,) in registry.query("select entry_id::text from sheaf.entry where state = 'merged'")}
        assert len(other) <= share * len(rows) / 20
        before = now


def groups(registry):
    """entry → its records"""
    out = collections.defaultdict(set)
    for record, entry in entries(registry).items():
        out[entry].add(record)
    return out


def decide(registry, kind, pairs):
    """The numbers of the decisions about pairs of (source, identifier)."""
    return [registry.value("select decision_id from sheaf.decide(%s, %s, %s, %s, %s, null, null, 'amina', 'looked')",
                           kind, *a, *b) for a, b in pairs]


def test_each_merged_pair_can_be_taken_apart(rows, folder, anew):
    """One pair of each entry at a time, until every pair had its turn."""
    registry, d = anew(*registrycsv.put(rows, folder))
    d.once(timeout=600)
    before, first = groups(registry), entries(registry)
    waiting = {e: [(a, b) for a in sorted(g) for b in sorted(g) if a < b] for e, g in before.items() if len(g) > 1}
    tried = sum(map(len, waiting.values()))
    one = sorted({k[0] for k in first})[0]
    assert tried > 200 or ENTITIES < 300
    while waiting:
        pairs = {e: p.pop() for e, p in waiting.items()}
        waiting = {e: p for e, p in waiting.items() if p}
        made = decide(registry, "different", pairs.values())
        d.once(one, timeout=600)
        now, where = groups(registry), entries(registry)
        for e, g in before.items():
            if e not in pairs:
                assert now[e] == g, "what nobody spoke of is as it was"
                continue
            a, b = pairs[e]
            assert where[a] != where[b]
            assert {r for p in {where[r] for r in g} for r in now[p]} == g, "its parts hold nothing else"
        registry.query("select x.refusal from unnest(%s) i, sheaf.undecide(i, 'amina', 'was right') x", made)
        d.once(one, timeout=600)
        assert partition(registry) == {frozenset(g) for g in before.values()}
    print(tried, "pairs")
    assert set(entries(registry).values()) <= {e for (e,) in registry.query("select entry_id::text from sheaf.entry")}
