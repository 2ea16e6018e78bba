/* The text of `keep` to its terms; see record/keep.h. */
#include "record/keep.h"

#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "record/words.h"

#define FORM "expected FIELD:VALUE, such as kind:publication"

static const char *const fields[KEEP_FIELD_COUNT] = {
    [KEEP_KIND] = "kind",
    [KEEP_TYPE] = "type",
    [KEEP_LANGUAGE] = "language",
    [KEEP_SUBJECT] = "subject",
};

const char *
keep_field_name(enum keep_field f)
{
	return fields[f];
}

static int
wrong(struct err *e, const char *what, const char *given, const char *near_,
    const char *expected)
{
	return err_set(e, ERR_PROTO, 0, "%s \"%.60s\" is not known; %s%s%s%s",
	    what, given, near_ ? "did you mean " : "", near_ ? near_ : "",
	    near_ ? "? " : "", expected);
}

static int
find_field(const char *name, enum keep_field *field, struct err *e)
{
	struct str_guess g = str_guess(name);

	for (int i = 0; i < KEEP_FIELD_COUNT; i++) {
		if (strcmp(name, fields[i]) == 0) {
			*field = (enum keep_field)i;
			return 0;
		}
		str_guess_try(&g, fields[i]);
	}
	return wrong(e, "the field", name, g.found,
	    "expected kind, type, language or subject");
}

static int
check_kind(const char *value, struct err *e)
{
	char near_[WORD_BYTES];

	if (word_is_kind(value, near_))
		return 0;
	return wrong(e, "the kind", value, *near_ ? near_ : NULL,
	    "expected none or one of: " WORDS_KIND);
}

/* BCP 47, as records have it: "en", "pt-BR", "zh-Hant".  Whether there is such
 * a language the vocabularies know. */
static int
check_language(const char *value, struct err *e)
{
	static const char small[] = "abcdefghijklmnopqrstuvwxyz";
	size_t n = strspn(value, small);
	bool good = (n == 2 || n == 3) && (value[n] == '\0' || value[n] == '-');

	for (const char *p = value + n; good && *p == '-'; p += n) {
		n = strcspn(++p, "-");
		good = n > 0 && n <= 8 &&
		       strspn(p, "abcdefghijklmnopqrstuvwxyz"
				 "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") >= n;
	}
	return good ? 0
		    : err_set(e, ERR_PROTO, 0,
			  "the language \"%.60s\" is no code; expected one as "
			  "records have it, such as en, fr or pt-BR",
			  value);
}

/* The value at *at, which is moved behind it. */
static int
read_value(struct arena *a, const char **at, struct keep_term *t, struct err *e)
{
	const char *p = *at, *end;
	bool is_quoted = *p == '"';

	if (is_quoted) {
		end = strchr(++p, '"');
		if (end == NULL)
			return err_set(e, ERR_PROTO, 0,
			    "the quote before \"%.60s\" is never closed", p);
		*at = end + 1;
		*at += strspn(*at, " \t");
		if (**at != '\0' && **at != ',')
			return err_set(e, ERR_PROTO, 0,
			    "there is \"%.40s\" behind a quoted value; "
			    "expected a comma",
			    *at);
	} else {
		end = p + strcspn(p, ",");
		*at = end;
		if (memchr(p, '"', (size_t)(end - p)) != NULL)
			return err_set(e, ERR_PROTO, 0,
			    "a quote stands within \"%.*s\"; expected it "
			    "around the whole value",
			    (int)(end - p < 60 ? end - p : 60), p);
	}
	t->value = str_trim(arena_strndup(a, p, (size_t)(end - p)));
	if (*t->value == '\0')
		return err_set(e, ERR_PROTO, 0,
		    "%s: has no value; " FORM ", or %s:none for records "
		    "without one",
		    fields[t->field], fields[t->field]);
	if (!is_quoted && strcmp(t->value, "none") == 0)
		t->value = NULL;
	return 0;
}

static int
read_term(struct arena *a, const char **at, struct keep_term *t, struct err *e)
{
	const char *p = *at;
	size_t n = strcspn(p, ":,\"");

	if (n == 0 && p[n] != ':')
		return err_set(e, ERR_PROTO, 0, "there is no term %s; " FORM,
		    *p == '\0'	? "behind the last comma"
		    : *p == ',' ? "between two commas"
				: "before a quote");
	if (p[n] != ':')
		return err_set(e, ERR_PROTO, 0, "\"%.*s\" has no field; " FORM,
		    (int)(n < 60 ? n : 60), p);
	if (find_field(str_trim(arena_strndup(a, p, n)), &t->field, e) < 0)
		return -1;
	*at = p + n + 1;
	*at += strspn(*at, " \t");
	if (read_value(a, at, t, e) < 0)
		return -1;
	if (t->value != NULL && t->field == KEEP_KIND)
		return check_kind(t->value, e);
	if (t->value != NULL && t->field == KEEP_LANGUAGE)
		return check_language(t->value, e);
	return 0;
}

int
keep_read(struct keep *k, struct arena *a, const char *text, struct err *e)
{
	memset(k, 0, sizeof(*k));
	if (strlen(text) > LIMIT_KEEP_BYTES)
		return err_set(e, ERR_LIMIT, 0,
		    "it has %zu bytes; expected at most %zu", strlen(text),
		    LIMIT_KEEP_BYTES);
	text += strspn(text, " \t\n");
	while (*text != '\0') {
		struct keep_term *t;

		if (k->terms.count >= LIMIT_KEEP_TERMS)
			return err_set(e, ERR_LIMIT, 0,
			    "it has more than %zu terms", LIMIT_KEEP_TERMS);
		t = record_add(a, &k->terms);
		if (t == NULL)
			return err_set(
			    e, ERR_LIMIT, 0, "there is no memory for it");
		if (read_term(a, &text, t, e) < 0)
			return -1;
		if (*text == '\0')
			break;
		text++;
		text += strspn(text, " \t\n");
		if (*text == '\0')
			return read_term(a, &text, t, e);
	}
	return 0;
}
