# src/proc: channels, starting roles, the embedded cluster, sd_notify.
noinst_LIBRARIES += src/proc/libproc.a
src_proc_libproc_a_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS)
src_proc_libproc_a_SOURCES = \
	src/proc/chan.c src/proc/chan.h \
	src/proc/cluster.c src/proc/cluster.h \
	src/proc/cluster_dir.c \
	src/proc/cluster_find.c \
	src/proc/cluster_internal.h \
	src/proc/cluster_start.c \
	src/proc/cluster_watch.c \
	src/proc/notify.c src/proc/notify.h \
	src/proc/packet.c src/proc/packet.h \
	src/proc/role.c src/proc/role.h \
	src/proc/spawn.c

PROC_TEST_LIBS = src/proc/libproc.a src/sandbox/libsandbox.a \
	src/wire/libwire.a $(BASE_LIBS) $(SECCOMP_LIBS) $(EVENT_LIBS) \
	$(CMOCKA_LIBS)
PROC_TEST_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(CMOCKA_CFLAGS)

check_PROGRAMS += tests/unit/test_proc_chan tests/unit/test_proc_cluster \
	tests/unit/test_proc_notify tests/unit/test_proc_spawn
TESTS += tests/unit/test_proc_chan tests/unit/test_proc_cluster \
	tests/unit/test_proc_notify tests/unit/test_proc_spawn
tests_unit_test_proc_chan_SOURCES = tests/unit/test_proc_chan.c
tests_unit_test_proc_chan_CFLAGS = $(PROC_TEST_CFLAGS)
tests_unit_test_proc_chan_LDADD = $(PROC_TEST_LIBS)
tests_unit_test_proc_cluster_SOURCES = tests/unit/test_proc_cluster.c
tests_unit_test_proc_cluster_CFLAGS = $(PROC_TEST_CFLAGS)
tests_unit_test_proc_cluster_LDADD = $(PROC_TEST_LIBS)
tests_unit_test_proc_notify_SOURCES = tests/unit/test_proc_notify.c
tests_unit_test_proc_notify_CFLAGS = $(PROC_TEST_CFLAGS)
tests_unit_test_proc_notify_LDADD = $(PROC_TEST_LIBS)
tests_unit_test_proc_spawn_SOURCES = tests/unit/test_proc_spawn.c
tests_unit_test_proc_spawn_CFLAGS = $(PROC_TEST_CFLAGS)
tests_unit_test_proc_spawn_LDADD = $(PROC_TEST_LIBS)
