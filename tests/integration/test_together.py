"""sheaf-store opens and closes runs together: what one of them is does not
depend on those that it shares a statement with."""

import contextlib

import psycopg2.extras

from nouns import wait_for
from test_store import Store, database, make, record, records, source, store  # noqa: F401


@contextlib.contextmanager
def locked(database, *sources):
    """Sources whose runs can neither be opened nor closed: what is said in
    the meantime gathers behind them."""
    c = database.cluster.connect(database.name)
    c.autocommit = False
    with c.cursor() as cur:
        cur.execute("select from sheaf.source where source_id = any (%s) for update", (list(sources),))
    yield
    c.rollback()
    c.close()


def blocked(database):
    """Some statement waits for a lock"""
    return database.value("select count(*) from pg_stat_activity where wait_event_type = 'Lock'")


def wait_blocked(database):
    wait_for(lambda: blocked(database))


def say_open(store, source_id, mode="incremental"):
    store.say("open", source_id, mode, 0.5, 0.1)


def gather(database, store, source_id, first, others):
    """Says the first, which waits for the source, and all others while it is
    under way; the answers to all."""
    with locked(database, source_id):
        store.say(*first)
        wait_blocked(database)
        for words in others:
            store.say(*words)
        # What another connection answers: all before it was read.
        if first[0] == "open":
            store.say("act", "nobody", "pause", "")
            store.expect("SOURCE_ACTED")
        else:
            say_open(store, 4711)
            store.expect("RUN_REFUSED")
    return [store.messages.get(timeout=20) for _ in range(len(others) + 1)]


def ids(states):
    return [states[k]["source_id"] for k in sorted(states)]


def test_runs_are_opened_by_one_statement(store, database):
    s = ids(store.configure(*["s%02d@http://h%d" % (i, i % 4) for i in range(20)]))
    got = gather(database, store, s[0], ("open", s[0], "incremental", 0.5, 0.1),
                 [("open", i, "incremental", 0.5, 0.1) for i in s[1:]] + [("open", 4711, "full", 0.5, 0.1)])
    opened = {m["source_id"] for m in got if m["msg"] == "RUN_OPENED"}
    refused = [(m["source_id"], m["why"]) for m in got if m["msg"] == "RUN_REFUSED"]
    assert opened == set(s) and refused == [(4711, "unknown")]
    assert len(database.query("select distinct xmin::text from sheaf.run")) == 2
    assert database.value("select count(*) from sheaf.host_lease") == 4


def test_one_that_cannot_be_opened_costs_itself_only(store, database):
    s = ids(store.configure(*["s%02d" % i for i in range(9)]))
    got = gather(database, store, s[0], ("open", s[0], "incremental", 0.5, 0.1),
                 [("open", i, "no such mode" if i == s[5] else "full", 0.5, 0.1) for i in s[1:]])
    refused = [m for m in got if m["msg"] == "RUN_REFUSED"]
    assert [(m["source_id"], m["why"]) for m in refused] == [(s[5], "database")]
    assert "run_mode_check" in refused[0]["text"]
    assert {m["source_id"] for m in got if m["msg"] == "RUN_OPENED"} == set(s) - {s[5]}


def test_the_same_source_twice(store, source, database):
    for _ in range(3):
        say_open(store, source)
    got = [store.expect("RUN_OPENED") for _ in range(3)]
    assert len({m["run_id"] for m in got}) == 1 and [m["resumed"] for m in got] == [False, True, True]


def test_one_that_cannot_be_closed_costs_itself_only(store, database):
    s = ids(store.configure(*["s%02d" % i for i in range(9)]))
    runs = [store.open(i) for i in s]
    for r in runs:
        store.store(r, 1, records(2))
    database.query("""
        create function sheaf.spoil() returns trigger language plpgsql as $$
        begin
            raise exception 'this one is spoilt';
        end $$;
        comment on function sheaf.spoil is 'for a test';
        create trigger spoil before update on sheaf.source for each row when (old.source_id = %d)
            execute function sheaf.spoil()""" % s[5])
    got = gather(database, store, s[0], close_words(runs[0]), [close_words(r) for r in runs[1:]])
    got = {m["source_id"]: m for m in got}
    assert {k: v["outcome"] for k, v in got.items()} == {i: "failed" if i == s[5] else "ok" for i in s}
    assert "this one is spoilt" in got[s[5]]["text"]


