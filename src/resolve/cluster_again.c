/*
 * Cannot-links: a cluster that holds both ends is made anew of its own
 * records.  The others are not touched, so what an operator takes apart does
 * not move what he has not looked at; a record that would go elsewhere now
 * stays by itself, and its pair is there for review.
 */
#include "resolve/cluster_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

/* For each record its edges, once there is something to take apart. */
static void
index_edges(struct work *w)
{
	size_t *fill;

	if (w->edge_from != NULL)
		return;
	w->edge_from = xcalloc(w->n + 2, sizeof(*w->edge_from));
	w->edge_of = xcalloc(2 * w->edge_count + 1, sizeof(*w->edge_of));
	for (size_t i = 0; i < w->edge_count; i++) {
		w->edge_from[w->edges[i].a + 1]++;
		w->edge_from[w->edges[i].b + 1]++;
	}
	for (size_t i = 0; i < w->n; i++)
		w->edge_from[i + 1] += w->edge_from[i];
	fill = xcalloc(w->n + 1, sizeof(*fill));
	memcpy(fill, w->edge_from, w->n * sizeof(*fill));
	for (size_t i = 0; i < w->edge_count; i++) {
		w->edge_of[fill[w->edges[i].a]++] = (uint32_t)i;
		w->edge_of[fill[w->edges[i].b]++] = (uint32_t)i;
	}
	free(fill);
}

static int
compare_numbers(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

struct list {
	uint32_t *items;
	size_t count, cap;
};

static void
list_add(struct list *l, uint32_t item)
{
	GROW(l->items, l->cap, l->count + 1);
	l->items[l->count++] = item;
}

/* The edges within the cluster, best first: that is the order of all. */
static void
edges_within(struct work *w, uint32_t root, struct list *edges)
{
	index_edges(w);
	for (uint32_t m = root; m != NOBODY; m = w->next[m]) {
		for (size_t i = w->edge_from[m]; i < w->edge_from[m + 1]; i++) {
			const struct edge *e = &w->edges[w->edge_of[i]];
			if (e->a == m && join_find(w, e->b) == root)
				list_add(edges, w->edge_of[i]);
		}
	}
	if (edges->count > 1)
		qsort(edges->items, edges->count, sizeof(*edges->items),
		    compare_numbers);
}

static void
musts_within(struct work *w, uint32_t root, struct list *musts)
{
	for (size_t i = 0; i < w->must_count; i++) {
		if (join_find(w, w->must[i].a) == root &&
		    join_find(w, w->must[i].b) == root)
			list_add(musts, (uint32_t)i);
	}
}

static void
part(struct work *w, uint32_t root, size_t cannots)
{
	struct list edges = {0}, musts = {0}, members = {0};

	edges_within(w, root, &edges);
	musts_within(w, root, &musts);
	for (uint32_t m = root; m != NOBODY; m = w->next[m])
		list_add(&members, m);
	for (size_t i = 0; i < members.count; i++)
		join_alone(w, members.items[i]);
	join_all(
	    w, musts.items, musts.count, edges.items, edges.count, cannots);
	free(edges.items);
	free(musts.items);
	free(members.items);
}

void
part_all(struct work *w)
{
	for (size_t i = 0; i < w->cannot_count; i++) {
		uint32_t a = join_find(w, w->cannot[i].a);
		if (a == join_find(w, w->cannot[i].b))
			part(w, a, i + 1);
	}
}
