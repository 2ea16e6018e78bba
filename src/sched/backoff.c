/* Waits, as backoff.h says.  Nothing here knows sources, queues or clocks. */
#include "sched/backoff.h"

#include <string.h>

#include "base/date.h"
#include "base/digest.h"

#define SECOND_MS ((int64_t)1000)
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS	  (60 * MINUTE_MS)
#define DAY_MS	  (24 * HOUR_MS)

const struct backoff_policy backoff_default = {
    .tries = 4,
    .first_ms = 5 * SECOND_MS,
    .max_ms = 2 * MINUTE_MS,
    .factor = 6,
    .scale = 1,
};

const struct backoff_policy backoff_once = {
    .tries = 4,
    .first_ms = 2 * SECOND_MS,
    .max_ms = 30 * SECOND_MS,
    .factor = 4,
    .scale = 1,
};

uint64_t
backoff_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

int64_t
backoff_wait_ms(
    const struct backoff_policy *p, unsigned failed, uint64_t *random)
{
	double longest = (double)p->first_ms, max = (double)p->max_ms;
	int64_t span;

	for (unsigned i = 1; i < failed && longest < max; i++)
		longest *= p->factor;
	if (longest > max)
		longest = max;
	span = (int64_t)(longest * p->scale);
	if (span < 1)
		span = 1;
	return 1 + (int64_t)(backoff_random(random) % (uint64_t)span);
}

int64_t
backoff_retry_after_ms(const char *value, int64_t now_us)
{
	int64_t seconds = 0, at;
	const char *s;

	if (value == NULL)
		return -1;
	s = value + strspn(value, " \t");
	if (*s >= '0' && *s <= '9') {
		for (; *s >= '0' && *s <= '9'; s++)
			if (seconds < INT64_MAX / 100000)
				seconds = seconds * 10 + (*s - '0');
		/* "120.5" and "120 s" are seen; the fraction does not matter.
		 */
		if (*s == '\0' || strchr(" \t.;,s", *s) != NULL)
			return seconds * SECOND_MS;
		return -1;
	}
	if (date_parse_http(s, &at) != 0)
		return -1;
	return at > now_us ? (at - now_us + 999) / 1000 : 0;
}

int64_t
backoff_retry_after_bounded(
    const char *value, int64_t now_us, int64_t min_ms, int64_t max_ms)
{
	int64_t ms = backoff_retry_after_ms(value, now_us);

	if (ms < 0)
		return -1;
	if (ms < min_ms)
		ms = min_ms;
	if (max_ms > 0 && ms > max_ms)
		ms = max_ms;
	return ms;
}

static int64_t run_unit_ms(enum err_class class)
{
	switch (class) {
	case ERR_DB:
	case ERR_SYSTEM:
	case ERR_CANCEL:
		return MINUTE_MS;
	case ERR_HTTP:
	case ERR_LIMIT:
		return 15 * MINUTE_MS;
	case ERR_TLS:
	case ERR_XML:
	case ERR_PROTO:
	case ERR_POLICY:
	case ERR_CONFIG:
		return HOUR_MS;
	case ERR_NONE:
	case ERR_NET:
	case ERR_CLASS_COUNT:
		break;
	}
	return 5 * MINUTE_MS;
}

int64_t
backoff_next_run_ms(enum err_class class, unsigned failures,
    int64_t interval_ms, uint64_t *random)
{
	int64_t n = failures < 1 ? 1 : failures > 1000 ? 1000 : failures;
	int64_t ms = n * n * run_unit_ms(class);

	if (ms > DAY_MS)
		ms = DAY_MS;
	if (interval_ms > 0 && ms > interval_ms)
		ms = interval_ms;
	return ms - (int64_t)(backoff_random(random) % (uint64_t)(ms / 10 + 1));
}

bool
fault_is_local(unsigned failed, unsigned total)
{
	return total >= 5 && failed >= total - total / 4;
}

void
fault_watch_init(struct fault_watch *w, int64_t window_ms)
{
	memset(w, 0, sizeof(*w));
	w->window_us = window_ms * 1000;
}

void
fault_watch_note(
    struct fault_watch *w, const char *host, bool failed, int64_t now_us)
{
	uint64_t hash = hash64(host, strlen(host));
	struct fault_end *end = NULL;

	for (size_t i = 0; i < w->count && end == NULL; i++)
		if (w->ends[i].host == hash)
			end = &w->ends[i];
	if (end == NULL) {
		end = &w->ends[w->next];
		w->next = (w->next + 1) % FAULT_WATCH_ENDS;
		if (w->count < FAULT_WATCH_ENDS)
			w->count++;
	}
	*end = (struct fault_end){now_us, hash, failed};
}

bool
fault_watch_is_local(const struct fault_watch *w, int64_t now_us)
{
	unsigned failed = 0, total = 0;

	for (size_t i = 0; i < w->count; i++) {
		if (w->ends[i].at_us < now_us - w->window_us)
			continue;
		total++;
		failed += w->ends[i].failed;
	}
	return fault_is_local(failed, total);
}
