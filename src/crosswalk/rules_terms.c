/* Everything that a code can be found by: lines, codes, labels, what a
 * classification has from its broader codes, and all without diacritics. */
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/str.h"
#include "crosswalk/rules_build.h"

enum {
	PARENT_DEPTH = 16,
	TERM_NAME_BYTES = RULES_SCHEME_BYTES + RULES_KEY_BYTES + 2
};

/* Before anything else: the empty list, which is the empty text, too. */
static void
begin_pool(struct rules_build *b)
{
	if (b->pool.len == 0)
		buf_add(&b->pool, "\0", 2);
}

uint32_t
build_text(struct rules_build *b, const char *text)
{
	uint32_t *at;
	size_t n;

	if (*text == '\0')
		return 0;
	begin_pool(b);
	at = rules_map_put(&b->by_text, text);
	if (*at == UINT32_MAX) {
		n = strlen(text) + 1;
		*at = (uint32_t)b->pool.len;
		buf_add(&b->pool, text, n);
	}
	return *at;
}

static void
add_part(void *arg, const char *part)
{
	buf_add(arg, part, strlen(part) + 1);
}

uint32_t
build_list(struct rules_build *b, const char *texts)
{
	uint32_t *at;

	if (*texts == '\0')
		return 0;
	begin_pool(b);
	at = rules_map_put(&b->by_list, texts);
	if (*at == UINT32_MAX) {
		*at = (uint32_t)b->pool.len;
		build_each(b, texts, add_part, &b->pool);
		buf_addc(&b->pool, '\0');
	}
	return *at;
}

/* What a term is kept under: its vocabulary, scheme and key. */
static void
term_name(char out[TERM_NAME_BYTES], enum rules_vocab v, const char *scheme,
    const char *key)
{
	size_t n = strlen(scheme), k = strlen(key);

	BUG_ON(n > RULES_SCHEME_BYTES || k >= RULES_KEY_BYTES);
	out[0] = (char)('a' + (int)v);
	memcpy(out + 1, scheme, n);
	out[1 + n] = ' ';
	memcpy(out + 2 + n, key, k + 1);
}

/* The number of a term, or UINT32_MAX. */
static uint32_t
term_at(struct rules_build *b, enum rules_vocab v, const char *scheme,
    const char *key)
{
	char name[TERM_NAME_BYTES];
	const uint32_t *at;

	term_name(name, v, scheme, key);
	at = rules_map_get(&b->by_key, name);
	return at != NULL ? *at : UINT32_MAX;
}

/* Adds a term unless its key is taken. */
static void
add_term(struct rules_build *b, enum rules_vocab v, const char *scheme,
    const char *key, uint32_t codes, const char *file)
{
	char name[TERM_NAME_BYTES], *kept;
	size_t n;

	if (*key == '\0')
		return;
	term_name(name, v, scheme, key);
	if (rules_map_get(&b->by_key, name) != NULL)
		return;
	kept = arena_strdup(&b->arena, name);
	/* The key is the end of it, and kept as long. */
	n = strlen(kept) - strlen(key);
	key = kept + n;
	*rules_map_put(&b->by_key, kept) = (uint32_t)b->term_count;
	GROW(b->terms, b->term_cap, b->term_count + 1);
	GROW(b->term_file, b->term_file_cap, b->term_count + 1);
	b->term_file[b->term_count] = file;
	b->terms[b->term_count++] =
	    (struct rules_term){.scheme = build_text(b, scheme),
		.key = build_text(b, key),
		.codes = codes,
		.vocab = (uint8_t)v,
		.is_rule = strcmp(scheme, rules_keyword) == 0};
}

/* --- lines ---------------------------------------------------------------- */

struct checking {
	struct rules_build *b;
	const struct build_line *line;
	bool is_wrong;
};

