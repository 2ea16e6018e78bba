"""kill -9 of anything at random moments of a harvest: the registry ends equal,
row for row, to that of an undisturbed one, and no page counts twice.

    SHEAF_TEST_KILLS=200 pytest tests/integration/test_kills.py

kills so often (default 25) in a harvest of 20 sources with 20,000 records."""

import contextlib
import os
import random
import signal
import time

from nouns import Daemon, Record, Repository, Registry, records, source

KILLS = int(os.environ.get("SHEAF_TEST_KILLS", "25"))
SEED = int(os.environ.get("SHEAF_TEST_SEED", "1"))
# What a harvest gives, its times and numbers apart.
ROWS = """select source, identifier, datestamp_given, sets, status, kind, title, url, issued, licence, format,
  md5(registry.raw(record_id)) from registry.record order by source, identifier"""


def agencies(server):
    out = []
    for n in range(20):
        r = records(1000, "oai:k%d:" % n, sets=("a", "b")[: n % 3])
        r[::50] = [Record(x.identifier, x.datestamp, "", x.sets, True) for x in r[::50]]
        repo = Repository("k%d" % n, r, page_size=(20, 50, 100)[n % 3], token=("plain", "opaque", "constant")[n % 3])
        # Answers take a little, so that there is a moment to kill in.
        out.append(server.mount(repo))
    return out


def conf(repos):
    return [source(r.name, r, concurrency=16) for r in repos]


def victims(d, registry):
    """What can be killed now: (name, pid)."""
    out = list(d.roles().items()) + [("sheafd", d.process.pid)]
    with contextlib.suppress(Exception):
        out += [("backend", p[0]) for p in registry.query(
            "select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()")]
    for pid in [p for n, p in out if n == "sheaf-parse"]:
        with contextlib.suppress(OSError):
            children = open("/proc/%d/task/%d/children" % (pid, pid)).read().split()
            out += [("parser", int(c)) for c in children]
    return out


def test_kills(room, cluster, server):
    repos = agencies(server)
    calm = Registry(cluster)
    d = Daemon(room, "connection = %s" % calm.connection, *conf(repos)).init()
    d.once()
    want = calm.query(ROWS)
    assert len(want) == 20000
    calm_runs = {r.name: calm.runs(r.name)[-1] for r in repos}

    stormy = Registry(cluster)
    rng = random.Random(SEED)
    d = Daemon(room, "connection = %s" % stormy.connection, *conf(repos)).init()
    killed, done = {}, 0
    d.start()
    end = time.monotonic() + 600 + KILLS * 5
    while True:
        assert time.monotonic() < end, "not done: %s\n%s" % (killed, d.text()[-3000:])
        if d.process is None or d.process.poll() is not None:
            d.start()
        left = [r.name for r in repos if unfinished(stormy, r.name)]
        if not left:
            if done >= KILLS:
                break
            # All was read before enough was killed: everything once more.
            d.ctl("harvest", "--full", *[r.name for r in repos], check=None)
        if done < KILLS:
            time.sleep(rng.random() * 0.25)
            with contextlib.suppress(ProcessLookupError):
                name, pid = rng.choice(victims(d, stormy))
                os.kill(pid, signal.SIGKILL)
                killed[name] = killed.get(name, 0) + 1
                done += 1
                if name == "sheafd":
                    d.process.wait(30)
        else:
            time.sleep(0.2)
    assert stormy.query(ROWS) == want
    assert sum(killed.values()) >= KILLS
    for r in repos:
        for run in stormy.runs(r.name):
            assert run["outcome"] in ("ok", None), (r.name, run["outcome"], stormy.status(r.name))
        # No page counts twice: the run that read everything received everything once.
        assert stormy.runs(r.name)[0]["received"] == calm_runs[r.name]["received"]
        pages = stormy.query(
            "select p.run_id, p.page_no, count(*) from sheaf.page p join sheaf.run using (run_id) "
            "join sheaf.source s using (source_id) where s.name = %s group by 1, 2 having count(*) > 1", r.name)
        assert not pages
    print("kills: %d %s" % (done, dict(sorted(killed.items()))))
    d.stop()
    stormy.close()
    calm.close()


def unfinished(registry, name):
    """Has no closed run yet, or one is open."""
    with contextlib.suppress(Exception):
        closed, opened = registry.query(
            "select count(*) filter (where closed_at is not null), count(*) filter (where closed_at is null) "
            "from sheaf.run join sheaf.source using (source_id) where name = %s", name)[0]
        return not closed or opened
    return True
