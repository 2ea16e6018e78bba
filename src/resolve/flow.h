/* All profiles by rising number.  The next ones are on their way while these
 * are worked on. */
#ifndef SHEAF_RESOLVE_FLOW_H
#define SHEAF_RESOLVE_FLOW_H

#include "base/arena.h"
#include "resolve/work.h"

struct flow {
	struct work *work;
	const struct model
	    *model; /* that profiles are prepared for; NULL: none */
	bool sent;
	struct arena arena;
	struct db_result *rows; /* (record_id, source_id, data) of the items */
	struct profile **items;
	size_t count, cap;
};

void flow_init(struct flow *f, struct work *w, const struct model *m);
void flow_release(struct flow *f);
/* From the profile behind `after` on. */
int flow_start(struct flow *f, int64_t after, struct err *e);
/* The next ones, in f->items: 1, or 0 when there are no more.  What was handed
 * out before is gone. */
int flow_next(struct flow *f, struct err *e);

#endif
