/* resolve: entries.  Cases by hand, and ten thousand random changes of a small
 * registry, against the promise that no id is lost or used twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "resolve/entries.h"

#define NONE ENTRIES_NONE

static uint64_t state;
static uint64_t
draw(void)
{
	uint64_t x = state += 0x9e3779b97f4a7c15u;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}
static size_t
below(size_t n)
{
	return (size_t)(draw() % n);
}

/* --- by hand: records as "entry so far, group now, was active" --- */
struct hand {
	size_t entry, group;
	bool was_active;
};
enum { HAND_MOST = 16 };

/* Entries are the older the less their number. */
static void
assign(struct entries_result *out, const struct hand *hands, size_t n,
    size_t entries, size_t groups)
{
	struct entries_record records[HAND_MOST] = {{0}};
	struct entries_entry before[HAND_MOST] = {{{0}, 0, ENTRY_LIVE}};
	const struct entries_input in = {.records = records,
	    .record_count = n,
	    .entries = before,
	    .entry_count = entries,
	    .group_count = groups};

	for (size_t i = 0; i < n; i++)
		records[i] = (struct entries_record){.record_id = i,
		    .key = i,
		    .entry = hands[i].entry,
		    .group = hands[i].group,
		    .was_active = hands[i].was_active};
	for (size_t i = 0; i < entries; i++) {
		before[i].id[0] = (uint8_t)i;
		before[i].made_at = (int64_t)i;
		before[i].state = ENTRY_GONE;
		for (size_t k = 0; k < n; k++) {
			if (hands[k].entry == i && hands[k].was_active)
				before[i].state = ENTRY_LIVE;
		}
	}
	entries_assign(out, &in);
}

static bool
forwards(const struct entries_result *r, size_t from, size_t to, bool is_merge)
{
	for (size_t i = 0; i < r->forward_count; i++) {
		const struct entries_forward *f = &r->forwards[i];
		if (f->from == from && f->to == to && f->is_merge == is_merge)
			return true;
	}
	return false;
}

static void
test_new(void **arg)
{
	const struct hand hands[] = {
	    {NONE, 0, false}, {NONE, 1, false}, {NONE, 0, false}};
	struct entries_result r;

	(void)arg;
	assign(&r, hands, 3, 0, 2);
	assert_int_equal(r.made, 2);
	assert_int_equal(r.record_entry[0], 0);
	assert_int_equal(r.record_entry[1], 1);
	assert_int_equal(r.record_entry[2], 0);
	assert_int_equal(r.active[0], 2);
	assert_int_equal(r.forward_count, 0);
	entries_release(&r);
}

static void
test_majority_keeps(void **arg)
{
	const struct hand hands[] = {
	    {0, 0, true}, {1, 0, true}, {1, 0, true}, {2, 1, true}};
	struct entries_result r;

	(void)arg;
	assign(&r, hands, 4, 3, 2);
	assert_int_equal(r.made, 0);
	assert_int_equal(r.group_entry[0], 1);
	assert_int_equal(r.state[0], ENTRY_MERGED);
	assert_int_equal(r.state[1], ENTRY_LIVE);
	assert_int_equal(r.forward_count, 1);
	assert_true(forwards(&r, 0, 1, true));
	entries_release(&r);
}

static void
test_oldest_keeps(void **arg)
{
	const struct hand hands[] = {{1, 0, true}, {0, 0, true}};
	struct entries_result r;

	(void)arg;
	assign(&r, hands, 2, 2, 1);
	assert_int_equal(r.group_entry[0], 0);
	assert_int_equal(r.state[1], ENTRY_MERGED);
	entries_release(&r);
}

static void
test_split(void **arg)
{
	const struct hand hands[] = {
	    {0, 1, true}, {0, 0, true}, {0, 0, true}, {0, NONE, true}};
	struct entries_result r;

	(void)arg;
	assign(&r, hands, 4, 1, 2);
	assert_int_equal(r.made, 1);
	assert_int_equal(r.group_entry[0], 0);
	assert_int_equal(r.group_entry[1], 1);
	assert_true(forwards(&r, 0, 1, false));
	assert_int_equal(r.state[0], ENTRY_LIVE);
	assert_int_equal(r.record_entry[3], 0); /* the deleted one stays */
	assert_int_equal(r.active[0], 2);
	entries_release(&r);
}

