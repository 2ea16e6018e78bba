/*
 * Channels: SOCK_SEQPACKET, descriptors beside messages, a bounded queue.
 * See proc/chan.h for the contract; the codec is wire/msg.c.
 *
 * A send that fails never calls back: it marks the channel, and on_close
 * comes from the event loop, after what the peer had sent before it ended.
 */
#include "proc/chan.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/date.h"
#include "base/limits.h"
#include "proc/packet.h"

/* Messages read before others get their turn. */
enum { MESSAGES_PER_WAKEUP = 64 };
/* Asked of the kernel for each direction; it grants net.core.wmem_max, whose
 * default still takes a datagram of LIMIT_MESSAGE_BYTES. */
enum { SOCKET_BUFFER_BYTES = 1024 * 1024 };
/* Waited when the kernel is out of buffers or of descriptors in flight, which
 * no readiness event tells the end of. */
enum { RETRY_MS = 10 };

struct item {
	struct item *next;
	int fds[LIMIT_MESSAGE_FDS];
	size_t nfds;
	size_t len;
	char data[];
};

struct chan {
	int fd; /* -1 once dead */
	enum role self, peer;
	const struct chan_ops *ops;
	void *arg;
	struct event *readable, *writable, *retry, *broken;
	struct item *head, **tail;
	size_t queued;
	bool send_dead; /* nothing more can be sent; reading goes on */
	bool is_broken; /* on_close is due, with `why` */
	bool is_waiting; /* for writable or retry */
	bool is_freed; /* chan_free came while `depth` was not 0 */
	unsigned depth; /* callbacks that are running */
	struct err why;
	struct buf out;
	char *in; /* LIMIT_MESSAGE_BYTES */
};

static void
item_free(struct item *it)
{
	packet_close_fds(it->fds, it->nfds);
	free(it);
}

static void
drop_queue(struct chan *c)
{
	struct item *it;

	while ((it = c->head)) {
		c->head = it->next;
		item_free(it);
	}
	c->tail = &c->head;
	c->queued = 0;
}

/* Ends all traffic; what remains is memory. */
static void
shut(struct chan *c)
{
	if (c->fd < 0)
		return;
	event_del(c->readable);
	event_del(c->writable);
	event_del(c->retry);
	event_del(c->broken);
	close(c->fd);
	c->fd = -1;
	c->send_dead = true;
	drop_queue(c);
}

static void
dispose(struct chan *c)
{
	event_free(c->readable);
	event_free(c->writable);
	event_free(c->retry);
	event_free(c->broken);
	buf_release(&c->out);
	free(c->in);
	free(c);
}

void
chan_free(struct chan *c)
{
	if (!c)
		return;
	shut(c);
	if (c->depth > 0)
		c->is_freed = true;
	else
		dispose(c);
}

static void
leave(struct chan *c)
{
	if (--c->depth == 0 && c->is_freed)
		dispose(c);
}

static void
close_now(struct chan *c, const struct err *why)
{
	if (c->fd < 0)
		return;
	shut(c);
	c->depth++;
	c->ops->on_close(c->arg, why);
	leave(c);
}

static void
on_broken(evutil_socket_t fd, short what, void *arg)
{
	struct chan *c = arg;

	(void)fd;
	(void)what;
	close_now(c, &c->why);
}

/* The channel ends by our own decision (c->why): told from the event loop. */
static void
break_later(struct chan *c)
{
	c->send_dead = true;
	drop_queue(c);
	if (c->is_broken)
		return;
	c->is_broken = true;
	event_del(c->readable);
	event_active(c->broken, EV_TIMEOUT, 1);
}

/* --- sending ----------------------------------------------------------- */
enum sent { SENT, SENT_LATER, SENT_RETRY, SENT_PEER_GONE, SENT_FAILED };

