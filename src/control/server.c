/* The control socket's listening end.  Not here: what the verbs do. */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/alloc.h"
#include "base/date.h"
#include "base/log.h"
#include "control/proto.h"
#include "control/server.h"

struct control_call {
	struct control_server *server;
	struct control_call *prev, *next;
	int fd;
	struct event *read, *write;
	struct buf in, out;
	int64_t began_ms;
	bool asked; /* its request was handed over */
	bool ending; /* `end` was said: closes when `out` is written */
};

struct control_server {
	struct event_base *base;
	const struct control_ops *ops;
	void *arg;
	char *path;
	int fd;
	struct event *accept;
	struct control_call *calls;
	unsigned count;
};

static void
call_free(struct control_call *c)
{
	struct control_server *s = c->server;

	if (c->prev != NULL)
		c->prev->next = c->next;
	else
		s->calls = c->next;
	if (c->next != NULL)
		c->next->prev = c->prev;
	s->count--;
	event_free(c->read);
	event_free(c->write);
	close(c->fd);
	buf_release(&c->in);
	buf_release(&c->out);
	free(c);
}

/* The client is no more, whether it left or had to. */
static void
call_gone(struct control_call *c)
{
	struct control_server *s = c->server;

	if (c->asked && !c->ending)
		s->ops->on_gone(s->arg, c);
	call_free(c);
}

static void
on_writable(int fd, short what, void *arg)
{
	struct control_call *c = arg;

	if (c->out.full || (what & EV_TIMEOUT)) {
		log_warn(NULL, "a client of the control socket does not read "
			       "its answers and is dropped");
		call_gone(c);
		return;
	}
	while (c->out.len > 0) {
		ssize_t n = send(fd, c->out.data, c->out.len, MSG_NOSIGNAL);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n < 0) {
			call_gone(c);
			return;
		}
		buf_consume(&c->out, (size_t)n);
	}
	event_del(c->write);
	if (c->ending)
		call_free(c);
}

static void
call_answer(struct control_call *c, size_t count, const char *const *words)
{
	const struct timeval patience = {CONTROL_REQUEST_MS / 1000, 0};

	if (c->ending)
		return;
	control_line_encode(&c->out, count, words);
	event_add(c->write, &patience);
}

static void
call_text(struct control_call *c, const char *kind, const char *fmt, va_list ap)
{
	struct buf text;

	buf_init(&text, CONTROL_LINE_BYTES / 4);
	buf_vprintf(&text, fmt, ap);
	call_answer(c, 2, (const char *[]){kind, buf_str(&text)});
	buf_release(&text);
}

void
control_say(struct control_call *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	call_text(c, "say", fmt, ap);
	va_end(ap);
}

void
control_warn(struct control_call *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	call_text(c, "warn", fmt, ap);
	va_end(ap);
}

void
control_row(struct control_call *c, size_t count, const char *const *words)
{
	const char **all = xcalloc(count + 1, sizeof(*all));

	all[0] = "row";
	memcpy(all + 1, words, count * sizeof(*all));
	call_answer(c, count + 1, all);
	free(all);
}

void
control_end(struct control_call *c, int code)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", code);
	call_answer(c, 2, (const char *[]){"end", text});
	c->ending = true;
}

/* One request a connection: what comes after its line is not read. */
static void
call_request(struct control_call *c, char *end)
{
	char *words[CONTROL_WORDS];
	int count;

	bool is_text =
	    memchr(c->in.data, '\0', (size_t)(end - c->in.data)) == NULL;

	*end = '\0';
	c->asked = true;
	/* From here on the event only tells that the client left. */
	event_del(c->read);
	event_add(c->read, NULL);
	count = is_text ? control_line_decode(c->in.data, words, CONTROL_WORDS)
			: -1;
	if (count < 0) {
		control_warn(c, "the request is not understood");
		control_end(c, EX_PROTOCOL);
		return;
	}
	c->server->ops->on_call(c->server->arg, c, (size_t)count, words);
}

static void
on_readable(int fd, short what, void *arg)
{
	struct control_call *c = arg;
	char chunk[4096];
	ssize_t n;

	if (what & EV_TIMEOUT) {
		call_gone(c);
		return;
	}
	n = recv(fd, chunk, sizeof(chunk), 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		call_gone(c);
		return;
	}
	if (c->asked)
		return;
	/* Every byte begins the event's own patience anew. */
	if (date_monotonic_ms() - c->began_ms > CONTROL_REQUEST_MS) {
		call_gone(c);
		return;
	}
	if (buf_add(&c->in, chunk, (size_t)n) != 0) {
		c->asked = true;
		control_warn(c, "the request is longer than %d bytes",
		    CONTROL_LINE_BYTES);
		control_end(c, EX_USAGE);
		return;
	}
	char *end = memchr(c->in.data, '\n', c->in.len);
	if (end != NULL)
		call_request(c, end);
}

