/*
 * Matching from end to end without a database: what the role would decide of a
 * directory of static repositories, with figures.  A tool for those who tune
 * it; not installed.
 *
 *	offline [--gold FILE | --pairs FILE] [--pred FILE] [--errors FILE]
 *	    [--band FILE] [--explain ID ID] DIR
 *
 * DIR is what samples/registrycsv.py makes of a table of records.  --gold
 * (id,cluster) or --pairs (id1,id2) say what is true; --pred writes id,cluster;
 * --errors writes the pairs that are wrong, each with its parts.
 */
#include <err.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "offline.h"
#include "resolve/learn.h"
#include "resolve/parameters.h"
#include "resolve/score.h"

struct scored {
	uint32_t i, j;
	int hundredths;
};

enum { WAITING = 65536 };

struct run {
	struct scored waiting[WAITING]; /* candidates not judged yet */
	size_t waiting_count;
	struct registry registry;
	struct model *model;
	struct gold gold;
	struct scored *pairs; /* at or above review */
	size_t count, cap;
	uint64_t compared, found; /* pairs; of them true ones */
	double score_s;
	struct learn *learn; /* while it is fed */
	struct arena arena;
	struct clusters_result clusters;
	struct clusters_record *records;
};

/* --- learning --- */

static void
prepare(struct run *r)
{
	for (size_t i = 0; i < r->registry.count; i++)
		profile_prepare(r->registry.profiles[i],
		    r->learn ? learn_model(r->learn) : r->model);
}

static void
feed_pair(void *arg, size_t i, size_t j)
{
	struct run *r = arg;
	const struct profile *a = r->registry.profiles[i],
			     *b = r->registry.profiles[j];
	struct score s;
	int64_t key[2] = {a->record_id, b->record_id};
	size_t n;
	const int64_t *sample = learn_sample(r->learn, &n);
	bool wanted = false;

	for (size_t k = 0; k < 2 && !wanted; k++) {
		size_t low = 0, high = n;

		while (low < high) {
			size_t middle = (low + high) / 2;

			if (sample[middle] < key[k])
				low = middle + 1;
			else
				high = middle;
		}
		wanted = low < n && sample[low] == key[k];
	}
	if (!wanted)
		return;
	score_pair(&s, a, b, learn_model(r->learn));
	if (score_may_merge(&s))
		learn_pair(r->learn, a, b, s.sum);
}

static size_t
bytes_of_counts(struct model *m)
{
	struct buf part;
	size_t n = 0;

	buf_init(&part, LIMIT_MODEL_PART);
	for (uint32_t i = 0; model_part(&part, m, i) == 1; i++)
		n += part.len;
	buf_release(&part);
	return n;
}

static void
learn(struct run *r)
{
	double start = cpu_seconds();
	double counted = start, counting = 0;
	unsigned passes = 0;
	size_t aliases, n;
	const struct model_source *sources;

	r->learn = learn_new(r->registry.count);
	for (size_t i = 0; i < r->registry.source_count; i++)
		learn_source(r->learn, (int32_t)i + 1, r->registry.sources[i]);
	for (; learn_wants(r->learn) != LEARN_DONE; learn_pass(r->learn)) {
		struct index x;

		if (learn_wants(r->learn) == LEARN_PROFILES) {
			counted = cpu_seconds();
			passes++;
			for (size_t i = 0; i < r->registry.count; i++)
				learn_profile(
				    r->learn, r->registry.profiles[i]);
			counting += cpu_seconds() - counted;
			continue;
		}
		prepare(r);
		index_make(&x, &r->registry, learn_model(r->learn));
		index_pairs(
		    &x, &r->registry, learn_model(r->learn), feed_pair, r);
		index_release(&x);
	}
	r->model = learn_take(r->learn);
	learn_free(r->learn);
	r->learn = NULL;
	model_aliases(r->model, &aliases);
	printf("learned in %.2f s, of it %.2f in %u passes over all; %zu bytes "
	       "of counts, %zu aliases\n",
	    cpu_seconds() - start, counting, passes, bytes_of_counts(r->model),
	    aliases);
	sources = model_sources(r->model, &n);
	for (size_t i = 0; i < n; i++)
		printf("source %s: mean %.3f over %u%s\n",
		    r->registry.sources[sources[i].source_id - 1],
		    sources[i].mean, sources[i].seen,
		    sources[i].curated ? ", curated" : "");
}

