/* Waits, politeness, source states, hours and the due queue. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/date.h"
#include "base/log.h"
#include "sched/backoff.h"
#include "sched/host.h"
#include "sched/kv.h"
#include "sched/seen.h"
#include "sched/source.h"

static int64_t
at(const char *s)
{
	enum granularity g;
	int64_t us = 0;

	assert_int_equal(date_parse(s, &us, &g), 0);
	return us;
}

static void
waits_grow_and_are_jittered(void **state)
{
	const int64_t longest[] = {5000, 30000, 120000, 120000};
	struct backoff_policy small = backoff_default;
	uint64_t random = 42, again = 42;

	(void)state;
	for (unsigned failed = 1; failed <= 4; failed++) {
		int64_t max = 0, min = INT64_MAX;

		for (int i = 0; i < 1000; i++) {
			int64_t ms =
			    backoff_wait_ms(&backoff_default, failed, &random);

			assert_true(ms > 0 && ms <= longest[failed - 1]);
			max = ms > max ? ms : max;
			min = ms < min ? ms : min;
		}
		assert_true(max > longest[failed - 1] * 9 / 10);
		assert_true(min < longest[failed - 1] / 10);
	}
	random = 42;
	assert_int_equal(backoff_wait_ms(&backoff_default, 3, &random),
	    backoff_wait_ms(&backoff_default, 3, &again));
	small.scale = 0;
	assert_int_equal(backoff_wait_ms(&small, 9, &random), 1);
}

static void
retry_after_is_read(void **state)
{
	int64_t now = at("2026-11-24T12:00:00Z");

	(void)state;
	assert_int_equal(backoff_retry_after_ms("120", now), 120000);
	assert_int_equal(backoff_retry_after_ms(" 120.5", now), 120000);
	assert_int_equal(backoff_retry_after_ms("0", now), 0);
	assert_true(
	    backoff_retry_after_ms("999999999999999999999999", now) > 0);
	assert_int_equal(
	    backoff_retry_after_ms("Tue, 24 Nov 2026 12:01:00 GMT", now),
	    60000);
	assert_int_equal(
	    backoff_retry_after_ms("Sun, 06 Nov 1994 08:49:37 GMT", now), 0);
	assert_int_equal(backoff_retry_after_ms("", now), -1);
	assert_int_equal(backoff_retry_after_ms(NULL, now), -1);
	assert_int_equal(backoff_retry_after_ms("soon", now), -1);
	assert_int_equal(backoff_retry_after_ms("-5", now), -1);
	assert_int_equal(
	    backoff_retry_after_bounded("864000", now, 0, 3600000), 3600000);
	assert_int_equal(
	    backoff_retry_after_bounded("1", now, 10000, 3600000), 10000);
}

static void
failed_sources_come_again_later_and_later(void **state)
{
	uint64_t random = 1;
	int64_t hour = 3600000, last = 0;

	(void)state;
	for (unsigned n = 1; n < 30; n++) {
		int64_t ms =
		    backoff_next_run_ms(ERR_NET, n, 100 * hour, &random);

		assert_true(ms <= 24 * hour);
		assert_true(ms >= last * 9 / 10);
		last = ms;
	}
	assert_true(last > 21 * hour);
	assert_true(
	    backoff_next_run_ms(ERR_TLS, 9, 2 * hour, &random) <= 2 * hour);
	assert_true(backoff_next_run_ms(ERR_DB, 1, hour, &random) <= 60000);
}

static void
a_local_fault_is_nobodys(void **state)
{
	static struct fault_watch w;
	char host[32];
	int64_t now = at("2026-11-24T12:00:00Z");

	(void)state;
	assert_false(fault_is_local(4, 4));
	assert_true(fault_is_local(5, 5));
	assert_true(fault_is_local(75, 100));
	assert_false(fault_is_local(74, 100));
	fault_watch_init(&w, 600000);
	for (int i = 0; i < 20; i++) /* one bad host proves nothing */
		fault_watch_note(&w, "http://a", true, now);
	assert_false(fault_watch_is_local(&w, now));
	for (int i = 0; i < 1000; i++) {
		snprintf(host, sizeof(host), "http://h%d", i);
		fault_watch_note(&w, host, true, now);
	}
	assert_true(fault_watch_is_local(&w, now));
	assert_false(fault_watch_is_local(&w, now + 601 * 1000000LL));
}

