/* The role: what is done next; see resolve/resolve.h. */
#include "resolve/resolve.h"

#include <event2/event.h>
#include <event2/util.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/date.h"
#include "base/log.h"
#include "base/str.h"
#include "db/pool.h"
#include "resolve/batch.h"
#include "resolve/resolve_priv.h"

enum {
	STATE_MS = 1000, /* between two RESOLVE_STATE while it works */
	LAZY_S = 20, /* how long records wait while runs are open */
	LEARN_AFTER_MS = 10 * 60 * 1000, /* runs that are always open */
};

static void on_step(evutil_socket_t fd, short what, void *arg);

struct resolve *
resolve_new(struct event_base *base, int watch)
{
	struct resolve *r = xcalloc(1, sizeof(*r));

	r->work.watch = watch;
	r->step = event_new(base, -1, 0, on_step, r);
	BUG_ON(r->step == NULL);
	return r;
}

static void
forget(struct resolve *r)
{
	learn_run_free(r->learn);
	bulk_free(r->bulk);
	keys_run_free(r->keys);
	upkeep_free(r->upkeep);
	r->upkeep = NULL;
	propose_free(r->propose);
	r->propose = NULL;
	r->learn = NULL;
	r->bulk = NULL;
	r->keys = NULL;
	r->works = r->worked = r->has_keys = r->is_checked = false;
	r->is_strict = false;
	work_close(&r->work);
}

void
resolve_free(struct resolve *r)
{
	forget(r);
	work_release(&r->work);
	event_free(r->step);
	db_password_forget(r->password);
	free(r->connection);
	free(r->user);
	free(r);
}

void
resolve_set_chan(struct resolve *r, struct chan *c)
{
	r->chan = c;
}

static void
step_in(struct resolve *r, uint32_t ms)
{
	struct timeval tv = {ms / 1000, (suseconds_t)(ms % 1000) * 1000};

	event_add(r->step, &tv);
}

/* --- telling --- */
static void
tell(struct resolve *r, bool drained, bool failing, uint64_t waiting,
    const char *text)
{
	struct msg m = {.type = MSG_RESOLVE_STATE};
	struct msg_resolve_state *s = &m.resolve_state;
	int64_t now = date_monotonic_ms();

	s->serial = r->serial;
	s->drained = drained;
	s->failing = failing;
	s->waiting = waiting;
	s->version = (uint32_t)r->work.version;
	if (drained == r->told.drained && failing == r->told.failing &&
	    s->serial == r->told.serial && now - r->told_ms < STATE_MS)
		return;
	str_copy(r->text, sizeof(r->text), text);
	s->text = r->text;
	r->told = *s;
	r->told_ms = now;
	chan_send(r->chan, &m, NULL, 0);
}

void
resolve_tell_busy(struct resolve *r, const char *text)
{
	tell(r, false, false, 0, text);
}

static void
took(struct resolve *r, char out[32])
{
	str_duration(out, 32, date_monotonic_ms() - r->began_ms);
	r->began_ms = 0;
}

/* --- learning --- */
static void
log_model(struct resolve *r)
{
	size_t n;
	const struct model_source *s = model_sources(r->work.model, &n);
	struct err ignored;
	char when[32];

	took(r, when);
	log_info(NULL,
	    "model %" PRId32 " was learned from %" PRIu64 " records in %s: %s",
	    r->work.version, model_records(r->work.model), when, r->note);
	for (size_t i = 0; i < n; i++) {
		const struct work_source *w =
		    work_source(&r->work, s[i].source_id, &ignored);

		if (w == NULL)
			continue;
		if (s[i].given)
			log_info(w->name, "is %s, says the configuration",
			    s[i].curated ? "curated" : "not curated");
		else if (s[i].seen == 0 || isnan(s[i].mean))
			log_info(w->name,
			    "is taken for not curated: no record elsewhere "
			    "tells");
		else
			log_info(w->name,
			    "is taken for %s: %.2f records for each elsewhere, "
			    "over %" PRIu32,
			    s[i].curated ? "curated" : "not curated", s[i].mean,
			    s[i].seen);
	}
}

