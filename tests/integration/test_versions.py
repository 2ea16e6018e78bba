"""Versions of the model that wait for an operator: proposed beside the work,
with what they would merge and split, and applied when he says so."""

import json
import os
import re
import signal
import time

import pytest

from nouns import Daemon, Registry, Reply, Repository, records, source, wait_for
from test_entries import WORKS, clusters, entry, two, work  # noqa: F401

TWICE = dict(creator="Sow, Awa", date="2017")  # and titles that say nearly the same
TITLES = ("Harvest statistics of the northern river provinces", "Harvest statistics of the northern river provinces: the tables")


@pytest.fixture
def own(registry, server, daemon):
    """Sources s and t; of s two records are one thing, in other words."""
    repos = {
        "s": server.mount(Repository("s", [work(i, "s") for i in range(6)] + [
            work(6, "s", title=TITLES[0], **TWICE),
            work(7, "s", title=TITLES[1], **TWICE)])),
        "t": server.mount(Repository("t", [work(i, "t") for i in range(5)])),
    }
    d = daemon(init=False)
    d.repos = repos
    write(d)
    d.init().once()
    return d


def write(d, **of_s):
    of_s = {"curated": "no", **of_s}
    d.configure(source("s", d.repos["s"], **of_s), source("t", d.repos["t"], curated="no"))


def everything(registry):
    """What a dry run must not touch."""
    return [registry.query("select * from sheaf.%s order by 1, 2" % t)
            for t in ("entry", "member", "forward", "match", "relation", "profile")] + [
        registry.query("select phase, version, position, keys_made from sheaf.resolving")]


def versions(registry):
    return registry.query("select version, state from sheaf.model order by version")


def test_what_there_is_in_words_and_as_json(registry, own):
    said = own.ctl("resolve").stdout
    assert re.search(r"Model 1 was learned from 13 records at \d{4}-\d\d-\d\d \d\d:\d\d UTC \(there was none\)\.", said)
    assert "It fits the 13 records that there are." in said and "No record waits." in said
    assert re.search(r"^s +no +the configuration", said, re.M)
    out = own.json("resolve")
    assert out["model"] == 1 and out["records"] == 13 and out["waiting"] == 0 and "proposed" not in out
    assert [(s["source"], s["curated"], s["given"]) for s in out["sources"]] == [("s", False, True), ("t", False, True)]


@pytest.mark.parametrize("runs", (False, True))
def test_a_dry_run_tells_and_changes_nothing(registry, own, runs):
    both = frozenset(("s:6", "s:7"))
    assert both in clusters(registry)
    write(own, curated="yes")
    if runs:
        own.start()  # proposes it by itself, since the configuration says something else
        wait_for(lambda: registry.query("select 1 from sheaf.model where state = 'proposed' and weighed_at is not null"))
    before = everything(registry)
    out = own.json("resolve", "--dry-run")
    assert everything(registry) == before
    assert (out["proposed_merges"], out["proposed_splits"], out["proposed_moved"]) == (0, 1, 1)
    (change,) = out["changes"]
    assert change["kind"] == "split" and change["from_entry"] == entry(registry, "s:6") and "to_entry" not in change
    assert {change["title_a"], change["title_b"]} == set(TITLES) and change["records"] == 1
    assert "holds each thing once" in change["reason"] and change["score"] > 8
    assert abs(sum(p["points"] for p in change["evidence"]) - change["score"]) < 0.001
    said = own.ctl("resolve").stdout
    assert "It would change 1 records: 0 entries would go into another one, and 1 would be split." in said
    assert all("s: %s\n" % t in said for t in TITLES) and "sheafctl resolve --apply" in said
    assert registry.value("select count(*) from sheaf.ask") == 0
    assert registry.value("select count(*) from sheaf.proposed_match") == 0

    # The operator's word.
    if not runs:
        own.start()
    assert both in clusters(registry)
    own.ctl("resolve", "--apply", "--author", "amina")
    wait_for(lambda: registry.value("select state from sheaf.model where version = %s", out["proposed"]) == "current")
    wait_for(lambda: registry.value("select phase from sheaf.resolving") == "idle")
    assert both not in clusters(registry)
    assert registry.value("select applied_by from sheaf.model where state = 'current'") == "amina"
    # Just what was foretold.
    assert registry.query("select why from sheaf.forward") == [("split",)]
    assert registry.value("select count(*) from sheaf.proposed_change") == 0 or registry.query(
        "select n from registry.resolve_change") == []
    assert registry.query("select why from registry.match where verdict in ('refused', 'different')") == [("curated",)]
    own.stop()


