/* sheafctl coverage */
#include <sysexits.h>

#include "query/ask.h"
#include "query/reasons.h"
#include "query/verbs.h"

/* $1 sector, $2 kind, $3 country, $4 agency, $5 family, $6 a limit. */
enum { PARAMS = 6 };

/* Of all countries, entries are direct: that is said where one is asked for. */
#define REACH_COLUMNS                                                          \
	{"DIRECT", "for_it", TABLE_NUMBER | TABLE_SPARING | TABLE_PEOPLE_ONLY, \
	    0},                                                                \
	    {"INHERITED", "by_a_group",                                        \
		TABLE_NUMBER | TABLE_SPARING | TABLE_PEOPLE_ONLY, 0},          \
	    {"DIRECT", "direct", TABLE_NUMBER | TABLE_JSON_ONLY, 0},           \
	{                                                                      \
		"INHERITED", "inherited", TABLE_NUMBER | TABLE_JSON_ONLY, 0    \
	}
#define REACH_SQL                                                              \
	"case when $3::text is not null then c.direct end, "                   \
	"case when $3::text is not null then c.inherited end, "                \
	"c.direct, c.inherited, "

/* --- by sector: the kinds of a family together --- */
static const struct table_column sector_columns[] = {
    {"SECTOR", "sector", TABLE_TEXT, 0},
    {"ENTRIES", "entries", TABLE_NUMBER, 0},
    {"", "bar", TABLE_BAR, 0},
    REACH_COLUMNS,
    {"STATE", "state", TABLE_TEXT, 0},
    REASONS_COLUMNS,
    {"REFRESHED", "refreshed_at", TABLE_TEXT | TABLE_JSON_ONLY, 0},
};

#define SECTOR_ORDER "c.entries desc, c.sector"

/* An entry is of one kind, so kinds add up. */
static const char sector_sql[] =
    "select c.sector, c.entries, c.entries, " REACH_SQL
    "c.state, " REASONS_ONCE(
	SECTOR_ORDER) ", c.reasons, c.refreshed_at from ("
		      "select c.*, case c.state when 'unknown' "
		      "then " REASONS_TEXT " else replace(" REASONS_TEXT
		      ", 'declared to have any', "
		      "'declared to have some of the kinds') end as why from ("
		      "select m.sector, sum(m.entries) as entries, "
		      "sum(m.direct) as direct, "
		      "sum(m.inherited) as inherited, "
		      "case when bool_and(m.state = 'known') then 'known' "
		      "when bool_and(m.state = 'unknown') then 'unknown' else "
		      "'partial' end "
		      "as state, "
		      "(select jsonb_agg(distinct r.value) from "
		      "registry.coverage_map($3, $5) o cross join lateral "
		      "jsonb_array_elements("
		      "case jsonb_typeof(o.reasons) when 'array' then "
		      "o.reasons else '[]' end) r "
		      "where o.sector = m.sector) as reasons, "
		      "max(m.refreshed_at) as refreshed_at "
		      "from registry.coverage_map($3, $5) m "
		      "where m.sector is not null and $1::text is null and "
		      "$2::text is null "
		      "and $4::text is null group by m.sector) c) c "
		      "order by " SECTOR_ORDER " limit $6::bigint";

/* --- cells --- */
static const struct table_column map_columns[] = {
    {"SECTOR", "sector", TABLE_TEXT, 0},
    {"KIND", "kind", TABLE_TEXT, 0},
    {"ENTRIES", "entries", TABLE_NUMBER, 0},
    {"", "bar", TABLE_BAR, 0},
    REACH_COLUMNS,
    {"AGENCIES", "agencies", TABLE_NUMBER, 0},
    {"STATE", "state", TABLE_TEXT, 0},
    REASONS_COLUMNS,
    {"REFRESHED", "refreshed_at", TABLE_TEXT | TABLE_JSON_ONLY, 0},
};

#define MAP_ORDER "c.entries desc, c.sector, c.kind"

static const char map_sql[] =
    "select c.sector, c.kind, c.entries, c.entries, " REACH_SQL
    "c.agencies, c.state, " REASONS_ONCE(
	MAP_ORDER) ", c.reasons, c.refreshed_at "
		   "from (select c.*, " REASONS_TEXT " as why "
		   "from registry.coverage_map($3, $5) c "
		   "where c.sector is not null and $4::text is null "
		   "and ($1::text is null or c.sector = $1) "
		   "and ($2::text is null or c.kind = $2)) c "
		   "order by " MAP_ORDER " limit $6::bigint";

