/* The content of a record as bytes and back, and what the checker refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/limits.h"
#include "record/fields.h"
#include "record_random.h"

/* The same values in the same places, by the table. */
static bool
same(const struct shape *sh, const void *x, const void *y, bool head)
{
	for (unsigned i = 0; i < sh->count; i++) {
		const struct field *f = &sh->fields[i];
		const void *p = (const char *)x + f->offset;
		const void *q = (const char *)y + f->offset;
		const struct any_list *l = p, *m = q;
		size_t size = f->shape ? f->shape->size : sizeof(char *);

		if (f->tag == 0 && !head)
			continue;
		switch ((enum field_type)f->type) {
		case FIELD_TEXT: {
			const char *s = *(const char *const *)p;
			const char *t = *(const char *const *)q;

			if (s != t && (!s || !t || strcmp(s, t) != 0))
				return false;
			break;
		}
		case FIELD_BOOL:
			if (*(const bool *)p != *(const bool *)q)
				return false;
			break;
		case FIELD_STRUCT:
			if (!same(f->shape, p, q, true))
				return false;
			break;
		case FIELD_TEXTS:
		case FIELD_LIST:
			if (l->count != m->count)
				return false;
			for (size_t k = 0; k < l->count; k++) {
				const char *s = (char *)l->items + k * size;
				const char *t = (char *)m->items + k * size;

				if (f->shape ? !same(f->shape, s, t, true)
					     : strcmp(*(char *const *)s,
						   *(char *const *)t) != 0)
					return false;
			}
			break;
		default:
			break;
		}
	}
	return true;
}

static void
round_trips(void **state)
{
	struct dice d = {42};
	struct arena a;
	struct buf out, again;

	(void)state;
	arena_init(&a, 0);
	buf_init(&out, LIMIT_DOC_BYTES);
	buf_init(&again, LIMIT_DOC_BYTES);
	for (int i = 0; i < 2000; i++) {
		struct record r, back;
		struct err e = {0};

		memset(&back, 0xAA, sizeof(back));
		random_record(&r, &a, &d);
		if (record_check(&r, &e) < 0)
			fail_msg("record %d: %s", i, e.text);
		assert_int_equal(record_encode_doc(&out, &r), 0);
		if (record_decode_doc(&back, &a, out.data, out.len, &e) < 0)
			fail_msg("record %d: %s", i, e.text);
		assert_true(same(&shape_record, &r, &back, false));
		record_encode_doc(&again, &back);
		assert_int_equal(again.len, out.len);
		assert_memory_equal(again.data, out.data, out.len);
		buf_clear(&out);
		buf_clear(&again);
		arena_clear(&a);
	}
	buf_release(&out);
	buf_release(&again);
	arena_release(&a);
}

/* Every prefix and many a changed byte of a document: refused or read, never
 * more than that, and what is read passes the checker. */
static void
damaged_documents(void **state)
{
	struct dice d = {7};
	struct arena a;
	struct buf out;

	(void)state;
	arena_init(&a, 0);
	buf_init(&out, LIMIT_DOC_BYTES);
	for (int i = 0; i < 60; i++) {
		struct record r, back;
		struct err e;

		random_record(&r, &a, &d);
		record_encode_doc(&out, &r);
		for (size_t n = 1; n < out.len; n++) {
			/* a copy of its own, so that a sanitizer sees the end
			 */
			char *cut = malloc(n);

			memcpy(cut, out.data, n);
			assert_int_equal(
			    record_decode_doc(&back, &a, cut, n, &e), -1);
			free(cut);
			if (n % 64 == 0)
				arena_clear(&a);
		}
		buf_addc(&out, 0);
		assert_int_equal(
		    record_decode_doc(&back, &a, out.data, out.len, &e), -1);
		out.len--;
		for (int k = 0; k < 300; k++) {
			size_t at = dice_roll(&d, (unsigned)out.len);
			char was = out.data[at];

			out.data[at] = (char)dice_roll(&d, 256);
			memset(&back, 0, sizeof(back));
			back.identifier = "x";
			if (record_decode_doc(
				&back, &a, out.data, out.len, &e) == 0)
				assert_int_equal(record_check(&back, &e), 0);
			out.data[at] = was;
		}
		arena_clear(&a);
		buf_clear(&out);
	}
	buf_release(&out);
	arena_release(&a);
}

