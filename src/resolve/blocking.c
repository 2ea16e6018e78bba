/* The keys of a record, and what they weigh. */
#include "resolve/blocking.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "resolve/blocking_chain.h"
#include "resolve/parameters.h"

enum { BIT = 16, KEYS_MADE = 4 * BLOCKING_KEYS };

double
blocking_bits(const struct model *m, uint32_t count)
{
	double of = fmax((double)model_records(m), PARAMETER.records_least);

	return log2(of / count);
}

uint32_t
blocking_least(const struct model *m)
{
	double bits = blocking_bits(m, 1) - PARAMETER.candidate_spare;

	return (uint32_t)lround(BIT * bits);
}

struct making {
	struct blocking_key keys[KEYS_MADE];
	size_t count;
	const struct model *model;
};

static void
put(struct making *k, uint64_t hash, double bits)
{
	long weight = lround(BIT * bits);

	if (weight <= 0 || k->count == KEYS_MADE)
		return;
	k->keys[k->count++] = (struct blocking_key){hash, (uint16_t)weight};
}

/* One hash with a count of its own: usable where few have it. */
static void
put_single(
    struct making *k, uint64_t hash, uint32_t count, double share, double most)
{
	if (count <= PARAMETER.key_holders)
		put(k, hash,
		    fmin(most, share * blocking_bits(
					   k->model, count > 2 ? count : 2)));
}

/* A title that hardly any others have is enough. */
static void
put_title(struct making *k, const struct profile_title *t)
{
	if (t->holders <= PARAMETER.chain_holders)
		put(k, t->hash, blocking_least(k->model) / (double)BIT);
	else
		put_single(k, t->hash, t->holders, 1, PARAMETER.key_title_most);
}

/* Two keys of several words are enough; one and a rare word are.  The prefixes
 * are looked at by their length, so that the next ones of all chains can be
 * fetched meanwhile. */
static void
put_chains(struct making *k, const struct profile *p)
{
	double enough = blocking_least(k->model) / (double)BIT,
	       bits = enough / 2 + 1.0 / BIT;
	struct chains chains;
	const struct chain *longer[CHAINS];
	size_t left;

	chains_make(&chains, p, k->model);
	left = chains.count;
	for (size_t i = 0; i < left; i++) {
		longer[i] = &chains.chain[i];
		model_prefetch(k->model, longer[i]->prefix[0]);
	}
	for (size_t d = 0; left > 0; d++) {
		size_t n = 0;

		for (size_t i = 0; i < left; i++) {
			const struct chain *c = longer[i];

			if (model_count(k->model, c->prefix[d]) <=
			    PARAMETER.chain_holders) {
				put(k, c->prefix[d],
				    c->is_enough ? enough : bits);
			} else if (d + 1 < c->count) {
				model_prefetch(k->model, c->prefix[d + 1]);
				longer[n++] = c;
			}
		}
		left = n;
	}
}

static int
by_hash(const void *a, const void *b)
{
	const struct blocking_key *x = a, *y = b;

	return (x->hash > y->hash) - (x->hash < y->hash);
}

static int
by_weight(const void *a, const void *b)
{
	const struct blocking_key *x = a, *y = b;

	return x->weight != y->weight ? (int)y->weight - (int)x->weight
				      : by_hash(a, b);
}

/* Sorted, each once, and of too many those that weigh most: similar records
 * keep the same ones. */
static void
settle(struct blocking *out, struct making *k)
{
	size_t n = 0;

	qsort(k->keys, k->count, sizeof(*k->keys), by_hash);
	for (size_t i = 0; i < k->count; i++)
		if (n == 0 || k->keys[n - 1].hash != k->keys[i].hash)
			k->keys[n++] = k->keys[i];
	if (n > BLOCKING_KEYS) {
		qsort(k->keys, n, sizeof(*k->keys), by_weight);
		n = BLOCKING_KEYS;
		qsort(k->keys, n, sizeof(*k->keys), by_hash);
	}
	out->count = n;
	out->total = 0;
	memcpy(out->keys, k->keys, n * sizeof(*k->keys));
	for (size_t i = 0; i < n; i++)
		out->total += out->keys[i].weight;
}

void
blocking_make(
    struct blocking *out, const struct profile *p, const struct model *m)
{
	struct making k = {.count = 0, .model = m};

	for (size_t i = 0; i < p->id_count; i++)
		put_single(&k, p->ids[i].hash, p->ids[i].holders,
		    PARAMETER.key_identifier_share,
		    PARAMETER.key_identifier_most);
	for (size_t i = 0; i < p->title_count; i++) {
		const struct profile_title *t = &p->titles[i];

		put_title(&k, t);
		for (size_t w = 0; w < t->count; w++)
			put_single(&k, t->words[w].hash, t->words[w].holders, 1,
			    PARAMETER.key_word_most);
	}
	for (size_t i = 0; i < p->name_word_count; i++)
		if (p->name_words[i].is_personal)
			put_single(&k, p->name_words[i].name_hash,
			    p->name_words[i].word.holders,
			    PARAMETER.key_name_share, PARAMETER.key_name_most);
	put_chains(&k, p);
	settle(out, &k);
}

uint32_t
blocking_shared(const struct blocking *a, const struct blocking *b)
{
	uint32_t sum = 0;
	size_t i = 0, k = 0;

	while (i < a->count && k < b->count) {
		uint64_t x = a->keys[i].hash, y = b->keys[k].hash;

		if (x == y)
			sum += a->keys[i].weight;
		i += x <= y;
		k += y <= x;
	}
	return sum;
}
