/* The patterns of when and unless (sheaf-crosswalk(5)): * is any text, ? one
 * character. */
#ifndef SHEAF_CROSSWALK_PATTERN_H
#define SHEAF_CROSSWALK_PATTERN_H

#include <stdbool.h>

/* Both sides are small letters. */
bool pattern_fits(const char *pattern, const char *text);
/* True where the text, as one line in small letters, cannot fit the pattern, by
 * what both begin with; they are as they were written.  False says nothing. */
bool pattern_begins_otherwise(const char *pattern, const char *text);

#endif
