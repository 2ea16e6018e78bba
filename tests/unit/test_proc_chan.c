/* Channels: order, size, descriptors, a peer that stops reading, one that
 * dies, one that sends what it may not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <dirent.h>
#include <event2/event.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/date.h"
#include "base/limits.h"
#include "proc/chan.h"

struct end {
	struct chan *c;
	unsigned received, closed;
	uint64_t next; /* page number expected */
	size_t last_size;
	int fd; /* taken from the last message */
	bool is_order_broken, free_on_message, free_on_close;
	struct err why;
};

static struct event_base *base;
static struct end daemon_end, role_end_;

static void
on_msg(void *arg, const struct msg *m, int *fds, size_t nfds)
{
	struct end *e = arg;

	e->received++;
	if (m->type == MSG_PARSE_KILL && m->parse_kill.page != e->next++)
		e->is_order_broken = true;
	if (m->type == MSG_PARSE_PAGE)
		e->last_size = strlen(m->parse_page.format);
	if (nfds > 0) {
		if (e->fd >= 0)
			close(e->fd);
		e->fd = fds[0];
		fds[0] = -1;
	}
	if (e->free_on_message) {
		chan_free(e->c);
		e->c = NULL;
	}
}

static void
on_close(void *arg, const struct err *why)
{
	struct end *e = arg;

	e->closed++;
	e->why = *why;
	if (e->free_on_close) {
		chan_free(e->c);
		e->c = NULL;
	}
}

static const struct chan_ops ops = {on_msg, on_close};

static int
setup(void **state)
{
	struct err e;
	int a, b;

	(void)state;
	memset(&daemon_end, 0, sizeof(daemon_end));
	memset(&role_end_, 0, sizeof(role_end_));
	daemon_end.fd = role_end_.fd = -1;
	base = event_base_new();
	if (!base || chan_pair(&a, &b, &e) < 0)
		return -1;
	daemon_end.c =
	    chan_new(base, a, ROLE_SHEAFD, ROLE_PARSE, &ops, &daemon_end);
	role_end_.c =
	    chan_new(base, b, ROLE_PARSE, ROLE_SHEAFD, &ops, &role_end_);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	chan_free(daemon_end.c);
	chan_free(role_end_.c);
	if (role_end_.fd >= 0)
		close(role_end_.fd);
	event_base_free(base);
	return 0;
}

static void
turn(void)
{
	event_base_loop(base, EVLOOP_NONBLOCK);
}

static int
send_kill(uint64_t page)
{
	struct msg m = {.type = MSG_PARSE_KILL, .parse_kill = {.page = page}};

	return chan_send(daemon_end.c, &m, NULL, 0);
}

static unsigned
open_descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	unsigned n = 0;

	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

static void
test_thousands_in_order(void **state)
{
	enum { N = 100000 };
	int64_t begin = date_monotonic_ms(), ms;

	(void)state;
	for (uint64_t i = 0; i < N; i++)
		assert_int_equal(send_kill(i), 0);
	assert_true(chan_queued(daemon_end.c) > 0);
	while (role_end_.received < N)
		turn();
	assert_false(role_end_.is_order_broken);
	assert_int_equal(chan_queued(daemon_end.c), 0);
	ms = date_monotonic_ms() - begin;
	print_message("%d messages in %lld ms\n", N, (long long)ms);
}

static void
test_largest_message(void **state)
{
	char *text = xcalloc(1, LIMIT_MESSAGE_BYTES);
	struct msg m = {.type = MSG_PARSE_PAGE};

	(void)state;
	memset(text, 'x', LIMIT_MESSAGE_BYTES - 100);
	m.parse_page.format = text;
	for (int i = 0; i < 20; i++)
		assert_int_equal(chan_send(daemon_end.c, &m, NULL, 0), 0);
	while (role_end_.received < 20)
		turn();
	assert_int_equal(role_end_.last_size, LIMIT_MESSAGE_BYTES - 100);
	/* beyond the limit the channel breaks, from the loop */
	memset(text, 'x', LIMIT_MESSAGE_BYTES - 1);
	assert_int_equal(chan_send(daemon_end.c, &m, NULL, 0), -1);
	assert_int_equal(daemon_end.closed, 0);
	turn();
	assert_int_equal(daemon_end.closed, 1);
	assert_int_equal(daemon_end.why.class, ERR_LIMIT);
	assert_int_equal(chan_send(daemon_end.c, &m, NULL, 0), -1);
	free(text);
}

static void
test_descriptors(void **state)
{
	unsigned before = open_descriptors();
	struct msg m = {.type = MSG_PARSE_PAGE};
	int p[2];
	char c = 0;

	(void)state;
	/* the first ones go by the socket, the later wait with copies */
	while (chan_queued(daemon_end.c) == 0)
		assert_int_equal(send_kill(0), 0);
	assert_int_equal(pipe(p), 0);
	assert_int_equal(chan_send(daemon_end.c, &m, p, 2), 0);
	close(p[0]);
	assert_int_equal(write(p[1], "y", 1), 1);
	close(p[1]);
	while (role_end_.fd < 0)
		turn();
	assert_int_equal(read(role_end_.fd, &c, 1), 1);
	assert_int_equal(c, 'y');
	close(role_end_.fd);
	role_end_.fd = -1;
	/* the second descriptor was not taken, so it was closed */
	assert_int_equal(open_descriptors(), before);
}

