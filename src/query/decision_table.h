/*
 * Decisions as a table in a file, so that they survive a registry that is built
 * anew: a line each, columns with tabs between, the first line names them.
 *
 *	kind source_a identifier_a source_b identifier_b field value
 *	author reason at undone_at undone_by undone_reason
 *
 * Empty: nothing.  \t \n \r \\ stand for a tab, a line feed, a carriage return
 * and a backslash.  Instants as RFC 3339 in UTC, to the microsecond.  Read are
 * columns in any order; kind, source_a, identifier_a, author, reason and at
 * have to be there.  UTF-8.
 */
#ifndef SHEAF_QUERY_DECISION_TABLE_H
#define SHEAF_QUERY_DECISION_TABLE_H

#include "base/verb.h"

/* Writes all decisions, the undone too, oldest first; "-": standard output.
 * An exit code. */
int decision_table_export(const struct verb_ctx *ctx, const char *path);
/* Enters what is not there yet, all of it or nothing; says what is wrong by
 * file and line.  An exit code. */
int decision_table_import(const struct verb_ctx *ctx, const char *path);

#endif
