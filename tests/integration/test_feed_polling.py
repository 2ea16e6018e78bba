"""MISBEHAVIOUR F 30 to 32 and 38, through the whole daemon: feeds that are
polled. The number in a test's docstring is its line there. (What stands in
feeds: test_feed_reading.py, test_feeds.py; what means harm:
test_feed_hostile.py.)"""

import re
import time
from datetime import datetime, timezone

import pytest

from feedserver import Feed, Item, atom, items, rss
from nouns import Reply, Repository, Server, records, source, wait_for

DAY = 86400


def feed_source(name, feed=None, **keys):
    return source(name, feed, protocol="feed", format=None, **{"kind": "news", **keys})


def news(n=10, start=0, **more):
    """n items; what comes later continues them."""
    return items(start + n, newest=int(time.time()) - 3600 + 60 * start, step=60, **more)[start:]


def guids(*many):
    return {i.guid for some in many for i in some}


def last(registry, name, *columns):
    run = registry.runs(name)[-1]
    return tuple(run[c] for c in columns)


def advice(registry, name):
    return registry.value("select advice from registry.source_status where source = %s", name) or ""


def wait_in_s(registry, name):
    """From the last run's end to the next one."""
    return registry.value(
        "select extract(epoch from s.next_due - r.closed_at)::float from sheaf.source s join sheaf.run r on r.run_id = s.last_run "
        "where s.name = %s", name)


def rows(registry, name):
    return registry.query(
        "select record_id, identifier, status, title, url from registry.record where source = %s order by 1", name)


def set_quirk(registry, name, key, value):
    registry.query("update sheaf.source set quirks = regexp_replace(quirks, '(^|\\n)' || %s || '=[^\\n]*', '\\1' || %s || '=' || %s) "
                   "where name = %s", key, key, value, name)


# --- 30: identity ---

def test_guids_that_change_at_each_poll(registry, server, daemon):
    """30"""
    feed = server.mount(Feed("f", news(10)), "/f")
    d = daemon(feed_source("f", feed))
    d.once()
    before = rows(registry, "f")
    for poll in range(3):
        feed.items = [Item(i.title, i.link, "%s#%d" % (i.guid, poll), i.at, i.text) for i in feed.items]
        d.once()
        assert len(rows(registry, "f")) == 10
        assert last(registry, "f", "outcome", "added") == ("ok", 0), poll
        assert "guids change at every poll" in advice(registry, "f")
    after = rows(registry, "f")
    # The same records, with their history.
    assert [r[0] for r in after] == [r[0] for r in before] and {r[2] for r in after} == {"active"}
    assert {r[1] for r in after} == {i.link for i in feed.items}
    assert "guids change at every poll" in d.ctl("status").stdout
    # And from here on nothing costs anything.
    feed.items = [Item(i.title, i.link, i.guid + "x", i.at, i.text) for i in feed.items]
    d.once()
    assert last(registry, "f", "added", "changed", "unchanged", "deleted")[0] == 0


def test_guids_that_repeat(registry, server, daemon):
    """30"""
    one = [Item(i.title, i.link, "the-guid", i.at, i.text) for i in news(5)]
    two = [Item(i.title, "https://example.org/page", "the-guid", i.at, i.text) for i in news(5)]
    a, b = server.mount(Feed("a", one), "/a"), server.mount(Feed("b", two), "/b")
    d = daemon(feed_source("a", a), feed_source("b", b))
    for _ in range(2):
        d.once()
        assert registry.identifiers("a") == {i.link for i in one}
        assert len(registry.identifiers("b")) == 5
        assert "known by their links" in advice(registry, "a") and "known by their content" in advice(registry, "b")
        a.items[0].text += "!"


def test_guids_that_begin_to_repeat(registry, server, daemon):
    """30"""
    feed = server.mount(Feed("f", news(6)), "/f")
    d = daemon(feed_source("f", feed))
    d.once()
    before = rows(registry, "f")
    feed.items = [Item(i.title, i.link, "0", i.at, i.text) for i in feed.items]
    d.once()
    after = rows(registry, "f")
    assert [r[0] for r in after] == [r[0] for r in before] and {r[2] for r in after} == {"active"}
    assert registry.identifiers("f") == {i.link for i in feed.items}


