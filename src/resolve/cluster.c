/* From records, pairs and decisions to a partition: what comes in is put into
 * an order that is nobody's arrival, what comes out is numbered by it. */
#include "resolve/cluster.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/err.h"
#include "resolve/cluster_priv.h"
#include "resolve/parameters.h"

bool
record_less(const struct work *w, size_t a, size_t b)
{
	const struct clusters_record *x = &w->in->records[a],
				     *y = &w->in->records[b];

	if (x->key != y->key)
		return x->key < y->key;
	return x->record_id < y->record_id;
}

/* By the lesser key of the two, then by the greater. */
static int
compare_ends(
    const struct work *w, size_t a, size_t b, size_t other_a, size_t other_b)
{
	size_t x = record_less(w, a, b) ? a : b, y = x == a ? b : a,
	       u = record_less(w, other_a, other_b) ? other_a : other_b,
	       v = u == other_a ? other_b : other_a;

	if (x != u)
		return record_less(w, x, u) ? -1 : 1;
	if (y != v)
		return record_less(w, y, v) ? -1 : 1;
	return 0;
}

static int
compare_edges(const void *a, const void *b, void *arg)
{
	const struct edge *x = a, *y = b;

	if (x->points != y->points)
		return x->points > y->points ? -1 : 1;
	return compare_ends(arg, x->a, x->b, y->a, y->b);
}

static int
compare_links(const void *a, const void *b, void *arg)
{
	const struct clusters_link *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return compare_ends(arg, x->a, x->b, y->a, y->b);
}

/* All pairs are known to the scores; those that are good enough are edges. */
static void
take_pairs(struct work *w)
{
	const int32_t merge = (int32_t)(PARAMETER.merge * POINT);
	const struct clusters_input *in = w->in;

	w->edges = xcalloc(in->pair_count + 1, sizeof(*w->edges));
	for (size_t i = 0; i < in->pair_count; i++) {
		const struct clusters_pair *p = &in->pairs[i];
		int32_t points = points_from(p->score);
		BUG_ON(p->a >= w->n || p->b >= w->n || p->a == p->b);
		pairs_set(&w->scores, pair_key(p->a, p->b), points);
		if (points < merge)
			continue;
		w->edges[w->edge_count++] =
		    (struct edge){.a = (uint32_t)(p->a < p->b ? p->a : p->b),
			.b = (uint32_t)(p->a < p->b ? p->b : p->a),
			.points = points};
	}
	qsort_r(w->edges, w->edge_count, sizeof(*w->edges), compare_edges, w);
}

/* Links in their order, the same two once. */
static struct clusters_link *
take_links(
    struct work *w, const struct clusters_link *given, size_t *count, size_t n)
{
	struct clusters_link *links = xcalloc(n + 1, sizeof(*links));
	struct pairs seen = {0};
	int32_t at;

	*count = 0;
	for (size_t i = 0; i < n; i++) {
		BUG_ON(given[i].a >= w->n || given[i].b >= w->n);
		links[i] = given[i];
	}
	qsort_r(links, n, sizeof(*links), compare_links, w);
	for (size_t i = 0; i < n; i++) {
		uint64_t key = pair_key(links[i].a, links[i].b);
		if (links[i].a == links[i].b || pairs_get(&seen, key, &at))
			continue;
		pairs_set(&seen, key, 0);
		links[(*count)++] = links[i];
	}
	pairs_release(&seen);
	return links;
}

static void
index_cannots(struct work *w)
{
	size_t *from = xcalloc(w->n + 2, sizeof(*from));

	w->cannot_of = xcalloc(2 * w->cannot_count + 1, sizeof(*w->cannot_of));
	for (size_t i = 0; i < w->cannot_count; i++) {
		from[w->cannot[i].a + 2]++;
		from[w->cannot[i].b + 2]++;
	}
	for (size_t i = 1; i <= w->n; i++)
		from[i + 1] += from[i];
	for (size_t i = 0; i < w->cannot_count; i++) {
		w->cannot_of[from[w->cannot[i].a + 1]++] = i;
		w->cannot_of[from[w->cannot[i].b + 1]++] = i;
	}
	w->cannot_from = from;
}

