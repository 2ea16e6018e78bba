/*
 * Supervision of the embedded PostgreSQL: which step comes next, and what the
 * end of each process means.
 *
 *	begin → [initdb] → probe → starting → ready → stopping
 *	  ↑ ↘ waiting (others in the directory; backoff) │
 *	  └──────────────────────────────────────────────┘ an end unasked
 *
 * One process at a time is watched (proc/cluster_watch.c), whether it is our
 * child or was adopted.  What begins each step is proc/cluster_start.c.
 */
#include "proc/cluster.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/date.h"
#include "base/limits.h"
#include "base/str.h"
#include "proc/cluster_internal.h"
#include "proc/role.h"

enum {
	PATIENCE_MS = 30000, /* between words about a long start */
	KILL_MS = 10000, /* from SIGQUIT to SIGKILL */
	BACKOFF_MIN_MS = 200, /* after an end unasked */
	BACKOFF_MAX_MS = 10000,
	STEADY_MS = 60000, /* ready so long: the backoff begins anew */
	FAILED_STARTS = 3, /* never ready so often: give up */
	LINE_BYTES = 2048
};

void
cluster_arm(struct event *ev, unsigned ms)
{
	struct timeval tv = {ms / 1000, (suseconds_t)(ms % 1000) * 1000};

	event_add(ev, &tv);
}

void
cluster_say(const struct cluster *c, const char *fmt, ...)
{
	struct buf b;
	va_list ap;

	buf_init(&b, LINE_BYTES);
	va_start(ap, fmt);
	buf_vprintf(&b, fmt, ap);
	va_end(ap);
	c->ops->on_log(c->arg, buf_str(&b));
	buf_release(&b);
}

/* The end for good; on_exit comes from the loop. */
void
cluster_finish(struct cluster *c, const struct err *why)
{
	if (why)
		c->why = *why;
	else
		err_clear(&c->why);
	event_del(c->stop_timer);
	event_del(c->prune_timer);
	c->step = STEP_ENDED;
	cluster_arm(c->timer, 0);
}

void
cluster_wait(struct cluster *c, unsigned ms)
{
	c->step = STEP_WAITING;
	cluster_arm(c->timer, ms);
}

/* --- ends -------------------------------------------------------------- */
static void
describe_end(const struct cluster *c, int status, char *out, size_t n)
{
	char words[ERR_TEXT_BYTES], *text;

	str_copy(words, sizeof(words), c->proc.last_fault);
	if (!words[0] && c->step != STEP_INITDB)
		cluster_last_words(&c->dirs, words, sizeof(words));
	if (status == -1)
		text = xstrdup("ended");
	else if (WIFSIGNALED(status))
		text = xasprintf("was killed by signal %d", WTERMSIG(status));
	else
		text = xasprintf("ended with status %d", WEXITSTATUS(status));
	if (words[0]) {
		char *longer = xasprintf("%s: %s", text, words);

		free(text);
		text = longer;
	}
	str_copy(out, n, text);
	free(text);
}

static void
tell_initdb_words(struct cluster *c)
{
	char *line = c->initdb_words.data, *end;

	for (; line != NULL && *line != '\0'; line = end) {
		end = line + strcspn(line, "\n");
		if (*end == '\n')
			*end++ = '\0';
		c->ops->on_log(c->arg, line);
	}
	buf_clear(&c->initdb_words);
}

static void
initdb_ended(struct cluster *c, int status)
{
	char text[ERR_TEXT_BYTES];
	struct err e;

	if (status == 0 && !c->is_stopping) {
		if (cluster_adopt_half(&c->dirs, c->half, &e) < 0)
			cluster_finish(c, &e);
		else
			cluster_begin(c);
		return;
	}
	cluster_remove_halves(&c->dirs);
	if (c->is_stopping) {
		cluster_finish(c, NULL);
		return;
	}
	tell_initdb_words(c);
	describe_end(c, status, text, sizeof(text));
	err_set(&e, ERR_DB, 0, "%s/initdb %s", c->bindir, text);
	cluster_finish(c, &e);
}

