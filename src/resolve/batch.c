/* Changed records, a batch at a time; see resolve/batch.h. */
#include "resolve/batch.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "resolve/judge.h"
#include "resolve/keys.h"
#include "resolve/parameters.h"
#include "resolve/queue.h"

/* PROFILES: a step of about half a second.  RECORDS: the same, with pairs.
 * SLICE: records whose candidates are in memory at a time. */
enum { PROFILES = 8000, RECORDS = 1500, SLICE = 500, KEYS_HELD = 1 << 18 };

static const char drop_pairs[] =
    "with gone as (delete from sheaf.match m "
    "where m.a = any($1::bigint[]) and m.decided_by = 'resolve' "
    "returning m.a as x, m.b as y, m.score, m.verdict), "
    "gone_too as (delete from sheaf.match m "
    "where m.b = any($1::bigint[]) and m.decided_by = 'resolve' "
    "returning m.a as x, m.b as y, m.score, m.verdict) "
    "select e.id from (select * from gone union all "
    "select * from gone_too) g cross join lateral (values (g.x), (g.y)) e (id) "
    "where g.score >= $2::float8 and g.verdict <> 'related' "
    "and (select p.record_id from sheaf.profile p "
    "where p.record_id = e.id) is not null";
static const char drop_relations[] =
    "with a as (delete from sheaf.relation r "
    "where r.from_record = any($1::bigint[]) and r.basis = 'matched') "
    "delete from sheaf.relation r "
    "where r.to_record = any($1::bigint[]) and r.basis = 'matched'";
static const char get_mates[] =
    "select o.record_id from sheaf.member o "
    "where o.entry_id in (select m.entry_id from sheaf.member m "
    "where m.record_id = any($1::bigint[])) and o.active "
    "and (select p.record_id from sheaf.profile p "
    "where p.record_id = o.record_id) is not null";
/* While a model is learned nothing is joined or parted, but what records say
 * may be new. */
static const char tell_entries[] =
    "select sheaf.recompose(array_agg(m.entry_id order by m.record_id)) "
    "from sheaf.member m where m.record_id = any($1::bigint[]) and m.active";
static const char get_members[] =
    "select m.record_id, m.active from sheaf.member m "
    "where m.record_id = any($1::bigint[])";

struct batch {
	struct work *work;
	struct made made;
	struct queue queue;
	struct known known;
	struct judge judge;
	struct group group;
	struct made_record **todo; /* changed, gone or back */
	size_t todo_count;
	struct idmap members; /* record_id → whether it is active */
	uint64_t unread; /* see work.h */
};

static void
batch_init(struct batch *b, struct work *w)
{
	memset(b, 0, sizeof(*b));
	b->work = w;
	made_init(&b->made);
	known_init(&b->known, w);
	judge_init(&b->judge, w);
	group_init(&b->group, w, &b->known);
}

static void
batch_release(struct batch *b)
{
	made_release(&b->made);
	queue_release(&b->queue);
	known_release(&b->known);
	judge_release(&b->judge);
	group_release(&b->group);
	idmap_release(&b->members);
	free(b->todo);
}

static void
put_made(struct db_params *q, const struct made *m)
{
	db_array_begin(q, DB_INT8);
	for (size_t i = 0; i < m->count; i++)
		db_put_i64(q, m->items[i].record_id);
	db_array_end(q);
}

static int
tell_composer(struct batch *b, struct err *e)
{
	struct db_params q;

	db_params_init(&q);
	put_made(&q, &b->made);
	return db_work_do(b->work->db, tell_entries, &q, e);
}

/* One transaction of at most `most` records: half as many, and so on, where
 * their profiles do not go into memory. */
static int
in_transaction(struct work *w, size_t most,
    int (*step)(struct batch *, size_t records, struct err *),
    struct batch_result *out, struct err *e)
{
	bool is_full = true;
	int rc = -1;

