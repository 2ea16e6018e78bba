/* Tables: widths as a terminal shows them, escaping, JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "query/table.h"

static const struct table_column columns[] = {
    {"NAME", "name", TABLE_TEXT, 6},
    {"COUNT", "count", TABLE_NUMBER, 0},
    {"ON", "on", TABLE_BOOL, 0},
};

static char *
printed(const struct table *t, bool json)
{
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	table_print(t, f, json);
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
	text = printed(t, false);
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
	text = printed(t, false);
	assert_string_equal(text, "NAME                  GOT     SAME  LOST\n"
				  "a                       5        0     0\n"
				  "a name that is rath…    5  1234567     2\n"
				  "    it does not fit beside the rest\n");
	free(text);
	setenv("COLUMNS", "30", 1);
	text = printed(t, false);
	assert_string_equal(text, "NAME          GOT     SAME\n"
				  "a               5        0\n"
				  "a name that…    5  1234567\n"
				  "    2 lost\n"
				  "    it does not fit beside the\n"
				  "    rest\n");
	free(text);
	setenv("COLUMNS", "200", 1);
	text = printed(t, false);
	assert_non_null(strstr(text, "2  it does not fit beside the rest\n"));
	assert_null(strstr(text, "99"));
	free(text);
	unsetenv("COLUMNS");
	text = printed(t, true);
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
	text = printed(t, false);
	assert_null(strchr(text, '\033'));
	assert_string_equal(strchr(text, '\n') + 1, "\\x1B[2Jx\\ny\n");
	free(text);
	text = printed(t, true);
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
	text = printed(t, true);
	assert_string_equal(text,
	    "{\"name\":\"42\",\"count\":42,\"on\":true}\n{\"name\":\"b\"}\n"
	    "{\"name\":\"c\",\"count\":12.5,\"on\":false}\n"
	    "{\"name\":\"d\",\"count\":\"NaN\"}\n");
	assert_int_equal(table_rows(t), 4);
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
