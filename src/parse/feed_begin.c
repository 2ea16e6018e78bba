/* What stands before a feed's root; what the body is when there is none. */
#include "parse/feed_begin.h"

#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "parse/feed_cut.h"
#include "parse/html_offers.h"
#include "parse/sniff.h"
#include "parse/tag.h"

/* A root that means a feed even inside of an HTML page. */
static bool
is_whole(const struct tag *t)
{
	return tag_local_is(t->name, t->name_len, "rss") ||
	       tag_local_is(t->name, t->name_len, "RDF") ||
	       tag_local_is(t->name, t->name_len, "feed");
}

/* Where a feed's root is in the beginning of the page; false: nowhere.  The
 * entities that are declared before it are kept. */
static bool
find_root(
    struct feed_begin *b, const char *p, size_t n, size_t *at, bool *is_junk)
{
	const char *start = p, *end = p + n;
	bool is_html = false, is_first = true;
	struct tag t;

	*is_junk = false;
	while (p < end) {
		const char *lt = memchr(p, '<', (size_t)(end - p));

		if (lt == NULL)
			return false;
		for (; p < lt; p++)
			*is_junk |= (unsigned char)*p > ' ';
		tag_read(&t, p, (size_t)(end - p), 0);
		if ((t.kind == TAG_START || t.kind == TAG_EMPTY) &&
		    feed_is_root(t.name, t.name_len) &&
		    !(is_html && !is_whole(&t))) {
			*at = (size_t)(p - start);
			return true;
		}
		if (t.kind == TAG_START && is_first &&
		    sniff_is_static(&t, p, (size_t)(end - p)))
			return false;
		is_first &= t.kind != TAG_START;
		is_html |= t.kind == TAG_START && t.name_len == 4 &&
			   strncasecmp(t.name, "html", 4) == 0;
		if (t.kind == TAG_DOCTYPE && t.has_entities)
			feed_entities_read(b->entities, b->arena, p, t.len);
		if (t.kind == TAG_MORE)
			t.len = 1;
		*is_junk |= t.kind == TAG_START || t.kind == TAG_END ||
			    t.kind == TAG_STRAY || t.kind == TAG_EMPTY;
		p += t.len;
	}
	return false;
}

/* Sites name their feeds where a browser looks for them. */
static int
find_offers(struct feed_begin *b, struct window *w, struct err *e)
{
	int more = 1;

	while (more > 0 && w->end - w->start < LIMIT_HTML_BYTES)
		more = window_fill(w, e);
	if (more < 0)
		return -1;
	html_offers(b->facts, b->arena, w->data + w->start, w->end - w->start,
	    b->base_url);
	return 0;
}

static int
not_a_feed(struct feed_begin *b, struct window *w, const struct sniff *s,
    struct err *e)
{
	b->facts->body = s->body;
	if (s->title[0] != '\0')
		b->facts->title = arena_strdup(b->arena, s->title);
	if (s->body == BODY_HTML && find_offers(b, w, e) < 0)
		return -1;
	switch (s->body) {
	case BODY_EMPTY:
		return err_set(e, ERR_XML, 0, "the body is empty");
	case BODY_HTML:
		return err_set(e, ERR_XML, 0,
		    "an HTML page titled \"%s\" instead of a feed", s->title);
	case BODY_CHALLENGE:
		return err_set(e, ERR_XML, 0,
		    "a bot challenge (%s) instead of a feed", s->title);
	case BODY_OAI:
		return err_set(
		    e, ERR_XML, 0, "an OAI-PMH answer instead of a feed");
	case BODY_STATIC:
		return err_set(e, ERR_XML, 0,
		    "an OAI static repository instead of a feed");
	case BODY_XML:
		return err_set(e, ERR_XML, 0,
		    "XML with the root element <%s> instead of a feed",
		    s->title);
	default:
		return err_set(e, ERR_XML, 0, "not a feed but %s", s->title);
	}
}

int
feed_begin(struct feed_begin *b, struct window *w, struct err *e)
{
	const char *data;
	struct sniff s;
	size_t at = 0, n;
	bool is_junk;
	int more = 1;

	b->junk = 0;
	while (more > 0 && w->end - w->start < SNIFF_BYTES)
		more = window_fill(w, e);
	if (more < 0)
		return -1;
	b->facts->encoding = w->guess.encoding == ENCODING_OTHER
				 ? w->guess.other
				 : encoding_name(w->guess.encoding);
	n = w->end - w->start;
	data = w->data ? w->data + w->start : "";
	if (!find_root(b, data, n, &at, &is_junk)) {
		sniff(&s, w->head, w->head_len, data, n);
		return not_a_feed(b, w, &s, e);
	}
	b->facts->body = BODY_FEED;
	b->junk = is_junk ? at : 0;
	window_drop(w, at);
	return 0;
}
