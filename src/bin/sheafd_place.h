/* What the daemon needs of the machine before it begins: whose it is, where
 * its state is, and that it is alone there. */
#ifndef SHEAF_BIN_SHEAFD_PLACE_H
#define SHEAF_BIN_SHEAFD_PLACE_H

#include "bin/sheafd.h"

/* Makes state_dir and run_dir, becomes the user of the configuration, takes
 * the lock of state_dir and reads or makes the node's id.  0 or -1. */
int place_take(struct daemon *d, struct err *e);
void place_leave(struct daemon *d);

#endif
