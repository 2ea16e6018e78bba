"""What a portal's role may do in the registry, and what it may not, whatever it
asks with."""

import contextlib
import csv
import io
import itertools
import json
import os
import re
import time

import psycopg2
import pytest

import agencies
from feedserver import Feed, Item
from nouns import TOP, Repository, source
from test_entries import work

REFUSED = psycopg2.errors.InsufficientPrivilege


@pytest.fixture
def harvested(server, daemon):
    """The sample feeds with offers, needs, events and news; publications that two
    agencies list; and a need that nobody answers."""
    feeds = [(name, keys) for name, _, keys, _, _ in agencies.sources(server) if keys["protocol"] == "feed"]
    wish = Item("A register of orbits for small satellites", "https://alpha.example.org/wish/1", "wish:1", 1790000000,
                "Sought by a space agency.", categories=[
                    ("urn:sheaf:kind", "technology-need"), ("urn:sheaf:sector", "sti-ip-policy"),
                    ("urn:sheaf:country:target", "KEN"), ("urn:sheaf:status", "open")])
    d = daemon(
        "[agency alpha]\nname = Alpha\n", "[agency beta]\nname = Beta\n",
        *(source(n, **{"format": None, "kind": None, **keys}) for n, keys in feeds),
        *(source("works-" + a, server.mount(Repository(a, [work(i, a) for i in range(8)])), agency=a)
          for a in ("alpha", "beta")),
        source("wishes", server.mount(Feed("wishes", [wish]), "/wishes.xml"), protocol="feed", format=None, kind=None,
               agency="alpha"))
    d.once()
    return d


@contextlib.contextmanager
def role(registry, name="sheaf_reader"):
    """A session of its own, as that role."""
    c = registry.cluster.connect(registry.name, name)
    try:
        yield c
    finally:
        c.close()


def refused(connection, sql, why=psycopg2.Error):
    try:
        ask(connection, sql)
    except why:
        return
    raise AssertionError("not refused: " + sql)


def ask(connection, sql, *args):
    with connection.cursor() as c:
        c.execute(sql, args or None)
        return c.fetchall() if c.description else []


def named(registry, sql):
    return [r[0] for r in registry.query(sql)]


def views(registry):
    return named(registry, """
        select format('%I.%I', c.relnamespace::regnamespace, c.relname) from pg_class c
        where c.relnamespace = 'registry'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')""")


# --- rights -------------------------------------------------------------------
def test_the_reader_reads_the_registry(registry, harvested):
    with role(registry) as c:
        for view in views(registry):
            ask(c, "select * from %s limit 5" % view)
        assert ask(c, "select count(*) from registry.record") == [(registry.value("select count(*) from sheaf.record"),)]
        number = ask(c, "select min(record_id) from registry.record where status = 'active'")[0][0]
        assert ask(c, "select registry.raw(%s)", number)[0][0].startswith("<")


def test_the_reader_reads_nothing_else(registry, harvested):
    tables = named(registry, """
        select format('%I.%I', c.relnamespace::regnamespace, c.relname) from pg_class c
        where c.relnamespace = 'sheaf'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')""")
    assert len(tables) > 20
    functions = registry.query("""
        select 'sheaf.' || p.proname, p.prokind, p.pronargs
        from pg_proc p where p.pronamespace = 'sheaf'::regnamespace and p.prorettype <> 'trigger'::regtype""")
    assert len(functions) > 20
    with role(registry) as c:
        for table in tables:
            refused(c, "select * from %s" % table, REFUSED)
        for name, kind, arguments in functions:
            call = "call" if kind == "p" else "select"
            refused(c, "%s %s(%s)" % (call, name, ", ".join(["null"] * arguments)), REFUSED)


