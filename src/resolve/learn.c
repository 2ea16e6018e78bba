/* The learner: which pass it is in, and what that does with a record. */
#include "resolve/learn.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "resolve/learn_priv.h"
#include "resolve/parameters.h"

enum step {
	STEP_SKETCH, /* of words, names, …; how many records of each source */
	STEP_COUNT, /* these exactly; which are in the sample */
	STEP_CHAIN_SKETCH,
	STEP_CHAIN_COUNT,
	STEP_SAMPLE, /* the pairs of the sample */
	STEP_PARTNERS, /* those of the records that it matched */
	STEP_DONE
};

enum { RAISES = 6 }; /* an identifier's floor is above 255 then */

struct learn {
	enum step step;
	struct model *model;
	struct sketch sketch;
	uint64_t records; /* of this pass */
	size_t most; /* counts that the model may have */
	unsigned raise; /* how often floors were doubled */
	unsigned raised; /* those of words, names, … */
	bool is_full; /* the counts of this pass found no room */
	struct counts chains; /* while they are counted */
	uint64_t range, ranges; /* which chains this pass looks at */
	struct learn_sides sides;
	int64_t *sample; /* record numbers wanted now, rising */
	size_t sample_count;
	int64_t *first_sample; /* while the partners are wanted */
	size_t first_count;
	struct learn_matches matches;
};

struct learn *
learn_new(uint64_t records)
{
	struct learn *l = xcalloc(1, sizeof(*l));

	(void)records;
	l->model = model_new();
	l->ranges = 1;
	l->most = LIMIT_MODEL_COUNTS;
	sketch_clear(&l->sketch);
	learn_matches_init(&l->matches);
	return l;
}

void
learn_free(struct learn *l)
{
	if (!l)
		return;
	model_free(l->model);
	sketch_release(&l->sketch);
	counts_release(&l->chains);
	learn_sides_release(&l->sides);
	learn_matches_release(&l->matches);
	free(l->sample);
	free(l->first_sample);
	free(l);
}

void
learn_limit(struct learn *l, size_t most)
{
	l->most = l->model->counts.most = most;
}

void
learn_source(struct learn *l, int32_t source_id, const char *name)
{
	learn_side(&l->sides, source_id)->name_hash =
	    profile_hash(HASH_RECORD, name, strlen(name));
}

enum learn_want
learn_wants(const struct learn *l)
{
	return l->step == STEP_DONE	? LEARN_DONE
	       : l->step >= STEP_SAMPLE ? LEARN_PAIRS
					: LEARN_PROFILES;
}

const struct model *
learn_model(const struct learn *l)
{
	return l->model;
}

const int64_t *
learn_sample(const struct learn *l, size_t *count)
{
	*count = l->sample_count;
	return l->sample;
}

struct model *
learn_take(struct learn *l)
{
	struct model *m = l->model;

	l->model = NULL;
	return m;
}

/* --- passes over the records --- */

static bool
is_in_range(const struct learn *l, uint64_t hash)
{
	return hash % l->ranges == l->range;
}

static void
prefetch_keys(const struct learn *l, const struct learn_keys *keys)
{
	for (size_t i = 0; i < keys->count; i++)
		if (is_in_range(l, keys->keys[i].hash))
			sketch_prefetch(&l->sketch, keys->keys[i].hash);
}

static void
sketch_keys(struct learn *l, const struct learn_keys *keys)
{
	prefetch_keys(l, keys);
	for (size_t i = 0; i < keys->count; i++)
		if (is_in_range(l, keys->keys[i].hash))
			sketch_add(&l->sketch, keys->keys[i].hash);
}

/* The time that makes it boilerplate comes once, in whatever order. */
static int
repeat_title(struct counts *counts, const struct learn_key *k)
{
	uint32_t times = (uint32_t)PARAMETER.boilerplate_times;

	if (k->title == 0 || counts_get(counts, k->hash) != times)
		return 0;
	return counts_add(counts, profile_repeated(k->title), times);
}

