/* UTF-8, escaping, JSON, numbers and words as people write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "base/utf8.h"

static void
utf8_all_code_points(void **state)
{
	(void)state;
	for (uint32_t cp = 0; cp < 0x110010; cp++) {
		bool scalar = cp <= 0x10FFFF && (cp < 0xD800 || cp > 0xDFFF);
		char out[4];
		unsigned n = utf8_encode(out, cp);
		uint32_t back;

		if (!scalar) {
			assert_int_equal(n, 0);
			continue;
		}
		if (utf8_decode(out, n, &back) != n || back != cp ||
		    !utf8_valid(out, n) || utf8_missing(out, n) != 0)
			fail_msg("U+%04X", cp);
		for (unsigned k = 1; k < n; k++)
			if (utf8_valid(out, k) || utf8_missing(out, k) != n - k)
				fail_msg("U+%04X cut at %u", cp, k);
	}
}

static void
utf8_refuses(void **state)
{
	static const char *const bad[] = {"\x80", "\xC0\x80", "\xC1\xBF",
	    "\xE0\x80\x80", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xED\xBF\xBF",
	    "\xF0\x80\x80\x80", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF",
	    "\xFE", "\xE2\x28\xA1", "\xE2\x82\x28"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char text[64];

		snprintf(text, sizeof(text), "0123456789\xC3\xA9%s-", bad[i]);
		assert_int_equal(utf8_valid_prefix(text, strlen(text)), 12);
		assert_false(utf8_valid(bad[i], strlen(bad[i])));
	}
	assert_int_equal(utf8_cut("a\xE2\x82\xAC", 4, 3), 1);
	assert_int_equal(utf8_cut("a\xE2\x82\xAC", 4, 4), 4);
	assert_int_equal(utf8_width("a\xE4\xB8\xAD\xCC\x81", 6), 3);
}

/* The quick look against the slow one: texts of every mixture, with and
 * without an error at every place. */
static void
utf8_quick_is_slow(void **state)
{
	static const char *const parts[] = {"a", "b", " ", "\n", "\x01",
	    "\xC3\xA9", "\xD0\x96", "\xE4\xB8\xAD", "\xEF\xBF\xBD",
	    "\xEF\xBF\xBE", "\xF0\x9F\x98\x80", "\xF4\x8F\xBF\xBF",
	    "\xED\x9F\xBF", "\xE0\xA0\x80"};
	unsigned seed = 1;

	(void)state;
	for (int round = 0; round < 200000; round++) {
		char text[200];
		size_t n = 0, want = 0, plain, xml;
		bool is_xml = true;

		while (n < 60 + (unsigned)round % 80) {
			const char *part;

			seed = seed * 1103515245 + 12345;
			part = parts[(seed >> 16) % (round % 3 == 0 ? 4 : 14)];
			memcpy(text + n, part, strlen(part));
			n += strlen(part);
		}
		seed = seed * 1103515245 + 12345;
		if (round % 2)
			text[(seed >> 16) % n] = (char)(seed >> 8);
		while (want < n) {
			uint32_t cp;
			unsigned len = utf8_decode(text + want, n - want, &cp);

			if (len == 0)
				break;
			is_xml = is_xml && cp != 0xFFFE && cp != 0xFFFF &&
				 (cp >= 0x20 || strchr("\t\n\r", (int)cp)) &&
				 cp != 0;
			want += len;
			plain = utf8_plain_prefix(text, want, true);
			if (!is_xml)
				assert_true(plain < want);
		}
		assert_int_equal(utf8_valid_prefix(text, n), want);
		plain = utf8_plain_prefix(text, n, false);
		xml = utf8_plain_prefix(text, n, true);
		assert_true(plain <= want && xml <= plain);
		assert_true(plain == n || (text[plain] & 0xC0) != 0x80 ||
			    plain == want);
#ifdef __SSSE3__
		assert_true(plain + 19 > want);
#endif
	}
}

