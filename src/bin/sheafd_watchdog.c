/*
 * Watches the roles, and tells systemd.
 *
 * Ready is said when the sources are known to the database, or after half a
 * minute without it: a daemon that waits for its database is up, and its
 * status line says so.
 */
#include "bin/sheafd_watchdog.h"

#include <stdlib.h>

#include <event2/event.h>

#include "base/alloc.h"
#include "base/date.h"
#include "bin/sheafd_page.h"
#include "bin/sheafd_roles.h"
#include "bin/sheafd_runs.h"
#include "bin/sheafd_sources.h"
#include "proc/notify.h"

enum { LOOK_MS = 2000, TELL_MS = 1000, READY_WITHOUT_MS = 30 * 1000 };

struct watchdog {
	struct event *look; /* at the roles */
	struct event *tell, *ping; /* NULL: nobody asked for it */
	int64_t waited_ms;
	bool ready;
};

static void
on_ping(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	notify_watchdog();
}

/* Roles keep the time of their pages themselves; one that does not is no use
 * to anybody. */
static void
on_look(int fd, short what, void *arg)
{
	struct daemon *d = arg;
	int64_t now = date_monotonic_ms();
	bool fetch = false, parse = false;

	(void)fd;
	(void)what;

	for (const struct run *r = runs_first(d); r != NULL; r = r->next) {
		for (const struct page *p = r->pages; p != NULL; p = p->next) {
			bool late = now > p->overdue_ms;

			fetch |=
			    late && p->stage == PAGE_FETCHING && !p->is_stored;
			parse |= late && p->open_at_parser;
		}
	}
	if (fetch)
		roles_kill(d, ROLE_FETCH);
	if (parse)
		roles_kill(d, ROLE_PARSE);
}

static void
on_tell(int fd, short what, void *arg)
{
	struct daemon *d = arg;
	struct watchdog *w = d->watchdog;

	(void)fd;
	(void)what;
	if (d->stopping)
		return;
	w->waited_ms += TELL_MS;
	if (!w->ready &&
	    (sources_ready(d) || w->waited_ms >= READY_WITHOUT_MS)) {
		w->ready = true;
		notify_ready(NULL);
	}
	if (!roles_store_ready(d))
		notify_status("waits for the database");
	else
		notify_status("%zu sources, %u being harvested",
		    sources_count(d), runs_open(d));
}

static struct event *
every(struct daemon *d, event_callback_fn f, uint64_t ms)
{
	struct timeval tv = {(time_t)(ms / 1000), (ms % 1000) * 1000};
	struct event *ev = event_new(d->base, -1, EV_PERSIST, f, d);

	BUG_ON(ev == NULL);
	event_add(ev, &tv);
	return ev;
}

void
watchdog_init(struct daemon *d)
{
	struct watchdog *w = xcalloc(1, sizeof(*w));
	uint64_t interval;

	d->watchdog = w;
	w->look = every(d, on_look, LOOK_MS);
	notify_init();
	if (!notify_active())
		return;
	interval = notify_watchdog_interval_ms();
	w->tell = every(d, on_tell, TELL_MS);
	if (interval > 0)
		w->ping = every(d, on_ping, interval);
}

void
watchdog_free(struct daemon *d)
{
	struct watchdog *w = d->watchdog;

	event_free(w->look);
	if (w->tell != NULL)
		event_free(w->tell);
	if (w->ping != NULL)
		event_free(w->ping);
	notify_end();
	free(w);
	d->watchdog = NULL;
}
