"""What operators decide about records: entered, refused, kept, undone."""

import time

import pytest

from nouns import Record, Repository, dc, iso, records, source

A, B, C, D = (("s", "oai:example.org:%d" % i) for i in range(4))


def decide(registry, kind, a, b=(None, None), field=None, value=None, author="amina", reason="looked at both"):
    """(decision_id, refusal, note)"""
    return registry.query(
        "select * from sheaf.decide(%s, %s, %s, %s, %s, %s, %s, %s, %s)", kind, *a, *b, field, value, author, reason
    )[0]


def decided(registry, *args, **kw):
    number, refusal, _ = decide(registry, *args, **kw)
    assert refusal is None
    return number


def undecide(registry, number, author="jo", reason="was wrong"):
    return registry.query("select * from sheaf.undecide(%s, %s, %s)", number, author, reason)[0]


def number_of(registry, record):
    return registry.value("select record_id from registry.record where source = %s and identifier = %s", *record)


def unresolved(registry):
    return {n for (ids,) in registry.query("select record_ids from sheaf.unresolved") for n in ids}


@pytest.fixture
def harvested(registry, server, daemon):
    """A source s with four records, which nothing waits for."""
    repo = server.mount(Repository("s", records(4)))
    d = daemon(source("s", repo))
    d.once()
    registry.query("delete from sheaf.unresolved")
    d.repo = repo
    return d


# --- two records ---
def test_a_decision_is_kept_and_resolve_is_told(registry, harvested):
    a, b = number_of(registry, A), number_of(registry, B)
    n = decided(registry, "same", B, A)
    assert registry.query(
        "select kind, verdict, record_ids, decided_by, reason, undone_at from registry.decision where decision_id = %s", n
    ) == [("same", "same", [a, b], "amina", "looked at both", None)]
    assert unresolved(registry) == {a, b}
    assert registry.query("select a, b, is_same from sheaf.link") == [(min(a, b), max(a, b), True)]
    # Said again, it is the same decision.
    again, refusal, note = decide(registry, "same", A, B, author="jo")
    assert (again, refusal) == (n, None) and "was said already, by amina" in note
    ok, refusal, _ = undecide(registry, n)
    assert ok and refusal is None
    assert registry.query("select 1 from sheaf.link") == []
    assert registry.query("select decided_by, undone_by, undone_reason from registry.decision") == [
        ("amina", "jo", "was wrong")]
    assert "was undone by jo" in undecide(registry, n)[1]


def test_links_rank_by_when_they_were_said(registry, harvested):
    decided(registry, "different", A, C)
    decided(registry, "different", A, B)
    first, second = [r for (r,) in registry.query("select rank from sheaf.link order by rank")]
    at = registry.value("select (extract(epoch from min(at)) * 1000000)::bigint from sheaf.decision")
    assert first == at and second > first


def test_contradictions_are_refused_and_the_chain_is_named(registry, harvested):
    ab = decided(registry, "same", A, B)
    bc = decided(registry, "same", C, B, author="jo")
    number, refusal, _ = decide(registry, "different", A, C)
    assert number is None
    assert "decision %d by amina" % ab in refusal and "decision %d by jo" % bc in refusal
    assert refusal.index("decision %d" % ab) < refusal.index("decision %d" % bc)
    cd = decided(registry, "different", D, C, author="li")
    _, refusal, _ = decide(registry, "same", D, A)
    for n in (ab, bc, cd):
        assert "decision %d " % n in refusal
    assert " is not " in refusal and "oai:example.org:3" in refusal
    # The very opposite is the shortest chain.
    _, refusal, _ = decide(registry, "same", C, D)
    assert refusal.count("decision") == 1 and "decision %d by li" % cd in refusal
    # What is undone stands against nothing.
    assert undecide(registry, bc)[0]
    decided(registry, "different", A, C)
    assert registry.value("select count(*) from sheaf.decision") == 4


