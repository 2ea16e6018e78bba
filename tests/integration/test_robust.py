"""What goes wrong around Sheaf costs no more than it must: parsers that crash,
hang or eat memory, stops, reloads, several daemons, a database that is away.
(kill -9 of everything, at random: test_kills.py.)"""

import contextlib
import fcntl
import os
import re
import resource
import signal
import subprocess
import threading
import time

import psycopg2
import pytest

from nouns import PG, Cluster, Daemon, Record, Registry, Reply, Repository, Server, as_user, dc, ids, records, source, wait_for


def slow(repo, seconds=0.1):
    repo.on(lambda q: True, Reply(delay=seconds))
    return repo


def pages(registry, name):
    return registry.value(
        "select coalesce(max(page_no), 0) from sheaf.run join sheaf.source using (source_id) where name = %s", name)


def closed(registry, name, runs=1):
    """Its runs, once so many are closed."""
    def all_closed():
        """the runs are closed"""
        got = registry.runs(name)
        return got if sum(r["closed_at"] is not None for r in got) >= runs else None
    return wait_for(all_closed, 60)


def asked(repo):
    """How often each page of a list was asked for."""
    out = {}
    for q in repo.requests:
        if q.verb == "ListRecords":
            out[q.raw] = out.get(q.raw, 0) + 1
    return out


class Saboteur(threading.Thread):
    """Does something to each parser that reads a body of more than 4 MB."""

    def __init__(self, daemon, act):
        super().__init__(daemon=True)
        self.of, self.act, self.done, self.count = daemon, act, threading.Event(), 0

    def big(self, pid):
        folder = "/proc/%d/fd/" % pid
        return any(os.stat(folder + fd).st_size > 4e6 for fd in os.listdir(folder))

    def run(self):
        seen = set()
        while not self.done.is_set():
            with contextlib.suppress(OSError, KeyError):
                zygote = self.of.roles()["sheaf-parse"]
                while not self.done.is_set():
                    with open("/proc/%d/task/%d/children" % (zygote, zygote)) as f:
                        children = [int(c) for c in f.read().split()]
                    for pid in children:
                        with contextlib.suppress(OSError):
                            if pid not in seen and self.big(pid):
                                seen.add(pid)
                                self.act(pid)
                                self.count += 1
                    time.sleep(0.001)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.join()


def starve(pid):
    """No memory beyond what it has."""
    os.kill(pid, signal.SIGSTOP)
    with open("/proc/%d/statm" % pid) as f:
        used = int(f.read().split()[0]) * resource.getpagesize()
    subprocess.run(as_user(["prlimit", "--pid", str(pid), "--as=%d" % used]), check=True)
    os.kill(pid, signal.SIGCONT)


def freeze(pid):
    os.kill(pid, signal.SIGSTOP)
    time.sleep(0.5)
    os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("act, told", [
    (lambda pid: os.kill(pid, signal.SIGABRT), r"crashed on it \(signal 6"),
    (starve, r"ran out of memory|exit status 1\)"),  # the latter under a sanitizer
    (freeze, r"crashed on it \(signal 9"),
], ids=["crashes", "eats memory", "hangs"])
def test_a_parser_that_dies_costs_its_page(registry, server, daemon, act, told):
    """The page that kills its parser holds one record of 8 MB: all others
    arrive, those of the same source too."""
    bad = server.mount(Repository("bad", records(60, "oai:bad:", step=86400), page_size=10))
    bomb = bad.records[35]
    bad.put(Record(bomb.identifier, bomb.datestamp, dc(title="Large", description=["x" * 100000] * 80)))
    good = [server.mount(Repository("good%d" % i, records(100, "oai:good%d:" % i), page_size=10)) for i in range(3)]
    d = daemon(source("bad", bad), *[source(r.name, r) for r in good])
    d.start()
    with Saboteur(d, act) as saboteur:
        for r in good:
            assert closed(registry, r.name)[0]["outcome"] == "ok"
            assert registry.identifiers(r.name) == ids(r)
        run = closed(registry, "bad")[0]
    assert saboteur.count > 1
    assert run["outcome"] == "partial" and re.search(told, run["outcome_text"])
    assert registry.identifiers("bad") == ids(bad) - {bomb.identifier}
    assert re.search(told, registry.status("bad")["last_error"])
    # Left alone, it is read.
    d.ctl("harvest", "--full", "--wait", "bad")
    assert registry.identifiers("bad") == ids(bad)


