#!/usr/bin/env python3
"""make bench: the harvest measured from end to end, beside the floor and beside
a plain Python script, in one run.

  bench.py [--runs N] [--cases LIST] [--records N] [--dir DIR]

Cases (default: all): p1000 p100 (200,000 records from 20 repositories, first
harvest and unchanged second), grow (10,000 to 1,000,000 records), sources (20
to 1,000 sources of 1,000 records), many (10,000 sources of 20 records), feeds
(10,000 feeds, first and unchanged pass), renormalise (200,000 stored records
of one source by other tables: nothing differs, a fifth, nearly everything),
resolve (54,282 records of the generator of registries: a model is learned, and
all are resolved by it), resolve-grow (the same with about 50,000, 400,000 and
1,000,000 records; then the next day, on which one record in a hundred is
another; the options --sizes, --cache and --keep are its own), together (p1000
with `resolve = yes`, to the last entry that can be found; its second harvest
beside one without), search (a registry of 900,000 entries is indexed, and asked
while a harvest runs: see search.py), matrix (what it costs: see matrix.py),
memory (1,000 sources; one page of 500 MB), crosswalk (what it adds to a record),
floor, script.

Needs the workload generator and the mock server in ../shared/bench (skips
with a line when they are absent), and the packages of `scripts/packages bench`.
PostgreSQL is a private cluster with its default settings, fsync on; what is
timed is the whole of `sheafd --once --all`, from its start to its end and with
`resolve = no` (recognising duplicates is the case `resolve`), so
everything is durable. CPU is that of sheafd and its roles, and of PostgreSQL.
"""

import argparse
import contextlib
import os
import re
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "integration"))

from nouns import BUILD, SHARED, TOP, USER, Cluster, Daemon, Registry, environment, make_room, source, wait_for  # noqa: E402
import growing  # noqa: E402
import registrycsv  # noqa: E402
import matrix  # noqa: E402
import search  # noqa: E402

TICK = os.sysconf("SC_CLK_TCK")


def say(*a):
    print(*a, flush=True)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Bench:
    def __init__(self, options):
        self.o = options
        self.dir = tempfile.mkdtemp(prefix="sheaf-bench-", dir=options.dir)
        os.chmod(self.dir, 0o755)
        self.room = make_room()
        src = os.path.join(SHARED, "bench")
        self.src = src
        for name, libs in (("gen", "-lm"), ("mock", "-levent -lz")):
            self.cc(name, libs)

    def cc(self, name, libs, flags=""):
        subprocess.run(
            "cc -O2 -w %s -o %s/%s %s/%s.c %s" % (flags, self.dir, name, self.src, name, libs), shell=True, check=True)

    def cluster(self):
        """A fresh cluster with default settings: durable."""
        c = Cluster(os.path.join(self.room, "pg%d" % time.monotonic_ns()), settings="")
        return c

    @contextlib.contextmanager
    def mock(self, n, k, feeds=0):
        """The mock server over n records in k repositories, and feeds; gives its port."""
        data = os.path.join(self.dir, "d%d-%d-%d" % (n, k, feeds))
        if not os.path.exists(data + "/manifest.txt"):
            subprocess.run([self.dir + "/gen", "-n", str(n), "-k", str(k), "-f", str(feeds), "-s", "42", "-o", data],
                           check=True, stdout=subprocess.DEVNULL)
        port = free_port()
        p = subprocess.Popen([self.dir + "/mock", "-d", data, "-p", str(port)], stderr=subprocess.DEVNULL)

        def up():
            with contextlib.suppress(Exception):
                import urllib.request
                return urllib.request.urlopen("http://127.0.0.1:%d/stats" % port, timeout=1).read()

        wait_for(up, 60)
        try:
            yield port
        finally:
            p.terminate()
            p.wait()
            if n > 200000:
                shutil.rmtree(data)

    def harvest(self, d, cluster, records, label):
        """One sheafd --once --all, measured."""
        pg, cpu0 = pg_cpu(cluster), children_cpu()
        t = time.monotonic()
        got = d.run("sheafd", "--once", "--all", check=0, timeout=3600)
        wall, cpu, pg = time.monotonic() - t, children_cpu() - cpu0, pg_cpu(cluster) - pg
        del got
        return {"label": label, "records": records, "wall": wall, "rate": records / wall, "cpu": cpu, "pg": pg}

    def pair(self, n, k, page, runs, resolve="no"):
        """First and unchanged second harvests: lists of results.  Resolved, they end with the last entry that can be found."""
        first, second = [], []
        with self.mock(n, k) as port:
            for _ in range(runs):
                cluster = self.cluster()
                try:
                    r = Registry(cluster)
                    d = Daemon(self.room, "connection = " + r.connection,
                               *[bench_source(port, page, i) for i in range(k)], max_runs=64, resolve=resolve)
                    d.init()
                    first.append(self.harvest(d, cluster, n, "first"))
                    got = r.value("select count(*) from registry.record")
                    assert got == n, "%d records stored of %d" % (got, n)
                    if resolve == "yes":
                        assert r.value("select count(*) from registry.record where entry_id is null and status = 'active'") == 0
                        for queue in ("unresolved", "uncomposed", "unindexed", "uncounted"):
                            assert r.value("select count(*) from sheaf." + queue) == 0, queue
                    d.ctl("status", "--json")
                    second.append(self.again(d, cluster, n))
                finally:
                    with contextlib.suppress(Exception):
                        cluster.stop("immediate")
                    shutil.rmtree(cluster.dir, ignore_errors=True)
        return first, second

    def again(self, d, cluster, n):
        """The second harvest reads everything again (its overlap reaches back
        behind all datestamps) and finds it equal."""
        return self.harvest(d, cluster, n, "second")


