/*
 * Structs of the table as bytes, and back.  For this room only; numbers and
 * texts also for other encodings of what a record says.
 *
 * A struct is its fields that have a value, in the order of the table, and a
 * zero byte.  A field is u8 tag, then
 *	text     varint length, bytes, NUL
 *	bool     nothing: it is true
 *	number   varint
 *	hash     its bytes
 *	texts    varint count, then texts
 *	struct   a struct
 *	list     varint count, then structs
 * What has no value is left out, in lists too, so equal content has equal
 * bytes.  A varint is little-endian base 128 in its shortest form.
 */
#ifndef SHEAF_RECORD_CODEC_H
#define SHEAF_RECORD_CODEC_H

#include "base/arena.h"
#include "base/buf.h"
#include "record/fields.h"

struct cursor {
	const uint8_t *p, *end;
};

/* Failure of the encoder shows in out->full. */
void encode_varint(struct buf *out, uint64_t v);
void encode_text(struct buf *out, const char *s, size_t n);
void encode_shape(struct buf *out, const struct shape *sh, const void *item);

int decode_varint(struct cursor *c, uint64_t *v, struct err *e);
/* A text in place, its NUL checked; what it holds is not. */
int decode_text(struct cursor *c, const char **s, size_t *n, struct err *e);
/* *item comes zeroed; FIELD_COUNTs become -1.  Texts point into the cursor's
 * bytes, lists into `a`.  Checked as by shape_check, required fields apart. */
int decode_shape(struct cursor *c, struct arena *a, const struct shape *sh,
    void *item, struct err *e);

#endif
