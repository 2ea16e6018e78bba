/*
 * PostgreSQL for a role that works in steps: a step waits for its statements,
 * but never blindly.  While it waits it looks at another descriptor, the role's
 * channel; when that has ended, the statement is given up and its error has
 * class ERR_CANCEL.
 *
 *	struct db_params p;
 *	db_params_init(&p);
 *	db_put_i64(&p, after);
 *	struct db_result *r = db_work(w, sql, &p, e);    // empties p
 *	if (r == NULL)
 *		return -1;                               // see db_work_class
 *	for (int i = 0; i < db_rows(r); i++)
 *		… db_i64(r, i, 0) …
 *	db_result_free(r);
 *
 * A statement is prepared at its first use and known by the address of its
 * text, which has to be static.  After an error inside a transaction only
 * "rollback" helps; after one of class DB_RECONNECT only db_work_close().
 */
#ifndef SHEAF_DB_WORK_H
#define SHEAF_DB_WORK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "db/param.h"
#include "db/result.h"
#include "db/retry.h"

enum { DB_WORK_STATEMENTS = 192 }; /* of one connection, at most */
enum { DB_WORK_WAIT = 8 };

struct db_work;

/* Connects and checks the schema's version.  watch: the descriptor to look at,
 * or -1.  NULL and e. */
struct db_work *db_work_open(const char *connection, const char *user,
    const char *password, int watch, struct err *e);
void db_work_close(struct db_work *w); /* NULL is fine */

/* One statement; p may be NULL.  The result is the caller's; NULL and e when it
 * failed. */
struct db_result *
db_work(struct db_work *w, const char *sql, struct db_params *p, struct err *e);
/* The same where nothing is returned.  0 or -1. */
int db_work_do(
    struct db_work *w, const char *sql, struct db_params *p, struct err *e);
/* The same in two steps, so that the caller may work meanwhile.  Between them
 * nothing else goes over this connection. */
int db_work_send(
    struct db_work *w, const char *sql, struct db_params *p, struct err *e);
struct db_result *db_work_take(struct db_work *w, struct err *e);
/* Whether db_work_take() would not wait for what was sent. */
bool db_work_is_ready(struct db_work *w);
/* Waits until that is so for one of n connections (at least 1, at most
 * DB_WORK_WAIT) over which something was sent.  0; -1 and e. */
int db_work_wait(struct db_work *const *w, size_t n, struct err *e);
/* "copy … from stdin (format binary)" of rows that db_copy_row began; empties
 * p.  0 or -1. */
int db_work_copy(
    struct db_work *w, const char *sql, struct db_params *p, struct err *e);

/* What the last error means for the caller. */
enum db_class db_work_class(const struct db_work *w);
/* Forgets it, unless the connection is lost: the next one is of what follows.
 */
void db_work_forget(struct db_work *w);

#endif
