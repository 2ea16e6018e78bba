/* A page in hand: its stream is drained at once, whatever the database does,
 * so that no parser ever waits for it; see store/priv.h. */
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "store/stored.h"

enum {
	READ_BYTES = 256 * 1024,
	FACTS_SETS = 256,
	FACTS_FORMATS = 64,
	FACTS_BYTES = 120 * 1024, /* what fits into a message with its head */
	BIG_PART_RECORDS = 5000
};
#define BIG_PART_BYTES (8 * MIB)

static void on_readable(evutil_socket_t fd, short what, void *arg);

static const char *
text(struct page *p, const char *s)
{
	return s != NULL ? arena_strdup(&p->arena, s) : "";
}

static void *
bytes(struct page *p, const void *data, size_t n)
{
	return n > 0 ? memcpy(arena_alloc(&p->arena, n), data, n) : NULL;
}

/* --- what the stream says --- */
/* Of the item behind the last one.  Mostly all records of a page stand in the
 * same context, and what stood around stored records stays what it was. */
static const char *
context_of(struct page *p, const struct record_head *h)
{
	const char *text = p->stored != NULL	? p->stored->page.context
			   : h->context != NULL ? h->context
						: "";

	if (p->item_count > 0 && (p->stored != NULL || h->has_same_context))
		return p->items[p->item_count - 1].context;
	return arena_strdup(&p->arena, text);
}

static int
on_record(void *arg, const struct record_head *h, struct err *e)
{
	struct page *p = arg;
	struct item *i;

	if (h->is_known && p->run->known_bytes == 0)
		return err_set(e, ERR_PROTO, 0,
		    "a record is said to be known, but nobody said what is");
	GROW(p->items, p->item_cap, p->item_count + 1);
	i = &p->items[p->item_count];
	memset(i, 0, sizeof(*i));
	i->identifier = text(p, h->identifier);
	i->datestamp = text(p, h->datestamp);
	i->sets = text(p, h->sets);
	i->context = context_of(p, h);
	i->deleted = h->deleted;
	i->header_only = h->header_only;
	i->is_known = h->is_known;
	i->filtered = h->filtered;
	i->offset = h->offset;
	i->length = h->length;
	memcpy(i->digest, h->digest, DIGEST_BYTES);
	i->element = bytes(p, h->element, h->element_len);
	i->element_len = h->element_len;
	i->doc = bytes(p, h->doc, h->doc_len);
	i->doc_len = h->doc_len;
	if (p->stored != NULL && stored_find(&p->stored->page, h->offset,
				     h->length, &i->stored, e) < 0)
		return -1;
	if (h->element_len > 0)
		p->unclean = true;
	p->item_count++;
	if (!h->is_known)
		p->item_bytes += h->length + h->element_len + h->doc_len;
	return 0;
}

static int
on_reject(void *arg, const struct reject *r, struct err *e)
{
	struct page *p = arg;
	struct reject_item *i;
	uint32_t index;

	if (p->stored != NULL &&
	    stored_find(&p->stored->page, r->offset, r->length, &index, e) < 0)
		return -1;
	GROW(p->rejects, p->reject_cap, p->reject_count + 1);
	i = &p->rejects[p->reject_count++];
	i->identifier = r->identifier != NULL ? text(p, r->identifier) : NULL;
	i->reason = r->reason != NULL ? text(p, r->reason) : "unknown reason";
	i->offset = r->offset;
	i->length = r->length;
	/* As much of it will be written. */
	p->item_bytes += r->length < LIMIT_REJECT_RAW_BYTES
			     ? (size_t)r->length
			     : LIMIT_REJECT_RAW_BYTES;
	return 0;
}

/* What cannot even be handed to a parser. */
static void
reject_outside(struct page *p)
{
	const struct stored_page *st = &p->stored->page;

	for (size_t i = 0; i < st->outside_count; i++) {
		struct reject_item *r;

		GROW(p->rejects, p->reject_cap, p->reject_count + 1);
		r = &p->rejects[p->reject_count++];
		*r = (struct reject_item){
		    .identifier = st->outside[i].identifier,
		    .reason = st->outside[i].why};
	}
}

/* The facts again from what was decoded and checked, cut to fit a message. */
static int
on_page(void *arg, const struct page_facts *f, struct err *e)
{
	struct page *p = arg;
	struct page_facts cut = *f;

	if (p->stored != NULL && f->err_class == ERR_NONE &&
	    stored_check(&p->stored->page, e) < 0)
		return -1;
	if (p->stored != NULL)
		reject_outside(p);
	if (cut.sets.count > FACTS_SETS)
		cut.sets.count = FACTS_SETS;
	if (cut.formats.count > FACTS_FORMATS)
		cut.formats.count = FACTS_FORMATS;
	for (;;) {
		buf_clear(&p->facts);
		if (facts_encode(&p->facts, &cut) < 0)
			buf_clear(&p->facts);
		if (p->facts.len > 0 && p->facts.len <= FACTS_BYTES)
			break;
		if (cut.sets.count + cut.formats.count + cut.warnings.count ==
		    0)
			return err_set(e, ERR_LIMIT, 0,
			    "the page's facts are larger than a message");
		cut.sets.count /= 2;
		cut.formats.count /= 2;
		cut.warnings.count /= 2;
	}
	if (f->format != NULL) {
		free(p->format);
		p->format = xstrdup(f->format);
	}
	return 0;
}

