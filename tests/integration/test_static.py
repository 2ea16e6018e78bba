"""protocol = oai-static: a file on disk or behind HTTP that is all of a
repository, harvested by the whole daemon, and examined by the doctor."""

import json
import os
import re

import pytest

from nouns import TOP, Reply, Repository, dc, records, source
from feedserver import Feed, items
from staticrepo import StaticRepository, write
from test_check import OK, UNAVAILABLE, check, found  # noqa: F401


def static_source(name, url, **keys):
    return source(name, url=url, **{"protocol": "oai-static", "format": None, **keys})


def last(registry, name, *columns):
    run = registry.runs(name)[-1]
    return tuple(run[c] for c in columns)


def idents(repo):
    return {r.identifier for r in repo.records}


@pytest.fixture
def disk(room, request):
    """disk(repo) → the path of its file, which is replaced by each call"""
    made = []

    def put(repo):
        path = os.path.join(room, "%s-%s.xml" % (re.sub(r"\W", "-", request.node.name), repo.name))
        write(path, repo.body())
        made.append(path)
        return path

    yield put
    for path in made:
        if os.path.exists(path):
            os.unlink(path)


def test_a_file_is_a_complete_list(registry, daemon, disk):
    repo = StaticRepository("m", records(40))
    path = disk(repo)
    d = daemon(static_source("m", "file://" + path, grace="0"))
    d.once()
    assert registry.identifiers("m") == idents(repo)
    assert last(registry, "m", "outcome", "added") == ("ok", 40)
    # What is equal is not read; what has left is deleted, and what is new or other is stored.
    d.once()
    assert last(registry, "m", "outcome", "received", "page_no") == ("ok", 0, 0)
    gone, changed = repo.records.pop(3), repo.records[5]
    changed.metadata = dc(title="Another title")
    repo.records.extend(records(2, start=100))
    disk(repo)
    d.once()
    assert last(registry, "m", "outcome", "added", "changed", "deleted") == ("ok", 2, 1, 1)
    assert registry.identifiers("m") == idents(repo)
    assert registry.records("m")[gone.identifier][0] == "deleted"
    assert registry.records("m")[changed.identifier][2] == "Another title"
    assert re.match(r"<record.*Another title.*</record>", registry.value(
        "select registry.raw(record_id) from registry.record where identifier = %s", changed.identifier), re.S)
    # And it comes back as itself.
    repo.records.append(gone)
    disk(repo)
    d.once()
    assert registry.identifiers("m") == idents(repo)


def test_grace_and_max_delete_hold(registry, daemon, disk):
    repo = StaticRepository("m", records(40))
    d = daemon(static_source("m", "file://" + disk(repo), grace="14d", max_delete="20 %"))
    d.once()
    del repo.records[30:35]
    disk(repo)
    d.once()
    assert last(registry, "m", "outcome") == ("ok",)
    states = [r[0] for r in registry.records("m").values()]
    assert states.count("missing") == 5 and states.count("active") == 35, "within grace"
    registry.query("update sheaf.record set missing_since = missing_since - interval '15 days' where missing_since is not null")
    repo.records[0].metadata = dc(title="Touched, so that it is read")
    disk(repo)
    d.once()
    assert [r[0] for r in registry.records("m").values()].count("deleted") == 5
    # Most of it at once is held.
    del repo.records[5:]
    disk(repo)
    d.configure(static_source("m", "file://" + disk(repo), grace="0", max_delete="20 %"))
    d.once(check=1)
    assert last(registry, "m", "outcome") == ("held",)
    assert len(registry.identifiers("m")) == 35


