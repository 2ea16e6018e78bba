/* One connection of the pool; private to src/db.  See db/pool.h. */
#ifndef SHEAF_DB_CONN_H
#define SHEAF_DB_CONN_H

#include "db/pool.h"

struct conn;

/* What the pool wants to know; after lost() the connection must be closed. */
struct conn_ops {
	void (*connected)(void *arg, struct conn *c);
	void (*lost)(void *arg, struct conn *c, const struct err *why);
};

/* Begins to connect; NULL and e when not even that can be. */
struct conn *conn_new(struct event_base *base, const struct db_options *o,
    const struct conn_ops *ops, void *arg, struct err *e);
/* Also legal inside a callback of the connection. */
void conn_free(struct conn *c);

void conn_prepare(struct conn *c, unsigned statement);
/* sql is kept, not copied. */
void conn_query(struct conn *c, const char *sql, db_result_fn *fn, void *arg);
void conn_send(struct conn *c, unsigned statement, struct db_params *p,
    db_result_fn *fn, void *arg);
void conn_sync(struct conn *c, db_done_fn *fn, void *arg);
bool conn_idle(const struct conn *c);

#endif
