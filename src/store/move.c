/* The statements that move runs on: whether they stand where their pages
 * begin, the pages' rows, the step itself; see store/txn.h. */
#include "store/txn.h"

void
write_page(struct txn *t, const struct page *p)
{
	const struct page_counts *c = &p->counts;
	struct db_params q;

	db_params_init(&q);
	db_put_i64(&q, (int64_t)p->run->id);
	db_put_i64(&q, (int64_t)p->page_no);
	db_put_text(&q, p->verb);
	db_put_text(&q, p->url);
	db_put_i32(&q, (int32_t)p->status);
	db_put_i64(&q, (int64_t)p->body_bytes);
	db_put_bytes(&q, p->hash, sizeof(p->hash));
	db_put_time(&q, p->fetched_at);
	db_array_begin(&q, DB_INT8);
	for (size_t n = 0; n < p->id_count; n++)
		db_put_i64(&q, p->record_ids[n]);
	db_array_end(&q);
	db_put_i32(&q, (int32_t)c->received);
	db_put_i32(&q, (int32_t)c->added);
	db_put_i32(&q, (int32_t)c->changed);
	db_put_i32(&q, (int32_t)c->touched);
	db_put_i32(&q, (int32_t)c->unchanged);
	db_put_i32(&q, (int32_t)c->deleted);
	db_put_i32(&q, (int32_t)c->rejected);
	db_put_i32(&q, (int32_t)c->wanted);
	db_send(t->store->db, t->conn, SQL_PAGE, &q, NULL, NULL);
}

/* --- runs --- */
static void
on_moved(void *arg, const struct db_result *r)
{
	struct run *run = arg;

	run->held = !db_is_null(r, 0, 0);
}

void
write_move(struct txn *t, struct run *r, struct page *const *pages, size_t n)
{
	const struct page *last = pages[n - 1];
	struct db_params q;

	db_params_init(&q);
	db_put_i64(&q, (int64_t)r->id);
	db_put_i64(&q, (int64_t)pages[0]->page_no - 1);
	db_put_i64(&q, (int64_t)last->epoch);
	db_put_i64(&q, (int64_t)last->page_no);
	db_put_text(&q, last->after);
	db_put_i64(&q, last->advertised);
#define SUM(field)                                                             \
	do {                                                                   \
		int64_t sum = 0;                                               \
		for (size_t k = 0; k < n; k++)                                 \
			sum += (int64_t)pages[k]->field;                       \
		db_put_i64(&q, sum);                                           \
	} while (0)
	SUM(counts.received);
	SUM(counts.added);
	SUM(counts.changed);
	SUM(counts.touched);
	SUM(counts.unchanged);
	SUM(counts.deleted);
	SUM(counts.rejected);
	SUM(counts.gained);
	SUM(counts.lost);
	SUM(counts.altered);
	SUM(body_bytes);
	SUM(wire_bytes);
	SUM(requests);
	SUM(retries);
#undef SUM
	db_send(t->store->db, t->conn, SQL_RUN_MOVE, &q, on_moved, r);
	if (r->first && r->waits) {
		db_params_init(&q);
		db_put_i64(&q, (int64_t)r->id);
		db_send(t->store->db, t->conn, SQL_APPLY, &q, NULL, NULL);
	}
}

static void
on_runs(void *arg, const struct db_result *res)
{
	struct store *s = arg;

	for (int i = 0; i < db_rows(res); i++) {
		struct run *r = run_find(s, (uint64_t)db_i64(res, i, 0));

		if (r == NULL)
			continue;
		r->stands = true;
		r->first = db_bool(res, i, 1);
	}
}

void
write_check(struct store *s, unsigned conn, enum statement statement,
    struct page *const *firsts, size_t n)
{
	struct db_params q;

	db_params_init(&q);
	db_array_begin(&q, DB_INT8);
	for (size_t k = 0; k < n; k++)
		db_put_i64(&q, (int64_t)firsts[k]->run->id);
	db_array_end(&q);
	db_array_begin(&q, DB_INT8);
	for (size_t k = 0; k < n; k++)
		db_put_i64(&q, (int64_t)firsts[k]->page_no - 1);
	db_array_end(&q);
	db_array_begin(&q, DB_INT8);
	for (size_t k = 0; k < n; k++) {
		struct run *r = firsts[k]->run;

		db_put_i64(&q, (int64_t)firsts[k]->epoch);
		r->stands = r->first = r->waits = r->held = false;
	}
	db_array_end(&q);
	db_send(s->db, conn, statement, &q, on_runs, s);
}
