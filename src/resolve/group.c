/* Components → clusters → entries; see resolve/group.h. */
#include "resolve/group.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "resolve/cluster.h"
#include "resolve/group_entries.h"
#include "resolve/group_parts.h"
#include "resolve/parameters.h"
#include "resolve/score.h"

/* What a record is connected with; a record's entry is one connection, too.
 * An operator's word may be of a record that is gone, or that resolve has not
 * looked at yet: without a profile it takes no part. */
static const char neighbours[] =
    "select distinct n.id from ("
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
    "select o.record_id from sheaf.member o "
    "where o.entry_id in (select m.entry_id from sheaf.member m "
    "where m.record_id = any($1::bigint[])) and o.active) n "
    "where (select p.record_id from sheaf.profile p "
    "where p.record_id = n.id) is not null";
#define PAIRS(table, those)                                                    \
	"select m.a, m.b, m.score::float8, m.verdict, m.reason, "              \
	"m.decided_by from " table " m where m.a = any($1::bigint[]) "         \
	"and m.score >= $2::float8 and m.verdict <> 'related'" those
static const char get_pairs[] = PAIRS("sheaf.match", "");
/* Records go while a version is weighed, and their pairs there stay. */
static const char get_proposed[] = PAIRS("sheaf.proposed_match",
    " and exists (select from sheaf.profile p where p.record_id = m.a) "
    "and exists (select from sheaf.profile p where p.record_id = m.b)");
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

/* So many records of a group are asked about at a time. */
enum { READ_RECORDS = 2048 };

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

