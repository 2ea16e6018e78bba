"""A source whose guids change at every poll is known by the urls of its items:
RUN_REKEY against a model in plain Python."""

import os
import random
import signal

from test_store import Store, database, make, record, source, store  # noqa: F401


def item(guid, url="", title="t", day=1, flags=""):
    return record(guid, title, datestamp="2024-05-%02d" % day, flags=flags) + ("\t" + url if url else "")


def link(n):
    return "https://example.org/%s" % n


def rekey(store, run):
    store.say("rekey", run["run_id"], "link")
    m = store.expect("RUN_REKEYED")
    return m["matched"], m["rekeyed"]


def stands(database, sid):
    """identifier → number, status, title, url"""
    return {r[0]: r[1:] for r in database.query(
        "select identifier, record_id, status, title, url from sheaf.record where source_id = %s", sid)}


def is_sound(database, sid):
    """What holds whatever happened."""
    assert database.query("""
        select b.block_id, b.live, x.n
        from sheaf.block b
        cross join lateral (
            select (select count(*) from sheaf.record r where r.block_id = b.block_id)
                + (select count(*) from sheaf.pending p where p.block_id = b.block_id) as n) x
        where b.source_id = %s and b.live <> x.n""", sid) == []
    # The sweeper finds by these numbers what of a block is in use.
    assert database.query("""
        select r.record_id from sheaf.record r join sheaf.block b on b.block_id = r.block_id
        where r.source_id = %s and not r.record_id = any (b.record_ids)""", sid) == []
    assert database.query("""
        select r.identifier from sheaf.record r
        where r.source_id = %s and r.status in ('active', 'missing')
        and strpos(registry.raw(r.record_id)::text, r.title) = 0""", sid) == []
    assert database.query("""
        select g.page_no from sheaf.page g, unnest(g.record_ids) as i (id)
        where g.run_id in (select run_id from sheaf.run where source_id = %s)
        and not exists (select from sheaf.record r where r.record_id = i.id)""", sid) == []
    assert database.query("""
        select s.active, (select count(*) from sheaf.record r
            where r.source_id = s.source_id and r.status in ('active', 'missing'))
        from sheaf.source s where s.source_id = %s and s.active <> (select count(*) from sheaf.record r
            where r.source_id = s.source_id and r.status in ('active', 'missing'))""", sid) == []


def test_the_same_items_under_new_guids(store, source, database):
    store.harvest(source, [item("g%d" % i, link(i), "t%d" % i) for i in range(10)])
    before = stands(database, source)
    run = store.open(source)
    assert store.store(run, 1, [item("h0", link(0), "t0"), item("h1", link(1), "other"), item("h2", link(2), "t2", 9),
                                item("h10", link(10), "t10"), item("h", "", "no link")])["added"] == 5
    assert rekey(store, run) == (3, 11)
    closed = store.close(run)
    assert [closed[k] for k in ("outcome", "added", "changed", "touched", "unchanged", "active")] == ["ok", 2, 1, 1, 1, 12]
    after = stands(database, source)
    assert after == {
        **{link(i): (before["g%d" % i][0], "active", "other" if i == 1 else "t%d" % i, link(i)) for i in range(10)},
        link(10): (after[link(10)][0], "active", "t10", link(10)), "h": (after["h"][0], "active", "no link", None)}
    is_sound(database, source)
    assert database.query("select added, changed, touched, unchanged, gained, lost, altered from sheaf.run"
                          " order by run_id desc limit 1") == [(2, 1, 1, 1, 2, 0, 1)]
    assert database.query("select added, changed, touched, unchanged from sheaf.page order by run_id desc limit 1") == [
        (2, 1, 1, 1)]


def test_items_that_are_new_stay_new(store, source, database):
    store.harvest(source, [item("g%d" % i, link(i)) for i in range(10)])
    run = store.open(source)
    store.store(run, 1, [item("h%d" % i, link(8 + i)) for i in range(5)])
    assert rekey(store, run) == (2, 0)
    assert store.close(run)["added"] == 5
    assert len(stands(database, source)) == 15
    is_sound(database, source)


