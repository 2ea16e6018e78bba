/* Token by token: numbers, words and a zone, in whatever order they stand. */
#include "crosswalk/feed_date.h"
#include "crosswalk/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct parts {
	int year, month, day; /* 0: not seen */
	int hour, minute, second; /* hour -1: not seen */
	bool has_seconds, has_zone, is_pm, is_am;
	int zone; /* minutes east */
	int numbers[3], lens[3], count; /* not placed yet */
	char seps[3]; /* what follows each of them */
	bool is_ambiguous; /* day and month could be either way */
	bool is_first; /* the month stands before all numbers */
};

static int
number(const char **p, int max, int *len)
{
	int v = 0;

	for (*len = 0; *len < max && text_is_digit(**p); ++*len)
		v = v * 10 + *(*p)++ - '0';
	return v;
}

/* Zones by name; those that mean one thing in feeds (RFC 822, and the
 * European ones). */
static bool
zone_name(const char *word, int *minutes)
{
	static const struct {
		const char *name;
		int minutes;
	} zones[] = {{"z", 0}, {"ut", 0}, {"utc", 0}, {"gmt", 0}, {"wet", 0},
	    {"est", -300}, {"edt", -240}, {"et", -300}, {"cst", -360},
	    {"cdt", -300}, {"ct", -360}, {"mst", -420}, {"mdt", -360},
	    {"mt", -420}, {"pst", -480}, {"pdt", -420}, {"pt", -480},
	    {"akst", -540}, {"akdt", -480}, {"hst", -600}, {"ast", -240},
	    {"adt", -180}, {"bst", 60}, {"west", 60}, {"cet", 60}, {"met", 60},
	    {"mez", 60}, {"cest", 120}, {"mest", 120}, {"mesz", 120},
	    {"eet", 120}, {"eest", 180}, {"msk", 180}, {"msd", 240},
	    {"sgt", 480}, {"hkt", 480}, {"jst", 540}, {"kst", 540},
	    {"aest", 600}, {"aedt", 660}, {"nzst", 720}, {"nzdt", 780}};

	for (size_t i = 0; i < sizeof(zones) / sizeof(*zones); i++)
		if (strcasecmp(word, zones[i].name) == 0) {
			*minutes = zones[i].minutes;
			return true;
		}
	return false;
}

static bool
read_time(struct parts *t, const char **p)
{
	const char *q = *p;
	int len, h, m;

	h = number(&q, 2, &len);
	if (len == 0 || *q != ':' || !text_is_digit(q[1]) || t->hour >= 0)
		return false;
	q++;
	m = number(&q, 2, &len);
	t->hour = h;
	t->minute = m;
	if (*q == ':' && text_is_digit(q[1])) {
		q++;
		t->second = number(&q, 2, &len);
		t->has_seconds = true;
		if ((*q == '.' || *q == ',') && text_is_digit(q[1]))
			for (q++; text_is_digit(*q); q++)
				;
	}
	*p = q;
	return (h < 24 || (h == 24 && m == 0 && t->second == 0)) && m <= 59 &&
	       t->second <= 60;
}

static bool
read_offset(struct parts *t, const char **p)
{
	const char *q = *p + 1;
	int len, h, m = 0;

	h = number(&q, 2, &len);
	if (len == 0)
		return false;
	if (*q == ':' && !text_is_digit(*++q))
		return false;
	if (text_is_digit(*q))
		m = number(&q, 2, &len);
	if (h > 15 || m > 59)
		return false;
	t->zone = (**p == '-' ? -1 : 1) * (h * 60 + m);
	t->has_zone = true;
	*p = q;
	return true;
}

static size_t
word(const char *p)
{
	size_t n = 0;

	while (((p[n] | 0x20) >= 'a' && (p[n] | 0x20) <= 'z') ||
	       (unsigned char)p[n] >= 0x80)
		n++;
	return n;
}

/* Arabic has months of two words: the length of both, or 0. */
static size_t
two_words(const char *p, size_t first)
{
	size_t second;

	if ((unsigned char)*p < 0x80 || p[first] != ' ')
		return 0;
	second = word(p + first + 1);
	return second > 0 ? first + 1 + second : 0;
}

/* What is called as a month in front of the day is a weekday when a month
 * follows: mar. 3 févr. */
static bool
read_month(struct parts *t, const char **p)
{
	size_t n = word(*p), both = two_words(*p, n);
	int month = both > 0 ? feed_month(*p, both) : 0;

	if (month > 0)
		n = both;
	else
		month = feed_month(*p, n);
	if (month == 0)
		return false;
	t->month = month;
	t->is_first = t->count == 0;
	*p += n;
	return true;
}

/* A word: weekdays and the like are passed over, as are those after which a
 * date is one still. */
static bool
read_word(struct parts *t, const char **p)
{
	size_t n = word(*p);
	const char *q = *p + n;
	char text[24];

	if (n == 0)
		return false;
	if ((t->month == 0 || t->is_first) && read_month(t, p))
		return true;
	if (n < sizeof(text)) {
		memcpy(text, *p, n);
		text[n] = '\0';
		if (strcasecmp(text, "am") == 0 ||
		    strcasecmp(text, "pm") == 0) {
			t->is_pm = (text[0] | 0x20) == 'p';
			t->is_am = !t->is_pm;
		} else if (!t->has_zone && t->hour >= 0)
			t->has_zone = zone_name(text, &t->zone);
	}
	*p = q;
	return true;
}