static void
escape_is_safe(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	str_escape(&b, "a\x1b[31m\n\t\\\xC2\x9B\xFF\xC3\xA9\x7F", 15, 100);
	assert_string_equal(
	    buf_str(&b), "a\\x1B[31m\\n\\t\\\\\\xC2\\x9B\\xFF\xC3\xA9\\x7F");
	for (size_t max = 3; max < 40; max++) {
		buf_clear(&b);
		str_escape(&b,
		    "\n\n\xC3\xA9\xC3\xA9\xE2\x82\xAC"
		    "abcdefghijklmnopqrstuvwxyz",
		    35, max);
		assert_true(b.len <= max);
		assert_true(utf8_valid(buf_str(&b), b.len));
	}
	assert_true(str_ends(buf_str(&b), "z"));
	buf_release(&b);
}

static void
json_shapes(void **state)
{
	struct buf b;
	struct json j;

	(void)state;
	buf_init(&b, 1000);
	json_init(&j, &b);
	json_open(&j, '{');
	json_field(&j, "a", "x\"\\\n\x01\xFFy");
	json_field(&j, "s",
	    "\x7F\xC2\x9B\xE2\x80\xAE\xE2\x80\xA8\xE2\x81\xA7éÚ日—\xE2\x80");
	json_field(&j, "none", NULL);
	json_field(&j, "empty", "");
	json_key(&j, "l");
	json_open(&j, '[');
	json_i64(&j, INT64_MIN);
	json_bool(&j, false);
	json_null(&j);
	json_open(&j, '{');
	json_close(&j, '}');
	json_strn(&j, "\0z", 2);
	json_close(&j, ']');
	json_field_i64(&j, "n", 3);
	json_close(&j, '}');
	assert_string_equal(buf_str(&b),
	    "{\"a\":\"x\\\"\\\\\\n\\u0001\xEF\xBF\xBDy\","
	    "\"s\":\"\\u007f\\u009b\\u202e\\u2028\\u2067éÚ日—"
	    "\xEF\xBF\xBD\xEF\xBF\xBD\",\"l\":"
	    "[-9223372036854775808,false,null,{},\"\\u0000z\"],\"n\":3}");
	buf_release(&b);
}

static void
numbers(void **state)
{
	int64_t i = 7;
	uint64_t u = 7;
	double d;
	bool yes;

	(void)state;
	assert_int_equal(
	    str_to_i64("-9223372036854775808", INT64_MIN, INT64_MAX, &i), 0);
	assert_true(i == INT64_MIN);
	assert_int_equal(
	    str_to_i64("9223372036854775808", INT64_MIN, INT64_MAX, &i), -1);
	assert_int_equal(str_to_i64("11", 0, 10, &i), -1);
	assert_int_equal(str_to_i64("", 0, 10, &i), -1);
	assert_int_equal(str_to_i64("1 ", 0, 10, &i), -1);
	assert_int_equal(str_to_i64("-", -1, 10, &i), -1);
	assert_true(i == INT64_MIN);
	assert_int_equal(
	    str_to_u64("18446744073709551616", UINT64_MAX, &u), -1);
	assert_int_equal(str_to_u64("18446744073709551615", UINT64_MAX, &u), 0);
	assert_int_equal(str_to_bytes("64k", &u), 0);
	assert_int_equal(u, 65536);
	assert_int_equal(str_to_bytes("2 GB", &u), 0);
	assert_int_equal(u, UINT64_C(2) << 30);
	assert_int_equal(str_to_bytes("99999999999T", &u), -1);
	assert_int_equal(str_to_bytes("k", &u), -1);
	assert_int_equal(str_to_share("10 %", &d), 0);
	assert_true(d > 0.0999 && d < 0.1001);
	assert_int_equal(str_to_share("0.25", &d), 0);
	assert_true(d == 0.25);
	assert_int_equal(str_to_share("101%", &d), -1);
	assert_int_equal(str_to_share("-1%", &d), -1);
	assert_int_equal(str_to_bool("Yes", &yes), 0);
	assert_true(yes);
	assert_int_equal(str_to_bool("OFF", &yes), 0);
	assert_false(yes);
	assert_int_equal(str_to_bool("maybe", &yes), -1);
}

