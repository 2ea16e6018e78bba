/* Text out of HTML: what is hidden is left out, a block's end is an empty
 * line. */
#include "parse/html.h"

#include <libxml/HTMLparser.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "parse/html_plain.h"
#include "parse/tag.h"

struct text {
	struct buf *out;
	unsigned hidden; /* open elements, from one that is not shown on */
};

/* What a browser would not show as text. */
static bool
is_hidden(const char *name, const xmlChar **atts)
{
	static const char *const names[] = {
	    "script", "style", "template", "iframe", "noframes"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	for (; atts != NULL && atts[0] != NULL; atts += 2) {
		const char *value = (const char *)atts[1], *at;

		if (strcmp((const char *)atts[0], "hidden") == 0)
			return true;
		if (value == NULL ||
		    strcmp((const char *)atts[0], "style") != 0)
			continue;
		at = strcasestr(value, "display");
		if (at != NULL &&
		    strncasecmp(at + 7 + strspn(at + 7, " :"), "none", 4) == 0)
			return true;
	}
	return false;
}

static bool
is_block(const char *name)
{
	static const char *const names[] = {"p", "br", "div", "li", "ul", "ol",
	    "tr", "table", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote",
	    "pre", "section", "hr", "dt", "dd"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

static void
on_start(void *arg, const xmlChar *name, const xmlChar **atts)
{
	struct text *t = arg;

	if (t->hidden > 0 || is_hidden((const char *)name, atts))
		t->hidden++;
	else if (is_block((const char *)name))
		buf_adds(t->out, "\n\n");
	else if (strcmp((const char *)name, "td") == 0)
		buf_addc(t->out, ' ');
}

static void
on_end(void *arg, const xmlChar *name)
{
	struct text *t = arg;

	if (t->hidden > 0)
		t->hidden--;
	else if (is_block((const char *)name))
		buf_adds(t->out, "\n\n");
}

static void
on_text(void *arg, const xmlChar *p, int n)
{
	struct text *t = arg;

	if (t->hidden == 0)
		buf_add(t->out, p, (size_t)n);
}

static void
on_error(void *arg, xmlErrorPtr error)
{
	(void)arg;
	(void)error;
}

static bool
is_known_tag(const char *p, size_t n)
{
	char name[24];
	struct tag t;

	tag_read(&t, p, n, 0);
	if (t.kind == TAG_COMMENT || (n > 3 && memcmp(p, "<!--", 4) == 0))
		return true;
	if (t.kind != TAG_START && t.kind != TAG_END && t.kind != TAG_EMPTY)
		return false;
	if (t.name_len >= sizeof(name))
		return false;
	for (size_t i = 0; i < t.name_len; i++)
		name[i] = (char)(t.name[i] >= 'A' && t.name[i] <= 'Z'
				     ? t.name[i] | 0x20
				     : t.name[i]);
	name[t.name_len] = '\0';
	return htmlTagLookup((const xmlChar *)name) != NULL;
}

static bool
is_entity(const char *p, size_t n)
{
	char name[16];
	size_t i;

	if (n > 3 && p[1] == '#')
		return memchr(p, ';', n < 10 ? n : 10) != NULL;
	for (i = 1; i < n && i < sizeof(name) && p[i] != ';'; i++)
		name[i - 1] = p[i];
	if (i == 1 || i >= n || i >= sizeof(name))
		return false;
	name[i - 1] = '\0';
	return htmlEntityLookup((const xmlChar *)name) != NULL;
}

static bool
is_markup(const char *p, size_t n)
{
	const char *end = p + n, *lt = memchr(p, '<', n);
	const char *amp = memchr(p, '&', n);

	/* Searched only so far: a megabyte of '<' is no markup. */
	for (unsigned tries = 1000; tries > 0 && (lt || amp); tries--) {
		size_t left = (size_t)(end - (lt ? lt : amp));

		if (lt != NULL) {
			if (is_known_tag(lt, left < 4096 ? left : 4096))
				return true;
			lt = memchr(lt + 1, '<', left - 1);
			continue;
		}
		if (is_entity(amp, left))
			return true;
		amp = memchr(amp + 1, '&', left - 1);
	}
	return false;
}

int
html_text(struct buf *out, const char *html, size_t n)
{
	static const char around[] = "<html><body><html><body>";
	struct text t = {.out = out};
	htmlSAXHandler sax;
	htmlParserCtxtPtr ctxt;

	if (html_plain(out, html, n))
		return 0;
	if (out->full)
		return -1;
	if (!is_markup(html, n))
		return buf_add(out, html, n);
	memset(&sax, 0, sizeof(sax));
	sax.initialized = XML_SAX2_MAGIC;
	sax.startElement = on_start;
	sax.endElement = on_end;
	sax.characters = on_text;
	sax.ignorableWhitespace = on_text;
	sax.serror = on_error;
	ctxt = htmlCreatePushParserCtxt(
	    &sax, &t, NULL, 0, NULL, XML_CHAR_ENCODING_UTF8);
	BUG_ON(ctxt == NULL);
	htmlCtxtUseOptions(ctxt, HTML_PARSE_NONET);
	/* The text is within a document whatever ends in it: libxml2 reads
	 * nothing behind an end. */
	htmlParseChunk(ctxt, around, sizeof(around) - 1, 0);
	htmlParseChunk(ctxt, html, (int)n, 0);
	htmlParseChunk(ctxt, NULL, 0, 1);
	htmlFreeParserCtxt(ctxt);
	return out->full ? -1 : 0;
}
