/* sheaf-resolve: which records are one thing.  Wiring only. */
#include <event2/event.h>

#include "proc/role.h"
#include "resolve/resolve.h"

struct wiring {
	struct role_ctx ctx;
	struct resolve *resolve;
};

static void
on_msg(void *arg, const struct msg *m, int *fds, size_t nfds)
{
	resolve_on_msg(((struct wiring *)arg)->resolve, m, fds, nfds);
}

static void
on_close(void *arg, const struct err *why)
{
	(void)why;
	role_end(&((struct wiring *)arg)->ctx, 0);
}

static const struct chan_ops chan_ops = {on_msg, on_close};

int
main(int argc, char **argv)
{
	struct wiring w = {0};
	int code;

	role_begin(&w.ctx, ROLE_RESOLVE, argc, argv);
	role_confine(&w.ctx);
	w.resolve = resolve_new(w.ctx.base, ROLE_FD);
	w.ctx.chan = chan_new(
	    w.ctx.base, ROLE_FD, ROLE_RESOLVE, ROLE_SHEAFD, &chan_ops, &w);
	resolve_set_chan(w.resolve, w.ctx.chan);
	code = role_run(&w.ctx);
	resolve_free(w.resolve);
	chan_free(w.ctx.chan);
	return code;
}
