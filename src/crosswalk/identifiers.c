/* Recognising identifiers.  A run of digits alone is never one. */
#include "crosswalk/identifiers.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/url.h"
#include "crosswalk/identifiers_priv.h"

/* How often a mark is tried in one citation, and the bytes that what it marks
 * may have. */
enum { CITED_TRIES = 4, CITED_BYTES = 512 };

/* What a prefix promises.  Longest first where one begins another. */
static const struct {
	const char *prefix, *scheme;
	id_reader read;
	bool keep; /* the prefix belongs to the value */
} prefixes[] = {
    {"info:doi/", "doi", id_doi, false},
    {"urn:doi:", "doi", id_doi, false},
    {"dx.doi.org/", "doi", id_doi, false},
    {"doi.org/", "doi", id_doi, false},
    {"doi:", "doi", id_doi, false},
    {"doi ", "doi", id_doi, false},
    {"doi/", "doi", id_doi, false},
    {"10.", "doi", id_doi, true},
    {"info:hdl/", "handle", id_handle, false},
    {"hdl.handle.net/", "handle", id_handle, false},
    {"urn:hdl:", "handle", id_handle, false},
    {"hdl:", "handle", id_handle, false},
    {"hdl/", "handle", id_handle, false},
    {"handle:", "handle", id_handle, false},
    {"urn:isbn:", "isbn", id_isbn, false},
    {"isbn-13", "isbn", id_isbn, false},
    {"isbn-10", "isbn", id_isbn, false},
    {"isbn13", "isbn", id_isbn, false},
    {"isbn10", "isbn", id_isbn, false},
    {"e-isbn", "isbn", id_isbn, false},
    {"eisbn", "isbn", id_isbn, false},
    {"isbn", "isbn", id_isbn, false},
    {"97", "isbn", id_isbn_in_hyphens, true},
    {"urn:issn:", "issn", id_issn, false},
    {"urn:eissn:", "issn", id_issn, false},
    {"urn:issn-l:", "issn", id_issn, false},
    {"e-issn", "issn", id_issn, false},
    {"eissn", "issn", id_issn, false},
    {"p-issn", "issn", id_issn, false},
    {"pissn", "issn", id_issn, false},
    {"issn-l", "issn", id_issn, false},
    {"issn", "issn", id_issn, false},
    {"arxiv:", "arxiv", id_arxiv, false},
    {"arxiv.org/abs/", "arxiv", id_arxiv, false},
    {"arxiv/", "arxiv", id_arxiv, false},
    {"arxiv ", "arxiv", id_arxiv, false},
    {"pmid:", "pmid", id_number, false},
    {"pmid ", "pmid", id_number, false},
    {"pmid/", "pmid", id_number, false},
    {"info:pmid/", "pmid", id_number, false},
    {"pubmed:", "pmid", id_number, false},
    {"orcid:", "orcid", id_isni, false},
    {"orcid ", "orcid", id_isni, false},
    {"orcid.org/", "orcid", id_isni, false},
    {"info:orcid/", "orcid", id_isni, false},
    {"isni:", "isni", id_isni, false},
    {"isni ", "isni", id_isni, false},
    {"ror:", "ror", id_ror, false},
    {"ror.org/", "ror", id_ror, false},
    {"patent:", "patent", id_patent_named, false},
    {"patent no. ", "patent", id_patent_named, false},
    {"patent ", "patent", id_patent_named, false},
    {"iati:", "iati", id_iati, false},
    {"un symbol:", "un-symbol", id_un_symbol, false},
    {"un document symbol:", "un-symbol", id_un_symbol, false},
    {"oai:", "oai", id_as_is, true},
    {"urn:", "urn", id_urn, true},
};

/* Resolvers: host (with or without www.) and what of path and query the value
 * follows. */
