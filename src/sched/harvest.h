/*
 * A harvest of one source, whatever its protocol: which request comes next,
 * and whether to believe the answer.  Pure: no I/O, no clock of its own, no
 * memory of the database.  oai_run.h drives OAI-PMH, feed_run.h feeds and
 * static repositories, renorm_run.h what reads stored records again; they are
 * driven by the calls below.
 *
 * The glue in src/bin asks harvest_next() until it says WAIT, carries out
 * what it says, and tells the driver what came of it.  Order of calls for one
 * page: next → fetched → facts → (COMMIT) → committed.  One page may be
 * fetched ahead: after facts of page n, next() may give the request of page
 * n + 1 before committed(n); fetched() and facts() of n + 1 may come before it
 * too.  A lost page (aborted, failed, refused commit) undoes what was ahead of
 * it: the glue calls lost(), and forgets its transfers and pages of this run.
 * The same holds after RETRY, DROP, ABORT, unparsed() and CLOSE: whatever of
 * this run has a higher page number than the page spoken of is to be
 * forgotten.
 *
 * A page is finished by the first of: fetched() → RETRY or DROP, facts() →
 * ABORT, unparsed(), lost(), committed().  Its number is then given out again,
 * except by committed().
 *
 * State is text of "key=value" lines (control characters and % of values
 * percent-encoded), at most HARVEST_STATE_BYTES.
 */
#ifndef SHEAF_SCHED_HARVEST_H
#define SHEAF_SCHED_HARVEST_H

#include "base/buf.h"
#include "base/err.h"
#include "config/config.h"
#include "record/facts.h"
#include "sched/backoff.h"

enum { HARVEST_STATE_BYTES = 64 * 1024 };

enum run_mode {
	RUN_INCREMENTAL,
	RUN_FULL,
	RUN_COMPARE,
	RUN_RENORMALISE /* nobody is asked: what is stored is read again */
};
/* "incremental", "full", "compare", "renormalise" */
const char *run_mode_name(enum run_mode m);
int run_mode_parse(const char *s);

struct harvest;

struct harvest_open { /* from RUN_OPENED; texts are copied */
	enum run_mode mode;
	const char *state; /* "" for a new run */
	const char *checkpoints; /* lines "setSpec TAB from" */
	const char *quirks; /* lines "key=value" */
	uint64_t page_no; /* of the last committed page; 0: none */
	uint64_t active; /* records active at its start */
	uint64_t received, wanted;
	int64_t now_us;
	uint64_t random; /* seeds jitter */
	const char *rules; /* RUN_RENORMALISE: by what content is made now */
	const struct backoff_policy
	    *backoff; /* copied; NULL: backoff_default */
};
/* `source` must outlive the run; its protocol decides who drives. */
struct harvest *
harvest_new(const struct conf_source *source, const struct harvest_open *open);
void harvest_free(struct harvest *h);

enum harvest_step {
	HARVEST_STEP_WAIT, /* something is under way; nothing to do now */
	HARVEST_STEP_REQUEST, /* fetch this */
	HARVEST_STEP_WANT, /* ask store for wanted identifiers (WANT_LIST) */
	HARVEST_STEP_STORED, /* ask store for stored records (STORED_ASK) */
	HARVEST_STEP_REKEY, /* compare what is new with what is there by
			     `identity` (RUN_REKEY) */
	HARVEST_STEP_CLOSE /* close the run: harvest_close() */
};
struct harvest_request {
	uint64_t page_no; /* number this page will have */
	const char *verb; /* texts live until the next call on the run */
	const char *url;
	const char *format; /* metadataPrefix in use */
	const char *from, *until, *set; /* asked, "" where not */
	const char *wanted; /* GetRecord: the identifier, else "" */
	const char *etag, *last_modified; /* of a conditional GET, else "" */
	const char *identity; /* of a feed's items: guid, link, digest, else ""
			       */
	uint32_t want; /* STEP_WANT: for how many identifiers to ask, */
	const char *want_after; /* of those behind this one; "": all */
	uint64_t after; /* STEP_STORED: behind which block, */
	uint32_t blocks; /* and how many; 0: as many as make a page */
	int64_t wait_ms; /* not before now + wait_ms (backoff, Retry-After) */
};
enum harvest_step harvest_next(struct harvest *h, struct harvest_request *out);

