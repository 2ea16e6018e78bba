"""MISBEHAVIOUR B: XML and bytes."""

import re

import pytest

from nouns import Record, Reply, Repository, dc, ids, iso, records, source


def spoil(repo, identifier, old, new):
    """Replaces bytes inside one record, in whatever page it is."""
    def change(q, body):
        at = body.find(b"<identifier>%s</identifier>" % identifier.encode())
        if at < 0:
            return body
        end = body.index(b"</record>", at)
        return body[:at] + re.sub(old, lambda m: new, body[at:end], count=1) + body[end:]

    repo.on(lambda q: q.verb in ("ListRecords", "GetRecord"), change)


@pytest.mark.parametrize("junk", [b"\x0b", b"\x00", b"\xff\xfe", b"\xc3", b"&#x1F;", b"&#xD800;", b"\xed\xa0\x80", b"&nbsp;"],
                         ids=["vt", "nul", "fffe", "cut", "charref", "surrogate-ref", "surrogate", "nbsp"])
def test_b8_bytes_that_xml_forbids_are_repaired_and_counted(registry, server, daemon, junk):
    repo = server.mount(Repository("r", records(30), page_size=10))
    bad = repo.records[14].identifier
    spoil(repo, bad, rb"Record number", b"Rec" + junk + b"ord number")
    d = daemon(source("s", repo))
    d.once(check=0)
    assert registry.identifiers("s") == ids(repo)
    title = registry.records("s")[bad][2]
    assert title.startswith("Rec") and title.endswith("ord number 14")
    raw = registry.value("select registry.raw(record_id) from registry.record where identifier = %s", bad)
    assert raw.startswith("<record") and raw.rstrip().endswith("</record>")
    registry.query("select %s::xml", raw)


def test_b8_tab_stays(registry, server, daemon):
    repo = server.mount(Repository("r", [Record("x", iso(1700000000), dc(title="a\tb"))]))
    daemon(source("s", repo)).once()
    raw = registry.value("select registry.raw(record_id) from registry.record")
    assert "a\tb" in raw


@pytest.mark.parametrize("before,after", [
    (b"\n\n  ", b""),
    (b"<br />\n<b>Warning</b>: mysql_connect() in <b>/var/www/oai.php</b> on line <b>3</b><br />\n", b""),
    (b"\xef\xbb\xbf", b""),
    (b'<?xml version="1.0" encoding="UTF-8"?>\n', b""),
    (b"", b"\n<!-- served in 0.3 s -->\n<br/>Notice: done"),
], ids=["blank", "php", "bom", "second-prolog", "after"])
def test_b9_junk_around_the_document_is_cut_off(registry, server, daemon, before, after):
    repo = server.mount(Repository("r", records(30), page_size=10))
    repo.on(lambda q: True, lambda q, b: before + b + after)
    daemon(source("s", repo)).once()
    assert registry.identifiers("s") == ids(repo)


