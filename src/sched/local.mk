# src/sched: source states, due times, politeness, backoff, the OAI-PMH driver.
noinst_LIBRARIES += src/sched/libsched.a
LIB_SCHED = src/sched/libsched.a
src_sched_libsched_a_CFLAGS = $(AM_CFLAGS) $(NETTLE_CFLAGS) $(XXHASH_CFLAGS)
src_sched_libsched_a_SOURCES = \
	src/sched/backoff.c src/sched/backoff.h \
	src/sched/heap.c src/sched/heap.h \
	src/sched/host.c src/sched/host.h \
	src/sched/kv.c src/sched/kv.h \
	src/sched/oai_close.c \
	src/sched/oai_error.c \
	src/sched/oai_fail.c \
	src/sched/oai_judge.c \
	src/sched/oai_plan.c \
	src/sched/oai_priv.h \
	src/sched/oai_run.c src/sched/oai_run.h \
	src/sched/oai_state.c \
	src/sched/oai_url.c \
	src/sched/seen.c src/sched/seen.h \
	src/sched/source.c src/sched/source.h
