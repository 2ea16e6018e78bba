/* What the files of clustering share: see resolve/cluster.h for what they do
 * together. */
#ifndef SHEAF_RESOLVE_CLUSTER_PRIV_H
#define SHEAF_RESOLVE_CLUSTER_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "resolve/cluster.h"

/* Two records as a key, and a table from such keys to numbers. */
static inline uint64_t
pair_key(size_t a, size_t b)
{
	return a < b ? (uint64_t)a << 32 | b : (uint64_t)b << 32 | a;
}
struct pairs {
	uint64_t *keys; /* 0: free, as no pair is of record 0 twice */
	int32_t *values;
	size_t used, cap;
};
bool pairs_get(const struct pairs *t, uint64_t key, int32_t *value);
void pairs_set(struct pairs *t, uint64_t key, int32_t value);
void pairs_clear(struct pairs *t); /* keeps the memory */
void pairs_release(struct pairs *t);

enum {
	POINT = 100, /* scores are hundredths here */
	POINTS_NEVER = INT32_MIN, /* they may not be one */
	POINTS_NONE, /* their score says nothing */
	SAMPLE_MOST = 17, /* room for PARAMETER.sample, and one */
};

/* A pair at or above `merge`. */
struct edge {
	uint32_t a, b;
	int32_t points;
};

/* Why two clusters were not joined, as far as it is the clusters' and not the
 * pair's. */
struct verdict {
	enum clusters_reason reason;
	uint32_t size_a, size_b; /* of the two when it was found */
	size_t by_a, by_b;
	double mean;
};

/* A refusal when it was made: the last one of a pair is what holds. */
struct draft {
	size_t of; /* edge or must-link */
	bool is_must;
	struct verdict why;
};

struct work {
	const struct clusters_input *in;
	size_t n;
	struct edge *edges; /* best first */
	size_t edge_count;
	int32_t *floor; /* of each record: less than that is not joined */
	struct clusters_link *must, *cannot; /* oldest first, a < b, once */
	size_t must_count, cannot_count;
	/* For each record the cannot-links that it is in, and, once they are
	 * wanted, its edges. */
	size_t *cannot_from, *cannot_of;
	size_t *edge_from;
	uint32_t *edge_of;
	/* The clusters: trees of records, and lists of them. */
	uint32_t *root, *next, *tail, *size;
	uint32_t *bond; /* rings of records that must-links joined */
	uint64_t *mask; /* of each root: bits for its rare identifiers */
	uint32_t *family; /* of each root: a record that declares one */
	struct pairs scores;
	struct pairs tried; /* of two roots: index of a verdict */
	struct verdict *verdicts;
	size_t verdict_count, verdict_cap;
	struct draft *drafts;
	size_t draft_count, draft_cap;
	size_t scored;
	bool with_twins; /* the second time: twins excuse a curated source */
};
#define NOBODY UINT32_MAX

/* cluster_cut.c: sets `floor`; how many records are concerned. */
size_t cut_large(struct work *w);

/* cluster_join.c */
void join_alone(struct work *w, uint32_t record); /* a cluster of its own */
uint32_t join_find(struct work *w, size_t record); /* its root */
/* Whether two clusters may be one: writes why not.  Of the cannot-links the
 * first `cannots` count. */
bool
join_must(struct work *w, const struct clusters_link *l, struct verdict *why);
bool join_edge(
    struct work *w, const struct edge *e, size_t cannots, struct verdict *why);
/* These must-links and edges, in their order, then once more what curated
 * sources refused, as twins may excuse it; drafts what is refused. */
void join_all(struct work *w, const uint32_t *musts, size_t must_count,
    const uint32_t *edges, size_t edge_count, size_t cannots);

/* A score as it is kept. */
int32_t points_from(double score);

/* cluster_judge.c: whether what two clusters hold speaks against one.  The
 * pair is theirs; `why` is written when it does. */
bool judge_clusters(struct work *w, uint32_t a, uint32_t b,
    const struct edge *pair, struct verdict *why);
bool judge_share_rare(
    const struct clusters_record *a, const struct clusters_record *b);

/* cluster_again.c: takes clusters apart that hold both ends of a
 * cannot-link. */
void part_all(struct work *w);

/* Order by key, so that it is nobody's arrival. */
bool record_less(const struct work *w, size_t a, size_t b);

#endif
