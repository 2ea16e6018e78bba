/* What ends a child: its page, its deadline, its own words, a signal; and what
 * is left of it. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/date.h"
#include "base/log.h"
#include "parse/zygote_priv.h"
#include "proc/packet.h"

enum { VERDICT_BYTES = 256 };

/* It is not heard any more. */
static void
cut_off(struct child *c)
{
	if (c->said != NULL)
		event_free(c->said);
	if (c->fd >= 0)
		close(c->fd);
	c->said = NULL;
	c->fd = -1;
}

/* Nothing is left of it here. */
static void
drop(struct zygote *z, struct child *c)
{
	cut_off(c);
	z->waiting -= c->is_waiting;
	*c = z->children[--z->count];
}

void
zygote_retire(struct zygote *z, struct child *c)
{
	kill(c->pid, SIGKILL);
	drop(z, c);
}

void
zygote_forget(struct zygote *z, uint64_t run)
{
	for (size_t i = z->count; i-- > 0;) {
		struct child *c = &z->children[i];

		if (run != 0 && c->run != run)
			continue;
		c->run = 0;
		if (c->is_waiting)
			zygote_retire(z, c);
	}
}

void
zygote_end_all(struct zygote *z)
{
	while (z->count > 0)
		zygote_retire(z, &z->children[z->count - 1]);
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
}

/* --- deadlines --- */
/* Sets the timer to the first deadline, where it is not set to one before. */
static void
set_timer(struct zygote *z, int64_t deadline_ms, int64_t now_ms)
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

void
zygote_deadline(struct zygote *z, struct child *c, uint32_t ms)
{
	int64_t now = date_monotonic_ms();

	c->deadline_ms = now + ms;
	set_timer(z, c->deadline_ms, now);
}

static void
on_late(evutil_socket_t fd, short what, void *arg)
{
	struct zygote *z = arg;
	int64_t now = date_monotonic_ms();

	(void)fd;
	(void)what;
	z->next_ms = INT64_MAX;
	for (size_t i = z->count; i-- > 0;) {
		struct child *c = &z->children[i];

		if (c->is_late)
			continue;
		if (c->deadline_ms > now)
			set_timer(z, c->deadline_ms, now);
		else if (c->is_waiting)
			zygote_retire(z, c);
		else {
			c->is_late = true;
			/* Its end is told and answered. */
			kill(c->pid, SIGKILL);
		}
	}
}

/* --- what children say --- */
/* What it has used since it was forked; the kernel counts, not the child. */
static uint64_t
cpu_of(pid_t pid)
{
	struct timespec used;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) != 0 ||
	    clock_gettime(clock, &used) != 0)
		return 0;
	return (uint64_t)used.tv_sec * 1000000 + (uint64_t)used.tv_nsec / 1000;
}

enum verdict { VERDICT_READ, VERDICT_NONE, VERDICT_LIE };

/* Whether it says, and may say, that its page is read well. */
static enum verdict
hear(const struct child *c)
{
	char in[VERDICT_BYTES];
	int fds[LIMIT_MESSAGE_FDS];
	size_t nfds;
	struct msg m;
	struct err e;
	ssize_t n;

	n = packet_receive(c->fd, MSG_DONTWAIT, in, sizeof(in), fds, &nfds);
	packet_close_fds(fds, nfds);
	if (n == 0 || (n < 0 && errno != EMSGSIZE))
		return VERDICT_NONE;
	if (n < 0 || c->is_waiting ||
	    msg_decode(&m, in, (size_t)n, ROLE_PARSE, ROLE_SHEAFD, nfds, &e) <
		0 ||
	    m.type != MSG_PARSE_EXIT || m.parse_exit.page != c->page ||
	    m.parse_exit.status != 0)
		return VERDICT_LIE;
	return VERDICT_READ;
}

/* The one that has waited longest. */
static struct child *
longest_waiting(struct zygote *z)
{
	struct child *c = NULL;

	for (size_t i = 0; i < z->count; i++)
		if (z->children[i].is_waiting &&
		    (c == NULL || z->children[i].deadline_ms < c->deadline_ms))
			c = &z->children[i];
	return c;
}

static void
wait_for_next(struct zygote *z, struct child *c)
{
	c->is_waiting = true;
	zygote_deadline(z, c, LIMIT_PARSE_KEPT_MS);
	if (++z->waiting > LIMIT_PARSE_KEPT)
		zygote_retire(z, longest_waiting(z));
}

static void
page_read(struct zygote *z, struct child *c)
{
	struct msg_parse_exit m = {.page = c->page};
	uint64_t used = cpu_of(c->pid);

	m.cpu_us = used - c->cpu_us;
	c->cpu_us = used;
	if (c->run == 0 || used > (uint64_t)LIMIT_PARSE_KEPT_CPU_S * 1000000)
		zygote_retire(z, c);
	else
		wait_for_next(z, c);
	zygote_answer(z, &m);
}

static void
on_said(evutil_socket_t fd, short what, void *arg)
{
	struct zygote *z = arg;
	struct child *c = z->children;

	(void)what;
	while (c->fd != fd)
		c++;
	switch (c->is_late ? VERDICT_NONE : hear(c)) {
	case VERDICT_READ:
		page_read(z, c);
		break;
	case VERDICT_LIE:
		log_error(NULL,
		    "a page's parser said what it may not say: it is killed, "
		    "and its page with it");
		kill(c->pid, SIGKILL);
		cut_off(c);
		break;
	case VERDICT_NONE:
		cut_off(c); /* its end is told by SIGCHLD */
		break;
	}
}

void
zygote_listen(struct zygote *z, struct child *c)
{
	c->said =
	    event_new(z->ctx->base, c->fd, EV_READ | EV_PERSIST, on_said, z);
	BUG_ON(c->said == NULL);
	event_add(c->said, NULL);
}

/* --- their ends --- */
static uint64_t
used_by(const struct rusage *r)
{
	return (uint64_t)(r->ru_utime.tv_sec + r->ru_stime.tv_sec) * 1000000 +
	       (uint64_t)(r->ru_utime.tv_usec + r->ru_stime.tv_usec);
}

static void
child_over(
    struct zygote *z, struct child *c, int status, const struct rusage *used)
{
	struct msg_parse_exit m = {.page = c->page, .deadline = c->is_late};
	bool was_waiting = c->is_waiting;

	/* Its last words may still be there. */
	if (!was_waiting && c->fd >= 0 && !c->is_late &&
	    hear(c) == VERDICT_READ)
		status = 0;
	if (WIFSIGNALED(status)) {
		m.signal = (uint32_t)WTERMSIG(status);
		m.status = EX_SOFTWARE;
	} else
		m.status = (uint32_t)WEXITSTATUS(status);
	if (used_by(used) > c->cpu_us)
		m.cpu_us = used_by(used) - c->cpu_us;
	drop(z, c);
	if (!was_waiting)
		zygote_answer(z, &m);
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
	while ((pid = wait4(-1, &status, WNOHANG, &used)) > 0)
		for (size_t i = 0; i < z->count; i++)
			if (z->children[i].pid == pid) {
				child_over(z, &z->children[i], status, &used);
				break;
			}
}

void
zygote_watch(struct zygote *z)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	z->next_ms = INT64_MAX;
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
