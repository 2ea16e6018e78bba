/* Directories, privileges, the lock, the node's id. */
#include "bin/sheafd_place.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/str.h"

enum { LOCK_PATIENCE_MS = 5000, LOCK_PAUSE_MS = 50 };

/* Makes a directory where there is none, for `pw` where we are root. */
static int
make_dir(const char *path, mode_t mode, const struct passwd *pw, struct err *e)
{
	if (mkdir(path, mode) != 0) {
		struct stat st;
		if (errno != EEXIST)
			return err_sys(
			    e, "the directory %s cannot be made", path);
		if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
			return err_set(e, ERR_SYSTEM, ENOTDIR,
			    "%s is not a directory", path);
	}
	if (pw != NULL && chown(path, pw->pw_uid, pw->pw_gid) != 0)
		return err_sys(
		    e, "%s cannot be given to %s", path, pw->pw_name);
	return 0;
}

static int
make_dirs(const struct config *c, const struct passwd *pw, struct err *e)
{
	char *spool = xasprintf("%s/spool", c->state_dir);
	int rc = make_dir(c->state_dir, 0750, pw, e);

	if (rc == 0)
		rc = make_dir(c->run_dir, 0755, pw, e);
	if (rc == 0)
		rc = make_dir(spool, 0700, pw, e);
	free(spool);
	return rc;
}

static int
become(const struct passwd *pw, struct err *e)
{
	if (initgroups(pw->pw_name, pw->pw_gid) != 0 ||
	    setgid(pw->pw_gid) != 0 || setuid(pw->pw_uid) != 0)
		return err_sys(e, "cannot become user %s", pw->pw_name);
	if (pw->pw_uid != 0 && setuid(0) == 0)
		return err_set(e, ERR_SYSTEM, 0,
		    "root's rights were not given up for good");
	return 0;
}

/* One daemon a state directory.  A verb of sheafctl that starts the idle
 * embedded cluster holds the lock meanwhile: it is given time to end. */
static int
lock_patiently(int fd)
{
	const struct timespec pause = {0, LOCK_PAUSE_MS * 1000000L};

	for (int waited = 0; flock(fd, LOCK_EX | LOCK_NB) != 0;
	     waited += LOCK_PAUSE_MS) {
		if (errno != EWOULDBLOCK || waited >= LOCK_PATIENCE_MS)
			return -1;
		nanosleep(&pause, NULL);
	}
	return 0;
}

static int
lock_state(struct daemon *d, struct err *e)
{
	char *path = xasprintf("%s/lock", d->config->state_dir);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	int rc = 0;

	if (fd < 0)
		rc = err_sys(e, "%s", path);
	else if (lock_patiently(fd) != 0)
		rc = errno == EWOULDBLOCK ? err_set(e, ERR_SYSTEM, errno,
						"another sheafd holds %s: stop "
						"it first, or ask it "
						"with sheafctl harvest",
						d->config->state_dir)
					  : err_sys(e, "%s", path);
	free(path);
	if (rc != 0 && fd >= 0)
		close(fd);
	else
		d->lock_fd = fd;
	return rc;
}

static void
random_uuid(char out[37])
{
	unsigned char b[16];

	BUG_ON(getrandom(b, sizeof(b), 0) != sizeof(b));
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40); /* RFC 4122 4.4 */
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	snprintf(out, 37,
	    "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x"
	    "%02x",
	    b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10],
	    b[11], b[12], b[13], b[14], b[15]);
}

/* The node's id stays with the state directory: leases are taken back by it
 * after a crash. */
static int
read_node(struct daemon *d, struct err *e)
{
	const struct config *c = d->config;
	char *path, uuid[37];
	FILE *f;
	int rc = 0;

	if (c->node != NULL && c->node[0] != '\0') {
		str_copy(d->node, sizeof(d->node), c->node);
		return 0;
	}
	path = xasprintf("%s/node", c->state_dir);
	f = fopen(path, "re");
	if (f != NULL && fscanf(f, "%63s", d->node) == 1) {
		fclose(f);
		free(path);
		return 0;
	}
	if (f != NULL)
		fclose(f);
	random_uuid(uuid);
	str_copy(d->node, sizeof(d->node), uuid);
	f = fopen(path, "we");
	if (f == NULL || fprintf(f, "%s\n", uuid) < 0 || fflush(f) != 0 ||
	    fsync(fileno(f)) != 0)
		rc = err_sys(e, "%s", path);
	if (f != NULL)
		fclose(f);
	free(path);
	return rc;
}

int
place_take(struct daemon *d, struct err *e)
{
	const struct config *c = d->config;
	const struct passwd *pw = NULL;

	if (geteuid() == 0 && c->user != NULL && c->user[0] != '\0') {
		errno = 0;
		pw = getpwnam(c->user);
		if (pw == NULL)
			return err_set(e, ERR_CONFIG, errno,
			    "[daemon] user = %s: there is no such user",
			    c->user);
	}
	if (c->embedded && geteuid() == 0 && (pw == NULL || pw->pw_uid == 0))
		return err_set(e, ERR_CONFIG, 0,
		    "an embedded PostgreSQL never runs as root: start sheafd "
		    "as an ordinary user, or set user = in [daemon]");
	if (make_dirs(c, pw, e) != 0)
		return -1;
	if (pw != NULL && become(pw, e) != 0)
		return -1;
	if (lock_state(d, e) != 0)
		return -1;
	return read_node(d, e);
}

void
place_leave(struct daemon *d)
{
	if (d->lock_fd >= 0)
		close(d->lock_fd);
	d->lock_fd = -1;
}