static const struct stream_ops stream_ops = {on_record, on_reject, on_page};

static void
send_facts(struct page *p)
{
	struct msg m = {.type = MSG_PAGE_FACTS};

	p->state = PAGE_STREAMED;
	m.page_facts_msg.page = p->id;
	m.page_facts_msg.facts = (struct blob){p->facts.data, p->facts.len};
	store_send(p->store, &m);
	buf_release(&p->facts);
	if (p->big)
		big_streamed(p);
}

static void
end_stream(struct page *p)
{
	event_free(p->readable);
	p->readable = NULL;
	close(p->stream_fd);
	p->stream_fd = -1;
	stream_reader_free(p->reader);
	p->reader = NULL;
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	static char chunk[READ_BYTES];
	struct page *p = arg;
	struct err e;
	ssize_t n = read(fd, chunk, sizeof(chunk));

	(void)what;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0)
		err_sys(&e, "reading the record stream");
	if (n < 0 ||
	    (n > 0 && stream_reader_push(p->reader, chunk, (size_t)n, &e)) ||
	    (n == 0 && stream_reader_end(p->reader, &e))) {
		page_fail(p, &e, false);
		return;
	}
	if (n == 0) {
		end_stream(p);
		send_facts(p);
		return;
	}
	if (p->big && (p->item_count + p->reject_count >= BIG_PART_RECORDS ||
			  p->item_bytes >= BIG_PART_BYTES))
		big_filled(p);
}

void
page_read(struct page *p)
{
	if (p->readable != NULL)
		event_add(p->readable, NULL);
}

void
page_stop(struct page *p)
{
	if (p->readable != NULL)
		event_del(p->readable);
}

/* --- life --- */
/* Keeps a run's pages in the order of their numbers. */
static void
enlist(struct page *p)
{
	struct page *at;

	TAILQ_FOREACH_REVERSE(at, &p->run->pages, run_pages, of_run)
	{
		if (at->page_no < p->page_no)
			break;
	}
	if (at != NULL)
		TAILQ_INSERT_AFTER(&p->run->pages, at, p, of_run);
	else
		TAILQ_INSERT_HEAD(&p->run->pages, p, of_run);
}

/* The first page of a list names it in its URL. */
static char *
asked_format(const char *url)
{
	static const char argument[] = "metadataPrefix=";
	const char *at = strstr(url, argument);

	if (at == NULL)
		return NULL;
	at += sizeof(argument) - 1;
	return xstrndup(at, strcspn(at, "&#%"));
}

static char *
copy_or_null(const char *s)
{
	return *s != '\0' ? xstrdup(s) : NULL;
}

void
page_on_open(
    struct store *s, const struct msg_page_open *m, int *fds, size_t nfds)
{
	struct run *r = run_find(s, m->run_id);
	struct page *p;

	HASH_FIND(hh, s->pages, &m->page, sizeof(m->page), p);
	if (p != NULL || r == NULL || r->epoch != m->epoch || nfds < 2) {
		store_say_failed(s, m->page, m->run_id, ERR_DB,
		    r == NULL ? "the run is not open here"
			      : "the run was opened again since",
		    true);
		return;
	}
	p = xcalloc(1, sizeof(*p));
	p->store = s;
	p->run = r;
	p->id = m->page;
	p->epoch = m->epoch;
	p->page_no = m->page_no;
	p->verb = xstrdup(m->verb);
	p->url = xstrdup(m->url);
	p->wanted = copy_or_null(m->wanted);
	p->dated = m->dated;
	p->status = m->status;
	p->body_bytes = m->body_bytes;
	p->wire_bytes = m->wire_bytes;
	p->requests = m->requests;
	p->retries = m->retries;
	p->fetched_at = m->fetched_at;
	if (m->body_hash.len == sizeof(p->hash))
		memcpy(p->hash, m->body_hash.data, sizeof(p->hash));
	p->has_rules = m->rules.len == sizeof(p->rules);
	if (p->has_rules)
		memcpy(p->rules, m->rules.data, sizeof(p->rules));
	p->stored = stored_take(r, m->page);
	p->stream_fd = fds[0];
	p->body_fd = fds[1];
	fds[0] = fds[1] = -1;
	fcntl(p->stream_fd, F_SETFL, O_NONBLOCK);
	p->big = m->body_bytes > LIMIT_BIG_PAGE && p->stored == NULL;
	arena_init(&p->arena, 0);
	buf_init(&p->facts, LIMIT_MESSAGE_BYTES);
	p->reader = stream_reader_new(
	    &stream_ops, p, 4 * m->body_bytes + MIB, m->body_bytes);
	p->readable = event_new(
	    s->base, p->stream_fd, EV_READ | EV_PERSIST, on_readable, p);
	HASH_ADD(hh, s->pages, id, sizeof(p->id), p);
	enlist(p);
	/* A big one is read when the connection for it is free. */
	if (p->big && r->format == NULL)
		p->format = asked_format(p->url);
	if (p->big)
		big_kick(s);
	else
		page_read(p);
}

