/* SAX events of one item to record, crosswalk and about. */
#include "parse/item_sax.h"

#include <string.h>

#include "base/str.h"
#include "base/utf8.h"

static const char *
or_empty(const xmlChar *s)
{
	return s ? (const char *)s : "";
}

static void
collect(struct item *it, enum item_value value)
{
	it->value = value;
	it->value_depth = it->depth;
	it->is_text_cut = false;
	buf_clear(&it->text);
}

/* Prefixes that were never declared, by what everyone means by them. */
static const struct {
	const char *prefix, *uri;
} known[] = {
    {"oai", "http://www.openarchives.org/OAI/2.0/"},
    {"oai_dc", "http://www.openarchives.org/OAI/2.0/oai_dc/"},
    {"dc", "http://purl.org/dc/elements/1.1/"},
    {"dcterms", "http://purl.org/dc/terms/"},
    {"xsi", "http://www.w3.org/2001/XMLSchema-instance"},
    {"xlink", "http://www.w3.org/1999/xlink"},
    {"rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"},
    {"mods", "http://www.loc.gov/mods/v3"},
    {"marc", "http://www.loc.gov/MARC21/slim"},
};

/* Declares an unbound prefix in the record's context, so that it is
 * well-formed with namespaces when it is given back alone. */
static void
bind(struct item *it, const char *prefix)
{
	struct record *r = it->record;
	const char *uri = NULL;
	struct buf b;

	buf_init(&b, 2 * LIMIT_XML_MARKUP_BYTES);
	buf_printf(&b, "xmlns:%s=\"", prefix);
	if (r->context != NULL && strstr(r->context, buf_str(&b)) != NULL) {
		buf_release(&b);
		return;
	}
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (strcmp(known[i].prefix, prefix) == 0)
			uri = known[i].uri;
	buf_clear(&b);
	if (r->context != NULL && *r->context != '\0')
		buf_printf(&b, "%s ", r->context);
	if (uri != NULL)
		buf_printf(&b, "xmlns:%s=\"%s\"", prefix, uri);
	else
		buf_printf(
		    &b, "xmlns:%s=\"urn:sheaf:unbound:%s\"", prefix, prefix);
	r->context = arena_strdup(&it->arena, buf_str(&b));
	record_warn(r, &it->arena, "unbound-prefix",
	    "the prefix %.60s is used and never declared", prefix);
	buf_release(&b);
}

static void
start_item(struct item *it, int ns_count, const xmlChar **ns)
{
	const char *own[33];
	struct buf b;

	if (it->context.len == 0)
		return;
	if (ns_count == 0) {
		it->record->context = it->context.data + 1;
		return;
	}
	if (ns_count > 32)
		ns_count = 32;
	for (int i = 0; i < ns_count; i++)
		own[i] = or_empty(ns[2 * i]);
	own[ns_count] = NULL;
	buf_init(&b, 2 * LIMIT_XML_MARKUP_BYTES);
	scope_text(it->scope, own, &b);
	if (b.len > 0)
		it->record->context = arena_strdup(&it->arena, b.data + 1);
	buf_release(&b);
}

static void
start_section(
    struct item *it, const char *name, const xmlChar **atts, int att_count)
{
	const char *value;
	size_t len;

	it->in = IN_NOTHING;
	if (strcmp(name, "metadata") == 0)
		it->in = IN_METADATA;
	else if (strcmp(name, "about") == 0)
		it->in = IN_ABOUT;
	else if (strcmp(name, "header") == 0) {
		it->in = IN_HEADER;
		if (xml_attribute(atts, att_count, "status", &value, &len) &&
		    len == 7 && strncasecmp(value, "deleted", 7) == 0)
			it->record->deleted = true;
	}
}

static void
start_in_header(struct item *it, const char *name)
{
	if (strcmp(name, "identifier") == 0)
		collect(it, ITEM_IDENTIFIER);
	else if (strcmp(name, "datestamp") == 0)
		collect(it, ITEM_DATESTAMP);
	else if (strcmp(name, "setSpec") == 0)
		collect(it, ITEM_SET);
}