static void
lies(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
		const char *says;
	} table[] = {
	    {"\x02\x00", 2, "version"},
	    {"\x01", 1, "cut off"},
	    {"\x01\x7F\x00", 3, "unknown"},
	    {"\x01\x02\x05offer\x00\x02\x05offer\x00\x00", 18,
		"not in its place"},
	    {"\x01\x02\x05offeX\x00\x00", 10, "no word"},
	    {"\x01\x02\x05offer\x01\x00", 10, "NUL"},
	    {"\x01\x02\xFF\xFF\xFF\xFF\x0F", 7, "cut off"},
	    {"\x01\x02\x85\x00offer\x00\x00", 11, "overlong"},
	    {"\x01\x02\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F", 12,
		"overlong"},
	    {"\x01\x02\x00\x00\x00", 5, "empty"},
	    {"\x01\x14\x02\xC3\x28\x00\x00", 7, "UTF-8"},
	    {"\x01\x14\x03"
	     "a\x00"
	     "b\x00\x00",
		8, "NUL"},
	    {"\x01\x03\x00\x00", 4, "does not have them"},
	    {"\x01\x03\xFF\xFF\xFF\xFF\x0F\x00", 8, "does not have them"},
	    {"\x01\x03\x01\x00\x00", 5, "empty value"},
	    {"\x01\x0C\x01\x02\x0Cjavascript:1\x00\x00\x00", 20,
		"absolute link"},
	    {"\x01\x08\x01\x02\x04soon\x00\x00\x00", 12, "not a date"},
	    {"\x01\x13\x01\x02"
	     "1,\x00\x00\x00",
		9, "not a number"},
	};
	struct arena a;

	(void)state;
	arena_init(&a, 0);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct record r;
		struct err e = {0};

		if (record_decode_doc(&r, &a, table[i].bytes, table[i].n, &e) ==
		    0)
			fail_msg("taken: %zu", i);
		if (!strstr(e.text, table[i].says))
			fail_msg("%zu: \"%s\" does not say \"%s\"", i, e.text,
			    table[i].says);
	}
	arena_release(&a);
}

static void
limits_of_values(void **state)
{
	struct record r = {.identifier = "x"};
	struct arena a;
	struct err e;
	char *longer;

	(void)state;
	arena_init(&a, 0);
	for (size_t i = 0; i < LIMIT_VALUES_PER_FIELD; i++)
		record_add(&a, &r.subjects)->text = "s";
	assert_null(record_add(&a, &r.subjects));
	assert_int_equal(record_check(&r, &e), 0);
	r.subjects.count++;
	assert_int_equal(record_check(&r, &e), -1);
	assert_int_equal(e.class, ERR_LIMIT);
	r.subjects.count = 1;
	longer = arena_calloc(&a, LIMIT_VALUE_BYTES + 2, 1);
	memset(longer, 'a', LIMIT_VALUE_BYTES);
	r.subjects.items[0].text = longer;
	assert_int_equal(record_check(&r, &e), 0);
	longer[LIMIT_VALUE_BYTES] = 'a';
	assert_int_equal(record_check(&r, &e), -1);
	assert_non_null(strstr(e.text, "subjects: text"));
	r.subjects.count = 0;
	r.identifier = longer;
	assert_int_equal(record_check(&r, &e), -1);
	r.identifier = "";
	assert_int_equal(record_check(&r, &e), -1);
	r.identifier = "x";
	for (int i = 0; i < 200; i++)
		record_warn(&r, &a, "date", "odd %d", i % 100);
	assert_int_equal(r.warnings.count, LIMIT_WARNINGS);
	arena_release(&a);
}

