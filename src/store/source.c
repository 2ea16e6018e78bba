/* Agencies and sources of the configuration, an operator's word about them,
 * and retention. */
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "store/priv.h"

/* What the configuration has named since it began. */
struct config_names {
	char **agencies, **sources;
	size_t agency_count, agency_cap, source_count, source_cap;
};

enum { SWEEP_BOUND = 200, SWEEP_FIRST_S = 300, SWEEP_EVERY_S = 3600 };

static struct config_names *
names(struct store *s)
{
	if (s->names == NULL)
		s->names = xcalloc(1, sizeof(*s->names));
	return s->names;
}

void
source_names_free(struct store *s)
{
	struct config_names *n = s->names;

	if (n == NULL)
		return;
	for (size_t i = 0; i < n->agency_count; i++)
		free(n->agencies[i]);
	for (size_t i = 0; i < n->source_count; i++)
		free(n->sources[i]);
	free(n->agencies);
	free(n->sources);
	free(n);
	s->names = NULL;
}

/* All of it is one transaction: the sync comes with SOURCES_END. */
void
source_on_agency(struct store *s, const struct msg_agency_set *m)
{
	struct config_names *n;
	struct db_params p;

	if (!db_is_up(s->db))
		return; /* everything is said again after STORE_READY */
	n = names(s);
	GROW(n->agencies, n->agency_cap, n->agency_count + 1);
	n->agencies[n->agency_count++] = xstrdup(m->code);
	db_params_init(&p);
	db_put_text(&p, m->code);
	db_put_text(&p, m->name);
	db_put_text(&p, m->homepage);
	db_put_text(&p, m->organisation_id);
	db_send(s->db, CONN_META, SQL_AGENCY_SET, &p, NULL, NULL);
}

/* Most of them have nothing to be told of. */
static void
on_source_set(void *arg, const struct db_result *r)
{
	(void)arg;
	if (db_text(r, 0, 1)[0] != '\0')
		log_info(db_text(r, 0, 0), "%s", db_text(r, 0, 1));
}

void
source_on_set(struct store *s, const struct msg_source_set *m)
{
	struct config_names *n;
	struct db_params p;

	if (!db_is_up(s->db))
		return;
	n = names(s);
	GROW(n->sources, n->source_cap, n->source_count + 1);
	n->sources[n->source_count++] = xstrdup(m->name);
	db_params_init(&p);
	db_put_text(&p, m->name);
	db_put_text(&p, m->was);
	db_put_text(&p, m->agency);
	db_put_text(&p, m->protocol);
	db_put_text(&p, m->url);
	db_put_text(&p, m->host);
	db_put_text(&p, m->format);
	db_put_text(&p, m->sets);
	db_put_text(&p, m->kind);
	db_put_text(&p, m->licence);
	db_put_text(&p, m->credit);
	db_put_text(&p, m->homepage);
	db_put_text(&p, m->covers);
	db_put_bool(&p, m->enabled);
	db_put_i64(&p, m->interval_ms);
	db_put_i64(&p, m->expire_ms);
	db_put_text(&p, m->keep);
	db_put_text(&p, m->trust);
	db_put_bool(&p, m->contacts);
	db_send(s->db, CONN_META, SQL_SOURCE_SET, &p, on_source_set, NULL);
}

static void
on_states(void *arg, const struct db_result *r)
{
	struct store *s = arg;
	struct msg end = {.type = MSG_SOURCES_READY};

	for (int i = 0; i < db_rows(r); i++) {
		struct msg m = {.type = MSG_SOURCE_STATE};
		struct msg_source_state *o = &m.source_state;

		o->name = db_text(r, i, 0);
		o->source_id = (uint32_t)db_i32(r, i, 1);
		o->state = db_text(r, i, 2);
		o->text = db_text(r, i, 3);
		o->next_due = db_time(r, i, 4);
		o->failures = (uint32_t)db_i32(r, i, 5);
		o->compared_at = db_time(r, i, 6);
		o->open_run = !db_is_null(r, i, 7);
		o->open_mode = db_text(r, i, 7);
		store_send(s, &m);
	}
	end.sources_ready.count = (uint32_t)db_rows(r);
	store_send(s, &end);
}

/* Without its sources sheafd can do nothing: the whole is tried again. */
static void
on_configured(void *arg, const struct db_error *e)
{
	struct store *s = arg;
	struct err why;

	if (e == NULL) {
		store_kick(s);
		return;
	}
	why = e->err;
	err_prefix(&why, "the configuration cannot be stored");
	db_lose(s->db, &why);
}

