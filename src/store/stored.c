/*
 * Stored records of a run that renormalises, made into a page that a parser
 * reads like any other.  The slices go into a sealed memfd; what was made of
 * them waits here for what will be (again.c).
 */
#include "store/stored.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"

/* Of a page: about so much of slices and contents; a block may be larger. */
enum { PAGE_BLOCKS = 50 };
#define PAGE_BYTES (2 * MIB)

/* Columns of sheaf.stored_page. */
enum {
	COL_BLOCK,
	COL_CONTEXT,
	COL_RECORD,
	COL_FORMAT,
	COL_OFFSET,
	COL_RAW,
	COL_DOC,
	COL_DATA,
	COL_IDENTIFIER
};

struct stored_request {
	struct request base;
	uint64_t page, run_id;
	int64_t after; /* block */
	int32_t source_id, blocks;
	uint8_t rules[HASH128_BYTES];
	bool of_feed;
	bool goes_on; /* everything was passed over: another look, behind */
	bool is_over; /* what was passed over is to be counted */
};

static void ask(struct stored_request *q);

static struct stored *
stored_new(struct run *r, uint64_t page)
{
	struct stored *st = xcalloc(1, sizeof(*st));

	st->id = page;
	stored_page_init(&st->page);
	TAILQ_INSERT_TAIL(&r->stored, st, of_run);
	return st;
}

void
stored_free(struct stored *st)
{
	if (st == NULL)
		return;
	stored_page_release(&st->page);
	free(st);
}

struct stored *
stored_take(struct run *r, uint64_t page)
{
	struct stored *st;

	TAILQ_FOREACH(st, &r->stored, of_run)
	{
		if (st->id == page)
			break;
	}
	if (st != NULL)
		TAILQ_REMOVE(&r->stored, st, of_run);
	return st;
}

void
stored_forget(struct store *s, uint64_t page)
{
	struct run *r, *next;

	HASH_ITER (hh, s->runs, r, next)
		stored_free(stored_take(r, page));
}

void
stored_free_all(struct run *r)
{
	struct stored *st;

	while ((st = TAILQ_FIRST(&r->stored)) != NULL) {
		TAILQ_REMOVE(&r->stored, st, of_run);
		stored_free(st);
	}
}

static void
fill(struct stored_page *p, const struct db_result *res)
{
	for (int row = 0; row < db_rows(res); row++) {
		struct stored_row x = {
		    .block = db_i64(res, row, COL_BLOCK),
		    .record_id = db_i64(res, row, COL_RECORD),
		    .context = db_text(res, row, COL_CONTEXT),
		    .identifier = db_text(res, row, COL_IDENTIFIER),
		    .format = db_text(res, row, COL_FORMAT),
		    .offset = db_i32(res, row, COL_OFFSET),
		    .raw_length = db_i32(res, row, COL_RAW),
		    .doc_length = db_i32(res, row, COL_DOC),
		};

		if (!db_is_null(res, row, COL_DATA))
			x.data = db_bytes(res, row, COL_DATA, &x.data_len);
		if (!stored_page_take(p, &x))
			break;
	}
}

static void
answer(const struct stored_request *q, const struct stored_page *p, int fd,
    int64_t passed_over)
{
	struct store *s = q->base.store;
	struct msg m = {.type = MSG_STORED};
	struct msg_stored *st = &m.stored;
	uint8_t hash[HASH128_BYTES];

	st->page = q->page;
	st->run_id = q->run_id;
	st->passed_over = (uint64_t)passed_over;
	st->format = st->protocol = st->base_url = "";
	if (p != NULL) {
		bool of_feed = p->around.form == CONTEXT_FEED;

		hash128(hash, p->body.data, p->body.len);
		st->blocks = (uint32_t)p->block_count;
		st->last = (uint64_t)p->last;
		st->records = (uint32_t)p->record_count;
		st->protocol = of_feed ? "feed" : "oai-pmh";
		/* A feed's own format is told by its head. */
		st->format = of_feed ? "" : p->format;
		st->base_url = p->around.base_url;
		st->body_bytes = p->body.len;
		st->body_hash = (struct blob){hash, sizeof(hash)};
	}
	if (s->chan != NULL)
		chan_send(s->chan, &m, &fd, fd >= 0 ? 1 : 0);
}

