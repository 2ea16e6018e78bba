/*
 * Making and upgrading the schema: `sheafctl init`.
 *
 * Numbered migrations sql/NNNN-*.sql run once each, in order, each in a
 * transaction of its own that also notes its checksum; then the roles with
 * the limits of those that only read (sql/reader.sql), the registry's views
 * (sql/registry, re-applied every time) and the grants.  It may be run again at
 * any time and changes nothing when nothing is to do.
 */
#ifndef SHEAF_DB_INIT_H
#define SHEAF_DB_INIT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"

struct init_role {
	const char *name; /* NULL or "": the default name */
	const char *password; /* NULL: none is set */
};

struct init_options {
	/* The database that Sheaf shall live in.  With create_database, a
	 * string that leads to the server without a dbname: the database
	 * "sheaf" is made when it is missing (embedded = yes). */
	const char *connection;
	bool create_database;
	struct init_role store, resolve, reader, serve, operator;
	/* Of reader and serve: what a statement may take, and how long a
	 * transaction may stand open; 0: any time. */
	int64_t reader_timeout_ms, reader_idle_timeout_ms;
};

/* Tells of each step on `report` (NULL: silent).  0 or -1. */
int init_run(const struct init_options *o, FILE *report, struct err *e);

/* Prints what init_run would execute, for psql, for a database whose schema
 * has version `from` (0: none).  No connection is made. */
int
init_print(const struct init_options *o, int from, FILE *out, struct err *e);

/* Where the SQL is: $SHEAF_SQL_DIR, else SHEAF_DATADIR "/sql". */
const char *init_sql_dir(void);

#endif
