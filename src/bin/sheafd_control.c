/*
 * The verbs of the control socket:
 *
 *	ping
 *	harvest MODE WAIT SOURCE…      MODE incremental, full or compare, or
 *	                               renormalise; WAIT wait or go; without
 *	                               sources: all
 *	act ACT AUTHOR REASON SOURCE…  pause, resume, approve, reject, retire
 *	reload
 */
#include "bin/sheafd_control.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/limits.h"
#include "base/log.h"
#include "bin/sheafd_control_act.h"
#include "bin/sheafd_control_wait.h"
#include "bin/sheafd_reload.h"
#include "bin/sheafd_resolving.h"
#include "bin/sheafd_roles.h"
#include "bin/sheafd_runs.h"
#include "bin/sheafd_schedule.h"
#include "bin/sheafd_sources.h"
#include "control/server.h"

struct control {
	struct control_server *server;
	struct control_waits waits;
	struct control_acts acts;
};

/* Puts the daemon's own copy where the database has the source now. */
static void
source_acted(struct source *s, const struct msg_source_acted *m)
{
	int state = source_state_parse(m->state);

	if (state < 0 || s->sched.state == SOURCE_FROZEN)
		return;
	if (s->run != NULL) {
		s->run->pause = state == SOURCE_PAUSED;
		if (state != SOURCE_IDLE)
			run_stop(s->run, ERR_CANCEL, m->text);
		/* Resumed while it renormalises: it is harvested then. */
		s->rest = SOURCE_IDLE;
		s->harvest_due_us = date_now_us();
		return;
	}
	if (state == SOURCE_IDLE) {
		/* Resumed or approved: goes on at once. */
		s->asked = true;
		s->sched.failures = 0;
	}
	source_move(&s->sched, (enum source_state)state, "%s", m->text);
	schedule_place(s);
	schedule_kick(s->d);
}

void
control_source_acted(struct daemon *d, const struct msg_source_acted *m)
{
	struct source *s = sources_find(d, m->source);

	if (m->ok && s != NULL)
		source_acted(s, m);
	if (m->ok)
		resolving_wake(d);
	acts_done(&d->control->acts, m);
}

void
control_database_ready(struct daemon *d)
{
	acts_ready(&d->control->acts, d);
}

void
control_store_lost(struct daemon *d)
{
	if (d->control != NULL)
		acts_lost(&d->control->acts);
}

void
control_run_closed(
    struct daemon *d, const struct source *s, const struct msg_run_closed *m)
{
	waits_run_closed(&d->control->waits, s, m);
}

void
control_run_ended(struct daemon *d, const struct source *s, const char *why)
{
	if (d->control != NULL)
		waits_run_ended(&d->control->waits, s, why);
}

/* Why not at all, or NULL. */
static const char *
never(const struct source *s, int mode)
{
	if (s->conf == NULL || s->conf->protocol != PROTOCOL_FEED)
		return NULL;
	if (mode == RUN_COMPARE)
		return "a feed has no list of identifiers to compare with (one "
		       "that is fh:complete is compared at every poll); --full "
		       "reads it anew";
	return NULL;
}

/* Why a source cannot be harvested so now, or NULL. */
static const char *
not_now(const struct source *s, int mode)
{
	const char *why = never(s, mode);
	enum source_state state = s->sched.state;

	if (why != NULL)
		return why;
	/* Who may not be asked has records all the same. */
	if (mode == RUN_RENORMALISE &&
	    (state == SOURCE_PAUSED || state == SOURCE_FROZEN))
		return NULL;
	switch (state) {
	case SOURCE_HELD:
		return "its last run is held: sheafctl approve or reject it";
	case SOURCE_PAUSED:
		return "it is paused: sheafctl resume it first";
	case SOURCE_RETIRED:
		return "it is retired: reload the configuration that has "
		       "it again";
	case SOURCE_FROZEN:
		return s->sched.reason;
	default:
		return NULL;
	}
}

static const char *
ask_text(const struct source *s, int mode, bool again)
{
	if (!sources_ready(s->d))
		return "waits for the database";
	if (mode == RUN_RENORMALISE)
		return again ? "is renormalised after the run under way"
		       : s->run != NULL ? "is being renormalised already"
					: "renormalising asked for";
	return again		? "harvest asked for, after the one under way"
	       : s->run != NULL ? "is being harvested already"
				: "harvest asked for";
}

