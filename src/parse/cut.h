/*
 * Cuts a page into its envelope and its items, by tags alone.
 *
 * An item is what becomes a record: a <record> of ListRecords or GetRecord, a
 * <header> of ListIdentifiers.  Each is handed out whole, so that an
 * ill-formed one costs itself only and memory is bounded by one item; the
 * envelope around them is handed out in pieces that are always balanced.
 * Where an ill-formed item ends is decided by the tags that are open: its own
 * end tag, the next item's start, or the end tag of what it stands in.
 *
 * Dropped here: comments, processing instructions, second XML declarations,
 * DOCTYPE (refused when it declares entities), what stands after the root.
 */
#ifndef SHEAF_PARSE_CUT_H
#define SHEAF_PARSE_CUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/err.h"
#include "base/limits.h"
#include "parse/window.h"

enum piece_kind {
	PIECE_START, /* a start tag of the envelope */
	PIECE_END, /* an end tag; empty where the page forgot it: see name */
	PIECE_EMPTY, /* <a/> */
	PIECE_TEXT, /* text and references */
	PIECE_CDATA,
	PIECE_ITEM,
	PIECE_NONE /* the page ended */
};

struct piece {
	enum piece_kind kind;
	const char *p; /* into the window, until the next cut_next() */
	size_t len;
	const char *name; /* START, END, EMPTY: qualified */
	size_t name_len;
	uint64_t line, column; /* where it begins, from 1 */
	/* PIECE_ITEM */
	bool is_header; /* <header> of ListIdentifiers */
	bool header_only; /* that, or a <record> there */
	bool is_balanced; /* its tags match */
	bool is_cut; /* larger than LIMIT_RECORD_BYTES: p is only its
		      * beginning */
	bool is_unclosed; /* it has no end tag of its own */
	bool has_big_tag; /* a tag over LIMIT_XML_MARKUP_BYTES */
	bool is_deep; /* deeper than LIMIT_XML_DEPTH */
	unsigned attributes; /* the most of any of its elements */
	size_t elements;
	bool is_changed; /* its bytes are not the body's own */
	bool is_repaired; /* and not merely by transcoding */
	uint64_t offset, length; /* in the body */
	size_t content, content_end; /* where in p these begin and end */
	uint8_t digest[DIGEST_BYTES]; /* over its metadata and about */
};

enum { CUT_HEAD_BYTES = 8192 };

struct cut_open { /* an element that is open */
	uint32_t at, len; /* its name, in `names` */
};

struct cut {
	struct window *w; /* not owned */
	bool is_done; /* the root is closed */
	bool is_truncated; /* cut_next failed since the page ends too early */
	bool has_root;
	bool has_junk; /* something stood after the root */
	unsigned repairs; /* tags added or dropped to keep the balance */
	/* private */
	size_t pending; /* bytes of the last piece, to drop */
	struct cut_open open[LIMIT_XML_DEPTH + 2];
	size_t depth;
	char *names;
	size_t names_len, names_cap;
	size_t owed; /* end tags to hand out for the page */
	char head[CUT_HEAD_BYTES]; /* of an item that is cut */
};

void cut_init(struct cut *c, struct window *w);
void cut_release(struct cut *c);
/* The next piece: 0, or -1 when the page as a whole cannot be read. */
int cut_next(struct cut *c, struct piece *out, struct err *e);
/* "ListRecords": the innermost open element, for messages; "" for none. */
void cut_where(const struct cut *c, char *out, size_t n);

#endif
