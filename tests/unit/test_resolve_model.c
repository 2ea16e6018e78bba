/* Learning and the model's bytes. */
#include <malloc.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "resolve/learn_priv.h"
#include "resolve/model_priv.h"
#include "resolve_registry.h"

enum { THINGS = 400 };

static void
shuffle(size_t *order, size_t n, unsigned seed)
{
	for (size_t i = 0; i < n; i++)
		order[i] = i;
	for (size_t i = n; i > 1; i--) {
		size_t k = (seed = seed * 1664525u + 1013904223u) % i, x;

		x = order[k];
		order[k] = order[i - 1];
		order[i - 1] = x;
	}
}

static void
same_model_in_any_order(size_t most)
{
	struct made r;
	size_t *order, n, n2;
	char *bytes;

	made_init(&r, THINGS, 7);
	order = xcalloc(r.count, sizeof(*order));
	struct model *m = made_learn(&r, NULL, 1, most);
	bytes = made_bytes(m, &n);
	assert_true(m->counts.used > 10);
	for (unsigned seed = 1; seed <= 3; seed++) {
		shuffle(order, r.count, seed);
		struct model *again =
		    made_learn(&r, order, 1000000 * seed, most);
		char *bytes2 = made_bytes(again, &n2);

		assert_int_equal(n, n2);
		assert_memory_equal(bytes, bytes2, n);
		free(bytes2);
		model_free(again);
	}
	free(bytes);
	free(order);
	model_free(m);
	made_release(&r);
}

static void
order_makes_no_difference(void **state)
{
	(void)state;
	same_model_in_any_order(0);
}

/* Where there is room for few counts, floors rise, and it still holds. */
static void
too_many_counts_go_by_size(void **state)
{
	struct made r;
	struct model *all, *few;

	(void)state;
	same_model_in_any_order(64);
	made_init(&r, THINGS, 7);
	all = made_learn(&r, NULL, 1, 0);
	few = made_learn(&r, NULL, 1, 64);
	assert_true(all->counts.used > 64);
	assert_true(few->counts.used <= 64);
	assert_true(model_floor(few) > model_floor(all));
	for (size_t i = 0; i < few->counts.size; i++)
		if (few->counts.slots[i].key)
			assert_int_equal(few->counts.slots[i].count,
			    model_count(all, few->counts.slots[i].key));
	model_free(all);
	model_free(few);
	made_release(&r);
}

static void
counts_are_those_of_records(void **state)
{
	struct made r;
	struct model *m;
	size_t large = 0;

	(void)state;
	made_init(&r, THINGS, 11);
	m = made_learn(&r, NULL, 1, 0);
	assert_int_equal(model_records(m), r.count);
	for (size_t i = 0; i < 40; i++) {
		const struct profile_title *t = &r.profiles[i].titles[0];

		for (size_t w = 0; w < t->count; w++) {
			uint32_t n = 0,
				 known = model_count(m, t->words[w].hash);

			for (size_t k = 0; k < r.count; k++) {
				const struct profile_title *u =
				    &r.profiles[k].titles[0];
				size_t at = 0;

				while (at < u->count &&
				       u->words[at].hash != t->words[w].hash)
					at++;
				n += at < u->count;
			}
			/* below the floor nothing is said */
			assert_true(known == n || (known == 1 && n < 4));
			large += n > 40;
		}
	}
	assert_true(large > 0);
	model_free(m);
	made_release(&r);
}

/* Of titles that no source has often, no source needs to be looked at. */
static void
titles_that_a_source_repeats_are_known(void **state)
{
	enum { RECORDS = 3 * REGISTRY_SOURCES };
	struct profile profiles[RECORDS];
	struct made r = {.profiles = profiles, .count = RECORDS};
	struct model *m;
	char id[16];

	(void)state;
	arena_init(&r.arena, 0);
	for (int i = 0; i < RECORDS; i++) {
		int source = i % REGISTRY_SOURCES + 1;

		snprintf(id, sizeof(id), "r%d", i);
		made_profile(&profiles[i], &r.arena, id,
		    source == 1		   ? "annual report board"
		    : i < REGISTRY_SOURCES ? "solar pumps farmers"
					   : id,
		    "", "", 0, source);
	}
	m = made_learn(&r, NULL, 1, 0);
	assert_int_equal(model_count(m, profiles[0].titles[0].hash), 3);
	assert_int_equal(model_count(m, profiles[1].titles[0].hash), 3);
	assert_true(model_count(m, profile_repeated(0)) > 1);
	assert_true(
	    model_count(m, profile_repeated(profiles[0].titles[0].hash)) > 1);
	assert_int_equal(
	    model_count(m, profile_repeated(profiles[1].titles[0].hash)), 1);
	model_free(m);
	arena_release(&r.arena);
}