/* As data it is told only where nobody waits for the outcome. */
static bool
ask_for(struct control_call *call, struct source *s, int mode, bool waits)
{
	const char *why = not_now(s, mode), *text;
	bool again;

	if (why != NULL) {
		control_warn(call, "%s: %s", s->name, why);
		return false;
	}
	/* An increment that is under way is no full harvest. */
	again = s->run != NULL && s->run->mode != (enum run_mode)mode &&
		(mode != RUN_INCREMENTAL || s->run->mode == RUN_RENORMALISE);
	text = ask_text(s, mode, again);
	if (mode == RUN_RENORMALISE && (s->run == NULL || again)) {
		source_ask_renormalise(s);
		schedule_place(s);
	} else if (s->run == NULL || again) {
		s->ask_full |= mode == RUN_FULL;
		s->ask_compare |= mode == RUN_COMPARE;
		s->asked = true;
		schedule_place(s);
	}
	control_say(call, "%s: %s", s->name, text);
	if (!waits)
		control_row(
		    call, 4, (const char *[]){"source", s->name, "text", text});
	return true;
}

struct ask_all {
	struct control_call *call;
	struct waiter *waiter;
	int mode;
};

static void
ask_each(struct source *s, void *arg)
{
	struct ask_all *a = arg;

	if (not_now(s, a->mode) == NULL &&
	    ask_for(a->call, s, a->mode, a->waiter != NULL) &&
	    a->waiter != NULL)
		waiter_add(a->waiter, s);
}

static void
on_harvest(
    struct daemon *d, struct control_call *call, size_t count, char **words)
{
	int mode = count > 2 ? run_mode_parse(words[1]) : -1;
	int code = EX_OK;
	struct waiter *w = NULL;

	if (mode < 0) {
		control_warn(call, "harvest needs a mode, and wait or go");
		control_end(call, EX_USAGE);
		return;
	}
	if (strcmp(words[2], "wait") == 0)
		w = waits_add(&d->control->waits, d, call);
	for (size_t i = 3; i < count; i++) {
		struct source *s = sources_find(d, words[i]);
		if (s == NULL) {
			control_warn(call,
			    "%s: no source of that name is configured",
			    words[i]);
			code = EX_USAGE;
		} else if (!ask_for(call, s, mode, w != NULL)) {
			code = EX_UNAVAILABLE;
		} else if (w != NULL) {
			waiter_add(w, s);
		}
	}
	if (count == 3)
		sources_each(d, ask_each, &(struct ask_all){call, w, mode});
	schedule_kick(d);
	if (w != NULL)
		waiter_begin(&d->control->waits, w, code);
	else
		control_end(call, code);
}

static void
say_reloaded(struct control_call *call, const struct config *c)
{
	char agencies[24], sources[24];

	snprintf(agencies, sizeof(agencies), "%zu", c->agency_count);
	snprintf(sources, sizeof(sources), "%zu", c->source_count);
	control_say(
	    call, "reloaded: %s agencies, %s sources", agencies, sources);
	control_row(call, 4,
	    (const char *[]){"agencies", agencies, "sources", sources});
}

static void
on_reload(struct daemon *d, struct control_call *call)
{
	struct buf mistakes;
	int rc;

	buf_init(&mistakes, CONTROL_MISTAKES_BYTES);
	rc = reload(d, &mistakes);
	for (char *line = mistakes.data, *end; line != NULL && *line != '\0';
	     line = end) {
		end = strchr(line, '\n');
		if (end != NULL)
			*end++ = '\0';
		control_warn(call, "%s", line);
	}
	if (rc == 0)
		say_reloaded(call, d->config);
	else
		control_warn(call, "nothing was changed");
	control_end(call, rc == 0 ? EX_OK : EX_CONFIG);
	buf_release(&mistakes);
}

static void
on_call(void *arg, struct control_call *call, size_t count, char **words)
{
	struct daemon *d = arg;

	if (d->stopping) {
		control_warn(call, "the daemon is stopping");
		control_end(call, EX_TEMPFAIL);
	} else if (strcmp(words[0], "harvest") == 0) {
		on_harvest(d, call, count, words);
	} else if (strcmp(words[0], "act") == 0) {
		acts_call(&d->control->acts, d, call, count, words);
	} else if (strcmp(words[0], "reload") == 0) {
		on_reload(d, call);
	} else if (strcmp(words[0], "ping") == 0) {
		control_say(call, "sheafd, process %ld", (long)getpid());
		control_end(call, EX_OK);
	} else {
		control_warn(
		    call, "this daemon does not know \"%s\"", words[0]);
		control_end(call, EX_USAGE);
	}
}

static void
on_gone(void *arg, struct control_call *call)
{
	struct daemon *d = arg;

	waits_forget(&d->control->waits, call);
	acts_forget(&d->control->acts, call);
}

int
control_init(struct daemon *d, struct err *e)
{
	static const struct control_ops ops = {on_call, on_gone};
	char *path = xasprintf("%s/control", d->config->run_dir);

	d->control = xcalloc(1, sizeof(*d->control));
	d->control->server = control_server_new(d->base, path, &ops, d, e);
	free(path);
	return d->control->server != NULL ? 0 : -1;
}

void
control_free(struct daemon *d)
{
	struct control *c = d->control;

	if (c == NULL)
		return;
	acts_end(&c->acts);
	waits_end(&c->waits);
	control_server_free(c->server);
	free(c);
	d->control = NULL;
}
