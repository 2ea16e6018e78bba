/* Encoded profiles in memory; see resolve/shelf.h. */
#include "resolve/shelf.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

void
shelf_init(struct shelf *s, size_t max)
{
	memset(s, 0, sizeof(*s));
	s->max = max;
	/* Untouched pages cost nothing. */
	s->bytes = xreallocarray(NULL, max, 1);
}

void
shelf_release(struct shelf *s)
{
	free(s->bytes);
	free(s->items);
	memset(s, 0, sizeof(*s));
}

void
shelf_clear(struct shelf *s)
{
	s->used = s->count = 0;
}

bool
shelf_put(struct shelf *s, int32_t source_id, const void *data, size_t n)
{
	if (n > s->max - s->used)
		return false;
	GROW(s->items, s->cap, s->count + 1);
	s->items[s->count++] =
	    (struct shelf_item){(uint32_t)s->used, (uint32_t)n, source_id};
	memcpy(s->bytes + s->used, data, n);
	s->used += n;
	return true;
}

const void *
shelf_bytes(const struct shelf *s, size_t index, size_t *n, int32_t *source_id)
{
	const struct shelf_item *x = &s->items[index];

	*n = x->len;
	*source_id = x->source_id;
	return s->bytes + x->at;
}
