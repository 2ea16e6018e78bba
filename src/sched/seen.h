/* A set of 64-bit hashes with a ceiling: what was seen in a list.  Beyond
 * SEEN_MAX nothing more is remembered, so a loop back to what came early is
 * still found and memory stays bounded. */
#ifndef SHEAF_SCHED_SEEN_H
#define SHEAF_SCHED_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SEEN_MAX = 65536 };

struct seen { /* zeroed memory is an empty set */
	uint64_t *slots; /* open addressing; 0 is free */
	size_t count, size;
};

void seen_release(struct seen *s);
void seen_clear(struct seen *s);
void seen_add(struct seen *s, uint64_t hash);
bool seen_has(const struct seen *s, uint64_t hash);

#endif
