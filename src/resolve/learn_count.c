/* What of a record is counted, and the sketch that says which counts matter. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "resolve/learn_priv.h"
#include "resolve/parameters.h"

/* Counters of one row.  Its size is fixed, since which counts get by by chance
 * shows in the model. */
#define ROW ((size_t)32 * 1024 * 1024)

void
sketch_clear(struct sketch *s)
{
	/* Fresh pages: what a small registry does not touch costs nothing. */
	free(s->cells);
	s->cells = xcalloc(2, ROW);
}

void
sketch_release(struct sketch *s)
{
	free(s->cells);
	s->cells = NULL;
}

static size_t
first(uint64_t key)
{
	return key & (ROW - 1);
}

static size_t
second(uint64_t key)
{
	return ROW + ((key >> 32) & (ROW - 1));
}

void
sketch_prefetch(const struct sketch *s, uint64_t key)
{
	__builtin_prefetch(&s->cells[first(key)]);
	__builtin_prefetch(&s->cells[second(key)]);
}

void
sketch_add(struct sketch *s, uint64_t key)
{
	uint8_t *a = &s->cells[first(key)], *b = &s->cells[second(key)];

	*a += *a < UINT8_MAX;
	*b += *b < UINT8_MAX;
}

unsigned
sketch_most(const struct sketch *s, uint64_t key)
{
	uint8_t a = s->cells[first(key)], b = s->cells[second(key)];

	return a < b ? a : b;
}

/* A count matters from there on where a word's weight is no more the most that
 * it can be, and where it is no key any longer; unless there are too many. */
static uint32_t
floor_of_bits(uint64_t records, double most, unsigned raise)
{
	double all = records > PARAMETER.records_least
			 ? (double)records
			 : PARAMETER.records_least;
	double bits = 1;
	uint32_t usable = (uint32_t)PARAMETER.key_holders + 1, floor;

	while (most-- > 0)
		bits *= 2;
	floor = all / bits < 2	      ? 2
		: all / bits > usable ? usable
				      : (uint32_t)(all / bits);
	return floor << raise;
}

struct floors {
	uint32_t word, name, title, identifier, venue, source_title, chain;
};

static struct floors
floors_for(uint64_t records, unsigned raise)
{
	return (struct floors){
	    .word = floor_of_bits(records, PARAMETER.word_most, raise),
	    .name = floor_of_bits(records, PARAMETER.name_most, raise),
	    .title = (uint32_t)PARAMETER.boilerplate_times << raise,
	    .identifier = ((uint32_t)PARAMETER.identifier_rare + 1) << raise,
	    .venue = (uint32_t)MODEL_PUBLISHER << raise,
	    .source_title = (uint32_t)PARAMETER.boilerplate_times << raise,
	    .chain = ((uint32_t)PARAMETER.chain_holders + 1) << raise,
	};
}

uint32_t
learn_chain_floor(unsigned raise)
{
	return floors_for(0, raise).chain;
}

uint32_t
learn_floor(unsigned raise, unsigned chain_raise)
{
	uint32_t single = ((uint32_t)PARAMETER.key_holders + 1) << raise,
		 chain = learn_chain_floor(chain_raise);

	return single > chain ? single : chain;
}

static void
put_of(struct learn_keys *out, uint64_t hash, uint64_t title, uint32_t floor)
{
	if (hash != 0 && out->count < LEARN_SINGLES)
		out->keys[out->count++] =
		    (struct learn_key){hash, title, floor};
}

static void
put(struct learn_keys *out, uint64_t hash, uint32_t floor)
{
	put_of(out, hash, 0, floor);
}

/* Drops what comes twice; which one of them stays makes no difference. */
static void
each_once(struct learn_keys *out)
{
	uint64_t seen[4 * LEARN_SINGLES];
	size_t size = 16, n = 0;

	while (size < 2 * out->count)
		size *= 2;
	memset(seen, 0, size * sizeof(*seen));
	for (size_t i = 0; i < out->count; i++) {
		uint64_t hash = out->keys[i].hash;
		size_t at = hash & (size - 1);

		while (seen[at] != 0 && seen[at] != hash)
			at = (at + 1) & (size - 1);
		if (seen[at] == hash)
			continue;
		seen[at] = hash;
		out->keys[n++] = out->keys[i];
	}
	out->count = n;
}

void
learn_singles(struct learn_keys *out, const struct profile *p, uint64_t records,
    unsigned raise)
{
	struct floors f = floors_for(records, raise);

	out->count = 0;
	for (size_t i = 0; i < p->title_count; i++) {
		const struct profile_title *t = &p->titles[i];

		for (size_t w = 0; w < t->count; w++)
			put(out, t->words[w].hash, f.word);
		put(out, t->hash, f.title);
		put_of(out, profile_source_title(p->source_id, t->hash),
		    t->hash, f.source_title);
	}
	for (size_t i = 0; i < p->name_word_count; i++)
		put(out, p->name_words[i].name_hash, f.name);
	for (size_t i = 0; i < p->id_count; i++)
		put(out, p->ids[i].hash, f.identifier);
	put(out, p->venue_hash, f.venue);
	each_once(out);
}

void
learn_chains(struct learn_keys *out, const struct profile *p,
    const struct model *m, unsigned raise)
{
	uint32_t floor = floors_for(model_records(m), raise).chain;
	struct chains chains;

	chains_make(&chains, p, m);
	out->count = 0;
	for (size_t i = 0; i < chains.count; i++)
		for (size_t d = 0; d < chains.chain[i].count; d++)
			put(out, chains.chain[i].prefix[d], floor);
	each_once(out);
}
