/* HTML fragments to plain text, by libxml2's HTML parser. */
#ifndef SHEAF_PARSE_HTML_H
#define SHEAF_PARSE_HTML_H

#include <stddef.h>

#include "base/buf.h"

/* An html_text_fn (record/element.h): text with a known element's tag or an
 * entity in it is parsed as HTML; all other text is appended as it is, so
 * that "p < 0.05" and "AT&T" survive. */
int html_text(struct buf *out, const char *html, size_t n);

#endif
