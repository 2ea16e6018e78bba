/* Open addressing with linear probing, half full at most. */
#include "sched/seen.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

void
seen_release(struct seen *s)
{
	free(s->slots);
	*s = (struct seen){0};
}

void
seen_clear(struct seen *s)
{
	if (s->count > 0)
		memset(s->slots, 0, s->size * sizeof(*s->slots));
	s->count = 0;
}

/* The slot that holds the hash, or the free one where it belongs. */
static uint64_t *
slot(const struct seen *s, uint64_t hash)
{
	size_t i = (size_t)hash & (s->size - 1);

	while (s->slots[i] != 0 && s->slots[i] != hash)
		i = (i + 1) & (s->size - 1);
	return &s->slots[i];
}

static void
grow(struct seen *s)
{
	struct seen bigger = {.size = s->size ? s->size * 4 : 64};

	bigger.slots = xcalloc(bigger.size, sizeof(*bigger.slots));
	for (size_t i = 0; i < s->size; i++)
		if (s->slots[i] != 0)
			*slot(&bigger, s->slots[i]) = s->slots[i];
	bigger.count = s->count;
	free(s->slots);
	*s = bigger;
}

void
seen_add(struct seen *s, uint64_t hash)
{
	uint64_t *place;

	hash += hash == 0;
	if (s->count >= SEEN_MAX)
		return;
	if (2 * (s->count + 1) > s->size)
		grow(s);
	place = slot(s, hash);
	if (*place == 0) {
		*place = hash;
		s->count++;
	}
}

bool
seen_has(const struct seen *s, uint64_t hash)
{
	hash += hash == 0;
	return s->count > 0 && *slot(s, hash) != 0;
}