static void
probe_ended(struct cluster *c, int status)
{
	struct err e;

	if (c->is_stopping) {
		cluster_finish(c, NULL);
		return;
	}
	c->has_lz4 = status == 0;
	if (cluster_run_postgres(c, &e) < 0)
		cluster_finish(c, &e);
}

static void
postgres_ended(struct cluster *c, int status)
{
	bool was_ready = c->step == STEP_READY;
	char text[ERR_TEXT_BYTES];
	struct err e;

	event_del(c->timer);
	if (c->is_stopping) {
		cluster_finish(c, NULL);
		return;
	}
	describe_end(c, status, text, sizeof(text));
	if (was_ready) {
		c->failed_starts = 0;
		if (date_monotonic_ms() - c->since > STEADY_MS)
			c->backoff_ms = 0;
	} else if (c->proc.is_child && ++c->failed_starts >= FAILED_STARTS) {
		err_set(&e, ERR_DB, 0,
		    "PostgreSQL does not start: it %s (its log is in %s/log)",
		    text, c->dirs.pg);
		cluster_finish(c, &e);
		return;
	}
	c->backoff_ms = c->backoff_ms == 0 ? BACKOFF_MIN_MS
			: c->backoff_ms > BACKOFF_MAX_MS / 2
			    ? BACKOFF_MAX_MS
			    : 2 * c->backoff_ms;
	cluster_say(
	    c, "PostgreSQL %s; started again in %u ms", text, c->backoff_ms);
	cluster_wait(c, c->backoff_ms);
}

static void
process_ended(void *arg, int status)
{
	struct cluster *c = arg;

	switch (c->step) {
	case STEP_INITDB:
		initdb_ended(c, status);
		break;
	case STEP_PROBE:
		probe_ended(c, status);
		break;
	case STEP_STARTING:
	case STEP_READY:
		postgres_ended(c, status);
		break;
	case STEP_IDLE:
	case STEP_WAITING:
	case STEP_ENDED:
		BUG_ON(true);
	}
}

static void
on_line(void *arg, const char *line)
{
	struct cluster *c = arg;

	/* It explains each of its steps, which nobody needs who succeeds. */
	if (c->step == STEP_INITDB)
		buf_printf(&c->initdb_words, "%s\n", line);
	else if (c->step != STEP_PROBE)
		c->ops->on_log(c->arg, line);
}

/* --- time -------------------------------------------------------------- */
static void
become_ready(struct cluster *c, const struct postmaster *pm)
{
	struct buf b;

	c->step = STEP_READY;
	c->since = date_monotonic_ms();
	buf_init(&b, 4 * KIB);
	cluster_dirs_conninfo(
	    &b, pm->socket_dir[0] ? pm->socket_dir : c->dirs.socket);
	if (!c->is_stopping)
		c->ops->on_ready(c->arg, buf_str(&b));
	buf_release(&b);
}

static void
look_whether_ready(struct cluster *c)
{
	struct postmaster pm;

	cluster_read_pidfile(&c->dirs, &pm);
	if (pm.pid == c->proc.pid && pm.status == PM_READY) {
		become_ready(c, &pm);
		return;
	}
	if (date_monotonic_ms() - c->since > PATIENCE_MS) {
		cluster_say(c,
		    "PostgreSQL is still starting (it may be recovering): see "
		    "%s/log",
		    c->dirs.pg);
		c->since = date_monotonic_ms();
	}
	cluster_arm(c->timer, CLUSTER_POLL_MS);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct cluster *c = arg;
	struct err why;

	(void)fd;
	(void)what;
	if (c->step == STEP_STARTING) {
		look_whether_ready(c);
	} else if (c->step == STEP_WAITING) {
		cluster_begin(c);
	} else if (c->step == STEP_ENDED) {
		why = c->why;
		c->step = STEP_IDLE;
		c->is_stopping = false;
		c->ops->on_exit(c->arg, &why); /* may free c */
	}
}

static void
on_prune(evutil_socket_t fd, short what, void *arg)
{
	struct cluster *c = arg;

	(void)fd;
	(void)what;
	cluster_prune_log(&c->dirs);
	cluster_arm(c->prune_timer, CLUSTER_PRUNE_MS);
}

