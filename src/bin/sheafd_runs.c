/*
 * Runs: opened, lost and opened again, closed.
 *
 * Not here: what a run does in between (sheafd_steps.c).
 */
#include "bin/sheafd_runs.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/alloc.h"
#include "base/date.h"
#include "base/log.h"
#include "base/str.h"
#include "bin/made_by.h"
#include "bin/sheafd_control.h"
#include "bin/sheafd_pages.h"
#include "bin/sheafd_progress.h"
#include "bin/sheafd_reload.h"
#include "bin/sheafd_resolving.h"
#include "bin/sheafd_roles.h"
#include "bin/sheafd_schedule.h"
#include "bin/sheafd_sources.h"
#include "bin/sheafd_stop.h"

enum { REOPEN_FIRST_MS = 100, REOPEN_MOST_MS = 30 * 1000 };
/* Losses by a role's end that make a suspect; the time between two of them is
 * longer than the role takes to come back. */
enum { SUSPECT = 2, APART_MS = 6 * 1000 };

struct runs {
	struct run *list;
	struct run *by_id;
	unsigned count;
};

void
runs_init(struct daemon *d)
{
	d->runs = xcalloc(1, sizeof(*d->runs));
}

unsigned
runs_open(const struct daemon *d)
{
	return d->runs->count;
}

struct run *
runs_first(const struct daemon *d)
{
	return d->runs->list;
}

struct run *
runs_find(struct daemon *d, uint64_t run_id)
{
	struct run *r;

	HASH_FIND(by_id, d->runs->by_id, &run_id, sizeof(run_id), r);
	return r;
}

bool
runs_use(const struct daemon *d, const struct config *c)
{
	for (const struct run *r = d->runs->list; r != NULL; r = r->next) {
		if (r->config == c)
			return true;
	}
	return false;
}

/* What is in hand of it goes; the driver, too. */
static void
run_empty(struct run *r, const char *why)
{
	while (r->pages != NULL)
		page_drop(r->pages, ERR_CANCEL, why);
	pages_no_more(r);
	if (r->driver != NULL)
		harvest_free(r->driver);
	r->driver = NULL;
	r->wants = false;
	if (r->known_fd >= 0)
		close(r->known_fd);
	r->known_fd = -1;
	if (r->id != 0)
		HASH_DELETE(by_id, r->d->runs->by_id, r);
	r->id = 0;
}

static void
run_free(struct run *r)
{
	struct daemon *d = r->d;

	run_empty(r, "its run has ended");
	if (r->timer != NULL)
		event_free(r->timer);
	if (r->prev != NULL)
		r->prev->next = r->next;
	else
		d->runs->list = r->next;
	if (r->next != NULL)
		r->next->prev = r->prev;
	d->runs->count--;
	r->source->run = NULL;
	free(r);
}

void
runs_free(struct daemon *d)
{
	while (d->runs->list != NULL)
		run_free(d->runs->list);
	free(d->runs);
	d->runs = NULL;
}

void
run_end(struct run *r, enum source_state to, const char *why)
{
	struct daemon *d = r->d;
	struct source *s = r->source;

	if (r->mode == RUN_RENORMALISE)
		s->sched.next_due_us = s->harvest_due_us;
	run_free(r);
	/* What was asked for meanwhile waits for the operator's word. */
	if (to == SOURCE_HELD || to == SOURCE_PAUSED || to == SOURCE_RETIRED)
		s->asked = false;
	progress_changed(d, s);
	control_run_ended(d, s, why);
	sources_settle(s, to, why);
	reload_run_ended(d);
	resolving_wake(d);
	schedule_kick(d);
	stop_kick(d);
}

static void
run_send_open(struct run *r)
{
	struct msg m = {.type = MSG_RUN_OPEN};

	r->phase = RUN_OPENING;
	source_move(&r->source->sched, SOURCE_OPENING, "%s", r->reason);
	m.run_open.source_id = r->source->id;
	m.run_open.mode = run_mode_name(r->mode);
	m.run_open.reason = r->reason;
	m.run_open.max_change = r->conf->max_change;
	m.run_open.max_delete = r->conf->max_delete;
	if (roles_send(r->d, ROLE_STORE, &m, NULL, 0) != 0)
		run_lost(r, "sheaf-store is not there");
}