def test_sigterm_goes_on_from_the_checkpoint(registry, server, daemon):
    repos = [slow(server.mount(Repository("r%d" % i, records(400, "oai:r%d:" % i), page_size=10))) for i in range(4)]
    d = daemon(*[source(r.name, r, concurrency=8) for r in repos])
    d.start()
    wait_for(lambda: all(pages(registry, r.name) > 5 for r in repos))
    began = time.monotonic()
    assert d.stop() == 0
    assert time.monotonic() - began < 20
    had = [pages(registry, r.name) for r in repos]
    before = [asked(r) for r in repos]
    assert all(5 < n < 40 for n in had)
    d.start()
    for r, n, b in zip(repos, had, before):
        run = closed(registry, r.name)
        assert len(run) == 1 and (run[0]["outcome"], run[0]["received"]) == ("ok", 400)
        assert registry.identifiers(r.name) == ids(r)
        # Asked twice: what was under way then, and what was fetched ahead.
        again = [q for q, times in asked(r).items() if times > 1]
        assert len(again) <= 2 and set(again) <= set(b)


def test_a_stop_does_not_wait_for_a_slow_server(registry, server, daemon):
    repo = server.mount(Repository("r", records(20), page_size=10))
    repo.on(lambda q: q.page == 2, Reply(hang=True))
    d = daemon(source("r", repo))
    d.start()
    wait_for(lambda: pages(registry, "r") >= 2)
    began = time.monotonic()
    assert d.stop() == 0
    assert time.monotonic() - began < 5


def test_reload_is_a_diff(registry, server, daemon):
    names = ("stays", "goes", "moves", "comes")
    repos = {n: server.mount(Repository(n, records(200, "oai:%s:" % n), page_size=10)) for n in names}
    slow(repos["stays"], 0.2)
    moved = server.mount(Repository("moved", records(50, "oai:moves:"), page_size=10))
    d = daemon(*[source(n, repos[n]) for n in names[:3]])
    d.start()
    for n in ("goes", "moves"):
        assert closed(registry, n)[0]["outcome"] == "ok"
    pid = d.process.pid
    d.configure(source("stays", repos["stays"]), source("moves", moved), source("comes", repos["comes"]))
    os.kill(pid, signal.SIGHUP)
    assert closed(registry, "comes")[0]["outcome"] == "ok"
    assert registry.identifiers("comes") == ids(repos["comes"])
    assert not closed_now(registry, "stays")
    wait_for(lambda: not registry.value("select configured from sheaf.source where name = 'goes'"))
    assert len(registry.identifiers("goes")) == 200  # frozen, not forgotten
    d.ctl("harvest", "--full", "--wait", "moves")
    assert moved.requests
    run = closed(registry, "stays")
    assert len(run) == 1 and run[0]["outcome"] == "ok"
    assert max(asked(repos["stays"]).values()) == 1  # the reload cost it nothing
    assert d.process.pid == pid and d.process.poll() is None


def closed_now(registry, name):
    return [r for r in registry.runs(name) if r["closed_at"] is not None]


def test_reload_refuses_a_bad_configuration(registry, server, daemon):
    repo = server.mount(Repository("r", records(20)))
    d = daemon(source("r", repo))
    d.start()
    closed(registry, "r")
    d.configure(source("r", repo, colour="red"), source("new", repo))
    os.kill(d.process.pid, signal.SIGHUP)
    wait_for(lambda: "the new configuration is refused and the old one stays" in d.text())
    assert re.search(r"sheaf\.conf:\d+: .*colour", d.text())
    # By sheafctl the mistake is told to who asked; it reads the file as well.
    assert d.ctl("reload", check=None).returncode != 0
    d.configure(source("r", repo))
    d.ctl("harvest", "--full", "--wait", "r")
    assert registry.value("select count(*) from sheaf.source") == 1
    assert len(closed(registry, "r", 2)) == 2


