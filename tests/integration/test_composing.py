"""Entries as portals see them, end to end: sources, sheafd, registry.entry."""

import contextlib
import json
import os
import re
import signal
import time
from datetime import datetime, timedelta, timezone

import pytest

from feedserver import Feed, Item
from nouns import Record, Repository, dc, iso, records, source, wait_for

PUMPS = "Solar water pumps for smallholder farms in the Sahel"
MANGROVES = "A field guide to mangrove restoration"
GRIDS = "Grid codes for small island power systems"
AGENCIES = "\n\n[agency unido]\nname = UNIDO\n\n[agency wb]\nname = World Bank"


def pumps(prefix, at=1700000000, **more):
    fields = dict(title=PUMPS, creator="Adeyemi, Folake", date="2019", publisher="Sahel Press")
    return Record(prefix + ":1", iso(at), dc(**{**fields, **more}))


class Two:
    """Sources a of UNIDO and b of the World Bank, that list the pumps."""

    def __init__(self, registry, server, daemon):
        self.registry = registry
        self.a = Repository("a", [
            pumps("a", description="Pumps that need no fuel.", subject="irrigation"),
            Record("a:2", iso(1700000000), dc(title=MANGROVES, creator="Nguyen, Thi Lan", date="2018-03-01"))])
        self.b = Repository("b", [
            pumps("b", 1700100000, date="2019-05-01", subject=["irrigation", "energy"]),
            Record("b:2", iso(1700000000), dc(title=GRIDS, creator="Fifita, Sione", date="2020"))])
        self.urls = {"a": server.mount(self.a), "b": server.mount(self.b)}
        self.d = daemon(init=False)
        self.d.database += AGENCIES
        self.configure()
        self.d.init()

    def configure(self, a=None, b=None):
        self.d.configure(source("a", self.urls["a"], **{"agency": "unido", **(a or {})}),
                         source("b", self.urls["b"], **{"agency": "wb", **(b or {})}))

    def once(self):
        self.d.once()
        return self

    def entry(self, identifier, columns):
        return self.registry.query(
            "select %s from registry.entry e where e.entry_id = "
            "(select entry_id from registry.record where identifier = %%s)" % columns, identifier)[0]

    def record(self, identifier):
        return self.registry.value("select record_id from registry.record where identifier = %s", identifier)

    def versions(self):
        """What was written, and when."""
        return self.registry.query(
            "select c.entry_id::text, c.xmin::text, c.updated_at, (select array_agg(t.xmin::text order by t.n) "
            "from sheaf.entry_subject t where t.entry_no = c.entry_no) from sheaf.composed c order by 1")


@pytest.fixture
def two(registry, server, daemon):
    return Two(registry, server, daemon).once()


def test_two_agencies_list_one_thing(registry, two):
    assert registry.value("select count(*) from registry.entry") == 3
    assert two.entry("a:1", "title, kind, family, issued::text, issued_precision, publisher, agencies, sources, "
                            "record_count, abstract") == (
        PUMPS, "publication", "knowledge", "2019-05-01", "day", "Sahel Press", ["unido", "wb"], ["a", "b"], 2,
        "Pumps that need no fuel.")
    # Each field names its record.
    origins = two.entry("a:1", "origins")[0]
    assert origins["issued"] == two.record("b:1") and origins["abstract"] == two.record("a:1")
    subjects = registry.query(
        "select text, record_id from registry.entry_subject where entry_id = %s order by text",
        two.entry("a:1", "entry_id::text")[0])
    assert [s for s, _ in subjects] == ["energy", "irrigation"]
    assert subjects[0][1] == two.record("b:1")
    for view in ("title", "abstract", "agent", "identifier", "link", "subject", "sector", "country", "sdg", "date",
                 "language", "rights"):
        assert registry.query(
            "select 1 from registry.entry_%s v where not exists (select from registry.entry e "
            "where e.entry_id = v.entry_id)" % view) == []
    assert registry.query("select 1 from sheaf.uncomposed") == []
    assert registry.query("select 1 from sheaf.recomposing") == []


