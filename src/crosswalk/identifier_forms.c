/* The forms of identifiers: each reader proves what there is to prove and gives
 * the normal form, or NULL. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/utf8.h"
#include "crosswalk/identifiers_priv.h"
#include "crosswalk/text.h"

static int
hex(char c)
{
	if (text_is_digit(c))
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Percent-decoding, where the result is text. */
char *
id_decode(struct arena *a, const char *s)
{
	size_t n = strlen(s);
	char *out = arena_alloc(a, n + 1), *p = out;

	if (out == NULL)
		return arena_strdup(a, s);
	for (; *s != '\0'; s++) {
		int high = *s == '%' ? hex(s[1]) : -1;
		int low = high >= 0 ? hex(s[2]) : -1;

		if (low >= 0 && high * 16 + low > 0x20) {
			*p++ = (char)(high * 16 + low);
			s += 2;
		} else
			*p++ = *s;
	}
	*p = '\0';
	return utf8_valid(out, (size_t)(p - out)) ? out : NULL;
}

static void
lower(char *s)
{
	for (; *s != '\0'; s++)
		if (*s >= 'A' && *s <= 'Z')
			*s |= 0x20;
}

/* What closes a sentence or a bracket that was opened outside. */
static void
trim_end(char *value)
{
	size_t n = strlen(value);
	char ends[16] = ".,;:'";
	size_t k = strlen(ends);

	for (const char *pair = "()[]{}"; *pair != '\0'; pair += 2)
		if (strchr(value, *pair) == NULL)
			ends[k++] = pair[1];
	while (n > 0 && strchr(ends, value[n - 1]) != NULL)
		n--;
	value[n] = '\0';
}

/* 10.NNNN/suffix (ISO 26324); in lower case, since a DOI has no case. */
const char *
id_doi(struct arena *a, const char *s)
{
	const char *p = s;
	char *value;
	size_t n;

	if (strncmp(p, "10.", 3) != 0)
		return NULL;
	for (p += 3, n = 0; text_is_digit(*p) || *p == '.'; p++)
		n++;
	if (n < 4 || n > 12 || (*p != '/' && strncasecmp(p, "%2f", 3) != 0))
		return NULL;
	value = id_decode(a, s);
	if (value == NULL)
		return NULL;
	/* "<" stands in DOIs of the nineties (SICI). */
	value[strcspn(value, " \t\"")] = '\0';
	trim_end(value);
	lower(value);
	p = strchr(value, '/');
	return p != NULL && p[1] != '\0' ? value : NULL;
}

/* PREFIX/suffix.  123456789 is the prefix of every DSpace that has none of its
 * own: who compares handles of several sources must not count on it. */
const char *
id_handle(struct arena *a, const char *s)
{
	const char *p = s;
	char *value;
	size_t n;

	while (text_is_digit(*p) || *p == '.')
		p++;
	if (p == s || (*p != '/' && strncasecmp(p, "%2f", 3) != 0))
		return NULL;
	value = id_decode(a, s);
	if (value == NULL)
		return NULL;
	value[strcspn(value, " \t\"<>?#")] = '\0';
	trim_end(value);
	for (n = strlen(value); n > 0 && value[n - 1] == '/';)
		value[--n] = '\0';
	return strchr(value, '/') ? value : NULL;
}

/* Digits (and a last X) of a number written with hyphens or spaces; stops at
 * anything else. */
static size_t
compact(const char *s, char *out, size_t size)
{
	size_t n = 0;

	for (; *s != '\0' && n + 1 < size; s++) {
		if (text_is_digit(*s))
			out[n++] = *s;
		else if (*s == 'x' || *s == 'X') {
			out[n++] = 'X';
			break;
		} else if (*s != '-' && *s != ' ' &&
			   strncmp(s, "\xe2\x80\x90", 3) != 0 &&
			   strncmp(s, "\xe2\x80\x91", 3) != 0 &&
			   strncmp(s, "\xe2\x80\x93", 3) != 0)
			break;
		else if ((unsigned char)*s >= 0x80)
			s += 2;
	}
	out[n] = '\0';
	return n;
}

static int
digit(char c)
{
	return c == 'X' ? 10 : c - '0';
}

static bool
mod11(const char *s, unsigned n)
{
	int sum = 0;

	for (unsigned i = 0; i < n; i++) {
		if (s[i] == 'X' && i + 1 != n)
			return false;
		sum += digit(s[i]) * (int)(n - i);
	}
	return sum % 11 == 0;
}

static int
weight13(const char *s, unsigned n)
{
	int sum = 0;

	for (unsigned i = 0; i < n; i++)
		sum += digit(s[i]) * (i % 2 ? 3 : 1);
	return sum;
}

/* As 13 digits, its check digit proved. */
const char *
id_isbn(struct arena *a, const char *s)
{
	char d[24], out[14];

	switch (compact(s, d, sizeof(d))) {
	case 10:
		if (!mod11(d, 10))
			return NULL;
		memcpy(out, "978", 3);
		memcpy(out + 3, d, 9);
		out[12] = (char)('0' + (10 - weight13(out, 12) % 10) % 10);
		out[13] = '\0';
		return arena_strdup(a, out);
	case 13:
		if (strchr(d, 'X') != NULL || weight13(d, 13) % 10 != 0 ||
		    (strncmp(d, "978", 3) != 0 && strncmp(d, "979", 3) != 0) ||
		    strncmp(d, "9790", 4) == 0) /* an ISMN: printed music */
			return NULL;
		return arena_strdup(a, d);
	default:
		return NULL;
	}
}

