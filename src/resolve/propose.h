/*
 * A version that is proposed: learned from what is there, and weighed (what it
 * would change), beside the work with the current one; an operator applies it.
 *
 * It has connections of its own and writes nothing of the registry: its
 * tables, its pairs (sheaf.proposed_match), counts and examples.  What is in
 * memory is bounded as it is where a version is applied.  Cut short, it is
 * begun anew.
 */
#ifndef SHEAF_RESOLVE_PROPOSE_H
#define SHEAF_RESOLVE_PROPOSE_H

#include "resolve/ask.h"
#include "resolve/weigh.h"
#include "resolve/work.h"

struct propose;

/* note: why it is made; ask: that is done with it, or NULL.  `of` says where
 * the database is and what the configuration says of sources; it outlives this,
 * and does not change.  NULL and e. */
struct propose *propose_new(const struct work *of, const char *note,
    const struct ask *ask, struct err *e);
void propose_free(struct propose *p); /* NULL is fine */
/* Goes on for about a second.  1: it is proposed; 0: there is more; -1 and e.
 */
int propose_step(struct propose *p, struct err *e);
/* What it does, as in "learns …". */
const char *propose_words(struct propose *p);
/* Its number and what it would change, once it is proposed. */
const struct weighing *propose_result(const struct propose *p);

/* Whether a version waits already that was made by this program's parameters,
 * and by what the configuration says of sources now. */
int propose_is_there(struct work *w, bool *is_there, struct err *e);

#endif
