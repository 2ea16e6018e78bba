/* Each profile, in a child of its own: what it must allow works, what it must
 * forbid answers with the errno that callers fall back on, or kills. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "config.h"
#include "base/limits.h"
#include "sandbox/sandbox.h"

/* In a confined child: ends with the line where it is not so. */
#define MUST(cond)                                                             \
	do {                                                                   \
		if (!(cond))                                                   \
			die_at(__LINE__, #cond);                               \
	} while (0)
#define MUST_FAIL(expr, code)                                                  \
	do {                                                                   \
		errno = 0;                                                     \
		MUST((expr) < 0);                                              \
		MUST(errno == (code));                                         \
	} while (0)

static _Noreturn void
die_at(int line, const char *what)
{
	dprintf(2, "line %d: not so: %s (errno %d)\n", line, what, errno);
	_exit(99);
}

/* The wait status of a child that enters the profile and does `body`; a
 * zygote first takes the memory's limit, for its children. */
static int
confined(enum sandbox_profile p, void (*body)(void))
{
	struct err e;
	int status = 0;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		signal(SIGSEGV, SIG_DFL); /* not the test runner's */
		signal(SIGABRT, SIG_DFL);
		if ((p == SANDBOX_PARSE_ZYGOTE &&
			sandbox_limit_memory(16 * MIB, &e) < 0) ||
		    sandbox_enter(p, &e) < 0) {
			dprintf(2, "%s\n", e.text);
			_exit(98);
		}
		body();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void
assert_fine(int status)
{
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void
assert_killed(int status)
{
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSYS);
}

static char *const true_argv[] = {(char *)(uintptr_t) "/bin/true", NULL};

/* --- parse ------------------------------------------------------------- */
static int data_fd, pipe_fd[2], channel[2];

static struct msghdr no_message;
static char no_message_bytes[1];

static void
parse_works(void)
{
	char bytes[16];
	struct stat st;
	void *p;

	MUST(fstat(data_fd, &st) == 0 && st.st_size == 5);
	MUST(pread(data_fd, bytes, 5, 0) == 5);
	p = mmap(NULL, 5, PROT_READ, MAP_PRIVATE, data_fd, 0);
	MUST(p != MAP_FAILED && memcmp(p, "hello", 5) == 0);
	MUST(munmap(p, 5) == 0);
	MUST(write(pipe_fd[1], bytes, 5) == 5);
	p = malloc(8 * MIB);
	MUST(p != NULL);
	memset(p, 1, 8 * MIB);
	free(p);
	MUST(time(NULL) > 0);
	/* iconv and stdio ask, and live with the answer */
	MUST_FAIL(open("/etc/passwd", O_RDONLY), EACCES);
	MUST_FAIL(access("/usr/lib/gconv", R_OK), EACCES);
	MUST_FAIL(stat("/etc", &st), EACCES);
	MUST_FAIL(isatty(1) - 1, ENOTTY);
	MUST(dprintf(pipe_fd[1], "%d\n", 5) == 2);
	/* the next page comes there alone; it is no socket now, or none with
	 * a message */
	MUST(recvmsg(SANDBOX_PARSE_FD, &no_message, MSG_DONTWAIT) < 0);
}

#define KILLED(name, expr)                                                     \
	static void name(void)                                                 \
	{                                                                      \
		(void)!(expr);                                                 \
	}
KILLED(parse_socket, socket(AF_INET, SOCK_STREAM, 0))
KILLED(parse_unix_socket, socket(AF_UNIX, SOCK_STREAM, 0))
KILLED(parse_exec, execv("/bin/true", true_argv))
KILLED(parse_fork, fork())
KILLED(parse_clone3, syscall(SYS_clone3, NULL, 0))
KILLED(parse_kill, kill(getppid(), 0))
KILLED(parse_ptrace, ptrace(PTRACE_TRACEME, 0, NULL, NULL))
KILLED(parse_exec_memory, mmap(NULL, 4096, PROT_READ | PROT_EXEC,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == NULL)
KILLED(parse_memfd, memfd_create("x", 0))
KILLED(parse_sendmsg, sendmsg(pipe_fd[1], NULL, 0))
KILLED(parse_recvmsg, recvmsg(channel[0], &no_message, MSG_DONTWAIT))
KILLED(
    parse_recvfrom, recv(SANDBOX_PARSE_FD, no_message_bytes, 1, MSG_DONTWAIT))
KILLED(parse_socketpair, socketpair(AF_UNIX, SOCK_STREAM, 0, pipe_fd))
KILLED(parse_unlink, unlink("/nonexistent"))
KILLED(parse_prctl, syscall(SYS_prctl, 4, 1, 0, 0, 0))

static void
test_parse(void **state)
{
	static void (*const forbidden[])(void) = {parse_socket,
	    parse_unix_socket, parse_exec, parse_fork, parse_clone3, parse_kill,
	    parse_ptrace, parse_exec_memory, parse_memfd, parse_sendmsg,
	    parse_recvmsg, parse_recvfrom, parse_socketpair, parse_unlink,
	    parse_prctl};

	(void)state;
	assert_fine(confined(SANDBOX_PARSE, parse_works));
	for (size_t i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++)
		assert_killed(confined(SANDBOX_PARSE, forbidden[i]));
}

/* --- zygote ------------------------------------------------------------ */
static struct sandbox_program *program;

static void
zygote_works(void)
{
	struct epoll_event ev = {.events = EPOLLIN};
	char byte = 'x';
	struct iovec iov = {&byte, 1};
	struct msghdr mh = {.msg_iov = &iov, .msg_iovlen = 1};
	struct stat st;
	int ep, status, pair[2];
	pid_t pid;

	MUST((ep = epoll_create1(EPOLL_CLOEXEC)) >= 0);
	MUST(epoll_ctl(ep, EPOLL_CTL_ADD, channel[0], &ev) == 0);
	MUST(sendmsg(channel[1], &mh, 0) == 1);
	MUST(epoll_wait(ep, &ev, 1, 1000) == 1);
	MUST(recvmsg(channel[0], &mh, MSG_CMSG_CLOEXEC) == 1);
	pid = fork();
	MUST(pid >= 0);
	if (pid == 0) {
		for (;;)
			poll(NULL, 0, 1000);
	}
	MUST(kill(pid, SIGKILL) == 0);
	MUST(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status));
	MUST_FAIL(open("/etc/passwd", O_RDONLY), EACCES);
	MUST_FAIL(stat("/etc", &st), EACCES);
	MUST(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == 0);
	MUST_FAIL(socket(AF_UNIX, SOCK_STREAM, 0), EPERM);
	MUST_FAIL(socket(AF_INET, SOCK_STREAM, 0), EPERM);
	MUST_FAIL(execv("/bin/true", true_argv), EPERM);
	MUST_FAIL(syscall(SYS_clone3, NULL, 0), ENOSYS);
	MUST_FAIL(
	    syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0), EPERM);
	MUST_FAIL(ptrace(PTRACE_TRACEME, 0, NULL, NULL), EPERM);
	MUST_FAIL(mkdir("/tmp/sheaf-sandbox-test", 0700), EPERM);
}

static int
zygote_child(void (*body)(void))
{
	struct err e;
	int status = 0;
	pid_t pid = fork();

	MUST(pid >= 0);
	if (pid == 0) {
		MUST(sandbox_limit_cpu(5, &e) == 0);
		MUST(sandbox_enter_program(program, &e) == 0);
		body();
		_exit(0);
	}
	MUST(waitpid(pid, &status, 0) == pid);
	return status;
}

#ifndef SHEAF_SANITIZED
static void
eat_memory(void)
{
	MUST(malloc(8 * MIB) != NULL);
	MUST(malloc(64 * MIB) == NULL);
}
#endif

static void
crash(void)
{
	abort();
}

/* The second filter, in a child of the first. */
static void
zygote_begets_parsers(void)
{
	int status;

	MUST(zygote_child(parse_works) == 0);
	status = zygote_child(parse_socket);
	MUST(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
	status = zygote_child(parse_fork);
	MUST(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
	status = zygote_child(crash);
	MUST(WIFSIGNALED(status) && WTERMSIG(status) != SIGSYS);
#ifndef SHEAF_SANITIZED
	MUST(zygote_child(eat_memory) == 0);
#endif
}

static void
test_zygote(void **state)
{
	struct err e;

	(void)state;
	program = sandbox_compile(SANDBOX_PARSE, &e);
	assert_non_null(program);
	assert_fine(confined(SANDBOX_PARSE_ZYGOTE, zygote_works));
	assert_fine(confined(SANDBOX_PARSE_ZYGOTE, zygote_begets_parsers));
	sandbox_program_free(program);
}

/* --- fetch and store --------------------------------------------------- */
static void *
thread(void *arg)
{
	return arg;
}

static void
net_common(void)
{
	int fd;
	pthread_t t;
	void *r = NULL;
	char target[] = "/tmp/sheaf-sandbox-test";

	MUST_FAIL(execv("/bin/true", true_argv), EPERM);
	MUST_FAIL(
	    syscall(SYS_execveat, AT_FDCWD, "/bin/true", true_argv, NULL, 0),
	    EPERM);
	MUST_FAIL(fork(), EPERM);
	MUST_FAIL(syscall(SYS_clone3, NULL, 0), ENOSYS);
	MUST_FAIL(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL), EPERM);
	MUST_FAIL(kill(getppid(), 0), EPERM);
	MUST_FAIL(syscall(SYS_unshare, CLONE_NEWUSER), EPERM);
	MUST_FAIL(syscall(SYS_io_uring_setup, 1, NULL), ENOSYS);
	MUST_FAIL(open(target, O_WRONLY | O_CREAT, 0600), EACCES);
	MUST_FAIL(open("/dev/null", O_WRONLY), EACCES);
	MUST_FAIL(open("/dev/null", O_RDWR), EACCES);
	MUST_FAIL(unlink(target), EACCES);
	MUST_FAIL(rename(target, target), EACCES);
	MUST_FAIL(mkdir(target, 0700), EACCES);
	MUST((fd = open("/etc/passwd", O_RDONLY)) >= 0);
	close(fd);
	fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	MUST(fd >= 0 || errno == EOPNOTSUPP);
	MUST(memfd_create("x", MFD_ALLOW_SEALING) >= 0);
	MUST(socket(AF_INET, SOCK_STREAM, 0) >= 0);
	MUST(socket(AF_NETLINK, SOCK_RAW, 0) >= 0);
	MUST_FAIL(socket(AF_PACKET, SOCK_RAW, 0), EAFNOSUPPORT);
	MUST_FAIL(socket(40, SOCK_STREAM, 0), EAFNOSUPPORT);
	MUST(pthread_create(&t, NULL, thread, &r) == 0);
	MUST(pthread_join(t, NULL) == 0);
}

static void
fetch_works(void)
{
	int fd, sv[2];

	net_common();
	MUST_FAIL(socket(AF_UNIX, SOCK_STREAM, 0), EAFNOSUPPORT);
	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, sv) == 0);
	MUST((fd = socket(AF_INET, SOCK_STREAM, 0)) >= 0);
	MUST_FAIL(listen(fd, 1), EPERM);
}

static void
store_works(void)
{
	net_common();
	MUST(socket(AF_UNIX, SOCK_STREAM, 0) >= 0);
}

static void
test_fetch(void **state)
{
	(void)state;
	assert_fine(confined(SANDBOX_FETCH, fetch_works));
}

static void
test_store(void **state)
{
	(void)state;
	assert_fine(confined(SANDBOX_STORE, store_works));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_parse),
	    cmocka_unit_test(test_zygote),
	    cmocka_unit_test(test_fetch),
	    cmocka_unit_test(test_store),
	};

	data_fd = memfd_create("data", MFD_CLOEXEC);
	if (data_fd < 0 || write(data_fd, "hello", 5) != 5 ||
	    pipe(pipe_fd) < 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET, 0, channel) < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
