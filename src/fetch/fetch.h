/*
 * Fetching: HTTP requests of sheafd, many at a time, by libcurl's multi
 * interface on libevent.
 *
 * Every request that fetch_start takes is answered by exactly one `done`,
 * never from within fetch_start or fetch_cancel's caller but from the loop,
 * save for requests that cannot even begin.  Status codes are no errors: the
 * body of a 404 or 503 is handed over as that of a 200 is (at most
 * LIMIT_ERROR_BODY of it).  The rules of addresses stand in fetch/policy.h,
 * those of redirects and credentials in fetch/transfer.h.
 *
 * Not here: when to ask whom (sched), and what the answer means (parse).
 */
#ifndef SHEAF_FETCH_FETCH_H
#define SHEAF_FETCH_FETCH_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "wire/msg.h"

struct event_base;
struct fetch;

/* `body` is -1 when there is no body, or an empty one; it is the callee's to
 * close.  Texts of *m live until it returns. */
typedef void fetch_done_fn(void *arg, const struct msg_fetch_done *m, int body);

/* Loads libcurl and what it reads from files at start: before the sandbox.
 * NULL with the reason. */
struct fetch *fetch_new(
    struct event_base *base, fetch_done_fn *done, void *arg, struct err *e);
/* Ends all transfers without a word. */
void fetch_free(struct fetch *f);

/* User-Agent, spool_dir and the bound of running transfers (0: 64), for all
 * transfers that begin from now on. */
void fetch_setup(struct fetch *f, const struct msg_fetch_setup *m);
/* A timeout of 0 is none, a max_body of 0 LIMIT_BODY_DEFAULT.  The
 * descriptors stay the caller's; they are read at once. */
void fetch_start(struct fetch *f, const struct msg_fetch_start *m,
    const int *fds, size_t nfds);
/* Ends the transfer with class CANCEL; a job that is not there is fine: it
 * ended while the word was on its way. */
void fetch_cancel(struct fetch *f, uint64_t job);

#endif
