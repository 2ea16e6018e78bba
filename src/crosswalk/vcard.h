/* vCards (RFC 6350, and 2.1 and 3.0 before it), as Learning Object Metadata has
 * them of people and bodies. */
#ifndef SHEAF_CROSSWALK_VCARD_H
#define SHEAF_CROSSWALK_VCARD_H

#include <stddef.h>

#include "base/arena.h"

/* The value of a property ("ORG"), its first; NULL where there is none.  Line
 * ends may have become white space. */
const char *
vcard_property(struct arena *a, const char *text, size_t n, const char *name);
/* FN; else N as "Family, Given"; else ORG; NULL: there is none, or the text is
 * no vCard at all. */
const char *vcard_name(struct arena *a, const char *text, size_t n);

#endif
