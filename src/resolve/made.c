/* Records → profiles; see resolve/made.h. */
#include "resolve/made.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/log.h"

static const char get_records[] =
    "select r.record_id, r.source_id, r.identifier, "
    "case when r.doc_length > 0 then r.block_id end, "
    "r.raw_offset + r.raw_length, r.doc_length, p.data, "
    "r.status in ('active', 'missing') "
    "from unnest($1::bigint[]) as u (id) "
    "join sheaf.record r on r.record_id = u.id "
    "left join sheaf.profile p on p.record_id = u.id";
/* A profile whose record is no more. */
static const char get_orphans[] =
    "select p.record_id, p.source_id, p.data from sheaf.profile p "
    "where p.record_id = any($1::bigint[])";
static const char get_blocks[] = "select b.block_id, b.data from sheaf.block b "
				 "where b.block_id = any($1::bigint[])";
static const char copy_profiles[] =
    "copy sheaf.profile (record_id, source_id, data) "
    "from stdin (format binary)";
static const char put_profiles[] =
    "insert into sheaf.profile (record_id, source_id, data) "
    "select u.record_id, u.source_id, u.data "
    "from unnest($1::bigint[], $2::integer[], $3::bytea[]) "
    "as u (record_id, source_id, data) "
    "on conflict (record_id) do update set source_id = excluded.source_id, "
    "data = excluded.data";
static const char drop_profiles[] =
    "delete from sheaf.profile where record_id = any($1::bigint[])";

enum { BLOCKS_AT_ONCE = 8 };

void
made_init(struct made *m)
{
	memset(m, 0, sizeof(*m));
	arena_init(&m->arena, 0);
	arena_init(&m->scratch, 0);
	buf_init(&m->text, LIMIT_RESOLVE_PROFILES);
}

void
made_release(struct made *m)
{
	arena_release(&m->arena);
	arena_release(&m->scratch);
	buf_release(&m->text);
	free(m->items);
	memset(m, 0, sizeof(*m));
}

void
made_clear(struct made *m)
{
	arena_clear(&m->arena);
	buf_clear(&m->text);
	m->count = 0;
}

void
made_add(struct made *m, int64_t record_id)
{
	GROW(m->items, m->cap, m->count + 1);
	memset(&m->items[m->count], 0, sizeof(*m->items));
	m->items[m->count++].record_id = record_id;
}

static int
by_number(const void *a, const void *b)
{
	const struct made_record *x = a, *y = b;

	return (x->record_id > y->record_id) - (x->record_id < y->record_id);
}

static void
make_distinct(struct made *m)
{
	size_t n = 0;

	qsort(m->items, m->count, sizeof(*m->items), by_number);
	for (size_t i = 0; i < m->count; i++) {
		if (n == 0 ||
		    m->items[n - 1].record_id != m->items[i].record_id)
			m->items[n++] = m->items[i];
	}
	m->count = n;
}

static struct made_record *
find(struct made *m, int64_t record_id)
{
	struct made_record key = {.record_id = record_id};

	return bsearch(&key, m->items, m->count, sizeof(key), by_number);
}

static void *
keep(struct made *m, const void *data, size_t n)
{
	void *at = arena_alloc(&m->arena, n + 1);

	memcpy(at, data, n);
	return at;
}

#define IDS(condition)                                                         \
	do {                                                                   \
		db_array_begin(&q, DB_INT8);                                   \
		for (size_t i = 0; i < m->count; i++) {                        \
			const struct made_record *x = &m->items[i];            \
			if (condition)                                         \
				db_put_i64(&q, x->record_id);                  \
		}                                                              \
		db_array_end(&q);                                              \
	} while (0)

static int
read_records(struct made *m, struct work *w, struct err *e)
{
	struct db_params q;
	struct db_result *r;

	db_params_init(&q);
	IDS(true);
	r = db_work(w->db, get_records, &q, e);
	if (r == NULL)
		return -1;
	for (int i = 0; i < db_rows(r); i++) {
		struct made_record *x = find(m, db_i64(r, i, 0));
		const void *was = db_bytes(r, i, 6, &x->was_len);

		x->is_there = true;
		x->source_id = db_i32(r, i, 1);
		x->identifier = arena_strdup(&m->arena, db_text(r, i, 2));
		x->block_id = db_i64(r, i, 3);
		x->doc_at = (size_t)db_i32(r, i, 4);
		x->doc_len = (size_t)db_i32(r, i, 5);
		x->was = db_is_null(r, i, 6) ? NULL : keep(m, was, x->was_len);
		x->is_live = db_bool(r, i, 7);
	}
	db_result_free(r);
	return 0;
}

