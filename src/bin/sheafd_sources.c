/*
 * The table of sources: made from the configuration, kept through reloads,
 * and completed with what the database remembers.
 *
 * Not here: when they run (sheafd_schedule.c).
 */
#include "bin/sheafd_sources.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/str.h"
#include "bin/sheafd_control.h"
#include "bin/sheafd_roles.h"
#include "bin/sheafd_runs.h"
#include "bin/sheafd_schedule.h"
#include "bin/sheafd_vocabulary.h"

struct sources {
	struct source *by_name, *by_id;
	size_t count;
	bool ready;
	bool chosen; /* --once chooses once, not after each reconnect */
};

static struct source *
source_new(struct daemon *d, const char *name)
{
	struct source *s = xcalloc(1, sizeof(*s));

	s->d = d;
	s->name = xstrdup(name);
	s->sched.name = s->name;
	s->compared_at_us = DATE_NONE;
	HASH_ADD_KEYPTR(
	    by_name, d->sources->by_name, s->name, strlen(s->name), s);
	d->sources->count++;
	return s;
}

static void
source_set_id(struct source *s, uint32_t id)
{
	struct sources *t = s->d->sources;

	if (s->id == id)
		return;
	if (s->id != 0)
		HASH_DELETE(by_id, t->by_id, s);
	s->id = id;
	if (id != 0)
		HASH_ADD(by_id, t->by_id, id, sizeof(s->id), s);
}

static void
source_free(struct source *s)
{
	BUG_ON(s->run != NULL);
	control_run_ended(s->d, s, "it has left the configuration");
	schedule_remove(s);
	source_set_id(s, 0);
	HASH_DELETE(by_name, s->d->sources->by_name, s);
	s->d->sources->count--;
	free(s->name);
	free(s);
}

/* Why the daemon leaves it alone, or NULL. */
static const char *
frozen_why(const struct conf_source *c)
{
	if (!c->enabled)
		return "enabled = no";
	if (c->protocol == PROTOCOL_NONE)
		return "protocol none: declared, not harvested";
	return NULL;
}

static void
source_configure(struct source *s, const struct conf_source *conf)
{
	const char *frozen = frozen_why(conf);
	struct err e;

	s->conf = conf;
	/* The configuration has refused bad hours already. */
	if (hours_parse(&s->hours, conf->hours, &e) != 0)
		log_warn(s->name, "%s", e.text);
	if (s->run != NULL)
		return; /* sources_settle decides at its end */
	if (frozen != NULL)
		source_move(&s->sched, SOURCE_FROZEN, "%s", frozen);
	else if (s->sched.state == SOURCE_FROZEN)
		source_move(&s->sched, SOURCE_IDLE, "configured again");
}

void
sources_settle(struct source *s, enum source_state to, const char *why)
{
	const char *frozen = s->conf != NULL ? frozen_why(s->conf) : NULL;

	s->selected = false;
	if (s->conf == NULL) {
		source_free(s);
		return;
	}
	if (frozen != NULL)
		source_move(&s->sched, SOURCE_FROZEN, "%s", frozen);
	else
		source_move(&s->sched, to, "%s", why);
	schedule_place(s);
}

void
sources_init(struct daemon *d)
{
	d->sources = xcalloc(1, sizeof(*d->sources));
	for (size_t i = 0; i < d->config->source_count; i++) {
		const struct conf_source *c = &d->config->sources[i];
		source_configure(source_new(d, c->name), c);
	}
}

void
sources_free(struct daemon *d)
{
	struct source *s, *next;

	HASH_ITER (by_name, d->sources->by_name, s, next)
		source_free(s);
	free(d->sources);
	d->sources = NULL;
}

struct source *
sources_find(struct daemon *d, const char *name)
{
	struct source *s;

	HASH_FIND(by_name, d->sources->by_name, name, strlen(name), s);
	return s;
}

struct source *
sources_by_id(struct daemon *d, uint32_t id)
{
	struct source *s;

	HASH_FIND(by_id, d->sources->by_id, &id, sizeof(id), s);
	return s;
}

size_t
sources_count(const struct daemon *d)
{
	return d->sources->count;
}

