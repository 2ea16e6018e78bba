/* HTTP, TLS, bots: MISBEHAVIOUR C13 to C18 as the driver sees them, and the
 * bodies of B that are no page. */
#include "sched_talk.h"

#include "sched/backoff.h"

#define LIST "verb=ListRecords&metadataPrefix=oai_dc"
#define FROM "&from=2026-11-01T00%3A00%3A00Z"

static void
begin_increment(struct talk *t)
{
	talk_begin(t, TALK_PLAIN);
	t->open.checkpoints = "\t2026-11-01T00:00:00Z\n";
	talk_start(t, RUN_INCREMENTAL);
	identifies(t);
	asks(t, LIST FROM);
}

static void
not_completed(struct talk *t, enum err_class class, const char *text)
{
	closes(t);
	assert_false(t->close.completed);
	assert_false(t->close.complete_list);
	assert_int_equal(t->close.err.class, class);
	if (strstr(t->close.err.text, text) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", text, t->close.err.text);
	/* Only a good list moves the checkpoint. */
	assert_string_equal(t->close.checkpoints, "\t2026-11-01T00:00:00Z\n");
	talk_end(t);
}

/* C13: two tries as it is, two in each other way of asking, then the end. */
static void
html_at_200_never_moves_the_checkpoint(void **state)
{
	struct talk t;
	int tries = 1;

	(void)state;
	begin_increment(&t);
	while (gets(&t, brings_status(200, BODY_HTML, "Log in")) ==
		   HARVEST_ABORT &&
	       oai_run_next(t.run, &t.ask) == HARVEST_STEP_REQUEST)
		assert_true(++tries < 20);
	assert_true(tries >= 2);
	not_completed(&t, ERR_XML, "HTML page titled \"Log in\"");
}

static void
a_glitch_is_asked_again(void **state)
{
	struct brings glitches[] = {
	    brings_status(200, BODY_HTML, "Maintenance"),
	    brings_status(200, BODY_EMPTY, NULL),
	    brings_status(202, BODY_EMPTY, NULL),
	    brings_status(200, BODY_TRUNCATED, NULL),
	    brings_status(503, BODY_HTML, "Service Unavailable"),
	    brings_status(500, BODY_EMPTY, NULL),
	    brings_status(429, BODY_EMPTY, NULL),
	    brings_status(403, BODY_CHALLENGE, "Just a moment..."),
	    brings_nothing(ERR_NET),
	    brings_nothing(ERR_SYSTEM),
	};
	struct talk t;

	(void)state;
	for (size_t i = 0; i < sizeof(glitches) / sizeof(glitches[0]); i++) {
		begin_increment(&t);
		assert_int_not_equal(gets(&t, glitches[i]), HARVEST_COMMIT);
		assert_int_not_equal(t.why.class, ERR_NONE);
		asks(&t, LIST FROM);
		assert_true(t.ask.wait_ms > 0);
		assert_true(t.ask.wait_ms <= 5000);
		gets(&t, brings_page(10, 1, NULL));
		closes(&t);
		assert_true(t.close.completed);
		assert_string_equal(
		    t.close.checkpoints, "\t2026-11-22T12:00:00Z\n");
		talk_end(&t);
	}
}

/* C14 */
static void
a_challenge_is_named(void **state)
{
	struct talk t;

	(void)state;
	begin_increment(&t);
	for (int i = 0; i < 4; i++) {
		if (i > 0)
			asks(&t, LIST FROM);
		gets(
		    &t, brings_status(403, BODY_CHALLENGE, "Just a moment..."));
	}
	not_completed(&t, ERR_HTTP, "Just a moment");
}

static void
an_empty_202_is_named(void **state)
{
	struct talk t;

	(void)state;
	begin_increment(&t);
	for (int i = 0; i < 4; i++) {
		if (i > 0)
			asks(&t, LIST FROM);
		gets(&t, brings_status(202, BODY_EMPTY, NULL));
	}
	not_completed(&t, ERR_HTTP, "bot challenge");
}

/* C15 */
static void
retry_after_is_honoured_within_bounds(void **state)
{
	static const struct {
		const char *value;
		int64_t ms;
	} cases[] = {
	    {"30", 30000},
	    {"0", 1000},
	    {"864000", 3600 * 1000},
	    {"Tue, 24 Nov 2026 12:02:00 GMT", 120000},
	    {"Tue, 24 Nov 2026 11:00:00 GMT", 1000},
	};
	struct talk t;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (int status = 429; status <= 503; status += 74) {
			struct brings b =
			    brings_status((unsigned)status, BODY_EMPTY, NULL);

			begin_increment(&t);
			b.retry_after = cases[i].value;
			assert_int_equal(gets(&t, b), HARVEST_RETRY);
			asks(&t, LIST FROM);
			assert_int_equal(t.ask.wait_ms, cases[i].ms);
			talk_end(&t);
		}
}

static void
a_busy_server_is_not_asked_in_other_ways(void **state)
{
	struct talk t;

	(void)state;
	begin_increment(&t);
	for (int i = 0; i < 4; i++) {
		struct brings b =
		    brings_status(503, BODY_HTML, "Service Unavailable");

		b.retry_after = "5";
		if (i > 0)
			asks(&t, LIST FROM);
		gets(&t, b);
	}
	not_completed(&t, ERR_HTTP, "HTTP 503");
}

/* C16, and what else a second try cannot change */
static void
some_errors_are_final(void **state)
{
	static const enum err_class classes[] = {
	    ERR_TLS, ERR_POLICY, ERR_LIMIT, ERR_CANCEL};
	struct talk t;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		begin_increment(&t);
		assert_int_equal(
		    gets(&t, brings_nothing(classes[i])), HARVEST_RETRY);
		not_completed(&t, classes[i], "to try by hand: <https://");
	}
	for (unsigned status = 401; status <= 403; status += 2) {
		begin_increment(&t);
		gets(&t, brings_status(status, BODY_HTML, "Forbidden"));
		not_completed(&t, ERR_HTTP, "refuses us");
	}
}

