/* When a feed is asked again; and random answers, which must not crash the
 * driver and must come to an end. */
#include "feed_talk.h"

#include "sched/feed_wait.h"

static const char *
hour_text(int h)
{
	static const char *const hours[] = {"0", "1", "2", "3", "4", "5", "6",
	    "7", "8", "9", "10", "11", "12", "13", "14", "15", "16", "17", "18",
	    "19", "20", "21", "22", "23"};

	return hours[h];
}

/* The wait after a poll that brought this, its jitter being a tenth at most. */
static int64_t
wait_after(struct feed_talk *t, struct answer a)
{
	asks(t, "/feed");
	gets(t, a);
	closes_well(t);
	return t->close.next_ms;
}

static void
assert_about(int64_t wait, int64_t ms)
{
	if (wait < ms || wait > ms + ms / 10)
		print_error(
		    "%lld, not about %lld\n", (long long)wait, (long long)ms);
	assert_true(wait >= ms && wait <= ms + ms / 10);
}

static void
begin_first(struct feed_talk *t)
{
	talk_begin(t);
	talk_start(t, RUN_INCREMENTAL);
}

static void
a_feed_that_says_nothing_is_asked_in_an_hour(void **state)
{
	struct feed_talk t;

	(void)state;
	begin_first(&t);
	assert_about(wait_after(&t, brings_items(10, 0)), HOUR_MS);
	talk_end(&t);
}

static void
jitter_is_within_a_tenth(void **state)
{
	int64_t least = INT64_MAX, most = 0;
	struct feed_talk t;

	(void)state;
	for (uint64_t seed = 1; seed <= 200; seed++) {
		int64_t wait;

		talk_begin(&t);
		t.open.random = seed;
		talk_start(&t, RUN_INCREMENTAL);
		wait = wait_after(&t, brings_items(10, 0));
		assert_about(wait, HOUR_MS);
		least = wait < least ? wait : least;
		most = wait > most ? wait : most;
		talk_end(&t);
	}
	assert_true(least < HOUR_MS + MINUTE_MS);
	assert_true(most > HOUR_MS + 5 * MINUTE_MS);
}

static void
silence_stretches_and_news_shorten(void **state)
{
	struct feed_talk t;
	int64_t wait;

	(void)state;
	begin_first(&t);
	wait = wait_after(&t, brings_items(10, 0));
	for (int i = 0; i < 20; i++) {
		talk_later(&t, wait);
		wait = wait_after(&t, brings_items(0, 10));
		assert_true(wait <= DAY_MS + DAY_MS / 10);
	}
	assert_about(wait, DAY_MS); /* the interval at the most */
	for (int i = 0; i < 30; i++) {
		talk_later(&t, wait);
		wait = wait_after(&t, brings_items(8, 2));
		assert_true(wait >= 15 * MINUTE_MS);
	}
	assert_about(wait, 15 * MINUTE_MS); /* interval_min at the least */
	talk_end(&t);
}

static void
a_steady_feed_is_asked_twice_an_item(void **state)
{
	struct feed_talk t;
	int64_t now = 0, next_item = 4 * HOUR_MS, wait;
	int polls = 0;

	(void)state;
	begin_first(&t);
	wait = wait_after(&t, brings_items(10, 0));
	for (; now < 30 * DAY_MS; polls++) {
		uint64_t news = 0;

		now += wait;
		for (; next_item <= now; next_item += 4 * HOUR_MS)
			news++;
		talk_later(&t, wait);
		wait = wait_after(&t, brings_items(news, 9));
	}
	/* 180 items in 30 days. */
	assert_in_range(polls, 250, 500);
	talk_end(&t);
}

static void
bounds_are_the_configurations(void **state)
{
	struct answer a = brings_items(10, 0);
	struct feed_talk t;

	(void)state;
	a.cache_control = "max-age=31536000";
	begin_first(&t);
	assert_about(wait_after(&t, a), DAY_MS);
	talk_end(&t);
	/* A minimum over the maximum is the maximum. */
	talk_begin(&t);
	t.source.interval_ms = 10 * MINUTE_MS;
	talk_start(&t, RUN_INCREMENTAL);
	assert_about(wait_after(&t, brings_items(10, 0)), 10 * MINUTE_MS);
	talk_end(&t);
}

