/* Tokens and paging: MISBEHAVIOUR A1 to A7, played plainly, fetching ahead,
 * and with a crash after every page where that makes no difference. */
#include "sched_talk.h"

#define LIST	 "verb=ListRecords&metadataPrefix=oai_dc"
#define TOKEN(t) "verb=ListRecords&resumptionToken=" t

/* A1 */
static void
a_list_ends_without_token_or_with_an_empty_one(void **state)
{
	const char *const ends[] = {NULL, "", " \n\t "};
	struct talk t;

	(void)state;
	for (size_t i = 0; i < 3; i++)
		TALK_FOR_ALL(&t)
		{
			talk_start(&t, RUN_FULL);
			identifies(&t);
			asks(&t, LIST);
			gets(&t, brings_page(100, 1, "a"));
			asks(&t, TOKEN("a"));
			gets(&t, brings_page(0, 0, "b")); /* legal, followed */
			asks(&t, TOKEN("b"));
			gets(&t, brings_page(7, 2, "\n  c  "));
			asks(&t, TOKEN("c"));
			gets(&t, brings_page(0, 0, ends[i]));
			closes(&t);
			assert_true(t.close.completed);
			assert_true(t.close.complete_list);
			assert_int_equal(t.close.err.class, ERR_NONE);
			assert_string_equal(
			    t.close.checkpoints, "\t2026-11-22T12:00:00Z\n");
		}
}

static void
an_empty_repository_is_no_error(void **state)
{
	struct talk t;

	(void)state;
	TALK_FOR_ALL(&t)
	{
		talk_start(&t, RUN_INCREMENTAL);
		identifies(&t);
		asks(&t, LIST);
		assert_int_equal(
		    gets(&t, brings_error("noRecordsMatch")), HARVEST_COMMIT);
		closes(&t);
		assert_true(t.close.completed);
		assert_string_equal(t.close.suspicion, "");
	}
}

/* A2 */
static void
one_token_that_moves_is_legal(void **state)
{
	struct talk t;

	(void)state;
	TALK_FOR_ALL(&t)
	{
		talk_start(&t, RUN_FULL);
		identifies(&t);
		asks(&t, LIST);
		for (uint64_t i = 1; i < 20; i++) {
			struct brings b = brings_page(100, i, "same");

			b.facts.cursor = ((int64_t)i - 1) * 100;
			gets(&t, b);
			asks(&t, TOKEN("same"));
		}
		struct brings last = brings_page(9, 99, NULL);

		last.facts.cursor = 1900;
		gets(&t, last);
		closes(&t);
		assert_true(t.close.completed);
	}
}

/* Whoever asks such a token again may have stepped over a page. */
static void
one_token_is_not_asked_twice(void **state)
{
	static const int64_t cursors[][3] = {{-1, -1, -1}, {0, 100, 300}};
	struct talk t;
	struct brings b;

	(void)state;
	for (size_t crash = 0; crash < 2; crash++)
		for (size_t c = 0; c < 2; c++) {
			talk_begin(&t, TALK_PLAIN);
			talk_start(&t, RUN_FULL);
			identifies(&t);
			asks(&t, LIST);
			for (uint64_t i = 0; i < 2; i++) {
				b = brings_page(100, i + 1, "same");
				b.facts.cursor = cursors[c][i];
				gets(&t, b);
				asks(&t, TOKEN("same"));
			}
			/* the answer is lost, but the server has moved on */
			if (crash)
				talk_crash(&t);
			else
				gets(&t, brings_nothing(ERR_NET));
			asks(&t, TOKEN("same"));
			b = brings_page(100, 4, "same");
			b.facts.cursor = cursors[c][2];
			assert_int_equal(gets(&t, b), HARVEST_ABORT);
			asks(&t, LIST);
			gets(&t, brings_page(100, 1, NULL));
			closes(&t);
			assert_true(t.close.completed);
			talk_end(&t);
		}
}

