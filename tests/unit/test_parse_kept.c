/* Which pages a parser's child gets, with one that says who it is, and one that
 * lies: the real zygote and its children around a reader of our own. */
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/alloc.h"
#include "parse/zygote.h"
#include "proc/packet.h"
#include "zygote_talk.h"

/* --- the reader, in the child ------------------------------------------------
 */
static void
say(uint64_t page, unsigned status, int fd)
{
	struct msg m = {.type = MSG_PARSE_EXIT,
	    .parse_exit = {.page = page, .status = status}};
	struct buf out;

	buf_init(&out, 1024);
	msg_encode(&out, &m);
	packet_send(ROLE_FD, out.data, out.len, &fd, fd >= 0);
	buf_release(&out);
}

static _Noreturn void
hang(void)
{
	for (;;)
		pause();
}

/* Every descriptor above the channel, as a sum of powers of two. */
static unsigned
descriptors(void)
{
	unsigned found = 0;

	for (int fd = ROLE_FD; fd < 32; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			found |= 1U << fd;
	return found;
}

static void *kept; /* that a page leaves behind */
static const char much[5000];

/* Does what the page's `set` says, and writes who it is. */
static int
read_page(
    const struct msg_parse_page *m, int body_fd, int stream_fd, int known_fd)
{
	const char *what = m->set;
	unsigned mine = 1U << ROLE_FD | 1U << body_fd | 1U << stream_fd;

	(void)known_fd;
	if (strcmp(what, "crash") == 0)
		raise(SIGSEGV);
	if (strcmp(what, "hang") == 0)
		hang();
	if (strcmp(what, "bad") == 0)
		return EX_DATAERR;
	if (strcmp(what, "grow") == 0) {
		kept = xmalloc(2 * LIMIT_PARSE_KEPT_HEAP);
		memset(kept, 1, 2 * LIMIT_PARSE_KEPT_HEAP);
	}
	if (strcmp(what, "hoard") == 0) {
		int last = body_fd, fd;

		while ((fd = dup(body_fd)) >= 0)
			last = fd;
		dprintf(stream_fd, "%d", last);
		return EX_OK;
	}
	dprintf(stream_fd, "%d", getpid());
	if (m->run != 0 && descriptors() != mine)
		dprintf(stream_fd, " with descriptors %x", descriptors());
	if (strcmp(what, "another page") == 0)
		say(m->page + 1, 0, -1);
	else if (strcmp(what, "a status") == 0)
		say(m->page, EX_DATAERR, -1);
	else if (strcmp(what, "a descriptor") == 0)
		say(m->page, 0, stream_fd);
	else if (strcmp(what, "garbage") == 0)
		(void)!write(ROLE_FD, "garbage", 7);
	else if (strcmp(what, "too much") == 0)
		(void)!write(ROLE_FD, much, sizeof(much));
	else if (strcmp(what, "and dies") == 0) {
		say(m->page, 0, -1);
		raise(SIGSEGV);
	} else if (strcmp(what, "and stays") == 0) {
		say(m->page, 0, -1);
		hang();
	} else
		return EX_OK;
	hang();
}

/* --- sheafd's side -----------------------------------------------------------
 */
static void
take_rules(const int *fds)
{
	(void)fds;
}

static int
setup(void **state)
{
	static char name[] = "test";
	static char *argv[] = {name, NULL};
	static const struct zygote_config config = {
	    .read_page = read_page, .take_rules = take_rules};
	struct role_ctx ctx;
	int parent, child;
	struct err e;
	pid_t pid;

	(void)state;
	assert_int_equal(chan_pair(&parent, &child, &e), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		signal(SIGSEGV, SIG_DFL);
		dup2(child, ROLE_FD);
		role_begin(&ctx, ROLE_PARSE, 1, argv);
		_exit(zygote_run(&ctx, &config));
	}
	close(child);
	talk_begin(pid, parent, 4);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	talk_end();
	return 0;
}

static uint64_t last_page;

static int
begin_page(struct msg_parse_page m)
{
	int ends[2], body = talk_body("");

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	m.page = last_page = z.count + 1;
	m.deadline_ms = m.deadline_ms ? m.deadline_ms : 10000;
	m.set = m.set ? m.set : "";
	talk_page(&m, body, ends[1]);
	close(ends[1]);
	close(body);
	return ends[0];
}

/* Who read the page, which went well; 0 where it did not. */
static pid_t
page(struct msg_parse_page m)
{
	int stream = begin_page(m);
	char who[64], *end;
	ssize_t n;
	pid_t pid;

	talk_wait((unsigned)last_page);
	assert_int_equal(z.exits[last_page - 1].page, last_page);
	n = read(stream, who, sizeof(who) - 1);
	assert_true(n >= 0);
	who[n] = '\0';
	pid = (pid_t)strtol(who, &end, 10);
	assert_string_equal(end, "");
	close(stream);
	return z.exits[last_page - 1].status == 0 ? pid : 0;
}

#define PAGE(...) page((struct msg_parse_page){__VA_ARGS__})
#define OF_RUN(n) .run = (n), .source = "a", .format = "oai_dc"

static bool
is_alive(pid_t pid)
{
	return kill(pid, 0) == 0;
}

static void
assert_ends(pid_t pid)
{
	for (int i = 0; i < WAIT_S * 100 && is_alive(pid); i++)
		talk_idle(10);
	assert_false(is_alive(pid));
}

static void
a_run_has_one_child(void **state)
{
	pid_t first = PAGE(OF_RUN(1));

	(void)state;
	assert_true(first > 0);
	for (int i = 0; i < 50; i++)
		assert_int_equal(PAGE(OF_RUN(1)), first);
	/* and beside another one's */
	assert_int_not_equal(PAGE(OF_RUN(2)), first);
	assert_int_equal(PAGE(OF_RUN(1)), first);
}

static void
without_a_run_each_has_its_own(void **state)
{
	pid_t first = PAGE(.source = "a");

	(void)state;
	assert_int_not_equal(PAGE(.source = "a"), first);
	assert_ends(first);
}

/* Where two pages of a run are read at a time, by two. */
static void
a_busy_one_gets_no_second(void **state)
{
	pid_t first = PAGE(OF_RUN(1)), second;
	int hanging;

	(void)state;
	hanging = begin_page((struct msg_parse_page){
	    OF_RUN(1), .set = "hang", .deadline_ms = 500});
	z.count++; /* its page's number is taken */
	second = PAGE(OF_RUN(1));
	z.count--;
	assert_true(second > 0 && second != first);
	close(hanging);
}

/* The run alone would do; but it is sheafd that says it. */
static void
none_serves_another_source_or_way(void **state)
{
	const struct msg_parse_page others[] = {
	    {.run = 1, .source = "b", .format = "oai_dc"},
	    {.run = 1, .source = "a", .format = "mods"},
	    {OF_RUN(1), .protocol = "oai-static"},
	    {OF_RUN(1), .kind = "article"},
	    {OF_RUN(1), .licence = "l"},
	    {OF_RUN(1), .keep = "kind: article"},
	    {OF_RUN(1), .crosswalk = "mods"},
	    {OF_RUN(1), .identity = "link"},
	    /* Bounds of texts count. */
	    {OF_RUN(1), .kind = "", .licence = "kind"},
	    {OF_RUN(1), .kind = "kind", .licence = ""},
	};
	pid_t before = PAGE(OF_RUN(1)), now;

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		now = page(others[i]);
		assert_true(now > 0 && now != before);
		assert_ends(before);
		before = now;
	}
}