def bench_source(port, page, i, **keys):
    return source("r%05d" % i, url="http://127.0.0.1:%d/oai/%d/%d" % (port, page, i), concurrency=16, retry_delay="1s",
                  overlap="20y", **keys)


def children_cpu():
    u = resource.getrusage(resource.RUSAGE_CHILDREN)
    return u.ru_utime + u.ru_stime


def pg_cpu(cluster):
    """CPU seconds of the postmaster, its children, and those it reaped."""
    pid = open(os.path.join(cluster.data, "postmaster.pid")).readline().strip()
    total = 0
    for d in os.listdir("/proc"):
        if d.isdigit():
            with contextlib.suppress(OSError, IndexError):
                f = open("/proc/%s/stat" % d).read().rsplit(")", 1)[1].split()
                if d == pid:
                    total += sum(map(int, f[11:15]))
                elif f[1] == pid:
                    total += int(f[11]) + int(f[12])
    return total / TICK


def row(name, rate, unit, cpu="", least="", verdict=""):
    """A line of the table; cpu: CPU seconds per 100,000 records."""
    say("%-46s %8s %-9s %-14s %-17s %s" % (name, rate, unit, cpu, least, verdict))


def judged(rate, least, goal):
    return "GOAL" if rate >= goal else "ok" if rate >= least else "BELOW"


def line(name, results, least=None, goal=None):
    rate = statistics.median(r["rate"] for r in results)
    k = 1e5 / results[0]["records"]
    cpu = "%.2f + %.2f" % tuple(statistics.median(r[w] for r in results) * k for w in ("cpu", "pg"))
    row(name, "%.0f" % rate, "records/s", cpu, "%d / %d" % (least, goal) if least else "",
        judged(rate, least, goal) if least else "")
    if len(results) > 1:
        say("%48s%s" % ("", ", ".join("%.0f" % r["rate"] for r in results)))
    return rate


