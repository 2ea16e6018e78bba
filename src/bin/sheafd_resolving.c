/* Waking sheaf-resolve, and waiting for it; see bin/sheafd_resolving.h. */
#include "bin/sheafd_resolving.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/alloc.h"
#include "base/date.h"
#include "base/log.h"
#include "base/str.h"
#include "bin/sheafd_roles.h"
#include "bin/sheafd_runs.h"
#include "bin/sheafd_schedule.h"

enum {
	WAKE_MS = 500, /* commits in this time are one RESOLVE_WAKE */
	AGAIN_MS = 5000, /* while runs are open: their end may say nothing */
	LOSSES_MOST = 5, /* in a row without a sign of life */
	FAILING_MOST_MS = 60 * 1000, /* that --once waits for what fails */
	TOLD_MS = 10 * 1000, /* between two lines of the log */
};

struct resolving {
	struct event *wake;
	uint64_t serial, drained; /* sent last, and known to be resolved */
	bool runs_open; /* as it was told last */
	bool is_soon; /* the next one is due in WAKE_MS, not in AGAIN_MS */
	bool wanted; /* --once waits */
	unsigned losses;
	int64_t failing_ms; /* since when; 0 */
	int64_t told_ms; /* the log was */
	char said[256];
};

static void
on_wake(evutil_socket_t fd, short what, void *arg)
{
	struct daemon *d = arg;
	struct resolving *s = d->resolving;
	struct msg m = {.type = MSG_RESOLVE_WAKE};
	struct timeval again = {AGAIN_MS / 1000, 0};

	(void)fd;
	(void)what;
	/* What is due counts, though it has not begun: else a model would be
	 * learned of nothing, or of the first pages.  --once: until it waits,
	 * runs are to begin or were not told of yet. */
	s->runs_open = runs_open(d) > 0 || schedule_is_behind(d) ||
		       (d->opt->once && !s->wanted);
	s->is_soon = false;
	if (s->runs_open)
		event_add(s->wake, &again);
	m.resolve_wake.serial = ++s->serial;
	m.resolve_wake.runs_open = s->runs_open;
	roles_send(d, ROLE_RESOLVE, &m, NULL, 0);
}

void
resolving_init(struct daemon *d)
{
	d->resolving = xcalloc(1, sizeof(*d->resolving));
	d->resolving->wake = event_new(d->base, -1, 0, on_wake, d);
	BUG_ON(d->resolving->wake == NULL);
}

void
resolving_free(struct daemon *d)
{
	event_free(d->resolving->wake);
	free(d->resolving);
	d->resolving = NULL;
}

void
resolving_wake(struct daemon *d)
{
	struct timeval tv = {0, WAKE_MS * 1000};

	if (!d->config->resolve || d->resolving->is_soon)
		return;
	d->resolving->is_soon = true;
	event_add(d->resolving->wake, &tv);
}

void
resolving_tell(struct daemon *d)
{
	const struct config *c = d->config;
	struct msg m = {.type = MSG_RESOLVE_SOURCE};

	for (size_t i = 0; i < c->source_count; i++) {
		const struct conf_source *s = &c->sources[i];

		if (!strcmp(s->curated, "auto"))
			continue;
		m.resolve_source.name = s->name;
		m.resolve_source.curated = !strcmp(s->curated, "yes");
		m.resolve_source.last = false;
		roles_send(d, ROLE_RESOLVE, &m, NULL, 0);
	}
	m.resolve_source.name = "";
	m.resolve_source.last = true;
	roles_send(d, ROLE_RESOLVE, &m, NULL, 0);
	event_active(d->resolving->wake, EV_TIMEOUT, 1);
}

void
resolving_lost(struct daemon *d)
{
	d->resolving->losses++;
	if (d->resolving->wanted)
		schedule_kick(d);
}

void
resolving_on_state(struct daemon *d, const struct msg_resolve_state *m)
{
	struct resolving *s = d->resolving;
	int64_t now = date_monotonic_ms();

	if (!m->failing)
		s->losses = 0;
	if (!m->failing)
		s->failing_ms = 0;
	else if (s->failing_ms == 0)
		s->failing_ms = now;
	if (m->drained)
		s->drained = m->serial;
	/* What it does is of interest where somebody waits for it. */
	if (s->wanted && !m->drained && strcmp(s->said, m->text) != 0 &&
	    now - s->told_ms >= TOLD_MS) {
		log_info(NULL, "sheaf-resolve %s", m->text);
		str_copy(s->said, sizeof(s->said), m->text);
		s->told_ms = now;
	}
	if (s->wanted)
		schedule_kick(d);
}

bool
resolving_is_done(struct daemon *d)
{
	struct resolving *s = d->resolving;
	int64_t now = date_monotonic_ms();

	if (!d->config->resolve)
		return true;
	if (!s->wanted) {
		s->wanted = true;
		s->losses = 0;
		s->failing_ms = 0;
		s->told_ms = now;
	}
	if (s->runs_open || s->serial == 0 || s->is_soon) {
		event_del(s->wake);
		on_wake(-1, 0, d);
	}
	if (s->drained == s->serial)
		return true;
	if (s->losses < LOSSES_MOST &&
	    (s->failing_ms == 0 || now - s->failing_ms < FAILING_MOST_MS))
		return false;
	log_error(NULL, "what was harvested could not be resolved; it waits in "
			"the database for the next start");
	d->exit_code = 1;
	return true;
}
