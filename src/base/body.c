/* See base/body.h. */
#include "base/body.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/limits.h"

enum { BODY_BUFFER = 64 * 1024 };

void
body_init(struct body *b, const char *spool_dir)
{
	*b = (struct body){
	    .fd = -1,
	    .reader = -1,
	    .spool_dir = spool_dir,
	};
}

void
body_clear(struct body *b)
{
	if (b->fd >= 0)
		close(b->fd);
	if (b->reader >= 0)
		close(b->reader);
	b->fd = b->reader = -1;
	b->used = 0;
	b->bytes = 0;
}

void
body_release(struct body *b)
{
	body_clear(b);
	free(b->buf);
	hash128_free(b->hash);
	b->buf = NULL;
	b->hash = NULL;
}

static int
write_all(int fd, const char *p, size_t n, struct err *e)
{
	while (n > 0) {
		ssize_t w = write(fd, p, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return err_sys(e, "cannot keep the body");
		p += w;
		n -= (size_t)w;
	}
	return 0;
}

/* A file without a name: nothing to clean up, whoever dies. */
static int
open_unnamed(const char *dir, struct err *e)
{
	int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_sys(e,
		    "cannot spool a body in %s (it must be a directory that we "
		    "may write to, on a file system that knows O_TMPFILE)",
		    dir);
	return fd;
}

/* Copies what the memfd holds into a file and goes on there. */
static int
move_to_file(struct body *b, struct err *e)
{
	char chunk[16 * 1024], self[64];
	off_t at = 0;
	ssize_t n;
	int fd = open_unnamed(b->spool_dir, e);

	if (fd < 0)
		return -1;
	while ((n = pread(b->fd, chunk, sizeof(chunk), at)) > 0) {
		if (write_all(fd, chunk, (size_t)n, e) != 0)
			goto fail;
		at += n;
	}
	if (n < 0) {
		err_sys(e, "cannot read back the body");
		goto fail;
	}
	/* The twin is opened while the mode still allows it; after that no
	 * descriptor made from it can be opened for writing. */
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	b->reader = open(self, O_RDONLY | O_CLOEXEC);
	if (b->reader < 0 || fchmod(fd, 0400) != 0) {
		err_sys(e, "cannot make a spooled body read-only");
		goto fail;
	}
	close(b->fd);
	b->fd = fd;
	return 0;
fail:
	close(fd);
	return -1;
}

static int
flush(struct body *b, struct err *e)
{
	if (b->fd < 0) {
		b->fd =
		    memfd_create("sheaf-body", MFD_CLOEXEC | MFD_ALLOW_SEALING);
		if (b->fd < 0)
			return err_sys(e, "cannot make a memfd for a body");
		if (b->hash == NULL)
			b->hash = hash128_new();
		hash128_reset(b->hash);
	}
	if (b->reader < 0 && b->bytes > LIMIT_BODY_MEMORY &&
	    move_to_file(b, e) != 0)
		return -1;
	hash128_add(b->hash, b->buf, b->used);
	if (write_all(b->fd, b->buf, b->used, e) != 0)
		return -1;
	b->used = 0;
	return 0;
}

int
body_add(struct body *b, const void *p, size_t n, struct err *e)
{
	const char *s = p;

	if (b->buf == NULL)
		b->buf = xmalloc(BODY_BUFFER);
	while (n > 0) {
		size_t room = BODY_BUFFER - b->used;
		size_t take = n < room ? n : room;

		if (room == 0) {
			if (flush(b, e) != 0)
				return -1;
			continue;
		}
		memcpy(b->buf + b->used, s, take);
		b->used += take;
		b->bytes += take;
		s += take;
		n -= take;
	}
	return 0;
}

int
body_seal(struct body *b, int *fd, uint8_t hash[HASH128_BYTES], struct err *e)
{
	bool whole = b->fd < 0; /* all of it is in the buffer */

	*fd = -1;
	if (whole)
		hash128(hash, b->buf, b->used);
	if (b->bytes > 0) {
		if (flush(b, e) != 0)
			return -1;
		if (!whole)
			hash128_end(b->hash, hash);
		if (b->reader < 0 && fcntl(b->fd, F_ADD_SEALS,
					 F_SEAL_SHRINK | F_SEAL_GROW |
					     F_SEAL_WRITE | F_SEAL_SEAL) != 0)
			return err_sys(e, "cannot seal a body");
		if (b->reader < 0) {
			lseek(b->fd, 0, SEEK_SET);
			*fd = b->fd;
			b->fd = -1;
		} else {
			*fd = b->reader;
			b->reader = -1;
		}
	}
	body_clear(b);
	return 0;
}