class Memory(threading.Thread):
    """Samples the sum of PSS of sheafd and its roles."""

    def __init__(self, marker):
        super().__init__(daemon=True)
        self.marker, self.peak, self.parts, self.done = marker, 0, {}, threading.Event()
        self.most = {}  # of each role by itself

    def run(self):
        while not self.done.wait(0.05):
            total, parts = 0, {}
            for d in os.listdir("/proc"):
                if not d.isdigit():
                    continue
                with contextlib.suppress(OSError, ValueError):
                    exe = os.readlink("/proc/%s/exe" % d)
                    if not exe.startswith(self.marker):
                        continue
                    pss = int(re.search(r"^Pss:\s+(\d+)", open("/proc/%s/smaps_rollup" % d).read(), re.M).group(1))
                    name = os.path.basename(exe)
                    parts[name] = parts.get(name, 0) + pss
                    self.most[name] = max(self.most.get(name, 0), parts[name])
                    total += pss + memfds(d)
            if total > self.peak:
                self.peak, self.parts = total, parts


def memfds(pid, seen={}):
    """kB of the memfds that a process holds and that are in no other count
    of this sample (each is counted where it is met first)."""
    now = time.monotonic_ns() // 20_000_000
    known = seen.setdefault(now, set())
    for k in [k for k in seen if k < now - 2]:
        del seen[k]
    total = 0
    for fd in os.listdir("/proc/%s/fd" % pid):
        with contextlib.suppress(OSError):
            path = "/proc/%s/fd/%s" % (pid, fd)
            if "memfd:" in os.readlink(path):
                st = os.stat(path)
                if st.st_ino not in known:
                    known.add(st.st_ino)
                    total += st.st_blocks // 2
    return total


def case_pages(b, page, least, goal, least2, goal2):
    n = b.o.records
    first, second = b.pair(n, 20, page, b.o.runs)
    line("first harvest, pages of %d" % page, first, least, goal)
    line("unchanged second, pages of %d" % page, second, least2, goal2)


def case_together(b):
    """Harvest, recognition, entries, search and matrix on the same two cores."""
    n = b.o.records
    first, second = b.pair(n, 20, 1000, b.o.runs, resolve="yes")
    _, alone = b.pair(n, 20, 1000, b.o.runs)
    line("first harvest, resolved, composed and indexed", first, 2000, 3500)
    line("unchanged second, resolved", second)
    line("unchanged second, harvest alone", alone)
    growth("unchanged second, resolved against alone", [statistics.median(r["wall"] for r in x) for x in (alone, second)], 15)


def growth(name, costs, most):
    more = 100 * (costs[-1] / costs[0] - 1)
    row(name, "%+.0f" % more, "%", "", "at most %d" % most, "ok" if more <= most else "BELOW")


def case_grow(b):
    costs = []
    for n in (10000, 100000, 1000000):
        first, _ = b.pair(n, 20, 1000, b.o.runs if n < 1000000 else 1)
        line("first harvest, %d records in 20 sources" % n, first)
        costs.append(min((r["cpu"] + r["pg"]) / n for r in first))
    growth("cost of a record, 10,000 to 1,000,000", costs, 15)


def case_sources(b):
    costs = []
    for k in (20, 1000):
        first, _ = b.pair(1000 * k, k, 1000, b.o.runs if k < 1000 else 1)
        line("first harvest, %d sources of 1,000" % k, first)
        costs.append(min((r["cpu"] + r["pg"]) / (1000 * k) for r in first))
    growth("cost of a record, 20 to 1,000 sources", costs, 30)


def case_many(b):
    first, _ = b.pair(200000, 10000, 100, 1)
    r = first[0]
    rate = 10000 / r["wall"]
    row("10,000 sources of 20 records", "%.0f" % rate, "sources/s", "%.2f + %.2f" % (r["cpu"] / 2, r["pg"] / 2), "500",
        "ok" if rate >= 500 else "BELOW")


