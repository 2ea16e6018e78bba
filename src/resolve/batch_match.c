/* The candidates of changed records, judged; see resolve/batch.h. */
#include <stdlib.h>

#include "base/alloc.h"
#include "resolve/batch_priv.h"
#include "resolve/keys.h"

/* Records whose candidates are in memory at a time. */
enum { SLICE = 500 };

/* --- candidates of a slice of todo --- */
struct owner { /* a key of a record of the slice */
	uint64_t key;
	uint32_t record; /* index in todo */
	uint16_t weight;
};

struct slice {
	struct batch *b;
	size_t from, to;
	struct owner *owners; /* by key */
	size_t owner_count;
	uint64_t *keys; /* distinct */
	uint32_t *first; /* of each key: its first owner */
	size_t key_count;
	struct idmap *shared; /* of each record: candidate → weight */
	uint32_t *lost; /* of each record: weight of keys that are not read */
	struct twins twins; /* among a record and its candidates */
};

static int
by_key(const void *a, const void *b)
{
	const struct owner *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return (x->record > y->record) - (x->record < y->record);
}

static void
collect_keys(struct slice *s)
{
	struct batch *b = s->b;

	for (size_t i = s->from; i < s->to; i++) {
		const struct blocking *k =
		    known_blocking(&b->known, b->todo[i]->record_id);

		for (size_t n = 0; k != NULL && n < k->count; n++)
			s->owners[s->owner_count++] = (struct owner){
			    k->keys[n].hash, (uint32_t)i, k->keys[n].weight};
	}
	qsort(s->owners, s->owner_count, sizeof(*s->owners), by_key);
	for (size_t i = 0; i < s->owner_count; i++) {
		if (i > 0 && s->owners[i].key == s->owners[i - 1].key)
			continue;
		s->keys[s->key_count] = s->owners[i].key;
		s->first[s->key_count++] = (uint32_t)i;
	}
}

static void
on_posting(void *arg, size_t index, int64_t record_id)
{
	struct slice *s = arg;
	const struct batch *b = s->b;

	for (size_t i = s->first[index];
	     i < s->owner_count && s->owners[i].key == s->keys[index]; i++) {
		size_t at = s->owners[i].record;

		if (b->todo[at]->record_id != record_id)
			*idmap_add(&s->shared[at - s->from],
			    (uint64_t)record_id, 0) += s->owners[i].weight;
	}
}

static void
on_unread(void *arg, size_t index)
{
	struct slice *s = arg;

	for (size_t i = s->first[index];
	     i < s->owner_count && s->owners[i].key == s->keys[index]; i++)
		s->lost[s->owners[i].record - s->from] += s->owners[i].weight;
}

/* Without what is not read some have no candidate at all: the model is
 * outgrown where those are many.  For others it is one word of several. */
static void
count_unread(struct slice *s)
{
	struct batch *b = s->b;
	uint32_t least = blocking_least(b->work->model);

	for (size_t i = s->from; i < s->to; i++) {
		const struct blocking *k =
		    known_blocking(&b->known, b->todo[i]->record_id);

		if (k != NULL && k->total >= least &&
		    k->total - s->lost[i - s->from] < least)
			b->work->unread++;
	}
}

bool
batch_is_todo(const struct batch *b, int64_t record_id)
{
	size_t low = 0, high = b->todo_count;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (b->todo[mid]->record_id == record_id)
			return true;
		if (b->todo[mid]->record_id < record_id)
			low = mid + 1;
		else
			high = mid;
	}
	return false;
}

/* What a list says of a record may be of old: what counts are both profiles,
 * so a pair is a candidate from wherever it is looked at. */
static void
judge_candidate(struct slice *s, const struct profile *a, int64_t other)
{
	struct batch *b = s->b;
	const struct profile *p;
	uint32_t least = blocking_least(b->work->model);

	/* Of two that are both to do the smaller one is enough. */
	if (other < a->record_id && batch_is_todo(b, other))
		return;
	p = known_find(&b->known, other);
	if (p == NULL ||
	    blocking_shared(known_blocking(&b->known, a->record_id),
		known_blocking(&b->known, other)) < least)
		return;
	b->work->candidates++;
	judge_pair(&b->judge, a, p, &s->twins);
}

