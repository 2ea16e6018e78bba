/* Matching without a database, for tuning and for measuring: see offline.c. */
#ifndef SHEAF_TESTS_ER_OFFLINE_H
#define SHEAF_TESTS_ER_OFFLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "resolve/blocking.h"
#include "resolve/cluster.h"
#include "resolve/model.h"
#include "resolve/profile.h"

struct registry {
	struct arena arena;
	char **sources; /* names; a source's number is its place + 1 */
	size_t source_count, source_cap;
	struct profile **profiles; /* a record's number is its place */
	const char **ids;
	size_t count, cap;
	size_t profile_bytes;
};
/* Reads DIR/sources.conf and DIR/SOURCE.xml (samples/registrycsv.py) with the
 * real parser and crosswalk; ends the program where it cannot. */
void registry_read(struct registry *r, const char *dir);

/* Which records have which key. */
struct index {
	struct posting {
		uint64_t key;
		uint32_t record;
		uint16_t weight;
	} * postings; /* by key, then record */
	size_t count, cap;
	uint32_t *starts; /* of each record, in `mine` */
	uint32_t *mine; /* the postings' groups of each record */
	uint32_t *groups; /* where each key's postings begin */
	size_t group_count;
	size_t longest;
};
void
index_make(struct index *x, const struct registry *r, const struct model *m);
void index_release(struct index *x);
/* Calls for each candidate pair once, j < i. */
typedef void index_fn(void *arg, size_t i, size_t j);
struct index_cost {
	uint64_t postings, shared, candidates;
};
struct index_cost index_pairs(const struct index *x, const struct registry *r,
    const struct model *m, index_fn *pair, void *arg);

struct gold {
	uint64_t *pairs; /* i << 32 | j, i > j, sorted */
	size_t count;
};
/* id,cluster or (is_pairs) id1,id2. */
void gold_read(
    struct gold *g, const struct registry *r, const char *path, bool is_pairs);
bool gold_has(const struct gold *g, size_t i, size_t j);

double cpu_seconds(void);

#endif
