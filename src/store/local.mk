# src/store: pages into PostgreSQL.
noinst_LIBRARIES += src/store/libstore.a
src_store_libstore_a_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(NETTLE_CFLAGS)
src_store_libstore_a_SOURCES = \
	src/store/again.c \
	src/store/batch.c \
	src/store/big.c \
	src/store/close.c \
	src/store/judge.c src/store/judge.h \
	src/store/known.c \
	src/store/move.c \
	src/store/open.c \
	src/store/page.c \
	src/store/priv.h \
	src/store/rekey.c \
	src/store/run.c \
	src/store/source.c \
	src/store/statements.c src/store/statements.h \
	src/store/stored.c src/store/stored.h \
	src/store/store.c src/store/store.h \
	src/store/txn.c src/store/txn.h \
	src/store/vocabulary.c \
	src/store/write.c

check_PROGRAMS += tests/unit/test_store_judge
TESTS += tests/unit/test_store_judge
tests_unit_test_store_judge_SOURCES = tests/unit/test_store_judge.c
tests_unit_test_store_judge_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(NETTLE_CFLAGS)
tests_unit_test_store_judge_LDADD = src/store/libstore.a $(BASE_LIBS) $(CMOCKA_LIBS)

# Says messages of sheafd to a real sheaf-store, line by line, for
# tests/integration/test_store.py.
check_PROGRAMS += tests/integration/store_driver
tests_integration_store_driver_SOURCES = tests/integration/store_driver.c
tests_integration_store_driver_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(NETTLE_CFLAGS)
tests_integration_store_driver_LDADD = src/db/libdb.a src/record/librecord.a src/proc/libproc.a \
	src/wire/libwire.a src/sandbox/libsandbox.a $(BASE_LIBS) $(PQ_LIBS) $(EVENT_LIBS) $(SECCOMP_LIBS)
EXTRA_DIST += tests/integration/test_rekey.py tests/integration/test_store.py tests/integration/test_together.py
