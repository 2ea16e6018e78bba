/*
 * A parser: the zygote's child that reads pages, within its sandbox.
 *
 * It has no other descriptors than its pages', standard output and error, and
 * where it may read more than one page, the end of a socket pair to the
 * zygote on ROLE_FD: there it says PARSE_EXIT of a page that it read well and
 * receives the next PARSE_PAGE.  Whatever else happens to it is its end: a
 * page that was not read well, memory that it does not give back, the
 * socket's end.
 */
#ifndef SHEAF_PARSE_CHILD_H
#define SHEAF_PARSE_CHILD_H

#include <sys/types.h>

#include "parse/zygote.h"

/* Runs behind the fork.  fds: body, stream, and the table of what is known
 * where there is one.  channel: its end of the pair, or -1: the page alone. */
_Noreturn void
child_main(const struct zygote_config *config, const struct msg_parse_page *m,
    const int *fds, size_t nfds, int channel, pid_t parent);

#endif
