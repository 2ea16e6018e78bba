/* RUN_CLOSE: several are closed by one statement, and share the wait for the
 * disk; when that fails, each is tried alone. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "store/priv.h"

enum { CLOSES_TOGETHER = 128 };

struct close_request {
	TAILQ_ENTRY(close_request) all;
	struct store *store;
	uint64_t run_id, epoch;
	uint32_t source_id;
	bool sent;
	bool slow; /* its records may have to be gone through */
	struct msg_run_close how; /* its texts in the arena */
	struct arena arena; /* also of the answer's texts */
	struct msg answer;
};

/* Those of one transaction. */
struct close_group {
	struct request base;
	struct close_request *items[CLOSES_TOGETHER];
	size_t count;
};

static void
close_free(struct close_request *q)
{
	TAILQ_REMOVE(&q->store->closes, q, all);
	arena_release(&q->arena);
	free(q);
}

void
closes_free(struct store *s)
{
	struct close_request *q;

	while ((q = TAILQ_FIRST(&s->closes)) != NULL)
		close_free(q);
}

static struct msg_run_closed *
answer_begin(struct close_request *q)
{
	memset(&q->answer, 0, sizeof(q->answer));
	q->answer.type = MSG_RUN_CLOSED;
	q->answer.run_closed.run_id = q->run_id;
	q->answer.run_closed.source_id = q->source_id;
	return &q->answer.run_closed;
}

/* A row for each that was still open under our lease. */
static void
on_answers(void *arg, const struct db_result *r)
{
	struct close_group *g = arg;

	for (int row = 0; row < db_rows(r); row++) {
		struct close_request *q = g->items[db_i32(r, row, 0) - 1];
		struct msg_run_closed *c = answer_begin(q);

		c->outcome = arena_strdup(&q->arena, db_text(r, row, 1));
		c->text = arena_strdup(&q->arena, db_text(r, row, 2));
		c->received = (uint64_t)db_i64(r, row, 3);
		c->added = (uint64_t)db_i64(r, row, 4);
		c->changed = (uint64_t)db_i64(r, row, 5);
		c->touched = (uint64_t)db_i64(r, row, 6);
		c->unchanged = (uint64_t)db_i64(r, row, 7);
		c->deleted = (uint64_t)db_i64(r, row, 8);
		c->rejected = (uint64_t)db_i64(r, row, 9);
		c->missing = (uint64_t)db_i64(r, row, 10);
		c->pages = (uint64_t)db_i64(r, row, 11);
		c->active = (uint64_t)db_i64(r, row, 12);
		c->filtered = (uint64_t)db_i64(r, row, 13);
	}
}

static void
answer(struct close_request *q)
{
	struct run *r = run_find(q->store, q->run_id);

	store_send(q->store, &q->answer);
	if (r != NULL)
		run_forget(q->store, r);
	close_free(q);
}

static void
refuse(struct close_request *q, const struct err *why)
{
	struct msg_run_closed *c = answer_begin(q);

	log_error(NULL, "run %llu cannot be closed: %s",
	    (unsigned long long)q->run_id, why->text);
	c->outcome = "failed";
	c->text = why->text;
	answer(q);
}

static void send_group(struct store *s, struct close_group *g);

static void
again(struct store *s, struct close_request *q)
{
	struct close_group *g = request_new(s, sizeof(*g));

	g->items[g->count++] = q;
	send_group(s, g);
}

static void
on_done(void *arg, const struct db_error *e)
{
	struct close_group *g = arg;
	struct store *s = g->base.store;

	for (size_t i = 0; i < g->count; i++) {
		if (e == NULL)
			answer(g->items[i]);
		else if (g->count > 1 || e->class == DB_RETRY)
			again(s, g->items[i]);
		else
			refuse(g->items[i], &e->err);
	}
	request_free(&g->base);
	store_kick(s);
}

#define COLUMN(type, put)                                                      \
	db_array_begin(&p, (type));                                            \
	for (size_t i = 0; i < g->count; i++) {                                \
		const struct close_request *q = g->items[i];                   \
		const struct msg_run_close *m = &q->how;                       \
		(void)m;                                                       \
		put;                                                           \
	}                                                                      \
	db_array_end(&p)

