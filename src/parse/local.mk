# src/parse: a page's bytes to records; the only home of libxml2.
LIB_PARSE = src/parse/libparse.a
noinst_LIBRARIES += src/parse/libparse.a
src_parse_libparse_a_CFLAGS = $(AM_CFLAGS) $(XML_CFLAGS) $(EVENT_CFLAGS) \
	$(NETTLE_CFLAGS)
src_parse_libparse_a_SOURCES = \
	src/parse/about.c \
	src/parse/chars.h \
	src/parse/child.c src/parse/child.h \
	src/parse/count.c src/parse/count.h \
	src/parse/cut.c src/parse/cut.h \
	src/parse/cut_item.c src/parse/cut_item.h \
	src/parse/encoding.c src/parse/encoding.h \
	src/parse/envelope.c src/parse/envelope.h \
	src/parse/feed_begin.c src/parse/feed_begin.h \
	src/parse/feed_cut.c src/parse/feed_cut.h \
	src/parse/feed_encoding.c \
	src/parse/feed_entities.c src/parse/feed_entities.h \
	src/parse/feed_head.c src/parse/feed_head.h \
	src/parse/feed_ids.c src/parse/feed_ids.h \
	src/parse/feed_mend.c src/parse/feed_mend.h \
	src/parse/feed_names.c src/parse/feed_names.h \
	src/parse/feed_page.c src/parse/feed_page.h \
	src/parse/feed_tree.c src/parse/feed_tree.h \
	src/parse/html.c src/parse/html.h \
	src/parse/html_offers.c src/parse/html_offers.h \
	src/parse/html_plain.c src/parse/html_plain.h \
	src/parse/item.c src/parse/item.h \
	src/parse/item_sax.c src/parse/item_sax.h \
	src/parse/mend.c src/parse/mend.h \
	src/parse/page.c src/parse/page.h \
	src/parse/scope.c src/parse/scope.h \
	src/parse/sniff.c src/parse/sniff.h \
	src/parse/tag.c src/parse/tag.h \
	src/parse/transcode.c src/parse/transcode.h \
	src/parse/window.c src/parse/window.h \
	src/parse/window_clean.c \
	src/parse/xml.c src/parse/xml.h \
	src/parse/zygote.c src/parse/zygote.h \
	src/parse/zygote_ends.c src/parse/zygote_pages.c \
	src/parse/zygote_priv.h

# What a test of whole pages links; the crosswalk is at hand to see its work.
PARSE_TALK = tests/unit/parse_talk.c tests/unit/parse_talk.h \
	tests/unit/tables.c tests/unit/tables.h
PARSE_TALK_LIBS = src/parse/libparse.a src/crosswalk/libcrosswalk.a \
	src/record/librecord.a src/proc/libproc.a src/wire/libwire.a \
	src/sandbox/libsandbox.a $(BASE_LIBS) $(XML_LIBS) $(UTF8PROC_LIBS) \
	$(EVENT_LIBS) $(SECCOMP_LIBS) $(CMOCKA_LIBS)
PARSE_TALK_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(NETTLE_CFLAGS)

PARSE_TESTS = tests/unit/test_parse_again tests/unit/test_parse_crosswalk tests/unit/test_crosswalk_settle tests/unit/test_crosswalk_ways tests/unit/test_parse_feed tests/unit/test_parse_page tests/unit/test_parse_static tests/unit/test_parse_window \
	tests/unit/test_parse_kept tests/unit/test_parse_zygote
check_PROGRAMS += $(PARSE_TESTS)
TESTS += $(PARSE_TESTS)
tests_unit_test_parse_again_SOURCES = tests/unit/test_parse_again.c \
	tests/unit/tables.c tests/unit/tables.h
tests_unit_test_parse_again_CPPFLAGS = $(TABLES_CPPFLAGS)
tests_unit_test_parse_again_CFLAGS = $(PARSE_TALK_CFLAGS)
tests_unit_test_parse_again_LDADD = $(PARSE_TALK_LIBS)
tests_unit_test_parse_feed_SOURCES = tests/unit/test_parse_feed.c \
	tests/unit/tables.c tests/unit/tables.h
