/*
 * Keeping the roles alive.
 *
 * A role is lost when its channel ends; it is started again when its process
 * has ended too, after a while that grows with each loss and is forgotten
 * when it has lived for a minute.
 */
#include "bin/sheafd_roles.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/alloc.h"
#include "base/date.h"
#include "base/log.h"
#include "base/str.h"
#include "bin/sheafd_control.h"
#include "bin/sheafd_database.h"
#include "bin/sheafd_pages.h"
#include "bin/sheafd_resolving.h"
#include "bin/sheafd_runs.h"
#include "bin/sheafd_sources.h"
#include "bin/sheafd_stop.h"
#include "bin/sheafd_stored.h"
#include "bin/sheafd_transfers.h"
#include "proc/chan.h"
#include "proc/role.h"

enum {
	RESTART_FIRST_MS = 100,
	RESTART_MOST_MS = 5 * 1000,
	LIVED_WELL_MS = 60 * 1000,
	END_PATIENCE_MS = 5 * 1000, /* from the channel's end to SIGKILL */
};

struct slot {
	struct daemon *d;
	enum role role;
	pid_t pid; /* 0: no process */
	struct chan *chan; /* NULL: no channel */
	unsigned losses;
	int64_t started_ms;
	bool wanted;
	struct event *timer; /* start again, or end it at last */
};

struct roles {
	struct slot slots[ROLE_COUNT];
	bool store_ready, store_was_ready;
};

static void slot_start(struct slot *s);

static void
slot_timer(struct slot *s, int64_t ms)
{
	struct timeval tv = {ms / 1000, (ms % 1000) * 1000};

	event_add(s->timer, &tv);
}

/* Both process and channel have ended: starts it again after a while. */
static void
slot_ended(struct slot *s)
{
	int64_t wait;
	char when[32];

	event_del(s->timer);
	if (!s->wanted) {
		stop_kick(s->d);
		return;
	}
	if (date_monotonic_ms() - s->started_ms >= LIVED_WELL_MS)
		s->losses = 0;
	wait = (int64_t)RESTART_FIRST_MS << (s->losses < 9 ? s->losses : 9);
	if (wait > RESTART_MOST_MS)
		wait = RESTART_MOST_MS;
	s->losses++;
	str_duration(when, sizeof(when), wait);
	log_info(NULL, "%s is started again in %s", role_name(s->role), when);
	slot_timer(s, wait);
}

static void
on_slot_timer(int fd, short what, void *arg)
{
	struct slot *s = arg;

	(void)fd;
	(void)what;
	if (s->pid == 0) {
		if (s->wanted && s->chan == NULL)
			slot_start(s);
		return;
	}
	if (s->chan == NULL) {
		log_warn(
		    NULL, "%s does not end and is killed", role_name(s->role));
		kill(s->pid, SIGKILL);
	}
}

static void
role_lost(struct daemon *d, enum role role)
{
	switch (role) {
	case ROLE_FETCH:
		transfers_lost(d);
		break;
	case ROLE_PARSE:
		pages_lost(d);
		break;
	case ROLE_STORE:
		d->roles->store_ready = false;
		sources_forget(d);
		database_missed(d);
		runs_lost(d, "sheaf-store has ended");
		control_store_lost(d);
		break;
	case ROLE_RESOLVE:
		resolving_lost(d);
		break;
	default:
		break;
	}
}

static void
on_close(void *arg, const struct err *why)
{
	struct slot *s = arg;

	chan_free(s->chan);
	s->chan = NULL;
	if (s->wanted)
		log_warn(NULL, "%s is lost: %s", role_name(s->role), why->text);
	role_lost(s->d, s->role);
	if (s->pid == 0)
		slot_ended(s);
	else
		slot_timer(s, END_PATIENCE_MS);
}

static void
on_store_ready(struct daemon *d, const struct msg_store_ready *m)
{
	log_info(NULL, "the database is there (schema %" PRIu32 ")",
	    m->schema_version);
	d->roles->store_ready = d->roles->store_was_ready = true;
	database_found(d);
	sources_tell(d);
}

static void
on_store_down(struct daemon *d, const struct msg_store_down *m)
{
	char when[32];

	str_duration(when, sizeof(when), m->retry_ms);
	log_error(NULL, "the database is not to be had: %s; tries again in %s",
	    m->text, when);
	d->roles->store_ready = false;
	sources_forget(d);
	database_missed(d);
	runs_lost(d, "the database went away");
	control_store_lost(d);
	if (!d->roles->store_was_ready)
		database_refused(d, m->text, m->retry_ms == 0);
}

