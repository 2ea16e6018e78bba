/* What two clusters hold speaks for or against their being one: curated
 * sources, and how the records of both agree. */
#include "resolve/cluster_priv.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "resolve/parameters.h"

static const struct clusters_record *
record_at(const struct work *w, size_t i)
{
	return &w->in->records[i];
}

bool
judge_share_rare(
    const struct clusters_record *a, const struct clusters_record *b)
{
	for (size_t i = 0; i < a->rare_count; i++) {
		for (size_t k = 0; k < b->rare_count; k++) {
			if (a->rare[i] == b->rare[k])
				return true;
		}
	}
	return false;
}

static int
compare_hashes(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static uint64_t *
rare_of(const struct work *w, uint32_t root, size_t *count)
{
	uint64_t *all = NULL;
	size_t cap = 0;

	*count = 0;
	for (uint32_t m = root; m != NOBODY; m = w->next[m]) {
		const struct clusters_record *r = record_at(w, m);
		GROW(all, cap, *count + r->rare_count);
		for (size_t i = 0; i < r->rare_count; i++)
			all[(*count)++] = r->rare[i];
	}
	if (*count > 1)
		qsort(all, *count, sizeof(*all), compare_hashes);
	return all;
}

static bool
clusters_share_rare(const struct work *w, uint32_t a, uint32_t b)
{
	uint64_t *of_a, *of_b;
	size_t na, nb, i = 0, k = 0;
	bool shared = false;

	if ((w->mask[a] & w->mask[b]) == 0)
		return false;
	of_a = rare_of(w, a, &na);
	of_b = rare_of(w, b, &nb);
	while (i < na && k < nb && !shared) {
		shared = of_a[i] == of_b[k];
		if (of_a[i] < of_b[k])
			i++;
		else
			k++;
	}
	free(of_a);
	free(of_b);
	return shared;
}

/* The curated records of a cluster; the caller frees them. */
static uint32_t *
curated_of(const struct work *w, uint32_t root, size_t *count)
{
	uint32_t *all = NULL;
	size_t cap = 0;

	*count = 0;
	for (uint32_t m = root; m != NOBODY; m = w->next[m]) {
		if (!record_at(w, m)->is_curated)
			continue;
		GROW(all, cap, *count + 1);
		all[(*count)++] = m;
	}
	return all;
}

/* Of all that stand in the way the two of the least keys are named, so that
 * the message does not depend on the order of members. */
static void
name_conflict(const struct work *w, struct verdict *why, uint32_t x, uint32_t y)
{
	if (record_less(w, y, x)) {
		uint32_t z = x;
		x = y;
		y = z;
	}
	if (why->by_a != SIZE_MAX && !record_less(w, x, why->by_a) &&
	    (x != why->by_a || !record_less(w, y, why->by_b)))
		return;
	why->by_a = x;
	why->by_b = y;
}

/* The curated records of both sides. */
struct curated {
	uint32_t *of_a, *of_b;
	size_t na, nb;
};

/* How many pairs of one source there are between them; those that are no twins
 * are named, or, where twins are not asked for, all of them.  *are_many: they
 * are of several sources. */
static size_t
curated_conflicts(const struct work *w, const struct curated *c, bool ask_twins,
    struct verdict *why, bool *are_many)
{
	const struct clusters_ops *ops = &w->in->ops;
	const struct clusters_record *first = NULL;
	size_t met = 0;

	for (size_t i = 0; i < c->na; i++) {
		for (size_t k = 0; k < c->nb; k++) {
			uint32_t x = c->of_a[i], y = c->of_b[k];
			const struct clusters_record *r = record_at(w, x);
			if (r->source_id != record_at(w, y)->source_id)
				continue;
			if (first != NULL && first->source_id != r->source_id)
				*are_many = true;
			first = r;
			if (ask_twins && ops->is_twin(ops->arg, x, y))
				continue;
			met++;
			name_conflict(w, why, x, y);
		}
	}
	return met;
}

/* True where no curated source has records on both sides, or one alone has, and
 * these are twins. */
static bool
curated_agree(const struct work *w, uint32_t a, uint32_t b, struct verdict *why)
{
	const struct verdict before = *why;
	bool are_many = false;
	struct curated c;
	size_t met;

	c.of_a = curated_of(w, a, &c.na);
	c.of_b = curated_of(w, b, &c.nb);
	met = curated_conflicts(w, &c, false, why, &are_many);
	if (w->with_twins && !are_many && met > 0 &&
	    met <= LIMIT_CLUSTER_TWINS) {
		*why = before;
		met = curated_conflicts(w, &c, true, why, &are_many);
	}
	free(c.of_a);
	free(c.of_b);
	return met == 0;
}

int32_t
points_from(double score)
{
	if (isnan(score))
		return POINTS_NONE;
	return isfinite(score) ? (int32_t)lround(score * POINT)
			       : (int32_t)POINTS_NEVER;
}

static int32_t
points_of(struct work *w, uint32_t a, uint32_t b)
{
	const struct clusters_ops *ops = &w->in->ops;
	int32_t points;

	if (pairs_get(&w->scores, pair_key(a, b), &points))
		return points;
	points = points_from(ops->score(ops->arg, a, b));
	w->scored++;
	pairs_set(&w->scores, pair_key(a, b), points);
	return points;
}

/* Keeps a list of the `most` records of the least keys. */
static void
sample_add(const struct work *w, uint32_t *list, size_t *count, size_t most,
    uint32_t record)
{
	size_t at = *count;

	while (at > 0 && record_less(w, record, list[at - 1]))
		at--;
	if (at == most)
		return;
	*count += *count < most;
	for (size_t i = *count - 1; i > at; i--)
		list[i] = list[i - 1];
	list[at] = record;
}

/* What an operator has joined speaks as one, by what agrees best: who links a
 * record with one of a cluster means the cluster. */
static int32_t
points_between(struct work *w, uint32_t a, uint32_t b)
{
	uint32_t of_a[SAMPLE_MOST], of_b[SAMPLE_MOST];
	size_t na = 0, nb = 0;
	int32_t best = POINTS_NEVER;

	for (uint32_t m = w->bond[a]; m != a; m = w->bond[m])
		sample_add(w, of_a, &na, (size_t)PARAMETER.sample, m);
	for (uint32_t m = w->bond[b]; m != b; m = w->bond[m])
		sample_add(w, of_b, &nb, (size_t)PARAMETER.sample, m);
	of_a[na++] = a;
	of_b[nb++] = b;
	for (size_t i = 0; i < na; i++) {
		for (size_t k = 0; k < nb; k++) {
			int32_t p = points_of(w, of_a[i], of_b[k]);
			best = p > best ? p : best;
		}
	}
	return best;
}

struct sample {
	uint32_t records[SAMPLE_MOST];
	size_t count, curated; /* the curated ones come first */
};

/* Those of the least keys, some curated ones first. */
static void
sample_take(const struct work *w, struct sample *s, uint32_t root)
{
	const size_t most = (size_t)PARAMETER.sample;
	uint32_t curated[SAMPLE_MOST], others[SAMPLE_MOST];
	size_t nc = 0, no = 0;

	for (uint32_t m = root; m != NOBODY; m = w->next[m]) {
		if (record_at(w, m)->is_curated)
			sample_add(w, curated, &nc, most, m);
		else
			sample_add(w, others, &no, most, m);
	}
	/* Beyond their share curated ones fill what is left. */
	if (nc > (size_t)PARAMETER.sample_curated && nc + no > most)
		nc = most - no > (size_t)PARAMETER.sample_curated
			 ? most - no
			 : (size_t)PARAMETER.sample_curated;
	s->curated = nc;
	s->count = 0;
	for (size_t i = 0; i < nc; i++)
		s->records[s->count++] = curated[i];
	for (size_t i = 0; i < no && s->count < most; i++)
		s->records[s->count++] = others[i];
}

/* A curated record speaks for its side where the other side has none: it
 * agrees with all of the other's sample. */
static bool
is_anchored(struct work *w, const struct sample *a, const struct sample *b)
{
	int64_t sum = 0;
	size_t n = 0;

	if (a->curated == 0 || b->curated > 0)
		return false;
	for (size_t i = 0; i < a->curated; i++) {
		for (size_t k = 0; k < b->count; k++) {
			int32_t p =
			    points_between(w, a->records[i], b->records[k]);
			if (p == POINTS_NONE)
				continue;
			if (p < PARAMETER.review * POINT)
				return false;
			sum += p;
			n++;
		}
	}
	return n > 0 && (double)sum >= PARAMETER.merge * POINT * (double)n;
}

static int32_t
within(int32_t points)
{
	const int32_t worst = (int32_t)(PARAMETER.average_worst * POINT),
		      most = (int32_t)(PARAMETER.average_most * POINT);

	return points < worst ? worst : points > most ? most : points;
}

/* Sums are of whole numbers, so that no order of members makes a difference.
 * Where no score of the sample says anything, the pair alone does. */
static bool
agree_on_average(struct work *w, uint32_t a, uint32_t b, struct verdict *why)
{
	struct sample sa, sb;
	int64_t sum = 0;
	size_t n = 0, against = 0;
	int32_t worst = INT32_MAX;

	sample_take(w, &sa, a);
	sample_take(w, &sb, b);
	for (size_t i = 0; i < sa.count; i++) {
		for (size_t k = 0; k < sb.count; k++) {
			uint32_t x = sa.records[i], y = sb.records[k];
			int32_t points = points_between(w, x, y);
			if (points == POINTS_NONE)
				continue;
			points = within(points);
			n++;
			if (points < worst)
				why->by_a = why->by_b = SIZE_MAX;
			if (points <= worst)
				name_conflict(w, why, x, y);
			worst = points < worst ? points : worst;
			against += points < 0;
			sum += points;
		}
	}
	if (n == 0)
		return true;
	why->mean = (double)sum / POINT / (double)n;
	if (why->mean >= PARAMETER.average_least &&
	    (double)against <= PARAMETER.average_against * (double)n)
		return true;
	return why->mean >= PARAMETER.anchor_least &&
	       (is_anchored(w, &sa, &sb) || is_anchored(w, &sb, &sa));
}

static const struct verdict none = {
    .by_a = SIZE_MAX, .by_b = SIZE_MAX, .reason = CLUSTERS_JOINED};

/* What holds for any pair of the two: it is found once while they are what
 * they are. */
static struct verdict
verdict_of(struct work *w, uint32_t a, uint32_t b)
{
	struct verdict why = none;
	int32_t at;

	if (pairs_get(&w->tried, pair_key(a, b), &at) &&
	    w->verdicts[at].size_a == w->size[a < b ? a : b] &&
	    w->verdicts[at].size_b == w->size[a < b ? b : a])
		return w->verdicts[at];
	if (!curated_agree(w, a, b, &why) && !clusters_share_rare(w, a, b)) {
		why.reason = CLUSTERS_CURATED;
	} else {
		why = none;
		if (w->size[a] + w->size[b] > 2 &&
		    !agree_on_average(w, a, b, &why))
			why.reason = CLUSTERS_AVERAGE;
	}
	if (why.reason == CLUSTERS_JOINED)
		return why;
	why.size_a = w->size[a < b ? a : b];
	why.size_b = w->size[a < b ? b : a];
	GROW(w->verdicts, w->verdict_cap, w->verdict_count + 1);
	w->verdicts[w->verdict_count] = why;
	pairs_set(&w->tried, pair_key(a, b), (int32_t)w->verdict_count++);
	return why;
}

/* Two records of sources that hold each thing once, and no doubt about them:
 * then others of their clusters, which are in another language or say little,
 * need not agree as well.  Where no source is curated, as in a list of
 * citations, chains of such pairs lead from one thing to the next. */
static bool
is_strong(const struct work *w, const struct edge *pair)
{
	return pair->points >= PARAMETER.strong_pair * POINT &&
	       record_at(w, pair->a)->is_curated &&
	       record_at(w, pair->b)->is_curated;
}

bool
judge_clusters(struct work *w, uint32_t a, uint32_t b, const struct edge *pair,
    struct verdict *why)
{
	*why = verdict_of(w, a, b);
	if (why->reason == CLUSTERS_AVERAGE && is_strong(w, pair) &&
	    why->mean >= PARAMETER.strong_mean)
		return true;
	if (why->reason == CLUSTERS_AVERAGE &&
	    judge_share_rare(record_at(w, pair->a), record_at(w, pair->b)))
		return true;
	return why->reason == CLUSTERS_JOINED;
}
