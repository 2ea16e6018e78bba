/* The way of a page through the rooms of the parser. */
#include "parse/page.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/str.h"
#include "base/utf8.h"
#include "parse/count.h"
#include "parse/cut.h"
#include "parse/envelope.h"
#include "parse/item.h"
#include "parse/sniff.h"

struct page {
	const struct page_request *q;
	struct stream_writer *out;
	struct arena arena; /* of the facts */
	struct page_facts facts;
	struct window w;
	struct cut cut;
	struct envelope envelope;
	struct item item;
	struct count count;
	uint64_t mendings;
	uint64_t items;
	bool is_static;
	/* of a static repository */
	const char *wanted; /* the prefix of the list that is read */
	size_t offered; /* formats when that was decided */
	unsigned lists;
	bool has_list; /* that list was there */
	bool is_passed_over; /* the list that is open is another one */
	bool is_broken; /* the body cannot be read or the stream not written */
};

static void warn(struct page *p, const char *code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void
warn(struct page *p, const char *code, const char *fmt, ...)
{
	struct rec_warning *w;
	struct buf b;
	va_list ap;

	if (p->facts.warnings.count >= LIMIT_WARNINGS)
		return;
	buf_init(&b, 1024);
	va_start(ap, fmt);
	buf_vprintf(&b, fmt, ap);
	va_end(ap);
	w = record_add(&p->arena, &p->facts.warnings);
	if (w != NULL) {
		w->code = code;
		w->text = arena_strdup(&p->arena, buf_str(&b));
	}
	buf_release(&b);
}

/* Messages quote the page, cut at a number of bytes: what was a sequence is
 * one no more. */
static void
mend_utf8(char *s)
{
	for (size_t n; *(s += utf8_valid_prefix(s, n = strlen(s))) != '\0';)
		*s = '?';
}

static void
fail(struct page *p, struct err *e)
{
	mend_utf8(e->text);
	p->facts.err_class = e->class;
	p->facts.err_text = arena_strdup(&p->arena, e->text);
}

/* XML's own references, in place: an identifier may be a URL with "&". */
static char *
resolve_references(char *s)
{
	static const struct {
		const char *name;
		char c;
	} references[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'},
	    {"&quot;", '"'}, {"&apos;", '\''}};
	char *out = s;

	for (const char *p = s; *p != '\0'; out++) {
		size_t i = 0, n = sizeof(references) / sizeof(*references);

		while (i < n && !str_starts(p, references[i].name))
			i++;
		*out = i < n ? references[i].c : *p;
		p += i < n ? strlen(references[i].name) : 1;
	}
	*out = '\0';
	return s;
}

/* The identifier of an item that could not be read, by its tags: the first
 * <identifier> with or without a prefix. */
static const char *
find_identifier(struct arena *a, const struct piece *piece)
{
	const char *p = piece->p, *end = p + piece->len, *lt;

	if (end - p > CUT_HEAD_BYTES)
		end = p + CUT_HEAD_BYTES;
	while ((p = memmem(p, (size_t)(end - p), "identifier>", 11)) != NULL) {
		bool is_start = p[-1] == '<' || (p[-1] == ':' && p[-2] != '/');

		p += 11;
		lt = memchr(p, '<', (size_t)(end - p));
		if (is_start && lt != NULL && lt > p &&
		    (size_t)(lt - p) < LIMIT_IDENTIFIER_BYTES)
			return resolve_references(
			    str_trim(arena_strndup(a, p, (size_t)(lt - p))));
	}
	return NULL;
}

static int
write_reject(struct page *p, const struct piece *piece, char *reason)
{
	struct arena a;
	struct reject r = {
	    .offset = piece->offset, .length = piece->length, .reason = reason};
	int rc;

	arena_init(&a, 0);
	mend_utf8(reason);
	r.identifier = find_identifier(&a, piece);
	rc = stream_write_reject(p->out, &r);
	arena_release(&a);
	return rc;
}

static int
write_record(struct page *p, const struct piece *piece, struct record *r)
{
	struct err e;

	if (record_check(r, &e) < 0)
		return write_reject(p, piece, e.text);
	if (stream_write_record(p->out, r) < 0) {
		if (errno != EMSGSIZE)
			return -1;
		err_set(&e, ERR_LIMIT, 0,
		    "the record's content is over the limit of a frame");
		return write_reject(p, piece, e.text);
	}
	count_record(&p->count, r);
	return 0;
}

static int
take_item(struct page *p, const struct piece *piece, struct err *e)
{
	struct record r;
	struct err why;
	int rc;

	if (++p->items > LIMIT_RECORDS_PER_PAGE)
		return err_set(e, ERR_LIMIT, 0,
		    "the page has more than %zu records",
		    LIMIT_RECORDS_PER_PAGE);
	if (item_read(&p->item, piece, &p->envelope.scope, &r, &why) < 0)
		rc = write_reject(p, piece, why.text);
	else {
		rc = write_record(p, piece, &r);
		p->mendings += p->item.mendings;
	}
	if (rc < 0) {
		p->is_broken = true;
		return err_sys(e, "writing the record stream");
	}
	return 0;
}

/* Which of its lists is read; asked again only when it has offered more, since
 * both may be very many. */
static const char *
wanted_format(struct page *p)
{
	const char *want = p->q->format != NULL ? p->q->format : "";
	const struct facts_format *f;

	if (p->wanted != NULL && p->offered == p->facts.formats.count)
		return p->wanted;
	p->offered = p->facts.formats.count;
	f = facts_format_wanted(&p->facts, want);
	p->wanted = f != NULL ? f->prefix : want;
	return p->wanted;
}

/* The format of a static repository's list that has begun decides whether its
 * records are read: they are the same things again in each format.  One that
 * offers none has a list all the same, and the first is taken. */
static void
begin_list(struct page *p)
{
	const char *prefix = buf_str(&p->envelope.list_format);
	const char *want = wanted_format(p);
	const char *had = p->facts.format;

	p->lists = p->envelope.lists;
	p->is_passed_over =
	    want[0] != '\0' ? strcmp(want, prefix) != 0 : p->lists > 1;
	if (p->is_passed_over)
		return;
	p->has_list = true;
	if (prefix[0] != '\0' && (had == NULL || strcmp(had, prefix) != 0))
		p->facts.format = arena_strdup(&p->arena, prefix);
}

static int
truncated(struct page *p, struct err *e)
{
	char where[128];

	cut_where(&p->cut, where, sizeof(where));
	p->cut.is_truncated = true;
	return err_set(e, ERR_XML, 0,
	    "the page ends inside <%s>, after %llu records", where,
	    (unsigned long long)p->items);
}

/* The lack of a list is not an empty list, which would mean that everything
 * was deleted. */
static int
no_list(const struct page *p, struct err *e)
{
	struct buf offered;
	int rc;

	buf_init(&offered, KIB);
	for (size_t i = 0; i < p->facts.formats.count; i++)
		if (p->facts.formats.items[i].prefix != NULL)
			buf_printf(&offered, "%s%.64s", i > 0 ? ", " : "",
			    p->facts.formats.items[i].prefix);
	if (p->lists == 0)
		rc = err_set(e, ERR_PROTO, 0,
		    "the static repository has no ListRecords");
	else
		rc = err_set(e, ERR_PROTO, 0,
		    "the static repository has no ListRecords with the "
		    "metadataPrefix %.64s; it offers %s",
		    p->q->format != NULL && *p->q->format ? p->q->format
							  : "oai_dc",
		    offered.len > 0 ? buf_str(&offered) : "none");
	buf_release(&offered);
	return rc;
}

/* An error of the protocol is an answer; an envelope with nothing in it is
 * not, and must not pass for the end of a list. */
static int
check_verb(const struct page *p, struct err *e)
{
	const struct page_facts *f = &p->facts;

	if (p->is_static && !p->has_list)
		return no_list(p, e);
	if (p->envelope.has_verb || f->errors.count > 0 || p->items > 0 ||
	    f->has_token)
		return 0;
	return err_set(e, ERR_PROTO, 0,
	    "the answer has neither a verb's element nor an error");
}

static int
read_pieces(struct page *p, struct err *e)
{
	struct piece piece;

	for (;;) {
		if (cut_next(&p->cut, &piece, e) < 0)
			return -1;
		if (piece.kind == PIECE_NONE)
			break;
		if (piece.kind == PIECE_ITEM && p->is_passed_over)
			continue;
		if ((piece.kind == PIECE_ITEM
			    ? take_item(p, &piece, e)
			    : envelope_feed(&p->envelope, &piece, e)) < 0)
			return -1;
		if (p->envelope.lists != p->lists)
			begin_list(p);
	}
	return p->cut.is_done ? check_verb(p, e) : truncated(p, e);
}

/* Enough of the page to tell what it is. */
static int
look(struct page *p, struct sniff *s, struct err *e)
{
	struct window *w = &p->w;
	int more = 1;

	while (more > 0 && w->end - w->start < SNIFF_BYTES)
		more = window_fill(w, e);
	if (more < 0)
		return -1;
	sniff(s, w->head, w->head_len, w->data ? w->data + w->start : "",
	    w->end - w->start);
	p->facts.body = s->body;
	p->facts.encoding = encoding_name(w->guess.encoding);
	if (s->title[0] != '\0')
		p->facts.title = arena_strdup(&p->arena, s->title);
	return 0;
}

static int
not_asked_for(const struct page *p, const struct sniff *s, struct err *e)
{
	const char *t = s->title;
	const char *wanted =
	    p->is_static ? "an OAI static repository" : "OAI-PMH";

	switch (s->body) {
	case BODY_EMPTY:
		return err_set(e, ERR_XML, 0, "the body is empty");
	case BODY_HTML:
		return err_set(e, ERR_XML, 0,
		    "an HTML page titled \"%s\" instead of %s", t, wanted);
	case BODY_CHALLENGE:
		return err_set(e, ERR_XML, 0,
		    "a bot challenge (%s) instead of %s", t, wanted);
	case BODY_XML:
		return err_set(e, ERR_XML, 0,
		    "XML with the root element <%s> instead of %s", t, wanted);
	case BODY_OAI:
		return err_set(e, ERR_XML, 0,
		    "an OAI-PMH answer instead of a static repository: set "
		    "protocol = oai-pmh");
	case BODY_STATIC:
		return err_set(e, ERR_XML, 0,
		    "an OAI static repository instead of an OAI-PMH answer: "
		    "set protocol = oai-static");
	default:
		return err_set(e, ERR_XML, 0, "not XML but %s", t);
	}
}

static void
note_repairs(struct page *p, const struct sniff *s)
{
	struct page_facts *f = &p->facts;

	if (p->w.guess.unknown[0] != '\0')
		warn(p, "encoding-unknown",
		    "the page says it is in %s; it was read as UTF-8",
		    p->w.guess.unknown);
	if (s->has_junk) {
		warn(p, "junk-before-root",
		    "%zu bytes before the root element were cut off", s->root);
		f->repairs++;
	}
	if (p->w.repairs > 0)
		warn(p, "bytes-repaired",
		    "%llu bytes or sequences that XML cannot hold were "
		    "replaced",
		    (unsigned long long)p->w.repairs);
	if (p->cut.repairs > 0)
		warn(p, "tags-balanced",
		    "%u end tags outside of any record were added or dropped",
		    p->cut.repairs);
	if (p->envelope.repairs > 0 || p->mendings > 0)
		warn(p, "xml-mended",
		    "%llu references or signs that are not well-formed XML "
		    "were mended",
		    (unsigned long long)(p->envelope.repairs + p->mendings));
	if (p->cut.has_junk) {
		warn(p, "junk-after-root",
		    "what stands after the root element was not read");
		f->repairs++;
	}
	f->repairs +=
	    p->w.repairs + p->cut.repairs + p->envelope.repairs + p->mendings;
	f->recovered = f->repairs > 0;
}

static int
parse(struct page *p, int body_fd, struct sniff *s, struct err *e)
{
	if (window_open(&p->w, body_fd, p->q->content_type, e) < 0 ||
	    look(p, s, e) < 0) {
		p->is_broken = true;
		return -1;
	}
	if (s->body != (p->is_static ? BODY_STATIC : BODY_OAI))
		return not_asked_for(p, s, e);
	window_drop(&p->w, s->root);
	return read_pieces(p, e);
}

static const char *
given(const char *s)
{
	return s != NULL && *s != '\0' ? s : NULL;
}

static void
init(struct page *p, const struct page_request *q, struct stream_writer *out)
{
	p->q = q;
	p->out = out;
	arena_init(&p->arena, 0);
	p->facts.protocol = q->protocol;
	p->facts.format = given(q->format);
	p->facts.cursor = p->facts.list_size = -1;
	cut_init(&p->cut, &p->w);
	p->is_static =
	    q->protocol != NULL && strcmp(q->protocol, "oai-static") == 0;
	envelope_init(&p->envelope, &p->facts, &p->arena);
	p->envelope.is_static = p->is_static;
	item_init(&p->item, q->ops, q->ops_arg);
	p->item.known = q->known;
	p->item.known_slots = q->known_slots;
	count_init(&p->count, given(q->from), given(q->until), given(q->set));
}

static void
release(struct page *p)
{
	window_release(&p->w);
	cut_release(&p->cut);
	envelope_release(&p->envelope);
	item_release(&p->item);
	count_release(&p->count);
	arena_release(&p->arena);
}

int
page_parse(int body_fd, const struct page_request *q, struct stream_writer *out)
{
	struct page *p = xcalloc(1, sizeof(*p));
	struct sniff s = {0};
	struct err e = {0};
	int code = EX_OK;

	init(p, q, out);
	if (parse(p, body_fd, &s, &e) < 0) {
		code = EX_DATAERR;
		fail(p, &e);
		if (p->cut.is_truncated)
			p->facts.body = BODY_TRUNCATED;
	}
	if (p->is_broken)
		code = EX_IOERR;
	else {
		note_repairs(p, &s);
		if (p->facts.format == NULL)
			p->facts.format = p->item.format;
		count_facts(&p->count, &p->facts);
		if (stream_write_page(out, &p->facts) < 0) {
			err_sys(&e, "writing the record stream");
			code = EX_IOERR;
		}
	}
	if (code == EX_IOERR)
		log_error(NULL, "%s", e.text);
	release(p);
	free(p);
	return code;
}