/* One part in group_write(). */
struct grouping {
	struct group *g;
	struct arena arena;
	const uint32_t *members; /* indexes of group.records */
	size_t member_count;
	const double *floors; /* group_parts.floors */
	struct pair *pairs;
	size_t pair_count, pair_cap;
	struct pair *cuts; /* pairs that are below the floors of their ends */
	size_t cut_count, cut_cap;
	struct clusters_link *must, *cannot;
	size_t must_count, cannot_count, must_cap, cannot_cap;
	bool *is_member; /* of each of group.records */
	/* Records with a pair or a link; the others are clusters of one. */
	size_t *nodes; /* node → index of group.records */
	uint32_t *node_of; /* and back; UINT32_MAX */
	size_t node_count;
	struct profile **profiles; /* of the nodes */
	size_t *groups; /* of each of group.records; ENTRIES_NONE */
	size_t group_count; /* of all parts up to this one */
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

void
group_put(struct db_params *q, const struct group *g, size_t from, size_t to)
{
	db_array_begin(q, DB_INT8);
	for (size_t i = from; i < to; i++)
		db_put_i64(q, g->records[i].record_id);
	db_array_end(q);
}

int
group_close(struct group *g, struct err *e)
{
	for (size_t from = 0, to; from < g->count; from = to) {
		struct db_params q;
		struct db_result *r;

		to = from + READ_RECORDS < g->count ? from + READ_RECORDS
						    : g->count;
		db_params_init(&q);
		group_put(&q, g, from, to);
		db_put_f64(&q, PARAMETER.merge);
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
size_t
group_index(const struct group *g, int64_t record_id)
{
	const uint32_t *at = idmap_find(&g->by_id, (uint64_t)record_id);

	return at != NULL && g->records[*at].is_active ? *at : SIZE_MAX;
}

static void
put_members(struct db_params *q, const struct grouping *x, size_t from)
{
	size_t to = from + READ_RECORDS < x->member_count ? from + READ_RECORDS
							  : x->member_count;

	db_array_begin(q, DB_INT8);
	for (size_t i = from; i < to; i++)
		db_put_i64(q, x->g->records[x->members[i]].record_id);
	db_array_end(q);
}

static void
take_pair(struct grouping *x, const struct db_result *r, int i)
{
	struct pair p = {.a = group_index(x->g, db_i64(r, i, 0)),
	    .b = group_index(x->g, db_i64(r, i, 1)),
	    .score = round(db_f64(r, i, 2) * 100) / 100};

	if (p.a == SIZE_MAX || p.b == SIZE_MAX)
		return;
	p.is_refused = !strcmp(db_text(r, i, 3), "refused");
	if (!db_is_null(r, i, 4))
		p.reason = arena_strdup(&x->arena, db_text(r, i, 4));
	p.is_open = !strcmp(db_text(r, i, 5), "resolve");
	if (x->floors != NULL &&
	    (p.score < x->floors[p.a] || p.score < x->floors[p.b])) {
		GROW(x->cuts, x->cut_cap, x->cut_count + 1);
		x->cuts[x->cut_count++] = p;
		return;
	}
	GROW(x->pairs, x->pair_cap, x->pair_count + 1);
	x->pairs[x->pair_count++] = p;
}

static int
read_pairs(struct grouping *x, size_t from, struct err *e)
{
	struct db_params q;
	struct db_result *r;

	db_params_init(&q);
	put_members(&q, x, from);
	db_put_f64(&q, PARAMETER.merge);
	r = db_work(x->g->work->db,
	    work_table(x->g->work, get_pairs, get_proposed), &q, e);
	if (r == NULL)
		return -1;
	for (int i = 0; i < db_rows(r); i++)
		take_pair(x, r, i);
	db_result_free(r);
	return 0;
}

/* Those between two parts are between pieces: no must-links, and cannot-links
 * that have nothing to part. */
static int
read_links(struct grouping *x, size_t from, struct err *e)
{
	struct db_params q;
	struct db_result *r;

	db_params_init(&q);
	put_members(&q, x, from);
	r = db_work(x->g->work->db, get_links, &q, e);
	if (r == NULL)
		return -1;
	for (int i = 0; i < db_rows(r); i++) {
		struct clusters_link l = {group_index(x->g, db_i64(r, i, 0)),
		    group_index(x->g, db_i64(r, i, 1)), db_i64(r, i, 3)};

		if (l.a == SIZE_MAX || l.b == SIZE_MAX)
			continue;
		if (db_bool(r, i, 2)) {
			GROW(x->must, x->must_cap, x->must_count + 1);
			x->must[x->must_count++] = l;
		} else if (x->is_member[l.b]) {
			GROW(x->cannot, x->cannot_cap, x->cannot_count + 1);
			x->cannot[x->cannot_count++] = l;
		}
	}
	db_result_free(r);
	return 0;
}

static int
read_all(struct grouping *x, struct err *e)
{
	for (size_t i = 0; i < x->member_count; i += READ_RECORDS) {
		if (read_pairs(x, i, e) < 0 || read_links(x, i, e) < 0)
			return -1;
	}
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

	x->nodes =
	    arena_alloc(&x->arena, (x->member_count + 1) * sizeof(*x->nodes));
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
		for (size_t i = 0; i < n; i++) {                               \
			const struct pair *p = &pairs[i];                      \
			if (differs(p, &said[i]))                              \
				put;                                           \
		}                                                              \
		db_array_end(&q);                                              \
	} while (0)

/* nodes: what the ends of the pairs are indexes of, or NULL: of the group. */
static int
write_verdicts(struct group *g, const struct pair *pairs, size_t n,
    const size_t *nodes, const struct refused *said, struct err *e)
{
	struct db_params q;
	bool any = false;

	for (size_t i = 0; i < n; i++)
		any |= differs(&pairs[i], &said[i]);
	if (!any)
		return 0;
#define ID(end) (g->records[nodes ? nodes[end] : (end)].record_id)
	db_params_init(&q);
	COLUMN(DB_INT8, db_put_i64(&q, ID(p->a)));
	COLUMN(DB_INT8, db_put_i64(&q, ID(p->b)));
	COLUMN(DB_TEXT, db_put_text(&q, said[i].why ? "refused" : "same"));
	COLUMN(DB_TEXT, db_put_text(&q, said[i].reason));
	COLUMN(DB_TEXT, db_put_text(&q, said[i].why));
	return db_work_do(g->work->db,
	    work_table(g->work, set_verdicts, propose_verdicts), &q, e);
#undef ID
}
#undef COLUMN

static int
refuse_cuts(struct grouping *x, struct err *e)
{
	const struct clusters_refusal f = {
	    .reason = CLUSTERS_SIZE, .by_a = SIZE_MAX, .by_b = SIZE_MAX};
	const struct clusters_input none = {0};
	struct refused *said, one = {.why = clusters_reason_name(f.reason)};
	struct buf words;

	if (x->cut_count == 0)
		return 0;
	buf_init(&words, MIB);
	clusters_refusal_words(&words, &none, &f, NULL);
	one.reason = arena_strdup(&x->arena, buf_str(&words));
	buf_release(&words);
	said = arena_alloc(&x->arena, x->cut_count * sizeof(*said));
	for (size_t i = 0; i < x->cut_count; i++)
		said[i] = one;
	return write_verdicts(x->g, x->cuts, x->cut_count, NULL, said, e);
}

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
		x->groups[x->nodes[i]] = x->group_count + out.group[i];
	x->group_count += out.groups;
	if (out.cut > 0)
		group_log_cut(out.cut, x->g->records[x->nodes[0]].record_id);
	rc = word_refusals(x, &in, &out, said, e);
	if (rc == 0)
		rc = write_verdicts(
		    x->g, x->pairs, x->pair_count, x->nodes, said, e);
	clusters_release(&out);
	return rc;
}

static int
group_part(struct grouping *x, struct err *e)
{
	int rc;

	arena_init(&x->arena, 0);
	x->is_member = xcalloc(x->g->count + 1, sizeof(*x->is_member));
	for (size_t i = 0; i < x->member_count; i++)
		x->is_member[x->members[i]] = true;
	rc = read_all(x, e);
	if (rc == 0)
		rc = make_nodes(x, e);
	if (rc == 0 && x->node_count > 0)
		rc = cluster(x, e);
	if (rc == 0)
		rc = refuse_cuts(x, e);
	free(x->is_member);
	free(x->pairs);
	free(x->cuts);
	free(x->must);
	free(x->cannot);
	arena_release(&x->arena);
	return rc;
}

/* Clusters of each part: groups of the group's records. */
static int
group_all(struct group *g, const struct group_parts *parts, size_t *groups,
    size_t *count, struct err *e)
{
	size_t from = 0;

	for (size_t i = 0; i < parts->count; i++) {
		struct grouping x = {.g = g,
		    .members = parts->order + from,
		    .member_count = parts->ends[i] - from,
		    .floors = parts->floors,
		    .groups = groups,
		    .group_count = *count};

		if (parts->count > 1)
			known_clear(g->known);
		if (group_part(&x, e) < 0)
			return -1;
		*count = x.group_count;
		from = parts->ends[i];
	}
	return 0;
}

int
group_write(struct group *g, struct err *e)
{
	struct group_parts parts;
	size_t *groups, count = 0;
	int rc;

	if (g->count == 0)
		return 0;
	groups = xcalloc(g->count, sizeof(*groups));
	for (size_t i = 0; i < g->count; i++)
		groups[i] = ENTRIES_NONE;
	rc = group_parts_make(&parts, g, e);
	if (rc == 0)
		rc = group_all(g, &parts, groups, &count, e);
	group_parts_release(&parts);
	for (size_t i = 0; i < g->count; i++) {
		if (g->records[i].is_active && groups[i] == ENTRIES_NONE)
			groups[i] = count++;
	}
	if (rc == 0)
		rc = group_entries(g, groups, count, e);
	free(groups);
	return rc;
}