def test_b9_a_truncated_page_fails_and_moves_nothing(registry, server, daemon):
    repo = server.mount(Repository("r", records(30), page_size=10))
    repo.on(lambda q: q.page == 2, lambda q, b: b[: len(b) // 2])
    d = daemon(source("s", repo))
    d.once(check=1)
    run = registry.runs("s")[-1]
    assert run["outcome"] in ("failed", "partial")
    assert "truncated" in registry.status("s")["last_error"].lower()
    repo.rules.clear()
    d.once()
    assert registry.identifiers("s") == ids(repo)


def test_b9_a_page_truncated_once_is_asked_for_again(registry, server, daemon):
    repo = server.mount(Repository("r", records(30), page_size=10))
    repo.on(lambda q: q.page == 2, lambda q, b: b[: len(b) // 2], times=1)
    daemon(source("s", repo)).once()
    assert registry.identifiers("s") == ids(repo)


def test_b9_a_transfer_cut_short_is_asked_for_again(registry, server, daemon):
    repo = server.mount(Repository("r", records(30), page_size=10))
    repo.on(lambda q: q.page == 2, Reply(cut=900), times=2)
    daemon(source("s", repo)).once()
    assert registry.identifiers("s") == ids(repo)


@pytest.mark.parametrize("spoil_with", [(b"</dc:title>", b"</dc:titel>"), (b"<dc:date>", b"<dc:date><"), (b"<identifier>[^<]*</identifier>", b"")],
                         ids=["mismatched", "stray", "no-identifier"])
def test_b9_a_bad_record_is_quarantined_alone(registry, server, daemon, spoil_with):
    repo = server.mount(Repository("r", records(30), page_size=10))
    bad = repo.records[14].identifier
    spoil(repo, bad, *spoil_with)
    d = daemon(source("s", repo))
    d.once(check=None)
    got = registry.identifiers("s")
    assert ids(repo) - {bad} <= got, "the rest of its page survives"
    if bad not in got:
        row = registry.query("select reason, raw from sheaf.quarantine")
        assert len(row) == 1 and row[0][0] and b"Record number 14" in bytes(row[0][1])
        assert registry.runs("s")[-1]["outcome"] == "partial"
        assert registry.runs("s")[-1]["rejected"] == 1
        assert bad in d.ctl("quarantine").stdout or spoil_with[1] == b""


def test_b10_text_over_10_mb_is_whole_or_rejected_but_never_cut_in_silence(registry, server, daemon):
    big = records(3)
    big[1] = Record(big[1].identifier, big[1].datestamp, dc(title="big", description="x" * (11 << 20)))
    big.append(Record("oai:huge", iso(1700000900), dc(title="huge", description="y" * (20 << 20))))
    repo = server.mount(Repository("r", big))
    d = daemon(source("s", repo))
    d.once(check=None)
    got = registry.identifiers("s")
    assert {r.identifier for r in big} - {"oai:huge", big[1].identifier} <= got
    for r in (big[1].identifier, "oai:huge"):
        if r in got:
            n = registry.value("select length(registry.raw(record_id)) from registry.record where identifier = %s", r)
            assert n > (11 << 20)
        else:
            assert registry.value("select count(*) from sheaf.quarantine where identifier = %s", r) == 1


@pytest.mark.parametrize("namespace,prefix", [("", ""), ("http://www.openarchives.org/OAI/2.0", ""),
                                             ("http://www.openarchives.org/OAI/1.1/OAI_ListRecords", ""),
                                             ("http://www.openarchives.org/OAI/2.0/", "oai:")],
                         ids=["none", "no-slash", "old", "prefixed"])
def test_b11_namespaces_missing_wrong_or_prefixed(registry, server, daemon, namespace, prefix):
    repo = server.mount(Repository("r", records(30), page_size=10, namespace=namespace, prefix=prefix))
    daemon(source("s", repo)).once()
    assert registry.identifiers("s") == ids(repo)
    raw = registry.value("select registry.raw(record_id) from registry.record limit 1")
    registry.query("select %s::xml", raw)
    if prefix:
        assert 'xmlns:oai="http://www.openarchives.org/OAI/2.0/"' in raw


def test_b12_a_very_large_page(registry, server, daemon):
    """Far more than is kept in memory: it is spooled, and read as it comes."""
    repo = server.mount(Repository("r", records(40000, step=1, description="x" * 600), page_size=100000))
    d = daemon(source("s", repo))
    d.once()
    assert registry.value("select count(*) from registry.record") == 40000
    assert registry.value("select max(bytes) from sheaf.page") > 30 << 20


def test_a_record_with_two_identifiers_on_one_page(registry, server, daemon):
    """MISBEHAVIOUR D 23: the later of two with one identifier is kept."""
    twice = records(10)
    repo = server.mount(Repository("r", twice))
    old = b"<identifier>%s</identifier>" % twice[3].identifier.encode()
    new = b"<identifier>%s</identifier>" % twice[5].identifier.encode()
    repo.on(lambda q: q.verb == "ListRecords", lambda q, b: b.replace(old, new))
    d = daemon(source("s", repo))
    d.once(check=None)
    assert registry.identifiers("s") == ids(repo) - {twice[3].identifier}
    assert registry.records("s")[twice[5].identifier][2] == "Record number 5"
