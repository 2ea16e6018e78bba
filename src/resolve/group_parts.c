/*
 * A group in parts; see resolve/group_parts.h.
 *
 * Which pieces there are is seen from a forest: of all pairs those that connect
 * at the highest scores, one fewer than records.  So however many pairs a
 * component has, as many are in memory as it has records, and READ_PAIRS.
 */
#include "resolve/group_parts.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/log.h"
#include "resolve/cluster.h"
#include "resolve/parameters.h"

#define PAIRS(table)                                                           \
	"select m.a, m.b, m.score::float8 from " table " m "                   \
	"where m.a = any($1::bigint[]) "                                       \
	"and m.score >= $2::float8 and m.verdict <> 'related'"
static const char get_pairs[] = PAIRS("sheaf.match");
static const char get_proposed[] = PAIRS("sheaf.proposed_match");
#undef PAIRS
static const char get_links[] = "select l.a, l.b, l.rank from sheaf.link l "
				"where l.a = any($1::bigint[]) and l.is_same";

enum { READ_RECORDS = 512, READ_PAIRS = 1 << 18 };

struct parting {
	const struct group *g;
	struct clusters_pair *pairs; /* the forest, and what was read since */
	size_t pair_count, pair_cap;
	struct clusters_link *must;
	size_t must_count, must_cap;
	uint32_t *parents;
	uint32_t *pieces;
};

static uint32_t
root(uint32_t *parents, uint32_t i)
{
	while (parents[i] != i)
		i = parents[i] = parents[parents[i]];
	return i;
}

static int
best_first(const void *a, const void *b)
{
	const struct clusters_pair *x = a, *y = b;

	return (x->score < y->score) - (x->score > y->score);
}

/* Which of equal scores stay makes no difference to what is connected. */
static void
keep_forest(struct parting *p)
{
	size_t kept = 0;

	for (size_t i = 0; i < p->g->count; i++)
		p->parents[i] = (uint32_t)i;
	qsort(p->pairs, p->pair_count, sizeof(*p->pairs), best_first);
	for (size_t i = 0; i < p->pair_count; i++) {
		uint32_t a = root(p->parents, (uint32_t)p->pairs[i].a),
			 b = root(p->parents, (uint32_t)p->pairs[i].b);

		if (a == b)
			continue;
		p->parents[a] = b;
		p->pairs[kept++] = p->pairs[i];
	}
	p->pair_count = kept;
}

static int
read_pairs(struct parting *p, size_t from, size_t to, struct err *e)
{
	struct db_params q;
	struct db_result *r;

	db_params_init(&q);
	group_put(&q, p->g, from, to);
	db_put_f64(&q, PARAMETER.merge);
	r = db_work(p->g->work->db,
	    work_table(p->g->work, get_pairs, get_proposed), &q, e);
	if (r == NULL)
		return -1;
	for (int i = 0; i < db_rows(r); i++) {
		size_t a = group_index(p->g, db_i64(r, i, 0)),
		       b = group_index(p->g, db_i64(r, i, 1));

		if (a == SIZE_MAX || b == SIZE_MAX)
			continue;
		GROW(p->pairs, p->pair_cap, p->pair_count + 1);
		p->pairs[p->pair_count++] = (struct clusters_pair){
		    a, b, round(db_f64(r, i, 2) * 100) / 100};
	}
	db_result_free(r);
	if (p->pair_count >= p->g->count + READ_PAIRS)
		keep_forest(p);
	return 0;
}

static int
read_links(struct parting *p, size_t from, size_t to, struct err *e)
{
	struct db_params q;
	struct db_result *r;

	db_params_init(&q);
	group_put(&q, p->g, from, to);
	r = db_work(p->g->work->db, get_links, &q, e);
	if (r == NULL)
		return -1;
	for (int i = 0; i < db_rows(r); i++) {
		struct clusters_link l = {group_index(p->g, db_i64(r, i, 0)),
		    group_index(p->g, db_i64(r, i, 1)), db_i64(r, i, 2)};

		if (l.a == SIZE_MAX || l.b == SIZE_MAX)
			continue;
		GROW(p->must, p->must_cap, p->must_count + 1);
		p->must[p->must_count++] = l;
	}
	db_result_free(r);
	return 0;
}

/* Records by piece; a piece is in one part. */
static void
fill_parts(struct group_parts *out, const struct parting *p)
{
	size_t n = p->g->count, begun = 0;
	uint32_t *starts = xcalloc(n + 1, sizeof(*starts));

	for (size_t i = 0; i < n; i++)
		starts[p->pieces[i] + 1]++;
	for (size_t i = 0; i < n; i++)
		starts[i + 1] += starts[i];
	for (size_t i = 0; i < n; i++)
		out->order[starts[p->pieces[i]]++] = (uint32_t)i;
	for (size_t from = 0, to; from < n; from = to) {
		uint32_t piece = p->pieces[out->order[from]];

		for (to = from; to < n && p->pieces[out->order[to]] == piece;)
			to++;
		if (from > begun && to - begun > LIMIT_RESOLVE_COMPONENT) {
			out->ends[out->count++] = from;
			begun = from;
		}
	}
	out->ends[out->count++] = n;
	free(starts);
}

static int
make_parts(struct group_parts *out, struct parting *p, struct err *e)
{
	size_t n = p->g->count, cut, at = 0;

	for (size_t from = 0, to; from < n; from = to) {
		to = from + READ_RECORDS < n ? from + READ_RECORDS : n;
		if (read_pairs(p, from, to, e) < 0 ||
		    read_links(p, from, to, e) < 0)
			return -1;
	}
	keep_forest(p);
	out->floors = xcalloc(n, sizeof(*out->floors));
	cut = clusters_cut(p->pieces, out->floors, n, p->pairs, p->pair_count,
	    p->must, p->must_count);
	for (size_t i = 0; i < n; i++) {
		if (out->floors[i] > out->floors[at])
			at = i;
	}
	group_log_cut(cut, p->g->records[at].record_id);
	fill_parts(out, p);
	return 0;
}

int
group_parts_make(struct group_parts *out, const struct group *g, struct err *e)
{
	struct parting p = {.g = g};
	int rc = 0;

	*out = (struct group_parts){0};
	out->order = xcalloc(g->count + 1, sizeof(*out->order));
	out->ends = xcalloc(g->count + 1, sizeof(*out->ends));
	if (g->count <= LIMIT_RESOLVE_COMPONENT) {
		for (size_t i = 0; i < g->count; i++)
			out->order[i] = (uint32_t)i;
		out->ends[out->count++] = g->count;
		return 0;
	}
	p.parents = xcalloc(g->count, sizeof(*p.parents));
	p.pieces = xcalloc(g->count, sizeof(*p.pieces));
	rc = make_parts(out, &p, e);
	free(p.pairs);
	free(p.must);
	free(p.parents);
	free(p.pieces);
	return rc;
}

void
group_log_cut(size_t records, int64_t one)
{
	if (records > 0)
		log_warn(NULL,
		    "%zu records are connected with more than %zu others "
		    "(LIMIT_CLUSTER_RECORDS), record %lld is one of them: only "
		    "pairs of them with a higher score are joined, so one "
		    "thing "
		    "may be several entries; look at what they have in common "
		    "(sheafctl explain), and link what belongs together",
		    records, LIMIT_CLUSTER_RECORDS, (long long)one);
}

void
group_parts_release(struct group_parts *p)
{
	free(p->order);
	free(p->ends);
	free(p->floors);
	*p = (struct group_parts){0};
}
