"""make bench BENCH_ARGS="--cases matrix": what the matrix costs in a registry of
--entries entries made by entries.py, an eighth of what they are for being the
World: counting them, a refresh after 1 % of them changed, and asking, with one
source and with ten thousand more."""

import contextlib
import os
import random
import shutil
import statistics
import time

import entries

SOURCES = """insert into sheaf.source (name, agency, protocol, url, host, covers, last_success, last_outcome)
  select 's' || n, a.code, 'oai-pmh', '', '', case when n % 4 > 0 then 'kind:' || k.code || case when n % 2 > 0 then
    ' sector:' || s.code || ' country:' || c.code else '' end else '' end, now(), case when n % 10 > 0 then 'ok' else 'failed' end
  from generate_series(1, 10000) n
  cross join (select code from sheaf.agency limit 1) a
  join (select code, row_number() over (order by code) - 1 as i from registry.kind) k on k.i = n % 23
  join (select code, row_number() over (order by code) - 1 as i from registry.sector) s on s.i = n % 21
  join (select code, row_number() over (order by code) - 1 as i from registry.country) c on c.i = n % 283"""
LARGE = ("composed", "counted", "cell_entry", "cell", "entry_code", "entry_subject")
QUESTIONS = (
    ("coverage of a sector and country", 20, "select * from registry.coverage where sector = %(s)s and country = %(c)s"),
    ("the entries behind it", None, "select * from registry.coverage_entry where sector = %(s)s and country = %(c)s"),
    ("coverage_map of a country", None, "select * from registry.coverage_map(%(c)s)"),
    ("synergy of a sector and country", None, "select * from registry.synergy where sector = %(s)s and country = %(c)s"),
    ("gaps of a country", None, "select * from registry.gap where country = %(c)s"),
    ("the offers nearest to a need", None, "select * from registry.need_offers(%(n)s)"),
)


def cpu(c):
    """CPU seconds of the session's server process."""
    with open("/proc/%d/stat" % c.connection.get_backend_pid()) as f:
        return sum(map(int, f.read().rsplit(")", 1)[1].split()[11:13])) / os.sysconf("SC_CLK_TCK")


def count(c):
    """Counts what waits: entries, seconds, of CPU, the longest step."""
    total, begin, longest, spent = 0, time.monotonic(), 0, cpu(c)
    while True:
        t = time.monotonic()
        c.execute("select sheaf.count_some(1000)")
        longest = max(longest, time.monotonic() - t)
        n = c.fetchone()[0]
        if not n:
            return total, time.monotonic() - begin, cpu(c) - spent, longest
        total += n


def scans(c):
    c.execute("select pg_stat_force_next_flush()")
    c.execute("select jsonb_object_agg(relname, seq_scan) from pg_stat_user_tables where schemaname = 'sheaf' and relname = any (%s)", (list(LARGE),))
    return c.fetchone()[0]


def codes(c):
    """Sectors, countries and needs to ask for."""
    c.execute("select array_agg(code) from registry.sector")
    sectors = c.fetchone()[0]
    c.execute("select array_agg(code) from registry.country where not is_group")
    countries = c.fetchone()[0]
    c.execute("select array_agg(x.entry_id::text) from (select c.entry_id from sheaf.counted t join sheaf.composed c using (entry_no) "
              "where t.family = 'need' order by t.entry_no limit 200) x")
    return sectors, countries, c.fetchone()[0]


def ask(c, sql, known, n, seed=3):
    """Milliseconds of n questions."""
    rng, took = random.Random(seed), []
    for _ in range(n):
        values = {name: rng.choice(x) for name, x in zip("scn", known)}
        t = time.monotonic()
        c.execute(sql, values)
        c.fetchall()
        took.append(1000 * (time.monotonic() - t))
    return took


def questions(bench, c, known):
    for name, most, sql in QUESTIONS:
        took = ask(c, sql, known, 100)
        median, late = statistics.median(took), sorted(took)[-2]
        bench.row(name, "%.1f" % median, "ms", "", "at most %d" % most if most else "", ("ok" if median <= most else "ABOVE") if most else "")
        bench.say("    99 of 100: %.1f ms" % late)


def case(b, bench):
    """bench: the module bench.py."""
    n, cluster = b.o.entries, b.cluster()
    try:
        with b.mock(b.o.records, 1):
            r = bench.Registry(cluster)
            bench.Daemon(b.room, "connection = " + r.connection, resolve="no").init().once()
            db = cluster.connect(r.name)
            entries.fill(db, n)
            c = db.cursor()
            c.execute("update sheaf.entry_code set code = '001' where axis = 'country' and hashint8(entry_no) & 7 = 0")
            c.execute("insert into sheaf.uncounted (entry_nos) select array_agg(entry_no) from sheaf.composed group by entry_no / 1000")
            c.execute("vacuum analyze")
            c.execute("set jit = off")  # as for those who ask, and for resolve
            done, wall, spent, longest = count(c)
            bench.row("counting of %d entries" % done, "%.0f" % (1e6 * wall / done), "µs")
            bench.say("    of CPU %.0f µs an entry, the longest step %.2f s" % (1e6 * spent / done, longest))
            c.execute("vacuum analyze")
            c.execute("update sheaf.composed set sectors = array['water', 'health'], agencies = array['agency00', 'agency01'] "
                      "where entry_no % 100 = 7")
            c.execute("insert into sheaf.uncounted (entry_nos) select array_agg(entry_no) from sheaf.composed where entry_no % 100 = 7")
            done, wall, spent, longest = count(c)
            bench.row("refresh after 1 %% (%d) changed" % done, "%.1f" % wall, "s", "", "at most 10", "ok" if wall <= 10 else "ABOVE")
            bench.say("    of CPU %.0f µs an entry" % (1e6 * spent / done))
            known = codes(c)
            before = scans(c)
            questions(bench, c, known)
            after = scans(c)
            c.execute(SOURCES)
            begin = time.monotonic()
            c.execute("select sheaf.count_some(1000)")
            bench.row("10,000 sources more: what they cover", "%.2f" % (time.monotonic() - begin), "s")
            c.execute("analyze sheaf.source, sheaf.cover")
            questions(bench, c, known)
            # A small table is read as a whole where that is less than a thousand look-ups.
            assert n < 200000 or after == before, "large tables were scanned: %s" % {k: v - before[k] for k, v in after.items() if v > before[k]}
    finally:
        with contextlib.suppress(Exception):
            cluster.stop("immediate")
        shutil.rmtree(cluster.dir, ignore_errors=True)
