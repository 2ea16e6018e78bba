/* sheafctl quarantine */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/str.h"
#include "query/ask.h"
#include "query/verbs.h"

static const struct table_column columns[] = {
    {"NUMBER", "quarantine_id", TABLE_NUMBER, 0},
    {"SOURCE", "source", TABLE_TEXT, 24},
    {"IDENTIFIER", "identifier", TABLE_TEXT, 40},
    {"REASON", "reason", TABLE_TEXT | TABLE_BELOW, 0},
    {"LAST SEEN", "last_seen", TABLE_TEXT, 0},
    {"TIMES", "times", TABLE_NUMBER, 0},
    {"OFFSET", "offset", TABLE_NUMBER | TABLE_JSON_ONLY, 0},
    {"LENGTH", "length", TABLE_NUMBER | TABLE_JSON_ONLY, 0},
    {"URL", "url", TABLE_TEXT | TABLE_JSON_ONLY, 0},
};

static const char sql[] =
    "select q.quarantine_id, s.name, q.identifier, q.reason, "
    "to_char(q.last_seen at time zone 'UTC', $1), q.times, q.byte_offset, "
    "q.byte_length, q.url "
    "from sheaf.quarantine q join sheaf.source s using (source_id) "
    "where $2::text is null or s.name = $2 "
    "order by q.last_seen desc, q.quarantine_id desc limit $3::bigint";

static int
nibble(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

/* The bytes as they came; they may be anything, so in JSON they are hex. */
static int
print_raw(const struct verb_ctx *ctx, const char *number)
{
	int64_t id;
	struct db_rows *rows;
	const char *hex;

	if (str_to_i64(number, 1, INT64_MAX, &id) != 0) {
		verb_complain("sheafctl quarantine shows the numbers",
		    "\"%s\" is no number of a quarantined record", number);
		return EX_USAGE;
	}
	rows = ask_rows(ctx,
	    "select encode(raw, 'hex') from sheaf.quarantine "
	    "where quarantine_id = $1::bigint",
	    1, &number);
	if (rows == NULL)
		return EX_UNAVAILABLE;
	if (db_rows_count(rows) == 0)
		verb_complain("sheafctl quarantine shows the numbers",
		    "nothing is quarantined under %s", number);
	hex = db_rows_count(rows) > 0 ? db_rows_get(rows, 0, 0) : NULL;
	if (hex != NULL && ctx->json) {
		printf("{\"quarantine_id\":%" PRId64 ",\"raw_hex\":\"%s\"}\n",
		    id, hex);
		hex = NULL;
	}
	for (; hex != NULL && hex[0] != '\0' && hex[1] != '\0'; hex += 2)
		putchar(nibble(hex[0]) << 4 | nibble(hex[1]));
	int code = db_rows_count(rows) > 0 ? EX_OK : EX_USAGE;
	db_rows_free(rows);
	return code;
}

static int
run(struct verb_ctx *ctx)
{
	const char *raw = verb_option(ctx, "raw");
	const char *params[3] = {ask_time_format(ctx),
	    ctx->count > 0 ? ctx->operands[0] : NULL, ask_limit(ctx, "50")};
	int code;

	if (raw != NULL)
		return print_raw(ctx, raw);
	code = ask_sources_known(ctx);
	if (code != EX_OK)
		return code;
	if (params[2] == NULL)
		return EX_USAGE;
	return ask_table(ctx, sql, 3, params, columns,
	    sizeof(columns) / sizeof(columns[0]), "Nothing is quarantined.");
}

static const struct verb_option options[] = {
    {"limit", "NUMBER", "at most so many, the latest first (50)"},
    {"raw", "NUMBER", "the bytes of this one, as they came"},
    {0},
};

const struct verb verb_quarantine = {
    .name = "quarantine",
    .operands = "[SOURCE]",
    .summary = "what could not be read, and why",
    .help = "The rest of its page was stored.  With --json also the URL of the "
	    "page, and offset\nand length of the record in it, in bytes after "
	    "decoding.",
    .min = 0,
    .max = 1,
    .needs = VERB_DATABASE,
    .options = options,
    .run = run,
};
