/*
 * The dry run of sheafctl renormalise: pages of stored records as sheaf-store
 * makes them, through sheaf-parse as a filter, compared with what is stored.
 * The database is only read.
 */
#include "bin/sheafctl_again.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/str.h"
#include "bin/config_open.h"
#include "bin/crosswalk_dir.h"
#include "bin/made_by.h"
#include "bin/vocab_dir.h"
#include "db/sync.h"
#include "proc/role.h"
#include "query/ask.h"
#include "record/stored.h"
#include "record/stream.h"

enum {
	FIELDS = 40, /* more than a record has */
	EXAMPLES = 5, /* records that are shown in any case, */
	EXAMPLES_MOST = 15, /* and where they show another field */
	COMPLAINTS = 5,
	SHOWN_BYTES = 300 /* of a value, for people */
};

/* As much as is asked of the database at a time. */
#define PAGE_BYTES  "8000000"
#define PAGE_BLOCKS "500"

struct again {
	const struct verb_ctx *ctx;
	const struct conf_source *source;
	char *vocab, *crosswalks;
	struct stored_page page;
	struct arena arena; /* of one record */
	struct buf kept;
	const char *fields[FIELDS];
	uint64_t field_counts[FIELDS];
	size_t field_count;
	uint64_t records, changed, rejected;
	uint64_t headless; /* records that are passed over */
	/* of the record in hand */
	bool shows;
	struct buf differs; /* its fields, for the example */
	struct json differs_json;
	unsigned examples, complaints;
	struct buf shown; /* all examples */
	struct json shown_json;
};

/* --- one record --- */
static size_t
field_index(struct again *a, const char *field)
{
	size_t i = 0;

	while (i < a->field_count && strcmp(a->fields[i], field) != 0)
		i++;
	if (i == a->field_count && i < FIELDS)
		a->fields[a->field_count++] = field;
	return i < FIELDS ? i : FIELDS - 1;
}

static void
print_value(struct buf *out, const char *label, const char *value)
{
	buf_printf(out, "      %-7s ", label);
	str_escape(out, *value != '\0' ? value : "nothing",
	    *value != '\0' ? strlen(value) : strlen("nothing"), SHOWN_BYTES);
	buf_addc(out, '\n');
}

static void
on_difference(
    void *arg, const char *field, const char *before, const char *after)
{
	struct again *a = arg;
	struct json *j = &a->differs_json;
	size_t i = field_index(a, field);

	a->shows |= a->examples < EXAMPLES ||
		    (a->examples < EXAMPLES_MOST && a->field_counts[i] == 0);
	a->field_counts[i]++;
	if (!a->ctx->json) {
		buf_printf(&a->differs, "    %s\n", field);
		print_value(&a->differs, "before", before);
		print_value(&a->differs, "after", after);
		return;
	}
	json_open(j, '{');
	json_field(j, "field", field);
	if (*before != '\0') {
		json_key(j, "before");
		json_raw(j, before);
	}
	if (*after != '\0') {
		json_key(j, "after");
		json_raw(j, after);
	}
	json_close(j, '}');
}

static void
show(struct again *a, const struct stored_record *r)
{
	struct json *j = &a->shown_json;

	a->examples++;
	if (!a->ctx->json) {
		buf_printf(&a->shown, "  record %" PRId64 "  ", r->record_id);
		str_escape(&a->shown, r->identifier, strlen(r->identifier),
		    SHOWN_BYTES);
		buf_addc(&a->shown, '\n');
		buf_adds(&a->shown, buf_str(&a->differs));
		return;
	}
	json_open(j, '{');
	json_field_i64(j, "record_id", r->record_id);
	json_field(j, "identifier", r->identifier);
	json_key(j, "differs");
	json_raw(j, buf_str(&a->differs));
	json_close(j, '}');
}

