/*
 * A scripted conversation with the feed driver, without a network: the test
 * says which request must come (asks), what it brings (gets), and how the run
 * must end (closes).  What a run leaves behind is what the next one begins
 * with.
 *
 * With `crash` the process dies after every commit: the run is made anew from
 * its state, and the page it asks for again is given to it again.
 */
#ifndef TESTS_UNIT_FEED_TALK_H
#define TESTS_UNIT_FEED_TALK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/date.h"
#include "sched/feed_run.h"

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS	  (60 * MINUTE_MS)
#define DAY_MS	  (24 * HOUR_MS)

struct feed_talk {
	struct conf_source source;
	struct harvest_open open;
	struct feed_run *run;
	struct harvest_request ask;
	struct harvest_close close;
	char *state, *quirks, *facts; /* committed; of the last close */
	struct err why;
	int64_t now_us;
	bool crash;
};

/* What a request brings, and what store made of it. */
struct answer {
	unsigned status;
	bool no_body;
	enum err_class transfer; /* the transfer itself failed */
	const char *etag, *last_modified, *cache_control, *expires;
	const char *retry_after, *moved_url;
	uint64_t body; /* tells bodies apart; 0: each one is different */
	struct page_facts facts;
	struct facts_offer offer;
	struct harvest_counts counts;
};

void talk_begin(struct feed_talk *t);
void talk_end(struct feed_talk *t);
/* A run begins, with what the last one left. */
void talk_start(struct feed_talk *t, enum run_mode mode);
/* So much later the next poll begins, of a source that has records. */
void talk_later(struct feed_talk *t, int64_t ms);
/* The process dies: everything but the committed state is gone. */
void talk_crash(struct feed_talk *t);

/* The next step asks for this path of https://example.org. */
void asks(struct feed_talk *t, const char *path);
enum harvest_verdict gets(struct feed_talk *t, struct answer a);
/* Next is CLOSE; fills t->close. */
void closes(struct feed_talk *t);
/* The same, and all went well. */
void closes_well(struct feed_talk *t);
/* The value that a run left in its quirks or facts; lives until the next call.
 */
const char *left(const char *lines, const char *key);

/* A feed with so many new and known items. */
struct answer brings_items(uint64_t added, uint64_t known);
struct answer brings_next(uint64_t added, uint64_t known, const char *next);
struct answer brings_archive(uint64_t added, uint64_t known, const char *prev);
struct answer brings_status(unsigned status);
struct answer
brings_body(enum body_class body, const char *title, const char *offer);

#endif