/* All of an entry goes to others that are kept. */
static void
test_split_among_others(void **arg)
{
	const struct hand hands[] = {{1, 0, true}, {1, 0, true}, {0, 0, true},
	    {0, 1, true}, {2, 1, true}, {2, 1, true}, {0, NONE, false}};
	struct entries_result r;

	(void)arg;
	assign(&r, hands, 7, 3, 2);
	assert_int_equal(r.made, 0);
	assert_int_equal(r.state[0], ENTRY_SPLIT);
	assert_int_equal(r.forward_count, 2);
	assert_true(forwards(&r, 0, 1, false));
	assert_true(forwards(&r, 0, 2, false));
	assert_int_equal(r.record_entry[6], 1); /* follows */
	entries_release(&r);
}

static void
test_gone_and_back(void **arg)
{
	struct hand hands[] = {{0, NONE, true}, {0, NONE, true}};
	struct entries_result r;

	(void)arg;
	assign(&r, hands, 2, 1, 0);
	assert_int_equal(r.state[0], ENTRY_GONE);
	assert_int_equal(r.record_entry[0], 0);
	assert_int_equal(r.forward_count, 0);
	entries_release(&r);
	hands[0] = (struct hand){0, 0, false};
	hands[1] = (struct hand){0, NONE, false};
	assign(&r, hands, 2, 1, 1);
	assert_int_equal(r.made, 0);
	assert_int_equal(r.state[0], ENTRY_LIVE);
	assert_int_equal(r.active[0], 1);
	entries_release(&r);
}

/* What comes back does not outvote what stayed. */
static void
test_back_elsewhere(void **arg)
{
	const struct hand hands[] = {{0, 0, false}, {0, 0, false}, {1, 0, true},
	    {2, 1, true}, {3, 2, false}, {3, 2, true}};
	struct entries_result r;

	(void)arg;
	assign(&r, hands, 6, 4, 3);
	assert_int_equal(r.group_entry[0], 1);
	assert_int_equal(r.group_entry[2], 3);
	assert_int_equal(r.state[0], ENTRY_MERGED);
	assert_true(forwards(&r, 0, 1, true));
	entries_release(&r);
}

/* --- a registry that changes, and what is known of it --- */
enum { RECORDS = 60, STEPS = 10000, IDS = 40000 };

struct registry {
	size_t record_entry[RECORDS]; /* number of an id, or NONE */
	bool was_active[RECORDS];
	size_t cluster[RECORDS]; /* what matching says; NONE: not there */
	uint64_t key[RECORDS];
	struct entries_entry ids[IDS];
	size_t id_count;
	struct entries_forward *forwards;
	size_t *next_forward; /* of the same id; NONE: the last */
	size_t forward_count, forward_cap, next_cap;
	size_t first_forward[IDS];
};

/* Everything that has to be looked at together with the marked records. */
static void
close_over(const struct registry *g, bool *in)
{
	bool more = true;

	while (more) {
		more = false;
		for (size_t i = 0; i < RECORDS; i++) {
			for (size_t k = 0; k < RECORDS && !in[i]; k++) {
				bool same =
				    (g->cluster[i] != NONE &&
					g->cluster[i] == g->cluster[k]) ||
				    (g->record_entry[i] != NONE &&
					g->record_entry[i] ==
					    g->record_entry[k]);
				if (in[k] && same)
					in[i] = more = true;
			}
		}
	}
}

static void
add_forward(struct registry *g, size_t from, size_t to, bool is_merge)
{
	size_t *at = &g->first_forward[from];

	for (; *at != NONE; at = &g->next_forward[*at]) {
		struct entries_forward *f = &g->forwards[*at];
		if (f->to == to) {
			f->is_merge = is_merge;
			return;
		}
	}
	*at = g->forward_count;
	GROW(g->forwards, g->forward_cap, g->forward_count + 1);
	GROW(g->next_forward, g->next_cap, g->forward_count + 1);
	g->next_forward[g->forward_count] = NONE;
	g->forwards[g->forward_count++] =
	    (struct entries_forward){from, to, is_merge};
}

