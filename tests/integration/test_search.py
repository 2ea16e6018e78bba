"""registry.search, registry.facets and what they are answered from: rows as
the composer writes them, indexed by sheaf.index_some."""

import contextlib
import json
import re
import threading
import time

import psycopg2
import pytest

from nouns import Daemon, Registry, wait_for

COLUMNS = dict(kind="publication", family="knowledge", status=None, issued=None, deadline=None, title=None, title_lang=None,
               abstract=None, languages=(), countries=(), sectors=(), sdgs=(), agencies=("who",))


def put(registry, no, title, lang=None, abstract=None, subjects=(), agents=(), identifiers=(), role="about", updated=None, **columns):
    """An entry with its values, in the queue of what is to be indexed."""
    for table in ("composed", "entry_title", "entry_abstract", "entry_subject", "entry_agent", "entry_identifier", "entry_code"):
        registry.query("delete from sheaf.%s where entry_no = %%s" % table, no)
    row = {**COLUMNS, "title": title, "title_lang": lang, "abstract": abstract, **columns}
    names = list(row)
    registry.query(
        "insert into sheaf.composed (entry_no, entry_id, digest, record_count, first_seen, updated_at, sources, origins, %s)"
        " overriding system value values (%%s, lpad(to_hex(%%s), 32, '0')::uuid, '', 1, now(), coalesce(%%s, now()), '{}', '{}', %s)"
        % (", ".join(names), ", ".join(["%s"] * len(names))),
        no, no, updated, *[list(v) if isinstance(v, tuple) else v for v in row.values()])
    for n, text in enumerate([title] if isinstance(title, str) else [], 1):
        registry.query("insert into sheaf.entry_title (entry_no, record_id, n, text, lang) values (%s, 1, %s, %s, %s)", no, n, text, lang)
    if abstract:
        registry.query("insert into sheaf.entry_abstract (entry_no, record_id, n, text, lang) values (%s, 1, 1, %s, %s)", no, abstract, lang)
    for n, text in enumerate(subjects, 1):
        registry.query("insert into sheaf.entry_subject (entry_no, record_id, n, text, lang) values (%s, 1, %s, %s, %s)", no, n, text, lang)
    for n, (name, ids) in enumerate(agents, 1):
        registry.query("insert into sheaf.entry_agent (entry_no, record_id, n, name, role, ids) values (%s, 1, %s, %s, 'author', %s)",
                       no, n, name, ids)
    for n, (scheme, value) in enumerate(identifiers, 1):
        registry.query("insert into sheaf.entry_identifier (entry_no, record_id, n, scheme, value) values (%s, 1, %s, %s, %s)",
                       no, n, scheme, value)
    for n, code in enumerate(row["countries"], 1):
        registry.query("insert into sheaf.entry_code (entry_no, record_id, n, axis, code, role) values (%s, 1, %s, 'country', %s, %s)",
                       no, n, code, role)
    registry.query("select sheaf.index_later(array[%s]::bigint[])", no)


def index(registry, most=1000):
    """Until nothing waits."""
    while registry.value("select sheaf.index_some(%s, 0) + sheaf.index_some(%s, 1)", most, most):
        pass


def search(registry, query=None, filter=None, sort="relevance", rows=100, after=None):
    """Numbers of the entries, in order."""
    got = registry.query("select entry_id::text from registry.search(%s, %s, %s, %s, %s)",
                         query, json.dumps(filter or {}), sort, rows, after)
    return [int(row[0].replace("-", ""), 16) for row in got]


def facets(registry, query=None, filter=None):
    return {(f, c): n for f, c, n in registry.query(
        "select facet, code, entries from registry.facets(%s, %s)", query, json.dumps(filter or {}))}


@contextlib.contextmanager
def fresh(room, cluster, database=""):
    """A registry with the vocabularies and nothing else."""
    r = Registry(cluster)
    if database:
        with contextlib.closing(cluster.connect()) as c:
            c.cursor().execute("drop database %s" % r.name)
            c.cursor().execute("create database %s %s" % (r.name, database))
    d = Daemon(room, "connection = %s\nserve_user = portal" % r.connection, resolve="no").init()
    d.once()
    try:
        yield r
    finally:
        r.close()


@pytest.fixture
def empty(room, cluster):
    with fresh(room, cluster) as r:
        yield r


@pytest.fixture(scope="module")
def found(room, cluster):
    with fresh(room, cluster) as r:
        put(r, 1, "Managing irrigation canals", "en", "How farmers share water; the water users' associations of 'Kenya' & \"Uganda\" <5 > 3 <script>.",
            countries=("KEN", "UGA"), sectors=("water", "agriculture"), sdgs=("6.4", "2"), languages=("en",), issued="2019-05-04",
            agents=[("Adeyemi, Folake", json.dumps([{"scheme": "orcid", "value": "0000-0002-1825-0097"}]))],
            identifiers=[("doi", "10.1234/ABC.5"), ("isbn", "9789211234567"), ("un-symbol", "A/RES/70/1")])
        put(r, 2, "Gestion de l'économie circulaire", "fr", "Les déchets des villes africaines.", countries=("SEN",), languages=("fr",),
            issued="2021-01-01", agencies=("unep", "unido"))
        put(r, 3, "Возобновляемые источники энергии", "ru", languages=("ru",), issued="2022-02-02", sectors=("energy",))
        put(r, 4, "إدارة المياه في المدن العربية", "ar", languages=("ar",), subjects=("تلوث",))
        put(r, 5, "气候变化与农业发展", "zh-Hant", languages=("zh-Hant",), abstract="联合国关于饮用水的报告。", countries=("CHN",))
        put(r, 6, "気候変動に強いロボット農業", "ja", languages=("ja",))
        put(r, 7, "การจัดการน้ำในประเทศไทย", "th", languages=("th",))
        put(r, 8, "Kilimo endelevu na umwagiliaji", "sw", languages=("sw",), countries=("TZA",))
        put(r, 9, "المياه الجوفية والمناخ", None)
        put(r, 10, "Solar pumps on offer", "en", "Pumps for irrigation.", kind="technology-offer", family="offer", status="open",
            deadline="2030-06-15T12:00:00Z", countries=("002",), role="available", languages=("en",))
        put(r, 11, "Help wanted with water", "en", kind="technology-need", family="need", status="open", deadline="2030-07-01T00:00:00Z",
            countries=("001",), role="target", languages=("en",))
        put(r, 12, "Soil report", "en", "Nothing else.", subjects=("irrigation",), languages=("en",), agencies=("fao",))
        put(r, 13, "Trade statistics", "en", "Mentions irrigation once.", languages=("en",), agencies=("fao",), issued="2019-12-31")
        index(r, 5)
        yield r


