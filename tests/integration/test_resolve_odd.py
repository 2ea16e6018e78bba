"""What must not stop sheaf-resolve, nor leave anything behind: words about
records that are not there, pairs of a record that was purged meanwhile, one
title that hundreds of records share, a registry that grows many times over."""

import re
import threading
import time

import pytest

from nouns import Record, Repository, dc, iso, records, source, wait_for

A, B, C, D = ("oai:example.org:%d" % i for i in range(4))


@pytest.fixture
def harvested(registry, server, daemon):
    """A source s with four records, resolved."""
    repo = server.mount(Repository("s", records(4)))
    d = daemon(source("s", repo))
    d.once()
    d.repo = repo
    return d


def titled(identifier, title, **more):
    return Record(identifier, iso(time.time()), dc(title=title, **more))


def entries(registry):
    """Identifiers of each live entry's records."""
    return sorted(
        tuple(ids) for (ids,) in registry.query(
            "select array_agg(identifier order by identifier) from registry.record "
            "where status = 'active' and entry_id is not null group by entry_id"))


def number(registry, identifier):
    return registry.value("select record_id from registry.record where identifier = %s", identifier)


def decide(registry, kind, *names):
    named = [x for n in names for x in ("s", n)] + [None, None]
    assert registry.value(
        "select refusal from sheaf.decide(%s, %s, %s, %s, %s, null, null, 'amina', 'looked')", kind, *named[:4]) is None


def test_a_record_is_linked_with_one_that_goes(registry, harvested):
    decide(registry, "same", A, B)
    harvested.once("s")
    assert entries(registry) == [(A, B), (C,), (D,)]
    harvested.repo.delete(B)
    harvested.once("s")
    harvested.repo.put(titled(A, "Wells of the Sahel"))
    harvested.once("s")
    assert entries(registry) == [(A,), (C,), (D,)]
    harvested.repo.put(titled(B, "Back"))
    harvested.once("s")
    assert entries(registry) == [(A, B), (C,), (D,)]


def test_a_pair_of_what_was_purged_while_it_was_compared(registry, harvested):
    a, b = number(registry, A), number(registry, B)
    decide(registry, "purge", B)
    registry.query("delete from sheaf.member where record_id = %s", b)
    registry.query(
        "insert into sheaf.match (a, b, score, verdict, model, evidence) values (%s, %s, 12, 'same', 1, '[]')",
        *sorted((a, b)))
    registry.query("select sheaf.unresolve(array[%s::bigint])", a)
    harvested.once("s")
    assert entries(registry) == [(A,), (C,), (D,)]
    assert registry.value("select count(*) from sheaf.member where record_id = %s and active", b) == 0
    registry.query("select sheaf.unresolve(array[%s::bigint])", b)
    harvested.once("s")
    assert registry.value("select count(*) from sheaf.match") == 0


def test_a_thousand_records_with_one_title(registry, server, daemon):
    """Their pairs are half a million, with more evidence than is held at a time."""
    repo = server.mount(Repository("s", records(4200)))
    d = daemon(source("s", repo))
    said = d.once().stderr
    assert "model 1 was learned from 4200 records" in said, "not before all of them were there"
    for i in range(1000):
        repo.put(titled(
            "oai:example.org:x%d" % i, "Untitled contribution concerning groundwater abstraction permits",
            creator="Wanjiku, Amina", date="2019-05-07", publisher="Groundwater Authority of Kenya"))
    d.once("s")
    assert registry.value("select count(*) from sheaf.model") == 1, "it was resolved by the model that was there"
    pairs, evidence = registry.query("select count(*), sum(length(evidence::text)) from sheaf.match")[0]
    assert pairs >= 1000 * 999 // 2 and evidence > 100 * 1024 * 1024
    assert registry.value("select count(*) from sheaf.member where active") == 5200


def test_a_registry_that_grows_many_times_over(registry, harvested):
    """What was learned of four records is not what thousands are resolved by."""
    for r in records(4000):
        harvested.repo.put(Record(r.identifier + "x", iso(time.time()), r.metadata))
    said = harvested.once("s").stderr
    assert "model 2 was learned from 4004 records" in said
    resolved = [int(n) for n in re.findall(r"resolved (\d+) records", said)]
    assert sum(resolved) < 4000


def test_a_table_of_keys_that_has_outgrown_itself(registry, harvested):
    """Changes add keys to it and take none away, for years."""
    before = sorted(registry.query("select key, record_ids::text from sheaf.match_key"))
    assert registry.value("select bytes > 0 from sheaf.match_key_mark")
    registry.query("insert into sheaf.match_key select k.* from sheaf.match_key k, generate_series(1, 1000)")
    registry.query("update sheaf.match_key_mark set bytes = (select pg_relation_size('sheaf.match_key') / 2 - %d)" % (32 * 1024 * 1024))
    assert "table of keys" not in harvested.once("s").stderr
    registry.query("update sheaf.match_key_mark set bytes = bytes - 1")
    # A dump reads it for hours: it stays, and works.
    with registry.cluster.connect(registry.name) as dump, dump.cursor() as cur:
        cur.execute("select count(*) from sheaf.match_key")
        said = harvested.once("s").stderr
        assert "the table of keys cannot be emptied" in said and "is made again" not in said
        # What cannot wait deletes.
        registry.query("update sheaf.resolving set phase = 'learn', version = null, position = 0")
        said = harvested.once("s").stderr
        assert "the table of keys cannot be emptied" in said and "is applied" in said
        assert sorted(registry.query("select key, record_ids::text from sheaf.match_key")) == before
    registry.query("insert into sheaf.match_key select k.* from sheaf.match_key k, generate_series(1, 1000)")
    registry.query("update sheaf.match_key_mark set bytes = (select pg_relation_size('sheaf.match_key') / 2 - %d)" % (32 * 1024 * 1024 + 1))
    said = harvested.once("s").stderr
    assert said.count("the table of keys is made again") == 1, said
    assert sorted(registry.query("select key, record_ids::text from sheaf.match_key")) == before
    assert registry.value("select bytes > 0 from sheaf.match_key_mark")
    assert "table of keys" not in harvested.once("s").stderr


