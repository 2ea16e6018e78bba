/* Statements that are waited for with an eye on the channel; see db/work.h. */
#include "db/work.h"

#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/log.h"
#include "db/pq.h"
#include "db/sync.h"

struct db_work {
	PGconn *pg;
	int watch;
	enum db_class class;
	const char *prepared[DB_WORK_STATEMENTS];
	unsigned count;
};

static void
notice(void *arg, const PGresult *res)
{
	(void)arg;
	log_debug(NULL, "PostgreSQL: %s",
	    PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY));
}

static int
lost(struct db_work *w, struct err *e)
{
	w->class = DB_RECONNECT;
	return pq_error_text(e, w->pg, NULL);
}

/* What is there to be read on the channel waits; only its end counts. */
static bool
has_ended(const struct db_work *w)
{
	struct pollfd p = {w->watch, 0, 0};

	return w->watch >= 0 && poll(&p, 1, 0) > 0 &&
	       (p.revents & (POLLHUP | POLLERR | POLLNVAL));
}

static int
cancel(struct db_work *w, struct err *e)
{
	PGcancel *c = PQgetCancel(w->pg);
	char ignored[256];

	if (c != NULL)
		PQcancel(c, ignored, sizeof(ignored));
	PQfreeCancel(c);
	w->class = DB_RECONNECT;
	return err_set(e, ERR_CANCEL, 0, "the channel has ended");
}

/* Until the server's socket is ready for `events`. */
static int
wait_for(struct db_work *w, short events, struct err *e)
{
	struct pollfd p[2] = {{PQsocket(w->pg), events, 0}, {w->watch, 0, 0}};

	for (;;) {
		int n = poll(p, 2, -1);

		if (n < 0 && errno != EINTR)
			return err_sys(e, "poll");
		if (n > 0 && p[0].revents)
			return 0;
		if (n > 0 && p[1].revents)
			return cancel(w, e);
	}
}

static int
flush(struct db_work *w, struct err *e)
{
	for (;;) {
		int left = PQflush(w->pg);

		if (left == 0)
			return 0;
		if (left < 0)
			return lost(w, e);
		/* The server may have to be read from before it reads on. */
		if (wait_for(w, POLLIN | POLLOUT, e) < 0)
			return -1;
		if (!PQconsumeInput(w->pg))
			return lost(w, e);
	}
}

static PGresult *
next_result(struct db_work *w, struct err *e)
{
	while (PQisBusy(w->pg)) {
		if (wait_for(w, POLLIN, e) < 0)
			return NULL;
		if (!PQconsumeInput(w->pg)) {
			lost(w, e);
			return NULL;
		}
	}
	return PQgetResult(w->pg);
}

/* Of a statement's results the last; an error, if there was one. */
static PGresult *
last_result(struct db_work *w, struct err *e)
{
	PGresult *last = NULL, *res;
	struct err why = {0};

	while ((res = next_result(w, &why)) != NULL) {
		PQclear(last);
		last = res;
		if (PQresultStatus(res) == PGRES_COPY_IN)
			break;
	}
	if (why.class == ERR_NONE && last != NULL)
		return last;
	PQclear(last);
	if (why.class == ERR_NONE)
		lost(w, &why);
	*e = why;
	return NULL;
}

static struct db_result *
checked(struct db_work *w, PGresult *res, struct err *e)
{
	const char *state;

	if (res == NULL)
		return NULL;
	if (PQresultStatus(res) == PGRES_TUPLES_OK ||
	    PQresultStatus(res) == PGRES_COMMAND_OK ||
	    PQresultStatus(res) == PGRES_COPY_IN)
		return (struct db_result *)res;
	state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	w->class = db_class_of(state);
	pq_error_text(e, w->pg, res);
	PQclear(res);
	return NULL;
}

/* The number of a statement, which is prepared now if it was not. */
static int
prepare(struct db_work *w, const char *sql, unsigned *number, struct err *e)
{
	struct db_result *r;
	char name[16];
	unsigned i;

	for (i = 0; i < w->count && w->prepared[i] != sql; i++)
		;
	*number = i;
	if (i < w->count)
		return 0;
	BUG_ON(i == DB_WORK_STATEMENTS);
	snprintf(name, sizeof(name), "s%u", i);
	if (!PQsendPrepare(w->pg, name, sql, 0, NULL))
		return lost(w, e);
	if (flush(w, e) < 0)
		return -1;
	r = checked(w, last_result(w, e), e);
	if (r == NULL)
		return -1;
	PQclear((PGresult *)r);
	w->prepared[w->count++] = sql;
	return 0;
}

int
db_work_send(
    struct db_work *w, const char *sql, struct db_params *p, struct err *e)
{
	const char *values[DB_PARAMS_MAX];
	int formats[DB_PARAMS_MAX], n = p != NULL ? p->count : 0, rc;
	unsigned number = 0;
	char name[16];

	rc = has_ended(w) ? cancel(w, e) : prepare(w, sql, &number, e);
	if (rc == 0) {
		snprintf(name, sizeof(name), "s%u", number);
		for (int i = 0; i < n; i++) {
			values[i] =
			    p->length[i] < 0 ? NULL : p->data + p->offset[i];
			formats[i] = 1;
		}
		if (!PQsendQueryPrepared(w->pg, name, n, values,
			p != NULL ? p->length : NULL, formats, 1))
			rc = lost(w, e);
	}
	if (p != NULL)
		db_params_release(p);
	return rc < 0 ? -1 : flush(w, e);
}

