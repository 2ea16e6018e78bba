/* resolve: clusters.  Cases by hand, and random components of which the
 * promises of resolve/cluster.h are asked. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "resolve/cluster.h"
#include "resolve/profile.h"

/* A small world: what the score of two records is, is a function of their
 * keys, so that it knows no order. */
struct world {
	struct clusters_record *records;
	struct clusters_pair *pairs;
	struct clusters_link *must, *cannot;
	size_t n, npairs, nmust, ncannot;
	double (*score)(const struct world *w, size_t i, size_t j);
	unsigned things; /* of random worlds: how many there are */
	unsigned seed;
	size_t asked;
};

static uint64_t
mix(uint64_t x)
{
	x ^= x >> 33;
	x *= 0xff51afd7ed558ccdu;
	x ^= x >> 33;
	x *= 0xc4ceb9fe1a85ec53u;
	return x ^ x >> 33;
}

static uint64_t state;
static uint64_t
draw(void)
{
	state += 0x9e3779b97f4a7c15u;
	return mix(state);
}
static size_t
below(size_t n)
{
	return (size_t)(draw() % n);
}

static double
ask_score(void *arg, size_t i, size_t j)
{
	struct world *w = arg;

	w->asked++;
	return w->score(w, i, j);
}
static bool
ask_twin(void *arg, size_t i, size_t j)
{
	const struct world *w = arg;
	uint64_t a = w->records[i].key, b = w->records[j].key;

	return mix(a ^ b ^ w->seed) % 7 == 0;
}
static bool
no_twin(void *arg, size_t i, size_t j)
{
	(void)arg;
	(void)i;
	(void)j;
	return false;
}

static void
run_with(struct clusters_result *out, struct world *w,
    bool (*is_twin)(void *, size_t, size_t))
{
	const struct clusters_input in = {.records = w->records,
	    .record_count = w->n,
	    .pairs = w->pairs,
	    .pair_count = w->npairs,
	    .must = w->must,
	    .must_count = w->nmust,
	    .cannot = w->cannot,
	    .cannot_count = w->ncannot,
	    .ops = {.score = ask_score, .is_twin = is_twin, .arg = w}};

	clusters_run(out, &in);
}

/* --- cases by hand: scores are those of a matrix --- */
enum { MOST = 12 };
static double matrix[MOST][MOST];
static struct clusters_record hand[MOST];

static double
of_matrix(const struct world *w, size_t i, size_t j)
{
	(void)w;
	return matrix[i][j];
}
static void
set(size_t i, size_t j, double score)
{
	matrix[i][j] = matrix[j][i] = score;
}
/* n records, each of a source of its own, that have nothing in common. */
static struct world
by_hand(size_t n)
{
	struct world w = {.records = hand, .n = n, .score = of_matrix};

	memset(hand, 0, sizeof(hand));
	for (size_t i = 0; i < MOST; i++) {
		hand[i] = (struct clusters_record){.key = mix(i + 1),
		    .record_id = 100 + i,
		    .source_id = (int32_t)i};
		for (size_t k = 0; k < MOST; k++)
			matrix[i][k] = -10;
	}
	return w;
}
static void
pair_up(struct world *w)
{
	w->pairs = xcalloc(MOST * MOST, sizeof(*w->pairs));
	for (size_t i = 0; i < w->n; i++) {
		for (size_t k = i + 1; k < w->n; k++) {
			if (matrix[i][k] >= 4)
				w->pairs[w->npairs++] =
				    (struct clusters_pair){i, k, matrix[i][k]};
		}
	}
}

static bool
all_twins(void *arg, size_t i, size_t j)
{
	(void)arg;
	(void)i;
	(void)j;
	return true;
}

/* groups: a letter for each record. */
static void
expect_with(struct world *w, const char *groups, struct clusters_result *out,
    bool (*is_twin)(void *, size_t, size_t))
{
	if (w->pairs == NULL)
		pair_up(w);
	run_with(out, w, is_twin);
	for (size_t i = 0; i < w->n; i++) {
		for (size_t k = 0; k < w->n; k++)
			assert_int_equal(groups[i] == groups[k],
			    out->group[i] == out->group[k]);
	}
}
static void
expect(struct world *w, const char *groups, struct clusters_result *out)
{
	expect_with(w, groups, out, no_twin);
}
static void
done(struct world *w, struct clusters_result *out)
{
	clusters_release(out);
	free(w->pairs);
}

static void
test_pairs_join(void **arg)
{
	struct world w = by_hand(5);
	struct clusters_result out;

	(void)arg;
	set(0, 1, 8.0);
	set(2, 3, 7.99);
	expect(&w, "aabcd", &out);
	assert_int_equal(out.groups, 4);
	assert_int_equal(out.refused_count, 0);
	done(&w, &out);
}

