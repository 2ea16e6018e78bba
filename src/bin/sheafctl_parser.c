/* sheaf-parse as a filter: a page in, the record stream out. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/alloc.h"
#include "bin/sheafctl.h"
#include "proc/role.h"

static pid_t
start(char **argv, int body, int stream, struct err *e)
{
	char *path = xasprintf("%s/sheaf-parse", proc_libexec());
	pid_t pid = fork();

	argv[0] = path;
	if (pid == 0) {
		if (dup2(body, STDIN_FILENO) < 0 ||
		    dup2(stream, STDOUT_FILENO) < 0)
			_exit(EX_OSERR);
		execv(path, argv);
		_exit(EX_UNAVAILABLE);
	}
	if (pid < 0)
		err_sys(e, "%s cannot be started", path);
	argv[0] = NULL;
	free(path);
	return pid;
}

/* 0, or -1 when the stream is broken; then the parser is told by SIGPIPE. */
static int
read_stream(const struct stream_ops *ops, void *arg, int fd,
    uint64_t body_bytes, struct err *e)
{
	static char chunk[64 * 1024];
	struct stream_reader *s =
	    stream_reader_new(ops, arg, UINT64_MAX, body_bytes);
	ssize_t n = 0;
	int rc = 0;

	while (rc == 0 && (n = read(fd, chunk, sizeof(chunk))) > 0)
		rc = stream_reader_push(s, chunk, (size_t)n, e);
	if (rc == 0)
		rc = n < 0 ? err_sys(e, "the parser's stream")
			   : stream_reader_end(s, e);
	stream_reader_free(s);
	return rc;
}

int
ctl_parser_read(char **argv, int body, uint64_t body_bytes,
    const struct stream_ops *ops, void *arg, int *status, struct err *e)
{
	int ends[2], rc;
	pid_t pid;

	*status = EX_OSERR << 8;
	if (pipe2(ends, O_CLOEXEC) != 0)
		return err_sys(e, "the parser cannot be started");
	pid = start(argv, body, ends[1], e);
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return -1;
	}
	rc = read_stream(ops, arg, ends[0], body_bytes, e);
	close(ends[0]);
	while (waitpid(pid, status, 0) < 0 && errno == EINTR)
		continue;
	return rc;
}

int
ctl_parser_run(char **argv, int body, uint64_t body_bytes,
    const struct stream_ops *ops, void *arg, struct err *e)
{
	int status, rc;

	rc = ctl_parser_read(argv, body, body_bytes, ops, arg, &status, e);
	if (WIFSIGNALED(status))
		return err_set(e, ERR_SYSTEM, 0,
		    "the parser was stopped by signal %d (%s)",
		    WTERMSIG(status), strsignal(WTERMSIG(status)));
	if (WEXITSTATUS(status) == EX_UNAVAILABLE)
		return err_set(e, ERR_SYSTEM, 0,
		    "%s/sheaf-parse cannot be started: SHEAF_LIBEXEC names "
		    "the directory where it is",
		    proc_libexec());
	return rc;
}
