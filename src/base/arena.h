/*
 * Memory with one lifetime: a page, a transaction, a request.
 *
 * Allocations are never freed one by one; arena_clear() ends them all and
 * keeps one block for the next round.  A ceiling may be set: beyond it
 * arena_alloc returns NULL and `full` is set; without one (0) it never
 * returns NULL.
 */
#ifndef SHEAF_BASE_ARENA_H
#define SHEAF_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct arena_block;
struct arena {
	struct arena_block *head;
	size_t used; /* bytes handed out since the last clear */
	size_t max; /* 0: no ceiling */
	bool full;
};

void arena_init(struct arena *a, size_t max);
void arena_clear(struct arena *a);
void arena_release(struct arena *a);
void *arena_alloc(struct arena *a, size_t n); /* aligned for any type */
void *arena_calloc(struct arena *a, size_t n, size_t size);
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_printf(struct arena *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
