/*
 * How every role begins, in one visible order, and how sheafd starts it.
 *
 *	int main(int argc, char **argv)
 *	{
 *		struct role_ctx ctx;
 *		role_begin(&ctx, ROLE_STORE, argc, argv);   // log, signals, fds
 *		...open what must be opened before the sandbox...
 *		role_confine(&ctx);                         // src/sandbox
 *profile ctx.chan = chan_new(ctx.base, ROLE_FD, …); return role_run(&ctx); //
 *until the channel ends
 *	}
 */
#ifndef SHEAF_PROC_ROLE_H
#define SHEAF_PROC_ROLE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "proc/chan.h"
#include "wire/msg.h"

enum { ROLE_FD = 3 }; /* the channel's descriptor in a role */

struct role_ctx {
	enum role role;
	struct event_base *base;
	struct chan *chan; /* set by the role after role_confine */
	int exit_code;
};

/* Sets the log's name and level (environment SHEAF_LOG_LEVEL), ignores
 * SIGPIPE, SIGINT and SIGTERM (sheafd decides when a role ends: its channel
 * closes), SIGHUP too; closes every descriptor above ROLE_FD; umask 077;
 * prctl PR_SET_PDEATHSIG is not used, since the channel's end says it.
 * Exits 64 with a hint when descriptor 3 is no socket (started by hand). */
void role_begin(struct role_ctx *ctx, enum role role, int argc, char **argv);
/* Enters the role's sandbox profile; exits 71 when it cannot. */
void role_confine(struct role_ctx *ctx);
/* Runs the event loop until role_end; returns the exit code. */
int role_run(struct role_ctx *ctx);
void role_end(struct role_ctx *ctx, int exit_code);

/* sheafd's side: starts a fresh image of the role.  `path` is the program
 * (absolute).  The child gets the channel on ROLE_FD, /dev/null on 0, the
 * parent's 1 and 2, a clean environment (PATH, TZ=UTC, LANG=C.UTF-8,
 * SHEAF_*, ASAN_OPTIONS and their kind), default signal dispositions but for
 * those that role_begin ignores.
 * Returns the pid and the parent's end of the channel, or -1, also when the
 * program cannot be executed (nothing is left to close or reap then). */
pid_t
proc_spawn_role(const char *path, enum role role, int *chan_fd, struct err *e);
/* Any other child (initdb, postgres, sheafctl init): argv (argv[0] is the
 * absolute path), a descriptor for its standard output and error (-1:
 * inherit; the caller keeps it).  The child has a session of its own, so that
 * a terminal's ^C reaches sheafd alone.  Reap by pid, never by waitpid(-1):
 * the embedded cluster (proc/cluster.h) waits for its own. */
pid_t proc_spawn(const char *const argv[], int output_fd, struct err *e);
/* Where the role programs are: SHEAF_LIBEXECDIR, or the environment variable
 * SHEAF_LIBEXEC (tests, the build tree).  Static storage. */
const char *proc_libexec(void);

#endif
