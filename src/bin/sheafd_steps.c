/*
 * What a run does while it goes: the driver is asked, its request becomes a
 * page, and when it has no more the run is closed.
 *
 * Not here: opening and losing runs (sheafd_runs.c), what becomes of a page
 * (sheafd_transfers.c, sheafd_pages.c).
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/log.h"
#include "base/str.h"
#include "bin/sheafd_control.h"
#include "bin/sheafd_pages.h"
#include "bin/sheafd_progress.h"
#include "bin/sheafd_roles.h"
#include "bin/sheafd_runs.h"
#include "bin/sheafd_schedule.h"
#include "bin/sheafd_stop.h"
#include "bin/sheafd_stored.h"
#include "bin/sheafd_transfers.h"
#include "sched/kv.h"

/* Says in the run's row and in the log why something is asked for again. */
static void
run_say_retry(struct run *r, int64_t wait_ms)
{
	struct msg m = {.type = MSG_RUN_NOTE};
	char when[32];

	if (r->last.class == ERR_NONE)
		return;
	str_duration(when, sizeof(when), wait_ms);
	log_warn(r->source->name, "%s: %s; %s%s", err_class_name(r->last.class),
	    r->last.text, wait_ms > 0 ? "asks again in " : "goes on",
	    wait_ms > 0 ? when : "");
	m.run_note.run_id = r->id;
	m.run_note.err_class = r->last.class;
	m.run_note.err_code = (uint32_t)r->last.code;
	m.run_note.text = r->last.text;
	m.run_note.requests = r->requests;
	m.run_note.retries = r->retries;
	m.run_note.wire_bytes = r->wire_bytes;
	r->requests = r->retries = 0;
	r->wire_bytes = 0;
	roles_send(r->d, ROLE_STORE, &m, NULL, 0);
	err_clear(&r->last);
}

/* --once does not wait as long as the server's Retry-After says. */
static void
run_give_up(struct run *r, int64_t wait_ms)
{
	char when[32];
	struct err why = r->last;

	str_duration(when, sizeof(when), wait_ms);
	if (why.class == ERR_NONE)
		err_set(&why, ERR_CANCEL, 0, "its host is to be left alone");
	err_prefix(&why,
	    "to be asked again in %s (Retry-After), which --once "
	    "does not wait for",
	    when);
	harvest_stop(r->driver, why.class, why.text);
}

static void
run_request(struct run *r, const struct harvest_request *req)
{
	int64_t wait = req->wait_ms;

	if (wait > ONCE_PATIENCE_MS && r->d->opt->once) {
		run_give_up(r, wait);
		return;
	}
	run_say_retry(r, wait);
	transfers_add(page_new(r, req), wait);
}

static void
run_want(struct run *r, const struct harvest_request *req)
{
	struct msg m = {.type = MSG_WANT_LIST};

	if (r->wants)
		return;
	m.want_list.run_id = r->id;
	m.want_list.count = req->want;
	m.want_list.after = req->want_after;
	if (roles_send(r->d, ROLE_STORE, &m, NULL, 0) == 0)
		r->wants = true;
}

void
runs_on_wanted(struct daemon *d, const struct msg_wanted *m)
{
	struct run *r = runs_find(d, m->run_id);

	if (r == NULL || r->phase != RUN_GOING || !r->wants)
		return;
	r->wants = false;
	harvest_wanted(r->driver, m->identifiers);
	run_step(r);
}

/* Of the parts that could end by its pages only the parser reads them. */
static void
run_stored(struct run *r, const struct harvest_request *req)
{
	char text[160];

	if (r->role_losses < ROLE_LOSSES) {
		run_say_retry(r, 0);
		stored_add(page_new(r, req), req);
		return;
	}
	snprintf(text, sizeof(text),
	    "sheaf-parse has ended %u times in a row with stored records of "
	    "this source in hand",
	    r->role_losses);
	harvest_stop(r->driver, ERR_SYSTEM, text);
}

static void
run_rekey(struct run *r, const char *basis)
{
	struct msg m = {.type = MSG_RUN_REKEY};

	m.run_rekey.run_id = r->id;
	m.run_rekey.basis = basis;
	roles_send(r->d, ROLE_STORE, &m, NULL, 0);
}

