/* Recognising identifiers.  A run of digits alone is never one. */
#include "crosswalk/identifiers.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "base/url.h"
#include "base/utf8.h"

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int
hex(char c)
{
	if (is_digit(c))
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Percent-decoding, where the result is text. */
static char *
decode(struct arena *a, const char *s)
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

/* 10.NNNN/suffix (ISO 26324); in lower case, since a DOI has no case. */
static const char *
doi(struct arena *a, const char *s)
{
	const char *p = s;
	char *value;
	size_t n;

	if (strncmp(p, "10.", 3) != 0)
		return NULL;
	for (p += 3, n = 0; is_digit(*p) || *p == '.'; p++)
		n++;
	if (n < 4 || n > 12 || (*p != '/' && strncasecmp(p, "%2f", 3) != 0))
		return NULL;
	value = decode(a, s);
	if (value == NULL)
		return NULL;
	/* "<" stands in DOIs of the nineties (SICI). */
	value[strcspn(value, " \t\"")] = '\0';
	n = strlen(value);
	while (n > 0 && strchr(".,;", value[n - 1]) != NULL)
		value[--n] = '\0';
	lower(value);
	p = strchr(value, '/');
	return p != NULL && p[1] != '\0' ? value : NULL;
}

static const char *
handle(struct arena *a, const char *s)
{
	const char *p = s;
	char *value;
	size_t n;

	while (is_digit(*p) || *p == '.')
		p++;
	if (p == s || *p != '/' || p[1] == '\0')
		return NULL;
	value = decode(a, s);
	if (value == NULL)
		return NULL;
	value[strcspn(value, " \t\"<>?#")] = '\0';
	n = strlen(value);
	while (n > 0 && strchr(".,;/", value[n - 1]) != NULL)
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
		if (is_digit(*s))
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
static const char *
isbn(struct arena *a, const char *s)
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
		    (strncmp(d, "978", 3) != 0 && strncmp(d, "979", 3) != 0))
			return NULL;
		return arena_strdup(a, d);
	default:
		return NULL;
	}
}

static const char *
issn(struct arena *a, const char *s)
{
	char d[24];

	if (compact(s, d, sizeof(d)) != 8 || !mod11(d, 8))
		return NULL;
	return arena_printf(a, "%.4s-%s", d, d + 4);
}

/* 16 digits of ORCID and ISNI (ISO 7064 mod 11-2). */
static const char *
isni(struct arena *a, const char *s)
{
	char d[24];
	int total = 0;

	if (compact(s, d, sizeof(d)) != 16)
		return NULL;
	for (int i = 0; i < 15; i++) {
		if (!is_digit(d[i]))
			return NULL;
		total = (total + digit(d[i])) * 2;
	}
	if ((12 - total % 11) % 11 != digit(d[15]))
		return NULL;
	return arena_printf(a, "%.4s-%.4s-%.4s-%.4s", d, d + 4, d + 8, d + 12);
}

/* 0, six figures of Crockford's base 32, and ISO 7064 mod 97-10 of them. */
static const char *
ror(struct arena *a, const char *s)
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

static const char *
arxiv(struct arena *a, const char *s)
{
	char *value = arena_strdup(a, s), *v;
	size_t n;

	value[strcspn(value, " ?#[")] = '\0';
	n = strlen(value);
	if (n > 4 && strcmp(value + n - 4, ".pdf") == 0)
		value[n - 4] = '\0';
	v = strrchr(value, 'v');
	if (v != NULL && is_digit(v[1]) && v > value && is_digit(v[-1]))
		*v = '\0';
	for (n = 0; value[n] != '\0'; n++)
		if (is_digit(value[n]))
			return value;
	return NULL;
}

static const char *
number(struct arena *a, const char *s)
{
	size_t n = strspn(s, "0123456789");

	return n > 0 && n < 12 && (s[n] == '\0' || s[n] == '/')
		   ? arena_strndup(a, s, n)
		   : NULL;
}

static const char *
as_is(struct arena *a, const char *s)
{
	return *s != '\0' ? arena_strdup(a, s) : NULL;
}