def test_guids_that_are_missing_or_no_permalinks(registry, server, daemon):
    """30"""
    bare = server.mount(Feed("bare", news(5)), "/bare")
    bare.on(lambda q: True, lambda q, b: re.sub(rb"<guid.*?</guid>", b"", b))
    nothing = server.mount(Feed("nothing", news(5)), "/nothing")
    nothing.on(lambda q: True, lambda q, b: re.sub(rb"<(guid|link)[^<]*</(guid|link)>", b"", b))
    # It says that its guids are addresses, and they are not; or that they are not, and they are.
    lies = server.mount(Feed("lies", news(5)), "/lies")
    lies.on(lambda q: True, lambda q, b: b.replace(b'isPermaLink="false"', b'isPermaLink="true"'))
    d = daemon(*[feed_source(f.name, f) for f in (bare, nothing, lies)])
    for _ in range(2):
        d.once()
        assert registry.identifiers("bare") == {i.link for i in bare.items}
        assert len(registry.identifiers("nothing")) == 5
        assert registry.identifiers("lies") == guids(lies.items)
        assert {r[4] for r in rows(registry, "lies")} == {i.link for i in lies.items}
        for f in (bare, nothing, lies):
            f.head += "<generator>x</generator>"  # another body, the same items


def test_tracking_parameters_make_no_other_item(registry, server, daemon):
    """30"""
    feed = server.mount(Feed("f", news(5)), "/f")
    plain = feed.items
    feed.on(lambda q: True, lambda q, b: re.sub(rb"<guid.*?</guid>", b"", b))
    d = daemon(feed_source("f", feed))
    for campaign in ("", "?utm_source=rss&utm_campaign=%d", "?fbclid=%d"):
        feed.items = [Item(i.title, i.link + (campaign and (campaign % 7)), i.guid, i.at, i.text) for i in plain]
        d.once()
        assert registry.identifiers("f") == {i.link for i in plain}
        assert registry.value("select count(*) from registry.record") == 5
        assert campaign == "" or last(registry, "f", "outcome", "unchanged") == ("ok", 5)


# --- 31: conditional GET ---

@pytest.mark.parametrize("how", ["etag", "weak", "last-modified", "both", "ignores"])
def test_an_unchanged_feed_costs_nothing(registry, server, daemon, how):
    """31"""
    validators = {"weak": ("etag",), "both": ("etag", "last-modified"), "ignores": ()}.get(how, (how,))
    feed = server.mount(Feed("f", news(), validators=validators), "/f")
    if how == "weak":
        seen = feed.answer

        def weak(q):
            q.headers = {k: v.replace("W/", "") for k, v in q.headers.items()}
            reply, body = seen(q)
            reply.headers["ETag"] = "W/" + reply.headers["ETag"]
            return reply, body
        feed.answer = weak
    d = daemon(feed_source("f", feed), log_level="info")
    d.once()
    assert registry.identifiers("f") == guids(feed.items)
    for _ in range(3):
        d.once()
        q = feed.requests[-1]
        assert last(registry, "f", "outcome", "received", "page_no") == ("ok", 0, 0)
        assert q.status == (200 if how == "ignores" else 304)
        assert ("If-None-Match" in q.headers) == ("etag" in validators)
        assert ("If-Modified-Since" in q.headers) == ("last-modified" in validators)
    # A change is seen.
    feed.items[3].title = "Changed"
    feed.items[3].at += DAY
    d.once()
    assert last(registry, "f", "outcome", "changed", "unchanged") == ("ok", 1, 9)
    assert registry.records("f")[feed.items[3].guid][2] == "Changed"
    # The validators are those of what was read.
    d.once()
    assert last(registry, "f", "received") == (0,)


