/*
 * The embedded cluster's directory: paths, settings, who may connect, its
 * log.  No process is started here.
 */
#include "proc/cluster_internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/str.h"

#define HALF_PREFIX "pg.new."

static const char *const database_roles[] = {"sheaf", "sheaf_store",
    "sheaf_resolve", "sheaf_reader", "sheaf_serve", "sheaf_operator"};

/* --- paths ------------------------------------------------------------- */
/* libpq would read a comma as the next host. */
static bool
fits_a_socket(const char *dir)
{
	struct sockaddr_un sa;

	return strlen(dir) + strlen(CLUSTER_SOCKET_NAME) <
		   sizeof(sa.sun_path) &&
	       !strchr(dir, ',');
}

int
cluster_dirs_init(struct cluster_dirs *d, const char *state_dir,
    const char *run_dir, struct err *e)
{
	char *run;

	memset(d, 0, sizeof(*d));
	d->state = realpath(state_dir, NULL);
	if (!d->state)
		return err_sys(e, "state_dir %s cannot be used", state_dir);
	d->pg = xasprintf("%s/pg", d->state);
	d->socket = xasprintf("%s/pg-socket", d->state);
	if (fits_a_socket(d->socket))
		return 0;
	run = run_dir ? realpath(run_dir, NULL) : NULL;
	if (run) {
		free(d->socket);
		d->socket = xasprintf("%s/pg-socket", run);
		free(run);
		if (fits_a_socket(d->socket))
			return 0;
	}
	err_set(e, ERR_CONFIG, 0,
	    "neither state_dir %s nor run_dir %s can hold PostgreSQL's socket: "
	    "choose one that is there, is shorter than %zu bytes, and has no "
	    "comma",
	    state_dir, run_dir ? run_dir : "(none)",
	    sizeof(((struct sockaddr_un *)NULL)->sun_path) -
		sizeof("/pg-socket" CLUSTER_SOCKET_NAME));
	cluster_dirs_release(d);
	return -1;
}

void
cluster_dirs_release(struct cluster_dirs *d)
{
	free(d->state);
	free(d->pg);
	free(d->socket);
	memset(d, 0, sizeof(*d));
}

void
cluster_dirs_conninfo(struct buf *out, const char *socket_dir)
{
	buf_adds(out, "host='");
	for (const char *p = socket_dir; *p; p++) {
		if (*p == '\'' || *p == '\\')
			buf_addc(out, '\\');
		buf_addc(out, *p);
	}
	buf_adds(out, "' port=5432 dbname=" CLUSTER_DATABASE);
}

int
cluster_conninfo(
    struct buf *out, const char *state_dir, const char *run_dir, struct err *e)
{
	struct cluster_dirs d;
	struct postmaster pm;
	int r;

	if (cluster_dirs_init(&d, state_dir, run_dir, e) < 0)
		return -1;
	r = cluster_exists(&d, e);
	if (r == 0)
		r = err_set(e, ERR_DB, 0,
		    "there is no embedded database in %s yet: sheafd makes it "
		    "at its first start",
		    d.state);
	cluster_read_pidfile(&d, &pm);
	if (r > 0 && pm.socket_dir[0] && cluster_is_ours(&d, pm.pid))
		cluster_dirs_conninfo(out, pm.socket_dir);
	else if (r > 0)
		cluster_dirs_conninfo(out, d.socket);
	cluster_dirs_release(&d);
	return r < 0 ? -1 : 0;
}

/* --- making it --------------------------------------------------------- */
int
cluster_exists(const struct cluster_dirs *d, struct err *e)
{
	char path[PATH_MAX];
	bool is_empty = true;
	struct dirent *de;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/PG_VERSION", d->pg);
	if (access(path, F_OK) == 0)
		return 1;
	if (errno != ENOENT)
		return err_sys(e, "cannot look into %s", d->pg);
	dir = opendir(d->pg);
	if (!dir && errno != ENOENT)
		return err_sys(e, "cannot look into %s", d->pg);
	while (dir && (de = readdir(dir)))
		if (strcmp(de->d_name, ".") != 0 &&
		    strcmp(de->d_name, "..") != 0)
			is_empty = false;
	if (dir)
		closedir(dir);
	if (!is_empty)
		return err_set(e, ERR_DB, 0,
		    "%s is there but holds no PostgreSQL cluster (no "
		    "PG_VERSION): move it away, and a new one is made",
		    d->pg);
	return 0;
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	(void)!remove(path);
	return 0;
}