/* What a prefix promises.  Longest first where one begins another. */
static const struct {
	const char *prefix, *scheme;
	const char *(*read)(struct arena *a, const char *rest);
	bool keep; /* the prefix belongs to the value */
} prefixes[] = {
    {"info:doi/", "doi", doi, false},
    {"urn:doi:", "doi", doi, false},
    {"doi.org/", "doi", doi, false},
    {"doi:", "doi", doi, false},
    {"doi ", "doi", doi, false},
    {"10.", "doi", doi, true},
    {"info:hdl/", "handle", handle, false},
    {"hdl:", "handle", handle, false},
    {"handle:", "handle", handle, false},
    {"urn:isbn:", "isbn", isbn, false},
    {"isbn-13:", "isbn", isbn, false},
    {"isbn-10:", "isbn", isbn, false},
    {"isbn:", "isbn", isbn, false},
    {"isbn ", "isbn", isbn, false},
    {"isbn", "isbn", isbn, false},
    {"urn:issn:", "issn", issn, false},
    {"e-issn:", "issn", issn, false},
    {"eissn:", "issn", issn, false},
    {"issn:", "issn", issn, false},
    {"issn ", "issn", issn, false},
    {"arxiv:", "arxiv", arxiv, false},
    {"pmid:", "pmid", number, false},
    {"pmid ", "pmid", number, false},
    {"info:pmid/", "pmid", number, false},
    {"orcid:", "orcid", isni, false},
    {"orcid ", "orcid", isni, false},
    {"orcid.org/", "orcid", isni, false},
    {"info:orcid/", "orcid", isni, false},
    {"isni:", "isni", isni, false},
    {"isni ", "isni", isni, false},
    {"ror:", "ror", ror, false},
    {"ror.org/", "ror", ror, false},
    {"oai:", "oai", as_is, true},
    {"urn:", "urn", as_is, true},
};

/* Resolvers: host (with or without www.) and the path that the value follows.
 */
static const struct {
	const char *host, *path, *scheme;
	const char *(*read)(struct arena *a, const char *rest);
} resolvers[] = {
    {"doi.org", "/", "doi", doi},
    {"dx.doi.org", "/", "doi", doi},
    {"hdl.handle.net", "/", "handle", handle},
    {"handle.net", "/", "handle", handle},
    {"arxiv.org", "/abs/", "arxiv", arxiv},
    {"arxiv.org", "/pdf/", "arxiv", arxiv},
    {"ncbi.nlm.nih.gov", "/pubmed/", "pmid", number},
    {"pubmed.ncbi.nlm.nih.gov", "/", "pmid", number},
    {"orcid.org", "/", "orcid", isni},
    {"isni.org", "/isni/", "isni", isni},
    {"isni.org", "/", "isni", isni},
    {"ror.org", "/", "ror", ror},
    {"undocs.org", "/", "un-symbol", NULL},
};

/* Bodies whose documents carry symbols. */
static const char *const organs[] = {"A", "S", "E", "T", "ST", "DP", "FCCC",
    "UNEP", "CBD", "TD", "UNCTAD", "CEDAW", "CCPR", "CERD", "CRC", "CAT",
    "CRPD", "CMW", "CED", "HRI", "HSP", "HS", "LC", "ECE", "ESCAP", "ECA",
    "ESCWA", "CD", "SPLOS", "CLCS", "ISBA", "ICCD", "CITES", "IPCC", "IPBES",
    "PCNICC", "UNW", "UNFPA", "UNDP", "JIU", "ICCPR", "SS", "WIPO", "WO", "GEF",
    "WHA", "WHO", "UNIDO", "IDB", "GC", "PBC", "AC", "NPT", "BWC"};

/* The words in small letters that symbols have. */
static size_t
symbol_word(const char *p)
{
	static const char *const words[] = {
	    "Add", "Rev", "Corr", "Amend", "Sub", "Summary"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strncmp(p, words[i], strlen(words[i])) == 0)
			return strlen(words[i]);
	return 0;
}

