/* Dates of feeds: RFC 822 and 850, asctime, W3CDTF, ISO 8601, with names of
 * months and zones, beyond what dates.h reads. */
#ifndef SHEAF_CROSSWALK_FEED_DATE_H
#define SHEAF_CROSSWALK_FEED_DATE_H

#include "crosswalk/dates.h"

/* As when_read(), without guesses: a text that is not understood as a whole
 * is no date. */
bool feed_date_read(struct when *w, const char *text);
enum { FEED_DATE_BYTES = 256 };
/* The text, of at most 120 bytes, with the digits and marks of other scripts
 * in ASCII; false when nothing is left. */
bool feed_date_fold(char plain[FEED_DATE_BYTES], const char *text);
/* Without RFC 822's comments (3.1.4), which stand in parentheses, nest, and
 * quote by a backslash.  False when there are none. */
bool feed_date_uncomment(char out[FEED_DATE_BYTES], const char *text);
/* ISO 8601 alone; a week is a span of days. */
bool feed_iso_read(struct when *w, const char *text);
/* As when_month(), in more languages. */
int feed_month(const char *name, size_t n);

#endif