/* C17 */
static void
an_empty_window_by_status_is_empty(void **state)
{
	struct talk t;

	(void)state;
	for (unsigned status = 404; status <= 422; status += 18)
		for (int body = 0; body < 2; body++) {
			begin_increment(&t);
			gets(&t, brings_status(status,
				     body ? BODY_HTML : BODY_EMPTY, "Oops"));
			closes(&t);
			assert_true(t.close.completed);
			assert_string_equal(
			    t.close.checkpoints, "\t2026-11-22T12:00:00Z\n");
			talk_end(&t);
		}
}

static void
but_not_a_whole_list(void **state)
{
	struct talk t;

	(void)state;
	talk_begin(&t, TALK_PLAIN);
	t.open.checkpoints = "\t2026-11-01T00:00:00Z\n";
	talk_start(&t, RUN_FULL);
	identifies(&t);
	asks(&t, LIST);
	gets(&t, brings_status(404, BODY_HTML, "Not found"));
	not_completed(&t, ERR_HTTP, "HTTP 404");
	/* nor window after window of it */
	talk_begin(&t, TALK_PLAIN);
	t.open.checkpoints = "\t2026-11-01T00:00:00Z\n";
	t.source.window = WINDOW_YEAR;
	talk_start(&t, RUN_FULL);
	identifies(&t);
	while (oai_run_next(t.run, &t.ask) == HARVEST_STEP_REQUEST)
		gets(&t, brings_status(404, BODY_EMPTY, ""));
	closes(&t);
	assert_false(t.close.completed);
	assert_non_null(strstr(t.close.err.text, "every list"));
	talk_end(&t);
}

static void
oai_errors_count_whatever_the_status(void **state)
{
	struct talk t;
	struct brings b = brings_error("noRecordsMatch");

	(void)state;
	for (unsigned status = 400; status <= 500; status += 4) {
		begin_increment(&t);
		b.status = status;
		assert_int_equal(gets(&t, b), HARVEST_COMMIT);
		closes(&t);
		assert_true(t.close.completed);
		talk_end(&t);
	}
}

/* C18 */
static void
moving_is_proposed_and_gone_pauses(void **state)
{
	static const struct {
		const char *before, *to, *after;
	} cases[] = {
	    {"", "https://new.example.org/oai?verb=Identify",
		"moved_days=1\nmoved_on=2026-11-24\n"
		"moved_url=https://new.example.org/oai\n"},
	    {"moved_url=https://b/?a=1\nmoved_days=3\nmoved_on=2026-11-20\n",
		"https://b/?a=1&verb=Identify",
		"moved_url=https://b/?a=1\nmoved_days=4\n"
		"moved_on=2026-11-24\n"},
	    {"moved_url=https://b/\nmoved_days=3\nmoved_on=2026-11-24\n",
		"https://b/", /* the same day */
		"moved_url=https://b/\nmoved_days=3\n"
		"moved_on=2026-11-24\n"},
	    {"moved_url=https://b/\nmoved_days=3\nmoved_on=2026-11-20\n",
		"https://c/",
		"moved_days=1\nmoved_on=2026-11-24\nmoved_url=https://c/\n"},
	    {"moved_url=https://b/\nmoved_days=3\nmoved_on=2026-11-20\n", NULL,
		""},
	};
	struct talk t;
	struct brings b;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		TALK_FOR_ALL(&t)
		{
			t.open.quirks = cases[i].before;
			talk_start(&t, RUN_INCREMENTAL);
			asks(&t, "verb=Identify");
			b = brings_identify("YYYY-MM-DD", "2020-01-01");
			b.moved_url = cases[i].to;
			gets(&t, b);
			asks(&t, LIST); /* of the address that is configured */
			b = brings_page(10, 1, NULL);
			b.moved_url = cases[i].to;
			gets(&t, b);
			closes(&t);
			assert_true(t.close.completed);
			assert_false(t.close.pause);
			assert_string_equal(t.close.quirks, cases[i].after);
		}
	begin_increment(&t);
	gets(&t, brings_status(410, BODY_HTML, "Gone"));
	closes(&t);
	assert_true(t.close.pause);
	assert_non_null(strstr(t.close.err.text, "gone for good"));
	assert_false(t.close.completed);
	talk_end(&t);
}

