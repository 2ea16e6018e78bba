/* One feed, polled: validators, equal bodies, statuses, discovery, identity. */
#include "feed_talk.h"

static void
first(struct feed_talk *t, struct answer a)
{
	talk_start(t, RUN_INCREMENTAL);
	asks(t, "/feed");
	assert_string_equal(t->ask.etag, "");
	assert_string_equal(t->ask.last_modified, "");
	assert_int_equal(gets(t, a), HARVEST_COMMIT);
	closes_well(t);
}

static struct answer
validated(const char *etag, const char *last_modified)
{
	struct answer a = brings_items(20, 0);

	a.etag = etag;
	a.last_modified = last_modified;
	return a;
}

static void
validators_are_sent_back_as_they_came(void **state)
{
	static const char *const pairs[][2] = {
	    {"\"v1\"", ""},
	    {"W/\"v1\"", ""},
	    {"", "Tue, 24 Nov 2026 11:00:00 GMT"},
	    {"W/\"a,b\"", "Tue, 24 Nov 2026 11:00:00 GMT"},
	    {"unquoted", "yesterday"},
	};
	struct feed_talk t;

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		talk_begin(&t);
		first(&t, validated(pairs[i][0], pairs[i][1]));
		/* 304s that say nothing leave them as they are. */
		for (int poll = 0; poll < 3; poll++) {
			talk_later(&t, HOUR_MS);
			asks(&t, "/feed");
			assert_string_equal(t.ask.etag, pairs[i][0]);
			assert_string_equal(t.ask.last_modified, pairs[i][1]);
			assert_int_equal(
			    gets(&t, brings_status(304)), HARVEST_DROP);
			closes_well(&t);
			assert_string_equal(t.close.facts, "");
			assert_false(t.close.complete_list);
		}
		talk_end(&t);
	}
}

static void
a_304_brings_new_validators(void **state)
{
	struct answer a = brings_status(304);
	struct feed_talk t;

	(void)state;
	talk_begin(&t);
	first(&t, validated("\"v1\"", "Tue, 24 Nov 2026 11:00:00 GMT"));
	talk_later(&t, HOUR_MS);
	asks(&t, "/feed");
	a.etag = "\"v2\"";
	gets(&t, a);
	closes_well(&t);
	talk_later(&t, HOUR_MS);
	asks(&t, "/feed");
	assert_string_equal(t.ask.etag, "\"v2\"");
	assert_string_equal(
	    t.ask.last_modified, "Tue, 24 Nov 2026 11:00:00 GMT");
	talk_end(&t);
}

static void
a_validator_too_long_is_not_sent_back(void **state)
{
	char etag[2000];
	struct feed_talk t;

	(void)state;
	memset(etag, 'x', sizeof(etag) - 1);
	etag[sizeof(etag) - 1] = '\0';
	talk_begin(&t);
	first(&t, validated(etag, ""));
	talk_later(&t, HOUR_MS);
	asks(&t, "/feed");
	assert_string_equal(t.ask.etag, "");
	talk_end(&t);
}

static void
what_fails_leaves_the_validators_alone(void **state)
{
	struct answer a = brings_body(BODY_HTML, "Maintenance", NULL);
	struct feed_talk t;

	(void)state;
	a.etag = "\"page\"";
	talk_begin(&t);
	first(&t, validated("\"v1\"", ""));
	talk_later(&t, HOUR_MS);
	for (int i = 0; i < 2; i++) {
		asks(&t, "/feed");
		assert_int_equal(gets(&t, a), HARVEST_ABORT);
	}
	closes(&t);
	assert_false(t.close.completed);
	assert_non_null(strstr(t.close.err.text, "Maintenance"));
	talk_later(&t, HOUR_MS);
	asks(&t, "/feed");
	assert_string_equal(t.ask.etag, "\"v1\"");
	talk_end(&t);
}

static void
a_server_that_says_304_for_ever_is_asked_plainly_once_a_week(void **state)
{
	struct answer again = brings_items(0, 20);
	struct feed_talk t;
	int plain = 0;

	(void)state;
	talk_begin(&t);
	first(&t, validated("\"v1\"", ""));
	for (int day = 1; day <= 30; day++) {
		talk_later(&t, DAY_MS);
		asks(&t, "/feed");
		if (t.ask.etag[0] == '\0') {
			plain++;
			assert_int_equal(day % 7, 0);
			again.etag = "\"v1\"";
			assert_int_equal(gets(&t, again), HARVEST_COMMIT);
		} else {
			gets(&t, brings_status(304));
		}
		closes_well(&t);
	}
	assert_int_equal(plain, 4);
	talk_end(&t);
}

