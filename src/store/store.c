/* The messages, and the database's coming and going; see store/store.h. */
#include "store/store.h"

#include <event2/event.h>
#include <event2/util.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/date.h"
#include "base/log.h"
#include "store/stored.h"

enum { DRAIN_POLL_MS = 20 };

void
store_send(struct store *s, const struct msg *m)
{
	/* A dead channel ends this program by its own callback. */
	if (s->chan != NULL)
		chan_send(s->chan, m, NULL, 0);
}

void
store_say_failed(struct store *s, uint64_t page, uint64_t run_id,
    enum err_class class, const char *why, bool reopen)
{
	struct msg m = {.type = MSG_PAGE_FAILED};

	m.page_failed.page = page;
	m.page_failed.run_id = run_id;
	m.page_failed.err_class = class;
	m.page_failed.text = why;
	m.page_failed.reopen = reopen;
	store_send(s, &m);
}

unsigned
store_pace(int64_t *last)
{
	int64_t now = date_monotonic_ms();

	if (now < *last + PACE_MS)
		return (unsigned)(*last + PACE_MS - now);
	*last = now;
	return 0;
}

static void
on_kick(evutil_socket_t fd, short what, void *arg)
{
	struct store *s = arg;
	unsigned waits[3], least = 0;
	struct timeval tv = {0, 0};

	(void)fd;
	(void)what;
	if (s->db == NULL || !db_is_up(s->db))
		return;
	waits[0] = opens_kick(s);
	waits[1] = batches_kick(s);
	waits[2] = closes_kick(s);
	big_kick(s);
	for (size_t i = 0; i < 3; i++) {
		if (waits[i] > 0 && (least == 0 || waits[i] < least))
			least = waits[i];
	}
	tv.tv_usec = (suseconds_t)least * 1000;
	if (least > 0)
		event_add(s->kick, &tv);
}

void
store_kick(struct store *s)
{
	event_active(s->kick, 0, 0);
}

void *
request_new(struct store *s, size_t size)
{
	struct request *q = xcalloc(1, size);

	q->store = s;
	arena_init(&q->arena, 0);
	TAILQ_INSERT_TAIL(&s->requests, q, all);
	return q;
}

void
request_free(struct request *q)
{
	TAILQ_REMOVE(&q->store->requests, q, all);
	arena_release(&q->arena);
	free(q);
}

/* Everything in hand belonged to the connections that are gone. */
static void
forget_all(struct store *s)
{
	struct page *p, *next;
	struct request *q;

	batches_free(s);
	big_free(s);
	opens_free(s);
	closes_free(s);
	source_names_free(s);
	HASH_ITER (hh, s->pages, p, next)
		page_free(p);
	runs_free(s);
	s->number_count = 0;
	s->number_next = s->number_end = 0;
	while ((q = TAILQ_FIRST(&s->requests)) != NULL)
		request_free(q);
	if (s->sweeping)
		sweep_again(s);
}

static void
on_up(void *arg, int schema_version)
{
	struct store *s = arg;
	struct msg m = {.type = MSG_STORE_READY};
	uint64_t random;

	/* Another incarnation takes leases over from the one before, even
	 * within one process: what that one sent last may not have arrived. */
	evutil_secure_rng_get_bytes(&random, sizeof(random));
	snprintf(s->incarnation, sizeof(s->incarnation), "%016llx",
	    (unsigned long long)random);
	m.store_ready.schema_version = (uint32_t)schema_version;
	store_send(s, &m);
}

static void
on_down(void *arg, const struct err *why, uint32_t retry_ms)
{
	struct store *s = arg;
	struct msg m = {.type = MSG_STORE_DOWN};

	forget_all(s);
	m.store_down.text = why->text;
	m.store_down.retry_ms = retry_ms;
	store_send(s, &m);
}

static const struct db_ops db_ops = {on_up, on_down};

static void
on_setup(
    struct store *s, const struct msg_store_setup *m, int *fds, size_t nfds)
{
	struct db_options o = {
	    .connection = m->connection,
	    .user = m->user,
	    .statements = store_statements,
	    .statement_count = SQL_COUNT,
	    .conns = CONN_COUNT,
	    .async_mask = ~(1u << CONN_META),
	};
	char *password = NULL;

	if (s->db != NULL)
		return;
	s->node = xstrdup(m->node);
	s->run_days = m->run_days;
	s->page_days = m->page_days;
	s->change_days = m->change_days;
	s->history_days = m->history_days;
	s->lease_ms = m->lease_ms;
	if (m->has_password && nfds > 0)
		password = db_password_read(fds[0]);
	o.password = password;
	s->db = db_new(s->base, &o, &db_ops, s);
	db_password_forget(password);
	lease_timer_set(s);
	sweep_timer_set(s);
}

