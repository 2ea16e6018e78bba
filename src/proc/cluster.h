/*
 * The embedded PostgreSQL (`embedded = yes`): a private cluster under the
 * state directory, made at the first start, run as a supervised child of
 * sheafd on libevent, reached by a Unix socket only, never run as root.
 *
 *	state_dir/pg          the data directory; pg/sheaf.conf is ours and
 *	                      written at each start, pg/local.conf the
 *operator's state_dir/pg/log      the server's log: at most CLUSTER_LOG_FILES
 *files of 10 MB state_dir/pg-socket   its socket, or run_dir/pg-socket where
 *the path would be too long for one
 *
 * The operating system's user that runs sheafd (and root) may connect as
 * sheaf (superuser), sheaf_store, sheaf_resolve, sheaf_reader, sheaf_serve,
 * sheaf_operator, by peer authentication; nobody else may connect.  Neither
 * those roles nor the database `sheaf` are made here: that is `sheafctl
 * init`'s.
 *
 * A cluster that still runs after a crash of sheafd is adopted.  One that
 * ends unasked is started again, with backoff, and on_ready is called again.
 */
#ifndef SHEAF_PROC_CLUSTER_H
#define SHEAF_PROC_CLUSTER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

struct event_base;
struct cluster;

enum { CLUSTER_LOG_FILES = 8 };
#define CLUSTER_SUPERUSER "sheaf"
#define CLUSTER_DATABASE  "sheaf"

/* All are called from the event loop, never from cluster_start or _stop. */
struct cluster_ops {
	/* It takes connections.  conninfo: "host=DIR port=5432 dbname=sheaf",
	 * to which the caller adds user=.  Valid during the call. */
	void (*on_ready)(void *arg, const char *conninfo);
	/* It has ended for good: stopped as asked (class ERR_NONE), or it
	 * cannot be made or started (why). */
	void (*on_exit)(void *arg, const struct err *why);
	/* A line for the log: the server's first words, initdb's when it
	 * failed, and what this supervisor does. */
	void (*on_log)(void *arg, const char *line);
};

/* Strings are copied.  bindir holds initdb and postgres (SHEAF_PG_BINDIR);
 * run_dir may be NULL. */
struct cluster *
cluster_new(struct event_base *base, const char *state_dir, const char *run_dir,
    const char *bindir, const struct cluster_ops *ops, void *arg);
/* Begins: initdb where there is no cluster, then postgres, or adoption.  0,
 * or -1 when it cannot even begin (as root; no postgres in bindir; a
 * directory that cannot be written); on_exit is not called then. */
int cluster_start(struct cluster *c, struct err *e);
/* Fast shutdown (SIGINT: sessions are ended, all is durable); after
 * timeout_ms an immediate one (SIGQUIT: it recovers at the next start), ten
 * seconds later SIGKILL.  on_exit comes at the end.  Asked again, the rest of
 * the time is the new timeout.  Stop it after every role. */
void cluster_stop(struct cluster *c, unsigned timeout_ms);
/* Forgets it; a server that runs goes on running and is adopted later. */
void cluster_free(struct cluster *c);

bool cluster_is_ready(const struct cluster *c);
pid_t cluster_pid(const struct cluster *c); /* postmaster's, or 0 */

/* Where the cluster of a state directory listens, for who does not run it:
 * appends the same conninfo.  0, or -1 when there is no cluster or no path
 * that is short enough. */
int cluster_conninfo(
    struct buf *out, const char *state_dir, const char *run_dir, struct err *e);

#endif
