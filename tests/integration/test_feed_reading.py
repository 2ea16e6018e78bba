"""MISBEHAVIOUR F 33 to 37, through the whole daemon: what stands in feeds, as it
comes over the wire. The number in a test's docstring is its line there. (In
breadth, by the parser alone: test_feeds.py.)"""

from feedserver import Feed, Item, atom, rdf, rss
from nouns import Reply, Repository
from test_feed_polling import feed_source


def one(title="Title", body="", prolog="", attrs=""):
    return ('%s<rss version="2.0"%s><channel><title>t</title><link>https://example.org/</link><item><guid>1</guid><title>%s</title>'
            "<link>https://example.org/1</link>%s</item></channel></rss>" % (prolog, attrs, title, body))


def declared(charset):
    return '<?xml version="1.0" encoding="%s"?>' % charset


ENCODINGS = {  # (bytes, charset of the header, title)
    "bom": (b"\xef\xbb\xbf" + one("Café", prolog=declared("iso-8859-1")).encode(), "iso-8859-1", "Café"),
    "utf16": (one("Café", prolog=declared("utf-16")).encode("utf-16"), "", "Café"),
    "http": (one("Café").encode("iso-8859-1"), "iso-8859-1", "Café"),
    "none": (one("Café “x”").encode("windows-1252"), "", "Café “x”"),
    "latin": (one("“Café”", prolog=declared("ISO-8859-1")).encode("windows-1252"), "", "“Café”"),
    "lie": (one("Café", prolog=declared("UTF-8")).encode("iso-8859-1"), "utf-8", "Café"),
    "gb18030": (one("联合国", prolog=declared("GB18030")).encode("gb18030"), "", "联合国"),
    "koi8": (one("Вода", prolog=declared("KOI8-R")).encode("koi8-r"), "", "Вода"),
    "sjis": (one("国連", prolog=declared("Shift_JIS")).encode("shift_jis"), "", "国連"),
    "arabic": (one("ماء", prolog=declared("windows-1256")).encode("windows-1256"), "", "ماء"),
}
MARKUP = {  # (feed, title)
    "nbsp": (one("A&nbsp;b &eacute;"), "A b é"),
    "ampersand": (one("R&D & more"), "R&D & more"),
    "angle": (one("1 < 2"), "1 < 2"),
    "once": (one("&lt;b&gt;Bold&lt;/b&gt; move"), "Bold move"),
    "twice": (one("&amp;lt;b&amp;gt;Bold&amp;lt;/b&amp;gt;"), "Bold"),
    "cdata": (one("<![CDATA[<i>It</i> &amp; more]]>"), "It & more"),
    "unclosed": (one("Title").replace("</channel></rss>", ""), "Title"),
    "unbound": (one(body="<media:thumbnail url='x'/><dc:creator>Doe</dc:creator>"), "Title"),
    "junk": (one(prolog="<br />\n<b>Warning</b>: mysql_connect() in <b>/x.php</b> on line <b>3</b><br />\n\n" + declared("utf-8")), "Title"),
    "script": (one("&lt;script&gt;alert(1)&lt;/script&gt;Safe"), "Safe"),
}
DATES = {  # (element, issued)
    "rfc822": ("<pubDate>Tue, 03 Mar 26 10:00:00 EST</pubDate>", "2026-03-03"),
    "weekday": ("<pubDate>Mon, 03 Mar 2026 10:00:00 +0100</pubDate>", "2026-03-03"),
    "french": ("<pubDate>mar., 03 févr. 2026 10:00:00 +0100</pubDate>", "2026-02-03"),
    "iso": ("<pubDate>2026-03-03T10:00Z</pubDate>", "2026-03-03"),
    "month": ("<pubDate>2026-03</pubDate>", "2026-03-01"),
    "nonsense": ("<pubDate>soon</pubDate>", None),
    "nothing": ("", None),
}
FORMATS = {
    "rss090": '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://my.netscape.com/rdf/simple/0.9/">'
              "<channel><title>t</title><link>https://example.org/</link></channel>"
              "<item><title>Title</title><link>https://example.org/1</link></item></rdf:RDF>",
    "rss091": '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.com/publish/formats/rss-0.91.dtd">'
              + one().replace("2.0", "0.91"),
    "rss092": one().replace("2.0", "0.92"), "rss093": one().replace("2.0", "0.93"), "rss094": one().replace("2.0", "0.94"),
    "atom03": '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>t</title><entry><title>Title</title>'
              '<link rel="alternate" type="text/html" href="https://example.org/1"/><id>1</id></entry></feed>',
    "mixed": one(attrs=' xmlns:a="http://www.w3.org/2005/Atom"').replace("<title>Title</title>", "<a:title>Title</a:title>"),
    "cdf": '<CHANNEL HREF="https://example.org/"><ITEM HREF="https://example.org/1"><TITLE>Title</TITLE></ITEM></CHANNEL>',
}
LINKS = {  # (feed, url; "@" is the server's own address)
    "relative": (one().replace("https://example.org/1", "1.html"), "@/1.html"),
    "rooted": (one().replace("https://example.org/1", "/1.html"), "@/1.html"),
    "scheme": (one().replace("https://example.org/1", "//example.org/1"), "http://example.org/1"),
    "base": (one(attrs=' xml:base="https://base.example.org/a/"').replace("https://example.org/1", "1"), "https://base.example.org/a/1"),
    "rels": ('<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title><id>f</id><entry><title>Title</title><id>1</id>'
             '<link rel="self" href="https://example.org/self"/><link rel="replies" href="https://example.org/c"/>'
             '<link rel="enclosure" href="https://example.org/e.pdf"/><link href="https://example.org/1"/>'
             "<updated>2026-01-01T00:00:00Z</updated></entry></feed>", "https://example.org/1"),
}