/* --- pairs --- */

static void
judge(struct run *r, size_t i, size_t j)
{
	struct score s;

	score_pair(
	    &s, r->registry.profiles[i], r->registry.profiles[j], r->model);
	if (!score_may_merge(&s) || s.sum < PARAMETER.review)
		return;
	GROW(r->pairs, r->cap, r->count + 1);
	r->pairs[r->count++] =
	    (struct scored){(uint32_t)i, (uint32_t)j, s.hundredths};
}

static void
judge_all(struct run *r)
{
	double start = cpu_seconds();

	for (size_t i = 0; i < r->waiting_count; i++)
		judge(r, r->waiting[i].i, r->waiting[i].j);
	r->score_s += cpu_seconds() - start;
	r->waiting_count = 0;
}

static void
on_candidate(void *arg, size_t i, size_t j)
{
	struct run *r = arg;

	r->compared++;
	r->found += gold_has(&r->gold, i, j);
	r->waiting[r->waiting_count++] =
	    (struct scored){(uint32_t)i, (uint32_t)j, 0};
	if (r->waiting_count == WAITING)
		judge_all(r);
}

static void
find_pairs(struct run *r)
{
	double start = cpu_seconds(), indexed;
	struct index x;
	struct index_cost c;
	double n = (double)(r->registry.count ? r->registry.count : 1);

	prepare(r);
	index_make(&x, &r->registry, r->model);
	indexed = cpu_seconds();
	c = index_pairs(&x, &r->registry, r->model, on_candidate, r);
	judge_all(r);
	printf(
	    "keys a record %.1f, postings %.0f, sharing one %.1f, candidates "
	    "%.1f, longest list %zu\n",
	    (double)x.count / n, (double)c.postings / n,
	    2 * (double)c.shared / n, 2 * (double)c.candidates / n, x.longest);
	if (r->gold.count > 0)
		printf("pair completeness %.4f of %zu\n",
		    (double)r->found / (double)r->gold.count, r->gold.count);
	printf("keys in %.2f s, pairs in %.2f s, of it %.2f us a comparison\n",
	    indexed - start, cpu_seconds() - indexed,
	    1e6 * r->score_s / (double)(r->compared ? r->compared : 1));
	index_release(&x);
}

/* --- clusters --- */

static double
score_of(void *arg, size_t i, size_t j)
{
	struct run *r = arg;
	struct score s;

	score_pair(
	    &s, r->registry.profiles[i], r->registry.profiles[j], r->model);
	return score_may_merge(&s) ? s.sum : -INFINITY;
}

static bool
is_twin(void *arg, size_t i, size_t j)
{
	struct run *r = arg;

	return clusters_twins(r->registry.profiles[i], r->registry.profiles[j]);
}

static void
cluster(struct run *r)
{
	double start = cpu_seconds();
	struct clusters_pair *pairs = xcalloc(r->count + 1, sizeof(*pairs));
	struct clusters_input in = {.pairs = pairs,
	    .pair_count = r->count,
	    .record_count = r->registry.count,
	    .ops = {score_of, is_twin, r}};

	r->records = xcalloc(r->registry.count + 1, sizeof(*r->records));
	for (size_t i = 0; i < r->registry.count; i++) {
		const struct profile *p = r->registry.profiles[i];
		const char *name = r->registry.sources[p->source_id - 1];

		clusters_record_of(&r->records[i], p,
		    profile_hash(HASH_RECORD, name, strlen(name)), &r->arena);
	}
	in.records = r->records;
	for (size_t i = 0; i < r->count; i++)
		pairs[i] = (struct clusters_pair){r->pairs[i].i, r->pairs[i].j,
		    r->pairs[i].hundredths / 100.0};
	clusters_run(&r->clusters, &in);
	printf(
	    "clustered in %.2f s: %zu entries, %zu pairs refused, %zu scores "
	    "asked for\n",
	    cpu_seconds() - start, r->clusters.groups,
	    r->clusters.refused_count, r->clusters.scored);
	free(pairs);
}

/* --- what came of it --- */

