/* Keys in memory: the same as looking at every pair. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "resolve/idmap.h"
#include "resolve/postings.h"

enum { RECORDS = 700 };

static uint64_t state = 7;

static uint64_t
rnd(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static int
by_hash(const void *a, const void *b)
{
	const struct blocking_key *x = a, *y = b;

	return (x->hash > y->hash) - (x->hash < y->hash);
}

/* A key weighs the same wherever it is. */
static uint16_t
weight_of(uint64_t hash)
{
	return (uint16_t)(16 + hash % 100);
}

static uint64_t
key_of(uint64_t n)
{
	return profile_hash(HASH_WORD, &n, sizeof(n));
}

/* Some keys are everybody's, so that buckets are long, too. */
static void
random_blocking(struct blocking *b)
{
	size_t n = 0, want = rnd() % 12;

	for (size_t i = 0; i < want; i++)
		b->keys[n++].hash = key_of(rnd() % (rnd() % 4 ? 300 : 2));
	qsort(b->keys, n, sizeof(*b->keys), by_hash);
	b->count = b->total = 0;
	for (size_t i = 0; i < n; i++) {
		if (b->count > 0 &&
		    b->keys[b->count - 1].hash == b->keys[i].hash)
			continue;
		b->keys[b->count].hash = b->keys[i].hash;
		b->keys[b->count].weight = weight_of(b->keys[i].hash);
		b->total += b->keys[b->count++].weight;
	}
}

static uint32_t
shared(const struct blocking *a, const struct blocking *b)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < a->count; i++) {
		for (size_t j = 0; j < b->count; j++) {
			if (a->keys[i].hash == b->keys[j].hash)
				sum += a->keys[i].weight;
		}
	}
	return sum;
}

struct seen {
	uint32_t weights[RECORDS];
	size_t count;
};

static void
on_found(void *arg, uint32_t index, uint32_t weight)
{
	struct seen *s = arg;

	assert_true(index < RECORDS);
	assert_int_equal(s->weights[index], 0);
	s->weights[index] = weight;
	s->count++;
}

static void
test_as_all_pairs(void **unused)
{
	static struct blocking all[RECORDS];
	struct postings p;

	(void)unused;
	postings_init(&p, RECORDS * BLOCKING_KEYS);
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < RECORDS; i++) {
			random_blocking(&all[i]);
			assert_true(
			    postings_add(&p, 1000 + (int64_t)i, &all[i]));
		}
		postings_ready(&p);
		for (size_t i = 0; i < RECORDS; i++) {
			struct seen s = {0};
			uint32_t least = 1 + (uint32_t)(rnd() % 400);
			size_t expected = 0;

			postings_search(&p, &all[i], least, i, on_found, &s);
			for (size_t j = 0; j < i; j++) {
				uint32_t w = shared(&all[i], &all[j]);

				expected += w >= least;
				if (w >= least)
					assert_int_equal(s.weights[j], w);
			}
			assert_int_equal(s.count, expected);
		}
		assert_int_equal(p.records[3], 1003);
		postings_clear(&p);
	}
	postings_release(&p);
}

static void
test_full(void **unused)
{
	struct blocking fewer = {
	    .count = 2, .keys = {{2, 16}, {UINT64_MAX - 1, 16}}};
	struct blocking b = {
	    .count = 3, .keys = {{2, 16}, {3, 16}, {UINT64_MAX - 1, 16}}};
	struct postings p;
	struct seen s = {0};

	(void)unused;
	postings_init(&p, 6);
	assert_true(postings_add(&p, 1, &fewer));
	assert_int_equal(p.count, 2);
	assert_true(postings_add(&p, 2, &b));
	assert_false(postings_add(&p, 3, &b));
	assert_int_equal(p.record_count, 2);
	postings_ready(&p);
	postings_search(&p, &b, 1, 2, on_found, &s);
	assert_int_equal(s.weights[0], 32);
	assert_int_equal(s.weights[1], 48);
	postings_release(&p);
}

static void
test_nothing(void **unused)
{
	struct blocking b = {.count = 1, .keys = {{5, 16}}};
	struct postings p;
	struct seen s = {0};

	(void)unused;
	postings_init(&p, 10);
	postings_ready(&p);
	postings_search(&p, &b, 1, SIZE_MAX, on_found, &s);
	assert_int_equal(s.count, 0);
	postings_release(&p);
}

static void
test_idmap(void **unused)
{
	struct idmap m = {0};

	(void)unused;
	assert_null(idmap_find(&m, 1));
	for (uint64_t i = 1; i <= 5000; i++)
		*idmap_add(&m, i << 32, 0) += (uint32_t)i;
	for (uint64_t i = 1; i <= 5000; i++)
		*idmap_add(&m, i << 32, 99) += 1;
	assert_int_equal(m.count, 5000);
	for (uint64_t i = 1; i <= 5000; i++)
		assert_int_equal(*idmap_find(&m, i << 32), i + 1);
	assert_null(idmap_find(&m, 5001));
	assert_null(idmap_find(&m, 0));
	idmap_clear(&m);
	assert_null(idmap_find(&m, UINT64_C(1) << 32));
	idmap_release(&m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_as_all_pairs),
	    cmocka_unit_test(test_full),
	    cmocka_unit_test(test_nothing),
	    cmocka_unit_test(test_idmap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
