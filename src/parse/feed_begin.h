/* The beginning of a feed's page: where its root is and what stands before it,
 * or what the body is instead of a feed. */
#ifndef SHEAF_PARSE_FEED_BEGIN_H
#define SHEAF_PARSE_FEED_BEGIN_H

#include "parse/feed_entities.h"
#include "parse/window.h"
#include "record/facts.h"

struct feed_begin {
	struct feed_entities *entities; /* gets those that are declared */
	struct page_facts *facts; /* gets body, title, encoding, offers */
	struct arena *arena; /* of the facts */
	const char *base_url; /* may be NULL */
	size_t junk; /* bytes before the root, where they are no prolog */
};

/* Moves the window to the root's start tag: 0, or -1 when the body is no feed
 * or cannot be read. */
int feed_begin(struct feed_begin *b, struct window *w, struct err *e);

#endif
