/*
 * sheafctl unmapped: what records name and no vocabulary knows, by how many
 * records name it, as rows of a table that wait for their codes.
 *
 * It is counted when it is asked for, from the records' content (so harvests
 * pay nothing for it), and held against the tables of today.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>
#include <uthash.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/str.h"
#include "bin/config_open.h"
#include "bin/sheafctl.h"
#include "bin/vocab_dir.h"
#include "crosswalk/vocab.h"
#include "query/ask.h"
#include "query/table.h"
#include "record/terms.h"

struct unknown {
	UT_hash_handle hh;
	char *key; /* field, vocabulary's key of the term */
	char *term, *source; /* as it was met first, and where */
	enum term_field field;
	uint64_t records, last; /* last: number of the record that named it */
};

struct count {
	struct unknown *all;
	size_t terms;
	bool is_full;
	bool wants[TERM_FIELD_COUNT];
	const char *source;
	uint64_t record; /* number of the one in hand */
	struct arena scratch;
};

/* Columns of the questions. */
enum { BLOCK_ID, BLOCK_DATA, BLOCK_PLACES };

/* Blocks are read whole: a record's slice alone would be unpacked from the
 * block's beginning every time. */
static const char sql_blocks[] =
    "with b as materialized (select k.block_id, k.record_ids, k.data "
    "from sheaf.block k where k.block_id > $2::bigint and k.source_id = "
    "(select s.source_id from sheaf.source s where s.name = $1) "
    "and not k.whole order by k.block_id limit 16) "
    "select b.block_id, encode(b.data, 'hex'), "
    "(select string_agg(format('%s %s', r.raw_offset + r.raw_length, "
    "r.doc_length), ' ') from sheaf.record r "
    "where r.record_id = any (b.record_ids) and r.block_id = b.block_id "
    "and r.status in ('active', 'missing') and r.doc_length > 0) "
    "from b order by b.block_id";
static const char sql_sources[] =
    "select source from registry.source_status "
    "where state <> 'retired' and ($1::text is null or source = $1) "
    "order by source";

/* --- terms --- */
static bool
is_known(struct arena *a, enum term_field f, const char *text)
{
	const char *colon;

	switch (f) {
	case TERM_TYPE:
		return vocab_kind(text) != NULL;
	case TERM_LANGUAGE:
		return vocab_language(a, text) != NULL;
	case TERM_COUNTRY:
		colon = strstr(text, ": ");
		return vocab_country(text) != NULL ||
		       (colon != NULL && vocab_country(colon + 2) != NULL);
	default:
		return vocab_sectors(text) != NULL ||
		       vocab_sdgs(text) != NULL || vocab_country(text) != NULL;
	}
}

static struct unknown *
add(struct count *c, const char *key, enum term_field f, const char *text)
{
	struct unknown *u;

	if (c->terms >= LIMIT_UNMAPPED_TERMS) {
		c->is_full = true;
		return NULL;
	}
	u = xcalloc(1, sizeof(*u));
	u->key = xstrdup(key);
	u->term = xstrdup(text);
	u->source = xstrdup(c->source);
	u->field = f;
	HASH_ADD_KEYPTR(hh, c->all, u->key, strlen(u->key), u);
	c->terms++;
	return u;
}

static void
take(void *arg, enum term_field f, const char *text, bool is_mapped)
{
	struct count *c = arg;
	struct rules_key key;
	char full[RULES_KEY_BYTES + 4];
	struct unknown *u;

	if (is_mapped || !c->wants[f])
		return;
	/* What no table can have. */
	rules_key(&key, text);
	if (key.exact[0] == '\0' || strpbrk(text, "\t\n\r") != NULL)
		return;
	snprintf(full, sizeof(full), "%d %s", f, key.exact);
	HASH_FIND(hh, c->all, full, strlen(full), u);
	if (u == NULL) {
		if (is_known(&c->scratch, f, text))
			return;
		u = add(c, full, f, text);
	}
	if (u == NULL || u->last == c->record)
		return;
	u->last = c->record;
	u->records++;
}

/* --- records --- */
static void
take_record(struct count *c, const uint8_t *doc, size_t n)
{
	struct record r = {0};
	struct err e;

	c->record++;
	if (record_decode_doc(&r, &c->scratch, doc, n, &e) == 0)
		record_each_term(&r, take, c);
	arena_clear(&c->scratch);
}

