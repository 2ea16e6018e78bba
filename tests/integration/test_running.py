"""MISBEHAVIOUR E: what an operator meets, and politeness towards hosts."""

import json
import socket
import subprocess
import time

from nouns import Record, Reply, Repository, dc, environment, ids, iso, records, source, wait_for


def closed_port():
    """A port at which nobody listens."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def test_c15_retry_after_is_for_the_whole_host(registry, server, daemon):
    busy = server.mount(Repository("busy", records(10)))
    calm = server.mount(Repository("calm", records(60), page_size=10))
    busy.on(lambda q: q.verb == "Identify", Reply(429, b"slow down", {"Retry-After": "2"}), times=1)
    # The other one is asked slowly, so that it is on its way when 429 comes.
    calm.on(lambda q: True, lambda q, b: Reply(body=b, delay=0.2))
    daemon(source("busy", busy), source("calm", calm)).once()
    said = busy.requests[0].at
    assert registry.identifiers("calm") == ids(calm) and registry.identifiers("busy") == ids(busy)
    meanwhile = [q.raw for q in calm.requests if said + 0.5 < q.at < said + 1.9]
    assert not meanwhile, "the host was left alone"


def test_e24_a_failed_source_is_tried_again_and_others_go_on(registry, server, daemon):
    bad = server.mount(Repository("bad", records(20)))
    good = server.mount(Repository("good", records(20)))
    bad.on(lambda q: q.verb == "Identify", Reply(500, b"broken"), times=4)
    d = daemon(source("bad", bad), source("good", good))
    d.once(check=1)
    assert registry.identifiers("good") == ids(good)
    assert registry.runs("bad")[-1]["outcome"] == "failed"
    assert registry.value("select failures from registry.source_status where source = 'bad'") == 1
    d.once("bad")
    assert registry.identifiers("bad") == ids(bad)
    assert registry.value("select failures from registry.source_status where source = 'bad'") == 0


def test_e26_errors_carry_the_url_to_try_and_the_identifier(registry, server, daemon):
    repo = server.mount(Repository("r", records(30), page_size=10))
    bad = repo.records[14].identifier
    repo.on(lambda q: q.page == 2, lambda q, b: b.replace(b"number 14</dc:title>", b"number 14</dc:titel>"))
    repo.on(lambda q: q.page == 3, Reply(403, b"no"))
    d = daemon(source("s", repo))
    d.once(check=1)
    error = registry.status("s")["last_error"]
    last = repo.requests[-1]
    assert error.endswith("to try by hand: <%s?%s>" % (repo.base_url, last.raw)), error
    assert '"no"' in error and "403" in error
    row = json.loads(d.ctl("quarantine", "--json").stdout)
    row = row[0] if isinstance(row, list) else row
    assert row["identifier"] == bad and repo.base_url in json.dumps(row)


def test_e26_secrets_are_not_in_errors(registry, server, daemon):
    repo = server.mount(Repository("r", records(3)))
    repo.on(lambda q: True, Reply(403, b"no"))
    url = repo.base_url + "?api_key=hush"
    d = daemon(source("s", url=url))
    d.once(check=1)
    assert "hush" not in registry.status("s")["last_error"] and "hush" not in d.text()


def test_e29_when_most_sources_fail_the_fault_is_local(registry, server, daemon):
    sources = [source("s%d" % i, url="http://127.0.0.1:%d/oai" % closed_port(), retry_delay="1ms") for i in range(12)]
    d = daemon(*sources)
    d.once(check=1)
    assert d.text().count("the fault is this machine's") == 1
    blamed = registry.value("select sum(failures) from registry.source_status")
    assert blamed <= 4, "only those that failed before it was known"


def test_e29_one_that_fails_among_many_is_blamed(registry, server, daemon):
    good = server.mount(Repository("good", records(3)))
    sources = [source("s%d" % i, good) for i in range(6)]
    d = daemon(*sources, source("bad", url="http://127.0.0.1:%d/oai" % closed_port(), retry_delay="1ms"))
    d.once(check=1)
    assert "the fault is this machine's" not in d.text()
    assert registry.value("select failures from registry.source_status where source = 'bad'") == 1
    assert "cannot connect" in registry.status("bad")["last_error"]


def test_c17_head_is_never_asked(registry, server, daemon):
    repo = server.mount(Repository("r", records(30), page_size=10))
    d = daemon(source("s", repo))
    d.once()
    d.ctl("check", "s", check=None)
    assert {q.method for q in repo.requests} == {"GET"}


def test_an_operators_word_waits_for_the_database(registry, cluster, server, daemon):
    repo = server.mount(Repository("r", records(3)))
    d = daemon(source("s", repo))
    d.once()
    d.start()
    cluster.stop("immediate")
    try:
        wait_for(lambda: "the database is not to be had" in d.text())
        asked = subprocess.Popen(d.command("sheafctl", "pause", "s", "--reason", "a test"), env=environment(d.room), cwd=d.dir,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        time.sleep(1)
        assert asked.poll() is None, asked.communicate()
    finally:
        cluster.start()
    said = asked.communicate(timeout=60)[0]
    assert asked.returncode == 0 and "waits for the database" in said, said
    assert registry.status("s")["state"] == "paused"
    d.stop()


def test_e28_who_harvests_once_tidies_up_as_well(registry, server, daemon):
    repo = server.mount(Repository("r", records(5)))
    d = daemon(source("s", repo))
    for _ in range(3):
        d.once()
    registry.query("update sheaf.run set closed_at = closed_at - interval '10 years' where run_id < (select max(run_id) from sheaf.run)")
    d.once()
    # The first was a complete list, and is remembered for it.
    assert len(registry.runs("s")) == 3


def test_another_url_in_the_middle_of_a_harvest(registry, server, daemon):
    """What was read of the old list says nothing of the new one."""
    old, new = server.mount(Repository("old", records(300))), server.mount(Repository("new", records(150, prefix="oai:new:")))
    d = daemon(source("s", old))
    d.once()
    old.on(lambda q: q.verb == "ListRecords", Reply(delay=0.5))
    d.start()
    d.ctl("harvest", "--full", "s")
    wait_for(lambda: registry.query("select 1 from sheaf.run where closed_at is null and page_no > 1"))
    d.configure(source("s", new))
    d.ctl("reload")
    wait_for(lambda: ids(new) <= registry.identifiers("s", ("active", "missing")))
    d.stop()


def test_another_url_while_the_daemon_is_away(registry, server, daemon):
    old, new = server.mount(Repository("old", records(300))), server.mount(Repository("new", records(150, prefix="oai:new:")))
    d = daemon(source("s", old))
    d.once()
    old.on(lambda q: q.verb == "ListRecords", Reply(delay=0.5))
    d.start()
    d.ctl("harvest", "--full", "s")
    wait_for(lambda: registry.query("select 1 from sheaf.run where closed_at is null and page_no > 1"))
    d.kill()
    d.configure(source("s", new))
    d.once()
    assert ids(new) <= registry.identifiers("s", ("active", "missing"))


def test_a_full_harvest_follows_the_increment_under_way(registry, server, daemon):
    repo = server.mount(Repository("r", records(50)))
    d = daemon(source("s", repo))
    d.once()
    repo.on(lambda q: q.verb == "Identify", Reply(delay=0.5))
    d.start()
    d.ctl("harvest", "s")
    wait_for(lambda: registry.query("select 1 from sheaf.run where closed_at is null"))
    d.ctl("harvest", "--full", "--wait", "s")
    assert [r["mode"] for r in registry.runs("s")][-2:] == ["incremental", "full"]
    assert registry.runs("s")[-1]["outcome"] == "ok"
    d.stop()


def test_a_comparison_that_fails_leaves_room_for_increments(registry, server, daemon):
    repo = server.mount(Repository("r", records(50)))
    repo.on(lambda q: q.verb == "ListIdentifiers", Reply(500, b"<html><title>Error</title></html>"))
    d = daemon(source("s", repo, complete="1d"))
    d.once()
    registry.query("update sheaf.source set compared_at = compared_at - interval '2 days'")
    d.once(check=1)
    repo.put(Record("oai:new", iso(time.time()), dc(title="New")))
    d.once()
    assert [r["mode"] for r in registry.runs("s")] == ["incremental", "compare", "incremental"]
    assert registry.identifiers("s") == ids(repo)
