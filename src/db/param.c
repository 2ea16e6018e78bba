/* Binary parameters; see db/param.h.  Formats: the send and recv functions of
 * PostgreSQL's types (src/backend/utils/adt). */
#include "db/param.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/date.h"
#include "base/err.h"

enum { ARRAY_HEAD_BYTES = 20 };

/* PostgreSQL counts from 2000-01-01. */
static const int64_t PG_EPOCH_US = INT64_C(946684800000000);
enum { PG_EPOCH_DAYS = 10957 };

void
db_params_init(struct db_params *p)
{
	memset(p, 0, offsetof(struct db_params, offset));
	p->count = 0;
	p->in_array = false;
}

void
db_params_release(struct db_params *p)
{
	free(p->data);
	db_params_init(p);
}

static char *
add(struct db_params *p, size_t n)
{
	char *at;

	if (p->cap - p->len < n) {
		size_t cap = p->cap ? p->cap * 2 : 256;

		if (cap < p->len + n)
			cap = p->len + n;
		p->data = xreallocarray(p->data, cap, 1);
		p->cap = cap;
	}
	at = p->data + p->len;
	p->len += n;
	return at;
}

static void
store_u32(char *at, uint32_t v)
{
	at[0] = (char)(v >> 24);
	at[1] = (char)(v >> 16);
	at[2] = (char)(v >> 8);
	at[3] = (char)v;
}

static void
store_u64(char *at, uint64_t v)
{
	store_u32(at, (uint32_t)(v >> 32));
	store_u32(at + 4, (uint32_t)v);
}

/* Begins a value of n bytes: an element of the open array, or a parameter. */
static char *
value(struct db_params *p, size_t n)
{
	char *at;

	BUG_ON(n > INT_MAX);
	if (p->in_array) {
		at = add(p, 4 + n);
		store_u32(at, (uint32_t)n);
		p->elements++;
		return at + 4;
	}
	BUG_ON(p->count == DB_PARAMS_MAX);
	p->offset[p->count] = p->len;
	p->length[p->count] = (int)n;
	p->count++;
	/* libpq takes an empty value for a null unless it has an address. */
	return add(p, n > 0 ? n : 1);
}

void
db_put_null(struct db_params *p)
{
	if (p->in_array) {
		store_u32(add(p, 4), UINT32_MAX);
		p->elements++;
		p->has_null = true;
		return;
	}
	BUG_ON(p->count == DB_PARAMS_MAX);
	p->offset[p->count] = p->len;
	p->length[p->count] = -1;
	p->count++;
}

void
db_put_i32(struct db_params *p, int32_t v)
{
	store_u32(value(p, 4), (uint32_t)v);
}

void
db_put_i16(struct db_params *p, int16_t v)
{
	char *at = value(p, 2);

	at[0] = (char)((uint16_t)v >> 8);
	at[1] = (char)v;
}

void
db_put_i64(struct db_params *p, int64_t v)
{
	store_u64(value(p, 8), (uint64_t)v);
}

void
db_put_bool(struct db_params *p, bool v)
{
	*value(p, 1) = v;
}

void
db_put_f64(struct db_params *p, double v)
{
	uint64_t bits;

	memcpy(&bits, &v, sizeof(bits));
	store_u64(value(p, 8), bits);
}

void
db_put_textn(struct db_params *p, const char *s, size_t n)
{
	char *at;

	if (s == NULL) {
		db_put_null(p);
		return;
	}
	at = value(p, n);
	if (n > 0)
		memcpy(at, s, n);
}

void
db_put_text(struct db_params *p, const char *s)
{
	db_put_textn(p, s, s != NULL ? strlen(s) : 0);
}

void
db_put_bytes(struct db_params *p, const void *data, size_t n)
{
	db_put_textn(p, data, n);
}

void
db_put_uuid(struct db_params *p, const uint8_t id[16])
{
	db_put_bytes(p, id, 16);
}

void
db_put_time(struct db_params *p, int64_t us)
{
	if (us == DATE_NONE)
		db_put_null(p);
	else
		db_put_i64(p, us - PG_EPOCH_US);
}

void
db_put_date(struct db_params *p, const char *iso)
{
	int year, month, day, used = 0;

	if (iso == NULL ||
	    sscanf(iso, "%4d-%2d-%2d%n", &year, &month, &day, &used) != 3 ||
	    iso[used] != '\0' || year < 1 || !date_valid(year, month, day)) {
		db_put_null(p);
		return;
	}
	db_put_i32(p, (int32_t)(date_days(year, month, day) - PG_EPOCH_DAYS));
}

/* A byte with the version of the form, then the text. */
void
db_put_jsonb(struct db_params *p, const char *json)
{
	size_t n;
	char *at;

	if (json == NULL) {
		db_put_null(p);
		return;
	}
	n = strlen(json);
	at = value(p, n + 1);
	at[0] = 1;
	memcpy(at + 1, json, n);
}

char *
db_put_room(struct db_params *p, size_t n)
{
	BUG_ON(p->in_array);
	return value(p, n);
}

void
db_copy_init(struct db_params *p)
{
	static const char head[19] = "PGCOPY\n\377\r\n";

	db_params_init(p);
	/* A column is written as an element is. */
	p->in_array = true;
	memcpy(add(p, sizeof(head)), head, sizeof(head));
}

void
db_copy_row(struct db_params *p, unsigned columns)
{
	char *at = add(p, 2);

	at[0] = (char)(columns >> 8);
	at[1] = (char)columns;
}

static void
array_head(char *at, enum db_type element, uint32_t count, bool has_null)
{
	store_u32(at, count > 0); /* dimensions: an empty array has none */
	store_u32(at + 4, has_null);
	store_u32(at + 8, (uint32_t)element);
	if (count > 0) {
		store_u32(at + 12, count);
		store_u32(at + 16, 1); /* lower bound */
	}
}

void
db_copy_texts(struct db_params *p, const char *const *items, size_t count)
{
	size_t n = count > 0 ? ARRAY_HEAD_BYTES : ARRAY_HEAD_BYTES - 8;
	char *at;

	BUG_ON(!p->in_array);
	for (size_t i = 0; i < count; i++)
		n += 4 + strlen(items[i]);
	at = value(p, n);
	array_head(at, DB_TEXT, (uint32_t)count, false);
	at += ARRAY_HEAD_BYTES;
	for (size_t i = 0; i < count; i++) {
		size_t len = strlen(items[i]);

		store_u32(at, (uint32_t)len);
		memcpy(at + 4, items[i], len);
		at += 4 + len;
	}
}

void
db_array_begin(struct db_params *p, enum db_type element)
{
	char *head;

	BUG_ON(p->in_array);
	head = value(p, ARRAY_HEAD_BYTES);
	store_u32(head, 1); /* dimensions */
	store_u32(head + 4, 0); /* has nulls */
	store_u32(head + 8, (uint32_t)element);
	store_u32(head + 16, 1); /* lower bound */
	p->in_array = true;
	p->has_null = false;
	p->elements = 0;
}

void
db_array_end(struct db_params *p)
{
	int i = p->count - 1;
	size_t length = p->len - p->offset[i];
	char *head = p->data + p->offset[i];

	BUG_ON(!p->in_array || length > INT_MAX);
	p->in_array = false;
	store_u32(head + 4, p->has_null);
	store_u32(head + 12, p->elements);
	if (p->elements == 0) { /* an empty array has no dimension */
		store_u32(head, 0);
		length = 12;
	}
	p->length[i] = (int)length;
}