def test_what_is_equal_is_not_written(registry, two):
    before, changes = two.versions(), registry.value("select count(*) from sheaf.change")
    two.once()
    # A new datestamp says nothing, and what an entry has not taken over changes it not.
    registry.query("select sheaf.unresolve(array_agg(record_id)) from sheaf.record")
    registry.query("select sheaf.recompose(array_agg(entry_id)) from sheaf.composed")
    two.once()
    assert two.versions() == before
    assert registry.value("select count(*) from sheaf.change") == changes
    # One that changed is written alone, and its time moves on.
    two.a.put(Record("a:2", iso(time.time()), dc(title=MANGROVES, creator="Nguyen, Thi Lan", date="2018-03-02")))
    two.once()
    after = two.versions()
    differing = [(b, a) for b, a in zip(before, after) if a != b]
    assert len(differing) == 1 and differing[0][1][2] > differing[0][0][2]
    assert two.entry("a:2", "issued::text") == ("2018-03-02",)
    assert registry.value("select count(*) from sheaf.change") == changes + 1


def test_trust_decides_and_a_change_of_it_recomposes(registry, two):
    two.b.put(pumps("b", time.time(), title=PUMPS.upper(), date="2019-05-01", subject=["irrigation", "energy"]))
    two.configure(a={"trust": "title = 3"})
    two.once()
    assert two.entry("a:1", "title") == (PUMPS,)
    before = registry.query("select xmin::text from sheaf.composed where title in (%s, %s)", MANGROVES, GRIDS)
    two.configure(b={"trust": "2, issued = -1"})
    two.once()
    assert two.entry("a:1", "title, issued::text") == (PUMPS.upper(), "2019-01-01")
    assert registry.query("select xmin::text from sheaf.composed where title in (%s, %s)", MANGROVES, GRIDS) == before
    # The agency's trust is that of its sources, which may say otherwise.
    two.d.database = two.d.database.replace("name = UNIDO", "name = UNIDO\ntrust = 5, issued = -9")
    two.configure(b={"trust": "2"})
    two.once()
    assert two.entry("a:1", "title, issued::text") == (PUMPS, "2019-05-01")
    # What is no degree of trust is refused with its line.
    two.configure(b={"trust": "very"})
    p = two.d.run("sheafd", "--check", check=None)
    assert p.returncode != 0 and "sheaf.conf:" in p.stderr and "expected a number from -10 to 10" in p.stderr


def test_whose_it_is_follows_the_names_of_agencies(registry, two):
    two.b.put(pumps("b", time.time(), publisher="World  bank.", date="2019-05-01"))
    two.a.put(Record("a:2", iso(time.time()), dc(title=MANGROVES, creator="Nguyen, Thi Lan", date="2018",
                                                publisher="World Bank")))
    two.once()
    assert two.entry("a:2", "agencies, sources") == (["wb"], ["a"])
    two.d.database = two.d.database.replace("name = World Bank", "name = The World Bank Group")
    two.configure()
    two.once()
    assert two.entry("a:2", "agencies") == (["unido"],)
    two.d.database = two.d.database.replace("name = The World Bank Group", "name = World Bank")
    two.configure()
    two.once()
    assert two.entry("a:2", "agencies") == (["wb"],)


def test_contacts_are_not_published_unless_the_source_says_so(registry, two):
    two.a.put(Record("a:2", iso(time.time()), dc(title=MANGROVES, creator="Nguyen, Thi Lan", date="2018",
                                                publisher="Forest Press <info@forest.example>")))
    two.once()

    def names():
        return registry.query("select name from registry.entry_agent where role = 'publisher' and name like 'Forest%%' "
                              "union all select publisher from registry.entry where publisher like 'Forest%%'")

    assert names() == [("Forest Press",)] * 2
    stored = registry.value("select count(*) from registry.entry_agent where name like '%%@%%'")
    assert stored == 0
    two.configure(a={"contacts": "yes"})
    two.once()
    assert len(names()) == 2