static void
count_keys(
    struct learn *l, struct counts *counts, const struct learn_keys *keys)
{
	prefetch_keys(l, keys);
	for (size_t i = 0; i < keys->count && !l->is_full; i++) {
		const struct learn_key *k = &keys->keys[i];
		/* the sketch does not count any further */
		uint32_t floor = k->floor > UINT8_MAX ? UINT8_MAX : k->floor;

		if (is_in_range(l, k->hash) &&
		    sketch_most(&l->sketch, k->hash) >= floor)
			l->is_full = counts_add(counts, k->hash, 1) < 0 ||
				     repeat_title(counts, k) < 0;
	}
}

void
learn_profile(struct learn *l, struct profile *p)
{
	struct learn_keys keys;

	l->records++;
	switch (l->step) {
	case STEP_SKETCH:
		learn_side(&l->sides, p->source_id)->records++;
		learn_singles(&keys, p, 0, 0);
		sketch_keys(l, &keys);
		break;
	case STEP_COUNT:
		if (l->raise == 0)
			learn_pick(&l->sides, p);
		learn_singles(&keys, p, l->model->records, l->raise);
		count_keys(l, &l->model->counts, &keys);
		break;
	case STEP_CHAIN_SKETCH:
		profile_prepare(p, l->model);
		learn_chains(&keys, p, l->model, 0);
		sketch_keys(l, &keys);
		break;
	case STEP_CHAIN_COUNT:
		profile_prepare(p, l->model);
		learn_chains(&keys, p, l->model, l->raise);
		count_keys(l, &l->chains, &keys);
		break;
	default:
		break;
	}
}

