/* Reading dates: a token at a time, most particular shapes first.  What role
 * a date plays is the crosswalk's to say. */
#include "crosswalk/dates.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { TEXT_BYTES = 128, YEAR_MIN = 1000, YEAR_MAX = 2200 };

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Up to `max` digits at *p; how many there were. */
static int
digits(const char **p, int max, int *value)
{
	int n = 0;

	*value = 0;
	while (n < max && is_digit(**p)) {
		*value = *value * 10 + (**p - '0');
		++*p;
		n++;
	}
	return n;
}

static bool
set_date(struct when *w, int year, int month, int day)
{
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
	if (day)
		snprintf(w->value, sizeof(w->value), "%04d-%02d-%02d", year,
		    month, day);
	else if (month)
		snprintf(w->value, sizeof(w->value), "%04d-%02d", year, month);
	else
		snprintf(w->value, sizeof(w->value), "%04d", year);
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
	if (strncmp(*p, "GMT", 3) == 0 || strncmp(*p, "UTC", 3) == 0 ||
	    strncmp(*p, "UT", 3) == 0) {
		*p += strlen(*p) < 3 ? strlen(*p) : 3;
		*minutes = 0;
		return true;
	}
	if (**p != '+' && **p != '-')
		return false;
	sign = *(*p)++ == '-' ? -1 : 1;
	if (digits(p, 2, &h) != 2)
		return false;
	if (**p == ':')
		++*p;
	digits(p, 2, &m);
	*minutes = sign * (h * 60 + m);
	return h <= 14 && m < 60;
}

