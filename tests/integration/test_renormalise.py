"""sheafctl renormalise: stored records are read again by other tables, without
asking the agency."""

import contextlib
import json
import os
import re
import signal
import time
from dataclasses import replace

import psycopg2
import pytest

from feedserver import Feed, atom, items, rdf, rss
from nouns import Record, Reply, Repository, dc, iso, records, source, wait_for
from staticrepo import StaticRepository
from test_crosswalk_files import OWN, own_files, write
from test_feed_polling import feed_source
from test_liars import liar, two  # noqa: F401
from test_static import disk, static_source  # noqa: F401
from test_vocabulary import TERMS, add, own_tables

# All that is kept of a record, its place in the blocks apart.
ROWS = """select v.source, v.identifier, v.status, v.datestamp_given, v.sets, v.kind, v.title, v.url, v.issued,
  v.licence, v.format, v.harvested_at, v.first_seen, r.digest, md5(registry.raw(v.record_id)), md5(substring(b.data
  from r.raw_offset + r.raw_length + 1 for r.doc_length)), v.changed_at
  from registry.record v join sheaf.record r using (record_id) left join sheaf.block b using (block_id)
  order by v.source, v.identifier"""
# What counts of blocks cannot be: live is how many records point to a block.
BLOCKS = """select b.block_id, b.live, b.total, n from sheaf.block b left join lateral (
    select count(*) as n from sheaf.record r where r.block_id = b.block_id) r on true
  where not b.whole and b.live <> n"""
# What is remembered of the source, but for what its records say.
STATUS = "select to_jsonb(s) - array['terms', 'unmapped'] from sheaf.source s"
TERMS_NOW = """select s.name, s.terms, s.unmapped, t.* from sheaf.source s, sheaf.terms_count(s.source_id) t
  where (s.terms, s.unmapped) <> (t.terms, t.unmapped)"""
MINE = ("kind\tlabel\twunderding\tdataset",)


def things(n, prefix="oai:x:"):
    """Records of which every third has a type that only a table of ours knows."""
    out = []
    for i, r in enumerate(records(n, prefix)):
        kind = ("Wunderding", "Report", "Nothing known")[i % 3]
        out.append(Record(r.identifier, r.datestamp, dc(title="Thing %d" % i, creator="Doe, Jane", type=kind,
                                                        identifier="http://example.org/item/%d" % i)))
    for i in range(7, n, 50):
        out[i] = Record(out[i].identifier, out[i].datestamp, "", (), True)
    return out


def begin(daemon, server, n=300, **keys):
    """A daemon that has harvested things, and whose tables have changed since."""
    repo = server.mount(Repository("r", things(n), page_size=100))
    d = daemon(source("s", repo, **keys))
    tables = own_tables(d)
    d.configure(source("s", repo, **keys))
    d.once()
    return d, repo, tables


def without(rows, *columns):
    return [tuple(v for i, v in enumerate(r) if i not in columns) for r in rows]


KIND, TITLE, DOC, CHANGED = 5, 6, 15, 16


