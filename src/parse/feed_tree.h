/*
 * The XML of an item, or of a feed without its items, to a small tree
 * (record/feed.h).  One parser is used again and again.
 */
#ifndef SHEAF_PARSE_FEED_TREE_H
#define SHEAF_PARSE_FEED_TREE_H

#include <libxml/parser.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "parse/scope.h"
#include "record/feed.h"

struct feed_tree {
	xmlParserCtxtPtr ctxt;
	struct arena *arena; /* of the tree in hand */
	struct feed_node *root, *top; /* top: the innermost open element */
	unsigned depth;
	unsigned markup; /* depth of elements that are text of `top` */
	bool is_html; /* top's text has elements in it */
	size_t elements;
	uint64_t fed; /* since the parser was made */
	struct scope scope; /* namespaces outside of the item */
	const char *context; /* those it needs, as record.context; or NULL */
	bool in_item;
	bool is_over; /* a limit was reached */
	bool has_failed;
	char why[256];
	struct buf text[LIMIT_XML_DEPTH + 2];
};

void feed_tree_init(struct feed_tree *t);
void feed_tree_release(struct feed_tree *t);

/* A piece of a feed in the place where it stands. */
struct feed_text {
	const struct buf *open; /* start tags around it */
	const struct buf *close; /* their end tags */
	const char *p;
	size_t n;
};

/* Strict, the first error ends it; lenient, what can be read is.  The root, or
 * NULL with the reason in e.  Texts live in the arena. */
struct feed_node *feed_tree_read(struct feed_tree *t, struct arena *a,
    const struct feed_text *text, bool is_lenient, struct err *e);

#endif
