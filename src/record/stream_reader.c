/* The reading end of the record stream.  The writer may be in a stranger's
 * hands: everything is checked before it is handed on.  Whole frames are read
 * where they lie; only what a push cuts is kept. */
#include "record/stream.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/utf8.h"
#include "record/codec.h"
#include "record/context.h"
#include "record/frame.h"
#include "record/words.h"

enum { FACTS_MEMORY = 64 * 1024 * 1024 };

struct stream_reader {
	const struct stream_ops *ops;
	void *arg;
	uint64_t max_bytes, body_bytes, bytes;
	uint64_t records, deleted, rejected, filtered;
	uint64_t sliced; /* bytes of the page that records are cut from */
	bool began, trailer, broken;
	struct buf partial; /* a frame, or the magic, that a push cut */
	struct buf context; /* of the record before */
	struct arena arena; /* of the trailer */
};

struct stream_reader *
stream_reader_new(const struct stream_ops *ops, void *arg, uint64_t max_bytes,
    uint64_t body_bytes)
{
	struct stream_reader *r = xcalloc(1, sizeof(*r));

	r->ops = ops;
	r->arg = arg;
	r->max_bytes = max_bytes;
	r->body_bytes = body_bytes;
	buf_init(&r->partial, FRAME_MAX + FRAME_HEAD);
	buf_init(&r->context, LIMIT_XML_MARKUP_BYTES + 1);
	arena_init(&r->arena, FACTS_MEMORY);
	return r;
}

void
stream_reader_free(struct stream_reader *r)
{
	if (!r)
		return;
	buf_release(&r->partial);
	buf_release(&r->context);
	arena_release(&r->arena);
	free(r);
}

bool
stream_reader_has_trailer(const struct stream_reader *r)
{
	return r->trailer;
}

/* A text of the head; NULL for an empty one. */
static int
head_text(struct cursor *c, const char **out, const char *name, size_t max,
    struct err *e)
{
	size_t n;

	if (decode_text(c, out, &n, e) < 0)
		return err_prefix(e, "%s", name);
	if (n > max)
		return err_set(e, ERR_LIMIT, 0,
		    "%s of %zu bytes, %zu are allowed", name, n, max);
	if (memchr(*out, '\0', n) || !utf8_valid(*out, n))
		return err_set(
		    e, ERR_PROTO, 0, "%s is not a text in UTF-8", name);
	if (n == 0)
		*out = NULL;
	return 0;
}

static int
check_place(const struct stream_reader *r, uint64_t offset, uint64_t length,
    struct err *e)
{
	if (offset > r->body_bytes || length > r->body_bytes - offset)
		return err_set(e, ERR_PROTO, 0,
		    "a place outside the page: %llu bytes from %llu, the page "
		    "has %llu",
		    (unsigned long long)length, (unsigned long long)offset,
		    (unsigned long long)r->body_bytes);
	return 0;
}

/* Slices of one page are apart and none is larger than a record may be, so
 * that whoever cuts them takes no more memory than the page has bytes. */
static int
check_slice(struct stream_reader *r, const struct record_head *h, struct err *e)
{
	if (h->element_len > 0)
		return 0;
	if (h->length > LIMIT_RECORD_BYTES)
		return err_set(e, ERR_LIMIT, 0,
		    "a record of %llu bytes, %zu are allowed",
		    (unsigned long long)h->length, LIMIT_RECORD_BYTES);
	r->sliced += h->length;
	if (r->sliced > r->body_bytes)
		return err_set(e, ERR_PROTO, 0,
		    "the records so far have %llu bytes, the page has %llu",
		    (unsigned long long)r->sliced,
		    (unsigned long long)r->body_bytes);
	return 0;
}

static int
check_sets(const char *sets, struct err *e)
{
	size_t count = 0;

	while (sets && *sets) {
		size_t n = strcspn(sets, "\n");

		if (n > LIMIT_SETSPEC_BYTES)
			return err_set(e, ERR_LIMIT, 0,
			    "a setSpec of %zu bytes, %zu are allowed", n,
			    LIMIT_SETSPEC_BYTES);
		if (++count > LIMIT_SETS_PER_RECORD)
			return err_set(e, ERR_LIMIT, 0,
			    "more than %zu sets of one record",
			    LIMIT_SETS_PER_RECORD);
		sets += n + (sets[n] != '\0');
	}
	return 0;
}

