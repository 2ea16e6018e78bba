/* Pages of stored records, and what is made of them against what there is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/limits.h"
#include "record/stored.h"

/* --- pages --- */
static int
take(struct stored_page *p, int64_t block, int64_t record, const char *context,
    const char *format, int64_t offset, const char *data)
{
	struct stored_row row = {
	    .block = block,
	    .record_id = record,
	    .context = context,
	    .format = format,
	    .offset = offset,
	    .raw_length = 4,
	    .doc_length = 2,
	    .data = data,
	    .data_len = data != NULL ? strlen(data) : 0,
	};

	return stored_page_take(p, &row);
}

static void
slices_of_one_context_make_a_page(void **state)
{
	static const char whole[] = "<OAI-PMH xmlns=\"u\"><ListRecords>"
				    "<a/><b/><c/></ListRecords></OAI-PMH>";
	struct stored_page p;
	char body[sizeof(whole)];
	struct err e;
	uint32_t i;
	int fd;

	(void)state;
	stored_page_init(&p);
	assert_int_equal(
	    take(&p, 5, 50, "xmlns=\"u\"", "oai_dc", 0, "<a/>AA<b/>BB"), 1);
	assert_int_equal(take(&p, 5, 51, "xmlns=\"u\"", "oai_dc", 6, NULL), 1);
	/* of a block whose records are gone */
	assert_int_equal(take(&p, 6, 0, "xmlns=\"u\"", "", 0, "xx"), 1);
	assert_int_equal(
	    take(&p, 7, 70, "xmlns=\"u\"", "oai_dc", 2, "yy<c/>CC"), 1);
	assert_int_equal(take(&p, 8, 80, "", "oai_dc", 0, "<d/>DD"), 0);
	assert_int_equal(
	    take(&p, 8, 80, "xmlns=\"u\"", "marc", 0, "<d/>DD"), 0);
	assert_int_equal(stored_page_end(&p, &e), 0);
	assert_string_equal(p.format, "oai_dc");
	assert_int_equal(p.block_count, 3);
	assert_int_equal(p.record_count, 3);
	assert_memory_equal(p.records[1].doc, "BB", 2);
	assert_int_equal(p.records[2].block, 2);
	assert_int_equal(p.records[2].raw_offset, 2);
	fd = stored_page_seal(&p, &e);
	assert_true(fd >= 0);
	assert_int_equal(read(fd, body, sizeof(body)), sizeof(whole) - 1);
	assert_memory_equal(body, whole, sizeof(whole) - 1);
	assert_int_equal(write(fd, "x", 1), -1);
	close(fd);

	/* The stream names each of them, once. */
	assert_int_equal(stored_check(&p, &e), -1);
	assert_int_equal(stored_find(&p, 36, 4, &i, &e), 0);
	assert_int_equal(i, 1);
	assert_int_equal(stored_find(&p, 36, 4, &i, &e), -1);
	assert_int_equal(stored_find(&p, 32, 3, &i, &e), -1);
	assert_int_equal(stored_find(&p, 31, 4, &i, &e), -1);
	assert_int_equal(stored_find(&p, 1000, 4, &i, &e), -1);
	assert_int_equal(stored_find(&p, 32, 4, &i, &e), 0);
	assert_int_equal(stored_find(&p, 40, 4, &i, &e), 0);
	assert_int_equal(i, 2);
	assert_int_equal(stored_check(&p, &e), 0);
	stored_page_release(&p);
}

static void
a_record_outside_of_its_block_is_set_aside(void **state)
{
	static const int64_t offsets[] = {1, 3, 7, INT32_MAX, -1};
	struct stored_page p;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(offsets) / sizeof(*offsets); i++) {
		stored_page_init(&p);
		assert_true(take(&p, 5, 50, "", "", offsets[i], "<a/>AA"));
		assert_true(take(&p, 5, 51, "", "", 0, NULL));
		assert_int_equal(stored_page_end(&p, &e), 0);
		assert_int_equal(p.outside_count, 1);
		assert_int_equal(p.outside[0].record_id, 50);
		assert_non_null(
		    strstr(p.outside[0].why, "record 50 is not within its"));
		assert_int_equal(p.record_count, 1);
		assert_int_equal(p.records[0].record_id, 51);
		stored_page_release(&p);
	}
}