/* A chain is not one thing: its ends disagree. */
static void
test_no_closure(void **arg)
{
	struct world w = by_hand(3);
	struct clusters_result out;

	(void)arg;
	set(0, 1, 12);
	set(1, 2, 9);
	set(0, 2, -9);
	expect(&w, "aab", &out);
	assert_int_equal(out.refused_count, 1);
	assert_int_equal(out.refused[0].reason, CLUSTERS_AVERAGE);
	assert_true(out.refused[0].mean == 0.0);
	assert_true(out.refused[0].by_a + out.refused[0].by_b == 2);
	done(&w, &out);
}

static void
test_curated_holds_one(void **arg)
{
	struct world w = by_hand(3);
	struct clusters_result out;

	(void)arg;
	set(0, 2, 12);
	set(1, 2, 11);
	set(0, 1, 14);
	hand[0].source_id = hand[1].source_id = 7;
	hand[0].is_curated = hand[1].is_curated = true;
	expect(&w, "aba", &out);
	assert_int_equal(out.refused_count, 2);
	assert_int_equal(out.refused[0].reason, CLUSTERS_CURATED);
	assert_int_equal(out.refused[1].reason, CLUSTERS_CURATED);
	assert_true(out.refused[1].by_a + out.refused[1].by_b == 1);
	clusters_release(&out);
	/* A rare identifier that both have says that they are one. */
	const uint64_t doi = 4711;
	hand[0].rare = hand[1].rare = &doi;
	hand[0].rare_count = hand[1].rare_count = 1;
	expect(&w, "aaa", &out);
	done(&w, &out);
}

/* A curated source has a thing twice, word for word; where two sources have it
 * twice, there are two things, and none of a's goes with both of b's. */
static void
test_twins(void **arg)
{
	struct world w = by_hand(4);
	struct clusters_result out;

	(void)arg;
	set(0, 1, 20);
	set(0, 2, 21);
	set(1, 2, 21);
	hand[0].source_id = hand[1].source_id = 7;
	hand[2].source_id = hand[3].source_id = 8;
	for (size_t i = 0; i < 4; i++)
		hand[i].is_curated = true;
	expect_with(&w, "aaab", &out, all_twins);
	assert_int_equal(out.refused_count, 0);
	done(&w, &out);
	w.pairs = NULL;
	w.npairs = 0;
	set(0, 3, 21);
	set(1, 3, 21);
	set(2, 3, 20);
	pair_up(&w);
	run_with(&out, &w, all_twins);
	assert_int_equal(out.groups, 2);
	assert_int_not_equal(out.group[0], out.group[1]);
	assert_int_not_equal(out.group[2], out.group[3]);
	assert_int_equal(out.refused[0].reason, CLUSTERS_CURATED);
	done(&w, &out);
}

/* A translation that came by its DOI says nothing of the others. */
static void
test_says_nothing(void **arg)
{
	struct world w = by_hand(3);
	struct clusters_result out;

	(void)arg;
	set(0, 1, 14);
	set(1, 2, 9);
	set(0, 2, NAN);
	expect(&w, "aaa", &out);
	done(&w, &out);
	w = by_hand(4);
	set(0, 1, 14);
	set(1, 2, 9);
	set(2, 3, 14);
	set(0, 2, NAN);
	set(1, 3, -9);
	set(0, 3, NAN);
	expect(&w, "aabb", &out);
	assert_true(out.refused[0].mean == 0);
	done(&w, &out);
}

/* Two texts of a curated source do not agree so well, but the curated record
 * agrees with each. */
static void
test_anchor(void **arg)
{
	struct world w = by_hand(3);
	struct clusters_result out;

	(void)arg;
	set(0, 1, 9);
	set(0, 2, 8.5);
	set(1, 2, 3.5);
	expect(&w, "aab", &out);
	done(&w, &out);
	w = by_hand(4);
	/* 0 is curated; 1 and 2 are one, which 0 agrees with, 3.9 on average
	 * of all would not do. */
	set(1, 2, 12);
	set(0, 1, 9);
	set(0, 2, 4.5);
	hand[0].is_curated = true;
	expect(&w, "abbc", &out);
	done(&w, &out);
	w = by_hand(4);
	set(1, 2, 12);
	set(0, 1, 9);
	set(0, 2, 7);
	hand[0].is_curated = true;
	expect(&w, "aaab", &out);
	done(&w, &out);
}