void
cluster_remove_halves(const struct cluster_dirs *d)
{
	DIR *dir = opendir(d->state);
	char path[PATH_MAX];
	struct dirent *de;

	if (!dir)
		return;
	while ((de = readdir(dir))) {
		if (!str_starts(de->d_name, HALF_PREFIX))
			continue;
		snprintf(path, sizeof(path), "%s/%s", d->state, de->d_name);
		nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	}
	closedir(dir);
}

/* An initdb that outlived its sheafd may still write to the last half, so
 * each one has its own name. */
char *
cluster_half_path(const struct cluster_dirs *d)
{
	return xasprintf("%s/" HALF_PREFIX "%d", d->state, (int)getpid());
}

static int
write_all(int fd, const char *text)
{
	size_t n = strlen(text);

	while (n > 0) {
		ssize_t r = write(fd, text, n);

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -1;
		text += r;
		n -= (size_t)r;
	}
	return fsync(fd);
}

static int
sync_directory(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), r;

	if (fd < 0)
		return -1;
	r = fsync(fd);
	close(fd);
	return r;
}

int
cluster_adopt_half(
    const struct cluster_dirs *d, const char *half, struct err *e)
{
	char path[PATH_MAX];
	int fd, r;

	snprintf(path, sizeof(path), "%s/postgresql.conf", half);
	fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	if (fd < 0)
		return err_sys(e, "cannot write %s", path);
	r = write_all(fd,
	    "\n# Settings of sheafd, then the operator's own (local.conf).\n"
	    "include 'sheaf.conf'\n");
	close(fd);
	if (r < 0)
		return err_sys(e, "cannot write %s", path);
	if (rename(half, d->pg) < 0 || sync_directory(d->state) < 0)
		return err_sys(e, "cannot move the new cluster to %s", d->pg);
	return 0;
}

/* --- settings ---------------------------------------------------------- */
static int
write_file(const struct cluster_dirs *d, const char *name, const struct buf *b,
    struct err *e)
{
	char path[PATH_MAX], fresh[PATH_MAX];
	int fd, r;

	snprintf(path, sizeof(path), "%s/%s", d->pg, name);
	snprintf(fresh, sizeof(fresh), "%s/%s.new", d->pg, name);
	fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_sys(e, "cannot write %s", fresh);
	r = b->full ? -1 : write_all(fd, buf_str(b));
	close(fd);
	if (r < 0 || rename(fresh, path) < 0)
		return err_sys(e, "cannot write %s", path);
	return 0;
}

/* In quotes of the kind that the file knows, which doubles them inside. */
static void
add_quoted(struct buf *b, const char *s, char quote)
{
	buf_addc(b, quote);
	for (; *s; s++) {
		if (*s == quote)
			buf_addc(b, quote);
		buf_addc(b, *s);
	}
	buf_addc(b, quote);
}

static void
make_settings(struct buf *b, const struct cluster_dirs *d, bool has_lz4)
{
	struct buf list;

	buf_adds(b, "# Written by sheafd at each start.  Your own settings "
		    "belong into\n"
		    "# local.conf beside this file; they win.\n"
		    "cluster_name = 'sheaf'\n"
		    "listen_addresses = ''\n"
		    "port = 5432\n"
		    "unix_socket_permissions = 0700\n");
	buf_init(&list, 4 * KIB);
	add_quoted(&list, d->socket, '"');
	buf_adds(b, "unix_socket_directories = ");
	add_quoted(b, buf_str(&list), '\'');
	buf_release(&list);
	buf_printf(b,
	    "\n"
	    "max_connections = 50\n"
	    "shared_buffers = 128MB\n"
	    "wal_buffers = 16MB\n"
	    "max_wal_size = 2GB\n"
	    "checkpoint_timeout = 15min\n"
	    "checkpoint_completion_target = 0.9\n"
	    "wal_compression = %s\n"
	    "default_toast_compression = %s\n"
	    "autovacuum = on\n"
	    "jit = off\n"
	    "timezone = 'UTC'\n"
	    "log_timezone = 'UTC'\n"
	    "log_destination = 'stderr'\n"
	    "logging_collector = on\n"
	    "log_directory = 'log'\n"
	    "log_filename = 'postgresql-%%Y%%m%%d-%%H%%M%%S.log'\n"
	    "log_file_mode = 0600\n"
	    "log_rotation_age = 0\n"
	    "log_rotation_size = 10MB\n"
	    "log_line_prefix = '%%m [%%p] %%q%%u '\n"
	    "include_if_exists 'local.conf'\n",
	    has_lz4 ? "lz4" : "on", has_lz4 ? "lz4" : "pglz");
}

