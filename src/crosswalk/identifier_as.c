/* Identifiers of which the scheme is known. */
#include <string.h>

#include "base/url.h"
#include "crosswalk/identifiers.h"

static const struct {
	const char *scheme, *prefix;
} forms[] = {{"doi", "doi:"}, {"handle", "hdl:"}, {"isbn", "isbn:"},
    {"issn", "issn:"}, {"orcid", "orcid:"}, {"isni", "isni:"}, {"ror", "ror:"},
    {"arxiv", "arxiv:"}, {"pmid", "pmid:"}, {"urn", "urn:"}, {"un-symbol", ""},
    {"patent", "patent:"}, {"iati", "iati:"}};
enum { FORMS = sizeof(forms) / sizeof(*forms) };

bool
identifier_has_form(const char *scheme)
{
	for (size_t i = 0; i < FORMS; i++)
		if (strcmp(forms[i].scheme, scheme) == 0)
			return true;
	return false;
}

static bool
is_of(struct found_id *f, struct arena *a, const char *scheme, const char *text)
{
	identifier_find(f, a, text);
	return f->scheme != NULL && strcmp(f->scheme, scheme) == 0;
}

bool
identifier_as(
    struct found_id *f, struct arena *a, const char *scheme, const char *text)
{
	size_t i = 0, n;

	while (i < FORMS && strcmp(forms[i].scheme, scheme) != 0)
		i++;
	if (i == FORMS)
		return false;
	if (is_of(f, a, scheme, text))
		return true;
	if (url_is_http(text))
		return false;
	if (is_of(f, a, scheme, arena_printf(a, "%s%s", forms[i].prefix, text)))
		return true;
	n = strcspn(text, " (;,");
	return text[n] != '\0' && n > 0 && strcmp(scheme, "un-symbol") != 0 &&
	       is_of(f, a, scheme,
		   arena_printf(a, "%s%.*s", forms[i].prefix, (int)n, text));
}
