/* How often a feed changes, by the dates of its items, and how often Sheaf
 * would ask for it. */
#include "control/doctor_exam.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/str.h"
#include "sched/feed_wait.h"

enum { DAYS_DEAD = 365 };

static const int64_t day_us = INT64_C(24) * 3600 * 1000000;

struct rhythm { /* of the dates of a feed's items, in microseconds */
	size_t dated;
	int64_t newest, oldest;
	int64_t median; /* between one and the next; 0: not known */
};

static int
by_time(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

/* When the item was published, else changed. */
static bool
instant(const struct record *r, int64_t *at)
{
	static const char *const roles[] = {
	    "issued", "available", "created", "modified"};
	enum granularity g;

	for (size_t k = 0; k < sizeof(roles) / sizeof(*roles); k++)
		for (size_t i = 0; i < r->dates.count; i++) {
			const struct rec_date *d = &r->dates.items[i];

			if (strcmp(d->role, roles[k]) == 0 &&
			    d->value != NULL &&
			    date_parse(d->value, at, &g) == 0)
				return true;
		}
	return false;
}

static struct rhythm
measure(const struct doctor_answer *a)
{
	int64_t *at = xcalloc(a->records.count + 1, sizeof(*at));
	struct rhythm out = {0};
	size_t n = 0;

	for (size_t i = 0; i < a->records.count; i++)
		n += !a->records.items[i].deleted &&
		     instant(&a->records.items[i], &at[n]);
	out.dated = n;
	if (n > 0) {
		qsort(at, n, sizeof(*at), by_time);
		out.oldest = at[0];
		out.newest = at[n - 1];
	}
	if (n > 1) {
		for (size_t i = 0; i + 1 < n; i++)
			at[i] = at[i + 1] - at[i];
		qsort(at, n - 1, sizeof(*at), by_time);
		out.median = at[(n - 1) / 2];
		/* Many came at once: the mean says more. */
		if (out.median == 0)
			out.median =
			    (out.newest - out.oldest) / (int64_t)(n - 1);
	}
	free(at);
	return out;
}

static void
say_dates(struct exam *x, const struct rhythm *r, int64_t now)
{
	char newest[DATE_TEXT_BYTES], oldest[DATE_TEXT_BYTES], each[32];

	if (r->dated == 0) {
		exam_say(x, DOCTOR_NOTE, "rhythm",
		    "no item has a date: how often the feed changes is learned "
		    "poll by poll");
		return;
	}
	date_format(newest, r->newest, GRANULARITY_SECOND);
	date_format(oldest, r->oldest, GRANULARITY_SECOND);
	str_duration(each, sizeof(each), r->median / 1000);
	if (r->median > 0)
		exam_say(x, DOCTOR_OK, "rhythm",
		    "an item every %s (median); the newest of %s, the oldest "
		    "of %s",
		    each, newest, oldest);
	else
		exam_say(x, DOCTOR_OK, "rhythm",
		    "the newest item is of %s, the oldest of %s", newest,
		    oldest);
	if (r->newest > now + day_us)
		exam_say(x, DOCTOR_NOTE, "rhythm",
		    "items are dated in the future; the date of publication "
		    "is wanted there");
	else if (now - r->newest > DAYS_DEAD * day_us)
		exam_say(x, DOCTOR_NOTE, "rhythm",
		    "nothing new for more than a year: is this still the feed "
		    "that is kept up?");
}

static void
list(struct buf *out, const char *const *items, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_printf(out, "%s%s", i > 0 ? ", " : "", items[i]);
}

/* What feed and server ask for. */
static struct feed_wish
read_wish(struct exam *x, const struct doctor_answer *a, int64_t now)
{
	const struct facts_feed *f = &a->facts.feed;
	const char *minutes =
	    f->ttl_minutes != NULL ? f->ttl_minutes : f->update_minutes;
	struct feed_wish w = {
	    .fresh = feed_fresh_ms(a->cache_control, a->expires, now)};
	char text[32];
	struct buf b;

	if (minutes != NULL && str_to_i64(minutes, 0, 9999999, &w.ttl) == 0 &&
	    w.ttl > 0) {
		w.ttl *= 60 * 1000;
		str_duration(text, sizeof(text), w.ttl);
		exam_say(x, DOCTOR_OK, "rhythm",
		    "the feed asks to be read every %s (%s)", text,
		    f->update_minutes != NULL &&
			    strcmp(minutes, f->update_minutes) == 0
			? "sy:updatePeriod"
			: "ttl");
	}
	if (w.fresh > 0) {
		str_duration(text, sizeof(text), w.fresh);
		exam_say(x, DOCTOR_OK, "rhythm",
		    "its server says that an answer is good for %s", text);
	}
	buf_init(&b, 4 * KIB);
	if (f->skip_hours.count > 0) {
		buf_adds(&b, "in the hours ");
		list(&b, f->skip_hours.items, f->skip_hours.count);
		buf_adds(&b, " (UTC)");
	}
	if (f->skip_days.count > 0) {
		buf_adds(&b, b.len > 0 ? " and on " : "on ");
		list(&b, f->skip_days.items, f->skip_days.count);
	}
	if (b.len > 0)
		exam_say(x, DOCTOR_OK, "rhythm",
		    "it asks not to be read %s; it is not", buf_str(&b));
	buf_release(&b);
	return w;
}

/* A window that is over before the next poll loses items. */
static void
check_window(struct exam *x, const struct rhythm *r, int64_t wait_ms)
{
	int64_t span_ms = (r->newest - r->oldest) / 1000;
	char text[32], wait[32];

	if (r->dated < 2 || span_ms <= 0 || wait_ms * 2 <= span_ms)
		return;
	str_duration(text, sizeof(text), span_ms);
	str_duration(wait, sizeof(wait), wait_ms);
	exam_say(x, DOCTOR_ADVICE, "rhythm",
	    "its items reach back %s only, and it would be read every %s: "
	    "some may come and go unseen; the agency could show more items",
	    text, wait);
}

void
exam_rhythm(struct exam *x, const struct doctor_answer *a)
{
	int64_t now = date_now_us(), wait, silence;
	struct rhythm r = measure(a);
	struct feed_wish w;
	char text[32], least[32], most[32];

	say_dates(x, &r, now);
	w = read_wish(x, a, now);
	/* A silence that is longer than the rhythm stretches it. */
	silence = now - r.newest;
	w.rhythm =
	    (r.median > 0 && silence > r.median ? silence : r.median) / 1000;
	wait = feed_interval_ms(x->source, &w);
	str_duration(text, sizeof(text), wait);
	str_duration(least, sizeof(least), x->source->interval_min_ms);
	str_duration(most, sizeof(most), x->source->interval_ms);
	exam_say(x, DOCTOR_OK, "rhythm",
	    "Sheaf would ask about every %s (within interval_min %s and "
	    "interval %s), as it turns out to change",
	    text, least, most);
	exam_figure(x, "rhythm", "median_seconds", r.median / 1000000);
	exam_figure(x, "rhythm", "interval_seconds", wait / 1000);
	exam_figure(x, "rhythm", "dated", (int64_t)r.dated);
	check_window(x, &r, wait);
}
