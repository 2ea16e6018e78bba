/*
 * All candidate pairs; see resolve/pairs_run.h.
 *
 * Every record's keys are made once, and go with its profile into a spool.
 * The keys and profiles of as many records as LIMIT_RESOLVE_POSTINGS and
 * LIMIT_RESOLVE_SHELF allow are in memory, a block; all records from its first
 * one on go by and are compared with those of the block that come before them.
 * Then comes the next block.  The number that sheaf.resolving remembers is the
 * one before the block.
 */
#include "resolve/pairs_run.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/date.h"
#include "base/limits.h"
#include "base/log.h"
#include "resolve/flow.h"
#include "resolve/judge.h"
#include "resolve/keys.h"
#include "resolve/known.h"
#include "resolve/postings.h"
#include "resolve/shelf.h"
#include "resolve/spool.h"

static const char drop_pairs[] =
    "delete from sheaf.match where a > $1::bigint and a <= $2::bigint "
    "and decided_by = 'resolve'";
static const char drop_relations[] =
    "delete from sheaf.relation r where r.basis = 'matched' "
    "and least(r.from_record, r.to_record) > $1::bigint "
    "and least(r.from_record, r.to_record) <= $2::bigint";

/* What is found of a batch is compared by parts of CANDIDATES and more, with
 * about DECODED bytes of profiles in memory. */
enum { STEP_MS = 1000, CANDIDATES = 1 << 16, DECODED = 32 * 1024 * 1024 };

enum at { AT_START, AT_SPOOL, AT_BLOCK, AT_PAIRS };

struct candidate {
	size_t item; /* of the spool's batch */
	uint32_t index; /* of the block */
};

/* A place in the spool. */
struct mark {
	int32_t batch;
	size_t item;
};

struct pairs_run {
	struct work *work;
	enum at at;
	struct flow flow;
	struct spool spool;
	struct keys keys;
	bool has_keys; /* they are written on the way */
	struct postings block;
	struct shelf shelf; /* of the block's records */
	struct mark first, behind; /* the block, in the spool */
	int64_t block_end; /* its last record */
	bool is_last; /* no record comes after the block */
	size_t own; /* records of the block before the one that comes by */
	struct known known;
	struct judge judge;
	struct candidate *candidates;
	size_t count, cap;
	size_t item; /* of the batch: the next to look candidates for */
};

struct pairs_run *
pairs_run_new(struct work *w)
{
	struct pairs_run *p = xcalloc(1, sizeof(*p));

	p->work = w;
	flow_init(&p->flow, w, w->model);
	spool_init(&p->spool, w);
	postings_init(&p->block, LIMIT_RESOLVE_POSTINGS);
	shelf_init(&p->shelf, LIMIT_RESOLVE_SHELF);
	known_init(&p->known, w);
	judge_init(&p->judge, w);
	return p;
}

void
pairs_run_free(struct pairs_run *p)
{
	if (p == NULL)
		return;
	flow_release(&p->flow);
	spool_release(&p->spool);
	postings_release(&p->block);
	shelf_release(&p->shelf);
	known_release(&p->known);
	judge_release(&p->judge);
	if (p->has_keys)
		keys_release(&p->keys);
	free(p->candidates);
	free(p);
}

/* --- the spool --- */

/* From the first record on the keys are written beside; a run that goes on
 * after a kill leaves them to keys_run where they are not whole. */
static int
start(struct pairs_run *p, struct err *e)
{
	struct work *w = p->work;

	if (spool_begin(&p->spool, e) < 0)
		return -1;
	if (w->state.position == 0 && w->weighing == NULL) {
		p->has_keys = true;
		keys_init(&p->keys, w, LIMIT_RESOLVE_KEYS_HELD);
		if (keys_empty(w, e) < 0)
			return -1;
	}
	p->at = AT_SPOOL;
	return flow_start(&p->flow, w->state.position, e);
}

static int
put_in_spool(struct pairs_run *p, size_t item, struct err *e)
{
	const struct profile *x = p->flow.items[item];
	struct blocking b;
	size_t n;
	const void *data = db_bytes(p->flow.rows, (int)item, 2, &n);

	blocking_make(&b, x, p->work->model);
	if (p->has_keys && keys_add(&p->keys, x->record_id, &b, e) < 0)
		return -1;
	return spool_put(&p->spool, x->record_id, x->source_id, &b, data, n, e);
}

static int
end_spool(struct pairs_run *p, struct err *e)
{
	if (spool_end(&p->spool, e) < 0)
		return -1;
	if (p->has_keys) {
		if (keys_write(&p->keys, e) < 0 || keys_made(p->work, e) < 0)
			return -1;
		keys_release(&p->keys);
		p->has_keys = false;
	}
	p->at = AT_BLOCK;
	return 0;
}

static int
fill_spool(struct pairs_run *p, struct err *e)
{
	int rc = flow_next(&p->flow, e);

	if (rc <= 0)
		return rc < 0 ? -1 : end_spool(p, e);
	for (size_t i = 0; i < p->flow.count; i++)
		if (put_in_spool(p, i, e) < 0)
			return -1;
	return 0;
}

/* --- the block --- */
static int
drop_old(struct pairs_run *p, struct err *e)
{
	static const char *const statements[] = {drop_pairs, drop_relations};

	for (size_t i = 0; i < 2; i++) {
		struct db_params q;

		db_params_init(&q);
		db_put_i64(&q, p->work->state.position);
		/* Pairs of the last records, too, where those are gone. */
		db_put_i64(&q, p->is_last ? INT64_MAX : p->block_end);
		if (db_work_do(p->work->db, statements[i], &q, e) < 0)
			return -1;
	}
	return 0;
}

