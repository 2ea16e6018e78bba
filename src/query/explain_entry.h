/* Why an entry is what it is. */
#ifndef SHEAF_QUERY_EXPLAIN_ENTRY_H
#define SHEAF_QUERY_EXPLAIN_ENTRY_H

#include "base/verb.h"

/* Its records, the pairs that hold it together, what was kept out and what
 * operators said; entry: an id that is live.  An exit code. */
int explain_entry(const struct verb_ctx *ctx, const char *entry);

#endif
