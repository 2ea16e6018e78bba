# src/proc: channels, starting roles, the embedded cluster, sd_notify.
noinst_LIBRARIES += src/proc/libproc.a
src_proc_libproc_a_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS)
src_proc_libproc_a_SOURCES = \
	src/proc/chan.c src/proc/chan.h \
	src/proc/role.c src/proc/role.h \
	src/proc/spawn.c
