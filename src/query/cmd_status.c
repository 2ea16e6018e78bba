/* sheafctl status */
#include <stdlib.h>
#include <sysexits.h>

#include "base/buf.h"
#include "base/limits.h"
#include "query/ask.h"
#include "query/verbs.h"

static const struct table_column columns[] = {
    {"SOURCE", "source", TABLE_TEXT, 32},
    {"STATE", "state", TABLE_TEXT, 0},
    {"OUTCOME", "outcome", TABLE_TEXT, 0},
    {"RECORDS", "records", TABLE_NUMBER, 0},
    {"LAST SUCCESS", "last_success", TABLE_TEXT, 0},
    {"NEXT DUE", "next_due", TABLE_TEXT, 0},
    {"FAILURES", "failures", TABLE_NUMBER | TABLE_SPARING, 0},
    {"REMARK", "remark", TABLE_TEXT | TABLE_SPARING | TABLE_BELOW, 0},
};

/* A run that is under way, why the source rests, or its last error. */
static const char sql[] =
    "select source, state, outcome, "
    "case when open_mode <> 'renormalise' "
    "then greatest(active, open_received) "
    "else active end, "
    "to_char(last_success at time zone 'UTC', $1), "
    "to_char(next_due at time zone 'UTC', $1), "
    "nullif(failures, 0), "
    "case when state = 'running' then "
    "format('%spage %s, %s records', case when open_mode = 'renormalise' "
    "then 'renormalising: ' end, open_page, open_received) "
    "when state in ('held', 'paused') then "
    "coalesce(state_reason, last_error) "
    "when protocol = 'none' then 'declared, not harvested' "
    "when not enabled then 'enabled = no' "
    "when outcome <> 'ok' then concat_ws('; ', last_error, advice) "
    "else advice end "
    "from registry.source_status "
    "where case when $2::text is null then state <> 'retired' "
    "else source = any(string_to_array($2, E'\\n')) end "
    "order by source";

static int
run(struct verb_ctx *ctx)
{
	const char *params[2] = {ask_time_format(ctx), NULL};
	struct buf names;
	int code = ask_sources_known(ctx);

	if (code != EX_OK)
		return code;
	buf_init(&names, MIB);
	for (size_t i = 0; i < ctx->count; i++)
		buf_printf(&names, "%s%s", i > 0 ? "\n" : "", ctx->operands[i]);
	if (ctx->count > 0)
		params[1] = buf_str(&names);
	code = ask_table(ctx, sql, 2, params, columns,
	    sizeof(columns) / sizeof(columns[0]),
	    "No source was harvested yet: start sheafd, or sheafd --once.");
	buf_release(&names);
	return code;
}

const struct verb verb_status = {
    .name = "status",
    .operands = "[SOURCE…]",
    .summary = "how the sources are doing",
    .help = "Outcomes: ok; partial, something was rejected or not reached; "
	    "suspicious, the answer\nis not believed; failed; held, waits for "
	    "approve or reject.  LAST SUCCESS is the end of the last run "
	    "that read all its lists\nto their ends, though not every record "
	    "could be read.  Times are UTC.",
    .min = 0,
    .max = 1000,
    .needs = VERB_DATABASE,
    .run = run,
};
