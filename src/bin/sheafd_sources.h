/* The sources of the configuration, told to store and learned from it. */
#ifndef SHEAF_BIN_SHEAFD_SOURCES_H
#define SHEAF_BIN_SHEAFD_SOURCES_H

#include "bin/sheafd.h"
#include "wire/msg.h"

/* Makes the table from d->config. */
void sources_init(struct daemon *d);
void sources_free(struct daemon *d);

struct source *sources_find(struct daemon *d, const char *name);
struct source *sources_by_id(struct daemon *d, uint32_t id);
size_t sources_count(const struct daemon *d);
/* Calls f for each; f may not add or remove sources. */
void sources_each(
    struct daemon *d, void (*f)(struct source *s, void *arg), void *arg);

/* Takes d->config, which has replaced `old`: sources are added, changed and
 * removed, and their runs told.  Then sources_tell() is due. */
void sources_reload(struct daemon *d, const struct config *old);

/* Its run has ended (s->run is NULL): it goes to rest in state `to`, or where
 * the configuration wants it by now; one that has left it is freed. */
void sources_settle(struct source *s, enum source_state to, const char *why);

/* Says all agencies and sources to store; sources_ready() is true again when
 * it has answered. */
void sources_tell(struct daemon *d);
bool sources_ready(const struct daemon *d);
/* Store is gone: what it said is to be said again. */
void sources_forget(struct daemon *d);

void sources_on_state(struct daemon *d, const struct msg_source_state *m);
void sources_on_ready(struct daemon *d, const struct msg_sources_ready *m);
/* Its records are to be read again, now or after the run under way; what was
 * due stays due. */
void source_ask_renormalise(struct source *s);

#endif
