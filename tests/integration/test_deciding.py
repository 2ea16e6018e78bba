"""The verbs by which operators decide: link, unlink, hide, set, purge, review
and decisions."""

import json
import os
import pty
import re
import uuid

import pytest

from nouns import Daemon, Registry, Repository, environment, records, source, wait_for

A, B, C, D = ("oai:example.org:%d" % i for i in range(4))


@pytest.fixture
def two(registry, server, daemon):
    """Sources s and t with four records each, every one an entry."""
    repos = [server.mount(Repository(n, records(4))) for n in "st"]
    d = daemon(*(source(n, r) for n, r in zip("st", repos)))
    d.once()
    d.sources = [source(n, r) for n, r in zip("st", repos)]
    for table in ("match", "member", "entry"):
        registry.query("delete from sheaf.%s" % table)
    for (record,) in registry.query("select record_id from sheaf.record"):
        make_entry(registry, record)
    registry.query("delete from sheaf.unresolved")
    return d


def make_entry(registry, *members):
    entry = str(uuid.uuid4())
    registry.query("insert into sheaf.entry values (%s, 'live', %s, now(), now())", entry, len(members))
    for m in members:
        registry.query(
            "insert into sheaf.member values (%s, %s, true) on conflict (record_id) do update "
            "set entry_id = excluded.entry_id", m, entry)
    return entry


def number(registry, source, identifier):
    return registry.value(
        "select record_id from registry.record where source = %s and identifier = %s", source, identifier)


def matched(registry, a, b, score, verdict="doubtful", reason=None, parts=(("title", 8, "they agree"),), why=None):
    evidence = [{"part": p, "points": n, "detail": t} for p, n, t in parts]
    registry.query(
        "insert into sheaf.match (a, b, score, verdict, model, evidence, reason, why) values (%s, %s, %s, %s, 1, %s, %s, %s)",
        min(a, b), max(a, b), score, verdict, json.dumps(evidence), reason, why)


def lines(p):
    return [json.loads(line) for line in p.stdout.splitlines()]


def standing(registry):
    return registry.query(
        "select kind, source_a, identifier_a, source_b, identifier_b from registry.decision "
        "where undone_at is null order by decision_id")


# --- names ---
def test_records_are_named_by_number_by_source_or_by_entry(registry, two):
    a, b = number(registry, "s", A), number(registry, "t", A)
    said = two.ctl("link", str(a), "t", A, "--reason", "same report").stdout
    assert re.search(r"decision \d+: record %d \(s %s\) and record %d \(t %s\) are the same thing" % (a, A, b, A), said)
    assert standing(registry) == [("same", "s", A, "t", A)]
    assert {i for (ids,) in registry.query("select record_ids from sheaf.unresolved") for i in ids} == {a, b}
    entry = registry.value("select entry_id from registry.record where record_id = %s", number(registry, "s", B))
    out = json.loads(two.ctl("link", "t", B, str(entry), "--reason", "r", "--author", "amina", "--json").stdout)
    assert out["kind"] == "same" and sorted(out["record_ids"]) == sorted(
        [number(registry, "s", B), number(registry, "t", B)])
    assert registry.value("select decided_by from registry.decision where decision_id = %s", out["decision_id"]) == "amina"
    again = json.loads(two.ctl("link", "t", B, "s", B, "--reason", "r", "--json").stdout)
    assert again["decision_id"] == out["decision_id"] and "was said already" in again["note"]


@pytest.mark.parametrize(
    "args, code, why",
    [
        (("link", "999999", "1", "--reason", "r"), 64, "no record 999999"),
        (("link", "s", A, "--reason", "r"), 64, "B is missing"),
        (("link", "s", A, "t", "--reason", "r"), 64, '"t" is no number'),
        (("link", "s", A, "u", A, "--reason", "r"), 64, 'no source "u"'),
        (("link", "s", A, "t", "no", "--reason", "r"), 64, 'no record "no"'),
        (("link", "s", A, "t", A), 64, "needs a reason"),
        (("link", "s", A, "t", A, "--reason", " "), 64, "needs a reason"),
        (("link", "s", A, "s", A, "--reason", "r"), 69, "the same record twice"),
        (("link", str(uuid.uuid4()), "s", A, "--reason", "r"), 64, "never was"),
        (("hide", "s", A, "t", "--reason", "r"), 64, "t"),
        (("set", "s", A, "colour", "red", "--reason", "r"), 69, 'no field "colour"'),
        (("set", "s", A, "title", "--reason", "r"), 64, "missing"),
        (("purge", "s", A, "--reason", "r"), 64, "is erased"),
        (("decisions", "--undo", "x", "--reason", "r"), 64, "no number of a decision"),
        (("decisions", "--undo", "7", "--reason", "r"), 69, "no decision 7"),
        (("review", "--accept", "12", "--reason", "r"), 64, "is no pair"),
        (("review", "--accept", "12-13"), 64, "needs a reason"),
    ],
)
def test_what_is_not_understood(registry, two, args, code, why):
    p = two.ctl(*args, check=code)
    assert why in p.stderr and "Traceback" not in p.stderr
    assert standing(registry) == []


