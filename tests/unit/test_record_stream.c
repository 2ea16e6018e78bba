/* The record stream: what is written is read, in pieces of any size, and
 * whatever is not a stream is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include "record/context.h"
#include "record/frame.h"
#include "record/stream.h"
#include "record_random.h"

enum { BODY = 4000000 };

/* What came out, as lines of JSON. */
struct seen {
	struct buf lines;
	struct arena arena;
	bool stop; /* at the first record */
};

static int
on_record(void *arg, const struct record_head *h, struct err *e)
{
	struct seen *s = arg;
	struct record r;

	if (s->stop)
		return err_set(e, ERR_CANCEL, 0, "stopped");
	if (record_from_head(&r, &s->arena, h, e) < 0)
		return -1;
	if (record_check(&r, e) < 0)
		fail_msg("an unchecked record: %s", e->text);
	record_json(&s->lines, &r, RECORD_PLACE);
	buf_printf(&s->lines, " %d %zu %s %02x\n", r.header_only, r.element_len,
	    r.context ? r.context : "-", r.digest[31]);
	arena_clear(&s->arena);
	return 0;
}

static int
on_reject(void *arg, const struct reject *r, struct err *e)
{
	struct seen *s = arg;

	(void)e;
	reject_json(&s->lines, r);
	buf_addc(&s->lines, '\n');
	return 0;
}

static int
on_page(void *arg, const struct page_facts *f, struct err *e)
{
	struct seen *s = arg;

	(void)e;
	facts_json(&s->lines, f);
	buf_addc(&s->lines, '\n');
	return 0;
}

static const struct stream_ops ops = {on_record, on_reject, on_page};

static void
seen_init(struct seen *s)
{
	memset(s, 0, sizeof(*s));
	buf_init(&s->lines, 64 * MIB);
	arena_init(&s->arena, 64 * MIB);
}

static void
seen_release(struct seen *s)
{
	buf_release(&s->lines);
	arena_release(&s->arena);
}

/* Writes through a memfd and takes the bytes. */
struct tape {
	int fd;
	struct stream_writer *w;
};

static void
tape_begin(struct tape *t)
{
	t->fd = memfd_create("tape", 0);
	assert_true(t->fd >= 0);
	t->w = stream_writer_new(t->fd);
}

static void
tape_take(struct tape *t, struct buf *bytes)
{
	off_t n = lseek(t->fd, 0, SEEK_END);

	buf_init(bytes, 64 * MIB);
	assert_int_equal(
	    pread(t->fd, buf_reserve(bytes, (size_t)n), (size_t)n, 0), n);
	buf_added(bytes, (size_t)n);
	stream_writer_free(t->w);
	close(t->fd);
}

static void
tape_page(struct tape *t)
{
	struct page_facts f = {.protocol = "oai-pmh",
	    .body = BODY_OAI,
	    .has_token = true,
	    .cursor = -1,
	    .list_size = -1,
	    .records = 999};

	assert_int_equal(stream_write_page(t->w, &f), 0);
}

static int
play_bounded(struct seen *s, const char *bytes, size_t n, size_t piece,
    uint64_t max, struct err *e)
{
	struct stream_reader *r = stream_reader_new(&ops, s, max, BODY);
	int rc = 0;

	for (size_t at = 0; at < n && rc == 0; at += piece) {
		size_t m = n - at < piece ? n - at : piece;
		char *own = malloc(m); /* its end is seen by a sanitizer */

		memcpy(own, bytes + at, m);
		rc = stream_reader_push(r, own, m, e);
		free(own);
	}
	if (rc == 0)
		rc = stream_reader_end(r, e);
	else
		assert_int_equal(stream_reader_end(r, NULL), -1);
	stream_reader_free(r);
	return rc;
}

static int
play(struct seen *s, const char *bytes, size_t n, size_t piece, struct err *e)
{
	return play_bounded(s, bytes, n, piece, UINT64_MAX, e);
}

