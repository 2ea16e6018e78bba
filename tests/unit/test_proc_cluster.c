/* The embedded cluster with the real PostgreSQL: first start, deaths of all
 * kinds, adoption, refusals.  As root it goes on as the user `postgres`,
 * since PostgreSQL refuses root; where neither is there it skips. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <event2/event.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/date.h"
#include "base/str.h"
#include "proc/cluster.h"
#include "proc/role.h"

enum { DEADLINE_MS = 120000 };

static const char *bindir = SHEAF_PG_BINDIR;
static char *state_dir;
static struct event_base *base;
static struct cluster *cluster;
static unsigned ready, exited;
static char conninfo[512];
static struct err why;
static struct buf said;

static void
on_ready(void *arg, const char *info)
{
	(void)arg;
	ready++;
	str_copy(conninfo, sizeof(conninfo), info);
}

static void
on_exit_(void *arg, const struct err *e)
{
	(void)arg;
	exited++;
	why = *e;
}

static void
on_log(void *arg, const char *line)
{
	(void)arg;
	buf_printf(&said, "%s\n", line);
}

static const struct cluster_ops ops = {on_ready, on_exit_, on_log};

/* --- nouns ------------------------------------------------------------- */
static void
new_cluster(const char *run_dir)
{
	cluster = cluster_new(base, state_dir, run_dir, bindir, &ops, NULL);
	ready = exited = 0;
	buf_clear(&said);
}

static void
start(void)
{
	struct err e;

	if (cluster_start(cluster, &e) < 0)
		fail_msg("%s", e.text);
}

static void
run_until(const unsigned *counter, unsigned value)
{
	int64_t end = date_monotonic_ms() + DEADLINE_MS;
	struct timeval tick = {0, 20000};

	while (*counter < value) {
		if (exited > 0 && counter != &exited)
			fail_msg("ended: %s\n%s", why.text, buf_str(&said));
		if (date_monotonic_ms() > end)
			fail_msg("deadline\n%s", buf_str(&said));
		event_base_loopexit(base, &tick);
		event_base_dispatch(base);
	}
}

static void
stop(void)
{
	cluster_stop(cluster, 20000);
	run_until(&exited, 1);
	assert_int_equal(why.class, ERR_NONE);
	assert_int_equal(cluster_pid(cluster), 0);
}

/* The answer to one statement, or what psql said against it.  The database
 * `sheaf` is made by others, so this asks in `postgres`. */
static const char *
sql(const char *statement)
{
	static char answer[1024];
	int host = (int)(strstr(conninfo, "dbname=") - conninfo);
	char *program = xasprintf("%s/psql", bindir);
	char *where =
	    xasprintf("%.*sdbname=postgres user=sheaf", host, conninfo);
	const char *const argv[] = {
	    program, "-XAtq", "-d", where, "-c", statement, NULL};
	size_t n = 0;
	struct err e;
	ssize_t r;
	pid_t pid;
	int p[2];

	assert_int_equal(pipe2(p, O_CLOEXEC), 0);
	pid = proc_spawn(argv, p[1], &e);
	assert_true(pid > 0);
	close(p[1]);
	while (n < sizeof(answer) - 1 &&
	       (r = read(p[0], answer + n, sizeof(answer) - 1 - n)) > 0)
		n += (size_t)r;
	answer[n] = '\0';
	answer[strcspn(answer, "\n")] = '\0';
	close(p[0]);
	waitpid(pid, NULL, 0);
	free(program);
	free(where);
	return answer;
}

static bool
exists(const char *name)
{
	char *path = xasprintf("%s/%s", state_dir, name);
	bool is_there = access(path, F_OK) == 0;

	free(path);
	return is_there;
}

static void
write_to(const char *name, const char *text)
{
	char *path = xasprintf("%s/%s", state_dir, name);
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	free(path);
}

/* --- tests, each going on from where the last one stopped -------------- */
static void
test_stop_while_it_is_made(void **state)
{
	struct timeval tick = {0, 1000};
	glob_t g;

	(void)state;
	new_cluster(NULL);
	start();
	while (glob("pg.new.*/*", 0, NULL, &g) != 0) {
		event_base_loopexit(base, &tick);
		event_base_dispatch(base);
	}
	globfree(&g);
	stop();
	assert_int_equal(ready, 0);
	assert_false(exists("pg"));
	cluster_free(cluster);
}

static void
test_first_start(void **state)
{
	struct buf b;
	struct err e;

	(void)state;
	buf_init(&b, 1024);
	assert_int_equal(cluster_conninfo(&b, state_dir, NULL, &e), -1);
	assert_non_null(strstr(e.text, "no embedded database"));
	mkdir("pg.new.1", 0700); /* of an initdb that was killed */
	write_to("pg.new.1/file", "x");
	new_cluster(NULL);
	start();
	run_until(&ready, 1);
	assert_true(cluster_is_ready(cluster));
	assert_null(strstr(buf_str(&said), "The files belonging"));
	assert_false(exists("pg.new.1"));
	assert_non_null(strstr(conninfo, "/pg-socket' port=5432 dbname=sheaf"));
	assert_string_equal(sql("select current_user"), "sheaf");
	assert_string_equal(sql("show server_encoding"), "UTF8");
	assert_string_equal(sql("show lc_collate"), "C.UTF-8");
	assert_string_equal(sql("show listen_addresses"), "");
	assert_string_equal(sql("show wal_compression"), "lz4");
	assert_string_equal(sql("show jit"), "off");
	assert_int_equal(cluster_conninfo(&b, state_dir, NULL, &e), 0);
	assert_string_equal(buf_str(&b), conninfo);
	buf_release(&b);
}

