"""The nouns of the integration tests.

    def test_something(registry, server, daemon):
        repo = server.mount(Repository("wb", records(250)))
        d = daemon(source("wb", repo))
        d.once()
        assert registry.identifiers("wb") == {r.identifier for r in repo.records}

Registry   a fresh database in a real, private PostgreSQL cluster
Server     an HTTP server on loopback with repositories that can misbehave
Daemon     a configuration, and the real sheafd and sheafctl run with it

Everything runs as an ordinary user (PostgreSQL refuses root) and lives in a
temporary directory; nothing is left running.
"""

import contextlib
import glob
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import psycopg2

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
BUILD = os.environ.get("SHEAF_BUILD", TOP)
SHARED = os.environ.get("SHEAF_SHARED", os.path.join(os.path.dirname(TOP), "shared"))
PG = os.environ.get("SHEAF_PG_BINDIR", "/usr/lib/postgresql/15/bin")
sys.path.insert(0, os.path.join(TOP, "samples"))

from oaiserver import Record, Reply, Repository, Server, dc, iso, records  # noqa: E402,F401


def find_user():
    """Whom to run as: ourselves, or where we are root an ordinary user."""
    if os.getuid():
        return pwd.getpwuid(os.getuid())
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise RuntimeError("no ordinary user to run PostgreSQL as")


USER = find_user()


def as_user(argv):
    if os.getuid():
        return argv
    return ["setpriv", "--reuid", str(USER.pw_uid), "--regid", str(USER.pw_gid), "--clear-groups", "--"] + argv


def wait_for(what, timeout=30.0, every=0.02):
    """Polls until `what()` is true and returns it; fails after `timeout`."""
    end = time.monotonic() + timeout
    while True:
        got = what()
        if got:
            return got
        if time.monotonic() > end:
            raise AssertionError("not within %g s: %s" % (timeout, getattr(what, "__doc__", None) or what))
        time.sleep(every)


def make_room():
    """A directory that the ordinary user can reach, with the built programs."""
    d = tempfile.mkdtemp(prefix="sheaf-test-")
    os.chmod(d, 0o755)
    libexec = os.path.join(d, "libexec")
    os.mkdir(libexec)
    for name in ("sheafd", "sheafctl", "sheaf-fetch", "sheaf-parse", "sheaf-store", "sheaf-resolve"):
        shutil.copy2(os.path.join(BUILD, name), os.path.join(libexec, name))
    shutil.copytree(os.path.join(TOP, "sql"), os.path.join(d, "sql"))
    for tables in ("vocab", "crosswalks"):
        shutil.copytree(os.path.join(TOP, "conf", tables), os.path.join(libexec, tables))
    for base, _, names in [*os.walk(os.path.join(d, "sql")), *os.walk(libexec)]:
        if base == libexec:
            continue
        os.chmod(base, 0o755)
        for n in names:
            os.chmod(os.path.join(base, n), 0o644)
    return d


def environment(room):
    env = {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "SHEAF_LIBEXEC": os.path.join(room, "libexec"),
        "SHEAF_SQL_DIR": os.path.join(room, "sql"),
    }
    for k, v in os.environ.items():
        if k.endswith("SAN_OPTIONS") or k.startswith("SHEAF_TEST_"):
            env[k] = v
    return env