static void
test_peer_that_does_not_read(void **state)
{
	unsigned before = open_descriptors();
	struct msg m = {.type = MSG_PARSE_PAGE};
	int fds[2] = {0, 1}, r = 0;
	char text[4096];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	m.parse_page.format = text;
	for (int i = 0; i < 100; i++)
		assert_int_equal(chan_send(daemon_end.c, &m, fds, 2), 0);
	for (size_t n = 0; n < 2 * LIMIT_CHANNEL_QUEUE && r == 0;
	     n += sizeof(text))
		r = chan_send(daemon_end.c, &m, NULL, 0);
	assert_int_equal(r, -1);
	event_base_loop(base, EVLOOP_NONBLOCK | EVLOOP_ONCE);
	while (daemon_end.closed == 0)
		turn();
	assert_int_equal(daemon_end.closed, 1);
	assert_non_null(strstr(daemon_end.why.text, "does not read"));
	while (role_end_.closed == 0)
		turn();
	close(role_end_.fd);
	role_end_.fd = -1;
	/* both ends closed their sockets, and no copy of a descriptor is left
	 */
	assert_int_equal(open_descriptors(), before - 2);
}

static void
test_last_words_of_a_peer(void **state)
{
	struct msg m = {.type = MSG_PARSE_EXIT};

	(void)state;
	assert_int_equal(chan_send(role_end_.c, &m, NULL, 0), 0);
	assert_int_equal(chan_flush(role_end_.c, 1000), 0);
	chan_free(role_end_.c);
	role_end_.c = NULL;
	assert_int_equal(send_kill(0), -1);
	assert_int_equal(daemon_end.closed, 0);
	turn();
	assert_int_equal(daemon_end.received, 1);
	assert_int_equal(daemon_end.closed, 1);
	assert_string_equal(daemon_end.why.text, "sheaf-parse ended");
	turn();
	assert_int_equal(daemon_end.closed, 1);
}

static void
test_free_inside_callbacks(void **state)
{
	(void)state;
	role_end_.free_on_message = true;
	daemon_end.free_on_close = true;
	assert_int_equal(send_kill(0), 0);
	assert_int_equal(send_kill(1), 0);
	turn();
	assert_int_equal(role_end_.received, 1);
	assert_null(role_end_.c);
	turn();
	assert_int_equal(daemon_end.closed, 1);
	assert_null(daemon_end.c);
}

/* A raw socket says what our own sender never would. */
static void
send_raw(const void *data, size_t n, unsigned nfds)
{
	char control[CMSG_SPACE(sizeof(int) * 8)];
	struct iovec iov = {(void *)(uintptr_t)data, n};
	struct msghdr mh = {.msg_iov = &iov, .msg_iovlen = 1};
	struct cmsghdr *cm;
	struct err e;
	int sv[2];

	assert_int_equal(chan_pair(&sv[0], &sv[1], &e), 0);
	chan_free(daemon_end.c);
	daemon_end.c =
	    chan_new(base, sv[0], ROLE_SHEAFD, ROLE_PARSE, &ops, &daemon_end);
	if (nfds > 0) {
		memset(control, 0, sizeof(control));
		mh.msg_control = control;
		mh.msg_controllen = CMSG_SPACE(sizeof(int) * nfds);
		cm = CMSG_FIRSTHDR(&mh);
		cm->cmsg_level = SOL_SOCKET;
		cm->cmsg_type = SCM_RIGHTS;
		cm->cmsg_len = CMSG_LEN(sizeof(int) * nfds);
		for (unsigned i = 0; i < nfds; i++)
			memcpy(CMSG_DATA(cm) + i * sizeof(int), &sv[1],
			    sizeof(int));
	}
	assert_int_equal(sendmsg(sv[1], &mh, 0), (int)n);
	close(sv[1]);
	while (daemon_end.closed == 0)
		turn();
}

static void
test_too_large(void **state)
{
	char *data = xcalloc(1, LIMIT_MESSAGE_BYTES + 1);

	(void)state;
	send_raw(data, LIMIT_MESSAGE_BYTES + 1, 0);
	assert_int_equal(daemon_end.received, 0);
	assert_non_null(strstr(daemon_end.why.text, "too large"));
	free(data);
}

static void
test_too_many_descriptors(void **state)
{
	struct buf b;
	struct msg m = {.type = MSG_PARSE_EXIT};
	unsigned before;

	(void)state;
	chan_free(role_end_.c);
	role_end_.c = NULL;
	before = open_descriptors();
	buf_init(&b, LIMIT_MESSAGE_BYTES);
	assert_int_equal(msg_encode(&b, &m), 0);
	send_raw(b.data, b.len, 8);
	assert_int_equal(daemon_end.received, 0);
	assert_int_equal(open_descriptors(), before - 1);
	daemon_end.closed = 0;
	send_raw(b.data, b.len, 1);
	assert_int_equal(daemon_end.received, 0);
	assert_non_null(strstr(daemon_end.why.text, "at most 0"));
	assert_int_equal(open_descriptors(), before - 1);
	daemon_end.closed = 0;
	send_raw("junk", 4, 0);
	assert_non_null(strstr(daemon_end.why.text, "unknown type"));
	buf_release(&b);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(test_thousands_in_order),
	    T(test_largest_message),
	    T(test_descriptors),
	    T(test_peer_that_does_not_read),
	    T(test_last_words_of_a_peer),
	    T(test_free_inside_callbacks),
	    T(test_too_large),
	    T(test_too_many_descriptors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
