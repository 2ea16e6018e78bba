/* UTF-8 as RFC 3629 has it: no surrogates, no overlong forms, at most U+10FFFF.
 */
#ifndef SHEAF_BASE_UTF8_H
#define SHEAF_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Length of the valid prefix; n when all of it is valid.  An incomplete
 * sequence at the end is not part of the prefix. */
size_t utf8_valid_prefix(const char *s, size_t n);
bool utf8_valid(const char *s, size_t n);
/* Length of a valid prefix that ends at a sequence boundary, found quickly; it
 * may end long before an error, and is 0 where there is no quick way.  for_xml:
 * it holds only characters that XML 1.0 allows (section 2.2). */
size_t utf8_plain_prefix(const void *s, size_t n, bool for_xml);
/* Decodes one; returns bytes used (1–4) and *cp, or 0 when invalid or cut. */
unsigned utf8_decode(const char *s, size_t n, uint32_t *cp);
/* Writes 1–4 bytes, returns how many; 0 for what is no scalar value. */
unsigned utf8_encode(char out[4], uint32_t cp);
/* Tells a terminal or a reader more than what it looks like: controls (C0, DEL,
 * C1), line and paragraph separators, bidirectional overrides. */
bool utf8_steers(uint32_t cp);
/* Bytes of a valid string that end at a sequence boundary and are <= max. */
size_t utf8_cut(const char *s, size_t n, size_t max);
/* How many more bytes would complete the sequence that the end of s begins;
 * 0 when s ends at a boundary or in an error. */
unsigned utf8_missing(const char *s, size_t n);
/* Columns on a terminal, wide characters as two (for tables). */
size_t utf8_width(const char *s, size_t n);

#endif
