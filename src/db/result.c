/* Binary results; see db/result.h. */
#include "db/result.h"

#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/err.h"

static const int64_t PG_EPOCH_US = INT64_C(946684800000000);

static const PGresult *
pg(const struct db_result *r)
{
	return (const PGresult *)r;
}

void
db_result_free(struct db_result *r)
{
	PQclear((PGresult *)r);
}

int
db_rows(const struct db_result *r)
{
	return PQntuples(pg(r));
}

bool
db_is_null(const struct db_result *r, int row, int col)
{
	return PQgetisnull(pg(r), row, col);
}

static uint64_t
number(const struct db_result *r, int row, int col, int bytes)
{
	const unsigned char *at =
	    (const unsigned char *)PQgetvalue(pg(r), row, col);
	uint64_t v = 0;

	/* Another width means that statement and code disagree. */
	BUG_ON(PQgetlength(pg(r), row, col) != bytes);
	for (int i = 0; i < bytes; i++)
		v = v << 8 | at[i];
	return v;
}

int32_t
db_i32(const struct db_result *r, int row, int col)
{
	return db_is_null(r, row, col) ? 0 : (int32_t)number(r, row, col, 4);
}

int64_t
db_i64(const struct db_result *r, int row, int col)
{
	return db_is_null(r, row, col) ? 0 : (int64_t)number(r, row, col, 8);
}

double
db_f64(const struct db_result *r, int row, int col)
{
	uint64_t bits = (uint64_t)db_i64(r, row, col);
	double v;

	memcpy(&v, &bits, sizeof(v));
	return v;
}

bool
db_bool(const struct db_result *r, int row, int col)
{
	return !db_is_null(r, row, col) && number(r, row, col, 1) != 0;
}

int64_t
db_time(const struct db_result *r, int row, int col)
{
	if (db_is_null(r, row, col))
		return DATE_NONE;
	return (int64_t)number(r, row, col, 8) + PG_EPOCH_US;
}

const char *
db_text(const struct db_result *r, int row, int col)
{
	return PQgetvalue(pg(r), row, col);
}

const void *
db_bytes(const struct db_result *r, int row, int col, size_t *n)
{
	*n = (size_t)PQgetlength(pg(r), row, col);
	return PQgetvalue(pg(r), row, col);
}

uint64_t
db_affected(const struct db_result *r)
{
	return strtoull(PQcmdTuples((PGresult *)pg(r)), NULL, 10);
}
