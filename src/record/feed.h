/*
 * What passes between the reader of feeds (src/parse) and the rules that make
 * a record of an item (src/crosswalk): a small tree of elements, names and
 * namespaces in normal form, without libxml2.  The two are stages of their
 * own and meet in src/bin alone, so the shape stands here, below both.
 */
#ifndef SHEAF_RECORD_FEED_H
#define SHEAF_RECORD_FEED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/digest.h"
#include "record/facts.h"
#include "record/record.h"

struct feed_attr {
	const char *ns; /* as feed_node.ns; "" for most */
	const char *name; /* local, in lower case */
	const char *value;
};

struct feed_node {
	/* "" for the elements of RSS, Atom and CDF themselves; "dc",
	 * "dcterms", "content", "media", … for the modules that are known, by
	 * namespace or, where that was never declared, by prefix; "other". */
	const char *ns;
	const char *uri; /* the namespace as written, "" for none */
	const char *name; /* local, in lower case */
	const char *local; /* local, as written */
	const struct feed_attr *attrs;
	size_t attr_count;
	/* Its own text; of a text construct all that is inside, as HTML where
	 * elements stand in it.  NUL-terminated UTF-8, never NULL. */
	const char *text;
	size_t len;
	bool has_markup; /* the text is HTML, made of elements */
	bool is_cut; /* there was more than LIMIT_VALUE_BYTES */
	const char *lang; /* xml:lang in scope, or NULL */
	const char *base; /* xml:base in scope, resolved, or NULL */
	struct feed_node *parent, *child, *last, *next;
};

/* Value of the attribute without a namespace, or NULL. */
const char *feed_attr(const struct feed_node *n, const char *name);
const char *
feed_attr_ns(const struct feed_node *n, const char *ns, const char *name);
/* The first child of that name, or NULL. */
const struct feed_node *
feed_child(const struct feed_node *n, const char *ns, const char *name);

/* What tells an item from others, whatever its record's identifier is. */
struct feed_identity {
	const char *given; /* guid or id; NULL when there is none */
	const char
	    *link; /* that of basis "link", record_summary.url; or NULL */
	uint64_t title; /* hash of its title; 0: none */
	uint8_t digest[DIGEST_BYTES]; /* of the item; where given is NULL or
					 the basis is "digest" */
};

struct feed_ops {
	/* The feed's own elements as far as they were read: root is rss,
	 * rdf, feed or channel.  Called before the first item and again at
	 * the end; *f lives in a. */
	void (*channel)(void *arg, const struct feed_node *root,
	    struct facts_feed *f, const char **format, struct arena *a);
	/* One item, entry or deleted-entry.  r is empty, and afterwards has
	 * an identifier, but where a deleted-entry has no ref.  *id is not
	 * touched for a deleted-entry; what it points to lives in a. */
	void (*item)(void *arg, const struct feed_node *item, struct record *r,
	    struct feed_identity *id, struct arena *a);
};

#endif
