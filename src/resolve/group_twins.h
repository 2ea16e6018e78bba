/*
 * Pairs of twins that are not kept (resolve/twins.h), made again of those that
 * are: clusters are formed of all pairs, so that it makes no difference which
 * of several equal records stands for them.
 */
#ifndef SHEAF_RESOLVE_GROUP_TWINS_H
#define SHEAF_RESOLVE_GROUP_TWINS_H

#include "resolve/cluster.h"
#include "resolve/profile.h"

struct group_twins {
	/* of the caller */
	struct profile *const *profiles; /* of all records of the pairs */
	size_t count;
	const double *floors; /* what pairs of nodes[i] need; NULL: nothing */
	const size_t *nodes;
	double (*score)(void *arg, size_t i, size_t j); /* clusters_ops.score */
	void *arg;
	/* those that are kept, and behind them what follows; to be freed */
	struct clusters_pair *pairs;
	size_t pair_count, pair_cap;
};

/* Adds one that is kept: in either order, each once. */
void group_twins_pair(struct group_twins *g, size_t a, size_t b, double score);

/* Adds to the pairs those that follow from them.  Of more than
 * LIMIT_CLUSTER_RECORDS equal records none: they are cut for their size either
 * way. */
void group_twins_fill(struct group_twins *g);

#endif
