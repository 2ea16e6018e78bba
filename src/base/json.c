/* The JSON writer (RFC 8259).  Not here: reading JSON. */
#include "base/json.h"

#include <inttypes.h>
#include <string.h>

#include "base/err.h"
#include "base/utf8.h"

void
json_init(struct json *j, struct buf *out)
{
	memset(j, 0, sizeof(*j));
	j->out = out;
	j->first[0] = true;
}

/* Before any value: the comma, unless a key stands before it. */
static void
before_value(struct json *j)
{
	if (j->after_key) {
		j->after_key = false;
		return;
	}
	if (!j->first[j->depth])
		buf_addc(j->out, ',');
	j->first[j->depth] = false;
}

void
json_open(struct json *j, char bracket)
{
	before_value(j);
	BUG_ON(j->depth + 1 >= JSON_DEPTH);
	j->first[++j->depth] = true;
	buf_addc(j->out, bracket);
}

void
json_close(struct json *j, char bracket)
{
	BUG_ON(j->depth == 0 || j->after_key);
	j->depth--;
	buf_addc(j->out, bracket);
}

static void
add_escape(struct buf *out, uint32_t cp)
{
	switch (cp) {
	case '"':
		buf_adds(out, "\\\"");
		break;
	case '\\':
		buf_adds(out, "\\\\");
		break;
	case '\n':
		buf_adds(out, "\\n");
		break;
	case '\r':
		buf_adds(out, "\\r");
		break;
	case '\t':
		buf_adds(out, "\\t");
		break;
	default:
		buf_printf(out, "\\u%04x", (unsigned)cp);
	}
}

static void
add_string(struct buf *out, const char *s, size_t n)
{
	size_t from = 0, i = 0, valid = utf8_valid_prefix(s, n);

	buf_addc(out, '"');
	while (i < n) {
		unsigned char c = (unsigned char)s[i];

		if (i == valid) {
			buf_add(out, s + from, i - from);
			buf_adds(out, "\xEF\xBF\xBD");
			from = ++i;
			valid = i + utf8_valid_prefix(s + i, n - i);
			continue;
		}
		uint32_t cp = c;
		unsigned used = 1;
		/* Of what is longer than a byte, only what begins with these
		 * may have to be escaped. */
		if (c == 0xC2 || c == 0xE2)
			used = utf8_decode(s + i, valid - i, &cp);
		else if (c >= 0x80)
			cp = 'x';
		if (cp == '"' || cp == '\\' || utf8_steers(cp)) {
			buf_add(out, s + from, i - from);
			add_escape(out, cp);
			from = i + used;
		}
		i += used;
	}
	buf_add(out, s + from, n - from);
	buf_addc(out, '"');
}

void
json_key(struct json *j, const char *key)
{
	BUG_ON(j->after_key);
	before_value(j);
	add_string(j->out, key, strlen(key));
	buf_addc(j->out, ':');
	j->after_key = true;
}

void
json_str(struct json *j, const char *s)
{
	if (s)
		json_strn(j, s, strlen(s));
	else
		json_null(j);
}

void
json_strn(struct json *j, const char *s, size_t n)
{
	before_value(j);
	add_string(j->out, s, n);
}

void
json_i64(struct json *j, int64_t v)
{
	before_value(j);
	buf_printf(j->out, "%" PRId64, v);
}

void
json_bool(struct json *j, bool v)
{
	before_value(j);
	buf_adds(j->out, v ? "true" : "false");
}

void
json_raw(struct json *j, const char *value)
{
	before_value(j);
	buf_adds(j->out, value);
}

void
json_null(struct json *j)
{
	before_value(j);
	buf_adds(j->out, "null");
}

void
json_field(struct json *j, const char *key, const char *s)
{
	if (!s || !*s)
		return;
	json_key(j, key);
	json_str(j, s);
}

void
json_field_i64(struct json *j, const char *key, int64_t v)
{
	json_key(j, key);
	json_i64(j, v);
}