static bool
read_token(struct parts *t, const char **p)
{
	const char *q = *p;
	int len, v;

	if (strchr(" ,/.()\t", *q) != NULL ||
	    (*q == '-' && (t->hour < 0 || !text_is_digit(q[1])))) {
		++*p;
		return true;
	}
	if ((*q == '+' || *q == '-') && t->hour >= 0)
		return read_offset(t, p);
	if (*q == 'T' && text_is_digit(q[1])) {
		++*p;
		return true;
	}
	if (!text_is_digit(*q))
		return read_word(t, p);
	if (read_time(t, p))
		return true;
	if (t->hour >= 0 && *p != q)
		return false;
	v = number(&q, 8, &len);
	if (t->count == 3 || text_is_digit(*q))
		return false;
	t->numbers[t->count] = v;
	t->seps[t->count] = *q;
	t->lens[t->count++] = len;
	*p = q;
	return true;
}

/* RFC 2822, 4.3. */
static int
whole_year(int v, int len)
{
	if (len >= 4)
		return v;
	return len == 3 ? 1900 + v : v < 50 ? 2000 + v : 1900 + v;
}

/* Numbers alone: year, month, day; or day and month before the year, where
 * they can be told apart. */
static bool
place_numbers(struct parts *t)
{
	int a = t->numbers[0], b = t->numbers[1];

	if (t->count != 3)
		return false;
	if (t->lens[0] == 4 && t->lens[1] <= 2 && t->lens[2] <= 2) {
		t->year = a;
		t->month = b;
		t->day = t->numbers[2];
	} else if (t->lens[2] == 4 && t->lens[0] <= 2 && t->lens[1] <= 2 &&
		   t->seps[0] == t->seps[1] &&
		   strchr("/.-", t->seps[0]) != NULL) {
		bool is_day_first = a > 12 || a == b || t->seps[0] == '.';

		t->is_ambiguous = !is_day_first && b <= 12;
		t->year = t->numbers[2];
		t->day = is_day_first ? a : b;
		t->month = is_day_first ? b : a;
	} else
		return false;
	return t->year >= 1000 && t->year <= 2200 &&
	       date_valid(t->year, t->month, t->day);
}

/* With a month's name: day and year, in this order but where lengths tell
 * otherwise. */
static bool
place(struct parts *t)
{
	int year = -1, day = -1;

	if (t->month == 0)
		return place_numbers(t);
	if (t->count == 0)
		return false;
	for (int i = 0; i < t->count; i++)
		if (t->lens[i] >= 3 && year < 0)
			year = i;
	for (int i = 0; i < t->count; i++) {
		if (i == year)
			continue;
		if (day < 0)
			day = i;
		else if (year < 0)
			year = i;
		else
			return false;
	}
	if (year < 0)
		return false;
	t->year = whole_year(t->numbers[year], t->lens[year]);
	t->day = day < 0 ? 0 : t->numbers[day];
	return t->day > 0 && t->year >= 1000 && t->year <= 2200 &&
	       date_valid(t->year, t->month, t->day);
}

static void
give_out(const struct parts *t, struct when *w)
{
	int hour = t->hour;
	int64_t us;

	memset(w, 0, sizeof(*w));
	w->year = t->year;
	w->month = t->month;
	w->day = t->day;
	w->has_time = hour >= 0;
	w->is_ambiguous = t->is_ambiguous;
	if (hour < 0 || !t->has_zone || t->is_ambiguous) {
		date_format(w->value,
		    date_days(t->year, t->month, t->day) * 86400 *
			INT64_C(1000000),
		    GRANULARITY_DAY);
		w->precision = "day";
		if (!t->is_ambiguous)
			return;
		w->month = w->day = 0;
		w->value[4] = '\0';
		w->precision = "year";
		return;
	}
	if (t->is_pm && hour < 12)
		hour += 12;
	else if (t->is_am && hour == 12)
		hour = 0;
	us = (date_days(t->year, t->month, t->day) * 86400 + hour * 3600 +
		 t->minute * 60 + t->second - t->zone * 60) *
	     INT64_C(1000000);
	date_format(w->value, us, GRANULARITY_SECOND);
	w->precision = t->has_seconds ? "second" : "minute";
	if (t->zone == 0)
		memcpy(w->offset, "+00:00", sizeof("+00:00"));
	else
		snprintf(w->offset, sizeof(w->offset), "%c%02d:%02d",
		    t->zone < 0 ? '-' : '+', abs(t->zone) / 60 % 100,
		    abs(t->zone) % 60);
}

static bool
read_words(struct when *w, const char *text)
{
	struct parts t = {.hour = -1};
	const char *p = text;

	for (unsigned tokens = 0; *p != '\0'; tokens++)
		if (tokens > 40 || !read_token(&t, &p))
			return false;
	if (!place(&t))
		return false;
	give_out(&t, w);
	return true;
}

static bool
read_plain(struct when *w, const char *text)
{
	return feed_iso_read(w, text) || read_words(w, text) ||
	       (when_read(w, text) && !w->approximate);
}

bool
feed_date_read(struct when *w, const char *text)
{
	char plain[FEED_DATE_BYTES], bare[FEED_DATE_BYTES];
	size_t n = strlen(text);
	struct when with;
	bool is_read;

	if (n == 0 || n > 120 || !feed_date_fold(plain, text))
		return false;
	if (!feed_date_uncomment(bare, plain))
		return read_plain(w, plain);
	is_read = read_plain(w, bare);
	if (is_read && (!w->has_time || w->offset[0] != '\0'))
		return true;
	/* What is in parentheses may be the zone: "10:00 (CET)". */
	if (!read_plain(&with, plain) || (is_read && with.offset[0] == '\0'))
		return is_read;
	*w = with;
	return true;
}
