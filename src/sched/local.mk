# src/sched: source states, due times, politeness, backoff, the OAI-PMH driver.
noinst_LIBRARIES += src/sched/libsched.a
LIB_SCHED = src/sched/libsched.a
src_sched_libsched_a_CFLAGS = $(AM_CFLAGS) $(NETTLE_CFLAGS) $(XXHASH_CFLAGS)
src_sched_libsched_a_SOURCES = \
	src/sched/backoff.c src/sched/backoff.h \
	src/sched/heap.c src/sched/heap.h \
	src/sched/host.c src/sched/host.h \
	src/sched/source.c src/sched/source.h