/* A small tape: a record, a deleted one, a reject, a page. */
static void
small_tape(struct buf *bytes)
{
	const char *sets[] = {"a", "b:c"};
	struct reject reject = {"oai:x:3", 20, 10, "not XML: line 7"};
	struct record r = {.identifier = "oai:x:1",
	    .identifier_basis = "oai",
	    .datestamp = "2024-05-01",
	    .sets = {sets, 2, 2},
	    .family = "offer",
	    .length = 10};
	struct tape t;

	tape_begin(&t);
	assert_int_equal(stream_write_record(t.w, &r), 0);
	r.identifier = "oai:x:2";
	r.deleted = true;
	r.offset = 10;
	assert_int_equal(stream_write_record(t.w, &r), 0);
	assert_int_equal(stream_write_reject(t.w, &reject), 0);
	tape_page(&t);
	tape_take(&t, bytes);
}

static void
small_stream_reads(void **state)
{
	struct seen s;
	struct buf bytes;
	struct err e = {0};

	(void)state;
	seen_init(&s);
	small_tape(&bytes);
	if (play(&s, bytes.data, bytes.len, bytes.len, &e) < 0)
		fail_msg("%s", e.text);
	assert_string_equal(buf_str(&s.lines),
	    "{\"type\":\"record\",\"v\":1,\"identifier\":\"oai:x:1\","
	    "\"identifier_basis\":\"oai\",\"datestamp\":\"2024-05-01\","
	    "\"sets\":[\"a\",\"b:c\"],\"family\":\"offer\",\"offset\":0,"
	    "\"length\":10} 0 0 - 00\n"
	    "{\"type\":\"record\",\"v\":1,\"identifier\":\"oai:x:2\","
	    "\"datestamp\":\"2024-05-01\",\"sets\":[\"a\",\"b:c\"],"
	    "\"deleted\":true,\"offset\":10,\"length\":10} 0 0 - 00\n"
	    "{\"type\":\"reject\",\"identifier\":\"oai:x:3\",\"offset\":20,"
	    "\"length\":10,\"reason\":\"not XML: line 7\"}\n"
	    "{\"type\":\"page\",\"protocol\":\"oai-pmh\","
	    "\"resumption_token\":{},\"counts\":{\"records\":2,\"deleted\":1,"
	    "\"rejected\":1}}\n");
	seen_release(&s);
	buf_release(&bytes);
}

static void
pieces_of_any_size(void **state)
{
	static const size_t pieces[] = {1, 2, 3, 5, 9, 64, 1000, 4096, 65536};
	struct dice d = {99};
	struct seen whole, part;
	struct buf bytes;
	struct arena a;
	struct tape t;
	struct err e = {0};

	(void)state;
	arena_init(&a, 0);
	tape_begin(&t);
	for (int i = 0; i < 200; i++) {
		struct record r;

		random_record(&r, &a, &d);
		assert_int_equal(stream_write_record(t.w, &r), 0);
		arena_clear(&a);
	}
	tape_page(&t);
	tape_take(&t, &bytes);
	seen_init(&whole);
	if (play(&whole, bytes.data, bytes.len, bytes.len, &e) < 0)
		fail_msg("%s", e.text);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		seen_init(&part);
		assert_int_equal(
		    play(&part, bytes.data, bytes.len, pieces[i], &e), 0);
		assert_string_equal(
		    buf_str(&part.lines), buf_str(&whole.lines));
		seen_release(&part);
	}
	seen_release(&whole);
	buf_release(&bytes);
	arena_release(&a);
}

static void
every_cut_is_refused(void **state)
{
	struct buf bytes;
	struct seen s;
	struct err e;

	(void)state;
	small_tape(&bytes);
	seen_init(&s);
	for (size_t n = 0; n < bytes.len; n++) {
		assert_int_equal(play(&s, bytes.data, n, n + 1, &e), -1);
		assert_int_equal(play(&s, bytes.data, n, 7, &e), -1);
	}
	seen_release(&s);
	buf_release(&bytes);
}

static void
changed_bytes(void **state)
{
	struct dice d = {3};
	struct buf bytes;
	struct seen s;
	struct err e;

	(void)state;
	small_tape(&bytes);
	seen_init(&s);
	for (size_t at = 0; at < bytes.len; at++) {
		char was = bytes.data[at];

		for (int i = 0; i < 256; i += 1 + (int)dice_roll(&d, 5)) {
			bytes.data[at] = (char)i;
			play(&s, bytes.data, bytes.len, bytes.len, &e);
			play(&s, bytes.data, bytes.len, 11, &e);
			buf_clear(&s.lines);
		}
		bytes.data[at] = was;
	}
	seen_release(&s);
	buf_release(&bytes);
}