/* A/RES/70/1, E/CN.4/2004/1/Add.1: capitals, an organ first, a digit
 * somewhere. */
static const char *
un_symbol(struct arena *a, const char *s)
{
	size_t n = strcspn(s, "/"), k;
	bool has_digit = false;

	if (s[n] != '/' || n == 0 || strlen(s) > 80)
		return NULL;
	for (const char *p = s; *p != '\0'; p += k ? k : 1) {
		k = symbol_word(p);
		has_digit |= is_digit(*p);
		if (k == 0 && !is_digit(*p) && (*p < 'A' || *p > 'Z') &&
		    strchr("/.-()[]*_", *p) == NULL)
			return NULL;
	}
	if (!has_digit)
		return NULL;
	for (size_t i = 0; i < sizeof(organs) / sizeof(*organs); i++)
		if (strlen(organs[i]) == n && strncmp(s, organs[i], n) == 0)
			return arena_strdup(a, s);
	return NULL;
}

static bool
by_resolver(struct found_id *f, struct arena *a, const char *url)
{
	const char *host = strstr(url, "://") + 3, *path;
	size_t n;

	if (strncasecmp(host, "www.", 4) == 0)
		host += 4;
	n = strcspn(host, "/?#");
	path = host + n;
	for (size_t i = 0; i < sizeof(resolvers) / sizeof(*resolvers); i++) {
		const char *rest, *value;
		size_t k = strlen(resolvers[i].path);

		if (strlen(resolvers[i].host) != n ||
		    strncasecmp(host, resolvers[i].host, n) != 0 ||
		    strncmp(path, resolvers[i].path, k) != 0)
			continue;
		rest = path + k;
		if (strncasecmp(rest, "doi:", 4) == 0)
			rest += 4;
		if (resolvers[i].read == NULL) {
			char *plain = decode(a, rest);

			if (plain != NULL && strncmp(plain, "en/", 3) == 0)
				plain += 3;
			value = plain ? un_symbol(a, plain) : NULL;
		} else
			value = resolvers[i].read(a, rest);
		if (value == NULL)
			continue;
		f->scheme = resolvers[i].scheme;
		f->value = value;
		return true;
	}
	return false;
}

void
identifier_find(struct found_id *f, struct arena *a, const char *text)
{
	memset(f, 0, sizeof(*f));
	if (url_is_http(text)) {
		f->is_url = strpbrk(text, " \t\"<>") == NULL;
		if (f->is_url && !by_resolver(f, a, text)) {
			f->scheme = "url";
			f->value = text;
		}
		return;
	}
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++) {
		size_t n = strlen(prefixes[i].prefix);
		const char *rest = text + n;

		if (strncasecmp(text, prefixes[i].prefix, n) != 0)
			continue;
		if (prefixes[i].keep)
			rest = text;
		while (*rest == ' ' || *rest == ':')
			rest++;
		/* doi:http://dx.doi.org/10.… */
		if (url_is_http(rest) && rest != text) {
			identifier_find(f, a, rest);
			f->is_url = false;
			return;
		}
		f->value = prefixes[i].read(a, rest);
		if (f->value != NULL)
			f->scheme = prefixes[i].scheme;
		else
			f->is_bad = true;
		if (f->value != NULL || !prefixes[i].keep)
			return;
	}
	f->is_bad = false;
	f->value = un_symbol(a, text);
	if (f->value != NULL)
		f->scheme = "un-symbol";
}

bool
identifier_find_issn(struct found_id *f, struct arena *a, const char *text)
{
	size_t n = strspn(text, "0123456789");
	int first, second;

	if (n != 4 || text[4] != '-' || strlen(text) != 9 ||
	    strspn(text + 5, "0123456789Xx") != 4)
		return false;
	first = atoi(text);
	second = atoi(text + 5);
	if (first >= 1500 && second >= first && second < 2100)
		return false;
	f->value = issn(a, text);
	if (f->value == NULL)
		return false;
	f->scheme = "issn";
	return true;
}
