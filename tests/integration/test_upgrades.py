"""A registry of any schema that ever was, with records in it, becomes one of
today's by `sheafctl init`: nothing is lost, and the next harvest and what is
made of it go on."""

import hashlib
import io
import os
import random
import re
import time

import pytest

from nouns import TOP, Daemon, Record, Registry, dc, iso, source
from test_entries import clusters, two, work  # noqa: F401
from test_matrix import CLOSED, Entry, Matrix

VERSIONS = sorted(int(n[:4]) for n in os.listdir(os.path.join(TOP, "sql")) if re.match(r"\d{4}-.*\.sql$", n))
ROWS = """select source, identifier, status, datestamp_given, sets, kind, title, url, issued, licence, format,
  first_seen, harvested_at, md5(registry.raw(record_id)) from registry.record order by 1, 2"""
# What there is to be copied: base tables of the schema with rows of their own, and the columns that both have.
TABLES = """select c.relname, array_agg(a.attname::text order by a.attnum) from pg_class c
  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
  where c.relnamespace = 'sheaf'::regnamespace and c.relkind = 'r' and c.relname <> 'schema_version' group by 1"""
SEQUENCES = """select s.oid::regclass::text from pg_class s where s.relnamespace = 'sheaf'::regnamespace and s.relkind = 'S'"""
RELEASED = {
    "0001-tables.sql": "dd73d9a151749531375bf8f7d016ca0668ad73c94bfbba68695311fc51acba76",
    "0002-functions.sql": "a4a34014915fa7a984cb6949423e8ea85e0a813f3dd3e77ca444946e4ab8fc7a",
    "0003-rekey.sql": "0b2dfe6bcfef5c8c0c5e9a88cee2abc03c28f9141a4dd79cc46f0d7fc05302f1",
    "0004-vocabulary.sql": "d33aaf42d97bc30d9a6dd366f4093cffcc39d4e028e7950f8ac9c3949a02c807",
    "0005-keep.sql": "c3e1022c36d3199b8bf067af7d2e03185a7956723e3e206379cc128151534f99",
    "0006-renormalise.sql": "2cba89c171fbe58bfbe2258e17a52297b8b58bf01a44ee820052b8e8df481503",
    "0007-resolve.sql": "c7d0de8fead7b0761ddcf99539ac93ad81a4f015573eac3d206fad95f98690bf",
    "0008-decisions.sql": "5457b22d96b8baba44ca603f06259bdce89057e31ec58a2ef97f821b9d285340",
    "0009-filtered.sql": "e56aac89b99fe136681f1d6cd1f6b1997be2e935ad6f85670959f1cb597e167e",
    "0010-entries.sql": "6f46b747ddce89db488962dcdda9b22c492655ca7aa7c4597d3da16bb352c7da",
    "0011-changes.sql": "c6ce940094020ae34d18be4cd055ee09673e68283c8ab7e0987352ef2bccda8c",
    "0012-search.sql": "4768748a34bc21d23a10ffcce7fdd6ea6b756051592ffe38fab9dba0e4b286e6",
    "0013-matrix.sql": "50ac5b1200001cfabfb7b0254b3d95dea3c554477dceeec3a2eff24395e2fd55",
    "0014-decided.sql": "bcafc95a8acd8cd8d5d9df74aef8dc82c2fa59c2b9f0fd31de6f6f886c2a05b4",
    "0015-withheld.sql": "25d75441b862b96404f2786f2c4ef266aa17a9937b2121f2a49d47012b985817",
    "0016-matrix.sql": "4da31afed25a1d68eb5968fda56cefbf50745cf7a23ccac0b58fdb76a981ca87",
}


def build(old, version, script):
    """The schema as it was: the script of `sheafctl init --print-sql` up to that migration."""
    at = re.search(r"insert into sheaf\.schema_version \(version, name, checksum\)\s+values \(%d, .*?;\n" % version, script)
    lines = [line for line in script[: at.end()].splitlines() if not line.startswith("\\")]
    old.query("set client_min_messages = warning; " + "\n".join(lines) + "\ncommit")


