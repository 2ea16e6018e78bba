/*
 * Ending: no new request, pages in hand are finished within stop_timeout_ms,
 * what takes longer is dropped, store drains, roles end, and the embedded
 * cluster last.
 */
#ifndef SHEAF_BIN_SHEAFD_STOP_H
#define SHEAF_BIN_SHEAFD_STOP_H

#include "bin/sheafd.h"

void stop_init(struct daemon *d);
void stop_free(struct daemon *d);
/* Begins the end; a second call cuts short what the first still waits for. */
void stop_begin(struct daemon *d, const char *why);
/* Something ended: looks soon whether the next step may be taken. */
void stop_kick(struct daemon *d);

#endif
