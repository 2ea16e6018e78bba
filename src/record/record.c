/* Building a record, and its content as bytes.  Not here: what the bytes are
 * (codec.c) and how records travel (stream.c). */
#include "record/record.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "record/codec.h"

/* First byte of an encoded record.  Another number is another table. */
enum { DOC_VERSION = 1 };

void *
record_add_(
    struct arena *a, void **items, size_t *count, size_t *cap, size_t size)
{
	void *item;

	if (*count >= LIMIT_VALUES_PER_FIELD)
		return NULL;
	if (*count == *cap) {
		size_t more = *cap ? *cap * 2 : 4;
		void *grown = arena_alloc(a, more * size);

		if (!grown)
			return NULL;
		if (*count)
			memcpy(grown, *items, *count * size);
		*items = grown;
		*cap = more;
	}
	item = (char *)*items + (*count)++ * size;
	memset(item, 0, size);
	return item;
}

void
record_warn(
    struct record *r, struct arena *a, const char *code, const char *fmt, ...)
{
	struct rec_warning *w;
	char text[512];
	va_list ap;
	size_t n;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (len < 0 || r->warnings.count >= LIMIT_WARNINGS)
		return;
	n = utf8_valid_prefix(text, strlen(text));
	text[n] = '\0';
	for (size_t i = 0; i < r->warnings.count; i++) {
		w = &r->warnings.items[i];
		if (strcmp(w->code, code) == 0 &&
		    strcmp(w->text ? w->text : "", text) == 0)
			return;
	}
	w = record_add(a, &r->warnings);
	if (!w)
		return;
	w->code = code;
	w->text = n ? arena_strndup(a, text, n) : NULL;
}

int
record_encode_doc(struct buf *out, const struct record *r)
{
	buf_addc(out, DOC_VERSION);
	encode_shape(out, &shape_record, r);
	return out->full ? -1 : 0;
}

/* The content becomes empty; head and place stay as they are. */
static void
clear_content(struct record *r)
{
	size_t from = offsetof(struct record, kind);

	memset((char *)r + from, 0, offsetof(struct record, offset) - from);
}

int
record_decode_doc(struct record *r, struct arena *a, const void *data, size_t n,
    struct err *e)
{
	struct cursor c;
	char *copy;

	clear_content(r);
	if (n == 0)
		return 0;
	if (n > LIMIT_DOC_BYTES)
		return err_set(e, ERR_LIMIT, 0,
		    "a record's content of %zu bytes, %zu are allowed", n,
		    LIMIT_DOC_BYTES);
	copy = arena_strndup(a, data, n);
	if (!copy)
		return err_set(e, ERR_LIMIT, 0,
		    "no memory left for a record's content of %zu bytes", n);
	c.p = (const uint8_t *)copy;
	c.end = c.p + n;
	if (*c.p++ != DOC_VERSION)
		return err_set(e, ERR_PROTO, 0,
		    "a record's content of version %u, %u is known",
		    (unsigned char)*copy, DOC_VERSION);
	if (decode_shape(&c, a, &shape_record, r, e) < 0)
		return err_prefix(e, "a record's content");
	if (c.p != c.end)
		return err_set(e, ERR_PROTO, 0,
		    "a record's content: %td bytes after its end", c.end - c.p);
	return 0;
}
