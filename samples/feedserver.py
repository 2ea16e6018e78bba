"""RSS, Atom and RDF feeds for tests and samples, on the server of oaiserver.py:
correct by default, able to misbehave.

    feed = server.mount(Feed("news", items(20)), "/news/rss.xml")
    feed.on(lambda q: q.n == 1, Reply(503))

The feed says 304 to conditional requests (`validators` says to which), shows
its newest `window` items, and has older ones on ?PARAM=N where `pages` names
PARAM and the number of the second page. feed.requests has what was asked.
"""

import hashlib
import threading
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import formatdate
from xml.sax.saxutils import escape, quoteattr

from oaiserver import Query, Reply, iso
from urllib.parse import parse_qsl


@dataclass
class Item:
    title: str
    link: str
    guid: str
    at: int  # seconds since the epoch
    text: str = ""  # HTML
    creator: str = ""
    categories: list = field(default_factory=list)  # (scheme or "", term)
    extra: str = ""  # elements as they are


def items(n, host="feeds.example.org", newest=1780000000, step=86400, **more):
    """n plain items, one every `step` seconds up to `newest`."""
    return [
        Item("Item number %d" % i, "https://%s/item/%d" % (host, i), "%d at https://%s" % (i, host),
             newest - (n - 1 - i) * step, "<p>What item %d is about.</p>" % i, **more)
        for i in range(n)
    ]


def rss(feed, shown, links=""):
    """RSS 2.0 as Drupal writes it."""

    def one(i):
        return (
            "<item><title>%s</title>\n <link>%s</link>\n <description>%s</description>\n <pubDate>%s</pubDate>\n"
            ' <dc:creator>%s</dc:creator>\n <guid isPermaLink="false">%s</guid>\n%s%s</item>\n'
        ) % (
            escape(i.title), escape(i.link), escape(i.text), formatdate(i.at, usegmt=False).replace("-0000", "+0000"),
            escape(i.creator or "admin"), escape(i.guid),
            "".join(" <category%s>%s</category>\n" % (" domain=%s" % quoteattr(s) if s else "", escape(t))
                    for s, t in i.categories),
            i.extra,
        )

    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0" xml:base=%s '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom" '
        'xmlns:ev="http://purl.org/rss/1.0/modules/event/">\n<channel>\n'
        "<title>%s</title>\n<link>%s</link>\n<description>%s</description>\n<language>%s</language>\n%s%s%s"
        "</channel>\n</rss>\n"
    ) % (quoteattr(feed.home), escape(feed.title), escape(feed.home), escape(feed.about), feed.language,
         links.replace("<link ", "<atom:link "), feed.head, "".join(one(i) for i in shown))


def atom(feed, shown, links=""):
    """Atom 1.0."""

    def one(i):
        return (
            "<entry><title>%s</title><link href=%s/><id>%s</id><updated>%s</updated><published>%s</published>\n%s"
            '%s<summary type="html">%s</summary>%s</entry>\n'
        ) % (
            escape(i.title), quoteattr(i.link), escape(i.guid), iso(i.at), iso(i.at),
            "<author><name>%s</name></author>\n" % escape(i.creator) if i.creator else "",
            "".join("<category%s term=%s/>\n" % (" scheme=%s" % quoteattr(s) if s else "", quoteattr(t))
                    for s, t in i.categories),
            escape(i.text), i.extra,
        )

    newest = max((i.at for i in shown), default=0)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" '
        'xmlns:fh="http://purl.org/syndication/history/1.0" xmlns:xcal="urn:ietf:params:xml:ns:xcal" xml:lang="%s">\n'
        "<title>%s</title><subtitle>%s</subtitle><id>%s</id><link href=%s/>\n<updated>%s</updated>"
        "<author><name>%s</name></author>\n%s%s%s</feed>\n"
    ) % (feed.language, escape(feed.title), escape(feed.about), escape(feed.home), quoteattr(feed.home), iso(newest),
         escape(feed.title), links, feed.head, "".join(one(i) for i in shown))


