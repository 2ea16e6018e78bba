/* Codes on the command line, and those that were meant. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sysexits.h>

#include "base/alloc.h"
#include "base/str.h"
#include "query/ask.h"

/* By code, or by label where `column` is 1. */
static int
find(const struct db_rows *rows, const char *word, int column)
{
	for (int i = 0; i < db_rows_count(rows); i++) {
		const char *text = db_rows_get(rows, i, column);

		if (text != NULL && (column == 0 ? strcmp(text, word)
						 : strcasecmp(text, word)) == 0)
			return i;
	}
	return -1;
}

static int
unknown(const char *view, const struct db_rows *rows, const char *word)
{
	struct str_guess code = str_guess(word), label = str_guess(word);
	int at = -1, exact = find(rows, word, 1);
	char hint[240];

	for (int i = 0; i < db_rows_count(rows); i++) {
		const char *name = db_rows_get(rows, i, 1);

		str_guess_try(&code, db_rows_get(rows, i, 0));
		if (name != NULL && str_guess_try(&label, name))
			at = i;
		if (strcasecmp(db_rows_get(rows, i, 0), word) == 0)
			exact = i;
	}
	if (exact >= 0)
		at = exact;
	if (at >= 0 && db_rows_get(rows, at, 1) != NULL)
		snprintf(hint, sizeof(hint), "did you mean %s (%s)?",
		    db_rows_get(rows, at, 0), db_rows_get(rows, at, 1));
	else if (code.found != NULL)
		snprintf(hint, sizeof(hint), "did you mean %s?", code.found);
	else
		snprintf(hint, sizeof(hint), "registry.%s has them all", view);
	verb_complain(hint, "there is no %s \"%s\"", view, word);
	return EX_USAGE;
}

int
ask_codes_known(const struct verb_ctx *ctx, const char *view, const char *words)
{
	char *sql, *word;
	struct db_rows *rows;
	int code = EX_OK;

	if (words == NULL)
		return EX_OK;
	sql = xasprintf("select code, %s from registry.%s order by code",
	    strcmp(view, "agency") == 0 ? "name" : "label", view);
	rows = ask_rows(ctx, sql, 0, NULL);
	free(sql);
	if (rows == NULL)
		return ask_failed(ctx);
	while (code == EX_OK && *words != '\0') {
		size_t n = strcspn(words, ",");

		word = xstrndup(words, n);
		if (strcmp(word, "unassigned") != 0 && find(rows, word, 0) < 0)
			code = unknown(view, rows, word);
		free(word);
		words += n + (words[n] != '\0');
	}
	db_rows_free(rows);
	return code;
}

int
ask_axes_known(const struct verb_ctx *ctx)
{
	static const char *const axes[][2] = {{"kind", "kind"},
	    {"sector", "sector"}, {"country", "country"}, {"reach", "country"},
	    {"agency", "agency"}};
	int code = EX_OK;

	for (size_t i = 0; i < sizeof(axes) / sizeof(axes[0]) && code == EX_OK;
	     i++)
		code = ask_codes_known(
		    ctx, axes[i][1], ask_option(ctx, axes[i][0]));
	return code;
}

const char *
ask_family(const struct verb_ctx *ctx, const char *otherwise)
{
	const char *given = verb_option(ctx, "family");

	if (given == NULL)
		return otherwise;
	return strcmp(given, "all") == 0 ? NULL : given;
}