/* Who sheafd is may be every role of the database; so may root, who could
 * become that user anyway. */
static int
make_ident(struct buf *b, struct err *e)
{
	const struct passwd *pw = getpwuid(geteuid());

	if (!pw)
		return err_set(e, ERR_SYSTEM, 0,
		    "the user id %u has no name, which PostgreSQL's peer "
		    "authentication needs: add it to /etc/passwd",
		    (unsigned)geteuid());
	buf_adds(b, "# Written by sheafd at each start.\n");
	for (size_t i = 0;
	     i < sizeof(database_roles) / sizeof(database_roles[0]); i++) {
		buf_adds(b, "sheaf ");
		add_quoted(b, pw->pw_name, '"');
		buf_printf(b, " %s\n", database_roles[i]);
		if (geteuid() != 0)
			buf_printf(b, "sheaf root %s\n", database_roles[i]);
	}
	return 0;
}

int
cluster_write_settings(
    const struct cluster_dirs *d, bool has_lz4, struct err *e)
{
	struct buf conf, hba, ident;
	int r = 0;

	if (mkdir(d->socket, 0700) < 0 && errno != EEXIST)
		return err_sys(e, "cannot make %s", d->socket);
	buf_init(&conf, 16 * KIB);
	buf_init(&hba, 1 * KIB);
	buf_init(&ident, 4 * KIB);
	make_settings(&conf, d, has_lz4);
	buf_adds(&hba, "# Written by sheafd at each start.\n"
		       "local all all peer map=sheaf\n");
	if (make_ident(&ident, e) < 0 ||
	    write_file(d, "sheaf.conf", &conf, e) < 0 ||
	    write_file(d, "pg_hba.conf", &hba, e) < 0 ||
	    write_file(d, "pg_ident.conf", &ident, e) < 0)
		r = -1;
	buf_release(&conf);
	buf_release(&hba);
	buf_release(&ident);
	return r;
}

/* --- its log ----------------------------------------------------------- */
static int
is_log(const struct dirent *de)
{
	return str_starts(de->d_name, "postgresql-") &&
	       str_ends(de->d_name, ".log");
}

/* By name, which is by time, oldest first.  Free with free_names. */
static int
list_logs(
    const struct cluster_dirs *d, char dir[PATH_MAX], struct dirent ***names)
{
	snprintf(dir, PATH_MAX, "%s/log", d->pg);
	return scandir(dir, names, is_log, alphasort);
}

static void
free_names(struct dirent **names, int n)
{
	for (int i = 0; i < n; i++)
		free(names[i]);
	free(names);
}

void
cluster_prune_log(const struct cluster_dirs *d)
{
	char dir[PATH_MAX], path[2 * PATH_MAX];
	struct dirent **names;
	int n = list_logs(d, dir, &names);

	if (n < 0)
		return;
	for (int i = 0; i + CLUSTER_LOG_FILES < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]->d_name);
		unlink(path);
	}
	free_names(names, n);
}

void
cluster_last_words(const struct cluster_dirs *d, char *out, size_t n)
{
	char dir[PATH_MAX], path[2 * PATH_MAX], line[2048];
	struct dirent **names;
	int count = list_logs(d, dir, &names);
	FILE *f;

	*out = '\0';
	if (count <= 0) {
		if (count == 0)
			free(names);
		return;
	}
	snprintf(path, sizeof(path), "%s/%s", dir, names[count - 1]->d_name);
	free_names(names, count);
	f = fopen(path, "re");
	if (!f)
		return;
	if (fseek(f, -(long)(16 * KIB), SEEK_END) < 0)
		rewind(f);
	while (fgets(line, sizeof(line), f)) {
		const char *p = strstr(line, "FATAL:");

		if (!p)
			p = strstr(line, "PANIC:");
		if (p) {
			line[strcspn(line, "\n")] = '\0';
			str_copy(out, n, p);
		}
	}
	fclose(f);
}
