/* Ids and links by their hashes.  Not here: what follows from them (sched). */
#include "parse/feed_ids.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"

struct feed_pair {
	uint64_t key, value; /* key 0: free */
	unsigned others; /* values that are not the first one */
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
	free(s->titles_of_both.slots);
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

/* True when the key stands with so many other values by this one. */
static bool
add(struct feed_pairs *t, uint64_t key, uint64_t value, unsigned others)
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
		return false;
	}
	return p->value != value && ++p->others == others;
}

/* Two items with one id and one link may be one in two states (RFC 4287
 * 4.1.1); three of different titles are three. */
static void
add_same(struct feed_ids *s, uint64_t given, uint64_t link, uint64_t title)
{
	uint64_t both[2] = {given, link};

	if (!add(&s->titles_of_both, hash64(both, sizeof(both)), title, 2))
		return;
	s->ids_repeated++;
	s->links_repeated++;
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
	if (id->given != NULL) {
		s->ids_repeated += add(&s->links_of_id, given, link, 1);
		add_same(s, given, link, id->title);
	}
	if (id->link != NULL)
		s->links_repeated += add(&s->ids_of_link, link, given, 1);
}

void
feed_ids_facts(const struct feed_ids *s, struct facts_feed *f)
{
	f->items_without_id = s->without_id;
	f->items_with_link = s->with_link;
	f->ids_repeated = s->ids_repeated;
	f->links_repeated = s->links_repeated;
}