class Cluster:
    """A private PostgreSQL on a Unix socket."""

    FAST = "fsync=off\nshared_buffers=64MB\n"

    def __init__(self, where, settings=FAST):
        self.dir = where
        self.data = os.path.join(where, "data")
        os.mkdir(where)
        if not os.getuid():
            os.chown(where, USER.pw_uid, USER.pw_gid)
        self.run("initdb", "-D", self.data, "-U", "sheaf", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
        with open(os.path.join(self.data, "postgresql.conf"), "a") as f:
            f.write(
                "listen_addresses=''\nunix_socket_directories='%s'\nmax_connections=60\n"
                "log_min_messages=warning\n%s" % (where, settings)
            )
        self.start()

    def run(self, program, *args):
        subprocess.run(
            as_user([os.path.join(PG, program), *args]), cwd="/", check=True, stdout=subprocess.DEVNULL
        )

    def start(self):
        self.run("pg_ctl", "-D", self.data, "-l", os.path.join(self.dir, "log"), "-w", "start")

    def stop(self, mode="fast"):
        self.run("pg_ctl", "-D", self.data, "-m", mode, "-w", "stop")

    def connect(self, dbname="postgres", user="sheaf"):
        c = psycopg2.connect(host=self.dir, dbname=dbname, user=user)
        c.autocommit = True
        return c


class Registry:
    """A database with Sheaf's schema, and questions to it."""

    count = 0

    def __init__(self, cluster):
        Registry.count += 1
        self.cluster = cluster
        self.name = "registry%d" % Registry.count
        with contextlib.closing(cluster.connect()) as c:
            c.cursor().execute("create database %s" % self.name)
        self.connection = "host=%s dbname=%s user=sheaf" % (cluster.dir, self.name)
        self._db = None

    def query(self, sql, *args):
        for attempt in (1, 2):
            try:
                if self._db is None or self._db.closed:
                    self._db = self.cluster.connect(self.name)
                with self._db.cursor() as c:
                    c.execute(sql, args or None)
                    # Rows without a column do not come, so what shall be
                    # empty would always be.
                    assert c.description or not (c.statusmessage or "").startswith("SELECT"), "without columns: " + sql
                    return c.fetchall() if c.description else []
            except psycopg2.DatabaseError as e:
                self._db = None
                if attempt == 2 or (e.pgcode and not isinstance(e, psycopg2.OperationalError)):
                    raise

    def value(self, sql, *args):
        return self.query(sql, *args)[0][0]

    def identifiers(self, source, status=("active",)):
        rows = self.query(
            "select identifier from registry.record where source = %s and status = any(%s)", source, list(status)
        )
        return {r[0] for r in rows}

    def records(self, source):
        """identifier → (status, datestamp as given, title)"""
        rows = self.query(
            "select identifier, status, datestamp_given, title from registry.record where source = %s", source
        )
        return {r[0]: r[1:] for r in rows}

    def status(self, source):
        cols = "state, outcome, last_error"
        return dict(zip(cols.split(", "), self.query(
            "select %s from registry.source_status where source = %%s" % cols, source)[0]))

    def runs(self, source):
        """The runs of a source, oldest first, as dictionaries."""
        with self.cluster.connect(self.name) as c, c.cursor() as cur:
            cur.execute(
                "select r.* from sheaf.run r join sheaf.source s using (source_id) where s.name = %s order by r.run_id",
                (source,),
            )
            names = [d[0] for d in cur.description]
            return [dict(zip(names, row)) for row in cur.fetchall()]

    def close(self):
        if self._db is not None:
            self._db.close()
        with contextlib.closing(self.cluster.connect()) as c:
            c.cursor().execute("drop database if exists %s with (force)" % self.name)


def source(name, repo=None, url=None, **keys):
    """A [source] section as text. `repo` gives the URL; `_` in keys stays."""
    values = {
        "agency": "test",
        "protocol": "oai-pmh",
        "url": url or repo.base_url,
        "format": "oai_dc",
        "allow_private": "yes",
        "kind": "publication",
        "retry_delay": "50ms",
        **keys,
    }
    return "[source %s]\n%s\n" % (name, "".join("%s = %s\n" % kv for kv in values.items() if kv[1] is not None))


class Daemon:
    """A configuration in a directory of its own, and the programs run with it."""

    def __init__(self, room, database, *sources, **daemon_keys):
        self.room = room
        self.dir = tempfile.mkdtemp(prefix="d-", dir=room)
        self.state = os.path.join(self.dir, "state")
        self.run_dir = os.path.join(self.dir, "run")
        self.conf = os.path.join(self.dir, "sheaf.conf")
        self.log = os.path.join(self.dir, "log")
        self.database = database
        self.daemon_keys = daemon_keys
        self.process = None
        os.mkdir(self.state)
        os.mkdir(self.run_dir)
        self.configure(*sources)
        if not os.getuid():
            for d in (self.dir, self.state, self.run_dir):
                os.chown(d, USER.pw_uid, USER.pw_gid)

    def configure(self, *sources):
        keys = {"contact": "test@example.org", "state_dir": self.state, "run_dir": self.run_dir, **self.daemon_keys}
        with open(self.conf, "w") as f:
            f.write("[daemon]\n%s\n" % "".join("%s = %s\n" % kv for kv in keys.items()))
            f.write("[database]\n%s\n\n[agency test]\nname = Test agency\n\n" % self.database)
            f.write("\n".join(sources))
        os.chmod(self.conf, 0o644)

    def command(self, program, *args):
        return as_user([os.path.join(self.room, "libexec", program), "-c", self.conf, *args])

    def run(self, program, *args, timeout=120, check=None, stdin=None):
        p = subprocess.run(
            self.command(program, *args),
            env=environment(self.room),
            cwd=self.dir,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            timeout=timeout,
            text=True,
            input=stdin,
        )
        with open(self.log, "a") as f:
            f.write("$ %s %s → %d\n%s" % (program, " ".join(args), p.returncode, p.stderr))
        if check is not None:
            assert p.returncode == check, "%s %s: exit %d\n%s%s" % (
                program, " ".join(args), p.returncode, p.stdout, p.stderr)
        return p

    def ctl(self, *args, check=0, **kw):
        return self.run("sheafctl", *args, check=check, **kw)

    def json(self, *args, **kw):
        return json.loads(self.ctl(*args, "--json", **kw).stdout)

    def init(self):
        self.ctl("init")
        return self

    def once(self, *sources, check=0, timeout=180):
        """One pass: the sources named, else all."""
        return self.run("sheafd", "--once", *(sources or ("--all",)), check=check, timeout=timeout)

    def start(self):
        self.errors = open(self.log, "a")
        self.process = subprocess.Popen(
            self.command("sheafd"), env=environment(self.room), cwd=self.dir, stdout=self.errors, stderr=self.errors
        )
        wait_for(self.answers, 60)
        return self

    def answers(self):
        """sheafd answers on its control socket"""
        assert self.process.poll() is None, "sheafd ended:\n" + self.text()
        # A verb that finds no daemon runs the embedded cluster itself, and one
        # that was killed leaves its socket behind.
        with socket.socket(socket.AF_UNIX) as s:
            if s.connect_ex(os.path.join(self.run_dir, "control")) != 0:
                return False
        return self.run("sheafctl", "status", check=None).returncode == 0

    def text(self):
        with open(self.log) as f:
            return f.read()

    def end(self):
        """Stops it, shows its log, and fails where a sanitizer said something:
        a role that died of it was started again."""
        self.stop()
        text = self.text()
        print(text[-6000:])
        assert "Sanitizer" not in text and "runtime error:" not in text

    def roles(self):
        """name → pid of the daemon's children"""
        out = {}
        for path in glob.glob("/proc/[0-9]*/stat"):
            with contextlib.suppress(OSError, ValueError):
                with open(path) as f:
                    head, tail = f.read().rsplit(")", 1)
                if int(tail.split()[1]) == self.process.pid:
                    out[head.split("(", 1)[1]] = int(path.split("/")[2])
        return out

    def role(self, name, timeout=30):
        """The pid of a child, waited for: it may not have been started yet, or again."""
        return wait_for(lambda: self.roles().get(name), timeout)

    def kill(self, role=None, sig=signal.SIGKILL):
        os.kill(self.role(role) if role else self.process.pid, sig)
        if role is None:
            self.process.wait(60)
            self.process = None

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            try:
                code = self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise
            self.process = None
            return code


def ids(repo, deleted=False):
    """The identifiers that a repository holds (or says it deleted)."""
    return {r.identifier for r in repo.records if r.deleted == deleted}
