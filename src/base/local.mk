# src/base: what everything stands on; includes nothing of the house.
noinst_LIBRARIES += src/base/libbase.a
src_base_libbase_a_CFLAGS = $(AM_CFLAGS) $(NETTLE_CFLAGS) $(XXHASH_CFLAGS)
src_base_libbase_a_SOURCES = \
	src/base/alloc.c src/base/alloc.h \
	src/base/arena.c src/base/arena.h \
	src/base/buf.c src/base/buf.h \
	src/base/date.c src/base/date_parse.c src/base/date.h \
	src/base/digest.c src/base/digest.h \
	src/base/err.c src/base/err.h \
	src/base/json.c src/base/json.h \
	src/base/limits.h \
	src/base/log.c src/base/log.h \
	src/base/str.c src/base/str.h \
	src/base/url.c src/base/url.h \
	src/base/utf8.c src/base/utf8.h
