"""MISBEHAVIOUR C: HTTP, TLS and bots."""

import time
from email.utils import formatdate

import pytest

from nouns import Reply, Repository, Server, ids, records, source

HTML = b"<!DOCTYPE html>\n<html><head><title>Sign in | Portal</title></head><body><form>Login</form></body></html>"
CHALLENGE = b"<html><head><title>Just a moment...</title></head><body><div class='cf-chl'></div></body></html>"


def one(registry):
    return registry.runs("s")[-1]


@pytest.mark.parametrize("body,words", [(HTML, ["HTML", "Sign in"]), (b"", ["empty"]), (b"  \n ", ["empty"]),
                                        (b'{"error": "x"}', ["JSON"])], ids=["html", "empty", "blank", "json"])
def test_c13_200_with_something_else_is_named_and_moves_nothing(registry, server, daemon, body, words):
    repo = server.mount(Repository("r", records(30), page_size=10))
    repo.on(lambda q: q.page == 2, Reply(200, body, {"Content-Type": "text/html"}))
    d = daemon(source("s", repo))
    d.once(check=1)
    error = registry.status("s")["last_error"]
    assert all(w.lower() in error.lower() for w in words), error
    assert len(registry.identifiers("s")) == 10
    repo.rules.clear()
    d.once()
    assert registry.identifiers("s") == ids(repo)


def test_c13_a_login_form_in_place_of_identify(registry, server, daemon):
    repo = server.mount(Repository("r", records(30)))
    repo.on(lambda q: True, Reply(200, HTML, {"Content-Type": "text/html"}))
    daemon(source("s", repo)).once(check=1)
    assert one(registry)["outcome"] == "failed"
    assert 'an HTML page titled "Sign in | Portal"' in registry.status("s")["last_error"]
    assert registry.value("select count(*) from sheaf.checkpoint") == 0


def test_c13_html_once_is_asked_again(registry, server, daemon):
    repo = server.mount(Repository("r", records(30), page_size=10))
    repo.on(lambda q: q.page == 2, Reply(200, HTML), times=1)
    daemon(source("s", repo)).once()
    assert registry.identifiers("s") == ids(repo)


@pytest.mark.parametrize("reply", [Reply(403, CHALLENGE, {"Server": "cloudflare"}), Reply(202, b"", {"x-amzn-waf-action": "challenge"})],
                         ids=["cloudflare", "aws-waf"])
def test_c14_a_challenge_is_named(registry, server, daemon, reply):
    repo = server.mount(Repository("r", records(30), page_size=10))
    repo.on(lambda q: True, reply)
    daemon(source("s", repo)).once(check=1)
    assert one(registry)["outcome"] == "failed"
    error = registry.status("s")["last_error"].lower()
    assert "challenge" in error or "empty" in error and "202" in error, error
    assert len(repo.requests) < 10, "it is not hammered"


def test_c14_the_user_agent_is_honest(registry, server, daemon):
    repo = server.mount(Repository("r", records(3)))
    daemon(source("s", repo, user_agent_suffix="UNEP")).once()
    agents = {q.headers["User-Agent"] for q in repo.requests}
    assert len(agents) == 1
    agent = agents.pop()
    assert agent.lower().startswith("sheaf/") and "test@example.org" in agent and agent.endswith("UNEP")


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("form", ["seconds", "date"])
def test_c15_retry_after_is_waited_for(registry, server, daemon, status, form):
    repo = server.mount(Repository("r", records(30), page_size=10))
    value = (lambda: "2") if form == "seconds" else (lambda: formatdate(time.time() + 2.6, usegmt=True))
    repo.on(lambda q: q.page == 2, lambda q, b: Reply(status, b"slow down", {"Retry-After": value()}), times=1)
    daemon(source("s", repo)).once()
    assert registry.identifiers("s") == ids(repo)
    second = [q for q in repo.requests if q.page == 2]
    assert len(second) == 2 and second[1].at - second[0].at >= 1.4


@pytest.mark.parametrize("value", [None, "0", "-5", "soon"])
def test_c15_no_or_useless_retry_after_has_our_own_delay(registry, server, daemon, value):
    repo = server.mount(Repository("r", records(30), page_size=10))
    repo.on(lambda q: q.page == 2, Reply(503, b"x", {"Retry-After": value}), times=1)
    daemon(source("s", repo)).once()
    assert registry.identifiers("s") == ids(repo)


def test_c15_retry_after_has_a_floor(registry, server, daemon):
    repo = server.mount(Repository("r", records(30), page_size=10))
    repo.on(lambda q: q.page == 2, Reply(503, b"x", {"Retry-After": "0"}), times=1)
    daemon(source("s", repo, retry_after_min="2s")).once()
    second = [q for q in repo.requests if q.page == 2]
    assert second[1].at - second[0].at >= 1.9