def test_a_long_chain(registry, harvested):
    names = [("other", "n%d" % i) for i in range(60)]
    for a, b in zip(names, names[1:]):
        decided(registry, "same", a, b)
    # Rings and shortcuts do not send it round and round.
    decided(registry, "same", names[0], names[30])
    decided(registry, "same", names[10], names[50])
    _, refusal, _ = decide(registry, "different", names[0], names[30])
    assert refusal.count("decision") == 1
    _, refusal, _ = decide(registry, "different", names[5], names[59])
    assert refusal.count("decision") == 5 + 1 + 9  # back to 10, over to 50, on to 59


@pytest.mark.parametrize(
    "args, why",
    [
        (("same", A), "names only one record"),
        (("same", A, A), "the same record twice"),
        (("hide", A, B), "is about one record"),
        (("hide", ("s", "")), "names no record"),
        (("hide", A, (None, None), "title", "x"), "has no field"),
        (("marry", A, B), 'no decision "marry"'),
        (("set", A), "there is no field"),
        (("set", A, (None, None), "colour", "red"), 'no field "colour"'),
        (("set", A, (None, None), "title", None), "a value is missing"),
        (("set", A, (None, None), "issued", "2024"), "expected YYYY-MM-DD"),
        (("set", A, (None, None), "issued", "2024-02-30"), "there is no day"),
        (("set", A, (None, None), "trl_min", "10"), "expected 1 to 9"),
        (("set", A, (None, None), "url", "example.org"), "is no address"),
        (("set", A, (None, None), "countries", "KEN, XQX"), '"XQX" is no code'),
        (("set", A, (None, None), "status", "fine"), "expected open, closed"),
    ],
)
def test_what_makes_no_sense_is_refused(registry, harvested, args, why):
    number, refusal, _ = decide(registry, *args)
    assert number is None and why in refusal
    assert registry.value("select count(*) from sheaf.decision") == 0


def test_every_decision_has_an_author_and_a_reason(registry, harvested):
    assert "nobody is named" in decide(registry, "hide", A, author=" ")[1]
    assert "no reason" in decide(registry, "hide", A, reason=None)[1]
    n = decided(registry, "hide", A)
    assert "no reason" in undecide(registry, n, reason="")[1]
    assert undecide(registry, n + 1)[1] == "there is no decision %d" % (n + 1)


def test_a_field_is_set_once(registry, harvested):
    decided(registry, "set", A, field="title", value="One")
    decided(registry, "set", A, field="title", value="Two", author="jo", reason="better")
    decided(registry, "set", A, field="countries", value="KEN,UGA")
    decided(registry, "set", A, field="abstract", value="")
    standing = registry.query(
        "select field, value from registry.decision where undone_at is null order by field")
    assert standing == [("abstract", ""), ("countries", "KEN,UGA"), ("title", "Two")]
    assert registry.query("select value, undone_by, undone_reason from registry.decision where undone_at is not null") == [
        ("One", "jo", "set to another value: better")]


# --- hide ---
def test_what_is_hidden_stays_hidden(registry, harvested):
    n = decided(registry, "hide", A)
    assert registry.records("s")[A[1]][0] == "hidden"
    assert unresolved(registry) == {number_of(registry, A)}
    # It changes, it goes, it comes back: it is hidden.
    harvested.repo.put(changed(A[1], "changed"))
    harvested.once("s")
    assert registry.records("s")[A[1]][0] == "hidden" and registry.records("s")[A[1]][2] == "changed"
    harvested.repo.delete(A[1])
    harvested.once("s")
    assert registry.records("s")[A[1]][0] == "deleted"
    harvested.repo.put(changed(A[1], "back"))
    harvested.once("s")
    assert registry.records("s")[A[1]][0] == "hidden"
    assert undecide(registry, n)[0]
    assert registry.records("s")[A[1]][0] == "active"


def changed(identifier, title):
    return Record(identifier, iso(time.time()), dc(title=title))


# --- purge ---
def bytes_of(registry):
    return b"".join(bytes(d) for (d,) in registry.query("select data from sheaf.block"))


