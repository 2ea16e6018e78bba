/* What a receiver relies on, asked of each text and each struct by the table.
 * Not here: whether a value is true. */
#include "record/fields.h"

#include <string.h>

#include "base/str.h"
#include "base/utf8.h"
#include "record/record.h"
#include "record/words.h"

static bool
is_alnum(char c)
{
	return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

static bool
all_of(const char *s, size_t n, const char *others)
{
	for (size_t i = 0; i < n; i++)
		if (!is_alnum(s[i]) && !strchr(others, s[i]))
			return false;
	return true;
}

static bool
is_date(const char *s, size_t n)
{
	if (n < 4 || n > 32)
		return false;
	for (size_t i = 0; i < n; i++) {
		bool digit = s[i] >= '0' && s[i] <= '9';

		if (i < 4 ? !digit : !digit && !strchr("-:.TZ", s[i]))
			return false;
	}
	return true;
}

/* Portals put these into href: what would run there is refused. */
static bool
is_link(const char *s, size_t n)
{
	static const char *const never[] = {
	    "javascript:", "vbscript:", "data:", "file:", "blob:"};
	const char *colon = memchr(s, ':', n);
	size_t len = colon ? (size_t)(colon - s) : 0;

	if (len == 0 || len + 1 == n || (s[0] | 32) < 'a' ||
	    (s[0] | 32) > 'z' || !all_of(s, len, "+-."))
		return false;
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)s[i] <= ' ' || s[i] == 0x7F)
			return false;
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		if (str_case_starts(s, never[i]))
			return false;
	return true;
}

static bool
is_number(const char *s, size_t n)
{
	const char *dot = memchr(s, '.', n);
	size_t whole = dot ? (size_t)(dot - s) : n;

	/* JSON has no leading zeros and no bare point */
	if (whole == 0 || n > 15 || (s[0] == '0' && whole > 1) ||
	    (dot && whole + 1 == n))
		return false;
	for (size_t i = 0; i < n; i++)
		if (i != whole && (s[i] < '0' || s[i] > '9'))
			return false;
	return true;
}

static const char *
rule_broken(enum field_rule rule, const char *s, size_t n)
{
	switch (rule) {
	case RULE_NONE:
		break;
	case RULE_CODE:
		return all_of(s, n, "-._:/") ? NULL : "is not a code";
	case RULE_DATE:
		return is_date(s, n) ? NULL : "is not a date in normal form";
	case RULE_URL:
		return is_link(s, n) ? NULL : "is not an absolute link";
	case RULE_NUMBER:
		return is_number(s, n) ? NULL : "is not a number";
	case RULE_LINE:
		return memchr(s, '\n', n) ? "holds a line feed" : NULL;
	}
	return NULL;
}

int
field_check_text(const struct field *f, const char *s, size_t n, struct err *e)
{
	const char *broken;

	if (n > field_text_limit(f))
		return err_set(e, ERR_LIMIT, 0,
		    "%s: a text of %zu bytes, %zu are allowed", f->name, n,
		    field_text_limit(f));
	if (memchr(s, '\0', n))
		return err_set(e, ERR_PROTO, 0, "%s: holds a NUL", f->name);
	if (!utf8_valid(s, n))
		return err_set(
		    e, ERR_PROTO, 0, "%s: is not valid UTF-8", f->name);
	if (n == 0)
		return 0;
	if (f->words && !word_known(f->words, s))
		return err_set(e, ERR_PROTO, 0,
		    "%s: \"%.64s\" is no word of its list", f->name, s);
	broken = rule_broken(f->rule, s, n);
	if (broken)
		return err_set(
		    e, ERR_PROTO, 0, "%s: \"%.128s\" %s", f->name, s, broken);
	return 0;
}

static int
check_list(const struct field *f, const struct any_list *l, struct err *e)
{
	if (l->count > field_list_limit(f))
		return err_set(e, ERR_LIMIT, 0,
		    "%s: %zu values, %zu are allowed", f->name, l->count,
		    field_list_limit(f));
	for (size_t i = 0; i < l->count; i++) {
		if (f->type == FIELD_TEXTS) {
			const char *s = ((const char *const *)l->items)[i];

			if (s && field_check_text(f, s, strlen(s), e) < 0)
				return -1;
		} else if (shape_check(f->shape,
			       (const char *)l->items + i * f->shape->size,
			       e) < 0) {
			return err_prefix(e, "%s", f->name);
		}
	}
	return 0;
}

static int
check_field(const struct field *f, const void *at, struct err *e)
{
	const char *s;

	switch ((enum field_type)f->type) {
	case FIELD_TEXT:
		s = *(const char *const *)at;
		if (f->required && (!s || !*s))
			return err_set(
			    e, ERR_PROTO, 0, "%s: is missing", f->name);
		return s ? field_check_text(f, s, strlen(s), e) : 0;
	case FIELD_TEXTS:
	case FIELD_LIST:
		return check_list(f, at, e);
	case FIELD_STRUCT:
		if (shape_check(f->shape, at, e) < 0)
			return err_prefix(e, "%s", f->name);
		return 0;
	case FIELD_ENUM:
		if (*(const unsigned *)at >= f->limit)
			return err_set(e, ERR_PROTO, 0, "%s: %u is unknown",
			    f->name, *(const unsigned *)at);
		return 0;
	case FIELD_COUNT:
		if (*(const int64_t *)at < -1)
			return err_set(
			    e, ERR_PROTO, 0, "%s: is negative", f->name);
		return 0;
	case FIELD_BOOL:
	case FIELD_U64:
	case FIELD_HASH:
		return 0;
	}
	return 0;
}

int
shape_check(const struct shape *sh, const void *item, struct err *e)
{
	for (unsigned i = 0; i < sh->count; i++)
		if (check_field(&sh->fields[i],
			(const char *)item + sh->fields[i].offset, e) < 0)
			return -1;
	return 0;
}

static bool
field_empty(const struct field *f, const void *at)
{
	const struct any_list *l = at;
	const char *s;

	switch ((enum field_type)f->type) {
	case FIELD_TEXT:
		s = *(const char *const *)at;
		return !s || !*s;
	case FIELD_BOOL:
		return !*(const bool *)at;
	case FIELD_U64:
		return *(const uint64_t *)at == 0;
	case FIELD_COUNT:
		return *(const int64_t *)at == -1;
	case FIELD_ENUM:
		return *(const unsigned *)at == 0;
	case FIELD_HASH:
		return false;
	case FIELD_STRUCT:
		return shape_empty(f->shape, at);
	case FIELD_TEXTS:
		for (size_t i = 0; i < l->count; i++) {
			s = ((const char *const *)l->items)[i];
			if (s && *s)
				return false;
		}
		return true;
	case FIELD_LIST:
		for (size_t i = 0; i < l->count; i++)
			if (!shape_empty(f->shape,
				(const char *)l->items + i * f->shape->size))
				return false;
		return true;
	}
	return true;
}

bool
shape_empty(const struct shape *sh, const void *item)
{
	for (unsigned i = 0; i < sh->count; i++)
		if (!field_empty(&sh->fields[i],
			(const char *)item + sh->fields[i].offset))
			return false;
	return true;
}

int
record_check(const struct record *r, struct err *e)
{
	return shape_check(&shape_record, r, e);
}