/* A third one hardly agrees, but two curated ones leave no doubt. */
static void
test_strong(void **arg)
{
	struct world w = by_hand(3);
	struct clusters_result out;

	(void)arg;
	set(1, 2, 14);
	set(0, 1, 12.5);
	set(0, 2, -5);
	expect(&w, "abb", &out);
	done(&w, &out);
	w = by_hand(3);
	set(1, 2, 14);
	set(0, 1, 12.5);
	set(0, 2, -5);
	hand[0].is_curated = hand[1].is_curated = true;
	expect(&w, "aaa", &out);
	done(&w, &out);
	w = by_hand(3);
	/* too much speaks against it */
	set(1, 2, 14);
	set(0, 1, 12.5);
	set(0, 2, -9);
	hand[0].is_curated = hand[1].is_curated = true;
	expect(&w, "abb", &out);
	done(&w, &out);
}

static void
test_families(void **arg)
{
	struct world w = by_hand(3);
	struct clusters_result out;
	const struct clusters_link must = {0, 1, 1};

	(void)arg;
	set(0, 1, 20);
	set(1, 2, 18);
	set(0, 2, 19);
	hand[0].family = 1;
	hand[1].family = 2;
	expect(&w, "aba", &out); /* 2 declares none */
	assert_int_equal(out.refused[0].reason, CLUSTERS_FAMILY);
	clusters_release(&out);
	w.must = &(struct clusters_link){0, 1, 1};
	w.nmust = 1;
	expect(&w, "aba", &out);
	assert_true(out.refused[0].is_must);
	assert_int_equal(out.refused[0].reason, CLUSTERS_FAMILY);
	assert_int_equal(out.refused[0].a + out.refused[0].b, must.b);
	done(&w, &out);
}

static void
test_links(void **arg)
{
	struct world w = by_hand(5);
	struct clusters_result out;
	struct clusters_link must[] = {{3, 0, 5}}, cannot[] = {{1, 0, 6}};

	(void)arg;
	set(0, 1, 12);
	set(0, 2, 9);
	set(1, 2, 8.5);
	w.must = must;
	w.nmust = 1;
	expect(&w, "aaaab", &out); /* 3 comes with 0, whatever it scores */
	clusters_release(&out);
	w.cannot = cannot;
	w.ncannot = 1;
	expect(&w, "abaac", &out);
	assert_int_equal(out.refused[0].reason, CLUSTERS_CANNOT);
	clusters_release(&out);
	/* The cannot-link wins, and the must-link is told. */
	must[0] = (struct clusters_link){0, 1, 7};
	expect(&w, "abacd", &out);
	assert_true(out.refused[0].is_must);
	assert_int_equal(out.refused[0].reason, CLUSTERS_CANNOT);
	done(&w, &out);
}

static void
test_words(void **arg)
{
	struct world w = by_hand(3);
	const struct clusters_input in = {.records = hand, .record_count = 3};
	struct clusters_refusal r = {.a = 0, .b = 1, .by_a = 2, .by_b = 0};
	struct buf text;

	(void)arg;
	(void)w;
	buf_init(&text, 1000);
	r.reason = CLUSTERS_CURATED;
	clusters_refusal_words(&text, &in, &r, "unesdoc");
	assert_string_equal(buf_str(&text),
	    "records 100 and 102 are both of the source unesdoc, which holds "
	    "each thing once");
	for (int i = CLUSTERS_FAMILY; i < CLUSTERS_REASONS; i++) {
		buf_clear(&text);
		r.reason = (enum clusters_reason)i;
		clusters_refusal_words(&text, &in, &r, NULL);
		assert_true(text.len > 20);
		assert_true(strlen(clusters_reason_name(r.reason)) > 3);
	}
	buf_release(&text);
}

/* --- random worlds --- */
static uint64_t rare_ids[64][2];

/* Records of one thing mostly agree, others mostly do not. */
static double
of_keys(const struct world *w, size_t i, size_t j)
{
	uint64_t a = w->records[i].key, b = w->records[j].key,
		 h = mix((a ^ b) + mix(a + b) + w->seed);
	bool same = mix(a) % w->things == mix(b) % w->things;
	double noise = (double)(h % 1600) / 100.0;

	if (w->records[i].family != 0 && w->records[j].family != 0 &&
	    w->records[i].family != w->records[j].family)
		return -INFINITY;
	return same ? 4.0 + noise : noise - 8.5;
}

