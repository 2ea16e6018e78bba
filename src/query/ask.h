/* What the reading verbs share: a question to the database, shown as a table;
 * sources and records named on the command line. */
#ifndef SHEAF_QUERY_ASK_H
#define SHEAF_QUERY_ASK_H

#include "base/verb.h"
#include "db/sync.h"
#include "query/table.h"

/* In the options of a verb whose answer is a table. */
#define ASK_CSV                                                                \
	{                                                                      \
		"csv", NULL,                                                   \
		    "as CSV (RFC 4180); what a spreadsheet would take for a "  \
		    "formula "                                                 \
		    "gets an apostrophe"                                       \
	}

/* How instants are written: for people to the minute, in JSON as RFC 3339. */
const char *ask_time_format(const struct verb_ctx *ctx);

/* Runs the statement.  NULL after a message on standard error. */
struct db_rows *ask_rows(const struct verb_ctx *ctx, const char *sql,
    int nparams, const char *const *params);
/* The same, printed: one table column for each result column; as CSV where the
 * verb has that option and it was given.  An exit code; `nothing` is said when
 * there is no row. */
int ask_table(const struct verb_ctx *ctx, const char *sql, int nparams,
    const char *const *params, const struct table_column *columns, size_t count,
    const char *nothing);

/* The same of rows that are there; `rows` stays the caller's. */
void ask_print(const struct verb_ctx *ctx, const struct db_rows *rows,
    const struct table_column *columns, size_t count, const char *nothing);
/* The exit code for an ask_rows that failed: of a mistake in what was asked, or
 * of the database. */
int ask_failed(const struct verb_ctx *ctx);
/* Whether --csv was given. */
bool ask_csv(const struct verb_ctx *ctx);

/* EX_OK when each of the words, parted by commas, is a code of registry.VIEW,
 * or `unassigned`; else an exit code after a message that names the nearest, by
 * its label, too.  NULL: EX_OK. */
int ask_codes_known(
    const struct verb_ctx *ctx, const char *view, const char *words);
/* The same of the options kind, sector, country, reach and agency, as far as
 * the verb has them. */
int ask_axes_known(const struct verb_ctx *ctx);
/* --NAME, NULL when it was not given or the verb does not have it. */
const char *ask_option(const struct verb_ctx *ctx, const char *name);

/* 0 when the registry has these sources (operands), else EX_USAGE after a
 * message with the nearest name. */
int ask_sources_known(const struct verb_ctx *ctx);
/* The same of one. */
int ask_source_known(const struct verb_ctx *ctx, const char *name);
/* --family, or `otherwise` where it was not given; NULL: all of them. */
const char *ask_family(const struct verb_ctx *ctx, const char *otherwise);
/* --limit, or `fallback`; NULL after a message. */
const char *ask_limit(const struct verb_ctx *ctx, const char *fallback);
/* The record that RECORD, or SOURCE IDENTIFIER, names, as text for a
 * parameter; NULL after a message.  Owned by the caller. */
char *ask_record(const struct verb_ctx *ctx);

#endif
