/* Records by their names; see query/names.h. */
#include "query/names.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/alloc.h"
#include "base/str.h"
#include "query/ask.h"

#define COLUMNS                                                                \
	"select r.record_id, r.source, r.identifier, r.title, r.entry_id "     \
	"from registry.record r "

bool
names_is_uuid(const char *s)
{
	static const char shape[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

	for (size_t i = 0; i < sizeof(shape); i++) {
		if (shape[i] == 'x' ? !isxdigit((unsigned char)s[i])
				    : s[i] != shape[i])
			return false;
	}
	return true;
}

static char *
copy(const struct db_rows *rows, int row, int column)
{
	const char *s = db_rows_get(rows, row, column);

	return s != NULL ? xstrdup(s) : NULL;
}

static int
take(const struct verb_ctx *ctx, struct names *out, const char *sql,
    int nparams, const char *const *params)
{
	struct db_rows *rows = ask_rows(ctx, sql, nparams, params);

	if (rows == NULL)
		return EX_UNAVAILABLE;
	out->count = (size_t)db_rows_count(rows);
	out->items = xcalloc(out->count + 1, sizeof(*out->items));
	for (int i = 0; i < db_rows_count(rows); i++)
		out->items[i] =
		    (struct named){copy(rows, i, 0), copy(rows, i, 1),
			copy(rows, i, 2), copy(rows, i, 3), copy(rows, i, 4)};
	db_rows_free(rows);
	return EX_OK;
}

void
names_release(struct names *n)
{
	for (size_t i = 0; i < n->count; i++) {
		free(n->items[i].record_id);
		free(n->items[i].source);
		free(n->items[i].identifier);
		free(n->items[i].title);
		free(n->items[i].entry_id);
	}
	free(n->items);
	free(n->entry);
	*n = (struct names){0};
}

/* What the id leads to now, when that is one entry. */
static int
follow(const struct verb_ctx *ctx, const char *given, struct names *out)
{
	struct db_rows *rows = ask_rows(ctx,
	    "select n.entry_id, n.state from sheaf.entry_now($1::uuid) n "
	    "order by n.entry_id",
	    1, &given);
	const char *state;
	int code = EX_USAGE;

	if (rows == NULL)
		return EX_UNAVAILABLE;
	state = db_rows_count(rows) > 0 ? db_rows_get(rows, 0, 1) : "unknown";
	if (strcmp(state, "unknown") == 0) {
		verb_complain("sheafctl records --json shows the entries",
		    "there is no entry %s, and never was", given);
	} else if (strcmp(state, "deleted") == 0) {
		verb_complain(
		    NULL, "the entry %s is gone, with its records", given);
	} else if (db_rows_count(rows) > 1) {
		verb_complain("name one of them, or a record",
		    "the entry %s was split: its records are in %s, %s%s",
		    given, db_rows_get(rows, 0, 0), db_rows_get(rows, 1, 0),
		    db_rows_count(rows) > 2 ? " and others" : "");
	} else {
		out->entry = copy(rows, 0, 0);
		code = EX_OK;
	}
	db_rows_free(rows);
	return code;
}

static int
read_entry(const struct verb_ctx *ctx, const char *given, struct names *out)
{
	const char *entry;
	int code = follow(ctx, given, out);

	if (code != EX_OK)
		return code;
	entry = out->entry;
	code = take(ctx, out,
	    COLUMNS "join sheaf.member m on m.record_id = r.record_id "
		    "where m.entry_id = $1::uuid and m.active "
		    "order by r.record_id",
	    1, &entry);
	if (code != EX_OK || out->count > 0)
		return code;
	verb_complain(NULL, "the entry %s has no record now", given);
	return EX_USAGE;
}

static int
read_number(const struct verb_ctx *ctx, const char *number, struct names *out)
{
	int code = take(
	    ctx, out, COLUMNS "where r.record_id = $1::bigint", 1, &number);

	if (code != EX_OK || out->count == 1)
		return code;
	verb_complain("sheafctl records shows the numbers",
	    "the registry has no record %s", number);
	return EX_USAGE;
}

static int
read_name(const struct verb_ctx *ctx, const char *source,
    const char *identifier, struct names *out)
{
	const char *const params[] = {source, identifier};
	int code = ask_source_known(ctx, source);

	if (code == EX_OK)
		code = take(ctx, out,
		    COLUMNS "where r.source = $1 and r.identifier = $2", 2,
		    params);
	if (code != EX_OK || out->count == 1)
		return code;
	verb_complain("sheafctl records lists what there is",
	    "the source %s has no record \"%s\"", source, identifier);
	return EX_USAGE;
}

int
names_read(
    const struct verb_ctx *ctx, size_t *at, const char *what, struct names *out)
{
	size_t left = ctx->count - *at;
	char **words = ctx->operands + *at;
	int64_t number;

	*out = (struct names){0};
	if (left == 0) {
		verb_complain("a record is named by its number, by its source "
			      "and identifier, or by its entry",
		    "%s is missing", what);
		return EX_USAGE;
	}
	if (str_to_i64(words[0], 1, INT64_MAX, &number) == 0) {
		*at += 1;
		return read_number(ctx, words[0], out);
	}
	if (names_is_uuid(words[0])) {
		*at += 1;
		return read_entry(ctx, words[0], out);
	}
	if (left == 1) {
		verb_complain("sheafctl records shows the numbers; a source "
			      "and an identifier, or an entry, do as well",
		    "\"%s\" is no number of a record", words[0]);
		return EX_USAGE;
	}
	*at += 2;
	return read_name(ctx, words[0], words[1], out);
}

int
names_read_one(
    const struct verb_ctx *ctx, size_t *at, const char *what, struct names *out)
{
	int code = names_read(ctx, at, what, out);

	if (code != EX_OK || out->count == 1)
		return code;
	verb_complain("sheafctl explain lists them",
	    "%s is an entry of %zu records: name the one that is meant", what,
	    out->count);
	return EX_USAGE;
}

int
names_end(const struct verb_ctx *ctx, size_t at)
{
	if (at == ctx->count)
		return EX_OK;
	verb_complain(NULL, "\"%s\" is too much; expected %s",
	    ctx->operands[at], ctx->verb->operands);
	return EX_USAGE;
}
