/* Keys and candidates. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "resolve/blocking.h"
#include "resolve/parameters.h"
#include "resolve_registry.h"

enum { THINGS = 3000 };

struct world {
	struct made made;
	struct model *model;
	struct blocking *keys;
};

static int
set_up(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));
	struct learn *l;

	made_init(&w->made, THINGS, 3);
	l = learn_new(w->made.count);
	for (; learn_wants(l) != LEARN_DONE; learn_pass(l))
		for (size_t i = 0;
		     i < w->made.count && learn_wants(l) == LEARN_PROFILES; i++)
			learn_profile(l, &w->made.profiles[i]);
	w->model = learn_take(l);
	learn_free(l);
	w->keys = xcalloc(w->made.count, sizeof(*w->keys));
	for (size_t i = 0; i < w->made.count; i++) {
		profile_prepare(&w->made.profiles[i], w->model);
		blocking_make(&w->keys[i], &w->made.profiles[i], w->model);
	}
	*state = w;
	return 0;
}

static int
tear_down(void **state)
{
	struct world *w = *state;

	made_release(&w->made);
	model_free(w->model);
	free(w->keys);
	free(w);
	return 0;
}

static void
keys_are_in_order(void **state)
{
	const struct world *w = *state;

	for (size_t i = 0; i < w->made.count; i++) {
		const struct blocking *b = &w->keys[i];
		uint32_t total = 0;

		assert_true(b->count > 0 && b->count <= BLOCKING_KEYS);
		for (size_t k = 0; k < b->count; k++) {
			assert_true(
			    k == 0 || b->keys[k - 1].hash < b->keys[k].hash);
			assert_true(b->keys[k].weight > 0);
			total += b->keys[k].weight;
		}
		assert_int_equal(b->total, total);
	}
}

static void
candidates_are_symmetric(void **state)
{
	const struct world *w = *state;

	for (size_t i = 0; i < 600; i++)
		for (size_t j = 0; j < i; j++)
			assert_int_equal(
			    blocking_shared(&w->keys[i], &w->keys[j]),
			    blocking_shared(&w->keys[j], &w->keys[i]));
}

struct seen {
	uint64_t hash;
	uint16_t weight;
};

static int
compare_seen(const void *a, const void *b)
{
	const struct seen *x = a, *y = b;

	return (x->hash > y->hash) - (x->hash < y->hash);
}

/* A key weighs the same wherever it is, and few records have it. */
static void
keys_say_the_same_everywhere(void **state)
{
	const struct world *w = *state;
	struct seen *seen =
	    xcalloc(w->made.count * BLOCKING_KEYS, sizeof(*seen));
	size_t n = 0, run = 0;

	for (size_t i = 0; i < w->made.count; i++)
		for (size_t k = 0; k < w->keys[i].count; k++)
			seen[n++] = (struct seen){
			    w->keys[i].keys[k].hash, w->keys[i].keys[k].weight};
	qsort(seen, n, sizeof(*seen), compare_seen);
	for (size_t i = 1; i < n; i++) {
		run = seen[i].hash == seen[i - 1].hash ? run + 1 : 1;
		if (run > 1)
			assert_int_equal(seen[i].weight, seen[i - 1].weight);
		assert_true(run <= PARAMETER.key_holders);
	}
	free(seen);
}

/* The records of one thing find each other, though each of their words stands
 * in hundreds of others; and they find few others. */
static void
formulaic_titles_find_each_other(void **state)
{
	const struct world *w = *state;
	size_t pairs = 0, found = 0, candidates = 0;

	for (size_t i = 0; i < w->made.count; i++)
		for (size_t j = 0; j < i; j++) {
			bool same = w->made.thing[i] == w->made.thing[j],
			     is = blocking_shared(&w->keys[i], &w->keys[j]) >=
				  blocking_least(w->model);

			pairs += same;
			found += same && is;
			candidates += is;
		}
	assert_true(pairs > THINGS / 3);
	assert_true(found >= pairs * 97 / 100);
	assert_true(2 * candidates < 40 * w->made.count);
}

