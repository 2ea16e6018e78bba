/*
 * What the matches of a sample tell: which venues are one, and which sources
 * hold each thing once.
 *
 * Both go by the best match that a record has in another source.  Venues of
 * records that are each other's best, and far above the threshold, are the
 * same far more or far less often than chance would have it.  And in a source
 * that is curated one record answers to one elsewhere, not several about as
 * good (../shared/MATCHING.md, "What mattered").
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "resolve/learn_priv.h"
#include "resolve/parameters.h"
#include "resolve/profile_build.h"

void
learn_matches_init(struct learn_matches *m)
{
	*m = (struct learn_matches){.count = 0};
	arena_init(&m->arena, 0);
	counts_init(&m->venue_index, SIZE_MAX);
	GROW(m->venues, m->venue_cap, 1);
	m->venues[m->venue_count++] = NULL;
}

void
learn_matches_release(struct learn_matches *m)
{
	free(m->items);
	free(m->venues);
	arena_release(&m->arena);
	counts_release(&m->venue_index);
	*m = (struct learn_matches){0};
}

uint32_t
learn_venue(struct learn_matches *m, const struct profile *p)
{
	uint32_t index;
	char text[LIMIT_MATCH_VENUE_BYTES + 1];

	if (p->venue_hash == 0)
		return 0;
	index = counts_get(&m->venue_index, p->venue_hash);
	if (index > 0)
		return index;
	index = (uint32_t)m->venue_count;
	profile_venue_plain(text, p->venue);
	GROW(m->venues, m->venue_cap, m->venue_count + 1);
	m->venues[m->venue_count++] = arena_strdup(&m->arena, text);
	counts_add(&m->venue_index, p->venue_hash, index);
	return index;
}

static int
compare_matches(const void *a, const void *b)
{
	const struct learn_match *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	if (x->other_source != y->other_source)
		return x->other_source < y->other_source ? -1 : 1;
	if (x->hundredths != y->hundredths)
		return x->hundredths > y->hundredths ? -1 : 1;
	return (x->other_key > y->other_key) - (x->other_key < y->other_key);
}

static void
sort_matches(struct learn_matches *m)
{
	size_t n = 0;

	if (m->count > 0)
		qsort(m->items, m->count, sizeof(*m->items), compare_matches);
	for (size_t i = 0; i < m->count; i++)
		if (n == 0 || m->items[n - 1].key != m->items[i].key ||
		    m->items[n - 1].other_key != m->items[i].other_key)
			m->items[n++] = m->items[i];
	m->count = n;
}

static bool
is_in(const struct learn_matches *m, uint64_t key)
{
	return key <= UINT64_MAX >> m->halved;
}

/* There are too many when those that are different are too many: so it makes no
 * difference which came first, or how often. */
void
learn_match_settle(struct learn_matches *m)
{
	sort_matches(m);
	while (m->count > LIMIT_LEARN_MATCHES) {
		size_t n = 0;

		m->halved++;
		for (size_t i = 0; i < m->count; i++)
			if (is_in(m, m->items[i].key))
				m->items[n++] = m->items[i];
		m->count = n;
	}
}

void
learn_match_add(struct learn_matches *m, const struct learn_match *match)
{
	if (!is_in(m, match->key))
		return;
	GROW(m->items, m->cap, m->count + 1);
	m->items[m->count++] = *match;
	if (m->count >= LIMIT_LEARN_MATCHES + LIMIT_LEARN_MATCHES / 2)
		learn_match_settle(m);
}

/* The end of the run of matches of one record in one source. */
static size_t
run_end(const struct learn_matches *m, size_t i)
{
	size_t k = i + 1;

	while (k < m->count && m->items[k].key == m->items[i].key &&
	       m->items[k].other_source == m->items[i].other_source)
		k++;
	return k;
}

/* --- curated sources --- */

void
learn_curated(
    struct model *out, const struct learn_matches *m, struct learn_sides *sides)
{
	uint64_t *seen = xcalloc(sides->count + 1, sizeof(*seen)),
		 *matches = xcalloc(sides->count + 1, sizeof(*matches));
	const int within = (int)lround(PARAMETER.curated_within * 100);

	for (size_t i = 0, end; i < m->count; i = end) {
		const struct learn_match *best = &m->items[i];
		struct learn_side *side;
		size_t at;

		end = run_end(m, i);
		if (best->source == best->other_source)
			continue;
		side = learn_side(sides, best->other_source);
		at = (size_t)(side - sides->sides);
		seen[at]++;
		for (size_t k = i; k < end; k++)
			matches[at] +=
			    m->items[k].hundredths >= best->hundredths - within;
	}
	for (size_t i = 0; i < sides->count; i++) {
		struct model_source s = {.source_id = sides->sides[i].source_id,
		    .seen = (uint32_t)seen[i],
		    .mean = NAN};

		if (sides->sides[i].records == 0)
			continue;
		if (seen[i] >= PARAMETER.curated_seen) {
			s.mean = round(1000.0 * (double)matches[i] /
				       (double)seen[i]) /
				 1000;
			s.curated = s.mean < PARAMETER.curated_most;
		}
		model_load_source(out, &s, NULL);
	}
	free(seen);
	free(matches);
}

