/* What the readers of dates share. */
#ifndef SHEAF_CROSSWALK_DATES_PRIV_H
#define SHEAF_CROSSWALK_DATES_PRIV_H

#include "crosswalk/dates.h"
#include "crosswalk/text.h"

/* Up to `max` digits at *p; how many there were. */
int when_digits(const char **p, int max, int *value);
/* Sets value and precision; month and day may be 0.  False when there is no
 * such day, or its year is none that anything was published in. */
bool when_set(struct when *w, int year, int month, int day);
/* A year alone, to the end of another. */
bool when_set_years(struct when *w, int first, int last);
/* hh:mm[:ss[.fff]] and a zone, for the day that is set. */
bool when_time(struct when *w, const char **p);
/* The length of a word, letters of any script. */
size_t when_word(const char *p);
/* Passes over what says only how sure a date is ("ca.", "probably") or what it
 * is of ("c1998"), and says so. */
void when_skip_marks(const char **p, bool *approximate);

/* dates_one.c: one date in figures, from *p on: YYYY-MM-DD and its like,
 * D.M.YYYY, or a year with unspecified digits. */
bool when_one(struct when *w, const char **p);
/* dates_words.c: all of text, where months have names: one date or a span. */
bool when_words(struct when *w, const char *text);
/* dates_span.c: all of text is a century, a decade or a season. */
bool when_era(struct when *w, const char *text);
/* DCMI Period: "name=…; start=1939; end=1945;". */
bool when_period(struct when *w, const char *text);

#endif
