/* The statements of a page transaction, in binary arrays; see store/txn.h. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/date.h"
#include "base/log.h"
#include "store/stored.h"

enum { BLOCK_RECORDS = 100 };
#define BLOCK_BYTES MIB

static int64_t
take_number(struct store *s)
{
	if (s->number_next == s->number_end) {
		BUG_ON(s->number_count == 0);
		s->number_next = s->numbers[--s->number_count];
		s->number_end = s->number_next + NUMBERS_BLOCK;
	}
	return s->number_next++;
}

/* --- blocks --- */
static size_t
slice_bytes(const struct item *i)
{
	return i->element_len > 0 ? i->element_len : (size_t)i->length;
}

static bool
goes_into_block(const struct txn *t, const struct item *i)
{
	const struct entry *x;

	if (i->entry == ENTRY_NONE)
		return false;
	x = &t->entries[i->entry];
	return x->item == i &&
	       (x->op == OP_INSERT || x->op == OP_CHANGED ||
		   x->op == OP_AGAIN) &&
	       x->now.alive && slice_bytes(i) + i->doc_len > 0;
}

/* Each slice is followed by its content, which says most of it again: what
 * compresses them finds that. */
static int
fill_data(const struct page *p, struct item *const *items, size_t n, char *at,
    struct err *e)
{
	for (size_t k = 0; k < n; k++) {
		const struct item *i = items[k];
		size_t len = slice_bytes(i);

		if (i->element_len > 0)
			memcpy(at, i->element, len);
		else if (page_body(p, at, i->offset, len, e) < 0)
			return -1;
		at += len;
		if (i->doc_len > 0)
			memcpy(at, i->doc, i->doc_len);
		at += i->doc_len;
	}
	return 0;
}

static void
put_block_head(struct db_params *q, int64_t id, struct page *p, bool whole,
    size_t live, const char *context)
{
	db_put_i64(q, id);
	db_put_i32(q, (int32_t)p->run->source_id);
	db_put_i64(q, (int64_t)p->run->id);
	db_put_i64(q, (int64_t)p->page_no);
	db_put_i32(q, (int32_t)p->part++);
	db_put_bool(q, whole);
	db_put_i32(q, (int32_t)live);
	db_put_text(q, context);
	if (p->has_rules)
		db_put_bytes(q, p->rules, sizeof(p->rules));
	else
		db_put_null(q);
}

static int
write_block(struct txn *t, struct page *p, struct item *const *items, size_t n,
    struct err *e)
{
	int64_t id = take_number(t->store);
	size_t bytes = 0;
	struct db_params q;

	db_params_init(&q);
	put_block_head(&q, id, p, false, n, items[0]->context);
	db_array_begin(&q, DB_INT8);
	for (size_t k = 0; k < n; k++) {
		struct item *i = items[k];

		i->block_id = id;
		i->raw_offset = (int32_t)bytes;
		i->raw_length = (int32_t)slice_bytes(i);
		i->doc_length = (int32_t)i->doc_len;
		bytes += slice_bytes(i) + i->doc_len;
		db_put_i64(&q, t->entries[i->entry].record_id);
	}
	db_array_end(&q);
	if (fill_data(p, items, n, db_put_room(&q, bytes), e) < 0) {
		db_params_release(&q);
		return -1;
	}
	db_send(t->store->db, t->conn, SQL_BLOCK, &q, NULL, NULL);
	t->blocks++;
	return 0;
}

static bool
is_same_context(const struct item *a, const struct item *b)
{
	return a->context == b->context || strcmp(a->context, b->context) == 0;
}

static int
write_blocks(struct txn *t, struct page *p, struct err *e)
{
	struct item *group[BLOCK_RECORDS];
	size_t n = 0, bytes = 0;

	for (size_t k = 0; k < p->item_count; k++) {
		struct item *i = &p->items[k];

		if (!goes_into_block(t, i))
			continue;
		if (n == BLOCK_RECORDS ||
		    (n > 0 && (bytes + slice_bytes(i) > BLOCK_BYTES ||
				  !is_same_context(i, group[0])))) {
			if (write_block(t, p, group, n, e) < 0)
				return -1;
			n = bytes = 0;
		}
		group[n++] = i;
		bytes += slice_bytes(i);
	}
	return n > 0 ? write_block(t, p, group, n, e) : 0;
}

