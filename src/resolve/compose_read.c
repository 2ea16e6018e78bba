/* Rows of the queue → entries, records, contents. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/date.h"
#include "base/limits.h"
#include "base/log.h"
#include "resolve/compose_batch.h"

/* FEW: of a block with so many records only their contents are read, not all of
 * it. */
enum { BLOCKS_AT_ONCE = 16, FEW = 6 };

/* What was put aside waits for its time. */
static const char take_rows[] =
    "select q.uncomposed_id, i.id from (select u.uncomposed_id, u.entry_ids, "
    "sum(u.entry_count) over (order by u.uncomposed_id) "
    "- u.entry_count as before "
    "from (select x.uncomposed_id, x.entry_ids, x.entry_count from "
    "sheaf.uncomposed x where x.at <= clock_timestamp() "
    "order by x.uncomposed_id limit 500) u) q "
    "cross join lateral unnest(q.entry_ids) as i (id) "
    "where q.before < $1::bigint order by q.uncomposed_id";
static const char get_time[] =
    "select clock_timestamp(), exists (select from sheaf.decision d "
    "where d.kind = 'set' and d.undone_at is null), "
    "exists (select from sheaf.recomposing r where r.fresh)";
static const char get_entries[] =
    "select u.n::integer, e.state, c.entry_no, c.digest "
    "from unnest($1::uuid[]) with ordinality as u (id, n) "
    "left join sheaf.entry e on e.entry_id = u.id "
    "left join sheaf.composed c on c.entry_id = u.id";
static const char get_records[] =
    "select u.n::integer, r.record_id, r.source_id, r.identifier, "
    "case when r.doc_length > 0 then r.block_id end, "
    "r.raw_offset + r.raw_length, r.doc_length, r.datestamp, r.first_seen "
    "from unnest($1::uuid[]) with ordinality as u (id, n) "
    "join sheaf.member m on m.entry_id = u.id and m.active "
    "join sheaf.record r on r.record_id = m.record_id "
    "where r.status in ('active', 'missing')";
static const char get_sets[] =
    "select r.record_id, d.field, d.value, d.at "
    "from unnest($1::bigint[]) as u (id) "
    "join sheaf.record r on r.record_id = u.id "
    "join sheaf.source s on s.source_id = r.source_id "
    "join sheaf.decision d on d.source_a = s.name "
    "and d.identifier_a = r.identifier "
    "where d.kind = 'set' and d.undone_at is null";
static const char get_blocks[] = "select b.block_id, b.data from sheaf.block b "
				 "where b.block_id = any($1::bigint[])";
static const char get_slices[] =
    "select u.n, substring(b.data from u.at + 1 for u.len) "
    "from unnest($1::bigint[], $2::integer[], $3::integer[], $4::integer[]) "
    "as u (block, at, len, n) join sheaf.block b on b.block_id = u.block";

/* --- the queue --- */
static int
take_entries(struct compose_batch *b, struct err *e)
{
	struct idmap seen = {0};
	struct db_params q;
	struct db_result *r;
	size_t bytes;

	db_params_init(&q);
	db_put_i64(&q, (int64_t)b->most);
	r = db_work(b->work->db, take_rows, &q, e);
	if (r == NULL)
		return -1;
	for (int i = 0; i < db_rows(r); i++) {
		int64_t row = db_i64(r, i, 0);
		const void *id = db_bytes(r, i, 1, &bytes);
		uint64_t hash =
		    profile_hash(HASH_RECORD, id, ENTRY_UUID_BYTES) | 1;
		uint32_t *at = idmap_add(&seen, hash, (uint32_t)b->entry_count);

		if (b->row_count == 0 || b->rows[b->row_count - 1] != row) {
			GROW(b->rows, b->row_cap, b->row_count + 1);
			b->rows[b->row_count++] = row;
		}
		if (*at < b->entry_count) {
			BUG_ON(memcmp(b->entries[*at].id, id,
				   ENTRY_UUID_BYTES) != 0);
			continue;
		}
		GROW(b->entries, b->entry_cap, b->entry_count + 1);
		memset(
		    &b->entries[b->entry_count], 0, sizeof(struct batch_entry));
		memcpy(b->entries[b->entry_count++].id, id, ENTRY_UUID_BYTES);
	}
	b->read_count = b->entry_count < b->most ? b->entry_count : b->most;
	db_result_free(r);
	idmap_release(&seen);
	return 0;
}

