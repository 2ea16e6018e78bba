/* Identifiers and records one by one: the comparison (MISBEHAVIOUR D20), and
 * servers whose ListRecords does not work. */
#include "sched_talk.h"

static void
a_comparison_lists_identifiers_and_fetches_what_is_wanted(void **state)
{
	struct talk t;

	(void)state;
	TALK_FOR_ALL(&t)
	{
		t.open.checkpoints = "\t2026-11-01T00:00:00Z\n";
		t.open.active = 100;
		talk_start(&t, RUN_COMPARE);
		identifies(&t);
		asks(&t, "verb=ListIdentifiers&metadataPrefix=oai_dc");
		gets(&t, brings_page(60, 1, "a"));
		asks(&t, "verb=ListIdentifiers&resumptionToken=a");
		t.counts.wanted = 2;
		gets(&t, brings_page(40, 2, NULL));
		while (t.pending > 0)
			talk_commit(&t);
		t.counts.wanted = 0;
		assert_int_equal(
		    oai_run_next(t.run, &t.ask), HARVEST_STEP_WANT);
		assert_int_equal(
		    oai_run_next(t.run, &t.ask), HARVEST_STEP_WAIT);
		oai_run_wanted(t.run, "oai:x:1\noai:x:2");
		t.way = TALK_PLAIN; /* store would have to be asked again */
		asks(&t, "verb=GetRecord&identifier=oai%3Ax%3A1"
			 "&metadataPrefix=oai_dc");
		assert_string_equal(t.ask.wanted, "oai:x:1");
		gets(&t, brings_page(1, 11, NULL));
		asks(&t, "verb=GetRecord&identifier=oai%3Ax%3A2"
			 "&metadataPrefix=oai_dc");
		assert_int_equal(
		    gets(&t, brings_error("idDoesNotExist")), HARVEST_COMMIT);
		assert_int_equal(
		    oai_run_next(t.run, &t.ask), HARVEST_STEP_WANT);
		oai_run_wanted(t.run, "");
		closes(&t);
		assert_true(t.close.completed);
		assert_true(t.close.complete_list);
		assert_string_equal(
		    t.close.checkpoints, "\t2026-11-01T00:00:00Z\n");
	}
}

static void
a_comparison_that_wants_too_much_asks_for_a_full_run(void **state)
{
	struct talk t;

	(void)state;
	TALK_FOR_ALL(&t)
	{
		t.open.active = 5000;
		t.open.checkpoints = "\t2026-10-01\n";
		talk_start(&t, RUN_COMPARE);
		identifies(&t);
		asks(&t, "verb=ListIdentifiers&metadataPrefix=oai_dc");
		t.counts.wanted = 1001;
		gets(&t, brings_page(5000, 1, NULL));
		closes(&t);
		assert_true(t.close.completed);
		assert_true(t.close.ask_full);
		assert_string_equal(t.close.checkpoints, "\t\n");
	}
}

static void
records_that_cannot_be_fetched_are_left_out(void **state)
{
	struct talk t;

	(void)state;
	talk_begin(&t, TALK_PLAIN);
	t.source.verb_mode = VERB_MODE_IDENTIFIERS;
	talk_start(&t, RUN_FULL);
	identifies(&t);
	asks(&t, "verb=ListIdentifiers&metadataPrefix=oai_dc");
	gets(&t, brings_page(2, 1, NULL));
	assert_int_equal(oai_run_next(t.run, &t.ask), HARVEST_STEP_WANT);
	oai_run_wanted(t.run, "bad\ngood\n");
	for (int i = 0; i < 2; i++) {
		asks(&t, "verb=GetRecord&identifier=bad&metadataPrefix=oai_dc");
		gets(&t, brings_status(200, BODY_TRUNCATED, NULL));
	}
	asks(&t, "verb=GetRecord&identifier=good&metadataPrefix=oai_dc");
	gets(&t, brings_page(1, 1, NULL));
	assert_int_equal(oai_run_next(t.run, &t.ask), HARVEST_STEP_WANT);
	assert_string_equal(t.ask.want_after, "good");
	oai_run_wanted(t.run, ""); /* "bad" is wanted still, not again */
	closes(&t);
	assert_false(t.close.completed);
	assert_non_null(strstr(t.close.err.text, "1 records could not"));
	assert_non_null(strstr(t.close.err.text, "identifier=bad"));
	/* The next runs name it again, but not for ever. */
	assert_string_equal(t.close.checkpoints, "");
	assert_string_equal(t.close.quirks, "held_back=1\n");
	talk_end(&t);
}

