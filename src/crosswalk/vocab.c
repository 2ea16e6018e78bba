/* Look-ups; the rows are in the .inc files (codes and names) and in kinds.c. */
#include "crosswalk/vocab.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static const struct vocab_row country_names[] = {
#include "crosswalk/countries.inc"
};
static const struct vocab_row country_codes[] = {
#include "crosswalk/country_codes.inc"
};
static const struct vocab_row languages[] = {
#include "crosswalk/languages.inc"
};

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

void
vocab_key(char out[VOCAB_KEY_BYTES], const char *text)
{
	utf8proc_uint8_t *folded = NULL;
	size_t n = strlen(text);

	out[0] = '\0';
	if (n >= 2 * VOCAB_KEY_BYTES)
		return;
	for (const char *p = text; *p != '\0'; p++)
		if ((unsigned char)*p >= 0x80) {
			utf8proc_ssize_t rc =
			    utf8proc_map((const utf8proc_uint8_t *)text,
				(utf8proc_ssize_t)n, &folded,
				UTF8PROC_STABLE | UTF8PROC_DECOMPOSE |
				    UTF8PROC_COMPAT | UTF8PROC_CASEFOLD |
				    UTF8PROC_STRIPMARK);

			if (rc < 0)
				return;
			break;
		}
	squeeze(out, folded ? (const char *)folded : text);
	free(folded);
}

const char *
vocab_find(const struct vocab_row *rows, size_t count, const char *key)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = strcmp(rows[mid].key, key);

		if (order == 0)
			return rows[mid].code;
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

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

/* "en_US", "zh-Hant-TW". */
static const char *
language_tag(struct arena *a, const char *text, size_t first)
{
	char key[VOCAB_KEY_BYTES], tag[40], *p, *end;
	const char *code;
	size_t n = strlen(text);

	if (first > 3 || n >= sizeof(tag) || !is_alpha(text, first))
		return NULL;
	memcpy(tag, text, first);
	tag[first] = '\0';
	vocab_key(key, tag);
	code = vocab_find(languages, COUNT(languages), key);
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
	char key[VOCAB_KEY_BYTES];
	const char *slash = strrchr(text, '/');
	size_t first;

	if (slash != NULL && strstr(text, "://") != NULL)
		text = slash + 1;
	first = strcspn(text, "-_");
	if (text[first] != '\0') {
		const char *tag = language_tag(a, text, first);

		if (tag != NULL)
			return tag;
	}
	vocab_key(key, text);
	return *key ? vocab_find(languages, COUNT(languages), key) : NULL;
}

const char *
vocab_country(const char *text)
{
	char key[VOCAB_KEY_BYTES];
	const char *code;
	size_t n = strlen(text);

	vocab_key(key, text);
	if (*key == '\0')
		return NULL;
	code = vocab_find(country_names, COUNT(country_names), key);
	if (code != NULL || n > 3)
		return code;
	/* Codes count in capitals only: "in" and "no" are words. */
	for (const char *p = text; *p != '\0'; p++)
		if (*p < 'A' || *p > 'Z')
			return NULL;
	return vocab_find(country_codes, COUNT(country_codes), key);
}
