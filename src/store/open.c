/* RUN_OPEN: what has come while the last statement was under way is opened by
 * one statement; when that fails, each is tried alone. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "store/priv.h"

enum { OPENS_TOGETHER = 128, BUSY_MS = 200, FAILED_MS = 1000 };

struct open_request {
	TAILQ_ENTRY(open_request) all;
	uint32_t source_id;
	char *mode, *reason;
	double max_change, max_delete;
	bool sent;
};

/* Those of one statement. */
struct open_group {
	struct request base;
	struct open_request *items[OPENS_TOGETHER];
	size_t count;
	bool answered;
};

static void
open_free(struct store *s, struct open_request *q)
{
	TAILQ_REMOVE(&s->opens, q, all);
	s->open_count--;
	free(q->mode);
	free(q->reason);
	free(q);
}

void
opens_free(struct store *s)
{
	struct open_request *q;

	while ((q = TAILQ_FIRST(&s->opens)) != NULL)
		open_free(s, q);
	s->opening = 0;
}

static void
refuse(struct store *s, uint32_t source_id, const char *why, const char *text,
    uint32_t retry_ms)
{
	struct msg m = {.type = MSG_RUN_REFUSED};

	m.run_refused.source_id = source_id;
	m.run_refused.why = why;
	m.run_refused.text = text;
	m.run_refused.retry_ms = retry_ms;
	store_send(s, &m);
}

static void
remember(struct store *s, uint32_t source_id, const struct msg_run_opened *o,
    const char *host, bool rejudges)
{
	struct run *r;

	HASH_FIND(hh, s->runs, &o->run_id, sizeof(o->run_id), r);
	if (r == NULL) {
		r = xcalloc(1, sizeof(*r));
		r->id = o->run_id;
		TAILQ_INIT(&r->pages);
		TAILQ_INIT(&r->stored);
		r->host = xstrdup(host);
		HASH_ADD(hh, s->runs, id, sizeof(r->id), r);
	}
	r->epoch = o->epoch;
	r->source_id = source_id;
	r->compares = !strcmp(o->mode, "compare");
	r->is_full = !strcmp(o->mode, "full");
	r->has_pending |= o->resumed;
	r->active = o->active;
	r->rejudges = rejudges;
	r->gone = false;
}

static void
answer(struct store *s, const struct open_request *q, const struct db_result *r,
    int row)
{
	struct msg m = {.type = MSG_RUN_OPENED};
	struct msg_run_opened *o = &m.run_opened;

	if (!db_is_null(r, row, 1)) {
		refuse(s, q->source_id, db_text(r, row, 1), db_text(r, row, 2),
		    (uint32_t)db_i64(r, row, 3));
		return;
	}
	o->source_id = q->source_id;
	o->run_id = (uint64_t)db_i64(r, row, 4);
	o->epoch = (uint64_t)db_i64(r, row, 5);
	o->mode = db_text(r, row, 6);
	o->resumed = db_bool(r, row, 7);
	o->page_no = (uint64_t)db_i64(r, row, 8);
	o->state = db_text(r, row, 9);
	o->checkpoints = db_text(r, row, 10);
	o->quirks = db_text(r, row, 11);
	o->active = (uint64_t)db_i64(r, row, 12);
	o->received = (uint64_t)db_i64(r, row, 13);
	o->wanted = (uint64_t)db_i64(r, row, 14);
	remember(s, q->source_id, o, db_text(r, row, 15), db_bool(r, row, 16));
	store_send(s, &m);
}

/* One row for each. */
static void
on_answers(void *arg, const struct db_result *r)
{
	struct open_group *g = arg;

	g->answered = true;
	for (int row = 0; row < db_rows(r); row++)
		answer(g->base.store, g->items[db_i32(r, row, 0) - 1], r, row);
}

static void send_group(struct store *s, struct open_group *g);

static void
again(struct store *s, struct open_request *q)
{
	struct open_group *g = request_new(s, sizeof(*g));

	g->items[g->count++] = q;
	send_group(s, g);
}

