/* The real program as sheafd starts it: pages, deadlines, kills, its end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/date.h"
#include "proc/role.h"
#include "record/stream.h"
#include "tables.h"

enum { WAIT_S = 20 };

static struct {
	struct event_base *base;
	struct chan *chan;
	pid_t pid;
	struct msg_parse_exit exits[512];
	unsigned count, wanted;
	bool is_closed;
} z;

static void
on_msg(void *arg, const struct msg *m, int *fds, size_t nfds)
{
	(void)arg;
	(void)fds;
	assert_int_equal(nfds, 0);
	assert_int_equal(m->type, MSG_PARSE_EXIT);
	assert_true(z.count < sizeof(z.exits) / sizeof(*z.exits));
	z.exits[z.count++] = m->parse_exit;
	if (z.count >= z.wanted)
		event_base_loopbreak(z.base);
}

static void
on_close(void *arg, const struct err *why)
{
	(void)arg;
	(void)why;
	z.is_closed = true;
	event_base_loopbreak(z.base);
}

static int
setup(void **state)
{
	static const struct chan_ops ops = {on_msg, on_close};
	struct msg m = {.type = MSG_PARSE_SETUP, .parse_setup = {4}};
	const char *build = getenv("SHEAF_BUILD");
	char *path = xasprintf("%s/sheaf-parse", build ? build : ".");
	struct err e;
	int fd;

	(void)state;
	memset(&z, 0, sizeof(z));
	z.base = event_base_new();
	z.pid = proc_spawn_role(path, ROLE_PARSE, &fd, &e);
	if (z.pid < 0)
		fail_msg("%s: %s", path, e.text);
	free(path);
	z.chan = chan_new(z.base, fd, ROLE_SHEAFD, ROLE_PARSE, &ops, NULL);
	return chan_send(z.chan, &m, NULL, 0);
}

static int
teardown(void **state)
{
	int status;

	(void)state;
	if (z.chan != NULL)
		chan_free(z.chan);
	assert_int_equal(waitpid(z.pid, &status, 0), z.pid);
	event_base_free(z.base);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	return 0;
}

static void
wait_for(unsigned exits)
{
	struct timeval tv = {WAIT_S, 0};

	z.wanted = exits;
	event_base_loopexit(z.base, &tv);
	while (z.count < exits && !z.is_closed)
		if (event_base_dispatch(z.base) != 0 ||
		    event_base_got_exit(z.base))
			break;
	assert_int_equal(z.count, exits);
}

static int
body_of(const char *text)
{
	int fd = memfd_create("page", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	return fd;
}

static void
send_page(uint64_t page, int body, int stream, uint32_t deadline_ms)
{
	struct msg m = {.type = MSG_PARSE_PAGE,
	    .parse_page = {.page = page,
		.protocol = "oai-pmh",
		.deadline_ms = deadline_ms}};
	int fds[2] = {body, stream};

	assert_int_equal(chan_send(z.chan, &m, fds, 2), 0);
}

static const char good[] =
    "<OAI-PMH><ListRecords><record><header><identifier>i</identifier>"
    "<datestamp>2024</datestamp></header></record></ListRecords></OAI-PMH>";

static void
pages_come_back(void **state)
{
	char got[8192];
	int ends[2], body = body_of(good), bad = body_of("<html></html>");

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	send_page(7, body, ends[1], 10000);
	close(ends[1]);
	wait_for(1);
	assert_int_equal(z.exits[0].page, 7);
	assert_int_equal(z.exits[0].status, 0);
	assert_int_equal(z.exits[0].signal, 0);
	assert_true(read(ends[0], got, sizeof(got)) > 60);
	close(ends[0]);
	/* the shared offset was not moved */
	assert_int_equal(lseek(body, 0, SEEK_CUR), strlen(good));
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	send_page(8, bad, ends[1], 10000);
	close(ends[1]);
	wait_for(2);
	assert_int_equal(z.exits[1].status, 65);
	close(ends[0]);
	close(body);
	close(bad);
}

static int
fd_of(const void *block, size_t n)
{
	int fd = memfd_create("tables", MFD_CLOEXEC);

	assert_int_equal(write(fd, block, n), n);
	return fd;
}

static void
send_tables(const void *block, size_t n, const void *texts, size_t text_n)
{
	struct msg m = {.type = MSG_PARSE_RULES, .parse_rules = {n}};
	int fds[] = {fd_of(block, n), fd_of(texts, text_n)};

	assert_int_equal(chan_send(z.chan, &m, fds, 2), 0);
	close(fds[0]);
	close(fds[1]);
}

/* With the crosswalks that there are. */
static void
send_rules(const void *block, size_t n)
{
	struct buf texts;

	buf_init(&texts, 1 << 20);
	tables_walk_texts(&texts);
	send_tables(block, n, texts.data, texts.len);
	buf_release(&texts);
}