static void
refused(struct buf *bytes, const char *says)
{
	struct err e = {0};
	struct seen s;

	seen_init(&s);
	if (play(&s, bytes->data, bytes->len, bytes->len, &e) == 0)
		fail_msg("taken, and should say: %s", says);
	if (!strstr(e.text, says))
		fail_msg("\"%s\" does not say \"%s\"", e.text, says);
	seen_release(&s);
	buf_release(bytes);
}

static void
hostile_frames(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
		const char *says;
	} table[] = {
	    {"\0\0\0\0", 4, "early"},
	    {"\0\0\0\0\1", 5, "empty frame"},
	    {"\1\0\0\0\4", 5, "unknown type 4"},
	    {"\1\0\0\0\0", 5, "unknown type 0"},
	    {"\xFF\xFF\xFF\xFF\1", 5, "are allowed"},
	    {"\1\0\0\0\1", 5, "cut off"},
	    {"\1\0\0\0\2", 5, "cut off"},
	    {"\1\0\0\0\3", 5, "1 to"},
	    {"\2\0\0\0\3\7", 6, "version 7"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct buf b;

		buf_init(&b, 1000);
		buf_add(&b, STREAM_MAGIC, STREAM_MAGIC_BYTES);
		buf_add(&b, table[i].bytes, table[i].n);
		refused(&b, table[i].says);
	}
}

static void
trailers(void **state)
{
	struct buf bytes, page;

	(void)state;
	small_tape(&bytes);
	buf_addc(&bytes, 'x');
	refused(&bytes, "after the trailer");
	small_tape(&bytes);
	buf_init(&page, 1000);
	{ /* the trailer twice: its length stands where it begins */
		size_t at = STREAM_MAGIC_BYTES;

		while (bytes.data[at + 4] != FRAME_PAGE)
			at += 4 + frame_get_u32(bytes.data + at);
		buf_add(&page, bytes.data + at, bytes.len - at);
		buf_add(&bytes, page.data, page.len);
		refused(&bytes, "after the trailer");
		buf_init(&bytes, 1000);
		buf_add(&bytes, STREAM_MAGIC, STREAM_MAGIC_BYTES);
		buf_add(&bytes, page.data, page.len);
		refused(&bytes, "counts 2 records");
	}
	buf_release(&page);
	buf_init(&bytes, 1000);
	buf_adds(&bytes, "SHEAFREC\x02");
	refused(&bytes, "no record stream");
}

/* A record written with one thing wrong, as a compromised parser would. */
static void
bad_record(const struct record *r, const char *says)
{
	struct buf bytes;
	struct tape t;

	tape_begin(&t);
	assert_int_equal(stream_write_record(t.w, r), 0);
	tape_page(&t);
	tape_take(&t, &bytes);
	refused(&bytes, says);
}

static void
hostile_records(void **state)
{
	struct record good = {.identifier = "x"}, r = good;
	char *longer = calloc(1, LIMIT_IDENTIFIER_BYTES + 2);
	const char **sets = calloc(LIMIT_SETS_PER_RECORD + 1, sizeof(*sets));

	(void)state;
	memset(longer, 'a', LIMIT_IDENTIFIER_BYTES + 1);
	r.identifier = NULL;
	bad_record(&r, "without an identifier");
	r.identifier = longer;
	bad_record(&r, "are allowed");
	r.identifier = "\xC3";
	bad_record(&r, "UTF-8");
	r = good;
	r.identifier_basis = "faith";
	bad_record(&r, "unknown");
	r = good;
	r.offset = BODY;
	r.length = 1;
	bad_record(&r, "outside the page");
	r.offset = UINT64_MAX;
	bad_record(&r, "outside the page");
	r.offset = 1;
	r.length = UINT64_MAX;
	bad_record(&r, "outside the page");
	r = good;
	r.element = "a\0b";
	r.element_len = 3;
	bad_record(&r, "element is not a text");
	r.element = "\xFF";
	r.element_len = 1;
	bad_record(&r, "element is not a text");
	r = good;
	for (size_t i = 0; i <= LIMIT_SETS_PER_RECORD; i++)
		sets[i] = "s";
	r.sets.items = sets;
	r.sets.count = LIMIT_SETS_PER_RECORD + 1;
	bad_record(&r, "sets of one record");
	r.sets.count = 1;
	sets[0] = longer;
	bad_record(&r, "setSpec");
	r = good;
	r.family = "stranger";
	bad_record(&r, "no word");
	free(sets);
	free(longer);
}

