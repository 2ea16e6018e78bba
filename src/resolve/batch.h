/* A batch of changed records, one transaction. */
#ifndef SHEAF_RESOLVE_BATCH_H
#define SHEAF_RESOLVE_BATCH_H

#include "resolve/group.h"
#include "resolve/work.h"

struct batch_result {
	size_t records; /* that were looked at; 0: nothing waits */
	struct group_change change;
};

/* Takes what waits, and makes profiles of it, no more: what a version that is
 * due will be learned from. */
int batch_profiles(struct work *w, struct batch_result *out, struct err *e);
/* Takes what waits, and does all that is to do: profiles, keys, pairs, entries.
 * There is a model, and sheaf.match_key is whole. */
int batch_resolve(struct work *w, struct batch_result *out, struct err *e);

#endif