/* Each thing once in a source, under two names of its venue. */
static void
venues_and_curated_sources_are_learned(void **state)
{
	struct made r;
	struct model *m;
	size_t n;
	bool known;

	(void)state;
	made_init(&r, THINGS, 13);
	m = made_learn(&r, NULL, 1, 0);
	for (int32_t i = 1; i <= REGISTRY_SOURCES; i++)
		assert_true(model_is_curated(m, i));
	assert_false(model_is_curated(m, REGISTRY_SOURCES + 1));
	assert_true(
	    model_alias(m, profile_hash(HASH_VENUE, "fda", 3),
		profile_hash(HASH_VENUE, "food agency", 11), &known) > 1);
	assert_true(known);
	assert_true(
	    model_alias(m, profile_hash(HASH_VENUE, "fda", 3),
		profile_hash(HASH_VENUE, "health bureau", 13), &known) < 0);
	assert_true(
	    model_is_publisher(m, profile_hash(HASH_VENUE, "food agency", 11)));
	model_aliases(m, &n);
	assert_true(n >= 4);
	model_free(m);
	made_release(&r);
}

/* Loaded from its parts, in reverse order. */
static struct model *
load(struct model *m, uint32_t leave_out, struct err *e)
{
	struct model *to = model_new();
	const struct model_alias *aliases;
	const struct model_source *sources;
	struct buf part;
	size_t n;

	buf_init(&part, LIMIT_MODEL_PART);
	for (uint32_t i = model_part_count(m); i-- > 0;) {
		assert_int_equal(model_part(&part, m, i), 1);
		if (i != leave_out)
			assert_int_equal(
			    model_load_part(to, i, part.data, part.len, e), 0);
	}
	assert_int_equal(model_part(&part, m, model_part_count(m)), 0);
	buf_release(&part);
	aliases = model_aliases(m, &n);
	while (n-- > 0)
		assert_int_equal(model_load_alias(to, &aliases[n], e), 0);
	sources = model_sources(m, &n);
	while (n-- > 0)
		assert_int_equal(model_load_source(to, &sources[n], e), 0);
	return to;
}

static void
bytes_make_the_same_model(void **state)
{
	struct made r;
	struct model *m, *to;
	struct err e = {0};
	size_t n, n2;
	char *a, *b;

	(void)state;
	made_init(&r, THINGS, 17);
	m = made_learn(&r, NULL, 1, 0);
	to = load(m, UINT32_MAX, &e);
	assert_int_equal(model_ready(to, &e), 0);
	a = made_bytes(m, &n);
	b = made_bytes(to, &n2);
	assert_int_equal(n, n2);
	assert_memory_equal(a, b, n);
	assert_int_equal(model_floor(to), model_floor(m));
	free(a);
	free(b);
	model_free(to);
	to = load(m, 0, &e);
	assert_int_equal(model_ready(to, &e), -1);
	model_free(to);
	model_free(m);
	made_release(&r);
}

/* More than one part: 70,000 keys. */
static void
parts_are_bounded(void **state)
{
	struct model *m = model_new(), *to;
	struct err e = {0};
	struct buf part;

	(void)state;
	for (uint64_t i = 1; i <= 70000; i++)
		counts_add(&m->counts, i * UINT64_C(0x9e3779b97f4a7c15), 300);
	m->records = 1000000;
	m->expected = m->counts.used;
	m->has_part = true;
	assert_int_equal(model_part_count(m), 2);
	buf_init(&part, LIMIT_MODEL_PART);
	for (uint32_t i = 0; i < 2; i++) {
		assert_int_equal(model_part(&part, m, i), 1);
		assert_false(part.full);
	}
	to = load(m, UINT32_MAX, &e);
	assert_int_equal(model_ready(to, &e), 0);
	assert_int_equal(
	    model_count(to, 70000 * UINT64_C(0x9e3779b97f4a7c15)), 300);
	/* the same part again */
	assert_int_equal(model_load_part(to, 1, part.data, part.len, &e), -1);
	buf_release(&part);
	model_free(to);
	model_free(m);
}

