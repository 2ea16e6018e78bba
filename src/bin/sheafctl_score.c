/* Two records scored as sheaf-resolve would; see bin/sheafctl_score.h. */
#include "bin/sheafctl_score.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"
#include "query/ask.h"
#include "resolve/model.h"
#include "resolve/parameters.h"
#include "resolve/score.h"

static int
refuse(const char *hint, const struct err *e)
{
	verb_complain(hint, "%s", e->text);
	return EX_DATAERR;
}

static int64_t
number(const struct db_rows *rows, int row, int column)
{
	const char *text = db_rows_get(rows, row, column);
	int64_t n = 0;

	if (text != NULL)
		str_to_i64(text, INT64_MIN, INT64_MAX, &n);
	return n;
}

/* The bytes of a column that is encoded in hexadecimal; freed by the caller. */
static uint8_t *
bytes(const struct db_rows *rows, int row, int column, size_t *n)
{
	const char *hex = db_rows_get(rows, row, column);
	uint8_t *data;

	*n = hex != NULL ? strlen(hex) / 2 : 0;
	data = xmalloc(*n + 1);
	if (*n > 0)
		str_from_hex(data, hex, *n);
	return data;
}

/* One part at a time: all of them may be a hundred megabytes. */
static int
load_parts(const struct verb_ctx *ctx, struct model *m, const char *version)
{
	struct err e = {0};
	int found = 1;

	for (uint32_t part = 0; found > 0; part++) {
		char text[16];
		const char *const params[] = {version, text};
		struct db_rows *rows;
		int rc = 0;

		snprintf(text, sizeof(text), "%" PRIu32, part);
		rows = ask_rows(ctx,
		    "select encode(p.data, 'hex') from sheaf.model_part p "
		    "where p.version = $1::integer and p.part = $2::integer",
		    2, params);
		if (rows == NULL)
			return EX_UNAVAILABLE;
		found = db_rows_count(rows);
		if (found > 0) {
			size_t n;
			uint8_t *data = bytes(rows, 0, 0, &n);
			rc = model_load_part(m, part, data, n, &e);
			free(data);
		}
		db_rows_free(rows);
		if (rc != 0)
			return refuse(NULL, &e);
	}
	return EX_OK;
}

static int
load_aliases(const struct verb_ctx *ctx, struct model *m, const char *version)
{
	struct db_rows *rows = ask_rows(ctx,
	    "select a.a, a.b, a.kind, round(a.weight::numeric, 2) "
	    "from sheaf.model_alias a where a.version = $1::integer",
	    1, &version);
	struct err e = {0};
	int rc = 0;

	if (rows == NULL)
		return EX_UNAVAILABLE;
	for (int i = 0; i < db_rows_count(rows) && rc == 0; i++) {
		struct model_alias a = {db_rows_get(rows, i, 0),
		    db_rows_get(rows, i, 1),
		    strtod(db_rows_get(rows, i, 3), NULL),
		    db_rows_get(rows, i, 2)};
		rc = model_load_alias(m, &a, &e);
	}
	db_rows_free(rows);
	return rc == 0 ? EX_OK : refuse(NULL, &e);
}

static int
load_sources(const struct verb_ctx *ctx, struct model *m, const char *version)
{
	struct db_rows *rows = ask_rows(ctx,
	    "select s.source_id, s.mean, s.seen, s.curated, s.given "
	    "from sheaf.model_source s where s.version = $1::integer",
	    1, &version);
	struct err e = {0};
	int rc = 0;

	if (rows == NULL)
		return EX_UNAVAILABLE;
	for (int i = 0; i < db_rows_count(rows) && rc == 0; i++) {
		const char *mean = db_rows_get(rows, i, 1);
		struct model_source s = {
		    .source_id = (int32_t)number(rows, i, 0),
		    .mean = mean != NULL ? strtod(mean, NULL) : (double)NAN,
		    .seen = (uint32_t)number(rows, i, 2),
		    .curated = db_rows_get(rows, i, 3)[0] == 't',
		    .given = db_rows_get(rows, i, 4)[0] == 't'};
		rc = model_load_source(m, &s, &e);
	}
	db_rows_free(rows);
	return rc == 0 ? EX_OK : refuse(NULL, &e);
}

