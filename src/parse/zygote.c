/*
 * Forking, deadlines and reaping.  What a child does is its caller's.
 *
 * Each page of memory that is written between a fork and the child's end is
 * copied, for thousands of pages a second: what is kept of children is one
 * small array, with one timer for all of them, and their ends are read from a
 * descriptor instead of being told on the stack by a signal.
 */
#include "parse/zygote.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/date.h"
#include "base/limits.h"
#include "base/log.h"

enum { CHILDREN_MAX = 256 };

struct child {
	uint64_t page;
	int64_t deadline_ms; /* by the monotonic clock */
	pid_t pid;
	bool is_late;
};

struct zygote {
	struct role_ctx *ctx;
	const struct zygote_config *config;
	int signal_fd; /* tells SIGCHLD */
	struct event *ended, *late;
	int64_t next_ms; /* when `late` is due, or INT64_MAX */
	size_t count, max;
	struct child children[CHILDREN_MAX];
};

static void
answer(struct zygote *z, const struct msg_parse_exit *m)
{
	struct msg msg = {.type = MSG_PARSE_EXIT, .parse_exit = *m};

	if (z->ctx->chan != NULL && chan_send(z->ctx->chan, &msg, NULL, 0) < 0)
		role_end(z->ctx, EX_UNAVAILABLE);
}

static void
child_over(
    struct zygote *z, struct child *c, int status, const struct rusage *used)
{
	struct msg_parse_exit m = {.page = c->page, .deadline = c->is_late};

	if (WIFSIGNALED(status)) {
		m.signal = (uint32_t)WTERMSIG(status);
		m.status = EX_SOFTWARE;
	} else
		m.status = (uint32_t)WEXITSTATUS(status);
	m.cpu_us = (uint64_t)(used->ru_utime.tv_sec + used->ru_stime.tv_sec) *
		       1000000 +
		   (uint64_t)(used->ru_utime.tv_usec + used->ru_stime.tv_usec);
	*c = z->children[--z->count];
	answer(z, &m);
}

static void
on_ended(evutil_socket_t fd, short what, void *arg)
{
	struct zygote *z = arg;
	struct signalfd_siginfo told;
	struct rusage used;
	int status;
	pid_t pid;

	(void)what;
	/* Several ends may be told as one: all are asked for below. */
	while (read(fd, &told, sizeof(told)) < 0 && errno == EINTR)
		;
	while (z->count > 0 && (pid = wait4(-1, &status, WNOHANG, &used)) > 0)
		for (size_t i = 0; i < z->count; i++)
			if (z->children[i].pid == pid) {
				child_over(z, &z->children[i], status, &used);
				break;
			}
}

/* Sets the timer to the first deadline, where it is not set to one before. */
static void
watch(struct zygote *z, int64_t deadline_ms, int64_t now_ms)
{
	int64_t left = deadline_ms - now_ms;
	struct timeval tv;

	if (z->next_ms <= deadline_ms)
		return;
	z->next_ms = deadline_ms;
	if (left < 0)
		left = 0;
	tv.tv_sec = left / 1000;
	tv.tv_usec = left % 1000 * 1000;
	evtimer_add(z->late, &tv);
}

static void
on_late(evutil_socket_t fd, short what, void *arg)
{
	struct zygote *z = arg;
	int64_t now = date_monotonic_ms();

	(void)fd;
	(void)what;
	z->next_ms = INT64_MAX;
	for (size_t i = 0; i < z->count; i++) {
		struct child *c = &z->children[i];

		if (c->is_late)
			continue;
		if (c->deadline_ms <= now) {
			c->is_late = true;
			kill(
			    c->pid, SIGKILL); /* its end is told and answered */
		} else
			watch(z, c->deadline_ms, now);
	}
}

/* The child: dies with the zygote, keeps its two descriptors and the zygote's
 * limits, and enters its filter before it reads a byte. */
static _Noreturn void
child_main(struct zygote *z, const struct msg_parse_page *m, const int *fds,
    size_t nfds, pid_t parent)
{
	struct err e;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(EX_OSERR);
	close(ROLE_FD); /* sheafd must see the zygote's end, not ours */
	if (sandbox_limit_cpu(LIMIT_PARSE_CPU_S, &e) < 0 ||
	    (z->config->filter != NULL &&
		sandbox_enter_program(z->config->filter, &e) < 0)) {
		log_error(m->source, "%s", e.text);
		_exit(EX_OSERR);
	}
	_exit(z->config->read_page(m, fds[0], fds[1], nfds > 2 ? fds[2] : -1));
}

