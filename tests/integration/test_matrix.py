"""The matrix against a model of it in Python: entries are put where the
composer puts them, counted in steps of any size, and asked for by its views."""

import collections
import csv
import itertools
import json
import os
import random
import time
from datetime import datetime, timedelta, timezone

import psycopg2
import pytest

from feedserver import Feed, Item
from nouns import TOP, source as configured, wait_for

OFFER_ROLES = {"available", "target", "deployed"}
CLOSED = {"closed", "fulfilled", "ended"}
AGENCIES = ["fao", "itu", "undp", "unep", "who"]
SECTORS = ["agriculture", "energy-supply", "health", "multisector", "water"]
COUNTRIES = ["001", "002", "014", "142", "199", "202", "432", "722", "FJI", "FRA", "KEN", "NPL", "RWA", "UGA"]
KINDS = {
    "technology-offer": "offer",
    "finance": "offer",
    "platform": "offer",
    "technology-need": "need",
    "business-need": "need",
    "publication": "knowledge",
    "project": "activity",
    "unassigned": "unassigned",
}


# --- the vocabularies, as the daemon hands them over ---
def rows(name):
    with open(os.path.join(TOP, "conf/vocab", name), encoding="utf-8") as f:
        return list(csv.DictReader((x for x in f if not x.startswith("#")), delimiter="\t", quoting=csv.QUOTE_NONE))


def vocabulary():
    found = {}
    for name, scheme in (("kinds.tsv", "kind"), ("sectors.tsv", "sector"), ("countries.tsv", "country"), ("regions.tsv", "country")):
        for r in rows(name):
            if r["scheme"] == scheme and r["language"] == "en":
                parents = [x.split(":")[-1] for x in (r["parent"] or "").split("|") if x]
                found[scheme, r["code"]] = dict(scheme=scheme, code=r["code"], parents=parents, labels={"en": r["label"]})
    return list(found.values())


def ancestors_of(words):
    parents = {w["code"]: w["parents"] for w in words if w["scheme"] == "country"}

    def up(code):
        return {a for p in parents[code] for a in {p} | up(p)}

    return {code: up(code) for code in parents}


# --- the model ---
class Entry:
    def __init__(self, rng):
        self.kind = rng.choice(list(KINDS))
        self.family = KINDS[self.kind]
        self.sectors = rng.sample(SECTORS, rng.choice([0, 1, 1, 1, 2, 3]))
        self.countries = [
            (rng.choice(COUNTRIES), rng.choice(["about", "origin", "deployed", "target", "available"]))
            for _ in range(rng.choice([0, 1, 1, 2, 3, 6]))
        ]
        self.agencies = rng.sample(AGENCIES, rng.choice([1, 1, 1, 2, 3]))
        self.status = rng.choice([None, None, "open", "open", "closed", "ended", "active"])
        self.past = rng.random() < 0.1  # its deadline, which is not what closes it

    def counts(self):
        return self.family not in ("offer", "need") or self.status not in CLOSED

    def places(self):
        reach = {c for c, role in self.countries if role in OFFER_ROLES}
        about = {c for c, role in self.countries if role != "origin"}
        origin = {c for c, role in self.countries if role == "origin"}
        found = {"offer": reach, "need": about or origin}.get(self.family, about)
        return found or {"unassigned"}

    def in_sectors(self):
        return set(self.sectors) or {"unassigned"}


class Model:
    def __init__(self, ancestors):
        self.ancestors, self.entries = ancestors, {}

    def reach(self, e):
        """{country: whether it is named itself}"""
        places = e.places()
        found = {c: False for c, up in self.ancestors.items() if up & places}
        found.update({p: True for p in places})
        return found

    def cells(self):
        """{(sector, kind, country, agency): {entry: direct}}"""
        found = collections.defaultdict(dict)
        for no, e in self.entries.items():
            if e.counts():
                for country, direct in self.reach(e).items():
                    for s in e.in_sectors():
                        for a in e.agencies:
                            found[s, e.kind, country, a][no] = direct
        return found

    def gaps(self):
        offers = [e for e in self.entries.values() if e.family == "offer" and e.kind != "platform" and e.counts()]
        found = {}
        for no, n in self.entries.items():
            if n.family != "need" or not n.counts():
                continue
            for s in n.in_sectors():
                shares = [o for o in offers if s == "unassigned" or s in o.in_sectors()]
                for p in n.places():
                    there = [o for o in shares if ("001" if p == "unassigned" else p) in (
                        o.places() if p == "unassigned" else self.reach(o))]
                    come = [o for o in shares if s != "unassigned" and (p, "origin") in o.countries and o.places() == {"unassigned"}]
                    if not shares:
                        found[no, s, p] = ("nowhere", 0)
                    elif s == "unassigned":
                        found[no, s, p] = ("undecided", len(shares))
                    elif there:
                        continue
                    elif p == "unassigned":
                        found[no, s, p] = ("undecided", len(shares))
                    elif come:
                        found[no, s, p] = ("origin", len(come))
                    else:
                        found[no, s, p] = ("elsewhere", len(shares))
        return found


