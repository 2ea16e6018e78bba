/* sheaf-store: writes what the parsers read into PostgreSQL.  Wiring only. */
#include <event2/event.h>
#include <malloc.h>

#include "proc/role.h"
#include "store/store.h"

struct wiring {
	struct role_ctx ctx;
	struct store *store;
};

static void
on_msg(void *arg, const struct msg *m, int *fds, size_t nfds)
{
	store_on_msg(((struct wiring *)arg)->store, m, fds, nfds);
}

static void
on_close(void *arg, const struct err *why)
{
	(void)why;
	role_end(&((struct wiring *)arg)->ctx, 0);
}

static void
on_drained(void *arg)
{
	role_end(&((struct wiring *)arg)->ctx, 0);
}

/* Pages and parameters of megabytes come and go all the time: their memory
 * stays here instead of going back to the kernel and being cleared again. */
static void
keep_memory(void)
{
#ifdef M_MMAP_THRESHOLD
	mallopt(M_MMAP_THRESHOLD, 8 * 1024 * 1024);
	mallopt(M_TRIM_THRESHOLD, 32 * 1024 * 1024);
#endif
}

static const struct chan_ops chan_ops = {on_msg, on_close};

int
main(int argc, char **argv)
{
	struct wiring w = {0};
	int code;

	keep_memory();
	role_begin(&w.ctx, ROLE_STORE, argc, argv);
	role_confine(&w.ctx);
	w.store = store_new(w.ctx.base, on_drained, &w);
	w.ctx.chan = chan_new(
	    w.ctx.base, ROLE_FD, ROLE_STORE, ROLE_SHEAFD, &chan_ops, &w);
	store_set_chan(w.store, w.ctx.chan);
	code = role_run(&w.ctx);
	store_free(w.store);
	chan_free(w.ctx.chan);
	return code;
}