def test_one_page_for_all_items_is_no_identity(store, source, database):
    store.harvest(source, [item("g%d" % i, link("home"), "t%d" % i) for i in range(10)])
    run = store.open(source)
    store.store(run, 1, [item("h%d" % i, link("home"), "u%d" % i) for i in range(10)])
    assert rekey(store, run) == (1, 0)
    assert len(stands(database, source)) == 20


def test_names_that_change_places(store, source, database):
    """Guids that are urls, but of other items."""
    store.harvest(source, [item(link(i), link((i + 1) % 4), "t%d" % i) for i in range(4)])
    before = stands(database, source)
    run = store.open(source)
    store.store(run, 1, [item("h", link(1), "t0")])
    assert rekey(store, run)[0] == 1
    store.close(run)
    after = stands(database, source)
    assert {k: v[0] for k, v in after.items()} == {link((i + 1) % 4): before[link(i)][0] for i in range(4)}
    is_sound(database, source)


def test_changes_wait_for_an_operator(store, source, database):
    store.harvest(source, [item("g%d" % i, link(i), "t%d" % i) for i in range(20)])
    run = store.open(source, max_change=0.2)
    store.store(run, 1, [item("h%d" % i, link(i), "other") for i in range(20)])
    assert rekey(store, run)[0] == 20
    assert store.close(run, max_change=0.2)["outcome"] == "held"
    assert {v[2] for v in stands(database, source).values()} == {"t%d" % i for i in range(20)}
    is_sound(database, source)
    assert store.act("s", "reject")["ok"]
    assert {(v[1], v[2]) for v in stands(database, source).values()} == {("active", "t%d" % i) for i in range(20)}
    is_sound(database, source)


def test_only_under_the_lease(store, source, database):
    store.harvest(source, [item("g", link(1))])
    run = store.open(source)
    store.store(run, 1, [item("h", link(1))])
    ask = "select matched, rekeyed from sheaf.run_rekey(%s, %s, 'link')"
    assert database.query(ask, run["run_id"], run["epoch"] + 1) == [(0, 0)]
    assert set(stands(database, source)) == {"g", "h"}
    assert rekey(store, run) == (1, 1)
    assert database.query(ask, run["run_id"], run["epoch"]) == [(0, 0)]
    store.close(run)
    assert set(stands(database, source)) == {link(1)}


def test_killed_at_any_moment(make, database):
    """The same again finds what is left to do, or nothing."""
    s = make()
    sid = s.configure("s")["s"]["source_id"]
    s.harvest(sid, [item("g%d" % i, link(i), "t%d" % i) for i in range(400)])
    numbers = {v[3]: v[0] for v in stands(database, sid).values()}
    for turn in range(6):
        run = s.open(sid)
        s.store(run, run["page_no"] + 1, [item("h%d-%d" % (turn, i), link(i), "t%d" % i) for i in range(400)])
        s.say("rekey", run["run_id"], "link")
        if turn < 5:
            database.query("select pg_sleep(%s)", 0.012 * turn)
            os.kill(s.pid, signal.SIGKILL)
            s = make()
            run = s.open(sid)
            assert run["resumed"]
            rekey(s, run)
        else:
            s.expect("RUN_REKEYED")
        assert s.close(run)["outcome"] == "ok"
        assert {k: v[:2] for k, v in stands(database, sid).items()} == {k: (n, "active") for k, n in numbers.items()}
        is_sound(database, sid)


class Thing:
    def __init__(self, guid, url, title, day, place, new=False):
        self.identifier, self.url, self.title, self.day, self.place, self.new = guid, url, title, day, place, new
        self.status = "active"
        self.number = None

    @property
    def live(self):
        return self.status != "deleted"

    @property
    def key(self):
        return self.url or self.identifier


