/* vCards: properties, and the name that they give. */
#include "crosswalk/vcard.h"

#include <string.h>
#include <strings.h>

#include "crosswalk/text.h"

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool
is_letter(char c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

/* Bytes of a property's name, group and parameters with its colon, or 0. */
static size_t
head(const char *p, const char *end)
{
	const char *q = p;
	bool has_name = false;

	while (q < end && (is_letter(*q) || text_is_digit(*q)))
		q++;
	if (q == end || *q++ != '.')
		q = p; /* no group */
	while (q < end && ((*q >= 'A' && *q <= 'Z') || *q == '-' ||
			      (has_name && *q >= '0' && *q <= '9'))) {
		has_name = true;
		q++;
	}
	if (!has_name || q == end)
		return 0;
	if (*q == ';')
		while (q < end && *q != ':' && !is_space(*q))
			q++;
	return q < end && *q == ':' ? (size_t)(q + 1 - p) : 0;
}

/* What follows a line feed is a property, indented or not, or nothing. */
static bool
is_new_line(const char *p, const char *end)
{
	const char *q = p;

	while (q < end && (*q == ' ' || *q == '\t'))
		q++;
	return q == p || head(q, end) > 0;
}

/* Where a property's value ends: at the line's end that no white space follows
 * (a folded line goes on), or in a card on one line before the next property.
 */
static const char *
value_end(const char *p, const char *end, bool has_lines)
{
	for (; p < end; p++) {
		if (has_lines && *p == '\n' && is_new_line(p + 1, end))
			return p;
		if (!has_lines && is_space(*p) && head(p + 1, end) > 0)
			return p;
	}
	return end;
}

static const char *
unescaped(struct arena *a, const char *text, size_t n)
{
	char *out = arena_alloc(a, n + 1), *o = out;

	for (size_t i = 0; i < n; i++) {
		if (text[i] == '\\' && i + 1 < n &&
		    strchr(",;\\:", text[i + 1]))
			i++;
		else if (text[i] == '\\' && i + 1 < n &&
			 (text[i + 1] | 0x20) == 'n') {
			*o++ = ' ';
			i++;
			continue;
		}
		*o++ = text[i];
	}
	out = text_line(a, out, (size_t)(o - out));
	return *out != '\0' ? out : NULL;
}

/* The value as it stands there. */
static const char *
find(const char *text, size_t n, const char *name, size_t *len)
{
	const char *end = text + n, *p = text;
	size_t k, wanted = strlen(name);
	bool has_lines = memchr(text, '\n', n) != NULL;

	while (p < end) {
		const char *dot, *stop;

		while (p < end && is_space(*p))
			p++;
		k = head(p, end);
		stop = value_end(p + k, end, has_lines);
		dot = k > 0 ? memchr(p, '.', k) : NULL;
		if (dot != NULL) {
			k -= (size_t)(dot + 1 - p);
			p = dot + 1;
		}
		if (k > wanted && strncasecmp(p, name, wanted) == 0 &&
		    (p[wanted] == ':' || p[wanted] == ';')) {
			*len = (size_t)(stop - p) - k;
			return p + k;
		}
		p = stop;
	}
	return NULL;
}

const char *
vcard_property(struct arena *a, const char *text, size_t n, const char *name)
{
	size_t len;
	const char *value = find(text, n, name, &len);

	return value != NULL ? unescaped(a, value, len) : NULL;
}

/* "Mensah;Kofi;;;" or "School;Department" → with a comma between. */
static const char *
parts(struct arena *a, const char *text, size_t n, const char *name)
{
	size_t len, first, rest;
	const char *value = find(text, n, name, &len), *one, *two;

	if (value == NULL)
		return NULL;
	for (first = 0; first < len && value[first] != ';'; first++)
		first += value[first] == '\\' && first + 1 < len;
	one = unescaped(a, value, first);
	rest = first < len ? first + 1 : len;
	value += rest;
	len -= rest;
	for (first = 0; first < len && value[first] != ';'; first++)
		first += value[first] == '\\' && first + 1 < len;
	two = unescaped(a, value, first);
	if (one == NULL || two == NULL)
		return one != NULL ? one : two;
	return arena_printf(a, "%s, %s", one, two);
}

const char *
vcard_name(struct arena *a, const char *text, size_t n)
{
	const char *name = vcard_property(a, text, n, "FN");

	if (name == NULL)
		name = parts(a, text, n, "N");
	return name != NULL ? name : parts(a, text, n, "ORG");
}
