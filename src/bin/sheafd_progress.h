/* Visible progress, for a person who watches --once, and its table. */
#ifndef SHEAF_BIN_SHEAFD_PROGRESS_H
#define SHEAF_BIN_SHEAFD_PROGRESS_H

#include "bin/sheafd.h"
#include "wire/msg.h"

/* Does nothing unless asked for; all others then do nothing as well. */
void progress_init(struct daemon *d);
void progress_free(struct daemon *d);
void progress_page(
    struct daemon *d, const struct run *r, const struct msg_page_done *m);
void progress_closed(
    struct daemon *d, const struct source *s, const struct msg_run_closed *m);
/* A run began, or ended without being closed. */
void progress_changed(struct daemon *d, const struct source *s);
/* The table of what --once brought, on standard output. */
void progress_table(struct daemon *d);

#endif
