/* What is read behind a feed, and what is known of its items: pages, archives,
 * gaps, rests, complete lists, identity. */
#include "feed_talk.h"

#include "base/limits.h"

/* Plain, and with a process that dies after every page. */
#define BOTH_WAYS(t)                                                           \
	for (int way_ = 0;                                                     \
	     way_ < 2 && (talk_begin(t), (t)->crash = way_ == 1, 1);           \
	     talk_end(t), way_++)

static const char page2[] = "https://example.org/2";
static const char page3[] = "https://example.org/3";

static void
a_first_harvest_reads_all_pages_and_archives(void **state)
{
	struct feed_talk t;

	(void)state;
	BOTH_WAYS(&t)
	{
		talk_start(&t, RUN_INCREMENTAL);
		asks(&t, "/feed");
		gets(&t, brings_next(10, 0, page2));
		asks(&t, "/2");
		assert_string_equal(t.ask.etag, "");
		gets(&t, brings_archive(10, 0, page3));
		asks(&t, "/3");
		gets(&t, brings_items(10, 0));
		closes_well(&t);
		assert_false(t.close.complete_list);
		/* An increment does not. */
		t.crash = false;
		talk_later(&t, HOUR_MS);
		asks(&t, "/feed");
		gets(&t, brings_next(1, 9, page2));
		closes_well(&t);
		assert_string_equal(left(t.facts, "note"), "");
	}
}

static void
a_gap_is_closed_by_what_is_known(void **state)
{
	struct feed_talk t;

	(void)state;
	BOTH_WAYS(&t)
	{
		talk_later(&t, HOUR_MS);
		asks(&t, "/feed");
		gets(&t, brings_archive(10, 0, page2));
		if (!t.crash) {
			assert_int_equal(
			    feed_run_next(t.run, &t.ask), HARVEST_STEP_REKEY);
			assert_string_equal(t.ask.identity, "link");
			feed_run_rekeyed(t.run, false);
		}
		asks(&t, "/2");
		gets(&t, brings_archive(7, 3, page3));
		/* Who died cannot tell, and looks one page further. */
		if (t.crash) {
			asks(&t, "/3");
			t.crash = false;
			gets(&t, brings_archive(0, 9, page2));
		}
		closes_well(&t);
		assert_string_equal(left(t.facts, "note"), "");
	}
}

static void
a_gap_read_to_the_end_of_the_archives_is_closed(void **state)
{
	struct feed_talk t;

	(void)state;
	talk_begin(&t);
	talk_later(&t, HOUR_MS);
	asks(&t, "/feed");
	gets(&t, brings_archive(10, 0, page2));
	feed_run_next(t.run, &t.ask);
	feed_run_rekeyed(t.run, false);
	asks(&t, "/2");
	gets(&t, brings_items(4, 0));
	closes_well(&t);
	assert_string_equal(left(t.facts, "note"), "");
	talk_end(&t);
}

static void
a_gap_that_stays_is_told_for_a_week(void **state)
{
	struct feed_talk t;

	(void)state;
	talk_begin(&t);
	talk_later(&t, HOUR_MS);
	asks(&t, "/feed");
	gets(&t, brings_items(10, 0));
	feed_run_next(t.run, &t.ask);
	feed_run_rekeyed(t.run, false);
	closes_well(&t);
	for (int day = 1; day <= 9; day++) {
		bool told = strstr(left(t.facts, "note"),
				"probably missed before "
				"2026-11-24T13:00:00Z") != NULL;

		assert_int_equal(told, day <= 8);
		talk_later(&t, DAY_MS);
		asks(&t, "/feed");
		gets(&t, brings_items(1, 9));
		closes_well(&t);
	}
	talk_end(&t);
}

static void
nothing_is_missed_at_a_first_harvest(void **state)
{
	struct feed_talk t;

	(void)state;
	talk_begin(&t);
	talk_start(&t, RUN_INCREMENTAL);
	asks(&t, "/feed");
	gets(&t, brings_items(10, 0));
	closes_well(&t);
	assert_string_equal(left(t.facts, "note"), "");
	talk_end(&t);
}

static void
pages_in_a_circle_are_read_once(void **state)
{
	struct feed_talk t;

	(void)state;
	talk_begin(&t);
	talk_start(&t, RUN_INCREMENTAL);
	asks(&t, "/feed");
	gets(&t, brings_next(10, 0, page2));
	asks(&t, "/2");
	gets(&t, brings_next(10, 0, page3));
	asks(&t, "/3");
	gets(&t, brings_next(10, 0, "https://example.org/feed"));
	closes(&t);
	assert_int_equal(t.close.err.class, ERR_PROTO);
	assert_non_null(strstr(t.close.err.text, "circle"));
	assert_false(t.close.completed);
	/* And no rest of it. */
	talk_later(&t, HOUR_MS);
	asks(&t, "/feed");
	gets(&t, brings_items(0, 10));
	closes_well(&t);
	talk_end(&t);
}

