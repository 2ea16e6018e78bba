/* All clusters and entries by a version; the second half of resolve/bulk.h. */
#ifndef SHEAF_RESOLVE_CLUSTERS_RUN_H
#define SHEAF_RESOLVE_CLUSTERS_RUN_H

#include "resolve/group.h"
#include "resolve/work.h"

struct clusters_run;

struct clusters_run *clusters_run_new(struct work *w);
void clusters_run_free(struct clusters_run *c); /* NULL is fine */
/* 1: the version is the current one, and w->state.phase is PHASE_IDLE. */
int clusters_run_step(struct clusters_run *c, struct err *e);
const struct group_change *clusters_run_change(const struct clusters_run *c);

#endif