static void
hosts_are_asked_politely(void **state)
{
	struct hosts *h = hosts_new(10);
	struct host_job job[6] = {{{0}, NULL, false}};

	(void)state;
	hosts_limit(h, "http://a", 5, 100);
	hosts_limit(h, "http://a", 2, 50); /* the strictest of both */
	for (int i = 0; i < 4; i++)
		hosts_add(h, "http://a", &job[i], 0);
	hosts_add(h, "http://b", &job[4], 0);
	assert_ptr_equal(hosts_next(h, 1000), &job[0]);
	assert_ptr_equal(hosts_next(h, 1000), &job[4]);
	assert_null(hosts_next(h, 1000));
	assert_int_equal(hosts_wake_ms(h), 1100);
	assert_ptr_equal(hosts_next(h, 1100), &job[1]);
	assert_null(hosts_next(h, 5000)); /* two are running */
	assert_int_equal(hosts_wake_ms(h), INT64_MAX);
	hosts_done(h, &job[0], 5000);
	assert_int_equal(hosts_wake_ms(h), 5100);
	hosts_block(h, "http://a", 9000);
	assert_int_equal(hosts_blocked_ms(h, "http://a", 5000), 9000);
	assert_null(hosts_next(h, 8999));
	assert_ptr_equal(hosts_next(h, 9000), &job[2]);
	assert_int_equal(hosts_waiting(h), 1);
	hosts_done(h, &job[3], 9000); /* taken back while it waits */
	assert_int_equal(hosts_waiting(h), 0);
	hosts_add(h, "http://b", &job[5], 20000); /* backoff */
	assert_null(hosts_next(h, 19999));
	assert_int_equal(hosts_wake_ms(h), 20000);
	assert_ptr_equal(hosts_next(h, 20000), &job[5]);
	for (int i = 0; i < 6; i++)
		hosts_done(h, &job[i], 30000);
	assert_int_equal(hosts_running(h), 0);
	hosts_free(h);
}

static void
ten_thousand_hosts_take_turns(void **state)
{
	enum { HOSTS = 10000, EACH = 3 };
	struct hosts *h = hosts_new(0);
	struct host_job *jobs = calloc(HOSTS * EACH, sizeof(*jobs));
	struct host_job **running =
	    calloc(HOSTS * EACH, sizeof(struct host_job *));
	char name[32];
	size_t n = 0, started = 0;
	int64_t began = date_monotonic_ms();

	(void)state;
	for (int i = 0; i < HOSTS; i++)
		for (int k = 0; k < EACH; k++) {
			snprintf(name, sizeof(name), "http://h%d", i);
			hosts_add(h, name, &jobs[i * EACH + k], 0);
		}
	while ((running[n] = hosts_next(h, 1)) != NULL)
		n++;
	assert_int_equal(n, HOSTS * 2); /* concurrency 2 by default */
	/* each host had its first before any had its second */
	for (size_t i = 0; i < HOSTS; i++)
		assert_int_equal((running[i] - jobs) % EACH, 0);
	for (size_t i = 0; i < n; i++)
		hosts_done(h, running[i], 2);
	while ((running[0] = hosts_next(h, 3)) != NULL) {
		started++;
		hosts_done(h, running[0], 3);
	}
	assert_int_equal(started, HOSTS);
	print_message("%d jobs: %lld ms\n", HOSTS * EACH,
	    (long long)(date_monotonic_ms() - began));
	hosts_free(h);
	free(jobs);
	free(running);
}

static void
a_heap_keeps_order(void **state)
{
	enum { N = 2000 };
	static struct heap_node nodes[N];
	struct heap h = {0};
	uint64_t random = 3;
	int64_t last = INT64_MIN;

	(void)state;
	for (size_t i = 0; i < N; i++)
		heap_set(
		    &h, &nodes[i], (int64_t)(backoff_random(&random) % 99));
	for (size_t i = 0; i < N; i += 3)
		heap_remove(&h, &nodes[i]);
	for (size_t i = 0; i < N; i += 2)
		heap_set(
		    &h, &nodes[i], (int64_t)(backoff_random(&random) % 99));
	while (h.count > 0) {
		struct heap_node *n = heap_min(&h);

		assert_true(n->key >= last);
		last = n->key;
		heap_remove(&h, n);
		assert_int_equal(n->place, 0);
	}
	heap_release(&h);
}

static void
a_source_moves_only_as_the_table_says(void **state)
{
	struct sched_source s = {.name = "x"};

	(void)state;
	log_init("test", LOG_LEVEL_ERROR);
	assert_int_equal(source_move(&s, SOURCE_RUNNING, "no"), -1);
	assert_int_equal(s.state, SOURCE_NEW);
	assert_int_equal(source_move(&s, SOURCE_IDLE, "asked"), 0);
	assert_int_equal(source_move(&s, SOURCE_DUE, "by %s", "time"), 0);
	assert_string_equal(s.reason, "by time");
	assert_int_equal(source_move(&s, SOURCE_OPENING, "free place"), 0);
	assert_int_equal(source_move(&s, SOURCE_RUNNING, "opened"), 0);
	assert_int_equal(source_move(&s, SOURCE_CLOSING, "done"), 0);
	assert_int_equal(source_move(&s, SOURCE_RUNNING, "no"), -1);
	assert_int_equal(source_move(&s, SOURCE_BACKING_OFF, "failed"), 0);
	for (int i = 0; i < SOURCE_STATE_COUNT; i++) {
		const char *name = source_state_name((enum source_state)i);

		assert_int_equal(source_state_parse(name), i);
		/* no stuck state: each can rest, and from rest all is open */
		assert_true(source_may_move((enum source_state)i, SOURCE_IDLE));
	}
	assert_int_equal(source_state_parse("nonsense"), -1);
}

