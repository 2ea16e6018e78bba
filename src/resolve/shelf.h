/* Encoded profiles of many records in memory: what records that come by are
 * compared with, without asking the database for each. */
#ifndef SHEAF_RESOLVE_SHELF_H
#define SHEAF_RESOLVE_SHELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "resolve/model.h"
#include "resolve/profile.h"

struct shelf {
	unsigned char *bytes;
	size_t used, max;
	struct shelf_item {
		uint32_t at, len;
		int32_t source_id;
	} * items;
	size_t count, cap;
};

/* max: bytes that it may hold, below 4 GiB; a profile that is larger than that
 * goes in alone. */
void shelf_init(struct shelf *s, size_t max);
void shelf_release(struct shelf *s);
void shelf_clear(struct shelf *s);
/* Puts one behind the others.  False, and nothing was put, when it is full. */
bool shelf_put(struct shelf *s, int32_t source_id, const void *data, size_t n);
/* The one at that place, decoded into a and prepared for the model; NULL and
 * e.  record_id is what it is to be the profile of. */
struct profile *shelf_take(const struct shelf *s, size_t index,
    int64_t record_id, const struct model *m, struct arena *a, struct err *e);

#endif