def rdf(feed, shown, links=""):
    """RSS 1.0."""
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<rdf:RDF xmlns="http://purl.org/rss/1.0/" '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:ev="http://purl.org/rss/1.0/modules/event/" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">\n'
        "<channel rdf:about=%s><title>%s</title><link>%s</link><description>%s</description>%s%s"
        "<items><rdf:Seq>%s</rdf:Seq></items></channel>\n%s</rdf:RDF>\n"
    ) % (
        quoteattr(feed.home), escape(feed.title), escape(feed.home), escape(feed.about),
        "<dc:language>%s</dc:language>" % feed.language, feed.head,
        "".join("<rdf:li rdf:resource=%s/>" % quoteattr(i.link) for i in shown),
        "".join(
            "<item rdf:about=%s><title>%s</title><link>%s</link><description>%s</description><dc:date>%s</dc:date>%s%s"
            "</item>\n" % (
                quoteattr(i.link), escape(i.title), escape(i.link), escape(i.text), iso(i.at),
                "".join("<dc:subject>%s</dc:subject>" % escape(t) for _, t in i.categories), i.extra)
            for i in shown),
    )


class Feed:
    gzip = False
    TYPES = {rss: "application/rss+xml", atom: "application/atom+xml", rdf: "application/rdf+xml"}

    def __init__(self, name, items=(), write=rss, title=None, about="", home=None, language="en", head="",
                 window=None, pages=None, validators=("etag", "last-modified"), links=""):
        self.name, self.items, self.write = name, list(items), write
        self.title, self.about, self.language, self.head = title or "Feed " + name, about, language, head
        self.home = home or "https://%s.example.org/" % name
        self.window, self.pages, self.validators, self.links = window, pages, validators, links
        self.rules, self.requests, self.lock = [], [], threading.RLock()
        self.base_url = None

    def on(self, when, what, times=None):
        """Where `when(query)` holds, `what` answers: a Reply, bytes, or a
        function of (query, body) that gives one; at most `times` times."""
        self.rules.append([when, what, times])

    def shown(self, args):
        newest = sorted(self.items, key=lambda i: -i.at)
        size, page = self.window or len(newest), 0
        if self.pages and args.get(self.pages[0], "").isdigit():
            page = int(args[self.pages[0]]) - self.pages[1] + 1
        return newest[page * size : (page + 1) * size] if page >= 0 else newest[:size]

    def body(self, args):
        return self.write(self, self.shown(args), self.links)

    def changed_at(self):
        return max((i.at for i in self.items), default=0)

    def media_type(self):
        return self.TYPES[self.write]

    def answer(self, q):
        body = self.body(q.args).encode()
        etag = '"%s"' % hashlib.sha256(body).hexdigest()[:16]
        stamp = formatdate(self.changed_at(), usegmt=True)
        headers = {"Content-Type": self.media_type() + "; charset=utf-8"}
        if "etag" in self.validators:
            headers["ETag"] = etag
        if "last-modified" in self.validators:
            headers["Last-Modified"] = stamp
        asked = {k.lower(): v for k, v in q.headers.items()}
        given = asked.get("if-none-match"), asked.get("if-modified-since")
        same = given[0] == etag if given[0] else given[1] == stamp
        if same and "lies" not in self.validators:
            return Reply(304, b"", headers), b""
        return Reply(200, None, headers), body

    def handle(self, method, query, headers, client):
        with self.lock:
            q = Query("", dict(parse_qsl(query)), len(self.requests), method=method, headers=headers, raw=query)
            q.client = client
            self.requests.append(q)
            reply, body = self.answer(q)
            for rule in self.rules:
                when, what, times = rule
                if times == 0 or not when(q):
                    continue
                rule[2] = None if times is None else times - 1
                got = what(q, body) if callable(what) else what
                if isinstance(got, bytes):
                    got = Reply(reply.status, got, reply.headers)
                reply, body = got, body if got.body is None else got.body
                break
            q.status = reply.status or 200
            return q, reply, body


def now():
    return int(datetime.now(timezone.utc).timestamp())