@pytest.mark.parametrize("query, numbers", [
    ("canal", {1}), ("CANALS managed", {1}), ("economie", {2}), ("économies circulaires", {2}), ("dechet", {2}),
    ("энергия", {3}), ("ИСТОЧНИК", {3}), ("مياه", {4, 9}), ("العربية مدن", {4}), ("تلوث", {4}), ("الجوفية", {9}),
    ("气候变化", {5}), ("农业", {5}), ("水", {5}), ("告", {5}), ("饮用水 气候", {5}), ("化气", set()), ("\"变化与农业\"", {5}), ("\"农业变化\"", set()),
    ("ロボット", {6}), ("ประเทศไทย", {7}), ("endelevu", {8}), ("wagilia", {8}), ("kili", {8}),
    ("Adeyemi", {1}), ("folake adeyemi", {1}), ("0000-0002-1825-0097", {1}), ("10.1234/abc.5", {1}), ("https://doi.org/10.1234/ABC.5", {1}),
    ("978-92-1-123456-7", {1}), ("A/RES/70/1", {1}), ("A/RES/70/2", set()),
    ("water -canals", {11}), ("soil or trade", {12, 13}), ("water users", {1}), ("\"users water\"", set()), ("\"water users\"", {1}),
    ("\"water users' associations\"", {1}), ("irrigation -\"farmers share\"", {10, 12, 13}), ("-irrigation water", {11}),
    ("the water of the", {1, 11}), ("nosuchword", set()), ("soil nosuchword", set()), ("...", set()), ("or", set()), ("", None), (None, None),
], ids=str)
def test_words(found, query, numbers):
    got = search(found, query)
    assert set(got) == (set(range(1, 14)) if numbers is None else numbers)
    assert len(got) == len(set(got))


def test_titles_come_before_subjects_before_abstracts(found):
    assert search(found, "irrigation") [0] == 1
    assert [n for n in search(found, "irrigation") if n in (12, 13)] == [12, 13]
    ranks = [row[0] for row in found.query("select rank from registry.search('irrigation')")]
    assert ranks == sorted(ranks, reverse=True) and ranks[0] > ranks[-1] > 0


@pytest.mark.parametrize("filter, numbers", [
    ({"kinds": ["technology-offer", "technology-need"]}, {10, 11}), ({"families": ["offer"]}, {10}), ({"agencies": ["unido"]}, {2}),
    ({"sectors": ["water"]}, {1}), ({"sectors": ["unassigned"], "agencies": ["fao"]}, {12, 13}),
    ({"countries": ["KEN"]}, {1}), ({"countries": ["002"]}, {1, 2, 8, 10}), ({"countries": ["014"]}, {1, 8}), ({"countries": ["001"]}, {1, 2, 5, 8, 10, 11}),
    ({"reach": ["KEN"]}, {10, 11}), ({"reach": ["CHN"]}, {11}), ({"reach": ["001"]}, {11}),
    ({"sdgs": ["6"]}, {1}), ({"sdgs": ["6.4"]}, {1}), ({"sdgs": ["6.1"]}, set()), ({"sdgs": ["2"]}, {1}),
    ({"languages": ["zh"]}, {5}), ({"languages": ["zh-Hant"]}, {5}), ({"languages": ["zh-Hans"]}, set()), ({"status": ["open"]}, {10, 11}),
    ({"issued": {"from": "2019", "to": "2019"}}, {1, 13}), ({"issued": {"from": "2019-05-05"}}, {2, 3, 13}), ({"issued": {"to": "2019-05-04"}}, {1}),
    ({"issued": {"from": "2019-05-04", "to": "2019-05"}}, {1}), ({"issued": {"from": "2023"}}, set()),
    ({"deadline": {"from": "2030-06-16"}}, {11}), ({"deadline": {"from": "2030-06", "to": "2030-06-15"}}, {10}), ({"deadline": {"to": "2029"}}, set()),
    ({"kinds": ["nonsense"]}, set()), ({"countries": ["KEN", "SEN"], "languages": ["fr"]}, {2}),
], ids=str)
def test_filters(found, filter, numbers):
    assert set(search(found, None, filter)) == numbers
    assert set(search(found, "water or irrigation", filter)) == numbers & {1, 10, 11, 12, 13}


KEYS = {"kind": "kinds", "family": "families", "agency": "agencies", "sector": "sectors", "country": "countries", "sdg": "sdgs",
        "language": "languages", "status": "status"}


@pytest.mark.parametrize("query", [None, "irrigation", "气候", "nosuchword"])
def test_a_facet_counts_what_its_filter_finds(found, query):
    got = facets(found, query)
    assert bool(got) == (query != "nosuchword")
    for (facet, code), n in got.items():
        assert len(search(found, query, {KEYS[facet]: [code]})) == n, (facet, code)
    if query is None:
        assert {f for f, _ in got} == set(KEYS)
        assert got["country", "002"] == 4 and got["sdg", "6"] == 1 and ("sdg", "6.4") not in got and got["kind", "publication"] == 11
    assert all(row[0] for row in found.query("select is_exact from registry.facets(%s)", query))