class Matrix:
    """Entries in the database and in the model."""

    def __init__(self, registry):
        self.registry, self.ids = registry, {}
        words = vocabulary()
        registry.query("select sheaf.vocabulary_set(%s)", json.dumps(words))
        self.model = Model(ancestors_of(words))

    def put(self, *entries):
        """New ones; their numbers."""
        nos = []
        for e in entries:
            no, entry_id = self.registry.query(
                "insert into sheaf.composed (entry_id, digest, record_count, first_seen, updated_at, kind, family, status, "
                "deadline, title, languages, countries, sectors, sdgs, agencies, sources, origins) values "
                "(gen_random_uuid(), '', 1, now(), now(), %s, %s, %s, now() + %s * interval '1 day', %s, '{}', %s, %s, '{}', "
                "%s, '{}', '{}') returning entry_no, entry_id::text",
                *self.columns(e))[0]
            self.write(no, e)
            self.ids[no] = entry_id
            nos.append(no)
        return nos

    def columns(self, e):
        return (e.kind, e.family, e.status, -1 if e.past else 30, getattr(e, "title", "One"),
                sorted({c for c, _ in e.countries}), sorted(e.sectors), sorted(e.agencies))  # as the composer does

    def write(self, no, e):
        self.model.entries[no] = e
        self.registry.query("delete from sheaf.entry_code where entry_no = %s", no)
        codes = [("country",) + c for c in e.countries] + [("sector", s, None) for s in e.sectors]
        for n, (axis, code, role) in enumerate(codes):
            self.registry.query(
                "insert into sheaf.entry_code (entry_no, n, record_id, axis, code, role) values (%s, %s, 1, %s, %s, %s)",
                no, n, axis, code, role)

    def change(self, no, e):
        self.registry.query(
            "update sheaf.composed set (kind, family, status, deadline, title, countries, sectors, agencies) = "
            "(%s, %s, %s, now() + %s * interval '1 day', %s, %s, %s, %s) where entry_no = %s",
            *self.columns(e), no)
        self.write(no, e)

    def drop(self, no):
        self.registry.query("delete from sheaf.composed where entry_no = %s", no)
        self.registry.query("delete from sheaf.entry_code where entry_no = %s", no)
        del self.model.entries[no]

    def queue(self, nos):
        self.registry.query("insert into sheaf.uncounted (entry_nos) values (%s)", list(nos))

    def count(self, most=1000):
        while self.registry.value("select sheaf.count_some(%s)", most):
            pass

    # --- what it says ---
    def coverage(self):
        return {tuple(r[:4]): tuple(r[4:]) for r in self.registry.query(
            "select sector, kind, country, agency, direct, inherited, entries, family from registry.coverage")}

    def check(self):
        model, cells = self.model, self.model.cells()
        found = self.coverage()
        want = {}
        for cell, entries in cells.items():
            direct = sum(entries.values())
            want[cell] = (direct, len(entries) - direct, len(entries), KINDS[cell[1]])
        assert found == want
        for agency in AGENCIES + ["*", "", None]:
            rows = self.registry.query(
                "select sector, kind, country, direct, inherited, entries, family from registry.coverage_of(%s)", agency)
            assert sorted(rows) == sorted(cell[:3] + what for cell, what in want.items() if cell[3] == agency)

        rows = self.registry.query("select sector, kind, country, agency, entry_id::text, is_direct from registry.coverage_entry")
        assert sorted(rows) == sorted(
            cell + (self.ids[no], direct) for cell, entries in cells.items() for no, direct in entries.items())

        rows = self.registry.query("select entry_id::text, sector, country, level, offers from registry.gap")
        assert sorted(rows) == sorted((self.ids[no], s, p) + what for (no, s, p), what in model.gaps().items())

        by_cell = collections.defaultdict(dict)
        for (s, k, c, a), entries in cells.items():
            by_cell[s, k, c][a] = set(entries)
        rows = self.registry.query(
            "select agency_a, agency_b, sector, kind, country, entries_a, entries_b, shared from registry.synergy")
        assert sorted(rows) == sorted(
            (a, b) + cell + (len(of[a]), len(of[b]), len(of[a] & of[b]))
            for cell, of in by_cell.items() for a in of for b in of if a < b)

        for country in (None, "KEN", "014", "unassigned"):
            self.check_map(country, None, cells)
            self.check_map(country, "offer", {cell: x for cell, x in cells.items() if KINDS[cell[1]] == "offer"})

    def check_map(self, country, family, cells):
        rows = self.registry.query(
            "select sector, kind, direct, inherited, entries, agencies from registry.coverage_map(%s, %s) where entries > 0",
            country, family)
        found = collections.defaultdict(lambda: (set(), set(), set()))
        for (s, k, c, a), entries in cells.items():
            if country in (None, c):
                for sector in (s, None):
                    cell = found[sector, k]
                    cell[0].update(entries)
                    cell[1].update(no for no, direct in entries.items() if direct or not country)
                    cell[2].add(a)
        assert sorted(rows, key=str) == sorted(
            (cell + (len(direct), len(all_) - len(direct), len(all_), len(agencies)) for cell, (all_, direct, agencies) in found.items()),
            key=str)
        # The same pairs as by agency.
        rows = self.registry.query(
            "select agency_a, agency_b, sector, kind, entries_a, entries_b, shared from registry.synergy_map(%s, %s)", country, family)
        of = collections.defaultdict(lambda: collections.defaultdict(set))
        for (s, k, c, a), entries in cells.items():
            if country in (None, c):
                of[s, k][a].update(entries)
                of[None, k][a].update(entries)
        assert sorted(rows, key=str) == sorted(
            ((a, b) + cell + (len(x[a]), len(x[b]), len(x[a] & x[b])) for cell, x in of.items() for a in x for b in x if a < b), key=str)


