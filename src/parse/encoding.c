/* Detection of encodings and their tables.  Not the repair of what is broken
 * in UTF-8: that is window.c. */
#include "parse/encoding.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const uint16_t windows_1252[32] = {0x20ac, 0xfffd, 0x201a, 0x0192,
    0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152,
    0xfffd, 0x017d, 0xfffd, 0xfffd, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0xfffd, 0x017e,
    0x0178};

static const struct {
	const char *label;
	enum encoding encoding;
} labels[] = {
    {"utf-8", ENCODING_UTF8},
    {"utf8", ENCODING_UTF8},
    {"us-ascii", ENCODING_UTF8},
    {"ascii", ENCODING_UTF8},
    /* A declaration that can be read byte by byte is not in UTF-16,
     * whatever it says (strings of .NET and Java say so). */
    {"utf-16", ENCODING_UTF8},
    {"utf-16le", ENCODING_UTF8},
    {"utf-16be", ENCODING_UTF8},
    {"iso-8859-1", ENCODING_WINDOWS_1252},
    {"iso8859-1", ENCODING_WINDOWS_1252},
    {"iso_8859-1", ENCODING_WINDOWS_1252},
    {"latin1", ENCODING_WINDOWS_1252},
    {"latin-1", ENCODING_WINDOWS_1252},
    {"windows-1252", ENCODING_WINDOWS_1252},
    {"cp1252", ENCODING_WINDOWS_1252},
    {"iso-8859-15", ENCODING_ISO_8859_15},
    {"latin-9", ENCODING_ISO_8859_15},
};

const char *
encoding_name(enum encoding e)
{
	static const char *const names[] = {
	    "UTF-8", "windows-1252", "ISO-8859-15", "UTF-16LE", "UTF-16BE", ""};

	return names[e];
}

bool
encoding_value(const char *text, const char *key, char *out, size_t size)
{
	const char *p = strcasestr(text, key);
	size_t n;

	if (p == NULL)
		return false;
	p += strlen(key);
	p += strspn(p, " \t\r\n");
	if (*p++ != '=')
		return false;
	p += strspn(p, " \t\r\n\"'");
	n = strcspn(p, " \t\r\n\"';>?,");
	if (n == 0 || n >= size)
		return false;
	memcpy(out, p, n);
	out[n] = '\0';
	return true;
}

bool
encoding_find(const char *label, enum encoding *e)
{
	for (size_t i = 0; i < sizeof(labels) / sizeof(*labels); i++)
		if (strcasecmp(label, labels[i].label) == 0) {
			*e = labels[i].encoding;
			return true;
		}
	return false;
}

static bool
by_label(struct encoding_guess *g, const char *label)
{
	if (encoding_find(label, &g->encoding))
		return true;
	snprintf(g->unknown, sizeof(g->unknown), "%s", label);
	/* Raw bytes of the page: only what can be shown. */
	for (char *p = g->unknown; *p != '\0'; p++)
		if (*p <= ' ' || *p > '~')
			*p = '?';
	return false;
}

static bool
by_mark(struct encoding_guess *g, const uint8_t *p, size_t n)
{
	if (n >= 3 && p[0] == 0xef && p[1] == 0xbb && p[2] == 0xbf) {
		g->bom_bytes = 3;
		return true;
	}
	if (n < 4)
		return false;
	if (p[0] == 0xff && p[1] == 0xfe) {
		g->encoding = ENCODING_UTF16LE;
		g->bom_bytes = 2;
	} else if (p[0] == 0xfe && p[1] == 0xff) {
		g->encoding = ENCODING_UTF16BE;
		g->bom_bytes = 2;
	} else if (p[0] == '<' && p[1] == 0 && p[2] != 0 && p[3] == 0)
		g->encoding = ENCODING_UTF16LE;
	else if (p[0] == 0 && p[1] == '<' && p[2] == 0 && p[3] != 0)
		g->encoding = ENCODING_UTF16BE;
	else
		return false;
	return true;
}

void
encoding_guess(struct encoding_guess *g, const void *head, size_t n,
    const char *content_type)
{
	char text[512], label[48];
	const char *decl, *end;
	size_t len = n < sizeof(text) - 1 ? n : sizeof(text) - 1;

	memset(g, 0, sizeof(*g));
	if (by_mark(g, head, n))
		return;
	memcpy(text, head, len);
	for (size_t i = 0; i < len; i++)
		if (text[i] == '\0')
			text[i] = ' ';
	text[len] = '\0';
	decl = strstr(text, "<?xml");
	end = decl ? strstr(decl, "?>") : NULL;
	if (end != NULL) {
		text[end - text] = '\0';
		if (encoding_value(decl, "encoding", label, sizeof(label)) &&
		    by_label(g, label))
			return;
	}
	if (content_type != NULL &&
	    encoding_value(content_type, "charset", label, sizeof(label)))
		by_label(g, label);
}

static unsigned
next_utf16(bool is_big, const uint8_t *p, size_t n, uint32_t *cp, bool *is_bad)
{
	uint32_t a, b;

	if (n < 2)
		return 0;
	a = is_big ? (uint32_t)p[0] << 8 | p[1] : (uint32_t)p[1] << 8 | p[0];
	*cp = a;
	if (a < 0xd800 || a > 0xdfff)
		return 2;
	if (a < 0xdc00) {
		if (n < 4)
			return 0;
		b = is_big ? (uint32_t)p[2] << 8 | p[3]
			   : (uint32_t)p[3] << 8 | p[2];
		if (b >= 0xdc00 && b <= 0xdfff) {
			*cp = 0x10000 + ((a - 0xd800) << 10) + (b - 0xdc00);
			return 4;
		}
	}
	*cp = 0xfffd;
	*is_bad = true;
	return 2;
}

static uint32_t
latin_9(uint8_t c)
{
	switch (c) {
	case 0xa4:
		return 0x20ac;
	case 0xa6:
		return 0x160;
	case 0xa8:
		return 0x161;
	case 0xb4:
		return 0x17d;
	case 0xb8:
		return 0x17e;
	case 0xbc:
		return 0x152;
	case 0xbd:
		return 0x153;
	case 0xbe:
		return 0x178;
	default:
		return c;
	}
}

unsigned
encoding_next(
    enum encoding e, const uint8_t *p, size_t n, uint32_t *cp, bool *is_bad)
{
	*is_bad = false;
	if (n == 0)
		return 0;
	switch (e) {
	case ENCODING_UTF16LE:
	case ENCODING_UTF16BE:
		return next_utf16(e == ENCODING_UTF16BE, p, n, cp, is_bad);
	case ENCODING_ISO_8859_15:
		*cp = latin_9(*p);
		return 1;
	default:
		*cp = *p >= 0x80 && *p < 0xa0 ? windows_1252[*p - 0x80] : *p;
		*is_bad = *cp == 0xfffd;
		return 1;
	}
}