@pytest.mark.parametrize("sort, query, filter", [
    ("relevance", "irrigation or water or مياه or 气候", None), ("relevance", None, None), ("issued", None, None),
    ("updated", "irrigation or water", None), ("deadline", None, None), ("issued", None, {"agencies": ["who", "fao"]}),
    ("relevance", "ilim", None)])
def test_pages_are_the_list(found, sort, query, filter):
    whole = search(found, query, filter, sort)
    assert whole
    pages, after = [], None
    while True:
        got = found.query("select entry_id::text, after from registry.search(%s, %s, %s, 2, %s)", query, json.dumps(filter or {}), sort, after)
        if not got:
            break
        pages += [int(row[0].replace("-", ""), 16) for row in got]
        after = got[-1][1]
        assert re.fullmatch("[A-Za-z0-9_-]+", after)
    assert pages == whole


def test_orders(found):
    assert search(found, None, None, "issued")[:5] == [3, 2, 13, 1, 12]
    assert search(found, None, None, "deadline") == [10, 11]
    assert search(found, "irrigation", None, "issued") == [13, 1, 12, 10]


def test_headlines_are_html_of_their_own_making(found):
    (line,) = found.query("select headline from registry.search('kenya uganda')")[0]
    assert "&#39;<mark>Kenya</mark>&#39; &amp; &quot;<mark>Uganda</mark>&quot; &lt;5 &gt; 3" in line and "<script" not in line
    assert found.value("select headline from registry.search('饮用水')") == "联合国关于<mark>饮用水</mark>的报告。"
    assert found.value("select headline from registry.search('10.1234/abc.5')").startswith("How farmers")
    assert found.value("select headline from registry.search('решения or источник')") == "Возобновляемые <mark>источники</mark> энергии"


def said(registry, sql, *args):
    """The message of the error that a question is answered with."""
    with pytest.raises(psycopg2.DatabaseError) as e:
        registry.query(sql, *args)
    assert e.value.pgcode == "22023", e.value
    return e.value.diag.message_primary


@pytest.mark.parametrize("filter, words", [
    ({"kind": ["x"]}, "no key 'kind'; expected kinds, families"), ({"x'; drop table sheaf.found; --": 1}, "no key 'x''; drop"),
    ({"kinds": "publication"}, 'kinds is no list of codes; expected such as {"kinds"'), ({"kinds": [1]}, "kinds has what is no text"),
    ({"kinds": []}, "kinds has 0 codes; expected 1 to 100"), ({"kinds": ["x"] * 101}, "kinds has 101 codes"), ({"kinds": None}, "kinds is no list"),
    ({"issued": "2019"}, "issued is no span"), ({"issued": {"since": "2019"}}, "issued has no key 'since'"),
    ({"issued": {"from": 2019}}, "issued.from is no day"), ({"deadline": {"to": "2019-13"}}, "deadline.to is no day"),
    ({"issued": {"from": "2019-02-30"}}, "issued.from is no day"), ([], "the filter is no object"), ("x", "the filter is no object"),
    ({"kinds": ["x" * 300] * 100}, "larger than"),
], ids=lambda v: str(v)[:30])
def test_filters_that_are_wrong_say_why(found, filter, words):
    for function in ("search", "facets"):
        assert words in said(found, "select * from registry.%s(null, %%s)" % function, json.dumps(filter))


def test_arguments_that_are_wrong_say_why(found):
    assert "no order 'best'; expected relevance, issued" in said(found, "select * from registry.search('x', '{}', 'best')")
    for rows in (0, -1, 101, 2 ** 31 - 1):
        assert "max_rows is %d; expected 1 to 100" % rows in said(found, "select * from registry.search('x', p_max_rows => %s)", rows)
    good = found.value("select after from registry.search('irrigation', p_max_rows => 1)")
    for query, sort, after in [("irrigation", "relevance", good[:-4]), ("water", "relevance", good), ("irrigation", "issued", good),
                               ("irrigation", "relevance", ""), ("irrigation", "relevance", "x" * 100000), ("irrigation", "relevance", "' or 1=1 --"),
                               ("irrigation", "relevance", good.swapcase()), ("irrigation", "relevance", "\u00e9")]:
        assert "after is no place" in said(found, "select * from registry.search(%s, '{}', %s, 20, %s)", query, sort, after)


@pytest.mark.parametrize("query", [
    "a" * 1000, "x " * 100000, "\"" * 999, "-" * 999, "- - -", "or or or or", "-a -b -c", "-water", "(((((((((", "a & | ! <-> :* b", "'; drop table sheaf.found; --",
    "\\", "\\' or true", ".*.*.*.*(a+)+$", "%" * 500, "_%_%", "水 " * 30, "的" * 900, "ก" * 900, "हिन्दी" * 160, "é" * 999, "\ufeff\u202e\u200b", "\U0001f600" * 500,
    "\ue000\ue001<mark>", " ".join("w%d" % i for i in range(33)), "\"" + "w " * 400, "a or " * 190, "\"a b\" " * 30, "http://" + "a." * 400, "a@b.c " * 30, "=kinds", "'k':*A", "1e999999",
    "\"" + "हिन्दी" * 160 + "\"",
], ids=lambda v: repr(v[:20]))
def test_queries_of_strangers_are_answered_soon(found, query):
    start = time.monotonic()
    for sql in ("select * from registry.search(%s)", "select * from registry.search(%s, '{}', 'issued')", "select * from registry.facets(%s)"):
        try:
            found.query(sql, query)
        except psycopg2.DatabaseError as e:
            assert e.pgcode in ("22023", "54000"), e
    assert time.monotonic() - start < 5
    assert found.value("select count(*) from sheaf.found") == 13


