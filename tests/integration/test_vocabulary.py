"""The vocabularies: tables of the configuration that a reload changes or
refuses, seen in records and in the registry."""

import os
import shutil
import time

from nouns import TOP, Record, Repository, dc, iso, records, source, wait_for


def own_tables(d):
    """A copy of the shipped tables that the daemon reads and the test may edit."""
    to = os.path.join(d.dir, "vocab")
    shutil.copytree(os.path.join(TOP, "conf/vocab"), to)
    os.chmod(to, 0o755)
    d.daemon_keys["vocab_dir"] = to
    return to


def add(tables, name, *lines):
    path = os.path.join(tables, name)
    with open(path, "w", encoding="utf-8") as f:
        f.write("".join(line + "\n" for line in lines))
    os.chmod(path, 0o644)


def kinds(registry):
    return dict(registry.query("select identifier, kind from registry.record"))


def thing(i):
    """A record of a type that no shipped table has, changed now."""
    return Record("oai:x:%d" % i, iso(time.time()), dc(title="One", type="Wunderding"))


TERMS = "vocabulary\tscheme\tterm\tcode"


def test_registry_has_the_vocabularies(registry, server, daemon):
    repo = server.mount(Repository("r", records(1)))
    d = daemon(source("s", repo))
    d.once()
    assert registry.query("select count(*), count(distinct family), count(label) from registry.kind") == [(24, 5, 24)]
    assert registry.value("select count(*) from registry.sector where label is not null") == 21
    assert registry.query("select count(*), count(distinct goal) from registry.sdg") == [(17 + 169, 17)]
    assert registry.query("select label, labels ->> 'fr' from registry.language where code = 'zh'") == [("Chinese", "chinois")]
    assert registry.query("select 100 < count(*), count(*) = count(label) from registry.language") == [(True, True)]
    assert registry.query(
        "select label, labels ->> 'ar', alpha2, m49, parents, ancestors, is_group, ldc, lldc, sids "
        "from registry.country where code = 'NPL'"
    ) == [("Nepal", "نيبال", "NP", "524", ["034", "199", "432"], ["001", "034", "142", "199", "432"], False, True, True, False)]
    assert registry.query("select count(*), count(alpha2) from registry.country where not is_group") == [(250, 250)]
    assert registry.query("select alpha2 from registry.country where code in ('GBR', 'GRC') order by 1") == [("GB",), ("GR",)]
    before = registry.query("select xmin::text, code from sheaf.vocabulary order by 2")
    d.once()
    assert registry.query("select xmin::text, code from sheaf.vocabulary order by 2") == before


def test_a_table_is_added_and_a_mistaken_one_refused(registry, server, daemon):
    repo = server.mount(Repository("r", [thing(1)]))
    d = daemon(source("s", repo, kind="publication"))
    tables = own_tables(d)
    d.configure(source("s", repo, kind="publication"))
    d.start()
    wait_for(lambda: kinds(registry) == {"oai:x:1": "publication"})
    add(tables, "zz-own.tsv", TERMS, "kind\tlabel\twunderding\tdataste")
    p = d.ctl("reload", check=None)
    assert p.returncode != 0
    assert "zz-own.tsv:2: there is no kind dataste; expected a code of that vocabulary, such as dataset" in p.stderr
    assert "zz-own.tsv:2: there is no kind dataste" in d.run("sheafd", "--check", check=78).stderr
    repo.put(thing(2))
    d.ctl("harvest", "s", "--wait")
    assert kinds(registry)["oai:x:2"] == "publication", "the old tables stay"
    add(tables, "zz-own.tsv", TERMS, "# ours", "kind\tlabel\twunderding\tdataset")
    add(tables, "zz-own-labels.tsv", "scheme\tcode\tparent\tlabel\tlanguage", "country\tKEN\t\tKenia\tsw")
    d.ctl("reload")
    repo.put(thing(3))
    d.ctl("harvest", "s", "--wait")
    assert kinds(registry)["oai:x:3"] == "dataset"
    wait_for(lambda: registry.value("select labels ->> 'sw' from registry.country where code = 'KEN'") == "Kenia")
