/* Pairs of records; see resolve/judge.h. */
#include "resolve/judge.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "resolve/parameters.h"

static const char write_pairs[] =
    "insert into sheaf.match as m (a, b, score, verdict, model, evidence) "
    "select u.a, u.b, u.score, u.verdict, $6::integer, u.evidence::jsonb "
    "from unnest($1::bigint[], $2::bigint[], $3::float8[], $4::text[], "
    "$5::text[]) as u (a, b, score, verdict, evidence) "
    "on conflict (a, b) do update set score = excluded.score, "
    "verdict = case when m.decided_by = 'resolve' then excluded.verdict "
    "else m.verdict end, "
    "model = excluded.model, evidence = excluded.evidence, "
    "decided_at = case when m.decided_by = 'resolve' then excluded.decided_at "
    "else m.decided_at end, "
    "reason = case when m.decided_by = 'resolve' then null else m.reason end, "
    "why = null";
static const char write_relations[] =
    "insert into sheaf.relation (from_record, to_record, type, basis, score) "
    "select u.a, u.b, u.type, 'matched', u.score "
    "from unnest($1::bigint[], $2::bigint[], $3::text[], $4::float8[]) "
    "as u (a, b, type, score)";

/* What is weighed has its evidence made for its examples alone. */
static const char propose_pairs[] =
    "insert into sheaf.proposed_match (a, b, score, verdict) "
    "select u.a, u.b, u.score, 'same' "
    "from unnest($1::bigint[], $2::bigint[], $3::float8[]) "
    "as u (a, b, score) on conflict do nothing";

enum {
	TEXT_BYTES_MOST = 64 * 1024 * 1024,
	SPILL_BYTES = 8 * 1024 * 1024,
	SPILL_PAIRS = 20000
};

void
judge_init(struct judge *j, struct work *w)
{
	memset(j, 0, sizeof(*j));
	j->work = w;
	buf_init(&j->text, TEXT_BYTES_MOST);
}

void
judge_release(struct judge *j)
{
	free(j->items);
	buf_release(&j->text);
	memset(j, 0, sizeof(*j));
}

const char *
judge_verdict(const struct score *s)
{
	if (!score_may_merge(s) || s->sum < PARAMETER.review)
		return "related";
	return s->sum >= PARAMETER.merge ? "same" : "doubtful";
}

static bool
is_kept(const struct judge *j, const struct score *s)
{
	if (j->work->weighing != NULL)
		return score_may_merge(s) && s->sum >= PARAMETER.merge;
	if (!score_may_merge(s))
		return s->relation != RELATION_NONE;
	return s->sum >= PARAMETER.review || s->relation != RELATION_NONE;
}

void
judge_pair(struct judge *j, const struct profile *x, const struct profile *y)
{
	const struct profile *a = x->record_id < y->record_id ? x : y;
	const struct profile *b = a == x ? y : x;
	struct judged *d;
	struct score s;

	j->work->pairs++;
	score_pair(&s, a, b, j->work->model);
	if (!is_kept(j, &s))
		return;
	GROW(j->items, j->cap, j->count + 1);
	d = &j->items[j->count++];
	d->a = a->record_id;
	d->b = b->record_id;
	d->evidence = j->text.len;
	if (j->work->weighing == NULL)
		score_json(&j->text, &s);
	d->evidence_len = j->text.len - d->evidence;
	d->score = s;
}

#define COLUMN(type, put)                                                      \
	do {                                                                   \
		db_array_begin(&q, (type));                                    \
		for (size_t i = 0; i < j->count; i++) {                        \
			const struct judged *d = &j->items[i];                 \
			if (IS_MINE(d))                                        \
				put;                                           \
		}                                                              \
		db_array_end(&q);                                              \
	} while (0)

#define IS_MINE(d) ((d)->score.relation != RELATION_NONE)
static int
write_related(struct judge *j, struct err *e)
{
	struct db_params q;
	bool any = false;

	for (size_t i = 0; i < j->count; i++)
		any |= IS_MINE(&j->items[i]);
	if (!any)
		return 0;
	db_params_init(&q);
	COLUMN(DB_INT8, db_put_i64(&q, d->score.from_b ? d->b : d->a));
	COLUMN(DB_INT8, db_put_i64(&q, d->score.from_b ? d->a : d->b));
	COLUMN(
	    DB_TEXT, db_put_text(&q, score_relation_name(d->score.relation)));
	COLUMN(DB_FLOAT8, db_put_f64(&q, d->score.sum));
	return db_work_do(j->work->db, write_relations, &q, e);
}
#undef IS_MINE

#define IS_MINE(d) true
static int
write_proposed(struct judge *j, struct err *e)
{
	struct db_params q;

	db_params_init(&q);
	COLUMN(DB_INT8, db_put_i64(&q, d->a));
	COLUMN(DB_INT8, db_put_i64(&q, d->b));
	COLUMN(DB_FLOAT8, db_put_f64(&q, d->score.sum));
	return db_work_do(j->work->db, propose_pairs, &q, e);
}

int
judge_write(struct judge *j, struct err *e)
{
	struct db_params q;
	int rc = 0;

	if (j->text.full)
		rc = err_set(e, ERR_LIMIT, 0,
		    "the evidence of a batch exceeds %d bytes",
		    TEXT_BYTES_MOST);
	if (rc == 0 && j->count > 0 && j->work->weighing != NULL) {
		rc = write_proposed(j, e);
	} else if (rc == 0 && j->count > 0) {
		db_params_init(&q);
		COLUMN(DB_INT8, db_put_i64(&q, d->a));
		COLUMN(DB_INT8, db_put_i64(&q, d->b));
		COLUMN(DB_FLOAT8, db_put_f64(&q, d->score.sum));
		COLUMN(DB_TEXT, db_put_text(&q, judge_verdict(&d->score)));
		COLUMN(DB_TEXT, db_put_textn(&q, j->text.data + d->evidence,
				    d->evidence_len));
		db_put_i32(&q, j->work->version);
		rc = db_work_do(j->work->db, write_pairs, &q, e);
		if (rc == 0)
			rc = write_related(j, e);
	}
	j->count = 0;
	buf_clear(&j->text);
	return rc;
}
#undef IS_MINE

int
judge_spill(struct judge *j, struct err *e)
{
	return j->text.len < SPILL_BYTES && j->count < SPILL_PAIRS
		   ? 0
		   : judge_write(j, e);
}
