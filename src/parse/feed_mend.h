/* What is done to the text of a feed's item, or of the feed itself, that is
 * not well-formed: tags are balanced, attributes quoted, then references and
 * signs mended as mend.h does. */
#ifndef SHEAF_PARSE_FEED_MEND_H
#define SHEAF_PARSE_FEED_MEND_H

#include <stddef.h>

#include "base/buf.h"

/* Appends p to out, mended.  `scratch` is cleared and used.  Returns how many
 * things were mended; the caller checks out->full. */
unsigned
feed_mend(struct buf *out, struct buf *scratch, const char *p, size_t n);

#endif