int
write_whole(struct txn *t, struct page *p, uint64_t *offset, struct err *e)
{
	uint64_t left = p->body_bytes - *offset;
	size_t n = left < WHOLE_BYTES ? (size_t)left : WHOLE_BYTES;
	struct db_params q;

	db_params_init(&q);
	put_block_head(&q, take_number(t->store), p, true, 0, "");
	db_array_begin(&q, DB_INT8);
	db_array_end(&q);
	if (page_body(p, db_put_room(&q, n), *offset, n, e) < 0) {
		db_params_release(&q);
		return -1;
	}
	db_send(t->store->db, t->conn, SQL_BLOCK, &q, NULL, NULL);
	*offset += n;
	return 0;
}

/* --- records --- */
/* One array: an expression over `x` (entry) and `i` (its item). */
#define COLUMN(type, put)                                                      \
	do {                                                                   \
		db_array_begin(&q, (type));                                    \
		for (size_t n_ = 0; n_ < t->count; n_++) {                     \
			const struct entry *x = &t->entries[n_];               \
			const struct item *i = x->item;                        \
			(void)i;                                               \
			if (IS_MINE(x))                                        \
				put;                                           \
		}                                                              \
		db_array_end(&q);                                              \
	} while (0)

static int64_t
instant(const char *datestamp)
{
	enum granularity g;
	int64_t us;

	return date_parse(datestamp, &us, &g) == 0 ? us : DATE_NONE;
}

static const char *
or_null(const char *s)
{
	return *s != '\0' ? s : NULL;
}

static void
put_digest(struct db_params *q, const struct entry *x)
{
	if (x->now.digest != NULL)
		db_put_bytes(q, x->now.digest, DIGEST_BYTES);
	else
		db_put_null(q);
}

/* What only a record with bytes has. */
static void
put_place(struct db_params *q, const struct item *i, int32_t v)
{
	if (i->block_id != 0)
		db_put_i32(q, v);
	else
		db_put_null(q);
}

static void
put_block_id(struct db_params *q, const struct item *i)
{
	if (i->block_id != 0)
		db_put_i64(q, i->block_id);
	else
		db_put_null(q);
}

void
put_count(struct db_params *q, int32_t n)
{
	if (n >= 0)
		db_put_i32(q, n);
	else
		db_put_null(q);
}

#define CONTENT_COLUMNS                                                        \
	do {                                                                   \
		COLUMN(DB_TIMESTAMPTZ,                                         \
		    db_put_time(&q, instant(x->now.datestamp)));               \
		COLUMN(DB_TEXT, db_put_text(&q, or_null(x->now.datestamp)));   \
		COLUMN(DB_TEXT, db_put_text(&q, x->now.sets));                 \
		COLUMN(DB_BYTEA, put_digest(&q, x));                           \
		COLUMN(                                                        \
		    DB_TEXT, db_put_text(&q,                                   \
				 i->deleted ? NULL : page_format(x->page)));   \
		COLUMN(DB_TEXT, db_put_text(&q, x->kind));                     \
		COLUMN(DB_TEXT, db_put_text(&q, x->title));                    \
		COLUMN(DB_TEXT, db_put_text(&q, x->url));                      \
		COLUMN(DB_DATE, db_put_date(&q, x->issued));                   \
		COLUMN(DB_TEXT, db_put_text(&q, x->precision));                \
		COLUMN(DB_TEXT, db_put_text(&q, x->licence));                  \
		COLUMN(DB_INT8, put_block_id(&q, i));                          \
		COLUMN(DB_INT4, put_place(&q, i, i->raw_offset));              \
		COLUMN(DB_INT4, put_place(&q, i, i->raw_length));              \
		COLUMN(DB_INT4, put_place(&q, i, i->doc_length));              \
		COLUMN(DB_INT4, put_count(&q, x->terms));                      \
		COLUMN(DB_INT4, put_count(&q, x->unmapped));                   \
	} while (0)

static const char *
status_of(const struct standing *now)
{
	return now->alive ? "active" : now->filtered ? "filtered" : "deleted";
}

