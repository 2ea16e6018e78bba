/* Files, and how their texts travel: for each one its lengths, whether it is a
 * preview, its path and its text. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/digest.h"
#include "base/str.h"
#include "base/utf8.h"
#include "crosswalk/xwalk_build.h"

struct head {
	uint32_t path_len, text_len, is_front;
};

static const char suffix[] = ".crosswalk";

void
xwalk_pack(struct buf *out, const char *path, const char *text, size_t n,
    bool is_front)
{
	struct head head = {(uint32_t)strlen(path), (uint32_t)n, is_front};

	buf_add(out, &head, sizeof(head));
	buf_add(out, path, head.path_len);
	buf_add(out, text, n);
}

/* The last part of the path without its suffix. */
static const char *
name_of(struct arena *a, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;
	size_t n = strlen(name);

	if (str_ends(name, suffix))
		n -= sizeof(suffix) - 1;
	return arena_strndup(a, name, n);
}

/* The text that *data begins with, which it moves behind: 1, 0 at the end, -1
 * when it is broken. */
static int
next(struct xwalk_packed *p, struct arena *a, const char **data, size_t *n)
{
	struct head head;

	if (*n == 0)
		return 0;
	if (*n < sizeof(head))
		return -1;
	memcpy(&head, *data, sizeof(head));
	*data += sizeof(head);
	*n -= sizeof(head);
	if (head.path_len > *n || head.text_len > *n - head.path_len ||
	    memchr(*data, '\0', head.path_len) != NULL ||
	    !utf8_valid(*data, head.path_len))
		return -1;
	p->path = arena_strndup(a, *data, head.path_len);
	p->name = name_of(a, p->path);
	p->text = *data + head.path_len;
	p->n = head.text_len;
	p->is_front = head.is_front != 0;
	*data += head.path_len + head.text_len;
	*n -= head.path_len + head.text_len;
	return 1;
}

int
xwalk_digest(struct hash128_state *h, const void *data, size_t n)
{
	const char *at = data;
	struct xwalk_packed p;
	struct arena a;
	int more;

	arena_init(&a, 0);
	while ((more = next(&p, &a, &at, &n)) > 0) {
		hash128_add(h, p.name, strlen(p.name) + 1);
		hash128_add(h, p.is_front ? "f" : "", 2 - !p.is_front);
		hash128_add(h, &p.n, sizeof(p.n));
		hash128_add(h, p.text, p.n);
	}
	arena_release(&a);
	return more;
}

static void
add(struct xwalk_build *b, struct xwalk_packed p)
{
	struct table_place place = {.file = p.path};
	size_t at;

	for (at = 0; at < b->file_count; at++) {
		if (strcmp(b->files[at].name, p.name) != 0)
			continue;
		if (p.is_front == b->files[at].is_front)
			table_mistake(&b->log, place,
			    "there is a crosswalk %.60s already; expected one "
			    "of a name",
			    p.name);
		/* The preview stands for the installed one. */
		return;
	}
	GROW(b->files, b->file_cap, b->file_count + 1);
	b->files[b->file_count++] = p;
}

/* Previews go first. */
static bool
unpack(struct xwalk_build *b, const char *data, size_t n, bool is_front)
{
	struct xwalk_packed p;
	int more;

	while ((more = next(&p, &b->set->arena, &data, &n)) > 0)
		if (p.is_front == is_front)
			add(b, p);
	return more == 0;
}

bool
xwalk_unpack(struct xwalk_build *b, const void *data, size_t n)
{
	if (unpack(b, data, n, true) && unpack(b, data, n, false))
		return true;
	table_mistake(&b->log, (struct table_place){.file = "crosswalks"},
	    "the texts came broken; expected what was packed");
	return false;
}

/* --- files ---------------------------------------------------------------- */

static int
pack_file(
    struct buf *out, const char *path, bool is_front, struct table_log *log)
{
	struct table_place place = {.file = path};
	size_t before = log->count;
	struct stat st;
	char *data;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) != 0)
		table_mistake(log, place, "%s; expected a readable crosswalk",
		    strerror(errno));
	else if (!S_ISREG(st.st_mode) ||
		 (uint64_t)st.st_size > LIMIT_CROSSWALK_BYTES)
		table_mistake(log, place,
		    "is no file of at most %zu bytes; expected a crosswalk",
		    LIMIT_CROSSWALK_BYTES);
	else {
		data = xmalloc((size_t)st.st_size + 1);
		if (read(fd, data, (size_t)st.st_size) == st.st_size)
			xwalk_pack(
			    out, path, data, (size_t)st.st_size, is_front);
		else
			table_mistake(log, place,
			    "could not be read to its end; expected %lld bytes",
			    (long long)st.st_size);
		free(data);
		if (out->full)
			table_mistake(log, place,
			    "there is no room for it; expected at most %zu "
			    "bytes in all crosswalks",
			    out->max);
	}
	if (fd >= 0)
		close(fd);
	return log->count > before ? -1 : 0;
}

int
xwalk_pack_file(
    struct buf *out, const char *path, bool is_front, struct buf *mistakes)
{
	struct table_log log = {.text = mistakes};

	return pack_file(out, path, is_front, &log);
}

static int
is_crosswalk(const struct dirent *d)
{
	return d->d_name[0] != '.' && str_ends(d->d_name, suffix);
}

int
xwalk_pack_dir(struct buf *out, const char *dir, struct buf *mistakes)
{
	struct table_log log = {.text = mistakes};
	struct dirent **list;
	int n = scandir(dir, &list, is_crosswalk, alphasort);

	if (n <= 0 || (size_t)n > LIMIT_CROSSWALK_FILES)
		table_mistake(&log, (struct table_place){.file = dir},
		    "%s; expected a directory with the crosswalks, 1 to %zu "
		    "files *.crosswalk",
		    n < 0 ? strerror(errno)
		    : n	  ? "too many files"
			  : "no crosswalk",
		    LIMIT_CROSSWALK_FILES);
	for (int i = 0; i < n; i++) {
		if ((size_t)n <= LIMIT_CROSSWALK_FILES) {
			char *path = xasprintf("%s/%s", dir, list[i]->d_name);

			pack_file(out, path, false, &log);
			free(path);
		}
		free(list[i]);
	}
	if (n >= 0)
		free(list);
	return log.count > 0 ? -1 : 0;
}
