/* The records of a transaction: look-up and judgement; see store/txn.h. */
#include "store/stored.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/utf8.h"
#include "record/terms.h"

enum { COLUMN_BYTES = 4096 }; /* of a title, at most, in its column */

void
txn_init(struct txn *t, struct store *s, unsigned conn)
{
	memset(t, 0, sizeof(*t));
	t->store = s;
	t->conn = conn;
	arena_init(&t->arena, 0);
	arena_init(&t->scratch, 0);
}

/* Of the numbers that it might have taken. */
static void
give_back(struct txn *t)
{
	t->store->number_reserved -= t->reserved;
	t->reserved = 0;
}

void
txn_release(struct txn *t)
{
	give_back(t);
	free(t->pages);
	free(t->entries);
	free(t->table);
	arena_release(&t->arena);
	arena_release(&t->scratch);
}

void
txn_clear(struct txn *t)
{
	t->page_count = t->count = t->inserts = t->blocks = 0;
	give_back(t);
	if (t->table != NULL)
		memset(t->table, 0, t->table_size * sizeof(*t->table));
	arena_clear(&t->arena);
}

/* --- one entry for each identifier --- */
static void
rehash(struct txn *t, size_t size)
{
	free(t->table);
	t->table = xcalloc(size, sizeof(*t->table));
	t->table_size = size;
	for (size_t i = 0; i < t->count; i++) {
		size_t at = t->entries[i].hash & (size - 1);

		while (t->table[at] != 0)
			at = (at + 1) & (size - 1);
		t->table[at] = (uint32_t)i + 1;
	}
}

static uint32_t
entry_of(struct txn *t, struct page *p, const char *identifier)
{
	uint64_t hash = hash64(identifier, strlen(identifier)) ^
			(p->run->source_id * UINT64_C(0x9e3779b97f4a7c15));
	struct entry *x;
	size_t at;

	if (t->table_size < 2 * (t->count + 1))
		rehash(t, t->table_size > 0 ? 2 * t->table_size : 1024);
	at = hash & (t->table_size - 1);
	for (; t->table[at] != 0; at = (at + 1) & (t->table_size - 1)) {
		x = &t->entries[t->table[at] - 1];
		if (x->hash == hash && x->run == p->run &&
		    !strcmp(x->identifier, identifier))
			return t->table[at] - 1;
	}
	GROW(t->entries, t->cap, t->count + 1);
	x = &t->entries[t->count++];
	memset(x, 0, sizeof(*x));
	x->identifier = identifier;
	x->hash = hash;
	x->run = p->run;
	x->now.datestamp = x->now.sets = "";
	x->terms = x->unmapped = -1;
	t->table[at] = (uint32_t)t->count;
	return (uint32_t)t->count - 1;
}

void
txn_add(struct txn *t, struct page *p)
{
	GROW(t->pages, t->page_cap, t->page_count + 1);
	t->pages[t->page_count++] = p;
	if (p->stored != NULL)
		return; /* its records are known */
	for (size_t i = 0; i < p->item_count; i++)
		p->items[i].entry = entry_of(t, p, p->items[i].identifier);
}

/* --- what is known --- */
/* A record's status, or what waits to be done with it. */
static bool
is_alive(const char *status)
{
	return strcmp(status, "deleted") != 0 &&
	       strcmp(status, "rejected") != 0 &&
	       strcmp(status, "purged") != 0 && strcmp(status, "filtered") != 0;
}

static void
on_known(void *arg, const struct db_result *r)
{
	struct txn *t = arg;

	for (int i = 0; i < db_rows(r); i++) {
		struct entry *x = &t->entries[db_i32(r, i, 0) - 1];
		const char *status = db_text(r, i, 2), *stands_as;
		bool waits = !db_is_null(r, i, 7);
		int col = waits ? 8 : 3;
		const void *digest;
		size_t n;

		x->record_id = db_i64(r, i, 1);
		x->now.exists = true;
		stands_as = waits && strcmp(db_text(r, i, 7), "touched") != 0
				? db_text(r, i, 7)
				: status;
		x->now.alive = is_alive(stands_as);
		x->now.filtered = !strcmp(stands_as, "filtered");
		x->now.missing = !waits && !strcmp(status, "missing");
		x->now.purged = !strcmp(status, "purged");
		x->now.rejected = !waits && !strcmp(status, "rejected");
		x->now.began =
		    (uint64_t)db_i64(r, i, 6) != x->run->id && is_alive(status);
		x->now.altered = x->now.began && waits &&
				 !strcmp(db_text(r, i, 7), "changed");
		digest = db_bytes(r, i, col, &n);
		if (n == DIGEST_BYTES) {
			memcpy(x->digest, digest, DIGEST_BYTES);
			x->now.digest = x->digest;
		}
		x->now.datestamp =
		    arena_strdup(&t->arena, db_text(r, i, col + 1));
		col = waits ? 10 : 5;
		x->now.sets = arena_strdup(&t->arena, db_text(r, i, col));
		/* A comparison would ask for everything that was harvested on
		 * the day it came. */
		if (!db_is_null(r, i, 11) && !x->run->compares)
			x->now.recent = x->run->rejudges ||
					judge_is_recent(x->now.datestamp,
					    db_time(r, i, 11));
	}
}

