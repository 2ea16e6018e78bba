/*
 * A permanent redirect is proposed to the operator and never taken over: a
 * hijacked or broken server says 301 too.  On how many days it was said is
 * kept with what is known of the server, so that the proposal gains weight.
 */
#ifndef SHEAF_SCHED_MOVED_H
#define SHEAF_SCHED_MOVED_H

#include <stdint.h>

#include "sched/kv.h"

/* Notes in the quirks (moved_url, moved_days, moved_on) that an answer came
 * from `to` by permanent redirects; "" or NULL: it came from where it was asked
 * for, and what was noted is forgotten. */
void moved_note(struct kv *quirks, const char *to, int64_t now_us);

#endif
