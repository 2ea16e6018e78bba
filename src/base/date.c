/* Calendar arithmetic by days from civil, and writing.  Not here: reading
 * (date_parse.c), and dates as catalogues write them (crosswalk). */
#include "base/date.h"

#include <stdio.h>
#include <time.h>

#define US_SECOND INT64_C(1000000)
#define US_HOUR	  (INT64_C(3600) * US_SECOND)
#define US_DAY	  (INT64_C(86400) * US_SECOND)

static int
days_in_month(int year, int month)
{
	static const int days[] = {
	    31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	if (month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0))
		return 29;
	return days[month - 1];
}

bool
date_valid(int year, int month, int day)
{
	return year >= -9999 && year <= 9999 && month >= 1 && month <= 12 &&
	       day >= 1 && day <= days_in_month(year, month);
}

/* Years begin in March, so that the leap day is the last of its year; 400
 * years are 146,097 days. */
int64_t
date_days(int year, int month, int day)
{
	int64_t y = year - (month <= 2);
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t yoe = y - era * 400;
	int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

	return era * 146097 + doe - 719468;
}

void
date_from_days(int64_t days, int *year, int *month, int *day)
{
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;

	*day = (int)(doy - (153 * mp + 2) / 5 + 1);
	*month = (int)(mp < 10 ? mp + 3 : mp - 9);
	*year = (int)(yoe + era * 400 + (*month <= 2));
}

/* Days and the rest of an instant, the rest never negative. */
static int64_t
split_day(int64_t us, int64_t *rest)
{
	int64_t days = us / US_DAY;

	*rest = us % US_DAY;
	if (*rest < 0) {
		*rest += US_DAY;
		days--;
	}
	return days;
}

/* snprintf() took a twentieth of the time of a page of news. */
static char *
two(char *out, int v)
{
	*out++ = (char)('0' + v / 10);
	*out++ = (char)('0' + v % 10);
	return out;
}

void
date_format(char out[DATE_TEXT_BYTES], int64_t us, enum granularity g)
{
	int64_t rest;
	int y, m, d, s;

	if (us == DATE_NONE) {
		out[0] = '\0';
		return;
	}
	date_from_days(split_day(us, &rest), &y, &m, &d);
	s = (int)(rest / US_SECOND);
	if (y < 0 || y > 9999)
		out += snprintf(out, 16, "%04d", y);
	else
		out = two(two(out, y / 100), y % 100);
	*out++ = '-';
	out = two(out, m);
	*out++ = '-';
	out = two(out, d);
	if (g != GRANULARITY_DAY) {
		*out++ = 'T';
		out = two(out, s / 3600);
		*out++ = ':';
		out = two(out, s / 60 % 60);
		*out++ = ':';
		out = two(out, s % 60);
		*out++ = 'Z';
	}
	*out = '\0';
}

static int64_t
clock_us(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * US_SECOND + ts.tv_nsec / 1000;
}

int64_t
date_now_us(void)
{
	return clock_us(CLOCK_REALTIME);
}

int64_t
date_monotonic_ms(void)
{
	return clock_us(CLOCK_MONOTONIC) / 1000;
}

int64_t
date_floor(int64_t us, enum date_unit unit)
{
	int64_t rest, days = split_day(us, &rest);
	int y, m, d;

	if (unit == DATE_HOUR)
		return days * US_DAY + rest / US_HOUR * US_HOUR;
	if (unit == DATE_DAY)
		return days * US_DAY;
	date_from_days(days, &y, &m, &d);
	return date_days(y, unit == DATE_YEAR ? 1 : m, 1) * US_DAY;
}

/* A day that the month does not have becomes its last one. */
int64_t
date_step(int64_t us, enum date_unit unit, int n)
{
	int64_t rest, days, months;
	int y, m, d, last;

	if (unit == DATE_HOUR)
		return us + n * US_HOUR;
	if (unit == DATE_DAY)
		return us + n * US_DAY;
	days = split_day(us, &rest);
	date_from_days(days, &y, &m, &d);
	months =
	    (int64_t)y * 12 + m - 1 + (unit == DATE_YEAR ? (int64_t)n * 12 : n);
	y = (int)(months >= 0 ? months / 12 : (months - 11) / 12);
	m = (int)(months - (int64_t)y * 12) + 1;
	last = days_in_month(y, m);
	return date_days(y, m, d < last ? d : last) * US_DAY + rest;
}