@pytest.mark.parametrize("query, says", [
    ("\"ab\"" * 250, "has 250 words; at most 32"), ("\"ab\"or" * 140, "has 280 words; at most 32"),
    (",".join("ab%d" % i for i in range(65)), "is parted into 65 words"), ("\"" + ",".join("ab%d" % i for i in range(65)) + "\"", "is parted into 65 words"),
    ("a-b/c.d " * 30, "is parted into"), ("-" + ",".join("ab%d" % i for i in range(65)), "is parted into 65 words"),
], ids=lambda v: v[:12])
def test_what_is_really_looked_for_is_counted(found, query, says):
    for function in ("search", "facets"):
        assert says in said(found, "select * from registry.%s(%%s)" % function, query)


def test_up_to_the_limit_words_are_found_by_whatever_they_are_parted(empty):
    words = ["ab%d" % i for i in range(64)]
    put(empty, 1, " ".join(words), "en")
    index(empty)
    assert search(empty, ",".join(words)) == search(empty, " ".join(words[:32])) == search(empty, "\"%s\"" % ",".join(words)) == [1]
    assert search(empty, " ".join("\"%s\"" % w for w in words[:32])) == [1]


def test_every_language_counts(empty):
    """What is one word to a person is one for each language that has a form of
    its own for it; a whole title in quotes can still be looked for."""
    empty.query("insert into sheaf.search_config select distinct name from sheaf.search_language")
    title = " ".join("nationalisations vorteilhafteren internationalement efectivamente possibilidades rinnovabili".split() * 5)
    put(empty, 1, title, "en")
    index(empty)
    assert search(empty, '"%s"' % title) == [1]
    start = time.monotonic()
    with contextlib.suppress(psycopg2.errors.InvalidParameterValue):
        search(empty, ",".join((title.split() * 3)[:64]))
    assert time.monotonic() - start < 2
    body = empty.value("select pg_get_functiondef('sheaf.search_limit(text)'::regprocedure)")
    body, n = re.subn("when 'forms' then [0-9]+", "when 'forms' then 100", body)
    assert n == 1
    empty.query(body)
    assert search(empty, "nationalisations") == [1]
    assert "by the rules of all languages; at most 64 and 100 are" in said(empty, "select * from registry.search(%s)", '"%s"' % title)


def test_arguments_that_are_no_text(found):
    for sql in ("select * from registry.search(E'a\\x00b')", "select * from registry.search('x', '%s')" % ("[" * 20000),
                "select * from registry.search('x', '{\"kinds\": [\"\\u0000\"]}')"):
        with pytest.raises(psycopg2.DatabaseError):
            found.query(sql)
    deep = "{\"kinds\": " + "[" * 3000 + "]" * 3000 + "}"
    assert said(found, "select * from registry.search('x', %s)", deep)
    assert search(found, "irrigation", {"agencies": ["'; drop table sheaf.found; --", "\\", "{1,2}", "fao"]}) == [12, 13]


def test_nulls_are_defaults(found):
    assert found.query("select entry_id from registry.search(null, null, null, null, null)") == found.query("select entry_id from registry.search(null)")
    assert found.query("select * from registry.facets(null, null)") == found.query("select * from registry.facets('')")


def test_the_reader_may_search_and_nothing_else(found):
    with contextlib.closing(found.cluster.connect(found.name, "sheaf_reader")) as c, c.cursor() as cur:
        cur.execute("select count(*) from registry.search('irrigation')")
        assert cur.fetchone() == (4,)
        cur.execute("select count(*) from registry.facets('irrigation')")
        assert cur.fetchone()[0] > 0
        for sql in ("select sheaf.index_some(1, 0)", "select * from sheaf.found", "select sheaf.search_count(null, 'true', 1)"):
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                cur.execute(sql)


def test_what_changed_or_went_is_indexed_again(empty):
    put(empty, 1, "Old title", "en", sectors=("water",))
    put(empty, 2, "Another thing", "en")
    assert search(empty, "title") == [] and search(empty) == []
    assert empty.value("select sheaf.index_some(1, 1)") == 1
    assert search(empty) == [1]
    index(empty)
    assert search(empty, "title") == [1] and search(empty, None, {"sectors": ["water"]}) == [1]
    put(empty, 1, "New name", "fr", sectors=("energy",))
    index(empty)
    assert search(empty, "title") == [] and search(empty, "new") == [1]
    assert search(empty, None, {"sectors": ["water"]}) == [] and search(empty, None, {"sectors": ["energy"]}) == [1]
    put(empty, 3, "One that goes", "en")
    index(empty)
    empty.query("delete from sheaf.composed where entry_no = 3")
    empty.query("select sheaf.composed_changed('{3}')")
    assert empty.value("select count(*) from sheaf.found where entry_no = 3") == 0, "not when its turn comes"
    empty.query("delete from sheaf.composed where entry_no = 2")
    empty.query("select sheaf.index_later('{2,98}'), sheaf.index_later('{}')")
    empty.query("insert into sheaf.unindexed (lane, entry_nos) values (0, '{}')")
    assert empty.value("select sheaf.index_some(100, 0)") > 0
    assert search(empty) == [1] and empty.value("select count(*) from sheaf.found") == 1
    assert empty.value("select sheaf.index_some(100, 0)") == 0
    assert [empty.value("select sheaf.index_some(%s, 0)", n) for n in (0, -5)] == [0, 0]


def test_what_is_equal_is_not_written(empty):
    put(empty, 1, "A title", "en", updated="2026-01-01T00:00:00Z")
    index(empty)
    before = empty.value("select xmin::text from sheaf.found")
    empty.query("select sheaf.index_later('{1}')")
    index(empty)
    assert empty.value("select xmin::text from sheaf.found") == before


