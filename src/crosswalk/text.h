/* Text values in normal form: Unicode NFC, white space folded, invisible and
 * control characters gone, double encoding and LaTeX undone (repair.h). */
#ifndef SHEAF_CROSSWALK_TEXT_H
#define SHEAF_CROSSWALK_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/* One line; "" when nothing is left. */
char *text_line(struct arena *a, const char *s, size_t n);
/* Paragraphs (parted by an empty line in s), one line feed between them. */
char *text_paragraphs(struct arena *a, const char *s, size_t n);
/* Whether a text since the last call had been encoded twice, which is worth a
 * warning on the record. */
bool text_was_double(void);
/* "TODO", "n/a", "-", "unknown" and their like: no value at all. */
bool text_is_placeholder(const char *s);

#endif