/* A circle ends in windows once, then as a failure. */
static void
a_circle_is_found(void **state)
{
	struct talk t;

	(void)state;
	talk_begin(&t, TALK_PLAIN);
	talk_start(&t, RUN_FULL);
	identifies(&t);
	asks(&t, LIST);
	gets(&t, brings_page(100, 1, "a"));
	asks(&t, TOKEN("a"));
	gets(&t, brings_page(100, 2, "b"));
	asks(&t, TOKEN("b"));
	assert_int_equal(gets(&t, brings_page(100, 1, "a")), HARVEST_ABORT);
	assert_int_equal(t.why.class, ERR_PROTO);
	asks(&t, LIST "&until=2020-12-31T23%3A59%3A59Z");
	gets(&t, brings_page(100, 3, "x"));
	asks(&t, TOKEN("x"));
	assert_int_equal(gets(&t, brings_page(100, 3, "x")), HARVEST_ABORT);
	closes(&t);
	assert_false(t.close.completed);
	assert_false(t.close.complete_list);
	assert_int_equal(t.close.err.class, ERR_PROTO);
	assert_non_null(strstr(t.close.err.text, "resumptionToken loop"));
	assert_non_null(strstr(t.close.err.text, "resumptionToken=x"));
	assert_string_equal(t.close.checkpoints, "");
	talk_end(&t);
}

static void
empty_pages_for_ever_are_a_circle(void **state)
{
	struct talk t;
	int pages = 0;

	(void)state;
	talk_begin(&t, TALK_PLAIN);
	t.source.window = WINDOW_NONE;
	talk_start(&t, RUN_FULL);
	identifies(&t);
	asks(&t, LIST);
	while (gets(&t, brings_page(0, 0, "e")) == HARVEST_COMMIT) {
		asks(&t, TOKEN("e"));
		assert_true(++pages < 100);
	}
	closes(&t);
	assert_false(t.close.completed);
	talk_end(&t);
}

static void
one_record_may_come_twice(void **state)
{
	struct talk t;

	(void)state;
	TALK_FOR_ALL(&t)
	{
		talk_start(&t, RUN_FULL);
		identifies(&t);
		asks(&t, LIST);
		gets(&t, brings_page(1, 1, "a"));
		asks(&t, TOKEN("a"));
		assert_int_equal(
		    gets(&t, brings_page(1, 1, "b")), HARVEST_COMMIT);
		asks(&t, TOKEN("b"));
		gets(&t, brings_page(1, 2, NULL));
		closes(&t);
		assert_true(t.close.completed);
	}
}

/* A3 */
static void
a_refused_token_restarts_then_cuts(void **state)
{
	struct talk t;

	(void)state;
	talk_begin(&t, TALK_PLAIN);
	talk_start(&t, RUN_FULL);
	identifies(&t);
	asks(&t, LIST);
	gets(&t, brings_page(100, 1, "a"));
	asks(&t, TOKEN("a"));
	assert_int_equal(
	    gets(&t, brings_error("badResumptionToken")), HARVEST_ABORT);
	asks(&t, LIST);
	gets(&t, brings_page(100, 1, "a2"));
	asks(&t, TOKEN("a2"));
	gets(&t, brings_error("badResumptionToken"));
	for (int year = 2020; year < 2026; year++) {
		char query[200];

		snprintf(query, sizeof(query),
		    LIST "%s&until=%d-12-31T23%%3A59%%3A59Z",
		    year == 2020 ? "" : "&from=", year);
		if (year > 2020)
			snprintf(query, sizeof(query),
			    LIST "&from=%d-01-01T00%%3A00%%3A00Z"
				 "&until=%d-12-31T23%%3A59%%3A59Z",
			    year, year);
		asks(&t, query);
		gets(&t, year == 2023 ? brings_error("noRecordsMatch")
				      : brings_page(90, (uint64_t)year, NULL));
	}
	asks(&t, LIST "&from=2026-01-01T00%3A00%3A00Z");
	gets(&t, brings_page(90, 2026, NULL));
	closes(&t);
	assert_true(t.close.completed);
	assert_true(t.close.complete_list);
	assert_string_equal(t.close.quirks, "window=year\n");
	talk_end(&t);
}