@pytest.fixture
def matrix(registry, daemon):
    daemon()
    return Matrix(registry)


@pytest.mark.parametrize("seed", range(4))
def test_any_changes_in_any_steps(matrix, seed):
    rng = random.Random(seed)
    nos = matrix.put(*(Entry(rng) for _ in range(40)))
    for part in (nos[:13], nos[13:]):
        matrix.queue(part)
    matrix.count(rng.choice([1, 7, 1000]))
    matrix.check()
    for _ in range(3):
        changed = rng.sample(sorted(matrix.model.entries), 12)
        for no in changed[:8]:
            matrix.change(no, Entry(rng))
        for no in changed[8:]:
            matrix.drop(no)
        changed += matrix.put(*(Entry(rng) for _ in range(5)))
        # Twice, in another order, and with some that did not change.
        changed += rng.sample(changed, 3) + rng.sample(sorted(matrix.model.entries), 3)
        rng.shuffle(changed)
        cut = rng.randrange(len(changed))
        matrix.queue(changed[:cut])
        matrix.queue(changed[cut:])
        matrix.count(rng.choice([1, 3, 11, 1000]))
        matrix.check()
    # All gone: nothing is left behind.
    gone = list(matrix.model.entries)
    for no in gone:
        matrix.drop(no)
    matrix.queue(gone)
    matrix.count(5)
    matrix.check()
    for table in ("cell", "cell_entry", "counted", "uncounted"):
        assert matrix.registry.query("select 1 from sheaf.%s" % table) == [], table


def test_a_kind_of_another_family(matrix, monkeypatch):
    """Its entries are composed anew, some of them sooner than others."""
    rng = random.Random(7)
    nos = matrix.put(*(Entry(rng) for _ in range(60)))
    matrix.queue(nos)
    matrix.count()
    matrix.check()
    there = {k: matrix.registry.value("select count(*) from sheaf.counted where kind = %s", k) for k in KINDS}
    assert there["business-need"] and there["finance"] and there["publication"]
    for moved in ({"business-need": "offer", "publication": "need"}, {"finance": "need", "business-need": "knowledge"}):
        words = vocabulary()
        for w in words:
            if w["scheme"] == "kind" and w["code"] in KINDS:
                w["parents"] = [moved.get(w["code"], KINDS[w["code"]])]
        matrix.registry.query("select sheaf.vocabulary_set(%s)", json.dumps(words))
        rest = [no for no in nos if matrix.model.entries[no].kind in moved]
        rng.shuffle(rest)
        # Some are counted again before they are composed again.
        matrix.queue(rest[::3])
        matrix.count(2)
        for code, family in moved.items():
            monkeypatch.setitem(KINDS, code, family)
        for no in rest:
            e = matrix.model.entries[no]
            e.family = KINDS[e.kind]
            matrix.change(no, e)
            matrix.queue([no])
        matrix.count(5)
        matrix.check()


def state(registry):
    """All that is counted, whenever it was."""
    return {t: sorted(registry.query("select to_jsonb(x)::text from sheaf.%s x" % t)) for t in ("cell", "cell_entry", "counted", "reach")}


