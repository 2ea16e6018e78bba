/* The steps of an orderly end, each begun when the one before is done or its
 * time is up. */
#include "bin/sheafd_stop.h"

#include <stdlib.h>

#include <event2/event.h>

#include "base/alloc.h"
#include "base/date.h"
#include "base/log.h"
#include "bin/sheafd_database.h"
#include "bin/sheafd_pages.h"
#include "bin/sheafd_roles.h"
#include "bin/sheafd_runs.h"
#include "proc/notify.h"

enum { DRAIN_MS = 5 * 1000, DATABASE_MS = 60 * 1000 };

enum step {
	STEP_NONE,
	STEP_PAGES, /* pages in hand, and the closes of their runs */
	STEP_ROLES, /* store drains, the others end */
	STEP_DATABASE, /* the embedded cluster */
	STEP_DONE
};

struct stopper {
	enum step step;
	int64_t deadline_ms; /* of this step */
	struct event *look;
};

static void
enter(struct daemon *d, enum step step, int64_t within_ms)
{
	struct timeval tv = {within_ms / 1000, (within_ms % 1000) * 1000};

	d->stopper->step = step;
	d->stopper->deadline_ms = date_monotonic_ms() + within_ms;
	event_add(d->stopper->look, &tv);
}

/* Runs that have nothing in hand stay open in the database: the next daemon
 * goes on with them. */
static void
let_go_of_runs(struct daemon *d, bool all)
{
	struct run *next;

	for (struct run *r = runs_first(d); r != NULL; r = next) {
		const struct page *p = r->pages;
		bool in_hand = r->phase == RUN_CLOSING;
		next = r->next;
		for (; p != NULL; p = p->next)
			in_hand |= p->stage >= PAGE_FETCHED;
		if (all || !in_hand)
			run_lost(r, "the daemon stops");
	}
}

static void
begin_roles(struct daemon *d)
{
	struct msg m = {.type = MSG_DRAIN};

	let_go_of_runs(d, true);
	roles_let_end(d);
	roles_close(d, ROLE_FETCH);
	roles_close(d, ROLE_PARSE);
	/* What it has not done yet stands in the database. */
	roles_close(d, ROLE_RESOLVE);
	m.drain.within_ms = DRAIN_MS;
	roles_send(d, ROLE_STORE, &m, NULL, 0);
	enter(d, STEP_ROLES, DRAIN_MS + 1000);
}

static void
on_look(int fd, short what, void *arg)
{
	struct daemon *d = arg;
	struct stopper *s = d->stopper;
	bool late = date_monotonic_ms() >= s->deadline_ms;

	(void)fd;
	(void)what;
	if (s->step == STEP_PAGES) {
		if (!late)
			let_go_of_runs(d, false);
		if (runs_open(d) == 0 || late)
			begin_roles(d);
	}
	if (s->step == STEP_ROLES) {
		if (date_monotonic_ms() >= s->deadline_ms)
			roles_close(d, ROLE_STORE);
		if (roles_alive_count(d) == 0) {
			enter(d, STEP_DATABASE, DATABASE_MS);
			database_stop(d);
		} else if (!roles_alive(d, ROLE_STORE)) {
			enter(d, STEP_ROLES, DRAIN_MS + 1000);
		}
	}
	if (s->step == STEP_DATABASE &&
	    (database_has_stopped(d) ||
		date_monotonic_ms() >= s->deadline_ms)) {
		s->step = STEP_DONE;
		event_base_loopbreak(d->base);
	}
}

void
stop_init(struct daemon *d)
{
	d->stopper = xcalloc(1, sizeof(*d->stopper));
	d->stopper->look = event_new(d->base, -1, 0, on_look, d);
	BUG_ON(d->stopper->look == NULL);
}

void
stop_free(struct daemon *d)
{
	event_free(d->stopper->look);
	free(d->stopper);
	d->stopper = NULL;
}

void
stop_begin(struct daemon *d, const char *why)
{
	if (d->stopping) {
		if (d->stopper->step == STEP_PAGES) {
			d->stopper->deadline_ms = date_monotonic_ms();
			stop_kick(d);
		}
		return;
	}
	log_info(NULL, "stops: %s", why);
	notify_stopping(why);
	d->stopping = true;
	enter(d, STEP_PAGES, d->config->stop_timeout_ms);
	stop_kick(d);
}

void
stop_kick(struct daemon *d)
{
	if (d->stopping)
		event_active(d->stopper->look, EV_TIMEOUT, 1);
}