void
sources_each(
    struct daemon *d, void (*f)(struct source *s, void *arg), void *arg)
{
	struct source *s, *next;

	HASH_ITER (by_name, d->sources->by_name, s, next)
		f(s, arg);
}

static void
source_reload(struct source *s, const struct conf_source *old,
    const struct conf_source *conf)
{
	enum conf_change change =
	    old != NULL ? config_source_change(old, conf) : CONF_ADDED;
	struct run *run = s->run;

	source_configure(s, conf);
	if (change == CONF_SAME)
		return;
	log_info(s->name, change == CONF_ADDED ? "is new"
			  : change == CONF_RELIST
			      ? "has another url, format, sets "
				"or keep, and is read in full"
			      : "has changed");
	if (change == CONF_RELIST)
		s->ask_full = s->asked = true;
	if (run == NULL)
		return;
	/* One that is not going yet begins with the new one. */
	if (run->driver != NULL &&
	    (change == CONF_RELIST || frozen_why(conf) != NULL)) {
		run_stop(run, ERR_CANCEL, "its configuration has changed");
	} else {
		run->conf = conf;
		run->config = s->d->config;
		run_lost(run, "its configuration has changed");
	}
}

void
source_ask_renormalise(struct source *s)
{
	if (s->ask_renormalise)
		return;
	s->ask_renormalise = true;
	s->harvest_due_us = s->sched.next_due_us;
}

static void
source_leave(struct source *s)
{
	log_info(s->name,
	    "has left the configuration: its records are kept, frozen");
	s->conf = NULL;
	if (s->run != NULL)
		run_stop(s->run, ERR_CANCEL, "it has left the configuration");
	else
		source_free(s);
}

void
sources_reload(struct daemon *d, const struct config *old)
{
	struct source *s, *next;

	for (size_t i = 0; i < d->config->source_count; i++) {
		const struct conf_source *c = &d->config->sources[i];
		s = sources_find(d, c->name);
		if (s == NULL)
			s = source_new(d, c->name);
		source_reload(s, config_source(old, c->name), c);
	}
	HASH_ITER (by_name, d->sources->by_name, s, next) {
		if (config_source(d->config, s->name) == NULL)
			source_leave(s);
	}
}

static void
tell_source(struct daemon *d, const struct conf_source *c)
{
	struct msg m = {.type = MSG_SOURCE_SET};
	const struct conf_agency *agency = config_agency(d->config, c->agency);
	struct buf sets, trust;

	buf_init(&sets, LIMIT_MESSAGE_BYTES);
	buf_init(&trust, LIMIT_MESSAGE_BYTES);
	/* What the source says goes over what its agency says. */
	if (agency != NULL)
		buf_adds(&trust, agency->trust);
	if (trust.len > 0 && c->trust[0] != '\0')
		buf_adds(&trust, ", ");
	buf_adds(&trust, c->trust);
	for (const char **set = c->sets; set != NULL && *set != NULL; set++)
		buf_printf(&sets, "%s%s", sets.len > 0 ? "\n" : "", *set);
	m.source_set.name = c->name;
	m.source_set.was = c->was;
	m.source_set.agency = c->agency;
	m.source_set.protocol = protocol_name(c->protocol);
	m.source_set.url = c->url;
	m.source_set.host = c->host;
	m.source_set.format = c->format;
	m.source_set.sets = buf_str(&sets);
	m.source_set.kind = c->kind;
	m.source_set.licence = c->licence;
	m.source_set.keep = c->keep;
	m.source_set.credit = c->credit;
	m.source_set.homepage = c->homepage;
	m.source_set.covers = c->covers;
	m.source_set.enabled = c->enabled;
	m.source_set.interval_ms = c->interval_ms;
	m.source_set.expire_ms = c->expire_ms;
	m.source_set.trust = buf_str(&trust);
	m.source_set.contacts = c->contacts;
	roles_send(d, ROLE_STORE, &m, NULL, 0);
	buf_release(&trust);
	buf_release(&sets);
}

