#include "zygote_talk.h"

#include <event2/event.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct zygote_talk z;

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

void
talk_begin(pid_t pid, int fd, unsigned max_children)
{
	static const struct chan_ops ops = {on_msg, on_close};
	struct msg m = {.type = MSG_PARSE_SETUP, .parse_setup = {max_children}};

	memset(&z, 0, sizeof(z));
	z.base = event_base_new();
	z.pid = pid;
	z.chan = chan_new(z.base, fd, ROLE_SHEAFD, ROLE_PARSE, &ops, NULL);
	talk_send(&m, NULL, 0);
}

void
talk_end(void)
{
	int status;

	if (z.chan != NULL)
		chan_free(z.chan);
	assert_int_equal(waitpid(z.pid, &status, 0), z.pid);
	event_base_free(z.base);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void
run_for(unsigned ms)
{
	struct timeval tv = {ms / 1000, ms % 1000 * 1000};

	event_base_loopexit(z.base, &tv);
	event_base_dispatch(z.base);
}

void
talk_wait(unsigned exits)
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

void
talk_idle(unsigned ms)
{
	z.wanted = ~0U;
	run_for(ms);
}

void
talk_send(const struct msg *m, const int *fds, size_t nfds)
{
	assert_int_equal(chan_send(z.chan, m, fds, nfds), 0);
}

void
talk_page(const struct msg_parse_page *page, int body, int stream)
{
	struct msg m = {.type = MSG_PARSE_PAGE, .parse_page = *page};

	talk_send(&m, (int[]){body, stream}, 2);
}

int
talk_body(const char *text)
{
	int fd = memfd_create("page", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	return fd;
}