/* Identify and the like have no format. */
static void
a_format_may_come_later(void **state)
{
	pid_t first = PAGE(.run = 1, .source = "a");

	(void)state;
	assert_int_equal(PAGE(OF_RUN(1)), first);
	assert_int_equal(PAGE(.run = 1, .source = "a"), first);
	assert_int_equal(PAGE(OF_RUN(1)), first);
	assert_int_not_equal(
	    PAGE(.run = 1, .source = "a", .format = "mods"), first);
}

static void
new_rules_make_new_children(void **state)
{
	struct msg m = {.type = MSG_PARSE_RULES};
	int fds[] = {talk_body(""), talk_body("")}, hanging;
	pid_t first = PAGE(OF_RUN(1)), busy;

	(void)state;
	/* one that is reading meanwhile, too */
	busy = PAGE(OF_RUN(2));
	hanging = begin_page((struct msg_parse_page){
	    OF_RUN(2), .set = "and stays", .deadline_ms = 5000});
	talk_send(&m, fds, 2);
	talk_wait((unsigned)last_page);
	assert_ends(first);
	assert_ends(busy);
	assert_int_not_equal(PAGE(OF_RUN(1)), first);
	assert_int_not_equal(PAGE(OF_RUN(2)), busy);
	close(fds[0]);
	close(fds[1]);
	close(hanging);
}

static void
it_ends_with_its_run(void **state)
{
	struct msg m = {.type = MSG_PARSE_FORGET, .parse_forget = {1}};
	pid_t first = PAGE(OF_RUN(1)), other = PAGE(OF_RUN(2));

	(void)state;
	talk_send(&m, NULL, 0);
	assert_ends(first);
	assert_int_equal(PAGE(OF_RUN(2)), other);
	assert_true(PAGE(OF_RUN(1)) > 0);
}

static void
it_does_not_wait_for_ever(void **state)
{
	pid_t first = PAGE(OF_RUN(1));

	(void)state;
	talk_idle(LIMIT_PARSE_KEPT_MS / 2);
	assert_int_equal(PAGE(OF_RUN(1)), first);
	talk_idle(LIMIT_PARSE_KEPT_MS / 2);
	assert_true(is_alive(first));
	talk_idle(LIMIT_PARSE_KEPT_MS);
	assert_ends(first);
	assert_int_equal(z.count, last_page); /* nobody is told */
}

static void
only_so_many_wait(void **state)
{
	pid_t pids[LIMIT_PARSE_KEPT + 3];

	(void)state;
	for (unsigned i = 0; i < LIMIT_PARSE_KEPT + 3; i++)
		pids[i] = PAGE(OF_RUN(i + 1));
	for (unsigned i = 0; i < 3; i++)
		assert_ends(pids[i]);
	for (unsigned i = 3; i < LIMIT_PARSE_KEPT + 3; i++)
		assert_true(is_alive(pids[i]));
}

