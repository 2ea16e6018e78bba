/* SHA-256 by nettle, XXH3 by xxhash.  Not here: what is digested. */
#include "base/digest.h"

#include <stdlib.h>
#include <xxhash.h>

#include "base/alloc.h"

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

static void
hash128_write(uint8_t out[HASH128_BYTES], XXH128_hash_t h)
{
	XXH128_canonical_t c;

	XXH128_canonicalFromHash(&c, h);
	for (int i = 0; i < HASH128_BYTES; i++)
		out[i] = c.digest[i];
}

void
hash128(uint8_t out[HASH128_BYTES], const void *p, size_t n)
{
	hash128_write(out, XXH3_128bits(n ? p : "", n));
}

struct hash128_state {
	XXH3_state_t *xxh; /* xxhash wants its own alignment */
};

struct hash128_state *
hash128_new(void)
{
	struct hash128_state *h = xmalloc(sizeof(*h));

	h->xxh = XXH3_createState();
	if (!h->xxh)
		abort();
	hash128_reset(h);
	return h;
}

void
hash128_free(struct hash128_state *h)
{
	if (h)
		XXH3_freeState(h->xxh);
	free(h);
}

void
hash128_reset(struct hash128_state *h)
{
	XXH3_128bits_reset(h->xxh);
}

void
hash128_add(struct hash128_state *h, const void *p, size_t n)
{
	if (n)
		XXH3_128bits_update(h->xxh, p, n);
}

void
hash128_end(const struct hash128_state *h, uint8_t out[HASH128_BYTES])
{
	hash128_write(out, XXH3_128bits_digest(h->xxh));
}

uint64_t
hash64(const void *p, size_t n)
{
	return XXH3_64bits(n ? p : "", n);
}
