/*
 * What an incoming record is to what is known of it.  Pure.
 *
 * A record's digest is over its metadata and about, so its header alone makes
 * it `touched`: a narrow update, no new content, not counted by the breaker.
 */
#ifndef SHEAF_STORE_JUDGE_H
#define SHEAF_STORE_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

struct standing { /* what is known, what waits in this run included */
	bool exists;
	bool alive; /* active, missing or hidden */
	bool missing; /* marked by a complete list */
	bool filtered; /* left out by keep: its content is not kept */
	bool rejected; /* with an earlier run: not known to anybody */
	bool purged; /* an operator wants nothing of it here, ever */
	bool began; /* was alive when the run began */
	bool altered; /* and was counted as such in this run */
	bool recent; /* harvested when its datestamp's day or second was not
		      * over: it may have changed since and look the same */
	const uint8_t *digest; /* NULL: none */
	const char *datestamp; /* never NULL */
	const char *sets; /* one a line, never NULL */
};

struct incoming {
	bool deleted, header_only, filtered;
	bool is_known; /* its content was not read: record/known.h */
	const uint8_t *digest;
	const char *datestamp, *sets; /* never NULL */
};

enum verdict {
	VERDICT_NEW,
	VERDICT_CHANGED, /* other content, or back after deletion */
	VERDICT_TOUCHED,
	VERDICT_UNCHANGED,
	VERDICT_DELETED,
	VERDICT_FILTERED, /* left out by keep */
	VERDICT_STILL_FILTERED, /* the same, and nothing of it has changed */
	VERDICT_WANTED /* a header whose record has to be fetched */
};

struct judgement {
	enum verdict verdict;
	/* To the number of records alive.  Lost are only such as were alive
	 * when the run began, each once, however often it comes and goes. */
	int gained, lost;
	int altered; /* the like: with lost, it counts against max_change */
};

struct judgement judge(const struct standing *s, const struct incoming *in);
/* Whether what was harvested then may change under the same datestamp. */
bool judge_is_recent(const char *datestamp, int64_t harvested_us);
/* Of two copies in one transaction: whether the second is the older one. */
bool judge_is_older(const char *second, const char *first);

#endif
