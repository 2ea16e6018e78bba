/* sheaf.unresolved: what store and operators want looked at. */
#ifndef SHEAF_RESOLVE_QUEUE_H
#define SHEAF_RESOLVE_QUEUE_H

#include "resolve/made.h"
#include "resolve/work.h"

/* Rows that a batch takes. */
struct queue {
	int64_t *rows;
	size_t count, cap;
	size_t records; /* that are taken, counted as often as they are named */
	int64_t behind; /* records of the last row that are not */
};

/* Takes the records of the oldest rows, at most `records`, which are added to
 * m; of the last row perhaps only the first ones.  In the caller's transaction.
 */
int queue_take(struct queue *q, struct work *w, size_t records, struct made *m,
    struct err *e);
/* They are done: in the transaction that stores what came of them.  A row of
 * which not all were taken keeps the others. */
int queue_done(struct queue *q, struct work *w, struct err *e);
void queue_release(struct queue *q);

#endif
