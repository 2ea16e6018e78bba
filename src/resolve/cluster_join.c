/* Clusters as they grow: must-links and pairs, one after the other. */
#include "resolve/cluster_priv.h"

#include <stdlib.h>

#include "base/alloc.h"

static const struct verdict nothing = {
    .by_a = SIZE_MAX, .by_b = SIZE_MAX, .reason = CLUSTERS_JOINED};

void
join_alone(struct work *w, uint32_t record)
{
	const struct clusters_record *r = &w->in->records[record];

	w->root[record] = record;
	w->next[record] = NOBODY;
	w->tail[record] = record;
	w->size[record] = 1;
	w->bond[record] = record;
	w->mask[record] = 0;
	for (size_t i = 0; i < r->rare_count; i++)
		w->mask[record] |= (uint64_t)1 << (r->rare[i] & 63);
	w->family[record] = r->family != 0 ? record : NOBODY;
}

uint32_t
join_find(struct work *w, size_t record)
{
	uint32_t r = (uint32_t)record;

	while (w->root[r] != r)
		r = w->root[r] = w->root[w->root[r]];
	return r;
}

static void
join(struct work *w, uint32_t a, uint32_t b)
{
	if (w->size[a] < w->size[b]) {
		uint32_t c = a;
		a = b;
		b = c;
	}
	w->root[b] = a;
	w->next[w->tail[a]] = b;
	w->tail[a] = w->tail[b];
	w->size[a] += w->size[b];
	w->mask[a] |= w->mask[b];
	if (w->family[a] == NOBODY ||
	    (w->family[b] != NOBODY &&
		record_less(w, w->family[b], w->family[a])))
		w->family[a] = w->family[b];
}

static bool
families_agree(
    const struct work *w, uint32_t a, uint32_t b, struct verdict *why)
{
	const struct clusters_record *records = w->in->records;
	uint32_t x = w->family[a], y = w->family[b];

	if (x == NOBODY || y == NOBODY ||
	    records[x].family == records[y].family)
		return true;
	why->reason = CLUSTERS_FAMILY;
	why->by_a = x;
	why->by_b = y;
	return false;
}

/* Whether one of the first `cannots` cannot-links is between the two. */
static bool
links_allow(
    struct work *w, uint32_t a, uint32_t b, size_t cannots, struct verdict *why)
{
	uint32_t small = w->size[a] < w->size[b] ? a : b;
	size_t first = SIZE_MAX;

	for (uint32_t m = small; m != NOBODY && cannots > 0; m = w->next[m]) {
		for (size_t i = w->cannot_from[m]; i < w->cannot_from[m + 1];
		     i++) {
			size_t c = w->cannot_of[i];
			uint32_t x = join_find(w, w->cannot[c].a),
				 y = join_find(w, w->cannot[c].b);
			if (c < cannots && c < first &&
			    ((x == a && y == b) || (x == b && y == a)))
				first = c;
		}
	}
	if (first == SIZE_MAX)
		return true;
	why->reason = CLUSTERS_CANNOT;
	why->by_a = w->cannot[first].a;
	why->by_b = w->cannot[first].b;
	return false;
}

bool
join_must(struct work *w, const struct clusters_link *l, struct verdict *why)
{
	uint32_t a = join_find(w, l->a), b = join_find(w, l->b);

	*why = nothing;
	if (a == b)
		return true;
	if (!families_agree(w, a, b, why) ||
	    !links_allow(w, a, b, w->cannot_count, why))
		return false;
	join(w, a, b);
	/* Two rings become one by exchanging what comes next. */
	a = w->bond[l->a];
	w->bond[l->a] = w->bond[l->b];
	w->bond[l->b] = a;
	return true;
}

bool
join_edge(
    struct work *w, const struct edge *e, size_t cannots, struct verdict *why)
{
	uint32_t a = join_find(w, e->a), b = join_find(w, e->b);

	*why = nothing;
	if (a == b)
		return true;
	if (e->points < w->floor[e->a] || e->points < w->floor[e->b]) {
		why->reason = CLUSTERS_SIZE;
		return false;
	}
	if (!families_agree(w, a, b, why) ||
	    !links_allow(w, a, b, cannots, why) ||
	    !judge_clusters(w, a, b, e, why))
		return false;
	join(w, a, b);
	return true;
}

static void
draft(struct work *w, size_t of, bool is_must, const struct verdict *why)
{
	GROW(w->drafts, w->draft_cap, w->draft_count + 1);
	w->drafts[w->draft_count++] =
	    (struct draft){.of = of, .is_must = is_must, .why = *why};
}

/* What was found of clusters that are no more, or by other rules. */
static void
forget_verdicts(struct work *w, bool with_twins)
{
	pairs_clear(&w->tried);
	w->verdict_count = 0;
	w->with_twins = with_twins;
}

void
join_all(struct work *w, const uint32_t *musts, size_t must_count,
    const uint32_t *edges, size_t edge_count, size_t cannots)
{
	uint32_t *again = NULL;
	size_t again_count = 0, again_cap = 0;
	struct verdict why;

	forget_verdicts(w, false);
	for (size_t i = 0; i < must_count; i++) {
		size_t m = musts != NULL ? musts[i] : i;
		if (!join_must(w, &w->must[m], &why))
			draft(w, m, true, &why);
	}
	for (size_t i = 0; i < edge_count; i++) {
		size_t e = edges != NULL ? edges[i] : i;
		if (join_edge(w, &w->edges[e], cannots, &why))
			continue;
		if (why.reason != CLUSTERS_CURATED) {
			draft(w, e, false, &why);
			continue;
		}
		GROW(again, again_cap, again_count + 1);
		again[again_count++] = (uint32_t)e;
	}
	forget_verdicts(w, true);
	for (size_t i = 0; i < again_count; i++)
		if (!join_edge(w, &w->edges[again[i]], cannots, &why))
			draft(w, again[i], false, &why);
	free(again);
}
