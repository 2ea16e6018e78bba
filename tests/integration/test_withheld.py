"""What portals do not see: hidden and purged records from the operator's commit
on, addresses of persons, and nothing of a purged record anywhere."""

import contextlib
import os
import random
import re
import threading
import time
import xml.dom.minidom
import xml.parsers.expat

import psycopg2
import pytest

from nouns import Daemon, Record, Registry, Repository, dc, iso, records, source, wait_for
from test_composing import MANGROVES, two  # noqa: F401
from test_deciding import number
from test_portals import ask, role
from test_upgrades import build, copy

WORD = "Zyzzyva"
SEED = int(os.environ.get("SHEAF_TEST_SEED", "1"))


def says(connection, word):
    """Where a portal meets a word."""
    found = []
    views = [v for v, in ask(connection, """select 'registry.' || viewname from pg_views where schemaname = 'registry'
        and viewname <> 'guide' order by 1""")]
    for view in views:
        if ask(connection, "select 1 from %s v where v::text ilike %%s limit 1" % view, "%" + word + "%"):
            found.append(view)
    if ask(connection, "select 1 from registry.search(%s)", word):
        found.append("registry.search")
    if ask(connection, "select 1 from registry.record r where registry.raw(record_id) ilike %s limit 1", "%" + word + "%"):
        found.append("registry.raw")
    if ask(connection, "select 1 from (select entry_id from sheaf_ids) e, registry.history(e.entry_id) h where h::text ilike %s limit 1".replace(
            "sheaf_ids", "registry.record"), "%" + word + "%"):
        found.append("registry.history")
    return found


def kept(registry, word):
    """Tables that have a word in any row, and blocks in their bytes."""
    tables = [t for t, in registry.query("""select 'sheaf.' || c.relname from pg_class c
        where c.relnamespace = 'sheaf'::regnamespace and c.relkind = 'r'""")]
    assert len(tables) > 30
    found = [t for t in tables if registry.query("select 1 from %s t where t::text ilike %%s limit 1" % t, "%" + word + "%")]
    if registry.query("select 1 from sheaf.block where position(%s::bytea in data) > 0", word.encode()):
        found.append("the bytes of sheaf.block")
    return found


def pumps_say(two, **more):
    """The record that the entry of both is mostly made of."""
    fields = dict(title="Solar water pumps for smallholder farms in the Sahel", creator="Adeyemi, Folake", date="2019-05-01",
                  publisher=WORD + " Press", description=WORD + " pumps that need no fuel. " * 30, subject=["irrigation", WORD],
                  relation="https://example.org/" + WORD, rights="All rights of " + WORD, coverage="Kenya")
    two.a.put(Record("a:1", iso(time.time()), dc(**{**fields, **more})))


@pytest.fixture
def pumps(two):  # noqa: F811
    two.once()
    pumps_say(two)
    two.once()
    two.id, = two.entry("a:1", "entry_id::text")
    assert two.entry("b:1", "entry_id::text, record_count") == (two.id, 2)
    with role(two.registry) as c:
        assert {"registry.entry", "registry.entry_abstract", "registry.entry_subject", "registry.entry_agent",
                "registry.search", "registry.raw"} <= set(says(c, WORD))
    return two


@pytest.mark.parametrize("kind", ["hide", "purge"])
def test_it_holds_at_once(registry, pumps, kind):
    """No sheaf-resolve runs: the operator's word is all."""
    head, updated = registry.query("select registry.change_head(), updated_at from registry.entry where entry_id = %s", pumps.id)[0]
    note = pumps.d.ctl(kind, "a", "a:1", "--reason", "a court said so", *(["--yes"] if kind == "purge" else [])).stdout
    assert "portals no longer see it" in note and "sheaf-resolve" in note
    with role(registry) as c:
        assert says(c, WORD) == []
        # The thing is there still, as the other one says it.
        row, = ask(c, "select title, publisher, abstract, sources, agencies, record_count, updated_at from registry.entry where entry_id = %s",
                   pumps.id)
        assert row[0].startswith("Solar water pumps") and row[1:6] == ("Sahel Press", None, ["b"], ["wb"], 1) and row[6] > updated
        assert {s for s, in ask(c, "select text from registry.entry_subject where entry_id = %s", pumps.id)} <= {"irrigation", "energy"}
        assert [r[1:] for r in ask(c, "select seq, entry_id::text, op from registry.changes(%s)", head)] == [(pumps.id, "upsert")]
        assert ask(c, "select registry.raw(record_id), title, url, issued, kind from registry.record where identifier = 'a:1'") == [(None,) * 5]
    # It is made of the other one alone as soon as there is who does it.
    pumps.once()
    assert pumps.entry("b:1", "publisher, issued::text, sources") == ("Sahel Press", "2019-05-01", ["b"])
    with role(registry) as c:
        assert says(c, WORD) == []
        assert len(ask(c, "select 1 from registry.search('smallholder')")) == 1
    # Operators see what is hidden.
    hidden = registry.query("select title, registry.raw(record_id) is not null from registry.record where identifier = 'a:1'")[0]
    assert (hidden[0] or "").startswith("Solar") == hidden[1] == (kind == "hide")
    assert pumps.d.ctl("raw", "a", "a:1", check=0 if kind == "hide" else 64)