def test_the_reader_changes_nothing(registry, harvested):
    entered = {
        "create table registry.x (x int)", "create table public.x (x int)", "create temporary table x (x int)",
        "create schema x", "create function pg_temp.f() returns int language sql as 'select 1'",
        "select lo_create(0)", "select lo_from_bytea(0, 'x')", "create role x", "alter role sheaf_store nologin",
        "set role sheaf_store", "set session authorization sheaf_store", "create extension if not exists hstore",
        "select pg_read_file('/etc/passwd')", "copy registry.record to '/tmp/x'", "copy registry.record to program 'id'",
        "alter view registry.record rename to x", "drop view registry.record cascade",
        "select pg_reload_conf()", "comment on view registry.record is 'x'", "truncate sheaf.record",
        "lock table registry.record in access exclusive mode",
    }
    with role(registry) as c:
        for view in views(registry):
            for change in ("delete from %s", "insert into %s default values"):
                refused(c, change % view)
        for sql in sorted(entered):
            refused(c, sql)
        # Who may only read may say that it writes, and still has no right to.
        ask(c, "set default_transaction_read_only = off")
        for sql in ("delete from registry.record", "create temporary table x (x int)", "create table public.x (x int)"):
            refused(c, sql)


def test_catalogs_tell_the_reader_nothing_of_the_data(registry, harvested):
    registry.query("analyze sheaf.record")
    assert registry.value("select count(*) from pg_stats where schemaname = 'sheaf'") > 0
    with role(registry, "sheaf_store") as other, role(registry) as c:
        ask(other, "select 'a word of another session'")
        assert ask(c, "select count(*) from pg_stats where schemaname = 'sheaf'") == [(0,)]
        assert ask(c, "select count(*) from pg_stat_activity where query like '%another session%' "
                      "and pid <> pg_backend_pid()") == [(0,)]
        for catalog in ("pg_statistic", "pg_authid", "pg_largeobject", "pg_user_mapping"):
            refused(c, "select * from %s" % catalog, REFUSED)


def test_rights_are_those_that_were_meant(registry, daemon):
    """The catalogs' own word, for what was forgotten above."""
    daemon()
    for name in ("sheaf_reader", "sheaf_serve"):
        if not registry.value("select count(*) from pg_roles where rolname = %s", name):
            continue
        assert registry.query("""
            select c.oid::regclass::text, a.privilege_type
            from pg_class c, aclexplode(c.relacl) a
            where a.grantee in (0, %s::regrole)
            and c.relnamespace::regnamespace::text not in ('pg_catalog', 'information_schema')
            and (c.relnamespace <> 'registry'::regnamespace or a.privilege_type <> 'SELECT')""", name) == []
        assert not registry.value("select has_schema_privilege(%s, 'sheaf', 'usage')", name)
        assert not registry.value("select has_schema_privilege(%s, 'registry', 'create')", name)
    # What runs with its owner's rights looks up its words where it was told to.
    assert registry.query("""
        select p.oid::regprocedure::text from pg_proc p
        where p.pronamespace in ('registry'::regnamespace, 'sheaf'::regnamespace)
        and p.prosecdef and has_function_privilege('sheaf_reader', p.oid, 'execute')
        and not exists (select from unnest(p.proconfig) s where s like 'search_path=%')""") == []
    # A function of the registry that asks sheaf's tables has the rights to.
    assert registry.query("""
        select p.oid::regprocedure::text from pg_proc p
        where p.pronamespace = 'registry'::regnamespace and not p.prosecdef and p.prosrc ~ 'sheaf\\.'""") == []


def test_the_reader_has_limits(registry, daemon):
    d = daemon(init=False)
    d.database += "\nreader_user = portal\nreader_timeout = 1500ms\nreader_idle_timeout = 2m"
    d.configure()
    d.init()
    with role(registry, "portal") as c:
        shown = [ask(c, "show %s" % s)[0][0] for s in (
            "statement_timeout", "idle_in_transaction_session_timeout", "default_transaction_read_only", "jit")]
        assert shown == ["1500ms", "2min", "on", "off"]
        with pytest.raises(psycopg2.errors.QueryCanceled):
            ask(c, "select pg_sleep(10)")
    with role(registry, "sheaf_store") as c:
        assert ask(c, "show statement_timeout") == [("0",)]
    # An administrator's own settings of other things stay; ours follow the file.
    registry.query("alter role portal in database %s set work_mem = '8MB'" % registry.name)
    d.database = d.database.replace("1500ms", "0")
    d.configure()
    d.init()
    with role(registry, "portal") as c:
        assert [ask(c, "show %s" % s) for s in ("statement_timeout", "work_mem")] == [[("0",)], [("8MB",)]]
    printed = d.ctl("init", "--print-sql").stdout
    assert "'portal'" in printed and "statement_timeout=0" in printed and "@" not in printed.split("create role")[1][:400]