/* What was never seen is a key: it may come again. */
static void
unknown_words_are_rare(void **state)
{
	const struct world *w = *state;
	struct arena a;
	struct profile p, q, other;
	struct blocking x, y, z;

	arena_init(&a, 0);
	made_profile(
	    &p, &a, "n:1", "quokka habitat survey", "xanthos", NULL, 0, 1);
	made_profile(&q, &a, "n:2", "survey habitat quokka", "", NULL, 2001, 2);
	made_profile(&other, &a, "n:3", "", "", NULL, 2001, 2);
	profile_prepare(&p, w->model);
	profile_prepare(&q, w->model);
	profile_prepare(&other, w->model);
	blocking_make(&x, &p, w->model);
	blocking_make(&y, &q, w->model);
	blocking_make(&z, &other, w->model);
	assert_true(blocking_shared(&x, &y) >= blocking_least(w->model));
	assert_int_equal(blocking_shared(&x, &z), 0);
	arena_release(&a);
}

/* "Annual report 2010" is one thing of each body that publishes one. */
static void
generic_titles_go_by_body(void **state)
{
	enum { RECORDS = 300 };
	struct profile *p = xcalloc(RECORDS, sizeof(*p));
	struct blocking *b = xcalloc(RECORDS, sizeof(*b));
	struct arena a;
	struct learn *l = learn_new(RECORDS);
	struct model *m;

	(void)state;
	arena_init(&a, 0);
	for (size_t i = 0; i < RECORDS; i++)
		made_profile(&p[i], &a, arena_printf(&a, "g:%zu", i),
		    "annual report #2010", "",
		    arena_printf(&a, "bureau %c%c", 'a' + (int)(i / 3 % 26),
			'a' + (int)(i / 78)),
		    2010, 1 + (int)(i % 3));
	for (; learn_wants(l) != LEARN_DONE; learn_pass(l))
		for (size_t i = 0;
		     i < RECORDS && learn_wants(l) == LEARN_PROFILES; i++)
			learn_profile(l, &p[i]);
	m = learn_take(l);
	learn_free(l);
	for (size_t i = 0; i < RECORDS; i++) {
		profile_prepare(&p[i], m);
		blocking_make(&b[i], &p[i], m);
	}
	for (size_t i = 0; i < RECORDS; i++)
		for (size_t j = 0; j < i; j++)
			assert_int_equal(
			    blocking_shared(&b[i], &b[j]) >= blocking_least(m),
			    i / 3 == j / 3);
	model_free(m);
	arena_release(&a);
	free(p);
	free(b);
}

/* The longest titles there are: no more keys than there is room for, and two
 * that are nearly the same still share most. */
static void
long_titles_keep_the_same_keys(void **state)
{
	const struct world *w = *state;
	struct arena a;
	struct profile p, q;
	struct blocking x, y;
	struct buf t;

	arena_init(&a, 0);
	buf_init(&t, 65536);
	for (int i = 0; i < 200; i++)
		buf_printf(&t, "%sword%d", i ? " " : "", i);
	made_profile(&p, &a, "n:1", buf_str(&t), "", NULL, 0, 1);
	made_profile(
	    &q, &a, "n:2", buf_str(&t) + strlen("word0 "), "", NULL, 0, 1);
	profile_prepare(&p, w->model);
	profile_prepare(&q, w->model);
	blocking_make(&x, &p, w->model);
	blocking_make(&y, &q, w->model);
	assert_true(x.count <= BLOCKING_KEYS);
	assert_true(blocking_shared(&x, &y) > x.total / 2);
	buf_release(&t);
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(keys_are_in_order),
	    cmocka_unit_test(candidates_are_symmetric),
	    cmocka_unit_test(keys_say_the_same_everywhere),
	    cmocka_unit_test(formulaic_titles_find_each_other),
	    cmocka_unit_test(unknown_words_are_rare),
	    cmocka_unit_test(generic_titles_go_by_body),
	    cmocka_unit_test(long_titles_keep_the_same_keys),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