def test_it_is_counted_from_nothing(matrix):
    rng = random.Random(3)
    nos = matrix.put(*(Entry(rng) for _ in range(1500)))
    matrix.queue(nos)
    matrix.count()
    before = state(matrix.registry)
    assert before["cell"]
    # What went wrong, or was queued and is gone, and what was not yet counted.
    matrix.registry.query("update sheaf.cell set n = n + 1 where n > 0")
    matrix.registry.query("delete from sheaf.counted where entry_no = any (%s)", nos[:50])
    matrix.registry.query("insert into sheaf.cell_entry values ('KEN', 'water', 'finance', 9999999, 'offer')")
    matrix.drop(nos[0])
    matrix.queue(nos[:1])
    matrix.registry.query("select sheaf.recount()")
    assert not any(state(matrix.registry).values())
    assert matrix.registry.value("select max(cardinality(entry_nos)) from sheaf.uncounted") == 1000
    matrix.count(700)
    matrix.put(Entry(rng))
    matrix.queue([max(matrix.model.entries)])
    matrix.count()
    matrix.check()


def test_nothing_is_written_where_nothing_is_new(matrix):
    registry = matrix.registry
    source(registry, "one")
    matrix.queue(matrix.put(entry("technology-offer", "water", "available:KEN")))
    matrix.count()
    c = registry.cluster.connect(registry.name)
    c.autocommit = False

    def writes():
        with c, c.cursor() as q:
            q.execute("select sheaf.count_some(1000), pg_current_xact_id_if_assigned() is not null")
            done, _ = q.fetchone()
            q.execute("select pg_current_xact_id_if_assigned() is not null")
            return done, q.fetchone()[0]

    registry.query("update sheaf.matrix set covered_at = '-infinity'")
    assert writes() == (0, False)
    age(registry, "one", last_success="now()", last_outcome="'ok'")
    registry.query("update sheaf.matrix set cover_cost = '1 hour', covered_at = now()")
    assert writes() == (0, False)  # it took so long that it can wait
    registry.query("update sheaf.matrix set cover_cost = '0'")
    assert writes() == (0, True) and writes() == (0, False)
    registry.query("update sheaf.vocabulary_state set digest = 'another'")
    assert writes() == (0, True) and writes() == (0, False)
    matrix.queue([1])
    assert writes() == (1, True) and writes() == (0, False)
    c.close()


def entry(kind, sectors="", countries="", agencies="fao", **more):
    e = Entry(random.Random(0))
    e.kind, e.family, e.sectors = kind, KINDS[kind], sectors.split()
    e.countries = [tuple(c.split(":")[::-1]) for c in countries.split()]
    e.agencies, e.status, e.past = agencies.split(), None, False
    for k, v in more.items():
        setattr(e, k, v)
    return e


def test_groups_that_change(matrix):
    """Another vocabulary needs no change of the entries."""
    nos = matrix.put(
        entry("technology-offer", "water", "available:FRA"),
        entry("technology-offer", "water", "available:202 target:UGA", "itu"),
        entry("technology-need", "water", "about:KEN"))
    matrix.queue(nos)
    matrix.count()
    matrix.check()

    words = vocabulary()
    for w in words:
        if w["code"] == "014":
            w["parents"] = ["001"]
    matrix.registry.query("select sheaf.vocabulary_set(%s)", json.dumps(words))
    matrix.model.ancestors = ancestors_of(words)
    matrix.count()
    matrix.check()
    assert len(matrix.model.gaps()) == 1


def test_a_step_is_bounded(matrix):
    nos = matrix.put(*(entry("publication", "water") for _ in range(25)))
    matrix.queue(nos)
    assert [matrix.registry.value("select sheaf.count_some(10)") for _ in range(4)] == [10, 10, 5, 0]
    matrix.check()
    before = matrix.registry.value("select refreshed_at from sheaf.matrix")
    assert [matrix.registry.value("select sheaf.count_some(%s)", n) for n in (0, -5, None, 1)] == [0] * 4
    assert matrix.registry.query("select distinct refreshed_at from registry.coverage") == [(before,)]


# --- what is known ---
def source(registry, name, covers="", agency="fao", **columns):
    fields = dict(name=name, agency=agency, protocol="oai-pmh", url="https://%s.example.org/" % name, host="", covers=covers)
    fields.update(columns)
    registry.query("insert into sheaf.agency (code, name, configured) values (%s, %s, true) on conflict do nothing", agency, agency)
    registry.query("insert into sheaf.source (%s) values (%s)" % (", ".join(fields), ", ".join(["%s"] * len(fields))), *fields.values())


def age(registry, name, **columns):
    for column, value in columns.items():
        registry.query("update sheaf.source set %s = %s where name = %%s" % (column, value), name)


def look(registry):
    """As a resolver does that comes round after a while."""
    registry.query("update sheaf.matrix set covered_at = '-infinity'")
    assert registry.value("select sheaf.count_some(1)") == 0


