/* See fetch/fetch.h: the queue of requests, their deadlines, their reports. */
#include "fetch/fetch.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <utlist.h>

#include "base/alloc.h"
#include "base/date.h"
#include "base/limits.h"
#include "base/log.h"
#include "fetch/loop.h"
#include "fetch/transfer.h"

enum {
	TRANSFERS_DEFAULT = 64,
	POOL_MAX = 64, /* easy handles kept for the next request */
	TICK_MS = 200, /* how exact our deadlines are */
	STALL_BYTES = 64, /* less than this in stall_ms is a stall */
	CONNECTIONS_MIN = 32
};

struct fetch {
	struct event_base *base;
	struct loop *loop;
	struct event *tick; /* pending while something runs */
	fetch_done_fn *done;
	void *arg;
	char *user_agent, *spool_dir;
	unsigned max_running, running, pooled;
	struct transfer *by_job; /* hash */
	struct transfer *lists[TRANSFER_RUNNING + 1]; /* by state */
};

static void
move(struct fetch *f, struct transfer *t, enum transfer_state to)
{
	if (t->state == TRANSFER_RUNNING)
		f->running--;
	if (t->state == TRANSFER_IDLE)
		f->pooled--;
	DL_DELETE(f->lists[t->state], t);
	t->state = to;
	DL_APPEND(f->lists[to], t);
	if (to == TRANSFER_RUNNING)
		f->running++;
	if (to == TRANSFER_IDLE)
		f->pooled++;
}

/* A transfer for a new request, from the pool where there is one.  It waits:
 * nothing starts before the loop or start_waiting says so. */
static struct transfer *
take(struct fetch *f)
{
	struct transfer *t = f->lists[TRANSFER_IDLE];

	if (t == NULL) {
		t = transfer_new(f->spool_dir);
		t->state = TRANSFER_IDLE;
		DL_APPEND(f->lists[TRANSFER_IDLE], t);
		f->pooled++;
	}
	move(f, t, TRANSFER_WAITING);
	return t;
}

static void
give_back(struct fetch *f, struct transfer *t)
{
	transfer_clear(t);
	move(f, t, TRANSFER_IDLE);
	if (f->pooled > POOL_MAX) {
		DL_DELETE(f->lists[TRANSFER_IDLE], t);
		f->pooled--;
		transfer_free(t);
	}
}

static uint32_t
http_version(const struct transfer *t)
{
	long v = 0;

	curl_easy_getinfo(t->easy, CURLINFO_HTTP_VERSION, &v);
	switch (v) {
	case CURL_HTTP_VERSION_1_0:
		return 10;
	case CURL_HTTP_VERSION_1_1:
		return 11;
	case CURL_HTTP_VERSION_2_0:
		return 20;
	case CURL_HTTP_VERSION_3:
		return 30;
	default:
		return 0;
	}
}

static uint32_t
connect_ms(const struct transfer *t)
{
	curl_off_t tcp = 0, tls = 0;

	curl_easy_getinfo(t->easy, CURLINFO_CONNECT_TIME_T, &tcp);
	curl_easy_getinfo(t->easy, CURLINFO_APPCONNECT_TIME_T, &tls);
	return (uint32_t)((tls > tcp ? tls : tcp) / 1000);
}

static void
fill_report(const struct transfer *t, struct msg_fetch_done *m)
{
	const struct answer *a = &t->answer;

	m->job = t->job;
	m->status = a->status;
	m->effective_url = t->url;
	m->moved_url = t->moved_url;
	m->content_type = answer_get(a, ANSWER_CONTENT_TYPE);
	m->etag = answer_get(a, ANSWER_ETAG);
	m->last_modified = answer_get(a, ANSWER_LAST_MODIFIED);
	m->retry_after = answer_get(a, ANSWER_RETRY_AFTER);
	m->cache_control = answer_get(a, ANSWER_CACHE_CONTROL);
	m->expires = answer_get(a, ANSWER_EXPIRES);
	m->server = answer_get(a, ANSWER_SERVER);
	m->peer = t->peer;
	m->redirects = t->redirects;
	m->wire_bytes = t->wire_bytes;
	if (t->started_ms == 0)
		return;
	m->wire_bytes += transfer_hop_bytes(t);
	m->http_version = http_version(t);
	m->connect_ms = connect_ms(t);
	m->total_ms = (uint32_t)(date_monotonic_ms() - t->started_ms);
}

