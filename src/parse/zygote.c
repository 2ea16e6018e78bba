/*
 * What sheafd says to the zygote.  Who gets a page is decided in
 * zygote_pages.c, children end in zygote_ends.c, and what one does is child.c's
 * and its caller's.
 *
 * Each page of memory that is written between a fork and the child's end is
 * copied, for thousands of pages a second: what is kept of children is one
 * small array, with one timer for all of them, and their ends are read from a
 * descriptor instead of being told on the stack by a signal.
 */
#include "parse/zygote.h"

#include <signal.h>
#include <sysexits.h>
#include <unistd.h>

#include "parse/zygote_priv.h"

void
zygote_answer(struct zygote *z, const struct msg_parse_exit *m)
{
	struct msg msg = {.type = MSG_PARSE_EXIT, .parse_exit = *m};

	if (z->ctx->chan != NULL && chan_send(z->ctx->chan, &msg, NULL, 0) < 0)
		role_end(z->ctx, EX_UNAVAILABLE);
}

/* Its end is told and answered; it gets no other page. */
static void
kill_page(struct zygote *z, uint64_t page)
{
	for (size_t i = 0; i < z->count; i++) {
		struct child *c = &z->children[i];

		if (c->page != page || c->is_waiting)
			continue;
		c->run = 0;
		kill(c->pid, SIGKILL);
	}
}

static void
on_msg(void *arg, const struct msg *m, int *fds, size_t nfds)
{
	struct zygote *z = arg;
	struct msg_parse_exit refused = {.status = EX_PROTOCOL};

	switch (m->type) {
	case MSG_PARSE_SETUP:
		z->max = m->parse_setup.max_children;
		if (z->max == 0 || z->max > BUSY_MAX)
			z->max = BUSY_MAX;
		break;
	case MSG_PARSE_RULES:
		if (nfds == 2 && z->config->take_rules != NULL)
			z->config->take_rules(fds);
		zygote_forget(z, 0); /* they go by the old ones */
		break;
	case MSG_PARSE_PAGE:
		if (nfds >= 2)
			zygote_page(z, &m->parse_page, fds, nfds);
		else {
			refused.page = m->parse_page.page;
			zygote_answer(z, &refused);
		}
		break; /* the channel closes the zygote's descriptors */
	case MSG_PARSE_KILL:
		kill_page(z, m->parse_kill.page);
		break;
	case MSG_PARSE_FORGET:
		if (m->parse_forget.run != 0)
			zygote_forget(z, m->parse_forget.run);
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

int
zygote_run(struct role_ctx *ctx, const struct zygote_config *config)
{
	static const struct chan_ops ops = {on_msg, on_close};
	static struct zygote z;
	int code;

	z = (struct zygote){.ctx = ctx, .config = config, .max = BUSY_MAX};
	buf_init(&z.text, 2 * LIMIT_MESSAGE_BYTES);
	zygote_watch(&z);
	ctx->chan =
	    chan_new(ctx->base, ROLE_FD, ROLE_PARSE, ROLE_SHEAFD, &ops, &z);
	code = role_run(ctx);
	chan_free(ctx->chan);
	ctx->chan = NULL;
	zygote_end_all(&z);
	event_free(z.ended);
	event_free(z.late);
	close(z.signal_fd);
	buf_release(&z.text);
	return code;
}
