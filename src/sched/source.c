/* Source states, hours of the day and the due queue. */
#include "sched/source.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"

#define DAY_US	  ((int64_t)86400 * 1000000)
#define MINUTE_US ((int64_t)60 * 1000000)

static const char *const state_names[SOURCE_STATE_COUNT] = {
    [SOURCE_NEW] = "new",
    [SOURCE_IDLE] = "idle",
    [SOURCE_DUE] = "due",
    [SOURCE_OPENING] = "opening",
    [SOURCE_RUNNING] = "running",
    [SOURCE_CLOSING] = "closing",
    [SOURCE_BACKING_OFF] = "backing-off",
    [SOURCE_HELD] = "held",
    [SOURCE_PAUSED] = "paused",
    [SOURCE_FROZEN] = "frozen",
    [SOURCE_RETIRED] = "retired",
};

#define TO(name) (1u << SOURCE_##name)
/* Where a source at rest may be put by an operator or a reload. */
#define TO_REST                                                                \
	(TO(IDLE) | TO(BACKING_OFF) | TO(HELD) | TO(PAUSED) | TO(FROZEN) |     \
	    TO(RETIRED))

/* From each state, the states that may follow. */
static const unsigned moves[SOURCE_STATE_COUNT] = {
    [SOURCE_NEW] = TO_REST | TO(DUE),
    [SOURCE_IDLE] = TO_REST | TO(DUE),
    [SOURCE_DUE] = TO_REST | TO(OPENING),
    /* A refused or lost opening goes back to rest. */
    [SOURCE_OPENING] = TO_REST | TO(DUE) | TO(RUNNING),
    /* DUE and OPENING: the store was lost, the run is opened again. */
    [SOURCE_RUNNING] = TO_REST | TO(DUE) | TO(OPENING) | TO(CLOSING),
    [SOURCE_CLOSING] = TO_REST | TO(DUE) | TO(OPENING),
    [SOURCE_BACKING_OFF] = TO_REST | TO(DUE),
    [SOURCE_HELD] = TO_REST | TO(DUE),
    [SOURCE_PAUSED] = TO_REST | TO(DUE),
    [SOURCE_FROZEN] = TO_REST | TO(DUE),
    /* Only a source that is in the configuration again comes back. */
    [SOURCE_RETIRED] = TO(IDLE) | TO(FROZEN) | TO(PAUSED),
};

const char *
source_state_name(enum source_state s)
{
	return s < SOURCE_STATE_COUNT ? state_names[s] : "unknown";
}

int
source_state_parse(const char *name)
{
	for (int i = 0; i < SOURCE_STATE_COUNT; i++)
		if (strcmp(name, state_names[i]) == 0)
			return i;
	return -1;
}

bool
source_may_move(enum source_state from, enum source_state to)
{
	return from < SOURCE_STATE_COUNT && to < SOURCE_STATE_COUNT &&
	       (moves[from] & 1u << to) != 0;
}

int
source_move(
    struct sched_source *s, enum source_state to, const char *reason, ...)
{
	char text[sizeof(s->reason)];
	va_list ap;

	va_start(ap, reason);
	vsnprintf(text, sizeof(text), reason, ap);
	va_end(ap);
	if (to != s->state && !source_may_move(s->state, to)) {
		log_error(s->name, "cannot go from %s to %s (%s)",
		    source_state_name(s->state), source_state_name(to), text);
		return -1;
	}
	if (to != s->state)
		log_debug(s->name, "%s → %s: %s", source_state_name(s->state),
		    source_state_name(to), text);
	s->state = to;
	str_copy(s->reason, sizeof(s->reason), text);
	return 0;
}

/* "HH:MM" or "HH", up to 24:00; the end of it, or NULL. */
static const char *
clock_parse(const char *s, int *minutes)
{
	int hour = 0, minute = 0, digits;

	for (digits = 0; *s >= '0' && *s <= '9' && digits < 2; digits++)
		hour = hour * 10 + (*s++ - '0');
	if (digits == 0)
		return NULL;
	if (*s == ':') {
		s++;
		for (digits = 0; *s >= '0' && *s <= '9' && digits < 2; digits++)
			minute = minute * 10 + (*s++ - '0');
		if (digits != 2)
			return NULL;
	}
	*minutes = hour * 60 + minute;
	return minute < 60 && *minutes <= 24 * 60 ? s : NULL;
}

int
hours_parse(struct hours *h, const char *s, struct err *e)
{
	const char *p = s + strspn(s, " \t");

	*h = (struct hours){.always = true};
	if (*p == '\0')
		return 0;
	p = clock_parse(p, &h->from_min);
	if (p != NULL) {
		p += strspn(p, " \t");
		p = *p == '-'
			? clock_parse(p + 1 + strspn(p + 1, " \t"), &h->to_min)
			: NULL;
	}
	if (p == NULL || p[strspn(p, " \t")] != '\0')
		return err_set(e, ERR_CONFIG, 0,
		    "hours: \"%s\" is not a span of the day in UTC; expected "
		    "HH:MM-HH:MM, such as 20:00-06:00",
		    s);
	h->always = h->from_min % 1440 == h->to_min % 1440;
	return 0;
}

int64_t
hours_next(const struct hours *h, int64_t us)
{
	int64_t day, minute;
	bool within;

	if (h->always)
		return us;
	day = us / DAY_US - (us % DAY_US < 0);
	minute = (us - day * DAY_US) / MINUTE_US;
	if (h->from_min < h->to_min)
		within = minute >= h->from_min && minute < h->to_min;
	else
		within = minute >= h->from_min || minute < h->to_min;
	if (within)
		return us;
	if (minute >= h->from_min)
		day++;
	return day * DAY_US + h->from_min * MINUTE_US;
}

void
due_release(struct due_queue *q)
{
	heap_release(&q->heap);
}

void
due_set(struct due_queue *q, struct sched_source *s, const struct hours *hours,
    int64_t at_us)
{
	s->next_due_us = hours != NULL ? hours_next(hours, at_us) : at_us;
	heap_set(&q->heap, &s->due, s->next_due_us);
}

void
due_remove(struct due_queue *q, struct sched_source *s)
{
	heap_remove(&q->heap, &s->due);
}

struct sched_source *
due_next(struct due_queue *q, int64_t now_us)
{
	struct heap_node *first = heap_min(&q->heap);

	if (first == NULL || first->key > now_us)
		return NULL;
	heap_remove(&q->heap, first);
	return HEAP_OWNER(first, struct sched_source, due);
}

int64_t
due_wake_us(const struct due_queue *q)
{
	const struct heap_node *first = heap_min(&q->heap);

	return first != NULL ? first->key : INT64_MAX;
}
