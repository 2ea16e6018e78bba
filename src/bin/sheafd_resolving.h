/*
 * sheaf-resolve as sheafd sees it: it is told when something was committed,
 * and says how far it is.  No part of the harvest waits for it; --once does,
 * at its end.
 */
#ifndef SHEAF_BIN_SHEAFD_RESOLVING_H
#define SHEAF_BIN_SHEAFD_RESOLVING_H

#include "bin/sheafd.h"
#include "wire/msg.h"

void resolving_init(struct daemon *d);
void resolving_free(struct daemon *d);
/* Something was committed, or a run ended: it is told soon. */
void resolving_wake(struct daemon *d);
/* It was started: what the configuration says of sources; also at a reload. */
void resolving_tell(struct daemon *d);
void resolving_lost(struct daemon *d);
void resolving_on_state(struct daemon *d, const struct msg_resolve_state *m);
/* For --once, when no run is open: whether everything that was harvested is
 * resolved, or will not be.  Kicks the schedule when that changes. */
bool resolving_is_done(struct daemon *d);

#endif
