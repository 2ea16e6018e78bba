/*
 * Transfers: when a page may be asked for, asking, and what came.
 *
 * Room is kept in bytes: a page holds a guess while it is under way and its
 * body's size from then on, until it is done.  A body on file, or one that is
 * parsed alone, holds no more than LIMIT_BODY_MEMORY.
 */
#include "bin/sheafd_transfers.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <event2/event.h>

#include "base/alloc.h"
#include "base/body.h"
#include "base/date.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/url.h"
#include "config/credentials.h"
#include "bin/sheafd_pages.h"
#include "bin/sheafd_roles.h"
#include "bin/sheafd_runs.h"
#include "sched/backoff.h"

enum { GUESS_BYTES = 256 * 1024 };
/* More than any transfer brings; it fits the database's numbers. */
#define WIRE_BYTES_MOST ((uint64_t)1 << 48)

struct transfers {
	struct hosts *hosts;
	struct event *timer;
	size_t held; /* bytes of room */
	unsigned running; /* pages in stage FETCHING */
	bool pumping;
};

static void
on_wake(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	transfers_pump(arg);
}

static void
say_limits(struct daemon *d)
{
	for (size_t i = 0; i < d->config->source_count; i++) {
		const struct conf_source *c = &d->config->sources[i];
		if (c->enabled && c->protocol != PROTOCOL_NONE)
			hosts_limit(d->transfers->hosts, c->host,
			    c->concurrency, c->delay_ms);
	}
}

void
transfers_init(struct daemon *d)
{
	struct transfers *t = xcalloc(1, sizeof(*t));

	d->transfers = t;
	t->hosts = hosts_new(d->config->max_transfers);
	t->timer = event_new(d->base, -1, 0, on_wake, d);
	BUG_ON(t->timer == NULL);
	say_limits(d);
}

void
transfers_free(struct daemon *d)
{
	hosts_free(d->transfers->hosts);
	event_free(d->transfers->timer);
	free(d->transfers);
	d->transfers = NULL;
}

void
transfers_reload(struct daemon *d)
{
	hosts_forget_limits(d->transfers->hosts);
	say_limits(d);
}

void
transfers_hold(struct page *p, uint64_t bytes)
{
	struct transfers *t = p->run->d->transfers;
	size_t held =
	    bytes < LIMIT_BODY_MEMORY ? (size_t)bytes : LIMIT_BODY_MEMORY;

	t->held -= p->reserved;
	p->reserved = held;
	t->held += held;
}

void
transfers_release(struct page *p)
{
	if (p->reserved > 0)
		transfers_hold(p, 0);
}

void
transfers_add(struct page *p, int64_t wait_ms)
{
	struct daemon *d = p->run->d;

	BUG_ON(p->stage != PAGE_WAITING);
	hosts_add(d->transfers->hosts, p->run->conf->host, &p->job,
	    date_monotonic_ms() + wait_ms);
	transfers_pump(d);
}

void
transfers_drop(struct page *p)
{
	struct daemon *d = p->run->d;

	hosts_done(d->transfers->hosts, &p->job, date_monotonic_ms());
	if (p->stage == PAGE_FETCHING) {
		struct msg m = {.type = MSG_FETCH_CANCEL};
		m.fetch_cancel.job = p->id;
		roles_send(d, ROLE_FETCH, &m, NULL, 0);
		d->transfers->running--;
	}
	transfers_release(p);
}

/* What a feed or a web page leads to may be anybody's: the source's credentials
 * go to its own origin only, as sheaf-fetch does with redirects. */
static bool
is_own_origin(struct page *p)
{
	struct err e = {0};
	struct url u;

	return url_parse(&u, &p->arena, p->url, &e) == 0 &&
	       strcmp(url_authority(&p->arena, &u), p->run->conf->host) == 0;
}

static void
fill_start(struct msg_fetch_start *f, const struct page *p, bool own)
{
	const struct conf_source *c = p->run->conf;

	f->job = p->id;
	f->source = c->name;
	f->url = p->url;
	f->allow_private = c->allow_private;
	f->connect_ms = (uint32_t)c->connect_timeout_ms;
	f->stall_ms = (uint32_t)c->stall_timeout_ms;
	f->total_ms = (uint32_t)c->timeout_ms;
	f->max_body = c->max_body;
	f->headers = own ? c->headers : "";
	f->etag = p->etag;
	f->last_modified = p->last_modified;
	f->proxy = c->proxy;
	f->user = own ? c->user : "";
	f->ua_suffix = c->user_agent_suffix;
}