def test_over_http_with_validators(registry, server, daemon):
    repo = server.mount(StaticRepository("m", records(30)), "/mechanisms.xml")
    d = daemon(static_source("m", repo.base_url, grace="0"))
    d.once()
    d.once()
    assert [q.status for q in repo.requests] == [200, 304]
    assert registry.identifiers("m") == idents(repo)
    assert [r["received"] for r in registry.runs("m")] == [30, 0]
    repo.records.pop()
    d.once()
    assert registry.identifiers("m") == idents(repo) and len(repo.records) == 29
    # A server that is down, or has a page of its own, deletes nothing.
    for reply in (Reply(500), Reply(404), Reply(200, b"<!DOCTYPE html><html><title>Moved</title></html>"), Reply(200, b"")):
        repo.rules[:] = [[lambda q: True, reply, None]]
        d.once(check=1)
        assert last(registry, "m", "outcome") == ("failed",)
    assert registry.identifiers("m") == idents(repo)
    # 410 is for good.
    repo.rules[:] = [[lambda q: True, Reply(410), None]]
    d.once(check=1)
    assert registry.status("m")["state"] == "paused"


def test_one_of_its_formats(registry, server, daemon, check):
    repo = StaticRepository("m", records(3))
    repo.lists["b"] = records(5, prefix="oai:b:")
    server.mount(repo, "/m.xml")
    section = static_source("m", repo.base_url, grace="0", max_delete="100 %")
    d = daemon(section)
    d.once()
    assert registry.identifiers("m") == idents(repo)
    assert registry.query("select distinct format from registry.record") == [("oai_dc",)]
    # Another one is harvested at once, though the file is the same.
    d.configure(section + "format = b\n")
    d.once()
    assert registry.identifiers("m") == {r.identifier for r in repo.lists["b"]}
    # Left out, it is the one that says most, and stays it.
    repo.lists["xoai"] = records(4, prefix="oai:x:")
    d.configure(static_source("n", repo.base_url, grace="0"))
    d.once()
    assert registry.identifiers("n") == {r.identifier for r in repo.lists["xoai"]}
    code, report = check("--allow-private", repo.base_url)
    assert report["settings"]["format"] == "xoai" and report["items"]["live"] == 4
    # One that is not there is no empty list.
    d.configure(section + "format = mods\n")
    d.once(check=1)
    assert "no ListRecords with the metadataPrefix mods; it offers oai_dc, b" in registry.status("m")["last_error"]
    assert registry.identifiers("m") == {r.identifier for r in repo.lists["b"]}


def test_a_broken_record_costs_itself_and_keeps_the_others(registry, daemon, disk):
    repo = StaticRepository("m", records(10))
    d = daemon(static_source("m", "file://" + disk(repo), grace="0"))
    d.once()
    repo.records[2].metadata = "<a><b></a>"
    repo.records.pop()
    disk(repo)
    d.once(check=1)
    assert last(registry, "m", "outcome", "rejected", "missing") == ("partial", 1, 0), "not all of it was read"
    assert len(registry.identifiers("m")) == 10


@pytest.mark.parametrize("damage, words", [
    (lambda path: os.unlink(path), "No such file or directory"),
    (lambda path: os.chmod(path, 0), "Permission denied"),
    (lambda path: write(path, ""), "is empty"),
    (lambda path: write(path, "<Repository"), ""),
    (lambda path: (os.unlink(path), os.mkfifo(path)), "no regular file"),
    (lambda path: os.truncate(path, 65 << 20), "over the limit of 67108864"),
    (lambda path: os.truncate(path, 3000), "ends in"),
])
def test_a_file_that_cannot_be_read(registry, daemon, disk, damage, words):
    repo = StaticRepository("m", records(20))
    path = disk(repo)
    d = daemon(static_source("m", path, grace="0", retry_delay="30s"))
    d.once()
    damage(path)
    d.once(check=1, timeout=60)
    status = registry.status("m")
    assert status["outcome"] == "failed" and words in status["last_error"], status
    assert path in status["last_error"] or not words or words == "ends in", status
    assert registry.identifiers("m") == idents(repo)
    # Once it is mended all is well.
    os.path.exists(path) and os.unlink(path)
    repo.records[0].metadata = dc(title="Mended")
    disk(repo)
    d.once()
    assert registry.status("m")["outcome"] == "ok"