def test_a_304_for_ever(registry, server, daemon):
    """31"""
    feed = server.mount(Feed("f", news()), "/f")
    lie = {k: "Mon, 01 Jan 2024 00:00:00 GMT" if k == "Last-Modified" else '"same"' for k in ("ETag", "Last-Modified")}
    feed.answer = lambda q: (
        (Reply(304, b"", lie), b"") if "If-None-Match" in q.headers
        else (Reply(200, None, {"Content-Type": "application/rss+xml", **lie}), rss(feed, feed.items).encode()))
    d = daemon(feed_source("f", feed))
    d.once()
    feed.items += news(1, 10)
    d.once()
    assert feed.requests[-1].status == 304 and len(registry.identifiers("f")) == 10
    set_quirk(registry, "f", "read_at", str(int((time.time() - 8 * DAY) * 1e6)))
    d.once()
    assert "If-None-Match" not in feed.requests[-1].headers
    assert registry.identifiers("f") == guids(feed.items)


# --- 32: when ---

HEADS = {
    # name: (head, headers, keys, seconds to wait at least)
    "plain": ("", {}, {}, 3600),
    "ttl": ("<ttl>120</ttl>", {}, {}, 7200),
    "sy": ('<sy:updatePeriod xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">daily</sy:updatePeriod>'
           '<sy:updateFrequency xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">8</sy:updateFrequency>', {}, {}, 10800),
    "cache": ("", {"Cache-Control": "public, max-age=7200"}, {}, 7200),
    "expires": ("", {"Expires": datetime.fromtimestamp(time.time() + 9000, timezone.utc).strftime("%a, %d %b %Y %H:%M:%S GMT")}, {}, 8900),
    "most": ("<ttl>999999</ttl>", {}, {"interval": "5h"}, 18000),
    "least": ("", {}, {"interval_min": "2h"}, 7200),
    "skips": ("<skipHours>%s</skipHours>" % "".join("<hour>%d</hour>" % h for h in range(24)), {}, {}, 3600),
}


def test_when_a_feed_is_asked_again(registry, server, daemon):
    """32"""
    feeds = {}
    for name, (head, headers, keys, _) in HEADS.items():
        feeds[name] = server.mount(Feed(name, news(), head=head), "/" + name)
        feeds[name].on(lambda q: True, lambda q, b, h=headers: Reply(200, b, h) if q.status != 304 else b)
    d = daemon(*[feed_source(n, f, **HEADS[n][2]) for n, f in feeds.items()])
    d.once()
    for name, (_, _, _, least) in HEADS.items():
        wait = wait_in_s(registry, name)
        assert least - 60 <= wait <= least * 1.1 + 1000, (name, wait)


def test_skipped_hours(registry, server, daemon):
    """32"""
    now = datetime.now(timezone.utc)
    free = (now.hour + 5) % 24
    feed = server.mount(Feed("f", news(), head="<skipHours>%s</skipHours>" % "".join(
        "<hour>%d</hour>" % h for h in range(24) if h != free)), "/f")
    d = daemon(feed_source("f", feed))
    d.once()
    assert registry.value("select extract(hour from next_due at time zone 'UTC') from sheaf.source") == free


def test_the_rhythm_is_learned(registry, server, daemon):
    """32"""
    feed = server.mount(Feed("f", news()), "/f")
    d = daemon(feed_source("f", feed))
    d.once()
    quiet = wait_in_s(registry, "f")
    # Ten items in an hour, then none in two days.
    set_quirk(registry, "f", "changed_at", str(int((time.time() - 3600) * 1e6)))
    feed.items += news(10, 10)
    feed.window = 15
    d.once()
    assert 900 <= wait_in_s(registry, "f") <= 991 < quiet
    set_quirk(registry, "f", "changed_at", str(int((time.time() - 2 * DAY) * 1e6)))
    d.once()
    assert wait_in_s(registry, "f") > 20 * 3600


# --- statuses ---

