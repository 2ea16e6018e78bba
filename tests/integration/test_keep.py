"""keep: which records of a source are wanted. What is left out is received,
counted as filtered and known, and does not come back as a loss or a gap."""

import json
import time

import pytest

from feedserver import Feed, items
from nouns import Record, Repository, dc, iso, source, wait_for
from staticrepo import StaticRepository
from test_vocabulary import TERMS, add, own_tables

NOW = int(time.time())


def mixed(n, t0=NOW - 86400):
    """Every third is a thesis, every second in French."""
    return [
        Record("oai:%d" % i, iso(t0 + i), dc(
            title="Number %d" % i,
            type="Thesis" if i % 3 == 0 else "Report",
            language="fr" if i % 2 else "en",
            subject=["Climate change"] if i % 5 == 0 else ["Trade"]))
        for i in range(n)
    ]


def run(registry, name="s"):
    return registry.runs(name)[-1]


def counted(registry, *names, source="s"):
    r = run(registry, source)
    return (r["outcome"], *(r[n] for n in names))


def wanted(repo, test):
    return {r.identifier for i, r in enumerate(repo.records) if test(i)}


@pytest.mark.parametrize("keep, test", [
    ("type:Report", lambda i: i % 3),
    ("language:en", lambda i: i % 2 == 0),
    ("kind:publication", lambda i: True),
    ("kind:event", lambda i: False),
    ("type:rep*, language:en", lambda i: i % 3 and i % 2 == 0),
    ('subject:"climate*"', lambda i: i % 5 == 0),
    ("type:Thesis, type:Report", lambda i: True),
    ("type:none", lambda i: False),
])
def test_selects(registry, server, daemon, keep, test):
    repo = server.mount(Repository("r", mixed(60), page_size=25))
    d = daemon(source("s", repo, keep=keep))
    d.once()
    keeps = wanted(repo, test)
    assert registry.identifiers("s") == keeps
    assert counted(registry, "received", "added", "filtered", "deleted") == ("ok", 60, len(keeps), 60 - len(keeps), 0)
    # Content of what is left out is not kept, nor is it there for portals.
    assert registry.value("select count(*) from registry.record") == len(keeps)
    assert registry.value("select count(*) from sheaf.record where status = 'filtered' and block_id is null") == \
        60 - len(keeps)
    d.once()
    assert counted(registry, "added", "changed", "lost") == ("ok", 0, 0, 0)
    assert run(registry)["filtered"] == run(registry)["received"] - run(registry)["unchanged"]


def test_counter_is_told(registry, server, daemon):
    repo = server.mount(Repository("r", mixed(30)))
    d = daemon(source("s", repo, keep="type:Report"))
    d.once()
    assert d.json("runs", "s")["filtered"] == 10
    assert "FILTERED" in d.ctl("runs", "s").stdout
    assert registry.value("select counts->>'filtered' from registry.source_status") == "10"
    assert registry.value("select sum(filtered) from sheaf.page") == 10
    d.start()
    out = d.ctl("harvest", "--full", "--wait", "s").stdout
    assert "10 filtered" in out
    d.stop()
    assert " 10 filtered," in d.text()


def test_unknown_language_is_told_at_its_line(registry, server, daemon):
    repo = server.mount(Repository("r", mixed(3)))
    for given, hint in (("eng", "did you mean en?"), ("xx", "expected none or a code"), ("qqq-Latn", "not known")):
        d = daemon(source("s", repo, keep="language:%s" % given))
        p = d.run("sheafd", "--check")
        line = open(d.conf).read().split("\n").index("keep = language:%s" % given) + 1
        assert p.returncode != 0
        assert "%s:%d: keep is not understood" % (d.conf, line) in p.stderr and hint in p.stderr
    d.configure(source("s", repo, keep="language:swa-KE, language:pt-BR"))
    assert "swa" in d.run("sheafd", "--check").stderr
    d.configure(source("s", repo, keep="language:sw-KE, language:pt-BR, language:none"))
    assert d.run("sheafd", "--check").returncode == 0


