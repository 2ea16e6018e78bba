/* A licence of Creative Commons is made of few words, so it is read; the others
 * are looked up. */
#include "crosswalk/licence.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/url.h"
#include "crosswalk/vocab.h"

enum { PHRASE_WORDS = 24 };

struct commons {
	bool by, nc, nd, sa, zero, mark, igo;
	char version[4]; /* "" unknown */
	char place[8]; /* a jurisdiction, or "" */
};

/* --- addresses ------------------------------------------------------------ */

static bool
is_version(const char *s, size_t n)
{
	return n == 3 && s[0] >= '1' && s[0] <= '4' && s[1] == '.' &&
	       (s[2] == '0' || s[2] == '1' || s[2] == '5');
}

/* "by-nc-sa" */
static bool
elements(struct commons *c, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i += 3) {
		if (i + 2 > n || (i + 2 < n && s[i + 2] != '-'))
			return false;
		if (strncasecmp(s + i, "by", 2) == 0)
			c->by = true;
		else if (strncasecmp(s + i, "nc", 2) == 0)
			c->nc = true;
		else if (strncasecmp(s + i, "nd", 2) == 0)
			c->nd = true;
		else if (strncasecmp(s + i, "sa", 2) == 0)
			c->sa = true;
		else
			return false;
	}
	return c->by && !(c->nd && c->sa);
}

/* What stands behind the host: "licenses/by/4.0/deed.fr". */
static bool
address(struct commons *c, const char *path)
{
	static const char licenses[] = "licenses/", domain[] = "publicdomain/";
	size_t n;

	if (strncasecmp(path, licenses, sizeof(licenses) - 1) == 0) {
		path += sizeof(licenses) - 1;
		n = strcspn(path, "/ \"<>?#");
		if (!elements(c, path, n))
			return false;
	} else if (strncasecmp(path, domain, sizeof(domain) - 1) == 0) {
		path += sizeof(domain) - 1;
		n = strcspn(path, "/ \"<>?#");
		c->zero = n == 4 && strncasecmp(path, "zero", 4) == 0;
		c->mark = n == 4 && strncasecmp(path, "mark", 4) == 0;
		if (!c->zero && !c->mark)
			return false;
	} else
		return false;
	path += n + (path[n] == '/');
	if (!is_version(path, strnlen(path, 3)))
		return true;
	memcpy(c->version, path, 3);
	path += 3 + (path[3] == '/');
	n = strspn(path, "abcdefghijklmnopqrstuvwxyz");
	if (n == 3 && strncmp(path, "igo", 3) == 0)
		c->igo = true;
	else if (n == 2 || (n == 8 && strncmp(path, "scotland", 8) == 0))
		memcpy(c->place, path, n < sizeof(c->place) ? n : 0);
	return true;
}

/* --- words ---------------------------------------------------------------- */

/* What a word of a licence's name stands for, in English, French, Spanish,
 * Portuguese, German and Italian: b(y), n(c), d (nd), s(a), z(ero), m(ark),
 * i(go). */
static char
meaning(const char *word)
{
	static const struct {
		const char *word;
		char is;
	} words[] = {{"by", 'b'}, {"attribution", 'b'}, {"atribucion", 'b'},
	    {"reconocimiento", 'b'}, {"atribuicao", 'b'}, {"paternite", 'b'},
	    {"namensnennung", 'b'}, {"attribuzione", 'b'}, {"nc", 'n'},
	    {"noncommercial", 'n'}, {"commercial", 'n'}, {"commerciale", 'n'},
	    {"comercial", 'n'}, {"nocomercial", 'n'}, {"naocomercial", 'n'},
	    {"kommerziell", 'n'}, {"nd", 'd'}, {"noderivatives", 'd'},
	    {"noderivs", 'd'}, {"derivatives", 'd'}, {"derivs", 'd'},
	    {"derivative", 'd'}, {"sinderivadas", 'd'}, {"derivadas", 'd'},
	    {"sinobraderivada", 'd'}, {"semderivacoes", 'd'},
	    {"modification", 'd'}, {"modifications", 'd'}, {"bearbeitung", 'd'},
	    {"bearbeitungen", 'd'}, {"sa", 's'}, {"sharealike", 's'},
	    {"alike", 's'}, {"compartirigual", 's'}, {"compartilhaigual", 's'},
	    {"igual", 's'}, {"identique", 's'}, {"memes", 's'},
	    {"gleichen", 's'}, {"stesso", 's'}, {"cc0", 'z'}, {"zero", 'z'},
	    {"igo", 'i'}, {"intergovernmental", 'i'}};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcmp(words[i].word, word) == 0)
			return words[i].is;
	return 0;
}

static void
take_word(struct commons *c, const char *word)
{
	switch (meaning(word)) {
	case 'b':
		c->by = true;
		break;
	case 'n':
		c->nc = true;
		break;
	case 'd':
		c->nd = true;
		break;
	case 's':
		c->sa = true;
		break;
	case 'z':
		c->zero = true;
		break;
	case 'i':
		c->igo = true;
		break;
	}
}

