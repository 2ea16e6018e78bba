# src/sandbox: a profile a role; the only home of <seccomp.h>.
noinst_LIBRARIES += src/sandbox/libsandbox.a
src_sandbox_libsandbox_a_CFLAGS = $(AM_CFLAGS) $(SECCOMP_CFLAGS)
src_sandbox_libsandbox_a_SOURCES = \
	src/sandbox/internal.h \
	src/sandbox/profile_net.c \
	src/sandbox/profile_parse.c \
	src/sandbox/sandbox.c src/sandbox/sandbox.h