#define IS_MINE(x) ((x)->op == OP_INSERT)
static void
write_records(struct txn *t)
{
	struct db_params q;

	if (t->inserts == 0)
		return;
	db_params_init(&q);
	COLUMN(DB_INT8, db_put_i64(&q, x->record_id));
	COLUMN(DB_INT4, db_put_i32(&q, (int32_t)x->run->source_id));
	COLUMN(DB_TEXT, db_put_text(&q, x->identifier));
	CONTENT_COLUMNS;
	COLUMN(DB_INT8, db_put_i64(&q, (int64_t)x->run->id));
	COLUMN(DB_TEXT, db_put_text(&q, status_of(&x->now)));
	db_send(t->store->db, t->conn, SQL_RECORDS, &q, NULL, NULL);
}
#undef IS_MINE

/* What is new waits for resolve; what is changed does when it is applied. */
#define IS_MINE(x) ((x)->op == OP_INSERT && (x)->now.alive)
static void
write_unresolved(struct txn *t)
{
	struct db_params q;
	size_t n = 0;

	for (size_t k = 0; k < t->count; k++)
		n += IS_MINE(&t->entries[k]);
	if (n == 0)
		return;
	db_params_init(&q);
	COLUMN(DB_INT8, db_put_i64(&q, x->record_id));
	db_send(t->store->db, t->conn, SQL_UNRESOLVED, &q, NULL, NULL);
}
#undef IS_MINE

static const char *
op_name(enum op op)
{
	return op == OP_CHANGED	  ? "changed"
	       : op == OP_TOUCHED ? "touched"
	       : op == OP_DELETED ? "deleted"
				  : "filtered";
}

#define IS_MINE(x) ((x)->op > OP_INSERT)
static void
write_pending(struct txn *t)
{
	struct db_params q;
	bool any = false;

	for (size_t n = 0; n < t->count; n++) {
		if (!IS_MINE(&t->entries[n]))
			continue;
		t->entries[n].run->has_pending = true;
		t->entries[n].run->waits = any = true;
	}
	if (!any)
		return;
	db_params_init(&q);
	COLUMN(DB_INT8, db_put_i64(&q, (int64_t)x->run->id));
	COLUMN(DB_INT8, db_put_i64(&q, x->record_id));
	COLUMN(DB_TEXT, db_put_text(&q, op_name(x->op)));
	CONTENT_COLUMNS;
	db_send(t->store->db, t->conn, SQL_PENDING, &q, NULL, NULL);
}
#undef IS_MINE

/* --- beside the records --- */
static void
put_reject_raw(struct db_params *q, struct page *p, const struct reject_item *r,
    char *scratch, uint8_t key[HASH128_BYTES])
{
	struct err ignored;
	size_t n = r->length < LIMIT_REJECT_RAW_BYTES ? (size_t)r->length
						      : LIMIT_REJECT_RAW_BYTES;
	struct buf b;

	/* Slices may overlap, but a page's rejects are never more than it. */
	if (p->reject_bytes + n > p->body_bytes ||
	    page_body(p, scratch, r->offset, n, &ignored) < 0)
		n = 0;
	p->reject_bytes += n;
	buf_init(&b, LIMIT_REJECT_RAW_BYTES + MIB);
	buf_adds(&b, r->identifier != NULL ? r->identifier : "");
	buf_addc(&b, '\n');
	buf_adds(&b, r->reason);
	buf_addc(&b, '\n');
	buf_add(&b, scratch, n);
	hash128(key, buf_str(&b), b.len);
	buf_release(&b);
	if (n > 0)
		db_put_bytes(q, scratch, n);
	else
		db_put_null(q);
}

static void
on_trimmed(void *arg, const struct db_result *r)
{
	(void)arg;
	/* Each page may drop some: that is said once an hour. */
	if (db_rows(r) > 0 && db_i64(r, 0, 1) > 0 && db_bool(r, 0, 2))
		log_warn(db_text(r, 0, 0),
		    "its quarantine holds more than %zu records or %zu bytes: "
		    "the oldest are dropped, see sheafctl quarantine %s",
		    LIMIT_QUARANTINE_ROWS, LIMIT_QUARANTINE_BYTES,
		    db_text(r, 0, 0));
}

