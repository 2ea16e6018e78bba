/* The block behind rules.h: what rules_compile.c writes and rules.c reads.
 * Numbers are in the machine's order, offsets count from the block's start,
 * texts are offsets into the pool.  A list is texts, and an empty one. */
#ifndef SHEAF_CROSSWALK_RULES_BLOCK_H
#define SHEAF_CROSSWALK_RULES_BLOCK_H

#include <stdint.h>

#include "crosswalk/rules.h"

#define RULES_MAGIC "sheafrul"
enum { RULES_VERSION = 2 };

/* A slot is a term's number and one, and above it the upper bits of the hash
 * of its key: of a term that is not there, which most that are looked for are
 * not, no more is read than this.  0: free. */
enum { RULES_TERM_BITS = 20 };
#define RULES_TERMS_MOST (((uint32_t)1 << RULES_TERM_BITS) - 1)
struct rules_term {
	uint32_t scheme, key; /* texts */
	uint32_t codes; /* a list */
	uint8_t vocab, is_rule, reserved[2];
};
struct block_thing {
	uint32_t code; /* a text */
	uint32_t parents; /* a list */
	uint32_t name_first, name_count;
};
struct block_name {
	uint32_t text, lang; /* texts */
	uint32_t is_alternative;
};

struct rules {
	char magic[8];
	uint32_t version, bytes;
	uint32_t slot_at, slot_count; /* a power of two */
	uint32_t term_at, term_count;
	uint32_t thing_at, thing_count;
	uint32_t name_at, name_count;
	uint32_t pool_at, pool_bytes; /* ends in two NULs */
	uint32_t first[RULES_VOCABS + 1]; /* things by vocabulary */
	uint32_t reserved;
};

/* The number of a slot's term and one; 0: none. */
static inline uint32_t
rules_slot_term(uint32_t slot)
{
	return slot & RULES_TERMS_MOST;
}

/* The other bits of its slot. */
static inline uint32_t
rules_slot_tag(uint64_t hash)
{
	return (uint32_t)(hash >> 32) & ~RULES_TERMS_MOST;
}

/* Of what a term is found by. */
uint64_t rules_hash(unsigned vocab, const char *scheme, const char *key);

#endif