def test_two_daemons_share_a_registry(registry, daemon):
    """Each source is harvested by one of them."""
    servers = [Server() for _ in range(4)]  # leases go by host
    repos = [s.mount(slow(Repository("r%d" % i, records(300, "oai:r%d:" % i), page_size=10), 0.05))
             for i, s in enumerate(servers)]
    conf = [source(r.name, r) for r in repos]
    one = daemon(*conf, node="one", lease="2s")
    two = daemon(*conf, node="two", lease="2s", init=False)
    one.start()
    two.start()
    for r in repos:
        closed(registry, r.name)
    time.sleep(3)  # the leases have ended: nobody begins once more
    for r in repos:
        runs = registry.runs(r.name)
        assert [x["outcome"] for x in runs] == ["ok"]
        assert registry.identifiers(r.name) == ids(r)
        assert max(asked(r).values()) == 1
    for s in servers:
        s.stop()


def test_a_daemon_takes_over_from_one_that_died(registry, server, daemon):
    repo = slow(server.mount(Repository("r", records(400), page_size=10)), 0.1)
    one = daemon(source("r", repo), node="one", lease="2s")
    two = daemon(source("r", repo), node="two", lease="2s", init=False)
    one.start()
    wait_for(lambda: pages(registry, "r") > 5)
    two.start()
    wait_for(lambda: "is leased by" in two.text())
    one.kill()
    had = pages(registry, "r")
    run = closed(registry, "r")
    assert had < 40 and len(run) == 1
    assert (run[0]["outcome"], run[0]["received"]) == ("ok", 400)
    assert registry.identifiers("r") == ids(repo)
    assert len([n for n in asked(repo).values() if n > 1]) <= 2
    assert "goes on after page" in two.text()


def test_two_daemons_cannot_share_a_state_dir(registry, server, daemon):
    d = daemon(source("r", server.mount(Repository("r", records(20)))))
    d.start()
    p = d.once(check=2)
    assert str(d.process.pid) in p.stderr or d.state in p.stderr


@pytest.mark.parametrize("version", [0, 999], ids=["too old", "too new"])
def test_a_schema_that_does_not_fit_is_refused(registry, server, daemon, version):
    repo = server.mount(Repository("r", records(20)))
    d = daemon(source("r", repo))
    registry.query("update sheaf.schema_version set version = %s where version = (select max(version) from sheaf.schema_version)"
                   % version)
    began = time.monotonic()
    p = d.run("sheafd", "--once", "--all")
    assert p.returncode != 0 and time.monotonic() - began < 10
    assert "schema" in p.stderr and ("sheafctl init" in p.stderr or "newer" in p.stderr)
    assert not repo.requests


@pytest.fixture
def own_cluster(room):
    """A PostgreSQL that may be stopped."""
    c = Cluster(os.path.join(room, "pg-own"))
    yield c
    with contextlib.suppress(Exception):
        c.stop("immediate")


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_postgresql_is_away_for_some_seconds(room, server, own_cluster, mode):
    registry = Registry(own_cluster)
    repos = [slow(server.mount(Repository("r%d" % i, records(600, "oai:r%d:" % i), page_size=10)), 0.05)
             for i in range(4)]
    d = Daemon(room, "connection = %s" % registry.connection, *[source(r.name, r, concurrency=8) for r in repos]).init()
    try:
        d.start()
        pid = d.process.pid
        wait_for(lambda: all(pages(registry, r.name) > 5 for r in repos))
        own_cluster.stop(mode)
        time.sleep(3)
        assert d.process.poll() is None
        assert set(d.roles()) >= {"sheaf-fetch", "sheaf-parse", "sheaf-store"}
        own_cluster.start()
        for r in repos:
            run = closed(registry, r.name)
            assert len(run) == 1 and (run[0]["outcome"], run[0]["received"]) == ("ok", 600)
            assert registry.identifiers(r.name) == ids(r)
        assert d.process.pid == pid and d.process.poll() is None
    finally:
        d.stop()
        print(d.text()[-5000:])
        with contextlib.suppress(psycopg2.Error):
            registry.close()
        own_cluster.stop("immediate")
        os.system("rm -rf '%s'" % own_cluster.dir)


