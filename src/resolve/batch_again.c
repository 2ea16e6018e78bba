/* Records that stand for their twins, or no more; see resolve/batch_priv.h. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "resolve/batch_priv.h"

/* A record that was purged has taken its pairs along, and left its row in the
 * entry. */
static const char get_bereft[] =
    "select m.record_id from sheaf.member m "
    "where m.record_id = any($1::bigint[]) and m.active and m.entry_id in ("
    "select o.entry_id from sheaf.member o where o.entry_id in ("
    "select n.entry_id from sheaf.member n "
    "where n.record_id = any($1::bigint[]) and n.active) "
    "and not exists (select from sheaf.profile p "
    "where p.record_id = o.record_id))";

/* A class that records have left, and what is known of it. */
struct left {
	uint64_t was; /* least identifier of those that left it */
	const struct profile *now; /* who stands for those that stay; NULL */
};

void
batch_again_init(struct batch_again *a, struct work *w)
{
	memset(a, 0, sizeof(*a));
	known_init(&a->known, w);
}

void
batch_again_release(struct batch_again *a)
{
	free(a->ids);
	idmap_release(&a->known_ids);
	known_release(&a->known);
}

void
batch_again_add(struct batch *b, int64_t record_id)
{
	struct batch_again *a = &b->again;
	size_t before = a->known_ids.count;

	if (batch_is_todo(b, record_id))
		return;
	idmap_add(&a->known_ids, (uint64_t)record_id, 0);
	if (a->known_ids.count == before)
		return;
	GROW(a->ids, a->cap, a->count + 1);
	a->ids[a->count++] = record_id;
}

/* --- twins that stay --- */
static bool
is_purged(const struct made_record *x)
{
	return x->profile == NULL && x->was == NULL;
}

/* Classes that todo has left, as indexes of `left`. */
static size_t
find_left(const struct batch *b, struct idmap *classes, struct left *left,
    bool *any_purged)
{
	*any_purged = false;
	for (size_t i = 0; i < b->todo_count; i++) {
		const struct made_record *x = b->todo[i];
		size_t before = classes->count;
		uint64_t identifier, class;
		uint32_t at;

		*any_purged |= is_purged(x);
		if (x->was == NULL)
			continue;
		class = profile_twins(
		    x->was, x->was_len, x->source_id, &identifier);
		if (class == 0 ||
		    (x->profile != NULL && x->profile->twins == class))
			continue;
		at = *idmap_add(classes, class, (uint32_t)before);
		if (classes->count > before || identifier < left[at].was)
			left[at].was = identifier;
	}
	return classes->count;
}

static int
find_heirs(struct batch *b, const struct idmap *classes, struct left *left,
    const int64_t *ends, size_t count, struct err *e)
{
	struct known *k = &b->again.known;

	for (size_t i = 0; i < count; i++) {
		if (!batch_is_todo(b, ends[i]))
			known_want(k, ends[i]);
	}
	if (known_fetch(k, e) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		const struct profile *p = known_find(k, ends[i]);
		const uint32_t *at =
		    p != NULL ? idmap_find(classes, p->twins) : NULL;

		if (at != NULL && !batch_is_todo(b, ends[i]) &&
		    (left[*at].now == NULL ||
			p->identifier_hash < left[*at].now->identifier_hash))
			left[*at].now = p;
	}
	return 0;
}

int
batch_again_left(
    struct batch *b, const int64_t *ends, size_t count, struct err *e)
{
	struct left *left = xcalloc(b->todo_count + 1, sizeof(*left));
	struct idmap classes = {0};
	bool any_purged;
	size_t n = find_left(b, &classes, left, &any_purged);
	int rc = n > 0 ? find_heirs(b, &classes, left, ends, count, e) : 0;

	for (size_t i = 0; rc == 0 && i < n; i++) {
		if (left[i].now != NULL &&
		    left[i].was < left[i].now->identifier_hash)
			batch_again_add(b, left[i].now->record_id);
	}
	/* What it was is not known any more. */
	for (size_t i = 0; rc == 0 && any_purged && i < count; i++)
		batch_again_add(b, ends[i]);
	idmap_release(&classes);
	free(left);
	return rc;
}

int
batch_again_purged(struct batch *b, struct err *e)
{
	struct db_params q;
	struct db_result *r;
	size_t same = 0;

	db_params_init(&q);
	db_array_begin(&q, DB_INT8);
	for (size_t i = 0; i < b->made.count; i++) {
		if (batch_is_todo(b, b->made.items[i].record_id))
			continue;
		db_put_i64(&q, b->made.items[i].record_id);
		same++;
	}
	db_array_end(&q);
	if (same == 0) {
		db_params_release(&q);
		return 0;
	}
	r = db_work(b->work->db, get_bereft, &q, e);
	if (r == NULL)
		return -1;
	for (int i = 0; i < db_rows(r); i++)
		batch_again_add(b, db_i64(r, i, 0));
	db_result_free(r);
	return 0;
}

/* --- their turn --- */
static int
by_number(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

int
batch_again_begin(struct batch *b, struct err *e)
{
	struct batch_again *a = &b->again;
	struct made_record *items;

	if (a->count == 0)
		return 0;
	qsort(a->ids, a->count, sizeof(*a->ids), by_number);
	for (size_t i = 0; i < a->count; i++)
		known_want(&a->known, a->ids[i]);
	if (known_fetch(&a->known, e) < 0)
		return -1;
	items = arena_calloc(&b->made.arena, a->count, sizeof(*items));
	free(b->todo);
	b->todo = xcalloc(a->count + 1, sizeof(struct made_record *));
	b->todo_count = 0;
	for (size_t i = 0; i < a->count; i++) {
		items[i].record_id = a->ids[i];
		items[i].profile = known_find(&a->known, a->ids[i]);
		if (items[i].profile != NULL)
			b->todo[b->todo_count++] = &items[i];
	}
	a->is_now = true;
	return 1;
}
