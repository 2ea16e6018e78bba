# src/db: the only home of libpq.
noinst_LIBRARIES += src/db/libdb.a
src_db_libdb_a_CFLAGS = $(AM_CFLAGS) $(PQ_CFLAGS) $(EVENT_CFLAGS) $(NETTLE_CFLAGS)
src_db_libdb_a_SOURCES = \
	src/db/conn.c src/db/conn.h \
	src/db/init.c src/db/init.h \
	src/db/migrate.c src/db/migrate.h \
	src/db/param.c src/db/param.h \
	src/db/pool.c src/db/pool.h \
	src/db/pq.c src/db/pq.h \
	src/db/result.c src/db/result.h \
	src/db/retry.c src/db/retry.h \
	src/db/sync.c src/db/sync.h \
	src/db/version.h \
	src/db/work.c src/db/work.h

DB_LIBS = src/db/libdb.a $(PQ_LIBS) $(EVENT_LIBS)

check_PROGRAMS += tests/unit/test_db_param tests/unit/test_db_init
TESTS += tests/unit/test_db_param tests/unit/test_db_init
tests_unit_test_db_param_SOURCES = tests/unit/test_db_param.c
tests_unit_test_db_param_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_db_param_LDADD = $(DB_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
tests_unit_test_db_init_SOURCES = tests/unit/test_db_init.c
tests_unit_test_db_init_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) \
	-DSQL_SOURCE_DIR='"$(abs_top_srcdir)/sql"'
tests_unit_test_db_init_LDADD = $(DB_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