static void
broken_bytes_are_refused(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
	} broken[] = {
	    {"", 0}, {"\x02\x05\x02\x01\x01\x07\x02", 7}, /* format */
	    {"\x01", 1}, {"\x01\x05\x02\x01\x01\x07", 6}, /* cut */
	    {"\x01\x05\x02\x01\x01\x07\x02\x00", 8}, /* bytes behind */
	    {"\x01\x05\x02\x02\x02\x07\x02\x00\x02", 9}, /* key again */
	    {"\x01\x05\x02\x01\x01\x07\x01", 7}, /* a count of 1 */
	    {"\x01\x05\x01\x01\x01\x07\x02", 7}, /* floor of 1 */
	    {"\x01\x05\x02\x01\x02\x07\x02\x01\x02", 9}, /* too many */
	    {"\x01\x05\x02\xff\xff\xff\xff\x7f\x01\x07\x02", 11}, /* limit */
	};
	struct err e = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(*broken); i++) {
		struct model *m = model_new();

		assert_int_equal(
		    model_load_part(m, 0, broken[i].bytes, broken[i].n, &e),
		    -1);
		model_free(m);
	}
}

static void
wrong_rows_are_refused(void **state)
{
	static const struct model_alias wrong[] = {{"", "b", 1, "venue"},
	    {"a", NULL, 1, "venue"}, {"a", "b", NAN, "venue"},
	    {"a", "b", 1e9, "venue"}, {"a", "b", 1, "town"},
	    {"a", "\xff", 1, "venue"}};
	struct model *m = model_new();
	struct err e = {0};
	char *large = xmalloc(LIMIT_MODEL_NAME + 2);

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_int_equal(model_load_alias(m, &wrong[i], &e), -1);
	memset(large, 'a', LIMIT_MODEL_NAME + 1);
	large[LIMIT_MODEL_NAME + 1] = '\0';
	assert_int_equal(model_load_alias(m,
			     &(struct model_alias){large, "b", 1, "venue"}, &e),
	    -1);
	/* one pair twice, the other way round */
	assert_int_equal(
	    model_load_part(m, 0, "\x01\x00\x02\x00\x00", 5, &e), 0);
	assert_int_equal(model_ready(m, &e), 0);
	model_load_alias(m, &(struct model_alias){"a", "b", 1, "venue"}, &e);
	model_load_alias(m, &(struct model_alias){"b", "a", 2, "body"}, &e);
	assert_int_equal(model_ready(m, &e), -1);
	model_free(m);
	free(large);
}

static void
limits_hold(void **state)
{
	struct model *m = model_new();
	struct err e = {0};
	char name[32];

	(void)state;
	for (size_t i = 0; i <= LIMIT_MODEL_ALIASES; i++) {
		snprintf(name, sizeof(name), "%zu", i);
		assert_int_equal(
		    model_load_alias(
			m, &(struct model_alias){name, "b", 1, "venue"}, &e),
		    i < LIMIT_MODEL_ALIASES ? 0 : -1);
	}
	model_free(m);
	m = model_new();
	for (size_t i = 0; i <= LIMIT_MODEL_SOURCES; i++)
		assert_int_equal(
		    model_load_source(
			m, &(struct model_source){.source_id = (int32_t)i}, &e),
		    i < LIMIT_MODEL_SOURCES ? 0 : -1);
	model_free(m);
}

static void
configuration_goes_before_estimates(void **state)
{
	struct model *m = model_new();
	struct err e = {0};
	size_t n;

	(void)state;
	model_load_source(
	    m, &(struct model_source){7, 1.01, 50, true, false}, &e);
	assert_true(model_is_curated(m, 7));
	model_load_source(
	    m, &(struct model_source){7, 1.01, 50, false, true}, &e);
	assert_false(model_is_curated(m, 7));
	assert_true(model_sources(m, &n)[0].given);
	assert_int_equal(n, 1);
	model_free(m);
}

static size_t
memory_in_use(void)
{
	struct mallinfo2 i = mallinfo2();

	return i.uordblks + i.hblkhd;
}