void
run_open(struct source *s, enum run_mode mode, const char *reason)
{
	struct daemon *d = s->d;
	struct run *r = xcalloc(1, sizeof(*r));

	BUG_ON(s->run != NULL || s->id == 0 || s->conf == NULL);
	r->d = d;
	r->source = s;
	r->known_fd = -1;
	r->conf = s->conf;
	r->config = d->config;
	r->mode = mode;
	r->reason = reason;
	r->began_ms = date_monotonic_ms();
	r->next = d->runs->list;
	if (r->next != NULL)
		r->next->prev = r;
	d->runs->list = r;
	d->runs->count++;
	s->run = r;
	run_send_open(r);
}

static bool
run_may_open(const struct run *r)
{
	return sources_ready(r->d) && r->source->id != 0 && !r->d->stopping;
}

static void
on_reopen(int fd, short what, void *arg)
{
	struct run *r = arg;

	(void)fd;
	(void)what;
	/* Otherwise runs_reopen comes when the sources are known again. */
	if (r->phase == RUN_LOST && run_may_open(r))
		run_send_open(r);
}

static void
run_reopen_in(struct run *r, int64_t ms)
{
	struct timeval tv = {ms / 1000, (ms % 1000) * 1000};

	if (r->timer == NULL)
		r->timer = event_new(r->d->base, -1, 0, on_reopen, r);
	BUG_ON(r->timer == NULL);
	event_add(r->timer, &tv);
}

void
run_lost(struct run *r, const char *why)
{
	unsigned shift = r->losses < 9 ? r->losses : 9;
	int64_t wait = (int64_t)REOPEN_FIRST_MS << shift;

	if (wait > REOPEN_MOST_MS)
		wait = REOPEN_MOST_MS;
	wait += r->apart_ms;
	r->apart_ms = 0;
	if (r->phase == RUN_CLOSING)
		r->close_was_sent = true;
	if (r->phase != RUN_LOST) {
		r->losses++;
		log_debug(r->source->name,
		    "%s; the run goes on from its last stored page", why);
	}
	run_empty(r, why);
	r->was_lost = true;
	r->phase = RUN_LOST;
	source_move(&r->source->sched, SOURCE_DUE, "%s", why);
	/* A stopping daemon leaves it open for the next one. */
	if (r->d->stopping)
		run_end(r, SOURCE_IDLE, why);
	else
		run_reopen_in(r, wait);
}

void
runs_lost(struct daemon *d, const char *why)
{
	struct run *next;

	for (struct run *r = d->runs->list; r != NULL; r = next) {
		next = r->next;
		run_lost(r, why);
	}
}

static bool
run_has(const struct run *r, bool (*has)(const struct page *p))
{
	for (const struct page *p = r->pages; p != NULL; p = p->next) {
		if (has(p))
			return true;
	}
	return false;
}

void
runs_role_lost(
    struct daemon *d, bool (*has)(const struct page *p), const char *why)
{
	unsigned suspects = 0, place = 0;
	struct run *next;

	for (struct run *r = d->runs->list; r != NULL; r = r->next)
		suspects += r->role_losses >= SUSPECT && run_has(r, has);
	for (struct run *r = d->runs->list; r != NULL; r = next) {
		next = r->next;
		if (!run_has(r, has))
			continue;
		if (r->role_losses < SUSPECT || suspects == 1)
			r->role_losses++;
		if (r->role_losses >= SUSPECT)
			r->apart_ms = APART_MS * place++;
		run_lost(r, why);
	}
}

void
runs_reopen(struct daemon *d)
{
	for (struct run *r = d->runs->list; r != NULL; r = r->next) {
		if (r->phase == RUN_LOST && !evtimer_pending(r->timer, NULL))
			run_reopen_in(r, 0);
	}
}

void
run_was_closed(struct run *r, bool well)
{
	struct source *s = r->source;

	str_copy(s->outcome, sizeof(s->outcome), well ? "ok" : "failed");
	log_info(s->name, "its run was closed while sheaf-store was lost");
	run_end(r, SOURCE_IDLE, "its run was closed");
}

