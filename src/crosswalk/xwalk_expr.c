/* Expressions: sources, and the functions that their values go through. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "crosswalk/rules.h"
#include "crosswalk/xwalk_build.h"

/* name, operation, how many words it takes. */
static const struct function {
	const char *name;
	enum xwalk_op op;
	size_t min, max;
	const char *expected;
} functions[] = {
    {"first", XWALK_FIRST, 0, 0, "nothing"},
    {"last", XWALK_LAST, 0, 0, "nothing"},
    {"each", XWALK_EACH, 0, 0, "nothing"},
    {"join", XWALK_JOIN, 1, 1, "what stands between: join \"; \""},
    {"card", XWALK_CARD, 0, 0, "nothing"},
    {"split", XWALK_SPLIT, 1, 1, "what stands between: split \";\""},
    {"trim", XWALK_TRIM, 0, 1, "characters, or nothing: trim \"/:;\""},
    {"strip", XWALK_STRIP, 1, 1, "a beginning: strip \"info:\""},
    {"slice", XWALK_SLICE, 2, 2, "two numbers: slice 0 4"},
    {"lower", XWALK_LOWER, 0, 0, "nothing"},
    {"default", XWALK_DEFAULT, 1, 1, "a value: default \"other\""},
    {"when", XWALK_WHEN, 1, 64, "patterns: when \"ORIGINAL\" \"text*\""},
    {"unless", XWALK_UNLESS, 1, 64, "patterns: unless \"n/a\""},
    {"map", XWALK_MAP, 1, 128,
	"a vocabulary, or pairs: map kind, map \"a\"=\"b\""},
    {"html", XWALK_HTML, 0, 0, "nothing"},
    {"isbd", XWALK_ISBD, 0, 0, "nothing"},
    {"person", XWALK_PERSON, 0, 0, "nothing"},
    {"vcard", XWALK_VCARD, 0, 1, "a property, or nothing: vcard \"ORG\""},
    {"named", XWALK_NAMED, 0, 0, "nothing"},
    {"date", XWALK_DATE, 0, 0, "nothing"},
    {"lang", XWALK_LANG, 0, 0, "nothing"},
    {"doi", XWALK_ID, 0, 0, "nothing"},
    {"handle", XWALK_ID, 0, 0, "nothing"},
    {"isbn", XWALK_ID, 0, 0, "nothing"},
    {"issn", XWALK_ID, 0, 0, "nothing"},
    {"orcid", XWALK_ID, 0, 0, "nothing"},
    {"un-symbol", XWALK_ID, 0, 0, "nothing"},
    {"url", XWALK_URL, 0, 0, "nothing"},
};
enum { FUNCTIONS = sizeof(functions) / sizeof(*functions) };

static const struct function *
find(const char *name)
{
	for (size_t i = 0; i < FUNCTIONS; i++)
		if (strcmp(functions[i].name, name) == 0)
			return &functions[i];
	return NULL;
}

static const char *
nearest(const char *name)
{
	struct str_guess g = str_guess(name);

	for (size_t i = 0; i < FUNCTIONS; i++)
		str_guess_try(&g, functions[i].name);
	return g.found;
}

/* --- words of functions --------------------------------------------------- */

static const char *
bare(struct xwalk_line *l)
{
	size_t n = strcspn(l->p, " \t|\"=,");
	const char *text;

	if (n == 0) {
		xwalk_refuse(l,
		    "\"%.20s\" is no word of a function; expected a word or a "
		    "text in quotes",
		    l->p);
		return NULL;
	}
	text = arena_strndup(&l->f->b->set->arena, l->p, n);
	l->p += n;
	return text;
}

