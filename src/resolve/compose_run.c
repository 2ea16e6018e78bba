/* The composer's steps; see resolve/compose_run.h. */
#include "resolve/compose_run.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "resolve/compose_batch.h"

/* ASIDE_IN_A_ROW: so many entries that cannot be composed are put aside before
 * it is something else that fails. */
enum { QUEUED_AT_ONCE = 2000, ASIDE_IN_A_ROW = 8 };

static const char recompose_some[] = "select sheaf.recompose_some($1::integer)";

struct composer {
	struct work *work;
	struct compose_sources sources;
	struct arena arena; /* of a batch */
	size_t most; /* entries of the next batch */
};

struct composer *
composer_new(struct work *w)
{
	struct composer *c = xcalloc(1, sizeof(*c));

	c->work = w;
	c->most = COMPOSE_ENTRIES;
	compose_sources_init(&c->sources);
	arena_init(&c->arena, 0);
	return c;
}

void
composer_free(struct composer *c)
{
	if (c == NULL)
		return;
	compose_sources_release(&c->sources);
	arena_release(&c->arena);
	free(c);
}

/* --- a batch --- */
/* The words about the records of an entry, behind each other. */
static void
gather_sets(struct compose_batch *b, const struct batch_entry *x,
    struct compose_input *in)
{
	struct compose_set *sets;
	size_t n = 0;

	if (b->set_count == 0)
		return;
	for (int pass = 0; pass < 2; pass++) {
		sets = pass == 0
			   ? NULL
			   : arena_alloc(&b->arena, (n + 1) * sizeof(*sets));
		n = 0;
		for (size_t i = 0; i < x->count; i++) {
			int64_t id = b->order[x->from + i]->r.record_id;
			size_t low = 0, high = b->set_count;

			while (low < high) {
				size_t mid = (low + high) / 2;

				if (b->sets[mid].record_id < id)
					low = mid + 1;
				else
					high = mid;
			}
			for (;
			     low < b->set_count && b->sets[low].record_id == id;
			     low++) {
				if (sets != NULL)
					sets[n] = b->sets[low];
				n++;
			}
		}
		in->sets = sets;
		in->set_count = n;
	}
}

static void
compose_one(struct compose_batch *b, struct batch_entry *x)
{
	struct compose_input in = {.now = b->now};
	struct compose_record *records;

	if (x->count == 0) {
		x->differs = x->entry_no != 0;
		return;
	}
	records = arena_alloc(&b->arena, x->count * sizeof(*records));
	for (size_t i = 0; i < x->count; i++)
		records[i] = b->order[x->from + i]->r;
	in.records = records;
	in.record_count = x->count;
	in.world = compose_sources_world(b->sources);
	gather_sets(b, x, &in);
	x->composed = arena_alloc(&b->arena, sizeof(*x->composed));
	compose(x->composed, &in, &b->arena);
	composed_digest(x->digest, x->composed);
	x->differs =
	    x->entry_no == 0 || memcmp(x->digest, x->was, DIGEST_BYTES) != 0;
}

static int
batch(struct compose_batch *b, uint64_t *changed, struct err *e)
{
	if (compose_take(b, e) < 0)
		return -1;
	if (b->row_count == 0)
		return 0;
	if (compose_read(b, e) < 0)
		return -1;
	for (size_t i = 0; i < b->looked_at; i++)
		compose_one(b, &b->entries[i]);
	return compose_write(b, changed, e);
}

static void
batch_release(struct compose_batch *b)
{
	free(b->rows);
	free(b->entries);
	free(b->records);
	free(b->order);
	free(b->sets);
}

static int
queue_some(struct composer *c, struct err *e)
{
	struct db_params q;
	struct db_result *r;
	int n;

	db_params_init(&q);
	db_put_i32(&q, QUEUED_AT_ONCE);
	r = db_work(c->work->db, recompose_some, &q, e);
	if (r == NULL)
		return -1;
	n = db_i32(r, 0, 0);
	db_result_free(r);
	if (n == 0 && compose_tell_aside(c->work, e) < 0)
		return -1;
	return n > 0;
}

/* A transaction over what was taken of the queue.  What was counted of it
 * counts only once it is committed. */
static int
transaction(struct composer *c, struct compose_batch *b,
    int (*act)(struct compose_batch *, uint64_t *, struct err *),
    uint64_t *changed, int *more, struct err *e)
{
	uint64_t n = 0;
	int rc;

	arena_clear(&c->arena);
	b->arena = c->arena;
	*more = 1;
	if (work_begin(c->work, e) < 0)
		return -1;
	rc = act(b, &n, e);
	/* Nothing is in the queue: what time or the configuration changed. */
	if (rc == 0 && b->row_count == 0)
		*more = queue_some(c, e);
	if (*more < 0)
		rc = -1;
	if (rc == 0)
		rc = work_commit(c->work, e);
	if (rc == 0) {
		*changed += n;
	} else {
		work_rollback(c->work);
		/* They may have been read in what was rolled back. */
		c->sources.is_loaded = false;
	}
	c->arena = b->arena;
	batch_release(b);
	return rc;
}

/* Whether it may be what the entries of the batch say, and not the time or the
 * connection. */
static bool
is_of_entries(const struct composer *c, const struct err *e)
{
	return e->class != ERR_CANCEL &&
	       db_work_class(c->work->db) == DB_PERMANENT;
}

static int
take_aside(struct compose_batch *b, uint64_t *ignored, struct err *e)
{
	(void)ignored;
	if (compose_take(b, e) < 0)
		return -1;
	return b->row_count == 0 ? 0 : compose_aside(b, b->why, e);
}

/* One entry alone cannot be composed.  Where that is so of many behind each
 * other, they may not be the reason: the caller is told, and waits longer and
 * longer. */
static int
put_aside(struct composer *c, struct err *e)
{
	struct compose_batch b = {
	    .work = c->work, .sources = &c->sources, .most = 1, .why = e};
	uint64_t ignored = 0;
	struct err why;
	int more;

	db_work_forget(c->work->db);
	if (transaction(c, &b, take_aside, &ignored, &more, &why) < 0) {
		*e = why;
		return -1;
	}
	return ++c->work->aside_in_a_row > ASIDE_IN_A_ROW ? -1 : 0;
}

int
composer_step(
    struct composer *c, uint64_t *looked_at, uint64_t *changed, struct err *e)
{
	struct work *w = c->work;
	int more;

	if (!w->is_awake) {
		if (compose_wake(w, e) < 0)
			return -1;
		w->is_awake = true;
	}
	if (compose_sources_kinds(&c->sources, w, e) < 0)
		return -1;
	for (;; c->most /= 2) {
		struct compose_batch b = {
		    .work = w, .sources = &c->sources, .most = c->most};

		db_work_forget(w->db);
		if (transaction(c, &b, batch, changed, &more, e) == 0) {
			*looked_at += b.looked_at;
			break;
		}
		if (!is_of_entries(c, e) || b.row_count == 0)
			return -1;
		if (c->most == 1)
			return put_aside(c, e) < 0 ? -1 : 1;
		log_debug(NULL, "%s; tries half as many entries", e->text);
	}
	w->aside_in_a_row = 0;
	c->most = c->most < COMPOSE_ENTRIES / 2 ? 2 * c->most : COMPOSE_ENTRIES;
	return more;
}
