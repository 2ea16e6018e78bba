# src/sandbox: a profile a role; the only home of <seccomp.h>.
noinst_LIBRARIES += src/sandbox/libsandbox.a
src_sandbox_libsandbox_a_CFLAGS = $(AM_CFLAGS) $(SECCOMP_CFLAGS)
src_sandbox_libsandbox_a_SOURCES = \
	src/sandbox/internal.h \
	src/sandbox/profile_net.c \
	src/sandbox/profile_parse.c \
	src/sandbox/sandbox.c src/sandbox/sandbox.h

check_PROGRAMS += tests/unit/test_sandbox_profiles
TESTS += tests/unit/test_sandbox_profiles
tests_unit_test_sandbox_profiles_SOURCES = tests/unit/test_sandbox_profiles.c
tests_unit_test_sandbox_profiles_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_sandbox_profiles_LDADD = src/sandbox/libsandbox.a \
	$(BASE_LIBS) $(SECCOMP_LIBS) $(CMOCKA_LIBS)
