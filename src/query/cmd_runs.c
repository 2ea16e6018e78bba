/* sheafctl runs */
#include <sysexits.h>

#include "query/ask.h"
#include "query/verbs.h"

static const struct table_column columns[] = {
    {"RUN", "run_id", TABLE_NUMBER, 0},
    {"SOURCE", "source", TABLE_TEXT, 32},
    {"MODE", "mode", TABLE_TEXT, 0},
    {"STARTED", "started_at", TABLE_TEXT, 0},
    {"SECONDS", "seconds", TABLE_NUMBER, 0},
    {"OUTCOME", "outcome", TABLE_TEXT, 0},
    {"ADVERTISED", "advertised", TABLE_NUMBER | TABLE_JSON_ONLY, 0},
    {"RECEIVED", "received", TABLE_NUMBER, 0},
    {"NEW", "added", TABLE_NUMBER, 0},
    {"CHANGED", "changed", TABLE_NUMBER | TABLE_SPARING, 0},
    {"TOUCHED", "touched", TABLE_NUMBER | TABLE_SPARING, 0},
    {"SAME", "unchanged", TABLE_NUMBER | TABLE_SPARING, 0},
    {"DELETED", "deleted", TABLE_NUMBER | TABLE_SPARING, 0},
    {"MISSING", "missing", TABLE_NUMBER | TABLE_SPARING, 0},
    {"REJECTED", "rejected", TABLE_NUMBER | TABLE_SPARING, 0},
    {"FILTERED", "filtered", TABLE_NUMBER | TABLE_SPARING, 0},
    {"REQUESTS", "requests", TABLE_NUMBER | TABLE_JSON_ONLY, 0},
    {"RETRIES", "retries", TABLE_NUMBER | TABLE_SPARING, 0},
    {"BYTES", "bytes", TABLE_NUMBER | TABLE_JSON_ONLY, 0},
    {"ERROR", "error", TABLE_TEXT | TABLE_SPARING | TABLE_BELOW, 0},
};

static const char sql[] =
    "select r.run_id, s.name, r.mode, "
    "to_char(r.started_at at time zone 'UTC', $1), "
    "round(extract(epoch from coalesce(r.closed_at, r.moved_at) - "
    "r.started_at), 1), "
    "coalesce(r.outcome, case when r.held_at is null then 'open' "
    "else 'held' end), "
    "r.advertised, r.received, r.added, r.changed, r.touched, r.unchanged, "
    "r.deleted, r.missing, r.rejected, r.filtered, r.requests, r.retries, "
    "r.bytes, "
    "coalesce(nullif(r.outcome_text, ''), nullif(r.err_text, '')) "
    "from sheaf.run r join sheaf.source s using (source_id) "
    "where $2::text is null or s.name = $2 "
    "order by r.run_id desc limit $3::bigint";

static int
run(struct verb_ctx *ctx)
{
	const char *params[3] = {ask_time_format(ctx),
	    ctx->count > 0 ? ctx->operands[0] : NULL, ask_limit(ctx, "20")};
	int code = ask_sources_known(ctx);

	if (code != EX_OK)
		return code;
	if (params[2] == NULL)
		return EX_USAGE;
	return ask_table(ctx, sql, 3, params, columns,
	    sizeof(columns) / sizeof(columns[0]), "No run yet.");
}

static const struct verb_option options[] = {
    {"limit", "NUMBER", "at most so many, the newest first (20)"},
    {0},
};

const struct verb verb_runs = {
    .name = "runs",
    .operands = "[SOURCE]",
    .summary = "the last harvests and their counters",
    .help = "Received are new, changed, touched (datestamp or sets alone), "
	    "the same, deleted,\nrejected and filtered (left out by keep) "
	    "together.  A column is left out "
	    "where it is 0 in every row,\nand stands under its row where the "
	    "line would be too long; --json has them all.",
    .min = 0,
    .max = 1,
    .needs = VERB_DATABASE,
    .options = options,
    .run = run,
};
