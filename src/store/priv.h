/* What the files of src/store share; see store/store.h for who does what. */
#ifndef SHEAF_STORE_PRIV_H
#define SHEAF_STORE_PRIV_H

#include <sys/queue.h>
#include <uthash.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/limits.h"
#include "db/pool.h"
#include "proc/chan.h"
#include "record/stream.h"
#include "store/judge.h"
#include "store/statements.h"

/* The connections.  META commits synchronously: what it answers is durable.
 * The others do not wait for the disk: what they lose is asked for again. */
enum {
	CONN_META, /* closes, acts, the configuration */
	CONN_QUICK, /* opens, notes, leases, wanted records */
	CONN_WRITER, /* pages: CONN_WRITER + number of the writer */
	CONN_BIG = CONN_WRITER + 2,
	CONN_COUNT
};
enum { WRITERS = CONN_BIG - CONN_WRITER };

/* What is cheap together is dear alone: while there is much to do, a statement
 * of its kind begins this long after the one before at the soonest, unless
 * enough is there.  Who comes alone never waits. */
enum { PACE_MS = 4 };

/* How much is joined into one transaction. */
enum { BATCH_RECORDS = 5000, BATCH_PAGES = 64 };
#define BATCH_BYTES (6 * MIB)

struct item { /* a record of a page in hand; in the page's arena */
	const char *identifier, *datestamp, *sets; /* never NULL */
	const char *context; /* never NULL */
	const void *element, *doc;
	size_t element_len, doc_len;
	uint64_t offset, length;
	bool deleted, header_only, filtered;
	bool is_known; /* it has no content: record/known.h */
	bool wanted; /* its record has to be fetched */
	uint8_t digest[DIGEST_BYTES];
	uint32_t entry; /* of the transaction that it is in */
	uint32_t stored; /* which of the page's stored records it is */
	/* where it went, when it was written */
	int64_t block_id; /* 0: nowhere */
	int32_t raw_offset, raw_length, doc_length;
};

struct reject_item {
	const char *identifier; /* NULL: unknown */
	const char *reason;
	uint64_t offset, length;
};

struct page_counts {
	uint32_t received, added, changed, touched, unchanged, deleted,
	    rejected, wanted, filtered;
	uint32_t still; /* of the filtered: known as such before */
	int64_t gained, lost, altered;
	int64_t terms, unmapped; /* of the records that are inserted */
};

struct stored;

struct run { /* an open run of ours */
	UT_hash_handle hh;
	uint64_t id, epoch;
	uint32_t source_id;
	char *host;
	char *format; /* of its last page, NULL when not known */
	TAILQ_HEAD(run_pages, page) pages; /* in hand, by page_no */
	TAILQ_HEAD(, stored) stored; /* pages that are not opened yet */
	TAILQ_ENTRY(run) ready; /* has pages to write */
	bool is_ready, busy; /* busy: a transaction has its pages */
	bool compares; /* its mode is compare */
	bool is_full; /* its mode is full: keep judges what it left out */
	bool rejudges; /* keep is another one: what is known says nothing */
	bool gone; /* to be forgotten when not busy */
	bool has_pending; /* something may wait in sheaf.pending */
	bool known_asked; /* for a table of what it has, once */
	size_t known_bytes; /* of that table */
	uint64_t active; /* records when it was opened */
	bool lease_asked; /* it takes part in the renewal under way */
	unsigned notes; /* on their way to the database */
	/* of the transaction under way */
	bool stands; /* its row is where its next page begins */
	bool first; /* nothing can be lost: changes need not wait */
	bool waits; /* something was put into sheaf.pending */
	bool held; /* its limits are reached */
};

enum page_state {
	PAGE_STREAMING, /* its parser writes */
	PAGE_STREAMED, /* trailer checked, PAGE_FACTS said */
	PAGE_READY, /* and PAGE_COMMIT came */
	PAGE_WRITING
};

struct page {
	UT_hash_handle hh;
	TAILQ_ENTRY(page) of_run;
	struct store *store;
	struct run *run;
	uint64_t id, epoch, page_no, body_bytes, wire_bytes;
	uint32_t status, requests, retries;
	int64_t fetched_at;
	char *verb, *url, *wanted, *format,
	    *after; /* after: state, at commit */
	int64_t advertised;
	uint8_t hash[HASH128_BYTES];
	uint8_t rules[HASH128_BYTES]; /* by which its content is made, */
	bool has_rules; /* where that is known */
	struct stored *stored; /* what is read again; NULL: a harvest's page */
	int body_fd, stream_fd;
	struct event *readable;
	struct stream_reader *reader;
	enum page_state state;
	bool big, solo;
	bool dated; /* its tombstones say nothing of what is newer */
	bool guessed; /* what was known of it is not so: to be read again */
	bool unclean; /* some record came with an element */
	struct arena arena; /* items and rejects, and what they point to */
	struct item *items;
	size_t item_count, item_cap, item_bytes;
	struct reject_item *rejects;
	size_t reject_count, reject_cap;
	uint64_t reject_bytes; /* raw bytes kept of rejects */
	struct buf facts;
	int64_t *record_ids; /* all known records that it names */
	size_t id_count, id_cap;
	unsigned part; /* blocks made of it */
	struct page_counts counts;
};

/* A question to the database that an answer to sheafd waits for.  Who asks
 * begins its own struct with this one, and keeps texts in the arena. */
struct request {
	TAILQ_ENTRY(request) all;
	struct store *store;
	struct arena arena;
};

