"""Recorded traffic of some eighty sessions with real repositories, harvested
through the real daemon and compared with what an independent reader (expat)
found in the recorded pages."""

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
from urllib.parse import quote, unquote, urlsplit
from xml.etree import ElementTree

import pytest

from nouns import source, wait_for


def deleted_in(path):
    """The identifiers of the deleted headers of a page."""
    oai = "{http://www.openarchives.org/OAI/2.0/}"
    return {h.findtext(oai + "identifier") for h in ElementTree.parse(path).iter(oai + "header")
            if h.get("status") == "deleted"}


class Cassette:
    """One recorded session, and what a harvest of it must give."""

    def __init__(self, folder, catalog, fixtures):
        with open(os.path.join(folder, "manifest.json"), encoding="utf-8") as f:
            m = json.load(f)
        self.origin, self.name = folder.split(os.sep)[-2:]
        self.calls = []
        for i in m["interactions"]:
            body = i.get("body_file") or i.get("file") or i.get("body") or ""
            path = os.path.join(folder, body)
            page = dict(catalog.get(os.path.relpath(path, fixtures), {}))
            if page.get("n_deleted"):
                page["dead"] = deleted_in(path)
            query = {k: v[0] for k, v in (i.get("query") or {}).items()}
            self.calls.append((i["url"], query, i["status"], page))

    @property
    def source_name(self):
        return re.sub(r"[^a-z0-9.-]+", "-", (self.origin.split("+")[1] + "-" + self.name).lower())[:64].strip("-")

    def first(self, verb):
        """The first list request of that verb that was answered in the end."""
        for url, q, status, page in self.calls:
            if q.get("verb") == verb and "resumptionToken" not in q and status in (200, 301, 302, 503):
                return url, q
        return None

    def answer(self, match):
        """What the recording answers in the end to a request."""
        got = [p for _, q, s, p in self.calls if match(q) and s not in (301, 302, 503)]
        return got[0] if got else None

    def chain(self, verb, query):
        """identifier → (deleted, datestamp) over the pages of a list; and
        whether the list could be read to its end."""
        out, seen = {}, set()
        page = self.answer(lambda q: q == query)
        while True:
            if page is None or not page.get("wellformed") or page.get("kind") != "oai-pmh":
                return out, False
            for n, identifier in enumerate(page.get("identifiers", [])):
                out[identifier] = (identifier in page.get("dead", ()), page["datestamps"][n])
            token = (page.get("resumption_token") or {}).get("value")
            if not token or token in seen:
                return out, True
            seen.add(token)
            # Some servers hand tokens out percent-encoded and want them back so.
            page = self.answer(lambda q: q.get("verb") == verb and q.get("resumptionToken") in (token, unquote(token)))


def cassettes(fixtures):
    with open(os.path.join(fixtures, "catalog.json"), encoding="utf-8") as f:
        catalog = json.load(f)
    root = os.path.join(fixtures, "oai-replay")
    for origin in sorted(os.listdir(root)):
        for name in sorted(os.listdir(os.path.join(root, origin))):
            folder = os.path.join(root, origin, name)
            if os.path.exists(os.path.join(folder, "manifest.json")):
                yield Cassette(folder, catalog, fixtures)


@pytest.fixture
def replay(shared, tmp_path):
    """The replay server; gives (port, path of its request log)."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    log = tmp_path / "requests.jsonl"
    p = subprocess.Popen(
        [sys.executable, os.path.join(shared, "tools", "replay_server.py"), "--port", str(port), "--log", str(log),
         "--synth-identify", "--relax", "from,until", os.path.join(shared, "fixtures", "oai-replay")],
        stdout=subprocess.DEVNULL)

    def up():
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return True

    wait_for(up)
    yield port, log
    p.terminate()
    p.wait()


def sources_of(cassette, port):
    """The source that harvests a cassette, and its expectation."""
    for verb, mode in (("ListRecords", "auto"), ("ListIdentifiers", "identifiers")):
        got = cassette.first(verb)
        if got:
            break
    else:
        got, mode = (cassette.calls[0][0], {}), "auto"
    url, q = got
    u = urlsplit(url)
    base = "http://127.0.0.1:%d/c/%s/%s%s" % (
        port, quote(cassette.origin), quote(cassette.name), quote(u.path or "/", safe="/%"))
    expected, whole = cassette.chain(q.get("verb"), q) if q else ({}, False)
    if mode == "identifiers":
        known = {x["identifier"] for _, x, s, p in cassette.calls
                 if x.get("verb") == "GetRecord" and s == 200 and p.get("n_records") == 1}
        whole = whole and all(i in known or dead for i, (dead, _) in expected.items())
        expected = {i: v for i, v in expected.items() if i in known or v[0]}
    empty = q and (cassette.answer(lambda x: x == q) or {}).get("errors")
    return source(cassette.source_name, url=base, format=q.get("metadataPrefix", "oai_dc"), sets=q.get("set"),
                  verb_mode=mode, **{"from": q.get("from"), "until": q.get("until")}), expected, whole or bool(empty)


def test_every_recorded_repository(registry, daemon, replay, shared):
    port, log = replay
    plan = {}
    for c in cassettes(os.path.join(shared, "fixtures")):
        conf, expected, whole = sources_of(c, port)
        plan[c.source_name] = (conf, expected, whole)
    assert len(plan) >= 60
    d = daemon(*(p[0] for p in plan.values()))
    d.once(check=1, timeout=300)
    differences = []
    for name, (_, expected, whole) in plan.items():
        rows = {i: (st == "deleted", given) for i, st, given in registry.query(
            "select identifier, status, datestamp_given from registry.record where source = %s", name)}
        run = registry.runs(name)[-1]
        if rows != expected:
            differences.append((name, "missing", sorted(set(expected) - set(rows))[:3], "unexpected",
                                sorted(set(rows) - set(expected))[:3], "differ",
                                [(i, rows[i], expected[i]) for i in rows if i in expected and rows[i] != expected[i]][:3]))
        if whole and run["outcome"] != "ok":
            differences.append((name, "outcome", run["outcome"], registry.status(name)["last_error"]))
        if not whole and (run["outcome"] == "ok" or not registry.status(name)["last_error"]):
            differences.append((name, "an error that was not recorded", run["outcome"]))
    assert not differences, "\n".join(map(str, differences))

    before = registry.query("select * from registry.record order by record_id")
    d.once(check=1, timeout=300)
    assert registry.query("select * from registry.record order by record_id") == before
    with open(log, encoding="utf-8") as f:
        illegal = [r["target"] for r in map(json.loads, f) if not legal(r["query"])]
    assert not illegal, illegal[:5]
    total = sum(len(p[1]) for p in plan.values())
    print("replay: %d repositories, %d records, equal" % (len(plan), total))


def legal(q):
    """Is this a request that OAI-PMH 2.0 allows?"""
    allowed = {
        "Identify": set(), "ListMetadataFormats": {"identifier"}, "ListSets": {"resumptionToken"},
        "GetRecord": {"identifier", "metadataPrefix"},
        "ListRecords": {"metadataPrefix", "from", "until", "set", "resumptionToken"},
        "ListIdentifiers": {"metadataPrefix", "from", "until", "set", "resumptionToken"},
    }.get(q.get("verb"))
    if allowed is None or set(q) - allowed - {"verb"}:
        return False
    if "resumptionToken" in q:
        return set(q) == {"verb", "resumptionToken"}
    return q["verb"] not in ("ListRecords", "ListIdentifiers", "GetRecord") or "metadataPrefix" in q
