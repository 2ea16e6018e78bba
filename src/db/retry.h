/* What an error of PostgreSQL means for who asked. */
#ifndef SHEAF_DB_RETRY_H
#define SHEAF_DB_RETRY_H

#include <stdint.h>

enum db_class {
	DB_OK,
	DB_RETRY, /* serialization, deadlock: the same transaction again */
	DB_RECONNECT, /* the connection or the server went away, or is full */
	DB_PERMANENT /* the statement or its data: again would fail again */
};

/* Class of a SQLSTATE; NULL (no answer at all) means DB_RECONNECT. */
enum db_class db_class_of(const char *sqlstate);

/* Time to wait before connection attempt number `attempt` (0: the first after
 * a loss): exponential from 100 ms to 30 s, of which a random half.  `random`
 * is any number. */
uint32_t db_backoff_ms(unsigned attempt, uint32_t random);

#endif
