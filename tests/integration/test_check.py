"""sheafctl check: what the endpoint doctor says of good and bad repositories."""

import json
import os
import socket
import subprocess

import pytest

from nouns import Reply, Repository, as_user, environment, records, source

HTML = b"<!DOCTYPE html>\n<html><head><title>Sign in | Portal</title></head><body></body></html>"
OK, USAGE, UNAVAILABLE, CONFIG = 0, 64, 69, 78


@pytest.fixture
def check(room):
    """check(URL or -c and more…) → (exit code, report), without configuration"""

    def run(*args):
        p = subprocess.run(
            as_user([os.path.join(room, "libexec", "sheafctl"), "-c", "/nonexistent", "check", "--json", *args]),
            env=environment(room), cwd="/", capture_output=True, text=True, timeout=60)
        return p.returncode, json.loads(p.stdout) if p.stdout else p.stderr

    return run


def found(report, level, topic=None):
    return " | ".join(f["text"] for f in report["findings"] if f["level"] == level and topic in (None, f["topic"]))


def test_a_healthy_repository_has_no_problem_and_its_settings(server, check):
    repo = server.mount(Repository("r", records(250), formats=("oai_dc", "iso19139")))
    code, report = check("--allow-private", repo.base_url)
    assert code == OK and report["worst"] in ("ok", "note"), report
    assert report["settings"]["format"] == "oai_dc" and report["protocol"] == "oai-pmh"
    assert report["records"][0]["titles"][0]["text"].startswith("Record number")
    assert "250 in all" in found(report, "ok", "records")
    assert "goes on" in found(report, "ok", "resumption")
    assert "is obeyed" in found(report, "ok", "dates")
    assert report["requests"] == len(repo.requests) < 16
    # The two wrong requests are all that the protocol forbids.
    assert {why for why, _ in repo.illegal} <= {"verb"}


def test_the_format_that_would_be_chosen(server, check):
    for formats, chosen, why in (
        (("oai_dc", "mods", "dim", "xoai"), "xoai", "DSpace's own form"),
        (("oai_dc", "marcxml"), "marcxml", "library systems"),
        (("oai_dc", "marcxml", "oai_datacite"), "oai_datacite", "DataCite's form"),
        (("marcxml", "oai_dc", "rfc1807"), "oai_dc", "what every repository has"),
    ):
        repo = server.mount(Repository("r", records(3), formats=formats))
        _, report = check("--allow-private", repo.base_url)
        assert report["settings"]["format"] == chosen
        assert "harvested as %s: " % chosen in found(report, "ok", "formats") and why in found(report, "ok", "formats")
        assert {q.args["metadataPrefix"] for q in repo.asked("ListRecords") if "metadataPrefix" in q.args} == {chosen}


def test_the_doctor_says_who_asks(server, check):
    repo = server.mount(Repository("r", records(3)))
    check("--allow-private", "--contact", "ops@example.org", repo.base_url)
    assert all("ops@example.org" in q.headers["User-Agent"] for q in repo.requests)


def test_a_token_that_is_refused(server, check):
    repo = server.mount(Repository("r", records(250)))
    repo.on(lambda q: "resumptionToken" in q.args, lambda q, b: repo.error(q.verb, q.args, "badResumptionToken"))
    code, report = check("--allow-private", repo.base_url)
    assert code == UNAVAILABLE
    assert "badResumptionToken" in found(report, "problem", "resumption")
    assert report["settings"]["window"] == "month"


def test_a_token_that_gives_the_first_page_again(server, check):
    repo = server.mount(Repository("r", records(250)))
    first = []

    def again(q, body):
        if "resumptionToken" not in q.args and not first:
            first.append(body)
        return first[0]

    repo.on(lambda q: q.verb == "ListRecords" and "from" not in q.args, again)
    code, report = check("--allow-private", repo.base_url)
    assert code == UNAVAILABLE and "first page again" in found(report, "problem", "resumption")


def test_granularity_that_lies(server, check):
    repo = server.mount(Repository("r", records(30)))
    repo.on(lambda q: len(q.args.get("from", "")) > 10, lambda q, b: repo.error(q.verb, q.args, "badArgument"))
    code, report = check("--allow-private", repo.base_url)
    assert code == OK and "is refused" in found(report, "note", "dates")


def test_from_that_is_ignored(server, check):
    repo = server.mount(Repository("r", records(30)))

    def everything(q, body):
        return repo.wrap(q.verb, q.args, "".join(repo.record_xml(r) for r in repo.records))

    repo.on(lambda q: "from" in q.args, everything)
    code, report = check("--allow-private", repo.base_url)
    assert code == UNAVAILABLE and "older" in found(report, "problem", "dates")


def test_a_format_that_is_not_offered(server, check):
    repo = server.mount(Repository("r", records(30)))
    code, report = check("--allow-private", "--format", "marcxml", repo.base_url)
    assert code == UNAVAILABLE
    assert "marcxml is not offered; there are oai_dc" in found(report, "problem", "formats")


def test_a_format_is_found_by_its_namespace(server, check):
    repo = server.mount(Repository("r", records(3), formats=("oai_dc", "marcxml")))
    code, report = check("--allow-private", "--format", "http://www.loc.gov/MARC21/slim", repo.base_url)
    assert report["settings"]["format"] == "marcxml"
    assert {q.args["metadataPrefix"] for q in repo.asked("ListRecords") if "metadataPrefix" in q.args} == {"marcxml"}


