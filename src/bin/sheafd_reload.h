/* SIGHUP and `sheafctl reload`: the configuration is read again, as a diff. */
#ifndef SHEAF_BIN_SHEAFD_RELOAD_H
#define SHEAF_BIN_SHEAFD_RELOAD_H

#include "bin/sheafd.h"

/* Takes the new configuration, or refuses it as a whole: then the old one
 * stays, and each mistake is a line in `mistakes`.  What changed but needs a
 * restart is said there, too.  0 or -1. */
int reload(struct daemon *d, struct buf *mistakes);
/* A run has ended: an old configuration that it held may be freed. */
void reload_run_ended(struct daemon *d);
void reload_free(struct daemon *d);

#endif
