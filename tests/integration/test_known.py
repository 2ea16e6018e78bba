"""What is known is not read again, and nothing is lost by that."""

import time

from nouns import Record, Repository, dc, iso, records, source

NOW = int(time.time())


def recent(n):
    return records(n, t0=NOW - 86400, step=30)


def state(registry):
    return registry.query(
        "select identifier, status, datestamp_given, title, registry.raw(record_id) from sheaf.record order by 1")


def test_changes_after_many_equal_pages(registry, server, daemon):
    repo = server.mount(Repository("r", recent(900), page_size=60))
    d = daemon(source("s", repo))
    d.once()
    stamp = iso(NOW - 60)
    changed, touched, gone = (repo.records[i] for i in (700, 800, 850))
    changed.metadata = dc(title="New title")
    touched.datestamp = stamp
    repo.delete(gone.identifier)
    repo.put(Record("oai:new", stamp, dc(title="A new one")))
    d.once()
    rows = registry.records("s")
    assert rows[changed.identifier][2] == "New title"
    assert rows[touched.identifier][:2] == ("active", stamp)
    assert rows["oai:new"][0] == "active"
    assert rows[gone.identifier][0] == "deleted"
    run = registry.runs("s")[-1]
    assert (run["outcome"], run["received"], run["unchanged"]) == ("ok", 901, 897)
    assert [run[k] for k in ("added", "changed", "touched", "deleted")] == [1, 1, 1, 1]


def test_a_content_that_comes_back_within_a_run(registry, server, daemon):
    """A record changes, and later in the same list stands as it was: the
    second copy is in the table, but no longer what the run has made of it."""
    repo = server.mount(Repository("r", recent(900), page_size=60))
    d = daemon(source("s", repo))
    d.once()
    old = repo.records[500]
    before = state(registry)
    other = Record(old.identifier, old.datestamp, dc(title="For a while"))
    repo.records.insert(200, other)
    d.once()
    run = registry.runs("s")[-1]
    assert (run["outcome"], run["received"]) == ("ok", 901)
    assert state(registry) == before


def test_contents_move_between_identifiers(registry, server, daemon):
    repo = server.mount(Repository("r", recent(900), page_size=60))
    d = daemon(source("s", repo))
    d.once()
    a, b = repo.records[600], repo.records[700]
    a.metadata, b.metadata = b.metadata, a.metadata
    d.once()
    run = registry.runs("s")[-1]
    assert (run["outcome"], run["changed"], run["unchanged"]) == ("ok", 2, 898)
    after = state(registry)
    d.once()
    assert state(registry) == after
