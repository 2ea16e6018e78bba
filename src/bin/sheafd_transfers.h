/*
 * Asking for pages: politeness for each host, room for the answers, the
 * credentials of each request.
 *
 * No transfer begins while the bodies in hand and those under way would pass
 * LIMIT_IN_FLIGHT, or max_transfers run.
 */
#ifndef SHEAF_BIN_SHEAFD_TRANSFERS_H
#define SHEAF_BIN_SHEAFD_TRANSFERS_H

#include "bin/sheafd.h"
#include "bin/sheafd_page.h"
#include "wire/msg.h"

void transfers_init(struct daemon *d);
void transfers_free(struct daemon *d);
/* Takes a page in stage WAITING, to be asked for not before wait_ms. */
void transfers_add(struct page *p, int64_t wait_ms);
/* Takes a page in stage WAITING or FETCHING out, cancelling its transfer. */
void transfers_drop(struct page *p);
/* So many bytes of the page are in hand, or will be. */
void transfers_hold(struct page *p, uint64_t bytes);
bool transfers_have_room(const struct daemon *d);
/* The page's bytes are no longer in hand. */
void transfers_release(struct page *p);
/* Looks whether something may begin. */
void transfers_pump(struct daemon *d);
/* sheaf-fetch ended: the runs whose transfers it had are lost. */
void transfers_lost(struct daemon *d);
/* Concurrency and delay of the hosts are taken from the configuration anew. */
void transfers_reload(struct daemon *d);

void transfers_on_done(
    struct daemon *d, const struct msg_fetch_done *m, int *fds, size_t nfds);

#endif