def test_statuses_and_redirects(registry, server, daemon):
    """15, 18"""
    feed = server.mount(Feed("real", news()), "/real")

    def mount(name, status, **headers):
        r = server.mount(Repository(name), "/" + name)
        r.on(lambda q: True, Reply(status, b"", {k.replace("_", "-"): v for k, v in headers.items()}))
        return r

    there = feed.base_url
    all_ = [mount("moved", 301, Location=there), mount("found", 302, Location=there), mount("gone", 410),
            mount("missing", 404), mount("broken", 500), mount("busy", 429, Retry_After="1"), mount("empty", 200)]
    d = daemon(*[feed_source(r.name, r, tries=2) for r in all_])
    d.once(check=None)
    for name in ("moved", "found"):
        assert registry.identifiers(name) == guids(feed.items)
    assert "set url = " + there in advice(registry, "moved") and not advice(registry, "found")
    state = {r.name: registry.status(r.name) for r in all_}
    assert state["gone"]["state"] == "paused" and "410" in state["gone"]["last_error"]
    for name, text in {"missing": "404", "broken": "500", "busy": "429", "empty": "empty body"}.items():
        assert state[name]["outcome"] == "failed" and text in state[name]["last_error"], state[name]
        assert "to try by hand: <http" in state[name]["last_error"]
    assert len(all_[3].requests) == 1 and len(all_[4].requests) == 2 and len(all_[5].requests) == 2
    assert all_[5].requests[1].at - all_[5].requests[0].at >= 1
    assert "is paused" in d.text() and "gone for good" in d.ctl("status").stdout
    # The moved one is still asked where the configuration says; more failures, longer waits.
    first = wait_in_s(registry, "missing")
    registry.query("update sheaf.source set failures = 5 where name = 'missing'")
    d.once(check=None)
    assert len(all_[0].requests) == 2 and len(all_[2].requests) == 1
    assert wait_in_s(registry, "missing") > 2 * first
    # What was refused comes back.
    server.repositories["/missing"] = server.repositories["/real"]
    d.once("missing")
    assert registry.identifiers("missing") == guids(feed.items)
    assert registry.value("select failures from sheaf.source where name = 'missing'") == 0


def test_when_most_fail_nobody_is_blamed(registry, daemon):
    """29"""
    servers = [Server() for _ in range(6)]  # a host counts once
    feeds = [s.mount(Feed("f%d" % i, news()), "/f") for i, s in enumerate(servers)]
    d = daemon(*[feed_source(f.name, f, tries=1) for f in feeds])
    d.once()
    for s in servers:
        s.stop()
    d.once(check=None)
    assert d.text().count("the fault is this machine's") == 1
    assert {registry.status(f.name)["outcome"] for f in feeds} == {"failed"}
    assert registry.value("select sum(failures) from sheaf.source") < 6  # those before it was clear


def test_discovery(registry, server, daemon):
    """36"""
    feed = server.mount(Feed("real", news(), links='<link rel="hub" href="https://hub.example.org/"/>', write=atom), "/news/rss")
    home = server.mount(Repository("home"), "/home")
    home.on(lambda q: True, Reply(200, b'<!DOCTYPE html><html><head><title>Agency</title><link rel="alternate" '
                                  b'type="application/atom+xml" href="/news/rss"></head></html>', {"Content-Type": "text/html"}))
    plain = server.mount(Repository("plain"), "/plain")
    plain.on(lambda q: True, Reply(200, b"<!DOCTYPE html><html><head><title>Nothing here</title></head></html>", {"Content-Type": "text/html"}))
    d = daemon(feed_source("home", home), feed_source("plain", plain, tries=1))
    d.once(check=None)
    assert registry.identifiers("home") == guids(feed.items)
    assert "set url = " + feed.base_url in advice(registry, "home")
    assert "Nothing here" in registry.status("plain")["last_error"] and "not a feed" in registry.status("plain")["last_error"]
    # Once: then it is asked at its own address, conditionally.
    d.once("home")
    assert len(home.requests) == 1 and feed.requests[-1].status == 304
    assert "set url = " + feed.base_url in d.ctl("status").stdout
    assert "hub=https://hub.example.org/" in registry.value("select facts from sheaf.source where name = 'home'")


