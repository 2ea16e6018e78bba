# tests/meta: the house is as its documents say.
META_TESTS = \
	tests/meta/format tests/meta/layers tests/meta/manlint \
	tests/meta/options tests/meta/shipped tests/meta/sizes tests/meta/unit
TESTS += $(META_TESTS)
EXTRA_DIST += $(META_TESTS)

check_PROGRAMS += tests/meta/dump_keys tests/meta/dump_messages
tests_meta_dump_keys_SOURCES = tests/meta/dump_keys.c
tests_meta_dump_keys_LDADD = src/config/libconfig.a src/record/librecord.a $(BASE_LIBS)
tests_meta_dump_messages_SOURCES = tests/meta/dump_messages.c
tests_meta_dump_messages_LDADD = src/wire/libwire.a $(BASE_LIBS)
