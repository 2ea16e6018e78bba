/*
 * Which contents of a source are known already: a table that sheaf-store
 * makes and a parser looks into, so that a record which is equal is not read
 * again (its frame then says RECORD_KNOWN and has no content).
 *
 * A table is a number of slots that is a power of two, 0 where empty, of keys
 * made of identifier and digest.  Its yes is only a guess: the store compares
 * the whole digest and has the page read again where it was wrong.
 */
#ifndef SHEAF_RECORD_KNOWN_H
#define SHEAF_RECORD_KNOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"

enum { KNOWN_KEY_BYTES = 8 };

/* Slots for so many keys, half of them empty at least. */
size_t known_slots(size_t keys);
/* key: the first KNOWN_KEY_BYTES of SHA-256 over identifier and digest. */
void known_add(uint64_t *slots, size_t n, const uint8_t key[KNOWN_KEY_BYTES]);
bool known_has(const uint64_t *slots, size_t n, const char *identifier,
    const uint8_t digest[DIGEST_BYTES]);

#endif
