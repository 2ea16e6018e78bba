/* HTML's own way to find a page's feeds (HTML, 4.6.6.1). */
#include "parse/html_offers.h"

#include <libxml/HTMLparser.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"
#include "base/url.h"
#include "base/utf8.h"

struct search {
	struct page_facts *f;
	struct arena *a;
	const char *base;
	bool has_base; /* <base>: the first counts */
};

static const char *
attribute(const xmlChar **atts, const char *name)
{
	for (; atts != NULL && atts[0] != NULL; atts += 2)
		if (strcmp((const char *)atts[0], name) == 0)
			return (const char *)atts[1];
	return NULL;
}

static bool
has_word(const char *list, const char *word)
{
	static const char space[] = " \t\r\n\f";
	size_t k = strlen(word);

	while (list != NULL && *(list += strspn(list, space)) != '\0') {
		size_t n = strcspn(list, space);

		if (n == k && strncasecmp(list, word, n) == 0)
			return true;
		list += n;
	}
	return false;
}

/* The media type in lower case, without parameters; NULL for one that no feed
 * has. */
static const char *
feed_type(struct arena *a, const char *type)
{
	static const char *const types[] = {"application/rss+xml",
	    "application/atom+xml", "application/rdf+xml", "application/xml",
	    "text/xml", "application/x.atom+xml", "application/x-atom+xml",
	    "text/rss+xml", "text/atom+xml", "text/rdf+xml"};
	char *s = str_trim(arena_strndup(a, type, strcspn(type, ";")));

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (strcasecmp(s, types[i]) == 0)
			return types[i];
	return NULL;
}

/* As libxml2 gives them, attributes are UTF-8; a page may still lie. */
static const char *
text(struct arena *a, const char *s, size_t max)
{
	size_t n = s ? strlen(s) : 0;

	if (n == 0 || !utf8_valid(s, n))
		return NULL;
	return str_trim(arena_strndup(a, s, utf8_cut(s, n, max)));
}

static void
offer(struct search *s, const xmlChar **atts)
{
	const char *rel = attribute(atts, "rel");
	const char *type = attribute(atts, "type");
	const char *href = text(s->a, attribute(atts, "href"), SIZE_MAX), *url;
	struct facts_offer *o;

	if (href == NULL || *href == '\0' || strlen(href) > LIMIT_URL_BYTES ||
	    (!has_word(rel, "alternate") && !has_word(rel, "feed")))
		return;
	type = type ? feed_type(s->a, type) : NULL;
	if (type == NULL && !has_word(rel, "feed"))
		return;
	url = url_resolve(s->a, s->base, href);
	if (url == NULL)
		url = href;
	for (size_t i = 0; i < s->f->offers.count; i++)
		if (strcmp(s->f->offers.items[i].url, url) == 0)
			return;
	if (s->f->offers.count >= LIMIT_OFFERS ||
	    (o = record_add(s->a, &s->f->offers)) == NULL)
		return;
	o->url = url;
	o->type = type;
	o->title = text(s->a, attribute(atts, "title"), 256);
}

static void
on_start(void *arg, const xmlChar *name, const xmlChar **atts)
{
	struct search *s = arg;
	const char *href, *base;

	if (strcmp((const char *)name, "link") == 0)
		offer(s, atts);
	else if (strcmp((const char *)name, "base") == 0 && !s->has_base &&
		 (href = text(s->a, attribute(atts, "href"),
		      LIMIT_URL_BYTES)) != NULL) {
		s->has_base = true;
		base = url_resolve(s->a, s->base, href);
		s->base = base ? base : s->base;
	}
}

static void
on_error(void *arg, xmlErrorPtr error)
{
	(void)arg;
	(void)error;
}

void
html_offers(struct page_facts *f, struct arena *a, const char *html, size_t n,
    const char *base)
{
	struct search s = {.f = f, .a = a, .base = base && *base ? base : NULL};
	htmlParserCtxtPtr ctxt;
	htmlSAXHandler sax;

	memset(&sax, 0, sizeof(sax));
	sax.initialized = XML_SAX2_MAGIC;
	sax.startElement = on_start;
	sax.serror = on_error;
	ctxt = htmlCreatePushParserCtxt(
	    &sax, &s, NULL, 0, NULL, XML_CHAR_ENCODING_UTF8);
	BUG_ON(ctxt == NULL);
	htmlCtxtUseOptions(ctxt, HTML_PARSE_NONET);
	htmlParseChunk(ctxt, html, (int)n, 0);
	htmlParseChunk(ctxt, NULL, 0, 1);
	htmlFreeParserCtxt(ctxt);
}