/* Twins have the same keys: with one of them all are candidates, and those of
 * the record itself are. */
static void
find_twins(struct slice *s, const struct profile *p, const struct idmap *m)
{
	struct batch *b = s->b;
	uint32_t least = blocking_least(b->work->model);
	const struct profile *before = NULL;

	twins_clear(&s->twins);
	twins_add(&s->twins, p);
	for (size_t n = 0; n < m->size; n++) {
		const struct profile *q;

		if (m->slots[n].key == 0 || m->slots[n].value < least)
			continue;
		q = known_find(&b->known, (int64_t)m->slots[n].key);
		if (q == NULL)
			continue;
		twins_add(&s->twins, q);
		if (q->twins == p->twins && !batch_is_todo(b, q->record_id) &&
		    (before == NULL ||
			q->identifier_hash < before->identifier_hash))
			before = q;
	}
	twins_settle(&s->twins);
	/* Until it came another one stood for them. */
	if (before != NULL && !b->again.is_now && twins_is_first(&s->twins, p))
		batch_again_add(b, before->record_id);
}

static int
judge_slice(struct slice *s, struct err *e)
{
	struct batch *b = s->b;
	uint32_t least = blocking_least(b->work->model);

	for (size_t i = 0; i < s->to - s->from; i++) {
		struct idmap *m = &s->shared[i];

		for (size_t n = 0; n < m->size; n++) {
			if (m->slots[n].key != 0 && m->slots[n].value >= least)
				known_want(&b->known, (int64_t)m->slots[n].key);
		}
	}
	if (known_fetch(&b->known, e) < 0)
		return -1;
	for (size_t i = 0; i < s->to - s->from; i++) {
		struct idmap *m = &s->shared[i];
		const struct profile *p = b->todo[s->from + i]->profile;

		if (p != NULL)
			find_twins(s, p, m);
		for (size_t n = 0; p != NULL && n < m->size; n++) {
			if (m->slots[n].key == 0 || m->slots[n].value < least)
				continue;
			judge_candidate(s, p, (int64_t)m->slots[n].key);
			if (judge_spill(&b->judge, e) < 0)
				return -1;
		}
	}
	return judge_write(&b->judge, e);
}

static int
match_slice(struct batch *b, size_t from, size_t to, struct err *e)
{
	struct slice s = {.b = b, .from = from, .to = to};
	size_t n = to - from, most = n * BLOCKING_KEYS;
	int rc;

	known_clear(&b->known);
	for (size_t i = from; i < to; i++) {
		if (b->todo[i]->profile != NULL)
			known_add(&b->known, b->todo[i]->profile);
	}
	s.owners = xreallocarray(NULL, most, sizeof(*s.owners));
	s.keys = xreallocarray(NULL, most, sizeof(*s.keys));
	s.first = xreallocarray(NULL, most, sizeof(*s.first));
	s.shared = xcalloc(n, sizeof(*s.shared));
	s.lost = xcalloc(n, sizeof(*s.lost));
	collect_keys(&s);
	rc = keys_read(
	    b->work, s.keys, s.key_count, on_posting, on_unread, &s, e);
	count_unread(&s);
	if (rc == 0)
		rc = judge_slice(&s, e);
	for (size_t i = 0; i < n; i++)
		idmap_release(&s.shared[i]);
	free(s.shared);
	free(s.lost);
	twins_release(&s.twins);
	free(s.owners);
	free(s.keys);
	free(s.first);
	return rc;
}

int
batch_match(struct batch *b, struct err *e)
{
	size_t to;

	for (size_t from = 0; from < b->todo_count; from = to) {
		to =
		    from + SLICE < b->todo_count ? from + SLICE : b->todo_count;
		if (match_slice(b, from, to, e) < 0)
			return -1;
	}
	return 0;
}