static void
a_304_nobody_asked_for_is_a_failure(void **state)
{
	struct feed_talk t;

	(void)state;
	talk_begin(&t);
	for (int poll = 0; poll < 2; poll++) {
		/* The second poll compares bodies: it has no validators. */
		if (poll == 0)
			talk_start(&t, RUN_INCREMENTAL);
		else
			talk_later(&t, HOUR_MS);
		for (int i = 0; i < 2; i++) {
			asks(&t, "/feed");
			assert_int_equal(
			    gets(&t, brings_status(304)), HARVEST_RETRY);
		}
		closes(&t);
		assert_int_equal(t.close.err.class, ERR_HTTP);
		assert_non_null(strstr(t.close.err.text, "without conditions"));
		talk_start(&t, RUN_INCREMENTAL);
		asks(&t, "/feed");
		gets(&t, brings_items(5, 15));
		closes_well(&t);
	}
	talk_end(&t);
}

static void
an_equal_body_is_not_read(void **state)
{
	struct answer a = brings_items(20, 0);
	struct feed_talk t;
	int reads = 0;

	(void)state;
	a.body = 77;
	talk_begin(&t);
	first(&t, a);
	a = brings_items(0, 20);
	a.body = 77;
	/* Though it says that it has changed. */
	a.etag = "\"other\"";
	for (int day = 1; day <= 21; day++) {
		talk_later(&t, DAY_MS);
		asks(&t, "/feed");
		reads += gets(&t, a) == HARVEST_COMMIT;
		closes_well(&t);
	}
	/* Once a week, as what is asked plainly. */
	assert_int_equal(reads, 3);
	talk_later(&t, HOUR_MS);
	asks(&t, "/feed");
	a.body = 78;
	assert_int_equal(gets(&t, a), HARVEST_COMMIT);
	talk_end(&t);
}

static void
another_address_and_a_full_harvest_are_asked_plainly(void **state)
{
	struct feed_talk t;

	(void)state;
	talk_begin(&t);
	first(&t, validated("\"v1\"", ""));
	talk_start(&t, RUN_FULL);
	asks(&t, "/feed");
	assert_string_equal(t.ask.etag, "");
	t.source.url = "https://example.org/other";
	talk_start(&t, RUN_INCREMENTAL);
	asks(&t, "/other");
	assert_string_equal(t.ask.etag, "");
	talk_end(&t);
}

/* --- statuses --- */
static void
final_statuses_end_the_run(void **state)
{
	static const unsigned statuses[] = {400, 401, 403, 404, 451};
	struct feed_talk t;

	(void)state;
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		talk_begin(&t);
		talk_start(&t, RUN_INCREMENTAL);
		asks(&t, "/feed");
		assert_int_equal(
		    gets(&t, brings_status(statuses[i])), HARVEST_RETRY);
		closes(&t);
		assert_int_equal(t.close.err.class, ERR_HTTP);
		assert_int_equal(t.close.err.code, statuses[i]);
		assert_non_null(strstr(
		    t.close.err.text, "by hand: <https://example.org/feed>"));
		assert_false(t.close.pause || t.close.completed);
		talk_end(&t);
	}
}

static void
gone_pauses_the_source(void **state)
{
	struct feed_talk t;

	(void)state;
	talk_begin(&t);
	talk_start(&t, RUN_INCREMENTAL);
	asks(&t, "/feed");
	gets(&t, brings_status(410));
	closes(&t);
	assert_true(t.close.pause);
	assert_non_null(strstr(t.close.err.text, "gone for good"));
	talk_end(&t);
}

static void
what_may_pass_is_tried_again(void **state)
{
	const struct answer bad[] = {brings_status(500), brings_status(503),
	    brings_status(429), brings_status(408), {.transfer = ERR_NET}};
	struct feed_talk t;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		talk_begin(&t);
		talk_start(&t, RUN_INCREMENTAL);
		for (unsigned n = 0; n < backoff_default.tries; n++) {
			asks(&t, "/feed");
			assert_true(n == 0 || t.ask.wait_ms > 0);
			assert_int_equal(gets(&t, bad[i]), HARVEST_RETRY);
		}
		closes(&t);
		assert_true(t.close.err.class != ERR_NONE);
		/* Or passes. */
		talk_start(&t, RUN_INCREMENTAL);
		asks(&t, "/feed");
		gets(&t, bad[i]);
		asks(&t, "/feed");
		assert_int_equal(gets(&t, brings_items(1, 0)), HARVEST_COMMIT);
		closes_well(&t);
		talk_end(&t);
	}
}

