/*
 * Asynchronous PostgreSQL on libevent: a few connections that live and die
 * together.
 *
 * All connections are opened, the schema's version is checked, every
 * statement is prepared on each, then `up` is called.  When one of them is
 * lost, all are dropped, everything queued is forgotten without a word to its
 * callbacks, `down` is called once, and after a backoff all are opened again.
 * One rule for every loss, so that who uses this has one thing to forget: all
 * that was in hand.
 *
 * A connection works through its queue in order, in libpq's pipeline mode.
 * Statements between two db_sync() are one transaction unless they contain
 * begin and commit; an error skips what stands before the next sync, whose
 * callback gets the first error.  A statement's bytes go to libpq only when
 * the socket has taken those before it.
 *
 * This is the only code that talks to libpq without waiting; db/sync.h is for
 * programs that may wait.
 */
#ifndef SHEAF_DB_POOL_H
#define SHEAF_DB_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "db/param.h"
#include "db/result.h"
#include "db/retry.h"

struct event_base;
struct db;

enum { DB_CONNS_MAX = 8 };

struct db_options {
	const char *connection, *user;
	const char *password; /* NULL: none */
	const char *const *statements; /* numbered from 0 */
	size_t statement_count;
	unsigned conns; /* at most DB_CONNS_MAX */
	unsigned
	    async_mask; /* bit i: connection i has synchronous_commit off */
};

struct db_error {
	enum db_class class; /* DB_RETRY or DB_PERMANENT */
	char sqlstate[6];
	struct err err;
};

struct db_ops {
	void (*up)(void *arg, int schema_version);
	/* retry_ms: when the next attempt is made; 0: the schema does not fit,
	 * and no attempt will help before somebody has acted. */
	void (*down)(void *arg, const struct err *why, uint32_t retry_ms);
};

typedef void db_result_fn(void *arg, const struct db_result *r);
/* e is NULL when everything since the last sync went well. */
typedef void db_done_fn(void *arg, const struct db_error *e);

/* A password's first line from a descriptor, the caller's until it is
 * forgotten; NULL is fine for that. */
char *db_password_read(int fd);
void db_password_forget(char *password);

/* Texts of the options are copied, statements are not.  Begins to connect at
 * once. */
struct db *db_new(struct event_base *base, const struct db_options *o,
    const struct db_ops *ops, void *arg);
void db_free(struct db *d);
bool db_is_up(const struct db *d);

/* Queues a statement; takes the parameters over and leaves `p` empty (NULL:
 * none).  fn may be NULL; it is not called when the statement fails. */
void db_send(struct db *d, unsigned conn, unsigned statement,
    struct db_params *p, db_result_fn *fn, void *arg);
void db_sync(struct db *d, unsigned conn, db_done_fn *fn, void *arg);
/* Nothing is queued and nothing under way. */
bool db_idle(const struct db *d, unsigned conn);
/* Drops all connections for a reason that only the caller can see. */
void db_lose(struct db *d, const struct err *why);

#endif
