# src/wire: the message table and its codec.
noinst_LIBRARIES += src/wire/libwire.a
src_wire_libwire_a_SOURCES = \
	src/wire/messages.h \
	src/wire/msg.c src/wire/msg.h
