/* SAX to tree.  Elements inside of a text construct are its text, as HTML. */
#include "parse/feed_tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "base/url.h"
#include "base/utf8.h"
#include "parse/feed_names.h"
#include "parse/xml.h"

enum { RENEW_BYTES = 32 * 1024 * 1024 };

/* s itself where it is in lower case already. */
static const char *
lower(struct arena *a, const char *s)
{
	const char *upper = s;
	char *out;

	while (*upper != '\0' && (*upper < 'A' || *upper > 'Z'))
		upper++;
	if (*upper == '\0')
		return s;
	out = arena_strdup(a, s);
	for (char *p = out; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p |= 0x20;
	return out;
}

/* The first element inside of a text: what came before is text of HTML. */
static void
become_html(struct feed_tree *t)
{
	struct buf *b = &t->text[t->depth];
	char *plain;
	size_t n = b->len;

	if (t->is_html)
		return;
	t->is_html = true;
	if (n == 0)
		return;
	plain = buf_detach(b);
	buf_init(b, LIMIT_VALUE_BYTES + 64);
	xml_escape(b, plain, n, false);
	free(plain);
}

static void
markup_start(
    struct feed_tree *t, const char *name, const xmlChar **atts, int att_count)
{
	struct buf *b = &t->text[t->depth];

	become_html(t);
	t->markup++;
	buf_addc(b, '<');
	buf_adds(b, name);
	for (int i = 0; i < att_count; i++, atts += 5) {
		if (atts[1] != NULL)
			continue;
		buf_addc(b, ' ');
		buf_adds(b, (const char *)atts[0]);
		buf_adds(b, "=\"");
		xml_escape(b, (const char *)atts[3],
		    (size_t)(atts[4] - atts[3]), true);
		buf_addc(b, '"');
	}
	buf_addc(b, '>');
}

/* feed_ns() of the last few, which the parser knows by their addresses. */
static const char *
namespace_of(struct feed_tree *t, const xmlChar *prefix, const xmlChar *uri)
{
	struct feed_known_ns *k;

	for (size_t i = 0; i < FEED_KNOWN_NS; i++)
		if (t->known[i].prefix == prefix && t->known[i].uri == uri &&
		    t->known[i].ns != NULL)
			return t->known[i].ns;
	k = &t->known[t->next_known++ % FEED_KNOWN_NS];
	k->prefix = prefix;
	k->uri = uri;
	k->ns = feed_ns((const char *)prefix, (const char *)uri);
	return k->ns;
}

static void
take_attributes(
    struct feed_tree *t, struct feed_node *n, const xmlChar **atts, int count)
{
	struct feed_attr *list =
	    arena_calloc(t->arena, (size_t)count, sizeof(*list));

	for (int i = 0; i < count; i++, atts += 5) {
		struct feed_attr *a = &list[i];
		const char *prefix = (const char *)atts[1];

		a->ns = prefix ? namespace_of(t, atts[1], atts[2]) : "";
		a->name = lower(t->arena, (const char *)atts[0]);
		a->value = arena_strndup(t->arena, (const char *)atts[3],
		    (size_t)(atts[4] - atts[3]));
		if (strcmp(a->ns, "xml") != 0)
			continue;
		if (strcmp(a->name, "lang") == 0)
			n->lang = a->value;
		else if (strcmp(a->name, "base") == 0) {
			const char *base = str_trim((char *)a->value);
			char *whole = n->base
					  ? url_resolve(t->arena, n->base, base)
					  : NULL;

			if (*base != '\0')
				n->base = whole ? whole : base;
		}
	}
	n->attrs = list;
	n->attr_count = (size_t)count;
}

static void
stop(struct feed_tree *t, const char *why)
{
	if (!t->is_over && !t->has_failed)
		str_copy(t->why, sizeof(t->why), why);
	t->is_over = true;
	xmlStopParser(t->ctxt);
}

static const char *
context(struct feed_tree *t, struct arena *a, const char *const *without)
{
	const char *text = NULL;
	struct buf b;

	buf_init(&b, LIMIT_XML_MARKUP_BYTES);
	scope_text(&t->scope, without, &b);
	if (b.len > 1 && !b.full)
		text = arena_strdup(a, b.data + 1);
	buf_release(&b);
	return text;
}

/* The namespaces that an item has from outside, so that it can be given back
 * alone. */
static void
note_scope(struct feed_tree *t, const struct feed_node *n, int count,
    const xmlChar **namespaces)
{
	const char *without[65];

	if (strcmp(n->name, "item") != 0 && strcmp(n->name, "entry") != 0 &&
	    strcmp(n->name, "deleted-entry") != 0) {
		for (int i = 0; i < count && t->scope.count < 256; i++)
			scope_add(&t->scope, 0,
			    namespaces[2 * i] ? (const char *)namespaces[2 * i]
					      : "",
			    namespaces[2 * i + 1]
				? (const char *)namespaces[2 * i + 1]
				: "");
		return;
	}
	t->in_item = true;
	if (count == 0) { /* most often */
		if (!t->has_outer_context)
			t->outer_context = context(t, t->outer_arena, NULL);
		t->has_outer_context = true;
		t->context = t->outer_context;
		return;
	}
	count = count < 64 ? count : 64;
	for (int i = 0; i < count; i++)
		without[i] =
		    namespaces[2 * i] ? (const char *)namespaces[2 * i] : "";
	without[count] = NULL;
	t->context = context(t, t->arena, without);
}

static void
on_start(void *arg, const xmlChar *name, const xmlChar *prefix,
    const xmlChar *uri, int ns_count, const xmlChar **namespaces, int att_count,
    int defaulted, const xmlChar **atts)
{
	struct feed_tree *t = ((xmlParserCtxtPtr)arg)->_private;
	struct feed_node *n, *p = t->top;

	(void)defaulted;
	if (t->is_over)
		return;
	if (++t->elements > LIMIT_XML_ELEMENTS) {
		stop(t, "too many elements");
		return;
	}
	if (p != NULL && (t->markup > 0 || feed_takes_markup(p->ns, p->name))) {
		markup_start(t, (const char *)name, atts, att_count);
		return;
	}
	if (t->depth + 1 >= LIMIT_XML_DEPTH) {
		stop(t, "elements nest too deep");
		return;
	}
	n = arena_calloc(t->arena, 1, sizeof(*n));
	n->ns = namespace_of(t, prefix, uri);
	/* The parser's own names live as long as it. */
	n->uri = uri ? (const char *)uri : "";
	n->local = (const char *)name;
	n->name = lower(t->arena, n->local);
	n->text = "";
	n->parent = p;
	if (p != NULL) {
		n->lang = p->lang;
		n->base = p->base;
		if (p->last != NULL)
			p->last->next = n;
		else
			p->child = n;
		p->last = n;
	} else if (t->root == NULL)
		t->root = n;
	if (att_count > 0)
		take_attributes(t, n, atts, att_count);
	if (!t->in_item)
		note_scope(t, n, ns_count, namespaces);
	t->top = n;
	t->is_html = false;
	buf_clear(&t->text[++t->depth]);
}

static void
finish_node(struct feed_tree *t)
{
	struct buf *b = &t->text[t->depth];
	struct feed_node *n = t->top;

	if (b->len > 0) {
		n->len = b->len > LIMIT_VALUE_BYTES
			     ? utf8_cut(b->data, b->len, LIMIT_VALUE_BYTES)
			     : b->len;
		n->text = arena_strndup(t->arena, b->data, n->len);
	}
	n->is_cut = b->full;
	n->has_markup = t->is_html;
	t->depth--;
	t->top = n->parent;
	/* of mixed content only the text before the first child counts as
	 * such; elements of text constructs never come here */
	t->is_html = false;
	t->markup = 0;
}

static void
on_end(
    void *arg, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	struct feed_tree *t = ((xmlParserCtxtPtr)arg)->_private;

	(void)prefix;
	(void)uri;
	if (t->is_over || t->top == NULL)
		return;
	if (t->markup > 0) {
		struct buf *b = &t->text[t->depth];

		t->markup--;
		buf_adds(b, "</");
		buf_adds(b, (const char *)name);
		buf_addc(b, '>');
		return;
	}
	finish_node(t);
}

static void
on_text(void *arg, const xmlChar *p, int n)
{
	struct feed_tree *t = ((xmlParserCtxtPtr)arg)->_private;
	struct buf *b;
	size_t room;

	if (t->is_over || t->top == NULL)
		return;
	b = &t->text[t->depth];
	if (t->is_html) {
		xml_escape(b, (const char *)p, (size_t)n, false);
		return;
	}
	room = b->max - b->len;
	if ((size_t)n > room) {
		buf_add(b, p, utf8_cut((const char *)p, (size_t)n, room));
		b->full = true;
	} else
		buf_add(b, p, (size_t)n);
}

static void
on_error(void *arg, xmlErrorPtr error)
{
	struct feed_tree *t = ((xmlParserCtxtPtr)arg)->_private;

	if (error->domain == XML_FROM_NAMESPACE ||
	    error->level < XML_ERR_ERROR || t->has_failed)
		return;
	t->has_failed = true;
	snprintf(t->why, sizeof(t->why), "%s",
	    error->message ? error->message : "unknown error");
	for (size_t n = strlen(t->why); n > 0 && t->why[n - 1] == '\n';)
		t->why[--n] = '\0';
}

static void
open_parser(struct feed_tree *t)
{
	xmlSAXHandler sax;

	memset(&sax, 0, sizeof(sax));
	sax.initialized = XML_SAX2_MAGIC;
	sax.startElementNs = on_start;
	sax.endElementNs = on_end;
	sax.characters = sax.ignorableWhitespace = sax.cdataBlock = on_text;
	sax.serror = on_error;
	t->ctxt = xmlCreatePushParserCtxt(&sax, NULL, NULL, 0, NULL);
	BUG_ON(t->ctxt == NULL);
	t->ctxt->_private = t;
	t->fed = 0;
	memset(t->known, 0, sizeof(t->known));
}

static void
close_parser(struct feed_tree *t)
{
	if (t->ctxt->myDoc != NULL)
		xmlFreeDoc(t->ctxt->myDoc);
	xmlFreeParserCtxt(t->ctxt);
}

void
feed_tree_init(struct feed_tree *t)
{
	memset(t, 0, sizeof(*t));
	for (size_t i = 0; i < sizeof(t->text) / sizeof(*t->text); i++)
		buf_init(&t->text[i], LIMIT_VALUE_BYTES + 64);
	arena_init(&t->around, 0);
	open_parser(t);
}

void
feed_tree_release(struct feed_tree *t)
{
	for (size_t i = 0; i < sizeof(t->text) / sizeof(*t->text); i++)
		buf_release(&t->text[i]);
	scope_release(&t->scope);
	arena_release(&t->around);
	close_parser(t);
}

/* Ready for another text, renewed now and then: the parser's table of names
 * only grows. */
static void
reset(struct feed_tree *t, size_t n)
{
	t->fed += n;
	if (t->fed > RENEW_BYTES) {
		close_parser(t);
		open_parser(t);
		return;
	}
	if (t->ctxt->myDoc != NULL)
		xmlFreeDoc(t->ctxt->myDoc);
	t->ctxt->myDoc = NULL;
	xmlCtxtResetPush(t->ctxt, NULL, 0, NULL, "UTF-8");
	t->ctxt->_private = t;
}

static void
feed(struct feed_tree *t, const char *p, size_t n)
{
	if (n > 0 && !t->is_over)
		xmlParseChunk(t->ctxt, p, (int)n, 0);
}

static void
begin(struct feed_tree *t, struct arena *a, size_t n, bool is_lenient)
{
	reset(t, n);
	/* NOENT: &amp; in attributes comes as the sign.  There is no document
	 * type, so nothing else can be put in. */
	xmlCtxtUseOptions(t->ctxt, XML_PARSE_NONET | XML_PARSE_HUGE |
				       XML_PARSE_NOENT |
				       (is_lenient ? XML_PARSE_RECOVER : 0));
	t->arena = t->outer_arena = a;
	t->inside = 0;
	t->root = t->top = NULL;
	t->depth = t->markup = 0;
	t->elements = 0;
	scope_release(&t->scope);
	t->context = t->outer_context = NULL;
	t->is_html = t->is_over = t->has_failed = t->in_item = false;
	t->has_outer_context = false;
	t->why[0] = '\0';
	buf_clear(&t->text[0]);
}

static struct feed_node *
failed(const struct feed_tree *t, const char *otherwise, struct err *e)
{
	err_set(e, ERR_XML, 0, "%s", t->why[0] ? t->why : otherwise);
	return NULL;
}

struct feed_node *
feed_tree_read(struct feed_tree *t, struct arena *a,
    const struct feed_text *text, bool is_lenient, struct err *e)
{
	begin(t, a, text->open->len + text->n, is_lenient);
	feed(t, text->open->data, text->open->len);
	feed(t, text->p, text->n);
	feed(t, text->close->data, text->close->len);
	/* Told that this was all, it reads what it still waited with. */
	if (!t->is_over)
		xmlParseChunk(t->ctxt, NULL, 0, 1);
	/* What a start tag left open never ends; its text is there. */
	while (t->top != NULL)
		finish_node(t);
	if (t->is_over || (t->has_failed && !is_lenient) || t->root == NULL)
		return failed(t, "there is no element", e);
	return t->root;
}

/* Brings the parser to where the items stand; false when it does not come
 * there. */
static bool
enter(struct feed_tree *t, const struct feed_text *text)
{
	if (t->inside == text->version && t->fed + text->n <= RENEW_BYTES)
		return true;
	arena_clear(&t->around);
	begin(t, &t->around, text->open->len, false);
	feed(t, text->open->data, text->open->len);
	if (t->is_over || t->has_failed || t->depth != text->depth ||
	    t->markup > 0)
		return false;
	t->inside = text->version;
	t->outer = t->top;
	return true;
}

struct feed_node *
feed_tree_item(struct feed_tree *t, struct arena *a,
    const struct feed_text *text, struct err *e)
{
	if (text->version == 0 || text->depth == 0 || !enter(t, text))
		return feed_tree_read(t, a, text, false, e);
	t->arena = a;
	t->elements = 0;
	t->fed += text->n;
	t->in_item = t->is_html = false;
	t->outer->child = t->outer->last = NULL;
	buf_clear(&t->text[t->depth]);
	feed(t, text->p, text->n);
	/* What it still waits with would end the item otherwise. */
	if (!t->is_over && !t->has_failed && t->top == t->outer &&
	    t->outer->last != NULL)
		return t->root;
	t->inside = 0;
	return failed(t, "a reference or a tag does not end", e);
}
