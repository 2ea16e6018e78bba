/* Characters of markup (XML 1.0, 2.3), in bytes of UTF-8. */
#ifndef SHEAF_PARSE_CHARS_H
#define SHEAF_PARSE_CHARS_H

#include <stdbool.h>

static inline bool
xml_is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Of a name, wherever in it; all that is not ASCII is taken for a letter. */
static inline bool
xml_is_name(char c)
{
	return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') ||
	       c == '_' || c == ':' || c == '-' || c == '.' ||
	       (unsigned char)c >= 0x80;
}

#endif
