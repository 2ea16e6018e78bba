/* RECORD.md's JSON from the table.  Not here: the page object (facts.c). */
#include "record/json.h"

#include <stdlib.h>
#include <string.h>

#include "record/record.h"

static void
texts(struct json *j, const struct field *f, const struct any_list *l)
{
	const char *const *items = l->items;
	bool any = false;

	for (size_t i = 0; i < l->count; i++) {
		if (!items[i] || !*items[i])
			continue;
		if (!any) {
			json_key(j, f->name);
			json_open(j, '[');
			any = true;
		}
		if (f->json == AS_OBJECTS) {
			json_open(j, '{');
			json_field(j, "text", items[i]);
			json_close(j, '}');
		} else if (f->json == AS_NUMBER) {
			json_i64(j, strtoll(items[i], NULL, 10));
		} else {
			json_str(j, items[i]);
		}
	}
	if (any)
		json_close(j, ']');
}

void
json_shape_list(
    struct json *j, const char *key, const struct shape *sh, const void *list)
{
	const struct any_list *l = list;
	bool any = false;

	for (size_t i = 0; i < l->count; i++) {
		const char *item = (const char *)l->items + i * sh->size;

		if (shape_empty(sh, item))
			continue;
		if (!any) {
			json_key(j, key);
			json_open(j, '[');
			any = true;
		}
		json_open(j, '{');
		json_shape_fields(j, sh, item);
		json_close(j, '}');
	}
	if (any)
		json_close(j, ']');
}

/* A text that field_check_text found to be a JSON number. */
static void
number(struct json *j, const struct field *f, const char *s)
{
	if (field_check_text(f, s, strlen(s), NULL) < 0) {
		json_field(j, f->name, s);
		return;
	}
	json_key(j, f->name);
	j->after_key = false;
	buf_adds(j->out, s);
}

static void
field(struct json *j, const struct field *f, const void *at)
{
	const char *s;

	switch ((enum field_type)f->type) {
	case FIELD_TEXT:
		s = *(const char *const *)at;
		if (s && *s && f->json == AS_NUMBER)
			number(j, f, s);
		else
			json_field(j, f->name, s);
		break;
	case FIELD_BOOL:
		if (*(const bool *)at) {
			json_key(j, f->name);
			json_bool(j, true);
		}
		break;
	case FIELD_TEXTS:
		texts(j, f, at);
		break;
	case FIELD_STRUCT:
		if (shape_empty(f->shape, at))
			break;
		json_key(j, f->name);
		json_open(j, '{');
		json_shape_fields(j, f->shape, at);
		json_close(j, '}');
		break;
	case FIELD_LIST:
		json_shape_list(j, f->name, f->shape, at);
		break;
	case FIELD_U64:
		if (*(const uint64_t *)at != 0)
			json_field_i64(
			    j, f->name, (int64_t) * (const uint64_t *)at);
		break;
	case FIELD_COUNT:
	case FIELD_ENUM:
	case FIELD_HASH: /* only facts have these */
		break;
	}
}

void
json_shape_field(struct json *j, const struct field *f, const void *item)
{
	field(j, f, (const char *)item + f->offset);
}

void
json_shape_fields(struct json *j, const struct shape *sh, const void *item)
{
	for (unsigned i = 0; i < sh->count; i++)
		if (sh->fields[i].json != NOT_SHOWN)
			json_shape_field(j, &sh->fields[i], item);
}

static void
place(struct json *j, uint64_t offset, uint64_t length)
{
	json_field_i64(j, "offset", (int64_t)offset);
	json_field_i64(j, "length", (int64_t)length);
}

/* Of a record without content. */
static void
bare_fields(struct json *j, const struct record *r)
{
	json_field(j, "identifier", r->identifier);
	json_field(j, "datestamp", r->datestamp);
	if (r->sets.count) {
		json_key(j, "sets");
		json_open(j, '[');
		for (size_t i = 0; i < r->sets.count; i++)
			json_str(j, r->sets.items[i]);
		json_close(j, ']');
	}
	json_key(j, r->filtered ? "filtered" : "deleted");
	json_bool(j, true);
}

/* RECORD.md has offset and length before the warnings, which end the table,
 * behind what duplicates are recognised by. */
static void
live_fields(struct json *j, const struct record *r, unsigned with)
{
	struct shape all = shape_record, rest = shape_record;

	all.count--;
	json_shape_fields(j, &all, r);
	if (with & RECORD_MATCH)
		json_shape_field(j, &all.fields[all.count - 1], r);
	if (with & RECORD_PLACE)
		place(j, r->offset, r->length);
	rest.fields += all.count;
	rest.count = 1;
	json_shape_fields(j, &rest, r);
}

void
record_json(struct buf *out, const struct record *r, unsigned with)
{
	struct json j;

	json_init(&j, out);
	json_open(&j, '{');
	json_field(&j, "type", "record");
	json_field_i64(&j, "v", 1);
	if (r->deleted || r->filtered) {
		bare_fields(&j, r);
		if (with & RECORD_PLACE)
			place(&j, r->offset, r->length);
	} else {
		live_fields(&j, r, with);
	}
	json_close(&j, '}');
}

void
reject_json(struct buf *out, const struct reject *r)
{
	struct json j;

	json_init(&j, out);
	json_open(&j, '{');
	json_field(&j, "type", "reject");
	json_field(&j, "identifier", r->identifier);
	place(&j, r->offset, r->length);
	json_field(&j, "reason", r->reason);
	json_close(&j, '}');
}
