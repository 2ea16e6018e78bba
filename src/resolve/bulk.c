/* Everything by one version; see resolve/bulk.h. */
#include "resolve/bulk.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/date.h"
#include "base/limits.h"
#include "resolve/clusters_run.h"
#include "resolve/flow.h"
#include "resolve/keys.h"
#include "resolve/pairs_run.h"

enum { STEP_MS = 1000 };

struct bulk {
	struct work *work;
	struct pairs_run *pairs;
	struct clusters_run *clusters;
	struct group_change change;
};

struct bulk *
bulk_new(struct work *w)
{
	struct bulk *b = xcalloc(1, sizeof(*b));

	BUG_ON(
	    w->state.phase != PHASE_PAIRS && w->state.phase != PHASE_CLUSTERS);
	b->work = w;
	return b;
}

void
bulk_free(struct bulk *b)
{
	if (b == NULL)
		return;
	pairs_run_free(b->pairs);
	clusters_run_free(b->clusters);
	free(b);
}

int
bulk_step(struct bulk *b, struct err *e)
{
	int rc;

	if (b->work->state.phase == PHASE_PAIRS) {
		if (b->pairs == NULL)
			b->pairs = pairs_run_new(b->work);
		rc = pairs_run_step(b->pairs, e);
		if (rc <= 0)
			return rc;
		pairs_run_free(b->pairs);
		b->pairs = NULL;
		return 0;
	}
	if (b->clusters == NULL)
		b->clusters = clusters_run_new(b->work);
	rc = clusters_run_step(b->clusters, e);
	b->change = *clusters_run_change(b->clusters);
	return rc;
}

const struct group_change *
bulk_change(const struct bulk *b)
{
	return &b->change;
}

/* --- sheaf.match_key alone --- */
struct keys_run {
	struct work *work;
	struct flow flow;
	struct keys keys;
};

struct keys_run *
keys_run_new(struct work *w, struct err *e)
{
	struct keys_run *k = xcalloc(1, sizeof(*k));

	k->work = w;
	flow_init(&k->flow, w, w->model);
	keys_init(&k->keys, w, LIMIT_RESOLVE_KEYS_HELD);
	if (keys_empty(w, e) < 0 || flow_start(&k->flow, 0, e) < 0) {
		keys_run_free(k);
		return NULL;
	}
	return k;
}

void
keys_run_free(struct keys_run *k)
{
	if (k == NULL)
		return;
	flow_release(&k->flow);
	keys_release(&k->keys);
	free(k);
}

int
keys_run_step(struct keys_run *k, struct err *e)
{
	int64_t until = date_monotonic_ms() + STEP_MS;
	int rc = 1;

	while (rc > 0 && date_monotonic_ms() < until) {
		rc = flow_next(&k->flow, e);
		for (size_t i = 0; rc > 0 && i < k->flow.count; i++) {
			struct blocking b;

			blocking_make(&b, k->flow.items[i], k->work->model);
			if (keys_add(&k->keys, k->flow.items[i]->record_id, &b,
				e) < 0)
				rc = -1;
		}
	}
	if (rc != 0)
		return rc > 0 ? 0 : -1;
	/* Each write was a transaction; the mark says that all are there. */
	if (keys_write(&k->keys, e) < 0 || keys_made(k->work, e) < 0)
		return -1;
	return 1;
}
