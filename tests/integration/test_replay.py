"""Recorded traffic of some seventy sessions with real repositories, harvested
through the real daemon and compared with what an independent reader (expat)
found in the recorded pages: identifiers, deleted flags, datestamps.

Every list that a session began is a source of its own.  With -s the test
prints what it compared.
"""

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
from collections import Counter
from urllib.parse import parse_qsl, quote, unquote, urlsplit
from xml.etree import ElementTree

import pytest

from nouns import source, wait_for

OAI = "{http://www.openarchives.org/OAI/2.0/}"
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
AGAIN = (301, 302, 500, 503)  # the recorder asked once more after these


class Page:
    """One recorded answer: what an XML parser that is not ours reads in it."""

    def __init__(self, path, known):
        """`known` is what the catalogue says of it, {} for what is no XML."""
        self.readable = self.oai = False
        self.errors, self.headers = known.get("errors") or [], {}
        self.token, self.promised, self.arrived = "", 0, 0
        try:
            with open(path, encoding="utf-8", errors="replace") as f:
                # What XML cannot hold is replaced and the record kept, so
                # the catalogue's "not well-formed" is not the last word.
                root = ElementTree.fromstring(NOT_XML.sub("\ufffd", f.read()).encode())
        except (ElementTree.ParseError, OSError):
            return
        self.readable, self.oai = True, root.tag == OAI + "OAI-PMH"
        for h in root.iter(OAI + "header"):
            self.arrived += 1  # some come twice
            self.headers[h.findtext(OAI + "identifier").strip()] = (
                h.get("status") == "deleted", h.findtext(OAI + "datestamp").strip())
        if known.get("wellformed") and known.get("kind") == "oai-pmh":
            assert list(self.headers) == list(dict.fromkeys(known["identifiers"])), path
            assert {d for _, d in self.headers.values()} <= set(known["datestamps"]), path
        for t in root.iter(OAI + "resumptionToken"):
            self.token = (t.text or "").strip()
            self.promised = int(t.get("completeListSize") or 0)


class List:
    """A list that a session began, and what a harvest of it must give."""

    def __init__(self, cassette, url, query, alone):
        self.cassette, self.url, self.query, self.alone = cassette, url, query, alone
        self.expected, self.ends = {}, False  # identifier → (deleted, datestamp)
        if not query:
            return
        self.read(cassette.answer(lambda q: q == query))
        if query["verb"] == "ListIdentifiers":
            got = cassette.gotten()
            self.ends = self.ends and all(dead or i in got for i, (dead, _) in self.expected.items())
            self.expected = {i: v for i, v in self.expected.items() if v[0] or i in got}

    def read(self, page):
        seen, promised, arrived = set(), 0, 0
        while page is not None and page.oai:
            if page.errors and page.errors[0]["code"] != "noRecordsMatch":
                return
            self.expected.update(page.headers)
            # Where the recorder cut pages down, far less came than was promised.
            promised, arrived = page.promised or promised, arrived + page.arrived
            self.ends = not page.token and promised * 0.9 <= arrived
            if not page.token or page.token in seen:
                return
            seen.add(page.token)
            page = self.cassette.next_page(self.query["verb"], page.token)
        self.ends = False

    def source(self, name, port):
        u = urlsplit(self.url)
        base = "http://127.0.0.1:%d/c/%s/%s%s" % (
            port, quote(self.cassette.origin), quote(self.cassette.name), quote(u.path or "/", safe="/%"))
        mode = "identifiers" if self.query.get("verb") == "ListIdentifiers" else "auto"
        return source(name, url=base, format=self.query.get("metadataPrefix", "oai_dc"), sets=self.query.get("set"),
                      verb_mode=mode, concurrency=8, **{"from": self.query.get("from"), "until": self.query.get("until")})


class Cassette:
    """One recorded session."""

    def __init__(self, folder, catalog, fixtures):
        with open(os.path.join(folder, "manifest.json"), encoding="utf-8") as f:
            m = json.load(f)
        self.origin, self.name = folder.split(os.sep)[-2:]
        self.calls = []
        for i in m["interactions"]:
            path = os.path.join(folder, i["body"])
            page = Page(path, catalog.get(os.path.relpath(path, fixtures), {}))
            query = {k: v[0] for k, v in i["query"].items()}
            self.calls.append((i["url"], query, i["status"], page))

    def answer(self, match):
        """What the recording answers in the end to a request."""
        got = [p for _, q, s, p in self.calls if match(q) and s not in AGAIN]
        return got[0] if got else None

    def next_page(self, verb, token):
        # Some servers hand tokens out percent-encoded and want them back so.
        return self.answer(lambda q: q.get("verb") == verb and q.get("resumptionToken") in (token, unquote(token)))

    def gotten(self):
        """The identifiers of the records that were asked for one by one."""
        return {i for _, q, s, p in self.calls if q.get("verb") == "GetRecord" and s == 200 for i in p.headers}

    def headers(self):
        return {(i, *h) for *_, p in self.calls for i, h in p.headers.items()}

    def lists(self):
        """(name, List): a session without a list still makes a source, whose
        run must tell what went wrong."""
        name = re.sub(r"[^a-z0-9.-]+", "-", (self.origin.split("+")[1] + "-" + self.name).lower())[:60].strip("-")
        begun = []
        for url, q, _, _ in self.calls:
            if q.get("verb") in ("ListRecords", "ListIdentifiers") and "resumptionToken" not in q:
                if q not in [x for _, x in begun]:
                    begun.append((url, q))
        for n, (url, q) in enumerate(begun or [(self.calls[0][0], {})]):
            yield name + ("-%d" % n if n else ""), List(self, url, q, len(begun) <= 1)


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