static void
write_rejects(struct txn *t, struct page *p)
{
	uint8_t(*keys)[HASH128_BYTES];
	struct db_params q, raw;
	char *scratch;

	if (p->reject_count == 0)
		return;
	keys = xcalloc(p->reject_count, sizeof(*keys));
	scratch = xmalloc(LIMIT_REJECT_RAW_BYTES);
	db_params_init(&raw);
	db_array_begin(&raw, DB_BYTEA);
	for (size_t n = 0; n < p->reject_count; n++)
		put_reject_raw(&raw, p, &p->rejects[n], scratch, keys[n]);
	db_array_end(&raw);
	db_params_init(&q);
	db_put_i32(&q, (int32_t)p->run->source_id);
	db_put_i64(&q, (int64_t)p->run->id);
	db_put_i64(&q, (int64_t)p->page_no);
	db_put_text(&q, p->url);
#define EACH(type, put)                                                        \
	db_array_begin(&q, (type));                                            \
	for (size_t n = 0; n < p->reject_count; n++) {                         \
		const struct reject_item *r = &p->rejects[n];                  \
		(void)r;                                                       \
		put;                                                           \
	}                                                                      \
	db_array_end(&q)
	EACH(DB_BYTEA, db_put_bytes(&q, keys[n], HASH128_BYTES));
	EACH(DB_TEXT, db_put_text(&q, r->identifier));
	EACH(DB_TEXT, db_put_text(&q, r->reason));
	EACH(DB_INT8, db_put_i64(&q, (int64_t)r->offset));
	EACH(DB_INT8, db_put_i64(&q, (int64_t)r->length));
#undef EACH
	db_put_bytes(&q, raw.data + raw.offset[0], (size_t)raw.length[0]);
	db_params_release(&raw);
	db_send(t->store->db, t->conn, SQL_QUARANTINE, &q, NULL, NULL);
	db_params_init(&q);
	db_put_i32(&q, (int32_t)p->run->source_id);
	db_put_i64(&q, (int64_t)LIMIT_QUARANTINE_ROWS);
	db_put_i64(&q, (int64_t)LIMIT_QUARANTINE_BYTES);
	db_send(
	    t->store->db, t->conn, SQL_QUARANTINE_TRIM, &q, on_trimmed, NULL);
	free(keys);
	free(scratch);
}

static void
write_wants(struct txn *t, struct page *p)
{
	struct db_params q;

	db_params_init(&q);
	if (p->wanted != NULL) {
		db_put_i64(&q, (int64_t)p->run->id);
		db_put_text(&q, p->wanted);
		db_send(t->store->db, t->conn, SQL_WANT_DROP, &q, NULL, NULL);
	}
	if (p->counts.wanted == 0)
		return;
	db_array_begin(&q, DB_INT8);
	for (size_t n = 0; n < p->item_count; n++) {
		if (p->items[n].wanted)
			db_put_i64(&q, (int64_t)p->run->id);
	}
	db_array_end(&q);
	db_array_begin(&q, DB_TEXT);
	for (size_t n = 0; n < p->item_count; n++) {
		if (p->items[n].wanted)
			db_put_text(&q, p->items[n].identifier);
	}
	db_array_end(&q);
	db_send(t->store->db, t->conn, SQL_WANT_ADD, &q, NULL, NULL);
}

static void
add_ids(const struct txn *t, struct page *p)
{
	for (size_t k = 0; k < p->item_count; k++) {
		int64_t id = t->entries[p->items[k].entry].record_id;

		if (id != 0)
			page_add_id(p, id);
	}
}

struct page *
txn_write(struct txn *t, struct err *e)
{
	for (size_t n = 0; n < t->count; n++) {
		if (t->entries[n].op != OP_INSERT)
			continue;
		t->entries[n].record_id = take_number(t->store);
		t->inserts++;
	}
	for (size_t n = 0; n < t->page_count; n++) {
		struct page *p = t->pages[n];

		if (p->stored == NULL)
			add_ids(t, p);
		if (write_blocks(t, p, e) < 0)
			return p;
		write_rejects(t, p);
		write_wants(t, p);
	}
	if (t->page_count > 0 && t->pages[0]->stored != NULL) {
		again_write(t);
		return NULL;
	}
	write_records(t);
	write_unresolved(t);
	write_pending(t);
	return NULL;
}