def test_changing_it_reads_everything_again(registry, server, daemon):
    repo = server.mount(Repository("r", mixed(300), page_size=50))
    d = daemon(source("s", repo, max_delete="100 %", max_change="100 %"))
    d.once()
    numbers = dict(registry.query("select identifier, record_id from registry.record"))
    # Narrower: what was stored is lost, though nothing of it has changed.
    d.configure(source("s", repo, max_delete="100 %", max_change="100 %", keep="type:Report"))
    d.once()
    assert counted(registry, "received", "filtered", "lost", "changed", "unchanged") == ("ok", 300, 100, 100, 0, 200)
    assert registry.identifiers("s") == wanted(repo, lambda i: i % 3)
    assert registry.identifiers("s", ("deleted",)) == wanted(repo, lambda i: i % 3 == 0)
    assert registry.value("select active from sheaf.source") == 200
    assert registry.value("select count(*) from registry.record where status = 'deleted' and deleted_at is null") == 0
    # Wider: it comes back under its number, with its content.
    d.configure(source("s", repo, max_delete="100 %", max_change="100 %", keep="type:Report, language:en"
                       .replace(", language:en", ", type:thesis")))
    d.once()
    assert counted(registry, "received", "filtered", "added", "unchanged") == ("ok", 300, 0, 100, 200)
    assert dict(registry.query("select identifier, record_id from registry.record where status = 'active'")) == numbers
    assert registry.value("select count(*) from registry.record r where registry.raw(r.record_id) is null") == 0
    assert registry.value("select rejudge from sheaf.source") is False
    # And gone altogether: nothing to read again.
    d.configure(source("s", repo, max_delete="100 %", max_change="100 %"))
    d.once()
    assert counted(registry, "received", "filtered", "unchanged") == ("ok", 300, 0, 300)


def test_one_that_is_seen_first_when_it_is_kept(registry, server, daemon):
    repo = server.mount(Repository("r", mixed(30)))
    d = daemon(source("s", repo, keep="type:Report"))
    d.once()
    first = registry.value("select max(first_seen) from registry.record")
    d.configure(source("s", repo))
    d.once()
    assert counted(registry, "added") == ("ok", 10)
    assert registry.value("select count(*) from registry.record where first_seen > %s", first) == 10


def test_a_narrow_one_is_held(registry, server, daemon):
    """An operator's slip costs nothing: the run waits."""
    repo = server.mount(Repository("r", mixed(60)))
    d = daemon(source("s", repo))
    d.once()
    d.configure(source("s", repo, keep="type:Report"))
    d.once(check=None)
    assert registry.status("s")["state"] == "held"
    assert "max_delete = 10.0 %; keep leaves out 20 of the 60 that came" in registry.status("s")["last_error"]
    assert len(registry.identifiers("s")) == 60
    d.start()
    d.ctl("reject", "s")
    assert len(registry.identifiers("s")) == 60
    # Mended, it goes on as if nothing had been.
    d.configure(source("s", repo))
    d.ctl("reload")
    d.ctl("resume", "s")
    wait_for(lambda: registry.status("s")["outcome"] == "ok")
    d.stop()
    assert counted(registry, "unchanged", "filtered") == ("ok", 60, 0)
    # Meant, it is approved.
    d.configure(source("s", repo, keep="type:Report"))
    d.once(check=None)
    d.start()
    d.ctl("approve", "s")
    wait_for(lambda: registry.status("s")["outcome"] == "ok")
    d.stop()
    assert registry.identifiers("s") == wanted(repo, lambda i: i % 3)


