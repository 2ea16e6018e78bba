/* Runs: the glue between the harvest driver, the transfers and the pages. */
#ifndef SHEAF_BIN_SHEAFD_RUNS_H
#define SHEAF_BIN_SHEAFD_RUNS_H

#include "bin/sheafd.h"
#include "wire/msg.h"

struct page;
struct event;

enum run_phase {
	RUN_OPENING, /* RUN_OPEN was sent */
	RUN_GOING, /* the driver is asked */
	RUN_CLOSING, /* RUN_CLOSE was sent */
	RUN_LOST /* waits until it may be opened again */
};

/* So often a role may end by a run's pages before they are not asked for any
 * more. */
enum { ROLE_LOSSES = 5 };

struct run {
	struct daemon *d;
	struct source *source;
	const struct conf_source *conf; /* as it was when the run was opened */
	const struct config *config; /* which conf lives in */
	enum run_phase phase;
	enum run_mode mode;
	const char *reason; /* static text: due, asked, … */
	uint64_t id; /* of the database; 0 until RUN_OPENED */
	uint64_t epoch;
	struct harvest *driver; /* RUN_GOING only */
	struct page *pages; /* asked for, not yet done; oldest first */
	struct event *timer; /* RUN_LOST: when to open it again */
	unsigned losses; /* in a row, without a page in between */
	unsigned role_losses; /* by a role that ended with a page of ours in
			       * hand: see runs_role_lost */
	int64_t apart_ms; /* waited besides before it is opened again */
	bool close_was_sent; /* its fate was not learned before the loss */
	bool wants; /* WANT_LIST was sent */
	enum err_class end_class; /* said with RUN_CLOSE */
	bool pause; /* 410: the source is paused when it is closed */
	int64_t refused_ms; /* the first time, since it waits for a lease */
	int known_fd; /* what the parsers need not read again; -1: none */
	bool was_lost; /* then everything is read */
	bool has_parsers; /* PARSE_PAGE was sent: to be forgotten */
	/* not yet told to store */
	uint32_t requests, retries;
	uint64_t wire_bytes;
	/* for people */
	struct err last; /* why the last request has to be made again */
	int64_t began_ms;
	uint64_t records, pages_done;
	uint64_t body_bytes; /* of the last page: guess for the next */
	UT_hash_handle by_id;
	struct run *prev, *next;
};

void runs_init(struct daemon *d);
void runs_free(struct daemon *d);
unsigned runs_open(const struct daemon *d);
struct run *runs_first(const struct daemon *d);
/* True when an open run was begun with this configuration. */
bool runs_use(const struct daemon *d, const struct config *c);

/* Opens a run of an idle source. */
void run_open(struct source *s, enum run_mode mode, const char *reason);
/* Stops it at the next page boundary; it is closed as incomplete. */
void run_stop(struct run *r, enum err_class class, const char *text);
/* Frees the run and puts its source where it belongs now. */
void run_end(struct run *r, enum source_state to, const char *why);
/* What is in hand is forgotten; the run is opened again after a while and
 * goes on from its last committed page. */
void run_lost(struct run *r, const char *why);
/* Lost runs may be opened again: sources are known again. */
void runs_reopen(struct daemon *d);
/* Every run is lost (store went away). */
void runs_lost(struct daemon *d, const char *why);
/* A role has ended: every run with such a page is lost.  One that was lost so
 * twice is under suspicion, since its page may be what ends the role: those
 * under suspicion come back one after the other, and only where one of them
 * was there alone its count grows, up to ROLE_LOSSES. */
void runs_role_lost(
    struct daemon *d, bool (*has)(const struct page *p), const char *why);
/* Asks the driver what comes next, and does it. */
void run_step(struct run *r);
/* The driver has forgotten these pages: this one and those after it. */
void run_drop_from(
    struct run *r, uint64_t page_no, enum err_class class, const char *why);
/* The page leaves the run; its memory is the caller's. */
void run_drop_page(struct run *r, struct page *p);
/* The database says that the run of a source whose RUN_CLOSE was on its way
 * when store went away has ended. */
void run_was_closed(struct run *r, bool well);

void runs_on_opened(struct daemon *d, const struct msg_run_opened *m);
void runs_on_refused(struct daemon *d, const struct msg_run_refused *m);
void runs_on_lease_lost(struct daemon *d, const struct msg_lease_lost *m);
void runs_on_known(
    struct daemon *d, const struct msg_run_known *m, int *fds, size_t nfds);
void runs_on_wanted(struct daemon *d, const struct msg_wanted *m);
void runs_on_rekeyed(struct daemon *d, const struct msg_run_rekeyed *m);
void runs_on_closed(struct daemon *d, const struct msg_run_closed *m);
struct run *runs_find(struct daemon *d, uint64_t run_id);

#endif
