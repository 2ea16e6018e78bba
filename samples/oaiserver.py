"""An OAI-PMH 2.0 provider for tests and samples: correct by default, able to
misbehave in each way that real servers were seen to.

    server = Server()                        # one HTTP server on loopback
    repo = Repository("wb", records(250), page_size=100)
    server.mount(repo)                       # http://127.0.0.1:PORT/wb/oai
    repo.on(lambda q: q.verb == "ListRecords" and q.page == 2, Reply(503))

A *habit* (token style, granularity, page size) is an argument of Repository; a
*fault* is a rule added with on(), which may answer instead of the repository
or change what it answered. Every request is logged in repo.requests, and
judged: repo.illegal lists those that the protocol forbids.
"""

import base64
import gzip
import re
import socket
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, quote, urlsplit
from xml.sax.saxutils import escape

OAI_NS = "http://www.openarchives.org/OAI/2.0/"
DC_OPEN = (
    '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
)
KNOWN_FORMATS = {  # prefix → schema, namespace
    "oai_dc": ("http://www.openarchives.org/OAI/2.0/oai_dc.xsd", "http://www.openarchives.org/OAI/2.0/oai_dc/"),
    "xoai": ("http://www.lyncode.com/schemas/xoai.xsd", "http://www.lyncode.com/xoai"),
    "marcxml": ("http://www.loc.gov/standards/marcxml/schema/MARC21slim.xsd", "http://www.loc.gov/MARC21/slim"),
}
VERBS = {
    "Identify": set(),
    "ListMetadataFormats": {"identifier"},
    "ListSets": {"resumptionToken"},
    "GetRecord": {"identifier", "metadataPrefix"},
    "ListRecords": {"metadataPrefix", "from", "until", "set", "resumptionToken"},
    "ListIdentifiers": {"metadataPrefix", "from", "until", "set", "resumptionToken"},
}


