"""What sheafctl shows of the registry: search, coverage, gaps, synergy, history
and changes, as people, programs and spreadsheets get it."""

import csv
import io
import json
import re

import psycopg2
import pytest

from nouns import Repository, source
from test_entries import entry, work
from test_portals import ask, harvested, role  # noqa: F401


def rows(d, *args):
    return [json.loads(line) for line in d.ctl(*args, "--json").stdout.splitlines()]


def table(d, *args):
    """CSV as a program reads it."""
    return list(csv.DictReader(io.StringIO(d.ctl(*args, "--csv").stdout, newline=""), strict=True))


def refusal(d, *args):
    p = d.ctl(*args, check=64)
    assert p.stdout == "" and p.stderr.startswith("sheafctl: ")
    return p.stderr


def test_search(harvested, registry):
    found = rows(harvested, "search", "mangrove", "restoration")
    assert [r["title"] for r in found] == ["A field guide to mangrove restoration"]
    assert found[0]["entry_id"] == entry(registry, "alpha:2") and found[0]["kind"] == "publication"
    assert found[0]["agencies"] == ["alpha", "beta"] and "<mark>mangrove</mark>" in found[0]["headline"]
    assert "mark" not in harvested.ctl("search", "mangrove").stdout
    assert rows(harvested, "search", "mangrove", "--kind", "technology-offer,technology-need") == []
    assert "Nothing was found" in harvested.ctl("search", "nosuchwordanywhere").stdout

    offers = rows(harvested, "search", "--family", "offer", "--limit", "100")
    there = registry.value("select count(*) from registry.entry where family = 'offer'")
    assert len(offers) == there > 5
    # Pages of a search, one behind the other, are the search.
    pages, after = [], None
    while True:
        page = rows(harvested, "search", "--family", "offer", "--sort", "issued", "--limit", "5", *(("--after", after) if after else ()))
        pages += page
        if len(page) < 5:
            break
        after = page[-1]["after"]
    assert sorted(r["entry_id"] for r in pages) == sorted(r["entry_id"] for r in offers)
    issued = [r["issued"] for r in pages if "issued" in r]
    assert issued == sorted(issued, reverse=True)

    text = harvested.ctl("search", "--family", "offer", "--limit", "5").stdout
    assert text.splitlines()[0].split()[:2] == ["ENTRY", "KIND"] and "--after=" in text.splitlines()[-1]
    assert [r["title"] for r in table(harvested, "search", "mangrove")] == ["A field guide to mangrove restoration"]


def test_search_is_narrowed(harvested, registry):
    for option, value, condition in (
        ("--kind", "technology-need", "kind = 'technology-need'"),
        ("--kind", "technology-need,technology-offer", "kind in ('technology-need', 'technology-offer')"),
        ("--sector", "water", "'water' = any (sectors)"),
        ("--agency", "alpha", "'alpha' = any (agencies)"),
        ("--status", "open", "status = 'open'"),
        ("--issued", "2026..", "issued >= '2026-01-01'"),
        ("--issued", "2019", "issued >= '2019-01-01' and issued < '2020-01-01'"),
        ("--issued", "..2019-06", "issued < '2019-07-01'"),
        ("--deadline", "2026..2028", "deadline >= '2026-01-01' and deadline < '2029-01-01'"),
    ):
        want = {r[0] for r in registry.query("select entry_id::text from registry.entry where " + condition)}
        got, after = set(), None
        while True:
            page = rows(harvested, "search", option, value, "--limit", "100", *(("--after", after) if after else ()))
            got |= {r["entry_id"] for r in page}
            if len(page) < 100:
                break
            after = page[-1]["after"]
        assert want and got == want, (option, value)
    facets = rows(harvested, "search", "--family", "offer", "--facets")
    kinds = {r["code"]: r["entries"] for r in facets if r["facet"] == "kind"}
    assert kinds == dict(registry.query("select kind, count(*) from registry.entry where family = 'offer' group by 1"))
    text = harvested.ctl("search", "--family", "offer", "--facets").stdout
    assert "█" in text and "Technology offer" in text


