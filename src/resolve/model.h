/*
 * The model: everything that look-ups and scores know of the registry as a
 * whole, as a numbered version.
 *
 *	counts    how many records have a word, a name, an identifier, a key …
 *	aliases   which two names of venues or bodies mean one, and which do not
 *	sources   which hold each thing once ("curated")
 *
 * A version is a pure function of the set of records (learn.h): no arrival
 * order, no clock, no number that the database gave.  It does not change while
 * it is current, so candidates and scores are functions of two records.
 *
 * A model is made by learn.h, or loaded: parts, aliases and sources in any
 * order, then model_ready().  After that it is only read.
 */
#ifndef SHEAF_RESOLVE_MODEL_H
#define SHEAF_RESOLVE_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"

struct model;

/* Two names as they stand in profiles (folded).  weight: points, rounded to
 * hundredths, above 0 where they mean the same, below where not.  kind: "venue"
 * or "body".  a <= b by bytes; a may equal b (a venue that pairs agree on). */
struct model_alias {
	const char *a, *b;
	double weight;
	const char *kind;
};

/* mean: how many records of the source answer to one elsewhere, over `seen` of
 * these; NaN where too few.  given: the configuration says it, not the data. */
struct model_source {
	int32_t source_id;
	double mean;
	uint32_t seen;
	bool curated, given;
};

/* Empty: no counts, nothing curated.  version 0 until set. */
struct model *model_new(void);
void model_free(struct model *); /* NULL is fine */

int32_t model_version(const struct model *);
void model_set_version(struct model *, int32_t version);
/* Records that it was learned from. */
uint64_t model_records(const struct model *);
/* From this count on all are known, of whatever class; 2 says that what is not
 * known is one record's alone. */
uint32_t model_floor(const struct model *);

/* How many records have what this is the hash of (its class is in the hash:
 * profile.h).  1 where it is not known, which stands for any count that makes
 * no difference to what its class is used for. */
uint32_t model_count(const struct model *, uint64_t hash);
/* To be called for several hashes before their counts are asked for: a large
 * model's table is not in the processor's caches, and so they are waited for
 * all at a time. */
void model_prefetch(const struct model *, uint64_t hash);
/* Points for two names, by their hashes, in either order.  *known says whether
 * there is anything to say; else 0. */
double model_alias(
    const struct model *, uint64_t hash_a, uint64_t hash_b, bool *known);
bool model_is_curated(const struct model *, int32_t source_id);
/* A venue that at least MODEL_PUBLISHER records name. */
enum { MODEL_PUBLISHER = 5 };
bool model_is_publisher(const struct model *, uint64_t venue_hash);

/* What is shown and stored as rows, sorted: aliases by (kind, a, b), sources by
 * number.  Valid until the model changes. */
const struct model_alias *model_aliases(const struct model *, size_t *count);
const struct model_source *model_sources(const struct model *, size_t *count);

/* The counts as bytes, in parts of at most LIMIT_MODEL_PART, numbered from 0.
 * Equal models have equal bytes.  1: out holds this part; 0: there is no such
 * part.  (out is cleared first; its ceiling has to be LIMIT_MODEL_PART or
 * more.) */
int model_part(struct buf *out, struct model *, uint32_t part);
uint32_t model_part_count(const struct model *);

/* Loading.  What comes from the database is checked all the same: 0, or -1 and
 * e, and then the model is good for model_free() alone. */
int model_load_part(
    struct model *, uint32_t part, const void *data, size_t n, struct err *e);
int model_load_alias(struct model *, const struct model_alias *, struct err *e);
/* Also for what the configuration says (given), which replaces what was
 * estimated; so after the rows of the version. */
int
model_load_source(struct model *, const struct model_source *, struct err *e);
/* All parts are there, or -1 and e. */
int model_ready(struct model *, struct err *e);

#endif
