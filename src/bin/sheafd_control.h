/* What sheafctl may ask of the daemon, and who waits for what. */
#ifndef SHEAF_BIN_SHEAFD_CONTROL_H
#define SHEAF_BIN_SHEAFD_CONTROL_H

#include "bin/sheafd.h"
#include "wire/msg.h"

/* Listens at run_dir/control.  0 or -1. */
int control_init(struct daemon *d, struct err *e);
void control_free(struct daemon *d);

/* A run was closed with these counters; then it ended, well or not. */
void control_run_closed(
    struct daemon *d, const struct source *s, const struct msg_run_closed *m);
void
control_run_ended(struct daemon *d, const struct source *s, const char *why);
void control_source_acted(struct daemon *d, const struct msg_source_acted *m);
/* Sources are known: what waited for the database is done. */
void control_database_ready(struct daemon *d);
/* What store was asked to do is answered by nobody now. */
void control_store_lost(struct daemon *d);

#endif
