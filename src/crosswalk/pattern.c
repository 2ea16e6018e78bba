#include "crosswalk/pattern.h"

#include <stddef.h>

#include "crosswalk/text.h"

bool
pattern_fits(const char *pattern, const char *text)
{
	const char *star = NULL, *again = NULL;

	while (*text != '\0') {
		if (*pattern == '*') {
			star = ++pattern;
			again = text;
		} else if (*pattern == '?') {
			pattern++;
			text += text_char_bytes(text);
		} else if (*pattern == *text) {
			pattern++;
			text++;
		} else if (star != NULL) {
			pattern = star;
			text = again += text_char_bytes(again);
		} else
			return false;
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

static char
small(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* What nothing that is repaired, composed or made small changes to another
 * ASCII character: ASCII's letters and digits, and by their first bytes Greek,
 * Cyrillic (U+03C0-047F, U+04C0-04FF) and Chinese (U+4000-9FFF) letters. */
static bool
stays(char c)
{
	unsigned char u = (unsigned char)c;

	return (u >= '0' && u <= '9') ||
	       ((u | 0x20) >= 'a' && (u | 0x20) <= 'z') ||
	       (u >= 0xcf && u <= 0xd1) || u == 0xd3 ||
	       (u >= 0xe4 && u <= 0xe9);
}

bool
pattern_begins_otherwise(const char *pattern, const char *text)
{
	for (; stays(*text); pattern++, text++) {
		if ((unsigned char)*pattern >= 0x80 || *pattern == '*' ||
		    *pattern == '?')
			return false;
		if (small(*pattern) != small(*text))
			return true;
	}
	return false;
}