def test_a_full_disk_is_waited_for(registry, server, daemon):
    repo = slow(server.mount(Repository("r", records(400), page_size=10)), 0.05)
    d = daemon(source("r", repo))
    registry.query(
        "create function full_disk() returns trigger language plpgsql as $$ begin raise exception "
        "'could not extend file: No space left on device' using errcode = '53100'; end $$")
    d.start()
    wait_for(lambda: pages(registry, "r") > 5)
    registry.query("create trigger full_disk before insert on sheaf.page execute function full_disk()")
    wait_for(lambda: "No space left on device" in d.text())
    time.sleep(1)
    assert d.process.poll() is None
    registry.query("drop trigger full_disk on sheaf.page")
    run = closed(registry, "r")
    assert len(run) == 1 and (run[0]["outcome"], run[0]["received"]) == ("ok", 400)
    assert registry.identifiers("r") == ids(repo)


class Embedded:
    """Questions to the cluster that a daemon runs itself."""

    def __init__(self, d):
        self.d, self.dir = d, os.path.join(d.state, "pg-socket")

    def connect(self, _name=None):
        c = psycopg2.connect(host=self.dir, dbname="sheaf", user="sheaf")
        c.autocommit = True
        return c

    @property
    def postmaster(self):
        """Its process, 0 for none."""
        with contextlib.suppress(OSError, ValueError):
            with open(os.path.join(self.d.state, "pg", "postmaster.pid")) as f:
                return int(f.readline())
        return 0


@pytest.mark.parametrize("seconds", [1, 30])
def test_who_holds_the_state_directory_for_a_moment_is_waited_for(server, daemon, seconds):
    """As sheafctl's reading verbs do while they run the idle embedded cluster."""
    repo = server.mount(Repository("r", records(3)))
    d = daemon(source("r", repo))
    with open(os.path.join(d.state, "lock"), "w") as lock:
        os.chmod(lock.name, 0o666)
        fcntl.flock(lock, fcntl.LOCK_EX)
        release = threading.Timer(seconds, fcntl.flock, (lock, fcntl.LOCK_UN))
        release.start()
        begin = time.monotonic()
        p = d.run("sheafd", "--once", "--all")
        took = time.monotonic() - begin
        release.cancel()
    if seconds == 1:
        assert p.returncode == 0 and took >= 1, p.stderr
    else:
        assert p.returncode == 2 and took < 20 and "another sheafd holds %s" % d.state in p.stderr


def test_an_embedded_cluster_survives_its_daemon(room, server):
    """kill -9 of sheafd, of its PostgreSQL, and of both together."""
    repos = [slow(server.mount(Repository("r%d" % i, records(1000, "oai:r%d:" % i), page_size=10)), 0.05)
             for i in range(4)]
    d = Daemon(room, "embedded = yes\npg_bindir = %s" % PG, *[source(r.name, r, concurrency=8) for r in repos])
    cluster = Embedded(d)
    registry = Registry.__new__(Registry)
    registry.cluster, registry.name, registry._db = cluster, "sheaf", None

    def count():
        with contextlib.suppress(psycopg2.Error):
            return registry.value("select coalesce(sum(page_no), 0) from sheaf.run")
        return -1

    try:
        d.start()
        for step in ("sheafd", "postmaster", "both", "both"):
            now = max(count(), 0)
            wait_for(lambda: count() > now + 5)
            pid = cluster.postmaster
            if step != "sheafd":
                os.kill(pid, signal.SIGKILL)
            if step != "postmaster":
                d.kill()
                d.start()
            # Adopted when it lives, else started again.
            wait_for(lambda: cluster.postmaster and (cluster.postmaster == pid) == (step == "sheafd"))
            assert d.process.poll() is None
        for r in repos:
            run = closed(registry, r.name)
            assert len(run) == 1 and (run[0]["outcome"], run[0]["received"]) == ("ok", 1000)
            assert registry.identifiers(r.name) == ids(r)
        pid = cluster.postmaster
        registry._db.close()
        assert d.stop() == 0
        assert not os.path.exists("/proc/%d" % pid)
    finally:
        d.stop()
        print(d.text()[-6000:])