def test_credentials_stay_at_home(registry, server, daemon):
    """45"""
    other = Server()
    older = other.mount(Feed("older", news(5)), "/older")
    feed = server.mount(Feed("f", news(5, 5), atom, links='<link rel="prev-archive" href="%s"/>' % older.base_url), "/f")
    d = daemon(feed_source("f", feed, header="X-Key: secret"))
    d.once()
    assert registry.identifiers("f") == guids(feed.items, older.items)
    assert feed.requests[0].headers["X-Key"] == "secret" and "X-Key" not in older.requests[0].headers
    other.stop()


# --- 38: windows, pages, archives ---

def test_out_of_the_window_is_not_out_of_the_registry(registry, server, daemon):
    """38"""
    feed = server.mount(Feed("f", news(10), window=10), "/f")
    d = daemon(feed_source("f", feed))
    d.once()
    first = guids(feed.items)
    feed.items = news(8, 10) + feed.items
    d.once()
    assert last(registry, "f", "outcome", "added") == ("ok", 8)
    assert registry.identifiers("f") == guids(feed.items) > first
    assert not advice(registry, "f")


def test_items_were_probably_missed(registry, server, daemon):
    """38"""
    feed = server.mount(Feed("f", news(10), window=10), "/f")
    d = daemon(feed_source("f", feed))
    d.once()
    feed.items += news(25, 10)
    d.once()
    assert len(registry.identifiers("f")) == 20
    assert "items were probably missed" in advice(registry, "f")
    assert "items were probably missed" in d.ctl("status").stdout
    # Told for a week.
    d.once()
    assert "items were probably missed" in advice(registry, "f")
    set_quirk(registry, "f", "missed_at", str(int((time.time() - 8 * DAY) * 1e6)))
    feed.items += news(1, 35)
    d.once()
    assert not advice(registry, "f")


def archived(server, name, parts):
    """A feed whose archives (RFC 5005, 4) are linked back from one to another,
    the last part being the feed itself."""
    feeds, links = [], ""
    for i, part in enumerate(parts):
        path = "/%s" % name if i == len(parts) - 1 else "/%s/%d" % (name, i)
        head = "" if i == len(parts) - 1 else "<fh:archive/>"
        feeds.append(server.mount(Feed(name, part, atom, links=links, head=head), path))
        links = '<link rel="prev-archive" href="%s"/>' % feeds[-1].base_url
    return feeds


def test_archives(registry, server, daemon):
    """38"""
    parts = [news(10, 10 * i) for i in range(4)]
    feeds = archived(server, "f", parts)
    d = daemon(feed_source("f", feeds[-1]))
    d.once()
    assert registry.identifiers("f") == guids(*parts)
    assert [len(f.requests) for f in feeds] == [1, 1, 1, 1]
    # No gap, no archive.
    feeds[-1].items = news(9, 31)
    feeds[-1].items += news(1, 40)
    d.once()
    assert [len(f.requests) for f in feeds] == [1, 1, 1, 2]
    # After a gap, back to what is known.
    parts += [news(10, 41), news(10, 51), news(10, 61)]
    feeds = archived(server, "f", parts)
    d.once()
    assert registry.identifiers("f") == guids(*parts, news(1, 40))
    assert [len(f.requests) for f in feeds] == [0, 0, 0, 1, 1, 1, 1]
    assert not advice(registry, "f")


