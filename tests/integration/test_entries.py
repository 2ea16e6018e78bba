"""Decisions and entries end to end: the real sheaf-resolve between them."""

import json
import re
import time

import psycopg2
import pytest

from nouns import Record, Repository, dc, iso, source, wait_for

WORKS = [
    ("Solar water pumps for smallholder farms in the Sahel", "Adeyemi, Folake"),
    ("Financing municipal composting: lessons from six cities", "Okafor, Chidi"),
    ("A field guide to mangrove restoration", "Nguyen, Thi Lan"),
    ("Low-cost cold chains for vaccine delivery", "Haddad, Samir"),
    ("Women's cooperatives and the price of argan oil", "El Amrani, Salma"),
    ("Grid codes for small island power systems", "Fifita, Sione"),
    ("Measuring school meals: a statistical handbook", "Kovacs, Agnes"),
    ("Earthquake-resistant adobe for mountain villages", "Quispe, Rosa"),
]


def work(i, prefix, at=1700000000, **more):
    title, creator = WORKS[i]
    fields = dict(title=title, creator=creator, date="2019", publisher="Press of %s" % creator.split(",")[0])
    return Record("%s:%d" % (prefix, i), iso(at), dc(**{**fields, **more}))


@pytest.fixture
def two(registry, server, daemon):
    """Sources s and t that share the works 0 to 4; t has two more of its own."""
    repos = {
        "s": server.mount(Repository("s", [work(i, "s") for i in range(6)])),
        "t": server.mount(Repository("t", [work(i, "t") for i in (0, 1, 2, 3, 4, 6, 7)])),
    }
    d = daemon(*(source(n, r) for n, r in repos.items()), init=False)
    d.database += "\nserve_user = portal"
    d.configure(*(source(n, r) for n, r in repos.items()))
    d.init().once()
    d.repos = repos
    return d


def clusters(registry):
    """The partition, by names of records that are there."""
    rows = registry.query(
        "select array_agg(identifier order by identifier) from registry.record "
        "where status in ('active', 'missing') group by entry_id")
    return {frozenset(r[0]) for r in rows}


def entry(registry, identifier):
    return registry.value("select entry_id::text from registry.record where identifier = %s", identifier)


def resolve(registry, entry_id):
    return registry.query("select entry_id::text, state from registry.resolve(%s::uuid)", entry_id)


def pair(i):
    return frozenset(("s:%d" % i, "t:%d" % i))


SHARED = {pair(i) for i in range(5)}
ALONE = {frozenset((x,)) for x in ("s:5", "t:6", "t:7")}


def test_what_is_one_is_one(registry, two):
    assert clusters(registry) == SHARED | ALONE
    # Who may read the registry alone may follow ids, and see what was decided.
    portal = registry.cluster.connect(registry.name, "portal")
    with portal.cursor() as c:
        c.execute("select entry_id::text, state from registry.resolve(%s::uuid)", (entry(registry, "s:0"),))
        assert c.fetchall() == [(entry(registry, "s:0"), "live")]
        for view in ("match", "decision", "relation", "tombstone", "record"):
            c.execute("select count(*) from registry.%s" % view)
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            c.execute("select from sheaf.match")
    portal.close()
    assert registry.query("select 1 from registry.record where entry_id is null") == []


def test_unlink_splits_one_entry_and_link_joins_two(registry, two):
    before = {x: entry(registry, x) for c in SHARED | ALONE for x in c}
    two.ctl("unlink", "s", "s:1", "t", "t:1", "--reason", "two editions")
    two.once()
    assert clusters(registry) == (SHARED - {pair(1)}) | ALONE | {frozenset(("s:1",)), frozenset(("t:1",))}
    # One of them keeps the id, the other has a new one; all others keep theirs.
    after = {x: entry(registry, x) for x in before}
    assert {x for x in before if before[x] != after[x]} in ({"s:1"}, {"t:1"})
    moved = next(x for x in before if before[x] != after[x])
    assert resolve(registry, before[moved]) == [(before[moved], "live")]
    assert registry.query("select to_entry::text, why from sheaf.forward where from_entry = %s", before[moved]) == [
        (after[moved], "split")]

    # What no score would join.
    two.ctl("link", "s", "s:5", "t", "t:7", "--reason", "the same under another title")
    two.once()
    assert frozenset(("s:5", "t:7")) in clusters(registry)
    gone = next(e for e in (after["s:5"], after["t:7"]) if e != entry(registry, "s:5"))
    assert resolve(registry, gone) == [(entry(registry, "s:5"), "merged")]

    # A full harvest, and everything learned anew, leave that as it is.
    now = {x: entry(registry, x) for x in before}
    registry.query("update sheaf.resolving set phase = 'learn'")
    two.once()
    assert {x: entry(registry, x) for x in before} == now

    # Undone, it is as it was; the ids that were given out still lead there.
    for n, in registry.query("select decision_id from registry.decision where undone_at is null"):
        two.ctl("decisions", "--undo", str(n), "--reason", "was right before")
    two.once()
    assert clusters(registry) == SHARED | ALONE
    for e in set(before.values()) | set(after.values()) | set(now.values()):
        ends = resolve(registry, e)
        assert ends and all(state in ("live", "merged", "split") for _, state in ends)
        assert all(resolve(registry, end) == [(end, "live")] for end, _ in ends)


