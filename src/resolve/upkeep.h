/*
 * Entries kept up to date: composed, and then what is made of them off the way
 * of composing, text that is searched and the matrix.  The latter are functions
 * of the database that do a bounded piece of what waits for it, at most a
 * second or two, and say how much that was; 0: nothing waits.  Each has a
 * connection of its own and works while entries are composed.
 */
#ifndef SHEAF_RESOLVE_UPKEEP_H
#define SHEAF_RESOLVE_UPKEEP_H

#include "resolve/work.h"

struct upkeep;

struct upkeep *upkeep_new(struct work *w);
void upkeep_free(struct upkeep *u); /* NULL is fine */
/* One piece, a transaction or a few.  1: there may be more; 0: nothing waits;
 * -1 and e. */
int upkeep_step(struct upkeep *u, struct err *e);
/* The same when some time has passed since the last piece: for whoever does
 * something else that takes long.  What fails is logged and tried again after a
 * while that grows; -1 and e only where the connection is lost. */
int upkeep_aside(struct upkeep *u, struct err *e);

#endif
