/* Numbers, durations, sizes and lists as people write them in a
 * configuration, and escaping for what people read.  No allocation unless
 * said. */
#ifndef SHEAF_BASE_STR_H
#define SHEAF_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Whole string, decimal, within [min, max].  0, or -1 and *out untouched. */
int str_to_i64(const char *s, int64_t min, int64_t max, int64_t *out);
int str_to_u64(const char *s, uint64_t max, uint64_t *out);
/* "90", "90s", "15m", "6h", "2d", "4w", "1y" (365 d), "250ms" → milliseconds;
 * a bare number is seconds. */
int str_to_duration_ms(const char *s, int64_t *out);
/* "4096", "64k", "16M", "2G" (powers of 1024, an optional B) → bytes. */
int str_to_bytes(const char *s, uint64_t *out);
/* yes/no, true/false, on/off, 1/0 in any case. */
int str_to_bool(const char *s, bool *out);
/* "10 %", "10%", "0.1" → a share in [0, 1]. */
int str_to_share(const char *s, double *out);

/* "6h", "90s", "2d 3h": at most two units. */
void str_duration(char *out, size_t n, int64_t ms);
/* "1.4 MB" in powers of 1000, as people read them. */
void str_bytes(char *out, size_t n, uint64_t bytes);

bool str_starts(const char *s, const char *prefix);
bool str_ends(const char *s, const char *suffix);
bool str_case_starts(const char *s, const char *prefix); /* ASCII case */
/* Trims ASCII white space in place; returns the first kept byte. */
char *str_trim(char *s);
/* Damerau-Levenshtein distance over bytes, ASCII case folded; stops at `max`
 * (returns max + 1).  For "did you mean". */
unsigned str_distance(const char *a, const char *b, unsigned max);
/* Which of some names was probably meant by `word`: the first of the nearest,
 * if it is near enough. */
struct str_guess {
	const char *word;
	unsigned best; /* only what is nearer is taken */
	const char *found; /* NULL: none so far */
};
/* One slip is allowed in a short word, three in one from 8 bytes on. */
struct str_guess str_guess(const char *word);
/* True when it is taken. */
bool str_guess_try(struct str_guess *g, const char *name);
/* Bytes made safe for a log or a terminal: \n, \t, \xNN, \\ ; broken UTF-8 and
 * C1 controls too.  Cuts at max_bytes of output, adding "…". */
void str_escape(struct buf *out, const char *s, size_t n, size_t max_bytes);
/* n bytes from 2 n lower-case hexadecimal digits, which are not checked. */
void str_from_hex(uint8_t *out, const char *hex, size_t n);
/* Cuts valid UTF-8 to so many terminal columns, the last of them "…". */
void str_fit(struct buf *text, size_t columns);
/* Constant-size copy that always ends in NUL and never cuts a UTF-8 sequence.
 */
void str_copy(char *out, size_t n, const char *s);

#endif
