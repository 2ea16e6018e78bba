# src/base: what everything stands on; includes nothing of the house.
noinst_LIBRARIES += src/base/libbase.a
src_base_libbase_a_CFLAGS = $(AM_CFLAGS) $(NETTLE_CFLAGS) $(XXHASH_CFLAGS)
src_base_libbase_a_SOURCES = \
	src/base/alloc.c src/base/alloc.h \
	src/base/arena.c src/base/arena.h \
	src/base/body.c src/base/body_file.c src/base/body.h \
	src/base/buf.c src/base/buf.h \
	src/base/date.c src/base/date_parse.c src/base/date.h \
	src/base/digest.c src/base/digest.h \
	src/base/err.c src/base/err.h \
	src/base/json.c src/base/json.h \
	src/base/limits.h \
	src/base/log.c src/base/log.h \
	src/base/str.c src/base/str.h \
	src/base/url.c src/base/url.h \
	src/base/url_track.c \
	src/base/utf8.c src/base/utf8_plain.c src/base/utf8.h \
	src/base/verb.c src/base/verb.h

BASE_TESTS = tests/unit/test_base_body tests/unit/test_base_date tests/unit/test_base_memory \
	tests/unit/test_base_text tests/unit/test_base_url
check_PROGRAMS += $(BASE_TESTS)
TESTS += $(BASE_TESTS)
tests_unit_test_base_body_SOURCES = tests/unit/test_base_body.c
tests_unit_test_base_body_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_base_body_LDADD = $(BASE_LIBS) $(CMOCKA_LIBS)
tests_unit_test_base_date_SOURCES = tests/unit/test_base_date.c
tests_unit_test_base_date_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_base_date_LDADD = $(BASE_LIBS) $(CMOCKA_LIBS)
tests_unit_test_base_memory_SOURCES = tests/unit/test_base_memory.c
tests_unit_test_base_memory_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_base_memory_LDADD = $(BASE_LIBS) $(CMOCKA_LIBS)
tests_unit_test_base_text_SOURCES = tests/unit/test_base_text.c
tests_unit_test_base_text_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_base_text_LDADD = $(BASE_LIBS) $(CMOCKA_LIBS)
tests_unit_test_base_url_SOURCES = tests/unit/test_base_url.c
tests_unit_test_base_url_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_base_url_LDADD = $(BASE_LIBS) $(CMOCKA_LIBS)
