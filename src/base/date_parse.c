/* Reading instants: ISO 8601 as servers write it, and HTTP-date.  Own digits
 * instead of strptime, which follows the locale.  Not here: dates as catalogues
 * write them (crosswalk). */
#include "base/date.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define US_SECOND INT64_C(1000000)

struct moment {
	int year, month, day, hour, minute, second, us;
	int offset_s; /* east of UTC */
};

static const char *
skip_space(const char *s)
{
	while (*s == ' ' || (*s >= '\t' && *s <= '\r'))
		s++;
	return s;
}

/* Exactly n digits; returns what follows, or NULL. */
static const char *
digits(const char *s, int n, int *out)
{
	int v = 0;

	if (!s)
		return NULL;
	for (int i = 0; i < n; i++, s++) {
		if (*s < '0' || *s > '9')
			return NULL;
		v = v * 10 + (*s - '0');
	}
	*out = v;
	return s;
}

static const char *
literal(const char *s, char c)
{
	return s && *s == c ? s + 1 : NULL;
}

/* 24:00:00 is the end of the day (ISO 8601), 23:59:60 a leap second: both
 * become the second after. */
static int
to_us(const struct moment *m, int64_t *us)
{
	if (!date_valid(m->year, m->month, m->day) || m->hour > 24 ||
	    m->minute > 59 || m->second > 60 ||
	    (m->hour == 24 && (m->minute || m->second || m->us)))
		return -1;
	*us = date_days(m->year, m->month, m->day) * 86400 +
	      m->hour * INT64_C(3600) + m->minute * 60 + m->second -
	      m->offset_s;
	*us = *us * US_SECOND + m->us;
	return 0;
}

/* ".123456789" or ",5": microseconds, the rest cut off. */
static const char *
fraction(const char *s, int *us)
{
	int scale = 100000;

	if (*s != '.' && *s != ',')
		return s;
	if (!isdigit((unsigned char)*++s))
		return NULL;
	for (; isdigit((unsigned char)*s); s++) {
		*us += (*s - '0') * scale;
		scale /= 10;
	}
	return s;
}

/* "Z", "+02:00", "+0200", "+02", " UTC", nothing. */
static const char *
zone(const char *s, int *offset_s)
{
	const char *t;
	int sign, h, m = 0;

	s = skip_space(s);
	if (*s == 'Z' || *s == 'z')
		return s + 1;
	if (strncasecmp(s, "UTC", 3) == 0 || strncasecmp(s, "GMT", 3) == 0)
		return s + 3;
	if (*s != '+' && *s != '-')
		return s;
	sign = *s == '-' ? -1 : 1;
	s = digits(s + 1, 2, &h);
	if (!s)
		return NULL;
	t = *s == ':' ? s + 1 : s;
	if (digits(t, 2, &m))
		s = t + 2;
	if (h > 23 || m > 59)
		return NULL;
	*offset_s = sign * (h * 3600 + m * 60);
	return s;
}

static const char *
time_of_day(const char *s, struct moment *m)
{
	s = digits(s, 2, &m->hour);
	s = literal(s, ':');
	s = digits(s, 2, &m->minute);
	if (s && *s == ':') {
		s = digits(s + 1, 2, &m->second);
		if (s)
			s = fraction(s, &m->us);
	}
	return s ? zone(s, &m->offset_s) : NULL;
}

int
date_parse(const char *s, int64_t *us, enum granularity *g)
{
	struct moment m = {0};
	const char *t;
	int64_t v;
	bool timed;

	s = skip_space(s);
	s = digits(s, 4, &m.year);
	s = literal(s, '-');
	s = digits(s, 2, &m.month);
	s = literal(s, '-');
	s = digits(s, 2, &m.day);
	if (!s)
		return -1;
	t = *s == 'T' || *s == 't' ? s + 1 : skip_space(s);
	/* a date, white space and digits: a time without its T */
	timed = *s == 'T' || *s == 't' || (t > s && isdigit((unsigned char)*t));
	s = timed ? time_of_day(t, &m) : zone(s, &m.offset_s);
	if (!s || *skip_space(s) || to_us(&m, &v) < 0)
		return -1;
	if (!timed) /* a day keeps its name, whatever its zone */
		v += (int64_t)m.offset_s * US_SECOND;
	*us = v;
	if (g)
		*g = timed ? GRANULARITY_SECOND : GRANULARITY_DAY;
	return 0;
}

static const char *
month_name(const char *s, int *month)
{
	static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";

	if (!s)
		return NULL;
	for (int i = 0; i < 12; i++) {
		if (strncasecmp(s, names + i * 3, 3) == 0) {
			*month = i + 1;
			return s + 3;
		}
	}
	return NULL;
}

static const char *
clock_time(const char *s, struct moment *m)
{
	s = digits(s, 2, &m->hour);
	s = literal(s, ':');
	s = digits(s, 2, &m->minute);
	s = literal(s, ':');
	return digits(s, 2, &m->second);
}

/* "Sun, 06 Nov 1994 08:49:37 GMT" and "Sunday, 06-Nov-94 08:49:37 GMT". */
static const char *
fixed_or_rfc850(const char *s, struct moment *m)
{
	char sep;
	const char *t;
	int now_year, unused;

	s = digits(skip_space(s), 2, &m->day);
	if (!s || (*s != ' ' && *s != '-'))
		return NULL;
	sep = *s;
	s = month_name(s + 1, &m->month);
	s = literal(s, sep);
	t = digits(s, 4, &m->year);
	if (!t) {
		t = digits(s, 2, &m->year);
		if (!t)
			return NULL;
		/* RFC 9110 5.6.7: more than 50 years ahead is the past */
		date_from_days(date_now_us() / (86400 * US_SECOND), &now_year,
		    &unused, &unused);
		m->year += now_year / 100 * 100;
		if (m->year > now_year + 50)
			m->year -= 100;
	}
	s = clock_time(literal(t, ' '), m);
	return s ? zone(s, &m->offset_s) : NULL;
}

/* "Sun Nov  6 08:49:37 1994". */
static const char *
asctime_form(const char *s, struct moment *m)
{
	s = month_name(s, &m->month);
	s = literal(s, ' ');
	if (s && *s == ' ')
		s = digits(s + 1, 1, &m->day);
	else
		s = digits(s, 2, &m->day);
	s = clock_time(literal(s, ' '), m);
	return digits(literal(s, ' '), 4, &m->year);
}

int
date_parse_http(const char *s, int64_t *us)
{
	struct moment m = {0};
	int64_t v;

	s = skip_space(s);
	while (isalpha((unsigned char)*s))
		s++;
	if (*s == ',')
		s = fixed_or_rfc850(s + 1, &m);
	else if (*s == ' ')
		s = asctime_form(s + 1, &m);
	else
		return -1;
	if (!s || *skip_space(s) || to_us(&m, &v) < 0)
		return -1;
	*us = v;
	return 0;
}