def test_a_step_reads_what_it_indexes_and_no_more(empty):
    """However large the registry is, and whatever its statistics say: of no
    table is more read than the rows of the step's entries."""
    tables = ("composed", "entry_title", "entry_abstract", "entry_subject", "entry_agent", "entry_identifier", "entry_code", "found")

    def read():
        empty.query("select pg_stat_force_next_flush()")
        empty.query("select 1")
        return dict(empty.query("select relname, idx_tup_fetch + seq_tup_read from pg_stat_user_tables where schemaname = 'sheaf'"
                                " and relname = any(%s)", list(tables)))

    empty.query("""insert into sheaf.composed (entry_no, entry_id, digest, record_count, first_seen, updated_at, sources, origins, kind, family,
        title, title_lang, languages, countries, sectors, sdgs, agencies) overriding system value
        select n, lpad(to_hex(n), 32, '0')::uuid, '', 1, now(), now(), '{}', '{}', 'event', 'knowledge', 'Title ' || n, 'en', '{en}', '{KEN}', '{}', '{}', '{}'
        from generate_series(1, 20000) n""")
    for table, columns, values in (
            ("title", "text, lang", "title, 'en'"), ("abstract", "text, lang", "title, 'en'"), ("subject", "text", "title"),
            ("agent", "name, role, ids", "title, 'author', '[]'"), ("identifier", "scheme, value", "'doi', title"), ("code", "axis, code, role", "'country', 'KEN', 'target'")):
        empty.query("insert into sheaf.entry_%s (entry_no, record_id, n, %s) select entry_no, 1, 1, %s from sheaf.composed" % (table, columns, values))
    for statistics in ("", "analyze"):
        if statistics:
            empty.query(statistics)
        empty.query("select sheaf.index_later(array_agg(n)) from generate_series(5001::bigint, 5199, 2) n")
        before = read()
        # As the session of resolve is, in which no join but by an index is tried.
        for setting in ("plan_cache_mode = force_generic_plan", "enable_seqscan = off", "enable_hashjoin = off", "enable_mergejoin = off"):
            empty.query("set " + setting)
        assert empty.value("select sheaf.index_some(1000, 1)") == 100
        for table, n in read().items():
            assert n - before[table] <= 500, (table, statistics)
    assert len(search(empty, "title", {"reach": ["KEN"]})) == 100


def test_long_rows_are_taken_in_parts_and_an_undone_part_is_repeated(empty):
    for no in range(2, 15, 2):
        put(empty, no, "Number %d" % no, "en")
    empty.query("truncate sheaf.unindexed")
    empty.query("select sheaf.index_later('{2,4,6,8,10}'), sheaf.index_later('{12,14}')")
    with contextlib.closing(empty.cluster.connect(empty.name)) as c, c.cursor() as cur:
        c.autocommit = False
        cur.execute("select sheaf.index_some(3, 0)")
        c.rollback()
    assert empty.value("select count(*) from sheaf.found") == 0
    assert [empty.value("select sheaf.index_some(3, 0)") for _ in range(4)] == [3, 2, 2, 0]
    assert sorted(search(empty)) == [2, 4, 6, 8, 10, 12, 14]
    # What waits where every search reads it is put in place when it is enough.
    assert empty.value("select sheaf.settle_some(100)") == 0
    assert empty.value("select sheaf.settle_some(1)") == 7
    assert empty.value("select sheaf.settle_some(1)") == 0
    assert empty.value("select gin_clean_pending_list('sheaf.found_words_key')") == 0


def test_an_entry_is_indexed_by_one_at_a_time(empty):
    """By its lane; the other one goes on meanwhile, and what both find new has one number."""
    for no in range(1, 9):
        put(empty, no, "Number %d" % no, "en" if no < 5 else "fr", sectors=("water",))
    lanes = [empty.cluster.connect(empty.name) for _ in range(3)]
    with contextlib.ExitStack() as stack:
        even, odd, again = (stack.enter_context(contextlib.closing(c)).cursor() for c in lanes)
        for c in lanes:
            c.autocommit = False
        even.execute("select sheaf.index_some(100, 0)")
        assert even.fetchone() == (4,)
        again.execute("set local lock_timeout = 100")
        with pytest.raises(psycopg2.errors.LockNotAvailable):
            again.execute("select sheaf.index_some(100, 0)")
        # It waits for the numbers of what is new, and for nothing else.
        step = threading.Thread(target=odd.execute, args=("select sheaf.index_some(100, 1)",))
        step.start()
        wait_for(lambda: empty.value("select count(*) from pg_stat_activity where wait_event_type = 'Lock'"))
        lanes[0].commit()
        step.join()
        assert odd.fetchone() == (4,)
        lanes[1].commit()
        assert empty.query("select facet, code from sheaf.facet group by 1, 2 having count(*) > 1") == []
        assert sorted(search(empty, None, {"sectors": ["water"]})) == list(range(1, 9))
        # Nothing is new: nobody waits.
        empty.query("update sheaf.composed set title_lang = null")
        empty.query("select sheaf.composed_changed(array_agg(entry_no)) from sheaf.composed")
        for cur in (even, odd):
            cur.execute("set local lock_timeout = 5000")
            cur.execute("select sheaf.index_some(100, %s)", (int(cur is odd),))
            assert cur.fetchone() == (4,)
        for c in lanes:
            c.commit()