static void
endless_pages_have_an_end(void **state)
{
	struct feed_talk t;
	char url[64];
	size_t n = 0;

	(void)state;
	talk_begin(&t);
	talk_start(&t, RUN_INCREMENTAL);
	while (feed_run_next(t.run, &t.ask) == HARVEST_STEP_REQUEST) {
		assert_true(n++ <= LIMIT_FEED_PAGES);
		snprintf(url, sizeof(url), "https://example.org/p%zu", n);
		gets(&t, brings_next(10, 0, url));
	}
	closes(&t);
	assert_int_equal(n, LIMIT_FEED_PAGES + 1);
	assert_int_equal(t.close.err.class, ERR_LIMIT);
	talk_end(&t);
}

/* --- numbered pages --- */
static void
number_to(struct feed_talk *t, const char *param, unsigned first)
{
	t->source.page_param = param;
	t->source.page_first = first;
	talk_start(t, RUN_INCREMENTAL);
}

static void
numbered_pages_end_where_nothing_comes(void **state)
{
	const struct answer ends[] = {
	    brings_items(0, 0), brings_items(0, 10), brings_status(404)};
	struct feed_talk t;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		BOTH_WAYS(&t)
		{
			number_to(&t, "paged", 2);
			asks(&t, "/feed");
			gets(&t, brings_items(10, 0));
			asks(&t, "/feed?paged=2");
			gets(&t, brings_items(10, 0));
			asks(&t, "/feed?paged=3");
			t.crash = false;
			gets(&t, ends[i]);
			closes_well(&t);
		}
	}
}

static void
numbers_go_behind_what_the_url_has(void **state)
{
	struct feed_talk t;

	(void)state;
	talk_begin(&t);
	t.source.url = "https://example.org/feed?q=1#top";
	number_to(&t, "page", 1);
	asks(&t, "/feed?q=1#top");
	gets(&t, brings_items(10, 0));
	asks(&t, "/feed?q=1&page=1");
	gets(&t, brings_items(10, 0));
	asks(&t, "/feed?q=1&page=2");
	talk_end(&t);
}

static void
a_gap_is_closed_by_numbered_pages(void **state)
{
	struct feed_talk t;

	(void)state;
	talk_begin(&t);
	t.source.page_param = "paged";
	talk_later(&t, HOUR_MS);
	asks(&t, "/feed");
	gets(&t, brings_items(10, 0));
	feed_run_next(t.run, &t.ask);
	feed_run_rekeyed(t.run, false);
	asks(&t, "/feed?paged=2");
	gets(&t, brings_items(2, 8));
	closes_well(&t);
	assert_string_equal(left(t.facts, "note"), "");
	talk_end(&t);
}

/* --- what could not be read --- */
static void
breaks_off_at_page3(struct feed_talk *t)
{
	talk_start(t, RUN_INCREMENTAL);
	asks(t, "/feed");
	gets(t, brings_archive(10, 0, page2));
	asks(t, "/2");
	gets(t, brings_archive(10, 0, page3));
	asks(t, "/3");
	gets(t, brings_status(404));
	closes(t);
	assert_false(t->close.completed);
	assert_non_null(strstr(t->close.err.text, "older items"));
	assert_non_null(strstr(t->close.err.text, "<https://example.org/3>"));
}

static void
the_next_run_reads_the_rest(void **state)
{
	struct answer plain = brings_items(0, 10);
	struct feed_talk t;

	(void)state;
	plain.body = 5;
	for (int equal = 0; equal < 2; equal++) {
		talk_begin(&t);
		breaks_off_at_page3(&t);
		talk_later(&t, HOUR_MS);
		asks(&t, "/feed");
		gets(&t, plain);
		asks(&t, "/3");
		gets(&t, brings_status(404));
		closes(&t);
		assert_false(t.close.completed);
		/* Also behind a feed that is equal. */
		talk_later(&t, HOUR_MS);
		asks(&t, "/feed");
		gets(&t, equal ? plain : brings_items(0, 10));
		asks(&t, "/3");
		gets(&t, brings_archive(5, 0, "https://example.org/4"));
		asks(&t, "/4");
		gets(&t, brings_items(5, 0));
		closes_well(&t);
		/* And that was all. */
		talk_later(&t, HOUR_MS);
		asks(&t, "/feed");
		gets(&t, brings_items(0, 10));
		closes_well(&t);
		talk_end(&t);
	}
}

