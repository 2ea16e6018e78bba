/* Options as a filter; see query/filter.h. */
#include "query/filter.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"

static const struct {
	const char *option, *key;
	bool span;
} keys[] = {
    {"kind", "kinds", false},
    {"family", "families", false},
    {"agency", "agencies", false},
    {"sector", "sectors", false},
    {"country", "countries", false},
    {"reach", "reach", false},
    {"sdg", "sdgs", false},
    {"language", "languages", false},
    {"status", "status", false},
    {"issued", "issued", true},
    {"deadline", "deadline", true},
};

static void
add_list(struct json *j, const char *words)
{
	json_open(j, '[');
	while (*words != '\0') {
		size_t n = strcspn(words, ",");
		char *word = xstrndup(words, n);

		if (n > 0)
			json_str(j, word);
		free(word);
		words += n + (words[n] != '\0');
	}
	json_close(j, ']');
}

/* FROM..TO, either left out, or one year, month or day. */
static void
add_span(struct json *j, const char *span)
{
	const char *dots = strstr(span, "..");
	size_t n = dots != NULL ? (size_t)(dots - span) : strlen(span);
	char *from = xstrndup(span, n);
	const char *to = dots != NULL ? dots + 2 : from;

	json_open(j, '{');
	if (from[0] != '\0') {
		json_key(j, "from");
		json_str(j, from);
	}
	if (to[0] != '\0') {
		json_key(j, "to");
		json_str(j, to);
	}
	json_close(j, '}');
	free(from);
}

char *
filter_json(const struct verb_ctx *ctx)
{
	struct buf text;
	struct json j;
	char *out;

	buf_init(&text, 4 * MIB);
	json_init(&j, &text);
	json_open(&j, '{');
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const char *given = verb_option(ctx, keys[i].option);

		if (given == NULL)
			continue;
		json_key(&j, keys[i].key);
		if (keys[i].span)
			add_span(&j, given);
		else
			add_list(&j, given);
	}
	json_close(&j, '}');
	out = xstrdup(buf_str(&text));
	buf_release(&text);
	return out;
}