def test_what_is_deleted_or_hidden_is_gone_and_comes_back(registry, two):
    gone, = two.entry("a:2", "entry_id::text")
    joined, = two.entry("a:1", "entry_id::text")
    two.a.delete("a:2")
    two.b.delete("b:1")
    two.once()
    assert registry.query("select 1 from registry.entry where entry_id = %s", gone) == []
    assert registry.query("select 1 from sheaf.entry_title t where not exists "
                          "(select from sheaf.composed c where c.entry_no = t.entry_no)") == []
    assert two.entry("a:1", "issued::text, sources, record_count") == ("2019-01-01", ["a"], 1)
    assert registry.query("select op from sheaf.change where entry_id = %s order by seq", gone) == [
        ("upsert",), ("delete",)]
    two.d.ctl("hide", "a", "a:1", "--reason", "not for portals")
    two.once()
    assert registry.query("select 1 from registry.entry where entry_id = %s", joined) == []
    for n, in registry.query("select decision_id from registry.decision"):
        two.d.ctl("decisions", "--undo", str(n), "--reason", "for portals after all")
    two.once()
    assert two.entry("a:1", "entry_id::text") == (joined,)
    # Purged, nothing of it is anywhere.
    two.d.ctl("purge", "a", "a:1", "--reason", "a court said so", "--yes")
    two.once()
    for table in ("composed", "entry_title", "entry_abstract", "entry_subject"):
        assert registry.query("select 1 from sheaf.%s t where t::text like '%%Solar%%' or t::text like '%%no fuel%%'"
                              % table) == []


def test_unlink_splits_and_link_merges(registry, two):
    joined, = two.entry("a:1", "entry_id::text")
    two.d.ctl("unlink", "a", "a:1", "b", "b:1", "--reason", "two editions")
    two.once()
    kept, other = ("a:1", "b:1") if two.entry("a:1", "entry_id::text") == (joined,) else ("b:1", "a:1")
    new, = two.entry(other, "entry_id::text")
    assert two.entry(kept, "record_count, sources") == (1, [kept[0]])
    assert two.entry(other, "record_count, sources") == (1, [other[0]])
    ops = registry.query("select entry_id::text, op, related::text[] from sheaf.change order by seq")[-3:]
    assert ops == [(new, "upsert", None), (joined, "split", [new]), (joined, "upsert", None)]
    for n, in registry.query("select decision_id from registry.decision where undone_at is null"):
        two.d.ctl("decisions", "--undo", str(n), "--reason", "one after all")
    two.once()
    assert registry.value("select count(*) from registry.entry") == 3
    live, = two.entry("a:1", "entry_id::text")
    ops = registry.query("select entry_id::text, op, related::text[] from sheaf.change order by seq")[-2:]
    assert ops == [(live, "upsert", None), ({joined, new}.difference({live}).pop(), "merge", [live])]
    # The same again is told again.
    two.d.ctl("unlink", "a", "a:1", "b", "b:1", "--reason", "two editions")
    two.once()
    assert registry.query("select op from sheaf.change order by seq")[-3:] == [("upsert",), ("split",), ("upsert",)]


def test_an_operator_sets_a_field(registry, two):
    two.d.ctl("set", "b", "b:1", "title", "Pumps", "--reason", "as it is called")
    two.d.ctl("set", "a", "a:1", "countries", "KEN NER", "--reason", "said on page 3")
    two.d.ctl("set", "a", "a:1", "abstract", "", "--reason", "of something else")
    two.once()
    assert two.entry("a:1", "title, abstract, countries, origins->>'title', origins->>'abstract'") == (
        "Pumps", None, ["KEN", "NER"], "operator", "operator")
    assert registry.query("select code, basis, record_id from registry.entry_country order by code") == [
        ("KEN", "operator", two.record("a:1")), ("NER", "operator", two.record("a:1"))]
    for n, in registry.query("select decision_id from registry.decision where undone_at is null"):
        two.d.ctl("decisions", "--undo", str(n), "--reason", "was right before")
    two.once()
    assert two.entry("a:1", "title, countries, abstract") == (PUMPS, [], "Pumps that need no fuel.")


def test_show_names_record_and_source_of_each_field(registry, two):
    entry, = two.entry("a:1", "entry_id::text")
    rows = [json.loads(line) for line in two.d.ctl("show", entry, "--json").stdout.splitlines()]
    rows = rows[0] if len(rows) == 1 else rows
    by = {r["field"]: r for r in rows}
    assert by["title"]["value"] == PUMPS
    assert (by["issued"]["value"], by["issued"]["record"], by["issued"]["source"]) == (
        "2019-05-01", str(two.record("b:1")), "b")
    assert (by["abstract"]["source"], by["agencies"]["value"]) == ("a", "unido wb")
    assert {r["value"] for r in rows if r["field"] == "subject"} == {"irrigation", "energy"}
    text = two.d.ctl("show", entry).stdout
    assert PUMPS in text and "operator" not in text
    two.d.ctl("set", "b", "b:1", "title", "Pumps", "--reason", "as it is called")
    two.once()
    assert "operator" in two.d.ctl("show", entry).stdout
    # What became of others.
    two.a.delete("a:2")
    gone, = two.entry("a:2", "entry_id::text")
    two.once()
    p = two.d.ctl("show", gone, check=None)
    assert p.returncode != 0 and "none of its records is there" in p.stderr
    p = two.d.ctl("show", "00000000-0000-4000-8000-000000000000", check=None)
    assert p.returncode != 0 and "the registry has no entry" in p.stderr


