/*
 * Whether a record that was made is one of those that the source's `keep`
 * selects (record/keep.h).
 */
#ifndef SHEAF_CROSSWALK_KEEP_H
#define SHEAF_CROSSWALK_KEEP_H

#include <stdbool.h>

#include "record/record.h"

struct keep_filter;

/* Of the text as the configuration has checked it; NULL for NULL, "", and what
 * cannot be read: everything is kept. */
struct keep_filter *keep_filter_new(const char *text);
void keep_filter_free(struct keep_filter *f);

/* The record is whole and not deleted.  f may be NULL. */
bool keep_filter_has(const struct keep_filter *f, const struct record *r);

#endif