def test_what_nobody_else_lists_is_gone_at_once_and_comes_back(registry, pumps):
    gone, = pumps.entry("a:2", "entry_id::text")
    head = registry.value("select registry.change_head()")
    pumps.d.ctl("hide", "a", "a:2", "--reason", "not for portals")
    with role(registry) as c:
        assert says(c, "mangrove") == []
        assert ask(c, "select entry_id::text, op from registry.changes(%s)", head) == [(gone, "delete")]
    # Shown again before anybody composed it without.
    pumps.d.ctl("decisions", "--undo", str(registry.value("select max(decision_id) from registry.decision")), "--reason", "no")
    pumps.once()
    assert pumps.entry("a:2", "entry_id::text, title") == (gone, MANGROVES)
    with role(registry) as c:
        assert "registry.search" in says(c, "mangrove")


def test_what_a_record_was_in_before_is_found_too(registry, pumps):
    """Resolve has moved it, and the composer was not there yet; an entry that it left long ago is left alone."""
    left, = pumps.entry("a:2", "entry_id::text")
    new = registry.value("insert into sheaf.entry values (gen_random_uuid(), 'live', 1, now(), now()) returning entry_id::text")
    registry.query("insert into sheaf.forward (from_entry, to_entry, why) select e, %s, 'split' from unnest(%s::uuid[]) e", new, [pumps.id, left])
    registry.query("update sheaf.member set entry_id = %s where record_id = %s", new, pumps.record("a:1"))
    head = registry.value("select registry.change_head()")
    pumps.d.ctl("hide", "a", "a:1", "--reason", "no")
    with role(registry) as c:
        assert says(c, WORD) == []
        assert ask(c, "select entry_id::text, op from registry.changes(%s)", head) == [(pumps.id, "upsert")]
        assert ask(c, "select title, record_count from registry.entry where entry_id = %s", left) == [(MANGROVES, 1)]


def test_a_purge_leaves_no_word_anywhere(registry, pumps):
    # Words of operators, of history, and of a model that is proposed.
    for field, value in (("title", WORD + "!"), ("abstract", ""), ("countries", "FJI")):
        pumps.d.ctl("set", "a", "a:1", field, value, "--reason", "better")
    pumps.once()
    pumps_say(pumps, subject="irrigation", coverage="Uganda")
    pumps.once()
    pumps.d.ctl("set", "a", "a:1", "title", WORD + " again", "--reason", "still better")
    pumps.d.ctl("set", "a", "a:1", "countries", "NPL", "--reason", "still better")
    pumps.once()
    a, b = (pumps.record(i) for i in ("a:1", "b:2"))
    version = registry.value("select max(version) + 1 from sheaf.model")
    registry.query("insert into sheaf.model select (m).* from (select jsonb_populate_record(m, jsonb_build_object('version', %s, "
                   "'state', 'proposed')) as m from sheaf.model m limit 1) x", version)
    registry.query("insert into sheaf.proposed_change (version, kind, from_entry, records, a, b, evidence, reason) "
                   "values (%s, 'split', %s, 1, %s, %s, %s, %s)", version, pumps.id, a, b, '[{"detail": "%s"}]' % WORD, WORD)
    registry.query("insert into sheaf.proposed_match (a, b, score, verdict, reason) values (%s, %s, 1, 'refused', %s)", *sorted((a, b)), WORD)
    told = kept(registry, WORD)
    assert {"sheaf.decision", "sheaf.history", "sheaf.composed", "sheaf.proposed_change", "sheaf.proposed_match",
            "sheaf.found"} <= set(told)
    assert registry.query("select 1 from sheaf.history where said::text like '%%FJI%%'") != []
    pumps.d.ctl("purge", "a", "a:1", "--reason", "asked for", "--yes")
    assert kept(registry, WORD) == []
    assert registry.query("select 1 from sheaf.history where said::text like '%%FJI%%'") == []
    assert registry.query("select 1 from sheaf.composed where countries && '{FJI,NPL,UGA,KEN}'") == []
    pumps.once()
    assert kept(registry, WORD) == []
    with role(registry) as c:
        assert says(c, WORD) == [] and says(c, "FJI") in ([], ["registry.country"])
        assert ask(c, "select distinct value, undone_reason from registry.decision where kind = 'set' and undone_reason like '%%purged'") == [
            (None, "the record was purged")]
    # Nor does it come in by another way.
    assert "is purged" in pumps.d.ctl("set", "a", "a:1", "title", WORD, "--reason", "once more", check=69).stderr
    table = pumps.d.ctl("decisions", "--export", "-").stdout
    assert WORD not in table and table.count("\n") > 4
    assert pumps.d.ctl("decisions", "--import", "-", stdin=table).stdout.startswith("0 decisions were entered")
    row = "\t".join(("set", "a", "a:1", "title", WORD, "me", "r", "2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z", "me", "r"))
    pumps.d.ctl("decisions", "--import", "-", stdin="kind\tsource_a\tidentifier_a\tfield\tvalue\tauthor\treason\tat\tundone_at\t"
                "undone_by\tundone_reason\n" + row + "\n")
    assert kept(registry, WORD) == []