def test_an_entry_that_moved_is_followed(registry, two):
    a, b = number(registry, "s", A), number(registry, "s", B)
    old = registry.value("select entry_id from sheaf.member where record_id = %s", a)
    new = registry.value("select entry_id from sheaf.member where record_id = %s", b)
    registry.query("update sheaf.member set entry_id = %s where record_id = %s", new, a)
    registry.query("update sheaf.entry set state = 'merged', records = 0 where entry_id = %s", old)
    registry.query("insert into sheaf.forward values (%s, %s, 'merged')", old, new)
    two.ctl("hide", str(old), "--reason", "r")
    assert [d[2] for d in standing(registry)] == sorted([A, B])
    # unlink has to be told which of an entry's records is meant.
    p = two.ctl("unlink", str(old), "t", A, "--reason", "r", check=64)
    assert "an entry of 2 records" in p.stderr


def test_a_contradiction_is_refused_with_its_chain(registry, two):
    two.ctl("link", "s", A, "s", B, "--reason", "r", "--author", "amina")
    two.ctl("link", "s", B, "t", A, "--reason", "r", "--author", "jo")
    p = two.ctl("unlink", "s", A, "t", A, "--reason", "r", check=69)
    assert "by amina" in p.stderr and "by jo" in p.stderr and "--undo" in p.stderr
    n = registry.value("select max(decision_id) from registry.decision")
    two.ctl("decisions", "--undo", str(n), "--reason", "no")
    two.ctl("unlink", "s", A, "t", A, "--reason", "r")
    kinds = [d["kind"] for d in lines(two.ctl("decisions", "--json"))]
    assert kinds == ["different", "same"]
    everything = lines(two.ctl("decisions", "--all", "--json"))
    assert [d.get("undone_reason") for d in everything] == [None, "no", None]


def test_hide_set_and_purge(registry, two):
    two.ctl("hide", "s", A, "--reason", "a test record")
    assert registry.records("s")[A][0] == "hidden"
    out = json.loads(two.ctl("set", "s", B, "title", "Better", "--reason", "typo", "--json").stdout)
    assert (out["field"], out["value"]) == ("title", "Better")
    two.ctl("set", "s", B, "abstract", "", "--reason", "spam")
    two.ctl("purge", "s", C, "--reason", "asked for by its author", "--yes")
    assert registry.records("s")[C] == ("deleted", None, None)
    table = two.ctl("decisions").stdout
    for word in ("hide", "Better", "purge", "asked for by its author"):
        assert word in table
    assert two.ctl("decisions", "t").stdout == "Nothing was decided.\n"


# --- a table of decisions ---
def test_decisions_are_exported_and_imported(registry, two, cluster):
    odd = "tab\tline\nback\\slash é"
    two.ctl("link", "s", A, "t", A, "--reason", odd, "--author", "amina")
    two.ctl("unlink", "s", B, "t", B, "--reason", "no")
    two.ctl("set", "s", C, "abstract", "", "--reason", "spam")
    two.ctl("purge", "t", D, "--reason", "gone", "--yes")
    n = registry.value("select min(decision_id) from registry.decision where kind = 'different'")
    two.ctl("decisions", "--undo", str(n), "--reason", "yes after all")
    path = os.path.join(two.state, "decisions.tsv")
    assert "4 decisions" in two.ctl("decisions", "--export", path).stdout
    assert "is there already" in two.ctl("decisions", "--export", path, check=73).stderr
    text = two.ctl("decisions", "--export", "-").stdout
    with open(path) as f:
        assert f.read() == text
    head, *rows = text.splitlines()
    assert head.split("\t")[:3] == ["kind", "source_a", "identifier_a"] and len(rows) == 4
    assert r"tab\tline\nback\\slash é" in rows[0]
    everything = registry.query("select * from sheaf.decision order by decision_id")
    # There already: nothing is entered twice.
    assert two.ctl("decisions", "--import", path).stdout == "0 decisions were entered, 4 were there already\n"
    assert registry.query("select * from sheaf.decision order by decision_id") == everything
    # Into a registry that is built anew, before it has a record.
    anew = Registry(cluster)
    try:
        d = Daemon(two.room, "connection = %s" % anew.connection, *two.sources).init()
        assert json.loads(d.ctl("decisions", "--import", "-", "--json", stdin=text).stdout) == {"added": 4, "known": 0}
        assert [r[1:] for r in anew.query("select * from sheaf.decision order by at")] == [r[1:] for r in everything]
        d.once()
        assert anew.records("t")[D] == ("deleted", None, None)
        assert anew.value("select count(*) from sheaf.link where is_same") == 1
        assert d.ctl("decisions", "--export", "-").stdout == text
    finally:
        anew.close()


HEAD = "kind\tsource_a\tidentifier_a\tsource_b\tidentifier_b\tfield\tvalue\tauthor\treason\tat"
GOOD = "same\ts\ta\tt\tb\t\t\tme\tr\t2024-01-01T00:00:00Z"


