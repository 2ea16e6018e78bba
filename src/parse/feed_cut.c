/* Finding the items of a feed, in one pass over the window. */
#include "parse/feed_cut.h"

#include <string.h>
#include <strings.h>

#include "parse/tag.h"

/* What is open is read again for items that do not stand side by side. */
enum { CHANNEL_BYTES = 2 * 1024 * 1024, OPEN_BYTES = 32 * 1024 };

void
feed_cut_init(struct feed_cut *c, struct window *w)
{
	memset(c, 0, sizeof(*c));
	c->w = w;
	buf_init(&c->channel, CHANNEL_BYTES);
	buf_init(&c->open, OPEN_BYTES);
}

void
feed_cut_release(struct feed_cut *c)
{
	buf_release(&c->channel);
	buf_release(&c->open);
}

static bool
local_in(const char *name, size_t n, const char *const *names)
{
	size_t len;
	const char *local = tag_local(name, n, &len);

	for (; *names != NULL; names++)
		if (strlen(*names) == len &&
		    strncasecmp(local, *names, len) == 0)
			return true;
	return false;
}

bool
feed_is_root(const char *name, size_t n)
{
	static const char *const roots[] = {"rss", "rdf", "feed", "channel",
	    "item", "entry", "deleted-entry", NULL};

	return local_in(name, n, roots);
}

static bool
is_item(const struct tag *t)
{
	static const char *const items[] = {
	    "item", "entry", "deleted-entry", NULL};

	return (t->kind == TAG_START || t->kind == TAG_EMPTY) &&
	       local_in(t->name, t->name_len, items);
}

static bool
same_name(const char *a, size_t n, const char *b, size_t m)
{
	return n == m && strncasecmp(a, b, n) == 0;
}

static size_t
find_open(const struct feed_cut *c, const struct tag *t)
{
	for (size_t i = c->depth; i-- > 0;)
		if (same_name(c->open.data + c->stack[i].name,
			c->stack[i].name_len, t->name, t->name_len))
			return i;
	return SIZE_MAX;
}

/* The tag at `at` in the window: TAG_MORE only where nothing but the end of
 * the body can tell more, and then it is a stray.  0, or -1. */
static int
read_tag(struct feed_cut *c, size_t at, struct tag *t, struct err *e)
{
	struct window *w = c->w;
	size_t seen = 0;

	for (;;) {
		const char *p = w->data + w->start + at;
		size_t n = w->end - w->start - at;
		int more;

		if (c->is_hopeless && n > 1 && (p[1] == '!' || p[1] == '?')) {
			*t = (struct tag){.kind = TAG_STRAY, .len = 1};
			return 0;
		}
		tag_read(t, p, n, seen);
		if (t->kind != TAG_MORE)
			return 0;
		more = n > LIMIT_RECORD_BYTES ? 0 : window_fill(w, e);
		if (more < 0)
			return -1;
		if (more == 0) {
			c->is_hopeless |= n > 1 && p[1] != '/';
			*t = (struct tag){.kind = TAG_STRAY, .len = 1};
			return 0;
		}
		seen = n;
	}
}

/* --- an item --- */

struct feed_scan {
	struct feed_piece *out;
	size_t at; /* next byte to look at, from the window's start */
	const char *name; /* of the item, in name_copy */
	size_t name_len;
	char name_copy[64];
	unsigned depth; /* elements open in it, roughly */
	unsigned own; /* of them: of its own name */
	bool is_over;
};

/* The next item, where this one was never closed.  RSS's items never nest; an
 * entry of Atom may hold a feed of its own. */
static bool
is_next_item(const struct feed_scan *s, const struct tag *t)
{
	return is_item(t) &&
	       same_name(s->name, s->name_len, t->name, t->name_len) &&
	       (s->depth == 0 || tag_local_is(t->name, t->name_len, "item"));
}

