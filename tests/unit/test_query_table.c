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
	text = printed(t, true);
	assert_string_equal(text,
	    "{\"name\":\"42\",\"count\":42,\"on\":true}\n{\"name\":\"b\"}\n");
	assert_int_equal(table_rows(t), 2);
	free(text);
	table_free(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(columns_line_up),
	    cmocka_unit_test(a_strangers_bytes_forge_nothing),
	    cmocka_unit_test(json_has_types_and_leaves_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