def test_second_harvest_with_the_table_of_what_is_known(registry, server, daemon):
    """The rest of a run is not read where it is known (RUN_KNOWN): what is
    left out is known, too, and what comes in between is found."""
    stamps = mixed(900, t0=NOW - 3600)
    repo = server.mount(Repository("r", stamps, page_size=60))
    d = daemon(source("s", repo, keep="type:Thesis"))  # a third
    d.once()
    before = registry.query("select identifier, status, digest, block_id from sheaf.record order by 1")
    d.once()
    assert counted(registry, "received", "unchanged", "filtered", "added") == ("ok", 900, 300, 600, 0)
    assert registry.query("select identifier, status, digest, block_id from sheaf.record order by 1") == before
    left_out, comes_in, goes_out = repo.records[700], repo.records[701], repo.records[702]
    left_out.metadata = dc(title="Still a report", type="Report")
    comes_in.metadata = dc(title="Now a thesis", type="Thesis")
    goes_out.metadata = dc(title="Now a report", type="Report")
    d.once()
    assert counted(registry, "received", "unchanged", "filtered", "added", "lost") == ("ok", 900, 299, 600, 1, 1)
    rows = registry.records("s")
    assert rows[comes_in.identifier][::2] == ("active", "Now a thesis")
    assert rows[goes_out.identifier][0] == "deleted"
    assert left_out.identifier not in rows


def test_keep_changes_and_so_much_is_known(registry, server, daemon):
    """The table of what is known would hide what another keep leaves out."""
    repo = server.mount(Repository("r", mixed(900), page_size=60))
    d = daemon(source("s", repo))
    d.once()
    for n in range(700, 900):  # only late, when the table would be there
        repo.records[n].metadata = dc(title="Late", type="Annex")
    d.once("s")
    d.configure(source("s", repo, keep="type:Thesis, type:Report", max_delete="100 %"))
    d.once()
    assert counted(registry, "filtered", "unchanged") == ("ok", 200, 700)


def test_comparison_knows_what_is_left_out(registry, server, daemon):
    repo = server.mount(Repository("r", mixed(60), page_size=25))
    d = daemon(source("s", repo, keep="type:Report", complete="1ms", grace="0s"))
    d.once()
    n = len(repo.requests)
    d.once()
    verbs = [q.verb for q in repo.requests[n:]]
    assert "ListIdentifiers" in verbs and "GetRecord" not in verbs
    assert run(registry)["mode"] == "compare"
    assert counted(registry, "received", "filtered", "missing", "deleted") == ("ok", 60, 20, 0, 0)
    # What does vanish is found.
    gone = repo.records.pop(1)
    d.once()
    assert registry.records("s")[gone.identifier][0] == "deleted"


LEFT_OUT = "select identifier from sheaf.record where status = 'filtered' order by 1"


def test_what_is_left_out_and_vanishes_is_forgotten(registry, server, daemon):
    """What a complete list does not name is known no more, unless it was there once."""
    repo = server.mount(Repository("r", mixed(60, t0=NOW - 10 * 86400), page_size=25))
    ways = dict(grace="0s", max_delete="100 %", max_change="100 %", complete="1w")
    d = daemon(source("s", repo, keep="type:Report", **ways))
    d.once()
    left = {r.identifier for i, r in enumerate(repo.records) if i % 3 == 0}
    assert {r[0] for r in registry.query(LEFT_OUT)} == left
    vanished = {r.identifier for r in repo.records[:30]} & left
    repo.records = [r for r in repo.records if r.identifier not in vanished]
    # An increment says nothing of it.
    d.once()
    assert {r[0] for r in registry.query(LEFT_OUT)} == left
    d.start()
    d.ctl("harvest", "s", "--full", "--wait")
    assert {r[0] for r in registry.query(LEFT_OUT)} == left - vanished
    assert registry.value("select count(*) from registry.record where status <> 'active'") == 0
    # By headers alone, too; and all of them.
    repo.records = [r for r in repo.records if r.identifier not in left]
    d.ctl("harvest", "s", "--compare", "--wait")
    assert registry.query(LEFT_OUT) == [] and run(registry)["mode"] == "compare"
    # What was stored before it was left out stays a deletion.
    d.configure(source("s", repo, keep="language:en", **ways))
    d.ctl("reload")
    wait_for(lambda: registry.value("select count(*) from sheaf.record where status = 'filtered'"))
    d.ctl("harvest", "s", "--wait")
    once = registry.query(LEFT_OUT)
    gone = {r[0] for r in once[:5]}
    repo.records = [r for r in repo.records if r.identifier not in gone]
    d.ctl("harvest", "s", "--full", "--wait")
    assert registry.query(LEFT_OUT) == once
    assert gone <= registry.identifiers("s", ("deleted",))


