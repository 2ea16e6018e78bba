/* An item's two tries: as it is, and mended. */
#include "parse/item.h"

#include <string.h>

#include "parse/item_sax.h"
#include "parse/mend.h"
#include "record/known.h"

enum {
	/* The parser is renewed after so many bytes: its table of names only
	 * grows. */
	RENEW_BYTES = 32 * 1024 * 1024
};

void
item_init(struct item *it, const struct crosswalk_ops *ops, void *arg)
{
	memset(it, 0, sizeof(*it));
	it->ops = ops;
	it->ops_arg = arg;
	arena_init(&it->arena, 0);
	buf_init(&it->mended, LIMIT_RECORD_BYTES);
	buf_init(&it->context, 2 * LIMIT_XML_MARKUP_BYTES);
	buf_init(&it->text, LIMIT_RECORD_BYTES + LIMIT_VALUE_BYTES);
}

void
item_release(struct item *it)
{
	xml_close(&it->xml);
	arena_release(&it->arena);
	buf_release(&it->mended);
	buf_release(&it->context);
	buf_release(&it->text);
}

/* A parser that stands inside of a root with the page's namespaces. */
static void
renew(struct item *it, const struct scope *s)
{
	struct buf start;

	xml_close(&it->xml);
	buf_clear(&it->context);
	scope_text(s, NULL, &it->context);
	it->scope_version = s->version;
	it->scope = s;
	it->record = NULL;
	buf_init(&start, 3 * LIMIT_XML_MARKUP_BYTES);
	buf_printf(&start, "<sheaf%s>", buf_str(&it->context));
	xml_open(&it->xml, &item_sax);
	it->ops->forget(it->ops_arg);
	xml_feed(&it->xml, start.data, start.len);
	buf_release(&start);
	it->fed = 0;
}

static void
begin(struct item *it, const struct piece *p, struct record *r)
{
	arena_clear(&it->arena);
	memset(r, 0, sizeof(*r));
	r->identifier_basis = "oai";
	r->header_only = p->header_only;
	it->record = r;
	it->piece = p;
	it->is_over = false;
	it->depth = 0;
	it->in = IN_NOTHING;
	it->origins = 0;
	it->text_count = 0;
	buf_clear(&it->text);
	it->skipped_depth = 0;
	it->value = ITEM_NOTHING;
	it->ops->begin(it->ops_arg, r, &it->arena);
}

/* libxml2's error, told by its place in the page. */
static void
tell(const struct item *it, const struct piece *p, uint64_t line,
    uint64_t column, struct err *e)
{
	uint64_t at = it->xml.column;

	if (it->xml.line == line && at >= column)
		at = at - column + p->column;
	err_set(e, ERR_XML, 0, "line %llu, column %llu: %s",
	    (unsigned long long)(p->line + it->xml.line - line),
	    (unsigned long long)at, it->xml.text);
}

/* Whether what was read up to its content says that this is known. */
static bool
is_known(const struct item *it, const struct piece *p, const struct record *r)
{
	return it->depth == 1 && r->identifier != NULL &&
	       r->datestamp != NULL && !r->deleted &&
	       known_has(it->known, it->known_slots, r->identifier, p->digest);
}

/* All of it, or where the content is known all but that. */
static int
feed(struct item *it, const struct piece *p, const char *bytes, size_t n,
    struct record *r)
{
	size_t at = 0;

	if (it->known != NULL && bytes == p->p && !p->is_changed &&
	    !p->is_header && p->is_balanced && p->content_end > p->content) {
		at = p->content;
		if (xml_feed(&it->xml, bytes, at) < 0)
			return -1;
		r->is_known = is_known(it, p, r);
		if (r->is_known)
			at = p->content_end;
	}
	return xml_feed(&it->xml, bytes + at, n - at);
}

static int
try(struct item *it, const struct piece *p, const char *bytes, size_t n,
    const struct scope *s, struct record *r, struct err *e)
{
	uint64_t line, column;
	bool is_bad;

	if (it->xml.ctxt == NULL || it->xml.has_failed ||
	    it->scope_version != s->version || it->scope != s ||
	    it->fed > RENEW_BYTES)
		renew(it, s);
	begin(it, p, r);
	xml_place(&it->xml, &line, &column);
	it->fed += n;
	is_bad = feed(it, p, bytes, n, r) < 0;
	it->record = NULL;
	if (is_bad) {
		tell(it, p, line, column, e);
		return -1;
	}
	if (!it->is_over) {
		/* Cannot be while cut.c and libxml2 agree on tags. */
		it->xml.has_failed = true;
		return err_set(e, ERR_XML, 0,
		    "line %llu: the record does not end where its tags say",
		    (unsigned long long)p->line);
	}
	return 0;
}

