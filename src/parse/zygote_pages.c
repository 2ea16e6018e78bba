/* Who gets a page: the child of its run that waits for one, or a new one. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/log.h"
#include "parse/child.h"
#include "parse/zygote_priv.h"
#include "proc/packet.h"

/* What a child may keep of a page is of its source, and of the rules that its
 * pages are read by. */
static void
kin_of(struct zygote *z, uint8_t kin[HASH128_BYTES],
    const struct msg_parse_page *m)
{
	const char *const texts[] = {m->source, m->protocol, m->kind,
	    m->licence, m->keep, m->identity, m->crosswalk};

	buf_clear(&z->text);
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		buf_add(&z->text, texts[i], strlen(texts[i]) + 1);
	hash128(kin, z->text.data, z->text.len);
}

static uint64_t
format_of(const struct msg_parse_page *m)
{
	return *m->format != '\0' ? hash64(m->format, strlen(m->format)) : 0;
}

/* The child of the page's run that waits for one; those that it is no page for
 * end. */
static struct child *
find_waiting(struct zygote *z, const struct msg_parse_page *m,
    const uint8_t kin[HASH128_BYTES])
{
	uint64_t format = format_of(m);

	for (size_t i = z->count; i-- > 0;) {
		struct child *c = &z->children[i];

		if (!c->is_waiting || c->run != m->run)
			continue;
		if (memcmp(c->kin, kin, HASH128_BYTES) == 0 &&
		    (c->format == 0 || format == 0 || c->format == format))
			return c;
		zygote_retire(z, c);
	}
	return NULL;
}

static void
begin_page(struct zygote *z, struct child *c, const struct msg_parse_page *m)
{
	uint32_t ms = m->deadline_ms;

	if (ms == 0 || ms > LIMIT_PARSE_WALL_MS)
		ms = LIMIT_PARSE_WALL_MS;
	c->page = m->page;
	if (c->format == 0)
		c->format = format_of(m);
	zygote_deadline(z, c, ms);
}

/* False: it has gone, or cannot take it; so it ends. */
static bool
hand_over(struct zygote *z, struct child *c, const struct msg_parse_page *m,
    const int *fds, size_t nfds)
{
	struct msg msg = {.type = MSG_PARSE_PAGE, .parse_page = *m};

	buf_clear(&z->text);
	if (msg_encode(&z->text, &msg) < 0 ||
	    packet_send(c->fd, z->text.data, z->text.len, fds, nfds) < 0) {
		zygote_retire(z, c);
		return false;
	}
	c->is_waiting = false;
	z->waiting--;
	begin_page(z, c, m);
	return true;
}

static int
fork_child(struct zygote *z, const struct msg_parse_page *m, const int *fds,
    size_t nfds, const uint8_t kin[HASH128_BYTES])
{
	struct child *c = &z->children[z->count];
	int pair[2] = {-1, -1};
	pid_t parent = getpid(), pid;

	/* Without a pair the child reads this page and ends. */
	if (m->run != 0 &&
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		pair[0] = pair[1] = -1;
	pid = fork();
	if (pid == 0)
		child_main(z->config, m, fds, nfds, pair[1], parent);
	if (pair[1] >= 0)
		close(pair[1]);
	if (pid < 0) {
		log_error(
		    m->source, "cannot fork a parser: %s", strerror(errno));
		if (pair[0] >= 0)
			close(pair[0]);
		return -1;
	}
	*c = (struct child){.pid = pid, .run = m->run, .fd = pair[0]};
	memcpy(c->kin, kin, HASH128_BYTES);
	z->count++;
	if (c->fd >= 0)
		zygote_listen(z, c);
	begin_page(z, c, m);
	return 0;
}

void
zygote_page(struct zygote *z, const struct msg_parse_page *m, const int *fds,
    size_t nfds)
{
	struct msg_parse_exit refused = {.page = m->page, .status = EX_OSERR};
	uint8_t kin[HASH128_BYTES] = {0};
	struct child *c;

	if (z->count - z->waiting >= z->max) {
		log_error(m->source,
		    "a page came while %zu are being parsed: refused",
		    z->count - z->waiting);
		zygote_answer(z, &refused);
		return;
	}
	if (m->run != 0) {
		kin_of(z, kin, m);
		while ((c = find_waiting(z, m, kin)) != NULL)
			if (hand_over(z, c, m, fds, nfds))
				return;
	}
	if (fork_child(z, m, fds, nfds, kin) < 0)
		zygote_answer(z, &refused);
}
