/* <!ENTITY name "value">, and &name;. */
#include "parse/feed_entities.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "parse/chars.h"

static const struct feed_entity *
find(const struct feed_entities *s, const char *name, size_t n)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->list[i].name_len == n &&
		    memcmp(s->list[i].name, name, n) == 0)
			return &s->list[i];
	return NULL;
}

/* &name; at p: its length and the entity; 0 when it is none of ours. */
static size_t
reference(const struct feed_entities *s, const char *p, size_t n,
    const struct feed_entity **entity)
{
	size_t i = 1;

	while (i < n && i < 256 && xml_is_name(p[i]))
		i++;
	if (i == 1 || i >= n || p[i] != ';')
		return 0;
	*entity = find(s, p + 1, i - 1);
	return *entity != NULL ? i + 1 : 0;
}

/* &#…; at p (XML 1.0, 4.4.5: included where it is declared). */
static size_t
character(struct buf *out, const char *p, size_t n)
{
	char utf8[4], *end;
	unsigned long value;
	size_t i = 2;

	while (i < n && i < 12 && xml_is_name(p[i]))
		i++;
	if (i == 2 || i >= n || p[i] != ';')
		return 0;
	value =
	    p[2] == 'x' ? strtoul(p + 3, &end, 16) : strtoul(p + 2, &end, 10);
	if (end != p + i || value < 0x20 || value > 0x10ffff ||
	    (value >= 0xd800 && value < 0xe000) || (value & 0xfffe) == 0xfffe)
		return 0;
	buf_add(out, utf8, utf8_encode(utf8, (uint32_t)value));
	return i + 1;
}

/* A literal as it stands for the entity; false when it is too large. */
static bool
value(const struct feed_entities *s, struct buf *out, const char *p, size_t n)
{
	const struct feed_entity *entity;
	const char *end = p + n;

	buf_clear(out);
	while (p < end) {
		size_t left = (size_t)(end - p), k = 0;

		if (*p == '&' && left > 1 && p[1] == '#')
			k = character(out, p, left);
		else if (*p == '&' && (k = reference(s, p, left, &entity)) > 0)
			buf_add(out, entity->value, entity->len);
		if (k == 0)
			buf_addc(out, *p);
		p += k > 0 ? k : 1;
	}
	return !out->full;
}

/* One declaration behind "<!ENTITY": its length. */
static size_t
declaration(struct feed_entities *s, struct arena *a, struct buf *b,
    const char *p, size_t n)
{
	const char *q = p, *end = p + n, *name, *text;
	size_t name_len;
	struct feed_entity *e;

	while (q < end && xml_is_space(*q))
		q++;
	name = q;
	while (q < end && xml_is_name(*q))
		q++;
	name_len = (size_t)(q - name);
	while (q < end && xml_is_space(*q))
		q++;
	if (name_len == 0 || q == end || (*q != '"' && *q != '\''))
		return (size_t)(q - p);
	text = q + 1;
	q = memchr(text, *q, (size_t)(end - text));
	if (q == NULL)
		return n;
	/* The first declaration counts (XML 1.0, 4.2). */
	if (s->count < LIMIT_ENTITIES && name_len < 256 &&
	    find(s, name, name_len) == NULL &&
	    value(s, b, text, (size_t)(q - text))) {
		e = &s->list[s->count++];
		e->name = arena_strndup(a, name, name_len);
		e->name_len = name_len;
		e->value = arena_strndup(a, b->data ? b->data : "", b->len);
		e->len = b->len;
	}
	return (size_t)(q + 1 - p);
}

void
feed_entities_read(
    struct feed_entities *s, struct arena *a, const char *doctype, size_t n)
{
	static const char word[] = "<!ENTITY";
	enum { WORD = sizeof(word) - 1 };
	const char *p = doctype, *end = doctype + n;
	struct buf b;

	buf_init(&b, LIMIT_ENTITY_BYTES);
	while (p < end && (p = memchr(p, '<', (size_t)(end - p))) != NULL) {
		const char *close;

		if (end - p > 4 && memcmp(p, "<!--", 4) == 0) {
			close = memmem(p, (size_t)(end - p), "-->", 3);
			p = close ? close + 3 : end;
		} else if (end - p > WORD && memcmp(p, word, WORD) == 0) {
			p += WORD;
			p += declaration(s, a, &b, p, (size_t)(end - p));
		} else
			p++;
	}
	buf_release(&b);
}

static const char *
find_cdata(const char *p, const char *end)
{
	return memmem(p, (size_t)(end - p), "<![CDATA[", 9);
}

size_t
feed_entities_replace(
    const struct feed_entities *s, struct buf *out, const char *p, size_t n)
{
	const char *from = p, *end = p + n, *amp = p, *cdata, *close;
	const struct feed_entity *entity;
	size_t count = 0, k;

	cdata = s->count > 0 ? find_cdata(p, end) : NULL;
	while (s->count > 0 && p < end) {
		if (amp <= p)
			amp = memchr(p, '&', (size_t)(end - p));
		if (amp == NULL)
			break;
		if (cdata != NULL && cdata < amp) {
			close = memmem(cdata, (size_t)(end - cdata), "]]>", 3);
			p = close ? close + 3 : end;
			cdata = find_cdata(p, end);
			continue;
		}
		k = reference(s, amp, (size_t)(end - amp), &entity);
		p = amp + (k > 0 ? k : 1);
		if (k == 0)
			continue;
		buf_add(out, from, (size_t)(amp - from));
		if (buf_add(out, entity->value, entity->len) < 0)
			break;
		from = p;
		count++;
	}
	if (count > 0)
		buf_add(out, from, (size_t)(end - from));
	return count;
}
