/* A page through the parser, in this process and without a sandbox, to the
 * JSON lines that `sheafctl parse` would print. */
#ifndef SHEAF_TESTS_PARSE_TALK_H
#define SHEAF_TESTS_PARSE_TALK_H

#include "base/buf.h"
#include "parse/page.h"

struct xwalk_set;

struct talk {
	struct page_request q;
	const struct xwalk_set *walks; /* NULL: those that are shipped */
	struct buf json; /* one object a line */
	int code; /* page_parse's */
	uint64_t outside_window, outside_set;
};

void talk_init(struct talk *t);
void talk_release(struct talk *t);
/* Parses the page; each offset and length of the stream is checked against
 * the page's bytes when they are UTF-8 and not repaired. */
void talk_page(struct talk *t, const void *page, size_t n);
/* The same for a text, between an OAI-PMH head and tail of ListRecords. */
void talk_records(struct talk *t, const char *records);
/* How often `what` occurs in the JSON. */
unsigned talk_count(const struct talk *t, const char *what);

#endif
