/* Reading dates: what says how sure a date is goes away, then the most
 * particular shapes first.  What role a date plays is the crosswalk's to
 * say. */
#include "crosswalk/dates.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "crosswalk/dates_priv.h"
#include "crosswalk/feed_date.h"

enum { TEXT_BYTES = 120, LONE_YEAR_MIN = 1450 };

static const struct {
	const char *text;
	bool is_approximate;
} marks[] = {{"circa", true}, {"ca.", true}, {"ca", true}, {"c.", true},
    {"approximately", true}, {"approx.", true}, {"approx", true},
    {"about", true}, {"around", true}, {"probably", true}, {"possibly", true},
    {"perhaps", true}, {"vers", true}, {"env.", true}, {"environ", true},
    {"hacia", true}, {"cerca de", true}, {"um", true}, {"около", true},
    {"copyright", false}, {"published", false}, {"publication", false},
    {"issued", false}, {"printed", false}, {"cop.", false}, {"©", false},
    {"℗", false}, {"c", false}, {"p", false}, {"between", false},
    {"from", false}, {"since", false}, {"entre", false}, {"de", false},
    {"du", false}, {"zwischen", false}, {"in", false}, {"en", false},
    {"a.d.", false}, {"ad", false}};

/* Length of the mark at p, or 0. */
static size_t
find_mark(const char *p, bool *is_approximate)
{
	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
		size_t n = strlen(marks[i].text);
		bool is_letter = when_word(marks[i].text) == n && *p != '\xc2';

		if (strncasecmp(p, marks[i].text, n) != 0)
			continue;
		/* "c1998", "©2004", "ca.1998"; but no beginning of a word */
		if (n == 1 && !text_is_digit(p[1]))
			continue;
		if (n > 1 && is_letter && p[n] != ' ' && p[n] != ':' &&
		    !text_is_digit(p[n]))
			continue;
		*is_approximate |= marks[i].is_approximate;
		return n;
	}
	return 0;
}

void
when_skip_marks(const char **p, bool *approximate)
{
	size_t n;

	for (int i = 0; i < 4; i++) {
		while (**p == ' ' || **p == ':')
			++*p;
		n = find_mark(*p, approximate);
		if (n == 0)
			return;
		*p += n;
	}
}

/* "199?" is a decade, "1990?" is not sure. */
static bool
is_unknown_digit(const char *start, const char *end)
{
	const char *p = end;

	while (p > start && text_is_digit(p[-1]))
		p--;
	if (p > start && p[-1] != ' ' && !(end[-1] == 'X' && p + 1 == end))
		return end - start == 3 && end[-1] == 'X' &&
		       text_is_digit(start[0]) && text_is_digit(start[1]);
	return end - p == 2 || end - p == 3;
}

/* Brackets and signs of doubt away, white space once; in place. */
static void
strip(char *text, bool *approximate)
{
	char *out = text;

	for (const char *p = text; *p != '\0'; p++) {
		if (strncasecmp(p, "(c)", 3) == 0) {
			p += 2;
			continue;
		}
		if (strchr("[]()<>{}\"*", *p) != NULL)
			continue;
		if (*p == '?' || *p == '~' || *p == '%') {
			*approximate = true;
			if (*p == '?' && is_unknown_digit(text, out))
				*out++ = 'X';
			continue;
		}
		if (*p == ' ' && (out == text || out[-1] == ' '))
			continue;
		*out++ = *p;
	}
	while (out > text && strchr(" .,;:/", out[-1]) != NULL)
		out--;
	*out = '\0';
}

static bool
has_word(const char *text, const char *const *words)
{
	for (; *words != NULL; words++) {
		size_t n = strlen(*words);
		const char *p = text;

		for (; (p = strcasestr(p, *words)) != NULL; p++)
			if ((p == text || text_is_digit(p[-1]) ||
				strchr(" .-/", p[-1]) != NULL) &&
			    when_word(p + n) == 0)
				return true;
	}
	return false;
}