def test_mistakes_in_a_search(harvested):
    assert "did you mean technology-offer" in refusal(harvested, "search", "--kind", "technology-ofer")
    assert "did you mean KEN (Kenya)?" in refusal(harvested, "search", "--country", "Kenya")
    assert "KEN (Kenya)" in refusal(harvested, "search", "--country", "UGA,ken")
    assert "did you mean KEN (Kenya)?" in refusal(harvested, "search", "--reach", "Kenia")
    assert "did you mean water" in refusal(harvested, "coverage", "--sector", "watre")
    for words in (("--sort", "colour"), ("--issued", "yesterday"), ("--deadline", ".."), ("--after", "nonsense")):
        said = refusal(harvested, "search", "water", *words)
        assert "PostgreSQL" not in said and "refuses" not in said
    assert "--limit" in refusal(harvested, "search", "--limit", "many")


def look_again(registry):
    """At what is known of sources: it is looked at now and then."""
    registry.query("update sheaf.matrix set covered_at = '-infinity'")
    registry.query("select sheaf.count_some(1)")


def test_coverage(harvested, registry):
    by_sector = rows(harvested, "coverage")
    assert len(by_sector) >= 21 and {"water", "health", "unassigned"} <= {r["sector"] for r in by_sector}
    water = next(r for r in by_sector if r["sector"] == "water")
    assert water["entries"] == registry.value(
        "select count(*) from registry.entry where family = 'offer' and 'water' = any (sectors)")
    assert water["state"] in ("known", "partial", "unknown")
    text = harvested.ctl("coverage").stdout
    assert "█" in text and "INHERITED" not in text and "INHERITED" in harvested.ctl("coverage", "--country", "KEN").stdout
    # Why is said once for rows that have the same reasons.
    registry.query("update sheaf.source set last_outcome = 'failed' where name = 'wishes'")
    look_again(registry)
    assert {tuple(x["source"] for x in r["reasons"]) for r in rows(harvested, "coverage")} == {("wishes",)}
    assert harvested.ctl("coverage").stdout.count("wishes: failed") == 1
    registry.query("update sheaf.source set state = 'retired' where name in ('wishes', 'works-alpha', 'works-beta')")
    look_again(registry)
    text = harvested.ctl("coverage", "--sector", "water").stdout
    assert "no source is declared to have any" in text
    registry.query("update sheaf.source set state = 'idle', last_outcome = 'ok' where name in ('wishes', 'works-alpha', 'works-beta')")
    look_again(registry)
    cells = rows(harvested, "coverage", "--sector", "water")
    assert sum(r["entries"] for r in cells) == water["entries"] and "technology-offer" in {r["kind"] for r in cells}
    needs = rows(harvested, "coverage", "--family", "need")
    assert sum(r["entries"] for r in needs if r["sector"] == "sti-ip-policy") == 1
    by_country = rows(harvested, "coverage", "--agency", "alpha", "--kind", "technology-need", "--country", "KEN")
    assert [(r["sector"], r["entries"], r["direct"]) for r in by_country] == [("sti-ip-policy", 1, 1)]
    assert {r["kind"] for r in rows(harvested, "coverage", "--agency", "alpha")} == {"technology-need", "publication"}
    everywhere = rows(harvested, "coverage", "--countries", "--country", "KEN")
    assert everywhere and {r["country"] for r in everywhere} == {"KEN"}
    sheet = table(harvested, "coverage")
    assert {r["sector"]: int(r["entries"]) for r in sheet} == {r["sector"]: r["entries"] for r in by_sector}


def test_gaps_and_offers(harvested, registry):
    gaps = rows(harvested, "gaps")
    wish = next(r for r in gaps if r["sector"] == "sti-ip-policy")
    assert (wish["level"], wish["country"], wish["title"]) == ("nowhere", "KEN", "A register of orbits for small satellites")
    assert rows(harvested, "gaps", "--level", "origin", "--sector", "sti-ip-policy") == []
    assert rows(harvested, "gaps", "--country", "KEN", "--kind", "technology-need")[0]["entry_id"] == wish["entry_id"]
    assert wish["agencies"] == "alpha" and "    A register of orbits for small satellites (alpha" in harvested.ctl("gaps").stdout
    need = registry.value("""
        select n.entry_id::text from registry.entry n where n.family = 'need' and exists (
            select from registry.need_offers(n.entry_id)) order by 1 limit 1""")
    offers = rows(harvested, "gaps", need)
    assert offers and offers[0]["reasons"] and all(r["rank"] <= offers[0]["rank"] for r in offers)
    assert "sector" in harvested.ctl("gaps", need).stdout
    assert "is no entry" in refusal(harvested, "gaps", "water")