/* A list by identifiers is read when its records are. */
static void
what_was_named_and_not_fetched_is_named_again(void **state)
{
	struct talk t;

	(void)state;
	TALK_FOR_ALL(&t)
	{
		t.source.verb_mode = VERB_MODE_IDENTIFIERS;
		t.open.checkpoints = "\t2026-10-01T00:00:00Z\n";
		talk_start(&t, RUN_INCREMENTAL);
		identifies(&t);
		asks(&t, "verb=ListIdentifiers&metadataPrefix=oai_dc"
			 "&from=2026-10-01T00%3A00%3A00Z");
		gets(&t, brings_page(3, 1, NULL));
		while (t.pending > 0)
			talk_commit(&t);
		assert_int_equal(
		    oai_run_next(t.run, &t.ask), HARVEST_STEP_WANT);
		oai_run_wanted(t.run, "a\nb\nc\n");
		t.way = TALK_PLAIN;
		asks(&t, "verb=GetRecord&identifier=a&metadataPrefix=oai_dc");
		gets(&t, brings_page(1, 2, NULL));
		while (oai_run_next(t.run, &t.ask) == HARVEST_STEP_REQUEST)
			gets(&t, brings_nothing(ERR_NET));
		closes(&t);
		assert_false(t.close.completed);
		assert_string_equal(
		    t.close.checkpoints, "\t2026-10-01T00:00:00Z\n");
	}
}

/* More than are asked for at a time: the next ones are those behind them. */
static void
given_up_ones_hide_no_others(void **state)
{
	struct talk t;
	struct buf many;

	(void)state;
	talk_begin(&t, TALK_PLAIN);
	t.source.verb_mode = VERB_MODE_IDENTIFIERS;
	t.open.checkpoints = "\t2026-10-01T00:00:00Z\n";
	talk_start(&t, RUN_INCREMENTAL);
	identifies(&t);
	asks(&t, "verb=ListIdentifiers&metadataPrefix=oai_dc"
		 "&from=2026-10-01T00%3A00%3A00Z");
	gets(&t, brings_page(200, 1, NULL));
	assert_int_equal(oai_run_next(t.run, &t.ask), HARVEST_STEP_WANT);
	assert_int_equal(t.ask.want, 100);
	assert_string_equal(t.ask.want_after, "");
	buf_init(&many, 64 * 1024);
	for (int i = 0; i < 10; i++)
		buf_printf(&many, "bad%d\n", i);
	oai_run_wanted(t.run, buf_str(&many));
	for (int i = 0; i < 10; i++) {
		assert_int_equal(
		    oai_run_next(t.run, &t.ask), HARVEST_STEP_REQUEST);
		gets(&t, brings_status(404, BODY_HTML, "Not found"));
	}
	assert_int_equal(oai_run_next(t.run, &t.ask), HARVEST_STEP_WANT);
	assert_int_equal(t.ask.want, 100);
	assert_string_equal(t.ask.want_after, "bad9");
	oai_run_wanted(t.run, "good\n");
	buf_release(&many);
	asks(&t, "verb=GetRecord&identifier=good&metadataPrefix=oai_dc");
	gets(&t, brings_page(1, 2, NULL));
	assert_int_equal(oai_run_next(t.run, &t.ask), HARVEST_STEP_WANT);
	assert_string_equal(t.ask.want_after, "good");
	oai_run_wanted(t.run, "");
	closes(&t);
	assert_false(t.close.completed);
	assert_string_equal(t.close.checkpoints, "\t2026-10-01T00:00:00Z\n");
	talk_end(&t);
}

