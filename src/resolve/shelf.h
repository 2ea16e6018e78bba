/* Encoded profiles of many records in memory: what records that come by are
 * compared with, without asking the database for each. */
#ifndef SHEAF_RESOLVE_SHELF_H
#define SHEAF_RESOLVE_SHELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct shelf {
	unsigned char *bytes;
	size_t used, max;
	struct shelf_item {
		uint32_t at, len;
		int32_t source_id;
	} * items;
	size_t count, cap;
};

/* max: bytes that it may hold, below 4 GiB. */
void shelf_init(struct shelf *s, size_t max);
void shelf_release(struct shelf *s);
void shelf_clear(struct shelf *s);
/* Puts one behind the others.  False, and nothing was put, when it is full. */
bool shelf_put(struct shelf *s, int32_t source_id, const void *data, size_t n);
/* The one at that place; its bytes stay until shelf_clear(). */
const void *
shelf_bytes(const struct shelf *s, size_t index, size_t *n, int32_t *source_id);

#endif