/* What keep leaves out is a head alone. */
static void
filtered_records_have_no_content(void **state)
{
	const size_t flags = STREAM_MAGIC_BYTES + FRAME_HEAD;
	struct record r = {.identifier = "x",
	    .family = "offer",
	    .element = "<x/>",
	    .element_len = 4,
	    .length = 10,
	    .filtered = true};
	struct buf bytes;
	struct seen s;
	struct tape t;

	(void)state;
	tape_begin(&t);
	assert_int_equal(stream_write_record(t.w, &r), 0);
	tape_page(&t);
	tape_take(&t, &bytes);
	seen_init(&s);
	assert_int_equal(play(&s, bytes.data, bytes.len, 7, NULL), 0);
	assert_non_null(strstr(buf_str(&s.lines),
	    "\"identifier\":\"x\",\"filtered\":true,\"offset\":0,"));
	assert_non_null(strstr(buf_str(&s.lines),
	    "\"counts\":{\"records\":1,\"deleted\":0,\"rejected\":0,"
	    "\"filtered\":1}"));
	assert_null(strstr(buf_str(&s.lines), "offer"));
	/* The trailer says one, there is none; and what cannot be both. */
	assert_int_equal(bytes.data[flags], RECORD_FILTERED);
	bytes.data[flags] = 0;
	seen_release(&s);
	seen_init(&s);
	assert_int_equal(
	    play(&s, bytes.data, bytes.len, 7, &(struct err){0}), -1);
	bytes.data[flags] = RECORD_FILTERED | RECORD_DELETED;
	refused(&bytes, "unknown flags");
	seen_release(&s);

	r.filtered = false;
	tape_begin(&t);
	assert_int_equal(stream_write_record(t.w, &r), 0);
	tape_page(&t);
	tape_take(&t, &bytes);
	bytes.data[flags] = RECORD_FILTERED;
	refused(&bytes, "filtered record with content");
	r.family = NULL;
	tape_begin(&t);
	assert_int_equal(stream_write_record(t.w, &r), 0);
	tape_page(&t);
	tape_take(&t, &bytes);
	bytes.data[flags] = RECORD_FILTERED;
	refused(&bytes, "filtered record with");
}

/* Slices that are the whole page, twice, would cost what no page has. */
static void
slices_never_exceed_the_page(void **state)
{
	struct record r = {.identifier = "x", .length = BODY};
	struct buf bytes;
	struct tape t;

	(void)state;
	tape_begin(&t);
	assert_int_equal(stream_write_record(t.w, &r), 0);
	r.identifier = "y";
	r.length = 1;
	assert_int_equal(stream_write_record(t.w, &r), 0);
	tape_page(&t);
	tape_take(&t, &bytes);
	refused(&bytes, "the records so far have 4000001 bytes");
}

/* Records in these contexts. */
static void
context_tape(struct buf *bytes, const char *const *contexts, size_t n)
{
	struct record r = {.identifier = "x"};
	struct tape t;

	tape_begin(&t);
	for (size_t i = 0; i < n; i++) {
		r.context = contexts[i];
		assert_int_equal(stream_write_record(t.w, &r), 0);
	}
	tape_page(&t);
	tape_take(&t, bytes);
}

static void
a_context_is_said_once(void **state)
{
	enum { LONG = 100000 };
	static char one[LONG + 1], other[LONG + 1];
	const char *const contexts[] = {one, other, NULL, one};
	struct buf bytes;
	struct seen s;
	const char *at;

	(void)state;
	memset(one, 'c', LONG);
	memset(other, 'c', LONG); /* it is the text that counts */
	context_tape(&bytes, contexts, 2);
	assert_in_range(bytes.len, LONG, LONG + 1000);
	seen_init(&s);
	assert_int_equal(play(&s, bytes.data, bytes.len, 4096, NULL), 0);
	at = strstr(buf_str(&s.lines), one);
	assert_non_null(at);
	assert_non_null(strstr(at + LONG, one));
	seen_release(&s);
	/* What it stands for counts: each block has it. */
	for (size_t missing = 0; missing < 2; missing++) {
		struct err e;

		seen_init(&s);
		assert_int_equal(
		    play_bounded(&s, bytes.data, bytes.len, bytes.len,
			bytes.len + LONG / CONTEXT_RECORDS - missing, &e),
		    -(int)missing);
		seen_release(&s);
	}
	buf_release(&bytes);
	/* That there is none is said, too. */
	context_tape(&bytes, contexts, 4);
	assert_in_range(bytes.len, 2 * LONG, 2 * LONG + 1000);
	seen_init(&s);
	assert_int_equal(play(&s, bytes.data, bytes.len, 4096, NULL), 0);
	at = strstr(strstr(buf_str(&s.lines), one) + LONG, one) + LONG;
	assert_non_null(strstr(at, " 0 0 - 00"));
	assert_non_null(strstr(at, one));
	seen_release(&s);
	buf_release(&bytes);
}

