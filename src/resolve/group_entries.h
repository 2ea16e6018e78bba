/* From groups to entries in the database; private to resolve/group.c. */
#ifndef SHEAF_RESOLVE_GROUP_ENTRIES_H
#define SHEAF_RESOLVE_GROUP_ENTRIES_H

#include "resolve/entries.h"
#include "resolve/group.h"

/* groups: of each of g->records, ENTRIES_NONE where it is gone. */
int group_entries(
    struct group *g, const size_t *groups, size_t group_count, struct err *e);

#endif
