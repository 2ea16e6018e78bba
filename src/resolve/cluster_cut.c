/*
 * Components that are too large: they are what hostile or broken sources make
 * (100,000 items under one title), and judging n records means n * n scores.
 * A threshold that rises until the pieces are small keeps what is surest, and
 * what a piece is depends on the component alone.
 */
#include "resolve/cluster_priv.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "resolve/parameters.h"

struct pieces {
	uint32_t *parent, *size;
};

static uint32_t
piece_of(const struct pieces *p, uint32_t r)
{
	while (p->parent[r] != r)
		r = p->parent[r] = p->parent[p->parent[r]];
	return r;
}

static void
connect(struct pieces *p, uint32_t a, uint32_t b)
{
	a = piece_of(p, a);
	b = piece_of(p, b);
	if (a == b)
		return;
	if (p->size[a] < p->size[b]) {
		uint32_t c = a;
		a = b;
		b = c;
	}
	p->parent[b] = a;
	p->size[a] += p->size[b];
}

static bool
is_large(const struct pieces *p, uint32_t r)
{
	return p->size[piece_of(p, r)] > LIMIT_CLUSTER_RECORDS;
}

/* What pairs that are good enough, and must-links, connect. */
static void
find_pieces(const struct work *w, struct pieces *p, const struct edge *edges,
    size_t count)
{
	for (size_t i = 0; i < w->n; i++) {
		p->parent[i] = (uint32_t)i;
		p->size[i] = 1;
	}
	for (size_t i = 0; i < w->must_count; i++)
		connect(p, (uint32_t)w->must[i].a, (uint32_t)w->must[i].b);
	for (size_t i = 0; i < count; i++)
		connect(p, edges[i].a, edges[i].b);
}

/* Raises the floor of all records in large pieces; how many those are. */
static size_t
raise_floor(struct work *w, const struct pieces *p, int32_t to)
{
	size_t large = 0;

	for (size_t i = 0; i < w->n; i++) {
		if (!is_large(p, (uint32_t)i))
			continue;
		w->floor[i] = to;
		large++;
	}
	return large;
}

/* Keeps the edges of large pieces that are good enough for them. */
static size_t
keep_edges(const struct work *w, const struct pieces *p, struct edge *edges,
    size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		if (is_large(p, edges[i].a) &&
		    edges[i].points >= w->floor[edges[i].a])
			edges[kept++] = edges[i];
	}
	return kept;
}

size_t
cut_large(struct work *w)
{
	const int32_t merge = (int32_t)(PARAMETER.merge * POINT);
	struct pieces p;
	struct edge *edges;
	size_t count = w->edge_count, concerned = 0;

	if (w->n <= LIMIT_CLUSTER_RECORDS)
		return 0;
	p.parent = xcalloc(w->n, sizeof(*p.parent));
	p.size = xcalloc(w->n, sizeof(*p.size));
	edges = xcalloc(count + 1, sizeof(*edges));
	for (size_t i = 0; i < count; i++)
		edges[i] = w->edges[i];
	find_pieces(w, &p, edges, count);
	for (unsigned round = 1; round <= LIMIT_CLUSTER_ROUNDS; round++) {
		bool last = round == LIMIT_CLUSTER_ROUNDS;
		size_t large = raise_floor(
		    w, &p, last ? INT32_MAX : merge + (int32_t)round * POINT);
		if (round == 1)
			concerned = large;
		if (large == 0)
			break;
		count = keep_edges(w, &p, edges, count);
		find_pieces(w, &p, edges, count);
	}
	free(edges);
	free(p.size);
	free(p.parent);
	return concerned;
}

static void
last_pieces(const struct work *w, uint32_t *out)
{
	struct pieces p = {out, xcalloc(w->n + 1, sizeof(*p.size))};

	find_pieces(w, &p, NULL, 0);
	for (size_t i = 0; i < w->edge_count; i++) {
		const struct edge *e = &w->edges[i];

		if (e->points >= w->floor[e->a] && e->points >= w->floor[e->b])
			connect(&p, e->a, e->b);
	}
	for (size_t i = 0; i < w->n; i++)
		out[i] = piece_of(&p, (uint32_t)i);
	free(p.size);
}

size_t
clusters_cut(uint32_t *pieces, double *floors, size_t records,
    const struct clusters_pair *pairs, size_t pair_count,
    const struct clusters_link *must, size_t must_count)
{
	const int32_t merge = (int32_t)(PARAMETER.merge * POINT);
	struct work w = {.n = records, .must_count = must_count};
	size_t concerned;

	w.edges = xcalloc(pair_count + 1, sizeof(*w.edges));
	w.must = xcalloc(must_count + 1, sizeof(*w.must));
	w.floor = xcalloc(records + 1, sizeof(*w.floor));
	for (size_t i = 0; i < pair_count; i++) {
		struct edge e = {(uint32_t)pairs[i].a, (uint32_t)pairs[i].b,
		    points_from(pairs[i].score)};

		if (e.points >= merge)
			w.edges[w.edge_count++] = e;
	}
	for (size_t i = 0; i < must_count; i++)
		w.must[i] = must[i];
	for (size_t i = 0; i < records; i++)
		w.floor[i] = merge;
	concerned = cut_large(&w);
	last_pieces(&w, pieces);
	for (size_t i = 0; i < records; i++)
		floors[i] = (double)w.floor[i] / POINT;
	free(w.edges);
	free(w.must);
	free(w.floor);
	return concerned;
}