def case_feeds(b):
    """10,000 feeds of 20 to 50 items: the first pass, and one in which all are
    answered with 304.  Both are the whole of sheafd --once --all; of the second
    the pass itself, from the first run's beginning to the last one's end, is
    shown besides, since starting with 10,000 sources takes a part of it."""
    n = 10000
    with b.mock(1000, 1, n) as port:
        cluster = b.cluster()
        r = Registry(cluster)
        feeds = [source("f%05d" % i, url="http://127.0.0.1:%d/feed/%d" % (port, i), protocol="feed", format=None,
                        kind="news", concurrency=64, retry_delay="1s") for i in range(n)]
        d = Daemon(b.room, "connection = " + r.connection, *feeds, max_runs=512, resolve="no").init()
        m = Memory(b.room + "/libexec")
        m.start()
        first = b.harvest(d, cluster, n, "first")
        items = r.value("select count(*) from registry.record")
        d.ctl("status", "--json")
        again = [b.harvest(d, cluster, n, "unchanged") for _ in range(b.o.runs)]
        m.done.set()
        assert r.value("select count(*) from sheaf.run where outcome <> 'ok'") == 0
        passes = [row[0] for row in r.query(
            "select extract(epoch from max(closed_at) - min(started_at))::float8 as took from (select row_number() over"
            " (partition by source_id order by run_id) as n, started_at, closed_at from sheaf.run) t group by n order by n")]
        feeds_row("first pass, %d feeds of %d items" % (n, items), [first], [passes[0]], 500, 1000)
        feeds_row("unchanged pass (304)", again, passes[1:], 3000, 3000)
        peak("memory, %d feeds" % n, m)
        cluster.stop("immediate")


def feeds_row(name, results, passes, least, goal):
    rate = statistics.median(r["rate"] for r in results)
    per = 1000 / results[0]["records"]
    row(name, "%.0f" % rate, "feeds/s", "%.2f + %.2f" % (
        statistics.median(r["cpu"] for r in results) * per, statistics.median(r["pg"] for r in results) * per),
        "%d / %d" % (least, goal), judged(rate, least, goal))
    say("%48sCPU s/1,000 feeds; the pass alone: %s feeds/s" % (
        "", ", ".join("%.0f" % (results[0]["records"] / t) for t in passes)))


def peak(name, m):
    row(name, "%.0f" % (m.peak / 1024), "MB", "", "at most 256", "ok" if m.peak < 256 * 1024 else "BELOW")
    say("%48s%s" % ("", ", ".join("%s %.0f" % (k, v / 1024) for k, v in sorted(m.parts.items()))))


def case_memory(b):
    with b.mock(200000, 1000) as port:
        cluster = b.cluster()
        r = Registry(cluster)
        d = Daemon(b.room, "connection = " + r.connection, *[bench_source(port, 100, i) for i in range(1000)], resolve="no").init()
        m = Memory(b.room + "/libexec")
        m.start()
        d.run("sheafd", "--once", "--all", check=0, timeout=900)
        m.done.set()
        peak("memory, 1,000 sources", m)
        cluster.stop("immediate")
    big_page(b)