def said(registry, sector, kind, country):
    look(registry)
    rows = registry.query(
        "select state, reasons from registry.coverage_map(%s, null) where sector = %s and kind = %s", country, sector, kind)
    assert len(rows) == 1
    return rows[0][0], sorted((r.get("source"), r["why"]) for r in rows[0][1])


def test_what_is_known_and_why(matrix):
    registry = matrix.registry
    water = ("water", "technology-offer", "KEN")
    assert said(registry, *water) == ("unknown", [(None, "undeclared")])
    source(registry, "one", "kind:technology-offer, sector:water country:available:202")
    assert said(registry, *water) == ("unknown", [("one", "never harvested")])
    # Out of its sector, kind, country: nobody's.
    for cell in (("health",) + water[1:], ("water", "finance", "KEN"), ("water", "technology-offer", "FRA")):
        assert said(registry, *cell) == ("unknown", [(None, "undeclared")])
    # What names no sector or country may be anybody's.
    assert said(registry, "unassigned", "technology-offer", "unassigned") == ("unknown", [("one", "never harvested")])

    age(registry, "one", last_success="now()", last_outcome="'ok'", active="10", interval_ms="86400000")
    assert said(registry, *water) == ("known", [])
    source(registry, "green", "family:offer", agency="wipo", protocol="none", url="")
    assert said(registry, *water) == ("partial", [("green", "not harvested")])
    age(registry, "one", last_outcome="'failed'", last_error_at="now()", last_error="'HTTP 503'")
    assert said(registry, *water) == ("partial", [("green", "not harvested"), ("one", "failed")])
    # Nobody has seen it for days: it tells nothing any more.
    age(registry, "one", last_success="now() - interval '4 days'")
    assert said(registry, *water) == ("unknown", [("green", "not harvested"), ("one", "failed")])
    age(registry, "one", last_outcome="'ok'")
    assert said(registry, *water) == ("partial", [("green", "not harvested"), ("one", "stale")])
    age(registry, "one", interval_ms="864000000")
    age(registry, "one", state="'paused'")
    assert said(registry, *water)[1] == [("green", "not harvested"), ("one", "paused")]
    age(registry, "one", state="'idle'", last_outcome="'partial'")
    assert said(registry, *water)[1] == [("green", "not harvested"), ("one", "partial")]
    age(registry, "one", configured="false")
    assert said(registry, *water)[1] == [("green", "not harvested"), ("one", "frozen")]
    age(registry, "one", state="'retired'")
    assert said(registry, *water) == ("unknown", [("green", "not harvested")])
    # A declaration that left the configuration says nothing.
    age(registry, "green", configured="false")
    assert said(registry, *water) == ("unknown", [(None, "undeclared")])

    # Without covers it is the kind that its records have, or anything.
    source(registry, "papers", kind="publication", last_success="2999-01-01", last_outcome="ok")
    assert said(registry, *water)[0] == "unknown"
    assert said(registry, "water", "publication", "KEN") == ("known", [])
    source(registry, "all", last_success="2999-01-01", last_outcome="ok")
    assert said(registry, *water) == ("known", [])


def test_what_was_well_is_stale_though_nobody_looks(matrix):
    """Time passes while no resolver runs."""
    registry = matrix.registry
    source(registry, "one", last_outcome="ok", interval_ms=86400000)
    source(registry, "two", last_outcome="failed")
    for name, ago in (("one", "2 days 23:59:50"), ("two", "23:59:50")):
        age(registry, name, last_success="now() - interval '%s'" % ago)
    ask = "select state, reasons from registry.coverage_map('KEN') where sector = 'water' and kind = 'finance'"
    assert said(registry, "water", "finance", "KEN") == ("partial", [("two", "failed")])
    age(registry, "two", state="'retired'")
    assert said(registry, "water", "finance", "KEN") == ("known", [])
    end = registry.value("select last_success + interval '3 days' from sheaf.source where name = 'one'")
    wait_for(lambda: registry.query(ask)[0][0] == "partial", 30)
    assert registry.value("select now() > %s", end)
    (_, (reason,)), = registry.query(ask)
    assert reason["why"] == "stale" and registry.value("select %s::timestamptz = %s", reason["since"], end)
    assert said(registry, "water", "finance", "KEN") == ("partial", [("one", "stale")])
    age(registry, "two", state="'idle'")
    age(registry, "one", state="'retired'")
    assert said(registry, "water", "finance", "KEN") == ("unknown", [("two", "failed")])


WHY = {  # what becomes of a source: columns of it, how it is, the grade of what it has
    None: (dict(last_outcome="ok", last_success="2999-01-01"), 2),
    "not harvested": (dict(protocol="none", url=""), 0),
    "never harvested": (dict(), 0),
    "failed": (dict(last_outcome="failed", last_success="2999-01-01"), 1),
    "partial": (dict(last_outcome="partial", last_success="2999-01-01"), 1),
    "stale": (dict(last_outcome="ok", last_success="2001-01-01"), 1),
    "paused": (dict(last_outcome="ok", last_success="2001-01-01", state="paused"), 0),
}


