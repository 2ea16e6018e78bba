/* The layout of frames, shared by the two ends of the stream.  For this room
 * only. */
#ifndef SHEAF_RECORD_FRAME_H
#define SHEAF_RECORD_FRAME_H

#include <stdint.h>

#include "base/digest.h"
#include "base/limits.h"

#define STREAM_MAGIC "SHEAFREC\x01"

enum {
	STREAM_MAGIC_BYTES = 9,
	FRAME_HEAD = 5, /* u32 length of type and payload, u8 type */
	/* u8 flags, u64 offset, u64 length, digest; then the texts
	 * identifier, its basis, datestamp, sets, context (codec.h), varint
	 * length and bytes of the element, and the content to the end */
	RECORD_FIXED = 1 + 8 + 8 + DIGEST_BYTES,
	RECORD_DELETED = 1,
	RECORD_HEADER_ONLY = 2,
	RECORD_KNOWN = 4, /* no content: record/known.h */
	RECORD_FILTERED = 8, /* no content: the source's keep leaves it out */
	/* Its context is that of the record before it, and is not said again:
	 * a page of many small records would be a stream of contexts. */
	RECORD_SAME_CONTEXT = 16,
};

/* a record's element, its content, its namespaces, its sets, and small change
 */
#define LIMIT_SETS_BYTES (LIMIT_SETS_PER_RECORD * (LIMIT_SETSPEC_BYTES + 1))
#define FRAME_MAX                                                              \
	(LIMIT_RECORD_BYTES + LIMIT_DOC_BYTES + LIMIT_XML_MARKUP_BYTES +       \
	    LIMIT_SETS_BYTES + 64 * KIB)

static inline void
frame_put_u32(void *at, uint32_t v)
{
	uint8_t *p = at;

	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

static inline uint32_t
frame_get_u32(const void *at)
{
	const uint8_t *p = at;

	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[3] << 24;
}

static inline void
frame_put_u64(void *at, uint64_t v)
{
	frame_put_u32(at, (uint32_t)v);
	frame_put_u32((uint8_t *)at + 4, (uint32_t)(v >> 32));
}

static inline uint64_t
frame_get_u64(const void *at)
{
	return frame_get_u32(at) |
	       (uint64_t)frame_get_u32((const uint8_t *)at + 4) << 32;
}

#endif
