/* Text that was damaged before it came, and what leads back to what it was. */
#ifndef SHEAF_CROSSWALK_REPAIR_H
#define SHEAF_CROSSWALK_REPAIR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/* Of valid UTF-8 of *n bytes: s itself where nothing is to be done, else a text
 * in a with its length in *n.
 *
 * What was encoded twice (UTF-8 read as windows-1252 or Latin-1 and encoded
 * again: "Ã©", "â€™") is decoded, as often as that was done, up to three times;
 * *was_double is set then and else left alone.  Only where the whole text reads
 * that way: one letter beyond ASCII that is as it should be and nothing is
 * touched.  Signs of windows-1252 that came as the control characters of their
 * numbers (U+0092) become what they are, as in HTML. */
const char *
repair_encoding(struct arena *a, const char *s, size_t *n, bool *was_double);

/* Accents, letters and emphasis of LaTeX (\'e, {\"o}, \c{c}, {\ss},
 * \textit{…}, {\em …}, \&) to text; mathematics between $ as it stands, and
 * what is no certain LaTeX: backslashes of paths, of escaped quotation marks
 * (d\'eau, \"word\"). */
const char *repair_latex(struct arena *a, const char *s, size_t *n);

#endif
