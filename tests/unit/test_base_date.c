/* Calendar arithmetic and the reading of instants, by tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/date.h"

static void
days_and_back(void **state)
{
	int y, m, d;

	(void)state;
	assert_int_equal(date_days(1970, 1, 1), 0);
	assert_int_equal(date_days(2000, 3, 1), 11017);
	assert_int_equal(date_days(1969, 12, 31), -1);
	assert_int_equal(date_days(1, 1, 1), -719162);
	for (int64_t day = -800000; day < 800000; day += 13) {
		date_from_days(day, &y, &m, &d);
		assert_true(date_valid(y, m, d));
		assert_int_equal(date_days(y, m, d), day);
	}
}

static void
leap_years(void **state)
{
	(void)state;
	assert_true(date_valid(2024, 2, 29));
	assert_false(date_valid(2023, 2, 29));
	assert_false(date_valid(1900, 2, 29));
	assert_true(date_valid(2000, 2, 29));
	assert_false(date_valid(2024, 4, 31));
	assert_false(date_valid(2024, 13, 1));
	assert_false(date_valid(2024, 0, 1));
	assert_false(date_valid(2024, 1, 0));
}

static void
reads_iso(void **state)
{
	static const struct {
		const char *in, *out;
		enum granularity g;
	} good[] = {
	    {"2024-05-01", "2024-05-01T00:00:00Z", GRANULARITY_DAY},
	    {"  2024-05-01\n", "2024-05-01T00:00:00Z", GRANULARITY_DAY},
	    {"2024-05-01Z", "2024-05-01T00:00:00Z", GRANULARITY_DAY},
	    {"2024-05-01+02:00", "2024-05-01T00:00:00Z", GRANULARITY_DAY},
	    {"2024-05-01T10:00:00Z", "2024-05-01T10:00:00Z",
		GRANULARITY_SECOND},
	    {"2024-05-01t10:00:00z", "2024-05-01T10:00:00Z",
		GRANULARITY_SECOND},
	    {"2024-05-01 10:00:00", "2024-05-01T10:00:00Z", GRANULARITY_SECOND},
	    {"2024-05-01T10:00:00.999Z", "2024-05-01T10:00:00Z",
		GRANULARITY_SECOND},
	    {"2024-05-01T10:00:00,5+01:30", "2024-05-01T08:30:00Z",
		GRANULARITY_SECOND},
	    {"2024-01-01T00:30:00+0200", "2023-12-31T22:30:00Z",
		GRANULARITY_SECOND},
	    {"2024-02-28T23:00-05", "2024-02-29T04:00:00Z", GRANULARITY_SECOND},
	    {"2024-05-01T10:00", "2024-05-01T10:00:00Z", GRANULARITY_SECOND},
	    {"2024-05-01 10:00:00 UTC", "2024-05-01T10:00:00Z",
		GRANULARITY_SECOND},
	    {"2024-12-31T24:00:00Z", "2025-01-01T00:00:00Z",
		GRANULARITY_SECOND},
	    {"2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z",
		GRANULARITY_SECOND},
	    {"0001-01-01", "0001-01-01T00:00:00Z", GRANULARITY_DAY},
	    {"1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z",
		GRANULARITY_SECOND},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		enum granularity g = GRANULARITY_UNKNOWN;
		char out[DATE_TEXT_BYTES];
		int64_t us = 0;

		if (date_parse(good[i].in, &us, &g) < 0)
			fail_msg("not read: %s", good[i].in);
		date_format(out, us, GRANULARITY_SECOND);
		assert_string_equal(out, good[i].out);
		assert_int_equal(g, good[i].g);
	}
}

static void
refuses_what_is_no_date(void **state)
{
	static const char *const bad[] = {"", " ", "2024", "2024-05",
	    "0000-00-00", "2023-02-29", "2024-5-1", "20240501", "2024-05-01T",
	    "2024-05-01T10", "2024-05-01T25:00:00Z", "2024-05-01T10:60:00Z",
	    "2024-05-01T10:00:61Z", "2024-05-01T24:00:01Z",
	    "2024-05-01T10:00:00.Z", "2024-05-01T10:00:00Zx",
	    "2024-05-01T10:00:00+24:00", "2024-05-01x", "yesterday",
	    "2024-05-01T10:00:00+", "99999-01-01"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		enum granularity g;
		int64_t us = 7;

		if (date_parse(bad[i], &us, &g) == 0)
			fail_msg("read: %s", bad[i]);
		assert_int_equal(us, 7);
	}
}

static void
reads_http_dates(void **state)
{
	static const char *const good[] = {"Sun, 06 Nov 1994 08:49:37 GMT",
	    "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
	    "sun, 06 nov 1994 08:49:37 gmt", "Sun, 06 Nov 1994 09:49:37 +0100"};
	static const char *const bad[] = {"", "Sun", "Sun, 06 Nov",
	    "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nux 1994 08:49:37 GMT",
	    "Sun Nov 6 08:49:37 1994", "120", "Sun, 06 Nov 1994",
	    "Sun, 06 Nov 1994 08:49:37 GMT;"};
	int64_t us;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		if (date_parse_http(good[i], &us) < 0)
			fail_msg("not read: %s", good[i]);
		assert_int_equal(us, INT64_C(784111777) * 1000000);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (date_parse_http(bad[i], &us) == 0)
			fail_msg("read: %s", bad[i]);
}

/* RFC 9110 5.6.7: two digits that would be more than 50 years ahead are past.
 */