#define HEAD "xmlns:x=\"u\"\nfeed/1 http://a.org/f\n xml:lang=\"en\"\n"

static void
items_of_a_feed_stand_behind_its_head(void **state)
{
	static const char head[] = HEAD "<rss><channel>\n</channel>";
	static const char whole[] = "<rss><channel>\n</channel><sheaf-context "
				    "xmlns:x=\"u\" xml:lang=\"en\"><a/><b/>"
				    "</sheaf-context></rss>";
	static const char other[] = HEAD "<feed xmlns=\"v\"/>";
	struct stored_page p;
	struct err e;

	(void)state;
	stored_page_init(&p);
	p.of_feed = true;
	/* what came before heads were kept, or has one that comes later */
	assert_true(take(&p, 3, 30, "xmlns:x=\"u\"", "rss", 0, "<o/>OO"));
	assert_true(take(&p, 3, 31, "xmlns:x=\"u\"", "rss", 0, NULL));
	assert_true(take(&p, 4, 40, "\nfeed/2 x\n\n<a>", "rss", 0, "<o/>OO"));
	assert_true(take(&p, 5, 50, head, "rss", 0, "<a/>AA"));
	assert_true(take(&p, 6, 60, "", "rss", 0, "<o/>OO"));
	assert_true(take(&p, 7, 70, head, "rss", 0, "<b/>BB"));
	assert_false(take(&p, 8, 80, other, "rss", 0, "<o/>OO"));
	assert_int_equal(stored_page_end(&p, &e), 0);
	assert_string_equal(buf_str(&p.body), whole);
	assert_string_equal(p.around.base_url, "http://a.org/f");
	assert_int_equal(p.block_count, 2);
	assert_int_equal(p.record_count, 2);
	assert_int_equal(p.last, 7);
	stored_page_release(&p);

	/* A root is closed by its name alone. */
	stored_page_init(&p);
	assert_true(take(&p, 8, 80, other, "rss", 0, "<o/>OO"));
	assert_int_equal(stored_page_end(&p, &e), 0);
	assert_non_null(strstr(buf_str(&p.body), "</sheaf-context></feed>"));
	stored_page_release(&p);

	/* Where all is passed over, nothing begins. */
	stored_page_init(&p);
	p.of_feed = true;
	assert_true(take(&p, 9, 90, "", "rss", 0, "<o/>OO"));
	assert_int_equal(p.block_count, 0);
	assert_int_equal(p.last, 9);
	stored_page_release(&p);
}

/* --- contents --- */
struct content {
	struct arena arena;
	struct buf doc;
	struct record r;
};

static void
content(struct content *c, const char *kind, const char *const *warnings)
{
	memset(c, 0, sizeof(*c));
	arena_init(&c->arena, 0);
	buf_init(&c->doc, LIMIT_DOC_BYTES);
	c->r.kind.code = kind;
	c->r.kind.basis = "declared";
	for (; *warnings != NULL; warnings++)
		record_warn(&c->r, &c->arena, *warnings, "line 3");
	assert_int_equal(record_encode_doc(&c->doc, &c->r), 0);
}

static void
release(struct content *c)
{
	arena_release(&c->arena);
	buf_release(&c->doc);
}

/* How the two compare, and the codes of the warnings of what is to be kept,
 * each with a space behind it. */
static int
compare(const struct content *was, const struct content *now, char *codes)
{
	struct arena scratch;
	struct buf kept;
	struct record r = {0};
	struct err e;
	int rc;

	arena_init(&scratch, 0);
	buf_init(&kept, LIMIT_DOC_BYTES);
	rc = stored_compare(&kept, was->doc.data, was->doc.len, now->doc.data,
	    now->doc.len, &scratch, &e);
	codes[0] = '\0';
	if (kept.len > 0) {
		assert_int_equal(
		    record_decode_doc(&r, &scratch, kept.data, kept.len, &e),
		    0);
		assert_string_equal(r.kind.code, now->r.kind.code);
	}
	for (size_t i = 0; i < r.warnings.count; i++)
		strcat(strcat(codes, r.warnings.items[i].code), " ");
	buf_release(&kept);
	arena_release(&scratch);
	return rc;
}