/* Whether a page is read by the tables that came last and were sound. */
static void
assert_language(uint64_t page, const char *code)
{
	static const char text[] =
	    "<OAI-PMH><ListRecords><record><header><identifier>i</identifier>"
	    "<datestamp>2024</datestamp></header><metadata><dc><language>eng"
	    "</language></dc></metadata></record></ListRecords></OAI-PMH>";
	char got[8192];
	int ends[2], body = body_of(text);
	ssize_t n;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	send_page(page, body, ends[1], 10000);
	close(ends[1]);
	close(body);
	wait_for((unsigned)page);
	assert_int_equal(z.exits[page - 1].status, 0);
	n = read(ends[0], got, sizeof(got));
	assert_true(n > 60);
	assert_int_equal(
	    memmem(got, (size_t)n, "mapped", 6) != NULL, code != NULL);
	close(ends[0]);
}

static void
tables_are_taken_when_sound(void **state)
{
	const struct rules *r = tables_rules();
	char *damaged = xcalloc(1, rules_size(r));

	(void)state;
	assert_language(1, NULL);
	send_rules(r, rules_size(r));
	assert_language(2, "en");
	send_rules(damaged, rules_size(r));
	send_rules(r, 100);
	assert_language(3, "en");
	memcpy(damaged, r, rules_size(r));
	send_rules(damaged, rules_size(r));
	assert_language(4, "en");
	/* and so it is with crosswalks */
	send_tables(r, rules_size(r), "broken", 6);
	assert_language(5, "en");
	free(damaged);
}

/* A page of many records, whose stream nobody reads: its parser hangs. */
static int
hanging_body(void)
{
	FILE *f = tmpfile();
	int fd;

	assert_non_null(f);
	fputs("<OAI-PMH><ListRecords>", f);
	for (int i = 0; i < 40000; i++)
		fprintf(f,
		    "<record><header><identifier>i%d</identifier>"
		    "<datestamp>2024</datestamp></header></record>",
		    i);
	fputs("</ListRecords></OAI-PMH>", f);
	fflush(f);
	fd = dup(fileno(f));
	fclose(f);
	return fd;
}

static void
deadline_and_kill(void **state)
{
	struct msg m = {.type = MSG_PARSE_KILL, .parse_kill = {2}};
	int ends[2], body = hanging_body();

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	send_page(1, body, ends[1], 300);
	wait_for(1);
	assert_true(z.exits[0].deadline);
	assert_int_equal(z.exits[0].signal, SIGKILL);
	send_page(2, body, ends[1], 0);
	assert_int_equal(chan_send(z.chan, &m, NULL, 0), 0);
	wait_for(2);
	assert_false(z.exits[1].deadline);
	assert_int_equal(z.exits[1].signal, SIGKILL);
	close(ends[0]);
	close(ends[1]);
	close(body);
}

/* When the channel ends, so do the children: the stream's write end closes. */
static void
children_end_with_the_channel(void **state)
{
	char sink[65536];
	int ends[2], body = hanging_body();
	ssize_t n;

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	send_page(1, body, ends[1], 0);
	close(ends[1]);
	assert_true(read(ends[0], sink, 100) > 0); /* it runs */
	chan_free(z.chan);
	z.chan = NULL;
	alarm(WAIT_S);
	while ((n = read(ends[0], sink, sizeof(sink))) > 0)
		;
	alarm(0);
	assert_int_equal(n, 0);
	close(ends[0]);
	close(body);
}

static void
too_many_are_refused(void **state)
{
	int ends[2], body = hanging_body();

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	for (uint64_t page = 1; page <= 5; page++)
		send_page(page, body, ends[1], 500);
	wait_for(1);
	assert_int_equal(z.exits[0].page, 5);
	assert_int_equal(z.exits[0].status, 71);
	wait_for(5);
	close(ends[0]);
	close(ends[1]);
	close(body);
}

static void
cost_of_a_fork(void **state)
{
	enum { PAGES = 300 };
	int ends[2], body = body_of(good);
	int64_t start = date_monotonic_ms();
	uint64_t cpu = 0;
	char sink[8192];

	(void)state;
	for (unsigned i = 0; i < PAGES; i++) {
		assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
		send_page(i, body, ends[1], 10000);
		close(ends[1]);
		wait_for(i + 1);
		assert_true(read(ends[0], sink, sizeof(sink)) > 0);
		close(ends[0]);
		cpu += z.exits[i].cpu_us;
	}
	print_message("%d pages, one after the other: %.2f ms each, of it "
		      "%.2f ms CPU in the child\n",
	    PAGES, (double)(date_monotonic_ms() - start) / PAGES,
	    (double)cpu / 1000 / PAGES);
	close(body);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(pages_come_back),
	    TEST(tables_are_taken_when_sound),
	    TEST(deadline_and_kill),
	    TEST(children_end_with_the_channel),
	    TEST(too_many_are_refused),
	    TEST(cost_of_a_fork),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