def big_page(b):
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    one = open(os.path.join(b.dir, "d200000-1000-0", "repo-00000.xml")).read()
    body = one[one.index("<record>"): one.rindex("</record>") + 9]
    times = (500 << 20) // len(body)

    class Big(BaseHTTPRequestHandler):
        def log_message(self, *a):
            pass

        def do_GET(self):
            head = ('<?xml version="1.0"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-01-01T00:00:00Z'
                    '</responseDate><request>x</request>')
            self.send_response(200)
            self.end_headers()
            if "Identify" in self.path:
                self.wfile.write((head + "<Identify><repositoryName>big</repositoryName><baseURL>x</baseURL><protocolVersion>2.0"
                                  "</protocolVersion><adminEmail>a@b.c</adminEmail><earliestDatestamp>2000-01-01</earliestDatestamp>"
                                  "<deletedRecord>no</deletedRecord><granularity>YYYY-MM-DD</granularity></Identify></OAI-PMH>").encode())
                return
            self.wfile.write((head + "<ListRecords>").encode())
            for i in range(times):
                self.wfile.write(body.replace("<identifier>oai:", "<identifier>oai:%d:" % i).encode())
            self.wfile.write(b"</ListRecords></OAI-PMH>")

    http = ThreadingHTTPServer(("127.0.0.1", 0), Big)
    threading.Thread(target=http.serve_forever, daemon=True).start()
    cluster = b.cluster()
    r = Registry(cluster)
    d = Daemon(b.room, "connection = " + r.connection,
               source("big", url="http://127.0.0.1:%d/oai" % http.server_address[1], max_body="2G"), resolve="no").init()
    m = Memory(b.room + "/libexec")
    m.start()
    t = time.monotonic()
    d.run("sheafd", "--once", "--all", check=0, timeout=900)
    m.done.set()
    peak("memory, a page of 500 MB, %d records, %.0f s" % (
        r.value("select count(*) from registry.record"), time.monotonic() - t), m)
    cluster.stop("immediate")
    http.shutdown()


def kinds_of(tables, code):
    """Every kind that a label tells becomes `code`, or those of one kind do."""
    path = os.path.join(tables, "kind-terms.tsv")
    with open(path) as f:
        text = f.read()
    with open(path, "w") as f:
        f.write(re.sub(r"(?m)^(kind\t(?:label|eu-repo)\t[^\t\n]*\t)%s$" % code[0], r"\g<1>%s" % code[1], text))


def renormalised(b, d, cluster, registry, what):
    """sheafctl renormalise --wait, measured from its call to its end."""
    d.ctl("reload")
    pg, cpu0 = pg_cpu(cluster), roles_cpu(d)
    t = time.monotonic()
    d.ctl("renormalise", "r00000", "--wait", timeout=600)
    wall, cpu, pg = time.monotonic() - t, roles_cpu(d) - cpu0, pg_cpu(cluster) - pg
    run = registry.runs("r00000")[-1]
    n = registry.value("select count(*) from registry.record where status = 'active'")
    assert (run["outcome"], run["received"]) == ("ok", n), run
    label = "renormalise, %s (%d changed)" % (what, run["changed"])
    return {"label": label, "records": n, "wall": wall, "rate": n / wall, "cpu": cpu, "pg": pg}


def roles_cpu(d):
    """CPU seconds of a running daemon, its roles, and those that they reaped."""
    total = 0
    for pid in [d.process.pid, *d.roles().values()]:
        f = open("/proc/%d/stat" % pid).read().rsplit(")", 1)[1].split()
        total += int(f[11]) + int(f[12]) + (int(f[13]) + int(f[14]) if pid != d.process.pid else 0)
    return total / TICK


def case_renormalise(b):
    steps = (("nothing differs", None), ("some differ", ("dataset", "event")), ("all differ", (r"\S+", "project")))
    results = {what: [] for what, _ in steps}
    with b.mock(b.o.records, 1) as port:
        for _ in range(b.o.runs):
            cluster = b.cluster()
            try:
                r = Registry(cluster)
                d = Daemon(b.room, "connection = " + r.connection, resolve="no")
                tables = os.path.join(d.dir, "vocab")
                shutil.copytree(os.path.join(TOP, "conf/vocab"), tables)
                d.daemon_keys["vocab_dir"] = tables
                d.configure(bench_source(port, 1000, 0, interval="1w"))
                d.init()
                d.run("sheafd", "--once", "--all", check=0, timeout=600)
                d.start()
                for what, change in steps:
                    with open(os.path.join(tables, "zz-own.tsv"), "w") as f:
                        f.write("vocabulary\tscheme\tterm\tcode\nkind\tlabel\tno record has this %d\tproject\n"
                                % len(what))
                    if change:
                        kinds_of(tables, change)
                    results[what].append(renormalised(b, d, cluster, r, what))
            finally:
                with contextlib.suppress(Exception):
                    d.stop()
                with contextlib.suppress(Exception):
                    cluster.stop("immediate")
                shutil.rmtree(cluster.dir, ignore_errors=True)
    for what, _ in steps:
        line(results[what][0]["label"], results[what], 30000, 60000)