def test_no_superuser_is_needed(registry, server, daemon):
    """The owner of the database, who may create roles, suffices."""
    registry.query("create role owner_of_%s login createrole" % registry.name)
    registry.query("alter database %s owner to owner_of_%s" % (registry.name, registry.name))
    # Roles of its own: those of other tests are not its to change.
    names = {r: "own_%s_%s" % (r, registry.name) for r in ("store", "resolve", "reader", "serve", "operator")}
    s = source("s", server.mount(Repository("s", [work(i, "s") for i in range(5)])))
    d = daemon(s, init=False)
    d.database = "\n".join([d.database.replace("user=sheaf", "user=owner_of_%s" % registry.name),
                            *("%s_user = %s" % r for r in names.items())])
    d.configure(s)
    d.init().init().once()
    assert registry.value("select count(*) from pg_proc p join pg_roles r on r.oid = p.proowner "
                          "where p.pronamespace = 'registry'::regnamespace and r.rolsuper") == 0
    for reader in ("reader", "serve"):
        with role(registry, names[reader]) as c:
            assert ask(c, "select count(*) from registry.search('mangrove')") == [(1,)]
            assert ask(c, "show statement_timeout") == [("30s",)]
            refused(c, "select from sheaf.record", REFUSED)
            refused(c, "create temporary table x (x int)")
    assert json.loads(d.ctl("search", "mangrove", "--json").stdout)["title"] == "A field guide to mangrove restoration"


def test_a_reader_of_the_past_loses_what_it_had(registry, daemon):
    d = daemon()
    registry.query("grant usage on schema sheaf to sheaf_reader")
    registry.query("grant select on all tables in schema sheaf to sheaf_reader")
    d.init()
    with role(registry) as c, pytest.raises(REFUSED):
        ask(c, "select from sheaf.record")
    # sheafctl reads with a role of its own.
    assert "schema" not in d.ctl("status").stderr
    assert registry.value("select has_table_privilege('sheaf_operator', 'sheaf.record', 'select')")
    assert not registry.value("select has_table_privilege('sheaf_operator', 'sheaf.record', 'update')")


# --- the manual ----------------------------------------------------------------
def page():
    with open(os.path.join(TOP, "man/sheaf-registry.7"), encoding="utf-8") as f:
        return f.read()


def plain(mdoc):
    """Lines of mdoc as they are read."""
    return re.sub(r"^\\&", "", mdoc, flags=re.M).replace("\\e", "\\")


def test_the_guide_says_what_the_manual_says(registry, daemon):
    daemon()
    with role(registry) as c:
        guide = ask(c, "select object, column_name, type, comment from registry.guide order by object, place")
    assert all(comment for *_, comment in guide), "everything has a comment"
    assert {r[0] for r in guide if r[1] is None} == set(views(registry)) | {f[0] for f in functions(registry)}
    told, subject = {}, None
    body = page().partition('.\\" begin registry\n')[2].partition('.\\" end registry\n')[0]
    for line in re.sub(r"^\.Bd -literal\n.*?^\.Pp\n", "", body, flags=re.M | re.S).splitlines():
        macro, _, rest = line.partition(" ")
        if macro == ".Ss":
            subject = rest, None
        elif line.startswith(".It Va "):
            subject = subject[0], line[len(".It Va "):]
        elif macro not in (".Bl", ".El"):
            told[subject] = (told.get(subject, "") + " " + plain(line)).strip()
    assert told == {(o, column): " ".join(comment.split()) for o, column, _, comment in guide}
    types = {(o, column): t for o, column, t, _ in guide}
    assert types["registry.entry", "languages"] == "text[]" and types["registry.entry", None] == "view"
    assert types["registry.raw", None] == "function (record_id bigint) returns text"


