/* The HTML that feeds mostly have, without a parser: a third of the time of a
 * page of news went into parsing paragraphs and links. */
#ifndef SHEAF_PARSE_HTML_PLAIN_H
#define SHEAF_PARSE_HTML_PLAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* Appends the text of HTML that consists of common elements, none of them
 * hidden, and of references that are complete; as html_text() would, but that
 * each tag of a block parts, in its place or not.  False, and nothing appended,
 * when there is anything else in it: then it is for the parser. */
bool html_plain(struct buf *out, const char *html, size_t n);

#endif
