"""sheafctl check: what the endpoint doctor says of feeds, good and bad."""

import os
import re
import subprocess

import pytest

from feedserver import Feed, atom, items, now, rdf
from nouns import Reply, Repository, records, source
from test_check import CONFIG, OK, UNAVAILABLE, check, found  # noqa: F401

DAY = 86400
PROFILE = [("urn:sheaf:kind", "technology-offer"), ("urn:sheaf:sector", "water"), ("urn:sheaf:sdg", "6"),
           ("urn:sheaf:country:target", "KEN")]


def news(n=20, **more):
    return items(n, newest=now() - 3600, **more)


def html(*offers):
    links = "".join('<link rel="alternate" type="application/%s+xml" title="%s" href="%s">' % o for o in offers)
    return ("<!DOCTYPE html><html><head><title>Newsroom</title>%s</head><body>Hello</body></html>" % links).encode()


def page(server, body, path="/newsroom"):
    p = server.mount(Repository("page"), path)
    p.on(lambda q: True, Reply(200, body, {"Content-Type": "text/html"}))
    return p


def test_a_healthy_feed(server, check):
    feed = server.mount(Feed("news", news(), head="<generator>Drupal 10 (https://www.drupal.org)</generator>",
                             about="What is new"), "/rss.xml")
    code, report = check("--allow-private", feed.base_url)
    assert code == OK and report["protocol"] == "feed" and report["worst"] == "note"
    assert "rss-2.0" in found(report, "ok", "feed") and "Drupal 10" in found(report, "ok", "feed")
    assert report["title"] == "Feed news"
    assert report["items"] == {"live": 20, "deleted": 0, "rejected": 0}
    assert "nothing had to be repaired" in found(report, "ok", "clean")
    assert report["fields"]["title"] == report["fields"]["date"] == report["fields"]["guid"] == 100
    assert report["fields"]["sector"] == 0
    assert report["rhythm"]["median_seconds"] == DAY and report["rhythm"]["interval_seconds"] == DAY // 2
    assert "an item every 1d (median)" in found(report, "ok", "rhythm")
    assert "304, by ETag, Last-Modified" in found(report, "ok", "polling")
    assert report["settings"]["protocol"] == "feed" and report["settings"]["kind"] == "news"
    assert [r["identifier"] for r in report["records"]] == [i.guid for i in feed.items[:-4:-1]]
    # The address, a conditional GET, and Drupal's second page.
    assert report["requests"] == len(feed.requests) == 3
    assert feed.requests[1].headers["If-None-Match"]


def test_an_atom_feed_with_the_profile(server, check):
    feed = server.mount(Feed("offers", news(5, categories=PROFILE), atom), "/offers.atom")
    code, report = check("--allow-private", feed.base_url)
    assert code == OK and "atom-1.0" in found(report, "ok", "feed")
    assert all(report["fields"][k] == 100 for k in ("kind", "sector", "sdg", "country"))
    assert "kind" not in report["settings"], "the items say it"
    assert report["records"][0]["kind"] == {"code": "technology-offer", "basis": "declared", "scheme": "urn:sheaf:kind"}


def test_an_rdf_feed_and_what_it_asks_for(server, check):
    head = "<sy:updatePeriod>weekly</sy:updatePeriod><sy:updateFrequency>1</sy:updateFrequency>"
    feed = server.mount(Feed("r", news(5, step=600), rdf, head=head), "/index.rdf")
    code, report = check("--allow-private", feed.base_url)
    assert code == OK and "rss-1.0" in found(report, "ok", "feed")
    assert "every 7d (sy:updatePeriod)" in found(report, "ok", "rhythm")
    assert report["rhythm"]["interval_seconds"] == DAY, "not longer than interval"
    assert "may come and go unseen" in found(report, "advice", "rhythm")


def test_ttl_hours_and_hub(server, check):
    head = ("<ttl>180</ttl><skipHours><hour>1</hour><hour>2</hour></skipHours><skipDays><day>Sunday</day></skipDays>"
            '<atom:link rel="hub" href="https://hub.example.org/"/>')
    feed = server.mount(Feed("n", news(step=3600), head=head), "/rss.xml")
    code, report = check("--allow-private", feed.base_url)
    said = found(report, "ok", "rhythm")
    assert "every 3h (ttl)" in said and "in the hours 1, 2 (UTC) and on sunday" in said
    assert report["rhythm"]["interval_seconds"] == 3 * 3600
    assert "https://hub.example.org/" in found(report, "ok", "hub")


