"""MISBEHAVIOUR H for feeds, through the whole daemon: what means harm has a
clear outcome, in bounded memory, and costs its own source only. (The same for
OAI-PMH, and what is on the wire: test_hostile.py.)

    SHEAF_TEST_ITEMS=1000000 pytest tests/integration/test_feed_hostile.py -k many_items

for as many items in one feed (default 50,000).
"""

import gzip
import os
import re
import time

import pytest

from feedserver import Feed, items
from nouns import Reply, Repository
from test_feed_polling import feed_source, guids
from test_hostile import MIB, QUICK, Wire, brotli_bomb, endless, harvest, is_clean, on_terminal, slowly

ITEMS = int(os.environ.get("SHEAF_TEST_ITEMS", "50000"))
HEAD = b'<rss version="2.0"><channel><title>t</title>'
FOOT = b"</channel></rss>"
GOOD = b"<item><guid>good</guid><title>Good</title></item>"
HTTP = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n\r\n"


def item(title=b"x", more=b"", guid=b"bad"):
    return b"<item><guid>%s</guid><title>%s</title>%s</item>" % (guid, title, more)


def feed(*parts, before=b""):
    return before + HEAD + b"".join(parts) + FOOT


def dtd(declarations):
    return b'<?xml version="1.0"?><!DOCTYPE rss [%s]>' % declarations


LAUGHS = b'<!ENTITY l0 "haha">' + b"".join(b'<!ENTITY l%d "%s">' % (i, b"&l%d;" % (i - 1) * 10) for i in range(1, 12))

# name: (body, whether the good item arrives; None: it may)
BODIES = {
    "entity bomb": (lambda: feed(item(b"&l11;"), GOOD, before=dtd(LAUGHS)), None),
    "quadratic": (lambda: feed(item(b"&a;" * 200000), GOOD, before=dtd(b'<!ENTITY a "%s">' % (b"a" * 200000))), None),
    "circle": (lambda: feed(item(b"&a;"), GOOD, before=dtd(b'<!ENTITY a "&b;"><!ENTITY b "&a;">')), None),
    "file": (lambda: feed(item(b"&a;"), GOOD, before=dtd(b'<!ENTITY a SYSTEM "file:///etc/passwd">')), True),
    "network": (lambda: feed(item(b"&a;"), GOOD, before=b'<!DOCTYPE rss SYSTEM "http://127.0.0.1:%d/dtd">'), True),
    "nesting": (lambda: feed(item(b"x", b"<a>" * 10000 + b"</a>" * 10000), GOOD), True),
    "nested html": (lambda: feed(item(b"x", b"<description>" + b"&lt;div&gt;" * 100000 + b"</description>"), GOOD), True),
    "open elements": (lambda: feed(item(b"x", b"<a>" * 300000)), None),
    "attributes": (lambda: feed(item(b"x", b"<a %s/>" % b" ".join(b'a%d="1"' % i for i in range(300000))), GOOD), None),
    "one attribute": (lambda: feed(item(b"x", b'<a b="%s"/>' % (b"x" * (50 * MIB))), GOOD), None),
    "one element": (lambda: feed(item(b"x", b"<description>%s</description>" % (b"word " * (40 * MIB))), GOOD), None),
    "one title": (lambda: feed(item(b"y" * (20 * MIB)), GOOD), None),
    "one guid": (lambda: feed(item(b"x", guid=b"g" * (5 * MIB)), GOOD), True),
    "links": (lambda: feed(item(b"x", b"<link>http://example.org/%s</link>" % (b"l" * (5 * MIB))), GOOD), True),
    "categories": (lambda: feed(item(b"x", b"<category>c</category>" * 200000), GOOD), True),
    "namespaces": (lambda: feed(item(b"x", b"".join(b'<a xmlns:n%d="u:%d"/>' % (i, i) for i in range(50000))), GOOD), True),
    "comment": (lambda: feed(b"<!--" + b"-" * (10 * MIB), GOOD), None),
    "cdata": (lambda: feed(item(b"<![CDATA[" + b"]]" * (5 * MIB)), GOOD), None),
    "angles": (lambda: feed(item(b"<" * 500000), GOOD), None),
    "ampersands": (lambda: feed(item(b"&" * 500000), GOOD), True),
    "declarations": (lambda: feed(GOOD, before=b"<?xml version='1.0'?>" * 100000), None),
    "skips": (lambda: feed(b"<skipHours>" + b"<hour>1</hour>" * 200000 + b"</skipHours><ttl>" + b"9" * 100000 + b"</ttl>", GOOD), True),
}
BOMBS = {
    "gzip": lambda: gzip.compress(b" " * (300 * MIB), 9),
    "br": lambda: brotli_bomb(100 * MIB),
}
WIRE = {
    "endless": lambda c: (c.sendall(HTTP + HEAD), endless(c, GOOD * 1000)),
    "endless text": lambda c: (c.sendall(HTTP + HEAD + b"<item><title>"), endless(c, b"x" * 65536)),
    "slow": lambda c: slowly(c, HTTP + HEAD + GOOD, 1),
}


