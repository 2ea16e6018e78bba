/* Balancing tags: an end tag closes what is open inside of its element, one
 * that closes nothing is dropped, what is left open is closed at the end. */
#include "parse/feed_mend.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "parse/chars.h"
#include "parse/mend.h"
#include "parse/tag.h"

struct open_tag {
	const char *name;
	size_t len;
};

struct balance {
	struct buf *out;
	struct open_tag open[LIMIT_XML_DEPTH];
	size_t depth;
	unsigned mended;
	struct tag_endless endless;
};

static void
close_top(struct balance *b)
{
	const struct open_tag *o = &b->open[--b->depth];

	buf_adds(b->out, "</");
	buf_add(b->out, o->name, o->len);
	buf_addc(b->out, '>');
}

static bool
has_attribute(
    const struct open_tag *seen, size_t count, const char *p, size_t n)
{
	for (size_t i = 0; i < count; i++)
		if (seen[i].len == n && memcmp(seen[i].name, p, n) == 0)
			return true;
	return false;
}

/* One attribute at p: its length; 0 when there is none. */
static size_t
attribute(struct balance *b, const char *p, size_t n, struct open_tag *seen,
    size_t *count)
{
	const char *q = p, *end = p + n, *value;
	size_t name, len;
	bool is_kept;
	char quote = '"';

	while (q < end && *q != '\0' && xml_is_name(*q))
		q++;
	name = (size_t)(q - p);
	if (name == 0)
		return 0;
	is_kept = *count < 64 && !has_attribute(seen, *count, p, name) &&
		  (*p < '0' || *p > '9') && *p != '-' && *p != '.';
	while (q < end && xml_is_space(*q))
		q++;
	if (q == end || *q != '=') { /* no value at all */
		b->mended++;
		return name;
	}
	q++;
	while (q < end && xml_is_space(*q))
		q++;
	if (q < end && (*q == '"' || *q == '\'')) {
		quote = *q++;
		value = q;
		q = memchr(q, quote, (size_t)(end - q));
		len = (size_t)((q ? q : end) - value);
		q = q ? q + 1 : end;
	} else {
		value = q;
		while (q < end && !xml_is_space(*q) && *q != '"')
			q++;
		len = (size_t)(q - value);
		b->mended++;
	}
	if (!is_kept) {
		b->mended++;
		return (size_t)(q - p);
	}
	seen[(*count)++] = (struct open_tag){p, name};
	buf_addc(b->out, ' ');
	buf_add(b->out, p, name);
	buf_addc(b->out, '=');
	buf_addc(b->out, quote);
	buf_add(b->out, value, len);
	buf_addc(b->out, quote);
	return (size_t)(q - p);
}

static void
start_tag(struct balance *b, const char *p, const struct tag *t, bool is_empty)
{
	struct open_tag seen[64];
	size_t count = 0;
	const char *q = t->name + t->name_len;
	const char *end = p + t->len - 1;

	if (t->kind == TAG_EMPTY)
		end--;
	buf_addc(b->out, '<');
	buf_add(b->out, t->name, t->name_len);
	while (q < end) {
		size_t k = attribute(b, q, (size_t)(end - q), seen, &count);

		if (k == 0)
			b->mended += !xml_is_space(*q++);
		else
			q += k;
	}
	if (is_empty)
		buf_addc(b->out, '/');
	buf_addc(b->out, '>');
}

/* HTML's elements without an end. */
static bool
is_void(const struct tag *t)
{
	static const char *const names[] = {"br", "hr", "img", "input", "meta",
	    "col", "area", "base", "param", "embed", "wbr"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strlen(names[i]) == t->name_len &&
		    strncasecmp(names[i], t->name, t->name_len) == 0)
			return true;
	return false;
}

static void
end_tag(struct balance *b, const struct tag *t)
{
	size_t i = b->depth;

	while (i-- > 0)
		if (b->open[i].len == t->name_len &&
		    strncasecmp(b->open[i].name, t->name, t->name_len) == 0)
			break;
	if (i == SIZE_MAX) {
		b->mended++;
		return;
	}
	b->mended += (unsigned)(b->depth - i - 1);
	while (b->depth > i)
		close_top(b);
}

static size_t
one_tag(struct balance *b, const char *p, size_t n)
{
	struct tag t;
	bool is_empty;

	tag_read_whole(&t, p, n, &b->endless);
	switch (t.kind) {
	case TAG_START:
	case TAG_EMPTY:
		is_empty = t.kind == TAG_EMPTY || is_void(&t) ||
			   b->depth >= LIMIT_XML_DEPTH;
		b->mended += is_empty && t.kind == TAG_START;
		start_tag(b, p, &t, is_empty);
		if (!is_empty)
			b->open[b->depth++] =
			    (struct open_tag){t.name, t.name_len};
		return t.len;
	case TAG_END:
		end_tag(b, &t);
		return t.len;
	case TAG_CDATA:
		buf_add(b->out, p, t.len);
		return t.len;
	case TAG_MORE:
	case TAG_STRAY:
		b->mended++;
		/* a section that never ends: its text is text */
		if (n > 9 && memcmp(p, "<![CDATA[", 9) == 0)
			return 9;
		buf_adds(b->out, "&lt;");
		return 1;
	default:
		b->mended++;
		return t.len;
	}
}

unsigned
feed_mend(struct buf *out, struct buf *scratch, const char *p, size_t n)
{
	struct balance b = {.out = scratch};

	buf_clear(scratch);
	while (n > 0) {
		const char *lt = memchr(p, '<', n);
		size_t k = lt ? (size_t)(lt - p) : n;

		buf_add(scratch, p, k);
		p += k;
		n -= k;
		if (n == 0)
			break;
		k = one_tag(&b, p, n);
		p += k;
		n -= k;
	}
	while (b.depth > 0) {
		close_top(&b);
		b.mended++;
	}
	if (scratch->full)
		return b.mended;
	return b.mended +
	       mend(out, scratch->data ? scratch->data : "", scratch->len);
}