static int
head_texts(struct cursor *c, struct record_head *h, struct err *e)
{
	if (head_text(c, &h->identifier, "identifier", LIMIT_IDENTIFIER_BYTES,
		e) < 0 ||
	    head_text(c, &h->identifier_basis, "identifier_basis", 16, e) < 0 ||
	    head_text(c, &h->datestamp, "datestamp", LIMIT_DATESTAMP_BYTES, e) <
		0 ||
	    head_text(c, &h->sets, "sets", LIMIT_SETS_BYTES, e) < 0)
		return -1;
	if (!h->identifier)
		return err_set(
		    e, ERR_PROTO, 0, "a record without an identifier");
	if (h->identifier_basis &&
	    !word_known(words_identifier_basis, h->identifier_basis))
		return err_set(e, ERR_PROTO, 0,
		    "identifier_basis \"%.16s\" is unknown",
		    h->identifier_basis);
	return check_sets(h->sets, e);
}

static int
count_bytes(struct stream_reader *r, uint64_t n, struct err *e)
{
	if (n > r->max_bytes - r->bytes)
		return err_set(e, ERR_LIMIT, 0,
		    "a record stream of more than %llu bytes",
		    (unsigned long long)r->max_bytes);
	r->bytes += n;
	return 0;
}

static int
head_context(struct stream_reader *r, struct cursor *c, struct record_head *h,
    struct err *e)
{
	if (head_text(c, &h->context, "context", LIMIT_XML_MARKUP_BYTES, e) < 0)
		return -1;
	if (!h->has_same_context) {
		buf_clear(&r->context);
		buf_adds(&r->context, h->context != NULL ? h->context : "");
		return 0;
	}
	if (h->context != NULL || r->records == 0)
		return err_set(e, ERR_PROTO, 0,
		    "the context of the record before, where %s",
		    r->records == 0 ? "there is none" : "it has its own");
	if (r->context.len > 0)
		h->context = buf_str(&r->context);
	/* Blocks of records hold it, each. */
	return count_bytes(r, r->context.len / CONTEXT_RECORDS, e);
}

static int
head_element(struct cursor *c, struct record_head *h, struct err *e)
{
	uint64_t n;

	if (decode_varint(c, &n, e) < 0)
		return err_prefix(e, "element");
	if (n > (uint64_t)(c->end - c->p))
		return err_set(e, ERR_PROTO, 0, "element is cut off");
	if (n > LIMIT_RECORD_BYTES)
		return err_set(e, ERR_LIMIT, 0,
		    "an element of %llu bytes, %zu are allowed",
		    (unsigned long long)n, LIMIT_RECORD_BYTES);
	if (memchr(c->p, '\0', (size_t)n) ||
	    !utf8_valid((const char *)c->p, (size_t)n))
		return err_set(
		    e, ERR_PROTO, 0, "element is not a text in UTF-8");
	h->element = c->p;
	h->element_len = (size_t)n;
	c->p += n;
	return 0;
}

static int
parse_head(struct stream_reader *r, struct cursor c, struct record_head *h,
    struct err *e)
{
	uint8_t flags;

	memset(h, 0, sizeof(*h));
	if (c.end - c.p < RECORD_FIXED)
		return err_set(e, ERR_PROTO, 0, "a record is cut off");
	h->has_same_context = c.p[0] & RECORD_SAME_CONTEXT;
	flags = c.p[0] & (uint8_t)~RECORD_SAME_CONTEXT;
	if (flags & ~(RECORD_DELETED | RECORD_HEADER_ONLY | RECORD_KNOWN |
			RECORD_FILTERED) ||
	    (flags & RECORD_FILTERED && flags != RECORD_FILTERED))
		return err_set(e, ERR_PROTO, 0, "unknown flags %u", flags);
	h->deleted = flags & RECORD_DELETED;
	h->header_only = flags & RECORD_HEADER_ONLY;
	h->is_known = flags & RECORD_KNOWN;
	h->filtered = flags & RECORD_FILTERED;
	h->offset = frame_get_u64(c.p + 1);
	h->length = frame_get_u64(c.p + 9);
	h->digest = c.p + 17;
	c.p += RECORD_FIXED;
	if (check_place(r, h->offset, h->length, e) < 0 ||
	    head_texts(&c, h, e) < 0 || head_context(r, &c, h, e) < 0 ||
	    head_element(&c, h, e) < 0)
		return -1;
	h->doc = c.p;
	h->doc_len = (size_t)(c.end - c.p);
	if (h->doc_len > LIMIT_DOC_BYTES)
		return err_set(e, ERR_LIMIT, 0,
		    "a record's content of %zu bytes, %zu are allowed",
		    h->doc_len, LIMIT_DOC_BYTES);
	if ((h->deleted || h->is_known || h->filtered) && h->doc_len)
		return err_set(e, ERR_PROTO, 0,
		    "a deleted, known or filtered record with content");
	if (h->filtered && h->element_len)
		return err_set(
		    e, ERR_PROTO, 0, "a filtered record with an element");
	return 0;
}