struct batch;
struct big;
struct close_request;
struct open_request;
struct config_names;
struct event;

struct store {
	struct event_base *base;
	struct chan *chan;
	void (*ended)(void *arg);
	void *ended_arg;
	struct db *db;
	char *node;
	char incarnation[17];
	uint32_t run_days, page_days, change_days, history_days, lease_ms;
	struct page *pages;
	struct run *runs;
	TAILQ_HEAD(, run) ready;
	struct batch *batches[WRITERS]; /* NULL: idle */
	size_t known_bytes; /* of all tables of known contents */
	struct big *big;
	/* numbers given out by sheaf.number_block, not used yet */
	int64_t *numbers; /* firsts of blocks of NUMBERS_BLOCK */
	size_t number_count, number_cap;
	int64_t number_next, number_end;
	size_t number_reserved; /* by the transactions under way */
	/* opens that wait for CONN_QUICK, or for its answer */
	TAILQ_HEAD(, open_request) opens;
	size_t open_count;
	unsigned opening; /* statements of them under way */
	int64_t opened_ms, closed_ms, wrote_ms; /* when one began last */
	/* closes that wait for CONN_META, or for its answer */
	TAILQ_HEAD(, close_request) closes;
	TAILQ_HEAD(, request) requests; /* under way on META and QUICK */
	struct config_names *names;
	struct event *kick, *lease_timer, *sweep_timer, *drain_timer;
	bool sweeping, draining, releasing;
	bool swept; /* once at least, since it began */
	int64_t drain_until_ms;
};

enum { NUMBERS_BLOCK = 1000 };

/* --- store.c --- */
void store_send(struct store *s, const struct msg *m);
void store_say_failed(struct store *s, uint64_t page, uint64_t run_id,
    enum err_class class, const char *why, bool reopen); /* PAGE_FAILED */
void *request_new(struct store *s, size_t size);
void request_free(struct request *q);
/* Everything that can be started will be, when what has come already was
 * read: it goes together. */
void store_kick(struct store *s);
/* Milliseconds until *last + PACE_MS, 0 when that is over: then *last is now.
 */
unsigned store_pace(int64_t *last);

/* --- page.c --- */
void page_on_open(
    struct store *s, const struct msg_page_open *m, int *fds, size_t nfds);
void page_on_commit(struct store *s, const struct msg_page_commit *m);
void page_on_abort(struct store *s, const struct msg_page_abort *m);
/* Says PAGE_FAILED and forgets the page. */
void page_fail(struct page *p, const struct err *why, bool reopen);
void page_free(struct page *p);
/* Begins or goes on, and stops, reading the stream. */
void page_read(struct page *p);
void page_stop(struct page *p);
/* Items and rejects were written: memory for the next ones. */
void page_clear_items(struct page *p);
void page_add_id(struct page *p, int64_t record_id);
/* What a page brings; NULL datestamps and sets read as "". */
const char *page_format(const struct page *p);
/* Fills buf from the body; 0, or -1 when the body is shorter. */
int page_body(
    const struct page *p, void *buf, uint64_t offset, size_t n, struct err *e);
void page_done(struct page *p, bool held);

/* --- batch.c --- */
unsigned batches_kick(struct store *s);
void batches_free(struct store *s);
bool batches_busy(const struct store *s);

/* --- big.c --- */
void big_kick(struct store *s);
void big_streamed(struct page *p); /* trailer seen */
void big_committed(struct page *p);
/* Enough items for a part, or the stream has ended. */
void big_filled(struct page *p);
void big_abort(struct page *p);
void big_free(struct store *s);

/* --- run.c --- */
struct run *run_find(struct store *s, uint64_t id);
/* Its pages are dropped; it goes at once, or when it is not busy any more. */
void run_forget(struct store *s, struct run *r);
/* Its pages left the transaction. */
void run_unbusy(struct store *s, struct run *r);
/* The run's first page may have become ready. */
void run_check_ready(struct store *s, struct run *r);
void runs_free(struct store *s);
void run_on_note(struct store *s, const struct msg_run_note *m);
void run_on_want(struct store *s, const struct msg_want_list *m);
void lease_timer_set(struct store *s);
void leases_release(struct store *s);

/* --- open.c --- */
void run_on_open(struct store *s, const struct msg_run_open *m);
/* Like closes_kick and batches_kick: 0, or in how many milliseconds it has to
 * be called again. */
unsigned opens_kick(struct store *s);
void opens_free(struct store *s);

/* --- rekey.c --- */
void run_on_rekey(struct store *s, const struct msg_run_rekey *m);

/* --- known.c --- */
/* A page is stored: is the rest of its run better read with a table of what
 * the source has? */
void known_consider(const struct page *p);

/* --- close.c --- */
void run_on_close(struct store *s, const struct msg_run_close *m);
unsigned closes_kick(struct store *s);
void closes_free(struct store *s);

/* --- source.c --- */
/* vocabulary.c */
void
vocabulary_on_set(struct store *s, const struct msg_vocabulary_set *m, int fd);
void source_on_agency(struct store *s, const struct msg_agency_set *m);
void source_on_set(struct store *s, const struct msg_source_set *m);
void source_on_end(struct store *s, const struct msg_sources_end *m);
void source_on_act(struct store *s, const struct msg_source_act *m);
void source_names_free(struct store *s);
void sweep_timer_set(struct store *s);
/* A step of retention now. */
void sweep_now(struct store *s);
/* A sweep was lost with its connection. */
void sweep_again(struct store *s);

#endif
