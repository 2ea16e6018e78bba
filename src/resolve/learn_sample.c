/* Which records are looked at closely: of every source those with the least
 * hashes of source name and identifier, so that neither arrival nor a large
 * source decides. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "resolve/learn_priv.h"

static size_t
find_side(const struct learn_sides *s, int32_t source_id)
{
	size_t low = 0, high = s->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (s->sides[middle].source_id < source_id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct learn_side *
learn_side(struct learn_sides *s, int32_t source_id)
{
	size_t i = find_side(s, source_id);

	if (i < s->count && s->sides[i].source_id == source_id)
		return &s->sides[i];
	GROW(s->sides, s->cap, s->count + 1);
	memmove(
	    &s->sides[i + 1], &s->sides[i], (s->count - i) * sizeof(*s->sides));
	s->count++;
	s->sides[i] = (struct learn_side){.source_id = source_id,
	    .name_hash =
		profile_hash(HASH_SOURCE_TITLE, &source_id, sizeof(source_id))};
	return &s->sides[i];
}

void
learn_sides_release(struct learn_sides *s)
{
	for (size_t i = 0; i < s->count; i++)
		free(s->sides[i].picked);
	free(s->sides);
	*s = (struct learn_sides){0};
}

uint64_t
learn_record_key(struct learn_sides *s, const struct profile *p)
{
	return profile_hash_both(HASH_RECORD,
	    learn_side(s, p->source_id)->name_hash, p->identifier_hash);
}

static uint64_t
sum_of(const struct learn_sides *s, uint64_t quota)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < s->count; i++)
		sum +=
		    s->sides[i].records < quota ? s->sides[i].records : quota;
	return sum;
}

/* The largest quota for each source with which all have at most `most`. */
void
learn_quotas(struct learn_sides *s, size_t most)
{
	uint64_t low = 0, high = most;

	while (low < high) {
		uint64_t middle = low + (high - low + 1) / 2;

		if (sum_of(s, middle) <= most)
			low = middle;
		else
			high = middle - 1;
	}
	for (size_t i = 0; i < s->count; i++)
		s->sides[i].quota = low;
}

static void
sift_up(struct learn_picked *heap, size_t i)
{
	while (i > 0 && heap[(i - 1) / 2].key < heap[i].key) {
		struct learn_picked up = heap[(i - 1) / 2];

		heap[(i - 1) / 2] = heap[i];
		heap[i] = up;
		i = (i - 1) / 2;
	}
}

static void
sift_down(struct learn_picked *heap, size_t count)
{
	for (size_t i = 0;;) {
		size_t large = i;

		for (size_t k = 2 * i + 1; k <= 2 * i + 2 && k < count; k++)
			if (heap[k].key > heap[large].key)
				large = k;
		if (large == i)
			return;
		struct learn_picked down = heap[i];
		heap[i] = heap[large];
		heap[large] = down;
		i = large;
	}
}

void
learn_pick(struct learn_sides *s, const struct profile *p)
{
	struct learn_side *side = learn_side(s, p->source_id);
	struct learn_picked one = {learn_record_key(s, p), p->record_id};

	if (side->count < side->quota) {
		GROW(side->picked, side->cap, side->count + 1);
		side->picked[side->count++] = one;
		sift_up(side->picked, side->count - 1);
	} else if (side->count > 0 && one.key < side->picked[0].key) {
		side->picked[0] = one;
		sift_down(side->picked, side->count);
	}
}
