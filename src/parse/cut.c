/* The envelope's side of cutting; an item's inside is cut_item.c. */
#include "parse/cut.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "parse/cut_item.h"
#include "parse/tag.h"

void
cut_init(struct cut *c, struct window *w)
{
	memset(c, 0, sizeof(*c));
	c->w = w;
}

void
cut_release(struct cut *c)
{
	free(c->names);
	c->names = NULL;
}

void
cut_push(struct cut *c, const char *name, size_t n)
{
	struct cut_open *o = &c->open[c->depth++];

	GROW(c->names, c->names_cap, c->names_len + n);
	memcpy(c->names + c->names_len, name, n);
	o->at = (uint32_t)c->names_len;
	o->len = (uint32_t)n;
	c->names_len += n;
}

void
cut_pop_to(struct cut *c, size_t depth)
{
	BUG_ON(depth > c->depth);
	c->depth = depth;
	c->names_len =
	    depth ? c->open[depth - 1].at + c->open[depth - 1].len : 0;
}

size_t
cut_find(const struct cut *c, const char *name, size_t n)
{
	for (size_t i = c->depth; i-- > 0;)
		if (c->open[i].len == n &&
		    memcmp(c->names + c->open[i].at, name, n) == 0)
			return i;
	return CUT_NOT_OPEN;
}

static bool
top_is(const struct cut *c, const char *local)
{
	const struct cut_open *o;

	if (c->depth == 0)
		return false;
	o = &c->open[c->depth - 1];
	return tag_local_is(c->names + o->at, o->len, local);
}

void
cut_where(const struct cut *c, char *out, size_t n)
{
	struct buf b;

	buf_init(&b, 256);
	if (c->depth > 0)
		str_escape(&b, c->names + c->open[c->depth - 1].at,
		    c->open[c->depth - 1].len, 100);
	str_copy(out, n, buf_str(&b));
	buf_release(&b);
}

/* OAI-PMH 3.5 and 4: records stand in ListRecords and GetRecord, bare headers
 * in ListIdentifiers.  Records that stand elsewhere near the top are taken
 * too: there are servers without the verb's element, and some that wrap the
 * headers. */
static bool
begins_item(const struct cut *c, const struct tag *t, struct piece *out)
{
	bool is_list = top_is(c, "ListIdentifiers");

	out->is_header =
	    is_list && tag_local_is(t->name, t->name_len, "header");
	out->header_only = is_list;
	if (out->is_header)
		return true;
	if (!tag_local_is(t->name, t->name_len, "record"))
		return false;
	return c->depth == 0 || is_list || top_is(c, "ListRecords") ||
	       top_is(c, "GetRecord") || top_is(c, "OAI-PMH");
}

static int
too_long(const struct cut *c, const char *what, struct err *e)
{
	uint64_t line, column;

	window_place(c->w, 0, &line, &column);
	return err_set(e, ERR_LIMIT, 0,
	    "line %llu: a %s of more than %zu bytes outside of any record",
	    (unsigned long long)line, what, LIMIT_XML_MARKUP_BYTES);
}

/* An end tag that does not close the innermost element. */
static int
close_other(
    struct cut *c, struct piece *out, const struct tag *t, struct err *e)
{
	size_t i = cut_find(c, t->name, t->name_len);
	uint64_t line, column;
	char where[128];

	if (i == CUT_NOT_OPEN) {
		c->repairs++;
		out->kind = PIECE_TEXT; /* dropped: an empty text */
		out->len = 0;
		return 0;
	}
	for (size_t k = i + 1; k < c->depth; k++) {
		const struct cut_open *o = &c->open[k];

		if (o->len < 4 ||
		    memmem(c->names + o->at, o->len, "List", 4) == NULL)
			continue;
		cut_where(c, where, sizeof(where));
		window_place(c->w, 0, &line, &column);
		return err_set(e, ERR_XML, 0,
		    "line %llu: </%.*s> while <%s> is open: the list was cut "
		    "short",
		    (unsigned long long)line, (int)t->name_len, t->name, where);
	}
	/* Hand out the missing end tags first; the tag itself stays. */
	c->owed = c->depth - i - 1;
	c->repairs += (unsigned)c->owed;
	c->pending = 0;
	return 1;
}

static void
pay_end(struct cut *c, struct piece *out)
{
	const struct cut_open *o = &c->open[c->depth - 1];

	c->owed--;
	out->kind = PIECE_END;
	out->p = NULL;
	out->len = 0;
	out->name = c->names + o->at;
	out->name_len = o->len;
	cut_pop_to(c, c->depth - 1); /* the bytes stay until the next push */
}