static void
a_token_of_before_a_crash_is_owed_by_nobody(void **state)
{
	struct talk t;
	struct brings b;

	(void)state;
	for (int fits = 0; fits < 2; fits++) {
		talk_begin(&t, TALK_PLAIN);
		talk_start(&t, RUN_FULL);
		identifies(&t);
		asks(&t, LIST);
		b = brings_page(100, 1, "a");
		b.facts.cursor = 0;
		gets(&t, b);
		asks(&t, TOKEN("a"));
		b = brings_page(100, 2, "b");
		b.facts.cursor = 100;
		gets(&t, b);
		talk_crash(&t);
		asks(&t, TOKEN("b"));
		if (fits) {
			b = brings_page(100, 7, "c");
			b.facts.cursor = 0; /* expected: 200 */
			assert_int_equal(gets(&t, b), HARVEST_ABORT);
		} else {
			gets(&t, brings_error("badResumptionToken"));
		}
		asks(&t, LIST); /* no windows for that */
		gets(&t, brings_page(100, 1, NULL));
		closes(&t);
		assert_true(t.close.completed);
		talk_end(&t);
	}
}

static void
an_expired_token_is_not_asked(void **state)
{
	struct talk t;
	struct brings b;

	(void)state;
	for (int hours = 0; hours <= 2; hours += 2) {
		talk_begin(&t, TALK_PLAIN);
		talk_start(&t, RUN_FULL);
		identifies(&t);
		asks(&t, LIST);
		b = brings_page(100, 1, "a");
		b.facts.token_expires = "2026-11-24T12:30:00Z";
		gets(&t, b);
		t.open.now_us = t.now_us + (int64_t)hours * 3600 * 1000000;
		talk_crash(&t);
		asks(&t, hours ? LIST : TOKEN("a"));
		gets(&t, brings_page(100, 2, NULL));
		closes(&t);
		assert_true(t.close.completed);
		talk_end(&t);
	}
}

/* A4 */
static void
tokens_are_encoded_once_or_as_learned(void **state)
{
	struct talk t;

	(void)state;
	talk_begin(&t, TALK_PLAIN);
	talk_start(&t, RUN_FULL);
	identifies(&t);
	asks(&t, LIST);
	gets(&t, brings_page(10, 1, "a+b/c=%2F d"));
	asks(&t, TOKEN("a%2Bb%2Fc%3D%252F%20d"));
	gets(&t, brings_error("badResumptionToken"));
	asks(&t, TOKEN("a+b/c=%2F%20d"));
	gets(&t, brings_page(10, 2, "x/y"));
	asks(&t, TOKEN("x/y"));
	gets(&t, brings_page(10, 3, NULL));
	closes(&t);
	assert_true(t.close.completed);
	assert_string_equal(t.close.quirks, "token_encoding=raw\n");
	talk_end(&t);
	/* Not learned when that does not help either. */
	talk_begin(&t, TALK_PLAIN);
	talk_start(&t, RUN_FULL);
	identifies(&t);
	asks(&t, LIST);
	gets(&t, brings_page(10, 1, "x/y"));
	asks(&t, TOKEN("x%2Fy"));
	gets(&t, brings_error("badResumptionToken"));
	asks(&t, TOKEN("x/y"));
	gets(&t, brings_error("badResumptionToken"));
	asks(&t, LIST);
	gets(&t, brings_page(10, 1, "x/y"));
	asks(&t, TOKEN("x%2Fy"));
	gets(&t, brings_page(10, 2, NULL));
	closes(&t);
	assert_string_equal(t.close.quirks, "");
	talk_end(&t);
}

/* Whatever the server says to the other form, a token that is encoded already
 * is tried as it is, once, before anything else is. */