const char *
id_issn(struct arena *a, const char *s)
{
	char d[24];

	if (compact(s, d, sizeof(d)) != 8 || !mod11(d, 8))
		return NULL;
	return arena_printf(a, "%.4s-%s", d, d + 4);
}

/* 16 digits of ORCID and ISNI (ISO 7064 mod 11-2). */
const char *
id_isni(struct arena *a, const char *s)
{
	char d[24];
	int total = 0;

	if (compact(s, d, sizeof(d)) != 16)
		return NULL;
	for (int i = 0; i < 15; i++) {
		if (!text_is_digit(d[i]))
			return NULL;
		total = (total + digit(d[i])) * 2;
	}
	if ((12 - total % 11) % 11 != digit(d[15]))
		return NULL;
	return arena_printf(a, "%.4s-%.4s-%.4s-%.4s", d, d + 4, d + 8, d + 12);
}

/* 0, six figures of Crockford's base 32, and ISO 7064 mod 97-10 of them. */
const char *
id_ror(struct arena *a, const char *s)
{
	static const char figures[] = "0123456789abcdefghjkmnpqrstvwxyz";
	char value[10];
	int64_t n = 0;

	for (int i = 0; i < 9; i++) {
		value[i] = s[i];
		if (s[i] >= 'A' && s[i] <= 'Z')
			value[i] |= 0x20;
		if (value[i] == '\0' || strchr(figures, value[i]) == NULL)
			return NULL;
		if (i < 7)
			n = n * 32 + (strchr(figures, value[i]) - figures);
	}
	value[9] = '\0';
	if (value[0] != '0' || (s[9] != '\0' && s[9] != '/') ||
	    atoi(value + 7) != 98 - n * 100 % 97)
		return NULL;
	return arena_strdup(a, value);
}

/* 1234.56789 (since 2007) and hep-th/9901001, without the version. */
const char *
id_arxiv(struct arena *a, const char *s)
{
	static const char digits[] = "0123456789";
	size_t n = strspn(s, digits), k;

	if (n == 4 && s[n] == '.') {
		k = strspn(s + 5, digits);
		n = k == 4 || k == 5 ? 5 + k : 0;
	} else if (n == 0) {
		n = strspn(s, "abcdefghijklmnopqrstuvwxyz-");
		if (n > 0 && s[n] == '.' && s[n + 1] >= 'A' && s[n + 1] <= 'Z')
			n += 3; /* math.AG/ */
		n = n > 0 && s[n] == '/' && strspn(s + n + 1, digits) == 7
			? n + 8
			: 0;
	} else
		n = 0;
	if (n == 0)
		return NULL;
	k = n;
	if (s[k] == 'v' && text_is_digit(s[k + 1]))
		k += 1 + strspn(s + k + 1, digits);
	if (strncmp(s + k, ".pdf", 4) == 0)
		k += 4;
	return s[k] == '\0' || strchr(" ,;?#[)/.", s[k])
		   ? arena_strndup(a, s, n)
		   : NULL;
}

/* urn:NID:NSS (RFC 8141); urn and NID in lower case. */
const char *
id_urn(struct arena *a, const char *s)
{
	size_t n, end;
	char *value;

	while (strncasecmp(s, "urn:urn:", 8) == 0)
		s += 4;
	if (strncasecmp(s, "urn:", 4) != 0)
		return NULL;
	for (n = 4; text_is_digit(s[n]) || (s[n] | 0x20) == '-' ||
		    ((s[n] | 0x20) >= 'a' && (s[n] | 0x20) <= 'z');
	     n++)
		;
	if (n < 5 || n > 36 || s[n] != ':' || s[n + 1] == '\0')
		return NULL;
	end = strcspn(s, " \t\"<>");
	value = arena_strndup(a, s, end);
	trim_end(value);
	for (size_t i = 0; i < n; i++)
		if (value[i] >= 'A' && value[i] <= 'Z')
			value[i] |= 0x20;
	return value[n] == ':' && value[n + 1] != '\0' ? value : NULL;
}

const char *
id_number(struct arena *a, const char *s)
{
	size_t n = strspn(s, "0123456789");

	return n > 0 && n < 12 && (s[n] == '\0' || s[n] == '/')
		   ? arena_strndup(a, s, n)
		   : NULL;
}

const char *
id_as_is(struct arena *a, const char *s)
{
	return *s != '\0' ? arena_strdup(a, s) : NULL;
}

/* 978-92-1-123456-7: the hyphens say that it is no run of digits. */
const char *
id_isbn_in_hyphens(struct arena *a, const char *s)
{
	size_t n = strspn(s, "0123456789-"), hyphens = 0;

	for (size_t i = 0; i < n; i++)
		hyphens += s[i] == '-';
	if (n != 17 || hyphens != 4 || s[3] != '-' ||
	    (s[n] != '\0' && s[n] != ' ' && s[n] != '('))
		return NULL;
	return id_isbn(a, s);
}
