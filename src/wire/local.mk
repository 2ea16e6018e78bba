# src/wire: the message table and its codec.
noinst_LIBRARIES += src/wire/libwire.a
src_wire_libwire_a_SOURCES = \
	src/wire/messages.h \
	src/wire/msg.c src/wire/msg.h

check_PROGRAMS += tests/unit/test_wire_msg
TESTS += tests/unit/test_wire_msg
tests_unit_test_wire_msg_SOURCES = tests/unit/test_wire_msg.c
tests_unit_test_wire_msg_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_wire_msg_LDADD = src/wire/libwire.a $(BASE_LIBS) $(CMOCKA_LIBS)
