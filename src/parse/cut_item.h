/* What cut.c and cut_item.c share. */
#ifndef SHEAF_PARSE_CUT_ITEM_H
#define SHEAF_PARSE_CUT_ITEM_H

#include "parse/cut.h"

#define CUT_NOT_OPEN ((size_t)-1)

void cut_push(struct cut *c, const char *name, size_t n);
void cut_pop_to(struct cut *c, size_t depth);
/* Index of the innermost open element of that name, or CUT_NOT_OPEN. */
size_t cut_find(const struct cut *c, const char *name, size_t n);

/* The window begins with an item's start tag: takes the item whole. */
int cut_item(struct cut *c, struct piece *out, struct err *e);

#endif
