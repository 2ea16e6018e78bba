"""What an operator types, and what is said to it."""

import json
import os
import re

from nouns import Repository, Reply, ids, records, source, wait_for


def test_a_retired_source_comes_back_with_the_configuration(registry, server, daemon):
    repo = server.mount(Repository("r", records(20), page_size=10))
    other = server.mount(Repository("o", records(5)))
    both = [source("r", repo), source("o", other)]
    d = daemon(*both).start()
    wait_for(lambda: registry.identifiers("r") == ids(repo))
    d.configure(both[1])
    d.ctl("reload")
    wait_for(lambda: registry.status("r")["state"] == "frozen")
    d.ctl("retire", "r")
    assert registry.identifiers("r") == set()
    refused = d.ctl("resume", "r", check=69).stderr
    assert "put it back into the configuration and reload" in refused
    d.configure(*both)
    d.ctl("reload")
    wait_for(lambda: registry.identifiers("r") == ids(repo))
    assert "was retired and is back" in d.text()


def test_records_that_fail_alone_do_not_end_a_run(registry, server, daemon):
    repo = server.mount(Repository("r", records(60), page_size=100))
    bad = set(sorted(r.identifier for r in repo.records)[:45])
    repo.on(lambda q: q.args.get("identifier") in bad, Reply(404, b"no such record"))
    d = daemon(source("r", repo, verb_mode="identifiers"))
    d.once(check=1)
    assert registry.identifiers("r") == ids(repo) - bad
    status = registry.status("r")
    assert status["outcome"] == "partial" and "45 records could not be fetched" in status["last_error"]


def test_no_punctuation_is_glued_to_a_url(server, daemon):
    repo = server.mount(Repository("r", records(5)))
    repo.on(lambda q: True, Reply(404, b"nothing here"))
    d = daemon(source("r", repo, tries=1))
    said = d.once(check=1).stderr + d.ctl("status").stdout
    urls = re.findall(r"http://[^\s<>]+", said)
    assert urls and not [u for u in urls if u[-1] in ".,:;!?"], said


def test_next_due_is_told_of_what_will_run(registry, server, daemon):
    repo = server.mount(Repository("r", records(5)))
    d = daemon(source("on", repo), source("off", repo)).start()
    wait_for(lambda: registry.identifiers("on") and registry.identifiers("off"))
    wait_for(lambda: len([s for s in rows(d, "status") if s.get("last_success")]) == 2)
    d.ctl("pause", "off")
    due = {s["source"]: s.get("next_due") for s in rows(d, "status")}
    assert due["on"] and due["off"] is None


def rows(d, *args):
    return [json.loads(line) for line in d.ctl(*args, "--json").stdout.splitlines()]


def test_a_partial_run_that_read_its_lists_is_a_success_in_time(registry, server, daemon):
    repo = server.mount(Repository("r", records(30), page_size=10))
    repo.on(lambda q: q.page == 2, lambda q, b: b.replace(b"number 14</dc:title>", b"number 14</dc:titel>"))
    cut = server.mount(Repository("cut", records(30), page_size=10))
    cut.on(lambda q: q.page == 2, Reply(403, b"no"))
    d = daemon(source("r", repo), source("cut", cut))
    d.once(check=1)
    status = {s["source"]: s for s in rows(d, "status")}
    assert [status[s]["outcome"] for s in ("r", "cut")] == ["partial", "partial"]
    assert status["r"]["last_success"] and "last_success" not in status["cut"]


def objects(d, *args):
    """What --json prints, and that no number in it is a text."""
    out = rows(d, *args)
    for row in out:
        for key, value in row.items():
            if key not in ("source", "text") and isinstance(value, str):
                assert not re.fullmatch(r"-?[0-9.]+", value), (args, key, value)
    return out


def test_json_has_numbers_as_numbers_and_every_verb_says_something(registry, server, daemon):
    repo = server.mount(Repository("r", records(30), page_size=10))
    repo.on(lambda q: q.page == 2, lambda q, b: b.replace(b"number 14</dc:title>", b"number 14</dc:titel>"))
    d = daemon(source("r", repo), init=False)
    assert objects(d, "init")[0]["schema_version"] > 0
    d.start()
    wait_for(lambda: registry.identifiers("r"))
    wait_for(lambda: registry.status("r")["state"] == "idle")
    assert objects(d, "reload") == [{"agencies": 1, "sources": 1}]
    assert objects(d, "harvest", "r")[0]["source"] == "r"
    wait_for(lambda: len(objects(d, "runs")) == 2 and registry.status("r")["state"] == "idle")
    (again,) = [json.loads(x) for x in d.ctl("harvest", "--full", "--wait", "--json", "r", check=1).stdout.splitlines()]
    assert again["outcome"] == "partial" and again["unchanged"] == 29
    assert all(isinstance(r["seconds"], (int, float)) for r in objects(d, "runs"))
    assert objects(d, "quarantine")[0]["length"] > 0
    assert objects(d, "pause", "r")[0]["state"] == "paused"
    for verb in ("status", "records"):
        assert objects(d, verb)


def test_tables_fit_a_hundred_columns(server, daemon):
    repo = server.mount(Repository("r", records(30), page_size=10))
    repo.on(lambda q: q.page == 2, lambda q, b: b.replace(b"number 14</dc:title>", b"number 14</dc:titel>"))
    repo.on(lambda q: q.page == 3, Reply(403, b"no"))
    d = daemon(source("a-source-with-a-rather-long-name", repo))
    d.once(check=1)
    for verb in ("status", "runs", "quarantine", "records"):
        text = d.ctl(verb).stdout
        # A URL is never broken: whoever copies it wants it whole.
        assert all(len(x) <= 100 or "http" in x.split()[0] for x in text.splitlines()), text
    whole = " ".join(d.ctl("quarantine").stdout.split())
    assert rows(d, "quarantine")[0]["reason"] in whole


def test_the_readers_role_has_a_password(registry, daemon):
    d = daemon(init=False)
    secret = os.path.join(d.dir, "reader-password")
    with open(secret, "w") as f:
        f.write("let me read\n")
    os.chmod(secret, 0o644)
    d.database += "\nreader_user = portal\nreader_password_file = " + secret
    d.configure()
    d.ctl("init")
    assert registry.query("select rolpassword is not null from pg_authid where rolname = 'portal'") == [(True,)]
    assert registry.query("select count(*) from pg_roles where rolname = 'sheaf_operator'") == [(1,)]
    printed = d.ctl("init", "--print-sql").stdout
    assert '-- alter role "portal" password' in printed and "let me read" not in printed
