/*
 * The roles: started in order, restarted with backoff, told their
 * set-up, and what they say handed to the part it is for.
 */
#ifndef SHEAF_BIN_SHEAFD_ROLES_H
#define SHEAF_BIN_SHEAFD_ROLES_H

#include "bin/sheafd.h"
#include "wire/msg.h"

void roles_init(struct daemon *d);
/* Closes every channel; roles end by it. */
void roles_free(struct daemon *d);
/* The database may be connected to: store is started, then, when it has
 * learned the sources, fetch, parse and resolve. */
void roles_start_store(struct daemon *d);
void roles_start_others(struct daemon *d);
/* No role is started again from now on. */
void roles_let_end(struct daemon *d);
/* Closes the channel of a role, so that it ends. */
void roles_close(struct daemon *d, enum role role);
/* Kills one that hangs; its end is noticed as any other. */
void roles_kill(struct daemon *d, enum role role);
bool roles_alive(const struct daemon *d, enum role role);
unsigned roles_alive_count(const struct daemon *d);
/* 0, or -1 when the role is not there (its loss is dealt with elsewhere). */
int roles_send(struct daemon *d, enum role role, const struct msg *m,
    const int *fds, size_t nfds);
/* Tells the parser of new vocabularies and crosswalks (d->rules_fds). */
void roles_tell_rules(struct daemon *d);
/* A child has ended; perhaps a role. */
void roles_reap(struct daemon *d);
bool roles_store_ready(const struct daemon *d);
/* True when store was ready at least once. */
bool roles_store_was_ready(const struct daemon *d);

#endif
