/* SHA-256 by nettle, XXH3 by xxhash.  Not here: what is digested. */
#include "base/digest.h"

#include <xxhash.h>

void
digest_init(struct digest *d)
{
	sha256_init(&d->ctx);
}

void
digest_add(struct digest *d, const void *p, size_t n)
{
	if (n)
		sha256_update(&d->ctx, n, p);
}

void
digest_end(struct digest *d, uint8_t out[DIGEST_BYTES])
{
	sha256_digest(&d->ctx, DIGEST_BYTES, out);
}

void
digest_hex(char out[2 * DIGEST_BYTES + 1], const uint8_t in[DIGEST_BYTES])
{
	static const char hex[] = "0123456789abcdef";

	for (int i = 0; i < DIGEST_BYTES; i++) {
		out[2 * i] = hex[in[i] >> 4];
		out[2 * i + 1] = hex[in[i] & 15];
	}
	out[2 * DIGEST_BYTES] = '\0';
}

void
hash128(uint8_t out[HASH128_BYTES], const void *p, size_t n)
{
	XXH128_canonical_t c;

	XXH128_canonicalFromHash(&c, XXH3_128bits(n ? p : "", n));
	for (int i = 0; i < HASH128_BYTES; i++)
		out[i] = c.digest[i];
}

uint64_t
hash64(const void *p, size_t n)
{
	return XXH3_64bits(n ? p : "", n);
}
