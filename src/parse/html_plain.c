/* Tags and references that cannot be misunderstood. */
#include "parse/html_plain.h"

#include <libxml/HTMLparser.h>
#include <string.h>
#include <strings.h>

#include "base/utf8.h"
#include "parse/tag.h"

enum kind { KIND_OTHER, KIND_INLINE, KIND_BLOCK };

static enum kind
kind_of(const struct tag *t)
{
	static const struct {
		const char *name;
		enum kind kind;
	} names[] = {{"p", KIND_BLOCK}, {"br", KIND_BLOCK}, {"a", KIND_INLINE},
	    {"li", KIND_BLOCK}, {"strong", KIND_INLINE}, {"em", KIND_INLINE},
	    {"b", KIND_INLINE}, {"i", KIND_INLINE}, {"img", KIND_INLINE},
	    {"ul", KIND_BLOCK}, {"ol", KIND_BLOCK}, {"div", KIND_BLOCK},
	    {"span", KIND_INLINE}, {"h2", KIND_BLOCK}, {"h3", KIND_BLOCK},
	    {"h4", KIND_BLOCK}, {"h1", KIND_BLOCK}, {"blockquote", KIND_BLOCK},
	    {"hr", KIND_BLOCK}, {"u", KIND_INLINE}, {"sup", KIND_INLINE},
	    {"sub", KIND_INLINE}, {"code", KIND_INLINE}};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (names[i].name[0] == t->name[0] &&
		    strlen(names[i].name) == t->name_len &&
		    memcmp(names[i].name, t->name, t->name_len) == 0)
			return names[i].kind;
	return KIND_OTHER;
}

/* An attribute that may hide the element, or a value with something that may
 * look like one: the parser knows. */
static bool
may_hide(const char *p, size_t n)
{
	for (size_t i = 0; i + 5 <= n; i++)
		if (((p[i] | 0x20) == 's' &&
			strncasecmp(p + i, "style", 5) == 0) ||
		    ((p[i] | 0x20) == 'h' &&
			strncasecmp(p + i, "hidde", 5) == 0))
			return true;
	return false;
}

/* &…; at p, appended: its length, or 0 when it is none. */
static size_t
reference(struct buf *out, const char *p, size_t n)
{
	const htmlEntityDesc *entity;
	uint32_t value = 0;
	char name[12], utf8[4];
	size_t i = 1;

	if (n > 3 && p[1] == '#') {
		for (i = 2; i < n && i < 9 && p[i] >= '0' && p[i] <= '9'; i++)
			value = value * 10 + (uint32_t)(p[i] - '0');
		if (i == 2 || i >= n || p[i] != ';' || value < 0x20 ||
		    (value & 0xfffe) == 0xfffe ||
		    buf_add(out, utf8, utf8_encode(utf8, value)) < 0)
			return 0;
		return value < 0xd800 || (value > 0xdfff && value < 0x110000)
			   ? i + 1
			   : 0;
	}
	while (i < n && i < sizeof(name) &&
	       (((p[i] | 0x20) >= 'a' && (p[i] | 0x20) <= 'z') ||
		   (p[i] >= '0' && p[i] <= '9'))) {
		name[i - 1] = p[i];
		i++;
	}
	if (i == 1 || i >= n || i >= sizeof(name) || p[i] != ';')
		return 0;
	name[i - 1] = '\0';
	entity = htmlEntityLookup((const xmlChar *)name);
	if (entity == NULL ||
	    buf_add(out, utf8, utf8_encode(utf8, entity->value)) < 0)
		return 0;
	return i + 1;
}

/* A tag at p: its length, or 0. */
static size_t
one_tag(struct buf *out, const char *p, size_t n)
{
	enum kind kind;
	struct tag t;

	tag_read(&t, p, n, 0);
	if (t.kind != TAG_START && t.kind != TAG_END && t.kind != TAG_EMPTY)
		return 0;
	kind = kind_of(&t);
	if (kind == KIND_OTHER || may_hide(t.name, t.len - 1))
		return 0;
	if (kind == KIND_BLOCK && buf_add(out, "\n\n", 2) < 0)
		return 0;
	return t.len;
}

/* The next c from p on, else end.  *at: the one found last, or NULL; it is
 * searched for again only when it lies behind. */
static const char *
next(const char **at, const char *p, const char *end, char c)
{
	if (*at == NULL || *at < p)
		*at = memchr(p, c, (size_t)(end - p));
	if (*at == NULL)
		*at = end;
	return *at;
}

bool
html_plain(struct buf *out, const char *html, size_t n)
{
	const char *p = html, *end = html + n;
	const char *lt = NULL, *amp = NULL;
	size_t before = out->len;

	while (p < end) {
		const char *a = next(&lt, p, end, '<');
		const char *b = next(&amp, p, end, '&');
		size_t k = (size_t)((a < b ? a : b) - p);

		if (k == 0)
			k = *p == '<' ? one_tag(out, p, (size_t)(end - p))
				      : reference(out, p, (size_t)(end - p));
		else if (buf_add(out, p, k) < 0)
			k = 0;
		if (k == 0) {
			out->len = before;
			if (out->data != NULL)
				out->data[before] = '\0';
			return false;
		}
		p += k;
	}
	return true;
}