static void
on_msg(void *arg, const struct msg *m, int *fds, size_t nfds)
{
	struct slot *s = arg;
	struct daemon *d = s->d;

	switch (m->type) {
	case MSG_FETCH_DONE:
		transfers_on_done(d, &m->fetch_done, fds, nfds);
		break;
	case MSG_PARSE_EXIT:
		pages_on_exit(d, &m->parse_exit);
		break;
	case MSG_STORE_READY:
		on_store_ready(d, &m->store_ready);
		break;
	case MSG_STORE_DOWN:
		on_store_down(d, &m->store_down);
		break;
	case MSG_SOURCE_STATE:
		sources_on_state(d, &m->source_state);
		break;
	case MSG_SOURCES_READY:
		sources_on_ready(d, &m->sources_ready);
		break;
	case MSG_RUN_OPENED:
		runs_on_opened(d, &m->run_opened);
		break;
	case MSG_RUN_REFUSED:
		runs_on_refused(d, &m->run_refused);
		break;
	case MSG_LEASE_LOST:
		runs_on_lease_lost(d, &m->lease_lost);
		break;
	case MSG_PAGE_FACTS:
		pages_on_facts(d, &m->page_facts_msg);
		break;
	case MSG_PAGE_DONE:
		pages_on_done(d, &m->page_done);
		break;
	case MSG_PAGE_FAILED:
		pages_on_failed(d, &m->page_failed);
		break;
	case MSG_RUN_REKEYED:
		runs_on_rekeyed(d, &m->run_rekeyed);
		break;
	case MSG_RUN_KNOWN:
		runs_on_known(d, &m->run_known, fds, nfds);
		break;
	case MSG_STORED:
		stored_on_answer(d, &m->stored, fds, nfds);
		break;
	case MSG_WANTED:
		runs_on_wanted(d, &m->wanted);
		break;
	case MSG_RUN_CLOSED:
		runs_on_closed(d, &m->run_closed);
		break;
	case MSG_RESOLVE_STATE:
		resolving_on_state(d, &m->resolve_state);
		break;
	case MSG_SOURCE_ACTED:
		control_source_acted(d, &m->source_acted);
		break;
	default:
		/* The codec hands over nothing that a role may not send us. */
		BUG_ON(!"a message to sheafd without a place to go");
	}
}

static void
setup_fetch(struct slot *s)
{
	const struct config *c = s->d->config;
	struct msg m = {.type = MSG_FETCH_SETUP};
	char *spool = xasprintf("%s/spool", c->state_dir);

	m.fetch_setup.user_agent = c->user_agent;
	m.fetch_setup.max_transfers = c->max_transfers;
	m.fetch_setup.spool_dir = spool;
	chan_send(s->chan, &m, NULL, 0);
	free(spool);
}

static void
setup_parse(struct slot *s)
{
	struct msg m = {.type = MSG_PARSE_SETUP};

	m.parse_setup.max_children = s->d->config->parsers;
	chan_send(s->chan, &m, NULL, 0);
	roles_tell_rules(s->d);
}

/* -1 when there is none, or none to be had. */
static int
open_password(const struct config *c, const char *key, const char *path)
{
	int fd;

	if (c->embedded || path == NULL || path[0] == '\0')
		return -1;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		log_error(NULL, "%s %s: %m", key, path);
	return fd;
}

static void
setup_store(struct slot *s)
{
	const struct config *c = s->d->config;
	struct msg m = {.type = MSG_STORE_SETUP};
	struct msg_store_setup *q = &m.store_setup;
	int secret =
	    open_password(c, "store_password_file", c->store_password_file);

	q->connection = database_connection(s->d);
	q->user = c->store_user;
	q->node = s->d->node;
	q->has_password = secret >= 0;
	q->run_days = c->run_retention_days;
	q->page_days = c->page_retention_days;
	q->change_days = c->change_retention_days;
	q->history_days = c->history_retention_days;
	q->lease_ms = (uint32_t)c->lease_ms;
	chan_send(s->chan, &m, &secret, secret >= 0 ? 1 : 0);
	if (secret >= 0)
		close(secret);
}

static void
setup_resolve(struct slot *s)
{
	const struct config *c = s->d->config;
	struct msg m = {.type = MSG_RESOLVE_SETUP};
	struct msg_resolve_setup *q = &m.resolve_setup;
	int secret =
	    open_password(c, "resolve_password_file", c->resolve_password_file);

	q->connection = database_connection(s->d);
	q->user = c->resolve_user;
	q->has_password = secret >= 0;
	q->once = s->d->opt->once;
	chan_send(s->chan, &m, &secret, secret >= 0 ? 1 : 0);
	if (secret >= 0)
		close(secret);
	resolving_tell(s->d);
}