@pytest.mark.parametrize("body,words", [(HTML, "Sign in"), (b"", "empty")], ids=["html", "empty"])
def test_a_page_that_is_something_else(server, check, body, words):
    repo = server.mount(Repository("r", records(3)))
    repo.on(lambda q: True, Reply(200, body, {"Content-Type": "text/html"}))
    code, report = check("--allow-private", repo.base_url)
    assert code == UNAVAILABLE and words.lower() in found(report, "problem", "Identify").lower()
    # The address as it is, and Identify.
    assert report["requests"] == 2 and "protocol" not in report


def test_no_server(check):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        url = "http://127.0.0.1:%d/oai" % s.getsockname()[1]
        code, report = check("--allow-private", url)
    assert code == UNAVAILABLE and "refused" in found(report, "problem", "address")


def test_an_address_that_moved_for_good(server, check):
    repo = server.mount(Repository("new", records(3)))
    old = server.mount(Repository("old"))
    there = repo.base_url
    old.on(lambda q: True, lambda q, b: Reply(301, b"", {"Location": there + "?" + q.raw}))
    code, report = check("--allow-private", old.base_url)
    assert code == OK and there in found(report, "advice", "Identify")
    assert report["settings"]["url"] == there


def test_a_page_that_needs_repairs(server, check):
    repo = server.mount(Repository("r", records(3)))
    repo.on(lambda q: q.verb == "ListRecords", lambda q, b: b.replace(b"Record number 1", b"Record \x0b\xff number 1"))
    code, report = check("--allow-private", repo.base_url)
    assert code == OK and "repairs were needed" in found(report, "note", "bytes")


def test_list_records_that_fails(server, check):
    repo = server.mount(Repository("r", records(3)))
    repo.on(lambda q: q.verb == "ListRecords", Reply(500, b"oops"))
    code, report = check("--allow-private", repo.base_url)
    assert code == UNAVAILABLE and "500" in found(report, "problem", "records")
    assert report["settings"]["verb_mode"] == "identifiers"


def test_a_private_address_is_refused(server, check):
    repo = server.mount(Repository("r", records(3)))
    code, report = check(repo.base_url)
    assert code == UNAVAILABLE and "loopback" in found(report, "problem", "address")
    assert "--allow-private" in found(report, "problem", "address")
    assert report["settings"] == {} and report["records"] == []
    assert repo.requests == []


@pytest.mark.parametrize("url", ["ftp://example.org/oai", "http://"])
def test_what_is_no_url_is_said(check, url):
    code, text = check(url)
    assert code == USAGE and "cannot be asked" in text and "/proc/" not in text


def test_nothing_is_advised_without_identify(server, daemon):
    repo = server.mount(Repository("r", records(3)))
    repo.on(lambda q: True, Reply(503, b"later"))
    d = daemon(source("s", repo), init=False)
    p = d.ctl("check", "s", check=UNAVAILABLE)
    assert "PROBLEM" in p.stdout and "Advised" not in p.stdout and "NAME" not in p.stdout


def test_a_name_needs_a_configuration(check):
    code, text = check("example")
    assert code == CONFIG and "/nonexistent" in text


def test_a_source_of_the_configuration(server, daemon):
    repo = server.mount(Repository("r", records(30)))
    d = daemon(init=False)
    secret = os.path.join(d.dir, "password")
    with open(secret, "w") as f:
        f.write("open sesame\n")
    os.chmod(secret, 0o644)
    d.configure(source("s", repo, user="ann", password_file=secret, kind="news", crosswalk="oai_dc",
                       keep='subject:"a, b"'))
    p = d.ctl("check", "s")
    block = p.stdout.partition("Advised settings:")[2]
    for line in ("kind = news", "crosswalk = oai_dc", 'keep = "subject:\\"a, b\\""'):
        assert "  %s " % line in block, block
    assert max(len(x) for x in p.stdout.splitlines()) <= 100, p.stdout
    assert "  title       Record number 1" in p.stdout
    assert "PROBLEM" not in p.stdout and "Advised settings:\n  [source s]" in p.stdout
    # "ann:open sesame", with every request, not only the first.
    assert {q.headers.get("Authorization") for q in repo.requests} == {"Basic YW5uOm9wZW4gc2VzYW1l"}
    p = d.run("sheafctl", "check", "t", check=CONFIG)
    assert "there is no source t" in p.stderr


def test_a_crosswalk_is_tried(server, check, tmp_path):
    repo = server.mount(Repository("r", records(5)))
    os.chmod(tmp_path, 0o755)
    for parent in tmp_path.parents:
        if str(parent).startswith("/tmp/"):
            os.chmod(parent, 0o755)
    path = tmp_path / "own.crosswalk"
    path.write_text('crosswalk own\nmatches dc\n//title title\n    text = ., "ours" | join ", "\n')
    path.chmod(0o644)
    code, report = check("--allow-private", repo.base_url)
    title = report["records"][0]["titles"][0]["text"]
    code, report = check("--allow-private", "--crosswalk", str(path), repo.base_url)
    assert code == OK and report["records"][0]["titles"][0]["text"] == title + ", ours"
    path.write_text("crosswalk own\n//title titel\n")
    n = len(repo.requests)
    code, text = check("--allow-private", "--crosswalk", str(path), repo.base_url)
    assert code == CONFIG and "own.crosswalk:2: there is no target titel" in text
    assert len(repo.requests) == n, "nobody was asked"