def test_history_does_not_tell_of_what_is_hidden(registry, pumps):
    pumps.d.ctl("set", "a", "a:1", "title", WORD + "!", "--reason", "better")
    pumps_say(pumps, coverage="Fiji")
    pumps.once()
    pumps_say(pumps, coverage="Nepal", publisher="Other Press")
    pumps.once()
    with role(registry) as c:
        told = str(ask(c, "select * from registry.history(%s)", pumps.id))
        assert WORD + "!" in told and WORD + " Press" in told and "FJI" in told
        pumps.d.ctl("hide", "a", "a:1", "--reason", "not for portals")
        for _ in range(2):
            told = str(ask(c, "select * from registry.history(%s)", pumps.id))
            assert "not for portals" in told
            assert not re.search("FJI|NPL|KEN|Other Press|" + WORD, told)
            pumps.once()
        pumps.d.ctl("decisions", "--undo", str(registry.value("select max(decision_id) from registry.decision")), "--reason", "no")
        told = str(ask(c, "select * from registry.history(%s)", pumps.id))
        assert WORD + "!" in told and WORD + " Press" in told and "FJI" in told


@pytest.mark.parametrize("first", ["hidden", "deleted", "kept out"])
def test_what_is_hidden_stays_so_when_its_source_withdraws_it(registry, pumps, first):
    """Before or after, and where the operator's own keep leaves it out then."""
    pumps.d.ctl("set", "a", "a:1", "title", WORD + "!", "--reason", "better")
    pumps_say(pumps, coverage="Fiji")
    registry.query("update sheaf.record set licence = 'https://example.org/' || %s where identifier = 'a:1'", WORD)
    pumps.once()

    def hide():
        return pumps.d.ctl("hide", "a", "a:1", "--reason", "a court said so").stdout

    def withdraw(status):
        if status == "filtered":
            pumps.configure(a={"keep": "type:nothing"})
            pumps.d.once(check=1)
            assert registry.value("select ok from sheaf.source_act('a', 'approve', 'me', '')")
        else:
            pumps.a.delete("a:1")
        pumps.once()
        assert registry.value("select status from sheaf.record where identifier = 'a:1'") == status
    with role(registry) as c:
        if first == "deleted":
            withdraw("deleted")
            assert {"registry.decision", "registry.history"} <= set(says(c, WORD))
            assert "it is deleted already" in hide()
        else:
            hide()
            withdraw("deleted" if first == "hidden" else "filtered")
        for _ in range(2):
            assert says(c, WORD) == []
            assert "FJI" not in str(ask(c, "select * from registry.history(%s)", pumps.id))
            assert ask(c, "select status, title, url, issued, kind, sets, licence, registry.raw(record_id) from registry.record "
                       "where identifier = 'a:1'") == [("deleted", None, None, None, None, [], None, None)]
            pumps.once()
        # Operators see it, and so does everybody when it is hidden no more.
        assert registry.value("select licence from registry.record where identifier = 'a:1'").endswith(WORD)
        undo = ("decisions", "--undo", str(registry.value("select max(decision_id) from registry.decision")), "--reason", "no")
        if first == "kept out":
            # What comes in again is hidden again.
            pumps.configure()
            pumps.once()
            assert registry.value("select status from sheaf.record where identifier = 'a:1'") == "hidden"
            assert says(c, WORD) == []
        pumps.d.ctl(*undo)
        pumps.once()
        assert {"registry.record", "registry.decision", "registry.history"} <= set(says(c, WORD))


def test_what_is_hidden_and_purged_needs_both_undone(registry, pumps):
    numbers = {}
    for kind in ("hide", "purge"):
        pumps.d.ctl(kind, "a", "a:1", "--reason", "no", *(["--yes"] if kind == "purge" else []))
        numbers[kind] = registry.value("select max(decision_id) from registry.decision")

    def undo(kind):
        pumps.d.ctl("decisions", "--undo", str(numbers[kind]), "--reason", "yes")
        return registry.query("select status, withheld from sheaf.record where identifier = 'a:1'")[0]
    assert undo("purge") == ("deleted", True)
    pumps.once()
    assert registry.query("select status, withheld from sheaf.record where identifier = 'a:1'") == [("hidden", True)]
    assert undo("hide") == ("active", False)