static void
a_rest_that_stays_unread_is_given_up(void **state)
{
	struct feed_talk t;
	int tries = 0;

	(void)state;
	talk_begin(&t);
	breaks_off_at_page3(&t);
	for (int poll = 0; poll < 6; poll++) {
		talk_later(&t, HOUR_MS);
		asks(&t, "/feed");
		gets(&t, brings_items(0, 10));
		if (feed_run_next(t.run, &t.ask) != HARVEST_STEP_REQUEST)
			break;
		tries++;
		gets(&t, brings_status(404));
		closes(&t);
	}
	assert_int_equal(tries, 3);
	closes_well(&t);
	talk_end(&t);
}

static void
a_run_that_is_stopped_leaves_a_rest(void **state)
{
	struct feed_talk t;

	(void)state;
	talk_begin(&t);
	talk_start(&t, RUN_INCREMENTAL);
	asks(&t, "/feed");
	gets(&t, brings_archive(10, 0, page2));
	asks(&t, "/2");
	feed_run_stop(t.run, ERR_CANCEL, "paused");
	closes(&t);
	assert_int_equal(t.close.err.class, ERR_CANCEL);
	talk_later(&t, HOUR_MS);
	asks(&t, "/feed");
	gets(&t, brings_archive(0, 10, page2));
	asks(&t, "/2");
	gets(&t, brings_items(10, 0));
	closes_well(&t);
	talk_end(&t);
}

static void
a_page_lost_five_times_ends_the_run(void **state)
{
	struct feed_talk t;

	(void)state;
	talk_begin(&t);
	talk_start(&t, RUN_INCREMENTAL);
	for (int i = 0; i < 5; i++) {
		asks(&t, "/feed");
		feed_run_lost(t.run);
	}
	closes(&t);
	assert_int_equal(t.close.err.class, ERR_DB);
	talk_end(&t);
}

/* --- complete lists --- */
static struct answer
complete(uint64_t added, uint64_t known, const char *next)
{
	struct answer a = brings_next(added, known, next);

	a.facts.feed.complete = true;
	a.etag = "\"1\"";
	return a;
}

static void
a_complete_feed_is_a_complete_list(void **state)
{
	struct answer bad = complete(0, 9, NULL);
	struct feed_talk t;

	(void)state;
	talk_begin(&t);
	talk_start(&t, RUN_INCREMENTAL);
	asks(&t, "/feed");
	gets(&t, complete(10, 0, NULL));
	closes_well(&t);
	assert_true(t.close.complete_list);
	/* All its pages, each time. */
	talk_later(&t, HOUR_MS);
	asks(&t, "/feed");
	gets(&t, complete(0, 10, page2));
	asks(&t, "/2");
	gets(&t, brings_items(0, 3));
	closes_well(&t);
	assert_true(t.close.complete_list);
	/* Items that nobody understands may be any of those that are there. */
	talk_later(&t, HOUR_MS);
	asks(&t, "/feed");
	bad.counts.rejected = 1;
	gets(&t, bad);
	closes_well(&t);
	assert_false(t.close.complete_list);
	talk_end(&t);
}

static void
half_a_complete_list_is_read_again(void **state)
{
	struct feed_talk t;

	(void)state;
	talk_begin(&t);
	talk_later(&t, HOUR_MS);
	asks(&t, "/feed");
	gets(&t, complete(0, 10, page2));
	asks(&t, "/2");
	gets(&t, brings_status(404));
	closes(&t);
	assert_false(t.close.complete_list);
	/* Though nothing has changed. */
	talk_later(&t, HOUR_MS);
	asks(&t, "/feed");
	assert_string_equal(t.ask.etag, "");
	gets(&t, complete(0, 10, page2));
	asks(&t, "/2");
	gets(&t, brings_items(0, 3));
	closes_well(&t);
	assert_true(t.close.complete_list);
	talk_end(&t);
}

/* --- identity --- */
static struct answer
repeats(uint64_t ids, uint64_t links)
{
	struct answer a = brings_items(0, 10);

	a.facts.feed.ids_repeated = ids;
	a.facts.feed.links_repeated = links;
	return a;
}

