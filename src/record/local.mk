# src/record: the record model, its table of fields, the stream, facts, JSON.
noinst_LIBRARIES += src/record/librecord.a
src_record_librecord_a_CFLAGS = $(AM_CFLAGS) $(NETTLE_CFLAGS) $(XXHASH_CFLAGS)
src_record_librecord_a_SOURCES = \
	src/record/check.c \
	src/record/codec.c src/record/codec.h \
	src/record/context.c src/record/context.h \
	src/record/covers.c src/record/covers.h \
	src/record/element.h \
	src/record/facts.c src/record/facts.h \
	src/record/feed.c src/record/feed.h \
	src/record/fields.c src/record/fields.h \
	src/record/frame.h \
	src/record/json.c src/record/json.h \
	src/record/keep.c src/record/keep.h \
	src/record/known.c src/record/known.h \
	src/record/record.c src/record/record.h \
	src/record/stored.c src/record/stored.h \
	src/record/stream_reader.c src/record/stream_writer.c src/record/stream.h \
	src/record/summary.c \
	src/record/terms.c src/record/terms.h \
	src/record/trust.c src/record/trust.h \
	src/record/words.c src/record/words.h

RECORD_TESTS = tests/unit/test_record_codec tests/unit/test_record_json \
	tests/unit/test_record_stored tests/unit/test_record_stream \
	tests/unit/test_record_terms
check_PROGRAMS += $(RECORD_TESTS)
TESTS += $(RECORD_TESTS)
RECORD_RANDOM = tests/unit/record_random.c tests/unit/record_random.h
tests_unit_test_record_codec_SOURCES = tests/unit/test_record_codec.c $(RECORD_RANDOM)
tests_unit_test_record_codec_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_record_codec_LDADD = src/record/librecord.a $(BASE_LIBS) $(CMOCKA_LIBS)
tests_unit_test_record_json_SOURCES = tests/unit/test_record_json.c
tests_unit_test_record_json_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_record_json_LDADD = src/record/librecord.a $(BASE_LIBS) $(CMOCKA_LIBS)
tests_unit_test_record_stream_SOURCES = tests/unit/test_record_stream.c $(RECORD_RANDOM)
tests_unit_test_record_stream_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_record_stream_LDADD = src/record/librecord.a $(BASE_LIBS) $(CMOCKA_LIBS)
tests_unit_test_record_stored_SOURCES = tests/unit/test_record_stored.c
tests_unit_test_record_stored_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_record_stored_LDADD = src/record/librecord.a $(BASE_LIBS) $(CMOCKA_LIBS)
tests_unit_test_record_terms_SOURCES = tests/unit/test_record_terms.c
tests_unit_test_record_terms_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_record_terms_LDADD = src/record/librecord.a $(BASE_LIBS) $(CMOCKA_LIBS)
