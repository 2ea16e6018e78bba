/*
 * The plan of a run: one list for each configured set (or one for everything),
 * each cut into date windows where need be.
 *
 * Windows are half open here, [from, until), and inclusive in requests, as
 * OAI-PMH 2.7.1 has them.  The first window of a list without `from` is open
 * below, whatever earliestDatestamp says, and the last one open above, so that
 * a lie about dates loses no record.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "sched/oai_priv.h"

#define SECOND_US ((int64_t)1000000)
#define DAY_US	  (86400 * SECOND_US)

/* Before there was OAI-PMH there were no datestamps. */
#define FIRST_YEAR 1995

/* When the windows of the base unit fail more often, all are cut finer. */
enum { CUTS_UNTIL_FINER = 2 };

const char *
oai_set(const struct oai_run *r, const struct oai_pos *p)
{
	if (r->source->sets == NULL || r->source->sets[0] == NULL)
		return "";
	return r->source->sets[p->list];
}

void
oai_quirk(struct oai_run *r, const char *key, const char *value)
{
	kv_set(&r->know.quirks, key, value);
}

static enum date_unit
date_unit(int64_t window)
{
	switch (window) {
	case WINDOW_YEAR:
		return DATE_YEAR;
	case WINDOW_MONTH:
		return DATE_MONTH;
	case WINDOW_DAY:
		return DATE_DAY;
	default:
		return DATE_HOUR;
	}
}

static int64_t
finest(const struct oai_run *r)
{
	return r->know.granularity == GRANULARITY_SECOND ? WINDOW_HOUR
							 : WINDOW_DAY;
}

/* The checkpoint of a set, DATE_NONE when there is none. */
static int64_t
checkpoint(const struct oai_run *r, const char *set)
{
	size_t n = strlen(set);
	enum granularity g;
	int64_t us;

	if (r->know.format_changed)
		return DATE_NONE;
	for (const char *s = r->checkpoints; *s != '\0';) {
		size_t line = strcspn(s, "\n");
		char text[DATE_TEXT_BYTES] = "";

		if (line > n + 1 && s[n] == '\t' && memcmp(s, set, n) == 0 &&
		    line - n - 1 < sizeof(text)) {
			memcpy(text, s + n + 1, line - n - 1);
			return date_parse(text, &us, &g) == 0 ? us : DATE_NONE;
		}
		s += line + (s[line] == '\n');
	}
	return DATE_NONE;
}

int64_t
oai_list_until(const struct oai_run *r)
{
	enum granularity g;
	int64_t us;

	if (r->know.no_dates || r->source->until[0] == '\0' ||
	    date_parse(r->source->until, &us, &g) != 0)
		return DATE_NONE;
	return us + (g == GRANULARITY_DAY ? DAY_US : SECOND_US);
}

static int64_t
list_from(const struct oai_run *r, const char *set)
{
	int64_t us = DATE_NONE, least, until = oai_list_until(r);
	enum granularity g;

	if (r->know.no_dates)
		return DATE_NONE;
	if (r->mode == RUN_INCREMENTAL)
		us = checkpoint(r, set);
	/* A checkpoint of the future: a clock was wrong, once. */
	if (us != DATE_NONE && us > r->know.start)
		us = r->know.start - r->source->overlap_ms * 1000;
	/* A checkpoint behind `until`, which was moved: never from > until. */
	if (us != DATE_NONE && until != DATE_NONE && us >= until)
		us = until - SECOND_US - r->source->overlap_ms * 1000;
	if (r->source->from[0] != '\0' &&
	    date_parse(r->source->from, &least, &g) == 0 &&
	    (us == DATE_NONE || us < least))
		us = least;
	return us;
}

/* Where the windows of an open list begin to be counted. */
static int64_t
lower_bound(const struct oai_run *r, int64_t from)
{
	if (from != DATE_NONE)
		return from;
	if (r->know.earliest != DATE_NONE)
		return r->know.earliest;
	return date_days(FIRST_YEAR, 1, 1) * DAY_US;
}

/* The end of the window of this unit that begins at (or holds) `at`, within
 * `end`; DATE_NONE when it is the last and open. */
static int64_t
window_end(const struct oai_run *r, int64_t unit, int64_t at, int64_t end)
{
	int64_t until;

	if (unit == WINDOW_NONE)
		return end;
	until = date_step(date_floor(at, date_unit(unit)), date_unit(unit), 1);
	if (end != DATE_NONE)
		return until < end ? until : end;
	return until > r->know.start ? DATE_NONE : until;
}

static void
window_begin(struct oai_run *r)
{
	struct oai_pos *p = &r->head;

	oai_pos_release(p); /* no token: from its first page */
	p->window++;
	p->w_pages = p->w_received = 0;
	p->w_size = -1;
	p->cursor_fits = 1;
	p->one_token = 0;
	p->set_fits = 0;
	p->last_ids = p->last_token = p->last_body = 0;
	p->empties = p->repeats = p->w_most = 0;
	p->token_expires = DATE_NONE;
	r->attempt = 0;
	r->wait_ms = 0;
	r->resumed = false;
}

bool
oai_dated(const struct oai_pos *p)
{
	return p->w_from != DATE_NONE || p->w_until != DATE_NONE;
}