static bool
together(const struct run *r, size_t i, size_t j)
{
	return r->clusters.group[i] == r->clusters.group[j];
}

/* For plots: pairs at or above review of different entries and sources. */
static void
write_band(const struct run *r, const char *path)
{
	FILE *f = fopen(path, "we");

	if (!f)
		err(EX_CANTCREAT, "%s", path);
	for (size_t i = 0; i < r->count; i++) {
		const struct scored *p = &r->pairs[i];
		const struct clusters_refusal *why = NULL;

		if (together(r, p->i, p->j) ||
		    r->registry.profiles[p->i]->source_id ==
			r->registry.profiles[p->j]->source_id)
			continue;
		for (size_t k = 0; k < r->clusters.refused_count && !why; k++)
			if ((r->clusters.refused[k].a == p->i &&
				r->clusters.refused[k].b == p->j) ||
			    (r->clusters.refused[k].a == p->j &&
				r->clusters.refused[k].b == p->i))
				why = &r->clusters.refused[k];
		fprintf(f, "%s,%s,%.2f,%s,%d,%zu,%zu\n", r->registry.ids[p->i],
		    r->registry.ids[p->j], p->hundredths / 100.0,
		    why ? clusters_reason_name(why->reason) : "review",
		    gold_has(&r->gold, p->i, p->j), r->clusters.group[p->i],
		    r->clusters.group[p->j]);
	}
	fclose(f);
}

static bool
of_one_source(const struct run *r, size_t i, size_t j)
{
	return r->registry.profiles[i]->source_id ==
	       r->registry.profiles[j]->source_id;
}

/* For each entry, which curated sources it has records of (the first 64). */
static uint64_t *
curated_of(const struct run *r)
{
	uint64_t *of = xcalloc(r->clusters.groups + 1, sizeof(*of));

	for (size_t i = 0; i < r->registry.count; i++) {
		int32_t source = r->registry.profiles[i]->source_id;

		if (source <= 64 && model_is_curated(r->model, source))
			of[r->clusters.group[i]] |= UINT64_C(1) << (source - 1);
	}
	return of;
}

/* The doubtful band: pairs of different sources in different entries that are
 * in review, unless both entries have a record of one curated source already,
 * or refused. */
static void
tell_band(const struct run *r)
{
	size_t band = 0, found = 0, missed = 0;
	uint64_t *curated = curated_of(r);

	for (size_t i = 0; i < r->count; i++) {
		const struct scored *p = &r->pairs[i];
		size_t a = r->clusters.group[p->i], b = r->clusters.group[p->j];

		if (a == b || of_one_source(r, p->i, p->j) ||
		    (p->hundredths < PARAMETER.merge * 100 &&
			(curated[a] & curated[b]) != 0))
			continue;
		band++;
		found += gold_has(&r->gold, p->i, p->j);
	}
	for (size_t i = 0; i < r->gold.count; i++)
		missed += !together(
		    r, r->gold.pairs[i] >> 32, r->gold.pairs[i] & UINT32_MAX);
	printf("doubtful: %.1f pairs for 100 records, %zu of %zu missed ones\n",
	    100.0 * (double)band / (double)r->registry.count, found, missed);
	free(curated);
}

static void
tell_pair(FILE *f, const struct run *r, size_t i, size_t j)
{
	struct score s;
	struct buf words, evidence;
	struct blocking a, b;

	buf_init(&words, MIB);
	buf_init(&evidence, MIB);
	score_pair(
	    &s, r->registry.profiles[i], r->registry.profiles[j], r->model);
	blocking_make(&a, r->registry.profiles[i], r->model);
	blocking_make(&b, r->registry.profiles[j], r->model);
	score_json(&evidence, &s);
	fprintf(f, "%s %s %.2f keys %.1f of %.1f %s\n", r->registry.ids[i],
	    r->registry.ids[j], s.sum, blocking_shared(&a, &b) / 16.0,
	    blocking_least(r->model) / 16.0, buf_str(&evidence));
	for (size_t k = 0; k < 2; k++) {
		const struct profile *p = r->registry.profiles[k ? j : i];

		fprintf(f, "\t%s | ", p->title_count ? p->titles[0].text : "");
		for (size_t n = 0; n < p->name_count; n++)
			fprintf(f, "%s%s; ", p->names[n].text,
			    p->names[n].is_corporate ? "*" : "");
		fprintf(f, "| %d | %s |", p->year, p->venue ? p->venue : "");
		for (size_t n = 0; n < p->id_count; n++)
			fprintf(
			    f, " %s(%u)", p->ids[n].value, p->ids[n].holders);
		fprintf(f, "\n");
	}
	buf_release(&words);
	buf_release(&evidence);
}

