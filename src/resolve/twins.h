/*
 * Twins: records of one source that say the same word for word, but for their
 * identifier.  What one of them scores with a third record they all do, so one
 * stands for them: a pair of two twins is kept where one of the two stands for
 * the others, and a pair with a third record where both ends stand for theirs
 * (or have none).  So n records that are equal make n rows, not n * n / 2, and
 * what is not kept follows from what is (group_twins.h).
 *
 * The one with the least hash of its identifier stands for them: a function of
 * the set of records, not of the order in which they came.
 */
#ifndef SHEAF_RESOLVE_TWINS_H
#define SHEAF_RESOLVE_TWINS_H

#include "resolve/profile.h"

struct twin {
	uint64_t class; /* profile.twins */
	uint64_t identifier; /* profile.identifier_hash */
};

struct twins {
	struct twin *items; /* settled: of each class of several the one that
			       stands for it, by rising class */
	size_t count, cap;
};

void twins_release(struct twins *t);
void twins_clear(struct twins *t); /* keeps the memory */
/* Any order, each record once. */
void twins_add(struct twins *t, const struct profile *p);
/* All were added: from now on it can be asked. */
void twins_settle(struct twins *t);
/* Who stands for a class; NULL: it has one record, or none. */
const struct twin *twins_find(const struct twins *t, uint64_t class);
/* It stands for its twins, or has none. */
bool twins_is_first(const struct twins *t, const struct profile *p);

#endif
