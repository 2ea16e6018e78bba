"""The real sheaf-fetch in its sandbox, driven over its channel by
tests/wire/fetch_cli, against servers on loopback that misbehave.

    def test_something(fetch, web):
        web.on("/x", lambda c, r: c.answer(200, b"body"))
        assert fetch(web.url("/x")).status == 200
"""

import contextlib
import gzip
import json
import os
import shutil
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time
import zlib

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.environ.get("SHEAF_BUILD", os.path.dirname(os.path.dirname(HERE)))
CLI = os.path.join(BUILD, "tests", "wire", "fetch_cli")
MIB = 1 << 20


class Done:
    """A FETCH_DONE as fetch_cli prints it; `data` is the body."""

    def __init__(self, fields, data):
        self.__dict__.update(fields)
        self.kind = fields["class"]
        self.data = data
        self.cpu_us = None


class Fetch:
    """Runs fetch_cli; every keyword is a field of FETCH_START or an option."""

    def __init__(self, room):
        self.room = room
        self.serial = 0

    def file(self, text, mode=0o600):
        self.serial += 1
        path = os.path.join(self.room, "file%d" % self.serial)
        with open(path, "wb") as f:
            f.write(text if isinstance(text, bytes) else text.encode())
        os.chmod(path, mode)
        return path

    def many(self, *asks, **setup):
        argv = [CLI, "spool=" + setup.pop("spool", self.room)] + ["%s=%s" % kv for kv in setup.items()]
        outs = []
        for ask in asks:
            ask = dict(ask)
            ask.setdefault("allow_private", 1)
            ask.setdefault("connect_ms", 5000)
            ask.setdefault("stall_ms", 10000)
            ask.setdefault("total_ms", 30000)
            ask.setdefault("out", self.file(b""))
            outs.append(ask["out"])
            argv += [":"] + ["%s=%s" % kv for kv in ask.items()]
        env = dict(os.environ, SHEAF_LIBEXEC=BUILD)
        run = subprocess.run(argv, env=env, capture_output=True, timeout=60)
        sys.stderr.write(run.stderr.decode(errors="replace"))
        lines = [json.loads(line) for line in run.stdout.decode().splitlines()]
        assert lines and lines[-1]["exit"] == 0, (run.returncode, run.stdout, run.stderr)
        done = []
        for fields in lines[:-1]:
            with open(outs[fields["job"] // 1000000], "rb") as f:
                done.append(Done(fields, f.read()))
            if fields["has_body"]:
                assert fields["hash_ok"] and fields["read_bytes"] == fields["body_bytes"]
        for d in done:
            d.cpu_us = lines[-1]["cpu_us"]
        return done

    def __call__(self, url, spool=None, ua=None, **ask):
        setup = {k: v for k, v in (("spool", spool), ("ua", ua)) if v is not None}
        (done,) = self.many(dict(ask, url=url), **setup)
        return done


class Request:
    def __init__(self, head):
        lines = head.decode("latin-1").split("\r\n")
        self.method, self.path, self.version = lines[0].split(" ", 2)
        self.headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            self.headers[name.lower()] = value.strip()


class Connection:
    """One accepted connection; `serial` counts them."""

    def __init__(self, sock, serial):
        self.sock = sock
        self.serial = serial
        self.rest = b""
        self.open = True

    def read_head(self):
        while b"\r\n\r\n" not in self.rest:
            more = self.sock.recv(65536)
            if not more:
                return None
            self.rest += more
        head, self.rest = self.rest.split(b"\r\n\r\n", 1)
        return Request(head)

    def send(self, data):
        self.sock.sendall(data)

    def answer(self, status, body=b"", *headers, length=None):
        head = ["HTTP/1.1 %d X" % status, "Content-Length: %d" % (len(body) if length is None else length)]
        self.send(("\r\n".join(head + list(headers)) + "\r\n\r\n").encode("latin-1") + body)

    def close(self):
        self.open = False

    def reset(self):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()


class Web:
    """A server that says what a test wants, byte by byte."""

    def __init__(self, context=None, host="127.0.0.1"):
        self.context = context
        self.handlers = {}
        self.requests = []
        self.connections = 0
        self.stopping = False
        self.listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        self.listener.bind((host, 0))
        self.listener.listen(64)
        self.host, self.port = self.listener.getsockname()[:2]
        threading.Thread(target=self.accept, daemon=True).start()

    def url(self, path, host=None):
        scheme = "https" if self.context else "http"
        return "%s://%s:%d%s" % (scheme, host or self.host, self.port, path)

    def on(self, path, handler):
        self.handlers[path] = handler

    def accept(self):
        while not self.stopping:
            with contextlib.suppress(OSError):
                sock, _ = self.listener.accept()
                self.connections += 1
                threading.Thread(target=self.serve, args=(sock, self.connections), daemon=True).start()

    def serve(self, sock, serial):
        with contextlib.suppress(OSError, ssl.SSLError, ValueError):
            if self.context:
                sock = self.context.wrap_socket(sock, server_side=True)
            c = Connection(sock, serial)
            while c.open:
                r = c.read_head()
                if r is None:
                    break
                self.requests.append(r)
                self.handlers[r.path](c, r)
        with contextlib.suppress(OSError):
            sock.close()

    def stop(self):
        self.stopping = True
        self.listener.close()


@pytest.fixture(scope="module")
def fetch():
    d = tempfile.mkdtemp(prefix="sheaf-fetch-")
    yield Fetch(d)
    shutil.rmtree(d)


@pytest.fixture
def web():
    w = Web()
    yield w
    w.stop()


@pytest.fixture
def other():
    w = Web(host="127.0.0.2")
    yield w
    w.stop()


# --- what goes well -------------------------------------------------------


def test_headers_and_facts(fetch, web):
    web.on(
        "/x",
        lambda c, r: c.answer(
            200, b"<x/>", "Content-Type: text/xml; charset=utf-8", 'ETag: W/"abc"', "Server: test/1",
            "Last-Modified: Tue, 24 Nov 2026 10:00:00 GMT", "Cache-Control: max-age=60",
            "Expires: Tue, 24 Nov 2026 11:00:00 GMT",
        ),
    )
    d = fetch(web.url("/x"), headers="Accept: text/xml\nX-Key: 7", ua_suffix="for-wb")
    assert (d.status, d.data, d.body_bytes) == (200, b"<x/>", 4)
    assert d.content_type == "text/xml; charset=utf-8"
    assert d.etag == 'W/"abc"'
    assert d.last_modified == "Tue, 24 Nov 2026 10:00:00 GMT"
    assert (d.cache_control, d.expires, d.server) == ("max-age=60", "Tue, 24 Nov 2026 11:00:00 GMT", "test/1")
    assert d.effective_url == web.url("/x")
    assert d.peer == "127.0.0.1:%d" % web.port
    assert d.http_version == 11
    assert d.wire_bytes > 4
    assert d.sealed == 15 and not d.writable
    h = web.requests[0].headers
    assert h["user-agent"] == "sheaf-test (mailto:test@example.org) for-wb"
    assert (h["accept"], h["x-key"]) == ("text/xml", "7")
    assert {"gzip", "deflate", "br", "zstd"} >= {x.strip() for x in h["accept-encoding"].split(",")}


def test_not_modified(fetch, web):
    def handler(c, r):
        assert r.headers["if-modified-since"] == "Tue, 24 Nov 2026 10:00:00 GMT"
        c.answer(304 if r.headers.get("if-none-match") == '"v1"' else 200, b"", 'ETag: "v1"')

    web.on("/x", handler)
    d = fetch(web.url("/x"), etag='"v1"', last_modified="Tue, 24 Nov 2026 10:00:00 GMT")
    assert (d.status, d.etag, d.has_body, d.body_bytes) == (304, '"v1"', False, 0)


def test_empty_body(fetch, web):
    web.on("/x", lambda c, r: c.answer(200))
    d = fetch(web.url("/x"))
    assert (d.status, d.err_class, d.has_body) == (200, 0, False)


def test_large_body_is_an_unlinked_file(fetch, web):
    body = os.urandom(MIB) * 9
    web.on("/x", lambda c, r: c.answer(200, body))
    d = fetch(web.url("/x"))
    assert d.data == body
    assert d.sealed in (-1, 1)  # no memfd; 1 is what a file on tmpfs answers
    assert os.getuid() == 0 or not d.writable
    assert not [n for n in os.listdir(fetch.room) if not n.startswith("file")]


def test_spool_dir_missing_is_said(fetch, web):
    web.on("/x", lambda c, r: c.answer(200, b"x" * 9 * MIB))
    d = fetch(web.url("/x"), spool="/nonexistent/spool")
    assert d.kind == "SYSTEM"
    assert "/nonexistent/spool" in d.err_text


def test_keep_alive_is_used(fetch, web):
    web.on("/x", lambda c, r: c.answer(200, b"x" * 1000))
    done = fetch.many({"url": web.url("/x"), "repeat": 50}, window=1)
    assert len(done) == 50 and all(d.data for d in done)
    assert web.connections == 1


def test_a_dead_kept_connection_is_replaced(fetch, web):
    def handler(c, r):
        c.answer(200, b"x")
        c.close()  # without having said so

    web.on("/x", handler)
    done = fetch.many({"url": web.url("/x"), "repeat": 5}, window=1)
    assert [d.status for d in done] == [200] * 5
    assert web.connections == 5


def test_max_transfers(fetch, web):
    now, most, lock = [0], [0], threading.Lock()

    def handler(c, r):
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.05)
        with lock:
            now[0] -= 1
        c.answer(200, b"x")

    web.on("/x", handler)
    done = fetch.many({"url": web.url("/x"), "repeat": 12}, max=3)
    assert len(done) == 12 and all(d.status == 200 for d in done)
    assert most[0] == 3


def test_by_name_and_ipv6(fetch, web):
    web.on("/x", lambda c, r: c.answer(200, b"x"))
    assert fetch(web.url("/x", "localhost")).status == 200
    assert fetch(web.url("/x", socket.gethostname())).status in (200, 0)
    six = Web(host="::1")
    six.on("/x", lambda c, r: c.answer(200, b"x"))
    d = fetch(six.url("/x", "[::1]"))
    six.stop()
    assert d.status == 200 and d.peer == "[::1]:%d" % six.port


# --- statuses are no errors -------------------------------------------------


@pytest.mark.parametrize("status", [404, 410, 422, 429, 500, 503])
def test_error_status_has_its_body(fetch, web, status):
    web.on("/x", lambda c, r: c.answer(status, b"<error code='noRecordsMatch'/>"))
    d = fetch(web.url("/x"))
    assert (d.err_class, d.status, d.data) == (0, status, b"<error code='noRecordsMatch'/>")


def test_error_body_is_cut(fetch, web):
    web.on("/x", lambda c, r: c.answer(500, b"e" * 3 * MIB))
    d = fetch(web.url("/x"))
    assert (d.err_class, d.status, d.body_bytes) == (0, 500, MIB)


@pytest.mark.parametrize("value", ["120", "0", "864000", "Wed, 25 Nov 2026 00:00:00 GMT", "soon"])
def test_retry_after_is_passed_on(fetch, web, value):
    web.on("/x", lambda c, r: c.answer(503, b"", "Retry-After: " + value))
    assert fetch(web.url("/x")).retry_after == value


# --- encodings ----------------------------------------------------------------


def tool(name, *args):
    path = shutil.which(name)
    if path is None:
        pytest.skip("no %s here" % name)
    return lambda data: subprocess.run([path, *args], input=data, capture_output=True, check=True).stdout


def encoder(name):
    return {
        "gzip": gzip.compress,
        "deflate": zlib.compress,
        "br": lambda data: tool("brotli", "-c", "-q", "9", "-w", "24")(data),
        "zstd": lambda data: tool("zstd", "-c", "-q")(data),
    }[name]


@pytest.mark.parametrize("name", ["gzip", "deflate", "br", "zstd"])
def test_decoding(fetch, web, name):
    plain = b"".join(b"<record>%d</record>\n" % i for i in range(20000))
    coded = encoder(name)(plain)

    def handler(c, r):
        assert name in r.headers["accept-encoding"]
        c.answer(200, coded, "Content-Encoding: " + name)

    web.on("/x", handler)
    d = fetch(web.url("/x"))
    assert d.data == plain
    assert d.wire_bytes < len(plain) / 2


@pytest.mark.parametrize("name", ["gzip", "deflate", "br", "zstd"])
def test_bombs(fetch, web, name):
    bomb = encoder(name)(b"\0" * (100 * MIB))
    web.on("/x", lambda c, r: c.answer(200, bomb, "Content-Encoding: " + name))
    d = fetch(web.url("/x"))
    assert d.kind == "LIMIT"
    assert "bomb" in d.err_text
    assert not d.has_body


def test_bomb_in_layers(fetch, web):
    bomb = gzip.compress(gzip.compress(b"\0" * (200 * MIB)))
    web.on("/x", lambda c, r: c.answer(200, bomb, "Content-Encoding: gzip, gzip"))
    assert fetch(web.url("/x")).kind == "LIMIT"


def test_max_body_counts_decoded_bytes(fetch, web):
    body = gzip.compress(os.urandom(1000) * 2000)
    web.on("/x", lambda c, r: c.answer(200, body, "Content-Encoding: gzip"))
    d = fetch(web.url("/x"), max_body=1000000)
    assert d.kind == "LIMIT" and "max_body" in d.err_text


def test_wrong_content_encoding_is_asked_again_plainly(fetch, web):
    def handler(c, r):
        if "accept-encoding" in r.headers:
            c.answer(200, b"not gzip at all" * 10, "Content-Encoding: gzip")
            c.close()
        else:
            c.answer(200, b"plain")

    web.on("/x", handler)
    assert fetch(web.url("/x")).data == b"plain"


@pytest.mark.parametrize("value", ["utf-8", "none", "gzip, x-unheard-of"])
def test_nonsense_content_encoding(fetch, web, value):
    web.on("/x", lambda c, r: c.answer(200, b"plain", "Content-Encoding: " + value))
    assert fetch(web.url("/x")).data == b"plain"


# --- slow, endless, cut ---------------------------------------------------------


def test_slow_headers(fetch, web):
    def handler(c, r):
        for b in b"HTTP/1.1 200 OK\r\nX: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy":
            c.send(bytes([b]))
            time.sleep(0.1)

    web.on("/x", handler)
    d = fetch(web.url("/x"), stall_ms=800)
    assert d.kind == "NET" and "stalls" in d.err_text
    assert 700 <= d.total_ms < 3000


def test_one_byte_at_a_time(fetch, web):
    def handler(c, r):
        c.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        for _ in range(100):
            c.send(b"x")
            time.sleep(0.05)

    web.on("/x", handler)
    d = fetch(web.url("/x"), stall_ms=1000)
    assert d.kind == "NET" and "stalls" in d.err_text and "the body" in d.err_text
    assert d.total_ms < 4000


def test_slow_but_moving_is_no_stall(fetch, web):
    def handler(c, r):
        c.send(b"HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\n")
        for _ in range(30):
            c.send(b"x" * 100)
            time.sleep(0.05)

    web.on("/x", handler)
    assert fetch(web.url("/x"), stall_ms=800).body_bytes == 3000


def test_a_slow_one_holds_up_nobody(fetch, web):
    web.on("/slow", lambda c, r: time.sleep(3))
    web.on("/x", lambda c, r: c.answer(200, b"x" * 100000))
    done = fetch.many({"url": web.url("/slow"), "stall_ms": 1500}, {"url": web.url("/x"), "repeat": 40})
    assert [d.status for d in done] == [200] * 40 + [0]
    assert max(d.total_ms for d in done[:-1]) < 1400


def test_total_timeout(fetch, web):
    def handler(c, r):
        c.send(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            c.send(b"x" * 1000)
            time.sleep(0.02)

    web.on("/x", handler)
    d = fetch(web.url("/x"), total_ms=1000)
    assert d.kind == "NET" and "the timeout for the whole" in d.err_text
    assert 900 <= d.total_ms < 3000


def test_connect_timeout(fetch):
    # A listener whose queue is full does not answer.
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    s.listen(0)
    fill = []
    for _ in range(4):
        c = socket.socket()
        c.setblocking(False)
        c.connect_ex(s.getsockname())
        fill.append(c)
    d = fetch("http://127.0.0.1:%d/" % s.getsockname()[1], connect_ms=700)
    assert d.kind == "NET" and "the timeout for connecting" in d.err_text
    assert d.total_ms < 3000


def test_endless_body(fetch, web):
    def handler(c, r):
        c.send(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            c.send(b"x" * 65536)

    web.on("/x", handler)
    d = fetch(web.url("/x"), max_body=6 * MIB)
    assert d.kind == "LIMIT" and "max_body" in d.err_text


def test_announced_too_long_is_not_read(fetch, web):
    web.on("/x", lambda c, r: c.answer(200, b"x" * 100, length=50 * MIB))
    d = fetch(web.url("/x"), max_body=MIB)
    assert d.kind == "LIMIT"


def test_cut_before_content_length(fetch, web):
    def handler(c, r):
        c.answer(200, b"x" * 400, length=1000)
        c.close()

    web.on("/x", handler)
    d = fetch(web.url("/x"))
    assert d.kind == "NET" and "400 of 1000 bytes" in d.err_text
    assert not d.has_body


def test_cut_chunk(fetch, web):
    def handler(c, r):
        c.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n0123456789")
        c.close()

    web.on("/x", handler)
    d = fetch(web.url("/x"))
    assert d.kind == "NET" and "ended after 10 bytes" in d.err_text


def test_reset_in_the_body(fetch, web):
    def handler(c, r):
        c.answer(200, b"x" * 400, length=1000)
        time.sleep(0.2)
        c.reset()

    web.on("/x", handler)
    d = fetch(web.url("/x"))
    assert d.kind == "NET" and "400 of 1000 bytes" in d.err_text


def test_reset_before_an_answer(fetch, web):
    web.on("/x", lambda c, r: c.reset())
    assert fetch(web.url("/x")).kind == "NET"


def test_closed_without_an_answer(fetch, web):
    web.on("/x", lambda c, r: c.close())
    d = fetch(web.url("/x"))
    assert d.kind == "NET" and "without an answer" in d.err_text


def test_no_http(fetch, web):
    def handler(c, r):
        c.send(b"220 mail.example.org ESMTP\r\n")
        c.close()

    web.on("/x", handler)
    assert fetch(web.url("/x")).kind == "NET"


def test_refused_connection(fetch):
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    port = s.getsockname()[1]
    s.close()
    d = fetch("http://127.0.0.1:%d/" % port)
    assert d.kind == "NET" and "refused" in d.err_text


def test_unknown_name(fetch):
    d = fetch("http://no-such-host.invalid/", allow_private=0)
    assert d.kind == "NET" and "no-such-host.invalid" in d.err_text


@pytest.mark.parametrize("how", ["many", "one"])
def test_too_many_header_bytes(fetch, web, how):
    def handler(c, r):
        c.send(b"HTTP/1.1 200 OK\r\n")
        if how == "many":
            for i in range(2000):
                c.send(b"X-%d: %s\r\n" % (i, b"y" * 100))
        else:
            c.send(b"X: " + b"y" * 300000 + b"\r\n")
        c.send(b"\r\n")
        c.close()

    web.on("/x", handler)
    assert fetch(web.url("/x")).kind == "LIMIT"


def test_strange_header_bytes(fetch, web):
    web.on("/x", lambda c, r: c.answer(200, b"x", "Server: a\xe9\x1b[31m", 'ETag: "\xe9"', "X\xff: y"))
    d = fetch(web.url("/x"))
    assert (d.status, d.server, d.etag) == (200, "a??[31m", "")


def test_cancel(fetch, web):
    def handler(c, r):
        c.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc")
        time.sleep(5)

    web.on("/x", handler)
    d = fetch(web.url("/x"), cancel_ms=300)
    assert d.kind == "CANCEL" and d.total_ms < 3000


# --- redirects and addresses ------------------------------------------------------


def redirect(status, target):
    return lambda c, r: c.answer(status, b"moved", "Location: " + target)


def test_redirects_are_followed(fetch, web):
    web.on("/a", redirect(301, "/b"))
    web.on("/b", redirect(308, web.url("/c")))
    web.on("/c", redirect(302, "d"))
    web.on("/d", lambda c, r: c.answer(200, b"x"))
    d = fetch(web.url("/a"))
    assert (d.status, d.redirects, d.data) == (200, 3, b"x")
    assert d.effective_url == web.url("/d")
    assert d.moved_url == web.url("/c")
    assert web.connections == 1


def test_temporary_redirect_moves_nothing(fetch, web):
    web.on("/a", redirect(302, "/b"))
    web.on("/b", redirect(301, "/c"))
    web.on("/c", lambda c, r: c.answer(200, b"x"))
    d = fetch(web.url("/a"))
    assert (d.status, d.moved_url) == (200, "")


def test_redirect_loop(fetch, web):
    web.on("/a", redirect(302, "/b"))
    web.on("/b", redirect(302, "/a"))
    d = fetch(web.url("/a"))
    assert d.kind == "LIMIT" and "redirects" in d.err_text
    assert len(web.requests) == 6


def test_redirect_with_an_endless_body(fetch, web):
    def handler(c, r):
        c.send(b"HTTP/1.1 302 X\r\nLocation: /b\r\n\r\n")
        while True:
            c.send(b"x" * 65536)

    web.on("/a", handler)
    web.on("/b", lambda c, r: c.answer(200, b"x"))
    assert fetch(web.url("/a")).data == b"x"


@pytest.mark.parametrize("target", ["file:///etc/passwd", "gopher://127.0.0.1/", "ftp://example.org/", "dict://x/"])
def test_redirect_to_other_schemes(fetch, web, target):
    web.on("/a", redirect(302, target))
    d = fetch(web.url("/a"))
    assert d.kind == "POLICY" and "http" in d.err_text
    assert not d.has_body


@pytest.mark.parametrize("url", ["file:///etc/passwd", "gopher://x/", "", "http://", "/x"])
def test_other_schemes(fetch, url):
    assert fetch(url).kind == "POLICY"


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::1]", "169.254.169.254", "10.0.0.1", "192.168.1.1", "0x7f.1", "2130706433",
     "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "[fd00:ec2::254]", "0.0.0.0", "100.64.0.1", "a.localhost"],
)
@pytest.mark.parametrize("proxy", ["", "http://127.0.0.1:9/"])
def test_private_addresses_are_refused(fetch, host, proxy):
    d = fetch("http://%s:8080/" % host, allow_private=0, proxy=proxy)
    assert d.kind == "POLICY", d.err_text
    assert "allow_private = yes" in d.err_text


def own_loopback_name():
    """A name, not of the special ones, that leads to loopback."""
    name = socket.gethostname()
    try:
        if socket.gethostbyname(name).startswith("127."):
            return name
    except OSError:
        pass
    pytest.skip("this machine's name is not a loopback one")


def test_private_by_name_is_refused(fetch, web):
    name = own_loopback_name()
    web.on("/x", lambda c, r: c.answer(200, b"x"))
    d = fetch(web.url("/x", name), allow_private=0)
    assert d.kind == "POLICY" and name in d.err_text and "127." in d.err_text
    assert web.connections == 0


def test_kept_connection_is_not_lent_to_the_unallowed(fetch, web):
    name = own_loopback_name()
    web.on("/x", lambda c, r: c.answer(200, b"x"))
    url = web.url("/x", name)
    first, second = fetch.many({"url": url}, {"url": url, "allow_private": 0}, window=1)
    assert first.status == 200
    assert second.kind == "POLICY"
    assert len(web.requests) == 1


def test_credentials_stay_at_home(fetch, web, other):
    web.on("/a", redirect(302, "/b"))
    web.on("/b", redirect(302, other.url("/c")))
    other.on("/c", redirect(302, web.url("/d")))
    web.on("/d", lambda c, r: c.answer(200, b"x"))
    d = fetch(web.url("/a"), user="me", password=fetch.file("secret\n"), headers="X-Key: 7")
    assert d.status == 200
    at = {r.path: r.headers for r in web.requests + other.requests}
    basic = "Basic bWU6c2VjcmV0"
    assert [at[p].get("authorization") for p in "/a /b /c /d".split()] == [basic, basic, None, basic]
    assert [at[p].get("x-key") for p in "/a /b /c /d".split()] == ["7", "7", None, "7"]


def test_bearer_token(fetch, web, other):
    web.on("/a", redirect(307, other.url("/b")))
    other.on("/b", lambda c, r: c.answer(200, b"x"))
    assert fetch(web.url("/a"), token=fetch.file("tok-en\n")).status == 200
    assert web.requests[0].headers["authorization"] == "Bearer tok-en"
    assert "authorization" not in other.requests[0].headers


def test_credentials_in_the_url(fetch, web):
    web.on("/a", lambda c, r: c.answer(200, b"x"))
    d = fetch("http://me:s%%65cret@127.0.0.1:%d/a" % web.port)
    assert web.requests[0].headers["authorization"] == "Basic bWU6c2VjcmV0"
    assert d.effective_url == web.url("/a")


def test_credentials_in_a_redirect_are_dropped(fetch, web):
    web.on("/a", redirect(302, "http://evil:pw@127.0.0.1:%d/b" % web.port))
    web.on("/b", lambda c, r: c.answer(200, b"x"))
    d = fetch(web.url("/a"))
    assert d.effective_url == web.url("/b")
    assert "authorization" not in web.requests[1].headers


def test_unreadable_secret(fetch, web):
    d = fetch(web.url("/a"), token=fetch.file(""))
    assert d.kind == "CONFIG" and "token" in d.err_text


def test_proxy(fetch, web):
    web.on("http://repo.example.org/oai", lambda c, r: c.answer(200, b"by proxy"))
    d = fetch("http://repo.example.org/oai", allow_private=0, proxy=web.url(""))
    assert d.data == b"by proxy"
    assert web.requests[0].headers["host"] == "repo.example.org"


def test_proxy_that_refuses(fetch, web):
    web.on("repo.example.org:443", lambda c, r: c.answer(403, b"no"))
    d = fetch("https://repo.example.org/oai", allow_private=0, proxy=web.url(""))
    assert d.kind == "NET" and "proxy" in d.err_text and "403" in d.err_text


def test_redirect_to_private_through_a_proxy(fetch, web):
    web.on("http://repo.example.org/oai", redirect(302, "http://169.254.169.254/latest/meta-data"))
    d = fetch("http://repo.example.org/oai", allow_private=0, proxy=web.url(""))
    assert d.kind == "POLICY" and "metadata" in d.err_text
    assert len(web.requests) == 1


# --- TLS -----------------------------------------------------------------------


class Authority:
    """root → intermediate → certificates, made with openssl."""

    def __init__(self, directory):
        self.directory = directory
        self.run("req -x509 -newkey rsa:2048 -nodes -keyout root.key -out root.pem -days 30 -subj /CN=Root "
                 "-addext basicConstraints=critical,CA:TRUE")
        self.make("inter", "root", "basicConstraints=critical,CA:TRUE", "-days 30")
        self.make("good", "inter", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-days 30")
        self.make("wrong", "inter", "subjectAltName=DNS:other.example", "-days 30")
        self.make("expired", "inter", "subjectAltName=IP:127.0.0.1", "-days -1")
        self.make("client", "inter", "extendedKeyUsage=clientAuth", "-days 30")
        self.run("req -x509 -newkey rsa:2048 -nodes -keyout self.key -out self.pem -days 30 -subj /CN=127.0.0.1 "
                 "-addext subjectAltName=IP:127.0.0.1")
        self.join("client-full.pem", "client.pem", "client.key")

    def path(self, name):
        return os.path.join(self.directory, name)

    def run(self, command):
        subprocess.run(["openssl", *command.split()], cwd=self.directory, check=True, capture_output=True)

    def make(self, name, issuer, extension, days):
        with open(self.path(name + ".ext"), "w") as f:
            f.write(extension + "\n")
        self.run("req -new -newkey rsa:2048 -nodes -keyout %s.key -out %s.csr -subj /CN=%s" % (name, name, name))
        self.run("x509 -req -in %s.csr -CA %s.pem -CAkey %s.key -CAcreateserial -out %s.pem %s -extfile %s.ext"
                 % (name, issuer, issuer, name, days, name))

    def join(self, to, *names):
        with open(self.path(to), "wb") as out:
            for name in names:
                with open(self.path(name), "rb") as f:
                    out.write(f.read())

    def server(self, name, chain=True, client_ca=None):
        self.join(name + "-chain.pem", name + ".pem", *(["inter.pem"] if chain else []))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path(name + "-chain.pem"), self.path(name + ".key"))
        if client_ca:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self.path(client_ca))
        web = Web(context)
        web.on("/x", lambda c, r: c.answer(200, b"secure"))
        return web