def served(server, name, body, charset=""):
    r = server.mount(Repository(name), "/" + name)
    kind = "application/xml" + ("; charset=" + charset if charset else "")
    r.on(lambda q: True, Reply(200, body if isinstance(body, bytes) else body.encode(), {"Content-Type": kind}))
    return r


def harvested(registry, server, daemon, bodies):
    """name → (title, url, issued) of the one record of each, when all went well"""
    feeds = [served(server, n, *(b if isinstance(b, tuple) else (b,))) for n, b in bodies.items()]
    d = daemon(*[feed_source(f.name, f) for f in feeds])
    d.once()
    got = registry.query("select source, title, url, issued::text from registry.record")
    assert len(got) == len(bodies)
    return {r[0]: r[1:] for r in got}


def test_encodings(registry, server, daemon):
    """33"""
    got = harvested(registry, server, daemon, {n: e[:2] for n, e in ENCODINGS.items()})
    assert {n: r[0] for n, r in got.items()} == {n: e[2] for n, e in ENCODINGS.items()}


def test_broken_markup(registry, server, daemon):
    """34"""
    got = harvested(registry, server, daemon, {n: m[0] for n, m in MARKUP.items()})
    assert {n: r[0] for n, r in got.items()} == {n: m[1] for n, m in MARKUP.items()}


def test_dates(registry, server, daemon):
    """35"""
    got = harvested(registry, server, daemon, {n: one(body=e) for n, (e, _) in DATES.items()})
    assert {n: r[2] for n, r in got.items()} == {n: issued for n, (_, issued) in DATES.items()}


def test_formats(registry, server, daemon):
    """36"""
    feeds = {"rss20": rss, "rss10": rdf, "atom10": atom}
    bodies = dict(FORMATS, **{n: w(Feed(n, [Item("Title", "https://example.org/1", "1", 1700000000)]), [
        Item("Title", "https://example.org/1", "1", 1700000000)]) for n, w in feeds.items()})
    got = harvested(registry, server, daemon, bodies)
    assert {n: r[:2] for n, r in got.items()} == dict.fromkeys(bodies, ("Title", "https://example.org/1"))


def test_links(registry, server, daemon):
    """37"""
    got = harvested(registry, server, daemon, {n: b for n, (b, _) in LINKS.items()})
    here = "http://127.0.0.1:%d" % server.port
    assert {n: r[1] for n, r in got.items()} == {n: u.replace("@", here) for n, (_, u) in LINKS.items()}
