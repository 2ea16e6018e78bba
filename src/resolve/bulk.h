/*
 * Everything scored again by one version: pairs, then clusters and entries,
 * then the keys for what comes later.  Each step is a transaction that moves
 * sheaf.resolving on, so a version that is being applied goes on where it was;
 * what is in memory is made again.
 */
#ifndef SHEAF_RESOLVE_BULK_H
#define SHEAF_RESOLVE_BULK_H

#include "resolve/group.h"
#include "resolve/work.h"

struct bulk;

/* Goes on with w->state.phase, which is PHASE_PAIRS or PHASE_CLUSTERS. */
struct bulk *bulk_new(struct work *w);
void bulk_free(struct bulk *b); /* NULL is fine */
/* 1: the version is applied; 0: there is more. */
int bulk_step(struct bulk *b, struct err *e);
const struct group_change *bulk_change(const struct bulk *b);

/* sheaf.match_key from all profiles; the same way.  1: it is whole. */
struct keys_run;
struct keys_run *keys_run_new(struct work *w, struct err *e);
void keys_run_free(struct keys_run *k); /* NULL is fine */
int keys_run_step(struct keys_run *k, struct err *e);

#endif