@pytest.fixture(scope="module")
def authority():
    d = tempfile.mkdtemp(prefix="sheaf-ca-")
    yield Authority(d)
    shutil.rmtree(d)


def ask_tls(fetch, server, **ask):
    try:
        return fetch(server.url("/x"), **ask)
    finally:
        server.stop()


def test_tls_with_a_ca_file(fetch, authority):
    d = ask_tls(fetch, authority.server("good"), ca=authority.path("root.pem"))
    assert (d.status, d.data) == (200, b"secure")
    assert d.connect_ms <= d.total_ms


def test_tls_unknown_authority(fetch, authority):
    d = ask_tls(fetch, authority.server("good"))
    assert d.kind == "TLS" and "ca_file" in d.err_text


def test_tls_expired(fetch, authority):
    d = ask_tls(fetch, authority.server("expired"), ca=authority.path("root.pem"))
    assert d.kind == "TLS" and "expired" in d.err_text


def test_tls_self_signed(fetch, authority):
    d = ask_tls(fetch, authority.server("self", chain=False))
    assert d.kind == "TLS" and "self-signed" in d.err_text
    d = ask_tls(fetch, authority.server("self", chain=False), ca=authority.path("self.pem"))
    assert d.status == 200


def test_tls_incomplete_chain(fetch, authority):
    d = ask_tls(fetch, authority.server("good", chain=False), ca=authority.path("root.pem"))
    assert d.kind == "TLS" and "intermediate" in d.err_text and "ca_file" in d.err_text
    d = ask_tls(fetch, authority.server("good", chain=False), ca=authority.path("inter.pem"))
    assert d.status == 200