def model_rekey(things):
    """The rule, said once more: the things that are left; matched."""
    groups = {}
    for t in things:
        groups.setdefault(t.key, []).append(t)
    added = [t for t in things if t.new and t.live and t.url]
    matched = sum(1 for g in groups.values()
                  if any(t.new and t.live and t.url for t in g) and any(not t.new and t.live and t.url for t in g))
    if not matched or 2 * matched < len(added):
        return things, matched, False
    left, stays = [], {}
    for key, g in groups.items():
        best = max(g, key=lambda t: (t.live, not t.new, t.day, t.place))
        fresh = [t for t in g if t.new and t.live]
        if fresh and not best.new:
            newest = max(fresh, key=lambda t: (t.day, t.place))
            best.title, best.url, best.day, best.status = newest.title, newest.url, newest.day, "active"
        for t in g:
            if t is best:
                stays[key] = t
            elif t.new and t.live:
                continue
            else:
                t.status = "deleted"
            left.append(t)
    names = set(stays)
    for t in left:
        if t is stays[t.key]:
            t.final = t.key
        else:
            t.final = "%s (%d)" % (t.identifier, t.number) if t.identifier in names else t.identifier
    for t in left:
        t.identifier = t.final
    return left, matched, True


def random_things(rng, n, prefix, place, new=False):
    urls = [link(i) for i in range(n + 3)] + [""]
    out = []
    for i in range(n):
        url = rng.choice(urls) if rng.random() < 0.3 else link(i)
        guid = link(rng.randrange(n)) + "#old" if rng.random() < 0.1 else "%s%d" % (prefix, i)
        if rng.random() < 0.1:
            guid = link(n + i)  # may be the url of another one
        if guid not in {t.identifier for t in out}:
            out.append(Thing(guid, url, "title %d.%d" % (i, rng.randrange(3)), rng.randrange(1, 28), place + i, new))
    return out


def lines(things):
    return [item(t.identifier, t.url, t.title, t.day) for t in things]


def test_against_the_model(store, database):
    adopted = 0
    states = store.configure(*["s%03d" % i for i in range(60)])
    for n, name in enumerate(sorted(states)):
        rng = random.Random(n)
        sid = states[name]["source_id"]
        old = random_things(rng, rng.randrange(1, 14), "g", 0)
        store.harvest(sid, lines(old))
        for t in old:
            if rng.random() < 0.15:
                t.status = "deleted"
        gone = [t for t in old if not t.live]
        if gone:
            store.harvest(sid, [item(t.identifier, day=t.day, flags="d") for t in gone], max_delete=1, max_change=1)
        if any(not t.live for t in old) and not any(t.live for t in old):
            continue  # its run is held: nothing would be left
        have = {t.identifier for t in old}
        new = [t for t in random_things(rng, rng.randrange(1, 14), "h", 100, True) if t.identifier not in have]
        run = store.open(sid, max_change=1, max_delete=1)
        store.store(run, 1, lines(new))
        numbers = stands(database, sid)
        for t in old + new:
            t.number = numbers[t.identifier][0]
        left, matched, adopts = model_rekey(old + new)
        got = rekey(store, run)
        assert (got[0], got[1] > 0) == (matched, adopts), n
        adopted += adopts
        assert store.close(run, max_change=1, max_delete=1)["outcome"] == "ok", n
        assert {k: v[:2] for k, v in stands(database, sid).items()} == {t.identifier: (t.number, t.status) for t in left}, n
        titles = {k: v[2:] for k, v in stands(database, sid).items() if v[1] == "active"}
        assert titles == {t.identifier: (t.title, t.url or None) for t in left if t.live}, n
        is_sound(database, sid)
    assert 20 < adopted < 60


def test_expire(make, database):
    store = make()
    day = 24 * 3600 * 1000
    store.say("agency", "a")
    for name, expire in (("never", 0), ("soon", 30 * day), ("late", 36500 * day)):
        store.say("source", name, "a", "http://" + name, "", expire)
    store.say("end")
    ids = {}
    while len(ids) < 3:
        m = store.expect("SOURCE_STATE")
        ids[m["name"]] = m["source_id"]
    store.expect("SOURCES_READY")
    for name in ids:
        store.harvest(ids[name], [item("old", day=1), item("undated")])
    database.query("update sheaf.record set datestamp = null where identifier = 'undated'")
    ask = "select source, identifier, status, content_status from registry.record where content_status is not null"
    assert database.query(ask) == [("soon", "old", "active", "ended")]
    database.query("update sheaf.record set issued = current_date where identifier = 'old'")
    database.query("update sheaf.record set first_seen = now() - interval '31 days' where identifier = 'undated'")
    assert database.query(ask) == [("soon", "undated", "active", "ended")]
