/* Components → clusters → entries; see resolve/group.h. */
#include "resolve/group.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "resolve/cluster.h"
#include "resolve/group_entries.h"
#include "resolve/parameters.h"
#include "resolve/score.h"

/* What a record is connected with; a record's entry is one connection, too.
 * An operator's word may be of a record that is gone, or that resolve has not
 * looked at yet: without a profile it takes no part. */
static const char neighbours[] =
    "select n.id from ("
    "select m.b as id from sheaf.match m where m.a = any($1::bigint[]) "
    "and m.score >= $2::float8 and m.verdict <> 'related' "
    "union all "
    "select m.a from sheaf.match m where m.b = any($1::bigint[]) "
    "and m.score >= $2::float8 and m.verdict <> 'related' "
    "union all "
    "select l.b from sheaf.link l where l.a = any($1::bigint[]) "
    "and l.is_same "
    "union all "
    "select l.a from sheaf.link l where l.b = any($1::bigint[]) "
    "and l.is_same "
    "union all "
    "select o.record_id from sheaf.member m "
    "join sheaf.member o on o.entry_id = m.entry_id "
    "where m.record_id = any($1::bigint[]) and o.active) n "
    "where (select p.record_id from sheaf.profile p "
    "where p.record_id = n.id) is not null";
#define PAIRS(table)                                                           \
	"select m.a, m.b, m.score::float8, m.verdict, m.reason, "              \
	"m.decided_by from " table " m where m.a = any($1::bigint[]) "         \
	"and m.score >= $2::float8 and m.verdict <> 'related'"
static const char get_pairs[] = PAIRS("sheaf.match");
static const char get_proposed[] = PAIRS("sheaf.proposed_match");
#undef PAIRS
static const char get_links[] =
    "select l.a, l.b, l.is_same, l.rank from sheaf.link l "
    "where l.a = any($1::bigint[])";
#define VERDICTS(table)                                                        \
	"update " table " m set verdict = u.verdict, reason = u.reason, "      \
	"why = u.why, decided_at = clock_timestamp() "                         \
	"from unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], "     \
	"$5::text[]) as u (a, b, verdict, reason, why) "                       \
	"where m.a = u.a and m.b = u.b and m.decided_by = 'resolve'"
static const char set_verdicts[] = VERDICTS("sheaf.match");
static const char propose_verdicts[] = VERDICTS("sheaf.proposed_match");
#undef VERDICTS

struct pair {
	size_t a, b; /* indexes of group.records */
	double score;
	bool is_refused, is_open; /* as it stands; an operator's is not open */
	const char *reason; /* as it stands, or NULL */
};

/* Why a pair is refused; NULL: it is joined. */
struct refused {
	const char *why; /* sheaf.match.why */
	const char *reason; /* for people */
};

/* One call of group_write(). */
struct grouping {
	struct group *g;
	struct arena arena;
	struct pair *pairs;
	size_t pair_count;
	struct clusters_link *must, *cannot;
	size_t must_count, cannot_count;
	/* Records with a pair or a link; the others are clusters of one. */
	size_t *nodes; /* node → index of group.records */
	uint32_t *node_of; /* and back; UINT32_MAX */
	size_t node_count;
	struct profile **profiles; /* of the nodes */
	size_t *groups; /* of each of group.records; ENTRIES_NONE */
	size_t group_count;
};

void
group_init(struct group *g, struct work *w, struct known *k)
{
	memset(g, 0, sizeof(*g));
	g->work = w;
	g->known = k;
}

void
group_release(struct group *g)
{
	free(g->records);
	idmap_release(&g->by_id);
}

void
group_clear(struct group *g)
{
	g->count = 0;
	idmap_clear(&g->by_id);
}

bool
group_add(struct group *g, int64_t record_id, bool is_active)
{
	size_t before = g->by_id.count;

	idmap_add(&g->by_id, (uint64_t)record_id, (uint32_t)g->count);
	if (g->by_id.count == before)
		return false;
	GROW(g->records, g->cap, g->count + 1);
	g->records[g->count].record_id = record_id;
	g->records[g->count].is_told = false;
	g->records[g->count++].is_active = is_active;
	return true;
}

