/* systemd's view of the daemon: ready, status, and the watchdog's ping. */
#ifndef SHEAF_BIN_SHEAFD_WATCHDOG_H
#define SHEAF_BIN_SHEAFD_WATCHDOG_H

#include "bin/sheafd.h"

void watchdog_init(struct daemon *d);
void watchdog_free(struct daemon *d);

#endif