static void
send_group(struct store *s, struct close_group *g)
{
	struct db_params p;

	for (size_t i = 0; i < g->count; i++) {
		struct msg_run_closed *c = answer_begin(g->items[i]);

		g->items[i]->sent = true;
		c->outcome = "failed";
		c->text = "the run was not open under our lease any more";
	}
	db_params_init(&p);
	COLUMN(DB_INT8, db_put_i64(&p, (int64_t)q->run_id));
	COLUMN(DB_INT8, db_put_i64(&p, (int64_t)q->epoch));
	COLUMN(DB_BOOL, db_put_bool(&p, m->completed));
	COLUMN(DB_BOOL, db_put_bool(&p, m->complete_list));
	COLUMN(DB_TEXT,
	    db_put_text(&p, err_class_name((enum err_class)m->err_class)));
	COLUMN(DB_INT4, db_put_i32(&p, (int32_t)m->err_code));
	COLUMN(DB_TEXT, db_put_text(&p, m->text));
	COLUMN(DB_TEXT, db_put_text(&p, m->checkpoints));
	COLUMN(DB_TEXT, db_put_text(&p, m->quirks));
	COLUMN(DB_INT8, db_put_i64(&p, m->advertised));
	COLUMN(DB_TEXT, db_put_text(&p, m->suspicion));
	COLUMN(DB_FLOAT8, db_put_f64(&p, m->max_change));
	COLUMN(DB_FLOAT8, db_put_f64(&p, m->max_delete));
	COLUMN(DB_INT8, db_put_i64(&p, m->grace_ms));
	COLUMN(DB_TIMESTAMPTZ, db_put_time(&p, m->next_due));
	COLUMN(DB_INT4, db_put_i32(&p, (int32_t)m->failures));
	COLUMN(DB_TEXT, db_put_text(&p, m->facts));
	db_send(s->db, CONN_META, SQL_RUNS_CLOSE, &p, on_answers, g);
	db_sync(s->db, CONN_META, on_done, g);
}

/* Its last page or note may be on its way to the disk. */
static bool
is_early(const struct close_request *q)
{
	const struct run *r = run_find(q->store, q->run_id);

	return r != NULL && (r->busy || r->is_ready || r->notes > 0);
}

unsigned
closes_kick(struct store *s)
{
	struct close_request *q;
	struct close_group *g;
	unsigned wait = 0;

	if (TAILQ_EMPTY(&s->closes) || !db_idle(s->db, CONN_META))
		return 0;
	g = request_new(s, sizeof(*g));
	TAILQ_FOREACH(q, &s->closes, all)
	{
		/* Who is done at once does not wait for those that are not. */
		if (q->sent || is_early(q) ||
		    (g->count > 0 && q->slow != g->items[0]->slow))
			continue;
		g->items[g->count++] = q;
		if (g->count == CLOSES_TOGETHER)
			break;
	}
	if (g->count > 0)
		wait = store_pace(&s->closed_ms);
	if (g->count == CLOSES_TOGETHER)
		wait = 0;
	if (g->count == 0 || wait > 0)
		request_free(&g->base);
	else
		send_group(s, g);
	return wait;
}

static void
keep(struct close_request *q, const struct msg_run_close *m)
{
	q->how = *m;
#define KEEP(field) q->how.field = arena_strdup(&q->arena, m->field)
	KEEP(text);
	KEEP(checkpoints);
	KEEP(quirks);
	KEEP(suspicion);
	KEEP(facts);
#undef KEEP
}

void
run_on_close(struct store *s, const struct msg_run_close *m)
{
	struct run *r = run_find(s, m->run_id);
	struct close_request *q;
	struct page *p, *next;

	if (!db_is_up(s->db))
		return; /* STORE_DOWN said that all is to be opened again */
	q = xcalloc(1, sizeof(*q));
	q->store = s;
	arena_init(&q->arena, 0);
	q->run_id = m->run_id;
	if (r != NULL) {
		q->epoch = r->epoch;
		q->source_id = r->source_id;
		q->slow = r->has_pending ||
			  (m->complete_list && m->completed && r->active > 0);
		/* Pages in hand that were not to be stored. */
		for (p = TAILQ_FIRST(&r->pages); p != NULL; p = next) {
			next = TAILQ_NEXT(p, of_run);
			if (p->state >= PAGE_READY)
				continue;
			if (p->big)
				big_abort(p);
			page_free(p);
		}
	}
	keep(q, m);
	TAILQ_INSERT_TAIL(&s->closes, q, all);
	store_kick(s);
}