/* metadataPrefixes by the namespace of what stands in <metadata>. */
static void
note_format(struct item *it, const char *uri)
{
	static const struct {
		const char *begin, *format;
	} known_formats[] = {
	    {"http://www.openarchives.org/OAI/2.0/oai_dc/", "oai_dc"},
	    {"http://www.loc.gov/MARC21/slim", "marc21"},
	    {"http://www.loc.gov/mods/", "mods"},
	    {"http://www.loc.gov/METS", "mets"},
	    {"http://datacite.org/schema/kernel", "datacite"},
	    {"http://schema.datacite.org/oai/", "oai_datacite"},
	    {"http://www.dspace.org/xmlns/dspace/dim", "dim"},
	    {"http://dspace.org/qualifieddc/", "qdc"},
	    {"http://www.lyncode.com/xoai", "xoai"},
	};

	for (size_t i = 0; i < sizeof(known_formats) / sizeof(*known_formats);
	     i++)
		if (str_starts(uri, known_formats[i].begin))
			it->format = known_formats[i].format;
}

/* Markup inside of a value: its text belongs to the value; a block's end
 * parts words. */
static void
part_words(struct item *it, const char *name)
{
	static const char *const blocks[] = {"p", "br", "div", "li", "td", "tr",
	    "para", "item", "h1", "h2", "h3"};

	for (size_t i = 0; i < sizeof(blocks) / sizeof(*blocks); i++)
		if (strcmp(name, blocks[i]) == 0)
			buf_adds(&it->text, i < 3 ? "\n\n" : " ");
}

/* --- metadata ------------------------------------------------------------- */

static void
start_in_metadata(struct item *it, const char *name, const char *prefix,
    const char *uri, const xmlChar **atts, int att_count)
{
	struct meta_start s = {.ns = uri,
	    .prefix = prefix,
	    .name = name,
	    .attributes = (const char *const *)atts,
	    .attribute_count = (size_t)att_count,
	    .lang = it->lang[it->depth]};
	unsigned want;

	if (it->depth == 3 && it->format == NULL)
		note_format(it, uri);
	want = it->ops->start(it->ops_arg, &s);
	it->wants[it->depth] = (unsigned char)want;
	if ((want & META_INSIDE) == 0)
		it->skipped_depth = it->depth;
	if ((want & META_TEXT) != 0)
		it->texts[it->text_count++] =
		    (struct item_text){.at = it->text.len, .depth = it->depth};
}

/* The text asked for, cut to what a value may have; NUL-terminated for as long
 * as the call lasts. */
static void
hand_over(struct item *it, struct item_text t)
{
	static char none[1];
	char *text = it->text.len > 0 ? it->text.data + t.at : none, kept;
	size_t n = it->text.len - t.at;

	if (n > LIMIT_VALUE_BYTES) {
		n = utf8_cut(text, n, LIMIT_VALUE_BYTES);
		t.is_cut = true;
	}
	kept = text[n];
	text[n] = '\0';
	it->ops->end_element(it->ops_arg, text, n, t.is_cut);
	text[n] = kept;
}

static void
end_in_metadata(struct item *it, const char *name)
{
	unsigned want;

	if (it->skipped_depth != 0 && it->depth > it->skipped_depth) {
		if (it->text_count > 0)
			part_words(it, name);
		return;
	}
	it->skipped_depth = 0;
	want = it->wants[it->depth];
	if ((want & META_TEXT) != 0)
		hand_over(it, it->texts[--it->text_count]);
	else if (want != META_NOTHING)
		it->ops->end_element(it->ops_arg, "", 0, false);
	if (it->text_count > 0)
		part_words(it, name);
	else
		buf_clear(&it->text);
}

/* Where not even the innermost element has room, none around it has. */
static void
text_in_metadata(struct item *it, const char *p, size_t n)
{
	struct item_text *t = &it->texts[it->text_count - 1];
	size_t room = t->at + LIMIT_VALUE_BYTES;

	if (t->is_cut)
		return;
	room = room > it->text.len ? room - it->text.len : 0;
	if (n > room) {
		n = utf8_cut(p, n, room);
		t->is_cut = true;
	}
	buf_add(&it->text, p, n);
}

/* xml:lang holds until its element ends (XML 1.0, 2.12). */
static void
note_attributes(struct item *it, const xmlChar **atts, int n)
{
	for (; n > 0; n--, atts += 5) {
		if (atts[1] == NULL)
			continue;
		if (atts[2] == NULL)
			bind(it, (const char *)atts[1]);
		else if (strcmp((const char *)atts[0], "lang") == 0 &&
			 strcmp((const char *)atts[1], "xml") == 0)
			it->lang[it->depth] = arena_strndup(&it->arena,
			    (const char *)atts[3], (size_t)(atts[4] - atts[3]));
	}
}

