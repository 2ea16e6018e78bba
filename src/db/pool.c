/* The connections together: opening, checking, losing; see db/pool.h. */
#include "db/pool.h"

#include <event2/event.h>
#include <event2/util.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "db/conn.h"
#include "db/pq.h"
#include "db/sync.h"

enum { REFUSED_MS = 10000, PASSWORD_BYTES = 4096 };

struct db {
	struct event_base *base;
	struct db_options options;
	const struct db_ops *ops;
	void *arg;
	struct conn *conns[DB_CONNS_MAX];
	unsigned ready; /* connections that are prepared */
	unsigned attempt; /* since it was up last */
	int version;
	bool up;
	struct event *timer;
};

static void
drop(struct db *d)
{
	for (unsigned i = 0; i < d->options.conns; i++) {
		conn_free(d->conns[i]);
		d->conns[i] = NULL;
	}
	d->ready = 0;
	d->up = false;
}

/* `said` is what is told of the wait. */
static void
go_down(struct db *d, const struct err *why, uint32_t ms, uint32_t said)
{
	struct timeval tv = {ms / 1000, (suseconds_t)(ms % 1000) * 1000};
	struct err copy = *why;

	drop(d);
	evtimer_add(d->timer, &tv);
	d->ops->down(d->arg, &copy, said);
}

void
db_lose(struct db *d, const struct err *why)
{
	uint32_t random, ms;

	evutil_secure_rng_get_bytes(&random, sizeof(random));
	ms = db_backoff_ms(d->attempt++, random);
	go_down(d, why, ms, ms);
}

static void
on_lost(void *arg, struct conn *c, const struct err *why)
{
	(void)c;
	db_lose(arg, why);
}

static void
on_prepared(void *arg, const struct db_error *e)
{
	struct db *d = arg;

	if (e != NULL) {
		db_lose(d, &e->err);
		return;
	}
	if (++d->ready < d->options.conns)
		return;
	d->up = true;
	d->attempt = 0;
	d->ops->up(d->arg, d->version);
}

static void
on_version(void *arg, const struct db_result *r)
{
	struct db *d = arg;

	d->version = db_i32(r, 0, 0);
}

static void
prepare(struct db *d, struct conn *c)
{
	for (size_t i = 0; i < d->options.statement_count; i++)
		conn_prepare(c, (unsigned)i);
	conn_sync(c, on_prepared, d);
}

/* A database without the schema answers undefined_table. */
static void
on_checked(void *arg, const struct db_error *e)
{
	struct db *d = arg;
	struct err why;

	if (db_check_schema(e != NULL ? 0 : d->version, &why) < 0) {
		if (e != NULL)
			err_prefix(&why, "%s", e->err.text);
		/* Somebody has to act; when that was done it is seen. */
		go_down(d, &why, REFUSED_MS, 0);
		return;
	}
	for (unsigned i = 0; i < d->options.conns; i++)
		prepare(d, d->conns[i]);
}

static void
on_connected(void *arg, struct conn *c)
{
	struct db *d = arg;
	unsigned self = 0, up = 0;

	for (unsigned i = 0; i < d->options.conns; i++) {
		if (d->conns[i] == c)
			self = i;
	}
	for (size_t i = 0; pq_session[i] != NULL; i++)
		conn_query(c, pq_session[i], NULL, NULL);
	if (d->options.async_mask & 1u << self)
		conn_query(c, "set synchronous_commit = off", NULL, NULL);
	conn_sync(c, NULL, NULL);
	/* The last to connect asks which schema there is, for all. */
	up = ++d->ready;
	if (up < d->options.conns)
		return;
	d->ready = 0;
	d->version = 0;
	conn_query(c,
	    "select coalesce(max(version), 0) from sheaf.schema_version",
	    on_version, d);
	conn_sync(c, on_checked, d);
}

static const struct conn_ops conn_ops = {on_connected, on_lost};

static void
connect_all(evutil_socket_t fd, short what, void *arg)
{
	struct db *d = arg;
	struct err e;

	(void)fd;
	(void)what;
	for (unsigned i = 0; i < d->options.conns; i++) {
		d->conns[i] = conn_new(d->base, &d->options, &conn_ops, d, &e);
		if (d->conns[i] == NULL) {
			db_lose(d, &e);
			return;
		}
	}
}

struct db *
db_new(struct event_base *base, const struct db_options *o,
    const struct db_ops *ops, void *arg)
{
	struct db *d = xcalloc(1, sizeof(*d));
	struct timeval now = {0, 0};

	BUG_ON(o->conns == 0 || o->conns > DB_CONNS_MAX);
	d->base = base;
	d->options = *o;
	d->options.connection = xstrdup(o->connection);
	d->options.user = xstrdup(o->user != NULL ? o->user : "");
	if (o->password != NULL)
		d->options.password = xstrdup(o->password);
	d->ops = ops;
	d->arg = arg;
	d->timer = evtimer_new(base, connect_all, d);
	evtimer_add(d->timer, &now);
	return d;
}

void
db_free(struct db *d)
{
	if (d == NULL)
		return;
	drop(d);
	event_free(d->timer);
	free((char *)d->options.connection);
	free((char *)d->options.user);
	free((char *)d->options.password);
	free(d);
}

bool
db_is_up(const struct db *d)
{
	return d->up;
}

void
db_send(struct db *d, unsigned conn, unsigned statement, struct db_params *p,
    db_result_fn *fn, void *arg)
{
	BUG_ON(!d->up);
	conn_send(d->conns[conn], statement, p, fn, arg);
}

void
db_sync(struct db *d, unsigned conn, db_done_fn *fn, void *arg)
{
	BUG_ON(!d->up);
	conn_sync(d->conns[conn], fn, arg);
}

bool
db_idle(const struct db *d, unsigned conn)
{
	return d->up && conn_idle(d->conns[conn]);
}

char *
db_password_read(int fd)
{
	char *text = xcalloc(1, PASSWORD_BYTES);
	ssize_t n = pread(fd, text, PASSWORD_BYTES - 1, 0);

	if (n < 0) /* a pipe */
		n = read(fd, text, PASSWORD_BYTES - 1);
	text[n > 0 ? n : 0] = '\0';
	text[strcspn(text, "\r\n")] = '\0';
	return text;
}

void
db_password_forget(char *password)
{
	if (password == NULL)
		return;
	explicit_bzero(password, PASSWORD_BYTES);
	free(password);
}