static int
store_model(struct resolve *r, struct err *e)
{
	struct work *w = &r->work;
	struct model *m = learn_run_take(r->learn);
	struct work_state before = w->state;
	int32_t version = 0;
	int rc;

	learn_run_free(r->learn);
	r->learn = NULL;
	rc = work_begin(w, e);
	if (rc == 0) {
		rc = version_store(w, m, "applying", r->note, &version, e);
		w->state.phase = PHASE_PAIRS;
		w->state.version = version;
		w->state.position = 0;
		if (rc == 0)
			rc = work_save(w, e);
		if (rc == 0)
			rc = work_commit(w, e);
		else
			work_rollback(w);
	}
	if (rc < 0) {
		w->state = before;
		model_free(m);
		return -1;
	}
	model_free(w->model);
	w->model = m;
	w->version = version;
	w->unread = 0;
	log_model(r);
	return 0;
}

/* Whether what is there now is what it shall be learned from. */
static bool
may_learn(struct resolve *r)
{
	int64_t now = date_monotonic_ms();

	if (r->learn_since_ms == 0)
		r->learn_since_ms = now;
	return !r->runs_open || now - r->learn_since_ms >= LEARN_AFTER_MS;
}

/* Each step returns how long to wait for the next one; -1: it failed. */
static int
step_learn(struct resolve *r, struct err *e)
{
	struct batch_result did;
	uint64_t profiles;
	int rc;

	if (r->learn != NULL) {
		resolve_tell_busy(r, "learns from the records that are there");
		rc = learn_run_step(r->learn, e);
		if (rc > 0)
			rc = store_model(r, e);
		return rc;
	}
	if (batch_profiles(&r->work, &did, e) < 0)
		return -1;
	if (did.records > 0) {
		resolve_tell_busy(r, "prepares records");
		return 0;
	}
	if (work_profiles(&r->work, &profiles, e) < 0)
		return -1;
	if (profiles == 0) {
		rc = upkeep_step(r->upkeep, e);
		if (rc != 0)
			return rc < 0 ? -1 : 0;
		tell(r, true, false, 0, "there is no record");
		return RESOLVE_POLL_MS;
	}
	if (!may_learn(r)) {
		resolve_tell_busy(r, "waits for the end of the runs, to learn");
		return RESOLVE_POLL_MS;
	}
	r->learn_since_ms = 0;
	r->began_ms = date_monotonic_ms();
	if (r->note[0] == '\0')
		str_copy(r->note, sizeof(r->note), "there was none");
	r->learn = learn_run_new(&r->work, e);
	return r->learn != NULL ? 0 : -1;
}

/* --- applying --- */
static void
log_applied(struct resolve *r)
{
	const struct group_change *c = bulk_change(r->bulk);
	char when[32];

	took(r, when);
	log_info(NULL,
	    "model %" PRId32 " is applied: %" PRIu64 " records, %" PRIu64
	    " new entries, %" PRIu64 " joined, %" PRIu64 " split, in %s",
	    r->work.version, c->records, c->entries, c->joined, c->split, when);
}

static int
step_bulk(struct resolve *r, struct err *e)
{
	char text[96];
	int rc;

	if (r->bulk == NULL) {
		r->began_ms = date_monotonic_ms();
		r->bulk = bulk_new(&r->work);
	}
	snprintf(text, sizeof(text), "applies model %" PRId32 ": %s",
	    r->work.version,
	    r->work.state.phase == PHASE_PAIRS ? "compares all records"
					       : "forms all entries");
	resolve_tell_busy(r, text);
	rc = bulk_step(r->bulk, e);
	if (rc > 0) {
		log_applied(r);
		bulk_free(r->bulk);
		r->bulk = NULL;
		r->batched = 0;
		r->note[0] = '\0';
		return 0;
	}
	return rc;
}

/* --- what comes later --- */
static int
step_keys(struct resolve *r, struct err *e)
{
	int rc;

	if (r->keys == NULL) {
		bool whole;

		if (keys_check(&r->work, &whole, e) < 0)
			return -1;
		r->has_keys = whole;
		if (whole)
			return 0;
		log_info(NULL, "the table of keys is made again");
		r->keys = keys_run_new(&r->work, e);
		return r->keys != NULL ? 0 : -1;
	}
	resolve_tell_busy(r, "makes the table of keys again");
	rc = keys_run_step(r->keys, e);
	if (rc > 0) {
		keys_run_free(r->keys);
		r->keys = NULL;
		r->has_keys = true;
		return 0;
	}
	return rc;
}

