#include "parse_talk.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/limits.h"
#include "crosswalk/crosswalk.h"
#include "crosswalk/vocab.h"
#include "parse/html.h"
#include "tables.h"

struct sink {
	struct talk *talk;
	struct buf *json;
	const char *page;
	size_t len;
};

void
talk_init(struct talk *t)
{
	memset(t, 0, sizeof(*t));
	vocab_use(tables_rules());
	t->q.protocol = "oai-pmh";
	t->q.format = "oai_dc";
	buf_init(&t->json, (size_t)64 << 20);
}

void
talk_release(struct talk *t)
{
	buf_release(&t->json);
}

/* What is not handed over as `element` must stand in the page as it is. */
static void
check_slice(const struct sink *s, const struct record_head *h)
{
	const char *p = s->page + h->offset;

	BUG_ON(h->offset + h->length > s->len);
	if (h->element_len > 0) {
		BUG_ON(*(const char *)h->element != '<');
		return;
	}
	BUG_ON(h->length < 4 || p[0] != '<' || p[h->length - 1] != '>');
	BUG_ON(memmem(p, h->length < 64 ? h->length : 64,
		   h->header_only ? "e" : "record",
		   h->header_only ? 1 : 6) == NULL);
}

static int
on_record(void *arg, const struct record_head *h, struct err *e)
{
	struct sink *s = arg;
	struct arena a;
	struct record r = {0};
	int rc;

	check_slice(s, h);
	arena_init(&a, 0);
	rc = record_from_head(&r, &a, h, e);
	if (rc == 0) {
		record_json(s->json, &r, RECORD_PLACE);
		buf_addc(s->json, '\n');
	}
	arena_release(&a);
	return rc;
}

static int
on_reject(void *arg, const struct reject *r, struct err *e)
{
	struct sink *s = arg;

	(void)e;
	BUG_ON(r->offset + r->length > s->len);
	reject_json(s->json, r);
	buf_addc(s->json, '\n');
	return 0;
}

static int
on_page(void *arg, const struct page_facts *f, struct err *e)
{
	struct sink *s = arg;

	(void)e;
	s->talk->outside_window = f->outside_window;
	s->talk->outside_set = f->outside_set;
	facts_json(s->json, f);
	buf_addc(s->json, '\n');
	return 0;
}

static void
read_stream(struct talk *t, int fd, const void *page, size_t n)
{
	static const struct stream_ops ops = {on_record, on_reject, on_page};
	struct sink sink = {t, &t->json, page, n};
	struct stream_reader *r = stream_reader_new(&ops, &sink, UINT64_MAX, n);
	char chunk[64 * 1024];
	struct err e = {0};
	off_t at = 0;
	ssize_t got;

	while ((got = pread(fd, chunk, sizeof(chunk), at)) > 0) {
		if (stream_reader_push(r, chunk, (size_t)got, &e) < 0)
			fprintf(stderr, "%s\n", e.text);
		BUG_ON(e.class != ERR_NONE);
		at += got;
	}
	BUG_ON(stream_reader_end(r, &e) < 0);
	stream_reader_free(r);
}

void
talk_page(struct talk *t, const void *page, size_t n)
{
	struct crosswalk_config config = {.format = t->q.format,
	    .walks = t->walks ? t->walks : tables_walks(),
	    .html_text = html_text};
	struct crosswalk *x = crosswalk_new(&config);
	int body = memfd_create("page", MFD_CLOEXEC);
	int out = memfd_create("stream", MFD_CLOEXEC);
	struct stream_writer *w = stream_writer_new(out);

	BUG_ON(body < 0 || out < 0 || pwrite(body, page, n, 0) != (ssize_t)n);
	buf_clear(&t->json);
	t->q.ops = &crosswalk_ops;
	t->q.ops_arg = x;
	t->code = page_parse(body, &t->q, w);
	stream_writer_free(w);
	crosswalk_free(x);
	read_stream(t, out, page, n);
	close(body);
	close(out);
}

void
talk_records(struct talk *t, const char *records)
{
	struct buf b;

	buf_init(&b, (size_t)64 << 20);
	buf_adds(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<OAI-PMH "
		     "xmlns=\"http://www.openarchives.org/OAI/2.0/\">"
		     "<responseDate>2026-01-01T00:00:00Z</responseDate>"
		     "<request verb=\"ListRecords\">http://x/oai</request>"
		     "<ListRecords>");
	buf_adds(&b, records);
	buf_adds(&b, "</ListRecords></OAI-PMH>\n");
	talk_page(t, b.data, b.len);
	buf_release(&b);
}

unsigned
talk_count(const struct talk *t, const char *what)
{
	unsigned n = 0;

	for (const char *p = buf_str(&t->json); (p = strstr(p, what)); p++)
		n++;
	return n;
}
