/* What operators ask of resolve (sheaf.ask): to propose a version, and to apply
 * the one that is proposed. */
#ifndef SHEAF_RESOLVE_ASK_H
#define SHEAF_RESOLVE_ASK_H

#include "resolve/work.h"

struct ask {
	int64_t id; /* 0: nothing is asked */
	bool is_apply;
	int32_t version; /* to be applied */
	char author[64];
};

/* The oldest. */
int ask_next(struct work *w, struct ask *out, struct err *e);
int ask_done(struct work *w, const struct ask *a, struct err *e);
/* Makes the proposed version the one that is applied next, as
 * sheaf.resolving then says, and loads it.  1: so it is; 0: there is no such
 * version any more; the question is done in any case. */
int ask_apply(struct work *w, const struct ask *a, struct err *e);

#endif
