"""What records name and no vocabulary knows: counted with the source, listed by
sheafctl unmapped, and known once its rows are in a table."""

import json
import os
import shutil
import time

import pytest

from nouns import TOP, Record, Repository, dc, iso, source

NOW = int(time.time())


def item(i, t=0, **fields):
    return Record("oai:%d" % i, iso(NOW - 3600 + i + t), dc(title="Number %d" % i, **fields))


def listed(d, *args):
    """(field, term) → records, in order"""
    lines = [json.loads(x) for x in d.ctl("unmapped", *args, "--json").stdout.splitlines()]
    return {(x["field"], x["term"]): x["records"] for x in lines}


def rate(registry, name="s"):
    got = registry.value("select unmapped from registry.source_status where source = %s", name)
    return None if got is None else float(got)


def sums_hold(registry):
    assert registry.query("select source_id, terms, unmapped from sheaf.source order by 1") == registry.query(
        "select s.source_id, coalesce(sum(r.terms), 0), coalesce(sum(r.unmapped), 0) from sheaf.source s "
        "left join sheaf.record r using (source_id) group by 1 order by 1")


def some():
    return [
        item(0, type="Report", language="en", coverage="Kenya"),
        item(1, type="Zettelkasten", language="en", coverage="Nairobi West"),
        item(2, type=["Zettelkasten", "zettelkasten"], language="Klingonese", coverage="2010-2015"),
        item(3, type="Oddity", language=["xqx", "fr"], subject="Bird watching"),
        item(4, type=["Report", "Zettelkasten"]),
    ]


def test_counted_and_listed(registry, server, daemon):
    repo = server.mount(Repository("r", some()))
    d = daemon(source("s", repo))
    d.once()
    # types 1 + 1 + 2 + 1 + 2, languages 1 + 1 + 1 + 2, places 1 + 1
    assert registry.query("select terms, unmapped from sheaf.source") == [(14, 7)]
    assert rate(registry) == 0.5
    assert listed(d) == {
        ("type", "Zettelkasten"): 2, ("country", "Nairobi West"): 1, ("language", "Klingonese"): 1,
        ("language", "xqx"): 1, ("type", "Oddity"): 1}
    assert list(listed(d))[0] == ("type", "Zettelkasten")
    assert listed(d, "s", "--field", "language") == {("language", "Klingonese"): 1, ("language", "xqx"): 1}
    assert listed(d, "--field", "subject") == {("subject", "Bird watching"): 1}
    assert len(listed(d, "--limit", "2")) == 2
    out = d.ctl("unmapped", "s").stdout.splitlines()
    assert out[1] == "vocabulary\tscheme\tterm\tcode"
    assert out[2:4] == ["# 2 records, such as of s", "kind\tlabel\tZettelkasten\t"]
    assert "language\tiso639\txqx\t" in out and "language\tlabel\tKlingonese\t" in out


@pytest.mark.parametrize("args, hint", [
    (["--field", "tpye"], "did you mean type?"), (["--field", "x"], "expected type, language"),
    (["--limit", "no"], "is no number"), (["r"], 'no source "r"')])
def test_mistakes(registry, server, daemon, args, hint):
    d = daemon(source("s", server.mount(Repository("r", []))))
    d.once(check=None)
    p = d.ctl("unmapped", *args, check=64)
    assert hint in p.stdout + p.stderr


def test_its_rows_are_a_table(registry, server, daemon):
    repo = server.mount(Repository("r", some()))
    d = daemon(source("s", repo))
    vocab = os.path.join(d.dir, "vocab")
    shutil.copytree(os.path.join(TOP, "conf/vocab"), vocab)
    os.chmod(vocab, 0o755)
    d.daemon_keys["vocab_dir"] = vocab
    d.configure(source("s", repo, max_change="100 %"))
    d.once()
    rows = d.ctl("unmapped", "s").stdout
    codes = {"Zettelkasten": "dataset", "Oddity": "news", "Klingonese": "tlh", "xqx": "fr", "Nairobi West": "KEN"}
    filled = "".join(
        line + (codes[line.split("\t")[2]] if line.endswith("\t") else "") + "\n" for line in rows.splitlines())
    with open(os.path.join(vocab, "ours-terms.tsv"), "w") as f:
        f.write(rows)
    assert "ours-terms.tsv:4" in d.run("sheafd", "--check").stderr  # without codes it is refused
    with open(os.path.join(vocab, "ours-terms.tsv"), "w") as f:
        f.write(filled)
    assert "Everything is known." in d.ctl("unmapped").stdout
    # What is made from now on says it.
    for i, r in enumerate(some()):
        repo.put(Record(r.identifier, iso(NOW - 60), r.metadata.replace("Number", "No.")))
    d.once()
    assert rate(registry) == 0
    assert registry.value("select kind from registry.record where identifier = 'oai:1'") == "dataset"
    sums_hold(registry)


def test_the_sums_follow_what_happens(registry, server, daemon):
    repo = server.mount(Repository("r", [item(i, type="Oddity", language="en") for i in range(40)]))
    d = daemon(source("s", repo, complete="1ms", grace="0s", max_delete="50 %"))
    d.once()
    assert rate(registry) == 0.5
    repo.put(item(1, 100, type="Report", language="en"))
    repo.put(item(2, 100, title2="x"))
    repo.delete("oai:3")
    del repo.records[10:12]
    d.once()
    d.once()
    sums_hold(registry)
    assert registry.query("select terms, unmapped from sheaf.source") == [(2 * 36, 35)]
    n = registry.value("select count(*) from sheaf.block")
    d.once()
    sums_hold(registry)
    assert registry.value("select count(*) from sheaf.block") == n
    # A run that is held changes nothing, one that is rejected neither.
    before = registry.query("select terms, unmapped from sheaf.source")
    for i in range(20, 40):
        repo.delete("oai:%d" % i)
    repo.put(item(99, 100, type="Oddity"))
    d.once(check=None)
    assert registry.status("s")["state"] == "held"
    d.start()
    d.ctl("reject", "s")
    d.stop()
    assert registry.query("select terms, unmapped from sheaf.source") == before
    sums_hold(registry)


def test_another_keep(registry, server, daemon):
    repo = server.mount(Repository("r", [item(i, type="Oddity" if i % 2 else "Report") for i in range(10)]))
    d = daemon(source("s", repo))
    d.once()
    assert rate(registry) == 0.5
    d.configure(source("s", repo, keep="type:Report", max_delete="100 %", max_change="100 %"))
    d.once()
    assert rate(registry) == 0 and listed(d) == {}
    sums_hold(registry)