# --- time ---
def test_a_deadline_that_passes_closes_a_need(registry, server, daemon):
    soon = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(seconds=12)
    feed = server.mount(Feed("needs", [
        Item("Pumps for the wells of a school", "https://n.example/1", "1", 1700000000, categories=[
            ("urn:sheaf:kind", "technology-need"), ("urn:sheaf:deadline", soon.strftime("%Y-%m-%dT%H:%M:%SZ"))]),
        Item("A dam of earth for a valley with three villages", "https://n.example/2", "2", 1700000000, categories=[
            ("urn:sheaf:kind", "technology-need"), ("urn:sheaf:deadline", "2020-05-01")]),
        Item("Varieties of sorghum that ripen early", "https://n.example/3", "3", 1700000000, categories=[
            ("urn:sheaf:kind", "technology-need"), ("urn:sheaf:deadline", "2039-05-01")]),
    ]), "/needs.xml")
    d = daemon(source("n", url=feed.base_url, protocol="feed", format=None, kind=None)).start()
    status = "select title, family, status from registry.entry order by title"
    wait_for(lambda: registry.value("select count(*) from registry.entry") == 3, 60)
    if datetime.now(timezone.utc) < soon:
        assert registry.query(status)[1][1:] in [("need", "open"), ("need", "closed")]
    assert [r[1:] for r in registry.query(status)[::2]] == [("need", "closed"), ("need", "open")]
    wait_for(lambda: registry.query(status)[1][2] == "closed", 60)
    assert datetime.now(timezone.utc) >= soon
    assert registry.value("select deadline::date::text from registry.entry where title like 'Varieties%%'") == "2039-05-01"
    assert registry.value("select count(*) from sheaf.composed where due is not null") == 1
    # One source, without restarting anything: an offer that answers a need by its guid.
    feed.items.append(Item("Solar pumps with ten years of service", "https://n.example/4", "4", 1700100000, categories=[
        ("urn:sheaf:kind", "technology-offer"), ("urn:sheaf:responds-to", "1")]))
    d.ctl("harvest", "n", "--wait")
    relation = ("select a.title, b.title, r.type, r.value, r.basis from registry.relation r "
                "join registry.entry a on a.entry_id = r.from_entry join registry.entry b on b.entry_id = r.to_entry "
                "where r.basis = 'stated'")
    assert wait_for(lambda: registry.query(relation), 60) == [
        ("Solar pumps with ten years of service", "Pumps for the wells of a school", "responds-to", "1", "stated")]
    d.stop()


def test_what_an_entry_says_of_itself_is_no_relation(registry, server, daemon):
    two = Two(registry, server, daemon)
    doi = "https://doi.org/10.5555/pumps.1"
    two.a.put(pumps("a", relation=[doi, "https://doi.org/10.5555/elsewhere"]))
    two.b.put(pumps("b", 1700100000, identifier=doi))
    two.once()
    entry = two.entry("a:1", "entry_id::text, record_count")
    assert entry[1] == 2
    assert registry.query("select to_entry, value from registry.relation where from_entry = %s", entry[0]) == [
        (None, "10.5555/elsewhere")]


def test_kinds_that_go_to_another_family_while_it_runs(registry, two):
    assert two.entry("a:1", "kind, family") == ("publication", "knowledge")
    two.d.start()
    wait_for(lambda: registry.value("select count(*) from registry.entry") == 3)

    def moved():
        # More than once: the daemon writes its own when it begins.
        registry.query("update sheaf.vocabulary set parents = '{actor}' where scheme = 'kind' and code = 'publication'")
        registry.query("update sheaf.vocabulary_state set digest = 'another'")
        return registry.query("select distinct family from registry.entry") == [("actor",)]

    wait_for(moved, 60, 0.5)
    two.d.stop()