def test_a_purge_leaves_nothing_and_lets_nothing_in(registry, harvested):
    a = number_of(registry, A)
    title = registry.records("s")[A[1]][2]
    others = {i: r for i, r in registry.records("s").items() if i != A[1]}
    raw = {i: registry.value("select registry.raw(%s)", number_of(registry, ("s", i))) for i in others}
    registry.query(
        "insert into sheaf.match (a, b, score, verdict, model, evidence) values (%s, %s, 9, 'same', 1, '[]') "
        "on conflict do nothing",
        *sorted((a, number_of(registry, B))))
    assert A[1].encode() + b"<" in bytes_of(registry)
    n = decided(registry, "purge", A)
    # The others are untouched, byte by byte.
    assert {i: r for i, r in registry.records("s").items() if i != A[1]} == others
    for i in others:
        assert registry.value("select registry.raw(%s)", number_of(registry, ("s", i))) == raw[i]
    assert A[1].encode() + b"<" not in bytes_of(registry)
    assert registry.records("s")[A[1]] == ("deleted", None, None)
    assert registry.value("select registry.raw(%s)", a) is None
    assert registry.value("select count(*) from sheaf.match") == 0
    # So does what it was compared with.
    assert unresolved(registry) == {a, number_of(registry, B)}
    assert registry.value("select active from registry.source_status where source = 's'") == 3
    # Neither the same nor a changed one comes back, nor a deleted header.
    for change in (None, "changed", "again"):
        if change:
            harvested.repo.put(changed(A[1], change))
        harvested.once("s")
        assert registry.records("s")[A[1]] == ("deleted", None, None)
    run = registry.runs("s")[-1]
    assert (run["outcome"], run["changed"], run["added"]) == ("ok", 0, 0)
    assert A[1].encode() + b"<" not in bytes_of(registry)
    assert registry.value("select active from registry.source_status where source = 's'") == 3
    # Undone, it comes back when its source gives it again.
    assert undecide(registry, n)[2].endswith("sheafctl harvest s --full")
    harvested.repo.put(changed(A[1], "cccc"))
    harvested.once("s")
    assert registry.records("s")[A[1]][0] == "active"
    assert title != registry.records("s")[A[1]][2] == "cccc"


def test_what_is_under_way_does_not_bring_it_back(registry, harvested):
    """A page that read the record before it was purged, and writes afterwards."""
    decided(registry, "purge", A)
    a = number_of(registry, A)
    registry.query("update sheaf.record set status = 'active', title = 'back' where record_id = %s", a)
    assert registry.records("s")[A[1]] == ("deleted", None, None)


def test_decisions_hold_in_a_registry_that_is_built_anew(registry, server, daemon):
    """Decisions are there before the records are."""
    d = daemon(source("s", server.mount(Repository("s", records(4)))))
    assert "does not have all that it names" in decide(registry, "purge", A)[2]
    decided(registry, "hide", B)
    decided(registry, "same", C, D)
    d.once("s")
    now = registry.records("s")
    assert now[A[1]] == ("deleted", None, None)
    assert [now[x[1]][0] for x in (B, C, D)] == ["hidden", "active", "active"]
    assert A[1].encode() + b"<" not in bytes_of(registry)
    assert registry.value("select count(*) from sheaf.link") == 1
    assert registry.value("select active from registry.source_status where source = 's'") == 3


def test_a_page_kept_whole_goes_with_a_purged_record(registry, harvested):
    registry.query(
        "insert into sheaf.block (block_id, source_id, run_id, page_no, whole, live, total, record_ids, data) "
        "select 1, source_id, run_id, page_no, true, 0, 0, '{}', 'whole page' from sheaf.block limit 1")
    decided(registry, "purge", B)
    assert registry.value("select count(*) from sheaf.block where whole") == 0


def test_decisions_follow_names(registry, harvested):
    decided(registry, "different", A, C)
    registry.query("update sheaf.record set identifier = 'new' where record_id = %s", number_of(registry, A))
    registry.query("update sheaf.source set name = 't' where name = 's'")
    assert registry.query("select source_a, identifier_a, source_b, identifier_b from registry.decision") == [
        ("t", "new", "t", C[1])]
    assert registry.value("select count(*) from sheaf.link") == 1
