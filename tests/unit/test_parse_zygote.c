/* The real program as sheafd starts it: pages, deadlines, kills, its end. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/date.h"
#include "config.h"
#include "record/stream.h"
#include "tables.h"
#include "zygote_talk.h"

static int
setup(void **state)
{
	const char *build = getenv("SHEAF_BUILD");
	char *path = xasprintf("%s/sheaf-parse", build ? build : ".");
	struct err e;
	pid_t pid;
	int fd;

	(void)state;
	pid = proc_spawn_role(path, ROLE_PARSE, &fd, &e);
	if (pid < 0)
		fail_msg("%s: %s", path, e.text);
	free(path);
	talk_begin(pid, fd, 4);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	talk_end();
	return 0;
}

static void
send_page(uint64_t page, int body, int stream, uint32_t deadline_ms)
{
	struct msg_parse_page m = {
	    .page = page, .protocol = "oai-pmh", .deadline_ms = deadline_ms};

	talk_page(&m, body, stream);
}

static const char good[] =
    "<OAI-PMH><ListRecords><record><header><identifier>i</identifier>"
    "<datestamp>2024</datestamp></header></record></ListRecords></OAI-PMH>";

static void
pages_come_back(void **state)
{
	char got[8192];
	int ends[2], body = talk_body(good), bad = talk_body("<html></html>");

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	send_page(7, body, ends[1], 10000);
	close(ends[1]);
	talk_wait(1);
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
	talk_wait(2);
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

	talk_send(&m, fds, 2);
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
	int ends[2], body = talk_body(text);
	ssize_t n;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	send_page(page, body, ends[1], 10000);
	close(ends[1]);
	close(body);
	talk_wait((unsigned)page);
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
	talk_wait(1);
	assert_true(z.exits[0].deadline);
	assert_int_equal(z.exits[0].signal, SIGKILL);
	send_page(2, body, ends[1], 0);
	talk_send(&m, NULL, 0);
	talk_wait(2);
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
	talk_wait(1);
	assert_int_equal(z.exits[0].page, 5);
	assert_int_equal(z.exits[0].status, 71);
	talk_wait(5);
	close(ends[0]);
	close(ends[1]);
	close(body);
}

/* --- many pages, one child --- */
/* The only child that there is. */
static pid_t
child_of_zygote(void)
{
	char path[64];
	int pid = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", z.pid, z.pid);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_int_equal(fscanf(f, "%d", &pid), 1);
	fclose(f);
	return pid;
}

/* Of its own, in kB: what files are mapped for is not. */
static long
memory_of(pid_t pid)
{
	char path[64], line[256];
	long kb = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	f = fopen(path, "r");
	assert_non_null(f);
	while (kb < 0 && fgets(line, sizeof(line), f) != NULL)
		sscanf(line, "RssAnon: %ld", &kb);
	fclose(f);
	return kb;
}

static unsigned
descriptors_of(pid_t pid)
{
	char path[64];
	unsigned n = 0;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	d = opendir(path);
	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n - 2; /* . and .. */
}

/* Records that differ from page to page, with bytes to repair, references to
 * mend, people, dates, terms that are known and that are not. */
static int
various_body(unsigned page)
{
	FILE *f = tmpfile();
	int fd;

	assert_non_null(f);
	fputs("<OAI-PMH xmlns='http://www.openarchives.org/OAI/2.0/'>"
	      "<ListRecords>",
	    f);
	for (unsigned i = 0; i < 10; i++)
		fprintf(f,
		    "<record><header><identifier>i%u-%u</identifier>"
		    "<datestamp>2024-01-01</datestamp></header><metadata>"
		    "<dc xmlns='http://purl.org/dc/elements/1.1/'>"
		    "<title>Title %u \xff &nbsp; of the %u</title>"
		    "<creator>M\xc3\xbcller %u, Anna</creator>"
		    "<subject>Subject %u</subject><subject>Physics</subject>"
		    "<date>%u-05-06</date><language>eng</language>"
		    "<type>Article</type><rights>CC BY 4.0</rights></dc>"
		    "</metadata></record>",
		    page, i, page, i, page, page * 10 + i, 1900 + page % 100);
	fputs("</ListRecords></OAI-PMH>", f);
	fflush(f);
	fd = dup(fileno(f));
	fclose(f);
	return fd;
}

/* Has the `seed`th of those pages read in this run; its stream. */
static size_t
read_various(unsigned seed, uint64_t run, char *stream, size_t size)
{
	struct msg_parse_page m = {.page = z.count + 1,
	    .run = run,
	    .source = "s",
	    .protocol = "oai-pmh",
	    .format = "oai_dc",
	    .deadline_ms = 10000};
	int ends[2], body = various_body(seed);
	ssize_t n;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	talk_page(&m, body, ends[1]);
	close(ends[1]);
	close(body);
	talk_wait((unsigned)m.page);
	assert_int_equal(z.exits[m.page - 1].page, m.page);
	assert_int_equal(z.exits[m.page - 1].status, 0);
	n = read(ends[0], stream, size);
	assert_true(n > 1000 && (size_t)n < size);
	close(ends[0]);
	return (size_t)n;
}