@pytest.mark.parametrize("seed", range(3))
def test_any_sources_against_a_model(matrix, seed):
    """Every cell of every map: what is known of it, and the first who keep it from being so."""
    registry, rng = matrix.registry, random.Random(seed)
    axes = {"kind": ["technology-offer", "finance", "family:offer", "family:knowledge"], "sector": SECTORS, "country": COUNTRIES}
    sources, numbers = {}, itertools.count()

    def put(n):
        for _ in range(n):
            name = "s%03d" % next(numbers)
            why = rng.choice(list(WHY))
            covers = {axis: rng.sample(codes, rng.choice([0, 0, 1, 2, 3])) for axis, codes in axes.items()}
            words = [c if ":" in c else "%s:%s" % (axis, c) for axis, codes in covers.items() for c in codes]
            source(registry, name, " ".join(words), **WHY[why][0])
            sources[name] = (covers, why)

    def model(sector, kind, country):
        names = {
            "sector": None if sector is None else {sector},
            "kind": None if kind == "unassigned" else {kind, "family:" + registry_family[kind]},
            "country": None if country in (None, "unassigned") else {country} | matrix.model.ancestors[country]}
        if sector == "unassigned":
            names["sector"] = None
        there = sorted(
            (WHY[why][1], name, why) for name, (covers, why) in sources.items()
            if all(not covers[a] or names[a] is None or names[a] & set(covers[a]) for a in names))
        if not there:
            return "unknown", [(None, "undeclared")]
        grades = [g for g, _, _ in there]
        state = "known" if min(grades) == 2 else "partial" if max(grades) else "unknown"
        return state, [(name, why) for grade, name, why in there if grade < 2][:20]

    registry_family = dict(registry.query("select code, family from registry.kind"))
    for n in (3, 9, 60):
        put(n)
        look(registry)
        for country in (None, "KEN", "014", "FRA", "unassigned"):
            rows = registry.query("select sector, kind, state, reasons from registry.coverage_map(%s, null)", country)
            assert len(rows) > 500
            for sector, kind, state, reasons in rows:
                assert (state, [(r.get("source"), r["why"]) for r in reasons]) == model(sector, kind, country), (sector, kind, country)
        if n == 9:  # some go, and so does what they alone covered
            for name in rng.sample(sorted(sources), 8):
                age(registry, name, state="'retired'")
                del sources[name]


def test_ten_thousand_sources_cost_a_cell_nothing(matrix):
    """Whatever they cover: no plan goes through them, or through what was made of them."""
    registry = matrix.registry
    matrix.queue(matrix.put(entry("technology-offer", "water", "available:KEN", "fao itu"), entry("technology-need", "health", "about:KEN")))
    source(registry, "one")
    registry.query(
        "insert into sheaf.source (name, agency, protocol, url, host, covers) select 's' || n, 'fao', 'oai-pmh', '', '', "
        "case when n % 3 = 0 then '' else 'kind:' || k.code || ' sector:' || s.code || ' country:' || c.code end "
        "from generate_series(1, 10000) n "
        "join (select code, row_number() over (order by code) - 1 as i from registry.sector) s on s.i = n % 21 "
        "join (select code, row_number() over (order by code) - 1 as i from registry.kind) k on k.i = n % 23 "
        "join (select code, row_number() over (order by code) - 1 as i from registry.country) c on c.i = n % 283")
    assert registry.value("select count(*) from sheaf.source") == 10001
    registry.query("vacuum analyze sheaf.cover")  # that it is empty is what the planner knows
    matrix.count()

    def read():
        return registry.query(
            "select seq_tup_read + idx_tup_fetch from pg_stat_user_tables where schemaname = 'sheaf' and relname in ('source', 'cover') order by relname")

    c = registry.cluster.connect(registry.name).cursor()
    for what in ("coverage where sector = 'water' and country = 'KEN'", "gap where country = 'KEN'", "synergy where sector = 'water' and country = 'KEN'"):
        c.execute("select pg_stat_force_next_flush()")
        before = read()
        c.execute("select * from registry." + what)
        assert c.fetchall(), what
        c.execute("select pg_stat_force_next_flush()")
        cover, of_source = (a[0] - b[0] for a, b in zip(read(), before))
        assert of_source == 0 and cover < 100, (what, cover, of_source)
    # One of them is another one: none of what was made of them is gone through for each of it.
    age(registry, "s3", last_success="now()", last_outcome="'ok'")
    began = time.monotonic()
    assert said(registry, "water", "finance", "KEN")[0] == "partial"
    assert time.monotonic() - began < 15