int
compose_take(struct compose_batch *b, struct err *e)
{
	struct db_result *r = db_work(b->work->db, get_time, NULL, e);
	bool fresh;

	if (r == NULL)
		return -1;
	b->now = db_time(r, 0, 0);
	b->has_sets = db_bool(r, 0, 1);
	fresh = db_bool(r, 0, 2);
	db_result_free(r);
	if ((fresh || !b->sources->is_loaded) &&
	    compose_sources_load(b->sources, b->work, e) < 0)
		return -1;
	return take_entries(b, e);
}

static void
put_entries(struct db_params *q, const struct compose_batch *b)
{
	db_array_begin(q, DB_UUID);
	for (size_t i = 0; i < b->read_count; i++)
		db_put_uuid(q, b->entries[i].id);
	db_array_end(q);
}

static int
read_entries(struct compose_batch *b, struct err *e)
{
	struct db_params q;
	struct db_result *r;

	db_params_init(&q);
	put_entries(&q, b);
	r = db_work(b->work->db, get_entries, &q, e);
	if (r == NULL)
		return -1;
	for (int i = 0; i < db_rows(r); i++) {
		struct batch_entry *x = &b->entries[db_i32(r, i, 0) - 1];
		const char *state = db_text(r, i, 1);
		size_t n;
		const void *was = db_bytes(r, i, 3, &n);

		x->state = !strcmp(state, "live")     ? STATE_LIVE
			   : !strcmp(state, "merged") ? STATE_MERGED
			   : !strcmp(state, "split")  ? STATE_SPLIT
						      : STATE_GONE;
		x->entry_no = db_i64(r, i, 2);
		if (n == DIGEST_BYTES)
			memcpy(x->was, was, n);
	}
	db_result_free(r);
	return 0;
}

/* --- records --- */
static const struct compose_source *
source_of(struct compose_batch *b, int32_t source_id, struct err *e)
{
	const struct compose_source *s =
	    compose_sources_find(b->sources, source_id);

	if (s == NULL)
		err_set(e, ERR_DB, 0,
		    "the database has no source %d, but records of it",
		    source_id);
	return s;
}

/* A source that is new since they were read.  Records point at them. */
static int
know_sources(struct compose_batch *b, const struct db_result *r, struct err *e)
{
	for (int i = 0; i < db_rows(r); i++) {
		if (compose_sources_find(b->sources, db_i32(r, i, 2)) == NULL)
			return compose_sources_load(b->sources, b->work, e);
	}
	return 0;
}

static int
read_rows(struct compose_batch *b, const struct db_result *r, struct err *e)
{
	for (int i = 0; i < db_rows(r); i++) {
		struct batch_record *x;
		const struct compose_source *s =
		    source_of(b, db_i32(r, i, 2), e);

		if (s == NULL)
			return -1;
		GROW(b->records, b->record_cap, b->record_count + 1);
		x = &b->records[b->record_count++];
		memset(x, 0, sizeof(*x));
		x->entry = (size_t)db_i32(r, i, 0) - 1;
		x->r.record_id = db_i64(r, i, 1);
		x->r.source = s;
		x->r.identifier = arena_strdup(&b->arena, db_text(r, i, 3));
		x->block_id = db_i64(r, i, 4);
		x->doc_at = db_i32(r, i, 5);
		x->doc_len = db_i32(r, i, 6);
		x->r.datestamp = db_time(r, i, 7);
		x->r.first_seen = db_time(r, i, 8);
	}
	return 0;
}

static int
read_records(struct compose_batch *b, struct err *e)
{
	struct db_params q;
	struct db_result *r;
	int rc;

	db_params_init(&q);
	put_entries(&q, b);
	r = db_work(b->work->db, get_records, &q, e);
	if (r == NULL)
		return -1;
	rc = know_sources(b, r, e);
	if (rc == 0)
		rc = read_rows(b, r, e);
	db_result_free(r);
	return rc;
}

/* By entry; of one the most trusted first, then the newest. */
static int
by_entry(const void *a, const void *b)
{
	const struct batch_record *x = *(struct batch_record *const *)a,
				  *y = *(struct batch_record *const *)b;
	int d;

	if (x->entry != y->entry)
		return x->entry < y->entry ? -1 : 1;
	d = y->r.source->trust.of[ENTRY_TITLE] -
	    x->r.source->trust.of[ENTRY_TITLE];
	if (d != 0)
		return d;
	if (x->r.datestamp != y->r.datestamp)
		return x->r.datestamp > y->r.datestamp ? -1 : 1;
	d = strcmp(x->r.source->name, y->r.source->name);
	return d != 0 ? d : strcmp(x->r.identifier, y->r.identifier);
}