static void
warnings_of_bytes_stay_and_make_no_difference(void **state)
{
	static const char *const none[] = {NULL};
	static const char *const bytes[] = {
	    "xml-mended", "date-unknown", "bytes-repaired", NULL};
	static const char *const date[] = {"date-unknown", NULL};
	static const struct {
		const char *const *was, *const *now;
		const char *kind;
		int rc;
		const char *codes; /* "": what came is stored as it is */
	} cases[] = {
	    {none, none, "dataset", 0, ""},
	    {none, none, "event", 1, ""},
	    {bytes, date, "dataset", 0, ""},
	    {bytes, bytes, "dataset", 0, ""},
	    {bytes, date, "event", 1,
		"date-unknown xml-mended bytes-repaired "},
	    {bytes, none, "dataset", 1, "xml-mended bytes-repaired "},
	    {date, none, "dataset", 1, ""},
	    {none, bytes, "dataset", 1, ""},
	};
	char codes[256];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct content was, now;

		content(&was, "dataset", cases[i].was);
		content(&now, cases[i].kind, cases[i].now);
		assert_int_equal(compare(&was, &now, codes), cases[i].rc);
		assert_string_equal(codes, cases[i].codes);
		release(&was);
		release(&now);
	}
}

static void
what_is_no_content_is_replaced_or_refused(void **state)
{
	static const char *const bytes[] = {"xml-mended", NULL};
	struct content good;
	struct arena scratch;
	struct buf kept;
	struct err e;

	(void)state;
	content(&good, "dataset", bytes);
	arena_init(&scratch, 0);
	buf_init(&kept, LIMIT_DOC_BYTES);
	assert_int_equal(stored_compare(&kept, "xml-mended", 10, good.doc.data,
			     good.doc.len, &scratch, &e),
	    1);
	assert_int_equal(kept.len, 0);
	assert_int_equal(stored_compare(&kept, good.doc.data, good.doc.len,
			     "xml-mended", 10, &scratch, &e),
	    -1);
	assert_int_equal(stored_compare(&kept, NULL, 0, good.doc.data,
			     good.doc.len, &scratch, &e),
	    1);
	release(&good);
	buf_release(&kept);
	arena_release(&scratch);
}

static void
note(void *arg, const char *field, const char *before, const char *after)
{
	char *out = arg;

	sprintf(out + strlen(out), "%s:%s:%s;", field, before, after);
}

static void
differences_are_told_field_by_field(void **state)
{
	struct rec_text title = {.text = "A \"b\""};
	struct record was = {.identifier = "x", .kind.code = "dataset"};
	struct record now = {.identifier = "y", .kind.code = "event"};
	char out[512] = "";

	(void)state;
	now.match.title = "a b";
	now.match.is_cut = true;
	stored_differences(&was, &was, note, out);
	assert_string_equal(out, "");
	now.titles.items = &title;
	now.titles.count = 1;
	was.access = "open";
	stored_differences(&was, &now, note, out);
	assert_string_equal(out,
	    "kind:{\"code\":\"dataset\"}:{\"code\":\"event\"};"
	    "titles::[{\"text\":\"A \\\"b\\\"\"}];access:\"open\":;"
	    "match::{\"title\":\"a b\",\"is_cut\":true};");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(slices_of_one_context_make_a_page),
	    cmocka_unit_test(a_record_outside_of_its_block_is_set_aside),
	    cmocka_unit_test(items_of_a_feed_stand_behind_its_head),
	    cmocka_unit_test(warnings_of_bytes_stay_and_make_no_difference),
	    cmocka_unit_test(what_is_no_content_is_replaced_or_refused),
	    cmocka_unit_test(differences_are_told_field_by_field),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