def test_h44_bodies(registry, server, daemon):
    sources, names = [], {}
    local = server.mount(Repository("dtd"), "/dtd")
    for i, (what, (make, _)) in enumerate(BODIES.items()):
        body = make()
        r = server.mount(Repository("b%02d" % i))
        if what == "network":
            body = body % server.port
        r.on(lambda q: True, Reply(200, body, {"Content-Type": "application/rss+xml"}))
        names[what] = r.name
        sources.append(feed_source(r.name, r, tries=1, retry_delay="1ms"))
    good = server.mount(Feed("zz", items(50)), "/zz")
    d = daemon(*sources, feed_source("zz", good))
    harvest(d, registry, [*names.values(), "zz"], timeout=120)
    assert registry.identifiers("zz") == guids(good.items)
    assert not local.requests
    for what, (_, arrives) in BODIES.items():
        run = registry.runs(names[what])[-1]
        told = (what, run["outcome"], registry.status(names[what])["last_error"])
        print(*told, run["closed_at"] - run["started_at"])
        assert run["outcome"] in ("ok", "partial", "failed"), told
        assert run["outcome"] == "ok" or told[2], told
        if arrives:
            assert "good" in registry.identifiers(names[what]), told
    assert not registry.query("select 1 from registry.record where title ~ 'root:' or length(title) > 1100000")


def test_h44_bombs_and_wires(registry, server, daemon):
    wire = Wire()
    names, sources = {}, []
    for i, (coding, make) in enumerate(BOMBS.items()):
        r = server.mount(Repository("z%d" % i))
        r.on(lambda q: True, Reply(200, make(), {"Content-Encoding": coding}))
        names[coding] = r.name
        sources.append(feed_source(r.name, r, **QUICK))
    for i, (what, how) in enumerate(WIRE.items()):
        names[what] = "w%d" % i
        sources.append(feed_source(names[what], url="http://127.0.0.1:%d/" % wire.add(how), max_body="8M", **QUICK))
    good = server.mount(Feed("good", items(50)), "/good")
    d = daemon(*sources, feed_source("good", good))
    try:
        harvest(d, registry, [*names.values(), "good"])
    finally:
        wire.close()
    assert registry.identifiers("good") == guids(good.items)
    for what, name in names.items():
        run = registry.runs(name)[-1]
        assert run["outcome"] == "failed" and registry.status(name)["last_error"], what
        assert run["wire_bytes"] < 64 * MIB, what
    assert {registry.runs(names[b])[-1]["err_class"] for b in BOMBS} == {"LIMIT"}


