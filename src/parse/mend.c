/* Mending by tags and references; knows HTML's entity names (libxml2's
 * table), and nothing of what the elements mean. */
#include "parse/mend.h"

#include <libxml/HTMLparser.h>
#include <string.h>

#include "base/utf8.h"
#include "parse/tag.h"

enum { NAME_MAX_BYTES = 32 };

static bool
is_xml_char(uint32_t c)
{
	return c == 0x9 || c == 0xa || c == 0xd || (c >= 0x20 && c < 0xd800) ||
	       (c >= 0xe000 && c < 0xfffe) || (c >= 0x10000 && c <= 0x10ffff);
}

/* &#…; at p: its length, or 0 when it is none.  *ok: it is as XML has it, of a
 * legal character. */
static size_t
char_reference(const char *p, size_t n, bool *ok, uint32_t *cp)
{
	size_t i = 2;
	uint32_t value = 0;
	bool is_hex = n > 2 && (p[2] == 'x' || p[2] == 'X');
	size_t first;

	*ok = n > 2 && p[2] != 'X';
	i += is_hex;
	for (first = i; i < n && i < 16; i++) {
		unsigned digit;

		if (p[i] >= '0' && p[i] <= '9')
			digit = (unsigned)(p[i] - '0');
		else if (is_hex && (p[i] | 0x20) >= 'a' && (p[i] | 0x20) <= 'f')
			digit = (unsigned)((p[i] | 0x20) - 'a' + 10);
		else
			break;
		value = value * (is_hex ? 16 : 10) + digit;
		if (value > 0x110000)
			value = 0x110000;
	}
	if (i == first || i >= n || p[i] != ';')
		return 0;
	*cp = is_xml_char(value) ? value : 0xfffd;
	*ok = *ok && *cp == value;
	return i + 1;
}

static bool
is_predefined(const char *name)
{
	static const char *const names[] = {"amp", "lt", "gt", "quot", "apos"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* The reference, or bare ampersand, at p: appends it, returns its length. */
static size_t
reference(struct buf *out, const char *p, size_t n, unsigned *mended)
{
	char name[NAME_MAX_BYTES], utf8[4];
	const htmlEntityDesc *entity;
	uint32_t cp;
	size_t len, i;
	bool ok;

	if (n > 1 && p[1] == '#') {
		len = char_reference(p, n, &ok, &cp);
		if (len > 0) {
			if (ok)
				buf_add(out, p, len);
			else
				buf_printf(out, "&#%u;", (unsigned)cp);
			*mended += !ok;
			return len;
		}
	}
	for (i = 1; i < n && i < sizeof(name); i++) {
		char c = p[i];

		if ((c < '0' || c > '9') &&
		    ((c | 0x20) < 'a' || (c | 0x20) > 'z'))
			break;
		name[i - 1] = c;
	}
	if (i > 1 && i < n && i < sizeof(name) && p[i] == ';') {
		name[i - 1] = '\0';
		if (is_predefined(name)) {
			buf_add(out, p, i + 1);
			return i + 1;
		}
		entity = htmlEntityLookup((const xmlChar *)name);
		if (entity != NULL) {
			++*mended;
			buf_add(out, utf8, utf8_encode(utf8, entity->value));
			return i + 1;
		}
	}
	++*mended;
	buf_adds(out, "&amp;");
	return 1;
}

static unsigned
text(struct buf *out, const char *p, size_t n, bool is_tag)
{
	unsigned mended = 0;
	size_t i = 0;

	while (i < n) {
		size_t plain = i;

		while (i < n && p[i] != '&' &&
		       (is_tag || p[i] != '>' || i < 2 || p[i - 1] != ']' ||
			   p[i - 2] != ']'))
			i++;
		buf_add(out, p + plain, i - plain);
		if (i == n)
			break;
		if (p[i] == '&')
			i += reference(out, p + i, n - i, &mended);
		else { /* ]]> may not stand in text (XML 1.0, 2.4) */
			buf_adds(out, "&gt;");
			mended++;
			i++;
		}
	}
	return mended;
}

unsigned
mend(struct buf *out, const char *p, size_t n)
{
	struct tag_endless endless = {false};
	unsigned mended = 0;
	struct tag t;

	while (n > 0) {
		const char *lt = p[0] == '<' ? p : memchr(p, '<', n);
		size_t k = lt ? (size_t)(lt - p) : n;

		if (k > 0) {
			mended += text(out, p, k, false);
			p += k;
			n -= k;
			continue;
		}
		tag_read_whole(&t, p, n, &endless);
		k = t.len;
		switch (t.kind) {
		case TAG_CDATA:
			buf_add(out, p, k);
			break;
		case TAG_COMMENT:
		case TAG_PI:
		case TAG_DOCTYPE:
			mended++;
			break;
		case TAG_MORE:
		case TAG_STRAY:
			mended++;
			buf_adds(out, "&lt;");
			k = 1;
			break;
		default:
			mended += text(out, p, k, true);
		}
		p += k;
		n -= k;
	}
	return mended;
}
