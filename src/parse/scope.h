/* The namespace declarations in scope, so that a record can be given back
 * alone. */
#ifndef SHEAF_PARSE_SCOPE_H
#define SHEAF_PARSE_SCOPE_H

#include <stddef.h>

#include "base/buf.h"

struct scope_item {
	char *prefix; /* "" for the default namespace */
	char *uri;
	size_t depth;
};
struct scope {
	struct scope_item *items;
	size_t count, cap;
	unsigned version; /* moves with every change */
};

void scope_release(struct scope *s);
void
scope_add(struct scope *s, size_t depth, const char *prefix, const char *uri);
/* The elements deeper than `depth` ended. */
void scope_leave(struct scope *s, size_t depth);
/* Appends ` xmlns:dc="…" …`: what is in scope, less the prefixes of
 * `without` (NULL-terminated, or NULL). */
void
scope_text(const struct scope *s, const char *const *without, struct buf *out);
/* Appends one declaration. */
void scope_declare(struct buf *out, const char *prefix, const char *uri);

#endif