static void
begin_with_identifiers(struct talk *t, const char *identifiers)
{
	talk_begin(t, TALK_PLAIN);
	t->source.verb_mode = VERB_MODE_IDENTIFIERS;
	talk_start(t, RUN_FULL);
	identifies(t);
	asks(t, "verb=ListIdentifiers&metadataPrefix=oai_dc");
	gets(t, brings_page(200, 1, NULL));
	assert_int_equal(oai_run_next(t->run, &t->ask), HARVEST_STEP_WANT);
	oai_run_wanted(t->run, identifiers);
}

/* Embargoed, gone, unreadable: the server is asked whether it is well, and
 * when it is, the others are fetched. */
static void
many_failures_in_a_row_do_not_end_a_run(void **state)
{
	static const unsigned statuses[] = {404, 403, 400, 410};
	struct talk t;
	struct buf ids;
	int probes = 0;

	(void)state;
	buf_init(&ids, 64 * 1024);
	for (int i = 0; i < 45; i++)
		buf_printf(&ids, "bad%02d\n", i);
	buf_adds(&ids, "good\n");
	begin_with_identifiers(&t, buf_str(&ids));
	for (int i = 0; i < 45; i++) {
		assert_int_equal(
		    oai_run_next(t.run, &t.ask), HARVEST_STEP_REQUEST);
		if (strcmp(t.ask.verb, "Identify") == 0) {
			assert_int_equal(gets(&t, brings_identify("YYYY-MM-DD",
						      "2020-01-01")),
			    HARVEST_COMMIT);
			probes++;
			assert_int_equal(
			    oai_run_next(t.run, &t.ask), HARVEST_STEP_REQUEST);
		}
		assert_string_equal(t.ask.verb, "GetRecord");
		gets(&t, brings_status(statuses[i % 4], BODY_HTML, "No"));
	}
	assert_int_equal(probes, 2);
	asks(&t, "verb=GetRecord&identifier=good&metadataPrefix=oai_dc");
	gets(&t, brings_page(1, 2, NULL));
	assert_int_equal(oai_run_next(t.run, &t.ask), HARVEST_STEP_WANT);
	oai_run_wanted(t.run, "");
	closes(&t);
	assert_false(t.close.completed);
	assert_false(t.close.pause);
	assert_non_null(strstr(t.close.err.text, "45 records could not"));
	talk_end(&t);
	buf_release(&ids);
}

/* The server refuses everything: it is left alone. */
static void
a_server_that_is_not_well_ends_the_run(void **state)
{
	struct talk t;
	struct buf ids;

	(void)state;
	buf_init(&ids, 64 * 1024);
	for (int i = 0; i < 45; i++)
		buf_printf(&ids, "bad%02d\n", i);
	begin_with_identifiers(&t, buf_str(&ids));
	for (int i = 0; i < 20; i++) {
		assert_int_equal(
		    oai_run_next(t.run, &t.ask), HARVEST_STEP_REQUEST);
		assert_string_equal(t.ask.verb, "GetRecord");
		gets(&t, brings_status(403, BODY_HTML, "Banned"));
	}
	asks(&t, "verb=Identify");
	gets(&t, brings_status(403, BODY_HTML, "Banned"));
	closes(&t);
	assert_int_equal(t.close.err.code, 403);
	assert_non_null(strstr(t.close.err.text, "verb=Identify"));
	assert_string_equal(t.close.checkpoints, "");
	talk_end(&t);
	buf_release(&ids);
}

