/* Dates, and which of the unlabelled ones is the date of issue. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "crosswalk/internal.h"
#include "crosswalk/text.h"
#include "record/words.h"

enum { LIST_BYTES = 1000 }; /* of several dates in one value */

static const char *
date_role(const struct taken *v)
{
	return v->role != NULL && word_known(words_date_role, v->role) ? v->role
								       : NULL;
}

/* The end of a span that has a value of its own. */
static void
take_until(struct crosswalk *x, struct rec_date *d, const char *text)
{
	struct when w;

	if (!when_read(&w, text))
		record_warn(x->r, x->a, "date-unknown",
		    "date: %.100s is not understood", text);
	/* From a year to the same year is that year. */
	else if (w.until[0] != '\0' || strcmp(w.value, d->value) != 0)
		d->until = arena_strdup(x->a, w.until[0] ? w.until : w.value);
}

static void
take_one(struct crosswalk *x, const struct taken *v, const char *text)
{
	const char *role = date_role(v), *said = when_label(&text);
	struct rec_date *d = ADD(x, dates);
	struct when w;

	if (d == NULL)
		return;
	if (said != NULL)
		role = said;
	d->role = role;
	if (!when_read(&w, text)) {
		d->text = text;
		if (!when_is_undated(text))
			record_warn(x->r, x->a, "date-unknown",
			    "date: %.100s is not understood", text);
		return;
	}
	d->value = arena_strdup(x->a, w.value);
	d->precision = w.precision;
	d->approximate = w.approximate;
	if (w.until[0] != '\0')
		d->until = arena_strdup(x->a, w.until);
	else if (v->until != NULL)
		take_until(x, d, v->until);
	if (w.offset[0] != '\0' && strcmp(w.offset, "+00:00") != 0)
		d->offset = arena_strdup(x->a, w.offset);
	/* Kept where the value says less, or something else, than the text;
	 * settle_dates() also asks it whether a time of day was given. */
	if (strcmp(w.value, text) != 0)
		d->text = text;
	if (w.is_ambiguous)
		record_warn(x->r, x->a, "date-ambiguous",
		    "date: %.60s can be read in two ways; the year was kept",
		    text);
}

/* "1881; 1882": each part is a date. */
static bool
take_list(struct crosswalk *x, const struct taken *v, const char *text)
{
	struct when w;
	const char *part;
	size_t n;

	if (strchr(text, ';') == NULL || strchr(text, '=') != NULL ||
	    strlen(text) > LIST_BYTES)
		return false;
	for (int pass = 0; pass < 2; pass++)
		for (part = text; *part != '\0'; part += n + (part[n] == ';')) {
			const char *one;

			n = strcspn(part, ";");
			one = text_line(x->a, part, n);
			if (pass == 0 && !when_read(&w, one))
				return false;
			if (pass == 1)
				take_one(x, v, one);
		}
	return true;
}

void
take_date(struct crosswalk *x, const struct taken *v)
{
	const char *text = taken_line(x, v);

	if (text != NULL && !take_list(x, v, text))
		take_one(x, v, text);
}

static bool
has_time(const struct rec_date *d)
{
	return strchr(d->value, 'T') != NULL ||
	       (d->text != NULL && strchr(d->text, ':') != NULL);
}

/* Dates of issue are not in the future (a forthcoming one may be, by a
 * year). */
static bool
is_plausible(const struct rec_date *d)
{
	int year, month, day;

	date_from_days(
	    date_now_us() / INT64_C(86400000000), &year, &month, &day);
	return atoi(d->value) <= year + 1;
}

/* Earlier, or the same and more precise. */
static bool
is_better(const struct rec_date *d, const struct rec_date *than)
{
	size_t a = strlen(d->value), b = strlen(than->value);
	int order = memcmp(d->value, than->value, a < b ? a : b);

	return order < 0 || (order == 0 && a > b);
}

/* DSpace's accessioned and available are the same instant more often than
 * not. */
static void
drop_repeated(struct crosswalk *x)
{
	size_t kept = 0;

	for (size_t i = 0; i < x->r->dates.count; i++) {
		struct rec_date *d = &x->r->dates.items[i], *o;
		size_t j;

		for (j = 0; j < kept; j++) {
			o = &x->r->dates.items[j];
			if (d->role != NULL && o->role != NULL &&
			    strcmp(d->role, o->role) == 0 && d->value != NULL &&
			    o->value != NULL && strcmp(d->value, o->value) == 0)
				break;
		}
		if (j == kept)
			x->r->dates.items[kept++] = *d;
	}
	x->r->dates.count = kept;
}

/* The unlabelled one that is the date of issue: the earliest plausible without
 * a time of day, or the earliest of all where each has one.  NULL: none. */
static struct rec_date *
find_issued(struct crosswalk *x)
{
	struct rec_date *issued = NULL;

	for (int with_time = 0; with_time < 2 && issued == NULL; with_time++)
		for (size_t i = 0; i < x->r->dates.count; i++) {
			struct rec_date *d = &x->r->dates.items[i];

			if (d->role != NULL || d->value == NULL ||
			    (int)has_time(d) != with_time || !is_plausible(d))
				continue;
			if (issued == NULL || is_better(d, issued))
				issued = d;
		}
	return issued;
}

/* Several unlabelled dates are DSpace's accessioned, available, issued in
 * oai_dc.  What says less of the date of issue ("2017" beside "2017-06-05") is
 * that date. */
void
settle_dates(struct crosswalk *x)
{
	const struct rec_date *issued = NULL;

	for (size_t i = 0; issued == NULL && i < x->r->dates.count; i++) {
		const struct rec_date *d = &x->r->dates.items[i];

		if (d->role != NULL && d->value != NULL &&
		    strcmp(d->role, "issued") == 0)
			issued = d;
	}
	if (issued == NULL) {
		struct rec_date *d = find_issued(x);

		if (d != NULL)
			d->role = "issued";
		issued = d;
	}
	for (size_t i = 0; i < x->r->dates.count; i++) {
		struct rec_date *d = &x->r->dates.items[i];

		if (d->role != NULL || d->value == NULL)
			continue;
		if (issued != NULL && d->until == NULL &&
		    str_starts(issued->value, d->value))
			*d = *issued; /* goes with what is repeated */
		else
			d->role = "available";
	}
	drop_repeated(x);
}