static void
random_world(struct world *w, unsigned seed)
{
	static const struct world empty;
	size_t n;

	*w = empty;
	state = seed;
	w->seed = seed;
	w->score = of_keys;
	w->n = n = 2 + below(40);
	w->things = 1 + (unsigned)below(n / 2 + 1);
	w->records = xcalloc(n, sizeof(*w->records));
	for (size_t i = 0; i < n; i++) {
		struct clusters_record *r = &w->records[i];
		r->key = draw();
		r->record_id = i;
		r->source_id = (int32_t)below(5);
		r->is_curated = r->source_id < 2;
		r->family = below(8) == 0 ? 1 + (int)below(2) : 0;
		if (below(5) == 0) {
			rare_ids[i][0] = mix(r->key) % w->things;
			r->rare = rare_ids[i];
			r->rare_count = 1;
		}
	}
	w->pairs = xcalloc(n * n, sizeof(*w->pairs));
	for (size_t i = 0; i < n; i++) {
		for (size_t k = i + 1; k < n; k++) {
			double s = of_keys(w, i, k);
			if (s >= 4 && below(4) > 0)
				w->pairs[w->npairs++] =
				    (struct clusters_pair){i, k, s};
		}
	}
	w->must = xcalloc(8, sizeof(*w->must));
	w->cannot = xcalloc(8, sizeof(*w->cannot));
	w->nmust = below(4);
	w->ncannot = below(5);
	for (size_t i = 0; i < w->nmust; i++)
		w->must[i] = (struct clusters_link){
		    below(n), below(n), (int64_t)below(9)};
	for (size_t i = 0; i < w->ncannot; i++)
		w->cannot[i] = (struct clusters_link){
		    below(n), below(n), (int64_t)below(9)};
}
static void
free_world(struct world *w)
{
	free(w->records);
	free(w->pairs);
	free(w->must);
	free(w->cannot);
}

static void
shuffle_numbers(size_t *order, size_t n)
{
	for (size_t i = 0; i < n; i++)
		order[i] = i;
	for (size_t i = n; i > 1; i--) {
		size_t k = below(i), x = order[i - 1];
		order[i - 1] = order[k];
		order[k] = x;
	}
}

/* The same world in another order, other record numbers: place[old] = new. */
static void
shuffled(struct world *to, const struct world *from, size_t *place)
{
	size_t *order = xcalloc(from->npairs + from->n, sizeof(*order));

	*to = *from;
	to->records = xcalloc(from->n, sizeof(*to->records));
	to->pairs = xcalloc(from->npairs + 1, sizeof(*to->pairs));
	to->must = xcalloc(from->nmust + 1, sizeof(*to->must));
	to->cannot = xcalloc(from->ncannot + 1, sizeof(*to->cannot));
	shuffle_numbers(place, from->n);
	for (size_t i = 0; i < from->n; i++) {
		to->records[place[i]] = from->records[i];
		to->records[place[i]].record_id = 1000 + place[i];
	}
	shuffle_numbers(order, from->npairs);
	for (size_t i = 0; i < from->npairs; i++) {
		struct clusters_pair p = from->pairs[i];
		bool flip = below(2) == 0;
		to->pairs[order[i]] = (struct clusters_pair){
		    place[flip ? p.b : p.a], place[flip ? p.a : p.b], p.score};
	}
	for (size_t i = 0; i < from->nmust; i++)
		to->must[from->nmust - 1 - i] =
		    (struct clusters_link){place[from->must[i].b],
			place[from->must[i].a], from->must[i].rank};
	for (size_t i = 0; i < from->ncannot; i++)
		to->cannot[from->ncannot - 1 - i] =
		    (struct clusters_link){place[from->cannot[i].b],
			place[from->cannot[i].a], from->cannot[i].rank};
	free(order);
}

static bool
same_two(size_t a, size_t b, size_t x, size_t y)
{
	return (a == x && b == y) || (a == y && b == x);
}

static void
test_any_order(void **arg)
{
	struct world w, v;
	struct clusters_result one, other;
	size_t place[64], joined = 0, refused[CLUSTERS_REASONS] = {0};

	(void)arg;
	for (unsigned seed = 1; seed <= 3000; seed++) {
		random_world(&w, seed);
		run_with(&one, &w, ask_twin);
		shuffled(&v, &w, place);
		run_with(&other, &v, ask_twin);
		assert_int_equal(one.groups, other.groups);
		for (size_t i = 0; i < w.n; i++)
			assert_int_equal(one.group[i], other.group[place[i]]);
		assert_int_equal(one.refused_count, other.refused_count);
		for (size_t i = 0; i < one.refused_count; i++) {
			const struct clusters_refusal *r = &one.refused[i],
						      *s = &other.refused[i];
			assert_true(
			    same_two(place[r->a], place[r->b], s->a, s->b));
			assert_int_equal(r->reason, s->reason);
			assert_true(r->mean == s->mean);
			if (r->by_a != SIZE_MAX)
				assert_true(same_two(place[r->by_a],
				    place[r->by_b], s->by_a, s->by_b));
			refused[r->reason]++;
		}
		joined += w.n - one.groups;
		clusters_release(&one);
		clusters_release(&other);
		free_world(&w);
		free_world(&v);
	}
	/* The worlds are worth it. */
	assert_true(joined > 10000);
	assert_true(refused[CLUSTERS_CURATED] > 1000);
	assert_true(refused[CLUSTERS_AVERAGE] > 1000);
	assert_true(refused[CLUSTERS_CANNOT] > 500);
	assert_true(refused[CLUSTERS_FAMILY] > 100);
}

