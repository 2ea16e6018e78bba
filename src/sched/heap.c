/* The min-heap behind queues of times. */
#include "sched/heap.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/err.h"

static bool
before(const struct heap_node *a, const struct heap_node *b)
{
	return a->key != b->key ? a->key < b->key : a->order < b->order;
}

static void
put(struct heap *h, size_t i, struct heap_node *n)
{
	h->nodes[i] = n;
	n->place = i + 1;
}

static void
sift_up(struct heap *h, size_t i, struct heap_node *n)
{
	while (i > 0 && before(n, h->nodes[(i - 1) / 2])) {
		put(h, i, h->nodes[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	put(h, i, n);
}

static void
sift_down(struct heap *h, size_t i, struct heap_node *n)
{
	for (;;) {
		size_t child = 2 * i + 1;

		if (child >= h->count)
			break;
		if (child + 1 < h->count &&
		    before(h->nodes[child + 1], h->nodes[child]))
			child++;
		if (!before(h->nodes[child], n))
			break;
		put(h, i, h->nodes[child]);
		i = child;
	}
	put(h, i, n);
}

void
heap_release(struct heap *h)
{
	free(h->nodes);
	*h = (struct heap){0};
}

void
heap_remove(struct heap *h, struct heap_node *n)
{
	size_t i = n->place;
	struct heap_node *last;

	if (i-- == 0)
		return;
	BUG_ON(i >= h->count || h->nodes[i] != n);
	n->place = 0;
	last = h->nodes[--h->count];
	if (last == n)
		return;
	if (i > 0 && before(last, h->nodes[(i - 1) / 2]))
		sift_up(h, i, last);
	else
		sift_down(h, i, last);
}

void
heap_set(struct heap *h, struct heap_node *n, int64_t key)
{
	heap_remove(h, n);
	n->key = key;
	n->order = h->order++;
	GROW(h->nodes, h->cap, h->count + 1);
	h->count++;
	sift_up(h, h->count - 1, n);
}

struct heap_node *
heap_min(const struct heap *h)
{
	return h->count > 0 ? h->nodes[0] : NULL;
}
