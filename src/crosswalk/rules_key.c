/* Terms in the form that they are looked up in. */
#include <stdint.h>
#include <string.h>
#include <strings.h>
#include <utf8proc.h>

#include "base/str.h"
#include "crosswalk/key_letter.h"
#include "crosswalk/rules.h"

/* Code points of a text twice as long as a key, decomposed. */
enum { POINTS = 4 * RULES_KEY_BYTES };

/* Adds one byte or a run of them unless the key is full. */
struct key_writer {
	char *out;
	size_t n;
	bool is_full;
};

static void
put_space(struct key_writer *w)
{
	if (w->n == 0 || w->out[w->n - 1] == ' ')
		return;
	if (w->n + 1 < RULES_KEY_BYTES)
		w->out[w->n++] = ' ';
	else
		w->is_full = true;
}

static void
put(struct key_writer *w, const char *bytes, size_t n)
{
	if (w->n + n >= RULES_KEY_BYTES) {
		w->is_full = true;
		return;
	}
	memcpy(w->out + w->n, bytes, n);
	w->n += n;
}

static void
finish(struct key_writer *w)
{
	if (w->n > 0 && w->out[w->n - 1] == ' ')
		w->n--;
	w->out[w->is_full ? 0 : w->n] = '\0';
}

/* Of ASCII; a capital becomes small. */
static bool
is_ascii_word(char *c)
{
	if (*c >= 'A' && *c <= 'Z')
		*c |= 0x20;
	return (*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9');
}

/* False at the first byte that is not ASCII. */
static bool
key_ascii(char *out, const char *text)
{
	struct key_writer w = {.out = out};

	for (; *text != '\0'; text++) {
		char c = *text;

		if ((unsigned char)c >= 0x80)
			return false;
		if (is_ascii_word(&c)) {
			if (w.n + 1 < RULES_KEY_BYTES)
				out[w.n++] = c;
			else
				w.is_full = true;
		} else
			put_space(&w);
	}
	finish(&w);
	return true;
}

/* Both forms, of ASCII and letters that are known; false at the first other
 * character. */
static bool
key_letters(struct rules_key *key, const char *text)
{
	struct key_writer exact = {.out = key->exact};
	struct key_writer plain = {.out = key->plain};

	while (*text != '\0') {
		struct key_letter l = {.bytes = 1};
		char c = *text;

		if ((unsigned char)c >= 0x80) {
			if (!key_letter(&l, text))
				return false;
			put(&exact, l.exact, l.exact_bytes);
			put(&plain, l.plain, l.plain_bytes);
			key->is_plain &= !l.has_mark;
		} else if (is_ascii_word(&c)) {
			put(&exact, &c, 1);
			put(&plain, &c, 1);
		} else {
			put_space(&exact);
			put_space(&plain);
		}
		text += l.bytes;
	}
	finish(&exact);
	finish(&plain);
	if (key->is_plain)
		key->plain[0] = '\0';
	return true;
}

static void
key_points(char *out, const int32_t *points, size_t n)
{
	struct key_writer w = {.out = out};

	for (size_t i = 0; i < n; i++) {
		utf8proc_uint8_t bytes[4];

		if (key_is_word(points[i]))
			put(&w, (char *)bytes,
			    (size_t)utf8proc_encode_char(points[i], bytes));
		else
			put_space(&w);
	}
	finish(&w);
}

void
rules_key(struct rules_key *key, const char *text)
{
	int32_t points[POINTS], plain[POINTS];
	utf8proc_ssize_t n;
	size_t k = 0, bytes;

	if (str_case_starts(text, "http://") ||
	    str_case_starts(text, "https://")) {
		text = strchr(text, ':') + 3;
		if (str_case_starts(text, "www."))
			text += 4;
	}
	key->exact[0] = key->plain[0] = '\0';
	key->is_plain = true;
	bytes = strnlen(text, 2 * RULES_KEY_BYTES);
	if (bytes == 2 * RULES_KEY_BYTES || key_ascii(key->exact, text))
		return;
	if (key_letters(key, text))
		return;
	key->exact[0] = key->plain[0] = '\0';
	key->is_plain = true;
	n = utf8proc_decompose((const utf8proc_uint8_t *)text,
	    (utf8proc_ssize_t)bytes, points, POINTS,
	    UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT |
		UTF8PROC_CASEFOLD | UTF8PROC_IGNORE);
	if (n < 0 || n > POINTS)
		return;
	for (utf8proc_ssize_t i = 0; i < n; i++)
		if (!key_is_mark(points[i]))
			plain[k++] = points[i];
	key->is_plain = k == (size_t)n;
	if (!key->is_plain)
		key_points(key->plain, plain, k);
	n = utf8proc_normalize_utf32(
	    points, n, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
	if (n > 0)
		key_points(key->exact, points, (size_t)n);
}