static void
on_stop_timer(evutil_socket_t fd, short what, void *arg)
{
	struct cluster *c = arg;
	bool is_first = c->stop_signals++ == 0;

	(void)fd;
	(void)what;
	cluster_say(c, "PostgreSQL does not stop in time: %s",
	    is_first ? "an immediate shutdown, it recovers at the next start"
		     : "killed");
	watched_signal(&c->proc, is_first ? SIGQUIT : SIGKILL);
	cluster_arm(c->stop_timer, KILL_MS);
}

/* --- the public part --------------------------------------------------- */
struct cluster *
cluster_new(struct event_base *base, const char *state_dir, const char *run_dir,
    const char *bindir, const struct cluster_ops *ops, void *arg)
{
	struct cluster *c = xcalloc(1, sizeof(*c));

	c->base = base;
	c->ops = ops;
	c->arg = arg;
	c->state_dir = xstrdup(state_dir);
	c->run_dir = run_dir ? xstrdup(run_dir) : NULL;
	c->bindir = xstrdup(bindir);
	buf_init(&c->initdb_words, 64 * KIB);
	watched_init(&c->proc, base, on_line, process_ended, c);
	c->timer = event_new(base, -1, 0, on_timer, c);
	c->stop_timer = event_new(base, -1, 0, on_stop_timer, c);
	c->prune_timer = event_new(base, -1, 0, on_prune, c);
	BUG_ON(!c->timer || !c->stop_timer || !c->prune_timer);
	return c;
}

static int
check_program(const struct cluster *c, const char *name, struct err *e)
{
	char *path = xasprintf("%s/%s", c->bindir, name);
	int r = access(path, X_OK);

	if (r < 0)
		err_set(e, ERR_CONFIG, errno,
		    "embedded = yes needs %s: %s (install postgresql-15, or "
		    "name its directory)",
		    path, strerror(errno));
	free(path);
	return r;
}

int
cluster_start(struct cluster *c, struct err *e)
{
	BUG_ON(c->step != STEP_IDLE);
	if (geteuid() == 0)
		return err_set(e, ERR_CONFIG, 0,
		    "PostgreSQL refuses to run as root: start sheafd as an "
		    "ordinary user, or give [database] connection instead of "
		    "embedded = yes");
	if (check_program(c, "initdb", e) < 0 ||
	    check_program(c, "postgres", e) < 0)
		return -1;
	cluster_dirs_release(&c->dirs);
	if (cluster_dirs_init(&c->dirs, c->state_dir, c->run_dir, e) < 0)
		return -1;
	if (access(c->dirs.state, R_OK | W_OK | X_OK) < 0)
		return err_sys(
		    e, "state_dir %s cannot be written", c->dirs.state);
	c->is_stopping = false;
	c->stop_signals = c->failed_starts = c->survivor_signals = 0;
	c->backoff_ms = 0;
	cluster_prune_log(&c->dirs);
	cluster_wait(c, 0);
	return 0;
}

void
cluster_stop(struct cluster *c, unsigned timeout_ms)
{
	bool is_again = c->is_stopping;

	if (c->step == STEP_IDLE || c->step == STEP_ENDED)
		return;
	c->is_stopping = true;
	switch (c->step) {
	case STEP_INITDB:
	case STEP_PROBE:
		watched_signal(&c->proc, SIGTERM);
		break;
	case STEP_WAITING:
		cluster_finish(c, NULL);
		return;
	default:
		if (!is_again)
			watched_signal(&c->proc, SIGINT);
		break;
	}
	cluster_arm(c->stop_timer, timeout_ms);
}

void
cluster_free(struct cluster *c)
{
	if (!c)
		return;
	watched_release(&c->proc);
	event_free(c->timer);
	event_free(c->stop_timer);
	event_free(c->prune_timer);
	cluster_dirs_release(&c->dirs);
	buf_release(&c->initdb_words);
	free(c->half);
	free(c->state_dir);
	free(c->run_dir);
	free(c->bindir);
	free(c);
}

bool
cluster_is_ready(const struct cluster *c)
{
	return c->step == STEP_READY && !c->is_stopping;
}

pid_t
cluster_pid(const struct cluster *c)
{
	return c->step == STEP_STARTING || c->step == STEP_READY ? c->proc.pid
								 : 0;
}
