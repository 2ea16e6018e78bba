# src/query: sheafctl's verbs that ask the database or enter decisions, and the
# table they print.
noinst_LIBRARIES += src/query/libquery.a
src_query_libquery_a_CFLAGS = $(AM_CFLAGS) $(NETTLE_CFLAGS)
src_query_libquery_a_SOURCES = \
	src/query/ask.c src/query/ask.h \
	src/query/cmd_changes.c \
	src/query/cmd_coverage.c \
	src/query/cmd_decisions.c \
	src/query/cmd_gaps.c \
	src/query/cmd_hide.c \
	src/query/cmd_history.c \
	src/query/cmd_link.c \
	src/query/cmd_purge.c \
	src/query/cmd_quarantine.c \
	src/query/cmd_raw.c \
	src/query/cmd_records.c \
	src/query/cmd_review.c \
	src/query/cmd_runs.c \
	src/query/cmd_search.c \
	src/query/cmd_set.c \
	src/query/cmd_show.c \
	src/query/show_entry.c src/query/show_entry.h \
	src/query/cmd_status.c \
	src/query/cmd_synergy.c \
	src/query/cmd_unlink.c \
	src/query/codes.c \
	src/query/csv.c src/query/csv.h \
	src/query/decide.c src/query/decide.h \
	src/query/decision_table.c src/query/decision_table.h \
	src/query/explain_entry.c src/query/explain_entry.h \
	src/query/filter.c src/query/filter.h \
	src/query/names.c src/query/names.h \
	src/query/pair.c src/query/pair.h \
	src/query/reasons.h \
	src/query/table.c src/query/table.h \
	src/query/verbs.h

check_PROGRAMS += tests/unit/test_query_table
TESTS += tests/unit/test_query_table
tests_unit_test_query_table_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_query_table_SOURCES = tests/unit/test_query_table.c
tests_unit_test_query_table_LDADD = src/query/libquery.a $(BASE_LIBS) $(CMOCKA_LIBS)
