/* Look-ups in the tables in use. */
#include "crosswalk/vocab.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "base/digest.h"
#include "crosswalk/key_letter.h"
#include "crosswalk/keywords.h"
#include "crosswalk/match_words.h"

static const struct rules *rules;

/* A page has the same few types, languages and statements of rights again and
 * again: what was looked up last, by the hash of the text.  Longer texts are
 * statements of their own. */
enum { SEEN_SLOTS = 256, SEEN_BYTES = 64 };
static struct seen {
	const char *scheme; /* of by_scheme(); NULL: by find() */
	const char *codes; /* NULL: none */
	uint8_t vocab; /* + 1; 0: a slot that is free */
	char text[SEEN_BYTES];
} seen[SEEN_SLOTS];

void
vocab_use(const struct rules *r)
{
	memset(seen, 0, sizeof(seen));
	rules = r;
	keywords_use(r);
	match_words_use(r);
}

const struct rules *
vocab_rules(void)
{
	return rules;
}

static bool
is_key_char(unsigned char c)
{
	return c >= 0x80 || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* Everything but letters and digits to one space. */
static void
squeeze(char out[VOCAB_KEY_BYTES], const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c >= 'A' && c <= 'Z')
			c |= 0x20;
		if (!is_key_char(c)) {
			if (n == 0 || out[n - 1] == ' ')
				continue;
			c = ' ';
		}
		if (n + 1 >= VOCAB_KEY_BYTES) {
			out[0] = '\0';
			return;
		}
		out[n++] = (char)c;
	}
	while (n > 0 && out[n - 1] == ' ')
		n--;
	out[n] = '\0';
}

/* Without marks, of ASCII and letters that are known; false at the first other
 * character.  No letter takes more than KEY_LETTER_BYTES. */
static bool
fold_letters(char *out, const char *text)
{
	while (*text != '\0') {
		struct key_letter l;

		if ((unsigned char)*text < 0x80) {
			*out++ = *text++;
			continue;
		}
		if (!key_letter(&l, text))
			return false;
		memcpy(out, l.plain, l.plain_bytes);
		out += l.plain_bytes;
		text += l.bytes;
	}
	*out = '\0';
	return true;
}

void
vocab_key(char out[VOCAB_KEY_BYTES], const char *text)
{
	char letters[2 * VOCAB_KEY_BYTES * KEY_LETTER_BYTES];
	utf8proc_uint8_t *folded = NULL;
	size_t n = strlen(text);

	out[0] = '\0';
	if (n >= 2 * VOCAB_KEY_BYTES)
		return;
	if (fold_letters(letters, text)) {
		squeeze(out, letters);
		return;
	}
	if (utf8proc_map((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)n,
		&folded,
		UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT |
		    UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK) < 0)
		return;
	squeeze(out, (const char *)folded);
	free(folded);
}

static const char *
look_up(enum rules_vocab v, const char *scheme, const char *text)
{
	struct rules_hit hit;
	const char *local;

	if (scheme != NULL)
		return rules_find(rules, v, scheme, text, &hit) ? hit.codes
								: NULL;
	if (strchr(text, ':') != NULL)
		scheme = rules_concept(rules, text, &local);
	if (scheme != NULL && rules_find(rules, v, scheme, local, &hit))
		return hit.codes;
	return rules_find(rules, v, rules_label, text, &hit) ? hit.codes : NULL;
}

static const char *
find_seen(enum rules_vocab v, const char *scheme, const char *text)
{
	size_t n = strnlen(text, SEEN_BYTES);
	uint64_t hash = hash64(text, n) + (uintptr_t)scheme / 4 + v;
	struct seen *s = &seen[hash % SEEN_SLOTS];

	if (n == SEEN_BYTES)
		return look_up(v, scheme, text);
	if (s->vocab == v + 1 && s->scheme == scheme &&
	    memcmp(s->text, text, n + 1) == 0)
		return s->codes;
	s->codes = look_up(v, scheme, text);
	s->scheme = scheme;
	s->vocab = (uint8_t)(v + 1);
	memcpy(s->text, text, n + 1);
	return s->codes;
}

/* What is looked up where: the scheme of a concept's address and its end, or
 * labels and the whole text. */
static const char *
find(enum rules_vocab v, const char *text)
{
	return find_seen(v, NULL, text);
}

/* scheme: a constant of this file, as its pointer is kept. */
static const char *
by_scheme(enum rules_vocab v, const char *scheme, const char *text)
{
	return find_seen(v, scheme, text);
}

/* --- languages ------------------------------------------------------------ */

static bool
is_alpha(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((s[i] | 0x20) < 'a' || (s[i] | 0x20) > 'z')
			return false;
	return n > 0;
}

static bool
is_alnum(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!is_alpha(s + i, 1) && (s[i] < '0' || s[i] > '9'))
			return false;
	return n > 0;
}

/* One subtag after the language in its canonical case (RFC 5646, 2.1.1);
 * false when it is none. */
