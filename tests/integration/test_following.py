"""A consumer follows registry.change through harvests, merges, decisions and
kills of everything, and ends with an exact copy of registry.entry."""

import contextlib
import os
import random
import sqlite3
import subprocess
import sys
import time

import psycopg2

from nouns import TOP, Cluster, Daemon, Record, Registry, Repository, dc, iso, source

FOLLOW = os.path.join(TOP, "samples", "follow_changes.py")
ENTRIES = "select entry_id::text, to_jsonb(e)::text from registry.entry e"
SEED = int(os.environ.get("SHEAF_TEST_SEED", "1"))
PLACES = "Kenya Nepal Peru Fiji Ghana Laos Chad Cuba".split()
THINGS = "pumps looms kilns sieves boats mills stoves dryers presses beehives".split()


def title(i, n=0):
    if i >= 80:
        return "%s and the weather of %s: notes of a traveller" % (THINGS[i % 10].title(), PLACES[(i - 80) // 10])
    return "A handbook of %s for villages in %s%s" % (
        THINGS[i % 10], PLACES[i // 10 % 8], ", edition %d" % n if n else "")


def record(prefix, i, at=1700000000, n=0):
    return Record("%s:%d" % (prefix, i), iso(at), dc(
        title=title(i, n), creator="Author %s, Given %d" % (THINGS[i % 10], i), date=str(1990 + i % 30), publisher="Press %d" % i))


def things(k):
    """Most of what there is, and some that nobody else has."""
    return [i for i in range(80) if i % 4 != k] + list(range(80 + 10 * k, 90 + 10 * k))


class Follower:
    """The example, as a process of its own that goes on whatever happens."""

    def __init__(self, registry, path):
        self.conninfo = registry.connection.replace("user=sheaf", "user=sheaf_reader")
        self.path = path
        self.process = subprocess.Popen(self.command(), stderr=subprocess.DEVNULL)

    def command(self, *more):
        return [sys.executable, FOLLOW, *more, self.conninfo, self.path]

    def catch_up(self):
        """Stops it in the midst, and lets another one end what it did."""
        self.stop()
        subprocess.run(self.command("--once"), check=True, timeout=60)
        with contextlib.closing(sqlite3.connect(self.path)) as c:
            return dict(c.execute("select entry_id, said from entry"))

    def stop(self):
        self.process.kill()
        self.process.wait()


WAYS = ("change", "delete", "back", "join", "part", "hide", "resolve", "sheafd", "postgres", "nothing")


def disturb(what, rng, d, cluster, repos):
    """Something happens."""
    name = rng.choice(sorted(repos))
    i = rng.randrange(20) * 4 + 3  # all have it
    if what in ("change", "back"):
        repos[name].put(record(name, i, time.time(), rng.randrange(3)))
    elif what == "delete":
        # What nobody else has, and nobody joins.
        repos[name].delete("%s:%d" % (name, 85 + 10 * sorted(repos).index(name) + rng.randrange(5)))
    elif what == "join":
        a, b = rng.sample(range(len(repos)), 2)
        a, b = ((sorted(repos)[k], "%s:%d" % (sorted(repos)[k], 80 + 10 * k + rng.randrange(5))) for k in (a, b))
        d.ctl("link", *a, *b, "--reason", "a test", check=None)
    elif what == "part":
        a, b = rng.sample(sorted(repos), 2)
        d.ctl("unlink", a, "%s:%d" % (a, i), b, "%s:%d" % (b, i), "--reason", "a test", check=None)
    elif what == "hide":
        d.ctl("hide", name, "%s:%d" % (name, i), "--reason", "a test", check=None)
    elif what == "resolve":
        with contextlib.suppress(KeyError, ProcessLookupError):
            d.kill("sheaf-resolve")
    elif what == "sheafd":
        d.kill()
        d.start()
    elif what == "postgres":
        cluster.stop("immediate")
        cluster.start()
    if rng.random() < 0.5:
        d.ctl("harvest", name, check=None)


def test_a_consumer_ends_with_an_exact_copy(room, server, tmp_path):
    rng = random.Random(SEED)
    cluster = Cluster(os.path.join(room, "pg-follow"), "shared_buffers=64MB\n")
    registry = Registry(cluster)
    repos = {n: server.mount(Repository(n, [record(n, i) for i in things(k)], page_size=20))
             for k, n in enumerate(("s", "t", "u"))}
    sources = [source(n, r, interval="2s", max_delete="100 %", max_change="100 %") for n, r in repos.items()]
    d = Daemon(room, "connection = %s" % registry.connection, *sources).init()
    follower = Follower(registry, str(tmp_path / "copy"))
    try:
        d.start()
        seen = []
        for what in rng.sample(WAYS * 4, 4 * len(WAYS)):
            disturb(what, rng, d, cluster, repos)
            time.sleep(rng.random() * 0.8)
            with contextlib.suppress(psycopg2.Error):
                seen += registry.query("select seq, entry_id::text, op from registry.change where seq > %s order by seq",
                                       seen[-1][0] if seen else 0)
        d.stop()
        d.once()
        entries = dict(registry.query(ENTRIES))
        assert len(entries) > 50
        copy = follower.catch_up()
        assert copy == entries
        # What a reader saw in between is what is there, and its times are the entries'.
        changes = registry.query("select seq, entry_id::text, op from registry.change order by seq")
        assert changes[:len(seen)] == seen
        assert [c[0] for c in changes] == list(range(1, len(changes) + 1))
        ops = {op for _, _, op in changes}
        assert {"upsert", "delete", "merge"} <= ops and len(changes) > len(entries)
        assert registry.query("""select 1 from registry.entry e where updated_at is distinct from (
            select c.at from registry.change c where c.entry_id = e.entry_id and c.op = 'upsert' order by c.seq desc limit 1)""") == []
        assert set(registry.query("""select entry_id::text from (select distinct on (entry_id) entry_id, op from registry.change
            where op <> 'split' order by entry_id, seq desc) l where l.op = 'upsert'""")) == {(e,) for e in entries}
    finally:
        follower.stop()
        d.end()
        cluster.stop("immediate")


def test_a_registry_that_was_restored_is_copied_anew(registry, daemon, server, tmp_path):
    """From a backup, and nobody said sheaf.change_restart()."""
    repo = server.mount(Repository("s", [record("s", i) for i in range(5)]))
    d = daemon(source("s", repo))
    d.once()
    path = str(tmp_path / "copy")
    follower = Follower(registry, path)
    follower.stop()
    subprocess.run(follower.command("--once"), check=True, timeout=60)
    with contextlib.closing(sqlite3.connect(path)) as c, c:
        c.execute("update position set seq = seq + 1000")
        c.execute("delete from entry where rowid = 1")
        c.execute("insert into entry values ('never there', '{}')")
    # It is given time to catch up, and does not go round for ever.
    began = time.monotonic()
    p = subprocess.run(follower.command("--once", "--patience", "2"), check=True, timeout=60, stderr=subprocess.PIPE, text=True)
    assert 2 <= time.monotonic() - began < 20
    assert "ahead of the registry" in p.stderr and "tries again for 2 s" in p.stderr and "copies everything anew" in p.stderr
    with contextlib.closing(sqlite3.connect(path)) as c:
        assert dict(c.execute("select entry_id, said from entry")) == dict(registry.query(ENTRIES))
        assert c.execute("select seq from position").fetchone()[0] == registry.value("select registry.change_head()")
