/*
 * Stored records of a run that renormalises, made into a page that a parser
 * reads like any other.  The slices go into a sealed memfd; what was made of
 * them waits here for what will be (again.c).
 */
#include "store/stored.h"

#include <stdlib.h>
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
	COL_DATA
};

struct stored_request {
	struct request base;
	uint64_t page, run_id;
};

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

static int
fill(struct stored *st, const struct db_result *res, struct err *e)
{
	for (int row = 0; row < db_rows(res); row++) {
		struct stored_row x = {
		    .block = db_i64(res, row, COL_BLOCK),
		    .record_id = db_i64(res, row, COL_RECORD),
		    .context = db_text(res, row, COL_CONTEXT),
		    .format = db_text(res, row, COL_FORMAT),
		    .offset = db_i32(res, row, COL_OFFSET),
		    .raw_length = db_i32(res, row, COL_RAW),
		    .doc_length = db_i32(res, row, COL_DOC),
		};
		int rc;

		if (!db_is_null(res, row, COL_DATA))
			x.data = db_bytes(res, row, COL_DATA, &x.data_len);
		rc = stored_page_take(&st->page, &x, e);
		if (rc < 0)
			return -1;
		if (rc == 0)
			break;
	}
	return stored_page_end(&st->page, e);
}

static void
answer(struct store *s, const struct stored_request *q,
    const struct stored_page *p, int fd)
{
	struct msg m = {.type = MSG_STORED};
	uint8_t hash[HASH128_BYTES];

	m.stored.page = q->page;
	m.stored.run_id = q->run_id;
	m.stored.format = "";
	if (p != NULL) {
		hash128(hash, p->body.data, p->body.len);
		m.stored.blocks = (uint32_t)p->block_count;
		m.stored.last = (uint64_t)p->blocks[p->block_count - 1].id;
		m.stored.records = (uint32_t)p->record_count;
		m.stored.format = p->format;
		m.stored.body_bytes = p->body.len;
		m.stored.body_hash = (struct blob){hash, sizeof(hash)};
	}
	if (s->chan != NULL)
		chan_send(s->chan, &m, &fd, fd >= 0 ? 1 : 0);
}

static void
refuse(struct store *s, const struct stored_request *q, const char *why,
    bool reopen)
{
	struct msg m = {.type = MSG_PAGE_FAILED};

	m.page_failed.page = q->page;
	m.page_failed.run_id = q->run_id;
	m.page_failed.err_class = ERR_DB;
	m.page_failed.text = why;
	m.page_failed.reopen = reopen;
	store_send(s, &m);
}

static void
on_rows(void *arg, const struct db_result *res)
{
	struct stored_request *q = arg;
	struct store *s = q->base.store;
	struct run *r = run_find(s, q->run_id);
	struct stored *st;
	struct err e;
	int fd = -1;

	if (r == NULL)
		return;
	if (db_rows(res) == 0) {
		answer(s, q, NULL, -1);
		return;
	}
	st = stored_new(r, q->page);
	if (fill(st, res, &e) == 0)
		fd = stored_page_seal(&st->page, &e);
	if (fd >= 0) {
		answer(s, q, &st->page, fd);
		close(fd);
		buf_release(&st->page.body);
	} else {
		log_error(
		    NULL, "stored records cannot be read again: %s", e.text);
		stored_free(stored_take(r, q->page));
		refuse(s, q, e.text, false);
	}
}

static void
on_done(void *arg, const struct db_error *e)
{
	struct stored_request *q = arg;

	if (e != NULL)
		refuse(q->base.store, q, e->err.text, true);
	request_free(&q->base);
}

void
stored_on_ask(struct store *s, const struct msg_stored_ask *m)
{
	struct run *r = run_find(s, m->run_id);
	struct stored_request *q;
	struct db_params p;

	/* Of what was forgotten nobody waits for an answer. */
	if (r == NULL || !db_is_up(s->db))
		return;
	q = request_new(s, sizeof(*q));
	q->page = m->page;
	q->run_id = m->run_id;
	db_params_init(&p);
	db_put_i32(&p, (int32_t)r->source_id);
	db_put_i64(&p, (int64_t)m->after);
	db_put_bytes(&p, m->rules.data, m->rules.len);
	db_put_i64(&p, (int64_t)PAGE_BYTES);
	db_put_i32(&p, m->blocks > 0 && m->blocks < PAGE_BLOCKS
			   ? (int32_t)m->blocks
			   : PAGE_BLOCKS);
	db_send(s->db, CONN_QUICK, SQL_STORED_PAGE, &p, on_rows, q);
	db_sync(s->db, CONN_QUICK, on_done, q);
}
