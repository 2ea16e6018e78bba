/*
 * What stood around a record's slice on its page, as far as the record needs
 * it to be given back, or read again, alone.  The parser says it with each
 * record as one text, sheaf.block.context:
 *
 *	xmlns="…" xmlns:dc="…"
 *	feed/1 https://example.org/news.xml
 *	 xml:lang="en"
 *	<rss version="2.0"><channel><title>…</title></channel>
 *
 * The first line holds the namespaces in scope, and is all there is of records
 * of OAI-PMH.  An item of a feed has what its feed says for it, too: the form
 * of what follows and where the page was got from; other attributes in scope
 * where the items stand, or nothing; the feed's head, to the end of the text,
 * whose root is left open.
 */
#ifndef SHEAF_RECORD_CONTEXT_H
#define SHEAF_RECORD_CONTEXT_H

#include "base/arena.h"
#include "base/buf.h"

#define CONTEXT_FEED_MARK "feed/1" /* a form of its own has another number */

/* So many records share a block, and its context, at most: what a context that
 * was said already still costs. */
enum { CONTEXT_RECORDS = 100 };

enum context_form {
	CONTEXT_PLAIN, /* namespaces alone */
	CONTEXT_FEED,
	CONTEXT_OTHER /* a form that this program does not know */
};

struct context { /* texts are "" where there is nothing, never NULL */
	enum context_form form;
	const char *namespaces;
	const char *base_url, *place, *head; /* of CONTEXT_FEED */
};

/* Appends it.  Neither namespaces nor base_url nor place may hold a line feed.
 */
void context_write(struct buf *out, const struct context *c);
/* Whatever the text, it is one of the three forms; texts live in a. */
void context_read(struct context *c, struct arena *a, const char *text);

/* What goes before and behind slices that stood there, so that they are a page
 * for the parser: an answer to ListRecords, or the feed. */
void context_open(const struct context *c, struct buf *page);
void context_close(const struct context *c, struct buf *page);

#endif