struct db_result *
db_work_take(struct db_work *w, struct err *e)
{
	return checked(w, last_result(w, e), e);
}

bool
db_work_is_ready(struct db_work *w)
{
	/* Of a connection that is lost, whoever takes is told. */
	return !PQconsumeInput(w->pg) || !PQisBusy(w->pg);
}

/* The channel is that of the first: it is the role's, and the same for all. */
int
db_work_wait(struct db_work *const *w, size_t n, struct err *e)
{
	struct pollfd p[DB_WORK_WAIT + 1];

	BUG_ON(n == 0 || n > DB_WORK_WAIT);
	for (;;) {
		for (size_t i = 0; i < n; i++) {
			if (db_work_is_ready(w[i]))
				return 0;
			p[i] = (struct pollfd){PQsocket(w[i]->pg), POLLIN, 0};
		}
		p[n] = (struct pollfd){w[0]->watch, 0, 0};
		if (poll(p, (nfds_t)n + 1, -1) < 0 && errno != EINTR)
			return err_sys(e, "poll");
		if (p[n].revents) {
			for (size_t i = 1; i < n; i++)
				cancel(w[i], e);
			return cancel(w[0], e);
		}
	}
}

struct db_result *
db_work(struct db_work *w, const char *sql, struct db_params *p, struct err *e)
{
	return db_work_send(w, sql, p, e) < 0 ? NULL : db_work_take(w, e);
}

int
db_work_do(
    struct db_work *w, const char *sql, struct db_params *p, struct err *e)
{
	struct db_result *r = db_work(w, sql, p, e);

	if (r == NULL)
		return -1;
	db_result_free(r);
	return 0;
}

/* A bounded piece at a time, so that libpq holds no copy of everything. */
static int
put_rows(struct db_work *w, const struct db_params *p, struct err *e)
{
	enum { PIECE_BYTES = 256 * 1024 };

	for (size_t at = 0; at < p->len; at += PIECE_BYTES) {
		size_t n =
		    p->len - at < PIECE_BYTES ? p->len - at : PIECE_BYTES;
		int rc;

		while ((rc = PQputCopyData(w->pg, p->data + at, (int)n)) == 0) {
			if (flush(w, e) < 0)
				return -1;
		}
		if (rc < 0)
			return lost(w, e);
		if (flush(w, e) < 0)
			return -1;
	}
	return 0;
}

int
db_work_copy(
    struct db_work *w, const char *sql, struct db_params *p, struct err *e)
{
	struct db_result *r = NULL;
	int rc = -1;

	/* COPY cannot be prepared. */
	if (has_ended(w))
		cancel(w, e);
	else if (!PQsendQueryParams(w->pg, sql, 0, NULL, NULL, NULL, NULL, 1))
		lost(w, e);
	else if (flush(w, e) == 0)
		r = checked(w, last_result(w, e), e);
	if (r != NULL) {
		PQclear((PGresult *)r);
		db_copy_row(p, UINT16_MAX); /* the end */
		rc = put_rows(w, p, e);
	}
	db_params_release(p);
	if (rc < 0)
		return -1;
	while ((rc = PQputCopyEnd(w->pg, NULL)) == 0) {
		if (flush(w, e) < 0)
			return -1;
	}
	if (rc < 0)
		return lost(w, e);
	if (flush(w, e) < 0)
		return -1;
	r = checked(w, last_result(w, e), e);
	if (r == NULL)
		return -1;
	PQclear((PGresult *)r);
	return 0;
}

enum db_class
db_work_class(const struct db_work *w)
{
	return w->class;
}

void
db_work_forget(struct db_work *w)
{
	if (w->class != DB_RECONNECT)
		w->class = DB_PERMANENT;
}

/* --- opening --- */
static int
begin_session(struct db_work *w, struct err *e)
{
	static const char version[] =
	    "select coalesce(max(version), 0) from sheaf.schema_version";
	struct db_result *r;
	int there = 0;

	for (size_t i = 0; pq_session[i] != NULL; i++) {
		PGresult *res;

		if (!PQsendQuery(w->pg, pq_session[i]))
			return lost(w, e);
		if (flush(w, e) < 0 || (res = last_result(w, e)) == NULL)
			return -1;
		if ((r = checked(w, res, e)) == NULL)
			return -1;
		PQclear(res);
	}
	r = db_work(w, version, NULL, e);
	if (r != NULL)
		there = db_i32(r, 0, 0);
	else if (w->class != DB_PERMANENT)
		return -1;
	PQclear((PGresult *)r);
	w->class = DB_PERMANENT;
	return db_check_schema(there, e);
}

struct db_work *
db_work_open(const char *connection, const char *user, const char *password,
    int watch, struct err *e)
{
	struct db_work *w;
	struct pq_keywords k;
	PGconn *pg;

	pq_keywords(&k, connection, user, password);
	pg = PQconnectdbParams(k.names, k.values, 1);
	if (pg == NULL || PQstatus(pg) != CONNECTION_OK ||
	    PQsetnonblocking(pg, 1) < 0) {
		pq_error_text(e, pg, NULL);
		PQfinish(pg);
		return NULL;
	}
	PQsetNoticeReceiver(pg, notice, NULL);
	w = xcalloc(1, sizeof(*w));
	w->pg = pg;
	w->watch = watch;
	if (begin_session(w, e) < 0) {
		db_work_close(w);
		return NULL;
	}
	return w;
}

void
db_work_close(struct db_work *w)
{
	if (w == NULL)
		return;
	PQfinish(w->pg);
	free(w);
}