/* What the role does with an answer. */
static void
resolve(struct registry *g, const bool *in, int64_t now)
{
	struct entries_record records[RECORDS];
	struct entries_entry entries[RECORDS];
	size_t who[RECORDS], ids[2 * RECORDS], groups[RECORDS];
	size_t n = 0, ne = 0, ng = 0;
	struct entries_result r;

	for (size_t i = 0; i < RECORDS; i++) {
		size_t e = NONE, c = NONE;
		if (!in[i])
			continue;
		for (size_t k = 0; k < ne && e == NONE; k++)
			e = ids[k] == g->record_entry[i] ? k : NONE;
		if (e == NONE && g->record_entry[i] != NONE) {
			e = ne;
			ids[ne] = g->record_entry[i];
			entries[ne++] = g->ids[g->record_entry[i]];
		}
		for (size_t k = 0; k < ng && c == NONE; k++)
			c = groups[k] == g->cluster[i] ? k : NONE;
		if (c == NONE && g->cluster[i] != NONE) {
			c = ng;
			groups[ng++] = g->cluster[i];
		}
		who[n] = i;
		records[n++] = (struct entries_record){.record_id = i,
		    .key = g->key[i],
		    .entry = e,
		    .group = c,
		    .was_active = g->was_active[i]};
	}
	entries_assign(&r, &(const struct entries_input){.records = records,
			       .record_count = n,
			       .entries = entries,
			       .entry_count = ne,
			       .group_count = ng});
	for (size_t i = 0; i < r.made; i++) {
		uint64_t x = draw(), y = draw();
		ids[ne + i] = g->id_count;
		assert_true(g->id_count < IDS);
		memcpy(g->ids[g->id_count].id, &x, 8);
		memcpy(g->ids[g->id_count].id + 8, &y, 8);
		g->ids[g->id_count++].made_at = now;
	}
	for (size_t i = 0; i < ne + r.made; i++) {
		struct entries_entry *e = &g->ids[ids[i]];
		/* What is final stays so, whatever comes. */
		if (i < ne &&
		    (e->state == ENTRY_MERGED || e->state == ENTRY_SPLIT))
			assert_int_equal(e->state, r.state[i]);
		e->state = r.state[i];
		assert_true((r.active[i] > 0) == (e->state == ENTRY_LIVE));
	}
	for (size_t i = 0; i < r.forward_count; i++)
		add_forward(g, ids[r.forwards[i].from], ids[r.forwards[i].to],
		    r.forwards[i].is_merge);
	for (size_t i = 0; i < n; i++) {
		g->record_entry[who[i]] =
		    r.record_entry[i] == NONE ? NONE : ids[r.record_entry[i]];
		g->was_active[who[i]] = g->cluster[who[i]] != NONE;
	}
	entries_release(&r);
}

/* A random change of what is there and of what is one with what. */
static void
change(struct registry *g, bool *in)
{
	size_t a = below(RECORDS), b = below(RECORDS), from;

	in[a] = true;
	switch (below(7)) {
	case 0: /* deleted */
		g->cluster[a] = NONE;
		return;
	case 1: /* new, or back, or another thing than before */
		g->cluster[a] = a;
		for (size_t i = 0; i < RECORDS; i++) {
			if (i != a && g->cluster[i] == a)
				g->cluster[a] = RECORDS + a;
		}
		return;
	case 2: /* joins another */
		if (g->cluster[b] != NONE)
			g->cluster[a] = g->cluster[b];
		return;
	case 3: /* two clusters become one */
		from = g->cluster[a];
		if (from == NONE || g->cluster[b] == NONE)
			return;
		for (size_t i = 0; i < RECORDS; i++) {
			if (g->cluster[i] == from)
				g->cluster[i] = g->cluster[b];
		}
		in[b] = true;
		return;
	case 4: /* each of a cluster goes to another one */
		from = g->cluster[a];
		for (size_t i = 0; i < RECORDS && from != NONE; i++) {
			b = below(RECORDS);
			if (g->cluster[i] != from || g->cluster[b] == NONE)
				continue;
			g->cluster[i] = g->cluster[b];
			in[i] = true;
		}
		return;
	default: /* a cluster falls apart in two */
		from = g->cluster[a];
		if (from == NONE)
			return;
		for (size_t i = 0; i < RECORDS; i++) {
			if (g->cluster[i] == from) {
				in[i] = true;
				if (below(2) == 0)
					g->cluster[i] = from + 2 * RECORDS;
			}
		}
	}
}

/* Clusters are named by the first of their records. */
static void
rename_clusters(struct registry *g)
{
	size_t named[RECORDS];

	for (size_t i = 0; i < RECORDS; i++) {
		named[i] = g->cluster[i] == NONE ? NONE : i;
		for (size_t k = 0; k < i && named[i] == i; k++) {
			if (g->cluster[k] == g->cluster[i])
				named[i] = named[k];
		}
	}
	memcpy(g->cluster, named, sizeof(named));
}

