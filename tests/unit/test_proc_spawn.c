/* Starting a role and seeing it begin: this program is the role too, when its
 * environment says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "proc/role.h"

/* --- the role ---------------------------------------------------------- */
static void
role_on_msg(void *arg, const struct msg *m, int *fds, size_t nfds)
{
	struct role_ctx *ctx = arg;
	struct msg reply = {.type = MSG_PARSE_EXIT};
	char byte = 0;

	BUG_ON(m->type != MSG_PARSE_PAGE || nfds != 1);
	BUG_ON(read(fds[0], &byte, 1) != 1);
	reply.parse_exit.page = m->parse_page.page;
	reply.parse_exit.status = (unsigned char)byte;
	reply.parse_exit.deadline = open("/etc/passwd", O_RDONLY) < 0;
	BUG_ON(chan_send(ctx->chan, &reply, NULL, 0) < 0);
}

static void
role_on_close(void *arg, const struct err *why)
{
	(void)why;
	role_end(arg, 7);
}

static void
check_surroundings(void)
{
	sigset_t mask;
	char link[64];
	ssize_t n;

	BUG_ON(getenv("SHEAF_TEST_ROLE") == NULL || getenv("HOME") != NULL);
	BUG_ON(strcmp(getenv("TZ"), "UTC") != 0);
	n = readlink("/proc/self/fd/0", link, sizeof(link));
	BUG_ON(n != 9 || memcmp(link, "/dev/null", 9) != 0);
	for (int fd = ROLE_FD + 1; fd < 200; fd++)
		BUG_ON(fcntl(fd, F_GETFD) != -1);
	sigprocmask(SIG_SETMASK, NULL, &mask);
	BUG_ON(sigismember(&mask, SIGUSR1));
}

static int
role_main(int argc, char **argv)
{
	static const struct chan_ops ops = {role_on_msg, role_on_close};
	struct role_ctx ctx;
	int code;

	if (fcntl(ROLE_FD, F_GETFD) >= 0)
		check_surroundings();
	role_begin(&ctx, ROLE_PARSE, argc, argv);
	role_confine(&ctx);
	ctx.chan =
	    chan_new(ctx.base, ROLE_FD, ROLE_PARSE, ROLE_SHEAFD, &ops, &ctx);
	code = role_run(&ctx);
	chan_free(ctx.chan);
	event_base_free(ctx.base);
	return code;
}

/* --- the tests --------------------------------------------------------- */
static struct msg_parse_exit heard;
static unsigned messages;

static void
on_msg(void *arg, const struct msg *m, int *fds, size_t nfds)
{
	(void)arg;
	(void)fds;
	(void)nfds;
	assert_int_equal(m->type, MSG_PARSE_EXIT);
	heard = m->parse_exit;
	messages++;
}

static void
on_close(void *arg, const struct err *why)
{
	(void)arg;
	fail_msg("%s", why->text);
}

static void
test_role(void **state)
{
	static const struct chan_ops ops = {on_msg, on_close};
	struct event_base *base = event_base_new();
	struct msg m = {.type = MSG_PARSE_PAGE, .parse_page = {.page = 42}};
	int fd, p[2], status;
	struct chan *c;
	struct err e;
	sigset_t mask;
	pid_t pid;

	(void)state;
	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR1);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	setenv("SHEAF_TEST_ROLE", "1", 1);
	assert_int_equal(dup2(1, 77), 77); /* must not be inherited */
	pid = proc_spawn_role("/proc/self/exe", ROLE_PARSE, &fd, &e);
	close(77);
	unsetenv("SHEAF_TEST_ROLE");
	assert_true(pid > 0);
	/* signals of a terminal are not for a role, not even at its start */
	kill(pid, SIGINT);
	c = chan_new(base, fd, ROLE_SHEAFD, ROLE_PARSE, &ops, NULL);
	assert_int_equal(pipe2(p, O_CLOEXEC), 0);
	assert_int_equal(write(p[1], "\x21", 1), 1);
	assert_int_equal(chan_send(c, &m, p, 1), 0);
	close(p[0]);
	close(p[1]);
	while (messages == 0)
		event_base_loop(base, EVLOOP_ONCE);
	kill(pid, SIGTERM);
	assert_int_equal(heard.page, 42);
	assert_int_equal(heard.status, 0x21);
	assert_true(heard.deadline); /* confined: no file could be opened */
	chan_free(c);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 7);
	event_base_free(base);
}

static void
test_no_such_program(void **state)
{
	const char *const argv[] = {"/nonexistent/program", NULL};
	struct err e;
	int fd;

	(void)state;
	assert_int_equal(
	    proc_spawn_role("/nonexistent/sheaf-parse", ROLE_PARSE, &fd, &e),
	    -1);
	assert_int_equal(e.code, ENOENT);
	assert_non_null(strstr(e.text, "/nonexistent/sheaf-parse"));
	assert_int_equal(proc_spawn(argv, -1, &e), -1);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

/* What a program says, and its exit status. */
static int
output_of(const char *const argv[], struct buf *out)
{
	char text[1024];
	int p[2], status;
	struct err e;
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe2(p, O_CLOEXEC), 0);
	pid = proc_spawn(argv, p[1], &e);
	assert_true(pid > 0);
	close(p[1]);
	while ((n = read(p[0], text, sizeof(text))) > 0)
		buf_add(out, text, (size_t)n);
	close(p[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
test_program_with_output(void **state)
{
	const char *const argv[] = {"/bin/sh", "-c",
	    "echo out; echo err >&2; exec 3>&- ; ls /proc/self/fd; exit 3",
	    NULL};
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	assert_int_equal(output_of(argv, &b), 3);
	/* 3 is the directory that ls reads */
	assert_string_equal(buf_str(&b), "out\nerr\n0\n1\n2\n3\n");
	buf_release(&b);
}

static void
test_role_by_hand(void **state)
{
	const char *const argv[] = {"/proc/self/exe", NULL};
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	setenv("SHEAF_TEST_ROLE", "1", 1);
	assert_int_equal(output_of(argv, &b), 64);
	unsetenv("SHEAF_TEST_ROLE");
	assert_non_null(strstr(buf_str(&b), "part of sheafd"));
	buf_release(&b);
}

static void
test_libexec(void **state)
{
	(void)state;
	setenv("SHEAF_LIBEXEC", "/build/tree", 1);
	assert_string_equal(proc_libexec(), "/build/tree");
	unsetenv("SHEAF_LIBEXEC");
	assert_string_equal(proc_libexec(), SHEAF_LIBEXECDIR);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_role),
	    cmocka_unit_test(test_no_such_program),
	    cmocka_unit_test(test_program_with_output),
	    cmocka_unit_test(test_role_by_hand),
	    cmocka_unit_test(test_libexec),
	};

	if (getenv("SHEAF_TEST_ROLE"))
		return role_main(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