static void
ids_that_repeat_give_way(void **state)
{
	static const struct {
		uint64_t ids, links;
		const char *basis;
	} cases[] = {
	    {0, 0, "guid"}, {0, 3, "guid"}, {1, 0, "link"}, {1, 1, "digest"}};
	struct feed_talk t;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		bool turns = cases[i].ids > 0;

		talk_begin(&t);
		talk_start(&t, RUN_INCREMENTAL);
		asks(&t, "/feed");
		assert_string_equal(t.ask.identity, "guid");
		assert_int_equal(
		    gets(&t, repeats(cases[i].ids, cases[i].links)),
		    turns ? HARVEST_ABORT : HARVEST_COMMIT);
		if (turns) {
			asks(&t, "/feed");
			assert_string_equal(t.ask.identity, cases[i].basis);
			assert_int_equal(
			    gets(&t, repeats(cases[i].ids, cases[i].links)),
			    HARVEST_COMMIT);
			assert_int_equal(t.ask.wait_ms, 0);
		}
		closes_well(&t);
		assert_int_equal(
		    strstr(left(t.facts, "note"), "items share") != NULL,
		    turns);
		talk_later(&t, HOUR_MS);
		asks(&t, "/feed");
		assert_string_equal(t.ask.identity, cases[i].basis);
		talk_end(&t);
	}
}

static void
records_follow_their_source_to_another_basis(void **state)
{
	struct answer a = repeats(1, 0);
	struct feed_talk t;

	(void)state;
	talk_begin(&t);
	talk_later(&t, HOUR_MS);
	asks(&t, "/feed");
	gets(&t, a);
	asks(&t, "/feed");
	a.counts = (struct harvest_counts){.added = 10};
	gets(&t, a);
	assert_int_equal(feed_run_next(t.run, &t.ask), HARVEST_STEP_REKEY);
	assert_int_equal(feed_run_next(t.run, &t.ask), HARVEST_STEP_WAIT);
	feed_run_rekeyed(t.run, true);
	closes_well(&t);
	assert_null(strstr(left(t.facts, "note"), "missed"));
	/* Once. */
	talk_later(&t, HOUR_MS);
	asks(&t, "/feed");
	a.counts = (struct harvest_counts){.added = 1, .unchanged = 9};
	gets(&t, a);
	closes_well(&t);
	talk_end(&t);
}

static void
guids_that_change_are_found_out(void **state)
{
	struct feed_talk t;

	(void)state;
	talk_begin(&t);
	talk_later(&t, HOUR_MS);
	asks(&t, "/feed");
	gets(&t, brings_archive(10, 0, page2));
	assert_int_equal(feed_run_next(t.run, &t.ask), HARVEST_STEP_REKEY);
	feed_run_rekeyed(t.run, true);
	closes_well(&t); /* nothing is missing, so no archives */
	assert_non_null(
	    strstr(left(t.facts, "note"), "guids change at every poll"));
	talk_later(&t, HOUR_MS);
	asks(&t, "/feed");
	assert_string_equal(t.ask.identity, "link");
	gets(&t, brings_items(10, 0));
	closes_well(&t); /* and is not asked again */
	assert_non_null(strstr(left(t.facts, "note"), "probably missed"));
	talk_end(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_first_harvest_reads_all_pages_and_archives),
	    cmocka_unit_test(a_gap_is_closed_by_what_is_known),
	    cmocka_unit_test(a_gap_read_to_the_end_of_the_archives_is_closed),
	    cmocka_unit_test(a_gap_that_stays_is_told_for_a_week),
	    cmocka_unit_test(nothing_is_missed_at_a_first_harvest),
	    cmocka_unit_test(pages_in_a_circle_are_read_once),
	    cmocka_unit_test(endless_pages_have_an_end),
	    cmocka_unit_test(numbered_pages_end_where_nothing_comes),
	    cmocka_unit_test(numbers_go_behind_what_the_url_has),
	    cmocka_unit_test(a_gap_is_closed_by_numbered_pages),
	    cmocka_unit_test(the_next_run_reads_the_rest),
	    cmocka_unit_test(a_rest_that_stays_unread_is_given_up),
	    cmocka_unit_test(a_run_that_is_stopped_leaves_a_rest),
	    cmocka_unit_test(a_page_lost_five_times_ends_the_run),
	    cmocka_unit_test(a_complete_feed_is_a_complete_list),
	    cmocka_unit_test(half_a_complete_list_is_read_again),
	    cmocka_unit_test(ids_that_repeat_give_way),
	    cmocka_unit_test(records_follow_their_source_to_another_basis),
	    cmocka_unit_test(guids_that_change_are_found_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