CONTENT = "select source, r.* from registry.record r order by source, identifier"


def compare(registry, name, want):
    """What the registry holds of a source otherwise than the recording."""
    rows = {i: (st == "deleted", given) for i, st, given in registry.query(
        "select identifier, status, datestamp_given from registry.record where source = %s", name)}
    outcome, error = registry.runs(name)[-1]["outcome"], registry.status(name)["last_error"]
    # A list that breaks off is tried again in finer windows, and the replay
    # server answers those, by --relax, with other lists of the session.
    known = {(i, *h) for i, h in want.expected.items()} | (set() if want.ends else want.cassette.headers())
    missing, more = set(want.expected) - set(rows), set(rows) - {i for i, *_ in known}
    unlike = {(i, *h) for i, h in rows.items() if i not in more} - known
    found = ["%s: %d %s, as %r" % (name, len(x), what, sorted(x)[:3]) for what, x in (
        ("missing", missing), ("not in the recording", more), ("unlike it", unlike)) if x]
    if want.ends and outcome != "ok":
        found.append("%s: %s: %s" % (name, outcome, error))
    if not want.ends and (outcome == "ok" or not error):
        found.append("%s: the recording breaks off, and yet: %s, %s" % (name, outcome, error))
    return found, outcome


def test_every_recorded_repository(registry, daemon, replay, shared):
    port, log = replay
    plan = {}
    for c in cassettes(os.path.join(shared, "fixtures")):
        for name, wanted in c.lists():
            assert name not in plan
            plan[name] = wanted
    d = daemon(*(want.source(name, port) for name, want in plan.items()))
    d.once(check=1, timeout=300)
    differences, outcomes = [], Counter()
    for name, want in plan.items():
        found, outcome = compare(registry, name, want)
        differences += found
        outcomes[outcome] += 1
    assert not differences, "\n".join(differences)
    before = registry.query(CONTENT)
    with open(log, encoding="utf-8") as f:
        first = sum(1 for _ in f)
    d.once(check=1, timeout=300)
    # By --relax an increment may be answered with another list of the session.
    alone = [name for name, want in plan.items() if want.alone]
    assert [r for r in registry.query(CONTENT) if r[0] in alone] == [r for r in before if r[0] in alone]
    with open(log, encoding="utf-8") as f:
        sent = [json.loads(line) for line in f]
    illegal = [r["target"] for r in sent if not legal(parse_qsl(urlsplit(r["target"]).query, keep_blank_values=True))]
    assert not illegal, illegal[:5]
    print("\nreplay: %d lists of %d sessions with real repositories, %d records of which %d deleted, all equal; "
          "outcomes %s; %d legal requests in the first harvest and %d in the second, which changed nothing" % (
              len(plan), len({w.cassette.origin + w.cassette.name for w in plan.values()}), sum(len(w.expected) for w in plan.values()),
              sum(dead for w in plan.values() for dead, _ in w.expected.values()), dict(outcomes), first,
              len(sent) - first))


def legal(pairs):
    """Is this a request that OAI-PMH 2.0 allows?"""
    q = dict(pairs)
    allowed = {
        "Identify": set(), "ListMetadataFormats": {"identifier"}, "ListSets": {"resumptionToken"},
        "GetRecord": {"identifier", "metadataPrefix"},
        "ListRecords": {"metadataPrefix", "from", "until", "set", "resumptionToken"},
        "ListIdentifiers": {"metadataPrefix", "from", "until", "set", "resumptionToken"},
    }.get(q.get("verb"))
    if allowed is None or len(q) < len(pairs) or set(q) - allowed - {"verb"} or "" in q.values():
        return False
    if "resumptionToken" in q:
        return set(q) == {"verb", "resumptionToken"}
    dates = [q[k] for k in ("from", "until") if k in q]
    if not all(re.fullmatch(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?", x) for x in dates):
        return False
    if len(dates) == 2 and (len(dates[0]) != len(dates[1]) or dates[0] > dates[1]):
        return False
    if q["verb"] == "GetRecord" and "identifier" not in q:
        return False
    return q["verb"] not in ("ListRecords", "ListIdentifiers", "GetRecord") or "metadataPrefix" in q
