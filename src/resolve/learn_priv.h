/* The learner's parts.  For this room only: learn.c, learn_count.c,
 * learn_sample.c and learn_match.c. */
#ifndef SHEAF_RESOLVE_LEARN_PRIV_H
#define SHEAF_RESOLVE_LEARN_PRIV_H

#include "resolve/blocking_chain.h"
#include "resolve/learn.h"
#include "resolve/model_priv.h"

/* For tests: fewer counts than LIMIT_MODEL_COUNTS, before the first record. */
void learn_limit(struct learn *l, size_t most);

/* --- counting --- */

/* Small counters, each key in two of them; they never say too little. */
struct sketch {
	uint8_t *cells; /* two rows; NULL: not in use */
};
void sketch_clear(struct sketch *s);
void sketch_release(struct sketch *s);
/* To be called for several keys before the others are for them. */
void sketch_prefetch(const struct sketch *s, uint64_t key);
void sketch_add(struct sketch *s, uint64_t key);
unsigned sketch_most(const struct sketch *s, uint64_t key); /* up to 255 */

/* A key of a record, and from which count on it is of interest. */
struct learn_key {
	uint64_t hash;
	uint64_t title; /* of which a source's it is; or 0 */
	uint32_t floor;
};
/* Words, names, identifiers, titles, venue; sequences of frequent words. */
enum {
	LEARN_SINGLES = 1024,
	LEARN_CHAIN_KEYS = CHAINS * CHAIN_PREFIXES,
};
struct learn_keys {
	struct learn_key keys[LEARN_SINGLES];
	size_t count;
};
/* Each once.  raise: how often floors were doubled to make room. */
void learn_singles(struct learn_keys *out, const struct profile *p,
    uint64_t records, unsigned raise);
void learn_chains(struct learn_keys *out, const struct profile *p,
    const struct model *m, unsigned raise);
/* From this count on a chain is none that makes a key. */
uint32_t learn_chain_floor(unsigned raise);
/* From this count on all are known. */
uint32_t learn_floor(unsigned raise, unsigned chain_raise);

/* --- the sample --- */

struct learn_side {
	int32_t source_id;
	uint64_t name_hash;
	uint64_t records;
	uint64_t quota;
	/* A heap of those with the least hashes, the largest on top. */
	struct learn_picked *picked;
	size_t count, cap;
};
struct learn_picked {
	uint64_t key; /* of source name and identifier */
	int64_t record_id;
};
struct learn_sides {
	struct learn_side *sides; /* by source_id */
	size_t count, cap;
};
struct learn_side *learn_side(struct learn_sides *s, int32_t source_id);
void learn_sides_release(struct learn_sides *s);
uint64_t learn_record_key(struct learn_sides *s, const struct profile *p);
/* From the counted records: how many of each source; then a record passes. */
void learn_quotas(struct learn_sides *s, size_t most);
void learn_pick(struct learn_sides *s, const struct profile *p);

/* --- what matched --- */

/* A record of the sample has a match: kept once for each of the two that is in
 * the sample. */
struct learn_match {
	uint64_t key, other_key;
	int64_t other_id;
	int32_t source, other_source;
	int32_t hundredths;
	uint32_t venue, other_venue; /* index of venues; 0: none */
};
struct learn_matches {
	struct learn_match *items;
	size_t count, cap;
	unsigned halved; /* keys have to be below 2^64 >> halved */
	struct arena arena;
	const char **venues; /* without digits; [0] is none */
	size_t venue_count, venue_cap;
	struct counts venue_index;
};
void learn_matches_init(struct learn_matches *m);
void learn_matches_release(struct learn_matches *m);
uint32_t learn_venue(struct learn_matches *m, const struct profile *p);
void learn_match_add(struct learn_matches *m, const struct learn_match *match);
/* Sorts by (key, other source, best first), each once, and halves the sample
 * until there are LIMIT_LEARN_MATCHES at most. */
void learn_match_settle(struct learn_matches *m);
/* Of settled matches. */
void learn_aliases(struct model *out, const struct learn_matches *m);
void learn_curated(struct model *out, const struct learn_matches *m,
    struct learn_sides *sides);

#endif
