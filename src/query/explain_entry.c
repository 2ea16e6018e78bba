/* Why an entry is what it is; see query/explain_entry.h. */
#include "query/explain_entry.h"

#include <stdio.h>
#include <sysexits.h>

#include "query/ask.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char head_sql[] =
    "select e.records, to_char(e.made_at at time zone 'UTC', $2), "
    "(select string_agg(f.from_entry::text, ', ' order by f.at) "
    "from sheaf.forward f where f.to_entry = e.entry_id) "
    "from sheaf.entry e where e.entry_id = $1::uuid";

static const struct table_column members[] = {
    {"RECORD", "record_id", TABLE_NUMBER, 0},
    {"SOURCE", "source", TABLE_TEXT, 24},
    {"IDENTIFIER", "identifier", TABLE_TEXT, 40},
    {"ISSUED", "issued", TABLE_TEXT | TABLE_SPARING, 0},
    {"TITLE", "title", TABLE_TEXT, 80},
};
static const char members_sql[] =
    "select r.record_id, r.source, r.identifier, r.issued, r.title "
    "from sheaf.member m join registry.record r on r.record_id = m.record_id "
    "where m.entry_id = $1::uuid and m.active order by r.record_id";

#define PAIR_COLUMNS                                                           \
	{"A", "a", TABLE_NUMBER, 0}, {"B", "b", TABLE_NUMBER, 0},              \
	    {"SCORE", "score", TABLE_NUMBER, 0},                               \
	    {"VERDICT", "verdict", TABLE_TEXT, 0},                             \
	{                                                                      \
		"WHY", "reason", TABLE_TEXT | TABLE_BELOW | TABLE_SPARING, 0   \
	}
static const struct table_column pairs[] = {PAIR_COLUMNS};
static const char inside_sql[] =
    "select m.a, m.b, round(m.score::numeric, 2), m.verdict, m.reason "
    "from sheaf.member x "
    "join sheaf.match m on m.a = x.record_id "
    "join sheaf.member y on y.record_id = m.b and y.entry_id = x.entry_id "
    "where x.entry_id = $1::uuid and x.active and y.active "
    "order by m.score desc, m.a, m.b limit 200";
static const char outside_sql[] =
    "select p.a, p.b, round(p.score::numeric, 2), p.verdict, p.reason from ("
    "select m.*, m.b as other from sheaf.member x "
    "join sheaf.match m on m.a = x.record_id "
    "where x.entry_id = $1::uuid and x.active "
    "union all "
    "select m.*, m.a from sheaf.member x "
    "join sheaf.match m on m.b = x.record_id "
    "where x.entry_id = $1::uuid and x.active) p "
    "join sheaf.member y on y.record_id = p.other "
    "where y.active and y.entry_id <> $1::uuid "
    "order by p.score desc, p.a, p.b limit 20";

static const struct table_column decisions[] = {
    {"NUMBER", "decision_id", TABLE_NUMBER, 0},
    {"KIND", "kind", TABLE_TEXT, 0},
    {"RECORDS", "record_ids", TABLE_TEXT, 0},
    {"BY", "decided_by", TABLE_TEXT, 16},
    {"AT", "decided_at", TABLE_TEXT, 0},
    {"REASON", "reason", TABLE_TEXT | TABLE_BELOW, 0},
};
static const char decisions_sql[] =
    "select d.decision_id, d.kind, array_to_string(d.record_ids, ', '), "
    "d.decided_by, to_char(d.decided_at at time zone 'UTC', $2), d.reason "
    "from registry.decision d "
    "where d.undone_at is null and d.record_ids && array("
    "select m.record_id from sheaf.member m where m.entry_id = $1::uuid) "
    "order by d.decided_at";

