/* What a body is, by its first bytes, before anything parses it. */
#ifndef SHEAF_PARSE_SNIFF_H
#define SHEAF_PARSE_SNIFF_H

#include <stdbool.h>
#include <stddef.h>

#include "parse/tag.h"
#include "record/facts.h"

enum { SNIFF_BYTES = 64 * 1024, SNIFF_TITLE_BYTES = 256 };

struct sniff {
	enum body_class body;
	char title[SNIFF_TITLE_BYTES]; /* as page_facts.title */
	size_t root; /* BODY_OAI, BODY_STATIC: where the root's start tag is */
	bool has_junk; /* something other than a prolog stands before it */
};

/* raw: the body's first bytes as they are; p: the beginning of the page as
 * UTF-8 (all of it, or SNIFF_BYTES). */
void sniff(
    struct sniff *s, const void *raw, size_t raw_len, const char *p, size_t n);

/* Whether a start tag, at p with what follows it, is the root of a static
 * repository; records in it may look like anything. */
bool sniff_is_static(const struct tag *t, const char *p, size_t n);

#endif