static void
test_backend_is_killed(void **state)
{
	pid_t pid = cluster_pid(cluster);
	int64_t end = date_monotonic_ms() + DEADLINE_MS;

	(void)state;
	sql("create role sheaf_store login");
	sql("select pg_terminate_backend(pg_backend_pid())");
	{
		int64_t victim;
		char text[64];

		str_copy(text, sizeof(text),
		    sql("select pid from pg_stat_activity where backend_type = "
			"'checkpointer'"));
		assert_int_equal(str_to_i64(text, 2, INT32_MAX, &victim), 0);
		kill((pid_t)victim, SIGKILL);
	}
	while (strcmp(sql("select 1"), "1") != 0)
		assert_true(date_monotonic_ms() < end);
	event_base_loop(base, EVLOOP_NONBLOCK);
	assert_int_equal(cluster_pid(cluster), pid);
	assert_int_equal(exited, 0);
}

static void
test_postmaster_is_killed(void **state)
{
	pid_t pid = cluster_pid(cluster);

	(void)state;
	kill(pid, SIGKILL);
	run_until(&ready, 2);
	assert_true(cluster_pid(cluster) != pid);
	assert_non_null(strstr(buf_str(&said), "killed by signal 9"));
	assert_string_equal(sql("select count(*) from pg_roles where rolname = "
				"'sheaf_store'"),
	    "1");
}

static void
test_adopted_after_a_crash(void **state)
{
	pid_t pid = cluster_pid(cluster);

	(void)state;
	cluster_free(cluster); /* as if sheafd had been killed */
	new_cluster(NULL);
	start();
	run_until(&ready, 1);
	assert_int_equal(cluster_pid(cluster), pid);
	assert_non_null(strstr(buf_str(&said), "adopted"));
	/* and watched: an adopted one that dies is replaced */
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	run_until(&ready, 2);
	assert_true(cluster_pid(cluster) != pid);
	stop();
	cluster_free(cluster);
}

static void
test_stale_pidfile(void **state)
{
	char *text = xasprintf("%d\n%s/pg\n", (int)getpid(), state_dir);

	(void)state;
	write_to("pg/postmaster.pid", text);
	free(text);
	new_cluster(NULL);
	start();
	run_until(&ready, 1);
	assert_string_equal(sql("select 1"), "1");
	stop();
	cluster_free(cluster);
}

static void
test_cannot_start(void **state)
{
	(void)state;
	write_to("pg/local.conf", "shared_buffers = 'much'\n");
	new_cluster(NULL);
	start();
	run_until(&exited, 1);
	assert_int_equal(why.class, ERR_DB);
	assert_non_null(strstr(why.text, "does not start"));
	assert_non_null(strstr(buf_str(&said), "shared_buffers"));
	/* the operator mends it; started again by the same supervisor */
	write_to("pg/local.conf", "max_connections = 20\n");
	exited = 0;
	start();
	run_until(&ready, 1);
	assert_string_equal(sql("show max_connections"), "20");
	stop();
	cluster_free(cluster);
}

static void
test_log_is_bounded(void **state)
{
	char name[64];

	(void)state;
	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof(name),
		    "pg/log/postgresql-20200101-0000%02d.log", i);
		write_to(name, "old\n");
	}
	new_cluster(NULL);
	start();
	assert_false(exists("pg/log/postgresql-20200101-000000.log"));
	assert_true(exists("pg/log/postgresql-20200101-000019.log") ||
		    !exists("pg/log/postgresql-20200101-000010.log"));
	cluster_stop(cluster, 1000);
	run_until(&exited, 1);
	cluster_free(cluster);
}

/* initdb explains itself only when it fails. */
static void
test_initdb_words(void **state)
{
	char *bin = xasprintf("%s/bin", state_dir);
	char *fails = xasprintf("%s/initdb", bin);
	char *server = xasprintf("%s/postgres", bin);
	char *place = xasprintf("%s/nowhere", state_dir);
	const char *good = bindir;
	FILE *f;

	(void)state;
	assert_int_equal(mkdir(bin, 0755), 0);
	assert_int_equal(mkdir(place, 0700), 0);
	f = fopen(fails, "w");
	fputs("#!/bin/sh\necho a word of initdb\n"
	      "echo initdb: error: no way >&2\nexit 3\n",
	    f);
	fchmod(fileno(f), 0755);
	fclose(f);
	assert_int_equal(symlink(fails, server), 0);
	bindir = bin;
	cluster = cluster_new(base, place, NULL, bindir, &ops, NULL);
	ready = exited = 0;
	buf_clear(&said);
	start();
	run_until(&exited, 1);
	assert_non_null(strstr(why.text, "ended with status 3"));
	assert_non_null(strstr(buf_str(&said), "a word of initdb\n"));
	cluster_free(cluster);
	bindir = good;
	free(bin);
	free(fails);
	free(server);
	free(place);
}