def test_a_merge_is_foretold_with_its_reason(registry, own):
    write(own, curated="yes")
    own.once()  # --once judges by what the configuration says
    assert frozenset(("s:6",)) in clusters(registry)
    write(own, curated="no")
    out = own.json("resolve", "--dry-run")
    assert (out["proposed_merges"], out["proposed_splits"], out["proposed_moved"]) == (1, 0, 1)
    (change,) = out["changes"]
    assert change["kind"] == "merge" and {change["from_entry"], change["to_entry"]} == {
        entry(registry, "s:6"), entry(registry, "s:7")}
    assert "holds each thing once" in change["reason"]


def test_other_parameters_are_proposed_and_not_applied(registry, own):
    registry.query("update sheaf.model set parameters = 'of another program'")
    before = clusters(registry)
    own.once()
    assert versions(registry) == [(1, "current"), (2, "proposed")]
    assert clusters(registry) == before
    assert registry.value("select unfit from registry.resolve_status") == "other parameters than this program's"
    assert "other parameters than this program's" in own.ctl("resolve").stdout
    own.once()  # once is enough
    assert versions(registry) == [(1, "current"), (2, "proposed")]
    own.ctl("resolve", "--apply")
    assert "asked at" in own.ctl("resolve").stdout
    own.once()
    assert versions(registry) == [(1, "past"), (2, "current")]
    assert registry.value("select unfit from registry.resolve_status") is None
    assert clusters(registry) == before


def test_an_apply_that_is_late_is_refused(registry, own):
    assert "no model is proposed" in own.ctl("resolve", "--apply", check=69).stderr
    own.ctl("resolve", "--dry-run")
    own.ctl("resolve", "--apply")
    # Asked twice is asked once; something else has to wait for it.
    own.ctl("resolve", "--apply")
    assert registry.value("select count(*) from sheaf.ask") == 1
    # What is proposed goes when another version is applied first.
    registry.query("delete from sheaf.model where state = 'proposed'")
    own.once()
    assert versions(registry) == [(1, "current")] and registry.value("select count(*) from sheaf.ask") == 0
    assert own.ctl("resolve", "--dry-run", "--apply", check=64).stderr


def held(registry, table, mode):
    """Nobody writes to it until the connection is closed."""
    c = registry.cluster.connect(registry.name)
    c.autocommit = False
    c.cursor().execute("lock table sheaf.%s in %s mode" % (table, mode))
    return c


def test_what_waits_can_be_applied_while_another_is_weighed(registry, own):
    both = frozenset(("s:6", "s:7"))
    write(own, curated="yes")
    assert own.json("resolve", "--dry-run")["proposed"] == 2
    # Something else is said of t now, so the daemon proposes another one.
    own.configure(source("s", own.repos["s"], curated="yes"), source("t", own.repos["t"], curated="yes"))
    learned = held(registry, "model_part", "share")
    own.start()
    waits = "select 1 from pg_stat_activity where datname = %s and wait_event_type = 'Lock' and query like %s"
    wait_for(lambda: registry.query(waits, registry.name, "%sheaf.model_part%"), 60)
    weighed = held(registry, "proposed_match", "exclusive")
    learned.close()
    wait_for(lambda: registry.query(waits, registry.name, "%sheaf.proposed_match%"), 60)
    assert versions(registry) == [(1, "current"), (2, "proposed"), (3, "proposed")]
    assert "Model 2 is proposed" in own.ctl("resolve").stdout
    own.ctl("resolve", "--apply", "--author", "amina")
    time.sleep(2.5)  # it looks now and then
    weighed.close()
    wait_for(lambda: registry.query("select 1 from sheaf.model where version = 2 and state = 'current' and applied_by = 'amina'"), 60)
    wait_for(lambda: both not in clusters(registry))
    # What was weighed meanwhile is of what was before, and begun anew.
    wait_for(lambda: registry.query("select 1 from sheaf.model where state = 'proposed' and weighed_at is not null"), 60)
    own.stop()
    assert "is given up" not in own.text()


def test_a_proposal_that_is_cut_short_is_begun_anew(registry, own):
    own.start()
    registry.query("insert into sheaf.ask (what, author) values ('propose', 'amina')")
    killed = []
    for _ in range(3):
        # One that was killed may be seen a moment longer.
        pid = wait_for(lambda: next((p for n, p in own.roles().items() if n == "sheaf-resolve" and p not in killed), None))
        os.kill(pid, signal.SIGKILL)
        killed.append(pid)
    wait_for(lambda: registry.value("select count(*) from sheaf.ask") == 0, 60)
    assert registry.query("select state, note from sheaf.model where version > 1") == [("proposed", "amina asked")]
    own.stop()