static const char *
nearest(const struct rules_build *b, int vocab, const char *code)
{
	struct str_guess g = {code, 4, NULL};

	for (size_t i = 0; i < b->thing_count; i++)
		if (b->things[i].vocab == vocab)
			str_guess_try(&g, b->things[i].code);
	return g.found;
}

static void
check_code(void *arg, const char *code)
{
	struct checking *c = arg;
	struct rules_build *b = c->b;
	const char *vocab = rules_vocab_name(c->line->vocab), *near;

	if (c->line->vocab == RULES_SCHEME ||
	    build_find(b, vocab, code) != NULL)
		return;
	c->is_wrong = true;
	near = nearest(b, (int)c->line->vocab, code);
	table_mistake(&b->log, c->line->place,
	    "there is no %s %.60s; expected a code of that vocabulary%s%s",
	    vocab, code, near ? ", such as " : "", near ? near : "");
}

/* "Y02A40*" and the like: the letters and digits before the star. */
static void
beginning(char *key)
{
	size_t n = 0;

	for (const char *p = key; *p != '\0'; p++)
		if (*p != ' ')
			key[n++] = *p;
	key[n++] = '*';
	key[n] = '\0';
}

static bool
line_key(struct rules_build *b, const struct build_line *line, char **key)
{
	struct rules_key k;
	size_t n;

	rules_key(&k, line->term);
	n = strlen(k.exact);
	if (str_ends(line->term, "*") && n > 0) {
		if (n > RULES_PREFIX_BYTES) {
			table_mistake(&b->log, line->place,
			    "%.60s is too long; expected the beginning of a "
			    "code, at most %d letters and digits",
			    line->term, RULES_PREFIX_BYTES);
			return false;
		}
		beginning(k.exact);
	}
	if (n == 0) {
		table_mistake(&b->log, line->place,
		    "%.60s has no letter or digit, or is too long; expected a "
		    "term of less than %d bytes",
		    line->term, RULES_KEY_BYTES);
		return false;
	}
	*key = arena_strdup(&b->arena, k.exact);
	return true;
}

static void
add_line(struct rules_build *b, const struct build_line *line)
{
	struct checking c = {.b = b, .line = line};
	uint32_t codes, at;
	char *key;

	build_each(b, line->codes, check_code, &c);
	if (!line_key(b, line, &key) || c.is_wrong)
		return;
	codes = build_list(b, line->codes);
	at = term_at(b, line->vocab, line->scheme, key);
	if (at == UINT32_MAX) {
		add_term(
		    b, line->vocab, line->scheme, key, codes, line->place.file);
		return;
	}
	if (b->term_file[at] == line->place.file && b->terms[at].codes != codes)
		table_mistake(&b->log, line->place,
		    "%.60s is %s in a line above; expected it once, or the "
		    "same code",
		    line->term, b->pool.data + b->terms[at].codes);
	b->terms[at].codes = codes;
	b->term_file[at] = line->place.file;
}

/* --- things --------------------------------------------------------------- */

static void
add_labels(struct rules_build *b, const struct build_thing *t,
    enum rules_vocab v, const char *scheme, uint32_t codes)
{
	for (uint32_t i = t->name_first; i != UINT32_MAX;
	     i = b->names[i].next) {
		struct rules_key k;

		rules_key(&k, b->names[i].text);
		add_term(b, v, scheme, k.exact, codes, NULL);
	}
}

static void
add_own(struct rules_build *b, const struct build_thing *t)
{
	enum rules_vocab v = (enum rules_vocab)t->vocab;
	uint32_t codes = build_list(b, t->code);
	struct rules_key k;

	rules_key(&k, t->code);
	add_term(b, v, t->scheme, k.exact, codes, NULL);
	add_labels(b, t, v, rules_label, codes);
}

