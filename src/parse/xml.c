/* The one place that creates XML parsers. */
#include "parse/xml.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"

void
xml_begin(void)
{
	xmlInitParser();
}

static void
on_error(void *arg, xmlErrorPtr error)
{
	struct xml *x = arg;
	size_t n;

	/* Namespace errors (an unbound prefix) do not end a document. */
	if (error->domain == XML_FROM_NAMESPACE ||
	    error->level < XML_ERR_ERROR || x->has_failed)
		return;
	x->has_failed = true;
	x->line = error->line > 0 ? (uint64_t)error->line : 1;
	x->column = error->int2 > 0 ? (uint64_t)error->int2 : 0;
	/* libxml2's own text for this one names a line of its input, which is
	 * not the page's. */
	if (error->code == XML_ERR_TAG_NAME_MISMATCH && error->str1 != NULL &&
	    error->str2 != NULL)
		snprintf(x->text, sizeof(x->text),
		    "<%.100s> is closed by </%.100s>", error->str1,
		    error->str2);
	else
		snprintf(x->text, sizeof(x->text), "%s",
		    error->message ? error->message : "unknown error");
	for (n = strlen(x->text); n > 0 && x->text[n - 1] == '\n';)
		x->text[--n] = '\0';
}

void
xml_open(struct xml *x, const xmlSAXHandler *sax)
{
	xmlSAXHandler handler = *sax;

	memset(x, 0, sizeof(*x));
	handler.initialized = XML_SAX2_MAGIC;
	handler.serror = on_error;
	handler.ignorableWhitespace = handler.characters;
	handler.cdataBlock = handler.characters;
	x->ctxt = xmlCreatePushParserCtxt(&handler, x, NULL, 0, NULL);
	BUG_ON(x->ctxt == NULL);
	xmlCtxtUseOptions(x->ctxt, XML_PARSE_NONET | XML_PARSE_HUGE);
}

void
xml_close(struct xml *x)
{
	if (x->ctxt == NULL)
		return;
	if (x->ctxt->myDoc != NULL)
		xmlFreeDoc(x->ctxt->myDoc);
	xmlFreeParserCtxt(x->ctxt);
	x->ctxt = NULL;
}

int
xml_feed(struct xml *x, const char *p, size_t n)
{
	if (x->has_failed)
		return -1;
	if (n > 0)
		xmlParseChunk(x->ctxt, p, (int)n, 0);
	return x->has_failed ? -1 : 0;
}

void
xml_place(const struct xml *x, uint64_t *line, uint64_t *column)
{
	xmlParserInputPtr in = x->ctxt->input;

	*line = in && in->line > 0 ? (uint64_t)in->line : 1;
	*column = in && in->col > 0 ? (uint64_t)in->col : 1;
}

static const char *
escaped(char c, bool is_value)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return is_value ? "&quot;" : NULL;
	case '\n':
		return is_value ? "&#10;" : NULL;
	case '\r':
		return "&#13;";
	default:
		return NULL;
	}
}

void
xml_escape(struct buf *out, const char *p, size_t n, bool is_value)
{
	const char *end = p + n;

	while (p < end) {
		const char *from = p, *instead = NULL;

		while (p < end && (instead = escaped(*p, is_value)) == NULL)
			p++;
		buf_add(out, from, (size_t)(p - from));
		if (p == end)
			return;
		buf_adds(out, instead);
		p++;
	}
}

bool
xml_attribute(const xmlChar **attributes, int count, const char *local,
    const char **value, size_t *len)
{
	for (int i = 0; i < count; i++, attributes += 5)
		if (strcmp((const char *)attributes[0], local) == 0) {
			*value = (const char *)attributes[3];
			*len = (size_t)(attributes[4] - attributes[3]);
			return true;
		}
	return false;
}