def test_a_source_is_told_of_its_own_duplicates(registry, own):
    of = "select own_duplicates, own_duplicate_entries, curated, curated_given from registry.source_status where source = %s"
    assert registry.query(of, "s") == [(2, 1, False, True)]
    assert registry.query(of, "t") == [(0, 0, False, True)]
    said = own.ctl("status", "s").stdout
    assert "2 of its records are duplicates of each other" in said and "s:6" in said and "s:7" in said
    assert "duplicates" not in own.ctl("status", "t").stdout
    assert "Duplicates: model 1 of 13 records; no record waits." in own.ctl("status").stdout
    own.ctl("unlink", "s", "s:6", "s", "s:7", "--reason", "two editions")
    own.once()
    assert registry.query(of, "s") == [(0, 0, False, True)]
    own.ctl("link", "s", "s:0", "s", "s:1", "--reason", "one")
    own.once()
    assert registry.query(of, "s") == [(2, 1, False, True)]
    own.repos["s"].delete("s:0")
    own.once()
    assert registry.query(of, "s") == [(0, 0, False, True)]


def test_why_a_pair_is_refused_is_data_and_old_rows_get_it(registry, own):
    """As resolve writes it, and as the migration reads it from what it wrote before."""
    write(own, curated="yes")
    own.ctl("unlink", "s", "s:6", "s", "s:7", "--reason", "no")
    own.ctl("link", "s", "s:6", "t", "t:1", "--reason", "yes")
    own.ctl("link", "s", "s:7", "t", "t:2", "--reason", "yes")
    own.once()
    seen = registry.query("select a, b, why from sheaf.match where verdict = 'refused' order by 1, 2")
    assert seen and {why for _, _, why in seen} <= {"curated", "cannot", "average"}
    with open(os.path.join(os.path.dirname(__file__), "../../sql/0014-decided.sql")) as f:
        (statement,) = re.findall(r"^update sheaf\.match m\n.*?;$", f.read(), re.M | re.S)
    registry.query("update sheaf.match set why = null")
    registry.query(statement)
    assert registry.query("select a, b, why from sheaf.match where verdict = 'refused' order by 1, 2") == seen


# --- names of sources ---
def of_three(prefix, endings):
    """Eight works; in s each once, in the other source twice, which are two things there."""
    return [work(i, "%s%s" % (prefix, e), title=WORKS[i][0] + (": the %s" % e if e else ""), publisher="Press")
            for i in range(8) for e in endings]


def test_a_source_that_is_renamed_breaks_ties_by_its_new_name(cluster, room, registry, server, daemon):
    one, twice = server.mount(Repository("s", of_three("s", ("",)))), server.mount(Repository("t", of_three("t", ("orchards", "harbours"))))

    def sources(name, **more):
        return source("s", one), source(name, twice, curated="yes", **more)

    d = daemon(*sources("alpha"))
    d.once()
    before = clusters(registry)
    assert len([c for c in before if len(c) == 2]) == 8  # with one of the two
    d.configure(*sources("omega", was="alpha"))
    d.once()
    other = Registry(cluster)
    fresh = Daemon(room, "connection = %s" % other.connection, *sources("omega"))
    try:
        fresh.init().once()
        assert clusters(other) != before  # so that this can fail
        assert clusters(registry) == clusters(other)
    finally:
        fresh.end()
        other.close()


# --- rights ---
def test_nothing_of_ours_is_for_everybody(registry, own):
    assert registry.query(
        "select p.proname from pg_proc p where p.pronamespace = 'sheaf'::regnamespace "
        "and (p.proacl is null or exists (select from aclexplode(p.proacl) x where x.grantee = 0))") == []
    views = [v for (v,) in registry.query("select viewname from pg_views where schemaname = 'registry'")]
    reader = registry.cluster.connect(registry.name, "sheaf_reader")
    with reader.cursor() as c:
        for v in views:
            c.execute("select * from registry.%s limit 1" % v)
    reader.close()


# --- when the first one is learned ---
def test_a_daemon_learns_when_the_first_round_is_over(registry, server, daemon):
    s = server.mount(Repository("s", records(40), page_size=10))
    t = server.mount(Repository("t", records(30, prefix="t"), page_size=10))
    for repo in (s, t):
        repo.on(lambda q: q.verb == "ListRecords", Reply(delay=0.7))
    d = daemon(source("s", s), source("t", t), max_runs="1")
    d.start()
    (learned,) = wait_for(lambda: registry.query("select records from sheaf.model where state = 'current'"), 90)
    assert learned == (70,)
    d.stop()