static void
what_stays_is_not_tried_again(void **state)
{
	static const enum err_class classes[] = {
	    ERR_TLS, ERR_POLICY, ERR_LIMIT};
	struct feed_talk t;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		talk_begin(&t);
		talk_start(&t, RUN_INCREMENTAL);
		asks(&t, "/feed");
		gets(&t, (struct answer){.transfer = classes[i]});
		closes(&t);
		assert_int_equal(t.close.err.class, classes[i]);
		talk_end(&t);
	}
}

static void
retry_after_is_heeded_within_bounds(void **state)
{
	static const struct {
		const char *says;
		int64_t ms;
	} cases[] = {{"120", 120000}, {"864000", HOUR_MS}, {"0", 1000},
	    {"Tue, 24 Nov 2026 12:05:00 GMT", 5 * MINUTE_MS}};
	struct feed_talk t;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct answer a = brings_status(429);

		a.retry_after = cases[i].says;
		talk_begin(&t);
		talk_start(&t, RUN_INCREMENTAL);
		asks(&t, "/feed");
		gets(&t, a);
		asks(&t, "/feed");
		assert_int_equal(t.ask.wait_ms, cases[i].ms);
		talk_end(&t);
	}
}

static void
a_parser_that_dies_is_tried_once_more(void **state)
{
	struct err died = {.class = ERR_XML, .text = "the parser crashed"};
	struct harvest_fetched f = {.status = 200, .body_bytes = 10};
	uint8_t hash[16] = {0};
	struct feed_talk t;

	(void)state;
	talk_begin(&t);
	talk_start(&t, RUN_INCREMENTAL);
	f.etag = f.last_modified = f.cache_control = f.expires = "";
	f.retry_after = f.moved_url = "";
	f.body_hash = hash;
	f.now_us = t.now_us;
	for (int i = 0; i < 2; i++) {
		asks(&t, "/feed");
		f.page_no = t.ask.page_no;
		assert_int_equal(
		    feed_run_fetched(t.run, &f, &t.why), HARVEST_PARSE);
		feed_run_unparsed(t.run, f.page_no, &died, t.now_us);
	}
	closes(&t);
	assert_non_null(strstr(t.close.err.text, "the parser crashed"));
	talk_end(&t);
}

static void
a_permanent_redirect_is_counted_in_days(void **state)
{
	struct answer a = brings_items(5, 0);
	struct feed_talk t;

	(void)state;
	a.moved_url = "https://example.org/new";
	talk_begin(&t);
	first(&t, a);
	a = brings_status(304);
	a.moved_url = "https://example.org/new";
	a.etag = "\"1\"";
	for (int poll = 0; poll < 6; poll++) {
		struct answer b = brings_items(0, 5);

		b.moved_url = a.moved_url;
		talk_later(&t, DAY_MS / 2);
		asks(&t, "/feed"); /* never the new one */
		gets(&t, b);
		closes_well(&t);
	}
	assert_string_equal(left(t.quirks, "moved_days"), "4");
	assert_string_equal(
	    left(t.quirks, "moved_url"), "https://example.org/new");
	/* A day without it, and it is forgotten. */
	talk_later(&t, DAY_MS);
	asks(&t, "/feed");
	gets(&t, brings_items(0, 5));
	closes_well(&t);
	assert_string_equal(left(t.quirks, "moved_url"), "");
	talk_end(&t);
}

/* --- a web page in the feed's place --- */
static void
a_web_page_leads_to_its_feed(void **state)
{
	struct feed_talk t;

	(void)state;
	talk_begin(&t);
	talk_start(&t, RUN_INCREMENTAL);
	asks(&t, "/feed");
	assert_int_equal(gets(&t, brings_body(BODY_HTML, "Home",
				      "https://example.org/rss.xml")),
	    HARVEST_ABORT);
	assert_int_equal(t.why.class, ERR_NONE);
	asks(&t, "/rss.xml");
	gets(&t, brings_items(5, 0));
	closes_well(&t);
	/* From here on directly, and as long as it is so it is said. */
	for (int i = 0; i < 2; i++) {
		assert_non_null(strstr(left(t.facts, "note"),
		    "set url = https://example.org/rss.xml"));
		talk_later(&t, HOUR_MS);
		asks(&t, "/rss.xml");
		gets(&t, brings_items(1, 4));
		closes_well(&t);
	}
	/* Another url, and what was found of this one is forgotten. */
	t.source.url = "https://example.org/atom";
	talk_later(&t, HOUR_MS);
	asks(&t, "/atom");
	gets(&t, brings_items(0, 5));
	closes_well(&t);
	assert_string_equal(left(t.facts, "note"), "");
	talk_end(&t);
}

