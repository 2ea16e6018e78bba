/* A table from two records to a number: open addressing, at most half full. */
#include "resolve/cluster_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

enum { PAIRS_FIRST = 64 };

static size_t
place_of(const struct pairs *t, uint64_t key)
{
	uint64_t h = key * 0x9e3779b97f4a7c15u;
	size_t at = (size_t)(h ^ h >> 32) & (t->cap - 1);

	while (t->keys[at] != 0 && t->keys[at] != key)
		at = (at + 1) & (t->cap - 1);
	return at;
}

bool
pairs_get(const struct pairs *t, uint64_t key, int32_t *value)
{
	size_t at = t->cap > 0 ? place_of(t, key) : 0;

	if (t->cap == 0 || t->keys[at] == 0)
		return false;
	*value = t->values[at];
	return true;
}

static void
grow(struct pairs *t)
{
	struct pairs old = *t;

	t->cap = old.cap > 0 ? 2 * old.cap : PAIRS_FIRST;
	t->keys = xcalloc(t->cap, sizeof(*t->keys));
	t->values = xcalloc(t->cap, sizeof(*t->values));
	for (size_t i = 0; i < old.cap; i++) {
		if (old.keys[i] == 0)
			continue;
		size_t at = place_of(t, old.keys[i]);
		t->keys[at] = old.keys[i];
		t->values[at] = old.values[i];
	}
	free(old.keys);
	free(old.values);
}

void
pairs_set(struct pairs *t, uint64_t key, int32_t value)
{
	size_t at;

	if (2 * (t->used + 1) > t->cap)
		grow(t);
	at = place_of(t, key);
	t->used += t->keys[at] == 0;
	t->keys[at] = key;
	t->values[at] = value;
}

void
pairs_clear(struct pairs *t)
{
	if (t->used > 0)
		memset(t->keys, 0, t->cap * sizeof(*t->keys));
	t->used = 0;
}

void
pairs_release(struct pairs *t)
{
	free(t->keys);
	free(t->values);
	*t = (struct pairs){0};
}
