/* Numbers and texts as people write and read them.  Not here: URLs, dates. */
#include "base/str.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/utf8.h"

int
str_to_u64(const char *s, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;

	if (!*s)
		return -1;
	for (; *s; s++) {
		if (*s < '0' || *s > '9' || __builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(*s - '0'), &v))
			return -1;
	}
	if (v > max)
		return -1;
	*out = v;
	return 0;
}

int
str_to_i64(const char *s, int64_t min, int64_t max, int64_t *out)
{
	bool negative = *s == '-';
	uint64_t v;
	int64_t r;

	if (negative || *s == '+')
		s++;
	if (str_to_u64(s, (uint64_t)INT64_MAX + negative, &v) < 0)
		return -1;
	r = negative ? (int64_t)(0 - v) : (int64_t)v;
	if (r < min || r > max)
		return -1;
	*out = r;
	return 0;
}

/* Digits at the start of *s, which is moved past them and white space. */
static int
leading_number(const char **s, uint64_t *out)
{
	uint64_t v = 0;
	const char *p = *s;

	if (!isdigit((unsigned char)*p))
		return -1;
	for (; isdigit((unsigned char)*p); p++)
		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(*p - '0'), &v))
			return -1;
	while (*p == ' ')
		p++;
	*s = p;
	*out = v;
	return 0;
}

static const struct unit {
	const char *name;
	int64_t ms;
} units[] = {
    {"y", INT64_C(365) * 86400000},
    {"w", INT64_C(7) * 86400000},
    {"d", 86400000},
    {"h", 3600000},
    {"m", 60000},
    {"s", 1000},
    {"ms", 1},
};
enum { UNIT_COUNT = sizeof(units) / sizeof(units[0]) };

int
str_to_duration_ms(const char *s, int64_t *out)
{
	uint64_t v;
	int64_t r;

	if (leading_number(&s, &v) < 0 || v > INT64_MAX)
		return -1;
	if (!*s)
		s = "s";
	for (int i = 0; i < UNIT_COUNT; i++) {
		if (strcmp(s, units[i].name) != 0)
			continue;
		if (__builtin_mul_overflow((int64_t)v, units[i].ms, &r))
			return -1;
		*out = r;
		return 0;
	}
	return -1;
}

int
str_to_bytes(const char *s, uint64_t *out)
{
	static const char letters[] = "kmgt";
	const char *letter;
	uint64_t v;
	unsigned shift = 0;

	if (leading_number(&s, &v) < 0)
		return -1;
	if (*s && (letter = strchr(letters, tolower((unsigned char)*s)))) {
		shift = 10 * (unsigned)(letter - letters + 1);
		s++;
		if (*s == 'i')
			s++;
	}
	if (*s == 'B' || *s == 'b')
		s++;
	if (*s || (v << shift) >> shift != v)
		return -1;
	*out = v << shift;
	return 0;
}

int
str_to_bool(const char *s, bool *out)
{
	static const char *const words[] = {
	    "no", "yes", "false", "true", "off", "on", "0", "1"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcasecmp(s, words[i]) == 0) {
			*out = i & 1;
			return 0;
		}
	}
	return -1;
}

/* Own digits instead of strtod, which follows the locale and takes "inf". */
int
str_to_share(const char *s, double *out)
{
	double v = 0, scale = 1;
	bool any = false;

	for (; isdigit((unsigned char)*s); s++, any = true)
		v = v * 10 + (*s - '0');
	if (*s == '.')
		for (s++; isdigit((unsigned char)*s); s++, any = true)
			v += (*s - '0') * (scale /= 10);
	while (*s == ' ')
		s++;
	if (*s == '%') {
		v /= 100;
		s++;
	}
	if (!any || *s || v > 1)
		return -1;
	*out = v;
	return 0;
}

void
str_duration(char *out, size_t n, int64_t ms)
{
	const char *sign = ms < 0 ? "-" : "";
	uint64_t left = ms < 0 ? 0 - (uint64_t)ms : (uint64_t)ms;
	int i = 2; /* days: weeks and years are harder to compare */

	while (i < UNIT_COUNT - 1 && left < (uint64_t)units[i].ms)
		i++;
	uint64_t first = left / (uint64_t)units[i].ms;

	left %= (uint64_t)units[i].ms;
	if (i < UNIT_COUNT - 2 && left >= (uint64_t)units[i + 1].ms)
		snprintf(out, n, "%s%" PRIu64 "%s %" PRIu64 "%s", sign, first,
		    units[i].name, left / (uint64_t)units[i + 1].ms,
		    units[i + 1].name);
	else
		snprintf(out, n, "%s%" PRIu64 "%s", sign, first, units[i].name);
}

void
str_bytes(char *out, size_t n, uint64_t bytes)
{
	static const char *const names[] = {
	    "B", "kB", "MB", "GB", "TB", "PB", "EB"};
	uint64_t unit = 1;
	int i = 0;

	while (bytes / unit >= 1000 && i < 6) {
		unit *= 1000;
		i++;
	}
	/* 999,960 would round to "1000.0 kB" */
	if (i > 0 && i < 6 && (double)bytes / (double)unit >= 999.95) {
		unit *= 1000;
		i++;
	}
	if (i == 0)
		snprintf(out, n, "%" PRIu64 " B", bytes);
	else
		snprintf(
		    out, n, "%.1f %s", (double)bytes / (double)unit, names[i]);
}

