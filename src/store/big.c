/*
 * One large page at a time, in a transaction of its own.
 *
 * Its stream is read only as fast as its records are written, a part at a
 * time, so that memory stays bounded; the parser waits in its pipe.  Nothing
 * of it is seen by others before the trailer and PAGE_COMMIT have come.  It
 * begins when the pages before it are stored, since its look-ups must see
 * what they brought.  The run's row is not locked meanwhile: whether it still
 * stands where the page begins is decided by the last statement.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "store/txn.h"

struct big {
	struct store *store;
	struct page *page; /* NULL: aborted, waits for its rollback */
	struct run *run;
	struct txn txn;
	bool writing; /* a part is under way */
	bool streamed; /* the trailer came */
	bool finishing;
	uint64_t whole; /* bytes of an unclean page that are written */
};

static void write_part(struct big *g);
static void finish(struct big *g);

static void
big_end(struct big *g)
{
	struct store *s = g->store;
	struct run *r = g->run;

	s->big = NULL;
	txn_release(&g->txn);
	free(g);
	run_unbusy(s, r);
	store_kick(s);
}

static void
on_rolled_back(void *arg, const struct db_error *e)
{
	(void)e;
	big_end(arg);
}

/* The page is about to be freed by whoever calls. */
void
big_abort(struct page *p)
{
	struct big *g = p->store->big;

	if (g == NULL || g->page != p)
		return;
	g->page = NULL;
	db_send(g->store->db, CONN_BIG, SQL_ROLLBACK, NULL, NULL, NULL);
	db_sync(g->store->db, CONN_BIG, on_rolled_back, g);
}

static void
fail(struct big *g, const struct db_error *e)
{
	page_fail(g->page, &e->err,
	    e->class == DB_RETRY || !strcmp(e->sqlstate, SQLSTATE_MOVED));
}

/* --- parts --- */
static void
on_part_written(void *arg, const struct db_error *e)
{
	struct big *g = arg;

	if (g->page == NULL)
		return;
	if (e != NULL) {
		fail(g, e);
		return;
	}
	g->writing = false;
	page_clear_items(g->page);
	if (g->streamed)
		finish(g);
	else
		page_read(g->page);
}

static void
on_part_looked_up(void *arg, const struct db_error *e)
{
	struct big *g = arg;
	struct page *bad;
	struct err why;

	if (g->page == NULL)
		return;
	if (e != NULL) {
		fail(g, e);
		return;
	}
	bad = txn_judge(&g->txn, &why);
	if (bad == NULL)
		bad = txn_write(&g->txn, &why);
	if (bad != NULL) {
		page_fail(bad, &why, bad->guessed);
		return;
	}
	db_sync(g->store->db, CONN_BIG, on_part_written, g);
}

static void
write_part(struct big *g)
{
	g->writing = true;
	txn_clear(&g->txn);
	txn_add(&g->txn, g->page);
	txn_lookup(&g->txn);
	db_sync(g->store->db, CONN_BIG, on_part_looked_up, g);
}

void
big_filled(struct page *p)
{
	page_stop(p);
	write_part(p->store->big);
}

void
big_streamed(struct page *p)
{
	struct big *g = p->store->big;

	g->streamed = true;
	if (p->item_count + p->reject_count > 0)
		write_part(g);
}

/* --- the end --- */
static void
on_whole_written(void *arg, const struct db_error *e)
{
	struct big *g = arg;

	if (g->page == NULL)
		return;
	if (e != NULL) {
		fail(g, e);
		return;
	}
	g->finishing = false;
	finish(g);
}

static void
on_committed(void *arg, const struct db_error *e)
{
	struct big *g = arg;

	if (g->page == NULL)
		return;
	if (e != NULL) {
		fail(g, e);
		return;
	}
	page_done(g->page, g->run->held);
	big_end(g);
}

static void
finish(struct big *g)
{
	const size_t one = 1;
	struct page *p = g->page;
	struct err e;

	if (!g->streamed || g->writing || g->finishing ||
	    p->state != PAGE_READY)
		return;
	g->finishing = true;
	if (p->unclean && p->part > 0 && g->whole < p->body_bytes) {
		if (write_whole(&g->txn, p, &g->whole, &e) < 0)
			page_fail(p, &e, false);
		else
			db_sync(g->store->db, CONN_BIG, on_whole_written, g);
		return;
	}
	p->state = PAGE_WRITING;
	write_pages(&g->txn, &p, 1);
	write_moves(&g->txn, &p, &one, 1);
	db_send(g->store->db, CONN_BIG, SQL_COMMIT, NULL, NULL, NULL);
	db_sync(g->store->db, CONN_BIG, on_committed, g);
}

void
big_committed(struct page *p)
{
	struct big *g = p->store->big;

	if (g != NULL && g->page == p)
		finish(g);
}

/* --- the beginning --- */
static void
on_checked(void *arg, const struct db_error *e)
{
	struct big *g = arg;
	struct err why;

	if (g->page == NULL)
		return;
	if (e != NULL) {
		fail(g, e);
	} else if (!g->run->stands) {
		err_set(&why, ERR_DB, 0,
		    "the run does not stand where this page begins any more");
		page_fail(g->page, &why, true);
	} else {
		page_read(g->page);
	}
}

void
big_kick(struct store *s)
{
	struct page *p, *next;
	struct big *g;

	if (s->big != NULL || !db_is_up(s->db))
		return;
	HASH_ITER (hh, s->pages, p, next) {
		if (p->big && !p->run->busy && p == TAILQ_FIRST(&p->run->pages))
			break;
	}
	if (p == NULL)
		return;
	g = xcalloc(1, sizeof(*g));
	g->store = s;
	g->page = p;
	g->run = p->run;
	g->run->busy = true;
	txn_init(&g->txn, s, CONN_BIG);
	s->big = g;
	db_send(s->db, CONN_BIG, SQL_BEGIN, NULL, NULL, NULL);
	write_check(s, CONN_BIG, SQL_RUNS_CHECK, &p, 1);
	db_sync(s->db, CONN_BIG, on_checked, g);
}

void
big_free(struct store *s)
{
	struct big *g = s->big;

	s->big = NULL;
	if (g == NULL)
		return;
	txn_release(&g->txn);
	free(g);
}