static int
compare(struct again *a, const struct stored_record *r, const void *doc,
    size_t n, struct err *e)
{
	struct record was = {0}, now = {0};
	struct err ignored;
	int rc = stored_compare(
	    &a->kept, r->doc, r->doc_length, doc, n, &a->arena, e);

	if (rc <= 0)
		return rc;
	if (a->kept.len > 0) {
		doc = a->kept.data;
		n = a->kept.len;
	}
	a->changed++;
	if (record_decode_doc(&now, &a->arena, doc, n, e) < 0)
		return -1;
	/* One of a version that is not understood counts as empty. */
	record_decode_doc(&was, &a->arena, r->doc, r->doc_length, &ignored);
	a->shows = false;
	buf_clear(&a->differs);
	json_init(&a->differs_json, &a->differs);
	if (a->ctx->json)
		json_open(&a->differs_json, '[');
	stored_differences(&was, &now, on_difference, a);
	if (a->ctx->json)
		json_close(&a->differs_json, ']');
	if (a->shows)
		show(a, r);
	return 0;
}

/* --- the stream of a page --- */
static int
on_record(void *arg, const struct record_head *h, struct err *e)
{
	struct again *a = arg;
	uint32_t i;
	int rc;

	if (stored_find(&a->page, h->offset, h->length, &i, e) < 0)
		return -1;
	a->records++;
	rc = compare(a, &a->page.records[i], h->doc, h->doc_len, e);
	arena_clear(&a->arena);
	return rc;
}

static void
reject(struct again *a, int64_t record, const char *why)
{
	a->records++;
	a->rejected++;
	if (a->complaints++ < COMPLAINTS)
		verb_complain(NULL, "%s: record %" PRId64 ": %s",
		    a->source->name, record, why);
}

static int
on_reject(void *arg, const struct reject *r, struct err *e)
{
	struct again *a = arg;
	uint32_t i;

	if (stored_find(&a->page, r->offset, r->length, &i, e) < 0)
		return -1;
	reject(a, a->page.records[i].record_id, r->reason);
	return 0;
}

static int
on_page(void *arg, const struct page_facts *f, struct err *e)
{
	struct again *a = arg;

	if (f->err_class != ERR_NONE)
		return err_set(e, f->err_class, 0, "%s",
		    f->err_text != NULL ? f->err_text : "it cannot be read");
	return stored_check(&a->page, e);
}

/* 0, or an exit code after a message. */
static int
parse_page(struct again *a)
{
	static const struct stream_ops ops = {on_record, on_reject, on_page};
	const struct conf_source *c = a->source;
	const bool of_feed = a->page.around.form == CONTEXT_FEED;
	const char *from = a->page.around.base_url;
	const struct {
		const char *name, *value;
	} given[] = {{"protocol", of_feed ? "feed" : "oai-pmh"},
	    {"format", of_feed ? "" : a->page.format},
	    {"url", of_feed && *from != '\0' ? from
		    : *c->file != '\0'	     ? ""
					     : c->url},
	    {"kind", c->kind}, {"licence", c->licence}, {"vocab", a->vocab},
	    {"crosswalks", a->crosswalks}, {"by", c->crosswalk}};
	enum { GIVEN = sizeof(given) / sizeof(given[0]) };
	char *argv[GIVEN + 2] = {NULL};
	struct err e = {0};
	int body = stored_page_seal(&a->page, &e), rc = -1;
	size_t n = 1;

	for (size_t i = 0; i < GIVEN; i++) {
		if (given[i].value != NULL && *given[i].value != '\0')
			argv[n++] =
			    xasprintf("--%s=%s", given[i].name, given[i].value);
	}
	if (body >= 0)
		rc = ctl_parser_run(argv, body, a->page.body.len, &ops, a, &e);
	for (size_t i = 1; i < n; i++)
		free(argv[i]);
	if (body >= 0)
		close(body);
	if (rc == 0)
		return EX_OK;
	verb_complain("the records are not to blame: please report it",
	    "%s: its stored records cannot be read again: %s", c->name, e.text);
	return EX_SOFTWARE;
}

/* --- pages --- */
enum {
	COL_BLOCK,
	COL_CONTEXT,
	COL_RECORD,
	COL_IDENTIFIER,
	COL_FORMAT,
	COL_OFFSET,
	COL_RAW,
	COL_DOC,
	COL_DATA
};
static const char page_sql[] =
    "select block_id, context, record_id, identifier, format, raw_offset, "
    "raw_length, doc_length, encode(data, 'hex') "
    "from sheaf.stored_page((select source_id from sheaf.source "
    "where name = $1), $2::bigint, decode($3, 'hex'), " PAGE_BYTES
    ", " PAGE_BLOCKS ")";

