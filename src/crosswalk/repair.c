/* Double encoding.  A wrong repair is worse than none, so a text has to be of
 * one piece: sequences of UTF-8 that were read as single bytes, and nothing
 * that contradicts them. */
#include "crosswalk/repair.h"

#include <stdint.h>
#include <string.h>

#include "base/utf8.h"

enum { TIMES = 3 };

typedef unsigned char bytes16 __attribute__((vector_size(16)));

/* U+0080-009F as windows-1252 has them; 0: undefined there. */
static const uint16_t signs[32] = {0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026,
    0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017d, 0, 0,
    0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122,
    0x0161, 0x203a, 0x0153, 0, 0x017e, 0x0178};

/* The byte that a character was read from; -1: none. */
static int
byte_of(uint32_t c)
{
	if (c < 0x100)
		return (int)c;
	for (int i = 0; i < 32; i++)
		if (signs[i] == c)
			return 0x80 + i;
	return -1;
}

/* What stands behind a letter in text that is right, too: closing quotation
 * marks, dots, dashes, white space. */
static bool
is_closing(int byte)
{
	switch (byte) {
	case 0x85:
	case 0x8b:
	case 0x91:
	case 0x92:
	case 0x93:
	case 0x94:
	case 0x96:
	case 0x97:
	case 0x99:
	case 0x9b:
	case 0xa0:
	case 0xab:
	case 0xbb:
		return true;
	default:
		return false;
	}
}

/* What a text says for and against. */
struct evidence {
	unsigned certain; /* Ã©, Â°, â€™: nobody writes them */
	unsigned likely; /* Å‚, Ð¡ */
	bool has_letter; /* of Latin-1, on its own */
	bool has_other; /* anything else beyond ASCII, on its own */
};

/* The capital letter à becomes inside of a word, or à alone before its second
 * half, a no-break space: no capital stands there by right. */
static bool
is_misplaced(char before, int lead, int second)
{
	if (lead >= 0xdf)
		return false;
	return (before >= 'a' && before <= 'z') ||
	       (second == 0xa0 && !(before >= 'A' && before <= 'Z'));
}

/* A sequence that begins at s, decoded to out; the bytes it takes of s, or 0.
 * before: the byte before it. */
static size_t
sequence(const char *s, size_t n, char before, struct evidence *e, char out[4],
    unsigned *out_n)
{
	unsigned want, used;
	bool is_odd = false;
	size_t at = 0;
	uint32_t c;

	used = utf8_decode(s, n, &c);
	if (used == 0 || c < 0xc2 || c > 0xf4)
		return 0;
	want = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	out[0] = (char)c;
	at = used;
	for (unsigned i = 1; i < want; i++) {
		int byte = -1;

		used = at < n ? utf8_decode(s + at, n - at, &c) : 0;
		if (used != 0)
			byte = byte_of(c);
		if (byte < 0x80 || byte > 0xbf)
			return 0;
		is_odd = is_odd || !is_closing(byte) ||
			 is_misplaced(before, (unsigned char)out[0], byte);
		out[i] = (char)byte;
		at += used;
	}
	if (utf8_decode(out, want, &c) != want)
		return 0;
	*out_n = want;
	/* U+0080-00FF, punctuation, the euro and trade mark signs */
	if ((is_odd && c < 0x100) || (c >= 0x2010 && c <= 0x2122))
		e->certain++;
	else if (is_odd)
		e->likely++;
	return at;
}

/* à lost its second half, a no-break space, to the folding of white space. */
static bool
is_cut_a(const char *s, size_t n)
{
	return n >= 3 && memcmp(s, "\xc3\x83 ", 3) == 0;
}

static bool
is_double(const struct evidence *e)
{
	if (e->has_letter || e->certain + e->likely == 0)
		return false;
	if (e->certain > 0)
		return !e->has_other || e->certain + e->likely > 1;
	return e->likely > 1 && !e->has_other;
}