def test_an_agency_does_not_cost_the_cells_of_all(matrix):
    registry, rng = matrix.registry, random.Random(1)
    nos = matrix.put(*(Entry(rng) for _ in range(500)), entry("technology-offer", "water", "available:KEN available:202", "wipo"))
    matrix.queue(nos)
    matrix.count()
    registry.query("vacuum analyze sheaf.cell")
    all_ = registry.value("select count(*) from sheaf.cell")
    mine = registry.value("select count(*) from sheaf.cell where agency = 'wipo'")
    ask = "select seq_tup_read + idx_tup_fetch from pg_stat_user_tables where schemaname = 'sheaf' and relname = 'cell'"
    c = registry.cluster.connect(registry.name).cursor()
    c.execute("select pg_stat_force_next_flush()")
    before = registry.value(ask)
    c.execute("select country, direct, inherited from registry.coverage_of('wipo')")
    found = {country: what for country, *what in c.fetchall()}
    c.execute("select pg_stat_force_next_flush()")
    read = registry.value(ask) - before
    assert found["KEN"] == [1, 0] and found["UGA"] == [0, 1] and "FRA" not in found
    assert mine < 10 and all_ > 1000 and read < 200, (mine, all_, read)
    c.connection.close()


def test_gaps_and_pairs_tell_what_is_known(matrix):
    registry = matrix.registry
    source(registry, "one", "kind:technology-offer", last_success="2999-01-01", last_outcome="ok")
    source(registry, "two", "kind:publication", last_outcome="failed")
    nos = matrix.put(
        entry("technology-need", "water", "about:KEN", status="open"),
        entry("technology-need", "", "about:KEN"),
        entry("technology-offer", "water", "origin:KEN available:UGA", "fao itu"),
        entry("technology-offer", "water", "available:002", "itu"),
        entry("technology-offer", "water", "origin:KEN"))
    matrix.queue(nos[:3])
    matrix.count()
    # What comes from Kenya and is for Uganda is no more Kenya's than any other.
    assert registry.query("select level, offers from registry.gap where entry_id = %s", matrix.ids[nos[0]]) == [("elsewhere", 1)]
    matrix.queue(nos[4:])
    matrix.count()
    ask = "select entry_id::text, level, offers, state, reasons from registry.gap order by entry_id = %s desc"
    assert registry.query(ask, matrix.ids[nos[0]]) == [
        (matrix.ids[nos[0]], "origin", 1, "known", []),
        (matrix.ids[nos[1]], "undecided", 2, "unknown", [{"why": "the need names no sector"}])]
    assert registry.query("select agency_a, agency_b, country, entries_a, entries_b, shared, state from registry.synergy") == [
        ("fao", "itu", "UGA", 1, 1, 1, "known")]
    # One for Africa answers it.
    matrix.queue(nos)
    matrix.count()
    assert [r[1] for r in registry.query(ask, matrix.ids[nos[0]])] == ["undecided"]
    assert registry.query(
        "select entries_a, entries_b, shared from registry.synergy where country = 'UGA' and sector = 'water'") == [(1, 2, 1)]


def test_what_is_open_counts(registry, server, daemon):
    """As registry.entry says: the whole of the last day, and what an operator keeps open."""
    day = datetime.now(timezone.utc).date()
    items = [("today", "Pumps for the wells of a school", day), ("past", "A dam of earth for three villages", day - timedelta(days=1)),
             ("kept", "Varieties of sorghum that ripen early", day - timedelta(days=400))]
    feed = server.mount(Feed("needs", [
        Item(title, "https://n.example/" + n, n, 1700000000, categories=[
            ("urn:sheaf:kind", "technology-need"), ("urn:sheaf:sector", "water"), ("urn:sheaf:country:about", "KEN"),
            ("urn:sheaf:deadline", when.isoformat())]) for n, title, when in items]), "/needs.xml")
    d = daemon(configured("n", url=feed.base_url, protocol="feed", format=None, kind=None))
    d.once()
    ask = "select e.title, e.status, g.level from registry.entry e left join registry.gap g on g.entry_id = e.entry_id order by e.deadline desc"
    said = registry.query(ask)
    if datetime.now(timezone.utc).date() == day:
        assert said == [(items[0][1], "open", "nowhere"), (items[1][1], "closed", None), (items[2][1], "closed", None)]
    d.ctl("set", "n", registry.value("select identifier from registry.record where title = %s", items[2][1]), "status", "open",
          "--reason", "prolonged by letter")
    d.once()
    assert registry.query(ask)[1:] == [(items[1][1], "closed", None), (items[2][1], "open", "nowhere")]


