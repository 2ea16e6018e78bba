/* libcurl's multi handle driven by libevent: sockets and one timer.  Knows
 * nothing of what is transferred.  Private to src/fetch. */
#ifndef SHEAF_FETCH_LOOP_H
#define SHEAF_FETCH_LOOP_H

#include <curl/curl.h>

#include "base/err.h"

struct event_base;
struct loop;

/* Called from the event loop for each easy handle that ended, already taken
 * out of the multi handle.  May add handles. */
typedef void loop_done_fn(void *arg, CURL *easy, CURLcode code);

struct loop *
loop_new(struct event_base *base, loop_done_fn *done, void *arg, struct err *e);
void loop_free(struct loop *l); /* all easy handles must be out */
void loop_add(struct loop *l, CURL *easy);
void loop_remove(struct loop *l, CURL *easy);
/* Idle connections kept for the next request. */
void loop_keep_connections(struct loop *l, long max);

#endif