static int
take_record(struct stream_reader *r, struct cursor c, struct err *e)
{
	struct record_head h;

	if (r->records + r->rejected >= LIMIT_RECORDS_PER_PAGE)
		return err_set(e, ERR_LIMIT, 0,
		    "more than %zu records on one page",
		    LIMIT_RECORDS_PER_PAGE);
	if (parse_head(r, c, &h, e) < 0 || check_slice(r, &h, e) < 0)
		return err_prefix(e, "record %llu of the page",
		    (unsigned long long)r->records + 1);
	r->records++;
	r->deleted += h.deleted;
	r->filtered += h.filtered;
	return r->ops->on_record(r->arg, &h, e);
}

static int
take_reject(struct stream_reader *r, struct cursor c, struct err *e)
{
	struct reject j = {0};

	if (r->records + r->rejected >= LIMIT_RECORDS_PER_PAGE)
		return err_set(e, ERR_LIMIT, 0,
		    "more than %zu records on one page",
		    LIMIT_RECORDS_PER_PAGE);
	if (c.end - c.p < 16)
		return err_set(e, ERR_PROTO, 0, "a reject is cut off");
	j.offset = frame_get_u64(c.p);
	j.length = frame_get_u64(c.p + 8);
	c.p += 16;
	if (check_place(r, j.offset, j.length, e) < 0 ||
	    head_text(&c, &j.identifier, "identifier of a reject",
		LIMIT_IDENTIFIER_BYTES, e) < 0 ||
	    head_text(&c, &j.reason, "reason of a reject", 64 * KIB, e) < 0)
		return -1;
	if (!j.reason || c.p != c.end)
		return err_set(e, ERR_PROTO, 0,
		    "a reject without a reason, or with bytes after it");
	r->rejected++;
	return r->ops->on_reject(r->arg, &j, e);
}

static int
take_page(struct stream_reader *r, struct cursor c, struct err *e)
{
	struct page_facts f;

	if (facts_decode(&f, &r->arena, c.p, (size_t)(c.end - c.p), e) < 0)
		return -1;
	if (f.records != r->records || f.deleted != r->deleted ||
	    f.rejected != r->rejected || f.filtered != r->filtered)
		return err_set(e, ERR_PROTO, 0,
		    "the trailer counts %llu records, %llu deleted, %llu "
		    "rejected, %llu filtered; there were %llu, %llu, %llu, "
		    "%llu",
		    (unsigned long long)f.records,
		    (unsigned long long)f.deleted,
		    (unsigned long long)f.rejected,
		    (unsigned long long)f.filtered,
		    (unsigned long long)r->records,
		    (unsigned long long)r->deleted,
		    (unsigned long long)r->rejected,
		    (unsigned long long)r->filtered);
	r->trailer = true;
	return r->ops->on_page(r->arg, &f, e);
}

static int
take_frame(struct stream_reader *r, const uint8_t *p, size_t n, struct err *e)
{
	struct cursor c = {p + FRAME_HEAD, p + n};

	switch (p[4]) {
	case FRAME_RECORD:
		return take_record(r, c, e);
	case FRAME_REJECT:
		return take_reject(r, c, e);
	case FRAME_PAGE:
		return take_page(r, c, e);
	default:
		return err_set(
		    e, ERR_PROTO, 0, "a frame of unknown type %u", p[4]);
	}
}

/* Bytes of the next unit, of which `have` are there: *need is its length, or
 * what must be there before the length is known. */
static int
next_unit(const struct stream_reader *r, const uint8_t *p, size_t have,
    size_t *need, struct err *e)
{
	uint32_t len;

	if (!r->began) {
		size_t n =
		    have < STREAM_MAGIC_BYTES ? have : STREAM_MAGIC_BYTES;

		*need = STREAM_MAGIC_BYTES;
		if (memcmp(p, STREAM_MAGIC, n) != 0)
			return err_set(e, ERR_PROTO, 0,
			    "this is no record stream, or one of another "
			    "version");
		return 0;
	}
	if (r->trailer)
		return err_set(e, ERR_PROTO, 0, "bytes after the trailer");
	if (have < FRAME_HEAD) {
		*need = FRAME_HEAD;
		return 0;
	}
	len = frame_get_u32(p);
	if (len == 0)
		return err_set(e, ERR_PROTO, 0, "an empty frame");
	if (len > FRAME_MAX)
		return err_set(e, ERR_LIMIT, 0,
		    "a frame of %u bytes, %zu are allowed", len, FRAME_MAX);
	*need = 4 + (size_t)len;
	return 0;
}