static const struct {
	const char *host, *before, *scheme;
	id_reader read;
} resolvers[] = {
    {"doi.org", "/", "doi", id_doi},
    {"dx.doi.org", "/", "doi", id_doi},
    {"hdl.handle.net", "/", "handle", id_handle},
    {"handle.net", "/", "handle", id_handle},
    {"arxiv.org", "/abs/", "arxiv", id_arxiv},
    {"arxiv.org", "/pdf/", "arxiv", id_arxiv},
    {"export.arxiv.org", "/abs/", "arxiv", id_arxiv},
    {"ncbi.nlm.nih.gov", "/pubmed/", "pmid", id_number},
    {"pubmed.ncbi.nlm.nih.gov", "/", "pmid", id_number},
    {"europepmc.org", "/article/MED/", "pmid", id_number},
    {"europepmc.org", "/abstract/MED/", "pmid", id_number},
    {"orcid.org", "/", "orcid", id_isni},
    {"isni.org", "/isni/", "isni", id_isni},
    {"isni.org", "/", "isni", id_isni},
    {"ror.org", "/", "ror", id_ror},
    {"nbn-resolving.org", "/", "urn", id_urn},
    {"nbn-resolving.de", "/", "urn", id_urn},
    {"urn.fi", "/", "urn", id_urn},
    {"urn.kb.se", "?urn=", "urn", id_urn},
    {"resolver.kb.nl", "?urn=", "urn", id_urn},
    {"portal.issn.org", "/resource/ISSN/", "issn", id_issn},
    {"patents.google.com", "/patent/", "patent", id_patent_named},
    {"patentscope.wipo.int", "docId=", "patent", id_patent_named},
    {"worldwide.espacenet.com", "pn=", "patent", id_patent_named},
    {"d-portal.org", "aid=", "iati", id_iati},
    {"undocs.org", "FinalSymbol=", "un-symbol", id_un_symbol},
    {"undocs.org", "/en/", "un-symbol", id_un_symbol},
    {"undocs.org", "/", "un-symbol", id_un_symbol},
    {"docs.un.org", "/en/", "un-symbol", id_un_symbol},
    {"docs.un.org", "/", "un-symbol", id_un_symbol},
    {"un.org", "symbol=", "un-symbol", id_un_symbol},
    {"documents.un.org", "?s=", "un-symbol", id_un_symbol},
    {"daccess-ods.un.org", "DS=", "un-symbol", id_un_symbol},
    {"documents-dds-ny.un.org", "DS=", "un-symbol", id_un_symbol},
};

/* OpenAIRE: info:eu-repo/semantics/altIdentifier/doi/10.… and dataset/…,
 * reference/…: what stands behind the two words, or NULL. */
static const char *
openaire(const char *text)
{
	static const char *const words[] = {
	    "altIdentifier/", "dataset/", "reference/"};
	static const char semantics[] = "info:eu-repo/semantics/";
	size_t n = sizeof(semantics) - 1;

	if (strncasecmp(text, semantics, n) != 0)
		return NULL;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strncasecmp(text + n, words[i], strlen(words[i])) == 0)
			return text + n + strlen(words[i]);
	return NULL;
}

/* Where the value begins behind `before`: at the path's beginning, or anywhere
 * in the query; cut off in front of the next argument. */
static char *
behind(struct arena *a, const char *path, const char *before)
{
	size_t n = strlen(before);
	bool is_query = before[n - 1] == '=';
	const char *p = is_query ? strstr(path, before) : path;

	if (p == NULL || strncmp(p, before, n) != 0)
		return NULL;
	p += n;
	return arena_strndup(a, p, strcspn(p, is_query ? "&#" : "?#"));
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
		const char *value;
		char *rest;

		if (strlen(resolvers[i].host) != n ||
		    strncasecmp(host, resolvers[i].host, n) != 0)
			continue;
		rest = behind(a, path, resolvers[i].before);
		if (rest == NULL)
			continue;
		if (strncasecmp(rest, "doi:", 4) == 0)
			rest += 4;
		/* doi and handle decode by themselves, for "%" in them */
		if (resolvers[i].read != id_doi &&
		    resolvers[i].read != id_handle)
			rest = id_decode(a, rest);
		if (rest != NULL && resolvers[i].read == id_patent_named)
			rest[strcspn(rest, "/")] = '\0';
		value = rest ? resolvers[i].read(a, rest) : NULL;
		if (value == NULL)
			continue;
		f->scheme = resolvers[i].scheme;
		f->value = value;
		return true;
	}
	return false;
}

/* "https://doi.org/" and nothing more. */
static bool
is_bare_resolver(const char *url)
{
	const char *host = strstr(url, "://") + 3;
	size_t n = strcspn(host, "/?#");

	if (host[n] != '\0' && strcmp(host + n, "/") != 0)
		return false;
	return n == 0 || (n == 7 && strncasecmp(host, "doi.org", 7) == 0) ||
	       (n == 10 && strncasecmp(host, "dx.doi.org", 10) == 0) ||
	       (n == 14 && strncasecmp(host, "hdl.handle.net", 14) == 0);
}

/* Behind a prefix: "ISBN (pbk.): ", "ISSN-L ". */
static const char *
skip_label(const char *rest)
{
	const char *close;

	while (*rest == ' ' || *rest == ':')
		rest++;
	if (*rest == '(' && (close = strchr(rest, ')')) != NULL &&
	    close - rest < 24) {
		rest = close + 1;
		while (*rest == ' ' || *rest == ':')
			rest++;
	}
	return rest;
}