	memset(out, 0, sizeof(*out));
	for (; rc < 0 && is_full && most > 0; most /= 2) {
		struct work_state before = w->state;
		struct batch b;

		batch_init(&b, w);
		if (work_begin(w, e) == 0) {
			rc = step(&b, most, e);
			if (rc == 0)
				rc = work_commit(w, e);
			if (rc == 0)
				w->unread += b.unread;
			if (rc < 0) {
				work_rollback(w);
				w->state = before;
			}
		}
		is_full = b.made.text.full;
		out->records = b.queue.records;
		out->change = b.group.change;
		batch_release(&b);
	}
	return rc;
}

static int
make_profiles(struct batch *b, size_t records, struct err *e)
{
	struct work *w = b->work;

	if (queue_take(&b->queue, w, records, &b->made, e) < 0)
		return -1;
	if (b->queue.count == 0)
		return 0;
	if (made_read(&b->made, w, e) < 0 || made_write(&b->made, w, e) < 0 ||
	    tell_composer(b, e) < 0)
		return -1;
	return queue_done(&b->queue, w, e);
}

int
batch_profiles(struct work *w, struct batch_result *out, struct err *e)
{
	return in_transaction(w, PROFILES, make_profiles, out, e);
}

/* --- what is to do --- */
static void
put_todo(struct db_params *q, const struct batch *b)
{
	db_array_begin(q, DB_INT8);
	for (size_t i = 0; i < b->todo_count; i++)
		db_put_i64(q, b->todo[i]->record_id);
	db_array_end(q);
}

static int
read_members(struct batch *b, struct err *e)
{
	struct db_params q;
	struct db_result *r;

	db_params_init(&q);
	put_made(&q, &b->made);
	r = db_work(b->work->db, get_members, &q, e);
	if (r == NULL)
		return -1;
	for (int i = 0; i < db_rows(r); i++)
		idmap_add(
		    &b->members, (uint64_t)db_i64(r, i, 0), db_bool(r, i, 1));
	db_result_free(r);
	return 0;
}

/* What is as it was has its pairs; but somebody wants it looked at, so its
 * cluster is formed again: an operator's word, or kin that is no more.  What is
 * not there may have pairs though it never was a member: purged while it was
 * compared with others. */
static void
find_todo(struct batch *b)
{
	struct made *m = &b->made;

	b->todo = xcalloc(m->count + 1, sizeof(struct made_record *));
	for (size_t i = 0; i < m->count; i++) {
		struct made_record *x = &m->items[i];
		const uint32_t *active =
		    idmap_find(&b->members, (uint64_t)x->record_id);
		bool is_member = active != NULL && *active;

		if (made_is_same(m, x) && is_member)
			group_add(&b->group, x->record_id, true);
		else
			b->todo[b->todo_count++] = x;
	}
}

/* What they were connected with may fall apart without them. */
static int
drop_old(struct batch *b, struct err *e)
{
	struct db_params q;
	struct db_result *r;

	db_params_init(&q);
	put_todo(&q, b);
	db_put_f64(&q, PARAMETER.merge);
	r = db_work(b->work->db, drop_pairs, &q, e);
	if (r == NULL)
		return -1;
	for (int i = 0; i < db_rows(r); i++)
		group_add(&b->group, db_i64(r, i, 0), true);
	db_result_free(r);
	db_params_init(&q);
	put_todo(&q, b);
	if (db_work_do(b->work->db, drop_relations, &q, e) < 0)
		return -1;
	db_params_init(&q);
	put_todo(&q, b);
	r = db_work(b->work->db, get_mates, &q, e);
	if (r == NULL)
		return -1;
	for (int i = 0; i < db_rows(r); i++)
		group_add(&b->group, db_i64(r, i, 0), true);
	db_result_free(r);
	return 0;
}

/* --- keys --- */
static bool
has_key(const struct blocking *b, uint64_t hash)
{
	for (size_t i = 0; i < b->count; i++) {
		if (b->keys[i].hash == hash)
			return true;
	}
	return false;
}

