/*
 * How a model is learned from the records, without labels.
 *
 * The caller has the records; the learner says what it wants to see next, until
 * it has a model.  It is fed, and never waits, so the caller keeps its own
 * time:
 *
 *	while ((want = learn_wants(l)) != LEARN_DONE) {
 *		if (want == LEARN_PROFILES) {
 *			for each record that is not deleted: learn_profile()
 *		} else {
 *			m = learn_model(l);   (counts; no aliases, no sources)
 *			for each record in learn_sample(l): for each candidate
 *			pair of it at m: learn_pair() with its score at m
 *		}
 *		learn_pass(l);
 *	}
 *	m = learn_take(l);
 *
 * The model is a pure function of the set of records: neither the order in
 *which they come, nor their numbers, nor the clock show in it (learn_profile()
 *and learn_pair() commute; ties are broken by source name and identifier).
 *
 * Memory is LIMIT_LEARN_MEMORY at most, whatever the number of records: a pass
 * over a sketch of small counters finds which counts can reach the floor of
 * their class, the next one counts these exactly.  Two such passes count words,
 * names, identifiers, titles and venues, two more (beyond LIMIT_LEARN_RANGE
 * records, two for each so many) the longer keys of blocking_chain.h.  Then
 *come one or two over the pairs of a sample.
 */
#ifndef SHEAF_RESOLVE_LEARN_H
#define SHEAF_RESOLVE_LEARN_H

#include <stddef.h>
#include <stdint.h>

#include "resolve/model.h"
#include "resolve/profile.h"

enum learn_want { LEARN_PROFILES, LEARN_PAIRS, LEARN_DONE };

struct learn;

/* records: about how many there will be, for what it is worth: it does not show
 * in the model. */
struct learn *learn_new(uint64_t records);
void learn_free(struct learn *); /* NULL is fine */

/* The name of a source, before the first profile of it. */
void learn_source(struct learn *, int32_t source_id, const char *name);

enum learn_want learn_wants(const struct learn *);
/* Once a pass for each record; nothing is kept of p.  It need not be prepared;
 * it is prepared here for the counts so far. */
void learn_profile(struct learn *, struct profile *p);
/* The pass is over. */
void learn_pass(struct learn *);

/* From the first LEARN_PAIRS on: the model with the counts alone, owned by the
 * learner. */
const struct model *learn_model(const struct learn *);
/* While LEARN_PAIRS: the records whose pairs are wanted, by rising number. */
const int64_t *learn_sample(const struct learn *, size_t *count);
/* A candidate pair of which at least one is in the sample; it may come twice.
 * Pairs of records that may not merge (score_may_merge) are left out by the
 * caller. */
void learn_pair(struct learn *, const struct profile *a,
    const struct profile *b, double score);

/* When LEARN_DONE: the model, now the caller's (version 0), ready for use.  The
 * learner is only good for learn_free() then. */
struct model *learn_take(struct learn *);

#endif
