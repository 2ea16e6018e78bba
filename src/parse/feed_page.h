/*
 * One feed to one record stream: page.h's part for RSS, RDF, Atom and CDF.
 * Each item is cut out, read strictly, then mended, and handed to the rules;
 * memory is bounded by one item and what the feed says of itself.
 */
#ifndef SHEAF_PARSE_FEED_PAGE_H
#define SHEAF_PARSE_FEED_PAGE_H

#include "record/feed.h"
#include "record/stream.h"

struct feed_request { /* texts may be NULL or "" */
	const char *content_type; /* of the HTTP answer */
	const char *base_url; /* where the page came from */
	const struct feed_ops *ops;
	void *ops_arg;
};

/* As page_parse(). */
int feed_parse(
    int body_fd, const struct feed_request *q, struct stream_writer *out);

#endif
