/* Retry classes and backoff; see db/retry.h. */
#include "db/retry.h"

#include <string.h>

enum { BACKOFF_FIRST_MS = 100, BACKOFF_MAX_MS = 30000 };

enum db_class
db_class_of(const char *sqlstate)
{
	static const char *const reconnect[] = {
	    "08", /* connection exception */
	    "57P01", /* admin_shutdown */
	    "57P02", /* crash_shutdown */
	    "57P03", /* cannot_connect_now */
	    "57P05", /* idle_session_timeout */
	    "53", /* insufficient resources: memory, disk, connections */
	    "58", /* system error: I/O */
	    "25P03", /* idle_in_transaction_session_timeout */
	    "25006", /* read_only_sql_transaction: a standby was promoted */
	};

	if (sqlstate == NULL)
		return DB_RECONNECT;
	if (!strcmp(sqlstate, "00000"))
		return DB_OK;
	if (!strcmp(sqlstate, "40001") || !strcmp(sqlstate, "40P01"))
		return DB_RETRY;
	for (size_t i = 0; i < sizeof(reconnect) / sizeof(reconnect[0]); i++) {
		if (!strncmp(sqlstate, reconnect[i], strlen(reconnect[i])))
			return DB_RECONNECT;
	}
	return DB_PERMANENT;
}

uint32_t
db_backoff_ms(unsigned attempt, uint32_t random)
{
	uint32_t ms = BACKOFF_MAX_MS;

	if (attempt < 9)
		ms = (uint32_t)BACKOFF_FIRST_MS << attempt;
	if (ms > BACKOFF_MAX_MS)
		ms = BACKOFF_MAX_MS;
	return ms / 2 + random % (ms / 2 + 1);
}
