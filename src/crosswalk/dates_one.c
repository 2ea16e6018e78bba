/* One date in figures, and the parts that the other readers use. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "crosswalk/dates_priv.h"

enum { YEAR_MIN = 1000, YEAR_MAX = 2200 };

int
when_digits(const char **p, int max, int *value)
{
	int n = 0;

	*value = 0;
	while (n < max && text_is_digit(**p)) {
		*value = *value * 10 + (**p - '0');
		++*p;
		n++;
	}
	return n;
}

static char *
put_digits(char *out, int value, int n)
{
	for (int i = n; i-- > 0; value /= 10)
		out[i] = (char)('0' + value % 10);
	return out + n;
}

bool
when_set(struct when *w, int year, int month, int day)
{
	char *p;

	if (year < YEAR_MIN || year > YEAR_MAX || month < 0 || month > 12)
		return false;
	if (month == 0)
		day = 0;
	if (day != 0 && !date_valid(year, month, day))
		return false;
	w->year = year;
	w->month = month;
	w->day = day;
	w->precision = day ? "day" : month ? "month" : "year";
	p = put_digits(w->value, year, 4);
	if (month != 0) {
		*p = '-';
		p = put_digits(p + 1, month, 2);
	}
	if (day != 0) {
		*p = '-';
		p = put_digits(p + 1, day, 2);
	}
	*p = '\0';
	return true;
}

bool
when_set_years(struct when *w, int first, int last)
{
	if (last > YEAR_MAX || !when_set(w, first, 0, 0))
		return false;
	snprintf(w->until, sizeof(w->until), "%04d", last);
	return true;
}

/* "Z", "+02:00", "+0200", "+02", "GMT", "UTC": minutes east; false when there
 * is none. */
static bool
read_zone(const char **p, int *minutes)
{
	int sign, h, m = 0;

	while (**p == ' ')
		++*p;
	if (**p == 'Z' || **p == 'z') {
		++*p;
		*minutes = 0;
		return true;
	}
	if (strncmp(*p, "GMT", 3) == 0 || strncmp(*p, "UTC", 3) == 0) {
		*p += 3;
		*minutes = 0;
		return true;
	}
	if (**p != '+' && **p != '-')
		return false;
	sign = *(*p)++ == '-' ? -1 : 1;
	if (when_digits(p, 2, &h) != 2)
		return false;
	if (**p == ':')
		++*p;
	when_digits(p, 2, &m);
	*minutes = sign * (h * 60 + m);
	return h <= 14 && m < 60;
}

bool
when_time(struct when *w, const char **p)
{
	int h, m, s = 0, zone;
	bool has_seconds = false;
	int64_t us;

	if (when_digits(p, 2, &h) == 0 || **p != ':')
		return false;
	++*p;
	if (when_digits(p, 2, &m) != 2 || h > 24 || m > 59)
		return false;
	if (**p == ':') {
		++*p;
		if (when_digits(p, 2, &s) != 2 || s > 60)
			return false;
		has_seconds = true;
		if (**p == '.' || **p == ',')
			for (++*p; text_is_digit(**p); ++*p)
				;
	}
	w->has_time = true;
	if (!read_zone(p, &zone))
		return true; /* without a zone only the day is known */
	us = (date_days(w->year, w->month, w->day) * 86400 + h * 3600 + m * 60 +
		 s - zone * 60) *
	     INT64_C(1000000);
	date_format(w->value, us, GRANULARITY_SECOND);
	w->precision = has_seconds ? "second" : "minute";
	snprintf(w->offset, sizeof(w->offset), "%c%02d:%02d",
	    zone < 0 ? '-' : '+', abs(zone) / 60 % 100, abs(zone) % 60);
	return true;
}

size_t
when_word(const char *p)
{
	size_t n = 0;

	while (((p[n] | 0x20) >= 'a' && (p[n] | 0x20) <= 'z') ||
	       (unsigned char)p[n] >= 0x80)
		n++;
	return n;
}

/* YYYYMMDD with or without hhmm[ss], and YYYYMM where it cannot be YYMMDD. */
static bool
read_run(struct when *w, const char **p)
{
	const char *q = *p;
	size_t n = strspn(q, "0123456789");
	int year, month, day = 0;

	if (n != 6 && n != 8 && n != 12 && n != 14)
		return false;
	when_digits(&q, 4, &year);
	when_digits(&q, 2, &month);
	if (n == 6 && (year % 100 <= 12 || year < 1900))
		return false;
	if (n > 6)
		when_digits(&q, 2, &day);
	if ((n > 6 && (month == 0 || day == 0)) || month == 0 ||
	    !when_set(w, year, month, day))
		return false;
	if (n > 8) {
		int h = (q[0] - '0') * 10 + q[1] - '0';
		int m = (q[2] - '0') * 10 + q[3] - '0';

		if (h > 23 || m > 59)
			return false;
		w->has_time = true;
	}
	*p += n;
	return true;
}

static bool
is_unknown(const char *p)
{
	return p[0] != '\0' && (p[0] | 0x20) == (p[1] | 0x20) &&
	       ((p[0] | 0x20) == 'x' || (p[0] | 0x20) == 'u');
}