void
resolve_log_batches(struct resolve *r)
{
	char when[32];

	if (r->began_ms == 0)
		return;
	took(r, when);
	log_info(NULL,
	    "resolved %" PRIu64 " records and their kin in %s: %" PRIu64
	    " new entries, %" PRIu64 " joined, %" PRIu64 " split",
	    r->change.records, when, r->change.entries, r->change.joined,
	    r->change.split);
	memset(&r->change, 0, sizeof(r->change));
}

/* Nothing waits: whether the model still fits is asked now and then. */
static int
step_idle(struct resolve *r, struct err *e)
{
	bool strict = r->once && !r->runs_open;
	int rc;

	resolve_log_batches(r);
	if (!r->is_checked || (strict && !r->is_strict) ||
	    (r->batched > 0 &&
		(strict || 50 * r->batched >= model_records(r->work.model)))) {
		rc = resolve_check(r, strict, e);

		if (rc != 0)
			return rc < 0 ? -1 : 0;
	}
	rc = upkeep_step(r->upkeep, e);
	if (rc != 0) {
		resolve_tell_busy(r, "brings entries up to date");
		return rc < 0 ? -1 : 0;
	}
	rc = resolve_step_asks(r, e);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	tell(r, true, false, 0, "");
	return RESOLVE_POLL_MS;
}

static int
step_batch(struct resolve *r, struct err *e)
{
	struct batch_result did;
	int64_t began = date_monotonic_ms();

	if (batch_resolve(&r->work, &did, e) < 0)
		return -1;
	if (did.records == 0)
		return step_idle(r, e);
	if (r->began_ms == 0)
		r->began_ms = began;
	r->batched += did.records;
	r->has_batched = true;
	r->change.records += did.change.records;
	r->change.entries += did.change.entries;
	r->change.joined += did.change.joined;
	r->change.split += did.change.split;
	resolve_tell_busy(r, "resolves");
	/* While there always is more to do, it goes on now and then. */
	if (date_monotonic_ms() - r->asked_ms >= RESOLVE_ASIDE_MS &&
	    resolve_step_asks(r, e) < 0)
		return -1;
	if (r->work.state.phase != PHASE_IDLE)
		return 0;
	/* A registry that grows many times over is not to be resolved by what
	 * was learned of its beginning: every key would be a rare one. */
	if (r->batched >= model_records(r->work.model))
		return resolve_check(r, false, e) < 0 ? -1 : 0;
	return 0;
}

/* While runs are open there is more to come, and the harvest goes first.  -1;
 * 0: it is time; else how long to wait. */
static int
is_early(struct resolve *r, struct err *e)
{
	static const char oldest[] =
	    "select extract(epoch from clock_timestamp() - u.at)::integer "
	    "from sheaf.unresolved u order by u.unresolved_id limit 1";
	struct db_result *d;
	int32_t age = 0;

	if (!r->runs_open || r->learn != NULL || r->bulk != NULL ||
	    r->began_ms != 0)
		return 0;
	if (!r->once) {
		d = db_work(r->work.db, oldest, NULL, e);
		if (d == NULL)
			return -1;
		age = db_rows(d) > 0 ? db_i32(d, 0, 0) : LAZY_S;
		db_result_free(d);
	}
	if (age >= LAZY_S)
		return 0;
	resolve_tell_busy(r, "waits for the runs");
	return RESOLVE_POLL_MS;
}

/* --- the step --- */
static int
connect_and_load(struct resolve *r, struct err *e)
{
	int rc = work_open(&r->work, e);
	uint64_t waiting;
	bool rests;

	if (rc < 0)
		return -1;
	if (rc == 0) {
		if (work_waiting(&r->work, &waiting, e) < 0 ||
		    work_rests(&r->work, &rests, e) < 0)
			return -1;
		tell(r, rests && waiting == 0, false, waiting,
		    "another sheaf-resolve works on this database");
		return RESOLVE_POLL_MS;
	}
	if (work_load(&r->work, e) < 0)
		return -1;
	r->upkeep = upkeep_new(&r->work);
	r->works = true;
	return 0;
}