void
runs_on_rekeyed(struct daemon *d, const struct msg_run_rekeyed *m)
{
	struct run *r = runs_find(d, m->run_id);

	if (r == NULL || r->phase != RUN_GOING)
		return;
	if (m->rekeyed > 0)
		log_warn(r->source->name,
		    "its guids change at every poll: %" PRIu64
		    " items were known by their links, and are kept by them "
		    "from now on",
		    m->matched);
	harvest_rekeyed(r->driver, m->rekeyed > 0);
	run_step(r);
}

/* What was asked for and not yet said with a page, at the run's end. */
static void
run_say_rest(struct run *r)
{
	struct msg m = {.type = MSG_RUN_NOTE};

	if (r->requests == 0 && r->retries == 0 && r->wire_bytes == 0)
		return;
	m.run_note.run_id = r->id;
	m.run_note.text = "";
	m.run_note.requests = r->requests;
	m.run_note.retries = r->retries;
	m.run_note.wire_bytes = r->wire_bytes;
	roles_send(r->d, ROLE_STORE, &m, NULL, 0);
}

/* 410 Gone: the pause outlives this process, so the database is told. */
static void
run_pause(const struct source *s, const char *why)
{
	struct msg m = {.type = MSG_SOURCE_ACT};

	log_warn(s->name, "is paused: %s", why);
	m.source_act.source = s->name;
	m.source_act.act = "pause";
	m.source_act.author = "sheafd";
	m.source_act.reason = why;
	roles_send(s->d, ROLE_STORE, &m, NULL, 0);
}

/* A permanent redirect is proposed to the operator, never taken over; in the
 * log once a day, since feeds are asked more often. */
static void
say_moved(const struct run *r, const char *quirks)
{
	const int64_t day_us = INT64_C(24) * 3600 * 1000000;
	struct source *s = r->source;
	int64_t now = date_now_us();
	struct kv kv = {0};
	const char *url;

	kv_read(&kv, quirks);
	url = kv_get(&kv, "moved_url");
	if (url[0] == '\0')
		s->moved_said_us = 0;
	if (url[0] != '\0' && now - s->moved_said_us >= day_us) {
		s->moved_said_us = now;
		log_warn(r->source->name,
		    "has moved for good, so it said on %s day(s); set "
		    "url = %s",
		    kv_get(&kv, "moved_days"), url);
	}
	kv_release(&kv);
}

static void
run_close(struct run *r)
{
	struct source *s = r->source;
	const struct conf_source *conf = s->conf != NULL ? s->conf : r->conf;
	struct msg m = {.type = MSG_RUN_CLOSE};
	struct msg_run_close *c = &m.run_close;
	struct harvest_close end;

	harvest_close(r->driver, &end);
	run_say_rest(r);
	say_moved(r, end.quirks);
	/* Of when it is harvested a renormalising says nothing. */
	if (r->mode != RUN_RENORMALISE)
		schedule_after(s, conf, &end);
	r->pause = end.pause;
	r->end_class = end.err.class;
	if (end.pause)
		run_pause(s, end.err.text);
	c->run_id = r->id;
	c->completed = end.completed;
	c->complete_list = end.complete_list;
	c->err_class = end.err.class;
	c->err_code = (uint32_t)end.err.code;
	c->text = end.err.text;
	c->checkpoints = end.checkpoints;
	c->quirks = end.quirks;
	c->advertised = end.advertised;
	c->suspicion = end.suspicion;
	c->max_change = conf->max_change;
	c->max_delete = conf->max_delete;
	c->grace_ms = conf->grace_ms;
	c->next_due = s->sched.next_due_us;
	c->failures = s->sched.failures;
	c->facts = end.facts;
	pages_no_more(r);
	r->phase = RUN_CLOSING;
	source_move(&s->sched, SOURCE_CLOSING, "%s",
	    end.err.class == ERR_NONE ? "every list was read" : end.err.text);
	if (roles_send(r->d, ROLE_STORE, &m, NULL, 0) != 0)
		run_lost(r, "sheaf-store is not there");
}

/* The driver has ended: what it asked for besides is not wanted. */
static void
run_drop_uncommitted(struct run *r)
{
	struct page *next;

	for (struct page *p = r->pages; p != NULL; p = next) {
		next = p->next;
		if (p->stage != PAGE_COMMITTING)
			page_drop(p, ERR_CANCEL, "the run is over");
	}
}