static void
lies_about_the_context_before(void **state)
{
	static const char *const contexts[] = {"a", "b"};
	const size_t flags = STREAM_MAGIC_BYTES + FRAME_HEAD;
	struct buf bytes;

	(void)state;
	context_tape(&bytes, contexts, 2);
	bytes.data[flags] = RECORD_SAME_CONTEXT;
	refused(&bytes, "there is none");
	context_tape(&bytes, contexts, 2);
	bytes.data[flags + 4 + (uint8_t)bytes.data[STREAM_MAGIC_BYTES]] =
	    RECORD_SAME_CONTEXT;
	refused(&bytes, "it has its own");
}

static void
a_frame_too_large_leaves_the_stream_whole(void **state)
{
	struct record r = {.identifier = "x"}, big = r;
	struct arena a;
	struct buf bytes;
	struct seen s;
	struct tape t;
	char *text;

	(void)state;
	arena_init(&a, 0);
	text = arena_calloc(&a, MIB + 1, 1);
	memset(text, 'a', MIB);
	for (size_t i = 0; i < 9; i++)
		record_add(&a, &big.abstracts)->text = text;
	tape_begin(&t);
	assert_int_equal(stream_write_record(t.w, &r), 0);
	assert_int_equal(stream_write_record(t.w, &big), -1);
	big.abstracts.count = 7;
	assert_int_equal(stream_write_record(t.w, &big), 0);
	tape_page(&t);
	tape_take(&t, &bytes);
	seen_init(&s);
	assert_int_equal(play(&s, bytes.data, bytes.len, 65536, NULL), 0);
	assert_non_null(strstr(buf_str(&s.lines), "\"records\":2"));
	seen_release(&s);
	buf_release(&bytes);
	arena_release(&a);
}

static void
ceilings_and_stops(void **state)
{
	struct buf bytes;
	struct seen s;
	struct err e = {0};
	struct tape t;

	(void)state;
	small_tape(&bytes);
	seen_init(&s);
	assert_int_equal(
	    play_bounded(&s, bytes.data, bytes.len, 10, bytes.len - 1, &e), -1);
	assert_int_equal(e.class, ERR_LIMIT);
	assert_int_equal(
	    play_bounded(&s, bytes.data, bytes.len, 10, bytes.len, &e), 0);
	s.stop = true;
	assert_int_equal(play(&s, bytes.data, bytes.len, 10, &e), -1);
	seen_release(&s);
	buf_release(&bytes);
	/* a reader that is gone */
	tape_begin(&t);
	stream_writer_free(t.w);
	t.w = stream_writer_new(-1);
	assert_int_equal(stream_write_page(t.w, &(struct page_facts){0}), -1);
	stream_writer_free(t.w);
	close(t.fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(small_stream_reads),
	    cmocka_unit_test(pieces_of_any_size),
	    cmocka_unit_test(every_cut_is_refused),
	    cmocka_unit_test(changed_bytes),
	    cmocka_unit_test(hostile_frames),
	    cmocka_unit_test(trailers),
	    cmocka_unit_test(hostile_records),
	    cmocka_unit_test(filtered_records_have_no_content),
	    cmocka_unit_test(slices_never_exceed_the_page),
	    cmocka_unit_test(a_context_is_said_once),
	    cmocka_unit_test(lies_about_the_context_before),
	    cmocka_unit_test(a_frame_too_large_leaves_the_stream_whole),
	    cmocka_unit_test(ceilings_and_stops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
