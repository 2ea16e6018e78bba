/* sheafctl's end of the control socket: asks one thing and waits. */
#ifndef SHEAF_CONTROL_CLIENT_H
#define SHEAF_CONTROL_CLIENT_H

#include <stddef.h>

#include "base/err.h"

/* One line of the answer but the last: kind is "say", "warn" or "row". */
typedef void
control_line_fn(void *arg, const char *kind, size_t count, char **words);

/* Sends the request and hands each line over.  The code of `end`; or -1 with
 * class ERR_SYSTEM (code ECONNREFUSED or ENOENT: no daemon is there) or
 * ERR_PROTO. */
int control_ask(const char *path, size_t count, const char *const *words,
    control_line_fn *on_line, void *arg, struct err *e);

#endif