static void
an_encoded_token_is_tried_as_it_is(void **state)
{
	const struct brings no[] = {brings_error("badResumptionToken"),
	    brings_error("oops"), brings_status(400, BODY_EMPTY, NULL),
	    brings_status(403, BODY_HTML, "Forbidden"),
	    brings_status(404, BODY_HTML, "Not found"),
	    brings_status(500, BODY_OTHER, "text: error"),
	    brings_status(200, BODY_HTML, "Error")};
	struct talk t;

	(void)state;
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
		talk_begin(&t, TALK_PLAIN);
		talk_start(&t, RUN_FULL);
		identifies(&t);
		asks(&t, LIST);
		gets(&t, brings_page(10, 1, "c%3D50%26d"));
		asks(&t, TOKEN("c%253D50%2526d"));
		gets(&t, no[i]);
		asks(&t, TOKEN("c%3D50%26d"));
		gets(&t, brings_page(10, 2, NULL));
		closes(&t);
		assert_true(t.close.completed);
		assert_string_equal(t.close.quirks, "token_encoding=raw\n");
		talk_end(&t);
	}
	/* Not when such a token was good before, nor twice. */
	talk_begin(&t, TALK_PLAIN);
	talk_start(&t, RUN_FULL);
	identifies(&t);
	asks(&t, LIST);
	gets(&t, brings_page(10, 1, "a%3D"));
	asks(&t, TOKEN("a%253D"));
	gets(&t, brings_page(10, 2, "b%3D"));
	asks(&t, TOKEN("b%253D"));
	gets(&t, brings_status(500, BODY_EMPTY, NULL));
	asks(&t, TOKEN("b%253D"));
	assert_true(t.ask.wait_ms > 0);
	talk_end(&t);
	talk_begin(&t, TALK_PLAIN);
	talk_start(&t, RUN_FULL);
	identifies(&t);
	asks(&t, LIST);
	gets(&t, brings_page(10, 1, "a%3D"));
	asks(&t, TOKEN("a%253D"));
	gets(&t, brings_status(500, BODY_EMPTY, NULL));
	asks(&t, TOKEN("a%3D"));
	gets(&t, brings_status(500, BODY_EMPTY, NULL));
	asks(&t, TOKEN("a%253D"));
	assert_true(t.ask.wait_ms > 0);
	gets(&t, brings_page(10, 2, NULL));
	closes(&t);
	assert_true(t.close.completed);
	assert_string_equal(t.close.quirks, "");
	talk_end(&t);
}

/* A5 */
static void
a_set_forgotten_on_token_pages_is_suspicious(void **state)
{
	const char *sets[] = {"x:y", NULL};
	struct talk t;

	(void)state;
	TALK_FOR_ALL(&t)
	{
		struct brings b = brings_page(100, 2, NULL);

		t.source.sets = sets;
		talk_start(&t, RUN_FULL);
		identifies(&t);
		asks(&t, LIST "&set=x%3Ay");
		gets(&t, brings_page(100, 1, "a"));
		asks(&t, TOKEN("a"));
		assert_string_equal(t.ask.set, "x:y");
		b.facts.outside_set = 90;
		gets(&t, b);
		closes(&t);
		assert_non_null(strstr(t.close.suspicion, "forgets the set"));
	}
}

/* A6 */
static void
deep_paging_that_breaks_is_cut_finer(void **state)
{
	struct talk t;
	int64_t waits = 0;

	(void)state;
	talk_begin(&t, TALK_PLAIN);
	talk_start(&t, RUN_FULL);
	identifies(&t);
	for (int round = 0; round < 2; round++) {
		asks(&t, LIST);
		gets(&t, brings_page(100, 1, "deep"));
		for (int i = 0; i < 4; i++) {
			asks(&t, TOKEN("deep"));
			assert_true(i == 0 || t.ask.wait_ms > 0);
			waits += t.ask.wait_ms;
			gets(&t, brings_status(502, BODY_HTML, "Bad Gateway"));
		}
	}
	assert_true(waits > 0 && waits < 2 * 155 * 1000);
	asks(&t, LIST "&until=2020-12-31T23%3A59%3A59Z");
	gets(&t, brings_page(100, 1, "deep2"));
	for (int i = 0; i < 4; i++) {
		asks(&t, TOKEN("deep2"));
		gets(&t, brings_status(500, BODY_EMPTY, NULL));
	}
	/* months of that year only, then years again */
	asks(&t, LIST "&until=2020-01-31T23%3A59%3A59Z");
	gets(&t, brings_page(10, 1, NULL));
	for (int month = 2; month <= 12; month++) {
		assert_int_equal(
		    oai_run_next(t.run, &t.ask), HARVEST_STEP_REQUEST);
		assert_true(strncmp(t.ask.from, "2020-", 5) == 0);
		gets(&t, brings_page(10, (uint64_t)month, NULL));
	}
	asks(&t, LIST "&from=2021-01-01T00%3A00%3A00Z"
		      "&until=2021-12-31T23%3A59%3A59Z");
	assert_non_null(strstr(oai_run_where(t.run), "2021-01-01"));
	talk_end(&t);
}