static void
on_start(void *arg, const xmlChar *local, const xmlChar *prefix,
    const xmlChar *uri, int ns_count, const xmlChar **ns, int att_count,
    int defaulted, const xmlChar **atts)
{
	struct item *it = arg;
	const char *name = (const char *)local;

	(void)defaulted;
	if (it->record == NULL || it->depth > LIMIT_XML_DEPTH)
		return; /* the synthetic root */
	it->depth++;
	it->lang[it->depth] = it->lang[it->depth - 1];
	if (it->depth == 1) {
		start_item(it, ns_count, ns);
		if (it->piece->is_header)
			start_section(it, "header", atts, att_count);
	}
	if (att_count > 0)
		note_attributes(it, atts, att_count);
	if (uri == NULL && prefix != NULL)
		bind(it, (const char *)prefix);
	if (it->depth == 1)
		;
	else if (it->value != ITEM_NOTHING || it->text_count > 0)
		part_words(it, name);
	if (it->depth == 1 || it->value != ITEM_NOTHING ||
	    it->skipped_depth != 0)
		;
	else if (it->piece->is_header)
		start_in_header(it, name);
	else if (it->depth == 2)
		start_section(it, name, atts, att_count);
	else if (it->in == IN_HEADER)
		start_in_header(it, name);
	else if (it->in == IN_METADATA && !it->record->deleted)
		start_in_metadata(
		    it, name, or_empty(prefix), or_empty(uri), atts, att_count);
	else if (it->in == IN_ABOUT)
		switch (about_start(it, or_empty(uri), name, atts, att_count)) {
		case ITEM_NOTHING:
			break;
		case ITEM_ORIGIN:
			collect(it, ITEM_ORIGIN);
			break;
		default:
			collect(it, ITEM_RIGHTS);
		}
}

static void
add_set(struct item *it, char *text)
{
	const char **slot;

	if (*text == '\0')
		return;
	if (strlen(text) > LIMIT_SETSPEC_BYTES ||
	    (slot = record_add(&it->arena, &it->record->sets)) == NULL) {
		record_warn(it->record, &it->arena, "set-left-out",
		    "a setSpec is over %zu bytes, or there are more than %zu",
		    LIMIT_SETSPEC_BYTES, LIMIT_SETS_PER_RECORD);
		return;
	}
	*slot = text;
	for (; *text != '\0'; text++) /* they travel one a line */
		if (*text == '\n' || *text == '\r')
			*text = ' ';
}

static void
finish_value(struct item *it)
{
	struct record *r = it->record;
	enum item_value value = it->value;
	char *text;

	it->value = ITEM_NOTHING;
	text = str_trim(
	    arena_strndup(&it->arena, buf_str(&it->text), it->text.len));
	switch (value) {
	case ITEM_IDENTIFIER:
		if (r->identifier == NULL)
			r->identifier = text;
		break;
	case ITEM_DATESTAMP:
		if (r->datestamp == NULL)
			r->datestamp = text;
		break;
	case ITEM_SET:
		add_set(it, text);
		break;
	case ITEM_ORIGIN:
		if (*text != '\0')
			*it->into = text;
		break;
	default:
		about_rights(it, text);
	}
}

static void
on_end(
    void *arg, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
	struct item *it = arg;

	(void)prefix;
	(void)uri;
	if (it->record == NULL || it->depth == 0)
		return;
	if (it->value != ITEM_NOTHING) {
		if (it->depth == it->value_depth)
			finish_value(it);
		else
			part_words(it, (const char *)local);
	} else if (it->in == IN_METADATA && it->depth > 2) {
		if (!it->record->deleted)
			end_in_metadata(it, (const char *)local);
	} else if (it->in == IN_ABOUT)
		about_end(it, (const char *)local);
	it->depth--;
	if (it->depth == 0)
		it->is_over = true;
}

static void
on_text(void *arg, const xmlChar *p, int n)
{
	struct item *it = arg;
	size_t len = (size_t)n, room;

	if (it->text_count > 0) {
		text_in_metadata(it, (const char *)p, len);
		return;
	}
	if (it->value == ITEM_NOTHING || it->is_text_cut)
		return;
	room = LIMIT_VALUE_BYTES - it->text.len;
	if (len > room) {
		len = utf8_cut((const char *)p, len, room);
		it->is_text_cut = true;
	}
	buf_add(&it->text, p, len);
}

const xmlSAXHandler item_sax = {
    .startElementNs = on_start,
    .endElementNs = on_end,
    .characters = on_text,
};