def test_by_identifiers_after_another_keep(registry, server, daemon):
    """Headers of what has not changed say nothing of another keep."""
    repo = server.mount(Repository("r", mixed(30, t0=NOW - 10 * 86400)))
    ways = dict(verb_mode="identifiers", max_delete="100 %", max_change="100 %")
    d = daemon(source("s", repo, **ways))
    d.once()
    d.configure(source("s", repo, keep="type:Report", **ways))
    d.once()
    assert registry.identifiers("s") == wanted(repo, lambda i: i % 3)
    n = len(repo.requests)
    d.once()
    assert "GetRecord" not in [q.verb for q in repo.requests[n:]]
    d.configure(source("s", repo, keep="language:en", **ways))
    d.once()
    assert registry.identifiers("s") == wanted(repo, lambda i: i % 2 == 0)


def test_a_deleted_one_and_its_return(registry, server, daemon):
    repo = server.mount(Repository("r", mixed(6)))
    d = daemon(source("s", repo, keep="type:Report", max_delete="100 %"))
    d.once()
    repo.delete("oai:0")  # left out
    repo.delete("oai:1")  # kept
    d.once()
    assert registry.identifiers("s", ("deleted",)) == {"oai:0", "oai:1"}
    repo.put(Record("oai:0", iso(NOW), dc(title="Back", type="Thesis")))
    repo.put(Record("oai:1", iso(NOW), dc(title="Back", type="Report")))
    d.once()
    assert counted(registry, "filtered", "changed") == ("ok", 2, 1)
    assert registry.records("s")["oai:1"][0] == "active"


def test_kills_do_not_change_what_is_kept(registry, server, daemon):
    repo = server.mount(Repository("r", mixed(200), page_size=10))
    d = daemon(source("s", repo, keep="language:fr")).start()
    for role in ("sheaf-store", "sheaf-parse", "sheaf-store"):
        time.sleep(0.3)
        d.kill(role)
    wait_for(lambda: registry.query("select 1 from sheaf.run where outcome = 'ok'"), 60)
    d.stop()
    assert registry.identifiers("s") == wanted(repo, lambda i: i % 2)
    assert registry.value("select count(*) from sheaf.record where status = 'filtered'") == 100


def test_reload(registry, server, daemon):
    repo = server.mount(Repository("r", mixed(30)))
    d = daemon(source("s", repo, max_delete="100 %")).start()
    wait_for(lambda: len(registry.identifiers("s")) == 30)
    d.configure(source("s", repo, max_delete="100 %", keep="type:Reprot, sujbect:x"))
    p = d.ctl("reload", check=None)
    assert p.returncode != 0 and "did you mean subject?" in p.stdout + p.stderr
    d.configure(source("s", repo, max_delete="100 %", keep="type:Report"))
    d.ctl("reload")
    wait_for(lambda: len(registry.identifiers("s")) == 20)
    assert "sets or keep, and is read in full" in d.text()
    d.stop()


def feed_of(n, start=0):
    fresh = items(start + n, newest=NOW - 3600 + 60 * start, step=60)[start:]
    for i, item in enumerate(fresh):
        item.title = "%s %d" % ("Water" if (start + i) % 2 else "Other", start + i)
    return fresh


def test_feed(registry, server, daemon):
    feed = server.mount(Feed("f", feed_of(10)))
    keys = dict(protocol="feed", format=None, kind="news")
    d = daemon(source("s", feed, keep="language:fr", **keys))
    d.once()
    assert counted(registry, "received", "filtered", "added") == ("ok", 10, 10, 0)
    # The feed says that nothing is new, and is read all the same.
    d.configure(source("s", feed, keep="language:en", **keys))
    d.once()
    assert counted(registry, "received", "filtered", "added") == ("ok", 10, 0, 10)
    d.once()
    assert counted(registry, "received") == ("ok", 0)