def test_a_record_that_goes_and_comes_back_brings_its_entry(registry, two):
    alone, shared = entry(registry, "t:6"), entry(registry, "t:2")
    two.repos["t"].delete("t:6")
    two.repos["t"].delete("t:2")
    two.once()
    assert resolve(registry, alone) == [(alone, "deleted")]
    assert registry.value("select count(*) from registry.tombstone where entry_id = %s", alone) == 1
    assert entry(registry, "s:2") == shared
    two.repos["t"].put(work(6, "t", time.time()))
    two.repos["t"].put(work(2, "t", time.time()))
    two.once()
    assert entry(registry, "t:6") == alone and resolve(registry, alone) == [(alone, "live")]
    assert entry(registry, "t:2") == entry(registry, "s:2") == shared
    assert clusters(registry) == SHARED | ALONE
    assert registry.query("select 1 from registry.tombstone") == []


def test_hidden_and_purged_records_leave_their_entries(registry, two):
    shared, alone = entry(registry, "s:0"), entry(registry, "t:6")
    two.ctl("hide", "s", "s:0", "--reason", "a draft")
    two.ctl("purge", "t", "t:6", "--reason", "asked for", "--yes")
    two.once()
    assert clusters(registry) == (SHARED - {pair(0)}) | (ALONE - {frozenset(("t:6",))}) | {frozenset(("t:0",))}
    assert entry(registry, "t:0") == shared
    assert resolve(registry, alone) == [(alone, "deleted")]
    n = registry.value("select decision_id from registry.decision where kind = 'hide'")
    two.ctl("decisions", "--undo", str(n), "--reason", "it is final")
    two.once()
    assert entry(registry, "s:0") == shared


def test_a_running_daemon_obeys_within_seconds(registry, two):
    two.start()
    two.ctl("unlink", "s", "s:3", "t", "t:3", "--reason", "two things")
    wait_for(lambda: entry(registry, "s:3") != entry(registry, "t:3"))
    two.stop()


# --- explain ---
def test_explain_says_it_in_words(registry, two):
    said = two.ctl("explain", "s", "s:0", "t", "t:0").stdout
    assert "They are one entry, %s, of 2 records." % entry(registry, "s:0") in said
    parts = [float(x) for x in re.findall(r"^ +([+-]\d+\.\d\d)  \w+: ", said, re.M)]
    total = float(re.search(r"([+-]\d+\.\d\d)  together", said)[1])
    assert len(parts) >= 3 and abs(sum(parts) - total) < 0.001
    assert "title: " in said and "persons: " in said and "year: " in said


def test_explain_as_json_adds_up(registry, two):
    e = json.loads(two.ctl("explain", "s", "s:0", "t", "t:0", "--json").stdout)
    assert e["stored"] and e["one_entry"] and e["verdict"] == "same" and e["decided_by"] == "resolve"
    assert abs(sum(p["points"] for p in e["evidence"]) - e["score"]) < 0.001
    assert [r["identifier"] for r in e["records"]] == ["s:0", "t:0"]
    # So they do of all that was merged, as it is stored and as it is told.
    merged = registry.query("select a, b, score, evidence from sheaf.match where verdict = 'same'")
    assert len(merged) >= len(SHARED)
    for a, b, score, evidence in merged:
        assert evidence and abs(sum(p["points"] for p in evidence) - score) < 0.001
        e = json.loads(two.ctl("explain", str(a), str(b), "--json").stdout)
        assert e["evidence"] == evidence and abs(e["score"] - score) < 0.001


def test_what_was_not_compared_is_scored_when_asked_for(registry, two):
    e = json.loads(two.ctl("explain", "s", "s:0", "t", "t:7", "--json").stdout)
    assert not e["stored"] and not e["one_entry"] and e["verdict"] == "none" and e["score"] < 4
    assert abs(sum(p["points"] for p in e["evidence"]) - e["score"]) < 0.001
    said = two.ctl("explain", "s", "s:0", "t", "t:7").stdout
    assert "There is no judgement of these two" in said and "They are two entries" in said


def test_explain_knows_the_operators_words(registry, two):
    two.ctl("unlink", "s", "s:1", "t", "t:1", "--reason", "two editions", "--author", "amina")
    two.ctl("link", "s", "s:5", "t", "t:7", "--reason", "renamed", "--author", "jo")
    two.ctl("link", "t", "t:7", "t", "t:6", "--reason", "renamed twice", "--author", "jo")
    two.once()
    said = two.ctl("explain", "s", "s:1", "t", "t:1").stdout
    assert "They are two entries" in said and re.search(r"are different: decision \d+ by amina: two editions", said)
    said = two.ctl("explain", "s", "s:5", "t", "t:7").stdout
    assert "They are one entry" in said and re.search(r"the same: decision \d+ by jo: renamed", said)
    # One by way of a third.
    said = two.ctl("explain", "s", "s:5", "t", "t:6").stdout
    assert "They came together by way of" in said and said.count("an operator's word") == 2


def test_explain_an_entry(registry, two):
    e = entry(registry, "s:2")
    said = two.ctl("explain", e).stdout
    for word in ("entry %s: 2 records" % e, "What holds it together:", "What is not in it:", "s:2", "t:2", "same"):
        assert word in said
    assert two.ctl("explain", "s", "s:2").stdout == said
    out = json.loads(two.ctl("explain", e, "--json").stdout)
    assert {r["identifier"] for r in out["records"]} == {"s:2", "t:2"}
    assert out["pairs"][0]["verdict"] == "same"
    # An id that was merged leads on.
    two.ctl("link", "s", "s:5", "t", "t:7", "--reason", "renamed")
    old = {entry(registry, "s:5"), entry(registry, "t:7")}
    two.once()
    for e in old:
        assert "2 records" in two.ctl("explain", e).stdout
