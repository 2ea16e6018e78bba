/*
 * Instants and calendar dates, without the C library's time zones.
 *
 * Instants are microseconds since 1970-01-01T00:00:00Z, as PostgreSQL can
 * hold them; DATE_NONE stands for "no instant".
 */
#ifndef SHEAF_BASE_DATE_H
#define SHEAF_BASE_DATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DATE_NONE INT64_MIN
enum { DATE_TEXT_BYTES = 40 };

/* OAI-PMH 2.7.1 (UTCdatetime) granularities. */
enum granularity { GRANULARITY_UNKNOWN, GRANULARITY_DAY, GRANULARITY_SECOND };

/* Days since the epoch of a proleptic Gregorian date; false when there is no
 * such day (2023-02-29). */
bool date_valid(int year, int month, int day);
int64_t date_days(int year, int month, int day);
void date_from_days(int64_t days, int *year, int *month, int *day);

/* Lenient reading of an OAI datestamp or an ISO 8601 instant: "2024-05-01",
 * "2024-05-01T10:00:00Z", with fractions, with an offset, with a space for the
 * T, without a zone (taken as UTC).  White space around is skipped.
 * 0 and *us and *g (day when there was no time), or -1. */
int date_parse(const char *s, int64_t *us, enum granularity *g);
/* HTTP-date, RFC 9110 5.6.7 (all three forms).  0 or -1. */
int date_parse_http(const char *s, int64_t *us);
/* "2024-05-01" or "2024-05-01T10:00:00Z". */
void date_format(char out[DATE_TEXT_BYTES], int64_t us, enum granularity g);
int64_t date_now_us(void); /* wall clock */
int64_t date_monotonic_ms(void); /* for deadlines */

/* A calendar step, in UTC.  n may be negative. */
enum date_unit { DATE_HOUR, DATE_DAY, DATE_MONTH, DATE_YEAR };
int64_t date_floor(int64_t us, enum date_unit unit);
int64_t date_step(int64_t us, enum date_unit unit, int n);

#endif
