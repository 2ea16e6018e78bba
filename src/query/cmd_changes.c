/* sheafctl changes */
#include <stdint.h>
#include <stdio.h>
#include <sysexits.h>

#include "base/str.h"
#include "query/ask.h"
#include "query/verbs.h"

static const struct table_column columns[] = {
    {"SEQ", "seq", TABLE_NUMBER, 0},
    {"WHEN", "at", TABLE_TEXT, 0},
    {"WHAT", "op", TABLE_TEXT, 0},
    {"ENTRY", "entry_id", TABLE_TEXT, 0},
    {"TITLE", "title", TABLE_TEXT | TABLE_SPARING, 60},
    {"OTHERS", "related_text",
	TABLE_TEXT | TABLE_BELOW | TABLE_SPARING | TABLE_PEOPLE_ONLY, 0},
    {"OTHERS", "related", TABLE_VALUE | TABLE_JSON_ONLY, 0},
};

/* The last ones, where no place is given: there may be fewer than numbers. */
static const char sql[] =
    "select c.seq, to_char(c.at at time zone 'UTC', $3), c.op, c.entry_id, "
    "e.title, array_to_string(c.related, ', '), to_jsonb(c.related) "
    "from registry.changes(coalesce($1::bigint, "
    "greatest(registry.change_floor(), registry.change_head() - $2::bigint)), "
    "$2::integer) c "
    "left join registry.entry e on e.entry_id = c.entry_id order by c.seq";

static int
run(struct verb_ctx *ctx)
{
	const char *after = verb_option(ctx, "after"),
		   *limit = ask_limit(ctx, "20");
	int64_t n;

	if (limit == NULL)
		return EX_USAGE;
	if (after != NULL && str_to_i64(after, 0, INT64_MAX, &n) != 0) {
		verb_complain("it is a SEQ of sheafctl changes, or 0",
		    "--after: \"%s\" is no number of a change", after);
		return EX_USAGE;
	}
	return ask_table(ctx, sql, 3,
	    (const char *const[]){after, limit, ask_time_format(ctx)}, columns,
	    sizeof(columns) / sizeof(columns[0]),
	    after != NULL ? "No change after that." : "No change yet.");
}

static const struct verb_option options[] = {
    {"after", "SEQ", "those after this number, in order; without, the last"},
    {"limit", "NUMBER", "at most so many (20)"},
    ASK_CSV,
    {0},
};

const struct verb verb_changes = {
    .name = "changes",
    .operands = "",
    .summary = "what became of entries, in the order in which it was committed",
    .help = "What portals follow by registry.changes.",
    .needs = VERB_DATABASE,
    .options = options,
    .run = run,
};
