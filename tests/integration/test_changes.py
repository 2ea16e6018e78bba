"""The change feed, history and retention, by the functions that the composer
calls, from several connections at once; see test_following.py for the whole."""

import contextlib
import os
import random
import threading
import time
import uuid

import psycopg2
import pytest

from nouns import Cluster, Daemon, Record, Registry, Repository, dc, iso, records, source, wait_for

CHANGES = "select seq, entry_id::text, op from registry.change order by seq"
# A thread that fails fails its test.
pytestmark = pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
# What psycopg2 makes of a connection that breaks; the last where it breaks in
# the middle of an answer.
LOST = (psycopg2.OperationalError, psycopg2.InterfaceError, psycopg2.DatabaseError)


@pytest.fixture
def schema(registry, room):
    Daemon(room, "connection = %s" % registry.connection).init()
    return registry


class Composer:
    """Writes entries as the composer does, and says what stands committed."""

    COLUMNS = """insert into sheaf.composed (entry_id, digest, record_count, first_seen, updated_at, kind, family, title,
        languages, countries, sectors, sdgs, agencies, sources, origins)
        values (%s, '', 1, now(), %s, 'publication', 'knowledge', %s, '{}', '{}', '{}', '{}', '{}', '{}', %s)"""

    def __init__(self, registry, asynchronous=True):
        self.db = registry.cluster.connect(registry.name)
        self.db.autocommit = False
        self.cur = self.db.cursor()
        if asynchronous:
            # As resolve may be set: changes must be safe all the same.
            self.ask("set synchronous_commit = off")
            self.db.commit()

    def ask(self, sql, *args):
        self.cur.execute(sql, args or None)
        return self.cur.fetchall() if self.cur.description else []

    def begin(self):
        return self.ask("select sheaf.change_begin()")[0][0]

    def write(self, at, *changes):
        """changes: (entry, op) or (entry, op, related)"""
        self.ask("select sheaf.change_write(%s::uuid[], %s, %s, %s)", [c[0] for c in changes], [c[1] for c in changes],
                 ["{%s}" % ",".join(c[2]) if len(c) > 2 else None for c in changes], at)

    def keep(self, at, entries):
        self.ask("""select sheaf.history_keep((select array_agg(entry_no) from sheaf.composed
            where entry_id = any(%s::uuid[])), %s)""", entries, at)

    def say(self, entry, title, origins='{"title": 1}', commit=True):
        """An entry is new, or says something else."""
        at = self.begin()
        self.keep(at, [entry])
        if not self.ask("update sheaf.composed set title = %s, updated_at = %s where entry_id = %s returning 1", title, at, entry):
            self.ask(self.COLUMNS, entry, at, title, origins)
            self.ask("""insert into sheaf.entry values (%s, 'live', 1, now(), now())
                on conflict (entry_id) do update set state = 'live', changed_at = now()""", entry)
        self.write(at, (entry, "upsert"))
        if commit:
            self.db.commit()

    def drop(self, entry, op="delete", *related, commit=True):
        at = self.begin()
        self.keep(at, [entry])
        self.ask("delete from sheaf.composed where entry_id = %s", entry)
        self.ask("update sheaf.entry set state = %s, changed_at = now() where entry_id = %s",
                 {"delete": "gone", "merge": "merged", "split": "split"}[op], entry)
        self.write(at, (entry, op, related) if related else (entry, op))
        if commit:
            self.db.commit()

    def close(self):
        self.db.close()


@pytest.fixture
def composer(schema):
    c = Composer(schema)
    yield c
    c.close()


def new_id():
    return str(uuid.uuid4())


