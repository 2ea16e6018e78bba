/* RUN_REKEY: whether what a run added is what its source has under other
 * identifiers; the function says what becomes of it. */
#include "base/log.h"
#include "store/priv.h"

struct rekey_request {
	struct request base;
	uint64_t run_id;
	struct msg answer;
};

static void
on_rekeyed(void *arg, const struct db_result *r)
{
	struct rekey_request *q = arg;

	q->answer.run_rekeyed.matched = (uint64_t)db_i64(r, 0, 0);
	q->answer.run_rekeyed.rekeyed = (uint64_t)db_i64(r, 0, 1);
}

/* After an error it is as if they had nothing to do with each other: the next
 * run finds the same again. */
static void
on_done(void *arg, const struct db_error *e)
{
	struct rekey_request *q = arg;
	struct store *s = q->base.store;
	struct run *r = run_find(s, q->run_id);

	if (e != NULL) {
		log_warn(
		    NULL, "identifiers could not be compared: %s", e->err.text);
		q->answer.run_rekeyed.matched = q->answer.run_rekeyed.rekeyed =
		    0;
	}
	if (r != NULL) {
		/* Changes of what was there wait now. */
		r->has_pending |= q->answer.run_rekeyed.rekeyed > 0;
		store_send(s, &q->answer);
	}
	request_free(&q->base);
}

void
run_on_rekey(struct store *s, const struct msg_run_rekey *m)
{
	struct run *r = run_find(s, m->run_id);
	struct rekey_request *q;
	struct db_params p;

	if (r == NULL || !db_is_up(s->db))
		return;
	q = request_new(s, sizeof(*q));
	q->run_id = r->id;
	q->answer.type = MSG_RUN_REKEYED;
	q->answer.run_rekeyed.run_id = r->id;
	db_params_init(&p);
	db_put_i64(&p, (int64_t)r->id);
	db_put_i64(&p, (int64_t)r->epoch);
	db_put_text(&p, m->basis);
	db_send(s->db, CONN_META, SQL_RUN_REKEY, &p, on_rekeyed, q);
	db_sync(s->db, CONN_META, on_done, q);
}