def test_who_is_hidden_before_it_is_in_an_entry(registry, pumps):
    """Resolve puts it into one, and the composer reads that, while the operator has not committed."""
    a = pumps.record("a:1")
    registry.query("delete from sheaf.member where record_id = %s", a)
    operator, late = (registry.cluster.connect(registry.name) for _ in range(2))
    with contextlib.closing(operator), contextlib.closing(late):
        operator.autocommit = False
        ask(operator, "select sheaf.decide('hide', 'a', 'a:1', null, null, null, null, 'me', 'no')")
        ask(operator, "set constraints all immediate")
        registry.query("insert into sheaf.member values (%s, %s, true)", a, pumps.id)
        late.set_session(isolation_level="REPEATABLE READ", autocommit=False)
        ask(late, "select count(*) from sheaf.composed")
        operator.commit()
        with pytest.raises(psycopg2.errors.SerializationFailure):
            ask(late, "select sheaf.change_begin()")


def test_what_has_a_status_left_does_not_seem_open(registry, pumps):
    a, b = (pumps.record(i) for i in ("a:1", "b:1"))
    for of, left in ((b, "closed"), (a, None)):
        registry.query("update sheaf.composed set kind = 'tender', family = 'need', status = 'closed', deadline = now() - interval '1 day', "
                       "origins = origins || jsonb_build_object('kind', %s, 'status', %s, 'deadline', %s) where entry_id = %s", b, of, a, pumps.id)
        registry.query("truncate sheaf.uncounted, sheaf.unindexed")
        pumps.d.ctl("hide", "a", "a:1", "--reason", "no")
        assert pumps.entry("b:1", "status, deadline") == (left, None)
        no = registry.value("select entry_no from sheaf.composed where entry_id = %s", pumps.id)
        assert registry.query("select 1 from sheaf.unindexed where %s = any (entry_nos)", no) != []
        # Without a status it is counted as soon as that is known.
        assert (registry.query("select 1 from sheaf.uncounted where %s = any (entry_nos)", no) == []) == (left is None)
        pumps.once()
        assert registry.value("select count(*) from sheaf.uncounted") == 0
        pumps.d.ctl("decisions", "--undo", str(registry.value("select max(decision_id) from registry.decision")), "--reason", "no")
        pumps.once()


def test_a_purge_reads_no_more_than_it_needs(registry, pumps):
    """Of the pairs of a model that is being weighed, and in whatever order it is written."""
    a = pumps.record("a:1")
    registry.query("insert into sheaf.proposed_match (a, b, score, verdict) select n, n + 1, 9, 'same' from generate_series(1000000, 1050000) n")
    for pair in ((a, a + 999), (a - 1000, a)):
        registry.query("insert into sheaf.proposed_match (a, b, score, verdict, reason) values (%s, %s, 1, 'refused', %s)", *pair, WORD)
    registry.query("analyze sheaf.proposed_match")
    operator = registry.cluster.connect(registry.name)
    with contextlib.closing(operator):
        operator.autocommit = False
        ask(operator, "select sheaf.decide('purge', 'a', 'a:1', null, null, null, null, 'me', 'no')")
        ask(operator, "set constraints all immediate")
        assert ask(operator, "select seq_scan, idx_scan > 0 from pg_stat_xact_user_tables where relname = 'proposed_match'") == [(0, True)]
        operator.commit()
    assert kept(registry, WORD) == []
    assert registry.value("select count(*) from sheaf.proposed_match") == 50001


def test_what_is_proposed_of_a_purged_record_is_swept(registry, pumps):
    """Who weighed a model meanwhile writes what it read before."""
    pumps.d.ctl("purge", "a", "a:1", "--reason", "no", "--yes")
    registry.query("insert into sheaf.model select (m).* from (select jsonb_populate_record(m, jsonb_build_object('version', 99, "
                   "'state', 'proposed')) as m from sheaf.model m limit 1) x")
    for a, b, reason in ((pumps.record("a:1"), pumps.record("b:2"), WORD), (pumps.record("a:2"), pumps.record("b:2"), "stays")):
        registry.query("insert into sheaf.proposed_change (version, kind, from_entry, records, a, b, reason) "
                       "values (99, 'split', %s, 1, %s, %s, %s)", pumps.id, a, b, reason)
    registry.query("select sheaf.sweep_changes(0, 0, 1000)")
    assert registry.query("select reason from sheaf.proposed_change") == [("stays",)]