def case_resolve(b):
    """All that was harvested, from the learning of a model to the last entry;
    and what of it is a run of the daemon in which nothing waits."""
    table, files = os.path.join(b.dir, "er"), os.path.join(b.dir, "er-files")
    subprocess.run([sys.executable, os.path.join(SHARED, "er/gen_registry.py"), table, "--seed", "21", "--entities", "30000"],
                   check=True, stdout=subprocess.DEVNULL)
    rows, results = registrycsv.read(os.path.join(table, "records.csv")), []
    os.makedirs(files, exist_ok=True)
    os.chmod(b.dir, 0o755)
    sections = registrycsv.put(rows, files, interval="1w")
    for _ in range(b.o.runs):
        cluster = b.cluster()
        try:
            r = Registry(cluster)
            d = Daemon(b.room, "connection = " + r.connection, *sections, resolve="no").init()
            d.run("sheafd", "--once", "--all", check=0, timeout=900)
            assert r.value("select count(*) from registry.record where entry_id is not null") == 0
            d.daemon_keys["resolve"] = "yes"
            d.configure(*sections)
            pg, cpu, t = pg_cpu(cluster), children_cpu(), time.monotonic()
            d.run("sheafd", "--once", check=0, timeout=3600)
            results.append({"records": len(rows), "rate": len(rows) / (time.monotonic() - t),
                            "cpu": children_cpu() - cpu, "pg": pg_cpu(cluster) - pg})
            assert r.value("select count(*) from registry.record where entry_id is null") == 0
        finally:
            with contextlib.suppress(Exception):
                cluster.stop("immediate")
            shutil.rmtree(cluster.dir, ignore_errors=True)
    line("all resolved, a model learned first", results, 3000, 6000)


def resolved(b, d, cluster, sections, records, name, least, goal):
    """What waits is resolved: sheafd --once with nothing due, measured.  Gives the CPU seconds of a record."""
    d.daemon_keys["resolve"] = "yes"
    d.configure(*sections)
    m = Memory(b.room + "/libexec")
    m.start()
    pg, cpu, t = pg_cpu(cluster), children_cpu(), time.monotonic()
    got = d.run("sheafd", "--once", check=0, timeout=7200)
    wall, cpu, pg = time.monotonic() - t, children_cpu() - cpu, pg_cpu(cluster) - pg
    m.done.set()
    line(name, [{"records": records, "rate": records / wall, "cpu": cpu, "pg": pg}], least, goal)
    most = m.most.get("sheaf-resolve", 0) / 1024
    row("", "%.0f" % most, "MB", "", "at most 256", "ok" if most < 256 else "BELOW")
    for said in got.stderr.splitlines():
        if re.search("was learned|is applied|resolved", said):
            say("%48s%s" % ("", said))
    return (cpu + pg) / records


