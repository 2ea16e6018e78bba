/*
 * The page pipeline, from a fetched body to the commit.
 *
 * Not here: asking for it (sheafd_transfers.c), and what is asked for next
 * (sheafd_steps.c).
 */
#include "bin/sheafd_pages.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <utlist.h>

#include "base/alloc.h"
#include "base/date.h"
#include "base/limits.h"
#include "base/log.h"
#include "bin/made_by.h"
#include "bin/sheafd_roles.h"
#include "bin/sheafd_runs.h"
#include "bin/sheafd_stored.h"
#include "bin/sheafd_transfers.h"

/* A larger pipe lets a parser finish without waiting for store. */
enum { PIPE_BYTES = 1 << 20, PIPE_SMALL_BYTES = 48 * 1024 };

struct pages {
	struct page *by_id;
	struct page *waiting, *waiting_big; /* stage FETCHED, oldest first */
	unsigned parsers; /* PARSE_PAGE without PARSE_EXIT */
	unsigned in_hand;
	bool big_in_hand;
	uint64_t last_id;
};

void
pages_init(struct daemon *d)
{
	d->pages = xcalloc(1, sizeof(*d->pages));
	/* Ids are not used again by the next daemon's first pages, so that a
	 * late message of a role that outlived us means nothing. */
	d->pages->last_id = (uint64_t)date_now_us();
}

void
pages_free(struct daemon *d)
{
	free(d->pages);
	d->pages = NULL;
}

unsigned
pages_in_hand(const struct daemon *d)
{
	return d->pages->in_hand;
}

struct page *
pages_find(struct daemon *d, uint64_t id)
{
	struct page *p;

	HASH_FIND(by_id, d->pages->by_id, &id, sizeof(id), p);
	return p;
}

struct page *
page_new(struct run *r, const struct harvest_request *req)
{
	struct page *p = xcalloc(1, sizeof(*p)), **end = &r->pages;
	struct daemon *d = r->d;

	p->run = r;
	p->id = ++d->pages->last_id;
	p->stage = PAGE_WAITING;
	p->body_fd = -1;
	arena_init(&p->arena, 0);
	p->page_no = req->page_no;
	p->verb = arena_strdup(&p->arena, req->verb);
	p->url = arena_strdup(&p->arena, req->url);
	p->format = arena_strdup(&p->arena, req->format);
	p->from = arena_strdup(&p->arena, req->from);
	p->until = arena_strdup(&p->arena, req->until);
	p->set = arena_strdup(&p->arena, req->set);
	p->wanted = arena_strdup(&p->arena, req->wanted);
	p->etag = arena_strdup(&p->arena, req->etag);
	p->last_modified = arena_strdup(&p->arena, req->last_modified);
	p->identity = arena_strdup(&p->arena, req->identity);
	p->content_type = p->came_from = p->protocol = "";
	while (*end != NULL)
		end = &(*end)->next;
	*end = p;
	HASH_ADD(by_id, d->pages->by_id, id, sizeof(p->id), p);
	return p;
}

/* Frees a page that no other part and no role holds. */
static void
page_free(struct page *p)
{
	struct daemon *d = p->run->d;

	transfers_release(p);
	if (p->in_hand)
		d->pages->in_hand--;
	if (p->big && p->stage >= PAGE_PARSING)
		d->pages->big_in_hand = false;
	run_drop_page(p->run, p);
	HASH_DELETE(by_id, d->pages->by_id, p);
	if (p->body_fd >= 0)
		close(p->body_fd);
	arena_release(&p->arena);
	free(p);
}

static void
store_abort(struct page *p, enum err_class class, const char *why)
{
	struct msg m = {.type = MSG_PAGE_ABORT};

	if (!p->open_at_store)
		return;
	p->open_at_store = false;
	m.page_abort.page = p->id;
	m.page_abort.err_class = class;
	m.page_abort.text = why;
	roles_send(p->run->d, ROLE_STORE, &m, NULL, 0);
	/* What was said with PAGE_OPEN is said again with the next one. */
	p->run->requests += p->requests;
	p->run->retries += p->retries;
	p->run->wire_bytes += p->wire_bytes;
}

static struct page **
waiting_list(struct page *p)
{
	struct pages *t = p->run->d->pages;

	return p->big ? &t->waiting_big : &t->waiting;
}

void
pages_parser_free(struct page *p)
{
	p->open_at_parser = false;
	p->run->d->pages->parsers--;
}

void
pages_no_more(struct run *r)
{
	struct msg m = {.type = MSG_PARSE_FORGET, .parse_forget = {r->id}};

	if (r->has_parsers)
		roles_send(r->d, ROLE_PARSE, &m, NULL, 0);
	r->has_parsers = false;
}

void
page_drop(struct page *p, enum err_class class, const char *why)
{
	struct daemon *d = p->run->d;

	if (p->is_stored && p->stage <= PAGE_FETCHED)
		stored_drop(p);
	else if (p->stage <= PAGE_FETCHING)
		transfers_drop(p);
	if (p->queued)
		CDL_DELETE2(*waiting_list(p), p, queue_prev, queue_next);
	if (p->open_at_parser) {
		struct msg m = {.type = MSG_PARSE_KILL};
		m.parse_kill.page = p->id;
		roles_send(d, ROLE_PARSE, &m, NULL, 0);
		pages_parser_free(p);
	}
	store_abort(p, class, why);
	page_free(p);
	pages_pump(d);
	transfers_pump(d);
	stored_pump(d);
}

