# tests/fuzz: fuzz targets.  With --enable-fuzzing (clang) they are libFuzzer
# programs to be run by hand; else the driver replays tests/fuzz/corpus/NAME as
# a test.  A target of another room is added as fuzz_stream is.
EXTRA_DIST += tests/fuzz/corpus

if FUZZING
FUZZ_DRIVER =
FUZZ_LINK = $(AM_LDFLAGS) -fsanitize=fuzzer
else
FUZZ_DRIVER = tests/fuzz/driver.c
FUZZ_LINK = $(AM_LDFLAGS)
TESTS += $(FUZZ_TARGETS)
endif

CHECK_STREAM = tests/fuzz/check_stream.c tests/fuzz/check_stream.h
FUZZ_TARGETS = tests/fuzz/fuzz_stream tests/fuzz/fuzz_oai tests/fuzz/fuzz_feed
FUZZ_TARGETS += tests/fuzz/fuzz_msg tests/fuzz/fuzz_config tests/fuzz/fuzz_control tests/fuzz/fuzz_values
FUZZ_TARGETS += tests/fuzz/fuzz_tables tests/fuzz/fuzz_crosswalk tests/fuzz/fuzz_profile
check_PROGRAMS += $(FUZZ_TARGETS)

tests_fuzz_fuzz_stream_SOURCES = tests/fuzz/fuzz_stream.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_stream_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_stream_LDADD = src/record/librecord.a $(BASE_LIBS)

tests_fuzz_fuzz_oai_SOURCES = tests/fuzz/fuzz_oai.c $(CHECK_STREAM) $(TABLES) $(FUZZ_DRIVER)
tests_fuzz_fuzz_oai_CPPFLAGS = $(TABLES_CPPFLAGS) -I$(top_srcdir)/tests/fuzz
tests_fuzz_fuzz_oai_CFLAGS = $(AM_CFLAGS) $(NETTLE_CFLAGS)
tests_fuzz_fuzz_oai_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_oai_LDADD = $(PARSE_TALK_LIBS)

tests_fuzz_fuzz_feed_SOURCES = tests/fuzz/fuzz_feed.c $(CHECK_STREAM) $(TABLES) $(FUZZ_DRIVER)
tests_fuzz_fuzz_feed_CPPFLAGS = $(TABLES_CPPFLAGS) -I$(top_srcdir)/tests/fuzz
tests_fuzz_fuzz_feed_CFLAGS = $(AM_CFLAGS) $(NETTLE_CFLAGS)
tests_fuzz_fuzz_feed_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_feed_LDADD = $(PARSE_TALK_LIBS)

tests_fuzz_fuzz_msg_SOURCES = tests/fuzz/fuzz_msg.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_msg_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_msg_LDADD = src/wire/libwire.a $(BASE_LIBS)

tests_fuzz_fuzz_config_SOURCES = tests/fuzz/fuzz_config.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_config_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_config_LDADD = src/config/libconfig.a src/record/librecord.a $(BASE_LIBS)

tests_fuzz_fuzz_control_SOURCES = tests/fuzz/fuzz_control.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_control_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_control_LDADD = src/control/libcontrol.a $(BASE_LIBS)

tests_fuzz_fuzz_values_SOURCES = tests/fuzz/fuzz_values.c $(TABLES) $(FUZZ_DRIVER)
tests_fuzz_fuzz_values_CPPFLAGS = $(TABLES_CPPFLAGS)
tests_fuzz_fuzz_values_CFLAGS = $(AM_CFLAGS) $(NETTLE_CFLAGS)
tests_fuzz_fuzz_values_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_values_LDADD = $(PARSE_TALK_LIBS)

tests_fuzz_fuzz_tables_SOURCES = tests/fuzz/fuzz_tables.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_tables_CFLAGS = $(AM_CFLAGS) $(NETTLE_CFLAGS)
tests_fuzz_fuzz_tables_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_tables_LDADD = src/crosswalk/libcrosswalk.a $(BASE_LIBS) \
	$(UTF8PROC_LIBS)

tests_fuzz_fuzz_crosswalk_SOURCES = tests/fuzz/fuzz_crosswalk.c $(CHECK_STREAM) $(TABLES) $(FUZZ_DRIVER)
tests_fuzz_fuzz_crosswalk_CPPFLAGS = $(TABLES_CPPFLAGS) -I$(top_srcdir)/tests/fuzz
tests_fuzz_fuzz_crosswalk_CFLAGS = $(AM_CFLAGS) $(NETTLE_CFLAGS)
tests_fuzz_fuzz_crosswalk_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_crosswalk_LDADD = $(PARSE_TALK_LIBS)

tests_fuzz_fuzz_profile_SOURCES = tests/fuzz/fuzz_profile.c $(RESOLVE_TALK) $(FUZZ_DRIVER)
tests_fuzz_fuzz_profile_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/unit
tests_fuzz_fuzz_profile_CFLAGS = $(AM_CFLAGS) $(NETTLE_CFLAGS)
tests_fuzz_fuzz_profile_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_profile_LDADD = $(RESOLVE_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz_model
tests_fuzz_fuzz_model_SOURCES = tests/fuzz/fuzz_model.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_model_CFLAGS = $(AM_CFLAGS) $(NETTLE_CFLAGS)
tests_fuzz_fuzz_model_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_model_LDADD = $(RESOLVE_LIBS)
