/* A second chance for ill-formed XML: bare '&', undeclared entities, stray
 * '<', references to characters that XML forbids. */
#ifndef SHEAF_PARSE_MEND_H
#define SHEAF_PARSE_MEND_H

#include <stddef.h>

#include "base/buf.h"

/* Appends p to out, mended; CDATA stays as it is, comments and processing
 * instructions are left out.  Returns how many things were mended.  Tags are
 * never added or removed.  The caller checks out->full. */
unsigned mend(struct buf *out, const char *p, size_t n);

#endif
