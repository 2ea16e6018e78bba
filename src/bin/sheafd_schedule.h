/* Which source is due when: a heap of due times, and how many runs at once. */
#ifndef SHEAF_BIN_SHEAFD_SCHEDULE_H
#define SHEAF_BIN_SHEAFD_SCHEDULE_H

#include "bin/sheafd.h"

void schedule_init(struct daemon *d);
void schedule_free(struct daemon *d);
/* Puts s where its state and due time belong: into the heap, or out of it. */
void schedule_place(struct source *s);
void schedule_remove(struct source *s);
/* Looks soon (from the event loop) whether something may begin, or whether
 * --once is done. */
void schedule_kick(struct daemon *d);
/* Whether there is more to be harvested now than the runs that are open: a run
 * is due and waits for its turn, or what is due is not known yet. */
bool schedule_is_behind(const struct daemon *d);
/* When a source's next run is due by its configuration alone. */
int64_t schedule_next_us(const struct source *s, int64_t from_us);

/* When it is due after a run that ended so, and its failures. */
void schedule_after(struct source *s, const struct conf_source *conf,
    const struct harvest_close *end);

#endif