static void start_waiting(struct fetch *f);

/* The one end of every transfer, whose easy handle is out of the loop; e is
 * NULL when it went well. */
static void
finish(struct fetch *f, struct transfer *t, struct err *e)
{
	struct msg_fetch_done m;
	uint8_t hash[HASH128_BYTES];
	struct err sealing;
	int body = -1;

	memset(&m, 0, sizeof(m));
	fill_report(t, &m);
	if (e == NULL) {
		m.body_bytes = t->body.bytes;
		if (body_seal(&t->body, &body, hash, &sealing) != 0) {
			e = &sealing;
			m.body_bytes = 0;
		} else {
			m.body_hash = (struct blob){hash, sizeof(hash)};
		}
	}
	if (e != NULL) {
		answer_sanitise(e->text);
		m.err_class = e->class;
		m.err_code = (uint32_t)e->code;
		m.err_text = e->text;
	}
	log_debug(t->ask.source, "%u from %s: %llu bytes in %u ms%s%s",
	    m.status, t->host == NULL ? "nowhere" : t->host,
	    (unsigned long long)m.wire_bytes, m.total_ms, e == NULL ? "" : "; ",
	    e == NULL ? "" : e->text);
	HASH_DEL(f->by_job, t);
	f->done(f->arg, &m, body);
	give_back(f, t);
	start_waiting(f);
}

static void
start_hop(struct fetch *f, struct transfer *t)
{
	t->progress_ms = date_monotonic_ms();
	loop_add(f->loop, t->easy);
}

static void
start_waiting(struct fetch *f)
{
	static const struct timeval tick = {0, TICK_MS * 1000};
	struct transfer *t;

	while (f->running < f->max_running &&
	       (t = f->lists[TRANSFER_WAITING]) != NULL) {
		move(f, t, TRANSFER_RUNNING);
		t->started_ms = date_monotonic_ms();
		start_hop(f, t);
	}
	if (f->running > 0 && !evtimer_pending(f->tick, NULL))
		evtimer_add(f->tick, &tick);
}

static void
on_hop_done(void *arg, CURL *easy, CURLcode code)
{
	struct fetch *f = arg;
	struct transfer *t = NULL;
	struct err e;
	int rc;

	curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&t);
	if (code != CURLE_OK && !t->cut) {
		if (t->err.class == ERR_NONE && hop_plainer(t, code)) {
			start_hop(f, t);
			return;
		}
		explain(t, code, &e);
		finish(f, t, &e);
		return;
	}
	rc = hop_follow(t, &e);
	if (rc > 0)
		start_hop(f, t);
	else
		finish(f, t, rc < 0 ? &e : NULL);
}

/* Whether a deadline of ours is over.  Waiting for the connection is
 * libcurl's to bound (connect_ms): the stall begins after it. */
static bool
is_late(struct transfer *t, int64_t now, struct err *e)
{
	uint64_t bytes;

	if (t->ask.total_ms > 0 && now - t->started_ms >= t->ask.total_ms) {
		explain_total(t, e);
		return true;
	}
	bytes = transfer_hop_bytes(t);
	if (!t->asked || bytes >= t->progress_bytes + STALL_BYTES) {
		t->progress_ms = now;
		t->progress_bytes = bytes;
		return false;
	}
	if (t->ask.stall_ms == 0 || now - t->progress_ms < t->ask.stall_ms)
		return false;
	explain_stall(t, e);
	return true;
}

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct fetch *f = arg;
	struct transfer *t, *next;
	int64_t now = date_monotonic_ms();
	struct err e;

	(void)fd;
	(void)what;
	DL_FOREACH_SAFE (f->lists[TRANSFER_RUNNING], t, next) {
		if (!is_late(t, now, &e))
			continue;
		loop_remove(f->loop, t->easy);
		finish(f, t, &e);
	}
	start_waiting(f);
}