/* --- cells of agencies and countries --- */
static const struct table_column cell_columns[] = {
    {"SECTOR", "sector", TABLE_TEXT, 0},
    {"KIND", "kind", TABLE_TEXT, 0},
    {"COUNTRY", "country", TABLE_TEXT, 0},
    {"AGENCY", "agency", TABLE_TEXT, 0},
    {"ENTRIES", "entries", TABLE_NUMBER, 0},
    {"", "bar", TABLE_BAR, 0},
    {"DIRECT", "direct", TABLE_NUMBER, 0},
    {"INHERITED", "inherited", TABLE_NUMBER, 0},
    {"STATE", "state", TABLE_TEXT, 0},
    REASONS_COLUMNS,
    {"REFRESHED", "refreshed_at", TABLE_TEXT | TABLE_JSON_ONLY, 0},
};

#define CELL_ORDER "c.entries desc, c.sector, c.kind, c.country, c.agency"

static const char cell_sql[] =
    "select c.sector, c.kind, c.country, c.agency, c.entries, c.entries, "
    "c.direct, c.inherited, c.state, " REASONS_ONCE(
	CELL_ORDER) ", "
		    "c.reasons, c.refreshed_at "
		    "from (select c.*, " REASONS_TEXT " as why from ("
		    "select sector, kind, country, agency, direct, inherited, "
		    "entries, state, reasons, refreshed_at, family "
		    "from registry.coverage where $4::text is null "
		    "union all select sector, kind, country, $4::text, direct, "
		    "inherited, entries, state, reasons, refreshed_at, family "
		    "from registry.coverage_of($4)) c "
		    "where ($1::text is null or c.sector = $1) "
		    "and ($2::text is null or c.kind = $2) "
		    "and ($3::text is null or c.country = $3) "
		    "and ($5::text is null or c.family = $5)) c "
		    "order by " CELL_ORDER " limit $6::bigint";

static const char nothing[] =
    "No entry, and no source that is declared to have any.";

static int
run(struct verb_ctx *ctx)
{
	const char *kind = verb_option(ctx, "kind"),
		   *agency = verb_option(ctx, "agency");
	/* A kind says its family, and of an agency everything is asked for. */
	const char *family =
	    ask_family(ctx, kind != NULL || agency != NULL ? NULL : "offer");
	const char *params[PARAMS] = {verb_option(ctx, "sector"), kind,
	    verb_option(ctx, "country"), agency, family, ask_limit(ctx, "100")};
	int code = ask_axes_known(ctx);

	if (code != EX_OK)
		return code;
	if (params[PARAMS - 1] == NULL)
		return EX_USAGE;
	if (params[3] != NULL || verb_option(ctx, "countries") != NULL)
		return ask_table(ctx, cell_sql, PARAMS, params, cell_columns,
		    sizeof(cell_columns) / sizeof(cell_columns[0]), nothing);
	if (params[0] != NULL || params[1] != NULL ||
	    verb_option(ctx, "cells") != NULL)
		return ask_table(ctx, map_sql, PARAMS, params, map_columns,
		    sizeof(map_columns) / sizeof(map_columns[0]), nothing);
	return ask_table(ctx, sector_sql, PARAMS, params, sector_columns,
	    sizeof(sector_columns) / sizeof(sector_columns[0]), nothing);
}

static const struct verb_option options[] = {
    {"sector", "SECTOR", "of this sector, by kind"},
    {"kind", "KIND", "of this kind, by sector"},
    {"country", "COUNTRY", "for this country or group of countries"},
    {"agency", "AGENCY", "that this agency lists, by country"},
    {"family", "FAMILY",
	"offer (so without kind or agency), need, knowledge, activity, "
	"actor, or all"},
    {"cells", NULL, "each sector by each kind, empty ones too"},
    {"countries", NULL, "by country and agency"},
    {"limit", "NUMBER", "at most so many rows (100)"},
    ASK_CSV,
    {0},
};

const struct verb verb_coverage = {
    .name = "coverage",
    .operands = "",
    .summary = "what is there: entries by sector, kind, country and agency",
    .help = "Offers, where nothing else is said, by sector.  Direct are those "
	    "that name the\ncountry, inherited those that name a group that "
	    "it belongs to; each counts once.\nThe state says whether the "
	    "sources that could fill a row were harvested well:\nonly where it "
	    "is known does 0 mean that there is none.  Why it is not is said\n"
	    "once for rows that follow each other.",
    .needs = VERB_DATABASE,
    .options = options,
    .run = run,
};