static void
asks_year(struct talk *t, int year)
{
	char from[80] = "", until[80] = "", query[400];

	if (year > 2020)
		snprintf(
		    from, sizeof(from), "&from=%d-01-01T00%%3A00%%3A00Z", year);
	if (year < 2026)
		snprintf(until, sizeof(until),
		    "&until=%d-12-31T23%%3A59%%3A59Z", year);
	snprintf(query, sizeof(query), LIST "%s%s", from, until);
	asks(t, query);
}

static struct brings
brings_sized(uint64_t records, uint64_t ids, const char *token, int64_t size)
{
	struct brings b = brings_page(records, ids, token);

	b.facts.list_size = size;
	return b;
}

/* The size says that more is there, and windows bring it. */
static void
a_list_that_ends_short_is_cut(void **state)
{
	static const int days[] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31};
	struct talk t;

	(void)state;
	TALK_FOR_ALL(&t)
	{
		talk_start(&t, RUN_FULL);
		identifies(&t);
		asks(&t, LIST);
		gets(&t, brings_sized(50, 1, "a", 410));
		asks(&t, TOKEN("a"));
		gets(&t, brings_sized(50, 2, NULL, 410));
		for (int year = 2020; year <= 2025; year++) {
			asks_year(&t, year);
			gets(&t, brings_sized(40, (uint64_t)year, NULL, 40));
		}
		/* proved by now, so what is capped is cut */
		asks_year(&t, 2026);
		gets(&t, brings_sized(50, 2026, "b", 170));
		asks(&t, TOKEN("b"));
		gets(&t, brings_sized(50, 2, NULL, 170));
		asks(&t, LIST "&from=2026-01-01T00%3A00%3A00Z"
			      "&until=2026-01-31T23%3A59%3A59Z");
		gets(&t, brings_sized(150, 3, NULL, 150));
		for (int month = 2; month < 12; month++) {
			char query[300], until[80] = "";

			if (month < 11)
				snprintf(until, sizeof(until),
				    "&until=2026-%02d-%dT23%%3A59%%3A59Z",
				    month, days[month]);
			snprintf(query, sizeof(query),
			    LIST "&from=2026-%02d-01T00%%3A00%%3A00Z%s", month,
			    until);
			asks(&t, query);
			gets(&t,
			    brings_sized(2, (uint64_t)month + 900, NULL, 2));
		}
		closes(&t);
		assert_true(t.close.completed);
		assert_true(t.close.complete_list);
		assert_string_equal(t.close.suspicion, "");
		assert_string_equal(t.close.quirks, "window=year\n");
		assert_int_equal(t.close.advertised, 410);
	}
}

/* Nothing more comes: the size is wrong, which is said and not tried again. */
static void
a_size_that_promises_too_much_is_found_out_once(void **state)
{
	struct talk t;

	(void)state;
	TALK_FOR_ALL(&t)
	{
		talk_start(&t, RUN_FULL);
		identifies(&t);
		asks(&t, LIST);
		gets(&t, brings_sized(50, 1, "a", 9999));
		asks(&t, TOKEN("a"));
		gets(&t, brings_sized(50, 2, NULL, 9999));
		for (int year = 2020; year <= 2026; year++) {
			asks_year(&t, year);
			gets(&t, year == 2022
				     ? brings_error("noRecordsMatch")
				     : brings_sized(year == 2021 ? 50 : 10,
					   (uint64_t)year, NULL, 9999));
		}
		closes(&t);
		assert_true(t.close.completed);
		assert_false(t.close.complete_list);
		assert_non_null(strstr(t.close.suspicion,
		    "100 records, while completeListSize promised 9999"));
		assert_string_equal(t.close.quirks, "list_size=wrong\n");
		assert_int_equal(t.close.advertised, 9999);
	}
	TALK_FOR_ALL(&t)
	{
		t.open.quirks = "list_size=wrong\n";
		talk_start(&t, RUN_INCREMENTAL);
		identifies(&t);
		asks(&t, LIST);
		gets(&t, brings_sized(100, 1, NULL, 9999));
		closes(&t);
		assert_true(t.close.complete_list);
		assert_string_equal(t.close.suspicion, "");
		assert_string_equal(t.close.quirks, "list_size=wrong\n");
		assert_int_equal(t.close.advertised, -1);
	}
}