/* So many records of each entry as may be, and so many entries as may be. */
static void
bound(struct compose_batch *b)
{
	size_t bytes = 0, all = 0;

	for (b->looked_at = 0; b->looked_at < b->read_count; b->looked_at++) {
		struct batch_entry *x = &b->entries[b->looked_at];
		size_t mine = 0, n = 0;

		for (; n < x->count && n < LIMIT_COMPOSED_RECORDS; n++) {
			size_t len = (size_t)b->order[x->from + n]->doc_len;

			if (n > 0 && mine + len > LIMIT_COMPOSED_BYTES)
				break;
			mine += len;
		}
		if (b->looked_at > 0 &&
		    (bytes + mine > LIMIT_COMPOSED_BYTES ||
			all + n > 4 * (size_t)COMPOSE_ENTRIES))
			break;
		bytes += mine;
		all += n;
		if (n < x->count)
			log_warn(b->order[x->from]->r.source->name,
			    "%s is in an entry of %zu records, which is "
			    "composed of the %zu that are trusted most and are "
			    "the newest",
			    b->order[x->from]->r.identifier, x->count, n);
		x->count = n;
	}
}

static void
group(struct compose_batch *b)
{
	b->order = xcalloc(b->record_count + 1, sizeof(*b->order));
	for (size_t i = 0; i < b->record_count; i++)
		b->order[i] = &b->records[i];
	qsort(b->order, b->record_count, sizeof(*b->order), by_entry);
	for (size_t i = 0; i < b->record_count; i++) {
		struct batch_entry *x = &b->entries[b->order[i]->entry];

		if (x->count++ == 0)
			x->from = i;
	}
}

/* --- operators --- */
static int
by_record(const void *a, const void *b)
{
	const struct compose_set *x = a, *y = b;

	if (x->record_id != y->record_id)
		return x->record_id < y->record_id ? -1 : 1;
	return (int)x->field - (int)y->field;
}

static int
read_sets(struct compose_batch *b, struct err *e)
{
	struct db_params q;
	struct db_result *r;

	if (!b->has_sets)
		return 0;
	db_params_init(&q);
	db_array_begin(&q, DB_INT8);
	for (size_t i = 0; i < b->record_count; i++)
		db_put_i64(&q, b->records[i].r.record_id);
	db_array_end(&q);
	r = db_work(b->work->db, get_sets, &q, e);
	if (r == NULL)
		return -1;
	for (int i = 0; i < db_rows(r); i++) {
		const char *name = db_text(r, i, 1);
		int f = entry_field_parse(name, strlen(name));

		if (f < 0 || f >= ENTRY_SET_FIELDS)
			continue; /* of a later program */
		GROW(b->sets, b->set_cap, b->set_count + 1);
		b->sets[b->set_count++] =
		    (struct compose_set){(enum entry_field)f,
			arena_strdup(&b->arena, db_text(r, i, 2)),
			db_i64(r, i, 0), db_time(r, i, 3)};
	}
	db_result_free(r);
	if (b->set_count > 1)
		qsort(b->sets, b->set_count, sizeof(*b->sets), by_record);
	return 0;
}

/* --- contents --- */
static void
decode(
    struct compose_batch *b, struct batch_record *x, const void *data, size_t n)
{
	void *doc = arena_alloc(&b->arena, n + 1);
	struct err why = {0};

	memcpy(doc, data, n);
	if (record_decode_doc(&x->content, &b->arena, doc, n, &why) < 0) {
		/* resolve has said so, too */
		log_debug(x->r.source->name,
		    "the content of %s cannot be read: %s", x->r.identifier,
		    why.text);
		memset(&x->content, 0, sizeof(x->content));
	}
}

static int
by_block(const void *a, const void *b)
{
	const struct batch_record *x = *(struct batch_record *const *)a,
				  *y = *(struct batch_record *const *)b;

	if (x->block_id != y->block_id)
		return x->block_id < y->block_id ? -1 : 1;
	return (x->doc_at > y->doc_at) - (x->doc_at < y->doc_at);
}

static int
read_slices(
    struct compose_batch *b, struct batch_record **x, size_t n, struct err *e)
{
	struct db_params q;
	struct db_result *r;

