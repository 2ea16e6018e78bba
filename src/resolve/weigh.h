/*
 * What a proposed version would change, while everything is scored by it:
 * nothing of the registry is written, but counts and examples
 * (sheaf.proposed_change).
 */
#ifndef SHEAF_RESOLVE_WEIGH_H
#define SHEAF_RESOLVE_WEIGH_H

#include "resolve/entries.h"
#include "resolve/group.h"

enum weigh_kind { WEIGH_MERGE, WEIGH_SPLIT, WEIGH_KINDS };

struct weighing {
	int32_t version;
	uint64_t count[WEIGH_KINDS]; /* entries that would go into another, and
					that would lose records */
	uint64_t moved; /* records that would change their entry */
	unsigned kept[WEIGH_KINDS]; /* examples: LIMIT_WEIGH_EXAMPLES of each */
};

/* Adds what would become of the entries of a group to g->work->weighing, and
 * writes examples, in the caller's transaction.  0, or -1 and e. */
int weigh_changes(struct group *g, const struct entries_input *in,
    const struct entries_result *out, struct err *e);

#endif
