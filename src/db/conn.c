/* One connection: its queue, libpq's pipeline mode, libevent's events. */
#include "db/conn.h"

#include <event2/event.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/str.h"
#include "db/pq.h"

enum { CONNECT_TIMEOUT_S = 15 };

enum item_kind { ITEM_QUERY, ITEM_PREPARE, ITEM_SEND, ITEM_SYNC };

struct item {
	struct item *next;
	enum item_kind kind;
	unsigned statement;
	const char *sql;
	struct db_params params;
	db_result_fn *on_result;
	db_done_fn *on_done;
	void *arg;
};

struct conn {
	struct event_base *base;
	const struct db_options *options;
	const struct conn_ops *ops;
	void *arg;
	PGconn *pg;
	struct event *event; /* of the socket */
	struct event *kick; /* sends what was queued, from the loop */
	struct event *timer; /* the connect timeout */
	short events; /* what `event` waits for */
	int fd;
	bool connected, failed, freed;
	unsigned depth; /* callbacks that are running */
	struct item *head, *tail, *unsent;
	bool head_answered; /* the head's result came, its NULL did not */
	bool in_error; /* since the last sync */
	struct db_error error;
};

static void on_socket(evutil_socket_t fd, short what, void *arg);
static void on_kick(evutil_socket_t fd, short what, void *arg);

static void
wait_for(struct conn *c, short events)
{
	int fd = PQsocket(c->pg);

	/* While it connects libpq may put another socket under the number. */
	if (c->connected && c->event != NULL && c->fd == fd &&
	    c->events == events)
		return;
	if (c->event != NULL)
		event_free(c->event);
	c->event =
	    event_new(c->base, fd, (short)(events | EV_PERSIST), on_socket, c);
	c->fd = fd;
	c->events = events;
	event_add(c->event, NULL);
}

/* Ends in ops->lost, once. */
static void
lose(struct conn *c, const PGresult *res)
{
	struct err e;

	if (c->failed)
		return;
	c->failed = true;
	if (c->event != NULL)
		event_del(c->event);
	pq_error_text(&e, c->pg, res);
	c->ops->lost(c->arg, c, &e);
}

static void
notice(void *arg, const PGresult *res)
{
	(void)arg;
	log_debug(NULL, "PostgreSQL: %s",
	    PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY));
}

/* --- connecting --- */
static void
poll_connect(struct conn *c)
{
	switch (PQconnectPoll(c->pg)) {
	case PGRES_POLLING_READING:
		wait_for(c, EV_READ);
		return;
	case PGRES_POLLING_WRITING:
		wait_for(c, EV_WRITE);
		return;
	case PGRES_POLLING_OK:
		break;
	default:
		lose(c, NULL);
		return;
	}
	event_del(c->timer);
	if (PQsetnonblocking(c->pg, 1) < 0 || !PQenterPipelineMode(c->pg)) {
		lose(c, NULL);
		return;
	}
	c->connected = true;
	wait_for(c, EV_READ);
	c->ops->connected(c->arg, c);
}

static void
on_timeout(evutil_socket_t fd, short what, void *arg)
{
	struct conn *c = arg;
	struct err e;

	(void)fd;
	(void)what;
	if (c->failed)
		return;
	c->failed = true;
	event_del(c->event);
	err_set(&e, ERR_DB, 0,
	    "PostgreSQL: no answer to the connection within %d s",
	    CONNECT_TIMEOUT_S);
	c->ops->lost(c->arg, c, &e);
}

struct conn *
conn_new(struct event_base *base, const struct db_options *o,
    const struct conn_ops *ops, void *arg, struct err *e)
{
	struct timeval timeout = {CONNECT_TIMEOUT_S, 0};
	struct pq_keywords k;
	struct conn *c;
	PGconn *pg;

	pq_keywords(&k, o->connection, o->user, o->password);
	pg = PQconnectStartParams(k.names, k.values, 1);
	if (pg == NULL || PQstatus(pg) == CONNECTION_BAD) {
		pq_error_text(e, pg, NULL);
		PQfinish(pg);
		return NULL;
	}
	PQsetNoticeReceiver(pg, notice, NULL);
	c = xcalloc(1, sizeof(*c));
	c->base = base;
	c->options = o;
	c->ops = ops;
	c->arg = arg;
	c->pg = pg;
	c->kick = event_new(base, -1, 0, on_kick, c);
	c->timer = event_new(base, -1, 0, on_timeout, c);
	event_add(c->timer, &timeout);
	wait_for(c, EV_WRITE);
	return c;
}

static void
release(struct conn *c)
{
	struct item *i, *next;

	for (i = c->head; i != NULL; i = next) {
		next = i->next;
		db_params_release(&i->params);
		free(i);
	}
	PQfinish(c->pg);
	free(c);
}

void
conn_free(struct conn *c)
{
	if (c == NULL)
		return;
	if (c->event != NULL)
		event_free(c->event);
	event_free(c->kick);
	event_free(c->timer);
	c->event = c->kick = c->timer = NULL;
	c->freed = c->failed = true;
	if (c->depth == 0)
		release(c);
}

/* --- the queue --- */
static struct item *
queue(struct conn *c, enum item_kind kind)
{
	struct item *i = xcalloc(1, sizeof(*i));

	i->kind = kind;
	if (c->tail != NULL)
		c->tail->next = i;
	else
		c->head = i;
	c->tail = i;
	if (c->unsent == NULL)
		c->unsent = i;
	if (!c->failed)
		event_active(c->kick, 0, 0);
	return i;
}

