"""MISBEHAVIOUR D: dates, increments, deletions."""

import calendar
import time

import pytest

from nouns import Record, Reply, Repository, dc, ids, iso, records, source

NOW = int(time.time())


def seconds(stamp):
    return calendar.timegm(time.strptime(stamp, "%Y-%m-%dT%H:%M:%SZ"))


def fresh(n, **kw):
    """n records of the last days."""
    return records(n, t0=NOW - 10 * 86400, step=60, **kw)


def test_second_harvest_asks_from_and_changes_nothing(registry, server, daemon):
    repo = server.mount(Repository("r", records(250)))
    d = daemon(source("s", repo))
    d.once()
    before = registry.query("select * from registry.record order by record_id")
    n = len(repo.requests)
    d.once()
    again = repo.requests[n:]
    assert [q.verb for q in again] == ["Identify", "ListRecords"]
    since = again[1].args["from"]
    assert abs(seconds(since) - (time.time() - 172800)) < 120
    assert registry.query("select * from registry.record order by record_id") == before
    run = registry.runs("s")[-1]
    assert (run["outcome"], run["changed"]) == ("ok", 0)


def test_changed_and_touched_and_new_and_deleted(registry, server, daemon):
    repo = server.mount(Repository("r", fresh(40)))
    d = daemon(source("s", repo))
    d.once()
    changed, touched, gone = (repo.records[i] for i in (3, 5, 7))
    stamp = iso(time.time() - 60)
    repo.put(Record(changed.identifier, stamp, dc(title="New title")))
    repo.put(Record(touched.identifier, stamp, touched.metadata))
    repo.put(Record("oai:new", stamp, dc(title="A new one")))
    repo.delete(gone.identifier)
    d.once()
    rows = registry.records("s")
    assert rows[changed.identifier] == ("active", stamp, "New title")
    assert rows[touched.identifier][:2] == ("active", stamp)
    assert rows["oai:new"][0] == "active"
    assert rows[gone.identifier][0] == "deleted"
    run = registry.runs("s")[-1]
    assert [run[k] for k in ("added", "changed", "touched", "deleted")] == [1, 1, 1, 1]


def test_d19_granularity_that_lies(registry, server, daemon):
    """Identify promises seconds, but `from` with seconds is refused."""
    repo = server.mount(Repository("r", fresh(40)))
    repo.on(lambda q: len(q.args.get("from", "")) > 10, lambda q, b: repo.error(q.verb, q.args, "badArgument"))
    d = daemon(source("s", repo))
    d.once()
    repo.put(Record("oai:new", iso(time.time() - 60), dc(title="A new one")))
    d.once()
    assert registry.identifiers("s") == ids(repo)
    n = len(repo.requests)
    d.once()
    assert all(len(q.args.get("from", "")) in (0, 10) for q in repo.requests[n:]), "it was learned"


@pytest.mark.parametrize("earliest", ["0000-00-00", "", "yesterday", "9999-12-31T00:00:00Z"])
def test_d19_earliest_datestamp_that_is_none(registry, server, daemon, earliest):
    repo = server.mount(Repository("r", records(40, step=86400 * 20), earliest=earliest or " "))
    daemon(source("s", repo, window="year")).once(check=None)
    assert registry.identifiers("s") == ids(repo)


def test_d19_day_granularity(registry, server, daemon):
    repo = server.mount(Repository("r", fresh(40), granularity="day"))
    d = daemon(source("s", repo))
    d.once()
    repo.put(Record("oai:new", iso(time.time()), dc(title="A new one")))
    d.once()
    assert registry.identifiers("s") == ids(repo)
    assert registry.records("s")["oai:new"][1] == iso(time.time())[:10], "the datestamp is kept as given"
    assert not repo.illegal


