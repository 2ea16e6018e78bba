/* sheafctl gaps: needs without an offer, and the offers nearest to a need. */
#include <sysexits.h>

#include "query/ask.h"
#include "query/names.h"
#include "query/reasons.h"
#include "query/verbs.h"

static const struct table_column gap_columns[] = {
    {"LEVEL", "level", TABLE_TEXT, 0},
    {"SECTOR", "sector", TABLE_TEXT, 0},
    {"COUNTRY", "country", TABLE_TEXT, 0},
    {"OFFERS", "offers", TABLE_NUMBER, 0},
    {"STATE", "state", TABLE_TEXT, 0},
    {"NEED", "entry_id", TABLE_TEXT, 0},
    {"TITLE", "what", TABLE_TEXT | TABLE_BELOW | TABLE_PEOPLE_ONLY, 0},
    {"WHY", "why", TABLE_TEXT | TABLE_BELOW | TABLE_SPARING | TABLE_PEOPLE_ONLY,
	0},
    {"TITLE", "title", TABLE_TEXT | TABLE_JSON_ONLY, 0},
    {"AGENCIES", "agencies", TABLE_TEXT | TABLE_JSON_ONLY, 0},
    {"KIND", "kind", TABLE_TEXT | TABLE_JSON_ONLY, 0},
    {"DEADLINE", "deadline", TABLE_TEXT | TABLE_JSON_ONLY, 0},
    {"REASONS", "reasons", TABLE_VALUE | TABLE_JSON_ONLY, 0},
    {"REFRESHED", "refreshed_at", TABLE_TEXT | TABLE_JSON_ONLY, 0},
};

#define GAP_ORDER                                                              \
	"array_position(array['nowhere', 'elsewhere', 'origin', "              \
	"'undecided'], c.level), c.sector, c.country, c.title, c.entry_id"

static const char gap_sql[] =
    "select c.level, c.sector, c.country, c.offers, c.state, c.entry_id, "
    "c.title || ' (' || concat_ws('; ', c.agencies, 'until ' || "
    "to_char(c.deadline at time zone 'UTC', 'YYYY-MM-DD')) || "
    "')', " REASONS_ONCE(
	GAP_ORDER) ", c.title, c.agencies, c.kind, c.deadline, "
		   "c.reasons, c.refreshed_at "
		   "from (select c.*, e.title, e.deadline, "
		   "array_to_string(e.agencies, ' ') as agencies, " REASONS_TEXT
		   " as why "
		   "from registry.gap c left join registry.entry e on "
		   "e.entry_id = c.entry_id "
		   "where ($1::text is null or c.sector = $1) "
		   "and ($2::text is null or c.kind = $2) "
		   "and ($3::text is null or c.country = $3) "
		   "and ($4::text is null or c.level = $4)) c "
		   "order by " GAP_ORDER " limit $5::bigint";

static const struct table_column offer_columns[] = {
    {"RANK", "rank", TABLE_NUMBER, 0},
    {"OFFER", "entry_id", TABLE_TEXT, 0},
    {"KIND", "kind", TABLE_TEXT, 20},
    {"TITLE", "title", TABLE_TEXT | TABLE_BELOW, 0},
    REASONS_COLUMNS,
};

static const char offer_sql[] =
    "select round(o.rank::numeric, 3), o.entry_id, e.kind, e.title, "
    "concat_ws('; ', "
    "'sector ' || (select string_agg(x, ', ') from jsonb_array_elements_text("
    "case jsonb_typeof(o.reasons -> 'sectors') when 'array' "
    "then o.reasons -> 'sectors' else '[]' end) x), "
    "'country ' || (o.reasons #>> '{country,code}') || ' (' || "
    "(o.reasons #>> '{country,reach}') || ')', "
    "'subjects ' || (select string_agg(x, ', ') from "
    "jsonb_array_elements_text("
    "case jsonb_typeof(o.reasons -> 'subjects') when 'array' "
    "then o.reasons -> 'subjects' else '[]' end) x), "
    "'text ' || (o.reasons ->> 'text')), o.reasons "
    "from registry.need_offers($1::uuid, $2::integer) with ordinality "
    "o (entry_id, rank, reasons, n) "
    "left join registry.entry e on e.entry_id = o.entry_id order by o.n";

static int
run(struct verb_ctx *ctx)
{
	const char *limit = ask_limit(ctx, ctx->count > 0 ? "20" : "100");
	const char *params[] = {verb_option(ctx, "sector"),
	    verb_option(ctx, "kind"), verb_option(ctx, "country"),
	    verb_option(ctx, "level"), limit};
	int code = ask_axes_known(ctx);

	if (code != EX_OK)
		return code;
	if (limit == NULL)
		return EX_USAGE;
	if (ctx->count == 0)
		return ask_table(ctx, gap_sql, 5, params, gap_columns,
		    sizeof(gap_columns) / sizeof(gap_columns[0]),
		    "No open need is without an offer.");
	if (!names_is_uuid(ctx->operands[0])) {
		verb_complain("sheafctl gaps and sheafctl search show them",
		    "\"%s\" is no entry", ctx->operands[0]);
		return EX_USAGE;
	}
	return ask_table(ctx, offer_sql, 2,
	    (const char *const[]){ctx->operands[0], limit}, offer_columns,
	    sizeof(offer_columns) / sizeof(offer_columns[0]),
	    "No offer is near to it, or it is no need.");
}

static const struct verb_option options[] = {
    {"sector", "SECTOR", "in this sector"},
    {"kind", "KIND", "of this kind"},
    {"country", "COUNTRY", "for this country"},
    {"level", "LEVEL", "nowhere, elsewhere, origin, or undecided"},
    {"limit", "NUMBER", "at most so many rows (100; offers: 20)"},
    ASK_CSV,
    {0},
};

const struct verb verb_gaps = {
    .name = "gaps",
    .operands = "[NEED]",
    .summary = "open needs that no offer answers",
    .help = "nowhere: no offer of the sector at all; elsewhere: none that "
	    "reaches the country;\norigin: only such as come from it and do "
	    "not say whom they are for; undecided:\nthe need names no sector "
	    "or no country.  OFFERS are those of the sector that\nare "
	    "elsewhere, or come from the country.  Where the state is not "
	    "known, an offer\nmay be with a source that was not harvested "
	    "well.\nOf a need, by its entry: the offers nearest to it, and "
	    "why.",
    .max = 1,
    .needs = VERB_DATABASE,
    .options = options,
    .run = run,
};
