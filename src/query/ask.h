/* What the reading verbs share: a question to the database, shown as a table;
 * sources and records named on the command line. */
#ifndef SHEAF_QUERY_ASK_H
#define SHEAF_QUERY_ASK_H

#include "base/verb.h"
#include "db/sync.h"
#include "query/table.h"

/* How instants are written: for people to the minute, in JSON as RFC 3339. */
const char *ask_time_format(const struct verb_ctx *ctx);

/* Runs the statement.  NULL after a message on standard error. */
struct db_rows *ask_rows(const struct verb_ctx *ctx, const char *sql,
    int nparams, const char *const *params);
/* The same, printed: one table column for each result column.  An exit code;
 * `nothing` is said when there is no row. */
int ask_table(const struct verb_ctx *ctx, const char *sql, int nparams,
    const char *const *params, const struct table_column *columns, size_t count,
    const char *nothing);

/* 0 when the registry has these sources (operands), else EX_USAGE after a
 * message with the nearest name. */
int ask_sources_known(const struct verb_ctx *ctx);
/* The same of one. */
int ask_source_known(const struct verb_ctx *ctx, const char *name);
/* --limit, or `fallback`; NULL after a message. */
const char *ask_limit(const struct verb_ctx *ctx, const char *fallback);
/* The record that RECORD, or SOURCE IDENTIFIER, names, as text for a
 * parameter; NULL after a message.  Owned by the caller. */
char *ask_record(const struct verb_ctx *ctx);

#endif