/* A second reading that fails spoils nothing. */
static void
a_second_reading_may_fail(void **state)
{
	struct talk t;

	(void)state;
	for (int way = 0; way < 2; way++) {
		int requests = 0;

		talk_begin(&t, TALK_PLAIN);
		talk_start(&t, RUN_FULL);
		identifies(&t);
		asks(&t, LIST);
		gets(&t, brings_sized(100, 1, NULL, 9999));
		while (oai_run_next(t.run, &t.ask) == HARVEST_STEP_REQUEST) {
			struct brings b = brings_sized(100, 1, NULL, 9999);

			b.facts.outside_window = 90;
			gets(
			    &t, way ? b : brings_status(500, BODY_EMPTY, NULL));
			assert_true(++requests < 20);
		}
		closes(&t);
		assert_true(t.close.completed);
		assert_int_equal(t.close.err.class, ERR_NONE);
		assert_non_null(strstr(t.close.suspicion, "promised 9999"));
		assert_non_null(strstr(t.close.quirks, "list_size=wrong"));
		assert_null(strstr(t.close.quirks, "window="));
		talk_end(&t);
	}
}

static void
a_list_capped_without_a_word_is_cut(void **state)
{
	struct talk t;
	struct brings b;

	(void)state;
	TALK_FOR_ALL(&t)
	{
		talk_start(&t, RUN_FULL);
		identifies(&t);
		asks(&t, LIST);
		assert_int_equal(
		    gets(&t, brings_page(10000, 1, NULL)), HARVEST_COMMIT);
		asks_year(&t, 2020);
		gets(&t, brings_page(10000, 2, NULL));
		asks(&t, LIST "&until=2020-01-31T23%3A59%3A59Z");
	}
	/* No more came: it held 10,000 records by chance. */
	TALK_FOR_ALL(&t)
	{
		talk_start(&t, RUN_FULL);
		identifies(&t);
		asks(&t, LIST);
		gets(&t, brings_page(10000, 1, NULL));
		for (int year = 2020; year <= 2026; year++) {
			asks_year(&t, year);
			gets(&t, brings_page(year == 2020 ? 4000 : 1000,
				     (uint64_t)year, NULL));
		}
		closes(&t);
		assert_true(t.close.complete_list);
		assert_string_equal(t.close.suspicion, "");
		assert_string_equal(t.close.quirks, "");
	}
	/* What is round by chance, and what the server says is all. */
	TALK_FOR_ALL(&t)
	{
		talk_start(&t, RUN_FULL);
		identifies(&t);
		asks(&t, LIST);
		b = brings_page(10000, 1, NULL);
		b.facts.list_size = 10000;
		gets(&t, b);
		closes(&t);
		assert_true(t.close.complete_list);
		assert_int_equal(t.close.advertised, 10000);
	}
}

static void
what_fails_in_hours_is_given_up_with_a_clear_error(void **state)
{
	struct talk t;
	int tries = 0;

	(void)state;
	talk_begin(&t, TALK_PLAIN);
	t.source.verb_mode = VERB_MODE_RECORDS;
	talk_start(&t, RUN_FULL);
	identifies(&t);
	for (;;) {
		enum harvest_step s = oai_run_next(t.run, &t.ask);

		if (s == HARVEST_STEP_CLOSE)
			break;
		assert_int_equal(s, HARVEST_STEP_REQUEST);
		if (strstr(t.ask.url, "resumptionToken"))
			gets(&t, brings_error("badResumptionToken"));
		else
			gets(&t, brings_page(10, 1, "t"));
		assert_true(++tries < 100);
	}
	closes(&t);
	assert_false(t.close.completed);
	assert_non_null(strstr(t.close.err.text, "windows of one hour"));
	talk_end(&t);
}