/* places: where contents begin and how long they are. */
static void
take_block(struct count *c, const char *hex, const char *places)
{
	size_t n = strlen(hex) / 2, at, len;
	uint8_t *data = xmalloc(n + 1);
	char *end;

	str_from_hex(data, hex, n);
	while (*places != '\0') {
		at = strtoul(places, &end, 10);
		len = strtoul(end, &end, 10);
		places = end + strspn(end, " ");
		if (at <= n && len <= n - at)
			take_record(c, data + at, len);
	}
	free(data);
}

static int
take_source(struct verb_ctx *ctx, struct count *c, const char *name)
{
	char after[24] = "0";
	int blocks;

	c->source = name;
	do {
		const char *const params[] = {name, after};
		struct db_rows *rows = ask_rows(ctx, sql_blocks, 2, params);

		if (rows == NULL)
			return EX_UNAVAILABLE;
		blocks = db_rows_count(rows);
		for (int i = 0; i < blocks; i++) {
			const char *places = db_rows_get(rows, i, BLOCK_PLACES);

			if (places != NULL)
				take_block(c, db_rows_get(rows, i, BLOCK_DATA),
				    places);
			str_copy(after, sizeof(after),
			    db_rows_get(rows, i, BLOCK_ID));
		}
		db_rows_free(rows);
	} while (blocks > 0);
	return EX_OK;
}

static int
take_sources(struct verb_ctx *ctx, struct count *c)
{
	const char *const params[] = {ctx->count > 0 ? ctx->operands[0] : NULL};
	struct db_rows *rows = ask_rows(ctx, sql_sources, 1, params);
	int code = rows == NULL ? EX_UNAVAILABLE : EX_OK;

	for (int i = 0; code == EX_OK && i < db_rows_count(rows); i++)
		code = take_source(ctx, c, db_rows_get(rows, i, 0));
	db_rows_free(rows);
	return code;
}

/* --- what comes out --- */
static int
by_records(const struct unknown *a, const struct unknown *b)
{
	if (a->records != b->records)
		return a->records < b->records ? 1 : -1;
	return strcmp(a->key, b->key);
}

static const char *const vocabularies[TERM_FIELD_COUNT] = {
    [TERM_TYPE] = "kind",
    [TERM_LANGUAGE] = "language",
    [TERM_COUNTRY] = "country",
    [TERM_SUBJECT] = "sector",
};

/* The scheme that the tables look the term up in, and how it is written
 * there. */
static const char *
scheme_of(const struct rules *r, const struct unknown *u, const char **term)
{
	const char *scheme = rules_concept(r, u->term, term);

	if (scheme != NULL)
		return scheme;
	*term = u->term;
	return u->field == TERM_LANGUAGE && strlen(u->term) <= 3 ? "iso639"
								 : rules_label;
}

static void
print_rows(const struct rules *r, const struct count *c, uint64_t limit)
{
	const struct unknown *u;

	if (c->terms == 0) {
		puts("Everything is known.");
		return;
	}
	puts("# Fill in the codes, and put it into a table of vocab_dir: see "
	     "sheaf.conf(5).\nvocabulary\tscheme\tterm\tcode");
	for (u = c->all; u != NULL && limit-- > 0; u = u->hh.next) {
		const char *term, *scheme = scheme_of(r, u, &term);

		printf("# %llu record%s, such as of %s\n%s\t%s\t%s\t\n",
		    (unsigned long long)u->records, u->records == 1 ? "" : "s",
		    u->source, vocabularies[u->field], scheme, term);
	}
}

static void
print_json(const struct rules *r, const struct count *c, uint64_t limit)
{
	static const struct table_column columns[] = {
	    {"FIELD", "field", TABLE_TEXT, 0},
	    {"VOCABULARY", "vocabulary", TABLE_TEXT, 0},
	    {"SCHEME", "scheme", TABLE_TEXT, 0},
	    {"TERM", "term", TABLE_TEXT, 0},
	    {"RECORDS", "records", TABLE_NUMBER, 0},
	    {"SOURCE", "source", TABLE_TEXT, 0},
	};
	struct table *t =
	    table_new(columns, sizeof(columns) / sizeof(columns[0]));
	const struct unknown *u;

	for (u = c->all; u != NULL && limit-- > 0; u = u->hh.next) {
		const char *term, *scheme = scheme_of(r, u, &term);

		table_cell(t, term_field_name(u->field));
		table_cell(t, vocabularies[u->field]);
		table_cell(t, scheme);
		table_cell(t, term);
		table_cell_i64(t, (int64_t)u->records);
		table_cell(t, u->source);
	}
	table_print(t, stdout, TABLE_JSON);
	table_free(t);
}

