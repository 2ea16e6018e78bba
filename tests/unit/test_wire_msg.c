/* The codec: what is written is read, and what is malformed is refused with
 * its reason, for every message of the table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "wire/msg.h"

static const struct msg start = {.type = MSG_FETCH_START,
    .fetch_start = {.job = UINT64_C(0x1122334455667788),
	.source = "wb-okr",
	.url = "https://example.org/oai?verb=Identify&x=\xc3\xa9",
	.allow_private = true,
	.connect_ms = 10000,
	.max_body = UINT64_C(1) << 40,
	.etag = NULL,
	.fds = 15}};

static int
decode(struct msg *m, const struct buf *b, struct err *e)
{
	err_clear(e);
	return msg_decode(m, b->data, b->len, ROLE_SHEAFD, ROLE_FETCH, 0, e);
}

static void
test_round_trip(void **state)
{
	struct buf b;
	struct msg m;
	struct err e;

	(void)state;
	buf_init(&b, LIMIT_MESSAGE_BYTES);
	assert_int_equal(msg_encode(&b, &start), 0);
	assert_int_equal(decode(&m, &b, &e), 0);
	assert_int_equal(m.type, MSG_FETCH_START);
	assert_true(m.fetch_start.job == start.fetch_start.job);
	assert_string_equal(m.fetch_start.source, "wb-okr");
	assert_string_equal(m.fetch_start.url, start.fetch_start.url);
	assert_true(m.fetch_start.allow_private);
	assert_int_equal(m.fetch_start.connect_ms, 10000);
	assert_true(m.fetch_start.max_body == UINT64_C(1) << 40);
	assert_string_equal(m.fetch_start.etag, "");
	assert_int_equal(m.fetch_start.fds, 15);
	buf_release(&b);
}

static void
test_numbers_and_blobs(void **state)
{
	static const unsigned char bytes[] = {0, 1, 0xff, 0};
	struct msg in = {.type = MSG_PAGE_OPEN}, m;
	struct buf b;
	struct err e;

	(void)state;
	in.page_open.fetched_at = INT64_MIN;
	in.page_open.body_hash = (struct blob){bytes, sizeof(bytes)};
	buf_init(&b, LIMIT_MESSAGE_BYTES);
	assert_int_equal(msg_encode(&b, &in), 0);
	assert_int_equal(
	    msg_decode(&m, b.data, b.len, ROLE_SHEAFD, ROLE_STORE, 2, &e), 0);
	assert_true(m.page_open.fetched_at == INT64_MIN);
	assert_int_equal(m.page_open.body_hash.len, sizeof(bytes));
	assert_memory_equal(m.page_open.body_hash.data, bytes, sizeof(bytes));
	buf_clear(&b);
	in = (struct msg){.type = MSG_RUN_CLOSE};
	in.run_close.max_change = 0.125;
	in.run_close.advertised = -1;
	assert_int_equal(msg_encode(&b, &in), 0);
	assert_int_equal(
	    msg_decode(&m, b.data, b.len, ROLE_SHEAFD, ROLE_STORE, 0, &e), 0);
	assert_true(m.run_close.max_change == 0.125);
	assert_true(m.run_close.advertised == -1);
	buf_release(&b);
}

/* A server's header in Latin-1 must not end the role that reports it. */
static void
test_text_is_repaired_by_the_sender(void **state)
{
	struct msg in = start, m;
	struct buf b;
	struct err e;

	(void)state;
	in.fetch_start.source = "caf\xe9!\xff";
	buf_init(&b, LIMIT_MESSAGE_BYTES);
	assert_int_equal(msg_encode(&b, &in), 0);
	assert_int_equal(decode(&m, &b, &e), 0);
	assert_string_equal(
	    m.fetch_start.source, "caf\xef\xbf\xbd!\xef\xbf\xbd");
	assert_string_equal(m.fetch_start.url, start.fetch_start.url);
	buf_release(&b);
}