/* hh:mm[:ss[.fff]] and a zone, for the day that is set. */
static bool
read_time(struct when *w, const char **p)
{
	int h, m, s = 0, zone;
	bool has_seconds = false;
	int64_t us;

	if (digits(p, 2, &h) == 0 || **p != ':')
		return false;
	++*p;
	if (digits(p, 2, &m) != 2 || h > 24 || m > 59)
		return false;
	if (**p == ':') {
		++*p;
		if (digits(p, 2, &s) != 2 || s > 60)
			return false;
		has_seconds = true;
		if (**p == '.' || **p == ',')
			for (++*p; is_digit(**p); ++*p)
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

/* YYYY, YYYY-M, YYYY-M-D, YYYYMMDD, with - / . between, and a time. */
static bool
read_iso(struct when *w, const char **p)
{
	const char *q = *p;
	int year, month = 0, day = 0, n;
	char sep;

	if (digits(&q, 4, &year) != 4)
		return false;
	if (is_digit(q[0])) {
		if (digits(&q, 2, &month) != 2 || digits(&q, 2, &day) != 2 ||
		    is_digit(*q) || !set_date(w, year, month, day))
			return false;
		*p = q;
		return true;
	}
	sep = *q;
	if ((sep == '-' || sep == '/' || sep == '.') && is_digit(q[1])) {
		const char *r = q + 1;

		n = digits(&r, 2, &month);
		if (is_digit(*r) || month > 12 || n == 0) {
			month = 0; /* 1940-1949 */
		} else {
			q = r;
			if (*q == sep && is_digit(q[1])) {
				q++;
				digits(&q, 2, &day);
				if (is_digit(*q))
					return false;
			}
		}
	}
	if (!set_date(w, year, month, day))
		return false;
	if (w->day != 0 && (*q == 'T' || *q == 't' || *q == ' ') &&
	    is_digit(q[1])) {
		const char *r = q + 1;

		if (read_time(w, &r))
			q = r;
	}
	*p = q;
	return true;
}

/* D/M/YYYY, M/D/YYYY and D.M.YYYY. */
static bool
read_slashes(struct when *w, const char **p)
{
	const char *q = *p;
	int a, b, year;
	char sep;

	if (digits(&q, 2, &a) == 0)
		return false;
	sep = *q;
	if ((sep != '/' && sep != '-' && sep != '.') || !is_digit(q[1]))
		return false;
	q++;
	if (digits(&q, 2, &b) == 0 || *q != sep)
		return false;
	q++;
	if (digits(&q, 4, &year) != 4 || is_digit(*q))
		return false;
	*p = q;
	if (a > 12 || a == b || sep == '.')
		return set_date(w, year, b, a);
	if (b > 12)
		return set_date(w, year, a, b);
	w->is_ambiguous = true;
	return set_date(w, year, 0, 0);
}

static size_t
word(const char *p)
{
	size_t n = 0;

	while ((p[n] | 0x20) >= 'a' && (p[n] | 0x20) <= 'z' &&
	       (unsigned char)p[n] < 0x80)
		n++;
	while ((unsigned char)p[n] >= 0x80 ||
	       ((p[n] | 0x20) >= 'a' && (p[n] | 0x20) <= 'z'))
		n++;
	return n;
}

static void
skip(const char **p)
{
	while (**p == ' ' || **p == ',' || **p == '.' || **p == '-')
		++*p;
	if (strncmp(*p, "de ", 3) == 0)
		*p += 3;
}

/* "7 May 2013", "May 7, 2013", "May 2013", "2013 May 7", "7th of May 2013",
 * with a weekday before and a time after. */
static bool
read_words(struct when *w, const char **p)
{
	const char *q = *p;
	int n[3] = {0}, len[3] = {0}, count = 0, month = 0;
	int year = 0, day = 0;

	for (int step = 0; step < 8 && *q != '\0'; step++) {
		size_t k;

		skip(&q);
		if (is_digit(*q) && count < 2) {
			len[count] = digits(&q, 4, &n[count]);
			if (is_digit(*q))
				return false;
			count++;
			if (strncmp(q, "st", 2) == 0 ||
			    strncmp(q, "nd", 2) == 0 ||
			    strncmp(q, "rd", 2) == 0 ||
			    strncmp(q, "th", 2) == 0)
				q += 2;
			else if (strncmp(q, "er ", 3) == 0)
				q += 2;
			continue;
		}
		k = word(q);
		if (k == 0)
			break;
		if (month == 0)
			month = when_month(q, k);
		else if (strncmp(q, "of", k) != 0)
			break;
		q += k;
	}
	for (int i = 0; i < count; i++) {
		if (len[i] == 4 && year == 0)
			year = n[i];
		else if (len[i] <= 2 && day == 0)
			day = n[i];
	}
	if (month == 0 || year == 0 || !set_date(w, year, month, day))
		return false;
	skip(&q);
	if (day != 0 && is_digit(*q)) {
		const char *r = q;

		if (read_time(w, &r))
			q = r;
	}
	*p = q;
	return true;
}

static bool
read_one(struct when *w, const char **p)
{
	const char *start = *p;

	memset(w, 0, sizeof(*w));
	if (read_iso(w, p))
		return true;
	*p = start;
	memset(w, 0, sizeof(*w));
	if (read_slashes(w, p))
		return true;
	*p = start;
	memset(w, 0, sizeof(*w));
	return read_words(w, p);
}

/* Takes away what says only how sure the date is. */
static void
strip(char *text, bool *approximate)
{
	static const char *const marks[] = {"circa ", "ca. ", "ca.", "ca ",
	    "c. ", "c.", "approximately ", "approx. ", "about ", "vers ",
	    "hacia ", "copyright ", "published ", "issued ", "cop. ", "©", "c",
	    "(c) ", "between ", "from ", "entre ", NULL};
	char *out = text;

	for (char *p = text; *p != '\0'; p++) {
		if (*p == '[' || *p == ']' || *p == '(' || *p == ')')
			continue;
		if (*p == '?' || *p == '~') {
			*approximate = true;
			continue;
		}
		*out++ = *p;
	}
	*out = '\0';
	for (size_t i = 0; marks[i] != NULL; i++) {
		size_t n = strlen(marks[i]);

		if (strncasecmp(text, marks[i], n) != 0)
			continue;
		if (n == 1 && !is_digit(text[1]))
			continue;
		*approximate |= i < 10;
		memmove(text, text + n, strlen(text + n) + 1);
		break;
	}
	out = text + strlen(text);
	while (out > text && strchr(" .,;", out[-1]) != NULL)
		*--out = '\0';
}

/* "1990s", "199-", "19--". */
static bool
read_decade(struct when *w, const char *p)
{
	int year, n;
	const char *q = p;

	n = digits(&q, 4, &year);
	if (n == 4 && (strcmp(q, "s") == 0 || strcmp(q, "'s") == 0) &&
	    year % 10 == 0)
		n = 3;
	else if (n == 3 && (strcmp(q, "-") == 0 || strcmp(q, "u") == 0))
		year *= 10;
	else
		return false;
	if (n != 3 || !set_date(w, year, 0, 0))
		return false;
	snprintf(w->until, sizeof(w->until), "%04d", year + 9);
	w->approximate = true;
	return true;
}

/* The other end of a span, after "-", "/", "–" or "to". */
static void
read_until(struct when *w, const char **p)
{
	static const char *const seps[] = {"/", "--", "-", "\xe2\x80\x93",
	    "to ", "and ", "a ", "au ", "et ", "y "};
	const char *q = *p;
	struct when end;
	int year;

	while (*q == ' ')
		q++;
	for (size_t i = 0; i < sizeof(seps) / sizeof(*seps); i++) {
		size_t n = strlen(seps[i]);

		if (strncmp(q, seps[i], n) != 0)
			continue;
		q += n;
		while (*q == ' ')
			q++;
		if (*q == '\0') { /* open: 1998- */
			*p = q;
			return;
		}
		*p = q;
		if (read_one(&end, &q) && strcmp(end.value, w->value) >= 0) {
			memcpy(w->until, end.value, sizeof(w->until));
			*p = q;
		} else if (strlen(q) == 2 && digits(&q, 2, &year) == 2 &&
			   w->month == 0 && year > w->year % 100) {
			/* 2013-14 is a span where it is no month */
			snprintf(w->until, sizeof(w->until), "%04d",
			    w->year / 100 * 100 + year);
			*p = q;
		}
		return;
	}
}

/* A year among words, if there is exactly one: "Spring 2010". */
static bool
read_lone_year(struct when *w, const char *text)
{
	int found = 0, year = 0;

	for (const char *p = text; *p != '\0';) {
		int value, n;

		if (!is_digit(*p)) {
			p++;
			continue;
		}
		n = digits(&p, 9, &value);
		if (n > 4 || n == 3)
			return false;
		if (n == 4) {
			found++;
			year = value;
		}
	}
	if (found != 1 || !set_date(w, year, 0, 0))
		return false;
	w->approximate = true;
	return true;
}

bool
when_read(struct when *w, const char *text)
{
	char copy[TEXT_BYTES];
	bool approximate = false;
	const char *p = copy;
	size_t n = strlen(text);

	memset(w, 0, sizeof(*w));
	if (n == 0 || n >= sizeof(copy))
		return false;
	memcpy(copy, text, n + 1);
	strip(copy, &approximate);
	if (read_decade(w, copy)) {
		w->approximate = true;
		return true;
	}
	if (read_one(w, &p)) {
		if (*p != '\0')
			read_until(w, &p);
		while (*p == ' ' || *p == '-' || *p == ';')
			p++;
		if (*p == '\0') {
			w->approximate = approximate;
			return true;
		}
	}
	memset(w, 0, sizeof(*w));
	return read_lone_year(w, copy);
}
