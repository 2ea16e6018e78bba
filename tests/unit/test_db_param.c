/* Binary parameters, retry classes and backoff. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/date.h"
#include "db/param.h"
#include "db/retry.h"

static void
expect(const struct db_params *p, int i, const char *bytes, int n)
{
	assert_int_equal(p->length[i], n);
	if (n > 0)
		assert_memory_equal(p->data + p->offset[i], bytes, (size_t)n);
}

static void
test_scalars(void **state)
{
	struct db_params p;

	(void)state;
	db_params_init(&p);
	db_put_i32(&p, -2);
	db_put_i64(&p, 258);
	db_put_bool(&p, true);
	db_put_text(&p, "ab");
	db_put_text(&p, NULL);
	db_put_text(&p, "");
	db_put_f64(&p, 1.0);
	db_put_time(&p, INT64_C(946684800000001));
	db_put_time(&p, DATE_NONE);
	assert_int_equal(p.count, 9);
	expect(&p, 0, "\xff\xff\xff\xfe", 4);
	expect(&p, 1, "\0\0\0\0\0\0\1\2", 8);
	expect(&p, 2, "\1", 1);
	expect(&p, 3, "ab", 2);
	expect(&p, 4, NULL, -1);
	expect(&p, 5, "", 0);
	expect(&p, 6, "\x3f\xf0\0\0\0\0\0\0", 8);
	expect(&p, 7, "\0\0\0\0\0\0\0\1", 8);
	expect(&p, 8, NULL, -1);
	db_params_release(&p);
}

static void
test_dates(void **state)
{
	struct db_params p;

	(void)state;
	db_params_init(&p);
	db_put_date(&p, "2000-01-02");
	db_put_date(&p, "1999-12-31");
	db_put_date(&p, "2023-02-29");
	db_put_date(&p, "2023");
	db_put_date(&p, "2023-02-01T00:00:00Z");
	db_put_date(&p, NULL);
	expect(&p, 0, "\0\0\0\1", 4);
	expect(&p, 1, "\xff\xff\xff\xff", 4);
	for (int i = 2; i < 6; i++)
		expect(&p, i, NULL, -1);
	db_params_release(&p);
}

static void
test_arrays(void **state)
{
	struct db_params p;

	(void)state;
	db_params_init(&p);
	db_array_begin(&p, DB_INT4);
	db_put_i32(&p, 7);
	db_put_i32(&p, 8);
	db_array_end(&p);
	db_array_begin(&p, DB_TEXT);
	db_put_text(&p, "x");
	db_put_text(&p, NULL);
	db_array_end(&p);
	db_array_begin(&p, DB_INT8);
	db_array_end(&p);
	db_put_i32(&p, 9);
	expect(&p, 0,
	    "\0\0\0\1"
	    "\0\0\0\0"
	    "\0\0\0\x17"
	    "\0\0\0\2"
	    "\0\0\0\1"
	    "\0\0\0\4"
	    "\0\0\0\7"
	    "\0\0\0\4"
	    "\0\0\0\x8",
	    36);
	expect(&p, 1,
	    "\0\0\0\1"
	    "\0\0\0\1"
	    "\0\0\0\x19"
	    "\0\0\0\2"
	    "\0\0\0\1"
	    "\0\0\0\1"
	    "x"
	    "\xff\xff\xff\xff",
	    29);
	expect(&p, 2,
	    "\0\0\0\0"
	    "\0\0\0\0"
	    "\0\0\0\x14",
	    12);
	expect(&p, 3, "\0\0\0\x9", 4);
	db_params_release(&p);
}

static void
test_classes(void **state)
{
	(void)state;
	assert_int_equal(db_class_of("40001"), DB_RETRY);
	assert_int_equal(db_class_of("40P01"), DB_RETRY);
	assert_int_equal(db_class_of("57P01"), DB_RECONNECT);
	assert_int_equal(db_class_of("08006"), DB_RECONNECT);
	assert_int_equal(db_class_of("53300"), DB_RECONNECT);
	assert_int_equal(db_class_of(NULL), DB_RECONNECT);
	assert_int_equal(db_class_of("57014"), DB_PERMANENT);
	assert_int_equal(db_class_of("23505"), DB_PERMANENT);
	assert_int_equal(db_class_of("00000"), DB_OK);
}

static void
test_backoff(void **state)
{
	(void)state;
	assert_int_equal(db_backoff_ms(0, 0), 50);
	for (uint32_t random = 0; random < 100000; random += 977) {
		assert_in_range(db_backoff_ms(0, random), 50, 100);
		assert_in_range(db_backoff_ms(3, random), 400, 800);
		assert_in_range(db_backoff_ms(60, random), 15000, 30000);
	}
}

/* PostgreSQL's documentation, COPY, binary format. */
static void
test_copy(void **state)
{
	static const char expected[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0"
				       "\0\2\0\0\0\4\0\0\0\7\377\377\377\377"
				       "\0\1\0\0\0\2ab";
	struct db_params p;

	(void)state;
	db_copy_init(&p);
	db_copy_row(&p, 2);
	db_put_i32(&p, 7);
	db_put_null(&p);
	db_copy_row(&p, 1);
	db_put_text(&p, "ab");
	assert_int_equal(p.len, sizeof(expected) - 1);
	assert_memory_equal(p.data, expected, p.len);
	db_params_release(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_scalars),
	    cmocka_unit_test(test_copy),
	    cmocka_unit_test(test_dates),
	    cmocka_unit_test(test_arrays),
	    cmocka_unit_test(test_classes),
	    cmocka_unit_test(test_backoff),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