/* "A"="B" pushes both, and tells that there was a pair. */
static bool
read_words(struct xwalk_line *l, struct xwalk_function *fn, size_t *pairs,
    size_t *quoted)
{
	struct arena *a = &l->f->b->set->arena;

	for (xwalk_space(l); *l->p != '\0' && *l->p != '|'; xwalk_space(l)) {
		const char *word, **at;

		*quoted += *l->p == '"';
		word = *l->p == '"' ? xwalk_quoted(l) : bare(l);
		if (word == NULL)
			return false;
		at = XWALK_PUSH(a, fn->words, fn->count);
		*at = word;
		xwalk_space(l);
		if (*l->p == '=') {
			l->p++;
			xwalk_space(l);
			if (*l->p != '"' || (word = xwalk_quoted(l)) == NULL) {
				xwalk_refuse(l,
				    "a pair has no second text; expected "
				    "\"A\"=\"B\"");
				return false;
			}
			at = XWALK_PUSH(a, fn->words, fn->count);
			*at = word;
			++*pairs;
		}
		if (fn->count > 2 * LIMIT_CROSSWALK_WORDS) {
			xwalk_refuse(l,
			    "a function has too many words; expected %zu at "
			    "most",
			    LIMIT_CROSSWALK_WORDS);
			return false;
		}
	}
	return true;
}

static bool
check_map(struct xwalk_line *l, struct xwalk_function *fn, size_t pairs)
{
	if (pairs > 0) {
		fn->vocabulary = XWALK_PAIRS;
		if (2 * pairs == fn->count)
			return true;
		xwalk_refuse(
		    l, "map has pairs and other words; expected pairs alone");
		return false;
	}
	fn->vocabulary = rules_vocab_parse(fn->words[0]);
	if (strcmp(fn->words[0], "agent-kind") == 0)
		fn->vocabulary = XWALK_AGENT_KIND;
	if (fn->vocabulary >= 0 &&
	    fn->count <= (fn->vocabulary < XWALK_AGENT_KIND ? 2 : 1))
		return true;
	xwalk_refuse(l,
	    fn->vocabulary < 0
		? "there is no vocabulary %.60s; expected agent-kind, kind, "
		  "sector, country, language, sdg, licence, access, role or "
		  "scheme"
		: "map %.60s has too many words; expected a vocabulary and a "
		  "scheme of it at most",
	    fn->words[0]);
	return false;
}

static bool
check_slice(struct xwalk_line *l, struct xwalk_function *fn)
{
	uint64_t from, length;

	if (str_to_u64(fn->words[0], LIMIT_VALUE_BYTES, &from) != 0 ||
	    str_to_u64(fn->words[1], LIMIT_VALUE_BYTES, &length) != 0) {
		xwalk_refuse(l,
		    "slice %.30s %.30s has no two numbers; expected the first "
		    "character, from 0, and how many",
		    fn->words[0], fn->words[1]);
		return false;
	}
	fn->from = (size_t)from;
	fn->length = (size_t)length;
	return true;
}

static bool
check_words(struct xwalk_line *l, const struct function *is,
    struct xwalk_function *fn, size_t pairs, size_t quoted)
{
	if (fn->count < is->min || fn->count > is->max) {
		xwalk_refuse(l, "%s has %zu words behind it; expected %s",
		    is->name, fn->count, is->expected);
		return false;
	}
	if (is->op == XWALK_MAP)
		return check_map(l, fn, pairs);
	if (is->op == XWALK_SLICE)
		return check_slice(l, fn);
	if (pairs > 0 || quoted != fn->count) {
		xwalk_refuse(l,
		    "%s has words that are no texts in quotes; expected %s",
		    is->name, is->expected);
		return false;
	}
	if ((is->op == XWALK_SPLIT || is->op == XWALK_STRIP) &&
	    *fn->words[0] == '\0') {
		xwalk_refuse(
		    l, "%s \"\" does nothing; expected a text", is->name);
		return false;
	}
	return true;
}

