"""MISBEHAVIOUR H: answers that mean harm."""

import time
import xml.sax.saxutils

import pytest

from nouns import Record, Reply, Repository, dc, ids, iso, records, source

BOMB = b'<!DOCTYPE OAI-PMH [<!ENTITY a "ha">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 50) for i in range(12)) + b"]>"
OUTSIDE = b'<!DOCTYPE OAI-PMH [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
NETWORK = b'<!DOCTYPE OAI-PMH SYSTEM "%s/dtd">'


def with_prolog(body, prolog, use=b""):
    """The document with a DOCTYPE, and an entity in its first title."""
    head, rest = body.split(b"\n", 1)
    return head + b"\n" + prolog + rest.replace(b"<dc:title>", b"<dc:title>" + use, 1)


@pytest.mark.parametrize("prolog,use", [(BOMB, b"&m;"), (OUTSIDE, b"&a;"), (NETWORK, b"")],
                         ids=["bomb", "external", "network-dtd"])
def test_h44_entities_and_dtds_are_never_followed(registry, server, daemon, prolog, use):
    repo = server.mount(Repository("r", records(30), page_size=10))
    dtd = server.mount(Repository("dtd"), "/r/oai/dtd")
    if prolog is NETWORK:
        prolog = prolog % repo.base_url.encode()
    repo.on(lambda q: q.page == 2, lambda q, b: with_prolog(b, prolog, use))
    good = server.mount(Repository("good", records(30)))
    start = time.monotonic()
    daemon(source("s", repo), source("good", good)).once(check=None)
    assert time.monotonic() - start < 30
    assert not dtd.requests
    assert registry.identifiers("good") == ids(good)
    texts = [r[2] for r in registry.records("s").values()]
    assert not any("root:" in t or "haha" in t for t in texts)
    outcome = registry.runs("s")[-1]["outcome"]
    assert outcome != "ok" or registry.identifiers("s") == ids(repo)


@pytest.mark.parametrize("body", [
    b"<a>" * 100000 + b"</a>" * 100000,
    b"<x " + b" ".join(b'a%d="1"' % i for i in range(300000)) + b"/>",
    b'<x a="' + b"y" * (30 << 20) + b'"/>',
], ids=["nesting", "attributes", "attribute"])
def test_h44_a_monstrous_record_costs_itself_at_most(registry, server, daemon, body):
    repo = server.mount(Repository("r", records(30), page_size=10))
    bad = repo.records[14].identifier
    repo.on(lambda q: q.page == 2, lambda q, b: insert(b, bad, body))
    start = time.monotonic()
    daemon(source("s", repo)).once(check=None)
    assert time.monotonic() - start < 60
    assert ids(repo) - {bad} <= registry.identifiers("s")


def insert(page, identifier, what):
    """Puts something into the metadata of one record."""
    at = page.index(b"<identifier>%s<" % identifier.encode())
    at = page.index(b"<dc:creator>", at)
    return page[:at] + what + page[at:]


@pytest.mark.parametrize("where", ["file:///etc/passwd", "gopher://127.0.0.1/", "ftp://127.0.0.1/x"])
def test_h45_redirects_to_other_schemes_are_refused(registry, server, daemon, where):
    repo = server.mount(Repository("r", records(30)))
    repo.on(lambda q: True, Reply(302, b"", {"Location": where}))
    daemon(source("s", repo)).once(check=1)
    run = registry.runs("s")[-1]
    assert (run["outcome"], run["err_class"]) == ("failed", "POLICY")
    assert "http" in registry.status("s")["last_error"]


def test_h46_what_others_wrote_does_no_harm(registry, server, daemon):
    title = "<script>alert(1)</script>'; drop table sheaf.record; --"
    repo = server.mount(Repository("r", [Record("oai:'; drop table sheaf.run; --", iso(1700000000), dc(title=title))]))
    evil = server.mount(Repository("evil", records(3)))
    evil.on(lambda q: q.verb.startswith("List"),
            lambda q, b: evil.error(q.verb, q.args, "badArgument", "line one\nsheafd: s: ok\t\u0085\u202e\u009b31m"))
    d = daemon(source("s", repo), source("evil", evil))
    d.once(check=1)
    assert registry.identifiers("s") == ids(repo)
    assert [r[2] for r in registry.records("s").values()] == ["'; drop table sheaf.record; --"], "no markup in a title"
    assert title in xml.sax.saxutils.unescape(registry.value("select registry.raw(record_id) from registry.record")), "but in the raw"
    said = d.text() + d.ctl("status").stdout
    assert not set(said) & set("\x1b\x85\u202e\x9b")
    assert not [line for line in said.splitlines() if line.startswith("sheafd: s: ok")]