static void
refuse(struct store *s, const struct stored_request *q, const char *why,
    bool reopen)
{
	store_say_failed(s, q->page, q->run_id, ERR_DB, why, reopen);
}

static void
hand_over(struct stored_request *q, struct run *r, struct stored *st)
{
	struct err e;
	int fd = -1;

	if (stored_page_end(&st->page, &e) == 0)
		fd = stored_page_seal(&st->page, &e);
	if (fd >= 0) {
		answer(q, &st->page, fd, 0);
		close(fd);
		buf_release(&st->page.body);
		return;
	}
	log_error(NULL, "stored records cannot be read again: %s", e.text);
	stored_free(stored_take(r, q->page));
	refuse(q->base.store, q, e.text, false);
}

static void
on_rows(void *arg, const struct db_result *res)
{
	struct stored_request *q = arg;
	struct run *r = run_find(q->base.store, q->run_id);
	struct stored *st;

	if (r == NULL)
		return;
	q->is_over = db_rows(res) == 0;
	if (q->is_over) {
		if (!q->of_feed)
			answer(q, NULL, -1, 0);
		return;
	}
	st = stored_new(r, q->page);
	st->page.of_feed = q->of_feed;
	fill(&st->page, res);
	q->goes_on = st->page.block_count == 0;
	if (q->goes_on) {
		q->after = st->page.last;
		stored_free(stored_take(r, q->page));
	} else
		hand_over(q, r, st);
}

static void
on_done(void *arg, const struct db_error *e)
{
	struct stored_request *q = arg;

	if (e != NULL)
		refuse(q->base.store, q, e->err.text, true);
	else if (q->goes_on || (q->is_over && q->of_feed)) {
		ask(q);
		return;
	}
	request_free(&q->base);
}

static void
on_count(void *arg, const struct db_result *res)
{
	answer(arg, NULL, -1, db_i64(res, 0, 0));
}

static void
on_counted(void *arg, const struct db_error *e)
{
	struct stored_request *q = arg;

	if (e != NULL)
		refuse(q->base.store, q, e->err.text, true);
	request_free(&q->base);
}

/* The next page, or at the end how much was passed over. */
static void
ask(struct stored_request *q)
{
	struct db *db = q->base.store->db;
	struct db_params p;

	if (!db_is_up(db)) {
		request_free(&q->base);
		return;
	}
	db_params_init(&p);
	db_put_i32(&p, q->source_id);
	if (q->is_over) {
		db_put_bytes(&p, q->rules, sizeof(q->rules));
		db_send(db, CONN_QUICK, SQL_STORED_HEADLESS, &p, on_count, q);
		db_sync(db, CONN_QUICK, on_counted, q);
		return;
	}
	q->goes_on = false;
	db_put_i64(&p, q->after);
	db_put_bytes(&p, q->rules, sizeof(q->rules));
	db_put_i64(&p, (int64_t)PAGE_BYTES);
	db_put_i32(&p, q->blocks);
	db_send(db, CONN_QUICK, SQL_STORED_PAGE, &p, on_rows, q);
	db_sync(db, CONN_QUICK, on_done, q);
}

void
stored_on_ask(struct store *s, const struct msg_stored_ask *m)
{
	struct run *r = run_find(s, m->run_id);
	struct stored_request *q;

	/* Of what was forgotten nobody waits for an answer. */
	if (r == NULL || !db_is_up(s->db) || m->rules.len != HASH128_BYTES)
		return;
	q = request_new(s, sizeof(*q));
	q->page = m->page;
	q->run_id = m->run_id;
	q->after = (int64_t)m->after;
	q->source_id = (int32_t)r->source_id;
	q->blocks = m->blocks > 0 && m->blocks < PAGE_BLOCKS
			? (int32_t)m->blocks
			: PAGE_BLOCKS;
	memcpy(q->rules, m->rules.data, sizeof(q->rules));
	q->of_feed = m->feed;
	ask(q);
}