/* Everything that is promised of a partition, whatever it is. */
static void
test_what_holds(void **arg)
{
	struct world w;
	struct clusters_result out;

	(void)arg;
	for (unsigned seed = 5001; seed <= 7000; seed++) {
		random_world(&w, seed);
		run_with(&out, &w, no_twin);
		for (size_t i = 0; i < w.ncannot; i++) {
			if (w.cannot[i].a != w.cannot[i].b)
				assert_int_not_equal(out.group[w.cannot[i].a],
				    out.group[w.cannot[i].b]);
		}
		for (size_t i = 0; i < w.nmust; i++) {
			const struct clusters_link *m = &w.must[i];
			bool told = out.group[m->a] == out.group[m->b];
			for (size_t k = 0; k < out.refused_count; k++)
				told |= out.refused[k].is_must &&
					same_two(m->a, m->b, out.refused[k].a,
					    out.refused[k].b);
			assert_true(told);
		}
		for (size_t i = 0; i < w.npairs; i++) {
			const struct clusters_pair *p = &w.pairs[i];
			bool told = p->score < 8.0 - 0.005 ||
				    out.group[p->a] == out.group[p->b];
			for (size_t k = 0; k < out.refused_count && !told; k++)
				told = !out.refused[k].is_must &&
				       same_two(p->a, p->b, out.refused[k].a,
					   out.refused[k].b);
			assert_true(told);
		}
		for (size_t i = 0; i < w.n; i++) {
			for (size_t k = 0; k < i; k++) {
				if (out.group[i] == out.group[k] &&
				    w.records[i].family != 0)
					assert_true(w.records[k].family == 0 ||
						    w.records[k].family ==
							w.records[i].family);
			}
		}
		clusters_release(&out);
		free_world(&w);
	}
}

/* A cannot-link that is said now, on two records that are one, splits their
 * cluster and leaves all others as they were. */
static void
test_cannot_splits_one(void **arg)
{
	struct world w;
	struct clusters_result before, after;
	size_t splits = 0;

	(void)arg;
	for (unsigned seed = 10001; seed <= 13000; seed++) {
		random_world(&w, seed);
		run_with(&before, &w, ask_twin);
		size_t a = below(w.n), b = below(w.n);
		for (size_t i = 0;
		     i < w.n && (a == b || before.group[a] != before.group[b]);
		     i++)
			b = (b + 1) % w.n;
		bool linked = false;
		for (size_t i = 0; i < w.nmust; i++)
			linked |= before.group[w.must[i].a] == before.group[a];
		/* Must-links of the cluster could not be kept, which is refused
		 * when it is said. */
		if (a != b && before.group[a] == before.group[b] && !linked) {
			w.cannot[w.ncannot++] =
			    (struct clusters_link){a, b, 100};
			run_with(&after, &w, ask_twin);
			assert_int_not_equal(after.group[a], after.group[b]);
			for (size_t i = 0; i < w.n; i++) {
				for (size_t k = 0; k < i; k++) {
					bool was =
					    before.group[i] == before.group[k];
					bool is =
					    after.group[i] == after.group[k];
					if (before.group[i] != before.group[a])
						assert_true(was == is);
					assert_true(was || !is);
				}
			}
			clusters_release(&after);
			splits++;
		}
		clusters_release(&before);
		free_world(&w);
	}
	assert_true(splits > 1000);
}