static void
what_feed_and_server_ask_for_is_heeded(void **state)
{
	static const struct {
		const char *ttl, *updates, *cache_control, *expires;
		int64_t ms;
	} cases[] = {
	    {"120", NULL, "", "", 2 * HOUR_MS},
	    {NULL, "180", "", "", 3 * HOUR_MS},
	    {"120", "180", "", "", 2 * HOUR_MS},
	    {"5", NULL, "", "", HOUR_MS},
	    {NULL, NULL, "public, max-age=7200", "", 2 * HOUR_MS},
	    {NULL, NULL, "s-maxage=9999,Max-Age=\"7200\"", "", 2 * HOUR_MS},
	    {NULL, NULL, "no-cache, max-age=7200", "", HOUR_MS},
	    {NULL, NULL, "no-store", "Tue, 24 Nov 2026 20:00:00 GMT", HOUR_MS},
	    {NULL, NULL, "max-age=abc", "", HOUR_MS},
	    {NULL, NULL, "", "Tue, 24 Nov 2026 15:00:00 GMT", 3 * HOUR_MS},
	    {NULL, NULL, "max-age=0", "Tue, 24 Nov 2026 15:00:00 GMT", HOUR_MS},
	    {NULL, NULL, "", "0", HOUR_MS},
	    {NULL, NULL, "", "Sun, 06 Nov 1994 08:49:37 GMT", HOUR_MS},
	    {"120", NULL, "max-age=10800", "", 3 * HOUR_MS},
	};
	struct feed_talk t;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct answer a = brings_items(10, 0);

		a.facts.feed.ttl_minutes = cases[i].ttl;
		a.facts.feed.update_minutes = cases[i].updates;
		a.cache_control = cases[i].cache_control;
		a.expires = cases[i].expires;
		begin_first(&t);
		assert_about(wait_after(&t, a), cases[i].ms);
		talk_end(&t);
	}
}

static void
skips(
    struct answer *a, const char **hours, size_t n, const char **days, size_t m)
{
	a->facts.feed.skip_hours.items = hours;
	a->facts.feed.skip_hours.count = n;
	a->facts.feed.skip_days.items = days;
	a->facts.feed.skip_days.count = m;
}

static void
skipped_hours_and_days_are_left_out(void **state)
{
	const char *day_hours[] = {"12", "13", "14", "15"};
	const char *days[] = {"tuesday", "wednesday"};
	struct answer a = brings_items(10, 0);
	struct feed_talk t;
	int64_t wait;

	(void)state;
	/* It is a Tuesday, 12:00. */
	skips(&a, day_hours, 4, NULL, 0);
	begin_first(&t);
	wait = wait_after(&t, a);
	assert_in_range(wait, 4 * HOUR_MS, 4 * HOUR_MS + 10 * MINUTE_MS);
	talk_end(&t);
	skips(&a, NULL, 0, days, 2);
	begin_first(&t);
	wait = wait_after(&t, a);
	assert_in_range(wait, 36 * HOUR_MS, 36 * HOUR_MS + 10 * MINUTE_MS);
	talk_end(&t);
}

static void
a_feed_that_skips_all_hours_skips_none(void **state)
{
	const char *hours[24];
	struct answer a = brings_items(10, 0);
	struct feed_talk t;

	(void)state;
	for (int i = 0; i < 24; i++)
		hours[i] = hour_text(i);
	skips(&a, hours, 24, NULL, 0);
	begin_first(&t);
	assert_about(wait_after(&t, a), HOUR_MS);
	talk_end(&t);
}

static void
wishes_hold_for_polls_without_a_body(void **state)
{
	const char *hours[] = {"14", "15"};
	struct answer a = brings_items(10, 0);
	struct feed_talk t;

	(void)state;
	skips(&a, hours, 2, NULL, 0);
	a.facts.feed.ttl_minutes = "90";
	a.facts.feed.hub = "https://hub.example.org/";
	a.etag = "\"1\"";
	begin_first(&t);
	assert_about(wait_after(&t, a), 90 * MINUTE_MS);
	assert_string_equal(left(t.quirks, "hub"), "https://hub.example.org/");
	talk_later(&t, 60 * MINUTE_MS); /* 13:00 */
	assert_in_range(wait_after(&t, brings_status(304)), 3 * HOUR_MS,
	    3 * HOUR_MS + 10 * MINUTE_MS);
	/* What is not said any more does not hold any more. */
	talk_later(&t, MINUTE_MS);
	assert_true(wait_after(&t, brings_items(0, 10)) < 90 * MINUTE_MS);
	assert_string_equal(left(t.quirks, "hub"), "");
	talk_end(&t);
}

/* --- anything --- */
static uint64_t seed;

static uint64_t
pick(uint64_t n)
{
	return backoff_random(&seed) % n;
}

static const char *
pick_text(void)
{
	static const char *const texts[] = {NULL, "", "a", "b%\n=", "W/\"x\"",
	    "max-age=99999999999999", "max-age=60", "no-cache", "120", "-5",
	    "9999999", "Tue, 24 Nov 2026 15:00:00 GMT", "\xff\xfe", "monday",
	    "23"};

	return texts[pick(sizeof(texts) / sizeof(texts[0]))];
}

static const char *
pick_url(void)
{
	static char url[2][64];
	static int at;

	if (pick(2) == 0)
		return NULL;
	at = !at;
	snprintf(
	    url[at], sizeof(url[at]), "https://example.org/%d", (int)pick(30));
	return url[at];
}

