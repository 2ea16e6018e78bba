/* What the acting verbs share: asking the daemon and showing its answer. */
#ifndef SHEAF_CONTROL_ACT_H
#define SHEAF_CONTROL_ACT_H

#include <stddef.h>

#include "base/verb.h"

/* Sends the words, prints the answer as text or JSON; the exit code.  Without
 * a daemon it says so, with a hint, and returns EX_UNAVAILABLE. */
int act_ask(const struct verb_ctx *ctx, size_t count, const char *const *words);
/* `act WORD` on sources, in the name of who runs sheafctl. */
int act_on_sources(const struct verb_ctx *ctx, const char *word,
    const char *reason, size_t count, char **sources);

#endif
