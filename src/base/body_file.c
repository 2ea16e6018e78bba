/* A file of ours as a body; see the header. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/body.h"
#include "base/limits.h"

static int
check_file(const char *path, const struct stat *st, uint64_t max, struct err *e)
{
	if (!S_ISREG(st->st_mode))
		return err_set(
		    e, ERR_SYSTEM, 0, "%.300s is no regular file", path);
	if (st->st_size == 0)
		return err_set(e, ERR_SYSTEM, 0, "%.300s is empty", path);
	if (max > LIMIT_STATIC_FILE_BYTES)
		max = LIMIT_STATIC_FILE_BYTES;
	if ((uint64_t)st->st_size > max)
		return err_set(e, ERR_LIMIT, 0,
		    "%.300s has %llu bytes, over the limit of %llu", path,
		    (unsigned long long)st->st_size, (unsigned long long)max);
	return 0;
}

static bool
is_as_before(const struct stat *a, const struct stat *b, uint64_t bytes)
{
	return a->st_size == b->st_size && (uint64_t)b->st_size == bytes &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* No more than its size: one that grows would never end. */
static int
copy(int from, const char *path, const struct stat *st, struct body *b,
    struct err *e)
{
	char chunk[64 * 1024];
	ssize_t n = 1;

	while (n > 0 && b->bytes <= (uint64_t)st->st_size) {
		n = read(from, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR) {
			n = 1;
			continue;
		}
		if (n < 0)
			return err_sys(e, "%.300s", path);
		if (body_add(b, chunk, (size_t)n, e) != 0)
			return -1;
	}
	return 0;
}

static int
read_file(
    int from, const char *path, uint64_t max, struct body *b, struct err *e)
{
	struct stat before, after;

	if (fstat(from, &before) != 0)
		return err_sys(e, "%.300s", path);
	if (check_file(path, &before, max, e) != 0 ||
	    copy(from, path, &before, b, e) != 0)
		return -1;
	if (fstat(from, &after) != 0 ||
	    !is_as_before(&before, &after, b->bytes))
		return err_set(e, ERR_SYSTEM, 0,
		    "%.300s was written to while it was read; it should be "
		    "replaced by rename",
		    path);
	return 0;
}

int
body_of_file(const char *path, const char *spool_dir, uint64_t max, int *fd,
    uint64_t *bytes, uint8_t hash[HASH128_BYTES], struct err *e)
{
	struct body b;
	int from = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	int rc;

	*fd = -1;
	*bytes = 0;
	if (from < 0)
		return err_sys(e, "%.300s", path);
	body_init(&b, spool_dir);
	rc = read_file(from, path, max, &b, e);
	*bytes = b.bytes;
	if (rc == 0)
		rc = body_seal(&b, fd, hash, e);
	body_release(&b);
	close(from);
	return rc;
}
