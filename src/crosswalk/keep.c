/* `keep` applied to a record; what it says is read by record/keep.c. */
#include "crosswalk/keep.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <utf8proc.h>

#include "base/alloc.h"
#include "base/log.h"
#include "record/keep.h"

/* A longer type or subject is no term, and is compared as far as that. */
enum { FOLDED_BYTES = 1024 };

struct keep_filter {
	struct arena arena;
	struct keep keep; /* values of types and subjects folded */
	bool asks[KEEP_FIELD_COUNT];
};

/* Without case and compatibility forms, owned by the caller; NULL where that is
 * not to be had. */
static char *
fold(const char *text)
{
	utf8proc_uint8_t *out = NULL;
	size_t n = strnlen(text, FOLDED_BYTES);

	while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
		n--;
	if (utf8proc_map((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)n,
		&out,
		UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT |
		    UTF8PROC_CASEFOLD | UTF8PROC_IGNORE) < 0)
		return NULL;
	return (char *)out;
}

/* "*" stands for any text.  One step back is enough: what an earlier star could
 * take, the last one can. */
static bool
fits(const char *pattern, const char *text)
{
	const char *star = NULL, *from = text;

	while (*text != '\0') {
		if (*pattern == '*') {
			star = ++pattern;
			from = text;
		} else if (*pattern == *text) {
			pattern++;
			text++;
		} else if (star != NULL) {
			pattern = star;
			text = ++from;
		} else
			return false;
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

struct keep_filter *
keep_filter_new(const char *text)
{
	struct keep_filter *f;
	struct err e;

	if (text == NULL || *text == '\0')
		return NULL;
	f = xcalloc(1, sizeof(*f));
	arena_init(&f->arena, 0);
	if (keep_read(&f->keep, &f->arena, text, &e) < 0) {
		log_error(NULL, "keep: %s; everything is kept", e.text);
		keep_filter_free(f);
		return NULL;
	}
	for (size_t i = 0; i < f->keep.terms.count; i++) {
		struct keep_term *t = &f->keep.terms.items[i];
		char *folded;

		f->asks[t->field] = true;
		if (t->value == NULL ||
		    (t->field != KEEP_TYPE && t->field != KEEP_SUBJECT))
			continue;
		folded = fold(t->value);
		if (folded != NULL)
			t->value = arena_strdup(&f->arena, folded);
		free(folded);
	}
	return f;
}

void
keep_filter_free(struct keep_filter *f)
{
	if (f == NULL)
		return;
	arena_release(&f->arena);
	free(f);
}

/* value NULL: is there none? */
static bool
has_text(const struct keep_filter *f, enum keep_field field, const char *text)
{
	char *folded = text != NULL ? fold(text) : NULL;
	bool found = false;

	for (size_t i = 0; folded != NULL && !found && i < f->keep.terms.count;
	     i++) {
		const struct keep_term *t = &f->keep.terms.items[i];

		found = t->field == field && t->value != NULL &&
			fits(t->value, folded);
	}
	free(folded);
	return found;
}

static bool
wants_none(const struct keep_filter *f, enum keep_field field)
{
	for (size_t i = 0; i < f->keep.terms.count; i++)
		if (f->keep.terms.items[i].field == field &&
		    f->keep.terms.items[i].value == NULL)
			return true;
	return false;
}

static bool
has_code(const struct keep_filter *f, enum keep_field field, const char *code)
{
	for (size_t i = 0; i < f->keep.terms.count; i++) {
		const struct keep_term *t = &f->keep.terms.items[i];
		size_t n;

		if (t->field != field || t->value == NULL)
			continue;
		n = strlen(t->value);
		if (strncasecmp(t->value, code, n) == 0 &&
		    (code[n] == '\0' ||
			(field == KEEP_LANGUAGE && code[n] == '-')))
			return true;
	}
	return false;
}

static bool
has_type(const struct keep_filter *f, const struct record *r)
{
	if (r->types.count == 0)
		return wants_none(f, KEEP_TYPE);
	for (size_t i = 0; i < r->types.count; i++)
		if (has_text(f, KEEP_TYPE, r->types.items[i].text) ||
		    has_text(f, KEEP_TYPE, r->types.items[i].code))
			return true;
	return false;
}

static bool
has_subject(const struct keep_filter *f, const struct record *r)
{
	if (r->subjects.count == 0)
		return wants_none(f, KEEP_SUBJECT);
	for (size_t i = 0; i < r->subjects.count; i++)
		if (has_text(f, KEEP_SUBJECT, r->subjects.items[i].text) ||
		    has_text(f, KEEP_SUBJECT, r->subjects.items[i].code))
			return true;
	return false;
}

static bool
has_language(const struct keep_filter *f, const struct record *r)
{
	if (r->languages.count == 0)
		return wants_none(f, KEEP_LANGUAGE);
	for (size_t i = 0; i < r->languages.count; i++)
		if (r->languages.items[i].code != NULL &&
		    has_code(f, KEEP_LANGUAGE, r->languages.items[i].code))
			return true;
	return false;
}

bool
keep_filter_has(const struct keep_filter *f, const struct record *r)
{
	if (f == NULL)
		return true;
	if (f->asks[KEEP_KIND] &&
	    !(r->kind.code != NULL ? has_code(f, KEEP_KIND, r->kind.code)
				   : wants_none(f, KEEP_KIND)))
		return false;
	return (!f->asks[KEEP_LANGUAGE] || has_language(f, r)) &&
	       (!f->asks[KEEP_TYPE] || has_type(f, r)) &&
	       (!f->asks[KEEP_SUBJECT] || has_subject(f, r));
}
