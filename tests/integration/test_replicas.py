"""Replicas: a second cluster that subscribes to the registry, and a standby."""

import contextlib
import os
import re
import time

import psycopg2
import pytest

from nouns import Cluster, Daemon, Registry, Repository, Server, source, wait_for
from test_following import ENTRIES, Follower, record

SETTINGS = "shared_buffers=64MB\nfsync=off\nwal_level=logical\nmax_wal_senders=10\n"


class Origin:
    """A registry in a cluster that can be replicated, made by one who is no
    superuser, with records of three sources."""

    def __init__(self, room, server):
        self.room = room
        self.cluster = Cluster(os.path.join(room, "pg-origin"), SETTINGS)
        with contextlib.closing(self.cluster.connect()) as c, c.cursor() as cur:
            cur.execute("create role boss login createrole")
            cur.execute("create role copier login replication")
        self.registry = Registry(self.cluster)
        with contextlib.closing(self.cluster.connect()) as c, c.cursor() as cur:
            cur.execute("alter database %s owner to boss" % self.registry.name)
        self.boss = self.registry.connection.replace("user=sheaf", "user=boss")
        self.repos = {n: server.mount(Repository(n, [record(n, i) for i in range(40) if i % 3 != k], page_size=20))
                      for k, n in enumerate(("s", "t"))}
        self.daemon = Daemon(room, "connection = %s" % self.boss, *(
            source(n, r, max_change="100 %", max_delete="100 %") for n, r in self.repos.items())).init()
        self.daemon.once()

    def change(self, n):
        for name, repo in self.repos.items():
            for i in range(n, 40, 7):
                repo.put(record(name, i, time.time(), n))
            gone = [r.identifier for r in repo.records if not r.deleted]
            repo.delete(gone[n])
        self.daemon.once()


@pytest.fixture(scope="module")
def origin(room):
    server = Server()
    o = Origin(room, server)
    yield o
    o.daemon.end()
    o.cluster.stop("immediate")
    server.stop()


class Replica(Registry):
    """What a portal reads there."""

    def __init__(self, cluster, name):
        self.cluster, self.name, self._db = cluster, name, None
        self.connection = "host=%s dbname=%s user=sheaf" % (cluster.dir, name)


def everything(registry):
    """What all views of the registry say, and some of its functions."""
    out = {}
    for view, in registry.query("""select table_name from information_schema.views where table_schema = 'registry'
            order by 1"""):
        columns = [c for c, in registry.query("""select column_name from information_schema.columns
            where table_schema = 'registry' and table_name = %s order by ordinal_position""", view)
            if c not in ("lag", "next_due")]
        out[view] = registry.query("select row(%s)::text from registry.%s v order by 1" % (", ".join("v." + c for c in columns), view))
    for entry, in registry.query("select entry_id::text from registry.entry order by 1 limit 5"):
        out["history", entry] = registry.query("select h::text from registry.history(%s) h order by 1", entry)
        out["resolve", entry] = registry.query("select r::text from registry.resolve(%s) r", entry)
    out["raw"] = registry.query("select md5(registry.raw(record_id)) from registry.record order by record_id")
    out["changes"] = registry.query("select c::text from registry.changes(0) c")
    out["head"] = registry.query("select registry.change_head(), registry.change_floor()")
    out["search"] = registry.query("select s::text from registry.search('handbook villages') s")
    out["facets"] = registry.query("select f::text from registry.facets('handbook') f order by 1")
    out["coverage"] = registry.query("select c::text from registry.coverage_map() c order by 1")
    return out


def check_equal(registry, replica):
    ours, theirs = everything(registry), everything(replica)
    assert ours["entry"] and ours["search"] and ours["changes"] and ours["raw"]
    for what in ours:
        assert theirs[what] == ours[what], what


