/* What the files that read and compile crosswalks share. */
#ifndef SHEAF_CROSSWALK_XWALK_BUILD_H
#define SHEAF_CROSSWALK_XWALK_BUILD_H

#include "crosswalk/xwalk_set.h"

struct xwalk_packed { /* a file, as xwalk_pack() has it */
	const char *path, *name, *text;
	size_t n;
	bool is_front;
};

struct xwalk_build {
	struct xwalk_set *set;
	struct table_log log;
	struct xwalk_packed *files;
	size_t file_count, file_cap;
	/* of the crosswalk in the making */
	uint32_t walk;
	size_t steps, rules;
	const char **included;
	size_t included_count;
};

struct xwalk_prefix {
	const char *name;
	struct xwalk_ns ns; /* as this file declares it */
	uint32_t number; /* in the set; XWALK_NONE: not asked for yet */
};

/* A file being read: for itself, or for the one that includes it. */
struct xwalk_file {
	struct xwalk_build *b;
	const struct xwalk_packed *packed;
	struct xwalk_file *includer;
	size_t depth; /* of includers */
	bool is_silent; /* its mistakes are told where it is read for itself */
	struct table_place place;
	struct xwalk_prefix *prefixes;
	size_t prefix_count;
	struct xwalk_include {
		const char *name;
		unsigned line;
	} * includes;
	size_t include_count;
	struct xwalk_let {
		const char *name, *text;
	} * lets;
	size_t let_count;
	bool is_named; /* by crosswalk NAME */
	bool has_rules; /* the header is over */
	bool is_lost; /* the last rule was a mistake: its parts are skipped */
	uint32_t rule; /* the last */
};

/* The rest of a line. */
struct xwalk_line {
	struct xwalk_file *f;
	const char *p;
	bool is_wrong; /* told already */
};

/* A mistake at the line in hand; where the file is read for another one it has
 * been told before. */
void xwalk_wrong(struct xwalk_file *f, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Once a line. */
void xwalk_refuse(struct xwalk_line *l, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* xwalk_line.c: what stands at l->p, in the set's arena; NULL: nothing, or a
 * mistake (of a quoted text only). */
void xwalk_space(struct xwalk_line *l);
const char *xwalk_word(struct xwalk_line *l); /* up to white space */
const char *xwalk_name(struct xwalk_line *l); /* of an element or part */
const char *xwalk_quoted(struct xwalk_line *l); /* l->p is at the quote */
/* Appends an item to an array in the arena. */
void *xwalk_push(struct arena *a, void **items, size_t *count, size_t size);
#define XWALK_PUSH(a, items, count)                                            \
	((__typeof__(items))xwalk_push(                                        \
	    (a), (void **)&(items), &(count), sizeof(*(items))))
/* "; did you mean X", or "". */
const char *xwalk_hint(struct xwalk_file *f, const char *nearest);

/* xwalk_path.c */
/* The number of a name, made if need be. */
uint32_t xwalk_intern(struct xwalk_set *set, const char *text);
/* [prefix:]name, prefix:* or *.  False after a mistake. */
bool xwalk_qname(struct xwalk_line *l, uint32_t *name, uint32_t *ns);
/* The node that a path leads to below `from`, or XWALK_NONE after a mistake.
 * at: its last step may be an attribute, and which is told there; NULL: it may
 * not. */
uint32_t
xwalk_path(struct xwalk_line *l, uint32_t from, struct xwalk_capture *at);
uint32_t xwalk_node_new(struct xwalk_set *set);

/* xwalk_ways.c: the paths that a path with groups stands for. */
struct xwalk_ways {
	const char **paths;
	size_t count, bytes; /* bytes: of all that was written on the way */
};
bool xwalk_ways(struct xwalk_line *l, struct xwalk_ways *ways);
void xwalk_let(struct xwalk_line *l); /* the directive */

/* xwalk_ns.c: of a prefix of this file; XWALK_NONE: it has none such. */
uint32_t xwalk_ns_number(struct xwalk_file *f, const char *prefix);
const char *xwalk_prefix_nearest(struct xwalk_file *f, const char *prefix);
void xwalk_namespace(struct xwalk_line *l); /* the directive */

/* xwalk_expr.c: up to the line's end; NULL after a mistake. */
struct xwalk_expr *xwalk_expression(struct xwalk_line *l, uint32_t rule);

/* xwalk_rule.c: a line that is a rule, one that is a part of it. */
void xwalk_rule_line(struct xwalk_line *l);
void xwalk_part_line(struct xwalk_line *l);

/* xwalk_read.c: all lines of a file. */
void xwalk_read(struct xwalk_file *f);
/* xwalk_compile.c: a file by its crosswalk's name, or NULL. */
const struct xwalk_packed *
xwalk_packed_find(const struct xwalk_build *b, const char *name);
const char *xwalk_packed_nearest(const struct xwalk_build *b, const char *name);
/* xwalk_pack.c: what was packed, into b->files. */
bool xwalk_unpack(struct xwalk_build *b, const void *data, size_t n);

#endif