static int
by_number(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void
sample_begin(struct learn *l)
{
	size_t n = 0;

	sketch_release(&l->sketch);
	for (size_t i = 0; i < l->sides.count; i++)
		n += l->sides.sides[i].count;
	l->sample = xcalloc(n + 1, sizeof(*l->sample));
	for (size_t i = 0; i < l->sides.count; i++)
		for (size_t k = 0; k < l->sides.sides[i].count; k++)
			l->sample[l->sample_count++] =
			    l->sides.sides[i].picked[k].record_id;
	qsort(l->sample, n, sizeof(*l->sample), by_number);
}

static void
sketch_pass(struct learn *l)
{
	if (l->step == STEP_SKETCH) {
		l->model->records = l->records;
		l->ranges = 1;
		learn_quotas(&l->sides, LIMIT_LEARN_SAMPLE);
	}
	l->step++;
}

static bool
is_in_sample(const int64_t *sample, size_t count, int64_t record_id)
{
	return count > 0 && bsearch(&record_id, sample, count, sizeof(*sample),
				by_number) != NULL;
}

/* --- passes over pairs --- */

static void
take_match(struct learn *l, const struct profile *of,
    const struct profile *other, int32_t hundredths)
{
	struct learn_match m = {.key = learn_record_key(&l->sides, of),
	    .other_key = learn_record_key(&l->sides, other),
	    .other_id = other->record_id,
	    .source = of->source_id,
	    .other_source = other->source_id,
	    .hundredths = hundredths,
	    .venue = learn_venue(&l->matches, of),
	    .other_venue = learn_venue(&l->matches, other)};

	learn_match_add(&l->matches, &m);
}

void
learn_pair(struct learn *l, const struct profile *a, const struct profile *b,
    double score)
{
	if (score < PARAMETER.merge || a->source_id == b->source_id)
		return;
	if (is_in_sample(l->sample, l->sample_count, a->record_id))
		take_match(l, a, b, (int32_t)lround(score * 100));
	if (is_in_sample(l->sample, l->sample_count, b->record_id))
		take_match(l, b, a, (int32_t)lround(score * 100));
}

static int
by_key(const void *a, const void *b)
{
	const struct learn_picked *x = a, *y = b;

	return (x->key > y->key) - (x->key < y->key);
}

/* What the sample matched and is not in it: their matches say how many records
 * of the sample's sources answer to one elsewhere. */
static void
partners_begin(struct learn *l)
{
	struct learn_picked *others =
	    xcalloc(l->matches.count + 1, sizeof(*others));
	size_t n = 0, kept = 0;

	learn_match_settle(&l->matches);
	for (size_t i = 0; i < l->matches.count; i++) {
		const struct learn_match *m = &l->matches.items[i];

		if (!is_in_sample(l->sample, l->sample_count, m->other_id))
			others[n++] =
			    (struct learn_picked){m->other_key, m->other_id};
	}
	qsort(others, n, sizeof(*others), by_key);
	l->first_sample = l->sample;
	l->first_count = l->sample_count;
	l->sample = xcalloc(n + 1, sizeof(*l->sample));
	l->sample_count = 0;
	for (size_t i = 0; i < n && kept < LIMIT_LEARN_SAMPLE; i++)
		if (i == 0 || others[i].key != others[i - 1].key)
			l->sample[kept++] = others[i].record_id;
	l->sample_count = kept;
	qsort(l->sample, kept, sizeof(*l->sample), by_number);
	free(others);
}

static void
finish(struct learn *l)
{
	learn_match_settle(&l->matches);
	learn_aliases(l->model, &l->matches);
	learn_curated(l->model, &l->matches, &l->sides);
	/* cannot fail: nothing was loaded, and aliases are of different names
	 */
	BUG_ON(model_ready(l->model, NULL) < 0);
	l->step = STEP_DONE;
}

static void
chains_begin(struct learn *l)
{
	size_t used = l->model->counts.used;

	counts_release(&l->chains);
	counts_init(&l->chains, l->most > used ? l->most - used : 0);
	l->is_full = false;
	l->range = 0;
	l->ranges = 1 + l->model->records / LIMIT_LEARN_RANGE;
	sketch_clear(&l->sketch);
	l->step = STEP_CHAIN_SKETCH;
}

/* Where there was no room, once more with floors twice as high, as far as the
 * sketch counts: LIMIT_MODEL_COUNTS such keys are twenty million records. */
static bool
more_room(struct learn *l)
{
	if (!l->is_full || l->raise == RAISES)
		return false;
	l->is_full = false;
	l->raise++;
	return true;
}

static void
count_pass(struct learn *l)
{
	if (more_room(l)) {
		counts_drop(&l->model->counts, UINT32_MAX);
		return;
	}
	l->is_full = false;
	counts_drop(&l->model->counts, 2);
	counts_add(&l->model->counts, profile_repeated(0), 2);
	l->raised = l->raise;
	l->raise = 0;
	chains_begin(l);
}

static void
chains_end(struct learn *l)
{
	for (size_t i = 0; i < l->chains.size; i++)
		if (l->chains.slots[i].key != 0)
			counts_add(&l->model->counts, l->chains.slots[i].key,
			    l->chains.slots[i].count);
	counts_release(&l->chains);
	l->model->expected = l->model->counts.used;
	l->model->has_part = true;
	l->model->floor = learn_floor(l->raised, l->raise);
	sample_begin(l);
	l->step = STEP_SAMPLE;
}

static void
chain_pass(struct learn *l)
{
	if (more_room(l)) {
		chains_begin(l);
		return;
	}
	/* what the sketch let by */
	counts_drop(&l->chains, learn_chain_floor(l->raise));
	if (++l->range == l->ranges) {
		chains_end(l);
		return;
	}
	sketch_clear(&l->sketch);
	l->step = STEP_CHAIN_SKETCH;
}

void
learn_pass(struct learn *l)
{
	switch (l->step) {
	case STEP_SKETCH:
	case STEP_CHAIN_SKETCH:
		sketch_pass(l);
		break;
	case STEP_COUNT:
		count_pass(l);
		break;
	case STEP_CHAIN_COUNT:
		chain_pass(l);
		break;
	case STEP_SAMPLE:
		partners_begin(l);
		l->step = STEP_PARTNERS;
		if (l->sample_count == 0)
			finish(l);
		break;
	case STEP_PARTNERS:
		finish(l);
		break;
	case STEP_DONE:
		break;
	}
	l->records = 0;
}