def test_c15_ten_days_are_not_waited_for_in_one_pass(registry, server, daemon):
    repo = server.mount(Repository("r", records(30), page_size=10))
    repo.on(lambda q: q.page == 2, Reply(503, b"x", {"Retry-After": "864000"}))
    start = time.monotonic()
    daemon(source("s", repo)).once(check=1)
    assert time.monotonic() - start < 70
    assert "Retry-After" in registry.status("s")["last_error"]


@pytest.mark.parametrize("status", [404, 422])
def test_c17_an_error_status_for_an_empty_window_is_empty(registry, server, daemon, status):
    repo = server.mount(Repository("r", records(30), page_size=10))
    d = daemon(source("s", repo))
    d.once()
    repo.on(lambda q: "from" in q.args, Reply(status, b"no records"))
    d.once()
    assert one(registry)["outcome"] == "ok"
    assert registry.identifiers("s") == ids(repo)


def test_c17_oai_errors_in_4xx_bodies_are_read(registry, server, daemon):
    repo = server.mount(Repository("r", records(30), page_size=10))
    d = daemon(source("s", repo))
    d.once()
    repo.on(lambda q: "from" in q.args, lambda q, b: Reply(400, repo.error(q.verb, q.args, "noRecordsMatch")))
    d.once()
    assert one(registry)["outcome"] == "ok"


def test_c18_redirects_are_followed_and_permanent_ones_proposed(registry, server, daemon):
    repo = server.mount(Repository("r", records(30), page_size=10))
    old = server.mount(Repository("old"))
    how = {"status": 302}
    old.on(lambda q: True, lambda q, b: Reply(how["status"], b"", {"Location": repo.base_url + "?" + q.raw}))
    d = daemon(source("s", old))
    advice = lambda: registry.value("select advice from registry.source_status")
    d.once()
    assert registry.identifiers("s") == ids(repo)
    assert "moved" not in d.text() and advice() is None, "302 means nothing"
    how["status"] = 301
    d.once()
    proposal = "set url = " + repo.base_url
    assert d.text().count(proposal) == 1 and proposal in advice(), "said once a run, and in the status"
    assert proposal in d.ctl("status", "--json").stdout
    registry.query("update sheaf.source set quirks = replace(quirks, 'moved_on=20', 'moved_on=19')")
    n = len(old.requests)
    d.once()
    assert "2 days" in advice()
    assert len(old.requests) == n + 2, "the configured address is asked all the same"
    how["status"] = 307
    d.once()
    assert advice() is None


def test_c18_410_pauses_the_source_and_says_so(registry, server, daemon):
    repo = server.mount(Repository("r", records(30)))
    repo.on(lambda q: True, Reply(410, b"gone"))
    d = daemon(source("s", repo))
    d.once(check=1)
    assert registry.status("s")["state"] == "paused"
    before = len(repo.requests)
    d.once(check=None)
    assert len(repo.requests) == before


def test_c18_a_redirect_into_a_private_network_is_refused(registry, server, daemon):
    """The source is on a public address as far as the policy knows: it names
    loopback only because allow_private says so; the redirect goes elsewhere."""
    repo = server.mount(Repository("r", records(30)))
    repo.on(lambda q: True, lambda q, b: Reply(302, b"", {"Location": "http://169.254.169.254/latest/meta-data/"}))
    d = daemon(source("s", repo, allow_private=None))
    d.once(check=1)
    assert not repo.requests, "loopback itself is refused without allow_private"
    assert "allow_private" in registry.status("s")["last_error"]


def test_endless_body_and_bomb_cost_the_source_only(registry, server, daemon):
    import gzip

    bomb = gzip.compress(b"<?xml version='1.0'?><OAI-PMH>" + b" " * (64 << 20))
    bad = server.mount(Repository("bad", records(3)))
    bad.on(lambda q: q.verb == "ListRecords", Reply(200, bomb, {"Content-Encoding": "gzip"}))
    good = server.mount(Repository("good", records(250)))
    d = daemon(source("bad", bad, max_body="16M"), source("good", good))
    d.once(check=1)
    assert registry.identifiers("good") == ids(good)
    error = registry.status("bad")["last_error"]  # whichever is noticed first
    assert "decompression bomb" in error or "max_body" in error


def test_a_server_that_never_answers_costs_its_own_time_only(registry, server, daemon):
    bad = server.mount(Repository("bad", records(3)))
    bad.on(lambda q: True, Reply(hang=True))
    other = Server()
    good = other.mount(Repository("good", records(250)))
    d = daemon(source("bad", bad, connect_timeout="1s", stall_timeout="1s", timeout="2s"), source("good", good))
    d.once(check=1, timeout=60)
    other.stop()
    assert registry.identifiers("good") == ids(good)
    assert registry.runs("bad")[-1]["outcome"] == "failed"
