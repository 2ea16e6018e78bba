/* Which of several equal records stands for them; see resolve/twins.h. */
#include "resolve/twins.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

void
twins_release(struct twins *t)
{
	free(t->items);
	memset(t, 0, sizeof(*t));
}

void
twins_clear(struct twins *t)
{
	t->count = 0;
}

void
twins_add(struct twins *t, const struct profile *p)
{
	GROW(t->items, t->cap, t->count + 1);
	t->items[t->count++] = (struct twin){p->twins, p->identifier_hash};
}

static int
by_class(const void *a, const void *b)
{
	const struct twin *x = a, *y = b;

	if (x->class != y->class)
		return x->class < y->class ? -1 : 1;
	return (x->identifier > y->identifier) -
	       (x->identifier < y->identifier);
}

void
twins_settle(struct twins *t)
{
	size_t kept = 0;

	if (t->count > 1)
		qsort(t->items, t->count, sizeof(*t->items), by_class);
	for (size_t from = 0, to; from < t->count; from = to) {
		for (to = from + 1; to < t->count &&
				    t->items[to].class == t->items[from].class;)
			to++;
		if (to - from > 1)
			t->items[kept++] = t->items[from];
	}
	t->count = kept;
}

const struct twin *
twins_find(const struct twins *t, uint64_t class)
{
	size_t low = 0, high = t->count;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (t->items[mid].class < class)
			low = mid + 1;
		else
			high = mid;
	}
	return low < t->count && t->items[low].class == class ? &t->items[low]
							      : NULL;
}

bool
twins_is_first(const struct twins *t, const struct profile *p)
{
	const struct twin *first = twins_find(t, p->twins);

	return first == NULL || first->identifier == p->identifier_hash;
}
