"""Ids of entries never die: random merges, splits, changes, deletions, returns
and decisions against a model in plain Python.

    SHEAF_TEST_STEPS=10000 SHEAF_TEST_SEED=3 pytest -s tests/integration/test_entry_ids.py

does so many of them (default 800), some dozens before each run of the daemon."""

import collections
import os
import random

import registrycsv
from test_matching import entries, folder, resolver  # noqa: F401

STEPS = int(os.environ.get("SHEAF_TEST_STEPS", "800"))
SEED = int(os.environ.get("SHEAF_TEST_SEED", "1"))
SOURCES, PLACES, THINGS = "abcd", 60, 70
ENDS = """select e.id::text, array_agg(n.entry_id::text || ' ' || n.state) from unnest(%s::uuid[]) e (id)
  left join registry.resolve(e.id) n on true group by 1"""
NOUNS = ("pumps", "mangroves", "vaccines", "terraces", "microgrids", "quinoa", "aquifers", "silos", "turbines", "looms")
DEEDS = ("Financing", "Measuring", "Repairing", "Comparing", "Insuring", "Teaching", "Mapping")


class Words:
    """What operators said that holds, as sets of records that are the same and pairs that are not."""

    def __init__(self):
        self.standing = {}  # decision_id → kind, a, b

    def same_as(self, x):
        seen, todo = {x}, [x]
        while todo:
            at = todo.pop()
            for kind, a, b in self.standing.values():
                if kind == "same" and at in (a, b):
                    other = b if at == a else a
                    if other not in seen:
                        seen.add(other)
                        todo.append(other)
        return seen

    def allows(self, kind, a, b):
        near = self.same_as(a)
        if kind == "different":
            return b not in near
        far = self.same_as(b)
        return not any(k == "different" and ((x in near and y in far) or (x in far and y in near))
                       for k, x, y in self.standing.values())


class Ids:
    """What is known of every id that was ever seen."""

    def __init__(self):
        self.ends = {}  # id → where it led when one last looked
        self.to = {}  # id that leads elsewhere → where it led at first
        self.home = {}  # record → the entry that it was in, last
        self.was = {}  # records that were there → entry
        self.left = collections.defaultdict(set)  # id → where records went from it while it was live
        self.final = set()

    def look(self, registry):
        now = entries(registry)
        ids = set(self.ends) | set(now.values()) | {e for (e,) in registry.query("select entry_id::text from sheaf.entry")}
        ends, states = {}, {}
        for e, found in registry.query(ENDS, list(ids)):
            assert None not in found, (e, "resolves to nothing")
            ends[e] = {f.split(" ")[0] for f in found}
            states[e] = {f.split(" ")[1] for f in found}
        live = set(now.values())
        members = collections.defaultdict(set)
        alone = collections.defaultdict(set)  # what can have gone nowhere else
        for record, e in self.home.items():
            for end in self.ends[e]:
                (alone if len(self.ends[e]) == 1 else members)[end].add(record)
        for e in ids:
            assert "unknown" not in states[e], e
            members[e] |= alone[e]
            assert (e in live) == (ends[e] == {e} and states[e] == {"live"}), (e, ends[e], states[e])
            if states[e] == {"deleted"}:
                assert not any(r in now for r in alone[e]), (e, alone[e])
            elif e not in live:
                assert ends[e] and e not in ends[e] and states[e] <= {"merged", "split"}, (e, ends[e], states[e])
                assert (states[e] == {"merged"}) == (len(ends[e]) == 1), (e, ends[e], states[e])
            self.follows(e, ends, live, members[e], now)
        gone = {e for e in ids if ends[e] == {e} and e not in live}
        assert all(end in live or end in gone for e in ids for end in ends[e])
        self.check_tables(registry, now, live, gone)
        self.final |= {e for e in ids if states[e] & {"merged", "split"}}
        assert not self.final & live, "an id that leads elsewhere is nobody's again"
        for record, e in self.home.items():
            for end in self.ends[e]:
                if now.get(record, end) != end:
                    self.left[end].add(now[record])
        self.ends = ends
        self.was = now
        self.home.update(now)
        return len(ids)

    def follows(self, e, ends, live, members, now):
        """It leads to where its records are, and those ids lead on."""
        if ends[e] == {e}:
            if e in live and e in self.ends and e not in self.was.values():
                assert any(now.get(r) == e for r in members), (e, "came back without any of its records")
            return
        if e in self.to or e not in self.ends:
            least = self.to.setdefault(e, ends[e])
            most = least | self.left[e]
        else:  # since one last looked
            least = {now[r] for r, x in self.was.items() if x == e and r in now}
            most = least | {now[r] for r in members if r in now}
            if len(most) > 1:
                most |= self.left[e]
            self.to[e] = ends[e]
        # While some of it is there, what is not is left out.
        want, may = (set().union(*(ends[x] for x in xs)) for xs in (least, most))
        assert (want & live or want) - (may - live if may & live else set()) <= ends[e] <= may, (e, ends[e], want, may)

    @staticmethod
    def check_tables(registry, now, live, gone):
        assert live == {e for (e,) in registry.query("select entry_id::text from sheaf.entry where state = 'live'")}
        assert gone == {e for (e,) in registry.query("select entry_id::text from registry.tombstone")}
        counts = collections.Counter(now.values())
        assert counts == dict(registry.query("select entry_id::text, records from sheaf.entry where state = 'live'"))