/* Where a text begins to name a licence of Creative Commons. */
static const char *
phrase_start(const char *text)
{
	static const char *const starts[] = {
	    "creative commons", "cc by", "cc-by", "cc0", "creativecommons"};
	const char *first = NULL;

	for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); i++) {
		const char *p = strcasestr(text, starts[i]);

		if (p != NULL && (first == NULL || p < first) &&
		    (p == text ||
			!((p[-1] | 0x20) >= 'a' && (p[-1] | 0x20) <= 'z')))
			first = p;
	}
	return first;
}

/* The words up to a version, and the few that may follow it. */
static bool
phrase(struct commons *c, const char *text)
{
	char head[RULES_KEY_BYTES - 1], *word, *save, last = 0;
	const char *start = phrase_start(text);
	struct rules_key key;
	int left = PHRASE_WORDS;
	char *words;

	if (start == NULL)
		return false;
	snprintf(head, sizeof(head), "%s", start);
	/* not in the middle of a character */
	for (size_t n = strlen(head);
	     start[n] != '\0' && n > 0 && head[n - 1] != ' ';)
		head[--n] = '\0';
	rules_key(&key, head);
	words = key.is_plain ? key.exact : key.plain;
	for (word = strtok_r(words, " ", &save); word != NULL && left-- > 0;
	     word = strtok_r(NULL, " ", &save)) {
		bool is_digit = word[1] == '\0' && *word >= '0' && *word <= '9';

		if (is_digit && last >= '1' && last <= '4' &&
		    c->version[0] == '\0' && (*word == '0' || *word == '5')) {
			snprintf(c->version, sizeof(c->version), "%c.%c", last,
			    *word);
			left = 4; /* "International", "IGO" */
		}
		last = is_digit ? *word : 0;
		/* of what follows a version, IGO alone is of the name */
		if (c->version[0] == '\0' || meaning(word) == 'i')
			take_word(c, word);
	}
	if (c->zero && !c->by)
		memcpy(c->version, "1.0", 4);
	return c->by || c->zero;
}

/* --- what they come to ---------------------------------------------------- */

static void
finish(struct licence *out, struct arena *a, const struct commons *c)
{
	const char *parts = c->nc   ? (c->nd	  ? "by-nc-nd"
					  : c->sa ? "by-nc-sa"
						  : "by-nc")
			    : c->nd ? "by-nd"
			    : c->sa ? "by-sa"
				    : "by";
	char code[32];
	struct rules_thing t;

	if (c->version[0] == '\0')
		return;
	if (c->by)
		snprintf(code, sizeof(code), "CC-%s-%s%s", parts, c->version,
		    c->igo ? "-IGO" : "");
	else
		snprintf(code, sizeof(code), "%s",
		    c->zero ? "CC0-1.0" : "CC-PDM-1.0");
	for (char *p = code; *p != '\0'; p++)
		if (*p >= 'a' && *p <= 'z')
			*p &= ~0x20;
	if (!rules_thing_find(vocab_rules(), RULES_LICENCE, code, &t))
		return;
	out->code = t.code;
	out->url = c->by
		       ? arena_printf(a,
			     "https://creativecommons.org/licenses/%s/%s/%s%s",
			     parts, c->version, c->igo ? "igo" : c->place,
			     c->igo || c->place[0] != '\0' ? "/" : "")
		       : arena_printf(a,
			     "https://creativecommons.org/publicdomain/%s/1.0/",
			     c->zero ? "zero" : "mark");
}

/* By the longest beginning of an address that the vocabulary has. */
static const char *
by_address(struct arena *a, const char *url)
{
	char *start = arena_strdup(a, url), *slash;
	struct rules_hit hit;

	do {
		if (rules_find(
			vocab_rules(), RULES_LICENCE, "uri", start, &hit))
			return hit.codes;
		slash = strrchr(start, '/');
		if (slash != NULL)
			*slash = '\0';
	} while (slash != NULL && strchr(start + 8, '/') != NULL);
	return NULL;
}

void
licence_find(struct licence *out, struct arena *a, const char *text)
{
	static const char host[] = "creativecommons.org/";
	struct commons c = {0};
	struct rules_hit hit;
	const char *p;

	*out = (struct licence){0};
	p = strcasestr(text, host);
	if (p != NULL && address(&c, p + sizeof(host) - 1)) {
		finish(out, a, &c);
		return;
	}
	if (url_is_http(text)) {
		if (strlen(text) < RULES_KEY_BYTES)
			out->code = by_address(a, text);
		return;
	}
	c = (struct commons){0};
	if (phrase(&c, text))
		finish(out, a, &c);
	else if (rules_find(
		     vocab_rules(), RULES_LICENCE, rules_label, text, &hit) ||
		 rules_find(
		     vocab_rules(), RULES_LICENCE, "licence", text, &hit))
		out->code = hit.codes;
}