/* What a transfer brought (FETCH_DONE). */
struct harvest_fetched {
	uint64_t page_no;
	enum err_class err_class; /* of the transfer itself; NONE when it
				     brought an answer, whatever its status */
	const char *err_text;
	unsigned status; /* HTTP */
	const char *retry_after; /* headers as sent, or "" */
	const char *etag, *last_modified, *cache_control, *expires;
	const char *moved_url;
	uint64_t body_bytes;
	const uint8_t *body_hash; /* 16 bytes */
	int64_t now_us;
};
enum harvest_verdict {
	HARVEST_PARSE, /* there is a body worth reading (also of 4xx) */
	HARVEST_RETRY, /* next() will give the request again, with wait_ms */
	HARVEST_DROP, /* all is well and nothing to read: next() goes on */
	HARVEST_COMMIT, /* good: PAGE_COMMIT with `state` */
	HARVEST_ABORT, /* not to be stored: PAGE_ABORT; next() knows how to go
			  on */
};
/* PARSE, DROP, or RETRY with `why`; when the run is over by it, RETRY and
 * next() gives CLOSE.  Answers of 4xx and 5xx may be to be parsed too: OAI-PMH
 * errors and the names of challenge pages stand in them. */
enum harvest_verdict harvest_fetched(
    struct harvest *h, const struct harvest_fetched *f, struct err *why);
/* What STORED brought for a page of STEP_STORED: PARSE, or DROP where no block
 * is left.  Several such pages may be on their way at a time. */
struct harvest_stored {
	uint64_t page_no;
	uint32_t blocks; /* 0: none is left */
	uint64_t last; /* of them */
	uint64_t passed_over; /* where none is left: records of a feed that
				 have not its head */
};
enum harvest_verdict
harvest_stored(struct harvest *h, const struct harvest_stored *s);
/* COMMIT or ABORT (with `why`).  To be called at PAGE_FACTS, so that the next
 * page can be fetched ahead; but PAGE_COMMIT is sent only when PARSE_EXIT said
 * status 0 as well.  If it says otherwise, unparsed() takes the COMMIT back. */
enum harvest_verdict harvest_facts(struct harvest *h, uint64_t page_no,
    const struct page_facts *f, struct err *why);
/* The parser died or wrote rubbish (PARSE_EXIT), or store refused the stream
 * (PAGE_FAILED without `reopen`): counts as a failed page; before or after
 * facts(), not after committed(). */
void harvest_unparsed(
    struct harvest *h, uint64_t page_no, const struct err *why, int64_t now_us);
/* The state that goes with PAGE_COMMIT of this page; lives until the next
 * call of this function.  advertised: completeListSize of its list, or -1. */
const char *
harvest_state(struct harvest *h, uint64_t page_no, int64_t *advertised);
struct harvest_counts {
	uint64_t added, changed, touched, unchanged, deleted, rejected, wanted;
	uint64_t filtered; /* left out by keep */
	uint64_t filtered_before; /* of these: known as such */
	bool held;
};
void harvest_committed(
    struct harvest *h, uint64_t page_no, const struct harvest_counts *c);
/* Everything after the last committed page is forgotten.  A run that loses
 * pages five times without a commit between ends with class DB. */
void harvest_lost(struct harvest *h);
/* What WANTED brought: identifiers, one a line; none: no more are left. */
void harvest_wanted(struct harvest *h, const char *identifiers);

/* What RUN_REKEYED said: the source's records are known by that basis now, or
 * they had nothing to do with each other. */
void harvest_rekeyed(struct harvest *h, bool rekeyed);

/* How it ended; for RUN_CLOSE.  Texts live as long as the run. */
struct harvest_close {
	bool completed, complete_list;
	struct err err; /* class NONE when all went well */
	const char *suspicion; /* "" or why the answer is not believed */
	const char *checkpoints; /* new ones, all lists */
	const char *quirks; /* among them moved_url, where permanent redirects
			       led, and moved_days, on how many days */
	const char *facts; /* what the server says of itself, "key=value"
     lines.  Of OAI-PMH repository, base_url, protocol_version, earliest,
     deleted_record, granularity, compression, admin_email, response_date; and
     what was noticed: formats, note */
	int64_t advertised;
	bool pause; /* 410: the source shall be paused, err says why */
	bool ask_full; /* the next run should be a full one */
	int64_t next_ms; /* when the next run is wanted; 0: by the source's
			    interval.  Not looked at after a failure. */
};
void harvest_close(struct harvest *h, struct harvest_close *out);
/* Stop at the next page boundary (shutdown, pause): pages that are being parsed
 * or stored may end, transfers are given up; then next() gives CLOSE. */
void harvest_stop(struct harvest *h, enum err_class class, const char *text);
/* For status and progress: a sentence such as "ListRecords, set x, page 12". */
const char *harvest_where(struct harvest *h);

#endif
