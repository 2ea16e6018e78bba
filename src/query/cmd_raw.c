/* sheafctl raw */
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "query/ask.h"
#include "query/verbs.h"

static void
print_element(const struct verb_ctx *ctx, const char *id, const char *xml)
{
	struct buf line;
	struct json j;
	int64_t number = strtoll(id, NULL, 10);

	if (!ctx->json) {
		puts(xml);
		return;
	}
	buf_init(&line, GIB);
	json_init(&j, &line);
	json_open(&j, '{');
	json_field_i64(&j, "record_id", number);
	json_field(&j, "xml", xml);
	json_close(&j, '}');
	puts(buf_str(&line));
	buf_release(&line);
}

static int
run(struct verb_ctx *ctx)
{
	char *id = ask_record(ctx);
	const char *params[1] = {id};
	struct db_rows *rows;
	int code = EX_OK;

	if (id == NULL)
		return EX_USAGE;
	rows = ask_rows(ctx, "select registry.raw($1::bigint)", 1, params);
	if (rows == NULL) {
		code = EX_UNAVAILABLE;
	} else if (db_rows_get(rows, 0, 0) == NULL) {
		verb_complain("a deleted record has none; sheafctl show tells "
			      "more",
		    "there is no element of record %s", id);
		code = EX_USAGE;
	} else {
		print_element(ctx, id, db_rows_get(rows, 0, 0));
	}
	db_rows_free(rows);
	free(id);
	return code;
}

const struct verb verb_raw = {
    .name = "raw",
    .operands = "RECORD | SOURCE IDENTIFIER",
    .summary = "the record as its source wrote it",
    .help = "A well-formed element: the source's own bytes, with the "
	    "namespaces in scope declared.",
    .min = 1,
    .max = 2,
    .needs = VERB_DATABASE,
    .run = run,
};
