/* sheafctl decisions */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/str.h"
#include "query/ask.h"
#include "query/decide.h"
#include "query/decision_table.h"
#include "query/verbs.h"

static const struct table_column columns[] = {
    {"NUMBER", "decision_id", TABLE_NUMBER, 0},
    {"KIND", "kind", TABLE_TEXT, 0},
    {"SOURCE", "source_a", TABLE_TEXT, 24},
    {"IDENTIFIER", "identifier_a", TABLE_TEXT, 40},
    {"SOURCE", "source_b", TABLE_TEXT | TABLE_SPARING, 24},
    {"IDENTIFIER", "identifier_b", TABLE_TEXT | TABLE_SPARING, 40},
    {"FIELD", "field", TABLE_TEXT | TABLE_SPARING, 0},
    {"VALUE", "value", TABLE_TEXT | TABLE_SPARING, 40},
    {"BY", "decided_by", TABLE_TEXT, 16},
    {"AT", "decided_at", TABLE_TEXT, 0},
    {"REASON", "reason", TABLE_TEXT | TABLE_BELOW, 0},
    {"UNDONE BY", "undone_by", TABLE_TEXT | TABLE_SPARING, 16},
    {"UNDONE AT", "undone_at", TABLE_TEXT | TABLE_SPARING, 0},
    {"WHY UNDONE", "undone_reason", TABLE_TEXT | TABLE_BELOW | TABLE_SPARING,
	0},
};

static const char sql[] =
    "select d.decision_id, d.kind, d.source_a, d.identifier_a, d.source_b, "
    "d.identifier_b, d.field, d.value, d.decided_by, "
    "to_char(d.decided_at at time zone 'UTC', $1), d.reason, d.undone_by, "
    "to_char(d.undone_at at time zone 'UTC', $1), d.undone_reason "
    "from registry.decision d "
    "where ($2::text is null or $2 in (d.source_a, d.source_b)) "
    "and ($3::boolean or d.undone_at is null) "
    "order by d.decided_at desc, d.decision_id desc limit $4::bigint";

static int
list(struct verb_ctx *ctx)
{
	const char *params[4] = {ask_time_format(ctx),
	    ctx->count > 0 ? ctx->operands[0] : NULL,
	    verb_option(ctx, "all") != NULL ? "true" : "false",
	    ask_limit(ctx, "50")};

	if (params[3] == NULL)
		return EX_USAGE;
	return ask_table(ctx, sql, 4, params, columns,
	    sizeof(columns) / sizeof(columns[0]), "Nothing was decided.");
}

static int
undo(struct verb_ctx *ctx, const char *number)
{
	const char *const params[] = {
	    number, decide_author(ctx), verb_option(ctx, "reason")};
	struct db_rows *rows;
	const char *refusal, *note;
	int64_t n;
	int code = decide_reason_given(ctx);

	if (code != EX_OK)
		return code;
	if (str_to_i64(number, 1, INT64_MAX, &n) != 0) {
		verb_complain("sheafctl decisions shows the numbers",
		    "\"%s\" is no number of a decision", number);
		return EX_USAGE;
	}
	rows = ask_rows(ctx,
	    "select u.refusal, u.note from sheaf.undecide($1::bigint, $2, $3) "
	    "u",
	    3, params);
	if (rows == NULL)
		return EX_UNAVAILABLE;
	refusal = db_rows_get(rows, 0, 0);
	note = db_rows_get(rows, 0, 1);
	if (refusal != NULL)
		verb_complain("sheafctl decisions --all shows the undone, too",
		    "%s", refusal);
	else if (ctx->json)
		printf("{\"decision_id\":%s,\"undone\":true}\n", number);
	else
		printf("decision %s is undone\n%s%s%s", number,
		    note != NULL ? "  " : "", note != NULL ? note : "",
		    note != NULL ? "\n" : "");
	code = refusal != NULL ? EX_UNAVAILABLE : EX_OK;
	db_rows_free(rows);
	return code;
}

static int
run(struct verb_ctx *ctx)
{
	const char *to = verb_option(ctx, "export"),
		   *from = verb_option(ctx, "import"),
		   *number = verb_option(ctx, "undo");

	if ((to != NULL) + (from != NULL) + (number != NULL) > 1) {
		verb_complain(
		    NULL, "--export, --import and --undo do not go together");
		return EX_USAGE;
	}
	if (to != NULL)
		return decision_table_export(ctx, to);
	if (from != NULL)
		return decision_table_import(ctx, from);
	if (number != NULL)
		return undo(ctx, number);
	return list(ctx);
}

static const struct verb_option options[] = {
    {"all", NULL, "those that were undone, too"},
    {"limit", "NUMBER", "at most so many, the latest first (50)"},
    {"export", "FILE", "write all of them as a table; - is standard output"},
    {"import", "FILE",
	"enter those of a table that are not there; - is "
	"standard input"},
    {"undo", "NUMBER", "this one no longer holds, for the --reason"},
    {"reason", "TEXT", "why; it is kept with the decision"},
    {"author", "NAME", "who decided (the user who calls)"},
    {0},
};

const struct verb verb_decisions = {
    .name = "decisions",
    .operands = "[SOURCE]",
    .summary = "what operators decided; exports, imports and undoes it",
    .help = "Decisions name records by source and identifier, so a table of "
	    "them that was exported\ncan be imported into a registry that is "
	    "built anew, before or after its records\nare there.  All of a "
	    "table is imported or nothing.",
    .min = 0,
    .max = 1,
    .needs = VERB_DECIDES,
    .options = options,
    .run = run,
};