def examples():
    """(name, columns, SQL) of the manual's examples."""
    found = re.findall(r'^\.\\" example ([\w-]+): (.*)\n\.Bd -literal.*\n((?:.*\n)*?)\.Ed$', page(), re.M)
    assert {"drupal-search", "vufind-csv", "ckan-harvest", "bi-coverage"} <= {name for name, _, _ in found}
    return [(name, columns.split(", "), plain(sql)) for name, columns, sql in found]


def test_every_example_is_tried():
    """None stands in the manual that the tests do not know of."""
    assert page().count(".Bd -literal -offset indent") == len(examples())


# What nothing in the sample has.
NOTHING = {"last_error"}


def test_the_examples_of_the_manual(registry, harvested):
    with role(registry) as c:
        for name, columns, sql in examples():
            with c.cursor() as cursor:
                cursor.execute(sql)
                assert [d[0] for d in cursor.description] == columns, name
                rows = cursor.fetchall()
                assert rows, "%s has rows" % name
                # An example that names a column in vain shows nothing.
                for column, values in zip(columns, zip(*rows)):
                    assert column in NOTHING or any(v not in (None, "") for v in values), \
                        "%s: %s is empty in every row" % (name, column)


def test_an_export_is_a_copy(registry, harvested):
    """As the manual has VuFind's."""
    sql = next(sql for name, _, sql in examples() if name == "vufind-csv")
    out = io.StringIO(newline="")
    with role(registry) as c, c.cursor() as cursor:
        cursor.copy_expert("copy (%s) to stdout csv header" % sql.strip().rstrip(";"), out)
        entries = ask(c, "select count(*) from registry.entry")[0][0]
    rows = list(csv.DictReader(io.StringIO(out.getvalue(), newline=""), strict=True))
    assert len(rows) == entries and {r["institution"] for r in rows} >= {"alpha|||beta", "alpha"}


def test_a_portal_has_a_role_of_its_own(registry, daemon):
    daemon()
    registry.query("create role portal_of_%s login in role sheaf_reader" % registry.name)
    with role(registry, "portal_of_" + registry.name) as c:
        assert ask(c, "select count(*) from registry.entry") == [(0,)]
        refused(c, "select from sheaf.composed", REFUSED)


# --- hostile arguments ----------------------------------------------------------
DEEP = "[" * 5000 + "]" * 5000
TEXTS = [
    None, "", " ", "a", "water", "%", "_", "\\", "'", "''; drop table sheaf.record; --", "$$", "\"", "a" * 1000000,
    "wörd " * 50000, "\u0000x".replace("\u0000", ""), "\ufeff", "\u202eevil", "e\u0301" * 1000, "\U0010ffff", "水" * 5000,
    "ماء", "(" * 5000, "-" * 5000, "or or or -", "\"unclosed", "a:*|!&()<->b", "!" * 3000, "a & b | !(c <-> d)",
    "00000000-0000-0000-0000-000000000000", "null", "-1", "1e400", "{}", "relevance", "deadline", "; select pg_sleep(10)",
    " or ".join("w%d" % i for i in range(20000)), "\t\n\r\x01\x1f",
]
JSONS = [
    None, "{}", "null", "[]", "1", "\"x\"", "true", "[null]", DEEP, "{\"a\":" * 3000 + "1" + "}" * 3000,
    json.dumps({"kinds": "water"}), json.dumps({"kinds": [None, 1, {}, []]}), json.dumps({"kinds": ["x"] * 20000}),
    json.dumps({"countries": ["KEN'; drop table x; --", "%", "\u202e", "001" * 100000]}),
    json.dumps({"issued": {"from": "yesterday", "until": []}}), json.dumps({"issued_from": "infinity"}),
    json.dumps({"issued_from": "0000-00-00", "deadline_until": "99999999999999-01-01"}),
    json.dumps({"deadline": ["now", "epoch"]}), json.dumps({"unknown": 1}), json.dumps({"k%d" % i: i for i in range(20000)}),
    json.dumps({k: None for k in ("kinds", "families", "agencies", "sectors", "countries", "sdgs", "languages", "status")}),
    json.dumps({k: "'" for k in ("kinds", "families", "agencies", "sectors", "countries", "sdgs", "languages", "status")}),
    json.dumps({k: ["' or true", "&|!", ":*"] for k in ("kinds", "agencies", "sectors", "countries", "sdgs", "languages")}),
    json.dumps({k: -1e308 for k in ("kinds", "sdgs", "issued_from", "deadline_from")}),
]
NUMBERS = [None, 0, 1, -1, 7, 2**31 - 1, -(2**31)]
HOSTILE = {
    "text": TEXTS,
    "jsonb": JSONS,
    "integer": NUMBERS,
    "bigint": NUMBERS + [2**63 - 1, -(2**63)],
    "uuid": [None, "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"],
    "timestamp with time zone": [None, "-infinity", "infinity", "0001-01-01 BC", "epoch"],
    "date": [None, "-infinity", "infinity", "0001-01-01 BC"],
    "boolean": [None, True, False],
    "text[]": [None, [], [None], ["'"] * 10000],
    "uuid[]": [None, [], [None]],
}
USUAL = {"text": "water", "jsonb": "{}", "integer": 20, "bigint": 1, "boolean": True, "date": "2024-01-01",
         "timestamp with time zone": "2024-01-01", "text[]": [], "uuid[]": []}
