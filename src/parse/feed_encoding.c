/* Which encoding a feed is in.  feedparser's order: the byte order mark, the
 * charset of the Content-Type, the XML declaration, UTF-8, windows-1252; each
 * must be able to be the bytes that are there. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/utf8.h"
#include "parse/encoding.h"
#include "parse/transcode.h"

static bool
is_wide(const char *label)
{
	return strncasecmp(label, "utf-16", 6) == 0 ||
	       strncasecmp(label, "utf16", 5) == 0 ||
	       strncasecmp(label, "u16", 3) == 0 ||
	       strncasecmp(label, "utf-32", 6) == 0 ||
	       strncasecmp(label, "utf32", 5) == 0 ||
	       strncasecmp(label, "utf_32", 6) == 0 ||
	       strncasecmp(label, "iso-10646", 9) == 0 ||
	       strncasecmp(label, "ucs-", 4) == 0;
}

/* ICU passes over what it does not expect in a name, to the point of knowing
 * one without a letter. */
static bool
is_name(const char *name)
{
	static const char signs[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "0123456789-._:+()";

	return name[strspn(name, signs)] == '\0';
}

static bool
set_other(struct encoding_guess *g, const char *name)
{
	if (!is_name(name) || !transcoder_known(name))
		return false;
	g->encoding = ENCODING_OTHER;
	snprintf(g->other, sizeof(g->other), "%s", name);
	return true;
}

/* UTF-8, but for a sequence that the end of the sample cut. */
static bool
is_utf8(const uint8_t *p, size_t n)
{
	size_t valid = utf8_valid_prefix((const char *)p, n);

	return valid == n || (n - valid < 4 && n >= 4096 &&
				 utf8_missing((const char *)p, n) > 0);
}

/* Broken in few places: what a record cut in a database, or a page cut on its
 * way, does to UTF-8.  Text in another encoding has hardly a sequence that is
 * valid by chance. */
static bool
is_mostly_utf8(const uint8_t *p, size_t n)
{
	const char *s = (const char *)p;
	size_t good = 0, bad = 0;

	for (size_t i = 0; i < n;) {
		size_t valid = utf8_valid_prefix(s + i, n - i);

		for (size_t k = i; k < i + valid; k++)
			good += p[k] >= 0xc2;
		i += valid;
		if (i < n) {
			bad++;
			i++;
		}
	}
	return good > 4 * bad;
}

static bool
by_bytes(struct encoding_guess *g, const uint8_t *p, size_t n)
{
	static const struct {
		const char *bytes, *name;
		unsigned bom;
	} wide[] = {
	    {"\0\0\xfe\xff", "UTF-32BE", 4},
	    {"\xff\xfe\0\0", "UTF-32LE", 4},
	    {"\0\0\0<", "UTF-32BE", 0},
	    {"<\0\0\0", "UTF-32LE", 0},
	    {"\x4c\x6f\xa7\x94", "cp037", 0},
	};

	if (n < 4)
		return false;
	for (size_t i = 0; i < sizeof(wide) / sizeof(*wide); i++)
		if (memcmp(p, wide[i].bytes, 4) == 0 &&
		    set_other(g, wide[i].name)) {
			g->bom_bytes = wide[i].bom;
			return true;
		}
	if (p[0] == 0xff && p[1] == 0xfe)
		g->encoding = ENCODING_UTF16LE;
	else if (p[0] == 0xfe && p[1] == 0xff)
		g->encoding = ENCODING_UTF16BE;
	else if (p[0] == '<' && p[1] == 0)
		g->encoding = ENCODING_UTF16LE;
	else if (p[0] == 0 && p[1] == '<')
		g->encoding = ENCODING_UTF16BE;
	else
		return false;
	g->bom_bytes = p[0] >= 0xfe ? 2 : 0;
	return true;
}

static bool
by_label(
    struct encoding_guess *g, const char *label, const uint8_t *p, size_t n)
{
	/* Supersets that are meant. */
	static const char *const meant[][2] = {{"gb2312", "gb18030"},
	    {"gbk", "gb18030"}, {"gb_2312-80", "gb18030"},
	    {"euc-kr", "windows-949"}, {"ks_c_5601-1987", "windows-949"},
	    {"iso-8859-9", "windows-1254"}, {"iso-8859-11", "windows-874"},
	    {"shift_jis", "windows-31j"}, {"shift-jis", "windows-31j"}};
	enum encoding e;

	if (is_wide(label))
		return false;
	if (encoding_find(label, &e)) {
		if (e == ENCODING_UTF8 && !is_utf8(p, n))
			return false;
		g->encoding = e;
		return true;
	}
	for (size_t i = 0; i < sizeof(meant) / sizeof(*meant); i++)
		if (strcasecmp(label, meant[i][0]) == 0 &&
		    set_other(g, meant[i][1]))
			return true;
	if (set_other(g, label))
		return true;
	snprintf(g->unknown, sizeof(g->unknown), "%s", label);
	for (char *q = g->unknown; *q != '\0'; q++)
		if (*q <= ' ' || *q > '~')
			*q = '?';
	return false;
}

static bool
by_declaration(struct encoding_guess *g, const uint8_t *p, size_t n)
{
	char text[512], label[48];
	size_t len = n < sizeof(text) - 1 ? n : sizeof(text) - 1;
	char *decl, *end;

	memcpy(text, p, len);
	for (size_t i = 0; i < len; i++)
		if (text[i] == '\0')
			text[i] = ' ';
	text[len] = '\0';
	decl = strstr(text, "<?xml");
	end = decl ? strstr(decl, "?>") : NULL;
	if (end == NULL)
		return false;
	*end = '\0';
	return encoding_value(decl, "encoding", label, sizeof(label)) &&
	       by_label(g, label, p, n);
}

void
feed_encoding_guess(struct encoding_guess *g, const void *head, size_t n,
    const char *content_type)
{
	const uint8_t *p = head;
	char label[48];

	memset(g, 0, sizeof(*g));
	if (by_bytes(g, p, n))
		return;
	if (n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
		g->bom_bytes = 3;
		if (is_utf8(p, n))
			return;
	}
	if (content_type != NULL &&
	    encoding_value(content_type, "charset", label, sizeof(label)) &&
	    by_label(g, label, p, n))
		return;
	if (by_declaration(g, p, n))
		return;
	if (is_utf8(p, n) || is_mostly_utf8(p, n))
		return;
	g->encoding = ENCODING_WINDOWS_1252;
	g->is_guess = true;
}