def test_h44_many_items(registry, server, daemon):
    many = server.mount(Repository("many"))
    body = feed(*[item(b"Item %d" % i, b"<link>https://example.org/%d</link><description>What it is about.</description>" % i,
                       b"g%d" % i) for i in range(ITEMS)])
    many.on(lambda q: True, Reply(200, body, {"Content-Type": "application/rss+xml"}))
    good = server.mount(Feed("good", items(50)), "/good")
    d = daemon(feed_source("many", many), feed_source("good", good))
    began = time.monotonic()
    harvest(d, registry, ["many", "good"], timeout=600)
    run = registry.runs("many")[-1]
    print("%d items, %d MB: %.1f s" % (ITEMS, len(body) // MIB, time.monotonic() - began))
    assert (run["outcome"], run["added"]) == ("ok", ITEMS), registry.status("many")
    assert registry.identifiers("good") == guids(good.items)


def test_h45_where_a_feed_leads(registry, server, daemon):
    """Into the machine, or another scheme: by redirect, archive and discovery."""
    secret = server.mount(Feed("secret", items(3)), "/secret")
    bad = ["file:///etc/passwd", "gopher://127.0.0.1/", "http://169.254.169.254/latest", "javascript:alert(1)",
           "http://127.0.0.1:%d/\r\nX: y" % server.port]
    sources, names = [], []
    for i, url in enumerate(bad):
        by = {
            "r": Reply(302, b"", {"Location": url.replace("\r\n", "")}),
            "a": Reply(200, b'<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title><link rel="prev-archive" href="%s"/>'
                       b"<entry><id>good</id><title>Good</title></entry></feed>" % url.encode(), {"Content-Type": "application/atom+xml"}),
            "d": Reply(200, b'<html><head><title>t</title><link rel="alternate" type="application/rss+xml" href="%s"></head></html>'
                       % url.encode(), {"Content-Type": "text/html"}),
        }
        for how, reply in by.items():
            r = server.mount(Repository("%s%d" % (how, i)))
            r.on(lambda q: True, reply)
            names.append(r.name)
            sources.append(feed_source(r.name, r, **QUICK))
    d = daemon(*sources)
    harvest(d, registry, names)
    assert not secret.requests
    for name in names:
        outcome = registry.status(name)["outcome"]
        assert outcome == "failed" if name[0] in "rd" else outcome in ("ok", "partial"), (name, registry.status(name))
        assert registry.identifiers(name) == ({"good"} if name[0] == "a" else set())


EVIL = "<script>alert(1)</script>'; drop table sheaf.record; -- \x1b[2J\x9b31m\u202e\u2028 $(id) `id` %s%n {{7*7}}"


@pytest.mark.parametrize("how", ["raw", "escaped"])
def test_h46_nothing_is_more_than_text(registry, server, daemon, how):
    text = EVIL.encode()
    if how == "escaped":
        text = re.sub(rb"[\x00-\x1f]", b"", text.replace(b"&", b"&amp;").replace(b"<", b"&lt;"))
    rss = feed(b"<description>%s</description><link>%s</link><ttl>%s</ttl><pubDate>%s</pubDate>" % (text, text, text, text),
               item(text, b"<link>%s</link><pubDate>%s</pubDate><description>%s</description>" % (text, text, text), text))
    evil, title = server.mount(Repository("evil")), server.mount(Repository("title"))
    evil.on(lambda q: True, Reply(200, rss, {"Content-Type": "text/xml", "ETag": '"%s"' % EVIL.encode("ascii", "ignore").decode().replace("\x1b", "")}))
    title.on(lambda q: True, Reply(200, b"<html><head><title>%s</title></head></html>" % text))
    d = daemon(feed_source("evil", evil, **QUICK), feed_source("title", title, **QUICK))
    harvest(d, registry, ["evil", "title"])
    assert len(registry.records("evil")) == 1
    for verb in (["status"], ["records"], ["runs"], ["check", "evil"], ["check", "title"]):
        is_clean(on_terminal(d, *verb))
    assert "<script" not in registry.query("select title from registry.record")[0][0]