/* The transfer ended, well or not, and the driver says what it thinks. */
static void
transfer_ended(struct page *p, const struct harvest_fetched *f)
{
	struct run *r = p->run;
	enum harvest_verdict verdict;

	r->requests++;
	verdict = harvest_fetched(r->driver, f, &r->last);
	if (verdict == HARVEST_PARSE) {
		err_clear(&r->last);
		pages_add(p);
		return;
	}
	if (verdict == HARVEST_DROP)
		err_clear(&r->last);
	else
		r->retries++;
	page_drop(p, ERR_NONE, "its transfer is over");
	run_step(r);
}

/* It could not even be asked for. */
static void
transfer_refused(struct page *p, const struct err *e)
{
	struct daemon *d = p->run->d;
	struct harvest_fetched f = {.page_no = p->page_no,
	    .err_class = e->class,
	    .err_text = e->text,
	    .retry_after = "",
	    .etag = "",
	    .last_modified = "",
	    .cache_control = "",
	    .expires = "",
	    .moved_url = "",
	    .body_hash = p->body_hash,
	    .now_us = date_now_us()};

	hosts_done(d->transfers->hosts, &p->job, date_monotonic_ms());
	transfers_release(p);
	transfer_ended(p, &f);
}

/* What came is said to the driver, and the next may go. */
static void
transfer_came(struct page *p, struct harvest_fetched *f)
{
	f->page_no = p->page_no;
	f->body_bytes = p->body_bytes;
	f->body_hash = p->body_hash;
	f->now_us = p->fetched_at_us;
	transfers_hold(p, p->body_bytes);
	p->run->body_bytes = p->body_bytes;
	transfer_ended(p, f);
}

/* A file of the operator's: sheaf-fetch may open none, and need not see it. */
static void
read_file(struct page *p)
{
	struct daemon *d = p->run->d;
	const struct conf_source *c = p->run->conf;
	struct harvest_fetched f = {.status = 200,
	    .retry_after = "",
	    .etag = "",
	    .last_modified = "",
	    .cache_control = "",
	    .expires = "",
	    .moved_url = ""};
	char *spool = xasprintf("%s/spool", d->config->state_dir);
	struct err e = {0};
	int rc = body_of_file(c->file, spool, c->max_body, &p->body_fd,
	    &p->body_bytes, p->body_hash, &e);

	free(spool);
	if (rc != 0) {
		transfer_refused(p, &e);
		return;
	}
	hosts_done(d->transfers->hosts, &p->job, date_monotonic_ms());
	p->stage = PAGE_FETCHED;
	p->status = f.status;
	p->fetched_at_us = date_now_us();
	transfer_came(p, &f);
}

static void
transfer_start(struct page *p)
{
	struct daemon *d = p->run->d;
	struct msg m = {.type = MSG_FETCH_START};
	struct credentials secrets = {0};
	struct err e = {0};
	bool own = is_own_origin(p);

	if (p->run->role_losses >= ROLE_LOSSES) {
		err_set(&e, ERR_SYSTEM, 0,
		    "sheaf-fetch or sheaf-parse has ended %u times in a row "
		    "with a page of this source in hand",
		    p->run->role_losses);
		transfer_refused(p, &e);
		return;
	}
	if (p->run->conf->file[0] != '\0') {
		read_file(p);
		return;
	}
	if (own && credentials_open(&secrets, p->run->conf, &e) != 0) {
		transfer_refused(p, &e);
		return;
	}
	fill_start(&m.fetch_start, p, own);
	m.fetch_start.fds = secrets.bits;
	transfers_hold(
	    p, p->run->body_bytes > 0 ? p->run->body_bytes : GUESS_BYTES);
	p->stage = PAGE_FETCHING;
	/* It may ask twice, in another version of HTTP. */
	p->overdue_ms =
	    date_monotonic_ms() + 2 * p->run->conf->timeout_ms + PAGE_GRACE_MS;
	d->transfers->running++;
	/* When sheaf-fetch is not there, transfers_lost comes. */
	roles_send(d, ROLE_FETCH, &m, secrets.fds, secrets.count);
	credentials_close(&secrets);
}

