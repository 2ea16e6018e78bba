/* The table of counts: see counts.h. */
#include "resolve/counts.h"

#include <stdlib.h>

#include "base/alloc.h"

enum { COUNTS_LEAST = 1024 };

void
counts_init(struct counts *c, size_t most)
{
	*c = (struct counts){.most = most};
}

void
counts_release(struct counts *c)
{
	free(c->slots);
	*c = (struct counts){0};
}

/* The slot of a key, or the free one where it would stand.  Keys are hashes,
 * so their low bits are as good as any. */
static struct counts_slot *
find_slot(struct counts_slot *slots, size_t size, uint64_t key)
{
	size_t at = key & (size - 1);

	while (slots[at].key != 0 && slots[at].key != key)
		at = (at + 1) & (size - 1);
	return &slots[at];
}

uint32_t
counts_get(const struct counts *c, uint64_t key)
{
	if (c->size == 0)
		return 0;
	key += key == 0;
	return find_slot(c->slots, c->size, key)->count;
}

void
counts_prefetch(const struct counts *c, uint64_t key)
{
	if (c->size > 0)
		__builtin_prefetch(&c->slots[key & (c->size - 1)]);
}

/* All slots into a table of `size`, those below `least` left out. */
static void
rebuild(struct counts *c, size_t size, uint32_t least)
{
	struct counts_slot *slots = xcalloc(size, sizeof(*slots));

	c->used = 0;
	for (size_t i = 0; i < c->size; i++)
		if (c->slots[i].key != 0 && c->slots[i].count >= least) {
			*find_slot(slots, size, c->slots[i].key) = c->slots[i];
			c->used++;
		}
	free(c->slots);
	c->slots = slots;
	c->size = size;
}

int
counts_add(struct counts *c, uint64_t key, uint32_t n)
{
	struct counts_slot *s;

	if (c->size == 0)
		rebuild(c, COUNTS_LEAST, 0);
	key += key == 0;
	s = find_slot(c->slots, c->size, key);
	if (s->key != key) {
		if (c->used >= c->most)
			return -1;
		if ((c->used + 1) * 4 > c->size * 3) {
			rebuild(c, c->size * 2, 0);
			s = find_slot(c->slots, c->size, key);
		}
		s->key = key;
		c->used++;
	}
	s->count = s->count > UINT32_MAX - n ? UINT32_MAX : s->count + n;
	return 0;
}

void
counts_drop(struct counts *c, uint32_t least)
{
	size_t left = 0, size = COUNTS_LEAST;

	for (size_t i = 0; i < c->size; i++)
		left += c->slots[i].key != 0 && c->slots[i].count >= least;
	while (left * 4 > size * 3)
		size *= 2;
	rebuild(c, size, least);
}

size_t
counts_memory(size_t keys)
{
	size_t size = COUNTS_LEAST;

	while (keys * 4 > size * 3)
		size *= 2;
	return (size + size / 2) * sizeof(struct counts_slot);
}
