/* SHA-256 (nettle) where identity and change are decided; XXH3-128 for tables
 * and for telling pages of one run apart, never to merge or to skip. */
#ifndef SHEAF_BASE_DIGEST_H
#define SHEAF_BASE_DIGEST_H

#include <nettle/sha2.h>
#include <stddef.h>
#include <stdint.h>

enum { DIGEST_BYTES = 32, HASH128_BYTES = 16 };

struct digest {
	struct sha256_ctx ctx;
};
void digest_init(struct digest *d);
void digest_add(struct digest *d, const void *p, size_t n);
void digest_end(struct digest *d, uint8_t out[DIGEST_BYTES]);
void digest_hex(char out[2 * DIGEST_BYTES + 1], const uint8_t in[DIGEST_BYTES]);

void hash128(uint8_t out[HASH128_BYTES], const void *p, size_t n);
/* The same piece by piece; hash128_reset begins a new one. */
struct hash128_state;
struct hash128_state *hash128_new(void);
void hash128_free(struct hash128_state *h); /* NULL is fine */
void hash128_reset(struct hash128_state *h);
void hash128_add(struct hash128_state *h, const void *p, size_t n);
void hash128_end(const struct hash128_state *h, uint8_t out[HASH128_BYTES]);
uint64_t hash64(const void *p, size_t n);

#endif
