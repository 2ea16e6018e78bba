"""The matrix against a model of it in Python: entries are put where the
composer puts them, counted in steps of any size, and asked for by its views."""

import collections
import csv
import json
import os
import random

import psycopg2
import pytest

from nouns import TOP

OFFER_ROLES = {"available", "target", "deployed"}
CLOSED = {"closed", "fulfilled", "ended"}
AGENCIES = ["fao", "itu", "undp", "unep", "who"]
SECTORS = ["agriculture", "energy-supply", "health", "multisector", "water"]
COUNTRIES = ["001", "002", "014", "142", "199", "202", "432", "722", "FJI", "FRA", "KEN", "NPL", "RWA", "UGA"]
KINDS = {
    "technology-offer": "offer",
    "finance": "offer",
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
        self.past = rng.random() < 0.1  # its deadline

    def counts(self):
        return self.family not in ("offer", "need") or (self.status not in CLOSED and not self.past)

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
        offers = [e for e in self.entries.values() if e.family == "offer" and e.counts()]
        found = {}
        for no, n in self.entries.items():
            if n.family != "need" or not n.counts():
                continue
            for s in n.in_sectors():
                shares = [o for o in offers if s == "unassigned" or s in o.in_sectors()]
                for p in n.places():
                    there = [o for o in shares if ("001" if p == "unassigned" else p) in (
                        o.places() if p == "unassigned" else self.reach(o))]
                    come = [o for o in shares if s != "unassigned" and (p, "origin") in o.countries]
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
                [c for c, _ in e.countries], e.sectors, e.agencies)

    def write(self, no, e):
        self.model.entries[no] = e
        self.registry.query("delete from sheaf.entry_code where entry_no = %s", no)
        for axis, values in (("country", e.countries), ("sector", [(s, None) for s in e.sectors])):
            for code, role in values:
                self.registry.query(
                    "insert into sheaf.entry_code (entry_no, record_id, axis, code, role) values (%s, 1, %s, %s, %s)",
                    no, axis, code, role)

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
            self.check_map(country, cells)

    def check_map(self, country, cells):
        rows = self.registry.query(
            "select sector, kind, direct, inherited, entries, agencies from registry.coverage_map(%s, null) where entries > 0", country)
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
            "select agency_a, agency_b, sector, kind, entries_a, entries_b, shared from registry.synergy_map(%s, null)", country)
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
        assert matrix.registry.query("select from sheaf.%s" % table) == [], table


def entry(kind, sectors="", countries="", agencies="fao", **more):
    e = Entry(random.Random(0))
    e.kind, e.family, e.sectors = kind, KINDS[kind], sectors.split()
    e.countries = [tuple(c.split(":")[::-1]) for c in countries.split()]
    e.agencies, e.status, e.past = agencies.split(), None, False
    for k, v in more.items():
        setattr(e, k, v)
    return e


def test_what_ends_by_itself_and_groups_that_change(matrix):
    """A deadline that passes, and another vocabulary, need no change of the entry."""
    nos = matrix.put(
        entry("technology-offer", "water", "available:KEN"),
        entry("technology-offer", "water", "available:202 target:UGA", "itu"),
        entry("technology-need", "water", "about:KEN"))
    matrix.queue(nos)
    matrix.count()
    matrix.check()
    matrix.registry.query("update sheaf.composed set deadline = now() - interval '1 s' where entry_no = %s", nos[0])
    matrix.registry.query("update sheaf.counted set until = now() - interval '1 s' where entry_no = %s", nos[0])
    matrix.model.entries[nos[0]].past = True
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
