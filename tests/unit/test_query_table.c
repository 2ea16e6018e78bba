/* Tables: widths as a terminal shows them, escaping, JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "query/csv.h"
#include "query/table.h"

static const struct table_column columns[] = {
    {"NAME", "name", TABLE_TEXT, 6},
    {"COUNT", "count", TABLE_NUMBER, 0},
    {"ON", "on", TABLE_BOOL, 0},
};

static char *
printed(const struct table *t, enum table_form form)
{
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	table_print(t, f, form);
	assert_int_equal(fclose(f), 0);
	char *copy = strdup(text); /* gcc takes text for dangling here */
	free(text);
	return copy;
}

static void
row(struct table *t, const char *name, int64_t n, const char *on)
{
	table_cell(t, name);
	table_cell_i64(t, n);
	table_cell(t, on);
}

static void
columns_line_up(void **state)
{
	struct table *t = table_new(columns, 3);
	char *text;

	(void)state;
	row(t, "é", 5, "t");
	row(t, "日本", 12345678, "f");
	row(t, "much too long", 1, NULL);
	text = printed(t, TABLE_PEOPLE);
	assert_string_equal(text, "NAME       COUNT  ON\n"
				  "é              5  yes\n"
				  "日本    12345678  no\n"
				  "much …         1  -\n");
	free(text);
	table_free(t);
}

/* What does not fit stands under its row: sentences whole, counters with their
 * names; a name is cut. */
static void
lines_fit_the_terminal(void **state)
{
	static const struct table_column wide[] = {
	    {"NAME", "name", TABLE_TEXT, 30},
	    {"GOT", "got", TABLE_NUMBER, 0},
	    {"SAME", "same", TABLE_NUMBER | TABLE_SPARING, 0},
	    {"LOST", "lost", TABLE_NUMBER | TABLE_SPARING, 0},
	    {"BYTES", "bytes", TABLE_NUMBER | TABLE_JSON_ONLY, 0},
	    {"WHY", "why", TABLE_TEXT | TABLE_BELOW, 0},
	};
	struct table *t = table_new(wide, 6);
	char *text;

	(void)state;
	setenv("COLUMNS", "40", 1);
	for (int i = 0; i < 2; i++) {
		table_cell(t, i == 0 ? "a" : "a name that is rather long");
		table_cell_i64(t, 5);
		table_cell_i64(t, i * 1234567);
		table_cell_i64(t, i * 2);
		table_cell_i64(t, 99);
		table_cell(
		    t, i == 0 ? NULL : "it does not fit beside the rest");
	}
	text = printed(t, TABLE_PEOPLE);
	assert_string_equal(text, "NAME                  GOT     SAME  LOST\n"
				  "a                       5        0     0\n"
				  "a name that is rath…    5  1234567     2\n"
				  "    it does not fit beside the rest\n");
	free(text);
	setenv("COLUMNS", "30", 1);
	text = printed(t, TABLE_PEOPLE);
	assert_string_equal(text, "NAME          GOT     SAME\n"
				  "a               5        0\n"
				  "a name that…    5  1234567\n"
				  "    2 lost\n"
				  "    it does not fit beside the\n"
				  "    rest\n");
	free(text);
	setenv("COLUMNS", "200", 1);
	text = printed(t, TABLE_PEOPLE);
	assert_non_null(strstr(text, "2  it does not fit beside the rest\n"));
	assert_null(strstr(text, "99"));
	free(text);
	unsetenv("COLUMNS");
	text = printed(t, TABLE_JSON);
	assert_non_null(strstr(text, "\"bytes\":99"));
	free(text);
	table_free(t);
}

static void
a_strangers_bytes_forge_nothing(void **state)
{
	static const struct table_column wide[] = {{"T", "t", TABLE_TEXT, 0}};
	struct table *t = table_new(wide, 1);
	char *text;

	(void)state;
	table_cell(t, "\033[2Jx\ny");
	text = printed(t, TABLE_PEOPLE);
	assert_null(strchr(text, '\033'));
	assert_string_equal(strchr(text, '\n') + 1, "\\x1B[2Jx\\ny\n");
	free(text);
	text = printed(t, TABLE_JSON);
	assert_null(strchr(text, '\033'));
	assert_string_equal(text, "{\"t\":\"\\u001b[2Jx\\ny\"}\n");
	free(text);
	table_free(t);
}