class Reader(threading.Thread):
    """Polls "greater than what I saw" until told to stop, then to the end."""

    def __init__(self, registry):
        super().__init__(daemon=True)
        self.registry, self.seen, self.ending = registry, [], False
        self.start()

    def run(self):
        while True:
            ending = False
            with contextlib.suppress(*LOST):
                db = self.registry.cluster.connect(self.registry.name)
                with contextlib.closing(db), db.cursor() as c:
                    while not ending:
                        ending = self.ending
                        got = 1
                        while got:
                            c.execute(CHANGES.replace("order", "where seq > %s order") + " limit 7",
                                      (self.seen[-1][0] if self.seen else 0,))
                            got = c.fetchall()
                            self.seen += got
                    return
            time.sleep(0.02)

    def end(self):
        self.ending = True
        self.join(60)
        assert not self.is_alive()
        return self.seen


def scribble(registry, seed, stop, said):
    """Changes of entries of its own, some given up; notes what was committed."""
    rng = random.Random(seed)
    mine = [new_id() for _ in range(20)]
    while not stop.is_set():
        try:
            c = Composer(registry)
            with contextlib.closing(c):
                while not stop.is_set():
                    entry, title = rng.choice(mine), "%d %d" % (seed, rng.randrange(10 ** 9))
                    gone = rng.random() < 0.2 and said.get(entry) is not None
                    said[entry, "next"] = None if gone else title
                    if gone:
                        c.drop(entry, commit=False)
                    else:
                        c.say(entry, title, commit=False)
                    time.sleep(rng.random() * 0.003)
                    if rng.random() < 0.2:
                        c.db.rollback()
                        continue
                    c.db.commit()
                    said[entry] = said[entry, "next"]
        except LOST:
            # Whether the last one was committed is not known: what is there tells.
            def there():
                return {e: t for e, t in registry.query(
                    "select entry_id::text, title from sheaf.composed where entry_id = any(%s::uuid[])", mine)}
            for _ in range(200):
                with contextlib.suppress(psycopg2.Error):
                    now = there()
                    break
                time.sleep(0.05)
            for e in mine:
                if now.get(e) != said.get(e):
                    assert e == entry and now.get(e) == said[e, "next"], "a committed change is lost"
                    said[e] = now.get(e)


def test_no_reader_misses_a_change(schema):
    stop, said = threading.Event(), [{} for _ in range(4)]
    readers = [Reader(schema) for _ in range(3)]
    writers = [threading.Thread(target=scribble, daemon=True, args=(schema, n, stop, said[n])) for n in range(4)]
    for w in writers:
        w.start()
    time.sleep(4)
    stop.set()
    for w in writers:
        w.join(60)
    rows = schema.query(CHANGES)
    assert len(rows) > 100 and [r[0] for r in rows] == list(range(1, len(rows) + 1))
    for r in readers:
        assert r.end() == rows
    assert schema.value("select registry.change_head()") == len(rows)
    times = [t for t, in schema.query("select at from registry.change order by seq")]
    assert times == sorted(times)
    check_copied(schema, said)


def check_copied(registry, said):
    want = {e: t for s in said for e, t in s.items() if isinstance(e, str) and t is not None}
    assert dict(registry.query("select entry_id::text, title from sheaf.composed")) == want


def test_a_change_that_was_seen_survives_a_crash(room):
    """With settings that lose what is not waited for."""
    cluster = Cluster(os.path.join(room, "pg-crash"), "shared_buffers=64MB\nsynchronous_commit=off\nwal_writer_delay=10s\n"
                      "wal_writer_flush_after=0\nwal_buffers=8MB\n")
    registry = Registry(cluster)
    try:
        Daemon(room, "connection = %s" % registry.connection).init()
        stop, said = threading.Event(), [{} for _ in range(3)]
        readers = [Reader(registry) for _ in range(2)]
        writers = [threading.Thread(target=scribble, daemon=True, args=(registry, n, stop, said[n])) for n in range(3)]
        for w in writers:
            w.start()
        for _ in range(4):
            time.sleep(1)
            cluster.stop("immediate")
            cluster.start()
        time.sleep(0.5)
        stop.set()
        for w in writers:
            w.join(60)
        rows = registry.query(CHANGES)
        for r in readers:
            assert r.end() == rows
        assert [r[0] for r in rows] == list(range(1, len(rows) + 1))
        check_copied(registry, said)
    finally:
        cluster.stop("immediate")


