"""MISBEHAVIOUR A: tokens and paging."""

import re
from urllib.parse import quote

import pytest

from nouns import Reply, Repository, ids, records, source


def harvest(daemon, repo, check=0, **keys):
    d = daemon(source("s", repo, **keys))
    d.once(check=check)
    assert not repo.illegal, repo.illegal
    return d


@pytest.mark.parametrize("token", ["", "  \n\t ", None])
def test_a1_empty_or_absent_token_is_the_end(registry, server, daemon, token):
    repo = server.mount(Repository("r", records(30), page_size=10))
    end = b"" if token is None else b"<resumptionToken>%s</resumptionToken>" % token.encode()
    repo.on(lambda q: q.page == 3, lambda q, b: re.sub(rb"<resumptionToken[^>]*/>", end, b))
    harvest(daemon, repo)
    assert registry.identifiers("s") == ids(repo)
    assert len(repo.asked("ListRecords")) == 3


def test_a1_page_without_records_but_with_a_token_is_followed(registry, server, daemon):
    repo = server.mount(Repository("r", records(30), page_size=10))
    repo.on(lambda q: q.page == 2, lambda q, b: re.sub(rb"<record>.*</record>", b"", b))
    d = daemon(source("s", repo))
    d.once(check=None)
    lost = {r.identifier for r in sorted(repo.records, key=lambda r: r.datestamp)[10:20]}
    assert registry.identifiers("s") == ids(repo) - lost


@pytest.mark.parametrize("list_size", [True, False])
def test_a2_one_token_that_moves_a_cursor_is_no_loop(registry, server, daemon, list_size):
    repo = server.mount(Repository("r", records(50), page_size=10, token="constant", list_size=list_size))
    harvest(daemon, repo)
    assert registry.identifiers("s") == ids(repo)


@pytest.mark.parametrize("change_token", [False, True])
def test_a2_a_list_that_never_ends_is_stopped_and_named(registry, server, daemon, change_token):
    repo = server.mount(Repository("r", records(30), page_size=10, list_size=False))
    first = {}

    def loop(q, body):
        if "resumptionToken" not in q.args:
            return body
        body = first.setdefault("page", body)
        if change_token:
            return re.sub(rb"(<resumptionToken[^>]*>)[^<]*", rb"\g<1>oai_dc////10?%d" % q.n, body)
        return re.sub(rb"(<resumptionToken[^>]*>)[^<]*", rb"\g<1>oai_dc////10", body)

    repo.on(lambda q: q.verb == "ListRecords", loop)
    d = daemon(source("s", repo))
    d.once(check=1)
    assert len(repo.asked("ListRecords")) < 200
    assert registry.runs("s")[-1]["outcome"] in ("partial", "failed", "suspicious")
    assert "loop" in registry.status("s")["last_error"].lower()
    assert len(registry.identifiers("s")) >= 20, "what came before the loop is kept"


def test_a3_a_token_refused_once_restarts_the_window(registry, server, daemon):
    repo = server.mount(Repository("r", records(50), page_size=10))
    repo.on(lambda q: q.page == 3, lambda q, b: repo.error(q.verb, q.args, "badResumptionToken"), times=1)
    harvest(daemon, repo)
    assert registry.identifiers("s") == ids(repo)


def test_a3_tokens_that_die_at_once_make_windows(registry, server, daemon):
    """Tokens are never accepted: only lists of one page can be read."""
    repo = server.mount(Repository("r", records(60, step=20 * 86400), page_size=10))
    repo.on(lambda q: "resumptionToken" in q.args, lambda q, b: repo.error(q.verb, q.args, "badResumptionToken"))
    d = harvest(daemon, repo)
    assert registry.identifiers("s") == ids(repo)
    before = len(repo.requests)
    d.once("s")
    again = repo.requests[before:]
    assert not any("resumptionToken" in q.args for q in again), "what was learned is remembered"


def test_a4_tokens_are_opaque_and_encoded_once(registry, server, daemon):
    repo = server.mount(Repository("r", records(50), page_size=10, token="special"))
    harvest(daemon, repo)
    assert registry.identifiers("s") == ids(repo)
    sent = [q.raw for q in repo.requests if "resumptionToken" in q.args]
    assert sent and all("a%2Bb%20%25%2F%3D%26%3F%23" in s for s in sent)


class Encoded(Repository):
    """Hands out tokens that are percent-encoded, and wants them as they are."""

    def make_token(self, a):
        return quote(super().make_token(a), safe="")

    def read_token(self, t):
        return None if "%" in t else super().read_token(t)


@pytest.mark.parametrize("refusal", [None, Reply(400), Reply(404), Reply(500, b"oops"), Reply(200, b"<html><title>Oops</title></html>")],
                         ids=["oai", "400", "404", "500", "html"])
