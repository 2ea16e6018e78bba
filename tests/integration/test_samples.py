"""The sample agencies, as the quickstart harvests them, and how they look to an
operator."""

import json

import pytest

import agencies
from feedserver import Feed, items, now
from nouns import Reply, Repository, source


@pytest.fixture
def samples(server, daemon):
    """A daemon with the feeds, harvested once."""
    there = [(name, keys) for name, _, keys, _, _ in agencies.sources(server) if keys["protocol"] == "feed"]
    d = daemon(*(source(n, **{"format": None, "kind": None, **keys}) for n, keys in there))
    d.once()
    return d


def test_the_sample_feeds_are_harvested_whole(samples, registry):
    rows = registry.query("select source, kind, count(*) from registry.record where status = 'active' group by 1, 2")
    assert sorted(rows) == [
        ("cbd-meetings", "event", 18), ("ctcn-requests", "technical-assistance", 18), ("ctcn-requests", "technology-need", 18),
        ("itu-events", "event", 24), ("unctad-news", "news", 46), ("undesa-events", "event", 20),
        ("unido-exchange", "technology-need", 10), ("unido-exchange", "technology-offer", 20),
        ("wipo-green-market", "technology-need", 16), ("wipo-green-market", "technology-offer", 48)]
    samples.once()
    assert [r["received"] for r in registry.runs("unctad-news")] == [46, 0], "304"


def test_the_profile_comes_through(samples):
    shown = samples.json("show", "unido-exchange", "tag:unido.example.org,2024:326")
    assert shown["kind"]["code"] == "technology-need" and shown["kind"]["basis"] == "declared"
    assert [s["code"] for s in shown["sectors"]] == ["industry"]
    assert [s["code"] for s in shown["sdgs"]] == ["9", "13"]
    assert [(c["role"], len(c["code"])) for c in shown["countries"]] == [("target", 3)]
    assert shown["status"] == "open" and "deadline" in [d["role"] for d in shown["dates"]]
    assert "identifier_basis" not in shown
    text = samples.ctl("show", "unido-exchange", "tag:unido.example.org,2024:328").stdout
    for line in ("progress     open", "country      KOR (origin): Republic of Korea", "sector       energy-supply", "SDG          7",
                 "TRL          "):
        assert line in text
    assert "issued       2026-05-11T10:34:48Z" in text and text.count("\nissued ") == 1, "the most exact alone"
    number = json.loads(samples.ctl("records", "unctad-news", "--limit", "1", "--json").stdout)["record_id"]
    assert "\n             Read more\n" in samples.ctl("show", str(number)).stdout, "lines are lines"


@pytest.mark.parametrize("name, identifier, kind, role", [
    ("wipo-green-market", "https://wipogreen.example.org/articles/150003", "technology-need", "target"),
    ("wipo-green-market", "https://wipogreen.example.org/articles/150004", "technology-offer", "origin"),
    ("ctcn-requests", "tag:ctcn.example.org,2020:request-3", "technology-need", "target"),
    ("ctcn-requests", "tag:ctcn.example.org,2020:request-3-answer", "technical-assistance", "deployed"),
])
def test_offers_and_needs_of_each(samples, name, identifier, kind, role):
    shown = samples.json("show", name, identifier)
    assert shown["kind"]["code"] == kind and shown["kind"]["basis"] == "declared"
    assert len(shown["sectors"]) == 1 and shown["sdgs"] and role in [c["role"] for c in shown["countries"]]
    if identifier.endswith(("150004", "answer")):
        assert [r["type"] for r in shown["relations"]] == ["responds-to"]


@pytest.mark.parametrize("name, identifier, starts", [
    ("itu-events", "https://itu.example.org/events/2212", "2026-05-29T05:26:40Z"),
    ("undesa-events", "tag:sdgs.example.org,2019:event-5110", "2026-05-28"),
    ("cbd-meetings", "https://cbd.example.org/meetings/M-6027", "2026-05-28"),
])
def test_events_begin_and_end(samples, name, identifier, starts):
    shown = samples.json("show", name, identifier)
    dates = {d["role"]: d for d in shown["dates"]}
    assert shown["kind"]["code"] == "event"
    assert dates["start"]["value"] == starts and (dates["start"].get("until") or dates["end"]["value"]) > starts


def test_drupals_html_is_text(samples):
    shown = samples.json("show", "unctad-news", "41200 at https://unctad.example.org")
    assert "UNCTAD\u2019s latest review" in shown["abstracts"][0]["text"] and "<" not in shown["abstracts"][0]["text"]


def test_status_and_runs_of_feeds(samples):
    status = {r["source"]: r for r in map(json.loads, samples.ctl("status", "--json").stdout.splitlines())}
    assert status["unctad-news"]["outcome"] == "ok" and status["unctad-news"]["records"] == 46
    assert status["unctad-news"]["next_due"] > status["unctad-news"]["last_success"]
    runs = [json.loads(x) for x in samples.ctl("runs", "unctad-news", "--json").stdout.splitlines()]
    # Five pages of ten, and the one that is empty.
    assert [(r["mode"], r["received"], r["added"], r["requests"]) for r in runs] == [("incremental", 46, 46, 6)]


