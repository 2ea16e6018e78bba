/* Synchronous access; see db/sync.h. */
#include "db/sync.h"

#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "db/pq.h"
#include "db/version.h"

struct db_sync {
	PGconn *pg;
	char sqlstate[6];
};

static void
ignore_notice(void *arg, const PGresult *res)
{
	(void)arg;
	(void)res;
}

struct db_sync *
db_connect_sync(
    const char *conninfo, const char *user, const char *password, struct err *e)
{
	struct db_sync *c;
	struct pq_keywords k;
	PGconn *pg;

	pq_keywords(&k, conninfo, user, password);
	pg = PQconnectdbParams(k.names, k.values, 1);
	if (pg == NULL || PQstatus(pg) != CONNECTION_OK) {
		pq_error_text(e, pg, NULL);
		PQfinish(pg);
		return NULL;
	}
	PQsetNoticeReceiver(pg, ignore_notice, NULL);
	c = xcalloc(1, sizeof(*c));
	c->pg = pg;
	return c;
}

void
db_close_sync(struct db_sync *c)
{
	if (c == NULL)
		return;
	PQfinish(c->pg);
	free(c);
}

static int
check(struct db_sync *c, PGresult *res, struct err *e)
{
	ExecStatusType status = PQresultStatus(res);
	const char *state;

	if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK ||
	    status == PGRES_EMPTY_QUERY) {
		c->sqlstate[0] = '\0';
		return 0;
	}
	state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	str_copy(
	    c->sqlstate, sizeof(c->sqlstate), state != NULL ? state : "08006");
	return pq_error_text(e, c->pg, res);
}

struct db_rows *
db_query_sync(struct db_sync *c, const char *sql, int nparams,
    const char *const *params, struct err *e)
{
	PGresult *res =
	    PQexecParams(c->pg, sql, nparams, NULL, params, NULL, NULL, 0);

	if (check(c, res, e) < 0) {
		PQclear(res);
		return NULL;
	}
	return (struct db_rows *)res;
}

int
db_exec_sync(struct db_sync *c, const char *sql, struct err *e)
{
	PGresult *res = PQexec(c->pg, sql);
	int rc = check(c, res, e);

	PQclear(res);
	return rc;
}

const char *
db_sqlstate_sync(const struct db_sync *c)
{
	return c->sqlstate;
}

static const PGresult *
rows(const struct db_rows *r)
{
	return (const PGresult *)r;
}

int
db_rows_count(const struct db_rows *r)
{
	return PQntuples(rows(r));
}

int
db_rows_columns(const struct db_rows *r)
{
	return PQnfields(rows(r));
}

const char *
db_rows_name(const struct db_rows *r, int column)
{
	return PQfname(rows(r), column);
}

const char *
db_rows_get(const struct db_rows *r, int row, int column)
{
	if (PQgetisnull(rows(r), row, column))
		return NULL;
	return PQgetvalue(rows(r), row, column);
}

void
db_rows_free(struct db_rows *r)
{
	PQclear((PGresult *)r);
}

int
db_schema_version_sync(struct db_sync *c, struct err *e)
{
	struct db_rows *r;
	int version;

	r = db_query_sync(
	    c, "select to_regclass('sheaf.schema_version')", 0, NULL, e);
	if (r == NULL)
		return -1;
	version = db_rows_get(r, 0, 0) != NULL;
	db_rows_free(r);
	if (!version)
		return 0;
	r = db_query_sync(c,
	    "select coalesce(max(version), 0) from sheaf.schema_version", 0,
	    NULL, e);
	if (r == NULL)
		return -1;
	version = atoi(db_rows_get(r, 0, 0));
	db_rows_free(r);
	return version;
}

int
db_check_schema(int version, struct err *e)
{
	if (version == DB_SCHEMA_VERSION)
		return 0;
	if (version == 0)
		return err_set(e, ERR_DB, 0,
		    "the database has no Sheaf schema yet: run `sheafctl "
		    "init`");
	if (version < DB_SCHEMA_VERSION)
		return err_set(e, ERR_DB, 0,
		    "the database's schema has version %d and this program "
		    "needs %d: run `sheafctl init`",
		    version, DB_SCHEMA_VERSION);
	return err_set(e, ERR_DB, 0,
	    "the database's schema has version %d and this program knows only "
	    "%d: a newer Sheaf was here, so this one must be upgraded",
	    version, DB_SCHEMA_VERSION);
}