def close_words(run, completed=True, complete_list=False, max_delete=0.1, grace_ms=0, advertised=-1,
                checkpoints="", err_class=0, text=""):
    return ("close", run["run_id"], int(completed), int(complete_list), 0.5, max_delete, grace_ms, advertised,
            checkpoints, err_class, text)


def begin(store, sid, database, name):
    """A source in some state, and how its open run is to be closed."""
    if name != "first":
        store.harvest(sid, records(40), "full", complete_list=name != "never compared", checkpoints="|2024-05-01")
    run = store.open(sid, "compare" if name in ("compare", "vanish") else "incremental")
    how = {}

    def page(lines, **kw):
        store.store(run, 1, lines, **kw)

    if name in ("first", "never compared"):
        page(records(5))
        how = {"checkpoints": "|2024-06-01"}
    elif name == "nothing":
        how = {"completed": False, "err_class": 2, "text": "no connection"}
    elif name == "unchanged":
        page(records(40))
    elif name == "changes":
        page(records(3, title="other") + records(2, first=100))
        how = {"checkpoints": "|2024-06-01"}
    elif name == "limits":
        page([record("id:%d" % i, flags="d") for i in range(20)])
    elif name == "approved":
        page([record("id:%d" % i, flags="d") for i in range(3)])
        database.query("update sheaf.run set breaker_off = true where run_id = %s", run["run_id"])
    elif name == "compare":
        page(records(38))
        how = {"complete_list": True, "grace_ms": 1000000}
    elif name == "vanish":
        page(records(20))
        how = {"complete_list": True}
    elif name == "short":
        page(records(10, first=100))
        how = {"advertised": 100, "checkpoints": "|2024-06-01"}
    elif name == "rejects":
        page(records(3, first=100) + ["x\t\tunreadable"])
        how = {"complete_list": True}
    elif name == "wanted":
        page([record("id:%d" % i, datestamp="2024-07-01", flags="h") for i in range(4)], verb="ListIdentifiers")
    elif name == "relisted":
        page(records(3, first=100))
        database.query("update sheaf.run set relisted = true where run_id = %s", run["run_id"])
        how = {"checkpoints": "|2024-06-01"}
    elif name == "two sets":
        page(records(3, first=100))
        how = {"checkpoints": "a|2024-06-01\\nb|2024-06-02\\na|2024-06-03"}
    elif name == "cancelled":
        page(records(3, first=100))
        how = {"completed": False, "err_class": 10, "text": "cancelled"}
    return run, how


NAMES = ["first", "never compared", "nothing", "unchanged", "changes", "limits", "approved", "compare", "vanish",
         "short", "rejects", "wanted", "relisted", "two sets", "cancelled"]


def stands(database, sid):
    """Everything that is stored of a source but numbers and instants."""
    with database.cluster.connect(database.name) as c, c.cursor(cursor_factory=psycopg2.extras.RealDictCursor) as cur:
        cur.execute("""
            select s.*, r.*, r.closed_at is null as open, s.last_run = r.run_id as is_last,
                s.complete_run = r.run_id as is_complete, s.compared_at > r.started_at as compared,
                s.last_success > r.started_at as succeeded,
                (select array_agg((set_spec, resume_from) order by set_spec) from sheaf.checkpoint k
                    where k.source_id = s.source_id)::text as checkpoints,
                (select array_agg((identifier, status, title, deleted_at is null, missing_since is null) order by identifier)
                    from sheaf.record c where c.source_id = s.source_id)::text as records,
                (select count(*) from sheaf.pending p where p.run_id = r.run_id) as pending,
                (select count(*) from sheaf.wanted w where w.run_id = r.run_id) as wanted
            from sheaf.source s join sheaf.run r on r.source_id = s.source_id
            where s.source_id = %s order by r.run_id desc limit 1""", (sid,))
        row = cur.fetchone()
    return {k: v for k, v in row.items()
            if not k.endswith(("_at", "_id", "_run")) and k not in ("name", "last_success", "next_due", "epoch", "started_at")}


