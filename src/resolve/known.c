/* Profiles by number; see resolve/known.h. */
#include "resolve/known.h"

#include <stdlib.h>
#include <string.h>

static const char by_ids[] =
    "select p.record_id, p.source_id, p.data from sheaf.profile p "
    "where p.record_id = any($1::bigint[])";

void
known_init(struct known *k, struct work *w)
{
	memset(k, 0, sizeof(*k));
	k->work = w;
	k->model = w->model;
	arena_init(&k->arena, 0);
}

void
known_clear(struct known *k)
{
	arena_clear(&k->arena);
	idmap_clear(&k->by_id);
	idmap_clear(&k->asked);
	k->count = k->wanted_count = 0;
}

void
known_release(struct known *k)
{
	arena_release(&k->arena);
	idmap_release(&k->by_id);
	idmap_release(&k->asked);
	free(k->profiles);
	free(k->blockings);
	free(k->wanted);
	memset(k, 0, sizeof(*k));
}

void
known_add(struct known *k, struct profile *p)
{
	uint32_t *at =
	    idmap_add(&k->by_id, (uint64_t)p->record_id, (uint32_t)k->count);

	if (k->count == k->cap) {
		size_t cap = k->cap;

		GROW(k->profiles, k->cap, k->count + 1);
		GROW(k->blockings, cap, k->count + 1);
	}
	if (*at < k->count) { /* a newer one of the same record */
		k->profiles[*at] = p;
		k->blockings[*at] = NULL;
		return;
	}
	k->profiles[k->count] = p;
	k->blockings[k->count++] = NULL;
}

void
known_want(struct known *k, int64_t record_id)
{
	size_t before = k->asked.count;

	if (idmap_find(&k->by_id, (uint64_t)record_id) != NULL)
		return;
	idmap_add(&k->asked, (uint64_t)record_id, 0);
	if (k->asked.count == before)
		return;
	GROW(k->wanted, k->wanted_cap, k->wanted_count + 1);
	k->wanted[k->wanted_count++] = record_id;
}

struct profile *
profile_of_bytes(const void *data, size_t n, int32_t source_id,
    int64_t record_id, const struct model *m, struct arena *a, struct err *e)
{
	struct profile *p = arena_alloc(a, sizeof(*p));

	if (profile_decode(p, a, source_id, record_id, data, n, e) < 0) {
		err_prefix(
		    e, "the profile of record %lld", (long long)record_id);
		return NULL;
	}
	if (m != NULL)
		profile_prepare(p, m);
	return p;
}

struct profile *
profile_of_row(const struct db_result *r, int row, const struct model *m,
    struct arena *a, struct err *e)
{
	size_t n;
	const void *data = db_bytes(r, row, 2, &n);

	return profile_of_bytes(
	    data, n, db_i32(r, row, 1), db_i64(r, row, 0), m, a, e);
}

static int
by_number(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

int
known_fetch(struct known *k, struct err *e)
{
	struct db_params q;
	struct db_result *r;
	int rc = 0;

	if (k->wanted_count == 0)
		return 0;
	qsort(k->wanted, k->wanted_count, sizeof(*k->wanted), by_number);
	db_params_init(&q);
	db_array_begin(&q, DB_INT8);
	for (size_t i = 0; i < k->wanted_count; i++)
		db_put_i64(&q, k->wanted[i]);
	db_array_end(&q);
	k->wanted_count = 0;
	r = db_work(k->work->db, by_ids, &q, e);
	if (r == NULL)
		return -1;
	for (int i = 0; rc == 0 && i < db_rows(r); i++) {
		struct profile *p =
		    profile_of_row(r, i, k->model, &k->arena, e);

		if (p == NULL)
			rc = -1;
		else
			known_add(k, p);
	}
	db_result_free(r);
	return rc;
}

struct profile *
known_find(const struct known *k, int64_t record_id)
{
	const uint32_t *at = idmap_find(&k->by_id, (uint64_t)record_id);

	return at != NULL ? k->profiles[*at] : NULL;
}

const struct profile *
known_take(struct known *k, int64_t record_id, int32_t source_id,
    const void *data, size_t n, struct err *e)
{
	struct profile *p = known_find(k, record_id);

	if (p != NULL)
		return p;
	p = profile_of_bytes(
	    data, n, source_id, record_id, k->model, &k->arena, e);
	if (p != NULL)
		known_add(k, p);
	return p;
}

const struct blocking *
known_blocking(struct known *k, int64_t record_id)
{
	const uint32_t *at = idmap_find(&k->by_id, (uint64_t)record_id);
	struct blocking whole, *b;

	if (at == NULL)
		return NULL;
	if (k->blockings[*at] == NULL) {
		/* Of 64 keys most have a dozen. */
		blocking_make(&whole, k->profiles[*at], k->model);
		b = arena_alloc(&k->arena, sizeof(*b));
		b->count = whole.count;
		b->total = whole.total;
		memcpy(b->keys, whole.keys, whole.count * sizeof(*b->keys));
		k->blockings[*at] = b;
	}
	return k->blockings[*at];
}
