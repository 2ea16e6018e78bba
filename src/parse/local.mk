# src/parse: a page's bytes to records; the only home of libxml2.
LIB_PARSE = src/parse/libparse.a
noinst_LIBRARIES += src/parse/libparse.a
src_parse_libparse_a_CFLAGS = $(AM_CFLAGS) $(XML_CFLAGS) $(EVENT_CFLAGS) \
	$(NETTLE_CFLAGS)
src_parse_libparse_a_SOURCES = \
	src/parse/about.c \
	src/parse/count.c src/parse/count.h \
	src/parse/cut.c src/parse/cut.h \
	src/parse/cut_item.c src/parse/cut_item.h \
	src/parse/encoding.c src/parse/encoding.h \
	src/parse/envelope.c src/parse/envelope.h \
	src/parse/html.c src/parse/html.h \
	src/parse/item.c src/parse/item.h \
	src/parse/item_sax.c src/parse/item_sax.h \
	src/parse/mend.c src/parse/mend.h \
	src/parse/page.c src/parse/page.h \
	src/parse/scope.c src/parse/scope.h \
	src/parse/sniff.c src/parse/sniff.h \
	src/parse/tag.c src/parse/tag.h \
	src/parse/window.c src/parse/window.h \
	src/parse/xml.c src/parse/xml.h \
	src/parse/zygote.c src/parse/zygote.h
