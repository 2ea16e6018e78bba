/*
 * When a feed is asked again: about twice in the time that passes between two
 * of its items, not more often than it and its server ask for, and within the
 * bounds of the configuration.
 *
 * The rhythm is a moving average, in milliseconds, of the time between items:
 * (time since the last change) / (items that came), a fifth of it by each
 * poll that brought something.  A silence longer than it stretches it; before
 * anything is known, one of two hours is its beginning.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/str.h"
#include "sched/feed_priv.h"

enum { LISTED_BYTES = 160 };
static const int64_t minute_ms = 60 * 1000, hour_ms = 3600 * 1000;

/* The number of a directive, or -1. */
static int64_t
directive(const char *value, const char *name)
{
	size_t n = strlen(name);

	for (const char *s = value; *s != '\0'; s += *s != '\0') {
		int64_t seconds;
		char digits[12];
		size_t len;

		s += strspn(s, " \t,");
		if (strncasecmp(s, name, n) == 0 && s[n] == '=') {
			s += n + 1;
			s += *s == '"';
			len = strspn(s, "0123456789");
			if (len == 0 || len >= sizeof(digits))
				return -1;
			memcpy(digits, s, len);
			digits[len] = '\0';
			if (str_to_i64(digits, 0, INT32_MAX, &seconds) == 0)
				return seconds;
			return -1;
		}
		s += strcspn(s, ",");
	}
	return -1;
}

int64_t
feed_fresh_ms(const char *cache_control, const char *expires, int64_t now_us)
{
	int64_t seconds = directive(cache_control, "max-age"), at;

	if (strcasestr(cache_control, "no-cache") != NULL ||
	    strcasestr(cache_control, "no-store") != NULL)
		return 0;
	if (seconds >= 0)
		return seconds * 1000;
	if (expires[0] != '\0' && date_parse_http(expires, &at) == 0 &&
	    at > now_us)
		return (at - now_us) / 1000;
	return 0;
}

static void
keep_list(struct kv *kv, const char *key, const char *const *items, size_t n)
{
	char text[LISTED_BYTES] = "";
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		size_t more = strlen(items[i]);

		if (len + more + 2 > sizeof(text))
			break;
		if (len > 0)
			text[len++] = ',';
		memcpy(text + len, items[i], more + 1);
		len += more;
	}
	kv_set(kv, key, text);
}

void
feed_keep_wishes(struct feed_run *r, const struct facts_feed *f)
{
	struct kv *q = &r->quirks;

	kv_set(q, "ttl",
	    f->ttl_minutes != NULL ? f->ttl_minutes : f->update_minutes);
	keep_list(q, "skip_hours", f->skip_hours.items, f->skip_hours.count);
	keep_list(q, "skip_days", f->skip_days.items, f->skip_days.count);
	kv_set_clean(q, "hub", f->hub);
}

/* Splits in place; how many. */
static size_t
split(char *text, const char *out[], size_t max)
{
	size_t n = 0;
	char *save = NULL;

	for (char *s = strtok_r(text, ",", &save); s != NULL && n < max;
	     s = strtok_r(NULL, ",", &save))
		out[n++] = s;
	return n;
}

/* The first instant at or after at_us in no skipped hour or day; at_us where
 * the feed skips them all. */
static int64_t
not_skipped(const struct feed_run *r, int64_t at_us)
{
	const int64_t hour_us = INT64_C(3600) * 1000000;
	char hours[LISTED_BYTES], days[LISTED_BYTES];
	const char *hour[24], *day[7];
	struct facts_feed f = {0};
	int64_t at = at_us;

	str_copy(hours, sizeof(hours), kv_get(&r->quirks, "skip_hours"));
	str_copy(days, sizeof(days), kv_get(&r->quirks, "skip_days"));
	f.skip_hours.items = hour;
	f.skip_hours.count = split(hours, hour, 24);
	f.skip_days.items = day;
	f.skip_days.count = split(days, day, 7);
	for (int i = 0; i < 8 * 24; i++) {
		if (!facts_feed_skips(&f, at))
			return at;
		at = date_floor(at, DATE_HOUR) + hour_us;
	}
	return at_us;
}

/* The rhythm after this poll, in milliseconds; 0: not known yet. */
static int64_t
note_poll(struct feed_run *r)
{
	struct kv *q = &r->quirks;
	int64_t rhythm = feed_number(q, "rhythm");
	int64_t changed_at = feed_number(q, "changed_at"), since, each;
	uint64_t items = r->added + r->altered;

	since = changed_at > 0 && r->now_us > changed_at
		    ? (r->now_us - changed_at) / 1000
		    : 0;
	if (items > 0) {
		/* What a first harvest brings says nothing of time. */
		if (since > 0 && !r->first) {
			each = since /
			       (int64_t)(items < INT32_MAX ? items : INT32_MAX);
			rhythm =
			    rhythm > 0 ? rhythm - rhythm / 5 + each / 5 : each;
		}
		feed_set_number(q, "changed_at", r->now_us);
	} else if (changed_at == 0) {
		feed_set_number(q, "changed_at", r->now_us);
	} else if (since > (rhythm > 0 ? rhythm : 2 * hour_ms)) {
		rhythm = since;
	}
	/* More than decides nothing, and would take long to shrink. */
	if (rhythm > 2 * r->source->interval_ms)
		rhythm = 2 * r->source->interval_ms;
	feed_set_number(q, "rhythm", rhythm);
	return rhythm;
}

static int64_t
most(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

int64_t
feed_interval_ms(const struct conf_source *s, const struct feed_wish *w)
{
	int64_t longest = s->interval_ms, shortest = s->interval_min_ms, wait;

	if (shortest > longest)
		shortest = longest;
	/* Before anything is known of it, once an hour. */
	wait = w->rhythm > 0 ? w->rhythm / 2 : hour_ms;
	wait = most(wait, w->ttl);
	wait = most(wait, w->fresh);
	wait = most(wait, shortest);
	return wait > longest ? longest : wait;
}

int64_t
feed_next_ms(struct feed_run *r)
{
	const struct kv *q = &r->quirks;
	struct feed_wish wish = {
	    .rhythm = note_poll(r),
	    .ttl = feed_number(q, "ttl") * minute_ms,
	    .fresh = feed_number(q, "fresh"),
	};
	int64_t wait = feed_interval_ms(r->source, &wish), due, at;

	/* Up to a tenth later, so that what began together does not stay so. */
	wait +=
	    (int64_t)(backoff_random(&r->random) % (uint64_t)(wait / 10 + 1));
	due = r->now_us + wait * 1000;
	at = not_skipped(r, due);
	/* Nor together at the end of the night. */
	if (at > due)
		at += (int64_t)(backoff_random(&r->random) %
				(uint64_t)(10 * minute_ms * 1000));
	wait = (at - r->now_us) / 1000;
	return wait > 0 ? wait : 1;
}
