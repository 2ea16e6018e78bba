/* Forking, deadlines and reaping.  What a child does is its caller's. */
#include "parse/zygote.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/log.h"

enum { CHILDREN_MAX = 256 };

struct child {
	struct child *next;
	struct zygote *zygote;
	uint64_t page;
	pid_t pid;
	struct event *deadline;
	bool is_late;
};

struct zygote {
	struct role_ctx *ctx;
	const struct zygote_config *config;
	struct event *reaper;
	struct child *children;
	size_t count, max;
};

static void
answer(struct zygote *z, const struct msg_parse_exit *m)
{
	struct msg msg = {.type = MSG_PARSE_EXIT, .parse_exit = *m};

	if (z->ctx->chan != NULL && chan_send(z->ctx->chan, &msg, NULL, 0) < 0)
		role_end(z->ctx, EX_UNAVAILABLE);
}

static void
child_free(struct child *c)
{
	if (c->deadline != NULL)
		event_free(c->deadline);
	free(c);
}

static void
child_over(struct zygote *z, struct child **slot, int status,
    const struct rusage *used)
{
	struct child *c = *slot;
	struct msg_parse_exit m = {.page = c->page, .deadline = c->is_late};

	if (WIFSIGNALED(status)) {
		m.signal = (uint32_t)WTERMSIG(status);
		m.status = EX_SOFTWARE;
	} else
		m.status = (uint32_t)WEXITSTATUS(status);
	m.cpu_us = (uint64_t)(used->ru_utime.tv_sec + used->ru_stime.tv_sec) *
		       1000000 +
		   (uint64_t)(used->ru_utime.tv_usec + used->ru_stime.tv_usec);
	*slot = c->next;
	z->count--;
	child_free(c);
	answer(z, &m);
}

static void
reap(evutil_socket_t signal_no, short what, void *arg)
{
	struct zygote *z = arg;
	struct rusage used;
	int status;
	pid_t pid;

	(void)signal_no;
	(void)what;
	while ((pid = wait4(-1, &status, WNOHANG, &used)) > 0)
		for (struct child **p = &z->children; *p; p = &(*p)->next)
			if ((*p)->pid == pid) {
				child_over(z, p, status, &used);
				break;
			}
}

static void
on_deadline(evutil_socket_t fd, short what, void *arg)
{
	struct child *c = arg;

	(void)fd;
	(void)what;
	c->is_late = true;
	kill(c->pid, SIGKILL); /* the reaper answers */
}

/* The child: dies with the zygote, keeps its two descriptors, and enters its
 * filter before it reads a byte. */
static _Noreturn void
child_main(struct zygote *z, const struct msg_parse_page *m, const int *fds,
    size_t nfds, pid_t parent)
{
	struct err e;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(EX_OSERR);
	close(ROLE_FD); /* sheafd must see the zygote's end, not ours */
	if (sandbox_limit(LIMIT_PARSE_MEMORY, LIMIT_PARSE_CPU_S, &e) < 0 ||
	    (z->config->filter != NULL &&
		sandbox_enter_program(z->config->filter, &e) < 0)) {
		log_error(m->source, "%s", e.text);
		_exit(EX_OSERR);
	}
	_exit(z->config->read_page(m, fds[0], fds[1], nfds > 2 ? fds[2] : -1));
}

static void
watch_deadline(struct zygote *z, struct child *c, uint32_t deadline_ms)
{
	struct timeval tv;

	if (deadline_ms == 0 || deadline_ms > LIMIT_PARSE_WALL_MS)
		deadline_ms = LIMIT_PARSE_WALL_MS;
	tv.tv_sec = deadline_ms / 1000;
	tv.tv_usec = deadline_ms % 1000 * 1000;
	c->deadline = evtimer_new(z->ctx->base, on_deadline, c);
	BUG_ON(c->deadline == NULL);
	evtimer_add(c->deadline, &tv);
}

static void
start_page(struct zygote *z, const struct msg_parse_page *m, const int *fds,
    size_t nfds)
{
	struct msg_parse_exit refused = {.page = m->page, .status = EX_OSERR};
	pid_t parent = getpid(), pid;
	struct child *c;

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
	c = xcalloc(1, sizeof(*c));
	c->zygote = z;
	c->page = m->page;
	c->pid = pid;
	c->next = z->children;
	z->children = c;
	z->count++;
	watch_deadline(z, c, m->deadline_ms);
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
	case MSG_PARSE_PAGE:
		if (nfds >= 2)
			start_page(z, &m->parse_page, fds, nfds);
		else {
			refused.page = m->parse_page.page;
			answer(z, &refused);
		}
		break; /* the channel closes the zygote's descriptors */
	case MSG_PARSE_KILL:
		for (struct child *c = z->children; c; c = c->next)
			if (c->page == m->parse_kill.page)
				kill(c->pid, SIGKILL);
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
	for (struct child *c = z->children; c; c = c->next)
		kill(c->pid, SIGKILL);
	while (z->children != NULL) {
		struct child *c = z->children;

		while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
			;
		z->children = c->next;
		child_free(c);
	}
}

int
zygote_run(struct role_ctx *ctx, const struct zygote_config *config)
{
	static const struct chan_ops ops = {on_msg, on_close};
	struct zygote z = {.ctx = ctx, .config = config, .max = CHILDREN_MAX};
	int code;

	z.reaper = evsignal_new(ctx->base, SIGCHLD, reap, &z);
	BUG_ON(z.reaper == NULL);
	event_add(z.reaper, NULL);
	ctx->chan =
	    chan_new(ctx->base, ROLE_FD, ROLE_PARSE, ROLE_SHEAFD, &ops, &z);
	code = role_run(ctx);
	chan_free(ctx->chan);
	ctx->chan = NULL;
	end_children(&z);
	event_free(z.reaper);
	return code;
}
