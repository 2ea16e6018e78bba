/* Decisions as sheaf.decide() takes them; see query/decide.h. */
#include "query/decide.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/str.h"
#include "query/ask.h"

const char *
decide_author(const struct verb_ctx *ctx)
{
	const char *given = verb_option(ctx, "author"),
		   *sudo = getenv("SUDO_USER");
	const struct passwd *pw;

	if (given != NULL)
		return given;
	if (geteuid() == 0 && sudo != NULL && sudo[0] != '\0')
		return sudo;
	pw = getpwuid(getuid());
	return pw != NULL ? pw->pw_name : "unknown";
}

int
decide_reason_given(const struct verb_ctx *ctx)
{
	const char *reason = verb_option(ctx, "reason");

	if (reason != NULL && reason[strspn(reason, " \t\n")] != '\0')
		return EX_OK;
	verb_complain("--reason \"the same report, scanned twice\"",
	    "a decision is kept for ever, and needs a reason");
	return EX_USAGE;
}

static void
add_name(struct buf *out, const struct named *n)
{
	buf_printf(out, "record %s (%s ", n->record_id, n->source);
	str_escape(out, n->identifier, strlen(n->identifier), KIB);
	buf_addc(out, ')');
}

static void
add_words(struct buf *out, const struct decision *d)
{
	add_name(out, d->a);
	if (d->b != NULL) {
		buf_adds(out, " and ");
		add_name(out, d->b);
	}
	if (strcmp(d->kind, "same") == 0)
		buf_adds(out, " are the same thing");
	else if (strcmp(d->kind, "different") == 0)
		buf_adds(out, " are different things");
	else if (strcmp(d->kind, "hide") == 0)
		buf_adds(out, " is hidden");
	else if (strcmp(d->kind, "purge") == 0)
		buf_adds(out, " is purged, and does not come back");
	else if (d->value[0] == '\0')
		buf_printf(out, ": %s has no value", d->field);
	else {
		buf_printf(out, ": %s is \"", d->field);
		str_escape(out, d->value, strlen(d->value), KIB);
		buf_addc(out, '"');
	}
}

static void
print_text(const struct decision *d, const char *number, const char *note)
{
	struct buf text;

	buf_init(&text, 16 * KIB);
	add_words(&text, d);
	printf("decision %s: %s\n", number, buf_str(&text));
	if (note != NULL)
		printf("  %s\n", note);
	buf_release(&text);
}

static void
print_json(const struct decision *d, const char *number, const char *note)
{
	struct buf line;
	struct json j;

	buf_init(&line, 8 * MIB);
	json_init(&j, &line);
	json_open(&j, '{');
	json_key(&j, "decision_id");
	json_raw(&j, number);
	json_field(&j, "kind", d->kind);
	json_key(&j, "record_ids");
	json_open(&j, '[');
	json_raw(&j, d->a->record_id);
	if (d->b != NULL)
		json_raw(&j, d->b->record_id);
	json_close(&j, ']');
	if (d->field != NULL) {
		json_field(&j, "field", d->field);
		json_key(&j, "value");
		json_str(&j, d->value);
	}
	json_field(&j, "note", note);
	json_close(&j, '}');
	puts(buf_str(&line));
	buf_release(&line);
}

int
decide(const struct verb_ctx *ctx, const struct decision *d)
{
	const char *const params[] = {d->kind, d->a->source, d->a->identifier,
	    d->b != NULL ? d->b->source : NULL,
	    d->b != NULL ? d->b->identifier : NULL, d->field, d->value,
	    decide_author(ctx),
	    d->reason != NULL ? d->reason : verb_option(ctx, "reason")};
	struct db_rows *rows = ask_rows(ctx,
	    "select d.decision_id, d.refusal, d.note from sheaf.decide($1, $2, "
	    "$3, $4, $5, $6, $7, $8, $9) d",
	    9, params);
	const char *number, *refusal;

	if (rows == NULL)
		return EX_UNAVAILABLE;
	number = db_rows_get(rows, 0, 0);
	refusal = db_rows_get(rows, 0, 1);
	if (refusal != NULL)
		verb_complain(strstr(refusal, "decision ") != NULL
				  ? "sheafctl decisions --undo NUMBER undoes "
				    "one of them"
				  : NULL,
		    "%s", refusal);
	else if (ctx->json)
		print_json(d, number, db_rows_get(rows, 0, 2));
	else
		print_text(d, number, db_rows_get(rows, 0, 2));
	db_rows_free(rows);
	return refusal != NULL ? EX_UNAVAILABLE : EX_OK;
}

/* Of two entries their oldest records stand for them: what is the same as one
 * record of an entry is the same as the entry.  What is different has to be
 * said record by record. */
int
decide_two(const struct verb_ctx *ctx, const char *kind, names_reader *read)
{
	struct names a = {0}, b = {0};
	size_t at = 0;
	int code = decide_reason_given(ctx);

	if (code == EX_OK)
		code = read(ctx, &at, "A", &a);
	if (code == EX_OK)
		code = read(ctx, &at, "B", &b);
	if (code == EX_OK)
		code = names_end(ctx, at);
	if (code == EX_OK) {
		struct decision d = {
		    .kind = kind, .a = &a.items[0], .b = &b.items[0]};
		code = decide(ctx, &d);
	}
	names_release(&a);
	names_release(&b);
	return code;
}

int
decide_only(const struct verb_ctx *ctx, struct names *n)
{
	size_t at = 0;
	int code = decide_reason_given(ctx);

	if (code == EX_OK)
		code = names_read(ctx, &at, "RECORD", n);
	return code == EX_OK ? names_end(ctx, at) : code;
}

int
decide_each(const struct verb_ctx *ctx, const char *kind, const struct names *n)
{
	int code = EX_OK;

	for (size_t i = 0; i < n->count && code == EX_OK; i++) {
		struct decision d = {.kind = kind, .a = &n->items[i]};
		code = decide(ctx, &d);
	}
	return code;
}
