# src/fetch: HTTP by libcurl on libevent; the only home of <curl/>.
noinst_LIBRARIES += src/fetch/libfetch.a
src_fetch_libfetch_a_CFLAGS = $(AM_CFLAGS) $(CURL_CFLAGS) $(EVENT_CFLAGS)
src_fetch_libfetch_a_SOURCES = \
	src/fetch/answer.c src/fetch/answer.h \
	src/fetch/explain.c \
	src/fetch/fetch.c src/fetch/fetch.h \
	src/fetch/hop.c \
	src/fetch/loop.c src/fetch/loop.h \
	src/fetch/policy.c src/fetch/policy.h \
	src/fetch/request.c \
	src/fetch/secret.c src/fetch/secret.h \
	src/fetch/transfer.c src/fetch/transfer.h

check_PROGRAMS += tests/unit/test_fetch_policy tests/unit/test_fetch_answer \
	tests/wire/fetch_cli
TESTS += tests/unit/test_fetch_policy tests/unit/test_fetch_answer
tests_unit_test_fetch_policy_SOURCES = tests/unit/test_fetch_policy.c
tests_unit_test_fetch_policy_LDADD = src/fetch/libfetch.a $(CMOCKA_LIBS)
tests_unit_test_fetch_answer_SOURCES = tests/unit/test_fetch_answer.c
tests_unit_test_fetch_answer_LDADD = src/fetch/libfetch.a $(BASE_LIBS) \
	$(CMOCKA_LIBS)
tests_wire_fetch_cli_SOURCES = tests/wire/fetch_cli.c
tests_wire_fetch_cli_LDADD = src/proc/libproc.a src/sandbox/libsandbox.a \
	src/wire/libwire.a $(BASE_LIBS) $(EVENT_LIBS) $(SECCOMP_LIBS)
EXTRA_DIST += tests/integration/test_fetch.py