# --- the offers nearest to a need ---
def test_the_offers_nearest_to_a_need(matrix):
    registry = matrix.registry
    need, best, words, there, far, closed, other = nos = matrix.put(
        entry("technology-need", "water", "about:KEN", title="Solar pumps for village wells"),
        entry("technology-offer", "water", "available:KEN", title="Solar pumps that children can mend"),
        entry("technology-offer", "energy-supply", "available:FRA", title="Pumps for village wells, solar"),
        entry("technology-offer", "water", "available:002", title="Desalination of sea water"),
        entry("technology-offer", "water", "origin:KEN", title="Membranes"),
        entry("technology-offer", "water", "available:KEN", title="Solar pumps", status="closed"),
        entry("publication", "water", "about:KEN", title="Solar pumps for village wells"))
    for no in (need, words):
        registry.query("insert into sheaf.entry_subject (entry_no, record_id, n, text) values (%s, 1, 1, %s)", no, "Wells")
    matrix.queue(nos)
    matrix.count()
    names = {v: k for k, v in matrix.ids.items()}

    def ask(*args):
        return [(names[e], why) for e, why in registry.query(
            "select entry_id::text, reasons from registry.need_offers(%s)" % ", ".join(["%s"] * len(args)), *args)]

    found = ask(matrix.ids[need])
    assert [no for no, _ in found] == [best, words, there, far]
    why = dict(found)
    assert why[best]["sectors"] == ["water"] and why[best]["country"] == {"code": "KEN", "reach": "direct"}
    assert why[best]["text"] > 0
    assert why[words]["subjects"] == ["wells"] and "sectors" not in why[words] and "country" not in why[words]
    assert why[there]["country"] == {"code": "002", "reach": "inherited"}
    assert why[far]["country"] == {"code": "KEN", "reach": "origin"}
    assert [no for no, _ in ask(matrix.ids[need], 1)] == [best]
    for args in ((matrix.ids[need], 0), (matrix.ids[need], -1), (matrix.ids[need], None), (None, 5), (matrix.ids[best], 5),
                 ("00000000-0000-0000-0000-000000000000", 2147483647)):
        assert ask(*args) == [], args


def test_needs_in_any_script_have_offers(matrix):
    texts = ["太阳能水泵" * 40, "مضخات مياه تعمل بالطاقة الشمسية " * 20, "ปั๊มน้ำพลังงานแสงอาทิตย์" * 20, "x1y2z3" * 300, "'\"-or and ( ) :* & | !", ""]
    nos = matrix.put(*(entry(kind, "water", "target:KEN", title=text) for text in texts for kind in ("technology-need", "technology-offer")))
    matrix.queue(nos)
    matrix.count()
    for i in range(len(texts)):
        rows = matrix.registry.query("select entry_id::text from registry.need_offers(%s)", matrix.ids[nos[2 * i]])
        assert len(rows) == len(texts)
        if texts[i] and "or and" not in texts[i]:
            assert rows[0][0] == matrix.ids[nos[2 * i + 1]]


def test_strangers_ask(matrix):
    """Whatever is asked for is answered by what there is of it, or nothing."""
    registry = matrix.registry
    nos = matrix.put(entry("technology-offer", "water", "available:KEN"))
    matrix.queue(nos)
    matrix.count()
    for country in ("*", "", "#001", "!KEN", "ken", "K" * 100000, "'; drop table sheaf.cell; --", "\u202e"):
        for family in ("offer", None, "", "no such"):
            assert registry.query("select * from registry.coverage_map(%s, %s)", country, family) == []
            assert registry.query("select * from registry.synergy_map(%s, %s)", country, family) == []
        assert registry.query("select * from registry.coverage where country = %s", country) == []
        assert registry.query("select * from registry.synergy where sector = %s", country) == []
    assert registry.query("select * from registry.coverage where agency in ('*', '') or sector in ('*', '')") == []
    assert registry.query("select * from registry.coverage_map('KEN', 'no such')") == []


def test_who_reads_the_registry_alone(registry, daemon):
    """The views and functions need no rights on schema sheaf."""
    d = daemon(init=False)
    d.database += "\nserve_user = portal"
    d.configure()
    d.init()
    matrix = Matrix(registry)
    nos = matrix.put(entry("technology-offer", "water", "available:KEN", "fao itu"), entry("technology-need", "health", "about:KEN"))
    matrix.queue(nos)
    matrix.count()
    portal = registry.cluster.connect(registry.name, "portal")
    with portal.cursor() as c:
        for what in ("coverage", "coverage_entry", "gap", "synergy", "coverage_map()", "synergy_map()", "coverage_of('fao')"):
            c.execute("select * from registry.%s" % what)
            assert c.fetchall(), what
        c.execute("select * from registry.need_offers(%s)", (matrix.ids[nos[1]],))
        for what in ("cell", "counted", "cell_entry", "count_some(1)"):
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                c.execute("select * from sheaf.%s" % what)
    portal.close()