# --- what cannot be made findable ---
BAD = """create function public.no() returns trigger language plpgsql as
    $$begin if new.entry_no = any (array[%s]::bigint[]) then raise 'not this entry'; end if; return new; end$$;
    create trigger no before insert or update on sheaf.found for each row execute function public.no()"""


@pytest.mark.parametrize("running", [False, True])
def test_an_entry_that_cannot_be_made_findable_holds_up_nobody(registry, server, daemon, running):
    repo = Repository("r", records(60))
    d = daemon(source("r", server.mount(repo)))
    d.once()
    all_ = registry.value("select count(*) from sheaf.composed")
    bad = [n for n, in registry.query("select entry_no from sheaf.composed order by entry_no limit 2")]
    assert sorted(n & 1 for n in bad) == [0, 1]
    registry.query("delete from sheaf.found")
    registry.query(BAD % ", ".join(map(str, bad)))
    registry.query("select sheaf.composed_changed(array_agg(entry_no order by entry_no)) from sheaf.composed")
    if running:
        d.start()
    else:
        d.once()
    wait_for(lambda: registry.value("select count(*) from sheaf.found") == all_ - 2, 30)
    wait_for(lambda: registry.value("select count(*) from sheaf.uncounted") + registry.value("select count(*) from sheaf.unsettled") == 0, 30)
    assert [tuple(nos) for nos, in registry.query("select entry_nos from sheaf.unindexed order by entry_nos")] == [(n,) for n in bad]
    said = d.text()
    for i, in registry.query("select entry_id::text from sheaf.composed where entry_no = any (%s)", bad):
        assert len(re.findall("entry %s cannot be made findable: .*not this entry" % i, said)) == 1, said
    if running:
        d.stop()
    # However often it changes, it waits in one row.
    for _ in range(3):
        registry.query("select sheaf.composed_changed(%s)", bad)
        d.once()
    assert registry.query("select entry_nos from sheaf.unindexed order by entry_nos") == [([n],) for n in bad]
    # The next one tries again.
    registry.query("drop trigger no on sheaf.found")
    d.once()
    assert registry.value("select count(*) from sheaf.found") == all_
    assert registry.query("select 1 from sheaf.unindexed") == []


def test_when_nothing_can_be_made_findable_that_is_said(registry, server, daemon):
    """It is no entry's fault: they wait."""
    repo = Repository("r", records(60))
    d = daemon(source("r", server.mount(repo)))
    d.once()
    registry.query("delete from sheaf.found")
    registry.query(BAD % "new.entry_no")
    registry.query("select sheaf.composed_changed(array_agg(entry_no order by entry_no)) from sheaf.composed")
    d.start()
    wait_for(lambda: d.text().count("entries cannot be made findable: ") >= 2, 60)
    d.stop()
    assert len(re.findall("entry [0-9a-f-]{36} cannot be made findable", d.text())) <= 20
    registry.query("drop trigger no on sheaf.found")
    d.once()
    assert registry.value("select count(*) from sheaf.found") == registry.value("select count(*) from sheaf.composed")


# --- what is lost on the way ---
def test_a_role_that_is_killed_loses_nothing(registry, server, daemon):
    repo = Repository("r", [Record("r:%d" % i, iso(1700000000 + i), dc(
        title="Report %d on %s and %s" % (i, "wells pumps seeds".split()[i % 3], "dams roads cables grids".split()[i % 4]),
        creator="Author %d" % i, date="2019")) for i in range(3000)])
    d = daemon(source("r", server.mount(repo))).start()
    deaths, end = 0, time.monotonic() + 120
    while time.monotonic() < end:
        if deaths and registry.value("select count(*) from sheaf.composed") == 3000 and not registry.query(
                "select 1 from sheaf.uncomposed"):
            break
        with contextlib.suppress(Exception):
            if deaths < 4 and registry.query("select 1 from sheaf.uncomposed limit 1"):
                os.kill(d.roles()["sheaf-resolve"], signal.SIGKILL)
                deaths += 1
        time.sleep(0.02)
    assert registry.value("select count(*) from registry.entry") == 3000
    assert registry.query("select entry_id from sheaf.composed group by 1 having count(*) > 1") == []
    assert registry.value("select count(*) from registry.entry_title") == 3000
    # As many changes as entries: nothing was told twice.
    assert registry.value("select count(*) from sheaf.change") == 3000
    assert deaths > 0
    # An entry beyond all bounds is composed of its best records, and the log says so.
    one, = registry.query("select entry_id from sheaf.composed order by entry_no limit 1")[0]
    registry.query("update sheaf.member set entry_id = %s where record_id in "
                   "(select record_id from sheaf.member order by record_id limit 1200)", one)
    registry.query("select sheaf.recompose(array[%s]::uuid[])", one)
    count = "select record_count from registry.entry where entry_id = '%s'" % one
    wait_for(lambda: registry.value(count) > 1, 60)
    assert registry.value(count) == 1000
    assert registry.value("select count(*) from registry.entry_agent where entry_id = %s", one) == 1000
    d.stop()
    assert "is in an entry of 1200 records" in d.text()