void
group_tell(struct group *g, int64_t record_id)
{
	const uint32_t *at = idmap_find(&g->by_id, (uint64_t)record_id);

	if (at != NULL)
		g->records[*at].is_told = true;
}

static void
put_records(struct db_params *q, const struct group *g, size_t from)
{
	db_array_begin(q, DB_INT8);
	for (size_t i = from; i < g->count; i++)
		db_put_i64(q, g->records[i].record_id);
	db_array_end(q);
}

int
group_close(struct group *g, struct err *e)
{
	size_t from = 0;

	while (from < g->count) {
		struct db_params q;
		struct db_result *r;

		db_params_init(&q);
		put_records(&q, g, from);
		db_put_f64(&q, PARAMETER.merge);
		from = g->count;
		r = db_work(g->work->db, neighbours, &q, e);
		if (r == NULL)
			return -1;
		for (int i = 0; i < db_rows(r); i++)
			group_add(g, db_i64(r, i, 0), true);
		db_result_free(r);
	}
	return 0;
}

/* --- what clusters are made of --- */
static size_t
index_of(const struct group *g, int64_t record_id)
{
	const uint32_t *at = idmap_find(&g->by_id, (uint64_t)record_id);

	return at != NULL && g->records[*at].is_active ? *at : SIZE_MAX;
}

static int
read_pairs(struct grouping *x, struct err *e)
{
	struct db_params q;
	struct db_result *r;

	db_params_init(&q);
	put_records(&q, x->g, 0);
	db_put_f64(&q, PARAMETER.merge);
	r = db_work(x->g->work->db,
	    work_table(x->g->work, get_pairs, get_proposed), &q, e);
	if (r == NULL)
		return -1;
	x->pairs = arena_alloc(
	    &x->arena, ((size_t)db_rows(r) + 1) * sizeof(*x->pairs));
	for (int i = 0; i < db_rows(r); i++) {
		struct pair *p = &x->pairs[x->pair_count];

		p->a = index_of(x->g, db_i64(r, i, 0));
		p->b = index_of(x->g, db_i64(r, i, 1));
		if (p->a == SIZE_MAX || p->b == SIZE_MAX)
			continue;
		p->score = round(db_f64(r, i, 2) * 100) / 100;
		p->is_refused = !strcmp(db_text(r, i, 3), "refused");
		p->reason = db_is_null(r, i, 4)
				? NULL
				: arena_strdup(&x->arena, db_text(r, i, 4));
		p->is_open = !strcmp(db_text(r, i, 5), "resolve");
		x->pair_count++;
	}
	db_result_free(r);
	return 0;
}

static int
read_links(struct grouping *x, struct err *e)
{
	struct db_params q;
	struct db_result *r;
	size_t n;

	db_params_init(&q);
	put_records(&q, x->g, 0);
	r = db_work(x->g->work->db, get_links, &q, e);
	if (r == NULL)
		return -1;
	n = (size_t)db_rows(r) + 1;
	x->must = arena_alloc(&x->arena, n * sizeof(*x->must));
	x->cannot = arena_alloc(&x->arena, n * sizeof(*x->cannot));
	for (int i = 0; i < db_rows(r); i++) {
		struct clusters_link l = {index_of(x->g, db_i64(r, i, 0)),
		    index_of(x->g, db_i64(r, i, 1)), db_i64(r, i, 3)};

		if (l.a == SIZE_MAX || l.b == SIZE_MAX)
			continue;
		if (db_bool(r, i, 2))
			x->must[x->must_count++] = l;
		else
			x->cannot[x->cannot_count++] = l;
	}
	db_result_free(r);
	return 0;
}

