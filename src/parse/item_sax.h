/* The SAX side of an item, for item.c alone. */
#ifndef SHEAF_PARSE_ITEM_SAX_H
#define SHEAF_PARSE_ITEM_SAX_H

#include "parse/item.h"

extern const xmlSAXHandler item_sax;

/* about.c: an element of <about> begins; returns the value to collect. */
enum item_value about_start(struct item *it, const char *uri, const char *name,
    const xmlChar **atts, int att_count);
void about_end(struct item *it, const char *name);
/* The text of a rights statement ended. */
void about_rights(struct item *it, const char *text);

#endif
