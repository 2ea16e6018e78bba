/* The head of an answer, line by line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "fetch/answer.h"

static void
feed(struct answer *a, const char *const *lines)
{
	for (; *lines != NULL; lines++)
		assert_int_equal(
		    answer_line(a, *lines, strlen(*lines), NULL), 0);
}

static void
keeps_what_is_acted_on(void **state)
{
	static const char *const lines[] = {"HTTP/1.1 100 Continue\r\n",
	    "Server: early\r\n", "\r\n", "HTTP/1.1 503 Busy\r\n",
	    "Content-Type:text/xml; charset=utf-8 \r\n", "ETAG:  W/\"x\"\r\n",
	    "Retry-After: 120\r\n", "X-Other: y\r\n", "no colon\r\n",
	    "Retry-After: 9\r\n", "Expires:\r\n", "\r\n",
	    "Last-Modified: a trailer\r\n", NULL};
	struct answer a = {0};

	(void)state;
	feed(&a, lines);
	assert_int_equal(a.status, 503);
	assert_true(a.head_complete);
	assert_string_equal(
	    answer_get(&a, ANSWER_CONTENT_TYPE), "text/xml; charset=utf-8");
	assert_string_equal(answer_get(&a, ANSWER_ETAG), "W/\"x\"");
	assert_string_equal(answer_get(&a, ANSWER_RETRY_AFTER), "120");
	assert_string_equal(answer_get(&a, ANSWER_SERVER), "");
	assert_string_equal(answer_get(&a, ANSWER_EXPIRES), "");
	assert_string_equal(answer_get(&a, ANSWER_LAST_MODIFIED), "");
	assert_false(answer_is_redirect(&a));
	answer_clear(&a);
}

static void
redirects_need_a_location(void **state)
{
	static const char *const with[] = {
	    "HTTP/2 301\r\n", "location: /x\r\n", "\r\n", NULL};
	static const char *const without[] = {"HTTP/2 301\r\n", "\r\n", NULL};
	static const char *const other[] = {
	    "HTTP/2 300\r\n", "location: /x\r\n", "\r\n", NULL};
	struct answer a = {0};

	(void)state;
	feed(&a, with);
	assert_true(answer_is_redirect(&a));
	feed(&a, without);
	assert_false(answer_is_redirect(&a));
	feed(&a, other);
	assert_false(answer_is_redirect(&a));
	answer_clear(&a);
}

static void
strange_bytes_become_text(void **state)
{
	static const char *const lines[] = {"HTTP/1.1 200 \xff\r\n",
	    "Server: a\x1b[31m\xe9\r\n", "ETag: \"\xe9\"\r\n",
	    "Content-Type: text/\xc3\xa9\r\n", "\r\n", NULL};
	struct answer a = {0};

	(void)state;
	feed(&a, lines);
	assert_string_equal(answer_get(&a, ANSWER_SERVER), "a?[31m?");
	assert_string_equal(
	    answer_get(&a, ANSWER_CONTENT_TYPE), "text/\xc3\xa9");
	/* An ETag that cannot be given back as it came is not used. */
	assert_string_equal(answer_get(&a, ANSWER_ETAG), "");
	answer_clear(&a);
}

static void
heads_have_a_limit(void **state)
{
	struct answer a = {0};
	struct err e;
	char line[1024];
	size_t sent = 0;

	(void)state;
	memset(line, 'x', sizeof(line));
	line[1] = ':';
	while (answer_line(&a, line, sizeof(line), &e) == 0)
		sent += sizeof(line);
	assert_int_equal(sent, LIMIT_HEADER_BYTES);
	assert_int_equal(e.class, ERR_LIMIT);
	answer_clear(&a);
}

static void
long_values_are_cut(void **state)
{
	struct answer a = {0};
	char line[8192] = "Server: ";

	(void)state;
	memset(line + 8, 's', sizeof(line) - 8);
	assert_int_equal(answer_line(&a, line, sizeof(line), NULL), 0);
	assert_int_equal(strlen(answer_get(&a, ANSWER_SERVER)), 4097);
	answer_clear(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(keeps_what_is_acted_on),
	    cmocka_unit_test(redirects_need_a_location),
	    cmocka_unit_test(strange_bytes_become_text),
	    cmocka_unit_test(heads_have_a_limit),
	    cmocka_unit_test(long_values_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