bool
str_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool
str_ends(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n >= m && memcmp(s + n - m, suffix, m) == 0;
}

static unsigned char
lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

bool
str_case_starts(const char *s, const char *prefix)
{
	for (; *prefix; s++, prefix++)
		if (lower(*s) != lower(*prefix))
			return false;
	return true;
}

static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

char *
str_trim(char *s)
{
	size_t n;

	while (is_space(*s))
		s++;
	n = strlen(s);
	while (n > 0 && is_space(s[n - 1]))
		n--;
	s[n] = '\0';
	return s;
}

/* Three rows of the matrix are enough for neighbours swapped. */
unsigned
str_distance(const char *a, const char *b, unsigned max)
{
	enum { WORD = 64 };
	unsigned rows[3][WORD + 1];
	unsigned *before = rows[0], *prev = rows[1], *cur = rows[2], *spare;
	size_t na = strlen(a), nb = strlen(b);

	if (na > WORD || nb > WORD ||
	    (na > nb ? na - nb : nb - na) > (size_t)max)
		return max + 1;
	for (size_t j = 0; j <= nb; j++) {
		prev[j] = (unsigned)j;
		before[j] = (unsigned)j;
	}
	for (size_t i = 1; i <= na; i++) {
		unsigned best = cur[0] = (unsigned)i;

		for (size_t j = 1; j <= nb; j++) {
			unsigned char x = lower(a[i - 1]), y = lower(b[j - 1]);
			unsigned d = prev[j - 1] + (x != y);

			if (prev[j] + 1 < d)
				d = prev[j] + 1;
			if (cur[j - 1] + 1 < d)
				d = cur[j - 1] + 1;
			if (i > 1 && j > 1 && x == lower(b[j - 2]) &&
			    lower(a[i - 2]) == y && before[j - 2] + 1 < d)
				d = before[j - 2] + 1;
			cur[j] = d;
			if (d < best)
				best = d;
		}
		if (best > max && i > 1)
			return max + 1;
		spare = before;
		before = prev;
		prev = cur;
		cur = spare;
	}
	return prev[nb] > max ? max + 1 : prev[nb];
}

struct str_guess
str_guess(const char *word)
{
	size_t n = strlen(word);
	unsigned slips = n < 4 ? 1 : n < 8 ? 2 : 3;

	return (struct str_guess){.word = word, .best = slips + 1};
}

bool
str_guess_try(struct str_guess *g, const char *name)
{
	unsigned d = str_distance(g->word, name, g->best);

	if (d >= g->best)
		return false;
	g->best = d;
	g->found = name;
	return true;
}

/* Escaped form of one byte or sequence at s; returns the bytes it covers. */
static size_t
escape_one(char out[8], size_t *len, const char *s, size_t n)
{
	uint32_t cp;
	unsigned used = utf8_decode(s, n, &cp);

	if (used && cp != '\\' && !utf8_steers(cp)) {
		memcpy(out, s, used);
		*len = used;
		return used;
	}
	if (*s == '\n' || *s == '\t' || *s == '\\') {
		out[0] = '\\';
		out[1] = *s == '\n' ? 'n' : *s == '\t' ? 't' : '\\';
		*len = 2;
		return 1;
	}
	/* A byte at a time: what follows it cannot be a valid start. */
	*len = (size_t)snprintf(out, 8, "\\x%02X", (unsigned char)*s);
	return 1;
}

void
str_escape(struct buf *out, const char *s, size_t n, size_t max_bytes)
{
	static const char cut[] = "…";
	size_t begin = out->len, safe = out->len;
	char one[8];

	for (size_t i = 0; i < n;) {
		size_t len, used = escape_one(one, &len, s + i, n - i);

		if (out->len - begin + len > max_bytes) {
			if (!out->full) {
				out->len = safe;
				out->data[safe] = '\0';
				buf_adds(out, cut);
			}
			return;
		}
		buf_add(out, one, len);
		if (out->len - begin + sizeof(cut) - 1 <= max_bytes)
			safe = out->len;
		i += used;
	}
}

void
str_copy(char *out, size_t n, const char *s)
{
	size_t len = strlen(s);

	if (n == 0)
		return;
	len = utf8_cut(s, len, n - 1);
	memcpy(out, s, len);
	out[len] = '\0';
}

static unsigned
nibble(char c)
{
	return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

void
str_from_hex(uint8_t *out, const char *hex, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out[i] =
		    (uint8_t)(nibble(hex[2 * i]) << 4 | nibble(hex[2 * i + 1]));
}

void
str_fit(struct buf *text, size_t columns)
{
	size_t len = text->len;

	if (utf8_width(buf_str(text), len) <= columns)
		return;
	while (len > 0 && utf8_width(text->data, len) + 1 > columns)
		len = utf8_cut(text->data, len, len - 1);
	text->len = len;
	text->data[len] = '\0';
	buf_adds(text, "…");
}
