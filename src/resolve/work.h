/*
 * What the parts of resolve share: the database, the current model, the
 * sources.  Private to src/resolve and bin/sheaf-resolve.c.
 *
 *	resolve   the role: messages, steps, losses of the database
 *	work      connections, the lock, sources; what is due next
 *	made      records that changed → profiles
 *	batch     a batch of changed records → pairs, entries
 *	learn_run a model from all profiles
 *	bulk      everything scored again by a new version
 *	group     components → clusters → entries, written
 *	judge     pairs → scores, written
 *	keys      sheaf.match_key
 *	postings  keys of many records in memory
 *	known     profiles of records, by number
 *	flow      all profiles, one after the other
 *	version   models in the database
 *	weigh     what a version would change, beside the work
 *
 * Functions return 0, or -1 and e; after a failure the transaction is rolled
 * back by who began it (work_rollback), or the connections are closed
 * (work_close) and all that was in memory is forgotten.
 */
#ifndef SHEAF_RESOLVE_WORK_H
#define SHEAF_RESOLVE_WORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "db/work.h"
#include "resolve/idmap.h"
#include "resolve/model.h"
#include "resolve/profile.h"

enum phase { PHASE_IDLE, PHASE_LEARN, PHASE_PAIRS, PHASE_CLUSTERS };

enum { WORK_LANES = 2 }; /* sheaf.search_lane */

struct work_source {
	int32_t id;
	char *name;
	uint64_t key; /* hash of the name */
};

/* What the configuration says of a source. */
struct work_given {
	char *name;
	bool is_curated;
};

/* As in sheaf.resolving. */
struct work_state {
	enum phase phase;
	int32_t version; /* that is applied */
	int64_t position;
	int64_t keys_made;
};

struct work {
	/* where the database is; the caller's */
	const char *connection, *user, *password;
	int watch; /* see db/work.h */
	struct db_work *db; /* one transaction at a time */
	struct db_work *reader; /* flow alone; opened at its first use */
	struct work_state state;
	struct model *model; /* the current one, or the one applied */
	int32_t version; /* its number; 0: none */
	uint64_t unread; /* records that are compared with less than may be:
			    their keys have more records than are read */
	struct weighing *weighing; /* of a version that is proposed: nothing is
				      written but what would change; NULL */
	struct work_source *sources;
	size_t source_count, source_cap;
	struct idmap by_id; /* source_id → index of sources */
	int64_t names; /* sheaf.renaming, as the sources were read */
	struct work_given *given;
	size_t given_count, given_cap;
	/* Of composing, since it started. */
	bool is_awake; /* what was put aside before is queued again */
	unsigned aside_in_a_row; /* entries, since one could be composed */
	unsigned unindexed_in_a_row[WORK_LANES]; /* entries of a lane, since one
						    could be made findable */
	/* for the log and for the bench */
	uint64_t records, candidates, pairs;
};

/* Connects, and takes the lock: only one resolver works on a database.  1: it
 * works; 0: another one does (the connection stays open); -1 and e. */
int work_open(struct work *w, struct err *e);
/* One connection more to the same database; the caller's.  NULL and e. */
struct db_work *work_connect(const struct work *w, struct err *e);
/* Drops connections, model and sources, not what the configuration says. */
void work_close(struct work *w);
void work_release(struct work *w);

int work_begin(struct work *w, struct err *e);
int work_commit(struct work *w, struct err *e);
/* Never fails: what cannot be rolled back was lost with the connection. */
void work_rollback(struct work *w);

/* Truncates tables that nobody else reads: a dump may for hours, so it waits
 * for seconds alone.  No transaction is open. */
int work_empty(struct work *w, const char *truncate, struct err *e);

/* Reads sheaf.resolving and loads the model that goes with it. */
int work_load(struct work *w, struct err *e);
/* Writes w->state, in the caller's transaction. */
int work_save(struct work *w, struct err *e);
/* The source of that number, read again when it is new; NULL and e. */
const struct work_source *
work_source(struct work *w, int32_t source_id, struct err *e);
/* Sources that have another name since they were read are read again: in a
 * transaction, before what depends on names. */
int work_names(struct work *w, struct err *e);
/* What the configuration says of a source; returns false when nothing. */
bool work_given(const struct work *w, const char *name, bool *is_curated);

/* Of two statements the one for what is in force, or for what is proposed. */
const char *
work_table(const struct work *w, const char *current, const char *proposed);

/* Records that wait, counted up to a bound; and profiles that are there,
 * roughly or exactly. */
int work_waiting(struct work *w, uint64_t *records, struct err *e);
/* Whether whoever has the lock is between two steps of what it does anyway: no
 * version is learned or applied, and no entry waits.  What waits to be resolved
 * is not looked at (work_waiting). */
int work_rests(struct work *w, bool *rests, struct err *e);
int work_profiles(struct work *w, uint64_t *count, struct err *e);

#endif