def test_time_and_numbers_go_forwards(schema, composer):
    a = new_id()
    composer.say(a, "one")
    schema.query("update sheaf.change_number set at = now() + interval '1 hour'")
    composer.say(a, "two")
    composer.say(a, "three")
    times = [t for t, in schema.query("select at from registry.change order by seq")]
    assert times[1] < times[2] and schema.value("select min(at) > now() + interval '59 min' from registry.change where seq > 1")
    # Numbers without the turn are refused.
    with pytest.raises(psycopg2.errors.RaiseException, match="change_begin"):
        composer.ask("select sheaf.change_write(array[%s]::uuid[], '{upsert}', '{null}', now())", a)
    composer.db.rollback()
    with pytest.raises(psycopg2.errors.CheckViolation):
        composer.write(composer.begin(), (a, "upset"))
    composer.db.rollback()
    assert schema.value("select registry.change_head()") == 3


def test_a_portal_may_read_and_nothing_else(schema, composer):
    composer.say(new_id(), "one")
    portal = schema.cluster.connect(schema.name, "sheaf_reader")
    with contextlib.closing(portal), portal.cursor() as c:
        c.execute("listen sheaf_change")
        c.execute("select registry.change_head(), registry.change_floor()")
        assert c.fetchall() == [(1, 0)]
        c.execute("select * from registry.changes(0)")
        assert len(c.fetchall()) == 1
        for hostile in ("-1", None, str(-2 ** 63)):
            with pytest.raises(psycopg2.errors.InvalidParameterValue):
                c.execute("select * from registry.changes(%s::bigint)", (hostile,))
        for rows in (None, -5, 0, 2 ** 31 - 1):
            c.execute("select * from registry.changes(0, %s::integer)", (rows,))
            assert len(c.fetchall()) == 1
        with pytest.raises(psycopg2.Error) as e:
            c.execute("select * from registry.changes(2)")
        assert e.value.pgcode == "SF002"
        for call in ("change_begin()", "change_restart()", "history_keep('{1}', now())", "sweep_changes(1, 1, 1)"):
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                c.execute("select sheaf.%s" % call)
        composer.say(new_id(), "two")
        wait_for(lambda: portal.poll() or portal.notifies)
        assert portal.notifies[-1].payload == "2"


# --- retention ---
def age(registry, where, days):
    """Makes changes and versions older; entries with them."""
    shift = "- interval '%d days'" % days
    registry.query("update sheaf.composed set updated_at = updated_at %s where updated_at in (select at from sheaf.change where %s)"
                   % (shift, where))
    registry.query("update sheaf.change set at = at %s where %s" % (shift, where))


def sweep(registry, change=90, history=730, bound=10000):
    while registry.value("select sheaf.sweep_changes(%s, %s, %s)", change, history, bound) >= bound:
        pass


def copy_of(feed, registry):
    """What a reader has who had nothing and reads a feed to its end: of each
    entry the last that the feed makes it look at."""
    there = dict(registry.query("select entry_id::text, title from sheaf.composed"))
    return {e: there[e] for _, e, _ in feed if e in there}