def grown(b, size):
    """A registry of a size and the day after; gives the CPU seconds of a record."""
    first, second, records = growing.registry_files(b.o.cache or b.dir, size)
    cluster = b.cluster()
    try:
        r = Registry(cluster)
        d = Daemon(b.room, "connection = " + r.connection, *first, resolve="no").init()
        d.run("sheafd", "--once", "--all", check=0, timeout=7200)
        assert r.value("select count(*) from registry.record where entry_id is not null") == 0
        # What is made of entries is measured by itself (entries.py).
        r.query("create or replace function sheaf.recompose(p_entries uuid[]) returns void language sql as"
                " 'select null::void'")
        cost = resolved(b, d, cluster, first, records, "resolved, %d records" % records, 3000, 6000)
        assert r.value("select count(*) from registry.record where entry_id is null") == 0
        d.daemon_keys["resolve"] = "no"
        d.configure(*second)
        d.run("sheafd", "--once", "--all", check=0, timeout=7200)
        changed = r.value("select coalesce(sum(cardinality(record_ids)), 0)::bigint from sheaf.unresolved")
        resolved(b, d, cluster, second, changed, "the next day, %d records" % changed, changed / 30, changed / 30)
        if b.o.keep:
            cluster.stop()
            shutil.copytree(cluster.data, b.o.keep)
        return cost
    finally:
        with contextlib.suppress(Exception):
            cluster.stop("immediate")
        shutil.rmtree(cluster.dir, ignore_errors=True)


def case_resolve_grow(b):
    os.chmod(b.dir, 0o755)
    costs = [grown(b, int(size)) for size in b.o.sizes.split()]
    if len(costs) > 1:
        growth("cost of a record, %s records" % b.o.sizes, costs, 20)


EMPTY_CROSSWALK = """crosswalk oai_dc
namespace oai_dc http://www.openarchives.org/OAI/2.0/oai_dc/
matches oai_dc:dc
nothing title
"""


def case_crosswalk(b):
    """What the crosswalk adds to the reading of a record of oai_dc: sheaf-parse
    with the crosswalk that is shipped less sheaf-parse with one without a rule
    that fits; beside a bare pass of libxml2 over the same page."""
    n = 10000
    subprocess.run("cc -O2 -I/usr/include/libxml2 -o %s/sax %s/sax.c -lxml2" % (b.dir, HERE), shell=True, check=True)
    with b.mock(n, 1):
        with open(os.path.join(b.dir, "d%d-1-0" % n, "repo-00000.xml")) as f:
            text = f.read()
    page, none, empty = (os.path.join(b.dir, name) for name in ("page.xml", "empty.xml", "oai_dc.crosswalk"))
    for path, body in ((page, text[text.index("<record>"):text.rindex("</record>") + 9]), (none, "")):
        with open(path, "w") as f:
            f.write('<?xml version="1.0"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-01-01T00:00:00Z'
                    '</responseDate><request verb="ListRecords">x</request><ListRecords>%s</ListRecords></OAI-PMH>' % body)
    with open(empty, "w") as f:
        f.write(EMPTY_CROSSWALK)

    def parse(path, *args):
        with open(path, "rb") as stdin:
            cpu = children_cpu()
            subprocess.run([BUILD + "/sheaf-parse", "--format", "oai_dc", *args], stdin=stdin, stdout=subprocess.DEVNULL,
                           check=False, env=environment(b.room))
            return children_cpu() - cpu

    def one():
        """Microseconds a record: whole, without the crosswalk, bare libxml2."""
        start = parse(none)
        whole, bare = parse(page) - start, parse(page, "--crosswalk", empty) - start
        sax = float(subprocess.run([b.dir + "/sax", page], stdout=subprocess.PIPE, check=True).stdout)
        return [1e6 * whole / n, 1e6 * bare / n, sax / n]

    whole, bare, sax = map(statistics.median, zip(*[one() for _ in range(4 * b.o.runs + 1)]))
    verdict = "ok" if whole - bare <= max(1.5 * sax, 11) else "ABOVE"
    row("crosswalk of a record of oai_dc", "%.1f" % (whole - bare), "µs", "", "at most 11", verdict)
    row("", "%.1f" % whole, "µs whole; a bare pass of libxml2: %.1f µs, the crosswalk is %.1f times that" % (sax, (whole - bare) / sax))