/* Two worlds at once give what each gives alone. */
static void
test_components_alone(void **arg)
{
	struct world w, v, both;
	struct clusters_result one, other, all;

	(void)arg;
	for (unsigned seed = 20001; seed <= 20500; seed++) {
		random_world(&w, seed);
		random_world(&v, seed + 100000);
		v.seed = w.seed;
		v.things = w.things;
		/* The scores were another seed's. */
		for (size_t i = 0; i < v.npairs; i++)
			v.pairs[i].score =
			    of_keys(&v, v.pairs[i].a, v.pairs[i].b);
		for (size_t i = 0; i < v.n; i++)
			v.records[i].rare_count = 0;
		both = w;
		both.n = w.n + v.n;
		both.records = xcalloc(both.n, sizeof(*both.records));
		both.pairs =
		    xcalloc(w.npairs + v.npairs + 1, sizeof(*both.pairs));
		both.must = xcalloc(w.nmust + v.nmust + 1, sizeof(*both.must));
		both.cannot =
		    xcalloc(w.ncannot + v.ncannot + 1, sizeof(*both.cannot));
		for (size_t i = 0; i < both.n; i++)
			both.records[i] =
			    i < w.n ? w.records[i] : v.records[i - w.n];
		for (size_t i = 0; i < w.npairs; i++)
			both.pairs[i] = w.pairs[i];
		for (size_t i = 0; i < v.npairs; i++)
			both.pairs[both.npairs++] =
			    (struct clusters_pair){v.pairs[i].a + w.n,
				v.pairs[i].b + w.n, v.pairs[i].score};
		for (size_t i = 0; i < w.nmust; i++)
			both.must[i] = w.must[i];
		for (size_t i = 0; i < v.nmust; i++)
			both.must[both.nmust++] =
			    (struct clusters_link){v.must[i].a + w.n,
				v.must[i].b + w.n, v.must[i].rank};
		for (size_t i = 0; i < w.ncannot; i++)
			both.cannot[i] = w.cannot[i];
		for (size_t i = 0; i < v.ncannot; i++)
			both.cannot[both.ncannot++] =
			    (struct clusters_link){v.cannot[i].a + w.n,
				v.cannot[i].b + w.n, v.cannot[i].rank};
		run_with(&one, &w, ask_twin);
		run_with(&other, &v, ask_twin);
		run_with(&all, &both, ask_twin);
		assert_int_equal(all.groups, one.groups + other.groups);
		for (size_t i = 0; i < both.n; i++) {
			for (size_t k = 0; k < i; k++) {
				bool is = all.group[i] == all.group[k];
				bool was = i < w.n
					       ? one.group[i] == one.group[k]
					   : k < w.n ? false
						     : other.group[i - w.n] ==
							   other.group[k - w.n];
				assert_true(is == was);
			}
		}
		clusters_release(&one);
		clusters_release(&other);
		clusters_release(&all);
		free_world(&w);
		free_world(&v);
		free_world(&both);
	}
}

/* --- what is hostile: very many records that all look alike --- */
static double
of_near(const struct world *w, size_t i, size_t j)
{
	(void)w;
	(void)i;
	(void)j;
	return 9.5;
}

static void
test_hundred_thousand_alike(void **arg)
{
	enum { ALIKE = 100000, EACH = 10 };
	struct world w = {.n = ALIKE, .score = of_near};
	struct clusters_result out;
	size_t *size, most = 0;

	(void)arg;
	w.records = xcalloc(ALIKE, sizeof(*w.records));
	w.pairs = xcalloc((size_t)ALIKE * EACH, sizeof(*w.pairs));
	state = 1;
	for (size_t i = 0; i < ALIKE; i++) {
		w.records[i] = (struct clusters_record){
		    .key = draw(), .record_id = i, .source_id = 1};
		for (size_t k = 1; k <= EACH; k++) {
			size_t b = (i + k * k * 37) % ALIKE;
			/* A few hundred little things are in it that are
			 * surer. */
			w.pairs[w.npairs++] = (struct clusters_pair){
			    i, b, i % 300 == 0 && k == 1 ? 20 : 9.5};
		}
	}
	run_with(&out, &w, no_twin);
	assert_int_equal(out.cut, ALIKE);
	size = xcalloc(out.groups, sizeof(*size));
	for (size_t i = 0; i < ALIKE; i++) {
		size_t *s = &size[out.group[i]];
		most = ++*s > most ? *s : most;
	}
	assert_int_equal(most, 2);
	assert_int_equal(out.groups, ALIKE - (ALIKE + 299) / 300);
	assert_true(out.scored < 1000);
	for (size_t i = 0; i < out.refused_count; i++)
		assert_int_equal(out.refused[i].reason, CLUSTERS_SIZE);
	free(size);
	clusters_release(&out);
	free_world(&w);
}

/* Piece after piece, without the pairs that are below the floors of their ends,
 * gives what a run over everything does. */