def test_d19_time_zones_in_dates_are_understood(registry, server, daemon):
    """responseDate with an offset, datestamps with another."""
    repo = server.mount(Repository("r", fresh(40), response_date=lambda: time.strftime(
        "%Y-%m-%dT%H:%M:%S+05:30", time.gmtime(time.time() + 19800))))
    repo.on(lambda q: q.verb.startswith("List"), lambda q, b: b.replace(b"Z</datestamp>", b"+00:00</datestamp>"))
    d = daemon(source("s", repo))
    d.once()
    assert registry.identifiers("s") == ids(repo)
    given = registry.records("s")[repo.records[0].identifier][1]
    assert given == repo.records[0].datestamp.replace("Z", "+00:00"), "as given"
    assert not registry.value("select count(*) from registry.record where datestamp <> %s and identifier = %s",
                              repo.records[0].datestamp, repo.records[0].identifier)
    d.once()
    since = repo.asked("ListRecords")[-1].args["from"]
    assert abs(seconds(since) - (time.time() - 172800)) < 120


@pytest.mark.parametrize("off", [-3 * 86400, 3 * 86400, 7200], ids=["behind", "ahead", "local-time"])
def test_d20_a_servers_wrong_clock_loses_nothing(registry, server, daemon, off):
    repo = server.mount(Repository("r", fresh(40), response_date=lambda: iso(time.time() + off)))
    d = daemon(source("s", repo))
    d.once()
    repo.put(Record("oai:next", iso(time.time() + off), dc(title="By the same clock")))
    d.once()
    assert "oai:next" in registry.identifiers("s")
    since = seconds(repo.asked("ListRecords")[-1].args["from"])
    assert since <= time.time() + min(off, 86400) - 172800 + 60


def test_d20_an_update_that_was_indexed_late_is_found(registry, server, daemon):
    """A record of yesterday's date appears after yesterday's harvest."""
    repo = server.mount(Repository("r", fresh(40)))
    d = daemon(source("s", repo))
    d.once()
    repo.put(Record("oai:late", iso(time.time() - 86400), dc(title="Late")))
    d.once()
    assert "oai:late" in registry.identifiers("s")


def test_d20_a_comparison_finds_what_was_lost(registry, server, daemon):
    repo = server.mount(Repository("r", fresh(40)))
    d = daemon(source("s", repo, complete="1ms"))
    d.once()
    repo.put(Record("oai:lost", iso(NOW - 9 * 86400), dc(title="Lost")))
    old = repo.records[4]
    repo.put(Record(old.identifier, iso(NOW - 8 * 86400), dc(title="Changed in silence")))
    d.once()
    assert registry.identifiers("s") == ids(repo)
    assert registry.records("s")[old.identifier][2] == "Changed in silence"
    got = {q.args["identifier"] for q in repo.asked("GetRecord")}
    assert got == {"oai:lost", old.identifier}


@pytest.mark.parametrize("promise", ["no", "transient", "persistent"])
def test_d21_what_vanishes_is_missing_and_deleted_after_the_grace_period(registry, server, daemon, promise):
    repo = server.mount(Repository("r", fresh(40), deleted=promise))
    d = daemon(source("s", repo, complete="1ms", grace="1d"))
    d.once()
    repo.remove(repo.records[4].identifier)
    gone = {r for r in registry.identifiers("s")} - ids(repo)
    d.once()
    assert registry.identifiers("s", ("missing",)) == gone
    registry.query("update sheaf.record set missing_since = missing_since - interval '2 days' where missing_since is not null")
    d.once()
    assert registry.identifiers("s", ("deleted",)) == gone


def test_d21_a_missing_record_that_is_back_is_active(registry, server, daemon):
    repo = server.mount(Repository("r", fresh(40), deleted="no"))
    d = daemon(source("s", repo, complete="1ms"))
    d.once()
    away = repo.records[4]
    repo.remove(away.identifier)
    d.once()
    repo.put(away)
    d.once()
    assert registry.identifiers("s") == ids(repo)


