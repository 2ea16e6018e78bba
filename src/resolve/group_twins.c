/* What follows from the pairs that are kept; see resolve/group_twins.h. */
#include "resolve/group_twins.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "resolve/idmap.h"
#include "resolve/parameters.h"

struct filling {
	struct group_twins *g;
	struct idmap known; /* pairs that are there */
	uint32_t *order; /* records by class */
	uint32_t *from, *to; /* of each record: its class in order */
	bool any;
};

static uint64_t
key_of(size_t a, size_t b)
{
	return (a < b ? (uint64_t)a << 32 | b : (uint64_t)b << 32 | a) + 1;
}

static int
by_class(const void *a, const void *b, void *arg)
{
	const struct group_twins *g = arg;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	uint64_t of_x = g->profiles[x]->twins, of_y = g->profiles[y]->twins;

	if (of_x != of_y)
		return of_x < of_y ? -1 : 1;
	return (x > y) - (x < y);
}

void
group_twins_pair(struct group_twins *g, size_t a, size_t b, double score)
{
	GROW(g->pairs, g->pair_cap, g->pair_count + 1);
	g->pairs[g->pair_count++] = (struct clusters_pair){a, b, score};
}

static void
add(struct filling *f, size_t a, size_t b, double score)
{
	struct group_twins *g = f->g;
	size_t before = f->known.count;

	if (g->floors != NULL &&
	    (score < g->floors[g->nodes[a]] || score < g->floors[g->nodes[b]]))
		return;
	idmap_add(&f->known, key_of(a, b), 0);
	if (f->known.count > before)
		group_twins_pair(g, a, b, score);
}

/* Those of one class, where they are one thing; others stand for themselves. */
static void
fill_class(struct filling *f, uint32_t from, uint32_t to)
{
	struct group_twins *g = f->g;
	double score;

	if (to - from < 2 || to - from > LIMIT_CLUSTER_RECORDS)
		return;
	score = g->score(g->arg, f->order[from], f->order[from + 1]);
	if (!(score >= PARAMETER.merge))
		return;
	f->any = true;
	for (uint32_t i = from; i < to; i++) {
		f->from[f->order[i]] = from;
		f->to[f->order[i]] = to;
		for (uint32_t k = i + 1; k < to; k++)
			add(f, f->order[i], f->order[k], score);
	}
}

/* What holds for a pair holds for all twins of both ends. */
static void
fill_pair(struct filling *f, const struct clusters_pair *p)
{
	uint32_t a_from = f->from[p->a], a_to = f->to[p->a],
		 b_from = f->from[p->b], b_to = f->to[p->b];

	if (a_from == b_from || a_to - a_from + b_to - b_from == 2 ||
	    a_to - a_from + b_to - b_from > LIMIT_CLUSTER_RECORDS)
		return;
	for (uint32_t i = a_from; i < a_to; i++) {
		for (uint32_t k = b_from; k < b_to; k++)
			add(f, f->order[i], f->order[k], p->score);
	}
}

static void
fill(struct filling *f)
{
	struct group_twins *g = f->g;
	size_t kept = g->pair_count;

	for (uint32_t i = 0; i < g->count; i++)
		f->order[i] = i;
	qsort_r(f->order, g->count, sizeof(*f->order), by_class, g);
	for (uint32_t i = 0; i < g->count; i++) {
		f->from[f->order[i]] = i;
		f->to[f->order[i]] = i + 1;
	}
	for (size_t i = 0; i < kept; i++)
		idmap_add(&f->known, key_of(g->pairs[i].a, g->pairs[i].b), 0);
	for (uint32_t from = 0, to; from < g->count; from = to) {
		uint64_t class = g->profiles[f->order[from]]->twins;

		for (to = from + 1; to < g->count &&
				    g->profiles[f->order[to]]->twins == class;)
			to++;
		fill_class(f, from, to);
	}
	for (size_t i = 0; f->any && i < kept; i++) {
		struct clusters_pair p = g->pairs[i];

		fill_pair(f, &p);
	}
}

void
group_twins_fill(struct group_twins *g)
{
	struct filling f = {.g = g};

	f.order = xcalloc(g->count + 1, sizeof(*f.order));
	f.from = xcalloc(g->count + 1, sizeof(*f.from));
	f.to = xcalloc(g->count + 1, sizeof(*f.to));
	if (g->count > 1)
		fill(&f);
	idmap_release(&f.known);
	free(f.order);
	free(f.from);
	free(f.to);
}