def copy(donor, old):
    """All rows, as far as there is a place for them."""
    have = dict(old.query(TABLES))
    origin, target = (r.cluster.connect(r.name) for r in (donor, old))
    with origin.cursor() as s, target.cursor() as t:
        t.execute("set session_replication_role = replica")
        for table, columns in donor.query(TABLES):
            if table not in have:
                continue
            names = ", ".join(c for c in columns if c in have[table])
            data = io.StringIO()
            s.copy_expert("copy sheaf.%s (%s) to stdout" % (table, names), data)
            data.seek(0)
            t.execute("delete from sheaf.%s" % table)
            t.copy_expert("copy sheaf.%s (%s) from stdin" % (table, names), data)
        for (name,) in old.query(SEQUENCES):
            s.execute("select last_value from %s" % name)
            t.execute("select setval(%s, %s)", (name, s.fetchone()[0]))
    origin.close()
    target.close()


@pytest.mark.parametrize("version", VERSIONS)
def test_from_version(cluster, room, registry, two, version):  # noqa: F811
    before, parts = registry.query(ROWS), clusters(registry)
    ids = registry.query("select record_id, entry_id from registry.record order by 1")
    assert len(before) == 13 and len(parts) == 8
    script = two.ctl("init", "--print-sql").stdout
    old = Registry(cluster)
    d = Daemon(room, "connection = %s" % old.connection, *(source(n, r) for n, r in two.repos.items()))
    try:
        build(old, version, script)
        copy(registry, old)
        assert [v for (v,) in old.query("select version from sheaf.schema_version order by 1")] == VERSIONS[:version]
        d.init()
        assert [v for (v,) in old.query("select version from sheaf.schema_version order by 1")] == VERSIONS
        assert old.query(ROWS) == before
        if version >= 7:
            assert old.query("select record_id, entry_id from registry.record order by 1") == ids
        d.once()
        assert old.query(ROWS) == before and clusters(old) == parts
        assert old.value("select count(distinct entry_id) from registry.entry") == 8
        # And on: one that is new, one that changes, one that goes.
        two.repos["s"].put(work(7, "s", time.time()))
        two.repos["s"].put(Record("s:5", iso(time.time()), dc(title="Something else altogether")))
        two.repos["t"].delete("t:0")
        d.once()
        after = {tuple(r[:2]): r[2] for r in old.query(ROWS)}
        assert len(after) == 14 and after["t", "t:0"] == "deleted" and after["s", "s:7"] == "active"
        assert clusters(old) == (parts - {frozenset(("s:0", "t:0")), frozenset(("t:7",))}) | {
            frozenset(("s:0",)), frozenset(("s:7", "t:7"))}
        assert old.value("select title from registry.record where identifier = 's:5'") == "Something else altogether"
        assert old.query("select 1 from sheaf.entry e, registry.resolve(e.entry_id) n where n.state = 'unknown'") == []
    finally:
        d.end()
        old.close()