static void
json_has_types_and_leaves_out(void **state)
{
	struct table *t = table_new(columns, 3);
	char *text;

	(void)state;
	row(t, "42", 42, "t");
	table_cell(t, "b");
	table_cell(t, NULL);
	table_cell(t, "");
	table_cell(t, "c");
	table_cell(t, "12.5");
	table_cell(t, "f");
	table_cell(t, "d");
	table_cell(t, "NaN");
	table_cell(t, "");
	text = printed(t, TABLE_JSON);
	assert_string_equal(text,
	    "{\"name\":\"42\",\"count\":42,\"on\":true}\n{\"name\":\"b\"}\n"
	    "{\"name\":\"c\",\"count\":12.5,\"on\":false}\n"
	    "{\"name\":\"d\",\"count\":\"NaN\"}\n");
	assert_int_equal(table_rows(t), 4);
	free(text);
	table_free(t);
}

/* The longest fills its column; what is there at all is seen. */
static void
bars_are_for_people(void **state)
{
	static const struct table_column bars[] = {
	    {"N", "n", TABLE_NUMBER, 0},
	    {"", "bar", TABLE_BAR, 0},
	    {"WHY", "why", TABLE_TEXT | TABLE_PEOPLE_ONLY, 0},
	    {"REASONS", "reasons", TABLE_VALUE | TABLE_JSON_ONLY, 0},
	};
	static const char *const counts[] = {"1600", "840", "1", "0"};
	struct table *t = table_new(bars, 4);
	char *text;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		table_cell(t, counts[i]);
		table_cell(t, counts[i]);
		table_cell(t, "x");
		table_cell(t, i == 0 ? "[{\"a\": 1}]" : NULL);
	}
	setenv("COLUMNS", "100", 1);
	text = printed(t, TABLE_PEOPLE);
	assert_string_equal(text, "   N                        WHY\n"
				  "1600  ████████████████████  x\n"
				  " 840  ██████████▌           x\n"
				  "   1  ▏                     x\n"
				  "   0                        x\n");
	free(text);
	setenv("COLUMNS", "20", 1);
	text = printed(t, TABLE_PEOPLE);
	unsetenv("COLUMNS");
	assert_string_equal(text, "   N  WHY\n1600  x\n 840  x\n   1  x\n"
				  "   0  x\n");
	free(text);
	text = printed(t, TABLE_JSON);
	assert_string_equal(text,
	    "{\"n\":1600,\"reasons\":[{\"a\": 1}]}\n{\"n\":840}\n"
	    "{\"n\":1}\n{\"n\":0}\n");
	free(text);
	text = printed(t, TABLE_CSV);
	assert_string_equal(text,
	    "n,reasons\r\n1600,\"[{\"\"a\"\": 1}]\"\r\n840,\r\n1,\r\n0,\r\n");
	free(text);
	table_free(t);
}

/* What a spreadsheet makes of a text, whatever parts its cells, is a text. */
static void
csv_is_no_formula(void **state)
{
	static const struct {
		const char *cell, *want;
	} cases[] = {
	    {"", ""},
	    {"plain", "plain"},
	    {"a,b", "\"a,b\""},
	    {"say \"x\"", "\"say \"\"x\"\"\""},
	    {"two\nlines\r\n", "two lines  "},
	    {"=1+1", "'=1+1"},
	    {"+49", "'+49"},
	    {"-x", "'-x"},
	    {"@sum", "'@sum"},
	    {"\t=1", " '=1"},
	    {"\"=1", "\"\"\"'=1\""},
	    {"a;=1", "\"a;'=1\""},
	    {"a;\"=1", "\"a;\"\"'=1\""},
	    {"a; - b", "\"a; - b\""},
	    {"a\n=1", "a =1"},
	    {"1=1", "1=1"},
	    {"\uff1d1", "'\uff1d1"},
	    {"\u0645\u0627\u0621", "\u0645\u0627\u0621"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf b;

		buf_init(&b, 1024);
		csv_text(&b, cases[i].cell);
		assert_string_equal(buf_str(&b), cases[i].want);
		buf_release(&b);
	}
}

/* Numbers and truth stay what they are, and nothing known is an empty cell. */
static void
csv_has_a_heading_and_types(void **state)
{
	struct table *t = table_new(columns, 3);
	char *text;

	(void)state;
	row(t, "-1", -1, "t");
	row(t, NULL, 0, NULL);
	text = printed(t, TABLE_CSV);
	assert_string_equal(text, "name,count,on\r\n'-1,-1,true\r\n,0,\r\n");
	free(text);
	table_free(t);
	t = table_new(columns, 3);
	text = printed(t, TABLE_CSV);
	assert_string_equal(text, "name,count,on\r\n");
	free(text);
	table_free(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(columns_line_up),
	    cmocka_unit_test(lines_fit_the_terminal),
	    cmocka_unit_test(a_strangers_bytes_forge_nothing),
	    cmocka_unit_test(json_has_types_and_leaves_out),
	    cmocka_unit_test(bars_are_for_people),
	    cmocka_unit_test(csv_is_no_formula),
	    cmocka_unit_test(csv_has_a_heading_and_types),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