static void
write_errors(const struct run *r, const char *path)
{
	FILE *f = fopen(path, "we");

	if (!f)
		err(EX_CANTCREAT, "%s", path);
	for (size_t i = 0; i < r->gold.count; i++) {
		size_t a = r->gold.pairs[i] >> 32,
		       b = r->gold.pairs[i] & UINT32_MAX;

		if (together(r, a, b))
			continue;
		fprintf(f, "missed ");
		tell_pair(f, r, a, b);
	}
	for (size_t i = 0; i < r->count; i++)
		if (together(r, r->pairs[i].i, r->pairs[i].j) &&
		    !gold_has(&r->gold, r->pairs[i].i, r->pairs[i].j)) {
			fprintf(f, "wrong ");
			tell_pair(f, r, r->pairs[i].i, r->pairs[i].j);
		}
	fclose(f);
}

static void
write_pred(const struct run *r, const char *path)
{
	FILE *f = fopen(path, "we");

	if (!f)
		err(EX_CANTCREAT, "%s", path);
	fprintf(f, "id,cluster\n");
	for (size_t i = 0; i < r->registry.count; i++)
		fprintf(
		    f, "%s,%zu\n", r->registry.ids[i], r->clusters.group[i]);
	fclose(f);
}

static void
explain(const struct run *r, const char *a, const char *b)
{
	size_t i = 0, j = 0;

	while (i < r->registry.count && strcmp(r->registry.ids[i], a) != 0)
		i++;
	while (j < r->registry.count && strcmp(r->registry.ids[j], b) != 0)
		j++;
	if (i == r->registry.count || j == r->registry.count)
		errx(EX_DATAERR, "no such record");
	tell_pair(stdout, r, i, j);
}

int
main(int argc, char **argv)
{
	static struct run r;
	const char *dir = NULL, *pred = NULL, *errors = NULL, *one = NULL,
		   *other = NULL, *gold = NULL, *band = NULL;
	bool is_pairs = false;
	double start = cpu_seconds();

	for (int i = 1; i < argc; i++) {
		bool more = i + 1 < argc;

		if (more && (strcmp(argv[i], "--gold") == 0 ||
				strcmp(argv[i], "--pairs") == 0)) {
			is_pairs = strcmp(argv[i], "--pairs") == 0;
			gold = argv[++i];
		} else if (more && strcmp(argv[i], "--band") == 0)
			band = argv[++i];
		else if (more && strcmp(argv[i], "--pred") == 0)
			pred = argv[++i];
		else if (more && strcmp(argv[i], "--errors") == 0)
			errors = argv[++i];
		else if (i + 2 < argc && strcmp(argv[i], "--explain") == 0) {
			one = argv[++i];
			other = argv[++i];
		} else
			dir = argv[i];
	}
	if (!dir)
		errx(EX_USAGE, "offline [--gold FILE | --pairs FILE] [--pred "
			       "FILE] [--errors FILE] [--explain ID ID] DIR");
	arena_init(&r.arena, 0);
	registry_read(&r.registry, dir);
	printf("%zu records of %zu sources, %.0f bytes a profile, read in %.2f "
	       "s\n",
	    r.registry.count, r.registry.source_count,
	    (double)r.registry.profile_bytes /
		(double)(r.registry.count ? r.registry.count : 1),
	    cpu_seconds() - start);
	if (gold)
		gold_read(&r.gold, &r.registry, gold, is_pairs);
	learn(&r);
	find_pairs(&r);
	cluster(&r);
	if (gold)
		tell_band(&r);
	if (one)
		explain(&r, one, other);
	if (pred)
		write_pred(&r, pred);
	if (errors)
		write_errors(&r, errors);
	if (band)
		write_band(&r, band);
	return EX_OK;
}
