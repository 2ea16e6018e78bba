/*
 * How every role begins and ends, the same for all of them.  Starting one is
 * proc/spawn.c.
 */
#include "proc/role.h"

#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/log.h"
#include "sandbox/sandbox.h"

static bool
is_channel(int fd)
{
	int type = 0;
	socklen_t n = sizeof(type);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &n) == 0 &&
	       type == SOCK_SEQPACKET;
}

static enum log_level
level_from_environment(void)
{
	const char *s = getenv("SHEAF_LOG_LEVEL");
	int level = s ? log_level_parse(s) : -1;

	return level < 0 ? LOG_LEVEL_INFO : (enum log_level)level;
}

/* sheafd decides when a role ends, by closing its channel: signals that a
 * terminal or an operator sends to the whole group are for sheafd. */
static void
ignore_signals(void)
{
	static const int ignored[] = {SIGPIPE, SIGINT, SIGTERM, SIGHUP};
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = SIG_IGN;
	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		sigaction(ignored[i], &sa, NULL);
}

void
role_begin(struct role_ctx *ctx, enum role role, int argc, char **argv)
{
	memset(ctx, 0, sizeof(*ctx));
	ctx->role = role;
	log_init(role_name(role), level_from_environment());
	if (argc > 1)
		log_fatal(EX_USAGE, "takes no argument, but got '%s'", argv[1]);
	if (!is_channel(ROLE_FD))
		log_fatal(EX_USAGE,
		    "is a part of sheafd, which starts it; it does nothing "
		    "by hand");
	ignore_signals();
	umask(077);
	if (fcntl(ROLE_FD, F_SETFD, FD_CLOEXEC) < 0 ||
	    close_range(ROLE_FD + 1, ~0U, 0) < 0)
		log_fatal(EX_OSERR, "cannot close inherited descriptors");
	ctx->base = event_base_new();
	if (!ctx->base)
		log_fatal(EX_OSERR, "cannot make an event loop");
}

void
role_confine(struct role_ctx *ctx)
{
	static const int profiles[ROLE_COUNT] = {
	    [ROLE_SHEAFD] = -1,
	    [ROLE_FETCH] = SANDBOX_FETCH,
	    [ROLE_PARSE] = SANDBOX_PARSE_ZYGOTE,
	    [ROLE_STORE] = SANDBOX_STORE,
	    [ROLE_RESOLVE] = SANDBOX_STORE,
	    [ROLE_SERVE] = SANDBOX_STORE,
	};
	struct err e;

	BUG_ON(profiles[ctx->role] < 0);
	if (sandbox_enter((enum sandbox_profile)profiles[ctx->role], &e) < 0)
		log_fatal(EX_OSERR, "%s", e.text);
}

int
role_run(struct role_ctx *ctx)
{
	if (event_base_dispatch(ctx->base) < 0)
		log_fatal(EX_OSERR, "the event loop failed");
	return ctx->exit_code;
}

void
role_end(struct role_ctx *ctx, int exit_code)
{
	ctx->exit_code = exit_code;
	event_base_loopbreak(ctx->base);
}
