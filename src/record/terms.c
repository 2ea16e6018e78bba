#include "record/terms.h"

#include <ctype.h>
#include <string.h>

#include "base/str.h"

/* A longer value is cut in its warning, and is not the term. */
enum { CUT_BYTES = 100 };

static const char *const fields[TERM_FIELD_COUNT] = {
    [TERM_TYPE] = "type",
    [TERM_LANGUAGE] = "language",
    [TERM_COUNTRY] = "country",
    [TERM_SUBJECT] = "subject",
};

const char *
term_field_name(enum term_field f)
{
	return fields[f];
}

/* What became no code and is no other field stands in a warning alone:
 * "language: xyz is no code or name known". */
static void
take_warning(const struct rec_warning *w, const char *code, const char *before,
    enum term_field f, term_fn fn, void *arg)
{
	const char *end;
	char term[CUT_BYTES];
	size_t n = strlen(before);

	if (strcmp(w->code, code) != 0 || w->text == NULL ||
	    !str_starts(w->text, before))
		return;
	end = strstr(w->text + n, " is no ");
	if (end == NULL || (size_t)(end - w->text) - n >= sizeof(term))
		return;
	memcpy(term, w->text + n, (size_t)(end - w->text) - n);
	term[(size_t)(end - w->text) - n] = '\0';
	if (*term != '\0')
		fn(arg, f, term, false);
}

static bool
is_place(const char *text)
{
	bool has_letter = false;

	for (const char *p = text; *p != '\0'; p++) {
		if (*p == '=')
			return false; /* DCSV: a box, a period */
		has_letter |=
		    isalpha((unsigned char)*p) || (unsigned char)*p >= 0x80;
	}
	return has_letter;
}

static void
each_code(enum term_field f, const struct rec_code *codes, size_t count,
    term_fn fn, void *arg)
{
	for (size_t i = 0; i < count; i++)
		if (codes[i].code != NULL)
			fn(arg, f,
			    codes[i].term ? codes[i].term : codes[i].code,
			    true);
}

void
record_each_term(const struct record *r, term_fn fn, void *arg)
{
	bool has_kind =
	    r->kind.code != NULL &&
	    (r->kind.basis == NULL || strcmp(r->kind.basis, "default") != 0);

	for (size_t i = 0; i < r->types.count; i++)
		if (r->types.items[i].text != NULL)
			fn(arg, TERM_TYPE, r->types.items[i].text, has_kind);
	each_code(
	    TERM_LANGUAGE, r->languages.items, r->languages.count, fn, arg);
	for (size_t i = 0; i < r->warnings.count; i++)
		take_warning(&r->warnings.items[i], "language-unknown",
		    "language: ", TERM_LANGUAGE, fn, arg);
	each_code(
	    TERM_COUNTRY, r->countries.items, r->countries.count, fn, arg);
	for (size_t i = 0; i < r->warnings.count; i++)
		take_warning(&r->warnings.items[i], "country-unknown",
		    "country: ", TERM_COUNTRY, fn, arg);
	for (size_t i = 0; i < r->coverage.count; i++)
		if (is_place(r->coverage.items[i]))
			fn(arg, TERM_COUNTRY, r->coverage.items[i], false);
	for (size_t i = 0; i < r->subjects.count; i++)
		if (r->subjects.items[i].text != NULL)
			fn(arg, TERM_SUBJECT, r->subjects.items[i].text, false);
}

static void
count(void *arg, enum term_field f, const char *text, bool is_mapped)
{
	struct term_counts *c = arg;

	(void)text;
	if (f == TERM_SUBJECT)
		return;
	c->terms++;
	c->unmapped += !is_mapped;
}

struct term_counts
record_count_terms(const struct record *r)
{
	struct term_counts c = {0, 0};

	record_each_term(r, count, &c);
	return c;
}