static void
count_free(struct count *c)
{
	struct unknown *u, *next;

	HASH_ITER (hh, c->all, u, next) {
		HASH_DEL(c->all, u);
		free(u->key);
		free(u->term);
		free(u->source);
		free(u);
	}
	arena_release(&c->scratch);
}

/* --- the verb --- */
static const char *
field_at(const void *arg, size_t i)
{
	(void)arg;
	return term_field_name((enum term_field)i);
}

static int
choose_fields(struct count *c, const char *field)
{
	const char *near_;
	char hint[64];

	if (field == NULL) {
		c->wants[TERM_TYPE] = c->wants[TERM_LANGUAGE] =
		    c->wants[TERM_COUNTRY] = true;
		return EX_OK;
	}
	for (int f = 0; f < TERM_FIELD_COUNT; f++)
		if (strcmp(field, term_field_name((enum term_field)f)) == 0) {
			c->wants[f] = true;
			return EX_OK;
		}
	near_ = verb_nearest(field, TERM_FIELD_COUNT, field_at, NULL);
	snprintf(hint, sizeof(hint), "did you mean %s?", near_ ? near_ : "");
	verb_complain(near_ ? hint : NULL,
	    "--field %s is not known; expected type, language, country or "
	    "subject",
	    field);
	return EX_USAGE;
}

static const struct rules *
open_rules(const struct verb_ctx *ctx)
{
	const struct rules *r = NULL;
	struct buf mistakes;
	struct err e;
	int fd;

	buf_init(&mistakes, MIB);
	fd = vocab_dir_open(vocab_dir(ctx->config->vocab_dir), &mistakes);
	if (fd < 0) {
		fputs(buf_str(&mistakes), stderr);
		verb_complain(NULL, "the vocabularies are not usable");
	} else {
		r = vocab_dir_map(fd, &e);
		if (r == NULL)
			verb_complain(NULL, "the vocabularies: %s", e.text);
		close(fd);
	}
	buf_release(&mistakes);
	return r;
}

static int
run(struct verb_ctx *ctx)
{
	const char *limit = ask_limit(ctx, "50");
	struct count c = {0};
	const struct rules *r;
	int code = choose_fields(&c, verb_option(ctx, "field"));

	if (code != EX_OK || limit == NULL)
		return EX_USAGE;
	code = ask_sources_known(ctx);
	if (code != EX_OK)
		return code;
	r = open_rules(ctx);
	if (r == NULL)
		return EX_CONFIG;
	vocab_use(r);
	arena_init(&c.scratch, 0);
	code = take_sources(ctx, &c);
	if (code == EX_OK) {
		HASH_SORT(c.all, by_records);
		(ctx->json ? print_json : print_rows)(
		    r, &c, strtoull(limit, NULL, 10));
		if (c.is_full)
			verb_complain("ask for one source, or one field",
			    "there are more than %zu different terms, and "
			    "those that came later are not counted",
			    LIMIT_UNMAPPED_TERMS);
	}
	count_free(&c);
	vocab_use(NULL);
	vocab_dir_unmap(r);
	return code;
}

static const struct verb_option options[] = {
    {"field", "NAME", "type, language, country or subject (all but subject)"},
    {"limit", "NUMBER", "at most so many, the most frequent first (50)"},
    {0},
};

const struct verb verb_unmapped = {
    .name = "unmapped",
    .operands = "[SOURCE]",
    .summary = "what records name and no vocabulary knows",
    .help = "The rows are those of a table of vocab_dir but for the code: fill "
	    "it in, save them as\nFILE.tsv there and reload.  What the tables "
	    "of today know is left out, though\nrecords say it still.",
    .min = 0,
    .max = 1,
    .needs = VERB_DATABASE,
    .options = options,
    .run = run,
};
