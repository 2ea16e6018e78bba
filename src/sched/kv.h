/*
 * Texts of "key=value" lines: the driver's state, quirks and facts.  Order is
 * kept, a key stands once, keys that nobody knows survive reading and writing.
 */
#ifndef SHEAF_SCHED_KV_H
#define SHEAF_SCHED_KV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct kv_pair {
	char *key, *value;
};
struct kv { /* zeroed memory is an empty one */
	struct kv_pair *pairs;
	size_t count, cap;
};

void kv_release(struct kv *kv);
/* Adds the lines of text; lines without "=" are skipped.  Values in which
 * control characters and % were percent-encoded are decoded. */
void kv_read(struct kv *kv, const char *text);
const char *kv_get(const struct kv *kv, const char *key); /* "" when absent */
/* Sets; a value of NULL or "" removes.  The clean one is for texts of others:
 * runs of white space and control characters become one space, and the value
 * is cut at 512 bytes. */
void kv_set(struct kv *kv, const char *key, const char *value);
void kv_set_clean(struct kv *kv, const char *key, const char *value);
void kv_write(const struct kv *kv, struct buf *out);
/* One line, as kv_read() reads it; nothing when the value is NULL or "". */
void kv_line(struct buf *out, const char *key, const char *value);

#endif
