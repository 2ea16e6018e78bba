/* sheaf-fetch: the one role that speaks HTTP.  It may open sockets to public
 * addresses and read the resolver's files; it gets secrets by descriptor and
 * hands every body over sealed, without having looked at it. */
#include <event2/event.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/log.h"
#include "fetch/fetch.h"
#include "proc/role.h"

struct fetch_role {
	struct role_ctx ctx;
	struct fetch *fetch;
};

static void
on_done(void *arg, const struct msg_fetch_done *done, int body)
{
	struct fetch_role *r = arg;
	struct msg m = {.type = MSG_FETCH_DONE, .fetch_done = *done};

	/* A channel that breaks says so through on_close. */
	(void)chan_send(r->ctx.chan, &m, &body, body >= 0);
	if (body >= 0)
		close(body);
}

static void
on_msg(void *arg, const struct msg *m, int *fds, size_t nfds)
{
	struct fetch_role *r = arg;

	switch (m->type) {
	case MSG_FETCH_SETUP:
		fetch_setup(r->fetch, &m->fetch_setup);
		break;
	case MSG_FETCH_START:
		fetch_start(r->fetch, &m->fetch_start, fds, nfds);
		break;
	case MSG_FETCH_CANCEL:
		fetch_cancel(r->fetch, m->fetch_cancel.job);
		break;
	default:
		break; /* the channel lets nothing else through */
	}
}

static void
on_close(void *arg, const struct err *why)
{
	struct fetch_role *r = arg;

	if (why != NULL && why->class != ERR_NONE)
		log_debug(NULL, "the channel ended: %s", why->text);
	role_end(&r->ctx, EX_OK);
}

int
main(int argc, char **argv)
{
	static const struct chan_ops ops = {on_msg, on_close};
	struct fetch_role r;
	struct err e;
	int status;

	role_begin(&r.ctx, ROLE_FETCH, argc, argv);
	r.fetch = fetch_new(r.ctx.base, on_done, &r, &e);
	if (r.fetch == NULL)
		log_fatal(EX_UNAVAILABLE, "%s", e.text);
	role_confine(&r.ctx);
	r.ctx.chan =
	    chan_new(r.ctx.base, ROLE_FD, ROLE_FETCH, ROLE_SHEAFD, &ops, &r);
	status = role_run(&r.ctx);
	fetch_free(r.fetch);
	chan_free(r.ctx.chan);
	event_base_free(r.ctx.base);
	return status;
}
