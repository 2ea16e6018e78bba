"""The two programs as an operator meets them: every verb once, exit codes,
hints, tables and JSON."""

import json
import os
import re
import stat

from nouns import Reply, Repository, ids, records, source, wait_for


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


def test_once_tells_a_table_and_its_exit_code(registry, server, daemon):
    good = server.mount(Repository("good", records(30), page_size=10))
    bad = server.mount(Repository("bad", records(5)))
    bad.on(lambda q: True, Reply(500, b"x"))
    d = daemon(source("good", good), source("bad", bad, tries="1"))
    p = d.run("sheafd", "--once", "--progress", "good", check=0)
    assert re.search(r"^good +ok +30 +30 ", p.stdout, re.M)
    assert "begins" in p.stderr
    p = d.run("sheafd", "--once", "--all", check=1)
    assert p.stdout == "", "without a terminal and --progress it is silent"
    assert "bad: failed" in p.stderr
    assert registry.identifiers("good") == ids(good)


def test_once_harvests_what_is_due_and_no_more(registry, server, daemon):
    repo = server.mount(Repository("r", records(3)))
    d = daemon(source("s", repo, interval="1h"))
    d.run("sheafd", "--once", check=0)
    asked = len(repo.requests)
    d.run("sheafd", "--once", check=0)
    assert len(repo.requests) == asked
    assert len(registry.runs("s")) == 1


def test_mistakes_are_answered(server, daemon):
    d = daemon(source("s", url="http://127.0.0.1:1/oai"))
    p = d.run("sheafd", "--check", check=0)
    assert p.stdout == "configuration ok: 1 agencies, 1 sources\n"
    assert "no source" in d.run("sheafd", "--once", "t", check=2).stderr
    d.run("sheafd", "s", check=64)
    d.run("sheafd", "--once", "--all", "s", check=64)
    assert "did you mean status?" in d.ctl("statsu", check=64).stderr
    assert "did you mean --full?" in d.ctl("harvest", "s", "--ful", check=64).stderr
    assert "usage" in d.ctl("pause", check=64).stderr
    p = d.ctl("harvest", "s", check=69)
    assert "no daemon answers" in p.stderr and "hint" in p.stderr
    d.ctl("show", "12", check=64)
    for verb in ("status", "harvest", "parse", "init"):
        assert d.ctl(verb, "--help").stdout.startswith("usage: sheafctl")
    with open(d.conf, "a") as f:
        f.write("frequency = 3\n")
    p = d.run("sheafd", "--check", check=78)
    assert re.search(r"sheaf\.conf:\d+: ", p.stderr)
    d.run("sheafd", check=78)
    d.ctl("status", check=78)


def test_the_reading_verbs(registry, server, daemon):
    repo = server.mount(Repository("r", records(30), page_size=10))
    d = daemon(source("s", repo))
    assert "No source" in d.ctl("status").stdout
    d.once()
    assert "did you mean s?" in d.ctl("runs", "z", check=64).stderr
    row, = lines(d.ctl("status", "--json").stdout)
    assert row["source"] == "s" and row["state"] == "idle" and row["outcome"] == "ok" and row["records"] == 30
    assert re.search(r"^s +idle +ok +30 ", d.ctl("status", "s").stdout, re.M)
    run, = lines(d.ctl("runs", "s", "--json").stdout)
    assert run["received"] == 30 and run["mode"] == "incremental"
    rows = lines(d.ctl("records", "--limit", "7", "--json").stdout)
    assert len(rows) == 7
    number, identifier = str(rows[0]["record_id"]), rows[0]["identifier"]
    record, = lines(d.ctl("show", number, "--json").stdout)
    assert record["identifier"] == identifier and record["titles"][0]["text"] == rows[0]["title"]
    assert record == lines(d.ctl("show", "s", identifier, "--json").stdout)[0]
    assert rows[0]["title"] in d.ctl("show", number).stdout
    assert identifier in d.ctl("raw", number).stdout
    assert lines(d.ctl("quarantine", "--json").stdout) == []


def test_the_acting_verbs(registry, server, daemon):
    repo = server.mount(Repository("r", records(30), page_size=10))
    d = daemon(source("s", repo)).start()
    socket = os.stat(os.path.join(d.run_dir, "control"))
    assert stat.S_IMODE(socket.st_mode) == 0o660

    wait_for(lambda: [r for r in registry.runs("s") if r["closed_at"]])
    out = d.ctl("harvest", "s", "--full", "--wait", "--json").stdout
    row = lines(out)[-1]
    assert row["source"] == "s" and row["outcome"] == "ok" and row["received"] == 30
    assert "s: ok" in d.ctl("harvest", "s", "--wait").stdout

    assert "s: paused" in d.ctl("pause", "s", "--reason", "holidays").stdout
    assert registry.status("s")["state"] == "paused"
    assert "resume" in d.ctl("harvest", "s", check=69).stderr
    d.ctl("approve", "s", check=69)
    before = len(registry.runs("s"))
    d.ctl("resume", "s")
    wait_for(lambda: len(registry.runs("s")) > before)
    d.ctl("harvest", "nobody", check=64)
    d.ctl("pause", "nobody", check=69)

    asked = len(repo.requests)
    repo.on(lambda q: q.page == 2, Reply(delay=0.3))
    d.ctl("harvest", "--all", "--full")
    wait_for(lambda: len(repo.requests) > asked + 2)
    assert d.stop() == 0
    assert not os.path.exists(os.path.join(d.run_dir, "control"))
    d.once()
    assert registry.identifiers("s") == ids(repo)


def test_parse_needs_nothing(server, daemon):
    repo = Repository("r", records(3))
    d = daemon(init=False)
    page = repo.error("ListRecords", {}, "noRecordsMatch")
    got = lines(d.ctl("parse", "-", stdin=page if isinstance(page, str) else page.decode()).stdout)
    assert got[-1]["type"] == "page" and got[-1]["errors"][0]["code"] == "noRecordsMatch"
    p = d.ctl("parse", "-", stdin="<html><title>Sorry</title></html>", check=65)
    assert "Sorry" in p.stderr
    d.ctl("parse", "/nonexistent", check=66)