/* As SQL_STORED_HEADLESS of the store. */
static const char headless_sql[] =
    "select count(*) from sheaf.source s, sheaf.block b, "
    "unnest(b.record_ids) as i (id), sheaf.record r "
    "where s.name = $1 and b.source_id = s.source_id and not b.whole "
    "and b.rules is distinct from decode($2, 'hex') "
    "and position(E'\n" CONTEXT_FEED_MARK " ' in b.context) = 0 "
    "and r.record_id = i.id and r.block_id = b.block_id "
    "and r.status in ('active', 'missing', 'hidden') and r.raw_length > 0";

static int64_t
number(const struct db_rows *rows, int row, int column)
{
	const char *text = db_rows_get(rows, row, column);

	return text != NULL ? strtoll(text, NULL, 10) : 0;
}

/* The rows of one page from *row on; moves it behind them. */
static int
fill(struct again *a, const struct db_rows *rows, int *row, struct err *e)
{
	uint8_t *data = NULL;
	bool is_taken = true;

	for (; is_taken && *row < db_rows_count(rows); *row += is_taken) {
		const char *hex = db_rows_get(rows, *row, COL_DATA);
		const char *format = db_rows_get(rows, *row, COL_FORMAT);
		struct stored_row x = {
		    .block = number(rows, *row, COL_BLOCK),
		    .record_id = number(rows, *row, COL_RECORD),
		    .context = db_rows_get(rows, *row, COL_CONTEXT),
		    .identifier = db_rows_get(rows, *row, COL_IDENTIFIER),
		    .format = format != NULL ? format : "",
		    .offset = number(rows, *row, COL_OFFSET),
		    .raw_length = number(rows, *row, COL_RAW),
		    .doc_length = number(rows, *row, COL_DOC),
		};

		if (hex != NULL) {
			free(data);
			x.data_len = strlen(hex) / 2;
			x.data = data = xmalloc(x.data_len + 1);
			str_from_hex(data, hex, x.data_len);
		}
		is_taken = stored_page_take(&a->page, &x);
	}
	free(data);
	return a->page.block_count > 0 ? stored_page_end(&a->page, e) : 0;
}

static void
tell_outside(struct again *a)
{
	for (size_t i = 0; i < a->page.outside_count; i++)
		reject(a, a->page.outside[i].record_id, a->page.outside[i].why);
}

static int
read_rows(struct again *a, const struct db_rows *rows)
{
	struct err e = {0};
	int code = EX_OK;

	for (int row = 0; code == EX_OK && row < db_rows_count(rows);) {
		stored_page_init(&a->page);
		a->page.of_feed = a->source->protocol == PROTOCOL_FEED;
		if (fill(a, rows, &row, &e) == 0) {
			tell_outside(a);
			if (a->page.block_count > 0)
				code = parse_page(a);
		} else {
			verb_complain(NULL, "%s: %s", a->source->name, e.text);
			code = EX_SOFTWARE;
		}
		stored_page_release(&a->page);
	}
	return code;
}

static int
read_all(struct again *a, const char *rules)
{
	char after[24] = "0";
	const char *const params[] = {a->source->name, after, rules};
	int code = EX_OK, n = 1;

	while (code == EX_OK && n > 0) {
		struct db_rows *rows = ask_rows(a->ctx, page_sql, 3, params);

		if (rows == NULL)
			return EX_UNAVAILABLE;
		n = db_rows_count(rows);
		if (n > 0) {
			str_copy(after, sizeof(after),
			    db_rows_get(rows, n - 1, COL_BLOCK));
			code = read_rows(a, rows);
		}
		db_rows_free(rows);
	}
	return code;
}

static int
count_headless(struct again *a, const char *rules)
{
	const char *const params[] = {a->source->name, rules};
	struct db_rows *rows;

	if (a->source->protocol != PROTOCOL_FEED)
		return EX_OK;
	rows = ask_rows(a->ctx, headless_sql, 2, params);
	if (rows == NULL)
		return EX_UNAVAILABLE;
	a->headless = (uint64_t)number(rows, 0, 0);
	db_rows_free(rows);
	return EX_OK;
}

