# src/config: the configuration, read into one immutable tree.
noinst_LIBRARIES += src/config/libconfig.a
src_config_libconfig_a_SOURCES = \
	src/config/build.h \
	src/config/check.c \
	src/config/check_value.c \
	src/config/config.h \
	src/config/credentials.c src/config/credentials.h \
	src/config/diff.c \
	src/config/keys.c \
	src/config/lexer.c src/config/lexer.h \
	src/config/read.c \
	src/config/value.c

check_PROGRAMS += tests/unit/test_config_lexer tests/unit/test_config_read
TESTS += tests/unit/test_config_lexer tests/unit/test_config_read
tests_unit_test_config_lexer_SOURCES = tests/unit/test_config_lexer.c
tests_unit_test_config_lexer_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_config_lexer_LDADD = src/config/libconfig.a src/record/librecord.a $(BASE_LIBS) $(CMOCKA_LIBS)
tests_unit_test_config_read_SOURCES = tests/unit/test_config_read.c
tests_unit_test_config_read_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_config_read_LDADD = src/config/libconfig.a src/record/librecord.a $(BASE_LIBS) $(CMOCKA_LIBS)
