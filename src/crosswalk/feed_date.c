/* Token by token: numbers, words and a zone, in whatever order they stand. */
#include "crosswalk/feed_date.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "crosswalk/vocab.h"

struct parts {
	int year, month, day; /* 0: not seen */
	int hour, minute, second; /* hour -1: not seen */
	bool has_seconds, has_zone, is_pm, is_am;
	int zone; /* minutes east */
	int numbers[3], lens[3], count; /* not placed yet */
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int
number(const char **p, int max, int *len)
{
	int v = 0;

	for (*len = 0; *len < max && is_digit(**p); ++*len)
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

/* Months beyond those of months.c, by vocab_key(). */
static int
month_name(const char *word, size_t n)
{
	static const struct {
		const char *name;
		int month;
	} months[] = {{"januar", 1}, {"janner", 1}, {"gennaio", 1}, {"gen", 1},
	    {"januari", 1}, {"styczen", 1}, {"stycznia", 1}, {"sty", 1},
	    {"января", 1}, {"январь", 1}, {"янв", 1}, {"ιαν", 1}, {"jan", 1},
	    {"januar", 1}, {"يناير", 1}, {"février", 2}, {"februar", 2},
	    {"febbraio", 2}, {"februari", 2}, {"lutego", 2}, {"luty", 2},
	    {"lut", 2}, {"февраля", 2}, {"февраль", 2}, {"фев", 2}, {"φεβ", 2},
	    {"فبراير", 2}, {"marz", 3}, {"maerz", 3}, {"mrz", 3}, {"maart", 3},
	    {"mrt", 3}, {"marca", 3}, {"marts", 3}, {"марта", 3}, {"март", 3},
	    {"мар", 3}, {"μαρ", 3}, {"μαρτ", 3}, {"marcius", 3}, {"مارس", 3},
	    {"aprile", 4}, {"kwietnia", 4}, {"kwi", 4}, {"апреля", 4},
	    {"апрель", 4}, {"апр", 4}, {"απρ", 4}, {"aprilis", 4}, {"ابريل", 4},
	    {"maggio", 5}, {"mag", 5}, {"mei", 5}, {"maja", 5}, {"maj", 5},
	    {"мая", 5}, {"май", 5}, {"μαι", 5}, {"μαιος", 5}, {"majus", 5},
	    {"مايو", 5}, {"juni", 6}, {"giugno", 6}, {"giu", 6}, {"czerwca", 6},
	    {"cze", 6}, {"июня", 6}, {"июнь", 6}, {"июн", 6}, {"ιουν", 6},
	    {"junius", 6}, {"يونيو", 6}, {"juli", 7}, {"luglio", 7}, {"lug", 7},
	    {"lipca", 7}, {"lip", 7}, {"июля", 7}, {"июль", 7}, {"июл", 7},
	    {"ιουλ", 7}, {"julius", 7}, {"يوليو", 7}, {"augustus", 8},
	    {"sierpnia", 8}, {"sie", 8}, {"augusti", 8}, {"августа", 8},
	    {"август", 8}, {"авг", 8}, {"αυγ", 8}, {"augusztus", 8},
	    {"اغسطس", 8}, {"settembre", 9}, {"set", 9}, {"wrzesnia", 9},
	    {"wrz", 9}, {"сентября", 9}, {"сентябрь", 9}, {"сен", 9},
	    {"сент", 9}, {"σεπ", 9}, {"σεπτ", 9}, {"szeptember", 9},
	    {"سبتمبر", 9}, {"oktober", 10}, {"okt", 10}, {"ottobre", 10},
	    {"ott", 10}, {"out", 10}, {"pazdziernika", 10}, {"paz", 10},
	    {"октября", 10}, {"октябрь", 10}, {"окт", 10}, {"οκτ", 10},
	    {"اكتوبر", 10}, {"listopada", 11}, {"lis", 11}, {"ноября", 11},
	    {"ноябрь", 11}, {"ноя", 11}, {"нояб", 11}, {"νοε", 11},
	    {"نوفمبر", 11}, {"dezember", 12}, {"dez", 12}, {"dicembre", 12},
	    {"grudnia", 12}, {"gru", 12}, {"декабря", 12}, {"декабрь", 12},
	    {"дек", 12}, {"δεκ", 12}, {"ديسمبر", 12}, {"des", 12},
	    {"desember", 12}};
	char text[48], key[VOCAB_KEY_BYTES], other[VOCAB_KEY_BYTES];
	int month = when_month(word, n);

	if (month > 0 || n < 3 || n >= sizeof(text))
		return month;
	memcpy(text, word, n);
	text[n] = '\0';
	vocab_key(key, text);
	for (size_t i = 0; i < sizeof(months) / sizeof(*months); i++) {
		if (strcmp(key, months[i].name) == 0)
			return months[i].month;
		if ((unsigned char)key[0] < 0x80)
			continue;
		vocab_key(other, months[i].name);
		if (strcmp(key, other) == 0)
			return months[i].month;
	}
	return 0;
}

static bool
read_time(struct parts *t, const char **p)
{
	const char *q = *p;
	int len, h, m;

	h = number(&q, 2, &len);
	if (len == 0 || *q != ':' || !is_digit(q[1]) || t->hour >= 0)
		return false;
	q++;
	m = number(&q, 2, &len);
	t->hour = h;
	t->minute = m;
	if (*q == ':' && is_digit(q[1])) {
		q++;
		t->second = number(&q, 2, &len);
		t->has_seconds = true;
		if ((*q == '.' || *q == ',') && is_digit(q[1]))
			for (q++; is_digit(*q); q++)
				;
	}
	*p = q;
	return h <= 24 && m <= 59 && t->second <= 60;
}

static bool
read_offset(struct parts *t, const char **p)
{
	const char *q = *p + 1;
	int len, h, m = 0;

	h = number(&q, 2, &len);
	if (len == 0)
		return false;
	if (*q == ':')
		q++;
	if (is_digit(*q))
		m = number(&q, 2, &len);
	if (h > 15 || m > 59)
		return false;
	t->zone = (**p == '-' ? -1 : 1) * (h * 60 + m);
	t->has_zone = true;
	*p = q;
	return true;
}

/* A word: weekdays and the like are passed over, as are those after which a
 * date is one still. */
static bool
read_word(struct parts *t, const char **p)
{
	const char *q = *p;
	char word[24];
	size_t n;

	while ((*q | 0x20) >= 'a' ? (*q | 0x20) <= 'z' || *q < 0 : *q < 0)
		q++;
	n = (size_t)(q - *p);
	if (n == 0)
		return false;
	if (t->month == 0 && (t->month = month_name(*p, n)) > 0) {
		*p = q;
		return true;
	}
	if (n < sizeof(word)) {
		memcpy(word, *p, n);
		word[n] = '\0';
		if (strcasecmp(word, "am") == 0 ||
		    strcasecmp(word, "pm") == 0) {
			t->is_pm = (word[0] | 0x20) == 'p';
			t->is_am = !t->is_pm;
		} else if (!t->has_zone && t->hour >= 0)
			t->has_zone = zone_name(word, &t->zone);
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
	    (*q == '-' && (t->hour < 0 || !is_digit(q[1])))) {
		++*p;
		return true;
	}
	if ((*q == '+' || *q == '-') && t->hour >= 0)
		return read_offset(t, p);
	if (*q == 'T' && is_digit(q[1])) {
		++*p;
		return true;
	}
	if (!is_digit(*q))
		return read_word(t, p);
	if (read_time(t, p))
		return true;
	if (t->hour >= 0 && *p != q)
		return false;
	v = number(&q, 8, &len);
	if (t->count == 3 || is_digit(*q))
		return false;
	t->numbers[t->count] = v;
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

/* With a month's name: day and year, in this order but where lengths tell
 * otherwise. */
static bool
place(struct parts *t)
{
	int year = -1, day = -1;

	if (t->month == 0 || t->count == 0)
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
	snprintf(w->value, sizeof(w->value), "%04d-%02d-%02d", t->year % 10000,
	    t->month % 100, t->day % 100);
	w->precision = "day";
	if (hour < 0 || !t->has_zone)
		return;
	if (t->is_pm && hour < 12)
		hour += 12;
	else if (t->is_am && hour == 12)
		hour = 0;
	us = (date_days(t->year, t->month, t->day) * 86400 + hour * 3600 +
		 t->minute * 60 + t->second - t->zone * 60) *
	     INT64_C(1000000);
	date_format(w->value, us, GRANULARITY_SECOND);
	w->precision = t->has_seconds ? "second" : "minute";
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

/* Fields of ISO 8601 that dates.c does not know: yymmdd, ordinal days, weeks,
 * 24-hour times without colons. */
static bool
read_iso_rest(struct when *w, const char *text)
{
	int y, m, d, n = 0;
	char copy[DATE_TEXT_BYTES];

	if (sscanf(text, "%2d%2d%2d%n", &y, &m, &d, &n) == 3 && n == 6 &&
	    text[6] == '\0' && date_valid(whole_year(y, 2), m, d)) {
		snprintf(copy, sizeof(copy), "%04d-%02d-%02d", whole_year(y, 2),
		    m % 100, d % 100);
		return when_read(w, copy);
	}
	n = 0;
	if (sscanf(text, "%4d-%3d%n", &y, &d, &n) == 2 && n == 8 &&
	    (text[8] == '\0' || text[8] == 'T') && d >= 1 && d <= 366) {
		date_from_days(date_days(y, 1, 1) + d - 1, &y, &m, &d);
		snprintf(copy, sizeof(copy), "%04d-%02d-%02d%.24s", y % 10000,
		    m % 100, d % 100, text + 8);
		return when_read(w, copy);
	}
	return false;
}

bool
feed_date_read(struct when *w, const char *text)
{
	size_t n = strlen(text);

	if (n == 0 || n > 100)
		return false;
	if (read_words(w, text))
		return true;
	if (read_iso_rest(w, text))
		return true;
	return when_read(w, text) && !w->approximate;
}
