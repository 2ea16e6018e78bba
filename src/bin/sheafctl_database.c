/*
 * Where the verbs find the database.
 *
 * An embedded cluster that is idle is started for as long as a verb needs it,
 * under the lock of the state directory, so that no daemon starts beside it.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/limits.h"
#include "base/str.h"
#include "bin/sheafctl.h"
#include "db/sync.h"
#include "proc/cluster.h"

enum {
	START_MS = 60 * 1000, /* initdb included */
	STOP_MS = 20 * 1000,
	DAEMON_MS = 15 * 1000 /* for a daemon that is starting it itself */
};

/* The cluster while we run it. */
static struct {
	struct event_base *base;
	struct cluster *cluster;
	int lock_fd;
	bool ended;
	struct err why;
} own = {.lock_fd = -1};

static void
on_ready(void *arg, const char *conninfo)
{
	(void)arg;
	(void)conninfo;
	event_base_loopbreak(own.base);
}

static void
on_end(void *arg, const struct err *why)
{
	(void)arg;
	own.ended = true;
	own.why = *why;
	event_base_loopbreak(own.base);
}

static void
on_log(void *arg, const char *line)
{
	(void)arg;
	(void)line;
}

/* The embedded cluster's address with more keys; false when there is none. */
static bool
embedded_address(
    struct buf *out, const struct config *c, const char *more, struct err *e)
{
	buf_clear(out);
	if (cluster_conninfo(out, c->state_dir, c->run_dir, e) != 0)
		return false;
	return buf_adds(out, more) == 0;
}

/* Something answers at the cluster's socket. */
static bool
cluster_answers(const struct config *c)
{
	struct buf conninfo;
	struct err e = {0};
	struct db_sync *db = NULL;

	buf_init(&conninfo, 4 * KIB);
	if (embedded_address(
		&conninfo, c, " dbname=postgres user=" CLUSTER_SUPERUSER, &e))
		db = db_connect_sync(buf_str(&conninfo), NULL, NULL, &e);
	buf_release(&conninfo);
	if (db != NULL)
		db_close_sync(db);
	return db != NULL;
}

/* 1: the lock is ours; 0: a daemon holds it; -1: neither. */
static int
take_lock(const struct config *c, struct err *e)
{
	char *path = xasprintf("%s/lock", c->state_dir);
	int rc = 1;

	own.lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (own.lock_fd < 0)
		rc = err_sys(e, "the embedded database: %s", path);
	else if (flock(own.lock_fd, LOCK_EX | LOCK_NB) != 0)
		rc = errno == EWOULDBLOCK ? 0 : err_sys(e, "%s", path);
	if (rc < 1 && own.lock_fd >= 0) {
		close(own.lock_fd);
		own.lock_fd = -1;
	}
	free(path);
	return rc;
}

/* For the rest of this program, the user that sheafd would become. */
static int
become_user(const struct config *c, struct err *e)
{
	const struct passwd *pw = c->user[0] != '\0' ? getpwnam(c->user) : NULL;

	if (pw == NULL || pw->pw_uid == 0)
		return err_set(e, ERR_CONFIG, 0,
		    "the embedded PostgreSQL is idle and never runs as root: "
		    "run sheafctl as its user, or start sheafd");
	if (initgroups(pw->pw_name, pw->pw_gid) != 0 ||
	    setgid(pw->pw_gid) != 0 || setuid(pw->pw_uid) != 0)
		return err_sys(e, "cannot become user %s", pw->pw_name);
	return 0;
}

static int
wait_for_daemon(const struct config *c, struct err *e)
{
	const struct timespec nap = {0, 200 * 1000 * 1000};
	int64_t end = date_monotonic_ms() + DAEMON_MS;

	while (date_monotonic_ms() < end) {
		if (cluster_answers(c))
			return 0;
		nanosleep(&nap, NULL);
	}
	return err_set(e, ERR_DB, 0,
	    "sheafd runs, but its embedded database does not answer");
}

static void
loop_for(int ms)
{
	struct timeval tv = {ms / 1000, (ms % 1000) * 1000};

	event_base_loopexit(own.base, &tv);
	event_base_dispatch(own.base);
}

static int
start_own(const struct config *c, struct err *e)
{
	static const struct cluster_ops ops = {on_ready, on_end, on_log};
	const char *bindir = c->pg_bindir != NULL && c->pg_bindir[0] != '\0'
				 ? c->pg_bindir
				 : SHEAF_PG_BINDIR;

	own.base = event_base_new();
	BUG_ON(own.base == NULL);
	own.cluster =
	    cluster_new(own.base, c->state_dir, c->run_dir, bindir, &ops, NULL);
	if (cluster_start(own.cluster, e) != 0)
		return -1;
	loop_for(START_MS);
	if (cluster_is_ready(own.cluster))
		return 0;
	if (own.why.class != ERR_NONE) {
		*e = own.why;
		return -1;
	}
	return err_set(e, ERR_DB, 0,
	    "the embedded PostgreSQL did not start within %d s",
	    START_MS / 1000);
}