static void
on_numbers(void *arg, const struct db_result *r)
{
	struct store *s = ((struct txn *)arg)->store;

	for (int i = 0; i < db_rows(r); i++) {
		GROW(s->numbers, s->number_cap, s->number_count + 1);
		s->numbers[s->number_count++] = db_i64(r, i, 0);
	}
}

/* A number for each record and block at the worst.  Others take theirs while
 * this one waits, so that what they may take is not there for us. */
static void
ask_numbers(struct txn *t)
{
	struct store *s = t->store;
	size_t have = s->number_count * NUMBERS_BLOCK +
		      (size_t)(s->number_end - s->number_next);
	struct db_params q;

	t->reserved = 2 * t->count;
	for (size_t n = 0; n < t->page_count; n++) {
		t->reserved += t->pages[n]->body_bytes / WHOLE_BYTES + 1;
		if (t->pages[n]->stored != NULL)
			t->reserved += t->pages[n]->item_count;
	}
	s->number_reserved += t->reserved;
	if (have >= s->number_reserved)
		return;
	db_params_init(&q);
	db_put_i32(
	    &q, (int32_t)((s->number_reserved - have) / NUMBERS_BLOCK + 1));
	db_send(s->db, t->conn, SQL_NUMBERS, &q, on_numbers, t);
}

void
txn_lookup(struct txn *t)
{
	enum statement statement = SQL_LOOKUP;
	struct db_params q;

	if (t->page_count > 0 && t->pages[0]->stored != NULL)
		ask_numbers(t);
	if (t->count == 0)
		return;
	for (size_t n = 0; n < t->page_count; n++) {
		if (t->pages[n]->run->has_pending ||
		    !strcmp(t->pages[n]->verb, "ListIdentifiers"))
			statement = SQL_LOOKUP_PENDING;
	}
	db_params_init(&q);
	db_array_begin(&q, DB_INT4);
	for (size_t i = 0; i < t->count; i++)
		db_put_i32(&q, (int32_t)t->entries[i].run->source_id);
	db_array_end(&q);
	db_array_begin(&q, DB_TEXT);
	for (size_t i = 0; i < t->count; i++)
		db_put_text(&q, t->entries[i].identifier);
	db_array_end(&q);
	db_array_begin(&q, DB_INT8);
	for (size_t i = 0; i < t->count; i++)
		db_put_i64(&q, (int64_t)t->entries[i].run->id);
	db_array_end(&q);
	db_send(t->store->db, t->conn, statement, &q, on_known, t);
	ask_numbers(t);
}

/* --- what is to be done --- */
static enum op
op_of(const struct entry *x, enum verdict v)
{
	switch (v) {
	case VERDICT_NEW:
	case VERDICT_DELETED:
		if (x->record_id == 0)
			return OP_INSERT;
		return v == VERDICT_NEW ? OP_CHANGED : OP_DELETED;
	case VERDICT_CHANGED:
		return OP_CHANGED;
	case VERDICT_TOUCHED:
		return OP_TOUCHED;
	case VERDICT_FILTERED:
		return x->record_id == 0 ? OP_INSERT : OP_FILTERED;
	case VERDICT_STILL_FILTERED:
	case VERDICT_UNCHANGED:
	case VERDICT_WANTED:
		break;
	}
	return OP_NONE;
}

/* Two decisions about one record in one transaction make one. */
static void
decide(struct entry *x, enum op op, struct item *i, struct page *p)
{
	if (op == OP_NONE)
		return;
	if (x->op == OP_INSERT)
		op = OP_INSERT;
	else if (op == OP_TOUCHED &&
		 (x->op == OP_CHANGED || x->op == OP_DELETED))
		op = x->op;
	x->op = op;
	x->item = i;
	x->page = p;
}

static void
stand(struct entry *x, const struct item *i, enum verdict v)
{
	x->now.exists = true;
	x->now.missing = x->now.rejected = false;
	x->now.filtered = v == VERDICT_FILTERED;
	x->now.alive = !i->deleted && !x->now.filtered;
	if (v == VERDICT_CHANGED || !x->now.alive)
		x->now.altered = v == VERDICT_CHANGED && x->now.began;
	if (i->header_only && !i->deleted)
		return; /* only the mark is gone */
	x->now.digest = i->deleted ? NULL : i->digest;
	x->now.datestamp = i->datestamp;
	x->now.sets = i->sets;
}