bool
transfers_have_room(const struct daemon *d)
{
	return d->transfers->held < LIMIT_IN_FLIGHT;
}

static bool
has_room(const struct daemon *d)
{
	return roles_alive(d, ROLE_FETCH) && transfers_have_room(d);
}

void
transfers_pump(struct daemon *d)
{
	struct transfers *t = d->transfers;
	int64_t now = date_monotonic_ms(), at;
	struct host_job *job;

	/* A refused transfer comes back here through the driver. */
	if (t->pumping)
		return;
	t->pumping = true;
	while (has_room(d) && (job = hosts_next(t->hosts, now)) != NULL)
		transfer_start(
		    (struct page *)(void *)((char *)job -
					    offsetof(struct page, job)));
	t->pumping = false;
	at = has_room(d) ? hosts_wake_ms(t->hosts) : INT64_MAX;
	if (at == INT64_MAX) {
		event_del(t->timer);
		return;
	}
	int64_t wait = at > now ? at - now : 0;
	struct timeval tv = {wait / 1000, (wait % 1000) * 1000};
	event_add(t->timer, &tv);
}

static bool
is_fetching(const struct page *p)
{
	return p->stage == PAGE_FETCHING && !p->is_stored;
}

void
transfers_lost(struct daemon *d)
{
	runs_role_lost(d, is_fetching, "sheaf-fetch has ended");
}

/* Retry-After is for the whole host, whoever asked. */
static void
heed_retry_after(struct page *p, const struct msg_fetch_done *m, int64_t now_ms)
{
	const struct conf_source *c = p->run->conf;
	int64_t wait;

	if (m->status != 429 && m->status != 503)
		return;
	wait = backoff_retry_after_bounded(m->retry_after, date_now_us(),
	    c->retry_after_min_ms, c->retry_after_max_ms);
	if (wait > 0)
		hosts_block(
		    p->run->d->transfers->hosts, c->host, now_ms + wait);
}

/* Takes the body over.  What sheaf-fetch says of it decides how much memory
 * others set aside, and it reads strangers: a body that is none, or not as
 * long as was said, makes the transfer fail. */
static void
take_body(struct page *p, const struct msg_fetch_done *m, int *fds, size_t nfds,
    struct harvest_fetched *f)
{
	bool is_wrong =
	    m->wire_bytes > WIRE_BYTES_MOST || m->err_class >= ERR_CLASS_COUNT;
	struct stat st;

	if (nfds > 0 && (fstat(fds[0], &st) != 0 || !S_ISREG(st.st_mode) ||
			    (uint64_t)st.st_size != m->body_bytes))
		is_wrong = true;
	if (is_wrong) {
		f->err_class = ERR_SYSTEM;
		f->err_text = "sheaf-fetch handed over a body that is not what "
			      "it said";
		return;
	}
	f->err_class = (enum err_class)m->err_class;
	f->err_text = m->err_text;
	p->run->wire_bytes += m->wire_bytes;
	if (nfds == 0)
		return;
	p->body_fd = fds[0];
	fds[0] = -1;
	p->body_bytes = m->body_bytes;
}

void
transfers_on_done(
    struct daemon *d, const struct msg_fetch_done *m, int *fds, size_t nfds)
{
	struct page *p = pages_find(d, m->job);
	int64_t now_ms = date_monotonic_ms();

	/* Cancelled ones are not ours any more. */
	if (p == NULL || p->stage != PAGE_FETCHING)
		return;
	d->transfers->running--;
	heed_retry_after(p, m, now_ms);
	hosts_done(d->transfers->hosts, &p->job, now_ms);
	p->stage = PAGE_FETCHED;
	p->status = m->status;
	p->content_type = arena_strdup(&p->arena, m->content_type);
	p->came_from = arena_strdup(&p->arena, m->effective_url);
	p->fetched_at_us = date_now_us();
	if (m->body_hash.len == HASH128_BYTES)
		memcpy(p->body_hash, m->body_hash.data, HASH128_BYTES);
	struct harvest_fetched f = {.status = m->status,
	    .retry_after = m->retry_after,
	    .etag = m->etag,
	    .last_modified = m->last_modified,
	    .cache_control = m->cache_control,
	    .expires = m->expires,
	    .moved_url = m->moved_url};
	take_body(p, m, fds, nfds, &f);
	transfer_came(p, &f);
	transfers_pump(d);
}