/* --- what is said --- */
static void
print_json(struct again *a)
{
	struct buf line;
	struct json j;

	buf_init(&line, GIB);
	json_init(&j, &line);
	json_open(&j, '{');
	json_field(&j, "source", a->source->name);
	json_field_i64(&j, "records", (int64_t)a->records);
	json_field_i64(&j, "changed", (int64_t)a->changed);
	json_field_i64(&j, "rejected", (int64_t)a->rejected);
	json_field_i64(&j, "without_head", (int64_t)a->headless);
	json_key(&j, "fields");
	json_open(&j, '{');
	for (size_t i = 0; i < a->field_count; i++)
		json_field_i64(&j, a->fields[i], (int64_t)a->field_counts[i]);
	json_close(&j, '}');
	json_key(&j, "examples");
	json_raw(&j, buf_str(&a->shown));
	json_close(&j, '}');
	puts(buf_str(&line));
	buf_release(&line);
}

static void
print_headless(const struct again *a)
{
	if (a->headless > 0)
		printf("%s: %" PRIu64
		       " records of the feed would stay as they are: its head "
		       "is not stored with them;\n"
		       "sheafctl harvest --full reads anew what the feed still "
		       "has\n",
		    a->source->name, a->headless);
}

static void
print_text(const struct again *a)
{
	print_headless(a);
	if (a->records == 0 && a->headless > 0)
		return;
	if (a->records == 0) {
		printf("%s: every stored record was made by the rules of "
		       "today\n",
		    a->source->name);
		return;
	}
	printf("%s: of %" PRIu64 " stored records that other rules made "
	       "%" PRIu64 " would differ",
	    a->source->name, a->records, a->changed);
	if (a->rejected > 0)
		printf(", and %" PRIu64
		       " cannot be read again and would stay as they are",
		    a->rejected);
	putchar('\n');
	for (size_t i = 0; i < a->field_count; i++)
		printf("  %-12s %10" PRIu64 "\n", a->fields[i],
		    a->field_counts[i]);
	if (a->examples > 0)
		printf("\nSome of them:\n%s", buf_str(&a->shown));
}

/* The digest of today's rules, or -1 after a message. */
static int
rules_of_today(const struct again *a, char text[2 * HASH128_BYTES + 1])
{
	uint8_t rules[HASH128_BYTES], digest[HASH128_BYTES];
	struct buf mistakes;
	struct err e = {0};
	int fds[2] = {-1, -1}, rc = -1;

	buf_init(&mistakes, MIB);
	if (config_open_tables(a->ctx->config, NULL, fds, &mistakes) != 0)
		verb_complain("sheafctl check tells the same",
		    "tables or crosswalks are not usable:\n%s",
		    buf_str(&mistakes));
	else if ((rc = made_by_rules(rules, fds, &e)) != 0)
		verb_complain(NULL, "%s", e.text);
	if (rc == 0) {
		made_by(digest, rules, a->source);
		made_by_text(text, digest);
	}
	for (int i = 0; i < 2; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
	}
	buf_release(&mistakes);
	return rc;
}

int
again_dry_run(struct verb_ctx *ctx, const struct conf_source *source)
{
	struct again a = {.ctx = ctx,
	    .source = source,
	    .vocab = xstrdup(vocab_dir(ctx->config->vocab_dir)),
	    .crosswalks = xstrdup(crosswalk_dir(ctx->config->crosswalk_dir))};
	char rules[2 * HASH128_BYTES + 1];
	int code = EX_CONFIG;

	arena_init(&a.arena, 0);
	buf_init(&a.kept, LIMIT_DOC_BYTES);
	buf_init(&a.differs, 64 * MIB);
	buf_init(&a.shown, GIB);
	json_init(&a.shown_json, &a.shown);
	if (ctx->json)
		json_open(&a.shown_json, '[');
	if (rules_of_today(&a, rules) == 0)
		code = read_all(&a, rules);
	if (code == EX_OK)
		code = count_headless(&a, rules);
	if (ctx->json)
		json_close(&a.shown_json, ']');
	if (code == EX_OK) {
		if (ctx->json)
			print_json(&a);
		else
			print_text(&a);
	}
	free(a.vocab);
	free(a.crosswalks);
	arena_release(&a.arena);
	buf_release(&a.kept);
	buf_release(&a.differs);
	buf_release(&a.shown);
	return code;
}
