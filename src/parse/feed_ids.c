/* Ids and links by their hashes.  Not here: what follows from them (sched). */
#include "parse/feed_ids.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"

struct feed_pair {
	uint64_t key, value; /* key 0: free */
	bool is_repeated;
};

enum { FIRST_CAP = 64 };

void
feed_ids_init(struct feed_ids *s)
{
	memset(s, 0, sizeof(*s));
}

void
feed_ids_release(struct feed_ids *s)
{
	free(s->links_of_id.slots);
	free(s->ids_of_link.slots);
}

static struct feed_pair *
find(const struct feed_pairs *t, uint64_t key)
{
	size_t i = (size_t)key & (t->cap - 1);

	while (t->slots[i].key != 0 && t->slots[i].key != key)
		i = (i + 1) & (t->cap - 1);
	return &t->slots[i];
}

static void
grow(struct feed_pairs *t)
{
	struct feed_pairs bigger = {.cap = t->cap ? 2 * t->cap : FIRST_CAP};

	bigger.slots = xcalloc(bigger.cap, sizeof(*bigger.slots));
	for (size_t i = 0; i < t->cap; i++)
		if (t->slots[i].key != 0)
			*find(&bigger, t->slots[i].key) = t->slots[i];
	free(t->slots);
	t->slots = bigger.slots;
	t->cap = bigger.cap;
}

static void
add(struct feed_pairs *t, uint64_t key, uint64_t value)
{
	struct feed_pair *p;

	if (2 * (t->count + 1) > t->cap)
		grow(t);
	key = key != 0 ? key : 1;
	p = find(t, key);
	if (p->key == 0) {
		p->key = key;
		p->value = value;
		t->count++;
	} else if (p->value != value && !p->is_repeated) {
		p->is_repeated = true;
		t->repeated++;
	}
}

void
feed_ids_add(struct feed_ids *s, const struct feed_identity *id)
{
	uint64_t given, link;

	if (s->items >= LIMIT_FEED_IDS)
		return;
	s->items++;
	s->without_id += id->given == NULL;
	s->with_link += id->link != NULL;
	given = id->given ? hash64(id->given, strlen(id->given))
			  : hash64(id->digest, DIGEST_BYTES);
	link = id->link ? hash64(id->link, strlen(id->link)) : 0;
	if (id->given != NULL)
		add(&s->links_of_id, given, link);
	if (id->link != NULL)
		add(&s->ids_of_link, link, given);
}

void
feed_ids_facts(const struct feed_ids *s, struct facts_feed *f)
{
	f->items_without_id = s->without_id;
	f->items_with_link = s->with_link;
	f->ids_repeated = s->links_of_id.repeated;
	f->links_repeated = s->ids_of_link.repeated;
}