def test_an_import_that_purges_takes_no_lock_too_late(registry, pumps):
    """A page that holds its source's run may change entries before it commits."""
    registry.query("update sheaf.run set closed_at = null where run_id in (select max(run_id) from sheaf.run group by source_id)")
    page, operator = (registry.cluster.connect(registry.name) for _ in range(2))
    with contextlib.closing(page), contextlib.closing(operator):
        page.autocommit = operator.autocommit = False
        ask(page, "set lock_timeout = '5s'")
        ask(page, "select 1 from sheaf.run where source_id = (select source_id from sheaf.source where name = 'b') for update")
        ask(operator, "select sheaf.decide('purge', s, i, null, null, null, null, 'me', 'no') "
            "from (values ('a', 'a:1'), ('b', 'b:2')) x (s, i)")
        commit = threading.Thread(target=operator.commit)
        commit.start()
        wait_for(lambda: registry.query("select 1 from pg_locks where not granted and pid = %s", operator.info.backend_pid))
        ask(page, "select sheaf.change_begin()")
        page.commit()
        commit.join()
    assert registry.value("select count(*) from sheaf.record where status = 'purged'") == 2


def test_who_composed_before_begins_again(registry, pumps):
    """What the composer and the indexer read before a record was hidden is not written after."""
    for turn in ("select sheaf.change_begin()", "select sheaf.index_some(1000, 0)", "select sheaf.index_some(1000, 1)"):
        registry.query("select sheaf.composed_changed(array(select entry_no from sheaf.composed))")
        late = registry.cluster.connect(registry.name)
        with contextlib.closing(late):
            late.set_session(isolation_level="REPEATABLE READ", autocommit=False)
            ask(late, "select count(*) from sheaf.composed")
            pumps.d.ctl("hide", "a", "a:1", "--reason", "no")
            with pytest.raises(psycopg2.errors.SerializationFailure):
                ask(late, turn)
        pumps.d.ctl("decisions", "--undo", str(registry.value("select max(decision_id) from registry.decision")), "--reason", "yes")
        pumps.once()


@pytest.mark.parametrize("kind", ["hide", "purge"])
def test_an_entry_that_has_lost_a_record_is_not_found_by_it(registry, pumps, kind):
    """Not even while it waits to be made findable."""
    with registry.cluster.connect(registry.name) as c, c.cursor() as cur:
        cur.execute("select from sheaf.search_lane for update")
        pumps.d.start()
        pumps.d.ctl("unlink", "a", "a:1", "b", "b:1", "--reason", "not the same")
        wait_for(lambda: registry.value(
            "select count(distinct c.entry_id) = 2 and exists (select from sheaf.unindexed) and not exists (select from sheaf.uncomposed)"
            " from registry.record r join sheaf.composed c using (entry_id) where r.identifier in ('a:1', 'b:1')"), 60)
        pumps.d.stop()
    stays, goes = ("a:1", "b:1") if pumps.entry("a:1", "entry_id::text") == (pumps.id,) else ("b:1", "a:1")
    word = {"a:1": WORD, "b:1": "energy"}[goes]
    found = "select 1 from registry.search(%s)"
    assert registry.query(found, word), "the search is behind"
    pumps.d.ctl(kind, goes[0], goes, "--reason", "a court said so", *(["--yes"] if kind == "purge" else []))
    assert registry.query(found, word) == []
    pumps.once()
    assert registry.query(found, word) == []
    title = pumps.entry(stays, "title")[0]
    assert registry.query("select entry_id::text from registry.search(%s)", title) == [(pumps.id,)]


def test_who_hides_by_what_was_before_begins_again(registry, pumps):
    """What was made findable since is not overlooked."""
    registry.query("delete from sheaf.found")
    registry.query("select sheaf.index_later(array(select entry_no from sheaf.composed))")
    with contextlib.closing(registry.cluster.connect(registry.name)) as late:
        late.set_session(isolation_level="REPEATABLE READ", autocommit=False)
        ask(late, "select count(*) from sheaf.found")
        assert registry.value("select sheaf.index_some(1000, 0) + sheaf.index_some(1000, 1)") > 0
        with pytest.raises(psycopg2.errors.SerializationFailure):
            ask(late, "select sheaf.withdraw(array[(select min(record_id) from sheaf.record)])")


