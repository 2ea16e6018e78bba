/*
 * sheaf-resolve: which records are one thing.
 *
 * The role works in steps of a second or two, each with transactions of its
 * own, and looks at its channel between them (and, while it waits for
 * PostgreSQL, for its end).  What it has to do stands in the database alone
 * (sheaf.unresolved, sheaf.resolving), so it may be killed at any time.
 */
#ifndef SHEAF_RESOLVE_RESOLVE_H
#define SHEAF_RESOLVE_RESOLVE_H

#include "proc/chan.h"

struct event_base;
struct resolve;

/* watch: the channel's descriptor (db/work.h). */
struct resolve *resolve_new(struct event_base *base, int watch);
void resolve_free(struct resolve *r);
/* The channel to sheafd, not owned; to be set before the first message. */
void resolve_set_chan(struct resolve *r, struct chan *c);
/* As chan_ops.on_msg. */
void
resolve_on_msg(struct resolve *r, const struct msg *m, int *fds, size_t nfds);

#endif
