/*
 * Who works in the data directory: postmaster.pid, and /proc for what it does
 * not know (backends that outlived their postmaster, a number that was given
 * to another program since).
 */
#include "proc/cluster_internal.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"

/* Lines of postmaster.pid: src/include/utils/pidfile.h of PostgreSQL. */
enum { LINE_PID = 0, LINE_SOCKET_DIR = 4, LINE_STATUS = 7, LINE_COUNT = 8 };

static int
read_file(const char *path, char *out, size_t n)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t r;

	if (fd < 0)
		return -1;
	r = read(fd, out, n - 1);
	close(fd);
	if (r < 0)
		return -1;
	out[r] = '\0';
	return 0;
}

static enum pm_status
status_of(const char *line)
{
	if (str_starts(line, "ready"))
		return PM_READY;
	if (str_starts(line, "stopping"))
		return PM_STOPPING;
	return PM_STARTING;
}

void
cluster_read_pidfile(const struct cluster_dirs *d, struct postmaster *pm)
{
	char path[PATH_MAX], text[4 * PATH_MAX], *line = text, *end;
	int64_t pid;

	memset(pm, 0, sizeof(*pm));
	snprintf(path, sizeof(path), "%s/postmaster.pid", d->pg);
	if (read_file(path, text, sizeof(text)) < 0)
		return;
	for (int i = 0; i < LINE_COUNT && (end = strchr(line, '\n')); i++) {
		*end = '\0';
		if (i == LINE_PID) {
			if (str_to_i64(line, 1, INT32_MAX, &pid) < 0)
				return;
			pm->pid = (pid_t)pid;
			pm->status = PM_STARTING;
		} else if (i == LINE_SOCKET_DIR) {
			str_copy(pm->socket_dir, sizeof(pm->socket_dir), line);
		} else if (i == LINE_STATUS) {
			pm->status = status_of(line);
		}
		line = end + 1;
	}
}

bool
cluster_is_ours(const struct cluster_dirs *d, pid_t pid)
{
	char path[64], text[PATH_MAX];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	if (read_file(path, text, sizeof(text)) < 0 ||
	    !str_starts(text, "postgres"))
		return false;
	snprintf(path, sizeof(path), "/proc/%d/cwd", (int)pid);
	n = readlink(path, text, sizeof(text) - 1);
	if (n < 0)
		return false;
	text[n] = '\0';
	return strcmp(text, d->pg) == 0;
}

unsigned
cluster_survivors(const struct cluster_dirs *d, int sig)
{
	DIR *proc = opendir("/proc");
	struct dirent *de;
	unsigned n = 0;

	if (!proc)
		return 0;
	while ((de = readdir(proc))) {
		int64_t pid;

		if (str_to_i64(de->d_name, 1, INT32_MAX, &pid) < 0 ||
		    !cluster_is_ours(d, (pid_t)pid))
			continue;
		n++;
		if (sig != 0)
			kill((pid_t)pid, sig);
	}
	closedir(proc);
	return n;
}

void
cluster_remove_stale_locks(const struct cluster_dirs *d)
{
	char path[PATH_MAX];
	struct postmaster pm;

	if (cluster_survivors(d, 0) > 0)
		return;
	cluster_read_pidfile(d, &pm);
	if (pm.pid != 0 && kill(pm.pid, 0) == 0) {
		snprintf(path, sizeof(path), "%s/postmaster.pid", d->pg);
		unlink(path);
	}
	/* The socket's lock names the same process, in a directory that is
	 * ours alone. */
	snprintf(
	    path, sizeof(path), "%s" CLUSTER_SOCKET_NAME ".lock", d->socket);
	unlink(path);
}