def test_pages(registry, server, daemon):
    """38"""
    numbered = server.mount(Feed("numbered", news(35), window=10, pages=("paged", 2)), "/numbered")
    again = server.mount(Feed("again", news(10), window=10), "/again")  # gives the first page for all
    circle = server.mount(Feed("circle", news(10), atom), "/circle")
    circle.links = '<link rel="next" href="%s"/>' % circle.base_url
    linked = server.mount(Feed("linked", news(10, 10), atom, links='<link rel="next" href="/linked2"/>'), "/linked")
    linked2 = server.mount(Feed("linked2", news(10), atom), "/linked2")
    d = daemon(feed_source("numbered", numbered, page_param="paged"), feed_source("again", again, page_param="page"),
               feed_source("circle", circle), feed_source("linked", linked))
    d.once(check=None)
    assert registry.identifiers("numbered") == guids(numbered.items)
    assert [q.raw for q in numbered.requests] == ["", "paged=2", "paged=3", "paged=4", "paged=5"]
    assert registry.identifiers("again") == guids(again.items) and len(again.requests) == 2
    assert registry.identifiers("circle") == guids(circle.items) and len(circle.requests) == 1
    assert "circle" in registry.status("circle")["last_error"]
    assert registry.identifiers("linked") == guids(linked.items, linked2.items)
    # A gap is closed by pages.
    numbered.items += news(25, 35)
    d.once("numbered")
    assert registry.identifiers("numbered") == guids(numbered.items)
    assert [q.raw for q in numbered.requests[5:]] == ["", "paged=2", "paged=3"]
    assert not advice(registry, "numbered")


def test_an_archive_that_fails_is_read_by_the_next_run(registry, server, daemon):
    """38"""
    parts = [news(10, 10 * i) for i in range(3)]
    feeds = archived(server, "f", parts)
    feeds[0].on(lambda q: True, Reply(404), times=1)
    d = daemon(feed_source("f", feeds[-1]))
    d.once(check=None)
    assert registry.status("f")["outcome"] == "partial" and "older items" in registry.status("f")["last_error"]
    assert registry.identifiers("f") == guids(*parts[1:])
    d.once()
    assert registry.identifiers("f") == guids(*parts)
    assert feeds[-1].requests[-1].status == 304


# --- what is gone ---

TOMB = '<at:deleted-entry xmlns:at="http://purl.org/atompub/tombstones/1.0" ref="%s" when="%s"/>'