static void
what_is_not_well_is_the_end(void **state)
{
	static const char *const ways[] = {"crash", "bad"};

	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		pid_t first = PAGE(OF_RUN(1));

		assert_int_equal(PAGE(OF_RUN(1), .set = ways[i]), 0);
		assert_int_equal(
		    z.exits[last_page - 1].signal, i == 0 ? SIGSEGV : 0);
		assert_ends(first);
		assert_true(PAGE(OF_RUN(1)) > 0);
	}
}

static void
one_that_was_killed_costs_its_page(void **state)
{
	struct msg m = {.type = MSG_PARSE_KILL};
	pid_t first = PAGE(OF_RUN(1)), second;
	int stream;

	(void)state;
	/* late */
	assert_int_equal(PAGE(OF_RUN(1), .set = "hang", .deadline_ms = 200), 0);
	assert_true(z.exits[last_page - 1].deadline);
	assert_ends(first);
	/* on request */
	first = PAGE(OF_RUN(1));
	stream = begin_page((struct msg_parse_page){OF_RUN(1), .set = "hang"});
	m.parse_kill.page = last_page;
	talk_send(&m, NULL, 0);
	talk_wait((unsigned)last_page);
	assert_int_equal(z.exits[last_page - 1].signal, SIGKILL);
	assert_false(z.exits[last_page - 1].deadline);
	assert_ends(first);
	close(stream);
	/* while it waits: the next page does not suffer */
	first = PAGE(OF_RUN(1));
	kill(first, SIGKILL);
	assert_ends(first);
	second = PAGE(OF_RUN(1));
	assert_true(second > 0 && second != first);
	/* a page that was read is not killed any more */
	m.parse_kill.page = last_page;
	talk_send(&m, NULL, 0);
	assert_int_equal(PAGE(OF_RUN(1)), second);
}

static void
one_that_has_grown_gets_no_further_page(void **state)
{
	pid_t first = PAGE(OF_RUN(1));

	(void)state;
	assert_int_equal(PAGE(OF_RUN(1), .set = "grow"), first);
	assert_ends(first);
	assert_int_not_equal(PAGE(OF_RUN(1)), first);
}

/* Bodies are memory: one that is taken over must not keep those of all pages of
 * its run. */
static void
it_has_few_descriptors(void **state)
{
	(void)state;
	assert_true(PAGE(OF_RUN(1)) > 0);
	assert_in_range(
	    PAGE(OF_RUN(1), .set = "hoard"), ROLE_FD, LIMIT_PARSE_FILES - 1);
}

static void
lies_cost_their_page(void **state)
{
	static const char *const lies[] = {
	    "another page", "a status", "a descriptor", "garbage", "too much"};

	(void)state;
	for (size_t i = 0; i < sizeof(lies) / sizeof(*lies); i++) {
		pid_t first = PAGE(OF_RUN(1)), other = PAGE(OF_RUN(2));

		assert_int_equal(PAGE(OF_RUN(1), .set = lies[i]), 0);
		assert_int_equal(z.exits[last_page - 1].signal, SIGKILL);
		assert_ends(first);
		assert_true(PAGE(OF_RUN(1)) > 0);
		assert_int_equal(PAGE(OF_RUN(2)), other);
	}
}

/* What it said of its page holds; what it does then is its own harm. */
static void
what_comes_behind_the_verdict_is_nobodys(void **state)
{
	pid_t first = PAGE(OF_RUN(1), .set = "and dies"), second;
	int stream;
	char byte[16];

	(void)state;
	assert_true(first > 0);
	assert_ends(first);
	/* It holds its page's stream, which ends when it is not waited for. */
	stream =
	    begin_page((struct msg_parse_page){OF_RUN(1), .set = "and stays"});
	talk_wait((unsigned)last_page);
	assert_int_equal(z.exits[last_page - 1].status, 0);
	assert_true(read(stream, byte, sizeof(byte)) > 0);
	alarm(WAIT_S);
	assert_int_equal(read(stream, byte, sizeof(byte)), 0);
	alarm(0);
	close(stream);
	second = PAGE(OF_RUN(1));
	assert_true(second > 0 && second != first);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(a_run_has_one_child),
	    TEST(without_a_run_each_has_its_own),
	    TEST(a_busy_one_gets_no_second),
	    TEST(none_serves_another_source_or_way),
	    TEST(a_format_may_come_later),
	    TEST(new_rules_make_new_children),
	    TEST(it_ends_with_its_run),
	    TEST(it_does_not_wait_for_ever),
	    TEST(only_so_many_wait),
	    TEST(what_is_not_well_is_the_end),
	    TEST(one_that_was_killed_costs_its_page),
	    TEST(one_that_has_grown_gets_no_further_page),
	    TEST(it_has_few_descriptors),
	    TEST(lies_cost_their_page),
	    TEST(what_comes_behind_the_verdict_is_nobodys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