def test_d21_a_deleted_record_comes_back_with_its_number(registry, server, daemon):
    repo = server.mount(Repository("r", fresh(40)))
    d = daemon(source("s", repo))
    d.once()
    it = repo.records[4].identifier
    number = registry.value("select record_id from registry.record where identifier = %s", it)
    repo.delete(it)
    d.once()
    assert it in registry.identifiers("s", ("deleted",))
    repo.put(Record(it, iso(time.time()), dc(title="Back again")))
    d.once()
    assert registry.query("select record_id, status, title from registry.record where identifier = %s", it) == [
        (number, "active", "Back again")]


def test_d21_a_flood_of_tombstones_never_seen_is_stored_and_not_held(registry, server, daemon):
    dead = [Record("oai:dead:%d" % i, iso(1700000000 + i), "", (), True) for i in range(2000)]
    repo = server.mount(Repository("r", fresh(40) + dead, page_size=500))
    daemon(source("s", repo)).once()
    assert registry.identifiers("s") == ids(repo)
    assert len(registry.identifiers("s", ("deleted",))) == 2000


def test_d22_a_glitch_that_deletes_much_is_held_and_can_be_rejected(registry, server, daemon):
    repo = server.mount(Repository("r", fresh(100)))
    d = daemon(source("s", repo))
    d.once()
    before = registry.query("select record_id, status, title, datestamp from registry.record order by 1")
    saved = list(repo.records)
    for r in saved[:60]:
        repo.delete(r.identifier)
    d.once(check=1)
    assert registry.runs("s")[-1]["outcome"] == "held"
    assert registry.query("select record_id, status, title, datestamp from registry.record order by 1") == before
    d.start()
    d.ctl("reject", "s", "the server lost its database")
    assert registry.status("s")["state"] == "paused"
    assert registry.query("select record_id, status, title, datestamp from registry.record order by 1") == before
    repo.records = saved
    d.ctl("resume", "s")
    d.ctl("harvest", "s", "--wait", timeout=60)
    assert registry.identifiers("s") == ids(repo)
    d.stop()


def test_d22_a_held_run_can_be_approved(registry, server, daemon):
    repo = server.mount(Repository("r", fresh(100)))
    d = daemon(source("s", repo))
    d.once()
    for r in list(repo.records)[:60]:
        repo.delete(r.identifier)
    d.once(check=1)
    d.start()
    d.ctl("approve", "s")
    d.ctl("harvest", "s", "--wait", timeout=60, check=None)
    assert registry.identifiers("s") == ids(repo)
    assert len(registry.identifiers("s", ("deleted",))) == 60
    d.stop()


def test_d22_changes_are_held_too_but_additions_never(registry, server, daemon):
    repo = server.mount(Repository("r", fresh(100)))
    d = daemon(source("s", repo))
    d.once()
    stamp = iso(time.time() - 5)
    for i in range(500):
        repo.put(Record("oai:more:%d" % i, stamp, dc(title="More")))
    d.once()
    assert registry.identifiers("s") == ids(repo)
    for r in list(repo.records)[:400]:
        repo.put(Record(r.identifier, iso(time.time()), dc(title="lorem ipsum")))
    d.once(check=1)
    assert registry.runs("s")[-1]["outcome"] == "held"
    assert registry.value("select count(*) from registry.record where title = 'lorem ipsum'") == 0


def test_d22_an_empty_source_is_held_at_any_size(registry, server, daemon):
    repo = server.mount(Repository("r", fresh(3)))
    d = daemon(source("s", repo))
    d.once()
    for r in list(repo.records):
        repo.delete(r.identifier)
    d.once(check=1)
    assert registry.runs("s")[-1]["outcome"] == "held"
    assert len(registry.identifiers("s")) == 3