void
source_on_end(struct store *s, const struct msg_sources_end *m)
{
	struct config_names *n;
	struct db_params p;

	(void)m;
	if (!db_is_up(s->db))
		return;
	n = names(s);
	db_params_init(&p);
	db_array_begin(&p, DB_TEXT);
	for (size_t i = 0; i < n->source_count; i++)
		db_put_text(&p, n->sources[i]);
	db_array_end(&p);
	db_array_begin(&p, DB_TEXT);
	for (size_t i = 0; i < n->agency_count; i++)
		db_put_text(&p, n->agencies[i]);
	db_array_end(&p);
	db_send(s->db, CONN_META, SQL_SOURCES_FREEZE, &p, NULL, NULL);
	db_sync(s->db, CONN_META, on_configured, s);
	db_send(s->db, CONN_META, SQL_SOURCE_STATES, NULL, on_states, s);
	db_sync(s->db, CONN_META, on_configured, s);
	source_names_free(s);
}

/* --- an operator's word --- */
struct act_request {
	struct request base;
	uint64_t id;
	const char *source;
	bool ok;
	const char *state, *text;
};

static void
acted(struct store *s, uint64_t id, const char *source, bool ok,
    const char *state, const char *text)
{
	struct msg m = {.type = MSG_SOURCE_ACTED};

	m.source_acted.request = id;
	m.source_acted.source = source;
	m.source_acted.ok = ok;
	m.source_acted.state = state;
	m.source_acted.text = text;
	store_send(s, &m);
}

static void
on_act_result(void *arg, const struct db_result *r)
{
	struct act_request *q = arg;

	q->ok = db_bool(r, 0, 0);
	q->state = arena_strdup(&q->base.arena, db_text(r, 0, 1));
	q->text = arena_strdup(&q->base.arena, db_text(r, 0, 2));
}

/* Said only when it is durable. */
static void
on_act_done(void *arg, const struct db_error *e)
{
	struct act_request *q = arg;
	struct store *s = q->base.store;

	if (e != NULL)
		acted(s, q->id, q->source, false, "", e->err.text);
	else
		acted(s, q->id, q->source, q->ok, q->state, q->text);
	request_free(&q->base);
	/* Closes wait until their connection is idle. */
	store_kick(s);
}

void
source_on_act(struct store *s, const struct msg_source_act *m)
{
	struct act_request *q;
	struct db_params p;

	if (!db_is_up(s->db)) {
		acted(s, m->request, m->source, false, "",
		    "the database is not there");
		return;
	}
	q = request_new(s, sizeof(*q));
	q->id = m->request;
	q->source = arena_strdup(&q->base.arena, m->source);
	db_params_init(&p);
	db_put_text(&p, m->source);
	db_put_text(&p, m->act);
	db_put_text(&p, m->author);
	db_put_text(&p, m->reason);
	db_send(s->db, CONN_META, SQL_SOURCE_ACT, &p, on_act_result, q);
	db_sync(s->db, CONN_META, on_act_done, q);
}

/* --- retention --- */
static void
sweep_in(struct store *s, int seconds)
{
	struct timeval tv = {seconds, 0};

	event_add(s->sweep_timer, &tv);
}

static void
on_swept(void *arg, const struct db_result *r)
{
	struct store *s = arg;
	int64_t n = db_i64(r, 0, 0);

	/* As long as a step finds much there is more. */
	sweep_in(s, n >= SWEEP_BOUND ? 1 : SWEEP_EVERY_S);
	if (n > 0)
		log_debug(NULL, "retention: %lld rows", (long long)n);
}

static void
on_sweep_done(void *arg, const struct db_error *e)
{
	struct store *s = arg;

	s->sweeping = false;
	if (e != NULL) {
		log_warn(NULL, "retention failed: %s", e->err.text);
		sweep_in(s, SWEEP_EVERY_S);
	}
}

static void
on_sweep_timer(evutil_socket_t fd, short what, void *arg)
{
	struct store *s = arg;

	(void)fd;
	(void)what;
	if (!db_is_up(s->db) || s->big != NULL || s->draining)
		sweep_in(s, 60);
	else
		sweep_now(s);
}

/* On the connection of big pages, which is the one that can wait. */
void
sweep_now(struct store *s)
{
	struct db_params p;

	s->sweeping = s->swept = true;
	db_params_init(&p);
	db_put_i32(&p, (int32_t)s->run_days);
	db_put_i32(&p, (int32_t)s->page_days);
	db_put_i32(&p, (int32_t)s->change_days);
	db_put_i32(&p, (int32_t)s->history_days);
	db_put_i32(&p, SWEEP_BOUND);
	db_send(s->db, CONN_BIG, SQL_SWEEP, &p, on_swept, s);
	db_sync(s->db, CONN_BIG, on_sweep_done, s);
}

void
sweep_timer_set(struct store *s)
{
	s->sweep_timer = event_new(s->base, -1, 0, on_sweep_timer, s);
	sweep_in(s, SWEEP_FIRST_S);
}

void
sweep_again(struct store *s)
{
	s->sweeping = false;
	sweep_in(s, SWEEP_FIRST_S);
}