static void
without_identify_there_is_no_run(void **state)
{
	struct talk t;

	(void)state;
	for (int i = 0; i < 2; i++) {
		talk_begin(&t, TALK_PLAIN);
		t.open.checkpoints = "\t2026-11-01T00:00:00Z\n";
		talk_start(&t, RUN_INCREMENTAL);
		asks(&t, "verb=Identify");
		if (i == 0) {
			gets(&t, brings_status(404, BODY_HTML, "Not found"));
			not_completed(&t, ERR_HTTP, "Identify: HTTP 404");
			continue;
		}
		for (int n = 1; n < 4; n++) {
			gets(&t, brings_nothing(ERR_NET));
			asks(&t, "verb=Identify");
		}
		gets(&t, brings_nothing(ERR_NET));
		not_completed(&t, ERR_NET, "transfer failed");
	}
}

/* A parser that dies on one page costs that page. */
static void
a_page_that_kills_its_parser_is_tried_twice(void **state)
{
	struct talk t;
	struct harvest_fetched f = {.status = 200, .body_bytes = 5};
	struct err why = {.class = ERR_XML, .text = "the parser was killed"};

	(void)state;
	begin_increment(&t);
	f.page_no = t.ask.page_no;
	assert_int_equal(oai_run_fetched(t.run, &f, NULL), HARVEST_PARSE);
	oai_run_unparsed(t.run, f.page_no, &why, t.now_us);
	asks(&t, LIST FROM);
	assert_true(t.ask.wait_ms > 0);
	gets(&t, brings_page(10, 1, NULL));
	closes(&t);
	assert_true(t.close.completed);
	talk_end(&t);
}

static void
a_stop_waits_for_what_is_being_stored(void **state)
{
	struct talk t;
	struct harvest_request ask;

	(void)state;
	talk_begin(&t, TALK_AHEAD);
	talk_start(&t, RUN_FULL);
	identifies(&t);
	asks(&t, LIST); /* ahead: Identify is not committed yet */
	gets(&t, brings_page(10, 1, "a"));
	asks(&t, "verb=ListRecords&resumptionToken=a");
	oai_run_stop(t.run, ERR_CANCEL, "shutting down");
	assert_int_equal(oai_run_next(t.run, &ask), HARVEST_STEP_WAIT);
	talk_commit(&t);
	closes(&t);
	assert_int_equal(t.close.err.class, ERR_CANCEL);
	assert_false(t.close.completed);
	talk_end(&t);
}

static void
a_hold_ends_the_run_at_once(void **state)
{
	struct talk t;

	(void)state;
	talk_begin(&t, TALK_PLAIN);
	talk_start(&t, RUN_FULL);
	identifies(&t);
	asks(&t, LIST);
	t.counts.held = true;
	gets(&t, brings_page(10, 1, "a"));
	closes(&t);
	assert_false(t.close.completed);
	assert_int_equal(t.close.err.class, ERR_NONE);
	/* approved: it goes on where it stopped */
	t.counts.held = false;
	talk_crash(&t);
	asks(&t, "verb=ListRecords&resumptionToken=a");
	talk_end(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(html_at_200_never_moves_the_checkpoint),
	    cmocka_unit_test(a_glitch_is_asked_again),
	    cmocka_unit_test(a_challenge_is_named),
	    cmocka_unit_test(an_empty_202_is_named),
	    cmocka_unit_test(retry_after_is_honoured_within_bounds),
	    cmocka_unit_test(a_busy_server_is_not_asked_in_other_ways),
	    cmocka_unit_test(some_errors_are_final),
	    cmocka_unit_test(an_empty_window_by_status_is_empty),
	    cmocka_unit_test(but_not_a_whole_list),
	    cmocka_unit_test(oai_errors_count_whatever_the_status),
	    cmocka_unit_test(moving_is_proposed_and_gone_pauses),
	    cmocka_unit_test(without_identify_there_is_no_run),
	    cmocka_unit_test(a_page_that_kills_its_parser_is_tried_twice),
	    cmocka_unit_test(a_stop_waits_for_what_is_being_stored),
	    cmocka_unit_test(a_hold_ends_the_run_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
