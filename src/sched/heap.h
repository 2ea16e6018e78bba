/*
 * A binary min-heap of nodes that live inside other structs.  Equal keys come
 * out in the order in which they were put in.  A node is in one heap at most.
 */
#ifndef SHEAF_SCHED_HEAP_H
#define SHEAF_SCHED_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct heap_node {
	size_t
	    place; /* 1-based; 0: in no heap.  Zeroed memory is a good node */
	int64_t key;
	uint64_t order;
};

struct heap { /* zeroed memory is an empty heap */
	struct heap_node **nodes;
	size_t count, cap;
	uint64_t order;
};

/* The struct of `type` whose `member` the node is. */
#define HEAP_OWNER(node, type, member)                                         \
	((type *)(void *)((char *)(node)-offsetof(type, member)))

void heap_release(struct heap *h); /* the nodes are the caller's */
/* Puts a node in, or moves the one that is in. */
void heap_set(struct heap *h, struct heap_node *n, int64_t key);
struct heap_node *heap_min(const struct heap *h); /* NULL when empty */
void heap_remove(struct heap *h, struct heap_node *n); /* no-op when not in */

#endif