static bool
is_void(const struct tag *t)
{
	static const char *const names[] = {
	    "br", "hr", "img", "input", "meta", "p", "li", NULL};

	return t->name_len <= 5 && memchr(t->name, ':', t->name_len) == NULL &&
	       local_in(t->name, t->name_len, names);
}

static void
item_tag(struct feed_cut *c, struct feed_scan *s, const struct tag *t)
{
	bool is_own = t->kind >= TAG_START && t->kind <= TAG_EMPTY &&
		      same_name(s->name, s->name_len, t->name, t->name_len);

	/* libxml2 compares each attribute with each; mended, it has few. */
	s->out->is_crowded |= t->attributes > LIMIT_XML_ATTRIBUTES;
	switch (t->kind) {
	case TAG_START:
	case TAG_EMPTY:
		if (is_next_item(s, t)) {
			s->out->is_unclosed = true;
			s->is_over = true;
			return;
		}
		/* Only the same name counts: what is misnested in between
		 * does not matter. */
		if (is_own && t->kind == TAG_START)
			s->own++;
		if (t->kind == TAG_START && !is_void(t))
			s->depth++;
		break;
	case TAG_END:
		if (is_own) {
			if (s->own > 0)
				s->own--;
			else
				s->is_over = true;
		} else if (find_open(c, t) != SIZE_MAX) {
			s->out->is_unclosed = true;
			s->is_over = true;
			return;
		}
		if (!is_void(t) && s->depth > 0)
			s->depth--;
		break;
	default:
		break;
	}
	s->at += t->len;
}

/* The item is too large to be kept: its bytes go as they are seen. */
static void
drop_seen(struct feed_cut *c, struct feed_scan *s)
{
	struct window *w = c->w;

	if (!s->out->is_cut) {
		s->out->is_cut = true;
		memcpy(c->head, w->data + w->start, sizeof(c->head));
	}
	window_drop(w, s->at);
	s->at = 0;
}

static int
item_step(struct feed_cut *c, struct feed_scan *s, struct err *e)
{
	struct window *w = c->w;
	size_t n = w->end - w->start;
	const char *lt = NULL;
	struct tag t;
	int more;

	if (s->at > LIMIT_RECORD_BYTES || (s->out->is_cut && s->at > 65536))
		drop_seen(c, s);
	n = w->end - w->start;
	if (s->at < n)
		lt = memchr(w->data + w->start + s->at, '<', n - s->at);
	if (lt == NULL) {
		s->at = n;
		more = window_fill(w, e);
		if (more == 0) {
			s->out->is_unclosed = true;
			s->is_over = true;
		}
		return more < 0 ? -1 : 0;
	}
	s->at = (size_t)(lt - (w->data + w->start));
	if (read_tag(c, s->at, &t, e) < 0)
		return -1;
	item_tag(c, s, &t);
	return 0;
}

static int
take_item(struct feed_cut *c, const struct tag *first, struct feed_piece *out,
    struct err *e)
{
	struct feed_scan s = {.out = out, .at = first->len};
	struct window *w = c->w;
	uint64_t column;

	memset(out, 0, sizeof(*out));
	out->is_crowded = first->attributes > LIMIT_XML_ATTRIBUTES;
	window_place(w, 0, &out->line, &column);
	out->offset = window_offset(w, 0);
	s.name_len = first->name_len < sizeof(s.name_copy)
			 ? first->name_len
			 : sizeof(s.name_copy);
	memcpy(s.name_copy, first->name, s.name_len);
	s.name = s.name_copy;
	s.is_over = first->kind == TAG_EMPTY;
	while (!s.is_over)
		if (item_step(c, &s, e) < 0)
			return -1;
	out->p = out->is_cut ? c->head : w->data + w->start;
	out->len = out->is_cut ? sizeof(c->head) : s.at;
	out->is_changed = out->is_cut || window_is_changed(w, 0, s.at);
	out->length = window_offset(w, s.at) - out->offset;
	c->repairs += out->is_unclosed;
	c->pending = s.at;
	return 1;
}

