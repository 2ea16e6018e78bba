/* sheafctl search */
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/limits.h"
#include "query/ask.h"
#include "query/filter.h"
#include "query/verbs.h"

enum { COL_AFTER = 10 };

static const struct table_column columns[] = {
    {"ENTRY", "entry_id", TABLE_TEXT, 0},
    {"KIND", "kind", TABLE_TEXT, 20},
    {"ISSUED", "issued", TABLE_TEXT, 0},
    {"AGENCIES", "agency", TABLE_TEXT | TABLE_PEOPLE_ONLY, 24},
    {"AGENCIES", "agencies", TABLE_VALUE | TABLE_JSON_ONLY, 0},
    {"TITLE", "title", TABLE_TEXT | TABLE_BELOW, 0},
    {"FOUND", "found",
	TABLE_TEXT | TABLE_BELOW | TABLE_SPARING | TABLE_PEOPLE_ONLY, 0},
    {"HEADLINE", "headline", TABLE_TEXT | TABLE_JSON_ONLY, 0},
    {"RANK", "rank", TABLE_NUMBER | TABLE_JSON_ONLY, 0},
    {"URL", "url", TABLE_TEXT | TABLE_JSON_ONLY, 0},
    {"AFTER", "after", TABLE_TEXT | TABLE_JSON_ONLY, 0},
};

/* It is HTML with marks, in which nothing else is but what stands for five
 * characters. */
#define HEADLINE                                                               \
	"replace(replace(replace(replace(replace("                             \
	"regexp_replace(h.headline, '</?mark>', '', 'g'), '&lt;', '<'), "      \
	"'&gt;', '>'), '&quot;', '\"'), '&#39;', ''''), '&amp;', '&')"

static const char sql[] =
    "select h.entry_id, e.kind, left(e.issued::text, "
    "case e.issued_precision when 'year' then 4 when 'month' then 7 "
    "else 10 end), array_to_string(e.agencies, ', '), to_jsonb(e.agencies), "
    "e.title, "
    "nullif(" HEADLINE ", e.title), "
    "h.headline, h.rank, e.url, h.after "
    "from registry.search($1, $2::jsonb, $3, $4::integer, $5) "
    "with ordinality h (entry_id, rank, headline, after, n) "
    "left join registry.entry e on e.entry_id = h.entry_id order by h.n";

static const struct table_column facet_columns[] = {
    {"FACET", "facet", TABLE_TEXT, 0},
    {"CODE", "code", TABLE_TEXT, 24},
    {"LABEL", "label", TABLE_TEXT, 28},
    {"ENTRIES", "entries", TABLE_NUMBER, 0},
    {"", "bar", TABLE_BAR, 0},
    {"EXACT", "is_exact", TABLE_BOOL, 0},
};

static const char facet_sql[] =
    "select f.facet, f.code, coalesce(v.labels ->> 'en', a.name), f.entries, "
    "f.entries, f.is_exact "
    "from registry.facets($1, $2::jsonb) with ordinality "
    "f (facet, code, entries, is_exact, n) "
    "left join sheaf.vocabulary v "
    "on v.scheme = f.facet and v.code = f.code "
    "left join registry.agency a on f.facet = 'agency' and a.code = f.code "
    "order by f.n";

static const char nothing[] = "Nothing was found.";

/* The words of the query, as they would stand in one. */
static char *
query_of(const struct verb_ctx *ctx)
{
	struct buf text;
	char *out;

	buf_init(&text, 4 * MIB);
	for (size_t i = 0; i < ctx->count; i++)
		buf_printf(&text, "%s%s", i > 0 ? " " : "", ctx->operands[i]);
	out = xstrdup(buf_str(&text));
	buf_release(&text);
	return out;
}

static int
search(const struct verb_ctx *ctx, const char *const *params)
{
	struct db_rows *rows = ask_rows(ctx, sql, 5, params);
	const char *after = NULL;
	int n;

	if (rows == NULL)
		return ask_failed(ctx);
	ask_print(
	    ctx, rows, columns, sizeof(columns) / sizeof(columns[0]), nothing);
	n = db_rows_count(rows);
	if (n > 0 && n >= atoi(params[3]))
		after = db_rows_get(rows, n - 1, COL_AFTER);
	if (after != NULL && !ctx->json && !ask_csv(ctx))
		printf("More of them: --after='%s'\n", after);
	db_rows_free(rows);
	return EX_OK;
}

static int
run(struct verb_ctx *ctx)
{
	const char *limit = ask_limit(ctx, "20"),
		   *sort = verb_option(ctx, "sort");
	char *query, *filter;
	int code = ask_axes_known(ctx);

	if (code != EX_OK)
		return code;
	if (limit == NULL)
		return EX_USAGE;
	query = query_of(ctx);
	filter = filter_json(ctx);
	if (verb_option(ctx, "facets") != NULL)
		code = ask_table(ctx, facet_sql, 2,
		    (const char *const[]){query, filter}, facet_columns,
		    sizeof(facet_columns) / sizeof(facet_columns[0]), nothing);
	else
		code = search(ctx, (const char *const[]){query, filter,
				       sort != NULL ? sort : "relevance", limit,
				       verb_option(ctx, "after")});
	free(query);
	free(filter);
	return code;
}

static const struct verb_option options[] = {
    FILTER_OPTIONS,
    {"sort", "ORDER", "relevance (so without), issued, updated, deadline"},
    {"limit", "NUMBER", "at most so many (20)"},
    {"after", "PLACE", "go on where a page of the same search ended"},
    {"facets", NULL, "how many there are of each kind, sector and so on"},
    ASK_CSV,
    {0},
};

const struct verb verb_search = {
    .name = "search",
    .operands = "[WORD…]",
    .summary = "entries of the registry by words and by what they are",
    .help = "All words have to be there; \"a phrase\" as it is written, "
	    "a or b, and not -c (behind\n--).  What portals get by "
	    "registry.search and registry.facets.",
    .min = 0,
    .max = 100,
    .needs = VERB_DATABASE,
    .options = options,
    .run = run,
};