def test_a_step_reads_of_the_queue_what_it_takes(empty):
    """Neither the rows behind nor a long row again in each step."""
    def read():
        empty.query("select pg_stat_force_next_flush()")
        empty.query("select 1")
        return empty.query("select s.idx_tup_fetch + s.seq_tup_read, io.toast_blks_read + io.toast_blks_hit from pg_stat_user_tables s"
                           " join pg_statio_user_tables io using (relid) where s.schemaname = 'sheaf' and s.relname = 'unindexed'")[0]

    def steps(most, n):
        before = read()
        taken = [empty.value("select sheaf.index_some(%s, 0)", most) for _ in range(n)]
        return taken, [b - a for a, b in zip(before, read())]

    many = "(select array_agg(hashint8(n)::bigint) from generate_series(%d, %d) n)"
    for statistics in ("", "analyze sheaf.unindexed"):
        empty.query("truncate sheaf.unindexed")
        empty.query("insert into sheaf.unindexed (lane, entry_nos) select 0, %s from generate_series(1, 500)" % (many % (1, 1000)))
        if statistics:
            empty.query(statistics)
        taken, (rows, blocks) = steps(1000, 2)
        assert taken == [1000, 1000] and rows < 100 and blocks < 50, (rows, blocks)
    empty.query("truncate sheaf.unindexed")
    empty.query("insert into sheaf.unindexed (lane, entry_nos) select 0, " + many % (1, 100000))
    taken, (rows, blocks) = steps(1000, 1)
    assert taken == [1000]
    assert empty.query("select count(*), min(cardinality(entry_nos)), max(cardinality(entry_nos)) from sheaf.unindexed") == [(99, 1000, 1000)]
    taken, (rows, blocks) = steps(1000, 3)
    assert taken == [1000] * 3 and rows < 100 and blocks < 50, (rows, blocks)
    assert empty.value("select count(distinct n) from sheaf.unindexed u, unnest(u.entry_nos) n") \
        == empty.value("select count(distinct hashint8(n)) from generate_series(4001, 100000) n")


def test_a_page_looks_up_the_entries_that_it_shows(empty):
    """Not all hits that it was chosen from."""
    def read():
        empty.query("select pg_stat_force_next_flush()")
        empty.query("select 1")
        return empty.value("select idx_tup_fetch + seq_tup_read from pg_stat_user_tables where schemaname = 'sheaf' and relname = 'composed'")

    empty.query("""insert into sheaf.composed (entry_no, entry_id, digest, record_count, first_seen, updated_at, sources, origins, kind, family,
        title, title_lang, languages, countries, sectors, sdgs, agencies) overriding system value
        select n, lpad(to_hex(n), 32, '0')::uuid, '', 1, now(), now(), '{}', '{}', 'event', 'knowledge', 'Water ' || n, 'en', '{en}', '{}', '{}', '{}', '{}'
        from generate_series(1, 3000) n""")
    empty.query("insert into sheaf.entry_title (entry_no, record_id, n, text, lang) select entry_no, 1, 1, title, 'en' from sheaf.composed")
    empty.query("select sheaf.index_later(array_agg(entry_no)) from sheaf.composed")
    index(empty)
    for statistics in ("", "analyze"):
        if statistics:
            empty.query(statistics)
        for sort in ("relevance", "issued", "updated"):
            before = read()
            assert len(search(empty, "water", None, sort, 20)) == 20
            assert read() - before <= 100, (sort, statistics)


def test_texts_without_end_are_cut(empty):
    put(empty, 1, "Start " + "word " * 50000, "en", "An abstract " + " ".join("w%d" % i for i in range(300000)) + " lastword",
        subjects=["s%d" % i for i in range(200)] + ["水" * 100000], agents=[("A. Name " + "x" * 50000, "{}")] * 100,
        identifiers=[("doi", "10.1/" + "x" * 100000)], countries=("XXX",), languages=("x" * 3000,))
    put(empty, 2, "\u0915" * 5000, "hi", "é" * 100000)
    index(empty)
    assert search(empty, "start abstract w17 s3") == [1]
    assert search(empty, "lastword") == []
    assert search(empty, None, {"countries": ["XXX"]}) == [1]
    assert empty.value("select max(length(vector::text)) from sheaf.found") < 1 << 20


def test_the_best_answer_comes_first(empty):
    """As a person would have it: a title of nothing else, a title, subjects,
    an abstract, an author; however long the rest is, and whether languages are mixed."""
    long = " ".join("filler%d" % i for i in range(300))
    put(empty, 1, "Climate finance", "en", long)
    put(empty, 2, "Guide to climate finance for small islands", "en", long)
    put(empty, 3, "Short", "en", subjects=("climate finance", "climate", "finance"))
    put(empty, 4, "Brief", "en", "On climate finance.")
    put(empty, 5, "Note", "en", agents=[("Climate Finance Initiative", None)])
    put(empty, 6, "Finance of other things", "en", "In a changing climate.")
    for n in range(10, 18):
        put(empty, n, "Guide to climate finance for small islands", "fr", "Financing of climates. " + long, subjects=("climate finance",))
    index(empty)
    got = search(empty, "climate finance")
    assert got[0] == 1 and set(got[1:10]) == {2, *range(10, 18)} and got[10:] == [3, 6, 4, 5]
    assert search(empty, "\"climate finance\"")[0] == 1
    assert search(empty, "Guide to climate finance for small islands")[0] in {2, *range(10, 18)}
    # All languages have these words the same: none of them counts twice.
    empty.query("insert into sheaf.search_config select distinct name from sheaf.search_language on conflict do nothing")
    assert search(empty, "climate finance")[0] == 1


def test_hyphens_are_written_or_not(empty):
    put(empty, 1, "Low-carbon transport", "en")
    put(empty, 2, "Low carbon transport", "en")
    put(empty, 3, "Transport of carbon is low", "en")
    put(empty, 4, "State-of-the-art pumps", "en")
    put(empty, 5, "The state of the art", "en")
    index(empty)
    for query, numbers in (("low-carbon", {1, 2}), ("low carbon", {1, 2, 3}), ("\"low-carbon\"", {1, 2}), ("transport -low-carbon", {3}),
                           ("Low-Carbon transports", {1, 2}), ("state-of-the-art", {4, 5}), ("low-carbon or pumps", {1, 2, 4})):
        assert set(search(empty, query)) == numbers, query