static void
discovery_is_no_chain(void **state)
{
	struct feed_talk t;

	(void)state;
	talk_begin(&t);
	talk_start(&t, RUN_INCREMENTAL);
	asks(&t, "/feed");
	gets(&t, brings_body(BODY_HTML, "Home", "https://example.org/a"));
	asks(&t, "/a");
	gets(&t, brings_body(BODY_HTML, "Another", "https://example.org/b"));
	closes(&t);
	assert_int_equal(t.close.err.class, ERR_XML);
	assert_non_null(strstr(t.close.err.text, "Another"));
	assert_non_null(strstr(t.close.err.text, "<https://example.org/a>"));
	/* The next run looks at the web page again. */
	talk_later(&t, HOUR_MS);
	asks(&t, "/feed");
	talk_end(&t);
}

static void
a_web_page_that_leads_nowhere_is_an_error(void **state)
{
	static const char *const offers[] = {NULL, "https://example.org/feed",
	    "file:///etc/passwd", "javascript:alert(1)"};
	struct feed_talk t;

	(void)state;
	for (size_t i = 0; i < sizeof(offers) / sizeof(offers[0]); i++) {
		talk_begin(&t);
		talk_start(&t, RUN_INCREMENTAL);
		for (int n = 0; n < 2; n++) {
			asks(&t, "/feed");
			gets(&t, brings_body(BODY_HTML, "Home", offers[i]));
		}
		closes(&t);
		assert_non_null(strstr(t.close.err.text, "not a feed"));
		talk_end(&t);
	}
}

static void
a_found_feed_that_is_gone_is_looked_for_again(void **state)
{
	struct feed_talk t;

	(void)state;
	talk_begin(&t);
	talk_start(&t, RUN_INCREMENTAL);
	asks(&t, "/feed");
	gets(&t, brings_body(BODY_HTML, "Home", "https://example.org/a"));
	asks(&t, "/a");
	gets(&t, brings_items(5, 0));
	closes_well(&t);
	talk_later(&t, HOUR_MS);
	asks(&t, "/a");
	gets(&t, brings_status(410));
	asks(&t, "/feed");
	gets(&t, brings_body(BODY_HTML, "Home", "https://example.org/b"));
	asks(&t, "/b");
	gets(&t, brings_items(0, 5));
	closes_well(&t);
	assert_false(t.close.pause);
	talk_end(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(validators_are_sent_back_as_they_came),
	    cmocka_unit_test(a_304_brings_new_validators),
	    cmocka_unit_test(a_validator_too_long_is_not_sent_back),
	    cmocka_unit_test(what_fails_leaves_the_validators_alone),
	    cmocka_unit_test(
		a_server_that_says_304_for_ever_is_asked_plainly_once_a_week),
	    cmocka_unit_test(a_304_nobody_asked_for_is_a_failure),
	    cmocka_unit_test(an_equal_body_is_not_read),
	    cmocka_unit_test(
		another_address_and_a_full_harvest_are_asked_plainly),
	    cmocka_unit_test(final_statuses_end_the_run),
	    cmocka_unit_test(gone_pauses_the_source),
	    cmocka_unit_test(what_may_pass_is_tried_again),
	    cmocka_unit_test(what_stays_is_not_tried_again),
	    cmocka_unit_test(retry_after_is_heeded_within_bounds),
	    cmocka_unit_test(a_parser_that_dies_is_tried_once_more),
	    cmocka_unit_test(a_permanent_redirect_is_counted_in_days),
	    cmocka_unit_test(a_web_page_leads_to_its_feed),
	    cmocka_unit_test(discovery_is_no_chain),
	    cmocka_unit_test(a_web_page_that_leads_nowhere_is_an_error),
	    cmocka_unit_test(a_found_feed_that_is_gone_is_looked_for_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