static int
read_orphans(struct made *m, struct work *w, struct err *e)
{
	struct db_params q;
	struct db_result *r;
	bool any = false;

	for (size_t i = 0; i < m->count; i++)
		any |= !m->items[i].is_there;
	if (!any)
		return 0;
	db_params_init(&q);
	IDS(!x->is_there);
	r = db_work(w->db, get_orphans, &q, e);
	if (r == NULL)
		return -1;
	for (int i = 0; i < db_rows(r); i++) {
		struct made_record *x = find(m, db_i64(r, i, 0));
		const void *was = db_bytes(r, i, 2, &x->was_len);

		x->source_id = db_i32(r, i, 1);
		x->was = keep(m, was, x->was_len);
	}
	db_result_free(r);
	return 0;
}

/* --- contents --- */
static void
make_profile(struct made *m, struct made_record *x, const void *doc)
{
	struct record r;
	struct profile p;
	struct err e = {0};

	memset(&r, 0, sizeof(r));
	arena_clear(&m->scratch);
	if (doc != NULL &&
	    record_decode_doc(&r, &m->scratch, doc, x->doc_len, &e) < 0) {
		/* Of another version; renormalising makes it readable. */
		if (m->unreadable++ == 0)
			log_warn(NULL,
			    "the content of record %lld cannot be read, so it "
			    "stays by itself: %s; sheafctl renormalise makes "
			    "it again",
			    (long long)x->record_id, e.text);
		memset(&r, 0, sizeof(r));
	}
	r.identifier = x->identifier;
	profile_from_record(&p, &r, x->source_id, x->record_id, &m->scratch);
	x->encoded = m->text.len;
	profile_encode(&m->text, &p);
	x->encoded_len = m->text.len - x->encoded;
	x->profile = arena_alloc(&m->arena, sizeof(*x->profile));
}

static int
by_block(const void *a, const void *b)
{
	const struct made_record *x = *(struct made_record *const *)a,
				 *y = *(struct made_record *const *)b;

	if (x->block_id != y->block_id)
		return x->block_id < y->block_id ? -1 : 1;
	return (x->doc_at > y->doc_at) - (x->doc_at < y->doc_at);
}

/* The records [from, to) of `by`, whose blocks are in r. */
static void
read_contents(struct made *m, const struct db_result *r,
    struct made_record **by, size_t from, size_t to)
{
	struct idmap rows = {0};

	for (int i = 0; i < db_rows(r); i++)
		idmap_add(&rows, (uint64_t)db_i64(r, i, 0), (uint32_t)i);
	for (size_t i = from; i < to; i++) {
		const uint32_t *row =
		    idmap_find(&rows, (uint64_t)by[i]->block_id);
		size_t n = 0;
		const char *data =
		    row != NULL ? db_bytes(r, (int)*row, 1, &n) : NULL;

		/* A block that is gone meanwhile: another commit queued it. */
		if (data == NULL || by[i]->doc_at > n ||
		    by[i]->doc_len > n - by[i]->doc_at)
			continue;
		make_profile(m, by[i], data + by[i]->doc_at);
	}
	idmap_release(&rows);
}