@pytest.mark.parametrize("text, other, lang", [
    ("可再生-能源", "能源和可再生", "zh"), ("신재생-에너지", "에너지와 신재생", "ko"), ("再生可能-エネルギー", "エネルギーは再生可能", "ja"),
    ("พลังงาน-ทดแทน", "ทดแทนพลังงาน", "th"), ("COVID-疫情", "COVID", None)], ids=lambda v: v)
def test_hyphens_between_words_without_spaces(empty, text, other, lang):
    put(empty, 1, text, lang)
    put(empty, 2, text.replace("-", ""), lang)
    put(empty, 3, text.replace("-", " "), lang)
    put(empty, 4, other, lang)
    put(empty, 5, "Nothing of it", "en")
    index(empty)
    got = set(search(empty, text))
    assert {1, 3} <= got and 5 not in got
    assert 2 in got or text.startswith("COVID")
    assert set(search(empty, "-" + text)) == {1, 2, 3, 4, 5} - got
    assert {1, 3} <= set(search(empty, '"%s"' % text))


def test_hyphens_in_a_database_that_knows_no_letters(room, cluster):
    with fresh(room, cluster, "template template0 lc_collate 'C' lc_ctype 'C'") as r:
        assert r.value("select 'é' ~ '[[:alpha:]]'") is False
        put(r, 1, "Énergie-climat", "fr")
        put(r, 2, "L'énergie climat", "fr")
        put(r, 3, "Climat d'énergie", "fr")
        put(r, 4, "низко-углеродный", "ru")
        put(r, 5, "низко углеродный", "ru")
        index(r)
        assert set(search(r, "énergie-climat")) == {1, 2} and set(search(r, "низко-углеродный")) == {4, 5}


def test_not_a_phrase_is_an_alternative(empty):
    put(empty, 1, "Solar and wind power", "en")
    put(empty, 2, "Wind power", "en")
    put(empty, 3, "Power of wind", "en")
    put(empty, 4, "Rice", "en")
    index(empty)
    for query in ("solar or -\"wind power\"", "-\"wind power\" or solar", "rice or -\"wind power\" or solar", "solar or -wind-power"):
        for sort in ("relevance", "issued"):
            assert set(search(empty, query, sort=sort)) == {1, 3, 4}, query
        assert facets(empty, query)["kind", "publication"] == 3, query
    assert set(search(empty, "solar or power -\"wind power\"")) == {1, 3}
    assert set(search(empty, "rice or wind -\"wind power\"")) == {3, 4}


@pytest.mark.parametrize("sort, query", [
    ("relevance", "water"), ("relevance", None), ("issued", "water"), ("updated", None), ("deadline", "water")])
