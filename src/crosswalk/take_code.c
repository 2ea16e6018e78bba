/* Values that become codes: types, languages, places. */
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "base/url.h"
#include "crosswalk/languages.h"
#include "crosswalk/places.h"
#include "crosswalk/settle.h"
#include "crosswalk/text.h"
#include "crosswalk/vocab.h"
#include "record/words.h"

/* Calls take for each part of a list such as "eng; fre", trimmed. */
static void
each_part(struct crosswalk *x, const char *text, const char *separators,
    void (*take)(struct crosswalk *x, const char *part, const struct taken *v),
    const struct taken *v)
{
	while (*text != '\0') {
		size_t n = strcspn(text, separators);
		const char *part = text_line(x->a, text, n);

		if (*part != '\0')
			take(x, part, v);
		text += n;
		text += strspn(text, separators);
		if (*text != '\0' && !may_part(x))
			return;
	}
}

/* The scheme and code of a type that is a concept's address. */
static void
take_concept(struct rec_type *t)
{
	const char *scheme = NULL, *local;

	if (strchr(t->text, ':') != NULL)
		scheme = rules_concept(vocab_rules(), t->text, &local);
	if (scheme == NULL || *local == '\0')
		return;
	t->scheme = scheme;
	t->code = local;
}

/* By its scheme's code, else by its words; *text: which it was. */
static const char *
kind_of(const struct taken *v, const char **text)
{
	const char *scheme = v->scheme, *kind = NULL;
	const char *code = v->code != NULL ? v->code : *text;
	char key[RULES_SCHEME_BYTES + 1];

	if (scheme != NULL && code != NULL &&
	    strlen(scheme) <= RULES_SCHEME_BYTES) {
		size_t n = 0;

		for (; scheme[n] != '\0'; n++)
			key[n] = scheme[n] >= 'A' && scheme[n] <= 'Z'
				     ? (char)(scheme[n] | 0x20)
				     : scheme[n];
		key[n] = '\0';
		kind = vocab_by_scheme(RULES_KIND, key, code);
	}
	if (kind == NULL && v->code != NULL)
		kind = vocab_kind(v->code);
	if (kind != NULL && *text == NULL)
		*text = code;
	if (kind == NULL && *text != NULL)
		kind = vocab_kind(*text);
	return kind;
}

/* Said already, in the same words. */
static bool
has_type(struct crosswalk *x, const char *text, const char *scheme)
{
	for (size_t i = 0;
	     text != NULL && !IS_FULL(x, types) && i < x->r->types.count; i++) {
		const struct rec_type *t = &x->r->types.items[i];

		if (t->text != NULL && strcmp(t->text, text) == 0 &&
		    (scheme == NULL ||
			(t->scheme != NULL && strcmp(t->scheme, scheme) == 0)))
			return true;
	}
	return false;
}

void
take_type(struct crosswalk *x, const struct taken *v)
{
	const char *text = taken_line(x, v), *kind;
	struct rec_code *k = &x->r->kind;
	struct rec_type *t;

	if ((text == NULL && v->code == NULL) ||
	    (v->code == NULL && has_type(x, text, v->scheme)) ||
	    (t = ADD(x, types)) == NULL)
		return;
	t->text = text;
	t->scheme = v->scheme;
	t->code = v->code;
	if (text != NULL && v->scheme == NULL && v->code == NULL)
		take_concept(t);
	kind = kind_of(v, &text);
	if (kind == NULL || (k->code != NULL && !x->is_kind_vague) ||
	    (k->basis != NULL && strcmp(k->basis, "declared") == 0))
		return;
	if (k->code != NULL && vocab_kind_is_vague(text))
		return;
	k->code = kind;
	k->basis = "mapped";
	k->term = text;
	k->scheme = t->scheme;
	x->is_kind_vague = vocab_kind_is_vague(text);
}

static bool
is_part_of(const char *special, const char *code)
{
	size_t n = strlen(code);

	return strncmp(special, code, n) == 0 &&
	       (special[n] == '\0' || special[n] == '-');
}