void
conn_prepare(struct conn *c, unsigned statement)
{
	queue(c, ITEM_PREPARE)->statement = statement;
}

void
conn_query(struct conn *c, const char *sql, db_result_fn *fn, void *arg)
{
	struct item *i = queue(c, ITEM_QUERY);

	i->sql = sql;
	i->on_result = fn;
	i->arg = arg;
}

void
conn_send(struct conn *c, unsigned statement, struct db_params *p,
    db_result_fn *fn, void *arg)
{
	struct item *i = queue(c, ITEM_SEND);

	i->statement = statement;
	i->on_result = fn;
	i->arg = arg;
	if (p != NULL) {
		i->params = *p;
		db_params_init(p);
	}
}

void
conn_sync(struct conn *c, db_done_fn *fn, void *arg)
{
	struct item *i = queue(c, ITEM_SYNC);

	i->on_done = fn;
	i->arg = arg;
}

bool
conn_idle(const struct conn *c)
{
	return c->head == NULL;
}

static int
put(struct conn *c, struct item *i)
{
	const char *values[DB_PARAMS_MAX];
	int formats[DB_PARAMS_MAX];
	struct db_params *p = &i->params;
	char name[16];

	snprintf(name, sizeof(name), "s%u", i->statement);
	switch (i->kind) {
	case ITEM_QUERY:
		return PQsendQueryParams(
		    c->pg, i->sql, 0, NULL, NULL, NULL, NULL, 1);
	case ITEM_PREPARE:
		return PQsendPrepare(
		    c->pg, name, c->options->statements[i->statement], 0, NULL);
	case ITEM_SYNC:
		return PQpipelineSync(c->pg);
	case ITEM_SEND:
		break;
	}
	for (int n = 0; n < p->count; n++) {
		values[n] = p->length[n] < 0 ? NULL : p->data + p->offset[n];
		formats[n] = 1;
	}
	return PQsendQueryPrepared(
	    c->pg, name, p->count, values, p->length, formats, 1);
}

static void
flush(struct conn *c)
{
	int left = 0;

	while (
	    !c->failed && (left = PQflush(c->pg)) == 0 && c->unsent != NULL) {
		struct item *i = c->unsent;

		if (!put(c, i)) {
			lose(c, NULL);
			return;
		}
		db_params_release(&i->params);
		c->unsent = i->next;
	}
	if (c->failed)
		return;
	if (left < 0)
		lose(c, NULL);
	else
		wait_for(c, left > 0 ? EV_READ | EV_WRITE : EV_READ);
}

/* --- answers --- */
static struct item *
pop(struct conn *c)
{
	struct item *i = c->head;

	c->head = i->next;
	if (c->head == NULL)
		c->tail = NULL;
	c->head_answered = false;
	return i;
}

static void
take_error(struct conn *c, const PGresult *res)
{
	enum db_class class =
	    db_class_of(PQresultErrorField(res, PG_DIAG_SQLSTATE));

	if (class == DB_RECONNECT) {
		lose(c, res);
		return;
	}
	if (c->in_error)
		return;
	c->in_error = true;
	c->error.class = class;
	str_copy(c->error.sqlstate, sizeof(c->error.sqlstate),
	    PQresultErrorField(res, PG_DIAG_SQLSTATE));
	pq_error_text(&c->error.err, c->pg, res);
}

static void
finish_sync(struct conn *c)
{
	struct item *i = pop(c);
	struct db_error error = c->error;
	bool failed = c->in_error;

	c->in_error = false;
	if (i->on_done != NULL)
		i->on_done(i->arg, failed ? &error : NULL);
	free(i);
}

/* One result of libpq.  False when there is none to be had now. */
static bool
take_result(struct conn *c)
{
	PGresult *res;

	if (c->head == NULL || c->head == c->unsent || PQisBusy(c->pg))
		return false;
	res = PQgetResult(c->pg);
	if (res == NULL) {
		if (!c->head_answered)
			return false;
		free(pop(c));
		return true;
	}
	switch (PQresultStatus(res)) {
	case PGRES_PIPELINE_SYNC:
		finish_sync(c);
		break;
	case PGRES_TUPLES_OK:
	case PGRES_COMMAND_OK:
		c->head_answered = true;
		if (c->head->on_result != NULL)
			c->head->on_result(
			    c->head->arg, (const struct db_result *)res);
		break;
	case PGRES_PIPELINE_ABORTED:
		c->head_answered = true;
		break;
	default:
		c->head_answered = true;
		take_error(c, res);
		break;
	}
	PQclear(res);
	return true;
}

static void
on_socket(evutil_socket_t fd, short what, void *arg)
{
	struct conn *c = arg;

	(void)fd;
	c->depth++;
	if (!c->connected) {
		poll_connect(c);
	} else {
		if ((what & EV_READ) && !PQconsumeInput(c->pg))
			lose(c, NULL);
		while (!c->failed && take_result(c))
			;
		if (!c->failed && PQstatus(c->pg) != CONNECTION_OK)
			lose(c, NULL);
		flush(c);
	}
	if (--c->depth == 0 && c->freed)
		release(c);
}

static void
on_kick(evutil_socket_t fd, short what, void *arg)
{
	struct conn *c = arg;

	(void)fd;
	(void)what;
	c->depth++;
	if (c->connected)
		flush(c);
	/* libpq may have read answers while it wrote. */
	while (!c->failed && c->connected && take_result(c))
		;
	if (--c->depth == 0 && c->freed)
		release(c);
}