# --- conditions ---
def test_a_condition_does_not_see_what_a_view_leaves_out(registry, server, daemon):
    repo = server.mount(Repository("s", records(4)))
    d = daemon(source("s", repo))
    d.once()
    n = [number(registry, "s", r.identifier) for r in repo.records]
    registry.query("update sheaf.record set title = 'Quokka ' || record_id, status = case record_id when %s then 'hidden' "
                   "when %s then 'rejected' when %s then 'filtered' else status end", *n[:3])
    with role(registry) as c:
        assert [s for s, in ask(c, "select title from registry.record where title is not null")] == ["Quokka %d" % n[3]]
        for condition in ("case when record_id <> %d then title::integer end = 1" % n[3], "title ~ (title || '(')",
                          "record_id <> %d and title::date is null" % n[3]):
            with contextlib.suppress(psycopg2.Error):
                ask(c, "select 1 from registry.record where " + condition)
                continue
            with pytest.raises(psycopg2.Error) as e:
                ask(c, "select 1 from registry.record where " + condition)
            assert not re.search("Quokka (%d|%d|%d)" % tuple(n[:3]), str(e.value)), condition
        assert [ask(c, "select registry.raw(%s)", i) == [(None,)] for i in n] == [True, True, True, False]
    # What a record names is as much its own.
    registry.query("insert into sheaf.relation (from_record, type, scheme, value, basis) select i, 'related', 'local', 'Quokka ' || i, 'stated' "
                   "from unnest(%s) i", n)
    registry.query("insert into sheaf.member select i, gen_random_uuid(), true from unnest(%s) i on conflict (record_id) do update set active = true", n)
    with role(registry) as c:
        assert ask(c, "select value from registry.relation where value like 'Quokka%%'") == [("Quokka %d" % n[3],)]
        ask(c, "set enable_nestloop = off; set enable_indexscan = off; set enable_bitmapscan = off")
        with pytest.raises(psycopg2.Error) as e:
            ask(c, "select 1 from registry.relation where value::integer = 1")
        assert re.findall("Quokka [0-9]+", str(e.value)) == ["Quokka %d" % n[3]]
    # It is who asks that counts, not who opened the connection.
    with role(registry, "sheaf") as c:
        assert len(ask(c, "select 1 from registry.record where title like 'Quokka%%'")) > 1
        ask(c, "set role sheaf_reader")
        assert len(ask(c, "select 1 from registry.record where title like 'Quokka%%'")) == 1
    with role(registry, "sheaf_operator") as c:
        assert ask(c, "select title from registry.record where record_id = %s", n[0]) == [("Quokka %d" % n[0],)]


def test_matches_of_hidden_records_tell_nothing(registry, pumps):
    a, b = sorted((pumps.record("a:1"), pumps.record("b:1")))
    with role(registry) as c:
        assert ask(c, "select evidence is null from registry.match where record_ids = array[%s, %s]::bigint[]", a, b) == [(False,)]
        pumps.d.ctl("hide", "a", "a:1", "--reason", "no")
        assert ask(c, "select evidence, reason from registry.match where record_ids = array[%s, %s]::bigint[]", a, b) == [(None, None)]


# --- contacts ---
PRIVATE = ["folake@sahel.example", "f.adeyemi@mail.sahel.example.org", "+41 22 917 12 34", "917-1235", "022 917 12 36"]
PUBLIC = ["978-92-1-101234-5", "0000-0002-1825-0097", "2019-05-01", "logo@2x.png", "Solar water pumps"]


def test_contacts_are_not_in_the_raw_either(registry, two):  # noqa: F811
    two.a.put(Record("a:1", iso(time.time()), dc(
        title="Solar water pumps", creator="Adeyemi, Folake <folake@sahel.example>", date="2019-05-01",
        publisher="Sahel Press, 022 917 12 36", contributor="0000-0002-1825-0097",
        identifier=["978-92-1-101234-5", "https://sahel.example/logo@2x.png"],
        description="Write to f.adeyemi@mail.sahel.example.org or call +41 22 917 12 34, fax: 917-1235.")))
    two.once()
    a = two.record("a:1")
    whole = registry.value("select registry.raw(%s)", a)
    assert [w for w in PRIVATE + PUBLIC if w not in whole] == []
    with role(registry) as c:
        told = ask(c, "select registry.raw(%s)", a)[0][0]
        assert [w for w in PRIVATE if w in told] == [] and [w for w in PUBLIC if w not in told] == []
        assert told.count("(withheld)") == len(PRIVATE) and xml.dom.minidom.parseString(told)
        # However strings are read in a session.
        with role(registry) as other:
            ask(other, "set standard_conforming_strings = off")
            assert ask(other, "select registry.raw(%s)", a)[0][0] == told
        # Nor by another way; an abstract is published as it is.
        assert [w for w in says(c, PRIVATE[0])] == []
        assert set(says(c, PRIVATE[1])) <= {"registry.entry", "registry.entry_abstract", "registry.search", "registry.history"}
        two.configure(a={"contacts": "yes"})
        two.once()
        assert ask(c, "select registry.raw(%s)", a)[0][0] == whole