class Table:
    """Places for records in some sources, each of which says what one of some things is."""

    def __init__(self, rng):
        self.rng = rng
        self.things = [self.thing(i) for i in range(THINGS)]
        self.rows = {}
        for s in SOURCES:
            for i in range(PLACES):
                self.rows[s, "%s:%d" % (s, i)] = i if rng.random() < 0.8 else rng.randrange(THINGS)
        self.out = {k for k in self.rows if rng.random() < 0.1}

    def thing(self, i):
        r = random.Random(1000 + i)
        title = "%s %s and %s of the %s basin" % (r.choice(DEEDS), r.choice(NOUNS), r.choice(NOUNS), "valley%03d" % i)
        return {"title": title, "creators": "Writer%d, Ann" % i, "year": str(1990 + i % 30), "type": "report", "lang": "en"}

    def put(self, folder):  # noqa: F811
        """The files; returns their sections."""
        rows = [dict(self.things[t], id=i, source=s) for (s, i), t in self.rows.items() if (s, i) not in self.out]
        return registrycsv.put(rows, folder)

    def someone(self):
        return self.rng.choice(list(self.rows))


def decide(registry, rng, words, kind, a, b):
    """Refused where, and only where, it contradicts; the chain is named."""
    number, refusal = registry.query(
        "select decision_id, refusal from sheaf.decide(%s, %s, %s, %s, %s, null, null, 'amina', 'looked')", kind, *a, *b)[0]
    known = [n for n, (k, x, y) in words.standing.items() if k == kind and {x, y} == {a, b}]
    if known:
        assert number == known[0]
    elif words.allows(kind, a, b):
        assert refusal is None, refusal
        words.standing[number] = (kind, a, b)
    else:
        assert number is None and refusal.startswith("it contradicts what was said: "), (number, refusal)
        links = [n for n, (k, x, y) in words.standing.items() if "(decision %d by amina)" % n in refusal]
        assert links, refusal
        # What is named is a chain from one to the other, with one "is not" at most.
        ends = collections.Counter(x for n in links for x in words.standing[n][1:])
        assert {x for x, c in ends.items() if c % 2} == {a, b}, (refusal, a, b)
        assert sum(words.standing[n][0] == "different" for n in links) == (kind == "same")
        return "refused"
    return kind


def act(registry, rng, table, words, where):
    """One random deed; returns its name."""
    deed = rng.random()
    record = table.someone()
    if deed < 0.2 and record not in table.out:
        table.out.add(record)
        return "delete"
    if deed < 0.4 and table.out:
        table.out.discard(rng.choice(sorted(table.out)))
        return "return"
    if deed < 0.6:  # says that it is another thing, which others are, too
        table.rows[record] = rng.randrange(THINGS)
        return "change"
    if deed < 0.7:
        said = [x for k, *ab in words.standing.values() if k != "hide" for x in ab]
        some = said if len(set(said)) > 1 and rng.random() < 0.3 else table.rows
        return decide(registry, rng, words, "same", *rng.sample(sorted(set(some)), 2))
    if deed < 0.83:
        mates = [r for r in where if where[r] == where.get(record) and r != record]
        return decide(registry, rng, words, "different", record, rng.choice(mates)) if mates else "nothing"
    if deed < 0.86:
        number = registry.value("select decision_id from sheaf.decide('hide', %s, %s, null, null, null, null, 'jo', 'a draft')",
                                *record)
        words.standing[number] = ("hide", record, None)
        return "hide"
    if words.standing:
        n = rng.choice(sorted(words.standing))
        assert registry.value("select ok from sheaf.undecide(%s, 'amina', 'was wrong')", n)
        del words.standing[n]
        return "undo"
    return "nothing"


def test_no_id_ever_dies(registry, daemon, folder, resolver):  # noqa: F811
    rng = random.Random(SEED)
    table, words, ids = Table(rng), Words(), Ids()
    d = daemon(*table.put(folder))
    d.once()
    ids.look(registry)
    done = collections.Counter()
    while sum(done.values()) < STEPS:
        for _ in range(rng.choice((1, 5, 20, 40))):
            done[act(registry, rng, table, words, ids.was)] += 1
        del done["nothing"]
        table.put(folder)
        if rng.random() < 0.1:  # and everything learned and judged anew
            registry.query("update sheaf.resolving set phase = 'learn'")
            done["learn"] += 1
        d.once()
        seen = ids.look(registry)
        for kind, a, b in words.standing.values():
            if kind == "hide":
                assert a not in ids.was
            elif a in ids.was and b in ids.was:
                assert (ids.was[a] == ids.was[b]) == (kind == "same"), (kind, a, b)
    print("\n%d ids, %d of them lead elsewhere: %s" % (seen, len(ids.final), dict(done)))
    assert len(ids.final) > STEPS / 20 and done["refused"] > 0