/* --- venues --- */

struct venue_pair {
	uint32_t a, b; /* a <= b by text */
};

struct venues {
	struct venue_pair *pairs;
	size_t count, cap;
	uint32_t *times; /* of each venue */
	const char *const *texts;
};

/* The record's best match in the other source, where that one's best in the
 * record's source is the record. */
static bool
is_mutual(const struct learn_matches *m, const struct learn_match *best)
{
	struct learn_match want = {.key = best->other_key,
	    .other_source = best->source,
	    .hundredths = INT32_MAX};
	size_t low = 0, high = m->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (compare_matches(&m->items[middle], &want) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < m->count && m->items[low].key == best->other_key &&
	       m->items[low].other_source == best->source &&
	       m->items[low].other_key == best->key;
}

static void
take_pairs(struct venues *v, const struct learn_matches *m)
{
	const int least =
	    (int)lround((PARAMETER.merge + PARAMETER.alias_above) * 100);

	for (size_t i = 0, end; i < m->count; i = end) {
		const struct learn_match *best = &m->items[i];
		uint32_t a = best->venue, b = best->other_venue;

		end = run_end(m, i);
		if (best->source == best->other_source || a == 0 || b == 0 ||
		    best->hundredths < least || best->key > best->other_key ||
		    !is_mutual(m, best))
			continue;
		GROW(v->pairs, v->cap, v->count + 1);
		v->pairs[v->count++] = strcmp(v->texts[a], v->texts[b]) <= 0
					   ? (struct venue_pair){a, b}
					   : (struct venue_pair){b, a};
		v->times[a]++;
		v->times[b]++;
	}
}

static int
compare_venues(const void *a, const void *b, void *texts)
{
	const char *const *t = texts;

	return strcmp(t[*(const uint32_t *)a], t[*(const uint32_t *)b]);
}

static uint64_t
pair_key(uint32_t a, uint32_t b)
{
	return profile_hash_both(HASH_VENUE, a, b);
}

static double
clamp(double x, double least, double most)
{
	return fmax(least, fmin(most, x));
}

/* What two venues weigh that were together n times; NAN: nothing to say. */
static double
weigh(const struct venues *v, uint32_t a, uint32_t b, double n)
{
	const double most = PARAMETER.venue_alias_most;
	double of_a = v->times[a], of_b = v->times[b], total = (double)v->count,
	       expected = of_a * of_b / (2 * total);

	if (a == b)
		return n > 0 ? clamp(log2((n + 1) /
					  (of_a * of_a / (4 * total) + 1)),
				   0.5, most)
			     : 1;
	if (expected < PARAMETER.alias_expected)
		return NAN;
	return clamp(log2((n + 0.3) / (expected + 0.3)), -most, most);
}

static void
weigh_all(struct model *out, const struct venues *v, const uint32_t *large,
    size_t count)
{
	struct counts together;

	counts_init(&together, SIZE_MAX);
	for (size_t i = 0; i < v->count; i++)
		counts_add(
		    &together, pair_key(v->pairs[i].a, v->pairs[i].b), 1);
	for (size_t i = 0; i < count; i++)
		for (size_t k = i; k < count; k++) {
			double w = weigh(v, large[i], large[k],
			    counts_get(
				&together, pair_key(large[i], large[k])));

			if (!isnan(w) && out->alias_count < LIMIT_MODEL_ALIASES)
				model_add_alias(out,
				    &(struct model_alias){v->texts[large[i]],
					v->texts[large[k]], w, "venue"});
		}
	counts_release(&together);
}

void
learn_aliases(struct model *out, const struct learn_matches *m)
{
	struct venues v = {.texts = m->venues};
	uint32_t *large = xcalloc(m->venue_count + 1, sizeof(*large));
	size_t count = 0;

	v.times = xcalloc(m->venue_count + 1, sizeof(*v.times));
	take_pairs(&v, m);
	if (v.count >= PARAMETER.alias_pairs) {
		for (size_t i = 1; i < m->venue_count; i++)
			if (v.times[i] >= PARAMETER.alias_times &&
			    strlen(m->venues[i]) <= LIMIT_MODEL_NAME)
				large[count++] = (uint32_t)i;
		qsort_r(
		    large, count, sizeof(*large), compare_venues, m->venues);
		weigh_all(out, &v, large, count);
	}
	free(large);
	free(v.times);
	free(v.pairs);
}