def test_other_tables_other_kinds(registry, server, daemon):
    d, repo, tables = begin(daemon, server)
    before = registry.query(ROWS)
    asked = len(repo.requests)
    status = registry.query(STATUS)
    add(tables, "zz-own.tsv", TERMS, *MINE)

    # A dry run goes by the tables on disk, and changes nothing.
    told = d.json("renormalise", "s", "--dry-run")
    wunder = {r.identifier for i, r in enumerate(repo.records) if i % 3 == 0 and not r.deleted}
    live = sum(not r.deleted for r in repo.records)
    assert (told["records"], told["changed"], told["rejected"]) == (live, len(wunder), 0)
    assert told["fields"]["kind"] == len(wunder)
    example = told["examples"][0]
    assert example["identifier"] in wunder
    kind = [f for f in example["differs"] if f["field"] == "kind"][0]
    assert (kind["before"]["code"], kind["after"]["code"]) == ("publication", "dataset")
    text = d.ctl("renormalise", "s", "--dry-run").stdout
    assert "of %d stored records that other rules made %d would differ" % (live, len(wunder)) in text
    assert registry.query(ROWS) == before and len(registry.runs("s")) == 1

    d.start()
    row = json.loads(d.ctl("renormalise", "s", "--wait", "--json").stdout.splitlines()[-1])
    assert (row["outcome"], row["received"], row["changed"], row["unchanged"]) == (
        "ok", live, len(wunder), live - len(wunder))
    after = registry.query(ROWS)
    # Nothing but kind, content and changed_at, and these of those records alone.
    assert without(after, KIND, DOC, CHANGED) == without(before, KIND, DOC, CHANGED)
    assert {r[1] for r, s in zip(after, before) if r != s} == wunder
    assert all(r[KIND] == "dataset" and r[DOC] != s[DOC] and r[CHANGED] > s[CHANGED]
               for r, s in zip(after, before) if r[1] in wunder)
    assert registry.query(BLOCKS) == []
    run = registry.runs("s")[-1]
    assert (run["mode"], run["altered"], run["lost"], run["requests"]) == ("renormalise", 0, 0, 0)
    assert registry.query(STATUS) == status, "the source remembers nothing of it"
    assert registry.query(TERMS_NOW) == []
    assert len(repo.requests) == asked, "the agency was not asked"
    assert "renormalise" in d.ctl("runs", "s").stdout

    # The second one finds nothing to do.
    row = json.loads(d.ctl("renormalise", "s", "--wait", "--json").stdout.splitlines()[-1])
    assert (row["outcome"], row["received"]) == ("ok", 0)
    assert d.json("renormalise", "s", "--dry-run")["records"] == 0
    assert "made by the rules of today" in d.ctl("renormalise", "s", "--dry-run").stdout
    assert registry.query(ROWS) == after

    # A harvest of it all finds it as it is: nothing differs by the bytes.
    row = json.loads(d.ctl("harvest", "s", "--full", "--wait", "--json").stdout.splitlines()[-1])
    assert (row["unchanged"], row["changed"], row["added"]) == (300, 0, 0)
    assert registry.query(ROWS) == after


# --- whatever happens in the middle ---
MISCOUNTED = """select r.run_id, r.page_no, r.received, r.changed, p.* from sheaf.run r left join lateral (
    select count(*) as pages, sum(received) as received, sum(changed) as changed from sheaf.page p
    where p.run_id = r.run_id) p on true
  where r.mode = 'renormalise' and r.page_no > 0
  and (r.page_no, r.received, r.changed) is distinct from (p.pages, p.received, p.changed)"""
CODES = ("dataset", "event")


class Long:
    """A source of so many records that there is a middle, and two states of
    its tables."""

    def __init__(self, registry, server, daemon, n=8000):
        self.registry = registry
        # Small pages make small blocks, of which many make a page again.
        self.repo = server.mount(Repository("r", things(n), page_size=20))
        self.conf = source("s", self.repo, interval="1w")
        self.d = d = daemon(self.conf)
        self.tables = own_tables(d)
        d.configure(self.conf)
        d.once()
        d.start()
        self.wants = [self.calm(0), self.calm(1)]
        assert without(self.wants[0], KIND, DOC) != without(self.wants[1], KIND)
        self.state = 1

    def rows(self):
        return without(self.registry.query(ROWS), CHANGED)

    def flip(self):
        self.state = 1 - self.state
        add(self.tables, "zz-own.tsv", TERMS, "kind\tlabel\twunderding\t" + CODES[self.state])
        self.d.ctl("reload")

    def calm(self, state):
        self.state = 1 - state
        self.flip()
        self.d.ctl("renormalise", "s", "--wait")
        return self.rows()

    def last(self):
        def there():
            """PostgreSQL is back"""
            with contextlib.suppress(psycopg2.Error):
                return self.registry.runs("s")[-1]
        return wait_for(there, 60)

    def middle(self):
        """Renormalising has stored a page and is not done; False when it was
        too fast for that."""
        before = self.last()["run_id"]
        self.d.ctl("renormalise", "s")

        def begun():
            """renormalising has begun"""
            r = self.last()
            return r if r["run_id"] > before and (r["page_no"] > 0 or r["closed_at"]) else None
        return wait_for(begun, every=0.001)["closed_at"] is None

    def ends(self):
        """It is done, as if nothing had been."""
        run = wait_for(lambda: self.last() if self.last()["closed_at"] else None, 120)
        assert (run["mode"], run["outcome"]) == ("renormalise", "ok"), run
        assert self.rows() == self.wants[self.state]
        assert self.registry.query(BLOCKS) == []
        assert self.registry.query(MISCOUNTED) == [] and self.registry.query(TERMS_NOW) == []
        return run