/* The text with every sequence decoded, or NULL where it is none. */
static char *
undo(struct arena *a, const char *s, size_t *n)
{
	struct evidence e = {0};
	char *out = arena_alloc(a, *n + 1), *o = out;
	size_t used;

	if (out == NULL)
		return NULL;
	for (size_t i = 0; i < *n; i += used) {
		unsigned decoded;
		uint32_t c;
		char seq[4];

		used = 1;
		if ((unsigned char)s[i] < 0x80) {
			*o++ = s[i];
			continue;
		}
		used = sequence(
		    s + i, *n - i, i > 0 ? s[i - 1] : ' ', &e, seq, &decoded);
		if (used > 0) {
			memcpy(o, seq, decoded);
			o += decoded;
			continue;
		}
		if (is_cut_a(s + i, *n - i)) {
			o = stpcpy(o, "\xc3\xa0 ");
			used = 3;
			continue;
		}
		used = utf8_decode(s + i, *n - i, &c);
		if (used == 0)
			return NULL;
		e.has_letter = e.has_letter || (c >= 0xc0 && c < 0x100);
		e.has_other = e.has_other || c < 0xc0 || c >= 0x100;
		memcpy(o, s + i, used);
		o += used;
	}
	*o = '\0';
	if (!is_double(&e))
		return NULL;
	*n = (size_t)(o - out);
	return out;
}

/* The beginning of a sequence: a character of U+00C2-00F4 and, behind it, one
 * that windows-1252 has at 80-BF. */
static bool
may_be_double(const char *s, size_t n)
{
	const char *first = memchr(s, 0xc3, n);
	const unsigned char *p = (const unsigned char *)first;
	const unsigned char *end = (const unsigned char *)s + n;

	if (p == NULL)
		return false;
	/* French has one in each second word: sixteen bytes at a time. */
	for (; end - p >= 16 + 3; p += 16) {
		bytes16 lead, second, next, is;
		uint64_t half[2];

		memcpy(&lead, p, sizeof(lead));
		memcpy(&second, p + 1, sizeof(second));
		memcpy(&next, p + 2, sizeof(next));
		is = (bytes16)((lead == 0xc3) & (second - 0x82 < 0x33) &
			       ((next == 0xc2) | (next == 0xe2) |
				   (next - 0xc5 < 2) | (next == 0xcb)));
		memcpy(half, &is, sizeof(half));
		if ((half[0] | half[1]) != 0)
			return true;
	}
	for (; end - p >= 4; p++)
		if (p[0] == 0xc3 && p[1] >= 0x82 && p[1] <= 0xb4 &&
		    (p[2] == 0xc2 || p[2] == 0xe2 || p[2] == 0xc5 ||
			p[2] == 0xc6 || p[2] == 0xcb))
			return true;
	return false;
}

/* Whether there is a character of U+0080-009F. */
static bool
has_control(const char *s, size_t n)
{
	const char *p = s, *end = s + n;

	while ((p = memchr(p, 0xc2, (size_t)(end - p))) != NULL) {
		if (end - p > 1 && (unsigned char)p[1] < 0xa0)
			return true;
		p++;
	}
	return false;
}

static const char *
control_signs(struct arena *a, const char *s, size_t *n)
{
	/* a sign takes three bytes at most where two were */
	char *out = arena_alloc(a, *n + *n / 2 + 1), *o = out;

	if (out == NULL)
		return s;
	for (size_t i = 0; i < *n; i++) {
		unsigned char next = i + 1 < *n ? (unsigned char)s[i + 1] : 0;

		if ((unsigned char)s[i] != 0xc2 || next < 0x80 || next > 0x9f) {
			*o++ = s[i];
			continue;
		}
		if (signs[next - 0x80] != 0)
			o += utf8_encode(o, signs[next - 0x80]);
		i++;
	}
	*o = '\0';
	*n = (size_t)(o - out);
	return out;
}

const char *
repair_encoding(struct arena *a, const char *s, size_t *n, bool *was_double)
{
	for (int i = 0; i < TIMES && may_be_double(s, *n); i++) {
		const char *once = undo(a, s, n);

		if (once == NULL)
			break;
		*was_double = true;
		s = once;
	}
	return has_control(s, *n) ? control_signs(a, s, n) : s;
}