	if (n == 0)
		return 0;
	db_params_init(&q);
#define COLUMN(type, put)                                                      \
	db_array_begin(&q, (type));                                            \
	for (size_t i = 0; i < n; i++)                                         \
		put;                                                           \
	db_array_end(&q)
	COLUMN(DB_INT8, db_put_i64(&q, x[i]->block_id));
	COLUMN(DB_INT4, db_put_i32(&q, x[i]->doc_at));
	COLUMN(DB_INT4, db_put_i32(&q, x[i]->doc_len));
	COLUMN(DB_INT4, db_put_i32(&q, (int32_t)i));
#undef COLUMN
	r = db_work(b->work->db, get_slices, &q, e);
	if (r == NULL)
		return -1;
	for (int i = 0; i < db_rows(r); i++) {
		struct batch_record *one = x[db_i32(r, i, 0)];
		size_t len;
		const void *data = db_bytes(r, i, 1, &len);

		if (len == (size_t)one->doc_len)
			decode(b, one, data, len);
	}
	db_result_free(r);
	return 0;
}

/* The records [from, to) of x, whose blocks are read whole. */
static int
read_whole(struct compose_batch *b, struct batch_record **x, size_t from,
    size_t to, struct err *e)
{
	struct idmap rows = {0};
	struct db_params q;
	struct db_result *r;

	db_params_init(&q);
	db_array_begin(&q, DB_INT8);
	for (size_t i = from; i < to; i++) {
		if (i == from || x[i]->block_id != x[i - 1]->block_id)
			db_put_i64(&q, x[i]->block_id);
	}
	db_array_end(&q);
	r = db_work(b->work->db, get_blocks, &q, e);
	if (r == NULL)
		return -1;
	for (int i = 0; i < db_rows(r); i++)
		idmap_add(&rows, (uint64_t)db_i64(r, i, 0), (uint32_t)i);
	for (size_t i = from; i < to; i++) {
		const uint32_t *row =
		    idmap_find(&rows, (uint64_t)x[i]->block_id);
		size_t n = 0, at = (size_t)x[i]->doc_at,
		       len = (size_t)x[i]->doc_len;
		const char *data =
		    row != NULL ? db_bytes(r, (int)*row, 1, &n) : NULL;

		/* Else it was queued again by what moved it. */
		if (data != NULL && at <= n && len <= n - at)
			decode(b, x[i], data + at, len);
	}
	idmap_release(&rows);
	db_result_free(r);
	return 0;
}

static int
read_contents(struct compose_batch *b, struct err *e)
{
	struct batch_record **x =
	    xcalloc(b->record_count + 1, sizeof(struct batch_record *));
	struct batch_record **few =
	    xcalloc(b->record_count + 1, sizeof(struct batch_record *));
	size_t n = 0, few_count = 0, from = 0, to, blocks = 0, whole = 0;
	int rc = 0;

	for (size_t i = 0; i < b->looked_at; i++) {
		const struct batch_entry *y = &b->entries[i];

		for (size_t k = 0; k < y->count; k++) {
			if (b->order[y->from + k]->block_id != 0)
				x[n++] = b->order[y->from + k];
		}
	}
	if (n > 1)
		qsort(x, n, sizeof(struct batch_record *), by_block);
	/* Blocks with many records move to the front of x. */
	for (from = 0; from < n; from = to) {
		for (to = from; to < n && x[to]->block_id == x[from]->block_id;
		     to++)
			;
		for (size_t i = from; i < to; i++) {
			if (to - from <= FEW)
				few[few_count++] = x[i];
			else
				x[whole++] = x[i];
		}
	}
	for (from = 0, to = 0; rc == 0 && from < whole; from = to) {
		for (blocks = 0; to < whole; to++) {
			if ((to == from ||
				x[to]->block_id != x[to - 1]->block_id) &&
			    blocks++ == BLOCKS_AT_ONCE)
				break;
		}
		rc = read_whole(b, x, from, to, e);
	}
	if (rc == 0)
		rc = read_slices(b, few, few_count, e);
	free(few);
	free(x);
	return rc;
}

int
compose_read(struct compose_batch *b, struct err *e)
{
	if (read_entries(b, e) < 0 || read_records(b, e) < 0)
		return -1;
	group(b);
	bound(b);
	if (read_sets(b, e) < 0 || read_contents(b, e) < 0)
		return -1;
	for (size_t i = 0; i < b->record_count; i++)
		b->records[i].r.content = &b->records[i].content;
	return 0;
}
