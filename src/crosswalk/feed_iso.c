/* ISO 8601 in all its parts (2004, 4.1 to 4.3, and the shortened forms of
 * 1988): calendar, ordinal and week dates, basic and extended, with times and
 * zones.  A form is matched as a whole or not at all. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crosswalk/feed_date.h"
#include "crosswalk/text.h"

#define SECOND_US INT64_C(1000000)
#define DAY_S	  INT64_C(86400)

struct iso {
	int year, month, day; /* month, day 0: not given */
	int64_t days; /* of the day; ordinal and week dates */
	bool has_days; /* `days` counts */
	bool is_week; /* all seven from `days` on */
};

static int
number(const char *p, int digits)
{
	int v = 0;

	while (digits-- > 0)
		v = v * 10 + *p++ - '0';
	return v;
}

/* Whether p begins with the form: 'Y', 'M', 'D', 'O', 'W' and 'd' stand for
 * digits of year, month, day, ordinal day, week and day of the week. */
static bool
match(const char *form, const char *p, struct iso *t, int *week, int *weekday,
    int *ordinal, size_t *len)
{
	const char *start = p;

	while (*form != '\0') {
		int n = (int)strspn(form, (char[]){*form, '\0'});

		if (strchr("YMDONd", *form) == NULL) {
			if (*p != *form)
				return false;
			p++;
			form++;
			continue;
		}
		for (int i = 0; i < n; i++)
			if (!text_is_digit(p[i]))
				return false;
		*(*form == 'Y'	   ? &t->year
		    : *form == 'M' ? &t->month
		    : *form == 'D' ? &t->day
		    : *form == 'O' ? ordinal
		    : *form == 'N' ? week
				   : weekday) = number(p, n);
		/* RFC 2822, 4.3, for two digits */
		if (*form == 'Y' && n == 2)
			t->year += t->year < 50 ? 2000 : 1900;
		p += n;
		form += n;
	}
	*len = (size_t)(p - start);
	return !text_is_digit(*p);
}

static bool
set_week(struct iso *t, int week, int weekday)
{
	int64_t fourth = date_days(t->year, 1, 4);
	int64_t first = fourth - (fourth + 3) % 7, next;

	if (t->year < 1971 || t->year > 2200)
		return false;
	next = date_days(t->year + 1, 1, 4);
	next -= (next + 3) % 7;
	if (week < 1 || weekday > 7 || first + 7 * (week - 1) >= next)
		return false;
	t->has_days = true;
	t->is_week = weekday == 0;
	t->days = first + 7 * (week - 1) + (weekday ? weekday - 1 : 0);
	return true;
}

/* YYMMDD where it cannot be YYYYMM. */
static bool
is_clear(const char *form, const char *p)
{
	return strcmp(form, "YYMMDD") != 0 ||
	       !((number(p, 2) == 19 || number(p, 2) == 20) &&
		   number(p + 4, 2) <= 12);
}

/* The date at p: its length, or 0. */
static size_t
read_date(struct iso *t, const char *p)
{
	static const char *const forms[] = {"YYYY-MM-DD", "YYYYMMDD",
	    "YYYY-WNN-d", "YYYYWNNd", "YYYY-WNN", "YYYYWNN", "YYYY-OOO",
	    "YYYYOOO", "YYYY-MM", "YYYY", "YY-MM-DD", "YYMMDD", "YY-WNN-d",
	    "YYWNNd", "YY-OOO", "-YY-MM", "-YYMM"};

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		int week = 0, weekday = 0, ordinal = 0;
		size_t len;

		memset(t, 0, sizeof(*t));
		if (!match(forms[i], p, t, &week, &weekday, &ordinal, &len) ||
		    (p[len] == '-' && t->day == 0) || !is_clear(forms[i], p))
			continue;
		if (t->year < 1000 || t->year > 2200)
			return 0;
		if (week > 0 || strchr(forms[i], 'N') != NULL)
			return set_week(t, week, weekday) ? len : 0;
		if (strchr(forms[i], 'O') != NULL) {
			int64_t first = date_days(t->year, 1, 1);

			t->has_days = true;
			t->days = first + ordinal - 1;
			return ordinal > 0 &&
				       t->days < date_days(t->year + 1, 1, 1)
				   ? len
				   : 0;
		}
		if (strchr(forms[i], 'D') != NULL)
			return date_valid(t->year, t->month, t->day) ? len : 0;
		return strchr(forms[i], 'M') == NULL ||
			       (t->month >= 1 && t->month <= 12)
			   ? len
			   : 0;
	}
	return 0;
}

