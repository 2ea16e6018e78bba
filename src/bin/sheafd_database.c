/* The embedded cluster and its schema, or a server of somebody else's. */
#include "bin/sheafd_database.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/log.h"
#include "bin/sheafd_roles.h"
#include "bin/sheafd_sources.h"
#include "bin/sheafd_stop.h"
#include "proc/cluster.h"
#include "proc/role.h"

enum {
	CLUSTER_STOP_MS = 20 * 1000,
	/* How long --once waits for its database. */
	ONCE_DATABASE_S = 60
};

struct database {
	struct cluster *cluster; /* NULL: a server of somebody else's */
	char *connection;
	pid_t init; /* sheafctl init, or 0 */
	bool initialised, stopped;
	struct event *patience; /* --once */
};

/* It cannot go on: the reason was logged. */
static void
give_up(struct daemon *d, int code, const char *why)
{
	if (d->stopping)
		return;
	d->exit_code = d->opt->once ? 2 : code;
	stop_begin(d, why);
}

/* sheafctl: beside the role programs in a build tree, else where programs of
 * users are. */
static char *
sheafctl_path(void)
{
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	self[n > 0 ? n : 0] = '\0';
	slash = strrchr(self, '/');
	if (slash != NULL)
		*slash = '\0';
	const struct {
		const char *dir, *under;
	} places[] = {
	    {proc_libexec(), ""},
	    {self, ""},
	    {self, "/../bin"},
	};
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		char *path =
		    xasprintf("%s%s/sheafctl", places[i].dir, places[i].under);
		if (access(path, X_OK) == 0)
			return path;
		free(path);
	}
	return xstrdup(SHEAF_BINDIR "/sheafctl");
}

static void
start_init(struct daemon *d)
{
	char *program = sheafctl_path();
	const char *const argv[] = {
	    program, "-c", d->opt->config_path, "init", NULL};
	struct err e = {0};
	pid_t pid = proc_spawn(argv, STDERR_FILENO, &e);

	free(program);
	if (pid < 0) {
		log_error(NULL, "%s", e.text);
		give_up(d, EX_UNAVAILABLE, "the schema cannot be made");
		return;
	}
	d->database->init = pid;
}

static void
on_ready(void *arg, const char *conninfo)
{
	struct daemon *d = arg;
	struct database *db = d->database;

	free(db->connection);
	db->connection = xstrdup(conninfo);
	if (!db->initialised && db->init == 0 && !d->stopping)
		start_init(d);
}

static void
on_exit_(void *arg, const struct err *why)
{
	struct daemon *d = arg;

	d->database->stopped = true;
	if (why->class != ERR_NONE)
		log_error(NULL, "the embedded PostgreSQL: %s", why->text);
	if (d->stopping)
		stop_kick(d);
	else
		give_up(d, EX_UNAVAILABLE, "there is no database");
}

static void
on_log(void *arg, const char *line)
{
	bool chatter =
	    strstr(line, " LOG: ") != NULL || strstr(line, " HINT: ") != NULL;

	(void)arg;
	log_msg(chatter ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO, NULL,
	    "PostgreSQL: %s", line);
}

static void
on_impatient(int fd, short what, void *arg)
{
	struct daemon *d = arg;

	(void)fd;
	(void)what;
	if (roles_store_ready(d))
		return;
	log_error(
	    NULL, "the database was not to be had for %d s", ONCE_DATABASE_S);
	give_up(d, EX_UNAVAILABLE, "there is no database");
}

static int
start_cluster(struct daemon *d, struct err *e)
{
	static const struct cluster_ops ops = {on_ready, on_exit_, on_log};
	const struct config *c = d->config;
	const char *bindir = c->pg_bindir != NULL && c->pg_bindir[0] != '\0'
				 ? c->pg_bindir
				 : SHEAF_PG_BINDIR;

	d->database->cluster =
	    cluster_new(d->base, c->state_dir, c->run_dir, bindir, &ops, d);
	return cluster_start(d->database->cluster, e);
}

void
database_missed(struct daemon *d)
{
	const struct timeval tv = {ONCE_DATABASE_S, 0};
	struct database *db = d->database;

	if (!d->opt->once)
		return;
	if (db->patience == NULL)
		db->patience = event_new(d->base, -1, 0, on_impatient, d);
	BUG_ON(db->patience == NULL);
	if (!evtimer_pending(db->patience, NULL))
		event_add(db->patience, &tv);
}

void
database_found(struct daemon *d)
{
	if (d->database->patience != NULL)
		event_del(d->database->patience);
}

int
database_init(struct daemon *d, struct err *e)
{
	struct database *db = xcalloc(1, sizeof(*db));

	d->database = db;
	db->connection =
	    xstrdup(d->config->connection != NULL ? d->config->connection : "");
	database_missed(d);
	if (d->config->embedded)
		return start_cluster(d, e);
	roles_start_store(d);
	return 0;
}

void
database_free(struct daemon *d)
{
	struct database *db = d->database;

	if (db == NULL)
		return;
	if (db->cluster != NULL)
		cluster_free(db->cluster);
	if (db->patience != NULL)
		event_free(db->patience);
	free(db->connection);
	free(db);
	d->database = NULL;
}

const char *
database_connection(const struct daemon *d)
{
	return d->database->connection;
}

void
database_refused(struct daemon *d, const char *text, bool for_good)
{
	if (d->opt->once && for_good)
		give_up(d, EX_UNAVAILABLE, text);
}

void
database_stop(struct daemon *d)
{
	struct database *db = d->database;

	if (db == NULL || db->cluster == NULL || db->stopped)
		return;
	if (db->init != 0)
		kill(db->init, SIGTERM);
	cluster_stop(db->cluster, CLUSTER_STOP_MS);
}

bool
database_has_stopped(const struct daemon *d)
{
	const struct database *db = d->database;

	return db == NULL || db->cluster == NULL || db->stopped;
}

void
database_reap(struct daemon *d)
{
	struct database *db = d->database;
	int status;

	if (db == NULL || db->init == 0 ||
	    waitpid(db->init, &status, WNOHANG) != db->init)
		return;
	db->init = 0;
	if (d->stopping)
		return;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		log_error(NULL, "sheafctl init did not succeed");
		give_up(d, EX_UNAVAILABLE, "the schema cannot be made");
		return;
	}
	db->initialised = true;
	roles_start_store(d);
}
