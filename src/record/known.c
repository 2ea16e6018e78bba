/* Open addressing; see record/known.h. */
#include "record/known.h"

#include <string.h>

static uint64_t
number(const uint8_t key[KNOWN_KEY_BYTES])
{
	uint64_t k;

	memcpy(&k, key, sizeof(k));
	return k != 0 ? k : 1;
}

size_t
known_slots(size_t keys)
{
	size_t n = 16;

	while (n < 2 * keys)
		n *= 2;
	return n;
}

void
known_add(uint64_t *slots, size_t n, const uint8_t key[KNOWN_KEY_BYTES])
{
	uint64_t k = number(key);
	size_t at = k & (n - 1);

	while (slots[at] != 0 && slots[at] != k)
		at = (at + 1) & (n - 1);
	slots[at] = k;
}

bool
known_has(const uint64_t *slots, size_t n, const char *identifier,
    const uint8_t digest[DIGEST_BYTES])
{
	uint8_t key[DIGEST_BYTES];
	struct digest d;
	uint64_t k;

	digest_init(&d);
	digest_add(&d, identifier, strlen(identifier));
	digest_add(&d, digest, DIGEST_BYTES);
	digest_end(&d, key);
	k = number(key);
	/* As often as there are slots: a full table ends, too. */
	for (size_t at = k & (n - 1), tries = 0; tries < n;
	     at = (at + 1) & (n - 1), tries++) {
		if (slots[at] == 0 || slots[at] == k)
			return slots[at] == k;
	}
	return false;
}