@pytest.mark.parametrize("validators,words", [
    ((), "neither ETag nor Last-Modified"), (("etag", "lies"), "sends ETag and never says")], ids=["none", "ignored"])
def test_a_server_that_never_says_304(server, check, validators, words):
    feed = server.mount(Feed("n", news(), validators=validators), "/rss.xml")
    code, report = check("--allow-private", feed.base_url)
    assert code == OK and words in found(report, "note", "polling")
    assert "known by their bytes" in found(report, "note", "polling")
    assert report["poll"] == {"not_modified": 0, "same_bytes": 1}


def test_guids_that_change_and_bytes_that_do(server, check):
    feed = server.mount(Feed("n", news(), validators=()), "/rss.xml")
    feed.on(lambda q: True, lambda q, b: re.sub(rb">(\d+) at ", b">\\1 time %d at " % q.n, b))
    code, report = check("--allow-private", feed.base_url)
    assert "differ in their bytes" in found(report, "note", "polling")
    assert "20 items had other guids" in found(report, "advice", "identity")


def test_guids_that_are_shared_or_missing(server, check):
    shared = news(6)
    for i in shared[:4]:
        i.guid = "the same"
    feed = server.mount(Feed("n", shared), "/rss.xml")
    code, report = check("--allow-private", feed.base_url)
    assert report["identity"]["guids_repeated"] == 1 and "by their links" in found(report, "advice", "identity")
    feed.on(lambda q: True, lambda q, b: re.sub(rb" <guid.*</guid>\n", b"", b))
    code, report = check("--allow-private", feed.base_url)
    assert report["identity"]["without_guid"] == 6 and report["fields"]["guid"] == 0
    assert "6 of 6 items have no guid" in found(report, "note", "identity")


def test_what_the_agency_could_mend(server, check):
    feed = server.mount(Feed("n", news(8)), "/rss.xml")

    def spoil(q, body):
        body = re.sub(rb"<pubDate>.*?</pubDate>", b"<pubDate>the other day</pubDate>", body, count=3)
        body = body.replace(b"What item 7", b"Caf\xe9 & co. What item 7")
        return re.sub(rb"<description>&lt;p&gt;What item 2.*?</description>", b"", body)

    feed.on(lambda q: True, spoil)
    code, report = check("--allow-private", feed.base_url)
    assert code == OK and report["warnings"]["date-unknown"] == 3
    said = found(report, "note", "clean")
    assert "date-unknown (3 items): a date is not understood; RSS wants Tue, 03 Jun 2025" in said
    assert "xml-mended" in said or "bytes-repaired" in said
    assert report["fields"]["text"] == 87
    assert "3 of 8 items have no date" in found(report, "note", "fields")
    assert "1 of 8 items have no text" in found(report, "note", "fields")


def test_archives_are_tried(server, check):
    old = server.mount(Feed("old", items(7, host="old.example.org"), atom), "/old.atom")
    feed = server.mount(Feed("n", news(5), atom, links='<link rel="prev-archive" href="%s"/>' % old.base_url), "/n.atom")
    code, report = check("--allow-private", feed.base_url)
    assert "its archive leads to 7 more" in found(report, "ok", "older items")
    old.on(lambda q: True, Reply(404, b"gone"))
    code, report = check("--allow-private", feed.base_url)
    assert code == OK and "does not lead to older ones: status 404" in found(report, "advice", "older items")


def test_pages_of_wordpress_and_of_drupal_are_found(server, check):
    for software, param, first in ("https://wordpress.org/?v=6.5", "paged", 2), ("Drupal 10", "page", 1):
        feed = server.mount(Feed("n", news(25), window=10, pages=(param, first),
                                 head="<generator>%s</generator>" % software), "/rss.xml")
        code, report = check("--allow-private", feed.base_url)
        assert "%s=%d leads to 10 more" % (param, first) in found(report, "ok", "older items")
        assert report["settings"]["page_param"] == param
        assert report["settings"].get("page_first", "2") == str(first)


def test_a_complete_list(server, check):
    feed = server.mount(Feed("n", news(5), atom, head="<fh:complete/>"), "/n.atom")
    code, report = check("--allow-private", feed.base_url)
    assert "complete list" in found(report, "ok", "older items")