def iso(t):
    """A datestamp of seconds since the epoch, or the text itself."""
    if isinstance(t, str):
        return t
    return datetime.fromtimestamp(t, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Record:
    identifier: str
    datestamp: str
    metadata: str = ""  # the element inside <metadata>; "" for a deleted one
    sets: tuple = ()
    deleted: bool = False
    about: str = ""
    forms: dict = field(default_factory=dict)  # prefix → its element, where metadata is not it

    @property
    def header(self):
        status = ' status="deleted"' if self.deleted else ""
        sets = "".join("<setSpec>%s</setSpec>" % escape(s) for s in self.sets)
        return "<header%s><identifier>%s</identifier><datestamp>%s</datestamp>%s</header>" % (
            status,
            escape(self.identifier),
            self.datestamp,
            sets,
        )


def dc(**fields):
    """An oai_dc element; a list value makes several elements."""
    out = [DC_OPEN]
    for name, values in fields.items():
        for v in values if isinstance(values, (list, tuple)) else [values]:
            out.append("<dc:%s>%s</dc:%s>" % (name, escape(str(v)), name))
    return "".join(out) + "</oai_dc:dc>"


def records(n, prefix="oai:example.org:", start=0, t0=1700000000, step=60, sets=(), **extra):
    """n plain records, one every `step` seconds from t0."""
    return [
        Record(
            "%s%d" % (prefix, i),
            iso(t0 + i * step),
            dc(
                title="Record number %d" % i,
                creator="Doe, Jane",
                date="2020-01-%02d" % (i % 28 + 1),
                identifier="http://example.org/item/%d" % i,
                language="en",
                type="Report",
                **extra,
            ),
            tuple(sets),
        )
        for i in range(start, start + n)
    ]


@dataclass
class Reply:
    """An answer made by a rule: what is None is taken from the repository's."""

    status: int = None
    body: object = None  # bytes, or a function from bytes to bytes
    headers: dict = field(default_factory=dict)
    delay: float = 0  # seconds before the answer
    cut: int = None  # send so many bytes of the body, then close
    drip: float = 0  # seconds between single bytes
    hang: bool = False  # accept and never answer


@dataclass
class Query:
    """One request, as the rules see it."""

    verb: str
    args: dict
    n: int  # how many requests this repository had before
    cursor: int = None  # position of a list request
    page: int = None  # its page number, from 1
    method: str = "GET"
    headers: dict = field(default_factory=dict)
    raw: str = ""  # the query string as sent
    at: float = 0.0
    status: int = 0  # of the answer
    client: int = 0  # the client's port, to see keep-alive


class Repository:
    def __init__(
        self,
        name,
        records=(),
        page_size=100,
        granularity="second",
        deleted="persistent",
        token="plain",
        formats=("oai_dc",),
        sets=None,
        list_size=True,
        earliest=None,
        gzip=False,
        prefix="",
        namespace=OAI_NS,
        response_date=None,
        title=None,
    ):
        self.name = name
        self.records = list(records)
        self.page_size = page_size
        self.granularity = granularity
        self.deleted = deleted
        self.token = token  # plain, opaque, special, constant
        self.formats = formats
        self.sets = sets
        self.list_size = list_size
        self.earliest = earliest
        self.gzip = gzip
        self.prefix = prefix  # "oai:" puts every protocol element on a prefix
        self.namespace = namespace
        self.response_date = response_date  # None: now; or a function or text
        self.title = title or name
        self.rules = []
        self.requests = []
        self.illegal = []
        self.lock = threading.RLock()
        self.constant = None  # position of the constant token
        self.base_url = "http://127.0.0.1/%s/oai" % name  # set by mount

    # --- for tests ---

    def on(self, when, what, times=None):
        """Adds a rule: `what` is a Reply, or a function of (query, bytes) that
        returns a Reply or bytes; at most `times` times."""
        self.rules.append([when, what, times])

    def get(self, identifier):
        return next(r for r in self.records if r.identifier == identifier)

    def put(self, record):
        """Adds, or replaces the one with the same identifier."""
        with self.lock:
            self.records = [r for r in self.records if r.identifier != record.identifier] + [record]

    def remove(self, identifier):
        """Takes a record away without a trace."""
        with self.lock:
            self.records = [r for r in self.records if r.identifier != identifier]

    def delete(self, identifier, at=None):
        """Marks a record deleted, as the protocol wants it."""
        old = self.get(identifier)
        self.put(Record(identifier, iso(at or time.time()), "", old.sets, True))

    def asked(self, verb):
        return [q for q in self.requests if q.verb == verb]

    # --- the protocol ---

    def stamp(self, s):
        return s[:10] if self.granularity == "day" else s

    def envelope(self, verb, args, inside):
        p = self.prefix
        ns = ' xmlns%s="%s"' % (":" + p[:-1] if p else "", self.namespace) if self.namespace else ""
        rd = self.response_date() if callable(self.response_date) else self.response_date or iso(time.time())
        attrs = "".join(' %s="%s"' % (k, escape(v, {'"': "&quot;"})) for k, v in args.items())
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n<%sOAI-PMH%s><%sresponseDate>%s</%sresponseDate>'
            "<%srequest%s>%s</%srequest>%s</%sOAI-PMH>\n"
            % (p, ns, p, rd, p, p, attrs, escape(self.base_url), p, inside, p)
        ).encode()

    def tag(self, xml):
        """Puts protocol elements on the prefix."""
        if not self.prefix:
            return xml
        names = "record|header|metadata|about|identifier|datestamp|setSpec|resumptionToken|error"
        return re.sub(r"<(/?)(%s)(?=[\s>/])" % names, r"<\1%s\2" % self.prefix, xml)

    def error(self, verb, args, code, text=""):
        p = self.prefix
        args = {} if code in ("badVerb", "badArgument") else args
        return self.envelope(verb, args, '<%serror code="%s">%s</%serror>' % (p, code, escape(text or code), p))

    def wrap(self, verb, args, xml):
        p = self.prefix
        return self.envelope(verb, args, "<%s%s>%s</%s%s>" % (p, verb, self.tag(xml), p, verb))

    def answer(self, q):
        """The correct answer, as bytes."""
        a = q.args
        if q.verb not in VERBS:
            return self.error(q.verb, {}, "badVerb")
        bad = set(a) - VERBS[q.verb] - {"verb"}
        if bad or ("resumptionToken" in a and len(a) != 2):
            return self.error(q.verb, a, "badArgument", "not allowed: " + ", ".join(sorted(bad or a)))
        return getattr(self, "do_" + q.verb)(q)

    def do_Identify(self, q):
        earliest = self.earliest or min((r.datestamp for r in self.records), default="2000-01-01T00:00:00Z")
        g = "YYYY-MM-DD" if self.granularity == "day" else "YYYY-MM-DDThh:mm:ssZ"
        return self.wrap(
            "Identify",
            q.args,
            "<repositoryName>%s</repositoryName><baseURL>%s</baseURL><protocolVersion>2.0</protocolVersion>"
            "<adminEmail>admin@example.org</adminEmail><earliestDatestamp>%s</earliestDatestamp>"
            "<deletedRecord>%s</deletedRecord><granularity>%s</granularity>%s"
            % (
                escape(self.title),
                escape(self.base_url),
                self.stamp(earliest),
                self.deleted,
                g,
                "<compression>gzip</compression>" if self.gzip else "",
            ),
        )

    def do_ListMetadataFormats(self, q):
        out = []
        for f in self.formats:
            schema, ns = KNOWN_FORMATS.get(f, ("http://example.org/%s.xsd" % f, "http://example.org/%s/" % f))
            out.append(
                "<metadataFormat><metadataPrefix>%s</metadataPrefix><schema>%s</schema>"
                "<metadataNamespace>%s</metadataNamespace></metadataFormat>" % (f, schema, ns)
            )
        return self.wrap("ListMetadataFormats", q.args, "".join(out))

    def do_ListSets(self, q):
        specs = self.sets or sorted({s for r in self.records for s in r.sets})
        if not specs:
            return self.error("ListSets", q.args, "noSetHierarchy")
        items = "".join("<set><setSpec>%s</setSpec><setName>%s</setName></set>" % (escape(s), escape(s)) for s in specs)
        return self.wrap("ListSets", q.args, items)

    def do_GetRecord(self, q):
        if q.args.get("metadataPrefix") not in self.formats:
            return self.error("GetRecord", q.args, "cannotDisseminateFormat")
        for r in self.records:
            if r.identifier == q.args.get("identifier"):
                return self.wrap("GetRecord", q.args, self.record_xml(r, q.args["metadataPrefix"]))
        return self.error("GetRecord", q.args, "idDoesNotExist")

    def record_xml(self, r, prefix=""):
        metadata = r.forms.get(prefix, r.metadata)
        r = Record(r.identifier, self.stamp(r.datestamp), "", r.sets, r.deleted, r.about)
        if r.deleted:
            return "<record>%s</record>" % r.header
        about = "<about>%s</about>" % r.about if r.about else ""
        return "<record>%s<metadata>%s</metadata>%s</record>" % (r.header, metadata, about)

    def do_ListRecords(self, q):
        return self.do_list(q, self.record_xml)

    def do_ListIdentifiers(self, q):
        def header(r, _):
            return Record(r.identifier, self.stamp(r.datestamp), "", r.sets, r.deleted).header

        return self.do_list(q, header)

    def do_list(self, q, show):
        a = dict(q.args)
        if "resumptionToken" in a:
            a = self.read_token(a["resumptionToken"])
            if a is None:
                return self.error(q.verb, q.args, "badResumptionToken")
        elif "metadataPrefix" not in a:
            return self.error(q.verb, q.args, "badArgument", "metadataPrefix is required")
        if a.get("metadataPrefix") not in self.formats:
            return self.error(q.verb, q.args, "cannotDisseminateFormat")
        for k in ("from", "until"):
            shape = r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?$"
            if k in a and (not re.match(shape, a[k]) or (self.granularity == "day" and len(a[k]) > 10)):
                return self.error(q.verb, q.args, "badArgument", k)
        chosen = self.select(a)
        at = int(a.get("cursor", 0))
        page = chosen[at : at + self.page_size]
        if not chosen:
            return self.error(q.verb, q.args, "noRecordsMatch")
        return self.wrap(q.verb, q.args, "".join(show(r, a["metadataPrefix"]) for r in page) + self.token_xml(a, at, len(page), len(chosen)))

    def select(self, a):
        def fits(r):
            d, f, u, s = r.datestamp, a.get("from"), a.get("until"), a.get("set")
            return (
                (not f or d[: len(f)] >= f)
                and (not u or d[: len(u)] <= u)
                and (not s or any(x == s or x.startswith(s + ":") for x in r.sets))
            )

        return sorted((r for r in self.records if fits(r)), key=lambda r: (r.datestamp, r.identifier))

    def token_xml(self, a, at, count, total):
        size = ' completeListSize="%d"' % total if self.list_size else ""
        if at + count >= total:
            return '<resumptionToken%s cursor="%d"/>' % (size, at) if at else ""
        return '<resumptionToken%s cursor="%d">%s</resumptionToken>' % (
            size,
            at,
            escape(self.make_token(dict(a, cursor=at + count))),
        )

    def make_token(self, a):
        parts = [a.get("metadataPrefix", ""), a.get("from", ""), a.get("until", ""), a.get("set", ""), str(a["cursor"])]
        text = "/".join(parts)  # as DSpace writes them
        if self.token == "opaque":
            return base64.b64encode(text.encode()).decode()
        if self.token == "special":
            return "a+b %/=&?#" + text
        if self.token == "constant":
            self.constant = a
            return "the-one-token"
        return text

    def read_token(self, t):
        if self.token == "constant":
            return self.constant
        try:
            if self.token == "opaque":
                t = base64.b64decode(t, validate=True).decode()
            if self.token == "special":
                if not t.startswith("a+b %/=&?#"):
                    return None
                t = t[len("a+b %/=&?#") :]
            prefix, f, u, rest = t.split("/", 3)
            s, cursor = rest.rsplit("/", 1)
            a = {"metadataPrefix": prefix, "cursor": int(cursor)}
        except ValueError:
            return None
        a.update((k, v) for k, v in (("from", f), ("until", u), ("set", s)) if v)
        return a

    # --- serving ---

    def judge(self, q):
        """Notes a request that the protocol forbids."""
        a = q.args
        why = None
        if q.verb not in VERBS:
            why = "verb"
        elif set(a) - VERBS[q.verb] - {"verb"}:
            why = "argument"
        elif "resumptionToken" in a and set(a) != {"verb", "resumptionToken"}:
            why = "resumptionToken is exclusive"
        elif q.verb in ("ListRecords", "ListIdentifiers") and not {"resumptionToken", "metadataPrefix"} & set(a):
            why = "metadataPrefix missing"
        elif q.verb == "GetRecord" and set(a) != {"verb", "identifier", "metadataPrefix"}:
            why = "GetRecord needs two arguments"
        elif len(a.get("from", a.get("until", ""))) != len(a.get("until", a.get("from", ""))):
            why = "from and until differ in granularity"
        elif a.get("from", "") > a.get("until", "9"):
            why = "from is after until"
        if why:
            self.illegal.append((why, q.raw))

    def handle(self, method, query, headers, client):
        with self.lock:
            pairs = parse_qsl(query, keep_blank_values=True)
            args = dict(pairs)
            q = Query(args.get("verb", ""), args, len(self.requests), method=method, headers=headers, raw=query)
            q.at, q.client = time.time(), client
            if q.verb in ("ListRecords", "ListIdentifiers"):
                a = self.read_token(args["resumptionToken"]) if "resumptionToken" in args else args
                q.cursor = int((a or {}).get("cursor", 0))
                q.page = q.cursor // self.page_size + 1
            self.requests.append(q)
            self.judge(q)
            if len(pairs) != len(args):
                self.illegal.append(("repeated argument", query))
            body, reply = self.answer(q), Reply()
            for rule in self.rules:
                when, what, times = rule
                if times == 0 or not when(q):
                    continue
                rule[2] = None if times is None else times - 1
                got = what(q, body) if callable(what) else what
                reply = Reply(body=got) if isinstance(got, bytes) else got
                break
            if callable(reply.body):
                body = reply.body(body)
            elif reply.body is not None:
                body = reply.body
            q.status = reply.status or 200
            return q, reply, body


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self):
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def log_message(self, *a):
        pass

    def do_GET(self):
        u = urlsplit(self.path)
        query = u.query
        if self.command == "POST":
            query = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        repo = self.server.owner.repositories.get(u.path)
        if repo is None:
            return self.send(404, {"Content-Type": "text/plain"}, b"no such repository\n")
        q, reply, body = repo.handle(self.command, query, dict(self.headers.items()), self.client_address[1])
        if reply.hang:
            self.server.owner.stopping.wait()
            self.close_connection = True
            return
        if reply.delay:
            time.sleep(reply.delay)
        headers = {"Content-Type": "text/xml; charset=UTF-8", **reply.headers}
        if repo.gzip and "gzip" in self.headers.get("Accept-Encoding", "") and "Content-Encoding" not in headers:
            body = gzip.compress(body, 1)
            headers["Content-Encoding"] = "gzip"
        self.send(reply.status or 200, headers, body, reply)

    do_POST = do_HEAD = do_GET

    def send(self, status, headers, body, reply=Reply()):
        self.send_response(status)
        for k, v in headers.items():
            if v is not None:
                self.send_header(k, v)
        if "Content-Length" not in headers and status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "HEAD":
            return
        try:
            if reply.drip:
                for i in range(len(body)):
                    self.wfile.write(body[i : i + 1])
                    self.wfile.flush()
                    if self.server.owner.stopping.wait(reply.drip):
                        break
            else:
                self.wfile.write(body if reply.cut is None else body[: reply.cut])
        except OSError:
            self.close_connection = True
        if reply.cut is not None:
            self.close_connection = True


class HTTP(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 1024
    allow_reuse_address = True

    def handle_error(self, request, client_address):
        pass  # a client that went away is no news


class Server:
    """One HTTP (or with `context` HTTPS) server on loopback for any number of
    repositories."""

    def __init__(self, port=0, context=None):
        self.repositories = {}
        self.stopping = threading.Event()
        self.http = HTTP(("127.0.0.1", port), Handler)
        self.http.owner = self
        self.scheme = "http"
        if context:
            self.http.socket = context.wrap_socket(self.http.socket, server_side=True)
            self.scheme = "https"
        self.port = self.http.server_address[1]
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.1,), daemon=True)
        self.thread.start()

    def mount(self, repo, path=None):
        path = path or "/%s/oai" % quote(repo.name)
        self.repositories[path] = repo
        repo.base_url = "%s://127.0.0.1:%d%s" % (self.scheme, self.port, path)
        return repo

    def stop(self):
        self.stopping.set()
        self.http.shutdown()
        self.http.server_close()
