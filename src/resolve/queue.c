/* sheaf.unresolved; see resolve/queue.h. */
#include "resolve/queue.h"

#include <stdlib.h>

#include "base/alloc.h"

/* A commit of store is at most a few thousand records; so many rows are not
 * too many at once, and small ones go together.  Of one that is too long its
 * first records go. */
static const char take_rows[] =
    "select q.unresolved_id, i.id, q.many - i.n as behind "
    "from (select u.unresolved_id, u.record_ids, u.many, "
    "sum(u.many) over (order by u.unresolved_id) - u.many as before "
    "from (select x.unresolved_id, x.record_ids, "
    "x.record_count as many from sheaf.unresolved x "
    "order by x.unresolved_id limit 500) u) q "
    "cross join lateral unnest(q.record_ids) with ordinality as i (id, n) "
    "where q.before < $1::bigint and q.before + i.n <= $1::bigint "
    "order by q.unresolved_id, i.n";
static const char drop_rows[] =
    "delete from sheaf.unresolved where unresolved_id = any($1::bigint[])";
static const char cut_row[] =
    "update sheaf.unresolved set record_ids = "
    "record_ids[cardinality(record_ids) - $2::integer + 1:] "
    "where unresolved_id = $1::bigint";

int
queue_take(struct queue *q, struct work *w, size_t records, struct made *m,
    struct err *e)
{
	struct db_params p;
	struct db_result *r;
	int n;

	q->count = q->records = 0;
	q->behind = 0;
	db_params_init(&p);
	db_put_i64(&p, (int64_t)records);
	r = db_work(w->db, take_rows, &p, e);
	if (r == NULL)
		return -1;
	n = db_rows(r);
	for (int i = 0; i < n; i++) {
		int64_t row = db_i64(r, i, 0);

		if (q->count == 0 || q->rows[q->count - 1] != row) {
			GROW(q->rows, q->cap, q->count + 1);
			q->rows[q->count++] = row;
		}
		if (!db_is_null(r, i, 1))
			made_add(m, db_i64(r, i, 1));
		q->records++;
	}
	if (n > 0)
		q->behind = db_i64(r, n - 1, 2);
	db_result_free(r);
	return 0;
}

static int
cut_last(struct queue *q, struct work *w, struct err *e)
{
	struct db_params p;

	db_params_init(&p);
	db_put_i64(&p, q->rows[q->count - 1]);
	db_put_i32(&p, (int32_t)q->behind);
	return db_work_do(w->db, cut_row, &p, e);
}

int
queue_done(struct queue *q, struct work *w, struct err *e)
{
	size_t whole = q->behind > 0 ? q->count - 1 : q->count;
	struct db_params p;

	if (q->behind > 0 && cut_last(q, w, e) < 0)
		return -1;
	if (whole == 0)
		return 0;
	db_params_init(&p);
	db_array_begin(&p, DB_INT8);
	for (size_t i = 0; i < whole; i++)
		db_put_i64(&p, q->rows[i]);
	db_array_end(&p);
	return db_work_do(w->db, drop_rows, &p, e);
}

void
queue_release(struct queue *q)
{
	free(q->rows);
}