void
pages_add(struct page *p)
{
	BUG_ON(p->stage != PAGE_FETCHED);
	p->big = p->body_bytes > LIMIT_BIG_PAGE;
	p->in_hand = p->queued = true;
	p->run->d->pages->in_hand++;
	CDL_APPEND2(*waiting_list(p), p, queue_prev, queue_next);
	pages_pump(p->run->d);
}

/* What was asked for since the run's last page goes with this one. */
static void
tell_store(struct page *p, int stream)
{
	struct run *r = p->run;
	struct msg m = {.type = MSG_PAGE_OPEN};
	struct msg_page_open *o = &m.page_open;
	uint8_t rules[HASH128_BYTES];

	p->requests = r->requests;
	p->retries = r->retries;
	p->wire_bytes = r->wire_bytes;
	r->requests = r->retries = 0;
	r->wire_bytes = 0;
	o->page = p->id;
	o->run_id = r->id;
	o->epoch = r->epoch;
	o->page_no = p->page_no;
	o->verb = p->verb;
	o->url = p->url;
	o->content_type = p->content_type;
	o->status = p->status;
	o->body_bytes = p->body_bytes;
	o->body_hash = (struct blob){p->body_hash, HASH128_BYTES};
	o->fetched_at = p->fetched_at_us;
	o->requests = p->requests;
	o->retries = p->retries;
	o->wire_bytes = p->wire_bytes;
	o->wanted = p->wanted;
	o->dated = r->conf->protocol == PROTOCOL_FEED; /* RFC 6721 */
	made_by(rules, r->d->rules, r->conf);
	o->rules = (struct blob){rules, sizeof(rules)};
	p->open_at_store = true;
	roles_send(r->d, ROLE_STORE, &m, (int[]){stream, p->body_fd}, 2);
}

static unsigned
deadline_ms(uint64_t body_bytes)
{
	uint64_t ms = 60 * 1000 + body_bytes / MIB * 1500;

	return ms < LIMIT_PARSE_WALL_MS ? (unsigned)ms : LIMIT_PARSE_WALL_MS;
}

static void
tell_parser(struct page *p, int stream)
{
	struct run *r = p->run;
	const struct conf_source *c = r->conf;
	struct msg m = {.type = MSG_PARSE_PAGE};
	struct msg_parse_page *q = &m.parse_page;

	q->page = p->id;
	/* A feed mostly has one page, and its parser need not wait. */
	q->run = protocol_is_polled(c->protocol) && !p->is_stored ? 0 : r->id;
	r->has_parsers |= q->run != 0;
	q->source = c->name;
	q->protocol = p->is_stored ? p->protocol : protocol_name(c->protocol);
	q->format = p->format;
	/* A feed's links are relative to where it was got from (RFC 3986
	 * 5.1.3). */
	q->base_url = c->file[0] != '\0' ? ""
		      : p->came_from[0] != '\0' &&
			      (p->is_stored || protocol_is_polled(c->protocol))
			  ? p->came_from
			  : c->url;
	q->identity = p->identity;
	q->content_type = p->content_type;
	q->kind = c->kind;
	q->licence = c->licence;
	q->crosswalk = c->crosswalk;
	/* What was stored was selected already. */
	q->keep = p->is_stored ? "" : c->keep;
	q->from = p->from;
	q->until = p->until;
	q->set = p->set;
	q->body_bytes = p->body_bytes;
	q->deadline_ms = deadline_ms(p->body_bytes);
	p->open_at_parser = true;
	p->overdue_ms = date_monotonic_ms() + q->deadline_ms + PAGE_GRACE_MS;
	r->d->pages->parsers++;
	roles_send(r->d, ROLE_PARSE, &m,
	    (int[]){p->body_fd, stream, r->known_fd}, r->known_fd >= 0 ? 3 : 2);
}

/* False when this machine has no descriptor left: the page waits. */
static bool
page_parse(struct page *p)
{
	struct daemon *d = p->run->d;
	int ends[2];

	if (p->body_fd < 0)
		p->body_fd = memfd_create("empty body", MFD_CLOEXEC);
	if (p->body_fd < 0 || pipe2(ends, O_CLOEXEC) != 0) {
		log_error(
		    NULL, "no descriptor for a page: %s", strerror(errno));
		return false;
	}
	if (p->body_bytes > PIPE_SMALL_BYTES)
		fcntl(ends[1], F_SETPIPE_SZ, PIPE_BYTES);
	CDL_DELETE2(*waiting_list(p), p, queue_prev, queue_next);
	p->queued = false;
	p->stage = PAGE_PARSING;
	if (p->big)
		d->pages->big_in_hand = true;
	tell_store(p, ends[0]);
	tell_parser(p, ends[1]);
	close(ends[0]);
	close(ends[1]);
	close(p->body_fd);
	p->body_fd = -1;
	return true;
}

void
pages_pump(struct daemon *d)
{
	struct pages *t = d->pages;

	while (t->parsers < d->config->parsers && roles_alive(d, ROLE_PARSE) &&
	       roles_store_ready(d)) {
		struct page *next = t->waiting;
		if (t->waiting_big != NULL && !t->big_in_hand)
			next = t->waiting_big;
		if (next == NULL || !page_parse(next))
			return;
	}
}

static bool
is_parsing(const struct page *p)
{
	return p->open_at_parser;
}

void
pages_lost(struct daemon *d)
{
	runs_role_lost(d, is_parsing, "sheaf-parse has ended");
}
