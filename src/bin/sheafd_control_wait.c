/* Who waits for which harvest. */
#include "bin/sheafd_control_wait.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include <event2/event.h>
#include <utlist.h>

#include "base/alloc.h"
#include "bin/sheafd_runs.h"

/* The exit code when a harvest did not end well. */
enum { CODE_NOT_OK = 1 };

struct waiter {
	struct control_call *call;
	const struct source **sources; /* those that have not ended */
	size_t count, cap;
	int code;
	struct event *timer;
	struct waiter *prev, *next;
};

static void
on_tell(int fd, short what, void *arg)
{
	struct waiter *w = arg;

	(void)fd;
	(void)what;
	for (size_t i = 0; i < w->count; i++) {
		const struct run *r = w->sources[i]->run;
		if (r == NULL || r->driver == NULL)
			continue;
		control_say(w->call, "%s: %s; %" PRIu64 " records",
		    w->sources[i]->name, harvest_where(r->driver), r->records);
	}
}

struct waiter *
waits_add(struct control_waits *ws, struct daemon *d, struct control_call *call)
{
	struct waiter *w = xcalloc(1, sizeof(*w));

	w->call = call;
	w->timer = event_new(d->base, -1, EV_PERSIST, on_tell, w);
	BUG_ON(w->timer == NULL);
	DL_APPEND(ws->list, w);
	return w;
}

void
waiter_add(struct waiter *w, const struct source *s)
{
	for (size_t i = 0; i < w->count; i++) {
		if (w->sources[i] == s)
			return;
	}
	GROW(w->sources, w->cap, w->count + 1);
	w->sources[w->count++] = s;
}

static void
waiter_free(struct control_waits *ws, struct waiter *w)
{
	DL_DELETE(ws->list, w);
	event_free(w->timer);
	free(w->sources);
	free(w);
}

static void
waiter_end(struct control_waits *ws, struct waiter *w)
{
	control_end(w->call, w->code);
	waiter_free(ws, w);
}

void
waiter_begin(struct control_waits *ws, struct waiter *w, int code)
{
	const struct timeval every = {
	    WAIT_TELL_MS / 1000, (WAIT_TELL_MS % 1000) * 1000};

	w->code = code;
	event_add(w->timer, &every);
	if (w->count == 0)
		waiter_end(ws, w);
}

static size_t
waiter_find(const struct waiter *w, const struct source *s)
{
	size_t i = 0;

	while (i < w->count && w->sources[i] != s)
		i++;
	return i;
}

static void
tell_counts(struct control_call *call, const struct source *s,
    const struct msg_run_closed *m)
{
	const struct {
		const char *key;
		uint64_t value;
	} counts[] = {
	    {"run_id", m->run_id},
	    {"received", m->received},
	    {"added", m->added},
	    {"changed", m->changed},
	    {"touched", m->touched},
	    {"unchanged", m->unchanged},
	    {"deleted", m->deleted},
	    {"missing", m->missing},
	    {"rejected", m->rejected},
	    {"filtered", m->filtered},
	    {"pages", m->pages},
	    {"active", m->active},
	};
	enum { COUNTS = sizeof(counts) / sizeof(counts[0]) };
	const char *words[6 + 2 * COUNTS] = {
	    "source", s->name, "outcome", m->outcome, "text", m->text};
	char numbers[COUNTS][24], filtered[40];

	for (size_t i = 0; i < COUNTS; i++) {
		snprintf(numbers[i], sizeof(numbers[i]), "%" PRIu64,
		    counts[i].value);
		words[6 + 2 * i] = counts[i].key;
		words[7 + 2 * i] = numbers[i];
	}
	control_row(call, 6 + 2 * COUNTS, words);
	filtered[0] = '\0';
	if (m->filtered > 0)
		snprintf(filtered, sizeof(filtered), ", %" PRIu64 " filtered",
		    m->filtered);
	control_say(call,
	    "%s: %s%s%s: %" PRIu64 " received, %" PRIu64 " new, %" PRIu64
	    " changed, %" PRIu64 " deleted, %" PRIu64 " rejected%s",
	    s->name, m->outcome, m->text[0] != '\0' ? ": " : "", m->text,
	    m->received, m->added, m->changed + m->touched,
	    m->deleted + m->missing, m->rejected, filtered);
}

void
waits_run_closed(struct control_waits *ws, const struct source *s,
    const struct msg_run_closed *m)
{
	struct waiter *w;

	DL_FOREACH (ws->list, w) {
		if (waiter_find(w, s) < w->count)
			tell_counts(w->call, s, m);
	}
}

void
waits_run_ended(
    struct control_waits *ws, const struct source *s, const char *why)
{
	struct waiter *w, *next;

	DL_FOREACH_SAFE (ws->list, w, next) {
		size_t at = waiter_find(w, s);
		/* One that was asked for while a run ended has another. */
		if (at == w->count || s->asked || s->ask_renormalise)
			continue;
		if (strcmp(s->outcome, "ok") != 0) {
			w->code = CODE_NOT_OK;
			control_warn(w->call, "%s: %s", s->name, why);
		}
		w->sources[at] = w->sources[--w->count];
		if (w->count == 0)
			waiter_end(ws, w);
	}
}

void
waits_forget(struct control_waits *ws, struct control_call *call)
{
	struct waiter *w, *next;

	DL_FOREACH_SAFE (ws->list, w, next) {
		if (w->call == call)
			waiter_free(ws, w);
	}
}

void
waits_end(struct control_waits *ws)
{
	while (ws->list != NULL) {
		control_warn(ws->list->call,
		    "the daemon stops; the harvest goes on when it is back");
		ws->list->code = EX_TEMPFAIL;
		waiter_end(ws, ws->list);
	}
}
