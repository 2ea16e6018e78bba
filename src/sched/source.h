/*
 * A source's place in the daemon: its state, moved by one function that
 * checks a table of legal moves and logs the reason; and the queue of when
 * each is due.
 *
 * What the database remembers (paused, held, retired, failures, next_due) is
 * handed in at the start and is changed there by others; this is the daemon's
 * working copy.
 */
#ifndef SHEAF_SCHED_SOURCE_H
#define SHEAF_SCHED_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "sched/heap.h"

enum source_state {
	SOURCE_NEW, /* in the configuration; the database was not asked */
	SOURCE_IDLE, /* waits for its time */
	SOURCE_DUE, /* its time has come; waits for a free place */
	SOURCE_OPENING, /* RUN_OPEN was sent */
	SOURCE_RUNNING,
	SOURCE_CLOSING, /* RUN_CLOSE was sent */
	SOURCE_BACKING_OFF, /* its last run failed; waits longer or shorter */
	SOURCE_HELD, /* its last run waits for approve or reject */
	SOURCE_PAUSED, /* by an operator, or by a 410 */
	SOURCE_FROZEN, /* disabled, or no longer in the configuration */
	SOURCE_RETIRED,
	SOURCE_STATE_COUNT
};
const char *source_state_name(enum source_state s); /* "backing-off", … */
/* The state of that name, or -1. */
int source_state_parse(const char *name);

struct sched_source {
	struct heap_node due; /* in the due queue */
	const char *name; /* the owner's; outlives this */
	enum source_state state;
	char reason[256]; /* of the last move, for status */
	int64_t next_due_us;
	unsigned failures; /* runs in a row */
};

/* Moves and logs "idle → due: reason".  0, or -1 with the state unchanged and
 * an error logged when the table has no such move; moving to the state it is
 * in only changes the reason. */
int source_move(struct sched_source *s, enum source_state to,
    const char *reason, ...) __attribute__((format(printf, 3, 4)));
bool source_may_move(enum source_state from, enum source_state to);

/* Hours of the day, UTC: "20:00-06:00", "08:30-17:00", "" any time. */
struct hours {
	bool always;
	int from_min, to_min; /* minutes of the day; from > to: over midnight */
};
/* 0, or -1 with class ERR_CONFIG saying what was expected. */
int hours_parse(struct hours *h, const char *s, struct err *e);
/* The first instant at or after us that lies within. */
int64_t hours_next(const struct hours *h, int64_t us);

/* The due queue.  Zeroed memory is an empty one. */
struct due_queue {
	struct heap heap;
};
void due_release(struct due_queue *q);
/* Puts the source where hours_next(hours, at_us) belongs (hours may be NULL),
 * and sets its next_due_us. */
void due_set(struct due_queue *q, struct sched_source *s,
    const struct hours *hours, int64_t at_us);
void due_remove(struct due_queue *q, struct sched_source *s);
/* Takes out the one that is due longest; NULL when none is due. */
struct sched_source *due_next(struct due_queue *q, int64_t now_us);
int64_t due_wake_us(const struct due_queue *q); /* INT64_MAX when empty */

#endif