static const char json_sql[] =
    "select jsonb_strip_nulls(jsonb_build_object("
    "'entry_id', e.entry_id, 'state', e.state, "
    "'made_at', to_char(e.made_at at time zone 'UTC', $2), "
    "'from', (select jsonb_agg(f.from_entry order by f.at) "
    "from sheaf.forward f where f.to_entry = e.entry_id), "
    "'records', (select jsonb_agg(to_jsonb(r) order by r.record_id) from ("
    "select r.record_id, r.source, r.identifier, r.issued, r.title, r.url "
    "from sheaf.member m join registry.record r on r.record_id = m.record_id "
    "where m.entry_id = e.entry_id and m.active) r), "
    "'pairs', (select jsonb_agg(to_jsonb(p)) from ("
    "select m.a, m.b, round(m.score::numeric, 2) as score, m.verdict, "
    "m.reason, m.evidence, m.decided_by from sheaf.member x "
    "join sheaf.match m on m.a = x.record_id "
    "join sheaf.member y on y.record_id = m.b and y.entry_id = x.entry_id "
    "where x.entry_id = e.entry_id and x.active and y.active "
    "order by m.score desc, m.a, m.b) p), "
    "'kept_out', (select jsonb_agg(to_jsonb(p)) from ("
    "select m.a, m.b, round(m.score::numeric, 2) as score, m.verdict, "
    "m.reason from sheaf.match m "
    "join sheaf.member x on x.record_id = m.a and x.active "
    "join sheaf.member y on y.record_id = m.b and y.active "
    "where (m.a = any(i.ids) or m.b = any(i.ids)) "
    "and x.entry_id <> y.entry_id order by m.score desc, m.a, m.b) p), "
    "'decisions', (select jsonb_agg(to_jsonb(d)) from registry.decision d "
    "where d.undone_at is null and d.record_ids && i.ids))) "
    "from sheaf.entry e cross join lateral (select array("
    "select m.record_id from sheaf.member m where m.entry_id = e.entry_id) "
    "as ids) i where e.entry_id = $1::uuid";

static int
print_head(const struct verb_ctx *ctx, const char *entry)
{
	const char *const params[] = {entry, ask_time_format(ctx)};
	struct db_rows *rows = ask_rows(ctx, head_sql, 2, params);

	if (rows == NULL)
		return EX_UNAVAILABLE;
	if (db_rows_count(rows) > 0) {
		const char *from = db_rows_get(rows, 0, 2);
		printf("entry %s: %s records, since %s\n", entry,
		    db_rows_get(rows, 0, 0), db_rows_get(rows, 0, 1));
		if (from != NULL)
			printf("  it has records that were in %s\n", from);
		putchar('\n');
	}
	db_rows_free(rows);
	return EX_OK;
}

static int
print_json(const struct verb_ctx *ctx, const char *entry)
{
	const char *const params[] = {entry, ask_time_format(ctx)};
	struct db_rows *rows = ask_rows(ctx, json_sql, 2, params);

	if (rows == NULL)
		return EX_UNAVAILABLE;
	if (db_rows_count(rows) > 0)
		puts(db_rows_get(rows, 0, 0));
	db_rows_free(rows);
	return EX_OK;
}

int
explain_entry(const struct verb_ctx *ctx, const char *entry)
{
	const char *const params[] = {entry, ask_time_format(ctx)};
	int code;

	if (ctx->json)
		return print_json(ctx, entry);
	code = print_head(ctx, entry);
	if (code == EX_OK)
		code = ask_table(ctx, members_sql, 1, params, members,
		    COUNT(members), "It has no record.");
	if (code == EX_OK) {
		puts("\nWhat holds it together:");
		code = ask_table(ctx, inside_sql, 1, params, pairs,
		    COUNT(pairs), "Nothing: it is one record.");
	}
	if (code == EX_OK) {
		puts("\nWhat is not in it:");
		code = ask_table(ctx, outside_sql, 1, params, pairs,
		    COUNT(pairs), "Nothing comes near it.");
	}
	if (code == EX_OK) {
		puts("\nWhat operators decided:");
		code = ask_table(ctx, decisions_sql, 2, params, decisions,
		    COUNT(decisions), "Nothing.");
	}
	return code;
}
