# src/crosswalk: metadata elements to the record model.
LIB_CROSSWALK = src/crosswalk/libcrosswalk.a
noinst_LIBRARIES += src/crosswalk/libcrosswalk.a
src_crosswalk_libcrosswalk_a_CFLAGS = $(AM_CFLAGS) $(UTF8PROC_CFLAGS) \
	$(NETTLE_CFLAGS)
src_crosswalk_libcrosswalk_a_SOURCES = \
	src/crosswalk/code_add.c \
	src/crosswalk/crosswalk.c src/crosswalk/crosswalk.h \
	src/crosswalk/dates.c src/crosswalk/dates.h \
	src/crosswalk/dates_label.c src/crosswalk/dates_one.c \
	src/crosswalk/dates_priv.h src/crosswalk/dates_span.c \
	src/crosswalk/dates_words.c \
	src/crosswalk/evaluate.c src/crosswalk/function.c \
	src/crosswalk/internal.h \
	src/crosswalk/detect.c src/crosswalk/detect.h \
	src/crosswalk/detect_words.c src/crosswalk/detect_words.h \
	src/crosswalk/feed.c src/crosswalk/feed.h \
	src/crosswalk/feed_channel.c \
	src/crosswalk/feed_date.c src/crosswalk/feed_date.h \
	src/crosswalk/feed_date_text.c \
	src/crosswalk/feed_identity.c \
	src/crosswalk/feed_item.h \
	src/crosswalk/feed_iso.c \
	src/crosswalk/feed_link.c \
	src/crosswalk/feed_months.c \
	src/crosswalk/feed_profile.c \
	src/crosswalk/feed_schedule.c \
	src/crosswalk/feed_take.c \
	src/crosswalk/feed_text.c \
	src/crosswalk/identifier_as.c src/crosswalk/identifier_forms.c \
	src/crosswalk/identifier_number.c \
	src/crosswalk/identifiers.c src/crosswalk/identifiers.h \
	src/crosswalk/identifiers_priv.h \
	src/crosswalk/keep.c src/crosswalk/keep.h \
	src/crosswalk/keywords.c src/crosswalk/keywords.h \
	src/crosswalk/key_letter.c src/crosswalk/key_letter.h \
	src/crosswalk/languages.c src/crosswalk/languages.h \
	src/crosswalk/licence.c src/crosswalk/licence.h \
	src/crosswalk/match.c src/crosswalk/match.h \
	src/crosswalk/match_fold.c src/crosswalk/match_fold.h \
	src/crosswalk/match_title.c src/crosswalk/match_title.h \
	src/crosswalk/match_venue.c \
	src/crosswalk/match_words.c src/crosswalk/match_words.h \
	src/crosswalk/months.c \
	src/crosswalk/pattern.c src/crosswalk/pattern.h \
	src/crosswalk/people.c src/crosswalk/people.h \
	src/crosswalk/people_id.c src/crosswalk/people_kind.c \
	src/crosswalk/places.c src/crosswalk/places.h \
	src/crosswalk/run.c src/crosswalk/run.h src/crosswalk/run_match.c \
	src/crosswalk/repair.c src/crosswalk/repair.h \
	src/crosswalk/repair_latex.c \
	src/crosswalk/rules.c src/crosswalk/rules.h src/crosswalk/rules_block.h \
	src/crosswalk/rules_build.h \
	src/crosswalk/rules_compile.c src/crosswalk/rules_compile.h \
	src/crosswalk/rules_key.c src/crosswalk/rules_map.c \
	src/crosswalk/rules_read.c src/crosswalk/rules_terms.c \
	src/crosswalk/settle.h src/crosswalk/settle_codes.c \
	src/crosswalk/settle_language.c \
	src/crosswalk/settle_rights.c \
	src/crosswalk/table.c src/crosswalk/table.h \
	src/crosswalk/take_agent.c \
	src/crosswalk/take_code.c \
	src/crosswalk/take_date.c \
	src/crosswalk/take_id.c \
	src/crosswalk/take_name.c \
	src/crosswalk/take_profile.c \
	src/crosswalk/take_relation.c \
	src/crosswalk/take_text.c \
	src/crosswalk/taken.h \
	src/crosswalk/target.c \
	src/crosswalk/text.c src/crosswalk/text.h \
	src/crosswalk/vocab.c src/crosswalk/vocab.h \
	src/crosswalk/xwalk.h src/crosswalk/xwalk_build.h \
	src/crosswalk/xwalk_compile.c src/crosswalk/xwalk_expr.c \
	src/crosswalk/xwalk_line.c src/crosswalk/xwalk_ns.c \
	src/crosswalk/xwalk_pack.c src/crosswalk/xwalk_path.c \
	src/crosswalk/xwalk_read.c src/crosswalk/xwalk_rule.c \
	src/crosswalk/xwalk_set.h src/crosswalk/xwalk_ways.c \
	src/crosswalk/vcard.c src/crosswalk/vcard.h

# The source tree's vocabularies, for what tests look up in them.
TABLES = tests/unit/tables.c tests/unit/tables.h
TABLES_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/unit \
	-DSHEAF_SRCDIR='"$(abs_top_srcdir)"'

check_PROGRAMS += tests/unit/test_crosswalk_values
TESTS += tests/unit/test_crosswalk_values
tests_unit_test_crosswalk_values_SOURCES = \
	tests/unit/test_crosswalk_values.c $(TABLES)
tests_unit_test_crosswalk_values_CPPFLAGS = $(TABLES_CPPFLAGS)
tests_unit_test_crosswalk_values_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) \
	$(NETTLE_CFLAGS)