tests_unit_test_parse_feed_CPPFLAGS = $(TABLES_CPPFLAGS)
tests_unit_test_parse_feed_CFLAGS = $(PARSE_TALK_CFLAGS)
tests_unit_test_parse_feed_LDADD = $(PARSE_TALK_LIBS)
tests_unit_test_crosswalk_ways_SOURCES = tests/unit/test_crosswalk_ways.c $(PARSE_TALK)
tests_unit_test_crosswalk_ways_CPPFLAGS = $(TABLES_CPPFLAGS)
tests_unit_test_crosswalk_ways_CFLAGS = $(PARSE_TALK_CFLAGS)
tests_unit_test_crosswalk_ways_LDADD = $(PARSE_TALK_LIBS)
tests_unit_test_crosswalk_settle_SOURCES = tests/unit/test_crosswalk_settle.c $(PARSE_TALK)
tests_unit_test_crosswalk_settle_CPPFLAGS = $(TABLES_CPPFLAGS)
tests_unit_test_crosswalk_settle_CFLAGS = $(PARSE_TALK_CFLAGS)
tests_unit_test_crosswalk_settle_LDADD = $(PARSE_TALK_LIBS)
tests_unit_test_parse_crosswalk_SOURCES = \
	tests/unit/test_parse_crosswalk.c $(PARSE_TALK)
tests_unit_test_parse_crosswalk_CPPFLAGS = $(TABLES_CPPFLAGS)
tests_unit_test_parse_crosswalk_CFLAGS = $(PARSE_TALK_CFLAGS)
tests_unit_test_parse_crosswalk_LDADD = $(PARSE_TALK_LIBS)
tests_unit_test_parse_page_SOURCES = tests/unit/test_parse_page.c $(PARSE_TALK)
tests_unit_test_parse_page_CPPFLAGS = $(TABLES_CPPFLAGS)
tests_unit_test_parse_page_CFLAGS = $(PARSE_TALK_CFLAGS)
tests_unit_test_parse_page_LDADD = $(PARSE_TALK_LIBS)
tests_unit_test_parse_static_SOURCES = tests/unit/test_parse_static.c $(PARSE_TALK)
tests_unit_test_parse_static_CPPFLAGS = $(TABLES_CPPFLAGS)
tests_unit_test_parse_static_CFLAGS = $(PARSE_TALK_CFLAGS)
tests_unit_test_parse_static_LDADD = $(PARSE_TALK_LIBS)
tests_unit_test_parse_window_SOURCES = tests/unit/test_parse_window.c
tests_unit_test_parse_window_CFLAGS = $(PARSE_TALK_CFLAGS)
tests_unit_test_parse_window_LDADD = $(PARSE_TALK_LIBS)
tests_unit_test_parse_kept_SOURCES = tests/unit/test_parse_kept.c \
	tests/unit/zygote_talk.c tests/unit/zygote_talk.h
tests_unit_test_parse_kept_CFLAGS = $(PARSE_TALK_CFLAGS) $(EVENT_CFLAGS)
tests_unit_test_parse_kept_LDADD = $(PARSE_TALK_LIBS)
tests_unit_test_parse_zygote_SOURCES = tests/unit/test_parse_zygote.c \
	tests/unit/tables.c tests/unit/tables.h \
	tests/unit/zygote_talk.c tests/unit/zygote_talk.h
tests_unit_test_parse_zygote_CPPFLAGS = $(TABLES_CPPFLAGS)
tests_unit_test_parse_zygote_CFLAGS = $(PARSE_TALK_CFLAGS) $(EVENT_CFLAGS)
tests_unit_test_parse_zygote_LDADD = $(PARSE_TALK_LIBS)
EXTRA_tests_unit_test_parse_zygote_DEPENDENCIES = sheaf-parse$(EXEEXT)