static void
slot_start(struct slot *s)
{
	static const struct chan_ops ops = {on_msg, on_close};
	char *path = xasprintf("%s/%s", proc_libexec(), role_name(s->role));
	struct err e = {0};
	int fd = -1;

	s->started_ms = date_monotonic_ms();
	s->pid = proc_spawn_role(path, s->role, &fd, &e);
	free(path);
	if (s->pid < 0) {
		s->pid = 0;
		log_error(NULL, "%s", e.text);
		slot_ended(s);
		return;
	}
	s->chan = chan_new(s->d->base, fd, ROLE_SHEAFD, s->role, &ops, s);
	if (s->role == ROLE_FETCH) {
		setup_fetch(s);
		transfers_pump(s->d);
	} else if (s->role == ROLE_PARSE) {
		setup_parse(s);
		pages_pump(s->d);
	} else if (s->role == ROLE_RESOLVE) {
		setup_resolve(s);
	} else {
		setup_store(s);
	}
}

void
roles_init(struct daemon *d)
{
	struct roles *t = xcalloc(1, sizeof(*t));

	d->roles = t;
	for (int role = 0; role < ROLE_COUNT; role++) {
		struct slot *s = &t->slots[role];
		s->d = d;
		s->role = (enum role)role;
		s->timer = event_new(d->base, -1, 0, on_slot_timer, s);
		BUG_ON(s->timer == NULL);
	}
}

void
roles_free(struct daemon *d)
{
	for (int role = 0; role < ROLE_COUNT; role++) {
		roles_close(d, (enum role)role);
		event_free(d->roles->slots[role].timer);
	}
	free(d->roles);
	d->roles = NULL;
}

static void
role_want(struct daemon *d, enum role role)
{
	struct slot *s = &d->roles->slots[role];

	if (s->wanted)
		return;
	s->wanted = true;
	slot_start(s);
}

void
roles_start_store(struct daemon *d)
{
	role_want(d, ROLE_STORE);
}

void
roles_start_others(struct daemon *d)
{
	if (d->stopping)
		return;
	role_want(d, ROLE_FETCH);
	role_want(d, ROLE_PARSE);
	if (d->config->resolve)
		role_want(d, ROLE_RESOLVE);
}

void
roles_let_end(struct daemon *d)
{
	for (int role = 0; role < ROLE_COUNT; role++)
		d->roles->slots[role].wanted = false;
}

void
roles_close(struct daemon *d, enum role role)
{
	struct slot *s = &d->roles->slots[role];

	s->wanted = false;
	if (s->chan != NULL)
		chan_free(s->chan);
	s->chan = NULL;
	if (s->pid != 0)
		slot_timer(s, END_PATIENCE_MS);
}

void
roles_kill(struct daemon *d, enum role role)
{
	struct slot *s = &d->roles->slots[role];

	if (s->pid == 0 || s->chan == NULL)
		return;
	log_error(
	    NULL, "%s has not answered in time and is killed", role_name(role));
	kill(s->pid, SIGKILL);
}

bool
roles_alive(const struct daemon *d, enum role role)
{
	return d->roles->slots[role].chan != NULL;
}

unsigned
roles_alive_count(const struct daemon *d)
{
	unsigned n = 0;

	for (int role = 0; role < ROLE_COUNT; role++)
		n += d->roles->slots[role].pid != 0;
	return n;
}

bool
roles_store_ready(const struct daemon *d)
{
	return d->roles->store_ready;
}

bool
roles_store_was_ready(const struct daemon *d)
{
	return d->roles->store_was_ready;
}

int
roles_send(struct daemon *d, enum role role, const struct msg *m,
    const int *fds, size_t nfds)
{
	struct slot *s = &d->roles->slots[role];

	return s->chan != NULL ? chan_send(s->chan, m, fds, nfds) : -1;
}

void
roles_tell_rules(struct daemon *d)
{
	struct msg m = {.type = MSG_PARSE_RULES};
	struct stat st;

	if (fstat(d->rules_fds[0], &st) == 0)
		m.parse_rules.bytes = (uint64_t)st.st_size;
	roles_send(d, ROLE_PARSE, &m, d->rules_fds, 2);
}

static void
slot_reaped(struct slot *s, int status)
{
	s->pid = 0;
	if (WIFSIGNALED(status) && s->wanted)
		log_warn(NULL, "%s was killed by signal %d (%s)",
		    role_name(s->role), WTERMSIG(status),
		    strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status) != 0 && s->wanted)
		log_warn(NULL, "%s ended with exit status %d",
		    role_name(s->role), WEXITSTATUS(status));
	/* Its channel's end comes by itself, after its last words. */
	if (s->chan == NULL)
		slot_ended(s);
}

void
roles_reap(struct daemon *d)
{
	for (int role = 0; role < ROLE_COUNT; role++) {
		struct slot *s = &d->roles->slots[role];
		int status;
		if (s->pid != 0 && waitpid(s->pid, &status, WNOHANG) == s->pid)
			slot_reaped(s, status);
	}
}