static bool
subtag(char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s[i] >= 'A' && s[i] <= 'Z')
			s[i] |= 0x20;
	if (n == 4 && is_alpha(s, 4)) {
		s[0] &= ~0x20; /* script */
		return true;
	}
	if (n == 2 && is_alpha(s, 2)) {
		s[0] &= ~0x20;
		s[1] &= ~0x20;
		return true;
	}
	if (n == 3 && s[0] >= '0' && s[0] <= '9')
		return is_alnum(s, n);
	return n >= 5 && n <= 8 && is_alnum(s, n);
}

static const char *
language_code(const char *text)
{
	const char *code = by_scheme(RULES_LANGUAGE, "language", text);

	return code ? code : by_scheme(RULES_LANGUAGE, "iso639", text);
}

/* "en_US", "zh-Hant-TW". */
static const char *
language_tag(struct arena *a, const char *text, size_t first)
{
	char tag[40], *p, *end;
	const char *code;
	size_t n = strlen(text);

	if (first > 3 || n >= sizeof(tag) || !is_alpha(text, first))
		return NULL;
	memcpy(tag, text, first);
	tag[first] = '\0';
	code = language_code(tag);
	if (code == NULL)
		return NULL;
	memcpy(tag, text, n + 1);
	for (p = tag + first; *p != '\0'; p = end) {
		*p++ = '-';
		end = p + strcspn(p, "-_");
		if (!subtag(p, (size_t)(end - p)))
			return code;
	}
	return arena_printf(a, "%s%s", code, tag + first);
}

const char *
vocab_language(struct arena *a, const char *text)
{
	const char *slash = strrchr(text, '/'), *code;
	size_t first;

	if (slash != NULL && strstr(text, "://") != NULL)
		text = slash + 1;
	first = strcspn(text, "-_");
	if (text[first] != '\0') {
		const char *tag = language_tag(a, text, first);

		if (tag != NULL)
			return tag;
	}
	code = strlen(text) <= 5 ? language_code(text) : NULL;
	return code ? code : by_scheme(RULES_LANGUAGE, rules_label, text);
}

/* --- countries ------------------------------------------------------------ */

/* Codes and short names count in capitals only: "in" and "us" are words. */
static const char *
country_in_capitals(const char *text)
{
	static const char *const schemes[] = {
	    "country", "iso3166-1", "iso3166-3", "short"};
	const char *code = NULL;
	size_t n = strlen(text), capitals = 0;

	if (n < 2 || n > 5)
		return NULL;
	for (const char *p = text; *p != '\0'; p++)
		capitals += *p >= 'A' && *p <= 'Z';
	/* "LDCs" */
	if (capitals < 2 || capitals < n - (text[n - 1] == 's'))
		return NULL;
	for (size_t i = 0;
	     code == NULL && i < sizeof(schemes) / sizeof(*schemes); i++)
		code = by_scheme(RULES_COUNTRY, schemes[i], text);
	return code;
}

const char *
vocab_country(const char *text)
{
	const char *code = country_in_capitals(text);

	return code ? code : find(RULES_COUNTRY, text);
}

const char *
vocab_country_code(const char *text)
{
	const char *code = country_in_capitals(text);

	return code ? code : by_scheme(RULES_COUNTRY, "m49", text);
}

/* --- kinds, sectors, access, roles
 * ------------------------------------------------- */

const char *
vocab_kind(const char *text)
{
	const char *kind = find(RULES_KIND, text);

	return kind ? kind : by_scheme(RULES_KIND, "kind", text);
}

bool
vocab_kind_is_vague(const char *text)
{
	const char *local;

	if (strchr(text, ':') != NULL &&
	    rules_concept(rules, text, &local) != NULL)
		text = local;
	return by_scheme(RULES_KIND, "vague", text) != NULL;
}

const char *
vocab_family(const char *kind)
{
	struct rules_thing t;

	return rules_thing_find(rules, RULES_KIND, kind, &t) ? t.parents : NULL;
}

const char *
vocab_sectors(const char *text)
{
	const char *codes = by_scheme(RULES_SECTOR, "sector", text);

	return codes ? codes : find(RULES_SECTOR, text);
}

const char *
vocab_sdgs(const char *text)
{
	const char *codes = by_scheme(RULES_SDG, "sdg", text);

	return codes ? codes : find(RULES_SDG, text);
}

const char *
vocab_access(const char *text)
{
	const char *code = by_scheme(RULES_ACCESS, "access", text);

	return code ? code : find(RULES_ACCESS, text);
}

const char *
vocab_role(const char *text)
{
	return find(RULES_ROLE, text);
}

const char *
vocab_by_scheme(enum rules_vocab v, const char *scheme, const char *text)
{
	return look_up(v, scheme, text);
}

const char *
vocab_map(
    struct arena *a, enum rules_vocab v, const char *scheme, const char *text)
{
	const char *code;

	if (scheme != NULL)
		return look_up(v, scheme, text);
	switch (v) {
	case RULES_KIND:
		return vocab_kind(text);
	case RULES_SECTOR:
		return vocab_sectors(text);
	case RULES_COUNTRY:
		code = vocab_country(text);
		return code != NULL ? code : vocab_country_code(text);
	case RULES_LANGUAGE:
		return vocab_language(a, text);
	case RULES_SDG:
		return vocab_sdgs(text);
	default:
		code = by_scheme(v, rules_vocab_name(v), text);
		return code != NULL ? code : find(v, text);
	}
}
