/* sheafctl records */
#include <sysexits.h>

#include "query/ask.h"
#include "query/verbs.h"

static const struct table_column columns[] = {
    {"RECORD", "record_id", TABLE_NUMBER, 0},
    {"SOURCE", "source", TABLE_TEXT, 24},
    {"IDENTIFIER", "identifier", TABLE_TEXT, 40},
    {"DATESTAMP", "datestamp", TABLE_TEXT | TABLE_JSON_ONLY, 0},
    {"STATUS", "status", TABLE_TEXT, 0},
    {"KIND", "kind", TABLE_TEXT, 16},
    {"TITLE", "title", TABLE_TEXT, 60},
};

/* Numbers are given out as records come, so the newest have the highest; an
 * index answers at once, however many records there are. */
static const char sql[] =
    "select record_id, source, identifier, datestamp_given, status, kind, "
    "title from registry.record "
    "where $1::text is null or source = $1 "
    "order by record_id desc limit $2::bigint";

static int
run(struct verb_ctx *ctx)
{
	const char *params[2] = {
	    ctx->count > 0 ? ctx->operands[0] : NULL, ask_limit(ctx, "20")};
	int code = ask_sources_known(ctx);

	if (code != EX_OK)
		return code;
	if (params[1] == NULL)
		return EX_USAGE;
	return ask_table(ctx, sql, 2, params, columns,
	    sizeof(columns) / sizeof(columns[0]), "No record yet.");
}

static const struct verb_option options[] = {
    {"limit", "NUMBER", "at most so many, the newest first (20)"},
    {0},
};

const struct verb verb_records = {
    .name = "records",
    .operands = "[SOURCE]",
    .summary = "records of the registry, the newest first",
    .help = "With --json also the datestamp.",
    .min = 0,
    .max = 1,
    .needs = VERB_DATABASE,
    .options = options,
    .run = run,
};
