"""kill -9 of anything at random moments of a harvest: the registry ends equal,
row for row, to that of an undisturbed one, and no page counts twice.

    SHEAF_TEST_KILLS=200 SHEAF_TEST_SEED=7 pytest -s tests/integration/test_kills.py

kills so often (default 25). Rounds of a first harvest of 20 sources with
20,000 records and an increment (of changes, deletions and additions) go on
until enough was killed; only what is killed while a run is open counts.
"""

import contextlib
import os
import random
import re
import signal
import time

import psycopg2

from nouns import Daemon, Record, Registry, Reply, Repository, dc, iso, records, source, wait_for

KILLS = int(os.environ.get("SHEAF_TEST_KILLS", "25"))
SEED = int(os.environ.get("SHEAF_TEST_SEED", "1"))
KINDS = ("sheafd", "sheaf-fetch", "sheaf-parse", "parser", "sheaf-store", "backend")
# What a harvest gives, its times and numbers apart.
ROWS = """select source, identifier, status, datestamp_given, sets, kind, title, url, issued, licence, format,
  md5(registry.raw(record_id)) from registry.record order by source, identifier"""
# Runs whose counters are not the sum of their pages, or whose pages have gaps.
MISCOUNTED = """select s.name, r.run_id, r.page_no, r.received, p.pages, p.last, p.received
  from sheaf.run r join sheaf.source s using (source_id)
  left join lateral (select count(*) as pages, coalesce(max(page_no), 0) as last,
    coalesce(sum(received), 0) as received, coalesce(sum(added), 0) as added, coalesce(sum(changed), 0) as changed,
    coalesce(sum(deleted), 0) as deleted from sheaf.page p where p.run_id = r.run_id) p on true
  where (r.page_no, r.page_no, r.received, r.added, r.changed, r.deleted)
    is distinct from (p.pages, p.last, p.received, p.added, p.changed, p.deleted)"""


class Agencies:
    """20 repositories, each in two states: as first seen, and some time after."""

    def __init__(self, server):
        self.repos, self.states = [], []
        for n in range(20):
            first = records(1000, "oai:k%d:" % n, sets=("a", "b")[: n % 3])
            first[::50] = [Record(x.identifier, x.datestamp, "", x.sets, True) for x in first[::50]]
            token = ("plain", "opaque", "constant")[n % 3]
            repo = Repository("k%d" % n, first, page_size=(20, 50, 100)[n % 3], token=token)
            # Answers take a little, so that there is a moment to kill in.
            repo.on(lambda q: True, Reply(delay=0.03))
            self.repos.append(server.mount(repo))
            self.states.append((first, self.later(first)))

    @staticmethod
    def later(first):
        """A tenth changed, some deleted, some new."""
        now = iso(time.time() - 60)
        out = list(first)
        for i in range(0, 1000, 10):
            out[i] = Record(out[i].identifier, now, dc(title="Changed %d" % i, type="Report"), out[i].sets)
        for i in range(5, 1000, 40):
            out[i] = Record(out[i].identifier, now, "", out[i].sets, True)
        return out + records(50, out[0].identifier + ":new:", t0=time.time() - 3600, step=1)

    def show(self, state):
        for repo, states in zip(self.repos, self.states):
            with repo.lock:
                repo.records = states[state]

    @property
    def names(self):
        return [r.name for r in self.repos]

    def conf(self):
        return [source(r.name, r, concurrency=16) for r in self.repos]


def calm(room, cluster, agencies):
    """What the two harvests give when nobody disturbs them."""
    registry = Registry(cluster)
    d = Daemon(room, "connection = %s" % registry.connection, *agencies.conf()).init()
    wants, received = [], []
    for state in (0, 1):
        agencies.show(state)
        d.once()
        wants.append(registry.query(ROWS))
        received.append({n: registry.runs(n)[-1]["received"] for n in agencies.names})
    assert len(wants[0]) == 20000 and len(wants[1]) == 21000
    registry.close()
    return wants, received