@pytest.mark.parametrize("xml, told", [
    ("<a>x&#64;example.org j (at) ex.co.uk foo%40bar.com</a>", "<a>(withheld) (withheld) (withheld)</a>"),
    ("<telephone>0044111222333444</telephone>", "<telephone>(withheld)</telephone>"),
    ("<v:hasTelephone r:resource=\"tel:+41-22-9171234\"/>", "<v:hasTelephone r:resource=\"tel:(withheld)\"/>"),
    ("<p phone='022 9171234' mobile=\"true\"/>", "<p phone=\"(withheld)\" mobile=\"true\"/>"),
    ("<p>Tél. (022) 917 1234, phone no. 123 456 78</p>", "<p>Tél. (withheld), phone no. (withheld)</p>"),
    ("<p>иван@почта.рф</p>", "<p>(withheld)</p>"),
    ("".join("<dc:creator>A %03d 22 917 12 34</dc:creator>" % i for i in range(300)) + "<x>100 22 917 12 34</x>",
     "<dc:creator>A (withheld)</dc:creator>" * 300 + "<x>100 22 917 12 34</x>"),
    *((s, s) for s in (
        "<d>2020-01-01T00:00:00+00:00, 2020-01-01T00:00+0200</d>", "<pos>+48.577 +007.752 12.5,+45.123456</pos>",
        "<i>0000 0001 2103 2683</i>", "<dc:creator>0000-0002-1825-009X</dc:creator>", "<i>hdl:1234.5/6789-10.1112</i>",
        "<u>https://medium.example/@user/story-1.2</u>", "<p>hotel 12345678 tel12345, a@b, foo@1.2.3</p>",
        "<dc:identifier>022 917 12 34 56</dc:identifier>", "<dc:publisher>Press, 1999-2004</dc:publisher>",
        "<dc:creator>A&#00000000065; 1 2</dc:creator>", "<name>Lot 123456789, 1-2</name>")),
])
def test_what_is_taken_for_a_contact(registry, daemon, xml, told):
    daemon()
    assert registry.value("select sheaf.without_contacts(%s)", xml) == told


def test_what_is_left_is_well_formed(registry, daemon):
    """References, sections and attributes are not cut in two."""
    daemon()
    rng = random.Random(SEED)
    pieces = ["a", "b.c", "@", "&#64;", "&#x40;", "&#0000000000065;", "&#x0000041;", "&amp;", "&lt;", "%40", " ", "1", "22 ", "333-", "+", "tel:",
              "Tel. ", "phone", "(", ")", ".org", ".example", "[at]", "'", "<!-- ", " -->", "<![CDATA[", "]]>", "x@y.zz", "4444444444", ";", "#",
              "<phone>", "</phone>", "<dc:creator xmlns:dc='u'>", "</dc:creator>", "<p phone=\"1 222 3333\" tel='+1 22 333'/>", "<?x 1 22 3333 ?>"]
    good = []
    while len(good) < 400:
        text = "<a>" + "".join(rng.choices(pieces, k=rng.randrange(3, 14))) + "</a>"
        with contextlib.suppress(xml.parsers.expat.ExpatError):
            xml.dom.minidom.parseString(text)
            good.append(text)
    scrubbed = registry.query("select u.x, sheaf.without_contacts(u.x) from unnest(%s) u (x)", good)
    assert sum(x != y for x, y in scrubbed) > 20
    for before, after in scrubbed:
        try:
            xml.dom.minidom.parseString(after)
        except xml.parsers.expat.ExpatError as e:
            raise AssertionError("%s → %s: %s" % (before, after, e)) from None


