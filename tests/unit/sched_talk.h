/*
 * A scripted conversation with the OAI-PMH driver, without a network: the test
 * says which request must come (asks), what it brings (gets), and how the run
 * must end (closes).
 *
 * The same script can be played fetching ahead (a page is committed only when
 * the driver has to wait for it), and with a crash after every commit (the run
 * is made anew from its state).
 */
#ifndef TESTS_UNIT_SCHED_TALK_H
#define TESTS_UNIT_SCHED_TALK_H

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
#include "sched/oai_run.h"

enum { TALK_PLAIN, TALK_AHEAD, TALK_CRASH, TALK_WAYS };

struct talk {
	struct conf_source source;
	struct harvest_open open;
	struct oai_run *run;
	struct harvest_request ask;
	struct harvest_close close;
	struct harvest_counts counts; /* of every commit */
	int way;
	uint64_t pending; /* judged, not committed; 0: none */
	char *state, *quirks;
	struct err why;
	int64_t now_us;
};

/* What a request brings. */
struct brings {
	unsigned status;
	bool no_body;
	enum err_class transfer; /* the transfer itself failed */
	const char *retry_after, *moved_url;
	uint64_t body; /* tells bodies apart; 0: each one is different */
	struct page_facts facts;
	struct facts_error error;
};

void talk_begin(struct talk *t, int way);
void talk_end(struct talk *t);
/* Makes the run, with what the test put into source and open. */
void talk_start(struct talk *t, enum run_mode mode);
/* The process dies: everything but the committed state is gone. */
void talk_crash(struct talk *t);
void talk_commit(struct talk *t);

/* The next step is this request ("verb=…", without the base URL). */
void asks(struct talk *t, const char *query);
enum harvest_verdict gets(struct talk *t, struct brings b);
/* Next is CLOSE; fills t->close. */
void closes(struct talk *t);
/* asks and gets for a good Identify: seconds, since 2020. */
void identifies(struct talk *t);

struct brings brings_identify(const char *granularity, const char *earliest);
/* A list page; `ids` tells identifiers apart; token NULL: the element is not
 * there. */
struct brings brings_page(uint64_t records, uint64_t ids, const char *token);
struct brings brings_error(const char *code);
struct brings
brings_status(unsigned status, enum body_class body, const char *title);
struct brings brings_nothing(enum err_class class);

#define TALK_FOR_ALL(t)                                                        \
	for (int way_ = 0; way_ < TALK_WAYS && (talk_begin((t), way_), 1);     \
	     talk_end(t), way_++)

#endif
