/* UTF-8 by the table of RFC 3629 section 4.  Not here: normalisation and case.
 */
#include "base/utf8.h"

#include <string.h>

/* Needed continuation bytes, and the range of the first of them, by lead. */
static int
lead(unsigned char c, unsigned char *lo, unsigned char *hi)
{
	*lo = 0x80;
	*hi = 0xBF;
	if (c < 0x80)
		return 0;
	if (c < 0xC2)
		return -1;
	if (c < 0xE0)
		return 1;
	if (c < 0xF0) {
		if (c == 0xE0)
			*lo = 0xA0; /* overlong */
		else if (c == 0xED)
			*hi = 0x9F; /* surrogates */
		return 2;
	}
	if (c > 0xF4)
		return -1;
	if (c == 0xF0)
		*lo = 0x90;
	else if (c == 0xF4)
		*hi = 0x8F; /* beyond U+10FFFF */
	return 3;
}

/* Bytes of the sequence at s; 0 when invalid; -(how many are missing) when
 * cut off by the end. */
static int
sequence(const unsigned char *s, size_t n)
{
	unsigned char lo, hi;
	int more = lead(s[0], &lo, &hi);

	if (more < 0)
		return 0;
	for (int i = 1; i <= more; i++) {
		if ((size_t)i >= n)
			return -(more - i + 1);
		if (s[i] < lo || s[i] > hi)
			return 0;
		lo = 0x80;
		hi = 0xBF;
	}
	return more + 1;
}

size_t
utf8_valid_prefix(const char *str, size_t n)
{
	const unsigned char *s = (const unsigned char *)str;
	size_t i = utf8_plain_prefix(str, n, false);

	while (i < n) {
		uint64_t eight;
		int len;

		while (n - i >= 8) {
			memcpy(&eight, s + i, 8);
			if (eight & UINT64_C(0x8080808080808080))
				break;
			i += 8;
		}
		while (i < n && s[i] < 0x80)
			i++;
		if (i == n)
			break;
		len = sequence(s + i, n - i);
		if (len <= 0)
			break;
		i += (size_t)len;
	}
	return i;
}

bool
utf8_valid(const char *s, size_t n)
{
	return utf8_valid_prefix(s, n) == n;
}

unsigned
utf8_decode(const char *str, size_t n, uint32_t *cp)
{
	static const unsigned char mask[5] = {0, 0x7F, 0x1F, 0x0F, 0x07};
	const unsigned char *s = (const unsigned char *)str;
	int len;
	uint32_t c;

	if (n == 0)
		return 0;
	len = sequence(s, n);
	if (len <= 0)
		return 0;
	c = s[0] & mask[len];
	for (int i = 1; i < len; i++)
		c = c << 6 | (s[i] & 0x3F);
	*cp = c;
	return (unsigned)len;
}

bool
utf8_steers(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7F && cp <= 0x9F) ||
	       (cp >= 0x2028 && cp <= 0x202E) || (cp >= 0x2066 && cp <= 0x2069);
}

unsigned
utf8_encode(char out[4], uint32_t cp)
{
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (char)(0xC0 | cp >> 6);
		out[1] = (char)(0x80 | (cp & 0x3F));
		return 2;
	}
	if (cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF))
		return 0;
	if (cp < 0x10000) {
		out[0] = (char)(0xE0 | cp >> 12);
		out[1] = (char)(0x80 | (cp >> 6 & 0x3F));
		out[2] = (char)(0x80 | (cp & 0x3F));
		return 3;
	}
	out[0] = (char)(0xF0 | cp >> 18);
	out[1] = (char)(0x80 | (cp >> 12 & 0x3F));
	out[2] = (char)(0x80 | (cp >> 6 & 0x3F));
	out[3] = (char)(0x80 | (cp & 0x3F));
	return 4;
}

size_t
utf8_cut(const char *s, size_t n, size_t max)
{
	if (n <= max)
		return n;
	while (max > 0 && ((unsigned char)s[max] & 0xC0) == 0x80)
		max--;
	return max;
}

unsigned
utf8_missing(const char *str, size_t n)
{
	const unsigned char *s = (const unsigned char *)str;

	for (size_t back = 1; back <= 3 && back <= n; back++) {
		int len;

		if ((s[n - back] & 0xC0) == 0x80)
			continue;
		len = sequence(s + n - back, back);
		return len < 0 ? (unsigned)-len : 0;
	}
	return 0;
}

/* Ranges of East Asian wide and fullwidth characters and of emoji (UAX 11),
 * and of marks that take no column.  Coarse: it is for aligning tables. */
struct range {
	uint32_t first, last;
};

static const struct range wide[] = {{0x1100, 0x115F}, {0x2E80, 0x303E},
    {0x3041, 0xA4CF}, {0xA960, 0xA97F}, {0xAC00, 0xD7A3}, {0xF900, 0xFAFF},
    {0xFE30, 0xFE6F}, {0xFF00, 0xFF60}, {0xFFE0, 0xFFE6}, {0x1F300, 0x1F64F},
    {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};

static const struct range narrow[] = {{0x0300, 0x036F}, {0x0483, 0x0489},
    {0x0591, 0x05BD}, {0x064B, 0x065F}, {0x0E31, 0x0E31}, {0x0E34, 0x0E3A},
    {0x0E47, 0x0E4E}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x200B, 0x200F},
    {0x202A, 0x202E}, {0x2060, 0x2064}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F},
    {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF}};

static bool
in_ranges(uint32_t cp, const struct range *r, size_t n)
{
	for (size_t i = 0; i < n && cp >= r[i].first; i++)
		if (cp <= r[i].last)
			return true;
	return false;
}

size_t
utf8_width(const char *s, size_t n)
{
	size_t width = 0;

	for (size_t i = 0; i < n;) {
		uint32_t cp;
		unsigned len = utf8_decode(s + i, n - i, &cp);

		if (len == 0) { /* will be shown as one replacement */
			i++;
			width++;
			continue;
		}
		i += len;
		if (cp < 0x20 || (cp >= 0x7F && cp < 0xA0) ||
		    in_ranges(cp, narrow, sizeof(narrow) / sizeof(narrow[0])))
			continue;
		width +=
		    in_ranges(cp, wide, sizeof(wide) / sizeof(wide[0])) ? 2 : 1;
	}
	return width;
}
