/*
 * Ready is said when the sources are known to the database, or after half a
 * minute without it: a daemon that waits for its database is up, and its
 * status line says so.
 */
#include "bin/sheafd_watchdog.h"

#include <stdlib.h>

#include <event2/event.h>

#include "base/alloc.h"
#include "bin/sheafd_roles.h"
#include "bin/sheafd_runs.h"
#include "bin/sheafd_sources.h"
#include "proc/notify.h"

enum { TELL_MS = 1000, READY_WITHOUT_MS = 30 * 1000 };

struct watchdog {
	struct event *tell, *ping;
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

	if (w->tell != NULL)
		event_free(w->tell);
	if (w->ping != NULL)
		event_free(w->ping);
	notify_end();
	free(w);
	d->watchdog = NULL;
}