static struct page *
find(struct store *s, uint64_t id)
{
	struct page *p;

	HASH_FIND(hh, s->pages, &id, sizeof(id), p);
	return p;
}

void
page_on_commit(struct store *s, const struct msg_page_commit *m)
{
	struct page *p = find(s, m->page);
	struct err e;

	if (p == NULL)
		return; /* it failed meanwhile, and PAGE_FAILED is on its way */
	if (p->state != PAGE_STREAMED) {
		err_set(&e, ERR_PROTO, 0,
		    "the page was to be stored before its stream ended");
		page_fail(p, &e, true);
		return;
	}
	p->state = PAGE_READY;
	p->after = xstrdup(m->state);
	p->advertised = m->advertised;
	if (p->big)
		big_committed(p);
	else
		run_check_ready(s, p->run);
	store_kick(s);
}

void
page_on_abort(struct store *s, const struct msg_page_abort *m)
{
	struct page *p = find(s, m->page);

	if (p == NULL)
		stored_forget(s, m->page);
	/* One that is being written is what PAGE_COMMIT made of it. */
	if (p == NULL || (p->state == PAGE_WRITING && !p->big))
		return;
	if (p->big)
		big_abort(p);
	page_free(p);
	store_kick(s);
}

void
page_fail(struct page *p, const struct err *why, bool reopen)
{
	struct store *s = p->store;

	store_say_failed(s, p->id, p->run->id, why->class, why->text, reopen);
	if (p->big)
		big_abort(p);
	page_free(p);
	store_kick(s);
}

void
page_done(struct page *p, bool held)
{
	struct msg m = {.type = MSG_PAGE_DONE};
	const struct page_counts *c = &p->counts;

	m.page_done = (struct msg_page_done){
	    .page = p->id,
	    .run_id = p->run->id,
	    .added = c->added,
	    .changed = c->changed,
	    .touched = c->touched,
	    .unchanged = c->unchanged,
	    .deleted = c->deleted,
	    .rejected = c->rejected,
	    .wanted = c->wanted,
	    .filtered = c->filtered,
	    .filtered_before = c->still,
	    .held = held,
	};
	store_send(p->store, &m);
	if (p->stored == NULL)
		known_consider(p);
	if (p->format != NULL) {
		free(p->run->format);
		p->run->format = p->format;
		p->format = NULL;
	}
	page_free(p);
}

void
page_clear_items(struct page *p)
{
	arena_clear(&p->arena);
	p->item_count = p->reject_count = 0;
	p->item_bytes = 0;
}

void
page_free(struct page *p)
{
	struct store *s = p->store;

	HASH_DELETE(hh, s->pages, p);
	TAILQ_REMOVE(&p->run->pages, p, of_run);
	if (p->reader != NULL)
		end_stream(p);
	close(p->body_fd);
	free(p->verb);
	free(p->url);
	free(p->wanted);
	free(p->format);
	free(p->after);
	free(p->items);
	free(p->rejects);
	free(p->record_ids);
	buf_release(&p->facts);
	arena_release(&p->arena);
	stored_free(p->stored);
	run_check_ready(s, p->run);
	free(p);
}

/* --- what others ask --- */
void
page_add_id(struct page *p, int64_t record_id)
{
	GROW(p->record_ids, p->id_cap, p->id_count + 1);
	p->record_ids[p->id_count++] = record_id;
}

/* Only the trailer names it, and parts of a big page are written before: then
 * it is what was asked for, or that of the page before, for a run has one. */
const char *
page_format(const struct page *p)
{
	return p->format != NULL ? p->format : p->run->format;
}

int
page_body(
    const struct page *p, void *buf, uint64_t offset, size_t n, struct err *e)
{
	char *at = buf;

	while (n > 0) {
		ssize_t got = pread(p->body_fd, at, n, (off_t)offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_sys(e, "reading the page's body");
		if (got == 0)
			return err_set(e, ERR_SYSTEM, 0,
			    "the page's body is shorter than was said");
		at += got;
		offset += (uint64_t)got;
		n -= (size_t)got;
	}
	return 0;
}
