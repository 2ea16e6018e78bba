/* A JSON writer: commas and nesting are kept by the writer, text is escaped,
 * output is UTF-8 on one line.  Text must be valid UTF-8; what is not is
 * written as U+FFFD. */
#ifndef SHEAF_BASE_JSON_H
#define SHEAF_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum { JSON_DEPTH = 32 };

struct json {
	struct buf *out; /* not owned */
	unsigned depth;
	bool first[JSON_DEPTH];
	bool after_key;
};

void json_init(struct json *j, struct buf *out);
void json_open(struct json *j, char bracket); /* '{' or '[' */
void json_close(struct json *j, char bracket); /* '}' or ']' */
void json_key(struct json *j, const char *key);
void json_str(struct json *j, const char *s); /* NULL writes null */
void json_strn(struct json *j, const char *s, size_t n);
void json_i64(struct json *j, int64_t v);
void json_bool(struct json *j, bool v);
/* A value that is JSON already, on one line. */
void json_raw(struct json *j, const char *value);
void json_null(struct json *j);
/* key and value; nothing at all when s is NULL or "". */
void json_field(struct json *j, const char *key, const char *s);
void json_field_i64(struct json *j, const char *key, int64_t v);

#endif