def backends(registry):
    return [p[0] for p in registry.query("select pid from pg_stat_activity where datname = current_database() "
                                         "and pid <> pg_backend_pid() and application_name <> ''")]


def parsers(d):
    zygote = d.roles()["sheaf-parse"]
    end = time.monotonic() + 0.5
    while time.monotonic() < end:
        with open("/proc/%d/task/%d/children" % (zygote, zygote)) as f:
            children = f.read().split()
        if children:
            return [int(c) for c in children]
    return []


def test_kills_in_the_middle(registry, server, daemon):
    long = Long(registry, server, daemon)
    d, hit = long.d, {}
    for victim in ("sheaf-store", "sheafd", "sheaf-parse", "parser", "backend", "sheaf-store", "sheafd", "parser"):
        long.flip()
        if long.middle():
            pids = (parsers(d) if victim == "parser" else backends(registry) if victim == "backend"
                    else [d.process.pid if victim == "sheafd" else d.roles()[victim]])
            for pid in pids[:1]:
                os.kill(pid, signal.SIGKILL)
                hit[victim] = hit.get(victim, 0) + (long.last()["closed_at"] is None)
            if victim == "sheafd":
                d.process.wait(30)
                d.start()
        long.ends()
    assert sum(hit.values()) >= 4 and hit.get("sheafd", 0) + hit.get("sheaf-store", 0) >= 1, hit


def test_a_stopped_daemon_goes_on(registry, server, daemon):
    long = Long(registry, server, daemon)
    for _ in range(5):
        long.flip()
        if long.middle() and not (long.d.stop() or long.last()["closed_at"]):
            break
        if long.d.process is None:
            long.d.start()
        long.ends()
    run = long.last()
    assert run["closed_at"] is None and run["page_no"] > 0, "it was never stopped in the middle"
    asked = len(long.repo.requests)
    long.d.start()
    assert long.ends()["run_id"] == run["run_id"], "the run goes on"
    assert "renormalising goes on" in long.d.text()
    time.sleep(0.3)
    assert len(long.repo.requests) == asked, "what was not due is not harvested"


def test_tables_that_change_in_the_middle(registry, server, daemon):
    long = Long(registry, server, daemon)
    for _ in range(5):
        long.flip()
        if long.middle():
            long.flip()
            if long.last()["closed_at"] is None:
                break
        long.ends() if long.last()["mode"] == "renormalise" and long.rows() == long.wants[long.state] else None
    long.ends()
    assert long.d.json("renormalise", "s", "--dry-run")["records"] == 0


def test_a_harvest_takes_turns_with_it(registry, server, daemon):
    long = Long(registry, server, daemon)
    long.flip()
    long.middle()
    text = long.d.ctl("harvest", "s", "--wait").stdout
    assert "harvest asked for" in text
    runs = registry.runs("s")[-2:]
    assert [(r["mode"], r["outcome"]) for r in runs] == [("renormalise", "ok"), ("incremental", "ok")]
    assert runs[0]["closed_at"] <= runs[1]["started_at"]
    assert long.rows() == long.wants[long.state]
    # And the other way round: it waits for a harvest under way.
    long.repo.on(lambda q: q.verb == "ListRecords", Reply(delay=0.3))
    long.flip()
    long.d.ctl("harvest", "s", "--full")
    wait_for(lambda: long.last()["mode"] == "full")
    assert "after the run under way" in long.d.ctl("renormalise", "s").stdout
    long.d.ctl("pause", "s")
    wait_for(lambda: long.last()["mode"] == "renormalise", 60)
    long.ends()
    assert registry.status("s")["state"] == "paused"


