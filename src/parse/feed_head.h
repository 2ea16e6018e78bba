/*
 * What the items of a feed may have from its head, kept with them
 * (record/context.h): title, links, language, rights, publisher and authors,
 * categories.  What changes by itself, as the time of its last build, is left
 * out, so that the items of many polls have one context.
 */
#ifndef SHEAF_PARSE_FEED_HEAD_H
#define SHEAF_PARSE_FEED_HEAD_H

#include <stdbool.h>

#include "base/buf.h"
#include "record/feed.h"

struct feed_head {
	struct buf xml; /* root is open; full: too large to be kept */
	/* of the root */
	bool has_namespace;
	const char *lang, *base; /* NULL: none */
	/* private */
	struct buf last; /* context */
	size_t said; /* of contexts */
};

void feed_head_init(struct feed_head *h);
void feed_head_release(struct feed_head *h);
/* Root as for feed_ops.channel, or NULL where nothing could be read; the values
 * of its attributes have to outlive the head. */
void feed_head_take(struct feed_head *h, const struct feed_node *root);
/* Fills out with the context of this item, with those namespaces (or NULL), of
 * a page that came from there (or NULL); where the head is too large, or too
 * much was said already (LIMIT_FEED_HEADS_BYTES), namespaces alone. */
void feed_head_context(struct feed_head *h, struct buf *out,
    const char *namespaces, const char *base_url, const struct feed_node *item);

#endif