/* What no mending helps against. */
static int
refuse(const struct piece *p, struct err *e)
{
	unsigned long long line = (unsigned long long)p->line;

	if (p->is_cut || p->len > LIMIT_RECORD_BYTES)
		return err_set(e, ERR_LIMIT, 0,
		    "line %llu: a record of %llu bytes, over the limit of %zu",
		    line, (unsigned long long)p->length, LIMIT_RECORD_BYTES);
	if (p->has_big_tag)
		return err_set(e, ERR_LIMIT, 0,
		    "line %llu: a tag or section in the record is over %zu "
		    "bytes",
		    line, LIMIT_XML_MARKUP_BYTES);
	if (p->attributes > LIMIT_XML_ATTRIBUTES)
		return err_set(e, ERR_LIMIT, 0,
		    "line %llu: an element of the record has more than %zu "
		    "attributes",
		    line, LIMIT_XML_ATTRIBUTES);
	if (p->elements > LIMIT_XML_ELEMENTS)
		return err_set(e, ERR_LIMIT, 0,
		    "line %llu: the record has more than %zu elements", line,
		    LIMIT_XML_ELEMENTS);
	if (p->is_deep)
		return err_set(e, ERR_LIMIT, 0,
		    "line %llu: elements of the record nest deeper than %zu",
		    line, LIMIT_XML_DEPTH);
	if (p->is_unclosed)
		return err_set(e, ERR_XML, 0,
		    "line %llu: the record is never closed", line);
	return 0;
}

static int
try_both(struct item *it, const struct piece *p, const struct scope *s,
    struct record *r, struct err *e)
{
	struct err ignored;

	it->mendings = 0;
	buf_clear(&it->mended);
	if (try(it, p, p->p, p->len, s, r, e) == 0) {
		if (p->is_changed) {
			r->element = p->p;
			r->element_len = p->len;
		}
		return 0;
	}
	it->mendings = mend(&it->mended, p->p, p->len);
	if (it->mendings == 0 || it->mended.full ||
	    try(it, p, it->mended.data, it->mended.len, s, r, &ignored) < 0)
		return -1;
	record_warn(r, &it->arena, "xml-mended", "%s", e->text);
	r->element = it->mended.data;
	r->element_len = it->mended.len;
	return 0;
}

static int
check_header(const struct piece *p, const struct record *r, struct err *e)
{
	unsigned long long line = (unsigned long long)p->line;

	if (r->identifier == NULL || *r->identifier == '\0')
		return err_set(e, ERR_PROTO, 0,
		    "line %llu: the record has no identifier", line);
	if (strlen(r->identifier) > LIMIT_IDENTIFIER_BYTES)
		return err_set(e, ERR_LIMIT, 0,
		    "line %llu: the record's identifier is over %zu bytes",
		    line, LIMIT_IDENTIFIER_BYTES);
	if (r->datestamp != NULL &&
	    strlen(r->datestamp) > LIMIT_DATESTAMP_BYTES)
		return err_set(e, ERR_LIMIT, 0,
		    "line %llu: the record's datestamp is over %zu bytes", line,
		    LIMIT_DATESTAMP_BYTES);
	if (r->context != NULL && strlen(r->context) > LIMIT_XML_MARKUP_BYTES)
		return err_set(e, ERR_LIMIT, 0,
		    "line %llu: the namespaces around the record take more "
		    "than %zu bytes",
		    line, LIMIT_XML_MARKUP_BYTES);
	return 0;
}

/* Declarations pile up in the envelope, a megabyte a tag. */
static int
too_many_namespaces(struct item *it, const struct piece *p,
    const struct scope *s, struct err *e)
{
	if (it->xml.ctxt == NULL || it->scope_version != s->version ||
	    it->scope != s)
		renew(it, s);
	if (!it->context.full)
		return 0;
	return err_set(e, ERR_LIMIT, 0,
	    "line %llu: the namespaces around the record take more than %zu "
	    "bytes",
	    (unsigned long long)p->line, LIMIT_XML_MARKUP_BYTES);
}

int
item_read(struct item *it, const struct piece *p, const struct scope *s,
    struct record *r, struct err *e)
{
	memset(r, 0, sizeof(*r));
	if (refuse(p, e) < 0 || too_many_namespaces(it, p, s, e) < 0 ||
	    try_both(it, p, s, r, e) < 0)
		return -1;
	if (check_header(p, r, e) < 0) {
		memset(r, 0, sizeof(*r));
		return -1;
	}
	r->offset = p->offset;
	r->length = p->length;
	if (r->deleted || r->header_only)
		return 0;
	memcpy(r->digest, p->digest, sizeof(r->digest));
	if (r->is_known)
		return 0;
	it->ops->end(it->ops_arg);
	if (p->is_repaired)
		record_warn(r, &it->arena, "bytes-repaired",
		    "bytes that XML cannot hold were replaced");
	return 0;
}
