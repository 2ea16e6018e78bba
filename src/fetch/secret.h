/* What comes by descriptor and is never written down: passwords, tokens,
 * certificates. */
#ifndef SHEAF_FETCH_SECRET_H
#define SHEAF_FETCH_SECRET_H

#include <stddef.h>

#include "base/err.h"

struct secret {
	char *data; /* owned, with a NUL behind; NULL: none */
	size_t len;
};

/* Reads the whole file from its beginning, whatever the descriptor's
 * position (it may be shared).  `what` names it in errors.  0 or -1. */
int secret_read(struct secret *s, int fd, const char *what, struct err *e);
/* Cuts at the first line end: a password or token file may end in one. */
void secret_first_line(struct secret *s);
void secret_release(struct secret *s); /* wipes */

#endif