void
run_stop(struct run *r, enum err_class class, const char *text)
{
	struct page *next;

	if (r->phase != RUN_GOING)
		return;
	harvest_stop(r->driver, class, text);
	for (struct page *p = r->pages; p != NULL; p = next) {
		next = p->next;
		if (p->stage < PAGE_FETCHED)
			page_drop(p, class, text);
	}
	run_step(r);
}

void
run_drop_from(
    struct run *r, uint64_t page_no, enum err_class class, const char *why)
{
	struct page *next;

	for (struct page *p = r->pages; p != NULL; p = next) {
		next = p->next;
		if (p->page_no >= page_no)
			page_drop(p, class, why);
	}
}

void
run_drop_page(struct run *r, struct page *p)
{
	struct page **at = &r->pages;

	while (*at != p) {
		BUG_ON(*at == NULL);
		at = &(*at)->next;
	}
	*at = p->next;
	p->next = NULL;
}

/* An open run goes on as what it is; what was asked for comes after it. */
static void
take_mode(struct run *r, enum run_mode mode)
{
	struct source *s = r->source;

	if (r->mode == mode)
		return;
	if (r->mode == RUN_RENORMALISE) {
		source_ask_renormalise(s);
	} else if (mode == RUN_RENORMALISE || r->mode != RUN_INCREMENTAL) {
		s->ask_full |= r->mode == RUN_FULL;
		s->ask_compare |= r->mode == RUN_COMPARE;
		s->asked = true;
		s->harvest_due_us = date_now_us();
		s->rest = SOURCE_IDLE;
	}
	r->mode = mode;
}

static void
say_opened(const struct run *r, const struct msg_run_opened *m)
{
	bool feed = protocol_is_polled(r->conf->protocol);
	bool first = r->mode == RUN_INCREMENTAL &&
		     (feed ? m->active == 0 : *m->checkpoints == '\0');

	if (r->mode == RUN_RENORMALISE)
		log_info(r->source->name, "renormalising %s (%s)",
		    m->resumed ? "goes on" : "begins", r->reason);
	else if (m->resumed)
		log_info(r->source->name,
		    "%s harvest goes on after page %" PRIu64,
		    run_mode_name(r->mode), m->page_no);
	else /* a poll is no news before it brings some */
		log_msg(r->d->progress != NULL || feed ? LOG_LEVEL_DEBUG
						       : LOG_LEVEL_INFO,
		    r->source->name, "%s harvest begins (%s)",
		    first ? "first" : run_mode_name(r->mode), r->reason);
}

/* Renormalising was asked for and a harvest found open, of a source that may
 * not be asked: it ends as it would have, had it been under way. */
static bool
may_not_go_on(struct run *r, enum run_mode asked)
{
	if (asked != RUN_RENORMALISE || r->mode == RUN_RENORMALISE)
		return false;
	r->pause = r->source->rest == SOURCE_PAUSED;
	return r->pause || !r->conf->enabled ||
	       !protocol_is_harvested(r->conf->protocol);
}

void
runs_on_opened(struct daemon *d, const struct msg_run_opened *m)
{
	struct source *s = sources_by_id(d, m->source_id);
	struct run *r = s != NULL ? s->run : NULL;
	int mode = run_mode_parse(m->mode);
	enum run_mode asked;

	if (r == NULL || r->phase != RUN_OPENING)
		return;
	asked = r->mode;
	r->id = m->run_id;
	r->epoch = m->epoch;
	r->phase = RUN_GOING;
	source_move(&s->sched, SOURCE_RUNNING, "run %" PRIu64, m->run_id);
	r->close_was_sent = false;
	if (mode >= 0)
		take_mode(r, (enum run_mode)mode);
	HASH_ADD(by_id, d->runs->by_id, id, sizeof(r->id), r);
	uint8_t rules[HASH128_BYTES];
	char rules_text[2 * HASH128_BYTES + 1];
	made_by(rules, d->rules, r->conf);
	made_by_text(rules_text, rules);
	struct backoff_policy backoff =
	    d->opt->once ? backoff_once : backoff_default;
	backoff.tries = r->conf->tries;
	if (!d->opt->once || r->conf->retry_delay_ms < backoff.first_ms)
		backoff.first_ms = r->conf->retry_delay_ms;
	struct harvest_open open = {
	    .mode = r->mode,
	    .state = m->state,
	    .checkpoints = m->checkpoints,
	    .quirks = m->quirks,
	    .page_no = m->page_no,
	    .active = m->active,
	    .received = m->received,
	    .wanted = m->wanted,
	    .now_us = date_now_us(),
	    .random =
		hash64(&m->run_id, sizeof(m->run_id)) ^ (uint64_t)date_now_us(),
	    .backoff = &backoff,
	    .rules = rules_text,
	};
	r->driver = harvest_new(r->conf, &open);
	r->records = m->received;
	say_opened(r, m);
	progress_changed(d, s);
	if (may_not_go_on(r, asked))
		run_stop(r, ERR_CANCEL,
		    "the source may not be asked any more, and its records "
		    "are to be read again");
	else
		run_step(r);
}