static enum sent
send_now(
    struct chan *c, const void *data, size_t n, const int *fds, size_t nfds)
{
	if (packet_send(c->fd, data, n, fds, nfds) == 0)
		return SENT;
	switch (errno) {
	case EAGAIN:
		return SENT_LATER;
	case ENOBUFS:
	case ENOMEM:
	case ETOOMANYREFS:
		return SENT_RETRY;
	case EPIPE:
	case ECONNRESET:
	case ENOTCONN:
		return SENT_PEER_GONE;
	default:
		err_sys(&c->why, "sending to %s failed", role_name(c->peer));
		return SENT_FAILED;
	}
}

static void
wait_to_send(struct chan *c, enum sent s)
{
	static const struct timeval retry = {0, RETRY_MS * 1000};

	if (c->is_waiting)
		return;
	c->is_waiting = true;
	if (s == SENT_RETRY)
		event_add(c->retry, &retry);
	else
		event_add(c->writable, NULL);
}

/* Handles every outcome but SENT.  A peer that is gone is told by the end of
 * its stream, after its last messages. */
static void
not_sent(struct chan *c, enum sent s)
{
	if (s == SENT_PEER_GONE) {
		c->send_dead = true;
		drop_queue(c);
	} else if (s == SENT_FAILED) {
		break_later(c);
	} else {
		wait_to_send(c, s);
	}
}

static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct chan *c = arg;

	(void)fd;
	(void)what;
	c->is_waiting = false;
	while (c->head) {
		struct item *it = c->head;
		enum sent s = send_now(c, it->data, it->len, it->fds, it->nfds);

		if (s != SENT) {
			not_sent(c, s);
			return;
		}
		c->head = it->next;
		if (!c->head)
			c->tail = &c->head;
		c->queued -= it->len;
		item_free(it);
	}
}

static int
enqueue(struct chan *c, const int *fds, size_t nfds)
{
	struct item *it;

	if (c->queued + c->out.len > LIMIT_CHANNEL_QUEUE) {
		err_set(&c->why, ERR_LIMIT, 0,
		    "%s does not read: %zu bytes wait for it",
		    role_name(c->peer), c->queued);
		break_later(c);
		return -1;
	}
	it = xmalloc(sizeof(*it) + c->out.len);
	it->next = NULL;
	it->len = c->out.len;
	memcpy(it->data, c->out.data, it->len);
	for (it->nfds = 0; it->nfds < nfds; it->nfds++) {
		int fd = fcntl(fds[it->nfds], F_DUPFD_CLOEXEC, 0);

		if (fd < 0) {
			err_sys(&c->why,
			    "cannot keep a descriptor to send to %s",
			    role_name(c->peer));
			item_free(it);
			break_later(c);
			return -1;
		}
		it->fds[it->nfds] = fd;
	}
	*c->tail = it;
	c->tail = &it->next;
	c->queued += it->len;
	return 0;
}

int
chan_send(struct chan *c, const struct msg *m, const int *fds, size_t nfds)
{
	const struct msg_info *info = msg_info(m->type);
	enum sent s;

	BUG_ON(!info || info->from != c->self || info->to != c->peer);
	BUG_ON(nfds > info->max_fds || nfds > LIMIT_MESSAGE_FDS);
	if (c->send_dead)
		return -1;
	buf_clear(&c->out);
	if (msg_encode(&c->out, m) < 0) {
		err_set(&c->why, ERR_LIMIT, 0,
		    "%s to %s exceeds the %zu bytes of a message", info->name,
		    role_name(c->peer), LIMIT_MESSAGE_BYTES);
		break_later(c);
		return -1;
	}
	if (c->head)
		return enqueue(c, fds, nfds);
	s = send_now(c, c->out.data, c->out.len, fds, nfds);
	if (s == SENT)
		return 0;
	if ((s == SENT_LATER || s == SENT_RETRY) && enqueue(c, fds, nfds) < 0)
		return -1;
	not_sent(c, s);
	return c->send_dead ? -1 : 0;
}

size_t
chan_queued(const struct chan *c)
{
	return c->queued;
}

