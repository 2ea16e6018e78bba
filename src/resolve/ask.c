/* What operators ask of resolve; see resolve/ask.h. */
#include "resolve/ask.h"

#include <string.h>

#include "base/str.h"

static const char get_ask[] =
    "select a.ask_id, a.what, a.version, a.author from sheaf.ask a "
    "order by a.ask_id limit 1";
static const char drop_ask[] =
    "delete from sheaf.ask where ask_id = $1::bigint";
static const char take_version[] =
    "update sheaf.model set state = 'applying', applied_by = $2::text "
    "where version = $1::integer and state = 'proposed' "
    "and weighed_at is not null returning version";

int
ask_next(struct work *w, struct ask *out, struct err *e)
{
	struct db_result *r = db_work(w->db, get_ask, NULL, e);

	*out = (struct ask){0};
	if (r == NULL)
		return -1;
	if (db_rows(r) > 0) {
		out->id = db_i64(r, 0, 0);
		out->is_apply = strcmp(db_text(r, 0, 1), "apply") == 0;
		out->version = db_i32(r, 0, 2);
		str_copy(out->author, sizeof(out->author), db_text(r, 0, 3));
	}
	db_result_free(r);
	return 0;
}

int
ask_done(struct work *w, const struct ask *a, struct err *e)
{
	struct db_params q;

	db_params_init(&q);
	db_put_i64(&q, a->id);
	return db_work_do(w->db, drop_ask, &q, e);
}

/* 1: it is to be applied; 0: it is not there. */
static int
take(struct work *w, const struct ask *a, struct err *e)
{
	struct db_params q;
	struct db_result *r;
	int rows;

	db_params_init(&q);
	db_put_i32(&q, a->version);
	db_put_text(&q, a->author);
	r = db_work(w->db, take_version, &q, e);
	if (r == NULL)
		return -1;
	rows = db_rows(r);
	db_result_free(r);
	if (rows == 0)
		return 0;
	w->state.phase = PHASE_PAIRS;
	w->state.version = a->version;
	w->state.position = 0;
	return work_save(w, e) < 0 ? -1 : 1;
}

int
ask_apply(struct work *w, const struct ask *a, struct err *e)
{
	struct work_state before = w->state;
	int rc;

	if (work_begin(w, e) < 0)
		return -1;
	rc = take(w, a, e);
	if (rc >= 0 && ask_done(w, a, e) < 0)
		rc = -1;
	if (rc < 0)
		work_rollback(w);
	else if (work_commit(w, e) < 0)
		rc = -1;
	if (rc > 0 && work_load(w, e) < 0)
		return -1;
	if (rc < 0)
		w->state = before;
	return rc;
}