static void
run_piece(struct world *w, const uint32_t *pieces, const double *floors,
    uint32_t piece, size_t *group, size_t *groups)
{
	struct world one = {.score = of_near};
	struct clusters_result out;
	size_t *at = xcalloc(w->n, sizeof(*at)), *back;

	one.records = xcalloc(w->n, sizeof(*one.records));
	one.pairs = xcalloc(w->npairs, sizeof(*one.pairs));
	back = xcalloc(w->n, sizeof(*back));
	for (size_t i = 0; i < w->n; i++) {
		if (pieces[i] != piece)
			continue;
		at[i] = one.n;
		back[one.n] = i;
		one.records[one.n++] = w->records[i];
	}
	for (size_t i = 0; i < w->npairs; i++) {
		const struct clusters_pair *p = &w->pairs[i];

		if (p->score < floors[p->a] || p->score < floors[p->b])
			continue;
		assert_int_equal(pieces[p->a], pieces[p->b]);
		if (pieces[p->a] == piece)
			one.pairs[one.npairs++] = (struct clusters_pair){
			    at[p->a], at[p->b], p->score};
	}
	run_with(&out, &one, no_twin);
	for (size_t i = 0; i < one.n; i++)
		group[back[i]] = *groups + out.group[i];
	*groups += out.groups;
	clusters_release(&out);
	free(at);
	free(back);
	free_world(&one);
}

static void
test_piece_after_piece(void **arg)
{
	enum { LARGE = 3000, EACH = 3 };
	struct world w = {.n = LARGE, .score = of_near};
	struct clusters_result out;
	uint32_t *pieces = xcalloc(LARGE, sizeof(*pieces));
	double *floors = xcalloc(LARGE, sizeof(*floors));
	size_t *group = xcalloc(LARGE, sizeof(*group)), groups = 0, cut;
	size_t *same = xcalloc(LARGE, sizeof(*same));

	(void)arg;
	state = 7;
	w.records = xcalloc(LARGE, sizeof(*w.records));
	w.pairs = xcalloc((size_t)LARGE * EACH, sizeof(*w.pairs));
	for (size_t i = 0; i < LARGE; i++) {
		w.records[i] = (struct clusters_record){.key = draw(),
		    .record_id = i,
		    .source_id = (int32_t)below(5)};
		/* Within the twelve next ones surely, elsewhere less so. */
		for (size_t k = 0; k < EACH; k++) {
			size_t b =
			    k == 0 ? below(LARGE) : i / 12 * 12 + (i + k) % 12;

			if (b < LARGE && b != i)
				w.pairs[w.npairs++] = (struct clusters_pair){
				    i, b, k == 0 ? 8 + (double)below(4) : 14};
		}
	}
	run_with(&out, &w, no_twin);
	cut = clusters_cut(pieces, floors, w.n, w.pairs, w.npairs, NULL, 0);
	assert_int_equal(cut, out.cut);
	assert_true(cut > LARGE / 2);
	for (uint32_t p = 0; p < LARGE; p++) {
		if (pieces[p] == p)
			run_piece(&w, pieces, floors, p, group, &groups);
	}
	assert_int_equal(groups, out.groups);
	assert_true(groups < LARGE);
	for (size_t i = 0; i < LARGE; i++)
		same[out.group[i]] = group[i] + 1;
	for (size_t i = 0; i < LARGE; i++)
		assert_int_equal(same[out.group[i]], group[i] + 1);
	clusters_release(&out);
	free(pieces);
	free(floors);
	free(group);
	free(same);
	free_world(&w);
}

/* Just as many as are judged together: each two are scored once at most. */
static void
test_as_large_as_may_be(void **arg)
{
	struct world w = {.n = LIMIT_CLUSTER_RECORDS, .score = of_near};
	struct clusters_result out;

	(void)arg;
	state = 1;
	w.records = xcalloc(w.n, sizeof(*w.records));
	w.pairs = xcalloc(w.n * w.n / 2, sizeof(*w.pairs));
	for (size_t i = 0; i < w.n; i++) {
		w.records[i] = (struct clusters_record){.key = draw(),
		    .record_id = i,
		    .source_id = (int32_t)(i % 3),
		    .is_curated = i % 3 < 2};
		for (size_t k = 0; k < i; k++)
			w.pairs[w.npairs++] = (struct clusters_pair){i, k, 9};
	}
	run_with(&out, &w, no_twin);
	assert_int_equal(out.cut, 0);
	assert_int_equal(out.scored, 0);
	assert_true(out.groups >= w.n / 3);
	clusters_release(&out);
	w.npairs = w.n - 1;
	for (size_t i = 1; i < w.n; i++)
		w.pairs[i - 1] = (struct clusters_pair){i, i / 2, 9};
	run_with(&out, &w, ask_twin);
	assert_int_equal(out.cut, 0);
	assert_true(out.scored <= w.n * 36);
	clusters_release(&out);
	free_world(&w);
}

/* What scores beyond all rounds, and is too much for all of them. */
static double
of_sure(const struct world *w, size_t i, size_t j)
{
	(void)w;
	(void)i;
	(void)j;
	return 200;
}

