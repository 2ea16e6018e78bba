/*
 * PostgreSQL for programs that may wait: sheafctl's reading verbs and init.
 * Everything is text; a NULL parameter is a null.
 */
#ifndef SHEAF_DB_SYNC_H
#define SHEAF_DB_SYNC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct db_sync;
struct db_rows;

/* conninfo: a libpq connection string.  user and password may be NULL: then
 * those of the string.  NULL with class ERR_DB and PostgreSQL's own words. */
struct db_sync *db_connect_sync(const char *conninfo, const char *user,
    const char *password, struct err *e);
void db_close_sync(struct db_sync *c);

/* One statement.  NULL and e when it fails. */
struct db_rows *db_query_sync(struct db_sync *c, const char *sql, int nparams,
    const char *const *params, struct err *e);
/* Any number of statements, in one transaction unless they say otherwise. */
int db_exec_sync(struct db_sync *c, const char *sql, struct err *e);
/* SQLSTATE of the last failure, "" when there was none. */
const char *db_sqlstate_sync(const struct db_sync *c);

int db_rows_count(const struct db_rows *r);
int db_rows_columns(const struct db_rows *r);
const char *db_rows_name(const struct db_rows *r, int column);
/* Text of a value, NULL for a null; lives as long as the rows. */
const char *db_rows_get(const struct db_rows *r, int row, int column);
void db_rows_free(struct db_rows *r);

/* Version of the schema that is there: 0 when there is none; -1 and e. */
int db_schema_version_sync(struct db_sync *c, struct err *e);
/* 0 when it is the one that this program works with; else -1 and what to do. */
int db_check_schema(int version, struct err *e);

#endif