# --- who may be renormalised ---
def test_paused_and_disabled_sources(registry, server, daemon):
    d, repo, tables = begin(daemon, server, 60)
    d.start()
    d.ctl("pause", "s", "--reason", "they asked us to")
    add(tables, "zz-own.tsv", TERMS, *MINE)
    d.ctl("reload")
    asked = len(repo.requests)
    d.ctl("renormalise", "s", "--wait")
    assert registry.runs("s")[-1]["changed"] == 19  # the twentieth is deleted
    assert registry.status("s")["state"] == "paused" and d.json("status", "s")["remark"] == "they asked us to"
    d.configure(source("s", repo, enabled="no", kind="news"))
    d.ctl("reload")
    d.ctl("renormalise", "s", "--wait")
    run = registry.runs("s")[-1]
    assert (run["mode"], run["outcome"], run["received"]) == ("renormalise", "ok", 58)
    assert run["changed"] == registry.value("select count(*) from registry.record where kind = 'news'") > 0
    time.sleep(0.2)
    assert len(repo.requests) == asked


@pytest.mark.parametrize("why", ["disabled", "paused"])
def test_an_open_harvest_that_may_not_go_on(registry, server, daemon, why):
    """It ends where it is, since renormalising asks nobody, and is no reason to."""
    d, repo, tables = begin(daemon, server)
    add(tables, "zz-own.tsv", TERMS, *MINE)
    repo.on(lambda q: q.verb == "ListRecords", Reply(delay=0.5))
    d.start()
    d.ctl("harvest", "s", "--full")
    wait_for(lambda: registry.runs("s")[-1]["mode"] == "full" and registry.runs("s")[-1]["page_no"] > 0)
    d.stop()
    assert registry.runs("s")[-1]["closed_at"] is None
    if why == "disabled":
        d.configure(source("s", repo, enabled="no"))
    else:
        registry.query("select * from sheaf.source_act('s', 'pause', 'me', 'they asked us to')")
    asked = len(repo.requests)
    d.start()
    d.ctl("renormalise", "s", "--wait")
    full, again = registry.runs("s")[-2:]
    assert (full["mode"], full["err_class"]) == ("full", "CANCEL") and full["outcome"] != "ok"
    assert "may not be asked" in full["outcome_text"]
    assert (again["mode"], again["outcome"], again["changed"]) == ("renormalise", "ok", 98)
    time.sleep(0.7)
    assert len(repo.requests) == asked, "the agency was asked"
    assert registry.status("s")["state"] == ("paused" if why == "paused" else "idle")


def test_a_held_source_waits_for_the_word(registry, server, daemon):
    d, repo, tables = begin(daemon, server, 60, max_change="10%")
    d.start()
    add(tables, "zz-own.tsv", TERMS, *MINE)
    d.ctl("reload")
    for r in things(60)[:30]:
        repo.put(Record(r.identifier, iso(time.time()), dc(title="Another", type="Wunderding"), (), False))
    d.ctl("harvest", "s", "--wait", check=1)
    assert registry.status("s")["state"] == "held"
    before = registry.query(ROWS)
    p = d.ctl("renormalise", "s", check=69)
    assert "s: its last run is held: sheafctl approve or reject it" in p.stderr
    assert registry.query(ROWS) == before
    d.ctl("reject", "s")
    d.ctl("renormalise", "s", "--wait")
    assert registry.status("s")["state"] == "paused"
    assert registry.value("select count(*) from registry.record where kind = 'dataset'") == 19
    assert registry.value("select count(*) from registry.record where title = 'Another'") == 0
    assert registry.query(BLOCKS) == []


def test_what_is_not_possible_is_refused(registry, server, daemon):
    repo = server.mount(Repository("r", records(3)))
    d = daemon(source("s", repo))
    d.start()
    p = d.ctl("renormalise", "nothing", check=64)
    assert 'no source "nothing" is configured' in p.stderr
    d.ctl("renormalise", check=64)
    d.stop()
    assert "no daemon answers" in d.ctl("renormalise", "s", check=69).stderr
    assert d.json("renormalise", "s", "--dry-run")["changed"] == 0