void
sources_tell(struct daemon *d)
{
	const struct config *c = d->config;

	d->sources->ready = false;
	vocabulary_tell(d);
	for (size_t i = 0; i < c->agency_count; i++) {
		struct msg m = {.type = MSG_AGENCY_SET};
		m.agency_set.code = c->agencies[i].code;
		m.agency_set.name = c->agencies[i].name;
		m.agency_set.homepage = c->agencies[i].homepage;
		m.agency_set.organisation_id = c->agencies[i].organisation_id;
		roles_send(d, ROLE_STORE, &m, NULL, 0);
	}
	for (size_t i = 0; i < c->source_count; i++)
		tell_source(d, &c->sources[i]);
	struct msg end = {.type = MSG_SOURCES_END};
	end.sources_end.count = (uint32_t)c->source_count;
	roles_send(d, ROLE_STORE, &end, NULL, 0);
}

bool
sources_ready(const struct daemon *d)
{
	return d->sources->ready;
}

void
sources_forget(struct daemon *d)
{
	d->sources->ready = false;
}

/* The state of a source without a run, as the database has it. */
static void
source_rest(struct source *s, const struct msg_source_state *m)
{
	int state = source_state_parse(m->state);

	if (s->sched.state == SOURCE_FROZEN)
		return;
	if (state == SOURCE_HELD || state == SOURCE_PAUSED ||
	    state == SOURCE_RETIRED)
		source_move(&s->sched, (enum source_state)state, "%s", m->text);
	else
		source_move(&s->sched,
		    m->failures > 0 ? SOURCE_BACKING_OFF : SOURCE_IDLE, "%s",
		    m->text);
}

void
sources_on_state(struct daemon *d, const struct msg_source_state *m)
{
	struct source *s = sources_find(d, m->name);
	int64_t now = date_now_us(), latest;
	bool renormalises;

	if (s == NULL)
		return;
	source_set_id(s, m->source_id);
	s->compared_at_us = m->compared_at;
	s->open_run = m->open_run;
	s->sched.failures = m->failures;
	/* A shorter interval holds at once. */
	latest = schedule_next_us(s, now);
	renormalises =
	    strcmp(m->open_mode, run_mode_name(RUN_RENORMALISE)) == 0;
	s->sched.next_due_us =
	    m->next_due == DATE_NONE || (m->open_run && !renormalises) ? 0
	    : m->next_due < latest ? m->next_due
				   : latest;
	if (renormalises && s->run == NULL)
		source_ask_renormalise(s);
	if (s->run == NULL)
		source_rest(s, m);
	else if (s->run->phase == RUN_LOST && s->run->close_was_sent &&
		 !m->open_run)
		run_was_closed(s->run, m->failures == 0);
}

static bool
once_wants(const struct daemon *d, const struct source *s, int64_t now)
{
	if (!d->opt->once || s->conf == NULL)
		return false;
	for (size_t i = 0; i < d->opt->name_count; i++) {
		if (strcmp(d->opt->names[i], s->name) == 0)
			return true;
	}
	return d->opt->name_count == 0 &&
	       (d->opt->all ||
		   hours_next(&s->hours, s->sched.next_due_us) <= now);
}

/* --once tells also of what it was to harvest and may not. */
static void
once_chose(struct source *s)
{
	enum source_state state = s->sched.state;

	if (!s->selected || (state != SOURCE_HELD && state != SOURCE_PAUSED))
		return;
	s->selected = false;
	if (state == SOURCE_PAUSED && s->d->opt->name_count == 0)
		return;
	log_warn(
	    s->name, "is %s: %s", source_state_name(state), s->sched.reason);
	str_copy(s->outcome, sizeof(s->outcome), source_state_name(state));
}

void
sources_on_ready(struct daemon *d, const struct msg_sources_ready *m)
{
	struct source *s, *next;
	int64_t now = date_now_us();

	log_info(NULL, "the database knows %" PRIu32 " sources", m->count);
	d->sources->ready = true;
	HASH_ITER (by_name, d->sources->by_name, s, next) {
		if (!d->sources->chosen) {
			s->selected = once_wants(d, s, now);
			once_chose(s);
		}
		schedule_place(s);
	}
	d->sources->chosen = true;
	roles_start_others(d);
	runs_reopen(d);
	control_database_ready(d);
	schedule_kick(d);
}
