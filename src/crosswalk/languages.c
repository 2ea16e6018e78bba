#include "crosswalk/languages.h"

#include <string.h>
#include <strings.h>

#include "base/url.h"
#include "crosswalk/text.h"
#include "crosswalk/vocab.h"

typedef void (*take_fn)(void *arg, const char *code, const char *term);

bool
language_is_none(const char *text)
{
	return strcasecmp(text, "und") == 0 || strcasecmp(text, "mul") == 0 ||
	       strcasecmp(text, "zxx") == 0;
}

static bool
is_lower(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s[i] < 'a' || s[i] > 'z')
			return false;
	return n > 0;
}

/* The code of n bytes; those of three letters that say nothing count, too. */
static bool
is_code(struct arena *a, const char *s, size_t n)
{
	const char *code = arena_strndup(a, s, n);

	return vocab_language(a, code) != NULL || language_is_none(code);
}

/* "engfre": each three letters are a code. */
static bool
take_run(struct arena *a, const char *s, take_fn take, void *arg)
{
	size_t n = strlen(s);

	if (n < 6 || n % 3 != 0 || !is_lower(s, n))
		return false;
	for (size_t i = 0; i < n; i += 3)
		if (!is_code(a, s + i, 3))
			return false;
	for (size_t i = 0; i < n; i += 3) {
		const char *code = arena_strndup(a, s + i, 3);

		if (!language_is_none(code))
			take(arg, vocab_language(a, code), code);
	}
	return true;
}

/* "en fr": codes of two or three letters. */
static bool
take_spaced(struct arena *a, const char *s, take_fn take, void *arg)
{
	for (const char *p = s; *p != '\0';) {
		size_t n = strcspn(p, " ");

		if (n < 2 || n > 3 || !is_lower(p, n) || !is_code(a, p, n))
			return false;
		p += n + strspn(p + n, " ");
	}
	for (const char *p = s; *p != '\0';) {
		size_t n = strcspn(p, " ");
		const char *code = arena_strndup(a, p, n);

		if (!language_is_none(code))
			take(arg, vocab_language(a, code), code);
		p += n + strspn(p + n, " ");
	}
	return true;
}

/* "English (UK)", "en (English)", "iso639-2:eng". */
static const char *
dressed(struct arena *a, const char *s)
{
	const char *open = strchr(s, '('), *colon = strchr(s, ':');
	const char *code = NULL;

	if (open != NULL && open > s) {
		size_t n = strcspn(open + 1, ")");

		code = vocab_language(a, text_line(a, s, (size_t)(open - s)));
		if (code == NULL && n > 2)
			code = vocab_language(a, text_line(a, open + 1, n));
	} else if (colon != NULL && !url_is_http(s))
		code = vocab_language(
		    a, text_line(a, colon + 1, strlen(colon + 1)));
	return code;
}

static void
take_part(struct arena *a, const char *part, take_fn take, void *arg)
{
	const char *code = vocab_language(a, part);

	if (code == NULL &&
	    (take_run(a, part, take, arg) || take_spaced(a, part, take, arg)))
		return;
	if (code == NULL)
		code = dressed(a, part);
	if (code != NULL || !language_is_none(part))
		take(arg, code, part);
}

/* The length of the part at s, and in *gap that of what follows it. */
static size_t
part_length(const char *s, const char *marks, size_t *gap)
{
	static const char *const words[] = {
	    " and ", " & ", " et ", " y ", " und ", " e ", " и ", NULL};
	size_t n = strcspn(s, marks);

	*gap = s[n] != '\0';
	for (size_t i = 0; words[i] != NULL; i++) {
		const char *p = strstr(s, words[i]);

		if (p != NULL && (size_t)(p - s) < n) {
			n = (size_t)(p - s);
			*gap = strlen(words[i]);
		}
	}
	return n;
}

void
languages_read(struct arena *a, const char *text, take_fn take, void *arg)
{
	const char *marks = url_is_http(text) ? ";" : ",;|/";

	if (strlen(text) > LANGUAGES_TEXT_BYTES) {
		take(arg, NULL, text);
		return;
	}
	/* "Greek, Modern (1453-)", "Spanish; Castilian" */
	if (vocab_language(a, text) != NULL) {
		take_part(a, text, take, arg);
		return;
	}
	while (*text != '\0') {
		size_t gap, n = part_length(text, marks, &gap);
		const char *part = text_line(a, text, n);

		if (*part != '\0')
			take_part(a, part, take, arg);
		text += n + gap;
	}
}
