/*
 * All records on their way past others: keys and encoded profile of each, made
 * once, and read as often as there are blocks to be compared with.
 *
 * They lie in a temporary table of the connection, which is not in the log and
 * goes with the session: registries are larger than a role's memory.
 */
#ifndef SHEAF_RESOLVE_SPOOL_H
#define SHEAF_RESOLVE_SPOOL_H

#include "base/buf.h"
#include "resolve/blocking.h"
#include "resolve/work.h"

struct spool_item {
	int64_t record_id;
	int32_t source_id;
	const void *data; /* the encoded profile */
	size_t len;
	const void *keys; /* see spool_blocking */
	size_t key_count;
};

struct spool {
	struct work *work;
	struct buf out; /* the batch that is written */
	int32_t batches; /* that are written */
	int32_t next; /* the one that is read next */
	struct db_result *row; /* the bytes of the items */
	struct spool_item *items; /* of batch next - 1 */
	size_t count, cap;
};

void spool_init(struct spool *s, struct work *w);
void spool_release(struct spool *s);

/* Makes the table, empty.  0, or -1 and e. */
int spool_begin(struct spool *s, struct err *e);
/* Puts a record behind the others; data: its profile as sheaf.profile has it,
 * at most LIMIT_PROFILE_BYTES.  0, or -1 and e. */
int spool_put(struct spool *s, int64_t record_id, int32_t source_id,
    const struct blocking *b, const void *data, size_t n, struct err *e);
/* No more come: from now on it can be read.  0, or -1 and e. */
int spool_end(struct spool *s, struct err *e);

/* The next one to be read is that batch. */
void spool_seek(struct spool *s, int32_t batch);
/* The next batch's records, in the order in which they were put: 1, or 0 when
 * there are no more, or -1 and e.  Those of the one before are gone. */
int spool_next(struct spool *s, struct err *e);
/* Drops the table: a session that lives for months must not keep what records
 * said that may be purged, nor an old table at all.  Where a run fails the
 * connection is closed, which does the same.  0, or -1 and e. */
int spool_drop(struct spool *s, struct err *e);
/* The keys of an item; `total` is their weight. */
void spool_blocking(const struct spool_item *x, struct blocking *out);

#endif