@pytest.mark.parametrize("walks", [False, True])
def test_an_empty_page_is_the_end_while_indexing_is_behind(empty, sort, query, walks):
    """What is gone and still indexed takes no place in a page."""
    for no in range(1, 41):
        put(empty, no, "Water " + "and more " * (no // 4), "en", issued="2001-01-%02d" % (no % 28 + 1),
            deadline="2031-01-%02d" % (no % 28 + 1), updated="2026-01-%02d" % (no % 28 + 1))
    index(empty)
    if walks:
        body = empty.value("select pg_get_functiondef('sheaf.search_limit(text)'::regprocedure)")
        body, n = re.subn("when 'examined' then [0-9]+", "when 'examined' then 15", body)
        assert n == 1
        empty.query(body)
        empty.query("insert into sheaf.found_sample select * from sheaf.found on conflict do nothing")
    whole = search(empty, query, None, sort)
    assert sorted(whole) == list(range(1, 41)) or sort == "relevance" and walks
    # The first of all, a long row of them, and the last.
    gone = [whole[0], *whole[5:-4], whole[-1]]
    empty.query("delete from sheaf.composed where entry_no = any(%s)", gone)
    for rows in (1, 2, 3, 100):
        pages, after = [], None
        while True:
            got = empty.query("select entry_id::text, after from registry.search(%s, '{}', %s, %s, %s)", query, sort, rows, after)
            assert len(got) <= rows
            if not got:
                break
            pages += [int(row[0].replace("-", ""), 16) for row in got]
            after = got[-1][1]
        assert pages == [no for no in whole if no not in gone], rows


def test_mixed_languages_are_no_advantage(empty):
    put(empty, 1, "Drip irrigation guidelines", "en", "About irrigation.", languages=("en",))
    put(empty, 2, "Drip irrigation: lecciones", "es", "About irrigation.", languages=("es",))
    empty.query("update sheaf.entry_abstract set lang = 'en'")
    put(empty, 3, "Riego", "es", languages=("es",))
    index(empty)
    assert search(empty, "irrigation") == [1, 2] and search(empty, "irrigated") == [1, 2]


def test_a_text_without_a_language_has_that_of_its_entry(empty):
    put(empty, 1, "Managing irrigation canals", None, "Waters are shared.", languages=("en",))
    put(empty, 2, "Gestion des déchets urbains", None, languages=("fr",))
    put(empty, 3, "Managing canals", None, languages=("en", "fr"))
    put(empty, 4, "Управление каналами", None, languages=("en",))
    put(empty, 5, "Umwagiliaji endelevu", None, languages=("sw",))
    index(empty)
    assert search(empty, "manages canal") == [1] and search(empty, "déchet urbaine") == [2]
    assert set(search(empty, "managing canals")) == {1, 3}
    assert search(empty, "каналы") == [4] and search(empty, "wagilia") == [5]
    assert empty.value("select headline from registry.search('sharing')") == "Waters are <mark>shared</mark>."


def test_parts_of_words_are_those_of_languages_without_rules(empty):
    put(empty, 1, "Umwagiliaji endelevu", "sw")
    put(empty, 2, "ირიგაციის პროექტი", None)
    put(empty, 3, "Unsaid irrigation", None)
    put(empty, 4, "Declared irrigation", "en")
    put(empty, 5, "Mixed 灌溉 mixture", "zh")
    index(empty)
    assert search(empty, "wagilia") == [1] and search(empty, "რიგაცი") == [2]
    assert search(empty, "rrigat") == [] and set(search(empty, "irrigation")) == {3, 4}
    assert [row[0] for row in empty.query("select entry_no from sheaf.found where plain is not null order by 1")] == [1, 2]


def test_common_parts_of_words_are_looked_for_in_a_sample(empty):
    """Where many entries have the letters of a part, no more are looked
    through than the limit says; what is rare is found wherever it is."""
    body = empty.value("select pg_get_functiondef('sheaf.search_limit(text)'::regprocedure)")
    body, n = re.subn("when 'parts' then [0-9]+", "when 'parts' then 256", body)
    assert n == 1
    empty.query(body)
    empty.query("""insert into sheaf.composed (entry_no, entry_id, digest, record_count, first_seen, updated_at, sources, origins, kind, family,
        title, title_lang, languages, countries, sectors, sdgs, agencies) overriding system value
        select n, lpad(to_hex(n), 32, '0')::uuid, '', 1, now(), now(), '{}', '{}', 'event', 'knowledge',
        case when n = 777 then 'kitengo shirikishi' else 'xbaxkilimox ' || n end, 'sw', '{sw}', '{}', '{}', '{}', '{}' from generate_series(1, 4000) n""")
    empty.query("insert into sheaf.entry_title (entry_no, record_id, n, text, lang) select entry_no, 1, 1, title, 'sw' from sheaf.composed")
    empty.query("select sheaf.index_later(array_agg(entry_no)) from sheaf.composed")
    index(empty)
    assert search(empty, "tengo") == [777] and search(empty, "irikish") == [777]
    some = search(empty, "kilimo")
    assert some and facets(empty, "kilimo")["kind", "event"] < 2000
    where = empty.value("select sheaf.search_parts('{+:axkil.b}')")
    assert "f.facets &&" in where
    assert empty.value("select count(*) from sheaf.found f where " + where.split(" and ")[1]) < 2000
    assert search(empty, "axkil.b") == [] and search(empty, "a.b.c") == []


def test_many_hits_are_sampled_and_stay_in_order(empty):
    """With limits so small that 600 entries are many."""
    body = empty.value("select pg_get_functiondef('sheaf.search_limit(text)'::regprocedure)")
    for name, value in (("ranked", 20), ("examined", 100), ("counted", 20)):
        body, n = re.subn("when '%s' then [0-9]+" % name, "when '%s' then %d" % (name, value), body)
        assert n == 1
    empty.query(body)
    empty.query("""insert into sheaf.composed (entry_no, entry_id, digest, record_count, first_seen, updated_at, sources, origins, kind, family,
        issued, deadline, title, title_lang, abstract, languages, countries, sectors, sdgs, agencies) overriding system value
        select n, lpad(to_hex(n), 32, '0')::uuid, '', 1, now(), '2026-01-01'::timestamptz + n % 50 * interval '1 day', '{}', '{}',
        case when n % 3 = 0 then 'event' else 'publication' end, 'knowledge', '2000-01-01'::date + n % 37 * 100,
        case when n % 2 = 0 then '2030-01-01'::timestamptz + n % 41 * interval '1 day' end,
        case when n % 10 = 0 then 'Water ' else 'Other ' end || n, 'en', 'All about water.', '{en}', '{}', '{}', '{}', '{}' from generate_series(1, 600) n""")
    empty.query("insert into sheaf.entry_title (entry_no, record_id, n, text, lang) select entry_no, 1, 1, title, 'en' from sheaf.composed")
    empty.query("insert into sheaf.entry_abstract (entry_no, record_id, n, text, lang) select entry_no, 1, 1, abstract, 'en' from sheaf.composed")
    empty.query("select sheaf.index_later(array_agg(entry_no)) from sheaf.composed")
    index(empty)
    for sort, order, where, filter in (
            ("issued", "issued desc, entry_no desc", "true", {}), ("updated", "updated_at desc, entry_no desc", "true", {}),
            ("deadline", "deadline, entry_no", "deadline is not null", {}),
            ("issued", "issued desc, entry_no desc", "kind = 'event'", {"kinds": ["event"]}),
            ("issued", "issued desc, entry_no desc", "issued between '2002-01-01' and '2006-05-31'", {"issued": {"from": "2002", "to": "2006-05"}}),
            ("updated", "updated_at desc, entry_no desc", "issued >= '2009-01-01'", {"issued": {"from": "2009"}}),
            ("deadline", "deadline, entry_no", "deadline >= '2030-01-21'", {"deadline": {"from": "2030-01-21"}})):
        want = [row[0] for row in empty.query("select entry_no from sheaf.composed where %s order by %s" % (where, order))]
        got, after = [], None
        while True:
            page = empty.query("select entry_id::text, after from registry.search('water', %s, %s, 90, %s)", json.dumps(filter), sort, after)
            if not page:
                break
            got += [int(row[0].replace("-", ""), 16) for row in page]
            after = page[-1][1]
        assert got == want and want, (sort, filter)
    first = search(empty, "water", rows=20)
    assert len(first) == 20 and all(no % 10 == 0 for no in first)
    assert len(set(search(empty, "water")) & set(first)) == 20
    got = empty.query("select facet, code, entries, is_exact from registry.facets('water')")
    assert got and not any(row[3] for row in got)
    total = sum(row[2] for row in got if row[0] == "family")
    share = {row[1]: row[2] / total for row in got if row[0] == "kind"}
    assert 200 < total < 1800 and 0.1 < share["event"] < 0.65
    assert all(row[0] for row in empty.query("select is_exact from registry.facets('water 30')"))
