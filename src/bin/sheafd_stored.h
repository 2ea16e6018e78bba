/*
 * Pages of stored records: what a run that renormalises asks of store instead
 * of a server.  From FETCHED on they are pages like any other, and take their
 * place among them: no page is asked for while the bodies in hand pass
 * LIMIT_IN_FLIGHT.
 */
#ifndef SHEAF_BIN_SHEAFD_STORED_H
#define SHEAF_BIN_SHEAFD_STORED_H

#include "bin/sheafd.h"
#include "bin/sheafd_page.h"
#include "wire/msg.h"

void stored_init(struct daemon *d);
void stored_free(struct daemon *d);
/* Takes a page in stage WAITING. */
void stored_add(struct page *p, const struct harvest_request *req);
/* Takes a page in stage WAITING or FETCHING out. */
void stored_drop(struct page *p);
/* Looks whether a page may be asked for. */
void stored_pump(struct daemon *d);
void stored_on_answer(
    struct daemon *d, const struct msg_stored *m, int *fds, size_t nfds);
/* The tables are others now: what renormalises by the old ones begins anew. */
void stored_rules_changed(struct daemon *d);

#endif
