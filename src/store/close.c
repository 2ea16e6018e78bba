/* RUN_CLOSE: several closes share a transaction, and with it the wait for the
 * disk; one that fails is tried alone. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "store/priv.h"

enum { CLOSES_TOGETHER = 64 };

struct close_request {
	TAILQ_ENTRY(close_request) all;
	struct store *store;
	uint64_t run_id, epoch;
	uint32_t source_id;
	bool sent;
	struct db_params params; /* kept for another attempt */
	struct arena arena; /* of the answer's texts */
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
	db_params_release(&q->params);
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

static void
on_answer(void *arg, const struct db_result *r)
{
	struct close_request *q = arg;
	struct msg_run_closed *c = answer_begin(q);

	if (db_is_null(r, 0, 0)) {
		c->outcome = "failed";
		c->text = "the run was not open under our lease any more";
		return;
	}
	c->outcome = arena_strdup(&q->arena, db_text(r, 0, 1));
	c->text = arena_strdup(&q->arena, db_text(r, 0, 2));
	c->received = (uint64_t)db_i64(r, 0, 3);
	c->added = (uint64_t)db_i64(r, 0, 4);
	c->changed = (uint64_t)db_i64(r, 0, 5);
	c->touched = (uint64_t)db_i64(r, 0, 6);
	c->unchanged = (uint64_t)db_i64(r, 0, 7);
	c->deleted = (uint64_t)db_i64(r, 0, 8);
	c->rejected = (uint64_t)db_i64(r, 0, 9);
	c->missing = (uint64_t)db_i64(r, 0, 10);
	c->pages = (uint64_t)db_i64(r, 0, 11);
	c->active = (uint64_t)db_i64(r, 0, 12);
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

static void
send_group(struct store *s, struct close_group *g)
{
	for (size_t i = 0; i < g->count; i++) {
		struct db_params copy = g->items[i]->params;

		copy.data = xmalloc(copy.len);
		copy.cap = copy.len;
		memcpy(copy.data, g->items[i]->params.data, copy.len);
		g->items[i]->sent = true;
		db_send(s->db, CONN_META, SQL_RUN_CLOSE, &copy, on_answer,
		    g->items[i]);
	}
	db_sync(s->db, CONN_META, on_done, g);
}

void
closes_kick(struct store *s)
{
	struct close_request *q;
	struct close_group *g;

	if (TAILQ_EMPTY(&s->closes) || !db_idle(s->db, CONN_META))
		return;
	g = request_new(s, sizeof(*g));
	TAILQ_FOREACH(q, &s->closes, all)
	{
		struct run *r = run_find(s, q->run_id);

		/* Its last page or note may be on its way to the disk. */
		if (q->sent ||
		    (r != NULL && (r->busy || r->is_ready || r->notes > 0)))
			continue;
		g->items[g->count++] = q;
		if (g->count == CLOSES_TOGETHER)
			break;
	}
	if (g->count == 0)
		request_free(&g->base);
	else
		send_group(s, g);
}

static void
put_params(struct close_request *q, const struct msg_run_close *m)
{
	struct db_params *p = &q->params;

	db_params_init(p);
	db_put_i64(p, (int64_t)q->run_id);
	db_put_i64(p, (int64_t)q->epoch);
	db_put_bool(p, m->completed);
	db_put_bool(p, m->complete_list);
	db_put_text(p, err_class_name((enum err_class)m->err_class));
	db_put_i32(p, (int32_t)m->err_code);
	db_put_text(p, m->text);
	db_put_text(p, m->checkpoints);
	db_put_text(p, m->quirks);
	db_put_i64(p, m->advertised);
	db_put_text(p, m->suspicion);
	db_put_f64(p, m->max_change);
	db_put_f64(p, m->max_delete);
	db_put_i64(p, m->grace_ms);
	db_put_time(p, m->next_due);
	db_put_i32(p, (int32_t)m->failures);
	db_put_text(p, m->facts);
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
	put_params(q, m);
	TAILQ_INSERT_TAIL(&s->closes, q, all);
	store_kick(s);
}