def test_a_server_that_says_it_has_nothing_does_not_empty_the_registry(registry, server, daemon):
    repo = server.mount(Repository("r", fresh(100)))
    d = daemon(source("s", repo, complete="1ms", grace="0s"))
    d.once()
    repo.on(lambda q: q.verb.startswith("List"), lambda q, b: repo.error(q.verb, q.args, "noRecordsMatch"))
    d.once(check=1)
    assert len(registry.identifiers("s", ("active", "missing"))) == 100


def test_d23_the_same_record_in_several_sets(registry, server, daemon):
    repo = server.mount(Repository("r", records(50, sets=("a", "b"))))
    d = daemon(source("s", repo, sets="a b"))
    d.once()
    assert registry.identifiers("s") == ids(repo)
    froms = lambda: [q.args.get("set") for q in repo.asked("ListRecords")]
    assert froms() == ["a", "b"]
    d.once()
    assert froms() == ["a", "b", "a", "b"]
    assert all("from" in q.args for q in repo.asked("ListRecords")[2:])


def test_d23_a_migration_to_new_identifiers_is_held_before_it_deletes(registry, server, daemon):
    old = fresh(60)
    repo = server.mount(Repository("r", old, deleted="no"))
    d = daemon(source("s", repo, complete="1ms", grace="1d"))
    d.once()
    repo.records = [Record(r.identifier.replace("oai:", "oai:new."), r.datestamp, r.metadata) for r in old]
    was = registry.identifiers("s")
    d.once(check=None)
    assert ids(repo) <= registry.identifiers("s", ("active",)), "what is new flows at once"
    assert registry.identifiers("s", ("active", "missing")) >= was, "what is not said to be deleted waits"
    registry.query("update sheaf.record set missing_since = missing_since - interval '2 days' where missing_since is not null")
    d.once(check=1)
    assert registry.runs("s")[-1]["outcome"] == "held"
    assert not registry.identifiers("s", ("deleted",))


def test_d23_an_identifier_used_again_is_one_record(registry, server, daemon):
    repo = server.mount(Repository("r", fresh(40)))
    d = daemon(source("s", repo))
    d.once()
    it = repo.records[4].identifier
    repo.put(Record(it, iso(time.time()), dc(title="Quite another work", type="Dataset")))
    d.once()
    assert registry.query("select status, title from registry.record where identifier = %s", it) == [("active", "Quite another work")]
    assert registry.runs("s")[-1]["changed"] == 1


def test_full_asks_for_everything_again(registry, server, daemon):
    repo = server.mount(Repository("r", records(150)))
    d = daemon(source("s", repo))
    d.once()
    d.start()
    d.ctl("harvest", "s", "--full", "--wait", timeout=60)
    assert "from" not in repo.asked("ListRecords")[-2].args
    assert registry.runs("s")[-1]["unchanged"] == 150
    d.stop()


def test_formats_are_found_by_namespace_and_refusals_named(registry, server, daemon):
    repo = server.mount(Repository("r", records(20), formats=("oai_dc",)))
    d = daemon(source("s", repo, format="http://www.openarchives.org/OAI/2.0/oai_dc/"),
               source("t", repo, format="marcxml"), source("u", repo, format=None))
    d.once(check=1)
    assert registry.identifiers("s") == ids(repo) == registry.identifiers("u")
    error = registry.status("t")["last_error"]
    assert "marcxml" in error and "oai_dc" in error


def test_identifiers_then_records_by_configuration_and_when_learned(registry, server, daemon):
    a = server.mount(Repository("a", records(25), page_size=10))
    b = server.mount(Repository("b", records(25), page_size=10))
    b.on(lambda q: q.verb == "ListRecords", Reply(500, b"broken"))
    d = daemon(source("a", a, verb_mode="identifiers"), source("b", b))
    d.once(check=None)
    assert registry.identifiers("a") == ids(a) and not a.asked("ListRecords")
    assert registry.identifiers("b") == ids(b)
    n = len(b.asked("ListRecords"))
    d.once(check=None)
    assert len(b.asked("ListRecords")) == n, "it was learned"