# --- bytes ---
def test_what_was_mended_stays_mended(registry, server, daemon):
    """What is told of a page's bytes is not to be seen in the slices any more."""
    broken = "<oai_dc:dc xmlns:oai_dc='http://www.openarchives.org/OAI/2.0/oai_dc/' " \
        "xmlns:dc='http://purl.org/dc/elements/1.1/'><dc:title>Tom & Jerry %d</dc:title>" \
        "<dc:type>%s</dc:type></oai_dc:dc>"
    repo = server.mount(Repository("r", [
        Record("oai:m:%d" % i, iso(1.7e9 + i), broken % (i, ("Report", "Wunderding")[i % 2])) for i in range(10)]))
    d = daemon(source("s", repo))
    tables = own_tables(d)
    d.configure(source("s", repo))
    d.once()
    first = d.json("show", "s", "oai:m:1")
    assert first["kind"]["code"] == "publication" and first["warnings"][0]["code"] == "xml-mended"
    add(tables, "zz-own.tsv", TERMS, *MINE)
    d.start()
    told = d.json("renormalise", "s", "--dry-run")
    assert (told["records"], told["changed"]) == (10, 5) and "warnings" not in told["fields"]
    d.ctl("renormalise", "s", "--wait")
    run = registry.runs("s")[-1]
    assert (run["changed"], run["unchanged"]) == (5, 5)
    second = d.json("show", "s", "oai:m:1")
    assert second["kind"]["code"] == "dataset" and second["warnings"] == first["warnings"]
    assert d.json("show", "s", "oai:m:2")["warnings"][0]["code"] == "xml-mended"


def spoil(registry, identifier, by):
    """Overwrites the end of a record's slice, as no page could have it."""
    registry.query(
        "update sheaf.block b set data = overlay(b.data placing %s::bytea from r.raw_offset + r.raw_length + 1 - %s) "
        "from sheaf.record r where r.block_id = b.block_id and r.identifier = %s", by, len(by), identifier)


def test_a_record_that_cannot_be_read_again_stays(registry, server, daemon):
    d, _, tables = begin(daemon, server, 60)
    before = {r[1]: r for r in registry.query(ROWS)}
    spoil(registry, "oai:x:9", b"</recorx>")
    spoilt = registry.query(ROWS)
    add(tables, "zz-own.tsv", TERMS, *MINE)
    d.start()
    p = d.ctl("renormalise", "s", "--wait", check=1)
    assert "1 of 58 records could not be read and are in quarantine" in p.stdout + p.stderr
    after = registry.query(ROWS)
    assert len(after) == len(spoilt) == 60
    assert {r[1] for r, s in zip(after, spoilt) if r != s} == {"oai:x:%d" % i for i in range(0, 60, 3)} - {
        "oai:x:9", "oai:x:57"}
    assert before["oai:x:9"][KIND] == "publication"
    assert registry.value("select count(*) from sheaf.quarantine") == 1
    # It is not tried for ever.
    d.ctl("renormalise", "s", "--wait")
    assert registry.runs("s")[-1]["received"] == 0


def test_a_block_that_ends_its_page_is_left_out(registry, server, daemon):
    d, repo, tables = begin(daemon, server, 400)
    spoil(registry, "oai:x:150", b"</record></ListRecords></OAI-PMH>")
    add(tables, "zz-own.tsv", TERMS, *MINE)
    d.start()
    p = d.ctl("renormalise", "s", "--wait", check=1)
    assert "1 block of stored records cannot be read again and stays as it is" in p.stdout + p.stderr
    of_block = {r[0] for r in registry.query(
        "select identifier from sheaf.record where block_id = (select block_id from sheaf.record "
        "where identifier = 'oai:x:150')")}
    assert 90 < len(of_block) <= 100
    kinds = dict(registry.query("select identifier, kind from registry.record where status = 'active'"))
    assert {i for i, k in kinds.items() if k == "dataset"} == {
        r.identifier for i, r in enumerate(repo.records) if i % 3 == 0 and not r.deleted} - of_block
    assert registry.query(BLOCKS) == []