static int
load_model(const struct verb_ctx *ctx, struct model *m)
{
	struct db_rows *rows = ask_rows(ctx,
	    "select v.version from sheaf.model v where v.state = 'current'", 0,
	    NULL);
	struct err e = {0};
	char version[16] = "";
	int code;

	if (rows == NULL)
		return EX_UNAVAILABLE;
	if (db_rows_count(rows) > 0)
		str_copy(version, sizeof(version), db_rows_get(rows, 0, 0));
	db_rows_free(rows);
	if (version[0] == '\0') {
		verb_complain("sheafd makes one when it has harvested",
		    "there is no model yet to score records by");
		return EX_UNAVAILABLE;
	}
	code = load_parts(ctx, m, version);
	if (code == EX_OK)
		code = load_aliases(ctx, m, version);
	if (code == EX_OK)
		code = load_sources(ctx, m, version);
	if (code == EX_OK && model_ready(m, &e) != 0)
		code = refuse(NULL, &e);
	model_set_version(m, (int32_t)atoi(version));
	return code;
}

static int
load_profile(const struct verb_ctx *ctx, const char *record,
    const struct model *m, struct profile *p, struct arena *a)
{
	struct db_rows *rows = ask_rows(ctx,
	    "select p.source_id, p.record_id, encode(p.data, 'hex') "
	    "from sheaf.profile p where p.record_id = $1::bigint",
	    1, &record);
	struct err e = {0};
	uint8_t *data;
	size_t n;
	int rc;

	if (rows == NULL)
		return EX_UNAVAILABLE;
	if (db_rows_count(rows) == 0) {
		db_rows_free(rows);
		verb_complain("sheafctl show tells its status",
		    "record %s has no profile: it is not there any more, or "
		    "waits to be resolved",
		    record);
		return EX_UNAVAILABLE;
	}
	data = bytes(rows, 0, 2, &n);
	rc = profile_decode(
	    p, a, (int32_t)number(rows, 0, 0), number(rows, 0, 1), data, n, &e);
	free(data);
	db_rows_free(rows);
	if (rc != 0)
		return refuse("it is made again by the running sheafd", &e);
	profile_prepare(p, m);
	return EX_OK;
}

static const char *
verdict_of(const struct score *s)
{
	if (!score_may_merge(s) || s->sum < PARAMETER.review)
		return s->relation != RELATION_NONE ? "related" : "none";
	return s->sum >= PARAMETER.merge ? "same" : "doubtful";
}

int
ctl_score(const struct verb_ctx *ctx, const char *a, const char *b,
    struct ctl_score *out)
{
	struct model *m = model_new();
	struct profile x = {0}, y = {0};
	struct arena arena;
	struct score s;
	int code;

	*out = (struct ctl_score){0};
	buf_init(&out->words, MIB);
	buf_init(&out->json, MIB);
	arena_init(&arena, 0);
	code = load_model(ctx, m);
	if (code == EX_OK)
		code = load_profile(ctx, a, m, &x, &arena);
	if (code == EX_OK)
		code = load_profile(ctx, b, m, &y, &arena);
	if (code == EX_OK) {
		score_pair(&s, &x, &y, m);
		score_words(&out->words, &s);
		score_json(&out->json, &s);
		out->sum = s.sum;
		out->version = model_version(m);
		out->verdict = verdict_of(&s);
	}
	arena_release(&arena);
	model_free(m);
	return code;
}

void
ctl_score_release(struct ctl_score *s)
{
	buf_release(&s->words);
	buf_release(&s->json);
}