def test_all_that_the_registry_reads_is_published(origin):
    """Views, and what the functions name that they call, and those call."""
    origin.registry.query("set search_path = pg_catalog")  # so that views name schemas
    views = " ".join(d for d, in origin.registry.query(
        "select pg_get_viewdef(c.oid) from pg_class c where c.relkind = 'v' and c.relnamespace in ('registry'::regnamespace, 'sheaf'::regnamespace)"))
    bodies = dict(origin.registry.query("""select n.nspname || '.' || p.proname, string_agg(p.prosrc, ' ') from pg_proc p
        join pg_namespace n on n.oid = p.pronamespace where n.nspname in ('sheaf', 'registry') group by 1"""))
    tables = {t for t, in origin.registry.query("select relname from pg_class where relnamespace = 'sheaf'::regnamespace and relkind = 'r'")}
    reached, todo, read = set(), [b for b in bodies if b.startswith("registry.")], set()
    texts = [views] + [bodies[b] for b in todo]
    while texts:
        names = set(re.findall(r"\bsheaf\.(\w+)", texts.pop()))
        read |= names & tables
        for f in {"sheaf." + n for n in names} & set(bodies) - reached:
            reached.add(f)
            texts.append(bodies[f])
    published = {t for t, in origin.registry.query("select relname from pg_class where oid in (select sheaf.published())")}
    origin.registry.query("reset search_path")
    assert {"composed", "change", "record", "block", "resolving"} <= read
    assert read - published == set()


def test_logical_replica(origin, room, tmp_path):
    as_boss = psycopg2.connect(origin.boss)
    as_boss.autocommit = True
    with contextlib.closing(as_boss), as_boss.cursor() as c:
        c.execute("select sheaf.publish()")
        assert c.fetchone()[0] > 30
        c.execute("grant usage on schema sheaf to copier; grant select on all tables in schema sheaf to copier")
        # Again, when tables were added.
        c.execute("select sheaf.publish()")
    there = Cluster(os.path.join(room, "pg-subscriber"), SETTINGS)
    replica = Registry(there)
    try:
        Daemon(room, "connection = %s" % replica.connection).init()
        with pytest.raises(psycopg2.Error, match="no place for a replica"):
            origin.registry.query("select sheaf.replica_prepare()")
        replica.query("select sheaf.replica_prepare()")
        assert replica.query("select 1 from sheaf.replica_lacks()")
        replica.query("create subscription sheaf connection 'host=%s dbname=%s user=copier' publication sheaf"
                      % (origin.cluster.dir, origin.registry.name))
        wait_for(lambda: not replica.query("select 1 from sheaf.replica_lacks()"), 60)
        check_equal(origin.registry, replica)

        # It follows in the order of changes, and so does who follows it.
        follower = Follower(replica, str(tmp_path / "copy"))
        try:
            seen = []
            for n in (1, 2, 3):
                origin.change(n)
                if n == 2:
                    there.stop("immediate")
                    there.start()
                head = origin.registry.value("select registry.change_head()")

                def arrived():
                    seen.extend(replica.query("select seq from registry.change where seq > %s order by seq limit 5",
                                              seen[-1][0] if seen else 0))
                    return seen and seen[-1][0] == head
                wait_for(arrived, 60)
            assert [s for s, in seen] == list(range(1, head + 1))
            wait_for(lambda: everything(replica) == everything(origin.registry), 60, 0.5)
            check_equal(origin.registry, replica)
            assert follower.catch_up() == dict(origin.registry.query(ENTRIES))
        finally:
            follower.stop()
        replica.query("alter subscription sheaf disable")
        replica.query("alter subscription sheaf set (slot_name = none)")
        replica.query("drop subscription sheaf")
    finally:
        there.stop("immediate")


def test_streaming_replica(origin, room, tmp_path):
    there = Cluster.__new__(Cluster)
    there.dir = os.path.join(room, "pg-standby")
    there.data = os.path.join(there.dir, "data")
    os.mkdir(there.dir)
    os.chown(there.dir, *(os.stat(origin.cluster.dir)[k] for k in (4, 5)))
    there.run("pg_basebackup", "-h", origin.cluster.dir, "-U", "copier", "-D", there.data, "-R", "-X", "stream", "-c", "fast")
    with open(os.path.join(there.data, "postgresql.conf"), "a") as f:
        f.write("unix_socket_directories='%s'\nhot_standby_feedback=on\n" % there.dir)
    there.start()
    replica = Replica(there, origin.registry.name)
    follower = Follower(replica, str(tmp_path / "copy"))
    try:
        origin.change(1)
        head = origin.registry.value("select registry.change_head()")
        wait_for(lambda: replica.value("select registry.change_head()") == head, 60)
        wait_for(lambda: everything(replica) == everything(origin.registry), 60, 0.5)
        check_equal(origin.registry, replica)
        assert follower.catch_up() == dict(origin.registry.query(ENTRIES))
    finally:
        follower.stop()
        there.stop("immediate")
