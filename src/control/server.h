/*
 * The control socket: takes requests of sheafctl and hands them to sheafd.
 *
 * Only root, the daemon's own user and members of the socket's group are
 * heard; others are refused in words.  A client that sends too long a line,
 * takes too long to ask, or does not read its answers is dropped, so none can
 * hold the daemon.
 */
#ifndef SHEAF_CONTROL_SERVER_H
#define SHEAF_CONTROL_SERVER_H

#include <stddef.h>

#include "base/err.h"

struct event_base;
struct control_server;
struct control_call; /* one request, until control_end or on_gone */

struct control_ops {
	/* words[0] is the verb.  Texts live until on_call returns. */
	void (*on_call)(
	    void *arg, struct control_call *call, size_t count, char **words);
	/* The client left before control_end: the call is dead after this. */
	void (*on_gone)(void *arg, struct control_call *call);
};

/* Listens at `path` (mode 0660), replacing a socket that nobody answers.
 * NULL with class ERR_SYSTEM. */
struct control_server *control_server_new(struct event_base *base,
    const char *path, const struct control_ops *ops, void *arg, struct err *e);
/* Closes every connection (on_gone is called) and removes the socket. */
void control_server_free(struct control_server *s);

/* The answers (control/proto.h).  They may drop the client: then on_gone
 * follows from the event loop, never from inside the call. */
void control_say(struct control_call *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void control_warn(struct control_call *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* `count` words: key, value, key, value, … */
void
control_row(struct control_call *c, size_t count, const char *const *words);
/* Ends the call; it is dead after this. */
void control_end(struct control_call *c, int code);

#endif
