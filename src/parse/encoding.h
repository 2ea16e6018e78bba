/*
 * Which encoding a page is in, and the few legacy ones to UTF-8 by our own
 * tables (glibc's iconv opens files, which the sandbox refuses).
 */
#ifndef SHEAF_PARSE_ENCODING_H
#define SHEAF_PARSE_ENCODING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum encoding {
	ENCODING_UTF8,
	ENCODING_WINDOWS_1252, /* also for what calls itself ISO-8859-1 */
	ENCODING_ISO_8859_15,
	ENCODING_UTF16LE,
	ENCODING_UTF16BE,
	ENCODING_OTHER /* one that libxml2 knows, by ICU: feeds only */
};
const char *encoding_name(enum encoding e); /* "UTF-8", … */

struct encoding_guess {
	enum encoding encoding;
	unsigned bom_bytes;
	/* The page named one that is not in the list and is read as UTF-8:
	 * its name, else "". */
	char unknown[48];
	char other[48]; /* ENCODING_OTHER: its name */
	bool is_guess; /* of a feed: nothing names one that the bytes can be */
};

/* From a page's first bytes: a byte order mark, UTF-16 without one, the XML
 * declaration, then the charset of the Content-Type (may be NULL), then
 * UTF-8. */
void encoding_guess(struct encoding_guess *g, const void *head, size_t n,
    const char *content_type);

/* The same for a feed, as feedparser does it: byte order mark, charset of the
 * Content-Type, XML declaration, UTF-8, windows-1252: the first of which the
 * bytes can be.  head: as much of the body as there is, or 64 KiB. */
void feed_encoding_guess(struct encoding_guess *g, const void *head, size_t n,
    const char *content_type);
/* Takes the value after `key=` (quoted or not) out of text. */
bool encoding_value(const char *text, const char *key, char *out, size_t size);
/* By name; false when it is none of our own tables. */
bool encoding_find(const char *label, enum encoding *e);

/* One character of a page that is not UTF-8: bytes used, or 0 when p is cut
 * in the middle of one.  *cp is U+FFFD for what is none (is_bad then). */
unsigned encoding_next(
    enum encoding e, const uint8_t *p, size_t n, uint32_t *cp, bool *is_bad);

#endif
