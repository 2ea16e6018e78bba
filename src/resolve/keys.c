/* sheaf.match_key; see resolve/keys.h. */
#include "resolve/keys.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"

static const char copy_keys[] = "copy sheaf.match_key (key, record_ids) "
				"from stdin (format binary)";
static const char empty_all[] =
    "truncate sheaf.match_key, sheaf.match_key_mark";
static const char delete_mark[] = "delete from sheaf.match_key_mark";
static const char delete_keys[] = "delete from sheaf.match_key";
static const char set_mark[] =
    "insert into sheaf.match_key_mark (made, bytes) "
    "values ($1::bigint, pg_relation_size('sheaf.match_key')) on conflict "
    "(one) "
    "do update set made = excluded.made, bytes = excluded.bytes";
static const char is_outgrown[] =
    "select pg_relation_size('sheaf.match_key') > 2 * m.bytes + $1::bigint "
    "from sheaf.match_key_mark m";
static const char get_mark[] =
    "select m.made from sheaf.match_key_mark m, sheaf.resolving r "
    "where m.made = r.keys_made and m.made > 0";
/* A row has a record at least: of a list that is too long for us no more comes
 * than it takes to see that. */
static const char read_keys[] =
    "select u.n, m.record_ids "
    "from unnest($1::bigint[]) with ordinality as u (key, n) "
    "cross join lateral (select k.record_ids from sheaf.match_key k "
    "where k.key = u.key limit $2::bigint) m";

void
keys_init(struct keys *k, struct work *w, size_t max)
{
	k->work = w;
	postings_init(&k->hold, max);
}

void
keys_release(struct keys *k)
{
	postings_release(&k->hold);
}

static void
put_be64(unsigned char *at, uint64_t v)
{
	for (int i = 7; i >= 0; i--, v >>= 8)
		at[i] = (unsigned char)v;
}

/* The postings [from, to) of one key. */
static void
put_row(struct db_params *q, const struct postings *p, size_t from, size_t to)
{
	unsigned char ids[8 * 128];

	while (from < to) {
		size_t n = to - from < 128 ? to - from : 128;

		for (size_t i = 0; i < n; i++)
			put_be64(ids + 8 * i,
			    (uint64_t)p->records[p->members[from + i]]);
		db_copy_row(q, 2);
		db_put_i64(q, (int64_t)p->keys[from]);
		db_put_bytes(q, ids, 8 * n);
		from += n;
	}
}

/* In the order of keys as the index has them, which have a sign. */
static size_t
first_negative(const struct postings *p)
{
	size_t low = 0, high = p->count;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (p->keys[mid] >> 63)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

static void
put_rows(struct db_params *q, const struct postings *p, size_t from, size_t end)
{
	for (size_t to; from < end; from = to) {
		for (to = from + 1; to < end && p->keys[to] == p->keys[from];
		     to++)
			;
		put_row(q, p, from, to);
	}
}

int
keys_write(struct keys *k, struct err *e)
{
	struct postings *p = &k->hold;
	struct db_params q;
	size_t negative;
	int rc;

	if (p->record_count == 0)
		return 0;
	postings_ready(p);
	negative = first_negative(p);
	db_copy_init(&q);
	put_rows(&q, p, negative, p->count);
	put_rows(&q, p, 0, negative);
	rc = db_work_copy(k->work->db, copy_keys, &q, e);
	postings_clear(p);
	return rc;
}

int
keys_add(
    struct keys *k, int64_t record_id, const struct blocking *b, struct err *e)
{
	if (postings_add(&k->hold, record_id, b))
		return 0;
	if (keys_write(k, e) < 0)
		return -1;
	BUG_ON(!postings_add(&k->hold, record_id, b));
	return 0;
}

int
keys_renew(struct work *w, struct err *e)
{
	if (work_empty(w, empty_all, e) == 0)
		return 1;
	if (e->class == ERR_CANCEL || db_work_class(w->db) == DB_RECONNECT)
		return -1;
	log_info(NULL,
	    "the table of keys cannot be emptied (%s); what it has too much "
	    "stays until later",
	    e->text);
	db_work_forget(w->db);
	memset(e, 0, sizeof(*e));
	return 0;
}

int
keys_empty(struct work *w, struct err *e)
{
	int rc = keys_renew(w, e);

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (db_work_do(w->db, delete_mark, NULL, e) < 0)
		return -1;
	return db_work_do(w->db, delete_keys, NULL, e);
}

int
keys_outgrown(struct work *w, bool *outgrown, struct err *e)
{
	struct db_params q;
	struct db_result *r;

	db_params_init(&q);
	db_put_i64(&q, LIMIT_RESOLVE_KEYS_SPARE);
	r = db_work(w->db, is_outgrown, &q, e);
	if (r == NULL)
		return -1;
	*outgrown = db_rows(r) > 0 && db_bool(r, 0, 0);
	db_result_free(r);
	return 0;
}

int
keys_made(struct work *w, struct err *e)
{
	struct db_params q;

	w->state.keys_made++;
	db_params_init(&q);
	db_put_i64(&q, w->state.keys_made);
	if (db_work_do(w->db, set_mark, &q, e) < 0)
		return -1;
	return work_save(w, e);
}

int
keys_check(struct work *w, bool *whole, struct err *e)
{
	struct db_result *r = db_work(w->db, get_mark, NULL, e);

	if (r == NULL)
		return -1;
	*whole = db_rows(r) > 0;
	db_result_free(r);
	return 0;
}

static int64_t
get_be64(const unsigned char *at)
{
	uint64_t v = 0;

	for (int i = 0; i < 8; i++)
		v = v << 8 | at[i];
	return (int64_t)v;
}

int
keys_read(struct work *w, const uint64_t *keys, size_t count,
    void (*found)(void *arg, size_t index, int64_t record_id),
    void (*unread)(void *arg, size_t index), void *arg, struct err *e)
{
	struct db_params q;
	struct db_result *r;
	size_t *lengths, n;

	if (count == 0)
		return 0;
	db_params_init(&q);
	db_array_begin(&q, DB_INT8);
	for (size_t i = 0; i < count; i++)
		db_put_i64(&q, (int64_t)keys[i]);
	db_array_end(&q);
	db_put_i64(&q, (int64_t)LIMIT_POSTINGS + 1);
	r = db_work(w->db, read_keys, &q, e);
	if (r == NULL)
		return -1;
	lengths = xcalloc(count, sizeof(*lengths));
	for (int i = 0; i < db_rows(r); i++) {
		db_bytes(r, i, 1, &n);
		lengths[db_i64(r, i, 0) - 1] += n / 8;
	}
	for (int i = 0; i < db_rows(r); i++) {
		size_t index = (size_t)db_i64(r, i, 0) - 1;
		const unsigned char *ids = db_bytes(r, i, 1, &n);

		if (lengths[index] > LIMIT_POSTINGS)
			continue;
		for (size_t k = 0; k + 8 <= n; k += 8)
			found(arg, index, get_be64(ids + k));
	}
	for (size_t i = 0; i < count; i++) {
		if (lengths[i] > LIMIT_POSTINGS)
			unread(arg, i);
	}
	free(lengths);
	db_result_free(r);
	return 0;
}