def test_tls_wrong_name(fetch, authority):
    d = ask_tls(fetch, authority.server("wrong"), ca=authority.path("root.pem"))
    assert d.kind == "TLS" and "not for that name" in d.err_text


def test_tls_client_certificate(fetch, authority):
    ca = authority.path("root.pem")
    d = ask_tls(fetch, authority.server("good", client_ca="root.pem"), ca=ca)
    assert d.kind in ("TLS", "NET") and d.status == 0
    authority.join("client-chain.pem", "client.pem", "inter.pem", "client.key")
    server = authority.server("good", client_ca="root.pem")
    d = ask_tls(fetch, server, ca=ca, cert=authority.path("client-chain.pem"))
    assert d.status == 200, d.err_text


def test_tls_broken_files(fetch, authority):
    junk = fetch.file("this is no PEM\n")
    d = ask_tls(fetch, authority.server("good"), ca=junk)
    assert d.kind == "TLS" and "ca_file" in d.err_text
    d = ask_tls(fetch, authority.server("good"), ca=authority.path("root.pem"), cert=junk)
    assert d.kind == "TLS" and "client_cert" in d.err_text


def test_tls_keep_alive(fetch, authority):
    server = authority.server("good")
    done = fetch.many({"url": server.url("/x"), "repeat": 10, "ca": authority.path("root.pem")}, window=1)
    server.stop()
    assert [d.status for d in done] == [200] * 10
    assert server.connections == 1


