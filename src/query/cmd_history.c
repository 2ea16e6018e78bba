/* sheafctl history */
#include <string.h>
#include <sysexits.h>

#include "query/ask.h"
#include "query/names.h"
#include "query/verbs.h"

static const struct table_column columns[] = {
    {"WHEN", "at", TABLE_TEXT, 0},
    {"EVENT", "event", TABLE_TEXT, 0},
    {"FIELD", "field", TABLE_TEXT | TABLE_SPARING, 0},
    {"BEFORE", "before_text", TABLE_TEXT | TABLE_SPARING | TABLE_PEOPLE_ONLY,
	40},
    {"AFTER", "after_text", TABLE_TEXT | TABLE_SPARING | TABLE_PEOPLE_ONLY, 40},
    {"BEFORE", "before", TABLE_VALUE | TABLE_JSON_ONLY, 0},
    {"AFTER", "after", TABLE_VALUE | TABLE_JSON_ONLY, 0},
    {"OTHERS", "related_text",
	TABLE_TEXT | TABLE_BELOW | TABLE_SPARING | TABLE_PEOPLE_ONLY, 0},
    {"OTHERS", "related", TABLE_VALUE | TABLE_JSON_ONLY, 0},
    {"BY", "decided_by", TABLE_TEXT | TABLE_SPARING, 20},
    {"REASON", "reason", TABLE_TEXT | TABLE_BELOW | TABLE_SPARING, 0},
};

static const char sql[] =
    "select to_char(h.at at time zone 'UTC', $2), h.event, h.field, "
    "h.before #>> '{}', h.after #>> '{}', h.before, h.after, "
    "array_to_string(h.related, ', '), to_jsonb(h.related), h.decided_by, "
    "h.reason "
    "from registry.history($1::uuid) h "
    "order by h.at, h.event, h.field";

/* Any id that was ever given out has a history. */
static int
history(const struct verb_ctx *ctx, const char *entry)
{
	struct db_rows *rows = ask_rows(ctx,
	    "select state from registry.resolve($1::uuid) limit 1", 1, &entry);
	bool known;

	if (rows == NULL)
		return ask_failed(ctx);
	known = db_rows_count(rows) == 1 &&
		strcmp(db_rows_get(rows, 0, 0), "unknown") != 0;
	db_rows_free(rows);
	if (!known) {
		verb_complain("sheafctl search and sheafctl show name entries",
		    "the registry has no entry %s, and never had", entry);
		return EX_USAGE;
	}
	return ask_table(ctx, sql, 2,
	    (const char *const[]){entry, ask_time_format(ctx)}, columns,
	    sizeof(columns) / sizeof(columns[0]), "Nothing is known of it.");
}

static int
run(struct verb_ctx *ctx)
{
	struct names named = {0};
	size_t at = 0;
	int code;

	if (ctx->count == 1 && names_is_uuid(ctx->operands[0]))
		return history(ctx, ctx->operands[0]);
	code = names_read_one(ctx, &at, "the record", &named);
	if (code == EX_OK)
		code = names_end(ctx, at);
	if (code == EX_OK && named.items[0].entry_id == NULL) {
		verb_complain(NULL,
		    "record %s is in no entry: it was not looked at yet",
		    named.items[0].record_id);
		code = EX_USAGE;
	}
	if (code == EX_OK)
		code = history(ctx, named.items[0].entry_id);
	names_release(&named);
	return code;
}

static const struct verb_option options[] = {
    ASK_CSV,
    {0},
};

const struct verb verb_history = {
    .name = "history",
    .operands = "ENTRY | RECORD | SOURCE IDENTIFIER",
    .summary = "what an entry said and when, and what became of it",
    .help = "Also of an entry that is gone.  What operators decided of its "
	    "records stands there,\ntoo.",
    .min = 1,
    .max = 2,
    .needs = VERB_DATABASE,
    .options = options,
    .run = run,
};
