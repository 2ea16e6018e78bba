/* Open runs: leases, notes, wanted records.  What a run is stands in
 * the database; here is only what is needed while it is open. */
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "store/stored.h"

struct run *
run_find(struct store *s, uint64_t id)
{
	struct run *r;

	HASH_FIND(hh, s->runs, &id, sizeof(id), r);
	return r == NULL || r->gone ? NULL : r;
}

static void
run_free(struct store *s, struct run *r)
{
	if (r->is_ready)
		TAILQ_REMOVE(&s->ready, r, ready);
	HASH_DELETE(hh, s->runs, r);
	s->known_bytes -= r->known_bytes;
	stored_free_all(r);
	free(r->host);
	free(r->format);
	free(r);
}

void
run_forget(struct store *s, struct run *r)
{
	struct page *p, *next;

	r->gone = true;
	for (p = TAILQ_FIRST(&r->pages); p != NULL; p = next) {
		next = TAILQ_NEXT(p, of_run);
		if (p->state == PAGE_WRITING)
			continue;
		if (p->big)
			big_abort(p);
		page_free(p);
	}
	if (!r->busy)
		run_free(s, r);
}

void
run_unbusy(struct store *s, struct run *r)
{
	r->busy = false;
	if (r->gone) {
		run_forget(s, r);
		return;
	}
	run_check_ready(s, r);
}

void
run_check_ready(struct store *s, struct run *r)
{
	struct page *p = TAILQ_FIRST(&r->pages);
	bool ready = !r->busy && !r->gone && p != NULL &&
		     p->state == PAGE_READY && !p->big;

	if (ready == r->is_ready)
		return;
	r->is_ready = ready;
	if (ready)
		TAILQ_INSERT_TAIL(&s->ready, r, ready);
	else
		TAILQ_REMOVE(&s->ready, r, ready);
}

void
runs_free(struct store *s)
{
	struct run *r, *next;

	HASH_ITER (hh, s->runs, r, next) {
		r->busy = false;
		run_free(s, r);
	}
}

/* --- RUN_NOTE --- */
struct note_request {
	struct request base;
	uint64_t run_id;
};

static void
on_noted(void *arg, const struct db_error *e)
{
	struct note_request *q = arg;
	struct store *s = q->base.store;
	struct run *r = run_find(s, q->run_id);

	/* It may have been opened again in between. */
	if (r != NULL && r->notes > 0)
		r->notes--;
	request_free(&q->base);
	store_kick(s);
	if (e != NULL)
		log_warn(NULL, "a note on a run was lost: %s", e->err.text);
}

void
run_on_note(struct store *s, const struct msg_run_note *m)
{
	struct run *r = run_find(s, m->run_id);
	struct note_request *q;
	struct db_params p;

	if (r == NULL || !db_is_up(s->db))
		return;
	q = request_new(s, sizeof(*q));
	q->run_id = r->id;
	r->notes++;
	db_params_init(&p);
	db_put_i64(&p, (int64_t)r->id);
	db_put_i64(&p, (int64_t)r->epoch);
	db_put_text(&p, err_class_name((enum err_class)m->err_class));
	db_put_i32(&p, (int32_t)m->err_code);
	db_put_text(&p, m->text);
	db_put_i64(&p, m->requests);
	db_put_i64(&p, m->retries);
	db_put_i64(&p, (int64_t)m->wire_bytes);
	db_send(s->db, CONN_QUICK, SQL_RUN_NOTE, &p, NULL, NULL);
	db_sync(s->db, CONN_QUICK, on_noted, q);
}

/* --- WANT_LIST --- */
struct want_request {
	struct request base;
	uint64_t run_id;
};

