/* What the files of this room share of libpq; private to src/db. */
#ifndef SHEAF_DB_PQ_H
#define SHEAF_DB_PQ_H

#include <libpq-fe.h>

#include "base/err.h"

struct pq_keywords {
	const char *names[12], *values[12];
};
/* dbname first, to be expanded, so that user and password override it. */
void pq_keywords(struct pq_keywords *k, const char *conninfo, const char *user,
    const char *password);
/* Sessions of a daemon: nothing that depends on a role's or database's
 * settings, plans that go by the keys whatever the statistics say (a plan made
 * while a table was empty lives long), and no compiling of small queries.
 * Functions that compare whole tables allow themselves more. */
extern const char *const pq_session[]; /* ends in NULL */

/* PostgreSQL's primary message and detail on one line.  res may be NULL: then
 * the connection's message.  Returns -1. */
int pq_error_text(struct err *e, const PGconn *pg, const PGresult *res);

#endif
