/*
 * What was made of stored records anew, against what there is.  Where it is
 * the same nothing is written but which rules the block was made by.  What
 * differs goes into blocks of its own, as if a harvest had brought it, but for
 * the header, the digest and the run's limits.
 */
#include <string.h>

#include "base/alloc.h"
#include "store/stored.h"

static void
add_entry(struct txn *t, struct page *p, struct item *i)
{
	struct entry *x;

	GROW(t->entries, t->cap, t->count + 1);
	x = &t->entries[t->count++];
	memset(x, 0, sizeof(*x));
	x->identifier = i->identifier;
	x->run = p->run;
	x->page = p;
	x->item = i;
	x->op = OP_AGAIN;
	x->now.datestamp = x->now.sets = "";
	x->now.alive = true;
	x->terms = x->unmapped = -1;
	x->record_id = p->stored->page.records[i->stored].record_id;
	i->entry = (uint32_t)t->count - 1;
}

static int
judge_item(struct txn *t, struct page *p, struct item *i, struct buf *kept,
    struct err *e)
{
	const struct stored_record *r = &p->stored->page.records[i->stored];
	int rc;

	i->entry = ENTRY_NONE;
	/* A header alone, or a deletion, is nothing that was stored. */
	if (i->deleted || i->header_only || i->filtered)
		return err_set(e, ERR_PROTO, 0,
		    "the parser found no content in a stored record");
	arena_clear(&t->scratch);
	rc = stored_compare(
	    kept, r->doc, r->doc_length, i->doc, i->doc_len, &t->scratch, e);
	if (rc < 0)
		return -1;
	if (rc == 0) {
		p->counts.unchanged++;
		return 0;
	}
	if (kept->len > 0) {
		i->doc = memcpy(
		    arena_alloc(&p->arena, kept->len), kept->data, kept->len);
		i->doc_len = kept->len;
	}
	p->counts.changed++;
	p->stored->page.blocks[r->block].gone++;
	add_entry(t, p, i);
	return 0;
}

int
again_judge(struct txn *t, struct page *p, struct err *e)
{
	struct buf kept;
	int rc = 0;

	buf_init(&kept, LIMIT_DOC_BYTES);
	for (size_t n = 0; n < p->stored->page.block_count; n++)
		p->stored->page.blocks[n].gone = 0;
	for (size_t n = 0; rc == 0 && n < p->item_count; n++)
		rc = judge_item(t, p, &p->items[n], &kept, e);
	p->counts.rejected = (uint32_t)p->reject_count;
	p->counts.received = (uint32_t)(p->item_count + p->reject_count);
	buf_release(&kept);
	return rc;
}

/* One array: an expression over `x` (entry), its item `i` and what was stored
 * of it, `r`. */
#define COLUMN(type, put)                                                      \
	do {                                                                   \
		db_array_begin(&q, (type));                                    \
		for (size_t n_ = 0; n_ < t->count; n_++) {                     \
			const struct entry *x = &t->entries[n_];               \
			const struct item *i = x->item;                        \
			const struct stored_page *st = &x->page->stored->page; \
			const struct stored_record *r =                        \
			    &st->records[i->stored];                           \
			(void)r;                                               \
			put;                                                   \
		}                                                              \
		db_array_end(&q);                                              \
	} while (0)

static void
write_records(struct txn *t)
{
	struct db_params q;

	if (t->count == 0)
		return;
	db_params_init(&q);
	COLUMN(DB_INT8, db_put_i64(&q, x->record_id));
	COLUMN(DB_INT8, db_put_i64(&q, st->blocks[r->block].id));
	COLUMN(DB_INT4, db_put_i32(&q, r->raw_offset));
	COLUMN(DB_TEXT, db_put_text(&q, x->kind));
	COLUMN(DB_TEXT, db_put_text(&q, x->title));
	COLUMN(DB_TEXT, db_put_text(&q, x->url));
	COLUMN(DB_DATE, db_put_date(&q, x->issued));
	COLUMN(DB_TEXT, db_put_text(&q, x->precision));
	COLUMN(DB_TEXT, db_put_text(&q, x->licence));
	COLUMN(DB_INT8, db_put_i64(&q, i->block_id));
	COLUMN(DB_INT4, db_put_i32(&q, i->raw_offset));
	COLUMN(DB_INT4, db_put_i32(&q, i->raw_length));
	COLUMN(DB_INT4, db_put_i32(&q, i->doc_length));
	COLUMN(DB_INT4, put_count(&q, x->terms));
	COLUMN(DB_INT4, put_count(&q, x->unmapped));
	db_send(t->store->db, t->conn, SQL_RENORMALISED, &q, NULL, NULL);
}

/* An item's digest is that of its content, not that of its bytes. */
static void
write_digests(struct txn *t)
{
	bool has_any = false;
	struct db_params q;

	for (size_t n = 0; n < t->page_count; n++)
		has_any |=
		    t->pages[n]->stored->page.around.form == CONTEXT_FEED;
	if (t->count == 0 || !has_any)
		return;
	db_params_init(&q);
#define IF_FEED(put)                                                           \
	do {                                                                   \
		if (st->around.form == CONTEXT_FEED)                           \
			put;                                                   \
	} while (0)
	COLUMN(DB_INT8, IF_FEED(db_put_i64(&q, x->record_id)));
	COLUMN(DB_BYTEA, IF_FEED(db_put_bytes(&q, i->digest, DIGEST_BYTES)));
#undef IF_FEED
	db_send(t->store->db, t->conn, SQL_RENORMALISED_DIGEST, &q, NULL, NULL);
}
#undef COLUMN

static void
write_made(struct txn *t, const struct page *p)
{
	const struct stored_page *st = &p->stored->page;
	struct db_params q;

	db_params_init(&q);
	db_array_begin(&q, DB_INT8);
	for (size_t n = 0; n < st->block_count; n++)
		db_put_i64(&q, st->blocks[n].id);
	db_array_end(&q);
	db_array_begin(&q, DB_INT4);
	for (size_t n = 0; n < st->block_count; n++)
		db_put_i32(&q, st->blocks[n].gone);
	db_array_end(&q);
	db_put_bytes(&q, p->rules, sizeof(p->rules));
	db_send(t->store->db, t->conn, SQL_STORED_MADE, &q, NULL, NULL);
}

void
again_write(struct txn *t)
{
	write_records(t);
	write_digests(t);
	for (size_t n = 0; n < t->page_count; n++)
		write_made(t, t->pages[n]);
}