static void
start_page(struct zygote *z, const struct msg_parse_page *m, const int *fds,
    size_t nfds)
{
	struct msg_parse_exit refused = {.page = m->page, .status = EX_OSERR};
	uint32_t deadline_ms = m->deadline_ms;
	pid_t parent = getpid(), pid;
	int64_t now;

	if (z->count >= z->max) {
		log_error(m->source,
		    "a page came while %zu are being parsed: refused",
		    z->count);
		answer(z, &refused);
		return;
	}
	pid = fork();
	if (pid == 0)
		child_main(z, m, fds, nfds, parent);
	if (pid < 0) {
		log_error(
		    m->source, "cannot fork a parser: %s", strerror(errno));
		answer(z, &refused);
		return;
	}
	if (deadline_ms == 0 || deadline_ms > LIMIT_PARSE_WALL_MS)
		deadline_ms = LIMIT_PARSE_WALL_MS;
	now = date_monotonic_ms();
	z->children[z->count++] = (struct child){
	    .page = m->page, .deadline_ms = now + deadline_ms, .pid = pid};
	watch(z, now + deadline_ms, now);
}

static void
on_msg(void *arg, const struct msg *m, int *fds, size_t nfds)
{
	struct zygote *z = arg;
	struct msg_parse_exit refused = {.status = EX_PROTOCOL};

	switch (m->type) {
	case MSG_PARSE_SETUP:
		z->max = m->parse_setup.max_children;
		if (z->max == 0 || z->max > CHILDREN_MAX)
			z->max = CHILDREN_MAX;
		break;
	case MSG_PARSE_RULES:
		if (nfds == 2 && z->config->take_rules != NULL)
			z->config->take_rules(fds);
		break;
	case MSG_PARSE_PAGE:
		if (nfds >= 2)
			start_page(z, &m->parse_page, fds, nfds);
		else {
			refused.page = m->parse_page.page;
			answer(z, &refused);
		}
		break; /* the channel closes the zygote's descriptors */
	case MSG_PARSE_KILL:
		for (size_t i = 0; i < z->count; i++)
			if (z->children[i].page == m->parse_kill.page)
				kill(z->children[i].pid, SIGKILL);
		break;
	default:
		break; /* the table lets nothing else through */
	}
}

static void
on_close(void *arg, const struct err *why)
{
	struct zygote *z = arg;

	(void)why;
	role_end(z->ctx, EX_OK);
}

static void
end_children(struct zygote *z)
{
	for (size_t i = 0; i < z->count; i++)
		kill(z->children[i].pid, SIGKILL);
	for (size_t i = 0; i < z->count; i++)
		while (
		    waitpid(z->children[i].pid, NULL, 0) < 0 && errno == EINTR)
			;
}

static void
open_events(struct zygote *z)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	z->signal_fd = -1;
	if (sigprocmask(SIG_BLOCK, &set, NULL) == 0)
		z->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (z->signal_fd < 0)
		log_fatal(
		    EX_OSERR, "cannot watch children: %s", strerror(errno));
	z->ended = event_new(
	    z->ctx->base, z->signal_fd, EV_READ | EV_PERSIST, on_ended, z);
	z->late = evtimer_new(z->ctx->base, on_late, z);
	BUG_ON(z->ended == NULL || z->late == NULL);
	event_add(z->ended, NULL);
}

int
zygote_run(struct role_ctx *ctx, const struct zygote_config *config)
{
	static const struct chan_ops ops = {on_msg, on_close};
	static struct zygote z;
	int code;

	z = (struct zygote){.ctx = ctx,
	    .config = config,
	    .next_ms = INT64_MAX,
	    .max = CHILDREN_MAX};
	open_events(&z);
	ctx->chan =
	    chan_new(ctx->base, ROLE_FD, ROLE_PARSE, ROLE_SHEAFD, &ops, &z);
	code = role_run(ctx);
	chan_free(ctx->chan);
	ctx->chan = NULL;
	end_children(&z);
	event_free(z.ended);
	event_free(z.late);
	close(z.signal_fd);
	return code;
}
