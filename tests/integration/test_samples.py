"""The sample agencies' feeds, as the quickstart harvests them, and how they look
to an operator."""

import json

import pytest

import agencies
from feedserver import Feed, items, now
from nouns import Reply, Repository, source


@pytest.fixture
def samples(server, daemon):
    """A daemon with the three feeds, harvested once."""
    there = [(name, keys) for name, _, keys, _, _ in agencies.sources(server) if keys["protocol"] == "feed"]
    d = daemon(*(source(n, **{"format": None, "kind": None, **keys}) for n, keys in there))
    d.once()
    return d


def test_the_sample_feeds_are_harvested_whole(samples, registry):
    rows = registry.query("select source, kind, count(*) from registry.record where status = 'active' group by 1, 2")
    assert sorted(rows) == [
        ("cbd-meetings", "event", 18), ("unctad-news", "news", 46), ("unido-exchange", "technology-need", 10),
        ("unido-exchange", "technology-offer", 20)]
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
    for line in ("progress     open", "country      KOR (origin)", "sector       energy-supply", "SDG          7",
                 "TRL          "):
        assert line in text


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