static bool
read_function(struct xwalk_line *l, uint32_t rule, struct xwalk_function *fn)
{
	struct arena *a = &l->f->b->set->arena;
	const struct function *is;
	const char *name, **at;
	size_t pairs = 0, quoted = 0;

	xwalk_space(l);
	name = xwalk_name(l);
	is = name != NULL ? find(name) : NULL;
	if (is == NULL) {
		xwalk_refuse(l,
		    "there is no function %.60s; expected one of Expressions "
		    "in sheaf-crosswalk(5)%s",
		    name != NULL ? name : "at \"|\"",
		    name != NULL ? xwalk_hint(l->f, nearest(name)) : "");
		return false;
	}
	fn->op = is->op;
	if (!read_words(l, fn, &pairs, &quoted) ||
	    !check_words(l, is, fn, pairs, quoted))
		return false;
	l->f->b->set->rules[rule].is_late |= is->op == XWALK_NAMED;
	l->f->b->set->rules[rule].has_each |= is->op == XWALK_EACH;
	if (is->op == XWALK_ID) {
		at = XWALK_PUSH(a, fn->words, fn->count);
		*at = is->name;
	}
	return true;
}

/* --- sources -------------------------------------------------------------- */

static bool
read_source(struct xwalk_line *l, uint32_t rule, struct xwalk_source *s)
{
	struct xwalk_set *set = l->f->b->set;
	struct xwalk_capture capture = {0}, *at;
	struct xwalk_node *node;
	uint32_t to;

	xwalk_space(l);
	if (*l->p == '"') {
		s->text = xwalk_quoted(l);
		return s->text != NULL;
	}
	to = xwalk_path(l, set->rules[rule].root, &capture);
	if (to == XWALK_NONE)
		return false;
	node = &set->nodes[to];
	/* The same thing asked for twice is kept once. */
	for (size_t i = 0; i < node->capture_count; i++) {
		const struct xwalk_capture *c = &node->captures[i];

		if (c->is_attribute == capture.is_attribute &&
		    c->name == capture.name && c->ns == capture.ns) {
			s->slot = c->slot;
			return true;
		}
	}
	capture.slot = s->slot = set->rules[rule].slots++;
	node->wants_text |= !capture.is_attribute;
	at = XWALK_PUSH(&set->arena, node->captures, node->capture_count);
	*at = capture;
	return true;
}

static bool
read_sources(struct xwalk_line *l, uint32_t rule, struct xwalk_expr *e)
{
	bool is_glued = false;

	do {
		struct xwalk_source s = {.is_glued = is_glued}, *at;

		if (e->source_count >= LIMIT_CROSSWALK_WORDS) {
			xwalk_refuse(l,
			    "an expression has too many sources; expected %zu "
			    "at most",
			    LIMIT_CROSSWALK_WORDS);
			return false;
		}
		if (!read_source(l, rule, &s))
			return false;
		at = XWALK_PUSH(
		    &l->f->b->set->arena, e->sources, e->source_count);
		*at = s;
		xwalk_space(l);
		is_glued = *l->p != ',';
		l->p += !is_glued;
	} while (!is_glued || (*l->p != '\0' && *l->p != '|'));
	return true;
}

struct xwalk_expr *
xwalk_expression(struct xwalk_line *l, uint32_t rule)
{
	struct arena *a = &l->f->b->set->arena;
	struct xwalk_expr *e = arena_calloc(a, 1, sizeof(*e));

	xwalk_space(l);
	if (*l->p == '\0') {
		xwalk_refuse(l,
		    "there is nothing behind =; expected a path or a text in "
		    "quotes");
		return NULL;
	}
	if (!read_sources(l, rule, e))
		return NULL;
	while (*l->p == '|') {
		struct xwalk_function fn = {0}, *at;

		l->p++;
		if (e->function_count >= LIMIT_CROSSWALK_WORDS) {
			xwalk_refuse(l,
			    "an expression has too many functions; expected "
			    "%zu at most",
			    LIMIT_CROSSWALK_WORDS);
			return NULL;
		}
		if (!read_function(l, rule, &fn))
			return NULL;
		at = XWALK_PUSH(a, e->functions, e->function_count);
		*at = fn;
		xwalk_space(l);
	}
	if (*l->p != '\0') {
		xwalk_refuse(l,
		    "\"%.20s\" does not belong here; expected , or | or the "
		    "line's end",
		    l->p);
		return NULL;
	}
	return e;
}
