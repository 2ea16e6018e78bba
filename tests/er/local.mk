# tests/er: matching measured. `make tests/er/offline` builds the tool that
# tests/er/run asks; both are for those who tune it.
EXTRA_PROGRAMS += tests/er/offline
tests_er_offline_SOURCES = tests/er/offline.c tests/er/offline.h \
	tests/er/offline_index.c tests/er/offline_read.c \
	tests/unit/tables.c tests/unit/tables.h
tests_er_offline_CPPFLAGS = $(TABLES_CPPFLAGS) -I$(top_srcdir)/tests/er
tests_er_offline_CFLAGS = $(AM_CFLAGS) $(NETTLE_CFLAGS) $(XXHASH_CFLAGS)
tests_er_offline_LDADD = src/resolve/libresolve.a $(PARSE_TALK_LIBS) -lm
CLEANFILES += tests/er/offline
EXTRA_DIST += tests/er/run