def test_together_is_as_one_by_one(store, database):
    states = store.configure("z", *["%s %s" % (w, n) for w in "ab" for n in NAMES])
    alone, told_alone, together, runs = {}, {}, {}, []
    for n in NAMES:
        sid = states["a " + n]["source_id"]
        run, how = begin(store, sid, database, n)
        store.say(*close_words(run, **how))
        told_alone[n] = store.expect("RUN_CLOSED")
        alone[n] = stands(database, sid)
    for n in NAMES:
        sid = states["b " + n]["source_id"]
        runs.append((n, sid) + begin(store, sid, database, n))
    first = store.open(states["z"]["source_id"])
    got = gather(database, store, states["z"]["source_id"], close_words(first),
                 [close_words(run, **how) for n, sid, run, how in runs])
    told = {m["source_id"]: m for m in got}
    for n, sid, run, how in runs:
        together[n] = stands(database, sid)
        assert together[n] == alone[n], n
        numbers = ("msg", "run_id", "source_id")
        assert {k: v for k, v in told[sid].items() if k not in numbers} == {
            k: v for k, v in told_alone[n].items() if k not in numbers}, n
    assert {n: x["outcome"] for n, x in together.items()} == {
        "first": "ok", "never compared": "ok", "nothing": "failed", "unchanged": "ok", "changes": "ok",
        "limits": "held", "approved": "ok", "compare": "ok", "vanish": "held", "short": "suspicious",
        "rejects": "partial", "wanted": "partial", "relisted": "ok", "two sets": "ok", "cancelled": "partial"}


def test_two_daemons_open_the_runs_of_the_same_hosts(make, database):
    one, two = make(node="one"), make(node="two")
    names = ["s%02d@http://h%02d" % (i, i // 2) for i in range(60)]
    states = one.configure(*names)
    two.configure(*names)
    s = ids(states)
    host = dict(database.query("select source_id, host from sheaf.source"))
    for turn in range(4):
        for i in range(60):
            # Each from its own end: as they stand, they would wait in a circle.
            say_open(one, s[i])
            say_open(two, s[59 - i])
        got = {w: [w.expect("RUN_OPENED", "RUN_REFUSED") for _ in s] for w in (one, two)}
        opened = {w: {m["source_id"] for m in got[w] if m["msg"] == "RUN_OPENED"} for w in got}
        assert {m["why"] for w in got for m in got[w] if m["msg"] == "RUN_REFUSED"} <= {"leased"}
        assert opened[one] | opened[two] == set(s) and not opened[one] & opened[two]
        assert not {host[i] for i in opened[one]} & {host[i] for i in opened[two]}
        for w in got:
            for m in got[w]:
                if m["msg"] == "RUN_OPENED":
                    w.close(m, completed=False)
        database.query("update sheaf.host_lease set expires = clock_timestamp() - interval '1 s'")


def test_runs_are_not_early_for_another_daemon(make, database):
    one = make(node="one")
    s = ids(one.configure("a", "b"))
    one.harvest(s[0], records(3))
    # As the schedule of another daemon would ask, which does not know of it.
    got = database.query(
        "select source_id, why, retry_ms > 0 from sheaf.runs_open(%s, %s, %s, %s, %s, 'one', 'x', 60000) o"
        " join unnest(%s) with ordinality as u (source_id, n) on u.n = o.n order by o.n",
        s, ["incremental"] * 2, ["due"] * 2, [0.5] * 2, [0.1] * 2, s)
    assert got == [(s[0], "early", True), (s[1], None, None)]
