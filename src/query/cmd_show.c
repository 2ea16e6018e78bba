/* sheafctl show */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/str.h"
#include "query/ask.h"
#include "query/names.h"
#include "query/show_entry.h"
#include "query/verbs.h"
#include "record/record.h"

/* Columns of the question, in order. */
enum {
	COL_RECORD,
	COL_SOURCE,
	COL_AGENCY,
	COL_STATUS,
	COL_IDENTIFIER,
	COL_DATESTAMP,
	COL_SETS,
	COL_FORMAT,
	COL_KIND,
	COL_TITLE,
	COL_URL,
	COL_ISSUED,
	COL_LICENCE,
	COL_CREDIT,
	COL_FIRST_SEEN,
	COL_LAST_SEEN,
	COL_CHANGED,
	COL_DELETED,
	COL_PROTOCOL, /* the labels end here */
	COL_DOC /* encoded content, in hexadecimal */
};

static const char sql[] =
    "select v.record_id, v.source, v.agency, v.status, v.identifier, "
    "v.datestamp_given, array_to_string(v.sets, E'\\n'), v.format, v.kind, "
    "v.title, v.url, left(v.issued::text, case v.issued_precision "
    "when 'year' then 4 when 'month' then 7 else 10 end), v.licence, v.credit, "
    "to_char(v.first_seen at time zone 'UTC', $2), "
    "to_char(v.last_seen at time zone 'UTC', $2), "
    "to_char(v.changed_at at time zone 'UTC', $2), "
    "to_char(v.deleted_at at time zone 'UTC', $2), "
    "s.protocol, "
    "encode(substring(b.data from r.raw_offset + r.raw_length + 1 for "
    "r.doc_length), 'hex') "
    "from registry.record v join sheaf.record r using (record_id) "
    "join sheaf.source s on s.source_id = r.source_id "
    "left join sheaf.block b on b.block_id = r.block_id "
    "where v.record_id = $1::bigint";

/* What codes of countries and of their groups (142) mean. */
static const char sql_countries[] = "select code, label from registry.country";

static const char *const labels[COL_PROTOCOL] = {"record", "source", "agency",
    "status", "identifier", "datestamp", "set", "format", "kind", "title",
    "url", "issued", "licence", "credit", "first seen", "last seen", "changed",
    "deleted"};

/* The stored content, or -1 when there is none that can be read. */
static int
decode(struct record *r, struct arena *a, const char *hex)
{
	size_t n = hex != NULL ? strlen(hex) / 2 : 0;
	unsigned char *doc = n > 0 ? xmalloc(n) : NULL;
	struct err e = {0};
	int rc = -1;

	if (doc != NULL) {
		str_from_hex(doc, hex, n);
		rc = record_decode_doc(r, a, doc, n, &e);
	}
	if (doc != NULL && rc != 0)
		verb_complain(
		    NULL, "its content is not understood: %s", e.text);
	free(doc);
	return rc;
}

static void
split_sets(struct record *r, struct arena *a, const char *sets)
{
	while (sets != NULL && *sets != '\0') {
		size_t n = strcspn(sets, "\n");
		const char **item = record_add(a, &r->sets);
		if (item != NULL)
			*item = arena_strndup(a, sets, n);
		sets += n + (sets[n] != '\0');
	}
}

/* Each line of a text on a line of its own. */
static void
print_field(const char *label, const char *value)
{
	struct buf safe;

	if (value == NULL || value[0] == '\0')
		return;
	buf_init(&safe, 8 * MIB);
	for (;;) {
		size_t n = strcspn(value, "\n");

		buf_clear(&safe);
		str_escape(&safe, value, n, 2 * MIB);
		printf("%-12s %s\n", label, buf_str(&safe));
		if (value[n] == '\0')
			break;
		value += n + 1;
		label = "";
	}
	buf_release(&safe);
}

static void
print_codes(const char *label, const struct rec_code *codes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		print_field(label, codes[i].code);
}

/* "142 (available): Asia": what it is to the record matters as much as which
 * it is. */
static void
print_countries(const struct record *r, const struct db_rows *names)
{
	int count = names != NULL ? db_rows_count(names) : 0;
	char text[400];

	for (size_t i = 0; i < r->countries.count; i++) {
		const struct rec_code *c = &r->countries.items[i];
		const char *name = NULL;

		for (int k = 0; k < count && name == NULL; k++)
			if (strcmp(db_rows_get(names, k, 0), c->code) == 0)
				name = db_rows_get(names, k, 1);
		snprintf(text, sizeof(text), "%s%s%s%s%s%s", c->code,
		    c->role ? " (" : "", c->role ? c->role : "",
		    c->role ? ")" : "", name ? ": " : "", name ? name : "");
		print_field("country", text);
	}
}

/* Titles beside the one that stands for the record. */
static void
print_titles(const struct record *r, const char *title)
{
	char label[64];

	for (size_t i = 0; i < r->titles.count; i++) {
		const struct rec_text *t = &r->titles.items[i];

		if (title != NULL && strcmp(t->text, title) == 0)
			continue;
		snprintf(label, sizeof(label), "title%s%s%s",
		    t->lang ? " (" : "", t->lang ? t->lang : "",
		    t->lang ? ")" : "");
		print_field(label, t->text);
	}
}

static bool
has_issued(const struct record *r)
{
	for (size_t i = 0; i < r->dates.count; i++)
		if (strcmp(r->dates.items[i].role, "issued") == 0 &&
		    r->dates.items[i].value != NULL)
			return true;
	return false;
}

