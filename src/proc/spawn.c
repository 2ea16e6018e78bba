/*
 * Starting programs: roles, and what an embedded cluster needs.
 *
 * A child gets three standard descriptors (and its channel), an environment
 * made from a list, and default signals; nothing else of sheafd's.  That the
 * program cannot be executed is known before these functions return.
 *
 * Not here: waiting for children, which belongs to who started them.
 */
#include "proc/role.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/str.h"

extern char **environ;

enum { SAFE_FD = 10 }; /* above all that a child is given */

static const char *const fixed_environment[] = {
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "TZ=UTC", "LANG=C.UTF-8"};
/* What passes: our own, the log's, and what sanitizers and coverage read. */
static const char *const passed_prefixes[] = {"SHEAF_",
    "JOURNAL_STREAM=", "ASAN_", "UBSAN_", "LSAN_", "MSAN_", "TSAN_",
    "LLVM_PROFILE_", "GCOV_"};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static char **
make_environment(void)
{
	char **env;
	size_t n = 0, have = 0;

	while (environ && environ[have])
		have++;
	env = xcalloc(have + COUNT(fixed_environment) + 1, sizeof(*env));
	for (size_t i = 0; i < COUNT(fixed_environment); i++)
		env[n++] = (char *)(uintptr_t)fixed_environment[i];
	for (size_t i = 0; i < have; i++)
		for (size_t k = 0; k < COUNT(passed_prefixes); k++)
			if (str_starts(environ[i], passed_prefixes[k])) {
				env[n++] = environ[i];
				break;
			}
	return env;
}

struct child {
	const char *const *argv;
	char **env;
	int input, output, channel; /* output, channel: -1 for none */
	int status; /* the write end that exec closes */
	bool own_session;
};

/* In the child: only calls that are safe after fork.  A role ignores what a
 * terminal sends from its first instant, before role_begin can say so. */
static void
reset_signals(bool is_role)
{
	static const int ignored[] = {SIGPIPE, SIGINT, SIGTERM, SIGHUP};
	struct sigaction sa;
	sigset_t none;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = SIG_DFL;
	for (int sig = 1; sig < NSIG; sig++)
		sigaction(sig, &sa, NULL);
	sa.sa_handler = SIG_IGN;
	for (size_t i = 0; is_role && i < COUNT(ignored); i++)
		sigaction(ignored[i], &sa, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static int
move_up(int *fd)
{
	if (*fd >= 0)
		*fd = fcntl(*fd, F_DUPFD_CLOEXEC, SAFE_FD);
	return *fd;
}

static _Noreturn void
run_child(struct child *c)
{
	unsigned first = STDERR_FILENO + 1;
	bool has_output = c->output >= 0, has_channel = c->channel >= 0;
	int code;

	reset_signals(has_channel);
	if (c->own_session)
		setsid();
	/* PostgreSQL's programs do not start where they cannot look. */
	if (access(".", R_OK | X_OK) < 0 && chdir("/") < 0)
		_exit(127);
	/* First all out of the way of the numbers that they go to. */
	if (move_up(&c->status) < 0)
		_exit(127);
	if (move_up(&c->input) < 0 || (has_output && move_up(&c->output) < 0) ||
	    (has_channel && move_up(&c->channel) < 0))
		goto fail;
	if (dup2(c->input, STDIN_FILENO) < 0)
		goto fail;
	if (has_output && (dup2(c->output, STDOUT_FILENO) < 0 ||
			      dup2(c->output, STDERR_FILENO) < 0))
		goto fail;
	if (has_channel) {
		if (dup2(c->channel, ROLE_FD) < 0)
			goto fail;
		first = ROLE_FD + 1;
	}
	if (close_range(first, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
		goto fail;
	execve(c->argv[0], (char *const *)(uintptr_t)c->argv, c->env);
fail:
	code = errno;
	while (write(c->status, &code, sizeof(code)) < 0 && errno == EINTR)
		;
	_exit(127);
}

static pid_t
fork_child(struct child *c, struct err *e)
{
	int status[2], code = 0;
	ssize_t n;
	pid_t pid;

	if (pipe2(status, O_CLOEXEC) < 0)
		return err_sys(e, "cannot start %s", c->argv[0]);
	c->status = status[1];
	pid = fork();
	if (pid == 0)
		run_child(c);
	if (pid < 0) {
		err_sys(e, "cannot start %s", c->argv[0]);
		close(status[0]);
		close(status[1]);
		return -1;
	}
	close(status[1]);
	do {
		n = read(status[0], &code, sizeof(code));
	} while (n < 0 && errno == EINTR);
	close(status[0]);
	if (n == (ssize_t)sizeof(code)) {
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
		errno = code;
		return err_sys(e, "cannot start %s", c->argv[0]);
	}
	return pid;
}

static pid_t
start(struct child *c, struct err *e)
{
	pid_t pid;

	c->input = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (c->input < 0)
		return err_sys(e, "cannot open /dev/null");
	c->env = make_environment();
	pid = fork_child(c, e);
	free(c->env);
	close(c->input);
	return pid;
}

pid_t
proc_spawn_role(const char *path, enum role role, int *chan_fd, struct err *e)
{
	const char *const argv[] = {path, NULL};
	struct child c = {.argv = argv, .output = -1};
	pid_t pid;
	int mine;

	BUG_ON((unsigned)role >= ROLE_COUNT || role == ROLE_SHEAFD);
	if (chan_pair(&mine, &c.channel, e) < 0)
		return -1;
	pid = start(&c, e);
	close(c.channel);
	if (pid < 0) {
		close(mine);
		return -1;
	}
	*chan_fd = mine;
	return pid;
}

pid_t
proc_spawn(const char *const argv[], int output_fd, struct err *e)
{
	struct child c = {.argv = argv,
	    .output = output_fd,
	    .channel = -1,
	    .own_session = true};

	return start(&c, e);
}

const char *
proc_libexec(void)
{
	const char *dir = getenv("SHEAF_LIBEXEC");

	return dir && *dir ? dir : SHEAF_LIBEXECDIR;
}
