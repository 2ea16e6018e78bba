/* When each source is due, and how many runs there are at a time. */
#include "bin/sheafd_schedule.h"

#include <stdlib.h>

#include <event2/event.h>

#include "base/alloc.h"
#include "base/date.h"
#include "base/log.h"
#include "bin/sheafd_resolving.h"
#include "bin/sheafd_roles.h"
#include "bin/sheafd_runs.h"
#include "bin/sheafd_sources.h"
#include "bin/sheafd_stop.h"
#include "sched/backoff.h"

enum { FAULT_WINDOW_MS = 10 * 60 * 1000 };

struct schedule {
	struct due_queue due;
	struct event *timer; /* the next due time */
	struct event *kick;
	struct fault_watch faults;
	bool fault_said;
	uint64_t random;
};

static bool
source_can_run(const struct source *s)
{
	enum source_state state = s->sched.state;

	if (s->id == 0 || s->conf == NULL || s->run != NULL)
		return false;
	return state == SOURCE_IDLE || state == SOURCE_BACKING_OFF ||
	       state == SOURCE_DUE ||
	       /* Nobody is asked by it. */
	       (s->ask_renormalise &&
		   (state == SOURCE_PAUSED || state == SOURCE_FROZEN));
}

static void
renormalise_begin(struct source *s)
{
	const char *reason = s->open_run ? "goes on" : "asked for";
	enum source_state state = s->sched.state;

	s->rest =
	    state == SOURCE_DUE || state == SOURCE_FROZEN ? SOURCE_IDLE : state;
	if (state != SOURCE_DUE)
		source_move(&s->sched, SOURCE_DUE, "%s", reason);
	s->ask_renormalise = false;
	run_open(s, RUN_RENORMALISE, reason);
}

static enum run_mode
mode_of(const struct source *s, int64_t now)
{
	if (s->ask_full)
		return RUN_FULL;
	/* A feed that is a complete list says so at every poll; a static
	 * repository always is one. */
	if (protocol_is_polled(s->conf->protocol))
		return RUN_INCREMENTAL;
	if (s->ask_compare)
		return RUN_COMPARE;
	if (s->conf->complete_ms > 0 && s->compared_at_us != DATE_NONE &&
	    s->compared_at_us + s->conf->complete_ms * 1000 <= now)
		return RUN_COMPARE;
	return RUN_INCREMENTAL;
}

static void
schedule_begin(struct source *s, int64_t now)
{
	const char *reason = s->asked	       ? "asked for"
			     : s->open_run     ? "goes on"
			     : s->d->opt->once ? "once"
					       : "due";
	enum run_mode mode = mode_of(s, now);

	if (s->ask_renormalise) {
		renormalise_begin(s);
		return;
	}
	if (s->sched.state != SOURCE_DUE)
		source_move(&s->sched, SOURCE_DUE, "%s", reason);
	s->asked = false;
	s->ask_full = s->ask_compare = false;
	run_open(s, mode, reason);
}

static void
schedule_arm(struct schedule *q, int64_t now)
{
	int64_t at = due_wake_us(&q->due), wait;

	if (at == INT64_MAX) {
		event_del(q->timer);
		return;
	}
	wait = at > now ? at - now : 0;
	/* An hour at the most, so that a clock that was set is noticed. */
	if (wait > (int64_t)3600 * 1000000)
		wait = (int64_t)3600 * 1000000;
	struct timeval tv = {wait / 1000000, wait % 1000000};
	event_add(q->timer, &tv);
}

