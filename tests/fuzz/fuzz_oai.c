/* A page as a stranger sends it, through sniffing, repair, cutting, libxml2
 * and the crosswalk, and back through the reader of the stream. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/limits.h"
#include "crosswalk/crosswalk.h"
#include "crosswalk/vocab.h"
#include "parse/html.h"
#include "parse/page.h"
#include "tables.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static int
on_record(void *arg, const struct record_head *h, struct err *e)
{
	struct arena a;
	struct record r = {0};
	int rc;

	(void)arg;
	arena_init(&a, 0);
	rc = record_from_head(&r, &a, h, e);
	arena_release(&a);
	return rc;
}

static int
on_reject(void *arg, const struct reject *r, struct err *e)
{
	(void)arg;
	(void)r;
	(void)e;
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

/* The stream must be one that store takes. */
static void
check_stream(int fd, size_t body_bytes)
{
	static const struct stream_ops ops = {on_record, on_reject, on_page};
	struct stream_reader *r =
	    stream_reader_new(&ops, NULL, UINT64_MAX, body_bytes);
	char chunk[4096];
	struct err e;
	off_t at = 0;
	ssize_t got;

	while ((got = pread(fd, chunk, sizeof(chunk), at)) > 0) {
		if (stream_reader_push(r, chunk, (size_t)got, &e) < 0) {
			fprintf(stderr, "%s\n", e.text);
			abort();
		}
		at += got;
	}
	BUG_ON(stream_reader_end(r, &e) < 0);
	stream_reader_free(r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct crosswalk_config config = {.html_text = html_text};
	struct crosswalk *x = crosswalk_new(&config);
	struct page_request q = {.protocol = "oai-pmh",
	    .from = "2001-01-01",
	    .set = "a",
	    .ops = &crosswalk_ops,
	    .ops_arg = x};
	int body = memfd_create("page", MFD_CLOEXEC);
	int out = memfd_create("stream", MFD_CLOEXEC);
	struct stream_writer *w = stream_writer_new(out);

	BUG_ON(body < 0 || out < 0);
	BUG_ON(write(body, data, n) != (ssize_t)n);
	page_parse(body, &q, w);
	stream_writer_free(w);
	crosswalk_free(x);
	check_stream(out, n);
	close(body);
	close(out);
	return 0;
}
