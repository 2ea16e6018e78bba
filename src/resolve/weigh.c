/* What a proposed version would change; see resolve/weigh.h. */
#include "resolve/weigh.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "resolve/score.h"

static const char put_example[] =
    "insert into sheaf.proposed_change (version, kind, from_entry, to_entry, "
    "records, a, b, score, evidence, reason) "
    "select $1::integer, $2::text, $3::uuid, $4::uuid, $5::integer, "
    "$6::bigint, $7::bigint, $8::float8, $9::text::jsonb, "
    "(select m.reason from sheaf.proposed_match m "
    "where m.a = least($6::bigint, $7::bigint) "
    "and m.b = greatest($6::bigint, $7::bigint) and m.verdict = 'refused')";

/* Of both sides so many are compared, to tell of the best pair. */
enum { SIDE = 16 };

static const char *const kinds[WEIGH_KINDS] = {"merge", "split"};

struct move { /* a record that goes to another entry */
	size_t from, to; /* entries */
	size_t record;
};

struct example {
	int64_t mine[SIDE], others[SIDE];
	size_t mine_count, other_count;
	int64_t a, b; /* the pair that scores best */
	struct score score;
	bool found;
};

static int
by_way(const void *a, const void *b)
{
	const struct move *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	if (x->to != y->to)
		return x->to < y->to ? -1 : 1;
	return (x->record > y->record) - (x->record < y->record);
}

static size_t
find_moves(struct move *moves, const struct entries_input *in,
    const struct entries_result *out)
{
	size_t n = 0;

	for (size_t i = 0; i < in->record_count; i++) {
		const struct entries_record *r = &in->records[i];

		if (r->entry == ENTRIES_NONE || r->group == ENTRIES_NONE ||
		    !r->was_active || out->record_entry[i] == r->entry)
			continue;
		moves[n++] = (struct move){r->entry, out->record_entry[i], i};
	}
	qsort(moves, n, sizeof(*moves), by_way);
	return n;
}

/* Records that these would join, or be parted from. */
static void
find_others(struct example *x, const struct entries_input *in,
    const struct entries_result *out, const struct move *m,
    enum weigh_kind kind)
{
	for (size_t i = 0; i < in->record_count && x->other_count < SIDE; i++) {
		const struct entries_record *r = &in->records[i];
		bool was = r->entry == m->from && r->was_active,
		     is = out->record_entry[i] == m->to;

		if (r->group == ENTRIES_NONE)
			continue;
		if (kind == WEIGH_MERGE ? is && !was : was && !is)
			x->others[x->other_count++] = (int64_t)r->record_id;
	}
}

static void
try_pair(struct example *x, const struct profile *a, const struct profile *b,
    const struct model *m)
{
	struct score s;

	score_pair(&s, a, b, m);
	if (x->found &&
	    (score_may_merge(&x->score) > score_may_merge(&s) ||
		(score_may_merge(&x->score) == score_may_merge(&s) &&
		    x->score.sum >= s.sum)))
		return;
	x->found = true;
	x->a = a->record_id;
	x->b = b->record_id;
	x->score = s;
}

static int
find_pair(struct example *x, struct group *g, struct err *e)
{
	for (size_t i = 0; i < x->mine_count; i++)
		known_want(g->known, x->mine[i]);
	for (size_t i = 0; i < x->other_count; i++)
		known_want(g->known, x->others[i]);
	if (known_fetch(g->known, e) < 0)
		return -1;
	for (size_t i = 0; i < x->mine_count; i++) {
		const struct profile *a = known_find(g->known, x->mine[i]);

		for (size_t k = 0; a != NULL && k < x->other_count; k++) {
			const struct profile *b =
			    known_find(g->known, x->others[k]);

			if (b != NULL)
				try_pair(x, a, b, g->work->model);
		}
	}
	return 0;
}

static int
write_example(const struct example *x, struct group *g,
    const struct entries_input *in, const struct move *m, size_t records,
    enum weigh_kind kind, struct err *e)
{
	struct db_params q;
	struct buf text;
	int rc;

	buf_init(&text, MIB);
	score_json(&text, &x->score);
	db_params_init(&q);
	db_put_i32(&q, g->work->weighing->version);
	db_put_text(&q, kinds[kind]);
	db_put_uuid(&q, in->entries[m->from].id);
	if (m->to < in->entry_count)
		db_put_uuid(&q, in->entries[m->to].id);
	else
		db_put_null(&q);
	db_put_i32(&q, (int32_t)records);
	db_put_i64(&q, x->a);
	db_put_i64(&q, x->b);
	db_put_f64(&q, x->score.sum);
	db_put_textn(&q, text.data, text.len);
	rc = db_work_do(g->work->db, put_example, &q, e);
	buf_release(&text);
	return rc;
}

static int
keep_example(struct group *g, const struct entries_input *in,
    const struct entries_result *out, const struct move *m, size_t count,
    enum weigh_kind kind, struct err *e)
{
	struct example x = {0};

	for (size_t i = 0; i < count && i < SIDE; i++)
		x.mine[x.mine_count++] =
		    (int64_t)in->records[m[i].record].record_id;
	find_others(&x, in, out, m, kind);
	if (find_pair(&x, g, e) < 0)
		return -1;
	if (!x.found)
		return 0; /* gone meanwhile */
	g->work->weighing->kept[kind]++;
	return write_example(&x, g, in, m, count, kind, e);
}

/* Those of one entry, from `moves` on. */
static int
weigh_entry(struct group *g, const struct entries_input *in,
    const struct entries_result *out, const struct move *moves, size_t count,
    struct err *e)
{
	struct weighing *w = g->work->weighing;
	enum weigh_kind kind = out->state[moves[0].from] == ENTRY_MERGED
				   ? WEIGH_MERGE
				   : WEIGH_SPLIT;
	size_t to;

	w->count[kind]++;
	w->moved += count;
	for (size_t at = 0; at < count; at = to) {
		for (to = at + 1; to < count && moves[to].to == moves[at].to;)
			to++;
		if (w->kept[kind] < LIMIT_WEIGH_EXAMPLES &&
		    keep_example(g, in, out, moves + at, to - at, kind, e) < 0)
			return -1;
	}
	return 0;
}

int
weigh_changes(struct group *g, const struct entries_input *in,
    const struct entries_result *out, struct err *e)
{
	struct move *moves = xcalloc(in->record_count + 1, sizeof(*moves));
	size_t count = find_moves(moves, in, out), to;
	int rc = 0;

	for (size_t at = 0; rc == 0 && at < count; at = to) {
		for (to = at + 1;
		     to < count && moves[to].from == moves[at].from;)
			to++;
		rc = weigh_entry(g, in, out, moves + at, to - at, e);
	}
	free(moves);
	return rc;
}
