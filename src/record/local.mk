# src/record: the record model, its table of fields, the stream, facts, JSON.
noinst_LIBRARIES += src/record/librecord.a
src_record_librecord_a_CFLAGS = $(AM_CFLAGS) $(NETTLE_CFLAGS) $(XXHASH_CFLAGS)
src_record_librecord_a_SOURCES = \
	src/record/check.c \
	src/record/codec.c src/record/codec.h \
	src/record/element.h \
	src/record/facts.c src/record/facts.h \
	src/record/fields.c src/record/fields.h \
	src/record/frame.h \
	src/record/json.c src/record/json.h \
	src/record/record.c src/record/record.h \
	src/record/stream_reader.c src/record/stream_writer.c src/record/stream.h \
	src/record/summary.c \
	src/record/words.c src/record/words.h