/* What offers and needs have beside other records. */
static void
print_offer(const struct record *r)
{
	char trl[40];

	print_field("progress", r->status);
	if (r->trl_min != NULL && r->trl_max != NULL) {
		snprintf(trl, sizeof(trl),
		    strcmp(r->trl_min, r->trl_max) == 0 ? "%s" : "%s to %s",
		    r->trl_min, r->trl_max);
		print_field("TRL", trl);
	}
	print_field("access", r->access);
	print_field("IP", r->ip_status);
}

static void
print_content(
    const struct record *r, const char *title, const struct db_rows *names)
{
	char label[64];

	print_titles(r, title);
	print_offer(r);
	for (size_t i = 0; i < r->types.count; i++)
		print_field("type", r->types.items[i].text != NULL
					? r->types.items[i].text
					: r->types.items[i].code);
	for (size_t i = 0; i < r->agents.count; i++)
		print_field(r->agents.items[i].role != NULL
				? r->agents.items[i].role
				: "agent",
		    r->agents.items[i].name);
	for (size_t i = 0; i < r->dates.count; i++)
		print_field(r->dates.items[i].role, r->dates.items[i].value);
	for (size_t i = 0; i < r->identifiers.count; i++)
		print_field(r->identifiers.items[i].scheme,
		    r->identifiers.items[i].value);
	print_field("in", r->container.title);
	for (size_t i = 0; i < r->relations.count; i++)
		print_field(r->relations.items[i].type,
		    r->relations.items[i].value != NULL
			? r->relations.items[i].value
			: r->relations.items[i].text);
	for (size_t i = 0; i < r->links.count; i++) {
		snprintf(
		    label, sizeof(label), "%s link", r->links.items[i].role);
		print_field(label, r->links.items[i].url);
	}
	for (size_t i = 0; i < r->subjects.count; i++)
		print_field("subject", r->subjects.items[i].text);
	print_codes("language", r->languages.items, r->languages.count);
	print_countries(r, names);
	for (size_t i = 0; i < r->coverage.count; i++)
		print_field("coverage", r->coverage.items[i]);
	print_codes("sector", r->sectors.items, r->sectors.count);
	print_codes("SDG", r->sdgs.items, r->sdgs.count);
	for (size_t i = 0; i < r->abstracts.count; i++)
		print_field("abstract", r->abstracts.items[i].text);
	for (size_t i = 0; i < r->rights.count; i++)
		print_field("rights", r->rights.items[i].text != NULL
					  ? r->rights.items[i].text
					  : r->rights.items[i].url);
	for (size_t i = 0; i < r->warnings.count; i++)
		print_field("warning", r->warnings.items[i].text);
}

static void
print_text(const struct db_rows *rows, const struct record *r, bool has_content,
    const struct db_rows *names)
{
	for (int c = 0; c < COL_PROTOCOL; c++) {
		/* The content has it as it was written. */
		if (c != COL_SETS &&
		    (c != COL_ISSUED || !has_content || !has_issued(r)))
			print_field(labels[c], db_rows_get(rows, 0, c));
	}
	for (size_t i = 0; i < r->sets.count; i++)
		print_field(labels[COL_SETS], r->sets.items[i]);
	if (has_content)
		print_content(r, db_rows_get(rows, 0, COL_TITLE), names);
}

static void
show(const struct verb_ctx *ctx, const struct db_rows *rows)
{
	struct record r = {0};
	struct arena arena;
	struct buf line;
	bool has_content;

	arena_init(&arena, 0);
	split_sets(&r, &arena, db_rows_get(rows, 0, COL_SETS));
	has_content = decode(&r, &arena, db_rows_get(rows, 0, COL_DOC)) == 0;
	if (ctx->json) {
		r.identifier = db_rows_get(rows, 0, COL_IDENTIFIER);
		/* Of a feed's item it is not kept. */
		if (strcmp(db_rows_get(rows, 0, COL_PROTOCOL), "feed") != 0)
			r.identifier_basis = "oai";
		r.datestamp = db_rows_get(rows, 0, COL_DATESTAMP);
		r.deleted =
		    strcmp(db_rows_get(rows, 0, COL_STATUS), "deleted") == 0;
		buf_init(&line, 64 * MIB);
		record_json(&line, &r, 0);
		puts(buf_str(&line));
		buf_release(&line);
	} else {
		struct db_rows *names =
		    r.countries.count > 0
			? ask_rows(ctx, sql_countries, 0, NULL)
			: NULL;

		print_text(rows, &r, has_content, names);
		db_rows_free(names);
	}
	arena_release(&arena);
}

static int
run(struct verb_ctx *ctx)
{
	const char *params[2];
	struct db_rows *rows;
	int code = EX_OK;
	char *id;

	if (ctx->count == 1 && names_is_uuid(ctx->operands[0]))
		return show_entry(ctx, ctx->operands[0]);
	id = ask_record(ctx);
	if (id == NULL)
		return EX_USAGE;
	params[0] = id;
	params[1] = ask_time_format(ctx);
	rows = ask_rows(ctx, sql, 2, params);
	if (rows == NULL) {
		code = EX_UNAVAILABLE;
	} else if (db_rows_count(rows) == 0) {
		verb_complain("sheafctl records shows the numbers",
		    "the registry has no record %s", id);
		code = EX_USAGE;
	} else {
		show(ctx, rows);
	}
	db_rows_free(rows);
	free(id);
	return code;
}

const struct verb verb_show = {
    .name = "show",
    .operands = "ENTRY | RECORD | SOURCE IDENTIFIER",
    .summary = "one entry or record, all of it",
    .help = "An entry with the record and source that each value came from.  A "
	    "record with --json\nin the form of sheaf-record(5).",
    .min = 1,
    .max = 2,
    .needs = VERB_DATABASE,
    .run = run,
};
