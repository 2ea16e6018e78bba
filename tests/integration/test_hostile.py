"""MISBEHAVIOUR H, through the whole daemon: servers that mean harm cost their
own source only, in bounded time and memory, and nothing that they say reaches
a terminal, a log or a statement as anything but text. (What the parser alone
withstands: tests/hostile; the fetcher alone: test_fetch.py.)"""

import ctypes
import gzip
import os
import pty
import re
import socket
import struct
import subprocess
import threading
import time

import pytest

from nouns import Record, Reply, Repository, dc, environment, ids, iso, records, source, wait_for

MIB = 1 << 20
# Of each role's peak, in MB; the figure of a sanitizer is its own.
MEMORY = {"sheafd": 64, "sheaf-fetch": 64, "sheaf-parse": 64, "sheaf-store": 160, "sheaf-resolve": 256}
QUICK = dict(connect_timeout="2s", stall_timeout="2s", timeout="4s", tries=1)
LIST = (b'<?xml version="1.0"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-01-01T00:00:00Z'
        b"</responseDate><request>http://x/</request><ListRecords>")


# --- servers that are none ---

def endless(conn, piece):
    while True:
        conn.sendall(piece)


def slowly(conn, data, every=0.5):
    for i in range(len(data)):
        conn.sendall(data[i:i + 1])
        time.sleep(every)


OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"
WIRE = {
    "an endless body": lambda c: (c.sendall(OK + b"\r\n" + LIST), endless(c, b" " * 65536)),
    "endless chunks": lambda c: (c.sendall(OK + b"Transfer-Encoding: chunked\r\n\r\n"), endless(c, b"1\r\n \r\n" * 5000)),
    "an endless chunk extension": lambda c: (c.sendall(OK + b"Transfer-Encoding: chunked\r\n\r\n1;"), endless(c, b"x" * 65536)),
    "a chunk of 2^63": lambda c: (c.sendall(OK + b"Transfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\n"), endless(c, b" " * 65536)),
    "endless trailers": lambda c: (c.sendall(OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n"), endless(c, b"a: b\r\n" * 5000)),
    "one byte a second": lambda c: (c.sendall(OK + b"\r\n"), slowly(c, LIST)),
    "slow headers": lambda c: slowly(c, OK),
    "endless headers": lambda c: (c.sendall(OK), endless(c, b"X-A: b\r\n" * 5000)),
    "one endless header": lambda c: (c.sendall(OK + b"X-A: "), endless(c, b"x" * 65536)),
    "folded headers": lambda c: (c.sendall(OK + b"X-A: b\r\n"), endless(c, b" y\r\n" * 5000)),
    "endless continues": lambda c: endless(c, b"HTTP/1.1 100 Continue\r\n\r\n" * 2000),
    "endless hints": lambda c: endless(c, b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n" * 2000),
    "an endless status line": lambda c: (c.sendall(b"HTTP/1.1 200 "), endless(c, b"x" * 65536)),
    "no HTTP at all": lambda c: endless(c, os.urandom(65536)),
    "a negative length": lambda c: c.sendall(OK + b"Content-Length: -1\r\n\r\n" + LIST),
    "a length of 2^64": lambda c: c.sendall(OK + b"Content-Length: 18446744073709551616\r\n\r\n" + LIST),
    "two lengths": lambda c: c.sendall(OK + b"Content-Length: 5\r\nContent-Length: 50\r\n\r\n" + LIST),
    "a thousand encodings": lambda c: c.sendall(OK + b"Content-Encoding: " + b", ".join([b"gzip"] * 1000) + b"\r\n\r\n" + LIST),
    "terminal escapes in the status line": lambda c: c.sendall(b"HTTP/1.1 500 \x1b[2J\x9b31m\r\nServer: \x1b]0;x\x07\r\n\r\n"),
    "it hangs up": lambda c: None,
}


class Wire:
    """Sockets that answer every connection in one of these ways."""

    def __init__(self):
        self.sockets, self.over = [], False

    def add(self, how):
        s = socket.create_server(("127.0.0.1", 0))
        self.sockets.append(s)
        threading.Thread(target=self.serve, args=(s, how), daemon=True).start()
        return s.getsockname()[1]

    def serve(self, s, how):
        while not self.over:
            try:
                conn = s.accept()[0]
            except OSError:
                return
            threading.Thread(target=self.answer, args=(conn, how), daemon=True).start()

    def answer(self, conn, how):
        try:
            with conn:
                conn.recv(65536)
                how(conn)
        except OSError:
            pass  # it was wise to leave

    def close(self):
        self.over = True
        for s in self.sockets:
            s.close()


@pytest.fixture
def wire():
    w = Wire()
    yield w
    w.close()


class Peaks:
    """What each role has taken at most, while the daemon runs."""

    def __init__(self, d):
        self.d, self.mb, self.over = d, {}, threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()

    def watch(self):
        while not self.over.wait(0.1):
            for name, pid in [("sheafd", self.d.process.pid), *self.d.roles().items()]:
                try:
                    with open("/proc/%d/status" % pid) as f:
                        kb = re.search(r"VmHWM:\s+(\d+)", f.read())
                except OSError:
                    continue
                if kb:
                    self.mb[name] = max(self.mb.get(name, 0), int(kb.group(1)) // 1024)

    def check(self):
        self.over.set()
        self.thread.join()
        if not is_sanitized(self.d):
            assert all(mb <= MEMORY[name] for name, mb in self.mb.items()), self.mb


def is_sanitized(d):
    with open(os.path.join(d.room, "libexec", "sheafd"), "rb") as f:
        return b"__asan_init" in f.read()


def over(registry, names):
    def every_run_is_over():
        """every source has a closed run"""
        return registry.value(
            "select count(distinct name) from sheaf.run join sheaf.source using (source_id) "
            "where closed_at is not null and name = any(%s)", list(names)) == len(names)
    return every_run_is_over


def harvest(d, registry, names, timeout=60):
    """Runs the daemon until each source has had a run, and looks at its memory."""
    d.start()
    peaks = Peaks(d)
    try:
        wait_for(over(registry, names), timeout)
    finally:
        peaks.over.set()
    peaks.check()
    assert d.process.poll() is None and len(d.roles()) == 4
    is_clean(d.text())


def is_clean(text):
    """Nothing in it that a terminal would take for more than text."""
    bad = [c for c in text if (ord(c) < 32 and c != "\n") or 0x7f <= ord(c) < 0xa0 or c in "\u202a\u202b\u202d\u202e\u2066\u2067\u2028\u2029"]
    assert not bad, bad[:20]


def test_h44_what_comes_over_the_wire(registry, server, daemon, wire):
    good = server.mount(Repository("good", records(250)))
    names = {how: "w%02d" % i for i, how in enumerate(WIRE)}
    d = daemon(*[source(names[h], url="http://127.0.0.1:%d/oai" % wire.add(WIRE[h]), max_body="8M", **QUICK) for h in WIRE],
               source("good", good))
    harvest(d, registry, [*names.values(), "good"])
    assert registry.identifiers("good") == ids(good)
    for how, name in names.items():
        run = registry.runs(name)[-1]
        assert run["outcome"] == "failed" and registry.status(name)["last_error"], how
        assert run["wire_bytes"] < 64 * MIB, how


def zstd_bomb(size):
    """A frame of blocks that say: this byte, 128 KiB times."""
    blocks = size // 131072
    return (struct.pack("<IB", 0xFD2FB528, 0x00) + b"\x38" + b"".join(
        struct.pack("<I", 131072 << 3 | 1 << 1 | (i == blocks - 1))[:3] + b" " for i in range(blocks)))


def brotli_bomb(size):
    try:
        lib = ctypes.CDLL("libbrotlienc.so.1")
    except OSError:
        pytest.skip("no libbrotlienc.so.1 to make one")
    out, n = ctypes.create_string_buffer(MIB), ctypes.c_size_t(MIB)
    assert lib.BrotliEncoderCompress(5, 22, 0, ctypes.c_size_t(size), b" " * size, ctypes.byref(n), out)
    return out.raw[:n.value]


BOMBS = {
    "gzip": lambda: gzip.compress(LIST + b" " * (100 * MIB)),
    "deflate": lambda: __import__("zlib").compress(LIST + b" " * (100 * MIB)),
    "zstd": lambda: zstd_bomb(2000 * MIB),
    "br": lambda: brotli_bomb(100 * MIB),
    "gzip, gzip": lambda: gzip.compress(gzip.compress(b" " * (200 * MIB), 1), 9),
}


@pytest.mark.parametrize("coding", BOMBS)
def test_h44_bombs(registry, server, daemon, coding):
    good, bad = server.mount(Repository("good", records(250))), server.mount(Repository("bad", records(3)))
    bad.on(lambda q: q.verb == "ListRecords", Reply(200, BOMBS[coding](), {"Content-Encoding": coding}))
    d = daemon(source("bad", bad, **QUICK), source("good", good))
    harvest(d, registry, ["good", "bad"])
    assert registry.identifiers("good") == ids(good)
    assert registry.runs("bad")[-1]["err_class"] == "LIMIT", registry.status("bad")


# --- where it leads ---

DISGUISES = ["2130706433", "0x7f000001", "0177.0.0.1", "017700000001", "127.1", "127.0.0.2", "0", "0.0.0.0",
             "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::127.0.0.1]", "[2002:7f00:1::]",
             "localhost", "LOCALHOST.", "a.localhost", "127.0.0.1.", "[fe80::1%25lo]", "①②⑦.⓪.⓪.①", "%31%32%37.0.0.1"]


def test_h45_addresses_in_disguise(registry, server, daemon):
    """Each as a source's own address: none is asked anything."""
    repo = server.mount(Repository("r", records(3)))
    taken = {}
    for i, host in enumerate(DISGUISES):
        name = "d%02d" % i
        d = daemon(source(name, url="http://%s:%d/r/oai" % (host, server.port), allow_private=None, **QUICK), init=False)
        if d.run("sheafd", "--check").returncode == 0:
            taken[name] = host
    d = daemon(*[source(n, url="http://%s:%d/r/oai" % (h, server.port), allow_private=None, **QUICK) for n, h in taken.items()])
    harvest(d, registry, taken)
    assert not repo.requests
    for name, host in taken.items():
        run = registry.runs(name)[-1]
        assert run["outcome"] == "failed" and run["err_class"] in ("POLICY", "NET"), host
    assert len([n for n in taken if registry.runs(n)[-1]["err_class"] == "POLICY"]) > 10


def test_h45_foreign_schemes_are_no_configuration(registry, server, daemon):
    for url in ("file:///etc/passwd", "gopher://127.0.0.1/", "ftp://x/", "dict://127.0.0.1:11211/stats", "http:/etc/passwd",
                "http://", "http://a b/", "http://user:pw@127.0.0.1/\r\nX: y"):
        d = daemon(source("s", url=url), init=False)
        assert d.run("sheafd", "--check").returncode not in (0, None) or "\r" in url, url


# --- what it says ---

EVIL = "\x1b[2J\x1b]0;owned\x07\u009b31m\nsheafd: all is well\r\u202e\u2028<script>alert(1)</script>'; drop table sheaf.record; --"
# What XML 1.0 allows of it; the rest comes as character references, which is no XML.
PLAIN = re.sub("[\x00-\x08\x0b-\x1f]", "", EVIL)


def raw(text):
    return "".join(c if ord(c) >= 32 or c in "\n" else "&#%d;" % ord(c) for c in text.replace("&", "&amp;").replace("<", "&lt;"))


def on_terminal(d, *args):
    """What sheafctl writes on a terminal."""
    master, slave = pty.openpty()
    p = subprocess.Popen(d.command("sheafctl", *args), env=dict(environment(d.room), TERM="xterm", COLUMNS="100"),
                         stdin=slave, stdout=slave, stderr=slave, cwd=d.dir)
    os.close(slave)
    out = b""
    try:
        while True:
            got = os.read(master, 65536)
            if not got:
                break
            out += got
    except OSError:
        pass  # the terminal's other end is closed
    os.close(master)
    p.wait(60)
    return re.sub(r"\x1b\[[0-9;]*[mK]", "", out.decode("utf-8", "surrogateescape").replace("\r\n", "\n"))


@pytest.mark.parametrize("text", [EVIL, PLAIN], ids=["no XML", "XML"])
def test_h46_nothing_is_more_than_text(registry, server, daemon, text):
    t = raw(text)

    def replace(q, body):
        if q.verb == "Identify":
            return body.replace(b"<repositoryName>", b"<repositoryName>" + t.encode()).replace(b"admin@", t.encode() + b"admin@")
        return body.replace(b"oai:example.org:1<", b"oai:" + t.encode() + b"<")

    evil = server.mount(Repository("evil", records(3)))
    evil.on(lambda q: True, replace)
    evil.get("oai:example.org:2").metadata = dc(title="@", creator="@", subject="@").replace("@", t)
    bad = server.mount(Repository("bad", [
        Record("oai:x", "@", dc(title="x")), Record("oai:y", iso(1700000000), dc(title="x"), sets=("@",)),
        Record("oai:" + "z" * 3000, iso(1700000001), dc(title="x")), Record("", iso(1700000002), dc(title="y"))]))
    bad.on(lambda q: True, lambda q, b: b.replace(b"@<", t.encode() + b"<"))
    errors = server.mount(Repository("errors", records(3)))
    errors.on(lambda q: q.verb == "ListRecords", lambda q, b: errors.error(q.verb, q.args, "badArgument", "@").replace(b"@", t.encode()))
    token = server.mount(Repository("token", records(30), page_size=10))
    token.on(lambda q: "resumptionToken" not in q.args, lambda q, b: re.sub(b">[^<]*</resumptionToken>", b">" + t.encode() + b"</resumptionToken>", b))
    html = server.mount(Repository("html", records(3)))
    html.on(lambda q: q.verb == "ListRecords", Reply(200, b"<html><head><title>" + t.encode() + b"</title></head></html>"))
    head = server.mount(Repository("head", records(3)))
    head.on(lambda q: q.verb == "ListRecords", Reply(302, b"", {"Location": "http://127.0.0.1:1/\x1b[2J\x9b'"}))
    repos = (evil, bad, errors, token, html, head)
    d = daemon(*[source(r.name, r, **QUICK) for r in repos])
    harvest(d, registry, [r.name for r in repos])
    assert registry.value("select count(*) from sheaf.run") >= len(repos)
    verbs = [["status"], ["status", "evil"], ["records"], ["runs"], ["quarantine"], ["check", "evil"], ["check", "errors"],
             ["check", "html"], *[["show", str(r[0])] for r in registry.query("select record_id from registry.record")]]
    assert "evil" in on_terminal(d, "status")
    for verb in verbs:
        is_clean(on_terminal(d, *verb))
        is_clean(d.run("sheafctl", *verb, "--json").stdout)
    if text is PLAIN:
        assert len(registry.identifiers("evil")) == 3


# --- too much of everything ---

def with_header(inner, identifier="oai:x:big"):
    return ("<record><header><identifier>%s</identifier><datestamp>2020-01-01T00:00:00Z</datestamp>%s</header><metadata>%s</metadata></record>"
            % (identifier, inner, dc(title="Big"))).encode()


MUCH = {  # what one more record on the page is, and whether it may be kept
    "thousands of sets": (lambda: with_header("".join("<setSpec>s%d</setSpec>" % i for i in range(50000))), True),
    "a setSpec of 1 MB": (lambda: with_header("<setSpec>%s</setSpec>" % ("s" * MIB)), True),
    "an identifier of 3 kB": (lambda: with_header("", "oai:x:" + "a" * 3000), False),
    "an identifier of 5 MB": (lambda: with_header("", "oai:x:" + "a" * (5 * MIB)), False),
    "a NUL": (lambda: with_header("", "oai:x:\0&#0;y"), True),
    "nonsense for a date": (lambda: with_header("").replace(b"2020-01-01T00:00:00Z", b"9999999999-99-99T99:99:99Z"), True),
    "a date of 1 MB": (lambda: with_header("").replace(b"2020-01-01T00:00:00Z", b"2" * MIB), False),
    "100,000 records with one identifier": (lambda: with_header("", "oai:x:same") * 20000, True),
    "text of 30 MB": (lambda: with_header("").replace(b"Big", b"Big " * (30 * MIB // 4)), False),
}


@pytest.mark.parametrize("what", MUCH)
def test_h44_too_much_in_a_record(registry, server, daemon, what):
    repo = server.mount(Repository("r", records(30), page_size=10))
    make, kept = MUCH[what]
    repo.on(lambda q: q.page == 2, lambda q, b: b.replace(b"</record><resumptionToken", b"</record>" + make() + b"<resumptionToken"))
    d = daemon(source("r", repo, tries=1))
    harvest(d, registry, ["r"])
    got = registry.identifiers("r")
    assert ids(repo) <= got and len(got) <= 31
    run = registry.runs("r")[-1]
    assert run["outcome"] in ("ok", "partial") and (kept or run["rejected"] == 1), run["err_text"]


IDENTIFY = {
    "nothing": b"",
    "dates": b"<earliestDatestamp>yesterday</earliestDatestamp><granularity>%s%s%n</granularity><deletedRecord>maybe</deletedRecord>",
    "a far future": b"<earliestDatestamp>9999-12-31T23:59:59Z</earliestDatestamp><granularity>YYYY-MM-DD</granularity>",
    "before time": b"<earliestDatestamp>-4712-01-01</earliestDatestamp><granularity>YYYY-MM-DDThh:mm:ssZ</granularity>",
    "a name of 10 MB": b"<repositoryName>" + b"n" * (10 * MIB) + b"</repositoryName>",
    "100,000 descriptions": b"<description><x/></description>" * 100000,
    "another address": b"<baseURL>file:///etc/passwd</baseURL><earliestDatestamp>2000-01-01</earliestDatestamp>",
}


@pytest.mark.parametrize("what", IDENTIFY)
def test_h44_nonsense_from_identify(registry, server, daemon, what):
    repo = server.mount(Repository("r", records(30), page_size=10))
    repo.on(lambda q: q.verb == "Identify", lambda q, b: repo.wrap("Identify", q.args, "@").replace(b"@", IDENTIFY[what]))
    d = daemon(source("r", repo, tries=1))
    harvest(d, registry, ["r"])
    run = registry.runs("r")[-1]
    assert registry.identifiers("r") == ids(repo) or run["outcome"] == "failed" and run["err_text"]


def test_h44_a_token_of_1_mb(registry, server, daemon):
    repo, good = server.mount(Repository("r", records(30), page_size=10)), server.mount(Repository("good", records(30)))
    repo.on(lambda q: True, lambda q, b: re.sub(b">[^<]*</resumptionToken>", b">" + b"t" * MIB + b"</resumptionToken>", b))
    d = daemon(source("r", repo, **QUICK), source("good", good))
    harvest(d, registry, ["r", "good"])
    run = registry.runs("r")[-1]
    assert run["outcome"] != "ok" and "16384" in run["err_text"], run["err_text"]


def test_h44_sets_without_end(registry, server, daemon):
    """100,000 of them, where the configured ones are refused and are looked up."""
    repo = server.mount(Repository("r", records(30), sets=["set%d" % i for i in range(100000)]))
    repo.on(lambda q: "set" in q.args, lambda q, b: repo.error(q.verb, q.args, "badArgument", "no such set"))
    d = daemon(source("r", repo, sets="nowhere", **QUICK))
    harvest(d, registry, ["r"])
    assert registry.runs("r")[-1]["outcome"] == "failed"
    is_clean(on_terminal(d, "check", "r"))


def test_h44_tombstones_without_end(registry, server, daemon):
    """In pages of 50,000."""
    count, size = 312345, 50000
    repo = server.mount(Repository("r", records(3)))

    def page(q, body):
        at = int(q.args.get("resumptionToken", 0))
        headers = b"".join(b'<record><header status="deleted"><identifier>oai:x:%d</identifier><datestamp>2020-01-01T00:00:00Z'
                           b"</datestamp></header></record>" % i for i in range(at, min(at + size, count)))
        token = b"<resumptionToken>%d</resumptionToken>" % (at + size) if at + size < count else b""
        return repo.wrap(q.verb, q.args, "@").replace(b"@", headers + token)

    repo.on(lambda q: q.verb == "ListRecords", page)
    d = daemon(source("r", repo))
    harvest(d, registry, ["r"], timeout=120)
    run = registry.runs("r")[-1]
    assert run["outcome"] == "ok" and run["received"] == count, run["err_text"]
    assert registry.identifiers("r", ("deleted",)) and not registry.identifiers("r")


@pytest.mark.parametrize("head", [b'encoding="\x98\x98"', b'encoding="euc-kr"l version="1.0"'], ids=["no name", "nothing of it"])
def test_a_feed_in_strange_encodings(daemon, head):
    page = b'<?xml version="1.0" %s?>\xcd<rss version="2.0"><channel><title>t</title><item><title>x</title></item></channel></rss>' % head
    d = daemon(init=False)
    path = os.path.join(d.dir, "page")
    with open(path, "wb") as f:
        f.write(page)
    os.chmod(path, 0o644)
    assert '"counts":{"records":1,' in d.ctl("parse", "--protocol", "feed", path).stdout


@pytest.mark.parametrize("verb, inside", [
    ("ListMetadataFormats", "<metadataFormat><schema>s</schema></metadataFormat>"),
    ("ListMetadataFormats", "<metadataFormat/><metadataFormat><metadataPrefix>two words</metadataPrefix></metadataFormat>"),
    ("ListSets", "<set><setName>Nameless</setName></set>"),
])
def test_offers_without_a_name(registry, server, daemon, verb, inside):
    """Formats and sets that cannot be asked for stop nobody."""
    bad = server.mount(Repository("bad", records(4)))
    good = server.mount(Repository("good", records(4)))
    text = ('<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-11-01T00:00:00Z</responseDate>'
            "<request>x</request><%s>%s</%s></OAI-PMH>" % (verb, inside, verb))
    bad.on(lambda q: q.verb == verb, Reply(200, text.encode(), {"Content-Type": "text/xml"}))
    keys = {"sets": "none"} if verb == "ListSets" else {"format": None}
    d = daemon(source("bad", bad, **keys) + source("good", good))
    d.once(check=1 if verb == "ListSets" else 0)
    assert verb in [q.verb for q in bad.requests]
    assert registry.identifiers("good") == {r.identifier for r in good.records}
    if verb != "ListSets":
        assert registry.identifiers("bad") == {r.identifier for r in bad.records}
