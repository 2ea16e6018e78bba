/* Spans that have names: centuries, decades, seasons; and DCMI's periods. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "crosswalk/dates_priv.h"

enum { TEXT_BYTES = 128 };

/* Cuts the first of the words out of text, where it stands as a word. */
static bool
cut_word(char *text, const char *const *words)
{
	for (; *words != NULL; words++) {
		size_t n = strlen(*words);

		for (char *p = text; (p = strcasestr(p, *words)) != NULL; p++) {
			unsigned char before = p > text ? p[-1] : ' ';
			unsigned char after = p[n];

			/* "1960er", "19世紀": a figure may stand before it */
			if ((before != ' ' && before != '.' && before != '/' &&
				before != '-' && !text_is_digit(before)) ||
			    when_word(p + n) > 0 || text_is_digit(after))
				continue;
			memset(p, ' ', n);
			return true;
		}
	}
	return false;
}

/* XV to XXI. */
static int
roman(const char *s, size_t n)
{
	static const struct {
		char ten[4];
		int value;
	} ones[] = {{"I", 1}, {"II", 2}, {"III", 3}, {"IV", 4}, {"V", 5},
	    {"VI", 6}, {"VII", 7}, {"IX", 9}};
	size_t tens = 0;

	while (tens < n && tens < 2 && s[tens] == 'X')
		tens++;
	if (tens == 0 || n - tens > 4)
		return 0;
	if (tens == n)
		return (int)tens * 10;
	if (n - tens == 4)
		return memcmp(s + tens, "VIII", 4) ? 0 : (int)tens * 10 + 8;
	for (size_t i = 0; i < sizeof(ones) / sizeof(*ones); i++)
		if (strlen(ones[i].ten) == n - tens &&
		    memcmp(ones[i].ten, s + tens, n - tens) == 0)
			return (int)tens * 10 + ones[i].value;
	return 0;
}

/* "19th", "19e", "19.", "19", "XIXe", "XIX". */
static int
century_number(const char **p)
{
	static const char capitals[] = "XVI";
	const char *q = *p;
	int value = 0;
	size_t n;

	while (*q == ' ')
		q++;
	if (text_is_digit(*q)) {
		when_digits(&q, 2, &value);
	} else {
		n = strspn(q, capitals);
		value = roman(q, n);
		q += n;
	}
	n = when_word(q);
	if (n > 4 || text_is_digit(*q) || value < 11 || value > 21)
		return 0;
	q += n;
	while (*q == '.' || *q == ' ')
		q++;
	*p = q;
	return value;
}

/* The n-th century ends with the year n × 100. */
static bool
read_century(struct when *w, char *text)
{
	static const char *const words[] = {"centuries", "century", "cent.",
	    "c.", "siècle", "siglos", "siglo", "século", "secolo",
	    "jahrhundert", "jh.", "век", "века", "вв.", "в.", "世纪", "世紀",
	    NULL};
	static const char *const parts[] = {
	    "to", "and", "au", "et", "al", "y", "a", "bis", "und", "or", NULL};
	const char *p = text;
	int first, last;

	if (!cut_word(text, words))
		return false;
	cut_word(text, words); /* 18th century to 19th century */
	first = last = century_number(&p);
	if (first == 0)
		return false;
	if (*p == '-' || *p == '/')
		p++;
	else if (cut_word(text, parts))
		p += strspn(p, " ");
	if (*p != '\0')
		last = century_number(&p);
	if (*p != '\0' || last < first ||
	    !when_set_years(w, first * 100 - 99, last * 100))
		return false;
	w->approximate = true;
	return true;
}

/* "early 1960s", "années 1960": the decade. */
static bool
read_decade(struct when *w, char *text)
{
	static const char *const names[] = {"les années", "années", "década de",
	    "años", "anos", "década", "anni", "the", "decade", NULL};
	static const char *const ends[] = {
	    "er Jahre", "er", "е годы", "е", "-е гг.", "年代", NULL};
	bool is_named = cut_word(text, names);
	const char *p;
	int year;

	is_named |= cut_word(text, ends);
	p = text + strspn(text, " ");
	if (!is_named || when_digits(&p, 4, &year) != 4 || year % 10 != 0 ||
	    p[strspn(p, " ")] != '\0' || !when_set_years(w, year, year + 9))
		return false;
	w->approximate = true;
	return true;
}

/* "Spring 2010", "Fall 1967, Spring 1968", "Winter 2010-2011": their years,
 * since seasons are others on the other half of the world. */
static bool
read_season(struct when *w, char *text)
{
	static const char *const seasons[] = {"spring", "summer", "autumn",
	    "fall", "winter", "printemps", "été", "automne", "hiver",
	    "primavera", "verano", "otoño", "invierno", "verão", "outono",
	    "inverno", "frühling", "frühjahr", "sommer", "herbst", NULL};
	const char *p = text;
	int first, last, n = 0;

	while (n < 4 && cut_word(text, seasons))
		n++;
	p += strspn(p, " /-");
	if (n == 0 || when_digits(&p, 4, &first) != 4)
		return false;
	last = first;
	p += strspn(p, " ,/-");
	if (*p != '\0') {
		int k = when_digits(&p, 4, &last);

		if (k == 2)
			last += first / 100 * 100;
		else if (k != 4)
			return false;
	}
	if (p[strspn(p, " ")] != '\0' || last < first || last > first + 10)
		return false;
	w->approximate = true;
	return last > first ? when_set_years(w, first, last)
			    : when_set(w, first, 0, 0);
}

/* "early 1960s", behind its "early". */
static bool
read_rest(struct when *w, char *text)
{
	const char *p = text + strspn(text, " -");

	return when_one(w, &p) && w->until[0] != '\0' &&
	       p[strspn(p, " ")] == '\0';
}

bool
when_era(struct when *w, const char *text)
{
	static bool (*const readers[])(struct when *, char *) = {
	    read_century, read_decade, read_season, read_rest};
	static const char *const parts[] = {
	    "early", "mid", "late", "début", "fin", "first half of the", NULL};
	char copy[TEXT_BYTES];

	if (strlen(text) >= sizeof(copy))
		return false;
	for (size_t i = 0; i < sizeof(readers) / sizeof(*readers); i++) {
		memcpy(copy, text, strlen(text) + 1);
		while (cut_word(copy, parts))
			;
		memset(w, 0, sizeof(*w));
		if (readers[i](w, copy))
			return true;
	}
	return false;
}

/* The value of a part of a DCSV, at most n - 1 bytes. */
static bool
period_part(char *out, size_t n, const char *text, const char *name)
{
	const char *p = strcasestr(text, name);
	size_t len;

	if (p == NULL || (p > text && strchr("; ", p[-1]) == NULL))
		return false;
	p += strlen(name);
	p += strspn(p, " ");
	len = strcspn(p, ";");
	while (len > 0 && p[len - 1] == ' ')
		len--;
	if (len == 0 || len >= n)
		return false;
	memcpy(out, p, len);
	out[len] = '\0';
	return true;
}

bool
when_period(struct when *w, const char *text)
{
	char part[40];
	const char *p = part;
	struct when end;

	if (!period_part(part, sizeof(part), text, "start=") ||
	    !when_one(w, &p) || *p != '\0')
		return false;
	if (!period_part(part, sizeof(part), text, "end="))
		return true;
	p = part;
	if (!when_one(&end, &p) || *p != '\0' ||
	    strcmp(end.value, w->value) < 0)
		return false;
	str_copy(w->until, sizeof(w->until),
	    end.until[0] != '\0' ? end.until : end.value);
	return true;
}