@pytest.mark.parametrize("piece", ["a", "a@", "a.b@c.de ", "a@b.cc.d.", "1 ", "+1", "tel ", "(", "<phone>1", "<name>1 2", " phone=\"1"])
def test_long_texts_are_looked_through_in_time(registry, daemon, piece):
    daemon()
    registry.query("set statement_timeout = '5s'")
    assert registry.value("select length(sheaf.without_contacts(repeat(%s, %s)))", piece, 500000 // len(piece))


# --- what runs as the owner ---
def test_functions_of_the_owner_look_among_temporary_objects_last(registry, daemon):
    daemon()
    assert registry.query("""select p.oid::regprocedure::text, p.proconfig from pg_proc p
        where p.pronamespace in ('sheaf'::regnamespace, 'registry'::regnamespace) and p.prosecdef
        and not exists (select from unnest(p.proconfig) c where c in ('search_path=pg_catalog, pg_temp'))""") == []


def test_a_session_does_not_change_what_functions_mean(registry, two):  # noqa: F811
    """Whatever it sets, the answers are the same, or it is told that they cannot be given."""
    two.once()
    entry, = two.entry("a:1", "entry_id::text")
    calls = ["select registry.raw(min(record_id)) from registry.record", "select * from registry.search('\"solar water\" or (mangrove)')",
             "select * from registry.facets('solar', '{\"kinds\": [\"publication\"]}')", "select * from registry.coverage_map('KEN')",
             "select * from registry.history('%s')" % entry, "select * from registry.need_offers('%s')" % entry,
             "select * from registry.resolve('%s')" % entry, "select seq, entry_id from registry.changes(0)"]
    with role(registry) as c:
        usual = [ask(c, call) for call in calls]
    assert all(usual[i] for i in (0, 1, 2, 4, 6, 7))
    for setting in ("standard_conforming_strings = off", "array_nulls = off", "transform_null_equals = on", "datestyle = 'ISO, DMY'",
                    "timezone = 'UTC+3'", "extra_float_digits = -15", "bytea_output = 'escape'", "intervalstyle = 'sql_standard'",
                    "default_text_search_config = 'french'", "search_path = ''", "backslash_quote = off", "enable_indexscan = off"):
        with role(registry) as c:
            ask(c, "set " + setting)
            now = [ask(c, call) for call in calls]
            assert [x for x, y in zip(calls, zip(now, usual)) if setting[:5] != "extra" and y[0] != y[1]] == [], setting


def test_a_portal_does_not_stop_the_daemon(registry, daemon):
    """Locks by number are for whoever may call them, and one is the resolver's."""
    d = daemon()
    with role(registry) as c:
        for call in ("pg_advisory_lock(7306367)", "pg_try_advisory_lock(7306367)", "pg_advisory_xact_lock(1, 2)",
                     "pg_try_advisory_lock_shared(7306367)", "pg_logical_emit_message(false, 'x', repeat('x', 1000000))"):
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                ask(c, "select " + call)
    d.once()


def test_who_listens_hears_of_a_restart(registry, daemon):
    daemon()
    with role(registry) as c:
        ask(c, "listen sheaf_change")
        head = registry.value("select sheaf.change_restart(1000)")
        wait_for(lambda: c.poll() or c.notifies)
        assert c.notifies[-1].payload == str(head) == "1000"
        assert registry.value("select sheaf.change_restart(0)") is None


# --- histories from before, locks ---
def test_a_version_that_does_not_know_its_records_is_told_with_care(registry, pumps):
    registry.query("insert into sheaf.history (entry_id, until, is_whole, said, origins) values "
                   "(%s, now() - interval '1 day', false, '{\"countries\": [\"FJI\"], \"url\": \"https://old.example\"}', '{}')", pumps.id)
    with role(registry) as c:
        told = "select * from registry.history(%s)"
        assert "FJI" in str(ask(c, told, pumps.id)) and "old.example" in str(ask(c, told, pumps.id))
        pumps.d.ctl("hide", "a", "a:1", "--reason", "no")
        assert "FJI" not in str(ask(c, told, pumps.id))
        pumps.d.ctl("purge", "a", "a:1", "--reason", "no", "--yes")
        assert "old.example" not in str(ask(c, told, pumps.id)) and kept(registry, "old.example") == []


def test_what_was_decided_before_the_upgrade(cluster, registry, pumps):
    """What was hidden when, or before, its source deleted it; what a purged record was in before."""
    pumps.d.ctl("hide", "a", "a:1", "--reason", "no")
    pumps.a.delete("a:1")
    pumps.once()
    pumps.d.ctl("purge", "b", "b:2", "--reason", "no", "--yes")
    left, stays = (registry.value("insert into sheaf.entry values (gen_random_uuid(), 'split', 0, now(), now()) returning entry_id::text")
                   for _ in range(2))
    registry.query("insert into sheaf.forward (from_entry, to_entry, why) select %s, entry_id, 'split' from sheaf.member where record_id = %s",
                   left, pumps.record("b:2"))
    registry.query("insert into sheaf.history (entry_id, until, is_whole, said, origins) select e, now(), true, '{\"title\": \"Of before\"}', '{}' "
                   "from unnest(%s::uuid[]) e", [left, stays])
    old = Registry(cluster)
    try:
        build(old, 14, pumps.d.ctl("init", "--print-sql").stdout)
        copy(registry, old)
        d = Daemon(pumps.d.room, "connection = %s" % old.connection)
        try:
            d.init()
        finally:
            d.end()
        assert old.query("select identifier, status from sheaf.record where withheld") == [("a:1", "deleted")]
        assert old.query("select entry_id::text from sheaf.history where entry_id = any (%s::uuid[])", [left, stays]) == [(stays,)]
        with role(old) as c:
            assert says(c, WORD) == []
            assert ask(c, "select title from registry.record where identifier = 'a:1'") == [(None,)]
    finally:
        old.close()


def test_nobody_waits_for_what_is_swept_or_analyzed(registry, pumps):
    pumps_say(pumps, publisher="Other Press")
    pumps.once()
    versions = registry.value("select count(*) from sheaf.history where entry_id = %s", pumps.id)
    assert versions >= 2
    registry.query("update sheaf.history set until = until - interval '9 days'")
    registry.query("select sheaf.composed_changed(array(select entry_no from sheaf.composed))")
    other = registry.cluster.connect(registry.name)
    with contextlib.closing(other):
        other.autocommit = False
        ask(other, "select 1 from sheaf.history where until = (select min(until) from sheaf.history where entry_id = %s) for update", pumps.id)
        ask(other, "lock table sheaf.facet in share update exclusive mode")  # what analyze and vacuum take
        registry.query("set lock_timeout = '1s'")
        registry.query("select sheaf.sweep_changes(0, 1, 1000)")
        assert registry.value("select count(*) from sheaf.history where entry_id = %s", pumps.id) == 1
        assert registry.value("select sheaf.index_some(1000, 0) + sheaf.index_some(1000, 1)") > 0
        other.rollback()
    registry.query("select sheaf.sweep_changes(0, 1, 1000)")
    assert registry.value("select count(*) from sheaf.history where entry_id = %s", pumps.id) == 0
