/* Keys and profiles in a temporary table; see resolve/spool.h. */
#include "resolve/spool.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"

/* In the session's schema of temporary tables, whatever the search path is. */
static const char make_table[] =
    "create temporary table sheaf_spool "
    "(batch integer primary key, bytes bytea not null)";
/* Compressing costs more than it spares. */
static const char keep_plain[] =
    "alter table pg_temp.sheaf_spool alter column bytes set storage external";
static const char drop_table[] = "drop table if exists pg_temp.sheaf_spool";
static const char put_batch[] =
    "insert into pg_temp.sheaf_spool (batch, bytes) "
    "values ($1::integer, $2::bytea)";
static const char get_batch[] =
    "select s.bytes from pg_temp.sheaf_spool s where s.batch = $1::integer";

/* What stands before a record's keys and profile, in this order; nobody else
 * reads it, so it is as the processor has it. */
struct head {
	int64_t record_id;
	int32_t source_id;
	uint32_t len;
	uint32_t key_count;
};
enum { KEY_BYTES = sizeof(uint64_t) + sizeof(uint16_t) };

#define RECORD_BYTES                                                           \
	(sizeof(struct head) + BLOCKING_KEYS * KEY_BYTES + LIMIT_PROFILE_BYTES)

void
spool_init(struct spool *s, struct work *w)
{
	memset(s, 0, sizeof(*s));
	s->work = w;
	buf_init(&s->out, LIMIT_RESOLVE_SPOOL_BATCH + RECORD_BYTES);
}

void
spool_release(struct spool *s)
{
	buf_release(&s->out);
	db_result_free(s->row);
	free(s->items);
	memset(s, 0, sizeof(*s));
}

int
spool_begin(struct spool *s, struct err *e)
{
	static const char *const statements[] = {
	    drop_table, make_table, keep_plain};

	buf_clear(&s->out);
	s->batches = s->next = 0;
	for (size_t i = 0; i < 3; i++)
		if (db_work_do(s->work->db, statements[i], NULL, e) < 0)
			return -1;
	return 0;
}

static int
write_batch(struct spool *s, struct err *e)
{
	struct db_params q;

	db_params_init(&q);
	db_put_i32(&q, s->batches++);
	db_put_bytes(&q, s->out.data, s->out.len);
	buf_clear(&s->out);
	return db_work_do(s->work->db, put_batch, &q, e);
}

int
spool_put(struct spool *s, int64_t record_id, int32_t source_id,
    const struct blocking *b, const void *data, size_t n, struct err *e)
{
	struct head head = {
	    record_id, source_id, (uint32_t)n, (uint32_t)b->count};

	if (n > LIMIT_PROFILE_BYTES)
		return err_set(e, ERR_LIMIT, 0,
		    "the profile of record %lld has %zu bytes",
		    (long long)record_id, n);
	buf_add(&s->out, &head, sizeof(head));
	for (size_t i = 0; i < b->count; i++) {
		buf_add(&s->out, &b->keys[i].hash, sizeof(uint64_t));
		buf_add(&s->out, &b->keys[i].weight, sizeof(uint16_t));
	}
	buf_add(&s->out, data, n);
	BUG_ON(s->out.full);
	return s->out.len < LIMIT_RESOLVE_SPOOL_BATCH ? 0 : write_batch(s, e);
}

int
spool_end(struct spool *s, struct err *e)
{
	return s->out.len > 0 ? write_batch(s, e) : 0;
}

void
spool_seek(struct spool *s, int32_t batch)
{
	s->next = batch;
	s->count = 0;
}

/* The item at `at`; the bytes it takes, or 0: this is not what was put. */
static size_t
read_item(struct spool_item *x, const unsigned char *at, size_t left)
{
	struct head head;
	size_t keys;

	if (left < sizeof(head))
		return 0;
	memcpy(&head, at, sizeof(head));
	keys = (size_t)head.key_count * KEY_BYTES;
	if (head.key_count > BLOCKING_KEYS || head.len > LIMIT_PROFILE_BYTES ||
	    left - sizeof(head) < keys + head.len)
		return 0;
	x->record_id = head.record_id;
	x->source_id = head.source_id;
	x->keys = at + sizeof(head);
	x->key_count = head.key_count;
	x->data = at + sizeof(head) + keys;
	x->len = head.len;
	return sizeof(head) + keys + head.len;
}

static int
read_items(struct spool *s, struct err *e)
{
	size_t left;
	const unsigned char *at = db_bytes(s->row, 0, 0, &left);

	while (left > 0) {
		size_t n;

		GROW(s->items, s->cap, s->count + 1);
		n = read_item(&s->items[s->count], at, left);
		if (n == 0)
			return err_set(e, ERR_PROTO, 0,
			    "batch %d of the spool is damaged", s->next);
		s->count++;
		at += n;
		left -= n;
	}
	s->next++;
	return 1;
}

int
spool_next(struct spool *s, struct err *e)
{
	struct db_params q;

	s->count = 0;
	if (s->next == s->batches)
		return 0;
	db_result_free(s->row);
	db_params_init(&q);
	db_put_i32(&q, s->next);
	s->row = db_work(s->work->db, get_batch, &q, e);
	if (s->row == NULL)
		return -1;
	if (db_rows(s->row) == 0)
		return err_set(
		    e, ERR_PROTO, 0, "batch %d of the spool is gone", s->next);
	return read_items(s, e);
}

int
spool_drop(struct spool *s, struct err *e)
{
	s->count = 0;
	s->batches = s->next = 0;
	return db_work_do(s->work->db, drop_table, NULL, e);
}

void
spool_blocking(const struct spool_item *x, struct blocking *out)
{
	const unsigned char *at = x->keys;

	out->count = x->key_count;
	out->total = 0;
	for (size_t i = 0; i < x->key_count; i++, at += KEY_BYTES) {
		memcpy(&out->keys[i].hash, at, sizeof(uint64_t));
		memcpy(&out->keys[i].weight, at + sizeof(uint64_t),
		    sizeof(uint16_t));
		out->total += out->keys[i].weight;
	}
}