def test_entries_of_a_registry_of_before_are_composed(registry, two):
    """What the migration does, where there were entries and none was composed."""
    before = registry.query("select entry_id::text, title, agencies from registry.entry order by 1")
    for table in ("composed", "entry_title", "entry_subject", "entry_agent"):
        registry.query("delete from sheaf.%s" % table)
    sql = open(os.path.join(os.path.dirname(__file__), "../../sql/0010-entries.sql"), encoding="utf-8").read()
    fill = sql[sql.index("insert into sheaf.uncomposed (entry_ids)\nselect array_agg(u.entry_id order by u.n)\nfrom (\n\tselect m."):]
    registry.query(fill[:fill.index(";")])
    two.once()
    assert registry.query("select entry_id::text, title, agencies from registry.entry order by 1") == before


# --- what cannot be composed ---
def forty(server, daemon):
    words = "wells pumps seeds dams roads cables grids boats".split()
    repo = Repository("r", [Record("r:%d" % i, iso(1700000000 + i), dc(
        title="Notes %d on %s and %s" % (i, words[i % 8], words[i // 8]), creator="Author %d" % i, date=str(1980 + i)))
        for i in range(40)])
    return daemon(source("r", server.mount(repo)))


def aside(registry):
    return registry.query("select i.id::text from sheaf.uncomposed u, unnest(u.entry_ids) as i (id) "
                          "where u.at between clock_timestamp() + interval '50 min' and clock_timestamp() + interval '1 h'")


def test_an_entry_that_cannot_be_composed_blocks_no_other(registry, server, daemon):
    d = forty(server, daemon)
    registry.query("alter table sheaf.entry_title add constraint odd check (text not like 'Notes 17 %')")
    d.once()
    assert registry.value("select count(*) from registry.entry") == 39
    odd = registry.value("select entry_id::text from registry.record where identifier = 'r:17'")
    assert aside(registry) == [(odd,)]
    assert registry.value("select count(*) from sheaf.uncomposed") == 1
    told = [line for line in d.text().split("\n") if "cannot be composed" in line]
    assert len(told) == 1 and odd in told[0] and "r:17" in told[0] and "tried again in 1h" in told[0]
    # What is made of the others goes on.
    assert registry.query("select 1 from sheaf.unindexed") == [] and registry.query("select 1 from sheaf.uncounted") == []
    assert len(registry.query("select 1 from registry.search('wells', p_max_rows => 100)")) > 5
    assert "1 entries cannot be composed" in d.ctl("status").stdout
    # A change of it is tried at once, and it waits in one row.
    registry.query("select sheaf.recompose(array[%s]::uuid[])", odd)
    d.once()
    assert aside(registry) == [(odd,)] and registry.value("select count(*) from sheaf.uncomposed") == 1
    registry.query("alter table sheaf.entry_title drop constraint odd")
    d.once()
    assert registry.value("select count(*) from registry.entry") == 40
    assert registry.query("select 1 from sheaf.uncomposed") == []
    assert "cannot be composed" not in d.ctl("status").stdout


def test_what_fails_for_all_entries_is_not_taken_for_theirs(registry, server, daemon):
    d = forty(server, daemon)
    registry.query("alter table sheaf.composed add constraint odd check (false)")
    d.start()
    wait_for(lambda: "nothing is lost, tries again in" in d.text() or "goes on, tries again in" in d.text(), 60)
    assert d.text().count("the others go on") < 20 and registry.value("select sum(entry_count) from sheaf.uncomposed") == 40
    registry.query("alter table sheaf.composed drop constraint odd")
    d.stop()
    d.once()
    assert registry.value("select count(*) from registry.entry") == 40
    assert registry.query("select 1 from sheaf.uncomposed") == []
