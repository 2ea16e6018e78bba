/* The way of a feed through the parser. */
#include "parse/feed_page.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/url.h"
#include "base/utf8.h"
#include "parse/count.h"
#include "parse/feed_begin.h"
#include "parse/feed_cut.h"
#include "parse/feed_entities.h"
#include "parse/feed_head.h"
#include "parse/feed_ids.h"
#include "parse/feed_mend.h"
#include "parse/feed_tree.h"
#include "record/stored.h"

struct feed_page {
	const struct feed_request *q;
	struct stream_writer *out;
	struct arena arena; /* of the facts */
	struct arena item_arena;
	struct page_facts facts;
	struct window w;
	struct feed_cut cut;
	struct feed_tree tree;
	struct feed_head head;
	struct buf open, close, mended, scratch, content, expanded, context;
	struct count count;
	struct feed_ids ids;
	struct feed_entities entities;
	uint64_t items, mendings, unclosed;
	bool has_channel; /* told to the rules */
	bool is_broken; /* the body cannot be read or the stream not written */
};

static void warn(struct feed_page *p, const char *code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void
warn(struct feed_page *p, const char *code, const char *fmt, ...)
{
	struct rec_warning *w = record_add(&p->arena, &p->facts.warnings);
	struct buf b;
	va_list ap;

	if (w == NULL)
		return;
	buf_init(&b, 1024);
	va_start(ap, fmt);
	buf_vprintf(&b, fmt, ap);
	va_end(ap);
	w->code = code;
	w->text = arena_strdup(&p->arena, buf_str(&b));
	buf_release(&b);
}

static void
mend_utf8(char *s)
{
	for (size_t n; *(s += utf8_valid_prefix(s, n = strlen(s))) != '\0';)
		*s = '?';
}

/* The end tags of what is open around the place. */
static const struct buf *
close_tags(struct feed_page *p)
{
	buf_clear(&p->close);
	for (size_t i = p->cut.depth; i-- > 0;) {
		const struct feed_open *o = &p->cut.stack[i];

		buf_adds(&p->close, "</");
		buf_add(&p->close, p->cut.open.data + o->name, o->name_len);
		buf_addc(&p->close, '>');
	}
	return &p->close;
}

/* The elements around the items, as far as they were read; NULL where there
 * are none. */
static struct feed_node *
read_channel(struct feed_page *p)
{
	static const struct buf nothing;
	const struct buf *channel = &p->cut.channel;
	/* Before the end it is open still. */
	struct feed_text text = {.open = &nothing, .close = close_tags(p)};
	struct feed_node *root;
	struct err e;

	if (channel->len == 0)
		return NULL;
	buf_clear(&p->expanded);
	if (feed_entities_replace(
		&p->entities, &p->expanded, channel->data, channel->len) > 0 &&
	    !p->expanded.full)
		channel = &p->expanded;
	text.p = channel->data;
	text.n = channel->len;
	root = feed_tree_read(&p->tree, &p->arena, &text, false, &e);
	if (root == NULL) {
		buf_clear(&p->mended);
		feed_mend(&p->mended, &p->scratch, channel->data, channel->len);
		if (p->mended.full)
			return NULL;
		p->mendings += p->cut.is_done;
		text.p = p->mended.data;
		text.n = p->mended.len;
		text.close = &nothing;
		root = feed_tree_read(&p->tree, &p->arena, &text, true, &e);
	}
	return root;
}

/* Once before the first item, whose head it is, and at the end. */
static void
tell_channel(struct feed_page *p)
{
	struct feed_node *root = read_channel(p);

	if (!p->has_channel)
		feed_head_take(&p->head, root);
	p->has_channel = true;
	if (root != NULL) {
		memset(&p->facts.feed, 0, sizeof(p->facts.feed));
		p->q->ops->channel(p->q->ops_arg, root, &p->facts.feed,
		    &p->facts.format, &p->arena);
	}
}

/* The innermost item of the tree. */
static struct feed_node *
find_item(struct feed_node *n)
{
	while (n != NULL) {
		if (strcmp(n->name, "item") == 0 ||
		    strcmp(n->name, "entry") == 0 ||
		    strcmp(n->name, "deleted-entry") == 0)
			return n;
		n = n->last;
	}
	return NULL;
}

/* Strictly, else mended, with the start tags around it mended as well. */
static struct feed_node *
read_item(struct feed_page *p, const struct feed_piece *piece, struct record *r,
    struct err *e)
{
	struct feed_text text = {&p->cut.open, close_tags(p), piece->p,
	    piece->len, feed_cut_version(&p->cut), p->cut.depth};
	struct feed_node *root;
	struct err why;
	unsigned n;

	if (!piece->is_unclosed && !piece->is_crowded) {
		root = feed_tree_item(&p->tree, &p->item_arena, &text, e);
		if (root != NULL)
			return find_item(root);
	} else
		err_set(e, ERR_XML, 0, "%s",
		    piece->is_unclosed ? "the item is never closed"
				       : "a tag has too many attributes");
	why = *e;
	buf_clear(&p->mended);
	n = feed_mend(&p->mended, &p->scratch, piece->p, piece->len);
	buf_clear(&p->open);
	for (size_t i = 0; i < p->cut.depth; i++) {
		size_t at = p->cut.stack[i].at;
		size_t end = i + 1 < p->cut.depth ? p->cut.stack[i + 1].at
						  : p->cut.open.len;
		size_t len = p->open.len;

		feed_mend(
		    &p->open, &p->scratch, p->cut.open.data + at, end - at);
		/* less the end tag that was added */
		for (len = p->open.len; len > 0 && p->open.data[len] != '<';)
			len--;
		p->open.len = len;
	}
	if (p->mended.full || p->open.full) {
		err_set(e, ERR_LIMIT, 0, "the item is too large to be mended");
		return NULL;
	}
	text.open = &p->open;
	text.p = p->mended.data;
	text.n = p->mended.len;
	root = feed_tree_read(&p->tree, &p->item_arena, &text, true, e);
	if (root == NULL)
		return NULL;
	p->mendings += n > 0 ? n : 1;
	mend_utf8(why.text);
	record_warn(r, &p->item_arena, "xml-mended", "%s", why.text);
	r->element = p->mended.data;
	r->element_len = p->mended.len;
	return find_item(root);
}

static int
write_reject(struct feed_page *p, const struct feed_piece *piece, char *reason)
{
	struct reject r = {
	    .offset = piece->offset, .length = piece->length, .reason = reason};

	mend_utf8(reason);
	return stream_write_reject(p->out, &r);
}

/* The links without what only tracks: another campaign is no change. */
static struct record
without_tracking(struct feed_page *p, const struct record *r)
{
	struct record copy = *r;

	for (size_t i = 0; i < r->links.count; i++) {
		const char *url = r->links.items[i].url;
		const char *clean = url_untracked(&p->item_arena, url);

		if (clean == url || strcmp(clean, url) == 0)
			continue;
		if (copy.links.items == r->links.items) {
			copy.links.items = arena_alloc(&p->item_arena,
			    r->links.count * sizeof(*r->links.items));
			memcpy(copy.links.items, r->links.items,
			    r->links.count * sizeof(*r->links.items));
		}
		copy.links.items[i].url = clean;
	}
	return copy;
}

/* The digest is that of what the record says, so that markup, and counters of
 * comments, may change without it; and that of a slice which is mended already
 * is the same. */
static void
digest(struct feed_page *p, struct record *r)
{
	struct record said;
	struct digest d;

	if (r->deleted)
		return;
	said = without_tracking(p, r);
	stored_drop_byte_warnings(&said, &p->item_arena);
	buf_clear(&p->content);
	record_encode_doc(&p->content, &said);
	digest_init(&d);
	digest_add(&d, p->content.data, p->content.len);
	digest_end(&d, r->digest);
}

/* The feed's own entities, put in. */
static int
expand(struct feed_page *p, struct feed_piece *piece, struct err *e)
{
	buf_clear(&p->expanded);
	if (feed_entities_replace(
		&p->entities, &p->expanded, piece->p, piece->len) == 0)
		return 0;
	if (p->expanded.full)
		return err_set(e, ERR_LIMIT, 0,
		    "line %llu: the item's entities make it larger than the "
		    "limit of %zu bytes",
		    (unsigned long long)piece->line, LIMIT_RECORD_BYTES);
	piece->p = p->expanded.data;
	piece->len = p->expanded.len;
	piece->is_changed = true;
	return 0;
}

static int
write_item(struct feed_page *p, struct feed_piece *piece, struct err *e)
{
	struct feed_identity id = {0};
	struct record r = {0};
	struct feed_node *item;

	arena_clear(&p->item_arena);
	if (piece->is_cut || piece->len > LIMIT_RECORD_BYTES) {
		err_set(e, ERR_LIMIT, 0,
		    "line %llu: an item of %llu bytes, over the limit of %zu",
		    (unsigned long long)piece->line,
		    (unsigned long long)piece->length, LIMIT_RECORD_BYTES);
		return write_reject(p, piece, e->text);
	}
	if (expand(p, piece, e) < 0)
		return write_reject(p, piece, e->text);
	if (piece->is_changed) {
		r.element = piece->p;
		r.element_len = piece->len;
	}
	item = read_item(p, piece, &r, e);
	if (item == NULL) {
		err_prefix(e, "line %llu", (unsigned long long)piece->line);
		return write_reject(p, piece, e->text);
	}
	feed_head_context(
	    &p->head, &p->context, p->tree.context, p->q->base_url, item);
	r.context = buf_str(&p->context);
	r.offset = piece->offset;
	r.length = piece->length;
	p->q->ops->item(p->q->ops_arg, item, &r, &id, &p->item_arena);
	if (record_check(&r, e) < 0)
		return write_reject(p, piece, e->text);
	digest(p, &r);
	if (stream_write_record(p->out, &r) < 0) {
		if (errno != EMSGSIZE)
			return -1;
		err_set(e, ERR_LIMIT, 0,
		    "the item's content is over the limit of a frame");
		return write_reject(p, piece, e->text);
	}
	count_record(&p->count, &r);
	if (!r.deleted)
		feed_ids_add(&p->ids, &id);
	return 0;
}

static int
read_items(struct feed_page *p, struct err *e)
{
	struct feed_piece piece;
	int rc;

	while ((rc = feed_cut_next(&p->cut, &piece, e)) > 0) {
		if (++p->items > LIMIT_RECORDS_PER_PAGE)
			return err_set(e, ERR_LIMIT, 0,
			    "the page has more than %zu items",
			    LIMIT_RECORDS_PER_PAGE);
		p->unclosed += piece.is_unclosed;
		if (!p->has_channel)
			tell_channel(p);
		if (write_item(p, &piece, e) < 0) {
			p->is_broken = true;
			return err_sys(e, "writing the record stream");
		}
	}
	if (rc < 0)
		return -1;
	tell_channel(p);
	return 0;
}

static int
look(struct feed_page *p, struct err *e)
{
	struct feed_begin b = {.entities = &p->entities,
	    .facts = &p->facts,
	    .arena = &p->arena,
	    .base_url = p->q->base_url};

	if (feed_begin(&b, &p->w, e) < 0)
		return -1;
	if (b.junk > 0) {
		warn(p, "junk-before-root",
		    "%zu bytes before the root element were cut off", b.junk);
		p->facts.repairs++;
	}
	return 0;
}

static void
note_repairs(struct feed_page *p)
{
	struct page_facts *f = &p->facts;

	if (f->body != BODY_FEED)
		return;
	if (p->w.guess.unknown[0] != '\0')
		warn(p, "encoding-unknown",
		    "the page says it is in %s; it was read as %s",
		    p->w.guess.unknown, f->encoding);
	else if (p->w.guess.is_guess)
		warn(p, "encoding-guessed",
		    "nothing says which encoding the page is in, or it is "
		    "another than is said; it was read as %s",
		    f->encoding);
	if (p->w.repairs > 0)
		warn(p, "bytes-repaired",
		    "%llu bytes or sequences that XML cannot hold were "
		    "replaced",
		    (unsigned long long)p->w.repairs);
	if (p->mendings > 0)
		warn(p, "xml-mended",
		    "%llu tags, references or signs that are not well-formed "
		    "XML were mended",
		    (unsigned long long)p->mendings);
	if (!p->cut.is_done && p->cut.depth > 0) {
		warn(p, "truncated",
		    "the page ends before its root element does");
		f->repairs++;
	}
	f->repairs += p->w.repairs + p->mendings + p->cut.repairs;
	f->recovered = f->repairs > 0;
}

static void
init(struct feed_page *p, const struct feed_request *q,
    struct stream_writer *out)
{
	p->q = q;
	p->out = out;
	arena_init(&p->arena, 0);
	arena_init(&p->item_arena, 0);
	p->facts.protocol = "feed";
	p->facts.cursor = p->facts.list_size = -1;
	feed_cut_init(&p->cut, &p->w);
	feed_tree_init(&p->tree);
	buf_init(&p->open, LIMIT_RECORD_BYTES);
	buf_init(&p->close, LIMIT_RECORD_BYTES);
	buf_init(&p->mended, LIMIT_RECORD_BYTES);
	buf_init(&p->scratch, 2 * LIMIT_RECORD_BYTES);
	buf_init(&p->content, 4 * LIMIT_DOC_BYTES);
	buf_init(&p->expanded, LIMIT_RECORD_BYTES);
	buf_init(&p->context, LIMIT_XML_MARKUP_BYTES);
	feed_head_init(&p->head);
	count_init(&p->count, NULL, NULL, NULL);
	feed_ids_init(&p->ids);
}

static void
release(struct feed_page *p)
{
	window_release(&p->w);
	feed_cut_release(&p->cut);
	feed_tree_release(&p->tree);
	buf_release(&p->open);
	buf_release(&p->close);
	buf_release(&p->mended);
	buf_release(&p->scratch);
	buf_release(&p->content);
	buf_release(&p->expanded);
	buf_release(&p->context);
	feed_head_release(&p->head);
	count_release(&p->count);
	feed_ids_release(&p->ids);
	arena_release(&p->arena);
	arena_release(&p->item_arena);
}

static int
parse(struct feed_page *p, int body_fd, struct err *e)
{
	if (window_open_feed(&p->w, body_fd, p->q->content_type, e) < 0) {
		p->is_broken = true;
		return -1;
	}
	if (look(p, e) < 0)
		return -1;
	return read_items(p, e);
}

int
feed_parse(int body_fd, const struct feed_request *q, struct stream_writer *out)
{
	struct feed_page *p = xcalloc(1, sizeof(*p));
	struct err e = {0};
	int code = EX_OK;

	init(p, q, out);
	if (parse(p, body_fd, &e) < 0) {
		code = EX_DATAERR;
		mend_utf8(e.text);
		p->facts.err_class = e.class;
		p->facts.err_text = arena_strdup(&p->arena, e.text);
	}
	if (p->is_broken)
		code = EX_IOERR;
	else {
		note_repairs(p);
		count_facts(&p->count, &p->facts);
		feed_ids_facts(&p->ids, &p->facts.feed);
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