def test_plain_http_on_a_tls_port(fetch, web):
    d = fetch("https://127.0.0.1:%d/x" % web.port, connect_ms=1500)
    assert d.kind in ("TLS", "NET")


def test_http2(fetch, authority):
    nghttpd = shutil.which("nghttpd")
    if nghttpd is None:
        pytest.skip("no nghttpd here")
    root = os.path.join(authority.directory, "www")
    os.mkdir(root)
    with open(os.path.join(root, "x"), "wb") as f:
        f.write(b"x" * 100000)
    authority.join("good-chain.pem", "good.pem", "inter.pem")
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    port = s.getsockname()[1]
    s.close()
    server = subprocess.Popen(
        [nghttpd, "-a", "127.0.0.1", "-d", root, str(port), authority.path("good.key"),
         authority.path("good-chain.pem")], stdout=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 10
        while time.monotonic() < end:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port)).close()
                break
            time.sleep(0.05)
        url = "https://127.0.0.1:%d/x" % port
        done = fetch.many({"url": url, "repeat": 20, "ca": authority.path("root.pem")}, window=5)
    finally:
        server.terminate()
        server.wait()
    assert [(d.status, d.http_version, d.body_bytes) for d in done] == [(200, 20, 100000)] * 20


def test_broken_http2_is_asked_again_as_http1(fetch, authority):
    server = authority.server("good")
    server.context.set_alpn_protocols(["h2", "http/1.1"])

    def preface(c, r):
        c.send(bytes.fromhex("000000040000000000" "00000403000000000100000002"))  # SETTINGS, RST_STREAM
        time.sleep(1)

    server.on("*", preface)
    d = ask_tls(fetch, server, ca=authority.path("root.pem"))
    assert (d.status, d.http_version, d.data) == (200, 11, b"secure"), d.err_text
