/* sheaf.unresolved; see resolve/queue.h. */
#include "resolve/queue.h"

#include <stdlib.h>

#include "base/alloc.h"

/* A commit of store is at most a few thousand records; so many rows are not
 * too many at once, and small ones go together. */
static const char take_rows[] =
    "select q.unresolved_id, i.id from (select u.unresolved_id, u.record_ids, "
    "sum(cardinality(u.record_ids)) over (order by u.unresolved_id) "
    "- cardinality(u.record_ids) as before "
    "from (select x.unresolved_id, x.record_ids from sheaf.unresolved x "
    "order by x.unresolved_id limit 500) u) q "
    "cross join lateral unnest(q.record_ids) as i (id) "
    "where q.before < $1::bigint";
static const char drop_rows[] =
    "delete from sheaf.unresolved where unresolved_id = any($1::bigint[])";

int
queue_take(struct queue *q, struct work *w, size_t records, struct made *m,
    struct err *e)
{
	struct db_params p;
	struct db_result *r;

	q->count = q->records = 0;
	db_params_init(&p);
	db_put_i64(&p, (int64_t)records);
	r = db_work(w->db, take_rows, &p, e);
	if (r == NULL)
		return -1;
	for (int i = 0; i < db_rows(r); i++) {
		int64_t row = db_i64(r, i, 0);

		if (q->count == 0 || q->rows[q->count - 1] != row) {
			GROW(q->rows, q->cap, q->count + 1);
			q->rows[q->count++] = row;
		}
		if (!db_is_null(r, i, 1))
			made_add(m, db_i64(r, i, 1));
		q->records++;
	}
	db_result_free(r);
	return 0;
}

int
queue_done(struct queue *q, struct work *w, struct err *e)
{
	struct db_params p;

	if (q->count == 0)
		return 0;
	db_params_init(&p);
	db_array_begin(&p, DB_INT8);
	for (size_t i = 0; i < q->count; i++)
		db_put_i64(&p, q->rows[i]);
	db_array_end(&p);
	return db_work_do(w->db, drop_rows, &p, e);
}

void
queue_release(struct queue *q)
{
	free(q->rows);
}
