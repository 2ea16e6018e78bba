/* Encoder and decoder, side by side.  Not here: frames (stream.c). */
#include "record/codec.h"

#include <string.h>

#include "base/digest.h"

enum { VARINT_BYTES = 10 };

static unsigned
put_varint(uint8_t *at, uint64_t v)
{
	unsigned n = 0;

	while (v >= 0x80) {
		at[n++] = (uint8_t)(v | 0x80);
		v >>= 7;
	}
	at[n++] = (uint8_t)v;
	return n;
}

void
encode_varint(struct buf *out, uint64_t v)
{
	char *at = buf_reserve(out, VARINT_BYTES);

	if (at)
		buf_added(out, put_varint((uint8_t *)at, v));
}

int
decode_varint(struct cursor *c, uint64_t *v, struct err *e)
{
	uint64_t r = 0;

	for (unsigned shift = 0; shift < 64 && c->p < c->end; shift += 7) {
		uint8_t b = *c->p++;

		if (shift == 63 && b > 1)
			break;
		r |= (uint64_t)(b & 0x7F) << shift;
		if (b & 0x80)
			continue;
		if (b == 0 && shift > 0) /* not the shortest */
			break;
		*v = r;
		return 0;
	}
	return err_set(e, ERR_PROTO, 0, "a number is cut off or overlong");
}

/* tag and text in one go: nearly everything is texts */
static void
encode_tagged(struct buf *out, uint8_t tag, const char *s, size_t n)
{
	uint8_t *at = (uint8_t *)buf_reserve(out, n + VARINT_BYTES + 2);
	size_t len = 0;

	if (!at)
		return;
	if (tag)
		at[len++] = tag;
	len += put_varint(at + len, n);
	if (n)
		memcpy(at + len, s, n);
	len += n;
	at[len++] = '\0';
	buf_added(out, len);
}

void
encode_text(struct buf *out, const char *s, size_t n)
{
	encode_tagged(out, 0, s, n);
}

int
decode_text(struct cursor *c, const char **s, size_t *n, struct err *e)
{
	uint64_t len;

	if (decode_varint(c, &len, e) < 0)
		return -1;
	if (len >= (uint64_t)(c->end - c->p))
		return err_set(e, ERR_PROTO, 0, "a text is cut off");
	if (c->p[len] != '\0')
		return err_set(e, ERR_PROTO, 0, "a text does not end in NUL");
	*s = (const char *)c->p;
	*n = (size_t)len;
	c->p += len + 1;
	return 0;
}

static void
encode_texts(struct buf *out, const struct field *f, const struct any_list *l)
{
	const char *const *texts = l->items;
	size_t count = 0;

	for (size_t i = 0; i < l->count; i++)
		count += texts[i] && *texts[i];
	if (count == 0)
		return;
	buf_addc(out, (char)f->tag);
	encode_varint(out, count);
	for (size_t i = 0; i < l->count; i++)
		if (texts[i] && *texts[i])
			encode_text(out, texts[i], strlen(texts[i]));
}

static void
encode_list(struct buf *out, const struct field *f, const struct any_list *l)
{
	const char *items = l->items;
	size_t count = 0, size = f->shape->size;

	for (size_t i = 0; i < l->count; i++)
		count += !shape_empty(f->shape, items + i * size);
	if (count == 0)
		return;
	buf_addc(out, (char)f->tag);
	encode_varint(out, count);
	for (size_t i = 0; i < l->count; i++)
		if (count == l->count ||
		    !shape_empty(f->shape, items + i * size))
			encode_shape(out, f->shape, items + i * size);
}

static void
encode_number(struct buf *out, const struct field *f, uint64_t v)
{
	buf_addc(out, (char)f->tag);
	encode_varint(out, v);
}

static void
encode_field(struct buf *out, const struct field *f, const void *at)
{
	const char *s;

	switch ((enum field_type)f->type) {
	case FIELD_TEXT:
		s = *(const char *const *)at;
		if (s && *s)
			encode_tagged(out, f->tag, s, strlen(s));
		break;
	case FIELD_BOOL:
		if (*(const bool *)at)
			buf_addc(out, (char)f->tag);
		break;
	case FIELD_U64:
		if (*(const uint64_t *)at)
			encode_number(out, f, *(const uint64_t *)at);
		break;
	case FIELD_COUNT:
		if (*(const int64_t *)at >= 0)
			encode_number(out, f, (uint64_t) * (const int64_t *)at);
		break;
	case FIELD_ENUM:
		if (*(const unsigned *)at)
			encode_number(out, f, *(const unsigned *)at);
		break;
	case FIELD_HASH:
		buf_addc(out, (char)f->tag);
		buf_add(out, at, HASH128_BYTES);
		break;
	case FIELD_TEXTS:
		encode_texts(out, f, at);
		break;
	case FIELD_STRUCT:
		if (shape_empty(f->shape, at))
			break;
		buf_addc(out, (char)f->tag);
		encode_shape(out, f->shape, at);
		break;
	case FIELD_LIST:
		encode_list(out, f, at);
		break;
	}
}

