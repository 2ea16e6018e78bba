/*
 * Whole pages of any runs, joined into one transaction, in two round trips:
 * lock the runs' rows and look the records up; write and commit.
 *
 * A page that spoils its transaction must not spoil other sources: after an
 * error that would come again, its pages are tried one by one.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "store/txn.h"

/* With so much a second transaction begins beside the first. */
enum { ENOUGH_PAGES = 32, ENOUGH_RECORDS = 500, ENOUGH_BYTES = 1 << 20 };

struct batch {
	struct store *store;
	unsigned conn, slot;
	struct txn txn;
	/* firsts: the first page of each run; spans: how many of them */
	struct page *firsts[BATCH_PAGES];
	size_t spans[BATCH_PAGES], runs;
	size_t records, bytes;
};

static void
batch_end(struct batch *b)
{
	struct store *s = b->store;

	s->batches[b->slot] = NULL;
	txn_release(&b->txn);
	free(b);
	store_kick(s);
}

/* --- which pages --- */
static bool
fits(const struct batch *b, const struct page *p)
{
	size_t n = b->txn.page_count;

	if (n == 0)
		return true;
	/* What was stored is looked up no more: a transaction of its own. */
	if ((p->stored != NULL) != (b->txn.pages[0]->stored != NULL))
		return false;
	return n < BATCH_PAGES && !p->solo && !b->txn.pages[0]->solo &&
	       b->records + p->item_count <= BATCH_RECORDS &&
	       b->bytes + p->item_bytes <= BATCH_BYTES;
}

/* The run's pages that are ready, in order, as far as they fit. */
static bool
take_run(struct batch *b, struct run *r)
{
	struct page *p;
	uint64_t page_no = 0;
	size_t n = 0;

	TAILQ_FOREACH(p, &r->pages, of_run)
	{
		if (p->state != PAGE_READY || p->big || !fits(b, p) ||
		    (n > 0 && p->page_no != page_no + 1))
			break;
		if (n++ == 0)
			b->firsts[b->runs] = p;
		page_no = p->page_no;
		p->state = PAGE_WRITING;
		b->records += p->item_count;
		b->bytes += p->item_bytes;
		txn_add(&b->txn, p);
	}
	if (n == 0)
		return false;
	b->spans[b->runs++] = n;
	TAILQ_REMOVE(&b->store->ready, r, ready);
	r->is_ready = false;
	r->busy = true;
	return true;
}

/* --- the end of it --- */
static void
take_back(struct page *p)
{
	p->state = PAGE_READY;
	p->counts = (struct page_counts){0};
	p->id_count = 0;
	p->reject_bytes = 0;
	p->part = 0;
	for (size_t i = 0; i < p->item_count; i++)
		p->items[i].block_id = 0;
}

/* Nothing was written.  `bad` is the page that is to blame, or NULL. */
static void
undo(struct batch *b, struct page *bad, const struct err *why, bool reopen)
{
	struct store *s = b->store;
	size_t n = b->txn.page_count;
	struct page **pages = b->txn.pages;

	db_send(s->db, b->conn, SQL_ROLLBACK, NULL, NULL, NULL);
	db_sync(s->db, b->conn, NULL, NULL);
	for (size_t i = 0; i < n; i++)
		take_back(pages[i]);
	/* A run that was lost meanwhile takes its pages along. */
	if (bad != NULL && bad->run->gone)
		bad = NULL;
	for (size_t i = 0; i < b->runs; i++)
		run_unbusy(s, b->firsts[i]->run);
	if (bad != NULL)
		page_fail(bad, why, reopen);
	batch_end(b);
}

static void
on_error(struct batch *b, const struct db_error *e)
{
	struct page **pages = b->txn.pages;
	bool alone = b->txn.page_count == 1;

	if (e->class == DB_RETRY) {
		undo(b, NULL, NULL, false);
		return;
	}
	log_warn(NULL, "%zu pages could not be stored together: %s",
	    b->txn.page_count, e->err.text);
	for (size_t i = 0; i < b->txn.page_count; i++)
		pages[i]->solo = true;
	/* The same data would fail again, but not a run that went elsewhere. */
	undo(b, alone ? pages[0] : NULL, &e->err,
	    !strcmp(e->sqlstate, SQLSTATE_MOVED));
}

static void
on_committed(void *arg, const struct db_error *e)
{
	struct batch *b = arg;
	size_t at = 0;

	if (e != NULL) {
		on_error(b, e);
		return;
	}
	for (size_t i = 0; i < b->runs; i++) {
		struct run *r = b->firsts[i]->run;

		for (size_t n = 0; n < b->spans[i]; n++)
			page_done(b->txn.pages[at++], r->held);
		run_unbusy(b->store, r);
	}
	batch_end(b);
}

