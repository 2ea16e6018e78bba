/*
 * What passes between the reader of XML (src/parse) and the rules that make
 * a record of it (src/crosswalk): the metadata's elements, one at a time.
 *
 * The two are stages of their own and meet in src/bin alone, so the shape of
 * what they exchange stands here, below both.
 */
#ifndef SHEAF_RECORD_ELEMENT_H
#define SHEAF_RECORD_ELEMENT_H

#include "base/arena.h"
#include "base/buf.h"
#include "record/record.h"

/* A start tag.  Names are texts of which there is one each: equal names have
 * equal addresses, until forget(). */
struct meta_start {
	const char *ns; /* namespace, "" for none */
	const char *prefix; /* as written, "" for none; all there is to go by
			     * when the prefix was never declared */
	const char *name; /* local name */
	/* Five pointers for each attribute: local name, prefix and namespace
	 * (NULL for none), the value and its end. */
	const char *const *attributes;
	size_t attribute_count;
	const char *lang; /* xml:lang in scope, or NULL; of the arena */
};
enum { META_LOCAL, META_PREFIX, META_NS, META_VALUE, META_END, META_POINTERS };

/* What is asked for of an element. */
enum meta_want {
	META_NOTHING = 0,
	META_TEXT = 1, /* all text inside of it */
	META_INSIDE = 2 /* the elements in it */
};

struct crosswalk_ops {
	/* A record begins; r and a are valid until end() returned. */
	void (*begin)(void *arg, struct record *r, struct arena *a);
	/* An element of the metadata begins; of what was said to be
	 * META_NOTHING and of what is inside of an element without META_INSIDE
	 * nothing more is heard.  What s points to lives until the call
	 * returns, lang as long as the record. */
	unsigned (*start)(void *arg, const struct meta_start *s);
	/* The element that began last and has not ended yet ends.  text: what
	 * was asked for, NUL-terminated UTF-8 of len bytes, or ""; it lives
	 * until the call returns.  is_cut: there was more than
	 * LIMIT_VALUE_BYTES. */
	void (*end_element)(
	    void *arg, const char *text, size_t len, bool is_cut);
	/* The metadata ended (also called where there was none). */
	void (*end)(void *arg);
	/* The addresses of names are worth nothing from now on. */
	void (*forget)(void *arg);
};

/* Appends the plain text of an HTML fragment: tags removed, entities
 * resolved, "\n\n" where a block ends.  Text without markup is appended as it
 * is.  0, or -1 when out is full. */
typedef int (*html_text_fn)(struct buf *out, const char *html, size_t n);

#endif
