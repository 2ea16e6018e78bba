/* The INI lexer: every form that sheaf.conf(5) promises, and every refusal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "config/lexer.h"

static struct arena arena;

static struct lex_item
nth(const char *text, size_t n)
{
	struct lex_item item;
	struct lexer l;

	lexer_init(&l, &arena, text, strlen(text));
	do {
		lexer_next(&l, &item);
	} while (n-- && item.kind != LEX_END);
	return item;
}

static void
is_value(const char *text, const char *value)
{
	struct lex_item item = nth(text, 0);

	assert_int_equal(item.kind, LEX_KEY);
	assert_string_equal(item.value, value);
}

static void
is_wrong(const char *text, const char *part)
{
	struct lex_item item = nth(text, 0);

	assert_int_equal(item.kind, LEX_WRONG);
	assert_non_null(strstr(item.value, part));
}

static void
test_sections(void **state)
{
	struct lex_item item = nth("\n# x\n [set  a b:c ] # why\n", 0);

	(void)state;
	assert_int_equal(item.kind, LEX_SECTION);
	assert_int_equal(item.line, 3);
	assert_int_equal(item.word_count, 3);
	assert_string_equal(item.words[0], "set");
	assert_string_equal(item.words[2], "b:c");
	is_wrong("[daemon\n", "no closing ]");
	is_wrong("[]\n", "no name");
	is_wrong("[a b c d]\n", "too many words");
	is_wrong("[daemon] x\n", "follows");
}

static void
test_values(void **state)
{
	(void)state;
	is_value("a = b", "b");
	is_value("a=b\r\n", "b");
	is_value("\xef\xbb\xbf"
		 "a = b\n",
	    "b");
	is_value("a = b # note\n", "b");
	is_value("a = b#c ;d\n", "b#c ;d");
	is_value("a =\t # only a note\n", "");
	is_value("a = x=y\n", "x=y");
	is_value("a = \"b # c \\\" \\\\\" # note\n", "b # c \" \\");
	is_value("a = r\xc3\xa9sum\xc3\xa9\n", "r\xc3\xa9sum\xc3\xa9");
}

static void
test_continued(void **state)
{
	(void)state;
	is_value("a = b\n  c # note\n  # all of it\n\td\ne = f\n", "b c d");
	is_value("a =\n  c\n", "c");
	is_value("a = b\n\n", "b");
	/* A file that is indented as a whole is no continuation. */
	is_value("  a = b\n  e = f\n", "b");
	assert_string_equal(nth("  a = b\n  e = f\n", 1).key, "e");
	assert_string_equal(nth("  a = b\n    g\n  e = f\n", 0).value, "b g");
	is_wrong("a = \"b\"\n c\n", "quoted");
}

static void
test_refusals(void **state)
{
	char *longline = malloc(LIMIT_CONFIG_LINE_BYTES + 10);
	char *many = malloc(LIMIT_CONFIG_LINE_BYTES * 3);
	size_t n = 0;

	(void)state;
	is_wrong("no equals sign\n", "neither");
	is_wrong(" = x\n", "no key");
	is_wrong("a = \xff\n", "UTF-8");
	is_wrong("a = b\x1b[0m\n", "control");
	is_wrong("a = \"b\n", "not closed");
	is_wrong("a = \"b\" c\n", "follows");
	is_wrong("a = \"b\\n\"\n", "stands alone");
	memset(longline, 'x', LIMIT_CONFIG_LINE_BYTES + 9);
	longline[LIMIT_CONFIG_LINE_BYTES + 9] = '\0';
	longline[1] = '=';
	is_wrong(longline, "too long");
	n += (size_t)sprintf(many, "a =\n");
	while (n < LIMIT_CONFIG_LINE_BYTES * 2)
		n += (size_t)sprintf(many + n, "  0123456789\n");
	is_wrong(many, "too long");
	free(longline);
	free(many);
	/* What is wrong does not hide what follows. */
	assert_string_equal(nth("bad\na = b\n", 1).key, "a");
	assert_int_equal(nth("bad\na = b\n", 1).line, 2);
	assert_int_equal(nth("", 0).kind, LEX_END);
}

static int
set_up(void **state)
{
	(void)state;
	arena_init(&arena, 0);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_sections),
	    cmocka_unit_test(test_values),
	    cmocka_unit_test(test_continued),
	    cmocka_unit_test(test_refusals),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