def test_retention(schema, composer):
    a, b, c, d = (new_id() for _ in range(4))
    for e in (a, b, c, d):
        composer.say(e, "first")
    composer.drop(c)
    composer.drop(d, "merge", a)
    composer.say(a, "second")
    composer.say(b, "second")
    composer.say(c, "back")
    composer.drop(c)
    everything = schema.query(CHANGES)
    assert len(everything) == 10

    # All is young: nothing goes.
    sweep(schema)
    assert schema.query(CHANGES) == everything

    # Of some age, what is superseded goes, in small steps too, and a reader
    # from anywhere still finds all that is new to him.
    age(schema, "seq <= 9", 10)
    sweep(schema, bound=2)
    kept = [s for s, _, _ in schema.query(CHANGES)]
    assert kept == [6, 7, 8, 10]
    assert schema.value("select registry.change_floor()") == 0
    assert copy_of(schema.query("select seq, entry_id::text, op from registry.changes(0)"), schema) == {a: "second", b: "second"}
    # c's end is told by the later of its two ends.
    composer.say(a, "third")
    assert [s for s, in schema.query("select seq from registry.changes(5)")] == [6, 7, 8, 10, 11]

    # Older still, changes go in their order, but those that ended an entry.
    age(schema, "seq <= 10", 100)
    sweep(schema, bound=3)
    assert [s for s, _, _ in schema.query(CHANGES)] == [6, 10, 11]
    assert schema.value("select registry.change_floor()") == 10
    assert [s for s, in schema.query("select seq from registry.changes(10)")] == [11]
    with pytest.raises(psycopg2.Error, match="after 9 are no longer all there: the least position to go on from is 10") as e:
        schema.query("select * from registry.changes(9)")
    assert e.value.pgcode == "SF001" and "change_head" in e.value.diag.message_hint
    assert {e for e, in schema.query("select entry_id::text from registry.tombstone")} == {c}

    # For ever is for ever.
    age(schema, "true", 1000)
    sweep(schema, change=0)
    assert schema.value("select registry.change_floor()") == 10
    sweep(schema)
    assert schema.value("select registry.change_floor()") == 11
    assert schema.value("select count(*) from registry.changes(11)") == 0


def test_the_daemon_sweeps_what_is_to_be_swept(registry, server, daemon):
    repo = server.mount(Repository("r", records(5)))
    d = daemon(source("r", repo, max_change="100 %"), run_retention="0", change_retention="30d")
    d.once()
    repo.put(Record(repo.records[0].identifier, iso(time.time()), dc(title="Something else")))
    d.once()
    before = len(registry.query(CHANGES))
    assert before > 5
    age(registry, "true", 10)
    registry.query("update sheaf.run set closed_at = closed_at - interval '1000 days'")
    runs = registry.value("select count(*) from sheaf.run")
    d.once()
    assert len(registry.query(CHANGES)) == 5 and registry.value("select registry.change_floor()") == 0
    # 0 is for ever.
    assert registry.value("select count(*) from sheaf.run") == runs + 1
    age(registry, "true", 30)
    d.once()
    assert registry.query(CHANGES) == [] and registry.value("select registry.change_floor()") == before


def test_superseded_at_the_same_time_is_not_superseded(schema, composer):
    """Two changes of one transaction, and one that is a split besides."""
    a, b = new_id(), new_id()
    composer.say(a, "one")
    composer.say(b, "one", commit=False)
    at = composer.ask("select updated_at from sheaf.composed where entry_id = %s", b)[0][0]
    composer.write(at, (a, "split", [b]))
    composer.db.commit()
    age(schema, "true", 10)
    sweep(schema)
    assert [(e, op) for _, e, op in schema.query(CHANGES)] == [(a, "upsert"), (b, "upsert"), (a, "split")]


def test_a_restored_registry_makes_readers_copy_anew(schema, composer):
    composer.say(new_id(), "one")
    floor = schema.value("select sheaf.change_restart(1000)")
    assert floor == 1001 == schema.value("select registry.change_head()")
    for lost in (1, 500, 1000):
        with pytest.raises(psycopg2.Error) as e:
            schema.query("select * from registry.changes(%s)", lost)
        assert e.value.pgcode == "SF001"
    composer.say(new_id(), "two")
    assert [s for s, in schema.query("select seq from registry.changes(1001)")] == [1002]


def test_many_changes_are_read_by_their_key(schema):
    schema.query("""insert into sheaf.change (seq, at, entry_id, op)
        select n, now(), gen_random_uuid(), 'upsert' from generate_series(1, 200000) n""")
    schema.query("update sheaf.change_number set seq = 200000")
    schema.query("analyze sheaf.change")
    plan = "\n".join(r for r, in schema.query("explain select * from registry.change where seq > 100000 order by seq limit 1000"))
    assert "Index Scan using change_pkey" in plan and "Sort" not in plan
    rows = schema.query("select seq from registry.changes(100000, 1000)")
    assert [r for r, in rows] == list(range(100001, 101001))