def test_about_and_datestamps_are_kept_as_given(registry, server, daemon):
    r = records(1)[0]
    r.about = ('<provenance xmlns="http://www.openarchives.org/OAI/2.0/provenance"><originDescription harvestDate="2020-01-01T00:00:00Z" '
               'altered="false"><baseURL>http://origin.example.org/oai</baseURL><identifier>oai:origin:1</identifier>'
               "<datestamp>2019-01-01</datestamp><metadataNamespace>http://www.openarchives.org/OAI/2.0/oai_dc/</metadataNamespace>"
               "</originDescription></provenance>")
    repo = server.mount(Repository("r", [r]))
    daemon(source("s", repo)).once()
    raw = registry.value("select registry.raw(record_id) from registry.record")
    assert "oai:origin:1" in raw
    assert registry.records("s")[r.identifier][1] == r.datestamp


def test_a_better_format_is_told_of_and_not_taken(registry, server, daemon):
    """What a source was harvested in stays: another one would make another
    record of everything."""
    def asked(n):
        return {q.args.get("metadataPrefix") for q in repo.requests[n:] if "List" in q.verb} - {None}

    def advice():
        return registry.value("select advice from registry.source_status")

    repo = server.mount(Repository("r", fresh(30), formats=("oai_dc", "dim")))
    d = daemon(source("s", repo, format=None))
    d.once()
    assert asked(0) == {"dim"} and advice() is None
    assert registry.query("select distinct format from registry.record") == [("dim",)]
    repo.formats = ("oai_dc", "dim", "xoai")
    n = len(repo.requests)
    d.once()
    assert asked(n) == {"dim"}
    assert advice() == "offers xoai, which says more than dim: set format = xoai, and all is read anew"
    assert "offers xoai" in d.ctl("status", "s").stdout
    assert registry.runs("s")[-1]["changed"] == 0
    # The one that is there is refused for a while: nothing is read in another.
    repo.on(lambda q: q.verb == "ListRecords", lambda q, b: repo.error(q.verb, q.args, "cannotDisseminateFormat"), times=1)
    d.once(check=1)
    assert registry.status("s")["outcome"] == "failed"
    assert registry.query("select distinct format from registry.record") == [("dim",)]
    # The operator takes the better one: everything is read anew.
    d.configure(source("s", repo, format="xoai"))
    n = len(repo.requests)
    d.once()
    assert asked(n) == {"xoai"} and advice() is None
    assert registry.runs("s")[-1]["received"] == 30
    assert not any("from" in q.args for q in repo.requests[n:])


def test_a_format_that_is_gone(registry, server, daemon):
    repo = server.mount(Repository("r", fresh(30), formats=("oai_dc", "xoai")))
    d = daemon(source("s", repo, format=None))
    d.once()
    repo.formats = ("oai_dc",)
    n = len(repo.requests)
    d.once()
    lists = [q.args for q in repo.requests[n:] if q.verb == "ListRecords"]
    assert [a["metadataPrefix"] for a in lists] == ["oai_dc"] and "from" not in lists[0]
    assert registry.runs("s")[-1]["received"] == 30
    assert "xoai is not offered any more" in registry.value("select advice from registry.source_status")


def test_a_format_that_is_offered_and_not_given(registry, server, daemon):
    repo = server.mount(Repository("r", fresh(30), formats=("oai_dc", "xoai")))
    repo.on(lambda q: q.args.get("metadataPrefix") == "xoai",
            lambda q, b: repo.error(q.verb, q.args, "cannotDisseminateFormat"))
    d = daemon(source("s", repo, format=None))
    d.once()
    assert registry.query("select distinct format from registry.record") == [("oai_dc",)]
    n = len(repo.requests)
    d.once()
    assert [q.verb for q in repo.requests[n:]] == ["Identify", "ListMetadataFormats", "ListRecords"]
    assert registry.value("select advice from registry.source_status") is None