/* A7 */
static void
sizes_and_cursors_never_steer(void **state)
{
	struct talk t;
	struct brings b;

	(void)state;
	TALK_FOR_ALL(&t)
	{
		t.source.window = WINDOW_NONE;
		talk_start(&t, RUN_FULL);
		identifies(&t);
		asks(&t, LIST);
		b = brings_page(100, 1, "a");
		b.facts.cursor = 77;
		b.facts.list_size = 5;
		gets(&t, b);
		asks(&t, TOKEN("a"));
		b = brings_page(100, 2, "b");
		b.facts.cursor = 3;
		b.facts.list_size = 1234567;
		gets(&t, b);
		asks(&t, TOKEN("b"));
		gets(&t, brings_page(3, 3, NULL));
		closes(&t);
		assert_true(t.close.completed);
		assert_false(t.close.complete_list);
		assert_non_null(strstr(t.close.suspicion, "203 records"));
		assert_int_equal(t.close.advertised, 1234567);
	}
}

/* Losing a page while its successor is ahead of it. */
static void
a_lost_page_undoes_what_was_ahead(void **state)
{
	struct talk t;
	struct err why = {.class = ERR_XML, .text = "the parser died"};

	(void)state;
	talk_begin(&t, TALK_AHEAD);
	talk_start(&t, RUN_FULL);
	identifies(&t);
	asks(&t, LIST);
	gets(&t, brings_page(100, 1, "a"));
	asks(&t, TOKEN("a"));
	assert_int_equal(t.ask.page_no, 3);
	gets(&t, brings_page(100, 2, "b"));
	/* page 3 is judged, page 4 asked: the parser of page 3 exits badly */
	asks(&t, TOKEN("b"));
	oai_run_unparsed(t.run, 3, &why, t.now_us);
	t.pending = 0;
	asks(&t, TOKEN("a"));
	assert_int_equal(t.ask.page_no, 3);
	assert_true(t.ask.wait_ms > 0);
	/* it comes again, and is no circle */
	assert_int_equal(gets(&t, brings_page(100, 2, "b")), HARVEST_COMMIT);
	asks(&t, TOKEN("b"));
	oai_run_lost(t.run);
	t.pending = 0;
	asks(&t, TOKEN("a"));
	gets(&t, brings_page(100, 2, NULL));
	closes(&t);
	assert_true(t.close.completed);
	talk_end(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_list_ends_without_token_or_with_an_empty_one),
	    cmocka_unit_test(an_empty_repository_is_no_error),
	    cmocka_unit_test(one_token_that_moves_is_legal),
	    cmocka_unit_test(one_token_is_not_asked_twice),
	    cmocka_unit_test(a_circle_is_found),
	    cmocka_unit_test(empty_pages_for_ever_are_a_circle),
	    cmocka_unit_test(one_record_may_come_twice),
	    cmocka_unit_test(a_refused_token_restarts_then_cuts),
	    cmocka_unit_test(a_token_of_before_a_crash_is_owed_by_nobody),
	    cmocka_unit_test(an_expired_token_is_not_asked),
	    cmocka_unit_test(tokens_are_encoded_once_or_as_learned),
	    cmocka_unit_test(an_encoded_token_is_tried_as_it_is),
	    cmocka_unit_test(a_set_forgotten_on_token_pages_is_suspicious),
	    cmocka_unit_test(deep_paging_that_breaks_is_cut_finer),
	    cmocka_unit_test(a_list_that_ends_short_is_cut),
	    cmocka_unit_test(a_size_that_promises_too_much_is_found_out_once),
	    cmocka_unit_test(a_second_reading_may_fail),
	    cmocka_unit_test(a_list_capped_without_a_word_is_cut),
	    cmocka_unit_test(
		what_fails_in_hours_is_given_up_with_a_clear_error),
	    cmocka_unit_test(sizes_and_cursors_never_steer),
	    cmocka_unit_test(a_lost_page_undoes_what_was_ahead),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
