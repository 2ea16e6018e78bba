/* What of a text is clean: valid UTF-8 of characters that XML allows. */
#include <stdbool.h>
#include <string.h>

#include "base/utf8.h"
#include "parse/window.h"

/* No control character but white space, and no lead byte of a noncharacter;
 * simple enough for the compiler to make vectors of. */
static bool
block_is_plain(const uint8_t *p)
{
	unsigned bad = 0;

	for (unsigned i = 0; i < 32; i++)
		bad |= p[i] == 0xef || (p[i] < 0x20 && p[i] != '\n' &&
					   p[i] != '\r' && p[i] != '\t');
	return bad == 0;
}

/* Where the first character that XML forbids is in valid UTF-8, or n. */
static size_t
first_forbidden(const uint8_t *p, size_t n, unsigned *bad)
{
	size_t i = 0;

	while (i < n) {
		size_t stop;

		while (n - i >= 32 && block_is_plain(p + i))
			i += 32;
		stop = n - i >= 32 ? i + 32 : n;
		for (; i < stop; i++) {
			*bad = 1;
			if (p[i] < 0x20 && p[i] != '\n' && p[i] != '\r' &&
			    p[i] != '\t')
				return i;
			*bad = 3; /* U+FFFE, U+FFFF */
			if (p[i] == 0xef && p[i + 1] == 0xbf &&
			    p[i + 2] >= 0xbe)
				return i;
		}
	}
	*bad = 0;
	return n;
}

/* How many bytes of p, which does not begin with a valid sequence, are one
 * broken thing; 0 when it is merely cut. */
static void
broken_bytes(const uint8_t *p, size_t n, unsigned *bad)
{
	uint8_t c = p[0], low = 0x80, high = 0xbf;
	unsigned need;

	*bad = 1;
	if (c < 0xc2 || c > 0xf4)
		return;
	need = c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
	if (c == 0xe0)
		low = 0xa0;
	else if (c == 0xf0)
		low = 0x90;
	else if (c == 0xed)
		high = 0x9f;
	else if (c == 0xf4)
		high = 0x8f;
	for (unsigned i = 1; i <= need; i++, low = 0x80, high = 0xbf) {
		*bad = i;
		if (i < n && (p[i] < low || p[i] > high))
			return;
		if (i >= n)
			break;
	}
	*bad = 0; /* more may come */
}

size_t
window_clean_prefix(const uint8_t *p, size_t n, unsigned *bad)
{
	size_t valid = utf8_valid_prefix((const char *)p, n);
	size_t clean = first_forbidden(p, valid, bad);

	if (clean == valid && valid < n)
		broken_bytes(p + valid, n - valid, bad);
	return clean;
}
