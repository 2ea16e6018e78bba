/* Finding the end of one item, and the spans in it that the digest covers. */
#include "parse/cut_item.h"

#include <string.h>

#include "parse/tag.h"

struct scan {
	struct cut *c;
	struct piece *out;
	size_t at; /* where the next byte to look at is, from the item's
		    * start in the window */
	size_t seen; /* how far a cut comment or the like was searched */
	size_t base; /* c->depth outside of the item */
	size_t child; /* where the current metadata or about begins */
	bool is_child;
	bool is_dropping; /* the item is too large: bytes go as they are seen */
	struct digest digest;
	bool has_digest;
	bool is_over;
};

static const char *
bytes(const struct scan *s)
{
	return s->c->w->data + s->c->w->start;
}

/* The item is larger than a record may be: from here on its bytes are only
 * counted.  The head of it stays for the reject's identifier. */
static void
start_dropping(struct scan *s)
{
	s->is_dropping = true;
	s->out->is_cut = true;
	memcpy(s->c->head, bytes(s), sizeof(s->c->head));
}

static int
fill(struct scan *s, struct err *e)
{
	struct window *w = s->c->w;

	if (!s->is_dropping && w->end - w->start > LIMIT_RECORD_BYTES)
		start_dropping(s);
	if (s->is_dropping) {
		size_t keep =
		    s->at < w->end - w->start ? s->at : w->end - w->start;

		window_drop(w, keep);
		s->at -= keep;
		s->seen = 0;
	}
	return window_fill(w, e);
}

static void
close_child(struct scan *s, size_t end)
{
	if (!s->is_child)
		return;
	s->is_child = false;
	if (s->is_dropping)
		return;
	if (!s->has_digest) {
		digest_init(&s->digest);
		s->out->content = s->child;
	}
	s->has_digest = true;
	s->out->content_end = end;
	digest_add(&s->digest, bytes(s) + s->child, end - s->child);
}

static void
open_child(struct scan *s, const struct tag *t)
{
	/* Children of the item, when that is the only thing open in it. */
	if (s->c->depth != s->base + 1 || s->out->is_header)
		return;
	if (!tag_local_is(t->name, t->name_len, "metadata") &&
	    !tag_local_is(t->name, t->name_len, "about"))
		return;
	s->is_child = true;
	s->child = s->at;
}

static void
on_start(struct scan *s, const struct tag *t)
{
	struct cut *c = s->c;
	struct piece *out = s->out;

	out->elements++;
	if (t->attributes > out->attributes)
		out->attributes = t->attributes;
	/* The next item, where this one was never closed. */
	if (c->depth == s->base + 1 &&
	    tag_local_is(
		t->name, t->name_len, out->is_header ? "header" : "record")) {
		out->is_unclosed = true;
		s->is_over = true;
		return;
	}
	open_child(s, t);
	if (t->kind == TAG_EMPTY) {
		s->at += t->len;
		close_child(s, s->at);
		if (c->depth == s->base)
			s->is_over = true;
		return;
	}
	if (c->depth > LIMIT_XML_DEPTH)
		out->is_deep = true; /* and its end tags are strays */
	else
		cut_push(c, t->name, t->name_len);
	s->at += t->len;
}

static void
on_end(struct scan *s, const struct tag *t)
{
	struct cut *c = s->c;
	size_t i = cut_find(c, t->name, t->name_len);

	if (i == CUT_NOT_OPEN) {
		s->out->is_balanced = false;
		s->at += t->len;
		return;
	}
	if (i < s->base) { /* what the item stands in ends */
		s->out->is_unclosed = true;
		s->is_over = true;
		return;
	}
	if (i + 1 != c->depth)
		s->out->is_balanced = false;
	cut_pop_to(c, i);
	s->at += t->len;
	if (c->depth <= s->base + 1)
		close_child(s, s->at);
	if (c->depth == s->base)
		s->is_over = true;
}

/* One tag, or as much of one as there is. */
static int
step(struct scan *s, struct err *e)
{
	struct window *w = s->c->w;
	size_t n = w->end - w->start;
	const char *lt = NULL;
	struct tag t;

	if (s->at < n)
		lt = memchr(bytes(s) + s->at, '<', n - s->at);
	if (lt == NULL) {
		s->at = n;
		return fill(s, e);
	}
	s->at = (size_t)(lt - bytes(s));
	tag_read(&t, lt, n - s->at, s->seen);
	s->seen = 0;
	switch (t.kind) {
	case TAG_START:
	case TAG_EMPTY:
		on_start(s, &t);
		return 1;
	case TAG_END:
		on_end(s, &t);
		return 1;
	case TAG_MORE:
		if (n - s->at > LIMIT_XML_MARKUP_BYTES &&
		    (lt[1] != '!' || lt[2] != '[')) {
			s->out->has_big_tag = true;
			s->at++;
			return 1;
		}
		if (n - s->at > LIMIT_RECORD_BYTES) {
			s->out->has_big_tag = true; /* an endless section */
			s->at++;
			return 1;
		}
		s->seen = n - s->at;
		return fill(s, e);
	case TAG_STRAY:
		s->out->is_balanced = false;
		/* fall through */
	default:
		s->at += t.len;
		return 1;
	}
}

static void
finish(struct scan *s)
{
	struct window *w = s->c->w;
	struct piece *out = s->out;

	cut_pop_to(s->c, s->base);
	out->kind = PIECE_ITEM;
	out->p = s->is_dropping ? s->c->head : bytes(s);
	out->len = s->is_dropping ? sizeof(s->c->head) : s->at;
	out->length = window_offset(w, s->at) - out->offset;
	if (!s->is_dropping)
		out->is_changed = window_is_changed(w, 0, s->at);
	out->is_repaired =
	    out->is_changed && w->guess.encoding == ENCODING_UTF8;
	if (s->has_digest)
		digest_end(&s->digest, out->digest);
	else
		memset(out->digest, 0, sizeof(out->digest));
	s->c->pending = s->at;
}

int
cut_item(struct cut *c, struct piece *out, struct err *e)
{
	struct scan s = {.c = c, .out = out, .base = c->depth};
	char where[128];
	int rc = 1;

	out->is_balanced = true;
	out->offset = window_offset(c->w, 0);
	while (!s.is_over && (rc = step(&s, e)) > 0)
		;
	if (rc < 0)
		return -1;
	if (!s.is_over) {
		cut_where(c, where, sizeof(where));
		c->is_truncated = true;
		return err_set(e, ERR_XML, 0,
		    "the page ends in the middle of a record, inside <%s>",
		    where);
	}
	finish(&s);
	return 0;
}
