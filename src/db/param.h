/*
 * Parameters of a statement in PostgreSQL's binary form, one- and
 * zero-dimensional arrays included.
 *
 *	struct db_params p;
 *	db_params_init(&p);
 *	db_put_i64(&p, run_id);
 *	db_array_begin(&p, DB_TEXT);
 *	for (…)
 *		db_put_text(&p, identifier[i]);
 *	db_array_end(&p);
 *	db_send(db, conn, STMT, &p, …);     // empties p
 *
 * Inside an array every put is an element and must fit the array's type.  A
 * NULL text, or DATE_NONE, is a null.
 */
#ifndef SHEAF_DB_PARAM_H
#define SHEAF_DB_PARAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Object ids of PostgreSQL's types (pg_type.dat): they never change. */
enum db_type {
	DB_BOOL = 16,
	DB_BYTEA = 17,
	DB_INT8 = 20,
	DB_INT4 = 23,
	DB_TEXT = 25,
	DB_FLOAT8 = 701,
	DB_DATE = 1082,
	DB_TIMESTAMPTZ = 1184,
	DB_UUID = 2950
};

enum { DB_PARAMS_MAX = 40 };

struct db_params {
	char *data; /* values one after the other */
	size_t len, cap;
	size_t offset[DB_PARAMS_MAX];
	int length[DB_PARAMS_MAX]; /* -1: null */
	int count;
	/* the array that is open */
	bool in_array, has_null;
	uint32_t elements;
};

void db_params_init(struct db_params *p);
void db_params_release(struct db_params *p);

void db_put_i32(struct db_params *p, int32_t v);
void db_put_i16(struct db_params *p, int16_t v); /* smallint */
void db_put_i64(struct db_params *p, int64_t v);
void db_put_bool(struct db_params *p, bool v);
void db_put_f64(struct db_params *p, double v);
void db_put_text(struct db_params *p, const char *s);
void db_put_textn(struct db_params *p, const char *s, size_t n);
void db_put_bytes(struct db_params *p, const void *data, size_t n);
/* 16 bytes. */
void db_put_uuid(struct db_params *p, const uint8_t id[16]);
void db_put_time(struct db_params *p, int64_t us); /* timestamptz */
/* "YYYY-MM-DD"; anything else is a null. */
void db_put_date(struct db_params *p, const char *iso);
void db_put_jsonb(struct db_params *p, const char *json); /* NULL: a null */
void db_put_null(struct db_params *p);
/* Room for n bytes of a bytea parameter, to be filled before the next put.
 * Not inside an array. */
char *db_put_room(struct db_params *p, size_t n);

/* Instead of parameters: rows for COPY … (format binary), see db/work.h.  After
 * db_copy_init each row begins with db_copy_row, which says how many columns
 * are put next. */
void db_copy_init(struct db_params *p);
void db_copy_row(struct db_params *p, unsigned columns);
/* A text[] in such a row. */
void db_copy_texts(struct db_params *p, const char *const *items, size_t count);

void db_array_begin(struct db_params *p, enum db_type element);
void db_array_end(struct db_params *p);

#endif
