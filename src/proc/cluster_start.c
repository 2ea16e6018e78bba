/*
 * From what is in the state directory to a running postmaster: initdb, the
 * question after lz4, postgres itself, or the adoption of one that runs.
 * What follows from the end of each is proc/cluster.c's.
 */
#include "proc/cluster_internal.h"

#include <signal.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/date.h"

enum { SURVIVOR_MS = 5000 }; /* for backends without postmaster, a signal */

static int
start_initdb(struct cluster *c, struct err *e)
{
	char *program = xasprintf("%s/initdb", c->bindir);
	int r;

	free(c->half);
	c->half = cluster_half_path(&c->dirs);
	{
		const char *const argv[] = {program, "--pgdata", c->half,
		    "--username", CLUSTER_SUPERUSER, "--encoding=UTF8",
		    "--locale=C.UTF-8", "--auth-local=peer",
		    "--auth-host=reject", "--no-instructions", NULL};

		c->step = STEP_INITDB;
		buf_clear(&c->initdb_words);
		cluster_say(c, "making a PostgreSQL cluster in %s", c->dirs.pg);
		r = watched_start(&c->proc, argv, e);
	}
	free(program);
	return r;
}

/* Asks the server itself which compression it was built with. */
static int
start_probe(struct cluster *c, struct err *e)
{
	char *program = xasprintf("%s/postgres", c->bindir);
	const char *const argv[] = {program, "-D", c->dirs.pg, "-C",
	    "wal_compression", "-c", "wal_compression=lz4", NULL};
	int r;

	/* pg/sheaf.conf is included by postgresql.conf, so it must be there */
	if (cluster_write_settings(&c->dirs, false, e) < 0) {
		free(program);
		return -1;
	}
	c->step = STEP_PROBE;
	r = watched_start(&c->proc, argv, e);
	free(program);
	return r;
}

int
cluster_run_postgres(struct cluster *c, struct err *e)
{
	char *program = xasprintf("%s/postgres", c->bindir);
	const char *const argv[] = {program, "-D", c->dirs.pg, NULL};
	int r;

	r = cluster_write_settings(&c->dirs, c->has_lz4, e);
	if (r == 0)
		r = watched_start(&c->proc, argv, e);
	free(program);
	if (r < 0)
		return -1;
	c->step = STEP_STARTING;
	c->since = date_monotonic_ms();
	cluster_arm(c->timer, CLUSTER_POLL_MS);
	cluster_arm(c->prune_timer, CLUSTER_PRUNE_MS);
	return 0;
}

static int
adopt(struct cluster *c, const struct postmaster *pm, struct err *e)
{
	if (watched_adopt(&c->proc, pm->pid, e) < 0)
		return -1;
	c->since = date_monotonic_ms();
	cluster_say(
	    c, "PostgreSQL runs already (process %d): adopted", (int)pm->pid);
	if (pm->status == PM_STOPPING)
		cluster_say(c, "it is stopping; a new one is started after it");
	c->step = STEP_STARTING;
	cluster_arm(c->timer, 0);
	cluster_arm(c->prune_timer, CLUSTER_PRUNE_MS);
	return 0;
}

/* Backends notice the end of their postmaster within moments; one that does
 * not gets what the postmaster would have sent.  True: wait. */
static bool
wait_for_survivors(struct cluster *c)
{
	static const int signals[] = {0, SIGQUIT, SIGKILL};
	unsigned n = cluster_survivors(&c->dirs, 0), steps;

	if (n == 0) {
		c->survivor_signals = 0;
		return false;
	}
	if (c->survivor_signals == 0) {
		cluster_say(c,
		    "waiting for %u processes of PostgreSQL that outlived "
		    "their postmaster",
		    n);
		c->since = date_monotonic_ms();
		c->survivor_signals = 1;
	}
	steps = 1 + (unsigned)((date_monotonic_ms() - c->since) / SURVIVOR_MS);
	if (steps > c->survivor_signals && c->survivor_signals < 3)
		cluster_survivors(&c->dirs, signals[c->survivor_signals++]);
	cluster_wait(c, 100);
	return true;
}

static int
try_begin(struct cluster *c, struct err *e)
{
	struct postmaster pm;
	int r = cluster_exists(&c->dirs, e);

	if (r < 0)
		return -1;
	cluster_remove_halves(&c->dirs);
	if (r == 0)
		return start_initdb(c, e);
	cluster_read_pidfile(&c->dirs, &pm);
	if (pm.pid != 0 && cluster_is_ours(&c->dirs, pm.pid))
		return adopt(c, &pm, e);
	if (wait_for_survivors(c))
		return 0;
	cluster_remove_stale_locks(&c->dirs);
	return start_probe(c, e);
}

void
cluster_begin(struct cluster *c)
{
	struct err e;

	if (try_begin(c, &e) < 0)
		cluster_finish(c, &e);
}
