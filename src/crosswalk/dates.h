/* Dates as people and machines write them, to the record model's normal form:
 * a year, month, day or instant in UTC, or a span. */
#ifndef SHEAF_CROSSWALK_DATES_H
#define SHEAF_CROSSWALK_DATES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/date.h"

struct when {
	char value[DATE_TEXT_BYTES]; /* "" when nothing was understood */
	char until[DATE_TEXT_BYTES]; /* end of a span, or "" */
	char offset[8]; /* "+02:00" of an instant, or "" */
	const char *precision; /* year, month, day, minute, second */
	bool approximate;
	bool has_time; /* a time of day was given (with a zone or not) */
	bool is_ambiguous; /* it can be read in two ways: year kept */
	int year, month, day; /* of value; month, day 0 when not given */
};

/* Reads "2013-5-7", "20130507", "May 2013", "7 mai 2013", "[ca. 1998]",
 * "1940?", "1940-1949", "1990s", "199-", "XIXe siècle", "Spring 2010",
 * "May 23-24, 1970", "2014-05-01/2014-06-30", "2014-05-01T10:00:00+02:00",
 * "Mon, 05 May 2014 10:00:00 GMT" and their like; EDTF (ISO 8601-2) level 1,
 * DCMI Period.  A season is its year, approximately; a century begins with
 * its year 1.  What can be read in two ways (05/06/2014, 2011/12) is its year
 * alone.  Years of other eras (44 BC, 1434 AH), bounds (before 1867) and what
 * has two dates in it are not read; nor are texts of more than 120 bytes.
 * False when it cannot; *w is zero then. */
bool when_read(struct when *w, const char *text);
/* "n.d.", "undated", "s.f.": it says that there is no date. */
bool when_is_undated(const char *text);
/* "Issued: 2013-05-07", as DataCite writes dc:date: the role that the label
 * names, and *text behind it; NULL where there is none.  Also the embargo of
 * OpenAIRE: info:eu-repo/date/embargoEnd/2015-01-01. */
const char *when_label(const char **text);

/* 1 to 12 for the n bytes of a month's name, short or long, in English,
 * French, Spanish or Portuguese; else 0. */
int when_month(const char *name, size_t n);

#endif