def stamp(at):
    return datetime.fromtimestamp(at, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_tombstones(registry, server, daemon):
    """RFC 6721: in their own feed, and not on what is newer"""
    mine, theirs = (server.mount(Feed(n, news(5), atom), "/" + n) for n in ("mine", "theirs"))
    d = daemon(feed_source("mine", mine), feed_source("theirs", theirs))
    d.once()
    gone, newer = mine.items[0], mine.items[1]
    mine.head = TOMB % (gone.guid, stamp(time.time())) + TOMB % (newer.guid, stamp(newer.at - DAY)) + TOMB % ("unknown", stamp(time.time()))
    mine.items = mine.items[2:]
    d.once()
    assert registry.identifiers("mine", ("deleted",)) == {gone.guid, "unknown"}
    assert newer.guid in registry.identifiers("mine")
    assert registry.identifiers("theirs") == guids(theirs.items)
    # It comes back when it is newer.
    mine.items.append(Item(gone.title, gone.link, gone.guid, int(time.time()) + 60, gone.text))
    mine.head = ""
    d.once()
    assert gone.guid in registry.identifiers("mine")


def test_a_complete_feed(registry, server, daemon):
    """RFC 5005, 2: absence is removal, after the grace and under max_delete"""
    feed = server.mount(Feed("f", news(20), atom, head="<fh:complete/>"), "/f")
    other = server.mount(Feed("other", news(20), atom), "/other")
    d = daemon(feed_source("f", feed, grace="1s"), feed_source("other", other, grace="1s"))
    d.once()
    gone = feed.items[:1]
    feed.items, other.items = feed.items[1:], other.items[1:]
    d.once()
    assert registry.identifiers("f", ("missing",)) == guids(gone)
    assert not registry.identifiers("other", ("missing", "deleted"))
    time.sleep(1.1)
    feed.items[0].text += "!"  # else there is nothing to compare
    d.once()
    assert registry.identifiers("f", ("deleted",)) == guids(gone)
    # Half of it at once waits for a word.
    feed.items = feed.items[10:]
    d.once()
    assert len(registry.identifiers("f", ("missing",))) == 10
    time.sleep(1.1)
    feed.items[0].text += "!"
    d.once(check=None)
    assert registry.status("f")["state"] == "held"
    assert len(registry.identifiers("f", ("active", "missing"))) == 19
    # What the operator approves of is done.
    d.start()
    d.ctl("approve", "f")
    wait_for(lambda: registry.identifiers("f", ("active", "missing")) == guids(feed.items))


def test_expire(registry, server, daemon):
    """38"""
    old = Item("Old", "https://x.example.org/old", "old", int(time.time()) - 800 * DAY)
    feed = server.mount(Feed("f", news(3) + [old]), "/f")
    d = daemon(feed_source("f", feed, expire="2y"))
    d.once()
    ended = registry.query("select identifier from registry.record where content_status = 'ended'")
    assert ended == [("old",)] and len(registry.identifiers("f")) == 4


# --- the log, and kills ---

def test_a_poll_without_news_is_no_news(registry, server, daemon):
    """A line at level info only where something came."""
    feed = server.mount(Feed("f", news()), "/f")
    d = daemon(feed_source("f", feed), log_level="info")
    d.start()

    def ran(n):
        """so many runs are closed"""
        return lambda: len([r for r in registry.runs("f") if r["closed_at"]]) == n

    def told(pattern):
        """the log has it (a run is closed before sheafd hears of it)"""
        return lambda: re.search(pattern, d.text())

    wait_for(ran(1))
    wait_for(told("f: ok: 10 received, 10 new"))
    had = d.text().count("\n")
    for n in (2, 3):
        d.ctl("harvest", "f", "--wait")
        wait_for(ran(n))
    assert not re.search(r"received|begins", "".join(d.text().splitlines(True)[had:]))
    feed.items += news(1, 10)
    d.ctl("harvest", "f", "--wait")
    wait_for(told("f: ok: .* 1 new"))
    assert len(re.findall(r"f: ok: ", d.text())) == 2


def test_kills_in_an_archive_harvest(registry, server, daemon):
    """kill -9 of each role and of sheafd while archives are read: the same
    records as undisturbed"""
    parts = [news(10, 10 * i) for i in range(40)]
    feeds = archived(server, "f", parts)
    for f in feeds:
        f.on(lambda q: True, lambda q, b: Reply(q.status or 200, None, {"Content-Type": "application/atom+xml"}, delay=0.05))
    d = daemon(feed_source("f", feeds[-1]))
    d.start()

    def pages():
        return registry.value("select coalesce(max(page_no), 0) from sheaf.run")

    for role in ("sheaf-fetch", "sheaf-parse", None, "sheaf-store", None):
        n = pages()
        wait_for(lambda: pages() >= n + 3)
        d.kill(role)
        if role is None:
            d.start()
    wait_for(lambda: registry.value("select count(*) from sheaf.run where closed_at is not null") == 1)
    assert registry.identifiers("f") == guids(*parts)
    run = registry.runs("f")
    assert len(run) == 1 and run[0]["outcome"] == "ok"
    assert registry.value("select count(*) from registry.record") == 400


def test_a_feed_is_not_compared(registry, server, daemon):
    """--compare asks for a list of identifiers, which a feed has not: it is
    refused, and a source beside it that has one is compared."""
    feed, repo = server.mount(Feed("f", news()), "/f"), server.mount(Repository("r", records(10)))
    d = daemon(feed_source("f", feed), source("r", repo))
    d.start()
    wait_for(lambda: len(registry.query("select 1 from sheaf.run where closed_at is not null")) == 2)
    refused = d.ctl("harvest", "--compare", "--wait", "f", check=None)
    assert refused.returncode != 0 and "no list of identifiers" in refused.stderr
    d.ctl("harvest", "--compare", "--wait", "--all")
    assert registry.runs("r")[-1]["mode"] == "compare" and len(registry.runs("r")) == 2
    assert len(registry.runs("f")) == 1