/* What is said of a language, or of one that it is a form of: "Portuguese" and
 * "pt_BR" are one, by which the more special stands. */
static struct rec_code *
same_language(struct record *r, const char *code)
{
	for (size_t i = 0; i < r->languages.count; i++) {
		struct rec_code *l = &r->languages.items[i];

		if (is_part_of(l->code, code) || is_part_of(code, l->code))
			return l;
	}
	return NULL;
}

static void
add_language(void *arg, const char *code, const char *term)
{
	struct crosswalk *x = arg;
	struct rec_code *l;

	if (code == NULL) {
		record_warn(x->r, x->a, "language-unknown",
		    "language: %.100s is no code or name known", term);
		return;
	}
	l = same_language(x->r, code);
	if (l != NULL && strlen(l->code) >= strlen(code))
		return;
	if (l == NULL && (l = ADD(x, languages)) == NULL)
		return;
	l->code = code;
	l->basis = strcmp(code, term) == 0 ? "declared" : "mapped";
	l->term = term;
}

void
take_language(struct crosswalk *x, const struct taken *v)
{
	const char *text = taken_line(x, v);

	/* Norwegian is no placeholder here. */
	if (text == NULL && v->len == 2 && strncasecmp(v->text, "no", 2) == 0)
		text = "no";
	if (text != NULL)
		languages_read(x->a, text, add_language, x);
}

static void
add_country(struct crosswalk *x, const char *code, const char *term,
    const char *role, const char *scheme)
{
	struct rec_code c = {.code = code,
	    .role = role,
	    .basis = "mapped",
	    .term = term,
	    .scheme = scheme};

	code_add(x, AXIS_COUNTRY, &c);
}

/* What a place's role is, where the rule says none that is known. */
static const char *
place_role(const struct taken *v)
{
	return v->role != NULL && word_known(words_country_role, v->role)
		   ? v->role
		   : "about";
}

struct place {
	struct crosswalk *x;
	const char *role;
};

static void
add_place_country(void *arg, const char *code, const char *term)
{
	const struct place *p = arg;

	add_country(p->x, code, term, p->role, NULL);
}

static void
add_place(struct crosswalk *x, const char *part, const struct taken *v)
{
	struct place place = {x, place_role(v)};
	const char **slot;
	bool is_all;

	if (places_read(x->a, part, &is_all, add_place_country, &place) &&
	    is_all)
		return;
	for (size_t i = 0, most = SEARCHED(x, coverage, part); i < most; i++)
		if (strcmp(x->r->coverage.items[i], part) == 0)
			return;
	slot = ADD(x, coverage);
	if (slot != NULL)
		*slot = part;
}

void
take_coverage(struct crosswalk *x, const struct taken *v)
{
	const char *text = taken_line(x, v);

	/* A box or a DCSV ("name=…; start=…") is one value, not a list. */
	if (text != NULL)
		each_part(x, text,
		    strchr(text, '=') || strstr(text, "limit:") ? "" : ";|",
		    add_place, v);
}

/* A country by its name or any of its codes, or by one of a list of codes that
 * is named: "no" is Norway for MARC. */
static void
add_place_code(struct crosswalk *x, const char *part, const struct taken *v)
{
	struct place place = {x, place_role(v)};
	const char *code;
	bool is_all;

	code = v->scheme != NULL
		   ? vocab_by_scheme(RULES_COUNTRY, v->scheme, part)
		   : NULL;
	if (code != NULL) {
		add_country(x, code, part, place_role(v), v->scheme);
		return;
	}
	if (places_read(x->a, part, &is_all, add_place_country, &place))
		return;
	code = vocab_country_code(part);
	if (code != NULL)
		add_country(x, code, part, place_role(v), NULL);
	else
		record_warn(x->r, x->a, "country-unknown",
		    "country: %.100s is no name or code known", part);
}

void
take_country(struct crosswalk *x, const struct taken *v)
{
	const char *text = taken_line(x, v);

	if (text != NULL)
		each_part(x, text, ";|", add_place_code, v);
}