/* False: the block is full.  An empty one takes any record. */
static bool
put_in_block(struct pairs_run *p, const struct spool_item *x)
{
	struct blocking b;

	spool_blocking(x, &b);
	if (postings_room(&p->block) < b.count ||
	    !shelf_put(&p->shelf, x->source_id, x->data, x->len))
		return false;
	postings_add(&p->block, x->record_id, &b);
	p->block_end = x->record_id;
	return true;
}

/* 1: no record comes behind the block. */
static int
read_block(struct pairs_run *p, struct err *e)
{
	size_t i = p->first.item;
	int rc;

	spool_seek(&p->spool, p->first.batch);
	while ((rc = spool_next(&p->spool, e)) > 0) {
		for (; i < p->spool.count; i++) {
			p->behind = (struct mark){p->spool.next - 1, i};
			if (!put_in_block(p, &p->spool.items[i]))
				return 0;
		}
		i = 0;
	}
	return rc < 0 ? -1 : 1;
}

static int
fill_block(struct pairs_run *p, struct err *e)
{
	int rc = read_block(p, e);

	if (rc < 0)
		return -1;
	p->is_last = rc > 0;
	postings_ready(&p->block);
	if (p->work->weighing == NULL && drop_old(p, e) < 0)
		return -1;
	p->at = AT_PAIRS;
	p->own = p->item = 0;
	spool_seek(&p->spool, p->first.batch);
	return 0;
}

/* --- pairs --- */
static void
on_candidate(void *arg, uint32_t index, uint32_t weight)
{
	struct pairs_run *p = arg;

	(void)weight;
	GROW(p->candidates, p->cap, p->count + 1);
	p->candidates[p->count++] = (struct candidate){p->item, index};
}

/* From p->item on, which goes on. */
static void
look_up(struct pairs_run *p)
{
	uint32_t least = blocking_least(p->work->model);

	p->count = 0;
	for (; p->item < p->spool.count && p->count < CANDIDATES; p->item++) {
		const struct spool_item *x = &p->spool.items[p->item];
		struct blocking b;

		spool_blocking(x, &b);
		while (p->own < p->block.record_count &&
		       p->block.records[p->own] < x->record_id)
			p->own++;
		postings_search(&p->block, &b, least, p->own, on_candidate, p);
	}
	p->work->candidates += p->count;
}

/* The profiles of two that are to be compared, each decoded once. */
static int
judge_candidate(struct pairs_run *p, const struct candidate *c, struct err *e)
{
	const struct spool_item *i = &p->spool.items[c->item];
	int32_t source_id;
	size_t n;
	const void *data = shelf_bytes(&p->shelf, c->index, &n, &source_id);
	const struct profile *x, *y;

	if (p->known.arena.used > DECODED)
		known_clear(&p->known);
	x = known_take(
	    &p->known, i->record_id, i->source_id, i->data, i->len, e);
	if (x == NULL)
		return -1;
	y = known_take(
	    &p->known, p->block.records[c->index], source_id, data, n, e);
	if (y == NULL)
		return -1;
	judge_pair(&p->judge, x, y);
	return judge_spill(&p->judge, e);
}

static int
judge_candidates(struct pairs_run *p, struct err *e)
{
	for (size_t i = 0; i < p->count; i++) {
		if (judge_candidate(p, &p->candidates[i], e) < 0)
			return -1;
	}
	return judge_write(&p->judge, e);
}

static int
judge_some(struct pairs_run *p, struct err *e)
{
	look_up(p);
	if (p->count == 0)
		return 0;
	if (work_begin(p->work, e) < 0)
		return -1;
	if (judge_candidates(p, e) < 0) {
		work_rollback(p->work);
		return -1;
	}
	return work_commit(p->work, e);
}

static int
finish(struct pairs_run *p, struct err *e)
{
	struct work *w = p->work;

	if (spool_drop(&p->spool, e) < 0)
		return -1;
	w->state.phase = PHASE_CLUSTERS;
	w->state.position = 0;
	return work_save(w, e) < 0 ? -1 : 1;
}

/* The block is compared with all that come behind it. */
static int
next_block(struct pairs_run *p, struct err *e)
{
	struct work *w = p->work;

	postings_clear(&p->block);
	shelf_clear(&p->shelf);
	if (p->is_last)
		return finish(p, e);
	w->state.position = p->block_end;
	if (work_save(w, e) < 0)
		return -1;
	p->first = p->behind;
	p->at = AT_BLOCK;
	return 0;
}

/* The next part of a batch, or the next batch. */
static int
compare(struct pairs_run *p, struct err *e)
{
	bool is_first;
	int rc;

	if (p->item < p->spool.count)
		return judge_some(p, e);
	rc = spool_next(&p->spool, e);
	if (rc <= 0)
		return rc < 0 ? -1 : next_block(p, e);
	known_clear(&p->known);
	is_first = p->spool.next - 1 == p->first.batch;
	p->item = is_first ? p->first.item : 0;
	return 0;
}

int
pairs_run_step(struct pairs_run *p, struct err *e)
{
	int64_t until = date_monotonic_ms() + STEP_MS;
	int rc = 0;

	while (rc == 0 && date_monotonic_ms() < until) {
		switch (p->at) {
		case AT_START:
			rc = start(p, e);
			break;
		case AT_SPOOL:
			rc = fill_spool(p, e);
			break;
		case AT_BLOCK:
			rc = fill_block(p, e);
			break;
		case AT_PAIRS:
			rc = compare(p, e);
			break;
		}
	}
	return rc;
}