static void
memory_does_not_grow(void **state)
{
	enum { FIRST = 50, PAGES = 1000, MORE_KB = 64 };
	const struct rules *r = tables_rules();
	static char stream[65536];
	pid_t pid;
	long before;

	(void)state;
	send_rules(r, rules_size(r));
	for (unsigned i = 0; i < FIRST; i++)
		read_various(i, 1, stream, sizeof(stream));
	pid = child_of_zygote();
	before = memory_of(pid);
	for (unsigned i = FIRST; i < PAGES; i++)
		read_various(i, 1, stream, sizeof(stream));
	assert_int_equal(child_of_zygote(), pid);
	/* AddressSanitizer keeps what is freed. */
#ifndef SHEAF_SANITIZED
	assert_in_range(memory_of(pid), 1, before + MORE_KB);
#else
	(void)before;
#endif
	/* standard ones and the channel */
	assert_int_equal(descriptors_of(pid), 4);
}

/* A page is read as if it were a child's first, whatever was before it. */
static void
pages_leave_nothing_behind(void **state)
{
	const struct rules *r = tables_rules();
	static char first[65536], later[65536], other[65536];
	size_t n;

	(void)state;
	send_rules(r, rules_size(r));
	for (unsigned i = 0; i < 20; i++) {
		n = read_various(i, 0, first, sizeof(first));
		read_various(100 + i, 1, other, sizeof(other));
		assert_int_equal(read_various(i, 1, later, sizeof(later)), n);
		assert_memory_equal(first, later, n);
	}
}

/* --- pages of all sorts, one child --- */
/* Has a file read; its stream, to be freed. */
static char *
stream_of(const char *path, const char *protocol, uint64_t run, size_t *n)
{
	struct msg_parse_page m = {.page = z.count + 1,
	    .run = run,
	    .source = "s",
	    .protocol = protocol,
	    .base_url = "http://example.org/",
	    .deadline_ms = 20000};
	int body = open(path, O_RDONLY | O_CLOEXEC);
	int stream = memfd_create("stream", MFD_CLOEXEC);
	char *text;

	assert_true(body >= 0 && stream >= 0);
	talk_page(&m, body, stream);
	talk_wait((unsigned)m.page);
	assert_int_equal(z.exits[m.page - 1].signal, 0);
	*n = (size_t)lseek(stream, 0, SEEK_END);
	text = xmalloc(*n + 1);
	assert_int_equal(pread(stream, text, *n, 0), *n);
	close(stream);
	close(body);
	return text;
}

static const char *
protocol_of(const char *path)
{
	const char *name = strrchr(path, '/') + 1;

	return strstr(path, "feed") != NULL	 ? "feed"
	       : strncmp(name, "static", 6) == 0 ? "oai-static"
						 : "oai-pmh";
}

/* Each of them alone, and behind all the others of its protocol that could be
 * read: errors, encodings and entities of one are none of the next one's. */
static void
compare_files(const char *pattern)
{
	glob_t g;

	assert_int_equal(glob(pattern, 0, NULL, &g), 0);
	for (size_t i = 0; i < g.gl_pathc; i++) {
		const char *path = g.gl_pathv[i], *protocol = protocol_of(path);
		size_t n[2];
		char *alone = stream_of(path, protocol, 0, &n[0]);
		char *behind =
		    stream_of(path, protocol, 1 + protocol[4], &n[1]);

		if (n[0] != n[1] || memcmp(alone, behind, n[0]) != 0)
			fail_msg("%s is read otherwise behind %s", path,
			    i > 0 ? g.gl_pathv[i - 1] : "others");
		free(alone);
		free(behind);
	}
	globfree(&g);
}

static void
what_was_read_before_does_not_matter(void **state)
{
	static const char *const patterns[] = {"tests/golden/pages/*.xml",
	    "tests/fuzz/corpus/fuzz_feed/*", "tests/fuzz/corpus/fuzz_oai/*"};
	const struct rules *r = tables_rules();
	const char *top = getenv("SHEAF_TOP");

	(void)state;
	send_rules(r, rules_size(r));
	for (size_t i = 0; i < sizeof(patterns) / sizeof(*patterns); i++) {
		char *pattern =
		    xasprintf("%s/%s", top ? top : ".", patterns[i]);

		compare_files(pattern);
		free(pattern);
	}
}

static void
cost_of_a_fork(void **state)
{
	enum { PAGES = 300 };
	int ends[2], body = talk_body(good);
	int64_t start = date_monotonic_ms();
	uint64_t cpu = 0;
	char sink[8192];

	(void)state;
	for (unsigned i = 0; i < PAGES; i++) {
		assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
		send_page(i, body, ends[1], 10000);
		close(ends[1]);
		talk_wait(i + 1);
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
	    TEST(memory_does_not_grow),
	    TEST(pages_leave_nothing_behind),
	    TEST(what_was_read_before_does_not_matter),
	    TEST(cost_of_a_fork),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
