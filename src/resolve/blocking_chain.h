/*
 * Keys of several words, for words that stand in too many records.
 *
 * A chain is a sequence of a record's frequent words (of a title, of persons'
 * names) and its year.  Its prefixes of two words and more can be keys; the
 * shortest that few records have is the one that is made.  Two records with
 * the same beginning of a chain agree on which that is, since the prefixes
 * before it are the same; so a chain costs one key, whatever the registry's
 * size, and gets longer with it (as in an LSH forest: Bawa, Condie, Ganesan
 * 2005).  There are chains
 *	of the words from each place of the title on: shared phrases, also
 *	where a title is cut or lengthened;
 *	of the words and the year in a few orders that come of their hashes,
 *	rare ones rather first: as min-wise hashing, records that share most
 *	words share the beginning of one of the orders, wherever a typing
 *	error is;
 *	of a person's name and the title from either end; of two names;
 *	of a title that many records have ("Annual report 2012") as a whole, a
 *	body that the record names, and the year.
 *
 * For this room only: blocking.c and learn*.c.
 */
#ifndef SHEAF_RESOLVE_BLOCKING_CHAIN_H
#define SHEAF_RESOLVE_BLOCKING_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "resolve/model.h"
#include "resolve/profile.h"

enum {
	CHAINS = 128, /* of one record */
	CHAIN_PREFIXES = 6, /* of one chain: of 2 to 7 words */
	CHAIN_WORDS = 24, /* of a title that chains are made of */
	CHAIN_ORDERS = 8,
	CHAIN_NAMES = 4,
};

struct chain {
	uint64_t prefix[CHAIN_PREFIXES]; /* HASH_COMPOUND; the shortest first */
	size_t count;
	bool is_enough; /* its key alone makes a candidate */
};
struct chains {
	struct chain chain[CHAINS];
	size_t count;
};

/* The profile is prepared for the model, whose counts of words are complete. */
void chains_make(struct chains *, const struct profile *, const struct model *);

#endif
