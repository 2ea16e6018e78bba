/*
 * One page to one record stream: the whole of the parser's work.
 *
 * Reads the body, finds out what it is, cuts it into envelope and items,
 * writes each item as a record or a reject as soon as it is read, and the
 * page's facts as the trailer.  Memory is bounded by one item, whatever the
 * page's size.
 */
#ifndef SHEAF_PARSE_PAGE_H
#define SHEAF_PARSE_PAGE_H

#include "record/element.h"
#include "record/stream.h"

struct page_request { /* texts may be NULL or "" */
	const char *protocol; /* oai-pmh or oai-static */
	/* The metadataPrefix that was asked for; of a static repository also
	 * a namespace or schema, or NULL for what facts_format_wanted() says
	 * then: of its lists only that one is read. */
	const char *format;
	const char *content_type; /* of the HTTP answer */
	/* What was asked, to count what does not fit. */
	const char *from, *until, *set;
	/* Slots of known contents (record/known.h); NULL: none. */
	const uint64_t *known;
	size_t known_slots;
	const struct crosswalk_ops *ops;
	void *ops_arg;
};

/* An exit code of sysexits.h: EX_OK; EX_DATAERR when the page as a whole
 * could not be read (the trailer says why); EX_IOERR when the body could not
 * be read or the stream not be written (there is no trailer then). */
int page_parse(
    int body_fd, const struct page_request *q, struct stream_writer *out);

#endif
