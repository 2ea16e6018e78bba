"""sheaf-store alone, with a real PostgreSQL: store_driver plays sheafd and the
parser, message by message."""

import json
import os
import queue
import signal
import subprocess
import threading

import psycopg2
import pytest

from nouns import BUILD, environment, wait_for

DRIVER = os.path.join(BUILD, "tests", "integration", "store_driver")


def record(identifier, title="t", datestamp="2024-05-01", sets="", flags=""):
    return "\t".join(("r", identifier, datestamp, sets, flags, title))


def records(n, title="t", first=0, **kw):
    return [record("id:%d" % i, "%s %d" % (title, i), **kw) for i in range(first, first + n)]


class Store:
    """A running sheaf-store, and what sheafd would say to it."""

    def __init__(self, room, connection, node="node-a", lease_ms=60000):
        env = dict(environment(room), SHEAF_LOG_LEVEL="debug")
        program = os.path.join(room, "libexec", "sheaf-store")
        self.process = subprocess.Popen(
            [DRIVER, program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env, text=True
        )
        self.messages = queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()
        self.pid = self.expect("PID")["pid"]
        self.page = 0
        # With the role that init made for it, and no more rights.
        self.say("setup", connection, node, "sheaf_store", lease_ms)
        self.expect("STORE_READY")

    def read(self):
        for line in self.process.stdout:
            self.messages.put(json.loads(line))

    def say(self, *words):
        self.process.stdin.write("\t".join(str(w) for w in words) + "\n")
        self.process.stdin.flush()

    def expect(self, *names, timeout=20):
        got = self.messages.get(timeout=timeout)
        assert got["msg"] in names, got
        return got

    def configure(self, *sources, agency="a"):
        self.say("agency", agency)
        for s in sources:
            s, _, url = s.partition("@")
            name, _, was = s.partition("<")
            self.say("source", name, agency, url or "http://host", was)
        self.say("end")
        states = {}
        while True:
            m = self.expect("SOURCE_STATE", "SOURCES_READY")
            if m["msg"] == "SOURCES_READY":
                return states
            states[m["name"]] = m

    def open(self, source_id, mode="incremental", max_change=0.5, max_delete=0.1):
        self.say("open", source_id, mode, max_change, max_delete)
        return self.expect("RUN_OPENED", "RUN_REFUSED")

    def tell(self, run, page_no, lines, verb="ListRecords", wanted="", cut=False, epoch=None):
        self.page += 1
        epoch = run["epoch"] if epoch is None else epoch
        self.say("page", self.page, run["run_id"], epoch, page_no, verb, wanted, *(["cut"] if cut else []))
        for line in lines:
            self.say(line)
        self.say(".")
        return self.page

    def store(self, run, page_no, lines, advertised=-1, **kw):
        page = self.tell(run, page_no, lines, **kw)
        assert self.expect("PAGE_FACTS")["page"] == page
        self.say("commit", page, "page=%d" % page_no, advertised)
        return self.expect("PAGE_DONE", "PAGE_FAILED")

    def close(self, run, completed=True, complete_list=False, max_change=0.5, max_delete=0.1,
              grace_ms=0, advertised=-1, checkpoints="", err_class=0, text="", quirks=""):
        self.say("close", run["run_id"], int(completed), int(complete_list), max_change, max_delete,
                 grace_ms, advertised, checkpoints, err_class, text, quirks)
        return self.expect("RUN_CLOSED")

    def act(self, source, act, reason=""):
        self.say("act", source, act, reason)
        return self.expect("SOURCE_ACTED")

    def harvest(self, source_id, lines, mode="incremental", **kw):
        run = self.open(source_id, mode)
        self.store(run, run["page_no"] + 1, lines)
        return self.close(run, **kw)

    def stop(self):
        self.process.stdin.close()
        self.process.wait(10)


@pytest.fixture
def database(registry):
    subprocess.run([DRIVER, "init", registry.connection], check=True,
                   env=dict(os.environ, SHEAF_SQL_DIR=os.path.join(os.path.dirname(__file__), "../../sql")))
    return registry


@pytest.fixture
def make(room, database):
    made = []

    def new(**kw):
        made.append(Store(room, database.connection, **kw))
        return made[-1]

    yield new
    for s in made:
        s.stop()


@pytest.fixture
def store(make):
    return make()


@pytest.fixture
def source(store):
    return store.configure("s")["s"]["source_id"]


def counts(m):
    return {k: m[k] for k in ("added", "changed", "touched", "unchanged", "deleted", "rejected") if m[k]}


def statuses(database):
    return dict(database.query("select status, count(*) from sheaf.record group by 1"))


def test_init_again_changes_nothing(database):
    before = database.query("select * from sheaf.schema_version order by 1")
    subprocess.run([DRIVER, "init", database.connection], check=True,
                   env=dict(os.environ, SHEAF_SQL_DIR=os.path.join(os.path.dirname(__file__), "../../sql")))
    assert database.query("select * from sheaf.schema_version order by 1") == before


def test_everything_has_a_comment(database):
    assert database.query("""
        select c.oid::regclass, a.attname
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
            and c.relkind in ('r', 'v')
        where n.nspname in ('sheaf', 'registry')
        and c.relkind in ('r', 'v')
        and (obj_description(c.oid) is null or col_description(c.oid, a.attnum) is null)
        union all
        select null, p.oid::regprocedure::text
        from pg_proc p
        join pg_namespace n on n.oid = p.pronamespace
        where n.nspname in ('sheaf', 'registry')
        and obj_description(p.oid) is null""") == []


def test_roles_may_do_what_they_need(database, cluster):
    database.query("insert into sheaf.agency (code, name) values ('x', 'x')")
    c = cluster.connect(database.name, "sheaf_reader")
    c.cursor().execute("select * from registry.record")
    with pytest.raises(psycopg2.Error):
        c.cursor().execute("delete from sheaf.record")
    c = cluster.connect(database.name, "sheaf_serve")
    c.cursor().execute("select registry.raw(1)")
    with pytest.raises(psycopg2.Error):
        c.cursor().execute("select * from sheaf.record")


def test_the_kinds_of_record(store, source, database):
    run = store.open(source)
    assert run["mode"] == "incremental" and not run["resumed"] and run["page_no"] == 0
    done = store.store(run, 1, records(10) + [record("gone", flags="d")])
    assert counts(done) == {"added": 10, "deleted": 1}
    closed = store.close(run, checkpoints="|2024-05-02")
    assert closed["outcome"] == "ok" and closed["active"] == 10 and closed["received"] == 11

    run = store.open(source)
    assert run["checkpoints"] == "\t2024-05-02" and run["active"] == 10
    done = store.store(run, 1, [
        record("id:0", "t 0"),
        record("id:1", "t 1", datestamp="2024-06-01"),
        record("id:2", "t 2", sets="x"),
        record("id:3", "other"),
        record("id:4", datestamp="2024-06-01", flags="d"),
        record("new"),
        record("gone", flags="d"),
    ])
    assert counts(done) == {"added": 1, "changed": 1, "touched": 2, "unchanged": 2, "deleted": 1}
    # New ones flow at once, what changes waits for the close.
    assert statuses(database) == {"active": 11, "deleted": 1}
    assert database.value("select title from registry.record where identifier = 'id:3'") == "t 3"
    closed = store.close(run)
    assert closed["outcome"] == "ok" and closed["active"] == 10
    assert statuses(database) == {"active": 10, "deleted": 2}
    assert database.value("select title from registry.record where identifier = 'id:3'") == "other"
    assert database.value("select sets from registry.record where identifier = 'id:2'") == ["x"]
    assert database.value("select datestamp_given from registry.record where identifier = 'id:1'") == "2024-06-01"
    assert database.value("select count(*) from sheaf.pending") == 0


def test_unchanged_writes_nothing(store, source, database):
    store.harvest(source, records(50))
    before = database.query("select xmin::text, ctid::text, * from sheaf.record order by record_id")
    closed = store.harvest(source, records(50))
    assert closed["unchanged"] == 50 and closed["outcome"] == "ok"
    assert database.query("select xmin::text, ctid::text, * from sheaf.record order by record_id") == before
    assert database.value("select count(*) from sheaf.block") == 1


def test_comes_back(store, source, database):
    store.harvest(source, records(10) + [record("x")])
    store.harvest(source, [record("x", flags="d")])
    assert statuses(database) == {"active": 10, "deleted": 1}
    closed = store.harvest(source, [record("x", datestamp="2025-01-01")])
    assert closed["changed"] == 1 and closed["active"] == 11
    assert statuses(database) == {"active": 11}
    assert database.value("select registry.raw(record_id) from registry.record where identifier = 'x'")


def test_same_identifier_twice(store, source, database):
    run = store.open(source)
    done = store.store(run, 1, [
        record("x", "old", datestamp="2024-01-01"),
        record("x", "new", datestamp="2024-03-01"),
        record("x", "older", datestamp="2023-01-01"),
    ])
    assert counts(done) == {"added": 1, "unchanged": 2}
    done = store.store(run, 2, [record("x", "newest", datestamp="2024-04-01")])
    assert counts(done) == {"changed": 1}
    # A first run has nothing to lose: its changes do not wait.
    assert database.query("select title from registry.record") == [("newest",)]
    assert store.close(run)["active"] == 1


def test_raw(store, source, database):
    run = store.open(source)
    store.store(run, 1, [record("a", "A é"), record("b", "B", flags="e")])
    raw = dict(database.query("select identifier, registry.raw(record_id) from registry.record"))
    assert raw["a"] == (
        '<record xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns="http://example.org/r">'
        "<dc:title>A é</dc:title></record>"
    )
    assert raw["b"] == '<mended xmlns:dc="http://purl.org/dc/elements/1.1/">B</mended>'
    # The bytes of the page that had to be mended are kept whole.
    whole = bytes(database.value("select data from sheaf.block where whole"))
    assert whole.decode().startswith('<record xmlns="http://example.org/r"><dc:title>A é')


def test_rejects(store, source, database):
    for n in (1, 2):
        closed = store.harvest(source, records(3) + ["x\tbad\tno end tag", "x\t\tno identifier"])
        assert closed["outcome"] == "partial" and closed["rejected"] == 2 and closed["received"] == 5
    rows = database.query("select identifier, reason, raw, times from sheaf.quarantine order by 1")
    assert [(i, r, bytes(b), t) for i, r, b, t in rows] == [
        ("bad", "no end tag", b"<broken>no end tag", 2),
        (None, "no identifier", b"<broken>no identifier", 2),
    ]


def test_header_pages_and_wants(store, source, database):
    store.harvest(source, records(6))
    run = store.open(source, "compare")
    done = store.store(run, 1, verb="ListIdentifiers", lines=[
        record("id:0", flags="h"),
        record("id:1", datestamp="2024-07-01", flags="h"),
        record("id:9", flags="h"),
        record("id:8", flags="h"),
        record("id:2", datestamp="2024-07-01", flags="hd"),
    ])
    assert done["wanted"] == 3 and done["unchanged"] == 1 and done["deleted"] == 1
    store.say("want", run["run_id"], 2)
    assert store.expect("WANTED")["identifiers"] == "id:1\nid:8"
    store.say("want", run["run_id"], 2, "id:8")
    assert store.expect("WANTED")["identifiers"] == "id:9"
    done = store.store(run, 2, [record("id:1", "other", datestamp="2024-07-01")], verb="GetRecord", wanted="id:1")
    assert done["changed"] == 1
    assert store.store(run, 3, [], verb="GetRecord", wanted="id:8")["msg"] == "PAGE_DONE"
    store.store(run, 4, [record("id:9", "nine")], verb="GetRecord", wanted="id:9")
    store.say("want", run["run_id"], 2)
    assert store.expect("WANTED")["identifiers"] == ""
    closed = store.close(run, complete_list=True, grace_ms=3600000)
    assert closed["outcome"] == "ok" and closed["missing"] == 3 and closed["received"] == 5
    assert statuses(database) == {"active": 3, "missing": 3, "deleted": 1}


def test_missing_then_deleted_then_back(store, source, database):
    store.harvest(source, records(20))
    closed = store.harvest(source, records(19), "full", complete_list=True, grace_ms=3600000)
    assert closed["missing"] == 1 and closed["active"] == 20
    assert statuses(database) == {"active": 19, "missing": 1}
    # Seen again: the mark goes.
    closed = store.harvest(source, records(20), "full", complete_list=True, grace_ms=3600000)
    assert closed["touched"] == 1 and statuses(database) == {"active": 20}
    store.harvest(source, records(19), "full", complete_list=True, grace_ms=3600000)
    # And gone for longer than the grace period.
    database.query("update sheaf.record set missing_since = missing_since - interval '2 hours' where status = 'missing'")
    closed = store.harvest(source, records(19), "full", complete_list=True, grace_ms=3600000)
    assert closed["deleted"] == 1 and closed["active"] == 19
    assert statuses(database) == {"active": 19, "deleted": 1}
    assert database.value("select count(*) from registry.record where last_seen is null") == 0


def test_rejected_records_are_not_missing(store, source, database):
    store.harvest(source, records(10))
    closed = store.harvest(source, records(9) + ["x\tid:9\tbroken"], "full", complete_list=True)
    assert closed["missing"] == 0 and statuses(database) == {"active": 10}


def test_a_list_that_comes_empty_deletes_nothing(store, source, database):
    store.harvest(source, records(10))
    closed = store.harvest(source, [], "full", complete_list=True, checkpoints="|2030-01-01")
    assert closed["outcome"] == "suspicious" and statuses(database) == {"active": 10}
    assert store.open(source)["checkpoints"] == ""


def test_outcomes(store, source):
    assert store.harvest(source, [], advertised=0)["outcome"] == "ok"
    closed = store.harvest(source, records(50), advertised=100)
    assert closed["outcome"] == "suspicious" and "100" in closed["text"]
    closed = store.harvest(source, records(50), completed=False, err_class=3, text="503 for an hour")
    assert closed["outcome"] == "partial" and closed["text"] == "503 for an hour"
    closed = store.close(store.open(source), completed=False, err_class=1, text="no route to host")
    assert closed["outcome"] == "failed" and closed["text"] == "no route to host"


def hold(store, source):
    store.harvest(source, records(20), checkpoints="|2024-01-01")
    run = store.open(source)
    done = store.store(run, 1, records(6, flags="d") + [record("fresh")])
    assert done["held"]
    closed = store.close(run, completed=False, checkpoints="|2025-01-01")
    assert closed["outcome"] == "held" and "6 of 20" in closed["text"]
    return run


def test_breaker_holds_and_approve_goes_on(store, source, database):
    run = hold(store, source)
    assert statuses(database) == {"active": 21}
    refused = store.open(source)
    assert refused["msg"] == "RUN_REFUSED" and refused["why"] == "held"
    acted = store.act("s", "approve")
    assert acted["ok"] and acted["state"] == "idle"
    assert statuses(database) == {"active": 15, "deleted": 6}
    again = store.open(source)
    assert again["resumed"] and again["run_id"] == run["run_id"] and again["page_no"] == 1
    assert again["state"] == "page=1"
    done = store.store(again, 2, records(3, first=6, flags="d"))
    assert not done["held"]
    closed = store.close(again)
    assert closed["outcome"] == "ok" and closed["active"] == 12 and closed["deleted"] == 9
    assert statuses(database) == {"active": 12, "deleted": 9}
    assert not store.act("s", "approve")["ok"]


def test_reject_restores(store, source, database):
    run = hold(store, source)
    acted = store.act("s", "reject", "they moved house")
    assert acted["ok"] and acted["state"] == "paused" and acted["text"] == "they moved house"
    assert statuses(database) == {"active": 20, "rejected": 1}
    assert database.value("select count(*) from registry.record") == 20
    assert store.open(source)["why"] == "paused"
    assert store.act("s", "resume")["ok"]
    again = store.open(source)
    assert not again["resumed"] and again["run_id"] != run["run_id"]
    assert again["checkpoints"] == "\t2024-01-01" and again["active"] == 20
    # What was rejected with its run is new again.
    done = store.store(again, 1, [record("fresh")])
    assert counts(done) == {"added": 1}
    assert store.close(again)["active"] == 21
    assert statuses(database) == {"active": 21}


def test_additions_never_hold(store, source):
    store.harvest(source, records(5))
    closed = store.harvest(source, records(500, first=5))
    assert closed["outcome"] == "ok" and closed["active"] == 505


def test_would_leave_empty_is_held_at_any_size(store, source, database):
    store.harvest(source, records(2))
    closed = store.harvest(source, records(2, flags="d"))
    assert closed["outcome"] == "held"
    assert statuses(database) == {"active": 2}


def test_few_deletions_pass(store, source, database):
    store.harvest(source, records(10))
    closed = store.harvest(source, records(4, flags="d"))
    assert closed["outcome"] == "ok" and closed["active"] == 6


def test_a_page_commits_only_as_the_next_one(store, source, database):
    run = store.open(source)
    store.store(run, 1, records(5))
    for page_no in (1, 3):
        failed = store.store(run, page_no, records(5, first=100))
        assert failed["msg"] == "PAGE_FAILED" and failed["reopen"]
    # Another epoch: the lease was taken over and we do not know it yet.
    database.query("update sheaf.run set epoch = epoch + 1")
    failed = store.store(run, 2, records(5, first=100))
    assert failed["msg"] == "PAGE_FAILED" and failed["reopen"]
    assert statuses(database) == {"active": 5}
    again = store.open(source)
    assert again["resumed"] and again["page_no"] == 1
    assert store.store(again, 2, records(5, first=100))["added"] == 5


def test_pages_in_order_whatever_the_commits_say(store, source, database):
    run = store.open(source)
    first = store.tell(run, 1, records(5))
    second = store.tell(run, 2, records(5, first=5))
    store.expect("PAGE_FACTS")
    store.expect("PAGE_FACTS")
    store.say("commit", second, "two")
    store.say("commit", first, "one")
    assert [store.expect("PAGE_DONE")["page"] for _ in range(2)] == [first, second]
    assert database.query("select page_no, state, received from sheaf.run") == [(2, "two", 10)]


def test_broken_stream_and_abort(store, source, database):
    run = store.open(source)
    page = store.tell(run, 1, records(5), cut=True)
    failed = store.expect("PAGE_FAILED")
    assert failed["page"] == page and not failed["reopen"]
    page = store.tell(run, 1, records(5))
    store.expect("PAGE_FACTS")
    store.say("abort", page)
    assert store.store(run, 1, records(3))["added"] == 3
    assert statuses(database) == {"active": 3}


def test_a_page_that_cannot_be_stored_costs_itself_only(store, database):
    states = store.configure("s", "t", "u")
    database.query("alter table sheaf.record add constraint no_poison check (identifier <> 'poison')")
    runs = [store.open(states[n]["source_id"]) for n in "stu"]
    pages = [store.tell(r, 1, records(9) + ([record("poison")] if r is runs[1] else [])) for r in runs]
    for _ in pages:
        store.expect("PAGE_FACTS")
    for p in pages:
        store.say("commit", p, "x")
    got = {m["page"]: m for m in (store.expect("PAGE_DONE", "PAGE_FAILED") for _ in pages)}
    assert [got[p]["msg"] for p in pages] == ["PAGE_DONE", "PAGE_FAILED", "PAGE_DONE"]
    assert "no_poison" in got[pages[1]]["text"] and not got[pages[1]]["reopen"]
    assert statuses(database) == {"active": 18}
    # A close that cannot be costs itself only, too.
    database.query("alter table sheaf.run add constraint never check (source_id <> %s or closed_at is null)" %
                   states["t"]["source_id"])
    for r in runs:
        store.say("close", r["run_id"], 1, 0, 0.5, 0.1, 0, -1, "")
    closed = {m["run_id"]: m["outcome"] for m in (store.expect("RUN_CLOSED") for _ in runs)}
    assert [closed[r["run_id"]] for r in runs] == ["ok", "failed", "ok"]


def test_lease(make, database):
    a = make(node="a", lease_ms=600)
    source = a.configure("s", "t")["s"]["source_id"]
    run = a.open(source)
    assert a.open(source + 1)["epoch"] == run["epoch"]
    b = make(node="b")
    b.configure("s", "t")
    refused = b.open(source)
    assert refused["why"] == "leased" and 0 < refused["retry_ms"] <= 800
    # The holder renews it; once it does not any more, the other goes on.
    os.kill(a.pid, signal.SIGSTOP)
    again = wait_for(lambda: (lambda m: m if m["msg"] == "RUN_OPENED" else None)(b.open(source)), every=0.1)
    assert again["run_id"] == run["run_id"] and again["epoch"] == run["epoch"] + 1 and again["resumed"]
    os.kill(a.pid, signal.SIGCONT)
    lost = {a.expect("LEASE_LOST", timeout=5)["run_id"] for _ in range(2)}
    assert run["run_id"] in lost
    assert b.store(again, 1, records(3))["added"] == 3


def test_own_lease_is_taken_at_once(make):
    a = make(node="a")
    source = a.configure("s")["s"]["source_id"]
    run = a.open(source)
    os.kill(a.pid, signal.SIGKILL)
    b = make(node="a")
    b.configure("s")
    again = b.open(source)
    assert again["resumed"] and again["epoch"] == run["epoch"] + 1


def test_backend_killed(store, source, database):
    run = store.open(source)
    store.store(run, 1, records(100))
    page = store.tell(run, 2, records(100, first=100))
    store.expect("PAGE_FACTS")
    database.query("select pg_terminate_backend(pid) from pg_stat_activity "
                   "where application_name = 'sheaf' and pid <> pg_backend_pid()")
    down = store.expect("STORE_DOWN")
    assert down["retry_ms"] < 1000 and "PostgreSQL" in down["text"]
    store.say("commit", page, "lost")
    store.expect("STORE_READY")
    assert store.configure("s")["s"]["open_run"]
    again = store.open(source)
    assert again["resumed"] and again["page_no"] == 1 and again["received"] == 100
    assert store.store(again, 2, records(100, first=100))["added"] == 100
    assert store.close(again)["active"] == 200


def test_store_killed_between_pages(make, database):
    a = make()
    source = a.configure("s")["s"]["source_id"]
    run = a.open(source)
    for n in range(5):
        a.store(run, n + 1, records(10, first=10 * n))
    os.kill(a.pid, signal.SIGKILL)
    b = make()
    b.configure("s")
    again = b.open(source)
    assert again["page_no"] == 5 and again["received"] == 50 and again["state"] == "page=5"


def test_big_page_of_rejects(store, source, database):
    run = store.open(source)
    page = store.tell(run, 1, ["x\tbad:%d\t%s" % (i, "no end tag " * 200) for i in range(6000)] + [record("good")])
    store.expect("PAGE_FACTS", timeout=60)
    store.say("commit", page, "page=1", -1)
    done = store.expect("PAGE_DONE", "PAGE_FAILED", timeout=60)
    assert counts(done) == {"added": 1, "rejected": 6000}
    assert database.value("select count(*) from sheaf.quarantine where length(raw) > 2000") == 6000


def test_big_page(store, source, database):
    run = store.open(source)
    store.store(run, 1, records(10))
    page = store.tell(run, 2, ["fill\t12000\tbig\t1000\t1"])
    assert store.expect("PAGE_FACTS", timeout=60)["page"] == page
    assert database.value("select count(*) from registry.record") == 10
    store.say("commit", page, "two")
    done = store.expect("PAGE_DONE", timeout=60)
    assert done["added"] == 12000
    assert database.value("select count(*) from registry.record where title like 'big%'") == 12000
    assert database.value("select cardinality(record_ids) from sheaf.page where page_no = 2") == 12000
    assert database.value("select count(*) from registry.record where registry.raw(record_id) like '%' || title || '%'") == 12010
    # Once more, with an end that does not come: nothing of it stays.
    page = store.tell(run, 3, ["fill\t12000\tother\t1000\t1"], cut=True)
    assert store.expect("PAGE_FAILED", timeout=60)["page"] == page
    page = store.tell(run, 3, ["fill\t12000\tother\t1000\t1"])
    store.expect("PAGE_FACTS", timeout=60)
    store.say("abort", page)
    assert store.store(run, 3, records(10, first=10))["added"] == 10
    assert database.value("select count(*) from sheaf.record") == 12020
    assert store.close(run)["active"] == 12020


def test_many_sources_share_transactions(store, database):
    names = ["s%d" % i for i in range(60)]
    states = store.configure(*names)
    runs = [store.open(states[n]["source_id"]) for n in names]
    pages = [store.tell(r, 1, records(20)) for r in runs]
    for _ in pages:
        store.expect("PAGE_FACTS")
    for p in pages:
        store.say("commit", p, "x")
    assert sum(store.expect("PAGE_DONE")["added"] for _ in pages) == 1200
    for r in runs:
        store.say("close", r["run_id"], 1, 0, 0.5, 0.1, 0, -1, "")
    assert {store.expect("RUN_CLOSED")["outcome"] for _ in runs} == {"ok"}
    assert database.value("select count(*) from registry.source_status where outcome = 'ok' and active = 20") == 60


def test_configuration(store, database):
    states = store.configure("one", "two")
    store.harvest(states["one"]["source_id"], records(5))
    states = store.configure("uno<one")
    assert list(states) == ["uno"]
    assert database.query("select source, state from registry.source_status order by 1") == [
        ("two", "frozen"), ("uno", "idle")]
    assert database.value("select count(*) from registry.record where source = 'uno'") == 5


def test_pause_resume_retire(store, source, database):
    store.harvest(source, records(5), checkpoints="\t2026-01-01")
    assert store.act("s", "pause", "maintenance")["state"] == "paused"
    assert store.open(source)["text"] == "maintenance"
    assert store.act("s", "resume")["state"] == "idle"
    assert not store.act("s", "resume")["ok"]
    assert not store.act("nobody", "pause")["ok"]
    assert not store.act("s", "retire")["ok"]  # while it is configured
    assert statuses(database) == {"active": 5}
    store.configure("other")
    assert store.act("s", "retire")["ok"]
    assert store.open(source)["why"] == "retired"
    assert statuses(database) == {"deleted": 5}
    refused = store.act("s", "resume")
    assert not refused["ok"] and "put it back into the configuration" in refused["text"]
    # Whoever configures it again wants its records again, all of them.
    numbers = database.query("select identifier, record_id from sheaf.record order by 1")
    back = store.configure("s", "other")["s"]
    assert back["state"] == "idle"
    run = store.open(source)
    assert run["checkpoints"] == ""
    store.store(run, 1, records(5))
    assert store.close(run)["outcome"] == "ok"
    assert statuses(database) == {"active": 5}
    assert database.query("select identifier, record_id from sheaf.record order by 1") == numbers


def rejects(n, first=0):
    return ["x\tid:%d\tcannot be read" % i for i in range(first, first + n)]


def test_quarantine_is_limited(store, source, database):
    store.harvest(source, records(20) + rejects(1, first=5), "full", complete_list=True)
    kept = "select count(*), min(last_run) from sheaf.quarantine where identifier is not null"
    assert database.query(kept)[0][0] == 1
    run = store.open(source, "full")
    # More than are kept of one source: the oldest of this very run go, too.
    for page in range(1, 4):
        store.store(run, page, rejects(4000, first=4000 * page))
    assert store.close(run, complete_list=True)["rejected"] == 12000
    assert database.query(kept) == [(10000, run["run_id"])]
    told = database.query("select identifier, times, reason from sheaf.quarantine where identifier is null")
    assert told[0][:2] == (None, 2001) and "dropped" in told[0][2]
    # What the list named and quarantine no longer has is not taken for gone.
    assert database.value("select count(*) from registry.record where status = 'missing'") == 0


def test_quarantine_is_limited_in_bytes(store, source, database):
    store.harvest(source, rejects(3))
    database.query("update sheaf.quarantine set raw = decode(repeat('00', 33554432), 'hex')")
    store.harvest(source, rejects(1, first=9))
    bytes_ = "select sum(octet_length(raw)), count(*) from sheaf.quarantine where identifier is not null"
    total, rows = database.query(bytes_)[0]
    assert total <= 64 << 20 and rows == 2


def test_much_that_was_learned(store, source):
    quirks = "".join("k%d=%s " % (i, os.urandom(20).hex()) for i in range(380))
    assert len(quirks) > 16384
    for _ in range(2):
        store.close(store.open(source), quirks=quirks)
        run = store.open(source)
        assert run["quirks"] == quirks


def test_notes(store, source, database):
    run = store.open(source)
    store.say("note", run["run_id"], "503 from http://example.org")
    wait_for(lambda: database.query("select err_class, err_code, requests from sheaf.run") == [("HTTP", 503, 1)])
    # An error that the run got over does not spoil it.
    store.store(run, 1, records(3))
    assert store.close(run)["outcome"] == "ok"


def test_sweep(store, source, database):
    store.harvest(source, records(40))
    run = store.open(source, max_change=1, max_delete=1)
    store.store(run, 1, records(35, title="other"))
    store.close(run, max_change=1)
    before = dict(database.query("select record_id, registry.raw(record_id) from registry.record"))
    assert database.query("select live, total from sheaf.block order by 1") == [(5, 40), (35, 35)]
    database.query("select sheaf.sweep(30, 30, 100)")
    assert database.query("select live, total from sheaf.block order by 1") == [(5, 5), (35, 35)]
    assert dict(database.query("select record_id, registry.raw(record_id) from registry.record")) == before
    database.query("update sheaf.run set closed_at = closed_at - interval '90 days'")
    assert database.value("select sheaf.sweep(30, 30, 100)") > 0
    assert database.value("select count(*) from sheaf.run") == 1


def test_schema_that_does_not_fit(room, database):
    database.query("update sheaf.schema_version set version = 99 where version = (select max(version) from sheaf.schema_version)")
    with pytest.raises(AssertionError, match="newer Sheaf"):
        Store(room, database.connection)
    database.query("delete from sheaf.schema_version where version = 99")
    with pytest.raises(AssertionError, match="sheafctl init"):
        Store(room, database.connection)


def test_drain(store, source, database):
    run = store.open(source)
    page = store.tell(run, 1, records(50))
    store.expect("PAGE_FACTS")
    store.say("commit", page, "x")
    store.say("drain")
    assert store.expect("PAGE_DONE", "CLOSED")["msg"] == "PAGE_DONE"
    store.expect("CLOSED")
    assert database.value("select expires <= clock_timestamp() from sheaf.host_lease")


def test_rejects_without_a_name_may_be_any_record(store, source, database):
    store.harvest(source, records(10))
    closed = store.harvest(source, records(9) + ["x\t\tnot even a name"], "full", complete_list=True)
    assert closed["outcome"] == "partial" and closed["missing"] == 0
    assert statuses(database) == {"active": 10}


def test_another_url_while_a_run_is_open(store, source, database):
    """What the old list was read to says nothing of the new one."""
    store.harvest(source, records(10), checkpoints="|2024-05-01")
    run = store.open(source)
    store.store(run, 1, records(2, "other"))
    store.configure("s@http://elsewhere")
    assert database.value("select count(*) from sheaf.checkpoint") == 0
    assert store.close(run, checkpoints="|2024-06-01")["outcome"] == "ok"
    assert database.value("select count(*) from sheaf.checkpoint") == 0
    assert database.value("select next_due from sheaf.source") is None
    # One that is open over it begins anew, and then counts.
    run = store.open(source)
    store.store(run, 1, records(3))
    store.configure("s")
    run = store.open(source)
    assert run["resumed"] and run["state"] == "" and run["page_no"] == 1
    store.store(run, 2, records(4))
    assert store.close(run, checkpoints="|2024-07-01")["outcome"] == "ok"
    assert database.query("select resume_from from sheaf.checkpoint") == [("2024-07-01",)]


def test_what_the_next_comparison_counts_from(store, source, database):
    def told():
        return store.configure("s")["s"]["compared_at"]

    store.harvest(source, records(10))
    first = told()
    assert first > 0
    store.harvest(source, records(10))
    assert told() == first
    # A comparison that cannot be had must not keep increments from coming.
    run = store.open(source, "compare")
    store.close(run, completed=False, err_class=3, text="HTTP 500")
    second = told()
    assert second > first
    # But an outage of the network is no try.
    run = store.open(source, "compare")
    store.close(run, completed=False, err_class=1, text="no route")
    assert told() == second


def test_a_record_counts_once_against_the_limits(store, source, database):
    """However often it comes and goes in a run, and only if it was there."""
    store.harvest(source, records(20))
    run = store.open(source)
    store.store(run, 1, records(9, "other") + [record("new:%d" % i) for i in range(9)])
    store.store(run, 2, [record("id:%d" % i, datestamp="2025-01-01", flags="d") for i in range(9)]
                + [record("new:%d" % i, datestamp="2025-01-01", flags="d") for i in range(9)])
    row = "select gained, lost, altered from sheaf.run where closed_at is null"
    assert database.query(row) == [(0, 9, 0)]
    store.store(run, 3, records(9, "again", datestamp="2025-01-02"))
    assert database.query(row) == [(0, 0, 9)]
    closed = store.close(run)
    assert closed["outcome"] == "ok" and closed["active"] == 20
    assert statuses(database) == {"active": 20, "deleted": 9}


def test_settings_of_the_role_do_not_count(make, database, cluster):
    for setting in ("statement_timeout = 500", "lock_timeout = 500", "default_transaction_isolation = 'serializable'"):
        database.query("alter role sheaf_store in database %s set %s" % (database.name, setting))
    store = make()
    sid = store.configure("s")["s"]["source_id"]
    other = cluster.connect(database.name)
    other.autocommit = False
    other.cursor().execute("select from sheaf.source for update")
    threading.Timer(1, other.close).start()
    assert store.harvest(sid, records(50))["outcome"] == "ok"