def test_a_page_that_names_its_feed_is_followed_once(server, check):
    feed = server.mount(Feed("n", news(), atom), "/feeds/all.atom")
    p = page(server, html(("atom", "All", "/feeds/all.atom"), ("rss", "Events", "/events.xml")))
    code, report = check("--allow-private", p.base_url)
    assert code == OK and feed.base_url in found(report, "advice", "discovery")
    assert "/events.xml (Events)" in found(report, "note", "discovery")
    assert report["settings"]["url"] == feed.base_url and report["items"]["live"] == 20

    feed.on(lambda q: True, Reply(200, html(("rss", "x", "/events.xml")), {"Content-Type": "text/html"}))
    code, report = check("--allow-private", p.base_url)
    assert code == UNAVAILABLE and "an HTML page titled \"Newsroom\", not a feed" in found(report, "problem", "feed")
    assert report["requests"] == 2


def test_a_page_that_names_none(server, check):
    p = page(server, html())
    code, report = check("--allow-private", p.base_url)
    assert code == UNAVAILABLE and "no page that names one" in found(report, "note", "address")
    assert report["settings"] == {}


def test_a_feed_that_moved_for_good_and_one_that_redirects(server, check):
    feed = server.mount(Feed("n", news()), "/rss.xml")
    old = server.mount(Repository("old"), "/old.xml")
    there = feed.base_url
    old.on(lambda q: True, Reply(301, b"", {"Location": there}))
    code, report = check("--allow-private", old.base_url)
    assert code == OK and there in found(report, "advice", "address") and report["settings"]["url"] == there
    old.rules.clear()
    old.on(lambda q: True, Reply(302, b"", {"Location": there}))
    code, report = check("--allow-private", old.base_url)
    assert code == OK and "1 redirects for now" in found(report, "note", "address")
    assert "url" not in report["settings"]


def test_an_empty_feed_and_one_that_is_no_more(server, check):
    feed = server.mount(Feed("n"), "/rss.xml")
    code, report = check("--allow-private", feed.base_url)
    assert code == OK and "nothing to harvest now" in found(report, "note", "items")
    feed.on(lambda q: True, Reply(404, b"<html><title>Not here</title></html>", {"Content-Type": "text/html"}))
    code, report = check("--allow-private", feed.base_url)
    assert code == UNAVAILABLE and "404" in found(report, "problem")


def test_a_source_of_the_configuration(server, daemon):
    feed = server.mount(Feed("n", news()), "/rss.xml")
    repo = server.mount(Repository("r", records(3)))
    d = daemon(
        source("s", url=feed.base_url, protocol="feed", format=None, interval="2h"),
        source("feed-as-oai", url=feed.base_url),
        source("oai-as-feed", repo, protocol="feed", format=None), init=False)
    p = d.ctl("check", "s")
    assert "PROBLEM" not in p.stdout and "Advised settings:\n  [source s]\n  agency = test" in p.stdout
    assert "about every 2h (within interval_min 15m and interval 2h)" in p.stdout
    assert "kind = publication" in p.stdout, "as it is configured"
    p = d.run("sheafctl", "check", "feed-as-oai", check=UNAVAILABLE)
    assert "it is a feed: set protocol = feed" in p.stdout and "Advised settings" not in p.stdout
    p = d.run("sheafctl", "check", "oai-as-feed", check=UNAVAILABLE)
    assert "set protocol = oai-pmh" in p.stdout


def test_the_block_can_be_pasted(server, daemon, registry):
    """What check advises of a URL is a configuration that harvests it."""
    feed = server.mount(Feed("n", news(25), window=10, pages=("page", 1), title='"News" # 1 & more',
                             head="<generator>Drupal</generator>"), "/rss.xml")
    d = daemon(init=False)
    p = d.ctl("check", "--allow-private", feed.base_url)
    block = p.stdout.split("Advised settings:\n", 1)[1]
    assert "[agency agency]\n" in block and "[source agency-feed]\n" in block
    d.configure(block)
    d.run("sheafd", "--check", check=OK)
    d.ctl("init")
    d.once()
    assert len(registry.identifiers("agency-feed")) == 25
    assert registry.value("select distinct kind from registry.record where source = 'agency-feed'") == "news"