/* The file mode keeps strangers out already; this holds where the socket was
 * reached by a descriptor handed on, or its mode was changed. */
static bool
peer_is_trusted(int fd, const char *path)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);
	struct stat st;
	gid_t groups[256];

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0)
		return false;
	if (peer.uid == 0 || peer.uid == geteuid())
		return true;
	if (stat(path, &st) != 0)
		return false;
	if (peer.gid == st.st_gid)
		return true;
	len = sizeof(groups);
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len) != 0)
		return false;
	for (size_t i = 0; i < len / sizeof(gid_t); i++) {
		if (groups[i] == st.st_gid)
			return true;
	}
	return false;
}

static void
call_refuse(int fd, const char *why)
{
	struct buf line;
	ssize_t n;

	buf_init(&line, CONTROL_LINE_BYTES);
	control_line_encode(&line, 2, (const char *[]){"warn", why});
	control_line_encode(&line, 2, (const char *[]){"end", "77"});
	n = send(fd, line.data, line.len, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n < 0)
		log_debug(NULL, "a refused client did not wait for the reason");
	buf_release(&line);
	close(fd);
}

static void
on_connection(int listen_fd, short what, void *arg)
{
	struct control_server *s = arg;
	const struct timeval patience = {CONTROL_REQUEST_MS / 1000, 0};
	struct control_call *c;
	int fd;

	(void)what;
	fd = accept4(listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return;
	if (!peer_is_trusted(fd, s->path)) {
		call_refuse(fd, "you may not control this daemon: ask its "
				"administrator to add you to the group of "
				"the control socket");
		return;
	}
	if (s->count >= CONTROL_CLIENTS) {
		call_refuse(fd, "too many clients are asking at once: try "
				"again");
		return;
	}
	c = xcalloc(1, sizeof(*c));
	c->server = s;
	c->fd = fd;
	c->began_ms = date_monotonic_ms();
	buf_init(&c->in, CONTROL_LINE_BYTES);
	buf_init(&c->out, CONTROL_QUEUE_BYTES);
	c->read = event_new(s->base, fd, EV_READ | EV_PERSIST, on_readable, c);
	c->write =
	    event_new(s->base, fd, EV_WRITE | EV_PERSIST, on_writable, c);
	BUG_ON(c->read == NULL || c->write == NULL);
	event_add(c->read, &patience);
	c->next = s->calls;
	if (s->calls != NULL)
		s->calls->prev = c;
	s->calls = c;
	s->count++;
}

/* What a socket is called until it listens, so that whoever sees it under its
 * own name is answered. */
#define UNBORN ".new"

/* Binds; a socket that another daemon left behind is replaced, one that is
 * answered is not. */
static int
listen_at(const char *path, struct err *e)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	int fd;

	if (strlen(path) + strlen(UNBORN) >= sizeof(sa.sun_path))
		return err_set(e, ERR_CONFIG, 0,
		    "run_dir is too long for a socket: %s has more than %zu "
		    "bytes",
		    path, sizeof(sa.sun_path) - sizeof(UNBORN));
	strcpy(sa.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_sys(e, "the control socket cannot be made");
	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)) == 0) {
		close(fd);
		return err_set(e, ERR_SYSTEM, EADDRINUSE,
		    "another daemon answers at %s", path);
	}
	close(fd);
	strcat(sa.sun_path, UNBORN);
	unlink(sa.sun_path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_sys(e, "the control socket cannot be made");
	mode_t before = umask(0117);
	int rc = bind(fd, (struct sockaddr *)&sa, sizeof(sa));
	umask(before);
	if (rc != 0 || listen(fd, CONTROL_CLIENTS) != 0 ||
	    rename(sa.sun_path, path) != 0) {
		err_sys(e, "the control socket cannot be made at %s", path);
		close(fd);
		return -1;
	}
	return fd;
}

struct control_server *
control_server_new(struct event_base *base, const char *path,
    const struct control_ops *ops, void *arg, struct err *e)
{
	struct control_server *s;
	int fd = listen_at(path, e);

	if (fd < 0)
		return NULL;
	s = xcalloc(1, sizeof(*s));
	s->base = base;
	s->ops = ops;
	s->arg = arg;
	s->path = xstrdup(path);
	s->fd = fd;
	s->accept = event_new(base, fd, EV_READ | EV_PERSIST, on_connection, s);
	BUG_ON(s->accept == NULL);
	event_add(s->accept, NULL);
	return s;
}

void
control_server_free(struct control_server *s)
{
	if (s == NULL)
		return;
	while (s->calls != NULL) {
		struct control_call *c = s->calls;
		/* What was said may still go out; nobody waits for it. */
		if (c->out.len > 0 && !c->out.full &&
		    send(c->fd, c->out.data, c->out.len,
			MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
			log_debug(NULL, "a client missed its last answer");
		call_gone(c);
	}
	event_free(s->accept);
	close(s->fd);
	unlink(s->path);
	free(s->path);
	free(s);
}