static void
on_due(int fd, short what, void *arg)
{
	struct daemon *d = arg;
	struct schedule *q = d->schedule;
	int64_t now = date_now_us();
	struct sched_source *next = NULL;

	(void)fd;
	(void)what;
	if (d->stopping)
		return;
	if (!sources_ready(d))
		return; /* kicked again then */
	while (runs_open(d) < d->config->max_runs &&
	       (next = due_next(&q->due, now)) != NULL) {
		struct source *s =
		    HEAP_OWNER(&next->due, struct source, sched.due);
		if (source_can_run(s))
			schedule_begin(s, now);
	}
	/* With all places taken the end of a run kicks. */
	if (runs_open(d) < d->config->max_runs)
		schedule_arm(q, now);
	if (d->opt->once && runs_open(d) == 0 &&
	    due_wake_us(&q->due) == INT64_MAX && resolving_is_done(d))
		stop_begin(d, "every source was harvested");
}

void
schedule_init(struct daemon *d)
{
	struct schedule *q = xcalloc(1, sizeof(*q));

	d->schedule = q;
	q->timer = event_new(d->base, -1, 0, on_due, d);
	q->kick = event_new(d->base, -1, 0, on_due, d);
	BUG_ON(q->timer == NULL || q->kick == NULL);
	fault_watch_init(&q->faults, FAULT_WINDOW_MS);
	q->random = (uint64_t)date_now_us();
}

void
schedule_free(struct daemon *d)
{
	due_release(&d->schedule->due);
	event_free(d->schedule->timer);
	event_free(d->schedule->kick);
	free(d->schedule);
	d->schedule = NULL;
}

void
schedule_kick(struct daemon *d)
{
	event_active(d->schedule->kick, EV_TIMEOUT, 1);
}

bool
schedule_is_behind(const struct daemon *d)
{
	return !d->stopping &&
	       (!sources_ready(d) ||
		   due_wake_us(&d->schedule->due) <= date_now_us());
}

void
schedule_remove(struct source *s)
{
	due_remove(&s->d->schedule->due, &s->sched);
}

void
schedule_place(struct source *s)
{
	bool now = s->asked || s->ask_renormalise;
	int64_t at = now ? date_now_us() : s->sched.next_due_us;

	if (!source_can_run(s) || (s->d->opt->once && !s->selected)) {
		schedule_remove(s);
		return;
	}
	if (now || s->selected)
		due_set(&s->d->schedule->due, &s->sched, NULL,
		    s->selected ? 0 : at);
	else
		due_set(&s->d->schedule->due, &s->sched, &s->hours, at);
}

int64_t
schedule_next_us(const struct source *s, int64_t from_us)
{
	int64_t interval = s->conf != NULL ? s->conf->interval_ms : 0;

	return from_us + interval * 1000;
}

/* "When most sources fail at once the fault is local": nobody is punished,
 * and it is said once. */
static bool
fault_is_ours(struct source *s, const struct conf_source *conf,
    enum err_class class, int64_t now)
{
	struct schedule *q = s->d->schedule;
	bool ours;

	fault_watch_note(&q->faults, conf->host, class == ERR_NET, now);
	ours = fault_watch_is_local(&q->faults, now);
	if (ours && !q->fault_said)
		log_error(NULL,
		    "most sources cannot be reached: the fault is this "
		    "machine's network or name service, and no source is "
		    "blamed for it");
	q->fault_said = ours;
	return ours && class == ERR_NET;
}

void
schedule_after(struct source *s, const struct conf_source *conf,
    const struct harvest_close *end)
{
	int64_t now = date_now_us();
	enum err_class class = end->err.class;

	s->ask_full |= end->ask_full;
	if (class == ERR_CANCEL) {
		s->sched.next_due_us = now;
		return;
	}
	if (end->completed && class == ERR_NONE) {
		fault_is_ours(s, conf, class, now);
		s->sched.failures = 0;
		s->sched.next_due_us = end->next_ms > 0
					   ? now + end->next_ms * 1000
					   : schedule_next_us(s, now);
		return;
	}
	if (!fault_is_ours(s, conf, class, now))
		s->sched.failures++;
	s->sched.next_due_us =
	    now + 1000 * backoff_next_run_ms(class,
			     s->sched.failures > 0 ? s->sched.failures : 1,
			     conf->interval_ms, &s->d->schedule->random);
}
