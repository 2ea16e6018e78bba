/*
 * Cuts a feed into what it says of itself and its items, by tags alone: the
 * feed's part of what cut.h is for OAI-PMH, and far more lenient.
 *
 * An item is an <item>, <entry> or <deleted-entry>, in any letter case and
 * with any prefix.  What ends it is its own end tag, else the next item, the
 * end of what it stands in, or the end of the page.  What stands between the
 * items is kept together in `channel`; the start tags of what is open, in
 * `open`, so that an item can be read in its place.
 */
#ifndef SHEAF_PARSE_FEED_CUT_H
#define SHEAF_PARSE_FEED_CUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "parse/window.h"

struct feed_piece {
	const char *p; /* into the window, until the next feed_cut_next() */
	size_t len;
	bool is_cut; /* over LIMIT_RECORD_BYTES: p is its beginning */
	bool is_unclosed;
	bool is_crowded; /* a tag has over LIMIT_XML_ATTRIBUTES attributes */
	bool is_changed; /* its bytes are not the body's own */
	uint64_t offset, length; /* in the body */
	uint64_t line;
};

struct feed_open {
	size_t at; /* of its start tag in `open` */
	size_t name, name_len; /* of its name, in `open` */
	unsigned id; /* no other tag of the page has it */
};

enum { FEED_HEAD_BYTES = 8192 };

struct feed_cut {
	struct window *w; /* not owned */
	struct buf channel; /* outside of the items, less comments and PIs */
	struct buf open; /* start tags of what is open around the place */
	bool has_root;
	bool is_done; /* the root was closed */
	unsigned repairs;
	/* private */
	struct feed_open stack[LIMIT_XML_DEPTH];
	size_t depth;
	unsigned last_id;
	size_t pending;
	bool is_hopeless; /* a comment or section never ends: none is one */
	char head[FEED_HEAD_BYTES];
};

void feed_cut_init(struct feed_cut *c, struct window *w);
void feed_cut_release(struct feed_cut *c);
/* The next item: 1, 0 at the end of the feed, -1 when reading fails. */
int feed_cut_next(struct feed_cut *c, struct feed_piece *out, struct err *e);

/* Tells one content of `open` from another; 0 when nothing is open. */
unsigned feed_cut_version(const struct feed_cut *c);

/* Whether a start tag of that name may be a feed's root. */
bool feed_is_root(const char *name, size_t n);

#endif
