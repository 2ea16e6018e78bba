"""make bench BENCH_ARGS="--cases search": what finding costs, in a registry of
--entries entries made by entries.py: indexing them, and 200 questions drawn
from them while a harvest runs."""

import contextlib
import json
import random
import shutil
import statistics
import threading
import time

import entries
import psycopg2

LARGE = ("found", "composed", "entry_title", "entry_abstract", "entry_subject", "entry_agent", "entry_identifier", "entry_code")


def questions(c, words, n, seed=7):
    """[(name, query, filter)]: of all sorts of words, in turn."""
    rng = random.Random(seed)

    def word(lang, lo, hi):
        return words[lang].list[min(int(lo + (hi - lo) * rng.random()), entries.WORDS - 1)]

    def phrase(lang):
        """What a title has."""
        c.execute("select title from sheaf.composed where title_lang = %s and entry_no >= %s order by entry_no limit 1",
                  (lang, rng.randrange(1, 1 + c.most * 9 // 10)))
        title = c.fetchone()[0]
        if lang == "zh":
            at = rng.randrange(len(title) - 6)
            return '"%s"' % title[at:at + 4].replace("，", "")
        parts = title.split()
        at = rng.randrange(len(parts) - 2)
        return '"%s"' % " ".join(parts[at:at + 2])

    def some_filter():
        return rng.choice(({"kinds": ["publication"]}, {"agencies": ["agency0%d" % rng.randrange(10)]}, {"countries": ["002"]},
                           {"countries": ["KEN"]}, {"sdgs": ["7"]}, {"sectors": ["water"]}, {"issued": {"from": "2015", "to": "2020-06"}},
                           {"languages": ["fr"], "families": ["knowledge"]}, {"reach": ["KEN"]}, {"families": ["offer"], "status": ["open"]}))

    kinds = (
        ("a rare word", lambda: (word("en", 5000, 29999), {})),
        ("a word", lambda: (word("en", 100, 2000), {})),
        ("a very common word", lambda: (word("en", 0, 10), {})),
        ("two words", lambda: (word("en", 10, 300) + " " + word("en", 10, 300), {})),
        ("two very common words", lambda: (word("en", 0, 8) + " " + word("en", 0, 8), {})),
        ("a phrase", lambda: (phrase("en"), {})),
        ("a word and a filter", lambda: (word("en", 5, 1000), some_filter())),
        ("a common word and a filter", lambda: (word("en", 0, 10), some_filter())),
        ("a filter", lambda: ("", some_filter())),
        ("minus and or", lambda: ("%s -%s or %s" % (word("en", 10, 100), word("en", 0, 10), word("fr", 10, 1000)), {})),
        ("Cyrillic", lambda: (word("ru", 0, 500), {})),
        ("Arabic", lambda: (word("ar", 0, 500), {})),
        ("Chinese", lambda: (word("zh", 0, 500), {})),
        ("a Chinese phrase", lambda: (phrase("zh"), {})),
        ("everything", lambda: ("", {})),
        ("nothing", lambda: ("no%dsuch" % rng.randrange(1000), {})),
    )
    return [(name, *make()) for i in range(n) for name, make in [kinds[i % len(kinds)]]]


class Cursor:
    """A cursor that knows the last entry, and what the server's process has
    used: on a machine that others use, too, its CPU time says more."""

    def __init__(self, cursor):
        self.execute, self.fetchone, self.fetchall = cursor.execute, cursor.fetchone, cursor.fetchall
        cursor.execute("select pg_backend_pid(), (select max(entry_no) from sheaf.composed)")
        self.pid, self.most = cursor.fetchone()

    def cpu(self):
        with open("/proc/%d/schedstat" % self.pid) as f:
            return int(f.read().split()[0]) / 1e9


def ask(cursor, query, filter, sort="relevance"):
    """Seconds of a page of hits with its facets, and CPU seconds."""
    t, cpu = time.perf_counter(), cursor.cpu()
    cursor.execute("select * from registry.search(%s, %s, %s)", (query, json.dumps(filter), sort))
    cursor.fetchall()
    cursor.execute("select * from registry.facets(%s, %s)", (query, json.dumps(filter)))
    cursor.fetchall()
    return time.perf_counter() - t, cursor.cpu() - cpu


def scans(cursor):
    """Sequential scans of large tables so far."""
    cursor.execute("select pg_stat_force_next_flush()")
    cursor.execute("select 1")
    cursor.execute("select pg_stat_clear_snapshot()")
    cursor.execute("select sum(seq_scan) from pg_stat_user_tables where schemaname = 'sheaf' and relname = any(%s)", (list(LARGE),))
    return cursor.fetchone()[0]


def index(connection, cpu_of):
    """Indexes all that waits: entries, CPU seconds, seconds, the longest call."""
    with connection.cursor() as c:
        c.execute("select pg_backend_pid()")
        pid, total, longest = c.fetchone()[0], 0, 0
        cpu, begin = cpu_of(pid), time.monotonic()
        while True:
            t = time.monotonic()
            c.execute("select sheaf.index_some(500, 0) + sheaf.index_some(500, 1)")
            n = c.fetchone()[0]
            c.execute("select sheaf.settle_some(%s)", (2000 if n else 1,))
            longest = max(longest, time.monotonic() - t)
            if not n:
                return total, cpu_of(pid) - cpu, time.monotonic() - begin, longest
            total += n


def hostile(words):
    """What strangers ask who want it to take long: as much as the limits let through."""
    en, zh = words["en"].list, words["zh"].list
    return (
        " ".join(en[:32]), " or ".join(en[:16]), ",".join(en[:64]), "-".join(en[:31]), '"%s"' % " ".join(en[:32]),
        '"%s %s"' % (en[0], en[1]), " ".join('"%s %s"' % (en[i], en[i + 1]) for i in range(15)),
        " or ".join('"%s %s"' % (en[i], en[i + 1]) for i in range(10)), "-" + en[0], " ".join("-" + w for w in en[:32]),
        " or ".join("-" + w for w in en[:15]), " ".join(w[0] for w in zh[:16]), " or ".join(w[0] for w in zh[:8]),
        "".join(zh[:16]), "ion.a", "a.ku", "%ani%", "cha.da")


def percentile(values, p):
    return sorted(values)[min(len(values) - 1, int(len(values) * p))]


def times(say, asked, name):
    """Median and 99th percentile in ms of what was asked; says them, and CPU."""
    ms = [[1000 * a[i] for a in asked] for i in (0, 1)]
    wall, cpu = [(statistics.median(x), percentile(x, 0.99), max(x)) for x in ms]
    say("    %-28s median %6.1f ms, 99 of 100 %6.1f, most %6.1f; CPU %6.1f, %6.1f, %6.1f" % (name, *wall, *cpu))
    return wall[:2]


def measure(connection, words, n, say):
    """Asks n questions; median and 99th percentile in ms."""
    with connection.cursor() as c:
        cursor = Cursor(c)
        before, asked = scans(c), {}
        for name, query, filter in questions(cursor, words, n):
            asked.setdefault(name, []).append(ask(cursor, query, filter))
        for name, those in asked.items():
            times(say, those, name)
        whole = times(say, sum(asked.values(), []), "all %d" % n)
        for sort in ("issued", "updated", "deadline"):
            times(say, [ask(cursor, query, filter, sort) for _, query, filter in questions(cursor, words, n // 4)], "by " + sort)
        more = scans(c) - before
    assert more == 0, "%d sequential scans of large tables" % more
    return whole


def worst(connection, words):
    """CPU seconds of the page, with its facets, that takes longest of hostile ones."""
    with connection.cursor() as c:
        cursor, most = Cursor(c), (0, "")
        for query in hostile(words):
            with contextlib.suppress(psycopg2.errors.InvalidParameterValue):  # beyond a limit
                most = max(most, (ask(cursor, query, {})[1], query))
        return most


def case(b, bench):
    """bench: the module bench.py."""
    n, cluster = b.o.entries, b.cluster()
    try:
        with b.mock(b.o.records, 20) as port:
            r = bench.Registry(cluster)
            d = bench.Daemon(b.room, "connection = " + r.connection, resolve="no").init()
            d.once()
            db = cluster.connect(r.name)
            words = entries.fill(db, n)
            db.cursor().execute("vacuum analyze")

            def cpu_of(pid):
                f = open("/proc/%d/stat" % pid).read().rsplit(")", 1)[1].split()
                return (int(f[11]) + int(f[12])) / bench.TICK

            done, cpu, wall, longest = index(db, cpu_of)
            assert done == n
            took = 1e6 * cpu / n
            bench.row("indexing of %d entries" % n, "%.0f" % took, "µs CPU", "", "at most 120", "ok" if took <= 120 else "ABOVE")
            bench.say("    %.0f entries/s, the longest step %.2f s; the index %s" % (n / wall, longest, r.value(
                "select pg_size_pretty(pg_relation_size('sheaf.found_words_key'))")))
            db.cursor().execute("vacuum analyze sheaf.found")
            took, query = worst(db, words)
            bound = max(1, n / 100000)
            bench.row("the worst that strangers ask", "%.2f" % took, "s CPU", "", "at most %.0f" % bound, "ok" if took <= bound else "ABOVE")
            bench.say("    %.60s" % query)
            d.configure(*[bench.bench_source(port, 1000, i) for i in range(20)])
            stop = threading.Event()
            harvest = threading.Thread(target=harvests, args=(d, stop), daemon=True)
            harvest.start()
            try:
                median, late = measure(db, words, 200, bench.say)
            finally:
                stop.set()
                harvest.join()
            bench.row("search with facets, a harvest running", "%.0f" % median, "ms", "", "at most 50", "ok" if median <= 50 else "ABOVE")
            bench.row("the same, 99 of 100", "%.0f" % late, "ms", "", "at most 200", "ok" if late <= 200 else "ABOVE")
    finally:
        with contextlib.suppress(Exception):
            cluster.stop("immediate")
        shutil.rmtree(cluster.dir, ignore_errors=True)


def harvests(d, stop):
    while not stop.is_set():
        d.run("sheafd", "--once", "--all", timeout=900)