static void
begin(struct work *w, const struct clusters_input *in)
{
	const int32_t merge = (int32_t)(PARAMETER.merge * POINT);

	BUG_ON(in->record_count >= NOBODY);
	*w = (struct work){.in = in, .n = in->record_count};
	w->floor = xcalloc(w->n + 1, sizeof(*w->floor));
	w->root = xcalloc(w->n + 1, sizeof(*w->root));
	w->next = xcalloc(w->n + 1, sizeof(*w->next));
	w->tail = xcalloc(w->n + 1, sizeof(*w->tail));
	w->size = xcalloc(w->n + 1, sizeof(*w->size));
	w->bond = xcalloc(w->n + 1, sizeof(*w->bond));
	w->mask = xcalloc(w->n + 1, sizeof(*w->mask));
	w->family = xcalloc(w->n + 1, sizeof(*w->family));
	for (size_t i = 0; i < w->n; i++) {
		join_alone(w, (uint32_t)i);
		w->floor[i] = merge;
	}
	take_pairs(w);
	w->must = take_links(w, in->must, &w->must_count, in->must_count);
	w->cannot =
	    take_links(w, in->cannot, &w->cannot_count, in->cannot_count);
	index_cannots(w);
}

static void
end(struct work *w)
{
	pairs_release(&w->scores);
	pairs_release(&w->tried);
	free(w->edges);
	free(w->floor);
	free(w->must);
	free(w->cannot);
	free(w->cannot_from);
	free(w->cannot_of);
	free(w->edge_from);
	free(w->edge_of);
	free(w->root);
	free(w->next);
	free(w->tail);
	free(w->size);
	free(w->bond);
	free(w->mask);
	free(w->family);
	free(w->verdicts);
	free(w->drafts);
}

static int
compare_records(const void *a, const void *b, void *arg)
{
	const uint32_t *x = a, *y = b;

	if (*x == *y)
		return 0;
	return record_less(arg, *x, *y) ? -1 : 1;
}

static void
number_groups(struct clusters_result *out, struct work *w)
{
	uint32_t *order = xcalloc(w->n + 1, sizeof(*order));
	size_t *number = xcalloc(w->n + 1, sizeof(*number));

	out->group = xcalloc(w->n + 1, sizeof(*out->group));
	for (size_t i = 0; i < w->n; i++)
		order[i] = (uint32_t)i;
	qsort_r(order, w->n, sizeof(*order), compare_records, w);
	for (size_t i = 0; i < w->n; i++) {
		size_t *n = &number[join_find(w, order[i])];
		if (*n == 0)
			*n = ++out->groups;
		out->group[order[i]] = *n - 1;
	}
	free(number);
	free(order);
}

static int
compare_refusals(const void *a, const void *b, void *arg)
{
	const struct clusters_refusal *x = a, *y = b;

	if (x->is_must != y->is_must)
		return x->is_must ? -1 : 1;
	if (!x->is_must && x->score != y->score)
		return x->score > y->score ? -1 : 1;
	return compare_ends(arg, x->a, x->b, y->a, y->b);
}

static struct clusters_refusal
refusal_of(const struct work *w, const struct draft *d)
{
	struct clusters_refusal r = {.is_must = d->is_must,
	    .reason = d->why.reason,
	    .by_a = d->why.by_a,
	    .by_b = d->why.by_b,
	    .mean = d->why.reason == CLUSTERS_AVERAGE ? d->why.mean : 0};
	int32_t points;

	r.a = d->is_must ? w->must[d->of].a : w->edges[d->of].a;
	r.b = d->is_must ? w->must[d->of].b : w->edges[d->of].b;
	r.score = NAN;
	if (pairs_get(&w->scores, pair_key(r.a, r.b), &points) &&
	    points != POINTS_NEVER)
		r.score = (double)points / POINT;
	return r;
}

/* Of the drafts the last one of each, where it still holds. */
static void
tell_refusals(struct clusters_result *out, const struct work *w)
{
	bool *edge_told = xcalloc(w->edge_count + 1, sizeof(*edge_told));
	bool *must_told = xcalloc(w->must_count + 1, sizeof(*must_told));

	out->refused = xcalloc(w->draft_count + 1, sizeof(*out->refused));
	for (size_t i = w->draft_count; i-- > 0;) {
		const struct draft *d = &w->drafts[i];
		bool *told = d->is_must ? must_told : edge_told;
		struct clusters_refusal r = refusal_of(w, d);
		if (told[d->of] || out->group[r.a] == out->group[r.b])
			continue;
		told[d->of] = true;
		out->refused[out->refused_count++] = r;
	}
	qsort_r(out->refused, out->refused_count, sizeof(*out->refused),
	    compare_refusals, (void *)w);
	free(edge_told);
	free(must_told);
}

void
clusters_run(struct clusters_result *out, const struct clusters_input *in)
{
	struct work w;

	*out = (struct clusters_result){0};
	begin(&w, in);
	out->cut = cut_large(&w);
	join_all(&w, NULL, w.must_count, NULL, w.edge_count, 0);
	part_all(&w);
	number_groups(out, &w);
	tell_refusals(out, &w);
	out->scored = w.scored;
	end(&w);
}

void
clusters_release(struct clusters_result *r)
{
	free(r->group);
	free(r->refused);
	*r = (struct clusters_result){0};
}
