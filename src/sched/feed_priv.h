/*
 * Inside the feed driver: what its files share.
 *
 *	feed_run.c    the calls of feed_run.h: the page in flight, what is next
 *	feed_judge.c  an answer → read, equal, followed elsewhere, or failed
 *	static_judge.c the same of a static repository's file
 *	feed_follow.c pages, archives, and what an earlier run left unread
 *	feed_close.c  what the run says of itself at its end
 *	feed_state.c  state as text, and back; what is known from poll to poll
 *	feed_wait.c   when the feed is asked again
 *
 * What is known of a feed is a list of quirks, kept in its source's row:
 *
 *	feed_url, feed_of       its address, and the web page (url) it is of
 *	asked, asked_format     the address that the validators belong to, and
 *	                        what of a static repository was read:
 *	etag, last_modified, body       body is its digest
 *	list_format             of a static repository, the list that is read;
 *	list_refused            offered, and not there
 *	read_at                 when it was last read, and not equal
 *	identity, identity_why  the basis of its items' identifiers, not guid;
 *	                        repeat or change
 *	rekey                   its records are still known by another basis
 *	ttl, skip_hours, skip_days, hub    as the feed says
 *	rhythm, changed_at, polled_at      how often it changes: see feed_wait.c
 *	missed_at               when its window was wholly new
 *	rest, rest_way, rest_followed, rest_tries   where reading what is behind
 *	                        it broke off
 */
#ifndef SHEAF_SCHED_FEED_PRIV_H
#define SHEAF_SCHED_FEED_PRIV_H

#include "base/date.h"
#include "base/digest.h"
#include "sched/feed_run.h"
#include "sched/feed_wait.h"
#include "sched/kv.h"
#include "sched/seen.h"

/* After so long a feed that seems equal is read all the same, and what was
 * missed is no news any more. */
#define FEED_WEEK_US (INT64_C(7) * 24 * 3600 * 1000000)

enum feed_way {
	FEED_WAY_FEED, /* the feed itself */
	FEED_WAY_PAGE, /* RFC 5005 section 3: rel=next */
	FEED_WAY_ARCHIVE, /* RFC 5005 section 4: rel=prev-archive */
	FEED_WAY_NUMBER, /* ?page=2, as the configuration says */
	FEED_WAY_COUNT
};
extern const char *const feed_way_names[FEED_WAY_COUNT];

/* Where the run is: what is asked next. */
struct feed_place {
	bool done;
	enum feed_way way;
	char *url; /* owned; NULL: the feed's own address */
	uint64_t followed; /* pages behind the first that were asked for */
};

/* The page in flight. */
struct feed_page {
	bool there, fetched, judged;
	uint64_t no;
	unsigned status;
	int64_t retry_after_ms;
	bool comparable; /* read not long ago: it may be equal */
	bool conditional; /* asked with validators */
	/* of its answer, until it is committed */
	char *etag, *last_modified;
	char body[2 * HASH128_BYTES + 1];
	int64_t fresh_ms; /* by Cache-Control or Expires; 0: not said */
	/* of its facts */
	uint64_t records;
	char *next, *archive;
};

struct feed_run {
	const struct conf_source *source;
	enum run_mode mode;
	struct backoff_policy policy;
	uint64_t random, active, committed;
	int64_t now_us; /* of the last call that said it */
	struct kv quirks, facts;
	struct feed_place place;
	struct feed_page page;
	struct seen seen; /* addresses asked for */
	/* tries of the request at place, and losses in a row */
	unsigned attempt, lost;
	int64_t wait_ms;
	/* what this run has brought */
	uint64_t added, known, altered; /* altered: changed or deleted */
	bool first, gap; /* everything is followed; until something is known */
	bool guessed; /* the gap is none that was seen */
	bool complete; /* fh:complete, and nothing was rejected */
	bool resumed; /* the next page may have been stored before */
	bool behind; /* the run was opened again behind the feed itself */
	bool read; /* the feed itself was read and stored */
	bool same; /* 304, or an equal body */
	unsigned lists_missing; /* of a static repository: tried in vain */
	bool cut; /* a static repository that goes on elsewhere */
	bool discovered; /* the feed's address was found by this run */
	bool rekey_wanted, rekey_asked;
	/* the end */
	bool over, pause, stopped;
	struct err err, rest_err, last_err;
	/* texts handed out */
	struct buf state, text, quirks_out, facts_out;
};

/* feed_run.c */
/* The feed's address, found or configured. */
const char *feed_address(const struct feed_run *r);
/* Sets the place where the run goes on; takes url over. */
void feed_go(struct feed_run *r, enum feed_way way, char *url);
void feed_done(struct feed_run *r);
/* Why, with the address to try by hand. */
void feed_say(struct feed_run *r, enum err_class class, int code,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* The run ends with what was said last; of a page behind the first only the
 * rest of the feed is given up. */
void feed_over(struct feed_run *r);
/* The request failed: once more after a wait, at most `tries` in all, or
 * over. */
void feed_failed(struct feed_run *r, unsigned tries, int64_t retry_after_ms);

/* feed_follow.c */
/* The page at place is left to the next runs, some times when it failed. */
void feed_keep_rest(struct feed_run *r, bool failed);
/* If the page at place was such a one, it is no more. */
void feed_rest_done(struct feed_run *r);
/* The run, being done, goes on where an earlier one broke off. */
void feed_take_rest(struct feed_run *r);
/* What comes behind the page that was stored.  brought: something new. */
void feed_go_on(struct feed_run *r, bool brought);

/* feed_judge.c */
enum harvest_verdict
feed_answer(struct feed_run *r, const struct harvest_fetched *f);
enum harvest_verdict feed_judge(struct feed_run *r, const struct page_facts *f);

/* static_judge.c */
bool feed_is_static(const struct feed_run *r);
/* The list that is asked for: configured, or found to say most; "": not known
 * yet. */
const char *static_format(const struct feed_run *r);
enum harvest_verdict
static_judge(struct feed_run *r, const struct page_facts *f);
/* What the operator is told as long as it holds, or nothing. */
void static_note(const struct feed_run *r, struct buf *note);

/* feed_state.c */
void feed_state_write(const struct feed_run *r, struct buf *out);
void feed_state_read(struct feed_run *r, const char *text);
/* The first page was good, or equal: what came with it is kept. */
void feed_keep_validators(struct feed_run *r);
int64_t feed_number(const struct kv *kv, const char *key); /* 0 if absent */
void feed_set_number(struct kv *kv, const char *key, int64_t value);

/* feed_wait.c */
/* How often the feed wants to be asked, from its own words. */
void feed_keep_wishes(struct feed_run *r, const struct facts_feed *f);
/* Notes this poll in the rhythm, and says when the next is due. */
int64_t feed_next_ms(struct feed_run *r);

#endif