/* A guess of it that was wrong ends in a loss, and after one there is none. */
void
runs_on_known(
    struct daemon *d, const struct msg_run_known *m, int *fds, size_t nfds)
{
	struct run *r = runs_find(d, m->run_id);

	if (r == NULL || r->was_lost || r->known_fd >= 0 || nfds < 1)
		return;
	r->known_fd = fds[0];
	fds[0] = -1;
}

/* Leased elsewhere: asked again later. */
static void
run_put_off(struct run *r, const struct msg_run_refused *m)
{
	struct source *s = r->source;
	int64_t wait = m->retry_ms > 0 ? m->retry_ms : 60 * 1000;
	int64_t now = date_monotonic_ms();
	char when[32];

	if (r->refused_ms == 0)
		r->refused_ms = now;
	str_duration(when, sizeof(when), wait);
	if (r->d->opt->once && now + wait - r->refused_ms <= ONCE_PATIENCE_MS) {
		log_info(s->name, "%s; waits %s for it", m->text, when);
		r->phase = RUN_LOST;
		source_move(&s->sched, SOURCE_DUE, "%s", m->text);
		run_reopen_in(r, wait);
		return;
	}
	if (r->mode == RUN_RENORMALISE) {
		log_warn(s->name, "is not renormalised: %s", m->text);
		str_copy(s->outcome, sizeof(s->outcome), "refused");
		run_end(r, s->rest, m->text);
		return;
	}
	log_info(s->name, "%s; tries again in %s", m->text, when);
	s->sched.next_due_us = date_now_us() + wait * 1000;
	str_copy(s->outcome, sizeof(s->outcome), "refused");
	run_end(r, SOURCE_IDLE, m->text);
}

void
runs_on_refused(struct daemon *d, const struct msg_run_refused *m)
{
	struct source *s = sources_by_id(d, m->source_id);
	struct run *r = s != NULL ? s->run : NULL;

	if (r == NULL || r->phase != RUN_OPENING)
		return;
	if (strcmp(m->why, "held") == 0 || strcmp(m->why, "paused") == 0 ||
	    strcmp(m->why, "retired") == 0) {
		enum source_state to = m->why[0] == 'h'	  ? SOURCE_HELD
				       : m->why[0] == 'p' ? SOURCE_PAUSED
							  : SOURCE_RETIRED;
		log_info(s->name, "is %s: %s", m->why, m->text);
		str_copy(s->outcome, sizeof(s->outcome), m->why);
		run_end(r, to, m->text);
		return;
	}
	if (strcmp(m->why, "database") == 0)
		run_lost(r, m->text);
	else
		run_put_off(r, m);
}

void
runs_on_lease_lost(struct daemon *d, const struct msg_lease_lost *m)
{
	struct run *r = runs_find(d, m->run_id);

	if (r == NULL)
		return;
	log_warn(r->source->name,
	    "another daemon has taken the lease of %s; the run is its now",
	    r->conf->host);
	r->source->sched.next_due_us =
	    schedule_next_us(r->source, date_now_us());
	str_copy(r->source->outcome, sizeof(r->source->outcome), "refused");
	run_end(r, SOURCE_IDLE, "another daemon has the lease");
}
