/* The writing end of the record stream: frames collect in one buffer that is
 * written in large pieces.  Not here: reading (stream_reader.c). */
#include "record/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "record/codec.h"
#include "record/frame.h"

/* FIRST: a small page's, at once; growing would copy. */
enum { WRITE_BYTES = 256 * 1024, FIRST_BYTES = 64 * 1024 };

struct stream_writer {
	int fd;
	int failed; /* errno of a write that failed, or 0 */
	struct buf out;
	struct buf context; /* of the record before */
	uint64_t records, deleted, rejected, filtered;
};

struct stream_writer *
stream_writer_new(int fd)
{
	struct stream_writer *w = xcalloc(1, sizeof(*w));

	w->fd = fd;
	buf_init(&w->out, WRITE_BYTES + 2 * FRAME_MAX);
	buf_reserve(&w->out, FIRST_BYTES);
	buf_add(&w->out, STREAM_MAGIC, STREAM_MAGIC_BYTES);
	buf_init(&w->context, FRAME_MAX);
	return w;
}

void
stream_writer_free(struct stream_writer *w)
{
	if (!w)
		return;
	buf_release(&w->out);
	buf_release(&w->context);
	free(w);
}

static int
flush(struct stream_writer *w)
{
	size_t done = 0;

	while (done < w->out.len && !w->failed) {
		ssize_t n = write(w->fd, w->out.data + done, w->out.len - done);

		if (n >= 0)
			done += (size_t)n;
		else if (errno != EINTR)
			w->failed = errno;
	}
	buf_clear(&w->out);
	if (!w->failed)
		return 0;
	errno = w->failed;
	return -1;
}

/* Begins a frame; returns where, for end_frame. */
static size_t
begin_frame(struct stream_writer *w, enum frame_type type)
{
	char head[FRAME_HEAD] = {0};
	size_t at = w->out.len;

	head[4] = (char)type;
	buf_add(&w->out, head, sizeof(head));
	return at;
}

/* A frame that became too large is taken back. */
static int
end_frame(struct stream_writer *w, size_t at)
{
	size_t len = w->out.len - at - 4;

	if (w->failed) {
		errno = w->failed;
		return -1;
	}
	if (w->out.full || len > FRAME_MAX) {
		w->out.full = false;
		w->out.len = at;
		w->out.data[at] = '\0';
		errno = EMSGSIZE;
		return -1;
	}
	frame_put_u32(w->out.data + at, (uint32_t)len);
	return w->out.len >= WRITE_BYTES ? flush(w) : 0;
}

static void
put_text(struct buf *out, const char *s)
{
	encode_text(out, s ? s : "", s ? strlen(s) : 0);
}

/* One a line; a setSpec is never given a line feed of its own. */
static void
put_sets(struct buf *out, const struct record *r)
{
	size_t n = 0, at;

	for (size_t i = 0; i < r->sets.count; i++)
		n += strlen(r->sets.items[i]) + (i > 0);
	encode_varint(out, n);
	for (size_t i = 0; i < r->sets.count; i++) {
		if (i > 0)
			buf_addc(out, '\n');
		at = out->len;
		buf_adds(out, r->sets.items[i]);
		for (; at < out->len; at++)
			if (out->data[at] == '\n')
				out->data[at] = ' ';
	}
	buf_addc(out, '\0');
}

static bool
is_same_context(const struct stream_writer *w, const char *context)
{
	return w->records > 0 && strcmp(context, buf_str(&w->context)) == 0;
}

static void
keep_context(struct stream_writer *w, const char *context)
{
	buf_clear(&w->context);
	buf_adds(&w->context, context);
}

int
stream_write_record(struct stream_writer *w, const struct record *r)
{
	uint8_t fixed[RECORD_FIXED] = {0};
	struct buf *out = &w->out;
	const char *context = r->context ? r->context : "";
	bool has_element, is_same = is_same_context(w, context);
	size_t at = begin_frame(w, FRAME_RECORD), doc;

	fixed[0] = (uint8_t)((r->deleted ? RECORD_DELETED : 0) |
			     (r->header_only ? RECORD_HEADER_ONLY : 0) |
			     (r->is_known ? RECORD_KNOWN : 0) |
			     (r->filtered ? RECORD_FILTERED : 0) |
			     (is_same ? RECORD_SAME_CONTEXT : 0));
	frame_put_u64(fixed + 1, r->offset);
	frame_put_u64(fixed + 9, r->length);
	memcpy(fixed + 17, r->digest, DIGEST_BYTES);
	buf_add(out, fixed, sizeof(fixed));
	put_text(out, r->identifier);
	put_text(out, r->identifier_basis);
	put_text(out, r->datestamp);
	put_sets(out, r);
	put_text(out, is_same ? "" : context);
	has_element = r->element != NULL && !r->filtered;
	encode_varint(out, has_element ? r->element_len : 0);
	if (has_element)
		buf_add(out, r->element, r->element_len);
	doc = out->len;
	if (!r->deleted && !r->is_known && !r->filtered)
		record_encode_doc(out, r);
	if (out->len - doc > LIMIT_DOC_BYTES)
		out->full = true;
	if (end_frame(w, at) < 0)
		return -1;
	if (!is_same)
		keep_context(w, context);
	w->records++;
	w->deleted += r->deleted;
	w->filtered += r->filtered;
	return 0;
}

int
stream_write_reject(struct stream_writer *w, const struct reject *r)
{
	uint8_t place[16];
	size_t at = begin_frame(w, FRAME_REJECT);

	frame_put_u64(place, r->offset);
	frame_put_u64(place + 8, r->length);
	buf_add(&w->out, place, sizeof(place));
	put_text(&w->out, r->identifier);
	put_text(&w->out, r->reason);
	if (end_frame(w, at) < 0)
		return -1;
	w->rejected++;
	return 0;
}

int
stream_write_page(struct stream_writer *w, const struct page_facts *f)
{
	struct page_facts counted = *f;
	size_t at = begin_frame(w, FRAME_PAGE);

	counted.records = w->records;
	counted.deleted = w->deleted;
	counted.rejected = w->rejected;
	counted.filtered = w->filtered;
	facts_encode(&w->out, &counted);
	if (end_frame(w, at) < 0)
		return -1;
	return flush(w);
}