/* doi:DOI:10.…: the last of them. */
static const char *
last_label(const char *rest)
{
	const char *next;

	while (strncasecmp(rest, "doi:", 4) == 0 &&
	       strncasecmp(next = skip_label(rest + 4), "doi:", 4) == 0)
		rest = next;
	return rest;
}

static bool
by_prefix(struct found_id *f, struct arena *a, const char *text)
{
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++) {
		size_t n = strlen(prefixes[i].prefix);
		const char *rest = text + n;

		if ((text[0] | 0x20) != (prefixes[i].prefix[0] | 0x20) ||
		    strncasecmp(text, prefixes[i].prefix, n) != 0)
			continue;
		rest = prefixes[i].keep ? text : last_label(skip_label(rest));
		/* doi:http://dx.doi.org/10.… and doi:DOI:10.… */
		if (rest != text &&
		    (url_is_http(rest) || strncasecmp(rest, "doi:", 4) == 0)) {
			identifier_find(f, a, rest);
			f->is_url = false;
			return true;
		}
		f->value = prefixes[i].read(a, rest);
		if (f->value != NULL) {
			f->scheme = prefixes[i].scheme;
			f->is_bad = false;
			return true;
		}
		f->is_bad = true;
		if (!prefixes[i].keep)
			return true;
	}
	return false;
}

void
identifier_find(struct found_id *f, struct arena *a, const char *text)
{
	static const struct {
		const char *scheme;
		id_reader read;
	} shapes[] = {{"patent", id_patent}, {"un-symbol", id_un_symbol},
	    {"iati", id_iati}};
	const char *inner = openaire(text);

	memset(f, 0, sizeof(*f));
	if (inner != NULL)
		text = inner;
	if (url_is_http(text)) {
		f->is_url = strpbrk(text, " \t\"<>") == NULL;
		if (is_bare_resolver(text)) {
			f->is_url = false;
			f->is_bad = true;
		} else if (f->is_url && !by_resolver(f, a, text)) {
			f->scheme = "url";
			f->value = text;
		}
		return;
	}
	if (by_prefix(f, a, text))
		return;
	f->is_bad = false;
	for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++) {
		f->value = shapes[i].read(a, text);
		if (f->value != NULL) {
			f->scheme = shapes[i].scheme;
			return;
		}
	}
}

/* The mark at p and what stands behind it, to the next white space. */
static bool
read_cited(struct found_id *f, struct arena *a, const char *p, const char *mark)
{
	size_t n = strlen(mark), k;

	n += strspn(p + n, " :");
	k = strnlen(p + n, CITED_BYTES);
	if (memchr(p + n, ' ', k) != NULL)
		k = strcspn(p + n, " ");
	else if (k == CITED_BYTES)
		return false;
	memset(f, 0, sizeof(*f));
	/* an ISBN may have spaces within */
	by_prefix(f, a, *mark == 'i' ? p : arena_strndup(a, p, n + k));
	return f->scheme != NULL;
}

bool
identifier_in_citation(struct found_id *f, struct arena *a, const char *text)
{
	static const char *const marks[] = {"doi:", "doi.org/", "doi ",
	    "hdl:", "hdl.handle.net/", "arxiv:", "isbn"};
	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
		const char *p = text;

		for (int k = 0;
		     k < CITED_TRIES && (p = strcasestr(p, marks[i])) != NULL;
		     p++) {
			if (p > text && (p[-1] | 0x20) >= 'a' &&
			    (p[-1] | 0x20) <= 'z')
				continue;
			if (read_cited(f, a, p, marks[i]))
				return true;
			k++;
		}
	}
	memset(f, 0, sizeof(*f));
	return false;
}

bool
identifier_find_issn(struct found_id *f, struct arena *a, const char *text)
{
	size_t n = strspn(text, "0123456789");
	int first, second;

	if (n != 4 || text[4] != '-' || strlen(text) < 9 ||
	    strspn(text + 5, "0123456789Xx") != 4 ||
	    (text[9] != '\0' && strncmp(text + 9, " (", 2) != 0))
		return false;
	first = atoi(text);
	second = atoi(text + 5);
	if (first >= 1500 && second >= first && second < 2100)
		return false;
	f->value = id_issn(a, arena_strndup(a, text, 9));
	if (f->value == NULL)
		return false;
	f->scheme = "issn";
	return true;
}
