/*
 * Which records are one thing: the partition of a component of judged pairs.
 *
 * A pure function of the set of records, pairs and decisions: neither their
 * order nor the record numbers (which follow arrival) make a difference, only
 * scores, the links' ranks and the hashes of source name and identifier.  No
 * clock, no database.  It is called for whole components (everything that
 * pairs and must-links connect), one or several at once: components do not
 * influence each other, so one alone gives what a run over everything gives.
 *
 * How it goes:
 * 1. A component that is too large (LIMIT_CLUSTER_RECORDS) is cut: of it, only
 *    pairs that are ever better count, a point at a time, until its pieces are
 *    small enough.  What never is, is not joined but by must-links.
 *    Those pairs are refused as CLUSTERS_SIZE.
 * 2. Must-links join first, the oldest (least rank) first; one that would bring
 *    two ends of a cannot-link, or two families, together is refused.
 * 3. Pairs at or above `merge`, best first (ties by hash), join the clusters
 *    of their ends, unless
 *    - the families differ (CLUSTERS_FAMILY; unknown goes with any one);
 *    - both have a record of the same curated source (CLUSTERS_CURATED), except
 *      that they share a rare identifier;
 *    - the mean of what a sample of both sides scores is too low, or too many
 *      are against it (CLUSTERS_AVERAGE), except that the two share a rare
 *      identifier, or a curated record stands for its side (its anchor), or
 *      the two are curated records that no doubt is about (strong_pair).
 *    A pair is tried once, when its turn comes; those that a curated source
 *    refused are tried a second time when all others are through, and then the
 *    two are joined for all that where the records of that source are word-for-
 *    word twins.  Of one source only: where two sources have a thing twice,
 * there are two things.
 * 4. Cannot-links, the oldest (least rank) first: a cluster that holds both
 *    ends is made anew of its own records alone, by 2 and 3 and with all links
 *    up to this one.  So a new cannot-link splits its cluster and leaves every
 *    other one as it was, whatever the samples of 3 are.
 */
#ifndef SHEAF_RESOLVE_CLUSTER_H
#define SHEAF_RESOLVE_CLUSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"

/* What a cluster needs to know of a record. */
struct profile;
struct score;

struct clusters_record {
	uint64_t key; /* hash of source name and identifier: breaks ties */
	uint64_t record_id; /* said in messages only */
	int32_t source_id;
	bool is_curated; /* its source holds each thing once */
	int family; /* 0: not known, goes with any */
	/* Hashes of identifiers that only few records have and that name one
	 * thing (DOI, handle, UN symbol): see clusters_record_of(). */
	const uint64_t *rare;
	size_t rare_count;
};

struct clusters_pair {
	size_t a, b; /* indexes of records; either order, no pair twice */
	double score; /* is rounded to hundredths */
};

/* An operator's word; several of the same two are one (the least rank). */
struct clusters_link {
	size_t a, b;
	int64_t rank; /* when it was said, such as microseconds since 1970 */
};

struct clusters_ops {
	/* The score of any two records, symmetric, at the model's version of
	 * `pairs`; -INFINITY where they may never be one, NAN where it says
	 * nothing (clusters_score()).  Asked at most once a pair, never for
	 * those of `pairs`. */
	double (*score)(void *arg, size_t i, size_t j);
	/* Two records of one curated source that say the same word for word:
	 * see clusters_twins(). */
	bool (*is_twin)(void *arg, size_t i, size_t j);
	void *arg;
};

struct clusters_input {
	const struct clusters_record *records;
	size_t record_count;
	const struct clusters_pair *pairs; /* those below `merge` do no harm */
	size_t pair_count;
	const struct clusters_link *must, *cannot;
	size_t must_count, cannot_count;
	struct clusters_ops ops;
};

enum clusters_reason {
	CLUSTERS_JOINED = 0,
	CLUSTERS_FAMILY, /* their clusters are of different families */
	CLUSTERS_CURATED, /* both have a record of one curated source */
	CLUSTERS_AVERAGE, /* the others of both sides do not agree */
	CLUSTERS_CANNOT, /* an operator said that they differ, or two others */
	CLUSTERS_SIZE, /* the component is too large for anything less sure */
	CLUSTERS_REASONS
};

/* A pair at or above `merge`, or a must-link, whose ends are in different
 * clusters. */
struct clusters_refusal {
	size_t a, b;
	double score; /* of the pair; NAN: a must-link without one */
	enum clusters_reason reason;
	bool is_must; /* an operator's "same" that could not be kept */
	/* The two records that stand in the way (of one source, of the worst
	 * score, of the cannot-link, of two families); SIZE_MAX: none. */
	size_t by_a, by_b;
	double mean; /* CLUSTERS_AVERAGE: of the sample; else 0 */
};

struct clusters_result {
	size_t *group; /* for each record: 0 … groups - 1, by least key */
	size_t groups;
	struct clusters_refusal *refused; /* by score, best first */
	size_t refused_count;
	size_t scored; /* how often ops.score was asked */
	size_t cut; /* records of components that were cut for their size */
};

/* `out` is overwritten, and released by clusters_release(). */
void clusters_run(struct clusters_result *out, const struct clusters_input *in);
void clusters_release(struct clusters_result *r);

/* Step 1 alone, for who has more records than go into memory with all that a
 * run takes: pieces[i] is the piece of record i (a record of it), and floors[i]
 * the score that pairs of it need to be joined; others are refused as
 * CLUSTERS_SIZE.  A run over whole pieces without those pairs joins what a run
 * over everything does.  Any set of pairs will do that connects, at every
 * score, what all pairs connect; those below `merge` do no harm.  Returns how
 * many records are of components that were cut. */
size_t clusters_cut(uint32_t *pieces, double *floors, size_t records,
    const struct clusters_pair *pairs, size_t pair_count,
    const struct clusters_link *must, size_t must_count);

/* "curated", …: as sheaf.match.reason begins.  Never NULL. */
const char *clusters_reason_name(enum clusters_reason r);
/* Why a pair is not joined, as a sentence that an operator understands, with
 * the numbers of the records; `source` is the name of the source that
 * by_a and by_b are of (CLUSTERS_CURATED), or NULL. */
void clusters_refusal_words(struct buf *out, const struct clusters_input *in,
    const struct clusters_refusal *r, const char *source);

/* `r` of a profile that is prepared for the model; `source_key` is a hash of
 * its source's name.  The identifiers are in `a`. */
void clusters_record_of(struct clusters_record *r, const struct profile *p,
    uint64_t source_key, struct arena *a);
/* Two profiles, prepared for one model, that say the same word for word, but
 * for slips: title (long, no boilerplate), persons and year (each may lack one
 * of them, but not both), venue; and nothing speaks against them. */
bool clusters_twins(const struct profile *a, const struct profile *b);
/* What ops.score makes of a score. */
double clusters_score(const struct score *s);

#endif
