/* `sheafctl show ENTRY`. */
#ifndef SHEAF_QUERY_SHOW_ENTRY_H
#define SHEAF_QUERY_SHOW_ENTRY_H

#include "base/verb.h"

/* Every field and value of the entry, with the record and source that it came
 * from.  An exit code; what became of an id that is no entry any more is said
 * on standard error. */
int show_entry(struct verb_ctx *ctx, const char *entry_id);

#endif