def test_a_record_outside_of_its_block_is_set_aside(registry, server, daemon):
    """It costs neither its block nor the run."""
    d, repo, tables = begin(daemon, server, 400)
    registry.query("update sheaf.record set raw_offset = raw_offset + 1000000 where identifier = 'oai:x:351'")
    add(tables, "zz-own.tsv", TERMS, *MINE)
    d.start()
    before = registry.query("select * from sheaf.record where identifier = 'oai:x:351'")
    p = d.ctl("renormalise", "s", "--dry-run", "--json")
    assert json.loads(p.stdout)["rejected"] == 1 and "is not within its block" in p.stderr
    p = d.ctl("renormalise", "s", "--wait", check=1)
    assert "1 of 392 records could not be read and are in quarantine" in p.stdout + p.stderr
    run = registry.runs("s")[-1]
    assert (run["outcome"], run["received"], run["rejected"]) == ("partial", 392, 1)
    assert registry.query("select * from sheaf.record where identifier = 'oai:x:351'") == before
    assert {r[0] for r in registry.query("select identifier from registry.record where kind = 'dataset'")} == {
        r.identifier for i, r in enumerate(repo.records) if i % 3 == 0 and not r.deleted} - {"oai:x:351"}
    ((identifier, reason),) = registry.query("select identifier, reason from sheaf.quarantine")
    assert identifier == "oai:x:351" and "is not within its block" in reason and "full harvest" in reason
    # It is not tried for ever.
    d.ctl("renormalise", "s", "--wait")
    assert registry.runs("s")[-1]["received"] == 0
    assert registry.query(BLOCKS) == []


# --- feeds ---
HEAD = "<dc:rights>Ours alone</dc:rights><dc:publisher>The House</dc:publisher>"
DIGEST = 13
PUMPED = "sector\tlabel\twunderding\twater"


def stories(n):
    return [replace(i, link="item/%d.html" % k, creator="", categories=[("", "Wunderding" if k % 3 == 0 else "Pumps")])
            for k, i in enumerate(items(35)[:n])]


def feeds(server, daemon):
    """Feeds of each kind that were polled twice, and whose tables have changed since."""
    all_of = [server.mount(Feed(f.__name__, stories(30), write=f, head=h, language="fr"), "/%s/feed.xml" % f.__name__)
              for f, h in ((rss, HEAD.replace("dc:rights", "copyright")), (rdf, HEAD),
                           (atom, "<rights>Ours alone</rights>"))]
    conf = [feed_source(f.name, f, interval="1w") for f in all_of]
    d = daemon(*conf)
    tables = own_tables(d)
    d.configure(*conf)
    d.once()
    for f in all_of:
        f.items = stories(35)
    d.once()
    return d, all_of, tables


def test_items_of_feeds(registry, server, daemon):
    """What they have from their channel they have afterwards, too."""
    d, all_of, tables = feeds(server, daemon)
    before = registry.query(ROWS)
    assert len(before) == 3 * 35
    show = {f.name: d.json("show", f.name, f.items[1].guid) for f in all_of[:1] + all_of[2:]}
    for r in show.values():
        assert r["rights"] == [{"text": "Ours alone"}] and r["languages"][0]["code"] == "fr", r
        assert {"name": "The House" if r is show["rss"] else "Feed atom", "role": "publisher"}.items() <= r["agents"][-1].items()
    add(tables, "zz-own.tsv", TERMS, PUMPED)
    for f in all_of:
        told = d.json("renormalise", f.name, "--dry-run")
        assert (told["records"], told["changed"], told["rejected"], told["without_head"]) == (35, 12, 0, 0), told
        assert told["fields"] == {"sectors": 12}
    assert registry.query(ROWS) == before
    d.start()
    d.ctl("renormalise", *(f.name for f in all_of), "--wait")
    assert [(r["outcome"], r["received"], r["changed"]) for f in all_of for r in registry.runs(f.name)[-1:]] == [
        ("ok", 35, 12)] * 3
    after = registry.query(ROWS)
    assert without(after, DOC, CHANGED, DIGEST) == without(before, DOC, CHANGED, DIGEST)
    assert sum(a != b for a, b in zip(after, before)) == 36
    assert all((r != s) == (r[DOC] != s[DOC]) == (r[DIGEST] != s[DIGEST]) for r, s in zip(after, before))
    assert registry.query(BLOCKS) == [] and registry.query(TERMS_NOW) == []
    # A poll that reads it all finds it as it is, and renormalising once more, too.
    for f in all_of:
        row = json.loads(d.ctl("harvest", f.name, "--full", "--wait", "--json").stdout.splitlines()[-1])
        assert (row["unchanged"], row["changed"], row["added"]) == (35, 0, 0), row
        assert d.json("renormalise", f.name, "--dry-run")["records"] == 0
    assert registry.query(ROWS) == after
    # What is written by it has a context, too.
    add(tables, "zz-own.tsv", TERMS)
    d.ctl("reload")
    d.ctl("renormalise", *(f.name for f in all_of), "--wait")
    back = registry.query(ROWS)
    assert without(back, CHANGED) == without(before, CHANGED)