tests_unit_test_crosswalk_values_LDADD = \
	src/crosswalk/libcrosswalk.a src/record/librecord.a $(BASE_LIBS) \
	$(UTF8PROC_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_crosswalk_keep
TESTS += tests/unit/test_crosswalk_keep
tests_unit_test_crosswalk_keep_SOURCES = tests/unit/test_crosswalk_keep.c
tests_unit_test_crosswalk_keep_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) \
	$(NETTLE_CFLAGS)
tests_unit_test_crosswalk_keep_LDADD = \
	src/crosswalk/libcrosswalk.a src/record/librecord.a $(BASE_LIBS) \
	$(UTF8PROC_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_crosswalk_detect
TESTS += tests/unit/test_crosswalk_detect
tests_unit_test_crosswalk_detect_SOURCES = tests/unit/test_crosswalk_detect.c
tests_unit_test_crosswalk_detect_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_crosswalk_detect_LDADD = \
	src/crosswalk/libcrosswalk.a src/record/librecord.a $(BASE_LIBS) \
	$(UTF8PROC_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_crosswalk_repair
TESTS += tests/unit/test_crosswalk_repair
tests_unit_test_crosswalk_repair_SOURCES = tests/unit/test_crosswalk_repair.c
tests_unit_test_crosswalk_repair_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_crosswalk_repair_LDADD = \
	src/crosswalk/libcrosswalk.a src/record/librecord.a $(BASE_LIBS) \
	$(UTF8PROC_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_crosswalk_feed_date
TESTS += tests/unit/test_crosswalk_feed_date
tests_unit_test_crosswalk_feed_date_SOURCES = \
	tests/unit/test_crosswalk_feed_date.c
tests_unit_test_crosswalk_feed_date_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) \
	$(NETTLE_CFLAGS)
tests_unit_test_crosswalk_feed_date_LDADD = \
	src/crosswalk/libcrosswalk.a src/record/librecord.a $(BASE_LIBS) \
	$(UTF8PROC_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_crosswalk_rules
TESTS += tests/unit/test_crosswalk_rules
tests_unit_test_crosswalk_rules_SOURCES = tests/unit/test_crosswalk_rules.c \
	$(TABLES)
tests_unit_test_crosswalk_rules_CPPFLAGS = $(TABLES_CPPFLAGS)
tests_unit_test_crosswalk_rules_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) \
	$(NETTLE_CFLAGS)
tests_unit_test_crosswalk_rules_LDADD = \
	src/crosswalk/libcrosswalk.a src/record/librecord.a $(BASE_LIBS) \
	$(UTF8PROC_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_crosswalk_dates
TESTS += tests/unit/test_crosswalk_dates
tests_unit_test_crosswalk_dates_SOURCES = tests/unit/test_crosswalk_dates.c
tests_unit_test_crosswalk_dates_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) \
	$(NETTLE_CFLAGS)
tests_unit_test_crosswalk_dates_LDADD = \
	src/crosswalk/libcrosswalk.a src/record/librecord.a $(BASE_LIBS) \
	$(UTF8PROC_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_crosswalk_people
TESTS += tests/unit/test_crosswalk_people
tests_unit_test_crosswalk_people_SOURCES = \
	tests/unit/test_crosswalk_people.c $(TABLES)
tests_unit_test_crosswalk_people_CPPFLAGS = $(TABLES_CPPFLAGS)
tests_unit_test_crosswalk_people_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) \
	$(NETTLE_CFLAGS)
tests_unit_test_crosswalk_people_LDADD = \
	src/crosswalk/libcrosswalk.a src/record/librecord.a $(BASE_LIBS) \
	$(UTF8PROC_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_crosswalk_identifiers
TESTS += tests/unit/test_crosswalk_identifiers
tests_unit_test_crosswalk_identifiers_SOURCES = \
	tests/unit/test_crosswalk_identifiers.c
tests_unit_test_crosswalk_identifiers_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) \
	$(NETTLE_CFLAGS)
tests_unit_test_crosswalk_identifiers_LDADD = \
	src/crosswalk/libcrosswalk.a src/record/librecord.a $(BASE_LIBS) \
	$(UTF8PROC_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_crosswalk_mistakes
TESTS += tests/unit/test_crosswalk_mistakes
tests_unit_test_crosswalk_mistakes_SOURCES = \
	tests/unit/test_crosswalk_mistakes.c
tests_unit_test_crosswalk_mistakes_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) \
	$(NETTLE_CFLAGS)
tests_unit_test_crosswalk_mistakes_LDADD = \
	src/crosswalk/libcrosswalk.a src/record/librecord.a $(BASE_LIBS) \
	$(UTF8PROC_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_crosswalk_places
TESTS += tests/unit/test_crosswalk_places
tests_unit_test_crosswalk_places_SOURCES = \
	tests/unit/test_crosswalk_places.c $(TABLES)
tests_unit_test_crosswalk_places_CPPFLAGS = $(TABLES_CPPFLAGS)
tests_unit_test_crosswalk_places_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) \
	$(NETTLE_CFLAGS)
tests_unit_test_crosswalk_places_LDADD = \
	src/crosswalk/libcrosswalk.a src/record/librecord.a $(BASE_LIBS) \
	$(UTF8PROC_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_crosswalk_match
TESTS += tests/unit/test_crosswalk_match
tests_unit_test_crosswalk_match_SOURCES = \
	tests/unit/test_crosswalk_match.c $(TABLES)
tests_unit_test_crosswalk_match_CPPFLAGS = $(TABLES_CPPFLAGS)
tests_unit_test_crosswalk_match_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) \
	$(NETTLE_CFLAGS)
tests_unit_test_crosswalk_match_LDADD = \
	src/crosswalk/libcrosswalk.a src/record/librecord.a $(BASE_LIBS) \
	$(UTF8PROC_LIBS) $(CMOCKA_LIBS)
