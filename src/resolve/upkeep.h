/*
 * What is made of composed entries, off the way of composing: text that is
 * searched, the matrix.  Each is a function of the database that does a bounded
 * piece of what waits for it, at most about a second, and says how much that
 * was; 0: nothing waits.
 */
#ifndef SHEAF_RESOLVE_UPKEEP_H
#define SHEAF_RESOLVE_UPKEEP_H

#include "resolve/work.h"

/* One piece of each, in a transaction each.  *done: entries, of all of them
 * together.  0, or -1 and e. */
int upkeep_step(struct work *w, uint64_t *done, struct err *e);

#endif