/* Identify is well and GetRecord never was: that is no matter of records. */
static void
a_getrecord_that_never_works_is_given_up(void **state)
{
	struct talk t;
	struct buf ids;
	int asked = 0;

	(void)state;
	buf_init(&ids, 64 * 1024);
	for (int i = 0; i < 3000; i++)
		buf_printf(&ids, "bad%04d\n", i);
	begin_with_identifiers(&t, buf_str(&ids));
	while (oai_run_next(t.run, &t.ask) == HARVEST_STEP_REQUEST) {
		if (strcmp(t.ask.verb, "Identify") == 0) {
			gets(&t, brings_identify("YYYY-MM-DD", "2020-01-01"));
			continue;
		}
		gets(&t, brings_status(404, BODY_HTML, "Not found"));
		asked++;
	}
	assert_int_equal(asked, 1000);
	closes(&t);
	assert_non_null(strstr(t.close.err.text, "all of 1000 records failed"));
	talk_end(&t);
	buf_release(&ids);
}

static void
identifiers_are_learned_when_records_keep_failing(void **state)
{
	struct talk t;
	int tries = 0;

	(void)state;
	talk_begin(&t, TALK_PLAIN);
	talk_start(&t, RUN_FULL);
	identifies(&t);
	while (oai_run_next(t.run, &t.ask) == HARVEST_STEP_REQUEST &&
	       strcmp(t.ask.verb, "ListRecords") == 0) {
		gets(&t, brings_status(500, BODY_HTML, "Error"));
		assert_true(++tries < 20);
	}
	assert_true(tries >= 4);
	assert_string_equal(t.ask.verb, "ListIdentifiers");
	gets(&t, brings_page(2, 1, NULL));
	while (oai_run_next(t.run, &t.ask) == HARVEST_STEP_REQUEST)
		gets(&t, brings_error("noRecordsMatch"));
	oai_run_wanted(t.run, "x\n");
	asks(&t, "verb=GetRecord&identifier=x&metadataPrefix=oai_dc");
	gets(&t, brings_page(1, 1, NULL));
	assert_int_equal(oai_run_next(t.run, &t.ask), HARVEST_STEP_WANT);
	oai_run_wanted(t.run, "");
	closes(&t);
	assert_true(t.close.completed);
	assert_non_null(strstr(t.close.quirks, "verb_mode=identifiers\n"));
	talk_end(&t);
}

static void
an_outage_teaches_nothing(void **state)
{
	struct talk t;
	int tries = 0;

	(void)state;
	talk_begin(&t, TALK_PLAIN);
	t.open.checkpoints = "\t2026-11-01T00:00:00Z\n";
	talk_start(&t, RUN_INCREMENTAL);
	identifies(&t);
	while (oai_run_next(t.run, &t.ask) == HARVEST_STEP_REQUEST) {
		gets(&t, brings_status(500, BODY_HTML, "Error"));
		assert_true(++tries < 20);
	}
	closes(&t);
	assert_false(t.close.completed);
	assert_int_equal(t.close.err.class, ERR_HTTP);
	assert_int_equal(t.close.err.code, 500);
	assert_string_equal(t.close.quirks, "");
	talk_end(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		a_comparison_lists_identifiers_and_fetches_what_is_wanted),
	    cmocka_unit_test(
		a_comparison_that_wants_too_much_asks_for_a_full_run),
	    cmocka_unit_test(records_that_cannot_be_fetched_are_left_out),
	    cmocka_unit_test(what_was_named_and_not_fetched_is_named_again),
	    cmocka_unit_test(given_up_ones_hide_no_others),
	    cmocka_unit_test(many_failures_in_a_row_do_not_end_a_run),
	    cmocka_unit_test(a_server_that_is_not_well_ends_the_run),
	    cmocka_unit_test(a_getrecord_that_never_works_is_given_up),
	    cmocka_unit_test(identifiers_are_learned_when_records_keep_failing),
	    cmocka_unit_test(an_outage_teaches_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