/* --- DRAIN --- */
static bool
is_drained(struct store *s)
{
	if (s->db == NULL || !db_is_up(s->db))
		return true;
	return TAILQ_EMPTY(&s->requests) && TAILQ_EMPTY(&s->opens) &&
	       TAILQ_EMPTY(&s->closes) && !batches_busy(s) && s->big == NULL &&
	       !s->sweeping;
}

static void
on_drain_timer(evutil_socket_t fd, short what, void *arg)
{
	struct store *s = arg;
	struct timeval tv = {0, DRAIN_POLL_MS * 1000};
	bool late = date_monotonic_ms() >= s->drain_until_ms;

	(void)fd;
	(void)what;
	if (!s->releasing && !late && is_drained(s)) {
		/* Who lives for one harvest only tidies up at its end. */
		if (!s->swept && s->db != NULL && db_is_up(s->db)) {
			sweep_now(s);
			event_add(s->drain_timer, &tv);
			return;
		}
		s->releasing = true;
		if (s->db != NULL && db_is_up(s->db))
			leases_release(s);
	}
	if (late || (s->releasing &&
			(!db_is_up(s->db) || db_idle(s->db, CONN_QUICK)))) {
		s->ended(s->ended_arg);
		return;
	}
	event_add(s->drain_timer, &tv);
}

static void
on_drain(struct store *s, const struct msg_drain *m)
{
	if (s->draining)
		return;
	s->draining = true;
	s->drain_until_ms = date_monotonic_ms() + m->within_ms;
	s->drain_timer = event_new(s->base, -1, 0, on_drain_timer, s);
	on_drain_timer(-1, 0, s);
}

/* --- messages --- */
/* Before STORE_SETUP nothing can be done, and sheafd knows. */
static bool
is_early(const struct store *s, enum msg_type type)
{
	return s->db == NULL && type != MSG_STORE_SETUP && type != MSG_DRAIN;
}

void
store_on_msg(struct store *s, const struct msg *m, int *fds, size_t nfds)
{
	if (is_early(s, m->type)) {
		log_warn(NULL, "%s came before STORE_SETUP",
		    msg_info(m->type)->name);
		return;
	}
	switch (m->type) {
	case MSG_STORE_SETUP:
		on_setup(s, &m->store_setup, fds, nfds);
		break;
	case MSG_AGENCY_SET:
		source_on_agency(s, &m->agency_set);
		break;
	case MSG_VOCABULARY_SET:
		if (nfds == 1)
			vocabulary_on_set(s, &m->vocabulary_set, fds[0]);
		break;
	case MSG_SOURCE_SET:
		source_on_set(s, &m->source_set);
		break;
	case MSG_SOURCES_END:
		source_on_end(s, &m->sources_end);
		break;
	case MSG_RUN_OPEN:
		run_on_open(s, &m->run_open);
		break;
	case MSG_PAGE_OPEN:
		page_on_open(s, &m->page_open, fds, nfds);
		break;
	case MSG_PAGE_COMMIT:
		page_on_commit(s, &m->page_commit);
		break;
	case MSG_PAGE_ABORT:
		page_on_abort(s, &m->page_abort);
		break;
	case MSG_STORED_ASK:
		stored_on_ask(s, &m->stored_ask);
		break;
	case MSG_WANT_LIST:
		run_on_want(s, &m->want_list);
		break;
	case MSG_RUN_REKEY:
		run_on_rekey(s, &m->run_rekey);
		break;
	case MSG_RUN_NOTE:
		run_on_note(s, &m->run_note);
		break;
	case MSG_RUN_CLOSE:
		run_on_close(s, &m->run_close);
		break;
	case MSG_SOURCE_ACT:
		source_on_act(s, &m->source_act);
		break;
	case MSG_DRAIN:
		on_drain(s, &m->drain);
		break;
	default: /* the channel lets nothing else through */
		BUG_ON(true);
	}
}

struct store *
store_new(struct event_base *base, void (*ended)(void *arg), void *arg)
{
	struct store *s = xcalloc(1, sizeof(*s));

	s->base = base;
	s->ended = ended;
	s->ended_arg = arg;
	s->kick = event_new(base, -1, 0, on_kick, s);
	TAILQ_INIT(&s->ready);
	TAILQ_INIT(&s->opens);
	TAILQ_INIT(&s->closes);
	TAILQ_INIT(&s->requests);
	return s;
}

void
store_set_chan(struct store *s, struct chan *c)
{
	s->chan = c;
}

void
store_free(struct store *s)
{
	if (s == NULL)
		return;
	s->chan = NULL;
	if (s->db != NULL) {
		s->sweeping = false;
		db_free(s->db);
		s->db = NULL;
		forget_all(s);
		event_free(s->lease_timer);
		event_free(s->sweep_timer);
	}
	if (s->drain_timer != NULL)
		event_free(s->drain_timer);
	event_free(s->kick);
	free(s->numbers);
	free(s->node);
	free(s);
}