/* Years of another era, and bounds: no date that the model has. */
static bool
is_beyond(const char *text)
{
	static const char *const words[] = {"bc", "bce", "b.c", "b.c.e",
	    "av. j", "av j", "avant", "a.c", "a. c", "v. chr", "до н", "bp",
	    "b.p", "ah", "a.h", "h", "هـ", "before", "after", "ante", "post",
	    "prior", "not", "pre", "post-", "antes", "antes de", "depois",
	    "después", "après", "vor", "nach", "до", "после", "unknown",
	    "million", "ma", "ka", "kya", NULL};

	/* Most dates are figures alone, and have no word. */
	return strchr("-/.", *text) != NULL ||
	       (text[strspn(text, "0123456789-:./ TZ")] != '\0' &&
		   has_word(text, words));
}

bool
when_is_undated(const char *text)
{
	static const char *const words[] = {"undated", "nodate", "nd", "sd",
	    "sa", "sf", "sinfecha", "sansdate", "semdata", "oj", "ohnejahr",
	    "dateunknown", "unknowndate", "dateunavailable",
	    "dateofpublication"
	    "notidentified",
	    "datenotidentified", "notdated", "unknown", "various",
	    "variousdates", "forthcoming", "inpress", "uuuu", "xxxx", "бг",
	    NULL};
	char key[40];
	size_t n = 0;

	for (; *text != '\0'; text++) {
		if (strchr(" .,-[]()?:", *text) != NULL)
			continue;
		if (n + 1 >= sizeof(key))
			return false;
		key[n++] = *text;
	}
	key[n] = '\0';
	for (size_t i = 0; words[i] != NULL; i++)
		if (strcasecmp(key, words[i]) == 0)
			return true;
	return n == 0;
}

/* The mark between the ends of a span at *p; false when there is none. */
static bool
skip_part(const char **p)
{
	static const char *const parts[] = {"/", "--", "-", "to ", "and ", "& ",
	    "or ", "until ", "through ", "thru ", "a ", "à ", "au ", "et ",
	    "y ", "e ", "al ", "bis ", "und ", "по "};

	while (**p == ' ')
		++*p;
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		size_t n = strlen(parts[i]);

		if (strncmp(*p, parts[i], n) != 0)
			continue;
		*p += n;
		while (**p == ' ')
			++*p;
		return true;
	}
	return false;
}

/* What ISO 8601 leaves out of an end: "2013-05-01/31", "2013-05/08"; and
 * "2013-14", where it is no month. */
static bool
read_short_end(struct when *end, const struct when *w, const char **p)
{
	const char *q = *p;
	int number;

	if (when_digits(&q, 2, &number) != 2 || *q != '\0')
		return false;
	*p = q;
	if (w->day != 0)
		return when_set(end, w->year, w->month, number);
	if (w->month != 0)
		return when_set(end, w->year, number, 0);
	return number > w->year % 100 &&
	       when_set(end, w->year / 100 * 100 + number, 0, 0);
}

/* The other end of a span.  False where the rest is none. */
static bool
read_end(struct when *w, const char *p, bool *approximate)
{
	const char *last = w->until[0] ? w->until : w->value, *start;
	struct when end = {0};

	if (!skip_part(&p))
		return *p == '\0';
	if (*p == '\0' || strcmp(p, "..") == 0 || strcasecmp(p, "open") == 0 ||
	    strcasecmp(p, "present") == 0)
		return true; /* open: 1998-, 1985/.. */
	when_skip_marks(&p, approximate);
	start = p;
	if (!when_one(&end, &p) || *p != '\0') {
		p = start;
		memset(&end, 0, sizeof(end));
		if (!read_short_end(&end, w, &p))
			return false;
	}
	w->approximate |= end.approximate;
	w->is_ambiguous |= end.is_ambiguous;
	if (strncmp(end.value, last, strlen(end.value)) == 0 &&
	    end.until[0] == '\0' && strlen(end.value) <= strlen(last))
		return true; /* 1942/1942 */
	if (strcmp(end.value, w->value) < 0)
		return false;
	str_copy(w->until, sizeof(w->until),
	    end.until[0] != '\0' ? end.until : end.value);
	return true;
}