/* --- the second round trip --- */
/* Pages of runs that went on without us are out.  False: none is left. */
static bool
drop_strangers(struct batch *b)
{
	struct page **pages = b->txn.pages;
	size_t runs = 0, kept = 0, at = 0;
	struct err e;

	err_set(&e, ERR_DB, 0,
	    "the run does not stand where this page begins any more");
	for (size_t i = 0; i < b->runs; i++) {
		struct run *r = b->firsts[i]->run;
		size_t n = b->spans[i];

		if (r->stands) {
			b->firsts[runs] = b->firsts[i];
			b->spans[runs++] = n;
			for (; n > 0; n--)
				pages[kept++] = pages[at++];
			continue;
		}
		for (; n > 0; n--)
			page_fail(pages[at++], &e, true);
		run_unbusy(b->store, r);
	}
	b->runs = runs;
	b->txn.page_count = kept;
	return kept > 0;
}

static struct page *
write_all(struct batch *b, struct err *e)
{
	struct page **pages = b->txn.pages;
	struct page *bad = txn_judge(&b->txn, e);

	if (bad == NULL)
		bad = txn_write(&b->txn, e);
	for (size_t i = 0; bad == NULL && i < b->txn.page_count; i++) {
		struct page *p = pages[i];
		uint64_t offset = 0;

		/* The bytes of a page that had to be mended are kept whole,
		 * if anything of it is new. */
		while (bad == NULL && p->unclean && p->stored == NULL &&
		       p->part > 0 && offset < p->body_bytes)
			bad =
			    write_whole(&b->txn, p, &offset, e) < 0 ? p : NULL;
	}
	if (bad != NULL)
		return bad;
	write_pages(&b->txn, pages, b->txn.page_count);
	write_moves(&b->txn, pages, b->spans, b->runs);
	return NULL;
}

static void
on_looked_up(void *arg, const struct db_error *e)
{
	struct batch *b = arg;
	struct store *s = b->store;
	struct page *bad;
	struct err why;

	if (e != NULL) {
		on_error(b, e);
		return;
	}
	if (!drop_strangers(b)) {
		undo(b, NULL, NULL, false);
		return;
	}
	bad = write_all(b, &why);
	if (bad != NULL) {
		undo(b, bad, &why, bad->guessed);
		return;
	}
	db_send(s->db, b->conn, SQL_COMMIT, NULL, NULL, NULL);
	db_sync(s->db, b->conn, on_committed, b);
}

/* --- the first round trip --- */
static bool
batch_begin(struct store *s, unsigned slot)
{
	struct batch *b = xcalloc(1, sizeof(*b));
	struct run *r, *next;

	b->store = s;
	b->slot = slot;
	b->conn = CONN_WRITER + slot;
	txn_init(&b->txn, s, b->conn);
	for (r = TAILQ_FIRST(&s->ready); r != NULL; r = next) {
		next = TAILQ_NEXT(r, ready);
		if (b->txn.page_count >= BATCH_PAGES || !take_run(b, r))
			break;
	}
	if (b->txn.page_count == 0) {
		txn_release(&b->txn);
		free(b);
		return false;
	}
	s->batches[slot] = b;
	db_send(s->db, b->conn, SQL_BEGIN, NULL, NULL, NULL);
	write_check(s, b->conn, SQL_RUNS_LOCK, b->firsts, b->runs);
	txn_lookup(&b->txn);
	db_sync(s->db, b->conn, on_looked_up, b);
	return true;
}

/* So much is ready that waiting for more would be of no use. */
static bool
is_enough(const struct store *s)
{
	size_t records = 0, bytes = 0, pages = 0;
	const struct run *r;
	const struct page *p;

	TAILQ_FOREACH(r, &s->ready, ready)
	{
		TAILQ_FOREACH(p, &r->pages, of_run)
		{
			if (p->state != PAGE_READY || p->big)
				break;
			records += p->item_count;
			bytes += p->item_bytes;
			if (++pages >= ENOUGH_PAGES ||
			    records >= ENOUGH_RECORDS || bytes >= ENOUGH_BYTES)
				return true;
		}
	}
	return false;
}

static bool
any_busy(const struct store *s)
{
	for (unsigned i = 0; i < WRITERS; i++) {
		if (s->batches[i] != NULL)
			return true;
	}
	return false;
}

unsigned
batches_kick(struct store *s)
{
	for (unsigned i = 0; i < WRITERS && !TAILQ_EMPTY(&s->ready); i++) {
		unsigned wait;

		if (s->batches[i] != NULL)
			continue;
		/* Little is left to the one that writes already. */
		if (!is_enough(s)) {
			if (any_busy(s))
				return 0;
			wait = store_pace(&s->wrote_ms);
			if (wait > 0)
				return wait;
		}
		if (!batch_begin(s, i))
			return 0;
	}
	return 0;
}

bool
batches_busy(const struct store *s)
{
	return any_busy(s) || !TAILQ_EMPTY(&s->ready);
}

void
batches_free(struct store *s)
{
	for (unsigned i = 0; i < WRITERS; i++) {
		struct batch *b = s->batches[i];

		s->batches[i] = NULL;
		if (b == NULL)
			continue;
		txn_release(&b->txn);
		free(b);
	}
}
