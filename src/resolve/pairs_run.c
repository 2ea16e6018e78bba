/*
 * All candidate pairs; see resolve/pairs_run.h.
 *
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

static const char drop_pairs[] =
    "delete from sheaf.match where a > $1::bigint and a <= $2::bigint "
    "and decided_by = 'resolve'";
static const char drop_relations[] =
    "delete from sheaf.relation r where r.basis = 'matched' "
    "and least(r.from_record, r.to_record) > $1::bigint "
    "and least(r.from_record, r.to_record) <= $2::bigint";

enum { STEP_MS = 1000, SLICE = 1024 };

enum at { AT_START, AT_BLOCK, AT_PAIRS };

struct candidate {
	uint32_t item; /* of the flow */
	uint32_t index; /* of the block */
};

struct pairs_run {
	struct work *work;
	enum at at;
	struct flow flow;
	struct postings block;
	struct shelf shelf; /* of the block's records */
	int64_t block_end; /* its last record */
	bool is_last; /* no record comes after the block */
	size_t own; /* records of the block before the one that comes by */
	struct known known;
	struct judge judge;
	struct candidate *candidates;
	size_t count, cap;
	uint32_t item; /* the one that candidates are looked for */
	struct keys keys;
	bool has_keys; /* they are written on the way */
};

struct pairs_run *
pairs_run_new(struct work *w)
{
	struct pairs_run *p = xcalloc(1, sizeof(*p));

	p->work = w;
	flow_init(&p->flow, w, w->model);
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
	postings_release(&p->block);
	shelf_release(&p->shelf);
	known_release(&p->known);
	judge_release(&p->judge);
	if (p->has_keys)
		keys_release(&p->keys);
	free(p->candidates);
	free(p);
}

/* From the first record on the keys are written beside; a run that goes on
 * after a kill leaves them to keys_run. */
static int
start(struct pairs_run *p, struct err *e)
{
	struct work *w = p->work;

	if (w->state.position == 0 && w->weighing == NULL) {
		p->has_keys = true;
		keys_init(&p->keys, w, LIMIT_RESOLVE_KEYS_HELD);
		if (work_begin(w, e) < 0)
			return -1;
		if (keys_empty(w, e) < 0 || work_save(w, e) < 0) {
			work_rollback(w);
			return -1;
		}
		if (work_commit(w, e) < 0)
			return -1;
	}
	p->at = AT_BLOCK;
	return flow_start(&p->flow, w->state.position, e);
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

static int
end_block(struct pairs_run *p, struct err *e)
{
	postings_ready(&p->block);
	if (p->work->weighing == NULL && drop_old(p, e) < 0)
		return -1;
	p->at = AT_PAIRS;
	p->own = 0;
	return flow_start(&p->flow, p->work->state.position, e);
}

/* False: the block is full. */
static bool
put_in_block(struct pairs_run *p, size_t item)
{
	const struct profile *x = p->flow.items[item];
	struct blocking b;
	size_t n;
	const void *data = db_bytes(p->flow.rows, (int)item, 2, &n);

	blocking_make(&b, x, p->work->model);
	if (postings_room(&p->block) < b.count ||
	    !shelf_put(&p->shelf, x->source_id, data, n))
		return false;
	postings_add(&p->block, x->record_id, &b);
	p->block_end = x->record_id;
	return true;
}

static int
fill_block(struct pairs_run *p, struct err *e)
{
	int rc = flow_next(&p->flow, e);

	p->is_last = rc == 0;
	for (size_t i = 0; rc > 0 && i < p->flow.count; i++)
		rc = put_in_block(p, i);
	return rc == 0 ? end_block(p, e) : rc;
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

static int
look_up(struct pairs_run *p, size_t from, size_t to, struct err *e)
{
	uint32_t least = blocking_least(p->work->model);

	p->count = 0;
	for (size_t i = from; i < to; i++) {
		struct profile *x = p->flow.items[i];
		bool is_own = x->record_id <= p->block_end;
		struct blocking b;

		blocking_make(&b, x, p->work->model);
		p->item = (uint32_t)i;
		/* By number: one of the block may be purged meanwhile. */
		while (p->own < p->block.record_count &&
		       p->block.records[p->own] < x->record_id)
			p->own++;
		postings_search(&p->block, &b, least, p->own, on_candidate, p);
		known_add(&p->known, x);
		if (is_own && p->has_keys &&
		    keys_add(&p->keys, x->record_id, &b, e) < 0)
			return -1;
	}
	return 0;
}

/* The block's record, decoded once a slice; NULL and e. */
static const struct profile *
take(struct pairs_run *p, uint32_t index, struct err *e)
{
	int64_t id = p->block.records[index];
	struct profile *x = known_find(&p->known, id);

	if (x == NULL) {
		x = shelf_take(
		    &p->shelf, index, id, p->work->model, &p->known.arena, e);
		if (x != NULL)
			known_add(&p->known, x);
	}
	return x;
}

static int
judge_slice(struct pairs_run *p, size_t from, size_t to, struct err *e)
{
	known_clear(&p->known);
	if (look_up(p, from, to, e) < 0)
		return -1;
	for (size_t i = 0; i < p->count; i++) {
		const struct profile *other =
		    take(p, p->candidates[i].index, e);

		if (other == NULL)
			return -1;
		judge_pair(
		    &p->judge, p->flow.items[p->candidates[i].item], other);
		if (judge_spill(&p->judge, e) < 0)
			return -1;
	}
	p->work->candidates += p->count;
	return judge_write(&p->judge, e);
}

static int
judge_flow(struct pairs_run *p, struct err *e)
{
	size_t to;

	if (work_begin(p->work, e) < 0)
		return -1;
	for (size_t from = 0; from < p->flow.count; from = to) {
		to =
		    from + SLICE < p->flow.count ? from + SLICE : p->flow.count;
		if (judge_slice(p, from, to, e) < 0) {
			work_rollback(p->work);
			return -1;
		}
	}
	return work_commit(p->work, e);
}

static int
finish(struct pairs_run *p, struct err *e)
{
	struct work *w = p->work;
	int rc = 0;

	w->state.phase = PHASE_CLUSTERS;
	w->state.position = 0;
	if (work_begin(w, e) < 0)
		return -1;
	if (p->has_keys && (keys_write(&p->keys, e) < 0 || keys_made(w, e) < 0))
		rc = -1;
	if (rc == 0)
		rc = work_save(w, e);
	if (rc < 0) {
		work_rollback(w);
		return -1;
	}
	return work_commit(w, e) < 0 ? -1 : 1;
}

/* The block is compared with all that come behind it. */
static int
next_block(struct pairs_run *p, struct err *e)
{
	struct work *w = p->work;
	bool was_last = p->is_last || p->flow.last <= p->block_end;

	postings_clear(&p->block);
	shelf_clear(&p->shelf);
	if (was_last)
		return finish(p, e);
	w->state.position = p->block_end;
	if (work_save(w, e) < 0)
		return -1;
	p->at = AT_BLOCK;
	return flow_start(&p->flow, w->state.position, e);
}

static int
compare(struct pairs_run *p, struct err *e)
{
	int rc = flow_next(&p->flow, e);

	if (rc < 0)
		return -1;
	if (rc == 0)
		return next_block(p, e);
	return judge_flow(p, e);
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
		case AT_BLOCK:
			rc = fill_block(p, e);
			rc = rc > 0 ? 0 : rc;
			break;
		case AT_PAIRS:
			rc = compare(p, e);
			break;
		}
	}
	return rc;
}
