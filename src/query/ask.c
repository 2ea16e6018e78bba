/* Questions to the database, for the reading verbs. */
#include "query/ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/str.h"

const char *
ask_time_format(const struct verb_ctx *ctx)
{
	return ctx->json ? "YYYY-MM-DD\"T\"HH24:MI:SS\"Z\""
			 : "YYYY-MM-DD HH24:MI";
}

/* Invalid data, and what functions of the registry say of their arguments:
 * changes that are gone, or not there yet. */
int
ask_failed(const struct verb_ctx *ctx)
{
	const char *state = db_sqlstate_sync(ctx->db);

	return str_starts(state, "22") || str_starts(state, "SF")
		   ? EX_USAGE
		   : EX_UNAVAILABLE;
}

/* Its words are meant for people already. */
static const char *
without_sender(const char *text)
{
	static const char sender[] = "PostgreSQL: ";

	return str_starts(text, sender) ? text + sizeof(sender) - 1 : text;
}

const char *
ask_option(const struct verb_ctx *ctx, const char *name)
{
	const struct verb_option *o = ctx->verb->options;

	for (; o != NULL && o->name != NULL; o++) {
		if (strcmp(o->name, name) == 0)
			return verb_option(ctx, name);
	}
	return NULL;
}

bool
ask_csv(const struct verb_ctx *ctx)
{
	return ask_option(ctx, "csv") != NULL;
}

struct db_rows *
ask_rows(const struct verb_ctx *ctx, const char *sql, int nparams,
    const char *const *params)
{
	struct err e = {0};
	struct db_rows *rows = db_query_sync(ctx->db, sql, nparams, params, &e);

	if (rows == NULL && ask_failed(ctx) == EX_USAGE)
		verb_complain(NULL, "%s", without_sender(e.text));
	else if (rows == NULL)
		verb_complain(NULL, "the database refuses: %s", e.text);
	return rows;
}

void
ask_print(const struct verb_ctx *ctx, const struct db_rows *rows,
    const struct table_column *columns, size_t count, const char *nothing)
{
	enum table_form form = ctx->json      ? TABLE_JSON
			       : ask_csv(ctx) ? TABLE_CSV
					      : TABLE_PEOPLE;
	struct table *t = table_new(columns, count);

	BUG_ON((size_t)db_rows_columns(rows) != count);
	for (int row = 0; row < db_rows_count(rows); row++) {
		for (size_t c = 0; c < count; c++)
			table_cell(t, db_rows_get(rows, row, (int)c));
	}
	if (table_rows(t) > 0 || form != TABLE_PEOPLE)
		table_print(t, stdout, form);
	else
		puts(nothing);
	table_free(t);
}

int
ask_table(const struct verb_ctx *ctx, const char *sql, int nparams,
    const char *const *params, const struct table_column *columns, size_t count,
    const char *nothing)
{
	struct db_rows *rows = ask_rows(ctx, sql, nparams, params);

	if (rows == NULL)
		return ask_failed(ctx);
	ask_print(ctx, rows, columns, count, nothing);
	db_rows_free(rows);
	return EX_OK;
}

static const char *
name_at(const void *arg, size_t i)
{
	return db_rows_get(arg, (int)i, 0);
}

static int
source_unknown(const struct verb_ctx *ctx, const char *name)
{
	struct db_rows *rows = ask_rows(ctx,
	    "select source from registry.source_status order by source", 0,
	    NULL);
	const char *nearest;
	char hint[160];

	if (rows == NULL)
		return EX_UNAVAILABLE;
	nearest =
	    verb_nearest(name, (size_t)db_rows_count(rows), name_at, rows);
	snprintf(hint, sizeof(hint),
	    nearest != NULL ? "did you mean %s?" : "sheafctl status names all",
	    nearest);
	verb_complain(hint, "the registry has no source \"%s\"", name);
	db_rows_free(rows);
	return EX_USAGE;
}

int
ask_source_known(const struct verb_ctx *ctx, const char *name)
{
	struct db_rows *rows = ask_rows(ctx,
	    "select from registry.source_status where source = $1", 1, &name);
	int found = rows != NULL ? db_rows_count(rows) : -1;

	db_rows_free(rows);
	if (found < 0)
		return EX_UNAVAILABLE;
	return found > 0 ? EX_OK : source_unknown(ctx, name);
}

int
ask_sources_known(const struct verb_ctx *ctx)
{
	int code = EX_OK;

	for (size_t i = 0; i < ctx->count && code == EX_OK; i++)
		code = ask_source_known(ctx, ctx->operands[i]);
	return code;
}

const char *
ask_limit(const struct verb_ctx *ctx, const char *fallback)
{
	const char *given = verb_option(ctx, "limit");
	int64_t n;

	if (given == NULL)
		return fallback;
	if (str_to_i64(given, 1, 100000000, &n) == 0)
		return given;
	verb_complain(
	    "--limit=50", "--limit: \"%s\" is no number of rows", given);
	return NULL;
}

static char *
record_by_name(const struct verb_ctx *ctx)
{
	const char *const params[] = {ctx->operands[0], ctx->operands[1]};
	struct db_rows *rows = ask_rows(ctx,
	    "select record_id from registry.record "
	    "where source = $1 and identifier = $2",
	    2, params);
	char *id = NULL;

	if (rows == NULL)
		return NULL;
	if (db_rows_count(rows) == 1)
		id = xstrdup(db_rows_get(rows, 0, 0));
	else
		verb_complain("sheafctl records lists what there is",
		    "the source %s has no record \"%s\"", params[0], params[1]);
	db_rows_free(rows);
	return id;
}

char *
ask_record(const struct verb_ctx *ctx)
{
	int64_t id;

	if (ctx->count == 2)
		return record_by_name(ctx);
	if (str_to_i64(ctx->operands[0], 1, INT64_MAX, &id) == 0)
		return xstrdup(ctx->operands[0]);
	verb_complain("sheafctl records shows the numbers; a source and an "
		      "identifier do as well",
	    "\"%s\" is no number of a record", ctx->operands[0]);
	return NULL;
}