void
encode_shape(struct buf *out, const struct shape *sh, const void *item)
{
	for (unsigned i = 0; i < sh->count; i++)
		if (sh->fields[i].tag)
			encode_field(out, &sh->fields[i],
			    (const char *)item + sh->fields[i].offset);
	buf_addc(out, '\0');
}

/* Decoded lists have at least one value, and every value at least a byte, so
 * a count beyond what is left is a lie that costs no memory. */
static int
decode_count(
    struct cursor *c, const struct field *f, size_t *count, struct err *e)
{
	uint64_t n;

	if (decode_varint(c, &n, e) < 0)
		return -1;
	if (n == 0 || n > (uint64_t)(c->end - c->p))
		return err_set(e, ERR_PROTO, 0,
		    "%s: a list that says %llu values and does not have them",
		    f->name, (unsigned long long)n);
	if (n > field_list_limit(f))
		return err_set(e, ERR_LIMIT, 0,
		    "%s: %llu values, %zu are allowed", f->name,
		    (unsigned long long)n, field_list_limit(f));
	*count = (size_t)n;
	return 0;
}

static int
decode_checked(
    struct cursor *c, const struct field *f, const char **s, struct err *e)
{
	size_t n;

	if (decode_text(c, s, &n, e) < 0)
		return err_prefix(e, "%s", f->name);
	if (n == 0)
		return err_set(e, ERR_PROTO, 0, "%s: an empty text", f->name);
	return field_check_text(f, *s, n, e);
}

static int
decode_list(struct cursor *c, struct arena *a, const struct field *f,
    struct any_list *l, struct err *e)
{
	size_t count = 0, size;

	if (decode_count(c, f, &count, e) < 0)
		return -1;
	size = f->type == FIELD_TEXTS ? sizeof(char *) : f->shape->size;
	l->items = arena_calloc(a, count, size);
	if (!l->items)
		return err_set(
		    e, ERR_LIMIT, 0, "%s: no memory left for it", f->name);
	l->count = l->cap = count;
	for (size_t i = 0; i < count; i++) {
		char *at = (char *)l->items + i * size;

		if (f->type == FIELD_TEXTS) {
			if (decode_checked(c, f, (const char **)at, e) < 0)
				return -1;
			continue;
		}
		if (c->p < c->end && *c->p == 0)
			return err_set(
			    e, ERR_PROTO, 0, "%s: an empty value", f->name);
		if (decode_shape(c, a, f->shape, at, e) < 0)
			return err_prefix(e, "%s", f->name);
	}
	return 0;
}

static int
decode_number(struct cursor *c, const struct field *f, void *at, struct err *e)
{
	uint64_t v;

	if (decode_varint(c, &v, e) < 0)
		return err_prefix(e, "%s", f->name);
	if (f->type == FIELD_U64) {
		*(uint64_t *)at = v;
	} else if (f->type == FIELD_COUNT) {
		if (v > INT64_MAX)
			return err_set(
			    e, ERR_PROTO, 0, "%s: is too large", f->name);
		*(int64_t *)at = (int64_t)v;
	} else {
		if (v >= f->limit)
			return err_set(e, ERR_PROTO, 0, "%s: %llu is unknown",
			    f->name, (unsigned long long)v);
		*(unsigned *)at = (unsigned)v;
	}
	return 0;
}

static int
decode_field(struct cursor *c, struct arena *a, const struct field *f, void *at,
    struct err *e)
{
	switch ((enum field_type)f->type) {
	case FIELD_TEXT:
		return decode_checked(c, f, at, e);
	case FIELD_BOOL:
		*(bool *)at = true;
		return 0;
	case FIELD_U64:
	case FIELD_COUNT:
	case FIELD_ENUM:
		return decode_number(c, f, at, e);
	case FIELD_HASH:
		if (c->end - c->p < HASH128_BYTES)
			return err_set(
			    e, ERR_PROTO, 0, "%s: is cut off", f->name);
		memcpy(at, c->p, HASH128_BYTES);
		c->p += HASH128_BYTES;
		return 0;
	case FIELD_STRUCT:
		if (decode_shape(c, a, f->shape, at, e) < 0)
			return err_prefix(e, "%s", f->name);
		return 0;
	case FIELD_TEXTS:
	case FIELD_LIST:
		return decode_list(c, a, f, at, e);
	}
	return 0;
}

int
decode_shape(struct cursor *c, struct arena *a, const struct shape *sh,
    void *item, struct err *e)
{
	unsigned next = 0;

	for (unsigned i = 0; i < sh->count; i++)
		if (sh->fields[i].type == FIELD_COUNT)
			*(int64_t *)((char *)item + sh->fields[i].offset) = -1;
	while (c->p < c->end) {
		uint8_t tag = *c->p++;
		const struct field *f;

		if (tag == 0)
			return 0;
		while (next < sh->count && sh->fields[next].tag != tag)
			next++;
		if (next == sh->count)
			return err_set(e, ERR_PROTO, 0,
			    "field %u is unknown, or not in its place", tag);
		f = &sh->fields[next++];
		if (decode_field(c, a, f, (char *)item + f->offset, e) < 0)
			return -1;
	}
	return err_set(e, ERR_PROTO, 0, "cut off between two fields");
}