static void
two_digit_years(void **state)
{
	int64_t us, now = date_now_us();
	int y, m, d;

	(void)state;
	for (int yy = 0; yy < 100; yy++) {
		char text[64];

		snprintf(
		    text, sizeof(text), "Monday, 15-Jun-%02d 00:00:00 GMT", yy);
		assert_int_equal(date_parse_http(text, &us), 0);
		assert_true(us < date_step(now, DATE_YEAR, 51));
		assert_true(us > date_step(now, DATE_YEAR, -100));
		date_from_days(
		    us / INT64_C(86400000000) - (us < 0), &y, &m, &d);
		assert_int_equal(y % 100, yy);
	}
}

static void
steps(void **state)
{
	static const struct {
		const char *from;
		enum date_unit unit;
		int n;
		const char *to;
	} table[] = {
	    {"2024-01-31T10:20:30Z", DATE_MONTH, 1, "2024-02-29T10:20:30Z"},
	    {"2023-01-31T10:20:30Z", DATE_MONTH, 1, "2023-02-28T10:20:30Z"},
	    {"2024-01-15T00:00:00Z", DATE_MONTH, -1, "2023-12-15T00:00:00Z"},
	    {"2024-02-29T00:00:00Z", DATE_YEAR, 1, "2025-02-28T00:00:00Z"},
	    {"2024-02-29T00:00:00Z", DATE_YEAR, -24, "2000-02-29T00:00:00Z"},
	    {"2024-12-31T23:00:00Z", DATE_HOUR, 1, "2025-01-01T00:00:00Z"},
	    {"2024-03-01T00:00:00Z", DATE_DAY, -1, "2024-02-29T00:00:00Z"},
	    {"1970-01-01T00:00:00Z", DATE_MONTH, -13, "1968-12-01T00:00:00Z"},
	};
	char out[DATE_TEXT_BYTES];
	enum granularity g;
	int64_t us;

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		assert_int_equal(date_parse(table[i].from, &us, &g), 0);
		date_format(out, date_step(us, table[i].unit, table[i].n),
		    GRANULARITY_SECOND);
		assert_string_equal(out, table[i].to);
	}
}

static void
floors(void **state)
{
	static const char *const floors[] = {"1969-07-20T20:00:00Z",
	    "1969-07-20T00:00:00Z", "1969-07-01T00:00:00Z",
	    "1969-01-01T00:00:00Z"};
	char out[DATE_TEXT_BYTES];
	enum granularity g;
	int64_t us;

	(void)state;
	assert_int_equal(date_parse("1969-07-20T20:17:40Z", &us, &g), 0);
	for (int unit = DATE_HOUR; unit <= DATE_YEAR; unit++) {
		date_format(out, date_floor(us, (enum date_unit)unit),
		    GRANULARITY_SECOND);
		assert_string_equal(out, floors[unit]);
	}
	date_format(out, us, GRANULARITY_DAY);
	assert_string_equal(out, "1969-07-20");
	date_format(out, DATE_NONE, GRANULARITY_DAY);
	assert_string_equal(out, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(days_and_back),
	    cmocka_unit_test(leap_years),
	    cmocka_unit_test(reads_iso),
	    cmocka_unit_test(refuses_what_is_no_date),
	    cmocka_unit_test(reads_http_dates),
	    cmocka_unit_test(two_digit_years),
	    cmocka_unit_test(steps),
	    cmocka_unit_test(floors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
