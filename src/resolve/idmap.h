/* A table from numbers that are not 0 to indexes: open addressing, no removal.
 * Private to src/resolve. */
#ifndef SHEAF_RESOLVE_IDMAP_H
#define SHEAF_RESOLVE_IDMAP_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

struct idmap {
	struct idmap_slot {
		uint64_t key; /* 0: free */
		uint32_t value;
	} * slots;
	size_t size, count; /* size is a power of two, or 0 */
};

static inline size_t
idmap_at(const struct idmap *m, uint64_t key)
{
	size_t at = (size_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 20) &
		    (m->size - 1);

	while (m->slots[at].key != 0 && m->slots[at].key != key)
		at = (at + 1) & (m->size - 1);
	return at;
}

/* Where the value of the key stands; NULL when it has none. */
static inline uint32_t *
idmap_find(const struct idmap *m, uint64_t key)
{
	size_t at;

	if (m->size == 0 || key == 0)
		return NULL;
	at = idmap_at(m, key);
	return m->slots[at].key != 0 ? &m->slots[at].value : NULL;
}

static inline void
idmap_grow(struct idmap *m)
{
	struct idmap old = *m;

	m->size = old.size > 0 ? 2 * old.size : 64;
	m->slots = xcalloc(m->size, sizeof(*m->slots));
	for (size_t i = 0; i < old.size; i++) {
		if (old.slots[i].key != 0)
			m->slots[idmap_at(m, old.slots[i].key)] = old.slots[i];
	}
	free(old.slots);
}

/* The value of a key, which is `otherwise` when the key is new. */
static inline uint32_t *
idmap_add(struct idmap *m, uint64_t key, uint32_t otherwise)
{
	size_t at;

	if (2 * (m->count + 1) > m->size)
		idmap_grow(m);
	at = idmap_at(m, key);
	if (m->slots[at].key == 0) {
		m->slots[at].key = key;
		m->slots[at].value = otherwise;
		m->count++;
	}
	return &m->slots[at].value;
}

static inline void
idmap_clear(struct idmap *m)
{
	if (m->count > 0)
		memset(m->slots, 0, m->size * sizeof(*m->slots));
	m->count = 0;
}

static inline void
idmap_release(struct idmap *m)
{
	free(m->slots);
	memset(m, 0, sizeof(*m));
}

#endif
