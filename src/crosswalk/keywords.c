/* Most texts have no word that a phrase begins with, which the beginnings of
 * their words tell before anything is folded. */
#include "crosswalk/keywords.h"

#include <stdint.h>
#include <string.h>

#include "base/digest.h"
#include "base/utf8.h"

enum { START_BYTES = 4, START_BITS = 1 << 16, LABEL_BITS = 1 << 16 };

static const struct rules *rules;
static uint64_t starts[START_BITS / 64];
static uint64_t labels[LABEL_BITS / 64];

/* Bytes that stand between words: ASCII's, and the first ones of U+0080-00BF
 * and U+2000-2FFF. */
static bool
is_between(unsigned char c)
{
	if (c >= 0x80)
		return c == 0xc2 || c == 0xe2;
	return !(
	    (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'));
}

/* The bit of a word by its first bytes; of letters beyond ASCII only the first
 * byte counts, which is the same for a capital letter in most scripts. */
static uint64_t *
start_bit(const unsigned char *word, uint64_t *mask)
{
	uint32_t h = 0;

	for (size_t i = 0; i < START_BYTES; i++) {
		unsigned char c = word[i];

		if (is_between(c))
			break;
		h = h * 31 + (c < 0x80 ? c | 0x20 : c & 0xfeU);
		if (c >= 0x80)
			break;
	}
	h = (h * 2654435761U) >> 16;
	*mask = (uint64_t)1 << (h % 64);
	return &starts[h / 64];
}

static void
add_start(void *arg, const char *key)
{
	uint64_t mask;

	(void)arg;
	*start_bit((const unsigned char *)key, &mask) |= mask;
}

static uint64_t *
label_bit(const char *key, uint64_t *mask)
{
	uint64_t h = hash64(key, strlen(key)) % LABEL_BITS;

	*mask = (uint64_t)1 << (h % 64);
	return &labels[h / 64];
}

static void
add_label(void *arg, const char *key)
{
	uint64_t mask;

	(void)arg;
	*label_bit(key, &mask) |= mask;
}

bool
keywords_may_be_label(const struct rules_key *key)
{
	uint64_t mask, *bits = label_bit(key->exact, &mask);

	if ((*bits & mask) != 0)
		return true;
	if (key->is_plain)
		return false;
	bits = label_bit(key->plain, &mask);
	return (*bits & mask) != 0;
}

void
keywords_use(const struct rules *r)
{
	memset(starts, 0, sizeof(starts));
	memset(labels, 0, sizeof(labels));
	rules = r;
	rules_each_key(r, RULES_SECTOR, rules_label, add_label, NULL);
	rules_each_key(r, RULES_SDG, rules_label, add_label, NULL);
	rules_each_key(r, RULES_COUNTRY, rules_label, add_label, NULL);
	rules_each_key(r, RULES_SECTOR, rules_keyword, add_start, NULL);
}

/* Whether a word begins as some phrase does. */
static bool
may_have_phrase(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	uint64_t mask, *bits;

	while (*p != '\0') {
		if (is_between(*p)) {
			/* with what continues the character */
			for (p++; (*p & 0xc0) == 0x80; p++)
				;
			continue;
		}
		bits = start_bit(p, &mask);
		if ((*bits & mask) != 0)
			return true;
		while (*p != '\0' && !is_between(*p))
			p++;
	}
	return false;
}

/* Of text, as much as a key can hold, cut at a space. */
static void
key_of(struct rules_key *key, const char *text)
{
	char head[RULES_KEY_BYTES];
	size_t n = strnlen(text, sizeof(head));

	if (n == sizeof(head)) {
		n = utf8_cut(text, n, sizeof(head) - 1);
		while (n > 0 && text[n] != ' ')
			n--;
		memcpy(head, text, n);
		head[n] = '\0';
		text = head;
	}
	rules_key(key, text);
}

/* The longest phrase that begins at p; returns its end, or NULL. */
static char *
phrase(char *p, struct rules_hit *hit)
{
	char *ends[KEYWORD_WORDS], *end = p;
	size_t n = 0;

	while (n < KEYWORD_WORDS && *end != '\0') {
		end += *end == ' ';
		end += strcspn(end, " ");
		ends[n++] = end;
	}
	while (n-- > 0) {
		char c = *ends[n];
		bool is_found;

		*ends[n] = '\0';
		is_found = rules_find_exact(
		    rules, RULES_SECTOR, rules_keyword, p, hit);
		*ends[n] = c;
		if (is_found)
			return ends[n];
	}
	return NULL;
}

void
keywords_find(
    const char *text, void (*found)(void *arg, const char *codes), void *arg)
{
	struct rules_key key;
	struct rules_hit hit;
	char *p, *end;

	if (rules == NULL || !may_have_phrase(text))
		return;
	key_of(&key, text);
	for (p = key.exact; *p != '\0'; p = end + (*end == ' ')) {
		uint64_t mask;
		const uint64_t *bits =
		    start_bit((const unsigned char *)p, &mask);
		char *phrase_end = NULL;

		end = p + strcspn(p, " ");
		if ((*bits & mask) != 0)
			phrase_end = phrase(p, &hit);
		if (phrase_end == NULL)
			continue;
		found(arg, hit.codes);
		end = phrase_end;
	}
}
