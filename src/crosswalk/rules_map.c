#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/digest.h"
#include "crosswalk/rules_build.h"

/* The key's slot, or the free one where it would stand. */
static struct rules_map_slot *
slot_of(
    struct rules_map_slot *slots, size_t cap, uint64_t hash, const char *key)
{
	size_t at = (size_t)hash & (cap - 1);

	while (slots[at].key != NULL &&
	       (slots[at].hash != hash || strcmp(slots[at].key, key) != 0))
		at = (at + 1) & (cap - 1);
	return &slots[at];
}

static void
grow(struct rules_map *m)
{
	size_t cap = m->cap > 0 ? 2 * m->cap : 1024;
	struct rules_map_slot *slots = xcalloc(cap, sizeof(*slots));

	for (size_t i = 0; i < m->cap; i++)
		if (m->slots[i].key != NULL)
			*slot_of(slots, cap, m->slots[i].hash,
			    m->slots[i].key) = m->slots[i];
	free(m->slots);
	m->slots = slots;
	m->cap = cap;
}

uint32_t *
rules_map_put(struct rules_map *m, const char *key)
{
	uint64_t hash = hash64(key, strlen(key));
	struct rules_map_slot *slot;

	if (2 * m->count >= m->cap)
		grow(m);
	slot = slot_of(m->slots, m->cap, hash, key);
	if (slot->key == NULL) {
		slot->hash = hash;
		slot->key = key;
		slot->value = UINT32_MAX;
		m->count++;
	}
	return &slot->value;
}

const uint32_t *
rules_map_get(const struct rules_map *m, const char *key)
{
	const struct rules_map_slot *slot;

	if (m->cap == 0)
		return NULL;
	slot = slot_of(m->slots, m->cap, hash64(key, strlen(key)), key);
	return slot->key != NULL ? &slot->value : NULL;
}

void
rules_map_free(struct rules_map *m)
{
	free(m->slots);
}
