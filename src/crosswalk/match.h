/*
 * The normal form that duplicates are recognised by (struct rec_match), made
 * of the record in hand once everything else is in it.
 */
#ifndef SHEAF_CROSSWALK_MATCH_H
#define SHEAF_CROSSWALK_MATCH_H

#include "record/record.h"

/* Fills r->match from r's titles, agents, dates, container and relations; what
 * of it is NULL or empty the record does not say.  All of it is within the
 * limits of base/limits.h (LIMIT_MATCH_…), whatever r holds: texts end at a
 * word, values beyond are left out. */
void match_make(struct record *r, struct arena *a);

/* match_venue.c: the text that names what the record is part of, else its
 * publisher, else what it says it comes from; NULL: none does. */
const char *match_venue_text(const struct record *r);
/* thesis, conf, journal, report, or NULL: by words and numbers of a venue.
 * folded: by match_fold(). */
const char *match_venue_kind(const char *text, const char *folded);
/* A year (1500 to 2099) that a title states in brackets or begins with; that
 * stands anywhere in a text; or in two digits behind an apostrophe, or a letter
 * and a hyphen ("VLDB-93").  0: none. */
unsigned match_year_of_title(const char *title);
unsigned match_year_in(const char *text);
unsigned match_short_year_in(const char *text);

#endif