# --- history ---
def history(registry, entry):
    return registry.query("""select event, field, before #>> '{}', after #>> '{}', related::text[], decided_by, reason
        from registry.history(%s) order by at, field""", entry)


def test_history(schema, composer):
    a, b, c = new_id(), new_id(), new_id()
    composer.say(a, "one")
    composer.say(a, "two")
    composer.say(a, "two")
    composer.say(b, "other")
    composer.drop(a, "merge", b)
    schema.query("insert into sheaf.forward values (%s, %s, 'merged')", a, b)
    told = history(schema, a)
    assert told[0][0] == "made"
    assert told[1][:4] == ("changed", "title", "one", "two")
    # Something beside the fields changed.
    assert told[2][:4] == ("changed", None, None, None)
    last = {f: before for event, f, before, after, *_ in told if event == "gone" and after is None}
    assert last["title"] == "two" and last["kind"] == "publication"
    assert told[-1][0] == "merged" and told[-1][4] == [b] and told[-1][5] == "resolve"
    assert [r[0] for r in history(schema, b)] == ["made", "took in"]
    assert history(schema, c) == []
    # What stands is as small as what changed.
    assert schema.query("select said from sheaf.history where not is_whole order by until") == [({"title": "one"},), ({},)]
    # It came back and says something else.
    composer.say(a, "three")
    composer.say(a, "four")
    assert ("changed", "title", "three", "four") in [r[:4] for r in history(schema, a)]


def test_history_has_bounds(schema, composer):
    a, b = new_id(), new_id()
    for n in range(130):
        composer.say(a, "title %d" % n)
    composer.say(b, "one")
    composer.say(b, "two")
    assert 100 <= schema.value("select count(*) from sheaf.history where entry_id = %s", a) <= 101
    assert [r[:4] for r in history(schema, a)][-1] == ("changed", "title", "title 128", "title 129")
    schema.query("update sheaf.history set until = until - interval '1000 days' where entry_id = %s", a)
    sweep(schema, history=0)
    assert schema.value("select count(*) from sheaf.history") > 100
    sweep(schema, history=730, bound=30)
    assert schema.query("select entry_id::text from sheaf.history") == [(b,)]


def test_what_is_hidden_or_purged_is_not_told(schema, composer):
    schema.query("insert into sheaf.agency (code, name) values ('t', 'T')")
    a = new_id()
    for n in (1, 2):
        schema.query("""insert into sheaf.record (record_id, source_id, first_seen, harvested_at, changed_at, added_run, status,
            identifier, sets) values (%s, 1, now(), now(), now(), 1, 'active', %s, '{}')""", n, str(n))
        schema.query("insert into sheaf.member values (%s, %s, true)", n, a)
    composer.say(a, "secret", '{"title": 1, "kind": 2}')
    composer.say(a, "open", '{"title": 2}')
    assert [r[:4] for r in history(schema, a)][1] == ("changed", "title", "secret", "open")
    schema.query("update sheaf.record set status = 'hidden' where record_id = 1")
    assert [r[2] for r in history(schema, a)][1] is None
    schema.query("update sheaf.record set status = 'active' where record_id = 1")
    assert [r[2] for r in history(schema, a)][1] == "secret"
    # Purged, it is not even there.
    schema.query("update sheaf.record set status = 'purged' where record_id = 1")
    assert schema.query("select 1 from sheaf.history") == []
    schema.query("""insert into sheaf.decision (kind, source_a, identifier_a, author, reason)
        values ('purge', 's', '1', 'me', 'asked for')""")
    composer.say(a, "later")
    assert "secret" not in str(schema.query("select * from sheaf.history"))