def test_synergy(harvested):
    found = rows(harvested, "synergy", "--family", "all")
    assert (found[0]["agency_a"], found[0]["agency_b"], found[0]["kind"], found[0]["shared"]) == (
        "alpha", "beta", "publication", 8)
    assert rows(harvested, "synergy", "--kind", "publication", "--agency", "alpha") == [found[0]]
    assert all(r["sector"] != "all" for r in rows(harvested, "synergy", "--family", "all", "--cells"))
    text = harvested.ctl("synergy", "--family", "all").stdout
    assert "SHARED" in text and "SECTORS" in text
    cells = rows(harvested, "synergy", "--kind", "publication", "--cells")
    both = {r["sector"] for r in cells if (r["agency_a"], r["agency_b"]) == ("alpha", "beta")} - {"unassigned"}
    assert both and found[0]["sectors"] == len(both)
    assert re.search(r"^alpha +beta +%d +publication " % len(both), text, re.M)


def test_history_and_changes(server, daemon, registry):
    repo = server.mount(Repository("s", [work(i, "s") for i in range(3)]))
    d = daemon(source("s", repo))
    d.once()
    first = rows(d, "changes")
    assert [r["op"] for r in first] == ["upsert"] * 3 and len({r["seq"] for r in first}) == 3
    changed = entry(registry, "s:1")
    repo.records[1] = work(1, "s", at=1800000000, title="Financing composting: lessons from twelve cities")
    d.once()
    after = rows(d, "changes", "--after", str(first[-1]["seq"]))
    assert [(r["op"], r["entry_id"], r["title"]) for r in after] == [
        ("upsert", changed, "Financing composting: lessons from twelve cities")]
    assert "No change after that." in d.ctl("changes", "--after", str(after[-1]["seq"])).stdout
    assert rows(d, "changes", "--limit", "1") == after[-1:]

    events = rows(d, "history", changed)
    title = next(r for r in events if r.get("field") == "title")
    assert (title["event"], title["before"], title["after"]) == (
        "changed", "Financing municipal composting: lessons from six cities", "Financing composting: lessons from twelve cities")
    assert events[0]["event"] == "made"
    number = str(registry.value("select record_id from registry.record where identifier = 's:1'"))
    assert rows(d, "history", number) == rows(d, "history", "s", "s:1") == events
    text = d.ctl("history", changed).stdout
    assert "made" in text and "title" in text
    # Of one that is gone, too.
    d.ctl("hide", "s", "s:1", "--reason", "a test")
    d.once()
    assert rows(d, "changes", "--limit", "1")[0]["op"] == "delete"
    assert "a test" in d.ctl("history", changed).stdout

    # Mistakes are told in words, and so is a reader who comes too late.
    assert "never had" in refusal(d, "history", "00000000-0000-4000-8000-000000000000")
    assert "ahead of the registry" in refusal(d, "changes", "--after", "1000000")
    assert "no number" in refusal(d, "changes", "--after", "-1")
    registry.query("update sheaf.change_kept set floor = 2")
    assert "no longer all there" in refusal(d, "changes", "--after", "0")
    assert len(rows(d, "changes")) == 3


def test_a_strangers_title_is_no_formula(server, daemon, registry):
    titles = ["=cmd|' /C calc'!A0", "+1;=2", "plain, with a comma", 'say "what"', "@SUM(1)", "x;-y"]
    repo = server.mount(Repository("s", [work(i, "s", title=t) for i, t in enumerate(titles)]))
    d = daemon(source("s", repo))
    d.once()
    raw = d.run("sheafctl", "changes", "--csv").stdout
    assert raw.startswith("seq,")
    got = {r["title"] for r in table(d, "changes")}
    assert got == {"'=cmd|' /C calc'!A0", "'+1;'=2", "plain, with a comma", 'say "what"', "'@SUM(1)", "x;'-y"}
    assert {r["title"] for r in rows(d, "changes")} == set(titles), "JSON is what is there"


def test_who_may_only_read_the_registry_sees_what_sheafctl_sees(harvested, registry):
    """sheafctl's answers are those of functions that every portal has."""
    with role(registry) as c:
        assert ask(c, "select count(*) from registry.synergy_map(null, null)")[0][0] > 0
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            ask(c, "select from sheaf.composed")
