/* Cells of CSV; see query/csv.h. */
#include "query/csv.h"

#include <stdbool.h>
#include <string.h>

#include "base/str.h"

/* ASCII, and the full-width forms, which are taken for the same. */
static bool
begins_formula(const char *s)
{
	static const char *const signs[] = {"=", "+", "-", "@", "\xef\xbc\x9d",
	    "\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0"};

	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		if (str_starts(s, signs[i]))
			return true;
	}
	return false;
}

static bool
is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

void
csv_text(struct buf *out, const char *text)
{
	bool quoted = strpbrk(text, ",;\"") != NULL;
	bool first = true;

	if (quoted)
		buf_addc(out, '"');
	for (; *text != '\0'; text++) {
		if (first && begins_formula(text))
			buf_addc(out, '\'');
		if (*text == '"')
			buf_addc(out, '"');
		buf_addc(out, is_control(*text) ? ' ' : *text);
		/* A quote or a control there would be passed over. */
		first = *text == ';' ||
			(first && (*text == '"' || is_control(*text)));
	}
	if (quoted)
		buf_addc(out, '"');
}
