/*
 * One datagram of a SOCK_SEQPACKET socket with its descriptors.
 *
 * Who may say what stands elsewhere: proc/chan.h for the channels of roles,
 * parse/zygote.h for the zygote and its children.
 */
#ifndef SHEAF_PROC_PACKET_H
#define SHEAF_PROC_PACKET_H

#include <stddef.h>
#include <sys/types.h>

#include "base/limits.h"

/* Sends n bytes and duplicates of nfds (at most LIMIT_MESSAGE_FDS)
 * descriptors, which stay the caller's.  Does not wait, and raises no SIGPIPE.
 * 0, or -1 with errno. */
int
packet_send(int fd, const void *data, size_t n, const int *fds, size_t nfds);
/* Receives one datagram of at most `size` bytes; flags: MSG_DONTWAIT or 0.
 * Its descriptors, close-on-exec, are the caller's then.  The bytes, 0 at the
 * peer's end (*nfds is 0 then), or -1 with errno: EMSGSIZE where bytes or
 * descriptors were lost, which were too many or had no room in this process;
 * what came of them is closed. */
ssize_t packet_receive(int fd, int flags, void *data, size_t size,
    int fds[LIMIT_MESSAGE_FDS], size_t *nfds);
/* Closes those that are there and sets them to -1. */
void packet_close_fds(int *fds, size_t n);

#endif
