/* The zygote's child.  What a page is, is its caller's (zygote_config). */
#include "parse/child.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/log.h"
#include "proc/packet.h"

_Static_assert(
    (int)ROLE_FD == (int)SANDBOX_PARSE_FD, "where the next page comes from");

/* Closes every descriptor above ROLE_FD that is not one of these: the zygote's
 * ends of the sockets of other children among them. */
static int
close_others(const int *fds, size_t nfds)
{
	unsigned from = ROLE_FD + 1;

	for (;;) {
		unsigned next = ~0U;

		for (size_t i = 0; i < nfds; i++)
			if ((unsigned)fds[i] >= from && (unsigned)fds[i] < next)
				next = (unsigned)fds[i];
		if (next > from &&
		    close_range(from, next == ~0U ? next : next - 1, 0) < 0)
			return -1;
		if (next == ~0U)
			return 0;
		from = next + 1;
	}
}

/* sheafd must see the zygote's end, not ours: its channel goes, too. */
static int
take_descriptors(int channel, const int *fds, size_t nfds)
{
	if (channel < 0)
		close(ROLE_FD);
	else if (dup2(channel, ROLE_FD) < 0)
		return -1;
	return close_others(fds, nfds);
}

/* Dies with the zygote, has its limits, and enters its filter before it reads
 * a byte. */
static void
confine(const struct zygote_config *config, const char *source, pid_t parent)
{
	struct err e;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(EX_OSERR);
	if (sandbox_limit_cpu(LIMIT_PARSE_CPU_S, &e) < 0 ||
	    sandbox_limit_files(LIMIT_PARSE_FILES, &e) < 0 ||
	    (config->filter != NULL &&
		sandbox_enter_program(config->filter, &e) < 0)) {
		log_error(source, "%s", e.text);
		_exit(EX_OSERR);
	}
}

/* By write(), since its filter has no sendmsg(). */
static void
say_read(uint64_t page)
{
	struct msg m = {.type = MSG_PARSE_EXIT, .parse_exit = {.page = page}};
	struct buf out;

	buf_init(&out, KIB);
	if (msg_encode(&out, &m) < 0 || write(ROLE_FD, out.data, out.len) < 0)
		_exit(EX_OSERR);
	buf_release(&out);
}

/* Waits for the next page; m points into `in` then. */
static size_t
next_page(struct msg *m, char *in, int *fds)
{
	struct err e;
	size_t nfds;
	ssize_t n;

	do
		n = packet_receive(
		    ROLE_FD, 0, in, LIMIT_MESSAGE_BYTES, fds, &nfds);
	while (n < 0 && errno == EINTR);
	if (n <= 0 ||
	    msg_decode(m, in, (size_t)n, ROLE_SHEAFD, ROLE_PARSE, nfds, &e) <
		0 ||
	    m->type != MSG_PARSE_PAGE || nfds < 2)
		_exit(EX_OSERR);
	return nfds;
}

_Noreturn void
child_main(const struct zygote_config *config, const struct msg_parse_page *m,
    const int *fds, size_t nfds, int channel, pid_t parent)
{
	const char *heap = sbrk(0);
	int mine[LIMIT_MESSAGE_FDS];
	char *in = NULL;
	struct msg next;
	int code;

	for (size_t i = 0; i < nfds; i++)
		mine[i] = fds[i];
	if (take_descriptors(channel, mine, nfds) < 0)
		_exit(EX_OSERR);
	confine(config, m->source, parent);
	for (;;) {
		code = config->read_page(
		    m, mine[0], mine[1], nfds > 2 ? mine[2] : -1);
		if (code != EX_OK || channel < 0 ||
		    (const char *)sbrk(0) > heap + LIMIT_PARSE_KEPT_HEAP)
			_exit(code);
		packet_close_fds(mine, nfds);
		say_read(m->page);
		if (in == NULL)
			in = xmalloc(LIMIT_MESSAGE_BYTES);
		nfds = next_page(&next, in, mine);
		m = &next.parse_page;
	}
}
