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
	bool rejected; /* with an earlier run: not known to anybody */
	bool safe; /* added or changed by this run: no loss to change it */
	const uint8_t *digest; /* NULL: none */
	const char *datestamp; /* never NULL */
	const char *sets; /* one a line, never NULL */
};

struct incoming {
	bool deleted, header_only;
	const uint8_t *digest;
	const char *datestamp, *sets; /* never NULL */
};

enum verdict {
	VERDICT_NEW,
	VERDICT_CHANGED, /* other content, or back after deletion */
	VERDICT_TOUCHED,
	VERDICT_UNCHANGED,
	VERDICT_DELETED,
	VERDICT_WANTED /* a header whose record has to be fetched */
};

struct judgement {
	enum verdict verdict;
	int gained, lost; /* to the number of records alive */
	int altered; /* counts against max_change */
};

struct judgement judge(const struct standing *s, const struct incoming *in);
/* Of two copies in one transaction: whether the second is the older one. */
bool judge_is_older(const char *second, const char *first);

#endif