static void
on_done(void *arg, const struct db_error *e)
{
	struct open_group *g = arg;
	struct store *s = g->base.store;

	s->opening--;
	for (size_t i = 0; i < g->count; i++) {
		struct open_request *q = g->items[i];

		if (e != NULL && !g->answered && g->count > 1) {
			again(s, q);
			continue;
		}
		if (e != NULL && !g->answered)
			refuse(s, q->source_id, "database", e->err.text,
			    FAILED_MS);
		open_free(s, q);
	}
	request_free(&g->base);
	store_kick(s);
}

#define COLUMN(type, put)                                                      \
	db_array_begin(&p, (type));                                            \
	for (size_t i = 0; i < g->count; i++) {                                \
		const struct open_request *q = g->items[i];                    \
		put;                                                           \
	}                                                                      \
	db_array_end(&p)

static void
send_group(struct store *s, struct open_group *g)
{
	struct db_params p;

	for (size_t i = 0; i < g->count; i++)
		g->items[i]->sent = true;
	s->opening++;
	db_params_init(&p);
	COLUMN(DB_INT4, db_put_i32(&p, (int32_t)q->source_id));
	COLUMN(DB_TEXT, db_put_text(&p, q->mode));
	COLUMN(DB_TEXT, db_put_text(&p, q->reason));
	COLUMN(DB_FLOAT8, db_put_f64(&p, q->max_change));
	COLUMN(DB_FLOAT8, db_put_f64(&p, q->max_delete));
	db_put_text(&p, s->node);
	db_put_text(&p, s->incarnation);
	db_put_i64(&p, s->lease_ms);
	db_send(s->db, CONN_QUICK, SQL_RUNS_OPEN, &p, on_answers, g);
	db_sync(s->db, CONN_QUICK, on_done, g);
}

static bool
has_source(const struct open_group *g, uint32_t source_id)
{
	for (size_t i = 0; i < g->count; i++) {
		if (g->items[i]->source_id == source_id)
			return true;
	}
	return false;
}

unsigned
opens_kick(struct store *s)
{
	struct open_request *q;
	struct open_group *g;
	unsigned wait;

	if (s->opening > 0 || s->open_count == 0)
		return 0;
	wait = store_pace(&s->opened_ms);
	if (wait > 0 && s->open_count < OPENS_TOGETHER)
		return wait;
	g = request_new(s, sizeof(*g));
	TAILQ_FOREACH(q, &s->opens, all)
	{
		/* The function takes a source once. */
		if (has_source(g, q->source_id))
			continue;
		g->items[g->count++] = q;
		if (g->count == OPENS_TOGETHER)
			break;
	}
	send_group(s, g);
	return 0;
}

/* The source's run as it was open here before.  False while a page of it is
 * being written: only then is it known where it stands. */
static bool
settle_source(struct store *s, uint32_t source_id)
{
	struct run *r, *next;

	HASH_ITER (hh, s->runs, r, next) {
		if (r->source_id != source_id)
			continue;
		if (r->busy)
			return false;
		run_forget(s, r);
	}
	return true;
}

void
run_on_open(struct store *s, const struct msg_run_open *m)
{
	struct open_request *q;

	if (!db_is_up(s->db)) {
		refuse(s, m->source_id, "database", "the database is not there",
		    FAILED_MS);
		return;
	}
	if (!settle_source(s, m->source_id)) {
		refuse(s, m->source_id, "database",
		    "its last page is still being written", BUSY_MS);
		return;
	}
	q = xcalloc(1, sizeof(*q));
	q->source_id = m->source_id;
	q->mode = xstrdup(m->mode);
	q->reason = xstrdup(m->reason);
	q->max_change = m->max_change;
	q->max_delete = m->max_delete;
	TAILQ_INSERT_TAIL(&s->opens, q, all);
	s->open_count++;
	store_kick(s);
}
