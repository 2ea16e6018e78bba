#!/usr/bin/python3
"""How a portal keeps a copy of the registry's entries: registry.change followed.

    follow_changes.py [--once] [--patience SECONDS] CONNINFO COPY.sqlite

copies registry.entry into the SQLite database COPY.sqlite, table entry
(entry_id, said: the row as JSON), and keeps it equal from then on; with --once
until nothing is new.  It may be stopped at any moment and started again: where
it stands is kept in the copy, in the same transaction as what it has done.

The copy is exact when nothing is new: then it is what registry.entry is.  While
it catches up, an entry may be there as it was some changes later already.  What
makes it so, whoever writes what meanwhile:

  - It begins with registry.change_head() and all entries in one snapshot.
  - It asks for the changes after the last one that it has done; none is ever
    inserted before one that could be seen, and none that was seen is undone.
  - Whatever a change says, what is in registry.entry is put, what is not is
    taken out; to do a change twice, or to see an entry as it was some changes
    later, does no harm.
  - Too late (SF001), it begins anew.  Ahead (SF002), it may be ahead of a
    replica that is behind, so it tries again each second for --patience (60);
    then the registry was restored from a backup, and it begins anew.

NOTIFY sheaf_change is a hint, to be there sooner; replicas do not have it.
"""

import argparse
import select
import sqlite3
import sys
import time

import psycopg2

PAGE = 1000
EVERY_S = 30  # when nothing is heard
TRY_AGAIN_S = 1
TOO_LATE, AHEAD = "SF001", "SF002"


def open_copy(path):
    copy = sqlite3.connect(path)
    with copy:
        copy.execute("create table if not exists entry (entry_id text primary key, said text not null)")
        copy.execute("create table if not exists position (one integer primary key check (one = 1), seq integer)")
    return copy


def position(copy):
    row = copy.execute("select seq from position").fetchone()
    return row[0] if row else None


def stand_at(copy, seq):
    copy.execute("insert into position values (1, ?) on conflict (one) do update set seq = excluded.seq", (seq,))


def begin(db, copy):
    """Everything anew, in one snapshot and one transaction of the copy."""
    db.autocommit = False
    db.set_session(isolation_level="REPEATABLE READ", readonly=True)
    try:
        with db, copy, db.cursor() as c, db.cursor("entries") as rows:
            c.execute("select registry.change_head()")
            stand_at(copy, c.fetchone()[0])
            copy.execute("delete from entry")
            rows.itersize = PAGE
            rows.execute("select entry_id::text, to_jsonb(e)::text from registry.entry e")
            copy.executemany("insert into entry values (?, ?)", rows)
    finally:
        if not db.closed:
            db.set_session(isolation_level="DEFAULT", readonly=False)
            db.autocommit = True


def step(db, copy):
    """The next page of changes; gives how many it had."""
    with db.cursor() as c:
        c.execute("select seq, entry_id::text from registry.changes(%s, %s)", (position(copy), PAGE))
        changes = c.fetchall()
        if not changes:
            return 0
        ids = sorted({entry for _, entry in changes})
        c.execute("select entry_id::text, to_jsonb(e)::text from registry.entry e where entry_id = any(%s::uuid[])", (ids,))
        there = c.fetchall()
    with copy:
        copy.executemany("delete from entry where entry_id = ?", [(i,) for i in ids])
        copy.executemany("insert into entry values (?, ?)", there)
        stand_at(copy, changes[-1][0])
    return len(changes)


def listen(db):
    db.autocommit = True
    with db.cursor() as c:
        try:
            c.execute("listen sheaf_change")
        except psycopg2.errors.ReadOnlySqlTransaction:
            pass  # a standby has no notifications


def wait(db):
    select.select([db], [], [], EVERY_S)
    db.poll()
    db.notifies.clear()


def say(text):
    print("follow_changes: " + text, file=sys.stderr)


def follow(conninfo, copy, once, patience):
    db = psycopg2.connect(conninfo)
    ahead_since = None
    try:
        listen(db)
        while True:
            try:
                if position(copy) is None:
                    begin(db, copy)
                done = step(db, copy)
                ahead_since = None
                if done == 0:
                    if once:
                        return
                    wait(db)
            except psycopg2.Error as e:
                if e.pgcode not in (TOO_LATE, AHEAD):
                    raise
                if e.pgcode == AHEAD:
                    if ahead_since is None:
                        ahead_since = time.monotonic()
                        say("%s; tries again for %g s" % (e.diag.message_primary, patience))
                    if time.monotonic() - ahead_since < patience:
                        time.sleep(TRY_AGAIN_S)
                        continue
                say("%s; copies everything anew" % e.diag.message_primary)
                ahead_since = None
                begin(db, copy)
    finally:
        db.close()


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--once", action="store_true", help="end when nothing is new")
    p.add_argument("--patience", type=float, default=60, metavar="SECONDS", help="how long a replica may be behind (60)")
    p.add_argument("conninfo")
    p.add_argument("copy")
    args = p.parse_args()
    copy = open_copy(args.copy)
    while True:
        try:
            return follow(args.conninfo, copy, args.once, args.patience)
        except (psycopg2.OperationalError, psycopg2.InterfaceError) as e:
            # The server restarts, or the way to it is broken.
            say("%s; tries again" % str(e).strip().split("\n")[0])
            time.sleep(TRY_AGAIN_S)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
