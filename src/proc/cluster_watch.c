/*
 * One process of PostgreSQL, watched by pidfd on libevent, and the output of
 * one that is our child, by lines.  What its end means is proc/cluster.c's.
 */
#include "proc/cluster_internal.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/str.h"
#include "proc/role.h"

enum { LINE_BYTES = 2048 }; /* the rest of a longer line is dropped */

void
watched_init(struct watched *w, struct event_base *base,
    void (*on_line)(void *arg, const char *line),
    void (*on_end)(void *arg, int status), void *arg)
{
	memset(w, 0, sizeof(*w));
	w->base = base;
	w->on_line = on_line;
	w->on_end = on_end;
	w->arg = arg;
	w->pidfd = w->out_fd = -1;
	buf_init(&w->line, LINE_BYTES);
}

/* --- output ------------------------------------------------------------ */
/* "…FATAL:  data directory has wrong ownership", "initdb: error: …". */
static void
end_line(struct watched *w)
{
	static const char *const faults[] = {"PANIC:", "FATAL:", "error:"};
	const char *line = buf_str(&w->line);

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		const char *p = strstr(line, faults[i]);

		if (p) {
			str_copy(w->last_fault, sizeof(w->last_fault), p);
			break;
		}
	}
	if (*line)
		w->on_line(w->arg, line);
	buf_clear(&w->line);
}

static void
close_output(struct watched *w)
{
	if (w->out_fd < 0)
		return;
	event_free(w->output);
	close(w->out_fd);
	w->out_fd = -1;
	w->output = NULL;
	if (w->line.len > 0)
		end_line(w);
}

static void
take_output(struct watched *w)
{
	char text[1024];
	ssize_t n;

	if (w->out_fd < 0)
		return;
	while ((n = read(w->out_fd, text, sizeof(text))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) /* EAGAIN: there will be more */
			return;
		for (ssize_t i = 0; i < n; i++)
			if (text[i] == '\n')
				end_line(w);
			else
				buf_addc(&w->line, text[i]);
	}
	close_output(w);
}

static void
on_output(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	take_output(arg);
}

/* --- life -------------------------------------------------------------- */
static void
forget(struct watched *w)
{
	if (w->pid == 0)
		return;
	event_free(w->ended);
	w->ended = NULL;
	close(w->pidfd);
	w->pidfd = -1;
	w->pid = 0;
}

static void
on_ended(evutil_socket_t fd, short what, void *arg)
{
	struct watched *w = arg;
	int status = -1;

	(void)fd;
	(void)what;
	if (w->is_child && waitpid(w->pid, &status, WNOHANG) == 0)
		return;
	take_output(w); /* its last words are in the pipe */
	close_output(w);
	forget(w);
	w->on_end(w->arg, status);
}

static int
watch(struct watched *w, pid_t pid, bool is_child, struct err *e)
{
	BUG_ON(w->pid != 0);
	w->pidfd = pidfd_open(pid, 0);
	if (w->pidfd < 0)
		return err_sys(e, "cannot watch process %d", (int)pid);
	w->pid = pid;
	w->is_child = is_child;
	w->last_fault[0] = '\0';
	w->ended =
	    event_new(w->base, w->pidfd, EV_READ | EV_PERSIST, on_ended, w);
	BUG_ON(!w->ended);
	event_add(w->ended, NULL);
	return 0;
}

int
watched_start(struct watched *w, const char *const argv[], struct err *e)
{
	int p[2];
	pid_t pid;

	if (pipe2(p, O_CLOEXEC) < 0)
		return err_sys(e, "cannot start %s", argv[0]);
	pid = proc_spawn(argv, p[1], e);
	close(p[1]);
	if (pid < 0) {
		close(p[0]);
		return -1;
	}
	if (watch(w, pid, true, e) < 0) {
		close(p[0]);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		return -1;
	}
	(void)fcntl(p[0], F_SETFL, O_NONBLOCK);
	w->out_fd = p[0];
	w->output =
	    event_new(w->base, p[0], EV_READ | EV_PERSIST, on_output, w);
	BUG_ON(!w->output);
	event_add(w->output, NULL);
	return 0;
}

int
watched_adopt(struct watched *w, pid_t pid, struct err *e)
{
	return watch(w, pid, false, e);
}

void
watched_signal(const struct watched *w, int sig)
{
	if (w->pid != 0)
		(void)pidfd_send_signal(w->pidfd, sig, NULL, 0);
}

void
watched_release(struct watched *w)
{
	if (w->out_fd >= 0) {
		event_free(w->output);
		close(w->out_fd);
		w->out_fd = -1;
	}
	forget(w);
	buf_release(&w->line);
}
