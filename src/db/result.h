/* Rows of a binary result.  A column is counted from 0.  A null reads as 0,
 * false, DATE_NONE, "" or an empty blob; db_is_null tells. */
#ifndef SHEAF_DB_RESULT_H
#define SHEAF_DB_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct db_result; /* libpq's PGresult, lent to a callback (db/pool.h) */
/* What db/work.h gave is the caller's.  NULL is fine. */
void db_result_free(struct db_result *r);

int db_rows(const struct db_result *r);
bool db_is_null(const struct db_result *r, int row, int col);
int32_t db_i32(const struct db_result *r, int row, int col);
int64_t db_i64(const struct db_result *r, int row, int col);
double db_f64(const struct db_result *r, int row, int col); /* float8 */
bool db_bool(const struct db_result *r, int row, int col);
int64_t db_time(const struct db_result *r, int row, int col); /* microseconds */
/* Ends in NUL; lives as long as the result. */
const char *db_text(const struct db_result *r, int row, int col);
const void *db_bytes(const struct db_result *r, int row, int col, size_t *n);
/* Rows that an insert, update or delete touched. */
uint64_t db_affected(const struct db_result *r);

#endif