# Data that is wrong, a message of the function's own, what is too much, what is
# not supported. No mistake in an SQL that was put together, no refusal deep
# inside, no end by time, nothing internal.
ANSWERS = {"22", "P0", "54", "0A", "SF"}


def functions(registry):
    """(name, argument types) of what the registry offers."""
    rows = registry.query("""
        select 'registry.' || p.proname, coalesce((
            select array_agg(t.o::regtype::text order by t.n) from unnest(p.proargtypes) with ordinality t (o, n)), '{}')
        from pg_proc p where p.pronamespace = 'registry'::regnamespace order by 1""")
    assert {"registry.raw", "registry.resolve", "registry.search", "registry.facets"} <= {r[0] for r in rows}
    return rows


def calls(types, usual):
    """Each argument hostile in turn beside usual ones; then all together."""
    for i, t in enumerate(types):
        for value in HOSTILE[t]:
            yield [value if j == i else usual[u] for j, u in enumerate(types)]
    longest = max((len(HOSTILE[t]) for t in types), default=0)
    wheels = [itertools.islice(itertools.cycle(HOSTILE[t]), longest) for t in types]
    yield from (list(x) for x in zip(*wheels))


def try_call(connection, sql, values):
    """Seconds that it took; what it may not do fails the test."""
    begin = time.monotonic()
    try:
        rows = ask(connection, sql, *values)
        assert len(rows) <= 10000, "a bound on rows"
    except psycopg2.Error as e:
        assert e.pgcode and e.pgcode[:2] in ANSWERS, "%s %.300r: %s %s" % (sql, values, e.pgcode, e)
    return time.monotonic() - begin


def test_hostile_arguments_are_answered(registry, harvested):
    entry = registry.value("select entry_id::text from registry.record where entry_id is not null limit 1")
    slow = []
    with role(registry) as c:
        # The session would end where the server did.
        ask(c, "set statement_timeout = '5s'")
        for name, types in functions(registry):
            sql = "select * from %s(%s)" % (name, ", ".join("%%s::%s" % t for t in types))
            for values in calls(types, {**USUAL, "uuid": entry}):
                # Once more where the machine was busy: it is the better time that counts.
                took = try_call(c, sql, values)
                if took > 1:
                    took = min(took, try_call(c, sql, values))
                if took > 1:
                    slow.append((name, "%.200r" % (values,), round(took, 2)))
        assert slow == []
        assert ask(c, "select count(*) > 0 from registry.record") == [(True,)]