def test_parse_shows_it(daemon, server):
    d = daemon()
    page = ('<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2024-01-01T00:00:00Z</responseDate>'
            "<request verb='ListRecords'>http://x/</request><ListRecords>%s</ListRecords></OAI-PMH>")
    body = "".join("<record>%s<metadata>%s</metadata></record>" % (r.header, r.metadata) for r in mixed(6))
    p = d.ctl("parse", "--keep", "type:Report", "-", stdin=page % body, check=None)
    lines = [json.loads(line) for line in p.stdout.splitlines()]
    assert [x["identifier"] for x in lines if x.get("filtered")] == ["oai:0", "oai:3"]
    assert lines[-1]["counts"]["filtered"] == 2


def test_a_feed_with_a_gap(registry, server, daemon):
    """What is left out is known all the same: it closes a gap, and a poll that
    brings only such is no reason to look further back."""
    feed = server.mount(Feed("f", feed_of(10)))
    keys = dict(protocol="feed", format=None, kind="news", page_param="page")
    d = daemon(source("s", feed, keep="subject:kept", **keys))

    def add(n, *kept):
        fresh = feed_of(n, start=len(feed.items))
        for i in kept:
            fresh[i].categories = [("", "kept")]
        feed.items += fresh
        asked = len(feed.requests)
        d.once()
        return len(feed.requests) - asked

    feed.items[0].categories = [("", "kept")]
    d.once()
    # The first harvest looks for a second page, and is given this one again.
    assert counted(registry, "received", "added", "unchanged", "filtered") == ("ok", 20, 1, 1, 18)
    assert registry.value("select count(*) from sheaf.record where status = 'filtered'") == 9
    assert add(1) == 1
    assert counted(registry, "received", "filtered", "added") == ("ok", 11, 10, 0)
    assert add(2, 0) == 1
    assert counted(registry, "added") == ("ok", 1)
    assert len(registry.identifiers("s")) == 2


def test_a_static_repository(registry, server, daemon):
    repo = StaticRepository("m", mixed(12))
    server.mount(repo, "/m.xml")
    keys = dict(protocol="oai-static", format=None, grace="0s", max_delete="100 %", max_change="100 %")
    d = daemon(source("s", url=repo.base_url, keep="type:Report", **keys))
    d.once()
    assert registry.identifiers("s") == wanted(repo, lambda i: i % 3)
    assert counted(registry, "received", "filtered", "missing") == ("ok", 12, 4, 0)
    # The file is the same, but not what is wanted of it.
    d.configure(source("s", url=repo.base_url, keep="language:en", **keys))
    d.once()
    assert registry.identifiers("s") == wanted(repo, lambda i: i % 2 == 0)
    # What is left out does not vanish, and what vanishes does.
    gone = repo.records.pop(0)
    d.once()
    assert gone.identifier not in registry.identifiers("s")
    assert run(registry)["outcome"] == "ok"


def test_other_tables_keep_others(registry, server, daemon):
    """What was left out has no content that could be read again: a full
    harvest judges it by the rules of today, known or not."""
    repo = server.mount(Repository("r", [
        Record("oai:%d" % i, iso(NOW - 86400 + i), dc(title="Number %d" % i, type="Wunderding" if i % 3 else "Report"))
        for i in range(400)], page_size=50))
    conf = source("s", repo, keep="kind:dataset")
    d = daemon(conf)
    tables = own_tables(d)
    d.configure(conf)
    d.once()
    assert counted(registry, "received", "filtered", "added") == ("ok", 400, 400, 0)
    add(tables, "zz-own.tsv", TERMS, "kind\tlabel\twunderding\tdataset")
    d.start()
    d.ctl("harvest", "s", "--full", "--wait")
    keeps = wanted(repo, lambda i: i % 3)
    assert registry.identifiers("s") == keeps
    assert counted(registry, "received", "filtered", "added") == ("ok", 400, 400 - len(keeps), len(keeps))