def test_a_better_address_is_advised(server, daemon):
    feed = server.mount(Feed("n", items(5, newest=now())), "/rss.xml")
    page = server.mount(Repository("page"), "/news")
    page.on(lambda q: True, Reply(200, b'<!DOCTYPE html><html><head><title>News</title><link rel="alternate" '
                                  b'type="application/rss+xml" href="/rss.xml"></head></html>', {"Content-Type": "text/html"}))
    d = daemon(source("n", url=page.base_url, protocol="feed", format=None))
    d.once()
    remark = json.loads(d.ctl("status", "--json").stdout)["remark"]
    assert "url is a web page" in remark and feed.base_url in remark
    assert feed.base_url in d.ctl("status").stdout


@pytest.fixture
def everything(server, daemon):
    """A daemon with all samples, harvested once: (daemon, source → how many)"""
    there = list(agencies.sources(server))
    d = daemon(*(source(n, **{"format": None, "kind": None, **keys}) for n, _, keys, _, _ in there))
    d.once(check=1)
    return d, {n: count for n, _, _, _, count in there}


def test_all_samples_are_harvested(everything, registry):
    d, counts = everything
    outcomes = dict(registry.query("select source, outcome from registry.source_status"))
    assert outcomes.pop("ctcn-assistance") == "partial", "one of its records is broken on purpose"
    assert set(outcomes.values()) == {"ok"} and len(outcomes) == len(counts) - 1
    stored = dict(registry.query("select source, count(*) from registry.record group by 1"))
    counts["ctcn-assistance"] -= 1
    counts["unido-exchange"] += 1  # its tombstone
    assert stored == counts
    assert dict(registry.query("select distinct source, format from registry.record where source in "
                               "('worldbank-okr', 'unep-wedocs', 'un-digital-library', 'apctt-offers') and status = 'active'")) == {
        "worldbank-okr": "xoai", "unep-wedocs": "xoai", "un-digital-library": "marcxml", "apctt-offers": "oai_dc"}
    untitled = registry.query("select source, count(*) from registry.record where title is null and status = 'active' group by 1")
    assert untitled == []
    # What UNEP and the World Bank published together is one entry, listed by both.
    # (Titles are drawn, so another report of one of them may look the same.)
    joint = registry.query(
        "select array_agg(source || ' ' || identifier order by source) from registry.record where entry_id in (select entry_id "
        "from registry.record where source = 'unep-wedocs' and identifier ~ '/1(015|045|075|105|135)$') group by entry_id")
    assert len(joint) == 5
    for (listed,) in joint:
        assert {x.split()[0] for x in listed} == {"unep-wedocs", "worldbank-okr"}, listed
    said = d.ctl("explain", "unep-wedocs", "oai:wedocs.example.org:20.500.11822/1015").stdout
    assert "2 records" in said and "worldbank-okr" in said
    # And once more: nothing is new, nothing changes.
    d.once()
    again = registry.query("select s.name, r.added, r.changed from sheaf.run r join sheaf.source s using (source_id) "
                           "where r.run_id = s.last_run and r.added + r.changed > 0")
    assert again == []


def test_offers_of_a_static_file(everything):
    d, _ = everything
    shown = d.json("show", "apctt-offers", "oai:apctt.example.org:offer/1001")
    assert shown["kind"] == {"code": "technology-offer", "basis": "declared", "scheme": "urn:sheaf:kind"}
    assert [s["code"] for s in shown["sectors"]] == ["energy-supply"]
    assert ("142", "available") in [(c["code"], c["role"]) for c in shown["countries"]]


def test_xoai_keeps_what_oai_dc_drops(everything):
    d, _ = everything
    for name, identifier in (("worldbank-okr", "oai:okr.example.org:10986/1004"),
                             ("unep-wedocs", "oai:wedocs.example.org:20.500.11822/1004")):
        shown = d.json("show", name, identifier)
        dates = {x["role"]: x["value"] for x in shown["dates"]}
        assert len(dates["issued"]) == 4 and dates["issued"] < dates["deposited"], "told apart by their qualifiers"
        assert shown["titles"][0]["lang"] == shown["languages"][0]["code"]
        assert {"handle", "doi"} == {x["scheme"] for x in shown["identifiers"]}
        assert [x["role"] for x in shown["links"]].count("full-text") == 1
        assert [c["role"] for c in shown["countries"]] == ["about"]
        assert shown["agents"][0]["role"] == "author" and shown["kind"]["basis"] == "mapped"


def test_marc_of_the_digital_library(everything):
    d, _ = everything
    shown = d.json("show", "un-digital-library", "oai:undl.example.org:1500")
    assert {"scheme": "un-symbol", "value": "A/79/600"}.items() <= next(
        x for x in shown["identifiers"] if x["scheme"] == "un-symbol").items()
    assert " : " in shown["titles"][0]["text"] or ": " in shown["titles"][0]["text"]
    assert [x["role"] for x in shown["dates"]].count("issued") == 1
    assert shown["links"][0]["url"].startswith("https://undl.example.org/record/1500/files/A_79_600-")
    assert shown["countries"][0]["basis"] == "mapped" and shown["languages"][0]["basis"] == "mapped"
    assert all(s["text"].isupper() for s in shown["subjects"])
