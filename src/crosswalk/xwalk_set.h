/* Crosswalks compiled: what xwalk_compile.c makes and run.c walks. */
#ifndef SHEAF_CROSSWALK_XWALK_SET_H
#define SHEAF_CROSSWALK_XWALK_SET_H

#include <stdint.h>

#include "base/arena.h"
#include "base/limits.h"
#include "crosswalk/table.h"
#include "crosswalk/taken.h"
#include "crosswalk/xwalk.h"

enum { XWALK_ANY = 0, XWALK_NONE = UINT32_MAX };
/* Part 0 is a target's first; the others have the numbers of its table. */
enum { XWALK_PARTS = 10 };

struct crosswalk;

/* --- targets (target.c) --------------------------------------------------- */

struct xwalk_part {
	const char *name;
	size_t at; /* of a const char * in struct taken; 0: the first part's */
	const char *const *words; /* the constants that it takes; NULL: any */
};
struct xwalk_target {
	const char *name;
	void (*take)(struct crosswalk *x, const struct taken *v);
	size_t count_at; /* in struct record, of a list's count; 0: none */
	bool is_loose; /* an item also without its first part */
	bool is_fields; /* its parts stand for themselves: where one is given,
			 * the first is not the element's text unless it is
			 * said */
	struct xwalk_part parts[XWALK_PARTS];
};
extern const struct xwalk_target xwalk_targets[]; /* name NULL: the end */
const struct xwalk_target *xwalk_target_find(const char *name);
int xwalk_part_find(const struct xwalk_target *t, const char *name); /* -1 */
/* Where a part other than the first, and ids, stands. */
const char **xwalk_part_at(struct taken *v, const struct xwalk_part *part);
bool xwalk_part_is_list(const struct xwalk_part *part);
/* The name most like it by the table's distance, or NULL. */
const char *xwalk_target_nearest(const char *name);
const char *xwalk_part_nearest(const struct xwalk_target *t, const char *name);

/* --- functions (function.c) ----------------------------------------------- */

enum xwalk_op {
	XWALK_FIRST,
	XWALK_LAST,
	XWALK_EACH, /* of a part: the n-th item has the n-th value */
	XWALK_JOIN,
	XWALK_CARD,
	XWALK_SPLIT,
	XWALK_TRIM,
	XWALK_STRIP,
	XWALK_SLICE,
	XWALK_LOWER,
	XWALK_DEFAULT,
	XWALK_WHEN,
	XWALK_UNLESS,
	XWALK_MAP,
	XWALK_HTML,
	XWALK_ISBD,
	XWALK_PERSON,
	XWALK_VCARD,
	XWALK_NAMED,
	XWALK_DATE,
	XWALK_LANG,
	XWALK_ID, /* doi, handle, isbn, issn, orcid, un-symbol: words[0] */
	XWALK_URL
};
enum { XWALK_AGENT_KIND = 1000, XWALK_PAIRS }; /* map's, beside rules_vocab */

struct xwalk_function {
	enum xwalk_op op;
	const char **words; /* NUL-terminated, not NULL */
	size_t count;
	size_t from, length; /* of slice */
	int vocabulary; /* of map */
};

/* --- expressions ---------------------------------------------------------- */

struct xwalk_source {
	const char *text; /* a constant, or NULL */
	uint32_t slot; /* what is captured for it */
	bool is_glued; /* to what stands before it, as one value */
};
struct xwalk_expr {
	struct xwalk_source *sources;
	size_t source_count;
	struct xwalk_function *functions;
	size_t function_count;
	struct xwalk_expr *otherwise; /* where this one has no value */
};

/* --- paths ---------------------------------------------------------------- */

enum xwalk_test { XWALK_IS_THERE, XWALK_IS_NOT, XWALK_IS_IN, XWALK_IS_NOT_IN };

struct xwalk_predicate {
	uint32_t name, ns; /* of the attribute */
	enum xwalk_test test;
	bool is_folded;
	const char **values;
	size_t count;
};

/* Something that is kept of an element for an expression. */
struct xwalk_capture {
	uint32_t slot;
	bool is_attribute;
	uint32_t name, ns; /* of the attribute */
};

/* A step of paths, below the step before it. */
struct xwalk_node {
	uint32_t name, ns; /* XWALK_ANY */
	bool is_deep; /* behind // */
	bool has_deep; /* a child of it is */
	bool wants_text; /* a capture does */
	bool is_wrap; /* metadata stands directly inside */
	struct xwalk_predicate *predicates;
	size_t predicate_count;
	/* By name, XWALK_ANY first. */
	uint32_t *children;
	size_t child_count, any_count; /* of them XWALK_ANY */
	/* Of the tree of a crosswalk: the rules that begin here; of the tree
	 * of a rule: captures. */
	uint32_t *rules;
	size_t rule_count;
	struct xwalk_capture *captures;
	size_t capture_count;
};

struct xwalk_rule {
	struct table_place place;
	const struct xwalk_target *target;
	uint32_t root; /* node of its own tree: the element itself */
	uint32_t slots;
	bool is_once; /* only="first" */
	bool is_late; /* names of the record are asked for */
	struct xwalk_expr *expr[XWALK_PARTS]; /* NULL: not given */
	const char *constant[XWALK_PARTS];
	struct xwalk_expr *condition;
	/* of what is above */
	struct taken base; /* the constants */
	bool has_expr; /* beyond constants */
	bool has_each; /* a part whose values go with the items */
	bool takes_text; /* the element's own is the first part */
};

/* --- namespaces ----------------------------------------------------------- */

struct xwalk_ns {
	const char **prefixes; /* where they were never declared */
	size_t prefix_count;
	const char **uris; /* without scheme; at the end *: a beginning */
	size_t uri_count;
	bool has_none; /* elements without a namespace */
};

struct xwalk_root { /* a root element that is matched */
	uint32_t name, ns;
};

struct xwalk {
	const char *name, *path;
	const char *kind; /* of what says no more of itself; NULL: none */
	uint32_t root; /* node */
	struct xwalk_root *matches;
	size_t match_count;
	const char **formats;
	size_t format_count;
};

struct xwalk_atom {
	const char *text;
	size_t len;
	uint32_t next; /* of the same hash */
};

struct xwalk_set {
	struct arena arena;
	struct xwalk *walks;
	size_t walk_count, walk_cap;
	struct xwalk_node *nodes; /* 0 is none */
	size_t node_count, node_cap;
	struct xwalk_rule *rules;
	size_t rule_count, rule_cap;
	struct xwalk_ns *spaces; /* 0 is any */
	size_t space_count, space_cap;
	struct xwalk_atom *atoms; /* 0 is any */
	size_t atom_count, atom_cap;
	uint32_t buckets[1024];
	uint32_t resource; /* the name of rdf:resource */
};

/* The number of a name that paths have; XWALK_ANY when none has it. */
uint32_t xwalk_atom(const struct xwalk_set *set, const char *text, size_t n);
/* An element's or attribute's namespace is this one. uri, prefix: "" where
 * there is none. */
bool
xwalk_ns_is(const struct xwalk_ns *ns, const char *uri, const char *prefix);
/* By name; NULL: there is none. */
const struct xwalk *xwalk_find(const struct xwalk_set *set, const char *name);

#endif
