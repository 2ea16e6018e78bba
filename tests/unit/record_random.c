/* Making random records.  Walks the table of fields, so that a new field is
 * covered without a word here. */
#include "record_random.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "record/fields.h"

unsigned
dice_roll(struct dice *d, unsigned sides)
{
	d->state =
	    d->state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (unsigned)(d->state >> 33) % sides;
}

static const char *
random_text(struct arena *a, struct dice *d, size_t most)
{
	static const uint32_t tops[] = {0x7F, 0x7FF, 0xD7FF, 0x10FFFF};
	unsigned count = 1 + dice_roll(d, dice_roll(d, 50) ? 40 : 3000);
	char *text = arena_alloc(a, count * 4 + 1), *p = text;

	while (count-- > 0)
		p += utf8_encode(p, 1 + dice_roll(d, tops[dice_roll(d, 4)]));
	p = text + utf8_cut(text, (size_t)(p - text), most);
	if (p == text)
		*p++ = 'x';
	*p = '\0';
	return text;
}

static const char *
random_value(const struct field *f, struct arena *a, struct dice *d)
{
	unsigned count = 0;

	if (f->words) {
		while (f->words[count])
			count++;
		return f->words[dice_roll(d, count)];
	}
	switch ((enum field_rule)f->rule) {
	case RULE_CODE:
		return arena_printf(a, "c-%u.x", dice_roll(d, 1000));
	case RULE_DATE:
		return arena_printf(a, "%04u-%02u", 1900 + dice_roll(d, 200),
		    1 + dice_roll(d, 12));
	case RULE_URL:
		return arena_printf(a, "https://h/%u", dice_roll(d, 1000));
	case RULE_NUMBER:
		return arena_printf(a, "%u", dice_roll(d, 10));
	case RULE_LINE:
		return arena_printf(a, "set:%u", dice_roll(d, 1000));
	case RULE_NONE:
		break;
	}
	return random_text(a, d, field_text_limit(f));
}

static void random_shape(
    const struct shape *sh, void *item, struct arena *a, struct dice *d);

static void
random_list(
    const struct field *f, struct any_list *l, struct arena *a, struct dice *d)
{
	size_t size = f->shape ? f->shape->size : sizeof(char *);

	l->count = l->cap = dice_roll(
	    d, field_list_limit(f) < 3 ? (unsigned)field_list_limit(f) + 1 : 4);
	l->items = arena_calloc(a, l->count, size);
	for (size_t i = 0; i < l->count; i++) {
		char *at = (char *)l->items + i * size;

		if (f->shape) {
			do
				random_shape(f->shape, at, a, d);
			while (shape_empty(f->shape, at));
		} else {
			*(const char **)at = random_value(f, a, d);
		}
	}
}

static void
random_shape(
    const struct shape *sh, void *item, struct arena *a, struct dice *d)
{
	for (unsigned i = 0; i < sh->count; i++) {
		const struct field *f = &sh->fields[i];
		char *at = (char *)item + f->offset;

		if (!f->required && dice_roll(d, 2))
			continue;
		switch ((enum field_type)f->type) {
		case FIELD_TEXT:
			*(const char **)at = random_value(f, a, d);
			break;
		case FIELD_BOOL:
			*(bool *)at = true;
			break;
		case FIELD_STRUCT:
			random_shape(f->shape, at, a, d);
			break;
		case FIELD_TEXTS:
		case FIELD_LIST:
			random_list(f, (struct any_list *)at, a, d);
			break;
		case FIELD_U64:
		case FIELD_COUNT:
		case FIELD_ENUM:
		case FIELD_HASH:
			break;
		}
	}
}

void
random_record(struct record *r, struct arena *a, struct dice *d)
{
	memset(r, 0, sizeof(*r));
	random_shape(&shape_record, r, a, d);
	r->deleted = false;
	r->header_only = dice_roll(d, 8) == 0;
	r->datestamp = dice_roll(d, 2) ? "2024-05-01T10:00:00Z" : NULL;
	r->identifier = arena_printf(a, "oai:x:%u", dice_roll(d, 1000000));
	r->offset = dice_roll(d, 1000000);
	r->length = dice_roll(d, 4000);
	for (int i = 0; i < DIGEST_BYTES; i++)
		r->digest[i] = (uint8_t)dice_roll(d, 256);
	if (dice_roll(d, 3) == 0) {
		r->element = random_text(a, d, SIZE_MAX);
		r->element_len = strlen(r->element);
	}
	if (dice_roll(d, 3) == 0)
		r->context = "xmlns:dc=\"http://purl.org/dc/elements/1.1/\"";
}