class Storm:
    """Kills, and what it killed."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.killed = dict.fromkeys(KINDS, 0)
        self.first = 0

    @property
    def done(self):
        return sum(self.killed.values())

    def find(self, kind, d, registry):
        if kind == "sheafd":
            return [d.process.pid]
        if kind == "backend":
            return [p[0] for p in registry.query(
                "select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()")]
        if kind != "parser":
            return [p for n, p in d.roles().items() if n == kind]
        zygote = d.roles()["sheaf-parse"]
        end = time.monotonic() + 0.3
        while time.monotonic() < end:  # they live for milliseconds
            with open("/proc/%d/task/%d/children" % (zygote, zygote)) as f:
                children = f.read().split()
            if children:
                return [int(c) for c in children]
        return []

    def strike(self, d, registry, first):
        """Kills something, if it is there to be killed."""
        kind = self.rng.choice(KINDS)
        with contextlib.suppress(Exception):
            pid = self.rng.choice(self.find(kind, d, registry))
            os.kill(pid, signal.SIGKILL)
            self.killed[kind] += 1
            self.first += first
            if kind == "sheafd":
                d.process.wait(30)


def finished(registry, runs):
    """The sources that have so many closed runs and none open, or None when the
    database cannot be asked just now."""
    with contextlib.suppress(Exception):
        return {r[0] for r in registry.query(
            "select name from sheaf.source join sheaf.run using (source_id) group by name "
            "having count(*) = count(closed_at) and count(*) >= %s", runs)}


def ask(registry, sql):
    """The answer, when PostgreSQL is back."""
    def answer():
        """PostgreSQL is back"""
        with contextlib.suppress(psycopg2.Error):
            return [registry.query(sql)]
    return wait_for(answer, 60)[0]


def harvest(storm, d, registry, names, runs):
    """Until every source has so many closed runs."""
    asked, end = 0, time.monotonic() + 300
    while True:
        assert time.monotonic() < end, "not done: %s\n%s" % (storm.killed, d.text()[-3000:])
        if d.process.poll() is not None:
            assert d.process.returncode == -signal.SIGKILL, "sheafd ended by itself\n" + d.text()[-3000:]
            d.start()
        done = finished(registry, runs)
        if done is not None and len(done) == len(names):
            return
        # What an operator asked for may be lost with the daemon.
        if runs > 1 and done is not None and time.monotonic() > asked + 2:
            d.ctl("harvest", *[n for n in names if n not in done], check=None)
            asked = time.monotonic()
        time.sleep(storm.rng.random() * 0.4)
        if done is not None and storm.done < KILLS:
            storm.strike(d, registry, runs == 1)


def test_kills(room, cluster, server):
    agencies = Agencies(server)
    wants, received = calm(room, cluster, agencies)
    storm = Storm(SEED)
    rounds, same = 0, 0
    while storm.done < KILLS:
        rounds += 1
        registry = Registry(cluster)
        d = Daemon(room, "connection = %s" % registry.connection, *agencies.conf()).init()
        try:
            for state in (0, 1):
                agencies.show(state)
                if state == 0:
                    d.start()
                harvest(storm, d, registry, agencies.names, state + 1)
                assert ask(registry, ROWS) == wants[state]
                assert ask(registry, MISCOUNTED) == []
                for name in agencies.names:
                    runs = registry.runs(name)
                    assert [r["outcome"] for r in runs] == ["ok"] * len(runs), (name, registry.status(name))
                    # A list that had to be begun again brings more, never less.
                    assert runs[state]["received"] >= received[state][name]
                    same += runs[state]["received"] == received[state][name]
            # Nothing died but by our hand.
            assert not re.search(r"Sanitizer|runtime error|killed by signal (?!9 )", d.text())
        except BaseException:
            print(d.text()[-6000:])
            raise
        finally:
            d.stop()
        registry.close()
    assert not [r.illegal for r in agencies.repos if r.illegal]
    print("\n%d kills, %d of them in first harvests, in %d rounds: %s; %d of %d runs received each record once" % (
        storm.done, storm.first, rounds, storm.killed, same, rounds * 2 * len(agencies.repos)))
