/*
 * sheaf.match_key: which records have a key, for what comes later.
 *
 * Rows are written in the order of keys, all records of one key that are at
 * hand in one row.  What a record no longer has is not taken out: who reads a
 * key looks at the profiles, too.  So the table is made again when it has
 * outgrown what it was when it was made.
 */
#ifndef SHEAF_RESOLVE_KEYS_H
#define SHEAF_RESOLVE_KEYS_H

#include "resolve/postings.h"
#include "resolve/work.h"

struct keys {
	struct work *work;
	struct postings hold; /* what is not written yet */
};

void keys_init(struct keys *k, struct work *w, size_t max);
void keys_release(struct keys *k);
/* In the caller's transaction, as all that follows: writes when full. */
int keys_add(
    struct keys *k, int64_t record_id, const struct blocking *b, struct err *e);
int keys_write(struct keys *k, struct err *e);

/* Empties the table; it is not whole until keys_made().  No transaction is
 * open. */
int keys_empty(struct work *w, struct err *e);
int keys_made(struct work *w, struct err *e);
/* The same, but where somebody reads it it stays as it is: 0.  1: it is empty;
 * -1 and e. */
int keys_renew(struct work *w, struct err *e);
/* Whether it is more than twice as large as it was, and
 * LIMIT_RESOLVE_KEYS_SPARE more. */
int keys_outgrown(struct work *w, bool *outgrown, struct err *e);
/* *whole: the table has the keys of all profiles. */
int keys_check(struct work *w, bool *whole, struct err *e);

/* For each of the keys (distinct, by rising value): its records; of one that
 * has too many (LIMIT_POSTINGS) `unread` is told instead. */
int keys_read(struct work *w, const uint64_t *keys, size_t count,
    void (*found)(void *arg, size_t index, int64_t record_id),
    void (*unread)(void *arg, size_t index), void *arg, struct err *e);

#endif