static void
test_refusals(void **state)
{
	char *longer = xasprintf("%s/%0100d", state_dir, 0);
	struct err e;

	(void)state;
	cluster =
	    cluster_new(base, state_dir, NULL, "/nonexistent", &ops, NULL);
	assert_int_equal(cluster_start(cluster, &e), -1);
	assert_non_null(strstr(e.text, "/nonexistent/initdb"));
	cluster_free(cluster);
	cluster = cluster_new(base, "/nonexistent", NULL, bindir, &ops, NULL);
	assert_int_equal(cluster_start(cluster, &e), -1);
	assert_non_null(strstr(e.text, "state_dir /nonexistent"));
	cluster_free(cluster);
	/* a path that is too long for a socket needs a run_dir */
	assert_int_equal(mkdir(longer, 0700), 0);
	cluster = cluster_new(base, longer, NULL, bindir, &ops, NULL);
	assert_int_equal(cluster_start(cluster, &e), -1);
	assert_non_null(strstr(e.text, "socket"));
	cluster_free(cluster);
	cluster = cluster_new(base, longer, state_dir, bindir, &ops, NULL);
	assert_int_equal(cluster_start(cluster, &e), 0);
	cluster_stop(cluster, 0);
	exited = 0;
	run_until(&exited, 1);
	cluster_free(cluster);
	free(longer);
}

static void
test_strange_directory(void **state)
{
	(void)state;
	{
		char *from = xasprintf("%s/pg/PG_VERSION", state_dir);

		unlink(from);
		free(from);
	}
	new_cluster(NULL);
	start();
	run_until(&exited, 1);
	assert_non_null(strstr(why.text, "holds no PostgreSQL cluster"));
	cluster_free(cluster);
}

/* --- surroundings ------------------------------------------------------ */
static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

/* What a failed test may have left running. */
static void
stop_left_over(void)
{
	char *path = xasprintf("%s/pg/postmaster.pid", state_dir), line[64];
	FILE *f = fopen(path, "r");
	int64_t pid;

	free(path);
	if (!f)
		return;
	if (fgets(line, sizeof(line), f) &&
	    str_to_i64(str_trim(line), 2, INT32_MAX, &pid) == 0 &&
	    pid != getpid())
		kill((pid_t)pid, SIGQUIT);
	fclose(f);
}

/* 0, or -1 when it is to be skipped. */
static int
become_ordinary(void)
{
	struct cluster *c;
	const struct passwd *pw;
	struct err e;

	if (geteuid() != 0)
		return 0;
	c = cluster_new(base, "/tmp", NULL, bindir, &ops, NULL);
	if (cluster_start(c, &e) == 0 || !strstr(e.text, "root")) {
		fprintf(stderr, "root was not refused\n");
		exit(1);
	}
	cluster_free(c);
	pw = getpwnam("postgres");
	if (!pw)
		return -1;
	if (chown(state_dir, pw->pw_uid, pw->pw_gid) < 0 ||
	    setgroups(0, NULL) < 0 || setgid(pw->pw_gid) < 0 ||
	    setuid(pw->pw_uid) < 0)
		return -1;
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_stop_while_it_is_made),
	    cmocka_unit_test(test_first_start),
	    cmocka_unit_test(test_backend_is_killed),
	    cmocka_unit_test(test_postmaster_is_killed),
	    cmocka_unit_test(test_adopted_after_a_crash),
	    cmocka_unit_test(test_stale_pidfile),
	    cmocka_unit_test(test_cannot_start),
	    cmocka_unit_test(test_log_is_bounded),
	    cmocka_unit_test(test_initdb_words),
	    cmocka_unit_test(test_refusals),
	    cmocka_unit_test(test_strange_directory),
	};
	char template[] = "/tmp/sheaf-cluster-XXXXXX";
	char *program = xasprintf("%s/initdb", bindir);
	int r, has_postgres = access(program, X_OK) == 0;

	free(program);
	state_dir = mkdtemp(template);
	base = event_base_new();
	buf_init(&said, 1024 * 1024);
	if (!state_dir || !base)
		return 1;
	if (!has_postgres || become_ordinary() < 0) {
		printf("skipped: needs PostgreSQL in %s and, as root, a user "
		       "postgres\n",
		    bindir);
		rmdir(state_dir);
		return 77;
	}
	if (chdir(state_dir) < 0)
		return 1;
	r = cmocka_run_group_tests(tests, NULL, NULL);
	stop_left_over();
	nftw(state_dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	event_base_free(base);
	buf_release(&said);
	return r;
}
