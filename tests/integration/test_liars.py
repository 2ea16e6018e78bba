"""A role that lies costs the page that it lies about, or is started again;
sheafd and sheaf-store live, and the other sources are harvested."""

import os
import shutil
import signal

import pytest

from nouns import HERE, TOP, Daemon, Reply, Repository, dc, ids, records, source, wait_for
from liar import STREAMS

# It waits for a deadline of more than a minute.
SLOW = pytest.mark.skipif(not os.environ.get("SHEAF_SLOW_TESTS"), reason="slow: SHEAF_SLOW_TESTS=1 runs it")
FETCH_LIES = ["other jobs", "twice", "shrinks", "grows for ever", "huge", "no body", "a pipe", "a directory", "a device",
              "classes", "a message of garbage"]
PARSE_LIES = ["endless", "other pages", "exit first", "a message of garbage"]
HARMLESS = {"other jobs", "twice", "other pages", "exit first"}


@pytest.fixture
def liar(room, registry, tmp_path_factory):
    """Daemons one of whose roles is a liar."""
    made = []

    def make(role, lie, *sources, **keys):
        d = Daemon(room, "connection = %s" % registry.connection, *sources, **keys)
        made.append(d)
        d.init()
        d.room = os.path.join(d.dir, "lies")
        libexec = os.path.join(d.room, "libexec")
        shutil.copytree(os.path.join(room, "libexec"), libexec)
        os.symlink(os.path.join(room, "sql"), os.path.join(d.room, "sql"))
        os.mkdir(os.path.join(libexec, "real"))
        # A program of a build tree finds vocabularies and crosswalks beside itself.
        for tables in ("vocab", "crosswalks"):
            os.symlink(os.path.join(libexec, tables), os.path.join(libexec, "real", tables))
        name = os.path.join(libexec, "sheaf-" + role)
        os.rename(name, os.path.join(libexec, "real", "sheaf-" + role))
        shutil.copy(os.path.join(HERE, "liar.py"), libexec)
        shutil.copy(os.path.join(TOP, "src", "wire", "messages.h"), libexec)
        with open(name, "w") as f:
            f.write("#!/usr/bin/python3 -B\nimport liar\nliar.%s(%r)\n" % (role, lie))
        os.chmod(name, 0o755)
        return d

    yield make
    for d in made:
        d.end()


def memory(d):
    """Peak MB of sheafd and of sheaf-store."""
    out = {}
    for name, pid in [("sheafd", d.process.pid), *d.roles().items()]:
        with open("/proc/%d/status" % pid) as f:
            out[name] = int(next(line for line in f if line.startswith("VmHWM")).split()[1]) / 1024
    return out


def harvest(d, registry, good, bad, timeout=60):
    """Harvests both, until the good one is there and the bad one's run is over."""
    d.start()
    before = wait_for(lambda: d.roles().get("sheaf-store"), timeout)

    def over():
        """the run of the bad source is closed"""
        runs = registry.runs("bad")
        return runs and runs[-1]["closed_at"] is not None
    wait_for(lambda: registry.identifiers("good") == ids(good), timeout)
    wait_for(over, timeout)
    assert d.process.poll() is None
    assert d.roles()["sheaf-store"] == before, "sheaf-store lives"
    peak = memory(d)
    assert peak["sheafd"] < 100 and peak["sheaf-store"] < 300, peak
    text = d.text()
    assert "\x1b" not in text and "\nsheafd: ok" not in text
    return registry.runs("bad")[-1]


def two(server, n=60):
    return (server.mount(Repository("good", records(n, "oai:good:"), page_size=20)),
            server.mount(Repository("bad", records(n, "oai:bad:"), page_size=20)))


@pytest.mark.parametrize("lie", [*STREAMS, *PARSE_LIES])
def test_a_parser_that_lies(registry, server, liar, lie):
    good, bad = two(server)
    d = liar("parse", lie, source("good", good), source("bad", bad, tries=2))
    run = harvest(d, registry, good, bad)
    if lie in HARMLESS:
        assert registry.identifiers("bad") == ids(bad)
    else:
        assert run["outcome"] == "failed" and not registry.identifiers("bad")


@pytest.mark.parametrize("role", ["sheaf-fetch", pytest.param("sheaf-parse", marks=SLOW)])
def test_a_role_that_hangs_is_ended(registry, server, daemon, role):
    """As a whole: it does not even keep its own deadlines any more."""
    repo = server.mount(Repository("r", records(400), page_size=10))
    repo.on(lambda q: True, Reply(delay=0.05))
    d = daemon(source("r", repo, timeout="1s", connect_timeout="1s", stall_timeout="1s")).start()
    wait_for(lambda: len(registry.identifiers("r")) > 50)
    d.kill(role, signal.SIGSTOP)
    wait_for(lambda: registry.identifiers("r") == ids(repo), 120)
    assert "%s has not answered in time and is killed" % role in d.text()


@pytest.mark.parametrize("lie", FETCH_LIES)
def test_a_fetcher_that_lies(registry, server, liar, lie):
    good, bad = two(server)
    d = liar("fetch", lie, source("good", good), source("bad", bad, tries=2))
    run = harvest(d, registry, good, bad)
    if lie in HARMLESS:
        assert registry.identifiers("bad") == ids(bad)
    else:
        assert run["outcome"] == "failed" and not registry.identifiers("bad")


def test_an_endless_stream_of_a_large_page(registry, server, liar):
    """What a stream may bring grows with its page: this one is nearly as large
    as those that are stored in one piece."""
    good, bad = two(server, 20)
    for r in bad.records:
        r.metadata = dc(title="x", description="y" * 370000)
    d = liar("parse", "endless", source("good", good), source("bad", bad, tries=2))
    run = harvest(d, registry, good, bad)
    assert run["outcome"] == "failed" and not registry.identifiers("bad")
