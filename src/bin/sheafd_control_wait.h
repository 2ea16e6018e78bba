/* Calls of `harvest --wait`: told of the progress of their sources until the
 * last of these has ended. */
#ifndef SHEAF_BIN_SHEAFD_CONTROL_WAIT_H
#define SHEAF_BIN_SHEAFD_CONTROL_WAIT_H

#include "bin/sheafd.h"
#include "control/server.h"
#include "wire/msg.h"

enum { CONTROL_MISTAKES_BYTES = 256 * 1024, WAIT_TELL_MS = 2000 };

struct waiter;
struct control_waits { /* zeroed memory is an empty one */
	struct waiter *list;
};

struct waiter *
waits_add(struct control_waits *w, struct daemon *d, struct control_call *call);
void waiter_add(struct waiter *w, const struct source *s);
/* All its sources were added; `code` is what it ends with when all go well. */
void waiter_begin(struct control_waits *ws, struct waiter *w, int code);
void waits_run_closed(struct control_waits *ws, const struct source *s,
    const struct msg_run_closed *m);
void waits_run_ended(
    struct control_waits *ws, const struct source *s, const char *why);
/* The client has left. */
void waits_forget(struct control_waits *ws, struct control_call *call);
/* Ends all: the daemon stops. */
void waits_end(struct control_waits *ws);

#endif
