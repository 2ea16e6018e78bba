/* Between the files of the embedded cluster: its directory
 * (proc/cluster_dir.c), other processes in it (proc/cluster_find.c), the
 * process that is watched (proc/cluster_watch.c), how each step begins
 * (proc/cluster_start.c), what its end means (proc/cluster.c). */
#ifndef SHEAF_PROC_CLUSTER_INTERNAL_H
#define SHEAF_PROC_CLUSTER_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "proc/cluster.h"

#define CLUSTER_SOCKET_NAME "/.s.PGSQL.5432"

/* --- its directory ----------------------------------------------------- */
struct cluster_dirs { /* absolute; owned */
	char *state, *pg, *socket;
};

/* Finds the paths; the state directory must exist. */
int cluster_dirs_init(struct cluster_dirs *d, const char *state_dir,
    const char *run_dir, struct err *e);
void cluster_dirs_release(struct cluster_dirs *d);
void cluster_dirs_conninfo(struct buf *out, const char *socket_dir);
/* Whether there is a whole cluster; -1 when there is something else. */
int cluster_exists(const struct cluster_dirs *d, struct err *e);
/* Removes what killed initdbs left. */
void cluster_remove_halves(const struct cluster_dirs *d);
/* The name of a new half: "STATE/pg.new.PID".  Caller frees. */
char *cluster_half_path(const struct cluster_dirs *d);
/* Makes a finished half the cluster. */
int cluster_adopt_half(
    const struct cluster_dirs *d, const char *half, struct err *e);
/* Socket directory, sheaf.conf, pg_hba.conf, pg_ident.conf. */
int cluster_write_settings(
    const struct cluster_dirs *d, bool has_lz4, struct err *e);
/* Keeps the newest CLUSTER_LOG_FILES files of the server's log. */
void cluster_prune_log(const struct cluster_dirs *d);
/* The last FATAL or PANIC line of the newest of them, or "". */
void cluster_last_words(const struct cluster_dirs *d, char *out, size_t n);

/* --- other processes in it --------------------------------------------- */
enum pm_status { PM_NONE, PM_STARTING, PM_READY, PM_STOPPING };
struct postmaster { /* as postmaster.pid says */
	pid_t pid;
	enum pm_status status; /* PM_NONE: no file, or not written whole */
	char socket_dir[256];
};

void cluster_read_pidfile(const struct cluster_dirs *d, struct postmaster *pm);
/* Whether that process is a postgres that works in the data directory. */
bool cluster_is_ours(const struct cluster_dirs *d, pid_t pid);
/* Counts processes of postgres that work in the data directory, and sends
 * them `sig` unless it is 0. */
unsigned cluster_survivors(const struct cluster_dirs *d, int sig);
/* A postmaster.pid, or the lock of its socket, whose number now belongs to
 * another program (or to a postmaster that is dead and not yet reaped) would
 * keep postgres from starting.  Only when nobody works in the directory. */
void cluster_remove_stale_locks(const struct cluster_dirs *d);

/* --- the process that is watched --------------------------------------- */
struct event;
struct watched {
	struct event_base *base;
	/* A line of a child's output. */
	void (*on_line)(void *arg, const char *line);
	/* It has ended, and nothing is watched any more.  status as of
	 * waitpid, -1 where it is not known (adopted). */
	void (*on_end)(void *arg, int status);
	void *arg;
	pid_t pid; /* 0: none */
	int pidfd;
	bool is_child;
	struct event *ended;
	int out_fd;
	struct event *output;
	struct buf line;
	char last_fault[ERR_TEXT_BYTES]; /* a child's last line of an error */
};

void watched_init(struct watched *w, struct event_base *base,
    void (*on_line)(void *arg, const char *line),
    void (*on_end)(void *arg, int status), void *arg);
void watched_release(struct watched *w); /* the process goes on */
int watched_start(struct watched *w, const char *const argv[], struct err *e);
int watched_adopt(struct watched *w, pid_t pid, struct err *e);
void watched_signal(const struct watched *w, int sig);

/* --- the supervisor ---------------------------------------------------- */
enum {
	CLUSTER_POLL_MS = 25, /* between looks at postmaster.pid */
	CLUSTER_PRUNE_MS = 600000 /* between looks at the log's files */
};

enum step {
	STEP_IDLE,
	STEP_INITDB, /* a child makes the half */
	STEP_PROBE, /* a child says whether lz4 is there */
	STEP_WAITING, /* until begin() is tried again */
	STEP_STARTING, /* postgres runs, not ready */
	STEP_READY,
	STEP_ENDED /* on_exit is due or was called */
};

struct cluster {
	struct event_base *base;
	const struct cluster_ops *ops;
	void *arg;
	char *state_dir, *run_dir, *bindir;
	struct cluster_dirs dirs;
	enum step step;
	bool is_stopping, has_lz4;
	unsigned stop_signals; /* sent so far */
	unsigned failed_starts, backoff_ms, survivor_signals;
	int64_t since; /* monotonic ms: when this step or wait began */
	char *half;
	struct buf initdb_words; /* told when it fails */
	struct watched proc;
	/* time */
	struct event *timer, *stop_timer, *prune_timer;
	struct err why; /* of STEP_ENDED */
};

void cluster_arm(struct event *ev, unsigned ms);
void cluster_say(const struct cluster *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* The end for good, NULL: as asked; on_exit comes from the loop. */
void cluster_finish(struct cluster *c, const struct err *why);
/* STEP_WAITING: cluster_begin comes after ms. */
void cluster_wait(struct cluster *c, unsigned ms);
/* Begins the step that the directory is ready for. */
void cluster_begin(struct cluster *c);
int cluster_run_postgres(struct cluster *c, struct err *e);

#endif
