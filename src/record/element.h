/*
 * What passes between the reader of XML (src/parse) and the rules that make
 * a record of it (src/crosswalk): one metadata element at a time.
 *
 * The two are stages of their own and meet in src/bin alone, so the shape of
 * what they exchange stands here, below both.
 */
#ifndef SHEAF_RECORD_ELEMENT_H
#define SHEAF_RECORD_ELEMENT_H

#include "base/arena.h"
#include "base/buf.h"
#include "record/record.h"

struct meta_element {
	const char *ns; /* namespace, "" for none */
	const char *prefix; /* as written, "" for none; all there is to go by
			     * when the prefix was never declared */
	const char *name; /* local name; of a subfield of MARCXML, which says
			   * nothing, its tag and code: "245a" */
	const char *lang; /* xml:lang in scope, or NULL */
	const char *type; /* xsi:type, or NULL */
	const char *resource; /* rdf:resource, or NULL */
	const char *text; /* all text inside; NUL-terminated UTF-8 */
	size_t len;
	bool is_cut; /* there was more than LIMIT_VALUE_BYTES */
};

struct crosswalk_ops {
	/* A record begins; r and a are valid until end() returned. */
	void (*begin)(void *arg, struct record *r, struct arena *a);
	/* Is the text of this element asked for?  Returns a key that comes
	 * back with element(), or NULL to go on to its children. */
	const void *(*wants)(
	    void *arg, const char *ns, const char *prefix, const char *name);
	/* What it points to lives until the call returns. */
	void (*element)(
	    void *arg, const void *key, const struct meta_element *e);
	/* The metadata ended (also called where there was none). */
	void (*end)(void *arg);
};

/* Appends the plain text of an HTML fragment: tags removed, entities
 * resolved, "\n\n" where a block ends.  Text without markup is appended as it
 * is.  0, or -1 when out is full. */
typedef int (*html_text_fn)(struct buf *out, const char *html, size_t n);

#endif
