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

/* --- sorting: by a few bits at a time from the first on, in place; few at a
 * time, since places to write to that lie all over the memory are slow --- */
enum { FEW = 32, SPLIT_BITS_MOST = 8 };

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

/* By key, then by record. */
static void
sort_few(struct postings *p, size_t from, size_t to)
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

static int
by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* Some 16 in each part, or as many parts as there may be. */
static unsigned
split_bits(size_t count, unsigned left)
{
	unsigned bits = 1;

	while (bits < SPLIT_BITS_MOST && ((size_t)16 << bits) < count)
		bits++;
	return bits < left ? bits : left;
}

/* Into parts by `bits` bits behind `shift`, which the keys have in common above
 * them.  end: where each part ends. */
static void
split(struct postings *p, size_t from, size_t to, unsigned shift, unsigned bits,
    size_t *end)
{
	size_t n = (size_t)1 << bits, next[1 << SPLIT_BITS_MOST];
	uint64_t mask = n - 1;

	memset(end, 0, n * sizeof(*end));
	for (size_t i = from; i < to; i++)
		end[p->keys[i] >> shift & mask]++;
	for (size_t b = 0; b < n; b++) {
		next[b] = b > 0 ? end[b - 1] : from;
		end[b] += next[b];
	}
	for (size_t b = 0; b < n; b++) {
		while (next[b] < end[b]) {
			size_t part = p->keys[next[b]] >> shift & mask;

			if (part == b)
				next[b]++;
			else
				swap(p, next[b], next[part]++);
		}
	}
}

/* left: bits that the keys may differ by, the last ones.  A key that a hundred
 * thousand records have is none to be sorted by steps. */
static void
sort(struct postings *p, size_t from, size_t to, unsigned left)
{
	size_t end[1 << SPLIT_BITS_MOST];
	unsigned bits = split_bits(to - from, left);

	if (to - from <= FEW) {
		sort_few(p, from, to);
		return;
	}
	if (left == 0) {
		qsort(p->members + from, to - from, sizeof(*p->members),
		    by_number);
		return;
	}
	left -= bits;
	split(p, from, to, left, bits, end);
	for (size_t b = 0; b < (size_t)1 << bits; b++) {
		sort(p, from, end[b], left);
		from = end[b];
	}
}

static size_t
bucket_of(const struct postings *p, uint64_t key)
{
	return p->bucket_bits > 0 ? (size_t)(key >> (64 - p->bucket_bits)) : 0;
}

static void
find_buckets(struct postings *p)
{
	size_t b = 0, n;

	p->bucket_bits = 0;
	while (p->bucket_bits < BUCKET_BITS_MOST &&
	       ((size_t)4 << p->bucket_bits) < p->count)
		p->bucket_bits++;
	n = (size_t)1 << p->bucket_bits;
	p->buckets = xreallocarray(NULL, n + 1, sizeof(*p->buckets));
	for (size_t i = 0; i < p->count; i++) {
		while (b <= bucket_of(p, p->keys[i]))
			p->buckets[b++] = (uint32_t)i;
	}
	while (b <= n)
		p->buckets[b++] = (uint32_t)p->count;
}

void
postings_ready(struct postings *p)
{
	sort(p, 0, p->count, 64);
	find_buckets(p);
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
