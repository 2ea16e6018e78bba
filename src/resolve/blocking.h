/*
 * Which pairs of records are worth a comparison.
 *
 * A record has keys; two records are a candidate pair when the keys that both
 * have weigh enough together.  What keys a record has, and what a key weighs,
 * is a function of its profile and the model alone, and the same on both sides:
 * so at a fixed model being a candidate is a symmetric relation of two records,
 * whoever else is there and whoever came first.  No best so many, no budget of
 * a record: what keeps the work flat is that only keys are made that few
 * records have at this model, and that the weight asked for grows with the
 * logarithm of their number.
 *
 * Keys:
 *	identifiers, the title as a whole, words of titles and of names that few
 *	records have; and, where words stand in too many records, the shortest
 *	run of them, from there on, that few have.  A run is as long as it has
 *	to be, so words of a closed vocabulary stay useful as a registry grows,
 *	with no more keys than there are words.
 * A key that the model does not know counts as rare: it may be new.
 */
#ifndef SHEAF_RESOLVE_BLOCKING_H
#define SHEAF_RESOLVE_BLOCKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "resolve/model.h"
#include "resolve/profile.h"

enum { BLOCKING_KEYS = 64 }; /* keys of one record, at most */

struct blocking_key {
	uint64_t hash; /* its class is in it; as bigint in sheaf.match_key */
	uint16_t weight; /* in sixteenths of a bit, > 0 */
};
struct blocking {
	struct blocking_key keys[BLOCKING_KEYS]; /* by rising hash, distinct */
	size_t count;
	uint32_t total; /* their weights together */
};

/* log2 of the records of the model (at least records_least) for each of
 * `count`.
 */
double blocking_bits(const struct model *, uint32_t count);

/* The keys of a profile, prepared for the model, that are usable at it.  Only
 * these belong into sheaf.match_key; under another model they are others.
 * Deterministic, and of the profile's content alone (not its numbers).  No
 * error: a profile without usable words has no keys. */
void
blocking_make(struct blocking *, const struct profile *, const struct model *);

/* What the keys that both have weigh. */
uint32_t blocking_shared(const struct blocking *a, const struct blocking *b);

/* A pair is a candidate iff the keys that it shares weigh at least this.  In
 * SQL: sum(weight) over the joined keys, grouped by the other record. */
uint32_t blocking_least(const struct model *);

/* A record's own source is no exception: pairs within a source are candidates
 * like any other. */

/* LIMIT_POSTINGS (base/limits.h) is the most records that a key may have in
 * sheaf.match_key before it is not read any more.  At the time of learning no
 * usable key has more than an eighth of it.  Where a list is longer, the
 * registry has outgrown the key: the reader skips it for both sides and says
 * so, and a new version is due when many records are left with too little. */
#endif
