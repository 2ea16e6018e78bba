/* All candidate pairs by a version; the first half of resolve/bulk.h. */
#ifndef SHEAF_RESOLVE_PAIRS_RUN_H
#define SHEAF_RESOLVE_PAIRS_RUN_H

#include "resolve/work.h"

struct pairs_run;

struct pairs_run *pairs_run_new(struct work *w);
void pairs_run_free(struct pairs_run *p); /* NULL is fine */
/* 1: w->state.phase is PHASE_CLUSTERS now. */
int pairs_run_step(struct pairs_run *p, struct err *e);

#endif