/* "1999, c1998": the copyright is older than what bears it. */
static bool
is_copyright(const char *p)
{
	bool is_approximate = false;
	struct when w;
	size_t n;

	p += strspn(p, " ,;");
	if (strncasecmp(p, "printing", 8) == 0)
		p += 8 + strspn(p + 8, " ,;");
	n = find_mark(p, &is_approximate);
	if (n == 0 || is_approximate)
		return *p == '\0';
	p += n + strspn(p + n, " ");
	return when_one(&w, &p) && *p == '\0' && w.month == 0;
}

static bool
read_figures(struct when *w, const char *p, bool *approximate)
{
	const char *corrected = strcasestr(p, "i.e.");

	if (corrected != NULL) /* 2010 [i.e. 2011] */
		p = corrected + 4;
	when_skip_marks(&p, approximate);
	if (!when_one(w, &p))
		return false;
	return is_copyright(p) || read_end(w, p, approximate);
}

/* A year among words, if there is exactly one: "1st quarter 2010". */
static bool
read_lone_year(struct when *w, const char *text)
{
	int found = 0, year = 0;

	for (const char *p = text; *p != '\0';) {
		const char *start = p;
		int value, n;

		if (!text_is_digit(*p)) {
			p++;
			continue;
		}
		n = when_digits(&p, 9, &value);
		if (n > 4 || n == 3)
			return false;
		if (n < 4)
			continue;
		if ((start > text && strchr(" ,-/;:", start[-1]) == NULL) ||
		    when_word(p) > 0)
			return false; /* "ISO9001", "1774mau" */
		found++;
		year = value;
	}
	if (found != 1 || year < LONE_YEAR_MIN || !when_set(w, year, 0, 0))
		return false;
	w->approximate = true;
	return true;
}

/* YYYY, YYYY-MM-DD and instants, which most dates are: nothing of them has to
 * go, and no other reader could take them for something else. */
static bool
read_plain(struct when *w, const char *p)
{
	int year, month = 0, day = 0;

	if (when_digits(&p, 4, &year) != 4)
		return false;
	if (*p == '-') {
		p++;
		if (when_digits(&p, 2, &month) != 2 || *p++ != '-' ||
		    when_digits(&p, 2, &day) != 2 || month == 0 || day == 0)
			return false;
	}
	if (*p != '\0' && (*p != 'T' || day == 0))
		return false;
	if (!when_set(w, year, month, day))
		return false;
	if (*p == '\0')
		return true;
	p++;
	return when_time(w, &p) && *p == '\0';
}

bool
when_read(struct when *w, const char *text)
{
	char copy[FEED_DATE_BYTES];
	bool approximate = false;
	const char *p = copy;

	memset(w, 0, sizeof(*w));
	if (read_plain(w, text))
		return true;
	memset(w, 0, sizeof(*w));
	if (*text == '\0' || strlen(text) > TEXT_BYTES ||
	    !feed_date_fold(copy, text))
		return false;
	if (strcasestr(copy, "start=") != NULL) {
		if (when_period(w, copy))
			return true;
		memset(w, 0, sizeof(*w));
		return false;
	}
	strip(copy, &approximate);
	if (is_beyond(copy)) {
		memset(w, 0, sizeof(*w));
		return false;
	}
	if (read_figures(w, copy, &approximate)) {
		w->approximate |= approximate;
		return true;
	}
	when_skip_marks(&p, &approximate);
	if (when_words(w, p) || when_era(w, p)) {
		w->approximate |= approximate;
		return true;
	}
	memset(w, 0, sizeof(*w));
	if (read_lone_year(w, copy))
		return true;
	memset(w, 0, sizeof(*w));
	return false;
}
