/* Profiles: hashes and weights, the names of schemes. */
#include "resolve/profile.h"

#include <xxhash.h>

uint64_t
profile_hash(enum hash_class class, const void *p, size_t n)
{
	return XXH3_64bits_withSeed(n ? p : "", n, class);
}

uint64_t
profile_hash_both(enum hash_class class, uint64_t a, uint64_t b)
{
	const uint64_t both[2] = {a, b};

	return profile_hash(class, both, sizeof(both));
}