def test_items_of_before_heads_were_kept(registry, server, daemon):
    d, (feed, *_), tables = feeds(server, daemon)
    registry.query("update sheaf.block b set context = split_part(context, E'\\n', 1) "
                   "from sheaf.source s where s.source_id = b.source_id and s.name = 'rss' and array_length(record_ids, 1) > 5")
    before = registry.query(ROWS)
    add(tables, "zz-own.tsv", TERMS, PUMPED)
    told = d.json("renormalise", "rss", "--dry-run")
    assert (told["records"], told["without_head"]) == (5, 30)
    assert "30 records of the feed would stay as they are" in d.ctl("renormalise", "rss", "--dry-run").stdout
    d.start()
    for received in (5, 0):
        p = d.ctl("renormalise", "rss", "--wait", check=1)
        assert "30 records of the feed stay as they are: its head is not stored with them" in p.stdout + p.stderr
        run = registry.runs("rss")[-1]
        assert (run["outcome"], run["received"]) == ("partial" if received else "failed", received)
    after = registry.query(ROWS)
    assert sum(a != b for a, b in zip(after, before)) == 2
    # As it says: what the feed still has is read anew.
    d.ctl("harvest", "rss", "--full", "--wait")
    assert sum(a[DOC] != b[DOC] for a, b in zip(registry.query(ROWS), before)) == 12


# --- other sources ---
def test_a_static_repository(registry, daemon, disk):
    path = disk(StaticRepository("m", things(40)))
    conf = static_source("m", "file://" + path, interval="1w")
    d = daemon(conf)
    tables = own_tables(d)
    d.configure(conf)
    d.once()
    add(tables, "zz-own.tsv", TERMS, *MINE)
    before = registry.query(ROWS)
    assert d.json("renormalise", "m", "--dry-run")["changed"] == 14
    d.start()
    d.ctl("renormalise", "m", "--wait")
    after = registry.query(ROWS)
    assert without(after, KIND, DOC, CHANGED) == without(before, KIND, DOC, CHANGED)
    assert registry.value("select count(*) from registry.record where kind = 'dataset'") == 14
    row = json.loads(d.ctl("harvest", "m", "--full", "--wait", "--json").stdout.splitlines()[-1])
    assert row["changed"] == 0 and registry.query(ROWS) == after


def test_keep_is_not_asked_again(registry, server, daemon):
    """What was left out is not there to be read; what was stored is kept until a
    harvest reads it anew."""
    d, repo, tables = begin(daemon, server, 60, keep="kind:publication", kind=None)
    was = registry.identifiers("s")
    assert was == {r.identifier for i, r in enumerate(repo.records) if i % 3 == 1 and not r.deleted}
    add(tables, "zz-own.tsv", TERMS, "kind\tlabel\twunderding\tpublication")
    own_kind_terms = os.path.join(tables, "kind-terms.tsv")
    with open(own_kind_terms) as f:
        text = f.read()
    with open(own_kind_terms, "w") as f:
        f.write(text.replace("kind\tlabel\treport\tpublication", "kind\tlabel\treport\tevent"))
    d.start()
    d.ctl("renormalise", "s", "--wait")
    assert registry.identifiers("s") == was
    assert {r[0] for r in registry.query("select kind from registry.record where status = 'active'")} == {"event"}
    assert registry.query(TERMS_NOW) == []


