/* Chains of frequent words: see blocking_chain.h. */
#include "resolve/blocking_chain.h"

#include <math.h>
#include <stdbool.h>

#include "resolve/blocking.h"
#include "resolve/parameters.h"

/* A word of a chain; bits: what it tells. */
struct link {
	uint64_t hash;
	double bits;
};

enum { LINKS = CHAIN_PREFIXES + 1 };

static void
add_chain(struct chains *c, const uint64_t *links, size_t n)
{
	struct chain *to = &c->chain[c->count];
	uint64_t hash = links[0];

	if (n < 2 || c->count == CHAINS)
		return;
	to->count = 0;
	to->is_enough = false;
	for (size_t i = 1; i < n && to->count < CHAIN_PREFIXES; i++) {
		hash = profile_hash_both(HASH_COMPOUND, hash, links[i]);
		to->prefix[to->count++] = hash;
	}
	c->count++;
}

/* The frequent words of a title, in its order. */
static size_t
take_words(
    struct link *words, const struct profile_title *t, const struct model *m)
{
	double all = blocking_bits(m, 1);
	size_t n = 0;

	for (size_t i = 0; i < t->order_count && n < CHAIN_WORDS; i++) {
		const struct profile_word *w = &t->words[t->order[i]];

		if (w->holders > PARAMETER.key_holders)
			words[n++] = (struct link){
			    w->hash, fmax(0.5, all - log2(w->holders))};
	}
	return n;
}

/* From each place on. */
static void
add_runs(struct chains *c, const struct link *words, size_t n)
{
	uint64_t links[CHAIN_WORDS];

	for (size_t i = 0; i < n; i++)
		links[i] = words[i].hash;
	for (size_t i = 0; i + 1 < n; i++)
		add_chain(c, links + i, n - i);
}

static uint64_t
mix(uint64_t x)
{
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

struct ranked {
	uint64_t hash;
	double rank;
};

static bool
before(const struct ranked *x, const struct ranked *y)
{
	return x->rank != y->rank ? x->rank < y->rank : x->hash < y->hash;
}

/* Keeps the first `most` of what is put. */
static void
put_ranked(
    struct ranked *list, size_t *count, size_t most, const struct ranked *one)
{
	size_t at = *count;

	if (at == most) {
		if (!before(one, &list[at - 1]))
			return;
		at--;
	} else {
		++*count;
	}
	for (; at > 0 && before(one, &list[at - 1]); at--)
		list[at] = list[at - 1];
	list[at] = *one;
}

/* Weighted min-wise order: a word comes first with a chance that grows with
 * its bits, the same in all records (an exponential variable of its rate). */
static void
add_order(struct chains *c, const struct link *words, size_t n, uint64_t order)
{
	struct ranked ranked[LINKS];
	uint64_t links[LINKS + 1];
	size_t count = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t h =
		    mix(words[i].hash + order * UINT64_C(0x9e3779b97f4a7c15));
		double chance = ((double)(h >> 11) + 0.5) / 9007199254740992.0;
		struct ranked one = {
		    words[i].hash, -log(chance) / words[i].bits};

		put_ranked(ranked, &count, LINKS, &one);
	}
	links[0] = CHAIN_ORDERS; /* tells these from phrases */
	for (size_t i = 0; i < count; i++)
		links[i + 1] = ranked[i].hash;
	add_chain(c, links, count + 1);
}

static uint64_t
year_hash(int year)
{
	return profile_hash_both(HASH_COMPOUND, 0, (uint64_t)year);
}

static void
add_orders(struct chains *c, const struct link *words, size_t n, int year)
{
	struct link all[CHAIN_WORDS + 1];
	size_t count = 0;

	for (size_t i = 0; i < n; i++) {
		bool is_new = true;

		for (size_t k = 0; k < count && is_new; k++)
			is_new = all[k].hash != words[i].hash;
		if (is_new)
			all[count++] = words[i];
	}
	if (year)
		all[count++] =
		    (struct link){year_hash(year), PARAMETER.year_bits};
	if (count >= 2)
		for (uint64_t i = 0; i < CHAIN_ORDERS; i++)
			add_order(c, all, count, i);
}

/* The frequent words of persons' names, the rarest first. */
static size_t
take_names(uint64_t *names, const struct profile *p)
{
	struct ranked ranked[CHAIN_NAMES];
	size_t n = 0;

	for (size_t i = 0; i < p->name_word_count; i++) {
		const struct profile_name_word *w = &p->name_words[i];
		struct ranked one = {w->name_hash, w->word.holders};

		if (w->is_personal && w->word.holders > PARAMETER.key_holders)
			put_ranked(ranked, &n, CHAIN_NAMES, &one);
	}
	for (size_t i = 0; i < n; i++)
		names[i] = ranked[i].hash;
	return n;
}

/* Each name with the title from its beginning, and from its end. */
static void
add_names(struct chains *c, const uint64_t *names, size_t name_count,
    const struct link *words, size_t n)
{
	uint64_t there[LINKS], back[LINKS];
	size_t count = n < LINKS - 1 ? n : LINKS - 1;

	for (size_t i = 0; i < name_count && n > 0; i++) {
		there[0] = back[0] = names[i];
		for (size_t k = 0; k < count; k++) {
			there[k + 1] = words[k].hash;
			back[k + 1] = words[n - 1 - k].hash;
		}
		add_chain(c, there, count + 1);
		add_chain(c, back, count + 1);
	}
}

static void
add_pairs_of_names(struct chains *c, const uint64_t *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (size_t k = i + 1; k < count; k++) {
			bool swap = names[i] > names[k];
			uint64_t both[2] = {
			    names[swap ? k : i], names[swap ? i : k]};

			add_chain(c, both, 2);
		}
}

static void
add_title_of(
    struct chains *c, const struct profile *p, uint64_t title, uint64_t body)
{
	uint64_t links[3] = {title, body, year_hash(p->year)};
	size_t before = c->count;

	add_chain(c, links, p->year ? 3 : 2);
	if (c->count > before)
		c->chain[before].is_enough = true;
}

/* A title that many have, with each body that the record names. */
static void
add_titles(struct chains *c, const struct profile *p)
{
	for (size_t i = 0; i < p->title_count; i++) {
		uint64_t title = p->titles[i].hash;

		if (p->titles[i].holders <= PARAMETER.chain_holders)
			continue;
		if (p->venue_hash)
			add_title_of(c, p, title, p->venue_hash);
		for (size_t k = 0; k < p->name_count; k++)
			if (p->names[k].is_corporate &&
			    p->names[k].hash != p->venue_hash)
				add_title_of(c, p, title, p->names[k].hash);
	}
}

void
chains_make(struct chains *c, const struct profile *p, const struct model *m)
{
	struct link words[CHAIN_WORDS];
	uint64_t names[CHAIN_NAMES];
	size_t name_count = take_names(names, p);

	c->count = 0;
	add_titles(c, p);
	add_pairs_of_names(c, names, name_count);
	for (size_t i = 0; i < p->title_count; i++) {
		size_t n = take_words(words, &p->titles[i], m);

		add_orders(c, words, n, p->year);
		add_names(c, names, name_count, words, n);
		add_runs(c, words, n);
	}
}
