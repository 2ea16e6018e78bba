/* A record's metadata on its way through a crosswalk (xwalk_set.h). */
#ifndef SHEAF_CROSSWALK_RUN_H
#define SHEAF_CROSSWALK_RUN_H

#include "crosswalk/internal.h"
#include "crosswalk/xwalk_set.h"

/* Values of one source, or of an expression so far; in the record's arena. */
struct value {
	const char *text; /* NUL-terminated */
	size_t len;
	const char *lang;
};
struct values {
	struct value *items;
	size_t count, cap;
};

/* A rule whose element is open. */
struct opened {
	uint32_t rule;
	struct values *slots; /* NULL: nothing was captured yet */
	const char *lang; /* of the element */
	const char *resource;
	const char *name;
};

/* A node that the open element is at. */
struct active {
	uint32_t node;
	uint32_t opened; /* whose tree it is of; XWALK_NONE: a crosswalk's */
	bool is_below; /* further down than its element: // only */
};

/* An open element that the parser was asked to go into or to read. */
struct frame {
	size_t active_from, opened_from;
	const char *lang;
};

enum {
	RUN_NAMES = 256, /* each page begins by clearing them */
	RUN_SPACES = 8,
	RUN_MASK = LIMIT_CROSSWALK_NAMES / 64
};

struct crosswalk_run {
	const struct xwalk_set *set;
	const struct xwalk *asked; /* by the source; NULL: none */
	const struct xwalk *by_format, *other, *dc;
	/* of the record in hand */
	struct active *actives;
	size_t active_count, active_cap;
	struct opened *opened;
	size_t opened_count, opened_cap;
	struct frame frames[LIMIT_XML_DEPTH + 4];
	size_t depth;
	const struct xwalk *walk; /* that was chosen last */
	bool has_unwrapped; /* wrapped metadata was found */
	bool has_warned;
	size_t work, text_bytes;
	/* of the element in hand */
	const struct meta_start *start;
	uint32_t attribute_names[64]; /* of the first; when `is_named` */
	bool is_named;
	const uint64_t *mask; /* of its namespace */
	/* names and namespaces that were asked for, by their addresses */
	struct {
		const char *name;
		uint32_t atom;
	} names[RUN_NAMES];
	struct {
		const char *ns, *prefix;
		uint64_t mask[RUN_MASK];
	} spaces[RUN_SPACES];
	unsigned next_space;
};

extern const struct crosswalk_ops crosswalk_run_ops;
struct crosswalk_run *crosswalk_run_new(const struct crosswalk_config *config);
void crosswalk_run_free(struct crosswalk_run *run);

/* run_match.c: the child of a node is this element. */
bool run_matches(struct crosswalk_run *run, const struct xwalk_node *node);
/* The children of a node that have the element's name, and then those that
 * have any: from children[*at] on while run_next(). */
uint32_t run_atom(struct crosswalk_run *run, const char *name);
bool run_is_in(struct crosswalk_run *run, uint32_t ns);
void run_element(struct crosswalk_run *run, const struct meta_start *s);
/* The value of an attribute in a's memory, or NULL. */
const char *run_attribute(
    struct crosswalk_run *run, struct arena *a, uint32_t name, uint32_t ns);

/* evaluate.c: the rule's element ended; text is its own. */
void run_rule(struct crosswalk *x, const struct opened *o, const char *text,
    size_t len, const char *lang, bool is_cut);
/* function.c: in place. */
void run_function(
    struct crosswalk *x, const struct xwalk_function *fn, struct values *v);
/* Appends; false, with a warning, where there is no room. */
bool run_add(struct crosswalk *x, struct values *v, const char *text,
    size_t len, const char *lang);
/* The record holds too much: warns, once. */
void run_full(struct crosswalk *x, const char *what);
/* Room for a new text of n bytes and its NUL; NULL, with a warning, when the
 * record has enough. */
char *run_text(struct crosswalk *x, size_t n);
/* The text as one line; empty, with a warning, when the record has enough. */
const char *run_line(struct crosswalk *x, const char *text, size_t n);
/* The rules that were put off until the record's names are known. */
void run_late(struct crosswalk *x);
/* The kind of what the record's crosswalk is for; NULL: it does not say. */
const char *run_kind(const struct crosswalk *x);

#endif