int
ctl_cluster_start(const struct config *c, bool *started, struct err *e)
{
	int lock;

	*started = false;
	if (!c->embedded || cluster_answers(c))
		return 0;
	if (geteuid() == 0 && become_user(c, e) != 0)
		return -1;
	lock = take_lock(c, e);
	if (lock < 0)
		return -1;
	if (lock == 0)
		return wait_for_daemon(c, e);
	if (start_own(c, e) != 0) {
		ctl_cluster_stop();
		return -1;
	}
	*started = true;
	return 0;
}

void
ctl_cluster_stop(void)
{
	if (own.cluster != NULL) {
		if (!own.ended && cluster_pid(own.cluster) != 0) {
			cluster_stop(own.cluster, STOP_MS);
			while (!own.ended)
				loop_for(STOP_MS);
		}
		cluster_free(own.cluster);
	}
	if (own.base != NULL)
		event_base_free(own.base);
	if (own.lock_fd >= 0)
		close(own.lock_fd);
	own.cluster = NULL;
	own.base = NULL;
	own.lock_fd = -1;
}

const char *
ctl_connection(const struct config *c)
{
	static struct buf conninfo;
	struct err e = {0};

	if (!c->embedded)
		return c->connection;
	buf_release(&conninfo);
	buf_init(&conninfo, 4 * KIB);
	embedded_address(
	    &conninfo, c, " dbname=postgres user=" CLUSTER_SUPERUSER, &e);
	return buf_str(&conninfo);
}

char *
ctl_connection_as(const struct config *c, struct err *e)
{
	struct buf conninfo;
	char *out = NULL;

	if (!c->embedded)
		return xstrdup(c->connection);
	buf_init(&conninfo, 4 * KIB);
	if (embedded_address(&conninfo, c, "", e))
		out = xstrdup(buf_str(&conninfo));
	buf_release(&conninfo);
	return out;
}

enum { PASSWORD_BYTES = 1024 };

int
ctl_password_read(char **password, const char *path, struct err *e)
{
	char text[PASSWORD_BYTES];
	ssize_t n;
	int fd;

	*password = NULL;
	if (path == NULL || path[0] == '\0')
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (fd >= 0)
		close(fd);
	if (n < 0)
		return err_sys(e, "password file %s", path);
	text[n] = '\0';
	*password = xstrdup(str_trim(text));
	explicit_bzero(text, sizeof(text));
	return 0;
}

void
ctl_password_free(char *password)
{
	if (password != NULL)
		explicit_bzero(password, strlen(password));
	free(password);
}

/* As a role of the configuration.  NULL and e. */
static struct db_sync *
connect_as(const struct config *c, const char *user, const char *password_file,
    struct err *e)
{
	struct buf conninfo;
	struct db_sync *db;
	char *password = NULL;
	struct err own_user = {0};

	buf_init(&conninfo, 4 * KIB);
	if (!c->embedded)
		buf_adds(&conninfo, c->connection);
	else if (!embedded_address(&conninfo, c, "", e))
		return NULL;
	/* Its password is not for everybody who may read. */
	if (!c->embedded &&
	    ctl_password_read(&password, password_file, &own_user) != 0)
		err_clear(&own_user);
	db = db_connect_sync(buf_str(&conninfo), user, password, e);
	ctl_password_free(password);
	/* A server of its own may know who we are without a role for it. */
	if (db == NULL && !c->embedded)
		db = db_connect_sync(buf_str(&conninfo), NULL, NULL, &own_user);
	buf_release(&conninfo);
	return db;
}

/* What operators decide is written with the rights of store; who has not got
 * them may still read. */
static struct db_sync *
connect_for(const struct verb_ctx *ctx, struct err *e)
{
	const struct config *c = ctx->config;
	struct db_sync *db = NULL;

	if (ctx->verb->needs == VERB_DECIDES)
		db = connect_as(c, c->store_user, c->store_password_file, e);
	if (db == NULL)
		db = connect_as(
		    c, c->operator_user, c->operator_password_file, e);
	return db;
}

static bool started;

int
ctl_database_open(struct verb_ctx *ctx, struct err *e)
{
	int version;

	if (ctl_cluster_start(ctx->config, &started, e) != 0)
		return -1;
	ctx->db = connect_for(ctx, e);
	if (ctx->db != NULL) {
		version = db_schema_version_sync(ctx->db, e);
		if (version >= 0 && db_check_schema(version, e) == 0)
			return 0;
	}
	ctl_database_close(ctx);
	return -1;
}

void
ctl_database_close(struct verb_ctx *ctx)
{
	if (ctx->db != NULL)
		db_close_sync(ctx->db);
	ctx->db = NULL;
	if (started)
		ctl_cluster_stop();
	started = false;
}

int
ctl_with_database(struct verb_ctx *ctx, int (*f)(struct verb_ctx *ctx))
{
	struct err e = {0};
	int code;

	if (ctl_database_open(ctx, &e) != 0) {
		verb_complain(
		    e.class == ERR_CONFIG ? NULL
		    : e.class == ERR_SYSTEM && e.code == EACCES
			? "call it as root, or as the user of the service"
			: "is the database up, and was sheafctl init run?",
		    "%s", e.text);
		return EX_UNAVAILABLE;
	}
	code = f(ctx);
	ctl_database_close(ctx);
	return code;
}
