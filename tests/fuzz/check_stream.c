/* The stream that a parser made of a stranger's page; see check_stream.h. */
#include "check_stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record/stream.h"

static int
on_record(void *arg, const struct record_head *h, struct err *e)
{
	struct arena a;
	struct record r = {0};
	struct record_summary s;
	int rc;

	(void)arg;
	arena_init(&a, 0);
	rc = record_from_head(&r, &a, h, e);
	/* Store gives records their other names by this. */
	if (rc == 0 && !r.deleted && strcmp(r.identifier_basis, "link") == 0) {
		record_summarise(&s, &r, &a);
		BUG_ON(strcmp(s.url, r.identifier) != 0);
	}
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

void
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