/* What follows a year. */
struct rest {
	int month, day;
	bool is_either; /* "2011/12" is December, or 2011 to 2012 */
};

/* Two digits that are no month: a span of years (2013-14), or a season of EDTF
 * (level 1: 21 to 24), or either. */
static bool
is_season(const char *end, char sep, int year, int number)
{
	return sep == '-' && number >= 21 && number <= 24 && *end == '\0' &&
	       number != (year + 1) % 100;
}

/* Month and day behind a year.  False where it is no date at all. */
static bool
read_rest(const char **p, int year, struct rest *r)
{
	const char *q = *p;
	char sep = *q++;
	int n, number;

	if ((sep != '-' && sep != '/' && sep != '.') ||
	    (!text_is_digit(*q) && !is_unknown(q)))
		return true;
	if (is_unknown(q)) { /* 2004-XX, 2004-XX-XX (EDTF) */
		q += 2;
		*p = *q == sep && is_unknown(q + 1) ? q + 3 : q;
		return !text_is_digit(**p) &&
		       (**p != sep || !text_is_digit((*p)[1]));
	}
	n = when_digits(&q, 2, &number);
	if (text_is_digit(*q) || number > 12) {
		r->is_either = n == 2 && is_season(q, sep, year, number);
		if (r->is_either)
			*p = q;
		return true; /* 1940-1949 */
	}
	*p = q;
	if (*q != sep) {
		r->is_either = sep == '/' && number == (year + 1) % 100;
		r->month = r->is_either ? 0 : number;
		return true;
	}
	r->month = number;
	if (is_unknown(q + 1)) {
		*p = q + 3;
		return true;
	}
	if (text_is_digit(q[1])) {
		q++;
		when_digits(&q, 2, &r->day);
		*p = q;
	}
	return !text_is_digit(*q);
}

/* YYYY, YYYY-M, YYYY-M-D, YYYYMMDD, with - / . between, and a time. */
static bool
read_iso(struct when *w, const char **p)
{
	const char *q = *p;
	struct rest rest = {0};
	int year;

	if (when_digits(&q, 4, &year) != 4)
		return false;
	if (text_is_digit(q[0]))
		return read_run(w, p);
	if (!read_rest(&q, year, &rest) ||
	    !when_set(w, year, rest.month, rest.day))
		return false;
	w->is_ambiguous = rest.is_either;
	if (w->day != 0 && (*q == 'T' || *q == 't' || *q == ' ') &&
	    text_is_digit(q[1])) {
		const char *r = q + 1;

		if (when_time(w, &r))
			q = r;
	}
	*p = q;
	return true;
}

/* D/M/YYYY, M/D/YYYY and D.M.YYYY, and a time. */
static bool
read_slashes(struct when *w, const char **p)
{
	const char *q = *p;
	int a, b, year;
	char sep;

	if (when_digits(&q, 2, &a) == 0)
		return false;
	sep = *q;
	if ((sep != '/' && sep != '-' && sep != '.') || !text_is_digit(q[1]))
		return false;
	q++;
	if (when_digits(&q, 2, &b) == 0 || *q != sep)
		return false;
	q++;
	if (when_digits(&q, 4, &year) != 4 || text_is_digit(*q))
		return false;
	*p = q;
	if (a == 0 || b == 0)
		return false;
	if (a <= 12 && b <= 12 && a != b && sep != '.') {
		w->is_ambiguous = true;
		return when_set(w, year, 0, 0);
	}
	if (b > 12 ? !when_set(w, year, a, b) : !when_set(w, year, b, a))
		return false;
	if (*q == ' ' && text_is_digit(q[1])) {
		q++;
		if (when_time(w, &q))
			*p = q;
	}
	return true;
}

/* Digits that are not known: "199-", "199u", "19XX", "19--"; and "1990s". */
static bool
read_unspecified(struct when *w, const char **p)
{
	const char *q = *p;
	int year, n = when_digits(&q, 4, &year);
	bool is_plural = *q == 's' || strncmp(q, "'s", 2) == 0 ||
			 strncmp(q, "\xe2\x80\x99s", 4) == 0;

	if (n == 4 && is_plural && year % 10 == 0) {
		q += strcspn(q, "s") + 1;
		/* "1900s" is a decade or a century: what holds both */
		n = year % 100 == 0 && year < 2000 ? 2 : 3;
		year /= n == 3 ? 10 : 100;
	} else if (n == 3 && strchr("-uUxX", *q) != NULL && *q != '\0')
		q++;
	else if (n == 2 && (strncmp(q, "--", 2) == 0 || is_unknown(q)))
		q += 2;
	else
		return false;
	if (text_is_digit(*q) || when_word(q) > 0)
		return false;
	*p = q;
	w->approximate = true;
	return n == 3 ? when_set_years(w, year * 10, year * 10 + 9)
		      : when_set_years(w, year * 100, year * 100 + 99);
}

bool
when_one(struct when *w, const char **p)
{
	static bool (*const readers[])(struct when *, const char **) = {
	    read_unspecified, read_iso, read_slashes};
	const char *start = *p;

	for (size_t i = 0; i < sizeof(readers) / sizeof(*readers); i++) {
		memset(w, 0, sizeof(*w));
		*p = start;
		if (readers[i](w, p))
			return true;
	}
	return false;
}