def test_nine_thousand_connected_records(registry, server, daemon):
    """They go by pieces: what is sure in them stays, and the operator is told."""
    repo = server.mount(Repository("s", records(9000)))
    d = daemon(source("s", repo))
    d.once()
    before = registry.value("select count(distinct entry_id) from sheaf.member where active")
    registry.query("delete from sheaf.match")
    # One is connected with all others; and ten at a time with each other, surely.
    registry.query(
        "with r as (select record_id as id, row_number() over (order by record_id) - 1 as n from sheaf.record) "
        "insert into sheaf.match (a, b, score, verdict, model, evidence) "
        "select a.id, b.id, case when a.n / 10 = b.n / 10 then 30 else 12 end, 'same', 1, '[]' from r a "
        "join r b on b.n > a.n and (b.n / 10 = a.n / 10 or a.n = 0)")
    registry.query("select sheaf.unresolve(array[min(record_id)]) from sheaf.record")
    said = d.once("s").stderr
    assert "9000 records are connected with more than 1024 others" in said
    assert registry.query("select verdict, reason, count(*) from sheaf.match where score = 12 group by 1, 2") == [
        ("refused", "more than 1024 records are connected here, so that only pairs of a higher score are joined", 8990)]
    assert registry.query(
        "select n, count(*) from (select count(*) as n from sheaf.member where active group by entry_id) x group by n") == [
        (10, 900)]
    assert before > 900
    assert registry.value("select count(distinct entry_id) from sheaf.member where active") == 900
    # And what comes to it gives the same.
    registry.query("select sheaf.unresolve(array_agg(record_id)) from sheaf.record where record_id % 100 = 7")
    d.once("s")
    assert registry.value("select count(distinct entry_id) from sheaf.member where active") == 900


def test_a_row_of_any_length(registry, harvested):
    """What waits may be one row of more records than a batch has."""
    registry.query("delete from sheaf.member")
    registry.query("delete from sheaf.profile")
    registry.query(
        "insert into sheaf.unresolved (record_ids) "
        "select array_agg(r.record_id order by n) from generate_series(1, 2500) n, sheaf.record r")
    harvested.once("s")
    assert entries(registry) == [(A,), (B,), (C,), (D,)]
    assert registry.value("select count(*) from sheaf.unresolved") == 0


def test_profiles_that_do_not_go_into_memory_at_once(registry, harvested):
    """A batch of half as many records goes then."""
    for i in range(1400):
        names = ["https://doi.org/10.5555/%s.%d.%d" % ("x" * 950, i, n) for n in range(32)]
        harvested.repo.put(Record("oai:example.org:l%d" % i, iso(time.time()), dc(title="Names %d" % i, identifier=names)))
    harvested.once("s", timeout=600)
    assert registry.value("select sum(length(data)) from sheaf.profile") > 33 * 1024 * 1024
    assert registry.value("select count(*) from sheaf.member where active") == 1404
    assert registry.value("select count(*) from sheaf.unresolved") == 0


def words_of(i):
    """Words that no other record has."""
    return "".join(chr(97 + int(c)) for c in "%05d" % i)


@pytest.mark.parametrize("alone", (False, True))
def test_a_word_that_has_become_common(registry, server, daemon, alone):
    """It is learned anew only where records are left with nothing else to be compared by."""
    repo = server.mount(Repository("s", records(4600)))
    d = daemon(source("s", repo))
    d.once()
    for i in range(1100):
        title = "Zirconquartzite" if alone else "Zirconquartzite near qu%s and vy%s" % (words_of(i), words_of(i))
        repo.put(titled("oai:example.org:z%d" % i, title))
    d.once("s")
    assert registry.query("select version, state from sheaf.model order by 1") == (
        [(1, "past"), (2, "current")] if alone else [(1, "current")])
    assert registry.value("select count(*) from sheaf.member where active") == 5700


# --- two resolvers ---
def test_another_resolver_waits_for_the_lock_and_ends(registry, server, harvested):
    harvested.repo.put(Record(A, iso(time.time()), dc(title="Something else altogether", creator="Nobody")))
    lock = registry.cluster.connect(registry.name)
    lock.cursor().execute("select pg_advisory_lock(7306367)")
    done = []
    once = threading.Thread(target=lambda: done.append(harvested.once("s")))
    once.start()
    # It has harvested, and what it harvested waits for whoever has the lock.
    wait_for(lambda: registry.query("select 1 from sheaf.unresolved"), 60)
    time.sleep(5)
    assert once.is_alive() and registry.query("select 1 from sheaf.unresolved")
    assert entries(registry) == [(A,), (B,), (C,), (D,)]
    lock.close()
    once.join(60)
    assert done and registry.query("select 1 from sheaf.unresolved") == []
    # Where the other one has done all, it has nothing to wait for.
    lock = registry.cluster.connect(registry.name)
    lock.cursor().execute("select pg_advisory_lock(7306367)")
    harvested.once("s")
    lock.close()
