/*
 * Components of pairs → clusters → entries, for records that are closed: with
 * a record come all that pairs at or above PARAMETER.merge, an operator's
 * "same" or its entry connect it with.
 */
#ifndef SHEAF_RESOLVE_GROUP_H
#define SHEAF_RESOLVE_GROUP_H

#include "resolve/known.h"
#include "resolve/work.h"

struct group_record {
	int64_t record_id;
	bool is_active; /* it has a profile */
	bool is_told; /* what is in it may have changed: see group_tell */
};

struct group_change { /* how a step of resolve is told of */
	uint64_t records, entries, joined, split;
};

struct group {
	struct work *work;
	struct known *known; /* profiles; what is missing is fetched */
	struct group_record *records; /* by record_id, each once */
	size_t count, cap;
	struct idmap by_id; /* record_id → index of records */
	struct group_change change; /* since group_init */
};

void group_init(struct group *g, struct work *w, struct known *k);
void group_release(struct group *g);
void group_clear(struct group *g);
/* False when it is there already. */
bool group_add(struct group *g, int64_t record_id, bool is_active);
/* The entry of a record that is there is composed again, though it may have the
 * records that it had. */
void group_tell(struct group *g, int64_t record_id);
/* The numbers of records [from, to), as an array for a query. */
void
group_put(struct db_params *q, const struct group *g, size_t from, size_t to);
/* Its index, where it has a profile; else SIZE_MAX. */
size_t group_index(const struct group *g, int64_t record_id);
/* Adds what the records that are there are connected with, in as many steps as
 * it takes, where they have a profile. */
int group_close(struct group *g, struct err *e);
/* Clusters what is there and writes entries, members, forwards and the
 * verdicts of its pairs, and what is to be composed again, in the caller's
 * transaction. */
int group_write(struct group *g, struct err *e);

#endif
