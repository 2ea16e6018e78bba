/* Candidates in memory, by exactly the rule of resolve/blocking.h; and what is
 * known to be true. */
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "offline.h"

static int
compare_postings(const void *a, const void *b)
{
	const struct posting *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return (x->record > y->record) - (x->record < y->record);
}

static void
collect(struct index *x, const struct registry *r, const struct model *m)
{
	x->starts = xcalloc(r->count + 2, sizeof(*x->starts));
	for (size_t i = 0; i < r->count; i++) {
		struct blocking b;

		blocking_make(&b, r->profiles[i], m);
		x->starts[i + 1] = x->starts[i] + (uint32_t)b.count;
		GROW(x->postings, x->cap, x->count + b.count);
		for (size_t k = 0; k < b.count; k++)
			x->postings[x->count++] = (struct posting){
			    b.keys[k].hash, (uint32_t)i, b.keys[k].weight};
	}
}

void
index_make(struct index *x, const struct registry *r, const struct model *m)
{
	uint32_t *fill;

	*x = (struct index){.count = 0};
	collect(x, r, m);
	qsort(x->postings, x->count, sizeof(*x->postings), compare_postings);
	x->mine = xcalloc(x->count + 1, sizeof(*x->mine));
	x->groups = xcalloc(x->count + 1, sizeof(*x->groups));
	fill = xcalloc(r->count + 1, sizeof(*fill));
	for (size_t i = 0; i < x->count; i++) {
		uint32_t record = x->postings[i].record;

		if (i == 0 || x->postings[i].key != x->postings[i - 1].key)
			x->groups[x->group_count++] = (uint32_t)i;
		x->mine[x->starts[record] + fill[record]++] =
		    (uint32_t)x->group_count - 1;
	}
	x->groups[x->group_count] = (uint32_t)x->count;
	for (size_t i = 0; i < x->group_count; i++)
		if (x->groups[i + 1] - x->groups[i] > x->longest)
			x->longest = x->groups[i + 1] - x->groups[i];
	free(fill);
}

void
index_release(struct index *x)
{
	free(x->postings);
	free(x->starts);
	free(x->mine);
	free(x->groups);
	*x = (struct index){0};
}

struct index_cost
index_pairs(const struct index *x, const struct registry *r,
    const struct model *m, index_fn *pair, void *arg)
{
	struct index_cost cost = {0};
	uint32_t least = blocking_least(m),
		 *sums = xcalloc(r->count + 1, sizeof(*sums)),
		 *touched = xcalloc(r->count + 1, sizeof(*touched));

	for (size_t i = 0; i < r->count; i++) {
		size_t n = 0;

		for (uint32_t k = x->starts[i]; k < x->starts[i + 1]; k++) {
			uint32_t from = x->groups[x->mine[k]],
				 to = x->groups[x->mine[k] + 1];

			cost.postings += to - from;
			for (uint32_t at = from;
			     at < to && x->postings[at].record < i; at++) {
				uint32_t j = x->postings[at].record;

				if (sums[j] == 0)
					touched[n++] = j;
				sums[j] += x->postings[at].weight;
			}
		}
		cost.shared += n;
		for (size_t k = 0; k < n; k++) {
			if (sums[touched[k]] >= least) {
				cost.candidates++;
				pair(arg, i, touched[k]);
			}
			sums[touched[k]] = 0;
		}
	}
	free(sums);
	free(touched);
	return cost;
}

/* --- what is known to be true --- */

struct named {
	const char *id;
	size_t at;
};

static int
compare_named(const void *a, const void *b)
{
	return strcmp(
	    ((const struct named *)a)->id, ((const struct named *)b)->id);
}

static int
compare_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void
add_pair(struct gold *g, size_t *cap, size_t i, size_t j)
{
	if (i == j)
		return;
	GROW(g->pairs, *cap, g->count + 1);
	g->pairs[g->count++] =
	    i > j ? (uint64_t)i << 32 | j : (uint64_t)j << 32 | i;
}

struct in_cluster {
	char cluster[64];
	size_t at;
};

static int
compare_clusters(const void *a, const void *b)
{
	return strcmp(((const struct in_cluster *)a)->cluster,
	    ((const struct in_cluster *)b)->cluster);
}

static void
pairs_of_clusters(
    struct gold *g, size_t *cap, struct in_cluster *rows, size_t n)
{
	qsort(rows, n, sizeof(*rows), compare_clusters);
	for (size_t i = 0; i < n; i++)
		for (size_t k = i + 1;
		     k < n && strcmp(rows[i].cluster, rows[k].cluster) == 0;
		     k++)
			add_pair(g, cap, rows[i].at, rows[k].at);
}

static struct named *
sort_ids(const struct registry *r)
{
	struct named *names = xcalloc(r->count + 1, sizeof(*names));

	for (size_t i = 0; i < r->count; i++)
		names[i] = (struct named){r->ids[i], i};
	qsort(names, r->count, sizeof(*names), compare_named);
	return names;
}

/* Of ids without quotes or commas, as ours are. */
void
gold_read(
    struct gold *g, const struct registry *r, const char *path, bool is_pairs)
{
	struct named *names = sort_ids(r), *a, *b;
	struct in_cluster *rows = NULL;
	size_t n = 0, cap = 0, pair_cap = 0;
	char line[4096];
	FILE *f = fopen(path, "re");

	if (!f)
		err(EX_NOINPUT, "%s", path);
	*g = (struct gold){.count = 0};
	while (fgets(line, sizeof(line), f)) {
		char *save, *one = strtok_r(line, ",\r\n", &save),
			    *two = one ? strtok_r(NULL, ",\r\n", &save) : NULL;
		struct named x = {one, 0}, y = {two, 0};

		if (!two || !(a = bsearch(&x, names, r->count, sizeof(*names),
				  compare_named)))
			continue;
		if (is_pairs) {
			b = bsearch(
			    &y, names, r->count, sizeof(*names), compare_named);
			if (b)
				add_pair(g, &pair_cap, a->at, b->at);
			continue;
		}
		GROW(rows, cap, n + 1);
		snprintf(rows[n].cluster, sizeof(rows[n].cluster), "%s", two);
		rows[n++].at = a->at;
	}
	fclose(f);
	pairs_of_clusters(g, &pair_cap, rows, n);
	if (g->count > 0)
		qsort(g->pairs, g->count, sizeof(*g->pairs), compare_u64);
	free(rows);
	free(names);
}

bool
gold_has(const struct gold *g, size_t i, size_t j)
{
	uint64_t key = i > j ? (uint64_t)i << 32 | j : (uint64_t)j << 32 | i;

	return g->count > 0 && bsearch(&key, g->pairs, g->count,
				   sizeof(*g->pairs), compare_u64) != NULL;
}