def test_a_larger_one_than_max_body(registry, daemon, disk):
    repo = StaticRepository("m", records(100))
    d = daemon(static_source("m", "file://" + disk(repo), max_body="10K"))
    d.once(check=1)
    assert "over the limit of 10240" in registry.status("m")["last_error"]


def test_a_resumption_token_takes_away_nothing(registry, daemon, disk):
    repo = StaticRepository("m", records(10))
    path = disk(repo)
    d = daemon(static_source("m", path, grace="0"))
    d.once()
    repo.records.pop()
    write(path, repo.body().replace("</r:ListRecords>", "<resumptionToken>more</resumptionToken></r:ListRecords>"))
    d.once()
    assert len(registry.identifiers("m")) == 10 and last(registry, "m", "missing") == (0,)
    assert "resumptionToken" in d.ctl("status").stdout


def test_a_daemon_reads_it_by_itself(registry, daemon, disk):
    repo = StaticRepository("m", records(12))
    path = disk(repo)
    d = daemon(static_source("m", "file://" + path, interval="1s", grace="0"))
    d.start()
    d.ctl("harvest", "m", "--wait")
    assert registry.identifiers("m") == idents(repo)
    repo.records.extend(records(3, start=50))
    disk(repo)
    d.ctl("harvest", "m", "--wait")
    assert registry.identifiers("m") == idents(repo)
    d.ctl("harvest", "m", "--full", "--wait")
    assert last(registry, "m", "mode", "outcome", "unchanged") == ("full", "ok", 15)


# --- the doctor ---

def test_the_doctor_knows_one_from_its_address(server, check):
    repo = server.mount(StaticRepository("m", records(8)), "/m.xml")
    code, report = check("--allow-private", repo.base_url)
    assert code == OK and report["protocol"] == "oai-static" and report["title"] == "Static repository m"
    assert report["settings"]["protocol"] == "oai-static"
    assert report["items"] == {"live": 8, "deleted": 0, "rejected": 0}
    assert report["fields"]["title"] == report["fields"]["kind"] == 100 and report["fields"]["text"] == 0
    assert "304, by ETag, Last-Modified" in found(report, "ok", "polling")
    assert "add dc:description" in found(report, "note", "fields")
    assert [r["identifier"] for r in report["records"]] == [r.identifier for r in repo.records[:3]]


def test_records_that_look_like_a_feed(server, check):
    repo = StaticRepository("m", records(3))
    for r in repo.records:
        r.metadata = ('<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
                      '<channel><title>x</title></channel></rdf:RDF>')
    repo.lists = {"rdf": repo.records}
    server.mount(repo, "/m.xml")
    code, report = check("--allow-private", repo.base_url)
    assert code == OK and report["protocol"] == "oai-static" and report["items"]["live"] == 3


def test_an_identifier_that_stands_twice(registry, daemon, disk):
    """The last one counts, every time."""
    repo = StaticRepository("m", records(6))
    repo.records[4].identifier = repo.records[1].identifier
    d = daemon(static_source("m", "file://" + disk(repo), grace="0"))
    for _ in range(2):
        d.once()
        assert registry.identifiers("m") == idents(repo) and len(idents(repo)) == 5
        assert registry.records("m")[repo.records[1].identifier][2] == "Record number 4"
        disk(repo)
        repo.title += "!"
    assert last(registry, "m", "outcome") == ("ok",)


def test_the_doctor_reads_a_file(check, disk):
    repo = StaticRepository("m", records(5))
    repo.records[1].identifier = repo.records[0].identifier
    path = disk(repo)
    os.chmod(path, 0o644)
    code, report = check("file://" + path)
    assert code == OK and report["protocol"] == "oai-static"
    assert "1 records have an identifier that another one has" in found(report, "advice", "identity")
    assert report["identity"] == {"repeated": 1}
    assert not found(report, "ok", "TLS") and not found(report, "note", "polling")
    code, report = check("file://" + path + ".none")
    assert code == UNAVAILABLE and "No such file" in found(report, "problem")