static void
hours_of_the_day(void **state)
{
	static const struct {
		const char *hours, *now, *next;
	} cases[] = {
	    {"", "2026-11-24T12:00:00Z", "2026-11-24T12:00:00Z"},
	    {"20:00-06:00", "2026-11-24T12:00:00Z", "2026-11-24T20:00:00Z"},
	    {"20:00-06:00", "2026-11-24T23:10:00Z", "2026-11-24T23:10:00Z"},
	    {"20:00-06:00", "2026-11-24T05:59:59Z", "2026-11-24T05:59:59Z"},
	    {"20:00-06:00", "2026-11-24T06:00:00Z", "2026-11-24T20:00:00Z"},
	    {"8:30 - 17", "2026-11-24T17:00:00Z", "2026-11-25T08:30:00Z"},
	    {"8:30 - 17", "2026-12-31T23:00:00Z", "2027-01-01T08:30:00Z"},
	    {"8:30 - 17", "2026-11-24T08:00:00Z", "2026-11-24T08:30:00Z"},
	    {"00:00-24:00", "2026-11-24T08:00:00Z", "2026-11-24T08:00:00Z"},
	};
	static const char *const bad[] = {
	    "8", "25:00-01:00", "8:60-9:00", "8:00-9:00x", "-", "a-b", "8:0-9"};
	struct hours h;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(hours_parse(&h, cases[i].hours, &e), 0);
		assert_int_equal(
		    hours_next(&h, at(cases[i].now)), at(cases[i].next));
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(hours_parse(&h, bad[i], &e), -1);
		assert_non_null(strstr(e.text, "HH:MM-HH:MM"));
	}
}

static void
the_due_queue_gives_the_longest_due_first(void **state)
{
	struct sched_source s[3] = {
	    {.name = "a"}, {.name = "b"}, {.name = "c"}};
	struct due_queue q = {{0}};
	struct hours night;

	(void)state;
	assert_int_equal(due_wake_us(&q), INT64_MAX);
	assert_int_equal(hours_parse(&night, "20:00-06:00", NULL), 0);
	due_set(&q, &s[0], &night, at("2026-11-24T12:00:00Z"));
	due_set(&q, &s[1], NULL, at("2026-11-24T13:00:00Z"));
	due_set(&q, &s[2], NULL, at("2026-11-24T12:30:00Z"));
	assert_int_equal(s[0].next_due_us, at("2026-11-24T20:00:00Z"));
	assert_null(due_next(&q, at("2026-11-24T12:29:00Z")));
	assert_ptr_equal(due_next(&q, at("2026-11-24T14:00:00Z")), &s[2]);
	due_set(&q, &s[1], NULL, at("2026-11-24T15:00:00Z")); /* moved */
	assert_int_equal(due_wake_us(&q), at("2026-11-24T15:00:00Z"));
	due_remove(&q, &s[1]);
	assert_null(due_next(&q, at("2026-11-24T19:59:59Z")));
	assert_ptr_equal(due_next(&q, at("2026-11-24T20:00:00Z")), &s[0]);
	due_release(&q);
}

static void
key_value_lines_survive(void **state)
{
	struct kv kv = {0}, again = {0};
	struct buf out;

	(void)state;
	kv_set(&kv, "a", "line\nand %41 and \x01 and =");
	kv_set(&kv, "b", "x");
	kv_set(&kv, "b", "");
	kv_set_clean(&kv, "c", "  many\n\twords  ");
	buf_init(&out, 1000);
	kv_write(&kv, &out);
	kv_read(&again, buf_str(&out));
	kv_read(&again, "no equals sign\n=no key\nlast=1");
	assert_string_equal(
	    kv_get(&again, "a"), "line\nand %41 and \x01 and =");
	assert_string_equal(kv_get(&again, "b"), "");
	assert_string_equal(kv_get(&again, "c"), "many words");
	assert_string_equal(kv_get(&again, "last"), "1");
	assert_int_equal(again.count, 3);
	buf_release(&out);
	kv_release(&kv);
	kv_release(&again);
}

static void
what_was_seen_is_bounded(void **state)
{
	struct seen s = {0};

	(void)state;
	assert_false(seen_has(&s, 0));
	for (uint64_t i = 0; i < 2 * SEEN_MAX; i++)
		seen_add(&s, i);
	assert_true(s.count <= SEEN_MAX);
	assert_true(seen_has(&s, 0));
	assert_true(seen_has(&s, 5));
	seen_clear(&s);
	assert_false(seen_has(&s, 5));
	seen_release(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(waits_grow_and_are_jittered),
	    cmocka_unit_test(retry_after_is_read),
	    cmocka_unit_test(failed_sources_come_again_later_and_later),
	    cmocka_unit_test(a_local_fault_is_nobodys),
	    cmocka_unit_test(hosts_are_asked_politely),
	    cmocka_unit_test(ten_thousand_hosts_take_turns),
	    cmocka_unit_test(a_heap_keeps_order),
	    cmocka_unit_test(a_source_moves_only_as_the_table_says),
	    cmocka_unit_test(hours_of_the_day),
	    cmocka_unit_test(the_due_queue_gives_the_longest_due_first),
	    cmocka_unit_test(key_value_lines_survive),
	    cmocka_unit_test(what_was_seen_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