/* Texts and lists of a normal form have ceilings of their own. */
static void
limits_of_the_normal_form(void **state)
{
	struct record r = {.identifier = "x"};
	struct arena a;
	struct err e;
	char *title;

	(void)state;
	arena_init(&a, 0);
	title = arena_calloc(&a, LIMIT_MATCH_TITLE_BYTES + 2, 1);
	memset(title, 'a', LIMIT_MATCH_TITLE_BYTES);
	for (size_t i = 0; i < LIMIT_MATCH_TITLES; i++)
		*record_add(&a, &r.match.other_titles) = title;
	for (size_t i = 0; i < LIMIT_MATCH_NAMES; i++)
		record_add(&a, &r.match.names)->text = "n";
	assert_int_equal(record_check(&r, &e), 0);
	title[LIMIT_MATCH_TITLE_BYTES] = 'a';
	assert_int_equal(record_check(&r, &e), -1);
	assert_non_null(strstr(e.text, "other_titles"));
	r.match.other_titles.count = 0;
	*record_add(&a, &r.match.other_titles) = "a";
	assert_int_equal(record_check(&r, &e), 0);
	record_add(&a, &r.match.names)->text = "n";
	assert_int_equal(record_check(&r, &e), -1);
	r.match.names.count = 0;
	r.match.venue_kind = "proceedings";
	assert_int_equal(record_check(&r, &e), -1);
	assert_non_null(strstr(e.text, "venue_kind"));
	arena_release(&a);
}

/* What was stored before records had a normal form is read as ever, and is
 * what a record without one is encoded as. */
static void
documents_without_a_normal_form(void **state)
{
	static const char old[] = "\x01\x15\x04open\0"
				  "\x18\x01\x01\x04"
				  "date\0\0";
	struct record r = {.identifier = "x"};
	struct arena a;
	struct err e;
	struct buf out;

	(void)state;
	arena_init(&a, 0);
	buf_init(&out, 1000);
	assert_int_equal(record_decode_doc(&r, &a, old, sizeof(old), &e), 0);
	assert_string_equal(r.access, "open");
	assert_string_equal(r.warnings.items[0].code, "date");
	assert_null(r.match.title);
	record_encode_doc(&out, &r);
	assert_int_equal(out.len, sizeof(old));
	assert_memory_equal(out.data, old, sizeof(old));
	buf_release(&out);
	arena_release(&a);
}

static void
warnings_are_said_once(void **state)
{
	struct record r = {.identifier = "x"};
	struct arena a;

	(void)state;
	arena_init(&a, 0);
	record_warn(&r, &a, "date", "%s", "\xC3\xA9");
	record_warn(&r, &a, "date", "%s", "\xC3\xA9");
	record_warn(&r, &a, "date", "%0600d\xC3\xA9", 1);
	assert_int_equal(r.warnings.count, 2);
	assert_string_equal(r.warnings.items[0].text, "\xC3\xA9");
	assert_int_equal(record_check(&r, NULL), 0);
	arena_release(&a);
}

/* Empty texts and structs take no place. */
static void
what_is_empty_is_left_out(void **state)
{
	struct record r = {.identifier = "x", .access = ""}, back;
	struct arena a;
	struct buf out;

	(void)state;
	arena_init(&a, 0);
	buf_init(&out, 1000);
	record_add(&a, &r.titles)->text = "";
	record_add(&a, &r.titles)->text = "T";
	record_add(&a, &r.agents);
	*record_add(&a, &r.coverage) = "";
	record_encode_doc(&out, &r);
	assert_int_equal(
	    record_decode_doc(&back, &a, out.data, out.len, NULL), 0);
	assert_int_equal(back.titles.count, 1);
	assert_int_equal(back.agents.count, 0);
	assert_int_equal(back.coverage.count, 0);
	assert_null(back.access);
	assert_int_equal(record_decode_doc(&back, &a, "", 0, NULL), 0);
	assert_int_equal(back.titles.count, 0);
	buf_release(&out);
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(round_trips),
	    cmocka_unit_test(damaged_documents),
	    cmocka_unit_test(lies),
	    cmocka_unit_test(limits_of_values),
	    cmocka_unit_test(limits_of_the_normal_form),
	    cmocka_unit_test(documents_without_a_normal_form),
	    cmocka_unit_test(warnings_are_said_once),
	    cmocka_unit_test(what_is_empty_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