def test_a4_a_server_that_wants_its_tokens_raw_is_learned(registry, server, daemon, refusal):
    repo = server.mount(Encoded("r", records(50), page_size=10))
    if refusal:
        repo.on(lambda q: "%25" in q.raw, refusal)
    d = daemon(source("s", repo))
    d.once()
    assert registry.identifiers("s") == ids(repo)
    wrong = [q for q in repo.requests if "%25" in q.raw]
    assert len(wrong) == 1 and len(repo.asked("ListRecords")) == 6
    d.start()
    d.ctl("harvest", "s", "--full", "--wait", timeout=60)
    d.stop()
    assert [q for q in repo.requests if "%25" in q.raw] == wrong, "it was learned"


def test_a5_a_server_that_forgets_the_set_is_found_out(registry, server, daemon):
    repo = server.mount(Repository("r", records(30, sets=("a",)) + records(30, "oai:b:", sets=("b",), t0=1710000000),
                                   page_size=10))

    def forget(q, body):
        a = repo.read_token(q.args["resumptionToken"])
        a.pop("set", None)
        q2 = type(q)(q.verb, {"verb": q.verb, "resumptionToken": repo.make_token(a)}, q.n)
        return repo.answer(q2)

    repo.on(lambda q: "resumptionToken" in q.args, forget)
    d = daemon(source("s", repo, sets="a"))
    d.once(check=None)
    assert {r.identifier for r in repo.records if "a" in r.sets} <= registry.identifiers("s")
    assert "set" in d.text(), "the operator is told that headers name another set"


@pytest.mark.parametrize("status", [500, 502])
def test_a6_deep_paging_that_fails_is_cut_by_date(registry, server, daemon, status):
    repo = server.mount(Repository("r", records(300, step=3 * 86400), page_size=10))
    repo.on(lambda q: q.page and q.page > 8, Reply(status, b"out of memory"))
    harvest(daemon, repo)
    assert registry.identifiers("s") == ids(repo)


def test_a6_a_list_that_is_capped_is_cut_by_date(registry, server, daemon):
    """The list stops at 100 without a word; completeListSize tells the truth."""
    repo = server.mount(Repository("r", records(300, step=3 * 86400), page_size=10))
    repo.on(lambda q: q.page == 10, lambda q, b: re.sub(rb"(<resumptionToken[^>]*>)[^<]*(?=</resumptionToken>)", rb"\1", b))
    d = harvest(daemon, repo)
    assert registry.identifiers("s") == ids(repo)
    assert registry.runs("s")[-1]["outcome"] == "ok"
    assert "window=" in registry.value("select quirks from sheaf.source"), "it is remembered"


@pytest.mark.parametrize("size,cursor", [(b"7", b"0"), (b"999999", b"999"), (b"abc", b"-1"), (b"", b"")])
def test_a7_wrong_sizes_never_steer_the_loop(registry, server, daemon, size, cursor):
    repo = server.mount(Repository("r", records(50), page_size=10))
    repo.on(lambda q: q.verb == "ListRecords", lambda q, b: re.sub(
        rb'completeListSize="\d+" cursor="\d+"', b'completeListSize="%s" cursor="%s"' % (size, cursor), b))
    d = daemon(source("s", repo))
    d.once(check=None)
    assert registry.identifiers("s") == ids(repo)
    run = registry.runs("s")[-1]
    if size != b"999999":
        assert run["outcome"] == "ok" and len(repo.asked("ListRecords")) == 5
        return
    assert run["outcome"] == "suspicious" and "999999" in registry.status("s")["last_error"]
    assert len(repo.asked("ListRecords")) < 120, "asked once more in windows, which find nothing"
    assert "resumptionToken" not in registry.value("select quirks from sheaf.source")
    n = len(repo.requests)
    d.once()
    assert registry.runs("s")[-1]["outcome"] == "ok"
    assert [q.verb for q in repo.requests[n:]] == ["Identify", "ListRecords"], "that is not done twice"
    assert "completeListSize" in registry.value("select advice from registry.source_status")


def test_a7_a_list_that_ends_too_early_is_suspicious(registry, server, daemon):
    """Two thirds are promised and nowhere to be had."""
    repo = server.mount(Repository("r", records(90), page_size=10))
    repo.on(lambda q: q.cursor is not None, lambda q, b: b.replace(b'completeListSize="90"', b'completeListSize="270"'))
    daemon(source("s", repo, window="none")).once(check=1)
    run = registry.runs("s")[-1]
    assert (run["outcome"], run["received"], run["advertised"]) == ("suspicious", 90, 270)
    assert registry.identifiers("s") == ids(repo), "what came is kept"
