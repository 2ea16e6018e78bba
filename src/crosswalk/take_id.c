/* Identifiers of the thing itself, and its addresses. */
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "base/url.h"
#include "crosswalk/identifiers.h"
#include "crosswalk/internal.h"
#include "record/words.h"

struct rec_link *
add_link(struct crosswalk *x, const char *url, const char *role)
{
	struct rec_link *l;

	for (size_t i = 0, most = SEARCHED(x, links, url); i < most; i++)
		if (strcmp(x->r->links.items[i].url, url) == 0)
			return &x->r->links.items[i];
	l = ADD(x, links);
	if (l == NULL)
		return NULL;
	l->url = url;
	l->role = role;
	return l;
}

/* A file, by the end of its path, or by where repositories keep files. */
const char *
link_role(const char *url)
{
	static const struct {
		const char *end, *role;
	} ends[] = {{".pdf", "full-text"}, {".doc", "full-text"},
	    {".docx", "full-text"}, {".epub", "full-text"},
	    {".ps", "full-text"}, {".ps.gz", "full-text"},
	    {".rtf", "full-text"}, {".odt", "full-text"}, {".ppt", "full-text"},
	    {".pptx", "full-text"}, {".xls", "full-text"},
	    {".xlsx", "full-text"}, {".zip", "full-text"},
	    {".csv", "full-text"}, {".jpg", "image"}, {".jpeg", "image"},
	    {".png", "image"}, {".gif", "image"}};
	static const char *const places[] = {"/bitstream/", "/bitstreams/",
	    "viewcontent.cgi?", "/article/download/"};
	size_t n = strcspn(url, "?#");

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		size_t k = strlen(ends[i].end);

		if (n > k && strncasecmp(url + n - k, ends[i].end, k) == 0)
			return ends[i].role;
	}
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		if (strstr(url, places[i]) != NULL)
			return "full-text";
	return "landing";
}

static void
add_identifier(struct crosswalk *x, const char *scheme, const char *value,
    const char *given)
{
	struct rec_id *id;

	for (size_t i = 0, most = SEARCHED(x, identifiers, value); i < most;
	     i++) {
		id = &x->r->identifiers.items[i];
		if (strcmp(id->scheme, scheme) == 0 &&
		    strcmp(id->value, value) == 0)
			return;
	}
	id = ADD(x, identifiers);
	if (id == NULL)
		return;
	id->scheme = scheme;
	id->value = value;
	if (strcmp(value, given) != 0)
		id->given = given;
}

const char *
absolute(struct crosswalk *x, const char *text)
{
	const char *base = x->config.base_url;

	if (text[0] != '/' || text[1] == '\0' || base == NULL ||
	    !url_is_http(base) || strpbrk(text, " \"<>") != NULL)
		return NULL;
	return url_resolve(x->a, base, text);
}

/* The names that formats have for schemes; NULL: none of ours. */
static const char *
scheme_of(const char *given)
{
	static const struct {
		const char *given, *scheme;
	} others[] = {{"hdl", "handle"}, {"eissn", "issn"}, {"issne", "issn"},
	    {"issnp", "issn"}, {"e-issn", "issn"}, {"lissn", "issn"},
	    {"eisbn", "isbn"}, {"symbol", "un-symbol"},
	    {"unsymbol", "un-symbol"}, {"ark", "local"}, {"pubmed", "pmid"}};

	if (given == NULL)
		return NULL;
	for (const char *const *w = words_relation_scheme; *w != NULL; w++)
		if (strcasecmp(*w, given) == 0)
			return *w;
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (strcasecmp(others[i].given, given) == 0)
			return others[i].scheme;
	return NULL;
}

void
take_find(struct crosswalk *x, struct found_id *f, const char *scheme,
    const char *text)
{
	scheme = scheme_of(scheme);
	identifier_find(f, x->a, text);
	if (scheme != NULL &&
	    (f->scheme == NULL || strcmp(f->scheme, scheme) != 0)) {
		struct found_id as;

		if (identifier_as(&as, x->a, scheme, text)) {
			as.is_url = f->is_url;
			*f = as;
		} else if (f->scheme == NULL && !f->is_url && !f->is_bad &&
			   strcmp(scheme, "url") != 0 &&
			   !identifier_has_form(scheme)) {
			f->scheme = scheme;
			f->value = text;
		}
	}
	if (f->scheme == NULL)
		identifier_find_issn(f, x->a, text);
}

void
take_identifier(struct crosswalk *x, const struct taken *v)
{
	const char *text = taken_line(x, v), *link;
	struct found_id f;

	if (text == NULL)
		return;
	link = absolute(x, text);
	if (link != NULL)
		text = link;
	take_find(x, &f, v->scheme, text);
	if (f.is_url)
		add_link(x, text, link_role(text));
	if (f.is_bad) {
		record_warn(x->r, x->a, "identifier-bad",
		    "identifier: %.200s does not hold to its own scheme", text);
		return;
	}
	if (f.scheme == NULL && !f.is_url &&
	    identifier_in_citation(&f, x->a, text)) {
		/* its own citation names it */
		if (strcmp(f.scheme, "isbn") != 0)
			add_identifier(x, f.scheme, f.value, text);
		return;
	}
	if (f.scheme == NULL && !f.is_url && take_journal(x, text, true))
		return;
	if (f.scheme == NULL) {
		/* A citation is not an identifier. */
		if (strlen(text) <= 200 && !url_is_http(text))
			add_identifier(x, "local", text, text);
		else
			record_warn(x->r, x->a, "identifier-unknown",
			    "identifier: %.200s is none that is known", text);
	} else if (strcmp(f.scheme, "issn") == 0) {
		if (x->r->container.issn == NULL)
			x->r->container.issn = f.value;
	} else if (strcmp(f.scheme, "url") != 0 &&
		   strcmp(f.scheme, "orcid") != 0 &&
		   strcmp(f.scheme, "isni") != 0 &&
		   strcmp(f.scheme, "ror") != 0)
		add_identifier(x, f.scheme, f.value, text);
}

void
take_link(struct crosswalk *x, const struct taken *v)
{
	const char *text = taken_line(x, v), *url;
	struct rec_link *l;

	if (text == NULL)
		return;
	url = absolute(x, text);
	if (url == NULL)
		url = text;
	if (!url_is_http(url) || strpbrk(url, " \"<>") != NULL) {
		record_warn(x->r, x->a, "link-unknown",
		    "link: %.200s is no address", text);
		return;
	}
	l = add_link(x, url,
	    v->role != NULL && word_known(words_link_role, v->role)
		? v->role
		: link_role(url));
	if (l == NULL)
		return;
	if (l->lang == NULL && v->is_lang_said)
		l->lang = taken_lang(x, v);
	if (l->media_type == NULL)
		l->media_type = v->media_type;
}
