/* A title's words in the form that titles are compared in (struct rec_match).
 */
#ifndef SHEAF_CROSSWALK_MATCH_TITLE_H
#define SHEAF_CROSSWALK_MATCH_TITLE_H

#include <stddef.h>

/* folded: what match_fold() made of the title.  Writes at most max bytes, and a
 * NUL; what is longer ends at a word.  The length, 0 where folded is empty. */
size_t match_title(char *out, size_t max, const char *folded);

#endif
