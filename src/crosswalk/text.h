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

static inline bool
text_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Bytes of the first character of valid UTF-8, 0 at its end. */
static inline size_t
text_char_bytes(const char *p)
{
	size_t n = *p != '\0';

	while (n > 0 && ((unsigned char)p[n] & 0xc0) == 0x80)
		n++;
	return n;
}

/* Of the ASCII alphabet, or a byte of any character beyond ASCII. */
static inline bool
text_is_letter(char c)
{
	return (unsigned char)c >= 0x80 ||
	       ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

#endif