/* Those that it had not before. */
static int
new_keys(struct batch *b, const struct made_record *x, struct blocking *out,
    struct err *e)
{
	struct blocking before, now;
	struct profile was;
	struct err ignored;

	(void)e;
	blocking_make(&now, x->profile, b->work->model);
	*out = now;
	if (x->was == NULL ||
	    profile_decode(&was, &b->made.arena, x->source_id, x->record_id,
		x->was, x->was_len, &ignored) < 0)
		return 0;
	profile_prepare(&was, b->work->model);
	blocking_make(&before, &was, b->work->model);
	out->count = 0;
	for (size_t i = 0; i < now.count; i++) {
		if (!has_key(&before, now.keys[i].hash))
			out->keys[out->count++] = now.keys[i];
	}
	return 0;
}

static int
write_keys(struct batch *b, struct err *e)
{
	struct keys k;
	int rc = 0;

	keys_init(&k, b->work, KEYS_HELD);
	for (size_t i = 0; rc == 0 && i < b->todo_count; i++) {
		struct blocking added;

		if (b->todo[i]->profile == NULL)
			continue;
		rc = new_keys(b, b->todo[i], &added, e);
		if (rc == 0 && added.count > 0)
			rc = keys_add(&k, b->todo[i]->record_id, &added, e);
	}
	if (rc == 0)
		rc = keys_write(&k, e);
	keys_release(&k);
	return rc;
}

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
			b->unread++;
	}
}

static bool
is_todo(const struct batch *b, int64_t record_id)
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
	if (other < a->record_id && is_todo(b, other))
		return;
	p = known_find(&b->known, other);
	if (p == NULL ||
	    blocking_shared(known_blocking(&b->known, a->record_id),
		known_blocking(&b->known, other)) < least)
		return;
	b->work->candidates++;
	judge_pair(&b->judge, a, p);
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
	if (rc == 0) {
		count_unread(&s);
		rc = judge_slice(&s, e);
	}
	for (size_t i = 0; i < n; i++)
		idmap_release(&s.shared[i]);
	free(s.shared);
	free(s.lost);
	free(s.owners);
	free(s.keys);
	free(s.first);
	return rc;
}

/* --- the whole --- */
static int
resolve_todo(struct batch *b, struct err *e)
{
	size_t to;

	for (size_t i = 0; i < b->todo_count; i++)
		group_add(&b->group, b->todo[i]->record_id,
		    b->todo[i]->profile != NULL);
	if (b->todo_count > 0 && (drop_old(b, e) < 0 || write_keys(b, e) < 0))
		return -1;
	for (size_t from = 0; from < b->todo_count; from = to) {
		to =
		    from + SLICE < b->todo_count ? from + SLICE : b->todo_count;
		if (match_slice(b, from, to, e) < 0)
			return -1;
	}
	known_clear(&b->known);
	if (group_close(&b->group, e) < 0)
		return -1;
	for (size_t i = 0; i < b->made.count; i++)
		group_tell(&b->group, b->made.items[i].record_id);
	return group_write(&b->group, e);
}

static int
resolve_batch(struct batch *b, size_t records, struct err *e)
{
	struct work *w = b->work;

	if (queue_take(&b->queue, w, records, &b->made, e) < 0)
		return -1;
	if (b->queue.count == 0)
		return 0;
	if (work_names(w, e) < 0 || made_read(&b->made, w, e) < 0 ||
	    read_members(b, e) < 0)
		return -1;
	find_todo(b);
	if (made_write(&b->made, w, e) < 0 || resolve_todo(b, e) < 0)
		return -1;
	w->records += b->todo_count;
	return queue_done(&b->queue, w, e);
}

int
batch_resolve(struct work *w, struct batch_result *out, struct err *e)
{
	return in_transaction(w, RECORDS, resolve_batch, out, e);
}
