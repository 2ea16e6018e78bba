#include "crosswalk/places.h"

#include <string.h>

#include "crosswalk/text.h"
#include "crosswalk/vocab.h"

enum { PARTS = 64 };

typedef void (*take_fn)(void *arg, const char *code, const char *term);

static bool
take_codes(const char *code, const char *term, take_fn take, void *arg)
{
	bool is_any = code != NULL;

	for (; code != NULL; code = rules_next(code))
		take(arg, code, term);
	return is_any;
}

/* Georgia, Jamaica, Lebanon and Peru are places in the United States, Niger is
 * a state of Nigeria, Luxembourg a province of Belgium. */
static bool
may_be_in(const char *code, const char *in)
{
	return strcmp(in, "USA") == 0 ||
	       (strcmp(code, "NER") == 0 && strcmp(in, "NGA") == 0) ||
	       (strcmp(code, "LUX") == 0 && strcmp(in, "BEL") == 0);
}

/* Parts between commas; how many, 0 where they are too many. */
static size_t
split(struct arena *a, const char *text, const char **parts)
{
	size_t count = 0;

	for (;;) {
		size_t n = strcspn(text, ",");

		if (count == PARTS)
			return 0;
		parts[count++] = text_line(a, text, n);
		if (text[n] == '\0')
			return count;
		text += n + 1;
	}
}

/* "Guyana and Brazil", "and Brazil" at the end of a list: how many parts there
 * are then. */
static size_t
split_last(struct arena *a, const char **parts, size_t count)
{
	static const char *const words[] = {"and", "et", "y", "e", "und", "&"};
	const char *last = parts[count - 1];

	if (vocab_country(last) != NULL)
		return count;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		size_t n = strlen(words[i]);
		const char *p = last;

		if (count > 1 && strncmp(last, words[i], n) == 0 &&
		    last[n] == ' ' && vocab_country(last + n + 1) != NULL) {
			parts[count - 1] = last + n + 1;
			return count;
		}
		while ((p = strstr(p + 1, words[i])) != NULL) {
			const char *before;

			if (p[-1] != ' ' || p[n] != ' ')
				continue;
			before = text_line(a, last, (size_t)(p - last));
			if (count < PARTS && vocab_country(before) != NULL &&
			    vocab_country(p + n + 1) != NULL) {
				parts[count - 1] = before;
				parts[count] = p + n + 1;
				return count + 1;
			}
		}
	}
	return count;
}

static bool
read_commas(
    struct arena *a, const char *text, bool *is_all, take_fn take, void *arg)
{
	const char *parts[PARTS], *code, *last;
	size_t n = split(a, text, parts), known = 0;

	if (n > 0)
		n = split_last(a, parts, n);
	if (n < 2 || (last = vocab_country(parts[n - 1])) == NULL)
		return false;
	for (size_t i = 0; i < n; i++)
		known += vocab_country(parts[i]) != NULL;
	code = vocab_country(parts[0]);
	if (known == n && (n > 2 || !may_be_in(code, last))) {
		for (size_t i = 0; i < n; i++)
			take_codes(
			    vocab_country(parts[i]), parts[i], take, arg);
		return true;
	}
	*is_all = false;
	return take_codes(last, text, take, arg);
}

/* "Kenya--Nairobi", "Africa--Kenya": the last that is one. */
static bool
read_dashes(
    struct arena *a, const char *text, bool *is_all, take_fn take, void *arg)
{
	const char *found = NULL, *end;

	if (strstr(text, "--") == NULL)
		return false;
	for (const char *p = text; p != NULL; p = end ? end + 2 : NULL) {
		const char *code;

		end = strstr(p, "--");
		code = vocab_country(
		    text_line(a, p, end ? (size_t)(end - p) : strlen(p)));
		if (code != NULL)
			found = code;
		*is_all &= code != NULL;
	}
	return take_codes(found, text, take, arg);
}

bool
places_read(
    struct arena *a, const char *text, bool *is_all, take_fn take, void *arg)
{
	const char *colon;

	*is_all = true;
	if (take_codes(vocab_country(text), text, take, arg))
		return true;
	/* Dataverse: "Country/Nation: Canada". */
	colon = strstr(text, ": ");
	if (colon != NULL &&
	    take_codes(vocab_country(colon + 2), text, take, arg))
		return true;
	return read_dashes(a, text, is_all, take, arg) ||
	       read_commas(a, text, is_all, take, arg);
}
