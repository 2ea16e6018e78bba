/* Feeding the learner; see resolve/learn_run.h. */
#include "resolve/learn_run.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/date.h"
#include "resolve/flow.h"
#include "resolve/known.h"
#include "resolve/learn.h"
#include "resolve/postings.h"
#include "resolve/score.h"

enum { STEP_MS = 1000, SAMPLE_POSTINGS = 12000 * BLOCKING_KEYS };

struct learn_run {
	struct work *work;
	struct learn *learn;
	struct flow flow;
	struct known sample; /* while pairs are wanted */
	struct postings postings;
	const struct profile *at; /* the record that pairs are looked for */
	bool in_pass;
	uint64_t seen;
};

static int
tell_sources(struct learn_run *l, struct err *e)
{
	struct work *w = l->work;

	struct err ignored;

	/* Any source that is not known lets all be read: some may be new. */
	work_source(w, 0, &ignored);
	if (w->db == NULL || db_work_class(w->db) == DB_RECONNECT) {
		*e = ignored;
		return -1;
	}
	for (size_t i = 0; i < w->source_count; i++)
		learn_source(l->learn, w->sources[i].id, w->sources[i].name);
	return 0;
}

struct learn_run *
learn_run_new(struct work *w, struct err *e)
{
	struct learn_run *l;
	uint64_t count;

	if (work_profiles(w, &count, e) < 0)
		return NULL;
	l = xcalloc(1, sizeof(*l));
	l->work = w;
	l->learn = learn_new(count);
	flow_init(&l->flow, w, NULL);
	known_init(&l->sample, w);
	if (tell_sources(l, e) < 0) {
		learn_run_free(l);
		return NULL;
	}
	return l;
}

void
learn_run_free(struct learn_run *l)
{
	if (l == NULL)
		return;
	learn_free(l->learn);
	flow_release(&l->flow);
	known_release(&l->sample);
	postings_release(&l->postings);
	free(l);
}

/* --- pairs of the sample --- */
static int
begin_pairs(struct learn_run *l, struct err *e)
{
	const struct model *m = learn_model(l->learn);
	size_t n;
	const int64_t *ids = learn_sample(l->learn, &n);

	known_release(&l->sample);
	known_init(&l->sample, l->work);
	l->sample.model = m;
	for (size_t i = 0; i < n; i++)
		known_want(&l->sample, ids[i]);
	if (known_fetch(&l->sample, e) < 0)
		return -1;
	postings_release(&l->postings);
	postings_init(&l->postings, SAMPLE_POSTINGS);
	for (size_t i = 0; i < n; i++) {
		struct profile *p = known_find(&l->sample, ids[i]);
		struct blocking b;

		if (p == NULL)
			continue;
		blocking_make(&b, p, m);
		if (!postings_add(&l->postings, ids[i], &b))
			break;
	}
	postings_ready(&l->postings);
	l->flow.model = m;
	return 0;
}

static void
on_candidate(void *arg, uint32_t index, uint32_t weight)
{
	struct learn_run *l = arg;
	int64_t id = l->postings.records[index];
	const struct profile *p = known_find(&l->sample, id);
	struct score s;

	(void)weight;
	if (p == NULL || id == l->at->record_id)
		return;
	score_pair(&s, l->at, p, learn_model(l->learn));
	if (score_may_merge(&s))
		learn_pair(l->learn, l->at, p, s.sum);
}

static void
look_for_pairs(struct learn_run *l, struct profile *p)
{
	const struct model *m = learn_model(l->learn);
	struct blocking b;

	l->at = p;
	blocking_make(&b, p, m);
	postings_search(&l->postings, &b, blocking_least(m),
	    l->postings.record_count, on_candidate, l);
}

/* --- passes --- */
static int
begin_pass(struct learn_run *l, struct err *e)
{
	l->in_pass = true;
	l->seen = 0;
	if (learn_wants(l->learn) == LEARN_PAIRS) {
		if (begin_pairs(l, e) < 0)
			return -1;
	} else {
		l->flow.model = NULL;
	}
	return flow_start(&l->flow, INT64_MIN, e);
}

static void
end_pass(struct learn_run *l)
{
	l->in_pass = false;
	learn_pass(l->learn);
	if (learn_wants(l->learn) != LEARN_PAIRS) {
		known_clear(&l->sample);
		postings_release(&l->postings);
	}
}

int
learn_run_step(struct learn_run *l, struct err *e)
{
	int64_t until = date_monotonic_ms() + STEP_MS;

	while (learn_wants(l->learn) != LEARN_DONE) {
		bool pairs = learn_wants(l->learn) == LEARN_PAIRS;
		int rc;

		if (!l->in_pass && begin_pass(l, e) < 0)
			return -1;
		rc = flow_next(&l->flow, e);
		if (rc < 0)
			return -1;
		for (size_t i = 0; i < l->flow.count; i++) {
			if (pairs)
				look_for_pairs(l, l->flow.items[i]);
			else
				learn_profile(l->learn, l->flow.items[i]);
		}
		l->seen += l->flow.count;
		if (rc == 0)
			end_pass(l);
		if (date_monotonic_ms() >= until)
			return learn_wants(l->learn) == LEARN_DONE;
	}
	return 1;
}

struct model *
learn_run_take(struct learn_run *l)
{
	return learn_take(l->learn);
}

uint64_t
learn_run_records(const struct learn_run *l)
{
	return l->seen;
}