/* --- what stands around the items --- */

static void
push(struct feed_cut *c, const char *p, const struct tag *t)
{
	size_t at = c->open.len;
	struct feed_open *o;

	if (c->depth >= LIMIT_XML_DEPTH || buf_add(&c->open, p, t->len) < 0)
		return;
	o = &c->stack[c->depth];
	o->at = at;
	o->name = o->at + (size_t)(t->name - p);
	o->name_len = t->name_len;
	o->id = ++c->last_id;
	c->depth++;
}

static void
pop_to(struct feed_cut *c, size_t depth)
{
	c->open.len = c->stack[depth].at;
	c->open.data[c->open.len] = '\0';
	c->open.full = false;
	c->depth = depth;
	c->is_done |= depth == 0;
}

unsigned
feed_cut_version(const struct feed_cut *c)
{
	return c->depth > 0 ? c->stack[c->depth - 1].id : 0;
}

/* A text of the feed that was never closed does not hold its items. */
static void
close_texts(struct feed_cut *c)
{
	static const char *const texts[] = {"title", "description", "link",
	    "subtitle", "tagline", "summary", "language", "copyright", "rights",
	    "pubDate", "lastBuildDate", "updated", "generator", "ttl", "id",
	    NULL};

	while (c->depth > 1) {
		const struct feed_open *o = &c->stack[c->depth - 1];

		if (!local_in(c->open.data + o->name, o->name_len, texts))
			return;
		buf_adds(&c->channel, "</");
		buf_add(&c->channel, c->open.data + o->name, o->name_len);
		buf_addc(&c->channel, '>');
		pop_to(c, c->depth - 1);
		c->repairs++;
	}
}

static void
outer_tag(struct feed_cut *c, const char *p, const struct tag *t)
{
	size_t i;

	if (t->attributes > LIMIT_XML_ATTRIBUTES) {
		c->repairs++;
		return;
	}
	switch (t->kind) {
	case TAG_START:
		push(c, p, t);
		break;
	case TAG_END:
		i = find_open(c, t);
		if (i == SIZE_MAX) {
			c->repairs++;
			return; /* dropped */
		}
		c->repairs += (unsigned)(c->depth - i - 1);
		pop_to(c, i);
		break;
	case TAG_EMPTY:
	case TAG_CDATA:
	case TAG_STRAY:
		break;
	default:
		return; /* comments, PIs, DOCTYPE */
	}
	buf_add(&c->channel, p, t->len);
}

int
feed_cut_next(struct feed_cut *c, struct feed_piece *out, struct err *e)
{
	struct window *w = c->w;

	for (;;) {
		const char *p;
		size_t n, text;
		struct tag t;

		if (c->pending > 0)
			window_drop(w, c->pending);
		c->pending = 0;
		n = w->end - w->start;
		if (n == 0) {
			int more = window_fill(w, e);

			if (more <= 0)
				return more;
			continue;
		}
		p = w->data + w->start;
		if (*p != '<') {
			const char *lt = memchr(p, '<', n);

			text = lt ? (size_t)(lt - p) : n;
			if (c->depth > 0)
				buf_add(&c->channel, p, text);
			c->pending = text;
			continue;
		}
		if (read_tag(c, 0, &t, e) < 0)
			return -1;
		p = w->data + w->start;
		if (is_item(&t)) {
			c->has_root = true;
			close_texts(c);
			return take_item(c, &t, out, e);
		}
		c->pending = t.len;
		if (c->depth == 0 &&
		    (t.kind == TAG_START || t.kind == TAG_EMPTY)) {
			if (!feed_is_root(t.name, t.name_len)) {
				c->repairs++;
				continue;
			}
			c->has_root = true;
		}
		if (c->depth > 0 || t.kind == TAG_START || t.kind == TAG_EMPTY)
			outer_tag(c, p, &t);
	}
}