static void
count(struct page *p, enum verdict v)
{
	struct page_counts *c = &p->counts;

	switch (v) {
	case VERDICT_NEW:
		c->added++;
		break;
	case VERDICT_CHANGED:
		c->changed++;
		break;
	case VERDICT_TOUCHED:
		c->touched++;
		break;
	case VERDICT_UNCHANGED:
		c->unchanged++;
		break;
	case VERDICT_DELETED:
		c->deleted++;
		break;
	case VERDICT_STILL_FILTERED:
		c->still++;
		c->filtered++;
		break;
	case VERDICT_FILTERED:
		c->filtered++;
		break;
	case VERDICT_WANTED:
		c->wanted++;
		break;
	}
}

static void
judge_item(struct txn *t, struct page *p, struct item *i)
{
	struct entry *x = &t->entries[i->entry];
	struct incoming in = {i->deleted, i->header_only, i->filtered,
	    i->is_known, i->digest, i->datestamp, i->sets};
	struct judgement j;

	/* A GetRecord answers a header that was counted. */
	if (p->wanted == NULL)
		p->counts.received++;
	if ((x->seen || (p->dated && i->deleted && x->now.alive)) &&
	    judge_is_older(i->datestamp, x->now.datestamp)) {
		count(p, VERDICT_UNCHANGED);
		return;
	}
	j = judge(&x->now, &in);
	count(p, x->seen && j.verdict != VERDICT_WANTED ? VERDICT_UNCHANGED
							: j.verdict);
	p->counts.gained += j.gained;
	p->counts.lost += j.lost;
	p->counts.altered += j.altered;
	i->wanted = j.verdict == VERDICT_WANTED;
	if (i->wanted)
		return;
	decide(x, op_of(x, j.verdict), i, p);
	if (i->is_known && x->item == i &&
	    (x->op == OP_INSERT || x->op == OP_CHANGED))
		p->guessed = true;
	if (j.verdict != VERDICT_UNCHANGED &&
	    j.verdict != VERDICT_STILL_FILTERED)
		stand(x, i, j.verdict);
	x->seen = true;
}

static const char *
column(struct txn *t, const char *s)
{
	size_t n;

	if (s == NULL)
		return NULL;
	n = strlen(s);
	if (n > COLUMN_BYTES)
		n = utf8_cut(s, n, COLUMN_BYTES);
	return arena_strndup(&t->arena, s, n);
}

static void
note_terms(struct entry *x, struct term_counts c)
{
	x->terms = c.terms < INT16_MAX ? (int32_t)c.terms : INT16_MAX;
	x->unmapped = c.unmapped < INT16_MAX ? (int32_t)c.unmapped : INT16_MAX;
	if (x->op != OP_INSERT)
		return; /* counted when it is applied */
	x->page->counts.terms += x->terms;
	x->page->counts.unmapped += x->unmapped;
}

static int
summarise(struct txn *t, struct entry *x, struct err *e)
{
	struct record_summary s;
	struct record r;

	memset(&r, 0, sizeof(r));
	arena_clear(&t->scratch);
	if (record_decode_doc(
		&r, &t->scratch, x->item->doc, x->item->doc_len, e) < 0)
		return err_prefix(e, "record %s", x->identifier);
	record_summarise(&s, &r, &t->scratch);
	note_terms(x, record_count_terms(&r));
	x->title = column(t, s.title);
	x->url = column(t, s.url);
	x->kind = column(t, s.kind);
	x->licence = column(t, s.licence);
	x->issued = column(t, s.issued);
	x->precision = column(t, s.issued_precision);
	return 0;
}

struct page *
txn_judge(struct txn *t, struct err *e)
{
	for (size_t n = 0; n < t->page_count; n++) {
		struct page *p = t->pages[n];

		if (p->stored != NULL) {
			if (again_judge(t, p, e) < 0)
				return p;
			continue;
		}
		for (size_t i = 0; i < p->item_count; i++)
			judge_item(t, p, &p->items[i]);
		if (p->guessed) {
			err_set(e, ERR_DB, 0,
			    "a record of it is not what it was taken for: the "
			    "page is read again");
			return p;
		}
		p->counts.rejected += (uint32_t)p->reject_count;
		if (p->wanted == NULL)
			p->counts.received += (uint32_t)p->reject_count;
	}
	for (size_t n = 0; n < t->count; n++) {
		struct entry *x = &t->entries[n];

		if ((x->op == OP_INSERT || x->op == OP_CHANGED ||
			x->op == OP_AGAIN) &&
		    x->item->doc_len > 0 && summarise(t, x, e) < 0)
			return x->page;
	}
	return NULL;
}
