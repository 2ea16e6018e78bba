/* Counts by 64-bit hash: open addressing, linear probing, twelve bytes a slot.
 * For this room only. */
#ifndef SHEAF_RESOLVE_COUNTS_H
#define SHEAF_RESOLVE_COUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct counts_slot {
	uint64_t key; /* 0: free; what hashes to 0 counts as 1 */
	uint32_t count;
} __attribute__((packed));

struct counts {
	struct counts_slot *slots; /* owned; NULL: nothing yet */
	size_t size; /* a power of two, or 0 */
	size_t used;
	size_t most; /* keys that it may hold */
};

/* Nothing in it; it grows, up to `most` keys. */
void counts_init(struct counts *c, size_t most);
void counts_release(struct counts *c); /* may be init'ed again */
/* The count of a key; 0: it is not there. */
uint32_t counts_get(const struct counts *c, uint64_t key);
/* Has the key's place fetched from memory, while others are asked for. */
void counts_prefetch(const struct counts *c, uint64_t key);
/* Adds n to the count of a key (it stays at UINT32_MAX).  0, or -1 when the key
 * is new and there are `most` of them already. */
int counts_add(struct counts *c, uint64_t key, uint32_t n);
/* Drops all keys with a count below `least`. */
void counts_drop(struct counts *c, uint32_t least);
/* The bytes that a table of so many keys takes while it grows. */
size_t counts_memory(size_t keys);

#endif
