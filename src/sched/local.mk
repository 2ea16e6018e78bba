# src/sched: source states, due times, politeness, backoff, the drivers of OAI-PMH and feeds.
noinst_LIBRARIES += src/sched/libsched.a
LIB_SCHED = src/sched/libsched.a
src_sched_libsched_a_CFLAGS = $(AM_CFLAGS) $(NETTLE_CFLAGS) $(XXHASH_CFLAGS)
src_sched_libsched_a_SOURCES = \
	src/sched/answer.c src/sched/answer.h \
	src/sched/backoff.c src/sched/backoff.h \
	src/sched/feed_close.c \
	src/sched/feed_follow.c \
	src/sched/feed_judge.c \
	src/sched/feed_priv.h \
	src/sched/feed_run.c src/sched/feed_run.h \
	src/sched/feed_state.c \
	src/sched/feed_wait.c src/sched/feed_wait.h \
	src/sched/format.c src/sched/format.h \
	src/sched/harvest.c src/sched/harvest.h \
	src/sched/heap.c src/sched/heap.h \
	src/sched/host.c src/sched/host.h \
	src/sched/kv.c src/sched/kv.h \
	src/sched/moved.c src/sched/moved.h \
	src/sched/oai_cap.c \
	src/sched/oai_close.c \
	src/sched/oai_error.c \
	src/sched/oai_fail.c \
	src/sched/oai_formats.c \
	src/sched/oai_judge.c \
	src/sched/oai_moved.c \
	src/sched/oai_plan.c \
	src/sched/oai_priv.h \
	src/sched/oai_run.c src/sched/oai_run.h \
	src/sched/oai_state.c \
	src/sched/oai_url.c \
	src/sched/renorm_run.c src/sched/renorm_run.h \
	src/sched/seen.c src/sched/seen.h \
	src/sched/source.c src/sched/source.h \
	src/sched/static_judge.c

SCHED_TEST_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(NETTLE_CFLAGS) $(XXHASH_CFLAGS)
SCHED_TEST_LIBS = $(LIB_SCHED) src/config/libconfig.a src/record/librecord.a \
	$(BASE_LIBS) $(CMOCKA_LIBS)
SCHED_TESTS = tests/unit/test_sched_queues tests/unit/test_sched_paging \
	tests/unit/test_sched_http tests/unit/test_sched_lists \
	tests/unit/test_sched_get tests/unit/test_sched_fuzz \
	tests/unit/test_sched_feed tests/unit/test_sched_feed_follow \
	tests/unit/test_sched_feed_wait tests/unit/test_sched_renorm tests/unit/test_sched_static
check_PROGRAMS += $(SCHED_TESTS)
TESTS += $(SCHED_TESTS)
SCHED_TALK = tests/unit/sched_talk.c tests/unit/sched_talk.h
tests_unit_test_sched_queues_SOURCES = tests/unit/test_sched_queues.c
tests_unit_test_sched_queues_CFLAGS = $(SCHED_TEST_CFLAGS)
tests_unit_test_sched_queues_LDADD = $(SCHED_TEST_LIBS)
tests_unit_test_sched_paging_SOURCES = tests/unit/test_sched_paging.c $(SCHED_TALK)
tests_unit_test_sched_paging_CFLAGS = $(SCHED_TEST_CFLAGS)
tests_unit_test_sched_paging_LDADD = $(SCHED_TEST_LIBS)
tests_unit_test_sched_http_SOURCES = tests/unit/test_sched_http.c $(SCHED_TALK)
tests_unit_test_sched_http_CFLAGS = $(SCHED_TEST_CFLAGS)
tests_unit_test_sched_http_LDADD = $(SCHED_TEST_LIBS)
tests_unit_test_sched_lists_SOURCES = tests/unit/test_sched_lists.c $(SCHED_TALK)
tests_unit_test_sched_lists_CFLAGS = $(SCHED_TEST_CFLAGS)
tests_unit_test_sched_lists_LDADD = $(SCHED_TEST_LIBS)
tests_unit_test_sched_get_SOURCES = tests/unit/test_sched_get.c $(SCHED_TALK)
tests_unit_test_sched_get_CFLAGS = $(SCHED_TEST_CFLAGS)
tests_unit_test_sched_get_LDADD = $(SCHED_TEST_LIBS)
tests_unit_test_sched_fuzz_SOURCES = tests/unit/test_sched_fuzz.c $(SCHED_TALK)
tests_unit_test_sched_fuzz_CFLAGS = $(SCHED_TEST_CFLAGS)
tests_unit_test_sched_fuzz_LDADD = $(SCHED_TEST_LIBS)
FEED_TALK = tests/unit/feed_talk.c tests/unit/feed_talk.h
tests_unit_test_sched_feed_SOURCES = tests/unit/test_sched_feed.c $(FEED_TALK)
tests_unit_test_sched_feed_CFLAGS = $(SCHED_TEST_CFLAGS)
tests_unit_test_sched_feed_LDADD = $(SCHED_TEST_LIBS)
tests_unit_test_sched_feed_follow_SOURCES = tests/unit/test_sched_feed_follow.c $(FEED_TALK)
tests_unit_test_sched_feed_follow_CFLAGS = $(SCHED_TEST_CFLAGS)
tests_unit_test_sched_feed_follow_LDADD = $(SCHED_TEST_LIBS)
tests_unit_test_sched_static_SOURCES = tests/unit/test_sched_static.c $(FEED_TALK)
tests_unit_test_sched_static_CFLAGS = $(SCHED_TEST_CFLAGS)
tests_unit_test_sched_static_LDADD = $(SCHED_TEST_LIBS)
tests_unit_test_sched_feed_wait_SOURCES = tests/unit/test_sched_feed_wait.c $(FEED_TALK)
tests_unit_test_sched_feed_wait_CFLAGS = $(SCHED_TEST_CFLAGS)
tests_unit_test_sched_feed_wait_LDADD = $(SCHED_TEST_LIBS)
tests_unit_test_sched_renorm_SOURCES = tests/unit/test_sched_renorm.c
tests_unit_test_sched_renorm_CFLAGS = $(SCHED_TEST_CFLAGS)
tests_unit_test_sched_renorm_LDADD = $(SCHED_TEST_LIBS)
