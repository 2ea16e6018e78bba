/* The namespaces of feeds under the short names of record/feed.h. */
#ifndef SHEAF_PARSE_FEED_NAMES_H
#define SHEAF_PARSE_FEED_NAMES_H

#include <stdbool.h>

/* "" for RSS, Atom, CDF and what has none; "other" for what is not known.
 * prefix and uri may be NULL; where uri is, the prefix decides. */
const char *feed_ns(const char *prefix, const char *uri);
/* Whether what stands inside of such an element is text, markup included; ns as
 * feed_ns() has it, name in lower case. */
bool feed_takes_markup(const char *ns, const char *name);

#endif
