/*
 * A group in parts that go into memory one after the other: records whose
 * pairs and profiles are held at a time.  Entries are formed of the whole.
 */
#ifndef SHEAF_RESOLVE_GROUP_PARTS_H
#define SHEAF_RESOLVE_GROUP_PARTS_H

#include "resolve/group.h"

struct group_parts {
	uint32_t *order; /* indexes of group.records, part by part */
	size_t *ends; /* of each part, in order */
	size_t count;
	/* Of each of group.records, by index: a pair needs that much, at both
	 * ends, to count at all.  NULL: there is one part, and no such bound.
	 */
	double *floors;
};

/* One part where the group has at most LIMIT_RESOLVE_COMPONENT records; else
 * as many records in each as whole pieces allow (clusters_cut()), in the
 * caller's transaction.  What is cut for its size is logged.  0, or -1 and e;
 * released either way by group_parts_release(). */
int
group_parts_make(struct group_parts *p, const struct group *g, struct err *e);
void group_parts_release(struct group_parts *p);
/* Tells the operator of records that were cut, where there are any; one of them
 * by its number. */
void group_log_cut(size_t records, int64_t one);

#endif