def case_floor(b):
    """lim_e2e: one small program, download, parse, upsert, nothing else."""
    b.cc("lim_e2e", "-lxml2 -lpq -lcurl -lzstd", "-I/usr/include/libxml2 -I/usr/include/postgresql -D_GNU_SOURCE")
    with b.mock(b.o.records, 20) as port:
        cluster = b.cluster()
        ci = "host=%s user=sheaf dbname=postgres" % cluster.dir
        for name, args in (("floor, zstd payload, pages of 1,000", []), ("floor, the same, two processes", ["-p", "2"]),
                           ("floor, pages of 100", ["-s", "100", "-b", "100"]), ("floor, unchanged second", ["-i"])):
            got = subprocess.run([b.dir + "/lim_e2e", "-u", "http://127.0.0.1:%d" % port, "-C", ci, "-k", "10", "-r", "zraw",
                                  "-d", os.path.join(b.dir, "d%d-20-0" % b.o.records), *args],
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            m = re.search(r"(\d+) rec/s.*client-cpu ([\d.]+) pg-cpu ([\d.]+)", got.stdout)
            if m:
                row(name, m.group(1), "records/s", "%s + %s" % m.group(2, 3))
            else:
                say(name, "failed:", got.stdout.strip())
        cluster.stop("immediate")


def case_script(b):
    """What a user would write in Python."""
    with b.mock(b.o.records, 20) as port:
        cluster = b.cluster()
        per = b.o.records // 20
        for page in (1000, 100):
            t = time.monotonic()
            got = subprocess.run(["/usr/bin/python3", os.path.join(b.src, "script_oai_pg.py"),
                                  "http://127.0.0.1:%d/oai/%d" % (port, page), "0", "2",
                                  "host=%s user=sheaf dbname=postgres" % cluster.dir], stdout=subprocess.PIPE, text=True)
            wall = time.monotonic() - t
            row("plain Python script, pages of %d" % page,
                "%.0f" % (2 * per / wall if got.returncode == 0 else 0), "records/s")
        cluster.stop("immediate")


CASES = {
    "floor": case_floor,
    "crosswalk": case_crosswalk,
    "script": case_script,
    "p1000": lambda b: case_pages(b, 1000, 20000, 30000, 50000, 70000),
    "p100": lambda b: case_pages(b, 100, 12000, 20000, 50000, 70000),
    "grow": case_grow,
    "sources": case_sources,
    "many": case_many,
    "feeds": case_feeds,
    "renormalise": case_renormalise,
    "resolve": case_resolve,
    "together": case_together,
    "resolve-grow": case_resolve_grow,
    "search": lambda b: search.case(b, sys.modules[__name__]),
    "matrix": lambda b: matrix.case(b, sys.modules[__name__]),
    "memory": case_memory,
}


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--runs", type=int, default=3)
    ap.add_argument("--cases", default=" ".join(CASES))
    ap.add_argument("--records", type=int, default=200000)
    ap.add_argument("--entries", type=int, default=900000, help="of the registry that is searched")
    ap.add_argument("--dir", default=None, help="where the data goes (default: the temporary directory)")
    ap.add_argument("--sizes", default="50000 400000 1000000", help="records, for resolve-grow")
    ap.add_argument("--cache", default=None, help="where resolve-grow keeps what it generates (default: it does not)")
    ap.add_argument("--keep", default=None, help="where resolve-grow leaves the data directory of its last cluster")
    o = ap.parse_args()
    if not os.path.isdir(os.path.join(SHARED, "bench")):
        say("no workload beside the checkout (../shared/bench): nothing measured")
        return 77
    say("Sheaf bench: %d records, %d runs, %s, %d cores, load %.1f" % (
        o.records, o.runs, time.strftime("%Y-%m-%d"), os.cpu_count(), os.getloadavg()[0]))
    row("", "", "", "CPU s/100,000", "least / goal")
    row("", "", "", "sheaf + server")
    b = Bench(o)
    try:
        for name in o.cases.split():
            CASES[name](b)
    finally:
        shutil.rmtree(b.dir, ignore_errors=True)
        shutil.rmtree(b.room, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
