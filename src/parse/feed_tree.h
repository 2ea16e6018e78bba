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

struct feed_known_ns {
	const unsigned char *prefix, *uri; /* of the parser's dictionary */
	const char *ns;
};
enum { FEED_KNOWN_NS = 16 };

struct feed_tree {
	xmlParserCtxtPtr ctxt;
	struct arena *arena; /* of the tree in hand */
	struct arena *outer_arena; /* of what stands around it */
	struct arena around; /* that, where the parser stays inside */
	unsigned inside; /* feed_text.version of where it is; 0: nowhere */
	struct feed_node *outer; /* innermost element around the items */
	struct feed_node *root, *top; /* top: the innermost open element */
	unsigned depth;
	unsigned markup; /* depth of elements that are text of `top` */
	bool is_html; /* top's text has elements in it */
	size_t elements;
	uint64_t fed; /* since the parser was made */
	struct scope scope; /* namespaces outside of the item */
	const char *context; /* those it needs, as record.context; or NULL */
	const char *outer_context; /* all of them */
	bool has_outer_context;
	bool in_item;
	bool is_over; /* a limit was reached */
	bool has_failed;
	char why[256];
	struct feed_known_ns known[FEED_KNOWN_NS];
	size_t next_known;
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
	/* Tells one content of `open` from another (feed_cut_version()), and
	 * how many tags it has. */
	unsigned version;
	size_t depth;
};

/* Strict, the first error ends it; lenient, what can be read is.  The root, or
 * NULL with the reason in e.  The tree is good until the next read; texts and
 * values of attributes live in the arena. */
struct feed_node *feed_tree_read(struct feed_tree *t, struct arena *a,
    const struct feed_text *text, bool is_lenient, struct err *e);
/* Strict, for one item after the other: what stands around them is read once.
 * The elements around have no children but the item. */
struct feed_node *feed_tree_item(struct feed_tree *t, struct arena *a,
    const struct feed_text *text, struct err *e);

#endif