void
oai_list_begin(struct oai_run *r, int64_t list)
{
	struct oai_pos *p = &r->head;

	p->phase = OAI_LIST;
	p->list = list;
	p->from = list_from(r, oai_set(r, p));
	p->until = oai_list_until(r);
	p->unit = r->know.no_dates || r->know.windows_useless
		      ? WINDOW_NONE
		      : r->know.base_unit;
	if (p->unit > finest(r))
		p->unit = finest(r);
	for (int i = 0; i <= WINDOW_HOUR; i++)
		p->outer[i] = DATE_NONE;
	p->w_from = p->from;
	p->w_until = window_end(r, p->unit, lower_bound(r, p->from), p->until);
	p->failures = p->looped = 0;
	window_begin(r);
}

/* Adds the window that ends to the sums of the run. */
static void
window_count(struct oai_pos *p)
{
	p->received += p->w_received;
	if (p->w_size >= 0) {
		p->size_known = 1;
		p->size += p->w_size;
		if (p->w_size > p->w_received) {
			p->short_lists++;
			p->short_by += p->w_size - p->w_received;
		}
	} else {
		p->size += p->w_received;
	}
	/* Counted once, should the list fail later. */
	p->w_received = 0;
	p->w_size = -1;
}

void
oai_list_failed(struct oai_run *r, bool failed)
{
	char number[24];

	snprintf(number, sizeof(number), "%lld", (long long)r->head.list);
	kv_set(&r->know.failed, number, failed ? "yes" : NULL);
}

void
oai_list_next(struct oai_run *r)
{
	struct oai_pos *p = &r->head;
	const char **sets = r->source->sets;

	if (sets != NULL && sets[0] != NULL && sets[p->list + 1] != NULL) {
		oai_list_begin(r, p->list + 1);
		return;
	}
	window_begin(r);
	p->phase =
	    p->identifiers || r->mode == RUN_COMPARE ? OAI_WANT : OAI_DONE;
}

void
oai_list_read(struct oai_run *r)
{
	struct oai_pos *p = &r->head;

	if (p->from != DATE_NONE || p->until != DATE_NONE)
		p->dated = 1;
	oai_list_failed(r, false);
	oai_list_next(r);
}

void
oai_window_next(struct oai_run *r)
{
	struct oai_pos *p = &r->head;
	int64_t from = p->w_until;

	window_count(p);
	oai_cap_window_read(r, from);
	p->phase = OAI_LIST;
	if (from == DATE_NONE || (p->until != DATE_NONE && from >= p->until)) {
		oai_list_read(r);
		return;
	}
	/* Past the window that had to be cut finer: back to coarser ones. */
	for (int64_t unit = WINDOW_YEAR; unit < p->unit; unit++)
		if (unit >= r->know.base_unit && p->outer[unit] != DATE_NONE &&
		    from >= p->outer[unit]) {
			p->unit = unit;
			p->outer[unit] = DATE_NONE;
		}
	p->w_from = from;
	p->w_until = window_end(r, p->unit, from, p->until);
	p->failures = 0;
	window_begin(r);
}

void
oai_window_restart(struct oai_run *r)
{
	r->head.phase = OAI_LIST;
	window_begin(r);
}

/* Windows of a unit that failed again and again are not tried again. */
static void
learn_unit(struct oai_run *r, int64_t failed)
{
	struct oai_know *k = &r->know;

	if (failed != k->base_unit)
		return;
	if (failed == WINDOW_NONE)
		k->base_unit = WINDOW_YEAR;
	else if (failed < WINDOW_DAY && ++k->cuts > CUTS_UNTIL_FINER)
		k->base_unit = failed + 1;
	else
		return;
	k->cuts = 0;
	k->window_trial = 1;
}

int
oai_window_cut(struct oai_run *r)
{
	struct oai_pos *p = &r->head;
	int64_t end = p->w_until, lower = lower_bound(r, p->w_from), unit;
	int64_t until = end;

	if (r->source->window == WINDOW_NONE || r->know.no_dates ||
	    r->know.windows_useless)
		return -1;
	if (end != DATE_NONE && lower >= end)
		lower = end - SECOND_US;
	for (unit = p->unit + 1; unit <= finest(r); unit++) {
		until = window_end(r, unit, lower, end);
		if (until != end)
			break;
	}
	if (unit > finest(r))
		return -1;
	learn_unit(r, p->unit);
	if (p->unit > WINDOW_NONE)
		p->outer[p->unit] = end;
	p->unit = unit;
	p->w_until = until;
	window_begin(r);
	p->phase = OAI_LIST;
	return 0;
}

void
oai_window_text(const struct oai_run *r, char from[DATE_TEXT_BYTES],
    char until[DATE_TEXT_BYTES])
{
	const struct oai_pos *p = &r->head;
	enum granularity g = r->know.granularity == GRANULARITY_SECOND
				 ? GRANULARITY_SECOND
				 : GRANULARITY_DAY;

	from[0] = until[0] = '\0';
	if (p->w_from != DATE_NONE)
		date_format(from, p->w_from, g);
	if (p->w_until != DATE_NONE)
		date_format(until, p->w_until - SECOND_US, g);
}

void
oai_after_identify(struct oai_run *r)
{
	const char *format = r->source->format;

	if (format[0] == '\0' || strstr(format, "://") != NULL) {
		r->head.phase = OAI_FORMATS;
		return;
	}
	oai_format_asked(r, format);
	oai_list_begin(r, 0);
}
