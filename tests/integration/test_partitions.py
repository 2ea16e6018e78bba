"""Tables that grow with records, parted by source: nobody notices."""

import json
import time

import psycopg2
import pytest

from nouns import Repository, source
from test_following import record
from test_renormalise import BLOCKS, MINE, begin
from test_replicas import everything
from test_vocabulary import TERMS, add


def test_records_and_blocks_parted_by_source(registry, server, daemon):
    repos = {n: server.mount(Repository(n, [record(n, i) for i in range(40) if i % 3 != k], page_size=20))
             for k, n in enumerate(("s", "t", "u"))}
    d = daemon(*(source(n, r, max_change="100 %", max_delete="100 %") for n, r in repos.items()))
    d.once()
    views = "select viewname, definition from pg_views where schemaname = 'registry' order by 1"
    before, defined = everything(registry), registry.query(views)
    triggers = """select tgname, count(*) from pg_trigger t where tgrelid = any(%s::regclass[]) and not tgisinternal
        group by 1 order by 1"""
    fired = registry.query(triggers, ["sheaf.record", "sheaf.block"])
    for table in ("record", "block"):
        registry.query("select sheaf.partition_by_source(%s, 4)", table)
        with pytest.raises(psycopg2.errors.RaiseException, match="parted already"):
            registry.query("select sheaf.partition_by_source(%s, 4)", table)
    d.init()
    assert registry.query(views) == defined
    assert everything(registry) == before
    assert registry.query(triggers, ["sheaf.record", "sheaf.block"]) == fired and fired
    assert registry.value("select count(distinct tableoid) from sheaf.record") > 1

    # All that changes records goes on: harvest, deletion, decisions, sweeping.
    for name, repo in repos.items():
        for i in range(1, 40, 7):
            repo.put(record(name, i, time.time(), 1))
        repo.delete(repo.records[0].identifier)
        repo.put(record(name, 85, time.time()))
    d.once()
    changed = registry.value("select count(*) from registry.change")
    assert changed > len(before["change"])
    assert registry.value("select count(*) from registry.record where status = 'deleted'") == 3
    d.ctl("hide", "s", "s:4", "--reason", "a test")
    d.ctl("purge", "t", "t:3", "--reason", "a test", "--yes")
    d.once()
    assert registry.value("select status from registry.record where identifier = 's:4'") == "hidden"
    assert registry.value("select status from sheaf.record where identifier = 't:3'") == "purged"
    registry.query("select sheaf.sweep(1000, 1000, 100)")
    assert registry.value("select count(*) from registry.record r where status = 'active' and registry.raw(record_id) is null") == 0
    # Of one source, one part is read.
    plan = "\n".join(r for r, in registry.query("""explain select * from sheaf.record
        where source_id = 1 and identifier = 's:1'"""))
    assert plan.count(" on record_") == 1


def test_what_cannot_be_parted_is_refused(registry, daemon):
    daemon()
    for table, parts in (("profile", 4), ("record; drop table x", 4), (None, 4), ("record", 1), ("record", None), ("record", 10 ** 6)):
        with pytest.raises(psycopg2.errors.RaiseException):
            registry.query("select sheaf.partition_by_source(%s, %s)", table, parts)


def test_records_are_read_again_from_parted_tables(registry, daemon, server):
    d, repo, tables = begin(daemon, server)
    for table in ("record", "block"):
        registry.query("select sheaf.partition_by_source(%s, 4)", table)
    d.init()
    add(tables, "zz-own.tsv", TERMS, *MINE)
    wunder = sum(i % 3 == 0 and not r.deleted for i, r in enumerate(repo.records))
    d.start()
    row = json.loads(d.ctl("renormalise", "s", "--wait", "--json").stdout.splitlines()[-1])
    assert (row["outcome"], row["changed"]) == ("ok", wunder)
    assert registry.value("select count(*) from registry.record where kind = 'dataset'") == wunder
    assert registry.query(BLOCKS) == []
    row = json.loads(d.ctl("renormalise", "s", "--wait", "--json").stdout.splitlines()[-1])
    assert (row["outcome"], row["changed"]) == ("ok", 0)