static int
read_blocks(struct made *m, struct work *w, struct err *e)
{
	struct made_record **by = xcalloc(m->count, sizeof(*by));
	size_t n = 0;
	int rc = 0;

	for (size_t i = 0; i < m->count; i++) {
		struct made_record *x = &m->items[i];

		if (x->is_live && x->block_id != 0)
			by[n++] = x;
		else if (x->is_live)
			make_profile(m, x, NULL); /* a header alone */
	}
	qsort(by, n, sizeof(*by), by_block);
	for (size_t from = 0, to; rc == 0 && from < n; from = to) {
		struct db_params q;
		struct db_result *r;
		unsigned blocks = 0;

		db_params_init(&q);
		db_array_begin(&q, DB_INT8);
		for (to = from; to < n; to++) {
			if (to > from &&
			    by[to]->block_id == by[to - 1]->block_id)
				continue;
			if (blocks++ == BLOCKS_AT_ONCE)
				break;
			db_put_i64(&q, by[to]->block_id);
		}
		db_array_end(&q);
		r = db_work(w->db, get_blocks, &q, e);
		if (r == NULL)
			rc = -1;
		else
			read_contents(m, r, by, from, to);
		db_result_free(r);
	}
	free(by);
	return rc;
}

/* As it will be read again: texts in the arena, not in a document's. */
static int
decode_all(struct made *m, struct work *w, struct err *e)
{
	if (m->text.full)
		return err_set(e, ERR_LIMIT, 0,
		    "the profiles of %zu records exceed %zu bytes", m->count,
		    (size_t)LIMIT_RESOLVE_PROFILES);
	for (size_t i = 0; i < m->count; i++) {
		struct made_record *x = &m->items[i];

		if (x->profile == NULL)
			continue;
		if (profile_decode(x->profile, &m->arena, x->source_id,
			x->record_id, m->text.data + x->encoded, x->encoded_len,
			e) < 0)
			return -1;
		if (w->model != NULL)
			profile_prepare(x->profile, w->model);
	}
	return 0;
}

int
made_read(struct made *m, struct work *w, struct err *e)
{
	make_distinct(m);
	if (read_records(m, w, e) < 0 || read_orphans(m, w, e) < 0 ||
	    read_blocks(m, w, e) < 0)
		return -1;
	return decode_all(m, w, e);
}

/* --- writing --- */
bool
made_is_same(const struct made *m, const struct made_record *r)
{
	return r->profile != NULL && r->was != NULL &&
	       r->was_len == r->encoded_len &&
	       !memcmp(r->was, m->text.data + r->encoded, r->was_len);
}

static int
copy_all(struct made *m, struct work *w, struct err *e)
{
	struct db_params q;

	db_copy_init(&q);
	for (size_t i = 0; i < m->count; i++) {
		const struct made_record *x = &m->items[i];

		if (x->profile == NULL)
			continue;
		db_copy_row(&q, 3);
		db_put_i64(&q, x->record_id);
		db_put_i32(&q, x->source_id);
		db_put_bytes(&q, m->text.data + x->encoded, x->encoded_len);
	}
	return db_work_copy(w->db, copy_profiles, &q, e);
}

#define IS_CHANGED(x) ((x)->profile != NULL && !made_is_same(m, x))

static int
put_changed(struct made *m, struct work *w, struct err *e)
{
	struct db_params q;

	db_params_init(&q);
	IDS(IS_CHANGED(x));
	db_array_begin(&q, DB_INT4);
	for (size_t i = 0; i < m->count; i++) {
		if (IS_CHANGED(&m->items[i]))
			db_put_i32(&q, m->items[i].source_id);
	}
	db_array_end(&q);
	db_array_begin(&q, DB_BYTEA);
	for (size_t i = 0; i < m->count; i++) {
		const struct made_record *x = &m->items[i];

		if (IS_CHANGED(x))
			db_put_bytes(
			    &q, m->text.data + x->encoded, x->encoded_len);
	}
	db_array_end(&q);
	return db_work_do(w->db, put_profiles, &q, e);
}

int
made_write(struct made *m, struct work *w, struct err *e)
{
	bool any = false, known = false, gone = false;
	struct db_params q;
	int rc = 0;

	for (size_t i = 0; i < m->count; i++) {
		const struct made_record *x = &m->items[i];

		any |= IS_CHANGED(x);
		known |= x->was != NULL;
		gone |= x->profile == NULL && x->was != NULL;
	}
	if (any)
		rc = known ? put_changed(m, w, e) : copy_all(m, w, e);
	if (rc == 0 && gone) {
		db_params_init(&q);
		IDS(x->profile == NULL && x->was != NULL);
		rc = db_work_do(w->db, drop_profiles, &q, e);
	}
	return rc;
}
