/* sheafctl synergy */
#include <sysexits.h>

#include "query/ask.h"
#include "query/verbs.h"

static const struct table_column columns[] = {
    {"AGENCY A", "agency_a", TABLE_TEXT, 0},
    {"AGENCY B", "agency_b", TABLE_TEXT, 0},
    {"SECTORS", "where", TABLE_TEXT | TABLE_PEOPLE_ONLY, 0},
    {"SECTOR", "sector", TABLE_TEXT | TABLE_JSON_ONLY, 0},
    {"KIND", "kind", TABLE_TEXT, 0},
    {"OF A", "entries_a", TABLE_NUMBER, 0},
    {"OF B", "entries_b", TABLE_NUMBER, 0},
    {"SECTORS", "sectors", TABLE_NUMBER | TABLE_JSON_ONLY, 0},
    {"SHARED", "shared", TABLE_NUMBER, 0},
    {"", "bar", TABLE_BAR, 0},
    {"REFRESHED", "refreshed_at", TABLE_TEXT | TABLE_JSON_ONLY, 0},
};

/* $1 sector, $2 kind, $3 country, $4 agency, $5 family, $6 every sector, $7 a
 * limit. */
static const char sql[] =
    "with m as materialized (select * from registry.synergy_map($3, $5)) "
    "select s.agency_a, s.agency_b, "
    "coalesce(s.sector, coalesce(c.sectors, 0)::text), "
    "coalesce(s.sector, 'all'), s.kind, "
    "s.entries_a, s.entries_b, c.sectors, s.shared, s.shared, s.refreshed_at "
    "from m s left join ("
    "select o.agency_a, o.agency_b, o.kind, count(*) as sectors from m o "
    "where o.sector <> 'unassigned' group by 1, 2, 3) c "
    "on s.sector is null and c.agency_a = s.agency_a "
    "and c.agency_b = s.agency_b and c.kind = s.kind "
    "where case when $1::text is not null then s.sector = $1 "
    "when $6::boolean then s.sector is not null else s.sector is null end "
    "and ($2::text is null or s.kind = $2) "
    "and ($4::text is null or $4 in (s.agency_a, s.agency_b)) "
    "order by s.shared desc, coalesce(c.sectors, 0) desc, "
    "least(s.entries_a, s.entries_b) desc, "
    "s.agency_a, s.agency_b, s.kind, s.sector limit $7::bigint";

static int
run(struct verb_ctx *ctx)
{
	const char *kind = verb_option(ctx, "kind");
	const char *params[7] = {verb_option(ctx, "sector"), kind,
	    verb_option(ctx, "country"), verb_option(ctx, "agency"),
	    ask_family(ctx, kind != NULL ? NULL : "offer"),
	    verb_option(ctx, "cells") != NULL ? "true" : "false",
	    ask_limit(ctx, "50")};
	int code = ask_axes_known(ctx);

	if (code != EX_OK)
		return code;
	if (params[6] == NULL)
		return EX_USAGE;
	return ask_table(ctx, sql, 7, params, columns,
	    sizeof(columns) / sizeof(columns[0]),
	    "No two agencies have entries of one kind there.");
}

static const struct verb_option options[] = {
    {"sector", "SECTOR", "in this sector"},
    {"kind", "KIND", "of this kind"},
    {"country", "COUNTRY", "for this country or group of countries"},
    {"agency", "AGENCY", "of this agency and others"},
    {"family", "FAMILY",
	"offer (so without), need, knowledge, activity, actor, or all"},
    {"cells", NULL, "each sector by itself"},
    {"limit", "NUMBER", "at most so many rows (50)"},
    ASK_CSV,
    {0},
};

const struct verb verb_synergy = {
    .name = "synergy",
    .operands = "",
    .summary = "where two agencies have entries of one kind",
    .help = "Shared are entries that both list, sectors those in which both "
	    "have some; --cells has\nthem one by one.  Each entry counts once, "
	    "however many records it has.",
    .needs = VERB_DATABASE,
    .options = options,
    .run = run,
};