static struct answer
brings_anything(void)
{
	static const unsigned statuses[] = {
	    200, 202, 204, 304, 304, 400, 403, 404, 410, 429, 500, 503};
	static const char *some[2];
	struct answer a = brings_items(pick(3), pick(3));

	some[0] = "monday";
	some[1] = "7";
	if (pick(8) == 0) {
		a = brings_body((enum body_class)pick(BODY_CLASS_COUNT),
		    pick_text(), pick_url());
		a.status = statuses[pick(12)];
	} else if (pick(8) == 0) {
		a = brings_status(statuses[pick(12)]);
	} else if (pick(20) == 0) {
		a.transfer = (enum err_class)(1 + pick(ERR_CLASS_COUNT - 1));
	}
	a.body = pick(4) ? 0 : 1 + pick(3);
	a.etag = pick_text();
	a.last_modified = pick_text();
	a.cache_control = pick_text();
	a.expires = pick_text();
	a.retry_after = pick_text();
	a.moved_url = pick_url();
	a.facts.feed.next = pick_url();
	a.facts.feed.prev_archive = pick_url();
	a.facts.feed.complete = pick(4) == 0;
	a.facts.feed.ids_repeated = pick(6) == 0;
	a.facts.feed.links_repeated = pick(6) == 0;
	a.facts.feed.ttl_minutes = pick_text();
	a.facts.feed.hub = pick_text();
	skips(&a, some, pick(3), some, pick(3));
	a.facts.rejected = a.counts.rejected = pick(9) == 0;
	a.counts.held = pick(30) == 0;
	return a;
}

/* One run to its end, whatever comes between. */
static void
one_run(struct feed_talk *t)
{
	int requests = 0;

	for (;;) {
		enum harvest_step s = feed_run_next(t->run, &t->ask);

		assert_true(++requests < 500);
		(void)feed_run_where(t->run);
		if (s == HARVEST_STEP_CLOSE)
			return;
		if (s == HARVEST_STEP_REKEY) {
			feed_run_rekeyed(t->run, pick(2));
			continue;
		}
		assert_int_equal(s, HARVEST_STEP_REQUEST);
		assert_true(t->ask.url[0] != '\0' && t->ask.wait_ms >= 0);
		if (pick(20) == 0)
			feed_run_stop(t->run, ERR_CANCEL, "stopped");
		else if (pick(30) == 0)
			feed_run_lost(t->run);
		else if (gets(t, brings_anything()) == HARVEST_COMMIT &&
			 pick(10) == 0)
			talk_crash(t);
	}
}

static void
any_answers_come_to_an_end(void **state)
{
	unsigned completed = 0;

	(void)state;
	for (seed = 1; seed < 3000;) {
		uint64_t kept = seed;
		struct feed_talk t;

		talk_begin(&t);
		t.source.page_param = pick(2) ? "page" : "";
		t.open.active = pick(2);
		talk_start(&t, (enum run_mode)pick(2));
		for (int poll = 0; poll < 5; poll++) {
			one_run(&t);
			closes(&t);
			assert_true(strlen(t.quirks) < HARVEST_STATE_BYTES / 2);
			completed += t.close.completed;
			if (t.close.completed) {
				assert_int_equal(t.close.err.class, ERR_NONE);
				assert_in_range(t.close.next_ms, 1, 9 * DAY_MS);
			} else {
				assert_true(t.close.err.class != ERR_NONE);
				assert_false(t.close.complete_list);
			}
			talk_later(&t, (int64_t)pick(3 * DAY_MS));
		}
		talk_end(&t);
		seed = kept + 1;
	}
	assert_true(completed > 1000);
}

static void
any_state_is_read_without_harm(void **state)
{
	(void)state;
	for (seed = 1; seed < 3000; seed++) {
		uint64_t kept = seed;
		struct feed_talk t;
		size_t n;

		talk_begin(&t);
		talk_start(&t, RUN_INCREMENTAL);
		asks(&t, "/feed");
		gets(&t, brings_next(1, 0, "https://example.org/2"));
		asks(&t, "/2");
		gets(&t, brings_next(1, 0, "https://example.org/3"));
		n = strlen(t.state);
		for (int i = 0; i < 4; i++)
			t.state[pick(n)] = "0189-=\n%ax"[pick(10)];
		talk_crash(&t);
		one_run(&t);
		closes(&t);
		talk_end(&t);
		seed = kept;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_feed_that_says_nothing_is_asked_in_an_hour),
	    cmocka_unit_test(jitter_is_within_a_tenth),
	    cmocka_unit_test(silence_stretches_and_news_shorten),
	    cmocka_unit_test(a_steady_feed_is_asked_twice_an_item),
	    cmocka_unit_test(bounds_are_the_configurations),
	    cmocka_unit_test(what_feed_and_server_ask_for_is_heeded),
	    cmocka_unit_test(skipped_hours_and_days_are_left_out),
	    cmocka_unit_test(a_feed_that_skips_all_hours_skips_none),
	    cmocka_unit_test(wishes_hold_for_polls_without_a_body),
	    cmocka_unit_test(any_answers_come_to_an_end),
	    cmocka_unit_test(any_state_is_read_without_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
