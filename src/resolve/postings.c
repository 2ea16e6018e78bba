/* Keys of many records in memory; see resolve/postings.h. */
#include "resolve/postings.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

enum { BUCKET_BITS_MOST = 21 };

void
postings_init(struct postings *p, size_t max)
{
	memset(p, 0, sizeof(*p));
	p->max = max;
	/* Untouched pages cost nothing. */
	p->keys = xreallocarray(NULL, max, sizeof(*p->keys));
	p->members = xreallocarray(NULL, max, sizeof(*p->members));
}

void
postings_release(struct postings *p)
{
	free(p->keys);
	free(p->members);
	free(p->buckets);
	free(p->records);
	free(p->weights);
	free(p->touched);
	memset(p, 0, sizeof(*p));
}

void
postings_clear(struct postings *p)
{
	free(p->buckets);
	free(p->weights);
	free(p->touched);
	p->buckets = p->weights = p->touched = NULL;
	p->count = p->record_count = p->touched_count = 0;
}

size_t
postings_room(const struct postings *p)
{
	return p->max - p->count;
}

bool
postings_add(struct postings *p, int64_t record_id, const struct blocking *b)
{
	if (p->count + b->count > p->max || p->record_count == UINT32_MAX)
		return false;
	GROW(p->records, p->record_cap, p->record_count + 1);
	for (size_t i = 0; i < b->count; i++) {
		p->keys[p->count] = b->keys[i].hash;
		p->members[p->count++] = (uint32_t)p->record_count;
	}
	p->records[p->record_count++] = record_id;
	return true;
}

/* --- sorting: by first bits in place, then each bucket by itself --- */
static size_t
bucket_of(const struct postings *p, uint64_t key)
{
	return p->bucket_bits > 0 ? (size_t)(key >> (64 - p->bucket_bits)) : 0;
}

static void
swap(struct postings *p, size_t i, size_t j)
{
	uint64_t key = p->keys[i];
	uint32_t member = p->members[i];

	p->keys[i] = p->keys[j];
	p->members[i] = p->members[j];
	p->keys[j] = key;
	p->members[j] = member;
}

static void
into_buckets(struct postings *p)
{
	size_t n = (size_t)1 << p->bucket_bits;
	uint32_t *next;

	p->buckets = xcalloc(n + 1, sizeof(*p->buckets));
	next = xcalloc(n, sizeof(*next));
	for (size_t i = 0; i < p->count; i++)
		p->buckets[bucket_of(p, p->keys[i]) + 1]++;
	for (size_t b = 0; b < n; b++) {
		p->buckets[b + 1] += p->buckets[b];
		next[b] = p->buckets[b];
	}
	for (size_t b = 0; b < n; b++) {
		while (next[b] < p->buckets[b + 1]) {
			size_t to = bucket_of(p, p->keys[next[b]]);

			if (to == b)
				next[b]++;
			else
				swap(p, next[b], next[to]++);
		}
	}
	free(next);
}

/* By key, then by record; few at a time. */
static void
sort_bucket(struct postings *p, size_t from, size_t to)
{
	for (size_t i = from + 1; i < to; i++) {
		for (size_t j = i;
		     j > from && (p->keys[j - 1] > p->keys[j] ||
				     (p->keys[j - 1] == p->keys[j] &&
					 p->members[j - 1] > p->members[j]));
		     j--)
			swap(p, j - 1, j);
	}
}

/* A key that a hundred thousand records have must not take for ever. */
struct posting {
	uint64_t key;
	uint32_t member;
};

static int
by_key(const void *a, const void *b)
{
	const struct posting *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return (x->member > y->member) - (x->member < y->member);
}

static void
sort_long(struct postings *p, size_t from, size_t to)
{
	struct posting *all = xcalloc(to - from, sizeof(*all));

	for (size_t i = from; i < to; i++) {
		all[i - from].key = p->keys[i];
		all[i - from].member = p->members[i];
	}
	qsort(all, to - from, sizeof(*all), by_key);
	for (size_t i = from; i < to; i++) {
		p->keys[i] = all[i - from].key;
		p->members[i] = all[i - from].member;
	}
	free(all);
}

void
postings_ready(struct postings *p)
{
	enum { FEW = 64 };

	p->bucket_bits = 0;
	while (p->bucket_bits < BUCKET_BITS_MOST &&
	       ((size_t)4 << p->bucket_bits) < p->count)
		p->bucket_bits++;
	into_buckets(p);
	for (size_t b = 0; b < (size_t)1 << p->bucket_bits; b++) {
		size_t from = p->buckets[b], to = p->buckets[b + 1];

		if (to - from <= FEW)
			sort_bucket(p, from, to);
		else
			sort_long(p, from, to);
	}
	p->weights = xcalloc(p->record_count + 1, sizeof(*p->weights));
	p->touched = xcalloc(p->record_count + 1, sizeof(*p->touched));
}

/* The searched lists lie all over a table that no cache holds: they are sent
 * for together. */
static void
prefetch(const struct postings *p, const struct blocking *b)
{
	for (size_t k = 0; k < b->count; k++)
		__builtin_prefetch(&p->buckets[bucket_of(p, b->keys[k].hash)]);
	for (size_t k = 0; k < b->count; k++) {
		uint32_t at = p->buckets[bucket_of(p, b->keys[k].hash)];

		__builtin_prefetch(&p->keys[at]);
		__builtin_prefetch(&p->members[at]);
	}
}

void
postings_search(struct postings *p, const struct blocking *b, uint32_t least,
    size_t below, void (*found)(void *arg, uint32_t index, uint32_t weight),
    void *arg)
{
	if (p->count == 0)
		return;
	prefetch(p, b);
	for (size_t k = 0; k < b->count; k++) {
		uint64_t key = b->keys[k].hash;
		size_t bucket = bucket_of(p, key);

		for (size_t i = p->buckets[bucket];
		     i < p->buckets[bucket + 1] && p->keys[i] <= key; i++) {
			uint32_t m = p->members[i];

			if (p->keys[i] != key || m >= below)
				continue;
			if (p->weights[m] == 0)
				p->touched[p->touched_count++] = m;
			p->weights[m] += b->keys[k].weight;
		}
	}
	for (size_t i = 0; i < p->touched_count; i++) {
		uint32_t m = p->touched[i];

		if (p->weights[m] >= least)
			found(arg, m, p->weights[m]);
		p->weights[m] = 0;
	}
	p->touched_count = 0;
}
