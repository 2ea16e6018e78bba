/*
 * How the structs of record.h and facts.h are described to the encoder, the
 * decoder, the checker and the JSON writer.  For this room only.
 *
 * Tags are kept in databases: a tag is never given to another field.  Within a
 * struct the encoding has the fields in the order of the table.
 */
#ifndef SHEAF_RECORD_FIELDS_H
#define SHEAF_RECORD_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum field_type {
	FIELD_TEXT, /* const char *; NULL and "" are the same: no value */
	FIELD_BOOL, /* bool; false is no value */
	FIELD_U64, /* uint64_t; 0 is no value */
	FIELD_COUNT, /* int64_t from 0; -1 is no value */
	FIELD_ENUM, /* an enum below `limit`; 0 is no value */
	FIELD_HASH, /* HASH128_BYTES bytes, always there */
	FIELD_TEXTS, /* RECORD_LIST(const char *); empty texts are left out */
	FIELD_STRUCT, /* one struct of `shape`, in place */
	FIELD_LIST, /* RECORD_LIST of `shape`; empty ones are left out */
};

/* What a text must look like beyond UTF-8. */
enum field_rule {
	RULE_NONE,
	RULE_CODE, /* letters, digits and -._:/ */
	RULE_DATE, /* 2014, 2014-05, 2014-05-01 or an instant */
	RULE_URL, /* absolute, and of no scheme that runs or reads files */
	RULE_NUMBER, /* digits, a decimal point at most */
	RULE_LINE, /* no line feed */
};

enum field_json {
	AS_IS,
	AS_NUMBER, /* a text that is a number */
	AS_OBJECTS, /* FIELD_TEXTS as [{"text": …}] */
	NOT_SHOWN, /* for the registry's columns alone */
};

struct shape;
struct field {
	const char *name; /* in JSON and in errors */
	uint8_t tag; /* in the encoding; 0: not encoded (the head) */
	uint8_t type; /* enum field_type */
	uint8_t rule; /* enum field_rule */
	uint8_t json; /* enum field_json */
	uint16_t offset;
	bool required; /* a text that must be there */
	const struct shape *shape; /* FIELD_STRUCT, FIELD_LIST */
	const char *const *words; /* FIELD_TEXT: the only ones allowed */
	size_t limit; /* bytes of a text, values of a list; 0: the usual ones */
	size_t text_limit; /* FIELD_TEXTS: bytes of each; 0: the usual ones */
};
struct shape {
	size_t size; /* of one struct */
	unsigned count;
	const struct field *fields;
};

/* Every RECORD_LIST has this layout. */
struct any_list {
	void *items;
	size_t count, cap;
};

extern const struct shape shape_record; /* head and content */
extern const struct shape shape_facts;
extern const struct shape shape_facts_error, shape_facts_format;
extern const struct shape shape_facts_set, shape_facts_feed, shape_facts_offer;
extern const struct shape shape_warning;

size_t field_text_limit(const struct field *f);
size_t field_list_limit(const struct field *f);

/* All that is asked of one text; the same for decoder and checker.  0 or -1,
 * naming the field. */
int
field_check_text(const struct field *f, const char *s, size_t n, struct err *e);
/* The whole of one struct. */
int shape_check(const struct shape *sh, const void *item, struct err *e);
/* No field has a value. */
bool shape_empty(const struct shape *sh, const void *item);

#endif