int
chan_flush(struct chan *c, int timeout_ms)
{
	int64_t end = date_monotonic_ms() + timeout_ms;

	while (c->head && !c->send_dead) {
		struct pollfd p = {.fd = c->fd, .events = POLLOUT};
		int64_t left = end - date_monotonic_ms();

		if (left <= 0)
			break;
		if (poll(&p, 1, left > RETRY_MS ? RETRY_MS : (int)left) < 0 &&
		    errno != EINTR)
			break;
		event_del(c->writable);
		event_del(c->retry);
		on_writable(c->fd, EV_WRITE, c);
	}
	return c->head || c->send_dead ? -1 : 0;
}

/* --- receiving --------------------------------------------------------- */
/* Reads one message and hands it on.  True when there may be another. */
static bool
receive_one(struct chan *c)
{
	int fds[LIMIT_MESSAGE_FDS];
	size_t nfds;
	struct err why;
	struct msg m;
	ssize_t n;

	n = packet_receive(
	    c->fd, MSG_DONTWAIT, c->in, LIMIT_MESSAGE_BYTES, fds, &nfds);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n < 0 && errno == EMSGSIZE) {
		err_set(&why, ERR_LIMIT, 0,
		    "a message from %s is too large, has too many descriptors, "
		    "or this process has none left",
		    role_name(c->peer));
		close_now(c, &why);
		return false;
	}
	if (n < 0 && errno != ECONNRESET) {
		err_sys(&why, "reading from %s failed", role_name(c->peer));
		close_now(c, &why);
		return false;
	}
	if (n <= 0) {
		err_set(&why, ERR_SYSTEM, 0, "%s ended", role_name(c->peer));
		close_now(c, &why);
		return false;
	}
	if (msg_decode(&m, c->in, (size_t)n, c->peer, c->self, nfds, &why) <
	    0) {
		packet_close_fds(fds, nfds);
		close_now(c, &why);
		return false;
	}
	c->ops->on_msg(c->arg, &m, fds, nfds);
	packet_close_fds(fds, nfds);
	return c->fd >= 0 && !c->is_broken;
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct chan *c = arg;

	(void)fd;
	(void)what;
	c->depth++;
	for (unsigned i = 0; i < MESSAGES_PER_WAKEUP; i++)
		if (!receive_one(c))
			break;
	leave(c);
}

/* --- birth ------------------------------------------------------------- */
struct chan *
chan_new(struct event_base *base, int fd, enum role self, enum role peer,
    const struct chan_ops *ops, void *arg)
{
	struct chan *c = xcalloc(1, sizeof(*c));

	c->fd = fd;
	c->self = self;
	c->peer = peer;
	c->ops = ops;
	c->arg = arg;
	c->tail = &c->head;
	buf_init(&c->out, LIMIT_MESSAGE_BYTES);
	c->in = xmalloc(LIMIT_MESSAGE_BYTES);
	c->readable = event_new(base, fd, EV_READ | EV_PERSIST, on_readable, c);
	c->writable = event_new(base, fd, EV_WRITE, on_writable, c);
	c->retry = event_new(base, -1, 0, on_writable, c);
	c->broken = event_new(base, -1, 0, on_broken, c);
	BUG_ON(!c->readable || !c->writable || !c->retry || !c->broken);
	event_add(c->readable, NULL);
	return c;
}

int
chan_pair(int *parent, int *child, struct err *e)
{
	int sv[2], size = SOCKET_BUFFER_BYTES;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv) < 0)
		return err_sys(e, "cannot make a channel");
	for (int i = 0; i < 2; i++)
		setsockopt(sv[i], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	if (fcntl(sv[0], F_SETFL, O_NONBLOCK) < 0 ||
	    fcntl(sv[1], F_SETFD, 0) < 0) {
		err_sys(e, "cannot make a channel");
		close(sv[0]);
		close(sv[1]);
		return -1;
	}
	*parent = sv[0];
	*child = sv[1];
	return 0;
}
