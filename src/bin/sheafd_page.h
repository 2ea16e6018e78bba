/*
 * One page on its way, from the driver's request to its commit.
 *
 *	WAITING ─► FETCHING ─► FETCHED ─► PARSING ─► COMMITTING ─► (freed)
 *	   transfers, stored            pages
 *
 * A page belongs to its run (r->pages), and in each stage to the part that is
 * named below it; it leaves that part before it moves on.
 */
#ifndef SHEAF_BIN_SHEAFD_PAGE_H
#define SHEAF_BIN_SHEAFD_PAGE_H

#include "base/arena.h"
#include "base/digest.h"
#include "bin/sheafd.h"
#include "record/facts.h"
#include "sched/host.h"

struct run;

enum page_stage {
	PAGE_WAITING, /* for its time, its host, or room */
	PAGE_FETCHING, /* FETCH_START or STORED_ASK was sent */
	PAGE_FETCHED, /* its body waits for a parser */
	PAGE_PARSING, /* PAGE_OPEN and PARSE_PAGE were sent */
	PAGE_COMMITTING /* PAGE_COMMIT was sent */
};

/* What a role may take longer than the time that it keeps itself. */
enum { PAGE_GRACE_MS = 20 * 1000 };

struct page {
	struct run *run;
	struct page *next; /* of the run */
	uint64_t id; /* job of the transfer, and page of the messages */
	enum page_stage stage;
	int64_t overdue_ms; /* FETCHING, PARSING: from then on its role hangs */
	struct arena arena; /* all texts below */
	/* the request, copied */
	uint64_t page_no;
	const char *verb, *url, *format, *from, *until, *set, *wanted;
	const char *etag, *last_modified, *identity;
	/* stored: instead of a transfer */
	bool is_stored;
	uint64_t after;
	uint32_t blocks;
	const char *protocol; /* that its page is made by */
	/* transfers */
	struct host_job job;
	size_t reserved; /* bytes of room that are held for its body */
	/* what came */
	int body_fd; /* -1: none */
	unsigned status;
	const char *content_type;
	const char *came_from; /* the URL behind all redirects; "": not known */
	uint64_t body_bytes;
	uint8_t body_hash[HASH128_BYTES];
	int64_t fetched_at_us;
	/* pages */
	struct page *queue_prev,
	    *queue_next; /* of those that wait for a parser, or of stored
			  * ones to be asked for */
	bool queued;
	bool in_hand; /* counted as such */
	bool open_at_store; /* PAGE_OPEN sent, no end heard of it */
	bool open_at_parser; /* PARSE_PAGE sent, no PARSE_EXIT yet */
	bool big; /* parsed and stored alone */
	bool facts_seen, exit_seen;
	struct page_facts facts;
	struct err failure; /* what store said before the parser's exit came */
	uint32_t requests, retries; /* told with PAGE_OPEN */
	uint64_t wire_bytes;
	UT_hash_handle by_id;
};

#endif