static int
next_step(struct resolve *r, struct err *e)
{
	int rc;

	if (!r->works) {
		rc = connect_and_load(r, e);
		if (rc != 0)
			return rc;
	}
	db_work_forget(r->work.db);
	rc = is_early(r, e);
	if (rc != 0)
		return rc;
	/* Entries do not wait for what takes long. */
	if (upkeep_aside(r->upkeep, e) < 0)
		return -1;
	switch (r->work.state.phase) {
	case PHASE_LEARN:
		return step_learn(r, e);
	case PHASE_PAIRS:
	case PHASE_CLUSTERS:
		return step_bulk(r, e);
	case PHASE_IDLE:
		break;
	}
	return r->has_keys ? step_batch(r, e) : step_keys(r, e);
}

static void
failed(struct resolve *r, const struct err *e)
{
	uint32_t random, ms;
	char when[32];

	if (e->class == ERR_CANCEL)
		return; /* the loop hears of it */
	/* An operator wrote what was read meanwhile: the same step again. */
	if (r->work.db != NULL && db_work_class(r->work.db) == DB_RETRY &&
	    r->bulk == NULL && r->learn == NULL && r->keys == NULL &&
	    r->attempt++ == 0) {
		log_debug(NULL, "%s; tries again", e->text);
		step_in(r, 0);
		return;
	}
	evutil_secure_rng_get_bytes(&random, sizeof(random));
	ms = db_backoff_ms(r->attempt++, random);
	str_duration(when, sizeof(when), ms);
	log_error(
	    NULL, "%s; nothing is lost, tries again in %s", e->text, when);
	forget(r);
	tell(r, false, true, 0, e->text);
	step_in(r, ms);
}

static void
on_step(evutil_socket_t fd, short what, void *arg)
{
	struct resolve *r = arg;
	struct err e = {0};
	int wait;

	(void)fd;
	(void)what;
	if (!r->is_set_up)
		return;
	if (!r->is_told) { /* the sources are on their way */
		step_in(r, RESOLVE_POLL_MS);
		return;
	}
	wait = next_step(r, &e);
	if (wait < 0) {
		failed(r, &e);
		return;
	}
	/* To connect is no success yet. */
	if (r->works && r->worked)
		r->attempt = 0;
	r->worked = r->works;
	step_in(r, (uint32_t)wait);
}

/* --- messages --- */
static void
on_setup(
    struct resolve *r, const struct msg_resolve_setup *m, int *fds, size_t nfds)
{
	if (r->is_set_up)
		return;
	r->connection = xstrdup(m->connection);
	r->user = xstrdup(m->user);
	if (m->has_password && nfds > 0)
		r->password = db_password_read(fds[0]);
	r->work.connection = r->connection;
	r->work.user = r->user;
	r->work.password = r->password;
	r->once = m->once;
	r->runs_open = true; /* until it is told */
	r->is_set_up = true;
}

static void
on_source(struct resolve *r, const struct msg_resolve_source *m)
{
	struct work *w = &r->work;

	if (r->is_told) { /* told anew */
		propose_free(r->propose);
		r->propose = NULL;
		r->is_checked = false;
		for (size_t i = 0; i < w->given_count; i++)
			free(w->given[i].name);
		w->given_count = 0;
	}
	r->is_told = m->last;
	if (m->name[0] == '\0')
		return;
	GROW(w->given, w->given_cap, w->given_count + 1);
	w->given[w->given_count].name = xstrdup(m->name);
	w->given[w->given_count++].is_curated = m->curated;
}

void
resolve_on_msg(struct resolve *r, const struct msg *m, int *fds, size_t nfds)
{
	switch (m->type) {
	case MSG_RESOLVE_SETUP:
		on_setup(r, &m->resolve_setup, fds, nfds);
		break;
	case MSG_RESOLVE_SOURCE:
		on_source(r, &m->resolve_source);
		break;
	case MSG_RESOLVE_WAKE:
		r->serial = m->resolve_wake.serial;
		r->runs_open = m->resolve_wake.runs_open;
		break;
	default:
		BUG_ON(!"a message to sheaf-resolve without a place to go");
	}
	/* What failed keeps its wait. */
	if (r->attempt == 0)
		step_in(r, 0);
}
