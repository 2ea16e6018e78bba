/*
 * Entities that a feed declares itself, in its document type's internal
 * subset.  They are put in as text, before anything else reads the item, and
 * only those that are written out: external and parameter entities are never
 * looked at.  What an entity refers to is put in when it is declared, within
 * LIMIT_ENTITY_BYTES, so that expansion is one level deep and bounded.
 */
#ifndef SHEAF_PARSE_FEED_ENTITIES_H
#define SHEAF_PARSE_FEED_ENTITIES_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"

struct feed_entity {
	const char *name, *value;
	size_t name_len, len;
};

struct feed_entities {
	struct feed_entity list[LIMIT_ENTITIES];
	size_t count;
};

/* The declarations of a DOCTYPE; what is kept lives in the arena. */
void feed_entities_read(
    struct feed_entities *s, struct arena *a, const char *doctype, size_t n);
/* Copies p to out with the references replaced; how many there were.  With 0,
 * out is as it was.  CDATA sections are copied as they are.  The caller checks
 * out->full. */
size_t feed_entities_replace(
    const struct feed_entities *s, struct buf *out, const char *p, size_t n);

#endif