# What version 14 counted otherwise than today.
OF_14 = """
-- Offers come from somewhere, whoever they are for.
delete from sheaf.cell where place like '!%';
insert into sheaf.cell (place, sector, kind, agency, other, family, n, also)
select '!' || o, s, t.kind, '', '', t.family, count(*), 0
from sheaf.counted t, unnest(t.origins) o, unnest(t.sectors) s group by 1, 2, 3, t.family;
-- A group that another one includes was named with it: one reach more, and cells of it.
with g as (select entry_no, groups as less, array(
    select p from unnest(places) p where p ~ '^[0-9]{3}$' order by p collate "C") as more from sheaf.counted),
  w as (select t.*, g.less, g.more from sheaf.counted t join g using (entry_no) where g.more <> g.less),
  r as (insert into sheaf.reach select distinct '#' || array_to_string(more, ' '), more from w on conflict do nothing),
  d as (
    select '#' || array_to_string(x.groups, ' ') as place, s.sector, w.kind, a.agency, a.other, w.family, sum(x.sign * s.n * a.n) as n
    from w
    cross join lateral (values (-1, w.less), (1, w.more)) x (sign, groups)
    cross join lateral (select u, 1 from unnest(w.sectors) u
      union all select '*', 1 - cardinality(w.sectors) where cardinality(w.sectors) > 1) s (sector, n)
    cross join lateral (select u, '', 1 from unnest(w.agencies) u
      union all select '*', '', 1 - cardinality(w.agencies) where cardinality(w.agencies) > 1
      union all select u, v, 1 from unnest(w.agencies) u, unnest(w.agencies) v where u < v) a (agency, other, n)
    group by 1, 2, 3, 4, 5, 6),
  u as (insert into sheaf.cell as c select place, sector, kind, agency, other, family, n, 0 from d
    on conflict (place, sector, kind, agency, other) do update set n = c.n + excluded.n)
update sheaf.counted t set groups = w.more from w where w.entry_no = t.entry_no;
delete from sheaf.cell where n = 0 and also = 0;
-- In this database's order, Z was before a.
with w as (delete from sheaf.cell where other <> '' returning *)
insert into sheaf.cell select place, sector, kind, other, agency, family, n, also from w;
update sheaf.counted t set until = c.deadline from sheaf.composed c where c.entry_no = t.entry_no and t.family in ('offer', 'need')
"""


def test_what_was_counted_before(cluster, registry, daemon):
    """It is what is counted from nothing."""
    new = daemon()
    donor = Matrix(registry)
    rng = random.Random(14)
    nos = donor.put(*(Entry(rng) for _ in range(300)))
    donor.queue(no for no in nos if not (donor.model.entries[no].past and donor.model.entries[no].family in ("offer", "need")))
    donor.count()
    old = Registry(cluster)
    try:
        build(old, 14, new.ctl("init", "--print-sql").stdout)
        copy(registry, old)
        old.query(OF_14)
        ask = "select (select count(*) from sheaf.cell where place like '!%'), (select count(*) from sheaf.cell where other <> ''), " \
              "(select sum(cardinality(groups)) from sheaf.counted)"
        assert all(a != b for a, b in zip(old.query(ask)[0][::2], registry.query(ask)[0][::2]))
        d = Daemon(new.room, "connection = %s" % old.connection)
        try:
            d.init()
        finally:
            d.end()
        after = Matrix(old)
        after.model, after.ids = donor.model, donor.ids
        # Those whose deadline had passed were not counted, and wait to be.
        rest = [no for no, e in donor.model.entries.items()
                if e.past and e.family in ("offer", "need") and e.status not in CLOSED]
        assert rest and sorted(old.value("select array_agg(n) from sheaf.uncounted, unnest(entry_nos) n")) == rest
        after.count()
        after.check()
        # Sets of groups may be written otherwise, and come to the same.
        rows = "select to_jsonb(x)::text from %s x where x.%s not like '#%%'"
        tables = [rows % t for t in (("sheaf.cell", "place"), ("sheaf.cell_entry", "place"), ("sheaf.cell_country", "country"))]
        found = [sorted(old.query(t)) for t in tables]
        assert all(found)
        old.query("select sheaf.recount()")
        after.count()
        assert [sorted(old.query(t)) for t in tables] == found
    finally:
        old.close()


def test_a_migration_that_was_applied_is_never_changed():
    """What came with a release stays as it is, byte for byte."""
    for name, sum_ in RELEASED.items():
        with open(os.path.join(TOP, "sql", name), "rb") as f:
            assert hashlib.sha256(f.read()).hexdigest() == sum_, name