def test_other_crosswalks_other_titles(registry, server, daemon):
    repo = server.mount(Repository("r", records(30)))
    conf = source("s", repo, interval="1w")
    d = daemon(conf)
    files = own_files(d)
    d.configure(conf)
    d.once()
    d.start()
    before = registry.query(ROWS)
    path = os.path.join(files, "dcterms.crosswalk")
    with open(path) as f:
        text = f.read()
    ours = re.sub(r"(?m)^//dc:title +title$", r'\g<0>\n    text = ., "ours" | join ", "', text)
    assert ours != text
    write(files, "dcterms.crosswalk", ours)
    told = d.json("renormalise", "s", "--dry-run")
    assert (told["records"], told["changed"], told["fields"]) == (30, 30, {"titles": 30, "match": 30})
    title, match = told["examples"][0]["differs"]
    assert match["after"]["title"] == match["before"]["title"] + " ours"
    assert title["after"][0]["text"] == title["before"][0]["text"] + ", ours"
    # The daemon goes by those of its last reload.
    d.ctl("renormalise", "s", "--wait")
    assert registry.runs("s")[-1]["received"] == 0 and registry.query(ROWS) == before
    d.ctl("reload")
    d.ctl("renormalise", "s", "--wait")
    assert registry.runs("s")[-1]["changed"] == 30
    after = registry.query(ROWS)
    assert without(after, TITLE, DOC, CHANGED) == without(before, TITLE, DOC, CHANGED)
    assert [r[TITLE] for r in after] == [r[TITLE] + ", ours" for r in before]
    # One that a source names is read by, in the dry run too.
    write(files, "own.crosswalk", OWN.replace("ours", "own"))
    d.configure(source("s", repo, interval="1w", crosswalk="own"))
    told = d.json("renormalise", "s", "--dry-run")
    asked = len(repo.requests)
    d.ctl("reload")
    d.ctl("renormalise", "s", "--wait")
    assert registry.runs("s")[-1]["changed"] == told["changed"] == 30
    # Its list is what it was: a harvest would find nothing that differs.
    time.sleep(0.3)
    assert len(repo.requests) == asked
    assert [r[TITLE] for r in registry.query(ROWS)] == [r[TITLE] + ", own" for r in before]
    assert d.json("renormalise", "s", "--dry-run")["records"] == 0


def test_small_items_under_a_large_head(registry, server, daemon):
    """Each item has the head with it: neither the poll nor reading it again may break by what that comes to."""
    head = "".join("<category>Topic number %d</category>" % i for i in range(700))
    feed = server.mount(Feed("broad", items(400), write=rss, head=head), "/broad/feed.xml")
    conf = feed_source("broad", feed, interval="1w")
    d = daemon(conf)
    tables = own_tables(d)
    d.configure(conf)
    d.once()
    run = registry.runs("broad")[-1]
    assert (run["outcome"], run["added"]) == ("ok", 400), run
    add(tables, "zz-own.tsv", TERMS, "sector\tlabel\ttopic number 5\twater")
    told = d.json("renormalise", "broad", "--dry-run")
    assert (told["records"], told["rejected"], told["without_head"]) == (400, 0, 0), told
    d.start()
    d.ctl("renormalise", "broad", "--wait")
    assert [registry.runs("broad")[-1][k] for k in ("outcome", "received")] == ["ok", 400]


# --- lies ---
@pytest.mark.parametrize("lie", ["nothing", "garbage after the magic", "no trailer", "wrong counts", "outside", "overlap",
                                 "no UTF-8", "known", "endless"])
def test_a_parser_that_lies_of_stored_records(room, registry, server, liar, lie):
    """It costs the records that it was given: they stay as they are."""
    good, bad = two(server)
    d = liar("parse", lie, source("good", good, interval="1w"), source("bad", bad, interval="1w"))
    lies, d.room = d.room, room
    d.once()
    before = registry.query(ROWS)
    d.room = lies
    path = os.path.join(lies, "libexec", "vocab", "kind-terms.tsv")
    with open(path) as f:
        text = f.read()
    with open(path, "w") as f:
        f.write(text.replace("kind\tlabel\treport\tpublication", "kind\tlabel\treport\tevent"))
    d.start()
    store = wait_for(lambda: d.roles().get("sheaf-store"))
    d.ctl("renormalise", "good", "--wait")
    d.ctl("renormalise", "bad", "--wait", check=1)
    run = registry.runs("bad")[-1]
    assert (run["mode"], run["outcome"], run["received"]) == ("renormalise", "failed", 0)
    assert "3 blocks of stored records cannot be read again" in run["outcome_text"]
    after = registry.query(ROWS)
    assert [r for r in after if r[0] == "bad"] == [r for r in before if r[0] == "bad"]
    assert {r[KIND] for r in after if r[0] == "good"} == {"event"}
    assert d.process.poll() is None and d.roles()["sheaf-store"] == store
    assert registry.query(BLOCKS) == []
