/* Keys of many records in memory: which of them share keys with another one,
 * and how much that weighs. */
#ifndef SHEAF_RESOLVE_POSTINGS_H
#define SHEAF_RESOLVE_POSTINGS_H

#include "resolve/blocking.h"

struct postings {
	uint64_t *keys; /* one a posting; sorted once it is ready */
	uint32_t *members; /* its record, as an index of records */
	size_t count, max;
	uint32_t *buckets; /* where the keys with these first bits begin */
	unsigned bucket_bits;
	int64_t *records;
	size_t record_count, record_cap;
	/* for the search */
	uint32_t *weights; /* of each record, 0 between searches */
	uint32_t *touched;
	size_t touched_count;
};

/* max: postings that it may hold. */
void postings_init(struct postings *p, size_t max);
void postings_release(struct postings *p);
void postings_clear(struct postings *p);
/* Postings that it still takes. */
size_t postings_room(const struct postings *p);
/* Adds a record with the keys of b.  False, and nothing was added, when it is
 * full. */
bool
postings_add(struct postings *p, int64_t record_id, const struct blocking *b);
/* Sorts: from now on it can be searched, and only that. */
void postings_ready(struct postings *p);
/* For each record that shares keys with b, and whose index is below `below`:
 * its index and their weight together, if that is at least `least`; in no
 * order. */
void postings_search(struct postings *p, const struct blocking *b,
    uint32_t least, size_t below,
    void (*found)(void *arg, uint32_t index, uint32_t weight), void *arg);

#endif