static size_t
node(struct grouping *x, size_t record)
{
	if (x->node_of[record] == UINT32_MAX) {
		x->node_of[record] = (uint32_t)x->node_count;
		x->nodes[x->node_count++] = record;
		known_want(x->g->known, x->g->records[record].record_id);
	}
	return x->node_of[record];
}

/* Pairs and links from now on name nodes. */
static int
make_nodes(struct grouping *x, struct err *e)
{
	size_t n = x->g->count + 1;

	x->nodes = arena_alloc(&x->arena, n * sizeof(*x->nodes));
	x->node_of = arena_alloc(&x->arena, n * sizeof(*x->node_of));
	memset(x->node_of, 0xff, n * sizeof(*x->node_of));
	for (size_t i = 0; i < x->pair_count; i++) {
		x->pairs[i].a = node(x, x->pairs[i].a);
		x->pairs[i].b = node(x, x->pairs[i].b);
	}
	for (size_t i = 0; i < x->must_count; i++) {
		x->must[i].a = node(x, x->must[i].a);
		x->must[i].b = node(x, x->must[i].b);
	}
	for (size_t i = 0; i < x->cannot_count; i++) {
		x->cannot[i].a = node(x, x->cannot[i].a);
		x->cannot[i].b = node(x, x->cannot[i].b);
	}
	if (known_fetch(x->g->known, e) < 0)
		return -1;
	x->profiles =
	    arena_calloc(&x->arena, x->node_count + 1, sizeof(*x->profiles));
	for (size_t i = 0; i < x->node_count; i++) {
		int64_t id = x->g->records[x->nodes[i]].record_id;

		x->profiles[i] = known_find(x->g->known, id);
		if (x->profiles[i] == NULL)
			return err_set(e, ERR_DB, 0,
			    "record %lld has pairs but no profile",
			    (long long)id);
	}
	return 0;
}

static double
score_of(void *arg, size_t i, size_t j)
{
	struct grouping *x = arg;
	struct score s;

	score_pair(&s, x->profiles[i], x->profiles[j], x->g->work->model);
	return clusters_score(&s);
}

static bool
is_twin(void *arg, size_t i, size_t j)
{
	struct grouping *x = arg;

	return clusters_twins(x->profiles[i], x->profiles[j]);
}

/* --- verdicts --- */
/* Of refused pairs, by their index. */
static int
word_refusals(struct grouping *x, const struct clusters_input *in,
    const struct clusters_result *out, struct refused *said, struct err *e)
{
	struct idmap by_ends = {0};
	struct buf text;
	int rc = 0;

	buf_init(&text, MIB);
	for (size_t i = 0; i < x->pair_count; i++)
		idmap_add(&by_ends, (x->pairs[i].a << 32 | x->pairs[i].b) + 1,
		    (uint32_t)i);
	for (size_t i = 0; rc == 0 && i < out->refused_count; i++) {
		const struct clusters_refusal *f = &out->refused[i];
		const struct work_source *s = NULL;
		const uint32_t *at =
		    idmap_find(&by_ends, (f->a << 32 | f->b) + 1);

		if (at == NULL)
			at = idmap_find(&by_ends, (f->b << 32 | f->a) + 1);
		if (at == NULL)
			continue; /* a must-link without a pair */
		if (f->by_a != SIZE_MAX) {
			s = work_source(
			    x->g->work, in->records[f->by_a].source_id, e);
			rc = s == NULL ? -1 : 0;
		}
		buf_clear(&text);
		clusters_refusal_words(
		    &text, in, f, s != NULL ? s->name : NULL);
		said[*at].reason = arena_strdup(&x->arena, buf_str(&text));
		said[*at].why = clusters_reason_name(f->reason);
	}
	buf_release(&text);
	idmap_release(&by_ends);
	return rc;
}

static bool
differs(const struct pair *p, const struct refused *said)
{
	if (!p->is_open || p->is_refused != (said->why != NULL))
		return p->is_open;
	return said->why != NULL &&
	       (p->reason == NULL || strcmp(p->reason, said->reason) != 0);
}