/* Two digits at *p, with or without a colon before them. */
static bool
two(const char **p, bool is_extended, int *value)
{
	const char *q = *p + (is_extended && **p == ':');

	if ((is_extended && **p != ':') || !text_is_digit(q[0]) ||
	    !text_is_digit(q[1]))
		return false;
	*value = number(q, 2);
	*p = q + 2;
	return true;
}

/* hh, hhmm, hhmmss, hh:mm, hh:mm:ss, the last part with a fraction; -1 when
 * it is none, else seconds since midnight. */
static int
read_time(const char **p, bool *has_seconds)
{
	int h, m = 0, s = 0, unit = 3600, fraction = 0, scale = 1;
	const char *q = *p;
	bool is_extended;

	if (!text_is_digit(q[0]))
		return -1;
	h = text_is_digit(q[1]) ? number(q, 2) : number(q, 1);
	q += text_is_digit(q[1]) ? 2 : 1;
	is_extended = *q == ':';
	if (two(&q, is_extended, &m)) {
		unit = 60;
		*has_seconds = two(&q, is_extended, &s);
		unit = *has_seconds ? 1 : 60;
	}
	if ((*q == '.' || *q == ',') && text_is_digit(q[1]))
		for (q++; text_is_digit(*q); q++)
			if (scale < 10000) {
				fraction = fraction * 10 + *q - '0';
				scale *= 10;
			}
	if (h > 24 || m > 59 || s > 60 || (h == 24 && (m > 0 || s > 0)))
		return -1;
	*p = q;
	return h * 3600 + m * 60 + s + (unit > 1 ? fraction * unit / scale : 0);
}

/* Z, UTC, GMT, ±hh, ±hhmm, ±hh:mm; false when it is none. */
static bool
read_zone(const char **p, int *minutes)
{
	static const char *const zero[] = {"Z", "z", "UTC", "GMT"};
	const char *q = *p;
	int h, m = 0;

	for (size_t i = 0; i < sizeof(zero) / sizeof(*zero); i++)
		if (strncmp(q, zero[i], strlen(zero[i])) == 0) {
			*minutes = 0;
			*p = q + strlen(zero[i]);
			return true;
		}
	if ((*q != '+' && *q != '-') || !text_is_digit(q[1]) ||
	    !text_is_digit(q[2]))
		return false;
	h = number(q + 1, 2);
	q += 3;
	two(&q, *q == ':', &m);
	if (h > 15 || m > 59)
		return false;
	*minutes = (**p == '-' ? -1 : 1) * (h * 60 + m);
	*p = q;
	return true;
}

static void
give_day(struct when *w, struct iso *t)
{
	int y, m, d;

	if (t->has_days)
		date_from_days(t->days, &t->year, &t->month, &t->day);
	w->year = t->year;
	w->month = t->month;
	w->day = t->day;
	w->precision = t->day ? "day" : t->month ? "month" : "year";
	snprintf(w->value, sizeof(w->value),
	    t->day     ? "%04d-%02d-%02d"
	    : t->month ? "%04d-%02d"
		       : "%04d",
	    t->year, t->month, t->day);
	if (!t->is_week)
		return;
	date_from_days(t->days + 6, &y, &m, &d);
	snprintf(w->until, sizeof(w->until), "%04d-%02d-%02d", y % 10000,
	    m % 100, d % 100);
}

bool
feed_iso_read(struct when *w, const char *text)
{
	bool has_seconds = false;
	const char *p = text;
	int seconds, zone;
	struct iso t;
	size_t n = read_date(&t, p);

	if (n == 0)
		return false;
	memset(w, 0, sizeof(*w));
	give_day(w, &t);
	p += n;
	if (*p == '\0')
		return true;
	if ((*p != 'T' && *p != 't' && *p != ' ') || w->day == 0 || t.is_week)
		return false;
	for (p++; *p == ' ';)
		p++;
	seconds = read_time(&p, &has_seconds);
	if (seconds < 0)
		return false;
	w->has_time = true;
	while (*p == ' ')
		p++;
	if (*p == '\0') /* without a zone only the day is known */
		return true;
	if (!read_zone(&p, &zone) || *p != '\0')
		return false;
	date_format(w->value,
	    (date_days(w->year, w->month, w->day) * DAY_S + seconds -
		zone * 60) *
		SECOND_US,
	    GRANULARITY_SECOND);
	w->precision = has_seconds ? "second" : "minute";
	snprintf(w->offset, sizeof(w->offset), "%c%02d:%02d",
	    zone < 0 ? '-' : '+', abs(zone) / 60 % 100, abs(zone) % 60);
	return true;
}