@pytest.mark.parametrize(
    "text, line, why",
    [
        ("", 0, "nothing in it"),
        ("colour\n", 1, '"colour" is no column'),
        ("kind\tkind\n", 1, "there twice"),
        ("kind\tsource_a\n", 1, "the column identifier_a is missing"),
        (HEAD + "\n" + GOOD + "\textra", 2, "more than 10 columns"),
        (HEAD + "\n" + GOOD + "\n\n" + GOOD.replace("me", ""), 4, "author is empty"),
        (HEAD + "\n" + GOOD.replace("2024-01-01T", "yesterday"), 2, "yesterday"),
        (HEAD + "\n" + GOOD + "\n" + GOOD.replace("same", "different"), 3, "contradicts"),
        (HEAD + "\n" + GOOD.replace("same", "marry"), 2, 'no decision "marry"'),
        (HEAD + "\r\n" + GOOD + "\udcff\r\n", 2, "not UTF-8"),
        (HEAD + "\n" + GOOD + "x" * (4 << 20) + "\n", 2, "the line has more than 4194304 bytes"),
    ],
)
def test_a_table_with_a_mistake_is_not_imported(registry, two, text, line, why):
    path = os.path.join(two.dir, "table")
    with open(path, "w", errors="surrogateescape", newline="") as f:
        f.write(text)
    os.chmod(path, 0o644)
    p = two.ctl("decisions", "--import", path, check=65)
    assert "%s:%d: " % (path, line) in p.stderr and why in p.stderr
    assert "nothing of" in p.stderr
    assert registry.value("select count(*) from sheaf.decision") == 0


# --- review ---
@pytest.fixture
def questions(registry, two):
    n = {s + str(i): number(registry, s, r) for s in "st" for i, r in enumerate((A, B, C, D))}
    two.pair = lambda x, y: "%d-%d" % tuple(sorted((n[x], n[y])))
    make_entry(registry, n["s1"], n["t1"])
    make_entry(registry, n["s2"], n["t2"])
    matched(registry, n["s1"], n["t1"], 14, "same")
    matched(registry, n["s0"], n["t0"], 5)
    matched(registry, n["s0"], n["t3"], 7.5, parts=(("title", 5, "some of it agrees"), ("year", 2.5, "the year is the same")))
    matched(registry, n["s1"], n["t2"], 9, "refused", "the two groups as a whole score 3.00 on average", why="average")
    matched(registry, n["s2"], n["t1"], 6.2)
    # Not to be asked: a source's own, another family, what is one already.
    matched(registry, n["s0"], n["s3"], 7)
    matched(registry, n["s3"], n["t0"], 9, "refused", "records 1 and 2 are of different families, which", why="family")
    two.n = n
    return two


def test_review_lists_pairs_of_entries_the_most_useful_first(registry, questions):
    d = questions
    got = lines(d.ctl("review", "--list", "--json"))
    assert [q["pair"] for q in got] == [d.pair("s1", "t2"), d.pair("s0", "t3"), d.pair("s0", "t0")]
    assert got[0]["pairs"] == 2 and got[0]["records"] == 4 and got[0]["verdict"] == "refused"
    assert got[1]["evidence"][1] == {"part": "year", "points": 2.5, "detail": "the year is the same"}
    assert got[0]["use"] > got[1]["use"] > got[2]["use"]
    assert [q["pair"] for q in lines(d.ctl("review", "--json", "--limit", "1"))] == [got[0]["pair"]]
    table = d.ctl("review").stdout
    assert got[0]["pair"] in table and "as a whole score 3.00" in table
    # What was said of two entries is not asked again, by whichever pair.
    d.ctl("review", "--reject", d.pair("s1", "t2"), "--reason", "two editions")
    d.ctl("review", "--accept", d.pair("s0", "t3"), "--reason", "one and the same")
    assert [q["pair"] for q in lines(d.ctl("review", "--json"))] == [d.pair("s0", "t0")]
    assert [k[0] for k in standing(registry)] == ["different", "same"]


def test_review_asks_on_a_terminal(registry, questions):
    d = questions
    pid, fd = pty.fork()
    if pid == 0:
        os.chdir(d.dir)
        argv = d.command("sheafctl", "review", "--author", "amina")
        os.execvpe(argv[0], argv, environment(d.room))
    seen = b""

    def answer(text):
        nonlocal seen
        wait_for(lambda: read_some() and seen.endswith(b"[q]uit: "))
        shown, seen = seen.decode(), b""
        os.write(fd, text)
        return shown

    def read_some():
        nonlocal seen
        try:
            seen += os.read(fd, 4096)
        except OSError:
            return False
        return True

    first = answer(b"y\n")
    assert "1 of 3" in first and "Not joined: the two groups" in first and "+8.00  title: they agree" in first
    second = answer(b"n\n")
    assert "2 of 3" in second and "+2.50  year: the year is the same" in second
    answer(b"q\n")
    while read_some():
        pass
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert b"2 decisions were entered." in seen
    assert [k[0] for k in standing(registry)] == ["same", "different"]
    assert registry.value("select count(*) from registry.decision where decided_by = 'amina'") == 2
    assert "score 9.00" in registry.value("select reason from registry.decision order by decision_id limit 1")
