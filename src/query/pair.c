/* Two records side by side; see query/pair.h. */
#include "query/pair.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/str.h"
#include "query/ask.h"

void
pair_puts(const char *prefix, const char *text)
{
	struct buf safe;

	buf_init(&safe, 8 * MIB);
	str_escape(&safe, text, strlen(text), MIB);
	printf("%s%s\n", prefix, buf_str(&safe));
	buf_release(&safe);
}

static const struct table_column columns[] = {
    {"FIELD", "field", TABLE_TEXT, 0},
    {"A", "a", TABLE_TEXT, 60},
    {"B", "b", TABLE_TEXT, 60},
};

/* A row for each field that one of them has. */
static const char records_sql[] =
    "select f.label, f.of_a, f.of_b "
    "from registry.record a cross join registry.record b "
    "cross join lateral (values "
    "('record', a.record_id::text, b.record_id::text), "
    "('source', a.source, b.source), "
    "('identifier', a.identifier, b.identifier), "
    "('title', a.title, b.title), "
    "('kind', a.kind, b.kind), "
    "('issued', a.issued::text, b.issued::text), "
    "('url', a.url, b.url), "
    "('status', nullif(a.status, 'active'), nullif(b.status, 'active')), "
    "('entry', a.entry_id::text, b.entry_id::text)) "
    "as f (label, of_a, of_b) "
    "where a.record_id = $1::bigint and b.record_id = $2::bigint "
    "and coalesce(f.of_a, f.of_b) is not null";

int
pair_print_records(const struct verb_ctx *ctx, const char *a, const char *b)
{
	const char *const params[] = {a, b};

	return ask_table(ctx, records_sql, 2, params, columns,
	    sizeof(columns) / sizeof(columns[0]), "They are not there.");
}

static const char evidence_sql[] =
    "select to_char((p.value->>'points')::numeric, 'FMSG990.00'), "
    "concat_ws(': ', p.value->>'part', p.value->>'detail'), "
    "to_char(m.score, 'FMSG990.00') "
    "from sheaf.match m "
    "left join lateral jsonb_array_elements(m.evidence) with ordinality "
    "as p (value, n) on true "
    "where m.a = least($1::bigint, $2::bigint) "
    "and m.b = greatest($1::bigint, $2::bigint) "
    "order by p.n";

int
pair_print_evidence(
    const struct verb_ctx *ctx, const char *a, const char *b, bool *stored)
{
	const char *const params[] = {a, b};
	struct db_rows *rows = ask_rows(ctx, evidence_sql, 2, params);
	char prefix[40];

	if (rows == NULL)
		return EX_UNAVAILABLE;
	*stored = db_rows_count(rows) > 0;
	for (int i = 0; i < db_rows_count(rows); i++) {
		if (db_rows_get(rows, i, 0) == NULL)
			continue;
		snprintf(
		    prefix, sizeof(prefix), "  %8s  ", db_rows_get(rows, i, 0));
		pair_puts(prefix, db_rows_get(rows, i, 1));
	}
	if (*stored)
		printf("%8s  together\n", db_rows_get(rows, 0, 2));
	db_rows_free(rows);
	return EX_OK;
}