#define COLUMN(type, put)                                                      \
	do {                                                                   \
		db_array_begin(&q, (type));                                    \
		for (size_t i = 0; i < x->pair_count; i++) {                   \
			const struct pair *p = &x->pairs[i];                   \
			if (differs(p, &said[i]))                              \
				put;                                           \
		}                                                              \
		db_array_end(&q);                                              \
	} while (0)
#define ID(end) (x->g->records[x->nodes[p->end]].record_id)

static int
write_verdicts(struct grouping *x, const struct refused *said, struct err *e)
{
	struct db_params q;
	bool any = false;

	for (size_t i = 0; i < x->pair_count; i++)
		any |= differs(&x->pairs[i], &said[i]);
	if (!any)
		return 0;
	db_params_init(&q);
	COLUMN(DB_INT8, db_put_i64(&q, ID(a)));
	COLUMN(DB_INT8, db_put_i64(&q, ID(b)));
	COLUMN(DB_TEXT, db_put_text(&q, said[i].why ? "refused" : "same"));
	COLUMN(DB_TEXT, db_put_text(&q, said[i].reason));
	COLUMN(DB_TEXT, db_put_text(&q, said[i].why));
	return db_work_do(x->g->work->db,
	    work_table(x->g->work, set_verdicts, propose_verdicts), &q, e);
}
#undef COLUMN
#undef ID

/* --- clusters --- */
static int
describe(struct grouping *x, struct clusters_record *records, struct err *e)
{
	for (size_t i = 0; i < x->node_count; i++) {
		const struct profile *p = x->profiles[i];
		const struct work_source *s =
		    work_source(x->g->work, p->source_id, e);

		if (s == NULL)
			return -1;
		clusters_record_of(&records[i], p, s->key, &x->arena);
	}
	return 0;
}

static int
cluster(struct grouping *x, struct err *e)
{
	struct clusters_record *records =
	    arena_calloc(&x->arena, x->node_count + 1, sizeof(*records));
	struct clusters_pair *pairs =
	    arena_alloc(&x->arena, (x->pair_count + 1) * sizeof(*pairs));
	struct refused *said =
	    arena_calloc(&x->arena, x->pair_count + 1, sizeof(*said));
	struct clusters_input in = {records, x->node_count, pairs,
	    x->pair_count, x->must, x->cannot, x->must_count, x->cannot_count,
	    {score_of, is_twin, x}};
	struct clusters_result out;
	int rc;

	if (describe(x, records, e) < 0)
		return -1;
	for (size_t i = 0; i < x->pair_count; i++) {
		pairs[i].a = x->pairs[i].a;
		pairs[i].b = x->pairs[i].b;
		pairs[i].score = x->pairs[i].score;
	}
	clusters_run(&out, &in);
	for (size_t i = 0; i < x->node_count; i++)
		x->groups[x->nodes[i]] = out.group[i];
	x->group_count = out.groups;
	rc = word_refusals(x, &in, &out, said, e);
	if (rc == 0)
		rc = write_verdicts(x, said, e);
	clusters_release(&out);
	return rc;
}

int
group_write(struct group *g, struct err *e)
{
	struct grouping x = {.g = g};
	int rc = 0;

	if (g->count == 0)
		return 0;
	arena_init(&x.arena, 0);
	x.groups = arena_alloc(&x.arena, g->count * sizeof(*x.groups));
	for (size_t i = 0; i < g->count; i++)
		x.groups[i] = ENTRIES_NONE;
	if (read_pairs(&x, e) < 0 || read_links(&x, e) < 0 ||
	    make_nodes(&x, e) < 0)
		rc = -1;
	if (rc == 0 && x.node_count > 0)
		rc = cluster(&x, e);
	for (size_t i = 0; i < g->count; i++) {
		if (g->records[i].is_active && x.groups[i] == ENTRIES_NONE)
			x.groups[i] = x.group_count++;
	}
	if (rc == 0)
		rc = group_entries(g, x.groups, x.group_count, e);
	arena_release(&x.arena);
	return rc;
}