def test_the_doctor_does_not_blame_the_agency_for_a_missing_crosswalk(check, disk):
    repo = StaticRepository("m", records(2))
    own = [r for r in repo.lists.pop("oai_dc")]
    for r in own:
        r.metadata = '<own xmlns="http://example.org/own/"><nom>A pump</nom></own>'
    repo.lists["own"] = own
    path = disk(repo)
    os.chmod(path, 0o644)
    code, report = check("file://" + path)
    assert code == OK and "nothing of the format own is understood" in found(report, "advice", "fields")
    assert "sheaf-crosswalk(5)" in found(report, "advice", "fields") and not found(report, "note", "fields")


def test_the_doctor_tells_what_it_is_instead(server, daemon, disk):
    """A source of the wrong protocol is told the right one."""
    repo = server.mount(Repository("r", records(5)))
    feed = server.mount(Feed("f", items(5)), "/f.xml")
    whole = server.mount(StaticRepository("m", records(5)), "/m.xml")
    d = daemon(static_source("r", repo.base_url + "?verb=ListRecords&metadataPrefix=oai_dc"), static_source("f", feed.base_url),
               source("as-oai", whole), source("as-feed", whole, protocol="feed", format=None))
    for name, words in {"r": "protocol = oai-pmh", "f": "not a static repository", "as-oai": "protocol = oai-static",
                        "as-feed": "protocol = oai-static"}.items():
        report = json.loads(d.ctl("check", name, "--json", check=UNAVAILABLE).stdout)
        assert words in found(report, "problem"), (name, report["findings"])


def test_parse_reads_one(daemon, disk):
    repo = StaticRepository("m", records(3))
    repo.lists["b"] = records(2, prefix="oai:b:")
    path = disk(repo)
    d = daemon(init=False)
    lines = [json.loads(x) for x in d.ctl("parse", "--protocol", "oai-static", path).stdout.splitlines()]
    assert [x.get("identifier") for x in lines[:-1]] == [r.identifier for r in repo.records]
    page = lines[-1]
    assert page["protocol"] == "oai-static" and page["format"] == "oai_dc" and page["counts"]["records"] == 3
    assert page["granularity"] == "YYYY-MM-DD" and [f["prefix"] for f in page["formats"]] == ["oai_dc", "b"]
    lines = d.ctl("parse", "--protocol", "oai-static", "--format", "b", path).stdout.splitlines()
    assert len(lines) == 3


def test_the_mechanisms_that_are_shipped(registry, daemon, disk):
    """Every registry begins with them."""
    repo = StaticRepository("shipped")
    with open(os.path.join(TOP, "conf/mechanisms.xml"), encoding="utf-8") as f:
        text = f.read()
    repo.body = lambda: text
    d = daemon(static_source("mechanisms", "file://" + disk(repo), format="oai_dc", kind="mechanism"))
    d.once()
    count = text.count("<oai:record>")
    assert last(registry, "mechanisms", "outcome", "added", "rejected") == ("ok", count, 0)
    kinds = dict(registry.query("select kind, count(*) from registry.record group by 1"))
    assert set(kinds) == {"mechanism", "platform"} and sum(kinds.values()) == count
    shown = d.json("show", "mechanisms", "urn:sheaf:mechanism:un-technology-bank")
    assert shown["kind"] == {"code": "mechanism", "basis": "declared", "scheme": "urn:sheaf:kind"}
    assert [(c["code"], c["role"]) for c in shown["countries"]] == [("199", "available")], "least developed countries"
    assert "serves:needs-assessment" in shown["sets"]
    d.once()
    assert last(registry, "mechanisms", "outcome", "received") == ("ok", 0)