static void
test_refuses(void **state)
{
	struct buf b, c;
	struct msg m;
	struct err e;

	(void)state;
	buf_init(&b, LIMIT_MESSAGE_BYTES);
	buf_init(&c, 2 * LIMIT_MESSAGE_BYTES);
	assert_int_equal(msg_encode(&b, &start), 0);
	/* the wrong way, too many descriptors, an unknown type */
	assert_int_equal(
	    msg_decode(&m, b.data, b.len, ROLE_FETCH, ROLE_SHEAFD, 0, &e), -1);
	assert_non_null(strstr(e.text, "may not send"));
	assert_int_equal(
	    msg_decode(&m, b.data, b.len, ROLE_SHEAFD, ROLE_FETCH, 5, &e), -1);
	assert_non_null(strstr(e.text, "descriptors"));
	b.data[1] = 0x7f;
	assert_int_equal(decode(&m, &b, &e), -1);
	assert_non_null(strstr(e.text, "unknown type"));
	b.data[1] = 0;
	/* left over */
	buf_add(&c, b.data, b.len);
	buf_addc(&c, 'x');
	assert_int_equal(decode(&m, &c, &e), -1);
	assert_non_null(strstr(e.text, "left over"));
	/* 2 type, 8 job, 4 length of "wb-okr": its bytes begin at 14 */
	b.data[15] = '\0';
	assert_int_equal(decode(&m, &b, &e), -1);
	assert_non_null(strstr(e.text, "NUL inside"));
	b.data[15] = (char)0xff;
	assert_int_equal(decode(&m, &b, &e), -1);
	assert_non_null(strstr(e.text, "UTF-8"));
	b.data[15] = 'b';
	b.data[20] = 'x';
	assert_int_equal(decode(&m, &b, &e), -1);
	assert_non_null(strstr(e.text, "end in NUL"));
	b.data[20] = '\0';
	memset(b.data + 10, 0xff, 4);
	assert_int_equal(decode(&m, &b, &e), -1);
	assert_non_null(strstr(e.text, "cut off"));
	assert_int_equal(
	    msg_decode(&m, "", 0, ROLE_SHEAFD, ROLE_FETCH, 0, &e), -1);
	buf_release(&b);
	buf_release(&c);
}

static void
test_refuses_a_strange_truth(void **state)
{
	struct msg in = {.type = MSG_PARSE_EXIT}, m;
	struct buf b;
	struct err e;

	(void)state;
	buf_init(&b, LIMIT_MESSAGE_BYTES);
	assert_int_equal(msg_encode(&b, &in), 0);
	b.data[2 + 8 + 4 + 4] = 2;
	assert_int_equal(
	    msg_decode(&m, b.data, b.len, ROLE_PARSE, ROLE_SHEAFD, 0, &e), -1);
	assert_non_null(strstr(e.text, "truth"));
	buf_release(&b);
}

static void
test_ceiling(void **state)
{
	char *text = xmalloc(LIMIT_MESSAGE_BYTES + 2);
	struct msg in = {.type = MSG_RUN_NOTE};
	struct buf b;

	(void)state;
	memset(text, 'x', LIMIT_MESSAGE_BYTES + 1);
	text[LIMIT_MESSAGE_BYTES + 1] = '\0';
	in.run_note.text = text;
	buf_init(&b, 4 * LIMIT_MESSAGE_BYTES);
	assert_int_equal(msg_encode(&b, &in), -1);
	text[LIMIT_MESSAGE_BYTES - 10] = '\0';
	buf_clear(&b);
	assert_int_equal(msg_encode(&b, &in), -1);
	text[LIMIT_MESSAGE_BYTES - 100] = '\0';
	buf_clear(&b);
	assert_int_equal(msg_encode(&b, &in), 0);
	buf_release(&b);
	free(text);
}

/* Every message, empty, whole and cut at each byte, in memory of its exact
 * size, so that a reader that goes beyond is seen by ASan. */
static void
test_every_message_cut_everywhere(void **state)
{
	struct err e;

	(void)state;
	for (int t = MSG_NONE + 1; t < MSG_TYPE_COUNT; t++) {
		const struct msg_info *info = msg_info((enum msg_type)t);
		struct msg in, m;
		struct buf b;

		memset(&in, 0, sizeof(in));
		in.type = (enum msg_type)t;
		buf_init(&b, LIMIT_MESSAGE_BYTES);
		assert_int_equal(msg_encode(&b, &in), 0);
		for (size_t n = 0; n <= b.len; n++) {
			char *copy = xmalloc(n ? n : 1);

			memcpy(copy, b.data, n);
			assert_int_equal(msg_decode(&m, copy, n, info->from,
					     info->to, info->max_fds, &e),
			    n == b.len ? 0 : -1);
			free(copy);
		}
		buf_release(&b);
	}
	assert_null(msg_info(MSG_NONE));
	assert_null(msg_info(MSG_TYPE_COUNT));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_round_trip),
	    cmocka_unit_test(test_numbers_and_blobs),
	    cmocka_unit_test(test_text_is_repaired_by_the_sender),
	    cmocka_unit_test(test_refuses),
	    cmocka_unit_test(test_refuses_a_strange_truth),
	    cmocka_unit_test(test_ceiling),
	    cmocka_unit_test(test_every_message_cut_everywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
