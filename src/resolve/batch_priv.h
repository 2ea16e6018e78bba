/* A batch in parts; private to src/resolve/batch*.c. */
#ifndef SHEAF_RESOLVE_BATCH_PRIV_H
#define SHEAF_RESOLVE_BATCH_PRIV_H

#include "resolve/group.h"
#include "resolve/judge.h"
#include "resolve/made.h"
#include "resolve/queue.h"

/* Records that are as they were and have other pairs now: they stand for their
 * twins (resolve/twins.h) since another one came or went, or no more.  They are
 * judged when all others are. */
struct batch_again {
	int64_t *ids;
	size_t count, cap;
	struct idmap known_ids;
	struct known known; /* their profiles, and of others that may be */
	bool is_now; /* it is their turn */
};

struct batch {
	struct work *work;
	struct made made;
	struct queue queue;
	struct known known;
	struct judge judge;
	struct group group;
	struct made_record **todo; /* changed, gone or back */
	size_t todo_count;
	struct idmap members; /* record_id → whether it is active */
	struct batch_again again;
};

/* Whether a record is one of todo. */
bool batch_is_todo(const struct batch *b, int64_t record_id);
/* batch_match.c: judges the records of todo, with all that they may be. */
int batch_match(struct batch *b, struct err *e);

/* --- batch_again.c --- */
void batch_again_init(struct batch_again *a, struct work *w);
void batch_again_release(struct batch_again *a);
/* Once is enough; not one of todo. */
void batch_again_add(struct batch *b, int64_t record_id);
/* What records of todo had pairs with: of twins that stay who stands for them
 * now, where it was one that is gone from among them. */
int batch_again_left(
    struct batch *b, const int64_t *ends, size_t count, struct err *e);
/* Of records that are as they were those whose entries have lost one that was
 * purged, with its pairs. */
int batch_again_purged(struct batch *b, struct err *e);
/* Makes todo of them, if there are any: 1, else 0. */
int batch_again_begin(struct batch *b, struct err *e);

#endif