struct fetch *
fetch_new(
    struct event_base *base, fetch_done_fn *done, void *arg, struct err *e)
{
	struct fetch *f;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		err_set(e, ERR_SYSTEM, 0, "libcurl cannot be loaded");
		return NULL;
	}
	f = xcalloc(1, sizeof(*f));
	f->base = base;
	f->done = done;
	f->arg = arg;
	f->max_running = TRANSFERS_DEFAULT;
	f->user_agent = xstrdup("sheaf");
	f->spool_dir = xstrdup("/tmp");
	f->loop = loop_new(base, on_hop_done, f, e);
	f->tick = evtimer_new(base, on_tick, f);
	if (f->loop == NULL || f->tick == NULL) {
		fetch_free(f);
		return NULL;
	}
	return f;
}

void
fetch_free(struct fetch *f)
{
	struct transfer *t, *next;

	HASH_CLEAR(hh, f->by_job);
	for (size_t i = 0; i <= TRANSFER_RUNNING; i++) {
		DL_FOREACH_SAFE (f->lists[i], t, next) {
			if (t->state == TRANSFER_RUNNING)
				loop_remove(f->loop, t->easy);
			transfer_free(t);
		}
	}
	if (f->loop != NULL)
		loop_free(f->loop);
	if (f->tick != NULL)
		event_free(f->tick);
	free(f->user_agent);
	free(f->spool_dir);
	free(f);
	curl_global_cleanup();
}

void
fetch_setup(struct fetch *f, const struct msg_fetch_setup *m)
{
	struct transfer *t, *next;
	long keep;

	free(f->user_agent);
	f->user_agent = xstrdup(m->user_agent);
	if (m->max_transfers > 0)
		f->max_running = m->max_transfers;
	keep = (long)f->max_running * 2;
	loop_keep_connections(
	    f->loop, keep < CONNECTIONS_MIN ? CONNECTIONS_MIN : keep);
	if (m->spool_dir[0] == '\0' || strcmp(f->spool_dir, m->spool_dir) == 0)
		return;
	free(f->spool_dir);
	f->spool_dir = xstrdup(m->spool_dir);
	for (size_t i = 0; i <= TRANSFER_RUNNING; i++)
		DL_FOREACH_SAFE (f->lists[i], t, next)
			t->body.spool_dir = f->spool_dir;
}

void
fetch_start(struct fetch *f, const struct msg_fetch_start *m, const int *fds,
    size_t nfds)
{
	struct transfer *t;
	struct err e;

	HASH_FIND(hh, f->by_job, &m->job, sizeof(m->job), t);
	if (t != NULL) {
		log_error(m->source, "job %llu was asked for twice",
		    (unsigned long long)m->job);
		return;
	}
	t = take(f);
	t->job = m->job;
	HASH_ADD(hh, f->by_job, job, sizeof(t->job), t);
	if (transfer_begin(t, m, fds, nfds, f->user_agent, &e) != 0) {
		finish(f, t, &e);
		return;
	}
	start_waiting(f);
}

void
fetch_cancel(struct fetch *f, uint64_t job)
{
	struct transfer *t;
	struct err e;

	HASH_FIND(hh, f->by_job, &job, sizeof(job), t);
	if (t == NULL)
		return;
	if (t->state == TRANSFER_RUNNING)
		loop_remove(f->loop, t->easy);
	err_set(&e, ERR_CANCEL, 0, "the transfer was cancelled");
	finish(f, t, &e);
}
