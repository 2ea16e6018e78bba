/* What the files of the role share; private to src/resolve/resolve*.c. */
#ifndef SHEAF_RESOLVE_RESOLVE_PRIV_H
#define SHEAF_RESOLVE_RESOLVE_PRIV_H

#include "resolve/ask.h"
#include "resolve/bulk.h"
#include "resolve/keys.h"
#include "resolve/learn_run.h"
#include "resolve/propose.h"
#include "resolve/resolve.h"
#include "resolve/upkeep.h"
#include "resolve/version.h"

enum {
	RESOLVE_POLL_MS = 2000, /* decisions, what operators ask, and other
				   daemons' records say nothing */
	RESOLVE_ASIDE_MS = 5000, /* a version that is weighed waits so long
				    while there is more to do */
};

struct resolve {
	struct work work;
	struct chan *chan;
	struct event *step;
	char *connection, *user, *password;
	bool is_set_up, is_told; /* the sources were named */
	bool once, runs_open;
	uint64_t serial; /* of the last RESOLVE_WAKE */
	unsigned attempt; /* to connect, since it worked last */
	bool works; /* it has the lock, and the state was loaded */
	bool worked; /* a step went well since */
	bool has_keys; /* sheaf.match_key is whole */
	struct learn_run *learn;
	struct bulk *bulk;
	struct keys_run *keys;
	struct upkeep *upkeep;
	char note[128]; /* why a version is learned */
	int64_t learn_since_ms; /* since when one is due; 0 */
	int64_t began_ms; /* of what is logged at its end; 0 */
	/* A version that is proposed; what operators ask. */
	struct propose *propose;
	bool is_checked; /* whether the model fits was asked since it started */
	bool is_strict; /* and by the counts of a harvest that is over */
	bool is_due; /* one is to be proposed, for the reason in unfit */
	enum version_fit fit;
	char unfit[128];
	int64_t proposed_ms; /* when it was begun */
	int64_t propose_after_ms; /* not before: one failed */
	int64_t asked_ms; /* when there was time for it last */
	int64_t looked_ms; /* when sheaf.ask was read last */
	struct group_change change;
	uint64_t batched; /* records since the last check of the model */
	bool has_batched; /* any since it started: statistics come later */
	/* what sheafd was told */
	struct msg_resolve_state told;
	int64_t told_ms;
	char text[256];
};

/* "resolves", …: what it does, for sheafd's log. */
void resolve_tell_busy(struct resolve *r, const char *text);
/* Logs what was done since it was last, where anything was. */
void resolve_log_batches(struct resolve *r);
/* Whether the model still fits, which is told in sheaf.resolving, and the table
 * of keys.  strict: by the counts of a harvest that is over.  -1; 1: another
 * model is to be learned now, or the table is to be made again; 0. */
int resolve_check(struct resolve *r, bool strict, struct err *e);
/* A version is proposed or applied where an operator asks, or one is due: about
 * a second of it.  -1; 1: something was done; 0: there is nothing to do. */
int resolve_step_asks(struct resolve *r, struct err *e);

#endif