static void
on_wanted(void *arg, const struct db_result *r)
{
	struct want_request *q = arg;
	struct msg m = {.type = MSG_WANTED};
	struct buf lines;

	buf_init(&lines, LIMIT_MESSAGE_BYTES - 1024);
	for (int i = 0; i < db_rows(r); i++) {
		const char *identifier = db_text(r, i, 0);

		/* What does not fit into a message is asked for again. */
		if (lines.len + strlen(identifier) + 1 > lines.max)
			break;
		buf_printf(
		    &lines, "%s%s", lines.len > 0 ? "\n" : "", identifier);
	}
	m.wanted.run_id = q->run_id;
	m.wanted.identifiers = buf_str(&lines);
	store_send(q->base.store, &m);
	buf_release(&lines);
}

static void
on_want_done(void *arg, const struct db_error *e)
{
	struct want_request *q = arg;
	struct store *s = q->base.store;
	struct err why;

	request_free(&q->base);
	/* The driver waits for an answer: the run is to be opened again. */
	if (e != NULL) {
		why = e->err;
		db_lose(s->db, &why);
	}
}

void
run_on_want(struct store *s, const struct msg_want_list *m)
{
	struct run *r = run_find(s, m->run_id);
	struct want_request *q;
	struct db_params p;

	if (r == NULL || !db_is_up(s->db))
		return;
	q = request_new(s, sizeof(*q));
	q->run_id = m->run_id;
	db_params_init(&p);
	db_put_i64(&p, (int64_t)m->run_id);
	db_put_i64(&p, m->count > 0 ? m->count : 100);
	db_put_text(&p, m->after);
	db_send(s->db, CONN_QUICK, SQL_WANTED, &p, on_wanted, q);
	db_sync(s->db, CONN_QUICK, on_want_done, q);
}

/* --- leases --- */
static bool
has_host(const struct db_result *r, const char *host)
{
	for (int i = 0; i < db_rows(r); i++) {
		if (!strcmp(db_text(r, i, 0), host))
			return true;
	}
	return false;
}

static void
on_renewed(void *arg, const struct db_result *res)
{
	struct store *s = arg;
	struct run *r, *next;

	HASH_ITER (hh, s->runs, r, next) {
		struct msg m = {.type = MSG_LEASE_LOST};

		/* asked: the run was there when the question was sent */
		if (!r->lease_asked || has_host(res, r->host)) {
			r->lease_asked = false;
			continue;
		}
		log_warn(
		    NULL, "the lease of %s went to another daemon", r->host);
		m.lease_lost.run_id = r->id;
		store_send(s, &m);
		run_forget(s, r);
	}
}

static void
on_lease_timer(evutil_socket_t fd, short what, void *arg)
{
	struct store *s = arg;
	struct run *r, *next;
	struct db_params p;

	(void)fd;
	(void)what;
	if (s->runs == NULL || !db_is_up(s->db))
		return;
	db_params_init(&p);
	db_put_text(&p, s->node);
	db_put_text(&p, s->incarnation);
	db_put_i64(&p, s->lease_ms);
	db_array_begin(&p, DB_TEXT);
	HASH_ITER (hh, s->runs, r, next) {
		db_put_text(&p, r->host);
		r->lease_asked = true;
	}
	db_array_end(&p);
	db_send(s->db, CONN_QUICK, SQL_LEASE_RENEW, &p, on_renewed, s);
	db_sync(s->db, CONN_QUICK, NULL, NULL);
}

void
lease_timer_set(struct store *s)
{
	uint32_t ms = s->lease_ms / 3;
	struct timeval tv = {ms / 1000, (suseconds_t)(ms % 1000) * 1000};

	s->lease_timer = event_new(s->base, -1, EV_PERSIST, on_lease_timer, s);
	event_add(s->lease_timer, &tv);
}

void
leases_release(struct store *s)
{
	struct db_params p;

	db_params_init(&p);
	db_put_text(&p, s->node);
	db_put_text(&p, s->incarnation);
	db_send(s->db, CONN_QUICK, SQL_LEASE_RELEASE, &p, NULL, NULL);
	db_sync(s->db, CONN_QUICK, NULL, NULL);
}