static int
take_end(struct cut *c, struct piece *out, const struct tag *t, struct err *e)
{
	const struct cut_open *o;
	int rc;

	if (c->depth == 0) { /* before the root: junk */
		out->kind = PIECE_TEXT;
		out->len = 0;
		return 0;
	}
	o = &c->open[c->depth - 1];
	if (o->len != t->name_len ||
	    memcmp(c->names + o->at, t->name, t->name_len) != 0) {
		rc = close_other(c, out, t, e);
		if (rc == 1) {
			pay_end(c, out);
			return 0;
		}
		return rc;
	}
	cut_pop_to(c, c->depth - 1);
	c->is_done = c->depth == 0;
	return 0;
}

static int
take_start(struct cut *c, struct piece *out, const struct tag *t, struct err *e)
{
	if (t->attributes > LIMIT_XML_ATTRIBUTES)
		return err_set(e, ERR_LIMIT, 0,
		    "<%.*s> has more than %zu attributes",
		    (int)(t->name_len < 80 ? t->name_len : 80), t->name,
		    LIMIT_XML_ATTRIBUTES);
	if (begins_item(c, t, out)) {
		c->has_root = true;
		if (cut_item(c, out, e) < 0)
			return -1;
		if (c->depth == 0)
			c->is_done = true;
		return 0;
	}
	c->has_root = true;
	if (t->kind == TAG_EMPTY) {
		c->is_done = c->depth == 0;
		return 0;
	}
	if (c->depth >= LIMIT_XML_DEPTH)
		return err_set(e, ERR_LIMIT, 0,
		    "elements nest deeper than %zu outside of any record",
		    LIMIT_XML_DEPTH);
	cut_push(c, t->name, t->name_len);
	return 0;
}

/* Text up to the next '<'; where that is not in the window, what is there,
 * less a reference that may be cut. */
static void
take_text(struct cut *c, struct piece *out)
{
	const struct window *w = c->w;
	const char *p = w->data + w->start;
	size_t n = w->end - w->start;
	const char *lt = memchr(p, '<', n), *amp;

	out->kind = PIECE_TEXT;
	out->p = p;
	out->len = lt ? (size_t)(lt - p) : n;
	if (lt == NULL && !w->is_eof && n > 64 &&
	    (amp = memrchr(p + n - 64, '&', 64)) != NULL)
		out->len = (size_t)(amp - p);
	c->pending = out->len;
}

/* What stands after the root: white space and comments may; the rest is
 * dropped and said. */
static int
take_rest(struct cut *c, struct piece *out, struct err *e)
{
	struct window *w = c->w;

	do {
		const char *p = w->data + w->start;

		for (size_t i = 0; i < w->end - w->start; i++)
			if (strchr(" \t\r\n", p[i]) == NULL || p[i] == '\0')
				c->has_junk = true;
		window_drop(w, w->end - w->start);
		if (c->has_junk)
			break;
	} while (window_fill(w, e) > 0);
	out->kind = PIECE_NONE;
	return 0;
}

static int
take_tag(struct cut *c, struct piece *out, const struct tag *t, struct err *e)
{
	out->p = c->w->data + c->w->start;
	out->len = t->len;
	out->name = t->name;
	out->name_len = t->name_len;
	c->pending = t->len;
	switch (t->kind) {
	case TAG_START:
	case TAG_EMPTY:
		out->kind = t->kind == TAG_START ? PIECE_START : PIECE_EMPTY;
		return take_start(c, out, t, e);
	case TAG_END:
		out->kind = PIECE_END;
		return take_end(c, out, t, e);
	case TAG_CDATA:
		out->kind = PIECE_CDATA;
		return 0;
	case TAG_DOCTYPE:
		if (t->has_entities)
			return err_set(e, ERR_XML, 0,
			    "the page declares entities of its own in a "
			    "DOCTYPE (an entity bomb or an external entity): "
			    "refused");
		/* fall through */
	default:
		out->kind = PIECE_TEXT;
		out->len = t->kind == TAG_STRAY ? 1 : 0;
		return 0;
	}
}

int
cut_next(struct cut *c, struct piece *out, struct err *e)
{
	struct window *w = c->w;
	struct tag t;
	size_t seen = 0;

	window_drop(w, c->pending);
	c->pending = 0;
	memset(out, 0, offsetof(struct piece, digest));
	out->line = w->line;
	out->column = w->column;
	if (c->owed > 0) {
		pay_end(c, out);
		return 0;
	}
	for (;;) {
		const char *p = w->data + w->start;
		size_t n = w->end - w->start;
		int more;

		if (c->is_done)
			return take_rest(c, out, e);
		if (n > 0 && p[0] != '<') {
			take_text(c, out);
			return 0;
		}
		if (n > 0) {
			tag_read(&t, p, n, seen);
			if (t.kind != TAG_MORE)
				return take_tag(c, out, &t, e);
			if (n > LIMIT_XML_MARKUP_BYTES)
				return too_long(
				    c, "tag, comment or section", e);
			seen = n;
		}
		more = window_fill(w, e);
		if (more < 0)
			return -1;
		if (more == 0) {
			out->kind = PIECE_NONE;
			return 0;
		}
	}
}
