/*
 * libxml2's push parser with the house's settings: no DTD, no entities but
 * the five, no network, no limits of its own (ours hold before it, in
 * cut.h), and the first error kept.
 */
#ifndef SHEAF_PARSE_XML_H
#define SHEAF_PARSE_XML_H

#include <libxml/parser.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct xml {
	xmlParserCtxtPtr ctxt;
	bool has_failed;
	char text[256]; /* of the first error, without a line feed */
	uint64_t line; /* of it, in all that was fed, from 1 */
	uint64_t column;
};

/* Makes libxml2 ready: once a process, before any fork. */
void xml_begin(void);

/* `sax` is copied; its error members are set here.  The user data that the
 * callbacks get is `x` itself: embed it first in your struct. */
void xml_open(struct xml *x, const xmlSAXHandler *sax);
void xml_close(struct xml *x); /* harmless when not open */
/* Parses it now.  0, or -1 once an error made the text ill-formed. */
int xml_feed(struct xml *x, const char *p, size_t n);
/* The place reached, in all that was fed. */
void xml_place(const struct xml *x, uint64_t *line, uint64_t *column);

/* Appends text as it stands in XML: between tags, or as the value of an
 * attribute in double quotes, on one line. */
void xml_escape(struct buf *out, const char *p, size_t n, bool is_value);

/* The value of an attribute of startElementNs, as (pointer, length); false
 * when there is none of that local name. */
bool xml_attribute(const xmlChar **attributes, int count, const char *local,
    const char **value, size_t *len);

#endif
