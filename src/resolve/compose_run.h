/*
 * Entries composed, in the database: rows of sheaf.uncomposed → sheaf.composed
 * and its values.  What is as it was is not written; what differs goes with its
 * changes, history and what is to be made of it in one transaction.
 */
#ifndef SHEAF_RESOLVE_COMPOSE_RUN_H
#define SHEAF_RESOLVE_COMPOSE_RUN_H

#include "resolve/work.h"

struct composer;

struct composer *composer_new(struct work *w);
void composer_free(struct composer *c); /* NULL is fine */
/* A step of a second at most, as a rule, a transaction.  Entries that were
 * composed, and of them those that changed, are added to *looked_at and
 * *changed.  What fails is tried with half as many; an entry that fails alone
 * is logged and put aside, to be tried again later.  1: there may be more; 0:
 * nothing waits; -1 and e, where it is not an entry's, or many fail. */
int composer_step(
    struct composer *c, uint64_t *looked_at, uint64_t *changed, struct err *e);

#endif