static int
take_unit(struct stream_reader *r, const uint8_t *p, size_t n, struct err *e)
{
	if (!r->began) {
		r->began = true;
		return 0;
	}
	return take_frame(r, p, n, e);
}

/* Adds to the kept part what completes it, no more.  Returns bytes used, or
 * -1. */
static ssize_t
feed_partial(struct stream_reader *r, const uint8_t *p, size_t n, struct err *e)
{
	size_t used = 0, need;

	for (;;) {
		const uint8_t *kept = (const uint8_t *)r->partial.data;
		size_t have = r->partial.len, more;

		if (next_unit(r, kept, have, &need, e) < 0)
			return -1;
		/* a head that is whole only now says how much is missing */
		if (have >= need) {
			if (take_unit(r, kept, need, e) < 0)
				return -1;
			buf_clear(&r->partial);
			return (ssize_t)used;
		}
		if (used == n)
			return (ssize_t)used;
		more = need - have < n - used ? need - have : n - used;
		if (buf_add(&r->partial, p + used, more) < 0)
			return err_set(
			    e, ERR_LIMIT, 0, "a frame is too large to keep");
		used += more;
	}
}

static int
push(struct stream_reader *r, const uint8_t *p, size_t n, struct err *e)
{
	size_t need;

	if (count_bytes(r, n, e) < 0)
		return -1;
	if (r->partial.len) {
		ssize_t used = feed_partial(r, p, n, e);

		if (used < 0)
			return -1;
		p += used;
		n -= (size_t)used;
	}
	while (n > 0) {
		if (next_unit(r, p, n, &need, e) < 0)
			return -1;
		if (need > n)
			return buf_add(&r->partial, p, n);
		if (take_unit(r, p, need, e) < 0)
			return -1;
		p += need;
		n -= need;
	}
	return 0;
}

int
stream_reader_push(
    struct stream_reader *r, const void *p, size_t n, struct err *e)
{
	if (r->broken)
		return err_set(
		    e, ERR_PROTO, 0, "the record stream was broken before");
	if (push(r, p, n, e) < 0) {
		r->broken = true;
		return -1;
	}
	return 0;
}

int
stream_reader_end(struct stream_reader *r, struct err *e)
{
	if (r->broken)
		return err_set(
		    e, ERR_PROTO, 0, "the record stream was broken before");
	if (!r->trailer || r->partial.len)
		return err_set(e, ERR_PROTO, 0,
		    "the record stream ended early, after %llu bytes and %llu "
		    "records",
		    (unsigned long long)r->bytes,
		    (unsigned long long)r->records);
	return 0;
}

static int
split_sets(struct record *r, struct arena *a, const char *sets, struct err *e)
{
	while (sets && *sets) {
		size_t n = strcspn(sets, "\n");
		const char **spec = n ? record_add(a, &r->sets) : NULL;

		if (n && !spec)
			return err_set(
			    e, ERR_LIMIT, 0, "no memory left for the sets");
		if (spec) {
			*spec = arena_strndup(a, sets, n);
			if (!*spec)
				return err_set(e, ERR_LIMIT, 0,
				    "no memory left for the sets");
		}
		sets += n + (sets[n] != '\0');
	}
	return 0;
}

int
record_from_head(struct record *r, struct arena *a, const struct record_head *h,
    struct err *e)
{
	memset(r, 0, sizeof(*r));
	r->identifier = arena_strdup(a, h->identifier);
	if (h->identifier_basis)
		r->identifier_basis = arena_strdup(a, h->identifier_basis);
	if (h->datestamp)
		r->datestamp = arena_strdup(a, h->datestamp);
	if (h->context)
		r->context = arena_strdup(a, h->context);
	r->deleted = h->deleted;
	r->header_only = h->header_only;
	r->is_known = h->is_known;
	r->filtered = h->filtered;
	r->offset = h->offset;
	r->length = h->length;
	memcpy(r->digest, h->digest, DIGEST_BYTES);
	if (h->element_len) {
		r->element = arena_strndup(a, h->element, h->element_len);
		r->element_len = h->element_len;
	}
	if (a->full)
		return err_set(
		    e, ERR_LIMIT, 0, "no memory left for a record's head");
	if (split_sets(r, a, h->sets, e) < 0)
		return -1;
	return record_decode_doc(r, a, h->doc, h->doc_len, e);
}