static void
test_sure_and_too_many(void **arg)
{
	struct world w = {.n = LIMIT_CLUSTER_RECORDS + 1, .score = of_sure};
	struct clusters_result out;
	struct clusters_link must = {5, 9, 1};

	(void)arg;
	state = 1;
	w.records = xcalloc(w.n, sizeof(*w.records));
	w.pairs = xcalloc(w.n, sizeof(*w.pairs));
	for (size_t i = 0; i < w.n; i++) {
		w.records[i] = (struct clusters_record){
		    .key = draw(), .record_id = i, .source_id = 1};
		if (i > 0)
			w.pairs[w.npairs++] =
			    (struct clusters_pair){i, i - 1, 200};
	}
	w.must = &must;
	w.nmust = 1;
	run_with(&out, &w, no_twin);
	assert_int_equal(out.cut, w.n);
	assert_int_equal(out.groups, w.n - 1);
	assert_int_equal(out.group[5], out.group[9]);
	clusters_release(&out);
	w.must = NULL;
	free_world(&w);
}

/* A curated source with one thing again and again has something else. */
static void
test_too_many_twins(void **arg)
{
	enum { TWINS = LIMIT_CLUSTER_TWINS + 10 };
	struct world w = {.n = TWINS, .score = of_near};
	struct clusters_result out;
	size_t size[TWINS] = {0};

	(void)arg;
	state = 1;
	w.records = xcalloc(w.n, sizeof(*w.records));
	w.pairs = xcalloc(w.n * w.n, sizeof(*w.pairs));
	for (size_t i = 0; i < w.n; i++) {
		w.records[i] = (struct clusters_record){.key = draw(),
		    .record_id = i,
		    .source_id = 1,
		    .is_curated = true};
		for (size_t k = 0; k < i; k++)
			w.pairs[w.npairs++] = (struct clusters_pair){i, k, 9.5};
	}
	run_with(&out, &w, all_twins);
	for (size_t i = 0; i < w.n; i++) {
		size_t *s = &size[out.group[i]];
		assert_true(++*s <= LIMIT_CLUSTER_TWINS + 1);
	}
	assert_true(out.groups > 1);
	clusters_release(&out);
	free_world(&w);
}

static void
test_rare_identifiers_are_bounded(void **arg)
{
	struct profile_id ids[2 * LIMIT_CLUSTER_RARE_IDS];
	struct profile p = {
	    .ids = ids, .id_count = sizeof(ids) / sizeof(ids[0])};
	struct clusters_record r;
	struct arena a;

	(void)arg;
	arena_init(&a, 0);
	for (size_t i = 0; i < p.id_count; i++)
		ids[i] = (struct profile_id){
		    .hash = i, .scheme = ID_DOI, .holders = 2};
	clusters_record_of(&r, &p, 1, &a);
	assert_int_equal(r.rare_count, LIMIT_CLUSTER_RARE_IDS);
	/* What many have, and what names more than one thing, is not rare. */
	for (size_t i = 0; i < p.id_count; i++) {
		ids[i].holders = i == 0 ? 7 : 1;
		ids[i].scheme = i == 0 ? ID_DOI : ID_ISBN;
	}
	clusters_record_of(&r, &p, 1, &a);
	assert_int_equal(r.rare_count, 0);
	arena_release(&a);
}

static void
test_nothing(void **arg)
{
	struct world w = {.score = of_near};
	struct clusters_result out;

	(void)arg;
	run_with(&out, &w, no_twin);
	assert_int_equal(out.groups, 0);
	clusters_release(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_pairs_join),
	    cmocka_unit_test(test_no_closure),
	    cmocka_unit_test(test_curated_holds_one),
	    cmocka_unit_test(test_twins),
	    cmocka_unit_test(test_says_nothing),
	    cmocka_unit_test(test_anchor),
	    cmocka_unit_test(test_strong),
	    cmocka_unit_test(test_families),
	    cmocka_unit_test(test_links),
	    cmocka_unit_test(test_words),
	    cmocka_unit_test(test_any_order),
	    cmocka_unit_test(test_what_holds),
	    cmocka_unit_test(test_cannot_splits_one),
	    cmocka_unit_test(test_components_alone),
	    cmocka_unit_test(test_hundred_thousand_alike),
	    cmocka_unit_test(test_piece_after_piece),
	    cmocka_unit_test(test_as_large_as_may_be),
	    cmocka_unit_test(test_sure_and_too_many),
	    cmocka_unit_test(test_too_many_twins),
	    cmocka_unit_test(test_rare_identifiers_are_bounded),
	    cmocka_unit_test(test_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
