/* All profiles; see resolve/flow.h. */
#include "resolve/flow.h"

#include <stdlib.h>
#include <string.h>

#include "resolve/known.h"

enum { FLOW_ROWS = 2048 };

static const char next_rows[] =
    "select p.record_id, p.source_id, p.data from sheaf.profile p "
    "where p.record_id > $1::bigint order by p.record_id limit $2::bigint";

void
flow_init(struct flow *f, struct work *w, const struct model *m)
{
	memset(f, 0, sizeof(*f));
	f->work = w;
	f->model = m;
	arena_init(&f->arena, 0);
}

void
flow_release(struct flow *f)
{
	arena_release(&f->arena);
	db_result_free(f->rows);
	free(f->items);
	memset(f, 0, sizeof(*f));
}

static int
ask(struct flow *f, int64_t after, struct err *e)
{
	struct work *w = f->work;
	struct db_params q;

	if (w->reader == NULL)
		w->reader = work_connect(w, e);
	if (w->reader == NULL)
		return -1;
	db_params_init(&q);
	db_put_i64(&q, after);
	db_put_i64(&q, FLOW_ROWS);
	f->sent = true;
	return db_work_send(w->reader, next_rows, &q, e);
}

int
flow_start(struct flow *f, int64_t after, struct err *e)
{
	/* What was asked for and not looked at. */
	if (f->sent && f->work->reader != NULL) {
		struct db_result *r = db_work_take(f->work->reader, e);

		f->sent = false;
		if (r == NULL)
			return -1;
		db_result_free(r);
	}
	f->count = 0;
	return ask(f, after, e);
}

int
flow_next(struct flow *f, struct err *e)
{
	struct db_result *r;
	int rc = 1;

	f->count = 0;
	arena_clear(&f->arena);
	db_result_free(f->rows);
	f->rows = NULL;
	if (!f->sent)
		return 0;
	r = db_work_take(f->work->reader, e);
	f->sent = false;
	if (r == NULL)
		return -1;
	if (db_rows(r) == FLOW_ROWS &&
	    ask(f, db_i64(r, FLOW_ROWS - 1, 0), e) < 0)
		rc = -1;
	GROW(f->items, f->cap, (size_t)db_rows(r));
	for (int i = 0; rc > 0 && i < db_rows(r); i++) {
		f->items[f->count] =
		    profile_of_row(r, i, f->model, &f->arena, e);
		if (f->items[f->count] == NULL)
			rc = -1;
		else
			f->count++;
	}
	f->rows = r;
	return rc > 0 ? f->count > 0 : rc;
}
