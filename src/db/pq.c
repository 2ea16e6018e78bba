/* Connection keywords and error texts; see db/pq.h. */
#include "db/pq.h"

#include <string.h>

const char *const pq_session[] = {
    "set timezone = 'UTC'",
    "set plan_cache_mode = force_generic_plan",
    "set enable_seqscan = off",
    "set enable_hashjoin = off",
    "set enable_mergejoin = off",
    "set jit = off",
    "set search_path = pg_catalog",
    "set idle_in_transaction_session_timeout = 0",
    "set statement_timeout = 0",
    "set lock_timeout = 0",
    "set default_transaction_isolation = 'read committed'",
    /* Where a disk is waited for at all; what need not be is set below. */
    "set synchronous_commit = on",
    NULL,
};

void
pq_keywords(struct pq_keywords *k, const char *conninfo, const char *user,
    const char *password)
{
	int n = 0;

#define KEY(name, value) (k->names[n] = (name), k->values[n++] = (value))
	/* What stands after dbname overrides what it says; what stands before
	 * is only a default. */
	KEY("connect_timeout", "10");
	KEY("application_name", "sheaf");
	/* A server that vanished without a word is noticed. */
	KEY("keepalives_idle", "30");
	KEY("keepalives_interval", "10");
	KEY("tcp_user_timeout", "30000");
	KEY("dbname", conninfo);
	if (user != NULL && *user != '\0')
		KEY("user", user);
	if (password != NULL)
		KEY("password", password);
	KEY("client_encoding", "UTF8");
	KEY(NULL, NULL);
#undef KEY
}

int
pq_error_text(struct err *e, const PGconn *pg, const PGresult *res)
{
	const char *text, *detail = NULL;
	size_t n;

	text = res != NULL ? PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY)
			   : NULL;
	if (text != NULL)
		detail = PQresultErrorField(res, PG_DIAG_MESSAGE_DETAIL);
	else
		text = pg != NULL ? PQerrorMessage(pg) : "no memory";
	n = strcspn(text, "\n");
	if (detail != NULL)
		return err_set(e, ERR_DB, 0, "PostgreSQL: %.*s (%s)", (int)n,
		    text, detail);
	return err_set(e, ERR_DB, 0, "PostgreSQL: %.*s", (int)n, text);
}
