/* Each letter is asked of utf8proc once, and what it said is kept. */
#include "crosswalk/key_letter.h"

#include <string.h>
#include <utf8proc.h>

/* Latin, Greek, Cyrillic and Armenian capitals: two bytes each, and no
 * neighbour changes them but the marks that are left out. */
enum { FIRST = 0x80, LAST = 0x559, POINTS = 8 };

enum state { UNKNOWN, EASY, HARD };
static struct kept {
	uint8_t state;
	struct key_letter letter;
} kept[LAST - FIRST + 1];

bool
key_is_mark(int32_t cp)
{
	utf8proc_category_t c = utf8proc_category(cp);

	return c == UTF8PROC_CATEGORY_MN || c == UTF8PROC_CATEGORY_MC ||
	       c == UTF8PROC_CATEGORY_ME;
}

bool
key_is_word(int32_t cp)
{
	switch (utf8proc_category(cp)) {
	case UTF8PROC_CATEGORY_LU:
	case UTF8PROC_CATEGORY_LL:
	case UTF8PROC_CATEGORY_LT:
	case UTF8PROC_CATEGORY_LM:
	case UTF8PROC_CATEGORY_LO:
	case UTF8PROC_CATEGORY_MN:
	case UTF8PROC_CATEGORY_MC:
	case UTF8PROC_CATEGORY_ME:
	case UTF8PROC_CATEGORY_ND:
	case UTF8PROC_CATEGORY_NL:
	case UTF8PROC_CATEGORY_NO:
		return true;
	default:
		return false;
	}
}

/* The bytes of the points; false where there are too many, or one is of no
 * word. */
static bool
encode(char out[KEY_LETTER_BYTES], uint8_t *n, const int32_t *points,
    utf8proc_ssize_t count)
{
	*n = 0;
	for (utf8proc_ssize_t i = 0; i < count; i++) {
		utf8proc_uint8_t bytes[4];
		utf8proc_ssize_t k = utf8proc_encode_char(points[i], bytes);

		if (!key_is_word(points[i]) || *n + k > KEY_LETTER_BYTES)
			return false;
		memcpy(out + *n, bytes, (size_t)k);
		*n = (uint8_t)(*n + k);
	}
	return *n > 0;
}

static bool
ask(struct key_letter *l, const char *s)
{
	int32_t points[POINTS], plain[POINTS];
	utf8proc_ssize_t n, k = 0;

	n = utf8proc_decompose((const utf8proc_uint8_t *)s, 2, points, POINTS,
	    UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT |
		UTF8PROC_CASEFOLD | UTF8PROC_IGNORE);
	if (n <= 0 || n > POINTS || key_is_mark(points[0]))
		return false;
	for (utf8proc_ssize_t i = 0; i < n; i++)
		if (!key_is_mark(points[i]))
			plain[k++] = points[i];
	*l = (struct key_letter){.bytes = 2, .has_mark = k < n};
	if (!encode(l->plain, &l->plain_bytes, plain, k))
		return false;
	n = utf8proc_normalize_utf32(
	    points, n, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
	return encode(l->exact, &l->exact_bytes, points, n);
}

static bool
is_inside(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

/* U+4E00-9EFF, of Chinese and Japanese, are what they are. */
static bool
han(struct key_letter *out, const unsigned char *u)
{
	if (u[0] < 0xe4 || u[0] > 0xe9 || !is_inside(u[1]) ||
	    !is_inside(u[2]) || (u[0] == 0xe4 && u[1] < 0xb8) ||
	    (u[0] == 0xe9 && u[1] > 0xbb))
		return false;
	*out =
	    (struct key_letter){.bytes = 3, .exact_bytes = 3, .plain_bytes = 3};
	memcpy(out->exact, u, 3);
	memcpy(out->plain, u, 3);
	return true;
}

bool
key_letter(struct key_letter *out, const char *s)
{
	const unsigned char *u = (const unsigned char *)s;
	struct kept *k;
	unsigned c;

	if (u[0] < 0xc2 || u[0] > 0xdf)
		return han(out, u);
	c = (u[0] & 0x1fU) << 6 | (u[1] & 0x3fU);
	/* marks stand at U+0300-036F and U+0483-0489 */
	if (!is_inside(u[1]) || c > LAST || (c >= 0x300 && c < 0x388) ||
	    (c >= 0x483 && c <= 0x489))
		return false;
	k = &kept[c - FIRST];
	if (k->state == UNKNOWN)
		k->state = ask(&k->letter, s) ? EASY : HARD;
	*out = k->letter;
	return k->state == EASY;
}

void
key_letter_begin(void)
{
	struct key_letter ignored;
	char s[3] = "";

	for (unsigned c = FIRST; c <= LAST; c++) {
		s[0] = (char)(0xc0 | c >> 6);
		s[1] = (char)(0x80 | (c & 0x3f));
		(void)key_letter(&ignored, s);
	}
}