static void
durations(void **state)
{
	static const struct {
		const char *in;
		int64_t ms;
		const char *out;
	} table[] = {
	    {"90", 90000, "1m 30s"},
	    {"90s", 90000, "1m 30s"},
	    {"15m", 900000, "15m"},
	    {"6h", 21600000, "6h"},
	    {"2d", 172800000, "2d"},
	    {"4w", INT64_C(2419200000), "28d"},
	    {"1y", INT64_C(31536000000), "365d"},
	    {"250ms", 250, "250ms"},
	    {"0", 0, "0ms"},
	};
	char out[64];
	int64_t ms;

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		assert_int_equal(str_to_duration_ms(table[i].in, &ms), 0);
		assert_int_equal(ms, table[i].ms);
		str_duration(out, sizeof(out), ms);
		assert_string_equal(out, table[i].out);
	}
	assert_int_equal(str_to_duration_ms("6 parsecs", &ms), -1);
	assert_int_equal(str_to_duration_ms("", &ms), -1);
	assert_int_equal(str_to_duration_ms("-1s", &ms), -1);
	assert_int_equal(str_to_duration_ms("9223372036854775807y", &ms), -1);
	str_duration(out, sizeof(out), 183600000);
	assert_string_equal(out, "2d 3h");
	str_bytes(out, sizeof(out), 999);
	assert_string_equal(out, "999 B");
	str_bytes(out, sizeof(out), 1400000);
	assert_string_equal(out, "1.4 MB");
	str_bytes(out, sizeof(out), 999960);
	assert_string_equal(out, "1.0 MB");
	str_bytes(out, sizeof(out), UINT64_MAX);
	assert_string_equal(out, "18.4 EB");
}

static void
words(void **state)
{
	char text[] = " \t a b \r\n", small[5];

	(void)state;
	assert_int_equal(str_distance("interval", "intreval", 3), 1);
	assert_int_equal(str_distance("interval", "INTERVAL", 3), 0);
	assert_int_equal(str_distance("kitten", "sitting", 5), 3);
	assert_int_equal(str_distance("kitten", "sitting", 2), 3);
	assert_int_equal(str_distance("", "abc", 5), 3);
	assert_string_equal(str_trim(text), "a b");
	assert_true(str_case_starts("HTTPS://x", "https://"));
	assert_true(str_ends("abc", "bc"));
	assert_false(str_ends("c", "bc"));
	str_copy(small, sizeof(small), "abc\xC3\xA9");
	assert_string_equal(small, "abc");
}

static void
errors_are_cut_at_a_boundary(void **state)
{
	struct err e;
	char longer[600];

	(void)state;
	for (size_t i = 0; i + 2 < sizeof(longer); i += 2)
		memcpy(longer + i, "\xC3\xA9", 3);
	for (int pad = 0; pad < 4; pad++) {
		err_set(&e, ERR_NET, 0, "%.*s%s", pad, "....", longer);
		assert_true(utf8_valid(e.text, strlen(e.text)));
		err_prefix(&e, "%.*s", pad, "....");
		assert_true(utf8_valid(e.text, strlen(e.text)));
	}
	assert_int_equal(err_set(NULL, ERR_NET, 0, "x"), -1);
	err_set(&e, ERR_HTTP, 503, "answered");
	err_prefix(&e, "source %d", 7);
	assert_string_equal(e.text, "source 7: answered");
	assert_int_equal(e.code, 503);
	for (int c = 0; c < ERR_CLASS_COUNT; c++)
		assert_int_equal(
		    err_class_parse(err_class_name((enum err_class)c)), c);
	assert_int_equal(err_class_parse("?"), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(utf8_all_code_points),
	    cmocka_unit_test(utf8_refuses),
	    cmocka_unit_test(utf8_quick_is_slow),
	    cmocka_unit_test(escape_is_safe),
	    cmocka_unit_test(json_shapes),
	    cmocka_unit_test(numbers),
	    cmocka_unit_test(durations),
	    cmocka_unit_test(words),
	    cmocka_unit_test(errors_are_cut_at_a_boundary),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
