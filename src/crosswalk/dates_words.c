/* Dates whose months have names: "7 May 2013", "mai 2013", "May 23-24, 1970",
 * "12 May - 15 June 2013", "2013 May 7". */
#include <string.h>
#include <strings.h>

#include "crosswalk/dates_priv.h"
#include "crosswalk/feed_date.h"

/* One side of a span: what it says, in the order that it stands in. */
struct side {
	int day, month, year; /* 0: not said */
	char order[4];
	size_t n;
};

struct reading {
	struct side sides[2];
	size_t at; /* the side in hand */
	bool is_joined; /* a hyphen came that may join or part */
	struct when time; /* of a single date */
	const char *time_at;
};

static bool
add(struct reading *r, char what, int value)
{
	struct side *s = &r->sides[r->at];
	int *slot = what == 'd' ? &s->day : what == 'm' ? &s->month : &s->year;

	/* "12 May-15 June 2013": it parted */
	if (*slot != 0 && r->is_joined && r->at == 0) {
		r->at = 1;
		s = &r->sides[1];
		slot = what == 'd'   ? &s->day
		       : what == 'm' ? &s->month
				     : &s->year;
	}
	r->is_joined = false;
	if (*slot != 0 || value == 0 || s->n == 3)
		return false;
	*slot = value;
	s->order[s->n++] = what;
	return true;
}

static bool
part(struct reading *r)
{
	if (r->at > 0 || r->sides[0].n == 0)
		return false;
	r->at = 1;
	r->is_joined = false;
	return true;
}

static bool
in_list(const char *const *list, const char *word, size_t n)
{
	for (; *list != NULL; list++)
		if (strlen(*list) == n && strncasecmp(word, *list, n) == 0)
			return true;
	return false;
}

static bool
read_number(struct reading *r, const char **p)
{
	static const char *const ordinals[] = {
	    "st", "nd", "rd", "th", "er", "ère", "a", "o", NULL};
	int value, n = when_digits(p, 4, &value);
	size_t k = when_word(*p);

	if (n == 3 || text_is_digit(**p))
		return false;
	if (n <= 2 && k > 0 && in_list(ordinals, *p, k))
		*p += k;
	return add(r, n == 4 ? 'y' : 'd', value);
}

static bool
read_name(struct reading *r, const char **p)
{
	static const char *const fillers[] = {"of", "the", "de", "del", "do",
	    "den", "der", "le", "el", "la", "du", "on", "г", "года", "thg",
	    NULL};
	static const char *const parts[] = {"to", "and", "until", "through",
	    "thru", "till", "au", "et", "al", "a", "à", "y", "e", "bis", "und",
	    "по", "hasta", "até", NULL};
	static const char *const weekdays[] = {"mon", "monday", "tue", "tues",
	    "tuesday", "wed", "wednesday", "thu", "thur", "thurs", "thursday",
	    "fri", "friday", "sat", "saturday", "sun", "sunday", "lundi",
	    "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche",
	    "lunes", "martes", "miércoles", "jueves", "viernes", "sábado",
	    "domingo", "montag", "dienstag", "mittwoch", "donnerstag",
	    "freitag", "samstag", "sonntag", NULL};
	size_t n = when_word(*p);
	const char *word = *p;
	int month;

	*p += n;
	if (in_list(fillers, word, n))
		return true;
	if (in_list(parts, word, n))
		return part(r);
	if (r->sides[r->at].n == 0 && in_list(weekdays, word, n))
		return true;
	month = feed_month(word, n);
	return month > 0 && add(r, 'm', month);
}

/* A hyphen or slash: between a day and the name of its month it joins, behind a
 * year or between two of a kind it parts. */
static bool
read_mark(struct reading *r, const char **p, const char *start)
{
	const struct side *s = &r->sides[r->at];
	bool is_tight = *p > start && (*p)[-1] != ' ' && (*p)[1] != ' ';
	bool is_digit_next;

	++*p;
	while (**p == '-' || **p == ' ')
		++*p;
	if (**p == '\0')
		return s->n > 0 && s->year != 0; /* open: May 1998- */
	is_digit_next = text_is_digit(**p);
	if (s->n == 0)
		return false;
	if (is_tight && (s->order[s->n - 1] == 'm') == is_digit_next &&
	    (s->order[s->n - 1] != 'y' || s->n == 1)) {
		r->is_joined = true;
		return true;
	}
	return part(r);
}

static bool
read_all(struct reading *r, const char *text)
{
	for (const char *p = text; *p != '\0';) {
		const char *colon = p + strspn(p, "0123456789");

		if (*p == ' ' || *p == ',' || *p == '.') {
			p++;
			continue;
		}
		if (text_is_digit(*p) && *colon == ':' && colon - p <= 2) {
			r->time_at = p;
			return r->at == 0;
		}
		if (text_is_digit(*p) ? !read_number(r, &p)
		    : *p == '-' || *p == '/' || *p == '&'
			? !read_mark(r, &p, text)
			: when_word(p) == 0 || !read_name(r, &p))
			return false;
	}
	return true;
}

static bool
is_ordered(const struct side *s)
{
	static const char *const orders[] = {"dmy", "mdy", "ymd", "my", "ym",
	    "dm", "md", "dy", "d", "m", "y", NULL};

	for (size_t i = 0; orders[i] != NULL; i++)
		if (strlen(orders[i]) == s->n &&
		    memcmp(orders[i], s->order, s->n) == 0)
			return true;
	return false;
}

/* What one side leaves to the other. */
static bool
share(struct side *first, struct side *last)
{
	if (first->year == 0)
		first->year = last->year;
	if (first->month == 0 && first->day != 0)
		first->month = last->month;
	if (last->month == 0 && last->day != 0)
		last->month = first->month;
	if (last->year == 0)
		last->year = first->year;
	return (first->month != 0 || first->day == 0) &&
	       (last->month != 0 || last->day == 0);
}

bool
when_words(struct when *w, const char *text)
{
	struct reading r = {0};
	struct side *first = &r.sides[0], *last = &r.sides[1];
	struct when end = {0};

	memset(w, 0, sizeof(*w));
	if (!read_all(&r, text) || !is_ordered(first) ||
	    (r.at > 0 && (!is_ordered(last) || !share(first, last))) ||
	    (first->month == 0 && last->month == 0) || first->year == 0 ||
	    !when_set(w, first->year, first->month, first->day))
		return false;
	if (r.time_at != NULL) {
		const char *p = r.time_at;

		if (w->day == 0 || !when_time(w, &p))
			return false;
		return p[strspn(p, " .")] == '\0';
	}
	if (r.at == 0)
		return true;
	if (!when_set(&end, last->year, last->month, last->day) ||
	    strcmp(end.value, w->value) < 0)
		return false;
	memcpy(w->until, end.value, sizeof(w->until));
	return true;
}