/* Of a code of a classification; 0: none. */
static uint32_t
codes_of(struct rules_build *b, const struct build_thing *t, enum rules_vocab v,
    unsigned depth)
{
	struct rules_key k;
	uint32_t at, codes = 0;
	const char *p = t->parents;

	rules_key(&k, t->code);
	at = term_at(b, v, t->scheme, k.exact);
	if (at == UINT32_MAX && *k.exact != '\0' &&
	    strlen(k.exact) <= RULES_PREFIX_BYTES) {
		beginning(k.exact);
		for (size_t n = strlen(k.exact); at == UINT32_MAX && n > 1;
		     n--) {
			k.exact[n - 1] = '*';
			k.exact[n] = '\0';
			at = term_at(b, v, t->scheme, k.exact);
		}
	}
	if (at != UINT32_MAX)
		return b->terms[at].codes;
	while (codes == 0 && p != NULL && depth < PARENT_DEPTH) {
		size_t n = strcspn(p, "|");
		const struct build_thing *parent = build_find(
		    b, t->scheme, str_trim(arena_strndup(&b->arena, p, n)));

		if (parent != NULL)
			codes = codes_of(b, parent, v, depth + 1);
		p = p[n] == '|' ? p + n + 1 : NULL;
	}
	return codes;
}

static void
add_foreign(struct rules_build *b, const struct build_thing *t)
{
	for (int v = 0; v < RULES_VOCABS; v++) {
		uint32_t codes = codes_of(b, t, (enum rules_vocab)v, 0);
		struct rules_key k;

		if (codes == 0)
			continue;
		rules_key(&k, t->code);
		add_term(
		    b, (enum rules_vocab)v, t->scheme, k.exact, codes, NULL);
		add_labels(b, t, (enum rules_vocab)v, t->scheme, codes);
		add_labels(b, t, (enum rules_vocab)v, rules_label, codes);
	}
}

static bool
is_ascii(const char *s)
{
	while (*s != '\0' && (unsigned char)*s < 0x80)
		s++;
	return *s == '\0';
}

/* Every term again, without its marks. */
static void
add_plain(struct rules_build *b)
{
	size_t count = b->term_count;

	for (size_t i = 0; i < count; i++) {
		struct rules_term t = b->terms[i];
		const char *key = b->pool.data + t.key;
		char scheme[RULES_SCHEME_BYTES + 1];
		struct rules_key k;

		if (is_ascii(key))
			continue;
		rules_key(&k, key);
		/* It is in the pool already, so this copy is not kept. */
		str_copy(scheme, sizeof(scheme), b->pool.data + t.scheme);
		if (!k.is_plain)
			add_term(b, (enum rules_vocab)t.vocab, scheme, k.plain,
			    t.codes, NULL);
	}
}

struct parent_check {
	struct rules_build *b;
	const struct build_thing *thing;
};

static void
check_parent(void *arg, const char *parent)
{
	struct parent_check *c = arg;
	const char *colon = strchr(parent, ':');
	const char *scheme = c->thing->scheme;

	if (colon != NULL) {
		scheme = arena_strndup(
		    &c->b->arena, parent, (size_t)(colon - parent));
		parent = colon + 1;
	}
	if (build_find(c->b, scheme, parent) == NULL)
		table_mistake(&c->b->log, c->thing->place,
		    "the parent %.60s of %.60s is in no line; expected a code "
		    "of %.60s",
		    parent, c->thing->code, scheme);
}

void
build_terms(struct rules_build *b)
{
	for (size_t i = 0; i < b->thing_count; i++) {
		struct parent_check c = {b, &b->things[i]};

		if (b->things[i].parents != NULL)
			build_each(b, b->things[i].parents, check_parent, &c);
	}
	for (size_t i = 0; i < b->line_count; i++)
		add_line(b, &b->lines[i]);
	for (size_t i = 0; i < b->thing_count; i++)
		if (b->things[i].vocab >= 0)
			add_own(b, &b->things[i]);
	for (size_t i = 0; i < b->thing_count; i++)
		if (b->things[i].vocab < 0)
			add_foreign(b, &b->things[i]);
	add_plain(b);
}