void
run_step(struct run *r)
{
	struct harvest_request req;

	while (r->phase == RUN_GOING) {
		enum harvest_step step = harvest_next(r->driver, &req);
		if (r->d->stopping && step != HARVEST_STEP_CLOSE) {
			/* What is in hand goes on; nothing new is asked. */
			stop_kick(r->d);
			return;
		}
		switch (step) {
		case HARVEST_STEP_WAIT:
			return;
		case HARVEST_STEP_REQUEST:
			run_request(r, &req);
			break;
		case HARVEST_STEP_WANT:
			run_want(r, &req);
			return;
		case HARVEST_STEP_STORED:
			run_stored(r, &req);
			break;
		case HARVEST_STEP_REKEY:
			run_rekey(r, req.identity);
			return;
		case HARVEST_STEP_CLOSE:
			run_drop_uncommitted(r);
			/* A page that is being committed comes first. */
			if (r->pages == NULL)
				run_close(r);
			return;
		}
	}
}

/* --- its end --- */
/* Feeds are polled day and night: only what came is news. */
static bool
is_news(const struct run *r, const struct msg_run_closed *m)
{
	if (r->d->progress != NULL)
		return false;
	return !protocol_is_polled(r->conf->protocol) ||
	       m->added + m->changed + m->touched + m->deleted + m->missing +
		       m->rejected >
		   0;
}

static void
log_closed(const struct run *r, const struct msg_run_closed *m)
{
	const struct source *s = r->source;
	bool ok = strcmp(m->outcome, "ok") == 0;
	char took[32], filtered[40] = "";

	str_duration(took, sizeof(took), date_monotonic_ms() - r->began_ms);
	if (r->mode == RUN_RENORMALISE) {
		log_msg(ok ? LOG_LEVEL_INFO : LOG_LEVEL_WARN, s->name,
		    "renormalised, %s%s%s: of %" PRIu64 " records %" PRIu64
		    " have changed, %" PRIu64 " cannot be read again, in %s",
		    m->outcome, m->text[0] != '\0' ? ": " : "", m->text,
		    m->received, m->changed, m->rejected, took);
		return;
	}
	if (m->filtered > 0)
		snprintf(filtered, sizeof(filtered), " %" PRIu64 " filtered,",
		    m->filtered);
	log_msg(!ok		? LOG_LEVEL_WARN
		: is_news(r, m) ? LOG_LEVEL_INFO
				: LOG_LEVEL_DEBUG,
	    s->name,
	    "%s%s%s: %" PRIu64 " received, %" PRIu64 " new, %" PRIu64
	    " changed, %" PRIu64 " unchanged, %" PRIu64 " deleted, %" PRIu64
	    " rejected,%s in %" PRIu64 " pages and %s",
	    m->outcome, m->text[0] != '\0' ? ": " : "", m->text, m->received,
	    m->added, m->changed + m->touched, m->unchanged,
	    m->deleted + m->missing, m->rejected, filtered, m->pages, took);
	if (strcmp(m->outcome, "held") == 0)
		log_warn(s->name,
		    "waits for `sheafctl approve %s` or `sheafctl reject %s`",
		    s->name, s->name);
}

/* As sheaf.runs_finish does: one that fails is not tried again at once, so that
 * increments go on. */
static void
note_comparison(const struct run *r, const struct msg_run_closed *m)
{
	struct source *s = r->source;

	if (strcmp(m->outcome, "held") == 0 || r->mode == RUN_RENORMALISE ||
	    r->end_class == ERR_CANCEL ||
	    (r->end_class == ERR_NET && m->received == 0))
		return;
	if (r->mode != RUN_INCREMENTAL || s->compared_at_us == DATE_NONE)
		s->compared_at_us = date_now_us();
}

void
runs_on_closed(struct daemon *d, const struct msg_run_closed *m)
{
	struct run *r = runs_find(d, m->run_id);

	if (r == NULL)
		return;
	struct source *s = r->source;
	enum source_state to = SOURCE_IDLE;
	char why[ERR_TEXT_BYTES];

	log_closed(r, m);
	str_copy(s->outcome, sizeof(s->outcome), m->outcome);
	snprintf(why, sizeof(why), "%s%s%s", m->outcome,
	    m->text[0] != '\0' ? ": " : "", m->text);
	progress_closed(d, s, m);
	control_run_closed(d, s, m);
	if (strcmp(m->outcome, "held") == 0)
		to = SOURCE_HELD;
	else if (r->pause)
		to = SOURCE_PAUSED;
	else if (r->mode == RUN_RENORMALISE)
		to = s->rest;
	else if (strcmp(m->outcome, "failed") == 0)
		to = SOURCE_BACKING_OFF;
	note_comparison(r, m);
	s->open_run = false;
	run_end(r, to, why);
}
