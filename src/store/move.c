/* The statements that move runs on: whether they stand where their pages
 * begin, the pages' rows, the step itself; see store/txn.h. */
#include "store/txn.h"

#include <stdlib.h>

#include "base/alloc.h"

#define EACH(type, n, put)                                                     \
	do {                                                                   \
		db_array_begin(&q, (type));                                    \
		for (size_t k = 0; k < (n); k++) {                             \
			put;                                                   \
		}                                                              \
		db_array_end(&q);                                              \
	} while (0)

void
write_pages(struct txn *t, struct page *const *pages, size_t n)
{
	struct db_params q;
	size_t ids = 0;

	db_params_init(&q);
#define TEXT(field) EACH(DB_TEXT, n, db_put_text(&q, pages[k]->field))
#define INT4(field) EACH(DB_INT4, n, db_put_i32(&q, (int32_t)pages[k]->field))
#define INT8(field) EACH(DB_INT8, n, db_put_i64(&q, (int64_t)pages[k]->field))
	INT8(run->id);
	INT8(page_no);
	TEXT(verb);
	TEXT(url);
	INT4(status);
	INT8(body_bytes);
	EACH(DB_BYTEA, n,
	    db_put_bytes(&q, pages[k]->hash, sizeof(pages[k]->hash)));
	EACH(DB_TIMESTAMPTZ, n, db_put_time(&q, pages[k]->fetched_at));
	/* Of all numbers the last one of each page. */
	EACH(DB_INT4, n, db_put_i32(&q, (int32_t)(ids += pages[k]->id_count)));
	INT4(id_count);
	INT4(counts.received);
	INT4(counts.added);
	INT4(counts.changed);
	INT4(counts.touched);
	INT4(counts.unchanged);
	INT4(counts.deleted);
	INT4(counts.rejected);
	INT4(counts.wanted);
	INT4(counts.filtered);
#undef TEXT
#undef INT4
#undef INT8
	db_array_begin(&q, DB_INT8);
	for (size_t k = 0; k < n; k++) {
		for (size_t i = 0; i < pages[k]->id_count; i++)
			db_put_i64(&q, pages[k]->record_ids[i]);
	}
	db_array_end(&q);
	db_send(t->store->db, t->conn, SQL_PAGES, &q, NULL, NULL);
}

/* --- runs --- */
static void
on_moved(void *arg, const struct db_result *res)
{
	struct store *s = arg;

	for (int i = 0; i < db_rows(res); i++) {
		struct run *r = run_find(s, (uint64_t)db_i64(res, i, 0));

		if (r != NULL)
			r->held = !db_is_null(res, i, 1);
	}
}

/* The pages of one run. */
struct span {
	struct page *const *pages;
	size_t n;
	const struct page *last;
};

static void
send_moves(struct txn *t, const struct span *spans, size_t n)
{
	struct db_params q;

	db_params_init(&q);
#define INT8(what) EACH(DB_INT8, n, db_put_i64(&q, (int64_t)(what)))
#define SUM(field)                                                             \
	EACH(DB_INT8, n, int64_t sum = 0;                                      \
	     for (size_t i = 0; i < spans[k].n; i++) sum +=                    \
	     (int64_t)spans[k].pages[i]->field;                                \
	     db_put_i64(&q, sum))
	INT8(spans[k].last->run->id);
	INT8(spans[k].pages[0]->page_no - 1);
	INT8(spans[k].last->epoch);
	INT8(spans[k].last->page_no);
	EACH(DB_TEXT, n, db_put_text(&q, spans[k].last->after));
	INT8(spans[k].last->advertised);
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
	SUM(counts.filtered);
	SUM(counts.terms);
	SUM(counts.unmapped);
#undef INT8
#undef SUM
	db_send(t->store->db, t->conn, SQL_RUNS_MOVE, &q, on_moved, t->store);
}

void
write_moves(
    struct txn *t, struct page *const *pages, const size_t *counts, size_t n)
{
	struct span *spans = xcalloc(n, sizeof(*spans));

	for (size_t k = 0, at = 0; k < n; at += counts[k++])
		spans[k] = (struct span){
		    pages + at, counts[k], pages[at + counts[k] - 1]};
	send_moves(t, spans, n);
	for (size_t k = 0; k < n; k++) {
		const struct run *r = spans[k].last->run;
		struct db_params q;

		if (!r->first || !r->waits)
			continue;
		db_params_init(&q);
		db_put_i64(&q, (int64_t)r->id);
		db_send(t->store->db, t->conn, SQL_APPLY, &q, NULL, NULL);
	}
	free(spans);
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