/* Follows an id as registry.resolve does; how many ends it has. */
static size_t
ends_of(const struct registry *g, size_t id, size_t *live)
{
	static bool seen[IDS];
	static size_t way[IDS];
	size_t n = 0, ends = 0;

	memset(seen, 0, g->id_count * sizeof(*seen));
	seen[id] = true;
	way[n++] = id;
	*live = 0;
	for (size_t at = 0; at < n; at++) {
		enum entry_state s = g->ids[way[at]].state;
		if (s == ENTRY_LIVE || s == ENTRY_GONE) {
			ends++;
			*live += s == ENTRY_LIVE;
			continue;
		}
		for (size_t i = g->first_forward[way[at]]; i != NONE;
		     i = g->next_forward[i]) {
			size_t to = g->forwards[i].to;
			if (!seen[to])
				way[n++] = to;
			seen[to] = true;
		}
	}
	return ends;
}

static void
check_now(const struct registry *g)
{
	for (size_t i = 0; i < RECORDS; i++) {
		size_t e = g->record_entry[i];
		assert_true(g->cluster[i] == NONE || e != NONE);
		if (e == NONE)
			continue;
		if (g->cluster[i] != NONE)
			assert_int_equal(g->ids[e].state, ENTRY_LIVE);
		else
			assert_true(g->ids[e].state == ENTRY_LIVE ||
				    g->ids[e].state == ENTRY_GONE);
		for (size_t k = 0; k < i; k++) {
			if (g->cluster[i] != NONE && g->cluster[k] != NONE)
				assert_true((g->record_entry[k] == e) ==
					    (g->cluster[k] == g->cluster[i]));
		}
	}
}

static void
test_ids_never_die(void **arg)
{
	struct registry *g = xcalloc(1, sizeof(*g));
	size_t live, merged = 0, split = 0, gone = 0;

	(void)arg;
	state = 20261130;
	for (size_t i = 0; i < IDS; i++)
		g->first_forward[i] = NONE;
	for (size_t i = 0; i < RECORDS; i++) {
		g->record_entry[i] = NONE;
		g->cluster[i] = NONE;
		g->key[i] = draw();
	}
	for (int step = 0; step < STEPS; step++) {
		bool in[RECORDS] = {false};
		size_t entry[RECORDS], known = g->id_count;
		bool active[RECORDS];
		memcpy(entry, g->record_entry, sizeof(entry));
		memcpy(active, g->was_active, sizeof(active));
		/* Several at once, as a batch brings them. */
		for (size_t n = 1 + below(4); n > 0; n--) {
			change(g, in);
			rename_clusters(g);
		}
		close_over(g, in);
		resolve(g, in, step);
		check_now(g);
		for (size_t i = 0; i < RECORDS; i++) {
			size_t is = g->record_entry[i];
			/* Nobody gets an id that was somebody else's: either
			 * it is new, or one of those in its cluster had it. */
			bool had = is == NONE || is >= known;
			for (size_t k = 0; k < RECORDS && !had; k++)
				had = entry[k] == is;
			assert_true(had);
			/* What is gone alone comes back as itself. */
			if (entry[i] != NONE && !active[i] &&
			    g->was_active[i] &&
			    g->ids[entry[i]].state == ENTRY_LIVE) {
				bool alone = true;
				for (size_t k = 0; k < RECORDS; k++)
					alone &=
					    k == i ||
					    (g->cluster[k] != g->cluster[i] &&
						entry[k] != entry[i]);
				if (alone)
					assert_int_equal(is, entry[i]);
			}
		}
		/* Every id that was ever given out. */
		for (size_t i = 0; i < g->id_count && step % 500 == 0; i++)
			assert_true(ends_of(g, i, &live) > 0);
	}
	for (size_t i = 0; i < g->id_count; i++) {
		size_t ends = ends_of(g, i, &live);
		assert_true(ends > 0);
		if (g->ids[i].state == ENTRY_LIVE)
			assert_true(ends == 1 && live == 1);
		merged += g->ids[i].state == ENTRY_MERGED;
		split += g->ids[i].state == ENTRY_SPLIT;
		gone += g->ids[i].state == ENTRY_GONE;
	}
	assert_true(merged > 500);
	assert_true(split > 20);
	assert_true(gone > 5);
	free(g->forwards);
	free(g->next_forward);
	free(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_new),
	    cmocka_unit_test(test_majority_keeps),
	    cmocka_unit_test(test_oldest_keeps),
	    cmocka_unit_test(test_split),
	    cmocka_unit_test(test_split_among_others),
	    cmocka_unit_test(test_gone_and_back),
	    cmocka_unit_test(test_back_elsewhere),
	    cmocka_unit_test(test_ids_never_die),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
