/* Static repositories to profiles, by the parser and the crosswalk. */
#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/str.h"
#include "crosswalk/crosswalk.h"
#include "crosswalk/vocab.h"
#include "offline.h"
#include "parse/html.h"
#include "parse/page.h"
#include "record/stream.h"
#include "tables.h"

struct reading {
	struct registry *registry;
	int32_t source_id;
	struct buf bytes;
};

double
cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* As the role has it: from its bytes. */
static int
on_record(void *arg, const struct record_head *h, struct err *e)
{
	struct reading *g = arg;
	struct registry *r = g->registry;
	struct profile fresh, *p;
	struct record rec = {0};
	struct arena a;

	arena_init(&a, 0);
	if (record_from_head(&rec, &a, h, e) < 0)
		errx(EX_DATAERR, "a record: %s", e->text);
	profile_from_record(&fresh, &rec, g->source_id, (int64_t)r->count, &a);
	buf_clear(&g->bytes);
	profile_encode(&g->bytes, &fresh);
	p = arena_calloc(&r->arena, 1, sizeof(*p));
	if (profile_decode(p, &r->arena, g->source_id, (int64_t)r->count,
		g->bytes.data, g->bytes.len, e) < 0)
		errx(EX_DATAERR, "%s: %s", rec.identifier, e->text);
	if (r->count == r->cap) {
		size_t cap = r->cap;

		GROW(r->profiles, r->cap, r->count + 1);
		GROW(r->ids, cap, r->count + 1);
	}
	r->ids[r->count] = arena_strdup(&r->arena, rec.identifier);
	r->profiles[r->count++] = p;
	r->profile_bytes += g->bytes.len;
	arena_release(&a);
	return 0;
}

static int
on_reject(void *arg, const struct reject *r, struct err *e)
{
	(void)arg;
	(void)e;
	warnx("rejected: %s", r->reason);
	return 0;
}

static int
on_page(void *arg, const struct page_facts *f, struct err *e)
{
	(void)arg;
	(void)f;
	(void)e;
	return 0;
}

static void
read_stream(struct reading *g, int fd, uint64_t body_bytes)
{
	static const struct stream_ops ops = {on_record, on_reject, on_page};
	struct stream_reader *r =
	    stream_reader_new(&ops, g, UINT64_MAX, body_bytes);
	char *chunk = xmalloc(MIB);
	struct err e = {0};
	off_t at = 0;
	ssize_t got;

	while ((got = pread(fd, chunk, MIB, at)) > 0) {
		if (stream_reader_push(r, chunk, (size_t)got, &e) < 0)
			errx(EX_DATAERR, "the stream: %s", e.text);
		at += got;
	}
	if (stream_reader_end(r, &e) < 0)
		errx(EX_DATAERR, "the stream: %s", e.text);
	stream_reader_free(r);
	free(chunk);
}

static void
read_source(
    struct registry *r, const char *dir, const char *name, const char *format)
{
	struct crosswalk_config config = {
	    .format = format, .walks = tables_walks(), .html_text = html_text};
	struct crosswalk *x = crosswalk_new(&config);
	struct page_request q = {.protocol = "oai-static",
	    .format = format,
	    .ops = &crosswalk_ops,
	    .ops_arg = x};
	char *path = xasprintf("%s/%s.xml", dir, name);
	int body = open(path, O_RDONLY | O_CLOEXEC);
	int out = memfd_create("stream", MFD_CLOEXEC);
	struct stream_writer *w = stream_writer_new(out);
	struct reading g = {.registry = r};

	if (body < 0 || out < 0)
		err(EX_NOINPUT, "%s", path);
	GROW(r->sources, r->source_cap, r->source_count + 1);
	r->sources[r->source_count++] = xstrdup(name);
	g.source_id = (int32_t)r->source_count;
	buf_init(&g.bytes, LIMIT_PROFILE_BYTES);
	if (page_parse(body, &q, w) != EX_OK)
		errx(EX_DATAERR, "%s cannot be read", path);
	read_stream(&g, out, (uint64_t)lseek(body, 0, SEEK_END));
	stream_writer_free(w);
	crosswalk_free(x);
	buf_release(&g.bytes);
	close(body);
	close(out);
	free(path);
}

void
registry_read(struct registry *r, const char *dir)
{
	char *path = xasprintf("%s/sources.conf", dir), line[4096];
	char name[256] = "", format[256];
	FILE *f = fopen(path, "re");

	if (!f)
		err(EX_NOINPUT, "%s", path);
	*r = (struct registry){.count = 0};
	arena_init(&r->arena, 0);
	vocab_use(tables_rules());
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "[source %255[^]]]", name) != 1 &&
		    sscanf(line, "format = %255s", format) == 1 && *name) {
			read_source(r, dir, name, format);
			*name = '\0';
		}
	}
	fclose(f);
	free(path);
}
