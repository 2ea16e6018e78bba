/* The record stream as store reads it from a parser that a stranger has taken
 * over: the frames, the content, the facts, and JSON from all of it. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/limits.h"
#include "record/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct sink {
	struct arena arena;
	struct buf json;
};

static int
on_record(void *arg, const struct record_head *h, struct err *e)
{
	struct sink *s = arg;
	struct record_summary summary;
	struct record r;
	int rc;

	rc = record_from_head(&r, &s->arena, h, e);
	if (rc == 0) {
		BUG_ON(record_check(&r, e) < 0);
		record_json(&s->json, &r, RECORD_PLACE);
		record_summarise(&summary, &r, &s->arena);
	}
	arena_clear(&s->arena);
	buf_clear(&s->json);
	return rc;
}

static int
on_reject(void *arg, const struct reject *r, struct err *e)
{
	struct sink *s = arg;

	(void)e;
	reject_json(&s->json, r);
	buf_clear(&s->json);
	return 0;
}

static int
on_page(void *arg, const struct page_facts *f, struct err *e)
{
	struct sink *s = arg;

	(void)e;
	facts_json(&s->json, f);
	buf_clear(&s->json);
	return 0;
}

static int
play(const uint8_t *data, size_t n, size_t piece)
{
	static const struct stream_ops ops = {on_record, on_reject, on_page};
	struct stream_reader *r;
	struct sink s;
	struct err e;
	int rc = 0;

	arena_init(&s.arena, 64 * MIB);
	buf_init(&s.json, 64 * MIB);
	r = stream_reader_new(&ops, &s, 64 * MIB, 1 * MIB);
	for (size_t at = 0; at < n && rc == 0; at += piece)
		rc = stream_reader_push(
		    r, data + at, n - at < piece ? n - at : piece, &e);
	if (rc == 0)
		rc = stream_reader_end(r, &e);
	stream_reader_free(r);
	arena_release(&s.arena);
	buf_release(&s.json);
	return rc;
}

/* How the bytes are cut must not matter. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	int whole = play(data, n, n + 1);

	BUG_ON(play(data, n, 13) != whole);
	return 0;
}