/* Many records with words of their own: what learning takes stays put. */
static void
memory_is_bounded(void **state)
{
	enum { RECORDS = 30000 };
	size_t before = memory_in_use(), most = 0;
	struct learn *l = learn_new(RECORDS);
	struct model *m;

	(void)state;
	for (; learn_wants(l) == LEARN_PROFILES; learn_pass(l))
		for (size_t i = 0; i < RECORDS; i++) {
			struct profile p;
			struct arena a;
			char title[128], id[16];

			arena_init(&a, 0);
			snprintf(title, sizeof(title), "w%zu x%zu y%zu z%zu", i,
			    i / 2, i / 3, i % 50);
			snprintf(id, sizeof(id), "x:%zu", i);
			made_profile(&p, &a, id, title, "", NULL, 2000,
			    1 + (int)(i % 3));
			p.record_id = (int64_t)i;
			learn_profile(l, &p);
			arena_release(&a);
			if (i % 1000 == 0 && memory_in_use() > most)
				most = memory_in_use();
		}
	assert_true(most - before < LIMIT_LEARN_MEMORY);
	size_t n;
	learn_sample(l, &n);
	assert_true(n > 0 && n <= LIMIT_LEARN_SAMPLE);
	while (learn_wants(l) != LEARN_DONE)
		learn_pass(l);
	m = learn_take(l);
	learn_free(l);
	assert_true(m->counts.used < RECORDS / 10);
	model_free(m);
}

static void
match_many(struct learn_matches *m, size_t n, bool backwards)
{
	learn_matches_init(m);
	for (size_t i = 0; i < n; i++) {
		uint64_t k = backwards ? n - 1 - i : i;
		struct learn_match match = {
		    .key = (k / 3 + 1) * UINT64_C(0x9e3779b97f4a7c15),
		    .other_key = k + 1,
		    .other_source = (int32_t)(k % 5),
		    .hundredths = (int32_t)(800 + k % 1000)};

		learn_match_add(m, &match);
		if (backwards && i % 7 == 0)
			learn_match_add(m, &match);
	}
	learn_match_settle(m);
}

/* More matches than LIMIT_LEARN_MATCHES: what is kept depends on neither order
 * nor on what comes twice. */
static void
matches_are_bounded(void **state)
{
	const size_t n = LIMIT_LEARN_MATCHES + LIMIT_LEARN_MATCHES / 4;
	struct learn_matches a, b;

	(void)state;
	match_many(&a, n, false);
	match_many(&b, n, true);
	assert_true(a.count <= LIMIT_LEARN_MATCHES);
	assert_true(a.count > LIMIT_LEARN_MATCHES / 4);
	assert_int_equal(a.count, b.count);
	for (size_t i = 0; i < a.count; i++)
		assert_int_equal(a.items[i].other_key, b.items[i].other_key);
	learn_matches_release(&a);
	learn_matches_release(&b);
}

/* Of each source those with the least keys, whatever came first; all of them,
 * where there are few. */
static void
samples_are_fair(void **state)
{
	struct learn_sides s = {0};
	const size_t records[] = {20000, 300, 7};
	struct profile p = {0};

	(void)state;
	for (int32_t i = 0; i < 3; i++)
		learn_side(&s, i + 1)->records = records[i];
	learn_quotas(&s, 1000);
	for (int32_t i = 0; i < 3; i++)
		for (size_t k = records[i]; k-- > 0;) {
			p.source_id = i + 1;
			p.identifier_hash = k;
			learn_pick(&s, &p);
		}
	assert_int_equal(s.sides[2].count, 7);
	assert_int_equal(s.sides[1].count, 300);
	assert_int_equal(s.sides[0].count, 693);
	learn_sides_release(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(order_makes_no_difference),
	    cmocka_unit_test(too_many_counts_go_by_size),
	    cmocka_unit_test(counts_are_those_of_records),
	    cmocka_unit_test(titles_that_a_source_repeats_are_known),
	    cmocka_unit_test(venues_and_curated_sources_are_learned),
	    cmocka_unit_test(bytes_make_the_same_model),
	    cmocka_unit_test(parts_are_bounded),
	    cmocka_unit_test(broken_bytes_are_refused),
	    cmocka_unit_test(wrong_rows_are_refused),
	    cmocka_unit_test(limits_hold),
	    cmocka_unit_test(configuration_goes_before_estimates),
	    cmocka_unit_test(memory_is_bounded),
	    cmocka_unit_test(matches_are_bounded),
	    cmocka_unit_test(samples_are_fair),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
