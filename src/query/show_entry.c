/* An entry, composed of its records; see query/show_entry.h. */
#include "query/show_entry.h"

#include <string.h>
#include <sysexits.h>

#include "query/ask.h"

static const struct table_column columns[] = {
    {"FIELD", "field", TABLE_TEXT, 0},
    {"VALUE", "value", TABLE_TEXT, 60},
    {"RECORD", "record", TABLE_TEXT, 0},
    {"SOURCE", "source", TABLE_TEXT, 0},
};

/* Fields in the order of people's interest, then values. */
static const char sql[] =
    "select f.field, f.value, coalesce(r.record_id::text, f.origin), r.source "
    "from (select v.n, 0 as place, v.field, v.value, "
    "e.origins ->> v.field as origin from registry.entry e "
    "cross join lateral (values (1, 'title', e.title), "
    "(2, 'title_lang', e.title_lang), (3, 'kind', e.kind), "
    "(4, 'family', e.family), (5, 'status', e.status), "
    "(6, 'issued', left(e.issued::text, case e.issued_precision "
    "when 'year' then 4 when 'month' then 7 else 10 end)), "
    "(7, 'starts', to_char(e.starts at time zone 'UTC', $2)), "
    "(8, 'ends', to_char(e.ends at time zone 'UTC', $2)), "
    "(9, 'deadline', to_char(e.deadline at time zone 'UTC', $2)), "
    "(10, 'publisher', e.publisher), (11, 'url', e.url), "
    "(12, 'image_url', e.image_url), (13, 'rights_url', e.rights_url), "
    "(14, 'access', e.access), (15, 'trl_min', e.trl_min::text), "
    "(16, 'trl_max', e.trl_max::text), "
    "(17, 'agencies', array_to_string(e.agencies, ' ')), "
    "(18, 'sources', array_to_string(e.sources, ' ')), "
    "(19, 'records', e.record_count::text), "
    "(20, 'first_seen', to_char(e.first_seen at time zone 'UTC', $2)), "
    "(21, 'updated_at', to_char(e.updated_at at time zone 'UTC', $2)), "
    "(22, 'abstract', e.abstract)) as v (n, field, value) "
    "where e.entry_id = $1::uuid "
    "union all select 30, t.n, 'titles', concat_ws(' ', t.text, "
    "'(' || t.lang || ')'), t.record_id::text from registry.entry_title t "
    "where t.entry_id = $1::uuid "
    "union all select 31, t.n, t.role, t.name, t.record_id::text "
    "from registry.entry_agent t where t.entry_id = $1::uuid "
    "union all select 32, t.n, t.role || ' date', concat_ws(' to ', "
    "coalesce(t.value, t.term), t.until), t.record_id::text "
    "from registry.entry_date t where t.entry_id = $1::uuid "
    "union all select 33, 0, t.scheme, t.value, t.record_id::text "
    "from registry.entry_identifier t where t.entry_id = $1::uuid "
    "union all select 34, t.n, t.role || ' link', t.url, t.record_id::text "
    "from registry.entry_link t where t.entry_id = $1::uuid "
    "union all select 35, t.n, 'subject', coalesce(t.text, t.code), "
    "t.record_id::text from registry.entry_subject t "
    "where t.entry_id = $1::uuid "
    "union all select 36, 0, 'language', t.code, t.record_id::text "
    "from registry.entry_language t where t.entry_id = $1::uuid "
    "union all select 37, 0, 'country', concat_ws(' ', t.code, "
    "'(' || t.role || ')'), t.record_id::text "
    "from registry.entry_country t where t.entry_id = $1::uuid "
    "union all select 38, 0, 'sector', t.code, t.record_id::text "
    "from registry.entry_sector t where t.entry_id = $1::uuid "
    "union all select 39, 0, 'SDG', coalesce(t.target, t.goal::text), "
    "t.record_id::text from registry.entry_sdg t "
    "where t.entry_id = $1::uuid "
    "union all select 40, t.n, 'rights', coalesce(t.code, t.url, t.text), "
    "t.record_id::text from registry.entry_rights t "
    "where t.entry_id = $1::uuid) f "
    "left join registry.record r on r.record_id = case "
    "when f.origin <> 'operator' then f.origin::bigint end "
    "where f.value is not null order by f.n, f.place, f.value";

static const char fate[] = "select r.state, r.entry_id::text "
			   "from registry.resolve($1::uuid) r order by 2";

/* An id is never given to another thing, so what became of it is known. */
static int
tell_fate(struct verb_ctx *ctx, const char *id)
{
	struct db_rows *rows = ask_rows(ctx, fate, 1, &id);
	const char *state;

	if (rows == NULL)
		return ask_failed(ctx);
	state = db_rows_count(rows) > 0 ? db_rows_get(rows, 0, 0) : "unknown";
	if (strcmp(state, "merged") == 0 || strcmp(state, "split") == 0)
		verb_complain("sheafctl show shows that one",
		    "%s is no entry any more: its records are in %s%s", id,
		    db_rows_get(rows, 0, 1),
		    db_rows_count(rows) > 1 ? " and others" : "");
	else if (strcmp(state, "deleted") == 0)
		verb_complain("sheafctl history shows what it said",
		    "%s is no entry any more: none of its records is there",
		    id);
	else if (strcmp(state, "live") == 0)
		verb_complain("sheaf-resolve does that while sheafd runs",
		    "%s is an entry that was not composed yet", id);
	else
		verb_complain("sheafctl search finds them",
		    "the registry has no entry %s", id);
	db_rows_free(rows);
	return EX_USAGE;
}

int
show_entry(struct verb_ctx *ctx, const char *entry_id)
{
	const char *params[2] = {entry_id, ask_time_format(ctx)};
	struct db_rows *rows = ask_rows(ctx, sql, 2, params);
	int code = EX_OK;

	if (rows == NULL)
		return ask_failed(ctx);
	if (db_rows_count(rows) == 0)
		code = tell_fate(ctx, entry_id);
	else
		ask_print(ctx, rows, columns,
		    sizeof(columns) / sizeof(columns[0]), "");
	db_rows_free(rows);
	return code;
}
