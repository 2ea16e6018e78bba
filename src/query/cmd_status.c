/* sheafctl status */
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "base/buf.h"
#include "base/limits.h"
#include "query/ask.h"
#include "query/pair.h"
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

/* How far the recognition of duplicates is, in a sentence; JSON is of sources
 * alone. */
static const char resolve_sql[] =
    "select concat_ws('; ', "
    "case when model is null then 'no model yet' "
    "else format('model %s of %s records', model, model_records) end, "
    "case when phase = 'learn' then 'one is learned when runs are over' "
    "when phase <> 'idle' then 'a model is being applied' "
    "when unfit is not null then format('it no longer fits: %s', unfit) end, "
    "case when proposed_weighed_at is not null "
    "then format('model %s waits, see sheafctl resolve', proposed) end, "
    "case when waiting = 0 then 'no record waits' else "
    "format('%s records wait since %s', waiting, "
    "to_char(oldest at time zone 'UTC', $1)) end, trouble) "
    "from registry.resolve_status";

static int
tell_resolve(struct verb_ctx *ctx, const char *const *params)
{
	struct db_rows *r = ask_rows(ctx, resolve_sql, 1, params);

	if (r == NULL)
		return EX_UNAVAILABLE;
	printf("Duplicates: %s.\n", db_rows_get(r, 0, 0));
	db_rows_free(r);
	return EX_OK;
}

/* A source's own duplicates, with the two of an entry as an example. */
static const char own_sql[] =
    "select source, own_duplicates, own_duplicate_entries, "
    "case when curated then 'It is taken for one that holds each thing once, "
    "as ' || case when curated_given then 'the configuration says' "
    "else format('its records suggest (%s like each elsewhere, over %s)', "
    "curated_mean, curated_seen) end || '.' end, x.first, x.second, x.title "
    "from registry.source_status s cross join lateral ("
    "select (array_agg(r.identifier order by r.record_id))[1] as first, "
    "(array_agg(r.identifier order by r.record_id))[2] as second, "
    "min(r.title) as title from registry.record r "
    "where r.source = s.source and r.entry_id = (select d.entry_id "
    "from registry.own_duplicate d where d.source = s.source "
    "order by d.records desc, d.entry_id limit 1)) x "
    "where source = any(string_to_array($2, E'\\n')) "
    "and own_duplicates > 0 and $1 <> '' order by source";

static int
tell_own(struct verb_ctx *ctx, const char *const *params)
{
	struct db_rows *r = ask_rows(ctx, own_sql, 2, params);

	if (r == NULL)
		return EX_UNAVAILABLE;
	for (int i = 0; i < db_rows_count(r); i++) {
		printf(
		    "\n%s: %s of its records are duplicates of each other, in "
		    "%s entries.  %s\n",
		    db_rows_get(r, i, 0), db_rows_get(r, i, 1),
		    db_rows_get(r, i, 2),
		    db_rows_get(r, i, 3) != NULL ? db_rows_get(r, i, 3) : "");
		pair_puts("  such as ", db_rows_get(r, i, 4));
		pair_puts("      and ", db_rows_get(r, i, 5));
		if (db_rows_get(r, i, 6) != NULL)
			pair_puts("          ", db_rows_get(r, i, 6));
	}
	db_rows_free(r);
	return EX_OK;
}

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
	if (code == EX_OK && !ctx->json)
		code = ctx->count == 0 ? tell_resolve(ctx, params)
				       : tell_own(ctx, params);
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
	    "could be read.  Times are UTC.  The last line is about "
	    "duplicates;\nsheafctl resolve says more.  Of a source that is "
	    "named, its own duplicates are\ntold.",
    .min = 0,
    .max = 1000,
    .needs = VERB_DATABASE,
    .run = run,
};
