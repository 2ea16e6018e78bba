/*
 * A channel: one end of a SOCK_SEQPACKET socket pair between sheafd and a
 * role, on libevent.
 *
 * Sending never blocks: what the socket does not take waits in a queue of at
 * most LIMIT_CHANNEL_QUEUE bytes; beyond it the channel breaks (a peer that
 * stopped reading is a dead peer).  Order is kept.  Receiving hands each
 * message to `on_msg` with its descriptors, which on_msg then owns: it takes
 * one by setting its slot to -1; those left are closed.
 *
 * on_close is called once, from the event loop and never from chan_send, when
 * the peer ends (after its last messages), sends what the table forbids, or
 * the channel breaks, with the reason; the channel is dead then: only
 * chan_free is legal (also from inside the callback, and from on_msg), and
 * chan_send, which answers -1.
 */
#ifndef SHEAF_PROC_CHAN_H
#define SHEAF_PROC_CHAN_H

#include <stddef.h>

#include "wire/msg.h"

struct event_base;
struct chan;

struct chan_ops {
	void (*on_msg)(void *arg, const struct msg *m, int *fds, size_t nfds);
	void (*on_close)(void *arg, const struct err *why);
};

/* Takes fd over. */
struct chan *chan_new(struct event_base *base, int fd, enum role self,
    enum role peer, const struct chan_ops *ops, void *arg);
void chan_free(struct chan *c);
/* Sends a copy of m.  The descriptors are duplicated into the message: the
 * caller keeps its own and may close them at once (chan_send dup()s when it
 * has to queue).  0, or -1 when the channel is dead or breaks by it. */
int chan_send(struct chan *c, const struct msg *m, const int *fds, size_t nfds);
size_t chan_queued(const struct chan *c); /* bytes waiting */
/* For a role's last words: blocks until the queue is sent.  0, or -1 when it
 * was not within timeout_ms. */
int chan_flush(struct chan *c, int timeout_ms);

/* A connected pair: parent's end close-on-exec and non-blocking, child's end
 * to be inherited.  0 or -1. */
int chan_pair(int *parent, int *child, struct err *e);

#endif
