/*
 * The database's side of the start and the end: an embedded cluster is
 * started, its schema made by `sheafctl init`, and store may come; a server
 * of its own is simply there.
 */
#ifndef SHEAF_BIN_SHEAFD_DATABASE_H
#define SHEAF_BIN_SHEAFD_DATABASE_H

#include "bin/sheafd.h"

/* 0, or -1 when it cannot even begin. */
int database_init(struct daemon *d, struct err *e);
void database_free(struct daemon *d);
/* libpq's connection string. */
const char *database_connection(const struct daemon *d);
/* Store was never connected and says why: --once gives up at once where
 * waiting cannot help. */
void database_refused(struct daemon *d, const char *text, bool for_good);
/* The database is away, or back: --once waits for it a minute at most. */
void database_missed(struct daemon *d);
void database_found(struct daemon *d);
void database_stop(struct daemon *d);
bool database_has_stopped(const struct daemon *d);
/* A child has ended; perhaps ours. */
void database_reap(struct daemon *d);

#endif
