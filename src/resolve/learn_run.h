/* A model learned from all profiles, in steps. */
#ifndef SHEAF_RESOLVE_LEARN_RUN_H
#define SHEAF_RESOLVE_LEARN_RUN_H

#include "resolve/work.h"

struct learn_run;

/* NULL and e. */
struct learn_run *learn_run_new(struct work *w, struct err *e);
void learn_run_free(struct learn_run *l); /* NULL is fine */
/* Goes on for about a second.  1: done, learn_run_take(); 0: there is more. */
int learn_run_step(struct learn_run *l, struct err *e);
/* The model, the caller's from now on. */
struct model *learn_run_take(struct learn_run *l);
/* Profiles that the last pass saw. */
uint64_t learn_run_records(const struct learn_run *l);

#endif
